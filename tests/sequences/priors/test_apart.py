"""What never comes together in one event."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.priors.apart import Apart
from anonymizer.sequences.priors.counts import FEW
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.tokens.values import RARE
from tests.sequences.stub import untrained

PARCELS = 240  # entities; nine in ten are learned from
EVENTS = FEW  # of each: they have counts, which leave nothing open that goes with the rest
KINDS = {"letter": "abc", "box": "cd", "pallet": "e"}  # which lanes each may go by
RULES = {
    "a lost parcel has no signature": (pl.col("status") == "lost") <= pl.col("signed").is_null(),
    "only a lost one has none": pl.col("signed").is_null() <= (pl.col("status") == "lost"),
    "both or neither": pl.col("weight").is_null() == pl.col("volume").is_null(),
    "no note without a problem": pl.col("problem").is_null() <= pl.col("note").is_null(),
    "some lanes only": pl.col("kind").replace_strict(KINDS).str.contains(pl.col("lane")),
    "a letter goes free": (pl.col("kind") == "letter") == (pl.col("fee") == 0),
    "no tax number abroad": pl.col("country").is_in(["DE", "FR"]) == pl.col("tax").is_not_null(),
    "tax is for those with a number": pl.col("tax").is_null() <= pl.col("owed").is_null(),
}  # fmt: skip


def parcels(entities: int = PARCELS) -> pl.DataFrame:
    """Events in which much is null, and only by rules."""
    rng = np.random.default_rng(0)
    rows: list[dict[str, Any]] = []
    for who in range(entities):
        country = ["DE", "FR", "US", "JP"][int(rng.integers(4))]
        tax = f"group {rng.integers(3)}" if country in ("DE", "FR") else None
        for day in range(EVENTS):
            kind = ["letter", "box", "pallet"][int(rng.integers(3))]
            lane = str(rng.choice(list(KINDS[kind])))
            status = ["lost", "sent", "there"][int(rng.integers(3))]
            measured, troubled = rng.random(2) < 0.5
            problem = "late" if troubled else None
            rows.append(
                {
                    "who": who, "day": day, "country": country, "tax": tax, "kind": kind,
                    "lane": lane, "status": status, "problem": problem,
                    "signed": None if status == "lost" else float(rng.gamma(2, 3)),
                    "weight": float(rng.gamma(2, 3)) if measured else None,
                    "volume": float(rng.gamma(2, 3)) if measured else None,
                    "note": "seen" if troubled and rng.random() < 0.5 else None,
                    "fee": 0.0 if kind == "letter" else [2.5, 7.5][int(rng.integers(2))],
                    "owed": float(rng.gamma(2, 3)) if tax and rng.random() < 0.7 else None,
                }
            )  # fmt: skip
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return frame.with_columns(when=pl.date(2024, 1, 1) + pl.duration(days="day")).drop("day")


def model_of(frame: pl.DataFrame) -> SequenceModel:
    """A network that wants something at random, whatever the rules."""
    return untrained(frame, entity="who", time="when")


def broken(frame: pl.DataFrame) -> dict[str, int]:
    """How many rows break each rule, where any does."""
    known = frame.filter(pl.all_horizontal(pl.col("kind", "lane") != "OTHER"))
    rows = known.select((~rule.fill_null(value=True)).sum().alias(n) for n, rule in RULES.items())
    return {name: count for name, count in rows.row(0, named=True).items() if count}


def without(model: SequenceModel) -> SequenceModel:
    """The same model, which does not know what is apart."""
    each = (replace(p, cells={}) if isinstance(p, Apart) else p for p in model.priors.each)
    return replace(model, priors=replace(model.priors, each=tuple(each)))


@pytest.fixture(scope="module")
def real() -> pl.DataFrame:
    """The rows."""
    return parcels()


@pytest.fixture(scope="module")
def model(real: pl.DataFrame) -> SequenceModel:
    """Of the rows."""
    return model_of(real)


def test_what_no_row_breaks_no_sampled_row_breaks(real: pl.DataFrame, model: SequenceModel) -> None:
    """Codes that say null, columns null together, one way or both, allowed combinations, signs."""
    assert broken(real) == {}
    assert broken(without(model).sample(60)).keys() == RULES.keys()
    assert broken(model.sample(120)) == {}


def test_histories_go_on_by_the_rules(real: pl.DataFrame, model: SequenceModel) -> None:
    """What has happened stays, were it against a rule; what follows keeps them."""
    past = real.filter(pl.col("who") < 20).group_by("who", maintain_order=True).head(3)
    odd = past.with_columns(signed=pl.lit(7.0), weight=None)
    assert "both or neither" in broken(odd)
    assert broken(model.sample(prefix=odd).select(real.columns)) == {}
    asked = model.sample(conditions=pl.DataFrame({"country": ["JP"] * 30}))
    assert broken(asked) == {}


def test_what_cannot_come_is_not_recommended(model: SequenceModel) -> None:
    """Ranks are of lanes that the kinds before them have: all mass is on known combinations."""
    priors, heads = model.priors, list(model.codec.fields)
    assert priors.of(Apart).cells.keys() >= {
        (2 + heads.index("kind"), 2 + heads.index("lane")),
        (0, 1),  # country, tax
    }
    ranked = model.recommend(parcels(5), field="lane", top=9)
    total = ranked.group_by("who").agg(pl.col("probability").sum())["probability"]
    assert (total - 1).abs().max() < 1e-6  # type: ignore[operator]


@pytest.mark.parametrize(("entities", "shows"), [(4, False), (12, True)])
def test_a_few_exceptions_do_not_show(
    real: pl.DataFrame, model: SequenceModel, entities: int, shows: bool
) -> None:
    """Of fewer than k entities: what is told of states is the same to the letter."""
    odd = (pl.col("status") == "lost") & (pl.col("who") < entities)
    signed = pl.when(odd).then(7.0).otherwise("signed")
    found = model_of(real.with_columns(signed=signed)).priors.of(Apart)
    assert (found.to_dict() != model.priors.of(Apart).to_dict()) == shows


def test_of_a_state_that_few_hold_nothing_is_told(real: pl.DataFrame) -> None:
    """Not even that all they have is apart from much."""
    rare = pl.when(pl.col("who") < 4).then(pl.lit("smuggled")).otherwise("status")
    found = model_of(real.with_columns(rare.alias("status")))
    apart, status = found.priors.of(Apart), 2 + list(found.codec.fields).index("status")
    cells = {j: np.divmod(each, apart.states[j].max() + 1)[0]
             for (i, j), each in apart.cells.items() if i == status}  # fmt: skip
    assert cells
    assert not any((states == RARE).any() for states in cells.values())
    assert "smuggled" not in json.dumps(found.priors.to_dict())


def test_what_is_hardly_to_be_expected_stays_open(real: pl.DataFrame) -> None:
    """Where there are few entities, that nobody has both says nothing."""
    assert model_of(real.filter(pl.col("who") < 30)).priors.of(Apart).cells == {}


def test_what_was_written_is_read(model: SequenceModel) -> None:
    """As JSON; it closes the same."""
    told = json.loads(json.dumps(model.priors.to_dict()))
    read = replace(model, priors=Priors.from_dict(told, model.codec))
    assert read.priors.to_dict() == told
    assert read.sample(5).equals(model.sample(5))


@pytest.mark.parametrize(
    "wrong",
    [[1, 0, [3]], [0, 99, [3]], [-1, 2, [3]], [0, 2, []], [0, 2, [3, 3]], [0, 2, [-1]],
     [0, 2, [10**6]]],
)  # fmt: skip
def test_what_cannot_have_been_learned_is_refused(model: SequenceModel, wrong: list[Any]) -> None:
    """Columns in another order or that are none, no cells, one twice, one outside of the table."""
    told = {**model.priors.to_dict(), "apart": [wrong]}
    with pytest.raises(ValueError, match="apart: those of columns"):
        Priors.from_dict(told, model.codec)
