"""What single masks learn from the whole table: edges of intervals, values that reach a floor."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import polars as pl

from anonymizer.errors import SchemaError
from anonymizer.keys import Key
from anonymizer.masking.masks import Column, Mask
from anonymizer.masking.masks.base import ROW_NUMBER
from anonymizer.masking.plan.json_text import counted
from anonymizer.masking.plan.plan import Plan, remaining, unfolded
from anonymizer.masking.plan.prepared import (
    Assignment,
    Dictionary,
    Engine,
    make_dictionaries,
    with_prepared,
)
from anonymizer.masking.plan.remembered import remembered


def fit_masks(
    plan: Plan,
    frame: pl.LazyFrame,
    key: Key | None,
    *,
    dictionaries: Engine | None = None,
    null_free: Iterable[str] = (),
    sparing: bool = False,
) -> Plan:
    """The plan with what its masks learn, one by one, from the whole table.

    Args:
        plan: not fitted; what the rules learned from another table is taken over.
        frame: the table, with the columns that the plan was made for.
        key: the secret; None only when the plan is not keyed.
        dictionaries: the engine that computes once what repeats; None to leave that out.
        null_free: columns that are known to have no nulls.
        sparing: read the table only for masks that cannot do without.

    Raises:
        SchemaError: what was learned forbids a mask.
    """
    assignments, flat = plan.assignments(key), plan.flattened(frame)
    looked_up: tuple[Dictionary, ...] = ()
    if dictionaries is not None:
        inside = plan.paths_in_json  # each look at them would read all cells anew
        once = [each for each in assignments if each.column.name not in inside]
        looked_up = make_dictionaries(flat, once, plan.input_schema, dictionaries)
    plan = replace(plan, null_free=frozenset(null_free), dictionaries=looked_up)
    learned = dict(plan.rules.fitted.learned) if plan.rules.fitted else {}
    known = replace(plan, learned=learned).assignments(key)
    if any(_must_learn(each, sparing=sparing) for each in known):
        kept = looked_up or remembered(assignments, plan.input_schema)
        prepared = with_prepared(flat, assignments, plan.input_schema, kept)
        ready = prepared.with_row_index(ROW_NUMBER)
        learned |= _learned(plan, ready, _split(known)[0], sparing=sparing)
        # What is counted must be counted in the rows that stay.
        known = replace(plan, learned=learned).assignments(key)
        rows = remaining(ready, known)
        learned |= _learned(plan, rows, _split(known)[1], sparing=sparing)
    learned |= {} if sparing else _unlisted_in_json(plan, flat)
    plan = replace(plan, learned=learned)
    return replace(plan, learned=learned | _learned_in_lists(plan, frame, key, sparing=sparing))


def _unlisted_in_json(plan: Plan, flat: pl.LazyFrame) -> dict[str, pl.DataFrame]:
    """How many cells of JSON hold what no rule covers, where that is no error."""
    nodes = [node for node in plan.json if node.unlisted != "error"]
    queries = [counted(flat, node.place) for node in nodes]
    answers = pl.collect_all(queries, engine="streaming")
    return {node.place: answer for node, answer in zip(nodes, answers, strict=True)}


def _learned_in_lists(
    plan: Plan, frame: pl.LazyFrame, key: Key | None, *, sparing: bool
) -> dict[str, pl.DataFrame]:
    """What masks of elements learn, which can do without it and mask better with it."""
    learned = dict[str, pl.DataFrame]()
    for node, beside, elements in unfolded(plan, frame):
        inside = {leaf.column for leaf in node.leaves()}
        assignments = [each for each in beside.assignments(key) if each.column.name in inside]
        rows = with_prepared(beside.flattened(elements), assignments, beside.input_schema)
        learned |= _learned(beside, rows, assignments, sparing=sparing)
    return learned


def _split(assignments: list[Assignment]) -> tuple[list[Assignment], list[Assignment]]:
    """The masks that remove rows, and the others."""
    removing = [assignment for assignment in assignments if assignment.mask.removes_rows]
    return removing, [assignment for assignment in assignments if not assignment.mask.removes_rows]


def _learned(
    plan: Plan, frame: pl.LazyFrame, assignments: list[Assignment], *, sparing: bool
) -> dict[str, pl.DataFrame]:
    """Prepared column → what its mask learns from the frame; not what is known already."""
    unknown = [each for each in assignments if _must_learn(each, sparing=sparing)]
    queries = list(_queries(frame, unknown))
    answers = pl.collect_all([query for *_, query in queries], engine="streaming")
    faults = [
        f"{column.name}: {fault}"
        for (mask, column, _), answer in zip(queries, answers, strict=True)
        if (fault := mask.learned_fault(answer)) is not None
    ]
    if faults:
        raise SchemaError(plan.rules.source, faults)
    names = [column.prepared_name for _, column, _ in queries]
    return dict(zip(names, answers, strict=True))


def _must_learn(assignment: Assignment, *, sparing: bool) -> bool:
    mask, column = assignment
    if column.learned is not None and mask.transferable:
        return False
    return mask.learns(column) if sparing else True


def _queries(
    frame: pl.LazyFrame, assignments: Iterable[Assignment]
) -> Iterator[tuple[Mask, Column, pl.LazyFrame]]:
    """Each mask that learns, its column, and what it asks of the rows that it is for."""
    for mask, column in assignments:
        rows = frame if column.applies is None else frame.filter(column.applies)
        query = mask.learn(rows, column)
        if query is not None:
            yield mask, column, query
