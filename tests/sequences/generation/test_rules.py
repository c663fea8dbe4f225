"""Samples of models with rules that no step keeps: histories that break one are drawn anew."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer.errors import DataError
from anonymizer.sequences.derived.base.step import Table
from anonymizer.sequences.derived.own import Rule
from anonymizer.sequences.derived.values.agreement import Agreeing
from anonymizer.sequences.generation import frames
from anonymizer.sequences.model.sequence_model import SequenceModel
from tests.sequences.stub import untrained

RULE = "item <> 'item 3' OR prev_item <> 'item 3'"


def ruled(model: SequenceModel, *texts: str) -> SequenceModel:
    """The same model with rules."""
    return replace(model, derivation=replace(model.derivation, rules=tuple(map(Rule, texts))))


def breaking(sample: pl.DataFrame) -> pl.Series:
    """The customers with a row that breaks the rule."""
    return sample.filter(~Rule(RULE).kept(sample, "customer").fill_null(value=True))["customer"]


def test_every_row_keeps_a_rule_and_histories_that_did_stay(model: SequenceModel) -> None:
    """As many customers as asked for, not shorter ones; the first of many are the few."""
    free, kept = (each.sample(60, seed=1) for each in (model, ruled(model, RULE)))
    bad = breaking(free).unique()
    assert 3 < len(bad) < 40
    assert breaking(kept).is_empty()
    assert kept["customer"].n_unique() == 60
    good = ~pl.col("customer").is_in(bad.implode())
    assert_frame_equal(kept.filter(good), free.filter(good))
    lengths = [each.group_by("customer", maintain_order=True).len()["len"] for each in (free, kept)]
    assert (lengths[0] == lengths[1]).sum() > 0.9 * 60
    few = ruled(model, RULE).sample(20, seed=1)
    assert_frame_equal(few, kept.filter(pl.col("customer") <= 20))


def test_conditions_and_a_past_stay_as_they_are(model: SequenceModel, shop: pl.DataFrame) -> None:
    """What has happened is not asked."""
    own = ruled(model, RULE)
    asked = pl.DataFrame({"country": ["France", "Spain"] * 4})
    sample = own.sample(conditions=asked)
    assert breaking(sample).is_empty()
    countries = sample.group_by("customer", maintain_order=True).first()["country"]
    assert countries.to_list() == asked["country"].to_list()
    past = shop.filter(pl.col("customer") < 3).group_by("customer").head(2).sort("customer")
    past = past.with_columns(item=pl.lit("item 3"))
    asked_of_all = Rule("item <> 'item 3' OR customer IS NULL")
    free, kept = (each.sample(prefix=past) for each in (model, ruled(model, asked_of_all.text)))
    assert set(free["customer"]) == set(kept["customer"]) == {0, 1, 2}
    assert not asked_of_all.kept(free, "customer").all()
    assert asked_of_all.kept(kept, "customer").all()


def test_a_rule_that_no_history_keeps_is_an_error(
    model: SequenceModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line that says of how many; soon where none of a thousand keeps it."""
    with pytest.raises(
        DataError, match="'amount > 1e9' is broken in all 2 tries of 600 of 600 hist"
    ):
        ruled(model, "amount > 1e9").sample(600)
    monkeypatch.setattr(frames, "TRIES", 1)
    with pytest.raises(DataError, match=r"is broken in all 1 tries of \d+ of 100 histories"):
        ruled(model, RULE).sample(100)


def test_rules_are_in_the_folder_and_the_card(model: SequenceModel, tmp_path: Path) -> None:
    """As text."""
    ruled(model, RULE).save(tmp_path / "m")
    assert f"Every row keeps: {RULE}" in (tmp_path / "m" / "README.md").read_text()
    loaded = SequenceModel.load(tmp_path / "m")
    assert loaded.derivation.rules == (Rule(RULE),)


def test_privately_neither_roles_nor_rules(shop: pl.DataFrame) -> None:
    """Data would have to bear them out."""
    for own in ({"roles": {"item": "code"}}, {"rules": ["amount > 0"]}):
        with pytest.raises(DataError, match="neither roles nor rules"):
            SequenceModel.fit(
                shop,
                entity="customer",
                time="time",
                epsilon=1,
                delta=1e-5,
                **own,
            )


def test_conditions_hold_where_columns_go_together(
    shop: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the branches have no members: a member is asked for, and has one of the others."""
    branch = pl.col("customer") // 3 % 8
    rows = shop.select("customer", "time", "item", branch=pl.format("b{}", branch)).with_columns(
        member=(branch < 4) & (pl.col("customer") % 3 > 0)
    )
    free = untrained(rows)
    step = Agreeing.learn("member", [("branch",)], Table(rows, "customer", "time", 5))
    assert step is not None
    model = replace(free, derivation=replace(free.derivation, steps=(step,), breaks=(0.01,)))
    found = model.sample(conditions=pl.DataFrame({"member": [True] * 12}), seed=1)
    assert found["member"].all()
    assert set(found["branch"]) <= set(rows.filter("member")["branch"])
    monkeypatch.setattr(frames, "TRIES", 3)
    with pytest.raises(DataError, match="are not met in all 3 tries of 1 of 1 histories"):
        model.sample(conditions=pl.DataFrame({"member": [True], "branch": ["b7"]}))


def test_what_only_the_network_has_cannot_be_asked_for(shop: pl.DataFrame) -> None:
    """As what a balance begins with."""
    paid = pl.col("amount").cum_sum().over("customer")
    balance = (paid + pl.col("customer") * 10).round(2)
    model = untrained(shop.with_columns(balance=balance), derived=True)
    [own] = set(model.codec.profile.context) - set(shop.columns)
    with pytest.raises(DataError, match=f"'{own}' is no column of the data: ask for one of: "):
        model.sample(conditions=pl.DataFrame({own: [1.0]}))
