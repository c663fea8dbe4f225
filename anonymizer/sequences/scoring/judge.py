"""Anomaly scores: how strange events are to the model, from which score on to worry, and why."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.network.inputs import Inputs
from anonymizer.sequences.network.lstm import EventNetwork
from anonymizer.sequences.network.state import NetworkState
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.scoring.explanation import usual
from anonymizer.sequences.scoring.tail import tail_nll
from anonymizer.sequences.tokens.encoded import Encoded, Moment
from anonymizer.sequences.tokens.heads import CLOCK, FIELDS, GAP, all_applies
from anonymizer.sequences.tokens.times import FIRST, Places

HISTORIES_AT_ONCE = 1_024  # histories that are read side by side
PROBABILITIES_AT_ONCE = 8_000_000  # probabilities of one head that are held at once
DOUBTED = 0.02  # share of usual events that are strange enough not to be believed
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

    @torch.inference_mode()
    def judge(
        self,
        data: Encoded,
        outside: FloatArray,
        *,
        doubt: float = math.inf,
        alert: float = math.inf,
    ) -> Judgement:
        """Say of every event how strange it is.

        Args:
            data: the histories.
            outside: (N, J) what is added for numbers beyond all that the model knows.
            doubt: score of the content from which an event is not believed.
            alert: score above which an event is explained.
        """
        self.network.eval()
        found = Judgement(np.zeros(data.tokens.shape), np.zeros(len(data.tokens)))
        order = np.argsort(-data.span.length, kind="stable")
        rows = max(
            1, min(HISTORIES_AT_ONCE, PROBABILITIES_AT_ONCE // max(self.priors.codec.head_sizes))
        )
        for start in range(0, len(order), rows):
            reading = _Reading(self, data, order[start : start + rows])
            for step in range(int(data.span.length[order[start]])):
                events = reading.next(step)
                parts = reading.tail_nlls() + outside[events]
                now = Judgement(parts, together(parts[:, :FIELDS], reading.said[:, :FIELDS]))
                found.parts[events], found.time[events] = parts, now.time
                reading.believe(now.content < doubt)
                for row in np.flatnonzero(now.total > alert).tolist():
                    head = _strangest(parts[row], now.time[row])
                    found.heads[int(events[row])] = head
                    found.usual[int(events[row])] = usual(
                        self.priors.codec, head, reading.chances(row, head)
                    )
        return found


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

    def __init__(self, detector: Judge, data: Encoded, entities: IntArray) -> None:
        self.network, self.priors, self.data = detector.network, detector.priors, data
        self.starts, self.lengths = data.offsets[entities], data.span.length[entities]
        self.tables = [table() for table in self.network.tables]
        self.orders = [_ranked(order) for order in self.priors.codec.orders]
        self.profile = data.profile[entities]
        count = len(entities)
        # (B, J) of the last event that was believed.
        self.previous = np.tile(self.priors.codec.nothing, (count, 1))
        self.place = Places(data.places.day[self.starts], np.zeros(count, np.int64))
        self.believed, self.doubted = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.state: NetworkState | None = None
        self.logits: list[Tensor] = []

    def next(self, step: int) -> IntArray:
        """(B,) numbers of the events at this step; `logits` are those of the heads that apply."""
        live = int((self.lengths > step).sum())
        events: IntArray = self.starts[:live] + step
        self.now = pick(self.data.places, events)
        before = pick(self.place, slice(live))
        first = self.believed[:live] == 0
        tokens = self.data.tokens[events]
        gap = self.priors.codec.timeline.gap(before, self.now)
        tokens[:, GAP] = np.where(first, FIRST, gap)
        self.tokens = torch.from_numpy(tokens)
        self.said = all_applies(tokens[:, GAP], self.priors.codec.timeline, tokens.shape[1])
        day = np.where(first, self.now.day, before.day)
        moment = Moment.unknown(*(x[:, None] for x in (day, before.unit, self.believed[:live])))
        inputs = Inputs.of(
            self.priors,
            self.priors.blank(moment),
            previous=self.previous[:live, None],
            profile=self.profile[:live],
            tokens=tokens[:, None],
            day=self.now.day[:, None],
            applies=self.said[:, None],
        )
        self.state = self.state and self.state.first(live)
        past, self.after = self.network.history(inputs, self.state, self.tables)
        past = pick(past, (slice(None), 0))
        queries = self.network.heads(past.x, self.tokens, self.tables)
        self.logits = []
        for j, (query, base) in enumerate(zip(queries, inputs.bases, strict=True)):
            said = torch.from_numpy(self.said[:, j])
            if j == FIELDS:  # heads of time do not look at it, all fields apply at the same events
                past = pick(past, said)
            self.logits.append(self.network.logits(j, query[said], past, self.tables[j], base))
        return events

    def tail_nlls(self) -> FloatArray:
        """(B, J) at the events of this step; 0 where a head has nothing to say."""
        parts = np.zeros(self.said.shape)
        for j, (logits, order) in enumerate(zip(self.logits, self.orders, strict=True)):
            said = self.said[:, j]
            parts[said, j] = tail_nll(logits, self.tokens[torch.from_numpy(said), j], order).numpy()
        return parts

    def chances(self, row: int, head: int) -> FloatArray:
        """(V,) of a head that had something to say about the event of a row."""
        logits = self.logits[head][int(self.said[:row, head].sum())]
        found: FloatArray = torch.softmax(logits.double(), -1).numpy()
        return found

    def believe(self, believed: BoolArray) -> None:
        """Go on from these events, and leave the others as if they had not happened."""
        live = len(believed)
        doubted = np.where(believed, 0, self.doubted[:live] + 1)
        believed = believed | (doubted > CHANGED)
        self.doubted[:live] = np.where(believed, 0, doubted)
        self.state = self.after.kept(torch.from_numpy(believed), self.state)
        self.previous[:live][believed] = self.tokens.numpy()[believed]
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
