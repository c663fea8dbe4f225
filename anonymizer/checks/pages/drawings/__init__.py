"""What pages draw: intervals, distributions, heat maps and histories, as SVG with its numbers."""
