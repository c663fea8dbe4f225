"""The loop: AdamW, learning rate halved on plateaus, early stop on held-out entities.

It knows nothing of what it trains: a module, functions that yield batches, a function that gives a
batch's loss.
"""

import copy
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Loss = tuple[Tensor, int]  # summed over units, and how many units


@dataclass(frozen=True)
class TrainingConfig:
    """How to train."""

    max_epochs: int = 60
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    patience: int = 5  # epochs without a better held-out loss, then stop
    clip: float = 1.0  # norm of the gradient
    improvement: float = 5e-4  # share of the loss by which an epoch must be better to count


@dataclass(frozen=True)
class Fitted:
    """How training went.

    Attributes:
        epochs: that were run.
        train_loss, held_out_loss: nats per unit, of the best epoch.
        seconds: of wall time.
    """

    epochs: int
    train_loss: float
    held_out_loss: float
    seconds: float


def train(
    module: nn.Module,
    steps: Callable[[int], Iterable[Loss]],
    held_out: Callable[[], Iterable[Loss]],
    config: TrainingConfig,
    *,
    per_step: float,
    progress: Callable[[int, float], None] = lambda _epoch, _loss: None,
) -> Fitted:
    """Train a module in place and leave it at its best.

    Args:
        module: what to train.
        steps: epoch → summed loss and number of units of one step after another.
        held_out: the same over the held-out entities.
        config: how.
        per_step: units of a typical step. Every step's loss is divided by it and not by its own
            count, so that each unit weighs alike whatever batch it fell in.
        progress: told the epoch and the held-out loss.
    """
    optimizer = torch.optim.AdamW(
        module.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    best, best_state, best_train, since = math.inf, copy.deepcopy(module.state_dict()), math.inf, 0
    started, epoch = time.perf_counter(), 0
    while epoch < config.max_epochs and since < config.patience:
        epoch += 1
        loss = _epoch(module, optimizer, steps(epoch), per_step, config.clip)
        held = evaluate(module, held_out())
        progress(epoch, held)
        if held < best - config.improvement * abs(held):
            best, best_state, best_train, since = held, copy.deepcopy(module.state_dict()), loss, 0
            continue
        since += 1
        for group in optimizer.param_groups:
            group["lr"] *= 0.5
    module.load_state_dict(best_state)
    module.eval()
    return Fitted(epoch, best_train, best, time.perf_counter() - started)


def _epoch(
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    steps: Iterable[Loss],
    per_step: float,
    clip: float,
) -> float:
    module.train()
    total, units = 0.0, 0
    for loss, count in steps:
        optimizer.zero_grad(set_to_none=True)
        (loss / per_step).backward()  # type: ignore[no-untyped-call]  # (untyped in torch)
        nn.utils.clip_grad_norm_(module.parameters(), clip)
        optimizer.step()
        total, units = total + loss.item(), units + count
    return total / max(units, 1)


@torch.no_grad()
def evaluate(module: nn.Module, steps: Iterable[Loss]) -> float:
    """The mean loss per unit."""
    module.eval()
    total, units = 0.0, 0
    for loss, count in steps:
        total, units = total + loss.item(), units + count
    return total / max(units, 1)
