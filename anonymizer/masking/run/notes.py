"""What whoever uses masked data must know, in single lines, and how it is said."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from anonymizer.errors import PrivacyWarning, SchemaError
from anonymizer.masking.inspection.lints import Finding, Level, side_channels
from anonymizer.masking.masks.base import Remark
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.batches import HeldBack
from anonymizer.masking.rules.fitted import Recoding
from anonymizer.masking.rules.rules import Rules
from anonymizer.masking.table.tellings import Telling

TIME_TOLD: Final = "time-told"  # the code of a column, or a delivery, that tells true times

ORDER_TOLD: Final = "order-told"  # that of rows which come in the order of what is hidden

CUT: Final = "shared-days-cut"
NOBODY: Final = "rows-of-nobody"  # that of an entity which some rows do not have
POINTS: Final = "ids-with-points"  # that of ids in text which are written as floats
NOTHING_LEFT: Final = "nothing-left"  # that of a column of which k leaves nothing
UNLISTED: Final = "unlisted-in-json"  # that of JSON with parts that no rule covers
NOTHING_WAITS: Final = "nothing-waits"


def warnings_of(plan: Plan, *, fitted: bool = True) -> list[str]:
    """What can be mended: what masks warn of, then the side channels.

    Args:
        plan: what is to be said of.
        fitted: whether the plan learned what it could; nothing is said of that where it did not.

    Returns:
        One line each that begins with its code, such as `own-domains: mail, office: a domain ...`.
    """
    lines = [
        f"{remark.code}: {names}: {remark.text}" for names, remark in _coded(plan, fitted=fitted)
    ]
    lines += [finding.short for finding in side_channels(plan)]
    lines += [f"{UNLISTED}: {column}: {told}" for column, told in _unlisted(plan)]
    return [*lines, *(f"{code}: {line}" for code, line in _of_promises(plan))]


def found_by_run(plan: Plan, said: Iterable[str]) -> Iterator[Finding]:
    """What a run warns of once it has read the table, as findings; the way out is in the text.

    Args:
        plan: fitted.
        said: lines about the order of rows, rows without an entity, and how ids are written.
    """
    for names, remark in _coded(plan, fitted=True):
        level: Level = "note" if remark.code == CUT else "warning"
        yield Finding(remark.code, f"columns.{names}", *_risk_and_way(remark.text), level)
    for column, told in _unlisted(plan):
        yield Finding(UNLISTED, f"columns.{column}", *_risk_and_way(told), "note")
    for code, line in _of_promises(plan):
        yield Finding(code, "anonymity", *_risk_and_way(line))
    for line in said:
        code, place, told = line.split(": ", 2)
        at = place if code == ORDER_TOLD else f"columns.{place}"
        yield Finding(code, at, *_risk_and_way(told), "warning" if code == POINTS else "note")


def _risk_and_way(text: str) -> tuple[str, str]:
    risk, _, way = text.partition(": ")
    return risk, way


def _coded(plan: Plan, *, fitted: bool) -> Iterator[tuple[str, Remark]]:
    """What masks warn of, with the columns."""
    for remark, names in _remarks(plan, fitted=fitted).items():
        if remark.code:
            yield ", ".join(names), remark


def _of_promises(plan: Plan) -> Iterator[tuple[str, str]]:
    """What is not kept of `anonymity:`, or keeps nothing, each with its code."""
    if plan.recoding is not None:
        yield from ((NOTHING_LEFT, line) for line in _empty(plan.recoding))
        yield from (("anonymity-not-kept", line) for line in plan.recoding.not_kept)


def _unlisted(plan: Plan) -> Iterator[tuple[str, str]]:
    """The columns of JSON with parts that no rule covers, and what became of these."""
    for node in plan.json:
        counts = plan.learned.get(node.place)
        if counts is not None and not counts.is_empty():
            yield node.column, node.told(counts)


def _empty(recoding: Recoding) -> Iterator[str]:
    """The columns of which k leaves nothing."""
    hidden = recoding.outcome.hidden or {}
    for column in recoding.quasi_identifiers:
        if column in recoding.nulled or hidden.get(column) == 1.0:
            yield f"{column}: k leaves nothing of it, all of it is null: give it a coarser mask"


def remarks_of(plan: Plan) -> list[str]:
    """What is always so with the masks of a plan, one line each; nobody can mend it."""
    return [
        f"{', '.join(names)}: {remark.text}"
        for remark, names in _remarks(plan, fitted=bool(plan.learned)).items()
        if not remark.code
    ]


def _remarks(plan: Plan, *, fitted: bool) -> dict[Remark, list[str]]:
    """Each remark with the columns whose masks make it."""
    columns: dict[Remark, dict[str, None]] = {}
    said = [(mask.remark(), leaf.column) for leaf, mask in plan.masks]
    for mask, column in plan.assignments(None, in_lists=True) if fitted else ():
        said.append((mask.learned_remark(column.learned), column.name))
    for remark, name in said:
        if remark is not None:
            columns.setdefault(remark, {})[name] = None
    return {remark: list(names) for remark, names in columns.items()}


def frame_warnings_of(plan: Plan) -> list[str]:
    """The warnings for a frame, which keeps its order as files do with `order: kept`."""
    lines = warnings_of(as_of_frame(plan))
    if isinstance(plan.rules.batches, HeldBack):
        lines.append(
            f"{NOTHING_WAITS}: `batches: held_back` is for files: `mask_file(..., state=)`"
        )
    return lines


def as_of_frame(plan: Plan) -> Plan:
    """The plan whose rules say that the order is kept, as that of a frame is if they do not."""
    return replace(plan, rules=replace(plan.rules, order=plan.rules.order or "kept"))


def accepted(rules: Rules, found: Sequence[Telling]) -> list[str]:
    """What gives true times away, as warnings, where the rules accept that.

    Raises:
        SchemaError: they do not.
    """
    grave = [each for each in found if each.grave]
    if grave and rules.batches != "accepted":
        raise SchemaError(rules.source, [f"{each}{other_ways(rules, each)}" for each in grave])
    return told_of(found)


def other_ways(rules: Rules, told: Telling) -> str:
    """What the rules may say of what gives true times away, beside its remedy."""
    if rules.batches != "refused" or not told.grave:
        return ""
    can_wait = told.narrow and rules.anonymity is None
    wait = ", or let rows wait by `batches: held_back`" if can_wait else ""
    return f"{wait}, or write `batches: accepted` into the rules, if it may be known"


def told_of(found: Iterable[Telling]) -> list[str]:
    """What gives true times away, as warnings."""
    return [f"{TIME_TOLD}: {each}" for each in found]


def shuffled_for(columns: Sequence[str]) -> list[str]:
    """That rows are shuffled which came in the order of columns."""
    return _order_of(columns, "they are shuffled; `order: kept` leaves them as they are")


def kept_order(columns: Sequence[str]) -> list[str]:
    """That the rows of a frame stay in the order of columns."""
    return _order_of(columns, "write `order: shuffled`, or `order: kept` if it may be known")


def _order_of(columns: Sequence[str], outcome: str) -> list[str]:
    if not columns:
        return []
    told = f"rows come in the order of {', '.join(columns)}, which tells it"
    return [f"{ORDER_TOLD}: order: {told}: {outcome}"]


def warn(lines: Iterable[str], calls: int = 0) -> None:
    """Issue each line as a `PrivacyWarning` where the user called: two calls up, or some more."""
    for line in lines:
        warnings.warn(line, PrivacyWarning, stacklevel=3 + calls)
