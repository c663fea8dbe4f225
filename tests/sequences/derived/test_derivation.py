"""Steps in the order in which each finds what it needs."""

import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from anonymizer.relations.base.relation import Found
from anonymizer.relations.kinds.identifiers import Unique
from anonymizer.sequences.derived.base.step import Table
from anonymizer.sequences.derived.choose import derive
from anonymizer.sequences.derived.derivation import Derivation, in_order
from anonymizer.sequences.derived.makers.ground import Ground
from anonymizer.sequences.derived.makers.names import names
from anonymizer.sequences.derived.values.agreement import OfVisit
from anonymizer.sequences.derived.values.catalogue import Catalogue
from anonymizer.sequences.histories.roles import assign_roles


def catalogue(of: str, to: str) -> Catalogue:
    """A catalogue of one row."""
    rare = pl.DataFrame({to: ["OTHER"], "\0place": [1.0]})
    key = pl.DataFrame({"\0key0": ["a"]})
    return Catalogue((of,), ("value",), key, pl.DataFrame({to: ["b"]}), [1.0], rare, once=False)


def test_what_gives_comes_before_what_needs_and_what_corrects() -> None:
    """A chain of three, and a correction of its end."""
    chain = [catalogue("c", "d"), catalogue("b", "c"), catalogue("a", "b")]
    correction = OfVisit("d", "value", ("who", "day"))
    assert in_order([correction, *chain]) == [chain[2], chain[1], chain[0], correction]


def test_a_circle_is_refused() -> None:
    """Of two columns that follow from each other one must be written."""
    with pytest.raises(ValueError, match="circle"):
        in_order([catalogue("a", "b"), catalogue("b", "a")])


@pytest.fixture(scope="module")
def derivation(orders: pl.DataFrame) -> Derivation:
    """What is found in the orders."""
    plain = Derivation.plain(orders.schema, assign_roles(orders, "who", "day"))
    return derive(plain, orders, k=5, seed=0, told={})[0]


def test_only_what_nothing_tells_is_written(derivation: Derivation, orders: pl.DataFrame) -> None:
    """One of the columns that name the product; its category and price follow."""
    written = derivation.take_off(orders)
    assert {"category", "price"} <= derivation.given
    assert len({"product", "name", "code"} & set(written.columns)) == 1


def test_how_long_one_history_is_does_not_show_in_how_often_rows_break_a_step(
    orders: pl.DataFrame,
) -> None:
    """The longest by far is as long as the fifth to whatever is told."""
    plain = Derivation.plain(orders.schema, assign_roles(orders, "who", "day"))
    of_one, found = orders.filter(who=7), []
    for times in (10, 20):
        more = pl.concat([orders, *[of_one] * times]).sort("who", "day", maintain_order=True)
        found.append(derive(plain, more, k=5, seed=0, told={})[0].breaks)
    assert found[0] == found[1]


def test_a_column_that_the_user_calls_a_field_follows_from_nothing(orders: pl.DataFrame) -> None:
    """It is written like any other."""
    plain = Derivation.plain(orders.schema, assign_roles(orders, "who", "day"))
    derivation, _ = derive(plain, orders, k=5, seed=0, told={"price": "field"})
    assert "price" not in derivation.given
    assert "category" in derivation.given


def test_a_key_with_exceptions_numbers_visits(
    orders: pl.DataFrame, table: Callable[[pl.DataFrame], Table]
) -> None:
    """Where few visits have a second row, which has the number of the first."""
    second = pl.int_range(pl.len()) % 250 == 1
    rows = orders.select(
        "who",
        day=pl.when(second).then(pl.col("day").shift(1)).otherwise("day"),
        receipt=pl.format("R{}", 500_000 + 17 * (~second).cum_sum()),
    )
    ground = Ground(
        table(rows), assign_roles(rows, "who", "day"), [Found(Unique("receipt"), 2_000, 8, 100)]
    )
    assert [step.needed for step in names(ground) if step] == [("day",)]


def test_a_damaged_derivation_is_refused(derivation: Derivation) -> None:
    """When it is read, not while sampling."""
    data = json.loads(json.dumps(derivation.to_dict()))
    assert json.loads(json.dumps(Derivation.from_dict(data).to_dict())) == data
    led = [each | {"determinants": ["nowhere"]} for each in data["steps"]]
    damages: tuple[dict[str, Any], ...] = (
        {"steps": data["steps"][1:]},
        {"breaks": [2.0] * len(data["breaks"])},
        {"codes": ["nowhere"]},
        {"steps": led},
        {"columns": {}},
    )
    for damage in damages:
        with pytest.raises((ValueError, KeyError)):
            Derivation.from_dict(data | damage)
