"""A damaged model folder is said to be one: nothing else comes of it, whatever was changed."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer.errors import AnonymizerError, ModelError
from anonymizer.sequences.model.classifier import SequenceClassifier
from anonymizer.sequences.model.sequence_model import SequenceModel

WRONG: list[Any] = [None, -1, 0, 2, 10**12, 10**30, 0.5, float("nan"), "x", "", [], {}, [[1]], True]
PER_RUN = 250


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every key of every object and a few positions of every list, with what holds it."""
    keys = list(data) if isinstance(data, dict) else range(min(len(data), 2))
    for key in keys:
        yield data, key
        if isinstance(data[key], dict | list):
            yield from places(data[key])


def damaged(text: str, rng: random.Random) -> str:
    """JSON with one thing in it changed or left out."""
    settings = json.loads(text)
    holder, key = rng.choice(list(places(settings)))
    wrong = rng.choice([*WRONG, "left out"])
    if wrong == "left out":
        del holder[key]
    else:
        holder[key] = wrong
    return json.dumps(settings)


@pytest.fixture
def folder(model: SequenceModel, tmp_path: Path) -> Path:
    """Of a good model."""
    model.save(tmp_path / "m")
    return tmp_path / "m"


def test_whatever_is_changed_in_a_folder_is_met_when_it_is_read(
    folder: Path, shop: pl.DataFrame
) -> None:
    """It is a ModelError, or the model works as any other."""
    text, rng, used = (folder / "model.json").read_text(), random.Random(0), 0
    for _ in range(PER_RUN):
        (folder / "model.json").write_text(damaged(text, rng))
        try:
            changed = SequenceModel.load(folder)
        except ModelError:
            continue
        used += 1
        try:
            changed.sample(3)
            changed.score(shop.head(20), alert_rate=0.01)
        except AnonymizerError:
            pass
    assert used < PER_RUN / 4


def test_whatever_is_changed_in_a_classifier_is_met_when_it_is_read(
    flagging: SequenceClassifier, shop: pl.DataFrame, tmp_path: Path
) -> None:
    """The same of the folders of classifiers."""
    flagging.save(tmp_path / "m")
    text, rng = (tmp_path / "m" / "model.json").read_text(), random.Random(0)
    for _ in range(PER_RUN):
        (tmp_path / "m" / "model.json").write_text(damaged(text, rng))
        try:
            changed = SequenceClassifier.load(tmp_path / "m")
        except ModelError:
            continue
        assert changed.score(shop.head(20)).is_between(0, 1).all()


@pytest.mark.parametrize("text", ["", "[]", "3", "null", '"x"', "[[1, 2]]", "{}", "[" * 100_000])
def test_other_json_is_no_model(folder: Path, text: str) -> None:
    """What is no object, or an empty one, is refused."""
    (folder / "model.json").write_text(text)
    with pytest.raises(ModelError):
        SequenceModel.load(folder)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("config.width", 10**9),
        ("priors.arrivals", 1.5),
        ("priors.large", [4]),  # a number
        ("priors.once", [3, 3]),
        ("priors.repeats", [[3, 3, []]]),  # itself
        ("priors.repeats", [[4, 3, [1.0]]]),  # too few rates
        ("priors.counts.constant", [[4, 0.9]]),  # a number
        ("config.layers", 10**9),
        ("codec.timeline.days", 10**12),
        ("codec.timeline.unit", 0),
        ("codec.timeline.unit", -1),
        ("codec.timeline.dtype.zone", "Nowhere/City"),
        ("codec.timeline.dtype", {"name": "Enum", "categories": ["a"]}),
        ("codec.entity_dtype", {"name": "Int64", "values": [1]}),
        ("codec.fields.amount.grid.tilts", [float("nan")]),
        ("codec.profile.visits.atoms", [10**12]),
        ("card", {}),
        ("card.events", "many"),
        ("card.told", [2.5]),
        ("card.rules", [None]),
        ("codec.fields.item.dtype", {"name": "Boolean"}),
    ],
)
def test_what_a_model_cannot_be_is_refused(folder: Path, path: str, value: Any) -> None:
    """Sizes beyond all weights, units and zones that are none, values in a type, other types."""
    settings = json.loads((folder / "model.json").read_text())
    *above, last = path.split(".")
    holder = settings
    for key in above:
        holder = holder[key]
    holder[last] = value
    (folder / "model.json").write_text(json.dumps(settings))
    with pytest.raises(ModelError, match="damaged: fit the model again"):
        SequenceModel.load(folder)
