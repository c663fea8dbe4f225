"""The runs of a dataset: of every table what is masked, by which rules, and where to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from anonymizer.datasets.description.dataset import Dataset
from anonymizer.datasets.description.ruled import Ruled, ruled
from anonymizer.datasets.opening.persons import with_person
from anonymizer.datasets.opening.places import (
    Tables,
    Target,
    address_at,
    place_below,
    tables_at,
    target_at,
)
from anonymizer.documents import nearest
from anonymizer.errors import FileError, SchemaError, UsageError
from anonymizer.files.raw_table import RawTable
from anonymizer.files.reading import NOTHING_SAID
from anonymizer.keys import KeySource
from anonymizer.masking.inspection.lints import Finding, true_times
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.run.files import Run
from anonymizer.storage import Address, is_inside
from anonymizer.stores.table import ForeignKey


class Runs(NamedTuple):
    """What is known of all tables before a row is read.

    Attributes:
        of_tables: table → from where to where, and by which plan.
        foreign_keys: of the file, and those that the source declares.
        told: table → true times of persons whose times move in another table.
    """

    of_tables: dict[str, Run]
    foreign_keys: tuple[ForeignKey, ...]
    told: dict[str, list[Finding]]


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
        UsageError: dataset and tables do not fit, or writing there would do harm.
    """
    raw = dict(raw_tables(dataset, source))
    rows = {table: each.scan() for table, each in raw.items()}
    dataset = dataset.with_keys(source.foreign_keys)
    rules = ruled(dataset, {table: each.collect_schema() for table, each in rows.items()})
    runs = {
        table: Run.between(
            each,
            target.table(table, each, overwrite=overwrite),
            rules[table].rules,
            key=key,
            prepared=partial(with_person, ruled=rules[table], tables=rows),
        )
        for table, each in raw.items()
    }
    target.refuse({table: run.plan.schema for table, run in runs.items()}, raw)
    return Runs(runs, dataset.foreign_keys, _told_elsewhere(runs, rules))


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


def _told_elsewhere(
    runs: Mapping[str, Run], rules: Mapping[str, Ruled]
) -> dict[str, list[Finding]]:
    """True times in tables in which none moves, of persons whose times move in another table."""
    plans = {table: run.plan for table, run in runs.items() if rules[table].of_person}
    moved = {
        table: f"{table}.{leaf.column}"
        for table, plan in plans.items()
        for leaf, mask in plan.masks
        if isinstance(mask, DateShift)
    }
    if not moved:
        return {}
    first = next(iter(moved.values()))
    return {table: true_times(plan, first) for table, plan in plans.items() if table not in moved}
