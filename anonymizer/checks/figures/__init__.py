"""What a result is: a value with its baseline, ceiling and interval; its limits and its colour."""
