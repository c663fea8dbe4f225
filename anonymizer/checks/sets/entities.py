"""An entity as a row of numbers: how many events it has, when they are, how much, and which values.

Whatever compares entities as a whole (the two-sample test, distances, attacks) sees these numbers.
"""

import polars as pl

from anonymizer.checks.sets.compared_sets import OWNER_COLUMN, ComparedSets
from anonymizer.checks.sets.frequencies import by_frequency

VALUES_WITH_SHARES = 15  # values of a category whose shares describe a history
SECONDS_PER_DAY = 86_400
OF_NO_COLUMN = "\0"  # begins the names of numbers that are of no column


def describe(sets: ComparedSets, *frames: pl.DataFrame) -> list[pl.DataFrame]:
    """A row per entity and a column per number, float64, null where there is nothing to compute.

    Of the time: the number of events, the first and last one in seconds since 1970, gaps in days,
    the hour and the share of weekends. Of each numeric column: moments, ends, extremes, sum, number
    of values, share of whole numbers and of nulls, correlation with the value before. Of each
    category: how many values per event, the share of nulls and of repetitions, and the shares of
    the values that are most frequent in the real set.

    Args:
        sets: the real set tells which columns are numbers and which values are frequent.
        frames: events of any entities.

    Returns:
        A frame for each that was given, (E, D), entities in sorted order.
    """
    parts = [part for of_column in _numbers(sets).values() for part in of_column]
    return [_described(sets, frame, parts) for frame in frames]


def columns_described(sets: ComparedSets) -> list[str]:
    """(D,) the column that each number of `describe` is about; the time for those of none."""
    return [name for name, parts in _numbers(sets).items() for _ in parts]


def is_number(column: pl.Series) -> bool:
    """Whether the values of a column have an order and a mean: numbers and times."""
    return column.dtype.is_numeric() or column.dtype.is_temporal()


def categories(sets: ComparedSets) -> list[str]:
    """The names of the fields that are no numbers."""
    return [name for name in sets.fields if not is_number(sets.real[name])]


def _frequent(column: pl.Series) -> list[str]:
    """The values whose shares describe an entity, the most frequent first."""
    return by_frequency(column)["v"].head(VALUES_WITH_SHARES).to_list()


def _described(sets: ComparedSets, frame: pl.DataFrame, parts: list[pl.Expr]) -> pl.DataFrame:
    """One row per entity, sorted, of what `parts` compute over its events."""
    owner = pl.col(sets.entity).alias(OWNER_COLUMN)
    table = sets.sorted(frame).group_by(owner, maintain_order=True).agg(parts)
    return table.drop(OWNER_COLUMN).cast(pl.Float64).fill_nan(None)


def _numbers(sets: ComparedSets) -> dict[str, list[pl.Expr]]:
    """For each column the expressions that describe it, aggregated over an entity's events."""
    time = pl.col(sets.time).cast(pl.Datetime("us"))
    second = time.dt.epoch("s").cast(pl.Float64)
    gap = second.diff() / SECONDS_PER_DAY
    of_time = [
        pl.len().alias(f"{OF_NO_COLUMN}events"),
        second.min().alias(f"{OF_NO_COLUMN}first time"),
        second.max().alias(f"{OF_NO_COLUMN}last time"),
        *(getattr(gap, f)().alias(f"{OF_NO_COLUMN}gap {word}") for f, word in MOMENTS.items()),
        time.dt.hour().mean().alias(f"{OF_NO_COLUMN}hour mean"),
        time.dt.hour().std().alias(f"{OF_NO_COLUMN}hour spread"),
        (time.dt.weekday() > 5).mean().alias(f"{OF_NO_COLUMN}weekend"),
    ]
    of_fields = {
        name: _of_number(name, pl.col(name).to_physical().cast(pl.Float64))
        if is_number(sets.real[name])
        else _of_category(name, _frequent(sets.real[name]))
        for name in sets.fields
    }
    return {sets.time: of_time, **of_fields}


MOMENTS = {"mean": "mean", "std": "spread", "min": "least", "max": "most"}


def _of_number(name: str, x: pl.Expr) -> list[pl.Expr]:
    """What describes a numeric column of one entity."""
    ends = {"sum": "sum", "first": "first", "last": "last", "n_unique": "variety"}
    return [
        *(getattr(x, f)().alias(f"{name} {word}") for f, word in {**MOMENTS, **ends}.items()),
        (x == x.round()).mean().alias(f"{name} whole"),
        x.is_null().mean().alias(f"{name} nulls"),
        pl.corr(x, x.shift(1)).alias(f"{name} from event to event"),
    ]


def _of_category(name: str, frequent: list[str]) -> list[pl.Expr]:
    """What describes a category of one entity, by the values that are frequent overall."""
    text = pl.col(name).cast(pl.String)
    return [
        (text.n_unique() / pl.len()).alias(f"{name} variety"),
        text.is_null().mean().alias(f"{name} nulls"),
        text.eq_missing(text.shift(1)).slice(1).mean().alias(f"{name} repeats"),
        *((text == value).mean().alias(f"{name} {i + 1}") for i, value in enumerate(frequent)),
    ]
