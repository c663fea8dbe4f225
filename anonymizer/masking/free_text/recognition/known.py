"""The names, addresses and numbers that a row holds elsewhere, however its text spells them.

Case, accents (`Müller`, `Mueller`, `MULLER`), order and separators do not matter. Words of a value
that stand side by side in the text are one run; a run is removed when it holds

- a *strong* word: a part of a name of three letters or more, in an address also a number of four
  digits or more; or
- two or more *weak* ones that together can hardly be chance: short parts (`bo li`, `b. li`),
  ordinary words (`will rose`), a house number and its street (`12 Main St`), a line (`Flat 8b`).

Parts of names that are ordinary words (`Will`, `Rose`, `May`) or have two letters (`Bo`) are
strong only with a capital letter in a text that also has small ones: `I will buy a rose` stays.
Words of addresses that are ordinary (`Park`, `Main`) are always weak. Chinese, Japanese and Korean
names are found inside unbroken text: whole, as given names of two letters or more, as surnames
before a title; their addresses wherever four characters in a row agree.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from anonymizer.masking.free_text.recognition.folding import Folded, Span, fold, fold_letters
from anonymizer.masking.free_text.recognition.values import (
    CJK,
    FILLED,
    FILLING,
    STRONG_TOKEN,
    TOKEN,
    WEAK_TOKEN,
    Known,
)
from anonymizer.masking.free_text.recognition.values import read as read_value
from anonymizer.masking.free_text.recognition.words import GENERIC, ORDINARY, PARTICLES, TITLES

_GAP: Final = re.compile(r"[\s.,:'\"\-/()#&+_|*]{0,4}")
_CJK_TITLES: Final = re.compile(
    "先生|女士|小姐|老师|太太|同学|师傅|总|经理|医生|主任|阿姨|叔叔|さん|様|さま|氏|くん|ちゃん|씨|님"
)
_DIGIT_RUN: Final = re.compile(r"\d(?:[ ().\-/+]{0,3}\d)*")
_DIAL_PREFIX: Final = re.compile(
    r"(?:(?:\+|(?<!\d)00) ?\(?\d{1,3}|(?<!\d)1)[ ./\-()]{0,3}(?:\(?0\)?[ -]?)?\(?$"
    r"|(?:\+|(?<!\d)00)\(?$|(?:\(0\) ?|(?<!\d)0|\()$"
)
_EXTENSION_AFTER: Final = re.compile(r"(?i),? ?(?:x|ext\.?|extension) ?\d{1,6}(?!\d)")


@dataclass(frozen=True, slots=True)
class _Token:
    """A word or number of a text."""

    text: str
    start: int
    end: int
    strength: int


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as the search reads it."""

    letters: Folded
    words: str
    cased: str
    mixed: bool
    matches: list[tuple[str, int, int]]


def find_known(raw: str, values: Iterable[str | None], region: str = "US") -> list[Span]:
    """Where the values stand in a text; spans of different values may overlap.

    Args:
        raw: the text.
        values: of the same row; None and empty ones count for nothing.
        region: the country of phone numbers without a country code.
    """
    known = [read_value(value, region) for value in values if value and value.strip()]
    if not known or not raw:
        return []
    text = _read_text(raw)
    return [span for value in known for span in _spans(raw, text, value)]


def _read_text(raw: str) -> _Text:
    letters = fold_letters(raw)
    words = letters.text if letters.text.isascii() else CJK.sub(" ", letters.text)
    cased = raw if letters.origins is None else "".join(raw[place] for place in letters.origins)
    matches = [(match[0], *match.span()) for match in TOKEN.finditer(words)]
    mixed = any(map(str.islower, cased)) and any(map(str.isupper, cased))
    return _Text(letters, words, cased, mixed, matches)


def _spans(raw: str, text: _Text, value: Known) -> Iterator[Span]:
    if value.digits:
        yield from _number_spans(raw, value)
        return
    places: list[tuple[int, int]] = []
    if value.literals or value.shingles:
        places += _unbroken_places(_squeezed(text.letters.text), value)
    if value.strengths:
        places += _runs(text, value)
    for start, end in places:
        yield text.letters.raw(Span(start, end, value.pii_type, value.canonical))


def _unbroken_places(squeezed: Folded, value: Known) -> Iterator[tuple[int, int]]:
    """Where literals, surnames with titles and stretches of four characters stand."""
    text, origins = squeezed.text, squeezed.origins
    places: list[tuple[int, int]] = []
    for literal in value.literals:
        places += [(place, place + len(literal)) for place in _places(text, literal)]
    for surname in value.surnames:
        ends = ((place, place + len(surname)) for place in _places(text, surname))
        places += [each for each in ends if _CJK_TITLES.match(text, each[1])]
    if value.shingles:
        fours = ((place, text[place : place + 4]) for place in range(len(text) - 3))
        places += [(place, place + 4) for place, four in fours if four in value.shingles]
    for start, end in places:
        yield (start, end) if origins is None else (origins[start], origins[end - 1] + 1)


def _places(text: str, literal: str) -> Iterator[int]:
    place = text.find(literal)
    while place >= 0:
        yield place
        place = text.find(literal, place + 1)


def _squeezed(text: str) -> Folded:
    """A text without blanks and what else stands between the parts of a name."""
    if FILLING.search(text) is None:
        return Folded(text, None)
    return Folded(FILLING.sub("", text), [match.start() for match in FILLED.finditer(text)])


def _runs(text: _Text, value: Known) -> Iterator[tuple[int, int]]:
    run: list[_Token] = []
    for token in _known_tokens(text, value):
        if run and _breaks(text.words[run[-1].end : token.start], run[-1], value.pii_type):
            yield from _judged(run, text, value)
            run = []
        run.append(token)
    yield from _judged(run, text, value)


def _breaks(gap: str, last: _Token, pii_type: str) -> bool:
    """Whether what stands between two words parts them; a dot does, but for `Dr.` and `J.`."""
    if not _GAP.fullmatch(gap):
        return True
    return pii_type == "name" and "." in gap and len(last.text) > 2 and last.text not in PARTICLES


def _known_tokens(text: _Text, value: Known) -> Iterator[_Token]:
    """The words of a text that the value has, with what they weigh there."""
    name, used = value.pii_type == "name", 0
    for place, (word, start, end) in enumerate(text.matches):
        if start < used:
            continue
        strength = value.strengths.get(word, 0)
        if name:
            strength = strength or _inflected(word, text.cased[start], value.strengths)
            if not strength and (used := _split_end(text, place, value.strengths)):
                yield _Token(word, start, used, STRONG_TOKEN)
                continue
            strength = _in_place(strength, text, word, start, end)
        elif value.pii_type == "address" and (
            word in GENERIC or (len(word) == 3 and text.cased[start].islower())
        ):
            strength = min(strength, WEAK_TOKEN) or (WEAK_TOKEN if word in GENERIC else 0)
        if strength:
            yield _Token(word, start, end, strength)


def _in_place(strength: int, text: _Text, word: str, start: int, end: int) -> int:
    """What a part of a name weighs where it stands: words and initials need a capital."""
    if len(word) == 1 and not _is_initial(text, start, end):
        return 0
    if strength == STRONG_TOKEN and (word in ORDINARY or len(word) < 3):
        return STRONG_TOKEN if text.mixed and text.cased[start:end].istitle() else WEAK_TOKEN
    return strength


def _split_end(text: _Text, place: int, strengths: Mapping[str, int]) -> int:
    """Where a part ends that the text writes as two words (`Mc Donald`), or 0."""
    if place + 1 == len(text.matches):
        return 0
    (word, _, end), (follower, start, last) = text.matches[place : place + 2]
    return last if start - end < 2 and strengths.get(word + follower) == STRONG_TOKEN else 0


def _inflected(word: str, initial: str, strengths: Mapping[str, int]) -> int:
    """The plural of a name, or the cases that other languages have: `the Millers`, `Иванова`."""
    if len(word) < 5 or initial.islower():
        return 0
    endings = (1, 2, 3) if not word.isascii() else (1, 2) if word.endswith("s") else ()
    stems = (word[:-ending] for ending in endings if len(word) - ending > 3)
    return STRONG_TOKEN if any(strengths.get(stem) == STRONG_TOKEN for stem in stems) else 0


def _is_initial(text: _Text, start: int, end: int) -> bool:
    """One letter counts as an initial where it is a capital, or has a dot."""
    dotted = text.words[end : end + 1] == "."
    return dotted or text.cased[start].isupper() or text.words[start] not in "aioeuy"


def _judged(run: list[_Token], text: _Text, value: Known) -> Iterator[tuple[int, int]]:
    """The place of a run that is taken for the value."""
    while run and run[0].text in ("the", "and", "of"):
        run = run[1:]
    while value.pii_type == "name" and run and _is_tail(run[-1]):
        run = run[:-1]
    if not run:
        return
    sure = any(token.strength == STRONG_TOKEN for token in run)
    if not sure and value.pii_type == "name":
        sure = _name_by_weak(run, text, value)
    if sure or (value.pii_type != "name" and _address_by_weak(run, value)):
        yield run[0].start, run[-1].end


def _is_tail(token: _Token) -> bool:
    """A word behind a name that need not be of it: `Doe's`, `Smith a`."""
    return token.strength == WEAK_TOKEN and (token.text in PARTICLES or token.text in ("a", "s"))


def _name_by_weak(run: list[_Token], text: _Text, value: Known) -> bool:
    """Two parts side by side, or a short one with a capital letter after a title."""
    parts = {token.text for token in run} - PARTICLES
    full = [part for part in parts if len(part) > 1]
    if len(parts) > 1 and full:
        return True
    only = run[0]
    if not full or not (text.cased[only.start].isupper() and text.mixed):
        return False
    before = [word for word, _, end in text.matches if end <= only.start][-1:]
    return value.tokens == (only.text,) or bool(TITLES.intersection(before))


def _address_by_weak(run: list[_Token], value: Known) -> bool:
    """A line of it, a number and a word as they follow each other in it, or four of anything."""
    words = tuple(token.text for token in run)
    if words in value.lines:
        return True
    own = [token for token in value.tokens if token not in GENERIC]
    seen = [token.text for token in run if token.text not in GENERIC]
    size = len(seen)
    follows = any(own[place : place + size] == seen for place in range(len(own) - size + 1))
    if not follows or not seen:
        return value.tokens == words and len(run) > 1
    numbered = any(map(str.isdigit, seen))
    worded = any(len(token) > 2 and token.isalpha() for token in seen)
    return (numbered and worded) or size > 3 or seen == list(value.tokens)


def _number_spans(raw: str, value: Known) -> Iterator[Span]:
    """Where the digits stand, whatever stands between them and whatever dials into the country."""
    folded = fold(raw)
    for match in _DIGIT_RUN.finditer(folded.text):
        places = [place for place in range(*match.span()) if folded.text[place].isdigit()]
        digits = "".join(folded.text[place] for place in places)
        for first, last in _digits_in(digits, value.digits):
            start, end = places[first], places[last - 1] + 1
            if len(value.digits) > 6:
                start, end = _dialled(folded.text, start, end)
            yield folded.raw(Span(start, end, value.pii_type, value.canonical))


def _dialled(text: str, start: int, end: int) -> tuple[int, int]:
    """A phone number with its country code before it and its extension behind it."""
    prefix = _DIAL_PREFIX.search(text, max(0, start - 10), start)
    extension = _EXTENSION_AFTER.match(text, end)
    return (
        prefix.start() if prefix else start,
        extension.end() if extension else end,
    )


def _digits_in(digits: str, known: str) -> Iterator[tuple[int, int]]:
    """Where a run of digits holds a known number, or is its local end."""
    national = known.lstrip("0")
    if len(national) < 6:  # 0000007 is no 7 among other digits
        if digits == known or (len(known) > 5 and national and digits.lstrip("0") == national):
            yield 0, len(digits)
        return
    core = national[-9:]
    for place in _places(digits, core):
        start, rest = place, national[: -len(core)]
        while rest and start and digits[start - 1] == rest[-1]:
            start, rest = start - 1, rest[:-1]
        yield start, place + len(core)
    if len(known) > 9 and digits.endswith(known[-7:]):
        yield len(digits) - 7, len(digits)
