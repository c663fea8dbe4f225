"""How sure it is that a match is a date: one judge for each way to write one."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from anonymizer.masking.free_text.recognition.dates.context import EVENTS, Context
from anonymizer.masking.free_text.recognition.dates.forms.patterns import WORD
from anonymizer.masking.free_text.recognition.dates.forms.reading import Reading
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
    AFTER_COUNTED,
    AFTER_HOURS,
    BEFORE_DAYS,
    BETWEEN,
    BETWEEN_BIRTHS,
    BIRTHS,
    CALENDAR_WEEKS,
    CODES,
    EXPIRES,
    FROM,
    IN_YEARS,
    NO_PLURALS,
    OF_COURSES,
    OF_PREGNANCIES,
    OF_YEARS,
    ON_DAYS,
    SEASONS,
    SPANS,
    VERSIONS,
    YEARS_OF_TWO,
)

SURE: Final = 1.0
LIKELY: Final = 0.8
WEAK: Final = 0.3
NO: Final = 0.0
_SHARE: Final = re.compile(r" ?(?:inch|in\b|\"|cups?\b|of\b|stars?\b|miles?\b|de\b|der\b|des\b)")
_FOLLOWER: Final = re.compile(r"\s?([^\W\d_]+)")
_SAID_BEHIND: Final = re.compile(r"[ :,-]{0,3}([^\W\d_]+)")
_EASTERN: Final = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_ON: Final = ON_DAYS | {"on", "op"}
_GOES_ON: Final = re.compile(r" [^\W\dA-Z_]")
_RATIOS: Final = frozenset(
    ("24/7", "16/9", "16/10", "18/9", "19/9", "21/9", "14/9", "18/8", "18/10", "20/20", "20/10")
)
_MARKS: Final = frozenset(".:,;()[]=-'\"*")


@dataclass(frozen=True)
class Found:
    """A match in its text, and what it reads."""

    match: re.Match[str]
    reading: Reading
    context: Context

    def raw(self, code: str) -> str:
        """A part as it stands; empty where there is none."""
        return self.reading.written(self.context.text, code)

    @cached_property
    def before(self) -> list[str]:
        """The words and marks before it."""
        return self.context.before(self.reading.start)

    @property
    def words(self) -> list[str]:
        """The words before it, whatever marks stand between."""
        return [word for word in self.before if word not in _MARKS]

    @property
    def is_introduced(self) -> bool:
        """Whether a word that days follow, a weekday or a time of the day says that it is one."""
        beside = self.context.low[max(0, self.reading.start - 1) : self.reading.start]
        said = not BEFORE_DAYS.isdisjoint(self.words[-1:]) or (
            beside and beside in "于於至在到自从從"
        )
        return self.is_timed or bool(said)

    @property
    def is_timed(self) -> bool:
        """Whether a weekday or a time of the day belongs to it."""
        return self.reading.has_clock or "w" in self.reading.places

    @property
    def is_of_event(self) -> bool:
        """Whether words of an appointment or a delivery stand before it, and it counts nothing."""
        behind = _SAID_BEHIND.match(self.context.low, self.reading.end)
        words = [*self.words, behind[1]] if behind else self.words
        return not EVENTS.isdisjoint(words) and not self.is_counted

    @property
    def is_code(self) -> bool:
        """Whether a word before says that it is a number of something else."""
        return not self.is_timed and self.context.is_one_of(CODES, self.reading.start)

    @property
    def is_version(self) -> bool:
        """Whether a word before says that it is a version."""
        return self.context.is_one_of(VERSIONS, self.reading.start)

    @property
    def follower(self) -> str:
        """The word right behind it."""
        found = _FOLLOWER.match(self.context.low, self.reading.end)
        return found[1] if found else ""

    @property
    def has_unit(self) -> bool:
        """Whether a unit or a counted thing follows: `in 1950 g`."""
        return self.follower in AFTER_COUNTED

    @property
    def is_counted(self) -> bool:
        """Whether what follows is counted, plurals too: `in 2000 shops`."""
        word = self.follower
        plural = word.endswith("s") and word.isascii() and len(word) > 3 and word not in NO_PLURALS
        return self.has_unit or plural


Judge = Callable[[Found], float]
_ENDINGS: Final = frozenset(("st", "nd", "rd", "th", ":e", ":a"))


def short_span(found: Found) -> float:
    """`Winter 18/19`, `Schuljahr 21/22`."""
    first, last = int(found.match["y0"]), int(found.match["y"])
    said = not (YEARS_OF_TWO | SEASONS | OF_YEARS).isdisjoint(found.words[-1:])
    return LIKELY if said and (first + 1 - last) % 100 == 0 else NO


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
        clear = len(found.raw("y")) == 4 or "'" in found.match[0]
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
    slashed = low[found.reading.places["m"][1]] == "/"
    if month in WORDS and name.islower() and not slashed:
        return NO
    return WEAK if name.isupper() else LIKELY


# Of months, by the language that calls them so.
_PART_BEFORE: Final = re.compile(
    r"(?<![^\W_])(?:(?P<en>early[ -]|mid[ -]|late[ -]|(?:beginning |middle |end |start )of |end )|"
    r"(?P<de>anfang |mitte |ende )|(?P<fr>(?:début|fin|courant) (?:de )?|mi-)|"
    r"(?P<es>(?:principios?|mediados|finale?s?|fin|fines|inicios?|comienzos) de )|"
    r"(?P<it>(?:inizio|metà|fine) (?:di )?)|(?P<nl>begin |eind |einde |half |medio )|"
    r"(?P<pt>(?:inícios?|meados|meio|fi[mn]s?|final|finais) de )|"
    r"(?P<pl>(?:począt(?:ek|ku)|ko(?:niec|ńca|ńcem)|połow(?:a|ie|ę)) ))$"
)
_PART_BEHIND: Final = re.compile(
    r" (?:alussa|lopussa|lopulla|puolivälissä|alkupuolella|loppupuolella|alkuun|loppuun)(?!\w)"
)


def part_of_month(found: Found) -> float:
    """`Ende März`, `mid-June`; of names that are also words with `of`, a hyphen or a capital."""
    low, (start, end) = found.context.low, found.match.span()
    month = found.reading.month(low)
    before = _PART_BEFORE.search(low, max(0, start - 24), start)
    language = (before.lastgroup or "") if before else "fi" * bool(_PART_BEHIND.match(low, end))
    series = [name.series for name in MONTHS[month] if name.series.language == language]
    if not series or (month in RISKY and all(each.short for each in series)):
        return NO
    is_word = month in WORDS and found.raw("m").islower() and bool(found.follower)
    clear = language == "en" and before is not None and before[0].endswith("of ")
    return LIKELY if not is_word or clear or found.follower in _GOING_ON else NO


_GOING_ON: Final = frozenset(
    "le la il elle on we und der die er sie wir no se si è ma e y et on the he she when and but if "
    "kwam kwamen wordt is de het".split()
)


def quarter(found: Found) -> float:
    """`1er trimestre`: of a year, not of a pregnancy or of what is halved."""
    return NO if found.follower in OF_PREGNANCIES or found.is_counted else LIKELY


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
    if WORD.search(low, day, start) or (name.istitle() and month != "mars"):
        return SURE
    if month not in WORDS and len(month) > 3:
        return SURE
    english = MONTHS[month][0].series.language == "en" and bool(found.follower)
    if month not in WORDS and "m" in places and places["d"] < places["m"] and not english:
        return LIKELY
    if not found.before and not found.follower:
        return LIKELY  # nothing else: `mars 24`
    return LIKELY if month in ("mei", "mai", "maj") or found.context.is_foreign(month) else NO


def eastern(found: Found) -> float:
    """A year alone has four figures or an era; a short one needs its day."""
    places, year = found.reading.places, found.raw("y")
    if "d" in places and places.keys().isdisjoint(("m", "m0")) and not year:
        return _eastern_day(found)
    if "d" in places or "e" in places or not year:
        return SURE
    if len(year) == 2 and (_is_born(found) or found.context.low[found.reading.end :][:1] in _ENDS):
        return LIKELY
    if len(year) != 4:
        return LIKELY if year.isdecimal() and len(year) == 2 and "m" in places else NO
    return SURE if "m" in places or not year.isdecimal() or 1800 <= int(year) < 2200 else NO


_SPOKEN: Final = re.compile(
    r"$|[ ,，。、；！？)）]|[上下中早晚][午上]|[前后後]|之[前后後]|[到起止至和与及]|复诊|来|去|出院|入院|"
    r"开始|结束|截止|就诊|手术|预约|搬|走|交|付|回|见|打|送|凌晨|星期|周|[（(]"
)
_EAST_BEFORE: Final = re.compile(r"[在于於到至从自由本这个下上月是约为][ ]?$|^|[ ,，。；：:（(]$")


def _eastern_day(found: Found) -> float:
    """`5号`: of a month, unless it is the number of a house, a line or a fuel."""
    low, reading = found.context.low, found.reading
    said = _SPOKEN.match(low, reading.end) is not None
    apart = _EAST_BEFORE.search(low, max(0, reading.start - 1), reading.start) is not None
    return LIKELY if found.is_timed or (said and apart) else NO


_ENDS: Final = ("底", "末", "初")
_BORN_EAST: Final = re.compile(r"(?:生于|出生于?|生於)[ :]?$")


def _is_born(found: Found) -> bool:
    """Whether somebody is born in that year."""
    low, reading = found.context.low, found.reading
    before = _BORN_EAST.search(low, max(0, reading.start - 6), reading.start)
    return before is not None or low.startswith(("出生", "生"), reading.end)


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


def year_last(found: Found) -> float:
    """`5.3.2024`; with a short year it may be a section, a version or a size."""
    year, gap = found.match.group("y", "g")
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


def day_of_week(found: Found) -> float:
    """`Tuesday 5th`: a weekday in full, or short with an ordinal, and nothing that is counted."""
    name, ordinal, context = found.raw("w").lower(), found.raw("o"), found.context
    if name in RISKY_WEEKDAYS or found.is_counted or found.follower in AFTER_HOURS:
        return NO
    if len(name) > 4 and not all(each.series.short for each in WEEKDAYS[name]):
        english = any(each.series.language == "en" for each in WEEKDAYS[name])
        return NO if english and not ordinal and found.follower else LIKELY
    if ordinal.lower() in _ENDINGS:
        return LIKELY
    titled = found.raw("w").istitle() and context.is_dotted and context.is_english is not True
    return LIKELY if ordinal == "." and titled else NO


def week(found: Found) -> float:
    """`KW 12`, unless it is one of a course or `week` is not said of the calendar."""
    text, start = found.context.text, found.match.start()
    name = found.match[0].strip(" .0123456789")
    name = text[(place := start + found.match[0].index(name)) : place + len(name)]
    is_power = text[max(0, start - 2) : start].strip().isdigit() or name == "kW"
    if is_power or name.lower() not in CALENDAR_WEEKS or found.follower in OF_COURSES:
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


def short_year_first(found: Found) -> float:
    """`39-03-05`, where a word says so; `24/3/5` in texts of the east."""
    if found.is_code or found.is_version:
        return NO
    padded = len(found.match[0]) == 8 and found.match["g"] == "-"
    said = found.is_introduced or found.is_of_event
    return LIKELY if said and (padded or _EASTERN.search(found.context.low)) else NO


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
    if gap == "/":
        return SURE if len(month) == 2 else WEAK
    if year_first and gap == "-":
        return WEAK if int(month) == (found.reading.last.year or 0) % 100 + 1 else LIKELY
    return LIKELY if gap == "." and month.startswith("0") and not year_first else WEAK


def without_year(found: Found) -> float:
    """`3.5.` is a section and `3/5` a share, unless a word says that a day follows."""
    if found.is_code:
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
        said = found.is_of_event and found.context.is_english is False
        said |= not _ON.isdisjoint(found.words[-1:]) and not found.follower
        timed = found.is_timed and not _is_open(found)
        return LIKELY if timed or padded or said else NO
    if len(written) == 5 and _expires(found):
        return LIKELY
    share = int(found.match["a"]) <= int(found.match["bl"]) and len(written) == 3
    said = not EVENTS.isdisjoint(found.words)
    said = said or _EASTERN.search(low) is not None
    if found.is_introduced or (found.is_of_event and (said or not share)):
        return LIKELY
    above = int(found.match["a"]) > 12 and not found.follower
    return LIKELY if above and found.context.is_english is False else NO


def _expires(found: Found) -> bool:
    """Whether something is valid until then."""
    behind = _SAID_BEHIND.match(found.context.low, found.reading.end)
    words = {*found.words, behind[1] if behind else ""}
    if found.follower in AFTER_HOURS or found.is_counted:
        return False
    return not EXPIRES.isdisjoint(words) or bool(_VALID_EAST.search(found.context.low))


_VALID_EAST: Final = re.compile("有效期|到期")


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
    if "w" in reading.places:  # Good Friday 2021
        return NO if found.is_counted else LIKELY
    if not OF_YEARS.isdisjoint(words[-1:]):
        return NO if found.has_unit else SURE
    between = words[:-1] if words[-1:] in (["il"], ["el"], ["the"]) else words
    if reading.first is not None and not FROM.isdisjoint(between[-1:]):
        return NO if found.is_counted else LIKELY
    if _HOLIDAY.search(found.context.text, max(0, reading.start - 24), reading.start):
        return LIKELY
    inside = before[-1:] == ["("] and found.context.low[reading.end : reading.end + 1] == ")"
    if reading.first is not None and inside:
        return LIKELY
    weak = not IN_YEARS.isdisjoint(before[-1:]) or (len(year) == 2 and before[-1:] == ["of"])
    return LIKELY if weak and not found.is_counted else NO


BIRTHS_OF_TWO: Final = BIRTHS - {"birthday", "geburtstag", "dob"} | {
    "jahrgang", "jg", "rocznik", "årgång", "bouwjaar", "geborene",
}  # fmt: skip
_SHORT_YEAR: Final = {"in", "en", "em", "nel", "w", "el", "im", "the", "jahr", "vuonna", "año", "ano",
    "jaar", "roku", "l", "anno", "année", "r"}  # fmt: skip


def birth_year(found: Found) -> float:
    """`born 61`, `Jg. 61`: two figures behind a word of birth."""
    words = found.words
    while words and words[-1] in _SHORT_YEAR:
        words.pop()
    born = not BIRTHS_OF_TWO.isdisjoint(words[-1:])
    counted = found.is_counted or not (AFTER_HOURS | SPANS).isdisjoint([found.follower])
    return LIKELY if born and not counted else NO


_DAYS_OF_ENGLISH: Final = re.compile(
    r"(?:on|by|until|till|from|before|after|since|for|around|due|is|was) the $"
)
_DAYS_WITH_DOT: Final = re.compile(
    r"(?:am|bis zum|zum|vom|ab dem|seit dem|ab|bis|bis am|nach dem|vor dem|auf den|den) $"
)
_DAYS_NAMED: Final = re.compile(r"(?:(?:^|[ ,(])(?:el |del |al |no |o |ao |do |ja |dnia )?(?:día|dia)|dnia) $")
_ARTICLES: Final = re.compile(r"(?:^|[ ,.(])(?:le|du|au|el|del|al|il|dal|al|op de|op|de|per il|entro il) $")
_OF_THIS_MONTH: Final = re.compile(
    r" (?:inst|ult|prox|of (?:this|the|next|last) month|d\. ?m|dieses monats|nächsten monats|"
    r"du mois|de este mes|del mes|deste mês|del mese|van deze maand|tego miesiąca|b\.m)\b"
)
_DAYTIME: Final = re.compile(
    r" (?:au matin|matin|après-midi|au soir|à \d|por la|a las|mañana|alle \d|mattina|sera|"
    r"pomeriggio|om \d|'s|ochtend|de manhã|de tarde|à tarde|às \d|rano|wieczorem|o godz|klo|aamulla|"
    r"illalla|morning|afternoon|evening|at \d|um \d|vormittag|nachmittag|früh|abend)"
)
_CLOSED: Final = re.compile(
    r"\s*(?:$|[,;!?)\n]|\.(?:\s|$))| (?:at|and|as|in|for|to|by|with|we|i|he|she|they|it|is|was|after|"
    r"before|because|but|so|when|please|if|if|or|until|till|then|ist|war|um|und|oder|wegen|zur|zum|"
    r"nicht|kommt|bitte|geht|passt|wird|wurde|bei|mit|früh|à|chez|pour|et|ou|con|para|y|o|en|per|e|"
    r"met|voor|bij|en|of|com|e|z|w|i|na|do|klo|ja)(?![^\W_])"
)


def day_alone(found: Found) -> float:
    """A day whose month nobody says: behind what only days stand behind, with nothing counted."""
    low, reading, ordinal = found.context.low, found.reading, found.raw("o").lower()
    before, end = low[max(0, reading.start - 24) : reading.start], reading.end
    timed = reading.has_clock or _DAYTIME.match(low, end) is not None
    if found.is_counted or found.is_code or (found.follower in AFTER_HOURS and not timed):
        return NO
    if found.match["h"] or ordinal.endswith("go"):
        return LIKELY
    article = _ARTICLES.search(before) is not None
    if _OF_THIS_MONTH.match(low, end) and (ordinal or article):
        return LIKELY
    closed = _CLOSED.match(low, end) is not None
    closed |= ordinal == "." and found.context.text[end + 1 : end + 2].islower()
    if ordinal in ("st", "nd", "rd", "th"):
        of = found.follower == "of"
        return LIKELY if _DAYS_OF_ENGLISH.search(before) and (closed or timed) and not of else NO
    if ordinal == ".":
        said = _DAYS_WITH_DOT.search(before) is not None
        return LIKELY if said and (closed or timed) and not _NOTHING_MORE.match(low, end) else NO
    if _DAYS_NAMED.search(before):
        ends = timed or (closed and found.follower not in OF_COURSES)
        return LIKELY if ends else NO
    said = found.is_of_event or timed or (ordinal == "e" and _DUTCH.search(before) is not None)
    said |= _ONWARDS.match(low, end) is not None
    return LIKELY if said and (closed or timed) and article else NO


_DUTCH: Final = re.compile(r"(?:vanaf|tot|voor|na|sinds|rond|op) de $")
_ONWARDS: Final = re.compile(r" (?:in poi|in avanti|an\b|en adelante|em diante)")
_NOTHING_MORE: Final = re.compile(r" (?:und|oder|bis|mal)(?: \d|$)")


_DATED: Final = {"date", "datum", "fecha", "dat", "pvm", "päiväys", "stichtag", "dato"}


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
    if not BIRTHS.isdisjoint(words[-1:]):
        return LIKELY
    if not _DATED.isdisjoint(words[-1:]):
        return LIKELY
    has_century = whole or found.match["yl"] or len(found.match["ym"] or "") == 4
    if has_century and (found.is_introduced or (whole and found.is_of_event)):
        return LIKELY
    return WEAK if whole and not found.is_code else NO
