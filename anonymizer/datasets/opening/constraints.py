"""What constraints of the target make of masks: said before a row is read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from anonymizer.errors import DataError, FileError
from anonymizer.masking.inspection.lints import Finding
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.masks.identifiers import Drop, Keep, Partial, Redact, Token
from anonymizer.masking.masks.lookups import Map
from anonymizer.masking.masks.pseudonyms import Pseudonym
from anonymizer.masking.masks.randomisation import Shuffle
from anonymizer.masking.masks.reversible import Encrypt, Reversible
from anonymizer.masking.plan.plan import Plan
from anonymizer.stores.table import ForeignKey, Table

_DIGITS: Final = 24  # of a token
_OWN_FORM: Final = (Token, Partial, Pseudonym, Encrypt)  # of the texts they give
# What gives no two values one, or moves what one person has together.
_APART: Final = (Keep, Drop, Token, Reversible, Shuffle, DateShift, Map)

Plans = Mapping[str, Plan]
Declared = Mapping[str, Table]


def refuse_violated(
    place: str, plans: Plans, keys: Sequence[ForeignKey], source: Declared, target: Declared
) -> None:
    """Notice what the target surely refuses, whatever the rows.

    Args:
        place: of the file that says the masks, for messages.
        plans: table → which mask each column gets.
        keys: foreign keys that are masked as the keys to which they refer.
        source: what is declared of the raw tables.
        target: what is declared of the tables that are written.

    Raises:
        DataError: something is; names all of it.
        FileError: tables of the target are those of the source.
    """
    raw = {each.identity for each in source.values() if each.identity}
    if same := [each.name for each in target.values() if each.identity in raw]:
        way = "name another database or schema"
        raise FileError(f"{place}: target: table {same[0]!r} is in the source as well: {way}")
    tables = {name: target[name] for name in plans if name in target}
    faults = [
        f"tables.{name}.columns.{fault}"
        for name, table in tables.items()
        for fault in _faults(table, plans[name])
    ]
    faults += list(_apart(tables, plans, keys))
    if faults:
        raise DataError(f"{place}: the target refuses what masks give: {'; '.join(faults)}")


def doubted(plans: Plans, target: Declared) -> dict[str, list[Finding]]:
    """What the target may refuse, by table: the rows decide."""
    found = {
        name: list(_doubts(target[name], plan, set(plans)))
        for name, plan in plans.items()
        if name in target
    }
    return {name: each for name, each in found.items() if each}


def _faults(table: Table, plan: Plan) -> Iterator[str]:
    alone = {key[0] for key in (table.primary_key, *table.unique) if len(key) == 1}
    for leaf, mask in plan.masks:
        why = _why_not(table, leaf.column, mask)
        constant = isinstance(mask, Redact) and mask.text is not None and mask.when is None
        if why is None and constant and leaf.column in alone:
            why = "is unique, and redact gives all rows one text: take `token`"
        if why is not None:
            yield f"{leaf.column}: {why}"


def _why_not(table: Table, column: str, mask: Mask) -> str | None:
    """Why a column surely takes nothing of a mask, and the way out; or None."""
    declared, text = table.declared.get(column), _constant(mask)
    if isinstance(mask, Redact) and text is None:
        refused = column in table.not_null and mask.when is None
        way = "give it a `text`" if _is_text(table, column) else "choose a mask that gives values"
        return f"is NOT NULL, and redact gives nulls: {way}" if refused else None
    own = isinstance(mask, _OWN_FORM) and getattr(mask, "kind", "") != "same"
    if column in table.labels:
        own = own or (text is not None and text not in table.labels[column])
        way = "redact a `text` that is one of its values, or keep it"
        return f"is the enum {declared}, and {mask.name} gives other texts: {way}" if own else None
    if column in table.formed:
        way = "`as: same`" if isinstance(mask, Token) and declared == "uuid" else "another mask"
        return f"is {declared}, and {mask.name} gives other texts: take {way}" if own else None
    least, most = _length(mask), table.lengths.get(column)
    if most is None or least <= most:
        return None
    return (
        f"is {declared}, and {mask.name} gives {least} characters: choose another mask, or ALTER "
        "the column"
    )


def _is_text(table: Table, column: str) -> bool:
    formed = column in table.formed or column in table.labels
    return table.schema.get(column) == pl.String and not formed


def _length(mask: Mask) -> int:
    """Characters that a mask gives of any long value; 0 where that depends on it."""
    match mask:
        case Token(kind="digits"):
            return len(mask.prefix) + _DIGITS
        case Partial():
            return mask.first + mask.length + mask.last
    return len(_constant(mask) or "")


def _constant(mask: Mask) -> str | None:
    """The one text that a mask gives of all values, or of rare ones."""
    return mask.text if isinstance(mask, Redact) else getattr(mask, "other", None)


def _apart(tables: Declared, plans: Plans, keys: Sequence[ForeignKey]) -> Iterator[str]:
    """Foreign keys of the target whose two sides are masked as if nothing joined them."""
    known = {(each.child, frozenset(zip(each.columns, each.keys, strict=True))) for each in keys}
    for key in (key for table in tables.values() for key in table.foreign_keys):
        pairs = frozenset(zip(key.columns, key.keys, strict=True))
        if key.parent not in plans or (key.child, pairs) in known:
            continue
        masks = [
            mask
            for name, columns in ((key.child, key.columns), (key.parent, key.keys))
            for leaf, mask in plans[name].masks
            if leaf.column in columns
        ]
        if not all(isinstance(mask, Keep | Drop) for mask in masks):
            yield f"foreign_keys: add `{key.of_child}: {key.of_parent}`, which the target declares"


def _doubts(table: Table, plan: Plan, written: set[str]) -> Iterator[Finding]:
    merged = {leaf.column: mask.name for leaf, mask in plan.masks if _may_merge(mask)}
    for key in filter(None, (table.primary_key, *table.unique)):
        for column in (each for each in key if each in merged):
            what = f"{' + '.join(key)} is unique, and {merged[column]} may give two values one"
            yield Finding("key-merged", f"columns.{column}", what, "take `token`, or `as: same`")
    changed = {leaf.column: mask.name for leaf, mask in plan.masks if not isinstance(mask, Keep)}
    for name, columns in table.checks.items():
        for column in (each for each in columns if each in changed):
            what = f"the constraint {name!r} may refuse what {changed[column]} gives"
            way = "choose a mask that keeps to it, or drop it in the target"
            yield Finding("check-doubted", f"columns.{column}", what, way)
    for each in table.foreign_keys:
        if each.parent not in written and set(each.columns) <= set(plan.schema):
            what = f"refers to {each.parent}, which is not written"
            way = "drop the column, or the foreign key in the target"
            yield Finding("parent-absent", f"columns.{each.columns[0]}", what, way)


def _may_merge(mask: Mask) -> bool:
    unique = isinstance(mask, Pseudonym) and mask.unique
    nulls = isinstance(mask, Redact) and mask.text is None  # which are no two values
    return not (isinstance(mask, _APART) or unique or nulls)
