"""Whole tables, all their columns: what holds in the real rows and in the synthetic ones.

    python -m benchmarks.whole_tables DATA KEEP --judges FOLDER [NAME ...] [--epochs 1]

Half of the entities train, the others are the holdout (shuffled by numpy.random.default_rng(7)).
The three sets and a specification of what must hold are written into KEEP; `structure.py` and
`sequences.py` of FOLDER judge them. One JSON line per table: seconds to fit and to sample, the mean
and the worst loss against the holdout, each relation that lost anything, C2ST and its ceiling; and
of all relations that `discover` finds in the training rows, how many there are and which the sample
keeps in fewer rows than the holdout, by more than 1 in 1,000. With --epochs the training is cut
short and C2ST left out: what holds by construction holds at once.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from anonymizer import SequenceModel
from anonymizer.relations.search.discover import discover
from benchmarks.relations import TABLES, Events

MOST = 5_000  # values of a category
RETAIL: Mapping[str, Any] = {
    "follows": [["StockCode", "Description"]],
    "names": [["InvoiceNo", ["CustomerID", "InvoiceDate"]]],
    "holds": {
        "cancellations are negative": "(SUBSTR(InvoiceNo, 1, 1) = 'C') = (Quantity < 0)",
    },
}
SPECS: dict[str, Mapping[str, Any]] = {
    "foodmart": {
        "derive": {"unit_price": "ROUND(store_sales / unit_sales, 2)"},
        "follows": [
            ["product_id", "product_name"], ["product_name", "product_category"],
            ["product_id", "product_category"], ["product_name", "unit_price"],
            ["customer_city", "customer_state_province"],
        ],
        "together": [
            ["product_id", "product_name", "product_category"], ["store_id", "customer_city"],
            ["store_id", "customer_state_province"], ["yearly_income", "occupation"],
        ],
        "holds": {
            "opened after birth": "acct_open_date > birthdate",
            "children at home": "num_children_at_home <= total_children",
        },
    },
    "online_retail": RETAIL,
    "abroad": RETAIL,
    "sparkov": {
        "follows": [["merchant", "category"], ["city", "state"], ["profile", "gender"]],
        "together": [["merchant", "category"], ["city", "state"]],
        "holds": {"born before": "dob < trans_date_trans_time"},
    },
    "stays": {
        "follows": [["diagnosis", "chapter"], ["ward", "clinic"]],
        "names": [["stay_id", ["patient", "admitted"]]],
        "holds": {
            "ends after it begins": "discharged >= admitted",
            "procedure after admission": "first_procedure >= admitted",
            "total": "ABS(total - ward_charge - extras) < 0.005",
            "stay number": "prev_stay_no IS NULL OR stay_no = prev_stay_no + 1",
        },
    },
    "accounts": {
        "follows": [["branch", "region"], ["partner", "partner_bank"]],
        "together": [["kind", "way"], ["kind", "way", "purpose"]],
        "holds": {
            "balance": "ABS(balance - prev_balance - amount) < 0.005",
            "opened before": "opened <= booked",
        },
    },
    "subscriptions": {
        "follows": [["plan", "list_price"], ["country", "currency"]],
        "holds": {"net": "ABS(net - list_price * seats) < 0.006"},
    },
    "deliveries": {
        "follows": [["sku", "group"], ["sku", "price"], ["zip", "city"], ["city", "depot"]],
        "names": [["order_id", ["customer", "ordered"]]],
        "holds": {"amount": "ABS(amount - price * quantity) < 0.006"},
    },
    "rentals": {
        "follows": [["model", "class"], ["class", "daily"]],
        "together": [["model", "fuel"]],
        "holds": {
            "returned after": "returned >= fetched",
            "kilometres": "km_after = km_before + km",
            "base": "ABS(base - daily * days) < 0.005",
        },
    },
    "meters": {
        "follows": [["tariff", "unit_price"], ["district", "city"], ["model", "phases"]],
        "holds": {
            "never two at once": "read_at > prev_read_at",
            "count": "count_before = prev_count_after",
            "cost": "ABS(cost - unit_price * kwh) < 0.006",
        },
    },
}  # fmt: skip


def table(data: Path, name: str) -> Events:
    """The rows, the entity and the time of a table."""
    if name == "abroad":
        events = TABLES["online_retail"](data)
        return events._replace(rows=events.rows.filter(pl.col("Country") != "United Kingdom"))
    return TABLES[name](data)


def halves(events: Events, most: int | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Training and holdout rows, sorted by entity and time."""
    entity, time_ = str(events.entity), str(events.time)
    rows = events.rows.drop_nulls([entity, time_])
    rows = rows.with_columns(pl.col(time_).cast(pl.Datetime("us")))
    rows = rows.sort(entity, time_, maintain_order=True)
    ids = rows[entity].unique().sort().to_numpy().copy()
    ids = ids[:most]
    np.random.default_rng(7).shuffle(ids)
    middle = len(ids) // 2
    parts = (ids[:middle], ids[middle:])
    train, holdout = (rows.filter(pl.col(entity).is_in(part.tolist())) for part in parts)
    return train, holdout


def categories(train: pl.DataFrame, entity: str) -> list[str]:
    """Columns that are compared as categories: few texts, and numbers that hold once."""
    once = train.group_by(entity).agg(pl.all().n_unique()).drop(entity).max().row(0, named=True)
    few = [c for c in once if 1 < train[c].n_unique() <= MOST]
    return [
        c for c in few
        if train.schema[c] in (pl.String, pl.Boolean)
        or (train.schema[c].is_integer() and (once[c] == 1 or c.endswith("_id")))
    ]  # fmt: skip


def judge(judges: Path, script: str, *arguments: str) -> dict[str, Any]:
    """What a neutral measure prints."""
    run = [sys.executable, str(judges / script), *arguments]
    return dict(json.loads(subprocess.run(run, check=True, capture_output=True).stdout))


def measure(data: Path, keep: Path, judges: Path, name: str, epochs: int | None) -> dict[str, Any]:
    """Seconds, loss of relations and C2ST of one table."""
    events = table(data, name)
    entity, time_ = str(events.entity), str(events.time)
    train, holdout = halves(events, 2_400 if name == "foodmart" else None)
    started = time.perf_counter()
    model = SequenceModel.fit(train, entity=entity, time=time_, max_epochs=epochs)
    fitted = time.perf_counter()
    synthetic = model.sample(train[entity].n_unique())
    sampled = time.perf_counter()
    keep.mkdir(parents=True, exist_ok=True)
    sets = []
    for part, rows in (("train", train), ("holdout", holdout), ("synthetic", synthetic)):
        sets.append(str(keep / f"{name}.{part}.parquet"))
        rows.write_parquet(sets[-1])
    spec = keep / f"{name}.json"
    spec.write_text(json.dumps(SPECS[name]))
    structure = judge(judges, "structure.py", *sets, entity, time_, str(spec))
    found = [each.relation for each in discover(train, entity, time_).found]
    shares = {str(each): (each.agrees(holdout), each.agrees(synthetic)) for each in found}
    broken = {
        text: [round(x, 4) for x in of] for text, of in shares.items() if of[1] < of[0] - 1e-3
    }
    columns = categories(train, entity)
    likeness = {} if epochs else judge(judges, "sequences.py", *sets, entity, time_, *columns)
    lost = {
        relation: [kept["holdout"], kept["synthetic"]]
        for relation, kept in structure["relations"].items()
        if (kept["synthetic"] or 0) < (kept["holdout"] or 0)
    }
    return {
        "table": name,
        "entities": train[entity].n_unique(),
        "fit_s": round(fitted - started, 1),
        "sample_s": round(sampled - fitted, 1),
        "mean_loss": structure["mean_loss"],
        "worst_loss": structure["worst_loss"],
        "lost": lost,
        "found": len(found),
        "broken": broken,
        "c2st": [likeness[who]["c2st"] for who in ("syn", "ceil") if likeness],
        "similarity": likeness.get("mean_ratio"),
        "heads": len(model.codec.fields),
        "follows": sorted(model.derivation.follows),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("keep", type=Path)
    parser.add_argument("names", nargs="*", default=list(SPECS))
    parser.add_argument("--judges", type=Path, required=True)
    parser.add_argument("--epochs", type=int)
    asked = parser.parse_args()
    for each in asked.names:
        print(
            json.dumps(measure(asked.data, asked.keep, asked.judges, each, asked.epochs)),
            flush=True,
        )
