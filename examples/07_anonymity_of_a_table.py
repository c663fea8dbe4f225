"""Ask k-anonymity of a table as a whole, keep what was learned for the next, attack the result."""

from made_up import customers

from anonymizer import anonymize, audit, fit_rules

people = customers(2000)
rules = {
    "version": 1,
    "entity": "id",
    "unlisted": "drop",
    "order": "shuffled",
    "columns": {
        "id": "token",
        "birth_date": {"mask": "age", "width": 5, "on": "2026-01-01"},
        "zip": {"mask": "postcode", "first": 5},
    },
    "anonymity": {"k": 5, "quasi_identifiers": ["birth_date", "zip"]},
}
fitted = fit_rules(people, rules, key="0f1e2d3c4b5a69788796a5b4c3d2e1f0")
masked = anonymize(people, fitted, key="0f1e2d3c4b5a69788796a5b4c3d2e1f0")
print(masked.group_by("birth_date", "zip").len().sort("len").head(3))

# An attack on it by somebody who holds the raw table, with the figures of the raw one beside.
print(audit(raw=people, masked=masked, entity="id", quasi_identifiers=["birth_date", "zip"]))
