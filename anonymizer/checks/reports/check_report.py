"""The outcome of a check as data: figures of utility and of privacy, and what they are of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from anonymizer.checks.figures.figure import Colour, Figure, Limits, worst
from anonymizer.checks.figures.statistics import Detection
from anonymizer.checks.figures.thresholds import PARTNER, usual_limits
from anonymizer.checks.reports.base import BaseReport
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.detector import DetectorResult
from anonymizer.checks.utility.rules import RuleKept
from anonymizer.checks.utility.subgroups import Group

OF_MODEL: Final = ("likelihood", "shadows", "canar")  # begin the figures of who holds the model


@dataclass(frozen=True, repr=False)
class Report(BaseReport):
    """The outcome of a check, as `check` returns it.

    Attributes:
        utility: what was kept, by the figure's name.
        privacy: what leaks, by the figure's name.
        sets: the histories that were compared.
        detector: the detector's results behind the utility figures.
        label: the column that the detector was to find, or None for injected anomalies.
        groups: entities that share a value which never changes, the least kept first.
        rules: that real rows keep, those that synthetic rows keep least first.
        share: of all persons, that each set holds; figures say what that tells of all.
        purpose: who gets it, by whose limits figures are judged.
        notes: sentences on what else a reader must know.

    Example:
        >>> report = check(real=real, synthetic=synthetic, holdout=holdout,
        ...                entity="customer_id", time="order_time")  # doctest: +SKIP
        >>> report.verdict  # doctest: +SKIP
        'amber'
        >>> report.utility["told_apart"].estimate.value  # doctest: +SKIP
        0.74
        >>> report.write_html("report.html")  # doctest: +SKIP
    """

    utility: dict[str, Figure]
    privacy: dict[str, Figure]
    sets: ComparedSets
    detector: DetectorResult
    label: str | None
    groups: Sequence[Group] = ()
    rules: Sequence[RuleKept] = ()
    share: float = 1
    purpose: str = PARTNER

    @property
    def figures(self) -> dict[str, Figure]:
        """All figures by name: what leaks, then what was kept."""
        return {**self.privacy, **self.utility}

    @property
    def group_colours(self) -> list[Colour | None]:
        """The colour of each group by the limits of `group_share`, which judges the worst one."""
        limits = self._limits("group_share")
        return [limits and limits.colour(group.share_kept) for group in self.groups]

    @property
    def rule_colours(self) -> list[Colour | None]:
        """The colour of each rule by the limits of the figure that judges the worst one."""
        names = ["rules_exact" if rule.exact else "rules_nearly" for rule in self.rules]
        limits = [self._limits(name) for name in names]
        return [
            each and each.colour(rule.judged) if rule.synthetic.rows else None
            for each, rule in zip(limits, self.rules, strict=True)
        ]

    def _limits(self, name: str) -> Limits | None:
        """Those by which the figure was judged, else the project's own."""
        figure = self.utility.get(name)
        return (figure and figure.limits) or usual_limits(name)

    @property
    def of_model(self) -> dict[str, Figure]:
        """What the folder of the model gives away, which whoever has a sample does not hold."""
        return {name: f for name, f in self.privacy.items() if name.startswith(OF_MODEL)}

    @property
    def of_sample(self) -> dict[str, Figure]:
        """What the synthetic histories give away."""
        return {name: f for name, f in self.privacy.items() if not name.startswith(OF_MODEL)}

    @property
    def verdict(self) -> Colour | None:
        """The worst colour of the synthetic histories, by what leaks and by what was kept."""
        return worst([*self.of_sample.values(), *self.utility.values()])

    @property
    def model_verdict(self) -> Colour | None:
        """The worst colour of the model's folder; None where nobody asked for it."""
        return worst(self.of_model.values())

    @property
    def verdicts(self) -> dict[str, Colour | None]:
        """Those of the sample, and of the model's folder if that was attacked."""
        model = {"verdict on the model folder": self.model_verdict} if self.of_model else {}
        return {"verdict": self.verdict, **model}

    def frames(self) -> dict[str, pl.DataFrame]:
        """The events of the three sets by name."""
        sets = self.sets
        return {"real": sets.real, "synthetic": sets.synthetic, "holdout": sets.holdout}

    def _all_figures(self) -> dict[str, Figure]:
        return self.figures

    def _contents(self) -> dict[str, Any]:
        counted = {
            name: {"entities": f[self.sets.entity].n_unique(), "events": len(f)}
            for name, f in self.frames().items()
        }
        return {
            "model_verdict": self.model_verdict,
            "purpose": self.purpose,
            "share": self.share,
            "assumptions": {
                "entity": self.sets.entity,
                "time": self.sets.time,
                "label": self.label,
            },
            "sets": counted,
            "detector": self._detector(),
            "utility": {name: figure.to_dict() for name, figure in self.utility.items()},
            "privacy": {name: figure.to_dict() for name, figure in self.privacy.items()},
            "groups": [group.to_dict() for group in self.groups],
            "rules": [
                {**rule.to_dict(), "colour": colour}
                for rule, colour in zip(self.rules, self.rule_colours, strict=True)
            ],
        }

    def _detector(self) -> dict[str, Any]:
        """The three trainings of the detector as JSON."""
        kinds = {
            kind: dict(zip(("real", "synthetic", "shuffled"), values, strict=True))
            for kind, values in self.detector.by_kind.items()
        }
        return {
            "finds": self.label or "injected anomalies",
            "prevalence": self.detector.prevalence,
            "trained_on_real": _estimates(self.detector.real),
            "trained_on_synthetic": _estimates(self.detector.synthetic),
            "trained_on_shuffled": _estimates(self.detector.baseline),
            "roc_auc_by_kind": kinds,
        }


def _estimates(detection: Detection) -> dict[str, Any]:
    """ROC AUC and average precision as JSON."""
    return {name: estimate._asdict() for name, estimate in detection._asdict().items()}
