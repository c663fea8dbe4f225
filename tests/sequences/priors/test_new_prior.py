"""A prior more is a class, its place among the others, and a row of `test_scan_equals_step`."""
# ruff: noqa: ARG002, ARG003 (a prior leaves out what it has no part in)

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.errors import ModelError
from anonymizer.sequences.histories.roles import read_histories
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.network.batches import windows
from anonymizer.sequences.priors import registry
from anonymizer.sequences.priors.prior import (
    Before,
    Event,
    Making,
    Outline,
    Prior,
    Seen,
    Size,
    Step,
)
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.tokens.ahead import Now
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import Encoded, Moment, Stretch
from anonymizer.sequences.tokens.heads import FIELDS
from anonymizer.sequences.tokens.values import RARE
from tests.sequences.priors.test_scan_equals_step import (
    SAYS,
    by_scan,
    by_step,
    differing,
    learned,
)

ITEM = FIELDS  # the head that it speaks of


class Tally(NamedTuple):
    """How many events there were before (...) others."""

    events: Tensor


@dataclass(frozen=True)
class Turns(Prior):
    """It counts events and takes the items in turn: no two that follow each other are the same.

    Attributes:
        items: how many tokens there are to take turns.
    """

    name = "turns"

    items: int

    @classmethod
    def learn(cls, seen: Seen, making: Making) -> "Turns":
        """As many as the codec knows."""
        return cls(making.codec.head_sizes[ITEM] - RARE - 1)

    @classmethod
    def pooled(cls, parts: Sequence[tuple["Turns", Size]], making: Making) -> "Turns":
        """Likewise, of the codec of all sites."""
        return cls(making.codec.head_sizes[ITEM] - RARE - 1)

    @classmethod
    def private(cls, frequencies: list[FloatArray], making: Making) -> "Turns":
        """Likewise: it looks at nobody."""
        return cls(making.codec.head_sizes[ITEM] - RARE - 1)

    @classmethod
    def from_dict(cls, data: Any, making: Making) -> "Turns":
        """Read what `to_dict` gave."""
        return cls(int(data["items"]))

    def to_dict(self) -> Any:
        """As JSON."""
        return {"items": self.items}

    def faults(self, codec: HistoryCodec, large: list[int]) -> Iterator[str]:
        """It is of the codec's items."""
        if self.items != codec.head_sizes[ITEM] - RARE - 1:
            yield "turns: the items are others"

    @property
    def features(self) -> int:
        """One."""
        return 1

    def tell(self, before: Before) -> list[Tensor]:
        """Events so far."""
        return [before.of(Turns).events[..., None].float()]

    def logits(
        self, head: int, base: Tensor, before: Before, tokens: Tensor, day: Tensor
    ) -> Tensor:  # fmt: skip
        """Hardly anything but the item whose turn it is."""
        if head != ITEM:
            return base
        turn = RARE + 1 + before.of(Turns).events % self.items
        own: Tensor = base + 60.0 * (torch.arange(base.shape[-1]) == turn[..., None])
        return own

    def begin(self, data: Encoded, entities: IntArray, known: BoolArray) -> Tally:
        """None."""
        return Tally(torch.zeros(len(entities), 1, dtype=torch.long))

    def scan(
        self, carried: Tally, data: Encoded, stretch: Stretch, states: dict[str, Any]
    ) -> tuple[Tally, Tally]:  # fmt: skip
        """One more at each event of the window."""
        live, real = len(stretch.event), torch.from_numpy(stretch.real).long()
        after = carried.events[:live] + real.cumsum(1)
        return Tally(after - real), Tally(after[:, -1:])

    def start(self, outline: Outline) -> IntArray:
        """None."""
        return np.zeros(len(outline.entity), np.int64)

    def look(self, kept: IntArray, now: Now, states: dict[str, Any]) -> Tally:
        """Of the histories that go on."""
        return Tally(torch.from_numpy(kept[: len(now.day)].copy()))

    def update(self, kept: IntArray, event: Event, step: Step) -> None:
        """One more."""
        kept[: len(event.tokens)] += 1

    def blank(self, moment: Moment, states: dict[str, Any]) -> Tally:
        """Always the first's turn."""
        return Tally(torch.zeros_like(moment.day))


def in_turn(frame: pl.DataFrame, values: list[str]) -> bool:
    """Whether the n-th event of every history has the n-th item, over and over."""
    place = pl.int_range(pl.len()).over("customer") % len(values)
    expected = pl.Series(values).gather(frame.select(place).to_series())
    return frame["item"].to_list() == expected.to_list()


@pytest.fixture(scope="module")
def turned(model: SequenceModel) -> SequenceModel:
    """The same model with a prior more, put beside the others."""
    turns = Turns(len(model.codec.fields["item"].to_dict()["values"]))
    priors = replace(model.priors, each=(*model.priors.each, turns))
    other = SequenceModel.untrained(
        model.derivation, priors, replace(model.config, features=priors.features)
    )
    other.card.update(model.card)
    return replace(other, calibration=model.calibration)


def test_it_is_told(model: SequenceModel, turned: SequenceModel, shop: pl.DataFrame) -> None:
    """One feature more, the last, which counts from window to window; the others are as before."""
    assert turned.priors.features == model.priors.features + 1
    histories = read_histories(shop, model.codec.roles)
    seen, order = [], np.argsort(-histories.lengths, kind="stable")
    data, known = model.priors.encode(histories), np.full(len(order), True)
    before, after = (windows(data, order, known, each.priors) for each in (model, turned))
    for one, other in zip(before, after, strict=True):
        assert torch.equal(other.inputs.features[..., :-1], one.inputs.features)
        seen.append(other.inputs.features[..., -1].numpy()[other.real])
        # It changes the head that it speaks of, and no other.
        same = [
            torch.equal(a, b) for a, b in zip(one.inputs.bases, other.inputs.bases, strict=True)
        ]
        assert [j for j, each in enumerate(same) if not each] == [ITEM]
    assert sum(map(len, seen)) == len(shop)
    assert max(float(each.max()) for each in seen) == histories.lengths.max() - 1


def test_sampling_keeps_it(model: SequenceModel, turned: SequenceModel) -> None:
    """The items of histories that do not exist, and of those that go on, come in turn."""
    values = turned.codec.fields["item"].to_dict()["values"]
    assert turned.priors.to_dict()["turns"] == {"items": len(values)}
    sample = turned.sample(60)
    assert in_turn(sample, values)
    assert not in_turn(model.sample(60), values)
    past = sample.group_by("customer", maintain_order=True).head(2)
    future = turned.sample(prefix=past).select(past.columns)
    whole = pl.concat([past, future]).sort("customer", maintain_order=True)
    assert in_turn(whole, values)


def test_scoring_and_ranking_know_nothing_of_it(turned: SequenceModel, shop: pl.DataFrame) -> None:
    """Where nobody knows what a history shall be, it says what its `blank` says."""
    assert turned.score(shop)["anomaly_score"].is_finite().all()
    assert turned.loss(shop)["loss"].is_finite().all()
    first = turned.codec.fields["item"].to_dict()["values"][0]
    ranked = turned.recommend(shop, field="item", top=1)
    assert ranked["item"].unique().to_list() == [first]


def test_its_row_compares_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table needs to know no more than what to look at, and sees what is wrong."""
    kind: type[Prior] = Turns
    monkeypatch.setitem(SAYS, kind, lambda tally, _tokens: {"events": tally.events})
    priors, data = learned("short")
    size = priors.codec.head_sizes[ITEM] - RARE - 1
    priors = replace(priors, each=(*priors.each, Turns(size)))
    scan = by_scan(priors, data)
    assert scan.of(Turns.name).keys() > {"state: events", "features", f"logits {ITEM}"}
    assert differing(scan, by_step(priors, data), Turns.name) == []
    monkeypatch.setattr(Turns, "update", Prior.update)
    found = differing(scan, by_step(priors, data), Turns.name)
    assert sorted(found) == sorted(["state: events", "features", f"logits {ITEM}"])


@pytest.mark.usefixtures("hasty")
def test_named_among_the_kinds_it_is_learned_kept_and_read(
    shop: pl.DataFrame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From data, with and without a budget, and from a folder, which is checked."""
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, Turns))
    found = SequenceModel.fit(shop, entity="customer", time="time")
    assert found.priors.to_dict()["turns"] == {"items": 6}
    assert in_turn(found.sample(20), found.codec.fields["item"].to_dict()["values"])
    known = [np.zeros(n) for n in (*found.codec.head_sizes, *found.codec.profile.sizes)]
    assert Priors.private(found.codec, known).of(Turns) == Turns(6)
    found.save(tmp_path / "m")
    assert SequenceModel.load(tmp_path / "m").sample(20).equals(found.sample(20))
    settings = json.loads((tmp_path / "m" / "model.json").read_text())
    settings["priors"]["turns"]["items"] = 7
    (tmp_path / "m" / "model.json").write_text(json.dumps(settings))
    with pytest.raises(ModelError, match="damaged"):
        SequenceModel.load(tmp_path / "m")
