"""Numbers as people read them."""

from collections import Counter
from collections.abc import Iterable
from math import isinf

from anonymizer.checks.figures.figure import COLOURS, WORDS, Colour, Figure, Unit
from anonymizer.checks.figures.statistics import Estimate


def count(figures: Iterable[Figure]) -> str:
    """How many figures have which colour, in words: `2 good, 1 for information`."""
    words = [f"{n} {WORDS[c] if c else 'for information'}" for c, n in counts(figures)]
    return ", ".join(words) or "nothing was measured"


def counts(figures: Iterable[Figure]) -> list[tuple[Colour | None, int]]:
    """How many figures have which colour, the worst first, those that only inform last."""
    found = Counter(figure.colour for figure in figures)
    order: tuple[Colour | None, ...] = (*COLOURS, None)
    return [(colour, found[colour]) for colour in order if found[colour]]


def is_nan(value: float | None) -> bool:
    """Whether a value is absent or no number."""
    return value is None or value != value  # noqa: PLR0124 (NaN differs from itself)


def number(value: float | None) -> str:
    """Three digits after the point, a dash for none and for what has no end.

    Example:
        >>> number(-0.0001), number(0.25), number(None)
        ('0.000', '0.250', '–')
    """
    if value is None or is_nan(value) or isinf(value):
        return "–"
    return f"{value:.3f}".replace("-0.000", "0.000")


def percent(value: float | None) -> str:
    """Whole percent, tenths near the ends, where they matter; a dash for none.

    Example:
        >>> percent(0.427), percent(0.0123), percent(None)
        ('43 %', '1.2 %', '–')
    """
    if value is None or is_nan(value):
        return "–"
    if 0 < value < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= value < 1:
        return "> 99.9 %"
    near_an_end = 0 < value < 0.1 or 0.99 < value < 1
    return f"{100 * value:.1f} %" if near_an_end else f"{100 * value:.0f} %"


def shown(value: float | None, unit: Unit) -> str:
    """A value as its unit is read: shares as percent, counts with commas, others with 3 digits."""
    if value is None or is_nan(value):
        return "–"
    if unit == "share":
        return percent(value)
    if unit == "count":
        return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    return number(value)


def interval(estimate: Estimate, unit: Unit = "number") -> str:
    """Both ends of an interval, a dash where they are the same, look the same, or are unknown."""
    low, high = estimate.low, estimate.high
    ends = [shown(low, unit), shown(high, unit)]
    if unit == "share" and ends[0] == ends[1]:
        ends = [f"{100 * end:.1f} %" for end in (low, high)]
    return "–" if ends[0] == ends[1] else " to ".join(ends)
