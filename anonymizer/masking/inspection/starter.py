"""From the kind of a column to the mask that is proposed; `starter_file.py` writes it down."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import polars as pl

from anonymizer.masking.inspection.countries import country_of_addresses
from anonymizer.masking.inspection.formats import Found, found_formats
from anonymizer.masking.inspection.reading.kinds import COLUMN_KINDS, ColumnKind, Role
from anonymizer.masking.inspection.reading.names import NameEvidence
from anonymizer.masking.inspection.reading.sampling import SampledColumn
from anonymizer.masking.inspection.reading.values import Values
from anonymizer.masking.masks import MASKS
from anonymizer.masking.primitives.dtypes import TIMES, TypeFamily, instance
from anonymizer.masking.primitives.name_lists import FEMALE, MALE

Rule = dict[str, Any]

REDACT: Final[Rule] = {"mask": "redact"}
_KEEP_RULE: Final[Rule] = {"mask": "keep"}
_WIDE_INTEGERS: Final = (pl.Int32, pl.Int64, pl.UInt32, pl.UInt64)  # that `as: same` takes
# Words for a sex or an address by it; letters and numbers say it where the name does, too.
_SEXES: Final = frozenset(word.upper() for word in f"{FEMALE} {MALE}".split() if len(word) > 1)
_FEW_SEXES: Final = 6  # values of such a column
_MOSTLY: Final = 0.6  # of them are such words; others are firms, families and unknown ones
_WITH_FIRST_NAMES: Final = ("name", "first_name", "user_name", "email")
_FEWEST_ENTITIES: Final = 10  # entities that share a value that is kept
_LOCALE_OF_COUNTRY: Final = {
    "CN": "zh_CN", "DE": "de_DE", "AT": "de_DE", "CH": "de_DE", "FR": "fr_FR", "ES": "es_ES",
    "MX": "es_ES", "GB": "en_GB", "AU": "en_GB",
}  # fmt: skip
_KINDS_SEARCHED_IN_TEXT: Final[frozenset[ColumnKind]] = frozenset({
    "person_name", "first_name", "last_name", "username", "email", "phone", "address",
    "street_address", "national_id", "card_number", "bank_account", "customer_id",
})  # fmt: skip
_DOMAIN_OF_KIND: Final[dict[ColumnKind, str]] = {
    "customer_id": "customer", "transaction_id": "order", "card_number": "card",
    "bank_account": "account", "national_id": "national_id", "device_id": "device",
    "vehicle_id": "vehicle", "email": "email", "phone": "phone", "username": "user",
}  # fmt: skip


@dataclass(frozen=True)
class JudgedColumn:
    """A column whose kind is known, before a mask is chosen for it.

    Attributes:
        seen: the column.
        kind: what it holds.
        role: what that means for privacy.
        reason: the evidence.
        name: what its name said.
        follows: the id column of whom it is; None where no id is theirs.
        shares_ids: whether the ids are of the same persons as those of the entity.
        is_part: whether it is a part of the event time, such as its day of the week.
        tells: why it must not be kept, where its values tell persons apart; or None.
    """

    seen: SampledColumn
    kind: ColumnKind
    role: Role
    reason: str
    name: NameEvidence
    follows: str | None = None
    shares_ids: bool = False
    is_part: bool = False
    tells: str | None = None

    @property
    def column(self) -> str:
        """The name of the column; fields of structs are `outer.inner`."""
        return self.seen.column

    @property
    def values(self) -> Values:
        """What is known of the column's values."""
        return self.seen.values


@dataclass(frozen=True)
class Table:
    """What a proposal depends on besides its column: the other columns, entity and country.

    Attributes:
        columns: all of them.
        entity: the entity column, or None.
        country: ISO 3166 code of where most of the data is from, or None.
    """

    columns: tuple[JudgedColumn, ...]
    entity: str | None
    country: str | None

    @property
    def locale(self) -> str:
        """The locale from which pseudonyms are drawn, by the country of the data."""
        return _LOCALE_OF_COUNTRY.get(self.country or "", "en_US")

    def longitude_of(self, latitude: JudgedColumn) -> str | None:
        """The name of the column of longitudes that belongs to a column of latitudes, or None."""
        numeric = [
            column
            for column in self.columns
            if column.values.dtype.is_numeric() and not column.seen.nested
        ]
        pairs = zip(
            (each for each in numeric if each.kind == "latitude"),
            (each for each in numeric if each.kind == "longitude"),
            strict=False,
        )
        return next((two.column for one, two in pairs if one is latitude), None)

    def sex_of(self, person: JudgedColumn) -> str | None:
        """The column that says the sex of a person, or the form of address; None without one."""
        mine = {"", *(each.name.whose for each in self.columns if each.column == self.entity)}
        persons = mine if person.name.whose in mine else {person.name.whose}
        return next(
            (
                column.column
                for column in self.columns
                if not column.seen.nested
                and column.name.whose in persons
                and (column.kind == "sex" or _says_sex(column.values))
            ),
            None,
        )

    def is_paired(self, longitude: JudgedColumn) -> bool:
        """Whether a column of longitudes belongs to a column of latitudes."""
        return any(
            self.longitude_of(column) == longitude.column
            for column in self.columns
            if column.kind == "latitude"
        )


class Proposal(NamedTuple):
    """A mask, as a rule file has it, and a note about it."""

    rule: Rule
    note: str = ""


def propose(column: JudgedColumn, table: Table) -> Proposal:
    """Choose the mask for a column; another where its type does not allow the usual mask."""
    wanted = _PROPOSALS.get(column.kind, _sorted)(column, table)
    if column.is_part and wanted.rule["mask"] != "date_shift":
        wanted = Proposal(REDACT, "tells by how much that moves: take it from the moved times")
    elif column.tells and wanted.rule == _KEEP_RULE:
        wanted = _hidden(column, table)
    if _fits(wanted.rule, column):
        return wanted
    direct = COLUMN_KINDS[column.kind].role == "direct identifier"
    token = _token(column, table).rule if direct else REDACT
    rule = token if _fits(token, column) else REDACT
    return Proposal(rule, f"{wanted.rule['mask']} does not take this type")


def _fits(rule: Rule, column: JudgedColumn) -> bool:
    """Whether a mask takes the type of a column, or of the elements of a list."""
    options = {option: value for option, value in rule.items() if option != "mask"}
    mask = MASKS[rule["mask"]](**options)
    inner = column.seen.dtype
    while isinstance(inner, pl.List):
        inner = instance(inner.inner)
    in_list = inner is not column.seen.dtype or column.seen.nested
    learns = mask.name in ("rare", "shuffle") or "floor" in options
    if in_list and learns:
        return False
    return mask.fault(column.seen.dtype) is None or mask.fault(inner) is None


# --- one function per sort of column -------------------------------------------------------------


def _pseudonym(kind: str) -> Callable[[JudgedColumn, Table], Proposal]:
    def propose_pseudonym(column: JudgedColumn, table: Table) -> Proposal:
        rule: Rule = {"mask": "pseudonym", "kind": kind}
        if kind not in ("email", "user_name") or table.locale != "en_US":
            rule["locale"] = table.locale
        if column.column == table.entity:
            return _token(column, table)
        if column.follows is None:
            return Proposal(rule | {"by": "value", "domain": kind})
        if kind in _WITH_FIRST_NAMES and (sex := table.sex_of(column)):
            rule["sex"] = sex
        return Proposal(
            rule if column.follows == table.entity else rule | {"entity": column.follows}
        )

    return propose_pseudonym


def _token(column: JudgedColumn, table: Table) -> Proposal:
    whose = next((each for each in table.columns if each.column == table.entity), column)
    owner = whose if column.shares_ids else column
    thing = owner.name.thing if owner.kind in ("customer_id", "transaction_id") else None
    domain = thing or _DOMAIN_OF_KIND.get(owner.kind)
    note = "`as: same` gives integers, of a CSV with `types:`" if _is_wide(column) else ""
    return Proposal({"mask": "token"} | ({"domain": domain} if domain else {}), note)


def _is_wide(column: JudgedColumn) -> bool:
    return column.values.dtype in _WIDE_INTEGERS and not column.seen.nested


def _says_sex(values: Values) -> bool:
    """Whether values are a few words such as Herr and Frau."""
    return 1 < values.distinct <= _FEW_SEXES and values.listed(_SEXES) > _MOSTLY


def _region(column: JudgedColumn, table: Table) -> Proposal:
    country = country_of_addresses(column.values, table.country)
    if country is not None:
        return Proposal({"mask": "region", "country": country, "level": "state"})
    return Proposal({"mask": "region", "country": "world"}, "what cannot be read becomes null")


def _street(column: JudgedColumn, table: Table) -> Proposal:
    if column.values.forms["has_letter"] < 0.5:
        return Proposal(REDACT, "a house number alone")
    return _pseudonym("street_address")(column, table)


def _postcode(column: JudgedColumn, table: Table) -> Proposal:
    digits = 6 if table.country == "CN" else 4 if table.country in ("AT", "AU", "CH", "NL") else 5
    if table.country == "US":
        return Proposal({"mask": "postcode", "rule": "hipaa"})
    longest = max(column.values.text.str.len_chars().to_list(), default=5)
    rule: Rule = {"mask": "postcode", "first": 2}
    if column.values.dtype.is_integer() and max(digits, longest) != 5:
        rule["length"] = min(max(digits, longest), 10)
    return Proposal(rule)


def _rare(column: JudgedColumn, table: Table) -> Proposal:  # noqa: ARG001
    return Proposal({"mask": "rare", "k": _FEWEST_ENTITIES})


def _latitude(column: JudgedColumn, table: Table) -> Proposal:
    if column.values.is_text:
        return Proposal(REDACT, "read it as a number to round it")
    longitude = table.longitude_of(column)
    if longitude is None or column.seen.nested:
        return Proposal({"mask": "round", "to": 1})
    return Proposal({"mask": "geo", "longitude": longitude}, "with its longitude, to 10 km")


def _longitude(column: JudgedColumn, table: Table) -> Proposal:
    if column.values.is_text:
        return Proposal(REDACT, "read it as a number to round it")
    if table.is_paired(column):
        return Proposal({"mask": "drop"}, "it is in the cell of the latitude")
    return Proposal({"mask": "round", "to": 1})


def _coordinates(column: JudgedColumn, table: Table) -> Proposal:  # noqa: ARG001
    return Proposal({"mask": "geo"} if column.values.forms["pair"] > 0.5 else REDACT)


def _birth(column: JudgedColumn, table: Table) -> Proposal:
    age: Rule = {"mask": "age", "width": 10, "top": 90}
    if TypeFamily.of(column.values.dtype) in TIMES:
        return Proposal(age)
    if column.values.is_text:
        return _written(column, age)
    return _packed(column, age) or _years(column, table)


def _years(column: JudgedColumn, table: Table) -> Proposal:  # noqa: ARG001
    if column.values.within(1850, 2030) > 0.9 and not column.values.is_text:
        return Proposal({"mask": "bin", "edges": list(range(1930, 2030, 10))})
    return Proposal(REDACT, "read it as a date to coarsen it")


def _written(column: JudgedColumn, rule: Rule) -> Proposal:
    """Propose a mask of times for text, with the formats that read the sample."""
    text = column.values.text
    found = Found(None) if text.is_empty() else found_formats(text)
    if found.formats is None:
        return Proposal(REDACT, found.note or "text: say its `format` for a better mask")
    if found.formats:
        rule = rule | {"format": found.formats if found.formats[1:] else found.formats[0]}
    # What is in a list cannot be counted before.
    inside = column.seen.nested or column.seen.dtype == pl.List
    lenient = inside or not found.reads_all
    return Proposal(rule | ({"unmapped": "null"} if lenient else {}), found.note)


def _age(column: JudgedColumn, table: Table) -> Proposal:
    if column.values.dtype.is_numeric():
        return Proposal({"mask": "bin", "edges": list(range(0, 100, 10))})
    return _rare(column, table)


def _measure(column: JudgedColumn, table: Table) -> Proposal:
    """Propose a mask for what harms if known exactly: rounded numbers, no rare words."""
    if column.values.dtype.is_numeric():
        return _rounded(column, 5)
    return _rare(column, table)


def _amount(column: JudgedColumn, table: Table) -> Proposal:  # noqa: ARG001
    if column.values.dtype.is_numeric():
        return _rounded(column, 1)
    return Proposal(_KEEP_RULE, "text: exact as it is kept; read it as numbers to round it")


def _rounded(column: JudgedColumn, times: int) -> Proposal:
    """Round to two digits of a typical value, in steps of 1 or 5 of the second digit."""
    typical = abs(column.values.numbers.abs().quantile(0.5) or 0.0)
    power = math.floor(math.log10(typical)) - 1 if typical > 0 else 0
    power = max(-2, min(power, 12))
    is_whole = power >= 0 or column.values.dtype.is_integer()
    return Proposal(
        {"mask": "round", "to": times * 10 ** max(power, 0) if is_whole else times * 10**power}
    )


def _time(column: JudgedColumn, table: Table) -> Proposal:
    values, rule = column.values, dict[str, Any]({"mask": "date_truncate", "to": "month"})
    if table.entity:
        rule = {"mask": "date_shift", "days": 30}
    if TypeFamily.of(values.dtype) in TIMES:
        return Proposal(rule)
    if values.is_text:
        return (
            Proposal(_KEEP_RULE)
            if values.forms["period"] + values.forms["clock"] > 0.9
            else _written(column, rule)
        )
    return _packed(column, rule) or _epoch(column, rule)


def _packed(column: JudgedColumn, rule: Rule) -> Proposal | None:
    """Propose a mask of times for integers such as 20240501; None for others."""
    packed = column.values.dtype.is_integer() and column.values.forms["packed_date"] > 0.9
    return _written(column, rule | {"format": "%Y%m%d"}) if packed else None


def _epoch(column: JudgedColumn, rule: Rule) -> Proposal:
    if column.values.dtype.is_numeric() and column.values.within(0, 2200) < 0.95:
        for name, unit in {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}.items():
            if column.values.within(0.3e9 * unit, 2.5e9 * unit) > 0.95:
                if column.values.dtype.is_integer():
                    return Proposal(rule | {"format": {"epoch": name}})
                month = 30 * 86_400 * unit
                return Proposal(
                    {"mask": "round", "to": month}, "to 30 days: read it as a time to shift it"
                )
        way = 'as integers (pandas: astype("Int64"))' if column.values.is_whole else "as a date"
        return Proposal(REDACT, f"read it {way} to shift it")
    return Proposal(_KEEP_RULE)


def _free_text(column: JudgedColumn, table: Table) -> Proposal:
    known = [
        other.column
        for other in table.columns
        if other.kind in _KINDS_SEARCHED_IN_TEXT
        and other.column not in ("", column.column)
        and (not other.seen.nested or other.seen.in_json)
        and not isinstance(other.seen.dtype, pl.List)
    ]
    rule: Rule = {"mask": "scrub", "names": True} | ({"known": known} if known else {})
    if table.country:
        rule["phone_region"] = table.country
    return Proposal(rule, "names that no column holds remain: read some, or drop it")


def _unknown(column: JudgedColumn, table: Table) -> Proposal:  # noqa: ARG001
    values = column.values
    coded = values.forms["has_digit"] > 0.5 and values.words < 2 and not values.sample.is_empty()
    if coded or values.holds_integers:
        return Proposal({"mask": "token"}, "hidden until you decide")
    return Proposal(REDACT, "hidden until you decide")


def _hidden(column: JudgedColumn, table: Table) -> Proposal:
    """Hide what tells persons apart; of amounts that are called so, only the last digits."""
    if column.values.dtype.is_numeric() and _is_named(column):
        rule = _rounded(column, 1).rule
        return Proposal(rule | {"to": max(10, rule["to"])}, f"{column.tells}: rounded")
    if column.values.is_text and column.values.words >= 2:
        return Proposal(_rare(column, table).rule, column.tells or "")
    rule = _unknown(column, table).rule
    return Proposal(rule, f"{column.tells}: hidden until you decide")


def _is_named(column: JudgedColumn) -> bool:
    """Whether the name says the kind that the column has."""
    return any(says.kind == column.kind for says in column.name.kinds)


def _redact(column: JudgedColumn, table: Table) -> Proposal:  # noqa: ARG001
    return Proposal(REDACT)


def _keep(column: JudgedColumn, table: Table) -> Proposal:  # noqa: ARG001
    return Proposal(_KEEP_RULE)


def _ip(column: JudgedColumn, table: Table) -> Proposal:  # noqa: ARG001
    return Proposal({"mask": "ip"})


def _sorted(column: JudgedColumn, table: Table) -> Proposal:
    """Keep what the name says; of text that only repeats, suppress rare values."""
    if column.name.bare_name and column.values.is_text:
        return Proposal(REDACT, "a name of persons or of things: hidden until you decide")
    return (
        _keep(column, table)
        if _is_named(column) or not column.values.is_text
        else _rare(column, table)
    )


def _thing(column: JudgedColumn, table: Table) -> Proposal:
    return _keep(column, table) if column.role == "harmless" else _token(column, table)


_PROPOSALS: Final[Mapping[ColumnKind, Callable[[JudgedColumn, Table], Proposal]]] = {
    "person_name": _pseudonym("name"), "first_name": _pseudonym("first_name"),
    "last_name": _pseudonym("last_name"), "username": _pseudonym("user_name"),
    "email": _pseudonym("email"), "phone": _pseudonym("phone"),
    "organisation": _rare, "address": _region, "street_address": _street,
    "national_id": _token, "card_number": _token, "bank_account": _token, "ip_address": _ip,
    "device_id": _token, "vehicle_id": _token, "secret": _redact, "customer_id": _token,
    "transaction_id": _token, "postcode": _postcode, "city": _rare, "region": _rare,
    "country": _rare, "latitude": _latitude, "longitude": _longitude,
    "coordinates": _coordinates, "birth_date": _birth, "birth_year": _years, "age": _age,
    "sex": _keep, "marital_status": _rare, "household": _measure, "occupation": _rare,
    "education": _rare, "nationality": _rare, "url": _rare, "user_agent": _rare,
    "income": _measure, "ethnicity": _redact, "religion": _redact, "health": _measure,
    "free_text": _free_text, "time": _time, "amount": _amount, "quantity": _keep,
    "flag": _keep, "item": _sorted, "merchant": _keep, "language": _keep, "category": _sorted,
    "other_id": _thing, "unknown": _unknown,
}  # fmt: skip
