"""Numbers about the moment before an event: how much is left of a history, and what day it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import Array
from anonymizer.sequences.priors.prior import Before, Making, Prior, Seen, Size, Step
from anonymizer.sequences.tokens.encoded import Moment
from anonymizer.sequences.tokens.times import DAY, Timeline

OF_PROFILE = 10  # features that tell how much of a history is left
OCTAVES = 7  # of the window, by which a moment is told apart from another
OF_DAY = 2 * OCTAVES + 5
OF_MOMENT = 6


@dataclass(frozen=True)
class Features(Prior):
    """It tells features alone; all of them follow from the moment and the window.

    Attributes:
        timeline: of the model.
    """

    name = "features"

    timeline: Timeline

    @classmethod
    def learn(cls, seen: Seen, making: Making) -> "Features":
        """Take the window of the codec; nothing more is learned."""
        return cls(making.codec.timeline)

    @classmethod
    def pooled(cls, parts: Sequence[tuple["Features", Size]], making: Making) -> "Features":
        """Take the window of the codec."""
        return cls(making.codec.timeline)

    @property
    def features(self) -> int:
        """How many numbers it tells of an event."""
        return OF_PROFILE + OF_MOMENT + OF_DAY

    def tell(self, before: Before) -> list[Tensor]:
        """(..., C) of the history, of the moment, of its day.

        What tells how long a history shall be is 0 where its profile is hidden.
        """
        m = before.moment
        known = m.known[..., None].float()
        day = self.calendar[m.day.clamp(0, self.timeline.days - 1)]
        of_history, of_moment = _stack(self._of_history(m)), _stack(self._of_moment(m))
        return [of_history * known, of_moment, day]

    @staticmethod
    def _of_history(m: Moment) -> list[Tensor]:
        left, remaining, visits = m.left.clamp(min=0), m.remaining, m.visits.clamp(min=1)
        return [
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

    def _of_moment(self, m: Moment) -> list[Tensor]:
        turn = 2 * math.pi * m.unit / self.timeline.units_per_day
        return [
            _log(self.timeline.days - 1 - m.day) / 3,
            torch.sin(turn),
            torch.cos(turn),
            turn / math.pi - 1,
            (m.position == 0).float(),
            _log(m.position) / 3,
        ]

    def told(self, step: Step) -> list[Array]:
        """The same of a step, of which the profile is known."""
        m, line = step.now, self.timeline
        left, remaining, position = np.maximum(m.left, 0), m.remaining, m.position
        spans = [left, remaining, m.visits, line.days - 1 - m.day, position]
        whole = np.maximum(np.stack(spans), 0).astype(np.float32)  # (5, B)
        per_visit = whole[0] / np.maximum(m.visits, 1).astype(np.float32)
        logs = np.concatenate([whole, [whole[0] / whole[1], per_visit]])
        logs = torch.log1p(torch.from_numpy(logs)).numpy()  # to the last digit that of a window
        logs[:5] /= 3
        logs[5:] /= 2
        turn = 2 * math.pi * torch.from_numpy(m.unit) / line.units_per_day
        rows: list[Any] = [
            *logs[[0, 1, 5]], whole[4] / (whole[4] + whole[1]),
            remaining == 1, m.visits <= 1, left == 0, *logs[[2, 6]], np.ones(len(left)),
            logs[3], torch.sin(turn).numpy(), torch.cos(turn).numpy(), (turn / math.pi - 1).numpy(),
            position == 0, logs[4],
        ]  # fmt: skip
        found = np.empty((len(left), len(rows)), np.float32)
        for i, row in enumerate(rows):
            found[:, i] = row
        day = np.minimum(np.maximum(m.day, 0), line.days - 1)
        return [found, self.calendar.numpy()[day]]

    @cached_property
    def calendar(self) -> Tensor:
        """(days, `OF_DAY`) of about −1 ... 1: where in the window, the year, the month."""
        day = np.arange(self.timeline.days)
        date = (self.timeline.epoch // DAY + day).astype("datetime64[D]")
        month = date.astype("datetime64[M]")
        of_month = (date - month.astype("datetime64[D]")).astype(np.int64)
        to_month_end = ((month + 1).astype("datetime64[D]") - date).astype(np.int64)
        turns = [np.pi * 2**i * day / self.timeline.days for i in range(OCTAVES)]
        of_year = (date - date.astype("datetime64[Y]")).astype(np.int64)
        turns.append(2 * np.pi * of_year / 365.25)
        waves = [wave(turn) for turn in turns for wave in (np.sin, np.cos)]
        rest = [day / self.timeline.days, of_month / 15 - 1, (to_month_end <= 2) * 1.0]
        return torch.from_numpy(np.stack([*waves, *rest], -1).astype(np.float32))

    def to_dict(self) -> Any:
        """Write nothing: all follows from the codec."""
        return None

    @classmethod
    def from_dict(cls, data: Any, making: Making) -> "Features":
        """Take the window of the codec."""
        return cls(making.codec.timeline)


def _stack(columns: list[Tensor]) -> Tensor:
    return torch.stack([x.float() for x in columns], -1)


def _log(x: Tensor) -> Tensor:
    return torch.log1p(x.clamp(min=0).float())
