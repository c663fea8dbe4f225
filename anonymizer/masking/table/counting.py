"""What a table that fitted rules mask keeps of `anonymity:`, counted on that table.

A recoding shows what was common in the table it was learned from. In the next one the same may be
rare, which changes nothing of how it is masked and is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
import polars.selectors as cs

from anonymizer.arrays import IntArray
from anonymizer.frames import collect
from anonymizer.keys import Key
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.plan.recoding import with_rare_suppressed
from anonymizer.masking.primitives.digest import RESERVED_PREFIX
from anonymizer.masking.rules.anonymity import Anonymity, Items, Sensitive
from anonymizer.masking.rules.fitted import Outcome, Recoding
from anonymizer.masking.table.itemsets import shareable
from anonymizer.masking.table.promise import Promise, classes_of
from anonymizer.masking.table.recoding import confidential_codes, entity_hash, value_codes

_ENTITY: Final = f"{RESERVED_PREFIX}entity"
_ITEM: Final = f"{RESERVED_PREFIX}item"
NOT_COUNTED: Final = (
    "counted on the table that the rules were fitted on; this one is masked row by row, uncounted"
)


def counted(
    plan: Plan, frame: pl.LazyFrame, key: Key | None, promised: Anonymity, recoding: Recoding
) -> Recoding:
    """The recoding of another table with what it gives in this one.

    Args:
        plan: fitted, with this recoding.
        frame: the table.
        key: the secret, where the plan needs one.
        promised: what the table must be like as a whole.
        recoding: learned from another table.
    """
    published = _Published(_rows(plan, frame, key, promised, recoding), promised)
    return replace(recoding, outcome=published.outcome, not_kept=tuple(published.not_kept()))


def _rows(
    plan: Plan, frame: pl.LazyFrame, key: Key | None, promised: Anonymity, recoding: Recoding
) -> pl.DataFrame:
    """What is published of the columns of the promises, each row once, with whose it is."""
    entity = plan.entity
    whose = pl.lit(None) if entity is None else entity_hash(entity.values)
    masked = plan.masked(frame, key, promised.columns, whose.alias(_ENTITY))
    if recoding.item is not None:
        masked = masked.with_columns(pl.col(recoding.item).alias(_ITEM))
    rows = with_rare_suppressed(masked, plan.schema, recoding)
    rows = rows.with_columns(cs.float().fill_nan(None))
    if entity is None:  # every row is of somebody else
        return collect(rows.with_columns(pl.int_range(pl.len()).alias(_ENTITY)))
    return collect(rows.unique())


@dataclass(frozen=True)
class _Published:
    """The published rows of a table, and what was promised of it.

    Attributes:
        rows: what stands in the output, `_ENTITY` being whose row it is and `_ITEM` its item
            before rare ones were hidden.
        promised: what the table must be like as a whole.
    """

    rows: pl.DataFrame
    promised: Anonymity

    @cached_property
    def _numbers(self) -> IntArray:
        """(P,) the combination of each row; what is suppressed is a combination too."""
        named = self.promised.quasi_identifiers
        return classes_of([value_codes(self.rows[column]) for column in named])

    @cached_property
    def _combinations(self) -> pl.DataFrame:
        """For each combination how many `entities` hold it, and whether it is `shown`."""
        shown = pl.any_horizontal(pl.col(self.promised.quasi_identifiers).is_not_null())
        rows = self.rows.select(pl.Series("number", self._numbers), _ENTITY, shown=shown)
        entities = pl.col(_ENTITY).drop_nulls().n_unique()
        return rows.group_by("number", "shown").agg(entities=entities).sort("number")

    @property
    def outcome(self) -> Outcome:
        """The counts; what a table loses is known only where the recoding is chosen."""
        whose = self.rows[_ENTITY]
        outcome = Outcome(entities=whose.drop_nulls().n_unique(), loss=None)
        if named := self.promised.quasi_identifiers:
            hidden = self.rows.select(pl.all_horizontal(pl.col(named).is_null())).to_series()
            sizes = self._combinations.filter("shown")["entities"]
            outcome = replace(
                outcome,
                suppressed=whose.filter(hidden).drop_nulls().n_unique(),
                classes=len(sizes),
                smallest=None if sizes.is_empty() else int(sizes.to_numpy().min()),
            )
        if self.promised.items is None:
            return outcome
        items, shown = (
            self.rows[column].drop_nulls().n_unique()
            for column in (_ITEM, self.promised.items.column)
        )
        return replace(outcome, items=items, items_suppressed=items - shown)

    def not_kept(self) -> Iterator[str]:
        """A sentence for each promise that this table does not keep."""
        promised = self.promised
        if promised.k is not None and not self.rows.is_empty():
            few = self._combinations["entities"] < promised.k
            yield from self._said(f"k = {promised.k}", few)
            for column, asked in promised.sensitive.items():
                yield from self._confidential(column, asked)
        if promised.items is not None and (rare := self._rare_items(promised.items)):
            yield (
                f"{promised.items.column}: {rare:,} items stand in combinations of at most "
                f"{promised.items.m} that fewer than {promised.items.k} entities of this table have"
            )

    def _confidential(self, column: str, asked: Sensitive) -> Iterator[str]:
        """The sentences on l and on t of a sensitive column."""
        weight = self.rows[_ENTITY].is_not_null().cast(pl.Int64)
        entity = value_codes(self.rows[_ENTITY]).astype(np.uint32)
        for name in ("l", "t"):
            if getattr(asked, name) is None:
                continue
            one = asked.model_copy(update={"t" if name == "l" else "l": None})
            confidential = confidential_codes(self.rows[column], weight, one)
            promise = Promise(entity, weight.to_numpy(), 0, [confidential])
            keeps = promise.holds(np.arange(len(entity)), self._numbers)
            yield from self._said(f"{column}: {name} = {getattr(asked, name)}", pl.Series(~keeps))

    def _said(self, promise: str, broken: pl.Series) -> Iterator[str]:
        """A sentence on the combinations that break a promise, if any does."""
        if count := int(broken.sum()):
            of = f"{count:,} of {len(self._combinations):,} combinations"
            yield f"{promise} does not hold in this table, in {of}"

    def _rare_items(self, promised: Items) -> int:
        """How many items that are shown break k^m-anonymity."""
        pairs = self.rows.select(_ENTITY, promised.column).drop_nulls(promised.column).unique()
        owned = pairs.drop_nulls(_ENTITY)
        shown = pairs[promised.column].n_unique()
        if owned.is_empty():
            return shown
        whose, item = (value_codes(owned[name]).astype(np.int64) for name in owned.columns)
        return shown - int(shareable(whose, item, promised.k, promised.m).sum())
