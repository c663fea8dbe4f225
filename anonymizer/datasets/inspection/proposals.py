"""What `inspect` proposes for a column that is declared: a mask whose values the column takes."""

from dataclasses import replace
from typing import Any, Final

import polars as pl

from anonymizer.masking.inspection.inspect import InspectedColumn
from anonymizer.stores.table import Table

KEPT_WHOLE: Final = (pl.Int32, pl.Int64, pl.UInt32, pl.UInt64)  # by `as: same`
_TEXTS: Final = frozenset(  # masks that give texts of their own
    {"token", "pseudonym", "partial", "encrypt", "redact", "rare", "age", "bin"}
)
_ONE_EACH: Final = frozenset({"email", "user_name"})  # with `unique: true`
_LONG: Final = frozenset({"token", "pseudonym"})  # texts up to the digits of a token, or so
_OTHER: Final = "OTHER"  # what rare gives
_DIGITS: Final = 24  # of a token
_EMPTY: Final = {"json": "{}", "jsonb": "{}"}  # texts of a form that say nothing


def taken(column: InspectedColumn, table: Table) -> InspectedColumn:
    """The column with a mask that its type and its constraints take, where one is known."""
    mask = _taken(column.column, column.mask, table)
    if mask == column.mask:
        return column
    declared = table.declared[column.column]
    null = ", NOT NULL" if column.column in table.not_null else ""
    return replace(column, mask=mask, reason=f"{column.reason}; declared {declared}{null}")


def _taken(name: str, mask: dict[str, Any], table: Table) -> dict[str, Any]:
    """A mask like the one that was proposed, or the next that hides as much."""
    kind, dtype = mask["mask"], table.schema.get(name)
    if dtype is None or name not in table.declared or kind not in _TEXTS:
        return mask
    if dtype == pl.String:
        return _of_text(name, mask, table)
    if kind == "token" and dtype in KEPT_WHOLE:
        return mask | {"as": "same"}
    if dtype in (pl.Date, pl.Datetime):
        return {"mask": "date_truncate", "to": "year"}
    if dtype == pl.List:
        return {"mask": "drop"}
    return {"mask": "round", "to": 10} if dtype.is_numeric() and kind != "redact" else mask


def _of_text(name: str, mask: dict[str, Any], table: Table) -> dict[str, Any]:
    kind, declared, most = mask["mask"], table.declared[name], table.lengths.get(name, _DIGITS)
    if kind == "token" and declared == "uuid":
        return mask | {"as": "same"}
    if kind == "pseudonym" and mask["kind"] in _ONE_EACH and (name,) in table.unique:
        return mask | {"unique": True}
    some = (table.labels.get(name) or (_EMPTY.get(declared, "-"),))[0]
    free = name not in {*table.formed, *table.labels}
    if kind == "rare":
        return mask if free and most >= len(_OTHER) else mask | {"other": some}
    if free and kind != "redact" and (kind not in _LONG or most >= _DIGITS):
        return mask
    return {"mask": "redact"} | ({"text": some} if name in table.not_null else {})
