"""Masked tables, read again: what they join, what attacks find, their way back, another key."""
