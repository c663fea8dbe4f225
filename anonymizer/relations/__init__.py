"""What holds in every row of a table, or nearly: found in it, said in a line, asked of another."""
