"""What follows from a code: a product has its name and category, a city its state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Final, Self
from zlib import crc32

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.relations.base.features import Feature
from anonymizer.sequences.derived.base.step import Draws, Step, Table
from anonymizer.sequences.histories.protection import protected_counts, typical
from anonymizer.sequences.tokens.values import RARE_TEXT

_PLACE: Final = "\0place"  # beside the columns of the data
_KEY: Final = "\0key"
_PAIRS: Final = 10_000_000  # of rows and rare codes that are compared at once
_LEAST_TOLD: Final = 0.9  # of the rows must hold a number that may be told
_LEAST_KNOWN: Final = 0.5  # of the rows that have a value, for a catalogue to be one


@dataclass(frozen=True)
class Catalogue(Step):
    """Columns that follow from one or two others, in all rows or in nearly all.

    Rows of a catalogue are kept whole: a name is never put beside the category of another. Of
    several rows of one code each comes as often as it did. A code of which no row is held by enough
    entities becomes rare, and so does all that follows from it. Of rare codes that differ in what
    enough entities share, `OTHER` is of one category and `OTHER 2` of another: what follows from
    all codes follows from these as well.

    Attributes:
        determinants: the columns that it follows from.
        parts: what of each: `value`, or a part such as `year`.
        keys: a column of values for each, a row per combination with dependents, sorted.
        values: the dependents.
        weights: how often each row came.
        rare: the dependents of rare codes, a row for each of them; how often it came comes last.
        once: whether it holds once per entity.
    """

    determinants: tuple[str, ...]
    parts: tuple[str, ...]
    keys: pl.DataFrame
    values: pl.DataFrame
    weights: list[float]
    rare: pl.DataFrame
    once: bool

    def __post_init__(self) -> None:
        """Raise a ValueError where the parts do not fit together."""
        if self.rare.drop(_PLACE).schema != self.values.schema or self.rare.is_empty():
            raise ValueError("a catalogue whose rare rows have other columns")
        if not len(self.determinants) == len(self.parts) == self.keys.width:
            raise ValueError("a catalogue whose keys have other columns")
        if not len(self.weights) == len(self.keys) == len(self.values):
            raise ValueError("a catalogue whose parts have other rows")
        if not all(weight > 0 for weight in (*self.weights, *self.rare[_PLACE])):
            raise ValueError("a row of a catalogue that never comes")

    @classmethod
    def learn(
        cls, features: tuple[Feature, ...], dependents: tuple[str, ...], table: Table, *, once: bool
    ) -> Self | None:
        """The rows that k entities hold; of the dependents those that most rows tell, or None."""
        keys = _keys_of(features, table.frame)
        part = keys.hstack(table.frame.select(dependents))
        known = held_rows(part, table.owner, table.k, _PLACE)
        held: BoolArray = index_of(part, known.drop(_PLACE)) >= 0
        known = known.sort(keys.columns, nulls_last=True)
        told = known.select(keys.columns)
        if not dependents or not _numbers_are_few(keys, told):
            return None
        rare = _rare(part.select(dependents), index_of(keys, told.unique()) < 0, table)
        names, parts = zip(*((each.column, each.of) for each in features), strict=True)
        values, weight = known.select(dependents), known[_PLACE].to_list()
        found = cls(names, parts, told, values, weight, rare, once)
        good = tuple(c for c in dependents if found._told(c, held, table) >= _LEAST_KNOWN)
        return found if good == dependents else cls.learn(features, good, table, once=once)

    @classmethod
    def pooled(
        cls, parts: Sequence["Catalogue"], common: pl.DataFrame, held: FloatArray
    ) -> "Catalogue":
        """What any of several sites knows, of the dependents that all of them tell.

        Args:
            parts: of each site.
            common: rows that were counted, keys and dependents as in `part`.
            held: how many hold each of them that do not tell it.
        """
        first, keys = parts[0], parts[0].keys.columns
        given = [c for c in first.given if all(c in each.given for each in parts)]

        def together(tables: Iterable[pl.DataFrame], by: list[str]) -> pl.DataFrame:
            rows = pl.concat(tables, how="vertical_relaxed")
            return rows.group_by(by).agg(pl.col(_PLACE).sum()).sort(by, nulls_last=True)

        def weighted(rows: pl.DataFrame, weights: FloatArray | list[float]) -> pl.DataFrame:
            weight = pl.Series(_PLACE, weights, pl.Float64)
            return rows.select(*keys, *given).with_columns(weight)

        by = [*keys, *given]
        told = [weighted(each.keys.hstack(each.values), each.weights) for each in parts]
        known = together([*told, weighted(common, held)], by)
        rare = together((each.rare.select(*given, _PLACE) for each in parts), given)
        values, weights = known.select(given), known[_PLACE].to_list()
        return replace(first, keys=known.select(keys), values=values, weights=weights, rare=rare)

    def only(self, known: "Catalogue | None") -> "Catalogue":
        """The same with the codes alone that another one knows; None: with none."""
        keys = self.keys.clear() if known is None else known.keys.unique()
        kept: BoolArray = index_of(self.keys, keys) >= 0
        some, weights = pl.Series(kept), np.array(self.weights)[kept].tolist()
        keys, values = self.keys.filter(some), self.values.filter(some)
        return replace(self, keys=keys, values=values, weights=weights)

    def roughly(self) -> Self:
        """The same with weights to the nearest power of two.

        Beside how often a code comes, exact ones would tell how often it leads elsewhere.
        """
        return replace(self, weights=np.exp2(np.rint(np.log2(self.weights))).tolist())

    def learned_of(self, table: Table) -> Self | None:
        """The same columns of other rows; None where too little of them may be told."""
        features = (Feature(c, of) for c, of in zip(self.determinants, self.parts, strict=True))
        return self.learn(tuple(features), self.given, table, once=self.once)

    def _told(self, column: str, held: BoolArray, table: Table) -> float:
        """The share of rows of which a column is told, by the code or by what stands for it."""
        if not self._says_rare:
            return float(held.mean())
        if self.values.schema[column] == pl.String:  # what few share is rare without it as well
            return 1.0
        others = table.frame.filter(pl.Series(~held))
        right = self.rare[column].gather(self._alike(others)).eq_missing(others[column])
        return float((held.sum() + right.sum()) / len(held))

    @property
    def given(self) -> tuple[str, ...]:
        """The dependents."""
        return tuple(self.values.columns)

    @property
    def needed(self) -> tuple[str, ...]:
        """The determinants."""
        return self.determinants

    @property
    def written(self) -> tuple[str, ...]:
        """A code, in which those without a row are rare."""
        return self.determinants if self._says_rare else ()

    @property
    def _says_rare(self) -> bool:
        return self.parts == ("value",) and self.keys.dtypes == [pl.String]

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """The code, where it is text that can say that it is rare."""
        if not self._says_rare:
            return []
        code = rows[self.determinants[0]]
        rare = ~(pl.Series(self._of(rows, 1) >= 0) | code.is_null())
        names = self.rare_codes.gather(self._alike(rows.filter(rare)))
        return [code.scatter(rare.arg_true(), names)]

    @property
    def rare_codes(self) -> pl.Series:
        """(R,) what stands for rare codes, one for each row of what follows from them."""
        told = set(self.keys.to_series()) if self._says_rare else set()
        names = (f"{RARE_TEXT} {n}" if n > 1 else RARE_TEXT for n in count(1))
        free = (name for name in names if name not in told)
        return pl.Series(self.determinants[0], list(islice(free, len(self.rare))), pl.String)

    def _alike(self, rows: pl.DataFrame) -> IntArray:
        """(N,) the row of rare codes that agrees with most that follows in each of N rows."""
        part = rows.select(self.given)
        distinct, columns = part.unique(maintain_order=True), list[tuple[IntArray, IntArray]]()
        for name in self.given:
            values = self.rare.select(name).unique(maintain_order=True)
            own, theirs = (index_of(each.select(name), values) for each in (distinct, self.rare))
            if values.dtypes == [pl.String]:  # what few share is merged
                merged = index_of(pl.DataFrame({name: [RARE_TEXT]}), values)[0]
                own = np.where(own < 0, merged, own)
            columns.append((own, theirs))
        best, step = np.zeros(len(distinct), np.int64), max(1, _PAIRS // len(self.rare))
        for start in range(0, len(distinct), step):
            some = slice(start, start + step)
            best[some] = sum(own[some, None] == theirs for own, theirs in columns).argmax(1)
        return best[index_of(part, distinct)]

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """What follows: of the code, or where two are not known together of the first."""
        u = self._chance(rows, draws)
        place = np.full(len(rows), len(self.keys))
        for width in range(len(self.determinants), 0, -1):
            found = self._of(rows, width)
            now = (place == len(self.keys)) & (found >= 0)
            group = self.keys.select(x=pl.struct(self.keys.columns[:width]).rle_id())["x"]
            place[now] = drawn(
                group.cast(pl.Int64).to_numpy(), np.array(self.weights), found[now], u[now]
            )
        some = place == len(self.keys)
        place[some] += self._rare_of(rows.filter(pl.Series(some)), u[some])
        return list(pl.concat([self.values, self._rare_values])[place])

    def _rare_of(self, rows: pl.DataFrame, u: FloatArray) -> IntArray:
        """(N,) the row of rare codes that each code says, else one drawn by how often each came."""
        at_random = drawn_of_all(self.rare[_PLACE].to_numpy(), u)
        if not self._says_rare:
            return at_random
        said = index_of(rows.select(self.determinants), self.rare_codes.to_frame())
        return np.where(said >= 0, said, at_random)

    @property
    def _rare_values(self) -> pl.DataFrame:
        """What follows from rare codes, rare texts as the code is called."""
        return self.rare.drop(_PLACE).with_columns(
            pl.when(pl.col(c) == RARE_TEXT).then(self.rare_codes).otherwise(c).alias(c)
            for c, dtype in self.values.schema.items()
            if dtype == pl.String
        )

    def _chance(self, rows: pl.DataFrame, draws: Draws) -> FloatArray:
        """(N,) numbers in [0, 1): the same for one code where one thing follows from each."""
        if self.keys.is_duplicated().any():
            return (draws.entities if self.once else draws.rows)(self.given[0])
        text = self._keys_of(rows).select(pl.all().cast(pl.String).fill_null(""))
        joined = text.select(pl.concat_str(pl.all(), separator="\0")).to_series()
        values = joined.unique(maintain_order=True)
        chance = pl.Series([crc32(each.encode()) / 2**32 for each in values], dtype=pl.Float64)
        return joined.replace_strict(values, chance).to_numpy()

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """Whether a row is one of the catalogue, where its code is."""
        known, part = self._of(rows, len(self.determinants)) >= 0, self.part(rows)
        whole = self.keys.hstack(self.values)
        same = index_of(part, whole.unique(maintain_order=True)) >= 0
        return pl.select(x=pl.when(pl.Series(known)).then(pl.Series(same)))["x"]

    def part(self, rows: pl.DataFrame) -> pl.DataFrame:
        """What rows have of keys and dependents."""
        return self._keys_of(rows).hstack(rows.select(self.given))

    @property
    def schema(self) -> pl.Schema:
        """Of keys and dependents."""
        return pl.Schema({**self.keys.schema, **self.values.schema})

    def _of(self, rows: pl.DataFrame, count: int) -> IntArray:
        """(N,) which value of the first determinants each row has; −1 for one that is not known."""
        names = self.keys.columns[:count]
        known = self.keys.select(names).unique(maintain_order=True)
        return index_of(self._keys_of(rows).select(names), known)

    def _keys_of(self, rows: pl.DataFrame) -> pl.DataFrame:
        features = (Feature(c, of) for c, of in zip(self.determinants, self.parts, strict=True))
        return _keys_of(tuple(features), rows)


def _keys_of(features: tuple[Feature, ...], rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(each.expr().alias(f"{_KEY}{i}") for i, each in enumerate(features))


def _numbers_are_few(keys: pl.DataFrame, told: pl.DataFrame) -> bool:
    """Whether no code is a number of which many values are not told: there is no rare number."""
    numeric = [c for c, dtype in keys.schema.items() if dtype.is_numeric() or dtype.is_temporal()]
    known = (keys[c].is_in(told[c].unique().implode(), nulls_equal=True) for c in numeric)
    return all(each.mean() >= _LEAST_TOLD for each in known)  # type: ignore[operator]  # (shares)


def held_rows(part: pl.DataFrame, owner: IntArray, k: int, weight: str) -> pl.DataFrame:
    """The distinct ones of N rows that k entities hold, and how often each came, as `weight`."""
    ids = part.select(x=pl.struct(pl.all()).rank("dense"))["x"].cast(pl.Int64).to_numpy() - 1
    _, first = np.unique(ids, return_index=True)
    counts = np.round(protected_counts(ids, owner, len(first), k), 1)
    return part[first].with_columns(pl.Series(weight, counts)).filter(pl.col(weight) > 0)


def index_of(rows: pl.DataFrame, keys: pl.DataFrame) -> IntArray:
    """(N,) which of some distinct keys each row is, the same columns; −1 for none."""
    cast = {c: rows[c].cast(keys.schema[c], strict=False) for c in keys.columns}
    numbered = keys.with_columns(pl.Series(_PLACE, np.arange(len(keys))))
    found = pl.DataFrame(cast).join(
        numbered, on=keys.columns, how="left", nulls_equal=True, maintain_order="left"
    )
    index: IntArray = found[_PLACE].fill_null(-1).to_numpy()
    return index


def drawn(group: IntArray, weights: FloatArray, asked: IntArray, u: FloatArray) -> IntArray:
    """Rows of a catalogue, drawn by their weights from the groups that are asked for."""
    total = np.bincount(group, weights)
    share = np.cumsum(weights / total[group])
    ends = np.concatenate([[0.0], share[np.flatnonzero(np.diff(group, append=-1))]])
    target = ends[asked] + u * (ends[asked + 1] - ends[asked])
    low, high = np.searchsorted(group, asked), np.searchsorted(group, asked, "right") - 1
    found: IntArray = np.clip(np.searchsorted(share, target, "right"), low, high)
    return found


def drawn_of_all(weights: FloatArray, u: FloatArray) -> IntArray:
    """(N,) places, drawn by their weights for numbers in [0, 1)."""
    one, each = (np.zeros(len(part), np.int64) for part in (weights, u))
    return drawn(one, weights, each, u)


def _rare(values: pl.DataFrame, untold: BoolArray, table: Table) -> pl.DataFrame:
    """What follows from rare codes: what k entities hold of it, and one value for all the rest."""
    merged = {c: _merged(values[c], untold, table) for c in values.columns}
    rows = held_rows(pl.DataFrame(merged), table.owner[untold], table.k, _PLACE)
    rows = rows.sort(values.columns, nulls_last=True)
    if not untold.any():  # nothing is rare: a code that no row has leads where most do, to no OTHER
        rows = held_rows(values, table.owner, table.k, _PLACE).sort(_PLACE, descending=True)[:1]
    if rows.is_empty():
        return pl.DataFrame(
            {c: _typical(values[c], untold, table) for c in values.columns}
        ).with_columns(pl.lit(1.0).alias(_PLACE))
    return rows


def _merged(column: pl.Series, untold: BoolArray, table: Table) -> pl.Series:
    """What rare codes lead to, the values of few entities as one."""
    part = pl.DataFrame({"v": column.filter(pl.Series(untold)), "e": table.owner[untold]})
    held = part.select(x=pl.col("e").n_unique().over("v") >= table.k)["x"]
    one = _typical(column, untold, table).new_from_index(0, len(part))
    return part["v"].zip_with(held, one).alias(column.name)


def _typical(column: pl.Series, rare: BoolArray, table: Table) -> pl.Series:
    """One value that stands for all rare ones: `OTHER`, a middle number, the commoner truth."""
    if column.dtype == pl.String:
        return pl.Series(column.name, [RARE_TEXT])
    usable = column.is_not_null().to_numpy()
    some = usable & rare
    if len(np.unique(table.owner[some])) < table.k:
        some = usable
    if len(np.unique(table.owner[some])) < table.k:
        return pl.Series(column.name, [None], column.dtype)
    if column.dtype == pl.Boolean:
        return pl.Series(
            column.name, [bool(column.filter(pl.Series(some)).to_numpy().mean() > 0.5)]
        )
    return _middle(column, some, table)


def _middle(column: pl.Series, some: BoolArray, table: Table) -> pl.Series:
    """A middle value, which no few entities determine, in the column's type."""
    physical = column.to_physical().cast(pl.Float64).fill_null(float("nan")).to_numpy()
    some &= np.isfinite(physical)
    if len(np.unique(table.owner[some])) < table.k:
        return pl.Series(column.name, [None], column.dtype)
    middle = typical(physical[some], table.owner[some])
    if column.dtype.is_float() or column.dtype.is_decimal():
        return pl.Series(column.name, [round(middle, 2)]).cast(column.dtype)
    told = column.to_physical().dtype
    least, most = pl.select(a=told.min(), b=told.max()).row(0)  # type: ignore[attr-defined]  # (whole numbers)
    inside = min(max(round(middle), least), most)  # floats round the largest up
    return pl.Series(column.name, [inside], told).cast(column.dtype)
