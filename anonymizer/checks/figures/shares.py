"""Figures of a share of the persons: what they say of all persons, and how surely.

A share is drawn by `sample_entities`: whether somebody is among it depends on nobody else, so that
the sampling error follows from how many persons there are. That is not all. Whoever is looked for
in a tenth of the persons hides among a tenth of the others, and is found more easily than among
all; what many rows tell together a tenth of them tells less of; and the rarest group of all is most
likely not there. A table says of each figure which it is, as `benchmarks/shares.py` measures it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from math import hypot
from typing import Final, Literal, NamedTuple

from anonymizer.checks.figures.figure import AS_SMALL, AnyFigure, Figure, at_worst
from anonymizer.checks.figures.formats import percent
from anonymizer.checks.figures.statistics import Estimate
from anonymizer.checks.figures.statistics import share as share_of
from anonymizer.errors import UsageError


class Told(NamedTuple):
    """What a figure of some persons tells of all.

    Attributes:
        side: `about` the same; `at most` or `at least` an end of the interval; or `nothing`.
        why: the end of a sentence that begins with the share.
        doubted: whether all may be worse off than some, so that green is not believed.
    """

    side: Literal["about", "at most", "at least", "nothing"]
    why: str
    doubted: bool = False


_AT_LEAST: Final = "so that of all it is the lower end at least"
_AT_MOST: Final = "so that of all it is the upper end at most"
_ABOUT: Final = Told("about", "the interval is of all")
_RIVALS: Final = Told("at most", f"among all more are alike, {_AT_MOST}")
_LIKENESS: Final = Told("at least", f"fewer events look less alike by chance, {_AT_LEAST}")
_DIFFERENCE: Final = Told("at most", f"fewer events differ more by chance, {_AT_MOST}")
_LEARNED: Final = Told("at least", f"all teach more, {_AT_LEAST}")
_FOUND_OUT: Final = Told("at least", f"all teach more, {_AT_LEAST} and never good", doubted=True)
_PAIRS: Final = Told(
    "at least",
    f"a person and a copy of it are rarely both drawn, {_AT_LEAST} and never good",
    doubted=True,
)
_NAMED: Final = Told(
    "at least",
    f"whoever is named in rows of others is rarely drawn with them, {_AT_LEAST} and never good",
    doubted=True,
)
_NEAREST: Final = Told("nothing", "not judged, as a person and a copy of it are rarely both drawn")
_RAREST: Final = Told("nothing", "not judged, as the rarest group of all need not be among them")

# Every figure of a check and of an audit; `*` stands for the name of a column.
OF_SOME: Final[dict[str, Told]] = {
    # What was kept. How much survives is a ratio, of which both sides are learned alike.
    "detector_auc": _LEARNED,
    "detector_ap": _LEARNED,
    "detector_auc_ratio": _ABOUT,
    "detector_ap_ratio": _ABOUT,
    "trees_auc": _LEARNED,
    "trees_ap": _LEARNED,
    "trees_auc_ratio": _ABOUT,
    "trees_ap_ratio": _ABOUT,
    "next_item": _ABOUT,
    "detector_groups": _RAREST,
    "trees_groups": _RAREST,
    "next_item_groups": _RAREST,
    "told_apart": _FOUND_OUT,
    "order": _LEARNED,
    "order_2_grams": _LIKENESS,
    "order_3_grams": _LIKENESS,
    "order_previous": _LIKENESS,
    "order_lags": _DIFFERENCE,
    "rules_exact": _ABOUT,
    "rules_nearly": _ABOUT,
    "group_share": _RAREST,
    "group_columns": _RAREST,
    "accuracy_*": _LIKENESS,
    "similarity_*": _LIKENESS,
    # What leaks from synthetic histories.
    "copies": _PAIRS,
    "moved_copies": _PAIRS,
    "near_copies": _PAIRS,
    "dcr_share": _PAIRS,
    "neighbour_ratio": _NEAREST,
    "membership_*": _PAIRS,
    "likelihood_*": _FOUND_OUT,
    "shadows_*": _FOUND_OUT,
    "singling_out": _PAIRS,
    "linkability": _PAIRS,
    "attribute_inference": _PAIRS,
    "canaries": _ABOUT,
    # What can still be done with a masked table.
    "raw_values_*": _NAMED,
    "texts_left_*": _ABOUT,
    "unicity": _RIVALS,
    "found": _RIVALS,
    "intervals": _RIVALS,
    "linkage": _RIVALS,
    "linkage_near": _RIVALS,
    "windows": _RIVALS,
    "relinked": _RIVALS,
    "unique": _RIVALS,
    "shift_by_order": _FOUND_OUT,
    "shift_by_calendar": _FOUND_OUT,
    "k": _RAREST,
    "distinct_*": _RAREST,
    "entropy_*": _RAREST,
    "closeness_*": _RAREST,
}


@dataclass(frozen=True)
class Share:
    """The share of all persons that tables hold.

    Attributes:
        of_all: above 0, and 1 at most.
        persons: how many they are, in the smallest of the tables.
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
        held = f"the tables hold {percent(self.of_all)} of the persons"
        return [] if self.of_all == 1 else [f"{held}: each figure says what that tells of all"]

    def gaps(self, told: Mapping[str, Figure]) -> list[str]:
        """A sentence on what a share may not show at all; none of all persons."""
        if self.of_all == 1:
            return []
        open_ = [name for name in told if told_by(name).side == "nothing"]
        what = ", ".join([*open_, "what few have, such as values in a column that is mostly null"])
        return [f"{what}, of all persons, of which a share may show nothing: take the whole table"]

    def _told(self, figure: AnyFigure, told: Told) -> AnyFigure:
        meaning = f"{figure.meaning} Of {percent(self.of_all)} of the persons: {told.why}."
        if told.side == "nothing":
            return replace(figure, meaning=meaning, limits=None, judgeable=False)
        estimate = self._of_all(figure.estimate, told)
        judged = at_worst(estimate) if figure.judged_as == AS_SMALL else figure.judged
        return replace(
            figure, meaning=meaning, estimate=estimate, judged=judged, doubted=told.doubted
        )

    def _of_all(self, found: Estimate, told: Told) -> Estimate:
        """An interval with the error of drawing persons as well, where it may be of a share.

        Wilson's is added, as both are independent. What goes below 0 or above 1 is of no share, and
        its interval is a bootstrap over persons, which allows for it already.
        """
        value, low, high = found
        if low >= 0 and high <= 1:
            drawn = share_of(value * self.persons, self.persons)
            low = max(0.0, value - hypot(value - low, value - drawn.low))
            high = min(1.0, value + hypot(high - value, drawn.high - value))
        return Estimate(
            value,
            min(low, 0.0) if told.side == "at most" else low,
            max(high, 1.0) if told.side == "at least" else high,
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
