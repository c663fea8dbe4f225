"""The region mask against labelled and hand-read addresses, and its speed.

    python benchmarks/regions.py FOLDER

FOLDER holds `us_addresses_labelled.parquet` (usaddress, MIT), `cn_addresses_gold.parquet` and
`cn_addresses.parquet` (cpca, MIT), `world_addresses_gold.parquet` (OpenCage, MIT) and
`postcode_region.parquet` (GeoNames, CC BY 4.0); what is missing is left out. The truth of an
American address is the state that its labels name, else the state of its labelled ZIP.
"""

import argparse
import json
import re
import time
from pathlib import Path
from typing import Any

import polars as pl

from anonymizer import anonymize
from anonymizer.masking.places.table import load_table

HAND_READ = Path(__file__).parent.parent / "tests/masking/data/cn_addresses_gold.csv"
COUNTRIES = ["AT", "AU", "BR", "CA", "CH", "CN", "DE", "ES", "FR", "GB", "IT", "NL", "US"]


def regions(values: pl.Series, **options: Any) -> pl.Series:
    """The masked column."""
    rules = {"version": 1, "columns": {"x": {"mask": "region"} | options}}
    return anonymize(values.alias("x").to_frame(), rules)["x"]


def report(name: str, found: pl.Series, truth: pl.Series) -> None:
    """Right, wrong and null of what is determined, and guesses of what is not."""
    told = truth.is_not_null()
    right = (found == truth).fill_null(value=False)
    wrong = told & found.is_not_null() & ~right
    shares = [right.filter(told).mean(), wrong.sum() / told.sum(), found.filter(told).null_count()]
    line = f"{name:24}{told.sum():7,}  right {shares[0]:8.2%}  wrong {shares[1]:6.2%}"
    line += f"  null {shares[2] / told.sum():6.2%}"
    if not told.all():
        line += f"  guesses {found.filter(~told).is_not_null().mean():6.2%} of {(~told).sum()}"
    print(line)


def speed(name: str, addresses: pl.Series, rows: int, **options: Any) -> None:
    """Distinct addresses per second, the second of two runs."""
    copies = range(rows // len(addresses) + 1)
    many = pl.concat(f"{number} " + addresses for number in copies).head(rows)
    regions(many, **options)
    start = time.perf_counter()
    regions(many, **options)
    print(f"{name:24}{rows / (time.perf_counter() - start):12,.0f} addresses/s")


def american_truth(labels: str) -> str | None:
    """The state of the tokens that are labelled so."""
    table = load_table("US")
    labelled = json.loads(labels)
    tokens = [(kind, re.sub(r"[\s.,;()]", "", text).upper()) for kind, text in labelled]
    stated = "".join(text for kind, text in tokens if kind == "StateName")
    words = {re.sub(r"[\s.]", "", word): code for word, code in table.words.items()}
    digits = re.match(r"\d{5}", "".join(text for kind, text in tokens if kind == "ZipCode"))
    by_zip = None
    if digits:
        by_zip = table.exceptions.get(digits[0], table.prefixes.get(digits[0][:3]))
    return words.get(stated) or by_zip


def american(folder: Path) -> None:
    """Labelled addresses."""
    data = pl.read_parquet(folder / "us_addresses_labelled.parquet")
    truth = pl.Series([american_truth(labels) for labels in data["labels"]])
    report("US addresses", regions(data["address"], country="US", output="code"), truth)
    speed("US", data["address"], 300_000, country="US")


def chinese(folder: Path) -> None:
    """Addresses read by hand."""
    own = pl.read_csv(HAND_READ)
    given = pl.read_parquet(folder / "cn_addresses_gold.parquet")
    for name, gold in {"CN addresses, given": given, "CN addresses, own": own}.items():
        for level, column in {"state": "province", "city": "city"}.items():
            found = regions(gold["address"], country="CN", level=level)
            report(f"{name}: {column}", found, gold[column])
    speed("CN", pl.read_parquet(folder / "cn_addresses.parquet")["address"], 300_000, country="CN")


def anywhere(folder: Path) -> None:
    """Addresses of the world."""
    gold = pl.read_parquet(folder / "world_addresses_gold.parquet")
    found = regions(gold["address"], country="world", output="code")
    report("world: country", found, gold["country_code"].str.to_uppercase())
    speed("world", gold["address"], 100_000, country="world")


def postcodes(folder: Path) -> None:
    """Whole lists of postcodes; those of two states have none."""
    every = pl.read_parquet(folder / "postcode_region.parquet").drop_nulls("state")
    for country in COUNTRIES:
        data = every.filter(country_code=country)
        unique = data.group_by("zipcode").agg(pl.col("state").unique())
        unique = unique.filter(pl.col("state").list.len() == 1).explode("state")
        found = regions(unique["zipcode"], country=country, output="code")
        usual = unique.with_columns(found).group_by("state").agg(pl.col("x").mode().first())
        truth = unique.join(usual, on="state", maintain_order="left")["x"]
        report(f"{country} postcodes", found, truth)


def main() -> None:
    """Whatever the folder holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for measure, needed in {
        american: "us_addresses_labelled",
        chinese: "cn_addresses_gold",
        anywhere: "world_addresses_gold",
        postcodes: "postcode_region",
    }.items():
        if (folder / f"{needed}.parquet").exists():
            measure(folder)


if __name__ == "__main__":
    main()
