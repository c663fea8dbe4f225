"""How sure it is that a match is a date: one judge for each way to write one."""

import re
from typing import Final

from anonymizer.masking.free_text.recognition.dates.alone import (
    eastern_day,
    is_told_in_two,
)
from anonymizer.masking.free_text.recognition.dates.context import (
    EVENTS,
)
from anonymizer.masking.free_text.recognition.dates.forms.patterns import (
    WORD,
)
from anonymizer.masking.free_text.recognition.dates.found import (
    LIKELY,
    NO,
    SAID_BEHIND,
    SURE,
    WEAK,
    Found,
)
from anonymizer.masking.free_text.recognition.dates.vocabulary.names import (
    DAYS,
    ENGLISH_TOO,
    MONTHS,
    RISKY,
    RISKY_WEEKDAYS,
    WEEKDAYS,
    WORDS,
)
from anonymizer.masking.free_text.recognition.dates.vocabulary.words import (
    AFTER_HOURS,
    BETWEEN,
    BETWEEN_BIRTHS,
    BIRTHS,
    CALENDAR_WEEKS,
    EXPIRES,
    FROM,
    IN_YEARS,
    OF_COURSES,
    OF_YEARS,
    ON_DAYS,
    SEASONS,
    SPANS,
    YEARS_OF_TWO,
    listed,
)

_SHARE: Final = re.compile(r" ?(?:inch|in\b|\"|cups?\b|of\b|stars?\b|miles?\b|de\b|der\b|des\b)")


_ON: Final = ON_DAYS | {"on", "op"}


_GOES_ON: Final = re.compile(r" [^\W\dA-Z_]")


_RATIOS: Final = frozenset(
    ("24/7", "16/9", "16/10", "18/9", "19/9", "21/9", "14/9", "18/8", "18/10", "20/20", "20/10")
)


_ENDINGS: Final = frozenset(("st", "nd", "rd", "th", ":e", ":a"))


def short_span(found: Found) -> float:
    """`Winter 18/19`, `Schuljahr 21/22`."""
    first, last = int(found.match["y0"]), int(found.match["y"])
    said = not (YEARS_OF_TWO | SEASONS | OF_YEARS).isdisjoint(found.words[-1:])
    return LIKELY if said and (first + 1 - last) % 100 == 0 and not found.is_counted else NO


def sure(_: Found) -> float:
    """What looks like nothing else."""
    return SURE


def named(found: Found) -> float:
    """A date with the name of a month: with a year it is one, unless the name is rather a word."""
    reading, month = found.reading, found.reading.month(found.context.low)
    day, year = "d" in reading.places, "y" in reading.places
    if found.raw("d").lower() in DAYS and all(name.series.short for name in MONTHS[month]):
        return NO
    if month in RISKY:
        first = day and "m" in reading.places and reading.places["d"] < reading.places["m"]
        foreign = found.context.is_foreign(month)
        clear = len(found.raw("y")) == 4 or bool({"'", "/"}.intersection(found.match[0]))
        alone = not day and clear and not found.is_counted
        sure = month not in ENGLISH_TOO and alone
        return SURE if first and year else LIKELY if foreign or sure else NO
    if not day:
        return _month_of_year(found, month)
    return SURE if year else _day_of_month(found, month)


def _month_of_year(found: Found, month: str) -> float:
    """`March 2021`; of `Mar-21` a code if it is written large."""
    if len(found.raw("y")) > 2:
        return SURE
    name, low = found.raw("m"), found.context.low
    if found.match.groupdict().get("yz") and found.follower:
        return NO  # in May 40 people
    slashed = low[found.reading.places["m"][1]] == "/"
    if month in WORDS and name.islower() and not slashed:
        return NO
    return WEAK if name.isupper() else LIKELY


def _day_of_month(found: Found, month: str) -> float:
    """Without a year a word such as `may` must look like a month, or be introduced as a day."""
    places, name, low = found.reading.places, found.raw("m") or found.raw("m0"), found.context.low
    (first, day), (start, _) = sorted((places["d"], places.get("m") or places["m0"]))
    if month in WORDS and name.islower() and first != places["d"][0] and found.raw("d").isalpha():
        return NO  # may the fifth
    if found.reading.first or "o" in places or found.is_introduced:
        return SURE
    if day == start:
        return NO
    full = month not in WORDS and len(month) > 3
    if full or WORD.search(low, day, start) or (name.istitle() and month != "mars"):
        return SURE
    return LIKELY if _is_likely_day(found, month) else NO


def _is_likely_day(found: Found, month: str) -> bool:
    """Whether a month that is short or a word as well is rather a month."""
    places = found.reading.places
    english = MONTHS[month][0].series.language == "en" and bool(found.follower)
    if month not in WORDS and "m" in places and places["d"] < places["m"] and not english:
        return True
    alone = not found.before and not found.follower  # nothing else: `mars 24`
    return alone or month in ("mei", "mai", "maj") or found.context.is_foreign(month)


def eastern(found: Found) -> float:
    """A year alone has four figures or an era; a short one needs its day."""
    places, year = found.reading.places, found.raw("y")
    if "d" in places and places.keys().isdisjoint(("m", "m0")) and not year:
        return eastern_day(found)
    if "d" in places or "e" in places or not year:
        return SURE
    if len(year) == 2 and is_told_in_two(found):
        return LIKELY
    if len(year) != 4:
        return LIKELY if year.isdecimal() and len(year) == 2 and "m" in places else NO
    return SURE if "m" in places or not year.isdecimal() or 1800 <= int(year) < 2200 else NO


def numeric_range(found: Found) -> float:
    """With a year; without one as `3.-5.5.`, and where a word says that days follow."""
    year, gap = found.raw("y"), found.match["g"]
    if found.is_code or (gap == "-" and year and not found.match["b0"]):
        return NO
    if year or gap == ".":
        return SURE
    if not found.match["b0"] or found.is_counted:
        return NO
    introduced = found.is_introduced or not FROM.isdisjoint(found.words[-1:])
    return LIKELY if introduced or _are_days(found) else NO


def _are_days(found: Found) -> bool:
    """Whether two days of a month, such as `5/3 - 7/3`, are no shares, decimals or scores."""
    match, low = found.match, found.context.low
    first, second, month = match["a0"], match["a"], match["b"]
    joined = any(char.isalpha() for char in low[match.end("b0") : match.start("a")])
    if joined and match["g"] == "/" and first == second and int(match["b0"]) < int(month):
        return True
    figures = first + match["b0"] + second + month
    if match["g"] == "/" and len(figures) == 8 and int(match["b0"]) < int(month) < 13:
        return True  # 20/02-05/03
    if match["b0"] != month or int(first) >= int(second) or _SHARE.match(low, match.end()):
        return False
    if match["g"] == "/":
        return int(second) > int(month)
    padded = len(first + second + month) == 6 and month.startswith("0")
    return (joined or padded) and found.context.is_english is not True


def year_first(found: Found) -> float:
    """`2024-03-05`; a day by its number in the year looks like the number of a paper."""
    if "j" in found.reading.places:
        return LIKELY if found.is_introduced else WEAK
    return NO if found.is_code and found.match["g"] == "." else SURE


_PARAGRAPH: Final = re.compile("[条條款章节節版项項]")


def year_last(found: Found) -> float:
    """`5.3.2024`; with a short year it may be a section, a version or a size."""
    year, gap = found.match.group("y", "g")
    if _PARAGRAPH.match(found.context.low, found.reading.end):
        return NO
    if len(year) == 4:
        return NO if found.is_version and "." in gap else SURE
    if found.is_code or (len(gap) > 1 and (gap != ". " or not found.context.is_dotted)):
        return NO
    mixed = gap == "/" and "-" in found.match[0]
    if "'" in found.match[0] or found.is_introduced or (gap == "/" and not mixed):
        return SURE
    if gap.strip() == ".":
        return _short_dotted(found)
    padded = len(found.match["a"] + found.match["b"]) == 4
    begins = not found.context.text[: found.reading.start].rpartition("\n")[2].strip()
    said = (begins and not found.follower) or found.is_of_event or found.before[-1:] == [":"]
    return LIKELY if said or (padded and found.context.is_english is False) else WEAK


def _short_dotted(found: Found) -> float:
    """`5.3.24`: more often a version in English, more often a day elsewhere."""
    first, second = found.match.group("a", "b")
    if len(first + second) == 4:
        return SURE
    if int(second) > 12:
        return NO
    if found.context.is_english is False or found.before[-1:] == [":"]:
        return LIKELY
    unlike_a_version = int(first) > 12 or found.context.is_dotted or found.is_of_event
    return LIKELY if unlike_a_version else WEAK if len(first + second) == 3 else NO


_CALLED_DAY: Final = re.compile(r" d[ií]a ")


def day_of_week(found: Found) -> float:
    """`Tuesday 5th`: a weekday in full, or short with an ordinal, and nothing that is counted."""
    name, ordinal, context = found.raw("w").lower(), found.raw("o"), found.context
    said = bool(_CALLED_DAY.search(found.match[0]))
    if (name in RISKY_WEEKDAYS and not said) or found.is_counted or found.follower in AFTER_HOURS:
        return NO
    if said or (len(name) > 4 and not all(each.series.short for each in WEEKDAYS[name])):
        english = any(each.series.language == "en" for each in WEEKDAYS[name])
        return NO if english and not ordinal and found.follower else LIKELY
    if ordinal.lower() in _ENDINGS:
        return LIKELY
    titled = found.raw("w").istitle() and context.is_dotted and context.is_english is not True
    return LIKELY if ordinal == "." and titled else NO


_OF_YEAR: Final = re.compile(
    r" (?:of|de|van|von|di|del?|do) (?:this|next|last|cette|este|quest'|dit|dieses|esse) ?"
)


def week(found: Found) -> float:
    """`KW 12`, unless it is one of a course or `week` is not said of the calendar."""
    text, start = found.context.text, found.match.start()
    name = found.match[0].strip(" .0123456789")
    name = text[(place := start + found.match[0].index(name)) : place + len(name)]
    is_power = text[max(0, start - 2) : start].strip().isdigit() or name == "kW"
    if (
        is_power
        or name.lower() not in CALENDAR_WEEKS
        or (
            found.follower in OF_COURSES
            and not _OF_YEAR.match(found.context.low, found.reading.end)
        )
    ):
        return NO
    if found.is_counted:
        return NO
    said = found.is_introduced or not IN_YEARS.isdisjoint(found.words[-1:])
    english = name.lower() in ("week", "wk", "woche") and found.context.is_english is not False
    alone = len(text.strip()) == len(found.match[0])
    return NO if english and not (said or alone) else LIKELY


def span_of_years(found: Found) -> float:
    """`2023/24` of a school or a business."""
    follows = (int(found.match["y0"]) + 1 - int(found.match["y"])) % 100 == 0
    beside = (found.follower, *found.words[-2:])
    before = found.words[-1:]
    said = not (YEARS_OF_TWO.isdisjoint(beside) and SEASONS.isdisjoint(before))
    return LIKELY if follows and said else NO


def in_file(found: Found) -> float:
    """`minutes_05.03.24_signed`: no version."""
    return NO if found.is_version or found.is_code else LIKELY


def short_year_first(found: Found) -> float:
    """`39-03-05`, where a word says so; `24/3/5` in texts of the east."""
    if found.is_code or found.is_version:
        return NO
    padded = len(found.match[0]) == 8 and found.match["g"] == "-"
    said = found.is_introduced or found.is_of_event
    return LIKELY if said and (padded or found.context.is_eastern) else NO


def era_letter(found: Found) -> float:
    """`R6.5.1` is a Japanese date in a Japanese text, and a version elsewhere."""
    return LIKELY if not found.context.low.isascii() and found.raw("e").isupper() else NO


def roman(found: Found) -> float:
    """`5.III.2024`; months are written large."""
    return SURE if found.raw("m").isupper() and not (found.is_code or found.has_unit) else NO


def month_figures(found: Found) -> float:
    """`03/2021` and `2021-03`; what looks like a decimal or the number of a paper is introduced."""
    month, gap = found.raw("m"), found.match["g"] or found.match["h"]
    if found.is_code:
        return NO
    if found.is_introduced or not IN_YEARS.isdisjoint(found.before[-1:]):
        return LIKELY
    year_first = found.match["g"] is None
    if gap == "." and (found.has_unit or found.is_price):
        return NO
    if gap == "/":
        return SURE if len(month) == 2 else WEAK
    if year_first and gap == "-":
        return WEAK if int(month) == (found.reading.last.year or 0) % 100 + 1 else LIKELY
    return LIKELY if gap == "." and month.startswith("0") and not year_first else WEAK


def without_year(found: Found) -> float:
    """`3.5.` is a section and `3/5` a share, unless a word says that a day follows."""
    if found.is_code or found.is_price:
        return NO
    if found.match["g"]:
        return _slashed(found)
    if int(found.match["b"]) > 12:  # where dots stand the day is first: `Thursday 9.30` is a time
        return NO
    if not found.match["h"]:
        return LIKELY if _is_day_without_dot(found) else NO
    written, text, end = found.match[0], found.context.text, found.reading.end
    padded = written.startswith("0") and len(written) == 6
    # A dot that ends no sentence belongs to the day.
    padded |= len(written) == 6 and written[3] == "0" and found.context.is_dotted
    inside = text[end : end + 1] in tuple(",;:).") or (
        found.context.is_dotted and _GOES_ON.match(text, end)
    )
    return LIKELY if found.is_introduced or found.is_of_event or padded or inside else WEAK


def _slashed(found: Found) -> float:
    """`3/5`: no share of anything; above twelve it seldom is, but of a week, screens and steel."""
    low, written = found.context.low, found.match[0]
    if _SHARE.match(low, found.reading.end) or written in _RATIOS:
        return NO
    if found.match["g"] == "-":
        padded = found.is_introduced and len(written) == 5
        said = found.is_of_event and found.context.vote(("nl", "en", "fi")) == "nl"
        said |= not _ON.isdisjoint(found.words[-1:]) and not found.follower
        timed = found.is_timed and not _is_open(found)
        return LIKELY if timed or padded or said else NO
    if len(written) == 5 and _expires(found):
        return LIKELY
    share = int(found.match["a"]) <= int(found.match["bl"]) and len(written) == 3
    said = not EVENTS.isdisjoint(found.words)
    said = said or found.context.is_eastern
    if found.is_introduced or (found.is_of_event and (said or not share)):
        return LIKELY
    above = int(found.match["a"]) > 12 and not found.follower
    return LIKELY if above and found.context.is_english is False else NO


def _expires(found: Found) -> bool:
    """Whether something is valid until then."""
    behind = SAID_BEHIND.match(found.context.low, found.reading.end)
    words = {*found.words, behind[1] if behind else ""}
    if found.follower in AFTER_HOURS | SPANS or found.is_counted:
        return False
    return not EXPIRES.isdisjoint(words) or found.context.says_valid_in_chinese


def _is_open(found: Found) -> bool:
    """Whether a weekday's figures are hours: `Mon 9-5`, `lun-ven 9-18`."""
    name = found.raw("w").lower()
    english = any(each.series.language == "en" for each in WEEKDAYS.get(name, ()))
    start = found.reading.start
    return english or found.context.low[max(0, start - 1) : start] == "-"


def _is_day_without_dot(found: Found) -> bool:
    """`am 24.12`: a decimal, unless a day or an hour says otherwise and nothing is counted."""
    padded = found.is_introduced and len(found.match[0]) == 5
    on = not ON_DAYS.isdisjoint(found.words[-1:]) and found.context.is_english is not True
    day = found.context.is_dotted and (padded or found.is_of_event)
    return (found.is_timed or day or on) and not found.is_counted


_HOLIDAY: Final = re.compile(r"[A-Z][a-z]+'?s? Day $")  # Boxing Day 2020


def years(found: Found) -> float:
    """A year behind a word that years follow; behind `in` also counts do."""
    reading, before = found.reading, found.before
    era, year = "e" in reading.places, found.match["y"] or found.match["yy"]
    if len(year) == 4 and not era and not 1800 <= int(year) < 2200:
        return NO
    words = found.words
    while len(words) > 1 and words[-1] in BETWEEN and not OF_YEARS.isdisjoint(words[:-1]):
        words.pop()
    marked = reading.end > found.match.end()
    if era or marked:
        return SURE
    if not OF_YEARS.isdisjoint(words[-1:]) or _is_feast(words):
        return NO if found.has_unit else SURE
    if _is_birth(found) and not found.is_counted:
        return LIKELY
    if _is_range_of_years(found, words):
        return LIKELY
    holiday = _HOLIDAY.search(found.context.text, max(0, reading.start - 24), reading.start)
    weak = not IN_YEARS.isdisjoint(before[-1:]) or (len(year) == 2 and before[-1:] == ["of"])
    said = weak or holiday or "w" in reading.places  # Good Friday 2021
    return LIKELY if said and not found.is_counted else NO


def _is_feast(words: list[str]) -> bool:
    """Whether a day with a name stands before a year: `Muttertag`, `Koninginnedag`, `isänpäivä`."""
    return bool(words) and len(words[-1]) > 6 and words[-1].endswith(_DAYS_OF_NAMES)


_DAYS_OF_NAMES: Final = ("tag", "dag", "päivä", "päivänä")
_BIRTH: Final = re.compile(
    r"(?<![^\W_])(?:born|geboren|née?|naci(?:do|da|ó)|nat[oa]|nascid[oa]|nasceu|syntynyt|syntyi|"
    r"urodzon[ya]|urodzi(?:ł|ła)) (?:[^\W\d_]+ ){1,5}$"
)


def _is_birth(found: Found) -> bool:
    """Whether somebody is born in a year: words of the same phrase stand between."""
    low, start = found.context.low, found.reading.start
    return len(found.raw("y")) == 4 and _BIRTH.search(low, max(0, start - 60), start) is not None


def _is_range_of_years(found: Found, words: list[str]) -> bool:
    """Whether both ends of a range are years: `from 1998 to 2004`, `(1939-2015)`."""
    end = found.reading.end
    between = words[:-1] if words[-1:] in (["il"], ["el"], ["the"]) else words
    inside = found.before[-1:] == ["("] and found.context.low[end : end + 1] == ")"
    said = not FROM.isdisjoint(between[-1:]) and not found.is_counted
    return found.reading.first is not None and (said or inside)


# Behind which six figures are a day.
WORDS_BEFORE_FIGURES: Final = BIRTHS | listed("date datum fecha dat pvm päiväys stichtag dato")


def compact(found: Found) -> float:
    """Figures without separators, behind a word of birth or before a time of the day."""
    low, (start, end) = found.context.low, found.match.span()
    whole = found.match["y"] is not None
    if whole and found.reading.has_clock and low[end] == "t":
        return SURE
    in_name_of_file = "_" in (low[start - 1 : start], low[end : end + 1])
    if whole and in_name_of_file:
        return LIKELY
    words = [word for word in found.words if word not in BETWEEN_BIRTHS]
    if not WORDS_BEFORE_FIGURES.isdisjoint(words[-1:]):
        return LIKELY
    has_century = whole or found.match["yl"] or len(found.match["ym"] or "") == 4
    if has_century and (found.is_introduced or (whole and found.is_of_event)):
        return LIKELY
    return WEAK if whole and not found.is_code else NO
