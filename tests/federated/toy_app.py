"""Flower's apps of a short run over toy parties, each of which writes what it has at the end.

A message through a SuperNode takes seconds: one stage is told, and one turn is trained.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from anonymizer.federated import server, site
from anonymizer.federated.protocol import Board, Turn, Update, Weights
from anonymizer.federated.site import client_app
from tests.federated.toy import Toy, toys

for module in (server, site):
    vars(module)["STAGES"] = ("census",)


class Writer(Toy):
    """A toy that begins with what others train, and keeps its model in a file."""

    file: Path

    def train(self, board: Board, turn: Turn, weights: Weights) -> Update:  # noqa: ARG002
        """The mean of its entities."""
        assert turn.phase == "start"
        return Update({"events": self.rows.mean(0).astype(np.float32)}, {})

    def calibrate(self, board: Board, weights: Weights) -> bytes:  # noqa: ARG002
        """Something."""
        return b"5"

    def finish(self, board: Board, weights: Weights, report: dict[str, object]) -> None:  # noqa: ARG002
        """Write the weights of the events."""
        assert len(board) == 2
        np.save(self.file, weights["events"])


def party_of(config: Mapping[str, str | int | float | bool]) -> Toy:
    """By number, with its `model` where the site says."""
    toy = toys(3)[int(config["number"])]
    party = Writer(toy.name, toy.rows)
    party.file = Path(str(config["model"]))
    return party


app = client_app(party_of)
server_app = server.app
