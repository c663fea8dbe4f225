"""What stands in an order, and what the calendar allows."""
