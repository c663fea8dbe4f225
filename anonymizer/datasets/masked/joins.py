"""Whether tables still hang together: every foreign key is counted before and after."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from anonymizer.datasets.opening.persons import keyed
from anonymizer.errors import DataError
from anonymizer.frames import collect
from anonymizer.stores.table import ForeignKey

Tables = Mapping[str, pl.LazyFrame]


class JoinCounts(NamedTuple):
    """What a foreign key joins.

    Attributes:
        rows: of the child.
        with_key: rows whose key is not null.
        joined: rows whose key the parent has.
        parents: keys of the parent that have such rows.
    """

    rows: int
    with_key: int
    joined: int
    parents: int


@dataclass(frozen=True)
class Join:
    """A foreign key, and what it joins in the raw and in the masked tables.

    Attributes:
        key: of which table to which.
        before: of the raw tables.
        after: of the masked ones; None where a column of the key is not in them.
    """

    key: str
    before: JoinCounts
    after: JoinCounts | None

    @property
    def notes(self) -> list[str]:
        """What to read of it: rows whose key leads nowhere, and what is not joined any more."""
        return list(self._notes())

    def _notes(self) -> Iterator[str]:
        rows, with_key, joined, _ = self.before
        if joined < with_key:
            yield f"{with_key - joined:,} of {rows:,} rows have a key that is nowhere"
        if self.after is None:
            yield "its columns are not in the output, and nothing joins them"
        elif self.after.joined < joined:
            yield f"{joined - self.after.joined:,} rows fewer are joined, as rows were removed"


def counted_joins(keys: Sequence[ForeignKey], raw: Tables, masked: Tables) -> list[Join]:
    """Every foreign key, counted in the raw and in the masked tables.

    Raises:
        DataError: it joins other counts than before, though all rows are there.
    """
    return [_join(key, raw, masked) for key in keys]


def _join(key: ForeignKey, raw: Tables, masked: Tables) -> Join:
    before = counted(key, raw)
    columns = (key.child, key.columns), (key.parent, key.keys)
    gone = any(set(names) - set(masked[table].collect_schema()) for table, names in columns)
    join = Join(str(key), before, None if gone else counted(key, masked))
    if join.after and join.after != before and join.after.rows == before.rows:
        what = f"joins {before.joined:,} rows, and masked {join.after.joined:,}"
        why = f"a mask made keys null, or `truncate` removed rows of {key.parent} alone"
        raise DataError(f"foreign_keys.{key.of_child}: {what}: {why}; nothing was written")
    return join


def counted(key: ForeignKey, tables: Tables) -> JoinCounts:
    """What a foreign key joins in some tables; values are compared as tokens are made of them."""
    child, parent = tables[key.child], tables[key.parent]
    columns = keyed(child, key.columns)
    names = [each.meta.output_name() for each in columns]
    by_key = child.select(columns).group_by(names).len("rows")
    known = parent.select(keyed(parent, key.keys)).drop_nulls().unique()
    there = by_key.join(known.with_columns(found=True), on=names, how="left")
    has_key = pl.all_horizontal(pl.col(names).is_not_null())
    found = pl.col("found").fill_null(value=False)
    return JoinCounts(
        *collect(
            there.select(
                rows=pl.col("rows").sum(),
                with_key=pl.col("rows").filter(has_key).sum(),
                joined=pl.col("rows").filter(found).sum(),
                parents=found.sum(),
            )
        ).row(0)
    )
