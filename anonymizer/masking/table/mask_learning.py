"""What single masks learn from the whole table: edges of intervals, values that reach a floor."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import polars as pl

from anonymizer.errors import SchemaError
from anonymizer.keys import Key
from anonymizer.masking.masks import Column, Mask
from anonymizer.masking.plan.plan import Plan, remaining
from anonymizer.masking.plan.prepared import (
    Dictionary,
    Engine,
    Work,
    make_dictionaries,
    with_hidden,
)


def fit_masks(
    plan: Plan,
    frame: pl.LazyFrame,
    key: Key | None,
    *,
    dictionaries: Engine | None = None,
    complete: Iterable[str] = (),
) -> Plan:
    """The plan with what its masks learn, one by one, from the whole table.

    Args:
        plan: not fitted; what the rules learned from another table is taken over.
        frame: the table, with the columns that the plan was made for.
        key: the secret; None only when the plan is not keyed.
        dictionaries: the engine that computes once what repeats; None to leave that out.
        complete: columns that are known to have no nulls.

    Raises:
        SchemaError: what was learned forbids a mask.
    """
    works, flat = plan.works(key), plan.flattened(frame)
    looked_up: tuple[Dictionary, ...] = ()
    if dictionaries is not None:
        looked_up = make_dictionaries(flat, works, plan.schema_in, dictionaries)
    plan = replace(plan, complete=frozenset(complete), dictionaries=looked_up)
    ready = with_hidden(flat, works, plan.schema_in, looked_up)
    # What is counted must be counted in the rows that stay.
    known = plan.rules.fitted.learned if plan.rules.fitted else {}
    learned = dict(known)
    learned |= _learned(plan, ready, [work for work in works if work[0].removes_rows], known)
    works = replace(plan, learned=learned).works(key)
    rest = [work for work in works if not work[0].removes_rows]
    learned |= _learned(plan, remaining(ready, works), rest, known)
    return replace(plan, learned=learned)


def _learned(
    plan: Plan, frame: pl.LazyFrame, works: list[Work], known: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Prepared column → what its mask learns from the frame; not what is known already."""
    unknown = [(mask, column) for mask, column in works if column.hidden not in known]
    queries = list(_queries(frame, unknown))
    answers = pl.collect_all([query for *_, query in queries], engine="streaming")
    faults = [
        f"{column.name}: {fault}"
        for (mask, column, _), answer in zip(queries, answers, strict=True)
        if (fault := mask.learned_fault(answer)) is not None
    ]
    if faults:
        raise SchemaError(plan.rules.source, faults)
    names = [column.hidden for _, column, _ in queries]
    return dict(zip(names, answers, strict=True))


def _queries(
    frame: pl.LazyFrame, works: Iterable[Work]
) -> Iterator[tuple[Mask, Column, pl.LazyFrame]]:
    """Each mask that learns, its column, and what it asks of the rows that it is for."""
    for mask, column in works:
        rows = frame if column.applies is None else frame.filter(column.applies)
        query = mask.learn(rows, column)
        if query is not None:
            yield mask, column, query
