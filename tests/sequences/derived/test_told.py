"""Roles of a user's own: what they change, and what refutes them."""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from anonymizer.errors import DataError
from anonymizer.sequences.derived.choose import derive
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.histories.roles import assign_roles
from tests.sequences.derived.conftest import Laying


@pytest.fixture(scope="module")
def receipts() -> pl.DataFrame:
    """Four receipts each of 60 people, in 8 stores; two people move."""
    rng, size = np.random.default_rng(0), 240
    who = np.repeat(np.arange(60), 4)
    city = np.array(["Bonn", "Ulm", "Jena"])[who % 3]
    city[[3, 7]] = "Trier"
    return pl.DataFrame({
        "who": who, "invoice": [f"R-{n}" for n in rng.permutation(size) + 1_000],
        "store": rng.integers(1, 9, size) * 100, "price": rng.gamma(2, 5, size).round(2),
        "city": city, "rare": rng.permutation(size),
    }).with_columns(
        day=pl.date(2024, 1, 1) + pl.duration(days=pl.int_range(pl.len()).over("who")),
    )  # fmt: skip


def derived(rows: pl.DataFrame, told: Mapping[str, str]) -> Derivation:
    """What follows where a user calls columns so."""
    plain = Derivation.plain(rows.schema, assign_roles(rows, "who", "day"))
    return derive(plain, rows, k=5, seed=0, told=told)[0]


def test_roles_overrule_what_is_found(receipts: pl.DataFrame, draws: Laying) -> None:
    """Identifiers are made anew, codes are categories, context holds once, a field is itself."""
    told = {"invoice": "identifier", "store": "code", "city": "context", "rare": "field"}
    found = derived(receipts, told)
    assert found.codes == ("store",)
    assert "rare" not in found.given
    laid = found.lay_on(found.take_off(receipts), draws(receipts))
    assert laid["invoice"].n_unique() == 240
    assert not set(laid["invoice"]) & set(receipts["invoice"])
    written = found.take_off(receipts)
    assert written.group_by("who").agg(pl.col("city").n_unique())["city"].max() == 1


def test_what_names_visits_and_entities_is_an_identifier_too(
    receipts: pl.DataFrame, draws: Laying
) -> None:
    """Whichever its values are: of two rows a day one number, of a person one card."""
    twice = pl.concat([receipts, receipts]).sort("who", "day", maintain_order=True)
    card = pl.format("C{}", pl.col("who") * 7 + 1_000)
    rows = twice.with_columns(card=card).drop("rare", "store")
    found = derived(rows, {"invoice": "identifier", "card": "identifier"})
    laid = found.lay_on(found.take_off(rows), draws(rows))
    assert laid["invoice"].n_unique() == laid.n_unique(["who", "day"]) == 240
    assert laid["card"].n_unique() == laid.n_unique(["who", "card"]) == 60


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"store": "identifier"}, r"no identifier: in 240 of 240 rows"),
        ({"invoice": "code"}, r"no code to be learned: in 100% of the rows"),
        ({"store": "context"}, r"no context: it changes in 60 of 60 entities"),
        ({"price": "code"}, r"is Float64: identifiers and codes are"),
        ({"stor": "code"}, r"did you mean 'store'"),
        ({"store": "shop"}, r"must be one of: identifier, code, field, context"),
        ({"who": "code"}, r"is entity or time"),
        (["store"], r"must map columns to words"),
    ],
)
def test_a_role_that_data_refutes_is_refused(
    receipts: pl.DataFrame, told: Mapping[str, str], why: str
) -> None:
    """With how often it does; so is a word or a column that is none."""
    with pytest.raises(DataError, match=why):
        derived(receipts, told)
