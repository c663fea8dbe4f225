"""Several formulas of one number: each is told as a column that nothing else gives."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer.arrays import FloatArray
from anonymizer.errors import ModelError
from anonymizer.relations.kinds.arithmetic import SHAPES, Formula
from anonymizer.relations.kinds.orders import Order
from anonymizer.relations.search.discover import discover
from anonymizer.sequences.derived.base.step import Draws
from anonymizer.sequences.derived.numbers import arithmetic
from anonymizer.sequences.derived.numbers.part import Part
from anonymizer.sequences.model.sequence_model import SequenceModel
from tests.sequences.derived.trips import laid, table, trip, written
from tests.sequences.stub import untrained

SUMS = ["{}", "{} + {}", "{} + {} + {}", "{} + {} − {}", "{} − {}", "{} − {} − {}"]


def rows(size: int, seed: int) -> tuple[np.random.Generator, pl.DataFrame]:
    """Days of people who come eight times each."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.integers(0, 400, (size // 8, 8)), axis=1).ravel()
    who = np.repeat(np.arange(size // 8), 8)
    return rng, pl.DataFrame(
        {"customer": who, "time": pl.Series(days).cast(pl.Int32)}
    ).with_columns(pl.col("time").cast(pl.Date))


def cents(values: object) -> FloatArray:
    """Amounts, half a cent up."""
    return np.floor(np.asarray(values, np.float64) * 100 + 0.5 + 1e-7) / 100


def hospital() -> pl.DataFrame:
    """Bills of wards, of which the patient pays a part up to a limit."""
    rng, frame = rows(640, 0)
    ward, days, plan = (
        rng.integers(0, 4, 640),
        rng.integers(1, 15, 640),
        rng.integers(0, 2, 640),
    )
    room, drugs = (
        cents(np.array([310.5, 250.0, 480.0, 199.9])[ward] * days),
        cents(rng.gamma(2, 90, 640)),
    )
    total = cents(room + drugs)
    patient = cents(np.minimum(total, np.array([100.0, 400.0])[plan] * days * rng.random(640)))
    return frame.with_columns(
        ward=pl.format("W{}", pl.Series(ward)), days=pl.Series(days), room=pl.Series(room),
        drugs=pl.Series(drugs), total=pl.Series(total), patient=pl.Series(patient),
        insurer=pl.Series(cents(total - patient)),
    )  # fmt: skip


def payroll() -> pl.DataFrame:
    """Wages of hours and a bonus, of which tax and dues are taken off."""
    rng, frame = rows(640, 1)
    hours, wage = (
        rng.integers(40, 180, 640),
        np.array([14.5, 18.2, 23.75])[rng.integers(0, 3, 640)],
    )
    worked = cents(hours * wage)
    gross = cents(worked + np.where(rng.random(640) < 0.3, rng.integers(1, 9, 640) * 50, 0))
    tax = cents(np.maximum(gross - 900, 0) * 0.2 + rng.integers(0, 40, 640))
    dues = cents(rng.uniform(5, 60, 640))
    return frame.with_columns(
        hours=pl.Series(hours), wage=pl.Series(wage), worked=pl.Series(worked),
        bonus=pl.Series(cents(gross - worked)), gross=pl.Series(gross), tax=pl.Series(tax),
        dues=pl.Series(dues), off=pl.Series(cents(tax + dues)),
        net=pl.Series(cents(gross - cents(tax + dues))),
    )  # fmt: skip


def invoice() -> pl.DataFrame:
    """Lines with a discount that halves the first bill, cents going either way, and what is due."""
    rng, frame = rows(640, 2)
    price, units = (
        np.array([5.49, 12.99, 30.01])[rng.integers(0, 3, 640)],
        rng.integers(1, 7, 640),
    )
    value = cents(price * units)
    number = np.tile(np.arange(8), 80)
    taxable = np.where(number == 0, np.round(value * 0.5, 2), value)
    paid = cents(np.where(rng.random(640) < 0.7, taxable, taxable * rng.random(640)))
    return frame.with_columns(
        number=pl.Series(number), price=pl.Series(price), units=pl.Series(units),
        value=pl.Series(value), discount=pl.Series(cents(value - taxable)),
        taxable=pl.Series(taxable), paid=pl.Series(paid), due=pl.Series(cents(taxable - paid)),
    )  # fmt: skip


def statement() -> pl.DataFrame:
    """What comes in, what goes out and a fee of it: only the change may have either sign."""
    rng, frame = rows(640, 4)
    comes = rng.random(640) < 0.4
    credit = np.where(comes, rng.integers(100, 90_000, 640), 0) / 100
    debit = np.where(comes, 0, rng.integers(100, 90_000, 640)) / 100
    fee = cents(np.where(rng.random(640) < 0.5, debit * 0.01, 0))
    change = (credit - debit - fee).round(2)
    return frame.with_columns(
        credit=pl.Series(credit), debit=pl.Series(debit), fee=pl.Series(fee),
        change=pl.Series(change),
    )  # fmt: skip


def lines() -> pl.DataFrame:
    """Articles with a price, which is more than the tax of the few that are bought of one."""
    rng, frame = rows(640, 5)
    article, units = rng.integers(0, 12, 640), rng.integers(1, 4, 640)
    price = cents(np.linspace(3, 80, 12) * 1.0137)[article]
    net = cents(price * units)
    return frame.with_columns(
        article=pl.format("A{}", pl.Series(article)), price=pl.Series(price),
        units=pl.Series(units), net=pl.Series(net), tax=pl.Series(cents(net * 0.07)),
    )  # fmt: skip


def settled() -> pl.DataFrame:
    """Lines with a discount, of what is left a part is paid, and of this a part comes back."""
    rng, frame = rows(640, 6)
    price, units = (
        np.linspace(3, 80, 12).round(2)[rng.integers(0, 12, 640)],
        rng.integers(1, 6, 640),
    )
    total = cents(price * units)
    discount = cents(np.floor(total * 100 * rng.random(640) * (rng.random(640) < 0.4)) / 100 * 0.9)
    net = cents(total - discount)
    paid = cents(net * rng.random(640))
    return frame.with_columns(
        price=pl.Series(price), units=pl.Series(units), total=pl.Series(total),
        discount=pl.Series(discount), net=pl.Series(net), paid=pl.Series(paid),
        back=pl.Series(np.minimum(cents(paid * rng.random(640)), paid)),
    )  # fmt: skip


def test_no_more_is_paid_than_is_due_and_none_comes_back_that_was_not_paid() -> None:
    """Where the price of the article tells the whole, its parts give way, one after another."""
    real = settled()
    found = [each.relation for each in discover(real, "customer", "time").found]
    assert {"paid ≤ net", "back ≤ paid"} <= {str(r).replace("<", "≤") for r in found}
    sampled = untrained(real, derived=True).sample(60)
    assert {str(each): each.agrees(sampled) for each in found} == {str(e): 1.0 for e in found}


@pytest.mark.parametrize("make", [statement, lines])
def test_what_is_laid_on_keeps_its_sign(make: Callable[[], pl.DataFrame]) -> None:
    """What may have either sign is told by the rest; a price by its article, not by its tax."""
    real = make()
    sampled = untrained(real, derived=True).sample(60)
    found = [each.relation for each in discover(real, "customer", "time").found]
    kept = {str(each): each.agrees(sampled) for each in found if not isinstance(each, Order)}
    assert kept == dict.fromkeys(kept, 1.0)
    assert any(" = " in words for words in kept)
    assert sampled.select(pl.min_horizontal(pl.col(pl.Float64).exclude("change")).min()).item() >= 0


@pytest.mark.parametrize("make", [hospital, payroll, invoice])
def test_all_formulas_hold_and_nothing_falls_below_none(make: Callable[[], pl.DataFrame]) -> None:
    """Whatever the network says: of two that tell one number, one tells another."""
    real = make()
    found = [each.relation for each in discover(real, "customer", "time").found]
    formulas = [each for each in found if isinstance(each, Formula)]
    assert len(formulas) > len({each.target for each in formulas})
    sampled = untrained(real, derived=True).sample(60)
    assert {str(each): each.agrees(sampled) for each in formulas} == {
        str(each): 1.0 for each in formulas
    }
    assert sampled.select(pl.min_horizontal(pl.col(pl.Float64)).min()).item() >= 0


@pytest.mark.parametrize("shape", SUMS)
def test_a_sum_is_told_as_any_of_its_columns(shape: str) -> None:
    """As other words for the same: real rows come back, others keep it too."""
    rng, size = np.random.default_rng(3), shape.count("{}")
    names = ("a", "b", "c")[:size]
    real = pl.DataFrame(
        {"who": np.arange(50)} | {c: rng.integers(0, 9_999, 50) / 100 for c in names}
    )
    real = real.with_columns(t=SHAPES[shape](*(pl.col(c) for c in names)).round(2))
    relation = Formula("t", shape, names, 2, "exact")
    for column in names:
        step = arithmetic.Formula.solved(relation, column, table(real))
        assert_frame_equal(trip(step, real), real)
        assert step is not None
        assert step.given == (column,)
        step = replace(step, rest=replace(step.rest, sign=0))
        other = written(step, real).with_columns(pl.col(step.needed[0]) + 7)
        assert relation.agrees(laid(step, other, real["who"])) == 1


def test_a_part_is_no_more_than_others_leave() -> None:
    """In the digits that it has; where the whole is null, it is what was written."""
    real = pl.DataFrame({"who": range(4), "tax": [1.5, 2.0, None, 0.5]})
    step = Part.learn("tax", ("gross",), ("dues",), table(real))
    assert step is not None
    rows = real.with_columns(
        gross=pl.Series([1.29, 1.0, 5.0, None]), dues=pl.Series([0.0, 3, 1, 1])
    )
    assert step.lay_on(rows, Draws(0, np.arange(4), np.zeros(4, np.int64)))[0].to_list() == [
        1.2, 0.0, None, 0.5,
    ]  # fmt: skip
    assert step.kept(rows).to_list() == [False, False, None, None]
    signed = real.with_columns(-pl.col("tax"))
    assert Part.learn("tax", ("gross",), ("dues",), table(signed)) is None


def claims() -> pl.DataFrame:
    """What an insurer returns of what is asked, paid out or taken back."""
    rng, frame = rows(640, 3)
    asked, plan = cents(rng.gamma(2, 90, 640)), rng.integers(0, 3, 640)
    returned = np.floor(asked * np.array([0.5, 0.8, 0.9])[plan] * 100 + 1e-7) / 100
    back = rng.random(640) < 0.3
    return frame.with_columns(
        plan=pl.format("P{}", pl.Series(plan)), asked=pl.Series(asked),
        returned=pl.Series(returned), kind=pl.Series(np.where(back, "recovery", "claim")),
        flow=pl.Series(np.where(back, -returned, returned)),
    )  # fmt: skip


def test_a_number_that_is_computed_but_for_its_sign_is_turned_by_its_code() -> None:
    """Whatever the network says: its magnitude is the other's, its sign that of what it is for."""
    real = claims()
    found = untrained(real, derived=True)
    sampled = found.sample(60, seed=1).filter(pl.col("returned") > 0)
    assert found.derivation.unkept == ()
    assert (sampled["flow"].abs() - sampled["returned"]).abs().max() < 1e-9  # type: ignore[operator]  # (numbers)
    assert ((sampled["flow"] < 0) == (sampled["kind"] == "recovery")).all()


def test_a_type_that_what_is_computed_does_not_fit_is_met_when_a_model_is_read(
    tmp_path: Path,
) -> None:
    """A changed folder is said to be one, and not met while sampling."""
    untrained(claims(), derived=True).save(tmp_path / "m")
    settings = json.loads((tmp_path / "m" / "model.json").read_text())
    settings["derivation"]["columns"]["flow"] = {"name": "Time"}
    (tmp_path / "m" / "model.json").write_text(json.dumps(settings))
    with pytest.raises(ModelError, match="damaged"):
        SequenceModel.load(tmp_path / "m")


def test_what_an_invoice_has_one_of_is_not_what_a_sum_tells() -> None:
    """Freight is one per invoice, so the total is computed and is one as well."""
    rng, size = np.random.default_rng(5), 900
    who, net = np.repeat(np.arange(100), 9), cents(rng.gamma(2, 20, size))
    visit = pl.Series("time", np.repeat(np.arange(300) % 3 * 9, 3)).cast(pl.Int32).cast(pl.Date)
    freight = np.repeat(rng.choice([0.0, 4.9, 7.5, 11.0], 300), 3)
    real = pl.DataFrame({"customer": who, "time": visit, "net": net, "freight": freight})
    real = real.with_columns(goods=pl.col("net").sum().over("customer", "time").round(2))
    real = real.with_columns(total=(pl.col("goods") + pl.col("freight")).round(2))
    sampled = untrained(real, derived=True).sample(50, seed=1)
    one = pl.col("freight", "total").n_unique().over("customer", "time") == 1
    assert sampled.select(one).select(pl.all_horizontal(pl.all()).all()).item()


def test_what_holds_and_no_step_keeps_is_told() -> None:
    """One number that is two products: one of them is left to chance."""
    rng, frame = rows(640, 4)
    a, b, k = 2 * rng.integers(1, 9, 640), rng.integers(1, 30, 640), rng.integers(1, 3, 640)
    columns = {"a": a, "b": b, "c": a * b, "d": b * k, "e": a // k}
    found = untrained(frame.with_columns(pl.Series(n, v) for n, v in columns.items()), derived=True)
    assert [text for text in found.derivation.unkept if "×" in text] in (
        [["c = a × b"], ["c = d × e"]]
    )
