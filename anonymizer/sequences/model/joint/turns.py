"""What sites are asked for, in which order; nothing here needs torch."""

from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from anonymizer.arrays import IntArray, SmallFloatArray

STAGES: Final = ("census", "derivation", "common", "verdict", "codec", "profile", "priors")
MINIMUM: Final = 3  # sites; of two, each would learn the other's part of every sum
LONGEST: Final = 96  # bytes of the text of an item
COMMON: Final = "common"  # a stage that no site tells: they count together what entities hold
PROFILE: Final = "profile"  # likewise, of how long histories are
NOBODY: Final = ""  # in whose name a stage stands that no site tells
PHASES: Final = ("count", "cells", "start", "networks", "ends")

Weights: TypeAlias = dict[str, SmallFloatArray]
"""The weights of each network as one vector, by the network's name."""


class Item(NamedTuple):
    """Something that entities of a site hold, and that it does not tell by itself.

    Attributes:
        text: says what.
        held: by how many entities.
    """

    text: bytes
    held: int


class Items(NamedTuple):
    """What a site counts together with others.

    Attributes:
        least: how many entities of all sites must hold an item before it is named.
        room: for how many items of all sites there is room; the same at all of them.
        own: those of the site.
    """

    least: int
    room: int
    own: list[Item]


class Cells(NamedTuple):
    """How many entities of a site are in each cell, of several grids.

    Attributes:
        least: how many of all sites must be in what is told of them.
        counts: of each grid (C,).
    """

    least: int
    counts: list[IntArray]


@dataclass(frozen=True)
class Turn:
    """What the sites are asked to do at once; the seed of what is drawn follows from it.

    Attributes:
        phase: `count` and `cells` ask for what is counted together, `start` for weights to begin
            with, `networks` and `ends` for training.
        round: from 1. The one after the last asks for the losses alone.
        rounds: how many there are of this phase.
        attempt: from 0; a turn that was void is trained anew under the next number.
    """

    phase: str
    round: int
    rounds: int
    attempt: int

    @property
    def only_losses(self) -> bool:
        """Whether nothing need be trained: weights may go back as they came."""
        return self.round > self.rounds

    @property
    def order(self) -> tuple[int, int, int]:
        """Later turns of a run are greater."""
        return PHASES.index(self.phase), self.round, self.attempt

    def __str__(self) -> str:
        again = f", attempt {self.attempt + 1}" * (self.attempt > 0)
        return f"{self.phase} {self.round}{again}"


@dataclass(frozen=True)
class Update:
    """What a site makes of a turn.

    Attributes:
        weights: of the networks that were trained; the others stay as they are.
        losses: by network, of the weights that came in, on entities of the site that are held out:
            the sum in nats, and of how many units.
    """

    weights: Weights
    losses: dict[str, tuple[float, float]]
