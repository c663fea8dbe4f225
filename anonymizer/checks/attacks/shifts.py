"""The shift of an entity's times, guessed from the order of the rows, or from the calendar.

Logs and exports are sorted by time. Where a masked table still is in that order, the masked times
smoothed over the row number are the true times, up to what the shifts of the neighbours leave, and
the mean distance of an entity's rows to that curve is its shift. Nothing but the masked table is
needed. Neither cutting off the ends of the table (`truncate`) nor shuffling blocks of rows helps.

Nor does any order help against who knows how much happened on each true day, from opening hours,
holidays, published sales: moved by the wrong shift, somebody bought on days on which nobody did.
"""

from typing import Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.checks.figures.statistics import Estimate, share
from anonymizer.dates import MOST_PARTS, PARTS, one_for_one

TOLERANCE: Final = 2.0  # days that a guess may be off
_ROUNDS: Final = 3  # each smooths what is left when the shifts guessed so far are taken off
_WINDOWS: Final = 50  # so many fit into the table
_LEAST_WINDOW: Final = 51  # rows
_STEADY: Final = 0.1  # days by which rows of one entity may move differently: clocks change
_MOST_GUESSED: Final = 2_000  # entities whose shift is looked for in the calendar
_UNSEEN: Final = 0.5  # visits that a day may have had on which none is known
_MIN_MOVED: Final = 0.5  # share of the entities that must be moved by steps of their own

_WHO, _TIME, _GUESS, _TRUTH = "who", "time", "guess", "truth"
_UNMOVED: Final = pl.col(_TIME) - pl.col(_GUESS)


class ShiftsFound(NamedTuple):
    """How well shifts are guessed.

    Attributes:
        found: share of the entities whose shift is guessed within two days.
        chance: what is reached without what the attack looks at: by the best guess that is the
            same for everybody; of the order of rows also by the same attack on the rows in random
            order, as where histories begin and end tells a little too.
        entities: how many are guessed.
    """

    found: Estimate
    chance: float
    entities: int

    @property
    def gain(self) -> float:
        """The share of what chance leaves that is found; 0 where it is less than by chance."""
        left = 1 - self.chance
        return max(0.0, (self.found.value - self.chance) / left) if left else 0.0


def true_shifts(who: pl.Series, raw: pl.Series, masked: pl.Series) -> pl.DataFrame | None:
    """The days by which the times of each entity were moved; None where they were not so moved.

    Args:
        who: the entity of each row.
        raw: its time before masking, Date or Datetime.
        masked: its time after it.

    Returns:
        One row per entity: `who`, `truth` (days).
    """
    moved = pl.DataFrame([who.alias(_WHO), (days_of(masked) - days_of(raw)).alias(_TRUTH)])
    each = moved.drop_nulls().group_by(_WHO).agg(
        pl.col(_TRUTH).median(), apart=pl.col(_TRUTH).max() - pl.col(_TRUTH).min()
    )  # fmt: skip
    steady = each.filter(pl.col("apart") < _STEADY, pl.col(_TRUTH).abs() > _STEADY)
    if len(steady) < _MIN_MOVED * len(each) or steady[_TRUTH].n_unique() < 2:
        return None
    return steady.select(_WHO, _TRUTH)


def days_of(time: pl.Series) -> pl.Series:
    """Dates or moments as days since 1970, with their fractions."""
    moments = time.cast(pl.Datetime("us"))
    return moments.to_physical().cast(pl.Float64) / 86_400_000_000


def by_order(who: pl.Series, time: pl.Series) -> pl.DataFrame:
    """Guess shifts from a masked table alone, by the order of its rows.

    Args:
        who: the entity of each row, in the order of the table.
        time: its masked time.

    Returns:
        One row per entity: `who`, `guess` (days).
    """
    rows = pl.DataFrame([who.alias(_WHO), days_of(time).alias(_TIME)]).drop_nulls()
    window = max(_LEAST_WINDOW, len(rows) // _WINDOWS)
    smooth = _UNMOVED.rolling_mean(window, min_samples=1, center=True)
    return _guessed(rows, smooth)


def by_group(who: pl.Series, time: pl.Series, group: pl.Series) -> pl.DataFrame:
    """The same by a column whose values go with the true day, such as a partition or a batch."""
    rows = pl.DataFrame([who.alias(_WHO), days_of(time).alias(_TIME), group.alias("group")])
    return _guessed(rows.drop_nulls(), _UNMOVED.mean().over("group"))


def _guessed(rows: pl.DataFrame, true_time: pl.Expr) -> pl.DataFrame:
    """The mean distance of an entity's rows to the true time, which is sharper in each round."""
    rows = rows.with_columns(pl.lit(0.0).alias(_GUESS))
    for _ in range(_ROUNDS):
        apart = rows.with_columns((pl.col(_TIME) - true_time).alias("apart"))
        rows = apart.with_columns(pl.col("apart").mean().over(_WHO).alias(_GUESS))
    return rows.group_by(_WHO).agg(pl.col(_GUESS).first())


def by_order_found(
    who: pl.Series, time: pl.Series, truth: pl.DataFrame, *, seed: int
) -> ShiftsFound:
    """How many shifts the order of the rows tells, and how many are guessed without it."""
    found, entities = share_right(by_order(who, time), truth)
    mixed = pl.DataFrame([who.alias(_WHO), time.alias(_TIME)]).sample(
        fraction=1, shuffle=True, seed=seed
    )
    without, _ = share_right(by_order(mixed[_WHO], mixed[_TIME]), truth)
    return ShiftsFound(found, max(_best_constant(truth[_TRUTH]), without.value), entities)


def by_calendar_found(
    who: pl.Series, raw: pl.Series, masked: pl.Series, truth: pl.DataFrame, *, seed: int
) -> ShiftsFound:
    """How many shifts are guessed by who knows how many visits each true day had.

    A visit is a day of an entity. The guess is the shift that makes the days of its visits
    likeliest, if entities visit as the others do. How these did is taken from one half of them, and
    the other half is attacked, so that nobody is found by visits of his own.

    Args:
        who: the entity of each row.
        raw: its time before masking.
        masked: its time after it.
        truth: the shifts, as `true_shifts` gives them.
        seed: of the halves, and of who is attacked where entities are many.
    """
    rows = pl.DataFrame(
        [who.alias(_WHO), days_of(raw).floor().alias("day"), days_of(masked).floor().alias(_TIME)]
    ).drop_nulls()
    mixed = truth.sort(_WHO).sample(fraction=1, shuffle=True, seed=seed)
    whole = mixed[_TRUTH].round().cast(pl.Int64).to_numpy()
    shifts = np.arange(whole.min(), whole.max() + 1)
    half = len(mixed) // 2
    parts = [mixed.head(half), mixed.tail(-half)]
    found = [
        _likeliest(
            rows.join(attacked.head(_MOST_GUESSED // 2), on=_WHO).select(_WHO, _TIME).unique(),
            rows.join(known, on=_WHO).select(_WHO, "day").unique()["day"],
            shifts,
        )
        for known, attacked in (parts, reversed(parts))
    ]
    right, entities = share_right(pl.concat(found), truth)
    return ShiftsFound(right, _best_constant(truth[_TRUTH]), entities)


def _likeliest(visits: pl.DataFrame, known: pl.Series, shifts: IntArray) -> pl.DataFrame:
    """The shift of each entity that makes its visits likeliest; of equal ones the least.

    Args:
        visits: masked days of each entity.
        known: the true days of others' visits.
        shifts: (S,) those that there may be, in days, in order.

    Returns:
        One row per entity: `who`, `guess`.
    """
    visits = visits.sort(_WHO, _TIME)
    day = visits[_TIME].cast(pl.Int64).to_numpy()
    others = known.cast(pl.Int64).to_numpy()
    first = min(day.min() - shifts[-1], others.min())
    days = max(day.max() - shifts[0], others.max()) - first + 1
    usual: FloatArray = np.log(np.bincount(others - first, minlength=days) + _UNSEEN)
    owner = (visits[_WHO].rank("dense").cast(pl.Int64) - 1).to_numpy()
    likely = np.stack([np.bincount(owner, usual[day - s - first]) for s in shifts])  # (S, E)
    guess = pl.Series(_GUESS, shifts[likely.argmax(axis=0)].astype(np.float64))
    return pl.DataFrame([visits[_WHO].unique(maintain_order=True), guess])


def share_right(guesses: pl.DataFrame, truth: pl.DataFrame) -> tuple[Estimate, int]:
    """The share of entities whose shift is guessed within two days, and how many these are of."""
    both = guesses.join(truth, on=_WHO)
    right = (both[_GUESS] - both[_TRUTH]).abs() <= TOLERANCE
    return share(int(right.sum()), len(both)), len(both)


def _best_constant(shifts: pl.Series) -> float:
    """The largest share of shifts that lie within the tolerance of one number."""
    ordered = shifts.sort()
    within = ordered.search_sorted(ordered + 2 * TOLERANCE, "right") - pl.int_range(
        len(ordered), eager=True
    )
    return float(within.max() or 0) / max(1, len(ordered))  # type: ignore[arg-type]


def part_of(time: pl.Series, values: pl.Series) -> str | None:
    """The part of the date for which the values of a column stand, one for one; or None."""
    if not 1 < values.n_unique() <= MOST_PARTS:
        return None
    parts = time.cast(pl.Date).alias("day").to_frame().select(**PARTS)
    return next((name for name in parts.columns if one_for_one(values, parts[name])), None)
