"""Every figure of utility of a check, one after another."""

from collections.abc import Callable
from typing import NamedTuple

from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.accuracy import accuracy_figures
from anonymizer.checks.utility.c2st import told_apart
from anonymizer.checks.utility.detector import (
    DetectorFunction,
    DetectorResult,
    detect,
    detector_figures,
)
from anonymizer.checks.utility.next_item import next_item_figures, recommended
from anonymizer.checks.utility.order import order_figures
from anonymizer.checks.utility.rules import RuleKept, find_rules, rule_figures
from anonymizer.checks.utility.similarity import fidelity_figures
from anonymizer.checks.utility.subgroup_transfer import transfer_figures
from anonymizer.checks.utility.subgroups import Group, find_groups, group_figures
from anonymizer.checks.utility.tree_detector import tree_figures, tree_trial


class Utility(NamedTuple):
    """What synthetic histories kept.

    Attributes:
        figures: by name, without colours.
        detector: the results behind the detector's figures.
        groups: entities that share a value which never changes, the least kept first.
        rules: that real rows keep, those that synthetic rows keep least first.
    """

    figures: dict[str, Figure]
    detector: DetectorResult
    groups: list[Group]
    rules: list[RuleKept]


def utility_figures(
    sets: ComparedSets,
    detector: DetectorFunction,
    label: str | None,
    seed: int,
    progress: Callable[[str], None] = lambda _line: None,
) -> Utility:
    """Train detectors and a recommender, and compare distributions, order, rules and groups.

    Args:
        sets: the histories.
        detector: trained on a frame, scores another.
        label: column of what detectors are to find; injected anomalies without it.
        seed: fixes every random choice.
        progress: told a line as the work goes on.
    """
    few = sets.for_detectors(label, seed)
    trial = detect(few, detector, label, seed, progress)
    result = trial.result(seed)
    progress("distributions are compared")
    trees, items = tree_trial(few, label, seed), recommended(sets, seed)
    groups = find_groups(sets, sets.synthetic, seed)
    rules = find_rules(sets, seed)
    figures = {
        **detector_figures(result),
        **tree_figures(trees.result(seed)),
        **next_item_figures(items, seed),
        **transfer_figures(sets, {"detector": trial, "trees": trees}, items),
        "told_apart": told_apart(sets, seed),
        **order_figures(sets, seed),
        **rule_figures(sets, rules, seed),
        **group_figures(sets, groups, seed),
        **accuracy_figures(sets, seed),
        **fidelity_figures(sets, seed),
    }
    return Utility(figures, result, groups, rules)
