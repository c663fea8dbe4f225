"""Undo what can be undone, with the key; then go on under a new key, and map old tokens to new."""

from pathlib import Path

import polars as pl
from made_up import customers

from anonymizer import mask_file, reveal_file, rotate_keys

folder = Path("examples-output", "08")
folder.mkdir(parents=True, exist_ok=True)
raw, masked, revealed, pairs = (
    folder / f"{name}.parquet" for name in ("raw", "masked", "revealed", "pairs")
)
old, new = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "f0e1d2c3b4a5968778695a4b3c2d1e0f"
rules = {
    "version": 1,
    "unlisted": "drop",
    "order": "shuffled",
    "columns": {"id": "token", "email": "encrypt", "name": "redact"},
}
customers().write_parquet(raw)
mask_file(raw, masked, rules, key=old, overwrite=True)
print("revealed:", reveal_file(masked, revealed, rules, key=old, overwrite=True))  # raw data again

# Whoever keeps tokens of the old key joins them to those of the new one by this map.
rotation = rotate_keys(raw, pairs, rules, old_key=old, new_key=new, overwrite=True)
print(rotation.pairs, pl.read_parquet(pairs).columns)
