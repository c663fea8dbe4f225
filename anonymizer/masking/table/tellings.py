"""What tells when the times truly were that a shift moves: a narrow delivery, a column beside them.

A shift hides when things happened. It hides nothing from whoever knows the time otherwise: a
delivery of one day has one true day, and so has a partition, a text or a number that goes with it.
Such columns are found by their values, as they are published, of whatever type: a date may stand in
a list of its parts, `[2024, 5, 1]`, and in bytes.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
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
from anonymizer.masking.masks.times import DateTruncate
from anonymizer.masking.plan.plan import Plan, unfolded
from anonymizer.masking.plan.schema_tree import TreeNode
from anonymizer.masking.table.told_days import FINER_THAN, WEEKDAY, TrueDays

SAMPLED_ROWS: Final = 200_000
_BLOCKS: Final = 40  # that a sample is spread over
_REMEDY: Final = "deliver more days at once, or truncate the times instead of moving them"
_REMEDY_OF_WEEKDAYS: Final = "drop it and take it from the moved times, or move them by `weeks`"
_ONLY_YEARS: Final = 0.9  # of the times, of which nothing but the year would be left
# A delivery is narrow where this share of the rows, an entity's as much as another's, lies in fewer
# days than this part of the shift. The rest came late, or is a history that few have.
_NARROW: Final = {"the": (0.99, 1), "9 of 10": (0.9, 0.5), "half of the": (0.5, 0.1)}
_MANY_ENTITIES: Final = 10  # fewer are a trial: what a narrow delivery tells is said, not refused
# What is left of a value tells no time, or is not worth computing here.
_BLIND: Final = (
    *(DateShift, Drop, Redact, Pseudonym, Noise, RandomizedResponse, Shuffle, Scrub),
)  # fmt: skip
_FIRST: Final = 8  # elements of a list, and so many times eight bytes, which hold what tells
_WHO, _DAY, _CUT = (f"{RESERVED_PREFIX}{name}" for name in ("who", "day", "cut"))


class Telling(NamedTuple):
    """What gives a true time away.

    Attributes:
        column: that does.
        risk: what it tells.
        remedy: the way out.
        grave: whether rows must not leave before somebody has accepted it.
        narrow: whether it is that the rows are of few days.
        written: whether it is the time as somebody writes it, which one row tells like many.
    """

    column: str
    risk: str
    remedy: str
    grave: bool = True
    narrow: bool = False
    written: bool = False

    def __str__(self) -> str:
        return f"{self.column}: {self.risk}: {self.remedy}"


class _Moved(NamedTuple):
    """A column whose times are moved.

    Attributes:
        name: of the column.
        days: the largest shift.
        weekly: whether all shifts are of whole weeks.
        true_day: of each row, as an expression over the raw columns.
        who: whose shift it is, likewise.
        is_cut: whether only the year of a time is left, likewise; null where there is no time.
    """

    name: str
    days: int
    weekly: bool
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
    """What gives away the true times that are moved, or what was cut off them.

    Args:
        plan: fitted; columns with masks that were to learn and did not are left out.
        table: of which a sample is read.
        key: the secret; None only when the plan is not keyed.
        seekable: whether it can be read from the middle, as Parquet can and CSV cannot.
        rows: how many it has, where that is known.
    """
    if not moves_or_cuts(plan):
        return []
    rows = collect(table.select(pl.len())).item() if rows is None else rows
    sample = _sampled(table, rows, seekable=seekable)
    found = list(_told_in_rows(plan, sample, key))
    for node, beside, elements in unfolded(plan, sample):
        found += _told_in_rows(beside, elements, key, _inside(node))
    found += _told_of_cut(plan, sample, key)
    return list(dict.fromkeys(found))


def moves_or_cuts(plan: Plan) -> bool:
    """Whether the rules hide when something was, so that it may be told otherwise."""
    return any(isinstance(mask, DateShift | DateTruncate) for _, mask in plan.masks)


def unseen(plan: Plan) -> list[Telling]:
    """That nobody looked, where the rows of a table are not there to be looked at."""
    moved = [leaf.column for leaf, mask in plan.masks if isinstance(mask, DateShift)]
    if not moved or plan.rules.batches == "accepted":
        return []
    risk = "what tells the true times, beside them or as rows of few days, is not looked for here"
    remedy = "run `lint` on a file, or mask an eager frame; `batches: accepted` if it may be known"
    return [Telling(", ".join(dict.fromkeys(moved)), risk, remedy, grave=False)]


def _told_in_rows(
    plan: Plan, sample: pl.LazyFrame, key: Key | None, inside: set[str] | None = None
) -> Iterator[Telling]:
    """What gives true times away that are moved, or stands beside them in the columns inside."""
    moved = list(_moved(plan, key))
    whose = [each.who.alias(each.who_column) for each in moved]
    days = [each.true_day.alias(each.day_column) for each in moved]
    days += [each.is_cut.alias(each.cut_column) for each in moved]
    shown = _shown(plan, sample, key, _published(plan, key), *whose, *days)
    shown = shown.drop(_blind(plan), strict=False)
    rows = collect(in_plain_types(shown)).with_columns(_unmoved(moved, shown))
    for each in moved:
        is_here = inside is None or each.name in inside
        if is_here:
            yield from _narrow(each, rows)
        beside = set(rows.columns) if is_here or inside is None else inside
        found = list(_beside(each, rows, beside))
        yield from found
        yield from _in_lists(each, shown, beside - {told.column for told in found})


def _unmoved(moved: Iterable[_Moved], shown: pl.LazyFrame) -> list[pl.Expr]:
    """Columns in which some rows are moved and others shown otherwise: the others alone tell."""
    names = shown.collect_schema()
    return [
        pl.when(pl.col(each.day_column).is_null() | pl.col(each.cut_column)).then(each.name)
        for each in moved
        if each.name in names
    ]


def _published(plan: Plan, key: Key | None) -> set[str]:
    """The columns whose values, as they are published, may tell something."""
    unready = _unready(plan, key)
    return {n.column for n in plan.kept if unready.isdisjoint(_inside(n))} - _blind(plan)


def _shown(
    plan: Plan, sample: pl.LazyFrame, key: Key | None, columns: set[str], *beside: pl.Expr
) -> pl.LazyFrame:
    """Masked rows, fields of structs and JSON as columns, without lists that have masks inside."""
    unready = _unready(plan, key)
    inside = [each for name, each in plan.shown_in_json(key).items() if name not in unready]
    masked = collect(plan.masked(sample, key, columns, *inside, *beside)).lazy()
    hidden = {*plan.lists, *(node.column for node in plan.json)}
    return with_fields(masked).drop(hidden, strict=False)


def _told_of_cut(plan: Plan, sample: pl.LazyFrame, key: Key | None) -> Iterator[Telling]:
    """The columns that tell times of the same rows more finely than what is left of them.

    That tells of no other row, and who asked for both may mean it: it is a warning.
    """
    columns = _published(plan, key)
    cut = list(_cut(plan, key, columns))
    if not cut:
        return
    truth = (each for time in cut for each in (time.true_day, time.who))
    every = collect(in_plain_types(_shown(plan, sample, key, columns, *truth)))
    beside = every.select(~cs.starts_with(RESERVED_PREFIX))
    for time in cut:
        dated = every[f"{_DAY}_{time.name}"].is_not_null()
        rows, others = every.filter(dated), beside.filter(dated).drop(time.alike, strict=False)
        days, who = rows[f"{_DAY}_{time.name}"], rows[f"{_WHO}_{time.name}"]
        for told in TrueDays(days, who, others, None, weekly=False).told():
            if told.unit in FINER_THAN[time.unit]:
                risk = told.of(f"'{time.name}', which is cut to its {time.unit}")
                way = f"drop or coarsen it, or `keep` '{time.name}' too, if it may be known"
                yield Telling(told.column, risk, way, grave=False)


class _Cut(NamedTuple):
    """A column of times of which a unit is left.

    Attributes:
        name: of the column.
        unit: that is left.
        true_day: of each row, as an expression over the raw columns.
        who: whose row it is, likewise.
        alike: columns of times of which no more is left, and which tell nothing new.
    """

    name: str
    unit: str
    true_day: pl.Expr
    who: pl.Expr
    alike: set[str]


def _cut(plan: Plan, key: Key | None, columns: set[str]) -> Iterator[_Cut]:
    """The times that are cut, beside which columns may tell more than what is left."""
    cut = [(mask, c) for mask, c in plan.assignments(key) if isinstance(mask, DateTruncate)]
    for mask, column in cut:
        finer, times = FINER_THAN.get(mask.to, frozenset()), mask.times(column)
        alike = columns & {other.name for each, other in cut if each.to not in finer}
        if finer and columns - alike:
            day = pl.when(~times.is_sentinel).then(times.days).cast(pl.Int32, strict=False)
            yield _Cut(
                column.name,
                mask.to,
                day.cast(pl.Date).alias(f"{_DAY}_{column.name}"),
                column.entity_values().alias(f"{_WHO}_{column.name}"),
                alike,
            )


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
            yield _Moved(column.name, mask.days, mask.weeks, day, column.entity_values(), cut)


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


def _in_lists(moved: _Moved, shown: pl.LazyFrame, columns: set[str]) -> Iterator[Telling]:
    """What the elements tell of lists that are kept or masked as a whole."""
    known = (moved.day_column, moved.who_column)
    for name, dtype in shown.collect_schema().items():
        if name in columns and isinstance(dtype, pl.List | pl.Array):
            rows = collect(in_plain_types(_elements_of(shown.select(name, *known), name)))
            yield from _beside(moved, rows, rows.columns)


def _beside(moved: _Moved, rows: pl.DataFrame, columns: Iterable[str]) -> Iterator[Telling]:
    """The columns that tell the true times."""
    timed = rows.filter(pl.col(moved.day_column).is_not_null())
    shown = [name for name in rows.columns if name in columns]
    beside = timed.select(~cs.starts_with(RESERVED_PREFIX) & cs.by_name(shown))
    true, who = timed[moved.day_column], timed[moved.who_column]
    days = TrueDays(true, who, beside, moved.days, weekly=moved.weekly)
    for told in days.told():
        risk = told.of(f"'{moved.name}', which moves")
        remedy = _REMEDY_OF_WEEKDAYS if told.unit == WEEKDAY else "drop or coarsen it"
        yield Telling(told.column, risk, remedy, written=told.written)


def _narrow(moved: _Moved, rows: pl.DataFrame) -> Iterator[Telling]:
    """What a delivery tells of few days, or in which most rows lie in fewer than times move by."""
    grave = rows[moved.who_column].n_unique() >= _MANY_ENTITIES
    cut = rows[moved.cut_column].mean()
    if isinstance(cut, float) and cut >= _ONLY_YEARS:
        risk = "its times are days that many share, of which only the year would be left"
        yield Telling(moved.name, risk, _REMEDY, grave, narrow=True)
    weighed = rows.select(
        pl.col(moved.day_column).alias("day"),
        weight=1 / pl.col(moved.day_column).count().over(moved.who_column),
    ).drop_nulls("day")
    daily = weighed.group_by("day").agg(pl.col("weight").sum()).sort("day")
    for told, (share, part) in _NARROW.items():
        span = _fewest_days(daily["day"], daily["weight"], share)
        if 0 < span < part * moved.days:
            risk = (
                f"{told} rows span {span} {'day' if span == 1 else 'days'}, fewer than the "
                f"{moved.days} that times move by: whoever knows when they were delivered knows "
                "the shift"
            )
            yield Telling(moved.name, risk, _REMEDY, grave, narrow=True)
            return


def _fewest_days(days: pl.Series, weights: pl.Series, share: float) -> int:
    """How many days in a row have a share of all weight; 0 without rows."""
    if days.is_empty():
        return 0
    number, after = days.to_physical().to_numpy(), weights.cum_sum().to_numpy()
    # The sums of floats may fall a little short of what they are.
    least = after - weights.to_numpy() + share * after[-1] * (1 - 1e-9)
    last = np.searchsorted(after, least)
    inside = last < len(number)
    return int((number[last[inside]] - number[inside]).min()) + 1


def with_fields(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with the fields of structs as columns `outer.inner`."""
    while structs := [n for n, dtype in frame.collect_schema().items() if dtype == pl.Struct]:
        frame = frame.unnest(structs, separator=".")
    return frame


def in_plain_types(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame, without structs, with lists and bytes as text or numbers that stand for them."""
    schema = frame.collect_schema()
    odd = frame.select(cs.nested() | cs.binary() | cs.duration()).collect_schema().names()
    return frame.select(~cs.object()).with_columns(_plain(name, schema[name]) for name in odd)


def _elements_of(frame: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """A row for each of the first elements of a list or an array, with what stands beside it."""
    dtype = frame.collect_schema()[name]
    return with_fields(frame.with_columns(_first(name, dtype)).explode(name))


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Duration):
        return column.to_physical()
    if isinstance(dtype, pl.Binary):
        some = column.bin.head(8 * _FIRST)
        return some.map_batches(_decoded, return_dtype=pl.String(), is_elementwise=True)
    some = _first(name, dtype)
    if "Binary" in str(dtype):  # which Polars does not write as JSON
        return pl.when(column.is_not_null()).then(some.hash()).alias(name)
    return pl.when(column.is_not_null()).then(pl.struct(some).struct.json_encode()).alias(name)


def _decoded(values: pl.Series) -> pl.Series:
    """Bytes as text, whatever they are."""
    text = [None if value is None else value.decode("latin-1") for value in values]
    return pl.Series(values.name, text, dtype=pl.String)


def _first(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    return (column.arr.to_list() if isinstance(dtype, pl.Array) else column).list.head(_FIRST)
