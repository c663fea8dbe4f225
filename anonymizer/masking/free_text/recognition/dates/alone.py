"""How sure it is that a part of a date that stands alone is one: a day, a month, a quarter."""

import re
from typing import Final

from anonymizer.masking.free_text.recognition.dates.forms.patterns import PART_BEHIND
from anonymizer.masking.free_text.recognition.dates.found import LIKELY, NO, Found
from anonymizer.masking.free_text.recognition.dates.vocabulary.names import MONTHS, RISKY, WORDS
from anonymizer.masking.free_text.recognition.dates.vocabulary.words import (
    AFTER_HOURS,
    BIRTHS,
    OF_COURSES,
    OF_PREGNANCIES,
    SPANS,
    listed,
)

# Of months, by the language that calls them so.
_PART_BEFORE: Final = re.compile(
    r"(?<![^\W_])(?:(?P<en>early[ -]|mid[ -]|late[ -]|(?:beginning |middle |end |start )of |end )|"
    r"(?P<de>anfang |mitte |ende )|(?P<fr>(?:début|fin|courant) (?:de )?|mi-)|"
    r"(?P<es>(?:principios?|mediados|finale?s?|fin|fines|inicios?|comienzos) de )|"
    r"(?P<it>(?:inizio|metà|fine) (?:di )?)|(?P<nl>begin |eind |einde |half |medio )|"
    r"(?P<pt>(?:inícios?|meados|meio|fi[mn]s?|final|finais) de )|"
    r"(?P<pl>(?:począt(?:ek|ku)|ko(?:niec|ńca|ńcem)|połow(?:a|ie|ę|y)) ))$"
)
# Behind a month that is also a word.
_GOING_ON: Final = listed("""
    le la il elle on we und der die er sie wir no se si è ma e y et the he she when and but if
    kwam kwamen wordt is de het
""")
_SPOKEN: Final = re.compile(
    r"$|[ ,，。、；！？)）（(]|[上下中早晚][午上]|[前后後]|之[前后後]|[到起止至和与及]|复诊|来|去|"
    r"出院|入院|开始|结束|截止|就诊|手术|预约|搬|走|交|付|回|见|打|送|凌晨|星期|周"
)
_EAST_BEFORE: Final = re.compile(r"[在于於到至从自由本这个下上月是约为][ ]?$|^|[ ,，。；：:（(]$")
_BORN_EAST: Final = re.compile(r"(?:生于|出生于?|生於)[ :]?$")
_ENDS_OF_YEARS: Final = ("底", "末", "初")
BIRTHS_OF_TWO: Final = (BIRTHS - {"birthday", "geburtstag", "dob"}) | listed(
    "jahrgang jg rocznik årgång bouwjaar geborene"
)
_BEFORE_YEARS: Final = listed(
    "in en em nel w el im the jahr vuonna año ano jaar roku l anno année r"
)
_DAYS_OF_ENGLISH: Final = re.compile(
    r"(?:on|by|until|till|from|before|after|since|for|around|due|is|was) the $"
)
_DAYS_WITH_DOT: Final = re.compile(
    r"(?:am|bis zum|zum|vom|ab dem|seit dem|ab|bis|bis am|nach dem|vor dem|auf den|den) $"
)
_DAYS_NAMED: Final = re.compile(
    r"(?:(?:^|[ ,(])(?:el |del |al |no |o |ao |do |ja |dnia )?(?:día|dia)|dnia) $"
)
_ARTICLES: Final = re.compile(
    r"(?:^|[ ,.(])(?:le|du|au|el|del|al|il|dal|al|op de|op|de|per il|entro il) $"
)
_DUTCH: Final = re.compile(r"(?:vanaf|tot|voor|na|sinds|rond|op) de $")
_OF_THIS_MONTH: Final = re.compile(
    r" (?:inst|ult|prox|of (?:this|the|next|last) month|d\. ?m|dieses monats|nächsten monats|"
    r"du mois|courant|del corriente|corrente mese|de este mes|del mes|"
    r"deste mês|del mese|van deze maand|tego miesiąca|b\.m)\b"
)
_ONWARDS: Final = re.compile(r" (?:in poi|in avanti|an\b|en adelante|em diante)")
_NO_DAYS: Final = re.compile(r" (?:und|oder|bis|mal)(?: \d|$)")
_DAYTIME: Final = re.compile(
    r" (?:au matin|matin|après-midi|au soir|soir|à \d\d? ?h|por la|a las|mañana|alle \d|mattina|"
    r"sera|pomeriggio|om \d|'s|ochtend|de manhã|de tarde|à tarde|às \d|rano|wieczorem|o godz|klo|"
    r"aamulla|illalla|morning|afternoon|evening|at \d|um \d|vormittag|nachmittag|früh|abend)"
)
# Between the hours, and 3 of 4
_NO_ARTICLES: Final = re.compile(r"\b(?:tra|fra|entre) l(?:e|as|es) $|\d de $")
# 5th, 6th and 7th
_MORE_ORDINALS: Final = re.compile(r"(?:,? (?:and |or |to )?\d\d?(?:st|nd|rd|th))+")
# What ends a phrase, so that the day counts nothing.
_CLOSED: Final = re.compile(
    r"\s*(?:$|[,;!?)\n]|\.(?:\s|$))| (?:at|and|as|in|for|to|by|with|we|i|he|she|they|it|is|was|"
    r"after|before|because|but|so|when|please|if|or|until|till|then|ist|war|um|und|oder|wegen|"
    r"zur|zum|nicht|kommt|bitte|geht|passt|wird|wurde|bei|mit|früh|à|chez|pour|et|ou|con|para|y|"
    r"o|en|per|e|met|voor|bij|of|com|z|w|na|do|klo|ja)(?![^\W_])"
)


# What stands right before such a month.
PART_ENDS: Final = (
    *("early-", "mid-", "late-", "mi-"),
    *(f"{word} " for word in listed("""
    early mid late of end anfang mitte ende début fin courant de di inizio metà fine begin eind
    einde half medio początek początku koniec końca końcem połowa połowie połowę połowy
""")),
)  # fmt: skip
_FINNISH_PART: Final = re.compile(rf"\w{{3,12}}uun(?={PART_BEHIND.pattern})")


def is_part(low: str, start: int) -> bool:
    """Whether a part of the month that begins at a place may be told."""
    before = low[max(0, start - 10) : start]
    return before.endswith(PART_ENDS) or _FINNISH_PART.match(low, start) is not None


def part_of_month(found: Found) -> float:
    """`Ende März`, `mid-June`; of names that are also words with `of`, or where nothing follows."""
    low, (start, end) = found.context.low, found.match.span()
    month = found.reading.month(low)
    before = _PART_BEFORE.search(low, max(0, start - 24), start)
    language = (before.lastgroup or "") if before else "fi" * bool(PART_BEHIND.match(low, end))
    series = [name.series for name in MONTHS[month] if name.series.language == language]
    if not series or (month in RISKY and all(each.short for each in series)):
        return NO
    is_word = month in WORDS and found.raw("m").islower() and bool(found.follower)
    clear = language == "en" and before is not None and before[0].endswith("of ")
    return LIKELY if not is_word or clear or found.follower in _GOING_ON else NO


def quarter(found: Found) -> float:
    """`1er trimestre`: of a year, not of a pregnancy or of what is halved."""
    return NO if found.follower in OF_PREGNANCIES or found.is_counted else LIKELY


def eastern_day(found: Found) -> float:
    """`5号`: of a month, unless it is the number of a house, a line or a fuel."""
    low, reading = found.context.low, found.reading
    said = _SPOKEN.match(low, reading.end) is not None
    apart = _EAST_BEFORE.search(low, max(0, reading.start - 1), reading.start) is not None
    return LIKELY if found.is_timed or (said and apart) else NO


def is_told_in_two(found: Found) -> bool:
    """Whether somebody is born in a year of two figures, or something is at its end."""
    low, reading = found.context.low, found.reading
    before = _BORN_EAST.search(low, max(0, reading.start - 6), reading.start)
    return before is not None or low.startswith(("出生", "生", *_ENDS_OF_YEARS), reading.end)


def birth_year(found: Found) -> float:
    """`born 61`, `Jg. 61`: two figures behind a word of birth."""
    words = found.words
    while words and words[-1] in _BEFORE_YEARS:
        words.pop()
    counted = found.is_counted or not (AFTER_HOURS | SPANS).isdisjoint([found.follower])
    return LIKELY if not counted and not BIRTHS_OF_TWO.isdisjoint(words[-1:]) else NO


def day_alone(found: Found) -> float:
    """A day whose month nobody says: behind what only days stand behind, with nothing counted."""
    low, reading, ordinal = found.context.low, found.reading, found.raw("o").lower()
    end, timed = reading.end, found.reading.has_clock
    timed = timed or _DAYTIME.match(low, end) is not None
    if found.is_counted or found.is_code or (found.follower in AFTER_HOURS and not timed):
        return NO
    before = low[max(0, reading.start - 24) : reading.start]
    article = _ARTICLES.search(before) is not None and not _NO_ARTICLES.search(before)
    of_month = _OF_THIS_MONTH.match(low, end) and (ordinal or article)
    if of_month or found.match["h"] or ordinal.endswith("go"):
        return LIKELY
    listed_on = _MORE_ORDINALS.match(low, end)
    closed = timed or _CLOSED.match(low, listed_on.end() if listed_on else end) is not None
    if ordinal == "." and _DAYS_WITH_DOT.search(before):
        goes_on = found.context.text[end + 1 : end + 2].islower()
        return LIKELY if (closed or goes_on) and not _NO_DAYS.match(low, end) else NO
    return LIKELY if closed and _is_a_day(found, before, timed=timed, article=article) else NO


def _is_a_day(found: Found, before: str, *, timed: bool, article: bool) -> bool:
    """Whether what stands before a number and how it is an ordinal make it a day."""
    ordinal, low, end = found.raw("o").lower(), found.context.low, found.reading.end
    if ordinal in ("st", "nd", "rd", "th"):
        return found.follower != "of" and _DAYS_OF_ENGLISH.search(before) is not None
    if _DAYS_NAMED.search(before):
        return timed or found.follower not in OF_COURSES
    said = found.is_of_event or timed or _ONWARDS.match(low, end) is not None
    return article and (said or (ordinal == "e" and _DUTCH.search(before) is not None))
