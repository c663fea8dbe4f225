"""The mask date_shift: each entity's times move by a number of days of its own."""

from dataclasses import replace
from typing import ClassVar

import polars as pl
from pydantic import Field, model_validator

from anonymizer.masking.masks.base import (
    ONCE,
    Column,
    Entity,
    OtherEntity,
    Remark,
    Slot,
    Source,
    columns_of,
)
from anonymizer.masking.masks.times import Times
from anonymizer.masking.primitives.times.columns import Typed, Written
from anonymizer.masking.primitives.times.ends import is_inside
from anonymizer.masking.primitives.times.shared_days import (
    LARGEST_SHARE,
    SHARED,
    days_of,
    is_shared,
    shared_among,
    shared_days,
)


class DateShift(Times):
    """All times of one entity moved by the same number of days, never by none.

    The shift is uniform on -days..-1 and 1..days. Datetimes move by whole 24 hours of physical
    time, so that intervals within an entity are exact to the unit, in every time zone; the wall
    clock moves by an hour where the shift crosses a change of clocks. Columns with the same `days`
    move together. Text with an offset from UTC leaves in UTC, `Z` or by a format `+0000`, as the
    true offset tells summer or winter. A shift past the years 1 to 9999, or the limit of the dtype,
    gives null. What would tell everybody's shift is not shifted: sentinels such as 9999-12-31 stay,
    and days that far more entities share than usual are cut to their year; those are learned from
    the table.

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
    def moves_times(self) -> bool:
        """True."""
        return True

    @property
    def removes_rows(self) -> bool:
        """Whether rows outside the time that everybody's history covers are removed."""
        return self.truncate

    def source(self, name: str, entity: Entity | None) -> Source | None:  # noqa: ARG002 (the entity's)
        """The digest of the entity, in all columns the same."""
        return None if entity is None else entity.source

    def preparation(self, column: Column) -> pl.Expr:
        """The shift of the row's entity, in units of the dtype; of text, beside what is read."""
        drawn = column.drawn(Slot.SHIFT)
        shift = shift_of(drawn, self.days, weeks=self.weeks, ticks=self.times(column).ticks)
        read = super().preparation(column)
        if read is None:
            return shift
        writing = self._writing(column.dtype)
        read = writing.in_utc(column.values, read) if writing.has_offsets else read
        return read.struct.with_fields(shift.alias("shift"))

    def times(self, column: Column) -> Typed | Written:
        """The times of a column; of text, in UTC where it has an offset from it."""
        times = super().times(column)
        if isinstance(times, Typed) or not times.writing.has_offsets:
            return times
        return replace(times, values=column.prepared.struct.field("text"))

    @property
    def hides_season(self) -> bool:
        """True: it would leave few shifts that agree with summer and winter."""
        return True

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

    def true_day(self, column: Column) -> pl.Expr:
        """The day of each time, in days since 1970 (UTC); null where there is none."""
        times = self.times(column)
        return pl.when(~times.is_sentinel).then(times.position // times.ticks)

    def days_moved(self, column: Column) -> pl.Expr:
        """The shift of the row's entity, in days; null where a row has none."""
        times = self.times(column)
        return _shift(times, column) // times.ticks

    def shown_day(self, column: Column) -> pl.Expr:
        """The day of each masked time, in days since 1970 (UTC); the last of what is cut to a year.

        Null where no time of the row is shown.
        """
        year = self.times(column).date.dt.year()
        last = pl.date(year, 12, 31).to_physical().cast(pl.Int64)
        shift = self.days_moved(column)
        shown = pl.when(self.is_cut(column)).then(last).otherwise(self.true_day(column) + shift)
        return pl.when(shift.is_not_null()).then(shown)

    def summary(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:
        """The day of each time, and who has it; None where more than the days is asked for."""
        times = self.times(column)
        if self.truncate or column.learned is not None or not isinstance(times, Typed):
            return None
        return days_of(self._days(frame, column))

    def learned_from(self, summary: pl.LazyFrame, column: Column) -> pl.LazyFrame:  # noqa: ARG002
        """The days that many share."""
        return shared_days(summary)

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """Asks the table for days that many share, and for its first and last time if it is cut."""
        queries, rows = [super().learn(frame, column)], self._days(frame, column)
        if column.learned is None:
            shared = shared_days(days_of(rows).with_columns(ONCE))
            queries.append(shared)
        else:
            learned = _shared_of(column.learned)
            queries += [learned.lazy(), shared_among(rows.with_columns(rows=1), learned)]
            shared = learned.lazy()
        if self.truncate:
            queries.append(self._cut(frame, column, shared.filter(pl.col("about") == "day")))
        return pl.concat([query for query in queries if query is not None])

    def _days(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """The `entity` and the `day` of each time, as far as both are known."""
        times, whose = self.times(column), column.entity.columns if column.entity else ()
        known = frame.filter(~times.is_sentinel).drop_nulls(list(whose))
        return known.select(entity=pl.struct(*whose), day=times.days).drop_nulls("day")

    def _cut(self, frame: pl.LazyFrame, column: Column, shared: pl.LazyFrame) -> pl.LazyFrame:
        """To which times both ends are cut: of all persons but a few, on days that few share."""
        times, whose = self.times(column), column.entity.columns if column.entity else ()
        place, persons = times.position, pl.col("persons")
        counted = (
            frame.filter(~times.is_sentinel)
            .group_by(number=times.days)
            .agg(
                first=place.min(),
                last=place.max(),
                persons=pl.struct(*whose).n_unique() if whose else pl.len(),
            )
        )
        days = counted.drop_nulls("number").join(shared, on="number", how="anti").sort("number")
        first, last = pl.col("first"), pl.col("last")
        low = pl.coalesce(first.filter(is_inside(persons)).min(), first.min())
        high = pl.coalesce(last.filter(is_inside(persons, backwards=True)).max(), last.max())
        margin = self.days * times.ticks
        ends = days.select(low=low + margin, high=high - margin)
        return ends.unpivot(variable_name="about", value_name="number")

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
        kept = "intervals of moved times are kept and can single out a history"
        return Remark(f"{kept}; not HIPAA Safe Harbor")

    def learned_remark(self, learned: pl.DataFrame | None) -> Remark | None:
        """Says which days are not shifted, or that nobody looked for them."""
        if learned is None:
            told = "days that many share would tell shifts and are not known: use `fit_rules`"
            return Remark(told, "shared-days-unknown")
        count = _shared_of(learned).height
        if not count:
            return None
        days = f"{count:,} {'day' if count == 1 else 'days'} of the calendar"
        shared = f"{days} that over {LARGEST_SHARE:.0%} of the entities share"
        about = dict(learned.select("about", "number").iter_rows())
        cut, every = about.get("cut"), about.get("values")
        told = f"{shared}, cut to the year"
        if cut is not None and every:  # of rules that were fitted, not in a lazy frame
            share = f"{cut:,} of {every:,} values ({cut / every:.0%})"
            told = f"{share} are now 1 January of their year, without their intervals: {shared}"
        return Remark(told, "shared-days-cut")


def shift_of(drawn: pl.Expr, days: int, *, weeks: bool, ticks: int = 1) -> pl.Expr:
    """The shift of an entity.

    Args:
        drawn: the number that its digest has for that.
        days: the largest shift.
        weeks: only whole weeks.
        ticks: how many units of the shift a day has.
    """
    step = 7 if weeks else 1
    count = days // step
    shifts = [*range(-count, 0), *range(1, count + 1)]
    table = pl.lit(pl.Series([shift * step * ticks for shift in shifts], dtype=pl.Int64))
    return table.gather(drawn % len(shifts))


def _shift(times: Typed | Written, column: Column) -> pl.Expr:
    return column.prepared if isinstance(times, Typed) else column.prepared.struct.field("shift")


def _moved(times: Typed | Written, column: Column) -> pl.Expr:
    return times.position.cast(pl.Int128) + _shift(times, column)


def _shared_of(learned: pl.DataFrame) -> pl.DataFrame:
    """The days that many share, of all that was learned."""
    return learned.filter(pl.col("about").is_in(SHARED))


def _ends(learned: pl.DataFrame) -> tuple[int | None, int | None]:
    """The first and last time to which `truncate` cuts."""
    about = dict(learned.iter_rows())
    return about.get("low"), about.get("high")
