"""What whoever uses masked data must know, in single lines, and how it is said."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from anonymizer.errors import PrivacyWarning, SchemaError
from anonymizer.masking.inspection.lints import side_channels
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.fitted import Recoding
from anonymizer.masking.rules.rules import Rules
from anonymizer.masking.table.calendar import Telling


def warnings_of(plan: Plan, *, fitted: bool = True) -> list[str]:
    """The warnings of the masks, then the side channels; equal ones of several columns together.

    Args:
        plan: what is to be said of.
        fitted: whether the plan learned what it could; nothing is said of that where it did not.

    Returns:
        One line each, such as `birth, hired: true times beside shifted ones`.
    """
    columns: dict[str, list[str]] = {}
    for leaf, mask in plan.masks:
        if (warning := mask.warning()) is not None:
            columns.setdefault(warning, []).append(leaf.column)
    for mask, column in plan.assignments(None, in_lists=True) if fitted else ():
        if (warning := mask.learned_warning(column.learned)) is not None:
            columns.setdefault(warning, []).append(column.name)
    lines = [f"{', '.join(dict.fromkeys(names))}: {warning}" for warning, names in columns.items()]
    lines += [finding.short for finding in side_channels(plan)]
    kept_back = [] if plan.recoding is None else [*_empty(plan.recoding), *plan.recoding.not_kept]
    return [*lines, *(f"anonymity: {line}" for line in kept_back)]


def _empty(recoding: Recoding) -> Iterator[str]:
    """The columns of which k leaves nothing."""
    hidden = recoding.outcome.hidden or {}
    for column in recoding.quasi_identifiers:
        if column in recoding.nulled or hidden.get(column) == 1.0:
            yield f"{column}: k leaves nothing of it, all of it is null: give it a coarser mask"


def frame_warnings_of(plan: Plan) -> list[str]:
    """The warnings for a frame, which keeps its order as files do with `order: kept`."""
    rules = replace(plan.rules, order=plan.rules.order or "kept")
    return warnings_of(replace(plan, rules=rules))


def accepted(rules: Rules, found: Sequence[Telling]) -> list[str]:
    """What gives true times away, as warnings, where the rules accept that.

    Raises:
        SchemaError: they do not.
    """
    grave = [each for each in found if each.grave]
    if grave and rules.batches != "accepted":
        wait = ", or let rows wait by `batches: held_back`"
        out = ", or write `batches: accepted` into the rules, if it may be known"
        asked = rules.batches == "refused"
        raise SchemaError(
            rules.source, [f"{each}{(wait * each.narrow + out) * asked}" for each in grave]
        )
    return [str(each) for each in found]


def shuffled_for(columns: Sequence[str]) -> list[str]:
    """That rows are shuffled which came in the order of columns."""
    return _order_of(columns, "they are shuffled; `order: kept` leaves them as they are")


def kept_order(columns: Sequence[str]) -> list[str]:
    """That the rows of a frame stay in the order of columns."""
    return _order_of(columns, "write `order: shuffled`, or `order: kept` if it may be known")


def _order_of(columns: Sequence[str], outcome: str) -> list[str]:
    if not columns:
        return []
    return [f"order: rows come in the order of {', '.join(columns)}, which tells it: {outcome}"]


def warn(lines: Iterable[str]) -> None:
    """Issue each line as a `PrivacyWarning`, two calls up: where the user called."""
    for line in lines:
        warnings.warn(line, PrivacyWarning, stacklevel=3)
