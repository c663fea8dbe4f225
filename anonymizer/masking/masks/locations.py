"""Masks that coarsen places: postcode and geo. Regions stand in `regions.py`."""

import importlib
import math
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

import polars as pl
from pydantic import Field, model_validator

from anonymizer.errors import MissingExtraError
from anonymizer.masking.masks.base import (
    CODES,
    NUMBERS,
    TEXT,
    Column,
    Mask,
    TypeFamily,
)
from anonymizer.masking.places.text import with_zeros
from anonymizer.masking.primitives.bulk.distinct import on_distinct
from anonymizer.masking.primitives.normal_forms import nfkc

# Three-digit ZIP areas with 20,000 people or fewer in the 2000 census, as the guidance of the US
# Department of Health and Human Services on 45 CFR 164.514(b) lists them.
HIPAA_THIN: Final = (
    *("036", "059", "063", "102", "203", "556", "692", "790", "821"),
    *("823", "830", "831", "878", "879", "884", "890", "893"),
)


class Postcode(Mask):
    """The first characters of a postcode, or the rule of HIPAA's Safe Harbor.

    Blanks and hyphens do not count and letters become capital. Whole numbers, floats and `1067.0`
    in text as well, get back their leading zeros up to `length`. What is too short, or for HIPAA
    no ZIP, gives null.

    Attributes:
        first: characters that stay.
        rule: `hipaa`: three digits of a US ZIP; `000` where 20,000 people or fewer live there.
        length: digits of a whole postcode, for numbers.
    """

    name: ClassVar[str] = "postcode"
    accepts: ClassVar[frozenset[TypeFamily]] = CODES | {TypeFamily.FLOAT}

    first: int = Field(default=3, ge=1, le=6)
    rule: Literal["prefix", "hipaa"] = "prefix"
    length: int = Field(default=5, ge=3, le=10)

    @model_validator(mode="after")
    def _hipaa_is_three_of_five(self) -> "Postcode":
        if self.rule == "hipaa" and (self.first, self.length) != (3, 5):
            raise ValueError("`rule: hipaa` is about three digits of five: leave out the rest")
        return self

    def preparation(self, column: Column) -> pl.Expr:
        """The first characters of each postcode, as text."""
        text = with_zeros(column.values, column.dtype, self.length)
        if self.rule == "hipaa":
            area = nfkc(text).str.extract(r"^\s*(\d{3})\d{2}(?:[-\s]?\d{4})?\s*$")
            return pl.when(area.is_in(HIPAA_THIN)).then(pl.lit("000")).otherwise(area)
        text = nfkc(text).str.replace_all(r"[\s-]", "").str.to_uppercase()
        return pl.when(text.str.len_chars() > self.first).then(text.str.head(self.first))

    def coarser(self) -> Mask | None:
        """The mask with one character less; None for HIPAA's areas."""
        if self.rule == "hipaa" or self.first == 1:
            return None
        return self.model_copy(update={"first": self.first - 1})

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Postcodes of public buildings."""
        return [90012, 2201, 3601] if dtype.is_numeric() else ["90012", "02201-1020", "SW1A 2AA"]


_GEOHASH_LETTERS: Final = "0123456789bcdefghjkmnpqrstuvwxyz"


class Geo(Mask):
    """Coordinates as a coarse cell: rounded, a geohash or an H3 cell.

    The column holds latitudes, with the longitudes in another column, or both as the text
    `52.52, 13.405`. What is no place on earth gives null. Drop the longitudes by a rule.

    Attributes:
        longitude: the column of the longitudes.
        to: `decimals` gives `52.5,13.4`, `geohash` a geohash, `h3` an H3 cell (extra `geo`).
        precision: decimals (default 1, about 10 km), characters of the geohash (default 4, about
            30 km) or H3 resolution (default 5, about 10 km).
    """

    name: ClassVar[str] = "geo"
    accepts: ClassVar[frozenset[TypeFamily]] = NUMBERS | TEXT

    longitude: str | None = Field(default=None, min_length=1)
    to: Literal["decimals", "geohash", "h3"] = "decimals"
    precision: int | None = Field(default=None, ge=0, le=12)

    @model_validator(mode="after")
    def _precision_fits(self) -> "Geo":
        least, most = {"decimals": (0, 5), "geohash": (1, 9), "h3": (0, 12)}[self.to]
        if self.precision is not None and not least <= self.precision <= most:
            raise ValueError(f"`precision` of {self.to} is {least} to {most}")
        if self.to == "h3":
            _h3()
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        """The column with the longitudes, where it is another one."""
        return () if self.longitude is None else (self.longitude,)

    def fault(self, dtype: pl.DataType) -> str | None:
        """Refuses numbers without a column of longitudes."""
        if TypeFamily.of(dtype) in NUMBERS and self.longitude is None:
            return "geo needs `longitude`, the column of the longitudes"
        return super().fault(dtype)

    def preparation(self, column: Column) -> pl.Expr:
        """The cell of each place as text."""
        latitude, longitude = self._coordinates(column)
        # As fields: an expression is worked out wherever it stands in another.
        place = pl.struct(latitude.alias("latitude"), longitude.alias("longitude"))
        latitude, longitude = pl.field("latitude"), pl.field("longitude")
        real = latitude.is_between(-90, 90) & longitude.is_between(-180, 180)
        cell = pl.when(real).then(self._cell(latitude, longitude))
        return place.struct.with_fields(cell.alias("cell")).struct.field("cell")

    def _coordinates(self, column: Column) -> tuple[pl.Expr, pl.Expr]:
        if self.longitude is not None:
            both = (column.values, pl.col(self.longitude))
            if TypeFamily.of(column.dtype) is TypeFamily.TEXT:  # categories have no cast to numbers
                both = (both[0].cast(pl.String), both[1].cast(pl.String))
        else:
            text = nfkc(column.values.cast(pl.String))
            number = r"([+-]?\d{1,3}(?:\.\d+)?)"
            parts = text.str.extract_groups(rf"^\s*\(?\s*{number}\s*[,;\s]\s*{number}\s*\)?\s*$")
            both = (parts.struct.field("1"), parts.struct.field("2"))
        latitude, longitude = (each.cast(pl.Float64, strict=False).fill_nan(None) for each in both)
        return latitude, longitude

    @property
    def _precision(self) -> int:
        default = {"decimals": 1, "geohash": 4, "h3": 5}[self.to]
        return default if self.precision is None else self.precision

    def coarser(self) -> Mask | None:
        """The mask with the next lower precision."""
        least = 1 if self.to == "geohash" else 0
        if self._precision == least:
            return None
        return self.model_copy(update={"precision": self._precision - 1})

    def _cell(self, latitude: pl.Expr, longitude: pl.Expr) -> pl.Expr:
        precision = self._precision
        match self.to:
            case "decimals":
                texts = [_fixed(each, precision) for each in (latitude, longitude)]
                return pl.concat_str(texts, separator=",")
            case "geohash":
                return geohash(latitude, longitude, precision)
            case _:
                pair = pl.concat_str(latitude, pl.lit(","), longitude)
                return on_distinct(pair, _H3(precision))

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Coordinates of public squares, and a text that is none."""
        if TypeFamily.of(dtype) in NUMBERS:
            return super().examples(dtype)
        return ["52.52190, 13.41321", "40.75800,-73.98550", "nowhere"]


def _fixed(number: pl.Expr, decimals: int) -> pl.Expr:
    """A number with a fixed count of decimals, without a negative zero."""
    scale = 10**decimals
    steps = (number * scale).round(mode="half_away_from_zero").cast(pl.Int64, strict=False)
    sign = pl.when(steps < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    integer_part: pl.Expr = sign + (steps.abs() // scale).cast(pl.String)
    if not decimals:
        return integer_part
    fraction = (steps.abs() % scale).cast(pl.String).str.zfill(decimals)
    return pl.concat_str(integer_part, pl.lit("."), fraction)


def geohash(latitude: pl.Expr, longitude: pl.Expr, length: int) -> pl.Expr:
    """The geohash of a place: bits of longitude and latitude in turn, five to a letter.

    The alphabet is that of Niemeyer (2008): digits and small letters without a, i, l and o.

    Args:
        latitude: degrees, -90 to 90.
        longitude: degrees, -180 to 180.
        length: letters.
    """
    bits = 5 * length
    east, north = (
        ((value / span + 0.5) * 2**count).floor().cast(pl.Int64, strict=False).clip(0, 2**count - 1)
        for value, span, count in (
            (longitude, 360, math.ceil(bits / 2)),
            (latitude, 180, bits // 2),
        )
    )
    return pl.concat_str([_letter(east, north, 5 * letter, bits) for letter in range(length)])


def _letter(east: pl.Expr, north: pl.Expr, first: int, bits: int) -> pl.Expr:
    """The letter of five bits of the interleaved number."""
    index: pl.Expr = pl.lit(0)
    for place in range(first, first + 5):
        index = index * 2 + _bit(east, north, place, bits)
    return pl.lit(pl.Series(list(_GEOHASH_LETTERS))).gather(index)


def _bit(east: pl.Expr, north: pl.Expr, place: int, bits: int) -> pl.Expr:
    """One bit of the interleaved number; even places are longitude."""
    axis, count = (east, math.ceil(bits / 2)) if place % 2 == 0 else (north, bits // 2)
    bit: pl.Expr = axis // 2 ** (count - 1 - place // 2) % 2
    return bit


def _h3() -> Any:
    try:
        return importlib.import_module("h3")
    except ImportError:
        raise MissingExtraError("geo with `to: h3`", "geo") from None


@dataclass(frozen=True)
class _H3:
    """A function from coordinates as text to the H3 cell."""

    resolution: int

    def __call__(self, pair: str) -> str | None:
        latitude, longitude = (float(part) for part in pair.split(","))
        return str(_h3().latlng_to_cell(latitude, longitude, self.resolution))
