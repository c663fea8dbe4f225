"""The country whose addresses a column holds: a postcode of five digits is one of seven countries.

Reading a postcode alone proves nothing. Words for roads, and the states that are written beside
postcodes in America and Australia, tell countries apart that have postcodes of one form.
"""

from functools import cache
from typing import Final

from anonymizer.masking.inspection.reading.values import Values
from anonymizer.masking.inspection.reading.words import read_json
from anonymizer.masking.places.parsers import PARSERS

_LEAST_READ: Final = 0.5  # of the values, by the parser of a country that is taken
_LEAST_MORE: Final = 0.15  # than any other country explains
_OWN_FORMS: Final[dict[str, str]] = {
    "US": r"(?i)\b[A-Z]{2}\.?,? \d{5}(?:-\d{4})?\s*(?:,? (?:USA?|United States))?\s*$",
    "AU": r"\b(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT),? \d{4}\b",
    "NL": r"\b\d{4} ?[A-Z]{2}\b",
    "BR": r"\b\d{5}-\d{3}\b",
    "CA": r"(?i)\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b",
    "GB": r"(?i)\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b",
}


def country_of_addresses(values: Values, known: str | None = None) -> str | None:
    """The country (ISO 3166) that explains addresses best, or None where several would do.

    Args:
        values: of a column of addresses.
        known: the country that the rest of the table is from, or None.
    """
    read = {code: share for code, share in values.regions.items() if share > _LEAST_READ}
    if values.forms["cjk"] < _LEAST_READ:  # India's postcodes have six digits, too
        read.pop("CN", None)
    if known in read:
        return known
    scores = {code: share + _own(values, code) for code, share in read.items()}
    best = max(scores, key=lambda code: scores[code], default=None)
    rivals = max((score for code, score in scores.items() if code != best), default=0.0)
    return best if best is not None and scores[best] > rivals + _LEAST_MORE else None


def _own(values: Values, country: str) -> float:
    """The share of addresses with words for roads, or of a form, that only few countries have."""
    patterns = (_roads().get(country), _OWN_FORMS.get(country))
    shares = (values.text.str.contains(each).mean() for each in patterns if each is not None)
    return sum((float(share or 0) for share in shares), 0.0)  # type: ignore[arg-type]  # (shares)


@cache
def _roads() -> dict[str, str]:
    """Country → a pattern for the roads in its addresses."""
    roads: dict[str, list[str]] = read_json("lists.json")["roads"]
    countries = PARSERS.keys() & {code for key in roads for code in key.split()}
    return {
        code: r"(?i)"
        + "|".join(
            pattern
            for key, patterns in roads.items()
            if code in key.split()
            for pattern in patterns
        )
        for code in countries
    }
