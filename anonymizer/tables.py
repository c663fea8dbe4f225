"""Results as tables: text that fits a terminal, HTML for notebooks."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Final

WIDTH: Final = 100  # characters of a line
COLUMN_GAP: Final = 2  # characters between columns
ROOMY: Final = 40  # characters of a column of sentences that reads well


@dataclass(frozen=True)
class Table:
    """Cells with a head, and lines around them.

    Attributes:
        head: the name of each column.
        rows: a cell for each column; long ones are wrapped, nothing is cut.
        above: lines before the table.
        below: lines after it.
        last_keeps: characters of the last column, where it has so many, before others give theirs.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    above: Sequence[str] = ()
    below: Sequence[str] = ()
    last_keeps: int = ROOMY

    @property
    def _cells(self) -> list[list[str]]:
        return [[_printable(cell) for cell in row] for row in self.rows]

    def text(self) -> str:
        """The table in at most `WIDTH` characters a line, without colours.

        Example:
            >>> print(Table(("column", "mask"), [("name", "drop")], below=["1 column"]).text())
            column  mask
            name    drop
            1 column
        """
        from rich.console import Console  # noqa: PLC0415 (slow to import)
        from rich.table import Table as RichTable  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        grid = RichTable(box=None, pad_edge=False, padding=(0, COLUMN_GAP, 0, 0))
        for name, width in zip(self.head, self._widths(), strict=True):
            grid.add_column(name, width=width, overflow="fold")
        for row in self._cells:
            grid.add_row(*map(Text, row))
        written = StringIO()
        console = Console(file=written, width=WIDTH, color_system=None, highlight=False)
        for line in self.above:
            console.print(Text(_printable(line)))
        if self.rows:
            console.print(grid)
        for line in self.below:
            console.print(Text(_printable(line)))
        return "\n".join(line.rstrip() for line in written.getvalue().splitlines())

    def _widths(self) -> list[int]:
        """Characters for each column: who has most beyond its longest word gives first.

        The last column may hold sentences and keeps more.
        """
        from rich.cells import cell_len  # noqa: PLC0415 (slow to import)

        columns = list(zip(self.head, *self._cells, strict=True))
        widths = [max(map(cell_len, cells)) for cells in columns]
        *others, last = [
            max(cell_len(word) for word in " ".join(cells).split()) for cells in columns
        ]
        words = [*others, max(last, min(widths[-1], self.last_keeps))]
        for least in (words, [1] * len(widths)):
            while sum(widths) + COLUMN_GAP * (len(widths) - 1) > WIDTH:
                room = [width - low for width, low in zip(widths, least, strict=True)]
                if max(room) <= 0:
                    break
                widths[room.index(max(room))] -= 1
        return widths

    def html(self) -> str:
        """The table as HTML; whatever stands in it is escaped.

        Example:
            >>> Table(("column",), [("<b>",)]).html()
            '<table><thead><tr><th>column</th></tr></thead><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table>'
        """
        head = "".join(f"<th>{escape(name)}</th>" for name in self.head)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self._cells
        )
        grid = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        above, below = (
            "".join(f"<p>{escape(_printable(line))}</p>" for line in lines)
            for lines in (self.above, self.below)
        )
        return f"{above}{grid if self.rows else ''}{below}"


class Tabular(ABC):
    """What shows itself as a table, in a terminal and in a notebook."""

    @abstractmethod
    def _table(self) -> Table:
        """What is shown; never a value of the data."""

    def __str__(self) -> str:
        return self._table().text()

    def __repr__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        return self._table().html()


def _printable(text: str) -> str:
    """A name of a column may hold what moves the cursor."""
    return "".join(char if char.isprintable() else "·" for char in text)
