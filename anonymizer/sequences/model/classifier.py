"""A classifier where there are labels: which events carry one, from the histories before them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import Tensor, nn
from torch.nn import functional

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.errors import DataError
from anonymizer.frames import IntoFrame, eager
from anonymizer.provenance import Provenance
from anonymizer.sequences.histories.protection import capped_lengths
from anonymizer.sequences.histories.roles import (
    Histories,
    assign_roles,
    read_histories,
    require,
    require_number,
    split,
)
from anonymizer.sequences.model import folder as model_folder
from anonymizer.sequences.model.validation import read_codec
from anonymizer.sequences.network.batches import BUDGET, buckets, step_budget, window_count
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import Encoded, indices
from anonymizer.sequences.tokens.heads import FIELDS
from anonymizer.sequences.tokens.values import Categories, Numbers
from anonymizer.sequences.training.fit import HELD_OUT
from anonymizer.sequences.training.loop import Loss, Task, TrainingConfig, train

State = tuple[Tensor, ...]  # (1, B, H) hidden and cell of both layers
Moments = tuple[float, float]  # mean and spread

TIMES = 4  # numbers that tell of an event's time
FAR = 1e100  # so that squares and sums of numbers stay finite
REACH = 30.0  # spreads from the mean at which numbers are cut: rare values are what it is about


class ClassifierNetwork(nn.Module):
    """Two LSTM layers, 128 units returning the sequence and 64, dropout, one sigmoid.

    The second layer sees the event itself beside what the first made of it.

    B histories, T events, J categories, G numbers.
    """

    def __init__(self, sizes: list[int], inputs: int, dropout: float = 0.4) -> None:
        super().__init__()
        self.embed = nn.ModuleList(nn.Embedding(size, 16) for size in sizes)
        self.first = nn.LSTM(16 * len(sizes) + inputs, 128, batch_first=True)
        self.second = nn.LSTM(128 + 16 * len(sizes) + inputs, 64, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(64, 1)

    def forward(
        self, tokens: Tensor, numbers: Tensor, state: State | None = None
    ) -> tuple[Tensor, State]:
        """(B, T, J) tokens and (B, T, G) numbers → (B, T) log-odds, and the state."""
        embedded = [e(t) for e, t in zip(self.embed, tokens.unbind(-1), strict=True)]
        one, two = (state[:2], state[2:]) if state else (None, None)
        event = torch.cat([*embedded, numbers], -1)
        x, one = self.first(event, one)  # (B, T, 128)
        x, two = self.second(torch.cat([self.dropout(x), event], -1), two)  # (B, T, 64)
        return self.out(self.dropout(x)).squeeze(-1), (*one, *two)


@dataclass(frozen=True)
class SequenceClassifier:
    """Learns which events carry a label from the histories that led to them.

    It holds means and spreads of numbers as they are, whoever they are of: it is not made to be
    handed out.

    Attributes:
        codec: what was learned of columns and time, without the label.
        network: the trained network.
        scale: mean and spread of each numeric field as it is, and of its logarithm.
        card: counts of what it was trained on, and how it came about (`provenance`).

    Example:
        >>> from datetime import date
        >>> payments = pl.DataFrame(
        ...     {
        ...         "card": [n // 3 for n in range(120)],
        ...         "day": [date(2024, 1, 1 + n % 3) for n in range(120)],
        ...         "amount": [float(n % 7) for n in range(120)],
        ...         "fraud": [n % 7 == 6 for n in range(120)],
        ...     }
        ... )
        >>> model = SequenceClassifier.fit(
        ...     payments, entity="card", time="day", label="fraud", max_epochs=1
        ... )
        >>> chances = model.score(payments)
        >>> len(chances), bool(chances.is_between(0, 1).all())
        (120, True)
    """

    codec: HistoryCodec
    network: ClassifierNetwork
    scale: dict[str, tuple[Moments, Moments]]
    card: dict[str, Any]

    @classmethod
    def fit(
        cls,
        frame: IntoFrame,
        *,
        entity: str,
        time: str,
        label: str,
        seed: int = 0,
        max_epochs: int = 12,
        min_entities: int = 5,
        progress: Callable[[str], None] = lambda _line: None,
    ) -> "SequenceClassifier":
        """Train with binary cross-entropy; the epoch best on held-out entities is kept.

        Args:
            frame: one row per event; Polars (eager or lazy), pandas or Arrow.
            entity: column that says whose event it is.
            time: column that says when.
            label: column of true and false, or 1 and 0; where it is null (before the period that
                was labelled, or not known yet) an event is history and is not learned from.
            seed: fixes split, weights and order.
            max_epochs: over which the learning rate falls to nothing.
            min_entities: how many entities must hold a value before the model may know it.
            progress: told a line after each epoch.

        Raises:
            DataError: a column is absent or has two roles, or the label has only one value.
        """
        frame = eager(frame)
        require_number("max_epochs", max_epochs, 1)
        require_number("min_entities", min_entities, 1)
        require(frame, label)
        if label in (entity, time):
            raise DataError(f"column '{label}' is entity or time: it cannot be the label too")
        roles = assign_roles(frame.drop(label), entity, time, None, ())
        histories = read_histories(frame, roles)
        truth = as_truth(frame[label].gather(histories.rows), label)
        if np.nanmin(truth) == np.nanmax(truth):
            raise DataError(f"column '{label}' has only one value: there is nothing to learn")
        torch.manual_seed(seed)
        inside, held = split(len(histories.lengths), HELD_OUT, seed)
        learned_from = histories.select(inside)
        codec = HistoryCodec.learn(learned_from, roles, frame.columns, min_entities)
        scale = _scale(codec, learned_from)
        data, numbers = codec.encode(histories), _numbers(scale, histories, roles.time)
        steps = _Steps(codec, data, numbers, truth, step_budget(len(truth)))
        network = ClassifierNetwork(_categories(codec)[1], numbers.shape[1])
        share, known = float(np.nanmean(truth)), float(np.isfinite(truth).mean())
        nn.init.constant_(network.out.bias, float(np.log(share / (1 - share))))
        lengths = histories.lengths
        task = Task(
            network,
            lambda epoch: steps(network, inside, np.random.default_rng((seed, epoch))),
            lambda: steps(network, held, np.random.default_rng(seed)),
            TrainingConfig(max_epochs, 4e-3, patience=max_epochs, seed=seed),
            per_step=steps.budget * known,
            steps_per_epoch=window_count(lengths, buckets(lengths, inside, steps.budget)),
        )
        train(
            task,
            progress=lambda r: progress(f"epoch {r.epoch}, held-out loss {r.held_out_loss:.4f}"),
        )
        card = {
            "entities": len(inside),
            "held_out_entities": len(held),
            "events": int(capped_lengths(learned_from.lengths, min_entities).sum()),
            "min_entities": min_entities,
        }
        origin = Provenance.now("anonymizer.SequenceClassifier.fit", "torch", seed=seed)
        return cls(codec, network, scale, card | {"provenance": origin.to_dict()})

    @torch.inference_mode()
    def score(self, frame: IntoFrame) -> pl.Series:
        """The probability of the label for each row, in row order; null without entity or time.

        Raises:
            DataError: a column that the model knows is absent.
        """
        frame = eager(frame)
        self.codec.require(frame)
        histories = read_histories(frame, self.codec.roles)
        data = self.codec.encode(histories, bounded=False)
        numbers = _numbers(self.scale, histories, self.codec.roles.time)
        steps = _Steps(self.codec, data, numbers, np.zeros(len(histories.rows)), 4 * BUDGET)
        found = np.full(len(frame), np.nan)
        everyone = np.arange(len(histories.lengths))
        for odds, index, real in steps.walk(self.network, everyone, np.random.default_rng(0)):
            found[histories.rows[index[real]]] = torch.sigmoid(odds).numpy()[real]
        return pl.Series("probability", found, nan_to_null=True)

    def save(self, folder: str | Path) -> None:
        """Write a model folder; an older model of any kind in its place is replaced."""
        settings = {
            "codec": self.codec.to_dict(),
            "scale": self.scale,
            "card": self.card,
        }
        card = (
            "# Classifier of events\n\n"
            f"Learned from {self.card['events']:,} events of {self.card['entities']:,} entities; "
            f"{self.card['held_out_entities']:,} more decided when to stop. Columns: "
            f"{', '.join(self.codec.fields) or 'times only'}.\n\n"
            "It holds means and spreads of the numbers as they are: do not hand it out.\n"
        )
        if "provenance" in self.card:
            card += f"\n{Provenance.of(self.card['provenance']).text}"
        kind = type(self).__name__
        model_folder.write(Path(folder), kind, self.network.state_dict(), settings, card)

    @classmethod
    def load(cls, folder: str | Path) -> "SequenceClassifier":
        """Read a model folder; nothing in it is executed.

        Raises:
            ModelError: it is no model folder, damaged, or of another version or kind.
        """
        weights, settings = model_folder.read(Path(folder), cls.__name__)
        with model_folder.reading(Path(folder)):
            codec = read_codec(settings["codec"])
            scale = {
                name: (_moments_of(*plain), _moments_of(*log))
                for name, (plain, log) in settings["scale"].items()
            }
            if list(scale) != [n for n, c in codec.fields.items() if isinstance(c, Numbers)]:
                raise ValueError
            network = ClassifierNetwork(_categories(codec)[1], TIMES + 2 * len(scale))
            network.load_state_dict(weights)
            card = dict(settings["card"])
            model_folder.require_counts(card, "entities", "held_out_entities", "events")
            if "provenance" in card:
                Provenance.of(card["provenance"])
        return cls(codec, network.eval(), scale, card)


@dataclass(frozen=True)
class _Steps:
    """Encoded histories, numbers (N, G), labels (N,) or NaN, in batches of `budget` events."""

    codec: HistoryCodec
    data: Encoded
    numbers: FloatArray
    truth: FloatArray
    budget: int

    def __call__(
        self, network: ClassifierNetwork, entities: IntArray, rng: np.random.Generator
    ) -> Iterator[Loss]:
        for odds, index, real in self.walk(network, entities, rng):
            truth = torch.from_numpy(self.truth[index]).float()
            known = torch.from_numpy(real) & ~truth.isnan()
            loss = functional.binary_cross_entropy_with_logits(
                odds[known], truth[known], reduction="sum"
            )
            yield loss, int(known.sum())

    def walk(
        self, network: ClassifierNetwork, entities: IntArray, rng: np.random.Generator
    ) -> Iterable[tuple[Tensor, IntArray, npt.NDArray[np.bool_]]]:
        """(B, T) log-odds, index of each event and whether it is real, window by window."""
        lengths, categories = self.data.span.length, _categories(self.codec)[0]
        batches = buckets(lengths, rng.permutation(entities), self.budget)
        for i in rng.permutation(len(batches)):
            state: State | None = None
            for event, real in indices(self.data, batches[i]):
                # Where some histories have ended, the first ones go on.
                state = state and tuple(x[:, : len(event)].contiguous() for x in state)
                tokens = torch.from_numpy(self.data.tokens[event][..., categories])
                numbers = torch.from_numpy(self.numbers[event]).float()
                odds, state = network(tokens, numbers, state)
                yield odds, event, real
                state = tuple(x.detach() for x in state)


def _categories(codec: HistoryCodec) -> tuple[list[int], list[int]]:
    """Heads that hold categories, and their sizes: numbers and times enter as numbers only."""
    fields = enumerate(codec.fields.values(), FIELDS)
    heads = [j for j, field in fields if isinstance(field, Categories)]
    return heads, [codec.head_sizes[j] for j in heads]


def as_truth(column: pl.Series, name: str) -> FloatArray:
    """Labels as 0.0 and 1.0, NaN where they are null.

    Raises:
        DataError: the column holds anything but true and false, 1 and 0, and nulls; or only nulls.
    """
    numbers = column.cast(pl.Float64, strict=False) if column.dtype != pl.String else None
    if numbers is None or not numbers.is_in([0.0, 1.0]).all() or numbers.count() == 0:
        raise DataError(f"column '{name}' must hold true and false, or 1 and 0")
    return numbers.fill_null(float("nan")).to_numpy()


def _plain_and_log(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """A numeric field as it is and on a logarithmic scale, null where it is not finite."""
    physical = column.to_physical() if column.dtype.is_temporal() else column
    values = physical.cast(pl.Float64)
    values = values.set(~values.is_finite().fill_null(value=False), None).clip(-FAR, FAR)
    return values, values.sign() * (values.abs() + 1).log()


def _moments(values: pl.Series) -> Moments:
    return float(values.mean() or 0), float(values.std() or 1)  # type: ignore[arg-type]  # (of floats)


def _moments_of(mean: float, spread: float) -> Moments:
    """Moments from JSON; a ValueError if they are none."""
    if not (np.isfinite(mean) and np.isfinite(spread) and spread > 0):
        raise ValueError
    return mean, spread


def _scale(codec: HistoryCodec, histories: Histories) -> dict[str, tuple[Moments, Moments]]:
    found = {}
    for name, field in codec.fields.items():
        if isinstance(field, Numbers):
            plain, log = _plain_and_log(histories.frame[name])
            found[name] = (_moments(plain), _moments(log))
    return found


def _numbers(
    scale: dict[str, tuple[Moments, Moments]], histories: Histories, time: str
) -> FloatArray:
    """(N, G) time and numeric fields; a field is standardised, 0 where there is none.

    A field enters twice: as it is, which keeps its rare large values apart, and as a logarithm.
    """
    hours = histories.frame[time].cast(pl.Datetime("us")).to_physical().to_numpy() / 3.6e9
    first = histories.position == 0
    gap = np.where(first, 0, np.diff(hours, prepend=hours[0]))
    turn = 2 * np.pi * (hours % 24) / 24
    columns = [np.log1p(gap) / 2 - 1, first * 1.0, np.sin(turn), np.cos(turn)]
    for name, moments in scale.items():
        both = _plain_and_log(histories.frame[name])
        for values, (mean, spread) in zip(both, moments, strict=True):
            standard = ((values - mean) / spread).fill_null(0).clip(-REACH, REACH)
            columns.append(standard.to_numpy())
    return np.stack(columns, 1)
