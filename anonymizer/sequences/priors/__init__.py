"""Log-probabilities that follow from counting, before anything is learned."""
