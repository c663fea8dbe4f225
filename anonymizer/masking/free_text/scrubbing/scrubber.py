"""A batch of rows without what is personal in their texts; each distinct one is read once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.scrubbing.search import Known, Search
from anonymizer.masking.free_text.scrubbing.structure import Document, read
from anonymizer.masking.free_text.scrubbing.tags import Tags

# A text without any of these holds nothing that `find` could find.
MAY_HOLD_PII: Final = (
    r"(?i)[\p{Nd}@＠﹫\p{Cf}]|[:：﹕][/／]{2}|\w[.．﹒]\w|[(\[{（［｛﹙]\s?[aａ][tｔ]"
)


@dataclass(frozen=True)
class Scrubber:
    """Cuts out of a batch of rows what is found; shows neither its key nor what it saw.

    Attributes:
        search: what to look for.
        tags: what to put in its place.
    """

    search: Search = field(default_factory=Search)
    tags: Tags = field(default_factory=Tags)

    def __call__(self, rows: pl.Series) -> pl.Series:
        """The scrubbed text of each row: Python sees every distinct suspicious row once.

        Args:
            rows: structs of the text and of what is known of its row, all of it text.
        """
        frame = rows.struct.unnest()
        distinct = frame.filter(self._suspicious(frame.columns[1:])).unique()
        if distinct.is_empty():
            return frame["text"]
        known = distinct.drop("text").rows() or [()] * distinct.height
        scrubbed = self.scrub_all(distinct["text"].to_list(), known)
        answers = distinct.with_columns(pl.Series("scrubbed", scrubbed, dtype=pl.String))
        joined = frame.join(
            answers, on=frame.columns, how="left", nulls_equal=True, maintain_order="left"
        )
        return joined.select(pl.coalesce("scrubbed", "text").alias("text"))["text"]

    def scrub(self, text: str, known: Known = ()) -> str:
        """One text without what is found in it."""
        return self.scrub_all([text], [known])[0]

    def scrub_all(self, texts: Sequence[str], known: Sequence[Known]) -> list[str]:
        """Texts without what is found in them and in their parts; of the structure they had."""
        documents = [read(text) for text in texts]
        spans = self._found(documents, list(map(tuple, known)))
        return [
            document.replaced(document.inside(places), self.tags.of) if places else document.raw
            for document, places in zip(documents, spans, strict=True)
        ]

    def _found(self, documents: list[Document], known: list[Known]) -> list[list[Span]]:
        """The places in the view of each document: of all of it and of its parts by themselves."""
        pairs = list(zip(documents, known, strict=True))
        parts = dict.fromkeys(
            (value, values) for document, values in pairs for _, value in document.parts
        )
        texts = [document.view for document in documents] + [value for value, _ in parts]
        found = self.search.found_all(texts, [*known, *(values for _, values in parts)])
        in_parts = dict(zip(parts, found[len(documents) :], strict=True))
        for (document, values), spans in zip(pairs, found, strict=False):
            for start, value in document.parts:
                spans += [span.moved(start) for span in in_parts[value, values]]
        return found[: len(documents)]

    def _suspicious(self, known: list[str]) -> pl.Expr:
        text = pl.col("text")
        if self.search.names is not None:
            return text.is_not_null()
        holds = text.str.contains(MAY_HOLD_PII)
        return text.is_not_null() & pl.any_horizontal(
            holds, *(pl.col(each) != "" for each in known)
        )
