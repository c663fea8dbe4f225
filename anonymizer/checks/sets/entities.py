"""What an entity is like, in numbers: its length, times, amounts and categories."""

import polars as pl

from anonymizer.checks.sets.compared_sets import OWNER_COLUMN, ComparedSets
from anonymizer.checks.sets.frequencies import by_frequency

VALUES_WITH_SHARES = 15  # values of a category whose shares describe a history
SECONDS_PER_DAY = 86_400
OF_NO_COLUMN = "\0"  # begins the names of numbers that are of no column


def describe(sets: ComparedSets, *frames: pl.DataFrame) -> list[pl.DataFrame]:
    """A row per entity of each frame and a column per number, null where there is none.

    Events, first and last time, gaps in days; hour and weekend; per number its moments, ends,
    extremes, sum, variety, share of whole ones and nulls, and how it goes on from event to event;
    per category its variety, repeats and the shares of the real set's most frequent values.
    """
    parts = [part for of_column in _numbers(sets).values() for part in of_column]
    return [_described(sets, frame, parts) for frame in frames]


def sources(sets: ComparedSets) -> list[str]:
    """The column that each number of `describe` is about; the time column for those of none."""
    return [name for name, parts in _numbers(sets).items() for _ in parts]


def is_number(column: pl.Series) -> bool:
    """Whether a column has an order and a mean."""
    return column.dtype.is_numeric() or column.dtype.is_temporal()


def categories(sets: ComparedSets) -> list[str]:
    """Fields that are no numbers."""
    return [name for name in sets.fields if not is_number(sets.real[name])]


def _frequent(column: pl.Series) -> list[str]:
    return by_frequency(column)["v"].head(VALUES_WITH_SHARES).to_list()


def _described(sets: ComparedSets, frame: pl.DataFrame, parts: list[pl.Expr]) -> pl.DataFrame:
    owner = pl.col(sets.entity).alias(OWNER_COLUMN)
    table = sets.sorted(frame).group_by(owner, maintain_order=True).agg(parts)
    return table.drop(OWNER_COLUMN).cast(pl.Float64).fill_nan(None)


def _numbers(sets: ComparedSets) -> dict[str, list[pl.Expr]]:
    """What is computed of each column."""
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
    ends = {"sum": "sum", "first": "first", "last": "last", "n_unique": "variety"}
    return [
        *(getattr(x, f)().alias(f"{name} {word}") for f, word in {**MOMENTS, **ends}.items()),
        (x == x.round()).mean().alias(f"{name} whole"),
        x.is_null().mean().alias(f"{name} nulls"),
        pl.corr(x, x.shift(1)).alias(f"{name} from event to event"),
    ]


def _of_category(name: str, frequent: list[str]) -> list[pl.Expr]:
    text = pl.col(name).cast(pl.String)
    return [
        (text.n_unique() / pl.len()).alias(f"{name} variety"),
        text.is_null().mean().alias(f"{name} nulls"),
        text.eq_missing(text.shift(1)).slice(1).mean().alias(f"{name} repeats"),
        *((text == value).mean().alias(f"{name} {i + 1}") for i, value in enumerate(frequent)),
    ]
