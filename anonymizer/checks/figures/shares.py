"""Figures of a share of the persons: what they say of all persons, and how surely.

A share is drawn by `sample_entities`: whether somebody is among it depends on nobody else, so that
the sampling error follows from how many persons there are. That is not all. Whoever is looked for
in a tenth of the persons hides among a tenth of the others, and is found more easily than among
all; what many rows tell together a tenth of them tells less of; and the rarest group of all is most
likely not there. A table says of each figure which it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from math import hypot
from typing import Final, Literal, NamedTuple, TypeVar

from anonymizer.checks.figures.figure import AS_SMALL, Figure, at_worst
from anonymizer.checks.figures.formats import is_nan, percent
from anonymizer.checks.figures.statistics import Estimate
from anonymizer.checks.figures.statistics import share as share_of
from anonymizer.errors import UsageError

AnyFigure = TypeVar("AnyFigure", bound=Figure)


class Told(NamedTuple):
    """What a figure of some persons tells of all.

    Attributes:
        side: `about` the same; `at most` or `at least` an end of the interval; or `nothing`.
        why: the end of a sentence that begins with the share.
    """

    side: Literal["about", "at most", "at least", "nothing"]
    why: str


_ABOUT: Final = Told("about", "the interval is of all")
_RIVALS: Final = Told(
    "at most", "among all more are alike, so that of all it is the upper end at most"
)
_ORDER: Final = Told(
    "at least", "all rows tell more, so that of all it is the lower end at least, and never green"
)
_RAREST: Final = Told(
    "nothing", "the rarest group of all need not be there, so that it is not judged"
)

# Every figure of an audit; `*` stands for the name of a column.
OF_SOME: Final[dict[str, Told]] = {
    "raw_values_*": _ABOUT,
    "texts_left_*": _ABOUT,
    "unicity": _RIVALS,
    "found": _RIVALS,
    "intervals": _RIVALS,
    "linkage": _RIVALS,
    "linkage_near": _RIVALS,
    "windows": _RIVALS,
    "unique": _RIVALS,
    "shift_by_order": _ORDER,
    "k": _RAREST,
    "distinct_*": _RAREST,
    "entropy_*": _RAREST,
    "closeness_*": _RAREST,
}
_OPEN: Final = ("at least", "nothing")  # sides on which all persons may be worse off


@dataclass(frozen=True)
class Share:
    """The share of all persons that tables hold.

    Attributes:
        of_all: above 0, and 1 at most.
        persons: how many they are.
    """

    of_all: float
    persons: int

    def told(self, figures: Mapping[str, AnyFigure]) -> dict[str, AnyFigure]:
        """Judged figures of these persons as what they tell of all."""
        if self.of_all == 1:
            return dict(figures)
        return {name: self._told(figure, told_by(name)) for name, figure in figures.items()}

    @property
    def notes(self) -> list[str]:
        """A sentence on what the tables are; none of all persons."""
        some = f"{self.persons:,} of them, {percent(self.of_all)} of all"
        said = (
            f"figures are of a share of the persons, {some}, and each says what that tells of all"
        )
        return [] if self.of_all == 1 else [said]

    def gaps(self, told: Mapping[str, Figure]) -> list[str]:
        """That figures which are told have no colour, as they may be worse among all persons."""
        open_ = [
            name
            for name, figure in told.items()
            if self.of_all < 1 and figure.colour is None and told_by(name).side in _OPEN
        ]
        names = ", ".join(open_)
        return [f"the whole table by {names}, of which a share says too little"] if open_ else []

    def _told(self, figure: AnyFigure, told: Told) -> AnyFigure:
        meaning = f"{figure.meaning} Of {percent(self.of_all)} of the persons: {told.why}."
        if told.side == "nothing":
            return replace(figure, meaning=meaning, limits=None, judgeable=False)
        estimate = self._of_all(figure.estimate, told)
        judged = at_worst(estimate) if figure.judged_as == AS_SMALL else figure.judged
        found = replace(figure, meaning=meaning, estimate=estimate, judged=judged)
        is_hidden = told.side == "at least" and found.colour == "green"
        return replace(found, limits=None) if is_hidden else found

    def _of_all(self, found: Estimate, told: Told) -> Estimate:
        """A share of these persons with the error of drawing them, by Wilson's interval, as well.

        Both errors are independent.
        """
        value, low, high = found
        if is_nan(value):
            return found
        drawn = share_of(value * self.persons, self.persons)
        below = value - hypot(value - low, value - drawn.low)
        above = value + hypot(high - value, drawn.high - value)
        return Estimate(
            value,
            0.0 if told.side == "at most" else max(0.0, below),
            1.0 if told.side == "at least" else min(1.0, above),
        )


def told_by(name: str) -> Told:
    """What a figure of some persons tells of all.

    Raises:
        LookupError: the table has no row for it.
    """
    found = next((told for each, told in OF_SOME.items() if fnmatchcase(name, each)), None)
    if found is None:
        raise LookupError(f"the figure {name} has no row in OF_SOME")
    return found


def require_share(share: float) -> None:
    """Refuse what is no share.

    Raises:
        UsageError: it does not lie above 0, or is above 1.
    """
    if not 0 < share <= 1:
        raise UsageError(f"share is {share}: it must lie above 0 and be 1 at most")
