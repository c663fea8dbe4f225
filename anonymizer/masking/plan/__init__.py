"""Rules meet a schema: which mask each column gets, as one plan of expressions."""
