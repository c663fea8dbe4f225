"""Which relations become which steps; what no step can keep stays an ordinary column."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from anonymizer.errors import DataError
from anonymizer.relations.base.relation import Found, Relation
from anonymizer.relations.kinds.arithmetic import Formula
from anonymizer.relations.kinds.combinations import Together
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.kinds.histories import Rising
from anonymizer.relations.kinds.orders import Order
from anonymizer.relations.kinds.rates import Rate
from anonymizer.relations.search.discover import Relations, discover
from anonymizer.sequences.derived.base.step import Draws, Step, Table, owners
from anonymizer.sequences.derived.derivation import Derivation, in_order
from anonymizer.sequences.derived.makers.families import MAKERS, OF_ROWS
from anonymizer.sequences.derived.makers.ground import Ground, Maker, mostly_told
from anonymizer.sequences.derived.naming.identifiers import Identifier
from anonymizer.sequences.derived.numbers.deviation import Following
from anonymizer.sequences.derived.own import Rule
from anonymizer.sequences.derived.times.since import Bounded
from anonymizer.sequences.derived.told import Told, contradicts, require_roles, said
from anonymizer.sequences.histories.protection import told_count
from anonymizer.sequences.histories.roles import constant_columns

_ENTITIES: Final = 500  # whose rows are made anew, to see what is kept
_ROWS: Final = 20_000  # of them at most
_LOST: Final = 0.005  # of the rows more break a relation that no step keeps
_IN_VAIN: Final = 0.95  # of the histories break a rule that is not to be kept
Rules = Sequence[tuple[Rule, Relation | None]]


@np.errstate(over="ignore", invalid="ignore")
def derive(
    plain: Derivation, rows: pl.DataFrame, *, k: int, seed: int, told: Told, rules: Rules = ()
) -> tuple[Derivation, list[str]]:
    """The steps that keep what was found in the rows of those who are learned from.

    Args:
        plain: of these columns, without steps.
        rows: sorted by entity and time.
        k: entities that must bear a relation, and hold what a step knows.
        seed: of the search.
        told: roles that the user gives columns.
        rules: of the user, with the relations that they are.

    Returns:
        The steps, and what was found, a line each, without counts that few entities determine.

    Raises:
        DataError: rows refute a role, or a rule cannot be kept.
    """
    roles, table = plain.roles, plain.table(rows, k)
    require_roles(told, table, roles)
    own = list(said(told, table, roles))
    free = [c for c in roles.columns if told.get(c) != "field"]
    found = discover(rows.select(free), roles.entity, roles.time, min_entities=k, seed=seed)
    ground = Ground(table, roles, [])
    said_so = [relation for _, relation in rules if relation is not None]
    bounds = [each for each in said_so if isinstance(each, Order)]
    # All orders that bound a column are kept by one step; the rest comes before what was found.
    own += [each for each in bounds if each.columns not in _ordered(found)]
    _make(ground, [each for each in said_so if each not in bounds], OF_ROWS)
    ground.steps = list(map(_exact, ground.steps))
    _make(ground, [*own, *(f for f in found.found if not contradicts(f.relation, told))], MAKERS)
    _require_identifiers(told, ground)
    whole = _finished(plain, ground, told)
    whole = replace(whole, rules=tuple(_settled(*each, whole) for each in rules))
    if whole.position is None:  # where the time is counted, days are no column of the data
        some = rows.filter(pl.Series(table.owner < _ENTITIES)).head(_ROWS)
        _require_possible(whole, some)
        mixed = _made_anew(whole, some, np.random.default_rng(seed))
        whole = replace(whole, unkept=tuple(_unkept(found, mixed)))
    return whole, [_line(each, table) for each in found.found]


def _made_anew(
    whole: Derivation, rows: pl.DataFrame, rng: np.random.Generator | None = None
) -> pl.DataFrame:
    """Rows of data as steps make them of what the network would write, or of that in any order.

    Args:
        whole: the steps.
        rows: sorted by entity and time.
        rng: mixes each written column, those that hold once by entities.
    """
    core, entity = whole.take_off(rows), whole.roles.entity
    owner = owners(core, entity)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    if rng is not None:
        mixed = [c for c in core.columns if c not in (entity, whole.roles.time)]
        once = {*whole.roles.context, *constant_columns(core, entity, mixed)}
        core = core.with_columns(
            core[c].gather(
                rng.permutation(first)[owner] if c in once else rng.permutation(len(core))
            )
            for c in mixed
        )
    return whole.lay_on(core, Draws(0, owner, np.arange(len(owner)) - first[owner]))


def _unkept(found: Relations, mixed: pl.DataFrame) -> Iterator[str]:
    """What no step keeps, whatever is written; nulls and combinations are left to the network."""
    for each in found.found:
        relation = each.relation
        left = isinstance(relation, Together) or (
            isinstance(relation, Determines) and relation.dependent.of == "null"
        )
        if not left and relation.agrees(mixed) < each.share - _LOST:
            yield str(relation)


def _require_possible(whole: Derivation, rows: pl.DataFrame) -> None:
    """Raise a DataError that names a rule which nearly all histories break once they are made anew.

    Identifiers have other values then, and samples would be drawn in vain.
    """
    free = [rule for rule in whole.rules if not rule.laid]
    if not free:
        return
    anew = _made_anew(whole, rows)
    owner = owners(anew, whole.roles.entity)
    for rule, broken in whole.broken_rules(anew).items():
        if len(np.unique(owner[broken.to_numpy()])) > _IN_VAIN * (owner[-1] + 1):
            named = (
                ", ".join(sorted(whole.given & rule.columns(list(whole.columns)))) or "what is rare"
            )
            raise rule.refused(
                f"cannot be kept: {named} is made anew, and then breaks it; leave the rule out, or "
                "call the column a field"
            )


def _exact(step: Step) -> Step:
    """A step of a rule: what it is off by in real rows are ties that are rounded otherwise."""
    if isinstance(step, Following):
        return replace(step, rest=replace(step.rest, residual=False, sign=0))
    return step


def _ordered(found: Relations) -> list[tuple[str, ...]]:
    """Pairs of columns of which the first is never beyond the second."""
    return [f.relation.columns for f in found.found if isinstance(f.relation, Order)]


def _make(ground: Ground, found: Sequence[Found | Relation], makers: Sequence[Maker]) -> None:
    """Take the steps that keep relations."""
    size, entities = len(ground.table.frame), int(ground.table.owner.max(initial=0)) + 1
    ground.found = [f if isinstance(f, Found) else Found(f, size, 0, entities) for f in found]
    for make in makers:
        for step in make(ground):
            _add(ground, step)


def _require_identifiers(told: Told, ground: Ground) -> None:
    """Raise a DataError if what is told to be an identifier would not be made anew."""
    made = {step.column for step in ground.steps if isinstance(step, Identifier)}
    for column in [c for c, role in told.items() if role == "identifier" and c not in made]:
        raise DataError(
            f"column '{column}' cannot be made anew: too few of its values look alike; leave it "
            "out with fields, or call it a field"
        )


def _settled(rule: Rule, relation: Relation | None, whole: Derivation) -> Rule:
    """A rule, with whether a step keeps it.

    Raises:
        DataError: none does, and samples would not by chance.
    """
    laid = relation is not None and any(_keeps(step, relation) for step in whole.steps)
    if relation and not laid and not isinstance(relation, Order | Rising):
        raise rule.refused(
            "cannot be kept: another rule makes its columns already, or too few rows speak of it; "
            "leave it out"
        )
    return replace(rule, laid=laid)


def _keeps(step: Step, relation: Relation) -> bool:
    """Whether a step was made of a relation."""
    if isinstance(relation, Order):
        return isinstance(step, Bounded) and (
            (step.column == relation.high and relation.low in step.lows)
            or (step.column == relation.low and relation.high in step.highs)
        )
    target = getattr(relation, "target", None) or getattr(relation, "column", None)
    alike = type(step).__name__ == type(relation).__name__
    told = target in step.given or (isinstance(relation, Formula) and relation.is_sum)
    return alike and told and set(relation.columns) <= {
        *step.given, *step.needed, getattr(step, "entity", None),
    }  # fmt: skip


def _line(found: Found, table: Table) -> str:
    """A relation and the share of rows that keep it, by what k entities break."""
    share = 1.0
    if not found.exact:
        kept = found.relation.kept(table.frame)
        broken, known = (
            told_count(table.owner[rows.fill_null(value=False).to_numpy()], table.k)
            for rows in (~kept, kept.is_not_null())
        )
        share -= broken / max(1, known)
    return f"{found.relation}, in {100 * share:.0f} % of the rows"


def _add(ground: Ground, step: Step | None) -> None:
    """Take a step, unless others give its columns already or it would go in a circle."""
    if step is None or (step.rank == 0 and ground.given & set(step.given)):
        return
    named = set(ground.table.frame.columns) - {*step.given, *step.needed}
    if named & set(step.written) or _written_twice(step, ground):
        return
    try:
        ground.steps = in_order([*ground.steps, step])
    except ValueError:
        return


def _written_twice(step: Step, ground: Ground) -> bool:
    """Whether another step writes columns of its own under the same names."""
    own = set(step.written) - set(ground.table.frame.columns)
    return any(own & set(other.written) for other in ground.steps)


def _finished(plain: Derivation, ground: Ground, told: Told) -> Derivation:
    """The steps, with the codes, and with how often rows break them."""
    owner, steps = ground.table.owner, tuple(ground.steps)
    whole = replace(plain, steps=steps, breaks=(1.0,) * len(steps))
    counts = [
        told_count(owner[broken.to_numpy()], ground.table.k)
        for _, _, broken in whole.broken(ground.table.frame)
    ]
    rows = told_count(owner, ground.table.k) + 2
    breaks = tuple(float(f"{(count + 1) / rows:.1e}") for count in counts)
    return replace(whole, codes=tuple(_codes(ground, told)), breaks=breaks)


def _codes(ground: Ground, told: Told) -> Iterator[str]:
    """Whole numbers from which others follow, or that the user calls so: they mean no amount."""
    leads = {c for each in ground.found for c in _single_lead(each.relation)}
    called = {c for c, role in told.items() if role == "code"}
    for column in sorted((leads | called) - ground.keys - ground.given):
        values = ground.table.frame[column]
        named = column in called or mostly_told(values, ground.table)
        if values.dtype.is_integer() and named:
            yield column


def _single_lead(relation: object) -> tuple[str, ...]:
    """The column from which alone another follows."""
    if isinstance(relation, Determines) and len(relation.determinants) == 1:
        return (relation.determinants[0].column,) * (relation.determinants[0].of == "value")
    return (relation.code,) if isinstance(relation, Rate) and relation.code else ()
