"""Mask the tables of a folder so that they still hang together: inspect_dataset, mask_dataset."""

from pathlib import Path

from made_up import customers, orders

from anonymizer import inspect_dataset, mask_dataset

folder = Path("examples-output", "04")
(folder / "shop").mkdir(parents=True, exist_ok=True)
customers().write_parquet(folder / "shop" / "customers.parquet")
orders().write_parquet(folder / "shop" / "orders.parquet")

proposal = inspect_dataset(folder / "shop")
print(proposal)  # keys, persons, and a mask for each column, to be read and edited

record = mask_dataset(
    {
        "version": 1,
        "source": str(folder / "shop"),
        "target": str(folder / "masked"),
        "entity": "customers.id",
        "foreign_keys": {"orders.customer_id": "customers.id"},
        "tables": {
            "customers": {
                "columns": {
                    "id": {"mask": "token", "as": "same"},  # integers stay integers
                    "name": {"mask": "pseudonym", "kind": "name"},
                    "email": "redact",
                    "birth_date": {"mask": "age", "width": 10, "on": "2026-01-01"},
                    "zip": {"mask": "postcode", "first": 3},
                    "joined": {"mask": "date_shift", "days": 30},
                }
            },
            "orders": {
                "columns": {
                    "id": "token",
                    "ordered": {"mask": "date_shift", "days": 30},  # by the days of `joined`
                    "article": "keep",
                    "amount": {"mask": "round", "to": 5},
                }
            },
        },
    },
    key="0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    overwrite=True,
)
for join in record.joins:
    print(f"{join.key}: {join.after.joined} of {join.after.rows} rows are joined")
