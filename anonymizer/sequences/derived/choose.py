"""Which relations become which steps; what no step can keep stays an ordinary column."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from anonymizer.relations.base.relation import Found
from anonymizer.relations.kinds.arithmetic import Rate
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.search.discover import discover
from anonymizer.sequences.derived.base.step import Step, Table
from anonymizer.sequences.derived.derivation import Derivation, as_text, in_order
from anonymizer.sequences.derived.makers import MAKERS, Ground, mostly_told
from anonymizer.sequences.histories.protection import told_count

ORDINARY: Final = "field"  # a role that a user may give a column: nothing is derived


@np.errstate(over="ignore", invalid="ignore")
def derive(
    plain: Derivation, rows: pl.DataFrame, *, k: int, seed: int, told: Mapping[str, str]
) -> tuple[Derivation, list[str]]:
    """The steps that keep what was found in the rows of those who are learned from.

    Args:
        plain: of these columns, without steps.
        rows: sorted by entity and time.
        k: entities that must bear a relation, and hold what a step knows.
        seed: of the search.
        told: roles that the user gives columns.

    Returns:
        The steps, and what was found, a line each, without counts that few entities determine.
    """
    roles = plain.roles
    free = [c for c in roles.columns if told.get(c) != ORDINARY]
    found = discover(rows.select(free), roles.entity, roles.time, min_entities=k, seed=seed)
    table = Table(as_text(rows, roles.entity), roles.entity, roles.time, k)
    ground = Ground(table, roles, found.found)
    for make in MAKERS:
        for step in make(ground):
            _add(ground, step)
    return _finished(plain, ground), [_line(each, table) for each in found.found]


def _line(found: Found, table: Table) -> str:
    """A relation and the share of rows that keep it, by what k entities break."""
    share = 1.0
    if not found.exact:
        kept = found.relation.kept(table.frame)
        broken = told_count(table.owner[(~kept).fill_null(value=False).to_numpy()], table.k)
        share -= broken / max(1, kept.count())
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


def _finished(plain: Derivation, ground: Ground) -> Derivation:
    """The steps, with the codes, and with how often rows break them."""
    owner, steps = ground.table.owner, tuple(ground.steps)
    whole = replace(plain, steps=steps, breaks=(1.0,) * len(steps))
    counts = [
        told_count(owner[broken.to_numpy()], ground.table.k)
        for _, _, broken in whole.broken(ground.table.frame)
    ]
    breaks = tuple(float(f"{(count + 1) / (len(owner) + 2):.1e}") for count in counts)
    return replace(whole, codes=tuple(_codes(ground)), breaks=breaks)


def _codes(ground: Ground) -> Iterator[str]:
    """Whole numbers from which others follow: they name things, and mean no amount."""
    made = {c for step in ground.steps if step.rank == 0 for c in step.given}
    leads = {c for each in ground.found for c in _single_lead(each.relation)}
    for column in sorted(leads - {ground.roles.entity, ground.roles.time} - made):
        values = ground.table.frame[column]
        if values.dtype.is_integer() and mostly_told(values, ground.table):
            yield column


def _single_lead(relation: object) -> tuple[str, ...]:
    """The column from which alone another follows."""
    if isinstance(relation, Determines) and len(relation.determinants) == 1:
        return (relation.determinants[0].column,) * (relation.determinants[0].of == "value")
    return (relation.code,) if isinstance(relation, Rate) and relation.code else ()
