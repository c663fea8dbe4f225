"""Steps of values that go together: catalogues, agreements, what is the same throughout."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

import numpy as np
import polars as pl

from anonymizer.relations.base.features import SIGNS, Feature
from anonymizer.relations.base.relation import Found
from anonymizer.relations.kinds.combinations import Together
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.kinds.identifiers import Names
from anonymizer.relations.kinds.rates import Rate
from anonymizer.sequences.derived.base.step import Step, Table
from anonymizer.sequences.derived.makers.ground import (
    Ground,
    computed,
    has_few_values,
    mostly_told,
    reached,
)
from anonymizer.sequences.derived.naming.identifiers import Identifier
from anonymizer.sequences.derived.numbers.magnitude import Magnitude
from anonymizer.sequences.derived.times.since import Since
from anonymizer.sequences.derived.values.agreement import Agreeing, OfVisit
from anonymizer.sequences.derived.values.catalogue import Catalogue
from anonymizer.sequences.derived.values.lasting import Lasting
from anonymizer.sequences.derived.values.signed import Signed

_AGREES: Final = 0.97  # of the rows of other entities have combinations that are known
_BY_CHANCE: Final = 0.8  # of the rows would at most, were the columns independent
Lead = tuple[tuple[Feature, ...], bool]  # what leads, and whether some rows do not agree


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
    if relation.determinants[0].of in SIGNS and column in _deciding(ground):
        return False
    plain = {f.column for f in relation.determinants if f.of == "value"}
    types = [ground.table.frame.schema[c] for c in plain]
    amounts = (t.is_float() or t.is_decimal() or t.is_temporal() for t in types)
    anew = {c for s in ground.steps if isinstance(s, Identifier) for c in s.given}
    return not plain & (ground.keys | anew) and not any(amounts)


def _deciding(ground: Ground) -> set[str]:
    """Codes that say which sign a number has that nothing computes."""
    told = ground.given | computed(ground)
    signs = (r for r in ground.relations(Determines) if r.dependent.of in SIGNS)
    return {r.determinants[0].column for r in signs if r.dependent.column not in told}


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
    return start in reached([start], leads)


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
    coded = ground.coded
    for column in sorted(wanted, key=ground.place):
        yield Agreeing.learn(column, wanted[column], coded)


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
    few = {c for c in (*ground.roles.context, *ground.roles.fields) if has_few_values(c, ground)}
    frame = ground.table.frame
    odd = pl.Series(ground.table.owner % 2 == 1)
    half = Table(frame.filter(~odd), ground.roles.entity, ground.roles.time, 1)
    rng = np.random.default_rng(0)
    for column in [c for c in ground.roles.fields if c in few - ground.given]:
        for other in [c for c in ground.roles.context if c in few]:
            step = Agreeing.learn(column, [(other,)], half)
            if step is None:
                continue
            rest = frame.filter(odd).select(column, other)
            mixed = rest.with_columns(rest[other].gather(rng.permutation(len(rest))))
            agrees, chance = (step.kept(each).drop_nulls().to_numpy() for each in (rest, mixed))
            if len(agrees) and agrees.mean() >= _AGREES and chance.mean() <= _BY_CHANCE:
                yield other, column


def signs(ground: Ground) -> Iterator[Step | None]:
    """Numbers whose sign follows from a code, where nothing computes them."""
    for each in ground.relations(Determines):
        column, lead = each.dependent.column, each.determinants[0]
        if each.dependent.of not in SIGNS or len(each.determinants) > 1:
            continue
        if column not in ground.given and lead.column not in ground.keys:
            yield Signed.learn(column, lead, ground.coded)


def magnitudes(ground: Ground) -> Iterator[Step | None]:
    """Numbers that are computed but for their sign, which follows from a code."""
    signed = [each for each in ground.relations(Determines) if each.dependent.of in SIGNS]
    for rate in ground.relations(Rate):
        codes = [
            each.determinants[0] for each in signed
            if each.dependent.column == rate.base and len(each.determinants) == 1
            and each.determinants[0].column not in {rate.target, *ground.keys, *ground.given}
        ]  # fmt: skip
        if not codes or rate.target not in ground.given or rate.base in ground.given:
            continue
        step, sign = (
            Magnitude.learn(rate, ground.table),
            Signed.learn(rate.base, codes[0], ground.coded),
        )
        if step and sign:
            yield from (step, sign)


def of_visits(ground: Ground) -> Iterator[Step]:
    """What a visit has one of."""
    visit = (ground.roles.entity, ground.roles.time)
    names = (n for n in ground.relations(Names) if n.both and {*n.owner} == {*visit})
    visits = [{Feature(c) for c in visit}, *({Feature(n.column)} for n in names)]
    makers = [s for s in ground.steps if s.rank == 0 and not isinstance(s, Since)]
    apart = {c for step in makers for c in step.given}
    for each in ground.relations(Determines):
        part = each.dependent
        told = part.of in ("value", "sign") and part.column not in apart
        if told and set(each.determinants) in visits and part.column not in ground.keys:
            yield OfVisit(part.column, part.of, visit)


def of_things(ground: Ground) -> Iterator[Step]:
    """What a thing has one of that identifiers name over several visits, as a case or a loan.

    What is computed is that of the first row as well, where all that it is computed from is, or
    where it was told as a span to the time of each row.
    """
    given = {column: step for step in ground.steps for column in step.given}
    for lead in {n.column for n in ground.relations(Names) if not n.both}:
        follows = {
            each.dependent.column
            for each in ground.relations(Determines)
            if each.determinants == (Feature(lead),) and each.dependent.of == "value"
        }
        for column in sorted(follows - ground.keys, key=ground.place):
            needed = {*given[column].needed} if column in given else set[str]()
            if needed <= follows or ground.roles.time in needed:
                yield OfVisit(column, "value", (ground.roles.entity, lead))


def lasting(ground: Ground) -> Iterator[Step | None]:
    """What hardly any entity changes."""
    for each in ground.relations(Determines):
        if each.determinants == (Feature(ground.roles.entity),) and each.dependent.of == "value":
            column = each.dependent.column
            if column in set(ground.roles.fields) - ground.given:
                yield Lasting.learn(column, ground.coded)
