"""How alike the distributions of single columns, gaps, lengths and times are, one figure for each.

Numbers and times: one minus the distance of Kolmogorov and Smirnov. Categories: one minus the
total variation distance. Both are in [0, 1], and one is identical.
"""

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.checks.figures.figure import Figure, exact
from anonymizer.checks.figures.statistics import ks_similarity, tv_similarity
from anonymizer.checks.sets.compared_sets import HISTORY_DISTRIBUTIONS, OWNER_COLUMN, ComparedSets


def fidelity_figures(sets: ComparedSets, seed: int) -> dict[str, Figure]:
    """One figure per column and per kind of time: similarity of synthetic events to the holdout's.

    The baseline is that of shuffled columns, the ceiling that of the real set; judged is the
    similarity over that ceiling.
    """
    shuffled = sets.shuffled(seed)
    parts = [_distributions(sets, f) for f in (sets.holdout, sets.synthetic, shuffled, sets.real)]
    return {
        f"similarity_{name}": _similarity_figure(name, *(part[name] for part in parts))
        for name in parts[0]
    }


def _similarity_figure(
    name: str, reference: pl.Series, synthetic: pl.Series, shuffled: pl.Series, real: pl.Series
) -> Figure:
    """The figure of one distribution, given as (N,) values of each set."""
    value, floor, top = (similarity(reference, x) for x in (synthetic, shuffled, real))
    title = name.replace("_", " ") if name in HISTORY_DISTRIBUTIONS else f"values of {name}"
    return Figure(
        f"Similarity: {title}",
        exact(value),
        floor,
        top,
        HISTORY_DISTRIBUTIONS.get(
            name, "One minus the distance between the column's two distributions."
        ),
        value / max(top, 1e-9),
        judged_as="similarity over the one that real data reaches",
    )


def _distributions(sets: ComparedSets, frame: pl.DataFrame) -> dict[str, pl.Series]:
    """By name: the values of each column, then what is of the history (see `ComparedSets`)."""
    events = sets.sorted(frame)
    time = pl.col(sets.time).cast(pl.Datetime("us"))
    owner = pl.col(sets.entity).alias(OWNER_COLUMN)
    per = events.group_by(owner, maintain_order=True).agg(
        pl.len(), first=time.min().dt.epoch("s"), last=time.max().dt.epoch("s")
    )
    clock = events.select(
        gap=time.diff().over(sets.entity).dt.total_seconds(),
        slot=time.dt.weekday().cast(pl.String) + ":" + time.dt.hour().cast(pl.String),
    )
    times = [per["len"], clock["gap"].drop_nulls(), per["first"], per["last"], clock["slot"]]
    columns = {name: events[name] for name in sets.fields}
    return columns | dict(zip(HISTORY_DISTRIBUTIONS, times, strict=True))


def similarity(a: pl.Series, b: pl.Series) -> float:
    """How alike two columns are, in [0, 1]; one is identical.

    Kolmogorov and Smirnov's for numbers and times, and no more than the shares of nulls agree;
    total variation, null being a value, for the rest.

    Example:
        >>> similarity(pl.Series(["a", "a", "b", "b"]), pl.Series(["a", "b", "b", "b"]))
        0.75
    """
    if a.dtype.is_numeric() or a.dtype.is_temporal():
        missing = 1 - abs(a.null_count() / max(len(a), 1) - b.null_count() / max(len(b), 1))
        return min(missing, ks_similarity(_numbers(a), _numbers(b)))
    return tv_similarity(_counts(a), _counts(b))


def _numbers(column: pl.Series) -> FloatArray:
    """(N,) the finite values of a column as float64."""
    values = column.to_physical().cast(pl.Float64).drop_nulls().to_numpy()
    finite: FloatArray = values[np.isfinite(values)]
    return finite


def _counts(column: pl.Series) -> dict[str | None, int]:
    """How often each value occurs, null included."""
    table = column.cast(pl.String).alias("value").value_counts(name="n")
    return dict(zip(table["value"].to_list(), table["n"].to_list(), strict=True))
