"""Masking a dataset into another: all its tables, or none of them."""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from anonymizer.datasets.description import Dataset, DatasetSource, load_dataset
from anonymizer.datasets.joins import Join, counted_joins
from anonymizer.datasets.persons import with_person
from anonymizer.datasets.ruled import ruled
from anonymizer.documents import nearest
from anonymizer.errors import FileError, SchemaError, UsageError
from anonymizer.files.folders import below, names_in, tables_in
from anonymizer.files.reading import NOTHING_SAID
from anonymizer.files.table_files import TableFiles
from anonymizer.files.targets import check_target
from anonymizer.keys import Key, KeySource
from anonymizer.masking.run.files import Run, carry_out
from anonymizer.masking.run.frames import of_any_key
from anonymizer.masking.run.manifest import Manifest
from anonymizer.masking.run.rehearsal import rehearsed
from anonymizer.staging import at_once, no_wider_than, staged
from anonymizer.storage import Address, address_of, is_inside, name_of


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
    with at_once():
        runs = _runs(loaded, key, overwrite=overwrite)
        done = {table: carry_out(run, calls=1) for table, run in runs.items()}
        raw = {table: run.raw.scan() for table, run in runs.items()}
        masked = {table: each.written.scan() for table, each in done.items()}
        records = {table: each.record for table, each in done.items()}
        joined = counted_joins(loaded.foreign_keys, raw, masked)
        record = DatasetManifest(records, joined, list(loaded.drop))
        if manifest:
            files = [file for run in runs.values() for file in run.raw.files]
            with no_wider_than(*files):
                record.write(_beside(manifest, loaded, runs, overwrite=overwrite))
    return record


def rehearse_dataset(
    dataset: DatasetSource, *, key: Key | None = None, overwrite: bool = False
) -> tuple[list[str], list[str]]:
    """Mask a dataset into nothing: whatever a run would refuse is refused.

    Args:
        dataset: as `mask_dataset` takes it.
        key: the secret; a throwaway where it is left out.
        overwrite: whether tables that are there might be replaced.

    Returns:
        The remarks of the run and its warnings, each with its table.
    """
    loaded = load_dataset(dataset)
    secret = key or Key(secrets.token_bytes(32))
    notes, warnings = list[str](), list[str]()
    for table, run in _runs(loaded, secret, overwrite=overwrite).items():
        remarks, said = rehearsed(run if key else replace(run, plan=of_any_key(run.plan)))
        warnings += [f"{table}: {line}" for line in said]
        notes += [f"{table}: {line}" for line in [*remarks, *said]]
    return notes, warnings


def _runs(dataset: Dataset, key: KeySource | None, *, overwrite: bool) -> dict[str, Run]:
    """What is known before a row is read, of every table."""
    source, target = _places(dataset)
    raw = dict(_raw(dataset, source))
    rows = {table: files.scan() for table, files in raw.items()}
    rules = ruled(dataset, {table: each.collect_schema() for table, each in rows.items()})
    _refuse_strangers(target, [name_of(files.address) for files in raw.values()])
    return {
        table: Run.between(
            files,
            files.target(
                below(target, name_of(files.address)), overwrite=overwrite, makes_folder=True
            ),
            rules[table].rules,
            key=key,
            prepared=partial(with_person, ruled=rules[table], tables=rows),
        )
        for table, files in raw.items()
    }


def _target(files: TableFiles, folder: Address, *, overwrite: bool) -> TableFiles:
    """Where a table goes: into the folder, called as it is called where it comes from."""
    place = below(folder, name_of(files.address))
    return files.target(place, overwrite=overwrite, makes_folder=True)


def _raw(dataset: Dataset, source: Address) -> Iterator[tuple[str, TableFiles]]:
    """The tables that are there and not left out, each read as its rules say."""
    there = tables_in(source)
    for table in dataset.drop:
        if table not in there:
            raise SchemaError(dataset.name, [f"drop: no table {table!r}{nearest(table, there)}"])
    for table, address in there.items():
        if table not in dataset.drop:
            known = dataset.tables.get(table)
            yield table, TableFiles.at(address, known.reading if known else NOTHING_SAID)


def _places(dataset: Dataset) -> tuple[Address, Address]:
    """Where the tables stand, and where the masked ones go.

    Raises:
        UsageError: the file says neither, or only one.
    """
    if dataset.source is None or dataset.target is None:
        raise UsageError(f"{dataset.name}: say where tables are and go: `source:` and `target:`")
    source, target = (_below(dataset.folder, place) for place in (dataset.source, dataset.target))
    if is_inside(target, source) or is_inside(source, target) or target == source:
        raise FileError(
            f"{dataset.target}: lies in {dataset.source}, or holds it: name another folder"
        )
    return source, target


def _below(folder: Path, place: str) -> Address:
    address = address_of(place)
    return folder / address if isinstance(address, Path) else address


def _refuse_strangers(target: Address, names: Iterable[str]) -> None:
    """Notice tables in the target that would stay there beside those that are written.

    Raises:
        FileError: there is one; names it.
    """
    if left := sorted(names_in(target) - set(names)):
        raise FileError(f"{target}: holds {left[0]} as well: name another folder, or remove it")


def _beside(
    manifest: Address, dataset: Dataset, runs: Mapping[str, Run], *, overwrite: bool
) -> Address:
    """Where the record goes: over no input, nor among the tables.

    Raises:
        FileError: it would be.
    """
    files = [file for run in runs.values() for file in run.raw.files]
    place = check_target(manifest, overwrite=overwrite, inputs=files)
    if any(is_inside(place, each) for each in _places(dataset)):
        raise FileError(f"{manifest}: lies among the tables: name a place beside them")
    return place
