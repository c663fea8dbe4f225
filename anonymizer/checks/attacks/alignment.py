"""Whose masked row is whose raw row: what two tables have in common and whether rows correspond.

A masked frame keeps the order of rows, so that one of as many rows tells, row by row, the raw
entity behind each masked one. That is believed only if the tables themselves bear it out. Masked
files are in another order: there, entities are told by what both tables keep of their rows.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
import polars as pl

ValueKind = Literal["number", "time", "text"]

RAW_ENTITY: Final = "owner"  # of a masked row: index of the raw entity
MASKED_ENTITY: Final = "masked"  # of a masked row: index of the masked entity

_ROW: Final = "\0row"  # beside columns of any name
_WHO: Final = "\0who"
_STANDARD_ERRORS: Final = 4  # how far above chance agreement must be to confirm an order of rows
_MIN_TOLD: Final = 0.05  # of rows in which a column must differ from the next to confirm an order
_MOST_LUCK: Final = 1e-6  # the chance of entities of as many rows that is taken for none


class Alignment(NamedTuple):
    """Which raw entity stands behind each masked row.

    Attributes:
        rows: one row for each that has both entities: `row` (its position from 0), `owner` (index
            of the raw entity) and `masked` (index of the masked one); empty where the tables do
            not tell.
        rotating: whether one raw entity has several tokens, as tokens that change with time.
        note: why the tables do not tell, or None.
    """

    rows: pl.DataFrame
    rotating: bool
    note: str | None


def comparable_columns(
    raw: pl.Schema, masked: pl.Schema, apart: Sequence[str]
) -> dict[str, ValueKind]:
    """The columns that both tables have and whose values can be compared, and as what.

    Args:
        raw: the columns of the raw table.
        masked: the columns of the masked table.
        apart: columns to leave out.
    """
    kinds = {n: (value_kind(raw[n]), value_kind(masked[n])) for n in raw if n in masked}
    return {n: a for n, (a, b) in kinds.items() if a is not None and a == b and n not in apart}


def value_kind(dtype: pl.DataType) -> ValueKind | None:
    """How values of a type are compared; None for nested and unknown ones."""
    if dtype.is_numeric():
        return "number"
    if dtype.is_temporal():
        return "time"
    plain = (pl.String, pl.Categorical, pl.Enum, pl.Boolean)
    return "text" if isinstance(dtype, plain) else None


def comparable(name: str, dtype: pl.DataType, kind: ValueKind) -> pl.Expr:
    """The values of a column, equal where they mean the same in whatever type they are.

    Numbers are floats (NaN is null), times are microseconds, everything else is text.
    """
    column = pl.col(name)
    if kind == "number":
        return column.cast(pl.Float64).fill_nan(None)
    if kind == "text":
        return column.cast(pl.String)
    if isinstance(dtype, pl.Date | pl.Datetime):
        return column.cast(pl.Datetime("us")).to_physical()
    if isinstance(dtype, pl.Duration):
        return column.cast(pl.Duration("us")).to_physical()
    return column.to_physical() // 1000  # a time of day, in nanoseconds


def align(
    raw: pl.DataFrame, masked: pl.DataFrame, entity: str, columns: dict[str, ValueKind]
) -> Alignment:
    """Find the raw entity behind each masked row, by the position of the rows.

    Args:
        raw: the table before masking.
        masked: the table after it.
        entity: the column of both that says whose row it is.
        columns: what can be compared, as `comparable_columns` gives it.

    Returns:
        Whose each row is; or no row, and a note why the tables do not tell.
    """
    if len(raw) != len(masked):
        return _untold("the masked table has another number of rows, so rows do not correspond")
    rows = pl.DataFrame(
        {RAW_ENTITY: raw[entity].rank("dense"), MASKED_ENTITY: masked[entity].rank("dense")}
    ).with_row_index("row")
    rows = rows.drop_nulls().with_columns(
        pl.col(RAW_ENTITY, MASKED_ENTITY).rank("dense").cast(pl.Int64) - 1
    )
    pairs = rows.select(RAW_ENTITY, MASKED_ENTITY).unique()
    if pairs.is_empty():
        return _untold("no row has an entity in both tables")
    if len(pairs) > pairs[MASKED_ENTITY].n_unique():
        return _untold("rows are shuffled, or entities were merged")
    if not _sizes_tell(rows) and not _confirmed(raw, masked, columns):
        return _untold("no column confirms that the rows of both tables are in the same order")
    return Alignment(rows, len(pairs) > pairs[RAW_ENTITY].n_unique(), None)


def same_rows(
    raw: pl.DataFrame, masked: pl.DataFrame, entity: str, columns: dict[str, ValueKind]
) -> pl.DataFrame | None:
    """Find rows of the same entity where the rows are in another order.

    Entities are the same whose rows hold the same, and no other entity's do: values of the columns
    that masking left as they were, and how far their times are apart, which a shift leaves.

    Returns:
        The positions of such rows, `raw` and `masked`; None where most entities cannot be told.
    """
    before, after = (_held(frame, entity, columns) for frame in (raw, masked))
    left = [
        c for c in before.columns[2:] if before[c].sort().equals(after[c].sort(), null_equal=True)
    ]
    if not left or len(before) != len(after):
        return None
    sides = [_hashed_by_entity(frame, left) for frame in (before, after)]
    pairs = sides[0].join(sides[1], on="held", suffix="_masked")
    if 2 * len(pairs) < before[_WHO].n_unique():
        return None
    raw_rows, masked_rows = pairs["rows"].explode(), pairs["rows_masked"].explode()
    return pl.DataFrame({"raw": raw_rows, "masked": masked_rows}).sort("raw")


def _held(frame: pl.DataFrame, entity: str, columns: dict[str, ValueKind]) -> pl.DataFrame:
    """Rows, whose they are, and per column values and how far they are from the entity's least."""
    values = {n: comparable(n, frame.schema[n], kind) for n, kind in columns.items()}
    apart = {
        f"{n}\0": values[n] - values[n].min().over(entity)
        for n, kind in columns.items()
        if kind == "time"
    }
    held = frame.select(pl.col(entity).alias(_WHO), **(values | apart))
    return held.with_row_index(_ROW).drop_nulls(_WHO)


def _hashed_by_entity(held: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """`held` (a hash of all that an entity's rows hold; only unique ones) and `rows`, in order."""
    rows = held.select(_ROW, _WHO, held=pl.struct(columns).hash()).sort("held", _ROW)
    entities = rows.group_by(_WHO).agg(pl.col(_ROW).alias("rows"), "held")
    return entities.select("rows", pl.col("held").hash()).filter(pl.col("held").is_unique())


def _untold(why: str) -> Alignment:
    """An alignment that tells nothing, and why."""
    empty = pl.DataFrame(schema={"row": pl.UInt32, RAW_ENTITY: pl.Int64, MASKED_ENTITY: pl.Int64})
    return Alignment(empty, rotating=False, note=why)


def _sizes_tell(rows: pl.DataFrame) -> bool:
    """Whether entities have so different numbers of rows that no other order would fit."""
    sizes = rows[RAW_ENTITY].value_counts()["count"].value_counts(name="entities")["entities"]
    alike = float(((sizes / sizes.sum()) ** 2).sum())
    return alike ** int(sizes.sum()) < _MOST_LUCK


def _confirmed(raw: pl.DataFrame, masked: pl.DataFrame, columns: dict[str, ValueKind]) -> bool:
    """Whether a column that would differ in another order agrees row by row above chance."""
    votes = [
        _vote(
            raw.select(comparable(n, raw.schema[n], kind)).to_series(),
            masked.select(comparable(n, masked.schema[n], kind)).to_series(),
            kind,
        )
        for n, kind in columns.items()
    ]
    return any(votes)


def _vote(a: pl.Series, b: pl.Series, kind: ValueKind) -> bool:
    """Whether two columns agree row by row, above chance and more than with the next row.

    Tables that are sorted by a column, or in groups, agree in it whoever stands in which row.
    """
    both = pl.DataFrame({"a": a, "b": b}).drop_nulls()
    a, b = both["a"], both["b"]
    if a.n_unique() < 2 or b.n_unique() < 2:
        return False
    same, next_same = a == b, a.shift(-1).fill_null(a.first()) == b
    if _is_sorted(a) and _is_sorted(b):
        return bool(same.all()) and a.is_unique().all()
    if kind != "text" and _rise_together(a, b):
        return True
    told = int((same & ~next_same).sum()) / len(both)
    return told > _MIN_TOLD and _above_chance(both, same)


def _is_sorted(values: pl.Series) -> bool:
    return values.is_sorted() or values.is_sorted(descending=True)


def _above_chance(both: pl.DataFrame, same: pl.Series) -> bool:
    """Whether two columns that share values have them in the same rows more often than by luck."""
    counts = (
        both["a"].value_counts(name="n")
        .join(both["b"].value_counts(name="m"), left_on="a", right_on="b")
        .select(pl.col("n", "m") / len(both))
    )  # fmt: skip
    chance = float((counts["n"] * counts["m"]).sum())
    agreed = float(same.sum()) / len(both)
    error = np.sqrt(max(chance * (1 - chance), 1 / len(both)) / len(both))
    return agreed == 1 or agreed > chance + _STANDARD_ERRORS * error


def _rise_together(a: pl.Series, b: pl.Series) -> bool:
    """Whether steps from row to row go together, however numbers were rounded or moved."""
    steps = pl.DataFrame([a.diff().alias("a"), b.diff().alias("b")]).drop_nulls()
    together = steps.select(pl.corr("a", "b", method="spearman")).item()
    return together is not None and bool(abs(together) > _STANDARD_ERRORS / np.sqrt(len(steps)))
