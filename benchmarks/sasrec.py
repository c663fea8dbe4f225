"""A plain SASRec (Kang and McAuley 2018) to rank the next item with, trained on all items at once.

Two blocks of causal attention over the last 50 items, 64 units, positions learned, the same table
of items at both ends, cross entropy over all items, as RecBole trains it; the epoch that ranks the
last item of the training histories best is kept.
"""

import copy

import numpy as np
import torch
from torch import Tensor, nn

LENGTH, UNITS, BLOCKS, HEADS = 50, 64, 2, 2
DROPOUT, RATE, BATCH, PATIENCE = 0.5, 1e-3, 256, 10
TOP = 10


class SASRec(nn.Module):
    """Items of histories → a vector at each place, which the next item's is near to."""

    def __init__(self, items: int) -> None:
        super().__init__()
        self.item = nn.Embedding(items + 1, UNITS, padding_idx=0)
        self.place = nn.Embedding(LENGTH, UNITS)
        self.dropout = nn.Dropout(DROPOUT)
        block = nn.TransformerEncoderLayer(
            UNITS, HEADS, 4 * UNITS, DROPOUT, "gelu", batch_first=True
        )
        self.blocks = nn.TransformerEncoder(block, BLOCKS, enable_nested_tensor=False)
        for table in (self.item, self.place):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, items: Tensor) -> Tensor:
        """(B, `LENGTH`) items from 1, 0 where none is, filled at the end → (B, `LENGTH`, UNITS)."""
        x = self.dropout(self.item(items) + self.place.weight)
        future = torch.ones(LENGTH, LENGTH, dtype=torch.bool).triu(1)
        found: Tensor = self.blocks(x, mask=future)
        return found

    def scores(self, states: Tensor) -> Tensor:
        """(..., UNITS) → (..., items + 1); nothing is no item."""
        scores = states @ self.item.weight.T
        scores[..., 0] = -torch.inf
        return scores


def padded(histories: list[np.ndarray], most: int = LENGTH) -> Tensor:
    """The last items of each history, 0 after them."""
    table = np.zeros((len(histories), most), np.int64)
    for row, items in zip(table, histories, strict=True):
        row[: len(items[-most:])] = items[-most:]
    return torch.from_numpy(table)


@torch.inference_mode()
def ranked(model: SASRec, histories: list[np.ndarray]) -> np.ndarray:
    """(B, `TOP`) the likeliest items that each history does not have."""
    model.eval()
    found = []
    for start in range(0, len(histories), BATCH):
        part = histories[start : start + BATCH]
        items, last = padded(part), torch.tensor([min(len(h), LENGTH) - 1 for h in part])
        scores = model.scores(model(items)[torch.arange(len(part)), last])
        for row, had in zip(scores, part, strict=True):
            row[torch.from_numpy(had)] = -torch.inf
        found.append(scores.topk(TOP).indices.numpy())
    return np.concatenate(found)


def fit(histories: list[np.ndarray], items: int, *, seed: int, epochs: int) -> SASRec:
    """Train on (E,) histories of items from 1, each without its last, which judges epochs."""
    torch.manual_seed(seed)
    rng, model = np.random.default_rng(seed), SASRec(items)
    optimiser = torch.optim.Adam(model.parameters(), RATE)
    some = [h for h in histories if len(h) > 2]
    last = np.array([h[-1] for h in some])
    best, kept, since = -1.0, copy.deepcopy(model.state_dict()), 0
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(some))
        for start in range(0, len(some), BATCH):
            whole = padded([some[i][:-1] for i in order[start : start + BATCH]], LENGTH + 1)
            given, wanted = whole[:, :-1], whole[:, 1:]
            scores = model.scores(model(given)[wanted > 0])
            loss = nn.functional.cross_entropy(scores, wanted[wanted > 0])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        hit = float((ranked(model, [h[:-1] for h in some]) == last[:, None]).any(1).mean())
        if hit > best:
            best, kept, since = hit, copy.deepcopy(model.state_dict()), 0
        elif (since := since + 1) >= PATIENCE:
            break
    model.load_state_dict(kept)
    return model
