"""What only the whole table tells: whose rows they are, their time, the country they are from."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from anonymizer.dates import MOST_PARTS, PARTS, one_for_one
from anonymizer.masking.inspection.countries import country_of_addresses
from anonymizer.masking.inspection.reading.kinds import COLUMN_KINDS, ColumnKind
from anonymizer.masking.inspection.reading.sampling import Tie, tie
from anonymizer.masking.inspection.reading.values import Values
from anonymizer.masking.inspection.starter import JudgedColumn
from anonymizer.masking.inspection.verdict import is_possible
from anonymizer.masking.primitives.dtypes import IDENTIFIERS, TypeFamily

_PERSONAL_KINDS: Final[frozenset[ColumnKind]] = frozenset({
    "person_name", "first_name", "last_name", "birth_date", "email", "phone", "national_id",
    "sex", "street_address", "address",
})  # fmt: skip
_UNDECIDED_KINDS: Final[frozenset[ColumnKind]] = frozenset({"unknown", "category", "free_text"})
_KINDS_OF_NAMES: Final[frozenset[ColumnKind]] = _UNDECIDED_KINDS | {"item"}
# In a table with these, a bare `name` may be a product's.
_KINDS_OF_TRADE: Final[frozenset[ColumnKind]] = frozenset({
    "item", "merchant", "amount", "quantity", "transaction_id", "other_id",
})  # fmt: skip
_KINDS_OF_PARTS: Final[frozenset[ColumnKind]] = frozenset({
    "time", "quantity", "category", "birth_date", "birth_year", "unknown",
})  # fmt: skip
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
    "account",
)
_ENTITY_FILLED: Final = 0.95  # of the rows: those without an entity have no pseudonyms


def with_ids(columns: list[JudgedColumn]) -> list[JudgedColumn]:
    """Decide on ids that do not say of what they are: ids of persons, or of single rows."""
    about_persons = sum(column.kind in _PERSONAL_KINDS for column in columns) >= 2
    nameless = [column for column in columns if _is_nameless_id(column)]
    unique = [column for column in nameless if column.values.share_distinct > 0.98]
    many = [column for column in nameless if _are_many(column.values)]
    repeated = [column for column in many if column not in unique]
    if not any(column.kind == "customer_id" for column in columns):
        persons = repeated or (unique if about_persons and not _repeat_persons(columns) else [])
    else:
        persons = []
    return [_as_id(column, persons) if column in nameless else column for column in columns]


def _repeat_persons(columns: list[JudgedColumn]) -> bool:
    """Whether an e-mail address or the like is there in nearly all rows, and repeats."""
    return any(
        column.kind in _ENTITY_STAND_INS
        and _filled(column) >= _ENTITY_FILLED
        and column.values.share_distinct < 0.9
        for column in columns
    )


def _is_nameless_id(column: JudgedColumn) -> bool:
    open_kind = column.kind in ("other_id", "unknown", "quantity", "category")
    if open_kind and column.name.bare_number and not column.name.bare_id:
        return column.values.is_whole and _number_rows_or_things(column.values)
    named = open_kind and column.name.bare_id and _may_be_ids(column.values)
    return named and (column.name.thing is not None or _are_many(column.values))


def _may_be_ids(values: Values) -> bool:
    coded = values.is_text and values.forms["has_digit"] > 0.5 and values.words < 2
    return is_possible("customer_id", values) or values.holds_integers or coded


def _are_many(values: Values) -> bool:
    return values.distinct > 50 or values.share_distinct > 0.98


def _number_rows_or_things(values: Values) -> bool:
    """Whether numbers are of each row, or too long and too many to count anything."""
    long = float(values.lengths.median() or 0) >= 4  # type: ignore[arg-type]  # (a number)
    return values.share_distinct > 0.98 or (long and values.distinct > 50)


def _as_id(column: JudgedColumn, persons: list[JudgedColumn]) -> JudgedColumn:
    kind: ColumnKind = "customer_id" if column in persons else "transaction_id"
    what = "persons" if kind == "customer_id" else "single rows or things"
    reason = f"the name says an id, it seems of {what}; {column.values.share_distinct:.0%} distinct"
    return replace(column, kind=kind, role=COLUMN_KINDS[kind].role, reason=reason)


def with_birth_parts(columns: list[JudgedColumn]) -> list[JudgedColumn]:
    """Take days, months and years of one date for those of a birth, where the years are of births.

    `day`, `month`, `year` belong together by what else stands in their names.
    """
    groups: dict[str, list[JudgedColumn]] = {}
    for column in columns:
        if column.name.part and column.kind in _KINDS_OF_PARTS and column.values.holds_integers:
            groups.setdefault(column.name.stem, []).append(column)
    about_persons = any(column.kind in {*_PERSONAL_KINDS, "customer_id"} for column in columns)
    births = [
        column
        for group in groups.values()
        if _are_of_births(group, about_persons=about_persons)
        for column in group
    ]
    return [_as_birth(column) if column in births else column for column in columns]


def _are_of_births(group: list[JudgedColumn], *, about_persons: bool) -> bool:
    """Whether two parts of dates are called so, or stand beside persons and span lifetimes."""
    if len({column.name.part for column in group}) < 2:
        return False
    if any(column.kind in ("birth_date", "birth_year") for column in group):
        return True
    years = [column.values.numbers for column in group if column.name.part == "year"]
    return about_persons and any(
        _are_lifetimes(each.quantile(0.05) or 0, each.quantile(0.95) or 0) for each in years
    )


def _are_lifetimes(first: float, last: float) -> bool:
    return last - first >= 35 and first >= 1900 and last <= 2012


def _as_birth(column: JudgedColumn) -> JudgedColumn:
    kind: ColumnKind = "birth_year" if column.name.part == "year" else "birth_date"
    reason = f"the {column.name.part} of a date whose years span lifetimes"
    return replace(column, kind=kind, role=COLUMN_KINDS[kind].role, reason=reason)


def with_names(columns: list[JudgedColumn], entity: str | None) -> list[JudgedColumn]:
    """Take `name`, `nome` for names of persons, where the table or their rows say so."""
    kinds = {column.kind for column in columns if not column.name.bare_name}
    about_persons = len(kinds & _PERSONAL_KINDS) >= 2
    partial = about_persons and "last_name" in kinds and "first_name" not in kinds
    whose = next((column for column in columns if column.column == entity), None)

    def holds_names(column: JudgedColumn) -> bool:
        if column.kind not in _KINDS_OF_NAMES or not is_possible("person_name", column.values):
            return False
        if column.name.bare_name and about_persons and column.values.distinct > 12:
            return True
        tied = Tie() if whose is None or whose is column else tie(column.seen, whose.seen)
        if column.name.bare_name:
            own = tied.exclusive >= 0.8 or not kinds & _KINDS_OF_TRADE
            return tied.constant >= 0.5 and own
        return _is_of_each(tied) and not column.name.kinds and _look_like_names(column.values)

    return [
        _as_name(column, "first_name" if partial and column.name.is_whole else "person_name")
        if holds_names(column)
        else column
        for column in columns
    ]


def _is_of_each(tied: Tie) -> bool:
    """Whether each person has one value, and each value is one person's, over several rows."""
    return tied.constant >= 0.95 and tied.exclusive >= 0.9 and tied.repeats >= 1.5


_FORMS_OF_NAMES: Final = (
    r"^\p{Lu}\S*(?:[ -]\S+){0,2}[ -]\p{Lu}\S*$",  # two to four words, the ends with capitals
    r"^[\p{Han}\p{Hangul}\p{Katakana}\s・]{2,8}$",
    r"^\p{Lo}[\p{L}\p{M}]*(?: \p{Lo}[\p{L}\p{M}]*){1,3}$",  # of a script without capitals
)


def _look_like_names(values: Values) -> bool:
    shares = (values.text.str.contains(form).mean() for form in _FORMS_OF_NAMES)
    return values.distinct > 5 and max(float(share or 0) for share in shares) > 0.8  # type: ignore[arg-type]


def _as_name(column: JudgedColumn, kind: ColumnKind) -> JudgedColumn:
    reason = "called a name, in a table of persons"
    if not column.name.bare_name:
        reason = "texts like names, each of one person and one for each"
    return replace(column, kind=kind, role=COLUMN_KINDS[kind].role, reason=reason)


def entity_of(columns: list[JudgedColumn]) -> str | None:
    """The column that says whose rows they are, or None: an id, or what stands for one."""
    fit = [column for column in columns if _may_be_entity(column)]
    full = [column for column in fit if _filled(column) >= _ENTITY_FILLED]
    found = _likeliest(full) or _likeliest(
        [column for column in fit if column.kind == "customer_id" and _filled(column) > 0.5]
    )
    return found.column if found else None


def _likeliest(fit: list[JudgedColumn]) -> JudgedColumn | None:
    """The id of the likeliest owner, else what stands for a person where no id does, or None."""
    owners = {owner: place for place, owner in enumerate(_OWNERS_BY_LIKELIHOOD)}
    stand_ins = {kind: place for place, kind in enumerate(("customer_id", *_ENTITY_STAND_INS))}
    return min(
        (column for column in fit if column.kind in stand_ins),
        key=lambda column: (
            stand_ins[column.kind],
            owners.get(column.name.owner, len(owners)),
            -min(_filled(column), _ENTITY_FILLED),  # of those that are there, the first
        ),
        default=None,
    )


def _may_be_entity(column: JudgedColumn) -> bool:
    typed = TypeFamily.of(column.values.dtype) in IDENTIFIERS and not column.seen.nested
    return typed and not column.name.of_other_person and column.values.filled > 0


def _filled(column: JudgedColumn) -> float:
    """The share of rows that have a value."""
    return column.values.filled / max(column.values.rows, 1)


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
        key=lambda column: (column.values.is_time, _filled(column), column.values.distinct),
    ).column


_AS_MANY: Final = 0.5  # values of a part, of those of a column, or the other way round


def with_parts(
    columns: list[JudgedColumn], time: str | None, days: pl.Series | None
) -> list[JudgedColumn]:
    """Say of each column which part of the event time it stands for, value for value.

    Args:
        columns: of the table.
        time: the column of times that are to be moved; None where none are.
        days: its days, row by row.
    """
    if time is None or days is None:
        return columns
    parts = days.alias("day").to_frame().select(**PARTS)
    return [
        column if column.column == time else _as_part(column, time, parts) for column in columns
    ]


def _as_part(column: JudgedColumn, time: str, parts: pl.DataFrame) -> JudgedColumn:
    cells, values = column.seen.cells, column.values
    plain = column.role in ("harmless", "event time") or column.kind == "unknown"
    typed = values.is_text or values.holds_integers
    if cells is None or not (plain and typed and 1 < values.distinct <= MOST_PARTS):
        return column
    part = next((name for name in parts.columns if _stands_for(cells, parts[name])), None)
    if part is None:
        return column
    reason = f"goes one to one with the {part} of '{time}'"
    return replace(column, kind="time", role="event time", reason=reason, is_part=True)


def _stands_for(cells: pl.Series, part: pl.Series) -> bool:
    fewer, more = sorted((cells.n_unique(), part.n_unique()))
    return fewer >= _AS_MANY * more and one_for_one(cells, part)


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
# Scripts of one country alone, in names of columns and among Chinese characters.
_SCRIPTS: Final = {"JP": re.compile(r"[\u3040-\u30ff]"), "KR": re.compile(r"[\uac00-\ud7af]")}
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
        country = country_of_addresses(values)
        if country is not None:
            share = values.regions[country]
            yield country, share if column.kind == "region" else share * 0.7
    if column.kind == "bank_account" and values.forms["has_letter"] > 0.8:  # IBANs
        codes = values.text.str.slice(0, 2).str.to_uppercase().value_counts(sort=True)
        yield codes.row(0)[0], codes.row(0)[1] / len(values.text)
    if column.kind == "postcode":
        yield from (
            (code, 1.0) for form, code in _COUNTRY_OF_POSTCODE.items() if values.forms[form] > 0.8
        )
    yield from ((code, 1.0) for code, form in _SCRIPTS.items() if form.search(column.column))
    if column.kind in ("person_name", "last_name", "address", "city") and values.forms["cjk"] > 0.8:
        yield "CN", 0.8
