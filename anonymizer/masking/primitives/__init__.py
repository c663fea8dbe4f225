"""Digests, check digits, normal forms and types: what masks are made of."""
