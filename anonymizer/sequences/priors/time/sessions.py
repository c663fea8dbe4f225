"""Sessions: how many visits follow at once, however much time a history has left.

Who reads a site, is examined in a hospital or rates films does so many times in a row and then
stays away. Such visits are not spread over the days that a history has; see `arrivals`.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from anonymizer.sequences.histories.arrays import FloatArray, IntArray
from anonymizer.sequences.histories.protection import capped_lengths
from anonymizer.sequences.histories.roles import Histories
from anonymizer.sequences.priors.encoded import Moment
from anonymizer.sequences.priors.time.bridge import Bridge
from anonymizer.sequences.tokens.profile import Span
from anonymizer.sequences.tokens.times import INSTANT, Places, Timeline

VISITS = 20_000  # that are looked at
PASSES = 15  # of expectation and maximisation
CLEAR = 0.05  # of visits, beyond those that fall on one day by chance


@torch.no_grad()
def share_in_sessions(
    histories: Histories,
    places: Places,
    gap: IntArray,
    timeline: Timeline,
    *,
    usual: FloatArray,
    k: int,
) -> float:
    """Of visits that are neither first nor last, how many follow in the session of the one before.

    The weight of a mixture of two ways in which the next visit may come, by its likelihood
    (Dempster, Laird and Rubin 1977); 0 where the same day is hardly fuller than by chance.

    Args:
        histories: to learn from, N events.
        places: (N,) when they happen.
        gap: (N,) their tokens.
        timeline: what is known of time otherwise.
        usual: (V,) log-frequencies of the gap's tokens.
        k: entities that must have such visits; none counts for more than the k-th.
    """
    if timeline.clocks is None:
        return 0.0
    m, gap = _moments(histories, places, gap, k)
    if not len(gap):
        return 0.0
    arithmetic, taken = Bridge(timeline, torch.from_numpy(usual)), torch.from_numpy(gap)
    survival = arithmetic.survival(m, arithmetic.usual.expand(len(gap), -1))

    def bridge(share: float) -> Tensor:
        spread = replace(survival, others=survival.others * (1 - share))
        return torch.log_softmax(arithmetic.bridge(m, spread), -1)

    same, spread, share = arithmetic.same, bridge(0.0), 0.5
    by_chance = float(spread[:, same].exp().sum(-1).mean())
    observed = float(((gap >= same.start) & (gap < same.stop)).mean())
    if observed - by_chance <= CLEAR:
        return 0.0
    for _ in range(PASSES):
        own, other = arithmetic.session[taken], spread.gather(-1, taken[:, None])[:, 0]
        odds = np.log(share / (1 - share)) + own - other
        share = float(torch.sigmoid(odds).mean().clamp(1e-6, 0.999))
        spread = bridge(share)
    return round(share, 3)


def _moments(
    histories: Histories, places: Places, gap: IntArray, k: int
) -> tuple[Moment, IntArray]:
    """(M,) what is known before some visits that are neither first nor last, and their tokens."""
    span, owner, position = Span.of(histories, places), histories.owner, histories.position
    visit = np.cumsum(places.new_instants(histories.offsets))
    visit = visit - visit[histories.offsets[:-1]][owner]  # visits of the entity before this one
    inner = (position > 0) & (gap != INSTANT) & (visit < span.visits[owner] - 1)
    chosen = _capped(np.flatnonzero(inner), owner, k)
    chosen = chosen[np.linspace(0, len(chosen) - 1, min(VISITS, len(chosen))).astype(np.int64)]
    before, who = chosen - 1, owner[chosen]
    day = places.day[before]
    moment = Moment.of(
        day=day,
        unit=places.unit[before],
        position=position[chosen],
        remaining=span.length[who] - position[chosen],
        visits=span.visits[who] - visit[chosen],
        left=span.last[who] - day,
        known=np.ones(len(chosen), bool),
    )
    return moment, gap[chosen]


def _capped(events: IntArray, owner: IntArray, k: int) -> IntArray:
    """Events, of nobody more than the entity has that comes k-th; none if fewer than k have any."""
    own, counts = np.unique(owner[events], return_counts=True)
    if len(own) < k:
        return events[:0]
    number = np.arange(len(events)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept: IntArray = events[number < capped_lengths(counts, k).max()]
    return kept
