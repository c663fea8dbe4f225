"""When things happen: the next visit, and how those to come are spread."""
