"""One column read: its name, its values, the evidence for each kind."""
