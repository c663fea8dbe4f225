"""Mask a database into another one: SQLite here; the same with DuckDB, Delta Lake or PostgreSQL.

`source: duckdb:shop.duckdb` and `source: postgresql://etl@db/shop` take its place; a PostgreSQL
target has empty tables already: `pg_dump --schema-only shop | psql masked` (docs/stores.md).
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from made_up import customers, orders

from anonymizer import mask_dataset

folder = Path("examples-output", "05")
folder.mkdir(parents=True, exist_ok=True)
for name in ("shop", "masked"):
    (folder / f"{name}.sqlite").unlink(missing_ok=True)
with closing(sqlite3.connect(folder / "shop.sqlite")) as shop, shop:
    shop.executescript("""
        CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE orders (
            id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES customers, amount REAL
        );
    """)
    shop.executemany("INSERT INTO customers VALUES (?, ?)", customers()["id", "name"].rows())
    rows = orders()["id", "customer_id", "amount"].rows()
    shop.executemany("INSERT INTO orders VALUES (?, ?, ?)", rows)

record = mask_dataset(
    {
        "version": 1,
        "source": f"sqlite:{folder}/shop.sqlite",
        "target": f"sqlite:{folder}/masked.sqlite",  # a new file, with the same tables and keys
        "entity": "customers.id",
        "tables": {
            "customers": {
                "columns": {
                    "id": {"mask": "token", "as": "same"},
                    "name": {"mask": "pseudonym", "kind": "name"},
                }
            },
            "orders": {
                "columns": {
                    "id": {"mask": "token", "as": "same"},
                    "amount": {"mask": "round", "to": 5},
                }
            },
        },
    },
    key="0f1e2d3c4b5a69788796a5b4c3d2e1f0",
)
with closing(sqlite3.connect(folder / "masked.sqlite")) as masked:
    joined = "SELECT count(*), count(DISTINCT c.id) FROM orders JOIN customers c ON buyer = c.id"
    print("orders and buyers:", *masked.execute(joined).fetchone())
