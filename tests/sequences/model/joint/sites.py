"""Three shops that tell each other what they know, as plain values that have been JSON."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from anonymizer.sequences.model.joint.agreement import Agreement
from anonymizer.sequences.model.joint.telling import Local
from anonymizer.sequences.model.joint.turns import STAGES
from tests.sequences.conftest import make_shop

NAMES = ("east", "north", "south")
K = 5


def local(site: str, frame: pl.DataFrame) -> Local:
    """A site of a shop."""
    return Local(site, frame, "customer", "time", K, 0)


def shops(*sizes: int) -> dict[str, pl.DataFrame]:
    """Tables of so many customers, none of whom is in two of them."""
    return {
        name: make_shop(n, seed) for seed, (name, n) in enumerate(zip(NAMES, sizes, strict=True))
    }


def told(frames: Mapping[str, pl.DataFrame], stages: int = len(STAGES)) -> Agreement:
    """What the sites agree on after some stages."""
    sites = [local(name, frame) for name, frame in frames.items()]
    board: list[dict[str, Any]] = []
    for _ in range(stages):
        agreed = Agreement(board)
        board = [*board, {site.site: json.loads(json.dumps(site.tell(agreed))) for site in sites}]
    return Agreement(board)
