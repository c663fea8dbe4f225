"""A fit from the frame to trained networks: settings, what is learned from, one network each."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from anonymizer.arrays import IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.histories.protection import capped_lengths
from anonymizer.sequences.histories.roles import Histories, Roles, require_number
from anonymizer.sequences.network.lstm import EventNetwork, NetworkConfig
from anonymizer.sequences.training.checkpoint import Checkpoint, fingerprint
from anonymizer.sequences.training.ends import learn_ends
from anonymizer.sequences.training.fit import (
    EVENTS,
    Fitting,
    Networks,
    Read,
    Shard,
    event_network,
    read,
)
from anonymizer.sequences.training.loop import Report, TrainingConfig
from anonymizer.sequences.training.peers import launched, local_device, together
from anonymizer.sequences.training.tuning import tune


@dataclass(frozen=True)
class Settings:
    """How to fit; see `SequenceModel.fit`."""

    seed: int
    max_epochs: int | None
    min_entities: int
    device: str
    tune_minutes: float
    progress: Callable[[str], None]

    def __post_init__(self) -> None:
        """Raise a DataError that names a setting which is none, before anything is read."""
        require_number("seed", self.seed, 0)
        require_number("min_entities", self.min_entities, 1)
        require_number("max_epochs", 1 if self.max_epochs is None else self.max_epochs, 1)
        require_number("tune_minutes", self.tune_minutes, 0, whole=False)
        _ = self.place

    @cached_property
    def place(self) -> torch.device:
        """The device that the event network is trained on."""
        if self.device == "auto":
            return torch.device(local_device() if torch.cuda.is_available() else "cpu")
        try:
            return torch.zeros(1, device=self.device).device
        except (RuntimeError, AssertionError) as error:
            raise DataError(f"there is no device '{self.device}' here: use auto or cpu") from error

    def report(self, what: str, state: Report) -> None:
        """One line of progress; the training may stop before the last epoch."""
        left = f", about {state.seconds_left:.0f} s left" if state.epoch < state.epochs else ""
        self.progress(
            f"{what}: epoch {state.epoch} of at most {state.epochs}, "
            f"held-out loss {state.held_out_loss:.3f} nats{left}"
        )


@dataclass(frozen=True)
class Run:
    """One fit: what is learned from, and how.

    Attributes:
        data: what is learned from.
        settings: how.
        network, training: shape of the event network, and how it is trained.
        shards: more histories, that the event network alone learns from.
    """

    data: Read
    settings: Settings
    network: NetworkConfig
    training: TrainingConfig
    shards: tuple[Shard, ...] = ()

    @classmethod
    def of(
        cls,
        histories: Histories,
        roles: Roles,
        settings: Settings,
        shards: tuple[Shard, ...] = (),
    ) -> "Run":
        """Read histories, and settle on a shape: the usual one, or what a search finds.

        Raises:
            DataError: a column cannot be modelled, or entities are too few.
            MissingExtraError: optuna, which searches, is not installed.
        """
        data = read(histories, roles, settings.seed, settings.min_entities)
        if data.histories.dropped:
            dropped = f"{data.histories.dropped:,}"
            settings.progress(f"{dropped} rows without entity or time are left out")
        large = bool(data.priors.large)
        lengths = _told_lengths(data, shards, settings.min_entities)
        passes, seed = settings.max_epochs, settings.seed
        training = EVENTS.config(lengths, passes, seed, large=large, parts=1 + len(shards))
        run = cls(data, settings, NetworkConfig(data.priors.features), training, shards)
        return run.tuned() if settings.tune_minutes else run

    def tuned(self) -> "Run":
        """The same with the settings that a search finds best."""

        def build(shape: NetworkConfig) -> EventNetwork:
            return event_network(self.data.priors, shape).to(self.settings.place)

        start, minutes = (self.network, self.training), self.settings.tune_minutes
        network, training = tune(self.fitting, build, start, minutes, self.settings.progress)
        torch.manual_seed(self.settings.seed)
        return replace(self, network=network, training=training)

    @property
    def fitting(self) -> Fitting:
        """What trains each network."""
        data, report = self.data, self.settings.report
        return Fitting(data.priors, data.data, data.parts, report, shards=self.shards)

    @property
    def held_out(self) -> Histories:
        """Histories of those who were not learned from."""
        return self.data.histories.select(self.data.parts.held)

    def train(
        self, checkpoint: str | Path | None, *, resume: bool
    ) -> tuple[Networks, dict[str, Any]]:
        """The trained networks of a model, and its card.

        Args:
            checkpoint: a file for the state of the event network's training; removed at the end.
            resume: whether to go on from a state that is there.

        Raises:
            ModelError: that state is of other data or settings.
        """
        store = Checkpoint(Path(checkpoint), self._key, resume) if checkpoint else None
        if store:
            store.load()  # what cannot be resumed is refused before anything is learned
        networks, fitting = Networks.untrained(self.data.priors, self.network), self.fitting
        reports = {"profiles": fitting.profiles(networks.profiles)}
        if networks.counts is not None:
            reports["counts"] = fitting.counts(networks.counts)
        networks.events.to(self.settings.place)
        with together(self.settings.place) as peers:
            among = replace(fitting, peers=peers)
            reports["events"] = among.events(networks.events, self.training, store)
        networks.events.cpu()
        reports["ends"] = learn_ends(fitting, networks, self.settings.min_entities)
        if store and launched().leads:
            store.remove()
        return networks, self._card(reports)

    @property
    def _key(self) -> str:
        """What data and settings are told apart by."""
        others = [shard.digest() for shard in self.shards]
        return fingerprint(self.data.data, self.network, self.training, *others)

    def _card(self, reports: dict[str, Report]) -> dict[str, Any]:
        k, parts = self.settings.min_entities, self.data.parts
        return {
            "entities": len(parts.inside) + sum(len(shard.lengths) for shard in self.shards),
            "held_out_entities": len(parts.held),
            "events": int(_told_lengths(self.data, self.shards, k).sum()),
            "rows_left_out": self.data.histories.dropped,
            "min_entities": k,
            "seed": self.settings.seed,
            "settings": {"network": asdict(self.network), "training": asdict(self.training)},
            "training": {name: asdict(report) for name, report in reports.items()},
        }


def _told_lengths(data: Read, shards: tuple[Shard, ...], k: int) -> IntArray:
    """(E,) events of those learned from; nobody's thousands may be read off card or settings."""
    at_hand = data.histories.lengths[data.parts.inside]
    return capped_lengths(np.concatenate([at_hand, *(each.lengths for each in shards)]), k)
