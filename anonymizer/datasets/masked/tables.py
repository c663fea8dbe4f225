"""The masked tables of a dataset, read again, and a place for what becomes of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from anonymizer.datasets.description.dataset import Dataset
from anonymizer.datasets.description.ruled import ruled_again, with_keys
from anonymizer.datasets.masked.joins import counted
from anonymizer.datasets.opening.places import (
    Tables,
    Target,
    is_store,
    place_below,
    tables_at,
    target_at,
)
from anonymizer.datasets.opening.runs import places_of
from anonymizer.errors import DataError, UsageError
from anonymizer.files.raw_table import RawTable
from anonymizer.masking.rules.rules import Rules
from anonymizer.masking.run.files import Rewriting, names_kept
from anonymizer.staging import no_wider_than
from anonymizer.storage import Address, address_of
from anonymizer.stores.table import ForeignKey


def masked_table(table: str, rules: Rules, masked: Tables) -> RawTable:
    """A masked table as it was written.

    Args:
        table: its name.
        rules: that it was made by, with those of its keys.
        masked: the place.

    Raises:
        DataError: it is not there.
    """
    if table not in masked.names:
        raise DataError(f"{table}: is not among the masked tables: mask the dataset first")
    return masked.table(table, rules.reading.of_output(names_kept(rules)))


@dataclass(frozen=True)
class MaskedTables:
    """The masked tables of a dataset, with the rules that they were made by.

    Attributes:
        tables: name → table.
        rules: name → its rules, spelt out.
        foreign_keys: those of which all columns are left.
        target: where what becomes of them goes.
    """

    tables: dict[str, RawTable]
    rules: Mapping[str, Rules]
    foreign_keys: tuple[ForeignKey, ...]
    target: Target

    def rewrite(self, anew: Mapping[str, Rewriting], *, overwrite: bool) -> None:
        """Write every table anew; all of them appear, and join what they did, or none.

        Args:
            anew: what each becomes.
            overwrite: whether tables that are there may be replaced.

        Raises:
            DataError: a key joins other rows than before.
        """
        out = {
            table: self.target.table(table, each, overwrite=overwrite)
            for table, each in self.tables.items()
        }
        schemas = {table: each.plan.schema for table, each in anew.items()}
        self.target.refuse(schemas, self.tables)
        private = no_wider_than(*(file for each in self.tables.values() for file in each.files))
        with private, self.target.taking(schemas) as take:
            written = dict[str, RawTable]()
            for table, each in anew.items():
                take(table, done := each.carry_out(out[table]))
                written[table] = done
            before, after = (
                {table: each.scan() for table, each in tables.items()}
                for tables in (self.tables, written)
            )
            for key in self.foreign_keys:
                if counted(key, before) != counted(key, after):
                    told = "would join other rows than in the masked tables; nothing was written"
                    raise DataError(f"foreign_keys.{key.of_child}: {told}")


@contextmanager
def masked_again(dataset: Dataset, target: Address) -> Iterator[MaskedTables]:
    """The masked tables, and a place for what becomes of them, which appears when the block ends.

    Raises:
        UsageError: the dataset does not say where its masked tables are, or has others.
        FileError: the place is that of the raw or the masked tables, or lies in it.
    """
    if dataset.target is None:
        raise UsageError(f"{dataset.name}: say where the masked tables are: `target:`")
    there = _absolute(target)
    masked_at, place = places_of(replace(dataset, source=dataset.target, target=there))
    if dataset.source is not None:
        places_of(replace(dataset, target=there))  # the raw tables are not written over
    with (
        tables_at(masked_at) as masked,
        target_at(place, masked_at) as out,
        out.at_once(),
    ):
        dataset = dataset.with_keys(masked.foreign_keys)
        said = {name: _said(each) for name, each in dataset.tables.items()}
        rules = with_keys(dataset, said)
        tables = {name: masked_table(name, each, masked) for name, each in rules.items()}
        schemas = {name: each.scan().collect_schema() for name, each in tables.items()}
        keys = tuple(
            key
            for key in dataset.foreign_keys
            if {*key.columns} <= {*schemas[key.child]} and {*key.keys} <= {*schemas[key.parent]}
        )
        yield MaskedTables(tables, ruled_again(dataset, schemas), keys, out)


def _said(rules: Rules) -> pl.Schema:
    """The columns that rules name for a CSV without a header; else none."""
    return pl.Schema(dict.fromkeys((rules.csv and rules.csv.names) or (), pl.String()))


def _absolute(place: Address) -> str:
    """A place that begins in the current folder, where the dataset file begins in its own."""
    if is_store(place):
        return str(place_below(Path.cwd(), str(place)))
    address = address_of(place)
    return str(address.absolute() if isinstance(address, Path) else address)
