"""Names behind titles, greetings, statements and keys, and in signatures."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.basis.folding import CAPITALS, LETTER
from anonymizer.masking.free_text.recognition.people import words
from anonymizer.masking.free_text.recognition.people.names import (
    ANY_NAME,
    NAME,
    WHOLE_NAME,
    Person,
    any_of,
    first_names,
    is_known,
    kept,
    last_names,
)

_DOTTED: Final = "|".join(map(re.escape, words.DOTTED_TITLES.split()))
_TITLE: Final = f"(?:{any_of(words.TITLES)}|{_DOTTED})"
_TITLED: Final = re.compile(
    rf"(?<![\w.])(?P<title>(?i:{_TITLE}))(?P<more>(?: (?i:{_TITLE}))*) "
    rf"?(?:(?<=[. ])|(?<=\.))(?P<name>{WHOLE_NAME})"
)
_TITLED_SMALL: Final = re.compile(
    rf"(?i)(?<![\w.])(?P<title>{any_of(words.SURE_TITLES)}|herr|frau|dr|sra?|sig)\.? "
    rf"(?P<name>{LETTER}{{3,24}})(?![\w-])"
)
_START: Final = r"(?:^|(?<=[\n.!?\">:;,])|(?<=[\n.!?\">:;,] )|(?<=- ))[ \t]*"
_GREETED: Final = re.compile(
    rf"{_START}(?P<greeting>(?i:{any_of(words.GREETINGS, '|')}))(?!\w)(?P<twice>,? "
    rf"(?i:{any_of(words.GREETINGS, '|')}))?,? "
    rf"(?P<title>(?:(?i:{_TITLE}) )*)(?P<name>{NAME}|{LETTER}{{3,20}}(?=[ ]?[,!\n]|"
    rf"$))(?P<after>[ ]*(?:[,!:;.\n)-]|$)?)"
)
_CLOSED: Final = re.compile(
    rf"(?:^|[\n.!?,;)] ?)[ \t>]*(?i:{any_of(words.CLOSINGS, '|')})(?!\w)(?P<mark>[,.!]*)[ "
    rf"\t]*(?P<gap>(?:\r?\n[ \t>]*){{1,3}}|,? - |,? )"
    rf"(?:(?i:your|ihre?|dein|deine|votre|su|din) )?(?P<name>{NAME}|{ANY_NAME})(?P<after>[ "
    rf"\t]*(?:,|\.|\n|$|\|))?"
)
_DASHED: Final = re.compile(rf"(?:^|\n|[.!?] |  )[ \t]*(?:-{{1,2}}|~|/) ?(?P<name>{NAME})[ \t.]*$")
_NAMED: Final = re.compile(
    rf"(?<!\w)(?i:{any_of(words.NAMED, '|')})(?: (?:is|ist|est|"
    rf"es))?:?,?\s(?:(?:{_TITLE}) )*(?P<name>{WHOLE_NAME}|{ANY_NAME})"
)
_PERHAPS: Final = re.compile(
    rf"(?<!\w)(?i:{any_of(words.PERHAPS_NAMED, '|')})\s(?P<name>{NAME}|"
    rf"{LETTER}{{3,20}})(?P<after>,? (?i:originally from|calling|speaking|here|again|at|von|aus|"
    rf"vom|de|del|chez|dal|van|uit|da|with)(?!\w))?"
)
_BY: Final = re.compile(
    rf"(?<!\w)(?P<by>(?i:{any_of(words.BY, '|')}))(?::| "
    rf"-)?\s(?:(?i:{_TITLE}) )*(?P<name>{NAME})"
)
_OF: Final = re.compile(rf"(?<!\w)(?i:{any_of(words.OF, '|')})(?::|,)? (?P<name>{NAME})")
_ADDRESSED: Final = re.compile(rf"^\s*(?P<name>{NAME}), (?i:{words.ADDRESSED})\b")
_OF_SMALL: Final = re.compile(
    rf"(?<!\w)(?i:{any_of(words.OF, '|')})(?::|,)? "
    rf"(?P<first>[a-zß-ÿ]{{3,20}}) (?P<last>(?:(?:van|von|de|da|di|der|"
    rf"den|dos|del) ){{0,2}}{LETTER}{{2,24}})(?!\w)"
)
_DONE: Final = re.compile(
    rf"(?:^|(?<=[.!?\n:>*-] )|(?<=[.!?\n]))(?P<name>{NAME}) "
    rf"(?:{words.DONE})(?!\w)"
)
_NOTED: Final = re.compile(r"[\d\0]")
_FINAL: Final = re.compile(rf"[.!?\n] ?(?P<name>{NAME})[ \t.]*$")
_KEYED: Final = re.compile(
    rf"(?<![\w-])(?i:(?P<sure>{words.KEYS})|(?P<doubtful>{words.DOUBTFUL_KEYS}))(?P<quote>[\"']?)"
    rf"[ \t]*(?:[:=]|\t|\| ?| - )[ \t]*"
    rf"(?P<open>[\"'\[]?[\"']?)(?:(?i:{_TITLE}) )*(?P<name>{WHOLE_NAME}|(?:{LETTER}+['-]?)+(?:[ "
    rf",]{{1,2}}(?:{LETTER}+['-]?)+){{0,3}})(?=[ \t]*(?:[\"',;|&\n\r)\]}}<(/.\0]|$|  ))"
)
_WORDS: Final = re.compile(r"[^\W\d_]+")
# Words right before a capital letter.
_HEADS: Final = re.compile(rf"(?<!{LETTER})({LETTER}++)[\W_]{{1,4}}(?=[{CAPITALS}])")
_PERSONAL: Final = re.compile(f"(?i){words.PERSONAL}")
_POLISH: Final = re.compile(r"[ąćęłńśźż]|(?i:\b(?:nie|jest|prosi|klient)\b)")


def beside(text: str) -> Iterator[Person]:
    """Names that a word beside them tells, as they are found; they may overlap.

    Each pattern runs only where its own words are there, which most texts lack.
    """
    used = set(_WORDS.findall(text.lower()))
    heads = {word.lower() for word in _HEADS.findall(text)}
    known = not (used.isdisjoint(first_names()) and used.isdisjoint(last_names()))
    for words_of, finder in _FINDERS.items():
        if not used.isdisjoint(words_of):
            yield from finder(text)
    if not heads.isdisjoint(_PERHAPS_WORDS) or (known and not used.isdisjoint(_PERHAPS_WORDS)):
        yield from _perhaps(text)
    if "-" in text[-30:] or "~" in text[-30:] or "/" in text[-30:]:
        yield from _dashed(text)
    if (
        (match := _FINAL.search(text, max(0, len(text) - 60)))
        and " " in match["name"]
        and not text.isupper()
    ):
        yield from _place(
            text, match, 0.65 if _known(text, match) else 0.5 if "\n" in text else 0.3
        )
    if known and "," in text and (match := _ADDRESSED.match(text)) and _known(text, match):
        yield from _place(text, match, 0.6)


def _place(text: str, match: re.Match[str], score: float, most: int = 4) -> Iterator[Person]:
    place = kept(text, *match.span("name"), most=most)
    if place is not None and place[1] - place[0] > 1 and score > 0:
        yield Person(*place, round(score, 2))


def _known(text: str, match: re.Match[str]) -> bool:
    place = kept(text, *match.span("name"))
    return place is not None and is_known(text[slice(*place)])


def _titled(text: str) -> Iterator[Person]:
    for match in _TITLED.finditer(text):
        title = match["title"].lower().rstrip(".")
        doubtful = title in words.DOUBTFUL_TITLES or f"{title}." in words.DOUBTFUL_TITLES
        if match["title"].islower() and doubtful and not _known(text, match):
            continue
        polish = title in ("pan", "pani")
        if text.isupper() and not _known(text, match):
            continue
        if (doubtful or polish) and (text.isupper() or (polish and not _POLISH.search(text))):
            continue
        doubtful = doubtful and not polish
        score = (
            0.9 if not doubtful or _known(text, match) else 0.55 if " " in match["name"] else 0.45
        )
        yield from _place(text, match, score)
    if any(map(str.islower, text)):
        for match in _TITLED_SMALL.finditer(text):
            if match["name"].islower() and (
                match["title"].lower() in words.SURE_TITLES or _known(text, match)
            ):
                yield from _place(text, match, 0.7, 1)


def _greeted(text: str) -> Iterator[Person]:
    for match in _GREETED.finditer(text):
        known, titled = _known(text, match), bool(match["title"].strip())
        if match["name"].islower():
            sure = bool(match["after"].strip(" ")) and len(match["name"]) > 2
            score = 0.7 if known else 0.5 if sure or match["after"] == "" else 0
        else:
            ended = bool(match["after"].strip(" ")) or match.end() == len(text)
            score = 0.9 if known or titled else 0.8 if ended else 0.55
            score -= 0.45 * (text.isupper() and not ended)
        yield from _place(text, match, score, 3)


def _closed(text: str) -> Iterator[Person]:
    for match in _CLOSED.finditer(text):
        line, known, last = (
            "\n" in match["gap"],
            _known(text, match),
            match.end() >= len(text.rstrip()),
        )
        if match["after"] is None:
            continue
        if match["name"].islower():
            score = 0.7 if known else 0.5 if line and last else 0
        else:
            score = (
                0.85
                if line
                else 0.7
                if last and (known or "," in match["mark"] + match["gap"]) and not text.isupper()
                else 0.4
            )
        yield from _place(text, match, score)


def _dashed(text: str) -> Iterator[Person]:
    for match in _DASHED.finditer(text):
        yield from _place(text, match, 0.65 if _known(text, match) else 0.35)


def _named(text: str) -> Iterator[Person]:
    for match in _NAMED.finditer(text):
        if match["name"][0].isupper():
            yield from _place(text, match, 0.9)
        else:
            second = match["name"].split()[1:]
            sure = not match[0].lower().startswith(("named", "name of", "namens", "goes"))
            most = 2 if second and (is_known(second[0]) or second[0] in first_names()) else 1
            yield from _place(text, match, 0.7 if sure or is_known(match["name"]) else 0.3, most)


def _perhaps(text: str) -> Iterator[Person]:
    for match in _PERHAPS.finditer(text):
        known = _known(text, match)
        if match["name"].islower():
            score = 0.6 if known else 0.0
        else:
            score = 0.75 if known else 0.6 if match["after"] and not text.istitle() else 0.3
        yield from _place(text, match, score, 1 if match["name"].islower() else 4)


def _by(text: str) -> Iterator[Person]:
    for match in _BY.finditer(text):
        several = " " in match["name"].strip()
        alone = 0.5 if match["by"].lower().endswith(words.SURE_BY) else 0.4
        yield from _place(text, match, 0.8 if _known(text, match) else 0.6 if several else alone)


def _of(text: str) -> Iterator[Person]:
    """Behind `customer`: a known name, or a first and a last one in a text of small letters."""
    for match in _OF.finditer(text):
        several, known = " " in match["name"].strip(), _known(text, match)
        if not (text.isupper() or text.istitle()):
            yield from _place(
                text, match, (0.65 if several else 0.5) if known else 0.5 if several else 0.3
            )
    for match in _OF_SMALL.finditer(text):
        if match["first"] in first_names():
            last = (
                match["last"] not in words.NO_LAST and kept(text, *match.span("last")) is not None
            )
            yield Person(match.start("first"), match.end("last" if last else "first"), 0.55)


def _done(text: str) -> Iterator[Person]:
    for match in _DONE.finditer(text):
        several, known = " " in match["name"].strip(), _known(text, match)
        noted = several and _NOTED.search(text) is not None
        if not text.isupper():
            yield from _place(text, match, 0.7 if known else 0.55 if noted else 0.35)


def _keyed(text: str) -> Iterator[Person]:
    personal: bool | None = None
    for match in _KEYED.finditer(text):
        name, known = match["name"], _known(text, match)
        if match["sure"]:
            score = 0.9 if known or name[0].isupper() else 0.7
        else:
            personal = _PERSONAL.search(text) is not None if personal is None else personal
            capital = name[0].isupper()
            score = (
                0.8 if known and capital else 0.6 if personal and capital and " " in name else 0.4
            )
            score -= 0.4 * (not capital and not known)
        yield from _place(text, match, score)


def _rarest(phrases: str, separator: str | None = "|") -> frozenset[str]:
    """The longest word of each phrase."""
    some = (_WORDS.findall(phrase) for phrase in phrases.split(separator))
    return frozenset(max(each, key=len) for each in some if each)


def _last(phrases: str, separator: str | None = "|") -> frozenset[str]:
    some = (_WORDS.findall(phrase) for phrase in phrases.split(separator))
    return frozenset(each[-1] for each in some if each)


_FINDERS: Final = {
    _rarest(words.GREETINGS): _greeted,
    _rarest(words.CLOSINGS): _closed,
    _rarest(words.NAMED): _named,
    _rarest(words.BY): _by,
    _rarest(words.DONE): _done,
    _last(words.OF): _of,
    _last(words.TITLES + " " + words.DOTTED_TITLES, None): _titled,
    frozenset(re.findall(r"[^\W\d_]{3,}", words.KEYS + words.DOUBTFUL_KEYS)) | {"ad"}: _keyed,
}
_PERHAPS_WORDS: Final = _last(words.PERHAPS_NAMED)
