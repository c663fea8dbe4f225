"""Whether so much was tried that a table may be called good."""

from collections.abc import Mapping
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


def too_little(figures: Mapping[str, Risk]) -> dict[str, Risk]:
    """A figure that forbids a good verdict, where only one kind of attack was judged.

    Args:
        figures: judged.
    """
    colours = [name for name, figure in figures.items() if figure.colour is not None]
    tried = [kind for kind, names in _KINDS.items() if _among(names, colours)]
    if not colours or len(tried) >= ENOUGH:
        return {}
    absent = [kind for kind in _KINDS if kind not in tried]
    return {
        "kinds_judged": Risk(
            title="Kinds of attack that were judged",
            estimate=exact(float(len(tried))),
            baseline=None,
            ceiling=float(len(_KINDS)),
            meaning=f"Too little was judged to call this table good: not {', '.join(absent)}.",
            before=None,
            unit="count",
        )
    }


def _among(patterns: tuple[str, ...], judged: list[str]) -> bool:
    """Whether a figure of a kind was judged."""
    return any(fnmatchcase(name, pattern) for name in judged for pattern in patterns)
