"""The loop: one cycle of the learning rate, averaged weights, early stop on held-out data.

It knows nothing of what it trains: a module, functions that yield batches, a function that gives a
batch's loss.
"""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

import torch
from torch import Tensor, nn

from anonymizer.sequences.training.optimizer import Optimizer, Rates, Weights
from anonymizer.sequences.training.peers import Peers

Loss = tuple[Tensor, int]  # summed over units, and how many units
Step = Loss | None  # nothing where only peers have something to learn from

WARM_UP = 0.04  # share of all steps in which the learning rate rises
FINAL = 0.02  # of the learning rate, in the last steps
COOLED = 0.9  # share of all steps after which it stays there


@dataclass(frozen=True)
class TrainingConfig:
    """How long and how fast a network is trained."""

    epochs: int
    learning_rate: float = 2e-3
    weight_decay: float = 0.01  # of parts of the module that have none of their own
    patience: int = 4  # epochs without a better held-out loss, then stop
    clip: float = 1.0  # norm of the gradient
    seed: int = 0  # of the randomness of each epoch
    look_back: float = 1 / 3  # share of the steps so far whose weights are averaged
    muon: float = 0.0  # of the learning rate, for the module's `matrices`; 0 leaves them to AdamW

    @property
    def rates(self) -> Rates:
        """How far a step goes."""
        return Rates(self.learning_rate, self.weight_decay, self.clip, self.muon)


@dataclass(frozen=True)
class Report:
    """Where training stands after an epoch.

    Attributes:
        epoch, epochs: done and planned.
        train_loss, held_out_loss: nats per unit.
        seconds: of wall time so far.
    """

    epoch: int
    epochs: int
    train_loss: float
    held_out_loss: float
    seconds: float

    @property
    def seconds_left(self) -> float:
        """Seconds to go, if the epochs to come take as long."""
        return self.seconds / self.epoch * (self.epochs - self.epoch)


@dataclass(frozen=True)
class State:
    """Everything that training needs to go on after an epoch.

    Attributes:
        last: the report of the epoch.
        best: the report of the best epoch; None before the first.
        weights: of the module.
        average: running averages of the weights.
        best_weights: the averages at the best epoch.
        moments: of the optimiser.
        steps: taken.
    """

    last: Report
    best: Report | None
    weights: Weights
    average: Weights
    best_weights: Weights
    moments: Weights = field(default_factory=dict)
    steps: int = 0


class Store(Protocol):
    """Where a training's state is kept between runs."""

    def load(self) -> State | None:
        """The state of an interrupted training; None when there is none."""

    def save(self, state: State) -> None:
        """Keep a state in place of the one before."""


@dataclass(frozen=True)
class Task:
    """A network, what it is trained on, and how.

    Attributes:
        network: what to train.
        steps: epoch → summed loss and number of units of one step after another.
        held_out: the same over the held-out entities.
        config: how.
        per_step: units of a typical step. Every step's loss is divided by it and not by its own
            count, so that each unit weighs alike whatever batch it fell in.
        steps_per_epoch: about how many steps an epoch has; the schedule follows it.
    """

    network: nn.Module
    steps: Callable[[int], Iterable[Step]]
    held_out: Callable[[], Iterable[Loss]]
    config: TrainingConfig
    per_step: float
    steps_per_epoch: int


def train(
    task: Task,
    *,
    progress: Callable[[Report], None] = lambda _report: None,
    store: Store | None = None,
    peers: Peers | None = None,
) -> Report:
    """Train a network in place and leave it at its best: the averaged weights of one epoch.

    Args:
        task: what, on what and how.
        progress: told after each epoch.
        store: where the state is kept, and found again by a training that was interrupted.
        peers: processes that each go through steps of their own, and move the weights together.

    Returns:
        the best epoch, with the seconds of all of them.
    """
    module, config = task.network, task.config
    optimizer, peers = Optimizer(module, config.rates), peers or Peers()
    state = (store and store.load()) or _fresh(module, config)
    module.load_state_dict(state.weights)
    if state.moments:
        optimizer.restore(state.moments)
    average = torch.cat([state.average[name].flatten() for name in optimizer.names])
    average = average.to(optimizer.flat.device)  # a state that was kept was on the processor
    horizon, taken = task.steps_per_epoch, state.steps
    total = config.epochs * horizon
    stepper = Stepper(optimizer, peers, total, config.look_back, horizon, average, taken)
    started = time.perf_counter() - state.last.seconds
    while state.last.epoch < config.epochs and _since(state) < config.patience:
        epoch = state.last.epoch + 1
        torch.manual_seed((config.seed + peers.rank * 7_919) * 1_000_003 + epoch)
        loss = _epoch(module, stepper, task.steps(epoch), task.per_step)
        weights = _copy(module.state_dict())
        averaged = optimizer.views(stepper.average)
        module.load_state_dict(averaged, strict=False)  # the buffers are the module's own
        held = evaluate(module, task.held_out(), peers)
        report = Report(epoch, config.epochs, loss, held, time.perf_counter() - started)
        progress(report)
        best = math.inf if state.best is None else state.best.held_out_loss
        better = held < best or state.best is None or math.isnan(best)
        state = State(
            last=report,
            best=report if better else state.best,
            weights=weights,
            average=averaged,
            best_weights=_copy(module.state_dict()) if better else state.best_weights,
            moments=optimizer.moments,
            steps=stepper.steps,
        )
        module.load_state_dict(weights)
        if store and peers.leads:
            store.save(state)
    module.load_state_dict(state.best_weights)
    module.eval()
    return replace(state.best or state.last, seconds=state.last.seconds)


@dataclass
class Stepper:
    """The steps of a training: how large each is, and the average of the weights so far.

    The learning rate rises shortly, then falls in a straight line. The average looks back on a
    share of all steps so far, and on `horizon` of them at most. The optimiser knows nothing of
    the steps that are `forgotten`, and goes less far in the first `anew` of the others.
    """

    optimizer: Optimizer
    peers: Peers
    total: int
    look_back: float
    horizon: int
    average: Tensor
    steps: int = 0
    forgotten: int = 0
    anew: int = 1

    def step(self, loss: Tensor | None) -> None:
        """Take a step, also where only peers have a loss."""
        if loss is not None:
            loss.backward()  # type: ignore[no-untyped-call]  # (untyped in torch)
        gradient = self.peers.mean(self.optimizer.gradient(), ours=loss is not None)
        done = self.steps / max(self.total, 1)
        factor = min(1, done / WARM_UP + FINAL) * max(FINAL, 1 - done / COOLED)
        self.steps += 1
        known = self.steps - self.forgotten
        if self.forgotten:
            factor *= min(1, known / self.anew)
        self.optimizer.step(gradient, known, factor)
        share = 1 / min(self.look_back * self.steps + 1, max(20, self.horizon))
        self.average.lerp_(self.optimizer.flat, share)


def _epoch(module: nn.Module, stepper: Stepper, steps: Iterable[Step], per_step: float) -> float:
    module.train()
    total, units = 0.0, 0
    for step in steps:
        if step is None:
            stepper.step(None)
            continue
        loss, count = step
        stepper.step(loss / per_step)
        total, units = total + loss.item(), units + count
    return _mean(total, units, stepper.peers)


@torch.no_grad()
def evaluate(module: nn.Module, steps: Iterable[Loss], peers: Peers) -> float:
    """Compute the mean loss per unit, over the steps of all peers."""
    module.eval()
    total, units = 0.0, 0
    for loss, count in steps:
        total, units = total + loss.item(), units + count
    return _mean(total, units, peers)


def _mean(total: float, units: int, peers: Peers) -> float:
    total, units = peers.sum(total, units)
    return total / max(units, 1)


def _since(state: State) -> int:
    return state.last.epoch - (state.best.epoch if state.best else 0)


def _fresh(module: nn.Module, config: TrainingConfig) -> State:
    weights = _copy(module.state_dict())
    average = {name: p.detach().clone() for name, p in module.named_parameters()}
    return State(Report(0, config.epochs, math.inf, math.inf, 0), None, weights, average, weights)


def _copy(weights: Weights) -> Weights:
    return {name: tensor.detach().clone() for name, tensor in weights.items()}
