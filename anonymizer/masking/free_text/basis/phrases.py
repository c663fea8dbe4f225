"""Known phrases in a text, looked up by its words, so that patterns are tried only behind them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from anonymizer.masking.free_text.basis.folding import WORD

_ASCII_WORD: Final = re.compile("[a-z]+")  # the same in half the time
_FEW: Final = 8  # words that are looked for one by one
Place = tuple[int, int]  # where something begins, and one past its end


class _Phrase(NamedTuple):
    """A phrase, where in it the word stands by which it is looked up, and what it means."""

    text: str
    offset: int
    means: str


class Phrases:
    """Phrases with a meaning, which are no parts of longer words.

    Attributes:
        words: of which a text has one where it has a phrase: the longest of each.
    """

    def __init__(self, meanings: Mapping[str, Iterable[str]]) -> None:
        """Take the phrases of each meaning, in small letters."""
        self._by_word = defaultdict[str, list[_Phrase]](list)
        for means, phrases in meanings.items():
            for phrase in frozenset(phrases):
                word = max(WORD.finditer(phrase), key=lambda match: len(match[0]))
                self._by_word[word[0]].append(_Phrase(phrase, word.start(), means))
        self.words = frozenset(self._by_word)

    def places(self, text: str) -> Mapping[str, Sequence[Place]]:
        """Meaning → where its phrases stand, in order, the longest first; those found only."""
        wanted = self.words & words_of(text)
        if not wanted:
            return {}
        found, small = defaultdict[str, list[Place]](list), lowered(text)
        for word, place in places_of(wanted, text):
            for phrase, offset, means in self._by_word[word]:
                start, end = place - offset, place - offset + len(phrase)
                if small.startswith(phrase, start) and _is_whole(small, start, end):
                    found[means].append((start, end))
        for places in found.values():
            places.sort(key=lambda place: (place[0], -place[1]))
        return found


def behind(
    pattern: re.Pattern[str], text: str, places: Iterable[Place]
) -> Iterator[tuple[str, re.Match[str]]]:
    """Each phrase, and what a pattern takes behind it; these do not overlap."""
    done = 0
    for start, end in places:
        if start >= done and (match := pattern.match(text, end)):
            done = match.end()
            yield text[start:end], match


def places_of(words: frozenset[str], text: str) -> list[tuple[str, int]]:
    """Where each of some words in small letters stands, in no order."""
    small = lowered(text)
    if len(words) > _FEW:
        return [(match[0], match.start()) for match in WORD.finditer(small) if match[0] in words]
    found = list[tuple[str, int]]()
    for word in words:
        place = small.find(word)
        while place >= 0:
            end = place + len(word)
            if not (small[place - 1 : place].isalpha() or small[end : end + 1].isalpha()):
                found.append((word, place))
            place = small.find(word, end)
    return found


# Finders that follow each other see the same text, unless one has found something in it.
@lru_cache(maxsize=4)
def words_of(text: str) -> frozenset[str]:
    """Its words, in small letters."""
    pattern = _ASCII_WORD if text.isascii() else WORD
    return frozenset(pattern.findall(text.lower()))


@lru_cache(maxsize=4)
def lowered(text: str) -> str:
    """The text in small letters, of the same length."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(each if len(each.lower()) > 1 else each.lower() for each in text)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a place within the text is no part of a longer word."""
    before, last, after = (
        text[max(0, start - 1) : max(0, start)],
        text[end - 1],
        text[end : end + 1],
    )
    if start < 0 or before.isalnum() or before == "_":
        return False
    return not (last.isalnum() and (after.isalnum() or after == "_"))
