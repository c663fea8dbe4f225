"""A text as what it says, and the same text with other values at some places, of its structure."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Final

import polars as pl

from anonymizer.masking.free_text.recognition import Span, merged
from anonymizer.masking.free_text.scrubbing.structure import json_text, markup
from anonymizer.masking.free_text.scrubbing.structure.cells import cells
from anonymizer.masking.free_text.scrubbing.structure.coded import plain_text
from anonymizer.masking.free_text.scrubbing.structure.keys import calls_somebody
from anonymizer.masking.free_text.scrubbing.structure.leaf import Leaf

_MAY_BE_STRUCTURED: Final = re.compile(
    r"[{\[<&%\n?=](?:(?<![?=])|(?<=\?)[\w.\[\]-]{1,40}=|(?<==)\")"
)
# One of these, and more than that, as Polars reads patterns.
_SIGNS: Final = r"[{\[<&%\n?=]"
_DEPTH: Final = 4  # of texts in values of texts
_WORD: Final = re.compile(r"\w")
_SENTENCE: Final = 5  # words, from where on a value says by itself which of them are names
_SOMEBODY: Final = "customer: "  # for whatever a key calls somebody, in any language
# What is between values as JSON in one line has it: beside that names are told best.
_GAPS: Final = str.maketrans("<>/\n\v", '":  \n')
_LINE: Final = re.compile(r"(?i)</?(?:br|p|div|li|tr|h\d)\b[^<>]*>")


@dataclass(frozen=True, slots=True)
class Document:
    """A text of leaves; what is between them is its structure, which stays.

    Attributes:
        raw: the text.
        leaves: in order and apart; None where the text has no structure.
        view: the text with what its leaves say, where they say it.
        starts: of the leaves, in the view.
    """

    raw: str
    leaves: Sequence[Leaf] | None
    view: str
    starts: Sequence[int]

    @property
    def texts(self) -> Iterator[tuple[int, str, str]]:
        """The view and the values in it that are texts by themselves as well.

        Yields:
            Where it begins in the view; what it says; the same as names are looked for in it, with
            something before it perhaps, or empty: what stands beside a value of a word or two says
            whether it is a name, and all that it says itself is that it could be one.
        """
        yield 0, self.view, self._told
        if self.leaves and (len(self.leaves) > 1 or self.leaves[0].value != self.view):
            for start, leaf in zip(self.starts, self.leaves, strict=True):
                if len(leaf.value) > 1 and not leaf.whole:
                    yield start, leaf.value, _told(leaf)

    @property
    def _told(self) -> str:
        """The view with its structure as names are looked for in it."""
        if self.leaves is None:
            return self.view
        pieces, place = list[str](), 0
        for start, leaf in zip(self.starts, self.leaves, strict=True):
            pieces += [_gap(self.view[place:start]), leaf.value]
            place = start + len(leaf.value)
        return "".join([*pieces, _gap(self.view[place:])])

    def inside(self, spans: Sequence[Span]) -> Sequence[Span]:
        """Spans of the view as places in its leaves, in order and apart as those of plain text."""
        if self.leaves is None:
            return spans
        return merged(place for span in spans for place in self._inside(span, self.leaves))

    def _inside(self, span: Span, leaves: Sequence[Leaf]) -> Iterator[Span]:
        at = max(0, bisect_right(self.starts, span.start) - 1)
        while at < len(leaves) and self.starts[at] < span.end:
            leaf, first = leaves[at], self.starts[at]
            start, end = max(span.start, first), min(span.end, first + len(leaf.value))
            if start < end and leaf.whole:
                start, end = first, first + len(leaf.value)
            if start < end and _WORD.search(self.view, start, end):
                yield replace(span, start=start, end=end)
            at += 1

    def replaced(self, spans: Sequence[Span], put: Sequence[str]) -> str:
        """The text with something else at places inside its leaves.

        Args:
            spans: the places.
            put: what to put at each.
        """
        pairs = zip(spans, self._apart(spans, put), strict=True)
        return _with(self.raw, (self._written(span, new) for span, new in pairs))

    def _apart(self, spans: Sequence[Span], put: Sequence[str]) -> Sequence[str]:
        """What is put at places, with a number where two keys of an object would be one."""
        leaves = self.leaves or ()
        if all(leaf.of < 0 for leaf in leaves):
            return put
        numbered = list(put)
        keys = Counter((leaf.of, leaf.value) for leaf in leaves if leaf.of >= 0)
        at = [bisect_right(self.starts, span.start) - 1 for span in spans]
        for place, numbers in groupby(range(len(at)), at.__getitem__):
            leaf, first, some = leaves[place], self.starts[place], list(numbers)
            if leaf.of < 0:
                continue
            new = ((spans[each].start - first, spans[each].end - first, put[each]) for each in some)
            key = leaf.of, _with(leaf.value, new)
            keys[key] += 1
            if keys[key] > 1:
                numbered[some[-1]] += f" {keys[key]}"
        return numbered

    def _written(self, span: Span, new: str) -> tuple[int, int, str]:
        """A place as one of the raw text, and what is put there as it is written there."""
        if self.leaves is None:
            return span.start, span.end, new
        at = bisect_right(self.starts, span.start) - 1
        leaf, first = self.leaves[at], self.starts[at]
        start, end = span.start - first, span.end - first
        return leaf.place(start), leaf.place(end), leaf.encode(new, start, end)


def _gap(text: str) -> str:
    """What is between values as names are looked for beside it."""
    if len(text) < 3:  # what parts cells and lines of a table
        return text
    return _LINE.sub(lambda tag: "\v".ljust(len(tag[0])), text).translate(_GAPS)


def _with(text: str, new: Iterable[tuple[int, int, str]]) -> str:
    """A text with something else between places, which come in order."""
    pieces, place = list[str](), 0
    for start, end, put in new:
        pieces += [text[place:start], put]
        place = end
    return "".join([*pieces, text[place:]])


def _told(leaf: Leaf) -> str:
    """A value as names are looked for in it by itself."""
    if leaf.value.count(" ") >= _SENTENCE - 1:
        return leaf.value
    return f"{_SOMEBODY}{leaf.value}" if calls_somebody(leaf.key) else ""


def read(raw: str) -> Document:
    """A text by its structure: JSON, XML, HTML, cells of a table, or none."""
    leaves = list(_leaves(raw)) if _may_hold_leaves(raw) else None
    if leaves is None or leaves == [Leaf(0, len(raw), raw)]:
        return Document(raw, None, raw, ())
    pieces, place = list[str](), 0
    for leaf in leaves:
        pieces += [raw[place : leaf.start], leaf.value]
        place = leaf.end
    sizes = list(accumulate(map(len, pieces), initial=0))
    return Document(raw, leaves, "".join([*pieces, raw[place:]]), sizes[1:-1:2])


def structured(raws: Sequence[str]) -> dict[int, Document]:
    """Those of some texts that have a structure, by their places."""
    signed = pl.Series(raws, dtype=pl.String).str.contains(_SIGNS).arg_true().to_list()
    documents = ((place, read(raws[place])) for place in signed)
    return {place: document for place, document in documents if document.leaves is not None}


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
    if markup.is_document(text):
        return list(markup.leaves(text))
    regions = list(json_text.regions(text))
    if not regions:
        return cells(text) or (list(markup.leaves(text)) if markup.is_markup(text) else ())
    ends = [0, *(place for region in regions for place in (region.start, region.end)), len(text)]
    gaps = [Leaf(*place, text[slice(*place)]) for place in zip(ends[::2], ends[1::2], strict=True)]
    if any(markup.is_markup(gap.value) for gap in gaps):
        return list(markup.leaves(text))
    leaves = [*gaps, *(leaf for region in regions for leaf in region.leaves)]
    return sorted(leaves, key=lambda leaf: leaf.start)
