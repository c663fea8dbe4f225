"""A text as the search reads it: folded, cut into words, indexed once for all values."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import count
from operator import add
from typing import Final, NamedTuple

from anonymizer.masking.free_text.basis.folding import CJK, Folded, fold, fold_letters, plain
from anonymizer.masking.free_text.basis.words import COMMON, ORDINARY
from anonymizer.masking.free_text.known.scripts import IS_ROMANISED, romanised
from anonymizer.masking.free_text.known.values import APART, FILLED, FILLING, TOKEN
from anonymizer.masking.free_text.known.words import GENERIC

_EVERYDAY: Final = COMMON | ORDINARY
_HANDLE: Final = re.compile(  # whose quotes are not of it
    r"(?<![\w.+%@-])(?<!\w')(?P<local>(?!')[\w.+%'-]{0,64})@(?P<rest>[\w.-]{0,63}\w)"
)
_SIGN: Final = re.compile(r"[^\W_]")
_NO_DIGIT: Final = re.compile(r"\D")
_DIGIT_RUN: Final = re.compile(r"\d(?:[ ().\-/+]{0,3}\d)*")


class Handle(NamedTuple):
    """An address with @ or a handle, from its first character to one past its last."""

    start: int
    end: int
    is_address: bool


class Text:
    """A text, folded; what values of a row ask of it is computed once.

    Attributes:
        raw: as it stands.
        letters: in small letters without accents.
        words: the same with blanks for Chinese, Japanese and Korean characters.
        tokens: words and numbers of it.
    """

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.letters = fold_letters(raw)
        text = self.letters.text
        self.words = text if text.isascii() else CJK.sub(" ", text)
        self.tokens: list[str] = TOKEN.findall(self.words)

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        """Where the tokens stand."""
        return [match.span() for match in TOKEN.finditer(self.words)]

    @cached_property
    def cased(self) -> str:
        """As long as `words`, with the characters that the text has."""
        origins = self.letters.origins
        return self.raw if origins is None else "".join(self.raw[at] for at in origins)

    @cached_property
    def mixed(self) -> bool:
        """Whether the text has capital letters and small ones."""
        return self.cased not in (self.cased.lower(), self.cased.upper())

    @cached_property
    def index(self) -> dict[str, Sequence[int]]:
        """Which tokens a word is."""
        index: dict[str, Sequence[int]] = dict(zip(self.tokens, zip(count()), strict=False))
        if len(index) < len(self.tokens):
            every: dict[str, list[int]] = {word: [] for word in index}
            for number, word in enumerate(self.tokens):
                every[word].append(number)
            index.update(every)
        return index

    @cached_property
    def pairs(self) -> frozenset[str]:
        """Words that follow each other, as one."""
        return frozenset(map(add, self.tokens, self.tokens[1:]))

    @cached_property
    def generic(self) -> frozenset[str]:
        """Words of addresses that say nothing about the place."""
        return GENERIC & self.index.keys()

    @cached_property
    def odd(self) -> list[str]:
        """Words that are none of everyday."""
        return [word for word in self.index if word not in _EVERYDAY and len(word) > 2]

    @cached_property
    def line_of_odd(self) -> str:
        """The same in one line with a blank around each, to look into at once."""
        return f" {' '.join(self.odd)} "

    @cached_property
    def foreign(self) -> dict[str, Sequence[int]]:
        """Cyrillic and Greek words in Latin letters, and which tokens they are."""
        if self.words.isascii():
            return {}
        return {
            latin: numbers
            for word, numbers in self.index.items()
            if IS_ROMANISED.match(word)
            for latin in romanised(word)
        }

    def like(self, name: str) -> list[str]:
        """Odd words that begin or end as a name does."""
        begin, end = name[: 2 if len(name) > 4 else 1], name[-2:]
        if " " + begin not in self.line_of_odd and end + " " not in self.line_of_odd:
            return []
        return [word for word in self.odd if word.startswith(begin) or word.endswith(end)]

    @cached_property
    def squeezed(self) -> Folded:
        """The text without blanks and what else stands between the parts of a name."""
        text = self.letters.text
        if FILLING.search(text) is None:
            return Folded(text, None)
        return Folded(FILLING.sub("", text), [match.start() for match in FILLED.finditer(text)])

    @cached_property
    def digits(self) -> Folded:
        """The text as patterns of numbers read it."""
        return fold(self.raw)

    @cached_property
    def small(self) -> str:
        """As long as the text of `digits`, in small letters."""
        return plain(self.digits.text)

    @cached_property
    def signs(self) -> str:
        """Letters and digits of `small` alone."""
        return APART.sub("", self.small)

    @cached_property
    def sign_places(self) -> list[int]:
        """Where each of them stands."""
        return [match.start() for match in _SIGN.finditer(self.small)]

    @cached_property
    def digit_runs(self) -> list[tuple[str, re.Match[str]]]:
        """Digits that hardly anything parts, without what does."""
        runs = _DIGIT_RUN.finditer(self.digits.text)
        return [(_NO_DIGIT.sub("", match[0]), match) for match in runs]

    @cached_property
    def handles(self) -> dict[int, Handle]:
        """Which tokens are a handle, or the part of an address that names somebody."""
        handles: dict[int, Handle] = {}
        number = 0
        for match in _HANDLE.finditer(self.words) if "@" in self.words else ():
            first, last = match.span("local" if match["local"] else "rest")
            handle = Handle(*match.span(), bool(match["local"]) and "." in match["rest"])
            while self.places[number][0] < first:
                number += 1
            while number < len(self.places) and self.places[number][1] <= last:
                handles[number] = handle
                number += 1
        return handles

    def is_shouted(self, number: int) -> bool:
        """Whether a word of four letters or more is all capitals, and those beside it are not."""
        near = self.places[max(0, number - 1) : number + 2]
        words = [self.cased[start:end] for start, end in near]
        word = self.cased[slice(*self.places[number])]
        return len(word) > 3 and word.isupper() and sum(map(str.isupper, words)) == 1

    def is_capital(self, start: int) -> bool:
        """Whether a capital letter stands there that says something."""
        return self.mixed and self.cased[start].isupper()


def places_of(text: str, literal: str) -> Iterator[int]:
    """Where a literal stands; places may overlap."""
    place = text.find(literal)
    while place >= 0:
        yield place
        place = text.find(literal, place + 1)
