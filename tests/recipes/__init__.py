"""The recipes of examples/recipes, run by the programs that they are for."""
