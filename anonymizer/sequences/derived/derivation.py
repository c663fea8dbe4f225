"""All steps of a model, in the order in which they are laid on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from anonymizer.sequences.derived.agreement import Agreeing, Lasting, OfVisit
from anonymizer.sequences.derived.catalogue import Catalogue
from anonymizer.sequences.derived.step import Draws, Step
from anonymizer.sequences.tokens.plain import dtype_from_json, dtype_to_json, told_dtype

KINDS: dict[str, type[Step]] = {
    each.__name__.lower(): each for each in (Agreeing, Catalogue, Lasting, OfVisit)
}


@dataclass(frozen=True)
class Derivation:
    """What stands between the columns of the data and those that the network writes.

    Attributes:
        columns: of the data, with their types, in order.
        steps: as they are laid on.
        codes: whole numbers that name things.
        breaks: per step, the share of rows of data that do not keep it.
    """

    columns: dict[str, pl.DataType]
    steps: tuple[Step, ...] = ()
    codes: tuple[str, ...] = ()
    breaks: tuple[float, ...] = field(default=())

    @property
    def given(self) -> set[str]:
        """Columns that steps lay on."""
        return {column for step in self.steps for column in step.given}

    def take_off(self, rows: pl.DataFrame) -> pl.DataFrame:
        """What the network writes, of N rows of data sorted by entity and time."""
        rows = as_text(rows.select(list(self.columns)))
        written: dict[str, pl.Series] = {}
        for step in self.steps:
            others = self.given - set(step.given)
            written |= {
                each.name: each
                for each in step.take_off(rows)
                if each.name not in others and each.name not in written
            }
        return rows.select(
            written.pop(c, pl.col(c)) for c in self.columns if c not in self.given or c in written
        ).with_columns(written.values())

    def lay_on(self, written: pl.DataFrame, draws: Draws) -> pl.DataFrame:
        """N rows with all columns of the data, of those that the network wrote."""
        rows = as_text(written)
        for step in self.steps:
            rows = rows.with_columns(step.lay_on(rows, draws))
        return rows.select(
            pl.col(name).cast(told_dtype(dtype)) for name, dtype in self.columns.items()
        )

    def broken(self, rows: pl.DataFrame) -> Iterator[tuple[tuple[str, ...], pl.Series]]:
        """For each step what it gives, and (N,) whether rows of data break it."""
        rows = as_text(rows)
        for step in self.steps:
            yield step.given, ~step.kept(rows).fill_null(value=True)

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values that JSON can hold."""
        return {
            "columns": {name: dtype_to_json(dtype) for name, dtype in self.columns.items()},
            "steps": [step.to_dict() for step in self.steps],
            "codes": list(self.codes),
            "breaks": list(self.breaks),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Derivation":
        """Read what `to_dict` wrote.

        Raises:
            Exception: of any kind, where it is not what a derivation would write.
        """
        steps = tuple(KINDS[each["kind"]].from_dict(each) for each in data["steps"])
        columns = {str(name): dtype_from_json(each) for name, each in data["columns"].items()}
        codes = tuple(str(each) for each in data["codes"])
        found = cls(columns, steps, codes, tuple(float(each) for each in data["breaks"]))
        known = set(columns) | {c for step in steps for c in step.written}
        if not all(set(step.given) <= set(columns) and set(step.needed) <= known for step in steps):
            raise ValueError("a step of columns that are not there")
        if found.to_dict() != data or [*steps] != in_order(steps) or not set(codes) <= known:
            raise ValueError("not what was written")
        return found


def as_text(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, categories as text."""
    words = [c for c, t in rows.schema.items() if t.base_type() in (pl.Categorical, pl.Enum)]
    return rows.with_columns(pl.col(words).cast(pl.String)) if words else rows


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Steps as they can be laid on: each after those that give what it needs.

    Of those that give one column the one that makes it comes before those that correct it.

    Raises:
        ValueError: steps need each other.
    """
    left, done = list(steps), list[Step]()
    while left:
        free = next((step for step in left if not _waits(step, left)), None)
        if free is None:
            raise ValueError("columns follow from each other in a circle")
        left.remove(free)
        done.append(free)
    return done


def _waits(step: Step, left: Sequence[Step]) -> bool:
    """Whether a step must come after one of the others."""
    for other in left:
        if other is step:
            continue
        if set(other.given) & set(step.given):
            if other.rank < step.rank:
                return True
        elif set(other.given) & set(step.needed):
            return True
    return False


def numbered(rows: pl.DataFrame, entity: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    """(N,) 0 for the first row of each entity, then 1, 2, …; rows sorted by entity."""
    return rows.select(x=pl.int_range(pl.len()).over(entity))["x"].to_numpy()
