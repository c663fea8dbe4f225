"""An audit of a masked table: both tables, the attacks that are tried, the report."""
