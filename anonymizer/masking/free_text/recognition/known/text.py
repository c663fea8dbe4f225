"""A text as the search reads it: folded, cut into words and indexed once for all values of a row."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from anonymizer.masking.free_text.recognition.folding import Folded, fold, fold_letters
from anonymizer.masking.free_text.recognition.known.common import COMMON
from anonymizer.masking.free_text.recognition.known.values import CJK, FILLED, FILLING, TOKEN
from anonymizer.masking.free_text.recognition.words import GENERIC, ORDINARY

_HANDLE: Final = re.compile(
    r"(?<![\w.+%'@-])(?P<local>[\w.+%'-]{0,64})@(?P<rest>[\w.-]{0,63}\w)"
)
_DIGIT_RUN: Final = re.compile(r"\d(?:[ ().\-/+]{0,3}\d)*")


class Handle(NamedTuple):
    """An address with @ or a handle, from its first character to one past its last."""

    start: int
    end: int
    is_address: bool


@dataclass(frozen=True)
class Text:
    """A text, folded.

    Attributes:
        raw: as it stands.
        letters: in small letters without accents.
        words: the same with blanks for Chinese, Japanese and Korean characters.
        cased: as long as `words`, with the characters that the text has.
        tokens: words and numbers with their places.
    """

    raw: str
    letters: Folded
    words: str
    cased: str
    tokens: list[tuple[str, int, int]]

    @classmethod
    def read(cls, raw: str) -> "Text":
        """A text, cut into its words."""
        letters = fold_letters(raw)
        words = letters.text if letters.text.isascii() else CJK.sub(" ", letters.text)
        cased = raw if letters.origins is None else "".join(raw[at] for at in letters.origins)
        tokens = [(match[0], *match.span()) for match in TOKEN.finditer(words)]
        return cls(raw, letters, words, cased, tokens)

    @cached_property
    def mixed(self) -> bool:
        """Whether the text has capital letters and small ones."""
        return self.cased not in (self.cased.lower(), self.cased.upper())

    @cached_property
    def index(self) -> dict[str, list[int]]:
        """Which tokens a word is."""
        index: dict[str, list[int]] = {}
        for number, (word, _, _) in enumerate(self.tokens):
            index.setdefault(word, []).append(number)
        return index

    @cached_property
    def pairs(self) -> dict[str, int]:
        """Two words that hardly anything parts, as one: the first of them."""
        return {
            word + follower: number
            for number, ((word, _, end), (follower, start, _)) in enumerate(
                zip(self.tokens, self.tokens[1:], strict=False)
            )
            if start - end < 2
        }

    @cached_property
    def generic(self) -> frozenset[str]:
        """Words of addresses that say nothing about the place."""
        return GENERIC & self.index.keys()

    def like(self, name: str) -> Iterable[str]:
        """Words that begin or end as a name does and are none of everyday."""
        begin = name[:2] + "-" if len(name) > 4 else name[0]
        return (*self._odd.get(begin, ()), *self._odd.get("-" + name[-2:], ()))

    @cached_property
    def _odd(self) -> dict[str, list[str]]:
        odd: dict[str, list[str]] = defaultdict(list)
        for word in self.index:
            if len(word) > 2 and word not in COMMON and word not in ORDINARY:
                odd[word[0]].append(word)
                odd[word[:2] + "-"].append(word)
                odd["-" + word[-2:]].append(word)
        return odd

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
    def digit_runs(self) -> list[tuple[str, list[int]]]:
        """Digits that hardly anything parts, with their places."""
        text, runs = self.digits.text, []
        for match in _DIGIT_RUN.finditer(text):
            places = [place for place in range(*match.span()) if text[place].isdigit()]
            runs.append(("".join(text[place] for place in places), places))
        return runs

    @cached_property
    def handles(self) -> dict[int, Handle]:
        """Which tokens are a handle, or the part of an address that names somebody."""
        handles: dict[int, Handle] = {}
        number = 0
        for match in _HANDLE.finditer(self.words) if "@" in self.words else ():
            first, last = match.span("local" if match["local"] else "rest")
            handle = Handle(*match.span(), bool(match["local"]) and "." in match["rest"])
            while self.tokens[number][1] < first:
                number += 1
            while number < len(self.tokens) and self.tokens[number][2] <= last:
                handles[number] = handle
                number += 1
        return handles

    def is_capital(self, start: int) -> bool:
        """Whether a capital letter stands there that says something."""
        return self.mixed and self.cased[start].isupper()


def places_of(text: str, literal: str) -> Iterator[int]:
    """Where a literal stands; places may overlap."""
    place = text.find(literal)
    while place >= 0:
        yield place
        place = text.find(literal, place + 1)
