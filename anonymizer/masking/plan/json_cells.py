"""Cells of JSON: read without loss, taken apart at the places that rules name, and filled again.

What is taken out of a cell leaves holes in its text, so that a masked cell is JSON wherever the raw
one was. Numbers that stay are those that were written, digit by digit; of keys that stand twice in
an object the last counts, as it does for most readers. No value and no key of the data is in a
message: only paths that rules name.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Any, Final

import polars as pl

ITEMS: Final = "[]"  # each element of an array
ANY: Final = "*"  # each key that no rule names
KEYS: Final = "~"  # after `*`: these keys themselves

# What becomes of a place that is no leaf; leaves are numbered from 0.
KEPT: Final = -1
DROPPED: Final = -2
UNLISTED: Final = -3

_CONSTANTS: Final = {None: "null", True: "true", False: "false"}
_HOLE: Final = "\0"  # which JSON never holds as such
_STEP: Final = re.compile(
    r'(\[\])|\.(\*~)$|\.(\*)(?=[.\[]|$)|\.([^."\[\]*?]+)|\.("(?:[^"\\]|\\.)*")'
)
_BARE: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false")
_INTEGER: Final = re.compile(r"-?\d{1,18}")
_PLAIN_KEY: Final = re.compile(r'[^."\[\]*?]+')
_LARGEST_EXACT: Final = 2**53


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


def _no_json(_: str) -> None:
    raise ValueError("no JSON")


_DECODER: Final = json.JSONDecoder(parse_float=_Number, parse_int=_Number, parse_constant=_no_json)


def read(text: str) -> Any:
    """A cell as dicts, lists, text, booleans and None; numbers are a kind of text.

    Raises:
        ValueError: it is no JSON, half a character, or nested too deeply to be read.
    """
    try:
        value = _DECODER.decode(text)
        if "\\u" in text:
            write(value).encode()  # which half a pair of surrogates is refused by
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def write(value: Any) -> str:
    """What was read, as JSON without blanks."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is _Number:
        return str(value)
    if kind is dict:
        return "{" + ",".join(f"{encode_basestring(k)}:{write(v)}" for k, v in value.items()) + "}"
    if kind is list:
        return "[" + ",".join(map(write, value)) + "]"
    return _CONSTANTS[value]


def _text(value: Any) -> str:
    """A scalar as masks see it; a whole number has no decimals, as one of a column of floats."""
    if type(value) is not _Number:
        return value if isinstance(value, str) else _CONSTANTS[value]
    if not value.isdigit() and (number := float(value)).is_integer():
        return str(int(number)) if abs(number) < _LARGEST_EXACT else str(value)
    return str(value)


def typed(values: Iterable[Any]) -> pl.Series:
    """Scalars as a series of the type that all of them have; text where they differ."""
    scalars = list(values)
    kinds = {type(value) for value in scalars} - {type(None)}
    if kinds == {bool}:
        return pl.Series(scalars, dtype=pl.Boolean)
    texts = [None if value is None else _text(value) for value in scalars]
    series = pl.Series(texts, dtype=pl.String)
    for dtype in (pl.Int64, pl.Float64) if kinds == {_Number} else ():
        cast = series.cast(dtype, strict=False)
        if cast.null_count() == series.null_count():
            return cast
    return series


# --- paths ---------------------------------------------------------------------------------------


def steps_of(path: str) -> list[str] | None:
    """The steps of a path below its column: keys, `*`, `*~`, `[]`; None where it is not one.

    Example:
        >>> steps_of('.items[].sku'), steps_of('."a.b".*'), steps_of(".cust*")
        (['.items', '[]', '.sku'], ['."a.b"', '.*'], None)
    """
    steps, place = [], 0
    while place < len(path):
        found = _STEP.match(path, place)
        if found is None:
            return None
        steps.append(found[0])
        place = found.end()
    return steps


def step_to(key: str) -> str:
    """The step to a key, in quotes where it has characters that mean something in a path."""
    return f".{key}" if _PLAIN_KEY.fullmatch(key) else "." + json.dumps(key, ensure_ascii=False)


def key_of(step: str) -> str:
    """The key that a step leads to."""
    return str(json.loads(step[1:])) if step.startswith('."') else step[1:]


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
            self.cell.values[len(self.holes) + place.read].append(_text(value))
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
        return not self.holes[leaf].integers or bool(_INTEGER.fullmatch(_text(value)))

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
        self.cell.values[leaf].append(_text(value))
        bare = (hole.numbers and kind is _Number) or (hole.booleans and kind is bool)
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
