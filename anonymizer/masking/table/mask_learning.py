"""What single masks learn from the whole table: edges of intervals, values that reach a floor."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from anonymizer.errors import SchemaError
from anonymizer.frames import collect
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
    counted_before: Mapping[str, pl.DataFrame] | None = None,
) -> Plan:
    """The plan with what its masks learn, one by one, from the whole table.

    Args:
        plan: not fitted; what the rules learned from another table is taken over.
        frame: the table, with the columns that the plan was made for.
        key: the secret; None only when the plan is not keyed.
        dictionaries: the engine that computes once what repeats; None to leave that out.
        null_free: columns that are known to have no nulls.
        sparing: read the table only for masks that cannot do without.
        counted_before: prepared column → what its mask learned of a summary of the table.

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
    before = dict(counted_before or {})
    learned = _travelled(plan) | before
    known = replace(plan, learned=learned).assignments(key)
    asked = [
        each
        for each in known
        if each.column.prepared_name not in before and _must_learn(each, sparing=sparing)
    ]
    if asked:
        kept = looked_up or remembered(assignments, plan.input_schema)
        prepared = with_prepared(flat, assignments, plan.input_schema, kept)
        ready = prepared.with_row_index(ROW_NUMBER)
        learned |= _learned(plan, ready, [each for each in asked if each.mask.removes_rows])
        # What is counted must be counted in the rows that stay.
        rows = remaining(ready, replace(plan, learned=learned).assignments(key))
        learned |= _learned(plan, rows, [each for each in asked if not each.mask.removes_rows])
    learned |= {} if sparing else _unlisted_in_json(plan, flat)
    plan = replace(plan, learned=learned)
    return replace(plan, learned=learned | _learned_in_lists(plan, frame, key, sparing=sparing))


@dataclass(frozen=True)
class Summary:
    """What one mask of a plan learns from, and what it learns of it. Holds no key.

    Attributes:
        plan: not fitted.
        name: the prepared column of the mask.
    """

    plan: Plan = field(repr=False)
    name: str

    def rows(self, frame: pl.LazyFrame, key: Key | None) -> pl.LazyFrame:
        """Each row of the summary once, how often it comes as `rows`.

        Args:
            frame: some rows of a table.
            key: the secret; None only when the plan is not keyed.
        """
        assignment, schema = self._assignment(key), self.plan.input_schema
        known = remembered([assignment], schema)
        ready = with_prepared(self.plan.flattened(frame), [assignment], schema, known)
        summary = _summary(ready, assignment)
        if summary is None:
            raise TypeError(f"{assignment.mask.name} learns from no summary")
        return each_once(summary)

    def learned(self, summary: pl.LazyFrame, key: Key | None) -> pl.DataFrame:
        """What the mask learns of such rows, of the whole table or apart."""
        mask, column = self._assignment(key)
        return collect(mask.learned_from(summary, column))

    @property
    def apart(self) -> str | None:
        """The column by whose values the summary may be learned from in parts."""
        return self._assignment(None).mask.learned_apart

    def _assignment(self, key: Key | None) -> Assignment:
        every = self.plan.assignments(key)
        return next(each for each in every if each.column.prepared_name == self.name)


def summaries(plan: Plan, key: Key | None, *, sparing: bool) -> list[Summary]:
    """Those of the masks that learn from one; none where rows go before others learn.

    Args:
        plan: not fitted.
        key: the secret; None only when the plan is not keyed.
        sparing: leave out masks that can do without.
    """
    if plan.removes_rows:
        return []
    known = replace(plan, learned=_travelled(plan))
    return [
        Summary(known, each.column.prepared_name)
        for each in known.assignments(key)
        if _must_learn(each, sparing=sparing) and _summary(pl.LazyFrame(), each) is not None
    ]


def each_once(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The distinct rows of a frame, and how many of each there are, as `rows`."""
    return rows.group_by(pl.all()).agg(rows=pl.len().cast(pl.Int64))


def _summary(frame: pl.LazyFrame, assignment: Assignment) -> pl.LazyFrame | None:
    mask, column = assignment
    return mask.summary(_meant(frame, column), column)


def _meant(frame: pl.LazyFrame, column: Column) -> pl.LazyFrame:
    """The rows that a rule is for."""
    return frame if column.applies is None else frame.filter(column.applies)


def _travelled(plan: Plan) -> dict[str, pl.DataFrame]:
    """Prepared column → what its mask learned from another table."""
    return dict(plan.rules.fitted.learned) if plan.rules.fitted else {}


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
        asked = [each for each in assignments if _must_learn(each, sparing=sparing)]
        learned |= _learned(beside, rows, asked)
    return learned


def _learned(
    plan: Plan, frame: pl.LazyFrame, assignments: list[Assignment]
) -> dict[str, pl.DataFrame]:
    """Prepared column → what its mask learns from the frame."""
    queries = list(_queries(frame, assignments))
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
        query = mask.learn(_meant(frame, column), column)
        if query is not None:
            yield mask, column, query
