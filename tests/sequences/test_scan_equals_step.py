"""What counting knows of a history is worked out twice: for training at once, for sampling by step.

Whatever the first tells the network, the second must tell it too, to the last digit.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from anonymizer.sequences.priors.codec import HistoryCodec
from anonymizer.sequences.priors.inputs import Inputs
from torch import Tensor

from anonymizer.arrays import IntArray
from anonymizer.sequences.generation.draw import Drawer, Event, Known
from anonymizer.sequences.generation.walk import Planned, Walk
from anonymizer.sequences.histories.roles import assign_roles, read_histories
from anonymizer.sequences.network.batches import windows
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.network.state import NetworkState
from anonymizer.sequences.priors.prior import Habits
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.training.fit import event_network

SHAPES = {  # (histories, events of each at least and at most, have they times of day)
    "long, in visits": (60, 26, 40, True),
    "dated": (60, 26, 40, False),
    "one event or many": (50, 1, 60, True),
    "longer than a window": (30, 100, 300, True),
    "all as long": (40, 30, 30, False),
    "short": (60, 1, 6, True),
}


def make_shop(shape: str) -> pl.DataFrame:
    """Everything that counting knows of is in here."""
    people, least, most, timed = SHAPES[shape]
    rng = np.random.default_rng(list(SHAPES).index(shape))
    rows: list[tuple[object, ...]] = []
    for who in range(people):
        when, rent = datetime(2024, 1, 1, 9), round(float(rng.uniform(300, 1_500)), 2)
        films = rng.permutation(most + 4)
        for n in range(int(rng.integers(least, most + 1))):
            kind = ["rent", "food", "fuel", "visit"][int(rng.integers(4))]
            spent = None if kind == "visit" else round(float(rng.gamma(3, 7)), 2)
            rows.append(
                (
                    who, when, kind, f"article {rng.integers(60)}", f"film {films[n]}",
                    f"town {who % 4 + (who < 3 and n > 20)}", rent if kind == "rent" else spent,
                )
            )  # fmt: skip
            further = rng.random()
            if further < 0.4:
                when += timedelta(minutes=int(rng.integers(1, 40)))
            elif further < 0.8:
                when += timedelta(days=int(rng.integers(1, 12)), minutes=int(rng.integers(-60, 60)))
    names = ["who", "when", "kind", "article", "film", "town", "amount"]
    frame = pl.DataFrame(rows, names, orient="row", infer_schema_length=None)
    return frame if timed else frame.with_columns(pl.col("when").dt.date())


def learned(frame: pl.DataFrame) -> tuple[HistoryCodec, Encoded]:
    """The codec of a shop, with quotas, and its histories."""
    roles = assign_roles(frame, "who", "when", None, ())
    histories = read_histories(frame, roles)
    codec = replace(HistoryCodec.learn(histories, roles, frame.columns, 2), tells_quotas=True)
    return codec, codec.encode(histories)


@dataclass(frozen=True)
class Recorder(Drawer):
    """Draws nothing: it writes down what it is told at each event that has happened."""

    bases: dict[tuple[int, int], list[Tensor]] = field(default_factory=dict)
    step: list[int] = field(default_factory=lambda: [0])

    def _base(self, j: int, event: Event, known: Known, habits: Habits, echoed: Tensor) -> Tensor:
        base = super()._base(j, event, known, habits, echoed)
        self.bases[self.step[0], j] = list(base.expand(len(event.tokens), -1))
        return base


@dataclass(frozen=True)
class Told:
    """What a history is told, by its entity and the number of the event.

    Attributes:
        bases: likewise by head, (V,) log-probabilities to start from.
        features: (C,) numbers, what is left of the quotas among them.
        echoed: (J, 2) tokens that may come again.
    """

    bases: dict[tuple[int, int, int], Tensor] = field(default_factory=dict)
    features: dict[tuple[int, int], Tensor] = field(default_factory=dict)
    echoed: dict[tuple[int, int], IntArray] = field(default_factory=dict)


def by_scan(codec: HistoryCodec, data: Encoded, order: IntArray) -> Told:
    """As training is told it, window by window; `order` is of the entities, the longest first."""
    told, done = Told(), np.zeros(len(order), np.int64)
    for window in windows(data, order, np.full(len(order), True), codec.assembly):
        for j, base in enumerate(window.inputs.bases):
            rows, columns = torch.nonzero(window.inputs.applies[..., j], as_tuple=True)
            own = zip(rows.tolist(), columns.tolist(), base.expand(len(rows), -1), strict=True)
            told.bases.update({(int(order[r]), int(done[r]) + t, j): each for r, t, each in own})
        for row, t in np.argwhere(window.real).tolist():
            at = int(order[row]), int(done[row]) + t
            told.features[at] = window.inputs.features[row, t]
            told.echoed[at] = window.inputs.echoed[row, t].numpy()
        done[: len(window.real)] += window.real.sum(1)
    return told


def by_step(codec: HistoryCodec, data: Encoded, order: IntArray) -> Told:
    """As sampling is told it, event by event of histories that have happened."""
    past, told, heads = data.select(order), Told(), range(len(codec.head_sizes))
    network = event_network(codec, NetworkConfig(codec.assembly.features, 8))
    drawer, seen, history = Recorder(codec, network), list[Tensor](), network.history

    def recorded(inputs: Inputs, memory: NetworkState | None, tables: list[Tensor]) -> Any:
        seen.append(inputs.features[:, 0])
        return history(inputs, memory, tables)

    network.history = recorded  # type: ignore[method-assign]
    walk = Walk(drawer, Planned(order, past.marks, past.span, past.quotas, past.has_quotas), past)
    for step in range(int(past.span.length.max())):
        live, drawer.step[0] = walk.live(step), step
        latest = {j: [table[:live].copy() for table in own] for j, own in walk.latest.items()}
        event = walk.step(step, np.full((live, 2 * len(heads)), 0.5))
        echoed = np.tile(codec.assembly.nothing[:, None], (live, 1, 2))
        for j in heads:
            for i, at, table in drawer.echoes(j, event.tokens, latest):
                echoed[:, j, i] = table[at]
            rows = np.flatnonzero(drawer._said(j, event) & (step > 0 or j > 0))
            its = drawer.bases[step, j]
            its = its if len(its) == len(rows) else [its[row] for row in rows]
            own = zip(order[rows].tolist(), its, strict=True)
            told.bases.update({(who, step, j): base for who, base in own})
        for row, who in enumerate(order[:live].tolist()):
            told.features[who, step], told.echoed[who, step] = seen[-1][row], echoed[row]
    return told


@pytest.mark.parametrize("shape", SHAPES)
@torch.no_grad()
def test_sampling_is_told_what_training_was(shape: str) -> None:
    """Base measures, what is left of the quotas, tokens that may come again: all the same."""
    codec, data = learned(make_shop(shape))
    order = np.argsort(-data.span.length, kind="stable")
    scan, step = by_scan(codec, data, order), by_step(codec, data, order)
    assert len(step.features) == len(data.tokens)
    for name in ("bases", "features", "echoed"):
        one, other = getattr(scan, name), getattr(step, name)
        assert one.keys() == other.keys()
        assert all(np.array_equal(one[at], other[at]) for at in one), name


def test_the_shop_has_everything_that_is_counted() -> None:
    """A large vocabulary, numbers and categories that come again, what nobody has twice, visits."""
    codec, data = learned(make_shop("long, in visits"))
    assert codec.wide
    assert codec.once
    assert codec.constant
    assert codec.pairs
    assert codec.sessions > 0
    assert any(echo.is_number for echo in codec.echoes.values())
    assert not all(echo.is_number for echo in codec.echoes.values())
    assert data.has_quotas.all()
