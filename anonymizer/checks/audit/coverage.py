"""Whether so much was tried that a table may be called good."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

from anonymizer.checks.audit.raw_values import RAW_VALUES
from anonymizer.checks.figures.figure import Risk, exact

ENOUGH: Final = 2  # kinds of attack: one alone says too little
_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "raw identifiers": (f"{RAW_VALUES}*",),
    "groups": ("k",),
    "known events": ("unicity", "found"),
    "nearest records": ("linkage",),
}


def too_little(figures: Mapping[str, Risk], gaps: Sequence[str]) -> dict[str, Risk]:
    """Figures that forbid a good verdict: one kind of attack alone was judged, or there are gaps.

    Args:
        figures: judged.
        gaps: what could not be looked at, each with the way out.
    """
    colours = [name for name, figure in figures.items() if figure.colour is not None]
    tried = [kind for kind, names in _KINDS.items() if _among(names, colours)]
    absent = [kind for kind in _KINDS if kind not in tried]
    found = {}
    if colours and len(tried) < ENOUGH:
        found["kinds_judged"] = Risk(
            title="Kinds of attack that were judged",
            estimate=exact(float(len(tried))),
            baseline=None,
            ceiling=float(len(_KINDS)),
            meaning=f"Too little was judged to call this table good: not {', '.join(absent)}.",
            before=None,
            unit="count",
        )
    if colours and gaps:
        found["not_looked_at"] = Risk(
            title="Not looked at",
            estimate=exact(float(len(gaps))),
            baseline=None,
            ceiling=None,
            meaning=f"What was not looked at may be raw: {'; '.join(gaps)}.",
            before=None,
            unit="count",
        )
    return found


def _among(patterns: tuple[str, ...], judged: list[str]) -> bool:
    """Whether a figure of a kind was judged."""
    return any(fnmatchcase(name, pattern) for name in judged for pattern in patterns)
