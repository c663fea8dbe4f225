"""What commands of several families take."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import polars as pl

csv_option = click.option(
    "--csv",
    metavar="OPTIONS",
    help="How CSV files are written, as `csv:` in a rule file says it: 'separator: ;'.",
)


def table(place: str, csv: str | None) -> "pl.LazyFrame":
    """The rows of files, whose CSV are of the dialect that an option says."""
    from anonymizer.datasets.reading import Reading
    from anonymizer.datasets.sources import scan
    from anonymizer.delimited.dialect import dialect_of

    return scan(place) if csv is None else scan(place, Reading(dialect_of(csv, "--csv")))


def source_of(place: str, csv: str | None) -> "str | pl.LazyFrame":
    """What a check takes: the address itself, or its rows where an option says the dialect."""
    return place if csv is None else table(place, csv)


def listed(names: str | None) -> list[str] | None:
    """The names in a text where commas separate them."""
    return None if names is None else [name.strip() for name in names.split(",") if name.strip()]
