"""JSON in cells of text: read without loss, and the paths at which values stand in it.

Numbers stay those that were written, digit by digit; of keys that stand twice in an object the last
counts, as it does for most readers.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring
from typing import Any, Final, Literal, NamedTuple

import polars as pl

ITEMS: Final = "[]"  # each element of an array
ANY: Final = "*"  # each key that no rule names
KEYS: Final = "~"  # after `*`: these keys themselves

_CONSTANTS: Final = {None: "null", True: "true", False: "false"}
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_STEP: Final = re.compile(
    r'(\[\])|\.(\*~)$|\.(\*)(?=[.\[]|$)|\.([^."\[\]*?]+)|\.("(?:[^"\\]|\\.)*")'
)
_PLAIN_KEY: Final = re.compile(r'[^."\[\]*?]+')
_LARGEST_EXACT: Final = 2**53  # of the whole numbers that a float holds
_CELLS: Final = 5_000  # that are looked into
_MOSTLY: Final = 0.95  # of the cells that hold anything are objects or arrays
# Keys that a few objects share are names of fields; others are of the data, and none is shown.
_FEWEST_OBJECTS: Final = 5
_MOST_KEYS: Final = 50
_FIELD_NAME: Final = re.compile(r"(?!.*\d{4})[^\W\d][\w .:$/-]{0,59}")


class Number(str):
    """A number as it is written."""

    __slots__ = ()


def _no_json(_: str) -> None:
    raise ValueError("no JSON")


_DECODER: Final = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_no_json)


def read(text: str) -> Any:
    """A cell as dicts, lists, text, booleans and None; numbers are a kind of text.

    Raises:
        ValueError: it is no JSON, half a character, or nested too deeply to be read.
    """
    try:
        value = _DECODER.decode(text)
        if _SURROGATE.search(text):
            write(value).encode()  # by which half a pair is refused
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def write(value: Any) -> str:
    """What was read, as JSON without blanks."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is Number:
        return str(value)
    if kind is dict:
        return "{" + ",".join(f"{encode_basestring(k)}:{write(v)}" for k, v in value.items()) + "}"
    if kind is list:
        return "[" + ",".join(map(write, value)) + "]"
    return _CONSTANTS[value]


def text_of(value: Any) -> str:
    """A scalar as masks see it; a whole number has no decimals, as one of a column of floats."""
    if type(value) is not Number:
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
    texts = [None if value is None else text_of(value) for value in scalars]
    series = pl.Series(texts, dtype=pl.String)
    for dtype in (pl.Int64, pl.Float64) if kinds == {Number} else ():
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


def placed(value: Any, steps: list[str], scalar: Any) -> Any:
    """What was read, with a scalar at a path; as it is where something else stands in its way."""
    if not steps:
        return scalar if value is None else value
    step, rest = steps[0], steps[1:]
    if step == ITEMS and isinstance(value, list | None):
        return [placed(value[0] if value else None, rest, scalar)]
    if step == ITEMS or not isinstance(value, dict | None):
        return value
    key, members = key_of(step), value or {}
    return members | {key: placed(members.get(key), rest, scalar)}


# --- what stands where ----------------------------------------------------------------------------

What = Literal["path", "keys", "rest"]


class At(NamedTuple):
    """What stands at one path of many cells.

    Attributes:
        path: from the cell, as rules write it.
        values: scalars; of `keys`, keys; none of `rest`.
        many: whether a cell may hold several.
        what: a path; the keys of objects that share none; or the rest of objects with named keys,
            which are in few of them.
    """

    path: str
    values: list[Any]
    many: bool = False
    what: What = "path"


def found_in(cells: pl.Series) -> list[At]:
    """The paths in cells of which nearly all are JSON objects or arrays; none where they are not.

    Keys stand in a path where several objects share them and they look like names of fields.
    """
    text = cells.cast(pl.String).drop_nulls().head(_CELLS).str.strip_chars()
    text = text.filter(text != "")
    begun = text.filter(text.str.contains(r"^(?s:\{.*\}|\[.*\])$"))
    if begun.is_empty() or len(begun) < _MOSTLY * len(text):
        return []
    values = [value for cell in begun if (value := _tried(cell)) is not None]
    return list(_at("", values)) if len(values) >= _MOSTLY * len(text) else []


def values_at(cell: str, steps: list[str]) -> list[str]:
    """The scalars, or keys, that stand at a path of a cell; none where it is no JSON."""
    return [text_of(each) for each in _following(_tried(cell), steps) if each is not None]


def _tried(cell: str) -> Any:
    try:
        return read(cell)
    except ValueError:
        return None


def _following(value: Any, steps: list[str]) -> Iterator[Any]:
    if not steps:
        yield from [] if isinstance(value, dict | list) else [value]
        return
    step, rest = steps[0], steps[1:]
    if step == f".{ANY}{KEYS}":
        yield from value if isinstance(value, dict) else []
        return
    inner: Iterable[Any] = ()
    if step == ITEMS:
        inner = value if isinstance(value, list) else ()
    elif isinstance(value, dict):
        inner = value.values() if step == f".{ANY}" else [value.get(key_of(step))]
    for each in inner:
        yield from _following(each, rest)


def _at(path: str, values: list[Any], *, many: bool = False) -> Iterator[At]:
    """What stands at a path and inside it, at any depth."""
    objects = [value for value in values if isinstance(value, dict)]
    arrays = [value for value in values if isinstance(value, list)]
    scalars = [value for value in values if not isinstance(value, dict | list)]
    fields = _fields_of(objects)
    for name in fields:
        inner = [each[name] for each in objects if name in each]
        yield from _at(path + step_to(name), inner, many=many)
    others = [(key, each[key]) for each in objects for key in each if key not in fields]
    if others and fields:
        yield At(f"{path}.{ANY}", [], many=True, what="rest")
    elif others:
        yield At(f"{path}.{ANY}{KEYS}", [key for key, _ in others], many=True, what="keys")
        yield from _at(f"{path}.{ANY}", [value for _, value in others], many=True)
    if items := [item for array in arrays for item in array]:
        yield from _at(path + ITEMS, items, many=True)
    if any(value is not None for value in scalars) or not (objects or arrays):
        yield At(path, scalars, many=many)


def _fields_of(objects: list[dict[str, Any]]) -> list[str]:
    """The keys that are names of fields, as many objects have them, and look like it."""
    counts = Counter(key for each in objects for key in each)
    least = min(_FEWEST_OBJECTS, len(objects))
    shared = [key for key, count in counts.items() if count >= least]
    if len(shared) > _MOST_KEYS and max(counts.values()) < len(objects) / 2:
        return []
    return [key for key in shared if _FIELD_NAME.fullmatch(key)]
