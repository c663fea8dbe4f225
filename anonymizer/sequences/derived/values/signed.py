"""A number whose sign follows from a code: what is paid in and out, goods that are sent back."""

from dataclasses import dataclass
from typing import ClassVar, Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray
from anonymizer.relations.base.decimals import as_type, decimals
from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.relation import ALMOST
from anonymizer.sequences.derived.base.step import Correction, Draws, Table
from anonymizer.sequences.derived.numbers.deviation import require
from anonymizer.sequences.derived.values.catalogue import held_rows, index_of
from anonymizer.sequences.histories.protection import typical

_WEIGHT: Final = "\0weight"  # beside the columns of the data
_SIGNS: Final = (-1, 0, 1)


@dataclass(frozen=True)
class Signed(Correction):
    """A number that has the sign of a code; one of another sign is turned round.

    Attributes:
        column: the number.
        code, part: the column that says which sign it has, and what of it.
        signs: those that enough entities have with a value of the code, as text.
        usual: the magnitude of a number that would be none and is not.
    """

    code: str
    part: str
    signs: dict[str, list[int]]
    usual: float
    rank: ClassVar[int] = 2

    def __post_init__(self) -> None:
        """Raise a ValueError where a sign is none."""
        require({sign for each in self.signs.values() for sign in each} <= {*_SIGNS})
        require(bool(np.isfinite(self.usual)) and self.usual > 0)

    @classmethod
    def learn(cls, column: str, feature: Feature, table: Table) -> Self | None:
        """The signs that k entities have with each value of a code; None where few are told."""
        rows = table.frame.select(c=_as_text(feature), s=pl.col(column).sign().cast(pl.Int8))
        known = held_rows(rows, table.owner, table.k, _WEIGHT).drop_nulls().sort("c", "s")
        signs = dict(known.group_by("c", maintain_order=True).agg("s").iter_rows())
        size = abs(decimals(table.frame[column]))
        some = size > 0
        if not signs or not some.any():
            return None
        usual = float(f"{typical(size[some], table.owner[some]):.2g}")
        step = cls(column, feature.column, feature.of, signs, usual)
        kept = step.kept(table.frame)
        return step if kept.sum() >= ALMOST * kept.count() > 0 else None

    @property
    def needed(self) -> tuple[str, ...]:
        """The code."""
        return (self.code,)

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:  # noqa: ARG002 (the protocol's)
        """The number of N rows, with the sign that its code has."""
        values = decimals(rows[self.column])
        wrong = ~self.kept(rows).fill_null(value=True).to_numpy()
        sizes = np.where(values == 0, self.usual, abs(values))
        turned, column = self._farthest(rows, np.sign(values)) * sizes, rows[self.column]
        return [as_type(turned, column.name, column.dtype).zip_with(pl.Series(wrong), column)]

    def _farthest(self, rows: pl.DataFrame, signs: FloatArray) -> FloatArray:
        """(N,) of the signs that a code has the one farthest from what was written."""
        allowed = self._allowed(rows)
        far = np.abs(np.array(_SIGNS) - signs[:, None])
        chosen: FloatArray = np.array(_SIGNS, np.float64)[np.where(allowed, far, -1).argmax(1)]
        return chosen

    def _allowed(self, rows: pl.DataFrame) -> BoolArray:
        """(N, 3) whether a code has each sign; none of a code that is not known."""
        told = [[sign in each for sign in _SIGNS] for each in self.signs.values()]
        table = np.array([*told, [False] * len(_SIGNS)])
        codes = pl.DataFrame({"c": list(self.signs)}, schema={"c": pl.String})
        which = index_of(rows.select(c=_as_text(Feature(self.code, self.part))), codes)
        found: BoolArray = table[which]
        return found

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows have a sign of their code; null where either is not known."""
        values, allowed = decimals(rows[self.column]), self._allowed(rows)
        told = ~np.isnan(values) & allowed.any(1)
        place = np.nan_to_num(np.sign(values)).astype(np.int64) + 1
        right = allowed[np.arange(len(place)), place]
        return pl.select(pl.when(pl.Series(told)).then(pl.Series(right))).to_series()


def _as_text(feature: Feature) -> pl.Expr:
    return feature.expr().cast(pl.String)
