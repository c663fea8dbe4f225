"""What a column may hold: the closed list of kinds that `inspect` speaks of, and their roles.

Roles follow ISO/IEC 20889: a direct identifier singles a person out by itself, quasi-identifiers do
so together, a sensitive attribute harms where it becomes known. `entity` is the identifier whose
events the rows are, `event time` is when they happened.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

Role: TypeAlias = Literal[
    "direct identifier",
    "quasi-identifier",
    "sensitive attribute",
    "entity",
    "event time",
    "harmless",
]

ColumnKind: TypeAlias = Literal[
    "person_name", "first_name", "last_name", "username", "email", "phone", "address",
    "street_address", "national_id", "card_number", "bank_account", "ip_address", "device_id",
    "vehicle_id", "secret", "customer_id", "transaction_id", "postcode", "city", "region",
    "country", "latitude", "longitude", "coordinates", "birth_date", "birth_year", "age", "sex",
    "marital_status", "household", "occupation", "organisation", "education", "nationality",
    "url", "user_agent", "income", "ethnicity", "religion", "health", "free_text", "time",
    "amount", "quantity", "category", "language", "flag", "item", "merchant", "other_id",
    "unknown",
]  # fmt: skip


class KindFacts(NamedTuple):
    """What is known of a kind before the table is: its usual role, and its name in a sentence."""

    role: Role
    words: str


_DIRECT: Final[Role] = "direct identifier"
_QUASI: Final[Role] = "quasi-identifier"
_SENSITIVE: Final[Role] = "sensitive attribute"
_HARMLESS: Final[Role] = "harmless"

COLUMN_KINDS: Final[dict[ColumnKind, KindFacts]] = {
    "person_name": KindFacts(_DIRECT, "a person's name"),
    "first_name": KindFacts(_DIRECT, "first names"),
    "last_name": KindFacts(_DIRECT, "last names"),
    "username": KindFacts(_DIRECT, "user names"),
    "email": KindFacts(_DIRECT, "e-mail addresses"),
    "phone": KindFacts(_DIRECT, "phone numbers"),
    "address": KindFacts(_DIRECT, "postal addresses"),
    "street_address": KindFacts(_DIRECT, "streets and houses"),
    "national_id": KindFacts(
        _DIRECT, "numbers of a state: identity, tax, insurance, passport, licence"
    ),
    "card_number": KindFacts(_DIRECT, "payment card numbers"),
    "bank_account": KindFacts(_DIRECT, "bank accounts"),
    "ip_address": KindFacts(_DIRECT, "IP addresses"),
    "device_id": KindFacts(_DIRECT, "ids of devices"),
    "vehicle_id": KindFacts(_DIRECT, "vehicles"),
    "secret": KindFacts(_DIRECT, "passwords or keys"),
    "customer_id": KindFacts(_DIRECT, "ids of persons or their accounts"),
    "transaction_id": KindFacts(_DIRECT, "ids of orders, transactions or sessions"),
    "postcode": KindFacts(_QUASI, "postcodes"),
    "city": KindFacts(_QUASI, "cities"),
    "region": KindFacts(_QUASI, "states or provinces"),
    "country": KindFacts(_QUASI, "countries"),
    "latitude": KindFacts(_QUASI, "latitudes"),
    "longitude": KindFacts(_QUASI, "longitudes"),
    "coordinates": KindFacts(_QUASI, "coordinates"),
    "birth_date": KindFacts(_QUASI, "dates of birth"),
    "birth_year": KindFacts(_QUASI, "years of birth"),
    "age": KindFacts(_QUASI, "ages"),
    "sex": KindFacts(_QUASI, "sex or gender"),
    "marital_status": KindFacts(_QUASI, "marital status"),
    "household": KindFacts(_QUASI, "the household"),
    "occupation": KindFacts(_QUASI, "occupations"),
    "organisation": KindFacts(_QUASI, "employers or companies"),
    "education": KindFacts(_QUASI, "education"),
    "nationality": KindFacts(_QUASI, "nationalities"),
    "url": KindFacts(_QUASI, "web addresses"),
    "user_agent": KindFacts(_QUASI, "browsers' descriptions of themselves"),
    "income": KindFacts(_SENSITIVE, "income or wealth"),
    "ethnicity": KindFacts(_SENSITIVE, "ethnic origin"),
    "religion": KindFacts(_SENSITIVE, "religion"),
    "health": KindFacts(_SENSITIVE, "health"),
    "free_text": KindFacts(_SENSITIVE, "free text"),
    "time": KindFacts(_HARMLESS, "times"),
    "amount": KindFacts(_HARMLESS, "amounts of money"),
    "quantity": KindFacts(_HARMLESS, "counts or measures"),
    "category": KindFacts(_HARMLESS, "categories"),
    "language": KindFacts(_HARMLESS, "languages"),
    "flag": KindFacts(_HARMLESS, "a yes or no"),
    "item": KindFacts(_HARMLESS, "products"),
    "merchant": KindFacts(_HARMLESS, "shops or merchants"),
    "other_id": KindFacts(_HARMLESS, "ids of things"),
    "unknown": KindFacts(_QUASI, "nothing that is recognised"),
}

NAMES_OF_PERSONS: Final[frozenset[ColumnKind]] = frozenset({
    "person_name", "first_name", "last_name",
})  # fmt: skip
