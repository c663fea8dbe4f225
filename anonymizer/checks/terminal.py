"""The figures on one screen: what matters most, and everything that is not green."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from anonymizer.checks.figures import COLOURS, WORDS, Colour, Figure, worst, worst_first
from anonymizer.checks.page import count, interval, shown

ROWS: Final = 18  # with the head and what follows, a screen of 24 lines
STYLES: Final[dict[Colour, str]] = {"green": "green", "amber": "yellow", "red": "bold red"}
ELSEWHERE: Final = 200  # characters of a line where there is no terminal: cuts next to nothing
NUMBERS: Final = 59  # characters of all columns but the first, with what is between them
TITLE: Final = 20  # characters, from which on a title is worth its column


def print_figures(
    figures: Mapping[str, Figure], headlines: Sequence[str], files: Sequence[str | None] = ()
) -> None:
    """Print a table and the verdict to standard output; in colour on a terminal only.

    Args:
        figures: by name.
        headlines: names of those that come first, whatever their colour.
        files: the reports that were written.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=ELSEWHERE)
    first = {name: figures[name] for name in headlines if name in figures}
    rest = {n: f for n, f in worst_first(figures).items() if f.colour in COLOURS[:2]}
    told = dict(list({**first, **rest}.items())[:ROWS])
    console.print(_table(told, console.width))
    left = [figure for name, figure in figures.items() if name not in told]
    if left:
        console.print(Text(f"and {count(left)}"))
    console.print(_verdict(figures, [file for file in files if file]))


def _table(figures: Mapping[str, Figure], width: int) -> Table:
    """Names are as thresholds and JSON have them; what they mean stands beside where it fits."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    room = width - NUMBERS
    table.add_column("figure", no_wrap=True, overflow="ellipsis", max_width=room)
    for head in ("value", "95 % interval", "baseline"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    told = room - max(map(len, figures), default=0) - 2
    if told >= TITLE:
        table.add_column(no_wrap=True, overflow="ellipsis", max_width=told, style="dim")
    for name, figure in figures.items():
        cells: list[Text | str] = [
            Text(name),
            shown(figure.estimate.value, figure.unit),
            interval(figure.estimate, figure.unit),
            shown(figure.baseline, figure.unit),
            _word(figure.colour),
            Text(figure.title),
        ]
        table.add_row(*cells[: len(table.columns)])
    return table


def _word(colour: Colour | None) -> Text:
    return Text(WORDS[colour], STYLES[colour]) if colour else Text("–")


def _verdict(figures: Mapping[str, Figure], files: Sequence[str]) -> Text:
    colour = worst(figures.values())
    line = Text("verdict: ").append_text(_word(colour) if colour else Text("nothing was judged"))
    return line.append(f"; written: {', '.join(files)}" if files else "; --report writes a page")
