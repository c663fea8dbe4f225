"""The event network, one event at a time: what sampling makes of it.

The arithmetic is that of `EventNetwork` in float64, on arrays: a step is of some hundred events,
where calls cost more than numbers. What tokens do on their way into the LSTM and into the heads is
worked out before, per token.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import Array, BoolArray, FloatArray, IntArray
from anonymizer.sequences.network.lstm import EventNetwork
from anonymizer.sequences.network.pointer import REASONS, RECALLED
from anonymizer.sequences.tokens.heads import GAP
from anonymizer.sequences.tokens.times import INSTANT


def array(x: Tensor) -> FloatArray:
    """A tensor's numbers in float64."""
    found: FloatArray = x.detach().double().numpy()
    return found


@dataclass(frozen=True)
class Layer:
    """One layer of the LSTM, for inputs beside its own last output.

    Attributes:
        weight: (I + H, 4 H), for gates in, forget, out and new; see `gates`.
        bias: (4 H,).
    """

    weight: FloatArray
    bias: FloatArray

    @classmethod
    def of(cls, w_x: Tensor, w_h: Tensor, b_x: Tensor, b_h: Tensor) -> "Layer":
        """As `nn.LSTM` has them: in, forget, new, out."""
        i, f, new, out = array(torch.cat([w_x, w_h], 1).double()).reshape(4, len(w_h) // 4, -1)
        b = (array(b_x) + array(b_h)).reshape(4, -1)
        # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2: one function for all gates.
        weight = np.concatenate([i / 2, f / 2, out / 2, new]).T
        bias = np.concatenate([b[0] / 2, b[1] / 2, b[3] / 2, b[2]])
        return cls(np.ascontiguousarray(weight), bias)

    def step(self, x: FloatArray, cell: FloatArray, *, fresh: bool) -> FloatArray:
        """(B, I + H) and (B, H) cells, which move on → (B, H); fresh ones have no last output."""
        size = cell.shape[1]
        told = slice(-size if fresh else None)
        gates = x[:, told] @ self.weight[told]
        gates += self.bias
        np.tanh(gates, out=gates)
        soft, new = gates[:, : 3 * size], gates[:, 3 * size :]
        soft *= 0.5
        soft += 0.5
        cell *= soft[:, size : 2 * size]
        new *= soft[:, :size]
        cell += new
        h: FloatArray = np.tanh(cell, out=new)
        h *= soft[:, 2 * size :]
        return h


class Memory:
    """What B histories had lately in a large head, and the reasons for it to come again.

    As `recall` has it, in a ring: all histories are at the same event.

    Attributes:
        tokens: (B, Q) of the last events, V where there was none or the same came later.
        instants: (B, Q) in which each came.
        times: (B, Q) how often it had come by then.
        logs: (B, Q) the logarithm of that.
        rare: (B, Q) how unusual it is.
    """

    def __init__(self, count: int, frequencies: FloatArray) -> None:
        """Remember nothing; `frequencies` are those of (V,) tokens, logarithms."""
        shape, self.frequencies = (count, RECALLED), frequencies
        self.tokens = np.full(shape, len(frequencies))
        self.instants, self.times = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self.logs, self.rare = np.zeros(shape), np.zeros(shape)
        self.instant, self.event = np.zeros(count, np.int64), -1

    def note(self, token: IntArray, new: BoolArray) -> None:
        """(B,) tokens of the event before, V where there is none; whether it began an instant."""
        self.event += 1
        live, at, there = slice(len(token)), self.event % RECALLED, token < len(self.frequencies)
        self.instant[live] += new
        same = (self.tokens[live] == token[:, None]) & there[:, None]
        times = 1 + (self.times[live] * same).sum(1)
        self.tokens[live][same] = len(self.frequencies)
        self.tokens[live, at], self.instants[live, at] = token, self.instant[live]
        self.times[live, at], self.logs[live, at] = times, np.log(times)
        self.rare[live, at] = -self.frequencies[np.where(there, token, 0)] / 5

    def add(self, logits: FloatArray, weights: FloatArray) -> None:
        """(B, V + 1) logits, into which (B, F) weights of the reasons are added."""
        live, at = slice(len(logits)), self.event % RECALLED
        again, old, often, ago, unusual, just = weights.T[:, :, None]  # (B, 1) each
        lag = (at - np.arange(RECALLED)) % RECALLED
        bonus = self.logs[live] * often
        bonus += ago * (np.log1p(lag) / 3)
        bonus += old
        of_now = self.instants[live] == self.instant[live, None]
        np.copyto(bonus, again, where=of_now)
        bonus += self.rare[live] * unusual
        bonus[:, at] += just[:, 0]
        logits[np.arange(len(logits))[:, None], self.tokens[live]] += bonus  # each once but V


@dataclass
class Course:
    """What the network carries from one event of B histories to the next.

    Attributes:
        context: (B, W) of the profile, and what the features add whatever they are.
        known: (B, Σ D) what heads get from the profile, whatever comes.
        inputs: per layer (B, I + H), the last H its own last output.
        cells: per layer (B, H).
        told: (B, X') what heads see.
        traces: per large head (B, W + 1), the decayed sum of embeddings and of ones.
        memories: per large head.
        fresh: whether there was no event yet.
    """

    context: FloatArray
    known: FloatArray
    inputs: list[FloatArray]
    cells: list[FloatArray]
    told: FloatArray
    traces: list[FloatArray]
    memories: list[Memory]
    fresh: bool = True


class Stepper:
    """An event network's weights, as a step needs them."""

    def __init__(self, network: EventNetwork) -> None:
        """Prepare them."""
        self.large, self.repeating = network.large, network.repeating
        self.tables = [array(table()) for table in network.tables]
        self.sizes = [len(table) - 1 for table in self.tables]
        widths = [table.shape[1] for table in self.tables]
        pieces = np.split(array(network.event.weight), np.cumsum(widths)[:-1], 1)
        self.entries = [
            table @ piece.T for table, piece in zip(self.tables, pieces, strict=True)
        ]  # J × (V + 1, H / 2)
        self.entries[0] = self.entries[0] + array(network.event.bias)
        self.features = np.ascontiguousarray(array(network.features.weight).T)
        self.feature_bias = array(network.features.bias)
        self.profile_tables = [array(table()) for table in network.profile_tables]
        self.layers = [Layer.of(*weights[:4]) for weights in network.lstm.all_weights]
        decays = [array(trace.decay) for trace in network.traces]  # type: ignore[arg-type]  # (ModuleList forgets the kind)
        self.decays = [float(1 / (1 + np.exp(-decay))) for decay in decays]
        self.frequencies = [array(network.get_buffer(f"frequencies_{j}")) for j in self.large]
        self._prepare_heads(network)

    def _prepare_heads(self, network: EventNetwork) -> None:
        chain, width = network.heads, network.lstm.hidden_size
        weight, context = array(chain.first.weight), self.feature_bias.size
        # The heads see the state, the features, the context, and what was lately there.
        h, f, c, lately = np.split(weight, np.cumsum([width, context, context]), 1)
        seen = np.concatenate([f, h, lately], 1)
        self.first = [np.ascontiguousarray(seen[own].T) for own in chain.bent]  # J × (X', D)
        self.beside = {j: np.ascontiguousarray(seen[own].T) for j, own in chain.straight.items()}
        self.first_of_context = np.ascontiguousarray(c.T)
        self.first_bias = array(chain.first.bias)
        self.bent, self.straight = chain.bent, chain.straight
        mixes = [array(mix.weight) for mix in chain.mix]  # type: ignore[arg-type]  # (likewise)
        # (V + 1, D) each: what later heads see of a token.
        self.mixes = [table @ mix.T for table, mix in zip(self.tables, mixes, strict=True)]
        self.biases = [array(bias) for bias in chain.bias]
        self.sharpness = array(chain.sharpness)
        self.readings: list[FloatArray] = []
        for j, (table, project) in enumerate(zip(self.tables, chain.project, strict=True)):
            own, size = array(project.weight), table.shape[1]  # type: ignore[arg-type]  # (likewise)
            if j not in self.large:
                own = np.concatenate([table[:-1] @ own[:size], own[size:]])
            self.readings.append(np.ascontiguousarray(own.T))  # (D, V + 2), (D, V), or (D, W + F)
        self.across = {j: np.ascontiguousarray(self.tables[j].T) for j in self.large}

    def start(self, profile: IntArray) -> Course:
        """Before the first event of histories with (B, P) profiles."""
        count, parts = len(profile), zip(self.profile_tables, profile.T, strict=True)
        context = sum(table[token] for table, token in parts) / len(self.profile_tables) ** 0.5
        context = np.asarray(context, np.float64).reshape(count, -1)
        known = context @ self.first_of_context
        known += self.first_bias
        widths = [layer.weight.shape[0] for layer in self.layers]
        units = self.layers[0].bias.size // 4
        return Course(
            context=context + self.feature_bias,
            known=known,
            inputs=[np.zeros((count, width)) for width in widths],
            cells=[np.zeros((count, units)) for _ in self.layers],
            told=np.zeros((count, len(self.first[0]))),
            traces=[np.zeros((count, self.tables[j].shape[1] + 1)) for j in self.large],
            memories=[Memory(count, each) for each in self.frequencies],
        )

    def history(self, course: Course, features: Array, previous: IntArray) -> None:
        """Take in (B, C) features and (B, J) tokens of the event before."""
        live, context = slice(len(features)), course.context.shape[1]
        x = course.inputs[0][live]
        event = x[:, : self.entries[0].shape[1]]
        event[:] = 0
        for entry, token in zip(self.entries, previous.T, strict=True):
            event += entry.take(token, 0)
        told = course.told[live]
        f = np.matmul(features.astype(np.float64), self.features, out=told[:, :context])
        f += course.context[live]
        units = course.cells[0].shape[1]
        x[:, event.shape[1] : -units] = f
        for k, (layer, cell) in enumerate(zip(self.layers, course.cells, strict=True)):
            h = layer.step(course.inputs[k][live], cell[live], fresh=course.fresh)
            course.inputs[k][live, -units:] = h
            if k + 1 < len(self.layers):
                course.inputs[k + 1][live, :units] = h
        told[:, context : context + units] = h
        self._lately(course, previous, told[:, context + units :])
        course.fresh = False

    def _lately(self, course: Course, previous: IntArray, found: FloatArray) -> None:
        """Write down the traces of large heads, (B, R W)."""
        new, live, start = previous[:, GAP] != INSTANT, slice(len(previous)), 0
        parts = zip(self.large, self.decays, course.traces, course.memories, strict=True)
        for j, decay, trace, memory in parts:
            token, width = previous[:, j], trace.shape[1] - 1
            own, there = trace[live], (token < self.sizes[j])[:, None]
            own *= decay
            own[:, :-1] += self.tables[j].take(token, 0) * there
            own[:, -1:] += there
            np.divide(
                own[:, :-1], np.maximum(own[:, -1:], 1e-9), out=found[:, start : start + width]
            )
            memory.note(token, new)
            start += width

    def logits(
        self,
        j: int,
        course: Course,
        rows: IntArray | slice,
        earlier: FloatArray | None,
        *,
        again: IntArray | None,
        base: Array,
    ) -> FloatArray:
        """(M, V) of a head.

        Args:
            j: the head.
            course: of the histories.
            rows: which of them.
            earlier: (M, D) of earlier tokens.
            again: (M, 2) tokens that may come again, V where there are none; of heads that repeat.
            base: (M, V) or (V,), to start from.
        """
        told = course.told[rows]
        x = told @ self.first[j]
        x += course.known[rows, self.bent[j]]
        if earlier is not None:
            x += earlier
        found, size = np.maximum(x, 0, out=x) @ self.readings[j], self.sizes[j]
        if j in self.large:
            k = self.large.index(j)
            found += told @ self.beside[j]
            found += course.known[rows, self.straight[j]]
            found *= self.sharpness[k]
            logits: FloatArray = found[:, :-REASONS] @ self.across[j]  # (M, V + 1)
            course.memories[k].add(logits, found[:, -REASONS:])
            logits = logits[:, :-1]
        else:
            logits = found[:, :size]
        logits += self.biases[j] + base  # in place, in `found` too
        if again is not None:
            rows, weights = np.arange(len(found)), found[:, size:].copy()
            for token, weight in zip(again.T, weights.T, strict=True):
                found[rows, token] += weight  # beyond the last one where there is none
        return logits

    def after(self, j: int, tokens: IntArray, earlier: FloatArray | None) -> FloatArray:
        """(B,) tokens of head j, added to what later heads see: (B, D)."""
        own = self.mixes[j].take(tokens, 0)
        if earlier is None:
            return own
        earlier += own
        return earlier
