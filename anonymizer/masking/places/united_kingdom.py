"""Great Britain and Northern Ireland: the outward part of a postcode, or a nation at the end.

Outward codes that lie in two nations give null.
"""

from typing import Final

import polars as pl

from anonymizer.masking.places.table import Table, load_table, only
from anonymizer.masking.places.text import in_steps, tidy
from anonymizer.masking.primitives.bulk.lookup import looked_up

POSTCODE: Final = r"\b([A-Z]{1,2}[0-9]{1,2})[A-Z]?\s*[0-9][A-Z]{2}\b"
_AT_END: Final = rf"(?-u){POSTCODE}\s*$"
_POSTCODE_ANYWHERE: Final = f"(?-u){POSTCODE}"
_OUTWARD_CODE_ALONE: Final = r"(?-u)^\s*([A-Z]{1,2}[0-9]{1,2})[A-Z]?\s*$"
_NATION_AT_END: Final = (
    r"(?-u)\b(ENGLAND|SCOTLAND|WALES|NORTHERN IRELAND)[\s,.]*"
    r"(?:(?:UK|U\.K|GB|UNITED KINGDOM|GREAT BRITAIN)[\s,.]*)?$"
)


def region(text: pl.Expr) -> pl.Expr:
    """The code of the nation of each address or postcode; null where none is read."""
    table = load_table("GB")
    stated = looked_up(pl.field("rest").str.extract(_NATION_AT_END), table.words)
    nation = pl.coalesce(looked_up(pl.field("district"), _districts(table)), stated)
    return in_steps(tidy(text), *_district(), result=nation)


def area(text: pl.Expr) -> pl.Expr:
    """The letters with which the postcode begins; null without a postcode."""
    letters = pl.field("district").str.strip_chars_end("0123456789")
    return in_steps(tidy(text), *_district(), result=only(letters, load_table("GB").prefixes))


def _district() -> tuple[dict[str, pl.Expr], ...]:
    """The letters and number of the outward code, and the texts that do not end in one."""
    at_end, rest = pl.field("at_end"), pl.field("rest")
    return (
        # Nearly all addresses end in a postcode of at most eight characters: short texts are fast.
        {"at_end": pl.field("text").str.tail(10).str.extract(_AT_END)},
        {"rest": pl.when(at_end.is_null()).then(pl.field("text"))},
        {
            "district": pl.coalesce(
                at_end, rest.str.extract(_POSTCODE_ANYWHERE), rest.str.extract(_OUTWARD_CODE_ALONE)
            )
        },
    )


def _districts(table: Table) -> dict[str, str | None]:
    """Every district an area can have, `SW1` for `SW1A` as well → nation."""
    districts: dict[str, str | None] = {
        f"{area}{number}": nation
        for area, nation in table.prefixes.items()
        for number in [*range(100), *(f"0{digit}" for digit in range(10))]
    }
    return districts | table.exceptions
