"""The runs of a dataset: of every table what is masked, by which rules, and where to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from anonymizer.datasets.description.dataset import Dataset
from anonymizer.datasets.description.ruled import ruled
from anonymizer.datasets.opening.constraints import doubted, refuse_violated
from anonymizer.datasets.opening.persons import Known, with_person
from anonymizer.datasets.opening.places import (
    Tables,
    Target,
    address_at,
    place_below,
    tables_at,
    target_at,
)
from anonymizer.datasets.opening.told import told_elsewhere
from anonymizer.documents import nearest
from anonymizer.errors import FileError, RuleError, SchemaError, UsageError
from anonymizer.files.raw_table import RawTable
from anonymizer.files.reading import NOTHING_SAID
from anonymizer.keys import KeySource
from anonymizer.masking.inspection.lints import Finding
from anonymizer.masking.rules.batches import HeldBack
from anonymizer.masking.rules.rules import Rules
from anonymizer.masking.run.files import Run
from anonymizer.storage import Address, is_inside
from anonymizer.stores.table import ForeignKey


class Runs(NamedTuple):
    """What is known of all tables before a row is read.

    Attributes:
        of_tables: table → from where to where, and by which plan.
        foreign_keys: of the file, and those that the source declares.
        told: table → what tells true times of persons, whose times move in another table, and
            what the target may refuse.
    """

    of_tables: dict[str, Run]
    foreign_keys: tuple[ForeignKey, ...]
    told: dict[str, list[Finding]]

    def refuse(self, target: Target) -> None:
        """Notice before anything is masked that the tables do not fit where they go.

        Raises:
            UsageError: they do not.
        """
        schemas = {table: run.plan.schema for table, run in self.of_tables.items()}
        target.refuse(schemas, {table: run.raw for table, run in self.of_tables.items()})


@contextmanager
def opened(dataset: Dataset) -> Iterator[tuple[Tables, Target]]:
    """The places from and to which a dataset is masked, until the block ends."""
    source, target = places_of(dataset)
    with tables_at(source) as tables, target_at(target, source) as there:
        yield tables, there


def runs_of(
    dataset: Dataset, source: Tables, target: Target, key: KeySource | None, *, overwrite: bool
) -> Runs:
    """What is known before a row is read.

    Args:
        dataset: with its rules and keys.
        source: the raw tables.
        target: the place for the masked ones.
        key: the secret, or a callable that gives it; else the environment variable.
        overwrite: whether tables that are there may be replaced.

    Raises:
        UsageError: dataset and tables do not fit.
    """
    raw = dict(raw_tables(dataset, source))
    rows = {table: each.scan() for table, each in raw.items()}
    known: Known = {}
    dataset = dataset.with_keys(source.foreign_keys)
    rules = ruled(dataset, {table: each.collect_schema() for table, each in rows.items()})
    runs = {
        table: Run.between(
            each,
            target.table(table, each, overwrite=overwrite),
            shuffled(rules[table].rules),
            key=key,
            prepared=partial(with_person, ruled=rules[table], tables=rows, known=known),
        )
        for table, each in raw.items()
    }
    plans, declared = {table: run.plan for table, run in runs.items()}, target.declared
    refuse_violated(dataset.name, plans, dataset.foreign_keys, source.declared, declared)
    told, doubts = told_elsewhere(runs, rules, dataset.foreign_keys), doubted(plans, declared)
    every = {table: told.get(table, []) + doubts.get(table, []) for table in runs}
    return Runs(runs, dataset.foreign_keys, every)


def shuffled(rules: Rules) -> Rules:
    """The rules of a table that leaves in no order, if they say nothing of it.

    Its rows are joined to those of other tables: in true order they would tell of these what is
    hidden there, such as times that move.

    Raises:
        RuleError: rows were to wait from run to run.
    """
    if isinstance(rules.batches, HeldBack):
        way = "mask this table by itself, or take another `batches:`"
        told = f"batches: held_back: rows of a dataset do not wait: {way}"
        raise RuleError(rules.source, [told])
    return replace(rules, order=rules.order or "shuffled")


def raw_tables(dataset: Dataset, source: Tables) -> Iterator[tuple[str, RawTable]]:
    """The tables that are there and not left out, each read as its rules say."""
    for table in dataset.drop:
        if table not in source.names:
            hint = nearest(table, source.names)
            raise SchemaError(dataset.name, [f"drop: no table {table!r}{hint}"])
    for table in source.names:
        if table not in dataset.drop:
            known = dataset.tables.get(table)
            yield table, source.table(table, known.reading if known else NOTHING_SAID)


def places_of(dataset: Dataset) -> tuple[Address, Address]:
    """Where the tables stand, and where the masked ones go.

    Raises:
        UsageError: the file says neither, or only one.
        FileError: one is in the other.
    """
    if dataset.source is None or dataset.target is None:
        raise UsageError(f"{dataset.name}: say where tables are and go: `source:` and `target:`")
    places = (dataset.source, dataset.target)
    source, target = (place_below(dataset.folder, place) for place in places)
    one, other = address_at(source), address_at(target)
    if source == target or (
        one and other and (is_inside(one, other) or is_inside(other, one) or one == other)
    ):
        where = "target: is the source, lies in it, or holds it"
        raise FileError(f"{dataset.name}: {where}: name another place")
    return source, target
