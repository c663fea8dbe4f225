"""Mask one table in memory: rules say what becomes of each column, the key makes it yours alone."""

from made_up import customers

from anonymizer import anonymize

rules = {
    "version": 1,
    "entity": "id",  # pseudonyms and shifts follow the person
    "order": "shuffled",  # the order of rows tells as well
    "columns": {  # a column without a rule is an error
        "id": "token",
        "name": {"mask": "pseudonym", "kind": "name"},
        "email": {"mask": "pseudonym", "kind": "email"},
        "birth_date": {"mask": "age", "width": 10, "top": 90, "on": "2026-01-01"},
        "zip": {"mask": "postcode", "first": 3},
        "joined": {"mask": "date_shift", "days": 30},
    },
}
# A key that everybody can read, for an example. Without `key` it is that of ANONYMIZER_KEY.
masked = anonymize(customers(), rules, key="0f1e2d3c4b5a69788796a5b4c3d2e1f0")
print(masked.head(3))
