"""Canaries: invented histories in the training data that no model should remember.

Carlini et al. (2019): if a model finds planted histories likelier than others that were drawn alike
and kept aside, it has learned them by heart. Nothing but memory can tell the two apart.
"""

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from anonymizer.checks.figures.figure import OPEN, Figure
from anonymizer.checks.figures.statistics import DOUBT, auc_interval, normal_point, roc_auc
from anonymizer.checks.privacy.membership import FOR_SURE, Likelihood, losses
from anonymizer.checks.sets.compared_sets import OWNER_COLUMN
from anonymizer.checks.sets.entities import is_number
from anonymizer.errors import DataError
from anonymizer.frames import IntoFrame, eager

# Entities that hold a value, or span an interval, before a canary may take from it.
MIN_HOLDERS_OF_VALUE = 5
MAX_DIGITS = 6  # after the point, of numbers that are drawn
VALUE_COLUMN = "\0value"  # a name that no column has


class Canaries(NamedTuple):
    """Training data with canaries in it.

    Attributes:
        frame: the training events and those of the planted canaries: what to fit on.
        planted: the events of the planted canaries.
        control: the events of as many others, drawn alike, which the model must not see.
    """

    frame: pl.DataFrame
    planted: pl.DataFrame
    control: pl.DataFrame

    def __repr__(self) -> str:
        """How many events there are; the frames hold raw rows."""
        sizes = (f"{name}: {len(frame):,} events" for name, frame in self._asdict().items())
        return f"Canaries({', '.join(sizes)})"


def plant(train: IntoFrame, *, entity: str, time: str, n: int, seed: int = 0) -> Canaries:
    """Add n canaries, invented histories, to training data, and keep as many for comparison.

    Length, times and the values of each column are drawn on their own: plausible one by one, random
    together. Taken are values that five entities hold; of numbers and times that hardly repeat,
    random ones between those of five entities. Columns that hold once per entity do so here.

    Args:
        train: the events to fit a model on; a Polars (eager or lazy), pandas or Arrow frame.
        entity: column that says whose event it is, of numbers or text.
        time: column that says when.
        n: how many canaries to plant.
        seed: of the draws. Who knows it knows the canaries.

    Returns:
        Three Polars frames with the columns of `train`: what to fit on, the canaries in it, and
        those that were kept aside.

    Raises:
        DataError: a column is absent, n is no number of canaries, entities are too few, or there
            is no room for new ones.

    Example:
        >>> from datetime import date
        >>> train = pl.DataFrame({"who": [1, 2, 3, 4, 5], "when": [date(2024, 1, 1)] * 5})
        >>> canaries = plant(train, entity="who", time="when", n=2, seed=7)
        >>> sorted(canaries.planted["who"].append(canaries.control["who"]).unique())
        [6, 7, 8, 9]
    """
    _require_count(n)
    train = eager(train)
    absent = [name for name in (entity, time) if name not in train.columns]
    if absent:
        raise DataError(f"the training data has no column '{absent[0]}'")
    events = train.drop_nulls([entity, time])
    owner = events[entity].rank("dense").cast(pl.Int64) - 1
    lengths = pl.Series(np.bincount(owner))
    if len(lengths) < MIN_HOLDERS_OF_VALUE:
        raise DataError(f"canaries need the histories of {MIN_HOLDERS_OF_VALUE} entities or more")
    rng = np.random.default_rng(seed)
    numbers = _drawn(lengths, pl.Series(np.arange(len(lengths))), 2 * n, rng)
    _require_drawn(numbers, "length")
    whose = np.repeat(np.arange(2 * n), numbers.to_numpy())
    columns = {}
    for name in events.columns:
        if name == entity:
            columns[name] = _new_names(events[entity], 2 * n, rng).gather(whose)
        elif name != time and _holds_once(events[name], owner):
            columns[name] = _drawn(events[name], owner, 2 * n, rng).gather(whose)
        else:
            columns[name] = _drawn(events[name], owner, len(whose), rng)
    _require_drawn(columns[time], "time")
    drawn = pl.DataFrame(columns).with_columns(pl.Series(OWNER_COLUMN, whose))
    drawn = drawn.sort(OWNER_COLUMN, time, maintain_order=True)
    planted, control = (
        drawn.filter(chosen).drop(OWNER_COLUMN)
        for chosen in (pl.col(OWNER_COLUMN) < n, pl.col(OWNER_COLUMN) >= n)
    )
    return Canaries(pl.concat([train, planted]), planted, control)


def _require_count(n: Any) -> None:
    """The number of canaries is a whole one from 1 on."""
    whole: Any = Integral  # NumPy's count as well
    if not isinstance(n, whole) or isinstance(n, bool) or not n >= 1:
        raise DataError("n must be a whole number, 1 or more: it is how many canaries are planted")


def _require_drawn(values: pl.Series, what: str) -> None:
    """Lengths and times were found that are not those of a few: a canary cannot do without."""
    if values.null_count():
        raise DataError(
            f"canaries need the histories of {2 * MIN_HOLDERS_OF_VALUE} entities or more, where no "
            f"{what} is that of {MIN_HOLDERS_OF_VALUE}"
        )


def _holds_once(column: pl.Series, owner: pl.Series) -> bool:
    """Whether no entity has two values."""
    pairs = pl.DataFrame({OWNER_COLUMN: owner, VALUE_COLUMN: column}).unique()
    return len(pairs) == owner.n_unique()


def _drawn(column: pl.Series, owner: pl.Series, count: int, rng: np.random.Generator) -> pl.Series:
    """(count,) values as frequent as in a column, none that only a few entities hold."""
    table = pl.DataFrame({OWNER_COLUMN: owner, VALUE_COLUMN: column})
    common = table.filter(
        pl.col(OWNER_COLUMN).n_unique().over(VALUE_COLUMN) >= MIN_HOLDERS_OF_VALUE
    )[VALUE_COLUMN]
    if is_number(column) and len(common) < len(column) / 2:
        return _between(table, count, rng)
    if common.is_empty():
        return pl.Series([None] * count, dtype=column.dtype)
    return common.gather(rng.integers(len(common), size=count))


def _between(table: pl.DataFrame, count: int, rng: np.random.Generator) -> pl.Series:
    """Random numbers, each within what `MIN_HOLDERS_OF_VALUE` neighbouring entities span."""
    dtype = table.schema[VALUE_COLUMN]
    value = pl.col(VALUE_COLUMN).to_physical().cast(pl.Float64)
    known = table.select(OWNER_COLUMN, value.alias(VALUE_COLUMN)).filter(
        pl.col(VALUE_COLUMN).is_finite()
    )
    one_each = known.sample(fraction=1, shuffle=True, seed=int(rng.integers(2**32)))
    ordered = (
        one_each.unique(OWNER_COLUMN, keep="first", maintain_order=True)[VALUE_COLUMN]
        .sort()
        .to_numpy()
    )
    if len(ordered) < 2 * MIN_HOLDERS_OF_VALUE:
        return pl.Series([None] * count, dtype=dtype)
    # As far as `MIN_HOLDERS_OF_VALUE` entities reach on either side: nobody's extreme is an end.
    ordered = np.clip(ordered, ordered[MIN_HOLDERS_OF_VALUE - 1], ordered[-MIN_HOLDERS_OF_VALUE])
    start = rng.integers(len(ordered) - MIN_HOLDERS_OF_VALUE + 1, size=count)
    drawn = rng.uniform(ordered[start], ordered[start + MIN_HOLDERS_OF_VALUE - 1])
    if dtype.is_float() or dtype.is_decimal():
        return pl.Series(np.round(drawn, _digits(known[VALUE_COLUMN]))).cast(dtype)
    whole = ordered.astype(np.int64)
    step = max(1, int(np.gcd.reduce(whole - whole[0])))  # such as a minute, or a day
    steps = np.round((drawn - whole[0]) / step).astype(np.int64)
    return pl.Series(whole[0] + step * steps).cast(dtype)


def _digits(numbers: pl.Series) -> int:
    """How many digits after the point all numbers have at most."""
    for digits in range(MAX_DIGITS):
        if (numbers.round(digits) == numbers).all():
            return digits
    return MAX_DIGITS


def _new_names(names: pl.Series, count: int, rng: np.random.Generator) -> pl.Series:
    """As many entities that are not there yet, in no order."""
    if names.dtype == pl.String:
        return pl.Series([f"canary {rng.bytes(8).hex()}" for _ in range(count)])
    try:
        first = int(names.max()) + 1  # type: ignore[arg-type]  # (what is no number is caught)
        return pl.Series(first + rng.permutation(count)).cast(names.dtype)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"column '{names.name}' is {names.dtype} and has no room for canaries: cast it to "
            "Int64 or String"
        ) from error


def exposure(
    canaries: tuple[pl.DataFrame, pl.DataFrame], entity: str, likelihood: Likelihood
) -> Figure:
    """How often a planted canary is likelier to the model than one that was kept aside, as ROC AUC.

    Args:
        canaries: events of the planted ones, and of those kept aside.
        entity: column that says whose event it is.
        likelihood: of the model that learned from the planted ones.
    """
    planted, control = (losses(entity, likelihood, frame) for frame in canaries)
    truth = np.repeat([True, False], [len(planted), len(control)])
    sizes = len(planted), len(control)
    auc = auc_interval(roc_auc(truth, -np.concatenate([planted, control])), *sizes)
    return Figure(
        "Canaries: planted ones likelier than others (exposure, ROC AUC)",
        auc,
        0.5,
        None,
        f"{len(planted):,} invented histories were in the training data, {len(control):,} drawn "
        "alike were not; only memory can tell them apart.",
        auc_interval(auc.value, *sizes, normal_point(DOUBT)).low,
        judged_as=FOR_SURE,
        open_length=OPEN,
    )
