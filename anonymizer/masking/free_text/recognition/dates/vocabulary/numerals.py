"""Numbers of dates as they are written: words, Roman and Chinese numerals, eras."""

from datetime import date
from typing import Final

from anonymizer.masking.free_text.recognition.dates.vocabulary.names import DAYS, QUARTERS

_CHINESE: Final = "〇一二三四五六七八九"
_DIGITS: Final = {char: value for value, char in enumerate(_CHINESE)} | {
    "零": 0,
    "○": 0,
    "元": 1,
    "两": 2,
}
# Those that follow the moon and have names of their own.
MONTHS_BY_THE_MOON: Final = {1: "正", 11: "冬", 12: "腊"}
_BY_THE_MOON: Final = {name: month for month, name in MONTHS_BY_THE_MOON.items()} | {"臘": 12}
ROMANS: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
# The first days of Japanese eras, and by how many years others run ahead of ours.
_REIGNS: Final = {
    "令和": date(2019, 5, 1),
    "平成": date(1989, 1, 8),
    "昭和": date(1926, 12, 25),
    "大正": date(1912, 7, 30),
    "明治": date(1868, 1, 25),
}
_LETTERS: Final = dict(zip("rhstm", _REIGNS, strict=True))
_AHEAD: Final = {"พ.ศ.": 543, "b.e.": 543, "be": 543, "佛历": 543, "佛曆": 543, "仏暦": 543}
_BEHIND: Final = {"民国": 1911, "民國": 1911}
ERAS: Final = (*_REIGNS, *_AHEAD, *_BEHIND, "公元", "西元", "西暦")


def number(written: str) -> int:
    """What a number of a date says: `05`, `二十三`, `二〇二四`, `iv`, `twenty-first`."""
    if written.strip().isdecimal():
        return int(written)
    if names := DAYS.get(written) or QUARTERS.get(written):
        return names[0].place + 1
    if written in ROMANS:
        return ROMANS.index(written) + 1
    if written in _BY_THE_MOON:
        return _BY_THE_MOON[written]
    written = written.removeprefix("初")
    if "十" in written or "廿" in written:
        tens, _, ones = written.replace("廿", "二十").partition("十")
        return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)
    return int("".join(str(_DIGITS[char]) for char in written))


def by_the_moon(value: int) -> str:
    """A day of a month that follows the moon."""
    return "初" * (value <= 10) + chinese(value)


def chinese(value: int) -> str:
    """A number below a hundred, as months and days are written."""
    tens, ones = divmod(value, 10)
    written = "" if not tens else ("" if tens == 1 else _CHINESE[tens]) + "十"
    return written + (_CHINESE[ones] if ones else "")


def chinese_year(value: int, like: str) -> str:
    """A year digit by digit, with the zero of another one."""
    zero = next((char for char in like if char in "零○"), "〇")
    return "".join(_CHINESE[int(digit)] for digit in str(value)).replace("〇", zero)


def western(year: int, era: str) -> int:
    """The year of ours that an era calls by a number."""
    reign = _REIGNS.get(_LETTERS.get(era, era))
    if reign is not None:
        return reign.year - 1 + year
    return year - _AHEAD.get(era, 0) + _BEHIND.get(era, 0)


def in_era(day: date, era: str) -> tuple[str, int] | None:
    """The era of a day and its year in it, in the kind of era that another one is."""
    letters = era in _LETTERS
    if not letters and era not in _REIGNS:
        year = day.year + _AHEAD.get(era, 0) - _BEHIND.get(era, 0)
        return (era, year) if year > 0 else None
    for reign, start in _REIGNS.items():
        if day >= start:
            name = next(key for key, value in _LETTERS.items() if value == reign)
            return name if letters else reign, day.year - start.year + 1
    return None
