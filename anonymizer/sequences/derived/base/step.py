"""A step between the columns of the data and those that the network writes."""

import zlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.histories.draws import uniforms
from anonymizer.sequences.tokens.plain import PlainKind


@dataclass(frozen=True)
class Table:
    """The rows that steps are learned from: N rows sorted by entity and time.

    Attributes:
        frame: the rows, categories as text.
        entity, time: columns that say whose and when.
        k: entities that must hold something before a step may know it.
    """

    frame: pl.DataFrame
    entity: str
    time: str
    k: int

    @property
    def owner(self) -> IntArray:
        """(N,) the index of the entity of each row."""
        return owners(self.frame, self.entity)


@dataclass(frozen=True)
class Draws:
    """The chance that laying on needs: the same for an entity whoever else is sampled.

    Attributes:
        seed: of every draw.
        entity: (N,) number of the entity of each row.
        position: (N,) 0 for the first row of each entity, then 1, 2, …
        issued: how many identifiers of a column were given out before, where they are given in
            order; brought up to date.
        past: (N,) rows that are no new ones, and stay as they are; None where all are new.
        happened: these rows, as they are in the data.
    """

    seed: int
    entity: IntArray
    position: IntArray
    issued: dict[str, int] = field(default_factory=dict)
    past: BoolArray | None = None
    happened: pl.DataFrame | None = None

    def kept(self, column: pl.Series) -> pl.Series:
        """A column of N rows, with what happened in the rows that are past."""
        if self.past is None or self.happened is None or column.dtype == pl.Null:
            return column
        real = self.happened[column.name].cast(column.dtype, strict=False)
        return column.scatter(np.flatnonzero(self.past), real)

    def lasting(self, column: pl.Series) -> pl.Series:
        """A column that holds once per entity, as it is in the rows that are past."""
        if self.past is None:
            return column
        last = self.last_past
        return column.gather(np.where(last < 0, np.arange(len(last)), last))

    @cached_property
    def last_past(self) -> IntArray:
        """(N,) the index of the last past row of each row's entity; −1 where it has none."""
        if self.past is None:
            return np.full(len(self.entity), -1)
        rows = pl.DataFrame({"e": self.entity, "i": np.arange(len(self.entity)), "p": self.past})
        last = rows.select(pl.when("p").then("i").otherwise(-1).max().over("e")).to_series()
        return last.to_numpy()

    def rows(self, column: str) -> FloatArray:
        """(N,) numbers in [0, 1) for a column, one per row."""
        return uniforms(self._seed(column), self.entity, self.position, 1)[:, 0]

    def entities(self, column: str) -> FloatArray:
        """(N,) numbers in [0, 1) for a column, the same in all rows of an entity."""
        return uniforms(self._seed(column), self.entity, np.zeros_like(self.position), 1)[:, 0]

    def _seed(self, column: str) -> int:
        return self.seed ^ zlib.crc32(column.encode()) << 20


class Step(PlainKind, ABC):
    """What stands between some columns of the data and those that the network writes.

    A step is a frozen dataclass of plain values, which a model folder holds as JSON. Rows are
    sorted by entity and time, events of one moment in their own order.

    Attributes:
        given: columns of the data that it lays on.
        needed: columns that it lays them on from, which other steps may give.
        written: columns that the network writes for it, in place of those given; a name may be
            the same.
        rank: 0 where it gives a column; above 0 where it corrects what is given, the lower first.
    """

    rank: ClassVar[int] = 0

    @property
    @abstractmethod
    def given(self) -> tuple[str, ...]:
        """Columns of the data that it lays on."""

    @property
    @abstractmethod
    def needed(self) -> tuple[str, ...]:
        """Columns of the data that it lays them on from, which other steps may give."""

    @property
    def written(self) -> tuple[str, ...]:
        """Columns that the network writes for it, in place of those given."""
        return ()

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:  # noqa: ARG002 (others write)
        """The written columns of N rows of data, all of whose columns are there."""
        return []

    @abstractmethod
    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The given columns of N rows that hold what is written and needed."""

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows of data keep what it says; null where it says nothing of them."""
        return pl.Series([None], dtype=pl.Boolean).new_from_index(0, len(rows))


@dataclass(frozen=True)
class OfColumn(Step):
    """A step that gives one column.

    Attributes:
        column: that is given.
    """

    column: str

    @property
    def given(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)


@dataclass(frozen=True)
class Correction(OfColumn):
    """A step that corrects what the network, or another step, writes of a column."""

    rank: ClassVar[int] = 1

    @property
    def written(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """The column as it is."""
        return [rows[self.column]]


def owners(rows: pl.DataFrame, entity: str) -> IntArray:
    """(N,) the index of the entity of each row; rows sorted by entity."""
    return rows[entity].rle_id().cast(pl.Int64).to_numpy()
