"""Who, when and what k entities may tell together."""
