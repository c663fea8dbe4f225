"""The training loop and what it is given for each network."""
