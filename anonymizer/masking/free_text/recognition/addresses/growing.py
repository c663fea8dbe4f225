"""From a street to all of the address: flat, town, postcode, state and country beside it."""

import re
from functools import cache
from typing import Final, NamedTuple

from anonymizer.masking.free_text.basis.folding import CAPITALS, LETTER, fold_letters
from anonymizer.masking.free_text.basis.lists import any_of
from anonymizer.masking.free_text.basis.words import TOWNS
from anonymizer.masking.free_text.recognition.addresses.streets import (
    CAPITALISED,
    Core,
)
from anonymizer.masking.free_text.recognition.addresses.words import WORDS
from anonymizer.masking.places.table import load, load_table

_GAP: Final = re.compile(
    r"[ \t]*(?:\r?\n[ \t>?]*(?=,))?(?:[,;|/]|\r?\n| ?- ?|\.(?= ?\d{4})|\()?"
    r"[ \t]*(?:\r?\n[ \t]*){0,2}[>?]*[ \t]*"
)
_POSTCODES: Final = (
    r"(?:[A-Z]{1,3} ?- ?)?\d{5}(?:-\d{3,4})?",  # D-10115, 94107-1234
    r"\d{4} ?[A-Z]{2}",  # 1012 AB
    r"(?:[A-Z]{1,2}-)?\d{4}(?:-\d{3})?",  # A-1010, 1200-109
    r"\d{2}-\d{3}",  # 00-950
    r"\d{3} \d{2}",  # 110 00
    r"\d{2}\.?\d{3}-\d{3}",  # 01.310-100
    r"\d{6}",
    r"\d{8}(?= [A-ZÀ-Þ])",
    r"\d{3} \d{3}",
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}",  # SW1A 1AA
    r"[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d",  # K1A 0B1
    r"[AC-FHKNPRTV-Y]\d[\dW] ?[AC-FHKNPRTV-Y\d]{4}",  # D02 AF30
)
_POST: Final = rf"(?:{'|'.join(_POSTCODES)})(?![\w]|[.,]\d|-\d)"
_SMALL: Final = (
    "(?:am|an|der|den|de|la|le|les|el|los|las|sur|sous|en|di|do|da|dos|das|del|bei|ob|im|in|upon|"
    "on|and|the|y|i|o|ca|nad|pod|"
    "u|v|na|auf|aan|op|près|lès|d|l|'s)"
)
# A dot ends what is short (`St. Ingbert`), and behind other words the sentence.
_NAMING: Final = (
    rf"(?>[{CAPITALS}]{LETTER}{{0,30}}(?:['.]{LETTER}{{1,30}}){{0,3}}(?:(?<!{LETTER}{{4}})\.)?)"
)
TOWN: Final = (
    rf"(?:(?<![^\W])(?:(?:g|г|m|s|Bad|St|Sankt|São|San|Santa|Den|'s)[.-]? ?)?{_NAMING}(?:[ "
    rf"-](?:{_SMALL}[ '-]){{0,2}}{_NAMING}){{0,4}}"
    rf"(?: [ivxIVX]{{1,3}}(?!\w)|'? ?\(\w{{2,15}}\.?\)|,? CEDEX(?: \d+)?| \d{{1,2}}(?!\w))?)"
)
_STATE: Final = rf"(?:{any_of(WORDS['states'] + WORDS['states_behind'])})(?!\w)"


_UNIT: Final = (
    rf"(?i:{any_of(WORDS['unit_before'])})(?!{LETTER})[.:]? ?(?:no\.? ?|№ ?|# ?|nº ?)?"
    rf"(?:[A-Za-z]?-?\d{{1,5}}(?:/\d{{1,4}})? ?[A-Za-z]?|[A-Z]{{1,2}})(?![\w])(?:-\d{{1,4}})?"
)
_WORDS_STATE_ZIP: Final = (
    rf"(?:[\w'.-]+ ){{0,4}}?[\w'.-]+,? (?i:{any_of(WORDS['states'] + WORDS['states_behind'])}),? "
    rf"\d{{5}}(?:-\d{{4}})?(?![\w-])"
)
# What may follow, the surest first, and how much it adds.
_FLATS: Final = {
    rf"(?i:{WORDS.pattern('unit_after')})(?!\w)": 0.2,
    _UNIT: 0.2,
    r"# ?\d{1,5}[A-Za-z]?(?!\w)": 0.2,
    rf"(?i:{WORDS.pattern('box')})[: ]{{0,2}}(?:n[ro°º]?\.? ?)?\d[\d ]{{0,8}}": 0.3,
}
_POSTAL: Final = {
    rf"{_POST},?[ \n]+{TOWN}(?:(?:,| /)? {_STATE}| \([A-Z]{{2}}\))?": 0.4,
    _WORDS_STATE_ZIP: 0.4,
    r"\d{5}-?\d{3} [^,/\n\d]{3,40}(?: -|/| /) ?[A-Z]{2}(?!\w)": 0.5,
    rf"{TOWN}(?:,| ?-)?[ \n]*(?<!\w)(?:{_STATE}(?:,|\.)? )?{_POST}": 0.4,
    rf"{_STATE}(?:,|\.)?[ \n]+{_POST}": 0.4,
    rf"(?i:(?:{WORDS.pattern('postcode_label')})\W{{0,2}} ?){_POST}": 0.4,
    _POST: 0.15,
    _STATE: 0.2,
}


class Part(NamedTuple):
    """What may follow in an address, and how much it adds."""

    pattern: re.Pattern[str]
    evidence: float
    once: bool


@cache
def _parts() -> tuple[Part, ...]:
    """What may stand next; made when the first address is read."""
    return (
        *(Part(re.compile(pattern), evidence, once=False) for pattern, evidence in _FLATS.items()),
        *(Part(re.compile(pattern), evidence, once=True) for pattern, evidence in _POSTAL.items()),
    )


_CODE: Final = re.compile(r"(?:[A-Z]{2,3}|\d{1,2}|nan|None|null)(?!\w)")
_LONG_POST: Final = re.compile(rf"(?=\S* ?\S{{3}}){_POST}")
_TOWN_ALONE: Final = re.compile(rf"{TOWN}(?=[ \t]*(?:[,;.!?)\n]|$|-))")
_NAMED_TOWN: Final = re.compile(rf"(?:(?:г|g|m|с|пос|дер|р-н)\. ?)?{TOWN}(?!\w)")

_NO_TOWNS: Final = WORDS.set("no_towns")
_UNIT_IN_FRONT: Final = re.compile(
    rf"(?<![\w])(?:(?i:{any_of(WORDS['unit_before'])})(?!{LETTER})[.:]? ?(?:no\.? ?|# "
    rf"?)?[A-Za-z]?\d{{1,5}}[A-Za-z]?(?:/(?=\d))?"
    rf"|(?i:{WORDS.pattern('unit_after')}))[ ]*[,/\n-]?[ \n>?]*$"
)
_POST_IN_FRONT: Final = re.compile(
    rf"(?<![\w.,$€£#/-])(?:(?:[A-Z]{{1,2}}-)?\d{{4,6}}(?: "
    rf"{TOWN})?,|\d{{3,5}})[ \n>?]+$"
)
_BUILDING_IN_FRONT: Final = re.compile(
    rf"(?<!\w)(?:{CAPITALISED} ){{1,3}}(?:House|Cottage|Building|Tower|Towers|Lodge|Farm|Hall|"
    rf"Villa|Mill|"
    rf"Apartments|Centre|Center|Plaza|Residence|Manor|Mansions|Society|Chambers)[ ]*[,\n][ \n]*$"
)
_SETTLEMENT_IN_FRONT: Final = re.compile(
    rf"(?<!\w)(?:(?:г|п|с|ст|д|пос|дер|к|клх|м|х|пгт|рп|обл|р-н|гор)\.|(?:город|село|посёлок|"
    rf"поселок|деревня)) ?{TOWN},? ?$"
)
_SIGN_IN_FRONT: Final = re.compile(
    r"(?i)(?<!\w)(?:(?:h|house|plot|door|flat|shop)\.? ?no|no|nr|№|#)[.:]{0,2} ?$"
)
_IN_FRONT: Final = (
    _SIGN_IN_FRONT, _UNIT_IN_FRONT, _BUILDING_IN_FRONT, _UNIT_IN_FRONT, _SETTLEMENT_IN_FRONT,
    _POST_IN_FRONT,
)  # fmt: skip
# Lines with a number and names, before a town with its postcode or a flat.
NUMBERED: Final = (
    rf"(?:\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,5}})?,? )?{CAPITALISED}(?:[ -](?:{CAPITALISED}|"
    rf"{LETTER}{{1,3}}\.?|\d{{1,3}}(?:st|nd|rd|th))){{0,4}} \d{{1,5}} "
    rf"?[A-Za-z]?(?:[-/]\d{{1,4}})?\.?"
    rf"|(?<![\d.,/-])\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,5}})?,? (?:{CAPITALISED}|\d{{1,3}}(?:st|nd|"
    rf"rd|th))(?:[ -](?:{CAPITALISED}|{LETTER}{{1,3}})){{0,4}}"
    rf"|{CAPITALISED}(?:[ -](?:{CAPITALISED}|{LETTER}{{1,3}})){{0,4}}, \d{{1,5}} ?[A-Za-z]?"
)
_LINE_IN_FRONT: Final = re.compile(
    rf"(?<![\w$€£#])(?:{NUMBERED})(?P<unit>[ ,]+(?i:{any_of(WORDS['unit_before'])})\.? "
    rf"?[A-Za-z]?\d{{1,5}}[A-Za-z]?)?[ ]?[,\n][ \n>?]*"
    rf"(?P<more>(?:[{CAPITALS}][^,\n\d:;]{{2,30}}[,\n][ \n>?]*){{0,2}})$"
)

# `Bitte an`, `Send til` begin a sentence, not an address.
_LEAD: Final = re.compile(
    rf"(?:{LETTER}+ ){{1,3}}?(?:an|nach|in|to|at|til|till|na|op|em|en|a|au|do|po|bei|is|ist|på|i|"
    rf"per) "
)


def grown(text: str, core: Core) -> Core:
    """An address with all that belongs to it on both sides."""
    cased = text.title() if text.islower() else text
    if len(cased) != len(text):
        cased = text
    core = _to_the_right(cased, core, small=cased is not text)
    return _to_the_left(text, core)


def _to_the_right(text: str, core: Core, *, small: bool) -> Core:
    start, end, evidence, street = core
    used = set[int]()
    for _ in range(9):
        gap = _GAP.match(text, end)
        place = gap.end() if gap else end
        if place == end and text[end - 1 : end].isalnum():
            break
        sure = evidence > 0.8 and not small
        found = _next(text, place, used) or _town(text, end, place, sure=sure, small=small)
        if found is None:
            break
        end, more = found
        evidence += more
    return Core(start, end, evidence, street)


def _next(text: str, place: int, used: set[int]) -> tuple[int, float] | None:
    """Where the part ends that stands at a place, and what it adds."""
    word = _FIRST.match(text, place)
    if word and word[0].lower() in _NO_TOWNS:
        return None
    for number, part in enumerate(_parts()):
        if number not in used and (match := part.pattern.match(text, place)):
            used.update({number} if part.once else ())
            return match.end(), part.evidence
    end = country(text, place) or _region(text, place)
    return None if end is None else (end, 0.2)


def _region(text: str, place: int) -> int | None:
    """Where a code of some region ends, or what a table has for none, before what must follow."""
    code = _CODE.match(text, place)
    after = _GAP.match(text, code.end()) if code else None
    if code is None or after is None or after.end() == code.end():
        return None
    follows = _LONG_POST.match(text, after.end()) or country(text, after.end())
    return code.end() if follows else None


_FIRST: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def _town(text: str, end: int, place: int, *, sure: bool, small: bool) -> tuple[int, float] | None:
    """A town without a postcode: known, alone between commas, or before a postcode or a country."""
    between = text[end:place].strip(" ")
    alone = _TOWN_ALONE.match(text, place)
    match = alone or _NAMED_TOWN.match(text, place)
    if match is None or match[0].split()[0].lower().strip(".,:") in _NO_TOWNS:
        return None
    if match[0].lower() in TOWNS and (between or alone):
        return match.end(), 0.2
    gap = _GAP.match(text, match.end())
    after = gap.end() if gap else match.end()
    if after > match.end() and _goes_on(text, after):
        return match.end(), 0.1
    apart = not small and (between == "," or (not between and alone))
    return (match.end(), 0.05) if apart and (alone or sure) else None


def _goes_on(text: str, place: int) -> bool:
    """Whether a postcode, a state or a country follows."""
    return (
        any(p.pattern.match(text, place) for p in _parts() if p.once)
        or country(text, place) is not None
        or _region(text, place) is not None
    )


def _to_the_left(text: str, core: Core) -> Core:
    start, end, evidence, street = core
    if not street and (match := _LINE_IN_FRONT.search(text, max(0, start - 90), start)):
        lead = _LEAD.match(match[0])
        start, evidence = match.start() + (lead.end() if lead else 0), evidence + 0.3
    for pattern in _IN_FRONT:
        if pattern is _UNIT_IN_FRONT and not _may_end_in_unit(text[max(0, start - 60) : start]):
            continue
        if match := pattern.search(text, max(0, start - 60), start):
            start, evidence = match.start(), evidence + 0.2
    return Core(start, end, evidence, street)


def _may_end_in_unit(before: str) -> bool:
    """Whether `_UNIT_IN_FRONT`, which takes long, may match the end of a text at all."""
    return _DIGIT.search(before) is not None or before.rstrip(" ,/\n>?-").lower().endswith(
        _UNIT_ENDS
    )


_DIGIT: Final = re.compile(r"\d")
_UNIT_ENDS: Final = WORDS["unit_ends"]
_COUNTRY: Final = re.compile(rf"(?:the )?{LETTER}+(?:[ .'-]{{1,2}}{LETTER}+){{0,4}}")


def country(text: str, place: int) -> int | None:
    """Where the name of a country ends that stands at a place; in about 100 languages."""
    match = _COUNTRY.match(text, place)
    if match is None or not (match[0][0].isupper() or not match[0].isascii()):
        return None
    ends = [each.end() for each in re.finditer(r"[^\W\d_](?!\w)", match[0])]
    for end in reversed(ends):
        folded = re.sub(r"[^\w]+", " ", fold_letters(match[0][:end]).text).strip().upper()
        if len(folded) > 1 and folded.removeprefix("THE ") in _names():
            return place + end
    return None


@cache
def _names() -> frozenset[str]:
    """Countries in about 100 languages, and states, folded as their tables have them."""
    states = {
        word
        for code in ("AT", "AU", "BR", "CA", "CH", "DE", "ES", "GB", "IT", "US")
        for word in load_table(code).words
        if len(word) > 3
    }
    return frozenset(states | set(load("world")["words"]))
