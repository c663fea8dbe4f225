"""A classifier where there are labels: which events carry one, from the histories before them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import Tensor, nn
from torch.nn import functional

from anonymizer.errors import DataError
from anonymizer.sequences.assembly import PLAIN, TOLD
from anonymizer.sequences.batches import (
    BUDGET,
    Encoded,
    buckets,
    step_budget,
    stretches,
    window_count,
)
from anonymizer.sequences.codec import HELD_OUT, HistoryCodec
from anonymizer.sequences.encoding import FloatArray, Numbers
from anonymizer.sequences.events import (
    Histories,
    IntArray,
    assign_roles,
    read_histories,
    require,
    split,
)
from anonymizer.sequences.network import State
from anonymizer.sequences.training import Loss, TrainingConfig, train


class ClassifierNetwork(nn.Module):
    """Two LSTM layers, 128 units returning the sequence and 64, dropout, one sigmoid.

    B histories, T events, J tokens, C features, G numbers, E width of an embedding.
    """

    def __init__(self, sizes: list[int], inputs: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.embed = nn.ModuleList(nn.Embedding(size, 16) for size in sizes)
        self.first = nn.LSTM(16 * len(sizes) + inputs, 128, batch_first=True)
        self.second = nn.LSTM(128, 64, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(64, 1)

    def forward(
        self, tokens: Tensor, numbers: Tensor, state: tuple[State, State] | None = None
    ) -> tuple[Tensor, tuple[State, State]]:
        """(B, T, J) tokens and (B, T, C + G) numbers → (B, T) log-odds, and the states."""
        embedded = [e(t) for e, t in zip(self.embed, tokens.unbind(-1), strict=True)]
        one, two = state or (None, None)
        x, one = self.first(torch.cat([*embedded, numbers], -1), one)  # (B, T, 128)
        x, two = self.second(self.dropout(x), two)  # (B, T, 64)
        return self.out(self.dropout(x)).squeeze(-1), (one, two)


@dataclass(frozen=True)
class SequenceClassifier:
    """Learns which events carry a label from the histories that led to them.

    Attributes:
        codec: what was learned of columns and time, without the label.
        network: the trained network.
        scale: mean and spread of each numeric field on a logarithmic scale.
    """

    codec: HistoryCodec
    network: ClassifierNetwork
    scale: dict[str, tuple[float, float]]

    @classmethod
    def fit(
        cls,
        frame: pl.DataFrame,
        *,
        entity: str,
        time: str,
        label: str,
        seed: int = 0,
        max_epochs: int = 30,
        min_entities: int = 5,
        progress: Callable[[str], None] = lambda _line: None,
    ) -> "SequenceClassifier":
        """Train with binary cross-entropy, stopped early on held-out entities.

        Args:
            frame: one row per event.
            entity: column that says whose event it is.
            time: column that says when.
            label: column of true and false, or 1 and 0.
            seed: fixes split, weights and order.
            max_epochs: a bound on training.
            min_entities: how many entities must hold a value before the model may know it.
            progress: told a line after each epoch.

        Raises:
            DataError: a column is absent, or the label has only one value.
        """
        require(frame, label)
        roles = assign_roles(frame.drop(label), entity, time, None, ())
        histories = read_histories(frame, roles)
        truth = as_truth(frame[label].gather(histories.rows), label)
        if truth.min() == truth.max():
            raise DataError(f"column '{label}' has only one value: there is nothing to learn")
        torch.manual_seed(seed)
        inside, held = split(len(histories.lengths), HELD_OUT, seed)
        learned_from = histories.select(inside)
        codec = HistoryCodec.learn(learned_from, roles, frame.columns, min_entities)
        scale = _scale(codec, learned_from)
        data, numbers = codec.encode(histories), _numbers(scale, histories)
        steps = _Steps(codec, data, numbers, truth, step_budget(len(truth)))
        network = ClassifierNetwork(codec.head_sizes, steps.inputs)
        nn.init.constant_(network.out.bias, float(np.log(truth.mean() / (1 - truth.mean()))))
        lengths = histories.lengths
        train(
            network,
            lambda epoch: steps(network, inside, np.random.default_rng((seed, epoch))),
            lambda: steps(network, held, np.random.default_rng(seed)),
            TrainingConfig(max_epochs, seed=seed),
            per_step=steps.budget,
            steps_per_epoch=window_count(lengths, buckets(lengths, inside, steps.budget)),
            progress=lambda r: progress(f"epoch {r.epoch}, held-out loss {r.held_out_loss:.4f}"),
        )
        return cls(codec, network, scale)

    @torch.inference_mode()
    def score(self, frame: pl.DataFrame) -> pl.Series:
        """The probability of the label for each row, in row order; null without entity or time.

        Raises:
            DataError: a column that the model knows is absent.
        """
        require(frame, *self.codec.roles.columns)
        histories = read_histories(frame, self.codec.roles)
        data = self.codec.encode(histories, bounded=False)
        numbers = _numbers(self.scale, histories)
        steps = _Steps(self.codec, data, numbers, np.zeros(len(histories.rows)), 4 * BUDGET)
        found = np.full(len(frame), np.nan)
        everyone = np.arange(len(histories.lengths))
        for odds, index, real in steps.walk(self.network, everyone, np.random.default_rng(0)):
            found[histories.rows[index[real]]] = torch.sigmoid(odds).numpy()[real]
        return pl.Series("probability", found, nan_to_null=True)


@dataclass(frozen=True)
class _Steps:
    """Encoded histories with numbers (N, G) and labels (N,), in batches of `budget` events."""

    codec: HistoryCodec
    data: Encoded
    numbers: FloatArray
    truth: FloatArray
    budget: int

    @property
    def inputs(self) -> int:
        """Numbers per event: known features and numeric fields."""
        return PLAIN + int(self.numbers.shape[1])

    def __call__(
        self, network: ClassifierNetwork, entities: IntArray, rng: np.random.Generator
    ) -> Iterator[Loss]:
        for odds, index, real in self.walk(network, entities, rng):
            truth = torch.from_numpy(self.truth[index]).float()
            loss = functional.binary_cross_entropy_with_logits(odds, truth, reduction="none")
            yield loss[torch.from_numpy(real)].sum(), int(real.sum())

    def walk(
        self, network: ClassifierNetwork, entities: IntArray, rng: np.random.Generator
    ) -> Iterable[tuple[Tensor, IntArray, npt.NDArray[np.bool_]]]:
        """(B, T) log-odds, index of each event and whether it is real, window by window."""
        lengths, codec = self.data.span.length, self.codec
        batches = buckets(lengths, rng.permutation(entities), self.budget)
        for i in rng.permutation(len(batches)):
            state = None
            hidden = np.zeros(len(batches[i]), bool)
            for part in stretches(self.data, batches[i], hidden, codec.timeline.days):
                told = torch.zeros(part.event.shape, dtype=torch.bool)
                nothing = torch.zeros(*part.event.shape, codec.quotas.size)
                plain = codec.assembly.told(part.moment, nothing, told)[..., TOLD : TOLD + PLAIN]
                numbers = torch.from_numpy(self.numbers[part.event]).float()
                tokens = torch.from_numpy(self.data.tokens[part.event])
                odds, state = network(tokens, torch.cat([plain, numbers], -1), state)
                yield odds, part.event, part.real
                state = _detach(state)


def _detach(state: tuple[State, State]) -> tuple[State, State]:
    (a, b), (c, d) = state
    return (a.detach(), b.detach()), (c.detach(), d.detach())


def as_truth(column: pl.Series, name: str) -> FloatArray:
    """Labels as 0.0 and 1.0.

    Raises:
        DataError: the column holds anything but true and false, or 1 and 0.
    """
    numbers = column.cast(pl.Float64, strict=False) if column.dtype != pl.String else None
    if numbers is None or numbers.null_count() or not numbers.is_in([0.0, 1.0]).all():
        raise DataError(f"column '{name}' must hold true and false, or 1 and 0, and no nulls")
    return numbers.to_numpy()


def _logs(column: pl.Series) -> pl.Series:
    physical = column.to_physical() if column.dtype.is_temporal() else column
    values = physical.cast(pl.Float64)
    logs = values.sign() * (values.abs() + 1).log()
    return logs.set(~logs.is_finite().fill_null(value=False), None)


def _scale(codec: HistoryCodec, histories: Histories) -> dict[str, tuple[float, float]]:
    found = {}
    for name, field in codec.fields.items():
        if isinstance(field, Numbers):
            logs = pl.DataFrame({"v": _logs(histories.frame[name])})["v"]
            mean, spread = logs.mean(), logs.std()
            found[name] = (float(mean or 0), float(spread or 1))  # type: ignore[arg-type]  # (moments of floats)
    return found


def _numbers(scale: dict[str, tuple[float, float]], histories: Histories) -> FloatArray:
    """(N, G) numeric fields on a logarithmic scale, standardised, 0 where there is none."""
    columns = [np.zeros((len(histories.rows), 0))]
    for name, (mean, spread) in scale.items():
        values = ((_logs(histories.frame[name]) - mean) / spread).fill_null(0).clip(-8, 8)
        columns.append(values.to_numpy()[:, None])
    return np.hstack(columns)
