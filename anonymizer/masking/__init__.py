"""Columns become expressions. Needs Polars only; imports neither of the other two arms."""
