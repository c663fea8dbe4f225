"""Lines with a street and a number, by the words that streets have in their names."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from anonymizer.masking.free_text.basis.characters import Bools, Places
from anonymizer.masking.free_text.basis.folding import CAPITALS, LETTER
from anonymizer.masking.free_text.basis.glances import NEVER, Glances
from anonymizer.masking.free_text.basis.lists import any_of
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.recognition.addresses.words import WORDS


class Core(NamedTuple):
    """What an address grows from: its place, how much it says, and whether a street is in it."""

    start: int
    end: int
    evidence: float
    street: bool = True


Judge = Callable[[str, re.Match[str]], Iterator[Core]]  # what a match in a text says

CAPITALISED: Final = rf"(?>[{CAPITALS}]{LETTER}{{0,30}}(?:['.]{LETTER}{{1,30}}){{0,3}}\.?)"
_SMALL: Final = (
    r"(?:de la|de las|de los|de|del|della|delle|dei|degli|di|da|do|dos|das|du|des|d'|l'|dell'|la|"
    r"le|les|"
    r"los|las|el|y|e|et|van|von|vom|den|der|dem|het|'t|ter|ten|am|an|zu|zum|zur|of|the|and|i|na|"
    r"w|и|"
    r"sur|sous|aux|au|à|en)"
)
# Words of a street's name, each with the blank before it.
_NAME: Final = (
    rf"(?:(?: {_SMALL})*(?: |(?<=')| ?- ?)(?:{CAPITALISED}|\d{{1,3}}(?:st|nd|rd|th|"
    rf"[º°ªa]|-[а-яё]{{1,2}}| лет)?\b))"
)
_NUMBER: Final = (
    r"\d{1,5}(?:(?: ?- ?| ?/ ?)\d{1,5}){0,2}(?:/[A-Z](?!\w)| ?[A-Za-zА-Яа-я](?![\w'.])|"
    r"[a-zA-Z](?!\w))?"
    r"(?: ?1/2|(?<=[A-Z]) \d{1,3}(?![\w.]))?"
)
_BEFORE: Final = r"(?<![\w$€£¥#.,:/@=-])"
_AFTER_NUMBER: Final = (
    r"(?![\w%€$£°]|[.,:/-]\d| ?(?:%|€|\$|£|eur\b|usd\b|kg\b|cm\b|mm\b|km\b|"
    r"min\b|uhr\b|stück\b|pcs\b|mal\b|am\b|pm\b))"
)
_DIRECTION: Final = (
    r"(?:N|S|E|W|NE|NW|SE|SW|N\.E|N\.W|S\.E|S\.W|North|South|East|West|Northeast|"
    r"Northwest|Southeast|Southwest)"
)

_AFTER_NAME: Final = any_of(WORDS["street_after"])
_PERHAPS_AFTER: Final = any_of(WORDS["street_after_doubtful"])
_ENDS: Final = any_of(WORDS["street_endings"])
_SIGN: Final = WORDS.pattern("number_sign")

# 12 High Street, 350 5th Ave, 6257A North McCormick Road, 12 main st
_NUMBER_NAME_TYPE: Final = re.compile(
    rf"(?i){_BEFORE}(?P<number>{_NUMBER})(?:,? |,?\n)(?P<name>(?:{LETTER}[\w'.-]*|\d{{1,3}}(?:st|"
    rf"nd|rd|th)) "
    rf"(?:(?!(?:{_AFTER_NAME})\b)(?:{LETTER}[\w'.-]*|\d{{1,3}}(?:st|nd|rd|th)) "
    rf"){{0,4}}?)"
    rf"(?:(?P<sure>{_AFTER_NAME})|{_PERHAPS_AFTER})(?![\w'])\.?"
    rf"(?: (?:{_AFTER_NAME}|{_PERHAPS_AFTER})(?!\w)\.?){{0,2"
    rf"}}(?:,? {_DIRECTION}(?!\w)\.?)?"
)
_BEFORE_NAME: Final = (
    rf"(?P<type>(?i:(?P<sure>{any_of(WORDS['street_before'])})|"
    rf"{any_of(WORDS['street_before_doubtful'])}|r(?=\.)))\.?"
)
# 12 bis, rue de la Paix; 9912 S. Avenue H; 100 Via Verde
_NUMBER_TYPE_NAME: Final = re.compile(
    rf"{_BEFORE}(?P<number>{_NUMBER}(?: ?(?:bis|ter|quater)\b)?),? (?:{_DIRECTION}\.? "
    rf")?{_BEFORE_NAME}"
    rf"(?P<name>{_NAME}{{1,5}}|(?: {_SMALL})+ {LETTER}[\w'-]*{_NAME}{{0,3}})"
)
# Calle Mayor 12; ul. Długa 5/7; Cra 7 # 71-21; ул. Ленина, д. 5; Rua Augusta, 123
_TYPE_NAME_NUMBER: Final = re.compile(
    rf"(?<![\w'])(?:{_DIRECTION}\.? )?{_BEFORE_NAME}(?P<name>{_NAME}{{1,6}}|(?: "
    rf"{LETTER}[\w'.-]*){{1,4}}?)"
    rf"(?:,? ?(?i:{_SIGN}) ?|,? )(?P<number>{_NUMBER}(?:-\d+)?|(?i:s/n|snc|km "
    rf"\d+)){_AFTER_NUMBER}"
)
# Hauptstraße 5, Karl-Marx-Str. 5 b, Mannerheimintie 12 A 5: from the ending on, then the name.
_ENDING_NUMBER: Final = re.compile(
    rf"(?i:(?P<sure>{_ENDS})|{any_of(WORDS['street_endings_doubtful'])})(?!"
    rf"{LETTER})\.?"
    rf"(?:,? ?(?i:{_SIGN}) ?|,? )(?P<number>{_NUMBER}(?: ?[-/] ?\d+ ?[a-z]?)?(?: "
    rf"[A-Z] ?\d{{1,3}}(?!\d))?)"
    rf"{_AFTER_NUMBER}"
)
_HUNGARIAN: Final = re.compile(
    rf"(?<!\w){CAPITALISED}(?:[ -]{LETTER}{{2,20}}){{0,2}} "
    rf"(?P<type>(?i:{any_of(WORDS['street_endings_hungarian'])}))\.? {_NUMBER}{_AFTER_NUMBER}\.?"
)
_NAME_BEFORE: Final = re.compile(
    rf"(?:(?<!\w)(?:(?i:in der|am|an der|an den|auf der|auf dem|zur|zum|im) )?"
    rf"(?:{CAPITALISED}[ -]){{0,3}}{LETTER}{{0,30}})$"
)
_PLACES: Final = "Am|An|Auf|Im|In|Zum|Zur|Unter|Hinter|Vor|Bei|Op|Aan|Na|Pod|Nad|V"
# Am Alten Markt 3, Unter den Linden 77, Na Příkopě 5
_PLACED_NUMBER: Final = re.compile(
    rf"(?<!\w)(?:{_PLACES})(?: (?:der|dem|"
    rf"den|de|het))?"
    rf"(?: {CAPITALISED}(?: {LETTER}{{3,12}})?){{1,3}} (?P<number>{_NUMBER}){_AFTER_NUMBER}"
)
# 4215 W. West End; 10 S Dearborn
_DIRECTED: Final = re.compile(
    rf"{_BEFORE}\d{{1,5}} (?:[NSEW]|N[EW]|S[EW])\.? "
    rf"(?:(?=.[^A-Z]){CAPITALISED}|\d{{1,3}}(?:st|nd|rd|th)?)"
    rf"(?: {CAPITALISED})?(?![\w%])"
)
# 13483 W Interstate 10, 200 County Road 12
_ROAD: Final = re.compile(
    rf"(?i){_BEFORE}\d{{1,5}} (?:{_DIRECTION}\.? )?"
    r"(?:interstate|(?:us |state |old )?(?:highway|hwy)|"
    r"(?:county|state|farm) (?:road|rd|route)|u\.?s\.?(?: route)?|state rte|co\.? rd)\.? "
    r"[A-Z]?\d{1,4}[A-Z]?(?!\w)"
)
# Calle 45 # 12-34, Cra. 7A No. 71-21 Sur
_CROSSING: Final = re.compile(
    r"(?i)(?<!\w)(?:calle|cll?|carrera|cra?|kra?|avenida|av|diagonal|dg|transversal|tv|tr|"
    r"circular)\.?(?: (?:calle|carrera))? "
    r"\d{1,3} ?[a-zª]{0,2}(?: ?(?:bis|sur|norte|este|oeste)){0,2} ?(?:#|no\.?|n[°º]) ?\d{1,3} "
    r"?[a-z]{0,2} ?- ?\d{1,3}"
    r"(?: (?:sur|norte|este|oeste)(?!\w))?"
)
# Without a number: a postcode or more must follow.
_NAME_TYPE: Final = re.compile(
    rf"(?<![\w$€£#])(?:{CAPITALISED} ){{1,4}}?(?i:{_AFTER_NAME})(?!\w)\.?"
)
_TYPE_NAME: Final = re.compile(
    rf"(?<![\w'])(?i:{any_of(WORDS['street_before'])})(?!\w)\.?(?=[ "
    rf"']){_NAME}{{1,5}}"
)
_ENDING: Final = re.compile(
    rf"(?<![\w-])(?:{CAPITALISED}[ -])?[{CAPITALS}]{LETTER}{{1,25}}?(?:"
    rf"{_ENDS}|platz|weg|markt)(?!\w)"
)
_COUNTED: Final = WORDS.set("counted")
_NO_STREETS: Final = WORDS.set("no_streets")
_NO_ENDINGS: Final = (
    *(word for word in _NO_STREETS if len(word) > 5),
    *("ator", "itor", "utor", "ktor", "ctor"),  # who or what does something
)
_YEAR: Final = re.compile(r"(?:1[89]|20)\d\d")
_TOLD: Final = re.compile(
    r"(?i)\b(?:at|to|on|from|near|lives?|address|opposite|behind|visit|in|der|"
    r"a|à|au|en|em|na|no|nel|op|aan|przy|på|в|на|по)[\s:]{1,3}$"
)
_SET_OF: Final = re.compile(r"(?i)\bof $")
_PLATFORM: Final = re.compile(r"[A-Z][a-z]{2,} $")  # 9 King's Cross
_TITLE_GOES_ON: Final = re.compile(r" [A-Z][a-z]")
_LINE_START: Final = re.compile(r"(?:^|\n)[>\s]*$")
_LINE_END: Final = re.compile(r"[ .,]*(?:\n|$)")


def _counted(text: str, match: re.Match[str]) -> Iterator[Core]:
    """A number, a name and a word for streets; a number of things, of which it is not one."""
    name = match["name"].split()
    if any(word.lower().strip(".") in _COUNTED for word in name):
        return
    if not match["sure"] and _SET_OF.search(text, max(0, match.start() - 4), match.start()):
        return
    titled = all(word[0].isupper() or word[0].isdigit() or len(word) < 4 for word in name)
    evidence = (
        (0.6 if match["sure"] else 0.4) + 0.1 * (titled and not text.isupper()) - 0.1 * (not titled)
    )
    if not match["sure"]:
        behind = _PLATFORM.search(text, max(0, match.start() - 12), match.start())
        evidence -= 0.15 * bool(behind or _TITLE_GOES_ON.match(text, match.end()))
    yield Core(*match.span(), evidence + _told(text, match.start(), match.end()))


def _told(text: str, start: int, end: int) -> float:
    """What stands before it, or that it fills its line."""
    if _TOLD.search(text, max(0, start - 14), start):
        return 0.2
    alone = _LINE_START.search(text, max(0, start - 3), start) and _LINE_END.match(text, end)
    return 0.1 if alone and not text.isupper() else 0.0


def _headed(text: str, match: re.Match[str]) -> Iterator[Core]:
    """A word for streets before a name; a name of small letters needs more."""
    titled = any(map(str.isupper, match["name"]))
    known = match["type"].lower() if len(match["type"]) > 2 else ""
    evidence = (0.6 if known else 0.45) if match["sure"] else 0.35
    evidence += 0.1 if titled else -0.3
    evidence -= 0.3 * (not known and _YEAR.fullmatch(match["number"]) is not None)
    yield Core(*match.span(), evidence + _told(text, match.start(), match.end()))


def _ended(text: str, match: re.Match[str]) -> Iterator[Core]:
    """A name with the ending of streets; some of these words are none."""
    name = _NAME_BEFORE.search(text, max(0, match.start() - 70), match.start())
    if name is None or text[name.start() - 1 : name.start()].isalpha():
        return
    named = text[name.start() : match.start("number")].rstrip(" .,").split(" ")[-1].lower()
    alone = name[0].strip().lower()
    if not alone or alone == "str" or named in _NO_STREETS or named.endswith(_NO_ENDINGS):
        return
    evidence = (0.6 if match["sure"] else 0.4) + (0.1 if any(map(str.isupper, name[0])) else -0.1)
    evidence -= 0.2 * (not match["sure"] and _YEAR.fullmatch(match["number"]) is not None)
    yield Core(name.start(), match.end(), evidence + _told(text, name.start(), match.end()))


def _hungarian(_text: str, match: re.Match[str]) -> Iterator[Core]:
    """A name before the word for a street; `u.` and the like say less."""
    yield Core(*match.span(), 0.6 if len(match["type"]) > 2 else 0.45)


def _numbered(text: str, match: re.Match[str]) -> Iterator[Core]:
    """Roads that have a number or lie to one side, by what stands before them."""
    yield Core(*match.span(), 0.45 + _told(text, *match.span()))


def _plain(evidence: float) -> Judge:
    """What says as much wherever it stands."""
    return lambda _text, match: iter((Core(*match.span(), evidence),))


_AFTER: Final = frozenset(WORDS["street_after"] + WORDS["street_after_doubtful"])
_BEFORE_WORDS: Final = frozenset(
    re.findall(r"[^\W\d_]+", " ".join(WORDS["street_before"] + WORDS["street_before_doubtful"]))
)
_ENDINGS: Final = WORDS["street_endings"] + WORDS["street_endings_doubtful"]
# Patterns, what their matches say, and of which words a text has one where they match.
_PATTERNS: Final[tuple[tuple[frozenset[str], re.Pattern[str], Judge], ...]] = (
    (_AFTER, _NUMBER_NAME_TYPE, _counted),
    (_AFTER, _NAME_TYPE, _plain(0.2)),
    (_BEFORE_WORDS, _NUMBER_TYPE_NAME, _headed),
    (_BEFORE_WORDS, _TYPE_NAME_NUMBER, _headed),
    (_BEFORE_WORDS, _TYPE_NAME, _plain(0.2)),
    (_BEFORE_WORDS, _CROSSING, _plain(0.8)),
    (WORDS.set("street_endings_hungarian"), _HUNGARIAN, _hungarian),
    (frozenset(_PLACES.lower().split("|")), _PLACED_NUMBER, _plain(0.3)),
    (WORDS.set("directions"), _DIRECTED, _numbered),
    (WORDS.set("numbered_roads"), _ROAD, _numbered),
)
_ANY_WORD: Final = frozenset[str]().union(*(words for words, _, _ in _PATTERNS))
# The last word before a number, whose ending decides: looked for before `_ENDING_NUMBER`.
_COUNTED_WORD: Final = re.compile(rf"(?<!{LETTER}){LETTER}++(?=\.?(?:,? ?(?i:{_SIGN}) ?|,? )\d)")


_AFTER_WORDS: Final = Telling(_AFTER)
_BEFORE_TYPES: Final = Telling(_BEFORE_WORDS)
_HUNGARIAN_WORDS: Final = Telling(WORDS["street_endings_hungarian"])
_PLACE_WORDS: Final = Telling(_PLACES.split("|") + list(WORDS["directions"]))
_ROADS: Final = Telling(WORDS["numbered_roads"])
_ENDING_WORDS: Final = Telling(end=_ENDINGS)
_NAME_BLANKS: Final = 7  # between a number and the word for a street behind its name
_SIGN_BLANKS: Final = 4  # between a number and the word beside it


def may_be_western(seen: Glances) -> Bools:
    """Whether texts have words of streets beside a number, or behind or over a capital."""
    words, named = seen.words, seen.capital | seen.goes_on

    def near(some: Places) -> Bools:
        behind, ahead = seen.blanks_behind(some), seen.blanks_ahead(some)
        return (behind <= _SIGN_BLANKS) | (ahead <= _SIGN_BLANKS)

    after = seen.beside_digits(_AFTER_WORDS.among(words))
    told = seen.at(
        after[(seen.blanks_behind(after) <= _NAME_BLANKS) | named[words.preceding[after]]]
    )
    before = seen.beside_digits(_BEFORE_TYPES.among(words))
    ahead = (seen.blanks_ahead(before) < NEVER) | named[words.following[before]]
    told |= seen.at(before[near(before) | ahead])
    ends, roads = _ENDING_WORDS.among(words), _ROADS.among(words)
    numbered = seen.beside_digits(ends | roads)
    capital = seen.beside_digits((ends | _PLACE_WORDS.among(words)) & seen.capital)
    told |= seen.at(numbered[near(numbered)]) | seen.at(capital)
    return told | (seen.digit & seen.says(_HUNGARIAN_WORDS))


@lru_cache(maxsize=50_000)
def _ends_like_a_street(word: str) -> bool:
    return word.endswith(_ENDINGS)


def western(text: str, used: frozenset[str]) -> Iterator[Core]:
    """Streets with their numbers in alphabets, as they are found; they may overlap.

    Args:
        text: folded.
        used: its words, small; what they cannot hold is not searched.
    """
    told = used & _ANY_WORD
    for words, pattern, judge in _PATTERNS if told else ():
        if not told.isdisjoint(words):
            for match in pattern.finditer(text):
                yield from judge(text, match)
    if any(map(_ends_like_a_street, used)):
        for word in _COUNTED_WORD.finditer(text):
            if word[0].lower().endswith(_ENDINGS):
                ended = _ENDING_NUMBER.search(text, word.start())
                yield from _ended(text, ended) if ended else ()
        for match in _ENDING.finditer(text):
            yield Core(*match.span(), 0.2)
