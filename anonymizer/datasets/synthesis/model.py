"""`DatasetModel`: the histories of persons, and how they become tables."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from anonymizer.datasets.description.dataset import DatasetSource, load_dataset
from anonymizer.datasets.opening.places import target_at
from anonymizer.datasets.synthesis.flattening import Tables, flatten
from anonymizer.datasets.synthesis.folder import EVENTS, LAYOUT, is_dataset_model
from anonymizer.datasets.synthesis.layout import TIME, Layout
from anonymizer.datasets.synthesis.planning import layout_of
from anonymizer.datasets.synthesis.reading import Written, of_persons, opened, split
from anonymizer.datasets.synthesis.unflattening import unflatten
from anonymizer.errors import FileError, ModelError
from anonymizer.files.table_files import TableFiles
from anonymizer.frames import IntoFrame
from anonymizer.provenance import FileRecord, called_by, stamp_of_sample
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.training.peers import launched
from anonymizer.staging import staged, write_json
from anonymizer.storage import Address

_FORMAT: Final = 1
Progress = Callable[[str], None]


@dataclass(frozen=True, repr=False)
class DatasetModel:
    """A generative model of several tables that belong together.

    Attributes:
        layout: how the tables become one, and come back.
        events: the model of that one.
        written: how each table is written.
        left_out: table → rows that lead to nobody.
        folder: from which it was loaded; None of one that was not.

    Example:
        >>> model = fit_dataset("dataset.yaml")  # doctest: +SKIP
        >>> tables = model.sample(1_000, seed=0)  # doctest: +SKIP
        >>> model.write("synthetic", persons=1_000)  # doctest: +SKIP
    """

    layout: Layout
    events: SequenceModel
    written: dict[str, Written]
    left_out: Mapping[str, int] | None = None
    folder: Path | None = None

    def __repr__(self) -> str:
        """Its tables, and what it was learned from."""
        return f"<DatasetModel of {', '.join(self.layout.tables)}: {self.events!r}>"

    @property
    def persons(self) -> int:
        """How many were learned from."""
        return int(self.events.card["entities"] + self.events.card["held_out_entities"])

    @property
    def told(self) -> list[str]:
        """What columns of the joined tables were taken for, a line for each kind."""
        return self.events.told

    @property
    def notes(self) -> list[str]:
        """What was left out, merged or moved, and how often; few values are not counted."""
        left = (self.left_out or {}).items()
        return [f"{t}: rows that lead to no person, left out: {n:,}" for t, n in left if n] + (
            self.events.notes
        )

    def sample(self, persons: int | None = None, *, seed: int = 0) -> dict[str, pl.DataFrame]:
        """Tables of persons who do not exist, with the columns and types of the source.

        Every foreign key leads to a row. Rows of all tables follow from the persons; tables that
        are nobody's hold what the persons' rows refer to. The same seed gives the same tables.

        Args:
            persons: how many; as many as were learned from by default.
            seed: of every random choice.

        Raises:
            DataError: the number is less than one, or too large for the types of keys.
        """
        count = self.persons if persons is None else persons
        return unflatten(self.events.sample(count, seed=seed), self.layout)

    def write(
        self,
        target: Address,
        *,
        persons: int | None = None,
        seed: int = 0,
        overwrite: bool = False,
    ) -> dict[str, int]:
        """Sample tables into a folder or a store; all appear, or none.

        Args:
            target: a folder, in which each table is written as it was in that of the source; or a
                store, such as `duckdb:FILE`, in tables that are there and empty, or in new ones.
            persons: how many; as many as were learned from by default.
            seed: of every random choice.
            overwrite: whether tables that are there may be replaced.

        Returns:
            Table → how many rows it has.

        Raises:
            FileError: something is in the way, or it cannot be written.
            DataError: the tables do not fit the store.
        """
        raw = {table: each.files() for table, each in self.written.items()}
        with target_at(target, "") as there, there.at_once():  # a model knows no source
            schemas = {table: pl.Schema(columns) for table, columns in self.layout.tables.items()}
            there.refuse(schemas, raw)
            places = {t: there.table(t, each, overwrite=overwrite) for t, each in raw.items()}
            sampled = self.sample(persons, seed=seed)
            with there.taking(schemas) as take:
                for table, files in places.items():
                    with files.staged() as path:
                        files.write(sampled[table].lazy(), path, self._stamp(table, seed))
                        take(table, TableFiles.at(path))
        return {table: len(rows) for table, rows in sampled.items()}

    def _stamp(self, table: str, seed: int) -> dict[str, str]:
        """What a table in Parquet says of itself."""
        made = FileRecord(role="synthetic", name=table, undigested="self")
        return stamp_of_sample("anonymizer.DatasetModel.write", self.folder, made, seed)

    @staticmethod
    def require_place(folder: str | Path) -> None:
        """Raise a FileError if `save` could not replace what is there: before a long training."""
        place = Path(folder)
        if not place.exists():
            return
        if not place.is_dir() or {each.name for each in place.iterdir()} != {LAYOUT, EVENTS}:
            what = "exists and is no model folder of a dataset, or holds more"
            raise FileError(f"{folder} {what}: choose another name")
        SequenceModel.require_place(place / EVENTS)

    def save(self, folder: str | Path) -> None:
        """Write a model folder; an older one in its place is replaced. No value of few is in it.

        Of processes that train together the first writes it, as of `SequenceModel.save`.

        Raises:
            FileError: something else is in its place, or it cannot be written.
        """
        if not launched().leads:
            return
        self.require_place(folder)
        document = {
            "format": _FORMAT,
            "layout": self.layout.to_dict(),
            "written": {table: each.to_dict() for table, each in self.written.items()},
        }
        with staged(Path(folder)) as temporary:
            temporary.mkdir()
            self.events.save(temporary / EVENTS)
            write_json(temporary / LAYOUT, document)

    @classmethod
    def load(cls, folder: str | Path) -> "DatasetModel":
        """Read a model folder; nothing in it is executed.

        Raises:
            ModelError: it is no model folder of a dataset, damaged or of another version.
        """
        if not is_dataset_model(folder):
            raise ModelError(f"{folder} is no model folder of a dataset: it has no {LAYOUT}")
        events = SequenceModel.load(Path(folder) / EVENTS)
        try:
            found = json.loads((Path(folder) / LAYOUT).read_text("utf-8"))
            if found["format"] != _FORMAT:
                raise ModelError(f"{folder}: is of another version: fit the model again")
            written = {t: Written.from_dict(each) for t, each in found["written"].items()}
            return cls(Layout.from_dict(found["layout"]), events, written, folder=Path(folder))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"the model folder {folder} is damaged: fit the model again"
            ) from error


def fit_dataset(
    dataset: DatasetSource,
    tables: Mapping[str, IntoFrame] | None = None,
    *,
    seed: int = 0,
    max_epochs: int | None = None,
    min_entities: int = 5,
    device: str = "auto",
    tune_minutes: float = 0,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    rules: Sequence[str] = (),
    progress: Progress = lambda _line: None,
) -> DatasetModel:
    """Learn the tables of a dataset: persons, what they did, and what that refers to.

    Foreign keys join all tables to one history for each person, which one `SequenceModel` learns:
    what holds across tables holds as it does between the columns of one.

    Args:
        dataset: a dataset file, a dict with its fields, or a `Dataset`. Of its rules only `drop`
            counts; `synthesis:` says what is not clear.
        tables: in place of those at the source.
        seed: fixes split, weights and order, so that the same data gives the same model.
        max_epochs: a bound on training.
        min_entities: how many persons must hold a value before the model may know it.
        device: to train on, as torch names it.
        tune_minutes: time to look for better settings of the network first.
        checkpoint: a file to keep the training's state in, as `SequenceModel.fit` takes it.
        resume: go on from the checkpoint, if there is one of the same data and settings.
        rules: conditions in SQL that every event keeps, over columns called `"table.column"`.
        progress: told what columns were taken for, then a line after each epoch.

    Raises:
        UsageError: the file and the tables do not fit.
        DataError: a key is none, persons are too few, or data breaks a rule.
        ModelError: the checkpoint is of other data or settings.
        MissingExtraError: torch is not installed.

    Example:
        >>> people = pl.DataFrame({"id": range(40), "town": [n % 3 for n in range(40)]})
        >>> days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 3, 20), eager=True)
        >>> visits = pl.DataFrame({"who": [n // 2 for n in range(80)], "day": days})
        >>> keep = {"columns": {"*": "keep"}}
        >>> shop = {
        ...     "version": 1,
        ...     "entity": "people.id",
        ...     "foreign_keys": {"visits.who": "people.id"},
        ...     "tables": {"people": keep, "visits": {"unlisted": "keep", **keep}},
        ... }
        >>> model = fit_dataset(shop, {"people": people, "visits": visits}, max_epochs=1)
        >>> sampled = model.sample(30)
        >>> sampled["people"].shape, set(sampled["visits"]["who"]) <= set(sampled["people"]["id"])
        ((30, 2), True)
    """
    loaded = load_dataset(dataset)
    with called_by(lambda: "anonymizer.fit_dataset"), opened(loaded, tables) as source:
        learned: Tables = source.tables
        if loaded.person and loaded.holdout:
            learned, _ = split(learned, loaded.person, loaded.holdout)
        layout = layout_of(source.dataset, learned, min_entities)
        reached = of_persons(source.tables, layout)
        left_out = {table: len(source.tables[table]) - len(rows) for table, rows in reached.items()}
        events = SequenceModel.fit(
            flatten(learned, layout),
            entity=layout.entity,
            time=TIME,
            roles=layout.roles,
            seed=seed,
            max_epochs=max_epochs,
            min_entities=min_entities,
            device=device,
            tune_minutes=tune_minutes,
            checkpoint=checkpoint,
            resume=resume,
            rules=rules,
            progress=progress,
        )
        if launched().leads:
            events = events.learned_from(*source.recorded("training"))
        return DatasetModel(layout, events, source.written, left_out)
