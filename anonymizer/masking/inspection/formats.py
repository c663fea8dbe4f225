"""How text is written: the formats of times, the clock first, then the date; spellings of ids."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import polars as pl

from anonymizer.frames import collect
from anonymizer.masking.primitives.digest import canonical
from anonymizer.masking.primitives.dtypes import instance
from anonymizer.masking.primitives.times.written import LIKELY, Epoch, Writing

_ZONE: Final = r"(?P<zone>Z|[+-]\d\d:?\d\d)?$"
# A dot parts hours from minutes after a blank alone: 1.15 is a day and a month.
_CLOCK: Final = re.compile(
    r"(?P<gap>,? | ?T|\s*)(?P<hour>\d\d?)(?P<colon>[:时時h]|시 ?|(?<=[ T]\d\d)\.)(?P<minute>\d\d)"
    r"(?:(?P<next>[:.分]|분 ?)(?P<second>\d\d)(?P<part>[.,]\d{1,9})?)?"
    rf"(?P<last>[秒초]|[分분]| Uhr)?(?P<blank> ?)(?P<half>[AaPp][Mm])?(?P<space> ?){_ZONE}"
)
_PACKED: Final = re.compile(
    rf"(?<=^\d{{8}})(?P<gap>[T ]?)(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?{_ZONE}"
)
_DATES: Final = (*LIKELY, "%Y-%m-%d", "%Y%m%d")
_EITHER: Final = "?"  # an hour of two digits, which may be written with a zero in front or not
PSEUDONYMS_OF_IDS: Final = frozenset({"phone", "email", "user_name"})  # no names: blanks part them
_LONG: Final = 7  # digits of a number, from which on dots and hyphens only part it
_READ: Final = 0.95  # of the values, from which on formats are worth proposing
_RIVAL: Final = 0.9  # of what the best format reads, from which on another may be meant


class Found(NamedTuple):
    """The formats of a column.

    Attributes:
        formats: patterns; none where ISO 8601 is enough, None where they cannot be told.
        note: how many values they read, where that is not all or others read nearly as many.
        reads_all: whether every value is read.
    """

    formats: list[str] | None
    note: str = ""
    reads_all: bool = True


def found_formats(texts: pl.Series) -> Found:
    """The formats by which texts can be read as times.

    Args:
        texts: distinct, without nulls.
    """
    frame = texts.alias("text").to_frame()
    iso = Writing.of((), pl.String()).read(pl.col("text")).struct
    none = frame.select(iso.field("none")).to_series()
    if frame.select((iso.field("days").is_not_null() | iso.field("none")).all()).item():
        return Found([])
    values = texts.filter(~none)
    clocks, dates = zip(*map(_split, values), strict=True)
    chosen, note, unread = _date_formats(pl.Series("date", dates, dtype=pl.String))
    if chosen is None:
        return Found(None, note)
    pairs = Counter(
        date + clock for date, clock in zip(chosen, _alike(clocks), strict=True) if date is not None
    )
    told = f"{unread:,} of {len(values):,} values are read by no format" if unread else note
    return Found([pattern for pattern, _ in pairs.most_common()], told, reads_all=not unread)


def _split(text: str) -> tuple[str, str]:
    """The pattern of the clock at the end of a text, and the text before it."""
    for form in (_PACKED, _CLOCK):
        found = form.search(text)
        if found is not None and found.start():
            return _pattern(found.groupdict(default="")), text[: found.start()]
    return "", text


def _pattern(parts: dict[str, str]) -> str:
    """The parts of a clock as a pattern; seconds may have fractions."""
    half = parts.get("half", "")
    padded = parts["hour"].startswith("0") or "colon" not in parts
    short = "-" if len(parts["hour"]) == 1 else "" if padded else _EITHER
    hour = f"%{short}{'I' if half else 'H'}"
    second = f"{parts.get('next', '')}%S{'%.f' if parts.get('part') else ''}"
    return "".join((
        parts["gap"], hour, parts.get("colon", ""), "%M", second if parts["second"] else "",
        parts.get("last", ""), f"{parts['blank']}%p" if half else "",
        f"{parts.get('space', '')}%z" if parts["zone"] else "",
    ))  # fmt: skip


def _alike(clocks: tuple[str, ...]) -> list[str]:
    """The same clocks in as few patterns as read them: ten o'clock is written like nine or 09."""
    every = set(clocks)
    short = {
        each for each in every if f"%{_EITHER}" in each and each.replace(_EITHER, "-") in every
    }
    plain = [each.replace(_EITHER, "-" if each in short else "") for each in clocks]
    finer = {each.replace("%S%.f", "%S"): each for each in plain if "%.f" in each}
    return [finer.get(each, each) for each in plain]


def _date_formats(dates: pl.Series) -> tuple[list[str | None] | None, str, int]:
    """The format of each date, a note, and how many have none; None where they cannot be told."""
    readings = dates.to_frame().select(
        reading.alias(pattern)
        for pattern, reading in zip(
            _DATES, Writing.of(_DATES, pl.String()).readings(pl.col("date")), strict=True
        )
    )
    left, found, rivals = readings, list[str](), list[str]()
    while left.height and left[best := _most(left)].count():
        rivals = rivals or _rivals(left, best)
        found.append(best)
        left = left.filter(pl.col(best).is_null())
    told = [*found[:1], *(rivals or found[1:])]
    counts = ", ".join(f'"{each}" reads {readings[each].count():,}' for each in told)
    counts = f"of {len(dates):,} values {counts}"
    equal = [each for each in rivals if readings[each].count() == readings[found[0]].count()]
    if _doubtful(readings, [*found, *equal]):
        return None, f"{counts}: say which as `format`", 0
    if left.height > (1 - _READ) * len(dates):
        return None, "", left.height
    chosen = readings.select(
        pl.coalesce(pl.when(pl.col(each).is_not_null()).then(pl.lit(each)) for each in found)
    )
    note = f"{counts}: look whether that is meant" if rivals else ""
    return chosen.to_series().to_list(), note, left.height


def _most(readings: pl.DataFrame) -> str:
    """The format that reads the most dates; of equal ones the first."""
    return max(_DATES, key=lambda pattern: readings[pattern].count())


def _doubtful(readings: pl.DataFrame, formats: list[str]) -> bool:
    """Whether two of some formats read a date as different ones."""
    return any(
        readings.select((pl.col(one) != pl.col(two)).any()).item()
        for place, one in enumerate(formats)
        for two in formats[place + 1 :]
    )


def _rivals(readings: pl.DataFrame, best: str) -> list[str]:
    """The formats that read nearly all that the best one reads, as other dates."""
    read = readings.filter(pl.col(best).is_not_null())
    return [
        each
        for each in _DATES
        if read[each].count() >= _RIVAL * read.height and _doubtful(read, [best, each])
    ]


def dates_of(cells: pl.Series, rule: Mapping[str, Any]) -> pl.Series:
    """The days of a column of times, by the type or as the rule of a mask reads them; or null."""
    if cells.dtype in (pl.Date, pl.Datetime):
        return cells.dt.date()
    said = rule.get("format") or []
    formats = [
        Epoch(**each) if isinstance(each, dict) else each
        for each in (said if isinstance(said, list) else [said])
    ]
    read = Writing.of(formats, instance(cells.dtype)).read(pl.col(cells.name)).struct.field("days")
    return cells.to_frame().select(read.cast(pl.Int32, strict=False).cast(pl.Date)).to_series()


class Spellings(NamedTuple):
    """How identifiers are written.

    Attributes:
        distinct: values that masks take for different ones.
        spare: how many of them are another spelling of one of the rest.
    """

    distinct: int
    spare: int

    def __str__(self) -> str:
        but_for = "equal another but for blanks, hyphens, dots or case"
        return f"{self.spare:,} of {self.distinct:,} values {but_for}"


def spellings(table: pl.LazyFrame, columns: list[str]) -> Spellings:
    """Count the values of columns of text, together, and those that are spelled in several ways."""
    texts = pl.concat_list(canonical(pl.col(column), pl.String()) for column in columns)
    values = table.select(texts.explode().alias("text")).drop_nulls().unique()
    distinct, plain = pl.len(), _plain(pl.col("text")).n_unique()
    found = collect(values.select(distinct=distinct, spare=distinct.cast(pl.Int64) - plain))
    return Spellings(*found.row(0))


def _plain(text: pl.Expr) -> pl.Expr:
    """Text without blanks and case; a long number without brackets, hyphens and dots as well."""
    text = text.str.replace_all(r"\s", "").str.to_uppercase()
    long = text.str.count_matches(r"\d") >= _LONG
    return pl.when(long).then(text.str.replace_all(r"[().-]", "")).otherwise(text)
