"""Files as tables: what lies at an address, how it is read, and where it may be written."""
