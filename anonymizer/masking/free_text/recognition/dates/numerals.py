"""Numbers of dates as they are written: Chinese numerals, eras, ordinals of English."""

from datetime import date
from typing import Final

_DIGITS: Final = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "元": 1,
    "两": 2,
}
_ONES: Final = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]
_SPELT: Final = dict(
    enumerate(
        [
            *_ONES,
            "twentieth",
            *(f"twenty-{word}" for word in _ONES[:9]),
            "thirtieth",
            "thirty-first",
        ],
        start=1,
    )
)
ORDINALS: Final = {word: number for number, word in _SPELT.items()} | {
    word.replace("-", " "): number for number, word in _SPELT.items()
}

ROMANS: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
# Words for the quarters of a year.
QUARTERS: Final = {
    word: quarter
    for words in (
        "first second third fourth",
        "premier deuxième troisième quatrième",
        "primer segundo tercer cuarto",
        "primo secondo terzo quarto",
        "i ii iii iv",
    )
    for quarter, word in enumerate(words.split(), start=1)
}
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
    """What a number of a date says: `05`, `二十三`, `二〇二四`, `twenty-first`."""
    if written.strip().isdecimal():
        return int(written)
    for words in (ORDINALS, QUARTERS):
        if written in words:
            return words[written]
    if written in ROMANS:
        return ROMANS.index(written) + 1
    if "十" in written or "廿" in written:
        tens, _, ones = written.replace("廿", "二十").partition("十")
        return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)
    return int("".join(str(_DIGITS[char]) for char in written))


def spelt(value: int) -> str:
    """An ordinal of English up to the thirty-first."""
    return _SPELT[value]


def chinese(value: int) -> str:
    """A number below a hundred, as months and days are written."""
    tens, ones = divmod(value, 10)
    written = "" if not tens else ("" if tens == 1 else "〇一二三四五六七八九"[tens]) + "十"
    return written + ("〇一二三四五六七八九"[ones] if ones else "")


def chinese_year(value: int, like: str) -> str:
    """A year digit by digit, with the zero of another one."""
    zero = next((char for char in like if char in "零○"), "〇")
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(value)).replace("〇", zero)


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
