"""A small group that is lost or damaged shows, chance does not, and nobody rare is named."""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.statistics import relative_rate
from anonymizer.checks.figures.thresholds import DEFAULTS, judged
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.subgroups import (
    Group,
    bonferroni_z,
    constant_columns,
    find_groups,
    group_figures,
)
from tests.checks.conftest import three

SECRET = "Zyxwvut"
COUNTRIES = {"Aland": 0.62, "Beland": 0.25, "Celand": 0.1, "Deland": 0.03}


def people(first: int, seed: int, customers: int = 1_000) -> pl.DataFrame:
    """Customers of four countries with a few purchases each."""
    rng = np.random.default_rng(seed)
    country = rng.choice(list(COUNTRIES), customers, p=list(COUNTRIES.values()))
    who = np.repeat(np.arange(customers), rng.integers(2, 6, customers))
    return pl.DataFrame({
        "customer": first + who,
        "time": pl.Series(rng.integers(0, 10**10, len(who))).cast(pl.Datetime("ms")),
        "country": country[who],
        "amount": rng.lognormal(2, 1, len(who)).round(2),
    })  # fmt: skip


@pytest.fixture(scope="module")
def world() -> ComparedSets:
    """Three draws; in the real one three customers have a country of their own."""
    alone = people(0, 1).with_columns(
        country=pl.when(pl.col("customer") < 3).then(pl.lit(SECRET)).otherwise("country")
    )
    return ComparedSets(alone, people(5_000, 2), people(9_000, 3), "customer", "time")


def draw(seed: int) -> ComparedSets:
    """Three honest draws of few."""
    return three(lambda i: people(i * 5_000, seed + i, 300))


def figures(sets: ComparedSets) -> dict[str, Figure]:
    """Of the synthetic set."""
    return judged(group_figures(sets, find_groups(sets, sets.synthetic, 0), 0))


def test_columns_that_stay_make_groups(world: ComparedSets) -> None:
    """Few values, the same in nearly every entity; not one that changes, nor a name each."""
    assert constant_columns(world) == ["country"]
    named = replace(
        world,
        real=world.real.with_columns(name=pl.col("customer").cast(pl.String)),
        holdout=world.holdout.with_columns(name=pl.col("customer").cast(pl.String)),
    )
    assert constant_columns(named) == ["country"]
    moved = world.real["customer"].is_first_distinct() & (world.real["customer"] % 200 == 0)
    some = world.real.with_columns(
        country=pl.when(moved).then(pl.lit("Beland")).otherwise("country")
    )
    assert constant_columns(replace(world, real=some)) == ["country"]


def test_other_people_of_the_same_countries_pass(world: ComparedSets) -> None:
    """Green, with the shares beside it."""
    found = figures(world)
    assert {name: f.colour for name, f in found.items()} == {
        "group_share": "green",
        "group_columns": "green",
    }
    groups = find_groups(world, world.synthetic, 0)
    assert sorted(g.value for g in groups) == [*COUNTRIES]  # three people are no group of others
    whole = next(g for g in groups if g.value == "Aland")
    assert (
        whole.real
        == world.real.vstack(world.holdout).filter(country="Aland")["customer"].n_unique()
    )


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("group_share", lambda f: f.filter(pl.col("country") != "Deland")),
        ("group_share", lambda f: f.filter(pl.col("country") != "Beland")),
        (
            "group_share",
            lambda f: f.with_columns(
                country=pl.when(pl.col("customer") % 10 < 2)
                .then(pl.lit("Deland"))
                .otherwise("country")
            ),
        ),
        (
            "group_columns",
            lambda f: f.with_columns(
                amount=pl.when(pl.col("country") == "Deland")
                .then(pl.col("amount") * 4)
                .otherwise("amount")
            ),
        ),
    ],
    ids=["a small group dropped", "a large group dropped", "far too many", "other amounts"],
)
def test_a_group_that_was_lost_or_damaged_shows(
    world: ComparedSets, name: str, damage: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    """By the figure that is meant for it, which names the group."""
    found = figures(replace(world, synthetic=damage(world.synthetic)))
    assert found[name].colour == "red"
    assert "eland in country" in found[name].meaning


def test_what_is_seen_of_a_group_of_one_in_a_hundred() -> None:
    """In sets of a thousand, with four other groups: that it is lost, not that it is halved."""
    kept = [relative_rate(n, 1_000, 20, 2_000, bonferroni_z(5)) for n in (0, 5)]
    groups = [Group("country", "Eland", 20, n, k) for n, k in zip((0, 5), kept, strict=True)]
    limits = DEFAULTS["group_share"]
    assert limits
    assert [limits.colour(group.share_kept) for group in groups] == ["amber", "green"]


def test_honest_sets_are_hardly_ever_flagged() -> None:
    """None of twenty, though each has a worst group."""
    colours = {f.colour for seed in range(0, 60, 3) for f in figures(draw(seed)).values()}
    assert colours == {"green"}


def test_intervals_hold_the_truth_for_all_groups_together() -> None:
    """The true ratio of every group is one; all intervals hold it in 19 of 20 sets."""
    held = 0
    for seed in range(100, 220, 3):
        sets = draw(seed)
        held += all(g.kept.low <= 1 <= g.kept.high for g in find_groups(sets, sets.synthetic, 0))
    assert held >= 36


def test_values_of_fewer_than_ten_are_never_named(world: ComparedSets) -> None:
    """Not when they are kept, and not when they are gone."""
    with_secret = world.synthetic.with_columns(
        country=pl.when(pl.col("customer") < 5_200).then(pl.lit(SECRET)).otherwise("country")
    )
    for synthetic in (world.synthetic, with_secret):
        groups = find_groups(world, synthetic, 0)
        found = group_figures(replace(world, synthetic=synthetic), groups, 0)
        text = json.dumps([g.to_dict() for g in groups]) + json.dumps(
            [f.to_dict() for f in found.values()]
        )
        assert SECRET not in text


def test_without_a_column_that_stays_there_is_no_figure(sets: ComparedSets) -> None:
    """Also without columns, and without an entity of two events."""
    assert figures(sets) == {}
    frames = (sets.real, sets.synthetic, sets.holdout)
    assert figures(three(lambda i: frames[i].select("customer", "time"))) == {}
    assert figures(three(lambda i: frames[i].unique("customer"))) == {}


def test_missing_values_are_a_group(world: ComparedSets) -> None:
    """Null is a value like others."""
    frames = (world.real, world.synthetic, world.holdout)
    sets = three(
        lambda i: frames[i].with_columns(country=pl.col("country").replace("Celand", None))
    )
    assert "no value" in {g.value for g in find_groups(sets, sets.synthetic, 0)}
