"""Prepared columns of rows that come batch by batch: what was computed for a value is remembered.

A dictionary is made of a whole table, which must be read for it. Rows that are read once, or whose
beginning is all that is wanted, come with a memory instead: it grows by the values that were not
there before. The answers are the same either way.
"""

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.masking.plan.prepared import (
    MAX_DICTIONARY_VALUES,
    Assignment,
    homes_of,
    stages_of,
)
from anonymizer.masking.primitives.digest import RESERVED_PREFIX

_NEW_AT_MOST: Final = 0.95  # of the rows of a batch; beyond it values do not repeat
_SPREADING: Final = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio (Knuth, 6.4)
_FEW: Final = 1_000  # rows that say nothing about that
Codes = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]


class Remembered:
    """What masks prepare for the values of one column; it stays in the process.

    Values that hardly repeat, and more of them than a dictionary may have, are forgotten, and each
    row is computed.

    Args:
        column: whose values they are.
        assignments: the masks that prepare something which depends on it alone.
        schema: of the frame.
    """

    def __init__(
        self, column: str, assignments: list[Assignment], schema: Mapping[str, pl.DataType]
    ) -> None:
        self._column = column
        self._stages = stages_of(assignments, schema)
        self.names = list(dict.fromkeys(each.column.prepared_name for each in assignments))
        none = pl.Series(column, dtype=schema[column])
        nothing = pl.DataFrame(schema=self._query(none).collect_schema())
        self._known = none, nothing  # distinct values, and what is prepared for each
        self._index, self._lock, self._forgot = _Index(), Lock(), False

    def looked_up(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with the prepared columns."""
        together = f"{RESERVED_PREFIX}known_{self._column}"
        known = pl.col(self._column).map_batches(
            self, return_dtype=pl.Struct(self._known[1].schema), is_elementwise=True
        )
        fields = pl.col(together).struct
        return frame.with_columns(known.alias(together)).with_columns(
            fields.field(name) for name in self.names
        )

    def __call__(self, values: pl.Series) -> pl.Series:
        """A struct of what is prepared for each of some values."""
        hashes = values.hash().to_numpy()
        known, codes = self._known, self._index.codes(hashes)
        unknown = np.flatnonzero((codes < 0) | (codes >= len(known[0])))
        if len(unknown) and not self._forgot:
            with self._lock:
                self._learn(values, hashes, unknown)
            known, codes[unknown] = self._known, self._index.codes(hashes[unknown])
        if self._forgot:
            return self._computed(values).to_struct()
        places = pl.Series(codes).cast(pl.get_index_type())
        # Two values of one hash, however rare that is, must not become one.
        if known[0].gather(places).ne_missing(values).any():
            return self._computed(values).to_struct()
        return known[1].select(pl.all().gather(places)).to_struct()

    def _learn(self, values: pl.Series, hashes: Hashes, unknown: Places) -> None:
        """Compute what is prepared for the values that are new."""
        unknown = unknown[self._index.codes(hashes[unknown]) < 0]
        if self._forgot or not len(unknown):
            return
        first = pl.Series(hashes[unknown]).arg_unique().to_numpy()
        new, known = values.gather(unknown[first]), self._known
        repeat = len(values) < _FEW or len(new) <= _NEW_AT_MOST * len(values)
        if not repeat or len(known[0]) + len(new) > MAX_DICTIONARY_VALUES:
            self._forgot = True
            self._known, self._index = (known[0].clear(), known[1].clear()), _Index()
            return
        answers = self._computed(new)
        self._known = (
            pl.concat([known[0], new], rechunk=True),
            pl.concat([known[1], answers], rechunk=True),
        )
        self._index.add(new.hash().to_numpy())

    def _computed(self, values: pl.Series) -> pl.DataFrame:
        return self._query(values).collect()

    def _query(self, values: pl.Series) -> pl.LazyFrame:
        frame = values.alias(self._column).to_frame().lazy()
        for stage in self._stages:
            frame = frame.with_columns(stage)
        return frame.select(self.names)


class _Index:
    """The places of hashes in the order in which they came: a table with open addressing."""

    def __init__(self) -> None:
        self._table = _empty(1 << 12)
        self._count = 0

    def codes(self, hashes: Hashes) -> Codes:
        """The place of each hash; -1 where it is not known."""
        keys, places = self._table
        at, mask = _first_place(hashes, len(keys)), np.uint64(len(keys) - 1)
        found = places[at]
        left = np.flatnonzero(keys[at] != hashes)
        while len(left := left[found[left] >= 0]):  # where nothing stands, the search ends
            at[left] = (at[left] + np.uint64(1)) & mask
            found[left] = places[at[left]]
            left = left[keys[at[left]] != hashes[left]]
        return found

    def add(self, hashes: Hashes) -> None:
        """Give places to hashes that are distinct and not known."""
        keys, places = self._table
        known, needed = self._count, 2 * (self._count + len(hashes))
        if needed > len(keys):
            taken = places >= 0
            table = _empty(1 << (2 * needed).bit_length())
            _put(table, keys[taken], places[taken])
        else:
            table = self._table
        _put(table, hashes, np.arange(known, known + len(hashes), dtype=np.int32))
        self._table, self._count = table, known + len(hashes)


Table = tuple[Hashes, Codes]


def _empty(size: int) -> Table:
    return np.zeros(size, dtype=np.uint64), np.full(size, -1, dtype=np.int32)


def _first_place(hashes: Hashes, size: int) -> Hashes:
    """Where to look first: by the digits of all of it, as those at its end may be alike."""
    return (hashes * _SPREADING) >> np.uint64(65 - size.bit_length())


def _put(table: Table, hashes: Hashes, codes: Codes) -> None:
    keys, places = table
    mask = np.uint64(len(keys) - 1)
    left, at = np.arange(len(hashes)), _first_place(hashes, len(keys))
    while len(left):
        free = places[at[left]] < 0
        keys[at[left[free]]] = hashes[left[free]]
        places[at[left[free]]] = codes[left[free]]  # of several for one place, the last is there
        left = left[keys[at[left]] != hashes[left]]
        at[left] = (at[left] + np.uint64(1)) & mask


def remembered(
    assignments: Iterable[Assignment], schema: Mapping[str, pl.DataType]
) -> tuple[Remembered, ...]:
    """A memory for each column on whose values alone something costly depends."""
    homes = homes_of(assignments, schema)
    return tuple(Remembered(column, masks, schema) for column, masks in homes.items())
