"""A batch of rows without what is personal in their texts; each distinct one is read once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import polars as pl

from anonymizer.masking.free_text.scrubbing.search import Search
from anonymizer.masking.free_text.scrubbing.structure import rewritten
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
        scrubbed = [self.scrub(text, known) for text, *known in distinct.iter_rows()]
        answers = distinct.with_columns(pl.Series("scrubbed", scrubbed, dtype=pl.String))
        joined = frame.join(
            answers, on=frame.columns, how="left", nulls_equal=True, maintain_order="left"
        )
        return joined.select(pl.coalesce("scrubbed", "text").alias("text"))["text"]

    def scrub(self, text: str, known: Sequence[str | None] = ()) -> str:
        """One text without what is found in it."""
        return rewritten(text, partial(self.search.found, known=known), self.tags.of)

    def _suspicious(self, known: list[str]) -> pl.Expr:
        text = pl.col("text")
        if self.search.recogniser is not None:
            return text.is_not_null()
        holds = text.str.contains(MAY_HOLD_PII)
        return text.is_not_null() & pl.any_horizontal(
            holds, *(pl.col(each) != "" for each in known)
        )
