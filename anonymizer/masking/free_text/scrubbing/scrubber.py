"""A batch of rows without what is personal in their texts; each distinct one is read once."""

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.scrubbing.replacing import Replacing, Row
from anonymizer.masking.free_text.scrubbing.search import Search
from anonymizer.masking.free_text.scrubbing.structure import rewritten

# A text without any of these holds nothing that `find` could find.
MAY_HOLD_PII: Final = (
    r"(?i)[\p{Nd}@＠﹫\p{Cf}]|[:：﹕][/／]{2}|\w[.．﹒]\w|[(\[{（［｛﹙]\s?[aａ][tｔ]"
)


# What the fields of a struct are called that hold what is known of its row.
KNOWN: Final = "known_"
SHOWN: Final = "shown_"


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
        """The scrubbed text of each row: Python sees every distinct suspicious row once.

        Args:
            rows: structs of `text`, of what is known of its row (KNOWN), of what stands there in
                the output (SHOWN), and of `days` and `who`, as far as a `Row` needs them.
        """
        frame = rows.struct.unnest()
        known, shown = (
            [name for name in frame.columns if name.startswith(kind)] for kind in (KNOWN, SHOWN)
        )
        distinct = frame.filter(self._suspicious(known)).unique()
        if distinct.is_empty():
            return frame["text"]
        scrubbed = [
            self.scrub(
                row["text"],
                Row(
                    [row[name] for name in known],
                    [row[name] for name in shown],
                    row.get("days"),
                    row.get("who"),
                ),
            )
            for row in distinct.iter_rows(named=True)
        ]
        answers = distinct.with_columns(pl.Series("scrubbed", scrubbed, dtype=pl.String))
        joined = frame.join(
            answers, on=frame.columns, how="left", nulls_equal=True, maintain_order="left"
        )
        return joined.select(pl.coalesce("scrubbed", "text").alias("text"))["text"]

    def scrub(self, text: str, row: Row = Row()) -> str:  # noqa: B008 (frozen)
        """One text without what is found in it."""

        def found(part: str) -> list[Span]:
            return self.replacing.settled(part, self.search.found(part, row.known), row)

        return rewritten(text, found, lambda span: span.canonical)

    def _suspicious(self, known: list[str]) -> pl.Expr:
        text = pl.col("text")
        if self.search.recogniser is not None:
            return text.is_not_null()
        holds = text.str.contains(MAY_HOLD_PII)
        return text.is_not_null() & pl.any_horizontal(
            holds, *(pl.col(each) != "" for each in known)
        )
