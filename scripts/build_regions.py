# ruff: noqa: INP001 (a script, no package)
"""Write the tables of the region mask.

    uv run --with 'babel==2.18.0' scripts/build_regions.py SOURCES anonymizer/masking/places/regions

SOURCES holds `postcode_region.parquet` (GeoNames, CC BY 4.0) and `cn_divisions.parquet` (cpca,
MIT); the names of countries come from babel's copy of Unicode CLDR (Unicode-3.0).

Most postcodes follow from their first letters or digits, so a table is the majority of each
prefix and the postcodes that differ from it. What GeoNames leaves without a state is added from
the lists of the United States Postal Service (military and territory codes) and of La Poste
(overseas departments); the codes of regions are those of ISO 3166-2.
"""

import json
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise, takewhile
from pathlib import Path

import numpy as np
import polars as pl
from region_names import (
    COUNTRY_ALIASES,
    ITALIAN_PROVINCES,
    LANGUAGES,
    LATER_DIVISIONS,
    NO_PLACES,
    NOT_COUNTRIES,
    NOT_NAMES,
    OWN_CITIES,
    PACIFIC,
    REGIONS,
    SPELLINGS,
    TERRITORIES,
    WRITTEN_CODES,
)

EARTH = 6371  # its radius in km
FAR = 150  # km; the districts of the west are wide

Rows = list[tuple[str, str]]  # postcode, region code
PrefixOf = Callable[[str], str]
Names = dict[str, str]
Prefixes = dict[str, dict[str, str] | dict[str, str | None]]  # as `majority` gives them


def majority(rows: Rows, prefix_of: PrefixOf, parent: Names) -> Prefixes:
    """Prefixes with their most frequent region, and the postcodes that differ.

    A postcode listed under two regions becomes an exception: the state they share, or nothing.
    """
    found: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for postcode, region in rows:
        found[postcode].add(region)
        counts[prefix_of(postcode)][region] += 1
    prefixes = {prefix: count.most_common(1)[0][0] for prefix, count in sorted(counts.items())}
    exceptions = {
        postcode: shared(regions, parent)
        for postcode, regions in sorted(found.items())
        if regions != {prefixes[prefix_of(postcode)]}
    }
    return {"prefixes": prefixes, "exceptions": exceptions}


def shared(regions: set[str], parent: Names) -> str | None:
    """The one region, or the one state of all."""
    for each in (regions, {parent.get(region, region) for region in regions}):
        if len(each) == 1:
            return min(each)
    return None


def layered(rows: Rows, parent: Names) -> Prefixes:
    """Prefixes of two digits, and longer ones where they say something else."""
    prefixes: dict[str, str] = {}
    for length in range(2, len(rows[0][0])):
        found = majority(rows, lambda code, n=length: code[:n], parent)["prefixes"]
        prefixes |= {
            prefix: region
            for prefix, region in found.items()
            if region is not None and read(prefix, prefixes) != region
        }
    each = majority(rows, lambda code: code, parent)
    whole = each["prefixes"] | each["exceptions"]
    exceptions = {code: region for code, region in whole.items() if read(code, prefixes) != region}
    return {"prefixes": prefixes, "exceptions": exceptions}


def read(postcode: str, prefixes: Names) -> str | None:
    """What the longest prefix says."""
    beginnings = (postcode[:length] for length in range(len(postcode), 0, -1))
    return next((prefixes[each] for each in beginnings if each in prefixes), None)


def first_three(postcode: str) -> str:
    """The sectional centre of a ZIP, the forward sortation area of Canada."""
    return postcode[:3]


def area_letters(postcode: str) -> str:
    """The area of an outward code: its one or two letters at the beginning."""
    return "".join(takewhile(str.isalpha, postcode))


def folded(text: str) -> str:
    """Upper case without accents and punctuation; `places/text.py` does the same to addresses."""
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if not unicodedata.category(character).startswith("M")
    )
    kept = "".join(character if character.isalnum() else " " for character in plain.upper())
    return " ".join(kept.split())


def united_states(table: pl.DataFrame) -> dict[str, object]:
    """Three-digit prefixes, five-digit exceptions, names, codes and other spellings."""
    extra = TERRITORIES | PACIFIC
    table = table.filter(~pl.col("state_code").is_in(list(extra)))
    rows = table.select("zipcode", "state_code").drop_nulls().rows()
    found = majority(rows, first_three, {})
    regions = dict(table.select("state_code", "state").drop_nulls().unique().rows())
    regions |= {code: name for code, (name, _) in extra.items()}
    found["prefixes"] |= {each: code for code, (_, own) in TERRITORIES.items() for each in own}
    found["exceptions"] |= {each: code for code, (_, own) in PACIFIC.items() for each in own}
    words = {code: code for code in regions} | SPELLINGS
    words |= {name.upper(): code for code, name in regions.items() if "." not in name}
    return as_table("United States", regions=regions, words=words, **found)


def united_kingdom(table: pl.DataFrame) -> dict[str, object]:
    """Area letters and the outward codes that lie in another nation than most of their area."""
    # Guernsey is not in the United Kingdom, nor are Jersey and Man, which have no state here.
    table = table.filter(pl.col("state").is_not_null(), ~pl.col("zipcode").str.starts_with("GY"))
    rows = table.select("zipcode", "state_code").rows()
    regions = dict(table.select("state_code", "state").unique().rows())
    words = {name.upper(): code for code, name in regions.items()}
    found = majority(rows, area_letters, {})
    return as_table("United Kingdom", regions=regions, words=words, **found)


def by_postcode(country: str, name: str, table: pl.DataFrame) -> dict[str, object]:
    """Any other country: its regions by name, and what follows from the first digits."""
    names = {code: spellings.split("/") for code, spellings in pairs(REGIONS[country])}
    code_of = {spelling: code for code, each in names.items() for spelling in each}
    table = table.filter(pl.col("state").is_not_null()).with_columns(
        pl.col("zipcode").str.replace_all(r"[- ].*", "") if country != "BR" else pl.col("zipcode"),
        state=pl.col("state").str.strip_chars().replace_strict(code_of),
    )
    cities = second_level(country, table)
    code_of_city = {(city, state): code for code, (city, state) in cities.items()}
    rows = [
        (zipcode.replace("-", ""), code_of_city.get((province, state), state))
        for zipcode, state, province in table.select("zipcode", "state", "province").rows()
    ]
    parent = {code: state for code, (_, state) in cities.items()}
    if country == "CA":  # the table lists all postcode areas, which have three characters
        found = majority(rows, first_three, {})
        found["prefixes"] |= majority(rows, lambda code: code[:1], {})["prefixes"]
    else:
        found = layered(rows, parent)
    regions = {code: each[0] for code, each in names.items()}
    if country == "FR":
        found["prefixes"] |= {code: code for code in regions if code.startswith("97")}
    words = {folded(spelling): code for spelling, code in code_of.items()}
    if country in WRITTEN_CODES:
        words |= {code: code for code in regions}
    if country == "IT":
        words |= {code: code for code in cities if len(code) == 2}
    return as_table(name, regions=regions, cities=cities, words=words, **found)


def second_level(country: str, table: pl.DataFrame) -> dict[str, tuple[str, str]]:
    """Provinces and departments with their code and state, where postcodes follow them."""
    if country not in {"ES", "FR", "IT"}:
        return {}
    rows = table.filter(pl.col("province").is_not_null())
    pairs_of = rows.group_by("province", "state").agg(pl.col("zipcode").str.head(2).mode().min())
    code_of_province = {name: code for code, name in pairs(ITALIAN_PROVINCES)}
    corsica = {"Corse-du-Sud": "2A", "Haute-Corse": "2B"}
    return {
        code_of_province[name] if country == "IT" else corsica.get(name, digits): (name, state)
        for name, state, digits in pairs_of.sort("province", "state").rows()
    }


def china(postcodes: pl.DataFrame, divisions: pl.DataFrame) -> dict[str, object]:
    """The divisions by their six-digit codes, and the provinces of postcodes.

    What is its own city, as municipalities are, has a code that ends in `0100`.
    """
    listed = divisions.select(pl.col("adcode").str.head(6), "name").sort("adcode").rows()
    names = {code: name for code, name in listed if name not in NO_PLACES}
    regions = {code: name for code, name in names.items() if code.endswith("0000")}
    own = {f"{code[:2]}0100": [regions[code], code] for code in OWN_CITIES}
    others = {code: [name, f"{code[:2]}0000"] for code, name in names.items() if is_city(code)}
    counties: dict[str, list[str]] = defaultdict(list)
    for code, name in names.items():
        if code not in regions and not is_city(code):
            counties[name].append(
                f"{code[:2]}0100" if f"{code[:2]}0100" in own else f"{code[:4]}00"
            )
    for name, code in pairs(LATER_DIVISIONS):
        counties[name].append(code)
    english = {code: spellings.split("/") for code, spellings in pairs(REGIONS["CN"])}
    code_of = {spelling: code for code, each in english.items() for spelling in each}
    rows = postcodes.select("zipcode", pl.col("state").replace_strict(code_of)).rows()
    words = {folded(spelling): code for spelling, code in code_of.items()}
    return as_table(
        "China",
        regions=regions,
        cities=own | others,
        counties={name: sorted(set(codes)) for name, codes in counties.items()},
        words=words,
        **layered(rows, {}),
    )


def is_city(code: str) -> bool:
    """Whether a division is of the second level, or a county directly under its province."""
    directly = code[2:4] == "90"
    return code[2:] != "0000" and (directly or code.endswith("00"))


def grid(divisions: pl.DataFrame) -> dict[str, object]:
    """The provinces of cells of a tenth of a degree: latitude → runs of longitude and province.

    A cell belongs to the province of the nearest division, unless another province has one within
    twice that distance; cells that are far from all have none.
    """
    placed = divisions.filter(pl.col("longitude").str.len_chars() > 0)
    degrees = placed.select(pl.col("longitude", "latitude").cast(pl.Float64)).to_numpy()
    provinces = placed["adcode"].str.head(2).cast(pl.Int64).to_numpy()
    points = on_sphere(degrees)
    rows = {}
    for latitude in range(180, 540):
        cells = np.array([(each / 10 + 0.05, latitude / 10 + 0.05) for each in range(730, 1360)])
        distance = EARTH * np.arccos(np.clip(on_sphere(cells) @ points.T, -1, 1))
        nearest = distance.min(axis=1)
        province = provinces[distance.argmin(axis=1)]
        close = distance <= 2 * nearest[:, None]
        agreed = (~close | (provinces == province[:, None])).all(axis=1) & (nearest < FAR)
        rows[str(latitude)] = runs(np.where(agreed, province, 0))
    return {latitude: found for latitude, found in rows.items() if found}


def on_sphere(degrees: np.ndarray) -> np.ndarray:
    """Longitude and latitude as points on a sphere of radius one."""
    longitude, latitude = np.radians(degrees).T
    flat = np.cos(latitude)
    return np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)], axis=1)


def runs(provinces: np.ndarray) -> list[list[int]]:
    """First cell, number of cells and province, without those of none."""
    starts = [0, *np.flatnonzero(np.diff(provinces)) + 1, len(provinces)]
    return [
        [730 + int(start), int(end - start), int(provinces[start])]
        for start, end in pairwise(starts)
        if provinces[start]
    ]


def countries() -> dict[str, object]:
    """Country codes with their English name, and every spelling of the languages that matter."""
    from babel import Locale  # noqa: PLC0415 (needed here only)
    from babel.core import get_global  # noqa: PLC0415 (likewise)

    english = {
        code: name
        for code, name in Locale.parse("en").territories.items()
        if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
    }
    spellings: dict[str, set[str]] = defaultdict(set)
    for language in LANGUAGES.split():
        for code, name in Locale.parse(language).territories.items():
            if code in english:
                for spelling in alternatives(name):
                    spellings[spelling].add(code)
    words = {word: min(found) for word, found in spellings.items() if len(found) == 1}
    words |= {
        long: code
        for long, (code, *_) in get_global("territory_aliases").items()
        if code in english and len(long) == 3 and long.isalpha()
    }
    words = {word: code for word, code in words.items() if word not in NOT_NAMES.split()}
    words |= {folded(name): code for code, name in english.items()}
    for code, aliases in pairs(COUNTRY_ALIASES):
        words |= {folded(alias): code for alias in aliases.split("/")}
    return {"names": dict(sorted(english.items())), "words": dict(sorted(words.items()))}


def alternatives(name: str) -> Iterable[str]:
    """`Myanmar (Burma)` is also written `Myanmar`, `St.` as `Saint`, `&` as `and`."""
    for full in {name, name.split("(", maxsplit=1)[0], name.replace("&", "and")}:
        yield folded(full)
        yield folded(full.replace("St. ", "Saint "))


def pairs(text: str) -> list[tuple[str, str]]:
    """The lines `code = spellings` of a text."""
    lines = (line.split("=") for line in text.strip().splitlines())
    return [(code.strip(), spellings.strip()) for code, spellings in lines]


def as_table(country: str, **parts: Mapping[str, object]) -> dict[str, object]:
    """The parts in a stable order, without those that are empty."""
    return {"country": country} | {
        name: dict(sorted(part.items())) for name, part in parts.items() if part
    }


def write(path: Path, content: dict[str, object]) -> None:
    """One entry per line, so that changes can be read; lists stay on theirs."""
    text = json.dumps(content, ensure_ascii=False, indent=0)
    path.write_text(text + "\n", encoding="utf-8")


def main(sources: Path, folder: Path) -> None:
    """Write them all."""
    postcodes = pl.read_parquet(sources / "postcode_region.parquet")
    divisions = pl.read_parquet(sources / "cn_divisions.parquet")
    world = countries()
    names: Names = world["names"]  # type: ignore[assignment]
    tables = {
        "US": united_states(postcodes.filter(country_code="US")),
        "GB": united_kingdom(postcodes.filter(country_code="GB")),
        "CN": china(postcodes.filter(country_code="CN"), divisions),
        "world": world,
        "CN_grid": grid(divisions),
    }
    for code in sorted(set(REGIONS) - {"CN"}):
        tables[code] = by_postcode(code, names[code], postcodes.filter(country_code=code))
    for name, content in tables.items():
        write(folder / f"{name}.json", content)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
