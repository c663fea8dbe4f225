"""What a check says: a figure with its baseline, its ceiling, an interval and a colour."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isinf, isnan
from typing import Any, Final, Literal, NamedTuple, TypeVar

from anonymizer.checks.figures.statistics import Estimate

Colour = Literal["green", "amber", "red"]
Unit = Literal["number", "share", "count", "distance"]

WORDS: Final[dict[Colour, str]] = {
    "green": "good",
    "amber": "look closer",
    "red": "not good enough",
}
OPEN: Final = 0.5  # length of an interval of shares from which on nearly everything is possible
NOT_JUDGED: Final = (
    "Not judged: the interval leaves nearly everything open. With more entities it says more."
)
COLOURS: Final[tuple[Colour, ...]] = ("red", "amber", "green")  # the worst first


class Limits(NamedTuple):
    """From where on a figure is green and amber; red beyond.

    Where green is above amber more is better, otherwise less.
    """

    green: float
    amber: float

    @property
    def more(self) -> bool:
        """Whether more is better."""
        return self.green > self.amber

    def colour(self, value: float) -> Colour:
        """Of a value; no number is red."""
        sign = 1 if self.more else -1
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
        given: whether the limits come from a file of thresholds.
        unit: how to read the value.
        judged_as: what the judged number is, in words; where it is no number, why.
    """

    title: str
    estimate: Estimate
    baseline: float | None
    ceiling: float | None
    meaning: str
    judged: float | None = None
    limits: Limits | None = None
    given: bool = False
    unit: Unit = "number"
    judged_as: str = "what chance leaves possible, see docs/checks.md"

    @property
    def colour(self) -> Colour | None:
        """Green, amber or red; None for figures that only inform."""
        judged = self.estimate.value if self.judged is None else self.judged
        return self.limits and self.limits.colour(judged)

    @property
    def reason(self) -> str | None:
        """Why the colour is another than limits and value alone give; None where it is not."""
        if self.limits is None or self.judged is None or isinf(self.judged):
            return None  # what is infinitely good is no group at all, as the meaning says
        value = self.estimate.value
        if self.limits.colour(value) == self.colour and not isnan(value):
            return None
        if isnan(self.judged):
            return f"It counts as nothing, as {self.judged_as}."
        return f"Judged is {self.judged:.3f}: {self.judged_as}."

    @property
    def said(self) -> str:
        """What it says, and why the colour is what it is."""
        return f"{self.meaning} {self.reason}" if self.reason else self.meaning

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "title": self.title,
            "estimate": self.estimate._asdict(),
            "baseline": self.baseline,
            "ceiling": self.ceiling,
            "meaning": self.meaning,
            **self.judgement(),
        }

    def judgement(self) -> dict[str, Any]:
        """As JSON: what is judged, by which and whose limits, and the colour."""
        return {
            "judged": self.judged,
            "limits": self.limits and self.limits._asdict(),
            "limits_given": self.given,
            "colour": self.colour,
            "reason": self.reason,
        }


AnyFigure = TypeVar("AnyFigure", bound=Figure)


def unless_open(figure: AnyFigure) -> AnyFigure:
    """The figure, without a colour where it is green only since hardly anything is known.

    Leaks are judged by what is there for sure, and of a few entities nothing is.
    """
    _, low, high = figure.estimate
    if figure.colour != "green" or not high - low > OPEN:
        return figure
    return replace(figure, meaning=f"{figure.meaning} {NOT_JUDGED}", limits=None)


def covers_all(kept: Estimate) -> bool:
    """Whether a share of what real data has may be nothing as well as all of it."""
    return kept.low <= 0 and kept.high >= 1


def exact(value: float) -> Estimate:
    """A value without an interval."""
    return Estimate(value, value, value)


def worst(figures: Iterable[Figure]) -> Colour | None:
    """The worst colour among figures; None if none of them is judged."""
    found = {figure.colour for figure in figures}
    return next((colour for colour in COLOURS if colour in found), None)


def worst_first(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """The same by colour; those that only inform last, equals in their order."""
    rank: dict[Colour | None, int] = {colour: i for i, colour in enumerate(COLOURS)}
    return dict(sorted(figures.items(), key=lambda item: rank.get(item[1].colour, len(rank))))
