"""Three sets of histories that are compared: real, synthetic, holdout."""

from dataclasses import dataclass, replace

import polars as pl

OWNER_COLUMN, LENGTH_COLUMN = "\0owner", "\0length"  # names that no column has
MIN_HISTORIES = 20  # entities of a sample, however long their histories are
# Events of each set for detectors, in whole histories: what they learn anomalies from, and a label,
# which is rare, and what they are tested on.
EVENTS_WITHOUT_LABEL, EVENTS_WITH_LABEL, EVENTS_TESTED = 30_000, 100_000, 100_000
HISTORY_DISTRIBUTIONS = {
    "history_length": "How many events an entity has.",
    "gap": "Time between an entity's events.",
    "first_event": "When histories begin.",
    "last_event": "When histories end.",
    "weekday_and_hour": "When in the week events happen.",
}


@dataclass(frozen=True)
class ComparedSets:
    """The three sets and the roles of their columns."""

    real: pl.DataFrame
    synthetic: pl.DataFrame
    holdout: pl.DataFrame
    entity: str
    time: str

    @property
    def fields(self) -> list[str]:
        """Columns besides entity and time."""
        return [c for c in self.real.columns if c not in (self.entity, self.time)]

    def sorted(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Events by entity and time, ties in input order."""
        return frame.sort(self.entity, self.time, maintain_order=True)

    def some(self, frame: pl.DataFrame, events: int, seed: int) -> pl.DataFrame:
        """Whole histories, sorted, drawn at random until there are so many events.

        `MIN_HISTORIES` histories at least.
        """
        lengths = frame.group_by(self.entity).len(LENGTH_COLUMN).sort(self.entity)
        mixed = lengths.sample(fraction=1, shuffle=True, seed=seed)
        before = pl.col(LENGTH_COLUMN).cum_sum().shift(1, fill_value=0)
        chosen = mixed.filter((before < events) | (pl.int_range(pl.len()) < MIN_HISTORIES))
        return self.sorted(frame.join(chosen, on=self.entity, how="semi"))

    def for_detectors(self, label: str | None, seed: int) -> "ComparedSets":
        """Sets of a size that detectors learn from, and are tested on, within minutes.

        Args:
            label: column of what is to be found. Where the sample would have none, all is taken.
            seed: of the samples.
        """

        def some(frame: pl.DataFrame, events: int) -> pl.DataFrame:
            found = self.some(frame, events, seed)
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
        """The baseline: every column of the real events but the entity, permuted on its own.

        Columns keep their values; what they had to do with each other, with the entity and with
        the order is gone.
        """
        columns = [
            self.real[name].shuffle(seed + i) if name != self.entity else self.real[name]
            for i, name in enumerate(self.real.columns)
        ]
        return self.sorted(pl.DataFrame(columns))
