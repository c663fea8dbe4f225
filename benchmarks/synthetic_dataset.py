"""Several tables learned as one model, beside mostlyai-engine's two; JSON lines.

    python -m benchmarks.synthetic_dataset ours DATA KEEP NAME [--persons 2400] [--epochs N]
    PEERS/bin/python benchmarks/synthetic_dataset.py peer KEEP NAME [--minutes 3]
    python -m benchmarks.synthetic_dataset judge KEEP NAME

NAME is foodmart (customers, visits, lines, products) or abroad (customers, orders, lines, articles
of Online Retail). Half of the persons train, the others are the holdout (shuffled by
numpy.random.default_rng(7)). The peer learns the customers by themselves, and what they did as
histories under them, all joined to one table; it knows no deeper keys, so its rows of one
customer, day and store are a visit. Told are orphans, how alike children per parent are (one minus
Kolmogorov and Smirnov's distance to the holdout, beside what the training half reaches), relations
across tables that lost anything, and C2ST of customers with what all their tables say of them.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

Tables = dict[str, pl.DataFrame]
KEYS = {
    "foodmart": {
        "visits.customer_id": "customers.customer_id",
        "lines.visit_id": "visits.visit_id",
        "lines.product_id": "products.product_id",
    },
    "abroad": {
        "visits.CustomerID": "customers.CustomerID",
        "lines.InvoiceNo": "visits.InvoiceNo",
        "lines.StockCode": "products.StockCode",
    },
}
PERSON = {"foodmart": "customer_id", "abroad": "CustomerID"}
VISIT = {"foodmart": ["the_date", "store_id"], "abroad": ["InvoiceDate"]}
TIME = {"foodmart": "the_date", "abroad": "InvoiceDate"}


def foodmart(data: Path) -> Tables:
    """The sales of a grocer, with customers who never bought."""
    sales = pl.read_parquet(data / "foodmart_sales.parquet")
    customers = pl.read_parquet(data / "foodmart_customers.parquet").with_columns(
        pl.col("customer_id", "total_children", "num_children_at_home").cast(pl.Int64),
        pl.col("birthdate", "acct_open_date").str.to_date("%m/%d/%Y"),
    )
    key = ["customer_id", "the_date", "store_id"]
    visits = sales.select(key).unique().sort("the_date", "store_id", "customer_id")
    visits = visits.with_columns(visit_id=100_001 + pl.int_range(pl.len(), dtype=pl.Int64))
    lines = sales.join(visits, on=key).sort("visit_id", "product_id")
    return {
        "customers": customers,
        "visits": visits,
        "lines": lines.select("visit_id", "product_id", "unit_sales", "store_sales"),
        "products": _catalogue(sales, "product_id", "product_name", "product_category"),
    }


def abroad(data: Path) -> Tables:
    """The orders of a gift shop's customers outside the United Kingdom."""
    rows = pl.read_parquet(data / "online_retail.parquet").drop_nulls("CustomerID")
    rows = rows.filter(pl.col("Country") != "United Kingdom")
    once = ["InvoiceNo", "CustomerID", "InvoiceDate"]
    return {
        "customers": _catalogue(rows, "CustomerID", "Country"),
        "visits": rows.select(once).unique("InvoiceNo", keep="first", maintain_order=True),
        "lines": rows.select("InvoiceNo", "StockCode", "Quantity", "UnitPrice"),
        "products": _catalogue(rows, "StockCode", "Description"),
    }


def _catalogue(rows: pl.DataFrame, key: str, *columns: str) -> pl.DataFrame:
    return rows.group_by(key).agg(pl.col(columns).mode().sort().first()).sort(key)


def of(tables: Tables, name: str, persons: list[Any]) -> Tables:
    """The rows of some persons; the catalogue is of all."""
    (visit, _), (line, _) = [key.split(".")[::-1] for key in list(KEYS[name])[:2]]
    customers = tables["customers"].filter(pl.col(PERSON[name]).is_in(persons))
    visits = tables["visits"].join(customers, on=visit, how="semi", maintain_order="left")
    lines = tables["lines"].join(visits, on=line, how="semi", maintain_order="left")
    return {**tables, "customers": customers, "visits": visits, "lines": lines}


def ours(data: Path, keep: Path, name: str, persons: int, epochs: int | None) -> dict[str, Any]:
    """Seconds to fit and to sample; all three sets are written into KEEP."""
    from anonymizer import fit_dataset  # noqa: PLC0415 (not in the peer's environment)

    tables = {"foodmart": foodmart, "abroad": abroad}[name](data)
    ids = tables["customers"][PERSON[name]].sort().to_numpy().copy()
    np.random.default_rng(7).shuffle(ids)
    half = min(persons, len(ids)) // 2
    train, holdout = (of(tables, name, p.tolist()) for p in (ids[:half], ids[half : 2 * half]))
    rules = {"unlisted": "keep", "missing": "ignore", "columns": {"no such": "keep"}}
    dataset = {
        "version": 1,
        "entity": f"customers.{PERSON[name]}",
        "foreign_keys": KEYS[name],
        "tables": dict.fromkeys(tables, rules),
        "synthesis": {"holdout": 0},
    }
    started = time.perf_counter()
    model = fit_dataset(dataset, train, max_epochs=epochs)
    fitted = time.perf_counter()
    synthetic = model.sample()
    sampled = time.perf_counter()
    for who, set_ in (("train", train), ("holdout", holdout), ("ours", synthetic)):
        write(keep, name, who, set_)
    told = {"fit_s": round(fitted - started, 1), "sample_s": round(sampled - fitted, 1)}
    return {"data": name, "who": "ours", "persons": half, **told}


def write(keep: Path, name: str, who: str, tables: Tables) -> None:
    """A folder of Parquet files."""
    folder = keep / f"{name}.{who}"
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        rows.write_parquet(folder / f"{table}.parquet")


def read(keep: Path, name: str, who: str) -> Tables:
    """The same, read."""
    return {p.stem: pl.read_parquet(p) for p in (keep / f"{name}.{who}").glob("*.parquet")}


def peer(keep: Path, name: str, minutes: float) -> dict[str, Any]:
    """Two tables of mostlyai-engine, taken apart to four; seconds for both."""
    from mostlyai import engine  # noqa: PLC0415 (only in the peer's environment)

    train, person = read(keep, name, "train"), PERSON[name]
    line, code = (key.split(".")[1] for key in list(KEYS[name])[1:])
    joined = train["lines"].join(train["visits"], on=line).join(train["products"], on=code)
    joined = joined.sort(person, TIME[name], maintain_order=True).drop(line)
    times = [c for c, t in joined.schema.items() if t.is_temporal()]
    joined = joined.with_columns(pl.col(times).cast(pl.Datetime("us"))).to_pandas()
    customers = train["customers"].to_pandas()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as alone, tempfile.TemporaryDirectory() as under:
        engine.split(tgt_data=customers, tgt_primary_key=person, workspace_dir=alone)
        engine.split(
            tgt_data=joined, tgt_context_key=person, ctx_data=customers, ctx_primary_key=person,
            workspace_dir=under,
        )  # fmt: skip
        for workspace in (alone, under):
            engine.analyze(workspace_dir=workspace)
            engine.encode(workspace_dir=workspace)
            engine.train(workspace_dir=workspace, max_training_time=minutes)
        fitted = time.perf_counter()
        engine.generate(workspace_dir=alone, sample_size=len(customers))
        people = pl.read_parquet(f"{alone}/SyntheticData/*.parquet")
        engine.generate(workspace_dir=under, ctx_data=people.to_pandas())
        events = pl.read_parquet(f"{under}/SyntheticData/*.parquet")
        sampled = time.perf_counter()
    write(keep, name, "peer", _apart(people, events, train, name))
    told = {"fit_s": round(fitted - started, 1), "sample_s": round(sampled - fitted, 1)}
    return {"data": name, "who": "peer", "persons": len(people), **told}


def _apart(people: pl.DataFrame, events: pl.DataFrame, train: Tables, name: str) -> Tables:
    """The peer's rows as four tables: a visit is what agrees in person, time and place."""
    line, code = (key.split(".")[1] for key in list(KEYS[name])[1:])
    visit = [PERSON[name], *VISIT[name]]
    visits = events.select(visit).unique(maintain_order=True)
    visits = visits.with_columns((1 + pl.int_range(pl.len())).alias(line))
    rows = events.join(visits, on=visit, nulls_equal=True)
    products = rows.select(train["products"].columns).unique(code, keep="first")
    found = {"customers": people, "visits": visits, "lines": rows, "products": products}
    keys = [PERSON[name], line]
    return {table: _typed(found[table], train[table].schema, keys) for table in train}


def _typed(rows: pl.DataFrame, schema: pl.Schema, keys: list[str]) -> pl.DataFrame:
    """The columns of the training rows in their types; keys that were made stay as they are."""
    return rows.select(
        pl.col(c).cast(rows.schema[c] if c in keys else t, strict=False) for c, t in schema.items()
    )


def children(tables: Tables, key: str, parent: str) -> np.ndarray[Any, Any]:
    """How many rows of a table each row of the one above has."""
    (child, column), (above, named) = key.split("."), parent.split(".")
    counts = tables[child].group_by(column).len()
    rows = tables[above].join(counts, left_on=named, right_on=column, how="left")
    return rows["len"].fill_null(0).to_numpy()


def features(tables: Tables, name: str) -> pl.DataFrame:
    """A row of numbers for each person: of the customers' table, and of all that is below."""
    person, time_ = PERSON[name], TIME[name]
    line, code = (key.split(".")[1] for key in list(KEYS[name])[1:])
    lines = tables["lines"].join(tables["visits"], on=line, suffix="_visit")
    lines = lines.join(tables["products"], on=code, how="left")
    amounts = [c for c, t in tables["lines"].schema.items() if t.is_numeric() and c != code]
    amounts = [c for c in amounts if c != line]
    day = pl.col(time_).cast(pl.Date).to_physical()
    of_lines = lines.group_by(person).agg(
        pl.len().alias("lines"),
        pl.col(code).n_unique().alias("codes"),
        *(pl.col(c).mean().name.suffix(" mean") for c in amounts),
        *(pl.col(c).std().name.suffix(" std") for c in amounts),
        pl.col(tables["products"].columns[-1]).n_unique().alias("kinds"),
        day.min().alias("first"),
        day.max().alias("last"),
        day.n_unique().alias("days"),
        day.std().alias("spread"),
        pl.col(time_).dt.weekday().mean().alias("weekday"),
    )
    each = tables["visits"].join(lines.group_by(line).len("of_visit"), on=line, how="left")
    of_visits = each.group_by(person).agg(
        pl.len().alias("visits"),
        pl.col("of_visit").mean().alias("visit mean"),
        pl.col("of_visit").max().alias("visit max"),
        pl.col("of_visit").min().alias("visit min"),
    )
    people = tables["customers"].select(
        pl.col(c).hash(0) % 1_000 if t == pl.String and c != person else pl.col(c).to_physical()
        for c, t in tables["customers"].schema.items()
        if c == person or tables["customers"][c].n_unique() < min(400, len(tables["customers"]) / 2)
    )
    found = people.join(of_visits, on=person, how="left").join(of_lines, on=person, how="left")
    return found.drop(person).cast(pl.Float64)


def judge(keep: Path, name: str) -> None:
    """A JSON line for each who made tables, the holdout's own ceiling in it."""
    from anonymizer.checks.figures.statistics import ks_similarity  # noqa: PLC0415
    from anonymizer.checks.utility.c2st import discriminate  # noqa: PLC0415

    train = read(keep, name, "train")
    shapes = list(KEYS[name].items())
    shared = features(train, name).columns
    for who in ("holdout", "ours", "peer"):
        if not (made := read(keep, name, who)):
            continue
        orphans, alike = {}, {}
        for key, parent in shapes:
            (child, column), (above, named) = key.split("."), parent.split(".")
            lost = made[child].join(made[above], left_on=column, right_on=named, how="anti")
            orphans[key] = len(lost)
        for key, parent in shapes[:2]:
            one, other = children(train, key, parent), children(made, key, parent)
            alike[key] = round(ks_similarity(one, other), 4)
        found = features(made, name)
        names = [c for c in shared if c in found.columns]
        apart = discriminate(features(train, name)[names], found[names], 0)
        tells = {k: round(v, 3) for k, v in list(apart.features.items())[:4]}
        print(
            json.dumps(
                {
                    "data": name,
                    "who": who,
                    "rows": {table: len(rows) for table, rows in made.items()},
                    "orphans": sum(orphans.values()),
                    "children": alike,
                    "c2st": round(apart.auc.value, 3),
                    "tells": tells,
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["ours", "peer", "judge"])
    parser.add_argument("places", nargs="+")
    parser.add_argument("--persons", type=int, default=2_400)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--minutes", type=float, default=3)
    asked = parser.parse_args()
    *folders, which = asked.places
    if asked.what == "ours":
        print(json.dumps(ours(*map(Path, folders), which, asked.persons, asked.epochs)))
    elif asked.what == "peer":
        print(json.dumps(peer(Path(folders[0]), which, asked.minutes)))
    else:
        judge(Path(folders[0]), which)
