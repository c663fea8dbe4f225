"""What a rule file adds to the finders, and what it lets stay: patterns and words of one's own.

Patterns are run by the engine of Polars, whose time grows with the text and never with its square,
over all texts of a batch at once.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, chain
from operator import itemgetter
from typing import Final

import polars as pl

from anonymizer.masking.free_text.basis.announced.words import Words
from anonymizer.masking.free_text.basis.finder import Check, compact
from anonymizer.masking.free_text.basis.folding import (
    IS_EASTERN,
    Folded,
    Span,
    fold,
    fold_letters,
    plain,
    without_tags,
)
from anonymizer.masking.free_text.recognition.contacts import phones
from anonymizer.masking.free_text.recognition.identifiers.scan import nearest
from anonymizer.masking.free_text.recognition.identifiers.states.checks import (
    luhn_of_digits,
    mod_11,
    mod_97,
)

_OPEN, _CLOSE = "\x02", "\x03"  # around what a pattern takes; no text that is searched has them
_SIGNS: Final = str.maketrans(_OPEN + _CLOSE, "  ")
_TAKEN: Final = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")

Place = tuple[int, int]
# What a rule calls checks.
CHECKS: Final[dict[str, Check | None]] = {
    "none": None,
    "luhn": luhn_of_digits,
    "mod11": mod_11,
    "iban": mod_97,
}


@dataclass(frozen=True)
class OwnFinder:
    """A kind of one's own.

    Attributes:
        kind: what its tag says.
        pattern: of a value, as Polars reads patterns.
        words: which stand around it; of any if there is no check either.
        check: whether a value without separators, in capitals, can be one.
    """

    kind: str
    pattern: str
    words: tuple[str, ...] = ()
    check: Check | None = None

    @cached_property
    def _known(self) -> Words:
        return Words({self.kind: self.words})

    def spans(self, folded: Folded, places: Iterable[Place]) -> Iterator[Span]:
        """Those of the places that the pattern fits which hold such a value.

        A word around it or a right check tells it, as with all finders; nothing is asked for where
        it has neither.
        """
        text, hits = folded.text, None
        for start, end in places:
            value = text[start:end]
            told = self.check is not None and self.check(compact(value))
            if self.words and not told:
                hits = _Hits(self._known, text) if hits is None else hits
                told = hits.tell(start, end)
            if (told or not (self.words or self.check)) and _stands_apart(text, start, end):
                yield folded.raw(Span(start, end, self.kind, compact(value) or value))


class _Hits:
    """The known words of one text."""

    def __init__(self, known: Words, text: str) -> None:
        self._small = plain(text)
        self._hits = known.hits(self._small)
        self._ends = [hit.end for hit in self._hits]

    def tell(self, start: int, end: int) -> bool:
        """Whether of the words around a place it is one of ours that decides."""
        word = nearest(self._small, self._hits, self._ends, start, end)
        return word is not None and bool(word.means)


class Phrases:
    """Words and phrases that are looked up in texts, however many they are.

    Case and accents do not matter; what is of letters stands apart from other letters, but for
    scripts that have no blanks.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._of_word = dict[str, list[tuple[int, str]]]()
        eastern = list[str]()
        for phrase in sorted({_letters(each) for each in phrases} - {""}, key=len, reverse=True):
            word = _WORD.search(phrase)
            if word is None or IS_EASTERN.search(phrase):
                eastern.append(re.escape(phrase))
            else:
                self._of_word.setdefault(word[0], []).append((word.start(), phrase))
        self._eastern = re.compile("|".join(eastern) or "(?!)")

    def __bool__(self) -> bool:
        return bool(self._of_word or self._eastern.pattern != "(?!)")

    def places(self, folded: Folded) -> Iterator[Span]:
        """Where they stand in a text whose letters are folded; places may overlap."""
        text = folded.text
        found = (match.span() for match in self._eastern.finditer(text))
        for start, end in chain(found, self._western(text)):
            yield folded.raw(Span(start, end, "", text[start:end]))

    def _western(self, text: str) -> Iterator[Place]:
        for word in _WORD.finditer(text):
            for before, phrase in self._of_word.get(word[0], ()):
                start = word.start() - before
                end = start + len(phrase)
                if start >= 0 and text.startswith(phrase, start) and _ends(text, end):
                    yield start, end
                    break


_WORD: Final = re.compile(r"[^\W_]+")


def _letters(text: str) -> str:
    return fold_letters(" ".join(text.split())).text


def _ends(text: str, end: int) -> bool:
    """Whether no letter or digit goes on behind one."""
    return not (text[end - 1].isalnum() and text[end : end + 1].isalnum())


def _stands_apart(text: str, start: int, end: int) -> bool:
    """Whether no letter or digit of ASCII goes on before or behind one."""
    pairs = (text[start - 1 : start + 1] if start else "", text[end - 1 : end + 1])
    return not any(len(pair) == 2 and pair.isascii() and pair.isalnum() for pair in pairs)


@dataclass(frozen=True)
class Own:
    """What a rule file says of its own texts.

    Attributes:
        finders: kinds of one's own.
        denied: kind → words that always go.
        allowed: words and values that stay where they are all that was found.
        allowed_patterns: patterns of such values.
        region: of phone numbers without a country code.
    """

    finders: tuple[OwnFinder, ...] = ()
    denied: tuple[tuple[str, Phrases], ...] = ()
    allowed: tuple[str, ...] = ()
    allowed_patterns: tuple[str, ...] = ()
    region: str = "US"
    _phrases: Phrases = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_phrases", Phrases(self.allowed))

    @property
    def finds(self) -> bool:
        """Whether it finds something by itself."""
        return bool(self.finders or self.denied)

    def found(self, texts: Sequence[str]) -> list[list[Span]]:
        """What one's own patterns and words find in each text; spans may overlap."""
        if not self.finds:
            return [[] for _ in texts]
        return [
            [*patterned, *denied]
            for patterned, denied in zip(
                self._patterned(texts), map(self._denied, texts), strict=True
            )
        ]

    def _patterned(self, texts: Sequence[str]) -> list[list[Span]]:
        found: list[list[Span]] = [[] for _ in texts]
        folded = _searchable(texts) if self.finders else []
        for finder in self.finders:
            for place, places in enumerate(_matches(finder.pattern, folded)):
                found[place] += finder.spans(folded[place], places)
        return found

    def _denied(self, text: str) -> Iterator[Span]:
        for kind, phrases in self.denied:
            for place in phrases.places(fold_letters(text)):
                yield Span(place.start, place.end, kind, place.canonical)

    def left(self, texts: Sequence[str], found: Sequence[Sequence[Span]]) -> list[Sequence[Span]]:
        """What was found, without what stays."""
        if not (self.allowed or self.allowed_patterns):
            return list(found)
        told = [text for text, spans in zip(texts, found, strict=True) if spans]
        staying = dict(zip(told, self._staying(told), strict=True))
        return [
            [
                span
                for span in spans
                if not _lies_in(span, staying[text])
                and self._value(text[span.start : span.end], span) not in self._values
            ]
            for text, spans in zip(texts, found, strict=True)
        ]

    def _staying(self, texts: Sequence[str]) -> list[list[Place]]:
        """Where what stays stands in each text: by start, each with the furthest end so far."""
        places = [list(self._phrases.places(fold_letters(text))) for text in texts]
        folded = _searchable(texts) if self.allowed_patterns else []
        for pattern in self.allowed_patterns:
            for place, matches in enumerate(_matches(pattern, folded)):
                text = folded[place]
                places[place] += [text.raw(Span(start, end, "", "")) for start, end in matches]
        return [_reaching(spans) for spans in places]

    @cached_property
    def _values(self) -> frozenset[str]:
        """What values that stay are, whatever stands between their letters and digits."""
        numbers = (phones.canonical(each, self.region) for each in self.allowed if _DIGIT(each))
        return frozenset(chain(map(compact, self.allowed), numbers)) - {""}

    def _value(self, written: str, span: Span) -> str:
        if span.pii_type == "phone":
            return phones.canonical(span.canonical, self.region)
        return compact(written)


def _reaching(spans: list[Span]) -> list[Place]:
    places = sorted((span.start, span.end) for span in spans)
    ends = accumulate((end for _, end in places), max)
    return [(start, end) for (start, _), end in zip(places, ends, strict=True)]


def _lies_in(span: Span, reaching: list[Place]) -> bool:
    """Whether a span is all inside of one of some places."""
    place = bisect_right(reaching, span.start, key=itemgetter(0))
    return place > 0 and span.end <= reaching[place - 1][1]


_DIGIT: Final = re.compile(r"\d").search


def _searchable(texts: Sequence[str]) -> list[Folded]:
    """Texts as patterns read them, without tags and without our own signs."""
    folded = map(fold, texts)
    return [Folded(without_tags(each.text.translate(_SIGNS)), each.origins) for each in folded]


def _matches(pattern: str, texts: Sequence[Folded]) -> Iterator[list[Place]]:
    """The places in each text that a pattern fits."""
    series = pl.Series([each.text for each in texts], dtype=pl.String)
    for marked in series.str.replace_all(pattern, f"{_OPEN}${{0}}{_CLOSE}"):
        # Each match before has put two signs into the text.
        places = enumerate(_TAKEN.finditer(marked)) if _OPEN in marked else ()
        yield [
            (match.start() - 2 * count, match.end() - 2 * count - 2)
            for count, match in places
            if match[1]
        ]


def fault_of(pattern: str) -> str | None:
    """What is wrong with a pattern, or None."""
    try:
        empty = pl.Series([""]).str.contains(pattern, strict=True).item()
    except pl.exceptions.PolarsError as error:
        told = re.findall(r"error: (.*)", str(error))[-1:]
        why = f": {told[0]}" if told else ""
        return f"{pattern!r} is no pattern that Polars reads{why}"
    if empty:
        return f"{pattern!r} fits an empty text, and so every place of every text"
    return None
