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

Kind: TypeAlias = Literal[
    "person_name", "first_name", "last_name", "username", "email", "phone", "address",
    "street_address", "national_id", "card_number", "bank_account", "ip_address", "device_id",
    "vehicle_id", "secret", "customer_id", "transaction_id", "postcode", "city", "region",
    "country", "latitude", "longitude", "coordinates", "birth_date", "birth_year", "age", "sex",
    "marital_status", "household", "occupation", "organisation", "education", "nationality",
    "url", "user_agent", "income", "ethnicity", "religion", "health", "free_text", "time",
    "amount", "quantity", "category", "language", "flag", "item", "merchant", "other_id",
    "unknown",
]  # fmt: skip


class About(NamedTuple):
    """A kind's role before anything is known of the table, and what to call it in a sentence."""

    role: Role
    words: str


_DIRECT: Final[Role] = "direct identifier"
_QUASI: Final[Role] = "quasi-identifier"
_SENSITIVE: Final[Role] = "sensitive attribute"
_HARMLESS: Final[Role] = "harmless"

KINDS: Final[dict[Kind, About]] = {
    "person_name": About(_DIRECT, "a person's name"),
    "first_name": About(_DIRECT, "first names"),
    "last_name": About(_DIRECT, "last names"),
    "username": About(_DIRECT, "user names"),
    "email": About(_DIRECT, "e-mail addresses"),
    "phone": About(_DIRECT, "phone numbers"),
    "address": About(_DIRECT, "postal addresses"),
    "street_address": About(_DIRECT, "streets and houses"),
    "national_id": About(
        _DIRECT, "numbers of a state: identity, tax, insurance, passport, licence"
    ),
    "card_number": About(_DIRECT, "payment card numbers"),
    "bank_account": About(_DIRECT, "bank accounts"),
    "ip_address": About(_DIRECT, "IP addresses"),
    "device_id": About(_DIRECT, "ids of devices"),
    "vehicle_id": About(_DIRECT, "vehicles"),
    "secret": About(_DIRECT, "passwords or keys"),
    "customer_id": About(_DIRECT, "ids of persons or their accounts"),
    "transaction_id": About(_DIRECT, "ids of orders, transactions or sessions"),
    "postcode": About(_QUASI, "postcodes"),
    "city": About(_QUASI, "cities"),
    "region": About(_QUASI, "states or provinces"),
    "country": About(_QUASI, "countries"),
    "latitude": About(_QUASI, "latitudes"),
    "longitude": About(_QUASI, "longitudes"),
    "coordinates": About(_QUASI, "coordinates"),
    "birth_date": About(_QUASI, "dates of birth"),
    "birth_year": About(_QUASI, "years of birth"),
    "age": About(_QUASI, "ages"),
    "sex": About(_QUASI, "sex or gender"),
    "marital_status": About(_QUASI, "marital status"),
    "household": About(_QUASI, "the household"),
    "occupation": About(_QUASI, "occupations"),
    "organisation": About(_QUASI, "employers or companies"),
    "education": About(_QUASI, "education"),
    "nationality": About(_QUASI, "nationalities"),
    "url": About(_QUASI, "web addresses"),
    "user_agent": About(_QUASI, "browsers' descriptions of themselves"),
    "income": About(_SENSITIVE, "income or wealth"),
    "ethnicity": About(_SENSITIVE, "ethnic origin"),
    "religion": About(_SENSITIVE, "religion"),
    "health": About(_SENSITIVE, "health"),
    "free_text": About(_SENSITIVE, "free text"),
    "time": About(_HARMLESS, "times"),
    "amount": About(_HARMLESS, "amounts of money"),
    "quantity": About(_HARMLESS, "counts or measures"),
    "category": About(_HARMLESS, "categories"),
    "language": About(_HARMLESS, "languages"),
    "flag": About(_HARMLESS, "a yes or no"),
    "item": About(_HARMLESS, "products"),
    "merchant": About(_HARMLESS, "shops or merchants"),
    "other_id": About(_HARMLESS, "ids of things"),
    "unknown": About(_QUASI, "nothing that is recognised"),
}
