"""What is paid in is no less than none, whatever the network says."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer.relations.base.features import Feature
from anonymizer.relations.search.discover import discover
from anonymizer.sequences.derived.values.signed import Signed
from tests.sequences.derived.trips import laid, table, trip
from tests.sequences.stub import untrained


def movements() -> pl.DataFrame:
    """Amounts of both signs, by what they are for; a few of none."""
    rng, size = np.random.default_rng(0), 800
    kind = rng.integers(0, 4, size)
    amount = rng.lognormal(4, 1, size).round(2) * np.array([1, -1, -1, 1])[kind]
    return pl.DataFrame({
        "customer": np.sort(rng.integers(0, 100, size)),
        "time": pl.Series(rng.integers(19_000, 19_400, size)).cast(pl.Int32).cast(pl.Date),
        "kind": [("deposit", "withdrawal", "fee", "interest")[k] for k in kind],
        "amount": np.where((rng.random(size) < 0.1) & (kind == 1), 0, amount),
    })  # fmt: skip


def test_a_sign_that_follows_from_a_code_is_kept() -> None:
    """In every synthetic row, and it is what was found."""
    real = movements()
    relations = {str(each.relation): each for each in discover(real, "customer", "time").found}
    sign = relations["kind → sign of amount"]
    sampled = untrained(real, derived=True).sample(80).with_columns(sign=pl.col("amount").sign())
    assert set(sampled.select("kind", "sign").unique().rows()) == {
        ("deposit", 1), ("withdrawal", -1), ("withdrawal", 0), ("fee", -1), ("interest", 1),
    }  # fmt: skip
    assert sign.relation.agrees(sampled.drop("sign")) == 1


@pytest.mark.parametrize("dtype", [pl.Float64(), pl.Int16(), pl.Decimal(12, 2)])
def test_numbers_of_another_sign_are_turned_round(dtype: pl.DataType) -> None:
    """What has a sign of its code, or a code that is not known, stays."""
    real = movements().rename({"customer": "who"})
    rows = real.with_columns(pl.col("amount").clip(-9_000, 9_000).cast(dtype))
    rows = rows.filter(pl.col("amount") != 0)
    step = Signed.learn("amount", Feature("kind"), table(rows))
    assert step is not None
    assert_frame_equal(trip(step, rows), rows)
    few = pl.DataFrame({
        "kind": ["fee", "fee", "deposit", "deposit", "gift", None],
        "amount": pl.Series([5, -5, 0, None, -3, -3]).cast(dtype),
    })  # fmt: skip
    turned = laid(step, few, pl.Series("who", range(6)))["amount"].cast(pl.Float64)
    assert turned.to_list() == [-5, -5, pytest.approx(step.usual, abs=0.5), None, -3, -3]


def test_signs_of_few_are_not_known() -> None:
    """What two customers get back is no sign that a fee has; where both come there is no step."""
    few = pl.when((pl.col("kind") == "fee") & (pl.col("customer") < 2)).then(-1).otherwise(1)
    rows = movements().with_columns(pl.col("amount") * few).rename({"customer": "who"})
    step = Signed.learn("amount", Feature("kind"), table(rows))
    assert step is not None
    assert step.signs["fee"] == [-1]
    mixed = rows.with_columns(pl.col("amount") * (1 - 2 * (pl.int_range(pl.len()) % 2)))
    step = Signed.learn("amount", Feature("kind"), table(mixed))
    assert step is None or step.kept(mixed).all()
