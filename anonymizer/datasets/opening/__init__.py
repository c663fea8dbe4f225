"""Tables of a dataset, from where to where, before a row is masked."""
