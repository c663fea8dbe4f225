"""Steps that relations ask for, a family each, in the order in which they are tried."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Final, TypeVar

import numpy as np
import polars as pl

from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.relation import EXACT, Found, Relation
from anonymizer.relations.kinds.arithmetic import Formula, Rate
from anonymizer.relations.kinds.combinations import Together
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.kinds.histories import Carried, Counter, Rising, Running, Total
from anonymizer.relations.kinds.identifiers import Names, Unique
from anonymizer.relations.kinds.orders import Elapsed, Flag, Order
from anonymizer.sequences.derived.base.step import Step, Table
from anonymizer.sequences.derived.naming.identifiers import Identifier
from anonymizer.sequences.derived.numbers import arithmetic, carried
from anonymizer.sequences.derived.numbers import running as numbers
from anonymizer.sequences.derived.times.above import differences
from anonymizer.sequences.derived.times.since import Since
from anonymizer.sequences.derived.values.agreement import Agreeing, OfVisit
from anonymizer.sequences.derived.values.catalogue import Catalogue
from anonymizer.sequences.derived.values.lasting import Lasting
from anonymizer.sequences.histories.roles import Roles

_MOSTLY_TOLD: Final = 0.9  # of the rows hold a number that k entities do, where it is a code
_MAX_VALUES: Final = 200  # of columns that are held against each other
_AGREES: Final = 0.97  # of the rows of other entities have combinations that are known
_BY_CHANCE: Final = 0.8  # of the rows would at most, were the columns independent
Kind = TypeVar("Kind", bound=Relation)
Lead = tuple[tuple[Feature, ...], bool]  # what leads, and whether some rows do not agree
Maker = Callable[["Ground"], Iterator[Step | None]]
Learn = Callable[[Any, Table], Step | None]  # of a relation of its kind


@dataclass
class Ground:
    """What steps are made from, and those that were made.

    Attributes:
        table, roles: the rows, and of their columns.
        found: the relations that hold in them.
        steps: that were taken, as they are laid on.
    """

    table: Table
    roles: Roles
    found: Sequence[Found]
    steps: list[Step] = field(default_factory=list)

    @property
    def given(self) -> set[str]:
        """Columns that steps make."""
        return {c for step in self.steps if step.rank == 0 for c in step.given}

    def above(self, columns: Iterable[str]) -> set[str]:
        """Columns from which some of these follow."""
        found: set[str] = set()
        new = set(columns)
        while new:
            new = {c for s in self.steps if new & set(s.given) for c in s.needed} - found
            found |= new
        return found

    @property
    def coded(self) -> Table:
        """The table with codes as the network writes them, the rare ones as they are called."""
        steps = (step for step in self.steps if isinstance(step, Catalogue))
        codes = (c for step in steps for c in step.take_off(self.table.frame))
        free = {code.name: code for code in codes if code.name not in self.given}
        return replace(self.table, frame=self.table.frame.with_columns(free.values()))

    @property
    def keys(self) -> set[str]:
        """Columns that say whose and when."""
        return {self.roles.entity, self.roles.time}

    def relations(self, kind: type[Kind]) -> list[Kind]:
        """Those of one kind."""
        return [each.relation for each in self.found if isinstance(each.relation, kind)]

    def place(self, column: str) -> int:
        """Where a column stands: context before fields."""
        return (*self.roles.context, *self.roles.fields).index(column)


def mostly_told(values: pl.Series, table: Table) -> bool:
    """Whether nearly all rows hold what k entities do: of numbers none can be called rare."""
    return told_share(values, table) >= _MOSTLY_TOLD


def told_share(values: pl.Series, table: Table) -> float:
    """The share of the rows that hold what k entities do."""
    part = pl.DataFrame({"v": values, "e": table.owner})
    return float((part.select(x=pl.col("e").n_unique().over("v"))["x"] >= table.k).mean())  # type: ignore[arg-type]


def names(ground: Ground) -> Iterator[Step | None]:
    """Identifiers, with what decides their first letters; those of visits agree within a visit."""
    visit = (ground.roles.entity, ground.roles.time)
    named, unique = ground.relations(Names), ground.relations(Unique)
    keys = [each for each in unique if not each.within]
    # A key with an exception may be the number of a visit of hardly ever more than one row.
    visits = [Names(each.column, visit) for each in keys]
    naming: list[Names | Unique] = [*named, *keys, *visits]
    amounts = _amounts(ground)
    for each in (each for each in naming if each.column not in amounts):
        lettered = (
            d for d in ground.relations(Determines) if _letters(each.column) in _features(d)
        )
        turned = (_deciding(each.column, d, ground) for d in lettered)
        for decides in (*(d for d in turned if d), None):
            step = Identifier.learn(each, ground.table, decides)
            if step is not None:
                yield step
                if decides and step.stands == "owner":
                    led = decides.determinants[0]
                    yield OfVisit(led.column, led.of, visit)
                break


def _computed(ground: Ground) -> set[str]:
    """Numbers that others tell exactly."""
    found = [each.relation for each in ground.found]
    rows = {each.target for each in found if isinstance(each, (Formula, Rate, Elapsed))}
    return rows | {each.column for each in found if isinstance(each, (Counter, Total, Running))}


def _amounts(ground: Ground) -> set[str]:
    """Numbers that are computed with, which name nothing though none comes twice."""
    parts = [*(c for each in ground.relations(Formula) for c in each.operands)]
    parts += [each.base for each in ground.relations(Rate)]
    parts += [each.step for each in ground.relations(Running)]
    parts += [each.part for each in ground.relations(Total) if each.part]
    return _computed(ground) | {*parts}


def _letters(column: str) -> Feature:
    return Feature(column, "letters")


def _features(relation: Determines) -> tuple[Feature, ...]:
    return (*relation.determinants, relation.dependent)


def _deciding(column: str, relation: Determines, ground: Ground) -> Determines | None:
    """What decides the first letters of identifiers, told from the other side if need be."""
    others = [each for each in _features(relation) if each.column != column]
    if len(others) != 1 or others[0].of not in ("value", "sign"):
        return None
    turned = Determines((others[0],), _letters(column))
    return turned if turned.agrees(ground.table.frame) >= EXACT else None


def orders(ground: Ground) -> Iterator[Step]:
    """Times and numbers that are never beyond others, and what the calendar allows."""
    told = _computed(ground)
    yield from _orders(ground, lambda each: not (isinstance(each, Order) and each.high in told))


def other_orders(ground: Ground) -> Iterator[Step]:
    """The same of numbers that could be computed, where nothing else was made of it."""
    yield from _orders(ground, lambda each: isinstance(each, Order))


def _orders(ground: Ground, asked: Callable[[Relation], bool]) -> Iterator[Step]:
    free = [f.relation for f in ground.found if not set(f.relation.columns) & ground.given]
    yield from differences(filter(asked, free), ground.table)


def histories(ground: Ground) -> Iterator[Step | None]:
    """What follows from row to row: balances, counts, totals, what is carried, what rises."""
    yield from _beside(ground)
    codes = [c for c in ground.roles.fields if _has_few_values(c, ground)]
    for running in ground.relations(Running):
        found = (numbers.Running.learn(running, ground.table, by) for by in (None, *codes))
        yield next((step for step in found if step is not None), None)
    yield from _each(
        ground,
        (Counter, carried.Counter.learn),
        (Total, carried.Total.learn),
        (Carried, carried.Carried.learn),
        (Rising, carried.Rising.learn),
    )


def _each(ground: Ground, *kinds: tuple[type[Relation], Learn]) -> Iterator[Step | None]:
    """A step for each relation of some kinds, one kind after another."""
    for kind, learn in kinds:
        for relation in ground.relations(kind):
            yield learn(relation, ground.table)


def _beside(ground: Ground) -> Iterator[Step | None]:
    """Balances beside which the balance before stands."""
    for before in ground.relations(Carried):
        for formula in ground.relations(Formula):
            if {before.column, before.source} <= {formula.target, *formula.operands}:
                yield numbers.Running.learn_beside(formula, before, ground.table)


def sums(ground: Ground) -> Iterator[Step | None]:
    """What follows from the other numbers and times of a row."""
    yield from _each(
        ground,
        (Formula, arithmetic.Formula.learn),
        (Rate, arithmetic.Rate.learn),
        (Elapsed, arithmetic.Elapsed.learn),
        (Flag, arithmetic.Flag.learn),
    )


def catalogues(ground: Ground) -> Iterator[Step | None]:
    """What follows from codes, those of one code together, with all that follows from these."""
    leads = [each for each in ground.found if _leads(each, ground)]
    leads.sort(key=lambda f: (not f.exact, f.values, not _is_whole_code(f, ground)))
    chosen: dict[str, Found] = {}
    for each in leads:
        name = _determines(each).dependent.column
        if name not in chosen and not _goes_in_a_circle(each, chosen.values()):
            chosen[name] = each
    while chosen:
        roots = {name: _root(name, chosen) for name in chosen}
        for lead, group in groupby(sorted(roots, key=roots.__getitem__), roots.__getitem__):
            names = tuple(group)
            once = {f.column for f in lead[0]} | set(names) <= set(ground.roles.context)
            step = Catalogue.learn(lead[0], names, ground.table, once=once)
            yield step
            # What no catalogue gives is written, and leads to the rest itself.
            given = step.given if step else ()
            for name in [n for n in names if n in given or _lead_of(chosen[n]) == lead]:
                del chosen[name]


def _root(name: str, chosen: Mapping[str, Found]) -> Lead:
    """What a column follows from in the end, through others that leave no choice."""
    lead, inexact = _lead_of(chosen[name])
    if inexact or len(lead) > 1 or lead[0].of != "value" or lead[0].column not in chosen:
        return lead, inexact
    return _root(lead[0].column, chosen)


def _leads(found: Found, ground: Ground) -> bool:
    """Whether a relation says what a column holds, by others that name things."""
    relation, context = found.relation, set(ground.roles.context)
    if not isinstance(relation, Determines) or relation.dependent.of != "value":
        return False
    names, column = {f.column for f in relation.determinants}, relation.dependent.column
    if column in ground.keys | names | ground.given or (column in context and not names <= context):
        return False
    plain = {f.column for f in relation.determinants if f.of == "value"}
    types = [ground.table.frame.schema[c] for c in plain]
    amounts = (t.is_float() or t.is_decimal() or t.is_temporal() for t in types)
    anew = {c for s in ground.steps if isinstance(s, Identifier) for c in s.given}
    return not plain & (ground.keys | anew) and not any(amounts)


def _is_whole_code(found: Found, ground: Ground) -> bool:
    """Whether a lead is a number that names things, of which hardly any is rare."""
    lead = _determines(found).determinants
    values = ground.table.frame[lead[0].column]
    return len(lead) == 1 and values.dtype.is_integer() and mostly_told(values, ground.table)


def _determines(found: Found) -> Determines:
    if not isinstance(found.relation, Determines):
        raise TypeError(found.relation)
    return found.relation


def _lead_of(found: Found) -> Lead:
    return _determines(found).determinants, not found.exact


def _goes_in_a_circle(new: Found, chosen: Iterable[Found]) -> bool:
    """Whether a lead follows from its own dependent by the others."""
    leads = {
        _determines(f).dependent.column: {d.column for d in _determines(f).determinants}
        for f in (*chosen, new)
    }
    start = _determines(new).dependent.column
    seen: set[str] = set()
    ahead = set(leads[start])
    while ahead:
        seen |= ahead
        ahead = {c for each in ahead for c in leads.get(each, ())} - seen
    return start in seen


def agreements(ground: Ground) -> Iterator[Step | None]:
    """What goes together, corrected in the column that comes last."""
    wanted: dict[str, list[tuple[str, ...]]] = {}
    for columns in (*map(_together, ground.found), *_of_context(ground)):
        free = [c for c in columns if c not in ground.given | ground.above(columns)]
        if len(columns) > 1 and free and not set(columns) & ground.keys:
            last = max(free, key=ground.place)
            others = tuple(c for c in columns if c != last)
            if others not in wanted.setdefault(last, []):
                wanted[last].append(others)
    for column in sorted(wanted, key=ground.place):
        once = column in ground.roles.context
        yield Agreeing.learn(column, wanted[column], ground.coded, once=once)


def _together(found: Found) -> tuple[str, ...]:
    """Columns whose values go together."""
    if isinstance(found.relation, Together):
        return found.relation.together
    if isinstance(found.relation, Determines):
        features = (*found.relation.determinants, found.relation.dependent)
        return tuple(f.column for f in features) if all(f.of == "value" for f in features) else ()
    return ()


def _of_context(ground: Ground) -> Iterator[tuple[str, str]]:
    """Fields that go only with some values of what holds once: shops near the city of a customer.

    Combinations of half of the entities are looked for in the others.
    """
    few = {c for c in (*ground.roles.context, *ground.roles.fields) if _has_few_values(c, ground)}
    frame = ground.table.frame
    odd = pl.Series(ground.table.owner % 2 == 1)
    half = Table(frame.filter(~odd), ground.roles.entity, ground.roles.time, 1)
    rng = np.random.default_rng(0)
    for column in [c for c in ground.roles.fields if c in few - ground.given]:
        for other in [c for c in ground.roles.context if c in few]:
            step = Agreeing.learn(column, [(other,)], half, once=False)
            if step is None:
                continue
            rest = frame.filter(odd).select(column, other)
            mixed = rest.with_columns(rest[other].gather(rng.permutation(len(rest))))
            agrees, chance = (step.kept(each).drop_nulls().to_numpy() for each in (rest, mixed))
            if len(agrees) and agrees.mean() >= _AGREES and chance.mean() <= _BY_CHANCE:
                yield other, column


def _has_few_values(column: str, ground: Ground) -> bool:
    """Whether a column is of text or of numbers that name things, and of few of them."""
    values = ground.table.frame[column]
    named = values.dtype == pl.String or values.dtype.is_integer()
    return named and 2 < values.n_unique() <= _MAX_VALUES


def of_visits(ground: Ground) -> Iterator[Step]:
    """What a visit has one of."""
    visit = (ground.roles.entity, ground.roles.time)
    names = (n for n in ground.relations(Names) if n.both and {*n.owner} == {*visit})
    visits = [{Feature(c) for c in visit}, *({Feature(n.column)} for n in names)]
    apart = {c for step in ground.steps if not isinstance(step, Since) for c in step.given}
    for each in ground.relations(Determines):
        part = each.dependent
        told = part.of in ("value", "sign") and part.column not in apart
        if told and set(each.determinants) in visits and part.column not in ground.keys:
            yield OfVisit(part.column, part.of, visit)


def lasting(ground: Ground) -> Iterator[Step | None]:
    """What hardly any entity changes."""
    for each in ground.relations(Determines):
        if each.determinants == (Feature(ground.roles.entity),) and each.dependent.of == "value":
            column = each.dependent.column
            if column in set(ground.roles.fields) - ground.given:
                yield Lasting.learn(column, ground.coded)


MAKERS: tuple[Maker, ...] = (
    names, orders, histories, sums, other_orders, catalogues, agreements, of_visits, lasting,
)  # fmt: skip
OF_ROWS: tuple[Maker, ...] = (
    histories,
    sums,
)  # of what follows within a row, or from the one before
