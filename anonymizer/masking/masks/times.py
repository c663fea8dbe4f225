"""Masks of times: age and date_truncate; of dates, datetimes, and both as text."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import ClassVar, Final, Self

import polars as pl
from pydantic import Field, field_validator, model_validator

from anonymizer.masking.masks.base import (
    CODES,
    ROW_NUMBER,
    TIMES,
    Column,
    Mask,
    Remark,
    TypeFamily,
    Unmapped,
)
from anonymizer.masking.primitives.times.columns import OFFSET_TELLS_LESS, Typed, Unit, Written
from anonymizer.masking.primitives.times.written import EPOCHS, LIKELY, Epoch, Writing, form_of

Format = str | Epoch

_WIDEST_BAND_YEARS: Final = 50  # years of a band


class Times(Mask):
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
                told = f"{self.name} takes integers with a `format` of digits, {example}"
                return f"{told}; of ages take `bin`" if self.name == "age" else told
            if any(form.digits is None for form in self._writing(dtype).forms):
                return f"integers have digits alone: expected a `format` {example}"
        return super().fault(dtype)

    @property
    def hides_season(self) -> bool:
        """Whether an offset from UTC would tell more of the time than what is shown of it."""
        return False

    @model_validator(mode="after")
    def _names_no_summer_time(self) -> Self:
        if self.hides_season and any(
            "%Z" in each for each in _listed(self.format) if isinstance(each, str)
        ):
            raise ValueError(
                "`%Z` in the format tells summer time, as CET and CEST do: where all values have "
                "one name, write that name in its place"
            )
        return self

    def _writing(self, dtype: pl.DataType) -> Writing:
        return Writing.of(_listed(self.format), dtype)

    def times(self, column: Column) -> Typed | Written:
        """The times of a column, whatever they stand in."""
        if TypeFamily.of(column.dtype) in TIMES:
            return Typed(column.values, column.dtype)
        return Written(column.values, column.prepared, self._writing(column.dtype))

    def preparation(self, column: Column) -> pl.Expr | None:
        """What is read of text and integers."""
        times = self.times(column)
        return None if isinstance(times, Typed) else times.writing.read(column.values)

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """The dtype of the column; String for text with categories."""
        return dtype if TypeFamily.of(dtype) is not TypeFamily.TEXT else pl.String()

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:
        """Asks the table how many rows no format reads, and which is the first of them."""
        times = self.times(column)
        if isinstance(times, Typed) or self.unmapped == "null":
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


class Age(Times):
    """A birth date as an age band: `40-49`, `90+`. Births after the reference date give null.

    A year of two digits is the last such year up to that of the reference date.

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
        prepared = isinstance(self.times(column), Typed)
        return column.prepared if prepared else self._shown(column)

    def _shown(self, column: Column) -> pl.Expr:
        times = self.times(column)
        born, year = times.date.dt, times.date.dt.year().cast(pl.Int64)
        if isinstance(times, Written) and times.writing.short_years:
            # Nobody is born after this year: 68 is 1968, which Polars reads as 2068.
            year = pl.when(year > self.on.year).then(year - 100).otherwise(year)
        number = year * 10_000 + born.month().cast(pl.Int64) * 100 + born.day()
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


class DateTruncate(Times):
    """Dates and datetimes cut to the beginning of their year, quarter, month, week, day or hour.

    Weeks begin on Monday. Where there is a time zone, its wall clock counts; a beginning that
    the clock skips becomes the hour after, one that it shows twice becomes the earlier. Text and
    integers keep their form, and what is coarser than the unit stays as it is. Of weeks and
    more, an offset from UTC in text becomes that of UTC, as the true one tells summer or winter.

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

    @property
    def hides_season(self) -> bool:
        """Whether weeks or more become one."""
        return self.to not in OFFSET_TELLS_LESS

    def coarser(self) -> Mask | None:
        """The mask with the next unit: hour, day, month, quarter, year; month after week."""
        units = ("hour", "day", "month", "quarter", "year")
        after = {"week": "month", **dict(pairwise(units))}
        return self.model_copy(update={"to": after[self.to]}) if self.to in after else None

    def expression(self, column: Column) -> pl.Expr:
        """The moment at which the unit of each time begins."""
        return self.times(column).begun(self.to)
