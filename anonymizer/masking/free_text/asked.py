"""What a rule can ask of texts, without what it takes to find it."""

from typing import Final, Literal

# What can be found, in the order in which it is told.
KINDS: Final = (
    "email", "url", "ip", "mac", "imei", "uuid", "vin", "plate", "iban", "account", "card", "cvv",
    "ssn", "id", "passport", "licence", "wallet", "secret", "handle", "coordinates", "customer",
    "date", "age", "phone", "name", "address", "place", "organisation",
)  # fmt: skip
# What stands in the place of what was found.
Word = Literal["tag", "pseudonym", "surrogate", "shift"]
# The kinds that names are of.
OF_SOMEBODY: Final = frozenset({"name", "place", "organisation"})
# The type of places where a token shall stand, which is what is canonical of them.
OWN_PLACE: Final = "token"
# What the fields of a struct are called that hold what is known of its row, and what is shown.
KNOWN: Final = "known_"
SHOWN: Final = "shown_"
TAG_DIGITS: Final = 12  # of a keyed tag: 48 bits
