"""The `anonymity:` section: what is published keeps its promises, counted per entity."""

import json
import math
import warnings
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from anonymizer import anonymize, fit_rules, load_rules
from anonymizer.errors import DataError, FileError, PrivacyWarning, RuleError
from anonymizer.masking.run.files import mask_file

SECRET = "0123456789abcdef-of-the-tests"


def masked(frame: pl.DataFrame, anonymity: dict[str, Any], **columns: Any) -> pl.DataFrame:
    """The frame masked with `who` as the entity and the other columns kept."""
    return anonymize(frame, rules_for(anonymity, **columns), key=SECRET)


def rules_for(anonymity: dict[str, Any], **columns: Any) -> dict[str, Any]:
    """Rules with an `anonymity` section."""
    return {
        "version": 1,
        "entity": "who",
        "unlisted": "keep",
        "columns": {"who": {"mask": "token", "domain": "who"}, **columns},
        "anonymity": anonymity,
    }


def holders(out: pl.DataFrame, columns: list[str]) -> list[int]:
    """How many people hold each combination, the suppressed one included."""
    return out.group_by(columns).agg(pl.col("who").drop_nulls().n_unique())["who"].to_list()


# --- k -----------------------------------------------------------------------------------------


def test_what_too_few_share_becomes_null() -> None:
    """Two women and three men of 30 stay with k = 2; a man of 80 and a woman of 90 do not."""
    frame = pl.DataFrame(
        {
            "who": range(7),
            "age": [30, 30, 30, 30, 30, 80, 90],
            "sex": ["f", "f", "m", "m", "m", "m", "f"],
        }
    )
    asked = {"quasi_identifiers": ["age", "sex"], "k": 2, "method": "suppress"}
    out = masked(frame, asked)
    assert out["age"].to_list() == [30, 30, 30, 30, 30, None, None]
    assert out["sex"].to_list() == ["f", "f", "m", "m", "m", None, None]


def test_a_rare_value_is_hidden_and_not_its_row_or_column() -> None:
    """Three rare jobs cost three cells, as their sexes and towns have company without them."""
    rows: list[tuple[str, str, str | None]]
    rows = [(sex, town, "clerk") for sex in "fm" for town in "AB" for _ in range(3)]
    rows += [("f", "A", "queen"), ("f", "A", "pilot"), ("m", "B", "judge"), ("m", "B", None)]
    frame = pl.DataFrame(rows, schema=["sex", "town", "job"], orient="row").with_row_index("who")
    for method in ("generalise", "suppress"):
        asked = {"quasi_identifiers": ["sex", "town", "job"], "k": 2, "method": method}
        out = masked(frame, asked)
        lost = pl.when(pl.col("job") == "clerk").then("job").alias("job")
        assert_frame_equal(out.drop("who"), frame.select("sex", "town", lost))


def drawn_jobs(size: int) -> pl.DataFrame:
    """People of two sexes, eight regions and six jobs, and one in thirty with a job of few."""
    rng = np.random.default_rng(5)
    jobs = np.where(rng.random(size) < 0.03, 6 + rng.integers(0, 9, size), rng.integers(0, 6, size))
    return pl.DataFrame(
        {
            "who": np.arange(size),
            "sex": rng.choice(["f", "m"], size),
            "region": rng.choice([*"NOSWKBTV"], size),
            "job": [f"job {job}" for job in jobs],
        }
    )


@pytest.mark.parametrize("size", [200, 400, 1600])
def test_hardly_more_cells_are_hidden_than_rows_fail(size: int) -> None:
    """Each row of a combination that is too rare must lose a cell; few lose a second."""
    frame, columns = drawn_jobs(size), ["sex", "region", "job"]
    out = masked(frame, {"quasi_identifiers": columns, "k": 3})
    failing = frame.filter(pl.len().over(columns) < 3).height
    hidden = sum(out[column].null_count() for column in columns)
    assert failing <= hidden <= 1.25 * failing
    assert min(holders(out, columns)) >= 3


def test_a_null_shares_its_class_with_what_is_hidden() -> None:
    """Somebody without a job stands with those whose job is hidden: both are one combination."""
    frame = pl.DataFrame({"who": range(5), "sex": ["f"] * 5, "job": [None, "a", "b", "c", "c"]})
    out = masked(frame, {"quasi_identifiers": ["sex", "job"], "k": 2, "method": "suppress"})
    assert out.drop("who").rows() == [("f", None)] * 3 + [("f", "c")] * 2


def test_only_so_many_cells_may_be_hidden() -> None:
    """A share of all values of the quasi-identifiers: else a column goes as a whole."""
    frame = drawn_jobs(400)
    asked = {"quasi_identifiers": ["sex", "region", "job"], "k": 3}
    free = masked(frame, asked)
    share = sum(free[column].null_count() for column in ("sex", "region", "job")) / 1200
    assert_frame_equal(masked(frame, asked | {"suppress": share + 0.001}), free)
    assert masked(frame, asked | {"suppress": share / 2})["job"].null_count() == 400


def test_the_only_suppressed_one_gets_company() -> None:
    """One person alone among the suppressed is known to be the one who is missing elsewhere."""
    frame = pl.DataFrame({"who": range(6), "sex": ["f", "f", "m", "m", "m", "x"]})
    out = masked(frame, {"quasi_identifiers": ["sex"], "k": 2, "method": "suppress"})
    assert out["sex"].to_list() == [None, None, "m", "m", "m", None]


def test_a_person_counts_once_however_many_rows() -> None:
    """Fifty orders of one person from one street are one person."""
    frame = pl.DataFrame({"who": [1] * 50 + [2, 3, 4, 5], "town": ["A"] * 50 + ["B"] * 4})
    out = masked(frame, {"quasi_identifiers": ["town"], "k": 2, "method": "suppress"})
    assert out["town"].null_count() >= 50


def test_one_person_in_several_combinations_counts_in_each() -> None:
    """Who moved is in both towns, and stays only where others are."""
    frame = pl.DataFrame(
        {"who": [1, 1, 2, 3, 4, 5], "town": ["A", "C", "A", "B", "B", "D"]},
    )
    out = masked(frame, {"quasi_identifiers": ["town"], "k": 2, "method": "suppress"})
    assert out["town"].to_list() == ["A", None, "A", "B", "B", None]


def test_spellings_of_one_person_are_one_person() -> None:
    """The entity is counted as its token sees it: 7, 7.0 and full-width 7 are one."""
    frame = pl.DataFrame({"who": ["7", " 7", "\uff17", "8", "9"], "town": ["A"] * 3 + ["B"] * 2})
    out = masked(frame, {"quasi_identifiers": ["town"], "k": 2, "method": "suppress"})
    assert out["town"].to_list() == [None] * 5


def test_rows_of_nobody_count_for_nobody() -> None:
    """Rows without an entity neither make a combination frequent nor stay in a rare one."""
    frame = pl.DataFrame(
        {"who": [None, None, 1, 2, 3, 4, 5], "town": ["A", "A", "A", "B", "B", "C", "C"]}
    )
    out = masked(frame, {"quasi_identifiers": ["town"], "k": 2, "method": "suppress"})
    assert out["town"][:3].to_list() == [None] * 3
    assert out["town"].drop_nulls().n_unique() == 1  # a second town keeps the person company


def test_null_is_a_value_of_its_own() -> None:
    """An unknown sex is shared by those whose sex is unknown, not by everybody."""
    frame = pl.DataFrame(
        {"who": range(6), "sex": [None, "f", "f", "m", "m", None], "town": list("AAAAAB")}
    )
    out = masked(frame, {"quasi_identifiers": ["sex", "town"], "k": 2, "method": "suppress"})
    assert out["town"].to_list() == [None, "A", "A", "A", "A", None]


@pytest.mark.parametrize("dtype", [pl.Float64, pl.Float32])
def test_minus_zero_is_zero(dtype: pl.DataType) -> None:
    """They count as one value, and nobody sees two; in columns without a promise too."""
    zeros = pl.Series([0.0, -0.0, -0.0, 0.0], dtype=dtype)
    frame = pl.DataFrame({"who": range(4), "paid": zeros, "other": zeros})
    out = masked(frame, {"quasi_identifiers": ["paid"], "k": 3, "method": "suppress"})
    assert [str(value) for value in out["paid"].to_list() + out["other"].to_list()] == ["0.0"] * 8


def test_an_empty_batch_stays_empty() -> None:
    """No row is no fault; rows that are all nobody's are one."""
    asked = {"quasi_identifiers": ["sex"], "k": 2}
    frame = pl.DataFrame({"who": [None], "sex": ["f"]}, schema_overrides={"who": pl.Int64})
    assert masked(frame.clear(), asked).shape == (0, 2)
    with pytest.raises(DataError, match="no row belongs to an entity"):
        masked(frame, asked)


def test_without_an_entity_rows_are_counted() -> None:
    """A table of one row per person needs no entity."""
    rules = {
        "version": 1,
        "columns": {"sex": "keep"},
        "anonymity": {"quasi_identifiers": ["sex"], "k": 2, "method": "suppress"},
    }
    out = anonymize(pl.DataFrame({"sex": ["f", "f", "m", "x"]}), rules)
    assert out["sex"].to_list() == ["f", "f", None, None]


# --- hierarchies -------------------------------------------------------------------------------


def test_masks_become_coarser_before_anything_is_lost() -> None:
    """Ages in bands of 5 that single people out become bands of 10."""
    births = [date(1990, 6, 1), date(1987, 6, 1), date(1975, 6, 1), date(1979, 3, 1)]
    frame = pl.DataFrame({"who": range(4), "born": births})
    rule = {"mask": "age", "width": 5, "on": "2024-01-01"}
    out = masked(frame, {"quasi_identifiers": ["born"], "k": 2, "suppress": 0.0}, born=rule)
    assert out["born"].to_list() == ["30-39", "30-39", "40-49", "40-49"]


def test_the_column_that_costs_least_becomes_coarser() -> None:
    """Six postcodes of one area give up a digit before two sexes give up everything."""
    zips = [f"100{number}0" for number in range(6)] + ["20000"] * 6
    frame = pl.DataFrame({"who": range(12), "zip": zips, "sex": ["f", "m"] * 6})
    asked = {"quasi_identifiers": ["zip", "sex"], "k": 3, "suppress": 0.0}
    out = masked(frame, asked, zip={"mask": "postcode", "first": 4})
    assert out["zip"].to_list() == ["100"] * 6 + ["200"] * 6
    assert out["sex"].to_list() == ["f", "m"] * 6


def test_a_column_that_must_go_goes_alone() -> None:
    """A unique number becomes null as a whole, and the others stay."""
    frame = pl.DataFrame({"who": range(10), "number": range(10), "sex": ["f", "m"] * 5})
    out = masked(frame, {"quasi_identifiers": ["number", "sex"], "k": 5})
    assert out["number"].null_count() == 10
    assert out["sex"].null_count() == 0


def test_the_same_table_gives_the_same_values() -> None:
    """In any order of its rows: two recodings, joined by token, would tell what each hides."""
    rng = np.random.default_rng(5)
    size = {"sex": 2, "job": 4, "city": 6, "zip": 8}
    columns = {name: rng.integers(0, values, 30).astype(str) for name, values in size.items()}
    frame = pl.DataFrame({"who": [f"P{n:02}" for n in range(30)], **columns})
    asked = {"quasi_identifiers": list(size), "k": 3}
    one, *others = (
        masked(frame.sample(fraction=1, shuffle=True, seed=seed), asked).sort("who")
        for seed in range(8)
    )
    assert all(one.equals(other) for other in others)


HIERARCHIES: dict[str, Any] = {
    "born": {"mask": "age", "width": 5, "on": "2024-01-01"},
    "zip": {"mask": "postcode", "first": 4},
    "since": {"mask": "date_truncate", "to": "month"},
    "income": {"mask": "round", "to": 100},
    "shoe": {"mask": "bin", "edges": [20, 25, 30, 35, 40, 45]},
    "sex": "keep",
}
DTYPES: dict[str, Any] = {
    "who": pl.Int64,
    "born": pl.Date,
    "zip": pl.String,
    "income": pl.Float64,
    "shoe": pl.Int32,
    "ill": pl.String,
    "sex": pl.Enum(["f", "m"]),
}


@st.composite
def people(draw: st.DrawFn) -> pl.DataFrame:
    """Rows of few people with quasi-identifiers of all kinds, nulls among them."""
    size = draw(st.integers(1, 40))
    columns: dict[str, Any] = {
        "who": st.one_of(st.none(), st.integers(0, 12)),
        "born": st.one_of(st.none(), st.dates(date(1930, 1, 1), date(2023, 1, 1))),
        "zip": st.one_of(st.none(), st.sampled_from(["10115", "10117", "80331", "8033", "ß"])),
        "since": st.one_of(st.none(), st.datetimes().map(lambda d: d.replace(2020))),
        "income": st.one_of(st.none(), st.sampled_from([math.nan, -1.0, 120.0, 1e5, math.inf])),
        "shoe": st.one_of(st.none(), st.integers(15, 50)),
        "sex": st.one_of(st.none(), st.sampled_from(["f", "m"])),
        "ill": st.one_of(st.none(), st.sampled_from(["flu", "cold", "ok"])),
    }
    lists = {name: st.lists(each, min_size=size, max_size=size) for name, each in columns.items()}
    rows = {name: draw(each) for name, each in lists.items()}
    rows["since"] = [each and each.replace(day=min(each.day, 28)) for each in rows["since"]]
    frame = pl.DataFrame(rows, schema_overrides=DTYPES)
    zoned = pl.col("since").cast(pl.Datetime("ms")).dt.replace_time_zone("Asia/Shanghai")
    return frame.with_columns(zoned)


@settings(max_examples=60)
@given(
    frame=people(),
    k=st.integers(2, 4),
    limit=st.sampled_from([0.0, 0.2, 1.0]),
    columns=st.sets(st.sampled_from(list(HIERARCHIES)), min_size=1, max_size=4),
    diverse=st.booleans(),
)
def test_every_combination_is_shared(
    *, frame: pl.DataFrame, k: int, limit: float, columns: set[str], diverse: bool
) -> None:
    """Whatever comes in, each combination that goes out has k people, or there is an error."""
    asked: dict[str, Any] = {"quasi_identifiers": sorted(columns), "k": k, "suppress": limit}
    asked |= {"sensitive": {"ill": {"l": 2}}} if diverse else {}
    known = frame.filter(pl.col("who").is_not_null())
    try:
        out = masked(frame, asked, **{name: HIERARCHIES[name] for name in columns})
    except DataError:
        assert known["who"].n_unique() < k or (diverse and known["ill"].drop_nulls().n_unique() < 2)
        return
    out = out.with_columns(pl.col(pl.Float64).fill_nan(None))
    assert min(holders(out, sorted(columns))) >= k
    if diverse:
        groups = out.drop_nulls("who").group_by(sorted(columns))
        kinds = groups.agg(pl.col("ill").drop_nulls().n_unique())["ill"].to_list()
        assert min(kinds) >= 2


# --- l and t -----------------------------------------------------------------------------------


def hospital(ill: list[str]) -> pl.DataFrame:
    """Three people in each of four towns."""
    return pl.DataFrame({"who": range(12), "town": [*"AAABBBCCCDDD"], "ill": ill})


def test_a_class_of_one_illness_is_not_shown() -> None:
    """All of town A have the flu: whoever lives there has it."""
    frame = hospital(["flu"] * 3 + ["flu", "cold", "ok"] * 3)
    asked = {
        "quasi_identifiers": ["town"],
        "k": 3,
        "method": "suppress",
        "sensitive": {"ill": {"l": 2}},
    }
    out = masked(frame, asked)["town"]
    assert out[:3].null_count() == 3
    assert out.drop_nulls().unique().sort().to_list() == ["C", "D"]  # B keeps A company


def test_entropy_asks_for_evenness() -> None:
    """Two illnesses of which one is rare are two values, but less diverse than two even ones."""
    ill = [*"xxxy", *"xxyy", *"xyxy"]
    frame = pl.DataFrame({"who": range(12), "town": [*"AAAABBBBCCCC"], "ill": ill})
    asked: dict[str, Any] = {"quasi_identifiers": ["town"], "k": 4, "method": "suppress"}
    distinct = masked(frame, asked | {"sensitive": {"ill": {"l": 2}}})
    assert distinct["town"].null_count() == 0
    with pytest.raises(DataError, match="whole table"):  # it has seven of one and five of the other
        masked(frame, asked | {"sensitive": {"ill": {"l": 2, "kind": "entropy"}}})


def test_closeness_compares_with_the_whole_table() -> None:
    """Where all incomes are equally frequent, a town of the three lowest is 3/8 away (Li 2007)."""
    frame = pl.DataFrame(
        {
            "who": range(9),
            "town": ["A"] * 3 + ["B"] * 3 + ["C"] * 3,
            "income": [3, 4, 5, 6, 8, 11, 7, 9, 10],
        }
    )
    asked: dict[str, Any] = {"quasi_identifiers": ["town"], "k": 3, "method": "suppress"}
    near = masked(frame, asked | {"sensitive": {"income": {"t": 0.376}}})
    far = masked(frame, asked | {"sensitive": {"income": {"t": 0.374}}})
    assert near["town"].null_count() == 0
    assert far["town"].to_list()[:3] == [None] * 3


# --- items -------------------------------------------------------------------------------------


def test_pairs_of_items_are_shared_or_gone() -> None:
    """Milk and beer are both frequent, but only one person bought them together."""
    baskets = {
        1: ["milk", "bread"],
        2: ["milk", "bread"],
        3: ["bread", "beer"],
        4: ["bread", "beer"],
        5: ["milk", "beer"],
        6: ["bread"],
    }
    rows = [(who, item) for who, items in baskets.items() for item in items]
    frame = pl.DataFrame(rows, schema=["who", "item"], orient="row")
    out = masked(frame, {"items": {"column": "item", "k": 2, "m": 2}})
    assert set(out["item"].drop_nulls()) == {"bread", "milk"} or set(out["item"].drop_nulls()) == {
        "beer",
        "bread",
    }
    single = masked(frame, {"items": {"column": "item", "k": 2, "m": 1}})
    assert single["item"].null_count() == 0


def test_an_item_bought_often_by_one_is_rare() -> None:
    """Items are counted by people."""
    frame = pl.DataFrame({"who": [1] * 9 + [2, 3], "item": ["mine"] * 9 + ["ours"] * 2})
    out = masked(frame, {"items": {"column": "item", "k": 2}})
    assert out["item"].to_list() == [None] * 9 + ["ours"] * 2


def test_items_climb_when_that_keeps_more(tmp_path: Path) -> None:
    """Six kinds of bread that nobody shares are bread."""
    kinds = [f"bread {number}" for number in range(6)]
    lines = [f"{kind};bakery;food" for kind in kinds]
    (tmp_path / "items.csv").write_text("\n".join(["x;x;x", *lines]), "utf-8")
    frame = pl.DataFrame({"who": range(6), "item": kinds})
    rule = {"mask": "hierarchy", "file": str(tmp_path / "items.csv"), "level": 1}
    out = masked(frame, {"items": {"column": "item", "k": 3}}, item=rule)
    assert out["item"].to_list() == ["bakery"] * 6


@settings(max_examples=50)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 6)), min_size=1, max_size=40),
    k=st.integers(2, 3),
    m=st.integers(1, 3),
)
def test_every_set_of_items_is_shared(pairs: list[tuple[int, int]], k: int, m: int) -> None:
    """No combination of up to m items has fewer than k people, unless nobody has it."""
    frame = pl.DataFrame(pairs, schema=["who", "item"], orient="row")
    out = masked(frame, {"items": {"column": "item", "k": k, "m": m}})
    sets = out.drop_nulls().group_by("who").agg(pl.col("item").unique())["item"].to_list()
    for size in range(1, m + 1):
        for combination in combinations(sorted({item for each in sets for item in each}), size):
            count = sum(set(combination) <= set(each) for each in sets)
            assert count == 0 or count >= k


# --- tomorrow's batch --------------------------------------------------------------------------


PEOPLE = pl.DataFrame(
    {
        "who": range(60),
        "born": [date(1960 + number % 30, 1, 1) for number in range(60)],
        "town": ["Bärenstadt", "Katzdorf", "Hundheim"] * 20,
        "job": ["Zwirnerin" if number == 7 else "clerk" for number in range(60)],
        "amount": [number * 1.37 + 1000.01 for number in range(60)],
    }
)
FITTABLE = rules_for(
    {"quasi_identifiers": ["born", "town"], "k": 3, "items": {"column": "job", "k": 3}},
    born={"mask": "age", "width": 1, "on": "2024-01-01"},
    town={"mask": "rare", "k": 5},
    amount={"mask": "bin", "quantiles": 4},
)


def test_fitted_rules_mask_the_next_batch_alike(tmp_path: Path) -> None:
    """One row by itself, and rules that went through a file, give what the whole table gave."""
    whole = anonymize(PEOPLE, FITTABLE, key=SECRET)
    fit_rules(PEOPLE, FITTABLE, key=SECRET).write(tmp_path / "fitted.json")
    fitted = load_rules(tmp_path / "fitted.json")
    assert_frame_equal(anonymize(PEOPLE, fitted, key=SECRET), whole)
    rows = [anonymize(PEOPLE[number], fitted, key=SECRET) for number in range(0, 60, 7)]
    assert_frame_equal(pl.concat(rows), whole[list(range(0, 60, 7))])


@settings(max_examples=15)
@given(frame=people(), columns=st.sets(st.sampled_from(["sex", "zip", "shoe"]), min_size=2))
def test_a_row_by_itself_loses_the_cells_that_it_loses_among_all(
    frame: pl.DataFrame, columns: set[str]
) -> None:
    """What is hidden follows from the row and what was learned, nulls and rows of nobody too."""
    rules = rules_for({"quasi_identifiers": sorted(columns), "k": 2}, zip=HIERARCHIES["zip"])
    try:
        fitted = fit_rules(frame, rules, key=SECRET)
    except DataError:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrivacyWarning)  # a row does not keep k
        whole = anonymize(frame, rules, key=SECRET)
        rows = [anonymize(frame[place], fitted, key=SECRET) for place in range(min(3, len(frame)))]
    assert_frame_equal(pl.concat(rows), whole[:3])


def test_a_new_value_costs_its_cell() -> None:
    """A job that the fitted table did not have is hidden in the next, where others hid theirs."""
    rows = [("f", "clerk")] * 3 + [("m", "clerk")] * 3 + [("f", "queen"), ("f", "pilot")]
    frame = pl.DataFrame(rows, schema=["sex", "job"], orient="row").with_row_index("who")
    asked = {"quasi_identifiers": ["sex", "job"], "k": 2, "method": "suppress"}
    fitted = fit_rules(frame, rules_for(asked), key=SECRET)
    new = frame[:2].with_columns(job=pl.lit("judge"), sex=pl.Series(["f", "m"]))
    out = anonymize(new, fitted, key=SECRET)
    assert out.drop("who").rows() == [("f", None), (None, None)]


@pytest.mark.parametrize(
    ("edit", "part"),
    [
        (lambda rules: rules["anonymity"].update(k=2), "anonymity.k"),
        (lambda rules: rules["anonymity"]["quasi_identifiers"].pop(), "quasi_identifiers"),
        (lambda rules: rules["anonymity"]["items"].update(k=2), "anonymity.items"),
        (lambda rules: rules["columns"]["town"].update(k=2), r"\(columns.town\)"),
        (lambda rules: rules["columns"].update(job="token"), "columns, columns.job"),
        (lambda rules: rules.update(entity="job"), "entity"),
        (lambda rules: rules.pop("anonymity"), "anonymity.k"),
    ],
)
def test_fitted_rules_are_what_was_fitted(edit: Any, part: str) -> None:
    """What was edited afterwards has not been fitted, and is refused where it is read."""
    rules = fit_rules(PEOPLE, FITTABLE, key=SECRET).to_dict()
    load_rules(rules)
    edit(rules)
    with pytest.raises(RuleError, match=rf"fitted: to other rules than these .*{part}"):
        load_rules(rules)


def test_a_fitted_plan_holds_no_value_and_no_key(tmp_path: Path) -> None:
    """Neither towns nor jobs, amounts or the secret are in the file, nor in the manifest."""
    fitted = fit_rules(PEOPLE, FITTABLE, key=SECRET)
    fitted.write(tmp_path / "fitted.json")
    PEOPLE.write_parquet(tmp_path / "in.parquet")
    mask_file(
        tmp_path / "in.parquet",
        tmp_path / "out.parquet",
        fitted,
        key=SECRET,
        manifest=tmp_path / "manifest.json",
    )
    towns, jobs = PEOPLE["town"].unique().to_list(), PEOPLE["job"].unique().to_list()
    secrets = [*towns, *jobs, *(str(each) for each in PEOPLE["amount"]), SECRET, "1960-01-01"]
    for name in ("fitted.json", "manifest.json"):
        text = (tmp_path / name).read_bytes().decode()
        assert not [each for each in secrets if each in text]
        assert not [each for each in secrets if json.dumps(each) in text]


def test_who_is_new_is_shown_only_in_known_company() -> None:
    """A combination that the fitted table did not have is suppressed in the next."""
    fitted = fit_rules(PEOPLE, FITTABLE, key=SECRET)
    new = PEOPLE[:2].with_columns(who=pl.lit(99), town=pl.Series(["Neustadt", "Katzdorf"]))
    assert anonymize(new, fitted, key=SECRET)["town"].to_list()[0] is None


@pytest.mark.parametrize(
    ("frame", "key", "message"),
    [
        (PEOPLE, "another-secret-of-the-tests", "is of key id"),
        (PEOPLE.with_columns(new=1), SECRET, "new: was not there when the rules were fitted"),
        (PEOPLE.drop("job"), SECRET, "job: was there when the rules were fitted"),
        (PEOPLE.cast({"town": pl.Categorical, "amount": pl.String}), SECRET, "amount: was float"),
        (PEOPLE.cast({"job": pl.Binary}), SECRET, "job: was text when the rules were fitted"),
        (PEOPLE.cast({"amount": pl.Int64}), SECRET, r"is Int64; cast it: `cast\(pl.Float64\)`"),
    ],
)
def test_fitted_rules_notice_what_changed(frame: pl.DataFrame, key: str, message: str) -> None:
    """Another key or another table is an error, not a guess."""
    fitted = fit_rules(PEOPLE, FITTABLE, key=SECRET)
    with pytest.raises(DataError, match=message):
        anonymize(frame, fitted, key=key)


@pytest.mark.parametrize("column", ["born", "town", "job", "amount"])
def test_a_column_without_a_value_fits_whatever_type_it_had(column: str) -> None:
    """A night without coupons has no type for them; it is masked as typed nulls are."""
    fitted = fit_rules(PEOPLE, FITTABLE, key=SECRET)
    typed = PEOPLE.with_columns(pl.lit(None, PEOPLE.schema[column]).alias(column))
    masked = anonymize(PEOPLE.with_columns(pl.lit(None).alias(column)), fitted, key=SECRET)
    assert_frame_equal(masked, anonymize(typed, fitted, key=SECRET), check_dtypes=False)


def test_what_was_learned_is_checked_when_it_is_read(tmp_path: Path) -> None:
    """A file that was altered is refused."""
    fitted = fit_rules(PEOPLE, FITTABLE, key=SECRET).to_dict()
    del fitted["fitted"]["learned"]
    with pytest.raises(RuleError, match="fitted: this is not what"):
        load_rules(fitted)
    (tmp_path / "broken.json").write_text("{", "utf-8")
    with pytest.raises(RuleError, match="line 1: this is not JSON"):
        load_rules(tmp_path / "broken.json")


# --- the record and what is refused ------------------------------------------------------------


def test_the_manifest_says_what_it_took(tmp_path: Path) -> None:
    """Coarser masks, suppressed people, the smallest class and the loss are recorded."""
    frame = pl.DataFrame({"who": range(7), "sex": ["f"] * 3 + ["m"] * 2 + ["x", "y"]})
    frame.write_parquet(tmp_path / "in.parquet")
    rules = rules_for({"quasi_identifiers": ["sex"], "k": 2, "method": "suppress"})
    record = mask_file(tmp_path / "in.parquet", tmp_path / "out.parquet", rules, key=SECRET)
    assert record.anonymity is not None
    assert record.anonymity["outcome"] == {
        "entities": 7,
        "suppressed": 2,
        "classes": 2,
        "smallest": 2,
        "loss": round(2 / 7, 4),
        "hidden": {"sex": round(2 / 7, 4)},
        "items": None,
        "items_suppressed": None,
    }
    assert record.anonymity["masks"] == {"sex": {"mask": "keep"}}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"quasi_identifiers": ["sex"]}, "need each other"),
        ({"quasi_identifiers": ["sex"], "k": 1}, "anonymity.k"),
        ({"quasi_identifiers": ["sex"], "k": 2, "suppress": 2}, "anonymity.suppress"),
        ({"quasi_identifiers": ["sex", "sex"], "k": 2}, "twice"),
        ({"k": 2}, "need each other"),
        ({"sensitive": {"sex": {"l": 2}}}, "give `quasi_identifiers`"),
        ({"quasi_identifiers": ["sex"], "k": 2, "sensitive": {"a": {}}}, "give `l`, `t` or both"),
        ({"quasi_identifiers": ["sex"], "k": 2, "methods": "x"}, "did you mean 'method'"),
        ("all", "expected the options quasi_identifiers, k, method, suppress, sensitive and items"),
    ],
)
def test_a_section_that_asks_for_nothing_sensible_is_refused(asked: Any, message: str) -> None:
    """Each fault has its path and a way out."""
    with pytest.raises(RuleError, match=message):
        load_rules(rules_for(asked))


@pytest.mark.parametrize(
    ("asked", "columns", "message"),
    [
        ({"quasi_identifiers": ["sax"], "k": 2}, {}, "sax is no column of the output; did you"),
        ({"quasi_identifiers": ["sex"], "k": 2}, {"sex": "drop"}, "sex is no column of the output"),
        ({"quasi_identifiers": ["who"], "k": 2}, {}, "who is the entity"),
        ({"quasi_identifiers": ["tags"], "k": 2}, {}, r"tags is List\(String\)"),
        ({"quasi_identifiers": ["sex"], "k": 9}, {}, "whole table has fewer entities"),
    ],
)
def test_columns_that_cannot_serve_are_refused(asked: Any, columns: Any, message: str) -> None:
    """Before anything is written, in one line."""
    frame = pl.DataFrame({"who": range(3), "sex": ["f", "f", "m"], "tags": [["a"]] * 3})
    with pytest.raises(DataError, match=message):
        masked(frame, asked, **columns)


def test_a_column_of_which_nothing_stays_is_said(tmp_path: Path) -> None:
    """With its share in the notes of a run, and as a warning where a frame is masked."""
    frame = pl.DataFrame({"who": range(10), "number": range(10), "sex": ["f", "m"] * 5})
    rules = rules_for({"quasi_identifiers": ["number", "sex"], "k": 5})
    frame.write_parquet(tmp_path / "in.parquet")
    with pytest.warns(PrivacyWarning, match="number: k leaves nothing of it"):
        anonymize(frame, rules, key=SECRET)
    with pytest.warns(PrivacyWarning, match="number: k leaves nothing of it"):
        record = mask_file(tmp_path / "in.parquet", tmp_path / "out.parquet", rules, key=SECRET)
    notes = "\n".join(record.notes)
    assert "number: 10 of 10 values (100.0 %) became null (`anonymity:`)" in notes
    assert "null for k: 100.0 % of number\n" in notes


def test_nulls_are_told_of_what_made_them(tmp_path: Path) -> None:
    """Of the promise where the mask keeps all, of both where either may, of the mask alone else."""
    zips = ["10115"] * 4 + ["10117"] * 4 + ["?", "?"]
    ages, items = [30] * 8 + [31, 32], ["tea"] * 9 + ["gin"]
    frame = pl.DataFrame({"who": range(10), "zip": zips, "age": ages, "item": items, "area": zips})
    masks = {column: {"mask": "postcode", "first": 2} for column in ("zip", "area")}
    asked = {"quasi_identifiers": ["zip", "age"], "k": 3, "items": {"column": "item", "k": 3}}
    frame.write_parquet(tmp_path / "in.parquet")
    rules = rules_for(asked, **masks)
    notes = mask_file(tmp_path / "in.parquet", tmp_path / "out.parquet", rules, key=SECRET).notes
    lost = {note.split(":")[0]: note.split("became null ")[1] for note in notes if "became" in note}
    assert lost == {
        "zip": "(postcode, or `anonymity:`)",
        "age": "(`anonymity:`)",
        "item": "(`anonymity:`)",
        "area": "(postcode)",
    }


def test_items_need_an_entity() -> None:
    """A set of items is somebody's."""
    rules = {"version": 1, "columns": {"x": "keep"}, "anonymity": {"items": {"column": "x"}}}
    with pytest.raises(RuleError, match="needs `entity:`"):
        load_rules(rules)


def test_rules_are_saved_beside_the_output(tmp_path: Path) -> None:
    """Today's run leaves rules that mask tomorrow's file as today's."""
    PEOPLE.write_parquet(tmp_path / "today.parquet")
    fitted, rules = tmp_path / "fitted.json", FITTABLE | {"order": "kept"}
    mask_file(tmp_path / "today.parquet", tmp_path / "a.parquet", rules, key=SECRET, fitted=fitted)
    PEOPLE[:9].write_csv(tmp_path / "tomorrow.csv")
    born = pl.read_csv(tmp_path / "tomorrow.csv").with_columns(pl.col("born").str.to_date())
    born.write_parquet(tmp_path / "tomorrow.parquet")
    mask_file(tmp_path / "tomorrow.parquet", tmp_path / "b.parquet", fitted, key=SECRET)
    today, tomorrow = (pl.read_parquet(tmp_path / name) for name in ("a.parquet", "b.parquet"))
    assert_frame_equal(today[:9], tomorrow)
    with pytest.raises(FileError, match="exists already"):
        mask_file(
            tmp_path / "today.parquet", tmp_path / "c.parquet", FITTABLE, key=SECRET, fitted=fitted
        )
    assert not (tmp_path / "c.parquet").exists()


def test_rules_for_many_tables_ask_of_the_columns_that_are_there() -> None:
    """With `missing: ignore`, absent columns are neither a fault nor quasi-identifiers."""
    asked = {"quasi_identifiers": ["sex", "town"], "k": 2, "method": "suppress"}
    rules = rules_for(asked, sex="keep", town="keep") | {"missing": "ignore"}
    frame = pl.DataFrame({"who": range(5), "sex": ["f", "f", "m", "x", "y"]})
    out = anonymize(frame, rules, key=SECRET)
    assert out["sex"].to_list() == ["f", "f", None, None, None]
    assert anonymize(frame.drop("sex"), rules, key=SECRET).columns == ["who"]
    with pytest.raises(DataError, match="no column 'town'"):
        anonymize(frame, rules | {"missing": "error"}, key=SECRET)


def test_nan_is_counted_and_published_as_null() -> None:
    """It would tell one person apart from those whose number is null."""
    frame = pl.DataFrame({"f": [float("nan"), None, None, None], "g": ["A"] * 4})
    anonymity = {"quasi_identifiers": ["f", "g"], "k": 4, "method": "suppress"}
    out = anonymize(frame, {"version": 1, "columns": {"*": "keep"}, "anonymity": anonymity})
    assert out.rows() == [(None, "A")] * 4
