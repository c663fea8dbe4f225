"""Anomaly scores: how strange events are to the model, from which score on to worry, and why."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.histories.roles import Histories, pick
from anonymizer.sequences.network.batches import Window, buckets, windows_unseen
from anonymizer.sequences.network.lstm import EventNetwork
from anonymizer.sequences.network.state import NetworkState
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.scoring.explanation import usual
from anonymizer.sequences.scoring.forecast import Forecast
from anonymizer.sequences.tokens.encoded import Encoded, Moment, Stretch
from anonymizer.sequences.tokens.heads import CLOCK, FIELDS, GAP
from anonymizer.sequences.tokens.times import FIRST, Places
from anonymizer.sequences.training.threads import one_thread

HISTORIES_AT_ONCE = 1_024  # histories that are read side by side
EVENTS_AT_ONCE = 8_000  # of many histories, where all are believed
PROBABILITIES_AT_ONCE = 8_000_000  # probabilities of one head that are held at once
DOUBTED = 0.02  # share of usual events that are strange enough not to be believed
CALIBRATED = 256  # events of each held-out history that teach which scores are rare
CHANGED = 16  # doubted events in a row after which habits are taken to have changed


@dataclass(frozen=True)
class Judgement:
    """How strange N events are, in total and in each of J parts.

    Attributes:
        parts: (N, J) tail negative log-likelihood of each part, in nats.
        time: (N,) the first three parts as one, see `together`.
        heads: events that raised an alert, and their strangest head.
        usual: the same events, and what would have been usual there.
    """

    parts: FloatArray
    time: FloatArray
    heads: dict[int, int] = field(default_factory=dict)
    usual: dict[int, str] = field(default_factory=dict)

    @property
    def total(self) -> FloatArray:
        """(N,) time and all fields."""
        total: FloatArray = self.time + self.parts[:, FIELDS:].sum(1)
        return total

    @property
    def content(self) -> FloatArray:
        """(N,) the time of day and all fields."""
        content: FloatArray = self.parts[:, CLOCK:].sum(1)
        return content


@dataclass(frozen=True)
class Judge:
    """Reads histories event by event and says how strange each event is, given those before.

    A part counts by its tail negative log-likelihood, −log P(as strange or stranger). Unlike the
    plain one it does not call every value of a many-valued field strange: under the model each
    part is distributed alike, about 1 on average. The profile is hidden, since it would tell
    of events still to come.

    An event whose content is strange (fields and time of day) is not believed: the history goes on
    as if it had not happened. Otherwise a thief's first payment would explain the second. Its gap
    is no reason for doubt: after an event that was not believed it is longer than usual.
    """

    network: EventNetwork
    priors: Priors

    @one_thread()
    @torch.inference_mode()
    def judge(
        self,
        data: Encoded,
        outside: FloatArray,
        *,
        doubt: float = math.inf,
        alert: float = math.inf,
    ) -> Judgement:
        """Say of every event how strange it is; the same on any number of cores.

        Args:
            data: the histories.
            outside: (N, J) what is added for numbers beyond all that the model knows.
            doubt: score of the content from which an event is not believed. Without one, events
                are read many at once: what comes before each is given.
            alert: score above which an event is explained.
        """
        self.network.eval()
        found = Judgement(np.zeros(data.tokens.shape), np.zeros(len(data.tokens)))
        codec = self.priors.codec
        orders = [_ranked(order) for order in codec.orders]

        def weigh(forecast: Forecast) -> FloatArray:
            """Note how strange events are; (N,) how strange their content is."""
            events = forecast.events
            parts = forecast.tail_nlls(orders) + outside[events]
            now = Judgement(parts, together(parts[:, :FIELDS], forecast.said[:, :FIELDS]))
            found.parts[events], found.time[events] = parts, now.time
            for row in np.flatnonzero(now.total > alert).tolist():
                event, head = int(events[row]), _strangest(parts[row], now.time[row])
                found.heads[event] = head
                found.usual[event] = usual(codec, head, forecast.chances(row, head))
            return now.content

        if math.isinf(doubt):
            self._trust(data, weigh)
        else:
            self._doubt(data, doubt, weigh)
        return found

    def _trust(self, data: Encoded, weigh: Callable[[Forecast], FloatArray]) -> None:
        """Read histories window by window."""
        lengths, tables = data.span.length, [table() for table in self.network.tables]
        budget = min(EVENTS_AT_ONCE, self._rows)
        for batch in buckets(lengths, np.arange(len(lengths)), budget):
            state: NetworkState | None = None
            for window in windows_unseen(data, batch, self.priors):
                state = state and state.first(len(window.event))
                forecast, state = Forecast.of(self.network, window, state, tables)
                weigh(forecast)

    def _doubt(self, data: Encoded, doubt: float, weigh: Callable[[Forecast], FloatArray]) -> None:
        """Read histories event by event, as what is believed of one decides about the next."""
        order = np.argsort(-data.span.length, kind="stable")
        rows = min(HISTORIES_AT_ONCE, self._rows)
        for start in range(0, len(order), rows):
            reading = _Reading(self, data, order[start : start + rows])
            for step in range(int(data.span.length[order[start]])):
                reading.believe(weigh(reading.next(step)) < doubt)

    @property
    def _rows(self) -> int:
        """Events whose probabilities are held at once."""
        return max(1, PROBABILITIES_AT_ONCE // max(self.priors.codec.head_sizes))


def together(parts: FloatArray, said: BoolArray) -> FloatArray:
    """(N, 3) tail negative log-likelihoods of the parts of time and (N, 3) flags → (N,) of time.

    −log of the chance that as many independent ones add up to so much: so that time counts for as
    much as a field, though it has three heads.
    """
    total, heads = parts.sum(1), said.sum(1)
    series = 1 + np.where(heads > 1, total, 0) + np.where(heads > 2, total**2 / 2, 0)
    return np.where(heads > 0, total - np.log(series), 0.0)


class _Reading:
    """Where B histories stand, the longest first; letters as in `network`."""

    def __init__(self, judge: Judge, data: Encoded, entities: IntArray) -> None:
        self.network, self.priors, self.data = judge.network, judge.priors, data
        self.starts, self.lengths = data.offsets[entities], data.span.length[entities]
        self.tables = [table() for table in self.network.tables]
        self.profile = data.profile[entities]
        count = len(entities)
        # (B, J) of the last event that was believed.
        self.previous = np.tile(self.priors.codec.nothing, (count, 1))
        self.place = Places(data.places.day[self.starts], np.zeros(count, np.int64))
        self.believed, self.doubted = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.state: NetworkState | None = None

    def next(self, step: int) -> Forecast:
        """What was expected of the (B,) events at this step, after those that are believed."""
        live = int((self.lengths > step).sum())
        events: IntArray = self.starts[:live] + step
        self.now = pick(self.data.places, events)
        before = pick(self.place, slice(live))
        first = self.believed[:live] == 0
        self.tokens = self.data.tokens[events]
        gap = self.priors.codec.timeline.gap(before, self.now)
        self.tokens[:, GAP] = np.where(first, FIRST, gap)
        day = np.where(first, self.now.day, before.day)
        moment = Moment.unknown(*(x[:, None] for x in (day, before.unit, self.believed[:live])))
        every = np.ones((live, 1), bool)
        window = Window.of(
            self.priors,
            self.priors.blank(moment),
            Stretch(moment, events[:, None], self.previous[:live, None], every),
            profile=self.profile[:live],
            tokens=self.tokens[:, None],
            day=self.now.day[:, None],
        )
        self.state = self.state and self.state.first(live)
        forecast, self.after = Forecast.of(self.network, window, self.state, self.tables)
        return forecast

    def believe(self, believed: BoolArray) -> None:
        """Go on from these events, and leave the others as if they had not happened."""
        live = len(believed)
        doubted = np.where(believed, 0, self.doubted[:live] + 1)
        believed = believed | (doubted > CHANGED)
        self.doubted[:live] = np.where(believed, 0, doubted)
        self.state = self.after.kept(torch.from_numpy(believed), self.state)
        self.previous[:live][believed] = self.tokens[believed]
        self.place.day[:live][believed] = self.now.day[believed]
        self.place.unit[:live][believed] = self.now.unit[believed]
        self.believed[:live] += believed


@dataclass(frozen=True)
class Calibration:
    """Which score events exceed at which rate, learned on held-out entities.

    Attributes:
        doubt: score of the content from which an event is not believed.
        rates: ascending, shares of events.
        scores: falling, exceeded at those rates; means over k entities at least.
    """

    doubt: float = math.inf
    rates: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    @classmethod
    def of_held_out(cls, detector: Judge, held_out: Histories, k: int) -> "Calibration":
        """From the first events of each of these histories."""
        early = held_out.head(CALIBRATED)
        return cls.learn(detector, detector.priors.codec.encode(early, bounded=False), k)

    @classmethod
    def learn(cls, detector: Judge, data: Encoded, k: int) -> "Calibration":
        """From histories that the model has not learned from; each score is a mean over k of them.

        Nothing is learned of fewer.
        """
        owner, inside = (
            data.owner,
            np.zeros(data.tokens.shape),
        )  # how far a number lies outside is somebody's own
        trusting = cls._of(detector.judge(data, inside).content, owner, math.inf, k)
        if not trusting.rates:
            return cls()
        doubt = round(trusting.threshold(DOUBTED), 3)
        return cls._of(detector.judge(data, inside, doubt=doubt).total, owner, doubt, k)

    @classmethod
    def _of(cls, scores: FloatArray, owner: IntArray, doubt: float, k: int) -> "Calibration":
        order = np.argsort(-scores, kind="stable")
        rates, means = [], []
        for rank in np.unique(np.geomspace(2 * k, max(len(order) // 2, 2 * k), 40).astype(int)):
            near = order[rank - 2 * k : rank + 2 * k]
            own = pl.DataFrame({"e": owner[near], "s": scores[near]}).group_by("e").mean()
            if len(own) >= k:
                rates.append(float(rank / len(order)))
                means.append(round(float(np.mean(np.sort(own["s"].to_numpy()))), 2))
        falling = np.minimum.accumulate(means).tolist() if means else []
        return cls(doubt, rates, falling)

    @classmethod
    def pooled(cls, parts: "Sequence[tuple[Calibration, float]]") -> "Calibration":
        """The mean of what several sites have learned, by how many entities each has.

        It is told at the rates of the largest of those that know any.
        """
        known = [(own, size) for own, size in parts if own.rates]
        if not known:
            return cls()
        sizes = [size for _, size in known]
        rates = max(known, key=lambda each: each[1])[0].rates
        scores = [[own.threshold(min(rate, 0.5)) for rate in rates] for own, _ in known]
        mean = np.average(scores, axis=0, weights=sizes)
        doubt = float(np.average([own.doubt for own, _ in known], weights=sizes))
        return cls(round(doubt, 3), rates, np.minimum.accumulate(mean.round(2)).tolist())

    def to_dict(self) -> dict[str, Any]:
        """Write it as JSON, which knows no infinity."""
        return {**asdict(self), "doubt": self.doubt if math.isfinite(self.doubt) else None}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Calibration":
        """Read what `to_dict` wrote."""
        doubt = math.inf if data["doubt"] is None else float(data["doubt"])
        rates, scores = ([float(each) for each in data[name]] for name in ("rates", "scores"))
        return cls(doubt, rates, scores)

    def threshold(self, rate: float) -> float:
        """Find the score that a share of usual events exceeds.

        Below the smallest rate that was seen the tail is taken to be exponential, as sums of
        tail negative log-likelihoods are under the model.

        Raises:
            DataError: the rate is not between 0 and 0.5, or too few entities were held out.
        """
        if not self.rates:
            raise DataError(
                "the model does not know which scores are rare: it was fitted with epsilon, or "
                "held out too few entities"
            )
        if not 0 < rate <= 0.5:
            raise DataError(f"alert_rate is {rate}: it must lie above 0 and be 0.5 at most")
        if rate >= self.rates[0] or len(self.rates) < 2:
            return float(np.interp(np.log(rate), np.log(self.rates), self.scores))
        middle = len(self.rates) // 2
        fall = self.scores[0] - self.scores[middle]
        slope = max(fall / np.log(self.rates[middle] / self.rates[0]), 0.1)
        return float(self.scores[0] + slope * np.log(self.rates[0] / rate))


def _strangest(parts: FloatArray, time: float) -> int:
    """(J,) parts → the head to explain: of the strangest field, or of the parts of time."""
    by_field = parts.max(initial=0, where=np.arange(len(parts)) >= FIELDS) > time
    return FIELDS + int(parts[FIELDS:].argmax()) if by_field else int(parts[:FIELDS].argmax())


def _ranked(order: FloatArray) -> Tensor | None:
    """(V,) numbers that rise with a token's value → tokens in that order; None without one."""
    if np.isnan(order).all():
        return None
    return torch.from_numpy(np.argsort(np.nan_to_num(order, nan=-np.inf), kind="stable"))
