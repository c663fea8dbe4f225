"""The limits of green and amber of every figure, and a file that sets others.

This table is the one place where figures get their colours. The modules that measure know none of
it: `judged` looks a figure's limits up by its name, when a report is put together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from math import isnan
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from anonymizer.checks.figures.figure import NOT_JUDGED, AnyFigure, Figure, Limits, not_judged
from anonymizer.documents import fault, nearest, read_document
from anonymizer.errors import RuleError, UsageError

_KEPT: Final = Limits(green=0.90, amber=0.75)  # of what training on real histories teaches
_ALIKE: Final = Limits(green=0.95, amber=0.85)  # of the likeness that real data or chance reaches
_BY_ACCIDENT: Final = Limits(green=0.01, amber=0.001)  # the chance of so many copies by accident
_AUC_FOR_SURE: Final = Limits(green=0.53, amber=0.56)  # ROC AUC or share, of which 0.5 is chance
_FOUND_FOR_SURE: Final = Limits(green=0.01, amber=0.04)  # members found beyond the false alarms
_RISK_FOR_SURE: Final = Limits(green=0.01, amber=0.05)  # what an attack gains over its control
_ENTITIES_FOUND: Final = Limits(green=0.05, amber=0.20)  # share of the entities that it finds
_DIVERSITY: Final = Limits(green=3, amber=2)  # l, values of a sensitive column

# Every figure that `check` and `audit` can measure; `*` stands for the name of a column. None: it
# only informs. A figure without a row cannot be judged and is an error.
DEFAULTS: Final[dict[str, Limits | None]] = {
    # What was kept.
    "detector_auc": None,
    "detector_ap": None,
    "detector_auc_ratio": _KEPT,
    "detector_ap_ratio": _KEPT,
    "trees_auc": None,
    "trees_ap": None,
    "trees_auc_ratio": _KEPT,
    "trees_ap_ratio": _KEPT,
    "next_item": _KEPT,
    "detector_groups": _KEPT,
    "trees_groups": _KEPT,
    "next_item_groups": _KEPT,
    "told_apart": Limits(green=0.70, amber=0.90),  # ROC AUC; half is best
    "order": Limits(green=0.80, amber=0.60),  # of the order in the holdout
    "order_2_grams": None,
    "order_3_grams": None,
    "order_previous": None,
    "order_lags": None,
    "rules_exact": Limits(green=0.9999, amber=0.999),  # one row in a thousand breaks it
    "rules_nearly": Limits(green=0.98, amber=0.95),  # of the share of real rows that keep it
    "group_share": Limits(green=0.80, amber=0.50),  # of a group's share, or the inverse
    "group_columns": _ALIKE,
    "accuracy_overall": Limits(green=0.95, amber=0.88),  # of what training events reach
    "accuracy_univariate": None,
    "accuracy_bivariate": None,
    "accuracy_trivariate": None,
    "accuracy_coherence": None,
    "similarity_history_length": _ALIKE,
    "similarity_gap": _ALIKE,
    "similarity_first_event": _ALIKE,
    "similarity_last_event": _ALIKE,
    "similarity_weekday_and_hour": _ALIKE,
    "similarity_*": _ALIKE,
    "children_*": _ALIKE,
    "orphans_*": Limits(green=0, amber=0),  # rows; a key that leads nowhere breaks every join
    "columns_of_*": _ALIKE,
    # What leaks from synthetic histories.
    "copies": _BY_ACCIDENT,
    "moved_copies": _BY_ACCIDENT,
    "near_copies": _BY_ACCIDENT,
    "dcr_share": _AUC_FOR_SURE,
    "neighbour_ratio": None,
    "membership_auc": _AUC_FOR_SURE,
    "membership_found": _FOUND_FOR_SURE,
    "membership_auc_outliers": _AUC_FOR_SURE,
    "membership_found_outliers": _FOUND_FOR_SURE,
    "likelihood_auc": _AUC_FOR_SURE,
    "likelihood_found": _FOUND_FOR_SURE,
    "likelihood_auc_outliers": _AUC_FOR_SURE,
    "likelihood_found_outliers": _FOUND_FOR_SURE,
    "shadows_auc": _AUC_FOR_SURE,
    "shadows_found": _FOUND_FOR_SURE,
    "shadows_auc_outliers": _AUC_FOR_SURE,
    "shadows_found_outliers": _FOUND_FOR_SURE,
    "singling_out": _RISK_FOR_SURE,
    "linkability": _RISK_FOR_SURE,
    "attribute_inference": _RISK_FOR_SURE,
    "canaries": _AUC_FOR_SURE,
    # What can still be done with a masked table.
    "raw_values_*": Limits(green=0.0, amber=0.01),  # of a column; even one is there for somebody
    "texts_left_*": Limits(green=0.02, amber=0.10),  # of entities; some of what is seen is harmless
    "kinds_judged": Limits(green=2, amber=1),  # kinds of attack
    "not_looked_at": Limits(green=0, amber=1_000),  # never red: nobody knows
    "unicity": _ENTITIES_FOUND,
    "found": _ENTITIES_FOUND,
    "intervals": _ENTITIES_FOUND,
    "shift_by_order": _ENTITIES_FOUND,  # of those that are not found by chance
    "shift_by_calendar": _ENTITIES_FOUND,
    "linkage": _ENTITIES_FOUND,
    "linkage_near": _ENTITIES_FOUND,
    "windows": _ENTITIES_FOUND,
    "relinked": _ENTITIES_FOUND,
    "k": Limits(green=5, amber=3),  # an attacker then finds one in five, or one in three
    "unique": _ENTITIES_FOUND,
    "distinct_*": _DIVERSITY,
    "entropy_*": _DIVERSITY,
    "closeness_*": Limits(green=0.2, amber=0.4),  # t, total variation or earth mover's distance
}

EXAMPLE: Final = "{green: 0.6, amber: 0.8}"

PURPOSES: Final = {  # who gets it → how a verdict begins
    "internal": "Inside the organisation",
    "partner": "For a partner",
    "public": "For the public",
}
LONGEST_PURPOSE: Final = 40  # characters
PARTNER: Final = "partner"  # the limits of `DEFAULTS`
# Groups of 3, 5 and 11 are customary inside, under a contract and for the public (El Emam 2013);
# what attacks may find goes with them, by our own judgement.
_FINDING: Final = (
    *("unicity", "found", "intervals", "linkage", "linkage_near", "windows", "unique"),
    "relinked",
    "shift_by_order",
    "shift_by_calendar",
)
_OF_PURPOSE: Final[dict[str, dict[str, Limits]]] = {
    "internal": {
        **dict.fromkeys(_FINDING, Limits(green=0.20, amber=0.50)),
        "k": Limits(green=3, amber=2),
        "distinct_*": Limits(green=2, amber=1),
        "entropy_*": Limits(green=2, amber=1),
    },
    "public": {
        **dict.fromkeys(_FINDING, Limits(green=0.01, amber=0.05)),
        "k": Limits(green=11, amber=5),
        "texts_left_*": Limits(green=0.005, amber=0.02),
        **dict.fromkeys(
            ("dcr_share", "membership_auc*", "likelihood_auc*", "shadows_auc*", "canaries"),
            Limits(green=0.51, amber=0.53),
        ),
    },
}


class _Pair(BaseModel):
    """Green and amber of one name, as a file of thresholds has them."""

    model_config = ConfigDict(extra="forbid", strict=True)
    green: FiniteFloat
    amber: FiniteFloat


@dataclass(frozen=True)
class Thresholds:
    """The user's limits, which take the place of the project's own.

    Attributes:
        limits: by the name of a figure or of a family (`*`, `?`). A name of its own comes before
            a family, and of families the first one.
        source: what messages call them.
        purpose: who gets what is judged: `internal`, `partner`, `public`, or a name of the user's
            own, whose other limits are those of a partner.
    """

    limits: Mapping[str, Limits] = field(default_factory=dict)
    source: str = "thresholds"
    purpose: str = PARTNER

    def require_names(self, columns: Iterable[str]) -> None:
        """Refuse names that no figure can have, and limits the wrong way round.

        Args:
            columns: of the data; some figures are named after them.

        Raises:
            RuleError: carries every fault.
        """
        defaults = _expanded(columns)
        faults = [f for name, given in self.limits.items() for f in _faults(name, given, defaults)]
        if faults:
            raise RuleError(self.source, faults)

    def for_figure(self, name: str) -> Limits | None:
        """The limits that are given for a figure; None where there are none."""
        pattern = next((p for p in sorted(self.limits, key=_is_family) if _fits(p, name)), None)
        return None if pattern is None else self.limits[pattern]

    def notes(self, *figures: Mapping[str, Figure]) -> list[str]:
        """A sentence on the names that limits were given for and that this run did not measure."""
        names = [name for each in figures for name in each]
        absent = [p for p in self.limits if not any(_fits(p, name) for name in names)]
        return [f"limits were given for {', '.join(absent)}: not measured here"] if absent else []


ThresholdSource: TypeAlias = str | Path | Mapping[str, Any] | Thresholds


def usual_limits(name: str, purpose: str = PARTNER) -> Limits | None:
    """The project's own limits of a figure; None where it only informs.

    Raises:
        LookupError: the table has no row for it.
    """
    row = next((pattern for pattern in DEFAULTS if _fits(pattern, name)), None)
    if row is None:
        raise LookupError(f"the figure {name} has no row in DEFAULTS")
    others = _OF_PURPOSE.get(purpose, {})
    return next((others[pattern] for pattern in others if _fits(pattern, name)), DEFAULTS[row])


def for_whom(purpose: str) -> str:
    """How a verdict for a purpose begins."""
    return PURPOSES.get(purpose, f"For {purpose}")


def judged(
    figures: Mapping[str, AnyFigure], given: Thresholds | None = None
) -> dict[str, AnyFigure]:
    """Measured figures with their limits, and so with their colours.

    Args:
        figures: by name, as the measures make them.
        given: the user's limits, where they have some.

    Raises:
        LookupError: a figure has no row in the table.
    """
    limits = given or Thresholds()
    return {
        name: _judged(figure, usual_limits(name, limits.purpose), limits.for_figure(name))
        for name, figure in figures.items()
    }


def _judged(figure: AnyFigure, usual: Limits | None, own: Limits | None) -> AnyFigure:
    """A figure by the user's limits where there are some, else by the project's own."""
    if not figure.judgeable or (usual is None and isnan(figure.estimate.value)):
        return figure  # it says nothing, whatever the limits are
    by_default = replace(figure, limits=usual)
    if _is_open(by_default):
        return not_judged(figure, NOT_JUDGED)
    return by_default if own is None else replace(figure, limits=own, given=True)


def _is_open(figure: Figure) -> bool:
    """Whether a leak would be green only because hardly anything is known of it.

    Leaks are judged by what is there for sure, and of a few entities nothing is. The user's limits
    make no difference to that.
    """
    _, low, high = figure.estimate
    longest = figure.open_length
    return longest is not None and figure.colour == "green" and high - low > longest


def load_thresholds(
    source: ThresholdSource | None = None, purpose: str | None = None
) -> Thresholds:
    """Read limits from a YAML or JSON file or from a mapping.

    Args:
        source: a path; a mapping of figures' names to `green` and `amber`, and `purpose` to a name;
            thresholds, which are returned as they are; or nothing, for the project's own.
        purpose: who gets what is judged: `internal`, `partner` or `public`; what the source says,
            else `partner`, where left out.

    Returns:
        The limits. Their names are checked later, by `check` and `audit`, as some figures are
        named after the columns of the data.

    Raises:
        RuleError: no mapping of names to two different numbers; carries every fault.
        FileError: the file cannot be read.
        UsageError: there is no such purpose.

    Example:
        >>> load_thresholds({"told_apart": {"green": 0.6, "amber": 0.8}}).limits
        {'told_apart': Limits(green=0.6, amber=0.8)}
    """
    if purpose is not None and purpose not in PURPOSES:
        way = "or let a file of thresholds say `purpose:`, with limits of its own"
        raise UsageError(f"purpose {purpose!r} is none of {', '.join(PURPOSES)}: take one, {way}")
    given = _read(source)
    return given if purpose is None else replace(given, purpose=purpose)


def _read(source: ThresholdSource | None) -> Thresholds:
    if source is None:
        return Thresholds()
    if isinstance(source, Thresholds):
        return source
    if isinstance(source, Mapping):
        return _parsed(source, "thresholds")
    path = Path(source)
    return _parsed(read_document(path), path.name)


def _parsed(document: object, source: str) -> Thresholds:
    """Limits from what a file or a mapping holds; all its faults are found before one is raised."""
    if not isinstance(document, Mapping) or not document:
        raise RuleError(source, [f"expected lines such as `told_apart: {EXAMPLE}`"])
    found: dict[str, Limits] = {}
    faults: list[str] = []
    purpose = document.get("purpose", PARTNER)
    if not (
        isinstance(purpose, str) and 0 < len(purpose) <= LONGEST_PURPOSE and purpose.isprintable()
    ):
        faults.append(f"purpose: expected a name of at most {LONGEST_PURPOSE} characters")
    elif purpose not in PURPOSES and (known := purpose.strip().lower()) in PURPOSES:
        faults.append(f"purpose: write {known}, whose limits another spelling would not have")
    for name, pair in document.items():
        if name == "purpose":
            continue
        if not isinstance(pair, Mapping):
            faults.append(f"{name}: expected two limits such as {EXAMPLE}")
            continue
        try:
            limits = _Pair.model_validate(pair)
        except ValidationError as error:
            faults += [fault(str(name), dict(d), list(_Pair.model_fields)) for d in error.errors()]
            continue
        if limits.green == limits.amber:
            faults.append(f"{name}: green and amber must differ: which is larger says what is good")
        found[str(name)] = Limits(limits.green, limits.amber)
    if faults:
        raise RuleError(source, faults)
    return Thresholds(found, source, purpose)


def _expanded(columns: Iterable[str]) -> dict[str, Limits | None]:
    """The table with a row per column in place of each family."""
    columns = list(columns)
    return {
        full: limits
        for name, limits in DEFAULTS.items()
        for full in ([name.replace("*", c) for c in columns] if _is_family(name) else [name])
    }


def _faults(name: str, given: Limits, defaults: Mapping[str, Limits | None]) -> list[str]:
    """What is wrong with the limits of one name: nothing has it, or they are upside down."""
    fitting = [full for full in defaults if _fits(name, full)]
    if not fitting:
        return [f"{name}: no figure has this name{nearest(name, [*defaults, *DEFAULTS])}"]
    known = [(full, limits) for full in fitting if (limits := defaults[full]) is not None]
    wrong = next((full for full, limits in known if limits.more != given.more), None)
    if wrong is None:
        return []
    which = "below" if given.more else "above"
    return [
        f"{name}: of {wrong} {'less' if given.more else 'more'} is better: green is {which} amber"
    ]


def _is_family(name: str) -> bool:
    """Whether a name stands for several figures."""
    return "*" in name or "?" in name


def _fits(pattern: str, name: str) -> bool:
    """Whether a pattern stands for a name; brackets, which columns may have, mean themselves."""
    return pattern == name or fnmatchcase(name, pattern.replace("[", "[[]"))
