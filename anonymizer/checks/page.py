"""What the pages of the checks have in common: the frame, cards, cells, and writing files whole."""

import html
import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from anonymizer.checks.figures import Colour
from anonymizer.checks.statistics import Estimate
from anonymizer.errors import FileError

STYLE: Final = (Path(__file__).parent / "report.css").read_text()
WORDS: Final[dict[Colour, str]] = {
    "green": "good",
    "amber": "look closer",
    "red": "not good enough",
}


def document(title: str, body: str) -> str:
    """A page that needs no network and no script."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title>"
        f"<style>{STYLE}</style></head>\n<body><main>{body}</main></body></html>\n"
    )


def _text(plain: str) -> str:
    """Escaped, with percent signs beside their numbers."""
    return html.escape(plain).replace(" %", "&nbsp;%")


def card(title: str, colour: Colour | None, value: str, text: str) -> str:
    """One result in large letters; grey where it has no colour."""
    word = WORDS[colour] if colour else "not judged"
    return (
        f'<div class="card {colour or ""}"><h3>{html.escape(title)}</h3>'
        f"<p class=value>{_text(value)}</p>"
        f"<p>{_text(text)}</p><p class=word>{word}</p></div>"
    )


def table(heads: Sequence[str], rows: Sequence[str]) -> str:
    """A table that scrolls where the window is narrow; `rows` are finished `tr` elements."""
    head = "".join(f'<th scope="col">{html.escape(h)}</th>' for h in heads)
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f"<div class=scroll><table>{body}</table></div>"


def row(title: str, meaning: str, cells: Sequence[str], colour: Colour | None) -> str:
    """One figure as a row: what it is, what it says, numbers as text, and its colour."""
    mark = f'<span class="mark {colour}">{WORDS[colour]}</span>' if colour else ""
    small = f"<small>{_text(meaning)}</small>" if meaning else ""
    numbers = "".join(f"<td>{_text(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{html.escape(title)}{small}</th>{numbers}<td>{mark}</td></tr>'


def legend(names: Sequence[str], called: Mapping[str, str] | None = None) -> str:
    """The colours of a picture, with longer words for their names where `called` has them."""
    words = called or {}
    marks = "".join(f'<span class="key {n}">{html.escape(words.get(n, n))}</span>' for n in names)
    return f"<p class=legend>{marks}</p>"


def is_nan(value: float | None) -> bool:
    """Whether a value is absent or no number."""
    return value is None or value != value  # noqa: PLR0124 (NaN differs from itself)


def number(value: float | None) -> str:
    """Three digits after the point, a dash for none."""
    return "–" if value is None or is_nan(value) else f"{value:.3f}"


def percent(value: float | None) -> str:
    """Whole percent, tenths near the ends, where they matter; a dash for none."""
    if value is None or is_nan(value):
        return "–"
    if 0 < value < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= value < 1:
        return "> 99.9 %"
    near_an_end = 0 < value < 0.1 or 0.99 < value < 1
    return f"{100 * value:.1f} %" if near_an_end else f"{100 * value:.0f} %"


def interval(estimate: Estimate, show: Any = number) -> str:
    """From low to high, a dash where both ends are the same."""
    low, high = estimate.low, estimate.high
    return "–" if low == high else f"{show(low)} to {show(high)}"


def without_nan(value: Any) -> Any:
    """The same with null for NaN, as JSON takes it."""
    if isinstance(value, dict):
        return {k: without_nan(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_nan(v) for v in value]
    return None if isinstance(value, float) and is_nan(value) else value


def write(path: Path, text: str) -> None:
    """Write beside the target, then rename.

    Raises:
        FileError: the file cannot be written.
    """
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)  # noqa: PTH105 (Path.replace is the same)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise FileError(f"cannot write {path}: {error.strerror}") from error
