"""Several lines of cells, parted by a comma, a semicolon, a tab or a bar."""

import html
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from anonymizer.masking.free_text.scrubbing.structure.leaf import Code, Encode, Leaf, decoded

_GAPS: Final = "\t;,|"


@cache
def _cells(gaps: str) -> re.Pattern[str]:
    """Cells that any of some signs part."""
    return re.compile(
        rf'(?:"(?P<quoted>(?:[^"]|"")*+)"|(?P<plain>[^"{gaps}\r\n][^{gaps}\r\n]*+)?+)'
        rf"(?P<gap>[{gaps}]|\r?\n|\Z)"
    )


def _in_quotes(text: str, _start: int, _end: int) -> str:
    return text.replace('"', '""')


_QUOTED: Final = Code(re.compile('""'), lambda _: '"', _in_quotes)


def cells(text: str) -> list[Leaf]:
    """The cells of a table of at least two lines; none where the text is no table."""
    if "\n" not in text.strip():
        return []
    lines = None if '"' in text or "\r" in text else text.split("\n")
    counts = {
        gap: _count(text, _cells(gap))
        for gap in _GAPS
        if gap in text and (lines is None or _is_even(lines, gap))
    }
    most = max(counts.values(), default=0)
    # Which of two signs parts the cells, where there are as many of both, nobody can tell.
    gaps = "".join(gap for gap, count in counts.items() if count == most)
    return list(_leaves(text, gaps)) if most else []


def _is_even(lines: list[str], gap: str) -> bool:
    """Whether lines without quotes may be rows of one width; of the last one nothing is asked."""
    counts = {line.count(gap) for line in lines[:-1] if line}
    return not counts or (len(counts) == 1 and 0 not in counts)


def _count(text: str, pattern: re.Pattern[str]) -> int:
    """How many cells rows of one width have; 0 where there are none.

    Blanks behind most of what parts them are those of sentences.
    """
    widths, width, place, count, blanks = set[int](), 0, 0, 0, 0
    while place < len(text) and len(widths) < 2:
        cell = pattern.match(text, place)
        if cell is None:
            return 0
        blanks += width > 0 and text.startswith(" ", place)
        width += 1
        count += 1
        if cell["gap"] in ("", "\n", "\r\n"):
            if width > 1:
                widths.add(width)
            elif cell.start("gap") > place:  # a line without cells
                return 0
            width = 0
        place = cell.end()
    right = len(widths) == 1 and width in (0, *widths)
    return count if right and 2 * blanks < count else 0


def _leaves(text: str, gaps: str) -> Iterator[Leaf]:
    written, keys, column, is_head = _without(gaps), dict[int, str](), 0, True
    for cell in _cells(gaps).finditer(text):
        key = "" if is_head else keys.get(column, "")
        if cell["quoted"]:
            leaf = decoded(text, *cell.span("quoted"), _QUOTED, key)
        else:
            leaf = Leaf(*cell.span("plain"), cell["plain"] or "", None, written, key=key)
        if is_head:
            keys[column] = leaf.value
        if leaf.value:
            yield leaf
        if cell["gap"] and cell["gap"] in gaps:
            column += 1
        elif column:
            column, is_head = 0, False


def _without(gaps: str) -> Encode:
    """How a cell without quotes has a value: without what would part it, as entities would."""
    signs = re.compile(rf'[{gaps}\r\n"]+')
    if ";" in gaps:
        return lambda text, _start, _end: signs.sub(" ", html.unescape(text))
    return lambda text, _start, _end: signs.sub(" ", text)
