"""Several tables of one database: how they hang together, and masked so that they still do."""
