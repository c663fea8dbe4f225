"""Event histories and the LSTM that learns them. The only room that imports torch."""
