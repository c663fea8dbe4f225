"""Times that stand in text or integers: read by a format, and written back in the form they had.

A format is a pattern in the directives of strftime, such as `%d.%m.%Y`, or `{epoch: ms}`, a count
since 1970. Only the date is read; hours, fractions and zones stay around it, character by
character, unless an offset from UTC would tell the season of a date that is hidden. A date without
a day counts as the 15th of its month, one without a month as 1 July.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import ClassVar, Final, Literal, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict

from anonymizer.masking.primitives.times.shared_days import is_sentinel

Clock = Literal["kept", "hour", "day"]

_TOKEN: Final = re.compile(r"%(-?[A-Za-z%]|\.f)|([^%]+|%)")
_SHORT: Final = {"F": "%Y-%m-%d", "D": "%m/%d/%y", "T": "%H:%M:%S", "R": "%H:%M"}
_MONTH: Final = "(?:0[1-9]|1[0-2])"
_DAY: Final = "(?:0[1-9]|[12][0-9]|3[01])"
# Directive → what it matches. One digit where a pattern has two would tell which dates had one.
_DATE: Final = {
    "Y": "[0-9]{4}", "y": "[0-9]{2}", "m": _MONTH, "d": _DAY, "j": "[0-3][0-9]{2}",
    "-m": "(?:[1-9]|1[0-2])", "-d": "(?:[1-9]|[12][0-9]|3[01])",
    "b": "[A-Za-z]{3}", "B": "[A-Za-z]{3,9}", "a": "[A-Za-z]{3}", "A": "[A-Za-z]{6,9}",
}  # fmt: skip
_CLOCK: Final = {
    "H": "(?:[01][0-9]|2[0-4])", "I": "(?:0[1-9]|1[0-2])", "M": "[0-5][0-9]",
    "S": "(?:[0-5][0-9]|60)", "f": "[0-9]{1,9}", ".f": "(?:[.,][0-9]{1,9})?", "p": "[AaPp][Mm]",
    "-H": "(?:1?[0-9]|2[0-4])", "-I": "(?:[1-9]|1[0-2])",
    "z": "(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)", "Z": "[A-Za-z][A-Za-z/_+-]*",
}  # fmt: skip
_OF_CLOCK: Final = {"H", "-H", "I", "-I", "M", "p", "z"}  # which an offset from UTC moves
_MINUTES: Final = 1440  # of a day
_DIGITS: Final = {"Y": 4, "j": 3} | dict.fromkeys(("y", "m", "d", "H", "M", "S"), 2)
_WIDTH: Final = _DIGITS | {"b": 3, "a": 3, "I": 2, "p": 2, "%": 1}
_ZONE: Final = r"(\s?(?:[+-][0-9]{2}(?::?[0-9]{2})?|[A-Za-z][A-Za-z/_+-]*))$"
_HALF_OF_DAY: Final = r"(?:^|[\s0-9])([AaPp])([Mm])$"
# What stands for no date: blanks, zeros such as 0000-00-00, and nines.
_PLACEHOLDER: Final = r"^\s*(?:0[0\s./:-]*|9999[./-]?99[./-]?99)?\s*$"
FIRST_DAY: Final = -719_162  # 0001-01-01, in days since 1970
LAST_DAY: Final = 2_932_896  # 9999-12-31
_LAST_OF_CENTURY: Final = 36_524  # 2069-12-31, the last day that a year of two digits can mean
_PER_DAY: Final = {"s": 86_400, "ms": 86_400_000, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}


class Epoch(BaseModel):
    """A count of seconds or their parts since 1970-01-01 in UTC.

    Attributes:
        epoch: s, ms, us or ns: what is counted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    digits: ClassVar[int] = 0  # integers can hold it, and none has lost a zero at its front

    epoch: Literal["s", "ms", "us", "ns"]

    def days(self, values: pl.Expr) -> pl.Expr:
        """Days since 1970 as Int64, whatever text or integer they stand in."""
        days = self._number(values) // _PER_DAY[self.epoch]
        return pl.when(days.is_between(FIRST_DAY, LAST_DAY)).then(days)

    def written(self, values: pl.Expr, days: pl.Expr, clock: Clock) -> pl.Expr:
        """The text of the count on other days."""
        day, number = _PER_DAY[self.epoch], self._number(values)
        step = {"kept": 1, "hour": day // 24, "day": day}[clock]
        return (days * day + number % day // step * step).cast(pl.String)

    def _number(self, values: pl.Expr) -> pl.Expr:
        return values.cast(pl.String).str.strip_chars().cast(pl.Int64, strict=False)


EPOCHS: Final = tuple({"epoch": unit} for unit in _PER_DAY)  # as rules have them


class _Piece(NamedTuple):
    """A part of what stands around a date.

    Attributes:
        pattern: a regular expression.
        is_fixed: whether it is the same text in every value, with digits that belong to no time.
    """

    pattern: str
    is_fixed: bool = False


@dataclass(frozen=True)
class _Form:
    """One way to write a date with what stands around it, as regular expressions.

    Attributes:
        before: what stands before the date, piece by piece.
        date: the date.
        after: what stands after it.
        directives: of the date, as Polars reads and writes them.
        width: characters of what stands before the date, and of the date; None if they vary.
        digits: how many there are, where all of it is digits, so that integers can hold it.
        zoned: directive and regular expression of each part, where one is an offset from UTC.
        utc: the offset of UTC in this form; one for all values, however theirs was written.
    """

    before: tuple[_Piece, ...]
    date: str
    after: tuple[_Piece, ...]
    directives: str
    width: tuple[int, int] | None
    digits: int | None = None
    zoned: tuple[tuple[str, str], ...] = ()
    utc: str = "+0000"

    @property
    def _middle(self) -> str:
        """The parts of a date that are not written: the middle of the month or of the year."""
        if re.search(r"%-?d|%j", self.directives):
            return ""
        return "\x1f15" if re.search(r"%-?m|%[bB]", self.directives) else "\x1f07-01"

    @property
    def _pattern(self) -> str:
        before, after = ("".join(each.pattern for each in p) for p in (self.before, self.after))
        return f"^({before})({self.date})({after})$"

    def days(self, values: pl.Expr) -> pl.Expr:
        """Days since 1970 as Int64; null for what is written otherwise."""
        middle = {"": "", "\x1f15": "\x1f%d", "\x1f07-01": "\x1f%m-%d"}[self._middle]
        if self.width is None:
            date = values.str.extract(self._pattern, 2)
        else:
            date = pl.when(values.str.contains(self._pattern)).then(values.str.slice(*self.width))
        day = (date + pl.lit(self._middle)).str.to_date(self.directives + middle, strict=False)
        number = day.to_physical().cast(pl.Int64)
        return pl.when(number.is_between(FIRST_DAY, LAST_DAY)).then(number)

    def written(self, values: pl.Expr, days: pl.Expr, clock: Clock) -> pl.Expr:
        """The text of the same form on other days; null where two digits mean another century."""
        before, date, after = self._parts(values)
        if "%y" in self.directives:
            days = pl.when(days.is_between(0, _LAST_OF_CENTURY)).then(days)
        new = days.cast(pl.Int32).cast(pl.Date).dt.to_string(self.directives)
        if re.search(r"%[bBaA]", self.directives):  # MAY stays in capitals
            small, capital = date == date.str.to_lowercase(), date == date.str.to_uppercase()
            new = (
                pl.when(capital)
                .then(new.str.to_uppercase())
                .otherwise(pl.when(small).then(new.str.to_lowercase()).otherwise(new))
            )
        if clock != "kept":
            before, after = _begun(before, self.before, clock), _begun(after, self.after, clock)
        return pl.concat_str(before, new, after) if self.before or self.after else new

    def in_utc(self, values: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
        """The text with its time of day in UTC, and by how many days its date moves for that.

        Null where no offset is written. Where no hour is, or only one of twelve, it alone goes.
        """
        part = self._by_directive(values)
        offset = part["z"].str.replace_all("[^0-9]", "").str.pad_end(4, "0")
        minutes = _number(offset.str.head(2)) * 60 + _number(offset.str.tail(2))
        minutes = pl.when(part["z"].str.contains("-")).then(-minutes).otherwise(minutes)
        shown, carry = {"z": pl.lit(self.utc)}, pl.lit(0, dtype=pl.Int64)
        if (hour := _hour(part)) is not None:
            local = hour * 60 + _number(part.get("M", pl.lit("")))
            utc = local - minutes + 2 * _MINUTES  # an offset is less than a day
            carry, shown = utc // _MINUTES - 2, shown | _clock(utc % _MINUTES, part)
        text = pl.concat_str(shown.get(name, each) for name, each in part.items())
        there = pl.when(part["z"] != "")
        return there.then(text), there.then(carry)

    def without_offset(self, values: pl.Expr) -> pl.Expr:
        """The text with the offset of UTC in the place of its own; null where none is written."""
        part = self._by_directive(values)
        text = pl.concat_str((part | {"z": pl.lit(self.utc)}).values())
        return pl.when(part["z"] != "").then(text)

    def _by_directive(self, values: pl.Expr) -> dict[str, pl.Expr]:
        """The parts of a text by their directives, in order; what stands between, by its place."""
        groups = values.str.extract_groups(f"^{''.join(f'({each})' for _, each in self.zoned)}$")
        names = [name if name in _OF_CLOCK else f" {n}" for n, (name, _) in enumerate(self.zoned)]
        return {name: groups.struct.field(str(n)) for n, name in enumerate(names, 1)}

    def _parts(self, values: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
        """What stands before the date, the date, and what stands after it."""
        if self.width is None:
            before, date, after = (values.str.extract(self._pattern, group) for group in (1, 2, 3))
            return before, date, after
        start, size = self.width
        return values.str.head(start), values.str.slice(start, size), values.str.slice(start + size)


def _begun(text: pl.Expr, pieces: Sequence[_Piece], clock: Clock) -> pl.Expr:
    """What stands around a date with its time of day at the beginning."""
    if not any(piece.is_fixed for piece in pieces):
        return _cut(text, clock)
    pattern = "".join(f"({piece.pattern})" for piece in pieces)
    parts = [(text.str.extract(f"^{pattern}$", n), each) for n, each in enumerate(pieces, 1)]
    return pl.concat_str(part if each.is_fixed else _cut(part, clock) for part, each in parts)


def _cut(text: pl.Expr, clock: Clock) -> pl.Expr:
    """A time of day at its beginning; the zone stays."""
    half = text.str.contains(_HALF_OF_DAY)
    zone = pl.when(~half).then(text.str.extract(_ZONE, 1)).fill_null("")
    hours = text.str.strip_suffix(zone)
    if clock == "hour":
        first = hours.str.extract(r"^(\D*[0-9]{0,2})", 1)
        return first + hours.str.strip_prefix(first).str.replace_all("[0-9]", "0") + zone
    midnight = hours.str.replace_all("[0-9]", "0")
    twelve = midnight.str.replace(r"0{1,2}", "12").str.replace("P", "A").str.replace("p", "a")
    return pl.when(half).then(twelve).otherwise(midnight) + zone


def _hour(part: Mapping[str, pl.Expr]) -> pl.Expr | None:
    """The hour of 24 that the parts of a text say; None where they say none."""
    for name in ("H", "-H"):
        if name in part:
            return _number(part[name])
    twelve = part.get("I", part.get("-I"))
    if twelve is None or "p" not in part:
        return None
    return _number(twelve) % 12 + 12 * part["p"].str.contains("^[Pp]").cast(pl.Int64)


def _clock(minutes: pl.Expr, part: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    """The parts of a text that say the time of day, for other minutes of the day."""
    hour, minute = minutes // 60, minutes % 60
    twelve, late = (hour + 11) % 12 + 1, hour >= 12
    capital = part["p"] == part["p"].str.to_uppercase() if "p" in part else pl.lit(value=True)
    half = pl.when(late).then(pl.lit("PM")).otherwise(pl.lit("AM"))
    said = {
        "H": _two(hour),
        "-H": hour.cast(pl.String),
        "I": _two(twelve),
        "-I": twelve.cast(pl.String),
        "M": _two(minute),
        "p": pl.when(capital).then(half).otherwise(half.str.to_lowercase()),
    }
    if "M" in part:  # 16+02 has no minutes and needs none, 16+0530 does
        said["M"] = pl.when((part["M"] != "") | (minute != 0)).then(said["M"]).otherwise(pl.lit(""))
    return {name: each for name, each in said.items() if name in part}


def _two(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.String).str.zfill(2)


def _number(digits: pl.Expr) -> pl.Expr:
    return digits.cast(pl.Int64, strict=False).fill_null(0)


def _iso(date: str, directives: str, width: int, *clock: tuple[str, str], time: str = "") -> _Form:
    """A form of ISO 8601: what matches a time of day, and its parts."""
    after = (_Piece(f"(?:{time}{_OFFSET})?"),) if time else ()
    zoned = (("", date), *clock, ("z", _OFFSET)) if time else ()
    return _Form((), date, after, directives, (0, width), zoned=zoned, utc="Z")


_YEAR: Final = "(?:1[89][0-9]{2}|2[01][0-9]{2}|9999)"
_OFFSET: Final = rf"(?:\s?{_CLOCK['z']})?"
_HOUR, _MINUTE, _SECOND = "(?:[01][0-9]|2[0-3])", _CLOCK["M"], _CLOCK["S"]
# Without a format, text is read as ISO 8601. Where no hyphen says that a year comes first, it must
# be a likely one: 20112005 is no year 2011, as there is no month 20.
ISO_8601: Final = (
    _iso(f"[0-9]{{4}}-{_MONTH}-{_DAY}", "%Y-%m-%d", 10, ("", "[Tt ]"), ("H", _CLOCK["H"]),
         ("", ":"), ("M", _MINUTE), ("", "[0-9:.,]*"), time=f"[Tt ](?:{_HOUR}:{_MINUTE}"
         f"(?::{_SECOND}(?:[.,][0-9]+)?)?|24:00(?::00(?:[.,]0+)?)?)"),
    _iso(f"{_YEAR}{_MONTH}{_DAY}", "%Y%m%d", 8, ("", "T"), ("H", _CLOCK["H"]),
         ("M", f"(?:{_MINUTE})?"), ("", "[0-9]*"),
         time=f"T(?:{_HOUR}(?:{_MINUTE}(?:{_SECOND})?)?|24(?:00){{0,2}})"),
    _iso(f"[0-9]{{4}}-{_MONTH}", "%Y-%m", 7),
    _iso(_YEAR, "%Y", 4),
)  # fmt: skip


@cache
def form_of(pattern: str) -> _Form:
    """The form that a pattern of strftime describes.

    Raises:
        ValueError: it cannot be read, or is no date; says what to write.
    """
    for short, meaning in _SHORT.items():
        pattern = pattern.replace(f"%{short}", meaning)
    tokens = [(name, literal) for name, literal in _TOKEN.findall(pattern.strip())]
    for name, _ in tokens:
        if name and name != "%" and name not in _DATE | _CLOCK:
            known = " ".join(f"%{each}" for each in (*_DATE, *_CLOCK, *_SHORT))
            raise ValueError(f"%{name} is not among the directives: {known}")
    places = [place for place, (name, _) in enumerate(tokens) if name in _DATE]
    _refuse_incomplete({name for name, _ in tokens})
    first, last = places[0], places[-1] + 1
    before, date, after = tokens[:first], tokens[first:last], tokens[last:]
    if any(name in _CLOCK for name, _ in date):
        raise ValueError("year, month and day must stand together")
    directives = "".join(f"%{name}" if name else literal for name, literal in date)
    start, size, whole = _width(before), _width(date), _width(tokens)
    width = None if start is None or size is None else (start, size)
    digits = whole if all(name in _DIGITS for name, _ in tokens) else None
    is_zoned = any(name == "z" for name, _ in tokens)
    zoned = tuple((name, _regex([(name, text)])) for name, text in tokens) if is_zoned else ()
    return _Form(_pieces(before), _regex(date), _pieces(after), directives, width, digits, zoned)


def _refuse_incomplete(names: set[str]) -> None:
    year, month = names & {"Y", "y"}, names & {"m", "-m", "b", "B"}
    day = names & {"d", "-d"}
    if not year:
        raise ValueError('a format needs a year, such as `"%d.%m.%Y"` or `"%Y%m%d"`')
    if day and not month:
        raise ValueError("a format with a day needs a month")


def _pieces(tokens: Sequence[tuple[str, str]]) -> tuple[_Piece, ...]:
    runs = groupby(tokens, key=lambda token: any(map(str.isdigit, token[1])))
    return tuple(_Piece(_regex(list(run)), is_fixed) for is_fixed, run in runs)


def _regex(tokens: Sequence[tuple[str, str]]) -> str:
    known = _DATE | _CLOCK | {"%": "%"}
    return "".join(known[name] if name else re.escape(literal) for name, literal in tokens)


def _width(tokens: Sequence[tuple[str, str]]) -> int | None:
    sizes = [len(literal) if literal else _WIDTH.get(name) for name, literal in tokens]
    return None if None in sizes else sum(size or 0 for size in sizes)


# Formats that are tried where text is no ISO 8601: day first and month first.
_SHORT_YEARS: Final = ("%d/%m/%y", "%m/%d/%y", "%-d/%-m/%y", "%-m/%-d/%y")
_DAYS: Final = ("%d/%m/%Y", "%m/%d/%Y", "%-d/%-m/%Y", "%-m/%-d/%Y", *_SHORT_YEARS)
LIKELY: Final = (
    *(pattern.replace("/", gap) for gap in "./-" for pattern in _DAYS),
    *("%Y/%m/%d", "%Y/%-m/%-d", "%Y.%m.%d", "%d%m%Y", "%m/%Y", "%d-%b-%Y", "%d-%b-%y"),
    *("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%Y年%m月%d日", "%Y年%-m月%-d日"),
    *("%Y년 %m월 %d일", "%Y년 %-m월 %-d일"),
)


@dataclass(frozen=True)
class Writing:
    """How the times of one column are written: several formats, of which each value has one.

    Attributes:
        forms: no two of them may read one value as different dates.
        dtype: of the column, text or integers.
    """

    forms: tuple[_Form | Epoch, ...]
    dtype: pl.DataType

    @classmethod
    def of(cls, formats: Sequence[str | Epoch], dtype: pl.DataType) -> "Writing":
        """The writing of some formats; ISO 8601 where none is given."""
        forms = [form_of(each) if isinstance(each, str) else each for each in formats]
        return cls(tuple(forms) or ISO_8601, dtype)

    def read(self, values: pl.Expr) -> pl.Expr:
        """What all else is made of, computed once for each value.

        Returns:
            A struct of `days` since 1970, null where no form fits or two give different dates;
            `form`, the index of the first that fits; `none`, whether the value stands for no date,
            as blanks and 0000-00-00 do; and what each form reads, `0`, `1` ...
        """
        readings = [each.alias(str(place)) for place, each in enumerate(self.readings(values))]
        fields = [pl.field(str(place)) for place in range(len(readings))]
        form = pl.coalesce(
            pl.when(each.is_not_null()).then(pl.lit(place, dtype=pl.UInt8))
            for place, each in enumerate(fields)
        )
        agreed = pl.min_horizontal(fields) == pl.max_horizontal(fields)
        none = values.cast(pl.String).str.contains(_PLACEHOLDER)
        return pl.struct(none.alias("none"), *readings).struct.with_fields(
            pl.when(agreed).then(pl.coalesce(fields)).alias("days"), form.alias("form")
        )

    @property
    def has_offsets(self) -> bool:
        """Whether a form has a place for an offset from UTC."""
        return not self.dtype.is_integer() and any(
            getattr(form, "zoned", ()) for form in self.forms
        )

    def in_utc(self, values: pl.Expr, read: pl.Expr) -> pl.Expr:
        """What was read with `days` in UTC, and a `text` whose time of day is as well.

        Dates that stand for none, and values without an offset, are as they are.
        """
        days, form = pl.field("days"), pl.field("form")
        is_time = ~pl.field("none") & ~is_sentinel(days)
        moved = {
            place: each.in_utc(self._text(values, each))
            for place, each in enumerate(self.forms)
            if isinstance(each, _Form) and each.zoned
        }
        here = {place: pl.when(is_time & (form == place)) for place in moved}
        text = pl.coalesce(here[place].then(text) for place, (text, _) in moved.items())
        carry = pl.coalesce(here[place].then(days) for place, (_, days) in moved.items())
        framed = pl.coalesce(self._framed(values, text), values.cast(pl.String))
        return read.struct.with_fields(
            (days + carry.fill_null(0)).alias("days"), framed.alias("text")
        )

    @property
    def short_years(self) -> bool:
        """Whether each form has years of two digits, which do not say their century."""
        return all("%y" in getattr(form, "directives", "") for form in self.forms)

    def readings(self, values: pl.Expr) -> list[pl.Expr]:
        """What each form reads: days since 1970, or null."""
        return [form.days(self._text(values, form)) for form in self.forms]

    def written(
        self, values: pl.Expr, form: pl.Expr, days: pl.Expr, clock: Clock = "kept"
    ) -> pl.Expr:
        """Other days, each in the form of the value; null where a year leaves 1 to 9999.

        Args:
            values: as they stand in the column.
            form: the index of the form of each.
            days: since 1970.
            clock: whether the time of day is kept, or begins with its hour or day.
        """
        inside = pl.when(days.is_between(FIRST_DAY, LAST_DAY)).then(days)
        texts = [
            each.written(pl.when(form == place).then(self._text(values, each)), inside, clock)
            for place, each in enumerate(self.forms)
        ]
        new = pl.coalesce(pl.when(form == place).then(text) for place, text in enumerate(texts))
        if self.dtype.is_integer():
            return new.cast(self.dtype, strict=False)
        return self._framed(values, new)

    def _framed(self, values: pl.Expr, new: pl.Expr) -> pl.Expr:
        """A new text with the blanks around the old one."""
        text = values.cast(pl.String)
        size, begin, end = (
            each.str.len_chars()
            for each in (text, text.str.strip_chars_start(), text.str.strip_chars_end())
        )
        return pl.concat_str(text.str.head(size - begin), new, text.str.tail(size - end))

    def without_offset(self, texts: pl.Expr, form: pl.Expr) -> pl.Expr:
        """Texts with the offset of UTC in the place of their own.

        Args:
            texts: as `written` gives them.
            form: the index of the form of each.
        """
        bare = [
            pl.when(form == place).then(each.without_offset(texts.str.strip_chars()))
            for place, each in enumerate(self.forms)
            if isinstance(each, _Form) and each.zoned
        ]
        return pl.coalesce(*(self._framed(texts, each) for each in bare), texts)

    @property
    def output_dtype(self) -> pl.DataType:
        """String for text, as categories are values; integers stay as they are."""
        return self.dtype if self.dtype.is_integer() else pl.String()

    def _text(self, values: pl.Expr, form: _Form | Epoch) -> pl.Expr:
        if self.dtype.is_integer():
            text = values.cast(pl.String)
            return text.str.zfill(form.digits) if form.digits else text
        return values.cast(pl.String).str.strip_chars()  # blanks around a time stay
