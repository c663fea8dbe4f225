"""The same rent every month: numbers that come again."""

import numpy as np
import polars as pl
import pytest

from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.priors.repeats import (
    ANY,
    Repeat,
    Repeats,
    best_key,
    earlier,
    group,
    how_exactly,
    repeated_places,
    repeated_tokens,
)
from anonymizer.sequences.tokens.heads import FIELDS

KIND, AMOUNT = 0, 1  # heads of the arrays below
TOKENS = np.array([[3, 7], [4, 9], [3, 7], [3, 7], [3, 7], [4, 8]])
OFFSETS = np.array([0, 4, 6])  # of two entities


def test_which_event_may_come_again_by_hand() -> None:
    """The event before, or the latest of the same kind; never one of somebody else."""
    any_, kind = group(TOKENS, ANY), group(TOKENS, KIND)
    assert earlier(any_, OFFSETS).tolist() == [-1, 0, 1, 2, -1, 4]
    assert earlier(kind, OFFSETS).tolist() == [-1, -1, 0, 2, -1, -1]
    there = np.array([True, False, False, True, False, True])
    assert earlier(any_, OFFSETS, there).tolist() == [-1, 0, 0, 0, -1, -1]
    found = repeated_tokens(TOKENS, OFFSETS, {AMOUNT: Repeat(KIND)}, np.array([5, 10]))
    assert found[:, AMOUNT].tolist() == [[10, 10], [7, 10], [9, 7], [7, 7], [10, 10], [7, 10]]
    assert (found[:, KIND] == 5).all()


def test_the_very_same_number_by_hand() -> None:
    """A number that comes again is placed where it was before, as often as it should be."""
    heads = {AMOUNT: Repeat(KIND, (0.0, 0.0, 0.0, 0.5, 0.0))}
    uniform = np.tile(np.array([0.9, 0.2, 0.4, 0.3, 0.6, 0.7])[:, None], 2)
    placed, origins = repeated_places(TOKENS, OFFSETS, heads, uniform)
    # The third and the fourth are below one half: they are the first. The others are as they were.
    assert placed[:, AMOUNT].tolist() == [0.9, 0.2, 0.9, 0.9, 0.6, 0.7]
    assert placed[:, KIND].tolist() == uniform[:, KIND].tolist()
    assert origins[AMOUNT].tolist() == [0, 1, 0, 0, 4, 5]
    uniform[2] = 0.75  # no repetition: what is left of the interval places it
    assert repeated_places(TOKENS, OFFSETS, heads, uniform)[0][2, AMOUNT] == 0.5


def test_what_few_entities_do_is_told_as_never() -> None:
    """How often a number is the very same, of bins in which k entities have one twice."""
    own, owner = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 2, 2])
    values, match = np.array([5, 5, 6, 6, 7, 7]), np.array([-1, 0, -1, 2, -1, 4])
    assert how_exactly(own, values, match, owner, size=3, k=2) == (1.0, 0.0, 0.0)


def test_amounts_that_are_alike_by_habit_are_no_repeat() -> None:
    """Who spends much does so always, but never the very same."""
    rng = np.random.default_rng(0)
    owner = np.repeat(np.arange(300), 20)
    values = (rng.lognormal(8, 1, 300)[owner] * rng.lognormal(0, 0.3, len(owner))).astype(np.int64)
    tokens, offsets = (values // 1_000)[:, None], np.arange(0, len(owner) + 1, 20)
    there = np.full(len(values), True)
    assert best_key(values, there, tokens, offsets, [], k=5) is None
    values[1::2] = values[::2]
    assert best_key(values, there, tokens, offsets, [], k=5) == ANY
    assert best_key(values, there, tokens, offsets, [], k=301) is None  # there are not so many


def test_one_long_history_decides_nothing() -> None:
    """Neither that numbers come again nor that they do not."""
    short = np.tile([7, 8, 9, 6, 5], 40)  # of 40 entities, which never repeat one
    for long, others, expected in (
        (np.zeros(20_000, np.int64), short, None),
        (np.tile([1, 2], 10_000), np.repeat(np.arange(40), 5), ANY),
    ):
        values = np.concatenate([long, others])
        offsets = np.concatenate([[0], len(long) + np.arange(0, len(others) + 1, 5)])
        there = np.full(len(values), True)
        assert best_key(values, there, values[:, None], offsets, [], k=5) == expected


def test_numbers_come_again_after_nulls() -> None:
    """Between two rents there are visits that cost nothing, and payments of other kinds."""
    rng = np.random.default_rng(0)
    kinds = np.tile([0, 1, 2], 600)  # a visit, a rent, a purchase
    own, owner = rng.integers(100, 900, 100), np.repeat(np.arange(100), 18)
    values = np.where(kinds == 1, own[owner], np.where(kinds == 2, rng.integers(1, 900, 1_800), 0))
    tokens = np.stack([kinds, np.where(kinds == 0, 0, values)], 1)
    offsets = np.arange(0, 1_801, 18)
    assert best_key(values, kinds != 0, tokens, offsets, [KIND], k=5) == KIND
    rents = kinds == 1
    found = repeated_tokens(
        tokens, offsets, {AMOUNT: Repeat(KIND, (0.0, 1.0, 0.0))}, np.array([3, 1_000])
    )
    assert (found[rents, AMOUNT, 1] == values[rents])[np.diff(owner[rents], prepend=-1) == 0].all()
    assert not (found == 0)[:, AMOUNT].any()


@pytest.fixture(scope="module")
def bank() -> pl.DataFrame:
    """Everybody pays a rent of their own each month, and what they like in shops.

    The amount comes first; what it is for tells it nevertheless.
    """
    rng = np.random.default_rng(0)
    rows = []
    for who in range(150):
        rent, spends = round(float(rng.uniform(300, 1_500)), 2), float(rng.lognormal(3, 0.4))
        for month in range(int(rng.integers(13, 18))):
            rows.append((who, 30 * month, "rent", rent))
            for day in sorted(rng.integers(2, 29, 2).tolist()):
                amount = round(float(rng.lognormal(np.log(spends), 0.5)), 2)
                rows.append((who, 30 * month + day, "shop", amount))
    frame = pl.DataFrame(rows, ["who", "day", "kind", "amount"], orient="row")
    return frame.select("who", "amount", "kind", when=pl.date(2024, 1, 1) + pl.duration(days="day"))


def same_as_last(frame: pl.DataFrame, kind: str) -> float:
    """How often an amount is that of the last event of its kind."""
    same = pl.col("amount") == pl.col("amount").shift().over("who")
    found = frame.sort("who", "when", maintain_order=True).filter(kind=kind).select(same)
    known = found.to_series().drop_nulls()
    return int(known.sum()) / len(known)


@pytest.mark.usefixtures("brief_profiles")
def test_a_rent_comes_again_and_a_purchase_does_not(bank: pl.DataFrame) -> None:
    """To the cent, and of people who do not exist."""
    assert same_as_last(bank, "rent") == 1
    model = SequenceModel.fit(bank, entity="who", time="when", seed=1, max_epochs=4)
    assert model.priors.of(Repeats).heads[FIELDS + 1].key == FIELDS
    sample = model.sample(150, seed=1)
    assert same_as_last(sample, "rent") > 0.8
    assert same_as_last(sample, "shop") < 0.03
    rents = sample.filter(kind="rent")
    assert rents["amount"].n_unique() > 100
    assert not set(rents["amount"]) <= set(bank.filter(kind="rent")["amount"])
    # Who goes on living there goes on paying the same.
    half = bank.filter(pl.col("when") < pl.date(2024, 9, 1), pl.col("who") < 60)
    whole = pl.concat([half, model.sample(prefix=half, seed=1).select(half.columns)])
    rents = whole.filter(kind="rent").sort("who", "when", maintain_order=True)
    new = pl.col("when") >= pl.date(2024, 9, 1)
    first = (
        rents.with_columns(last=pl.col("amount").shift().over("who")).filter(new).group_by("who")
    )
    same = first.agg((pl.col("amount") == pl.col("last")).first())["amount"]
    assert same.sum() > 0.8 * len(same) > 30
