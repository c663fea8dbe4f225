"""The tables of a dataset as they are learned: read, without what is dropped, split by person."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

import polars as pl

from anonymizer.datasets.description.dataset import Dataset
from anonymizer.datasets.description.faults import is_gone, key_faults, table_faults
from anonymizer.datasets.opening.places import local_files, place_below, tables_at
from anonymizer.datasets.synthesis.flattening import Tables, joined
from anonymizer.datasets.synthesis.layout import Layout
from anonymizer.delimited.dialect import Dialect
from anonymizer.errors import SchemaError, UsageError
from anonymizer.files.formats import Format
from anonymizer.files.raw_table import RawTable
from anonymizer.files.reading import NOTHING_SAID, Reading
from anonymizer.files.table_files import TableFiles
from anonymizer.frames import IntoFrame, collect, eager
from anonymizer.masking.primitives.digest import canonical, hashed
from anonymizer.masking.rules.rules import Rules
from anonymizer.provenance import FileRecord
from anonymizer.sequences.tokens.plain import Plain
from anonymizer.staging import no_wider_than
from anonymizer.storage import Address, name_of

_SPLIT: Final = 7_919  # of the hash that divides persons: the same in a fit and in a check


@dataclass(frozen=True)
class Written(Plain):
    """How a table is written, in a folder: as it was in that of the source.

    Attributes:
        name: of the file or folder.
        format: of its files.
        is_folder: whether it is one of several files.
        partitions: columns that a Hive layout keeps in names.
        part: how the names of files in a folder end.
        csv: options of a dialect.
    """

    name: str
    format: str = "Parquet"
    is_folder: bool = False
    partitions: tuple[str, ...] = ()
    part: str = ""
    csv: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def like(cls, name: str, raw: RawTable) -> "Written":
        """As a raw table is."""
        if not isinstance(raw, TableFiles):
            return cls(f"{name}.parquet")
        called, csv = name_of(raw.address), raw.reading.csv.model_dump(exclude_defaults=True)
        return cls(called, raw.format, raw.is_folder, raw.partitions, raw.part, csv)

    def files(self) -> TableFiles:
        """What stands for the raw table where a target asks for one."""
        place, format_ = Path(self.name), cast("Format", self.format)
        reading = Reading(Dialect(**self.csv))
        folder = self.is_folder
        return TableFiles(place, place, format_, (), folder, self.partitions, reading, self.part)


@dataclass(frozen=True)
class Source:
    """The tables of a dataset, in memory.

    Attributes:
        dataset: with the keys that the source declares.
        tables: without what is dropped.
        written: how each is written; none where they were given as frames.
        raw: where each stands; none where they were given as frames.
    """

    dataset: Dataset
    tables: dict[str, pl.DataFrame]
    written: dict[str, Written]
    raw: dict[str, RawTable] = field(default_factory=dict)

    def recorded(self, role: str) -> list[FileRecord]:
        """What a record says of the tables; those of files are read for their digest."""
        return [
            self.raw[table].recorded(role, len(rows))
            if table in self.raw
            else FileRecord(role=role, name=table, rows=len(rows))
            for table, rows in self.tables.items()
        ]


@contextmanager
def opened(
    dataset: Dataset, frames: Mapping[str, IntoFrame] | None = None, place: Address | None = None
) -> Iterator[Source]:
    """The tables at the source, at another place, or as they are given.

    What is written inside is read by nobody who may not read them.

    Raises:
        UsageError: the file says no source, or does not fit the tables.
    """
    if frames is not None:
        given = {t: eager(each) for t, each in frames.items() if t not in dataset.drop}
        yield Source(
            dataset, dict(_kept(dataset, given)), {t: Written(f"{t}.parquet") for t in given}
        )
        return
    if place is None and dataset.source is None:
        raise UsageError(f"{dataset.name}: say where the tables are: `source:`")
    at = place or place_below(dataset.folder, str(dataset.source))
    with tables_at(at) as there:
        dataset = dataset.with_keys(there.foreign_keys)
        names = [name for name in there.names if name not in dataset.drop]
        raw = {name: there.table(name, _reading(dataset.tables.get(name))) for name in names}
        files = [*local_files(at), *(file for each in raw.values() for file in each.files)]
        read = dict(_kept(dataset, {name: collect(each.scan()) for name, each in raw.items()}))
        written = {name: Written.like(name, each) for name, each in raw.items()}
        with no_wider_than(*files):
            yield Source(dataset, read, written, raw)


def _reading(rules: Rules | None) -> Reading:
    """How a table is read to be learned: where no type is said, cells decide."""
    said = rules.reading if rules else NOTHING_SAID
    return replace(said, types=None, likely=said.types or {})


def _kept(dataset: Dataset, tables: Tables) -> Iterator[tuple[str, pl.DataFrame]]:
    """The tables without the columns that rules drop."""
    schemas = {name: each.schema for name, each in tables.items()}
    for faults in (table_faults(dataset, schemas), key_faults(dataset, schemas)):
        if found := list(faults):
            raise SchemaError(dataset.name, found)
    for name, each in tables.items():
        rules = dataset.tables[name]
        keys = {c for key in dataset.foreign_keys if key.child == name for c in key.columns}
        keys |= {c for key in dataset.foreign_keys if key.parent == name for c in key.keys}
        gone = [c for c in each.columns if _is_dropped(rules, c, kept=c in keys)]
        yield name, each.drop(gone)


def _is_dropped(rules: Rules, column: str, *, kept: bool) -> bool:
    masks = rules.masks_for(column)[0]
    return is_gone(masks) or (not masks and rules.unlisted == "drop" and not kept)


def split(tables: Tables, person: tuple[str, str], share: float) -> tuple[Tables, Tables]:
    """The tables with the persons that are learned, and with those that are held out.

    Whom a person is with follows from the person's id alone, so that it is the same in every run.
    Tables below that of the persons hold rows of all.
    """
    table, column = person
    persons = tables[table]
    text = canonical(pl.col(column), persons.schema[column])
    held = (
        persons.select(hashed(text, _SPLIT) < int(share * 2**64)).to_series().fill_null(value=False)
    )
    return (
        {**tables, table: persons.filter(~held)},
        {**tables, table: persons.filter(held)},
    )


def of_persons(tables: Tables, layout: Layout) -> Tables:
    """The tables with the rows alone that lead to one of the persons who are there."""
    left = dict(tables)
    for node in layout.nodes[1:]:
        rows, above = left[node.table], left[node.above]
        left[node.table] = joined(rows, node.columns, above, node.keys, how="semi")
    return left
