"""What passes between the sites, as plain values; nothing here knows Flower, a cipher or a network.

A run has three parts. First the sites tell each other statistics, stage after stage, sealed against
the server (`sealing.py`). Then they train, round after round, and the server learns the mean of
what they trained (`secure_sum.py`). Last they tell how the model is to be calibrated, and each
writes the model where it keeps it.
"""

from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from anonymizer.arrays import SmallFloatArray
from anonymizer.errors import AnonymizerError

STAGES: Final = ("census", "derivation", "verdict", "codec", "profile", "priors")
CALIBRATION: Final = "calibration"  # told last, with the weights that were learned
PHASES: Final = ("start", "networks", "ends")
MINIMUM: Final = 3  # sites; of two, each would learn the other's part of every sum
AGGREGATIONS: Final = ("masked", "median", "trimmed")
# All that the server ever hears of what went wrong at a site.
WORDS: Final = ("data", "key", "refused", "not finite", "failed")

Board: TypeAlias = list[dict[str, bytes]]
"""What every site told, one dictionary per stage that is done, by the site's name."""
Weights: TypeAlias = dict[str, SmallFloatArray]
"""The weights of each network as one vector, by the network's name."""


class Refused(AnonymizerError):  # noqa: N818 (it is the word that the server hears)
    """A site does not do what it is asked, as it would show more of its data than was agreed."""


class NotFinite(AnonymizerError):  # noqa: N818 (likewise)
    """What a site trained is not a number, or beyond what a sum can carry."""


@dataclass(frozen=True)
class Turn:
    """What the sites are asked to train; the seed of what is drawn follows from it.

    Attributes:
        phase: `start` asks for weights to begin with, `networks` and `ends` for training.
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


class Party(Protocol):
    """The part of a site in a run: all of it follows from its data and from the arguments.

    Nothing is kept between calls, as Flower starts a process for every message.
    """

    @property
    def name(self) -> str:
        """Of the site; the server and the other sites know it."""

    def tell(self, stage: str, board: Board) -> bytes:
        """What all sites hear of this one in a stage, given all that was told before."""

    def share(self, board: Board) -> float:
        """Entities of this site among those of all sites, by the census."""

    def train(self, board: Board, turn: Turn, weights: Weights) -> Update:
        """The update of a turn; `start` comes with no weights."""

    def calibrate(self, board: Board, weights: Weights) -> bytes:
        """What all sites hear of this one once the weights are final."""

    def finish(self, board: Board, weights: Weights, report: dict[str, object]) -> None:
        """Write the model; the board ends with what `calibrate` gave at each site."""
