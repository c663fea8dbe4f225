"""What columns hold, and the rule file that follows; what is risky in one."""
