"""Digits and numbers become others, one at a time and in whole columns; the key undoes it."""
