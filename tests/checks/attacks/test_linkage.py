"""The attack finds who can be found, and nobody where nothing is left."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.attacks.alignment import ValueKind, align, comparable_columns
from anonymizer.checks.attacks.linkage import Linkage, link
from tests.checks.conftest import draw

RAW = draw(0, 1)
TOKEN = pl.col("customer").hash(seed=3)


def everything(raw: pl.DataFrame) -> dict[str, ValueKind]:
    """All columns but the customer, which confirm that rows correspond."""
    return comparable_columns(raw.schema, raw.schema, ["customer"])


def attack(masked: pl.DataFrame, raw: pl.DataFrame = RAW, seed: int = 0) -> Linkage:
    """The attack on customers, with times where both tables have them."""
    columns = comparable_columns(raw.schema, masked.schema, ["customer"])
    time = "time" if "time" in columns else None
    truth = align(raw, raw.with_columns(masked["customer"]), "customer", everything(raw))
    found = link(raw, masked, truth, columns, time, seed=seed)
    assert found is not None
    return found


def test_an_unmasked_copy_gives_everybody_away() -> None:
    """All 150 customers are recognised, by 1 in 150 if guessed."""
    found = attack(RAW)
    assert (found.first.value, found.near.value) == (1.0, 1.0)
    assert (found.targets, found.entities) == (150, 150)
    assert pytest.approx(1 / 150) == found.chance
    assert pytest.approx(5 / 150) == found.near_chance


def test_tokens_alone_protect_nobody() -> None:
    """Another name for the customer changes nothing about the history."""
    assert attack(RAW.with_columns(TOKEN)).first.value == 1.0


def test_a_shift_of_dates_leaves_the_history() -> None:
    """Items, amounts and days between are enough where every customer's dates move."""
    days = pl.duration(days=(pl.col("customer") * 7919) % 61 - 30)
    assert attack(RAW.with_columns(TOKEN, pl.col("time") + days)).first.value > 0.95


def test_coarse_values_help_less_than_exact_ones() -> None:
    """Months and no amounts recognise fewer than everything, and more than guessing."""
    coarse = RAW.select(TOKEN.alias("customer"), pl.col("time").dt.truncate("1mo"))
    found = attack(coarse)
    assert found.chance < found.first.low < found.first.value < 0.9


def test_nothing_kept_is_guessing() -> None:
    """Where all histories are equally long and nothing is left, the rate is that of chance."""
    raw = RAW.filter(pl.int_range(pl.len()).over("customer") < 4)
    found = attack(raw.select(TOKEN.alias("customer"), item=pl.lit(None, pl.String)), raw)
    assert found.first.low <= found.chance <= found.first.high
    assert found.first.value < 0.05
    assert found.helped == []


def test_columns_of_other_people_are_guessing() -> None:
    """Values that say nothing of their customer do not help, and are not believed to."""
    rng = np.random.default_rng(5)
    raw = RAW.filter(pl.int_range(pl.len()).over("customer") < 4)
    masked = raw.with_columns(
        amount=pl.Series(rng.permutation(raw["amount"])),
        item=pl.Series(rng.permutation(raw["item"].to_list())),
    ).drop("time")
    assert attack(masked, raw).first.value < 0.05


def test_tokens_that_rotate_are_attacked_one_by_one() -> None:
    """Each token of a quarter is matched with the whole raw history."""
    quarter = pl.struct("customer", pl.col("time").dt.truncate("1q")).hash()
    found = attack(RAW.with_columns(quarter.alias("customer")))
    assert found.targets > found.entities == 150
    assert found.first.value > 0.5


def test_other_units_and_types_do_not_hide() -> None:
    """Cents, another time unit and a category are compared with what they came from."""
    masked = RAW.select(
        TOKEN.alias("customer"),
        (pl.col("amount") * 100).cast(pl.Int64),
        pl.col("time").dt.replace_time_zone("UTC").dt.cast_time_unit("ms"),
        pl.col("item").cast(pl.Categorical),
    )
    assert attack(masked).first.value > 0.95


def test_nulls_and_nan_are_no_trouble() -> None:
    """Half of all values gone leaves an attack that works, without a warning."""
    hole = pl.int_range(pl.len()) % 2 == 0
    masked = RAW.with_columns(
        amount=pl.when(hole).then(float("nan")).otherwise("amount"),
        item=pl.when(hole).then("item"),
        time=pl.when(~hole).then("time"),
    )
    assert attack(masked).first.value > 0.8


def test_the_same_seed_gives_the_same_result_in_any_order_of_rows() -> None:
    """Rows of both tables in another order, together, change nothing."""
    masked = RAW.with_columns(TOKEN, pl.col("time").dt.truncate("1w"))
    order = np.random.default_rng(2).permutation(len(RAW))
    assert attack(masked).first == attack(masked[order], RAW[order]).first


def test_few_entities_are_not_attacked() -> None:
    """Under twenty, what survives masking cannot be learned."""
    few = RAW.filter(pl.col("customer") < 19)
    columns = comparable_columns(few.schema, few.schema, ["customer"])
    assert link(few, few, align(few, few, "customer", columns), columns, "time") is None


def test_one_row_per_person_is_matched_by_attributes() -> None:
    """Age and place that stay tell most people apart, though all rows have other tokens."""
    rng = np.random.default_rng(0)
    people = pl.DataFrame(
        {
            "customer": np.arange(300),
            "age": rng.integers(18, 90, 300),
            "place": rng.integers(0, 60, 300).astype(str),
            "born": [date(2000, 1, 1) + timedelta(int(d)) for d in rng.integers(9_000, size=300)],
        }
    )
    found = attack(people.with_columns(TOKEN).drop("born"), people)
    assert found.first.value > 0.8
    assert {"age", "place", "whole rows"} >= set(found.helped)
