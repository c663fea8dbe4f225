"""Does what a share of the persons tells hold for all of them?

    python benchmarks/shares.py FOLDER [--keys 40] [--share 0.1] [--table NAME]

FOLDER holds `cdnow.parquet`, `online_retail.parquet` and `foodmart_customers.parquet`. Tables are
masked, with some raw values left in one, and audited; and other customers of CDNOW, with amounts
that are disturbed and one history in twenty a copy of a real one, are checked as synthetic ones. It
is done with all persons and then, once per key, with those whom `sample_entities` draws. Counted is
how often the figure of all lies in the interval that the share states; of some it states none. The
detector of the check is a rule that learns nothing, so that forty checks take minutes.
"""

import argparse
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer import anonymize, audit, sample_entities
from anonymizer.checks.check.check import check_sets
from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.shares import told_by

KEY: Final = "a key for benchmarks only: 7f3a91c5e2"
LEFT: Final = 0.05  # of the persons, whose account number nobody masked
COPIED: Final = 0.04  # of the real persons, whose history is among the synthetic ones
ROW: Final = "row of the whole"
HEAD: Final = (
    "| figure | side | of all | of a share | its interval | inside | colour of all | of shares |\n"
    "|---|---|---|---|---|---|---|---|"
)


Figures = Mapping[str, Figure]
Draw = Callable[[pl.DataFrame, str], pl.DataFrame]  # the rows of some persons


def everybody(frame: pl.DataFrame, _entity: str) -> pl.DataFrame:
    """All rows."""
    return frame


def some(key: int, share: float) -> Draw:
    """The rows of those whom a key draws."""

    def drawn(frame: pl.DataFrame, entity: str) -> pl.DataFrame:
        return sample_entities(frame, share, entity=entity, key=f"{KEY} {key}")

    return drawn


@dataclass(frozen=True)
class Masked:
    """A table before and after masking, row by row, and how it is audited."""

    raw: pl.DataFrame
    masked: pl.DataFrame
    options: Mapping[str, Any]

    def __call__(self, draw: Draw, share: float) -> Figures:
        """The figures of an audit."""
        rows = draw(self.raw.with_row_index(ROW), self.options["entity"])[ROW]
        return audit(
            raw=self.raw[rows], masked=self.masked[rows], share=share, **self.options
        ).figures


@dataclass(frozen=True)
class Checked:
    """Real, synthetic and holdout histories."""

    sets: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]

    def __call__(self, draw: Draw, share: float) -> Figures:
        """The figures of a check."""
        sets = (draw(each, "who") for each in self.sets)
        return check_sets(*sets, entity="who", time="at", detector=jumps, share=share).figures


def jumps(_train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
    """How far an amount is from the usual one of its customer."""
    usual = pl.col("dollars").median().over("who")
    return test.select((pl.col("dollars") / usual).log().abs().fill_nan(0)).to_series().to_numpy()


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


def checked(folder: Path) -> Checked:
    """Four tenths of the customers are real, three are the holdout, and three become synthetic."""
    raw = pl.read_parquet(folder / "cdnow.parquet").rename({"customer_id": "who", "date": "at"})
    kind = pl.when(pl.col("quantity") > 1).then(pl.lit("several")).otherwise(pl.lit("one"))
    part = pl.col("who").hash(seed=4) % 10
    raw = raw.with_columns(kind=kind)
    real, holdout, others = (
        raw.filter(part.is_between(*ends)) for ends in ((0, 3), (4, 6), (7, 9))
    )
    noise = pl.Series(np.random.default_rng(0).lognormal(0, 0.1, len(others)))
    copied = real.filter(pl.col("who").hash(seed=9) % 1_000 < 1_000 * COPIED)
    made = others.with_columns((pl.col("dollars") * noise).round(2), pl.col("who") + 1_000_000)
    return Checked(
        (real, pl.concat([made, copied.with_columns(pl.col("who") + 2_000_000)]), holdout)
    )


TABLES: Final[Mapping[str, Callable[[Path], Masked | Checked]]] = {
    "cdnow": cdnow,
    "online_retail": retail,
    "foodmart_customers": foodmart,
    "cdnow_check": checked,
}


def rows_of(whole: Figures, runs: list[Figures]) -> Iterator[str]:
    """A row for each figure of the whole table that persons have."""
    for name, figure in whole.items():
        if name not in {"kinds_judged", "not_looked_at"}:
            yield row(name, figure, [run[name] for run in runs if name in run])


def row(name: str, whole: Figure, runs: list[Figure]) -> str:
    """What shares told of one figure, and how often it was so."""
    side, value = told_by(name).side, whole.estimate.value
    found = [each.estimate for each in runs if not np.isnan(each.estimate.value)]
    means = [statistics.fmean(x) for x in zip(*found, strict=True)] or [float("nan")] * 3
    colours = "".join(sorted((each.colour or "-")[0] for each in runs))
    told = "–" if side == "nothing" else f"{means[1]:.3f} to {means[2]:.3f}"
    inside = sum(low <= value <= high for _, low, high in found)
    held = "–" if side == "nothing" else f"{inside} of {len(found)}"
    judged = f"{whole.colour or '-'} | {', '.join(counted(colours))}"
    return f"| `{name}` | {side} | {value:.3f} | {means[0]:.3f} | {told} | {held} | {judged} |"


def counted(colours: str) -> Iterator[str]:
    """How often each colour was given."""
    for letter, name in (("r", "red"), ("a", "amber"), ("g", "green"), ("-", "none")):
        if count := colours.count(letter):
            yield f"{name} {count}"


def main() -> None:
    """Print a table in Markdown for each data set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--table", choices=TABLES)
    asked = parser.parse_args()
    for name in [asked.table] if asked.table else TABLES:
        measure = TABLES[name](asked.folder)
        runs = [measure(some(key, asked.share), asked.share) for key in range(asked.keys)]
        print(f"\n{name}\n\n{HEAD}")
        print("\n".join(rows_of(measure(everybody, 1), runs)), flush=True)


if __name__ == "__main__":
    main()
