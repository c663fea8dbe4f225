"""What-if: which changes of a rule file reach a target, and what they cost."""
