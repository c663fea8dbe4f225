"""One time or number never lies beyond another, or the time between two is a third column."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.relations.base.relation import ALMOST, LEAST_WITNESSES, Relation, kept_share
from anonymizer.relations.base.rows import Rows, as_floats, is_measure, is_time

DAYS: Final = {"days": 1.0, "hours": 24.0, "minutes": 1_440.0, "seconds": 86_400.0}
# As birthdays count them, how often the calendar turns, and days between two dates.
WHOLE: Final = ("years", "months", "calendar years", "calendar months", "calendar days")
_EXTRA: Final = (0, 1, -1)  # more than these, where the first counts as one or none
_FEW: Final = 200  # rows that refute most
_LEAST_REFUTING: Final = 3  # of these, beside a share of them
_BY_CHANCE: Final = 0.1  # of the rows no longer fit where the number is that of another row
_OVERLAP: Final = 0.03  # of rows would be out of order if columns were independent


@dataclass(frozen=True)
class Order(Relation):
    """A column is at most as large, or as late, as another.

    Attributes:
        low, high: the columns, both numbers or both times.
        strict: whether they are never equal.
    """

    low: str
    high: str
    strict: bool
    kind: ClassVar = "order"
    parts: ClassVar = ("low", "high")

    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series:
        low, high = (comparable(c, rows, self.columns) for c in self.columns)
        return low < high if self.strict else low <= high

    def __str__(self) -> str:
        return f"{self.low} {'<' if self.strict else '≤'} {self.high}"


@dataclass(frozen=True)
class Flag(Relation):
    """A column is true where one time or number lies beyond another.

    Attributes:
        column: of true and false.
        low, high: the others; true says that `high` is the larger.
    """

    column: str
    low: str
    high: str
    kind: ClassVar = "order"
    parts: ClassVar = ("column", "low", "high")

    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series:
        return pl.col(self.column) == (
            comparable(self.low, rows, self.columns[1:])
            < comparable(self.high, rows, self.columns[1:])
        )

    def __str__(self) -> str:
        return f"{self.column} says whether {self.low} < {self.high}"


@dataclass(frozen=True)
class Elapsed(Relation):
    """A number is the time between two others, in a unit, rounded to whole ones or not.

    Attributes:
        target, since, until: the columns.
        unit: `days`, `hours`, `minutes`, `seconds`; `years` or `months`, as birthdays count them;
            `calendar years`, `calendar months` or `calendar days`, as often as these turn.
        digits: after the point, to which the number is rounded, half or down.
        extra: that the number is more than these.
    """

    target: str
    since: str
    until: str
    unit: str
    digits: int
    extra: int = 0
    kind: ClassVar = "elapsed"
    parts: ClassVar = ("target", "since", "until")

    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series:
        target = pl.col(self.target)
        if self.unit in WHOLE:
            return target == turns(self.since, self.until, self.unit) + self.extra
        times = self.columns[1:]
        since, until = (comparable(c, rows, times) for c in times)
        micro = (until - since).dt.total_microseconds()
        value = micro / 86_400_000_000 * DAYS[self.unit]
        days = all(rows.schema[c] == pl.Date for c in times)  # which have no part to be rounded
        unit = 0.0 if days and self.unit == "days" else 10.0**-self.digits
        return (target.cast(pl.Float64) - value).abs() < unit * (1 - 1e-9) + 1e-6

    def __str__(self) -> str:
        more = f" {self.extra:+}".replace("-", "− ").replace("+", "+ ") * (self.extra != 0)
        return f"{self.target} = {self.unit} from {self.since} to {self.until}{more}"


def comparable(column: str, rows: pl.DataFrame, both: tuple[str, ...]) -> pl.Expr:
    """A number as it is, a day or moment of any kind as a moment without a zone.

    It is read off the clock on the wall where one of both has no zone.
    """
    if not is_time(rows.schema[column]):
        return pl.col(column)
    zoned = [getattr(rows.schema[c], "time_zone", None) is not None for c in both]
    time = pl.col(column)
    if any(zoned) and not all(zoned) and getattr(rows.schema[column], "time_zone", None):
        time = time.dt.replace_time_zone(None)
    return time.cast(pl.Datetime("us"))


class Days(NamedTuple):
    """Days by the calendar, and since 1970: expressions, or (N,) numbers with NaN for null."""

    year: Any
    month: Any
    day: Any
    date: Any


def _days(column: str) -> Days:
    time = pl.col(column).dt
    year, date = time.year().cast(pl.Int64), time.date().cast(pl.Int32).cast(pl.Int64)
    return Days(year, time.month(), time.day(), date)


def turns(since: str, until: str, unit: str) -> pl.Expr:
    """Whole years or months from a date to another, or how often the calendar turns."""
    turned: pl.Expr = _turns(_days(since), _days(until), unit)
    return turned


def _turns(a: Days, b: Days, unit: str) -> Any:
    if unit == "calendar days":
        return b.date - a.date
    years = b.year - a.year
    months = years * 12 + b.month - a.month
    whole = months - (b.day < a.day) * 1
    ways = {"calendar months": months, "calendar years": years, "months": whole}
    return ways.get(unit, whole // 12)


def orders(rows: Rows, seed: int) -> Iterator[Order]:
    """Pairs of times, and of numbers, that are in order where independent ones would not be."""
    rng = np.random.default_rng(seed)
    for times in (True, False):
        for low, high in _not_refuted(rows, times=times):
            a, b = rows.numbers(low), rows.numbers(high)
            known = ~(np.isnan(a) | np.isnan(b))
            if known.sum() > LEAST_WITNESSES and _is_ordered(rng, a[known], b[known], times=times):
                yield Order(low, high, strict=bool((a[known] < b[known]).all()))


def _not_refuted(rows: Rows, *, times: bool) -> Iterator[tuple[str, str]]:
    """Pairs that are in order in a few rows."""
    names = [c for c in rows.of_type(times=times) if c != rows.entity]
    few = np.array([rows.numbers(c)[:: max(1, len(rows.frame) // _FEW)] for c in names])
    # An amount and a count have no order.
    measure = np.array([is_measure(rows.schema[c]) for c in names])
    for i, low in enumerate(names):
        told = ~np.isnan(few + few[i])
        most = _LEAST_REFUTING + 4 * (1 - ALMOST) * told.sum(1) if times else 0
        right = ((few[i] > few).sum(1) <= most) & (measure == measure[i])
        yield from ((low, names[j]) for j in np.flatnonzero(right) if j != i)


def _is_ordered(
    rng: np.random.Generator, low: FloatArray, high: FloatArray, *, times: bool
) -> bool:
    """Numbers must be in order without exception: unlike times they may have nothing in common."""
    broken = int((low > high).sum())
    if broken > ((1 - ALMOST) * len(low) if times else 0) or (low == high).all():
        return False
    chance = int((low > rng.permutation(high)).sum())
    return chance >= max(LEAST_WITNESSES, _OVERLAP * len(low)) and broken <= (1 - ALMOST) * chance


def flags(rows: Rows) -> Iterator[Flag]:
    """Columns of true and false that say which of two others is larger."""
    two = [c for c in rows.columns if rows.schema[c] == pl.Boolean]
    few = np.arange(0, len(rows.frame), max(1, len(rows.frame) // _FEW))
    for times in (True, False):
        names = [c for c in rows.of_type(times=times) if c != rows.entity] if two else []
        values = np.array([rows.numbers(c)[few] for c in names])
        for flag, (i, low) in product(two, enumerate(names)):
            said = as_floats(rows.frame[flag].cast(pl.Int8))[few]
            told = ~np.isnan(values + values[i] + said)
            right = ((values[i] < values) == said) & told
            for j in np.flatnonzero(right.sum(1) >= ALMOST * told.sum(1) - 2):
                relation = Flag(flag, low, names[j])
                if i != j and _is_told(relation, rows):
                    yield relation


def _is_told(relation: Flag, rows: Rows) -> bool:
    """Whether a flag is right where there is something to say, more often than its usual value."""
    kept = relation.kept(rows.frame)
    judged = kept.is_not_null()
    broken = int((~kept).sum())
    true = int(rows.frame.filter(judged)[relation.column].sum())
    rare = min(true, int(judged.sum()) - true)
    return rare >= LEAST_WITNESSES and broken <= (1 - ALMOST) * rare


class _Moments(NamedTuple):
    """A time in a few rows: its days, and days with their parts, by its own clock and by all."""

    days: Days
    zoned: bool
    wall: FloatArray
    absolute: FloatArray

    @classmethod
    def of(cls, rows: pl.DataFrame, column: str) -> "_Moments":
        zoned = getattr(rows.schema[column], "time_zone", None) is not None
        wall = rows[column].dt.replace_time_zone(None) if zoned else rows[column]
        days = map(as_floats, rows.select(**_days(column)._asdict()))
        return cls(Days(*days), zoned, as_floats(wall), as_floats(rows[column]))


def elapsed(rows: Rows, seed: int) -> Iterator[Elapsed]:
    """Numbers that are the time between two others."""
    rng = np.random.default_rng(seed)
    targets = [c for c in rows.of_type(times=False) if c != rows.entity]
    few = rows.frame.gather_every(max(1, len(rows.frame) // _FEW))
    wanted = np.array([as_floats(few[c]) for c in targets]).reshape(len(targets), len(few))
    digits = [2 if (rows.numbers(c) % 1 > 0).any() else 0 for c in targets]
    rounded = 10.0 ** -np.array(digits, np.float64)[:, None]
    moments = {c: _Moments.of(few, c) for c in rows.of_type(times=True)}
    for since, until in permutations(moments, 2):
        ways: dict[int, list[Elapsed]] = {}
        for (unit, extra), value in _spans(moments[since], moments[until]):
            off = abs(wanted - value)
            near = off < (0.5 if unit in WHOLE else 1.01 * rounded)
            told = (~np.isnan(off)).sum(1)
            for n in np.flatnonzero((told > 0) & (near.sum(1) >= ALMOST * told - 2)):
                way = Elapsed(targets[n], since, until, unit, digits[n], extra)
                ways.setdefault(int(n), []).append(way)
        for each in ways.values():
            found = [way for way in each if _is_elapsed(rows, rng, way)]
            if found:
                yield max(found, key=lambda way: kept_share(way.kept(rows.frame)))


def _spans(a: _Moments, b: _Moments) -> Iterator[tuple[tuple[str, int], FloatArray]]:
    """The time between two others in each unit, and what it may be more."""
    days = b.absolute - a.absolute if a.zoned == b.zoned else b.wall - a.wall
    yield from (((unit, 0), days * many) for unit, many in DAYS.items())
    for unit in WHOLE:
        turned = _turns(a.days, b.days, unit)
        yield from (((unit, extra), turned + extra) for extra in _EXTRA)


def _is_elapsed(rows: Rows, rng: np.random.Generator, relation: Elapsed) -> bool:
    """Whether a number is the time between two others, and not by chance."""
    frame = rows.frame.select(relation.columns).drop_nulls()
    mixed = frame.with_columns(frame[relation.target].gather(rng.permutation(len(frame))))
    broken, chance = (int((~relation.kept(each)).sum()) for each in (frame, mixed))
    least = max(LEAST_WITNESSES, _BY_CHANCE * len(frame))
    return chance >= least and broken <= (1 - ALMOST) * min(chance, len(frame))
