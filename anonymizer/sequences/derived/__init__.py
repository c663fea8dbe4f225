"""Columns that follow from others: taken off before anything is learned, laid on after sampling."""
