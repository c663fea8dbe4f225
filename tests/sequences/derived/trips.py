"""Columns taken off and laid on again, through JSON."""

import json
from typing import Any

import numpy as np
import polars as pl

from anonymizer.sequences.derived.base.step import Draws, Step, Table


def table(rows: pl.DataFrame, k: int = 3) -> Table:
    """Rows that a step is learned from, of the entities in `who`."""
    return Table(rows, "who", "at" if "at" in rows.columns else "who", k)


def written(step: Step, rows: pl.DataFrame) -> pl.DataFrame:
    """What is known of rows before a step lays on: neither whose they are nor what it gives."""
    return rows.drop("who", *step.given).with_columns(step.take_off(rows))


def laid(step: Step, left: pl.DataFrame, who: pl.Series, **more: Any) -> pl.DataFrame:
    """The rows with what a step lays on, as it is read from JSON."""
    again = type(step).from_dict(json.loads(json.dumps(step.to_dict())))
    assert again == step
    owner = who.rle_id().cast(pl.Int64)
    position = owner.to_frame("e").select(pl.int_range(pl.len()).over("e")).to_series()
    draws = Draws(0, owner.to_numpy(), position.to_numpy().astype(np.int64), **more)
    assert [c for c in again.written if c not in left.columns] == []
    columns = again.lay_on(left, draws)
    assert [c.name for c in columns] == list(again.given)
    return left.with_columns(who.alias("who"), *columns)


def trip(step: Step | None, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows taken off and laid on again, in their own order of columns."""
    assert step is not None
    return laid(step, written(step, rows), rows["who"]).select(rows.columns)
