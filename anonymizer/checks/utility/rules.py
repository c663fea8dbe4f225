"""Rules that real rows keep: do synthetic rows keep them too?

Rules are found in the real set and borne out by the holdout. A rule names columns, never a value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, Final, NamedTuple

import polars as pl

from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.statistics import Estimate, design_interval, ratio_variance, share
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.validation import MIN_ENTITIES
from anonymizer.relations.base.relation import ALMOST, Relation, plain
from anonymizer.relations.search.discover import discover

_EVENTS_ASKED: Final = 100_000  # of the holdout and of the synthetic set, in whole histories


class Tally(NamedTuple):
    """What a rule says something of, and what breaks it.

    Attributes:
        rows: of which it says something.
        broken: rows that break it.
        entities: whose rows these are.
        breaking: entities with rows that break it.
        variance: of the share of rows that keep it, were other entities drawn.
    """

    rows: int
    broken: int
    entities: int
    breaking: int
    variance: float = 0.0

    @property
    def kept(self) -> float:
        """The share of the rows that keep it; NaN where it says nothing."""
        return 1 - self.broken / self.rows if self.rows else float("nan")

    @property
    def estimate(self) -> Estimate:
        """That share with its interval; entities are independent, the rows of one are not."""
        return design_interval(self.kept, self.variance, self.entities)

    def to_dict(self) -> dict[str, int]:
        """The counts."""
        return {name: getattr(self, name) for name in self._fields[:4]}


@dataclass(frozen=True)
class RuleKept:
    """A relation with how many rows of each set keep it.

    Attributes:
        relation: that was found in the real set.
        real, holdout, synthetic: how many rows and entities of each set it speaks of, and how many
            break it.
    """

    relation: Relation
    real: Tally
    holdout: Tally
    synthetic: Tally

    @property
    def exact(self) -> bool:
        """Whether no real row breaks it."""
        return not self.real.broken + self.holdout.broken

    @property
    def judged(self) -> float:
        """The share that is kept over that of real rows; one where chance explains what is broken.

        Chance does where the Wilson intervals of the share of entities with exceptions, of real and
        of synthetic ones, overlap: rows of one entity are often broken together.
        """
        if not self.synthetic.rows:
            return float("nan")
        rows, broken, entities, breaking = map(
            sum, zip(self.real[:4], self.holdout[:4], strict=True)
        )
        found = share(self.synthetic.breaking, self.synthetic.entities)
        if found.low <= share(breaking, entities).high:
            return 1.0
        return min(1.0, self.synthetic.kept / (1 - broken / rows))

    def to_dict(self) -> dict[str, Any]:
        """The rule as JSON takes it, as `docs/check.schema.json` describes it."""
        tallies = {"real": self.real, "holdout": self.holdout, "synthetic": self.synthetic}
        return {
            "rule": str(self.relation),
            "kind": self.relation.kind,
            "exact": self.exact,
            **{name: tally.to_dict() for name, tally in tallies.items()},
        }


def find_rules(sets: ComparedSets, seed: int) -> list[RuleKept]:
    """Rules of the real set that the holdout bears out, those that synthetic rows keep least first.

    Args:
        sets: the histories.
        seed: of what is drawn from them.
    """
    found = discover(sets.real, sets.entity, sets.time, min_entities=MIN_ENTITIES, seed=seed).found
    real, holdout, synthetic = (
        plain(sets.sample(frame, _EVENTS_ASKED, seed))
        for frame in (sets.real, sets.holdout, sets.synthetic)
    )
    rules = [
        RuleKept(
            each.relation,
            tallied(each.relation, real, sets.entity),
            tally,
            tallied(each.relation, synthetic, sets.entity),
        )
        for each in found
        if (tally := tallied(each.relation, holdout, sets.entity)).kept >= ALMOST
    ]
    return sorted(rules, key=lambda rule: (isnan(rule.judged), rule.judged, rule.synthetic.kept))


def tallied(relation: Relation, rows: pl.DataFrame, entity: str) -> Tally:
    """How many sorted rows and entities a rule speaks of, and how many of them break it."""
    judged = rows.select(pl.col(entity).alias("e")).with_columns(k=relation.kept(rows)).drop_nulls()
    each = judged.group_by("e").agg(rows=pl.len(), broken=(~pl.col("k")).sum()).sort("e")
    size, broken = each["rows"].to_numpy(), each["broken"].to_numpy()
    counts = (len(judged), int(broken.sum()), len(each), int((broken > 0).sum()))
    return Tally(*counts, ratio_variance(broken, size))


def rule_figures(sets: ComparedSets, rules: Sequence[RuleKept], seed: int) -> dict[str, Figure]:
    """The worst kept of the rules without exception, and of those with some; none without rules.

    Args:
        sets: the histories.
        rules: what `find_rules` finds.
        seed: of the baseline.
    """
    asked = [rule for rule in rules if rule.synthetic.rows]
    kinds = {
        "rules_exact": ("without exception", [rule for rule in asked if rule.exact]),
        "rules_nearly": ("with exceptions", [rule for rule in asked if not rule.exact]),
    }
    shuffled = plain(sets.shuffled(seed)) if asked else None
    return {
        name: _figure(words, some, tallied(some[0].relation, shuffled, sets.entity).kept)
        for name, (words, some) in kinds.items()
        if some and shuffled is not None
    }


def _figure(words: str, rules: Sequence[RuleKept], baseline: float) -> Figure:
    """The figure of the rule that is kept worst, which is the first."""
    worst, lost = rules[0], _count(rules)
    of = worst.synthetic
    said = f"{worst.relation}, broken in {of.broken:,} of {of.rows:,} rows"
    return Figure(
        f"Rules {words}: rows that keep the worst kept one",
        worst.synthetic.estimate,
        baseline,
        worst.holdout.kept,
        f"Of {len(rules)} rules {words} in real rows, {lost} are broken more often than there; "
        f"worst: {said}.",
        worst.judged,
        judged_as="the share over that of real rows, where chance does not explain the exceptions",
        unit="share",
        worst=said,
    )


def _count(rules: Iterable[RuleKept]) -> int:
    """How many are broken by more than chance."""
    return sum(rule.judged < 1 for rule in rules)
