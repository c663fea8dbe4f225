"""Identifiers made anew: one for one, in the pattern of the real ones, and never one of them."""

import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.relation import EXACT
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.kinds.identifiers import Names, Unique
from anonymizer.sequences.derived.base.step import Draws, OfColumn, Table
from anonymizer.sequences.derived.naming.numbering import ROOMY, numbered
from anonymizer.sequences.derived.naming.patterns import Pattern
from anonymizer.sequences.derived.naming.shapes import Seen, patterns
from anonymizer.sequences.histories.protection import capped_lengths

_WITNESSES: Final = 10  # pairs of identifiers that rise
_APART: Final = "\x1f"  # between the values of several features


@dataclass(frozen=True)
class Identifier(OfColumn):
    """Numbers of rows, of visits, of entities, or of what an entity has several of.

    Attributes:
        column: of the identifiers.
        dtype: of the column.
        entity: column that says whose they are.
        owner: columns that tell what they stand for apart within an entity.
        stands: for a "row", for its "owner", or for "which" of its own an entity uses.
        time: column of the events' time.
        nulls: whether some rows have none.
        patterns: what they look like.
        rises: whether they rise within an entity.
        usual: how many few entities have more of.
        decides: columns and what of them decides the first letters, one after the other.
        letters: the first letters by these, as text.
    """

    dtype: pl.DataType
    entity: str
    owner: tuple[str, ...]
    stands: str
    time: str
    nulls: bool
    patterns: tuple[Pattern, ...]
    rises: bool
    usual: int
    decides: tuple[str, ...]
    letters: dict[str, str]

    def __post_init__(self) -> None:
        known = {each.letters for each in self.patterns}
        told = set(self.letters.values()) <= known and len(self.decides) % 2 == 0
        if not self.patterns or not told or self.usual < 1:
            raise ValueError(f"the identifiers '{self.column}' are damaged; fit the model again")

    @classmethod
    def learn(
        cls, relation: Unique | Names, table: Table, decides: Determines | None = None
    ) -> Self | None:
        """Learn what identifiers look like; None where they have no pattern or too few are free.

        Args:
            relation: says what an identifier stands for.
            table: the rows.
            decides: columns from which the first letters of the identifier follow.
        """
        column, frame = relation.column, table.frame
        dtype = frame.schema[column]
        several = isinstance(relation, Names) and not relation.both
        owned = relation.owner if isinstance(relation, Names) else (table.entity,)
        lettered = decides is not None and decides.dependent == Feature(column, "letters")
        if table.entity not in owned or not (dtype.is_integer() or dtype == pl.String):
            return None
        first = _first_rows(table, column)
        if first.is_empty() or len(first) < EXACT * _expected(relation, table):
            return None
        found = patterns(Seen(first.select("x", "e", "t"), dtype, table.k), lettered=lettered)
        letters = _letters(decides, table, found) if decides and lettered else {}
        if not found or (lettered and not letters):
            return None
        return cls(
            column, dtype, table.entity, tuple(c for c in owned if c != table.entity),
            "which" if several else "owner" if isinstance(relation, Names) else "row",
            table.time, bool(frame[column].null_count()), found, _rise(first),
            _usual(first, table.k), _pairs(decides) if decides and lettered else (), letters,
        )  # fmt: skip

    @property
    def needed(self) -> tuple[str, ...]:
        """What the identifiers stand for, the time if it is a part of them, and what decides."""
        timed = (self.time,) * any(each.dated for each in self.patterns)
        return tuple(dict.fromkeys([*self.owner, *timed, *self.decides[::2]]))

    @property
    def written(self) -> tuple[str, ...]:
        """Which of its own an entity uses, or whether there is an identifier."""
        if self.stands == "which":
            return (f"{self.column} which",)
        return (f"{self.column} known",) * self.nulls

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """Which of its own an entity uses: 0 for the first seen; or whether there is one."""
        values = rows[self.column]
        if self.stands != "which":
            return [values.is_not_null().alias(name) for name in self.written]
        seen = pl.DataFrame({"e": rows[self.entity], "x": values})
        own = seen.drop_nulls("x").unique(["e", "x"], keep="first", maintain_order=True)
        own = own.with_columns(which=pl.int_range(pl.len(), dtype=pl.Int32).over("e"))
        found = seen.join(own, on=["e", "x"], how="left", maintain_order="left")
        return [found["which"].alias(self.written[0])]

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """Identifiers that none before had."""
        letters = self._decided(rows)
        here = np.flatnonzero(self._known(rows))
        group, first = self._groups(rows, draws, letters, here)
        number = self._numbers(first, draws)
        made = self._made(rows, draws, letters.gather(first), first, number).alias(self.column)
        if self.stands != "row":
            made = _gone_on(made, first, draws)
        index = np.full(len(rows), -1)
        index[here] = group
        return [made.gather(pl.Series(index).replace(-1, None)).alias(self.column)]

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether each stands for one thing only."""
        if self.stands == "row":
            return Unique(self.column).kept(rows)
        owner = (self.entity, *self.owner)
        return Names(self.column, owner, both=self.stands == "owner").kept(rows)

    def _known(self, rows: pl.DataFrame) -> BoolArray:
        """(N,) whether rows have an identifier."""
        if not self.nulls:
            return np.ones(len(rows), bool)
        said = rows[self.written[0]]
        which = self.stands == "which"
        known: BoolArray = (said.is_not_null() if which else said.fill_null(value=False)).to_numpy()
        return known

    def _decided(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) the first letters that rows call for; of what was not seen the commonest."""
        if not self.letters:
            return pl.Series([""]).new_from_index(0, len(rows))
        usual = max(self.patterns, key=lambda each: each.share).letters
        told = _told(self.decides).replace_strict(
            self.letters, default=usual, return_dtype=pl.String
        )
        return rows.select(x=told)["x"]

    def _groups(
        self, rows: pl.DataFrame, draws: Draws, letters: pl.Series, here: IntArray
    ) -> tuple[IntArray, IntArray]:
        """(M,) which identifier each of the rows has, in order, and the first row of each."""
        if self.stands == "row":
            return np.arange(len(here)), here
        parts = [*self.owner, *(self.written if self.stands == "which" else ())]
        keys = rows.select(pl.col(c).alias(f"k{i}") for i, c in enumerate(parts))
        keys = pl.DataFrame([pl.Series("e", draws.entity), letters.alias("l"), *keys])[here]
        grouped = keys.with_row_index("i").group_by(keys.columns, maintain_order=True)
        lists = grouped.agg("i")["i"].to_frame().select("i", n=pl.col("i").list.len())
        group = np.empty(len(here), np.int64)
        order = lists["i"].list.explode(empty_as_null=False, keep_nulls=False)
        group[order.to_numpy()] = np.repeat(np.arange(len(lists)), lists["n"])
        return group, here[lists["i"].list.first().to_numpy()]

    @property
    def counted(self) -> bool:
        """Whether numbers are too few for each history to have its own, and are given in order."""
        return min(each.total for each in self.patterns) < ROOMY

    def _numbers(self, first: IntArray, draws: Draws) -> IntArray:
        """(G,) which of all identifiers things are, whose first rows these are."""
        if not self.counted:
            return numbered(draws.entity[first], self.usual)
        start = draws.issued.get(self.column, 0)
        draws.issued[self.column] = start + len(first)
        return start + np.arange(len(first))

    def _made(
        self, rows: pl.DataFrame, draws: Draws, letters: pl.Series, first: IntArray, which: IntArray
    ) -> pl.Series:
        """(G,) identifiers of things whose first rows these are."""
        none = pl.Series([None], dtype=pl.String).new_from_index(0, len(rows))
        times = rows.get_column(self.time, default=none).gather(first)
        made, entity = none.gather(first), draws.entity[first]
        chosen = self._chosen(letters, draws.rows(self.column)[first])
        for index, each in enumerate(self.patterns):
            at = np.flatnonzero(chosen == index)
            key = hash_key(draws.seed, self.column, index)
            room, number = each.numbers(which[at], key)
            if self.rises:
                order = np.lexsort((number, room, _runs(entity[at])))
                room, number = room[order], number[order]
            made = made.scatter(at, each.texts(room, number, times.gather(at), key))
        return made.cast(self.dtype, strict=False)

    def _chosen(self, letters: pl.Series, chance: FloatArray) -> IntArray:
        """(G,) which pattern each has, of those with its letters."""
        chosen = np.zeros(len(letters), np.int64)
        for begin in letters.unique():
            fit = [i for i, p in enumerate(self.patterns) if not self.letters or p.letters == begin]
            shares = np.cumsum([max(self.patterns[i].share, 1e-12) for i in fit])
            at = np.flatnonzero((letters == begin).to_numpy())
            place = np.searchsorted(shares, chance[at] * shares[-1], side="right")
            chosen[at] = np.array(fit)[np.minimum(place, len(fit) - 1)]
        return chosen


def _gone_on(made: pl.Series, first: IntArray, draws: Draws) -> pl.Series:
    """(G,) identifiers of things; what has begun goes on under its own."""
    none = pl.Series(made.name, [None], made.dtype).new_from_index(0, len(draws.entity))
    return draws.kept(none).gather(first).fill_null(made)


def hash_key(seed: int, column: str, index: int) -> int:
    """What the numbers of a pattern are mixed by."""
    return (seed ^ zlib.crc32(column.encode())) * 1_000_003 + index * 1_009


def _runs(entity: IntArray) -> IntArray:
    """(G,) entities numbered in the order in which they stand."""
    runs: IntArray = np.cumsum(np.diff(entity, prepend=entity[:1]) != 0)
    return runs


def _first_rows(table: Table, column: str) -> pl.DataFrame:
    """The identifiers as text `x` where they are first seen, with entity `e` and time `t`."""
    values = table.frame.select(
        x=pl.col(column).cast(pl.String), e=pl.Series(table.owner), t=pl.col(table.time)
    )
    some = values.filter(pl.col("x").str.len_chars() > 0)
    return some.unique("x", keep="first", maintain_order=True)


def _expected(relation: Unique | Names, table: Table) -> int:
    """How many identifiers there are if none comes twice."""
    known = table.frame.drop_nulls(relation.column)
    if isinstance(relation, Unique):
        return len(known)
    keys = [*relation.owner, *(() if relation.both else (relation.column,))]
    return known.n_unique(keys)


def _rise(first: pl.DataFrame) -> bool:
    """Whether identifiers of one length rise within an entity."""
    before = pl.col("x").shift(1).over("e", pl.col("x").str.len_chars())
    rises = first.select(x=pl.col("x") > before)["x"]
    return rises.count() >= _WITNESSES and rises.sum() >= EXACT * rises.count()


def _usual(first: pl.DataFrame, k: int) -> int:
    """Twice the mean of what entities have, to which none adds more than the k-th."""
    own = first.group_by("e").len()["len"].to_numpy()
    return 2 * int(np.ceil(capped_lengths(own, k).mean()))


def _pairs(decides: Determines) -> tuple[str, ...]:
    return tuple(part for each in decides.determinants for part in (each.column, each.of))


def _told(decides: tuple[str, ...]) -> pl.Expr:
    """The features that decide, as one text."""
    features = [Feature(*each) for each in pairwise(decides)][::2]
    texts = [each.expr().cast(pl.String).fill_null("") for each in features]
    return pl.concat_str(texts, separator=_APART)


def _letters(decides: Determines, table: Table, found: tuple[Pattern, ...]) -> dict[str, str]:
    """The first letters that go with values of the features, each known of k entities."""
    told = table.frame.select(
        d=_told(_pairs(decides)), c=decides.dependent.expr(), e=pl.Series(table.owner)
    )
    pairs = told.drop_nulls("c").group_by("d", "c").agg(pl.len(), k=pl.col("e").n_unique())
    begins = [each.letters for each in found]
    known = pairs.filter(pl.col("k") >= table.k, pl.col("c").is_in(begins))
    usual = known.sort("len", "c").unique("d", keep="last").sort("d")
    return dict(usual.select("d", "c").iter_rows())
