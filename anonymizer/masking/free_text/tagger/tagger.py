"""Texts become the names of persons, places and organisations in them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final, TypeVar

import numpy as np

from anonymizer.masking.free_text.basis.folding import (
    Span,
    canonical_name,
    without_tags,
)
from anonymizer.masking.free_text.tagger.features import Floats, Numbers
from anonymizer.masking.free_text.tagger.network import Network, read
from anonymizer.masking.free_text.tagger.words import places, windows, words

KINDS: Final = ("name", "place", "organisation")  # column 0 is none of them
THRESHOLD: Final = 0.6
_LONGEST: Final = 64  # words of a line, which the network reads at once
_CHARACTERS: Final = 1 << 19  # of texts that are words in memory at once
_WORDS: Final = 1 << 15  # of lines that are vectors in memory at once
_ANY_LETTER: Final = re.compile(r"[^\W\d_]")
_ENDS: Final = frozenset("\n.!?。！？")
_JOINERS: Final = frozenset("-'’.·‧・‐")
_WITHIN: Final = frozenset(".,")  # Dr. Lee; Lee, Ann: no bracket and no quote, which come in twos
# Factors of scores by kind: a place or a firm is nobody yet, so that it must be surer (.88, .93).
_WORTH: Final = np.array([1, 0.68, 0.645], dtype=np.float32)
_AND: Final = frozenset(("and", "und", "et", "ja", "och", "og"))  # between two people
_SURE, _REPEATED = 0.85, 0.1  # a name that is sure once counts again where it is at least this

_T = TypeVar("_T")
Line = tuple[str, ...]  # words as the features read them


def names(texts: Sequence[str], threshold: float = THRESHOLD) -> list[list[Span]]:
    """The names of each text, in its order and apart.

    Args:
        texts: as they stand.
        threshold: the probability from which a word is a name; lower finds more and errs more.

    Returns:
        For each text its spans; `pii_type` is one of `KINDS`, `score` the mean probability of its
        words.
    """
    result: list[list[Span]] = [[] for _ in texts]
    bare = [without_tags(text) for text in texts]
    lettered = [place for place, text in enumerate(bare) if _ANY_LETTER.search(text)]
    lengths = [len(bare[place]) for place in lettered]
    for some in _batches(lettered, lengths, _CHARACTERS):
        found = [_Read.of(bare[place]) for place in some]
        for place, spans in zip(some, _tagged(found, threshold), strict=True):
            result[place] = spans
    return result


@dataclass(frozen=True, slots=True)
class _Read:
    """A text, its words, and these as the features read them, in lines."""

    text: str
    words: list[str]
    lines: list[Line]

    @classmethod
    def of(cls, text: str) -> "_Read":
        found = words(text)
        keys = windows(text, found)
        return cls(text, found, [tuple(keys[a:b]) for a, b in pairwise(_cuts(found))])


def _cuts(found: Sequence[str]) -> list[int]:
    """Where lines begin and end: at the end of a sentence, or at a sign, if one is near."""
    cuts = [0]
    while len(found) - cuts[-1] > _LONGEST:
        start = cuts[-1]
        near = range(start + _LONGEST, start + _LONGEST // 2, -1)
        ends = (place for place in near if found[place - 1] in _ENDS)
        signs = (place for place in near if not found[place - 1][0].isalnum())
        cuts.append(next(ends, None) or next(signs, start + _LONGEST))
    return [*cuts, len(found)]


def _batches(items: Sequence[_T], sizes: Sequence[int], most: int) -> Iterator[Sequence[_T]]:
    """Items in their order, of so much in all, or one."""
    start, size = 0, 0
    for place, more in enumerate(sizes):
        if size + more > most and place > start:
            yield items[start:place]
            start, size = place, 0
        size += more
    if len(items) > start:
        yield items[start:]


@cache
def _network() -> Network:
    """The network, whose weights are read with the first text; threads may get one each."""
    weights = files("anonymizer.masking.free_text.tagger") / "names.safetensors"
    return Network(read(weights.read_bytes()))


def _tagged(texts: Sequence[_Read], threshold: float) -> Iterator[list[Span]]:
    """The names of texts, whose distinct lines go through the network once."""
    lines = list(dict.fromkeys(line for text in texts for line in text.lines))
    found: dict[Line, Floats] = {}
    for some in _batches(lines, [len(line) for line in lines], _WORDS):
        found |= zip(some, _network().probabilities(some), strict=True)
    likely = {line for line, p in found.items() if p[:, 1:].max() >= threshold}
    for text in texts:
        if likely.isdisjoint(text.lines):
            yield []
        else:
            yield _spans(text, np.concatenate([found[line] for line in text.lines]), threshold)


@dataclass(frozen=True, slots=True)
class _Judged:
    """The words of a text, their places, the likeliest kind of each and how likely it is."""

    words: list[str]
    places: list[tuple[int, int]]
    kinds: list[int]
    scores: list[float]

    def spans(self, text: str, threshold: float) -> Iterator[Span]:
        """The names, each from its first word to its last."""
        for run in self._runs(threshold):
            start, end = self.places[run[0]][0], self._end(run[-1])
            name, score = text[start:end], sum(self.scores[place] for place in run) / len(run)
            yield Span(start, end, KINDS[self.kinds[run[0]]], canonical_name(name), score)

    def _runs(self, threshold: float) -> Iterator[list[int]]:
        """The words of each name."""
        run: list[int] = []
        for place, score in enumerate(self.scores):
            word = self.words[place]
            if score < threshold or not word[0].isalpha() or word in _AND:
                continue
            if run and not self._one_name(run[-1], place, threshold):
                yield run
                run = []
            run.append(place)
        if run:
            yield run

    def _one_name(self, last: int, place: int, threshold: float) -> bool:
        return self.kinds[last] == self.kinds[place] and all(
            self._joins(between, threshold) for between in range(last + 1, place)
        )

    def _joins(self, place: int, threshold: float) -> bool:
        """Whether a sign stands in a name: inside a word, after an initial, or as one of it."""
        word, before = self.words[place], self.words[place - 1]
        if word[0].isalpha() or word == "\n":
            return False
        start, end = self.places[place]
        if word in _JOINERS and self.places[place - 1][1] == start:
            return self.places[place + 1][0] == end or (word == "." and len(before) == 1)
        return word in _WITHIN and self.scores[place] >= threshold

    def _end(self, last: int) -> int:
        """One past a name's last character, or past the dot of its last initial."""
        end = self.places[last][1]
        dotted = self.words[last + 1 : last + 2] == ["."] and self.places[last + 1][0] == end
        return (
            end + 1 if dotted and len(self.words[last]) == 1 and self.words[last].isupper() else end
        )


def _spans(text: _Read, found: Floats, threshold: float) -> list[Span]:
    """The names of a text from the probabilities of its words, (T, kinds)."""
    kinds = found[:, 1:].argmax(1)
    scores = found[np.arange(len(found)), kinds + 1] * _WORTH[kinds]
    _repeat(text.words, kinds, scores, threshold)
    judged = _Judged(text.words, places(text.text), kinds.tolist(), scores.tolist())
    return list(judged.spans(text.text, threshold))


def _repeat(found: list[str], kinds: Numbers, scores: Floats, threshold: float) -> None:
    """A person's name that is sure in one place is one in the others, where not unlikely."""
    doubtful = np.flatnonzero((kinds == 0) & (scores >= _REPEATED) & (scores < threshold))
    if len(doubtful):
        sure = {found[place] for place in np.flatnonzero((kinds == 0) & (scores >= _SURE))}
        for place in doubtful:
            word = found[place]
            if word in sure and len(word) > 2 and not word.islower():
                scores[place] = threshold
