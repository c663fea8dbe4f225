"""Anomaly scores: how surprised the generative model is, from which score on to worry, and why."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from anonymizer.errors import DataError
from anonymizer.sequences.batches import BUDGET, Encoded, Window, buckets, windows
from anonymizer.sequences.codec import HistoryCodec
from anonymizer.sequences.encoding import FloatArray
from anonymizer.sequences.events import IntArray
from anonymizer.sequences.network import EventNetwork, State, tail


@dataclass(frozen=True)
class Detector:
    """Scores events with the marks hidden, since they would tell of events still to come."""

    network: EventNetwork
    codec: HistoryCodec

    @torch.inference_mode()
    def parts(self, data: Encoded) -> FloatArray:
        """(N, J) surprise at each part of each event, in nats: −log P(as strange or stranger).

        Unlike the plain negative log-likelihood, it does not call every value of a many-valued
        field strange: under the model each part is distributed alike, about 1 on average.
        """
        orders = [_ranked(order) for order in self.codec.orders]
        scores = np.zeros(data.tokens.shape)
        for window, logits in self._walk(data, np.arange(len(data.span.length))):
            parts = [
                tail(x, t, order)
                for x, t, order in zip(logits, window.targets.unbind(-1), orders, strict=True)
            ]
            # A head with nothing to say counts as average: silence is neither strange nor usual.
            surprises = torch.where(window.inputs.applies > 0, torch.stack(parts, -1), 1)
            scores[window.event[window.real]] = surprises.double().numpy()[window.real]
        return scores

    @torch.inference_mode()
    def chances(
        self, data: Encoded, events: IntArray, heads: IntArray
    ) -> Iterator[tuple[int, FloatArray]]:
        """The (V,) probabilities that one head of an event had, for some events.

        Args:
            data: the histories.
            events: (A,) numbers of events.
            heads: (A,) the head to look at, of each.

        Yields:
            the event's place among the A, and the probabilities.
        """
        place = {event: i for i, event in enumerate(events.tolist())}
        owners = np.unique(np.searchsorted(data.offsets, events, "right") - 1)
        for window, logits in self._walk(data, owners):
            for b, t in np.argwhere(np.isin(window.event, events) & window.real).tolist():
                i = place[int(window.event[b, t])]
                own = torch.softmax(logits[heads[i]][b, t].double(), -1)
                yield i, own.numpy()

    def _walk(self, data: Encoded, entities: IntArray) -> Iterator[tuple[Window, list[Tensor]]]:
        """Windows of these entities and the logits of every head."""
        self.network.eval()
        for places in buckets(data.span.length[entities], np.arange(len(entities)), 4 * BUDGET):
            batch = entities[places]
            state: State | None = None
            hidden = np.zeros(len(batch), bool)
            for window in windows(data, batch, hidden, self.codec.assembly, bounded=False):
                logits, _, state = self.network(window.inputs, window.targets, state)
                yield window, logits


@dataclass(frozen=True)
class Calibration:
    """Which score events exceed at which rate, learned on held-out entities.

    Attributes:
        rates: ascending, shares of events.
        scores: falling, exceeded at those rates; means of several events, nobody's own.
    """

    rates: list[float]
    scores: list[float]

    @classmethod
    def learn(cls, scores: FloatArray, k: int) -> "Calibration":
        """From the (N,) scores of events that the model has not learned from."""
        ranked = np.sort(scores)[::-1]
        ranks = np.unique(np.geomspace(k, max(len(ranked) // 2, k), 24).astype(int))
        found = [(r / len(ranked), ranked[max(r - k, 0) : r + k].mean()) for r in ranks]
        return cls([r for r, _ in found], [round(float(s), 3) for _, s in found])

    def threshold(self, rate: float) -> float:
        """The score that a share of events exceeds.

        Below the smallest rate that was seen the tail is taken to be exponential, as sums of
        surprises are under the model.

        Raises:
            DataError: the rate is not between 0 and 0.5.
        """
        if not 0 < rate <= 0.5:
            raise DataError(f"alert_rate is {rate}: it must lie above 0 and be 0.5 at most")
        if rate >= self.rates[0] or len(self.rates) < 2:
            return float(np.interp(np.log(rate), np.log(self.rates), self.scores))
        middle = len(self.rates) // 2
        fall = self.scores[0] - self.scores[middle]
        slope = max(fall / np.log(self.rates[middle] / self.rates[0]), 0.1)
        return float(self.scores[0] + slope * np.log(self.rates[0] / rate))


def _ranked(order: FloatArray) -> Tensor | None:
    """(V,) numbers that rise with a token's value → tokens in that order; None without one."""
    if np.isnan(order).all():
        return None
    return torch.from_numpy(np.argsort(np.nan_to_num(order, nan=-np.inf), kind="stable"))
