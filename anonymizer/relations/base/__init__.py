"""A relation as a value; what is looked at of a column; rows prepared for the search."""
