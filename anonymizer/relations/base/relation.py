"""A relation: something that rows keep, as a value that can be asked of any other table."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Final, NamedTuple

import polars as pl

from anonymizer.errors import DataError

EXACT: Final = 0.999  # of the rows keep a relation whose few exceptions are not told
ALMOST: Final = 0.95  # of the rows keep a relation that is told; below it columns only go together
LEAST_WITNESSES: Final = 10  # rows that would break a relation if it were chance


@dataclass(frozen=True)
class Relation(ABC):
    """Something that rows keep. Its text names columns, and no value of the data.

    Attributes:
        kind: a word for its family.
        parts: its fields that name columns.
    """

    kind: ClassVar[str]
    parts: ClassVar[tuple[str, ...]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it speaks of, those that only group rows included."""
        named: list[Any] = []
        for each in (getattr(self, part) for part in self.parts):
            named += each if isinstance(each, tuple) else [each]
        return tuple(getattr(each, "column", each) for each in named if each is not None)

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether each row keeps it; null where it says nothing of the row.

        Args:
            rows: N rows sorted by entity and time; events of one moment in their own order.

        Raises:
            DataError: a column is absent, or of a type that it says nothing of.
        """
        for column in self.columns:
            if column not in rows.columns:
                raise DataError(
                    f"there is no column '{column}' of plain values, which '{self}' speaks of"
                )
        try:
            return rows.select(x=self._kept(rows))["x"]
        except pl.exceptions.PolarsError:  # its message may show values
            types = ", ".join(f"'{c}' is {rows.schema[c].base_type()}" for c in self.columns)
            raise DataError(
                f"the relation '{self}' cannot be asked of these types: {types}; "
                "cast them to those of the table that it was found in"
            ) from None

    @abstractmethod
    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series: ...

    @abstractmethod
    def __str__(self) -> str: ...

    def agrees(self, frame: pl.DataFrame) -> float:
        """The share of the rows of a frame that keep it; NaN where it says nothing of any.

        Args:
            frame: rows sorted by entity and time, with the columns that it speaks of.

        Raises:
            DataError: a column is absent, or of a type that it says nothing of.
        """
        return kept_share(self.kept(plain(frame)), none=float("nan"))


def kept_share(kept: pl.Series, none: float = 0.0) -> float:
    """The share of what is true among what is known; `none` where nothing is."""
    return float(kept.sum()) / kept.count() if kept.count() else none


def fitting(known: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    """Known values in the types that rows have them in, each once, without what does not fit."""
    names = [c for c in known.columns if c in part.columns]
    cast = known.with_columns(known[c].cast(part.schema[c], strict=False) for c in names)
    return cast.drop_nulls().unique(names, keep="first", maintain_order=True)


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Categories as text, without columns that nothing is said of: lists, structs, bytes."""
    said = [
        c for c, t in frame.schema.items() if not t.is_nested() and t not in (pl.Object, pl.Binary)
    ]
    words = [c for c in said if frame.schema[c].base_type() in (pl.Categorical, pl.Enum)]
    return frame.select(said).with_columns(pl.col(words).cast(pl.String))


class Found(NamedTuple):
    """A relation and what bears it.

    Attributes:
        relation: that was found.
        rows: of which it says something.
        broken: rows that do not keep it.
        entities: that bear it.
        values: how many different ones it leads from; 0 where that makes no sense.
    """

    relation: Relation
    rows: int
    broken: int
    entities: int
    values: int = 0

    @property
    def share(self) -> float:
        """Of the rows, those that keep it."""
        return 1 - self.broken / self.rows

    @property
    def exact(self) -> bool:
        """Whether no row breaks it."""
        return not self.broken

    def __str__(self) -> str:
        percent = "100 %" if self.exact else f"{min(99.99, 100 * self.share):.4g} %"
        values = f", {self.values:,} values" if self.values else ""
        return f"{self.relation}, {percent} of {self.rows:,} rows{values}"
