"""An audit: both tables, the attacks that are tried, the report."""
