"""How strange events are, and why."""
