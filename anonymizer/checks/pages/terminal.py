"""The figures on one screen: what matters most, and everything that is not green."""

import os
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from anonymizer.checks.figures.figure import COLOURS, WORDS, Colour, Figure, worst, worst_first
from anonymizer.checks.figures.formats import count, interval, shown

MAX_TABLE_ROWS: Final = 18  # with the head and what follows, a screen of 24 lines
STYLE_OF_COLOUR: Final[dict[Colour, str]] = {"green": "green", "amber": "yellow", "red": "bold red"}
WIDTH_WITHOUT_TERMINAL: Final = (
    200  # characters of a line where there is no terminal: cuts next to nothing
)
JUSTIFIED: Final[dict[str, JustifyMethod]] = {"figure": "left", "verdict": "left"}
MAX_REASONS: Final = 2  # lines that say why
COLUMN_GAP: Final = 2  # characters between columns
MIN_TITLE_WIDTH: Final = 20  # characters, from which on a title is worth its column


def print_figures(
    figures: Mapping[str, Figure],
    headlines: Sequence[str],
    files: Sequence[str | None] = (),
    verdicts: Mapping[str, Colour | None] | None = None,
) -> None:
    """Print a table and the verdict to standard output; in colour on a terminal only.

    Args:
        figures: by name.
        headlines: names of those that come first, whatever their colour.
        files: the reports that were written.
        verdicts: what was judged, in words, and how; the worst of the figures where left out.
    """
    verdicts = verdicts or {"verdict": worst(figures.values())}
    console = Console(highlight=False)
    if not (console.is_terminal or _is_watched()):
        console = Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)
    first = {name: figures[name] for name in headlines if name in figures}
    rest = {n: f for n, f in worst_first(figures).items() if f.colour in COLOURS[:2]}
    told = dict(list({**first, **rest}.items())[:MAX_TABLE_ROWS])
    console.print(_table(told, console.width))
    for line in _reasons(told):
        console.print(line, no_wrap=True, overflow="ellipsis")
    left = [figure for name, figure in figures.items() if name not in told]
    if left:
        console.print(Text(f"and {count(left)}"))
    console.print(_verdict(verdicts, [file for file in files if file]))


def _is_watched() -> bool:
    """Whether a width is known: somebody may look at a terminal through a pipe."""
    return "COLUMNS" in os.environ or any(map(os.isatty, range(3)))


def _table(figures: Mapping[str, Figure], width: int) -> Table:
    """Names are as thresholds and JSON have them; what they mean stands beside where it fits."""
    columns = _columns(figures)
    if _width(columns) > width:
        del columns["baseline"]
    room = width - _width(columns) - COLUMN_GAP
    table = Table(box=None, pad_edge=False, header_style="dim")
    for head, cells in columns.items():
        most = _widest(head, cells) + (min(0, room + COLUMN_GAP) if head == "figure" else 0)
        side = JUSTIFIED.get(head, "right")
        table.add_column(head, justify=side, no_wrap=True, max_width=max(len(head), most))
    if room >= MIN_TITLE_WIDTH:
        columns[""] = [Text(figure.title) for figure in figures.values()]
        table.add_column(no_wrap=True, max_width=room, style="dim")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    return table


def _columns(figures: Mapping[str, Figure]) -> dict[str, list[Text]]:
    """The cells of each column by its head."""
    all_of = figures.values()
    return {
        "figure": [Text(name) for name in figures],
        "value": [Text(shown(f.estimate.value, f.unit)) for f in all_of],
        "95 % interval": [Text(interval(f.estimate, f.unit)) for f in all_of],
        "baseline": [Text(shown(f.baseline, f.unit)) for f in all_of],
        "verdict": [_word(f.colour) for f in all_of],
    }


def _width(columns: Mapping[str, Sequence[Text]]) -> int:
    """The width of the table in characters."""
    return sum(_widest(*column) for column in columns.items()) + COLUMN_GAP * (len(columns) - 1)


def _widest(head: str, cells: Sequence[Text]) -> int:
    """Characters that a column needs."""
    return max(len(head), *(cell.cell_len for cell in cells), 0)


def _reasons(figures: Mapping[str, Figure]) -> list[Text]:
    """Why the first of those that are not green are so, where their values do not tell."""
    why = {n: f.worst or f.reason for n, f in figures.items() if f.colour in COLOURS[:2]}
    told = [(name, reason) for name, reason in why.items() if reason]
    return [
        Text(f"{name}: {reason.removesuffix('.')}", "dim") for name, reason in told[:MAX_REASONS]
    ]


def _word(colour: Colour | None) -> Text:
    """A colour in words, in that colour; a dash for none."""
    return Text(WORDS[colour], STYLE_OF_COLOUR[colour]) if colour else Text("–")


def _verdict(verdicts: Mapping[str, Colour | None], files: Sequence[str]) -> Text:
    """The last lines: what was judged and how, and the files that were written."""
    line = Text("\n").join(
        Text(f"{of}: ").append_text(_word(colour) if colour else Text("nothing was judged"))
        for of, colour in verdicts.items()
    )
    return line.append(f"; written: {', '.join(files)}" if files else "; --report writes a page")
