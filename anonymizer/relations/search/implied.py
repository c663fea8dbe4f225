"""Of the relations that hold, those that do not follow from others."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final, TypeVar

from anonymizer.relations.base.features import SIGNS, Feature
from anonymizer.relations.base.relation import Found, Relation
from anonymizer.relations.base.rows import Rows
from anonymizer.relations.kinds.arithmetic import Formula
from anonymizer.relations.kinds.combinations import Together
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.kinds.histories import Carried, Counter, Rising, Running, Total
from anonymizer.relations.kinds.identifiers import Names, Unique
from anonymizer.relations.kinds.lags import Lag
from anonymizer.relations.kinds.orders import Elapsed, Flag, Order
from anonymizer.relations.kinds.rates import Rate

_AS_OFTEN: Final = 0.002  # of the rows less may hold what another relation follows from
_SUMS: Final = (Formula, Rate, Total, Running)
_PARTS: Final = ("year", "month", "weekday", "hour")

Lead = tuple[frozenset[Feature], Feature]  # what leads where
Edge = tuple[frozenset[Feature], Feature, float]  # and in which share of the rows
Kind = TypeVar("Kind", bound=Relation)


def without_implied(found: Iterable[Found], rows: Rows) -> list[Found]:
    """Each relation once, in the simplest terms, and none that others imply."""
    kept = list(found)
    for without in (_of_better_names, _of_one_time, _of_counters, _of_same_elapsed):
        kept = without(kept, rows)
    kept = _minimal(kept, rows)
    for without in (
        _of_own_signs,
        _of_known_balances,
        _of_paths,
        _of_coarser_codes,
        _of_same_codes,
    ):
        kept = without(kept, rows)
    return kept


def _of(found: Iterable[Found], kind: type[Kind]) -> list[tuple[Found, Kind]]:
    """The relations of one kind, each with what bears it."""
    return [(each, each.relation) for each in found if isinstance(each.relation, kind)]


def _of_better_names(found: list[Found], _rows: Rows) -> list[Found]:
    """What names visits as often as it belongs to one entity, need not be told to belong."""
    names = {r.column: f.share for f, r in _of(found, Names) if r.both}
    worse = {
        id(f) for f, r in _of(found, Names) if not r.both and names.get(r.column, 0) >= f.share
    }
    return [f for f in found if id(f) not in worse]


def _of_one_time(found: list[Found], rows: Rows) -> list[Found]:
    """The year of an event is told by its time, not by other dates or that of these."""
    times = rows.of_type(times=True)
    parts = [
        (f, r) for f, r in _of(found, Determines)
        if len(r.determinants) == 1 and r.determinants[0].column in times and not (
            r.determinants[0].of not in _PARTS and r.dependent.column in times)
    ]  # fmt: skip
    told = {r.dependent for _, r in parts if r.determinants[0].column == rows.time}
    worse = {
        id(f) for f, r in parts if r.dependent in told and r.determinants[0].column != rows.time
    }
    return [f for f in found if id(f) not in worse]


def _of_own_signs(found: list[Found], _rows: Rows) -> list[Found]:
    """A sign that goes with a number of the same formula goes without saying."""
    sums = [set(f.relation.columns) for f in found if isinstance(f.relation, _SUMS)]
    signs = [f for f, r in _of(found, Determines) if r.dependent.of in SIGNS]
    worse = {id(f) for f in signs if any(set(f.relation.columns) <= each for each in sums)}
    return [f for f in found if id(f) not in worse]


def _of_counters(found: list[Found], rows: Rows) -> list[Found]:
    """What counts, adds up or goes by the time never falls; a counter comes once."""
    counted = {r.column for _, r in _of(found, Counter)}
    rising = counted | {r.column for _, r in _of(found, Running)}
    rising |= {r.target for _, r in _of(found, Elapsed) if r.until == rows.time}
    rising |= {
        r.dependent.column for _, r in _of(found, Determines)
        if {d.column for d in r.determinants} == {rows.time}
    }  # fmt: skip
    return [
        f for f in found
        if not (isinstance(f.relation, Rising) and f.relation.column in rising)
        and not (isinstance(f.relation, Unique) and f.relation.column in counted)
    ]  # fmt: skip


def _of_same_elapsed(found: list[Found], _rows: Rows) -> list[Found]:
    """A number is the time between the pair of times that explains most rows, and no habit."""
    best: dict[str, Found] = {}
    for each, relation in _of(found, Elapsed):
        other = best.get(relation.target)
        if other is None or (each.share, each.rows) > (other.share, other.rows):
            best[relation.target] = each
    chosen = {id(each) for each in best.values()}
    exact = {target for target, each in best.items() if each.exact}
    return [
        f for f in found
        if not (isinstance(f.relation, Elapsed) and id(f) not in chosen)
        and not (isinstance(f.relation, Determines) and not f.exact
                 and f.relation.dependent.column in exact)
    ]  # fmt: skip


def _minimal(found: list[Found], rows: Rows) -> list[Found]:
    """Without what follows from what: the most involved go first, of equal ones the last."""
    kept = list(found)
    given: list[Edge] = [(frozenset([Feature(f.column)]), f, 1.0) for f in rows.features]
    asked = [f for f in found if isinstance(f.relation, Determines | Formula | Rate)]
    for each in sorted(asked, key=_complexity)[::-1]:
        lead, to = _leads(each.relation)[0]
        edges = [*given, *(e for f in kept if f is not each for e in _edges(f))]
        as_often = [(a, b) for a, b, share in edges if share >= each.share - _AS_OFTEN]
        if to in closure(lead, as_often):
            kept = [f for f in kept if f is not each]
    return kept


def _complexity(found: Found) -> tuple[int, int, int, int]:
    """By columns; then tables come before rates, those before formulas, simple ones last."""
    relation = found.relation
    simple = isinstance(relation, Formula) and "(" not in relation.shape
    table = isinstance(relation, Determines)
    return (len(relation.columns), 2 * table + (not simple), found.values, -found.rows)


def _edges(found: Found) -> list[Edge]:
    return [(lead, to, found.share) for lead, to in _leads(found.relation)]


def _leads(relation: Relation) -> list[Lead]:
    """What leads where by a relation, its own direction first."""
    if isinstance(relation, Determines):
        return [(frozenset(relation.determinants), relation.dependent)]
    columns = [Feature(c) for c in relation.columns]
    if isinstance(relation, Formula):
        return [(frozenset(columns) - {each}, each) for each in columns]
    if isinstance(relation, Rate | Lag):
        return [(frozenset(columns) - {each}, each) for each in columns[:2]]
    if isinstance(relation, Elapsed) and relation.unit == "days":
        return [(frozenset(columns) - {each}, each) for each in columns]
    if isinstance(relation, Flag | Elapsed):
        return [(frozenset(columns[1:]), columns[0])]
    return _of_groups(relation)


def _of_groups(relation: Relation) -> list[Lead]:
    """What leads where by names, totals and counters of visits."""
    if isinstance(relation, Names):
        value, *owner = map(Feature, relation.columns)
        there = [(frozenset([value]), each) for each in owner]
        return there + [(frozenset(owner), value)] * relation.both
    if isinstance(relation, Total):
        return [(frozenset(map(Feature, relation.within)), Feature(relation.column))]
    if isinstance(relation, Counter) and relation.time:
        return [
            (frozenset(map(Feature, (*relation.within, relation.time))), Feature(relation.column))
        ]
    return []


def closure(
    start: frozenset[Feature], edges: Sequence[tuple[frozenset[Feature], Feature]]
) -> set[Feature]:
    """All that follows from some features."""
    known = set(start)
    while more := {to for lead, to in edges if lead <= known} - known:
        known |= more
    return known


def _of_known_balances(found: list[Found], _rows: Rows) -> list[Found]:
    """A balance follows where what was before stands beside it; a flag where a sign tells it."""
    sums = {frozenset(r.columns) for _, r in _of(found, Formula)}
    carried = {(r.source, r.column) for _, r in _of(found, Carried)}
    told = {
        (r.dependent.column, r.determinants[0].column) for _, r in _of(found, Determines)
        if r.determinants[0].of in SIGNS
    }  # fmt: skip
    worse = {
        id(f) for f, r in _of(found, Running)
        if any(b == r.column and frozenset((a, b, r.step)) in sums for b, a in carried)
    } | {
        id(f) for f, r in _of(found, Flag) if {(r.column, r.low), (r.column, r.high)} & told
    }  # fmt: skip
    return [f for f in found if id(f) not in worse]


def _of_paths(found: list[Found], _rows: Rows) -> list[Found]:
    """Orders that follow from others on the way, in as many rows."""
    kept = list(found)
    for each, relation in _of(found, Order)[::-1]:
        others = [
            (frozenset([Feature(r.low)]), Feature(r.high)) for f, r in _of(kept, Order)
            if f is not each and f.rows >= each.rows and f.share >= each.share
        ]  # fmt: skip
        if Feature(relation.high) in closure(frozenset([Feature(relation.low)]), others):
            kept.remove(each)
    sums = [set(f.relation.columns) for f in found if isinstance(f.relation, (*_SUMS, Lag))]
    return [
        f for f in kept
        if not (isinstance(f.relation, Order) and any(set(f.relation.columns) <= s for s in sums))
    ]  # fmt: skip


def _of_coarser_codes(found: list[Found], rows: Rows) -> list[Found]:
    """Combinations that follow from those of finer codes, from an order, or from the calendar."""
    follows = _following(found)
    ordered = {frozenset(r.columns) for _, r in _of(found, Order)}
    counted = {r.column for _, r in _of(found, Counter)}
    kept = list(found)
    for each, relation in _of(found, Together)[::-1]:
        others = [r for f, r in _of(kept, Together) if f is not each]
        parts = {c for c in relation.together if (rows.time or "", c) in follows}
        if (
            any(_covers(o.together, relation.together, follows) for o in others)
            or frozenset(relation.together) in ordered
            or counted & set(relation.together)
            or parts
        ):
            kept.remove(each)
    return kept


def _following(found: list[Found]) -> set[tuple[str, str]]:
    """Pairs of columns, the second of which follows from the first or from a part of it."""
    edges = [e for f in found for e in _leads(f.relation)]
    names = {d for lead, to in edges for d in (*lead, to)}
    plain = [(frozenset(Feature(d.column) for d in lead), Feature(to.column)) for lead, to in edges
             if to.of == "value"]  # fmt: skip
    return {
        (each.column, to.column)
        for each in names for to in closure(frozenset([Feature(each.column)]), plain)
    }  # fmt: skip


def _covers(
    finer: tuple[str, ...], coarser: tuple[str, ...], follows: set[tuple[str, str]]
) -> bool:
    """Whether each column of one follows from another column of the other, or is it."""
    if len(finer) != len(coarser):
        return False
    return all(any(a == b or (a, b) in follows for a in finer) for b in coarser) and all(
        any(a == b or (a, b) in follows for b in coarser) for a in finer
    )


def _of_same_codes(found: list[Found], _rows: Rows) -> list[Found]:
    """Of relations that differ in a code alone, the first whose code the others follow from.

    What is computed is no code.
    """
    follows = _following(found)
    computed = {r.target for _, r in _of(found, Formula)} | {r.target for _, r in _of(found, Rate)}
    worse = {id(f) for f, r in _of(found, Rate) if r.code in computed}
    for kind in (Rate, Unique):
        for (_, first), (other, second) in combinations(_of(found, kind), 2):
            if _is_same(first, second, follows):
                worse.add(id(other))
    return [f for f in found if id(f) not in worse]


def _is_same(a: Relation, b: Relation, follows: set[tuple[str, str]]) -> bool:
    """Whether two relations are one, told of columns that follow from each other."""
    if isinstance(a, Rate) and isinstance(b, Rate):
        return a.columns[:2] == b.columns[:2] and (b.code, a.code) in follows
    if isinstance(a, Unique) and isinstance(b, Unique):
        return a.within == b.within and {(a.column, b.column), (b.column, a.column)} <= follows
    return False
