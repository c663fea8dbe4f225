"""Attacks on a masked table: what somebody who holds the raw one, or some of it, can find."""
