"""Which entity holds which events, in a form that is counted fast.

Entities and events are numbers; a holding is a pair of them. Who holds a rare event is read from a
list, who holds a frequent one from a bitmap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import polars as pl

from anonymizer.arrays import BitArray, BoolArray, IntArray, distinct
from anonymizer.errors import DataError

NO_EVENT = -1  # where an entity has fewer events than points; also of an entity that is not found
ELEMENTS_AT_ONCE = 2**22  # candidates, or words of 64 entities, that are looked at together
MAX_BITMAP_WORDS = 2**24  # words that the holders of frequent events may take as bitmaps: 128 MB


@dataclass(frozen=True)
class Holdings:
    """Who holds which events, readable from both sides; all arrays ascend.

    Attributes:
        entities: E, how many there are; some may hold nothing.
        events: (M,) event of each holding, by entity and event.
        sizes: (E,) distinct events of each entity.
        frequency: (V,) entities that hold each event.
        keys: (M,) event × E + entity of each holding.
    """

    entities: int
    events: IntArray
    sizes: IntArray
    frequency: IntArray
    keys: IntArray

    @classmethod
    def of(cls, entity: IntArray, event: IntArray, *, events: int | None = None) -> "Holdings":
        """From two codes per row, counted from 1; 0 is no entity or no event.

        Args:
            entity: (N,) whose row it is.
            event: (N,) what happened.
            events: how many there are, where some have no row here.
        """
        entities = int(entity.max(initial=0))
        events = int(event.max(initial=0)) if events is None else events
        counted = (entity > 0) & (event > 0)
        whose, what = entity[counted] - 1, event[counted] - 1
        held = distinct(whose * max(1, events) + what)
        whose, what = held // max(1, events), held % max(1, events)
        return cls(
            entities=entities,
            events=what,
            sizes=np.bincount(whose, minlength=entities),
            frequency=np.bincount(what, minlength=events),
            keys=np.sort(what * entities + whose),
        )

    @cached_property
    def first(self) -> IntArray:
        """(E,) where the events of each entity begin."""
        return np.cumsum(self.sizes) - self.sizes

    @cached_property
    def start(self) -> IntArray:
        """(V,) where the holders of each event begin among the keys."""
        return np.cumsum(self.frequency) - self.frequency

    @cached_property
    def bitmaps(self) -> tuple[IntArray, BitArray]:
        """The holders of frequent events as bits.

        Returns:
            (V,) the row of each event, or of none: R − 1; and (R, W) words of 64 entities, the
            last row set for everybody.
        """
        frequent = np.flatnonzero(self.frequency >= self._frequent())
        row = np.full(len(self.frequency), len(frequent))
        row[frequent] = np.arange(len(frequent))
        place, holder = ragged(self.start[frequent], self.frequency[frequent])
        who = self.keys[holder] - frequent[place] * self.entities
        bits = np.zeros((len(frequent) + 1, self._words), np.uint64)
        np.bitwise_or.at(bits, (place, who >> 6), _bit(who))
        everybody = np.arange(self.entities)
        np.bitwise_or.at(bits[-1], everybody >> 6, _bit(everybody))
        return row, bits

    def _frequent(self) -> int:
        """The number of holders from which on a bitmap is quicker than a list, and affordable."""
        least = max(16, self.entities // 2048)
        affordable = MAX_BITMAP_WORDS // max(1, self._words)
        if affordable >= len(self.frequency):
            return least
        return max(least, int(np.sort(self.frequency)[::-1][affordable]) + 1)

    def count(self, points: IntArray) -> IntArray:
        """(T,) how many entities hold all points of a row.

        Candidates are the holders of the row's rarest point. Frequent points are compared as
        bitmaps, so that an event which everybody has costs a bit per entity.

        Args:
            points: (T, p) events from 0; `NO_EVENT` is held by everybody.
        """
        points = self._rarest_first(points)
        result = np.zeros(len(points), np.int64)
        listed = self._listed(points)
        for rows in chunks(np.flatnonzero(~listed), self._words):
            result[rows] = np.bitwise_count(self._common(points[rows])).sum(axis=1)
        lengths = self.frequency[points[listed, 0]]
        for rows in chunks(np.flatnonzero(listed), lengths):
            target, _ = self._candidates(points[rows])
            result[rows] = np.bincount(target, minlength=len(rows))
        return result

    def only(self, points: IntArray) -> IntArray:
        """(T,) the entity that alone holds all points of a row, or `NO_EVENT`; as `count`."""
        result = np.full(len(points), NO_EVENT)
        single = np.flatnonzero(self.count(points) == 1)
        points = self._rarest_first(points)
        listed = self._listed(points[single])
        for rows in chunks(single[~listed], self._words):
            common = self._common(points[rows])
            word = np.argmax(common != 0, axis=1)
            bit = np.bitwise_count(common[np.arange(len(rows)), word] - np.uint64(1))
            result[rows] = word * 64 + bit
        lengths = self.frequency[points[single[listed], 0]]
        for rows in chunks(single[listed], lengths):
            target, who = self._candidates(points[rows])
            result[rows[target]] = who
        return result

    @property
    def _words(self) -> int:
        """W, how many words of 64 bits a bitmap of all entities takes."""
        return -(-self.entities // 64)

    def _rarest_first(self, points: IntArray) -> IntArray:
        """(T, p) the points of each row, the one with the fewest holders first."""
        held = np.append(self.frequency, self.entities)[points]  # −1 is the last one
        return np.take_along_axis(points, np.argsort(held, axis=1, kind="stable"), axis=1)

    def _listed(self, points: IntArray) -> BoolArray:
        """(T,) whether the rarest point has a list rather than a bitmap."""
        row, bits = self.bitmaps
        rarest = points[:, 0]
        listed: BoolArray = (rarest != NO_EVENT) & (np.append(row, 0)[rarest] == len(bits) - 1)
        return listed

    def _common(self, points: IntArray) -> BitArray:
        """(T, W) who holds all points, as bits; for rows whose points all have bitmaps."""
        row, bits = self.bitmaps
        rows = np.append(row, len(bits) - 1)[points]
        common: BitArray = bits[rows[:, 0]]
        for each in rows.T[1:]:
            common &= bits[each]
        return common

    def _candidates(self, points: IntArray) -> tuple[IntArray, IntArray]:
        """(C,) row and entity of everybody who holds all points of a row, the rarest first."""
        rarest = points[:, 0]
        target, place = ragged(self.start[rarest], self.frequency[rarest])
        who = self.keys[place] - rarest[target] * self.entities
        for more in points.T[1:]:
            holds = self._hold(who, more[target])
            target, who = target[holds], who[holds]
        return target, who

    def _hold(self, entity: IntArray, event: IntArray) -> BoolArray:
        """(N,) whether each entity holds the event beside it."""
        keys = event * self.entities + entity
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        held: BoolArray = (event == NO_EVENT) | (self.keys[place] == keys)
        return held


def _bit(entity: IntArray) -> BitArray:
    """(N,) the bit of each entity within its word."""
    return np.left_shift(np.uint64(1), (entity & 63).astype(np.uint64))


def ragged(start: IntArray, length: IntArray) -> tuple[IntArray, IntArray]:
    """Slices of an array, one after the other.

    Args:
        start: (S,) where each slice begins.
        length: (S,) how long it is.

    Returns:
        The number of the slice, and the position in the array, of each element.

    Example:
        >>> slice_, place = ragged(np.array([5, 0]), np.array([2, 1]))
        >>> slice_.tolist(), place.tolist()
        ([0, 0, 1], [5, 6, 0])
    """
    slice_ = np.repeat(np.arange(len(start)), length)
    offset = np.repeat(start - (np.cumsum(length) - length), length)
    return slice_, np.arange(len(slice_)) + offset


def chunks(rows: IntArray, costs: IntArray | int) -> Iterator[IntArray]:
    """Rows in pieces of about `ELEMENTS_AT_ONCE` elements, so that memory stays small.

    Args:
        rows: (N,) to be cut.
        costs: (N,) elements that each row takes, or one number for all.
    """
    if not len(rows):
        return
    piece = np.cumsum(np.broadcast_to(costs, len(rows))) // ELEMENTS_AT_ONCE
    bounds = np.flatnonzero(np.diff(piece, prepend=NO_EVENT, append=NO_EVENT))
    for low, high in pairwise(bounds):
        yield rows[low:high]


def coded(frame: pl.DataFrame, entity: str, known: Sequence[str]) -> tuple[IntArray, IntArray]:
    """(N,) entities and (N,) events as numbers from 1; 0 for null, and where all of an event is."""
    return codes(frame, [entity]), codes(frame, known)


def codes(frame: pl.DataFrame, columns: Sequence[str]) -> IntArray:
    """Tuples of values as their ranks from 1, whatever the order of the rows.

    0 stands for nulls in all columns; NaN is null.

    Example:
        >>> codes(pl.DataFrame({"a": ["y", "x", None, "y"]}), ["a"]).tolist()
        [2, 1, 0, 2]
    """
    result: IntArray = np.zeros(frame.height, np.int64)
    for column in columns:
        values = frame[column]
        known = values.fill_nan(None) if values.dtype.is_float() else values
        ranks = known.rank("dense").fill_null(0).to_numpy().astype(np.int64)
        joined = result * (int(ranks.max(initial=0)) + 1) + ranks
        result = np.unique(np.append(joined, 0), return_inverse=True)[1][:-1]
    return result


def require(frame: pl.DataFrame, entity: str, known: Sequence[str]) -> None:
    """Refuse columns that are not there, and an entity that is also known of an event.

    Raises:
        DataError: says which.
    """
    absent = sorted({entity, *known} - set(frame.columns))
    if absent:
        raise DataError(f"no column {', '.join(absent)}; there are: {', '.join(frame.columns)}")
    if not known:
        raise DataError("name at least one column that the attacker may know")
    if entity in known:
        raise DataError(f"{entity} is the entity: it cannot be what is known of its events")
