"""How well `inspect` names columns, against truths written by hand.

    python benchmarks/inspection.py [FOLDER]

FOLDER holds the public tables named in `TRUTH`; what is missing is left out. Their truths, and the
made-up tables of `heldout_tables.py`, were written before the code; the tables of
`unseen_tables.py` after it, those of `frozen_tables.py` without sight of it. A truth is a kind, or
several where a careful person would accept each.

    right kind         the kind is one that the truth accepts
    direct flagged     of the columns that name somebody: role `direct identifier` or `entity`
    kept               of those, how many the proposed rules leave as they are
    false alarms       of the harmless columns: any role but `harmless` and `event time`
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
from frozen_tables import (
    AGAIN,
    AGAIN_PANDAS,
    FRESH,
    FRESH_PANDAS,
    FROZEN,
    FROZEN_PANDAS,
    LATEST,
    LATEST_PANDAS,
)
from heldout_tables import TABLES, Table, Tables, frame_of, pandas_of, truth_of
from unseen_tables import LAST, UNSEEN

from anonymizer.masking.inspection.inspect import Inspection, inspect

DIRECT: Final = frozenset({
    "person_name", "first_name", "last_name", "username", "email", "phone", "address",
    "street_address", "national_id", "card_number", "bank_account", "ip_address", "device_id",
    "vehicle_id", "secret", "customer_id",
})  # fmt: skip
HARMLESS: Final = frozenset({
    "time", "amount", "quantity", "category", "flag", "item", "merchant", "other_id",
})  # fmt: skip
_FEBRL: Final = {
    "rec_id": "customer_id|other_id|transaction_id", "given_name": "first_name",
    "surname": "last_name", "street_number": "street_address",
    "address_1": "street_address|address", "address_2": "street_address|address",
    "suburb": "city", "postcode": "postcode",
    "state": "region", "date_of_birth": "birth_date", "soc_sec_id": "national_id",
}  # fmt: skip
TRUTH: Final[dict[str, dict[str, str]]] = {
    "foodmart_customers": {
        "customer_id": "customer_id", "customer_acct_num": "bank_account|customer_id",
        "first_name": "first_name", "last_name": "last_name",
        "customer_address": "street_address|address", "customer_city": "city",
        "customer_state_province": "region", "customer_postal_code": "postcode",
        "customer_country": "country", "birthdate": "birth_date",
        "marital_status": "marital_status", "yearly_income": "income", "gender": "sex",
        "total_children": "household|quantity", "num_children_at_home": "household|quantity",
        "education": "education", "acct_open_date": "time", "member_card": "category",
        "occupation": "occupation", "homeowner": "flag|household",
    },
    "foodmart_sales": {
        "customer_id": "customer_id", "the_date": "time", "product_id": "item",
        "product_name": "item", "product_category": "category|item", "store_id": "other_id",
        "unit_sales": "quantity", "store_sales": "amount",
    },
    "sparkov_customers": {
        "ssn": "national_id", "cc_num": "card_number", "first": "first_name", "last": "last_name",
        "gender": "sex", "street": "street_address", "city": "city", "state": "region",
        "zip": "postcode", "lat": "latitude", "long": "longitude", "city_pop": "quantity",
        "job": "occupation", "dob": "birth_date", "acct_num": "bank_account|customer_id",
        "profile": "category",
    },
    "sparkov_transactions": {
        "cc_num": "card_number", "trans_date_trans_time": "time", "category": "category",
        "merchant": "merchant", "amt": "amount", "is_fraud": "flag", "merch_lat": "latitude",
        "merch_long": "longitude",
    },
    "febrl1": _FEBRL, "febrl2": _FEBRL, "febrl3": _FEBRL,
    "online_retail": {
        "InvoiceNo": "transaction_id", "StockCode": "item", "Description": "item",
        "Quantity": "quantity", "InvoiceDate": "time", "UnitPrice": "amount",
        "CustomerID": "customer_id", "Country": "country",
    },
    "fraud_handbook": {
        "CUSTOMER_ID": "customer_id", "TERMINAL_ID": "other_id", "TX_DATETIME": "time",
        "TX_AMOUNT": "amount", "TX_FRAUD": "flag", "TX_FRAUD_SCENARIO": "category",
    },
    "cdnow": {
        "customer_id": "customer_id", "date": "time", "quantity": "quantity", "dollars": "amount",
    },
    "beauty_ratings": {"user": "customer_id", "pos": "quantity", "item": "item"},
}  # fmt: skip


class Score(NamedTuple):
    """Columns, how many have the right kind, and how many of two sorts are flagged."""

    columns: int = 0
    right: int = 0
    direct: int = 0
    flagged: int = 0
    kept: int = 0
    harmless: int = 0
    alarms: int = 0

    def plus(self, other: "Score") -> "Score":
        """Both together."""
        return Score(*(one + two for one, two in zip(self, other, strict=True)))

    def __str__(self) -> str:
        figures = (
            ("right kind", self.right, self.columns),
            ("direct flagged", self.flagged, self.direct),
            ("kept", self.kept, self.direct),
            ("false alarms", self.alarms, self.harmless),
        )
        return "  ".join(
            f"{name} {some:3}/{all_:3} {some / max(all_, 1):6.1%}" for name, some, all_ in figures
        )


def score(found: Inspection, truth: dict[str, str], *, show: bool) -> Score:
    """One table against its truth."""
    total = Score()
    for each in found.columns:
        kinds = set(truth[each.column].split("|"))
        right = each.kind in kinds
        direct, harmless = kinds <= DIRECT, kinds <= HARMLESS
        flagged = each.role in {"direct identifier", "entity"}
        alarm = harmless and each.role not in {"harmless", "event time"}
        total = total.plus(
            Score(
                1,
                right,
                direct,
                direct and flagged,
                direct and each.mask["mask"] == "keep",
                harmless,
                alarm,
            )
        )
        if show and (not right or (direct and not flagged) or alarm):
            said = f"{each.kind}, {each.role}: {each.reason}"
            print(f"    {each.column:26} truth {truth[each.column]:28} {said}")
    return total


def measured(
    name: str, source: pl.DataFrame | pd.DataFrame | Path, truth: dict[str, str], *, show: bool
) -> Score:
    """Inspect a table, print a line."""
    start = time.perf_counter()
    found = inspect(source)
    seconds = time.perf_counter() - start
    result = score(found, truth, show=show)
    guessed = f"entity {found.entity}, time {found.time}, {found.country}"
    print(f"{name:22}{result}   {seconds:5.1f} s   {guessed}")
    return result


def speed(rows: int, columns: int) -> None:
    """A wide table of numbers, codes and words."""
    draw = np.random.default_rng(0)
    words = pl.Series([f"word {number}" for number in range(5_000)])
    frame = pl.DataFrame(
        {
            f"column_{place}": (
                draw.normal(size=rows),
                draw.integers(0, 10**6, rows),
                words.gather(draw.integers(0, 5_000, rows)),
            )[place % 3]
            for place in range(columns)
        }
    )
    start = time.perf_counter()
    inspect(frame)
    print(f"{rows:,} rows x {columns} columns: {time.perf_counter() - start:.1f} s")


SETS: Final[dict[str, tuple[Tables, Callable[[Table], pl.DataFrame | pd.DataFrame]]]] = {
    "made up before": (TABLES, frame_of),
    "made up after": (UNSEEN, frame_of),
    "made up last": (LAST, frame_of),
    "frozen": (FROZEN, frame_of),
    "frozen, through pandas": (FROZEN_PANDAS, pandas_of),
    "fresh": (FRESH, frame_of),
    "fresh, through pandas": (FRESH_PANDAS, pandas_of),
    "again": (AGAIN, frame_of),
    "again, through pandas": (AGAIN_PANDAS, pandas_of),
    "latest": (LATEST, frame_of),
    "latest, through pandas": (LATEST_PANDAS, pandas_of),
}


def public_tables(folder: Path, *, show: bool) -> dict[str, Score]:
    """The totals of the public tables that the folder has."""
    totals = {"foodmart sparkov febrl": Score(), "other public tables": Score()}
    for name, truth in TRUTH.items():
        file = folder / f"{name}.parquet"
        if file.exists():
            first = name.startswith(("foodmart", "sparkov", "febrl"))
            title = "foodmart sparkov febrl" if first else "other public tables"
            totals[title] = totals[title].plus(measured(name, file, truth, show=show))
    return totals


def made_up_tables(only: str, *, show: bool) -> dict[str, Score]:
    """The totals of the sets of made-up tables whose title holds a word."""
    totals = {}
    for title, (tables, read) in SETS.items():
        if only not in title:
            continue
        totals[title] = Score()
        for make in tables:
            table = make()
            found = measured(make.__name__, read(table), truth_of(table), show=show)
            totals[title] = totals[title].plus(found)
    return totals


def main() -> None:
    """The public tables, then those made up, then the speed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="of the public tables")
    parser.add_argument("--show", action="store_true", help="print each column that is wrong")
    parser.add_argument("--only", default="", help="a word in the title of a made-up set")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the table for the speed")
    options = parser.parse_args()
    totals = public_tables(options.folder, show=options.show) if options.folder else {}
    totals |= made_up_tables(options.only, show=options.show)
    for title, total in totals.items():
        print(f"{title:24}{total}")
    if options.rows:
        speed(options.rows, 100)


if __name__ == "__main__":
    main()
