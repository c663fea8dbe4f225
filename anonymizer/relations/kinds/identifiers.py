"""Columns that name a row, a visit or an entity, and values that come once only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import polars as pl

from anonymizer.arrays import IntArray, distinct
from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.relation import ALMOST, LEAST_WITNESSES, Relation
from anonymizer.relations.base.rows import is_time
from anonymizer.relations.kinds.dependencies import Search, disagreements, usual_values

_SHARED: Final = 0.005  # of the entities may share a value that names them


@dataclass(frozen=True)
class Unique(Relation):
    """No value comes twice, in the table or among rows that agree in other columns.

    Attributes:
        column: of the values; null says nothing.
        within: the other columns; none where a value comes once in the table.
    """

    column: str
    within: tuple[str, ...] = ()
    kind: ClassVar = "unique"
    parts: ClassVar = ("within", "column")

    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series:
        names = list(self.columns)
        first = rows.select(names).select(x=pl.struct(names).is_first_distinct())["x"]
        known = rows.select(x=pl.all_horizontal(pl.col(names).is_not_null()))["x"]
        return pl.select(x=pl.when(known).then(first))["x"]

    def __str__(self) -> str:
        return f"{self.column} is unique" + (
            f" within {', '.join(self.within)}" * bool(self.within)
        )


@dataclass(frozen=True)
class Names(Relation):
    """A value belongs to one owner, an entity or a visit.

    Attributes:
        column: of the values.
        owner: the columns that say which entity or visit it is.
        both: whether an owner has one value only as well.
    """

    column: str
    owner: tuple[str, ...]
    both: bool = True
    kind: ClassVar = "names"
    parts: ClassVar = ("column", "owner")

    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series:
        owners = pl.struct(self.owner).rank("dense")
        part = rows.select(d0=pl.col(self.column), c=owners)
        forth = _consistent(part)
        if not self.both:
            return forth
        back = _consistent(part.select(d0="c", c="d0"))
        return pl.select(x=pl.min_horizontal(forth, back))["x"]

    def __str__(self) -> str:
        verb = "names" if self.both else "is of one"
        return f"{self.column} {verb} {', '.join(self.owner)}"


def _consistent(part: pl.DataFrame) -> pl.Series:
    """Whether rows hold the usual `c` of their `d0`; null where no other row has it."""
    usual = usual_values(part).rename({"c": "u"})
    found = part.join(usual, on="d0", how="left", maintain_order="left")
    return found.select(x=pl.when(pl.col("size") > 1).then(pl.col("c") == pl.col("u")))["x"]


def identifiers(search: Search) -> Iterator[Relation]:
    """Keys of rows, names of entities and of visits, values that come once in one of them."""
    rows = search.rows
    for column in rows.columns:
        dtype = rows.schema[column]
        if column == rows.entity or is_time(dtype) or dtype.is_float() or dtype.is_decimal():
            continue
        codes = rows.codes(Feature(column))
        if _is_key(codes):
            yield Unique(column)
        elif rows.entity and column in search.personal and column in search.context:
            if _repeats(rows.owner) and _is_own(codes, rows.owner):
                yield Names(column, (rows.entity,))
        elif rows.entity and column in search.personal and _beyond_chance(search, codes):
            yield from _of_visits(search, rows.entity, column, codes)
        else:
            yield from _once(search, column, codes)


def _is_key(codes: IntArray) -> bool:
    return bool((codes >= 0).all()) and int(codes.max(initial=0)) + 1 == len(codes)


def _is_own(codes: IntArray, owner: IntArray) -> bool:
    """Whether hardly two entities share a value: names are given to be different."""
    known = codes >= 0
    values, entities = len(distinct(codes[known])), len(distinct(owner[known]))
    return values >= (1 - _SHARED) * entities


def _repeats(codes: IntArray) -> bool:
    return len(codes) - len(distinct(codes)) >= LEAST_WITNESSES


def _beyond_chance(search: Search, codes: IntArray) -> bool:
    """Whether values belong to one entity, where they would not by chance."""
    known = codes >= 0
    mixed = search.rng.permutation(codes[known])
    owner = search.rows.owner[known]
    errors, chance = disagreements(codes[known], owner), disagreements(mixed, owner)
    return chance >= LEAST_WITNESSES and errors <= (1 - ALMOST) * chance


def _of_visits(search: Search, entity: str, column: str, codes: IntArray) -> Iterator[Relation]:
    """A column whose values belong to one entity each: do they name visits, or something longer?"""
    if search.visit:
        visits = search.rows.codes(*search.visit)
        back = search.evidence(search.visit, Feature(column), within=True)
        known = codes >= 0
        split = disagreements(codes[known], visits[known])
        if back.believed and split <= (1 - ALMOST) * known.sum():
            yield Names(column, tuple(each.column for each in search.visit))
    yield Names(column, (entity,), both=False)


def _once(search: Search, column: str, codes: IntArray) -> Iterator[Relation]:
    """A value that an entity, or else a visit, has once only."""
    rows = search.rows
    for within in (search.entity, search.visit):
        names = tuple(each.column for each in within)
        if not within or column in names:
            continue
        group = rows.codes(*within)
        known = codes >= 0
        twice, chance = (
            _twice(group[known], each)
            for each in (codes[known], search.rng.permutation(codes[known]))
        )
        if chance >= LEAST_WITNESSES and twice <= (1 - ALMOST) * chance:
            yield Unique(column, names)
            return


def _twice(group: IntArray, value: IntArray) -> int:
    """Rows whose value was in their group before."""
    return len(group) - len(distinct(group * (value.max(initial=0) + 1) + value))
