"""The region mask: an address or postcode becomes a region. What cannot be read gives null.

How each country is read stands in `anonymizer.masking.places`.
"""

from typing import ClassVar, Final, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from anonymizer.masking.masks.base import CODES, Column, Mask, TypeFamily, made_up
from anonymizer.masking.places import coordinates, world
from anonymizer.masking.places.parsers import PARSERS
from anonymizer.masking.places.table import Level, Output, load_table, only
from anonymizer.masking.places.text import with_zeros
from anonymizer.masking.primitives.bulk.lookup import looked_up

Country = Literal[
    "AT", "AU", "BR", "CA", "CH", "CN", "DE", "ES", "FR", "GB", "IT", "NL", "US", "world"
]  # fmt: skip
_COARSER_LEVELS: Final[dict[Level, tuple[Level, ...]]] = {
    "country": (),
    "state": ("country",),
    "city": ("state", "country"),
    "postcode_area": ("state", "country"),
}
_COUNTRIES_WITH_CITIES: Final = {"CN", "ES", "FR", "IT"}


class Region(Mask):
    """The region of an address or postcode. What cannot be read gives null.

    Attributes:
        country: a code, or `world` for addresses from anywhere.
        level: `state` (also province, Land, canton, nation), `country`, `city` (a prefecture-level
            city in CN, the province or department in ES, FR and IT) or `postcode_area`: three
            digits in US, the first letters in GB, three characters in CA, else two digits. Without
            it, `state`, or `country` for the world; a state of the world is null where the country
            is none of the others.
        coordinates: whether the text is a latitude and a longitude, such as `39.90, 116.40`; in CN
            only, down to the state. Near the border of two provinces it gives null.
        output: the region's name or its code (ISO 3166; in CN, six digits of GB/T 2260).
        floor: how many distinct entities a region must have at least, or else the next coarser
            level is shown, and null where even the country has fewer. Without an entity in the
            rules, rows are counted.
    """

    name: ClassVar[str] = "region"
    accepts: ClassVar[frozenset[TypeFamily]] = CODES | {TypeFamily.FLOAT}

    country: Country
    level: Level | None = None
    output: Output = "name"
    coordinates: bool = False
    floor: int | None = Field(default=None, ge=2)

    @model_validator(mode="after")
    def _country_has_level(self) -> Self:
        if self.coordinates and self.country != "CN":
            raise ValueError("coordinates can be read in CN only: borders of others are not known")
        if self._level not in self._known_levels():
            known = ", ".join(self._known_levels())
            place = f"coordinates in {self.country}" if self.coordinates else self.country
            raise ValueError(f"{place} has no level {self._level}; it has {known}")
        return self

    def _known_levels(self) -> list[Level]:
        if self.country == "world" or self.coordinates:
            return ["country", "state"]
        city: list[Level] = ["city"] if self.country in _COUNTRIES_WITH_CITIES else []
        return ["country", "state", *city, "postcode_area"]

    @property
    def _level(self) -> Level:
        return self.level or ("country" if self.country == "world" else "state")

    @property
    def _levels(self) -> tuple[Level, ...]:
        """The level that is shown, then the levels that take its place where it is rare."""
        return (self._level, *(_COARSER_LEVELS[self._level] if self.floor else ()))

    def fault(self, dtype: pl.DataType) -> str | None:
        """Refuses numbers for countries whose postcodes are not only digits."""
        if dtype.is_numeric() and not self._digits:
            return f"region takes text for {self.country}, not {dtype}"
        return super().fault(dtype)

    def preparation(self, column: Column) -> pl.Expr | None:
        """A struct of what each level would show."""
        if self.country == "world":
            return world.levels(self._text(column), self._levels, self.output)
        parser, table = PARSERS[self.country], load_table(self.country)
        text = self._text(column)
        parsed = []
        if self._levels != ("postcode_area",):
            region = coordinates.region if self.coordinates else parser.region
            parsed.append(region(text).alias("region"))
        if "postcode_area" in self._levels:
            parsed.append(parser.area(text).alias("area"))
        shown = {
            level: pl.field("area")
            if level == "postcode_area"
            else looked_up(pl.field("region"), table.labels(level, self.output, self.country))
            for level in self._levels
        }
        return pl.struct(parsed).struct.with_fields(**shown)

    def summary(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:
        """The region of each level, and whose it is."""
        if self.floor is None:
            return None
        levels = (column.prepared.struct.field(level) for level in self._levels)
        return frame.select(*levels, **column.whose)

    def learned_from(self, summary: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """The regions of each level that reach the floor."""
        reached = []
        for level in self._levels:
            counted = summary.group_by(region=level).agg(entities=column.entities)
            enough = counted.filter(
                pl.col("entities") >= self.floor, pl.col("region").is_not_null()
            )
            reached.append(enough.select(pl.lit(level).alias("level"), "region").sort("region"))
            # Only who is not shown at this level counts at the next.
            summary = summary.join(enough, left_on=level, right_on="region", how="anti")
        return pl.concat(reached)

    def expression(self, column: Column) -> pl.Expr:
        """The region of each address as text."""
        levels = {level: column.prepared.struct.field(level) for level in self._levels}
        if column.learned is None:
            return levels[self._level]
        reached = column.learned
        return pl.coalesce(
            only(shown, reached.filter(level=level)["region"]) for level, shown in levels.items()
        )

    def coarser(self) -> Mask | None:
        """The mask with the next coarser level, such as the country for the state."""
        after = _COARSER_LEVELS[self._level]
        return self.model_copy(update={"level": after[0]}) if after else None

    @property
    def _digits(self) -> int:
        without = self.country == "world" or self.coordinates
        return 0 if without else PARSERS[self.country].digits

    def _text(self, column: Column) -> pl.Expr:
        return with_zeros(column.values, column.dtype, self._digits)

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Addresses of public buildings, and a text that is none."""
        if dtype.is_numeric():
            return [90012, 2201, 99501] if self.country == "US" else made_up(dtype)
        return [*_EXAMPLE_ADDRESSES.get(self.country, _EXAMPLE_ADDRESSES["world"]), "somewhere"]


_EXAMPLE_ADDRESSES: Final = {
    "CN": ("北京市西城区文津街7号", "广州市天河区珠江东路4号"),
    "GB": ("10 Downing Street, London SW1A 2AA", "Edinburgh EH99 1SP"),
    "US": ("200 N Spring St, Los Angeles, CA 90012", "Boston MA"),
    "world": ("Platz der Republik 1, 11011 Berlin, Germany", "10 Downing Street, London SW1A 2AA"),
}
