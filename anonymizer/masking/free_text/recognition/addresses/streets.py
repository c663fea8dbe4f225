"""Lines with a street and a number, by the words that streets have in their names."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from anonymizer.masking.free_text.recognition.addresses import words
from anonymizer.masking.free_text.recognition.basis.folding import CAPITALS, LETTER


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Core(NamedTuple):
    """What an address grows from: its place, how much it says, and whether a street is in it."""

    start: int
    end: int
    evidence: float
    street: bool = True


def any_of(these: str | Iterable[str]) -> str:
    """A pattern for words, the longer first, with the dot that an abbreviation may have."""
    some = these.split() if isinstance(these, str) else these
    return f"(?:{'|'.join(map(re.escape, sorted(some, key=len, reverse=True)))})"


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

# 12 High Street, 350 5th Ave, 6257A North McCormick Road, 12 main st
_NUMBER_NAME_TYPE: Final = re.compile(
    rf"(?i){_BEFORE}(?P<number>{_NUMBER})(?:,? |,?\n)(?P<name>(?:{LETTER}[\w'.-]*|\d{{1,3}}(?:st|"
    rf"nd|rd|th)) "
    rf"(?:(?!(?:{any_of(words.STREET_AFTER)})\b)(?:{LETTER}[\w'.-]*|\d{{1,3}}(?:st|nd|rd|th)) "
    rf"){{0,4}}?)"
    rf"(?:(?P<sure>{any_of(words.STREET_AFTER)})|{any_of(words.STREET_AFTER_DOUBTFUL)})(?![\w'])\.?"
    rf"(?: (?:{any_of(words.STREET_AFTER)}|{any_of(words.STREET_AFTER_DOUBTFUL)})(?!\w)\.?){{0,2"
    rf"}}(?:,? {_DIRECTION}(?!\w)\.?)?"
)
_BEFORE_NAME: Final = (
    rf"(?P<type>(?i:(?P<sure>{any_of(words.STREET_BEFORE)})|"
    rf"{any_of(words.STREET_BEFORE_DOUBTFUL)}))\.?"
)
# 12 bis, rue de la Paix; 9912 S. Avenue H; 100 Via Verde
_NUMBER_TYPE_NAME: Final = re.compile(
    rf"{_BEFORE}(?P<number>{_NUMBER}(?: ?(?:bis|ter|quater)\b)?),? (?:{_DIRECTION}\.? "
    rf")?{_BEFORE_NAME}"
    rf"(?P<name>{_NAME}{{1,5}})"
)
# Calle Mayor 12; ul. Długa 5/7; Cra 7 # 71-21; ул. Ленина, д. 5; Rua Augusta, 123
_TYPE_NAME_NUMBER: Final = re.compile(
    rf"(?<![\w'])(?:{_DIRECTION}\.? )?{_BEFORE_NAME}(?P<name>{_NAME}{{1,6}}|(?: "
    rf"{LETTER}[\w'.-]*){{1,4}}?)"
    rf"(?:,? ?(?i:{words.NUMBER_SIGN}) ?|,? )(?P<number>{_NUMBER}(?:-\d+)?|(?i:s/n|snc|km "
    rf"\d+)){_AFTER_NUMBER}"
)
# Hauptstraße 5, Karl-Marx-Str. 5 b, Mannerheimintie 12 A 5: from the ending on, then the name.
_ENDING_NUMBER: Final = re.compile(
    rf"(?i:(?P<sure>{any_of(words.STREET_ENDINGS)})|{any_of(words.STREET_ENDINGS_DOUBTFUL)})(?!"
    rf"{LETTER})\.?"
    rf"(?:,? ?(?i:{words.NUMBER_SIGN}) ?|,? )(?P<number>{_NUMBER}(?: ?[-/] ?\d+ ?[a-z]?)?(?: "
    rf"[A-Z] ?\d{{1,3}}(?!\d))?)"
    rf"{_AFTER_NUMBER}"
)
_NAME_BEFORE: Final = re.compile(
    rf"(?:(?<!\w)(?:(?i:in der|am|an der|an den|auf der|auf dem|zur|zum|im) )?"
    rf"(?:{CAPITALISED}[ -]){{0,3}}{LETTER}{{0,30}})$"
)
# Am Alten Markt 3, Unter den Linden 77, Na Příkopě 5
_PLACED_NUMBER: Final = re.compile(
    rf"(?<!\w)(?:Am|An|Auf|Im|In|Zum|Zur|Unter|Hinter|Vor|Bei|Op|Aan|Na|Pod|Nad|V)(?: (?:der|dem|"
    rf"den|de|het))?"
    rf"(?: {CAPITALISED}){{1,3}} (?P<number>{_NUMBER}){_AFTER_NUMBER}"
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
    rf"(?<![\w$€£#])(?:{CAPITALISED} ){{1,4}}?(?i:{any_of(words.STREET_AFTER)})(?!\w)\.?"
)
_TYPE_NAME: Final = re.compile(
    rf"(?<![\w'])(?i:{any_of(words.STREET_BEFORE)})(?!\w)\.?(?=[ "
    rf"']){_NAME}{{1,5}}"
)
_ENDING: Final = re.compile(
    rf"(?<![\w-])(?:{CAPITALISED}[ -])?[{CAPITALS}]{LETTER}{{1,25}}?(?:"
    rf"{any_of(words.STREET_ENDINGS)}|platz|weg|markt)(?!\w)"
)
_COUNTED: Final = _set(
    "hour hours hr hrs minute minutes min mins star stars way ways lane lanes mile miles day days "
    "week weeks month months year years piece pieces pc pcs person people man men woman door doors "
    "car cars inch inches ft foot feet km m cm mm kg g lb lbs oz pack packs set sets x of in on to "
    "and or for per more other others new different the a an from at by is was are were out off "
    "times percent great good nice busy long short more miles/h steps stop stops items item orders "
    "parcels boxes box bedroom bedrooms bed speed disc disk gb tb mb volt amp watt gallon step "
    "part "
    "level tier seat ton wheel wheels side sided bit core cores channel zone player pin yr wide "
    "single double dirty quiet metre metres meter meters yard yards block blocks tickets nights "
    "big small little rooms i you he she it we they my your his her our their this that these "
    "those with and/or if when but then than as not no yes please pm am"
)
_TOLD: Final = re.compile(
    r"(?i)\b(?:at|to|on|from|near|lives?|address|opposite|behind|visit|in|der|"
    r"a|à|au|en|em|na|no|nel|op|aan|przy|på|в|на|по)[\s:]{1,3}$"
)
_LINE_START: Final = re.compile(r"(?:^|\n)[>\s]*$")
_LINE_END: Final = re.compile(r"[ .,]*(?:\n|$)")


def western(text: str, used: set[str]) -> Iterator[Core]:
    """Streets with their numbers in alphabets, as they are found; they may overlap.

    Args:
        text: folded.
        used: its words, small; what they cannot hold is not searched.
    """
    if not used.isdisjoint(_AFTER):
        for match in _NUMBER_NAME_TYPE.finditer(text):
            yield from _counted(text, match)
        yield from _unnumbered(text, _NAME_TYPE)
    if not used.isdisjoint(_BEFORE_WORDS):
        for pattern in (_NUMBER_TYPE_NAME, _TYPE_NAME_NUMBER):
            for match in pattern.finditer(text):
                yield from _headed(text, match)
        for match in _CROSSING.finditer(text):
            yield Core(*match.span(), 0.8)
        yield from _unnumbered(text, _TYPE_NAME)
    if any(word.endswith(_ENDINGS) for word in used):
        for match in _ENDING_NUMBER.finditer(text):
            yield from _ended(text, match)
        yield from _unnumbered(text, _ENDING)
    for match in _PLACED_NUMBER.finditer(text):
        yield Core(*match.span(), 0.3)


def _unnumbered(text: str, pattern: re.Pattern[str]) -> Iterator[Core]:
    """Streets without a number, which say little by themselves."""
    for match in pattern.finditer(text):
        yield Core(*match.span(), 0.2)


_AFTER: Final = frozenset((words.STREET_AFTER + " " + words.STREET_AFTER_DOUBTFUL).split())
_BEFORE_WORDS: Final = frozenset(
    re.findall(r"[^\W\d_]+", words.STREET_BEFORE + " " + words.STREET_BEFORE_DOUBTFUL)
)
_ENDINGS: Final = tuple((words.STREET_ENDINGS + " " + words.STREET_ENDINGS_DOUBTFUL).split())


def _counted(text: str, match: re.Match[str]) -> Iterator[Core]:
    """A number, a name and a word for streets; a number of things, of which it is not one."""
    name = match["name"].split()
    if any(word.lower().strip(".") in _COUNTED for word in name):
        return
    titled = all(word[0].isupper() or word[0].isdigit() or len(word) < 4 for word in name)
    evidence = (
        (0.6 if match["sure"] else 0.4) + 0.1 * (titled and not text.isupper()) - 0.1 * (not titled)
    )
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
    evidence = (0.6 if match["sure"] and known else 0.45) + 0.1 * titled - 0.3 * (not titled)
    yield Core(*match.span(), evidence + _told(text, match.start(), match.end()))


def _ended(text: str, match: re.Match[str]) -> Iterator[Core]:
    """A name with the ending of streets; some of these words are none."""
    name = _NAME_BEFORE.search(text, max(0, match.start() - 70), match.start())
    if name is None or text[name.start() - 1 : name.start()].isalpha():
        return
    named = text[name.start() : match.start("number")].rstrip(" .,").split(" ")[-1].lower()
    if (
        named in words.NO_STREETS
        or not name[0].strip()
        or named == "str" == name[0].strip().lower()
    ):
        return
    evidence = (0.6 if match["sure"] else 0.4) + (0.1 if any(map(str.isupper, name[0])) else -0.1)
    yield Core(name.start(), match.end(), evidence + _told(text, name.start(), match.end()))
