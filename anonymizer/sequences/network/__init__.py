"""The networks: one forward over events, small ones over profiles and counts."""
