"""Tests of frames and files masked from end to end."""
