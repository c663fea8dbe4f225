"""Latitude and longitude → a province of China.

Only the seats of divisions are known, not their borders: a cell of the grid has the province of
the nearest seat, and none where another province's is less than twice as far. Points beyond the
coast or the border, but near it, are taken for China.
"""

from functools import cache
from typing import Final

import polars as pl

from anonymizer.masking.places.table import load
from anonymizer.masking.places.text import in_steps, tidy
from anonymizer.masking.primitives.bulk.lookup import looked_up

_NUMBER: Final = r"(\d{1,3}(?:\.\d+)?)°?[NE]?"
_PAIR: Final = rf"^\W?{_NUMBER}[\s,;/]+{_NUMBER}\W?$"
_WIDEST_LATITUDE: Final = 60  # all latitudes of China are below it, all longitudes above


def region(text: pl.Expr) -> pl.Expr:
    """The code of the province of `39.90, 116.40`, in either order."""
    pair = pl.field("pair").struct
    first, second = (pair.field(name).cast(pl.Float64) for name in ("1", "2"))
    latitude, longitude = pl.field("latitude"), pl.field("longitude")
    cell = (latitude * 10).floor() * 10_000 + (longitude * 10).floor()
    province = looked_up(cell.cast(pl.Int64), _cells())
    return in_steps(
        tidy(text),
        {"pair": pl.field("text").str.extract_groups(_PAIR)},
        {"latitude": pl.min_horizontal(first, second)},
        {"longitude": pl.max_horizontal(first, second)},
        result=pl.when(latitude < _WIDEST_LATITUDE, longitude > _WIDEST_LATITUDE).then(province),
    )


@cache
def _cells() -> dict[int, str]:
    """Tenths of degrees, latitude before longitude → code of the province."""
    return {
        int(latitude) * 10_000 + start + step: f"{province}0000"
        for latitude, runs in load("CN_grid").items()
        for start, length, province in runs
        for step in range(length)
    }
