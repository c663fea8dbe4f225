"""What the `anonymity:` section of the rules learns from the whole table.

Learned is which step of its hierarchy each quasi-identifier takes and which combinations of values
enough entities hold. The combinations are kept as digests: whoever reads a fitted plan finds no
value in it. How rows use them stands in `plan/recoding.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs

from anonymizer.arrays import IntArray
from anonymizer.errors import SchemaError
from anonymizer.frames import collect
from anonymizer.keys import Key
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.base import ONCE
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.plan.prepared import Engine
from anonymizer.masking.plan.recoding import combination_digest
from anonymizer.masking.plan.schema_tree import AllSteps, Leaf, TreeNode
from anonymizer.masking.primitives.digest import RESERVED_PREFIX
from anonymizer.masking.primitives.dtypes import NUMBERS, TIMES, TypeFamily
from anonymizer.masking.rules.anonymity import Anonymity, Items, Sensitive
from anonymizer.masking.rules.fitted import Outcome, Recoding
from anonymizer.masking.table.itemsets import shareable
from anonymizer.masking.table.lattice import Attribute, Found, Lattice
from anonymizer.masking.table.mask_learning import fit_masks
from anonymizer.masking.table.promise import (
    NULL_CODE,
    Codes,
    Confidential,
    Promise,
    classes_of,
)
from anonymizer.masking.table.suppression import Suppression

_ENTITY_COLUMN: Final = f"{RESERVED_PREFIX}entity"


def learn_recoding(
    plan: Plan, frame: pl.LazyFrame, key: Key | None, promised: Anonymity, engine: Engine | None
) -> Recoding:
    """Find the steps and the combinations that keep the promises for a table.

    Args:
        plan: as the rules say, not yet fitted.
        frame: the table.
        key: the secret, where the plan needs one.
        promised: what the table must be like as a whole.
        engine: for what is computed once per distinct value, or None.

    Raises:
        SchemaError: the table cannot keep them.
    """
    survey = Survey.of(plan, promised)
    fitted = fit_masks(survey.plan, frame, key, dictionaries=engine)
    return survey.recoding(survey.rows(fitted, frame, key).with_columns(ONCE))


@dataclass(frozen=True)
class Survey:
    """A plan in which each column takes all steps of its hierarchy at once, to count them.

    Attributes:
        plan: with `AllSteps` in place of the columns that may become coarser.
        promised: what the table must be like as a whole.
        steps: column → its masks, from its own to the coarsest.
    """

    plan: Plan
    promised: Anonymity
    steps: Mapping[str, tuple[Mask, ...]]

    @classmethod
    def of(cls, plan: Plan, promised: Anonymity) -> "Survey":
        """The survey of a plan, without the columns that no promise is about."""
        steps, tree = dict[str, tuple[Mask, ...]](), list[TreeNode]()
        climbing = [
            *promised.quasi_identifiers,
            *([promised.items.column] if promised.items else []),
        ]
        for node in plan.tree:
            if isinstance(node, Leaf) and node.column in climbing and len(node.masks) == 1:
                steps[node.column] = _hierarchy(node, promised)
                tree.append(AllSteps(node.column, node.dtype, steps[node.column]))
            elif node.column in promised.columns or _is_needed(node, plan):
                tree.append(node)
        rules = plan.rules.row_by_row
        return cls(replace(plan, rules=rules, tree=tuple(tree)), promised, steps)

    def rows(self, fitted: Plan, frame: pl.LazyFrame, key: Key | None) -> pl.LazyFrame:
        """The columns `<column>|<step>` of what climbs, the sensitive columns and the entity.

        Args:
            fitted: the plan of the survey.
            frame: rows of the table.
            key: the secret, where the plan needs one.
        """
        entity = self.plan.entity
        whose = pl.lit(None, pl.Int64) if entity is None else entity_hash(entity.values)
        shown = fitted.masked(frame, key, self.promised.columns, whose.alias(_ENTITY_COLUMN))
        flat = [step for column in self.promised.columns for step in self._flat(column)]
        return shown.select(_ENTITY_COLUMN, *flat).with_columns(cs.float().fill_nan(None))

    def recoding(self, rows: pl.LazyFrame) -> Recoding:
        """The steps and the combinations that keep the promises.

        Args:
            rows: `rows` of the whole table, each as often as it came, or once and `rows` says for
                how many.

        Raises:
            SchemaError: the table cannot keep them.
        """
        promised, found = self.promised, Recoding({})
        if promised.quasi_identifiers:
            found = _combinations(self, rows)
        return _with_items(found, self, rows, promised.items) if promised.items else found

    def _flat(self, column: str) -> list[pl.Expr]:
        names = self.names(column)
        if column not in self.steps:
            return [pl.col(column).alias(names[0])]
        struct = pl.col(column).struct
        return [struct.field(str(number)).alias(name) for number, name in enumerate(names)]

    def names(self, column: str) -> list[str]:
        """The columns of `rows` that a column became, one for each step."""
        place, count = self.promised.columns.index(column), len(self.steps.get(column, (None,)))
        return [f"{place}|{step}" for step in range(count)]


def _is_needed(node: TreeNode, plan: Plan) -> bool:
    """Whether a column must stay in the survey: rows may go by its masks, or it is the entity's."""
    leaves = list(node.leaves())
    whose = () if plan.entity is None else plan.entity.columns
    inside = any(leaf.column in whose for leaf in leaves)
    return inside or any(mask.removes_rows for leaf in leaves for mask in leaf.masks)


def _hierarchy(leaf: Leaf, promised: Anonymity) -> tuple[Mask, ...]:
    """The mask of a column and its coarser masks, as far as they give one dtype."""
    steps = [leaf.masks[0]]
    while promised.method == "generalise" and (after := steps[-1].coarser()) is not None:
        if after.output_dtype(leaf.dtype) != leaf.output_dtype:
            break
        steps.append(after)
    return tuple(steps)


def entity_hash(text: pl.Expr) -> pl.Expr:
    """A number for each entity, null for null; one that Spark has, too."""
    return pl.when(text.is_not_null()).then(text.hash().reinterpret(signed=True))


# --- combinations ------------------------------------------------------------------------------


def _combinations(survey: Survey, rows: pl.LazyFrame) -> Recoding:
    """The recoding of the quasi-identifiers: the node of least loss, and what it shows."""
    promised, plan = survey.promised, survey.plan
    names = [name for column in promised.quasi_identifiers for name in survey.names(column)]
    names += [survey.names(column)[0] for column in promised.sensitive]
    table = _table(rows.select(_ENTITY_COLUMN, *names, "rows"), counted=plan.entity is not None)
    if not table.height:  # an empty batch
        every = tuple(range(len(promised.quasi_identifiers)))
        return Recoding({}, tuple(promised.quasi_identifiers), (every,))
    if not table["weight"].sum():
        raise SchemaError(plan.rules.source, ["anonymity: no row belongs to an entity"])
    climbing = [_Climbing.of(table, survey.names(column)) for column in promised.quasi_identifiers]
    lattice = Lattice([each.attribute for each in climbing], _promise(survey, table))
    found = lattice.least_loss(promised.limit)
    if found is None:
        faults = ["anonymity: the whole table has fewer entities, or values, than it asks for"]
        raise SchemaError(plan.rules.source, faults)
    steps = [
        attribute.kept[step] for attribute, step in zip(climbing, found.classes.node, strict=True)
    ]
    taken = dict(zip(promised.quasi_identifiers, steps, strict=True))
    return Recoding(
        masks=_masks(survey, taken),
        quasi_identifiers=tuple(promised.quasi_identifiers),
        hidden=found.suppression.sets,
        classes=_shown_classes(survey, table, found.suppression, taken),
        outcome=_outcome(lattice.promise, found, taken),
    )


def _promise(survey: Survey, table: pl.DataFrame) -> Promise:
    """What is promised, and whose the rows of the survey are, as numbers for the search."""
    return Promise(
        entity=value_codes(table[_ENTITY_COLUMN]).astype(np.uint32)
        if _ENTITY_COLUMN in table.columns
        else None,
        weight=table["weight"].to_numpy().astype(np.int64),
        k=survey.promised.k or 1,
        confidential=[
            confidential_codes(table[survey.names(column)[0]], table["weight"], sensitive)
            for column, sensitive in survey.promised.sensitive.items()
        ],
    )


def _shown_classes(
    survey: Survey,
    table: pl.DataFrame,
    suppression: Suppression,
    taken: Mapping[str, int | None],
) -> pl.Series:
    """Digests of the classes that are shown, each with the columns that were hidden for it."""
    shown = [_value_at(survey, column, step).alias(column) for column, step in taken.items()]
    digests = [pl.Series([], dtype=pl.String)]
    for number, hidden in enumerate(suppression.sets[:-1]):
        rows = np.flatnonzero(suppression.taken == number)
        _, first = np.unique(classes_of(list(suppression.published[rows].T)), return_index=True)
        values = table[rows[first]].select(shown)
        digest = combination_digest(values.columns, values.schema, hidden)
        digests.append(values.select(digest).to_series())
    return pl.concat(digests).unique().sort()


def _table(rows: pl.LazyFrame, *, counted: bool) -> pl.DataFrame:
    """Distinct rows with their weight, 0 where they are nobody's.

    The entity stays where one of them has several rows; else its rows are counted. Their order is
    always the same: by another one sums of floats differ, and then which of two equally good
    recodings is taken.
    """
    return _weighted(rows, counted=counted).sort(pl.all())


def _weighted(rows: pl.LazyFrame, *, counted: bool) -> pl.DataFrame:
    values, owned = pl.exclude(_ENTITY_COLUMN, "rows"), pl.col(_ENTITY_COLUMN)
    if not counted:
        return collect(rows.group_by(values).agg(weight=pl.col("rows").sum()))
    distinct = collect(rows.drop("rows").unique())
    known = distinct[_ENTITY_COLUMN].drop_nulls()
    if known.n_unique() < len(known):
        return distinct.with_columns(weight=owned.is_not_null().cast(pl.Int64))
    return distinct.group_by(values).agg(owned.count().alias("weight"))


def _value_at(survey: Survey, column: str, step: int | None) -> pl.Expr:
    return pl.lit(None) if step is None else pl.col(survey.names(column)[step])


def _masks(survey: Survey, taken: Mapping[str, int | None]) -> dict[str, Mask | None]:
    """Which masks the columns take; rules with conditions stay as they are."""
    return {
        column: None if step is None else survey.steps[column][step]
        for column, step in taken.items()
        if step is None or column in survey.steps
    }


def value_codes(values: pl.Series) -> Codes:
    """A number from 0 for each distinct value, in their order; -1 for null."""
    text = values.cast(pl.String) if TypeFamily.of(values.dtype) is TypeFamily.TEXT else values
    return (text.rank("dense").cast(pl.Int64) - 1).fill_null(NULL_CODE).to_numpy().astype(np.int32)


def confidential_codes(values: pl.Series, weight: pl.Series, promised: Sensitive) -> Confidential:
    """A sensitive column as numbers, with what is promised of it; rows of nobody tell nothing."""
    ordered = TypeFamily.of(values.dtype) in NUMBERS | TIMES
    codes = value_codes(values.set(weight == 0, None))
    return Confidential(codes, ordered=ordered, promised=promised)


@dataclass(frozen=True)
class _Climbing:
    """A quasi-identifier as the lattice sees it, and the steps of its hierarchy that count."""

    attribute: Attribute
    kept: tuple[int | None, ...]

    @classmethod
    def of(cls, table: pl.DataFrame, names: list[str]) -> "_Climbing":
        hashes = table.select(pl.struct(names).hash()).to_series().to_numpy()
        _, first, codes = np.unique(hashes, return_index=True, return_inverse=True)
        finest = table.select(names)[first]
        steps = [value_codes(finest[name]) for name in names]
        kept = [0] + [
            number
            for number in range(1, len(steps))
            if 1 < len(np.unique(steps[number])) < len(np.unique(steps[number - 1]))
        ]
        taken = np.array([*(steps[number] for number in kept), np.full(len(first), NULL_CODE)])
        return cls(Attribute(codes.astype(np.int32), taken.astype(np.int32)), (*kept, None))


def _outcome(promise: Promise, found: Found, taken: Mapping[str, int | None]) -> Outcome:
    suppression = found.suppression
    everybody = np.ones(len(promise.weight), dtype=np.bool_)
    shown = np.flatnonzero(~suppression.lonely)
    sizes = promise.entities(shown, classes_of(list(suppression.published[shown].T)))
    return Outcome(
        entities=promise.number(everybody),
        suppressed=promise.number(suppression.lonely),
        classes=len(sizes),
        smallest=int(sizes.min()) if len(sizes) else None,
        loss=round(found.loss, 4),
        hidden={
            column: 1.0 if step is None else round(float(share), 4)
            for (column, step), share in zip(taken.items(), found.hidden, strict=True)
        },
    )


def _digests(values: pl.DataFrame) -> pl.Series:
    return (
        values.select(combination_digest(values.columns, values.schema)).to_series().unique().sort()
    )


# --- items -------------------------------------------------------------------------------------


def _with_items(
    recoding: Recoding, survey: Survey, rows: pl.LazyFrame, promised: Items
) -> Recoding:
    """The recoding with the step of the items that loses least, and the items that may stay."""
    names = survey.names(promised.column)
    pairs = collect(rows.select(_ENTITY_COLUMN, *names).drop_nulls(_ENTITY_COLUMN).unique())
    whose = value_codes(pairs[_ENTITY_COLUMN]).astype(np.int64)
    tried = [_shareable(whose, pairs[name], pairs[names[0]], promised) for name in names]
    step = min(range(len(tried)), key=lambda number: (tried[number].loss, number))
    shown = tried[step].shown.alias(promised.column).to_frame()
    count = pairs[names[step]].drop_nulls().n_unique()
    suppressed = count - shown.height
    return replace(
        recoding,
        masks={**recoding.masks, **_masks(survey, {promised.column: step})},
        item=promised.column,
        items=_digests(shown),
        outcome=replace(recoding.outcome, items=count, items_suppressed=suppressed),
    )


class _Shareable(NamedTuple):
    """The items of one step that may stay, and the loss, 0 to 1."""

    shown: pl.Series
    loss: float


def _shareable(whose: IntArray, items: pl.Series, finest: pl.Series, promised: Items) -> _Shareable:
    codes, fine = value_codes(items).astype(np.int64), value_codes(finest)
    not_null = codes != NULL_CODE
    if not not_null.any():
        return _Shareable(items.clear(), 1.0)
    owned = np.unique(np.stack([whose[not_null], codes[not_null]]), axis=1)
    stays = shareable(owned[0], owned[1], promised.k, promised.m)
    merged = np.unique(np.stack([codes[not_null], fine[not_null]]), axis=1)
    sizes = np.bincount(merged[0], minlength=len(stays)) - 1
    losses = np.where(stays, sizes / max(len(np.unique(fine)) - 1, 1), 1.0)
    shown = items.filter(pl.Series(not_null & stays[codes])).unique()
    return _Shareable(shown, float(np.where(not_null, losses[codes], 1.0).mean()))
