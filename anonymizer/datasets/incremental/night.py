"""A night: what is new and changed is masked and takes its place in the target, in one step."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from anonymizer.datasets.description.dataset import Dataset
from anonymizer.datasets.description.ruled import Ruled, ruled
from anonymizer.datasets.incremental.selection import Selection, Tables, added, changed, whole
from anonymizer.datasets.incremental.state import Night, State, TableNight, state_in
from anonymizer.datasets.incremental.tracking import Track, faults, tracked
from anonymizer.datasets.incremental.versions import has_versions, rows_in
from anonymizer.datasets.masked.joins import Join, counted_joins
from anonymizer.datasets.opening.constraints import refuse_violated
from anonymizer.datasets.opening.persons import keyed, with_person
from anonymizer.datasets.opening.places import Tables as RawTables
from anonymizer.datasets.opening.places import address_at, nightly_at, tables_at
from anonymizer.datasets.opening.runs import places_of, raw_tables, shuffled
from anonymizer.datasets.opening.told import told_elsewhere
from anonymizer.errors import DataError, FileError, RuleError, SchemaError
from anonymizer.files.raw_table import RawTable
from anonymizer.files.table_files import TableFiles
from anonymizer.frames import collect
from anonymizer.keys import Key, KeySource, load_key
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.fitted import Fitted
from anonymizer.masking.run.files import Run, carry_out
from anonymizer.masking.run.manifest import Manifest
from anonymizer.masking.run.notes import warn
from anonymizer.masking.table.fitting import learned_by
from anonymizer.staging import hidden_folder, no_wider_than
from anonymizer.storage import Address, name_of
from anonymizer.stores.folder import NightlyFolder
from anonymizer.stores.table import Change, ForeignKey, Nightly, Table


class Outcome(NamedTuple):
    """What a night did.

    Attributes:
        records: of each table, about the rows that were masked.
        joins: every foreign key, counted in all rows before and after.
        figures: the number of the night, and by table how many rows were `masked`, how many were
            `removed` as the source has them no more, and how many there are now.
    """

    records: dict[str, Manifest]
    joins: list[Join]
    figures: dict[str, Any]


def goes_by_nights(dataset: Dataset, state: Address | None) -> Address | None:
    """The state of a dataset with `incremental:`; None of another.

    Raises:
        RuleError: there is one without the other.
    """
    if bool(dataset.incremental) != (state is not None):
        way = "give it (`--state FOLDER`)" if state is None else "name its tables, or give none"
        raise RuleError(dataset.name, [f"incremental: goes with a state of the nights: {way}"])
    return state


def masked_night(
    dataset: Dataset, state: Address, *, key: KeySource | None, overwrite: bool
) -> Outcome:
    """Mask what is new and changed since the last night, and take away what is gone.

    Args:
        dataset: with `incremental:`.
        state: the folder with what is known of the nights before; made in the first one.
        key: the secret, or a callable that gives it; else the environment variable.
        overwrite: whether all tables are masked anew, in the place of those of other nights.

    Raises:
        UsageError: the file, the tables, the state or the key do not fit; nothing was written.
        AnonymizerError: the run failed; nothing is left of it.
    """
    with _prepared(dataset, state, key, overwrite=overwrite) as ready:
        kept, target, work = ready.state, ready.target, ready.work
        files = [file for each in work.raw.values() for file in each.files]
        with no_wider_than(*files), hidden_folder(ready.beside or "waiting") as waiting:
            steps = dict(work.warned(work.steps(target, waiting)))
            joins, rows = _proved(work, steps, target)
            tables = {table: step.night for table, step in steps.items()}
            night = replace(work.night, tables=tables)
            kept.begin(night)
            changes = {table: step.change for table, step in steps.items()}
            target.change(changes, ready.there, night.id)
            kept.finish(night)
    figures = {
        table: {"masked": step.record.rows, "removed": step.removed, "rows": rows[table]}
        for table, step in steps.items()
    }
    records = {table: step.record for table, step in steps.items()}
    return Outcome(records, joins, {"number": work.night.number, "tables": figures})


def refuse_night(dataset: Dataset, state: Address, *, key: Key | None, overwrite: bool) -> None:
    """Notice before a row is masked what a night would be refused for.

    Args:
        dataset: with `incremental:`.
        state: as `masked_night` takes it.
        key: None where it is not known; then nothing is laid beside the night before.
        overwrite: whether all tables were masked anew.

    Raises:
        UsageError: something.
    """
    throwaway = Key(secrets.token_bytes(32))
    with _prepared(dataset, state, key or throwaway, overwrite=overwrite or key is None):
        pass


def refuse_nights(dataset: Dataset, source: RawTables) -> None:
    """Notice what every night would be refused for, whatever the nights before and the target are.

    Args:
        dataset: with `incremental:`.
        source: the raw tables.

    Raises:
        UsageError: something.
    """
    raw = dict(raw_tables(dataset, source))
    _fitting(dataset.with_keys(source.foreign_keys), raw, source.declared)


class _Fitting(NamedTuple):
    """What file and tables say together, by table, where nights can go by it."""

    ruled: dict[str, Ruled]
    schemas: dict[str, pl.Schema]
    plans: dict[str, Plan]
    tracks: dict[str, Track]


def _fitting(
    dataset: Dataset, raw: Mapping[str, RawTable], declared: Mapping[str, Table]
) -> _Fitting:
    """How the tables are masked night by night.

    Raises:
        SchemaError: they cannot be.
    """
    schemas = {table: each.scan().collect_schema() for table, each in raw.items()}
    met = {
        table: replace(each, rules=shuffled(each.rules))
        for table, each in ruled(dataset, schemas).items()
    }
    plans = {table: _plan(met[table], schemas, table) for table in raw}
    primary = {name: table.primary_key for name, table in declared.items()}
    tracks = tracked(dataset, schemas, primary)
    versioned = [table for table, each in raw.items() if has_versions(each)]
    _refuse(dataset, faults(tracks, met, schemas, plans, versioned))
    return _Fitting(met, schemas, plans, tracks)


class _Ready(NamedTuple):
    """A night that can begin.

    Attributes:
        state: of the nights before, settled.
        target: whose tables change.
        there: the id of its last night.
        beside: where the target is, if it is local.
        work: what is known.
    """

    state: State
    target: Nightly
    there: str | None
    beside: Address | None
    work: "_Work"


@contextmanager
def _prepared(
    dataset: Dataset, state: Address, key: KeySource | None, *, overwrite: bool
) -> Iterator[_Ready]:
    """What is known before a row is masked, until the block ends."""
    places = places_of(dataset)
    _refuse_inside(state, *places)
    with (
        state_in(state) as kept,
        tables_at(places[0]) as source,
        nightly_at(places[1], places[0]) as target,
    ):
        there = target.night()
        kept.settle(there, target.place, anew=overwrite)
        raw = dict(raw_tables(dataset, source))
        if overwrite and kept.night:
            _refuse_left({*kept.night.tables} - {*raw}, target)
        before = None if overwrite else kept.night
        keyed_by = dataset.with_keys(source.foreign_keys)
        work = _Work.of(keyed_by, raw, (source.declared, target.tables()), key, before)
        yield _Ready(kept, target, there, address_at(places[1]), work)


def _refuse_inside(state: Address, *places: Address) -> None:
    """Notice a state among the tables, or around them.

    Raises:
        FileError: it is.
    """
    own = Path(state).resolve()
    for place in (address_at(each) for each in places):
        if isinstance(place, Path) and (
            own.is_relative_to(place.resolve()) or place.resolve().is_relative_to(own)
        ):
            raise FileError(f"{state}: lies among the tables: name a folder beside them")


def _refuse_left(tables: Iterable[str], target: Nightly) -> None:
    """Notice tables of the nights before that would stay in a database, though masked no more.

    Raises:
        FileError: one has rows.
    """
    for table in sorted({*tables} & {*target.tables()}):
        if len(collect(target.scan(table).head(1))):
            told = "holds rows of nights before, and is masked no more: empty or drop it there"
            raise FileError(f"{target.place}: table {table!r} {told}")


class _Step(NamedTuple):
    """What a night does to one table."""

    change: Change
    record: Manifest
    night: TableNight
    removed: int
    run: Run


@dataclass(frozen=True)
class _Work:
    """What is known before a row is masked.

    Attributes:
        raw: the tables of the source.
        ruled: what becomes of each, with what the first night learned.
        tracks: how new and changed rows are found, of tables that are not masked whole.
        foreign_keys: between them.
        secret: the key.
        before: the last night; None in the first.
        night: this one, as far as it is known.
    """

    raw: Mapping[str, RawTable]
    ruled: Mapping[str, Ruled]
    tracks: Mapping[str, Track]
    foreign_keys: tuple[ForeignKey, ...]
    secret: Key | None
    before: Night | None
    night: Night

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        raw: Mapping[str, RawTable],
        declared: tuple[Mapping[str, Table], Mapping[str, Table]],
        key: KeySource | None,
        before: Night | None,
    ) -> "_Work":
        """All that can be refused before a row is masked is refused.

        Args:
            dataset: with its keys.
            raw: the tables of the source.
            declared: what source and target declare of their tables.
            key: the secret.
            before: the last night.

        Raises:
            SchemaError: tables cannot be masked night by night, or are not as in the last night.
            DataError: the target refuses what masks give.
        """
        met, schemas, plans, tracks = _fitting(dataset, raw, declared[0])
        refuse_violated(dataset.name, plans, dataset.foreign_keys, *declared)
        is_keyed = any(plan.keyed for plan in plans.values())
        secret = load_key(key) if is_keyed or key is not None else None
        tables = {
            table: _digested(each, tracks.get(table), schemas[table]) for table, each in met.items()
        }
        number = before.number + 1 if before else 1
        night = Night(number, secret.id if secret and is_keyed else None, tables)
        _refuse(dataset, before.faults(night) if before else ())
        known = {table: _knowing(each, table, before) for table, each in met.items()}
        return cls(raw, known, tracks, dataset.foreign_keys, secret, before, night)

    def steps(self, target: Nightly, waiting: Path) -> Iterator[tuple[str, _Step]]:
        """What becomes of each table; first of those through which others find their person."""
        tables = Tables({name: raw.scan() for name, raw in self.raw.items()}, self.secret)
        for table in sorted(self.raw, key=lambda table: len(self.ruled[table].way)):
            selection = self._selection(table, target, tables)
            tables.chosen[table] = selection.raw
            yield table, self._step(table, selection, target, waiting, tables)

    def warned(self, steps: Iterator[tuple[str, _Step]]) -> Iterator[tuple[str, _Step]]:
        """The same, with what tables tell of each other as the first night shows it."""
        if self.before:
            yield from steps
            return
        done = dict(steps)
        runs = {table: step.run for table, step in done.items()}
        told = told_elsewhere(runs, self.ruled, self.foreign_keys)
        for table, step in done.items():
            said = [each.short for each in told.get(table, [])]
            warn([f"{table}: {line}" for line in said], 3)
            warnings = [*step.record.warnings, *said]
            yield table, step._replace(record=replace(step.record, warnings=warnings))

    def _selection(self, table: str, target: Nightly, tables: Tables) -> Selection:
        """Which rows are masked."""
        track, raw = self.tracks.get(table), self.raw[table]
        if track is None or self.before is None:
            return whole(track, raw)
        before = self.before.tables[table]
        if not track.key:
            return added(track, raw, before, table)
        met, masked = self.ruled[table], target.scan(table)
        return changed(track, raw, before.watermark, ruled=met, masked=masked, tables=tables)

    def _step(
        self,
        table: str,
        selection: Selection,
        target: Nightly,
        waiting: Path,
        tables: Tables,
    ) -> _Step:
        met, track = self.ruled[table], self.tracks.get(table)
        out = _waiting_for(table, selection.raw, waiting, target, grows=track is not None)
        to_person = partial(with_person, ruled=met, tables=tables.raw, known=tables.known)
        run = Run.between(selection.raw, out, met.rules, key=self.secret, prepared=to_person)
        run = replace(run, stored_as=table)
        done = carry_out(run, calls=4)
        rows = TableFiles.at(out.address, done.written.reading)
        change = Change(rows, track.key if track else (), selection.gone)
        night = replace(self.night.tables[table], watermark=selection.watermark)
        if track and self.before is None:
            learned = learned_by(done.plan, self.secret).to_dict()
            night = replace(night, rows=done.record.rows, fitted=learned)
        elif track and self.before:
            before = self.before.tables[table]
            night = replace(night, rows=before.rows + done.record.rows, fitted=before.fitted)
        removed = 0 if selection.gone is None else len(selection.gone)
        return _Step(change, done.record, night, removed, run)


def _refuse(dataset: Dataset, found: Iterable[str]) -> None:
    if several := list(found):
        raise SchemaError(dataset.name, several)


def _plan(met: Ruled, schemas: Mapping[str, pl.Schema], table: str) -> Plan:
    """Which mask every column gets, those among them that are joined on."""
    joined = {name: schemas[way[-1].parent][column] for name, way, column in met.joined}
    return make_plan(met.rules, joined | dict(schemas[table]))


def _digested(met: Ruled, track: Track | None, schema: pl.Schema) -> TableNight:
    said = [met.rules.sha256, [str(key) for key in met.way], met.column, track and track.key]
    said.append(track and track.said.watermark)
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    columns = {name: str(dtype) for name, dtype in schema.items()} if track else {}
    return TableNight(digest, columns)


def _knowing(met: Ruled, table: str, before: Night | None) -> Ruled:
    """The rules with what they learned in the first night."""
    fitted = before and before.tables[table].fitted
    return replace(met, rules=replace(met.rules, fitted=Fitted.of(fitted))) if fitted else met


def _waiting_for(
    table: str, raw: RawTable, waiting: Path, target: Nightly, *, grows: bool
) -> TableFiles:
    """Where masked rows wait: in a folder those of a table that grows, others as they came."""
    place = f"{target.place}: {table}"
    if grows:
        return TableFiles(place, waiting / table, "Parquet", is_folder=True, part=".parquet")
    if isinstance(target, NightlyFolder) and isinstance(raw, TableFiles):
        return replace(raw.target(waiting / name_of(raw.address), overwrite=False), place=place)
    return TableFiles(place, waiting / f"{table}.parquet", "Parquet")


# --- what is counted before anything is written --------------------------------------------------


def _proved(
    work: _Work, steps: Mapping[str, _Step], target: Nightly
) -> tuple[list[Join], dict[str, int]]:
    """What every foreign key joins after the night, and how many rows each table has.

    Raises:
        DataError: keys come twice, rows are lost, or a join differs.
    """
    after = {table: _after(work, table, step.change, target) for table, step in steps.items()}
    rows = {table: step.record.rows for table, step in steps.items()}
    for table, track in work.tracks.items():
        rows[table] = _counted(table, after[table], track.key)
        if rows[table] != (there := rows_in(work.raw[table])):
            told = f"would have {rows[table]:,} rows, and the source has {there:,}"
            why = "either changed while the night ran, or by other hands"
            way = "run again, or mask all anew with --overwrite"
            raise DataError(f"{table}: {told}: {why}: {way}; nothing was written")
    raw = {table: each.scan() for table, each in work.raw.items()}
    return counted_joins(work.foreign_keys, raw, after), rows


def _after(work: _Work, table: str, change: Change, target: Nightly) -> pl.LazyFrame:
    """The keys that a table will have, as the texts in which keys are compared."""
    sides = [[(key.child, key.columns), (key.parent, key.keys)] for key in work.foreign_keys]
    wanted = {c for each in sides for side, columns in each if side == table for c in columns}
    came = change.rows.scan()
    schema = came.collect_schema().names()
    names = [name for name in schema if name in {*wanted, *change.key}] or schema[:1]
    comes = _texts(came, names)
    if change.gone is None:
        return comes
    stays = _texts(target.scan(table), names)
    if change.key:
        key = list(change.key)
        leaves = pl.concat([_texts(change.gone.lazy(), key), comes.select(key)])
        stays = stays.join(leaves, on=key, how="anti")
    return pl.concat([stays, comes])


def _texts(rows: pl.LazyFrame, names: list[str]) -> pl.LazyFrame:
    texts = zip(keyed(rows, tuple(names)), names, strict=True)
    return rows.select(*(text.alias(name) for text, name in texts))


def _counted(table: str, rows: pl.LazyFrame, key: tuple[str, ...]) -> int:
    """How many rows there are.

    Raises:
        DataError: a key comes twice, or is null.
    """
    number = collect(rows.select(pl.len())).item()
    if not key:
        return int(number)
    keys = collect(rows.drop_nulls(key).unique(key).select(pl.len())).item()
    if keys != number:
        told = f"{number - keys:,} of {number:,} rows have no key of their own"
        way = "name columns that tell rows apart"
        raise DataError(f"incremental.{table}.key: {told}: {way}; nothing was written")
    return int(number)
