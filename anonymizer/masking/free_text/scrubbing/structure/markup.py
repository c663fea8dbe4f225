"""XML and HTML: text, values of attributes, comments and CDATA are leaves, tags are not."""

import html
import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.scrubbing.structure.leaf import Code, Leaf, below, decoded

_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});")
# The tags that `scrub` puts are none of these: they have capitals and are never closed.
_EVIDENCE: Final = re.compile(
    r"</[A-Za-z][\w:.-]*+\s*+>|<[A-Za-z][\w:.-]*+(?:\s[^<>]*)?/>|<!DOCTYPE|<!doctype|<\?xml|<!\[CDATA"
    r"|<(?:br|p|hr|img|div|span|a|b|i|em|li|td|tr|th|h\d|meta|link|input)(?:\s[^<>]*)?>"
    r"|&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|amp|lt|gt|quot|apos|nbsp|commat|[aou]uml|szlig|eacute);"
)
_PART: Final = re.compile(
    r"<!--(?P<comment>.*?)(?:-->|\Z)|<!\[CDATA\[(?P<data>.*?)(?:\]\]>|\Z)|<[?!][^<>]*+>"
    # <ann.lee@example.org>, <https://example.org> and <Ann Lee> are none
    r"""|<(?P<name>/?[A-Za-z][\w:.-]*+)(?=\s|/?>)(?!\s[^<>=A-Z@]*+[A-Z@][^<>=]*+>)"""
    r"""(?P<attributes>(?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(
    r"""(?<![\w:.-])(?P<name>[\w:.-]++)\s*+=\s*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'"""
    r"""|(?P<bare>[^\s"'<>=`]++))"""
)
# What a document begins with, which is no cell of a table.
_ROOT: Final = re.compile(r"\s*+<(?:[?!]|(?P<name>[A-Za-z][\w:.-]*+)(?=[\s>]))")
_INLINE: Final = frozenset(("a", "b", "i", "u", "em", "strong", "span", "font", "code"))
_TAG: Final = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w:.-]*+)[^<>]*+>")
_UNREAD: Final = {"script": re.compile(r"(?i)</script\b"), "style": re.compile(r"(?i)</style\b")}


def is_document(text: str) -> bool:
    """Whether a text is all elements from its first character to its last, which no table is.

    Cells of a table may have elements of a line at both ends: these must be one.
    """
    root, end = _ROOT.match(text), len(text.rstrip())
    if root is None or not text.endswith(f"</{root['name']}>" if root["name"] else ">", 0, end):
        return False
    return root["name"] not in _INLINE or _closed_at(text, root["name"]) >= end


def _closed_at(text: str, root: str) -> int:
    """Where the element ends that a text begins with, or the text."""
    depth = 0
    for tag in _TAG.finditer(text):
        if tag["name"] == root and not tag[0].endswith("/>"):
            depth += -1 if tag["close"] else 1
            if not depth:
                return tag.end()
    return len(text)


def is_markup(text: str) -> bool:
    """Whether a text has tags that are closed, or entities."""
    return ("<" in text or "&" in text) and _EVIDENCE.search(text) is not None


def _in_markup(text: str, _start: int, _end: int) -> str:
    """As text and quoted values of attributes have it."""
    return html.escape(text)


def _without_quotes(text: str, _start: int, _end: int) -> str:
    return re.sub(r"\s", "&#32;", html.escape(text)).replace("=", "&#61;")


_TEXT: Final = Code(_ENTITY, html.unescape, _in_markup)
_BARE: Final = Code(_ENTITY, html.unescape, _without_quotes)


def leaves(text: str) -> Iterator[Leaf]:
    """The leaves of a text with tags, in order."""
    place, open_ = 0, list[str]()
    while (part := _PART.search(text, place)) is not None:
        key = open_[-1] if open_ else ""
        yield decoded(text, place, part.start(), _TEXT, key)
        place = part.end()
        _keep(open_, part)
        for group in ("comment", "data"):
            if part[group]:
                yield Leaf(*part.span(group), part[group])
        yield from _attributes(text, part)
        unread = _UNREAD.get((part["name"] or "").lower())
        if unread is not None:
            end = unread.search(text, place)
            last = end.start() if end else len(text)
            yield Leaf(place, last, text[place:last])
            place = last
    yield decoded(text, place, len(text), _TEXT)


def _keep(open_: list[str], part: re.Match[str]) -> None:
    """What elements are open behind a part of a text, each as `below` calls it."""
    name = part["name"]
    if name is None or part[0].endswith("/>"):
        return
    if name[0] != "/":
        open_.append(below(open_[-1] if open_ else "", name))
    elif open_ and open_[-1].rpartition(".")[2] == name[1:]:
        open_.pop()


def _attributes(text: str, part: re.Match[str]) -> Iterator[Leaf]:
    if not part["attributes"]:
        return
    for match in _ATTRIBUTE.finditer(text, *part.span("attributes")):
        if not match["name"].startswith("xmlns"):  # which says what the tags are
            group = match.lastgroup or "bare"
            code = _BARE if group == "bare" else _TEXT
            yield decoded(text, *match.span(group), code, match["name"])
