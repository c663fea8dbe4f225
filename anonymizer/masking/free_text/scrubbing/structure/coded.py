"""Plain text with stretches in it that are written in a code: queries of URLs, quoted values."""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from anonymizer.masking.free_text.scrubbing.structure.json_text import IN_DOUBLE_QUOTES
from anonymizer.masking.free_text.scrubbing.structure.leaf import Code, Leaf, decoded

# A value of a query behind its key; a quoted value with backslashes; what has percents.
_CODED: Final = re.compile(
    r"[?&][\w.\[\]-]{1,40}+=(?P<query>[^\s\"'<>&=#]++)"
    r'|="(?=[^"\\]*+\\)(?P<quoted>(?:[^"\\]|\\.)*+)"'
    r"|(?P<percents>[^\s\"'<>&=?/#%,;]*+%[\dA-Fa-f]{2}[^\s\"'<>&=?/#,;]*+)"
    r"|[^\s\"'<>&=?/#%,;]++",
    re.DOTALL,
)
_HOLDS_CODE: Final = re.compile(
    r'[?&%=](?:(?<=[?&])[\w.\[\]-]{1,40}=|(?<=%)[\dA-Fa-f]{2}|(?<==)"[^"\\]*+\\)'
)
# One character of UTF-8 each.
_PERCENTS: Final = re.compile(
    r"%[0-7][\dA-Fa-f]|%[C-Dc-d][\dA-Fa-f]%[89ABab][\dA-Fa-f]"
    r"|%[Ee][\dA-Fa-f](?:%[89ABab][\dA-Fa-f]){2}|%[Ff][0-4](?:%[89ABab][\dA-Fa-f]){3}"
)
_IN_QUERY: Final = re.compile(rf"\+|{_PERCENTS.pattern}")


@dataclass(frozen=True, slots=True)
class _Codes:
    """How a value is written where it is in a code, and plainly between such places."""

    leaves: list[Leaf]
    starts: list[int]

    def __call__(self, text: str, start: int, end: int) -> str:
        at = bisect_right(self.starts, start) - 1
        if at < 0 or end > self.starts[at] + len(self.leaves[at].value):
            return text
        return self.leaves[at].encode(text, start, end)


def plain_text(text: str, start: int, end: int) -> Leaf:
    """The leaf between two places, with what is in a code decoded."""
    if _HOLDS_CODE.search(text, start, end) is None:
        return Leaf(start, end, text[start:end])
    meant = _in_address if "://" in text else _percents
    found = (match for match in _CODED.finditer(text, start, end) if match.lastgroup)
    codes = [_coded(text, match, meant) for match in found]
    pieces, places, starts, place = list[str](), list[int](), list[int](), start
    for leaf in codes:
        places += range(place, leaf.start)
        starts.append(len(places))
        places += [leaf.place(at) for at in range(len(leaf.value))]
        pieces += [text[place : leaf.start], leaf.value]
        place = leaf.end
    value = "".join([*pieces, text[place:end]])
    places += range(place, end + 1)
    return Leaf(start, end, value, places, _Codes(codes, starts))


def _coded(text: str, match: re.Match[str], meant: Callable[[str], str]) -> Leaf:
    if match["quoted"] is not None:
        return decoded(text, *match.span("quoted"), IN_DOUBLE_QUOTES)
    query = match["query"] is not None and "@" not in match["query"]
    escape = _IN_QUERY if query else _PERCENTS
    return decoded(text, *match.span(match.lastgroup or 0), Code(escape, meant, _percented))


def _percents(escape: str) -> str:
    return " " if escape == "+" else unquote(escape, errors="strict")


def _in_address(escape: str) -> str:
    """With a comma for what would end the address that it stands in."""
    said = _percents(escape)
    return said if said.isalnum() or said in "@._-" else ","


def _percented(text: str, _start: int, _end: int) -> str:
    return quote(text, safe="")
