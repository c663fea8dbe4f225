"""What tells when the times truly were that a shift moves: a narrow delivery, a column beside them.

A shift hides when things happened. It hides nothing from whoever knows the time otherwise: a
delivery of one day has one true day, and so has a partition, a text or a number that goes with it.
Such columns are found by their values, whatever their names and types. Three things give one away:

- *Values that are the true day* (week, month, quarter), in one of the usual notations.
- *Values that several entities share, each within a day* (week ...): the mean of their
  moved times is the true one. A value that one entity has alone tells nothing: it moves with it.
- *Values in the order of the true times*, as those of serial numbers, epochs and written dates.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import polars as pl
import polars.selectors as cs

from anonymizer.frames import collect
from anonymizer.keys import Key
from anonymizer.masking.masks.base import RESERVED_PREFIX
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.masks.identifiers import Drop, Redact
from anonymizer.masking.masks.pseudonyms import Pseudonym
from anonymizer.masking.masks.randomisation import Noise, RandomizedResponse, Shuffle
from anonymizer.masking.masks.scrub import Scrub
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.plan.schema_tree import TreeNode

SAMPLED_ROWS: Final = 200_000
_BLOCKS: Final = 40  # that a sample is spread over
_REMEDY: Final = "deliver more days at once, or truncate the times instead of moving them"
_TELLING: Final = 0.99  # of the rows whose unit is told
_OUTLYING: Final = 0.005  # of the rows, at each end, which make no delivery wide
_ORDERED_ROWS: Final = 4_000  # that show whether values are in the order of time
_LEAST_ROWS: Final = 20  # fewer agree by accident
_MANY_ENTITIES: Final = 10  # fewer are a trial: what a narrow delivery tells is said, not refused
_UNITS: Final = {"day": 1, "week": 7, "month": 31, "quarter": 92}  # days
# What is left of a value tells no time, or is not worth computing here.
_BLIND: Final = (
    *(DateShift, Drop, Redact, Pseudonym, Noise, RandomizedResponse, Shuffle, Scrub),
)  # fmt: skip
_WRITTEN: Final = {
    "day": ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y"),
    "week": ("%G-W%V", "%GW%V", "%G%V"),
    "month": ("%Y-%m", "%Y%m", "%Y/%m", "%m/%Y"),
    "quarter": ("%Y-Q{q}", "%YQ{q}", "Q{q} %Y", "Q{q}/%Y"),
}
_WHO, _DAY, _VALUE, _CUT = (f"{RESERVED_PREFIX}{name}" for name in ("who", "day", "value", "cut"))


class Telling(NamedTuple):
    """What gives a true time away.

    Attributes:
        column: that does.
        risk: what it tells.
        remedy: the way out.
        grave: whether rows must not leave before somebody has accepted it.
    """

    column: str
    risk: str
    remedy: str
    grave: bool = True

    def __str__(self) -> str:
        return f"{self.column}: {self.risk}: {self.remedy}"


class _Moved(NamedTuple):
    """A column whose times are moved.

    Attributes:
        name: of the column.
        days: the largest shift.
        true_day: of each row, as an expression over the raw columns.
        who: whose shift it is, likewise.
        is_cut: whether only the year of a time is left, likewise; null where there is no time.
    """

    name: str
    days: int
    true_day: pl.Expr
    who: pl.Expr
    is_cut: pl.Expr

    @property
    def day_column(self) -> str:
        """Where a sample has the true day."""
        return f"{_DAY}_{self.name}"

    @property
    def cut_column(self) -> str:
        """Where a sample says whether a time is cut."""
        return f"{_CUT}_{self.name}"

    @property
    def who_column(self) -> str:
        """Where a sample says whose shift it is."""
        return f"{_WHO}_{self.name}"


def tellings(
    plan: Plan, table: pl.LazyFrame, key: Key | None, *, seekable: bool, rows: int | None = None
) -> list[Telling]:
    """What gives away the true times that are moved; nothing where nothing is moved.

    Args:
        plan: fitted; columns with masks that were to learn and did not are left out.
        table: of which a sample is read.
        key: the secret; None only when the plan is not keyed.
        seekable: whether it can be read from the middle, as Parquet can and CSV cannot.
        rows: how many it has, where that is known.
    """
    moved = list(_moved(plan, key))
    if not moved:
        return []
    whose = [each.who.alias(each.who_column) for each in moved]
    days = [each.true_day.alias(each.day_column) for each in moved]
    days += [each.is_cut.alias(each.cut_column) for each in moved]
    rows = collect(table.select(pl.len())).item() if rows is None else rows
    sample = _sampled(table, rows, seekable=seekable)
    blind, unready = _blind(plan), _unready(plan, key)
    columns = {node.column for node in plan.kept if unready.isdisjoint(_inside(node))}
    masked = plan.masked(sample, key, columns - blind, *whose, *days)
    shown = _unnested(collect(masked)).drop(blind, strict=False)
    return [telling for each in moved for telling in _tellings(each, shown)]


def _sampled(table: pl.LazyFrame, rows: int, *, seekable: bool) -> pl.LazyFrame:
    """Rows from all over a table, so many that what holds for them holds for nearly all."""
    if rows <= SAMPLED_ROWS:
        return table
    if not seekable:
        return table.gather_every(-(-rows // SAMPLED_ROWS))
    size = SAMPLED_ROWS // _BLOCKS
    return pl.concat([table.slice(rows * block // _BLOCKS, size) for block in range(_BLOCKS)])


def _moved(plan: Plan, key: Key | None) -> Iterator[_Moved]:
    for mask, column in plan.assignments(key):
        if isinstance(mask, DateShift):
            meant = pl.when(pl.lit(value=True) if column.applies is None else column.applies)
            day, cut = (meant.then(each(column)) for each in (mask.moved_day, mask.is_cut))
            yield _Moved(column.name, mask.days, day, column.entity_values(), cut)


def _blind(plan: Plan) -> set[str]:
    """The columns and fields of which nothing is left that may tell a time; the entity's too."""
    seeing = {leaf.column for leaf, mask in plan.masks if not isinstance(mask, _BLIND)}
    blind = {leaf.column for leaf in plan.leaves if leaf.column not in seeing}
    return blind | set(plan.rules.entity_columns)


def _unready(plan: Plan, key: Key | None) -> set[str]:
    """The columns whose masks have not learned what they must, as for `lint`."""
    return {
        column.name
        for mask, column in plan.assignments(key)
        if column.learned is None and mask.learns(column)
    }


def _inside(node: TreeNode) -> set[str]:
    return {leaf.column for leaf in node.leaves()}


def _unnested(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the fields of structs as columns; what is in lists is left out."""
    while structs := [name for name, dtype in frame.schema.items() if dtype == pl.Struct]:
        frame = frame.unnest(structs, separator=".")
    plain = frame.select(~cs.nested() & ~cs.binary() & ~cs.object())
    return plain.with_columns(cs.duration().to_physical())


def _tellings(moved: _Moved, rows: pl.DataFrame) -> Iterator[Telling]:
    cut = rows[moved.cut_column].mean()
    if isinstance(cut, float) and cut >= _TELLING:
        risk = "its times are days that many share, of which only the year would be left"
        yield Telling(moved.name, risk, _REMEDY, grave=_are_many(moved, rows))
    timed = rows.filter(pl.col(moved.day_column).is_not_null())
    span = _span(timed[moved.day_column])
    if 0 < span < moved.days:
        risk = (
            f"the rows span {span} {'day' if span == 1 else 'days'}, fewer than the {moved.days} "
            "that times move by: whoever knows when they were delivered knows the shift"
        )
        yield Telling(moved.name, risk, _REMEDY, grave=_are_many(moved, timed))
    for name in timed.columns:
        if name.startswith(RESERVED_PREFIX):
            continue
        names = {_VALUE: name, _DAY: moved.day_column, _WHO: moved.who_column}
        known = timed.select(pl.col(column).alias(alias) for alias, column in names.items())
        if unit := _unit_told(known):
            yield Telling(name, f"tells the true {unit} of '{moved.name}', which moves", "drop it")


def _are_many(moved: _Moved, rows: pl.DataFrame) -> bool:
    return rows[moved.who_column].n_unique() >= _MANY_ENTITIES


def _span(days: pl.Series) -> int:
    """How many days nearly all rows lie in; 0 without rows."""
    if days.is_empty():
        return 0
    numbers = days.to_physical()
    low, high = (numbers.quantile(q, "nearest") for q in (_OUTLYING, 1 - _OUTLYING))
    return 0 if low is None or high is None else int(high - low) + 1


def _unit_told(known: pl.DataFrame) -> str | None:
    """The finest unit of time that a column tells for nearly all rows, or None."""
    told = known.drop_nulls(_VALUE)
    some = told.sample(min(len(told), _ORDERED_ROWS), shuffle=True, seed=0)
    for unit, forms in _WRITTEN.items():
        if any(_by_notation(some, form) for form in forms):
            return unit
    if len(told) < _LEAST_ROWS:
        return None
    # Where all rows lie within two of a unit, anything would tell it.
    units = [unit for unit, days in _UNITS.items() if 2 * days <= _span(told[_DAY])]
    within = min(_by_sharing(told), *(_by_order(some, key) for key in _orders(some)))
    return next((unit for unit in units if within < _UNITS[unit]), None)


def _by_notation(told: pl.DataFrame, form: str) -> bool:
    """Whether nearly each value begins with the day (week ...) as it is written in this form."""
    parts = form.split("{q}")
    written = pl.col(_DAY).dt.to_string(parts[0])
    for part in parts[1:]:
        quarter = pl.col(_DAY).dt.quarter().cast(pl.String)
        written = pl.concat_str(written, quarter, pl.col(_DAY).dt.to_string(part))
    begins = pl.col(_VALUE).cast(pl.String).str.starts_with(written)
    return float(told.select(begins.mean()).item() or 0) >= _TELLING


def _by_sharing(told: pl.DataFrame) -> float:
    """Within how many days the rows of a value lie that several entities have, for nearly all."""
    values = told.group_by(_VALUE).agg(
        pl.len(), last=pl.col(_DAY).max(), first=pl.col(_DAY).min(), who=pl.col(_WHO).n_unique()
    )
    span = (pl.col("last") - pl.col("first")).dt.total_days().cast(pl.Float64)
    within = pl.when(pl.col("who") > 1).then(span).otherwise(float("inf"))
    return _for_nearly_all(values.select(within.repeat_by("len").explode()).to_series())


def _by_order(mixed: pl.DataFrame, key: pl.Expr) -> float:
    """How many days apart are, for nearly all rows, days in the order of values and in their own.

    Equal values must be mixed: they stand in an order that has nothing to do with time.
    """
    days = mixed.sort(key, maintain_order=True)[_DAY]
    both = [(days - days.sort(descending=down)).dt.total_days().abs() for down in (False, True)]
    return min(_for_nearly_all(apart) for apart in both)


def _for_nearly_all(days: pl.Series) -> float:
    """What nearly all of the numbers do not exceed."""
    most = days.quantile(_TELLING, "higher")
    return float("inf") if most is None else float(most)


def _orders(told: pl.DataFrame) -> Iterable[pl.Expr]:
    """What values are put in order by: themselves, or the numbers in a text as dates have them."""
    if not isinstance(told.schema[_VALUE], pl.String | pl.Categorical | pl.Enum):
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
