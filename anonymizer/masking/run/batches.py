"""By what day rows leave that wait, and what a state says of it.

What leaves is a function of what is published: all rows whose masked day lies between two edges.

- A row that is still to come has the newest true day so far or a later one, less the days that rows
  may be late, and moves back by `days` at most: masked days before that are complete.
- The beginning is cut as by `truncate`: the first masked days have only those who moved back. Days
  that many share, and are cut to their year, are none of them.
- Rows that show no time wait as if they had happened when they came. Those of the first night, and
  what would leave before them, leave together. Rows of nobody wait by a shift of their own.
- Rows cut to their year wait for its end, as their true day is one that many know.
- Days of so few persons that they may be slips end no wait; those far ahead of all are refused, as
  nothing that came after them could leave any more.
- A late row is refused: its batch has left, so it would stand alone among others that have not, and
  tell that its true day was a few days ago.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Self

import polars as pl

from anonymizer.errors import DataError, FileError, SchemaError
from anonymizer.frames import collect
from anonymizer.keys import Key
from anonymizer.masking.masks import Column
from anonymizer.masking.masks.base import RESERVED_PREFIX
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.primitives.times.ends import is_inside
from anonymizer.masking.rules.batches import HeldBack
from anonymizer.masking.rules.rules import Rules
from anonymizer.masking.table.fitting import learned_by
from anonymizer.staging import write_json

DAY: Final = f"{RESERVED_PREFIX}batch_day"  # since 1970; by which a row leaves
WHO: Final = f"{RESERVED_PREFIX}who"  # whose row it is, as a keyed number
DOMAIN: Final = "\x01held back"
POOLS: Final = "pool-*.parquet"  # by the number of the night
_VERSION: Final = 2
_GAP: Final = 2  # times the reach, in days, without rows: more are slips, or the end of a feed
_HOLIDAYS: Final = 31  # days, for which a feed may rest however little times move


def pool_of(night: int) -> str:
    """The name of the file with the rows that wait in a night, of which the first is 1."""
    return POOLS.replace("*", str(night))


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
        inputs: keyed digests of the rows of the files that each night read, with blanks between.
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
        return pool_of(len(self.inputs))

    @property
    def taken(self) -> dict[str, int]:
        """The digest of each file that was read → the number of its first night."""
        nights = reversed(list(enumerate(self.inputs, 1)))
        return {each: night for night, read in nights for each in read.split()}

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
        write_json(file, asdict(self), indent=1)


@dataclass(frozen=True)
class Batches:
    """By what day rows leave.

    Attributes:
        plan: fitted.
        key: the secret.
        mask: that moves the times by which rows leave.
        column: with these times.
    """

    plan: Plan
    key: Key | None
    mask: DateShift
    column: Column

    @classmethod
    def of(cls, plan: Plan, key: Key | None) -> Self:
        """Those of a plan, by the column that the rules name, or the only one that moves.

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
        return cls(plan, key, *moved[names[0]])

    @property
    def reach(self) -> int:
        """How many days before the newest true day a masked day can still get rows."""
        return self.mask.days + self._late

    @property
    def delay(self) -> tuple[int, int]:
        """After how many days a row leaves at least and at most."""
        return self._late + 1, self._late + 2 * self.mask.days + 1

    @property
    def _late(self) -> int:
        said = self.plan.rules.batches
        return said.late if isinstance(said, HeldBack) else 0

    def days(self, lazy: pl.LazyFrame) -> pl.DataFrame:
        """How many `rows` each true `day` has, and of about how many `persons`, in order.

        A few persons are counted exactly. A row of nobody is one of a person of its own. Days that
        are cut to their year say so in `cut`.
        """
        day = self.mask.true_day(self.column).alias("day")
        cut = self.mask.is_cut(self.column).alias("cut")
        whose = self.column.entity_values().alias("who")
        timed = self.plan.masked(lazy, self.key, (), day, cut, whose).drop_nulls("day")
        days = timed.group_by("day", "cut")
        who = pl.col("who")  # in which null counts as one value
        persons = who.approx_n_unique() + who.null_count() - who.is_null().any().cast(pl.UInt32)
        return collect(days.agg(rows=pl.len(), persons=persons).sort("day"))

    def next(self, done: Nights | None, days: pl.DataFrame, digest: str, mode: int) -> Nights:
        """The nights with one more.

        Args:
            done: those before.
            days: as `days` counts them in its input.
            digest: of this input.
            mode: of this input.

        Raises:
            DataError: rows are late or far ahead, or the first night has no times.
        """
        ends = _nearly_all(days)
        if done is None:
            if ends is None:
                raise DataError(f"{self.column.name}: begin with more rows that have a time")
            moved = _nearly_all(days.filter(~pl.col("cut"))) or ends
            first, last = moved[0], ends[1]
            begin, undated = first + self.mask.days, last + self.mask.days
            fitted = (self.plan.rules.fitted or learned_by(self.plan, self.key)).to_dict()
            sha256, end = self.plan.rules.sha256, last - self.reach
            return Nights(sha256, fitted, begin, undated, end, mode, (digest,))
        newest = done.end + self.reach
        self._refuse_late(days, newest - self._late)
        end = done.end
        if ends is not None:
            self._refuse_far(days, ends[1], newest)
            end = max(end, ends[1] - self.reach)
        return replace(done, end=end, mode=done.mode & mode, inputs=(*done.inputs, digest))

    def _refuse_late(self, days: pl.DataFrame, limit: int) -> None:
        late = days.filter(pl.col("day") < limit)["rows"].sum()
        if late:
            which = f"{late:,} of {days['rows'].sum():,} rows are of days before {date_of(limit)}"
            way = "leave them out; `late:` in a new state gives rows more time"
            raise DataError(f"{self.column.name}: {which}, whose batches have left: {way}")

    def _refuse_far(self, days: pl.DataFrame, last: int, newest: int) -> None:
        limit = newest + max(_GAP * self.reach, _HOLIDAYS)
        if last > limit:
            far = days.filter(pl.col("day") > limit)["rows"].sum()
            which = f"{far:,} of {days['rows'].sum():,} rows are of days after {date_of(limit)}"
            ahead = f"over {limit - newest} days after {date_of(newest)}, the newest so far"
            way = "leave out those that are slips; after such a gap begin a new state"
            raise DataError(f"{self.column.name}: {which}, {ahead}: {way}")

    def masked(self, lazy: pl.LazyFrame, nights: Nights) -> pl.LazyFrame:
        """The masked rows with the day by which each leaves, without those before the beginning."""
        came = nights.end + self.reach
        undated = (came + self.mask.days_moved(self.column)).clip(lower_bound=nights.undated)
        shown, cut = self.mask.shown_day(self.column), self.mask.is_cut(self.column)
        shown = pl.when(cut).then(shown.clip(lower_bound=nights.begin)).otherwise(shown)
        day = pl.coalesce(shown, undated).alias(DAY)
        who = self.column.entity_values().hash(self._seed).alias(WHO)
        masked = self.plan.masked(lazy, self.key, self.plan.schema, day, who)
        of_nobody = (came + self._shift_of_row()).clip(lower_bound=nights.undated)
        return masked.with_columns(pl.col(DAY).fill_null(of_nobody)).filter(
            pl.col(DAY) >= nights.begin
        )

    @property
    def _seed(self) -> int:
        return int(self.column.subkey(DOMAIN)[:16], 16)

    def _shift_of_row(self) -> pl.Expr:
        """Days by which a row waits that has no entity: drawn from the row, under the key."""
        number = pl.struct(pl.exclude(DAY, WHO)).hash(self._seed) % (2 * self.mask.days + 1)
        return number.cast(pl.Int64) - self.mask.days


def _nearly_all(days: pl.DataFrame) -> tuple[int, int] | None:
    """The first and last day of all persons but a few at each end; None where they are too few."""
    persons, day = pl.col("persons"), pl.col("day")
    first = day.filter(is_inside(persons)).min()
    last = day.filter(is_inside(persons, backwards=True)).max()
    ends = days.select(first.alias("first"), last.alias("last")).row(0)
    return None if None in ends else ends


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


def date_of(day: int) -> date:
    """A day since 1970 as a date."""
    return date(1970, 1, 1) + timedelta(days=day)
