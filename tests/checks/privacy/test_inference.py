"""Singling out, linkability and attribute inference."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.privacy.inference import (
    _isolates,
    attribute_inference,
    inference_figures,
    linkability,
    singling_out,
)
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.neighbours import Space

ATTACKS = ("singling_out", "linkability", "attribute_inference")


def copied(sets: ComparedSets, every: int) -> ComparedSets:
    """One training customer in so many is among the synthetic ones."""
    some = sets.real.filter(pl.col("customer") % every == 0)
    renamed = some.with_columns(pl.col("customer") + 90_000)
    return replace(sets, synthetic=pl.concat([sets.synthetic, renamed]))


def test_each_attack_finds_copies(sets: ComparedSets) -> None:
    """A third of the training customers copied is a risk for sure in all three."""
    leaky = copied(sets, 3)
    figures = judged(inference_figures(leaky, Space.of(leaky), 0))
    assert {figures[name].colour for name in ATTACKS} <= {"amber", "red"}
    assert all(figures[name].estimate.low > 0 for name in ATTACKS)


def test_honest_data_gives_no_advantage(sets: ComparedSets) -> None:
    """Training entities are attacked as well as others are."""
    figures = inference_figures(sets, Space.of(sets), 0)
    assert all(figures[name].estimate.low <= 0 for name in ATTACKS)


def test_an_attack_that_guesses_as_well_without_says_nothing(sets: ComparedSets) -> None:
    """Noise in place of synthetic data: the attack fails, which is no proof of safety."""
    noise = replace(sets, synthetic=replace(sets, real=sets.synthetic).shuffled(0))
    figure = judged(attribute_inference(noise, Space.of(noise), 0))["attribute_inference"]
    assert figure.colour is None
    assert "says nothing of the risk" in figure.meaning


def test_predicates_by_hand() -> None:
    """Two conditions, each within a hundredth: one row, two rows, no row."""
    points = np.array([[0.1, 0.5], [0.105, 0.5], [0.1, 0.9]])
    which = np.array([[0, 1], [0, 1], [1, 0]])
    values = np.array([[0.1, 0.9], [0.1, 0.5], [0.2, 0.1]])
    assert _isolates(points, which, values).tolist() == [True, False, False]


def test_an_attribute_that_follows_from_others_is_no_leak(sets: ComparedSets) -> None:
    """It is guessed well of everybody, so the attack gains nothing on training entities."""
    real, synthetic, holdout = (
        f.with_columns(double=2 * pl.col("amount"))
        for f in (sets.real, sets.synthetic, sets.holdout)
    )
    follows = ComparedSets(real, synthetic, holdout, "customer", "time")
    figure = judged(attribute_inference(follows, Space.of(follows), 0))["attribute_inference"]
    assert figure.colour in {"green", None}
    assert figure.estimate.low < 0


def test_the_worst_column_is_named_and_the_others_follow(sets: ComparedSets) -> None:
    """A number that nothing else tells is kept in synthetic copies; their amounts are mixed up."""
    rng = np.random.default_rng(0)

    def secret(frame: pl.DataFrame) -> pl.DataFrame:
        who = frame.select(pl.col("customer").unique(maintain_order=True))
        number = who.with_columns(secret=pl.Series(rng.integers(10**6, size=len(who))))
        return frame.join(number, on="customer", maintain_order="left")

    real, holdout = secret(sets.real), secret(sets.holdout)
    copies = real.with_columns(pl.col("customer") + 90_000, amount=pl.col("amount").shuffle(0))
    leaky = ComparedSets(real, copies, holdout, "customer", "time")
    figure = judged(attribute_inference(leaky, Space.of(leaky), 0))["attribute_inference"]
    assert figure.title.endswith("secret")
    assert figure.colour == "red"
    assert "next: item" in figure.meaning


@pytest.mark.parametrize("columns", [[], ["item"]])
def test_few_columns_are_enough_or_left_out(sets: ComparedSets, columns: list[str]) -> None:
    """Without a field nothing can be linked or inferred; descriptions by times remain."""
    real, synthetic, holdout = (
        f.select("customer", "time", *columns) for f in (sets.real, sets.synthetic, sets.holdout)
    )
    bare = ComparedSets(real, synthetic, holdout, "customer", "time")
    figures = inference_figures(bare, Space.of(bare), 0)
    assert set(figures) == (set(ATTACKS) if columns else {"singling_out"})


def test_tiny_sets_have_a_figure_without_a_number() -> None:
    """One entity of each, with nothing but nulls."""
    real, synthetic, holdout = (
        pl.DataFrame({"customer": [n], "time": [date(2024, 1, 1)]}).with_columns(
            what=pl.lit(None, pl.String)
        )
        for n in range(3)
    )
    tiny = ComparedSets(real, synthetic, holdout, "customer", "time")
    space = Space.of(tiny)
    assert judged({"singling_out": singling_out(space, 0)})["singling_out"].colour in {
        "green",
        None,
    }
    assert judged(linkability(tiny, space, 0))["linkability"].colour is None


def test_what_two_entities_share_singles_out_neither(sets: ComparedSets) -> None:
    """Every training history is there twice, under two names, and copied all the same."""

    def twice(frame: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([frame, frame.with_columns(pl.col("customer") + 40_000)])

    copies = sets.real.with_columns(pl.col("customer") + 90_000)
    shared = replace(sets, real=twice(sets.real), synthetic=copies, holdout=twice(sets.holdout))
    assert singling_out(Space.of(shared), 0).estimate.value <= 0
    alone = replace(sets, synthetic=copies)
    assert singling_out(Space.of(alone), 0).estimate.value > 0.5


def test_a_secret_that_was_changed_in_its_last_digit_is_no_safer(sets: ComparedSets) -> None:
    """Numbers need not be equal to be told."""
    copies = sets.real.with_columns(pl.col("customer") + 90_000, amount=pl.col("amount") * 1.000_1)
    leaky = replace(sets, synthetic=copies)
    figure = judged(attribute_inference(leaky, Space.of(leaky), 0))["attribute_inference"]
    assert figure.title.endswith("amount")
    assert figure.colour == "red"
