"""Flower's app of sites with toy parties, each of which writes what it has at the end."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from anonymizer.federated.protocol import Board, Turn, Update, Weights
from anonymizer.federated.site import client_app
from tests.federated.toy import Toy, toys


class Writer(Toy):
    """A toy that begins with what others train, and keeps its model in a file."""

    file: Path

    def train(self, board: Board, turn: Turn, weights: Weights) -> Update:  # noqa: ARG002
        """The mean of its entities: a message through a SuperNode takes seconds, so one will do."""
        assert turn.phase == "start"
        assert len(board) == 6
        return Update({"events": self.rows.mean(0).astype(np.float32)}, {})

    def finish(self, board: Board, weights: Weights, report: dict[str, object]) -> None:
        """Write the weights of the events."""
        super().finish(board, weights, report)
        np.save(self.file, weights["events"])


def party_of(config: Mapping[str, str | int | float | bool]) -> Toy:
    """By number, with its `model` where the site says."""
    toy = toys(3)[int(config["number"])]
    party = Writer(toy.name, toy.rows)
    party.file = Path(str(config["model"]))
    return party


app = client_app(party_of)
