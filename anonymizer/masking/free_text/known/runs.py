"""Names and addresses made of words: those of a value that stand side by side are one run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import dropwhile, pairwise
from typing import Final

from anonymizer.masking.free_text.basis.words import ORDINARY, PARTICLES
from anonymizer.masking.free_text.known.spelling import glued, inflected, mistyped
from anonymizer.masking.free_text.known.text import Text
from anonymizer.masking.free_text.known.values import STRONG_TOKEN, WEAK_TOKEN, Known
from anonymizer.masking.free_text.known.words import GENERIC, WORDS

_GAP: Final = re.compile(r"[\s.,:'\"\-/()#&+_|*]{0,4}")
ABBREVIATIONS: Final = WORDS.set("abbreviations")
_MONTHS: Final = WORDS.set("months")
_TITLES: Final = WORDS.set("titles")
# Scores of a run without a word that is spelt as in the value, and of one beside another.
_ALIKE: Final = 0.7
BESIDE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Token:
    """A word or number of a text that the value has, or something like it.

    Attributes:
        number: which token of the text.
        last: which one it ends with (`Mc Donald` is two).
        strength: STRONG_TOKEN or WEAK_TOKEN.
        exact: whether the value spells it so.
    """

    text: str
    number: int
    last: int
    strength: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens side by side; not sure unless something beside it is of the same row.

    Attributes:
        start: its first character.
        end: one past its last.
        score: how sure that is; 0 where it needs something beside it.
    """

    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Names:
    """The names of a row: what may be glued together."""

    known: list[Known]

    @cached_property
    def parts(self) -> frozenset[str]:
        """Their parts."""
        words = (
            word for value in self.known if value.names for word in (*value.tokens, *value.names)
        )
        return frozenset(word for word in words if len(word) > 1)

    @cached_property
    def initials(self) -> frozenset[str]:
        """The first letters of their parts."""
        return frozenset(part[0] for part in self.parts)


def runs_of(text: Text, value: Known, names: Names) -> Iterator[Run]:
    """The runs of a value in a text."""
    run: list[Token] = []
    for token in _tokens(text, value, names):
        if run and _breaks(text, run[-1], token, value.pii_type):
            yield from _judged(run, text, value)
            run = []
        run.append(token)
    yield from _judged(run, text, value)


def beside(text: Text, run: Run, start: int, end: int) -> bool:
    """Whether a run stands beside a place with nothing but a mark or blanks between."""
    gap = text.words[run.end : start] if run.end <= start else text.words[end : run.start]
    dotted = "." in gap and gap != "." and run.end - run.start > 2
    return len(gap) < 5 and not dotted and _GAP.fullmatch(gap) is not None


def _breaks(text: Text, last: Token, token: Token, pii_type: str) -> bool:
    """Whether what stands between two words parts them; a dot does, but for `Dr.` and `J.`."""
    if text.handles.get(last.last) != text.handles.get(token.number):  # Ann Lee <ann@example.org>
        return True
    gap = text.words[text.places[last.last][1] : text.places[token.number][0]]
    if not _GAP.fullmatch(gap):
        return True
    ends = "." in gap and gap != "."  # anna.schmidt
    return pii_type == "name" and ends and len(last.text) > 2 and last.text not in PARTICLES


def _tokens(text: Text, value: Known, names: Names) -> list[Token]:
    """The words of a text that the value has, with what they weigh there."""
    is_name = value.pii_type == "name"
    found = {
        number: Token(word, number, number, strength)
        for word in value.strengths.keys() & text.index.keys()
        for number in text.index[word]
        if (strength := _weight(text, value, word, number))
    }
    if is_name:
        for token in (*_misspelt(text, value, names), *_in_other_letters(text, value)):
            found.setdefault(token.number, token)
        for word in value.strengths.keys() & text.pairs:
            for token in _split(text, word, value.strengths[word]):
                found.setdefault(token.number, token)
    elif found and value.pii_type == "address":
        for word in text.generic:
            for number in text.index[word]:
                found.setdefault(number, Token(word, number, number, WEAK_TOKEN))
    return [found[number] for number in sorted(found)]


def _split(text: Text, word: str, strength: int) -> Iterator[Token]:
    """A part that the text writes as two words: `Mc Donald`."""
    for number, pair in enumerate(pairwise(text.tokens)):
        beside = "".join(pair) == word and text.places[number + 1][0] - text.places[number][1] < 2
        if beside and strength == STRONG_TOKEN:
            yield Token(word, number, number + 1, strength)


def _weight(text: Text, value: Known, word: str, number: int) -> int:
    """What a word of the value weighs where it stands: words and initials need a capital."""
    strength, (start, end) = value.strengths[word], text.places[number]
    if value.pii_type == "address":
        short = len(word) == 3 and text.cased[start].islower()
        return WEAK_TOKEN if short or word in GENERIC else strength
    if value.pii_type != "name":
        return strength
    if len(word) == 1 and not _is_initial(text, start, end):
        return 0
    called = len(word) == 3 and word not in value.tokens  # Bob
    everyday = word in ORDINARY or word in PARTICLES or len(word) < 3
    if strength == STRONG_TOKEN and (everyday or called):
        titled = text.mixed and (text.cased[start:end].istitle() or text.is_shouted(number))
        numbered = len(word) > 4 and text.words[end : end + 1].isdigit()  # walker52
        if word in _MONTHS and _beside_number(text, number):
            return 0
        return STRONG_TOKEN if titled or numbered else WEAK_TOKEN
    return strength


def _beside_number(text: Text, number: int) -> bool:
    """Whether a number stands before or behind a word: `14 May`, `May 6`."""
    return any(map(str.isdigit, text.tokens[max(0, number - 1) : number + 2]))


def _is_initial(text: Text, start: int, end: int) -> bool:
    """One letter counts as an initial where it is a capital, or has a dot."""
    dotted = text.words[end : end + 1] == "."
    return dotted or text.cased[start].isupper() or text.words[start] not in "aioeuy"


def _misspelt(text: Text, value: Known, names: Names) -> Iterator[Token]:
    """Words that are no words of the value and resemble one."""
    for name in value.names:
        for word in text.like(name):
            if word not in value.strengths:
                for number in text.index[word]:
                    if strength := _resemblance(text, word, number, name, names):
                        yield Token(word, number, number, strength, exact=False)


def _in_other_letters(text: Text, value: Known) -> Iterator[Token]:
    """Cyrillic and Greek words for a name in Latin letters."""
    for word, numbers in text.foreign.items():
        if any(word == name or (len(name) > 3 and inflected(word, name)) for name in value.names):
            for number in numbers:
                yield Token(word, number, number, STRONG_TOKEN, exact=False)


def _resemblance(text: Text, word: str, number: int, name: str, names: Names) -> int:
    """How much a word speaks for a name that is spelt otherwise."""
    capital = text.is_capital(text.places[number][0])
    if len(name) < 4:
        if capital and len(word) > 5 and inflected(word, name):  # Mialle
            return STRONG_TOKEN
        return WEAK_TOKEN if capital and mistyped(word, name) > 1 else 0
    if glued(word, name, names.parts, names.initials):
        return STRONG_TOKEN
    ending = word[len(name) :]
    if inflected(word, name) and (name not in ORDINARY or ending == "s" or len(ending) > 2):
        return STRONG_TOKEN if capital or (len(name) > 5 and name not in ORDINARY) else WEAK_TOKEN
    agreeing = mistyped(word, name)
    if agreeing > 3 + (not capital):
        return STRONG_TOKEN
    return WEAK_TOKEN if agreeing > 1 and (capital or len(name) > 3) else 0


def _judged(run: list[Token], text: Text, value: Known) -> Iterator[Run]:
    """The place of a run that is taken for the value, or may be."""
    is_name = value.pii_type == "name"
    initials = is_name and _all_initials(run, text, value)
    run = list(dropwhile(lambda token: token.text in ("the", "and", "of"), run))
    while is_name and run and _is_tail(run[-1]) and not _is_dotted(text, run[-1]):
        run.pop()
    if not run:
        return
    sure = initials or any(token.strength == STRONG_TOKEN for token in run)
    weak = _name_by_weak if is_name else _address_by_weak
    start, end = text.places[run[0].number][0], text.places[run[-1].last][1]
    if sure or weak(run, text, value):
        exact = any(token.exact and len(token.text) > 1 for token in run)
        yield Run(start, end, 1.0 if exact else _ALIKE)
    elif is_name and (len(run[0].text) > 1 or _is_dotted(text, run[0])):
        yield Run(start, end, 0)


def _is_dotted(text: Text, token: Token) -> bool:
    """Whether a letter is a capital with a dot behind it."""
    start, end = text.places[token.number]
    return text.cased[start].isupper() and text.words[end : end + 1] == "."


def _is_tail(token: Token) -> bool:
    """A word behind a name that need not be of it: `Doe's`, `Smith a`."""
    return token.strength == WEAK_TOKEN and (token.text in PARTICLES or token.text in ("a", "s"))


def _all_initials(run: list[Token], text: Text, value: Known) -> bool:
    """Whether a run is all initials of the name in their order: `A. S.`."""
    letters = "".join(token.text for token in run)
    own = "".join(token[0] for token in value.tokens if token not in PARTICLES)
    return (
        len(letters) == len(run) > 1
        and letters == own
        and letters not in ABBREVIATIONS
        and all(_is_dotted(text, token) for token in run)
    )


def _name_by_weak(run: list[Token], text: Text, value: Known) -> bool:
    """Two parts side by side, or a short one with a capital letter after a title."""
    parts = {token.text for token in run} - PARTICLES
    full = [part for part in parts if len(part) > 1]
    if len(parts) > 1 and full:
        return True
    only = run[0].number
    if not full or not text.is_capital(text.places[only][0]):
        return False
    return value.tokens == (run[0].text,) or (only > 0 and text.tokens[only - 1] in _TITLES)


def _address_by_weak(run: list[Token], _text: Text, value: Known) -> bool:
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
