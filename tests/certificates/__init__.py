"""Certificates: signed, read back, checked, and not to be fooled."""
