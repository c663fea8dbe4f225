"""`SequenceModel`: fit, sample, score, save and load."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from anonymizer.errors import DataError, ModelError
from anonymizer.sequences import artifact
from anonymizer.sequences.codec import HELD_OUT, HistoryCodec
from anonymizer.sequences.detection import surprise
from anonymizer.sequences.events import IntArray, assign_roles, read_histories, require, split
from anonymizer.sequences.fitting import Fitting, Split, event_config
from anonymizer.sequences.generation import BLOCK, Sampler
from anonymizer.sequences.network import (
    FIELDS,
    EventNetwork,
    MarkNetwork,
    NetworkConfig,
    basis,
)
from anonymizer.sequences.quota_network import QuotaNetwork
from anonymizer.sequences.training import Report

MIN_ENTITIES = 5  # entities that must hold a value before the model may know it

Progress = Callable[[str], None]


@dataclass(frozen=True)
class SequenceModel:
    """A generative LSTM over event histories.

    Attributes:
        codec: what was learned of columns, time and entities.
        config: shape of the event network.
        events, marks, quotas: the trained networks; no quotas where few entities have long
            histories.
        card: counts and losses of the training.
    """

    codec: HistoryCodec
    config: NetworkConfig
    events: EventNetwork
    marks: MarkNetwork
    quotas: QuotaNetwork | None
    card: dict[str, Any]

    @classmethod
    def fit(
        cls,
        frame: pl.DataFrame,
        *,
        entity: str,
        time: str,
        fields: Sequence[str] | None = None,
        context: Sequence[str] | None = None,
        seed: int = 0,
        max_epochs: int | None = None,
        min_entities: int = MIN_ENTITIES,
        progress: Progress = lambda _line: None,
    ) -> "SequenceModel":
        """Learn the histories in a frame.

        Args:
            frame: one row per event.
            entity: column that says whose event it is.
            time: column that says when, Date or Datetime. Ties keep the order of the rows.
            fields: columns to learn per event; all others by default.
            context: columns that hold once per entity; found by default.
            seed: fixes split, weights and order, so that the same data gives the same model.
            max_epochs: a bound on training; it stops earlier when held-out entities say so.
            min_entities: how many entities must hold a value before the model may know it.
            progress: told a line after each epoch.

        Raises:
            DataError: a column is absent or cannot be modelled, or entities are too few.
        """
        roles = assign_roles(frame, entity, time, fields, context)
        histories = read_histories(frame, roles)
        entities = len(histories.lengths)
        if entities < max(min_entities, 2):
            raise DataError(
                f"there are {entities} entities and min_entities is {min_entities}: a model of so "
                "few would describe persons; give more, or lower min_entities"
            )
        torch.manual_seed(seed)
        parts = Split(*split(entities, HELD_OUT, seed), seed)
        learned_from = histories.select(parts.inside)
        codec = HistoryCodec.learn(learned_from, roles, frame.columns, min_entities)
        data = codec.encode(histories)
        model = cls.untrained(codec, NetworkConfig(codec.assembly.features))

        def report(what: str, state: Report) -> None:
            progress(_line(what, state))

        fitting = Fitting(codec, data, parts, report)
        fitted = {"marks": fitting.marks(model.marks)}
        if model.quotas is not None:
            fitted["quotas"] = fitting.quotas(model.quotas)
        config = event_config(learned_from.lengths, max_epochs, seed)
        fitted["events"] = fitting.events(model.events, config)
        model.card.update(
            entities=len(parts.inside),
            held_out_entities=len(parts.held),
            events=len(learned_from.rows),
            rows_without_entity_or_time=histories.dropped,
            min_entities=min_entities,
            seed=seed,
            training={name: asdict(result) for name, result in fitted.items()},
        )
        return model

    @classmethod
    def untrained(cls, codec: HistoryCodec, config: NetworkConfig) -> "SequenceModel":
        """Networks of the right shape."""
        heads = len(codec.head_sizes)
        events, marks = codec.usual[:heads], codec.usual[heads:]
        of_events = [basis(u, o) for u, o in zip(events, codec.orders, strict=True)]
        of_marks = [basis(u, o) for u, o in zip(marks, codec.marks.orders, strict=True)]
        bases = [torch.from_numpy(each).float() for each in marks]
        return cls(
            codec,
            config,
            EventNetwork(config, of_events, of_marks),
            MarkNetwork(of_marks, bases),
            QuotaNetwork(codec.quotas.blocks) if codec.tells_quotas else None,
            {},
        )

    def sample(self, entities: int, *, seed: int = 0) -> pl.DataFrame:
        """Histories of entities that do not exist, with the columns and types of the input.

        The same seed gives the same histories; the first 100 of 1,000 are the 100.
        """
        return pl.concat(list(self.sample_blocks(entities, seed=seed)))

    def sample_blocks(self, entities: int, *, seed: int = 0) -> Iterator[pl.DataFrame]:
        """The same in pieces of a few hundred histories, so that memory stays bounded.

        Raises:
            DataError: less than one entity is asked for.
        """
        if entities < 1:
            raise DataError("ask for at least one entity")
        for number in range(-(-entities // BLOCK)):
            data, uniform = self._sampler.block(number, seed)
            wanted = min(BLOCK, entities - number * BLOCK)
            events = int(data.offsets[wanted])
            frame = self.codec.decode(data, uniform, number * BLOCK + 1)
            yield frame.head(events)

    @property
    def _sampler(self) -> Sampler:
        quotas = self.quotas and self.quotas.eval()
        return Sampler(self.codec, self.marks.eval(), quotas, self.events.eval())

    def score(self, frame: pl.DataFrame) -> pl.DataFrame:
        """How strange each event is, given the events before it.

        Returns:
            the frame with `anomaly_score` and its parts `anomaly_<column>`, which add up to it;
            null where entity or time is null. A part is −log P(as strange or stranger), in nats,
            by the model's likelihood given all earlier events; it is about 1 on average.

        Raises:
            DataError: a column that the model knows is absent.
        """
        roles = self.codec.roles
        require(frame, *roles.columns)
        histories = read_histories(frame, roles)
        data = self.codec.encode(histories, bounded=False)
        parts = surprise(self.events, data, self.codec) + self.codec.outside(histories)  # (N, J)
        return _attach(frame, histories.rows, parts, roles.time, list(self.codec.fields))

    def save(self, folder: str | Path) -> None:
        """Write a model folder; an older model in its place is replaced."""
        weights = {
            f"{name}.{key}": value
            for name, network in self.networks.items()
            for key, value in network.state_dict().items()
        }
        settings = {
            "config": self.config.to_dict(),
            "codec": self.codec.to_dict(),
            "card": self.card,
        }
        artifact.write(Path(folder), weights, settings, self.describe())

    @property
    def networks(self) -> dict[str, nn.Module]:
        """The trained networks by name."""
        networks = {"events": self.events, "marks": self.marks, "quotas": self.quotas}
        return {name: network for name, network in networks.items() if network is not None}

    @classmethod
    def load(cls, folder: str | Path) -> "SequenceModel":
        """Read a model folder; nothing in it is executed.

        Raises:
            ModelError: it is no model folder, damaged, or of another version.
        """
        weights, settings = artifact.read(Path(folder))
        try:
            config = NetworkConfig(**settings["config"])
            model = cls.untrained(HistoryCodec.from_dict(settings["codec"]), config)
            for name, network in model.networks.items():
                network.load_state_dict(_under(f"{name}.", weights))
            model.card.update(settings["card"])
        except (KeyError, TypeError, RuntimeError) as error:
            raise ModelError(
                f"the model folder {folder} is damaged: fit the model again"
            ) from error
        return model

    def describe(self) -> str:
        """A model card in Markdown: counts, losses and limits."""
        card, training = self.card, self.card["training"]["events"]
        lines = [
            "# Model of event histories",
            "",
            f"Learned from {card['events']:,} events of {card['entities']:,} entities.",
            f"{card['held_out_entities']:,} more entities decided when to stop.",
            "",
            f"Held-out loss: {training['held_out_loss']:.3f} nats per event.",
            f"Training: {training['epochs']} epochs, {training['seconds']:.0f} s.",
            "",
            f"No value that fewer than {card['min_entities']} entities hold is in this folder.",
            *(f"- {name}: {count:,}" for name, count in self.codec.protected.items()),
            "",
            "Samples resemble the data in distribution; run the checks before they are shared.",
        ]
        return "\n".join(lines) + "\n"


def _under(prefix: str, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}


def _attach(
    frame: pl.DataFrame, rows: IntArray, parts: np.ndarray[Any, Any], time: str, fields: list[str]
) -> pl.DataFrame:
    """Scores in the row order of the frame."""
    table = pl.DataFrame({"\0row": rows, "anomaly_score": parts.sum(1)}).with_columns(
        pl.Series(_part(time), parts[:, :FIELDS].sum(1)),
        *(pl.Series(_part(name), parts[:, j]) for j, name in enumerate(fields, FIELDS)),
    )
    numbered = frame.with_columns(pl.Series("\0row", np.arange(len(frame)), pl.Int64))
    return numbered.join(table, on="\0row", how="left", maintain_order="left").drop("\0row")


def _part(column: str) -> str:
    """The name of a column's part; a column called `score` must not take the total's."""
    return "anomaly_of_score" if column == "score" else f"anomaly_{column}"


def _line(what: str, state: Report) -> str:
    """One line of progress; marks and quotas take seconds and are told once."""
    left = f", about {state.seconds_left:.0f} s left" if state.epoch < state.epochs else ""
    return (
        f"{what}: epoch {state.epoch} of {state.epochs}, "
        f"held-out loss {state.held_out_loss:.3f} nats{left}"
    )
