"""What a check says: a figure with its baseline, its ceiling, an interval and a colour."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from anonymizer.checks.statistics import Estimate

Colour = Literal["green", "amber", "red"]


class Limits(NamedTuple):
    """From where on a figure is green and amber; red beyond.

    Where green is above amber more is better, otherwise less.
    """

    green: float
    amber: float

    def colour(self, value: float) -> Colour:
        """Of a value; no number is red."""
        sign = 1 if self.green > self.amber else -1
        for name in ("green", "amber"):
            if sign * value >= sign * getattr(self, name):
                return "green" if name == "green" else "amber"
        return "red"


@dataclass(frozen=True)
class Figure:
    """One result.

    Attributes:
        title: in a few words.
        estimate: the value and its 95 % interval; both ends equal it where there is none.
        baseline: what something worthless reaches.
        ceiling: what real data reaches against itself.
        meaning: what it says, in a sentence.
        judged: the number that the limits are for, where it is not the value itself.
        limits: of green and amber, or None for figures that only inform.
    """

    title: str
    estimate: Estimate
    baseline: float | None
    ceiling: float | None
    meaning: str
    judged: float | None = None
    limits: Limits | None = None

    @property
    def colour(self) -> Colour | None:
        """Green, amber or red; None for figures that only inform."""
        judged = self.estimate.value if self.judged is None else self.judged
        return self.limits and self.limits.colour(judged)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "title": self.title,
            "estimate": self.estimate._asdict(),
            "baseline": self.baseline,
            "ceiling": self.ceiling,
            "meaning": self.meaning,
            "judged": self.judged,
            "limits": self.limits and self.limits._asdict(),
            "colour": self.colour,
        }


def exact(value: float) -> Estimate:
    """A value without an interval."""
    return Estimate(value, value, value)


def worst(figures: Iterable[Figure]) -> Colour:
    """The worst colour among figures."""
    found = {figure.colour for figure in figures}
    return "red" if "red" in found else "amber" if "amber" in found else "green"
