"""Several lines of cells, parted by a comma, a semicolon, a tab or a bar."""

import re
from typing import Final

from anonymizer.masking.free_text.scrubbing.structure.leaf import Code, Leaf, decoded

_CELLS: Final = {
    gap: re.compile(
        rf'(?:"(?P<quoted>(?:[^"]|"")*+)"|(?P<plain>[^"{gap}\r\n][^{gap}\r\n]*+)?+)'
        rf"(?P<gap>[{gap}]|\r?\n|\Z)"
    )
    for gap in "\t;,|"
}


def _in_quotes(text: str, _start: int, _end: int) -> str:
    return text.replace('"', '""')


_QUOTED: Final = Code(re.compile('""'), lambda _: '"', _in_quotes)


def cells(text: str) -> list[Leaf]:
    """The cells of a table of at least two lines; none where the text is no table."""
    if "\n" not in text.strip():
        return []
    tables = [_cells(text, pattern) for gap, pattern in _CELLS.items() if gap in text]
    return max(tables, key=len, default=[])


def _cells(text: str, pattern: re.Pattern[str]) -> list[Leaf]:
    """Cells of rows of one width; blanks behind most of what parts them are those of sentences."""
    found, widths, width, place, blanks = list[Leaf](), set[int](), 0, 0, 0
    while place < len(text) and len(widths) < 2:
        cell = pattern.match(text, place)
        if cell is None:
            return []
        found.append(_leaf(text, cell))
        blanks += width > 0 and found[-1].value.startswith(" ")
        width += 1
        place = cell.end()
        if cell["gap"] in ("", "\n", "\r\n"):
            if width > 1:
                widths.add(width)
            elif found[-1].value:  # a line without cells
                return []
            width = 0
    right = len(widths) == 1 and width in (0, *widths)
    return found if right and 2 * blanks < len(found) else []


def _leaf(text: str, cell: re.Match[str]) -> Leaf:
    if cell["quoted"] is not None:
        return decoded(text, *cell.span("quoted"), _QUOTED)
    start, end = cell.span("plain") if cell["plain"] else (cell.start(), cell.start())
    return Leaf(start, end, text[start:end], None, _without_quotes)


def _without_quotes(text: str, _start: int, _end: int) -> str:
    return re.sub(r'[\t\r\n,;|"]+', " ", text)
