"""What follows by arithmetic: formulas, rates, counts, totals, balances."""
