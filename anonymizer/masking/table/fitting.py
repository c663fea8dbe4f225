"""Fitting a plan: the table is read for what the masks, and the table as a whole, must know."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from anonymizer.keys import Key
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.plan.prepared import Engine
from anonymizer.masking.primitives.dtypes import TypeFamily
from anonymizer.masking.rules.fitted import Fitted, Outcome, asked_of
from anonymizer.masking.table.counting import NOT_COUNTED, counted
from anonymizer.masking.table.mask_learning import fit_masks
from anonymizer.masking.table.recoding import learn_recoding


def fit(
    plan: Plan,
    frame: pl.LazyFrame,
    key: Key | None,
    *,
    dictionaries: Engine | None = None,
    null_free: Iterable[str] = (),
    sparing: bool = False,
    counted_before: Mapping[str, pl.DataFrame] | None = None,
) -> Plan:
    """The plan with everything that it learns from the whole table, ready to be applied.

    Args:
        plan: as `make_plan` gives it.
        frame: the table, of the schema that the plan was made for.
        key: the secret; None only when the plan is not keyed.
        dictionaries: compute once what repeats, where this frame is masked next and can be
            read again; with the engine that suits it.
        null_free: columns that are known to have no nulls.
        sparing: read the table only for masks that cannot do without, as it may be computed anew
            each time. What rules learned from another table is then not counted on this one.
        counted_before: as for `fit_masks`; what keeps `anonymity:` then stands in the plan.

    Raises:
        SchemaError: what was learned forbids a mask, or the table cannot keep what
            `anonymity:` asks for.
        DataError: the rules were fitted with another key.
    """
    if plan.rules.fitted is not None:
        plan.rules.fitted.refuse_other(key)
    known = plan.rules.fitted.recoding if plan.rules.fitted else None
    if plan.promised is not None and plan.recoding is None:
        plan = plan.recoded(known or learn_recoding(plan, frame, key, plan.promised, dictionaries))
    fitted = fit_masks(
        plan,
        frame,
        key,
        dictionaries=dictionaries,
        null_free=null_free,
        sparing=sparing,
        counted_before=counted_before,
    )
    if known is None or plan.promised is None:
        return fitted
    if sparing:
        return replace(fitted, recoding=replace(known, outcome=Outcome(), not_kept=(NOT_COUNTED,)))
    return replace(fitted, recoding=counted(fitted, frame, key, plan.promised, known))


def learned_by(plan: Plan, key: Key | None) -> Fitted:
    """What a fitted plan learned and other tables can use, with what it knew before."""
    learned = {
        column.prepared_name: travelling
        for mask, column in plan.assignments(key, in_lists=True)
        if column.learned is not None
        and (travelling := mask.travelling(column.learned)) is not None
    }
    families = {leaf.column: TypeFamily.of(leaf.dtype).value for leaf in plan.leaves}
    before = plan.rules.fitted
    recoding = (before and before.recoding) or plan.recoding
    asked = asked_of(plan.rules.as_written())
    return Fitted(asked, families, learned, recoding, key.id if key else None)
