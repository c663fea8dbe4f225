"""Rows that wait, and leave with those of the same masked day when no other can come.

A delivery of one true day tells the shift of everybody in it: the masked day less the true one. So
each night's rows are masked and wait in a pool, and `batches.py` says which of them leave. Whoever
sees the deliveries and their dates sees what one delivery of everything would show.

The state is a folder for its owner alone: what the rules learned in the first night, and the pool,
which is masked, and shuffled anew each night: nothing in it says with which night a row came.
A run writes the next pool, then `pending.json`, then the output, and last renames `pending.json`
to `state.json`. Whatever ends it before, the same run once more begins where that one did; another
one is refused as long as nobody knows whether the output stood.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import polars as pl
import polars.selectors as cs

from anonymizer.errors import DataError, FileError, RuleError, SchemaError
from anonymizer.files.footers import Counts, counted
from anonymizer.files.sources import scan
from anonymizer.files.table_files import TableFiles, new_file
from anonymizer.frames import collect
from anonymizer.keys import Key
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.primitives.digest import hashed
from anonymizer.masking.rules.batches import HeldBack
from anonymizer.masking.rules.fitted import Fitted
from anonymizer.masking.rules.rules import Rules
from anonymizer.masking.run.batches import (
    DAY,
    DOMAIN,
    POOLS,
    WHO,
    Batches,
    Nights,
    date_of,
    pool_of,
)
from anonymizer.masking.run.manifest import Manifest, make_manifest, stamp
from anonymizer.masking.run.order import shuffled_through
from anonymizer.masking.table.tellings import Telling, in_plain_types, with_fields
from anonymizer.masking.table.told_days import told_by_night
from anonymizer.staging import alone_in, at_once, common_mode, no_wider_than
from anonymizer.storage import Address, address_of, files_at, is_inside, told

_DONE, _PENDING = "state.json", "pending.json"
_OWNER: Final = 0o700
_HISTORY: Final = "begin with a longer history, or with rules that were fitted to one (`fit_rules`)"


@dataclass(frozen=True)
class Taken:
    """A night whose rows are in the pool.

    Attributes:
        nights: up to this one.
        counts: rows and nulls of what it brought, masked.
        leaving: the rows that leave, shuffled.
        figures: what its manifest says of it.
        again: whether it is the last night once more, of which the pool has all.
    """

    nights: Nights
    counts: Counts
    leaving: pl.LazyFrame
    figures: dict[str, Any]
    again: bool = False

    def recorded(
        self,
        plan: Plan,
        key: Key | None,
        counts: tuple[Counts, Counts],
        warnings: list[str],
        remarks: list[str],
    ) -> Manifest:
        """The record of the night: its columns are of what came, its rows of what left."""
        before, after = counts
        if self.again:
            night = f"night {len(self.nights.inputs):,} was taken already"
            remarks = [*remarks, f"{night}, and its output is complete: nothing is added"]
        record = make_manifest(plan, key, (before, self.counts), warnings, remarks)
        return replace(record, rows=after[0], held_back=self.figures)


@dataclass(frozen=True)
class Pool:
    """Rows that wait in a state. Nobody else works with it meanwhile.

    Attributes:
        folder: of the state.
        rules: with what the first night learned.
        done: the nights whose output stood; None before the first.
        pending: with one more, whose output may not stand; or None.
    """

    folder: Path
    rules: Rules
    done: Nights | None
    pending: Nights | None

    def typed(self, lazy: pl.LazyFrame) -> pl.LazyFrame:
        """A night whose times have their types, which columns without any value may have lost."""
        schema = lazy.collect_schema()
        return lazy.cast(
            {
                name: dtype
                for name, dtype in self._schema().items()
                if schema.get(name) == pl.Null
                and any(isinstance(mask, DateShift) for mask in self.rules.masks_for(name)[0])
            }
        )

    def _schema(self) -> pl.Schema:
        """Of the rows that wait; empty before the first night."""
        return scan(self.folder / self.done.pool).collect_schema() if self.done else pl.Schema()

    def refuse_inside(self, raw: TableFiles, out: TableFiles) -> None:
        """Notice a state that a run would read, or write over.

        Raises:
            FileError: it lies in the input or the output, or the output in it.
        """
        raw.refuse_inside(self.folder, self.folder)
        if is_inside(self.folder, out.address) or is_inside(out.address, self.folder):
            raise FileError(f"{self.folder}: lies in the output, or around it: name another state")

    def told(
        self, found: Sequence[Telling], plan: Plan, lazy: pl.LazyFrame, key: Key | None
    ) -> list[Telling]:
        """What gives true times away though rows wait.

        That a night is narrow does not, unless masks would learn from it for all nights, or it is
        narrow by another column than the one by which rows wait, which has times. In rows of so few
        days a time that is written out tells as much as ever; the rest is chance, and found as
        nights are compared.
        """
        batches = Batches.of(plan, key)
        held = batches.column.name
        others = [each for each in found if not each.narrow]
        narrow = {each.column: each for each in found if each.narrow}
        way = f"rows are held back by '{held}': name this one, which goes with deliveries"
        if self.rules.fitted is None:
            way = _HISTORY
        elif held in narrow or (narrow and batches.days(lazy).is_empty()):
            return [each for each in others if each.written]
        return [*others, *(each._replace(remedy=way, grave=True) for each in narrow.values())]

    def take(self, raw: TableFiles, lazy: pl.LazyFrame, plan: Plan, key: Key) -> Taken:
        """Add a night to the pool; it counts once `finish` is called.

        Args:
            raw: the files of the night.
            lazy: its rows.
            plan: fitted.
            key: the secret.

        Raises:
            DataError: as for `night`.
            SchemaError: the columns are not those of the nights before, or one goes with nights.
        """
        batches = Batches.of(plan, key)
        if nights := self.last_again(raw, key):
            brought = counted(batches.masked(lazy, nights).drop(WHO, DAY))
            return self._taken(nights, batches, brought, again=True)
        nights = self.night(raw, lazy, batches, key)
        self.folder.chmod(_OWNER)
        target = new_file(self.folder / nights.pool, overwrite=True)
        with no_wider_than(mode=_OWNER), at_once():
            with target.staged() as temporary:
                tonight = temporary.with_name("tonight.parquet")
                target.write(batches.masked(lazy, nights), tonight)
                counts = TableFiles.at(tonight).row_and_null_counts()
                rows = self.compared(scan(tonight), plan).drop(WHO)
                names = rows.collect_schema().names()
                together = pl.concat([*(each.select(names) for each in self._waiting()), rows])
                size = collect(together.select(pl.len())).item()
                shuffled = shuffled_through(temporary.with_name(".order"), together, plan, size)
                target.write(shuffled, temporary, stamp(plan, key))
            nights.write(self.folder / _PENDING)
        return self._taken(nights, batches, counts)

    def _taken(
        self, nights: Nights, batches: Batches, counts: Counts, *, again: bool = False
    ) -> Taken:
        """A night of which the pool has all rows that leave or wait."""
        pool, leaves = scan(self.folder / nights.pool), pl.col(DAY) < nights.end
        figures = {
            "masked": counts[0],
            "waiting": collect(pool.select((~leaves).sum())).item(),
            "before": str(date_of(nights.end)),
            "delay": list(batches.delay),
        }
        return Taken(nights, counts, pool.filter(leaves).drop(DAY), figures, again)

    def last_again(self, raw: TableFiles, key: Key) -> Nights | None:
        """The nights, if the last of them is what a run would mask once more; or None."""
        if self.done is None or self.pending:
            return None
        read = [_digest(replace(raw, files=(file,)), key) for file in raw.files]
        is_last = self.done.inputs[-1] == " ".join(each for each, _ in read)
        return self.done if is_last and any(rows for _, rows in read) else None

    def refuse_other_output(
        self, taken: Taken, raw: TableFiles, out: TableFiles, written: TableFiles, key: Key
    ) -> None:
        """Notice an output that is not that of the night, which was taken already.

        Args:
            taken: the last night once more; another one has no output yet.
            raw: its files.
            out: where the run writes to.
            written: what it would write.
            key: the secret.

        Raises:
            DataError: there is none, or other rows are in it.
        """
        there = files_at(out.address) if taken.again else []
        stands = [_digest(TableFiles.at(out.address, written.reading), key)] if there else []
        if taken.again and stands != [_digest(written, key)]:
            raise DataError(_taken_already(str(raw.place), len(taken.nights.inputs)))

    def night(
        self, raw: TableFiles, lazy: pl.LazyFrame, batches: Batches, key: Key | None
    ) -> Nights:
        """The nights with one more, of which nothing is written yet.

        Args:
            raw: its files.
            lazy: its rows.
            batches: by which they leave.
            key: the secret; None where nobody knows it, nor whether the night was taken before.

        Raises:
            DataError: the night was taken before, rows are late or far ahead, or another night is
                not finished.
        """
        digest = self._digest_of_new(raw, key) if key else ""
        return batches.next(self.done, batches.days(lazy), digest, common_mode(raw.files))

    def _digest_of_new(self, raw: TableFiles, key: Key) -> str:
        read = [_digest(replace(raw, files=(file,)), key) for file in raw.files]
        digest = " ".join(each for each, _ in read)
        if self.pending and self.pending.inputs[-1] != digest:
            raise DataError(
                f"{self.folder}: the last run ended before its output stood: run it again with the "
                f"same input; or delete {_PENDING} in it, if that output is not to be"
            )
        taken = self.done.taken if self.done else {}
        for file, (each, rows) in zip(raw.files, read, strict=True):
            if each in taken and rows:  # files without rows are all alike, and add nothing
                raise DataError(_taken_already(told(file), taken[each]))
        return digest

    def compared(
        self, tonight: pl.LazyFrame, plan: Plan, unknown: Sequence[str] = ()
    ) -> pl.LazyFrame:
        """The masked rows of a night, with the types that the rows before it have.

        Args:
            tonight: as `Batches.masked` gives them.
            plan: fitted.
            unknown: columns that say nothing, as they are masked by another key.

        Raises:
            SchemaError: the columns are not those of the nights before, or one goes with nights.
        """
        waiting = next(self._waiting(), None)
        if waiting is None:
            return tonight
        before, now = self._schema(), tonight.collect_schema()
        rows = tonight.cast({name: before[name] for name in before if now.get(name) == pl.Null})
        now = pl.Schema(
            {name: dtype for name, dtype in rows.collect_schema().items() if name != WHO}
        )
        faults = [
            f"{name}: is not as in the nights before: begin a new state"
            for name in dict.fromkeys([*before, *now])
            if before.get(name) != now.get(name)
        ]
        if not faults:
            now_plain, before_plain = (in_plain_types(with_fields(e)) for e in (rows, waiting))
            others = before_plain.drop(DAY, *_incomparable(plan, unknown), strict=False)
            faults = [
                f"{name}: its values go with the nights, and tell the true days: {how}: "
                "drop or coarsen it"
                for name, how in told_by_night(now_plain, others, WHO).items()
            ]
        if faults:
            raise SchemaError(plan.rules.source, faults)
        return rows

    def count(self, tonight: pl.LazyFrame, nights: Nights) -> tuple[int, int]:
        """How many rows leave and wait, of a night as `compared` gives it and of those before."""
        days = pl.concat([each.select(DAY) for each in (tonight, *self._waiting())])
        counted = days.select(leave=(pl.col(DAY) < nights.end).sum(), all=pl.len())
        leave, every = collect(counted).row(0)
        return leave, every - leave

    def _waiting(self) -> Iterator[pl.LazyFrame]:
        """The rows of earlier nights that did not leave, if there are any nights."""
        if self.done:
            yield scan(self.folder / self.done.pool).filter(pl.col(DAY) >= self.done.end)

    def finish(self, taken: Taken) -> None:
        """Say that the output of a night stands."""
        (self.folder / _PENDING).replace(self.folder / _DONE)
        for pool in self.folder.glob(POOLS):
            if pool.name != taken.nights.pool:
                with suppress(OSError):  # the night stands, and the next one tries again
                    pool.unlink()


@contextmanager
def pool_at(state: Address | None, rules: Rules, *, makes: bool = True) -> Iterator[Pool | None]:
    """The pool of a state, while nobody else works with it; None where no rows are held back.

    Args:
        state: its folder.
        rules: which hold rows back, or do not.
        makes: whether a folder that is not there is made; it goes again where it stays empty.

    Raises:
        RuleError: a state without rules that hold back, or the other way round, or other rules
            than in the nights before.
        FileError: the state cannot be used.
    """
    held = isinstance(rules.batches, HeldBack)
    if held != (state is not None):
        way = "give it (`--state FOLDER`)" if held else "write `batches: held_back`, or give none"
        raise RuleError(rules.source, [f"batches: held_back goes with a state for its rows: {way}"])
    if state is None:
        yield None
        return
    folder = address_of(state)
    if not isinstance(folder, Path) or (folder.exists() and not folder.is_dir()):
        raise FileError(f"{state}: a state is a local folder")
    made = [each for each in (folder, *folder.parents) if makes and not each.exists()]
    if made:
        folder.mkdir(mode=_OWNER, parents=True, exist_ok=True)
    with alone_in(folder) if folder.exists() else nullcontext():
        try:
            yield _pool_in(folder, rules)
        finally:
            with suppress(OSError):  # one that is not empty, as a night was taken
                for each in made:
                    each.rmdir()


def _pool_in(folder: Path, rules: Rules) -> Pool:
    done, pending = (Nights.at(folder / name) for name in (_DONE, _PENDING))
    known = {_DONE, _PENDING, *(pool.name for pool in folder.glob(POOLS))}
    there = {file.name for file in folder.glob("[!.]*")}
    if there - known:
        raise FileError(f"{folder}: holds other files: name a folder for the state alone")
    if done is None:
        if pending is None and there - {pool_of(1)}:  # which a first run that was killed may leave
            raise FileError(f"{folder}: holds rows that wait, but no {_DONE}: put it back")
        return Pool(folder, rules, done, pending)
    fitted = Fitted.of(done.fitted)
    is_other = rules.fitted is not None and rules.fitted.text != fitted.text
    if is_other or done.rules_sha256 != rules.sha256:
        way = "keep them, or begin a new state with all raw rows"
        raise RuleError(rules.source, [f"not those of the nights before: {way}"])
    return Pool(folder, replace(rules, fitted=fitted), done, pending)


def _incomparable(plan: Plan, unknown: Sequence[str]) -> set[str]:
    """The columns that say nothing beside those of other nights, and the lists that hold them."""
    moved = [leaf.column for leaf, mask in plan.masks if isinstance(mask, DateShift)]
    hidden = {*moved, *unknown}
    inside = {each.rpartition(".")[0] for each in hidden} | hidden
    return hidden | (plan.lists & inside)


def plan_of_night(rules: Rules, schema: pl.Schema) -> Plan:
    """Which mask every column gets; the ends of a night are not cut as those of a table.

    Raises:
        SchemaError: rules and columns do not fit, or do not say by which column rows leave.
    """
    columns = {name: tuple(map(_uncut, masks)) for name, masks in rules.columns.items()}
    uncut = make_plan(replace(rules, columns=MappingProxyType(columns)), schema)
    plan = replace(uncut, rules=rules)
    Batches.of(plan, None)
    return plan


def _uncut(mask: Mask) -> Mask:
    return mask.model_copy(update={"truncate": False}) if isinstance(mask, DateShift) else mask


def _taken_already(place: str, night: int) -> str:
    return f"{place}: was taken in night {night:,} already: nothing is added"


def _digest(file: TableFiles, key: Key) -> tuple[str, int]:
    """A keyed digest of the rows of a file, in whatever order and form they lie there; how many."""
    if file.format == "NDJSON" and not file.row_and_null_counts()[0]:
        return "", 0  # an empty file, which Polars cannot read
    subkey, lazy = key.subkey(DOMAIN), file.scan_files()
    schema = lazy.collect_schema()
    names = sorted(name for name in schema if "Binary" not in str(schema[name]))
    text = pl.struct(cs.binary().bin.encode("hex"), *names).struct.json_encode()
    row = hashed(text, int(subkey[:16], 16))
    low, high = row % 2**32, row // 2**32  # whose sums stay below 64 bits
    sums = lazy.select(pl.len(), low.sum().alias("low"), high.sum().alias("high"))
    rows, *content = collect(sums).row(0)
    said = repr((sorted(schema), rows, content)).encode()
    return hmac.new(bytes.fromhex(subkey), said, hashlib.sha256).hexdigest(), rows
