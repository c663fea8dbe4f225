"""JSON anywhere in a text: alone, line by line, in a line of a log, cut off; Python's as well."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from anonymizer.masking.free_text.scrubbing.structure.leaf import Code, Leaf, below, decoded

_BEGINS: Final = re.compile(r"""\{(?=\s*+["'}])|\[(?=\s*+["'\[\]{\d\-tfnTFN])""")
_TOKEN: Final = re.compile(
    r"""\s*+(?:(?P<string>"(?:[^"\\]|\\.)*+(?:"|\Z)|'(?:[^'\\]|\\.)*+(?:'|\Z))"""
    r"|(?P<number>-?\d++(?:\.\d++)?+(?:[eE][+-]?\d++)?+(?![\w.]))"
    r"|(?P<word>true|false|null|True|False|None|NaN|-?Infinity)\b"
    r"|(?P<mark>[{}\[\],:]))",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}"
                           r"|u[\da-fA-F]{4}|[^u])", re.DOTALL)  # fmt: skip
_NUMBER: Final = re.compile(r"(?:0|[1-9]\d{0,14})")
_CLOSING: Final = {"{": "}", "[": "]"}
# What must follow: a key, the colon behind it, a value, or what parts values.
_KEY, _COLON, _VALUE, _NEXT = "key", "colon", "value", "next"


def _meaning(escape: str) -> str:
    """The character that an escape stands for; halves of pairs stay as they are."""
    if escape == r"\'":
        return "'"
    try:
        character: str = json.loads(f'"{escape}"')
    except ValueError:
        return escape
    return escape if "\ud800" <= character <= "\udfff" else character


def _in_double_quotes(text: str, _start: int, _end: int) -> str:
    """As a string of JSON has it."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _in_single_quotes(text: str, _start: int, _end: int) -> str:
    return text.replace("\\", r"\\").replace("'", r"\'").replace("\n", r"\n")


IN_DOUBLE_QUOTES: Final = Code(_ESCAPE, _meaning, _in_double_quotes)
_IN_SINGLE_QUOTES: Final = Code(_ESCAPE, _meaning, _in_single_quotes)


def _quoted(text: str, _start: int, _end: int) -> str:
    """As a number where it is one that every reader holds exactly, else as a string."""
    return text if _NUMBER.fullmatch(text) else json.dumps(text, ensure_ascii=False)


@dataclass(slots=True)
class Region:
    """What begins like JSON, read as far as it is.

    Attributes:
        start: its first bracket.
        end: one past what could be read.
        leaves: its strings and numbers.
        keyed: whether it has a key.
        closed: whether all of its brackets are closed.
    """

    start: int
    end: int
    leaves: list[Leaf] = field(default_factory=list)
    keyed: bool = False
    closed: bool = False


def regions(text: str) -> Iterator[Region]:
    """The stretches of a text that are JSON; each character is read once."""
    if "{" not in text and "[" not in text:
        return
    place, size = 0, len(text.strip())
    while (begin := _BEGINS.search(text, place)) is not None:
        region = _region(text, begin.start())
        if region.keyed or (region.closed and region.end - region.start == size):
            yield region
        place = region.end


def _region(text: str, start: int) -> Region:
    region, open_, wanted, key = Region(start, start), list[str](), _VALUE, ""
    outer = list[tuple[int, str]]()  # where what is open begins, and under which key
    while (token := _TOKEN.match(text, region.end)) is not None:
        follows = _after(token, wanted, open_)
        if follows is None:
            break
        if token["string"] or token["number"]:
            leaf = _leaf(text, token, "" if wanted is _KEY else key)
            if wanted is _KEY:
                begin, above = outer[-1]
                key, leaf = below(above, leaf.value), leaf._replace(of=begin)
            region.leaves.append(leaf)
        elif token["mark"] in _CLOSING:
            outer.append((token.start("mark"), key))
        elif len(outer) > len(open_):
            _, key = outer.pop()
        region.keyed |= wanted is _COLON
        region.end, wanted = token.end(), follows
        if not open_:
            region.closed = True
            break
    region.end = max(region.end, start + 1)
    return region


def _after(token: re.Match[str], wanted: str, open_: list[str]) -> str | None:
    """What must follow a token; None where the token cannot stand here. Keeps what is open."""
    mark = token["mark"]
    if mark is None:
        if wanted is _KEY:
            return _COLON if token["string"] else None
        return _NEXT if wanted is _VALUE else None
    if mark in _CLOSING:
        open_.append(_CLOSING[mark])
        return (_KEY if mark == "{" else _VALUE) if wanted is _VALUE else None
    if mark == ":":
        return _VALUE if wanted is _COLON else None
    if mark == ",":
        return (_KEY if open_[-1] == "}" else _VALUE) if wanted is _NEXT else None
    return _NEXT if wanted is not _COLON and open_ and open_.pop() == mark else None


def _leaf(text: str, token: re.Match[str], key: str) -> Leaf:
    start, end = token.span(token.lastgroup or 0)
    if token["number"]:
        return Leaf(start, end, text[start:end], None, _quoted, whole=True, key=key)
    quote = text[start]
    last = end - 1 if end > start + 1 and text[end - 1] == quote else end
    code = IN_DOUBLE_QUOTES if quote == '"' else _IN_SINGLE_QUOTES
    return decoded(text, start + 1, last, code, key)
