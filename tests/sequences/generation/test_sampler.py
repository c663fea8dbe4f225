"""Sampling: seeds, order, range, names."""

import copy
import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from anonymizer.errors import DataError
from anonymizer.sequences.generation import sampler
from anonymizer.sequences.generation.draw import chosen, draw
from anonymizer.sequences.generation.sampler import Sampler
from anonymizer.sequences.histories.draws import uniforms
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.tokens.heads import CLOCK, CLOSED
from tests.sequences.stub import untrained


@pytest.fixture(scope="module")
def broad(shop: pl.DataFrame) -> SequenceModel:
    """Of as many units as fits have, whose sums depend on threads and on company."""
    return untrained(shop, narrow=False)


def test_the_same_seed_gives_the_same_histories(model: SequenceModel) -> None:
    """Sampling is a function of the seed."""
    assert_frame_equal(model.sample(50, seed=3), model.sample(50, seed=3))
    assert not model.sample(50, seed=3).equals(model.sample(50, seed=4))


def test_two_models_share_no_draws(model: SequenceModel) -> None:
    """Under one seed, however alike they are: what differs between samples tells nothing."""
    other = replace(model, networks=copy.deepcopy(model.networks))
    with torch.no_grad():
        other.networks.events.hidden_profile[0] += 1e-6  # of no use in sampling
    ours, theirs = model.sample(300, seed=3), other.sample(300, seed=3)
    shared = ours.join(theirs, on=["customer", "time"])
    assert len(shared) < 0.01 * len(ours)


def test_numbers_of_the_context_are_placed_independently() -> None:
    """Of the hour at which a history begins, and of each other."""
    rng, people = np.random.default_rng(0), 400
    start = datetime(2024, 1, 1)
    numbers = {name: rng.random(people).round(9) for name in ("income", "age")}
    frame = pl.DataFrame(
        {
            "who": np.repeat(np.arange(people), 2),
            "when": [start + timedelta(seconds=int(s)) for s in rng.integers(10**7, size=800)],
            **{name: np.repeat(column, 2) for name, column in numbers.items()},
        }
    )
    model = untrained(frame, entity="who", time="when")
    sampler = Sampler.of(model.priors, model.networks, mean_length=2)
    data, uniform = sampler.block(np.arange(1_000), 0)
    in_one_bin = replace(data, profile=np.tile(data.profile[:1], (1_000, 1)))
    alike = model.codec.decode(in_one_bin, uniform, 1)
    first = alike.group_by("who", maintain_order=True).first()
    clock = uniform[data.offsets[:-1], CLOCK]
    placed = [clock, first["income"].to_numpy(), first["age"].to_numpy()]
    assert np.abs(np.corrcoef(placed) - np.eye(3)).max() < 0.1


def test_the_first_of_many_are_the_few(
    broad: SequenceModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first 100 of 1,000 are the 100, across blocks too."""
    monkeypatch.setattr("anonymizer.sequences.generation.sampler.HISTORIES_AT_ONCE", (128, 256))
    many = broad.sample(1_000, seed=1)
    assert_frame_equal(many.filter(pl.col("customer") <= 100), broad.sample(100, seed=1))
    assert_frame_equal(many.filter(pl.col("customer") <= 700), broad.sample(700, seed=1))


@pytest.mark.parametrize("walking", [1, 7, 10_000])
def test_company_does_not_matter(
    broad: SequenceModel, monkeypatch: pytest.MonkeyPatch, walking: int
) -> None:
    """However many histories walk together, each is the same."""
    usual = broad.sample(60, seed=2)
    monkeypatch.setattr(sampler, "WALKING", walking)
    assert_frame_equal(broad.sample(60, seed=2), usual)


def test_threads_do_not_matter(broad: SequenceModel) -> None:
    """One thread and two give the same histories."""
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = broad.sample(300)
        torch.set_num_threads(2)
        assert_frame_equal(one, broad.sample(300))
    finally:
        torch.set_num_threads(before)


def test_samples_look_like_the_input(model: SequenceModel, shop: pl.DataFrame) -> None:
    """Columns, types and the number of entities are the input's; context holds once."""
    synthetic = model.sample(200)
    assert synthetic.schema == shop.schema
    assert synthetic["customer"].n_unique() == 200
    assert synthetic.group_by("customer").agg(pl.col("country").n_unique())["country"].max() == 1


def test_order_and_range_hold_by_construction(model: SequenceModel, shop: pl.DataFrame) -> None:
    """Time never runs backwards and never leaves the window."""
    synthetic = model.sample(500)
    gaps = synthetic.select(pl.col("time").diff().over("customer")).to_series().drop_nulls()
    assert gaps.min() >= pl.Series([0]).cast(pl.Duration("us"))[0]
    assert (
        synthetic["time"]
        .dt.date()
        .is_between(shop["time"].dt.date().min(), shop["time"].dt.date().max())
        .all()
    )


def test_names_are_numbers_that_owe_nothing_to_the_input(
    model: SequenceModel, shop: pl.DataFrame
) -> None:
    """Entities are numbered from one, whatever the real ones are called."""
    assert model.sample(3)["customer"].unique(maintain_order=True).to_list() == [1, 2, 3]
    renamed = shop.with_columns(
        customer=pl.col("customer")
        .cast(pl.String)
        .map_elements(lambda v: hashlib.sha256(v.encode()).hexdigest(), return_dtype=pl.String)
    )
    assert untrained(renamed).sample(2)["customer"].unique().sort().to_list() == [
        "synthetic-000001",
        "synthetic-000002",
    ]


def test_draws_follow_their_weights() -> None:
    """Inverse sampling hits every token in proportion and never one that is out of reach."""
    logits = torch.log(torch.tensor([0.2, 0.5, 0.3, 0.0])).expand(100_000, 4)
    u = uniforms(0, np.arange(100_000), 5, 1)[:, 0]
    shares = np.bincount(draw(logits, u), minlength=4) / 100_000
    np.testing.assert_allclose(shares, [0.2, 0.5, 0.3, 0.0], atol=0.01)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    size=st.sampled_from([1, 2, 7, 300, 512, 513, 1_000]),
    shut=st.sampled_from([0, 0.5, 0.99, 1]),
)
def test_arrays_are_drawn_from_as_tensors_are(seed: int, size: int, shut: float) -> None:
    """Also where odds are beyond all numbers, or nothing is open."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(40, size)) * rng.choice([1, 30, 2_000], (40, 1))
    logits[rng.random(logits.shape) < shut] += CLOSED
    uniform = rng.random(40)
    expected = draw(torch.from_numpy(logits), uniform)
    with np.errstate(over="ignore", invalid="ignore"):
        found = chosen(logits, uniform)
    np.testing.assert_array_equal(found, expected)


def test_uniforms_are_uniform_and_independent_of_neighbours() -> None:
    """Numbers of neighbouring entities, steps and heads are unrelated."""
    u = uniforms(1, np.arange(2_000), 3, 4)
    v = uniforms(1, np.arange(2_000), 4, 4)
    assert abs(u.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(u[:, 0], v[:, 0])[0, 1]) < 0.06
    assert abs(np.corrcoef(u[:-1, 0], u[1:, 0])[0, 1]) < 0.06
    assert abs(np.corrcoef(u[:, 0], u[:, 1])[0, 1]) < 0.06


def test_nobody_is_not_a_number(model: SequenceModel) -> None:
    """Asking for no entity is an error."""
    with pytest.raises(DataError, match="a whole number, 1 or more"):
        model.sample(0)


def test_blocks_stream(broad: SequenceModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Histories come in blocks of bounded size, and are the same in blocks of any size."""
    whole = broad.sample(150)
    monkeypatch.setattr(sampler, "HISTORIES_AT_ONCE", (40, 40))
    blocks = list(broad.sample_blocks(150))
    assert [b["customer"].n_unique() for b in blocks] == [40, 40, 40, 30]
    assert_frame_equal(pl.concat(blocks), whole)


def test_conditions_hold(model: SequenceModel) -> None:
    """Each row of the conditions is one entity with that context."""
    wanted = pl.DataFrame({"country": ["Spain", "UK", "Spain", "France"] * 10})
    synthetic = model.sample(conditions=wanted)
    got = synthetic.group_by("customer", maintain_order=True).agg(pl.col("country").unique())
    assert got["country"].list.first().to_list() == wanted["country"].to_list()
    assert got["country"].list.len().max() == 1


def test_conditions_that_cannot_be_met_are_named(model: SequenceModel) -> None:
    """Columns that are no context and unknown values are refused, the value unsaid."""
    with pytest.raises(DataError, match="'item' is no context column of the model; there are: c"):
        model.sample(conditions=pl.DataFrame({"item": ["item 1"]}))
    with pytest.raises(DataError, match="condition 'country', row 2") as caught:
        model.sample(conditions=pl.DataFrame({"country": ["UK", "Atlantis"]}))
    assert "Atlantis" not in str(caught.value)
    with pytest.raises(DataError, match="one of"):
        model.sample(3, conditions=pl.DataFrame({"country": ["UK"]}))


def test_who_is_continued_keeps_the_own_context(model: SequenceModel, shop: pl.DataFrame) -> None:
    """Also a value that the model does not know."""
    prefix = shop.with_columns(
        country=pl.when(pl.col("customer") == 0).then(pl.lit("Atlantis")).otherwise("country")
    )
    own = prefix.select("customer", "country").unique()
    continued = model.sample(prefix=prefix).select("customer", "country").unique()
    assert 0 in continued["customer"]
    assert len(continued.join(own, on=["customer", "country"])) == len(continued)


def test_continuations_follow_their_prefix(model: SequenceModel, shop: pl.DataFrame) -> None:
    """Every entity goes on after its last event, under its own name, within the window."""
    prefix = shop.filter(pl.int_range(pl.len()).over("customer") < pl.len().over("customer") // 2)
    future = model.sample(prefix=prefix, seed=3)
    assert future.schema == shop.schema
    assert set(future["customer"]) == set(prefix["customer"])
    ends = prefix.group_by("customer").agg(end=pl.col("time").max(), home=pl.col("country").first())
    joined = future.join(ends, on="customer")
    assert (joined["time"] >= joined["end"]).all()
    assert (joined["country"] == joined["home"]).all()
    assert future["time"].dt.date().max() <= shop["time"].dt.date().max()  # type: ignore[operator]
    assert future.equals(model.sample(prefix=prefix, seed=3))


def test_dated_histories_stay_in_order_however_dense() -> None:
    """A visit nearly every day leaves little room; days still rise and end in the window."""
    rng = np.random.default_rng(0)
    rows = [
        (account, int(day))
        for account in range(60)
        for day in np.flatnonzero(rng.random(60) < rng.uniform(0.5, 1))
    ]
    frame = pl.DataFrame(rows, ["account", "day"], orient="row").select(
        "account", time=pl.date(2023, 1, 1) + pl.duration(days="day")
    )
    synthetic = untrained(frame, entity="account").sample(300)
    gaps = synthetic.select(pl.col("time").diff().over("account")).to_series().drop_nulls()
    assert gaps.min().days >= 0  # type: ignore[union-attr]
    assert synthetic["time"].max() <= frame["time"].max()  # type: ignore[operator]
    assert synthetic["time"].min() >= frame["time"].min()  # type: ignore[operator]


def test_a_past_beyond_the_window_is_left_out(model: SequenceModel, shop: pl.DataFrame) -> None:
    """Who was last seen after the model's last day is not continued into the past."""
    later = shop.with_columns(
        time=pl.when(pl.col("customer") < 5)
        .then(pl.col("time").dt.offset_by("3y"))
        .otherwise("time")
    )
    assert model.sample(prefix=later)["customer"].min() >= 5  # type: ignore[operator]
    with pytest.raises(DataError, match="cannot see beyond"):
        model.sample(prefix=later.filter(pl.col("customer") < 5))


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (pl.Int32, pl.Int32), (pl.UInt64, pl.UInt64), (pl.Int128, pl.Int128),
        (pl.Float64, pl.Float64), (pl.String, pl.String), (pl.Categorical, pl.Categorical),
        (pl.Enum([str(i) for i in range(30)]), pl.Categorical),
        (pl.Int8, pl.Int64), (pl.UInt16, pl.Int64), (pl.Decimal(9, 2), pl.String),
    ],
    ids=str,
)  # fmt: skip
def test_ids_keep_their_type(
    model: SequenceModel, dtype: pl.DataType, expected: pl.DataType, tmp_path: Path
) -> None:
    """Where the type can name people who do not exist, also after the model was saved."""
    kind = pl.Series([], dtype=dtype).dtype
    codec = replace(model.codec, entity_dtype=kind)
    other = replace(model, priors=replace(model.priors, codec=codec))
    other.save(tmp_path / "m")
    for each in (other, SequenceModel.load(tmp_path / "m")):
        assert each.sample(3).schema["customer"] == expected
        assert each.codec.schema["customer"] == expected


def test_small_integer_ids_have_room() -> None:
    """Ids of a type that cannot number many people come back wider."""
    frame = pl.DataFrame(
        {
            "customer": pl.Series(range(30), dtype=pl.Int8),
            "time": [date(2024, 1, 1)] * 30,
        }
    )
    synthetic = untrained(frame).sample(400)
    assert synthetic["customer"].max() == 400


def test_a_shop_is_closed_at_night() -> None:
    """Hours in which nobody ever buys hold next to nothing, also in small data."""
    rng = np.random.default_rng(0)
    rows = [
        (customer, int(day), int(rng.integers(9 * 60, 21 * 60)))
        for customer in range(120)
        for day in np.sort(rng.choice(120, 8, replace=False))
    ]
    frame = pl.DataFrame(rows, ["customer", "day", "minute"], orient="row").select(
        "customer",
        time=pl.datetime(2024, 1, 1) + pl.duration(days="day", minutes="minute"),
    )
    model = SequenceModel.fit(frame, entity="customer", time="time", max_epochs=4)
    hours = model.sample(500)["time"].dt.hour()
    assert ((hours < 9) | (hours > 20)).mean() < 0.03  # type: ignore[operator]
