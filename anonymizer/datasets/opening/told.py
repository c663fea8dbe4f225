"""What tables tell of the times that move in another one, to which foreign keys join them."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import polars as pl

from anonymizer.datasets.description.ruled import Ruled
from anonymizer.datasets.opening.persons import keyed
from anonymizer.frames import collect, quiet
from anonymizer.masking.inspection.lints import Finding, true_times
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.run.files import Run
from anonymizer.masking.table.tellings import SAMPLED_ROWS, tellings
from anonymizer.stores.table import ForeignKey

_FEW_CHILDREN: Final = 10  # on average


def told_elsewhere(
    runs: Mapping[str, Run], rules: Mapping[str, Ruled], keys: Sequence[ForeignKey]
) -> dict[str, list[Finding]]:
    """What tells true times, by table, where none moves in it.

    By their names and types, and by their values beside the times of the row to which a key refers.
    """
    moved = {
        table: f"{table}.{leaf.column}"
        for table, run in runs.items()
        for leaf, mask in run.plan.masks
        if isinstance(mask, DateShift) and rules[table].of_person
    }
    beside = {key.parent: moved[key.child] for key in keys if _goes_along(key, moved, runs)}
    if moved:
        first = next(iter(moved.values()))
        beside |= {table: first for table in runs if rules[table].of_person}
    told = {
        table: true_times(runs[table].plan, other)
        for table, other in beside.items()
        if table not in moved
    }
    for key in keys:
        if key.parent in moved and key.child in told:
            names = {each.place for each in told[key.child]}
            with quiet(f"reading {key.parent} and {key.child}"):
                more = list(_told_by_values(key, runs[key.child], runs[key.parent]))
            told[key.child] += [each for each in more if each.place not in names]
    return told


def _goes_along(key: ForeignKey, moved: Container[str], runs: Mapping[str, Run]) -> bool:
    """Whether a parent has hardly more children than one, as a receipt is of one order.

    What many share is found by its values, as a column beside the times.
    """
    if key.child not in moved or key.parent in moved:
        return False
    if not true_times(runs[key.parent].plan, ""):
        return False
    parents, children = (runs[table].before[0] for table in (key.parent, key.child))
    return bool(parents * _FEW_CHILDREN >= children)


def _told_by_values(key: ForeignKey, child: Run, parent: Run) -> Iterator[Finding]:
    """Columns of a child that go with the true times of its parent, as numbers that count up do."""
    shifts = {
        f"{key.parent} {column.name}": (column.name, mask)
        for mask, column in parent.plan.assignments(parent.secret)
        if isinstance(mask, DateShift) and mask.when is None and not mask.of_entity
    }
    times = [pl.col(column).alias(name) for name, (column, _) in shifts.items()]
    masks = {name: (mask,) for name, (_, mask) in shifts.items()} | dict(child.plan.rules.columns)
    joined = _beside_parent(key, child.sample, parent.plan.flattened(parent.lazy), times)
    rules = replace(child.plan.rules, columns=MappingProxyType(masks))
    plan = make_plan(rules, joined.collect_schema(), every_rule=False)
    for each in tellings(plan, joined, parent.secret, seekable=False):
        if each.column not in shifts and not each.narrow:
            yield Finding("time-told", f"columns.{each.column}", each.risk, each.remedy)


def _beside_parent(
    key: ForeignKey, sample: tuple[pl.LazyFrame, int], parent: pl.LazyFrame, times: list[pl.Expr]
) -> pl.LazyFrame:
    """Rows from all over a child, with the times of the row of the parent to which each refers."""
    child, rows = sample
    some = child.gather_every(-(-rows // SAMPLED_ROWS) or 1)
    some = collect(some.with_columns(keyed(child, key.columns))).lazy()
    keys = keyed(parent, key.keys)
    names = [each.meta.output_name() for each in keys]
    wanted = parent.select(*keys, *times).join(some.select(names), on=names, how="semi")
    return some.join(wanted.unique(names, keep="any"), on=names, how="left").drop(names)
