"""A plan over rows that are still to come: what is asked of masked rows is asked of their source.

Polars cannot look into Python, but it says what it wants of a source: which columns, which rows,
how many. A source of masked rows answers by a query of its own over the raw ones, which Polars
plans as a whole: columns that nobody wants are neither read nor masked, and conditions on columns
that stay as they are reach the file. That query holds subkeys, and lives only while it runs.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Self

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.buffers import settled
from anonymizer.errors import AnonymizerError, KeyMaterialError
from anonymizer.frames import batches, quiet
from anonymizer.keys import Key, KeySource, load_key
from anonymizer.masking.masks.identifiers import Keep
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.plan.schema_tree import Leaf

Faults = Callable[[Plan, pl.LazyFrame], None]
# Files of which nothing is left out: each column is read into buffers with no other rows in them.
_BARE: Final = re.compile(r"Parquet SCAN \[.*\]\nPROJECT \*/\d+ COLUMNS(\nESTIMATED ROWS: \d+)?")


class PlannedKey:
    """The key of a plan, which stays in this process; in another one it is fetched again.

    Args:
        key: the secret as it was fetched here; None where it is still to be fetched.
        source: a callable that gives it, or None for the environment; a text does not travel.
        key_id: of the key with which the plan was made; None where any will do.
    """

    def __init__(self, key: Key | None, source: KeySource | None, key_id: str | None) -> None:
        self._key, self._source, self._id = key, source, key_id

    def __call__(self) -> Key:
        """The key.

        Raises:
            KeyMaterialError: there is none here, or another one.
        """
        if self._key is None:
            found = load_key(self._source)
            if self._id not in (None, found.id):
                raise KeyMaterialError(
                    f"the plan was made with the key {self._id}, and here is the key {found.id}"
                )
            self._key = found
        return self._key

    def __reduce__(self) -> tuple[Any, ...]:
        if self._source is not None and not callable(self._source):
            raise KeyMaterialError(
                "this plan holds its key, which must not be written: give `key` as a function that "
                "fetches it, or leave it out and set ANONYMIZER_KEY where the plan runs"
            )
        return PlannedKey, (None, self._source, self._id)


@dataclass(frozen=True)
class _Masked:
    """A source of masked rows, as Polars asks one; an object, so that no key shows in a plan.

    Attributes:
        rows: what is masked.
        plan: fitted.
        key: the secret; None only when the plan is not keyed.
        kept: columns that stay as they are.
        bare: whether rows come from files as they are, so that nothing lies beside kept values.
        faults: looks for what Polars does not name when a query fails, and raises it.
    """

    rows: pl.LazyFrame = field(repr=False)
    plan: Plan
    key: PlannedKey | None = field(repr=False)
    kept: frozenset[str]
    bare: bool
    faults: Faults = field(repr=False)

    @classmethod
    def over(cls, rows: pl.LazyFrame, plan: Plan, key: PlannedKey | None, faults: Faults) -> Self:
        """The source of masked rows over one of raw rows."""
        kept = frozenset(column for column in plan.schema if _stays(plan, column))
        bare = not plan.removes_rows and bool(_BARE.fullmatch(rows.explain(optimized=False)))
        return cls(rows, plan, key, kept, bare, faults)

    def __call__(
        self,
        columns: list[str] | None,
        predicate: pl.Expr | None,
        limit: int | None,
        _size: int | None,
    ) -> Iterator[pl.DataFrame]:
        """The masked rows in their order, batch by batch."""
        try:
            with quiet("masking"):
                wanted = self.query(columns, predicate, limit)
                for frame in batches(wanted):
                    yield frame.with_columns(settled(frame.select(self._unsettled(frame))))
        except AnonymizerError as error:
            if type(error) is AnonymizerError:
                self.faults(self.plan, self.rows)
            raise

    def query(
        self, columns: list[str] | None, predicate: pl.Expr | None, limit: int | None
    ) -> pl.LazyFrame:
        """The query for masked rows; Polars takes it apart down to the source."""
        plan, key = self.plan, self.key() if self.key else None
        if plan.whole_table:
            masked = _all_at_once(plan.apply(self.rows, key))
        else:
            read = None if columns is None else {*columns, *_names_in(predicate)}
            masked = plan.apply(self._rows(predicate, limit), key, columns=read, remember=True)
        masked = masked if limit is None else masked.head(limit)
        masked = masked if predicate is None else masked.filter(predicate)
        return masked if columns is None else masked.select(columns)

    def _rows(self, predicate: pl.Expr | None, limit: int | None) -> pl.LazyFrame:
        """The raw rows among which all are that are asked for."""
        if limit is not None:  # a condition is on the first rows alone
            return self.rows if self.plan.removes_rows else self.rows.head(limit)
        if predicate is None:
            return self.rows
        floats = {name for name in self.kept if self.plan.schema[name].is_float()}
        conditions = (
            each for each in _conjuncts(predicate) if self.kept.issuperset(_names_in(each))
        )
        # A zero may lose its sign, so that no condition on it is sure before that.
        likely = [
            each | pl.any_horizontal(pl.col(zeros) == 0)
            for each in conditions
            if (zeros := floats.intersection(_names_in(each)))
        ]
        return self.rows.filter(likely) if likely else self.rows

    def _unsettled(self, frame: pl.DataFrame) -> list[str]:
        """The columns below which something may lie that they do not show."""
        safe = {each.name for each in frame if self.bare and not each.null_count()} & self.kept
        return [name for name in frame.columns if name not in safe]


def deferred(
    rows: pl.LazyFrame, plan: Plan, key: PlannedKey | None, faults: Faults
) -> pl.LazyFrame:
    """Masked rows that are computed when they are asked for; neither key nor subkeys are inside.

    Args:
        rows: of the schema that the plan was made for.
        plan: fitted.
        key: the secret; None only when the plan is not keyed.
        faults: looks for what Polars does not name when the query fails, and raises it.
    """
    source = _Masked.over(rows, plan, key, faults)
    return register_io_source(source, schema=plan.schema, is_pure=True, explain_name="MASKED")


def _stays(plan: Plan, column: str) -> bool:
    """Whether a column of the output is what it was, but for the sign of zeros."""
    leaf = next(node for node in plan.kept if node.column == column)
    return (
        isinstance(leaf, Leaf)
        and isinstance(leaf.masks[0], Keep)
        and leaf.masks[0].when is None
        and leaf.output_dtype == leaf.dtype
        and plan.recoding is None
    )


def _conjuncts(predicate: pl.Expr) -> Iterator[pl.Expr]:
    """The conditions that must all hold."""
    parts = predicate.meta.pop()
    if len(parts) == 2 and predicate.meta.eq(parts[1] & parts[0]):
        yield from _conjuncts(parts[1])
        yield from _conjuncts(parts[0])
    else:
        yield predicate


def _names_in(predicate: pl.Expr | None) -> list[str]:
    return [] if predicate is None else predicate.meta.root_names()


def _all_at_once(masked: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of which none may be left out before all are masked."""
    pushed = dict.fromkeys(("predicate_pushdown", "projection_pushdown", "slice_pushdown"), False)
    return masked.map_batches(lambda frame: frame, schema=masked.collect_schema(), **pushed)
