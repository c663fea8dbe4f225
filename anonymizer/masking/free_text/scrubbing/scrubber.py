"""A batch of rows without what is personal in their texts; each distinct one is read once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

import polars as pl

from anonymizer.masking.free_text.asked import KNOWN, SHOWN
from anonymizer.masking.free_text.recognition import Span, merged
from anonymizer.masking.free_text.scrubbing.replacing import Replacing, Row
from anonymizer.masking.free_text.scrubbing.search import Search
from anonymizer.masking.free_text.scrubbing.shifting import with_what_tells
from anonymizer.masking.free_text.scrubbing.structure import Document, structured


@dataclass(frozen=True)
class Scrubber:
    """Cuts out of a batch of rows what is found; shows neither its key nor what it saw.

    Attributes:
        search: what to look for.
        replacing: what to put in its place.
    """

    search: Search = field(default_factory=Search)
    replacing: Replacing = field(default_factory=Replacing)

    def __call__(self, rows: pl.Series) -> pl.Series:
        """The scrubbed text of each row: Python sees every distinct row once.

        Args:
            rows: structs of `text`, of what is known of its row (KNOWN), of what stands there in
                the output (SHOWN), and of `days` and `who`, as far as a `Row` needs them.
        """
        frame = rows.struct.unnest()
        distinct = frame.filter(pl.col("text").is_not_null()).unique()
        scrubbed = self.scrub_all(distinct["text"].to_list(), _rows(distinct))
        answers = distinct.with_columns(pl.Series("scrubbed", scrubbed, dtype=pl.String))
        joined = frame.join(
            answers, on=frame.columns, how="left", nulls_equal=True, maintain_order="left"
        )
        return joined["scrubbed"]

    def scrub(self, text: str, row: Row = Row()) -> str:  # noqa: B008 (frozen)
        """One text without what is found in it."""
        return self.scrub_all([text], [row])[0]

    def scrub_all(self, texts: Sequence[str], rows: Sequence[Row]) -> list[str]:
        """Texts without what is found in them and in their parts; of the structure they had.

        They are read with letters and their accents in one (NFC), and written so where they change.
        """
        raws = [normalize("NFC", text) for text in texts]
        documents = structured(raws)
        written = list(texts)
        for place, spans in self._found(raws, documents, rows):
            raw = raws[place]
            document = documents.get(place) or Document(raw, None, raw, ())
            after = self._replaced(document, spans, rows[place])
            if after != raw:
                written[place] = after
        return written

    def _replaced(self, document: Document, found: Sequence[Span], row: Row) -> str:
        if row.days is not None and self._moves_dates:
            found = with_what_tells(document.view, merged(found), row.days)
        spans = document.inside(found)
        if not spans:
            return document.raw
        return document.replaced(spans, self.replacing.put(document.view, spans, row))

    def _found(
        self, raws: Sequence[str], documents: Mapping[int, Document], rows: Sequence[Row]
    ) -> Iterator[tuple[int, Sequence[Span]]]:
        """What is found in each text: in the view of all of it and in its parts by themselves.

        Yields:
            Of texts in which something is found, or in which dates move: their places, and places
            in their views.
        """
        known = [tuple(row.known) for row in rows]
        wholes = list(zip(raws, known, raws, strict=True))
        parts = {
            place: [(start, (text, known[place], told)) for start, text, told in document.texts]
            for place, document in documents.items()
        }
        texts = dict.fromkeys(
            whole for place, whole in enumerate(wholes) if place not in documents
        ) | dict.fromkeys(text for some in parts.values() for _, text in some)
        found_all = self.search.found_all(
            [text for text, _, _ in texts],
            [values for _, values, _ in texts],
            [told for _, _, told in texts],
        )
        spans_of = dict(zip(texts, found_all, strict=True))
        moving = self._moves_dates
        for place, whole in enumerate(wholes):
            found = (
                spans_of[whole]
                if place not in documents
                else [
                    span.moved(start) if start else span
                    for start, text in parts[place]
                    for span in spans_of[text]
                ]
            )
            if found or (moving and rows[place].days is not None):
                yield place, found

    @property
    def _moves_dates(self) -> bool:
        """Whether dates move, of rows that know by how much."""
        return self.replacing.moves_dates and "date" in self.search.kinds


def _named(frame: pl.DataFrame, kind: str) -> list[str]:
    return [name for name in frame.columns if name.startswith(kind)]


def _rows(frame: pl.DataFrame) -> list[Row]:
    """What the rows of a frame know; one row for all where that is nothing."""
    height = frame.height
    if frame.width == 1:
        return [Row()] * height
    values = (frame.select(_named(frame, kind)).rows() for kind in (KNOWN, SHOWN))
    known, shown = (rows or [()] * height for rows in values)
    days, who = (
        frame[name].to_list() if name in frame.columns else [None] * height
        for name in ("days", "who")
    )
    return list(map(Row, known, shown, days, who))
