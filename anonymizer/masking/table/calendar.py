"""What tells when the times truly were that a shift moves: a narrow delivery, a column beside them.

A shift hides when things happened. It hides nothing from whoever knows the time otherwise: a
delivery of one day has one true day, and so has a partition, a text or a number that goes with it.
Such columns are found by their values, whatever their names and types. Two things give one away:

- *Values that several entities share, each in one day* (week, month, quarter): the mean of their
  moved times is the true one. A value that one entity has alone tells nothing: it moves with it.
- *Values in the order of the true times*, as those of serial numbers, epochs and written dates.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import polars as pl
import polars.selectors as cs

from anonymizer.frames import collect
from anonymizer.keys import Key
from anonymizer.masking.masks.base import RESERVED_PREFIX, TIMES, TypeFamily
from anonymizer.masking.masks.identifiers import Drop, Redact
from anonymizer.masking.masks.pseudonyms import Pseudonym
from anonymizer.masking.masks.randomisation import DateShift, Noise, RandomizedResponse, Shuffle
from anonymizer.masking.masks.scrub import Scrub
from anonymizer.masking.plan.plan import Plan

SAMPLED_ROWS: Final = 200_000
_BLOCKS: Final = 40  # that a sample is spread over
_TELLING: Final = 0.99  # of the rows whose unit is told
_OUTLYING: Final = 0.005  # of the rows, at each end, which make no delivery wide
_LEAST_ROWS: Final = 5  # that must be told, for it to be no accident
_UNITS: Final = {"day": "1d", "week": "1w", "month": "1mo", "quarter": "1q"}
# What is left of a value tells no time, or is not worth computing here.
_BLIND: Final = (
    *(DateShift, Drop, Redact, Pseudonym, Noise, RandomizedResponse, Shuffle, Scrub),
)  # fmt: skip
_WHO, _DAY, _VALUE = (f"{RESERVED_PREFIX}{name}" for name in ("who", "day", "value"))


class Telling(NamedTuple):
    """What gives a true time away: the column, what it tells, and the way out."""

    column: str
    risk: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.column}: {self.risk}: {self.remedy}"


class _Moved(NamedTuple):
    """A column whose times are moved: its name, the largest shift, and its true day in each row."""

    name: str
    days: int
    true_day: pl.Expr


def tellings(plan: Plan, table: pl.LazyFrame, key: Key | None, *, seekable: bool) -> list[Telling]:
    """What gives away the true times that are moved; nothing where nothing is moved.

    Args:
        plan: fitted; columns with masks that were to learn and did not are left out.
        table: of which a sample is read.
        key: the secret; None only when the plan is not keyed.
        seekable: whether it can be read from the middle, as Parquet can and CSV cannot.
    """
    moved = list(_moved(plan, key))
    if not moved:
        return []
    whose = pl.col(plan.rules.entity or "").alias(_WHO)  # nothing moves without an entity
    days = [each.true_day.alias(f"{_DAY}_{each.name}") for each in moved]
    sample = _sampled(table, seekable=seekable)
    masked = plan.masked(sample, key, _seeing(plan, key), whose, *days)
    rows = _unnested(collect(masked))
    return [telling for each in moved for telling in _tellings(each, rows)]


def _sampled(table: pl.LazyFrame, *, seekable: bool) -> pl.LazyFrame:
    """Rows from all over a table, so many that what holds for them holds for nearly all."""
    rows = collect(table.select(pl.len())).item()
    if rows <= SAMPLED_ROWS:
        return table
    if not seekable:
        return table.gather_every(-(-rows // SAMPLED_ROWS))
    size = SAMPLED_ROWS // _BLOCKS
    return pl.concat([table.slice(rows * block // _BLOCKS, size) for block in range(_BLOCKS)])


def _moved(plan: Plan, key: Key | None) -> Iterator[_Moved]:
    for mask, column in plan.assignments(key):
        if isinstance(mask, DateShift) and TypeFamily.of(column.dtype) in TIMES:
            day = column.values.cast(pl.Date)
            shown = day if column.applies is None else pl.when(column.applies).then(day)
            yield _Moved(column.name, mask.days, shown)


def _seeing(plan: Plan, key: Key | None) -> list[str]:
    """The columns of the output of which some value may tell a time."""
    blind = {column.name for mask, column in plan.assignments(key) if isinstance(mask, _BLIND)}
    unlearned = {
        column.name
        for mask, column in plan.assignments(key)
        if column.learned is None and mask.learns(column)
    }
    entity = plan.rules.entity
    return [
        node.column
        for node in plan.kept
        if node.column != entity and not {node.column} & (blind | unlearned)
    ]


def _unnested(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the fields of structs as columns; what is in lists is left out."""
    while structs := [name for name, dtype in frame.schema.items() if dtype == pl.Struct]:
        frame = frame.unnest(structs, separator=".")
    return frame.select(~cs.nested() & ~cs.binary() & ~cs.object())


def _tellings(moved: _Moved, rows: pl.DataFrame) -> Iterator[Telling]:
    day = f"{_DAY}_{moved.name}"
    timed = rows.filter(pl.col(day).is_not_null())
    span = _span(timed[day])
    if 0 < span < moved.days:
        risk = (
            f"the rows span {span} days and move by up to {moved.days}: whoever knows when they "
            "were delivered knows the shift"
        )
        remedy = "deliver more days at once, or truncate the times instead of moving them"
        yield Telling(moved.name, risk, remedy)
    for name in timed.columns:
        if name.startswith(RESERVED_PREFIX):
            continue
        known = timed.select(pl.col(name).alias(_VALUE), pl.col(day).alias(_DAY), _WHO)
        if unit := _unit_told(known):
            yield Telling(name, f"tells the true {unit} of '{moved.name}', which moves", "drop it")


def _span(days: pl.Series) -> int:
    """How many days nearly all rows lie in; 0 without rows."""
    if days.is_empty():
        return 0
    numbers = days.to_physical()
    low, high = (numbers.quantile(q, "nearest") for q in (_OUTLYING, 1 - _OUTLYING))
    return 0 if low is None or high is None else int(high - low) + 1


def _unit_told(known: pl.DataFrame) -> str | None:
    """The finest unit of time that a column tells for nearly all rows, or None."""
    for unit, step in _UNITS.items():
        told = known.with_columns(pl.col(_DAY).dt.truncate(step)).drop_nulls(_VALUE)
        if told[_DAY].n_unique() < 2:
            continue
        if _by_sharing(told) or any(_by_order(told, key) for key in _orders(told.schema[_VALUE])):
            return unit
    return None


def _by_sharing(told: pl.DataFrame) -> bool:
    """Whether each value belongs to one unit, and several entities have it."""
    one_unit = pl.col(_DAY).n_unique().over(_VALUE) == 1
    several = pl.col(_WHO).n_unique().over(_VALUE) > 1
    return _nearly_all(told[_DAY], told.select(one_unit & several).to_series())


def _by_order(told: pl.DataFrame, key: pl.Expr) -> bool:
    """Whether units in the order of the values are units in their own order, or the reverse."""
    ordered = told.select(_DAY, key=key).drop_nulls()
    if len(ordered) < _TELLING * len(told):
        return False
    # Equal values stand in an order that has nothing to do with time.
    by_value = ordered.sample(fraction=1, shuffle=True, seed=0).sort("key", maintain_order=True)
    days = by_value[_DAY]
    return any(_nearly_all(days, days == days.sort(descending=down)) for down in (False, True))


def _nearly_all(units: pl.Series, told: pl.Series) -> bool:
    """Whether a unit is told for nearly all rows; the commonest one does not count."""
    other = units != units.mode().sort()[0]
    return float((told & other).sum()) >= max(_LEAST_ROWS, _TELLING * int(other.sum()))


def _orders(dtype: pl.DataType) -> Iterable[pl.Expr]:
    """What values are put in order by: themselves, or the numbers in a text as dates have them."""
    if not isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return [pl.col(_VALUE)]
    text = pl.col(_VALUE).cast(pl.String)
    numbers = text.str.extract_all(r"\d+").list.eval(pl.element().str.zfill(20))
    first, second, third = (numbers.list.get(n, null_on_oob=True) for n in range(3))
    rest = numbers.list.slice(3).list.join("")
    return [
        text,
        numbers.list.join(""),  # 2024-1-31, 7 after 12
        pl.concat_str(third, second, first, rest),  # 31.1.2024
        pl.concat_str(third, first, second, rest),  # 1/31/2024
    ]
