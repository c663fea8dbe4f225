"""Names behind titles, greetings, statements and keys, and in signatures."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.basis.folding import LETTER
from anonymizer.masking.free_text.recognition.basis.glance import heads_of, words_of
from anonymizer.masking.free_text.recognition.basis.lists import any_of
from anonymizer.masking.free_text.recognition.people.names import (
    ANY_NAME,
    NAME,
    PART,
    WHOLE_NAME,
    Person,
    first_names,
    is_known,
    kept,
    last_names,
)
from anonymizer.masking.free_text.recognition.people.words import WORDS

_DOTTED: Final = "|".join(map(re.escape, WORDS["dotted_titles"]))
_TITLE: Final = f"(?:{any_of(WORDS['titles'])}|{_DOTTED})"
_TITLED: Final = re.compile(
    rf"(?<![\w.])(?P<title>(?i:{_TITLE}))(?P<more>(?: (?i:{_TITLE}))*) "
    rf"?(?:(?<=[. ])|(?<=\.))(?P<name>{WHOLE_NAME})"
)
_SMALL_TITLES: Final = WORDS.set("sure_titles") | {"herr", "frau", "dr", "sr", "sra", "sig"}
_TITLED_SMALL: Final = re.compile(
    r"(?i)(?<![\w.])(?<!& )(?<!and )"
    rf"(?P<title>{any_of(_SMALL_TITLES)})\.? "
    rf"(?P<name>{LETTER}{{3,24}})(?![\w-])"
)
_START: Final = r"(?:^|(?<=[\n.!?\">:;,])|(?<=[\n.!?\">:;,] )|(?<=- ))[ \t]*"
_GREETED: Final = re.compile(
    rf"{_START}(?P<greeting>(?i:{any_of(WORDS['greetings'])}))(?!\w)(?P<twice>,? "
    rf"(?i:{any_of(WORDS['greetings'])}))?,? "
    rf"(?P<title>(?:(?i:{_TITLE}) )*)(?P<name>{NAME}|{LETTER}{{3,20}}(?=[ ]?[,!\n]|"
    rf"$))(?P<after>[ ]*(?:[,!:;.\n)-]|$)?)"
)
_SECOND: Final = re.compile(
    rf"(?: (?i:and|und|et|y|e|en|i|ja|och|og)|,| &) (?P<name>{NAME})(?=[ ]*(?:[,!:\n]|$))"
)
_HERE: Final = re.compile(
    rf"(?:^|(?<=[.!?,\n] )|(?<=\n))(?P<name>{PART}) (?i:{any_of(WORDS['here'])})(?=[.,!:;\n]|$)"
)
_CLOSED: Final = re.compile(
    rf"(?:^|[\n.!?,;)] ?)[ \t>]*(?i:{any_of(WORDS['closings'])})(?!\w)(?P<mark>[,.!]*)[ "
    rf"\t]*(?P<gap>(?:\r?\n[ \t>]*){{1,3}}|,? - |,? )"
    rf"(?:(?i:your|ihre?|dein|deine|votre|su|din) )?"
    rf"(?!(?i:{any_of(WORDS['closings'])})(?!\w))(?P<name>{NAME}|{ANY_NAME})(?P<after>[ "
    rf"\t]*(?:,|\.|\n|$|\|))?"
)
_DASHED: Final = re.compile(rf"(?:^|\n|[.!?] |  )[ \t]*(?:-{{1,2}}|~|/) ?(?P<name>{NAME})[ \t.]*$")
_NAMED: Final = re.compile(
    rf"(?<!\w)(?i:{any_of(WORDS['named'])})(?: (?:is|ist|est|"
    rf"es))?:?,?\s(?:(?:{_TITLE}) )*(?P<name>{WHOLE_NAME}|{ANY_NAME})"
)
_PERHAPS: Final = re.compile(
    rf"(?<!\w)(?i:{any_of(WORDS['perhaps_named'])})\s(?P<name>{NAME}|"
    rf"{LETTER}{{3,20}})(?P<after>,? (?i:originally from|calling|speaking|here|again|at|von|aus|"
    rf"vom|de|del|chez|dal|van|uit|da|with)(?!\w))?"
)
_BY: Final = re.compile(
    rf"(?<!\w)(?P<by>(?i:{any_of(WORDS['by'])}))(?::| "
    rf"-)?\s(?:(?i:{_TITLE}) )*(?P<name>{NAME})"
)
_OF: Final = re.compile(rf"(?<!\w)(?i:{any_of(WORDS['of'])})(?::|,)? (?P<name>{NAME})")
_ADDRESSED: Final = re.compile(rf"^\s*(?P<name>{NAME}), (?i:{WORDS.pattern('addressed')})\b")
_OF_SMALL: Final = re.compile(
    rf"(?<!\w)(?i:{any_of(WORDS['of'])})(?::|,)? "
    rf"(?P<first>[a-zß-ÿ]{{3,20}}) (?P<last>(?:(?:van|von|de|da|di|der|"
    rf"den|dos|del) ){{0,2}}{LETTER}{{2,24}})(?!\w)"
)
# The name is wrong, please change it to Eva Musterfrau.
_RENAMED: Final = re.compile(
    rf"(?<!\w)(?i:{any_of(WORDS['name_words'])})(?!\w)[^.!?\n]{{0,60}}? "
    rf"(?i:{any_of(WORDS['becomes'])}):? (?P<name>{NAME})(?=[ ]*(?:[.,!?;\n]|$))"
)
_DONE: Final = re.compile(
    rf"(?:^|(?<=[.!?\n:>*-] )|(?<=[.!?\n]))(?P<name>{NAME}) "
    rf"(?:{WORDS.pattern('done')})(?!\w)"
)
_NOTED: Final = re.compile(r"[\d\0]")
_FINAL: Final = re.compile(rf"[.!?\n] ?(?P<name>{NAME})[ \t.]*$")
_KEYED: Final = re.compile(
    rf"(?<![\w-])(?i:(?P<sure>{WORDS.pattern('keys')})|(?P<doubtful>{WORDS.pattern('doubtful_keys')}))(?P<quote>[\"']?)"
    rf"[ \t]*(?:[:=]|\t|\| ?| - )[ \t]*"
    rf"(?P<open>[\"'\[]?[\"']?)(?:(?i:{_TITLE}) )*(?P<name>{WHOLE_NAME}|(?:{LETTER}+['-]?)+(?:[ "
    rf",]{{1,2}}(?:{LETTER}+['-]?)+){{0,3}})(?=[ \t]*(?:[\"',;|&\n\r)\]}}<(/.\0]|$|  ))"
)
_DOUBTFUL: Final = WORDS.set("doubtful_titles")
_SURE: Final = WORDS.set("sure_titles")
_SURE_BY: Final = WORDS["sure_by"]
_NO_LAST: Final = WORDS.set("no_last")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_SIGN: Final = re.compile(r"[:=\t|]| - ")  # between a key and a value
_PERSONAL: Final = re.compile(f"(?i){WORDS.pattern('personal')}")
_POLISH: Final = re.compile(r"[ąćęłńśźż]|(?i:\b(?:nie|jest|prosi|klient)\b)")


def beside(text: str) -> Iterator[Person]:
    """Names that a word beside them tells, as they are found; they may overlap.

    Each pattern runs only where its own words are there, which most texts lack.
    """
    used, heads = words_of(text), heads_of(text)
    known = not (used.isdisjoint(first_names()) and used.isdisjoint(last_names()))
    for needed, finder in _FINDERS.items():
        if not used.isdisjoint(needed):
            yield from finder(text)
    for needed, finder in _BEFORE_CAPITALS.items():
        if not heads.isdisjoint(needed):
            yield from finder(text)
    if known and not used.isdisjoint(_OF_WORDS):
        yield from _of_small(text)
    if _SIGN.search(text) and not used.isdisjoint(_KEY_WORDS):
        yield from _keyed(text)
    if not heads.isdisjoint(_PERHAPS_WORDS) or (known and not used.isdisjoint(_PERHAPS_WORDS)):
        yield from _perhaps(text)
    yield from _at_ends(text, known=known)


def _at_ends(text: str, *, known: bool) -> Iterator[Person]:
    """Who is addressed at the beginning and who signs at the end."""
    if "-" in text[-30:] or "~" in text[-30:] or "/" in text[-30:]:
        yield from _dashed(text)
    final = None if text.isupper() else _FINAL.search(text, max(0, len(text) - 60))
    if final and " " in final["name"]:
        score = 0.65 if _known(text, final) else 0.5 if "\n" in text else 0.3
        yield from _place(text, final, score)
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
        doubtful = title in _DOUBTFUL or f"{title}." in _DOUBTFUL
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


def _titled_small(text: str) -> Iterator[Person]:
    if not text.isupper():
        for match in _TITLED_SMALL.finditer(text):
            if match["name"].islower() and (match["title"].lower() in _SURE or _known(text, match)):
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
        if other := _SECOND.match(text, match.end("name")):
            score = max(score, 0.7)
            yield from _place(text, other, score, 3)
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
        alone = 0.5 if match["by"].lower().endswith(_SURE_BY) else 0.4
        yield from _place(text, match, 0.8 if _known(text, match) else 0.6 if several else alone)


def _renamed(text: str) -> Iterator[Person]:
    for match in _RENAMED.finditer(text):
        if " " in match["name"] or _known(text, match):
            yield from _place(text, match, 0.6)


def _here(text: str) -> Iterator[Person]:
    for match in _HERE.finditer(text):
        if _known(text, match):
            yield from _place(text, match, 0.6)


def _of(text: str) -> Iterator[Person]:
    """Behind `customer`: a known name, or a first and a last one in a text of small letters."""
    for match in _OF.finditer(text):
        several, known = " " in match["name"].strip(), _known(text, match)
        if not (text.isupper() or text.istitle()):
            yield from _place(
                text, match, (0.65 if several else 0.5) if known else 0.5 if several else 0.3
            )


def _of_small(text: str) -> Iterator[Person]:
    for match in _OF_SMALL.finditer(text):
        if match["first"] in first_names():
            last = match["last"] not in _NO_LAST and kept(text, *match.span("last")) is not None
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


def _rarest(phrases: Iterable[str]) -> frozenset[str]:
    """The longest word of each phrase."""
    some = map(_WORDS.findall, phrases)
    return frozenset(max(each, key=len) for each in some if each)


def _last(phrases: Iterable[str]) -> frozenset[str]:
    some = map(_WORDS.findall, phrases)
    return frozenset(each[-1] for each in some if each)


_KEYS: Final = WORDS.pattern("keys") + WORDS.pattern("doubtful_keys")
_KEY_WORDS: Final = frozenset(re.findall(r"[^\W\d_]{3,}", _KEYS)) | {"ad"}
_OF_WORDS: Final = _last(WORDS["of"])
# Words of which a text has one where the finder finds something.
_FINDERS: Final = {
    _rarest(WORDS["greetings"]): _greeted,
    _rarest(WORDS["closings"]): _closed,
    _rarest(WORDS["named"]): _named,
    _rarest(WORDS.pattern("done").split("|")): _done,
    WORDS.set("name_words"): _renamed,
    _last(WORDS["titles"] + WORDS["dotted_titles"]): _titled,
    _SMALL_TITLES: _titled_small,
    WORDS.set("here"): _here,
}
# The same right before a capital letter.
_BEFORE_CAPITALS: Final = {
    _last(WORDS["by"]): _by,
    _OF_WORDS: _of,
}
_PERHAPS_WORDS: Final = _last(WORDS["perhaps_named"])
