"""What is looked for in texts: what has a form, what their rows know, names."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from operator import attrgetter
from typing import Final

from anonymizer.masking.free_text.asked import OF_SOMEBODY, OWN_PLACE
from anonymizer.masking.free_text.basis.folding import blanked
from anonymizer.masking.free_text.known import find_id, find_known
from anonymizer.masking.free_text.recognition import (
    PII_TYPES,
    Span,
    find_all,
    merged,
)
from anonymizer.masking.free_text.recognition.own import Own

_WORD: Final = re.compile(r"\w")
# What of a name is in one line, also where a hyphen parts a word at its end.
_OF_LINE: Final = re.compile(r"\w(?:(?:[^\n]|(?<=-)\n|(?<=-\r)\n)*\w)?\.?")
_CHARACTERS: Final = 1_000_000  # of the texts that names are looked for in at once

# What finds names in several texts at once.
Names = Callable[[Sequence[str]], Sequence[Sequence[Span]]]
Known = Sequence[str | None]


@dataclass(frozen=True)
class Search:
    """What is looked for in the texts of a column.

    Attributes:
        kinds: of what is found by its form or as a name.
        region: of phone numbers without a country code.
        names: finds names; None where only forms count.
        tokens: whether the last two things known are a value and the token to stand for it.
        own: what is found beside, and what stays of what was found by its form or as a name.
    """

    kinds: tuple[str, ...] = PII_TYPES
    region: str = "US"
    names: Names | None = field(default=None, repr=False)
    tokens: bool = False
    own: Own = field(default_factory=Own)

    def found(self, text: str, known: Known = ()) -> list[Span]:
        """The places of one text; see `found_all`."""
        return list(self.found_all([text], [known])[0])

    def found_all(
        self,
        texts: Sequence[str],
        known: Sequence[Known],
        told: Sequence[str] | None = None,
    ) -> list[Sequence[Span]]:
        """The places of each text, in order and apart; names are looked for in many at once.

        Args:
            texts: as they stand.
            known: what the row of each holds elsewhere; with `tokens`, a value and its token are
                last.
            told: each as names are looked for in it, with something before it perhaps, or empty;
                as it stands where this is left out.
        """
        formed = find_all(texts, self.kinds, self.region)
        if self.names is not None:
            formed = self._with_names(texts, texts if told is None else told, formed)
        own = self.own.found(texts) if self.own.finds else repeat(())
        return [
            self._together(text, values, its_own, left) if values or its_own or left else left
            for text, values, its_own, left in zip(
                texts, known, own, self.own.left(texts, formed), strict=False
            )
        ]

    def _together(
        self, text: str, known: Known, own: Sequence[Span], left: Sequence[Span]
    ) -> list[Span]:
        """What is found in a text, with what its row knows of it."""
        of_row = list(self._of_row(text, known)) if known else []
        spans = [*own, *_not_of_row(text, left, of_row), *of_row]
        if len(spans) > 1:
            spans = merged(sorted(spans, key=lambda span: span.pii_type != OWN_PLACE))
        return [part for span in spans for part in _in_lines(text, span)]

    def _with_names(
        self, texts: Sequence[str], told: Sequence[str], formed: Sequence[Sequence[Span]]
    ) -> list[Sequence[Span]]:
        """What has a form and the names in each text."""
        named = self._named(told)
        return [
            [*spans, *self._inside(named.get(of_names, ()), len(text) - len(of_names))]
            for text, of_names, spans in zip(texts, told, formed, strict=True)
        ]

    def _inside(self, names: Sequence[Span], by: int) -> Iterator[Span]:
        """Names of the kinds that are looked for, in a text with so much more before it."""
        for name in names:
            if name.pii_type in self.kinds and name.start + by >= 0:
                yield name.moved(by) if by else name

    def _of_row(self, text: str, known: Known) -> Iterator[Span]:
        if self.tokens:
            *known, value, token = known
            for place in find_id(text, value, self.region):
                yield Span(place.start, place.end, OWN_PLACE, token or "")
        yield from find_known(text, known, self.region)

    def _named(self, texts: Iterable[str]) -> dict[str, Sequence[Span]]:
        """Distinct texts → the names in each."""
        named: dict[str, Sequence[Span]] = {"": ()}
        if self.names is not None:
            for some in _chunks(dict.fromkeys(filter(None, texts))):
                named |= zip(some, self.names(some), strict=True)
        return named


def _not_of_row(text: str, found: Sequence[Span], of_row: list[Span]) -> Sequence[Span]:
    """What is found, but for names of which the row knows each word, and so whose they are."""
    if not of_row:
        return found
    rest = blanked(text, sorted(of_row, key=attrgetter("start")))
    return [
        span
        for span in found
        if span.pii_type not in OF_SOMEBODY or _WORD.search(rest, span.start, span.end)
    ]


def _in_lines(text: str, span: Span) -> Iterator[Span]:
    """A name; in each line by itself where it goes on in the next, so that no line is lost."""
    if span.pii_type not in OF_SOMEBODY or "\n" not in text[span.start : span.end]:
        yield span
    else:
        for part in _OF_LINE.finditer(text, span.start, span.end):
            yield replace(span, start=part.start(), end=part.end())


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Texts in groups of so many characters at most, or of one."""
    some, characters = list[str](), 0
    for text in texts:
        if some and characters + len(text) > _CHARACTERS:
            yield some
            some, characters = [], 0
        some.append(text)
        characters += len(text)
    if some:
        yield some
