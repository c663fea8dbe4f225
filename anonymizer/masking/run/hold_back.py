"""Rows that wait, and leave with those of the same masked day when no other can come.

A delivery of one true day tells the shift of everybody in it: the masked day less the true one. So
each night's rows are masked and wait in a pool, and what leaves is a function of what is published:
all rows whose masked day lies between two edges. A row that is still to come has a true day of
tonight's newest or later, less the days that rows may be late, and moves back by `days` at most:
masked days before that are complete, and leave. Whoever sees the deliveries and their dates
sees what one delivery of everything would show.

- A row leaves 1 to 2 x `days` + 1 days after its true day (and what rows may be late).
- The beginning is cut as by `truncate`: the first masked days have only those who moved back.
- Rows that show no time wait as if they had happened when they came. Those of the first night, and
  what would leave before them, leave together. Rows of nobody wait by a shift of their own.
- Rows cut to their year wait for its end, as their true day is one that many know.
- A late row is refused: its batch has left, so it would stand alone among others that have not, and
  tell that its true day was a few days ago.

The state is a folder for its owner alone: what the rules learned in the first night, and the pool,
which is masked, and shuffled anew each night: nothing in it says with which night a row came.
A run writes the next pool, then `pending.json`, then the output, and last renames `pending.json`
to `state.json`. Whatever ends it before, the same run once more begins where that one did; another
one is refused as long as nobody knows whether the output stood.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

import polars as pl

from anonymizer.datasets import Counts, Dataset, new_file, scan
from anonymizer.errors import DataError, FileError, RuleError, SchemaError
from anonymizer.frames import collect
from anonymizer.keys import Key
from anonymizer.masking.masks import Column, Mask
from anonymizer.masking.masks.base import RESERVED_PREFIX
from anonymizer.masking.masks.times import DateShift
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.batches import HeldBack
from anonymizer.masking.rules.fitted import Fitted
from anonymizer.masking.rules.rules import Rules
from anonymizer.masking.run.manifest import Manifest, make_manifest, stamp
from anonymizer.masking.run.order import shuffled_through
from anonymizer.masking.table.calendar import Telling
from anonymizer.masking.table.fitting import learned_by
from anonymizer.masking.table.nights import told_by_night
from anonymizer.staging import alone_in, at_once, common_mode, no_wider_than, staged
from anonymizer.storage import Address, address_of, is_inside, opened

_VERSION: Final = 1
_DONE, _PENDING, _POOLS = "state.json", "pending.json", "pool-*.parquet"
_OWNER: Final = 0o700
_DAY: Final = f"{RESERVED_PREFIX}batch_day"  # since 1970; by which a row leaves
_WHO: Final = f"{RESERVED_PREFIX}who"
_STRAY: Final = 0.005  # of the rows, and at least one, at each end, whose days may be slips
_DOMAIN: Final = "\x01held back"
_HISTORY: Final = "begin with a longer history, or with rules that were fitted to one (`fit_rules`)"


@dataclass(frozen=True)
class Nights:
    """What a state says of the nights that it took; its days are masked ones, since 1970.

    Attributes:
        rules_sha256: of the rules.
        fitted: what they learned in the first night, or before.
        begin: from which rows leave; those of earlier days are cut.
        undated: from which rows leave that show no time.
        end: before which all rows have left.
        mode: who may read what leaves: whoever might read the files of all nights.
        inputs: a keyed digest of what each night read.
        version: of the format.
    """

    rules_sha256: str
    fitted: dict[str, Any]
    begin: int
    undated: int
    end: int
    mode: int
    inputs: tuple[str, ...]
    version: int = _VERSION

    @property
    def pool(self) -> str:
        """The name of the file with the rows that wait, and those that leave tonight."""
        return _POOLS.replace("*", str(len(self.inputs)))

    @classmethod
    def at(cls, file: Path) -> Self | None:
        """What a file says; None where there is none.

        Raises:
            FileError: it cannot be read, or another release wrote it.
        """
        if not file.exists():
            return None
        with suppress(OSError, ValueError, TypeError, KeyError):
            said = json.loads(file.read_text("utf-8"))
            if said["version"] == _VERSION:
                return cls(**said | {"inputs": tuple(said["inputs"])})
        raise FileError(f"{file}: cannot be read: use the release that wrote it")

    def write(self, file: Path) -> None:
        """Write it as JSON; the file appears whole or not at all."""
        with staged(file) as temporary:
            temporary.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Taken:
    """A night whose rows are in the pool.

    Attributes:
        nights: up to this one.
        counts: rows and nulls of what it brought, masked.
        leaving: the rows that leave, shuffled.
        told: what its manifest says of it.
    """

    nights: Nights
    counts: Counts
    leaving: pl.LazyFrame
    told: dict[str, Any]

    def recorded(
        self, plan: Plan, key: Key | None, counts: tuple[Counts, Counts], warnings: list[str]
    ) -> Manifest:
        """The record of the night: its columns are of what came, its rows of what left."""
        before, after = counts
        record = make_manifest(plan, key, (before, self.counts), warnings)
        return replace(record, rows=after[0], held_back=self.told)


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

    def plan(self, schema: pl.Schema) -> Plan:
        """Which mask every column gets; the ends of a night are not cut as those of a table.

        Raises:
            SchemaError: rules and columns do not fit, or do not say by which column rows leave.
        """
        columns = {name: tuple(map(_uncut, masks)) for name, masks in self.rules.columns.items()}
        uncut = make_plan(replace(self.rules, columns=MappingProxyType(columns)), schema)
        plan = replace(uncut, rules=self.rules)
        _column_of(plan, None)
        return plan

    def refuse_inside(self, raw: Dataset, out: Dataset) -> None:
        """Notice a state that a run would read, or write over.

        Raises:
            FileError: it lies in the input or the output, or the output in it.
        """
        raw.refuse_inside(self.folder, self.folder)
        if is_inside(self.folder, out.address) or is_inside(out.address, self.folder):
            raise FileError(f"{self.folder}: lies in the output, or around it: name another state")

    def told(self, found: Sequence[Telling], plan: Plan) -> list[Telling]:
        """What gives true times away though rows wait.

        That a night is narrow does not, unless masks would learn from it, or the rows go by another
        column than those that wait.
        """
        held = _column_of(plan, None)[1].name
        narrow = [each for each in found if each.narrow]
        others = [each for each in found if not each.narrow]
        if self.rules.fitted is None:
            return [*others, *(each._replace(remedy=_HISTORY) for each in narrow)]
        if held in {each.column for each in narrow}:
            return others
        way = "rows are held back by '{}': name this one, which goes with deliveries"
        return [*others, *(each._replace(remedy=way.format(held)) for each in narrow)]

    def take(self, raw: Dataset, lazy: pl.LazyFrame, plan: Plan, key: Key) -> Taken:
        """Add a night to the pool; it counts once `finish` is called.

        Args:
            raw: the files of the night.
            lazy: its rows.
            plan: fitted.
            key: the secret.

        Raises:
            DataError: the night was taken before, rows are late, or another is not finished.
        """
        batches = _Batches(plan, key, *_column_of(plan, key))
        night = self._digest(raw, key), common_mode(raw.files)
        nights = batches.next(self.done, _days(batches, lazy), *night)
        target = new_file(self.folder / nights.pool, overwrite=True)
        with no_wider_than(mode=_OWNER), at_once():
            with target.staged() as temporary:
                tonight = temporary.with_name("tonight.parquet")
                target.write(batches.masked(lazy, nights), tonight)
                counts = Dataset.at(tonight).row_and_null_counts()
                together, waited = self._with_earlier(scan(tonight), plan)
                shuffled = shuffled_through(
                    temporary.with_name(".order"), together, plan, counts[0] + waited
                )
                target.write(shuffled, temporary, stamp(plan, key))
            nights.write(self.folder / _PENDING)
        pool, leaves = scan(self.folder / nights.pool), pl.col(_DAY) < nights.end
        told = {
            "masked": counts[0],
            "waiting": collect(pool.select((~leaves).sum())).item(),
            "before": str(_date(nights.end)),
            "delay": [batches.late + 1, batches.late + 2 * batches.mask.days + 1],
        }
        return Taken(nights, counts, pool.filter(leaves).drop(_DAY), told)

    def _digest(self, raw: Dataset, key: Key) -> str:
        """What stands for the files of a night.

        Raises:
            DataError: they were taken before, or another night is not finished.
        """
        digest = _digest(raw.files, key)
        if self.pending and self.pending.inputs[-1] != digest:
            raise DataError(
                f"{self.folder}: the last run ended before its output stood: run it again with the "
                f"same input; or delete {_PENDING} in it, if that output is not to be"
            )
        if self.done and digest in self.done.inputs:
            night = self.done.inputs.index(digest) + 1
            raise DataError(f"{raw.place}: was taken in night {night:,} already: nothing is added")
        return digest

    def _with_earlier(self, tonight: pl.LazyFrame, plan: Plan) -> tuple[pl.LazyFrame, int]:
        """Tonight's rows with those that wait, and how many these are at most.

        Raises:
            SchemaError: the columns are not those of the nights before, or one goes with nights.
        """
        rows = tonight.drop(_WHO)
        if self.done is None:
            return rows, 0
        file = self.folder / self.done.pool
        pool = scan(file)
        before, now = pool.collect_schema(), rows.collect_schema()
        if faults := [
            f"{name}: is not as in the nights before: begin a new state"
            for name in dict.fromkeys([*before, *now])
            if before.get(name) != now.get(name)
        ]:
            raise SchemaError(plan.rules.source, faults)
        waiting = pool.filter(pl.col(_DAY) >= self.done.end).select(now.names())
        if faults := [
            f"{name}: its values go with the nights, and tell the true days: drop it"
            for name in told_by_night(plan, tonight, waiting, _WHO)
        ]:
            raise SchemaError(plan.rules.source, faults)
        return pl.concat([waiting, rows]), Dataset.at(file).row_and_null_counts()[0]

    def finish(self, taken: Taken) -> None:
        """Say that the output of a night stands."""
        (self.folder / _PENDING).replace(self.folder / _DONE)
        for pool in self.folder.glob(_POOLS):
            if pool.name != taken.nights.pool:
                pool.unlink()


@contextmanager
def pool_at(state: Address | None, rules: Rules) -> Iterator[Pool | None]:
    """The pool of a state, while nobody else works with it; None where no rows are held back.

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
    folder.mkdir(mode=_OWNER, parents=True, exist_ok=True)
    try:
        with alone_in(folder):
            yield _pool_in(folder, rules)
    finally:
        with suppress(OSError):
            folder.rmdir()  # where it is empty, as nothing was taken


def _pool_in(folder: Path, rules: Rules) -> Pool:
    done, pending = (Nights.at(folder / name) for name in (_DONE, _PENDING))
    known = {_DONE, _PENDING, *(pool.name for pool in folder.glob(_POOLS))}
    if any(file.name not in known and not file.name.startswith(".") for file in folder.iterdir()):
        raise FileError(f"{folder}: holds other files: name a folder for the state alone")
    folder.chmod(_OWNER)
    if done is None:
        return Pool(folder, rules, done, pending)
    fitted = Fitted.of(done.fitted)
    others = rules.fitted and rules.fitted.text != fitted.text
    if others or done.rules_sha256 != rules.sha256:
        way = "keep them, or begin a new state with all raw rows"
        raise RuleError(rules.source, [f"not those of the nights before: {way}"])
    return Pool(folder, replace(rules, fitted=fitted), done, pending)


# --- days ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Batches:
    """By what day rows leave.

    Attributes:
        plan: fitted.
        key: the secret.
        mask: that moves the times by which rows leave.
        column: with these times.
    """

    plan: Plan
    key: Key
    mask: DateShift
    column: Column

    @property
    def reach(self) -> int:
        """How many days before the newest true day a masked day can still get rows."""
        return self.mask.days + self.late

    @property
    def late(self) -> int:
        """How many days a row may come after rows of later days."""
        said = self.plan.rules.batches
        return said.late if isinstance(said, HeldBack) else 0

    def next(self, done: Nights | None, days: pl.DataFrame, digest: str, mode: int) -> Nights:
        """The nights with one more.

        Args:
            done: those before.
            days: true `day` and number of `rows`.
            digest: of its input.
            mode: of its input.

        Raises:
            DataError: rows are late, or the first night has no times.
        """
        ends = _nearly_all(days)
        if done is None:
            if ends is None:
                raise DataError(f"{self.column.name}: begin with more rows that have a time")
            first, last = ends
            begin, undated = first + self.mask.days, last + self.mask.days
            fitted = (self.plan.rules.fitted or learned_by(self.plan, self.key)).to_dict()
            sha256, end = self.plan.rules.sha256, last - self.reach
            return Nights(sha256, fitted, begin, undated, end, mode, (digest,))
        self._refuse_late(days, done.end + self.mask.days)
        end = done.end if ends is None else max(done.end, ends[1] - self.reach)
        return replace(done, end=end, mode=done.mode & mode, inputs=(*done.inputs, digest))

    def _refuse_late(self, days: pl.DataFrame, limit: int) -> None:
        late = days.filter(pl.col("day") < limit)["rows"].sum()
        if late:
            raise DataError(
                f"{self.column.name}: {late:,} of {days['rows'].sum():,} rows are of days before "
                f"{_date(limit)}, whose batches have left: leave them out; `late:` in a new state "
                "gives rows more time"
            )

    def masked(self, lazy: pl.LazyFrame, nights: Nights) -> pl.LazyFrame:
        """The masked rows with the day by which each leaves, without those before the beginning."""
        came = nights.end + self.reach
        undated = (came + self.mask.days_moved(self.column)).clip(lower_bound=nights.undated)
        day = pl.coalesce(self.mask.shown_day(self.column), undated).alias(_DAY)
        who = self.column.entity_values().hash(self._seed).alias(_WHO)
        masked = self.plan.masked(lazy, self.key, self.plan.schema, day, who)
        of_nobody = (came + self._shift_of_row()).clip(lower_bound=nights.undated)
        return masked.with_columns(pl.col(_DAY).fill_null(of_nobody)).filter(
            pl.col(_DAY) >= nights.begin
        )

    @property
    def _seed(self) -> int:
        return int(self.key.subkey(_DOMAIN)[:16], 16)

    def _shift_of_row(self) -> pl.Expr:
        """Days by which a row waits that has no entity: drawn from the row, under the key."""
        number = pl.struct(pl.exclude(_DAY, _WHO)).hash(self._seed) % (2 * self.mask.days + 1)
        return number.cast(pl.Int64) - self.mask.days


def _days(batches: _Batches, lazy: pl.LazyFrame) -> pl.DataFrame:
    """How many rows each true day has, in order."""
    day = batches.mask.true_day(batches.column).alias("day")
    days = batches.plan.masked(lazy, batches.key, (), day).drop_nulls()
    return collect(days.group_by("day").agg(rows=pl.len()).sort("day"))


def _nearly_all(days: pl.DataFrame) -> tuple[int, int] | None:
    """The first and last day of all rows but a few at each end; None where they are too few.

    One year that somebody mistyped would let all rows go.
    """
    rows, day = pl.col("rows"), pl.col("day")
    stray = pl.max_horizontal(rows.sum() * _STRAY, 1)
    first = day.filter(rows.cum_sum() > stray).min()
    last = day.filter(rows.cum_sum(reverse=True) > stray).max()
    ends = days.select(first.alias("first"), last.alias("last")).row(0)
    return None if None in ends else ends


def _uncut(mask: Mask) -> Mask:
    return mask.model_copy(update={"truncate": False}) if isinstance(mask, DateShift) else mask


def _column_of(plan: Plan, key: Key | None) -> tuple[DateShift, Column]:
    """The column by whose masked days rows leave, with its mask.

    Raises:
        SchemaError: there is none, it is not said which, or its rule is for some rows only.
    """
    moved = {c.name: (m, c) for m, c in plan.assignments(key) if isinstance(m, DateShift)}
    said = plan.rules.batches.held_back if isinstance(plan.rules.batches, HeldBack) else None
    names = list(moved) if said is None else [name for name in moved if name == said]
    if len(names) != 1:
        way = "write `batches: {held_back: COLUMN}` with the one that goes with deliveries"
        faults = [f"batches: the columns that move are {', '.join(moved) or 'none'}: {way}"]
    else:
        faults = list(_faults(plan.rules, names[0], moved))
    if faults:
        raise SchemaError(plan.rules.source, faults)
    return moved[names[0]]


def _faults(rules: Rules, held: str, moved: Iterable[str]) -> Iterator[str]:
    """Why rows cannot wait by a column."""
    for name in moved:
        masks = rules.masks_for(name)[0]
        cut = any(isinstance(mask, DateShift) and mask.truncate for mask in masks)
        if name == held and (len(masks) > 1 or masks[0].when):
            yield f"columns.{name}: rows are held back by it: give all its rows one rule"
        if name == held and not cut:
            way = "write `truncate: true`: on the first days are only those who moved back"
            yield f"columns.{name}: rows are held back by it: {way}"
        if name != held and cut:
            yield f"columns.{name}.truncate: the ends are cut by '{held}' alone: leave it out"


def _date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)


def _digest(files: Iterable[Address], key: Key) -> str:
    """A keyed digest of the content of files."""
    mac = hmac.new(bytes.fromhex(key.subkey(_DOMAIN)), digestmod=hashlib.sha256)
    for file in files:
        with opened(file) as content:
            while block := content.read(2**20):
                mac.update(block)
    return mac.hexdigest()
