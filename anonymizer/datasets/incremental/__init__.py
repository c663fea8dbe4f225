"""Nights of a dataset: new and changed rows are masked, deletions follow, each row once."""
