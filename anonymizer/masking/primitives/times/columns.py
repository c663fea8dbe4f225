"""The times of a column, for masks: typed ones and written ones, with one surface."""

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import polars as pl

from anonymizer.masking.primitives.digest import UNIT_DURATIONS
from anonymizer.masking.primitives.times.shared_days import is_sentinel
from anonymizer.masking.primitives.times.written import FIRST_DAY, LAST_DAY, Clock, Writing

Unit = Literal["year", "quarter", "month", "week", "day", "hour"]

OFFSET_TELLS_LESS: Final = ("day", "hour")  # than what is left of the date: not its season

_TICKS_PER_DAY: Final = {"day": 1, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


@dataclass(frozen=True)
class Typed:
    """The times of a column whose type says that they are times.

    Attributes:
        values: the times.
        dtype: Date or Datetime.
    """

    values: pl.Expr
    dtype: pl.DataType

    @property
    def ticks(self) -> int:
        """How many units of `position` a day has."""
        return _TICKS_PER_DAY[getattr(self.dtype, "time_unit", "day")]

    @property
    def position(self) -> pl.Expr:
        """The time as a number, in physical time."""
        return self.values.to_physical().cast(pl.Int64)

    @property
    def date(self) -> pl.Expr:
        """What has a year, month and day, by the wall clock."""
        return self._wall

    @property
    def days(self) -> pl.Expr:
        """Days since 1970, by the wall clock."""
        return self._wall.to_physical().cast(pl.Int64) // self.ticks

    @property
    def _zone(self) -> str | None:
        return getattr(self.dtype, "time_zone", None)

    @property
    def _wall(self) -> pl.Expr:
        values = self.values
        return values if self._zone is None else values.dt.replace_time_zone(None)

    @property
    def is_sentinel(self) -> pl.Expr:
        """Whether a time stands for none, by the wall clock or in UTC."""
        here = is_sentinel(self.days)
        return here if self._zone is None else here | is_sentinel(self.position // self.ticks)

    def at(self, position: pl.Expr) -> pl.Expr:
        """The times at other positions; null beyond the years 1 to 9999 and what the dtype holds.

        Args:
            position: Int128, which no sum overflows.
        """
        days = position // self.ticks
        inside = pl.when(days.is_between(FIRST_DAY, LAST_DAY)).then(position)
        storage = pl.Int32 if self.dtype == pl.Date else pl.Int64
        return inside.cast(storage, strict=False).cast(self.dtype)

    def begun(self, to: Unit) -> pl.Expr:
        """The moment at which the unit of each time begins."""
        step = UNIT_DURATIONS[to]
        if self._zone is None:
            return self.values.dt.truncate(step)
        start = self._wall.dt.truncate(step)
        if to == "hour":
            return self.values - (self._wall - start)
        hour = pl.duration(hours=1, time_unit=getattr(self.dtype, "time_unit", "us"))
        return pl.coalesce(_in_zone(start, self._zone), _in_zone(start + hour, self._zone))

    @property
    def unchanged(self) -> pl.Expr:
        """The times as they are."""
        return self.values


def _in_zone(wall: pl.Expr, zone: str) -> pl.Expr:
    return wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")


@dataclass(frozen=True)
class Written:
    """The times of a column of text or integers; as `Typed` gives them.

    Attributes:
        values: text or integers.
        prepared: what `Writing.read` made of them.
        writing: how they are written.
    """

    values: pl.Expr
    prepared: pl.Expr
    writing: Writing
    ticks: ClassVar[int] = 1

    @property
    def position(self) -> pl.Expr:
        """Days since 1970."""
        return self.days

    @property
    def days(self) -> pl.Expr:
        """Days since 1970, where the value was written."""
        return self._read("days")

    def _read(self, name: str) -> pl.Expr:
        """A field of what was read of each value before."""
        return self.prepared.struct.field(name)

    @property
    def is_unread(self) -> pl.Expr:
        """Whether a value is neither a date nor stands for none."""
        there = self.values.is_not_null()
        return there & self.days.is_null() & ~self._read("none")

    def readings(self) -> list[pl.Expr]:
        """What each form reads."""
        return [self._read(str(place)) for place in range(len(self.writing.forms))]

    @property
    def date(self) -> pl.Expr:
        """The date alone."""
        return self.days.cast(pl.Int32).cast(pl.Date)

    @property
    def is_sentinel(self) -> pl.Expr:
        """Whether a value stands for no time."""
        return self._read("none") | is_sentinel(self.days).fill_null(value=False)

    def at(self, position: pl.Expr) -> pl.Expr:
        """The values with other days; null beyond the years 1 to 9999."""
        days = position.cast(pl.Int64)
        return self.writing.written(self.values, self._read("form"), days)

    def begun(self, to: Unit) -> pl.Expr:
        """The values with the beginning of their unit; placeholders stay."""
        values, days, clock = self.values, self.days, _hour_or_day(to)
        if clock == "day":
            start = self.date.dt.truncate(UNIT_DURATIONS[to])
            days = start.to_physical().cast(pl.Int64)
        begun = self.writing.written(values, self._read("form"), days, clock)
        if to not in OFFSET_TELLS_LESS and self.writing.has_offsets:
            # As fields, for an expression that stands in another is worked out wherever it does.
            fields = pl.struct(begun.alias("begun"), self._read("form"))
            bare = self.writing.without_offset(pl.field("begun"), pl.field("form"))
            begun = fields.struct.with_fields(bare.alias("begun")).struct.field("begun")
        return pl.when(self._read("none")).then(self.unchanged).otherwise(begun)

    @property
    def unchanged(self) -> pl.Expr:
        """The values as they are."""
        return self.values.cast(self.writing.output_dtype)


def _hour_or_day(to: Unit) -> Clock:
    """How much of the time of day is cut."""
    return "hour" if to == "hour" else "day"
