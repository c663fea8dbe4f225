"""Relations of a table: looked for in some entities, believed where others bear them out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from anonymizer.errors import DataError
from anonymizer.frames import is_pattern
from anonymizer.relations.base.relation import (
    ALMOST,
    LEAST_WITNESSES,
    Found,
    Relation,
    kept_share,
    plain,
)
from anonymizer.relations.base.rows import Rows, drawn, is_time, split
from anonymizer.relations.kinds.arithmetic import Numbers, formulas
from anonymizer.relations.kinds.calendar import calendar
from anonymizer.relations.kinds.combinations import Together, held_combinations, together
from anonymizer.relations.kinds.dependencies import (
    Determines,
    Search,
    dependencies,
    told_values,
)
from anonymizer.relations.kinds.histories import counters, rising, running, totals
from anonymizer.relations.kinds.identifiers import Names, identifiers
from anonymizer.relations.kinds.lags import Lag, known_spans, lags
from anonymizer.relations.kinds.orders import elapsed, flags, orders
from anonymizer.relations.kinds.rates import Rate, rated, rates
from anonymizer.relations.search.implied import without_implied

_MIN_ENTITIES: Final = 5  # that bear a relation, and hold each value that it knows
_MAX_ROWS: Final = 40_000  # that are read, as whole entities
_HELD_OUT: Final = 0.4  # of the entities, that candidates are verified on
_MAX_RATE_CODES: Final = 20  # columns that a rate may follow from


@dataclass(frozen=True)
class Relations:
    """What was found in a table.

    Attributes:
        found: each relation with what bears it, those of one family together.
        rows, of_rows: that were read, and that there are.
        entities: whose rows were read.
    """

    found: tuple[Found, ...]
    rows: int
    of_rows: int
    entities: int

    def __str__(self) -> str:
        lines = [str(each) for each in self.found]
        read = f"{self.rows:,} of {self.of_rows:,} rows were read, of {self.entities:,} entities"
        return "\n".join([*lines, read])


@np.errstate(over="ignore", invalid="ignore")  # amounts such as 1e308 that nobody knows
def discover(
    frame: pl.DataFrame,
    entity: str | None = None,
    time: str | None = None,
    *,
    min_entities: int = _MIN_ENTITIES,
    seed: int = 0,
) -> Relations:
    """Find what holds in all rows of a table, or in nearly all.

    Candidates come from some entities and are believed where others bear them out. What follows
    from another relation is left out, and what chance gives.

    Args:
        frame: a row per event.
        entity: column that says whose; without it each row is one's own.
        time: column that says when.
        min_entities: that must bear a relation, and hold each value that it knows.
        seed: fixes what is drawn.

    Returns:
        Each relation with what bears it, and how much was read; none where fewer than twice
        `min_entities` entities have rows.

    Raises:
        DataError: a column is absent, of a type that does not fit, or called as a pattern.

    Example:
        >>> units, price = 1 + pl.col("customer") % 5, pl.col("customer") % 7
        >>> lines = pl.DataFrame({"customer": range(100)}).with_columns(units=units, price=price)
        >>> print(discover(lines.with_columns(paid=units * price), "customer"))
        paid = units × price, 100 % of 100 rows
        100 of 100 rows were read, of 100 entities
    """
    _require(frame, entity, time)
    rows = drawn(plain(frame), entity, time, _MAX_ROWS, seed)
    entities = rows.frame[entity].n_unique() if entity else len(rows.frame)
    nothing = Relations((), len(rows.frame), len(frame), entities)
    if entities < 2 * min_entities:
        return nothing
    searched, held = split(rows, _HELD_OUT, seed)
    believed = [
        found
        for relation in candidates(searched, min_entities, seed)
        if (found := _verified(relation, rows, held, min_entities))
    ]
    return replace(nothing, found=tuple(without_implied(believed, rows)))


def _require(frame: pl.DataFrame, entity: str | None, time: str | None) -> None:
    """Refuse columns that are absent, not what they should be, or called as patterns."""
    if strange := [column for column in frame.columns if is_pattern(column)]:
        raise DataError(
            f"a column is called {strange[0]!r}, which has a meaning of its own: rename it"
        )
    for column in (entity, time):
        if column is not None and column not in frame.columns:
            raise DataError(f"there is no column '{column}'; there are: {', '.join(frame.columns)}")
    if entity is not None and frame.schema[entity].is_nested():
        raise DataError(f"column '{entity}' is nested: entities must be named by text or numbers")
    if time is not None and not is_time(frame.schema[time]):
        raise DataError(
            f"column '{time}' is {frame.schema[time].base_type()}: the time must be Date or "
            "Datetime; cast it"
        )


def candidates(rows: Rows, k: int, seed: int) -> Iterator[Relation]:
    """What may hold, by the rows that are searched."""
    search = Search(rows, seed)
    numbers = Numbers(rows, seed)
    named = list(identifiers(search))
    yield from named
    depending = dependencies(search)
    yield from depending
    following = {frozenset(each.columns) for each in depending if len(each.columns) == 2}
    yield from together(rows, following)
    sums = formulas(numbers)
    yield from sums
    codes = [c for c in rows.columns if _is_rate_code(rows, c)]
    codes.sort(key=lambda c: c in search.context)  # what varies within an entity first
    yield from rates(numbers, codes[:_MAX_RATE_CODES], k, {frozenset(f.columns[:2]) for f in sums})
    between = list(elapsed(rows, seed))
    counted = {each.target for each in between}
    yield from lags(rows, [c for c in codes if c not in counted], k)
    yield from orders(rows, seed)
    yield from flags(rows)
    yield from between
    groups = _groups(search, named)
    yield from counters(numbers, groups)
    yield from totals(numbers, groups)
    yield from running(numbers)
    yield from rising(rows, search.context, seed)
    yield from calendar(rows, seed)


def _is_rate_code(rows: Rows, column: str) -> bool:
    values = rows.frame[column].n_unique()
    return not rows.schema[column].is_float() and 1 < values < len(rows.frame) / 5


def _groups(search: Search, named: list[Relation]) -> list[tuple[str, ...]]:
    """What rows may be counted and summed in: orders, visits, entities."""
    orders = [(each.column,) for each in named if isinstance(each, Names) and len(each.owner) == 1
              and not each.both]  # fmt: skip
    owned = any(isinstance(each, Names) and len(each.owner) > 1 for each in named)
    visits = [tuple(f.column for f in search.visit)] if search.visit and not owned else []
    entities = [tuple(f.column for f in search.entity)] if search.entity else []
    return [*orders, *visits, *entities]


def _verified(relation: Relation, rows: Rows, held: Rows, k: int) -> Found | None:
    """The relation with what bears it, if entities that it was not found in do so too."""
    kept = relation.kept(held.frame)
    if kept_share(kept) < ALMOST or kept.sum() < LEAST_WITNESSES / 2:
        return None
    if isinstance(relation, Determines):
        relation = replace(relation, known=told_values(relation, rows, k))
    if isinstance(relation, Rate):
        relation = rated(relation, rows, k) or relation
    if isinstance(relation, Lag):
        relation = known_spans(relation, rows, k) or relation
    if isinstance(relation, Together):
        relation = replace(relation, known=held_combinations(relation, rows, k))
    kept = relation.kept(rows.frame)
    bearing = pl.DataFrame({"e": rows.owner, "x": kept}).filter("x")["e"].n_unique()
    judged = int(kept.count())
    if bearing < k or not judged or kept.sum() < ALMOST * judged:
        return None
    values = _led_from(relation, rows)
    return Found(relation, judged, judged - int(kept.sum()), bearing, values)


def _led_from(relation: Relation, rows: Rows) -> int:
    if isinstance(relation, Determines):
        return rows.frame.select(
            f.expr().alias(str(i)) for i, f in enumerate(relation.determinants)
        ).n_unique()
    return 0
