"""What the network is told before each event: features and base measures, from moments."""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from anonymizer.sequences.histories.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.priors.arrivals import CALENDAR, CLOCK_SHARES, Arrivals, Moment, Survival
from anonymizer.sequences.priors.conditionals import Pairs
from anonymizer.sequences.priors.counts import FEW, Quotas
from anonymizer.sequences.priors.inputs import Inputs
from anonymizer.sequences.priors.repeats import ECHOES
from anonymizer.sequences.tokens.heads import CLOCK, FIELDS, GAP, WEEKDAY, close
from anonymizer.sequences.tokens.times import WEEK

TOLD = 10  # features that tell the marks
LEAST = 0.05  # events beyond the quotas of a number that comes again
PLAIN = 6 + CALENDAR  # features that do not


class Assembly:
    """Builds inputs from moments; the same for training, scoring and sampling."""

    def __init__(
        self,
        quotas: Quotas,
        usual: list[FloatArray],
        pairs: dict[tuple[int, int], Pairs],
        sessions: float,
    ) -> None:
        """Tensors made once.

        Args:
            quotas: of the model, with its timeline.
            usual: per head (V,), log-frequencies.
            pairs: by two heads, which of their values go together.
            sessions: share of visits that follow in the session of the one before.
        """
        self.pairs = pairs
        self.quotas, self.timeline = quotas, quotas.timeline
        self.arrivals = Arrivals(quotas.timeline, torch.from_numpy(usual[GAP]), sessions)
        self.usual = [torch.from_numpy(each).float() for each in usual]
        self.nothing: IntArray = np.array([len(each) for each in usual])
        self.classes = [None if c is None else torch.from_numpy(c) for c in quotas.classes]
        self.within = [
            None if c is None else _within(c[: len(each)], each)
            for c, each in zip(self.classes, self.usual[FIELDS:], strict=True)
        ]

    @property
    def features(self) -> int:
        """C, how many numbers are known of an event."""
        return TOLD + PLAIN + 2 * self.quotas.size

    def used(
        self,
        tokens: IntArray,
        unit: IntArray,
        again: BoolArray,
        echoed: IntArray,
        real: BoolArray,
    ) -> Tensor:
        """(B, T, ...) of events, see `Quotas.used` → (B, T, S) which classes each uses up."""
        event, kind = self.quotas.used(
            tokens.reshape(unit.size, -1),
            unit.reshape(-1),
            again.reshape(unit.size, again.shape[-1]),
            echoed.reshape(unit.size, *echoed.shape[-2:]),
        )
        used = np.zeros((unit.size, self.quotas.size), np.float32)
        used[event, kind] = real.reshape(-1)[event]
        return torch.from_numpy(used).view(*real.shape, -1)

    def inputs(
        self,
        m: Moment,
        tokens: Tensor,
        day: Tensor,
        *,
        quotas: Tensor,
        told: Tensor,
        previous: IntArray,
        echoed: IntArray,
        marks: IntArray,
        applies: npt.NDArray[np.bool_],
        bounded: bool,
    ) -> Inputs:
        """Everything the network sees of a window whose events are given.

        Args:
            m: (B, T) just before each event.
            tokens: (B, T, J) of the events.
            day: (B, T) on which they happen.
            quotas: (B, T, S) what is left of each class.
            told: (B, T) whether the quotas are known.
            previous: (B, T, J) tokens of the event before.
            echoed: (B, T, J, 2) tokens that may come again.
            marks: (B, R) tokens of the marks.
            applies: (B, T, J) which heads have something to say.
            bounded: whether events must stay within the window.
        """
        says, habits = torch.from_numpy(applies), self.habits(m, quotas, told)
        may_come = torch.from_numpy(echoed)
        seen = self.seen(m, quotas, told, previous, marks)
        bases = []
        for j in range(len(self.usual)):
            where = says[..., j]
            own = m.only(where)
            if j >= FIELDS:
                left, known, drawn, again = (x[where] for x in (quotas, told, tokens, may_come))
                bases.append(self.field(j, own, left, known, tokens=drawn, echoed=again))
                continue
            gap, its = tokens[..., GAP][where], habits.only(where)
            if j == GAP:
                bases.append(self.gaps(own, its, bounded=bounded))
            elif j == WEEKDAY:
                bases.append(self.weekdays(own, gap, its, bounded=bounded))
            else:
                bases.append(self.clocks(own, gap, day[where], its))
        return replace(seen, echoed=may_come, bases=bases, applies=says)

    def seen(
        self, m: Moment, quotas: Tensor, told: Tensor, previous: IntArray, marks: IntArray
    ) -> Inputs:
        """What the LSTM sees, without what only the heads need; shapes as in `inputs`."""
        return Inputs(
            previous=torch.from_numpy(previous),
            echoed=torch.from_numpy(self.nothing)[:, None].expand(*previous.shape, ECHOES),
            features=self.told(m, quotas, told),
            marks=torch.from_numpy(marks),
            known=m.known[:, 0].float(),
            bases=[],
            applies=torch.empty(0),
        )

    # Features.

    def told(self, m: Moment, quotas: Tensor, told: Tensor) -> Tensor:
        """(..., C) numbers about a moment; what tells the marks is 0 where they are hidden."""
        left, remaining, visits = m.left.clamp(min=0), m.remaining, m.visits.clamp(min=1)
        marks = [
            _log(left) / 3,
            _log(remaining) / 3,
            _log(left / remaining) / 2,
            m.position / (m.position + remaining),
            (remaining == 1).float(),
            (m.visits <= 1).float(),
            (left == 0).float(),
            _log(m.visits) / 3,
            _log(left / visits) / 2,
            torch.ones_like(remaining),
        ]
        turn = 2 * math.pi * m.unit / self.timeline.units_per_day
        plain = [
            _log(self.arrivals.window_left(m)) / 3,
            torch.sin(turn),
            torch.cos(turn),
            turn / math.pi - 1,
            (m.position == 0).float(),
            _log(m.position) / 3,
        ]
        calendar = self.arrivals.calendar[m.day.clamp(0, self.timeline.days - 1)]
        known = m.known[..., None].float()
        parts = [torch.stack([x.float() for x in marks], -1) * known]
        parts += [torch.stack([x.float() for x in plain], -1), calendar]
        parts += self._shares(m, quotas, told)
        return torch.cat(parts, -1)

    def _shares(self, m: Moment, quotas: Tensor, told: Tensor) -> list[Tensor]:
        """(..., S) twice: what is left of each class, as a share and as a logarithm."""
        left, fields = quotas.clamp(min=0), self.quotas.of_fields
        sizes = torch.tensor(
            [fields, self.quotas.size - fields]
        )  # of fields; of hours and weekdays

        def each(of_field: Tensor, of_time: Tensor) -> Tensor:
            return torch.stack([of_field, of_time], -1).repeat_interleave(sizes, -1)

        is_told = each(told, _when(m, told)).float()
        of = each(m.remaining.clamp(min=1), m.visits.clamp(min=1))
        return [left / of * is_told, torch.log1p(left) / 3 * is_told]

    # Base measures: what follows from arithmetic alone.

    def habits(self, m: Moment, quotas: Tensor, told: Tensor) -> "Habits":
        """When this history's events happen, by what is left of its quotas."""
        when = _when(m, told)[..., None]
        survival = self.arrivals.survival(m, self._hours(quotas, when))
        return Habits(survival, self._week(quotas, when))

    def _hours(self, quotas: Tensor, when: Tensor) -> Tensor:
        usual = self.arrivals.usual
        everyone = usual.expand(*when.shape[:-1], CLOCK_SHARES + 1)
        if self.timeline.clocks is None:
            return everyone
        start = self.quotas.of_fields
        left = quotas[..., start : start + CLOCK_SHARES].clamp(min=0).double()
        share = (left + torch.diff(usual)) / (left.sum(-1, keepdim=True) + 1)
        own = torch.cat([torch.zeros_like(share[..., :1]), share.cumsum(-1)], -1)
        return torch.where(when, own, everyone)

    def _week(self, quotas: Tensor, when: Tensor) -> Tensor:
        usual = torch.softmax(self.usual[WEEKDAY], -1)
        left = quotas[..., -WEEK:].clamp(min=0)
        ratio = (left + usual) / (left.sum(-1, keepdim=True) + 1) / usual
        return torch.where(when, torch.log(ratio), 0.0)

    def gaps(self, m: Moment, habits: "Habits", *, bounded: bool) -> Tensor:
        """(..., V) log-probability of each gap token."""
        is_open = self.arrivals.open_gaps(m, bounded=bounded)
        if not m.known.any():
            return close(self.usual[GAP], is_open)
        exact = self.arrivals.exact
        weekday = (self.timeline.first_weekday + m.day[..., None] + exact) % WEEK
        week = habits.week.gather(-1, weekday)
        base = self.arrivals.gaps(m, habits.survival) + torch.where(exact > 0, week, 0.0)
        return close(torch.where(m.known[..., None], base, self.usual[GAP]), is_open)

    def weekdays(self, m: Moment, gap: Tensor, habits: "Habits", *, bounded: bool) -> Tensor:
        """(..., 7) log-probability of each weekday, given the gap token."""
        is_open = self.arrivals.open_weekdays(m, gap, bounded=bounded)
        return close(self.usual[WEEKDAY] + habits.week, is_open)

    def clocks(self, m: Moment, gap: Tensor, day: Tensor, habits: "Habits") -> Tensor:
        """(..., V) log-probability of each clock token, given the gap token and the day."""
        if self.timeline.clocks is None:
            return self.usual[CLOCK]
        is_open = self.arrivals.open_clocks(m, gap)
        if not m.known.any():
            return close(self.usual[CLOCK], is_open)
        own = self.arrivals.clocks(m, gap, day, habits.survival)
        return close(torch.where(m.known[..., None], own, self.usual[CLOCK]), is_open)

    def field(
        self,
        j: int,
        m: Moment,
        quotas: Tensor,
        told: Tensor,
        *,
        tokens: Tensor,
        echoed: Tensor,
    ) -> Tensor:
        """(M, V) or (V,) log-probability of each token of a field.

        Args:
            j: head of the field.
            m: (M,) just before the events.
            quotas: (M, S) what is left of each class.
            told: (M,) whether that is known.
            tokens: (M, J) of the events, of which those of earlier heads count.
            echoed: (M, J, 2) tokens that may come again.
        """
        base = self._of_quotas(j, m, quotas, told, echoed[:, j])
        for (before, after), pairs in self.pairs.items():
            if after == j:
                base = pairs.add(base, tokens[:, before])
        return base

    def _of_quotas(self, j: int, m: Moment, quotas: Tensor, told: Tensor, echoed: Tensor) -> Tensor:
        classes, within = self.classes[j - FIELDS], self.within[j - FIELDS]
        if classes is None or within is None or not told.any():
            return self.usual[j]
        left = quotas[..., classes]
        if j in self.quotas.echoing:
            base = self._coming_again(left, within, self.usual[j], echoed)
        else:
            base = close(torch.log(left.clamp(min=1e-9)) + within, left > 0)
        base = base - torch.log(m.remaining.clamp(min=1))[..., None]
        return torch.where(told[..., None], base, self.usual[j])

    @staticmethod
    def _coming_again(left: Tensor, within: Tensor, usual: Tensor, echoed: Tensor) -> Tensor:
        """(M, V) of a number that comes again: how many events of each token are to be expected.

        Args:
            left: (M, V + 1) of the class of each token, and of what comes again.
            within: (V,) log-probability of a token within its class.
            usual: (V,) log-frequencies; the number also follows from other fields, and what they
                say must not be closed.
            echoed: (M, 2) tokens that may come again, V where there are none.
        """
        base = torch.log(left[..., :-1] * within.exp() + LEAST * usual.exp())
        several = (echoed < len(within)).all(-1) & (echoed[:, 0] != echoed[:, 1])
        again = torch.log(left[..., -1].clamp(min=LEAST) / (1 + several))[:, None]
        padded = torch.cat([base, again], -1).scatter(-1, echoed, again.expand(-1, ECHOES))
        return padded[..., :-1]


class Habits(NamedTuple):
    """When a history's events happen; everyone's where it is not told.

    Attributes:
        survival: how long the next visit may be off.
        week: (..., 7) how much likelier each weekday is than usual, as a logarithm.
    """

    survival: Survival
    week: Tensor

    def only(self, where: Tensor) -> "Habits":
        """Those of some histories."""
        return Habits(self.survival.only(where), self.week[where])


def _when(m: Moment, told: Tensor) -> Tensor:
    """(...) whether hours and weekdays are told: the order of a day decides the last few visits."""
    return told & (m.visits >= FEW)


def at(m: Moment) -> Moment:
    """(B,) → (B, 1): a moment as a window of one event."""
    return replace(m, **{name: x[:, None] for name, x in vars(m).items()})


def _within(classes: Tensor, usual: Tensor) -> Tensor:
    """(V,) classes and log-frequencies → (V,) log-probability of a token within its class."""
    total = torch.zeros(int(classes.max()) + 1).index_add(0, classes, usual.exp())
    return usual - torch.log(total[classes])


def _log(x: Tensor) -> Tensor:
    return torch.log1p(x.clamp(min=0).float())
