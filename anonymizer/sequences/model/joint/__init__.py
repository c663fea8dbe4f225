"""Learning one model of histories that stay where they are: what sites tell, agree on and train."""
