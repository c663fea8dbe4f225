"""What holds from row to row of a history or visit: counters, balances, what is carried, totals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import ClassVar, Final

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.relations.base.decimals import near
from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.relation import ALMOST, LEAST_WITNESSES, Relation, kept_share
from anonymizer.relations.base.rows import Rows
from anonymizer.relations.kinds.arithmetic import Numbers

_FEW: Final = 300  # rows that refute most of what is carried
_CARRIED: Final = 0.8  # of them hold what another column held before
_SIGNS: Final = {"+": 1.0, "−": -1.0, "±": 0.0}


@dataclass(frozen=True)
class Counter(Relation):
    """A number counts the rows of an entity, a visit or an order, or an entity's visits.

    Attributes:
        column: the number.
        within: columns that say which rows are counted together.
        start: the number of the first.
        time: of visits, where these are counted; None where rows are.
    """

    column: str
    within: tuple[str, ...]
    start: int
    time: str | None = None
    kind: ClassVar = "counter"
    parts: ClassVar = ("within", "column", "time")

    def _kept(self, _rows: pl.DataFrame) -> pl.Expr | pl.Series:
        row = (
            pl.col(self.time).rank("dense").cast(pl.Int64) - 1
            if self.time
            else pl.int_range(pl.len())
        )
        place = row.over(self.within) + self.start
        return _in_groups(self.within, pl.col(self.column) == place)

    def __str__(self) -> str:
        what = "visits" if self.time else "rows"
        return f"{self.column} counts the {what} of {', '.join(self.within)}"


@dataclass(frozen=True)
class Running(Relation):
    """A number is that of the entity's row before, more or less another of this row.

    Attributes:
        column: the balance.
        step: the number that it changes by.
        sign: `+` or `−`; `±` where only the magnitudes agree.
        entity: whose balance it is.
        digits: after the point, to which the balance is rounded.
        slack: of the balance, that is no difference.
        time: column that says when, where the order of rows within a moment is lost: only rows
            alone in their moment that follow such a row are spoken of; None where it is there.
    """

    column: str
    step: str
    sign: str
    entity: str
    digits: int
    slack: float
    time: str | None = None
    kind: ClassVar = "running"
    parts: ClassVar = ("entity", "column", "step", "time")

    def _kept(self, _rows: pl.DataFrame) -> pl.Expr | pl.Series:
        now, step = (pl.col(c).cast(pl.Float64) for c in (self.column, self.step))
        change = now - now.shift(1).over(self.entity)
        if self.sign == "±":
            change, step = change.abs(), step.abs()
        else:
            step = step * _SIGNS[self.sign]
        # A balance is larger than its step, and so is what it loses.
        lost = self.slack * now.abs() * 4
        kept = (change - step).abs() <= lost + 10.0**-self.digits / 2
        return kept if self.time is None else pl.when(follows(self.entity, self.time)).then(kept)

    def __str__(self) -> str:
        return f"{self.column} = {self.column} before {self.sign} {self.step}"


def follows(entity: str, time: str) -> pl.Expr:
    """Whether a row and the entity's row before are each alone in their moment."""
    alone = pl.len().over(entity, time) == 1
    return alone & alone.shift(1, fill_value=False)


@dataclass(frozen=True)
class Carried(Relation):
    """A column holds what another held in the entity's row before.

    Attributes:
        column: of this row.
        source: of the row before.
        entity: whose rows these are.
    """

    column: str
    source: str
    entity: str
    kind: ClassVar = "running"
    parts: ClassVar = ("entity", "column", "source")

    def _kept(self, _rows: pl.DataFrame) -> pl.Expr | pl.Series:
        return pl.col(self.column) == pl.col(self.source).shift(1).over(self.entity)

    def __str__(self) -> str:
        return f"{self.column} = {self.source} before"


@dataclass(frozen=True)
class Rising(Relation):
    """A number or time never falls within an entity.

    Attributes:
        column: the number or time.
        entity: whose it is.
    """

    column: str
    entity: str
    kind: ClassVar = "running"
    parts: ClassVar = ("entity", "column")

    def _kept(self, _rows: pl.DataFrame) -> pl.Expr | pl.Series:
        return pl.col(self.column) >= pl.col(self.column).shift(1).over(self.entity)

    def __str__(self) -> str:
        return f"{self.column} never falls within {self.entity}"


@dataclass(frozen=True)
class Total(Relation):
    """A number is the sum of another over the rows of an entity, visit or order, or their count.

    Attributes:
        column: the total.
        part: the number that is summed up; None where rows are counted.
        within: columns that say which rows belong together.
        digits: after the point, to which the total is rounded.
        slack: of the total, that is no difference.
    """

    column: str
    part: str | None
    within: tuple[str, ...]
    digits: int
    slack: float
    kind: ClassVar = "total"
    parts: ClassVar = ("within", "column", "part")

    def _kept(self, _rows: pl.DataFrame) -> pl.Expr | pl.Series:
        part = pl.col(self.part).cast(pl.Float64).sum() if self.part else pl.len().cast(pl.Float64)
        total = pl.col(self.column).cast(pl.Float64)
        kept = near(total, part.over(self.within), self.digits, "half", self.slack)
        return _in_groups(self.within, kept)

    def __str__(self) -> str:
        what = f"sum of {self.part}" if self.part else "number of rows"
        return f"{self.column} = {what} within {', '.join(self.within)}"


def _in_groups(within: Sequence[str], kept: pl.Expr) -> pl.Expr:
    """Rows without an order are no order: nothing is said of them."""
    return pl.when(pl.all_horizontal(pl.col(within).is_not_null())).then(kept)


def counters(numbers: Numbers, groups: Sequence[tuple[str, ...]]) -> Iterator[Counter]:
    """Whole numbers that count rows."""
    for within in groups:
        group = numbers.rows.codes(*map(Feature, within))
        place, several = _places(group)
        for column in numbers.names:
            for start in (1, 0):
                kept = numbers.values[column] == place + start
                told = several & (numbers.values[column] != start)
                if told.sum() >= LEAST_WITNESSES and kept[several].mean() >= ALMOST:
                    yield Counter(column, within, start)
    if numbers.rows.entity and numbers.rows.time:
        yield from _of_visits(numbers, numbers.rows.entity, numbers.rows.time)


def _of_visits(numbers: Numbers, entity: str, time: str) -> Iterator[Counter]:
    """Whole numbers that count visits, where visits have several rows."""
    rows = numbers.rows
    again = ~rows.first & (rows.numbers(time) == np.roll(rows.numbers(time), 1))
    if again.sum() < LEAST_WITNESSES:
        return
    visit = rows.frame.select(pl.col(time).rank("dense").over(entity)).to_series().to_numpy() - 1.0
    for column in numbers.names:
        for start in (1, 0):
            kept = numbers.values[column] == visit + start
            if (
                kept[again].mean() >= ALMOST
                and (numbers.values[column][again] > start).mean() > 0.1
            ):
                yield Counter(column, (entity,), start, time)


def _places(group: IntArray) -> tuple[IntArray, BoolArray]:
    """(N,) how many rows of its group stand before each, and whether it is one with several."""
    found = pl.DataFrame({"g": group}).select(
        place=pl.int_range(pl.len()).over("g"),
        several=(pl.len().over("g") > 1) & (pl.col("g") >= 0),
    )
    return found["place"].to_numpy(), found["several"].to_numpy()


def totals(numbers: Numbers, groups: Sequence[tuple[str, ...]]) -> Iterator[Total]:
    """Numbers that are sums or counts over the rows of a group."""
    for within in groups:
        group = numbers.rows.codes(*map(Feature, within))
        _, told = _places(group)
        if told.sum() < LEAST_WITNESSES:
            continue
        for part in (*numbers.names, None):
            values = np.nan_to_num(numbers.values[part]) if part else np.ones(len(group))
            values = np.where(group >= 0, values, 0.0)
            sums = np.bincount(np.maximum(group, 0), values)[group].astype(np.float64)
            for column in numbers.names:
                slack, digits = numbers.slack[column] * 10, numbers.digits[column]
                relation = Total(column, part, within, digits, slack)
                if column != part and _adds_up(numbers, relation, sums[told], told):
                    yield relation


def _adds_up(numbers: Numbers, relation: Total, sums: FloatArray, told: BoolArray) -> bool:
    """Whether a number is what its group adds up to, and not what any group does."""
    wanted = numbers.values[relation.column][told]
    rounded = relation.digits, "half", relation.slack
    if near(wanted, sums, *rounded).mean() < ALMOST:
        return False
    broken = ~near(wanted, numbers.rng.permutation(sums), *rounded)
    return bool(broken.sum() >= max(LEAST_WITNESSES, 0.2 * len(sums)))


def running(numbers: Numbers) -> Iterator[Running | Carried]:
    """Balances, and columns that hold what another held before."""
    rows = numbers.rows
    if rows.entity is None:
        return
    later = ~rows.first
    if later.sum() < LEAST_WITNESSES:
        return
    told: list[tuple[str | None, BoolArray]] = [(None, later)]
    if rows.time:
        alone = rows.frame.select(follows(rows.entity, rows.time)).to_series().to_numpy()
        told += [(rows.time, later & alone)] if (later & ~alone).any() else []
    for column, step in permutations(numbers.names, 2):
        for time, some in told:
            if found := _running(numbers, column, step, time, some):
                yield found
                break
    yield from _carried(rows, rows.entity, later)


def _running(
    numbers: Numbers, column: str, step: str, time: str | None, later: BoolArray
) -> Running | None:
    """A balance with its step and sign, if it is one."""
    now, by = numbers.values[column], numbers.values[step][later]
    change = (now - np.roll(now, 1))[later]
    lost = numbers.slack[column] * 4 * abs(numbers.values[column][later])
    lost = lost + 10.0 ** -numbers.digits[column] / 2
    told = ~np.isnan(by) & ~np.isnan(change) & (by != 0)
    if told.sum() < LEAST_WITNESSES or (change[told] == 0).mean() > 1 - ALMOST:
        return None
    for sign, factor in _SIGNS.items():
        both = (abs(change), abs(by)) if sign == "±" else (change, factor * by)
        kept = (abs(both[0] - both[1]) <= lost)[told]
        chance = (abs(both[0][told] - numbers.rng.permutation(both[1][told])) <= lost[told]).mean()
        if kept.mean() >= ALMOST and chance < 0.8:
            args = (numbers.digits[column], numbers.slack[column], time)
            return Running(column, step, sign, str(numbers.rows.entity), *args)
    return None


def _carried(rows: Rows, entity: str, later: BoolArray) -> Iterator[Carried]:
    types: dict[str, pl.DataType] = {c: rows.schema[c] for c in rows.columns if c != entity}
    some = np.flatnonzero(later)[:_FEW]
    hashes = {c: rows.frame[c].hash().to_numpy() for c in types}
    known = {c: rows.frame[c].is_not_null().to_numpy() for c in types}
    for column, dtype in types.items():
        for source, other in types.items():
            if source == column or dtype != other:
                continue
            told = some[known[column][some] & known[source][some - 1]]
            same = hashes[column][told] == hashes[source][told - 1]
            if len(told) >= LEAST_WITNESSES and same.mean() < _CARRIED:
                continue
            relation = Carried(column, source, entity)
            kept = relation.kept(rows.frame).to_numpy()[later].astype(float)
            told = ~np.isnan(kept)
            if told.sum() < LEAST_WITNESSES or np.nanmean(kept) < ALMOST:
                continue
            if kept_share(rows.frame[column] == rows.frame[source]) < ALMOST:
                yield relation


def rising(rows: Rows, context: set[str], seed: int) -> Iterator[Rising]:
    """Numbers and times that never fall within an entity, as its rows in another order would."""
    if rows.entity is None:
        return
    rng = np.random.default_rng(seed)
    names = [c for t in (True, False) for c in rows.of_type(times=t)]
    later = ~rows.first
    for column in names:
        if column in (rows.entity, rows.time) or column in context:
            continue
        values = rows.numbers(column)
        mixed = values[np.lexsort((rng.random(len(values)), rows.owner))]
        falls, chance = ((np.diff(v, prepend=v[:1]) < 0)[later] for v in (values, mixed))
        if falls.sum() <= (1 - ALMOST) * chance.sum() and chance.sum() >= max(
            LEAST_WITNESSES, 0.1 * later.sum()
        ):
            yield Rising(column, rows.entity)
