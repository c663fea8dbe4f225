"""A figure: one measured number with what it is compared to, and the colour that limits give it.

Measures make figures without a colour. `thresholds.judged` gives each its limits, once, when a
report is put together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isfinite, isinf, isnan
from typing import Any, Final, Literal, NamedTuple, TypeVar

from anonymizer.checks.figures.statistics import Estimate

Colour = Literal["green", "amber", "red"]
Unit = Literal["number", "share", "count", "distance"]

COLOURS: Final[tuple[Colour, ...]] = ("red", "amber", "green")  # the worst first
WORDS: Final[dict[Colour, str]] = {
    "green": "good",
    "amber": "look closer",
    "red": "not good enough",
}
NOT_JUDGED: Final = (
    "Not judged: the interval leaves nearly everything open. With more entities it says more."
)
OPEN: Final = 0.5  # length of an interval of shares, beyond which nearly everything is possible
AS_SMALL: Final = "a quarter of the interval's upper end, as the table is small"


class Limits(NamedTuple):
    """The values at which green and amber end; what is worse than amber is red.

    More is better where green is above amber, less is better where it is below.

    Attributes:
        green: the worst value that is still green.
        amber: the worst value that is still amber.

    Example:
        >>> Limits(green=0.9, amber=0.75).colour(0.8)
        'amber'
        >>> Limits(green=0.01, amber=0.05).colour(0.8)
        'red'
    """

    green: float
    amber: float

    @property
    def more(self) -> bool:
        """Whether more is better."""
        return self.green > self.amber

    def colour(self, value: float) -> Colour:
        """The colour of a value; NaN is red."""
        sign = 1 if self.more else -1
        for name in ("green", "amber"):
            if sign * value >= sign * getattr(self, name):
                return "green" if name == "green" else "amber"
        return "red"


@dataclass(frozen=True)
class Figure:
    """One result of a check, with what it has to be compared to.

    Attributes:
        title: what was measured, in a few words.
        estimate: the value and its 95 % interval; both ends equal the value where it is no
            estimate from a sample.
        baseline: the value that something worthless reaches; None where there is no such thing.
        ceiling: the value that real data reaches against real data; None where there is none.
        meaning: what the value says, in a sentence.
        judged: the number that the limits are held against, where it is not the value itself.
            NaN counts as red.
        judged_as: what that number is, in words; where it is NaN, why.
        unit: how the value is read: a plain number, a share in [0, 1], a count or a distance.
        judgeable: False where this measurement says nothing, so that no limits apply to it.
        open_length: of an interval, from which on green says nothing; so of leaks, which are
            judged by what is there for sure, and of a few persons nothing is.
        limits: of green and amber; None until it is judged, and for figures that only inform.
        given: whether the limits come from the user's thresholds.
        worst: which of several things was worst, where one of them decides.
        doubted: whether green is not believed, as of all persons it may be worse: it is amber then.

    Example:
        >>> from anonymizer.checks.figures.thresholds import judged
        >>> told_apart = Figure("Told apart", exact(0.8), 0.99, 0.5, "Half is best.")
        >>> told_apart.colour  # nothing, as it has not been judged
        >>> judged({"told_apart": told_apart})["told_apart"].colour
        'amber'
    """

    title: str
    estimate: Estimate
    baseline: float | None
    ceiling: float | None
    meaning: str
    judged: float | None = None
    judged_as: str = "what chance leaves possible, see docs/checks.md"
    unit: Unit = "number"
    judgeable: bool = True
    open_length: float | None = None
    limits: Limits | None = None
    given: bool = False
    worst: str | None = None
    doubted: bool = False

    @property
    def compared(self) -> float:
        """The number that limits are held against."""
        return self.estimate.value if self.judged is None else self.judged

    @property
    def colour(self) -> Colour | None:
        """Green, amber or red; None without limits."""
        found = self.limits and self.limits.colour(self.compared)
        return "amber" if self.doubted and found == "green" else found

    @property
    def reason(self) -> str | None:
        """Why the colour is not the one that the value alone would have; None where it is."""
        if self.limits is None or self.judged is None or isinf(self.judged):
            return None  # k is infinite where no group is left, which the meaning says
        value = self.estimate.value
        if self.limits.colour(value) == self.limits.colour(self.judged) and not isnan(value):
            return None
        if isnan(self.judged):
            return f"It counts as nothing, as {self.judged_as}."
        return f"Judged is {self.judged:.3f}: {self.judged_as}."

    @property
    def said(self) -> str:
        """What the value says, and why the colour is what it is."""
        return f"{self.meaning} {self.reason}" if self.reason else self.meaning

    def to_dict(self) -> dict[str, Any]:
        """The figure as JSON takes it, as `docs/check.schema.json` describes it."""
        return {
            "title": self.title,
            "estimate": self.estimate._asdict(),
            "baseline": self.baseline,
            "ceiling": self.ceiling,
            "meaning": self.meaning,
            **self.judgement(),
        }

    def judgement(self) -> dict[str, Any]:
        """The part of the JSON that tells what was judged, by whose limits, and the colour."""
        judged = self.judged
        # Infinite is the chance of as many copies as elsewhere; no chance is above one. Where the
        # value is no number, as k is where no group is left, there is none to write.
        if judged is not None and isinf(judged) and isfinite(self.estimate.value):
            judged = 1.0
        return {
            "judged": judged,
            "limits": self.limits and self.limits._asdict(),
            "limits_given": self.given,
            "colour": self.colour,
            "reason": self.reason,
        }


AnyFigure = TypeVar("AnyFigure", bound=Figure)


@dataclass(frozen=True, kw_only=True)
class Risk(Figure):
    """A figure of a masked table beside the same figure of the raw one.

    The estimate is of the masked table, the baseline is what guessing reaches, the ceiling is the
    value of the raw table.

    Attributes:
        before: the estimate of the raw table; None where it has none.
    """

    before: Estimate | None

    def to_dict(self) -> dict[str, Any]:
        """The figure as `docs/audit.schema.json` describes it: before, after, and by chance."""
        return {
            "title": self.title,
            "unit": self.unit,
            "before": self.before._asdict() if self.before else None,
            "after": self.estimate._asdict(),
            "chance": self.baseline,
            "meaning": self.meaning,
            **self.judgement(),
        }


def not_judged(figure: AnyFigure, why: str) -> AnyFigure:
    """A figure that has no colour, whatever the limits are, and says why."""
    return replace(figure, meaning=f"{figure.meaning} {why}", judgeable=False)


def covers_all(kept: Estimate) -> bool:
    """Whether, by its interval, a kept share may be nothing as well as everything."""
    return kept.low <= 0 and kept.high >= 1


def exact(value: float) -> Estimate:
    """A value that was counted and has no interval.

    Example:
        >>> exact(0.5)
        Estimate(value=0.5, low=0.5, high=0.5)
    """
    return Estimate(value, value, value)


def at_worst(found: Estimate) -> float:
    """What an attack is judged by: of small tables what it may find counts too, a quarter as much.

    Example:
        >>> at_worst(Estimate(value=0.0, low=0.0, high=0.2))
        0.05
    """
    return max(found.value, found.high / 4)


def worst(figures: Iterable[Figure]) -> Colour | None:
    """The worst colour among figures; None if none of them is judged."""
    found = {figure.colour for figure in figures}
    return next((colour for colour in COLOURS if colour in found), None)


def worst_first(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Figures in the order red, amber, green, without a colour; otherwise in their own order."""
    rank: dict[Colour | None, int] = {colour: i for i, colour in enumerate(COLOURS)}
    return dict(sorted(figures.items(), key=lambda item: rank.get(item[1].colour, len(rank))))
