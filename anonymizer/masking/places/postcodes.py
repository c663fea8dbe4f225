"""Countries whose postcodes tell the region: Australia, Brazil, Canada and eight of Europe.

The postcode that a town follows, else the one that stands where the country puts it; without a
postcode, the name of a state at the end of the text.
"""

from typing import Final, NamedTuple

import polars as pl

from anonymizer.masking.places.table import Table, load, load_table
from anonymizer.masking.places.text import any_of, folded, in_steps, tidy
from anonymizer.masking.primitives.bulk.lookup import looked_up


class Format(NamedTuple):
    """How a country writes its postcodes.

    Attributes:
        area: how many characters are a postcode area.
        patterns: the most trusted first; the group is the postcode.
        digits: how many digits a postcode has, where it is a number.
    """

    area: int
    patterns: tuple[str, ...]
    digits: int = 0


# A greedy beginning makes the match the last one.
_BEFORE_POSTCODE: Final = r"(?s)^(?:.*[^\d])?"
_BEFORE_TOWN: Final = r"(?s)^(?:.*[\s,;(])?(?:[A-Z]{1,3}[-\s]\s?)?"
_FIVE_DIGITS: Final = (
    rf"{_BEFORE_TOWN}(\d{{5}})\s+\p{{L}}",
    rf"{_BEFORE_POSTCODE}(\d{{5}})(?:[^\d]|$)",
)
_FOUR_DIGITS: Final = (
    rf"{_BEFORE_TOWN}(\d{{4}})\s+\p{{L}}",
    rf"{_BEFORE_POSTCODE}(\d{{4}})[\s,.;]*(?:[\p{{L}}\s]+)?$",
)
_CANADIAN: Final = r"([ABCEGHJ-NPRSTVXY]\d[A-Z])"

FORMATS: Final = {
    "AT": Format(2, _FOUR_DIGITS, 4),
    "AU": Format(2, (rf"{_BEFORE_POSTCODE}(\d{{4}})[\s,.;]*(?:AUSTRALIA|AUS?)?[\s,.;]*$",), 4),
    "BR": Format(
        2, (rf"{_BEFORE_POSTCODE}(\d{{2}}\.?\d{{3}}[-\s]?\d{{3}})(?:[^\d]|$)", r"^(\d{5})$"), 8
    ),
    "CA": Format(3, (rf"(?s)^(?:.*\W)?{_CANADIAN}[\s-]*\d[A-Z]\d(?:\W|$)", rf"^{_CANADIAN}$")),
    "CH": Format(2, _FOUR_DIGITS, 4),
    "CN": Format(
        2, (r"^(\d{6})(?:[^\d]|$)", rf"{_BEFORE_POSTCODE}(\d{{6}})$", r"邮编\W?(\d{6})"), 6
    ),
    "DE": Format(2, _FIVE_DIGITS, 5),
    "ES": Format(2, _FIVE_DIGITS, 5),
    "FR": Format(2, _FIVE_DIGITS, 5),
    "IT": Format(2, _FIVE_DIGITS, 5),
    "NL": Format(2, (r"(?s)^(?:.*[^\d])?(\d{4})\s?[A-Z]{2}(?:\W|$)", *_FOUR_DIGITS), 4),
}


def region(text: pl.Expr, country: str) -> pl.Expr:
    """The code of the region of addresses, postcodes or names of regions."""
    table = load_table(country)
    return in_steps(
        tidy(text),
        {"by_postcode": table.region_of(postcode(pl.field("text"), country))},
        {"rest": pl.when(pl.field("by_postcode").is_null()).then(pl.field("text"))},
        result=pl.coalesce(pl.field("by_postcode"), stated(pl.field("rest"), country)),
    )


def area(text: pl.Expr, country: str) -> pl.Expr:
    """The first characters of the postcode; null without a postcode."""
    code = postcode(tidy(text), country)
    return load_table(country).area_of(code, FORMATS[country].area)


def postcode(text: pl.Expr, country: str) -> pl.Expr:
    """The postcode in a tidy text, letters and digits only."""
    form, whole, found = FORMATS[country], pl.field("text"), pl.field("found")
    if form.digits:
        bare = whole.str.contains(rf"^\d{{{form.digits - 2},{form.digits - 1}}}$")
        whole = pl.when(bare).then(whole.str.zfill(form.digits)).otherwise(whole)
    first, *others = form.patterns
    left = pl.when(found.is_null()).then(pl.field("text"))
    return in_steps(
        text,
        {"text": whole},
        {"found": pl.field("text").str.extract(first)},
        *({"found": pl.coalesce(found, left.str.extract(pattern))} for pattern in others),
        result=found.str.replace_all(r"[^A-Z0-9]", ""),
    )


def stated(text: pl.Expr, country: str) -> pl.Expr:
    """The region whose name stands at the end, or before the name of the country."""
    table = load_table(country)
    plain = folded(text)
    return looked_up(plain.str.extract(_at_end(table, country)), table.words)


def _at_end(table: Table, country: str) -> str:
    countries = [word for word, code in load("world")["words"].items() if code == country]
    return rf"(?:^| )({any_of(table.words)})(?: {any_of(countries)})?$"
