# ruff: noqa: INP001 (a script, no package)
"""Write the tables of the region mask from GeoNames postcodes (CC BY 4.0).

    python scripts/build_regions.py postcode_region.parquet anonymizer/masking/regions

Most postcodes follow from their first letters or digits, so a table is the majority of each
prefix and the postcodes that differ from it. What GeoNames leaves without a state is added from
the lists of the United States Postal Service (military and territory codes).
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

import polars as pl

Rows = list[tuple[str, str]]  # postcode, region code
PrefixOf = Callable[[str], str]

TERRITORIES = {
    "PR": ("Puerto Rico", ["006", "007", "009"]),
    "VI": ("U.S. Virgin Islands", ["008"]),
    "GU": ("Guam", ["969"]),
    "AA": ("Armed Forces Americas", ["340"]),
    "AE": ("Armed Forces Europe", [f"{number:03}" for number in range(90, 99)]),
    "AP": ("Armed Forces Pacific", [str(number) for number in range(962, 967)]),
}
PACIFIC = {
    "AS": ("American Samoa", ["96799"]),
    "FM": ("Federated States of Micronesia", ["96941", "96942", "96943", "96944"]),
    "MH": ("Marshall Islands", ["96960", "96970"]),
    "MP": ("Northern Mariana Islands", ["96950", "96951", "96952"]),
    "PW": ("Palau", ["96939", "96940"]),
}
SPELLINGS = {
    "CALIF": "CA", "CAL": "CA", "CONN": "CT", "FLA": "FL", "ILL": "IL", "MASS": "MA",
    "MICH": "MI", "MINN": "MN", "ORE": "OR", "PENN": "PA", "PENNA": "PA", "TENN": "TN",
    "TEX": "TX", "W VA": "WV", "W.VA": "WV", "WISC": "WI",
    "VIRGIN ISLANDS": "VI", "MICRONESIA": "FM",
}  # fmt: skip


def majority(rows: Rows, prefix_of: PrefixOf) -> tuple[dict[str, str], dict[str, str | None]]:
    """Prefixes with their most frequent region, and the postcodes that differ.

    A postcode listed under two regions becomes an exception without a region.
    """
    found: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for postcode, region in rows:
        found[postcode].add(region)
        counts[prefix_of(postcode)][region] += 1
    prefixes = {prefix: count.most_common(1)[0][0] for prefix, count in sorted(counts.items())}
    exceptions = {
        postcode: min(regions) if len(regions) == 1 else None
        for postcode, regions in sorted(found.items())
        if regions != {prefixes[prefix_of(postcode)]}
    }
    return prefixes, exceptions


def three_digits(postcode: str) -> str:
    """The sectional centre of a ZIP."""
    return postcode[:3]


def area_letters(postcode: str) -> str:
    """The area of an outward code: its one or two letters at the beginning."""
    return "".join(takewhile(str.isalpha, postcode))


def united_states(table: pl.DataFrame) -> dict[str, object]:
    """Three-digit prefixes, five-digit exceptions, names, codes and other spellings."""
    extra = TERRITORIES | PACIFIC
    table = table.filter(~pl.col("state_code").is_in(list(extra)))
    prefixes, exceptions = majority(table.select("zipcode", "state_code").rows(), three_digits)
    regions = dict(table.select("state_code", "state").unique().rows())
    regions |= {code: name for code, (name, _) in extra.items()}
    prefixes |= {prefix: code for code, (_, found) in TERRITORIES.items() for prefix in found}
    exceptions |= {zipcode: code for code, (_, found) in PACIFIC.items() for zipcode in found}
    words = {code: code for code in regions} | SPELLINGS
    words |= {name.upper(): code for code, name in regions.items() if "." not in name}
    return as_table("United States", regions, words, prefixes, exceptions)


def united_kingdom(table: pl.DataFrame) -> dict[str, object]:
    """Area letters and the outward codes that lie in another nation than most of their area."""
    table = table.filter(pl.col("state").is_not_null())
    prefixes, exceptions = majority(table.select("zipcode", "state_code").rows(), area_letters)
    regions = dict(table.select("state_code", "state").unique().rows())
    words = {name.upper(): code for code, name in regions.items()}
    return as_table("United Kingdom", regions, words, prefixes, exceptions)


def as_table(country: str, regions: dict, words: dict, prefixes: dict, exceptions: dict) -> dict:  # type: ignore[type-arg]
    """The parts in a stable order."""
    parts = {"regions": regions, "words": words, "prefixes": prefixes, "exceptions": exceptions}
    return {"country": country} | {name: dict(sorted(part.items())) for name, part in parts.items()}


if __name__ == "__main__":
    source, folder = pl.read_parquet(sys.argv[1]), Path(sys.argv[2])
    source = source.filter(pl.col("state_code").is_not_null())
    for code, build in {"US": united_states, "GB": united_kingdom}.items():
        content = build(source.filter(country_code=code))
        text = json.dumps(content, ensure_ascii=False, indent=0) + "\n"
        (folder / f"{code}.json").write_text(text, encoding="utf-8")
