"""Tokens drawn from odds, and the heads of one event one after another, of which one is asked."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.generation.settle import Settler
from anonymizer.sequences.network.lstm import EventNetwork, Past
from anonymizer.sequences.priors.arrivals import Arrivals
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.prior import Before, Event
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.priors.repeats import Repeats
from anonymizer.sequences.tokens.ahead import Now
from anonymizer.sequences.tokens.heads import CLOSED, GAP, applies
from anonymizer.sequences.tokens.times import INSTANT

PIECE = 64  # tokens of a large vocabulary that are looked at together
SUMS = (1e-100, 1e100)  # of odds, between which none is lost


def draw(logits: Tensor, uniform: FloatArray) -> IntArray:
    """(B, V) logits and (B,) numbers in [0, 1) → (B,) tokens, by the inverse of the CDF."""
    weights = torch.softmax(logits.double(), -1).cumsum(-1).numpy()  # (B, V)
    target = uniform * weights[:, -1]
    tokens: IntArray = (weights <= target[:, None]).sum(1)
    return tokens


def chosen(logits: FloatArray, uniform: FloatArray) -> IntArray:
    """The same of arrays."""
    odds = np.exp(logits)
    find = _passed if odds.shape[1] < 8 * PIECE else _passed_in_pieces
    tokens, total = find(odds, uniform)
    lost = ~((total > SUMS[0]) & (total < SUMS[1]))
    if lost.any():
        odds = np.exp(logits[lost] - logits[lost].max(1, keepdims=True))
        tokens[lost] = _passed(odds, uniform[lost])[0]
    return tokens


def _passed(odds: FloatArray, uniform: FloatArray) -> tuple[IntArray, FloatArray]:
    """(B,) tokens at which the sums of (B, V) odds pass so much of the whole; (B,) that."""
    shared = torch.from_numpy(odds)
    sums: FloatArray = torch.cumsum(shared, -1, out=shared).numpy()  # a fifth of what NumPy takes
    total = sums[:, -1].copy()
    tokens: IntArray = (sums <= (uniform * total)[:, None]).sum(1)
    return tokens, total


def _passed_in_pieces(odds: FloatArray, uniform: FloatArray) -> tuple[IntArray, FloatArray]:
    """The same of many tokens: in which piece first, and only there where."""
    rows, size = np.arange(len(odds)), odds.shape[1]
    sums = np.cumsum(np.add.reduceat(odds, np.arange(0, size, PIECE), 1), 1)  # (B, pieces)
    total = sums[:, -1]
    target = uniform * total
    piece = (sums <= target[:, None]).sum(1)
    at = piece[:, None] * PIECE + np.arange(PIECE)
    inside = np.where(at < size, odds[rows[:, None], np.minimum(at, size - 1)], 0)
    inside[:, 0] += np.where(piece > 0, sums[rows, piece - 1], 0)
    tokens = piece * PIECE + (np.cumsum(inside, 1) <= target[:, None]).sum(1)
    # The sums of both differ in the last digit, which may lead beyond a piece.
    beyond = np.flatnonzero(odds[rows, np.minimum(tokens, size - 1)] == 0)
    if len(beyond):
        tokens[beyond] = _passed(odds[beyond], uniform[beyond])[0]
    return np.minimum(tokens, size - 1), total


def forbid(logits: Tensor, tokens: IntArray) -> Tensor:
    """Give tokens a logit so low that they are never drawn."""
    if len(tokens):
        logits = logits.clone()
        logits[..., torch.from_numpy(tokens)] = CLOSED
    return logits


@dataclass(frozen=True)
class Drawer:
    """Asks a head of the next event, drawing those before it one after another.

    Of the shape that training has: lengths and last days need not be known. `Pen` writes events.
    """

    priors: Priors
    network: EventNetwork

    @cached_property
    def tables(self) -> list[Tensor]:
        """Embedding tables of the tokens, one per head."""
        return [table() for table in self.network.tables]

    @cached_property
    def settler(self) -> Settler:
        """Makes times of tokens."""
        return Settler(self.priors.of(Arrivals).ahead)

    def until(self, stop: int, past: Past, before: Before, u: FloatArray) -> Tensor:
        """(B, V) logits of head `stop` of the next event of each history, those before it drawn.

        Args:
            stop: the head.
            past: (B,) what the network knows before it; its candidates are written down in it.
            before: (B,) what the priors know.
            u: (B, 2 J) numbers in [0, 1): the first half draws tokens, the second places them.
        """
        m, heads, chain = before.moment, len(self.tables), self.network.heads
        forbidden, settler = self.priors.of(Frequencies).forbidden, self.settler
        first, earlier, live = chain.first(past.x), None, len(past.x)
        now, known = Now(*(each.numpy() for each in m[:-1])), m.known.numpy()
        event = Event(np.zeros((live, heads), np.int64), now.day.copy(), now.unit.copy())
        logits = torch.empty(0)
        for j, table in enumerate(self.tables[: stop + 1]):
            if j in self.network.repeating:
                drawn = torch.from_numpy(event.tokens)
                past.candidates[:, j] = before.of(Repeats).of(j, drawn)
            said = self._said(j, event)
            base = self._base(j, event, before, said)
            # Not all are meant by heads of time, which look at no past.
            some = slice(None) if said.all() else torch.from_numpy(said)
            query = chain.query(j, first[some], earlier if earlier is None else earlier[some])
            logits = forbid(self.network.logits(j, query, past, table, base), forbidden[j])
            logits = self.priors.veto(j, logits, before, torch.from_numpy(event.tokens))
            if j == GAP:
                # No time is left for the visits to come: they happen now.
                logits[(base <= CLOSED).all(-1), INSTANT] = 0
            if j < stop:
                tokens = np.zeros(live, np.int64)
                tokens[said] = draw(logits, u[said, j])
                settler.settle(j, tokens, event, now, u[:, heads:], known=known)
                own = torch.from_numpy(event.tokens[:, j].copy())
                earlier = chain.after(j, own, table, earlier)
        return logits

    def _said(self, j: int, event: Event) -> BoolArray:
        """(B,) whether a head has something to say; the gap's own token is not there before it."""
        gap = event.tokens[:, GAP]
        return np.full(len(gap), True) if j == GAP else applies(gap, self.settler.ahead.line, j)

    def _base(self, j: int, event: Event, before: Before, said: BoolArray) -> Tensor:
        """(M, V) or (V,) what a head starts from at the events that (B,) flags name."""
        tokens, day = torch.from_numpy(event.tokens), torch.from_numpy(event.day)
        if said.all():
            return self.priors.logits(j, before, tokens, day)
        where = torch.from_numpy(said).nonzero(as_tuple=True)
        return self.priors.logits(j, before.only(where), tokens[where], day[where])
