"""Certificates of a release: what was measured of which file, signed, and checked again."""
