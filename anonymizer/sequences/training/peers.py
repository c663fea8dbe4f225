"""Processes that train one network together, as torch's launcher starts them.

Each takes batches of its own; gradients are averaged in every step, so that the weights stay the
same in all of them.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from anonymizer.arrays import IntArray

Made = TypeVar("Made")


@dataclass(frozen=True)
class Peers:
    """Where this process stands among those that train together; alone by default.

    Attributes:
        rank: of this process, from 0.
        count: of processes.
    """

    rank: int = 0
    count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes what all of them found."""
        return self.rank == 0

    def share(self, batches: list[IntArray]) -> list[IntArray]:
        """Those of some batches that this process takes: the first, and every `count`-th after."""
        return batches[self.rank :: self.count]

    def groups(self, batches: list[IntArray]) -> list[list[IntArray]]:
        """Batches that follow each other, one for each process; the last one may lack some."""
        return [batches[at : at + self.count] for at in range(0, len(batches), self.count)]

    def in_step(
        self, group: list[IntArray], steps: int, losses: Callable[[IntArray], Iterator[Made]]
    ) -> Iterator[Made | None]:
        """What this process learns from in a group: so many steps, as all take them together.

        Batches of a group are about as long, so that no process waits long for another; where one
        has fewer windows, or no batch, it has nothing in the last steps.
        """
        own = losses(group[self.rank]) if self.rank < len(group) else iter(())
        return (next(own, None) for _ in range(steps))

    def common(self, rng: np.random.Generator, epoch: int) -> np.random.Generator:
        """Chance that is the same in all processes: what each drew so far differs."""
        return rng if self.count == 1 else np.random.default_rng(epoch)

    def mean(self, gradient: Tensor, *, ours: bool) -> Tensor:
        """The mean gradient of the processes that have one, which at least one has.

        Args:
            gradient: of this process, zeros where it has none.
            ours: whether it has.
        """
        if self.count == 1:
            return gradient
        told = torch.cat([gradient, gradient.new_tensor([ours])])
        dist.all_reduce(told)
        return told[:-1] / told[-1]

    def sum(self, total: float, units: int) -> tuple[float, int]:
        """Sums over all processes."""
        if self.count == 1:
            return total, units
        told = torch.tensor([total, units], dtype=torch.float64)
        if dist.get_backend() == "nccl":
            told = told.cuda()
        dist.all_reduce(told)
        return float(told[0]), int(told[1])


def launched() -> Peers:
    """Where this process stands among those in touch, or that `torchrun` started; else alone."""
    if not dist.is_available():
        return Peers()
    if dist.is_initialized():
        return Peers(dist.get_rank(), dist.get_world_size())
    if dist.is_torchelastic_launched():
        return Peers(int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]))
    return Peers()


def local_device() -> str:
    """The GPU of this process: each of those on one machine has its own."""
    return f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if launched().count > 1 else "cuda"


@contextmanager
def together(place: torch.device) -> Iterator[Peers]:
    """The processes that `torchrun` started, in touch with each other until the block ends.

    Args:
        place: the device of this process, which says how they talk.
    """
    peers = launched()
    if peers.count == 1 or dist.is_initialized():
        yield peers
        return
    if place.type == "cuda":
        torch.cuda.set_device(place)  # of what is summed up too
    dist.init_process_group("nccl" if place.type == "cuda" else "gloo")
    try:
        yield peers
    finally:
        dist.destroy_process_group()
