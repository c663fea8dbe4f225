"""What a check says: a figure with its baseline, its ceiling, an interval and a colour."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from anonymizer.checks.statistics import Estimate

Colour = Literal["green", "amber", "red"]


@dataclass(frozen=True)
class Figure:
    """One result.

    Attributes:
        title: in a few words.
        estimate: the value and its 95 % interval; both ends equal it where there is none.
        baseline: what something worthless reaches.
        ceiling: what real data reaches against itself.
        colour: green, amber or red, or None for figures that only inform.
        meaning: what it says, in a sentence.
    """

    title: str
    estimate: Estimate
    baseline: float | None
    ceiling: float | None
    colour: Colour | None
    meaning: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "estimate": self.estimate._asdict()}


def at_least(value: float, green: float, amber: float) -> Colour:
    """Green from one threshold on, amber from another, red below and for no number."""
    return "green" if value >= green else "amber" if value >= amber else "red"


def exact(value: float) -> Estimate:
    """A value without an interval."""
    return Estimate(value, value, value)


def worst(figures: list[Figure]) -> Colour:
    """The worst colour among figures."""
    found = {figure.colour for figure in figures}
    return "red" if "red" in found else "amber" if "amber" in found else "green"
