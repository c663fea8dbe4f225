"""A dataset as histories of its persons: learned as one table, sampled, and taken apart again."""
