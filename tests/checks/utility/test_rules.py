"""Rules of real rows: other real rows keep them, shuffled columns do not, damage is counted."""

import json
from dataclasses import replace

import polars as pl
import pytest

from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.statistics import share
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.rules import RuleKept, find_rules, rule_figures, tallied
from anonymizer.relations.kinds.orders import Order
from tests.relations.conftest import SECRET, shop


@pytest.fixture(scope="module")
def world() -> ComparedSets:
    """Three shops; in the real one a customer has a shelf and a product of its own."""
    real = shop(150).with_columns(
        pl.when(pl.col("customer") == 4).then(pl.lit(SECRET)).otherwise(c).alias(c)
        for c in ("shelf", "product")
    )
    synthetic, holdout = (
        shop(150, seed).with_columns(pl.col("customer") + seed * 1_000) for seed in (1, 2)
    )
    return ComparedSets(real, synthetic, holdout, "customer", "day")


def of_columns(world: ComparedSets, *columns: str) -> ComparedSets:
    """The sets with these columns alone, which takes less time."""
    some = {
        name: getattr(world, name).select("customer", "day", *columns)
        for name in ("real", "synthetic", "holdout")
    }
    return replace(world, **some)


def measured(sets: ComparedSets) -> tuple[list[RuleKept], dict[str, Figure]]:
    """The rules and their figures, with colours."""
    rules = find_rules(sets, 0)
    return rules, judged(rule_figures(sets, rules, 0))


def test_other_real_rows_keep_the_rules(world: ComparedSets) -> None:
    """The holdout in place of the synthetic set is green, with the baseline far below."""
    rules, figures = measured(replace(world, synthetic=world.holdout))
    assert len(rules) > 12
    assert {figure.colour for figure in figures.values()} == {"green"}
    exact = figures["rules_exact"]
    assert exact.estimate.value == exact.ceiling == 1
    assert exact.baseline is not None
    assert exact.baseline < 0.5


def test_shuffled_columns_break_the_rules(world: ComparedSets) -> None:
    """Red, and nearly every rule is broken."""
    rules, figures = measured(replace(world, synthetic=world.shuffled(3)))
    assert figures["rules_exact"].colour == "red"
    assert sum(rule.judged < 0.9 for rule in rules) > 10


def test_a_few_broken_rows_are_named_with_their_counts(world: ComparedSets) -> None:
    """One total in a hundred is off: red, and it says which rule and how many rows."""
    off = pl.col("amount") + (pl.int_range(pl.len()) % 100 == 7)
    rules, figures = measured(replace(world, synthetic=world.synthetic.with_columns(amount=off)))
    exact = figures["rules_exact"]
    assert exact.colour == "red"
    count = world.synthetic.height // 100 + (world.synthetic.height % 100 > 7)
    by_words = {str(rule.relation): rule for rule in rules}
    assert by_words["amount = price × units"].synthetic.broken == count
    assert by_words["product → shelf"].judged == 1
    assert str(rules[0].relation) in exact.meaning
    assert f"broken in {rules[0].synthetic.broken:,} of" in exact.meaning


def test_a_rule_says_no_value(world: ComparedSets) -> None:
    """Neither in words nor as JSON."""
    rules, figures = measured(of_columns(world, "product", "shelf", "price"))
    assert len(rules) > 1
    said = json.dumps([rule.to_dict() for rule in rules]) + str(figures)
    assert SECRET not in said
    assert "shelf 3" not in said


def test_exceptions_of_real_rows_are_no_damage(world: ComparedSets) -> None:
    """What is nearly a rule may be broken as often as there, and not more often."""
    some = pl.when(pl.int_range(pl.len()) % 40 == 0).then(pl.lit("shelf 0")).otherwise("shelf")
    few = of_columns(world, "product", "shelf")
    sets = replace(
        few, real=few.real.with_columns(shelf=some), holdout=few.holdout.with_columns(shelf=some)
    )
    assert measured(replace(sets, synthetic=sets.holdout))[1]["rules_nearly"].colour == "green"
    lost = few.synthetic.with_columns(pl.col("shelf").shuffle(1))
    assert measured(replace(sets, synthetic=lost))[1]["rules_nearly"].colour == "red"


def test_the_interval_is_one_of_entities() -> None:
    """Two of twenty entities break a rule in all of their ten rows: that is 2 of 20, not of 200."""
    rows = pl.DataFrame({"e": [i // 10 for i in range(200)]}).with_columns(
        low=pl.when(pl.col("e") < 2).then(2).otherwise(0), high=1
    )
    tally = tallied(Order("low", "high", strict=False), rows, "e")
    assert tally[:4] == (200, 20, 20, 2)
    assert tally.estimate == pytest.approx(share(18, 20), abs=0.02)


def test_without_rules_there_are_no_figures(world: ComparedSets) -> None:
    """Nothing is said of columns that have nothing to do with each other."""
    assert measured(of_columns(world)) == ([], {})
