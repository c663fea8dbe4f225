"""Histories that several machines sample are together those of one."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer.errors import DataError
from anonymizer.sequences.derived.own import Rule
from anonymizer.sequences.generation import sampler
from anonymizer.sequences.model.sequence_model import SequenceModel
from tests.sequences.stub import untrained

IDENTIFIERS = {"bill", "invoice", "card", "token", "member"}


def bills() -> pl.DataFrame:
    """Identifiers of rows, which rise, of visits, of persons, of some of a person's things."""
    rng, rows = np.random.default_rng(0), list[tuple[object, ...]]()
    for person in range(70):
        at = datetime(2024, 1, 1, 9) + timedelta(days=int(rng.integers(60)))
        cards = [f"4{rng.integers(10**9, 10**10)}" for _ in range(3)]
        member = f"M-{rng.integers(10**5, 10**6)}"
        for visit in range(2 + int(rng.geometric(0.3))):
            invoice = f"INV-{at:%Y%m}-{100 * person + visit:05}"
            for _ in range(1 + int(rng.integers(3))):
                token, item = str(uuid.UUID(bytes=rng.bytes(16))), f"item {rng.integers(6)}"
                card = None if rng.random() < 0.2 else cards[int(rng.integers(3))]
                rows.append((person, at, 50_000 + len(rows), invoice, card, token, member, item))
            at += timedelta(days=int(rng.integers(1, 30)))
    names = "who at bill invoice card token member item"
    return pl.DataFrame(rows, names.split(), orient="row")


@pytest.fixture(scope="module")
def real() -> pl.DataFrame:
    """The bills."""
    return bills()


@pytest.fixture(scope="module")
def numbered(real: pl.DataFrame) -> SequenceModel:
    """A model that makes identifiers of every kind anew."""
    model = untrained(real, entity="who", time="at", derived=True)
    assert set(model.roles["identifiers"]) == IDENTIFIERS
    return model


def sharded(model: SequenceModel, *counts: int) -> pl.DataFrame:
    """Histories sampled apart, put together."""
    starts = np.cumsum([0, *counts[:-1]]).tolist()
    return pl.concat(
        model.sample(count, first=start, seed=4)
        for start, count in zip(starts, counts, strict=True)
    )


def test_shards_are_together_the_whole(
    numbered: SequenceModel, real: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Value for value, in blocks too; no identifier comes twice, and none is real."""
    whole = numbered.sample(100, seed=4)
    assert_frame_equal(sharded(numbered, 50, 50), whole)
    assert_frame_equal(sharded(numbered, 1, 92, 7), whole)
    monkeypatch.setattr(sampler, "HISTORIES_AT_ONCE", (8, 8))
    assert_frame_equal(sharded(numbered, 30, 70), whole)
    for column in IDENTIFIERS:
        assert not set(whole[column].drop_nulls()) & set(real[column])
        owners = whole.drop_nulls(column).group_by(column).agg(pl.col("who").n_unique())
        assert owners["who"].max() == 1
    assert whole["bill"].is_unique().all()
    assert whole.select((pl.col("bill").diff() > 0).over("who"))["bill"].all()


def test_histories_that_are_drawn_anew_are_the_same_in_a_shard(numbered: SequenceModel) -> None:
    """A further try has the identifiers of its history, whoever else is tried again."""
    rule = Rule("item <> 'item 3' OR prev_item <> 'item 3'")
    own = replace(numbered, derivation=replace(numbered.derivation, rules=(rule,)))
    whole = own.sample(60, seed=4)
    assert not whole.equals(numbered.sample(60, seed=4))
    assert_frame_equal(sharded(own, 25, 35), whole)
    assert whole["bill"].is_unique().all()


def test_a_past_and_conditions_number_their_own(
    numbered: SequenceModel, real: pl.DataFrame
) -> None:
    """Identifiers of what follows on a past are none of it; `first` leaves out nobody of either."""
    asked = pl.DataFrame({"member": [None] * 3}, {"member": pl.String})
    begun = real.filter(pl.col("at") < datetime(2024, 3, 15))
    after = numbered.sample(prefix=begun)
    assert after["bill"].is_unique().all()
    assert not set(after["bill"]) & set(real["bill"])
    for given in ({"prefix": begun}, {"conditions": asked}):
        with pytest.raises(DataError, match="first goes with a number of entities"):
            numbered.sample(first=1, **given)  # type: ignore[arg-type]


def test_identifiers_of_few_bits_are_not_for_shards(real: pl.DataFrame) -> None:
    """They are counted over the whole run: one line names the column and the way out."""
    model = untrained(real.cast({"bill": pl.Int32}), entity="who", time="at", derived=True)
    whole = model.sample(20)
    assert whole["bill"].is_unique().all()
    assert_frame_equal(model.sample(8), whole.filter(pl.col("who") <= 8))
    with pytest.raises(DataError, match="identifiers 'bill' are numbered in order, as Int32 holds"):
        model.sample(8, first=8)


def test_nobody_is_before_the_first(numbered: SequenceModel) -> None:
    """A count of histories."""
    with pytest.raises(DataError, match="first must be a whole number, 0 or more"):
        numbered.sample(3, first=-1)
