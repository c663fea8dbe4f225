"""How alike the distributions of single columns, gaps, lengths and times are, one figure for each.

Numbers and times: one minus the distance of Kolmogorov and Smirnov. Categories: one minus the
total variation distance. Both are in [0, 1], and one is identical.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.checks.figures.figure import Figure, exact
from anonymizer.checks.figures.statistics import ks_similarity, tv_similarity
from anonymizer.checks.sets.compared_sets import HISTORY_DISTRIBUTIONS, OWNER_COLUMN, ComparedSets

# Below this ceiling hardly a value of one set of real events is in another: an order number, a
# remark. Nothing could be similar then, and a share of the ceiling is chance over chance.
LEAST_CEILING: Final = 0.1
DIVISIONS: Final = 10  # of real entities at random, whose least likeness chance explains
VALUE: Final = "\0value"
NAMES_ROWS: Final = (
    "Not judged: real events share hardly a value with other real events, so the column names rows "
    "as an identifier does. Leave it out."
)


def fidelity_figures(sets: ComparedSets, seed: int) -> dict[str, Figure]:
    """One figure per column and per kind of time: similarity of synthetic events to the holdout's.

    The baseline is that of shuffled columns, the ceiling that of the real set; judged is the
    similarity over what chance leaves of that ceiling, unless it is near nothing.
    """
    frames = (sets.holdout, sets.synthetic, sets.shuffled(seed), sets.real)
    holdout, synthetic, shuffled, real = (_distributions(sets, frame) for frame in frames)
    least = _least_by_chance(
        {name: pl.concat([real[name], holdout[name]]) for name in real}, sets, seed
    )
    return {
        f"similarity_{name}": _similarity_figure(
            name,
            *(part[name][VALUE] for part in (holdout, synthetic, shuffled, real)),
            least=least[name],
        )
        for name in holdout
    }


def _least_by_chance(
    pool: Mapping[str, pl.DataFrame], sets: ComparedSets, seed: int
) -> dict[str, float]:
    """How unlike real people may be by chance: the least similarity of some random divisions.

    Training and holdout are divided anew, a part as large as the synthetic set, if there are so
    many, and one as large as the holdout. Few entities with long histories decide it, as they do
    how alike two sets are.

    Args:
        pool: by name, the values of training and holdout, and whose they are.
        sets: whose sizes count.
        seed: of the divisions.
    """
    rng = np.random.default_rng(seed)
    owners = pl.concat([each[OWNER_COLUMN] for each in pool.values()]).unique().sort()
    codes = {n: owners.search_sorted(each[OWNER_COLUMN]).to_numpy() for n, each in pool.items()}
    made, held, real = (
        frame[sets.entity].n_unique() for frame in (sets.synthetic, sets.holdout, sets.real)
    )
    least = dict.fromkeys(pool, 1.0)
    for _ in range(DIVISIONS):
        order = rng.permutation(len(owners))
        first, second = order < min(made, real), order >= len(owners) - held
        for name, each in pool.items():
            sides = (pl.Series(side[codes[name]]) for side in (second, first))
            parts = (each[VALUE].filter(side) for side in sides)
            least[name] = min(least[name], similarity(*parts))
    return least


def _similarity_figure(
    name: str,
    reference: pl.Series,
    synthetic: pl.Series,
    shuffled: pl.Series,
    real: pl.Series,
    *,
    least: float,
) -> Figure:
    """The figure of one distribution, given as (N,) values of each set."""
    value, floor, top = (similarity(reference, x) for x in (synthetic, shuffled, real))
    title = name.replace("_", " ") if name in HISTORY_DISTRIBUTIONS else f"values of {name}"
    meaning = HISTORY_DISTRIBUTIONS.get(
        name, "One minus the distance between the column's two distributions."
    )
    judgeable = top >= LEAST_CEILING or name in HISTORY_DISTRIBUTIONS
    return Figure(
        f"Similarity: {title}",
        exact(value),
        floor,
        top,
        meaning if judgeable else f"{meaning} {NAMES_ROWS}",
        value / max(min(top, least), 1e-9),
        judged_as="similarity over the least that real data reaches by chance",
        judgeable=judgeable,
    )


def naming_rows(figures: Mapping[str, Figure]) -> list[str]:
    """A note on the columns that name rows; none where there are none."""
    prefix = "similarity_"
    columns = [
        name.removeprefix(prefix)
        for name, figure in figures.items()
        if name.startswith(prefix) and not figure.judgeable
    ]
    what = "not judged, real sets share hardly a value: an identifier of rows is best left out"
    return [f"similarity of {', '.join(columns)}: {what}"] if columns else []


def _distributions(sets: ComparedSets, frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """By name: the values of each column, then what is of the history (see `ComparedSets`).

    Returns:
        Frames of `VALUE` and whose it is.
    """
    events = sets.sorted(frame)
    time = pl.col(sets.time).cast(pl.Datetime("us"))
    owner = pl.col(sets.entity).alias(OWNER_COLUMN)
    per = events.group_by(owner, maintain_order=True).agg(
        pl.len(), first=time.min().dt.epoch("s"), last=time.max().dt.epoch("s")
    )
    clock = events.select(
        owner,
        gap=time.diff().over(sets.entity).dt.total_seconds(),
        slot=time.dt.weekday().cast(pl.String) + ":" + time.dt.hour().cast(pl.String),
    )
    gaps = clock.drop_nulls("gap")
    times = ((per, "len"), (gaps, "gap"), (per, "first"), (per, "last"), (clock, "slot"))
    columns = {name: events.select(owner, pl.col(name).alias(VALUE)) for name in sets.fields}
    return columns | {
        name: frame.select(OWNER_COLUMN, pl.col(column).alias(VALUE))
        for name, (frame, column) in zip(HISTORY_DISTRIBUTIONS, times, strict=True)
    }


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
