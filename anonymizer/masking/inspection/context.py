"""What only the whole table tells: whose rows they are, their time, the country they are from."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from anonymizer.masking.inspection.reading.kinds import COLUMN_KINDS, ColumnKind
from anonymizer.masking.inspection.reading.values import Values
from anonymizer.masking.inspection.starter import JudgedColumn
from anonymizer.masking.inspection.verdict import is_possible
from anonymizer.masking.places.parsers import PARSERS
from anonymizer.masking.primitives.dtypes import IDENTIFIERS, TypeFamily

_PERSONAL_KINDS: Final[frozenset[ColumnKind]] = frozenset({
    "person_name", "first_name", "last_name", "birth_date", "email", "phone", "national_id",
    "sex", "street_address", "address",
})  # fmt: skip
_UNDECIDED_KINDS: Final[frozenset[ColumnKind]] = frozenset({"unknown", "category", "free_text"})
# What stands for a person where no id does, the best first.
_ENTITY_STAND_INS: Final[tuple[ColumnKind, ...]] = (
    "card_number", "bank_account", "national_id", "device_id", "email", "phone", "username",
)  # fmt: skip
# Whose id is the entity's, the likeliest first.
_OWNERS_BY_LIKELIHOOD: Final = (
    "customer",
    "patient",
    "member",
    "student",
    "person",
    "employee",
    "user",
    None,
)


def with_ids(columns: list[JudgedColumn]) -> list[JudgedColumn]:
    """Decide on ids that do not say of what they are: ids of persons, or of single rows."""
    about_persons = sum(column.kind in _PERSONAL_KINDS for column in columns) >= 2
    nameless = [column for column in columns if _is_nameless_id(column)]
    unique = [column for column in nameless if column.values.share_distinct > 0.98]
    repeated = [column for column in nameless if column not in unique]
    if not any(column.kind == "customer_id" for column in columns):
        persons = repeated or (unique if about_persons else [])
    else:
        persons = []
    return [_as_id(column, persons) if column in nameless else column for column in columns]


def _is_nameless_id(column: JudgedColumn) -> bool:
    open_kind = column.kind in ("other_id", "unknown", "quantity", "category")
    return (
        open_kind
        and column.name.bare_id
        and is_possible("customer_id", column.values)
        and (column.values.distinct > 50 or column.values.share_distinct > 0.98)
    )


def _as_id(column: JudgedColumn, persons: list[JudgedColumn]) -> JudgedColumn:
    kind: ColumnKind = "customer_id" if column in persons else "transaction_id"
    what = "persons" if kind == "customer_id" else "single rows or things"
    reason = f"the name says an id, it seems of {what}; {column.values.share_distinct:.0%} distinct"
    return replace(column, kind=kind, role=COLUMN_KINDS[kind].role, reason=reason)


def with_names(columns: list[JudgedColumn]) -> list[JudgedColumn]:
    """Take `name`, `nome` for names of persons, where the table is about persons."""
    kinds = {column.kind for column in columns}
    if len(kinds & _PERSONAL_KINDS) < 2:
        return columns
    partial = "last_name" in kinds and "first_name" not in kinds
    return [
        _as_name(column, "first_name" if partial and column.name.is_whole else "person_name")
        for column in columns
    ]


def _as_name(column: JudgedColumn, kind: ColumnKind) -> JudgedColumn:
    fits = (
        column.name.bare_name and is_possible(kind, column.values) and column.values.distinct > 12
    )
    if column.kind not in _UNDECIDED_KINDS or not fits:
        return column
    reason = "called a name, in a table of persons"
    return replace(column, kind=kind, role=COLUMN_KINDS[kind].role, reason=reason)


def entity_of(columns: list[JudgedColumn]) -> str | None:
    """The column that says whose rows they are, or None: an id, or what stands for one."""
    fit = [column for column in columns if _may_be_entity(column)]
    ids = [each for each in fit if each.kind == "customer_id"]
    if ids:
        order = {owner: place for place, owner in enumerate(_OWNERS_BY_LIKELIHOOD)}
        return min(
            ids,
            key=lambda column: (order.get(column.name.owner, len(order)), _emptiness(column)),
        ).column
    for kind in _ENTITY_STAND_INS:
        found = [each for each in fit if each.kind == kind]
        if found:
            return min(found, key=_emptiness).column
    return None


def _may_be_entity(column: JudgedColumn) -> bool:
    typed = TypeFamily.of(column.values.dtype) in IDENTIFIERS and not column.seen.nested
    return typed and not column.name.of_other_person and column.values.filled > 0


def _emptiness(column: JudgedColumn) -> int:
    return round(column.values.nulls / max(column.values.rows, 1) * 4)


def with_role(column: JudgedColumn, entity: str | None) -> JudgedColumn:
    """Give the column the role that it has in this table: entity, event time or its usual one."""
    if column.column == entity:
        return replace(
            column, role="entity", reason=f"{column.reason}; taken for whose rows they are"
        )
    if column.kind == "time" and _tells_the_day(column.values):
        return replace(column, role="event time")
    return column


def _tells_the_day(values: Values) -> bool:
    """Whether times are finer than years, months and school years."""
    if values.is_text:
        return values.forms["date"] + values.forms["packed_date"] > 0.5
    return values.is_time or values.dtype == pl.Time or values.within(0, 2200) < 0.95


def time_of(columns: list[JudgedColumn], entity: str | None) -> str | None:
    """The column that says when events happened; None where each row is a person."""
    whose = next((column for column in columns if column.column == entity), None)
    if whose is not None and whose.values.share_distinct > 0.98 and whose.values.filled > 20:
        return None
    times = [column for column in columns if column.role == "event time" and not column.seen.nested]
    if not times:
        return None
    return max(
        times,
        key=lambda column: (column.values.is_time, -_emptiness(column), column.values.distinct),
    ).column


def country_of(columns: Iterable[JudgedColumn]) -> str | None:
    """The country (ISO 3166) that most columns of places and phones speak for, or None."""
    votes: dict[str, float] = {}
    for column in columns:
        for code, weight in _votes(column):
            votes[code] = votes.get(code, 0.0) + weight
    best = max(votes, key=lambda code: votes[code], default=None)
    return best if best is not None and votes[best] >= 0.6 else None


_COUNTRY_OF_POSTCODE: Final = {
    "gb_postcode": "GB", "ca_postcode": "CA", "nl_postcode": "NL", "br_postcode": "BR",
    "us_postcode": "US",
}  # fmt: skip
_COUNTRY_OF_NATION: Final = {
    "Chinese": "CN", "US ": "US", "British": "GB", "Brazilian": "BR", "French": "FR",
    "Italian": "IT", "Spanish": "ES", "German": "DE", "Dutch": "NL",
}  # fmt: skip


def _votes(column: JudgedColumn) -> Iterator[tuple[str, float]]:
    values = column.values
    if column.kind == "phone":
        region, share = values.phone_region
        yield region, share / 2
    if column.kind == "national_id":
        yield from (
            (code, 1.0)
            for word, code in _COUNTRY_OF_NATION.items()
            if f"are {word}" in column.reason
        )
    if column.kind in ("address", "region") and values.is_text:
        shares = {code: share for code, share in values.regions.items() if share > 0.6}
        best = max(shares, key=lambda code: shares[code], default=None)
        rivals = [share for code, share in values.regions.items() if code != best]
        if best is not None and shares[best] > max(rivals, default=0.0) + 0.15:
            yield best, shares[best] if column.kind == "region" else shares[best] * 0.7
    if column.kind == "postcode":
        yield from (
            (code, 1.0) for form, code in _COUNTRY_OF_POSTCODE.items() if values.forms[form] > 0.8
        )
    if (
        column.kind in ("person_name", "address", "city")
        and values.forms["cjk"] > 0.8
        and "CN" in PARSERS
    ):
        yield "CN", 1.0
