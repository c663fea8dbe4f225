"""The tables that are shipped with the region mask, loaded on first use."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import polars as pl

from anonymizer.masking.places.text import in_steps
from anonymizer.masking.primitives.bulk.lookup import looked_up

Level = Literal["country", "state", "city", "postcode_area"]
Output = Literal["name", "code"]


@dataclass(frozen=True)
class Table:
    """What one country's postcodes and names mean.

    Attributes:
        country: its name.
        regions: code of a state → name.
        words: how a region is written → code.
        prefixes: beginning of a postcode → code.
        exceptions: whole postcode (GB: outward code) → code, or None where it is undetermined.
        cities: code of the second level → name and code of the state.
        counties: name → the cities that have a county of this name.
    """

    country: str
    regions: dict[str, str]
    words: dict[str, str]
    prefixes: dict[str, str]
    exceptions: dict[str, str | None] = field(default_factory=dict)
    cities: dict[str, tuple[str, str]] = field(default_factory=dict)
    counties: dict[str, list[str]] = field(default_factory=dict)

    def state_of(self, code: str) -> str:
        """The code of the state in which a city lies; a state's code is its own."""
        return self.cities[code][1] if code in self.cities else code

    def labels(self, level: Level, output: Output, country: str) -> dict[str, str]:
        """Code of a region → what a level shows for it; a region above the level is not in it."""
        known = [*self.regions, *self.cities]
        match level:
            case "country":
                return dict.fromkeys(known, self.country if output == "name" else country)
            case "state":
                states = {code: self.state_of(code) for code in known}
                return states if output == "code" else replaced_values(states, self.regions)
            case _:
                named = {code: name for code, (name, _) in self.cities.items()}
                return named if output == "name" else {code: code for code in named}

    def region_of(self, postcode: pl.Expr) -> pl.Expr:
        """The code of the region of each whole postcode; null for unknown ones."""
        lengths = sorted({len(prefix) for prefix in self.prefixes}, reverse=True)
        code = pl.field("text")
        region = pl.coalesce(looked_up(code.str.head(n), self.prefixes) for n in lengths)
        if self.exceptions:
            exception = looked_up(code, self.exceptions)
            region = pl.when(code.is_in(list(self.exceptions))).then(exception).otherwise(region)
        return in_steps(postcode, result=region)

    def area_of(self, postcode: pl.Expr, length: int) -> pl.Expr:
        """The first characters of a postcode, where any postcode begins so."""
        known = {code[:length] for code in (*self.prefixes, *self.exceptions)}
        return only(postcode.str.head(length), known)


@cache
def load_table(country: str) -> Table:
    """The table of one country, as it is shipped; see `regions/README.md` for its source."""
    return Table(**load(country))


@cache
def load(name: str) -> dict[str, Any]:
    """The content of a JSON file in `regions/`."""
    resource = files("anonymizer.masking.places").joinpath("regions", f"{name}.json")
    content: dict[str, Any] = json.loads(resource.read_text("utf-8"))
    return content


def replaced_values(codes: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Each code with the name of what it stands for."""
    return {code: names[target] for code, target in codes.items()}


def only(value: pl.Expr, known: Iterable[str]) -> pl.Expr:
    """The value where it is one of the known, else null."""
    text = pl.field("text")
    return in_steps(value, result=pl.when(text.is_in(sorted(known))).then(text))
