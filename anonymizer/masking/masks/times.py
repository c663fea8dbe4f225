"""Masks of times: age, date_truncate and date_shift; of dates, datetimes, and both as text."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import ClassVar, Final, Literal

import polars as pl
from pydantic import Field, field_validator, model_validator

from anonymizer.masking.masks.base import (
    CODES,
    ROW_NUMBER,
    TIMES,
    Column,
    Entity,
    Mask,
    OtherEntity,
    Remark,
    Slot,
    Source,
    TypeFamily,
    Unmapped,
    columns_of,
)
from anonymizer.masking.primitives.digest import UNIT_DURATIONS
from anonymizer.masking.primitives.times.shared_days import (
    LARGEST_SHARE,
    SHARED,
    is_sentinel,
    is_shared,
    shared_days,
)
from anonymizer.masking.primitives.times.written import (
    EPOCHS,
    FIRST_DAY,
    LAST_DAY,
    LIKELY,
    Clock,
    Epoch,
    Writing,
    form_of,
)

Unit = Literal["year", "quarter", "month", "week", "day", "hour"]
Format = str | Epoch

_TICKS_PER_DAY: Final = {"day": 1, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_WIDEST_BAND_YEARS: Final = 50  # years of a band


@dataclass(frozen=True)
class _Typed:
    """The times of a column whose type says that they are times.

    Attributes:
        column: of Date or Datetime.
    """

    column: Column

    @property
    def ticks(self) -> int:
        """How many units of `position` a day has."""
        return _TICKS_PER_DAY[getattr(self.column.dtype, "time_unit", "day")]

    @property
    def position(self) -> pl.Expr:
        """The time as a number, in physical time."""
        return self.column.values.to_physical().cast(pl.Int64)

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
        return getattr(self.column.dtype, "time_zone", None)

    @property
    def _wall(self) -> pl.Expr:
        values = self.column.values
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
        storage = pl.Int32 if self.column.dtype == pl.Date else pl.Int64
        return inside.cast(storage, strict=False).cast(self.column.dtype)

    def begun(self, to: Unit) -> pl.Expr:
        """The moment at which the unit of each time begins."""
        step = UNIT_DURATIONS[to]
        if self._zone is None:
            return self.column.values.dt.truncate(step)
        start = self._wall.dt.truncate(step)
        if to == "hour":
            return self.column.values - (self._wall - start)
        hour = pl.duration(hours=1, time_unit=getattr(self.column.dtype, "time_unit", "us"))
        return pl.coalesce(_in_zone(start, self._zone), _in_zone(start + hour, self._zone))

    @property
    def unchanged(self) -> pl.Expr:
        """The times as they are."""
        return self.column.values


def _in_zone(wall: pl.Expr, zone: str) -> pl.Expr:
    return wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")


@dataclass(frozen=True)
class _Written:
    """The times of a column of text or integers; as `_Typed` gives them.

    Attributes:
        column: of text or integers.
        writing: how they are written.
    """

    column: Column
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
        return self.column.prepared.struct.field(name)

    @property
    def is_unread(self) -> pl.Expr:
        """Whether a value is neither a date nor stands for none."""
        there = self.column.values.is_not_null()
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
        return self.writing.written(self.column.values, self._read("form"), days)

    def begun(self, to: Unit) -> pl.Expr:
        """The values with the beginning of their unit; placeholders stay."""
        values, days, clock = self.column.values, self.days, _hour_or_day(to)
        if clock == "day":
            start = self.date.dt.truncate(UNIT_DURATIONS[to])
            days = start.to_physical().cast(pl.Int64)
        begun = self.writing.written(values, self._read("form"), days, clock)
        return pl.when(self._read("none")).then(self.unchanged).otherwise(begun)

    @property
    def unchanged(self) -> pl.Expr:
        """The values as they are."""
        return self.column.values.cast(self.writing.output_dtype)


def _hour_or_day(to: Unit) -> Clock:
    """How much of the time of day is cut."""
    return "hour" if to == "hour" else "day"


class _Times(Mask):
    """What masks of times have in common: how times are written where the type does not say.

    Attributes:
        format: of text and integers, in the directives of strftime (`"%d.%m.%Y"`; `"%-d"` has no
            leading zero) or `{epoch: s}` (ms, us, ns); several where values differ. Text without
            it is read as ISO 8601. A day that is not written is the 15th, a month July.
        unmapped: `error` refuses data with values that no format reads; `null` removes them.
    """

    accepts: ClassVar[frozenset[TypeFamily]] = TIMES | CODES

    format: Format | list[Format] | None = None
    unmapped: Unmapped = "error"

    @field_validator("format", mode="before")
    @classmethod
    def _is_readable(cls, value: object) -> object:
        formats = value if isinstance(value, list) and value else [value]
        for each in formats:
            if isinstance(each, str):
                form_of(each)
            elif not (isinstance(each, Epoch) or each in (None, *EPOCHS)):
                raise ValueError(
                    'expected a pattern such as `"%d.%m.%Y"`, `{epoch: s}` with s, ms, us or ns, '
                    "or a list of them"
                )
        return value

    def fault(self, dtype: pl.DataType) -> str | None:
        """Refuses integers without a format, and with one that is not made of digits."""
        if dtype.is_integer():
            example = 'such as `"%Y%m%d"` or `{epoch: s}`'
            if self.format is None:
                return f"{self.name} takes integers with a `format` of digits, {example}"
            if any(form.digits is None for form in self._writing(dtype).forms):
                return f"integers have digits alone: expected a `format` {example}"
        return super().fault(dtype)

    def _writing(self, dtype: pl.DataType) -> Writing:
        return Writing.of(_listed(self.format), dtype)

    def times(self, column: Column) -> _Typed | _Written:
        """The times of a column, whatever they stand in."""
        if TypeFamily.of(column.dtype) in TIMES:
            return _Typed(column)
        return _Written(column, self._writing(column.dtype))

    def preparation(self, column: Column) -> pl.Expr | None:
        """What is read of text and integers."""
        times = self.times(column)
        return None if isinstance(times, _Typed) else times.writing.read(column.values)

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """The dtype of the column; String for text with categories."""
        return dtype if TypeFamily.of(dtype) is not TypeFamily.TEXT else pl.String()

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:
        """Asks the table how many rows no format reads, and which is the first of them."""
        times = self.times(column)
        if isinstance(times, _Typed) or self.unmapped == "null":
            return None
        unread, readings = times.is_unread, times.readings()
        counts = {"unread": unread.sum(), "first": pl.col(ROW_NUMBER).filter(unread).min()}
        if self.format is None:
            others = column.values.filter(unread)
            readings = Writing.of(LIKELY, column.dtype).readings(others)
        else:
            differ = pl.min_horizontal(readings) != pl.max_horizontal(readings)
            counts["doubtful"] = differ.sum()
        counts |= {f"reads_{place}": each.count() for place, each in enumerate(readings)}
        counted = frame.select(count.cast(pl.Int64).alias(name) for name, count in counts.items())
        return counted.unpivot(variable_name="about", value_name="number")

    @property
    def transferable(self) -> bool:
        """False: every table is searched for values that no format reads."""
        return False

    def learned_fault(self, learned: pl.DataFrame) -> str | None:
        """Refuses data with values that no format reads."""
        about = dict(learned.iter_rows())
        if not about.get("unread"):
            return None
        return self._unread(about)

    def _unread(self, about: dict[str, int]) -> str:
        formats = _listed(self.format) or LIKELY
        reads = sorted(
            ((about[f"reads_{place}"], _shown(each)) for place, each in enumerate(formats)),
            reverse=True,
        )
        told = ", ".join(f"{each} reads {count:,}" for count, each in reads[:4] if count)
        rows = f"{about['unread']:,} unreadable, the first in row {about['first'] + 1:,}"
        if self.format is None:
            way = f"write `format`: {told}" if told else 'write `format`, such as `"%d.%m.%Y"`'
            return f"{rows}; text is read as ISO 8601, else {way}"
        if about["doubtful"]:
            return f"{rows}; by different formats they are different dates: leave one out; {told}"
        return f"{rows}: add their `format`, or say `unmapped: null`"

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Three invented times, as the first format writes them."""
        if TypeFamily.of(dtype) in TIMES:
            return super().examples(dtype)
        first = next(iter(_listed(self.format)), "%Y-%m-%d")
        moments = pl.Series(_EXAMPLES).dt.replace_time_zone("UTC")
        if isinstance(first, Epoch):
            numbers = moments.dt.epoch(first.epoch)
        else:
            numbers = moments.dt.to_string(first)
        return numbers.cast(pl.Int64 if dtype.is_integer() else pl.String).to_list()


_EXAMPLES: Final = [datetime(1931, 5, 26), datetime(1974, 11, 30, 9, 26), datetime(2003, 2, 28, 23)]  # noqa: DTZ001


def _listed(formats: Format | list[Format] | None) -> list[Format]:
    return formats if isinstance(formats, list) else [] if formats is None else [formats]


def _shown(each: Format) -> str:
    return f'`"{each}"`' if isinstance(each, str) else f"`{{epoch: {each.epoch}}}`"


def _start_of_year() -> date:
    return date(datetime.now(UTC).year, 1, 1)


class Age(_Times):
    """A birth date as an age band: `40-49`, `90+`. Births after the reference date give null.

    Attributes:
        width: years per band.
        top: everybody of this age or more is in one band (HIPAA: 90).
        on: the date on which ages are reckoned. Where it is left out, 1 January of the year in
            which the rules are loaded, and the manifest records it: a date that moved daily would
            tell the birthday of whoever changes band between two runs.
    """

    name: ClassVar[str] = "age"

    width: int = Field(default=10, ge=1, le=_WIDEST_BAND_YEARS)
    top: int = Field(default=90, ge=1, le=120)
    on: date = Field(default_factory=_start_of_year)

    @field_validator("on", mode="before")
    @classmethod
    def _iso_text(cls, value: object) -> object:
        return date.fromisoformat(value) if isinstance(value, str) else value

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:  # noqa: ARG002 (a band is text)
        """String."""
        return pl.String()

    def preparation(self, column: Column) -> pl.Expr:
        """The age band of each birth date as text, such as `40-49`; of text, what is read."""
        read = super().preparation(column)
        return self._shown(column) if read is None else read

    def expression(self, column: Column) -> pl.Expr:
        """The age band of each birth date."""
        prepared = isinstance(self.times(column), _Typed)
        return column.prepared if prepared else self._shown(column)

    def _shown(self, column: Column) -> pl.Expr:
        born = self.times(column).date.dt
        number = (
            born.year().cast(pl.Int64) * 10_000 + born.month().cast(pl.Int64) * 100 + born.day()
        )
        # As numbers yyyymmdd, two dates differ by 10,000 for each birthday between them.
        years = (self._on_number - number) // 10_000
        index = years.cast(pl.UInt32, strict=False).clip(upper_bound=self.top)  # unborn: null
        return pl.lit(pl.Series(self.labels, dtype=pl.String)).gather(index)

    @property
    def _on_number(self) -> int:
        return self.on.year * 10_000 + self.on.month * 100 + self.on.day

    @property
    def labels(self) -> list[str]:
        """The band of every age from 0 to the top, in order."""
        return [self._band(age) for age in range(self.top)] + [f"{self.top}+"]

    def _band(self, age: int) -> str:
        low = age // self.width * self.width
        high = min(low + self.width, self.top) - 1
        return f"{low}-{high}" if high > low else f"{low}"

    def coarser(self) -> Mask | None:
        """The mask with bands twice as wide; None where they would be wider than 50 years."""
        width = self.width * 2
        top = self.top // width * width
        if width > _WIDEST_BAND_YEARS or not top:
            return None
        return self.model_copy(update={"width": width, "top": top})

    def remark(self) -> Remark | None:
        """Names the date of reckoning where the rules do not."""
        told = f"ages are reckoned on {self.on}"
        return None if "on" in self.model_fields_set else Remark(told)

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Three invented birth dates, of the dtype of the column."""
        written = TypeFamily.of(dtype) not in TIMES
        return super().examples(dtype) if written else list(_EXAMPLES)


class DateTruncate(_Times):
    """Dates and datetimes cut to the beginning of their year, quarter, month, week, day or hour.

    Weeks begin on Monday. Where there is a time zone, its wall clock counts; a beginning that
    the clock skips becomes the hour after, one that it shows twice becomes the earlier. Text and
    integers keep their form, and what is coarser than the unit stays as it is.

    Attributes:
        to: the unit.
    """

    name: ClassVar[str] = "date_truncate"

    to: Unit

    def fault(self, dtype: pl.DataType) -> str | None:
        """Refuses hours for dates, which have none."""
        if dtype == pl.Date and self.to == "hour":
            return "date_truncate to hour takes datetime, not Date"
        return super().fault(dtype)

    def coarser(self) -> Mask | None:
        """The mask with the next unit: hour, day, month, quarter, year; month after week."""
        units = ("hour", "day", "month", "quarter", "year")
        after = {"week": "month", **dict(pairwise(units))}
        return self.model_copy(update={"to": after[self.to]}) if self.to in after else None

    def expression(self, column: Column) -> pl.Expr:
        """The moment at which the unit of each time begins."""
        return self.times(column).begun(self.to)


class DateShift(_Times):
    """All times of one entity moved by the same number of days, never by none.

    The shift is uniform on -days..-1 and 1..days. Datetimes move by whole 24 hours of physical
    time, so that intervals within an entity are exact to the unit, in every time zone; the wall
    clock moves by an hour where the shift crosses a change of clocks. Columns with the same `days`
    move together. A shift past the years 1 to 9999, or the limit of the dtype, gives null. What
    would tell everybody's shift is not shifted: sentinels such as 9999-12-31 stay, and days that
    far more entities share than usual are cut to their year; those are learned from the table.

    Attributes:
        days: the largest shift.
        weeks: only whole weeks; the day of the week is kept, and tells a little.
        truncate: cut both ends of the data, so that everybody's histories span the same time and
            no shift can be read off where one begins or ends. Rows go; learned from the table.
        entity: the column whose entity moves, where that is not the entity of the rows.
    """

    name: ClassVar[str] = "date_shift"

    days: int = Field(ge=1, le=36_500)
    weeks: bool = False
    truncate: bool = False
    entity: OtherEntity | None = None

    @model_validator(mode="after")
    def _a_week_fits(self) -> "DateShift":
        if self.weeks and self.days < 7:
            raise ValueError("`weeks` needs `days` of 7 or more")
        return self

    @property
    def keyed(self) -> bool:
        """True: whoever could draw the shift again could undo it."""
        return True

    @property
    def needs_entity(self) -> bool:
        """Whether the shift is that of the rows' entity."""
        return self.entity is None

    @property
    def reads(self) -> tuple[str, ...]:
        """The column with another entity, where the shift is that one's."""
        return self.of_entity

    @property
    def of_entity(self) -> tuple[str, ...]:
        """The columns that the rule names."""
        return columns_of(self.entity)

    @property
    def removes_rows(self) -> bool:
        """Whether rows outside the time that everybody's history covers are removed."""
        return self.truncate

    def source(self, name: str, entity: Entity | None) -> Source | None:  # noqa: ARG002 (the entity's)
        """The digest of the entity, in all columns the same."""
        return None if entity is None else entity.source

    def preparation(self, column: Column) -> pl.Expr:
        """The shift of the row's entity, in units of the dtype; of text, beside what is read."""
        step = 7 if self.weeks else 1
        count = self.days // step
        shifts = [*range(-count, 0), *range(1, count + 1)]
        ticks = self.times(column).ticks
        table = pl.lit(pl.Series([shift * step * ticks for shift in shifts], dtype=pl.Int64))
        shift = table.gather(column.number(Slot.SHIFT) % len(shifts))
        read = super().preparation(column)
        return shift if read is None else read.struct.with_fields(shift.alias("shift"))

    def expression(self, column: Column) -> pl.Expr:
        """The shifted time; null where the time or the entity is null."""
        times = self.times(column)
        shown = times.at(_moved(times, column))
        if column.learned is not None and not _shared_of(column.learned).is_empty():
            is_told = is_shared(times.days, _shared_of(column.learned))
            shown = pl.when(is_told).then(times.begun("year")).otherwise(shown)
        shown = pl.when(times.is_sentinel).then(times.unchanged).otherwise(shown)
        return pl.when(_shift(times, column).is_not_null()).then(shown)

    def moved_day(self, column: Column) -> pl.Expr:
        """The true day of each time that is shifted, as a date; null for those that are not."""
        day = self.times(column).days.cast(pl.Int32, strict=False).cast(pl.Date)
        return pl.when(~self.is_cut(column)).then(day)

    def is_cut(self, column: Column) -> pl.Expr:
        """Whether a time is cut to its year, as many share its day; null for sentinels."""
        times, shared = self.times(column), pl.lit(value=False)
        if column.learned is not None:
            shared = is_shared(times.days, _shared_of(column.learned))
        return pl.when(~times.is_sentinel).then(shared)

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """Asks the table for days that many share, and for its first and last time if it is cut."""
        times, queries = self.times(column), [super().learn(frame, column)]
        ordinary = frame.filter(~times.is_sentinel)
        if column.learned is None:
            whose = column.entity.columns if column.entity else ()
            known = ordinary.drop_nulls(list(whose)) if whose else ordinary
            rows = known.select(entity=pl.struct(*whose), day=times.days).drop_nulls("day")
            queries.append(shared_days(rows))
        else:
            queries.append(_shared_of(column.learned).lazy())
        if self.truncate:
            margin, place = self.days * times.ticks, times.position
            ends = ordinary.select(low=place.min() + margin, high=place.max() - margin)
            queries.append(ends.unpivot(variable_name="about", value_name="number"))
        return pl.concat([query for query in queries if query is not None])

    def learns(self, column: Column) -> bool:
        """Whether it cannot do without; days that many share are learned if it is read anyway."""
        return self.truncate or super().learn(pl.LazyFrame(), column) is not None

    def travelling(self, learned: pl.DataFrame) -> pl.DataFrame:
        """The days that many share; counts and ends are those of one table."""
        return _shared_of(learned)

    def learned_fault(self, learned: pl.DataFrame) -> str | None:
        """Refuses what no format reads, and so short a time that `truncate` would leave nothing."""
        low, high = _ends(learned)
        if low is not None and high is not None and low > high:
            return "the data span less than twice `days`, so that `truncate` would leave nothing"
        return super().learned_fault(learned)

    def keeps_row(self, column: Column) -> pl.Expr | None:
        """Whether a row lies in the time that everybody's history covers, or is not shifted."""
        if column.learned is None or not self.truncate:
            return None
        times = self.times(column)
        stays = _moved(times, column).is_between(*_ends(column.learned)).fill_null(value=True)
        return stays | times.is_sentinel | is_shared(times.days, _shared_of(column.learned))

    def remark(self) -> Remark | None:
        """Says that intervals are kept."""
        return Remark("intervals are kept and can single out a history; not HIPAA Safe Harbor")

    def learned_remark(self, learned: pl.DataFrame | None) -> Remark | None:
        """Says which days are not shifted, or that nobody looked for them."""
        if learned is None:
            told = "days that many share would tell shifts and are not known: use `fit_rules`"
            return Remark(told, "shared-days-unknown")
        count = _shared_of(learned).height
        if not count:
            return None
        days = f"{count:,} {'day' if count == 1 else 'days'} of the calendar"
        share = f"over {LARGEST_SHARE:.0%} of the entities"
        return Remark(f"{days} that {share} share, cut to the year")


def _shift(times: _Typed | _Written, column: Column) -> pl.Expr:
    return column.prepared if isinstance(times, _Typed) else column.prepared.struct.field("shift")


def _moved(times: _Typed | _Written, column: Column) -> pl.Expr:
    return times.position.cast(pl.Int128) + _shift(times, column)


def _shared_of(learned: pl.DataFrame) -> pl.DataFrame:
    """The days that many share, of all that was learned."""
    return learned.filter(pl.col("about").is_in(SHARED))


def _ends(learned: pl.DataFrame) -> tuple[int | None, int | None]:
    """The first and last time to which `truncate` cuts."""
    about = dict(learned.iter_rows())
    return about.get("low"), about.get("high")
