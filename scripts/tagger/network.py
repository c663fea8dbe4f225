"""The network in torch, as it is trained; `anonymizer` runs the same one in numpy."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from anonymizer.masking.free_text.tagger import features


class Tagger(nn.Module):
    """Words to logits of kinds."""

    LOUDER = 4  # a mean of many n-grams is small

    def __init__(self, buckets=features.BUCKETS, width=56, hidden=128, state=96, kinds=7):
        super().__init__()
        self.bag = nn.EmbeddingBag(buckets, width, mode="mean", sparse=True)
        nn.init.normal_(self.bag.weight, std=0.05)  # unseen n-grams say little
        self.encode = nn.Linear(width + features.SHAPES + features.LISTS, hidden)
        self.lstm = nn.LSTM(hidden, state, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * state, kinds)
        self.follows = nn.Parameter(torch.zeros(kinds, kinds))  # what one kind adds to the next
        self.begins = nn.Parameter(torch.zeros(kinds))
        self.drop_ngrams, self.drop_lists, self.drop_word, self.drop_out = 0.2, 0.15, 0.15, 0.4

    def encoded(self, keys, lexicon):
        """Distinct words as vectors, (V, hidden)."""
        buckets, starts = features.ngrams(keys)
        buckets = torch.from_numpy(buckets)
        weights = None
        lists = torch.from_numpy(lexicon.of(keys))
        if self.training:
            # Left out at random, so that no single n-gram or list decides.
            owner = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(buckets)))
            keep = (
                np.random.default_rng(int(torch.randint(1 << 31, (1,)))).random(len(buckets))
                >= self.drop_ngrams
            )
            keep[starts] = True
            buckets = buckets[torch.from_numpy(keep)]
            counts = np.bincount(owner[keep], minlength=len(starts))
            starts = np.cumsum(counts) - counts
            lists = lists * (torch.rand(len(keys), 1) >= self.drop_lists)
        bag = self.bag(buckets, torch.from_numpy(starts))
        if self.training:
            bag = bag * (torch.rand(len(keys), 1) >= self.drop_word)
        shape = torch.from_numpy(features.shapes(keys))
        return torch.relu(self.encode(torch.cat([bag * self.LOUDER, shape, lists], 1)))

    def forward(self, keys, index, lengths, lexicon):
        """Logits, (B, T, kinds).

        Args:
            keys: distinct words.
            index: which of them stands where, (B, T).
            lengths: words of each text, (B,).
        """
        x = self.encoded(keys, lexicon)
        x = F.dropout(x, 0.1, self.training)[index]
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.out(F.dropout(y, self.drop_out, self.training))

    def loss(self, logits, lengths, allowed):
        """Minus the log-probability of the labels, per word.

        Args:
            logits: (B, T, kinds).
            lengths: words of each text, (B,).
            allowed: whether a word may have a label, (B, T, kinds).
        """
        B, T, _ = logits.shape
        # All paths, and beside them those that the labels allow.
        both = torch.cat([logits, logits.masked_fill(~allowed, -1e4)])
        alpha = both[:, 0] + self.begins
        going = torch.cat([lengths, lengths])
        for step in range(1, T):
            after = torch.logsumexp(alpha[:, :, None] + self.follows, 1) + both[:, step]
            alpha = torch.where((going > step)[:, None], after, alpha)
        total = torch.logsumexp(alpha, 1)
        return (total[:B] - total[B:]).sum() / lengths.sum()

    @torch.no_grad()
    def marginals(self, logits, lengths):
        """Probabilities of kinds, whether first word or later one, (B, T, 4)."""
        B, T, _ = logits.shape
        forward = [logits[:, 0] + self.begins]
        for step in range(1, T):
            forward.append(
                torch.logsumexp(forward[-1][:, :, None] + self.follows, 1) + logits[:, step]
            )
        backward = [torch.zeros_like(forward[0])]
        for step in range(T - 2, -1, -1):
            before = torch.logsumexp(self.follows + (logits[:, step + 1] + backward[0])[:, None], 2)
            backward.insert(0, torch.where((lengths > step + 1)[:, None], before, backward[0]))
        p = torch.softmax(torch.stack(forward, 1) + torch.stack(backward, 1), 2)
        return torch.stack(
            [p[..., 0], p[..., 1] + p[..., 2], p[..., 3] + p[..., 4], p[..., 5] + p[..., 6]], 2
        )


def batch(sentences):
    """Distinct words, their places (B, T), lengths (B,) and the labels each may have (B, T, 7)."""
    lengths = torch.tensor([len(s.keys) for s in sentences])
    number = {}
    index = torch.zeros(len(sentences), int(lengths.max()), dtype=torch.long)
    labels = torch.zeros_like(index)
    for row, s in enumerate(sentences):
        index[row, : len(s.keys)] = torch.tensor(
            [number.setdefault(k, len(number)) for k in s.keys]
        )
        labels[row, : len(s.keys)] = torch.tensor(s.labels)
    allowed = F.one_hot(labels, 7).bool()
    # A source without organisations: what is none may be one.
    unsure = torch.tensor(["WNUT17" in s.source for s in sentences])[:, None] & (labels == 0)
    allowed[..., 5:] |= unsure[..., None]
    return list(number), index, lengths, allowed
