"""Measures of the values of a column: shares between 0 and 1, counts, yes or no; by name.

They are what the conditions in `evidence.py` compare. Shares of forms (`email`, `vin` ...) are
measures, too, under the names that the forms have in `values.py`.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final

import polars as pl

from anonymizer.masking.free_text.recognition import find
from anonymizer.masking.free_text.recognition.contacts.phones import is_valid
from anonymizer.masking.inspection.reading.lists import (
    answers,
    chinese_surnames,
    cities,
    countries,
    first_names,
    last_names,
)
from anonymizer.masking.inspection.reading.national_numbers import is_iban, national_numbers
from anonymizer.masking.inspection.reading.values import Values
from anonymizer.masking.places.parsers import PARSERS
from anonymizer.masking.places.table import load_table

Measure = Callable[[Values], Any]


class Measured(dict[str, Any]):
    """The measures of one column by name; each is computed when it is first asked for."""

    def __init__(self, values: Values) -> None:
        super().__init__()
        self._values = values

    def __missing__(self, name: str) -> Any:
        """The measure of that name; else the share of values that have the form of that name."""
        measure = _measures().get(name)
        result = self._values.forms[name] if measure is None else measure(self._values)
        self[name] = result
        return result


@cache
def _measures() -> dict[str, Measure]:
    """Name → measure of the values; the shares of forms are not in it."""
    listed = {
        f"answers_{kind}": partial(Values.listed, known=known) for kind, known in answers().items()
    }
    national = {
        f"national_{place}": partial(Values.passing, test=number.passes)
        for place, number in enumerate(national_numbers())
    }
    return (
        _COLUMN_MEASURES
        | _YEAR_MEASURES
        | _FORM_MEASURES
        | _TEXT_MEASURES
        | _LIST_MEASURES
        | listed
        | national
    )


def _mean(flags: pl.Series) -> float:
    """The share of true values, or the mean of numbers; 0 of nothing."""
    return float(flags.mean() or 0)  # type: ignore[arg-type]  # (a number)


_COLUMN_MEASURES: Final[dict[str, Measure]] = {
    "is_boolean": lambda values: values.dtype == pl.Boolean,
    "is_binary": lambda values: values.is_binary,
    "is_time": lambda values: values.is_time or values.dtype == pl.Time,
    "is_text": lambda values: values.is_text,
    "is_few": lambda values: values.is_few,
    "distinct": lambda values: values.distinct,
    "share_distinct": lambda values: values.share_distinct,
    "seen": lambda values: len(values.unique),  # distinct values of the sample
    "texts": lambda values: len(values.text),
    "repeats": lambda values: (
        (values.is_few and values.share_distinct < 0.5)
        or (values.share_distinct < 0.1 and values.filled > 1_000)
    ),
}


def _year(values: Values, share: float) -> float:
    return values.years.quantile(share) or 0


_YEAR_MEASURES: Final[dict[str, Measure]] = {
    "years": lambda values: len(values.years),
    "first_year": lambda values: _year(values, 0.05),  # but for outliers
    "last_year": lambda values: _year(values, 0.95),
    "years_spanned": lambda values: _year(values, 0.95) - _year(values, 0.05),
    "whole_days": lambda values: (
        values.dtype != pl.Datetime or bool((values.sample.dt.hour() == 0).all())
    ),
}
_FORM_MEASURES: Final[dict[str, Measure]] = {
    "dates": lambda values: max(values.forms["date"], values.forms["packed_date"]),
    "ips": lambda values: min(values.forms["ip"] + values.forms["ip6"], 1.0),
    "web": lambda values: max(values.forms[form] for form in ("url", "path", "domain")),
    "digests": lambda values: values.forms["uuid"] + values.forms["hex"],
    "ibans": lambda values: values.passing(is_iban),
    "cards": lambda values: values.passing(lambda text: bool(find(text, ("card",), alone=True))),
    "phone_written": lambda values: values.forms["phone_gaps"] + values.forms["phone_plus"],
    "phone_sized": lambda values: _mean(values.lengths.is_between(9, 13)),
    "phone_valid": lambda values: values.phone_region[1],
    "phone_country": lambda values: values.phone_region[0],
    "phone_like": lambda values: max(values.forms["phone_plus"], values.phone_region[1]),
    "chinese_mobile": lambda values: values.passing(
        lambda text: len(text) == 11 and text[0] == "1" and is_valid(text, "CN")
    ),
}
_TEXT_MEASURES: Final[dict[str, Measure]] = {
    "words": lambda values: values.words,
    "mean_length": lambda values: _mean(values.lengths),
    "short": lambda values: _mean(values.lengths.is_between(2, 4)),
    "one_word": lambda values: _mean(_parts(values).list.len() == 1),
    "some_words": lambda values: _mean(_parts(values).list.len().is_between(2, 4)),
    "letters_of_sexes": lambda values: _are_sexes(set(values.folded.to_list())),
    "letters_of_yes_and_no": lambda values: (
        set(values.folded.to_list()) in [set(pair) for pair in ("YN", "JN", "SN", "ON", "TF")]
    ),
}


def _parts(values: Values) -> pl.Series:
    """The words of each distinct text, folded."""
    return values.folded.str.split(" ")


def _are_sexes(letters: set[str]) -> bool:
    """Whether letters stand for sexes, and two of the usual ones are there."""
    return letters <= set("MFWDXUH") and len(letters & set("MFWH")) == 2


_LIST_MEASURES: Final[dict[str, Measure]] = {
    "first_name": lambda values: _mean(_parts(values).list.first().is_in(sorted(first_names()))),
    "last_name": lambda values: _mean(_parts(values).list.last().is_in(sorted(last_names()))),
    "either_name": lambda values: max(
        _mean(_parts(values).list.first().is_in(sorted(first_names()))),
        _mean(_parts(values).list.last().is_in(sorted(first_names()))),
    ),
    "chinese_surname": lambda values: _mean(
        values.text.str.head(1).is_in(sorted(chinese_surnames()))
    ),
    "country": lambda values: values.listed(countries()),
    "city": lambda values: values.listed(cities()),
    "state": lambda values: _states(values)[1],
    "state_country": lambda values: _states(values)[0],
    "read_region": lambda values: max(values.regions.values(), default=0.0),
}


@cache
def _state_words() -> dict[str, frozenset[str]]:
    """Country → how its states and provinces are written."""
    return {code: frozenset(load_table(code).words) for code in PARSERS}


def _states(values: Values) -> tuple[str, float]:
    """The country whose states most values name, and their share."""
    shares = {code: values.listed(known) for code, known in _state_words().items()}
    best = max(shares, key=lambda code: shares[code])
    return best, shares[best]
