"""From a street to all of the address: flat, town, postcode, state and country beside it."""

import re
from functools import cache
from typing import Final, NamedTuple

from anonymizer.masking.free_text.recognition.addresses import words
from anonymizer.masking.free_text.recognition.addresses.streets import (
    CAPITALISED,
    CAPITALS,
    LETTER,
    Core,
    any_of,
)
from anonymizer.masking.free_text.recognition.folding import fold_letters
from anonymizer.masking.places.table import load

_GAP: Final = re.compile(r"(?:[ \t]*(?:[,;|/]|\r?\n| - |\.(?= ?\d{4})|\()?[ \t]*(?:\r?\n[ \t]*)?[>?#]*[ \t]*)")
_POST: Final = (
    r"(?:(?:[A-Z]{1,3} ?- ?)?\d{5}(?:-\d{3,4})?|\d{4} ?[A-Z]{2}|(?:[A-Z]{1,2}-)?\d{4}(?:-\d{3})?|\d{2}-\d{3}|\d{3} \d{2}|"
    r"\d{2}\.?\d{3}-\d{3}|\d{6}|\d{3} \d{3}|[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}|"
    r"[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d)(?![\w]|[.,]\d|-\d)"
)
_TOWN_WORD: Final = (
    rf"(?:{CAPITALISED}|(?:am|an|der|den|de|la|le|les|el|los|las|sur|sous|en|di|do|da|dos|das|del|"
    rf"bei|ob|im|in|upon|on|and|the|y|i|nad|auf|aan|op)(?= ))"
)
_TOWN: Final = rf"(?:(?<![^\W])(?:(?:g|г|m|s|Bad|St|Sankt|São|San|Santa)\.? ?)?{CAPITALISED}(?:[ -]{_TOWN_WORD}){{0,4}}(?: [ivxIVX]{{1,3}}(?!\w)| ?\(\w{{2,15}}\)|,? CEDEX(?: \d+)?| \d{{1,2}}(?!\w))?)"
_STATE: Final = rf"(?:{any_of(words.STATES)})(?!\w)"


class Part(NamedTuple):
    """What may follow in an address, and how much it adds."""

    pattern: re.Pattern[str]
    evidence: float


@cache
def _parts() -> tuple[Part, ...]:
    """What may stand next, the surest first; made when the first address is read."""
    return tuple(Part(re.compile(pattern), evidence) for pattern, evidence in (
        (rf"(?i:{words.UNIT_AFTER})(?!\w)", 0.2),
        (rf"(?i:{any_of(words.UNIT_BEFORE)})(?!{LETTER})[.:]? ?(?:no\.? ?|№ ?|# ?|nº ?)?(?:[A-Za-z]?-?\d{{1,5}} ?[A-Za-z]?|[A-Z]{{1,2}})(?![\w])(?:-\d{{1,4}})?", 0.2),
        (r"# ?\d{1,5}[A-Za-z]?(?!\w)", 0.2),
        (rf"(?i:{words.BOX})[: ]{{0,2}}(?:n[ro°º]?\.? ?)?\d[\d ]{{0,8}}", 0.3),
        (rf"{_POST},?[ \n]+{_TOWN}(?:,? {_STATE})?", 0.4),
        (rf"{_TOWN}(?:,| -)?[ \n]+(?:{_STATE}(?:,|\.)? )?{_POST}", 0.4),
        (rf"{_STATE}(?:,|\.)?[ \n]+{_POST}", 0.4),
        (rf"(?i:(?:{words.POSTCODE_LABEL})\W{{0,2}} ?)?{_POST}", 0.3),
        (rf"{_STATE}", 0.2),
    ))


_TOWN_ALONE: Final = re.compile(rf"{_TOWN}(?=[ \t]*(?:[,;.!?)\n]|$|-))")
_NAMED_TOWN: Final = re.compile(rf"(?:(?:г|g|m|с|пос|дер|р-н)\. ?)?{_TOWN}(?!\w)")
_NO_TOWNS: Final = frozenset(
    "the i we he she it they please thanks thank regards phone tel email e-mail fax mobile hi hello "
    "dear my our his her your and but or if when then ask call ring note order invoice customer "
    "kind best mfg bitte danke telefon liefern lieferung merci gracias grazie tel. contact name "
    "attn date subject from to cc re fwd sent cell desk office home website web delivery between "
    "before after until by for with no yes not only leave left monday tuesday wednesday thursday "
    "friday saturday sunday today tomorrow".split()
)
_UNIT_IN_FRONT: Final = re.compile(
    rf"(?<![\w])(?:(?i:{any_of(words.UNIT_BEFORE)})(?!{LETTER})[.:]? ?(?:no\.? ?|# ?)?[A-Za-z]?\d{{1,5}}[A-Za-z]?"
    rf"|(?i:{words.UNIT_AFTER}))[ ]*[,/\n-]?[ \n]*$"
)
_POST_IN_FRONT: Final = re.compile(rf"(?<![\w.,$€£#/-])(?:(?:[A-Z]{{1,2}}-)?\d{{4,6}}(?: {_TOWN})?,|\d{{3,5}})[ \n]+$")
_BUILDING_IN_FRONT: Final = re.compile(
    rf"(?<!\w)(?:{CAPITALISED} ){{1,3}}(?:House|Cottage|Building|Tower|Towers|Lodge|Farm|Hall|Villa|Mill|"
    rf"Apartments|Centre|Center|Plaza|Residence|Manor|Mansions|Society|Chambers)[ ]*[,\n][ \n]*$"
)


def grown(text: str, core: Core) -> Core:
    """An address with all that belongs to it on both sides."""
    return _to_the_left(text, _to_the_right(text, core))


def _to_the_right(text: str, core: Core) -> Core:
    start, end, evidence = core
    used = set[int]()
    for _ in range(9):
        gap = _GAP.match(text, end)
        place = gap.end() if gap else end
        if place == end and text[end - 1 : end].isalnum():
            break
        found = _next(text, place, used)
        if found is None:
            found = _town(text, end, place)
        if found is None:
            break
        end, more = found
        evidence += more
    return Core(start, end, evidence)


def _next(text: str, place: int, used: set[int]) -> tuple[int, float] | None:
    for number, part in enumerate(_parts()):
        if number not in used and (match := part.pattern.match(text, place)):
            if match[0].split()[0].lower().strip(".,:") in _NO_TOWNS:
                continue
            used.update({number} if number > 2 else ())
            return match.end(), part.evidence
    end = country(text, place)
    return None if end is None else (end, 0.2)


def _town(text: str, end: int, place: int) -> tuple[int, float] | None:
    """A town without a postcode: known, or alone between commas; on a line of its own before a postcode."""
    between = text[end:place]
    match = _TOWN_ALONE.match(text, place) or _NAMED_TOWN.match(text, place)
    if match is None or match[0].split()[0].lower().strip(".,:") in _NO_TOWNS:
        return None
    known = match[0].lower() in words.TOWNS
    alone = _TOWN_ALONE.match(text, place) is not None
    if known and between.strip(" ") in (",", "\n", "-", "") and (between.strip(" ") or alone):
        return match.end(), 0.2
    followed = _GAP.match(text, match.end())
    after = followed.end() if followed else match.end()
    if after > match.end() and any(p.pattern.match(text, after) for p in _parts()[4:]):
        return match.end(), 0.1
    if between.strip() == "," and "\n" not in between and alone:
        return match.end(), 0.05
    return None


def _to_the_left(text: str, core: Core) -> Core:
    start, end, evidence = core
    for pattern in (_UNIT_IN_FRONT, _BUILDING_IN_FRONT, _UNIT_IN_FRONT, _POST_IN_FRONT):
        if match := pattern.search(text, max(0, start - 60), start):
            start, evidence = match.start(), evidence + 0.2
    return Core(start, end, evidence)


_COUNTRY: Final = re.compile(rf"(?:the )?{LETTER}+(?:[ .'-]{{1,2}}{LETTER}+){{0,4}}")


def country(text: str, place: int) -> int | None:
    """Where the name of a country ends that stands at a place; in about 100 languages."""
    match = _COUNTRY.match(text, place)
    if match is None or not (match[0][0].isupper() or not match[0].isascii()):
        return None
    ends = [each.end() for each in re.finditer(r"[^\W\d_](?!\w)", match[0])]
    for end in reversed(ends):
        folded = re.sub(r"[^\w]+", " ", fold_letters(match[0][:end]).text).strip().upper()
        if len(folded) > 1 and folded.removeprefix("THE ") in load("world")["words"]:
            return place + end
    return None
