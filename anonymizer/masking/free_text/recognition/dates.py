"""Dates as figures, with names of months in four languages, and in Chinese and Korean.

Years count where a word before them says that they are years (`in 1977`, `born 1980`). Times,
weekdays, sizes, versions and ranges of numbers are no dates.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from anonymizer.masking.free_text.recognition.folding import Span

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january januar jänner janvier enero janv jan ene",
            "february februar février fevrier febrero févr fevr feb",
            "march märz maerz marzo mars mrz mar",
            "april avril abril apr avr abr",
            "may mayo mai",
            "june juni juin junio jun",
            "july juli juillet julio juil jul",
            "august agosto août aout aug ago",
            "september septembre septiembre setiembre sept sep",
            "october oktober octobre octubre oct okt",
            "november novembre noviembre nov",
            "december dezember décembre decembre diciembre déc dec dez dic",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH_NAMES: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ANY_MONTH: Final = re.compile("(?i)" + "|".join(sorted({name[:3] for name in _MONTHS})))
# Small words and sweets: without a year they are no months unless written as names.
_MONTHS_THAT_ARE_WORDS: Final = {"march", "mars", "may", "mai"}

_BEFORE_DATE: Final = r"(?<![0-9A-Za-z_])(?<![0-9][./,:\-])(?<![A-Za-z][-/])"
_AFTER_DATE: Final = r"(?![0-9A-Za-z_]|[./,:-]\d|-[A-Za-z])"
_CLOCK: Final = r"(?:(?:[T,]|,? )\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?Z\b| ?[+-]\d\d:?\d\d)?)?"
_YEAR: Final = r"(?:1[89]|2[01])\d\d"

_YEAR_FIRST: Final = re.compile(
    rf"{_BEFORE_DATE}(?P<y>{_YEAR})(?P<gap>[-/.] ?)(?P<m>\d\d?)(?P=gap)(?P<d>\d\d?)(?!\d)"
    rf"{_CLOCK}{_AFTER_DATE}"
)
_YEAR_LAST: Final = re.compile(
    rf"{_BEFORE_DATE}(?P<a>\d\d?)(?P<gap>[-/.] ?)(?P<b>\d\d?)(?P=gap)(?P<y>{_YEAR}|\d\d)(?!\d)"
    rf"{_CLOCK}{_AFTER_DATE}"
)
_MONTH_OF_YEAR: Final = re.compile(rf"{_BEFORE_DATE}(?:0[1-9]|1[0-2])/{_YEAR}{_AFTER_DATE}")
_DAY_MONTH: Final = re.compile(
    rf"(?i){_BEFORE_DATE}(?P<d>\d\d?)(?:st|nd|rd|th|er|\.|º|°)?(?P<gap>[ /-]|)"
    rf"(?: ?(?:of|de|del)(?: the)? )?(?P<m>{_MONTH_NAMES})(?![^\W\d_])\.?"
    rf"(?:(?:,? ?(?:of |de |del )?|-|/)(?P<y>{_YEAR})(?!\d)|(?:-|/| ?')(?P<yy>\d\d)(?!\d))?"
)
_MONTH_DAY: Final = re.compile(
    rf"(?i)(?<![^\W\d_])(?<!\d)(?P<m>{_MONTH_NAMES})"
    rf"(?:\. ?| |-)(?:the )?(?P<d>\d\d?)(?P<th>st|nd|rd|th)?"
    rf"(?![\w:%]|[.,/]\d|-\w)(?:(?:,? |, ?)(?P<y>{_YEAR})(?!\d))?"
)
_MONTH_YEAR: Final = re.compile(
    rf"(?i)(?<![^\W_])(?P<m>{_MONTH_NAMES})\.?,? (?:of |de |del )?(?P<y>{_YEAR})(?![\w%]|[.,]\d)"
)
_EAST_ASIAN_DATE: Final = re.compile(
    r"(?<!\d)(?:(?P<y>\d{4}|\d\d)\s?[年년]\s?)?(?P<m>\d\d?)\s?[月월]\s?(?:(?P<d>\d\d?)\s?[日号號일])"
    r"|(?<!\d)(?P<y2>(?:1[89]|2[01])\d\d)\s?[年년](?:\s?(?P<m2>\d\d?)\s?[月월])?"
)
# Words that only years follow, and words that years and other numbers follow.
_YEARLY: Final = (
    r"(?:(?:class|act|law|summer|winter|spring|autumn|fall|year|early|late|mid|end)(?: of)?|"
    r"since|born|dated|founded|established|seit|geboren|jahre?|anno|depuis|n[ée]e?|desde|année|año)"
)
_LONE_YEAR: Final = re.compile(
    rf"(?i)\b(?:{_YEARLY}(?: the| in| im| en)?|(?P<weak>in|until|till|en|im|by|from))[ -]"
    r"(?P<y>(?:19|20)\d\d)(?![\w%]|[.,]\d|-\w| ?[$€£¥%×x/])"
    # What follows a weak word may be counted: `in 2000 shops`, `in 1950 g`.
    r"(?(weak)(?!\s(?!was\b|is\b|as\b|has\b|this\b)[a-z]+s\b"
    r"|\s(?:g|kg|cm|mm|m|ml|l|km|pcs|eur|usd|gbp|people|different)\b))"
)
_SCALE_AFTER_YEAR: Final = re.compile(
    r"(?i)(?:sizes?|ratio|scale|gr[oö](?:ß|ss)en?|tallas?|tailles?|version|v)\W{0,3}$"
)
_DAY_WORD: Final = re.compile(
    r"(?i)\b(?:am|vom|bis|seit|ab|den|dem|zum|geb|geboren|born|dob|on|le|du|al|el)\W{1,2}$"
)
_BIRTH: Final = re.compile(
    r"(?i)\b(?:born(?: on)?|dob|d\.o\.b\.?|birth(?:day|date| date)?|date of birth|geboren(?: am)?|"
    r"geb\.?|n[ée]e? le)\W{1,3}(?:(?:is|on|am|le)\W)?"
    r"(?P<c>(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\w)"
)


def dates(text: str, _region: str) -> Iterator[Span]:
    """Every date; the more complete pattern first."""
    taken = bytearray(len(text))
    for span in _candidates(text):
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            yield span


def _candidates(text: str) -> Iterator[Span]:
    if "-" in text or "/" in text or "." in text:
        yield from _numeric(text)
    if _ANY_MONTH.search(text):
        yield from _with_names(text)
    if not text.isascii():
        for match in _EAST_ASIAN_DATE.finditer(text):
            year, month = match["y"] or match["y2"], match["m"] or match["m2"]
            if int(month or 1) <= 12 and int(match["d"] or 1) <= 31:
                yield _span(match, year, month, match["d"])
    for match in _BIRTH.finditer(text):
        yield Span(*match.span("c"), "date", match["c"])
    for match in _LONE_YEAR.finditer(text):
        yield Span(*match.span("y"), "date", match["y"])


def _numeric(text: str) -> Iterator[Span]:
    for match in _YEAR_FIRST.finditer(text):
        if _is_day(match["m"], match["d"]):
            yield _span(match, match["y"], match["m"], match["d"])
    for match in _YEAR_LAST.finditer(text):
        first, second, year, gap = match["a"], match["b"], match["y"], match["gap"]
        if not (_is_day(first, second) or _is_day(second, first)):
            continue
        short = len(year) == 2
        before = text[max(0, match.start() - 16) : match.start()]
        if short and gap == "." and len(first + second) < 4 and not _DAY_WORD.search(before):
            continue  # rather a section or a version
        if short and gap not in "/.":
            continue
        if short and _SCALE_AFTER_YEAR.search(before):
            continue
        plain = re.sub(r"[-/.] ?", "/", match[0])
        yield Span(*match.span(), "date", re.sub(r"\b0", "", plain))
    for match in _MONTH_OF_YEAR.finditer(text):
        yield Span(*match.span(), "date", match[0])


def _with_names(text: str) -> Iterator[Span]:
    for match in _DAY_MONTH.finditer(text):
        year = match["y"] or match["yy"]
        joined = not match["gap"] and not match[0][len(match["d"])].isspace()
        if (year or (_is_month(match["m"]) and not joined)) and 1 <= int(match["d"]) <= 31:
            yield _span(match, year, str(_MONTHS[match["m"].lower()]), match["d"])
    for match in _MONTH_DAY.finditer(text):
        sure = match["y"] or match["th"] or _is_month(match["m"])
        if sure and 1 <= int(match["d"]) <= 31:
            yield _span(match, match["y"], str(_MONTHS[match["m"].lower()]), match["d"])
    for match in _MONTH_YEAR.finditer(text):
        yield _span(match, match["y"], str(_MONTHS[match["m"].lower()]), None)


def _is_month(name: str) -> bool:
    """Whether a name stands for a month where no year says so."""
    if name.lower() == "mars":
        return False
    return name.istitle() or (len(name) > 3 and name.lower() not in _MONTHS_THAT_ARE_WORDS)


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def _span(match: re.Match[str], year: str | None, month: str | None, day: str | None) -> Span:
    parts = (year or "", (month or "").zfill(2), (day or "").zfill(2))
    return Span(*match.span(), "date", "-".join(parts))


def moved(written: str, days: int) -> str | None:
    """A date moved by a number of days, in the form it had; None where it cannot be read."""
    try:
        return (date.fromisoformat(written) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return None
