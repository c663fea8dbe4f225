"""Encoded histories in padded batches of similar length, as the event network sees them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, IntArray
from anonymizer.sequences.network.inputs import Inputs
from anonymizer.sequences.network.lstm import EventNetwork, Past
from anonymizer.sequences.network.state import NetworkState
from anonymizer.sequences.priors.prior import Before
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.tokens.encoded import WINDOW, Encoded, Stretch, stretches
from anonymizer.sequences.tokens.heads import GAP, all_applies

BUDGET = 1_500  # events per training step at most
STEPS = 16  # training steps per epoch at least, while they have 64 events


def step_budget(events: int) -> int:
    """Events per training step: small data gets small steps, so that an epoch has several."""
    return max(64, min(BUDGET, events // STEPS))


def buckets(lengths: IntArray, order: IntArray, budget: int, width: int = WINDOW) -> list[IntArray]:
    """Batches of similar length, longest first, whose windows hold at most `budget` events each.

    Args:
        lengths: (E,) of all histories.
        order: which of them; among equal lengths this order is kept.
        budget: events per window of a batch; a batch has one history at least.
        width: events of each history in a window, at most.
    """
    order = order[np.argsort(lengths[order], kind="stable")]
    found: list[IntArray] = []
    start = 0
    while start < len(order):
        widths = np.minimum(lengths[order[start:]], width)
        padded = widths * np.arange(1, len(widths) + 1)  # ascending, as widths are
        count = max(1, int(np.searchsorted(padded, budget, "right")))
        found.append(order[start : start + count][::-1])
        start += count
    return found


def window_count(lengths: IntArray, batches: list[IntArray], width: int = WINDOW) -> int:
    """Count the windows that batches are cut into."""
    return sum(-(-int(lengths[batch].max()) // width) for batch in batches)


class Window(NamedTuple):
    """Some events in a row of each history of a batch.

    Attributes:
        inputs: what the network sees.
        targets: (B, T, J) the tokens that come true.
        event: (B, T) the number of each event among all events.
        real: (B, T) whether it is one, or padding.
    """

    inputs: Inputs
    targets: Tensor
    event: IntArray
    real: BoolArray

    @classmethod
    def of(
        cls,
        priors: Priors,
        before: Before,
        stretch: Stretch,
        *,
        profile: IntArray,
        tokens: IntArray,
        day: IntArray,
    ) -> "Window":
        """Put it together from what is known before (B, T) events, and what came true."""
        said = all_applies(tokens[..., GAP], priors.codec.timeline, tokens.shape[-1])
        applies, previous = said & stretch.real[..., None], stretch.previous
        inputs = Inputs.of(
            priors,
            before,
            previous=previous,
            profile=profile,
            tokens=tokens,
            day=day,
            applies=applies,
        )
        return cls(inputs, torch.from_numpy(tokens), stretch.event, stretch.real)

    @classmethod
    def cut(
        cls, priors: Priors, before: Before, data: Encoded, entities: IntArray, stretch: Stretch
    ) -> "Window":
        """A stretch of the histories of (B,) entities, those first that go on."""
        event = stretch.event
        profile = data.profile[entities[: len(event)]]
        tokens, day = data.tokens[event], data.places.day[event]
        return cls.of(priors, before, stretch, profile=profile, tokens=tokens, day=day)

    def to(self, device: torch.device) -> "Window":
        """Move it to a device."""
        return self._replace(inputs=self.inputs.to(device), targets=self.targets.to(device))


def windows(
    data: Encoded,
    entities: IntArray,
    known: BoolArray,
    priors: Priors,
    *,
    bounded: bool = True,
    width: int = WINDOW,
) -> Iterator[Window]:
    """One batch, cut along time into windows.

    Histories that have ended leave the later windows.

    Args:
        data: the histories.
        entities: (B,) which of them, the longest first.
        known: (B,) whether the network sees their profiles.
        priors: of the model.
        bounded: whether events are held to the model's window; not so for new data.
        width: events of each history in a window, at most.
    """
    carried = priors.begin(data, entities, known)
    for stretch in stretches(data, entities, known, priors.codec.nothing, width):
        before, carried = priors.scan(carried, data, stretch, bounded=bounded)
        yield Window.cut(priors, before, data, entities, stretch)


def windows_unseen(data: Encoded, entities: IntArray, priors: Priors) -> Iterator[Window]:
    """The same of histories of which nothing is known but the events so far."""
    for stretch in _unseen(data, entities, priors):
        yield Window.cut(priors, priors.blank(stretch.moment), data, entities, stretch)


def _unseen(data: Encoded, entities: IntArray, priors: Priors) -> Iterator[Stretch]:
    return stretches(data, entities, np.zeros(len(entities), bool), priors.codec.nothing)


def pasts(
    network: EventNetwork, priors: Priors, data: Encoded, entities: IntArray
) -> Iterator[tuple[Stretch, Past]]:
    """What a network makes of (B,) histories before each of their events, profiles hidden.

    As `windows`, without what comes true.
    """
    tables = [table() for table in network.tables]
    state: NetworkState | None = None
    for part in _unseen(data, entities, priors):
        live = len(part.event)
        profile = data.profile[entities[:live]]
        inputs = Inputs.seen(priors, priors.blank(part.moment), part.previous, profile)
        past, state = network.history(inputs, state and state.first(live), tables)
        yield part, past
