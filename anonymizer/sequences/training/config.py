"""How each network is trained: every number that was tuned, with its why.

They were found on CDNOW, the Fraud Detection Handbook, Sparkov and Online Retail; what was tried
besides stands in `docs/decisions.md`.
"""

import math
from dataclasses import dataclass, replace

from anonymizer.arrays import IntArray
from anonymizer.sequences.network.batches import step_budget
from anonymizer.sequences.tokens.encoded import WINDOW
from anonymizer.sequences.training.loop import TrainingConfig


@dataclass(frozen=True)
class EventTuning:
    """Of the network of events."""

    hidden: float = 0.3  # of the histories hide their profile, as all do in scoring
    long: float = WINDOW / 4  # events of a history from which smaller steps learn more
    rate_long: float = 2e-3  # of learning; twice of it costs likelihood on long histories
    rate_large: tuple[float, float] = (5e-3, 12e-3)  # where vocabularies are large, short and long
    rate_short: tuple[float, float] = (3e-3, 2e-2)  # otherwise 3 / steps: few steps must be large
    # Of long histories a step sees few at a time and much of each: half as many passes are enough.
    cut_long: tuple[int, int] = (6 * WINDOW, 2 * WINDOW)  # events of all, and of each
    under_way: int = 16  # batches of histories whose windows take turns
    epochs: tuple[int, int] = (8, 2)  # of short and of long histories; Muon needs fewer
    epochs_large: tuple[int, int] = (12, 4)  # embeddings are seen in few steps of each epoch
    epochs_range: tuple[int, int] = (2, 40)
    muon: tuple[float, float] = (4.0, 1.0)  # of the rate, of matrices; where large vocabularies are
    look_back: tuple[float, float] = (1 / 3, 0.15)  # two passes leave no time for old weights
    judges: tuple[int, int] = (20, 4_096)  # held-out entities at least, and events, for sharpness
    enough: int = 10_000_000  # events to look at in all, where histories come in parts

    def is_long(self, lengths: IntArray) -> bool:
        """Whether histories of (E,) events are, on average."""
        return bool(lengths.mean() >= self.long)

    def cut(self, lengths: IntArray, *, large: bool) -> tuple[int, int]:
        """Events per step, and of one history in it.

        With large vocabularies the latter is as far as what is recalled reaches back.
        """
        budget = step_budget(int(lengths.sum()))
        if large or not self.is_long(lengths):
            return budget, WINDOW
        return min(budget, self.cut_long[0]), self.cut_long[1]

    def config(
        self, lengths: IntArray, epochs: int | None, seed: int, *, large: bool, parts: int = 1
    ) -> TrainingConfig:
        """Small data gets more epochs, and where steps are few they are large.

        Args:
            lengths: (E,) events of the entities to learn from.
            epochs: asked for; by default as many as the data needs.
            seed: of the training.
            large: whether there are heads of large vocabularies, whose embeddings AdamW moves.
            parts: that the histories come in, one in each epoch; `epochs` are of all of them.
        """
        events, is_long = int(lengths.sum()), self.is_long(lengths)
        muon = self.muon[large] if is_long else 0.0
        more = (200_000 / events) ** 0.15 if large or not is_long else (150_000 / events) ** 0.6
        many = (self.epochs_large if large else self.epochs)[is_long]
        low, high = self.epochs_range
        planned = min(max(round(many * more), low), high)
        if parts > 1:
            planned = min(planned, max(round(self.enough / events), 1))
        planned = epochs or planned
        steps = planned * max(events / step_budget(events), 1)
        rate = min(max(3 / steps, self.rate_short[0]), self.rate_short[1])
        rate = self.rate_large[is_long] if large else self.rate_long if is_long else rate
        look_back = self.look_back[is_long]
        found = TrainingConfig(planned, rate, seed=seed, look_back=look_back, muon=muon)
        patience = max(found.patience, parts)  # epochs of parts are not of the same data
        return replace(found, epochs=planned * parts, patience=patience)


@dataclass(frozen=True)
class EntityTuning:
    """Of a network that sees each entity once per pass: of profiles, or of counts."""

    looks: int  # at entities in all, the same ones many times
    epochs: tuple[int, int]  # at least and at most
    rate: float  # of learning, at the smallest batch
    growth: float  # of the rate with larger batches, as their power
    decay: float  # of weights
    patience: int  # epochs without a better held-out loss
    clip: float = 1.0  # norm of the gradient
    batch: tuple[int, int] = (128, 512)  # entities per step, for few and for many
    unseen: int = 1  # steps between two looks at the held-out entities, about

    def size(self, entities: int) -> int:
        """Entities per step."""
        return min(max(entities // 8, self.batch[0]), self.batch[1])

    def steps(self, entities: int) -> int:
        """Steps of one pass over the entities."""
        return math.ceil(entities / self.size(entities))

    def passes(self, entities: int) -> int:
        """Passes over the entities between two looks at the held-out ones."""
        return max(1, self.unseen // self.steps(entities))

    def config(self, entities: int) -> TrainingConfig:
        """How to train on so many entities; few steps per pass are noisy, hence patience."""
        size, steps, (low, high) = self.size(entities), self.steps(entities), self.epochs
        return TrainingConfig(
            min(max(self.looks // (size * steps * self.passes(entities)), low), high),
            self.rate * (size / self.batch[0]) ** self.growth,
            weight_decay=self.decay,
            patience=max(self.patience, 40) if steps < 8 else self.patience,
            clip=self.clip,
        )


# Few entities and many tokens: only strong shrinkage keeps this from learning persons. With more
# entities a step may be larger, by the square root.
PROFILES = EntityTuning(
    looks=256_000, epochs=(12, 400), rate=2e-3, growth=0.5, decay=0.3, patience=12,
)  # fmt: skip
# A bound that is itself drawn: noisy gradients want a long patience and a loose clip.
COUNTS = EntityTuning(
    looks=192_000, epochs=(5, 400), rate=1e-2, growth=0, decay=1e-3, patience=40, clip=5.0,
    unseen=50,
)  # fmt: skip
