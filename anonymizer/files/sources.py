"""Opening tables: an address, or a frame, becomes a LazyFrame."""

from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import polars as pl

from anonymizer.delimited.records import TextFile
from anonymizer.files.parts import widest
from anonymizer.files.reading import NOTHING_SAID, Reading
from anonymizer.files.table_files import TableFiles
from anonymizer.frames import IntoFrame, read
from anonymizer.provenance import FileRecord
from anonymizer.storage import Address

Source: TypeAlias = str | Path | IntoFrame  # a table, wherever it is


def scan(place: Address, reading: Reading = NOTHING_SAID) -> pl.LazyFrame:
    """A LazyFrame over a file, a glob, a folder or an S3 address; see `TableFiles.scan`.

    Raises:
        FileError: nothing is there, the ending is unknown, or the content is of another format.
    """
    return TableFiles.at(place, reading).scan()


def open_table(source: Source, reading: Reading = NOTHING_SAID) -> pl.LazyFrame:
    """A table, wherever it is, as a LazyFrame.

    Args:
        source: an address, as `scan` takes it; or a frame of Polars, of pandas, or of whatever else
            streams Arrow.
        reading: what is said of files that they do not say themselves.

    Raises:
        FileError: nothing is there, or it cannot be read.
        DataError: it is neither an address nor a frame.
    """
    return scan(source, reading) if isinstance(source, str | Path) else read(source)


def compared(*tables: tuple[Source, Reading]) -> list[pl.LazyFrame]:
    """Tables that are held against each other, each with how it is read.

    Where one is a CSV, whose own cells decided its types, integers beside floats become floats and
    dates beside datetimes become datetimes.
    """
    opened_tables = [open_table(*table) for table in tables]
    return alike(*opened_tables) if any(is_text(table) for table, _ in tables) else opened_tables


def alike(*tables: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Tables whose columns of one name have one type, where one holds the values of all."""
    schemas = [table.collect_schema() for table in tables]
    return [
        table.cast(
            {
                name: wide
                for name, dtype in schema.items()
                if (wide := widest(each[name] for each in schemas if name in each))
                not in (None, dtype)
            }
        )
        for table, schema in zip(tables, schemas, strict=True)
    ]


def is_text(source: Source) -> bool:
    """Whether a table stands in CSV files, whose cells are text."""
    return isinstance(source, str | Path) and TableFiles.at(source).format == "CSV"


def likely_reading(source: Source, reading: Reading) -> Reading:
    """How a table seems to be written, where it is CSV that cannot be meant as it is said.

    Raises:
        FileError: nothing is there, or it cannot be read.
    """
    if not (isinstance(source, str | Path) and is_text(source)):
        return reading
    first = TableFiles.at(source, reading).files[0]
    return replace(reading, csv=TextFile(first, reading.csv).likely())


def sources(place: Address) -> list[Address]:
    """The files that a path, a glob, a folder or an S3 address stands for, sorted.

    Raises:
        FileError: there are none, or they are of different formats.
    """
    return list(TableFiles.at(place).files)


def recorded(role: str, source: Source, undigested: str = "") -> FileRecord:
    """What a record says of a table: of files their name and digest, of a frame neither.

    Args:
        role: what it is.
        source: the table, as `open_table` takes it.
        undigested: why files are not read for a digest, where they are not.
    """
    if not isinstance(source, str | Path):
        return FileRecord(role=role)
    return TableFiles.at(source).recorded(role, undigested=undigested)
