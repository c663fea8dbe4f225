"""A run over several sites in this process: each table stands for a site of its own."""

import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anonymizer.errors import DataError, FederationError
from anonymizer.federated.grid import LocalGrid
from anonymizer.federated.party import SequenceParty
from anonymizer.federated.protocol import MINIMUM
from anonymizer.federated.server import Settings, run_over
from anonymizer.federated.site import client_app
from anonymizer.files.sources import Source, open_table
from anonymizer.frames import collect
from anonymizer.sequences.model.joint.telling import Local
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.training.fit import MIN_ENTITIES

Progress = Callable[[str], None]
Config = dict[str, str | int | float | bool]


@dataclass(frozen=True)
class Federated:
    """What came of a run.

    Attributes:
        model: of all sites together.
        report: how the run went: `sites`, `left` (who left where and why), `losses` after each
            round, `steps` with seconds and with bytes to each site and from each, `seconds`.
    """

    model: SequenceModel
    report: dict[str, Any]


def federate(
    tables: Mapping[str, Source],
    *,
    entity: str,
    time: str,
    min_entities: int = MIN_ENTITIES,
    seed: int = 0,
    rounds: int = Settings.rounds,
    aggregation: str = "masked",
    progress: Progress = lambda _line: None,
) -> Federated:
    """Learn one model of the histories of several sites, as if no site saw another's.

    All runs in this process, with the messages that Flower would send: what they would tell, how
    large they would be, how well the model would do. Where sites are apart, each runs Flower's
    SuperNode: see docs/federated.md.

    Args:
        tables: by the name of a site its table, one row per event.
        entity: column that says whose event it is, the same at all sites.
        time: column that says when.
        min_entities: how many entities of one site must hold a value before it is told to others.
        seed: fixes split, weights and order.
        rounds: of training at most; it stops earlier when held-out entities say so.
        aggregation: `masked`: the server sees means alone; `median` and `trimmed`: it sees the
            weights of each site, and bears sites that send garbage.
        progress: told a line after each stage and each round.

    Example:
        >>> from datetime import date
        >>> import polars as pl
        >>> shop = pl.DataFrame(
        ...     {
        ...         "customer": [n // 3 for n in range(60)],
        ...         "day": [date(2024, 1, 1 + n % 3 * 9) for n in range(60)],
        ...         "item": [("tea", "milk", "bread")[(n // 3 + n) % 3] for n in range(60)],
        ...     }
        ... )
        >>> shops = {name: shop for name in ("north", "south", "east")}
        >>> found = federate(shops, entity="customer", time="day", rounds=1)
        >>> found.report["sites"], found.model.sample(5)["customer"].n_unique()
        (['east', 'north', 'south'], 5)

    Raises:
        DataError: sites are fewer than three, a column is absent or of types that do not go
            together, or a site has too few entities.
        FederationError: fewer than three sites came to the end.
    """
    if len(tables) < MINIMUM:
        raise DataError(
            f"there are {len(tables)} sites: a run takes {MINIMUM} or more, as each of two would "
            "learn what the other has"
        )
    made: list[SequenceModel] = []
    parties = {
        site: SequenceParty(
            Local(site, collect(open_table(source)), entity, time, min_entities, seed),
            keep=made.append,
        )
        for site, source in tables.items()
    }
    settings = Settings(sites=len(parties), wait=0, rounds=rounds, aggregation=aggregation)
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key"
        key.touch(0o600)
        key.write_text(secrets.token_hex(32))
        nodes: dict[int, Config] = {
            n: {"name": site, "key-file": str(key), "aggregation": aggregation}
            for n, site in enumerate(parties, 1)
        }
        app = client_app(lambda config: parties[str(config["name"])])
        grid = LocalGrid(app, nodes, run=secrets.randbits(63))
        try:
            report = run_over(grid, settings, progress)
        except FederationError:
            for party in parties.values():
                if party.trouble:  # here its text need not stay at the site
                    raise party.trouble[0] from None
            raise
    return Federated(made[0], report)
