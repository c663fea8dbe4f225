"""Parties and runs for tests: what is learned is the mean of a table of numbers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import Message, RecordDict
from flwr.clientapp import ClientApp

from anonymizer.errors import DataError
from anonymizer.federated.protocol import Board, Cells, Item, Items, Turn, Update, Weights
from anonymizer.federated.rehearsal.grid import Here, LocalGrid, Wire, serialised
from anonymizer.federated.server import Settings, run_over
from anonymizer.federated.site import client_app

SECRET = "d41f9a7c5be82360aa17c3f0e6b4925d"
WIDTH = 40
CELLS = 500
FAST = Settings(sites=5, rounds=4, ends_rounds=1, patience=2, deadline=0.2, wait=0.2)


@dataclass
class Toy:
    """A site whose entities are rows of numbers; training moves half-way to their mean."""

    name: str
    rows: np.ndarray[Any, np.dtype[np.float64]]
    done: dict[str, Any] = field(default_factory=dict)
    asked: int = 0
    trouble: Callable[[str, Update | None], Update | None] = lambda _, update: update

    def tell(self, stage: str, board: Board) -> bytes:
        """The number of entities; later, what was told before is counted, too."""
        self.trouble(stage, None)
        return json.dumps([len(self.rows), len(board), f"{self.name} knows"]).encode()

    def items(self, board: Board) -> Items:
        """A word that all have, and one that none of the others does."""
        assert len(board) == 2
        self.asked += 1
        self.trouble(f"count {self.asked}", None)
        words = {"all have this": 2, f"{self.name} has this": 4}
        return Items(5, 64, [Item(text.encode(), held) for text, held in words.items()])

    def cells(self, board: Board) -> Cells:
        """All entities are in the same cell but for one, which is in another at every site."""
        assert len(board) == 5
        self.trouble("cells 1", None)
        days = np.zeros(CELLS, np.int64)
        days[[200, 300 + ord(self.name[-1])]] = len(self.rows) - 1, 1
        return Cells(3, [days, np.array([0, len(self.rows)])])

    def share(self, board: Board) -> float:
        """By the census."""
        sizes = {site: json.loads(told)[0] for site, told in board[0].items()}
        return float(sizes[self.name] / sum(sizes.values()))

    def train(self, board: Board, turn: Turn, weights: Weights) -> Update:
        """Half the way."""
        assert len(board) == 7
        if turn.phase == "start":
            nothing = np.zeros(WIDTH, np.float32)
            found = Update({"events": nothing, "ends": nothing[:3]}, {})
        else:
            name = {"networks": "events", "ends": "ends"}[turn.phase]
            goal = self.rows.mean(0)[: weights[name].size]
            rng = np.random.default_rng(turn.attempt)
            new = (weights[name] + goal) / 2 + turn.attempt * rng.normal(0, 1e-3, goal.size)
            away = float(np.square(weights[name] - goal).sum()) * len(self.rows)
            found = Update({name: new.astype(np.float32)}, {name: (away, len(self.rows))})
        changed = self.trouble(str(turn), found)
        assert changed is not None
        return changed

    def calibrate(self, board: Board, weights: Weights) -> bytes:
        """Something."""
        assert len(board) == 7
        self.trouble("calibration", None)
        return f"{weights['events'].sum():.2f}".encode()

    def finish(self, board: Board, weights: Weights, report: dict[str, object]) -> None:
        """Keep it."""
        assert len(board) == 8
        self.trouble("finish", None)
        self.done |= {"weights": weights, "report": report}
        self.done |= {"common": board[2], "spans": board[5], "calibration": board[-1]}


def toys(sites: int = 5) -> list[Toy]:
    """Sites of different sizes around different means."""
    rng = np.random.default_rng(7)
    return [
        Toy(f"site {chr(97 + n)}", rng.normal(n / 4, 1, (20 * (n + 1), WIDTH)))
        for n in range(sites)
    ]


def key_file(folder: Path, secret: str = SECRET, name: str = "key") -> str:
    """A file with a key."""
    file = folder / name
    file.write_text(secret)
    file.chmod(0o600)
    return str(file)


def app_of(parties: list[Toy]) -> ClientApp:
    """An app whose parties are these, by number."""

    def party_of(config: Mapping[str, str | int | float | bool]) -> Toy:
        return parties[int(config["number"])]

    return client_app(party_of)


def grid_of(parties: list[Toy], folder: Path, wire: Wire | None = None, **config: Any) -> LocalGrid:
    """Their grid, whose sites share a key."""
    file = key_file(folder)
    nodes: dict[int, dict[str, Any]] = {
        n + 1: {"number": n, "name": party.name, "key-file": file} | config
        for n, party in enumerate(parties)
    }
    run = 2**63 + 5
    return LocalGrid(Here(app_of(parties), nodes, run), run, wire)


@dataclass
class Ear:
    """A wire that keeps all that passes, and lets a test change it.

    Attributes:
        change: what becomes of a message, by its node, way and step; None: it is lost.
        heard: node, way, kind and pieces of each message.
    """

    change: Callable[[int, str, Message], Message | None] = lambda _node, _way, message: message
    heard: list[tuple[int, str, str, bytes]] = field(default_factory=list)
    contents: list[tuple[int, str, RecordDict]] = field(default_factory=list)

    def __call__(self, node: int, way: str, message: Message) -> Message | None:
        """Hear a message."""
        pieces = b"".join(serialised(message).values())
        self.heard.append((node, way, message.metadata.message_type, pieces))
        if message.has_content():
            self.contents.append((node, way, message.content))
        return self.change(node, way, message)


def run(
    parties: list[Toy],
    folder: Path,
    settings: Settings = FAST,
    wire: Wire | None = None,
    **config: Any,
) -> dict[str, Any]:
    """A whole run."""
    return run_over(grid_of(parties, folder, wire, **config), settings)


def fails(place: str, error: BaseException | None = None) -> Callable[[str, Update | None], Any]:
    """Trouble at one place."""

    def trouble(here: str, update: Update | None) -> Update | None:
        if here == place:
            raise error or DataError("row 4711 of Mr Smith")
        return update

    return trouble
