"""The three sets of events that a check compares: real, synthetic and holdout.

An event is a row; the rows of one entity (a customer, a card) in the order of time are a history.
"""

from dataclasses import dataclass, replace

import polars as pl

# Names of our own beside the data's columns; no column may begin with a null character.
OWNER_COLUMN, LENGTH_COLUMN = "\0owner", "\0length"
MIN_HISTORIES = 20  # of a sample, however long they are
EVENTS_WITHOUT_LABEL = 30_000  # that a detector learns from, where anomalies are injected
EVENTS_WITH_LABEL = 100_000  # that it learns a label from, which is rarer than anomalies are
EVENTS_TESTED = 100_000  # that it scores
# What is compared of histories beside their columns, by the end of the figure's name.
HISTORY_DISTRIBUTIONS = {
    "history_length": "How many events an entity has.",
    "gap": "Time between an entity's events.",
    "first_event": "When histories begin.",
    "last_event": "When histories end.",
    "weekday_and_hour": "When in the week events happen.",
}


@dataclass(frozen=True)
class ComparedSets:
    """Three frames with the same columns, one row per event, and the roles of two columns.

    `validation.validated` makes one of any three frames and refuses what does not fit.

    Attributes:
        real: what the synthetic histories were made from.
        synthetic: what is judged.
        holdout: other real entities, which the generator never saw.
        entity: the column that says whose event it is.
        time: the column that says when.
    """

    real: pl.DataFrame
    synthetic: pl.DataFrame
    holdout: pl.DataFrame
    entity: str
    time: str

    @property
    def fields(self) -> list[str]:
        """The columns besides entity and time, in the order of the real set."""
        return [c for c in self.real.columns if c not in (self.entity, self.time)]

    def sorted(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Events by entity and time; events of one moment keep the order of the input."""
        return frame.sort(self.entity, self.time, maintain_order=True)

    def sample(self, frame: pl.DataFrame, events: int, seed: int) -> pl.DataFrame:
        """Whole histories, drawn at random until they have about so many events.

        Args:
            frame: events to draw from.
            events: how many are enough; the last history that is drawn may exceed it, and
                `MIN_HISTORIES` are drawn however long they are.
            seed: of the draw.

        Returns:
            The events of the histories that were drawn, sorted.
        """
        lengths = frame.group_by(self.entity).len(LENGTH_COLUMN).sort(self.entity)
        mixed = lengths.sample(fraction=1, shuffle=True, seed=seed)
        before = pl.col(LENGTH_COLUMN).cum_sum().shift(1, fill_value=0)
        chosen = mixed.filter((before < events) | (pl.int_range(pl.len()) < MIN_HISTORIES))
        return self.sorted(frame.join(chosen, on=self.entity, how="semi"))

    def for_detectors(self, label: str | None, seed: int) -> "ComparedSets":
        """Smaller sets, which detectors can learn from and be tested on within minutes.

        Args:
            label: the column of what is to be found, or None for injected anomalies. A set whose
                sample would hold one value of the label only is taken whole.
            seed: of the samples.
        """

        def some(frame: pl.DataFrame, events: int) -> pl.DataFrame:
            found = self.sample(frame, events, seed)
            few = label is not None and found[label].drop_nulls().n_unique() < 2
            return self.sorted(frame) if few else found

        learned = EVENTS_WITHOUT_LABEL if label is None else EVENTS_WITH_LABEL
        return replace(
            self,
            real=some(self.real, learned),
            synthetic=some(self.synthetic, learned),
            holdout=some(self.holdout, EVENTS_TESTED),
        )

    def shuffled(self, seed: int) -> pl.DataFrame:
        """Real events whose columns but the entity are permuted, each on its own.

        This is the baseline of most figures: every column keeps its values, but what columns had
        to do with each other, with the entity and with the order of events is gone.
        """
        columns = [
            self.real[name].shuffle(seed + i) if name != self.entity else self.real[name]
            for i, name in enumerate(self.real.columns)
        ]
        return self.sorted(pl.DataFrame(columns))
