"""Names behind titles, greetings, statements and keys, and in signatures."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

import numpy as np

from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.folding import CAPITALS, LETTER
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.lists import alternation, any_of
from anonymizer.masking.free_text.basis.phrases import Phrases, Place, behind, words_of
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.recognition.people.names import (
    ANY_NAME,
    NAME,
    PART,
    PARTICLE_WORDS,
    PARTICLES,
    WHOLE_NAME,
    Person,
    first_names,
    first_words,
    is_known,
    is_word,
    kept,
    last_names,
)
from anonymizer.masking.free_text.recognition.people.words import WORDS, either_dot

_LETTERS: Final = re.compile(f"{LETTER}+")
_TITLES: Final = either_dot(WORDS["titles"]) | WORDS.set("dotted_titles")
_TITLE: Final = f"(?:{alternation(_TITLES)})"
_SMALL_TITLES: Final = WORDS.set("sure_titles") | {"herr", "frau", "dr", "sr", "sra", "sig"}
# What follows the phrases that `words.toml` has under these names.
_TITLED: Final = re.compile(rf" ?(?<=[. ])(?P<name>{WHOLE_NAME})")
_TITLED_SMALL: Final = re.compile(
    rf"\.? (?P<name>(?:(?:{PARTICLES}) )?{LETTER}+(?:['-]{LETTER}+)?)(?![\w-])"
    rf"(?: (?P<last>{LETTER}{{3,24}})(?![\w-]))?"
)
_GREETED: Final = re.compile(
    rf"(?:,? (?i:{any_of(WORDS['greetings'])}))?,? (?P<title>(?:(?i:{_TITLE}) )*)"
    rf"(?P<name>{NAME}|{LETTER}{{3,20}}(?=[ ]?[,!\n]|$))(?P<after>[ ]*(?:[,!:;.\n)-]|$)?)"
)
_SECOND: Final = re.compile(
    rf"(?: (?i:and|und|et|y|e|en|i|ja|och|og)|,| &) (?P<name>{NAME})(?=[ ]*(?:[,!:\n]|$))"
)
_CLOSED: Final = re.compile(
    rf"(?P<mark>[,.!]*)[ \t]*(?P<gap>(?:\r?\n[ \t>]*){{1,3}}|,? - |,? )"
    rf"(?:(?i:your|ihre?|dein|deine|votre|su|din) )?"
    rf"(?!(?i:{any_of(WORDS['closings'])})(?!\w))(?P<name>{NAME}|{ANY_NAME})(?P<after>[ "
    rf"\t]*(?:,|\.|\n|$|\|))?"
)
_NAMED: Final = re.compile(
    rf"(?: (?:is|ist|est|es))?:?,?\s(?:{_TITLE} )*(?P<name>{WHOLE_NAME}|{ANY_NAME})"
)
_PERHAPS: Final = re.compile(
    rf"\s(?P<name>{NAME}|{LETTER}{{3,20}})(?P<after>,? (?i:originally from|calling|speaking|here|"
    r"again|at|von|aus|vom|de|del|chez|dal|van|uit|da|with)(?!\w))?"
)
_BY: Final = re.compile(rf"(?::| -)?\s(?:(?i:{_TITLE}) )*(?P<name>{NAME})")
_OF: Final = re.compile(rf"[:,]? (?P<name>{NAME})")
_OF_SMALL: Final = re.compile(
    r"[:,]? (?P<first>[a-zß-ÿ]{3,20}) (?P<last>(?:(?:van|von|de|da|di|der|"
    rf"den|dos|del) ){{0,2}}{LETTER}{{2,24}})(?!\w)"
)
# The name is wrong, please change it to Eva Musterfrau.
_RENAMED: Final = re.compile(
    rf"[^.!?\n]{{0,60}}? (?i:{any_of(WORDS['becomes'])}):? "
    rf"(?P<name>{NAME})(?=[ ]*(?:[.,!?;\n]|$))"
)
_WORD: Final = rf"{LETTER}++(?:['-]{LETTER}++)*+['-]?"
_KEYED: Final = re.compile(
    rf"(?P<quote>[\"']?)[ \t]*(?:[:=]|\t|\| ?| - )[ \t]*"
    rf"(?P<open>[\"'\[]?[\"']?)(?:(?i:{_TITLE}) )*(?P<name>{WHOLE_NAME}|"
    rf"{_WORD}(?:[ ,]{{1,2}}{_WORD}){{0,3}})(?=[ \t]*(?:[\"',;|&\n\r)\]}}<(/.\0]|$|  ))"
)
# What begins at a sentence's begin.
_SENTENCE: Final = re.compile(rf"[.!?,\n:>*-] ?(?=[{CAPITALS}])")
_HERE: Final = re.compile(
    rf"(?:^|(?<=[.!?,\n] )|(?<=\n))(?P<name>{PART}) (?i:{any_of(WORDS['here'])})(?=[.,!:;\n]|$)"
)
_DONE: Final = re.compile(
    rf"(?:^|(?<=[.!?\n:>*-] )|(?<=[.!?\n]))(?P<name>{NAME}) (?:{any_of(WORDS['done'])})(?!\w)"
)
_ADDRESSED: Final = re.compile(rf"\s*(?P<name>{NAME}), (?i:{any_of(WORDS['addressed'])})\b")
# What ends a text.
_DASHED: Final = re.compile(rf"(?:^|\n|[.!?] |  )[ \t]*(?:-{{1,2}}|~|/) ?(?P<name>{NAME})[ \t.]*$")
_DASH: Final = re.compile("[-~/]")
_FINAL: Final = re.compile(rf"[.!?\n] ?(?P<name>{NAME})[ \t.]*$")
_NOTED: Final = re.compile(r"[\d\0]")
_DOUBTFUL: Final = either_dot(WORDS["doubtful_titles"])
_SURE: Final = WORDS.set("sure_titles")
_JOINED: Final = (".", "& ", "and ")  # before a title of several people
_SURE_BY: Final = WORDS["sure_by"]
_NO_LAST: Final = WORDS.set("no_last")
_PERSONAL: Final = re.compile(rf"(?i)\b(?:{WORDS.pattern('personal')})\b")
_POLISH: Final = re.compile(r"[ąćęłńśźż]|(?i:\b(?:nie|jest|prosi|klient)\b)")
_KEYS: Final = WORDS.set("keys").union(
    owner + sign + "name" for owner in WORDS["owners"] for sign in ("", " ", "_", "-")
)
_AS_LISTED: Final = (
    "greetings", "closings", "named", "perhaps_named", "of", "name_words", "done", "here",
    "doubtful_keys",
)  # fmt: skip
_PHRASES: Final = Phrases(
    {
        "titles": _TITLES,
        "small titles": _SMALL_TITLES,
        "by": either_dot(WORDS["by"]),
        "keys": _KEYS,
        **{name: WORDS[name] for name in _AS_LISTED},
    }
)


# Phrases that tell a name: whatever stands beside them, over a capital letter, behind one, as keys.
_SHORT_OVER: Final = _TITLES | either_dot(WORDS["by"]) | WORDS.set("of")
_ANYWHERE: Final = Telling(
    chain(
        _SMALL_TITLES,
        *(WORDS[name] for name in ("greetings", "closings", "named", "perhaps_named")),
        WORDS["name_words"],
        (phrase for phrase in _SHORT_OVER if len(_LETTERS.findall(phrase)) > 1),
        ("jr", "sr"),
    )
)
_OVER: Final = Telling(phrase for phrase in _SHORT_OVER if len(_LETTERS.findall(phrase)) == 1)
_TITLE_WORDS: Final = Telling(_TITLES)
_BEHIND: Final = Telling(chain(WORDS["done"], WORDS["here"]))
_BEFORE_VALUES: Final = Telling(chain(_KEYS, WORDS["doubtful_keys"]))


def may_stand_beside(seen: Glances) -> Bools:
    """Whether texts may have a name that a word beside it tells."""
    words = seen.words
    named = seen.capital | first_words().among(words)
    named |= PARTICLE_WORDS.among(words) | _TITLE_WORDS.among(words)
    ended = np.concatenate(([False], (seen.capital | seen.goes_on)[:-1]))
    told = _ANYWHERE.among(words)
    told |= (_OVER.among(words) & named[words.following]) | (_BEHIND.among(words) & ended)
    return seen.at(told) | (seen.says(_BEFORE_VALUES) & seen.has(":=|\t-"))


def beside(text: str) -> Iterator[Person]:
    """Names that a word beside them tells, as they are found; they may overlap."""
    used = words_of(text)
    known = not (used.isdisjoint(first_names()) and used.isdisjoint(last_names()))
    places = _PHRASES.places(text)
    for means, some in places.items():
        yield from _FINDERS[means](text, some)
    if known and "of" in places:
        yield from _of_small(text, places["of"])
    yield from _at_ends(text, known=known)


def _place(text: str, match: re.Match[str], score: float, most: int = 4) -> Iterator[Person]:
    place = kept(text, *match.span("name"), most=most)
    if place is not None and place[1] - place[0] > 1 and score > 0:
        yield Person(*place, round(score, 2))


def _known(text: str, match: re.Match[str]) -> bool:
    place = kept(text, *match.span("name"))
    return place is not None and is_known(text[slice(*place)])


def _at_ends(text: str, *, known: bool) -> Iterator[Person]:
    """Who is addressed at the beginning and who signs at the end."""
    length = len(text)
    dash = _DASH.search(text, max(0, length - 30))
    if dash and (match := _DASHED.search(text, max(0, length - 120))):
        yield from _place(text, match, 0.65 if _known(text, match) else 0.35)
    final = _FINAL.search(text, max(0, length - 60))
    if final and " " in final["name"] and not text.isupper():
        score = 0.65 if _known(text, final) else 0.5 if "\n" in text else 0.3
        yield from _place(text, final, score)
    if known and (match := _ADDRESSED.match(text)) and _known(text, match):
        yield from _place(text, match, 0.6)


def _titled(text: str, places: Sequence[Place]) -> Iterator[Person]:
    upper, sure_ends = text.isupper(), set[int]()
    for start, end in places:
        title = text[start:end]
        doubtful = title.lower() in _DOUBTFUL and start - 1 not in sure_ends
        if not doubtful:
            sure_ends.add(end)
        match = None if text[start - 1 : start] == "." else _TITLED.match(text, end)
        if match is None or (upper and not _known(text, match)):
            continue
        polish = title.lower() in ("pan", "pani")
        if doubtful and title.islower() and not _known(text, match):
            continue
        if (doubtful or polish) and (upper or (polish and not _is_polish(text))):
            continue
        sure = polish or not doubtful or _known(text, match)
        yield from _place(text, match, 0.9 if sure else 0.55 if " " in match["name"] else 0.45)


@lru_cache(maxsize=4)
def _is_polish(text: str) -> bool:
    return _POLISH.search(text) is not None


def _titled_small(text: str, places: Sequence[Place]) -> Iterator[Person]:
    upper = text.isupper()
    for start, end in () if upper else places:
        match = _TITLED_SMALL.match(text, end)
        if match is None or not match["name"].islower() or text.endswith(_JOINED, 0, start):
            continue
        if text[max(0, start - 2) : start].rstrip().isdigit():  # 30 ms elapsed
            continue
        if len(match["name"]) > 2 and (text[start:end].lower() in _SURE or _known(text, match)):
            for person in _place(text, match, 0.7, 1):
                ends = _is_last(match["last"] or "", match["name"]) and person.end == match.end(1)
                yield person._replace(end=match.end("last")) if ends else person


def _is_last(word: str, first: str) -> bool:
    """Whether a word in small letters is a last name behind the first word of a name."""
    return word in last_names() and (not is_word(word) or first in first_names())


def _greeted(text: str, places: Sequence[Place]) -> Iterator[Person]:
    upper = text.isupper()
    at_start = (place for place in places if _begins(text, place[0], " \t", '\n.!?">:;,-'))
    for _, match in behind(_GREETED, text, at_start):
        known, titled = _known(text, match), bool(match["title"])
        ended = bool(match["after"].strip(" "))
        if match["name"].islower():
            sure = ended and len(match["name"]) > 2
            score = 0.7 if known else 0.5 if sure or match["after"] == "" else 0
        else:
            ended = ended or match.end() == len(text)
            score = 0.9 if known or titled else 0.8 if ended else 0.55
            score -= 0.45 * (upper and not ended)
        if other := _SECOND.match(text, match.end("name")):
            score = max(score, 0.7)
            yield from _place(text, other, score, 3)
        yield from _place(text, match, score, 3)


def _begins(text: str, place: int, blanks: str, signs: str) -> bool:
    """Whether nothing but blanks stands between a place and the text's begin or some sign.

    A dash needs a blank behind it.
    """
    start = place
    while start and text[start - 1] in blanks:
        start -= 1
    return not start or (
        text[start - 1] in signs and (text[start - 1] != "-" or text[start] == " ")
    )


def _closed(text: str, places: Sequence[Place]) -> Iterator[Person]:
    upper, whole = text.isupper(), len(text.rstrip())
    at_start = (place for place in places if _begins(text, place[0], " \t>", "\n.!?,;)"))
    for _, match in behind(_CLOSED, text, at_start):
        if match["after"] is None:
            continue
        line, last, known = "\n" in match["gap"], match.end() >= whole, _known(text, match)
        if match["name"].islower():
            score = 0.7 if known else 0.5 if line and last else 0
        elif line:
            score = 0.85
        else:
            told = known or "," in match["mark"] + match["gap"]
            score = 0.7 if last and told and not upper else 0.4
        yield from _place(text, match, score)


def _named(text: str, places: Sequence[Place]) -> Iterator[Person]:
    for phrase, match in behind(_NAMED, text, places):
        if match["name"][0].isupper():
            yield from _place(text, match, 0.9)
        else:
            second = match["name"].split()[1:]
            sure = not phrase.lower().startswith(("named", "name of", "namens", "goes"))
            most = 2 if second and (is_known(second[0]) or second[0] in first_names()) else 1
            yield from _place(text, match, 0.7 if sure or is_known(match["name"]) else 0.3, most)


def _perhaps(text: str, places: Sequence[Place]) -> Iterator[Person]:
    titled = text.istitle()
    for _, match in behind(_PERHAPS, text, places):
        known = _known(text, match)
        if match["name"].islower():
            yield from _place(text, match, 0.6 if known else 0.0, 1)
        else:
            score = 0.75 if known else 0.6 if match["after"] and not titled else 0.3
            yield from _place(text, match, score)


def _by(text: str, places: Sequence[Place]) -> Iterator[Person]:
    for phrase, match in behind(_BY, text, places):
        several = " " in match["name"]
        alone = 0.5 if phrase.lower().endswith(_SURE_BY) else 0.4
        yield from _place(text, match, 0.8 if _known(text, match) else 0.6 if several else alone)


def _renamed(text: str, places: Sequence[Place]) -> Iterator[Person]:
    for _, match in behind(_RENAMED, text, places):
        if " " in match["name"] or _known(text, match):
            yield from _place(text, match, 0.6)


def _of(text: str, places: Sequence[Place]) -> Iterator[Person]:
    """Behind `customer`: a known name, or a first and a last one in a text of small letters."""
    if text.isupper() or text.istitle():
        return
    for _, match in behind(_OF, text, places):
        several, known = " " in match["name"], _known(text, match)
        yield from _place(text, match, 0.3 + 0.2 * known + (0.15 if known else 0.2) * several)


def _of_small(text: str, places: Sequence[Place]) -> Iterator[Person]:
    for _, match in behind(_OF_SMALL, text, places):
        if match["first"] in first_names():
            last = match["last"] not in _NO_LAST and kept(text, *match.span("last")) is not None
            yield Person(match.start("first"), match.end("last" if last else "first"), 0.55)


def _at_sentences(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern where sentences begin; they do not overlap."""
    done = 0
    for place in chain((0,), (sign.end() for sign in _SENTENCE.finditer(text))):
        if place >= done and (match := pattern.match(text, place)):
            done = match.end()
            yield match


def _here(text: str, _: Sequence[Place]) -> Iterator[Person]:
    for match in _at_sentences(_HERE, text):
        if _known(text, match):
            yield from _place(text, match, 0.6)


def _done(text: str, _: Sequence[Place]) -> Iterator[Person]:
    if text.isupper():
        return
    noted = _NOTED.search(text) is not None
    for match in _at_sentences(_DONE, text):
        several, known = " " in match["name"], _known(text, match)
        yield from _place(text, match, 0.7 if known else 0.55 if several and noted else 0.35)


def _keyed(text: str, places: Sequence[Place]) -> Iterator[Person]:
    for _, match in behind(_KEYED, text, _apart_from_words(text, places)):
        sure = _known(text, match) or match["name"][0].isupper()
        yield from _place(text, match, 0.9 if sure else 0.7)


def _perhaps_keyed(text: str, places: Sequence[Place]) -> Iterator[Person]:
    for _, match in behind(_KEYED, text, _apart_from_words(text, places)):
        known, capital = _known(text, match), match["name"][0].isupper()
        if known or not capital:
            score = 0.4 * (known + capital)
        else:
            score = 0.6 if " " in match["name"] and _is_personal(text) else 0.4
        yield from _place(text, match, score)


@lru_cache(maxsize=4)
def _is_personal(text: str) -> bool:
    return "\0" in text or _PERSONAL.search(text) is not None


def _apart_from_words(text: str, places: Sequence[Place]) -> Iterator[Place]:
    return (place for place in places if text[place[0] - 1 : place[0]] != "-")


_FINDERS: Final = {
    "titles": _titled,
    "small titles": _titled_small,
    "greetings": _greeted,
    "closings": _closed,
    "named": _named,
    "perhaps_named": _perhaps,
    "by": _by,
    "of": _of,
    "name_words": _renamed,
    "done": _done,
    "here": _here,
    "keys": _keyed,
    "doubtful_keys": _perhaps_keyed,
}
