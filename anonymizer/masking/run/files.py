"""Masking files into files, streaming, and the way back of the reversible masks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Self, cast

import polars as pl

from anonymizer.errors import DataError, FileError, RuleError
from anonymizer.files.footers import Counts
from anonymizer.files.formats import SEEKABLE
from anonymizer.files.raw_table import RawTable
from anonymizer.files.table_files import TableFiles
from anonymizer.files.targets import check_targets
from anonymizer.frames import quiet
from anonymizer.keys import Key, KeySource, load_key
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.identifiers import Keep
from anonymizer.masking.masks.reversible import Revealed, Reversible
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.rules import Rules, RuleSource, load_rules, rules_read
from anonymizer.masking.run.frames import key_for, masking, null_free_among, numbers_with_points
from anonymizer.masking.run.hold_back import Pool, plan_of_night, pool_at
from anonymizer.masking.run.manifest import (
    Manifest,
    Stamp,
    make_manifest,
    options_of,
    read_stamp,
    refuse_masked,
    removed_from,
    stamp,
)
from anonymizer.masking.run.notes import accepted, remarks_of, shuffled_for, warn, warnings_of
from anonymizer.masking.run.order import shuffled_through, shuffles_files, told_by_order
from anonymizer.masking.table.fitting import fit, learned_by
from anonymizer.masking.table.tellings import SAMPLED_ROWS, tellings
from anonymizer.provenance import FileRecord, Provenance
from anonymizer.staging import no_wider_than
from anonymizer.storage import Address, is_inside, told


def mask_file(
    source: Address,
    target: Address,
    rules: RuleSource,
    *,
    key: KeySource | None = None,
    manifest: Address | None = None,
    fitted: Address | None = None,
    overwrite: bool = False,
    state: Address | None = None,
) -> Manifest:
    """Mask files into a file or a folder, streaming; it appears whole or not at all.

    Where a mask moves times, rows are shuffled on their way, unless the rules say `order: kept`,
    and what tells the true times is refused, unless they say `batches: accepted`.

    Args:
        source: a file, a glob, a folder or an `s3://` address; Parquet, CSV, NDJSON or Arrow IPC.
        target: a file, whose ending gives the format; or, for a folder, a folder of the same
            format, in which Hive partitions are kept.
        rules: a rule file, the name of a pack, a dict or `Rules`.
        key: the secret, or a callable that gives it; else the environment variable.
        manifest: where to write the record of the run as JSON.
        fitted: where to write the rules with what they learned from these files, as JSON, so that
            they mask the next files alike.
        overwrite: whether files that are there may be replaced.
        state: a local folder in which rows wait from night to night, for rules with
            `batches: held_back`. What is written are the rows whose masked day no later row can
            have any more.

    Returns:
        The record of the run: columns, rows and nulls before and after, rules, key id, warnings;
        `notes` says what to read of it.

    Warns:
        PrivacyWarning: what to reconsider before the files are handed on, one for each thing. Where
            that is an error, nothing is written.

    Raises:
        UsageError: something about the call is wrong; nothing has been read or written.
        AnonymizerError: the run failed; nothing is left of it.

    Example:
        >>> import polars as pl
        >>> import tempfile
        >>> rules = {"version": 1, "columns": {"customer": "token", "amount": "keep"}}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     raw, masked = f"{folder}/raw.parquet", f"{folder}/masked.parquet"
        ...     pl.DataFrame({"customer": ["Ann", None], "amount": [12, 19]}).write_parquet(raw)
        ...     record = mask_file(raw, masked, rules, key="the key of this example")
        >>> record.rows, [column.output_nulls for column in record.columns]
        (2, [1, 0])
    """
    loaded = load_rules(rules)
    with pool_at(state, loaded) as pool:
        run = Run.of(source, target, loaded, pool, key=key, overwrite=overwrite)
        run = replace(run, beside_raw=rules_read(rules))
        note, learned = run.beside((manifest, fitted), rules, overwrite=overwrite)

        def beside(done: Done) -> Done:
            if learned:
                knows = replace(
                    learned_by(done.plan, run.secret), provenance=done.record.provenance
                )
                digest = replace(loaded, fitted=knows).write(learned)
                done = done._replace(record=done.record.with_output("fitted", learned, digest))
            if note:
                done.record.write(note)
            return done

        return carry_out(run, pool, beside, calls=1).record


class Done(NamedTuple):
    """What became of a run, whose output waits to appear.

    Attributes:
        record: of the run.
        plan: as it was fitted.
        written: what was written, as it is read where it waits.
    """

    record: Manifest
    plan: Plan
    written: TableFiles


def carry_out(
    run: "Run",
    pool: Pool | None = None,
    beside: Callable[[Done], Done] = lambda done: done,
    *,
    calls: int = 0,
) -> Done:
    """Mask the rows of a run; inside `at_once`, what is written waits for the end of that block.

    Args:
        run: what is masked, by which rules, and where to.
        pool: in which rows wait, where they do.
        beside: writes what appears together with the output, and says so in the record.
        calls: how many there are between this one and that of the user.
    """
    raw, lazy, secret = run.raw, run.lazy, run.secret
    with no_wider_than(*raw.files), masking(run.plan, lazy), raw.named("masking"):
        plan, before, ordered, said = run.fitted(pool)
        warn(said, calls)
        nights = cast("TableFiles", raw)  # rows of files alone wait in a pool
        taken = pool.take(nights, lazy, plan, secret) if pool and secret else None
        mode = taken.nights.mode if taken else 0o777
        with no_wider_than(mode=mode), run.out.staged() as temporary:
            masked = taken.leaving if taken else run.masked(plan, temporary, before[0], ordered)
            run.out.write(masked, temporary, stamp(plan, secret))
            written = run.written(temporary)
            if pool and taken and secret:
                pool.refuse_other_output(taken, nights, run.out, written, secret)
            counts = before, written.row_and_null_counts()
            recorded = taken.recorded if taken else make_manifest
            record = recorded(plan, secret, counts, said, remarks_of(plan))
            record = replace(
                record,
                removed=removed_from(plan, written.scan()) if counts[1][0] else {},
                provenance=run.provenance(record, written),
            )
            done = beside(Done(record, plan, written))
        if pool and taken and not taken.again:
            pool.finish(taken)
    return done


@dataclass(frozen=True)
class Run:
    """What is known before a row is read.

    Attributes:
        raw: what is masked.
        out: where to.
        lazy: its rows.
        plan: which mask every column gets.
        secret: the key, where one is needed.
        prepared: what is done to raw rows first.
        beside_raw: what else was read.
        stored_as: the table into which the rows go, where they do not stay in files.
    """

    raw: RawTable
    out: TableFiles
    lazy: pl.LazyFrame
    plan: Plan
    secret: Key | None
    prepared: Callable[[pl.LazyFrame], pl.LazyFrame]
    beside_raw: tuple[FileRecord, ...] = ()
    stored_as: str | None = None

    @cached_property
    def before(self) -> Counts:
        """Rows and nulls of what is masked, counted once: of most files by reading all of them."""
        return self.raw.row_and_null_counts()

    @property
    def sample(self) -> tuple[pl.LazyFrame, int]:
        """Rows from all over the table and about how many; all where its place cannot choose."""
        some, rows = self.raw.sampled(SAMPLED_ROWS), self.before[0]
        return (self.lazy, rows) if some is None else (self.prepared(some), min(rows, SAMPLED_ROWS))

    @classmethod
    def of(
        cls,
        source: Address,
        target: Address,
        rules: Rules,
        pool: Pool | None,
        *,
        key: KeySource | None,
        overwrite: bool,
    ) -> Self:
        """All that can be refused before a row is read is refused."""
        raw = TableFiles.at(source, rules.reading)
        out = raw.target(target, overwrite=overwrite)
        if pool is None:
            return cls.between(raw, out, rules, key=key)
        pool.refuse_inside(raw, out)
        planned = partial(plan_of_night, pool.rules)
        return cls.between(raw, out, rules, key=key, prepared=pool.typed, planned=planned)

    @classmethod
    def between(
        cls,
        raw: RawTable,
        out: TableFiles,
        rules: Rules,
        *,
        key: KeySource | None,
        prepared: Callable[[pl.LazyFrame], pl.LazyFrame] = lambda rows: rows,
        planned: Callable[[pl.Schema], Plan] | None = None,
    ) -> Self:
        """The run from one place to another.

        Args:
            raw: what is masked.
            out: where to.
            rules: by which.
            key: the secret, or a callable that gives it; else the environment variable.
            prepared: what is done to the rows first, in whose schema the rules are.
            planned: how rules meet the schema, where that is done otherwise than `make_plan` does.
        """
        if out.format == "CSV" and isinstance(raw, TableFiles):
            raw = replace(raw, reading=replace(raw.reading, keeps=rules.keeps))
        lazy = prepared(raw.scan())
        refuse_masked(raw.files)
        raw.refuse_no_header(rules.columns)
        schema = lazy.collect_schema()
        plan = planned(schema) if planned else make_plan(rules, schema)
        return cls(raw, out.among(plan.schema), lazy, plan, key_for(plan, key), prepared)

    def beside(
        self, files: Iterable[Address | None], rules: RuleSource, *, overwrite: bool
    ) -> Iterator[Address | None]:
        """Where to write files about the run: over no input or other output, nor into a folder.

        Args:
            files: one after the other; None stays None.
            rules: as somebody named them, of which a file is an input as well.
            overwrite: whether what is there may be replaced.
        """
        kept = [*self.raw.files, self.out.address]
        kept += [rules] if isinstance(rules, str | Path) else []
        for place in check_targets(files, overwrite=overwrite, inputs=kept):
            if place is not None and is_inside(place, self.out.address):
                raise FileError(f"{place}: lies in the output folder: name a place beside it")
            yield place

    def fitted(self, pool: Pool | None) -> "Ready":
        """What is known when all is read that masks learn from.

        Raises:
            DataError: rules and values do not fit.
            SchemaError: what gives true times away is not accepted.
        """
        before, (sample, rows) = self.before, self.sample
        free = null_free_among(before[1])
        plan = fit(self.plan, self.lazy, self.secret, dictionaries="streaming", null_free=free)
        seekable = self.raw.format in SEEKABLE
        told = tellings(plan, sample, self.secret, seekable=seekable, rows=rows)
        told = pool.told(told, plan, self.lazy, self.secret) if pool else told
        ordered = told_by_order(plan, self.lazy, before[0], seekable=seekable)
        told_by_values = [*accepted(plan.rules, told), *shuffled_for(ordered)]
        said = [*warnings_of(plan), *numbers_with_points(plan, self.lazy), *told_by_values]
        return Ready(plan, before, ordered, said)

    def masked(
        self, plan: Plan, temporary: Path, rows: int, ordered: Sequence[str]
    ) -> pl.LazyFrame:
        """The masked rows in the order in which they leave."""
        masked = plan.apply(self.lazy, self.secret)
        if not shuffles_files(plan, ordered):
            return masked
        return shuffled_through(temporary.with_name(".order"), masked, plan, rows)

    def provenance(self, record: Manifest, written: TableFiles) -> Provenance:
        """Which files the record of the run is of."""
        if self.stored_as is None:
            output = written.recorded("masked", record.rows)
        else:
            output = FileRecord(
                role="masked", name=self.stored_as, undigested="store", rows=record.rows
            )
        inputs = self.raw.recorded("raw", record.input_rows), *self.beside_raw
        return replace(record.provenance, inputs=inputs, outputs=(output,))

    def written(self, temporary: Path) -> TableFiles:
        """What was written, as it is read again."""
        reading = self.raw.reading.of_output(self.plan.schema)
        return TableFiles.at(temporary, reading)


class Ready(NamedTuple):
    """What is known before a row is written.

    Attributes:
        plan: fitted.
        before: rows and nulls of what is masked.
        ordered: the columns in whose order rows came.
        said: what to warn of.
    """

    plan: Plan
    before: Counts
    ordered: list[str]
    said: list[str]


def reveal_file(
    source: Address,
    target: Address,
    rules: RuleSource,
    *,
    key: KeySource | None = None,
    overwrite: bool = False,
) -> list[str]:
    """Undo `encrypt` and `fpe` in files that were masked by the same rules and key.

    Args:
        source: what `mask_file` wrote.
        target: a file or a folder, as there. It holds raw data.
        rules: the rules the files were masked with.
        key: the secret, or a callable that gives it; else the environment variable.
        overwrite: whether files that are there may be replaced.

    Returns:
        The columns that were revealed. Integers are integers again where the source is Parquet,
        which remembers that they were.

    Raises:
        UsageError: something about the call is wrong, or the key is another one.

    Example:
        >>> import polars as pl
        >>> import tempfile
        >>> rules = {"version": 1, "columns": {"card": "encrypt"}}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     raw, masked, back = (f"{folder}/{name}.parquet" for name in ("raw", "out", "back"))
        ...     pl.DataFrame({"card": ["4111 1111 1111 1111"]}).write_parquet(raw)
        ...     _ = mask_file(raw, masked, rules, key="the key of this example")
        ...     columns = reveal_file(masked, back, rules, key="the key of this example")
        ...     revealed = pl.read_parquet(back)["card"].to_list()
        >>> columns, revealed
        (['card'], ['4111 1111 1111 1111'])
    """
    loaded = load_rules(rules)
    masked = TableFiles.at(source, loaded.reading.of_output(names_kept(loaded)))
    out = masked.target(target, overwrite=overwrite)
    rewriting = revealing(masked, loaded, load_key(key))
    if not (revealed := rewriting.revealed):
        raise RuleError(
            loaded.source, ["no column is masked by encrypt or fpe: there is nothing to reveal"]
        )
    with no_wider_than(mode=0o600):  # it holds raw data
        rewriting.carry_out(out)
    return revealed


class Rewriting(NamedTuple):
    """Masked rows that are written anew: revealed, or with the tokens of another key.

    Attributes:
        masked: the rows.
        plan: what becomes of them.
        secret: the key of the plan.
        doing: what messages say is being done.
        metadata: of the Parquet files that are written.
    """

    masked: RawTable
    plan: Plan
    secret: Key
    doing: str
    metadata: dict[str, str]

    @property
    def revealed(self) -> list[str]:
        """The columns that get back what was encrypted."""
        return [leaf.column for leaf, mask in self.plan.masks if isinstance(mask, Revealed)]

    def carry_out(self, out: TableFiles) -> TableFiles:
        """Write them; inside `at_once`, what is written waits for the end of that block.

        Returns:
            What was written, as it is read where it waits.
        """
        lazy, out = self.masked.scan(), out.among(self.plan.schema)
        with quiet(self.doing), self.masked.named(self.doing), out.staged() as temporary:
            rows = fit(self.plan, lazy, self.secret).apply(lazy, self.secret)
            out.write(rows, temporary, self.metadata)
            return TableFiles.at(temporary, self.masked.reading.of_output(self.plan.schema))


def revealing(masked: RawTable, rules: Rules, secret: Key) -> Rewriting:
    """What a table becomes when `encrypt` and `fpe` are undone.

    Args:
        masked: the table.
        rules: that it was masked with.
        secret: the key that it was masked with.

    Raises:
        DataError: the files say that it was another one.
        RuleError: they say that other options were masked with.
    """
    mark = stamp_of(masked, secret)
    schema = masked.scan().collect_schema()
    plan = make_plan(_backwards(rules, mark), schema, every_rule=False)
    return Rewriting(masked, plan, secret, "revealing", {})


def stamp_of(masked: RawTable, secret: Key) -> Stamp | None:
    """What the files say of themselves, if they say anything.

    Raises:
        DataError: they were masked with another key.
    """
    mark = None
    for file in masked.files:
        mark = read_stamp(file)
        if mark is not None and mark.key_id != secret.id:
            what = f"masked with key id {mark.key_id}, and this is {secret.id}"
            raise DataError(f"{told(file)}: {what}")
    return mark


def names_kept(rules: Rules) -> list[str]:
    """The names of the columns that masking left, where files have no header that tells."""
    names = (rules.csv.names if rules.csv else None) or []
    kept = {name: rules.masks_for(name)[0] for name in names}
    return [
        name
        for name, masks in kept.items()
        if (masks[0].keeps_column if masks else rules.unlisted == "keep")
    ]


def _backwards(rules: Rules, mark: Stamp | None) -> Rules:
    """Rules that undo what can be undone and keep the rest.

    What the files themselves say was done must agree with the rules.
    """
    stamped = mark.reversible if mark else {}
    faults, columns = [], dict[str, tuple[Mask, ...]]()
    for column, done in stamped.items():
        mask = next(iter(rules.masks_for(column)[0]), None)
        if not isinstance(mask, Reversible):
            continue
        if options_of(mask) != done["options"]:
            faults.append(f"columns.{column}: was masked with other options")
        columns[column] = (Revealed(mask=mask, to=done["dtype"]),)
    if faults:
        raise RuleError(rules.source, faults)
    for pattern, masks in rules.columns.items():
        back = Revealed(mask=masks[0]) if isinstance(masks[0], Reversible) else Keep()
        columns.setdefault(pattern, (back,))
    return Rules(MappingProxyType(columns), None, "keep", rules.source)
