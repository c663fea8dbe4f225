"""What the whole table must tell before it is masked: levels, itemsets, recodings."""
