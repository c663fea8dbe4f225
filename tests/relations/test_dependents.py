"""What may follow is refuted for many columns at once, as it is for each by itself."""

import numpy as np
import polars as pl
import pytest

from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.rows import Rows
from anonymizer.relations.kinds.combinations import together
from anonymizer.relations.kinds.dependencies import Dependents, Search


@pytest.mark.parametrize("seed", range(4))
def test_at_once_and_one_by_one_agree(seed: int) -> None:
    """With nulls, rare values and leads that hardly repeat; what never differs is left out."""
    rng, size = np.random.default_rng(seed), 900
    lead = rng.integers(0, (4, 40, 300, 700)[seed], size)
    columns = {f"n{n}": np.where(rng.random(size) < n / 12, rng.integers(0, 5, size), lead % 7)
               for n in range(12)}  # fmt: skip
    frame = pl.DataFrame({"who": np.arange(size) // 3, "lead": lead, **columns})
    frame = frame.with_columns(
        pl.when(pl.Series(rng.random(size) < 0.2)).then(None).otherwise("n3").alias("n3"),
        same=pl.lit(1),
    )
    search = Search(Rows(frame, "who", None), seed)
    features = [Feature(c) for c in frame.columns[2:]]
    expected = [
        each for each in features if each.column != "same"
        and not search.refuted((Feature("lead"),), each)
    ]  # fmt: skip
    assert Dependents(search, features).left((Feature("lead"),)) == expected
    assert 0 < len(expected) < 12


def test_columns_of_which_all_combinations_occur_are_no_relation() -> None:
    """And one that is missing is; nulls are no value."""
    size = 4_000
    a, b = np.arange(size) % 5, np.arange(size) // 5 % 4
    frame = pl.DataFrame({"who": np.arange(size), "a": a, "b": b, "c": np.where(a == 2, b % 2, b)})
    frame = frame.with_columns(pl.when(pl.col("b") > 0).then("b").alias("d"))
    found = {each.together for each in together(Rows(frame, "who", None), set())}
    assert ("a", "c") in found
    assert not {("a", "b"), ("a", "d")} & found
