"""What a result is: a value with its baseline, ceiling, interval, limits and colour."""
