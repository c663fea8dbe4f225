"""Three shops that tell each other what they know, as plain values that have been JSON."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from anonymizer.sequences.model.joint.agreement import Agreement
from anonymizer.sequences.model.joint.cells import runs
from anonymizer.sequences.model.joint.privately import agreement_of
from anonymizer.sequences.model.joint.telling import Local
from anonymizer.sequences.model.joint.turns import COMMON, NOBODY, PROFILE, STAGES, Cells, Items
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
    """What sites with these tables agree on after some stages."""
    return told_by([local(name, frame) for name, frame in frames.items()], stages)


def told_by(sites: Sequence[Local], stages: int = len(STAGES)) -> Agreement:
    """What sites agree on after some stages."""
    board: list[dict[str, Any]] = []
    for stage in STAGES[:stages]:
        agreed = agreement_of(board)
        if stage == COMMON:
            board = [*board, counted([site.items(agreed) for site in sites])]
        elif stage == PROFILE:
            board = [*board, summed([site.cells(agreed) for site in sites])]
        else:
            board = [*board, {site.site: _plain(site.tell(agreed)) for site in sites}]
    return agreement_of(board)


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """As it comes out of JSON."""
    return dict(json.loads(json.dumps(told)))


def counted(sites: list[Items]) -> dict[str, Any]:
    """What so many entities of all sites hold as have to, as a stage; counted in the open."""
    held = Counter[bytes]()
    for own in sites:
        held.update({item.text: item.held for item in own.own})
    told = [each for each in sorted(held) if held[each] >= sites[0].least]
    return {NOBODY: {"items": [[each.decode(), held[each]] for each in told]}}


def summed(sites: list[Cells]) -> dict[str, Any]:
    """Runs of the cells that entities of all sites are in, as a stage; counted in the open."""
    grids = zip(*(site.counts for site in sites), strict=True)
    told = [runs(np.sum(grid, axis=0), sites[0].least) for grid in grids]
    return {NOBODY: {"runs": [[run.to_dict(), held.tolist()] for run, held in told]}}
