"""What counting knows of a history is worked out twice: for training at once, for sampling by step.

Whatever the first tells the network, the second must tell it too. Sampling goes by arrays where
training goes by tensors, and takes another way to some logarithms: the last digit is left open.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor

from anonymizer.arrays import Array, FloatArray, IntArray
from anonymizer.sequences.generation.walk import Happened, Part, Pen, Walk
from anonymizer.sequences.histories.roles import assign_roles, pick, read_histories
from anonymizer.sequences.network.batches import windows
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.network.stepping import Course, Stepper
from anonymizer.sequences.priors.apart import Apart
from anonymizer.sequences.priors.arrivals import Arrivals, Habit, Habits
from anonymizer.sequences.priors.conditionals import Conditionals
from anonymizer.sequences.priors.counts import Counts, Kept, Left
from anonymizer.sequences.priors.features import Features
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.once import Had, Once
from anonymizer.sequences.priors.prior import Before, Event, Outline, Prior, Seen, Step
from anonymizer.sequences.priors.registry import KINDS, Priors
from anonymizer.sequences.priors.repeats import Repeats
from anonymizer.sequences.tokens.bridge import Survival
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import Encoded, stretches
from anonymizer.sequences.tokens.heads import FIELDS, GAP, applies
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


def learned(shape: str) -> tuple[Priors, Encoded]:
    """The priors of a shop, with counts however few have them, and its histories."""
    frame = make_shop(shape)
    roles = assign_roles(frame, "who", "when", None, ())
    histories = read_histories(frame, roles)
    codec = HistoryCodec.learn(histories, roles, frame.columns, 2)
    known = Priors.learn(codec, Seen(histories, codec.encode(histories), 2)).to_dict()
    priors = Priors.from_dict({**known, "counts": {**known["counts"], "counted": True}}, codec)
    return priors, priors.encode(histories)


def had_before(priors: Priors, data: Encoded) -> Had:
    """(N, V) of all events: which values their histories had; training needs no scan of `Once`."""
    once, bounds = priors.of(Once), list(pairwise(data.offsets.tolist()))
    found: Had = {}
    for j in {*once.heads, *once.large}:
        is_it = data.tokens[:, [j]] == np.arange(once.sizes[j])
        had = found[j] = np.zeros(is_it.shape, bool)
        for start, stop in bounds:
            had[start + 1 : stop] = np.logical_or.accumulate(is_it[start : stop - 1])
    return found


def as_tensor(values: Any) -> Tensor:
    """Windows have tensors, steps have arrays."""
    return torch.as_tensor(values)


def counts_of(left: Left | Kept) -> Tensor:
    """(M, S) events of each class, 0 where they are not told."""
    of = left.of if isinstance(left, Left) else as_tensor(left.left[:, :-1]).float()
    return of * as_tensor(left.told)[..., None]


def habits_of(habits: Habits | Habit, events: int) -> dict[str, Tensor]:
    """When (M,) histories have their events, each as its own."""
    if isinstance(habits, Habits):
        return {**habits.survival._asdict(), "week": habits.week}
    week = np.zeros((events, 7), np.float32) if habits.week is None else habits.week
    pace = {name: as_tensor(each) for name, each in habits.pace._asdict().items()}
    pace["profile"] = pace["profile"].expand(events, -1)
    return {**{name: pace[name] for name in Survival._fields}, "week": as_tensor(week)}


# What a state says of (M,) events with these (M, J) tokens. Whoever adds a prior adds a row.
SAYS: dict[type[Prior], Callable[[Any, Tensor], dict[str, Tensor]]] = {
    Features: lambda _none, _tokens: {},
    Frequencies: lambda _none, _tokens: {},
    Repeats: lambda found, tokens: {
        f"head {j}": found.of(j, tokens) for j in range(FIELDS, tokens.shape[1])
    },
    Apart: lambda context, _tokens: {"context": context},
    Once: lambda had, _tokens: {f"head {j}": torch.from_numpy(own) for j, own in had.items()},
    Counts: lambda left, _tokens: {"left": counts_of(left), "told": as_tensor(left.told)},
    Conditionals: lambda _none, _tokens: {},
    Arrivals: lambda habits, tokens: habits_of(habits, len(tokens)),
}
LAST = 3e-7  # of a number of 32 bits that is about one
EVERYTHING = "all of them"  # what the network is given
ROWS = [*(kind.name for kind in SAYS), EVERYTHING]


@dataclass
class Record:
    """What histories are told: by a row and a part, numbers of events (M,) and (M, ...) of each."""

    told: dict[tuple[str, str], list[tuple[IntArray, Tensor]]] = field(default_factory=dict)

    def put(self, row: str, part: str, events: IntArray, values: Tensor) -> None:
        """Some events more."""
        if len(events):
            self.told.setdefault((row, part), []).append((events, values.clone()))

    def states(
        self, priors: Priors, events: IntArray, before: Before | Step, tokens: Tensor
    ) -> None:
        """What each prior knows before (M,) events, and which features it tells."""
        for each in priors.each:
            state = before.of(type(each))
            for part, values in SAYS[type(each)](state, tokens).items():
                self.put(each.name, f"state: {part}", events, values)
            told = each.tell(before) if isinstance(before, Before) else each.told(before)
            if told:
                numbers = torch.cat([as_tensor(part) for part in told], -1)
                self.put(each.name, "features", events, numbers)

    def logits(
        self, priors: Priors, j: int, events: IntArray, says: Callable[[Prior, Any], Any]
    ) -> Any:
        """What each prior makes of a head at (M,) events, put upon those before it; all of them."""
        base: Any = torch.empty(0)
        for each in priors.each:
            base = says(each, base)
            if type(each).logits is not Prior.logits:
                self.put(each.name, f"logits {j}", events, as_tensor(base).expand(len(events), -1))
        return base

    def of(self, row: str) -> dict[str, tuple[IntArray, Tensor]]:
        """By part, of all events in order."""
        found = {}
        for (own, part), pieces in self.told.items():
            if own == row:
                events = np.concatenate([numbers for numbers, _ in pieces])
                order = np.argsort(events)
                found[part] = events[order], torch.cat([values for _, values in pieces])[order]
        return found


def differing(one: Record, other: Record, row: str) -> list[str]:
    """The parts of a row in which two records are not the same, the last digit aside."""
    ours, theirs = one.of(row), other.of(row)
    assert ours.keys() == theirs.keys()
    return [
        part
        for part, (events, values) in ours.items()
        if not np.array_equal(events, theirs[part][0])
        or not torch.allclose(values, theirs[part][1], rtol=LAST, atol=LAST)
    ]


@torch.no_grad()
def by_scan(priors: Priors, data: Encoded) -> Record:
    """As training is told it, window by window."""
    record, order, had = Record(), longest_first(data), had_before(priors, data)
    context = data.profile[data.owner, : priors.of(Apart).context]
    known, carried = np.full(len(order), True), priors.begin(data, order, np.full(len(order), True))
    cut = stretches(data, order, known, priors.codec.nothing)
    for stretch, window in zip(cut, windows(data, order, known, priors), strict=True):
        before, carried = priors.scan(carried, data, stretch, bounded=True)
        event, real, inputs = stretch.event, torch.from_numpy(stretch.real), window.inputs
        before.states[Once.name] = pick(had, event)
        before.states[Apart.name] = torch.from_numpy(context[event])
        tokens, day = torch.from_numpy(data.tokens[event]), torch.from_numpy(data.places.day[event])
        record.states(
            priors, event[stretch.real], before.only(real.nonzero(as_tuple=True)), tokens[real]
        )
        record.put(EVERYTHING, "features", event[stretch.real], inputs.features[real])
        record.put(EVERYTHING, "candidates", event[stretch.real], inputs.candidates[real])
        for j, where in enumerate(inputs.applies.unbind(-1)):
            its, given = (
                event[where.numpy()],
                (before.only(where.nonzero(as_tuple=True)), tokens[where], day[where]),
            )
            record.logits(priors, j, its, partial(by_window, j, given))
            record.put(EVERYTHING, f"logits {j}", its, inputs.bases[j].expand(len(its), -1))
    return record


def by_window(
    j: int, given: tuple[Before, Tensor, Tensor], prior: Prior, base: Tensor
) -> Tensor:  # fmt: skip
    """What a prior says of a head in a window."""
    return prior.logits(j, base, *given)


def by_arrays(j: int, step: Step, event: Event, prior: Prior, base: Any) -> Array:
    """What a prior says of a head in a step."""
    return prior.said(j, np.asarray(base), step, event)


@dataclass(frozen=True)
class Listener(Pen):
    """Draws nothing that counts, as all has happened: it writes down what is told of each event."""

    record: Record
    starts: IntArray  # (B,) number of each history's first event

    def event(
        self, course: Course, step: Step, u: FloatArray, happened: Happened | None = None
    ) -> Event:
        """What happened."""
        found = super().event(course, step, u, happened)
        tokens, events = torch.from_numpy(found.tokens), self._events(step)
        self.record.states(self.priors, events, step, tokens)
        self.record.put(EVERYTHING, "features", events, as_tensor(self.priors.told(step)))
        again = step.of(Repeats)
        every = [again.of(j, tokens) for j in range(tokens.shape[1])]
        self.record.put(EVERYTHING, "candidates", events, torch.stack(every, 1))
        return found

    def _events(self, step: Step) -> IntArray:
        """(B,) which events it is about."""
        found: IntArray = self.starts[: len(step.now.day)] + step.now.position
        return found

    def _logits(self, j: int, course: Course, part: Part) -> FloatArray:
        step, event = part.step, part.event
        starts = self.starts[part.rows]
        said = np.full(len(starts), True)
        if j != GAP:
            said = applies(event.tokens[:, GAP], self.priors.codec.timeline, j)
        own, events = Record(), starts + step.now.position
        says = partial(by_arrays, j, step, event)
        base = as_tensor(own.logits(self.priors, j, events, says))
        own.put(EVERYTHING, f"logits {j}", events, base.expand(len(events), -1))
        for (row, what), [(_, values)] in own.told.items():
            self.record.put(row, what, events[said], values[torch.from_numpy(said)])
        return super()._logits(j, course, part)


@torch.no_grad()
def by_step(priors: Priors, data: Encoded) -> Record:
    """As sampling is told it, event by event of histories that have happened."""
    record, order = Record(), longest_first(data)
    past, starts = data.select(order), data.offsets[:-1][order]
    network = Stepper(event_network(priors, NetworkConfig(priors.features, 8)))
    outline = Outline(order, past.profile, past.span, past.counts)
    walk = Walk(Listener(priors, network, record, starts), outline, past)
    for step in range(walk.steps):
        walk.step(step, np.full((walk.live(step), 2 * len(priors.codec.head_sizes)), 0.5))
    return record


def longest_first(data: Encoded) -> IntArray:
    """The entities, as batches and walks take them."""
    return np.argsort(-data.span.length, kind="stable")


class Case(NamedTuple):
    """A shop, and what training is told of it."""

    priors: Priors
    data: Encoded
    scan: Record


@pytest.fixture(scope="module", params=SHAPES)
def told(request: pytest.FixtureRequest) -> tuple[Case, Record]:
    """What both are told of the histories of a shape."""
    priors, data = learned(request.param)
    return Case(priors, data, by_scan(priors, data)), by_step(priors, data)


@pytest.fixture(scope="module")
def case() -> Case:
    """One that is quickly walked through."""
    priors, data = learned("dated")
    return Case(priors, data, by_scan(priors, data))


@pytest.mark.parametrize("row", ROWS)
def test_sampling_is_told_what_training_was(told: tuple[Case, Record], row: str) -> None:
    """States, features, log-probabilities and tokens that may come again: all the same."""
    (_, data, scan), step = told
    assert differing(scan, step, row) == []
    events = step.of(EVERYTHING)["features"][0]
    assert events.tolist() == list(range(len(data.tokens)))


def test_every_prior_has_a_row() -> None:
    """And each of them says something."""
    assert tuple(SAYS) == KINDS
    priors, data = learned("short")
    record = by_scan(priors, data)
    assert all(record.of(row) for row in ROWS)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (Repeats, [Repeats.name, Counts.name]),
        (Counts, [Counts.name, Arrivals.name]),
        (Once, [Once.name, Counts.name]),
    ],
)
def test_an_update_that_is_left_out_is_seen(
    case: Case, monkeypatch: pytest.MonkeyPatch, kind: type[Prior], rows: list[str]
) -> None:
    """Of every prior that keeps something, in its own row and in that of who reads it."""
    monkeypatch.setattr(kind, "update", Prior.update)
    step = by_step(case.priors, case.data)
    assert all(differing(case.scan, step, row) for row in rows)
    assert differing(case.scan, step, Frequencies.name) == []


def test_every_update_is_left_out_once() -> None:
    """The test above knows of all priors that keep something."""
    assert {kind for kind in KINDS if kind.update is not Prior.update} == {Repeats, Counts, Once}


def test_a_window_that_spends_too_late_is_seen(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an event uses up is still there before it, and gone after it."""
    scan = Counts.scan

    def late(self: Counts, carried: Left, *rest: Any) -> tuple[Left, Left]:
        found, after = scan(self, carried, *rest)
        return found._replace(of=found.of.roll(1, 1)), after

    monkeypatch.setattr(Counts, "scan", late)
    wrong = by_scan(case.priors, case.data)
    assert differing(case.scan, wrong, Counts.name)
    assert differing(case.scan, wrong, EVERYTHING)


def test_the_shop_has_everything_that_is_counted() -> None:
    """A large vocabulary, numbers and categories that come again, what nobody has twice, visits."""
    priors, data = learned("long, in visits")
    repeats = priors.of(Repeats).heads.values()
    assert priors.large
    assert priors.of(Once).heads
    assert priors.of(Counts).constant
    assert priors.of(Conditionals).lifts
    assert priors.of(Arrivals).sessions > 0
    assert any(repeat.is_number for repeat in repeats)
    assert not all(repeat.is_number for repeat in repeats)
    assert priors.of(Counts).has(data.span).all()
