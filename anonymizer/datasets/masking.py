"""`mask_dataset` and its record: all tables of a dataset are masked, or none of them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from anonymizer.datasets.description.dataset import Dataset, DatasetSource, load_dataset
from anonymizer.datasets.incremental.night import goes_by_nights, masked_night
from anonymizer.datasets.masked.joins import Join, counted_joins
from anonymizer.datasets.opening.places import address_at, is_store, local_files
from anonymizer.datasets.opening.runs import opened, places_of, runs_of
from anonymizer.errors import FileError
from anonymizer.files.raw_table import RawTable
from anonymizer.files.targets import check_target
from anonymizer.keys import KeySource
from anonymizer.masking.run.files import Done, carry_out
from anonymizer.masking.run.manifest import Manifest
from anonymizer.masking.run.notes import warn
from anonymizer.provenance import called_by
from anonymizer.staging import no_wider_than, write_json
from anonymizer.storage import Address, is_inside

_CALL: Final = "anonymizer.mask_dataset"


@dataclass(frozen=True)
class DatasetManifest:
    """The record of one run over a dataset. Holds no value of the data and no key.

    Attributes:
        tables: name → the record of the table.
        joins: every foreign key, with what it joins before and after.
        dropped: tables that were left out.
        night: of which night they are, and what it changed in each table; None of a whole run.
    """

    tables: dict[str, Manifest]
    joins: list[Join]
    dropped: list[str]
    night: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The record as plain values, ready for JSON."""
        tables = {name: each.to_dict() for name, each in self.tables.items()}
        return asdict(self) | {"tables": tables}

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
        write_json(path, self.to_dict())


def mask_dataset(
    dataset: DatasetSource,
    *,
    key: KeySource | None = None,
    manifest: Address | None = None,
    overwrite: bool = False,
    state: Address | None = None,
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
        state: a local folder with what is known of the nights before, for a dataset with
            `incremental:`. What is new or changed is masked, what is gone goes.

    Returns:
        The record: one for each table, and what every foreign key joins before and after.

    Warns:
        PrivacyWarning: what to reconsider before the tables are handed on.

    Raises:
        UsageError: the file, the tables or the call are wrong; nothing has been written.
        AnonymizerError: the run failed; nothing is left of it.

    Example:
        >>> import polars as pl
        >>> import tempfile
        >>> from pathlib import Path
        >>> fields = {
        ...     "version": 1,
        ...     "entity": "people.id",
        ...     "foreign_keys": {"orders.buyer": "people.id"},
        ...     "tables": {
        ...         "people": {"columns": {"id": {"mask": "token", "as": "same"}}},
        ...         "orders": {"columns": {"paid": {"mask": "round", "to": 10}}},
        ...     },
        ... }
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     raw = Path(folder, "raw")
        ...     raw.mkdir()
        ...     pl.DataFrame({"id": [1, 2, 3]}).write_parquet(raw / "people.parquet")
        ...     orders = pl.DataFrame({"buyer": [3, 3, 1], "paid": [12, 19, 31]})
        ...     orders.write_parquet(raw / "orders.parquet")
        ...     places = {"source": str(raw), "target": f"{folder}/masked"}
        ...     record = mask_dataset(fields | places, key="the key of this example")
        >>> record.joins[0].key, record.joins[0].after
        ('orders.buyer → people.id', JoinCounts(rows=3, with_key=3, joined=3, parents=2))
    """
    loaded = load_dataset(dataset)
    if nights := goes_by_nights(loaded, state):
        note = manifest and _beside(manifest, loaded, (), nights, overwrite=overwrite)
        with called_by(lambda: _CALL):
            records, joined, night = masked_night(loaded, nights, key=key, overwrite=overwrite)
        record = DatasetManifest(records, joined, list(loaded.drop), night)
        if note:
            record.write(note)
        return record
    with called_by(lambda: _CALL), opened(loaded) as (source, target), target.at_once():
        runs = runs_of(loaded, source, target, key, overwrite=overwrite)
        runs.refuse(target)
        raw = {table: run.raw for table, run in runs.of_tables.items()}
        note = manifest and _beside(manifest, loaded, raw.values(), overwrite=overwrite)
        said = {table: [each.short for each in found] for table, found in runs.told.items()}
        warn([f"{table}: {line}" for table, lines in said.items() for line in lines])
        schemas = {table: run.plan.schema for table, run in runs.of_tables.items()}
        private = no_wider_than(*(file for each in raw.values() for file in each.files))
        with private, target.taking(schemas) as take:
            done, stored = dict[str, Done](), is_store(places_of(loaded)[1])
            for table, run in runs.of_tables.items():
                done[table] = carry_out(replace(run, stored_as=table if stored else None), calls=1)
                take(table, done[table].written)
            joined = counted_joins(
                runs.foreign_keys,
                {table: each.scan() for table, each in raw.items()},
                {table: each.written.scan() for table, each in done.items()},
            )
            records = {name: _with(each.record, said.get(name, [])) for name, each in done.items()}
            record = DatasetManifest(records, joined, list(loaded.drop))
            if note:
                record.write(note)
    return record


def _with(record: Manifest, warnings: list[str]) -> Manifest:
    return replace(record, warnings=[*record.warnings, *warnings])


def _beside(
    manifest: Address,
    dataset: Dataset,
    raw: Iterable[RawTable],
    state: Address | None = None,
    *,
    overwrite: bool,
) -> Address:
    """Where the record goes: over no input, nor among the tables or into the state.

    Raises:
        FileError: it would be.
    """
    taken = [*map(address_at, places_of(dataset)), state]
    files = [file for each in raw for file in each.files]
    files += [file for each in places_of(dataset) for file in local_files(each)]
    place = check_target(manifest, overwrite=overwrite, inputs=files)
    if any(is_inside(place, each) for each in taken if each is not None):
        raise FileError(f"{manifest}: lies among the tables or in the state: name another place")
    return place
