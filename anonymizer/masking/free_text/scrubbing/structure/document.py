"""A text as what it says, and the same text with other values at some places, of its structure."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from anonymizer.masking.free_text.recognition import Span, merged
from anonymizer.masking.free_text.scrubbing.structure import json_text, markup
from anonymizer.masking.free_text.scrubbing.structure.cells import cells
from anonymizer.masking.free_text.scrubbing.structure.coded import plain_text
from anonymizer.masking.free_text.scrubbing.structure.leaf import Leaf

_MAY_BE_STRUCTURED: Final = re.compile(r"[{\[<&%\n]|[?&][\w.\[\]-]{1,40}=|=\"")
_DEPTH: Final = 4  # of texts in values of texts
_WORD: Final = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Document:
    """A text of leaves; what is between them is its structure, which stays.

    Attributes:
        raw: the text.
        leaves: in order and apart.
        view: the text with what its leaves say, where they say it.
        starts: of the leaves, in the view.
    """

    raw: str
    leaves: Sequence[Leaf]
    view: str
    starts: Sequence[int]

    @property
    def parts(self) -> Iterator[tuple[int, str]]:
        """Where values begin that are also texts by themselves, and what they say."""
        if len(self.leaves) > 1 or any(leaf.value != self.view for leaf in self.leaves):
            for start, leaf in zip(self.starts, self.leaves, strict=True):
                if len(leaf.value) > 1 and not leaf.whole:
                    yield start, leaf.value

    def inside(self, spans: Iterable[Span]) -> list[Span]:
        """Spans of the view as places in its leaves, in order and apart."""
        return merged(place for span in merged(spans) for place in self._inside(span))

    def _inside(self, span: Span) -> Iterator[Span]:
        at = max(0, bisect_right(self.starts, span.start) - 1)
        while at < len(self.leaves) and self.starts[at] < span.end:
            leaf, first = self.leaves[at], self.starts[at]
            start, end = max(span.start, first), min(span.end, first + len(leaf.value))
            if start < end and leaf.whole:
                start, end = first, first + len(leaf.value)
            if start < end and _WORD.search(self.view, start, end):
                yield replace(span, start=start, end=end)
            at += 1

    def replaced(self, spans: Sequence[Span], put: Callable[[Span], str]) -> str:
        """The text with something else at places inside its leaves."""
        pieces, place = list[str](), 0
        for span in spans:
            at = bisect_right(self.starts, span.start) - 1
            leaf, first = self.leaves[at], self.starts[at]
            start, end = span.start - first, span.end - first
            pieces.append(self.raw[place : leaf.place(start)])
            pieces.append(leaf.encode(put(span), start, end))
            place = leaf.place(end)
        return "".join([*pieces, self.raw[place:]])


def read(raw: str) -> Document:
    """A text by its structure: JSON, XML, HTML, cells of a table, or none."""
    if not _may_hold_leaves(raw):
        return Document(raw, (Leaf(0, len(raw), raw),), raw, (0,))
    leaves = list(_leaves(raw))
    pieces, starts, place = list[str](), list[int](), 0
    for leaf in leaves:
        pieces += [raw[place : leaf.start], leaf.value]
        place = leaf.end
    sizes = list(accumulate(map(len, pieces), initial=0))
    starts = sizes[1:-1:2]
    return Document(raw, leaves, "".join([*pieces, raw[place:]]), starts)


def _leaves(text: str, depth: int = 0) -> Iterator[Leaf]:
    """The innermost leaves of a text, none of them empty."""
    parts = _parts(text) if depth < _DEPTH and _may_hold_leaves(text) else ()
    for leaf in parts or (plain_text(text, 0, len(text)),):
        if parts and len(leaf.value) > 2 and not leaf.whole and _may_hold_leaves(leaf.value):
            yield from (inner.within(leaf) for inner in _leaves(leaf.value, depth + 1))
        elif leaf.value:
            yield leaf


def _may_hold_leaves(text: str) -> bool:
    return _MAY_BE_STRUCTURED.search(text) is not None


def _parts(text: str) -> Sequence[Leaf]:
    """The leaves of a text by the structure that it has itself; none of one that has none."""
    regions = list(json_text.regions(text))
    if not regions and (table := cells(text)):
        return table
    ends = [0, *(place for region in regions for place in (region.start, region.end)), len(text)]
    gaps = [Leaf(*place, text[slice(*place)]) for place in zip(ends[::2], ends[1::2], strict=True)]
    if any(markup.is_markup(gap.value) for gap in gaps):
        return list(markup.leaves(text))
    if not regions:
        return ()
    leaves = [*gaps, *(leaf for region in regions for leaf in region.leaves)]
    return sorted(leaves, key=lambda leaf: leaf.start)
