"""How closely a column tells the true days of its rows, by its values and whatever its type.

Four things give a day (week, month, quarter) away:

- *Values that are it*, in one of the usual notations.
- *Values that several entities share, each within a day* (week ...): the mean of their
  moved times is the true one. A value that one entity has alone tells nothing: it moves with it.
  A value that comes again after longer than times move tells as much, as months and batches do.
- *Values that stand for a part of the date*, one for one: a month, a day of the month or of the
  week comes again before a long shift ends, and says which few shifts it can be.
- *Values in the order of the true times*, as those of serial numbers, epochs and written dates;
  by themselves, or within another column, as the receipts of each shop.

Of nights of a feed, each of one day, none of that shows: a column whose values come with a night
and go with it is found beside rows of other nights (`told_by_night`).

A column need not tell all rows. What it tells beyond chance is counted, and chance is what the same
values tell of days in random order.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray, distinct
from anonymizer.dates import PARTS
from anonymizer.frames import collect
from anonymizer.masking.masks.base import RESERVED_PREFIX

_ROWS: Final = 60_000  # that show which values are shared
_ORDERED_ROWS: Final = 4_000  # that show whether values are in the order of time
_GROUPED_ROWS: Final = 2_000  # that show it within another column
_GROUPS: Final = 5  # values of that one at least, if these have many of them
_PAIRED_ROWS: Final = 5_000  # that show which pairs of values are shared
_FEW_VALUES: Final = 400  # of a column of such pairs: a year has as many days
_LEAST_AGAIN: Final = 3  # rows of a pair, or it is hardly shared
_MANY_VALUES: Final = 0.1  # of the rows, of a column of numbers within another
_LEAST_ROWS: Final = 20  # fewer agree by accident
_UNITS: Final = {"day": 1, "week": 7, "month": 31, "quarter": 92}  # days
# Of the rows, beyond chance, by how many times the shift later a value counts as another. What
# sells in one season is a product and no calendar; after one shift a guess is right half the time.
_SHARING: Final = {
    2: {"day": 0.02, "week": 0.05, "month": 0.9, "quarter": 0.9},
    1: {"day": 0.5, "week": 0.5},
}
_BY_TWO: Final = 0.5  # at least, of the rows, by pairs of values, of which there are many
_DEVIATIONS: Final = 10  # of a Poisson count; rows of one value agree together, or not at all
_MIXED_ROWS: Final = 5_000  # on shuffled days, at least, that show what chance is
_IN_ORDER: Final = 0.5  # of the rows, beyond chance, that their neighbours in order tell
_ORDERED: Final = ("day", "week")  # what an order tells: goods come and go in the order of numbers
_WRITTEN: Final = {
    "day": (
        *("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y"),
        *("%y%m%d", "%d%m%Y", "%d.%m.%y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y"),
    ),
    "week": ("%G-W%V", "%GW%V", "%G%V"),
    "month": ("%Y-%m", "%Y%m", "%Y/%m", "%m/%Y"),
    "quarter": ("%Y-Q{q}", "%YQ{q}", "Q{q} %Y", "Q{q}/%Y"),
}
_LEAST_DIGITS: Final = 5  # of a day, week, month or quarter in any of these forms
_WORDS: Final = r"\p{L}+|\d+"
_PIECES: Final = 6  # of a text, at its beginning, that are looked at
_ONE_FOR_ONE: Final = 0.5  # of what is not foretold by chance, both ways
_LEAST_WRITTEN: Final = 0.05  # of the rows; nothing else holds their days
_LEAST_ENTITIES: Final = 10  # of a night; fewer are a trial
_OF_TONIGHT: Final = 0.5  # of the rows, whose values no other night has
_DAY_BITS, _WHO_BITS = 22, 18  # of one number that holds value, day and entity of a row
_WHO, _DAY, _VALUE, _GROUP = (
    f"{RESERVED_PREFIX}{name}" for name in ("who", "day", "value", "group")
)
WEEKDAY: Final = "day of the week"  # which shifts of whole weeks keep, so that it tells nothing new
# What of a date stands in a column of its own, the finest first.
_PARTS: Final = {
    name: PARTS[name]
    for name in ("day of the year", "day of the month", "week", "month", "quarter", WEEKDAY)
}
# What is finer than a unit to which dates are cut; a calendar has no weeks in its months.
_OF_DAYS: Final = frozenset({"day", "day of the year", "day of the month"})
FINER_THAN: Final = {
    "week": _OF_DAYS | {WEEKDAY},
    "month": _OF_DAYS | {"week"},
    "quarter": _OF_DAYS | {"week", "month"},
    "year": _OF_DAYS | {"week", "month", "quarter"},
}


class Told(NamedTuple):
    """What a column tells of true days.

    Attributes:
        column: that does.
        unit: the finest that it tells.
        how: by how many of its values, or by what of them.
        group: the column within which alone it tells; or None.
        written: whether it is the day (week ...) as somebody writes it, and needs no other row.
    """

    column: str
    unit: str
    how: str
    group: str | None = None
    written: bool = False

    def of(self, time: str) -> str:
        """What it tells, in words, where `time` says of which times and what becomes of them."""
        within = f", within '{self.group}'" if self.group else ""
        return f"tells the true {self.unit} of {time}{within}, {self.how}"


class TrueDays:
    """Days that nobody may know, and columns beside them.

    Args:
        days: of each row, as dates without nulls.
        who: whose rows they are.
        beside: the columns.
        reach: by how many days at most the days are moved; None where they are cut instead, and
            what several entities share tells nothing.
        weekly: whether they are moved by whole weeks.
    """

    def __init__(
        self,
        days: pl.Series,
        who: pl.Series,
        beside: pl.DataFrame,
        reach: int | None,
        *,
        weekly: bool,
    ) -> None:
        rows = pl.DataFrame([days.alias(_DAY), who.alias(_WHO), *beside])
        self._rows = rows.sample(min(len(rows), _ROWS), shuffle=True, seed=0)
        self._columns, self._reach = beside.columns, reach
        self._parts = {name: part for name, part in _PARTS.items() if name != WEEKDAY or not weekly}

    def told(self) -> Iterator[Told]:
        """What each column tells that tells anything."""
        with ThreadPoolExecutor() as threads:  # what is asked of a column hardly fills one
            found = [told for told in threads.map(self._told_by, self._columns) if told]
        yield from found
        telling = {told.column for told in found}
        silent = [column for column in self._columns if column not in telling]
        # What an entity has once for all tells nothing of single rows.
        varies = self._rows.group_by(_WHO).agg(pl.col(silent).n_unique()).max()
        varying = [column for column in silent if (varies[column].item() or 0) > 1]
        some = self._rows.head(_PAIRED_ROWS)
        values = {column: some[column].n_unique() for column in varying}
        yield from self._by_two(values, some)
        many = [column for column in varying if values[column] > _MANY_VALUES * len(some)]
        yield from self._within(silent, many)

    def _by_two(self, values: Mapping[str, int], rows: pl.DataFrame) -> Iterator[Told]:
        """Columns of few values, of which two together tell, as a year and a month do."""
        few = [column for column, count in values.items() if count <= _FEW_VALUES]
        for one, other in combinations(few, 2) if self._reach else ():
            if values[one] * values[other] * _LEAST_AGAIN <= len(rows):
                both = rows.select(_DAY, _WHO, pl.struct(one, other).alias(_VALUE))
                found = _finest(self._by_sharing(both, _BY_TWO))
                if found := found or _part_told(both, self._parts):
                    yield Told(other, *found, one)

    def _within(self, groups: Sequence[str], many: list[str]) -> Iterator[Told]:
        """Columns of many values, in order within each value of another, as receipts of shops."""
        for group in groups:
            rows = self._in_large_groups(group) if many else self._rows.clear()
            within = {column: _told_within(rows, group, column) for column in many}
            yield from (Told(column, *found, group) for column, found in within.items() if found)
            many = [column for column in many if not within[column]]

    def _told_by(self, column: str) -> Told | None:
        """What a column tells by itself."""
        known = self._rows.select(_DAY, _WHO, pl.col(column).alias(_VALUE)).drop_nulls(_VALUE)
        some = known.head(_ORDERED_ROWS)
        if written := _as_written(some):
            return Told(column, *written, written=True)
        if len(known) < _LEAST_ROWS:
            return None
        found = _finest(_by_order(some) | self._by_sharing(known))
        found = found or _part_told(known, self._parts)
        found = found or self._told_in_text(known.head(_PAIRED_ROWS))
        return Told(column, *found) if found else None

    def _by_sharing(self, known: pl.DataFrame, least: float = 0) -> dict[str, str]:
        """What values that several entities share tell of days that are moved."""
        return {} if self._reach is None else _by_sharing(known, self._reach, least)

    def _told_in_text(self, known: pl.DataFrame) -> tuple[str, str] | None:
        """What words and numbers in a text tell, as the day in the name of a shift, `05-N`."""
        if not isinstance(known[_VALUE].dtype, pl.String | pl.Categorical | pl.Enum):
            return None
        parts = pl.col(_VALUE).cast(pl.String).str.extract_all(_WORDS)
        for place in range(_PIECES):
            piece = known.with_columns(parts.list.get(place, null_on_oob=True)).drop_nulls(_VALUE)
            if len(piece) < _LEAST_ROWS:
                return None
            if found := _finest(self._by_sharing(piece)) or _part_told(piece, self._parts):
                return found
        return None

    def _in_large_groups(self, column: str) -> pl.DataFrame:
        """Rows of values that many rows of several entities have; none where most are not."""
        large = (pl.len() >= _LEAST_ROWS) & (pl.col(_WHO).n_unique() > 1)
        sizes = self._rows.drop_nulls(column).group_by(column).agg(pl.len(), large=large)
        groups = sizes.filter("large").sort("len", column, descending=[True, False])
        if len(groups) < 2 or groups["len"].sum() < _IN_ORDER * len(self._rows):
            return self._rows.clear()
        before = pl.col("len").cum_sum() - pl.col("len")
        some = groups.filter((before < _GROUPED_ROWS) | (pl.int_range(pl.len()) < _GROUPS))
        rows = self._rows.join(some, on=column, how="semi", maintain_order="left")
        return rows.head(_GROUPED_ROWS).sort(column, maintain_order=True)


def _told_within(rows: pl.DataFrame, group: str, column: str) -> tuple[str, str] | None:
    """The finest unit that a column tells within the values of another, and how; or None."""
    if group == column or rows.is_empty():
        return None
    known = rows.select(_DAY, _WHO, pl.col(column).alias(_VALUE), pl.col(group).alias(_GROUP))
    return _finest(_by_order(known.drop_nulls(_VALUE), _GROUP))


def _finest(told: Mapping[str, str]) -> tuple[str, str] | None:
    return next(((unit, told[unit]) for unit in _UNITS if unit in told), None)


def _as_written(told: pl.DataFrame) -> tuple[str, str] | None:
    """The finest unit in whose forms values begin with the day, or hold it, and how many do."""
    digits = pl.col(_VALUE).cast(pl.String).str.count_matches(r"\d")
    if told.select((digits >= _LEAST_DIGITS).sum()).item() < _LEAST_WRITTEN * len(told):
        return None
    meant = {
        (unit, form): _holds(form, within=unit == "day")
        for unit, forms in _WRITTEN.items()
        for form in forms
    }
    counts = told.select(each.sum().alias(f"{key}") for key, each in meant.items()).row(0)
    for (unit, form), count in zip(meant, counts, strict=True):
        if count and count >= _LEAST_WRITTEN * len(told):
            holds = told.filter(meant[unit, form])[_VALUE].n_unique()
            return unit, f"as {holds:,} of {told[_VALUE].n_unique():,} values are written"
    return None


def _holds(form: str, *, within: bool) -> pl.Expr:
    """Whether a value begins with its day (week ...) in a form, or holds it."""
    parts = form.split("{q}")
    written = pl.col(_DAY).dt.to_string(parts[0])
    for part in parts[1:]:
        quarter = pl.col(_DAY).dt.quarter().cast(pl.String)
        written = pl.concat_str(written, quarter, pl.col(_DAY).dt.to_string(part))
    text, written = pl.col(_VALUE).cast(pl.String).str.to_lowercase(), written.str.to_lowercase()
    return text.str.contains(written, literal=True) if within else text.str.starts_with(written)


def _by_sharing(known: pl.DataFrame, reach: int, least: float = 0) -> dict[str, str]:
    """The units within which rows of one value lie that several entities have, and how many do."""
    value = known[_VALUE].hash().rank("dense").cast(pl.Int64)
    days = known[_DAY].to_physical().cast(pl.Int64)
    who = known[_WHO].hash().rank("dense").cast(pl.Int64) - 1
    packed = (value.to_numpy() << _DAY_BITS) + (days - days.min()).to_numpy()
    visits = distinct((packed << _WHO_BITS) + who.to_numpy())
    day = (visits >> _WHO_BITS) % 2**_DAY_BITS
    rng, told = np.random.default_rng(0), dict[str, str]()
    # Of few rows a single draw says too little of chance.
    mixed = [rng.permutation(day) - day for _ in range(min(1 + _MIXED_ROWS // len(day), 8))]
    at_chance = [np.sort(visits + (each << _WHO_BITS)) for each in mixed]
    for times, shares in _SHARING.items():
        spans = [_spans(each, times * reach) for each in (visits, *at_chance)]
        for unit, share in shares.items():
            rows, *others = (int((each < _UNITS[unit]).sum()) for each in spans)
            chance = sum(others) / len(others)
            wanted = max(max(share, least) * len(visits), _DEVIATIONS * (chance + 1) ** 0.5)
            if rows - chance >= wanted:
                tell = visits[spans[0] < _UNITS[unit]] >> _DAY_BITS + _WHO_BITS
                told[unit] = f"by {len(distinct(tell)):,} of {value.n_unique():,} values"
    return told


def _part_told(known: pl.DataFrame, parts: Mapping[str, pl.Expr]) -> tuple[str, str] | None:
    """The finest part of a date for which values stand, one for one but for a few rows; or None."""
    # The lines of an order have one day and one number, and agree for no other reason.
    some = known.head(2 * _PAIRED_ROWS).unique(maintain_order=True)
    if len(some) < _PAIRED_ROWS:
        some = known.unique(maintain_order=True)
    some = some.head(_PAIRED_ROWS)
    shared = some.filter(pl.col(_WHO).n_unique().over(_VALUE) > 1)
    if len(shared) < max(_LEAST_ROWS, len(some) / 2):
        return None  # a value of one entity, as an order's, has one day anyway
    value = some[_VALUE].hash().rank("dense").to_numpy().astype(np.int64)
    if value.max() > _FEW_VALUES:
        return None
    mixed = np.random.default_rng(0).permutation(len(value))
    dates = some.select(pl.col(_DAY).alias("day"))
    for unit, part in dates.select(**parts).to_dict().items():
        number = part.to_numpy().astype(np.int64)
        pairs = [(value, number), (number, value)]
        shares = [(_foretold(one, two), _foretold(one, two[mixed])) for one, two in pairs]
        if all(share - chance > _ONE_FOR_ONE * (1 - chance) for share, chance in shares):
            return unit, f"by its {value.max():,} values"
    return None


def _foretold(known: IntArray, other: IntArray) -> float:
    """The share of rows that have the most frequent other value of those with theirs."""
    pairs, counts = np.unique(known * (_FEW_VALUES + 1) + other, return_counts=True)
    first = np.flatnonzero(np.diff(pairs // (_FEW_VALUES + 1), prepend=-1))
    return float(np.maximum.reduceat(counts, first).sum() / len(known))


def _spans(visits: IntArray, reach: int) -> FloatArray:
    """How many days lie between the first and last row of each row's value; infinite for one's own.

    Args:
        visits: value, day and entity in one number, sorted.
        reach: a value that comes again after more days counts as another.
    """
    value, who = visits >> _DAY_BITS + _WHO_BITS, visits % 2**_WHO_BITS
    day = (visits >> _WHO_BITS) % 2**_DAY_BITS
    begins = np.append(True, (np.diff(value) > 0) | (np.diff(day) > reach))
    first = np.flatnonzero(begins)
    end = np.append(first[1:], len(visits))
    shared = np.minimum.reduceat(who, first) < np.maximum.reduceat(who, first)
    spans: FloatArray = np.where(shared, day[end - 1] - day[first], np.inf)
    return np.repeat(spans, end - first)


def _by_order(mixed: pl.DataFrame, *groups: str) -> dict[str, str]:
    """The units within which neighbours in order of their values tell the day of a row.

    Args:
        mixed: in an order that has nothing to do with time, in which equal values stay; within
            the groups, if there are any, by which they are sorted.
        groups: values are in order within them.
    """
    orders = [mixed.sort(*groups, key, maintain_order=True) for key in orders_of(mixed[_VALUE])]
    chance, apart = _apart(mixed), [_apart(order) for order in orders]
    if np.isinf(chance).all():
        return {}  # so few rows, and neighbours of one entity, that chance is not known
    return {
        unit: "by the order of its values"
        for unit in _ORDERED
        if max((each < _UNITS[unit]).mean() for each in apart)
        >= _IN_ORDER + (chance < _UNITS[unit]).mean()
    }


def _apart(rows: pl.DataFrame) -> FloatArray:
    """How many days lie between each row and the fourth nearest of four before and after it.

    Half of them is enough, as numbers may begin anew each year, which a shift does not hide.
    """
    rows = rows.filter((pl.col(_WHO) != pl.col(_WHO).shift()).fill_null(value=True))
    days = rows[_DAY].to_physical().to_numpy().astype(np.float64)
    if len(days) < _LEAST_ROWS:
        return np.array([np.inf])
    near = np.lib.stride_tricks.sliding_window_view(days, 9)
    apart: FloatArray = np.sort(np.abs(near - near[:, 4:5]), axis=1)[:, 4]  # the first is the row
    return apart


def orders_of(values: pl.Series) -> list[pl.Expr]:
    """What values are put in order by: themselves, or the numbers in a text as dates have them."""
    if not isinstance(values.dtype, pl.String | pl.Categorical | pl.Enum):
        return [pl.col(values.name)]
    text = pl.col(values.name).cast(pl.String)
    numbers = text.str.extract_all(r"\d+").list.eval(pl.element().str.zfill(20))
    first, second, third = (numbers.list.get(n, null_on_oob=True) for n in range(3))
    rest = numbers.list.slice(3).list.join("")
    return [
        text,
        numbers.list.join(""),  # 2024-1-31, 7 after 12
        pl.concat_str(third, second, first, rest),  # 31.1.2024
        pl.concat_str(third, first, second, rest),  # 1/31/2024
    ]


def told_by_night(tonight: pl.LazyFrame, others: pl.LazyFrame, who: str) -> dict[str, str]:
    """The columns whose values are new tonight and of several entities each, or beyond all others.

    With how many they are.

    Args:
        tonight: masked rows.
        others: masked rows of nights before, with the columns that may tell.
        who: the column of `tonight` that says whose its rows are.
    """
    before = collect(others.select(pl.len())).item()
    plain = others.collect_schema().names()
    found = {
        name: _new(tonight.select(value=name, who=who), others.select(value=name))
        or _beyond(tonight.select(value=name), others.select(value=name))
        for name in _of_many_rows(tonight, plain, who, before)
    }
    return {name: told for name, told in found.items() if told}


def _of_many_rows(
    tonight: pl.LazyFrame, names: Sequence[str], who: str, before: int
) -> Iterator[str]:
    """The columns of which so many values are known tonight that others were to be expected before.

    One that is null in most rows has few values in any night, and these are new by accident.
    """
    known = {name: pl.col(name).is_not_null() for name in names}
    persons = {name: pl.col(who).filter(each).n_unique() for name, each in known.items()}
    counted = tonight.select(
        pl.struct(rows=pl.len(), values=each.sum(), who=persons[name]).alias(name)
        for name, each in known.items()
    )
    for column in collect(counted):
        count = column.item()
        expected = count["values"] * min(before / max(count["rows"], 1), 1)
        if expected >= _LEAST_ROWS and count["who"] >= _LEAST_ENTITIES:
            yield column.name


def _new(tonight: pl.LazyFrame, others: pl.LazyFrame) -> str | None:
    """How many values are new, where most rows have such as several entities have; or None."""
    values = tonight.drop_nulls("value").group_by("value")
    counted = collect(values.agg(rows=pl.len(), who=pl.col("who").n_unique()))
    least, shared = int(counted["rows"].sum()) * _OF_TONIGHT, counted.filter(pl.col("who") > 1)
    if not least or int(shared["rows"].sum()) < least:
        return None
    seen = collect(others.join(shared.lazy(), on="value", how="semi").unique())
    new = shared.join(seen, on="value", how="anti")
    told = f"{len(new):,} of tonight's {len(counted):,} values are of no night before"
    return told if int(new["rows"].sum()) >= least else None


def _beyond(tonight: pl.LazyFrame, others: pl.LazyFrame) -> str | None:
    """How many rows have greater, or lesser, values than all before, as serial numbers are."""
    value = pl.col("value")
    ends = others.select(low=value.min(), high=value.max())
    counted = tonight.join(ends, how="cross").select(
        up=(value > pl.col("high")).sum(), down=(value < pl.col("low")).sum(), rows=value.count()
    )
    up, down, rows = collect(counted).row(0)
    told = f"those of {max(up, down):,} of tonight's {rows:,} rows are beyond all before"
    return told if rows and max(up, down) >= _OF_TONIGHT * rows else None
