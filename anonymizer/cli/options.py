"""What commands of several families take."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import polars as pl

    from anonymizer.files.reading import Reading


def _together(
    _context: click.Context, _option: click.Parameter, said: tuple[str, ...]
) -> str | None:
    """What all `--csv` of a command say, as one of them says it."""
    from anonymizer.delimited.dialect import merged

    return merged(said, "--csv") if len(said) > 1 else next(iter(said), None)


csv_option = click.option(
    "--csv",
    metavar="OPTIONS",
    multiple=True,
    callback=_together,
    help="How CSV files are written, as `csv:` in a rule file says it: 'separator: ;', or of two "
    """options '{separator: ";", decimal: ","}'; or @FILE, a rule file with `csv:` and `types:`.""",
)


def reading(csv: str | None) -> "Reading":
    """How CSV files are read and written, as an option says."""
    from anonymizer.files.reading import reading_of

    return reading_of(csv, "--csv")


def table(place: str, csv: str | None) -> "pl.LazyFrame":
    """The rows of files, whose CSV are written as an option says."""
    from anonymizer.files.sources import scan

    return scan(place, reading(csv))


def listed(names: str | None) -> list[str] | None:
    """The names in a text where commas separate them."""
    return None if names is None else [name.strip() for name in names.split(",") if name.strip()]
