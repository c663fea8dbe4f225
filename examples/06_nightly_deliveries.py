"""Mask a feed night by night: rows wait until their masked day is complete.

A masked delivery of one day would tell the true day, and so the shift, of everybody in it.
"""

from datetime import date, timedelta
from pathlib import Path
from shutil import rmtree

import polars as pl
from made_up import orders

from anonymizer import mask_file

folder = Path("examples-output", "06")
rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
rules = {
    "version": 1,
    "entity": "customer_id",
    "batches": "held_back",
    "columns": {
        "id": "token",
        "customer_id": "token",
        "ordered": {"mask": "date_shift", "days": 5, "truncate": True},
        "article": "keep",
        "amount": {"mask": "round", "to": 5},
    },
}
events = orders(14_400)
start, nights = date(2024, 10, 1), (date(2024, 10, 1) + timedelta(days) for days in range(4))
feed = {"history": events.filter(pl.col("ordered") < start)} | {
    str(night): events.filter(pl.col("ordered").dt.date() == night) for night in nights
}
for name, rows in feed.items():
    rows.write_parquet(folder / f"raw-{name}.parquet")
    record = mask_file(
        folder / f"raw-{name}.parquet",
        folder / f"masked-{name}.parquet",
        rules,
        key="0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        state=folder / "state",  # masked rows that wait
    )
    print(f"{name}: {record.input_rows} rows came, {record.rows} left")
