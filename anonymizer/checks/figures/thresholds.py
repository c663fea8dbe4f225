"""The limits of green and amber by the figure's name, and a file that sets others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from math import isnan
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from anonymizer.checks.audit.groups import DISTANCES, GROUPS, VALUES
from anonymizer.checks.audit.tried import SHARES
from anonymizer.checks.figures.figure import AnyFigure, Figure, Limits
from anonymizer.checks.privacy.copies import DCR, SURE
from anonymizer.checks.privacy.inference import RISK
from anonymizer.checks.privacy.membership import AUC, GAIN
from anonymizer.checks.sets.histories import TIMES
from anonymizer.checks.utility.accuracy import OF_BEST
from anonymizer.checks.utility.detector import RATIO
from anonymizer.checks.utility.discriminator import TOLD_APART
from anonymizer.checks.utility.order import KEPT as ORDER_KEPT
from anonymizer.checks.utility.similarity import SIMILARITY
from anonymizer.checks.utility.subgroup_transfer import TITLES
from anonymizer.checks.utility.subgroups import ALIKE, SHARE_KEPT
from anonymizer.documents import fault, nearest, read_document
from anonymizer.errors import RuleError

# Every figure that `check` and `audit` may measure, `*` being a column; None only informs.
DEFAULTS: Final[dict[str, Limits | None]] = {
    "detector_auc": None,
    "detector_ap": None,
    "detector_auc_ratio": RATIO,
    "detector_ap_ratio": RATIO,
    "trees_auc": None,
    "trees_ap": None,
    "trees_auc_ratio": RATIO,
    "trees_ap_ratio": RATIO,
    "next_item": RATIO,
    **{f"{lesson}_groups": RATIO for lesson in TITLES},
    "told_apart": TOLD_APART,
    "order": ORDER_KEPT,
    **{f"order_{name}": None for name in ("2_grams", "3_grams", "previous", "lags")},
    "group_share": SHARE_KEPT,
    "group_columns": ALIKE,
    "accuracy_overall": OF_BEST,
    "accuracy_univariate": None,
    "accuracy_bivariate": None,
    "accuracy_trivariate": None,
    "accuracy_coherence": None,
    **{f"similarity_{name}": SIMILARITY for name in TIMES},
    "similarity_*": SIMILARITY,
    "copies": SURE,
    "moved_copies": SURE,
    "near_copies": SURE,
    "dcr_share": DCR,
    "neighbour_ratio": None,
    **{
        f"{attack}_{figure}{whom}": limits
        for attack in ("membership", "likelihood")
        for whom in ("", "_outliers")
        for figure, limits in (("auc", AUC), ("found", GAIN))
    },
    "singling_out": RISK,
    "linkability": RISK,
    "attribute_inference": RISK,
    "canaries": AUC,
    "unicity": SHARES,
    "found": SHARES,
    "intervals": SHARES,
    "linkage": SHARES,
    "linkage_near": SHARES,
    "windows": SHARES,
    "k": GROUPS,
    "unique": SHARES,
    "distinct_*": VALUES,
    "entropy_*": VALUES,
    "closeness_*": DISTANCES,
}

EXAMPLE: Final = "{green: 0.6, amber: 0.8}"


class _Pair(BaseModel):
    """Green and amber of one name."""

    model_config = ConfigDict(extra="forbid", strict=True)
    green: FiniteFloat
    amber: FiniteFloat


@dataclass(frozen=True)
class Thresholds:
    """Limits that take the place of the project's own.

    Attributes:
        limits: by the name of a figure or of a family (`*`, `?`). A name of its own comes before
            a family, and of families the first one.
        source: what to call them in messages.
    """

    limits: Mapping[str, Limits]
    source: str = "thresholds"

    def require_names(self, columns: Iterable[str]) -> None:
        """Refuse names that no figure can have, and limits the wrong way round.

        Args:
            columns: of the data; figures are named after them.

        Raises:
            RuleError: carries every fault.
        """
        defaults = _expanded(columns)
        faults = [f for name, given in self.limits.items() for f in _faults(name, given, defaults)]
        if faults:
            raise RuleError(self.source, faults)

    def applied(self, figures: Mapping[str, AnyFigure]) -> dict[str, AnyFigure]:
        """The figures under these limits; what says nothing here stays without a colour."""
        return {name: self._applied(name, figure) for name, figure in figures.items()}

    def _applied(self, name: str, figure: AnyFigure) -> AnyFigure:
        pattern = next((p for p in sorted(self.limits, key=_is_family) if _fits(p, name)), None)
        usual = next((limits for known, limits in DEFAULTS.items() if _fits(known, name)), None)
        nothing = figure.limits is None and (usual is not None or isnan(figure.estimate.value))
        if pattern is None or nothing:
            return figure
        return replace(figure, limits=self.limits[pattern], given=True)

    def notes(self, *figures: Mapping[str, Figure]) -> list[str]:
        """What limits were given for and is not among the figures."""
        names = [name for each in figures for name in each]
        absent = [p for p in self.limits if not any(_fits(p, name) for name in names)]
        return [f"limits were given for {', '.join(absent)}: not measured here"] if absent else []


ThresholdSource: TypeAlias = str | Path | Mapping[str, Any] | Thresholds


def load_thresholds(source: ThresholdSource) -> Thresholds:
    """Limits from a YAML or JSON file, a mapping, or as they are.

    Raises:
        RuleError: no mapping of names to two different numbers; carries every fault.
        FileError: the file cannot be read.
    """
    if isinstance(source, Thresholds):
        return source
    if isinstance(source, Mapping):
        return _parsed(source, "thresholds")
    path = Path(source)
    return _parsed(read_document(path), path.name)


def _parsed(document: object, source: str) -> Thresholds:
    if not isinstance(document, Mapping) or not document:
        raise RuleError(source, [f"expected lines such as `told_apart: {EXAMPLE}`"])
    found: dict[str, Limits] = {}
    faults: list[str] = []
    for name, pair in document.items():
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
    return Thresholds(found, source)


def _expanded(columns: Iterable[str]) -> dict[str, Limits | None]:
    """The limits by name, families written out for the columns."""
    columns = list(columns)
    return {
        full: limits
        for name, limits in DEFAULTS.items()
        for full in ([name.replace("*", c) for c in columns] if _is_family(name) else [name])
    }


def _faults(name: str, given: Limits, defaults: Mapping[str, Limits | None]) -> list[str]:
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
    return "*" in name or "?" in name


def _fits(pattern: str, name: str) -> bool:
    return pattern == name or fnmatchcase(name, pattern.replace("[", "[[]"))
