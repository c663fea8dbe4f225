"""What a column holds: SQLite lets every value have a type of its own."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from anonymizer.stores.sql import quoted

_EXACT: Final = 2**53  # whole numbers up to here are floats as well
_FORMS: Final[dict[pl.DataType, str]] = {pl.Date(): "date", pl.Datetime("us"): "datetime"}
ASKED: Final = 6  # numbers of `Column.counts`
FOUND: Final = ("integer", "real", "text", "blob")


@dataclass(frozen=True)
class Column:
    """A column as it is declared, and what its values say.

    Attributes:
        name: of it.
        declared: its type, which may be empty or any words.
    """

    name: str
    declared: str

    @property
    def affinity(self) -> str:
        """What SQLite makes of values, by its five rules."""
        said = self.declared.upper()
        for affinity, words in _AFFINITIES.items():
            if any(word in said for word in words):
                return affinity
        return "NUMERIC" if said else "BLOB"

    @property
    def meant(self) -> pl.DataType:
        """The type in a frame that the words stand for, where values bear it out."""
        said = self.declared.upper().split("(")[0].strip()
        return _MEANT.get(said, _BY_AFFINITY[self.affinity])

    @property
    def counts(self) -> str:
        """What to ask of all values: how many are of which type, and speak for what is meant."""
        c = quoted(self.name)  # without a modifier, 30 February is a date to SQLite (3.40)
        form = _FORMS.get(self.meant)
        of_form = f"{c} = {form}({c}, '+0 days') AND {c} >= '0001'"
        holds = of_form if form else f"typeof({c}) = 'integer' AND {c} IN (0, 1)"
        of_types = [f"count(*) FILTER (WHERE typeof({c}) = '{each}')" for each in FOUND]
        small = f"{c} BETWEEN -{_EXACT} AND {_EXACT}"
        return ", ".join(
            [
                *of_types,
                f"count(*) FILTER (WHERE {holds})",
                f"count(*) FILTER (WHERE typeof({c}) = 'integer' AND {small})",
            ]
        )

    def dtype(self, counts: tuple[int, ...]) -> pl.DataType | None:
        """The type in a frame that holds all values as they are; None where there is none."""
        integers, reals, texts, blobs, as_meant, small = counts
        kinds = [bool(integers or reals), bool(texts), bool(blobs)]
        if sum(kinds) == 0:
            return self.meant
        if sum(kinds) > 1 or (reals and small < integers):
            return None
        if as_meant == sum(counts[:4]) and self.meant in {*_FORMS, pl.Boolean()}:
            return self.meant
        if blobs:
            return pl.Binary()
        return pl.String() if texts else pl.Float64() if reals else pl.Int64()


_AFFINITIES: Final = {
    "INTEGER": ("INT",),
    "TEXT": ("CHAR", "CLOB", "TEXT"),
    "BLOB": ("BLOB",),
    "REAL": ("REAL", "FLOA", "DOUB"),
}
_BY_AFFINITY: Final[dict[str, pl.DataType]] = {
    "INTEGER": pl.Int64(),
    "TEXT": pl.String(),
    "BLOB": pl.Binary(),
    "REAL": pl.Float64(),
    "NUMERIC": pl.Float64(),
}
_MEANT: Final[dict[str, pl.DataType]] = {
    "DATE": pl.Date(),
    "DATETIME": pl.Datetime("us"),
    "TIMESTAMP": pl.Datetime("us"),
    "BOOL": pl.Boolean(),
    "BOOLEAN": pl.Boolean(),
    "STRING": pl.String(),
    "JSON": pl.String(),
    "UUID": pl.String(),
    "": pl.String(),
}
