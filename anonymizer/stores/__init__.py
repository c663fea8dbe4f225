"""Where the tables of one database stand: read in one snapshot, written all or none."""
