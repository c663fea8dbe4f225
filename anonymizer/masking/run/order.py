"""The order in which rows leave, so that it tells nothing of what was masked.

Where rows are sorted by their true time, the masked times smoothed over the row number give the
true time, and what is left of each is the shift of its entity. Shuffling blocks of rows does not
help: the mean of a block is the time of the block. So the order is worked out of what is published
alone. Whoever holds the output could work it out as well, and learns nothing from it.

Rows of one entity stand together in the order in which they came: a shift leaves it as it is, and
it is all that tells the lines of a basket apart. Entities stand in the order of a hash of their
masked value. A row that the output gives to nobody stands where a hash of all that it holds puts
it: so do rows without an entity, all rows where the entity is dropped, and where several entities
may have one masked value, as their rows would stand together in true order.

Where no time moves, the order still tells what it follows: the n-th token is the n-th number, and
times that are cut to their month are in true order within it. Rows are shuffled only then.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.frames import collect, from_blocks
from anonymizer.masking.masks.base import RESERVED_PREFIX
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.masks.identifiers import Keep, Token
from anonymizer.masking.masks.reversible import Reversible
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.table.tellings import in_plain_types, with_fields
from anonymizer.masking.table.told_days import orders_of

_PLACE: Final = f"{RESERVED_PREFIX}place"
_BUCKET: Final = f"{RESERVED_PREFIX}bucket"
_ROWS_IN_MEMORY: Final = 250_000
_MOST_BUCKETS: Final = 64  # each is a file that is open while rows are dealt out
_ROWS_SEEN: Final = 4_000  # that show whether rows come in the order of a column
_BLOCKS: Final = 20  # of rows that stand together, into which they are spread over a table
_LEAST_CHANGES: Final = 20  # from row to row; fewer values are in order by accident
_ONE_WAY: Final = 0.9  # of the steps, as rows of several shops are in order of each
_ONE_EACH: Final = (Token, Reversible, Keep)  # give no two entities one value


def shuffles_files(plan: Plan, told: Sequence[str]) -> bool:
    """Whether rows are shuffled on their way into files: by the rules, or as their order tells.

    Args:
        plan: whose masks may move times.
        told: the columns that `told_by_order` found.
    """
    if plan.rules.order is None:
        return bool(told) or moves_times(plan)
    return plan.rules.order == "shuffled"


def told_by_order(
    plan: Plan, table: pl.LazyFrame, rows: int | None, *, seekable: bool
) -> list[str]:
    """The columns whose values are hidden while rows come in their order, all or a quarter of them.

    None where the rules say what becomes of the order, and where it is said as times move.

    Args:
        plan: whose masks hide columns.
        table: of which some rows are read, all over it.
        rows: how many it has; None where only its beginning shall be read.
        seekable: whether it can be read from the middle.
    """
    if plan.rules.order or moves_times(plan):
        return []
    leaves = (leaf for node in plan.tree for leaf in node.leaves())
    hidden = [
        leaf.column for leaf in leaves if not all(isinstance(mask, Keep) for mask in leaf.masks)
    ]
    some = plan.flattened(_in_blocks(table, rows, seekable=seekable)).select(hidden)
    shown = collect(in_plain_types(with_fields(some)))
    return [each.name for each in shown if _is_in_order(each)]


def _in_blocks(table: pl.LazyFrame, rows: int | None, *, seekable: bool) -> pl.LazyFrame:
    """Rows that stand together, from all over a table; all of a small one."""
    if rows is None or rows <= _ROWS_SEEN:
        return table.head(_ROWS_SEEN)
    size, step = _ROWS_SEEN // _BLOCKS, (rows - _ROWS_SEEN // _BLOCKS) // (_BLOCKS - 1)
    if seekable:
        return pl.concat([table.slice(block * step, size) for block in range(_BLOCKS)])
    numbered = table.with_row_index(_PLACE)
    return numbered.filter(pl.col(_PLACE) % step < size).drop(_PLACE)


def _is_in_order(values: pl.Series) -> bool:
    """Whether values rise, or fall, from row to row, or at least from one tenth to the next."""
    quarter = max(len(values) // 4, _ROWS_SEEN // 4)
    for key in orders_of(values):
        # Equal values have one rank, nulls none.
        ranks = values.to_frame().select(key.rank("dense").cast(pl.Float64)).to_series().to_numpy()
        parts = [ranks[start : start + quarter] for start in range(0, len(ranks), quarter)]
        if any(_steps_one_way(part, 1) for part in [ranks, *parts]):
            return True
        if _steps_one_way(ranks, len(ranks) // 10 or 1):
            return True
    return False


def _steps_one_way(ranks: FloatArray, lag: int) -> bool:
    steps = ranks[lag:] - ranks[:-lag]
    up, down = int((steps > 0).sum()), int((steps < 0).sum())
    changes = int((np.abs(np.diff(ranks)) > 0).sum())
    return changes >= _LEAST_CHANGES and max(up, down) >= _ONE_WAY * (up + down)


def moves_times(plan: Plan) -> bool:
    """Whether a mask moves the times of each entity by a shift of its own."""
    return any(mask.moves_times for _, mask in plan.masks)


def shuffled(masked: pl.LazyFrame, plan: Plan) -> pl.LazyFrame:
    """Masked rows in an order that follows from what is in them, and not from how they came.

    Args:
        masked: as the plan gives it.
        plan: says what became of the entity.
    """
    return masked.sort(_place(plan), maintain_order=True)


def shuffled_through(
    folder: Path, masked: pl.LazyFrame, plan: Plan, rows: int, at_once: int = _ROWS_IN_MEMORY
) -> pl.LazyFrame:
    """The same for rows of which only some fit into memory; they are read once.

    Rows are dealt into files by the entity, and each file is sorted in memory when its turn comes.

    Args:
        folder: created for these files; each is removed when it was read.
        masked: as the plan gives it.
        plan: says what became of the entity.
        rows: of the table.
        at_once: rows that fit into memory; more of one entity, or of very many rows, are there too.
    """
    buckets = min(-(-rows // at_once), _MOST_BUCKETS)
    if buckets <= 1:
        return shuffled(masked, plan)
    placed = masked.with_columns(_place(plan).alias(_PLACE))
    dealt = placed.with_columns((pl.col(_PLACE) % buckets).cast(pl.UInt8).alias(_BUCKET))
    into = pl.PartitionBy(folder, key=_BUCKET, include_key=False)
    dealt.sink_ipc(into, engine="streaming", mkdir=True)
    return from_blocks(_sorted_blocks(folder), masked.collect_schema())


def _sorted_blocks(folder: Path) -> Iterator[pl.DataFrame]:
    for bucket in sorted(folder.iterdir()):
        rows = collect(pl.scan_ipc(bucket, hive_partitioning=False))
        shutil.rmtree(bucket)
        yield rows.sort(_PLACE, maintain_order=True).drop(_PLACE)


def _place(plan: Plan) -> pl.Expr:
    """Where a row stands, as a number that follows from the masked row."""
    alone = pl.struct(pl.all()).hash()
    entity = _columns_of_entities(plan)
    if not entity or not all(_kept_apart(plan, column) for column in entity):
        return alone
    nobody = pl.any_horizontal(pl.col(column).is_null() for column in entity)
    return pl.when(nobody).then(alone).otherwise(pl.struct(entity).hash())


def _columns_of_entities(plan: Plan) -> list[str]:
    """The columns of the entity, and of another that a shift follows: one shift for a row's place.

    Rows of one account in true order would tell the shifts of the customers that share it.
    """
    shifts = [mask for _, mask in plan.masks if isinstance(mask, DateShift)]
    others = [column for mask in shifts for column in mask.of_entity]
    return list(dict.fromkeys([*plan.rules.entity_columns, *others]))


def _kept_apart(plan: Plan, column: str) -> bool:
    """Whether the output has a column of the entity, and no two values of it became one."""
    masks = [mask for leaf, mask in plan.masks if leaf.column == column]
    return column in plan.schema and all(isinstance(mask, _ONE_EACH) for mask in masks)
