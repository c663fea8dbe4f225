"""What a table and the names of all tell, before tables are compared."""
