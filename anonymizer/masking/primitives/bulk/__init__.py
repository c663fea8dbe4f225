"""Many values at once: what they all have in common by arithmetic, the odd ones one by one."""
