"""One column follows from another or from two; how that is found, and told from chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import IntArray, distinct
from anonymizer.relations.base.features import SIGNS, Feature
from anonymizer.relations.base.relation import ALMOST, LEAST_WITNESSES, Relation, fitting
from anonymizer.relations.base.rows import Rows, is_measure, is_time

_FIRST_LOOK: Final = 6_000  # rows that refute most candidates
_GLANCE: Final = 600  # of these, that refute most of them
_REFUTED: Final = 0.15  # of those rows break it
_MAX_PAIRED: Final = 16  # columns that are tried in pairs
_CHANGES: Final = 0.005  # of the rows may differ in what an entity has once
_SHARPER: Final = 0.2  # of the exceptions are left when a second column is known, not one at random
Features = tuple[Feature, ...]


@dataclass(frozen=True)
class Determines(Relation):
    """What a column holds follows from what one or two others hold.

    Attributes:
        determinants: one or two columns, or parts of them such as a year.
        dependent: the column, or part of one, that follows.
        known: values of the determinants `d0`, `d1` and of the dependent `c`, each held by enough
            entities. Rows of other values are held against the others of the same table.
    """

    determinants: Features
    dependent: Feature
    known: pl.DataFrame | None = field(default=None, repr=False, compare=False)
    kind: ClassVar = "follows"
    parts: ClassVar = ("determinants", "dependent")

    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series:
        part = self.parted(rows)
        *names, _ = part.columns
        usual = usual_values(part)
        if self.known is not None:
            told = fitting(self.known, part).with_columns(size=pl.lit(2, pl.UInt32))
            usual = pl.concat([told, usual]).unique(names, keep="first", maintain_order=True)
        found = part.join(usual.rename({"c": "u"}), on=names, how="left", maintain_order="left")
        return found.select(
            x=pl.when(pl.col("c").is_not_null() & (pl.col("size") > 1)).then(
                pl.col("c") == pl.col("u")
            )
        )["x"]

    def parted(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The determinants `d0`, `d1` and the dependent `c` of each row."""
        return rows.select(
            *(each.expr().alias(f"d{i}") for i, each in enumerate(self.determinants)),
            self.dependent.expr().alias("c"),
        )

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.determinants))} → {self.dependent}"


def usual_values(part: pl.DataFrame) -> pl.DataFrame:
    """The most frequent `c` of each value of the other columns, and of how many rows: `size`."""
    *names, last = part.columns
    counts = part.drop_nulls().group_by([*names, last]).len("n")
    return (
        counts.with_columns(size=pl.col("n").sum().over(names))
        .sort("n", last, descending=[True, False])
        .unique(names, keep="first", maintain_order=True)
        .drop("n")
    )


def told_values(relation: Determines, rows: Rows, k: int) -> pl.DataFrame | None:
    """The values that k entities or more hold together; None where the determinants name some."""
    part = relation.parted(rows.frame)
    *names, _ = part.columns
    held = part.with_columns(e=pl.Series(rows.owner)).drop_nulls().unique()
    enough = held.group_by([*names, "c"]).len("n").filter(pl.col("n") >= k)
    known = enough.sort("n", *names, "c", descending=[True] + [False] * (len(names) + 1))
    known = known.unique(names, keep="first", maintain_order=True).drop("n")
    return None if known.is_empty() else known


class Evidence(NamedTuple):
    """How many rows had to agree with others, how many did not, and by chance do not.

    What chance gives is 0 where too many rows disagree for it to matter.
    """

    witnesses: int
    errors: int
    by_chance: int

    @property
    def believed(self) -> bool:
        """Whether it holds or nearly does, and not what chance gives."""
        return self.by_chance >= LEAST_WITNESSES and (
            self.errors <= (1 - ALMOST) * min(self.witnesses, self.by_chance)
        )


def disagreements(group: IntArray, value: IntArray) -> int:
    """Rows that do not hold the most frequent value of their group: what is least to be dropped."""
    return witnessed(group, value)[1]


def witnessed(group: IntArray, value: IntArray) -> tuple[int, int]:
    """Rows beyond the first of each group, and those that differ from the most frequent value."""
    if not len(group):
        return 0, 0
    keys = np.sort(group * (value.max() + 1) + value)
    starts = _starts(keys)
    lengths = np.diff(starts, append=len(keys))
    heads = _starts(keys[starts] // (value.max() + 1))
    return len(group) - len(heads), int(len(group) - np.maximum.reduceat(lengths, heads).sum())


def _starts(ordered: IntArray) -> IntArray:
    """Where another value begins."""
    return np.concatenate([[0], 1 + np.flatnonzero(ordered[1:] != ordered[:-1])])


class Search:
    """What is asked of rows again and again while dependencies are looked for."""

    def __init__(self, rows: Rows, seed: int) -> None:
        self.rows = rows
        self.rng = np.random.default_rng(seed)
        self.entity = (Feature(rows.entity),) if rows.entity else ()
        self.visit = (*self.entity, Feature(rows.time)) if rows.entity and rows.time else ()
        some = self.rng.permutation(len(rows.frame))[:_FIRST_LOOK]
        # Rows to look at first, and how many times as many errors in them refute.
        self.looks: list[tuple[IntArray, float]] = [
            (np.sort(some[:_GLANCE]), 2.0), (np.sort(some), 1.0)
        ]  # fmt: skip
        self.context = {
            c for c in rows.columns if self.entity and c != rows.entity and self._holds_once(c)
        }
        self.personal = {c for c in rows.columns if self.entity and self._names_somebody(c)}

    def _holds_once(self, column: str) -> bool:
        """Whether an entity has one value of a column, hardly ever another."""
        found = self.evidence(self.entity, Feature(column), within=True)
        return found.believed and found.errors <= _CHANGES * found.witnesses

    def _names_somebody(self, column: str) -> bool:
        """Whether nearly every value of a column belongs to one entity."""
        codes = self.rows.codes(Feature(column))
        known = codes >= 0
        codes, owner = codes[known], self.rows.owner[known]
        pairs = len(distinct(codes * (owner.max(initial=0) + 1) + owner))
        values = int(codes.max(initial=0)) + 1
        return (pairs - values) < (1 - ALMOST) * values

    def differs(self, feature: Feature) -> bool:
        """Whether enough rows hold another value than most: else chance alone is right."""
        counts = np.bincount(self.rows.codes(feature) + 1)[1:]
        return bool(counts.sum() - counts.max(initial=0) >= LEAST_WITNESSES)

    def refuted(self, determinants: Features, dependent: Feature) -> bool:
        """Whether some of the rows, or even a few of them, are enough to say no."""
        group, value = self.rows.codes(*determinants), self.rows.codes(dependent)
        for some, sure in self.looks:
            both = some[(group[some] >= 0) & (value[some] >= 0)]
            witnesses, errors = witnessed(group[both], value[both])
            if errors > sure * _allowed(witnesses):
                return True
        return False

    def evidence(self, determinants: Features, dependent: Feature, *, within: bool) -> Evidence:
        """How well a dependent follows, by the rows of one entity or by different entities."""
        group, value = self.rows.codes(*determinants), self.rows.codes(dependent)
        both = (group >= 0) & (value >= 0)
        group, value, owner = group[both], value[both], self.rows.owner[both]
        if not within:
            triples = (group * (value.max(initial=0) + 1) + value) * (owner.max(initial=0) + 1)
            _, index = np.unique(triples + owner, return_index=True)
            group, value, owner = group[index], value[index], owner[index]
        witnesses, errors = witnessed(group, value)
        if errors > (1 - ALMOST) * witnesses:
            return Evidence(witnesses, errors, 0)
        mixed = self._mixed(value, owner, inside=within and determinants != self.entity)
        return Evidence(witnesses, errors, disagreements(group, mixed))

    def _mixed(self, value: IntArray, owner: IntArray, *, inside: bool) -> IntArray:
        """Values among all rows, or among those of one entity, in random order."""
        if not inside:
            return self.rng.permutation(value)
        order = np.lexsort((self.rng.random(len(owner)), owner))
        mixed = np.empty_like(value)
        mixed[np.argsort(owner, kind="stable")] = value[order]
        return mixed

    def within(self, determinants: Features, dependent: Feature) -> bool:
        """Whether rows of one entity bear witness, as the determinants belong to one."""
        if determinants in (self.entity, self.visit):
            return True
        named = any(
            each.column in self.personal and not is_time(self.rows.schema[each.column])
            for each in determinants
        )
        return named and dependent.column not in self.context


def _allowed(witnesses: Any) -> Any:
    """Rows that may disagree in a look at some of them: of a number of witnesses, or of several."""
    return np.maximum(3.0, _REFUTED * witnesses)


class Dependents:
    """What may follow, as tables of integers: most of it is refuted at once by what may lead."""

    def __init__(self, search: Search, features: Sequence[Feature]) -> None:
        self.search = search
        self.features = [each for each in features if search.differs(each)]
        codes = [search.rows.codes(each).astype(np.int32) for each in self.features]
        self.tables = [np.array([each[some] for each in codes]) for some, _ in search.looks]

    def left(self, lead: Features) -> list[Feature]:
        """Those that may follow from a lead, as far as some of the rows say.

        Each error makes at most two neighbours in a group differ.
        """
        group, left = self.search.rows.codes(*lead), np.arange(len(self.features))
        for (some, sure), table in zip(self.search.looks, self.tables, strict=True):
            own = group[some]
            order = np.argsort(own, kind="stable")[(own < 0).sum() :]
            again = np.diff(own[order]) == 0
            values = table[left][:, order]  # (D, N)
            known = values >= 0
            differ = (values[:, 1:] != values[:, :-1]) & again & known[:, 1:] & known[:, :-1]
            witnesses = np.minimum(again.sum(), known.sum(1))
            left = left[differ.sum(1) <= 2 * sure * _allowed(witnesses)]
        return [self.features[i] for i in left if not self.search.refuted(lead, self.features[i])]


def dependencies(search: Search) -> list[Determines]:
    """What follows from one column, from a visit, and from two columns."""
    singles = list(_singles(search))
    return singles + list(_pairs(search, singles))


def _singles(search: Search) -> Iterator[Determines]:
    rows = search.rows
    values = [Feature(c) for c in rows.columns]
    dependents = values + [f for f in rows.features if f.of in ("null", *SIGNS)]
    table = Dependents(search, dependents)
    leads = [(f,) for f in [*filter(lambda v: _is_lead(rows, v), values), *rows.features]]
    for lead in [*leads, *([search.visit] if search.visit else [])]:
        for dependent in table.left(lead):
            if _is_trivial(search, lead, dependent):
                continue
            if search.evidence(lead, dependent, within=search.within(lead, dependent)).believed:
                yield Determines(lead, dependent)


def _is_trivial(search: Search, lead: Features, dependent: Feature) -> bool:
    if dependent.column in {each.column for each in lead} | {search.rows.entity}:
        return True
    return lead == search.visit and dependent.column in search.context


def _is_lead(rows: Rows, feature: Feature) -> bool:
    """Whether something may follow from a column: not from measures and not from what is unique."""
    values = int(rows.codes(feature).max(initial=-1)) + 1
    dtype = rows.schema[feature.column]
    return 1 < values < len(rows.frame) and not is_measure(dtype)


def _pairs(search: Search, singles: Sequence[Determines]) -> Iterator[Determines]:
    rows = search.rows
    known = {
        (each.determinants[0], each.dependent) for each in singles if len(each.determinants) == 1
    }
    leads = [Feature(c) for c in rows.columns if _is_part(search, Feature(c))][:_MAX_PAIRED]
    dependents = [Feature(c) for c in rows.columns if c != rows.entity]
    dependents += [f for f in rows.features if f.of == "null"]
    table = Dependents(search, dependents)
    for a, b in combinations(leads, 2):
        if (a, b) in known or (b, a) in known:
            continue
        for dependent in table.left((a, b)):
            if dependent.column in (a.column, b.column) or {(a, dependent), (b, dependent)} & known:
                continue
            if _is_sharper(search, a, b, dependent):
                yield Determines((a, b), dependent)


def _is_part(search: Search, feature: Feature) -> bool:
    """Whether a column may lead somewhere together with another."""
    named = feature.column in search.personal or feature.column == search.rows.entity
    values = int(search.rows.codes(feature).max(initial=-1)) + 1
    return not named and _is_lead(search.rows, feature) and values < len(search.rows.frame) / 4


def _is_sharper(search: Search, a: Feature, b: Feature, dependent: Feature) -> bool:
    """Whether two columns tell what neither does, nor one with as many random values beside it."""
    found = search.evidence((a, b), dependent, within=False)
    if not found.believed:
        return False
    group, value, owner = search.rows.codes(a), search.rows.codes(b), search.rows.owner
    wanted = search.rows.codes(dependent)
    for one, other in ((group, value), (value, group)):
        mixed = search.rng.permutation(other)
        key = one * (mixed.max() + 1) + mixed
        triples = np.unique(np.stack([key, wanted, owner])[:, wanted >= 0], axis=1)
        chance = disagreements(triples[0], triples[1])
        if chance < LEAST_WITNESSES or found.errors > _SHARPER * chance:
            return False
    return True
