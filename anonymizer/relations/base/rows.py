"""Rows prepared for the search: sorted, drawn as whole entities, columns as integers and floats."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.relations.base.features import Feature, coded, features_of

_SIZE: Final = "\0size"  # beside the columns of the data
_WHOLE: Final = "\0whole"
_MIN_BEGINNING: Final = 10  # rows of a history that is not read whole


@dataclass(frozen=True)
class Rows:
    """N rows sorted by entity and time, and what was computed of them.

    Attributes:
        frame: the rows.
        entity, time: columns that say whose and when; without an entity each row is one.
    """

    frame: pl.DataFrame
    entity: str | None
    time: str | None
    _cache: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def codes(self, *features: Feature) -> IntArray:
        """(N,) integers that tell the values of features together apart; −1 where one is null."""
        if features not in self._cache:
            self._cache[features] = self._coded(features)
        codes: IntArray = self._cache[features]
        return codes

    def _coded(self, features: tuple[Feature, ...]) -> IntArray:
        if len(features) == 1:
            return coded(self.frame.select(features[0].expr().alias("x"))["x"])
        first, second = self.codes(*features[:-1]), self.codes(features[-1])
        joint = first * (second.max(initial=0) + 1) + second
        return coded(pl.Series(np.where((first < 0) | (second < 0), -1, joint)).replace(-1, None))

    def numbers(self, column: str) -> FloatArray:
        """(N,) a column as floats, NaN for null; times in days."""
        if ("numbers", column) not in self._cache:
            self._cache["numbers", column] = as_floats(self.frame[column])
        numbers: FloatArray = self._cache["numbers", column]
        return numbers

    @cached_property
    def schema(self) -> pl.Schema:
        """The types of the columns; Polars makes them anew each time that a frame is asked."""
        return self.frame.schema

    @property
    def owner(self) -> IntArray:
        """(N,) whose row each is."""
        if self.entity is None:
            return np.arange(len(self.frame))
        return self.codes(Feature(self.entity))

    @property
    def first(self) -> BoolArray:
        """(N,) whether a row is the first of its entity."""
        first: BoolArray = np.diff(self.owner, prepend=-1) != 0
        return first

    @property
    def features(self) -> list[Feature]:
        """All that is looked at of columns beside their values."""
        if "features" not in self._cache:
            self._cache["features"] = features_of(self.frame)
        found: list[Feature] = self._cache["features"]
        return found

    @property
    def columns(self) -> list[str]:
        """Columns that vary and are not all null."""
        if "columns" not in self._cache:
            self._cache["columns"] = [
                c for c in self.frame.columns if self.frame[c].drop_nulls().n_unique() > 1
            ]
        columns: list[str] = self._cache["columns"]
        return columns

    def of_type(self, *, times: bool) -> list[str]:
        """Columns that hold times, or those that hold numbers."""
        if times:
            return [c for c in self.columns if is_time(self.schema[c])]
        return [c for c in self.columns if self.schema[c].is_numeric()]

    def part(self, chosen: BoolArray) -> "Rows":
        """Some of the rows."""
        return Rows(self.frame.filter(pl.Series(chosen)), self.entity, self.time)


def is_time(dtype: pl.DataType) -> bool:
    """Whether a type holds days or moments."""
    return dtype.base_type() in (pl.Date, pl.Datetime)


def is_measure(dtype: pl.DataType) -> bool:
    """Whether a type holds amounts, from which nothing follows but by arithmetic."""
    return dtype.is_float() or dtype.is_decimal() or dtype.base_type() == pl.Duration


def as_floats(values: pl.Series) -> FloatArray:
    """(N,) numbers; of times the days since 1970; NaN for null and for what is infinite."""
    if is_time(values.dtype):
        values = values.cast(pl.Datetime("us")).cast(pl.Int64) / 86_400_000_000
    floats = values.cast(pl.Float64).to_numpy().astype(np.float64)
    return np.where(np.isinf(floats), np.nan, floats)


def drawn(frame: pl.DataFrame, entity: str | None, time: str | None, most: int, seed: int) -> Rows:
    """Rows of entities drawn at random, sorted: half of them whole histories, half beginnings.

    Of few entities with long histories beginnings tell more than whole ones would. Rows without an
    entity or a time are left out.
    """
    frame = frame.drop_nulls([c for c in (entity, time) if c])
    if len(frame) > most:
        frame = (
            frame.sample(most, seed=seed)
            if entity is None
            else _some(frame, entity, time, most, seed)
        )
    keys = [c for c in (entity, time) if c and entity]
    return Rows(frame.sort(keys, maintain_order=True) if keys else frame, entity, time)


def _some(frame: pl.DataFrame, entity: str, time: str | None, most: int, seed: int) -> pl.DataFrame:
    """Whole histories up to half of the rows, and as much of others as there is room for."""
    sizes = (
        frame.group_by(entity).len(_SIZE).sort(entity).sample(fraction=1, shuffle=True, seed=seed)
    )
    sizes = sizes.with_columns(
        (pl.col(_SIZE).cum_sum().shift(1, fill_value=0) < most / 2).alias(_WHOLE)
    )
    cut = sizes.filter(~pl.col(_WHOLE))
    room = max(_MIN_BEGINNING, most // 2 // max(1, len(cut)))
    read = pl.min_horizontal(_SIZE, pl.lit(room)).cum_sum() <= most / 2
    some = pl.concat([sizes.filter(_WHOLE), cut.filter(read)])
    kept = frame.join(some, on=entity, maintain_order="left")
    kept = kept.sort([entity, time] if time else [entity], maintain_order=True)
    beginning = pl.int_range(pl.len()).over(entity) < room
    if time:  # a visit is not cut in two
        beginning = pl.col(time) <= pl.col(time).filter(beginning).max().over(entity)
    return kept.filter(pl.col(_WHOLE) | beginning).drop(_SIZE, _WHOLE)


def split(rows: Rows, share: float, seed: int) -> tuple[Rows, Rows]:
    """Rows to search in, and those of other entities to verify on."""
    count = int(rows.owner.max(initial=-1)) + 1
    held = np.random.default_rng(seed).permutation(count) < share * count
    of_held = held[rows.owner]
    return rows.part(~of_held), rows.part(of_held)
