"""Masking a dataset into another: all its tables, or none of them."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from anonymizer.datasets.description import Dataset, DatasetSource, load_dataset
from anonymizer.datasets.joins import Join, counted_joins
from anonymizer.datasets.persons import with_person
from anonymizer.datasets.places import Tables, Target, is_store, tables_at, target_at
from anonymizer.datasets.ruled import ruled
from anonymizer.documents import nearest
from anonymizer.errors import FileError, SchemaError, UsageError
from anonymizer.files.raw_table import RawTable
from anonymizer.files.reading import NOTHING_SAID
from anonymizer.files.targets import check_target
from anonymizer.keys import Key, KeySource
from anonymizer.masking.run.files import Run, carry_out
from anonymizer.masking.run.frames import of_any_key
from anonymizer.masking.run.manifest import Manifest
from anonymizer.masking.run.rehearsal import rehearsed
from anonymizer.staging import at_once, no_wider_than, staged
from anonymizer.storage import Address, address_of, is_inside


@dataclass(frozen=True)
class DatasetManifest:
    """The record of one run over a dataset. Holds no value of the data and no key.

    Attributes:
        tables: name → the record of the table.
        joins: every foreign key, with what it joins before and after.
        dropped: tables that were left out.
    """

    tables: dict[str, Manifest]
    joins: list[Join]
    dropped: list[str]

    def to_dict(self) -> dict[str, Any]:
        """The record as plain values, ready for JSON."""
        return asdict(self)

    @property
    def notes(self) -> list[str]:
        """What whoever ran it should read, one line for each thing, with its table."""
        of_tables = [f"{name}: {note}" for name, each in self.tables.items() for note in each.notes]
        return [*of_tables, *(f"{each.key}: {note}" for each in self.joins for note in each.notes)]

    @property
    def warnings(self) -> list[str]:
        """Those of the notes that ask to reconsider something before the tables leave."""
        return [f"{name}: {line}" for name, each in self.tables.items() for line in each.warnings]

    def write(self, path: Address) -> None:
        """Write the record as JSON; the file appears whole or not at all."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"
        with staged(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


def mask_dataset(
    dataset: DatasetSource,
    *,
    key: KeySource | None = None,
    manifest: Address | None = None,
    overwrite: bool = False,
) -> DatasetManifest:
    """Mask the tables of a dataset, so that they still hang together; all appear, or none.

    A foreign key is masked as the key that it refers to. A row that does not name its person finds
    it through foreign keys, so that all times of a person move together in all tables.

    Args:
        dataset: a dataset file, a dict with its fields, or a `Dataset`. It says where the tables
            are and where the masked ones go.
        key: the secret, or a callable that gives it; else the environment variable.
        manifest: where to write the record of the run as JSON.
        overwrite: whether tables that are there may be replaced.

    Returns:
        The record: one for each table, and what every foreign key joins before and after.

    Warns:
        PrivacyWarning: what to reconsider before the tables are handed on.

    Raises:
        UsageError: the file, the tables or the call are wrong; nothing has been written.
        AnonymizerError: the run failed; nothing is left of it.
    """
    loaded = load_dataset(dataset)
    with opened_dataset(loaded) as (source, target), at_once():
        whole, runs = runs_of(loaded, source, target, key, overwrite=overwrite)
        note = manifest and _beside(manifest, loaded, runs, overwrite=overwrite)
        done = {table: carry_out(run, calls=1) for table, run in runs.items()}
        raw = {table: run.raw.scan() for table, run in runs.items()}
        masked = {table: each.written.scan() for table, each in done.items()}
        records = {table: each.record for table, each in done.items()}
        joined = counted_joins(whole.foreign_keys, raw, masked)
        record = DatasetManifest(records, joined, list(loaded.drop))
        target.deliver({table: each.written for table, each in done.items()})
        if note:
            with no_wider_than(*(file for run in runs.values() for file in run.raw.files)):
                record.write(note)
    return record


@contextmanager
def opened_dataset(dataset: Dataset) -> Iterator[tuple[Tables, Target]]:
    source, target = _places(dataset)
    with tables_at(source) as tables, target_at(target) as there:
        yield tables, there


def runs_of(
    dataset: Dataset, source: Tables, target: Target, key: KeySource | None, *, overwrite: bool
) -> tuple[Dataset, dict[str, Run]]:
    """What is known before a row is read: the dataset with all keys, and the run of each table."""
    raw = dict(_raw(dataset, source))
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
    return dataset, runs


def _raw(dataset: Dataset, source: Tables) -> Iterator[tuple[str, RawTable]]:
    """The tables that are there and not left out, each read as its rules say."""
    for table in dataset.drop:
        if table not in source.names:
            hint = nearest(table, source.names)
            raise SchemaError(dataset.name, [f"drop: no table {table!r}{hint}"])
    for table in source.names:
        if table not in dataset.drop:
            known = dataset.tables.get(table)
            yield table, source.table(table, known.reading if known else NOTHING_SAID)


def _places(dataset: Dataset) -> tuple[Address, Address]:
    """Where the tables stand, and where the masked ones go.

    Raises:
        UsageError: the file says neither, or only one.
        FileError: one is in the other.
    """
    if dataset.source is None or dataset.target is None:
        raise UsageError(f"{dataset.name}: say where tables are and go: `source:` and `target:`")
    source, target = (_below(dataset.folder, place) for place in (dataset.source, dataset.target))
    folders = not is_store(source) and not is_store(target)
    if source == target or (folders and (is_inside(source, target) or is_inside(target, source))):
        where = "target: is the source, lies in it, or holds it"
        raise FileError(f"{dataset.name}: {where}: name another place")
    return source, target


def _below(folder: Path, place: str) -> Address:
    if is_store(place):
        return place
    address = address_of(place)
    return folder / address if isinstance(address, Path) else address


def _beside(
    manifest: Address, dataset: Dataset, runs: Mapping[str, Run], *, overwrite: bool
) -> Address:
    """Where the record goes: over no input, nor among the tables.

    Raises:
        FileError: it would be.
    """
    files = [file for run in runs.values() for file in run.raw.files]
    place = check_target(manifest, overwrite=overwrite, inputs=files)
    folders = [each for each in _places(dataset) if not is_store(each)]
    if any(is_inside(place, each) for each in folders):
        raise FileError(f"{manifest}: lies among the tables: name a place beside them")
    return place
