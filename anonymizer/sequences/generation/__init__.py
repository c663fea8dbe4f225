"""Sampling: profiles, counts, then event after event; recommendations."""
