"""What is looked at of a column: its value, whether it is null, its sign, its first letters."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from anonymizer.arrays import IntArray

_WORDS: Final = {
    "value": "{}",
    "null": "{} is null",
    "sign": "sign of {}",
    "side": "sign of {}",  # of numbers on both sides of zero: zero is on neither
    "letters": "first letters of {}",
    "year": "year of {}",
    "month": "month of {}",
    "weekday": "weekday of {}",
    "hour": "hour of {}",
}
SIGNS: Final = ("sign", "side")
_MAX_KINDS: Final = 20  # of first letters; more are words, not kinds


@dataclass(frozen=True, order=True)
class Feature:
    """Something of a column that takes few values, or the value itself."""

    column: str
    of: str = "value"

    def expr(self) -> pl.Expr:
        """It for each row."""
        column = pl.col(self.column)
        if self.of == "value":
            return column
        if self.of == "null":
            return column.is_null()
        if self.of == "sign":
            return column.sign().cast(pl.Int8, strict=False)
        if self.of == "side":
            return column.sign().replace(0, None).cast(pl.Int8, strict=False)
        if self.of == "letters":
            return column.cast(pl.String).str.extract(r"^(\p{L}*)")
        part: pl.Expr = getattr(column.dt, self.of)()
        return part.cast(pl.Int32)

    def __str__(self) -> str:
        return _WORDS[self.of].format(self.column)


def features_of(frame: pl.DataFrame) -> list[Feature]:
    """All that is worth looking at beside the values: what is not the same in all rows."""
    found = []
    for name in frame.columns:
        if 0 < frame[name].null_count() < len(frame):
            found.append(Feature(name, "null"))
        parts = (Feature(name, of) for of in _parts(frame[name]))
        found += [part for part in parts if _varies(frame, part)]
    return found


def _parts(values: pl.Series) -> list[str]:
    dtype = values.dtype
    if dtype.is_unsigned_integer():
        return []
    if dtype.is_numeric():
        signs = {*values.sign().cast(pl.Int8, strict=False).unique()}
        return ["side" if {-1, 0, 1} <= signs else "sign"]
    if dtype == pl.String:
        return ["letters"]
    if dtype.base_type() == pl.Date:
        return ["year", "month", "weekday"]
    return ["year", "month", "weekday", "hour"] if dtype.base_type() == pl.Datetime else []


def _varies(frame: pl.DataFrame, feature: Feature) -> bool:
    values = frame.select(feature.expr().alias("x"))["x"].drop_nulls()
    few = feature.of != "letters" or values.n_unique() <= _MAX_KINDS
    return few and values.n_unique() > 1 and _other(frame, feature, values)


def _other(frame: pl.DataFrame, feature: Feature, values: pl.Series) -> bool:
    """Whether first letters or signs are not the value itself."""
    part = feature.of in ("letters", *SIGNS)
    return not part or frame[feature.column].drop_nulls().n_unique() > values.n_unique()


def coded(values: pl.Series) -> IntArray:
    """(N,) values → 0, 1, … in no order that matters; −1 for null."""
    ranks: IntArray = values.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
    return ranks
