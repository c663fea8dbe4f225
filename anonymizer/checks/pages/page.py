"""The parts that the pages of checks and audits share: the frame, cards, tables and pictures."""

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from anonymizer.checks.figures.advice import advice
from anonymizer.checks.figures.figure import WORDS, Colour, Figure, worst_first
from anonymizer.checks.figures.formats import count, counts, is_nan, number, percent
from anonymizer.checks.figures.thresholds import for_whom
from anonymizer.checks.pages.drawings import charts
from anonymizer.checks.pages.drawings.charts import Drawing

STYLE: Final = (Path(__file__).parent / "report.css").read_text()
MAX_UNFOLDED: Final = 12  # rows or pictures of a long list; the rest is folded
MAX_TITLES_NAMED: Final = 3  # figures that share an advice and are named

Cells = Callable[[Figure], Sequence[str]]


class Section(NamedTuple):
    """A part of the page with a heading of its own."""

    name: str
    title: str
    body: str


class Card(NamedTuple):
    """One result in large letters.

    Attributes:
        title: what it is of.
        colour: of the result; None where it is not judged.
        value: as text.
        text: what the value says.
    """

    title: str
    colour: Colour | None
    value: str
    text: str


def document(title: str, facts: Sequence[str], sections: Sequence[Section]) -> str:
    """A page that needs no network and no script; `facts` are finished `li` contents."""
    parts = "".join(
        f'<section id="{name}" aria-labelledby="{name}-title">'
        f'<h2 id="{name}-title">{html.escape(head)}</h2>{body}</section>\n'
        for name, head, body in sections
    )
    links = "".join(
        f'<li><a href="#{s.name}">{html.escape(s.title)}</a></li>' for s in sections[1:]
    )
    listed = "".join(f"<li>{fact}</li>" for fact in facts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>\n"
        '<body><a class="skip" href="#main">Skip to the verdict</a>'
        f'<header><h1>{html.escape(title)}</h1><ul class="sets">{listed}</ul></header>'
        f'<main id="main" tabindex="-1">{parts}</main>'
        f'<footer><nav aria-label="Sections"><ul>{links}</ul></nav>'
        f"<p>anonymizer {version('seqanon')}</p></footer></body></html>\n"
    )


def told(purpose: str, sentence: str) -> str:
    """A verdict that says for whom."""
    return f"{for_whom(purpose)}: {sentence[0].lower()}{sentence[1:]}"


def summary(
    sentence: str, cards: Sequence[Card], figures: Mapping[str, Figure], identity: str = ""
) -> Section:
    """The verdict, which file it is of, up to four cards, and what to do about what is not green.

    Args:
        sentence: the verdict.
        cards: results in large letters.
        figures: by name.
        identity: what is judged, as finished HTML.
    """
    drawn = "".join(map(_card, cards))
    given = sum(figure.given for figure in figures.values())
    whose = (
        f"<p>{given} of these figures are judged by limits that were given.</p>" if given else ""
    )
    counts = f'<p class="verdict">{_counted(figures.values())}</p>{whose}'
    body = f'{counts}{identity}<div class="cards">{drawn}</div>{_advised(figures)}'
    return Section("verdict", sentence, body)


def _counted(figures: Iterable[Figure]) -> str:
    """How many figures have which colour, each marked by its colour."""
    marks = [
        f'<span class="mark {c or ""}">{n} {WORDS[c] if c else "for information"}</span>'
        for c, n in counts(figures)
    ]
    return " ".join(marks) or "nothing was measured"


def badge(colour: Colour | None) -> str:
    """The colour in words, marked by its shape as well."""
    return f'<span class="mark {colour}">{WORDS[colour]}</span>' if colour else ""


def _card(card: Card) -> str:
    """A card as HTML, with its colour in words."""
    mark = badge(card.colour) or '<span class="mark">not judged</span>'
    return (
        f'<div class="card {card.colour or ""}"><h3>{html.escape(card.title)}</h3>'
        f'<p class="value">{_text(card.value)}</p><p>{_text(card.text)}</p><p>{mark}</p></div>'
    )


def _advised(figures: Mapping[str, Figure]) -> str:
    """One line per advice, for all figures that share it, the worst first."""
    lines: dict[tuple[Colour, str], list[str]] = {}
    for name, figure in worst_first(figures).items():
        if figure.colour in {"red", "amber"}:
            said = advice(name)
            lines.setdefault((figure.colour, said), []).append(figure.title)
    if not lines:
        return ""
    items = "".join(
        f"<li>{badge(colour)} <b>{_text(_some(titles))}:</b> {_text(said)}</li>"
        for (colour, said), titles in lines.items()
    )
    return f'<h3>What to do</h3><ul class="todo">{items}</ul>'


def _some(titles: Sequence[str]) -> str:
    """A few titles and how many more there are."""
    rest = len(titles) - MAX_TITLES_NAMED
    return "; ".join(titles[:MAX_TITLES_NAMED]) + (f"; and {rest} more" if rest > 0 else "")


def figure_table(
    caption: str, heads: Sequence[str], figures: Mapping[str, Figure], cells: Cells
) -> str:
    """A row per figure; of long tables the worst come first and the rest is folded.

    Args:
        caption: what the table holds, for those who do not see the page.
        heads: of the columns between the figure's title and its colour.
        figures: by name.
        cells: the texts of these columns.
    """
    if len(figures) <= MAX_UNFOLDED:
        return _table(caption, heads, figures.values(), cells)
    ordered = list(worst_first(figures).values())
    first, rest = ordered[:MAX_UNFOLDED], ordered[MAX_UNFOLDED:]
    more = _table(f"{caption}, continued", heads, rest, cells)
    return _table(caption, heads, first, cells) + folded(f"{len(rest)} more: {count(rest)}", more)


def _table(caption: str, heads: Sequence[str], figures: Iterable[Figure], cells: Cells) -> str:
    """A row per figure: its title and meaning, its cells, its colour."""
    rows = [row(f.title, f.said, cells(f), f.colour, heads) for f in figures]
    return table(caption, ("Figure", *heads, "Verdict"), rows)


def table(caption: str, heads: Sequence[str], rows: Sequence[str]) -> str:
    """A table whose rows become blocks on a phone; `rows` are finished `tr` elements."""
    # Roles, since some browsers forget them where rows become blocks.
    head = "".join(f'<th scope="col" role="columnheader">{html.escape(h)}</th>' for h in heads)
    return (
        '<table class="figures" role="table">'
        f'<caption class="hidden">{html.escape(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(rows)}</tbody></table>'
    )


def row(
    title: str, meaning: str, cells: Sequence[str], colour: Colour | None, heads: Sequence[str]
) -> str:
    """One figure as a row: what it is, what it says, numbers as text, and its colour."""
    small = f"<small>{_text(meaning)}</small>" if meaning else ""
    numbers = "".join(
        f'<td role="cell" data-head="{html.escape(head)}">{_text(cell)}</td>'
        for head, cell in zip(heads, cells, strict=True)
    )
    return (
        f'<tr role="row"><th scope="row" role="rowheader">{html.escape(title)}{small}</th>{numbers}'
        f'<td role="cell">{badge(colour)}</td></tr>'
    )


def facts(said: Mapping[str, object]) -> str:
    """What is so, by what it is, as a list; None is left out."""
    items = "".join(
        f"<li>{html.escape(what)}: <code>{html.escape(str(value))}</code></li>"
        for what, value in said.items()
        if value is not None
    )
    return f'<ul class="notes">{items}</ul>'


def share(of_all: float) -> list[str]:
    """The fact that a page is about a share of the persons; none where it is about all."""
    return [] if of_all == 1 else [f"<b>{percent(of_all)}</b> of all persons"]


def attacks(figures: Iterable[Figure], title: str) -> str:
    """Values with intervals against their baselines, drawn."""
    note = "The dot is the value, the line its interval, the upright tick the baseline."
    drawn = charts.intervals_charts(figures, title)
    names = [title, *[f"{title}, continued"] * len(drawn)]
    return pair([picture(n, each, note) for n, each in zip(names, drawn, strict=False)])


def folded(summary_text: str, body: str) -> str:
    """What is shown when it is asked for."""
    return f"<details><summary>{_text(summary_text)}</summary>{body}</details>"


def picture(caption: str, drawing: Drawing, note: str = "", mark: str = "") -> str:
    """A drawing with its caption, and its numbers as a table for whoever cannot see it."""
    said = f"<small>{_text(note)}</small>" if note else ""
    return (
        f"<figure><figcaption>{_text(caption)} {mark}{said}</figcaption>{drawing.svg}"
        + _numbers(caption, drawing.data)
        + "</figure>"
    )


def _numbers(caption: str, data: pl.DataFrame) -> str:
    """The numbers behind a picture, as a table that opens on demand."""
    heads = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in data.columns)
    rows = "".join(
        f'<tr><th scope="row">{_plain(first)}</th>'
        + "".join(f"<td>{_plain(value)}</td>" for value in rest)
        + "</tr>"
        for first, *rest in data.iter_rows()
    )
    of = f" of: {html.escape(caption)}"
    return (
        f'<details class="data"><summary>Numbers<span class="hidden">{of}</span></summary>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="Numbers{of}"><table>'
        f'<caption class="hidden">Numbers{of}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _plain(value: Any) -> str:
    """A value of that table as text."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".") if not is_nan(value) else "–"
    return html.escape(f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "hour") else str(value))


def grid(pictures: Sequence[str], more: str = "more") -> str:
    """Pictures side by side as the window allows; of many the rest is folded."""
    first, rest = pictures[:MAX_UNFOLDED], pictures[MAX_UNFOLDED:]
    shown = f'<div class="grid">{"".join(first)}</div>'
    return shown + (folded(f"{len(rest)} {more}", grid_of(rest)) if rest else "")


def pair(pictures: Sequence[str]) -> str:
    """Two pictures to be compared."""
    return f'<div class="grid pair">{"".join(pictures)}</div>'


def grid_of(pictures: Sequence[str]) -> str:
    """Pictures side by side as the window allows."""
    return f'<div class="grid">{"".join(pictures)}</div>'


def legend(kind: str, names: Mapping[str, str]) -> str:
    """The colours of pictures, each with the shape (`points`) or filling (`areas`) it has there."""
    keys = "".join(f'<span class="key {n}">{html.escape(word)}</span>' for n, word in names.items())
    return f'<p class="legend {kind}">{keys}</p>'


def limits_table(figures: Mapping[str, Figure]) -> str:
    """What was judged by which and whose limits, folded."""
    heads = ("Judged", "Green", "Amber", "Whose")
    judged = {name: figure for name, figure in figures.items() if figure.limits}
    rows = [row(f.title, name, _limits(f), f.colour, heads) for name, f in judged.items()]
    return folded("Limits of green and amber", table("Limits", ("Figure", *heads, "Verdict"), rows))


def _limits(figure: Figure) -> list[str]:
    """What was judged, both limits, and whose they are."""
    if figure.limits is None:
        return ["–"] * 4
    sign = "≥" if figure.limits.more else "≤"
    ends = [f"{sign} {limit:g}" for limit in figure.limits]
    return [number(figure.compared), *ends, "given" if figure.given else "the project's"]


def _text(plain: str) -> str:
    """Escaped for HTML; a sign such as % stays on the line of its number."""
    told = html.escape(plain).replace(" %", "&nbsp;%")
    return told.replace("&lt; ", "&lt;&nbsp;").replace("&gt; ", "&gt;&nbsp;")
