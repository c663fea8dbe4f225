"""What identifiers look like: patterns, and how they are learned."""
