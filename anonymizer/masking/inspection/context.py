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

_PERSONAL: Final[frozenset[ColumnKind]] = frozenset({
    "person_name", "first_name", "last_name", "birth_date", "email", "phone", "national_id",
    "sex", "street_address", "address",
})  # fmt: skip
_UNDECIDED: Final[frozenset[ColumnKind]] = frozenset({"unknown", "category", "free_text"})
# What stands for a person where no id does, the best first.
_STAND_INS: Final[tuple[ColumnKind, ...]] = (
    "card_number", "bank_account", "national_id", "device_id", "email", "phone", "username",
)  # fmt: skip
# Whose id is the entity's, the likeliest first.
_OWNERS: Final = ("customer", "patient", "member", "student", "person", "employee", "user", None)


def with_ids(columns: list[JudgedColumn]) -> list[JudgedColumn]:
    """Ids that do not say of what: of persons, or of single rows; few of them are of things."""
    about_persons = sum(each.kind in _PERSONAL for each in columns) >= 2
    nameless = [each for each in columns if _is_nameless_id(each)]
    own = [each for each in nameless if each.values.share_distinct > 0.98]
    repeated = [each for each in nameless if each not in own]
    if not any(each.kind == "customer_id" for each in columns):
        persons = repeated or (own if about_persons else [])
    else:
        persons = []
    return [_as_id(each, persons) if each in nameless else each for each in columns]


def _is_nameless_id(each: JudgedColumn) -> bool:
    open_kind = each.kind in ("other_id", "unknown", "quantity", "category")
    return (
        open_kind
        and each.name.bare_id
        and is_possible("customer_id", each.values)
        and (each.values.distinct > 50 or each.values.share_distinct > 0.98)
    )


def _as_id(each: JudgedColumn, persons: list[JudgedColumn]) -> JudgedColumn:
    kind: ColumnKind = "customer_id" if each in persons else "transaction_id"
    what = "persons" if kind == "customer_id" else "single rows or things"
    reason = f"the name says an id, it seems of {what}; {each.values.share_distinct:.0%} distinct"
    return replace(each, kind=kind, role=COLUMN_KINDS[kind].role, reason=reason)


def with_names(columns: list[JudgedColumn]) -> list[JudgedColumn]:
    """`name`, `nome`: of persons where the table is about them; the first beside last names."""
    kinds = {each.kind for each in columns}
    if len(kinds & _PERSONAL) < 2:
        return columns
    partial = "last_name" in kinds and "first_name" not in kinds
    return [
        _as_name(each, "first_name" if partial and each.name.is_whole else "person_name")
        for each in columns
    ]


def _as_name(each: JudgedColumn, kind: ColumnKind) -> JudgedColumn:
    fits = each.name.bare_name and is_possible(kind, each.values) and each.values.distinct > 12
    if each.kind not in _UNDECIDED or not fits:
        return each
    reason = "called a name, in a table of persons"
    return replace(each, kind=kind, role=COLUMN_KINDS[kind].role, reason=reason)


def entity_of(columns: list[JudgedColumn]) -> str | None:
    """The id that repeats over events, or that is each row's own in a table of persons."""
    fit = [each for each in columns if _may_be_entity(each)]
    ids = [each for each in fit if each.kind == "customer_id"]
    if ids:
        order = {owner: place for place, owner in enumerate(_OWNERS)}
        return min(
            ids, key=lambda each: (order.get(each.name.owner, len(order)), _emptiness(each))
        ).column
    for kind in _STAND_INS:
        found = [each for each in fit if each.kind == kind]
        if found:
            return min(found, key=_emptiness).column
    return None


def _may_be_entity(each: JudgedColumn) -> bool:
    typed = TypeFamily.of(each.values.dtype) in IDENTIFIERS and not each.seen.nested
    return typed and not each.name.of_other_person and each.values.filled > 0


def _emptiness(each: JudgedColumn) -> int:
    return round(each.values.nulls / max(each.values.rows, 1) * 4)


def with_role(each: JudgedColumn, entity: str | None) -> JudgedColumn:
    """The column with the role that it has in this table."""
    if each.column == entity:
        return replace(each, role="entity", reason=f"{each.reason}; taken for whose rows they are")
    if each.kind == "time" and _tells_the_day(each.values):
        return replace(each, role="event time")
    return each


def _tells_the_day(values: Values) -> bool:
    """Finer than years, months and school years."""
    if values.is_text:
        return values.forms["date"] + values.forms["packed_date"] > 0.5
    return values.is_time or values.dtype == pl.Time or values.within(0, 2200) < 0.95


def time_of(columns: list[JudgedColumn], entity: str | None) -> str | None:
    """The time that differs most from row to row; none where each row is a person."""
    whose = next((each for each in columns if each.column == entity), None)
    if whose is not None and whose.values.share_distinct > 0.98 and whose.values.filled > 20:
        return None
    times = [each for each in columns if each.role == "event time" and not each.seen.nested]
    if not times:
        return None
    return max(
        times, key=lambda each: (each.values.is_time, -_emptiness(each), each.values.distinct)
    ).column


def country_of(columns: Iterable[JudgedColumn]) -> str | None:
    """The country that most columns of places and phones speak for."""
    votes: dict[str, float] = {}
    for each in columns:
        for code, weight in _votes(each):
            votes[code] = votes.get(code, 0.0) + weight
    best = max(votes, key=lambda code: votes[code], default=None)
    return best if best is not None and votes[best] >= 0.6 else None


_POSTCODES: Final = {
    "gb_postcode": "GB", "ca_postcode": "CA", "nl_postcode": "NL", "br_postcode": "BR",
    "us_postcode": "US",
}  # fmt: skip
_NATIONS: Final = {
    "Chinese": "CN", "US ": "US", "British": "GB", "Brazilian": "BR", "French": "FR",
    "Italian": "IT", "Spanish": "ES", "German": "DE", "Dutch": "NL",
}  # fmt: skip


def _votes(each: JudgedColumn) -> Iterator[tuple[str, float]]:
    values = each.values
    if each.kind == "phone":
        region, share = values.phone_region
        yield region, share / 2
    if each.kind == "national_id":
        yield from ((code, 1.0) for word, code in _NATIONS.items() if f"are {word}" in each.reason)
    if each.kind in ("address", "region") and values.is_text:
        shares = {code: share for code, share in values.regions.items() if share > 0.6}
        best = max(shares, key=lambda code: shares[code], default=None)
        rivals = [share for code, share in values.regions.items() if code != best]
        if best is not None and shares[best] > max(rivals, default=0.0) + 0.15:
            yield best, shares[best] if each.kind == "region" else shares[best] * 0.7
    if each.kind == "postcode":
        yield from ((code, 1.0) for form, code in _POSTCODES.items() if values.forms[form] > 0.8)
    if (
        each.kind in ("person_name", "address", "city")
        and values.forms["cjk"] > 0.8
        and "CN" in PARSERS
    ):
        yield "CN", 1.0
