"""Which parser reads which country."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

import polars as pl

from anonymizer.masking.places import china, postcodes, united_kingdom, united_states


class Parser(NamedTuple):
    """The functions that read the addresses of one country.

    Attributes:
        region: text → the code of the smallest region that it tells.
        area: text → the postcode area.
        digits: how many digits a postcode has, 0 where it has letters.
    """

    region: Callable[[pl.Expr], pl.Expr]
    area: Callable[[pl.Expr], pl.Expr]
    digits: int = 0


PARSERS: Final = {
    country: Parser(
        partial(postcodes.region, country=country),
        partial(postcodes.area, country=country),
        form.digits,
    )
    for country, form in postcodes.FORMATS.items()
} | {
    "CN": Parser(china.region, china.area, postcodes.FORMATS["CN"].digits),
    "GB": Parser(united_kingdom.region, united_kingdom.area),
    "US": Parser(united_states.region, united_states.area, 5),
}
