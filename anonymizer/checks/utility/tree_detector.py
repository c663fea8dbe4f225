"""Boosted trees as a second anomaly detector, which sees each event beside its entity's own past.

The LSTM finds its features itself; these are written down, as those who look for fraud do, and none
of them knows what comes later.
"""

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.entities import SECONDS_PER_DAY, is_number
from anonymizer.checks.sets.injection import ANOMALY_COLUMN, INJECTED_COLUMN, inject
from anonymizer.checks.sets.trees import Trees
from anonymizer.checks.utility.detector import (
    DetectorFunction,
    DetectorResult,
    Trial,
    detect,
    detector_figures,
)

WINDOWS_IN_DAYS = (1, 7, 30)  # before an event, whose events are counted: a day, a week, a month
MISSING_CATEGORY = "\0"  # text that no value has


def tree_detector(sets: ComparedSets, label: str | None, seed: int) -> DetectorFunction:
    """A detector that learns a label, or anomalies put into the events that it learns from.

    Args:
        sets: the holdout tells which columns anomalies change.
        label: column of what is to be found; injected anomalies without it.
        seed: of injection and trees.
    """
    entity, time = sets.entity, sets.time

    def detect(train: pl.DataFrame, test: pl.DataFrame) -> FloatArray:
        if label is None:
            train = inject(train, entity=entity, time=time, seed=seed, like=sets.holdout)
        train = train.drop_nulls(label or INJECTED_COLUMN).sort(entity, time, maintain_order=True)
        truth = train[label or INJECTED_COLUMN].cast(pl.Boolean).to_numpy()
        if truth.all() or not truth.any():
            return np.zeros(len(test))  # nothing to tell apart, nothing learned
        seen, asked = (
            f.drop(label or [INJECTED_COLUMN, ANOMALY_COLUMN], strict=False) for f in (train, test)
        )
        x, y = (beside_the_past(f, seen, entity, time).to_numpy() for f in (seen, asked))
        return Trees(x, truth, seed, gentle=True).chance(y)

    return detect


def tree_trial(sets: ComparedSets, label: str | None, seed: int) -> Trial:
    """Boosted trees, trained and tested as any detector; arguments as of `tree_detector`."""
    return detect(sets, tree_detector(sets, label, seed), label, seed)


def tree_figures(result: DetectorResult) -> dict[str, Figure]:
    """The figures of a detector."""
    return detector_figures(result, "trees", "Boosted trees")


def beside_the_past(
    events: pl.DataFrame, known: pl.DataFrame, entity: str, time: str
) -> pl.DataFrame:
    """A row per event, and of each column what it is and how it differs from earlier events.

    When in day and week, the time since the last event and over the usual one, events of the last
    1, 7 and 30 days; each number, its step, its ratio to the entity's own mean so far and its
    distance in standard deviations; of each category how frequent it is, in all and so far, and
    whether it was the last one. Null where it cannot be computed.

    Args:
        events: sorted by entity and time.
        known: events in which the frequencies of categories are counted.
        entity: column that says whose event it is.
        time: column that says when.
    """
    when = pl.col(time).cast(pl.Datetime("us"))
    second, hour, place = when.dt.epoch("s"), when.dt.hour(), pl.int_range(pl.len())
    gap = second - second.shift(1)
    fields = [c for c in events.columns if c not in (entity, time)]
    categories = {c: _text(c) for c in fields if not is_number(events[c])}
    numbers = [hour, *(pl.col(c).to_physical() for c in fields if c not in categories)]
    parts = [place, gap, gap * place / (second - second.first()), when.dt.weekday()]
    parts += [part for number in numbers for part in _number(number)]
    parts += [text == text.shift(1) for text in categories.values()]
    earlier = [place.over(entity, x) / place.over(entity) for x in (hour, *categories.values())]
    table = events.select(
        part.cast(pl.Float64).alias(str(i))
        for i, part in enumerate([*(part.over(entity) for part in parts), *earlier])
    )
    shares = [
        _share(events.select(x), known.select(x)).alias(f"share {c}") for c, x in categories.items()
    ]
    found = table.hstack([*shares, *_lately(events[entity], events.select(second).to_series())])
    return found.with_columns(pl.when(pl.all().is_finite()).then(pl.all()))


def _text(column: str) -> pl.Expr:
    """A category as text, nulls being a value of their own."""
    return pl.col(column).cast(pl.String).fill_null(MISSING_CATEGORY)


def _number(x: pl.Expr) -> list[pl.Expr]:
    """A number, its step, its ratio to the mean of earlier ones, and its distance from it."""
    x = x.cast(pl.Float64).fill_nan(None)
    base = x.drop_nulls().first()  # so that squares are of small numbers
    above, count = x - base, x.cum_count().shift(1)
    mean, square = (y.fill_null(0).cum_sum().shift(1) / count for y in (above, above * above))
    spread = (square - mean * mean).clip(0).sqrt()
    return [x, x - x.shift(1), x / (base + mean), (above - mean) / spread]


def _share(events: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """(N,) how frequent each value is among the known events, in [0, 1]."""
    value = known.columns[0]
    counts = known.group_by(value).agg((pl.len() / len(known)).alias("\0share"))
    joined = events.join(counts, on=value, how="left", maintain_order="left")
    return joined["\0share"].fill_null(0.0)


def _lately(entity: pl.Series, second: pl.Series) -> list[pl.Series]:
    """Per window (N,) how many earlier events of the entity it holds."""
    owner, when = entity.rle_id().to_numpy().astype(np.int64), second.to_numpy()
    span = int(when.max() - when.min()) + (max(WINDOWS_IN_DAYS) + 1) * SECONDS_PER_DAY
    key = owner * span + when - when.min()  # windows never reach another entity
    since = (np.searchsorted(key, key - days * SECONDS_PER_DAY) for days in WINDOWS_IN_DAYS)
    return [
        pl.Series(f"{days} days", np.arange(len(key)) - first)
        for days, first in zip(WINDOWS_IN_DAYS, since, strict=True)
    ]
