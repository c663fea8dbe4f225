"""Cells of JSON, taken apart at the places that rules name, and filled again.

What is taken out of a cell leaves holes in its text, so that a masked cell is JSON wherever the raw
one was. No value and no key of the data is in a message: only paths that rules name.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Any, Final

from anonymizer.json_cells import Number, read, text_of, write

# What becomes of a place that is no leaf; leaves are numbered from 0.
KEPT: Final = -1
DROPPED: Final = -2
UNLISTED: Final = -3

_HOLE: Final = "\0"  # which JSON never holds as such
_BARE: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false")
_INTEGER: Final = re.compile(r"-?\d{1,18}")


@dataclass(eq=False)  # places may stand inside themselves
class Place:
    """What becomes of what stands at one path.

    Attributes:
        path: as rules name it.
        scalar: of a text, number or boolean: the leaf whose masks it gets, or kept, dropped,
            unlisted.
        whole: of an object or array of which no rule reaches the inside.
        named: key → its place, of the keys that rules name.
        others: the place of every other key; None where no rule covers them.
        keys: what becomes of these other keys themselves.
        items: the place of each element of an array; None where no rule covers them.
        read: the number of a scalar that others read, though it has no masks itself.
    """

    path: str
    scalar: int = UNLISTED
    whole: int = UNLISTED
    named: dict[str, "Place"] = field(default_factory=dict)
    others: "Place | None" = None
    keys: int = UNLISTED
    items: "Place | None" = None
    read: int | None = None

    @property
    def reaches_members(self) -> bool:
        """Whether rules cover members of an object."""
        return bool(self.named) or self.others is not None


# --- opening -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hole:
    """What masks make of the values that they get from cells.

    Attributes:
        numbers: whether numbers stay numbers.
        booleans: whether booleans stay booleans.
        integers: whether all must be integers of 64 bits, as rules say.
    """

    numbers: bool = False
    booleans: bool = False
    integers: bool = False


@dataclass
class Opened:
    """A cell that was taken apart.

    Attributes:
        frame: its text with holes; None where nothing of it stays.
        values: leaf → what stood in its holes, in their order; then what is only read.
        unlisted: the first place at which something stands that no rule covers; empty for a cell
            that is no JSON.
    """

    frame: str | None
    values: list[list[str]]
    unlisted: str | None = None


class Opener:
    """Takes cells apart along places.

    Args:
        root: the place of a whole cell.
        holes: of the leaves, in the order of their numbers.
        read: how many places are only read.
        keeps: whether what no rule covers stays; else it goes.
    """

    def __init__(self, root: Place, holes: Sequence[Hole], *, read: int = 0, keeps: bool) -> None:
        self.root = root
        self.holes = holes
        self.columns = len(holes) + read
        self.keeps = keeps

    def open(self, text: str) -> Opened:
        """A cell, taken apart; blanks alone hold nothing and stay."""
        self.cell = Opened(None, [[] for _ in range(self.columns)])
        if not text.strip():
            self.cell.frame = text
            return self.cell
        try:
            self.cell.frame = self._written(self.root, read(text))
        except (ValueError, RecursionError):
            return Opened(None, [[] for _ in range(self.columns)], "")
        return self.cell

    def _written(self, place: Place, value: Any) -> str | None:
        """What stays of a value, with holes; None where nothing of it does."""
        kind = type(value)
        if kind is dict or kind is list:
            if kind is dict and place.reaches_members:
                return self._object(place, value)
            if kind is list and place.items:
                return self._array(place.items, value)
            empty = not value and place.whole == UNLISTED
            return self._left(place, KEPT if empty else place.whole, value)
        if place.read is not None and value is not None:
            self.cell.values[len(self.holes) + place.read].append(text_of(value))
        return write(value) if place.scalar == KEPT else self._left(place, place.scalar, value)

    def _left(self, place: Place, action: int, value: Any) -> str | None:
        if action >= 0 and value is not None:
            value = "" if isinstance(value, dict | list) else value
            if self._fits(action, value):
                return self._hole(action, value)
            self._noted(place)
            return None
        if action == UNLISTED:
            if value is None and (place.reaches_members or place.items):
                return "null"  # what rules reach into is not there
            self._noted(place)
            action = KEPT if self.keeps else DROPPED
        return None if action == DROPPED else write(value)

    def _fits(self, leaf: int, value: Any) -> bool:
        return not self.holes[leaf].integers or bool(_INTEGER.fullmatch(text_of(value)))

    def _noted(self, place: Place) -> None:
        if self.cell.unlisted is None:
            self.cell.unlisted = place.path

    def _object(self, place: Place, members: dict[str, Any]) -> str:
        pieces = []
        for key, value in members.items():
            child = place.named.get(key)
            if child is None:
                member = self._unnamed(place, key, value)
            else:
                written = self._written(child, value)
                member = None if written is None else f"{encode_basestring(key)}:{written}"
            if member is not None:
                pieces.append(member)
        return "{" + ",".join(pieces) + "}"

    def _unnamed(self, place: Place, key: str, value: Any) -> str | None:
        """What stays of a member whose key is of the data."""
        child, action = place.others, place.keys
        if child is not None and child.scalar == child.whole == DROPPED:
            return None
        if child is not None and action >= 0 and not self._fits(action, key):
            self._noted(place)
            return None
        if child is None or action == UNLISTED:
            self._noted(place)
            return f"{encode_basestring(key)}:{write(value)}" if self.keeps else None
        if action == DROPPED:
            return None
        named = self._hole(action, key, key=True) if action >= 0 else encode_basestring(key)
        written = self._written(child, value)
        if written is None and action >= 0:
            self.cell.values[action].pop()
        return None if written is None else f"{named}:{written}"

    def _array(self, inner: Place, items: list[Any]) -> str:
        written = (self._written(inner, item) for item in items)
        return "[" + ",".join(each for each in written if each is not None) + "]"

    def _hole(self, leaf: int, value: Any, *, key: bool = False) -> str:
        hole, kind = self.holes[leaf], type(value)
        self.cell.values[leaf].append(text_of(value))
        bare = (hole.numbers and kind is Number) or (hole.booleans and kind is bool)
        return _HOLE + chr(1 + 4 * leaf + 2 * key + bare)


# --- filling -------------------------------------------------------------------------------------


def filled(frame: str, values: Sequence[Iterator[str | None]]) -> str:
    """A cell whose holes are filled.

    Args:
        frame: the text with holes.
        values: leaf → what goes into its holes, in their order.
    """
    first, *rest = frame.split(_HOLE)
    pieces = [first]
    for piece in rest:
        code = ord(piece[0]) - 1
        pieces += [_written_in(next(values[code >> 2]), code), piece[1:]]
    return "".join(pieces)


def _written_in(value: str | None, code: int) -> str:
    if value is None:
        return '""' if code & 2 else "null"
    if code & 1 and _BARE.fullmatch(value):
        return value
    return encode_basestring(value)
