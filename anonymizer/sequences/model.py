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
from anonymizer.sequences.batches import BUDGET, FEATURES, Encoded, buckets, step_budget, windows
from anonymizer.sequences.codec import HELD_OUT, HistoryCodec
from anonymizer.sequences.detection import surprise
from anonymizer.sequences.events import IntArray, assign_roles, read_histories, require, split
from anonymizer.sequences.generation import BLOCK, Sampler
from anonymizer.sequences.network import FIELDS, EventNetwork, NetworkConfig, State, TraitNetwork
from anonymizer.sequences.training import Fitted, Loss, TrainingConfig, train

MIN_ENTITIES = 5  # entities that must hold a value before the model may know it
HIDDEN = 0.5  # share of training histories whose traits are hidden, as they are in scoring
TRAIT_BATCH = 128  # entities per training step of the traits

Progress = Callable[[str], None]
Report = Callable[[int, float], None]  # epoch and held-out loss


@dataclass(frozen=True)
class Split:
    """Entities to learn from and entities that decide when to stop, and the seed of it all."""

    inside: IntArray
    held: IntArray
    seed: int

    def rng(self, epoch: int) -> np.random.Generator:
        """The randomness of one epoch; 0 is the held-out evaluation's."""
        return np.random.default_rng((self.seed, epoch))


@dataclass(frozen=True)
class SequenceModel:
    """A generative LSTM over event histories.

    Attributes:
        codec: what was learned of columns, time and entities.
        config: shape of the network.
        events, traits: the two trained networks.
        card: counts and losses of the training.
    """

    codec: HistoryCodec
    config: NetworkConfig
    events: EventNetwork
    traits: TraitNetwork
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
        config = NetworkConfig(codec.head_sizes, tuple(codec.traits.sizes), FEATURES)
        training = TrainingConfig() if max_epochs is None else TrainingConfig(max_epochs)
        model = cls(codec, config, EventNetwork(config), TraitNetwork(config), {})
        fitted = {
            "traits": _fit_traits(model.traits, data, parts, training, _line("traits", progress)),
            "events": _fit_events(model, data, parts, training, _line("events", progress)),
        }
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
        return Sampler(
            self.traits.eval(),
            self.events.eval(),
            self.codec.traits,
            self.codec.timeline,
            self.codec.forbidden,
            self.codec.nothing,
        )

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
        weights = {f"events.{k}": v for k, v in self.events.state_dict().items()}
        weights |= {f"traits.{k}": v for k, v in self.traits.state_dict().items()}
        settings = {
            "config": self.config.to_dict(),
            "codec": self.codec.to_dict(),
            "card": self.card,
        }
        artifact.write(Path(folder), weights, settings, self.describe())

    @classmethod
    def load(cls, folder: str | Path) -> "SequenceModel":
        """Read a model folder; nothing in it is executed.

        Raises:
            ModelError: it is no model folder, damaged, or of another version.
        """
        weights, settings = artifact.read(Path(folder))
        try:
            config = NetworkConfig.from_dict(settings["config"])
            codec = HistoryCodec.from_dict(settings["codec"])
            model = cls(codec, config, EventNetwork(config), TraitNetwork(config), settings["card"])
            model.events.load_state_dict(_under("events.", weights))
            model.traits.load_state_dict(_under("traits.", weights))
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


def _fit_traits(
    module: TraitNetwork, data: Encoded, parts: Split, config: TrainingConfig, report: Report
) -> Fitted:
    tokens = torch.from_numpy(data.traits)
    module.chain.start_at(_frequencies(data.traits[parts.inside], module.chain.out))

    def steps(order: IntArray) -> Iterator[Loss]:
        for start in range(0, len(order), TRAIT_BATCH):
            batch = tokens[order[start : start + TRAIT_BATCH]]
            yield module(batch)[1].sum(), len(batch)

    return train(
        module,
        lambda epoch: steps(parts.rng(epoch).permutation(parts.inside)),
        lambda: steps(parts.held),
        config,
        per_step=float(min(TRAIT_BATCH, len(parts.inside))),
        progress=report,
    )


def _fit_events(
    model: SequenceModel, data: Encoded, parts: Split, config: TrainingConfig, report: Report
) -> Fitted:
    module, codec, lengths = model.events, model.codec, data.span.length
    budget = step_budget(int(lengths[parts.inside].sum()))
    module.heads.start_at(_frequencies(data.select(parts.inside).tokens, module.heads.out))

    def steps(batches: list[IntArray], rng: np.random.Generator) -> Iterator[Loss]:
        for batch in batches:
            known = rng.random(len(batch)) >= HIDDEN
            state: State | None = None
            for window in windows(data, batch, known, codec.timeline, codec.nothing):
                _, loss, state = module(window.inputs, window.targets, state)
                state = (state[0].detach(), state[1].detach())
                yield loss.sum(), int(window.real.sum())

    def shuffled(epoch: int) -> Iterator[Loss]:
        rng = parts.rng(epoch)
        batches = buckets(lengths, rng.permutation(parts.inside), budget)
        return steps([batches[i] for i in rng.permutation(len(batches))], rng)

    return train(
        module,
        shuffled,
        lambda: steps(buckets(lengths, parts.held, 4 * BUDGET), parts.rng(0)),
        config,
        per_step=budget,
        progress=report,
    )


def _frequencies(tokens: IntArray, out: nn.ModuleList) -> list[Tensor]:
    """How often each token of each head occurs."""
    sizes = [len(layer.bias) for layer in out]  # type: ignore[arg-type]
    counts = [np.bincount(tokens[:, j], minlength=n) for j, n in enumerate(sizes)]
    return [torch.from_numpy(count) for count in counts]


def _line(what: str, progress: Progress) -> Report:
    return lambda epoch, loss: progress(f"{what}: epoch {epoch}, held-out loss {loss:.3f} nats")
