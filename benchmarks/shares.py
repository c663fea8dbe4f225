"""Does what a share of the persons tells hold for all of them?

    python benchmarks/shares.py FOLDER [--keys 40] [--share 0.1] [--table NAME]

FOLDER holds `cdnow.parquet`, `online_retail.parquet` and `foodmart_customers.parquet`. Each table is
masked, with some raw values left in it, and audited as a whole; then, once per key, the rows of the
persons whom `sample_entities` draws by that key. Counted is how often the figure of all lies in the
interval that the share states; of some figures it states none.
"""

import argparse
import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from anonymizer import anonymize, audit, sample_entities
from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.shares import told_by

KEY: Final = "a key for benchmarks only: 7f3a91c5e2"
LEFT: Final = 0.05  # of the persons, whose account number nobody masked
ROW: Final = "row of the whole"


@dataclass(frozen=True)
class Masked:
    """A table before and after masking, row by row, and how it is audited."""

    raw: pl.DataFrame
    masked: pl.DataFrame
    options: Mapping[str, Any]

    def audited(self, rows: pl.Series | None = None, share: float = 1) -> Mapping[str, Figure]:
        """The figures of some rows, or of all."""
        raw, masked = (x if rows is None else x[rows] for x in (self.raw, self.masked))
        return audit(raw=raw, masked=masked, share=share, **self.options).figures

    def drawn(self, key: int, share: float) -> pl.Series:
        """The rows of those whom a key draws."""
        numbered = self.raw.with_row_index(ROW)
        entity = self.options["entity"]
        return sample_entities(numbered, share, entity=entity, key=f"{KEY} {key}")[ROW]


def masked(raw: pl.DataFrame, columns: Mapping[str, Any], **options: Any) -> Masked:
    """A table and its masked one."""
    rules = {"version": 1, "entity": options["entity"], "order": "kept", "columns": columns}
    return Masked(raw, anonymize(raw, rules, key=KEY), options)


def cdnow(folder: Path) -> Masked:
    """Dates that are shifted."""
    raw = pl.read_parquet(folder / "cdnow.parquet")
    columns = {
        "customer_id": "token",
        "date": {"mask": "date_shift", "days": 30},
        "quantity": "keep",
        "dollars": {"mask": "round", "to": 1},
    }
    return masked(raw, columns, entity="customer_id", time="date")


def retail(folder: Path) -> Masked:
    """Months and rare items, in the order of the raw rows."""
    raw = pl.read_parquet(folder / "online_retail.parquet").drop_nulls("CustomerID")
    columns = {
        "CustomerID": "token",
        "InvoiceNo": {"mask": "token", "domain": "order"},
        "InvoiceDate": {"mask": "date_truncate", "to": "month"},
        "StockCode": {"mask": "rare", "k": 200},
        "Description": "drop",
        "Quantity": "drop",
        "UnitPrice": "drop",
        "Country": "keep",
    }
    options = {"quasi_identifiers": ["Country"], "time": "InvoiceDate"}
    return masked(raw, columns, entity="CustomerID", **options)


def foodmart(folder: Path) -> Masked:
    """Persons with quasi-identifiers and a sensitive column; some account numbers are left."""
    people = pl.read_parquet(folder / "foodmart_customers.parquet")
    born = pl.col("birthdate").str.extract(r"(\d{4})").cast(pl.Int64)
    raw = people.select(
        pl.col("customer_id", "gender", "occupation", "yearly_income"),
        account="customer_acct_num",
        place="customer_state_province",
        born=born,
    )
    columns = {
        "customer_id": "token",
        "account": "token",
        "gender": "keep",
        "occupation": "keep",
        "place": "keep",
        "yearly_income": "keep",
        "born": {"mask": "round", "to": 10},
    }
    known = ["gender", "occupation", "place", "born"]
    found = masked(
        raw, columns, entity="customer_id", quasi_identifiers=known, sensitive=["yearly_income"]
    )
    left = pl.col("customer_id").hash(seed=1) % 1_000 < 1_000 * LEFT
    numbers = raw.select(pl.when(left).then("account").alias("raw"))["raw"]
    told = found.masked.with_columns(account=pl.coalesce(numbers, "account"))
    return Masked(raw, told, found.options)


TABLES: Final = {"cdnow": cdnow, "online_retail": retail, "foodmart_customers": foodmart}


def rows_of(whole: Mapping[str, Figure], runs: list[Mapping[str, Figure]]) -> Iterator[str]:
    """A row for each figure of the whole table that persons have."""
    for name, figure in whole.items():
        of_runs = [run[name] for run in runs if name in run]
        if name in {"kinds_judged", "not_looked_at"} or not of_runs:
            continue
        side = told_by(name).side
        mean = statistics.fmean(each.estimate.value for each in of_runs)
        stated = [each.estimate for each in of_runs] if side != "nothing" else []
        inside = sum(low <= figure.estimate.value <= high for _, low, high in stated)
        ends = [statistics.fmean(x[i] for x in stated) for i in (1, 2)] if stated else []
        told = " to ".join(f"{end:.3f}" for end in ends) or "none"
        held = f"{inside} of {len(stated)}" if stated else "–"
        yield f"| `{name}` | {side} | {figure.estimate.value:.3f} | {mean:.3f} | {told} | {held} |"


def measured(table: Masked, keys: Iterable[int], share: float) -> Iterator[str]:
    """The rows of one table."""
    whole = table.audited()
    runs = [table.audited(table.drawn(key, share), share) for key in keys]
    yield from rows_of(whole, runs)


def main() -> None:
    """Print a table in Markdown for each data set that is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--table", choices=TABLES)
    asked = parser.parse_args()
    for name in [asked.table] if asked.table else TABLES:
        print(f"\n{name}\n")
        print("| figure | side | of all | of a share, mean | interval, mean | inside |")
        print("|---|---|---|---|---|---|")
        for row in measured(TABLES[name](asked.folder), range(asked.keys), asked.share):
            print(row, flush=True)


if __name__ == "__main__":
    main()
