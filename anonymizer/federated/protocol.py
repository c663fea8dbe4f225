"""What passes between the sites, as plain values; nothing here knows Flower, a cipher or a network.

A run has three parts. First the sites tell each other statistics, stage after stage, sealed against
the server (`sealing.py`); in two stages they count together instead (`counting.py`, `joint/cells`).
Then they train, round after round, and the server learns the mean of what they trained
(`secure_sum.py`). Last they tell how the model is to be calibrated, and each writes it.
"""

from typing import Final, Protocol, TypeAlias

from anonymizer.errors import AnonymizerError
from anonymizer.sequences.model.joint.turns import (
    COMMON,
    LONGEST,
    MINIMUM,
    NOBODY,
    PROFILE,
    STAGES,
    Cells,
    Item,
    Items,
    Turn,
    Update,
    Weights,
)

__all__ = [
    "COMMON",
    "LONGEST",
    "MINIMUM",
    "NOBODY",
    "PROFILE",
    "STAGES",
    "Cells",
    "Item",
    "Items",
    "Turn",
    "Update",
    "Weights",
]

CALIBRATION: Final = "calibration"  # told last, with the weights that were learned
AGGREGATIONS: Final = ("masked", "median", "trimmed")
# All that the server ever hears of what went wrong at a site.
WORDS: Final = ("data", "key", "refused", "not finite", "failed")

Board: TypeAlias = list[dict[str, bytes]]
"""What every site told, one dictionary per stage that is done, by the site's name; what was counted
stands in the name of `NOBODY`."""


class Refused(AnonymizerError):  # noqa: N818 (it is the word that the server hears)
    """A site does not do what it is asked, as it would show more of its data than was agreed."""


class NotFinite(AnonymizerError):  # noqa: N818 (likewise)
    """What a site trained is not a number, or beyond what a sum can carry."""


class Party(Protocol):
    """The part of a site in a run: all of it follows from its data and from the arguments.

    Nothing is kept between calls, as Flower starts a process for every message.
    """

    @property
    def name(self) -> str:
        """Of the site; the server and the other sites know it."""

    def tell(self, stage: str, board: Board) -> bytes:
        """What all sites hear of this one in a stage, given all that was told before."""

    def items(self, board: Board) -> Items:
        """What this site counts together with the others."""

    def cells(self, board: Board) -> Cells:
        """How many of its entities are in which cells, which all count together as well."""

    def share(self, board: Board) -> float:
        """Entities of this site among those of all sites, by the census."""

    def train(self, board: Board, turn: Turn, weights: Weights) -> Update:
        """The update of a turn; `start` comes with no weights."""

    def calibrate(self, board: Board, weights: Weights) -> bytes:
        """What all sites hear of this one once the weights are final."""

    def finish(self, board: Board, weights: Weights, report: dict[str, object]) -> None:
        """Write the model; the board ends with what `calibrate` gave at each site."""
