"""A run over several sites on this machine: each table stands for a site of its own."""

import os
import secrets
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anonymizer.errors import DataError, FederationError, UsageError
from anonymizer.federated.protocol import MINIMUM
from anonymizer.federated.rehearsal.grid import LocalGrid, Nodes, Sites
from anonymizer.federated.rehearsal.workers import Outcome, Rehearsed, Workers
from anonymizer.federated.server import Settings, run_over
from anonymizer.files.sources import Source, open_table
from anonymizer.frames import collect
from anonymizer.sequences.model.joint.ledger import Ledger
from anonymizer.sequences.model.joint.privately import PrivateLocal
from anonymizer.sequences.model.joint.telling import Local
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.private.accountant import Promise
from anonymizer.sequences.training.fit import MIN_ENTITIES

APART = 10_000  # events from which sites in processes of their own are worth the start of those

Progress = Callable[[str], None]


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
    epsilon: float | None = None,
    delta: float | None = None,
    context: Sequence[str] = (),
    progress: Progress = lambda _line: None,
) -> Federated:
    """Learn one model of the histories of several sites, as if no site saw another's.

    All runs on this machine, with the messages that Flower would send: what they would tell, how
    large they would be, how well the model would do. Sites of many events train at the same time,
    in as many processes as there are processors. Where sites are apart, each runs Flower's
    SuperNode: see docs/federated.md.

    Args:
        tables: by the name of a site its table, one row per event.
        entity: column that says whose event it is, the same at all sites.
        time: column that says when.
        min_entities: how many entities must hold a value before it is told to others.
        seed: fixes split, weights and order.
        rounds: of training at most; it stops earlier when held-out entities say so.
        aggregation: `masked`: the server sees means alone; `median` and `trimmed`: it sees the
            weights of each site, and bears sites that send garbage.
        epsilon: of differential privacy at each site, of all that it sends; noise takes the place
            of `min_entities`.
        delta: the chance that the promise of epsilon fails, far below 1 / entities.
        context: columns that hold once per entity, as nobody looks for them with `epsilon`.
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
            together, a site has too few entities, or epsilon and delta promise nothing.
        FederationError: fewer than three sites came to the end.
    """
    if len(tables) < MINIMUM:
        raise DataError(
            f"there are {len(tables)} sites: a run takes {MINIMUM} or more, as each of two would "
            "learn what the other has"
        )
    promise = Promise.of(epsilon, delta)
    if context and not promise:
        raise UsageError("context goes with epsilon: without it, it is found")
    settings = Settings(sites=len(tables), wait=0, rounds=rounds, aggregation=aggregation)
    with tempfile.TemporaryDirectory() as folder:
        locals_ = list[Local]()
        for n, (site, source) in enumerate(tables.items()):
            own = (site, collect(open_table(source)), entity, time, min_entities, seed)
            ledger = Ledger(Path(folder) / f"{n}.spent")
            private = promise and PrivateLocal(*own, promise, tuple(context), ledger)
            locals_.append(private or Local(*own))
        key = Path(folder) / "key"
        key.touch(0o600)
        key.write_text(secrets.token_hex(32))
        nodes: Nodes = {
            n: {"name": site, "key-file": str(key), "aggregation": aggregation}
            for n, site in enumerate(tables, 1)
        }
        return _rehearsed(locals_, nodes, settings, progress)


def _rehearsed(
    locals_: list[Local], nodes: Nodes, settings: Settings, progress: Progress
) -> Federated:
    """A run of sites in this process, or of large ones in as many as there are processors."""
    run = secrets.randbits(63)
    count = min(os.cpu_count() or 1, len(locals_))
    if count == 1 or sum(len(each.frame) for each in locals_) < APART:
        here = Rehearsed.of(locals_, nodes, run)
        return _run(here.sites, run, here.outcome, settings, progress)
    shares: list[list[Local]] = [[] for _ in range(count)]
    for each in sorted(locals_, key=lambda local: -len(local.frame)):
        min(shares, key=lambda share: sum(len(other.frame) for other in share)).append(each)
    with Workers(shares, nodes, run) as workers:
        return _run(workers, run, workers.outcome, settings, progress)


def _run(
    sites: Sites, run: int, outcome: Callable[[], Outcome], settings: Settings, progress: Progress
) -> Federated:
    """The run, or what the first site found wrong: here its text need not stay at the site.

    Raises:
        FederationError: too few sites came to the end, and none says why.
    """
    try:
        report = run_over(LocalGrid(sites, run), settings, progress)
    except FederationError:
        for trouble in outcome().trouble:
            raise trouble from None
        raise
    model = outcome().model
    if model is None:  # all who had it have crashed since
        raise FederationError("no model: the processes of all sites have ended")
    return Federated(model, report)
