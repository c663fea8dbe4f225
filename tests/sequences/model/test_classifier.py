"""The labelled classifier."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from anonymizer.errors import DataError, ModelError
from anonymizer.sequences.model.classifier import ClassifierNetwork, SequenceClassifier
from anonymizer.sequences.model.sequence_model import SequenceModel
from tests.sequences.conftest import labelled, make_shop


def test_the_classifier_learns_from_order() -> None:
    """A label that only the event before explains is found on other customers."""
    frame = labelled(make_shop(300))
    train, test = frame.filter(pl.col("customer") < 240), frame.filter(pl.col("customer") >= 240)
    found = SequenceClassifier.fit(
        train, entity="customer", time="time", label="fraud", max_epochs=30
    )
    scored = test.with_columns(p=found.score(test))
    positive = scored.filter("fraud")["p"].median()
    assert positive > 2 * scored.filter(~pl.col("fraud"))["p"].median()  # type: ignore[operator]


def test_the_network_is_128_64_1() -> None:
    """Two LSTM layers and one sigmoid's input."""
    network = ClassifierNetwork([3, 4], inputs=2)
    assert (network.first.hidden_size, network.second.hidden_size) == (128, 64)
    assert network.out.out_features == 1


@pytest.mark.parametrize(
    "label", [pl.lit(True), pl.lit(2), pl.lit("yes"), pl.lit(None, pl.Boolean)]
)
def test_labels_must_tell_two_kinds_apart(shop: pl.DataFrame, label: pl.Expr) -> None:
    """One value, other numbers, text and nulls are refused by name."""
    with pytest.raises(DataError, match="column 'fraud'"):
        SequenceClassifier.fit(
            shop.with_columns(fraud=label), entity="customer", time="time", label="fraud"
        )


def test_probabilities_stand_beside_their_rows(
    flagging: SequenceClassifier, shop: pl.DataFrame
) -> None:
    """Scores come in row order, whatever the order of the rows."""
    shuffled = shop.unique(["customer", "time"], keep="first").sample(
        fraction=1, shuffle=True, seed=0
    )
    straight = shuffled.sort("customer", "time")
    again = shuffled.with_columns(p=flagging.score(shuffled)).sort("customer", "time")["p"]
    np.testing.assert_allclose(again, flagging.score(straight), atol=1e-5)


@pytest.mark.usefixtures("hasty")
def test_huge_amounts_leave_probabilities_finite(shop: pl.DataFrame) -> None:
    """Means and spreads do not overflow."""
    huge = pl.when(pl.col("score") == 3).then(-1e308).otherwise(1e308)
    frame = labelled(shop).with_columns(amount=huge)
    found = SequenceClassifier.fit(
        frame, entity="customer", time="time", label="fraud", max_epochs=1
    )
    assert found.score(frame).is_between(0, 1).all()


def test_events_without_a_label_are_history_only(shop: pl.DataFrame) -> None:
    """Where the label is null an event is read and scored, and counts as neither kind."""
    frame = labelled(shop)
    early = pl.int_range(pl.len()).over("customer") < 2
    known = pl.when(~early).then("fraud")
    unknown, wrong = (
        SequenceClassifier.fit(
            frame.with_columns(fraud=label),
            entity="customer",
            time="time",
            label="fraud",
            max_epochs=2,
        )
        for label in (known, known.otherwise(pl.lit(True)))
    )
    assert unknown.score(frame).null_count() == 0
    assert unknown.score(frame).mean() < wrong.score(frame).mean()  # type: ignore[operator]


def test_a_saved_classifier_says_the_same(
    flagging: SequenceClassifier, shop: pl.DataFrame, tmp_path: Path
) -> None:
    """A round trip through files changes no probability; a folder of another kind is refused."""
    flagging.save(tmp_path / "model")
    again = SequenceClassifier.load(tmp_path / "model")
    assert again.score(shop).equals(flagging.score(shop.lazy()))
    assert again.card == flagging.card
    assert again.card["provenance"]["command"] == "anonymizer.SequenceClassifier.fit"
    assert "SequenceClassifier.fit" in (tmp_path / "model" / "README.md").read_text("utf-8")
    with pytest.raises(ModelError, match="holds a SequenceClassifier, not a SequenceModel"):
        SequenceModel.load(tmp_path / "model")


def test_the_label_is_neither_entity_nor_time(shop: pl.DataFrame) -> None:
    """It is refused by name."""
    with pytest.raises(DataError, match="column 'time' is entity or time"):
        SequenceClassifier.fit(shop, entity="customer", time="time", label="time")
