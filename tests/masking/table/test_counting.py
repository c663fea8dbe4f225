"""What fitted rules keep in the next batch is counted on that batch, and said."""

import warnings
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer import anonymize, fit_rules
from anonymizer.errors import DataError, PrivacyWarning
from anonymizer.masking.rules.rules import Rules
from anonymizer.masking.run.files import mask_file
from anonymizer.masking.table.counting import NOT_COUNTED
from tests.masking.table.test_anonymity import SECRET, holders, people, rules_for

TOWNS = pl.DataFrame(
    {"who": range(12), "town": ["Ulm", "Bonn"] * 6, "ill": ["flu", "flu", "cold", "cold"] * 3}
)
ASKED = {"quasi_identifiers": ["town"], "k": 3, "sensitive": {"ill": {"l": 2, "t": 0.2}}}


def fitted(frame: pl.DataFrame, asked: dict[str, Any], **columns: Any) -> Rules:
    """Rules that were fitted on a frame."""
    return fit_rules(frame, rules_for(asked, **columns), key=SECRET)


def said(frame: pl.DataFrame | pl.LazyFrame, rules: Rules) -> tuple[pl.DataFrame, list[str]]:
    """The masked frame, and what is said of the promises."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PrivacyWarning)
        out = anonymize(frame, rules, key=SECRET).lazy().collect()
    lines = [str(each.message).removeprefix("anonymity-not-kept: ") for each in caught]
    return out, lines


@pytest.mark.parametrize(
    ("batch", "lines"),
    [
        (TOWNS, []),
        (TOWNS.clear(), []),
        (
            TOWNS[:1],
            [
                "k = 3 does not hold in this table, in 1 of 1 combinations",
                "ill: l = 2 does not hold in this table, in 1 of 1 combinations",
            ],
        ),
        (
            TOWNS.filter((pl.col("town") == "Ulm") | (pl.col("ill") == "flu")),
            [
                "ill: l = 2 does not hold in this table, in 1 of 2 combinations",
                "ill: t = 0.2 does not hold in this table, in 1 of 2 combinations",
            ],
        ),
        (  # who is suppressed alone stands out as well
            pl.concat(
                [TOWNS, TOWNS[:1].with_columns(who=pl.lit(99, pl.Int64), town=pl.lit("Rom"))]
            ),
            [
                "k = 3 does not hold in this table, in 1 of 3 combinations",
                "ill: l = 2 does not hold in this table, in 1 of 3 combinations",
                "ill: t = 0.2 does not hold in this table, in 1 of 3 combinations",
            ],
        ),
        (  # nobody's rows make no company
            TOWNS.with_columns(who=pl.when(pl.col("town") == "Ulm").then("who")),
            [
                "k = 3 does not hold in this table, in 1 of 2 combinations",
                "ill: l = 2 does not hold in this table, in 1 of 2 combinations",
            ],
        ),
    ],
)
def test_a_batch_that_does_not_keep_the_promises_says_so(
    batch: pl.DataFrame, lines: list[str]
) -> None:
    """k, l and t are counted on the batch, and the batch is masked as ever."""
    assert said(batch, fitted(TOWNS, ASKED))[1] == lines


@settings(max_examples=60)
@given(
    first=people(),
    batch=people(),
    k=st.integers(2, 3),
    columns=st.sets(st.sampled_from(["sex", "zip", "shoe"]), min_size=1, max_size=2),
)
def test_what_is_said_is_what_a_count_of_the_output_gives(
    first: pl.DataFrame, batch: pl.DataFrame, k: int, columns: set[str]
) -> None:
    """Whatever comes in, it is said that k or l does not hold where it does not, and only there."""
    names = sorted(columns)
    asked = {"quasi_identifiers": names, "k": k, "suppress": 1.0, "sensitive": {"ill": {"l": 2}}}
    bins = {"shoe": {"mask": "bin", "edges": [30]}} if "shoe" in columns else {}
    try:
        rules = fitted(first, asked, **bins)
    except DataError:
        return
    out, lines = said(batch, rules)
    owned = out.with_columns(ill=pl.when(pl.col("who").is_not_null()).then("ill"))
    groups = owned.group_by(names).agg(pl.col("ill").drop_nulls().n_unique())
    assert any(line.startswith("k = ") for line in lines) == (min(holders(out, names)) < k)
    assert any(line.startswith("ill: l") for line in lines) == (min(groups["ill"].to_list()) < 2)


pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), min_size=1, max_size=40)


@settings(max_examples=60)
@given(first=pairs, batch=pairs, m=st.integers(1, 3))
def test_items_are_counted_too(
    first: list[tuple[int, int]], batch: list[tuple[int, int]], m: int
) -> None:
    """It is said that few share a combination of items where a count of the output says so."""
    tables = [pl.DataFrame(each, schema=["who", "item"], orient="row") for each in (first, batch)]
    out, lines = said(tables[1], fitted(tables[0], {"items": {"column": "item", "k": 2, "m": m}}))
    sets = out.drop_nulls().group_by("who").agg(pl.col("item").unique())["item"].to_list()
    held = {
        each for own in sets for size in range(1, m + 1) for each in combinations(sorted(own), size)
    }
    rare = any(sum(set(each) <= set(own) for own in sets) < 2 for each in held)
    assert bool(lines) == rare


def test_without_an_entity_every_row_is_somebody() -> None:
    """Two rows alike are two, in the table that was learned from and in the next."""
    rules = {"version": 1, "columns": {"town": "keep"}}
    rules |= {"anonymity": {"quasi_identifiers": ["town"], "k": 2}}
    learned = fit_rules(TOWNS.select("town"), rules)
    assert said(TOWNS.select("town")[:4], learned)[1] == []
    assert len(said(TOWNS.select("town")[:3], learned)[1]) == 1


def test_a_lazy_frame_is_not_counted_and_says_so() -> None:
    """It is masked row by row as it comes."""
    assert said(TOWNS.lazy(), fitted(TOWNS, ASKED))[1] == [NOT_COUNTED]


def test_the_manifest_claims_what_was_counted_on_its_table(tmp_path: Path) -> None:
    """The outcome is of the batch, and what is saved again is of the table that was learned."""
    rules, again = fitted(TOWNS, ASKED), tmp_path / "again.json"
    TOWNS[:1].write_parquet(tmp_path / "in.parquet")
    with pytest.warns(PrivacyWarning, match="k = 3 does not hold"):
        record = mask_file(
            tmp_path / "in.parquet", tmp_path / "out.parquet", rules, key=SECRET, fitted=again
        )
    assert record.anonymity is not None
    counts = {"entities": 1, "suppressed": 0, "classes": 1, "smallest": 1}
    unknown = dict.fromkeys(["loss", "hidden", "items", "items_suppressed"])
    assert record.anonymity["outcome"] == counts | unknown
    assert [
        f"anonymity-not-kept: {line}" for line in record.anonymity["not_kept"]
    ] == record.warnings
    whole = tmp_path / "whole.parquet"
    TOWNS.write_parquet(whole)
    kept = mask_file(whole, tmp_path / "kept.parquet", again, key=SECRET)
    assert kept.anonymity is not None
    assert (kept.anonymity["not_kept"], kept.anonymity["outcome"]["smallest"]) == ([], 6)
