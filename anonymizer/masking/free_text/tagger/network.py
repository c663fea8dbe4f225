"""A bidirectional LSTM over words, forward only, in numpy.

All that depends on a word alone, up to what it adds to the gates, is worked out once per distinct
word. Lines are run side by side, longest first, so that each step is one product of matrices over
those that still go on.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from anonymizer.masking.free_text.tagger.features import Floats, Lexicon, Numbers, ngrams, shapes

_DTYPES: Final = {"F32": "<f4", "F16": "<f2", "U32": "<u4", "U8": "u1", "I8": "i1"}
_TOGETHER: Final = 256  # lines that go through the network side by side

Tensors = Mapping[str, npt.NDArray[Any]]


def read(raw: bytes) -> Tensors:
    """The tensors of a safetensors file, by name: the header's length, the header, the numbers."""
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start])
    return {
        name: _tensor(raw, start, entry) for name, entry in header.items() if name != "__metadata__"
    }


def _tensor(raw: bytes, start: int, entry: Mapping[str, Any]) -> npt.NDArray[Any]:
    begin, end = entry["data_offsets"]
    dtype = np.dtype(_DTYPES[entry["dtype"]])
    flat = np.frombuffer(raw, dtype, (end - begin) // dtype.itemsize, start + begin)
    return flat.reshape(entry["shape"])


@dataclass(frozen=True, slots=True)
class Direction:
    """What one direction adds and multiplies, gates last: input, forget, output, candidate."""

    of_word: Floats  # (hidden, 4H)
    of_state: Floats  # (H, 4H)
    bias: Floats  # (4H,)
    to_logits: Floats  # (H, L)

    def logits(self, words: Floats, ids: Numbers, going: Sequence[int]) -> Floats:
        """What this direction says of each word, step after step, (words of all texts, L).

        A sigmoid of x is (1 + tanh(x / 2)) / 2. The halves of x are in the weights, those of the
        sigmoids in what follows them, so that a gate is 1 + tanh, and a state twice what it was.

        Args:
            words: what each distinct word adds to the gates, (V, 4H).
            ids: which word stands where, (B, T), longest text first.
            going: how many texts have a word at each step, (T,).
        """
        H = len(self.of_state)
        state, cell = (np.zeros((len(ids), H), dtype=np.float32) for _ in range(2))
        states = []
        for step, live in enumerate(going):
            gates = words.take(ids[:live, step], axis=0)
            gates += state[:live] @ self.of_state
            np.tanh(gates, out=gates)
            gates[:, : 3 * H] += 1
            cell = cell[:live] * gates[:, H : 2 * H]
            cell += gates[:, :H] * gates[:, 3 * H :]
            cell *= 0.5
            state = np.tanh(cell)
            state *= gates[:, 2 * H : 3 * H]
            states.append(state)
        return cast("Floats", np.concatenate(states) @ self.to_logits)


class _Numbered(dict[str, int]):
    """Words, numbered as they come."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


class Network:
    """Words to probabilities of kinds."""

    def __init__(self, tensors: Tensors) -> None:
        self.lexicon = Lexicon(tensors["lexicon.hashes"], tensors["lexicon.bits"])
        self._bag = tensors["bag.weight"].astype(np.int16)  # holds the sum of 121 n-grams
        self._scale = tensors["bag.scale"].astype(np.float32)
        self._encode = tensors["encode.weight"].astype(np.float32).T
        self._encode_bias = tensors["encode.bias"].astype(np.float32)
        out = tensors["out.weight"].astype(np.float32).T
        H = len(out) // 2
        self._bias = tensors["out.bias"].astype(np.float32)
        # What one label adds to the next is a factor here: at most e⁸, so that nothing overflows.
        self._follows, self._begins = (
            np.exp(tensors[name].astype(np.float32).clip(-8, 8)) for name in ("follows", "begins")
        )
        self._forward = _direction(tensors, "", out[:H])
        self._backward = _direction(tensors, "_reverse", out[H:])

    def probabilities(self, lines: Sequence[Sequence[str]]) -> list[Floats]:
        """For each line of words, as the features read them, the probability of kinds, (T, kinds).

        No line may be empty.
        """
        number = _Numbered()
        numbered = [np.array([number[word] for word in line]) for line in lines]
        encoded = self._encoded(list(number))
        forward, backward = (
            encoded @ direction.of_word + direction.bias
            for direction in (self._forward, self._backward)
        )
        order = sorted(range(len(lines)), key=lambda line: -len(lines[line]))
        result: list[Floats] = [self._bias] * len(lines)
        for start in range(0, len(order), _TOGETHER):
            part = order[start : start + _TOGETHER]
            found = self._run(forward, backward, [numbered[line] for line in part])
            for line, probabilities in zip(part, found, strict=True):
                result[line] = probabilities
        return result

    def _encoded(self, keys: Sequence[str]) -> Floats:
        """Distinct words as vectors, (V, hidden)."""
        read = np.concatenate([self._bags(keys), shapes(keys), self.lexicon.of(keys)], axis=1)
        return cast("Floats", np.maximum(read @ self._encode + self._encode_bias, 0))

    def _bags(self, keys: Sequence[str]) -> Floats:
        """The mean of the n-grams of each word, (V, width).

        One n-gram of each word after the other, those first that have most.
        """
        buckets, starts = ngrams(keys)
        counts = np.diff(starts, append=len(buckets))
        order = np.argsort(-counts, kind="stable")
        starts, counts = starts[order], counts[order]
        sums = np.zeros((len(keys), self._bag.shape[1]), dtype=np.int16)
        for step in range(counts[0]):
            live = np.searchsorted(-counts, -step)  # so many words have an n-gram more
            sums[:live] += self._bag.take(buckets[starts[:live] + step], axis=0)
        result = np.empty(sums.shape, dtype=np.float32)
        result[order] = sums * (self._scale / counts[:, None].astype(np.float32))
        return result

    def _run(self, forward: Floats, backward: Floats, lines: list[Numbers]) -> list[Floats]:
        """Probabilities of lines, longest first."""
        lengths = np.array([len(line) for line in lines])
        steps = np.arange(lengths[0])
        there = steps < lengths[:, None]
        ids, reversed_ids = (np.zeros(there.shape, dtype=np.int64) for _ in range(2))
        ids[there] = np.concatenate(lines)
        reversed_ids[there] = np.concatenate([line[::-1] for line in lines])
        going = there.sum(0).tolist()
        logits = np.zeros((*there.shape, len(self._bias)), dtype=np.float32)
        logits.transpose(1, 0, 2)[there.T] = self._forward.logits(forward, ids, going)
        late = np.zeros_like(logits)
        late.transpose(1, 0, 2)[there.T] = self._backward.logits(backward, reversed_ids, going)
        back = np.maximum(lengths[:, None] - 1 - steps, 0)
        logits += np.take_along_axis(late, back[:, :, None], axis=1) + self._bias
        found = self._marginals(np.exp(logits - logits.max(2, keepdims=True)), going)
        return [row[:length] for row, length in zip(found, lengths, strict=True)]

    def _marginals(self, weights: Floats, going: Sequence[int]) -> Floats:
        """Probabilities of kinds, (B, T, kinds), of what each word alone says of labels, (B, T, L).

        Forward and backward over the labels, whose sequence is a Markov chain.
        """
        before, after = weights.copy(), np.ones_like(weights)
        before[:, 0] *= self._begins
        for step, live in enumerate(going[1:], 1):
            reached = before[:live, step - 1] @ self._follows
            before[:live, step] *= reached / reached.sum(1, keepdims=True)
        for step in range(len(going) - 2, -1, -1):
            live = going[step + 1]
            reached = (weights[:live, step + 1] * after[:live, step + 1]) @ self._follows.T
            after[:live, step] = reached / reached.sum(1, keepdims=True)
        labels = before * after
        labels /= labels.sum(2, keepdims=True) + np.float32(1e-30)
        kinds = labels[:, :, :1], labels[:, :, 1::2] + labels[:, :, 2::2]
        return cast("Floats", np.concatenate(kinds, axis=2))


def _direction(tensors: Tensors, name: str, to_logits: Floats) -> Direction:
    of_word, of_state = (
        tensors[f"lstm.weight_{part}_l0{name}"].astype(np.float32).T for part in ("ih", "hh")
    )
    bias = tensors[f"lstm.bias_ih_l0{name}"].astype(np.float32) + tensors[f"lstm.bias_hh_l0{name}"]
    H = len(to_logits)
    halves = np.full(4 * H, 0.5, dtype=np.float32)
    halves[3 * H :] = 1  # the candidate is no sigmoid
    order = np.r_[: 2 * H, 3 * H : 4 * H, 2 * H : 3 * H]  # torch has the candidate third
    return Direction(
        np.ascontiguousarray(of_word[:, order] * halves),
        np.ascontiguousarray(of_state[:, order] * halves / 2),
        (bias[order] * halves).astype(np.float32),
        np.ascontiguousarray(to_logits / 2),
    )
