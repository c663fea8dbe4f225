"""Where tables stand: how they are read and written there, and which keys are declared."""
