"""One model of the histories of several sites that may not pool them, learned over Flower."""
