"""Steps of numbers and times: what is computed, what is never beyond another."""

from collections import Counter as Counted
from collections.abc import Callable, Iterator

from anonymizer.relations.base.relation import Relation
from anonymizer.relations.base.rows import is_time
from anonymizer.relations.kinds import lags as kinds
from anonymizer.relations.kinds.arithmetic import Formula
from anonymizer.relations.kinds.histories import Carried, Counter, Rising, Running, Total
from anonymizer.relations.kinds.orders import Elapsed, Flag, Order
from anonymizer.relations.kinds.rates import Rate
from anonymizer.sequences.derived.base.step import Step
from anonymizer.sequences.derived.makers.ground import (
    Ground,
    Learn,
    computed,
    follow_from_codes,
    has_few_values,
    reached,
)
from anonymizer.sequences.derived.numbers import arithmetic, carried
from anonymizer.sequences.derived.numbers import running as numbers
from anonymizer.sequences.derived.numbers.deviation import sign_of
from anonymizer.sequences.derived.numbers.part import Part
from anonymizer.sequences.derived.times.above import differences
from anonymizer.sequences.derived.times.lag import Lag, Until
from anonymizer.sequences.derived.times.turned import Turned


def spans(ground: Ground) -> Iterator[Step | None]:
    """Times that are another and a span, which come before what is never after them."""
    for lag in ground.relations(kinds.Lag):
        if lag.target != ground.roles.time:
            yield Lag.learn(lag, ground.table)
    told = {step.column for step in ground.steps if isinstance(step, Lag)}
    for each in ground.relations(Order):
        if each.high in told and each.low not in ground.keys:
            yield Until(each.low, each.high)


def orders(ground: Ground) -> Iterator[Step]:
    """Times and numbers that are never beyond others, and what the calendar allows."""
    told = _told(ground)
    yield from _orders(ground, lambda each: not (isinstance(each, Order) and each.high in told))


def _told(ground: Ground) -> set[str]:
    """Numbers that others tell, the parts of such, and all that is never more than these."""
    times = {c for c, dtype in ground.table.frame.schema.items() if is_time(dtype)}
    told = computed(ground) | (follow_from_codes(ground) - times)
    twice = Counted(each.target for each in ground.relations(Formula))
    wholes = {c for c in twice if twice[c] > 1 or c in follow_from_codes(ground)}
    sums = [each for each in ground.relations(Formula) if each.is_sum and each.target in wholes]
    told |= {c for each in sums for c in each.operands}
    below: dict[str, set[str]] = {}
    for each in ground.relations(Order):
        below.setdefault(each.high, set()).add(each.low)
    return (told | reached(told, below)) - times


def below(ground: Ground) -> Iterator[Step | None]:
    """Numbers that are never more than what others tell: no more of them than that."""
    told = _told(ground)
    for each in ground.relations(Order):
        if each.high in told and each.low not in ground.given:
            yield Part.learn(each.low, (each.high,), (), ground.table, strict=each.strict)


def other_orders(ground: Ground) -> Iterator[Step]:
    """The same of numbers that could be computed, where nothing else was made of it."""
    capped = {s.column for s in ground.steps if isinstance(s, Part)}
    yield from _orders(ground, lambda each: isinstance(each, Order) and each.low not in capped)


def _orders(ground: Ground, asked: Callable[[Relation], bool]) -> Iterator[Step]:
    free = [f.relation for f in ground.found if not set(f.relation.columns) & ground.given]
    yield from differences(filter(asked, free), ground.table)


def histories(ground: Ground) -> Iterator[Step | None]:
    """What follows from row to row: balances, counts, totals, what is carried, what rises."""
    yield from _beside(ground)
    codes = [c for c in ground.roles.fields if has_few_values(c, ground)]
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
    """What follows from the other numbers and times of a row.

    What sums give comes last, for they can be told as any of their columns.
    """
    added = [each for each in ground.relations(Formula) if each.is_sum]
    for relation in ground.relations(Formula):
        if relation not in added:
            yield arithmetic.Formula.learn(relation, ground.table)
    yield from _each(
        ground,
        (Rate, arithmetic.Rate.learn),
        (Elapsed, arithmetic.Elapsed.learn),
        (Flag, arithmetic.Flag.learn),
    )
    for elapsed in ground.relations(Elapsed):
        if not any(elapsed.target in s.given and elapsed.since in s.needed for s in ground.steps):
            yield Turned.learn(elapsed, ground.table)
    while added:
        added.sort(key=lambda each: len({*each.operands} & ground.given))
        yield from _added(added.pop(), ground)


def _added(relation: Formula, ground: Ground) -> Iterator[Step | None]:
    """A sum, told as one of its columns that nothing else gives."""
    for column in _left(relation, ground):
        step = arithmetic.Formula.solved(relation, column, ground.table)
        yield step
        if step is not None and step in ground.steps:
            return


def _left(relation: Formula, ground: Ground) -> list[str]:
    """Columns of a sum that neither a step nor a code gives.

    First those that may have either sign, or cannot have the wrong one, then the target, then what
    others need least.
    """
    follow = follow_from_codes(ground)
    fixed = {*ground.given, *follow, *ground.roles.context} - {relation.target}
    needed = [c for f in ground.found if f.relation != relation for c in f.relation.columns]
    sign = {c: sign_of(ground.table.frame[c]) for c in relation.columns}
    sure = {c for c in sign if not sign[c]}
    if not relation.subtracted and {sign[c] for c in relation.operands} == {1}:
        sure.add(relation.target)
    free = [c for c in relation.columns if c not in fixed]
    return sorted(
        free, key=lambda c: (c not in sure, c in follow, c != relation.target, needed.count(c))
    )


def parts(ground: Ground) -> Iterator[Step | None]:
    """Parts of what is more than none, as much of them as the whole has room for."""
    left = [s for s in ground.steps if isinstance(s, arithmetic.Formula) and s.rest.sign > 0]
    for relation in (step.relation() for step in left):
        less = [c for each in relation.subtracted for c in _leaves(each, ground)]
        made = {c for step in ground.steps for c in step.given} | {*ground.roles.context}
        others = tuple(c for c in less if c in made)
        for column in (c for c in less if c not in made):
            yield Part.learn(column, relation.added, others, ground.table)
            others += (column,)


def _leaves(column: str, ground: Ground) -> tuple[str, ...]:
    """What a column is the sum of, or itself."""
    steps = (s for s in ground.steps if isinstance(s, arithmetic.Formula) and s.given == (column,))
    found = (relation for step in steps if (relation := step.relation()).is_sum)
    return next((r.operands for r in found if not r.subtracted), (column,))
