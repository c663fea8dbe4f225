"""The network in torch, as it is trained; the package runs the same one in numpy."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from anonymizer.masking.free_text.tagger.features import (
    BUCKETS,
    LISTS,
    SHAPES,
    Lexicon,
    ngrams,
    shapes,
)
from scripts.tagger.sentences import Sentence

LABELS = 7  # none, then the first and the later words of three kinds


class Tagger(nn.Module):
    """Words to logits of labels, and a chain over the labels."""

    LOUDER = 4  # a mean of many n-grams is small
    DROPPED = 0.2, 0.15, 0.15, 0.1, 0.4  # n-grams, lists, all n-grams of a word, words, states

    def __init__(self, width: int = 56, hidden: int = 128, state: int = 96) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, width, mode="mean", sparse=True)
        nn.init.normal_(self.bag.weight, std=0.05)  # n-grams never seen say little
        self.encode = nn.Linear(width + SHAPES + LISTS, hidden)
        self.lstm = nn.LSTM(hidden, state, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * state, LABELS)
        self.follows = nn.Parameter(torch.zeros(LABELS, LABELS))
        self.begins = nn.Parameter(torch.zeros(LABELS))

    def forward(
        self, keys: Sequence[str], index: Tensor, lengths: Tensor, lexicon: Lexicon
    ) -> Tensor:
        """Logits, (B, T, LABELS).

        Args:
            keys: the distinct words, as the features read them.
            index: which of them stands where, (B, T).
            lengths: words of each text, (B,).
            lexicon: the lists of words.
        """
        *_, words, states = self.DROPPED
        x = functional.dropout(self._encoded(keys, lexicon), words, self.training)[index]
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        logits: Tensor = self.out(functional.dropout(y, states, self.training))
        return logits

    def _encoded(self, keys: Sequence[str], lexicon: Lexicon) -> Tensor:
        """Distinct words as vectors, (V, hidden)."""
        buckets, starts = ngrams(keys)
        lists = torch.from_numpy(lexicon.of(keys))
        if self.training:
            buckets, starts = self._thinned(buckets, starts)
            lists = lists * (torch.rand(len(keys), 1) >= self.DROPPED[1])
        bags = self.bag(torch.from_numpy(buckets), torch.from_numpy(starts)) * self.LOUDER
        if self.training:
            bags = bags * (torch.rand(len(keys), 1) >= self.DROPPED[2])
        read = torch.cat([bags, torch.from_numpy(shapes(keys)), lists], 1)
        return torch.relu(self.encode(read))

    def _thinned(self, buckets: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Some of the n-grams of each word, at least one, so that no single one decides."""
        keep = torch.rand(len(buckets)).numpy() >= self.DROPPED[0]
        keep[starts] = True
        counts = np.add.reduceat(keep.astype(np.int64), starts)
        return buckets[keep], np.cumsum(counts) - counts

    def loss(self, logits: Tensor, lengths: Tensor, allowed: Tensor) -> Tensor:
        """Minus the log-probability of the labels, per word.

        Args:
            logits: (B, T, LABELS).
            lengths: words of each text, (B,).
            allowed: whether a word may have a label, (B, T, LABELS).
        """
        B, T, _ = logits.shape
        # All sequences of labels, and beside them those that are allowed.
        both = torch.cat([logits, logits.masked_fill(~allowed, -1e4)])
        going = torch.cat([lengths, lengths])
        alpha = both[:, 0] + self.begins
        for step in range(1, T):
            after = torch.logsumexp(alpha[:, :, None] + self.follows, 1) + both[:, step]
            alpha = torch.where((going > step)[:, None], after, alpha)
        total = torch.logsumexp(alpha, 1)
        return (total[:B] - total[B:]).sum() / lengths.sum()


def batch(sentences: Sequence[Sentence]) -> tuple[list[str], Tensor, Tensor, Tensor]:
    """Distinct words, their places (B, T), lengths (B,), labels allowed (B, T, LABELS)."""
    lengths = torch.tensor([len(sentence.keys) for sentence in sentences])
    number: dict[str, int] = {}
    index = torch.zeros(len(sentences), int(lengths.max()), dtype=torch.long)
    labels = torch.zeros_like(index)
    for row, sentence in enumerate(sentences):
        ids = [number.setdefault(key, len(number)) for key in sentence.keys]
        index[row, : len(ids)] = torch.tensor(ids)
        labels[row, : len(ids)] = torch.tensor(sentence.labels)
    allowed = functional.one_hot(labels, LABELS).bool()
    # A source that leaves organisations out: what is none there may be one.
    unsure = torch.tensor(["WNUT17" in sentence.source for sentence in sentences])
    allowed[..., -2:] |= (unsure[:, None] & (labels == 0))[..., None]
    return list(number), index, lengths, allowed
