"""Masks that look at the whole table first: what they learn is counted per entity."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from anonymizer import anonymize
from anonymizer.errors import DataError, RuleError
from anonymizer.keys import Key
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.prepared import make_dictionaries
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run.notes import remarks_of, warnings_of
from anonymizer.masking.table.fitting import fit

SECRET = "0123456789abcdef-of-the-tests"


def masked(frame: pl.DataFrame, **columns: Any) -> pl.DataFrame:
    """The frame with some columns masked and `who` as the entity."""
    rules = {"version": 1, "entity": "who", "unlisted": "keep", "columns": columns}
    return anonymize(frame, rules, key=SECRET)


def test_rare_counts_people_and_not_rows() -> None:
    """A value that one customer repeats fifty times stays rare."""
    frame = pl.DataFrame({"who": [1] * 50 + [2, 3], "x": ["mine"] * 50 + ["ours", "ours"]})
    out = masked(frame, x={"mask": "rare", "k": 2})["x"]
    assert out.unique().sort().to_list() == ["OTHER", "ours"]


def test_rows_without_an_entity_are_nobody() -> None:
    """Fifty rows without an entity do not make a value frequent."""
    frame = pl.DataFrame({"who": [None] * 50 + [1], "x": ["a"] * 51})
    assert masked(frame, x={"mask": "rare", "k": 2})["x"].unique().to_list() == ["OTHER"]


def test_a_floor_hides_own_domains() -> None:
    """A domain that one person has is a name."""
    frame = pl.DataFrame(
        {"who": [1, 2, 3, 3], "x": ["a@shop.org", "b@shop.org", "c@zyx.name", "d@zyx.name"]}
    )
    out = masked(frame, x={"mask": "email_domain", "floor": 2})["x"].to_list()
    assert out == ["shop.org", "shop.org", "OTHER", "OTHER"]


def test_learned_edges_are_no_values() -> None:
    """Quantiles and percentiles are rounded, and stand for five people at least."""
    amounts = [1234.56 + 7.89 * step for step in range(100)]
    frame = pl.DataFrame({"who": range(100), "x": amounts})
    shown = "".join(masked(frame, x={"mask": "bin", "quantiles": 4})["x"].unique())
    assert not any(f"{amount:g}" in shown for amount in amounts)
    clipped = masked(frame, x={"mask": "clip", "percentiles": [6, 94]})["x"]
    assert {clipped.min(), clipped.max()} == {1280.0, 1970.0}


@pytest.mark.parametrize(
    "rule", [{"mask": "bin", "quantiles": 20}, {"mask": "clip", "percentiles": [1, 99]}]
)
def test_edges_that_single_somebody_out_are_refused(rule: dict[str, Any]) -> None:
    """The 99th percentile of sixty people is one of them."""
    frame = pl.DataFrame({"who": range(60), "x": range(20, 80)})
    with pytest.raises(DataError, match=r"x: .*fewer than 5 entities"):
        masked(frame, x=rule)


def test_what_is_counted_stays_in_the_output() -> None:
    """Neither rows of other rules nor rows that truncation removes make a value frequent."""
    frame = pl.DataFrame(
        {
            "who": [1, 2, 3, 4],
            "x": ["v"] * 4,
            "g": ["a", "b", "b", "b"],
        }
    )
    some = [{"mask": "rare", "k": 3, "when": "g = 'a'"}, "redact"]
    assert masked(frame, x=some)["x"].to_list() == ["OTHER", None, None, None]
    days = [date(2024, 1, 1), date(2024, 6, 1), date(2024, 12, 31)] * 2
    ends = pl.DataFrame({"who": [1, 2, 3, 4, 2, 5], "x": ["v"] * 6, "day": days})
    out = masked(
        ends,
        x={"mask": "rare", "k": 2},
        day={"mask": "date_shift", "days": 10, "truncate": True},
    )
    assert out["x"].to_list() == ["OTHER"] * 2


def test_truncation_under_a_condition_leaves_other_rows() -> None:
    """Rows that another rule is for are not cut."""
    days = [date(2024, 1, 1) + timedelta(days=day) for day in range(100)]
    frame = pl.DataFrame({"who": [1] * 100, "day": days, "p": [1, 2] * 50})
    rule = {"mask": "date_shift", "days": 10, "truncate": True, "when": "p = 1"}
    out = masked(frame, day=[rule, "keep"])
    assert out.filter(p=2).height == 50
    assert out.filter(p=1).height < 50


def test_spellings_of_one_entity_are_one() -> None:
    """As many as share a token count once."""
    frame = pl.DataFrame({"who": ["7", " 7", "７", "7 "], "x": ["v"] * 4})
    assert masked(frame, x={"mask": "rare", "k": 2})["x"].unique().to_list() == ["OTHER"]


SLIPS = {"who": [3, 3, 5], "day": [date(1924, 5, 1), date(2024, 12, 9), date(2203, 5, 1)]}
OTHERS = {
    "none": pl.DataFrame({"who": [], "day": []}),
    "days that somebody mistyped": pl.DataFrame(SLIPS),
    "a day that all share": pl.DataFrame({"who": range(40), "day": [date(2001, 3, 7)] * 40}),
}


@pytest.mark.parametrize("beside", OTHERS)
def test_truncation_leaves_one_window_for_all(beside: str) -> None:
    """Nobody's first or last date says how far the dates were moved, whatever else is there."""
    others = OTHERS[beside]
    start = date(2024, 1, 1)
    days = pl.DataFrame({"who": range(40)}).join(
        pl.DataFrame({"day": [start + timedelta(days=day) for day in range(190)]}), how="cross"
    )
    days = days.vstack(others.cast(days.schema))
    out = masked(days, day={"mask": "date_shift", "days": 20, "truncate": True})
    out = out.filter(pl.col("day") != date(2001, 1, 1))  # what is left of shared days
    spans = out.group_by("who").agg(first=pl.col("day").min(), last=pl.col("day").max())
    assert spans["first"].unique().to_list() == [start + timedelta(days=20)]
    assert spans["last"].unique().to_list() == [start + timedelta(days=189 - 20)]
    plain = masked(days, day={"mask": "date_shift", "days": 20})
    assert plain.height == days.height


def test_truncation_needs_room() -> None:
    """A table shorter than the shifts would be empty."""
    frame = pl.DataFrame({"who": [1, 2], "day": [date(2024, 1, 1), date(2024, 1, 9)]})
    with pytest.raises(DataError, match="day: the data span less than twice `days`"):
        masked(frame, day={"mask": "date_shift", "days": 5, "truncate": True})


def test_whole_weeks_keep_the_weekday() -> None:
    """Never zero, never more than asked, always sevens."""
    days = pl.date_range(date(2023, 1, 1), date(2024, 5, 14), eager=True)
    frame = pl.DataFrame({"who": range(500), "day": days})
    out = masked(frame, day={"mask": "date_shift", "days": 30, "weeks": True})["day"]
    shifts = set((out - days).dt.total_days())
    assert shifts == {-28, -21, -14, -7, 7, 14, 21, 28}


def test_values_that_a_file_lacks_are_an_error(tmp_path: Path) -> None:
    """The count and the file are named, the values are not."""
    (tmp_path / "map.csv").write_text("a,1\n")
    rule = {"mask": "map", "file": str(tmp_path / "map.csv")}
    with pytest.raises(DataError, match=r"x: 2 values are not in map.csv") as caught:
        masked(pl.DataFrame({"who": [1, 2, 3], "x": ["a", "zyx", "zyx"]}), x=rule)
    assert "zyx" not in str(caught.value)


def test_a_file_is_looked_for_beside_the_rules(tmp_path: Path) -> None:
    """Rules and their tables travel together."""
    (tmp_path / "levels.csv").write_text("47906;4790*;*\n47907;4790*;*\n")
    (tmp_path / "rules.yaml").write_text(
        "version: 1\ncolumns:\n  zip: {mask: hierarchy, file: levels.csv, level: 1}\n"
    )
    out = anonymize(pl.DataFrame({"zip": [47906, 47907]}), tmp_path / "rules.yaml")
    assert out["zip"].to_list() == ["4790*", "4790*"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("a,b,c\n", "expected two columns"),
        ("a,b\na,c\n", "a value stands there twice"),
        (None, "cannot read map.csv"),
    ],
)
def test_a_broken_file_is_a_fault_of_the_rules(
    content: str | None, fault: str, tmp_path: Path
) -> None:
    """Said with its place before any data is read."""
    if content:
        (tmp_path / "map.csv").write_text(content)
    rule = {"mask": "map", "file": str(tmp_path / "map.csv")}
    with pytest.raises(RuleError, match=rf"columns.x.file: .*{fault}"):
        load_rules({"version": 1, "columns": {"x": rule}})


def test_what_was_learned_shows_nowhere() -> None:
    """A fitted plan holds values of the data; its repr does not."""
    frame = pl.DataFrame({"who": [1, 2] * 9, "x": ["secret"] * 18})
    rules = load_rules(
        {"version": 1, "entity": "who", "columns": {"x": {"mask": "rare", "k": 2}, "who": "token"}}
    )
    plan = fit(make_plan(rules, frame.schema), frame.lazy(), Key(SECRET), dictionaries="streaming")
    assert plan.learned
    assert plan.dictionaries
    assert "secret" not in repr(plan)


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_dictionaries_are_made_where_values_repeat(engine: Any) -> None:
    """Not for values that are all different."""
    columns = {
        "who": "token",
        "x": "token",
        "far": "token",
        "day": {"mask": "age", "on": "2025-01-01"},
    }
    plan = make_plan(
        load_rules({"version": 1, "columns": columns}),
        schema := {"who": pl.Int64(), "x": pl.String(), "far": pl.Int64(), "day": pl.Date()},
    )
    frame = pl.DataFrame(
        {
            "who": list(range(100)),
            "x": ["a", "b", None, "c"] * 25,
            "far": [-(2**62), 2**62] * 50,
            "day": [date(1980, 1, 1), date(1700, 2, 3)] * 50,
        },
        schema=schema,
    )
    made = make_dictionaries(frame.lazy(), plan.assignments(Key(SECRET)), plan.input_schema, engine)
    assert [each.column for each in made] == ["x", "far", "day"]
    assert sorted(made[0].values) == ["a", "b", "c"]


def noisy(values: list[Any], **rule: Any) -> np.ndarray[Any, Any]:
    """The noise that each of many people gets on a value."""
    frame = pl.DataFrame({"who": range(len(values)), "x": values})
    return (masked(frame, x={"mask": "noise"} | rule)["x"] - frame["x"]).to_numpy()


def test_noise_has_its_distribution() -> None:
    """Mean zero; the deviation of Laplace is scale times root two, of Gauss the scale."""
    laplace = noisy([10.0] * 20_000, scale=3)
    gauss = noisy([10.0] * 20_000, scale=3, distribution="gaussian")
    for draws, deviation in ((laplace, 3 * 2**0.5), (gauss, 3.0)):
        assert abs(draws.mean()) < 4 * deviation / 20_000**0.5
        assert abs(draws.std() / deviation - 1) < 0.03
    assert abs(np.median(np.abs(laplace)) / (3 * np.log(2)) - 1) < 0.04
    assert abs((np.abs(gauss) < 3).mean() - 0.6827) < 0.015


def test_noise_leaves_no_digits_to_tell_by() -> None:
    """Every output lies on one grid, whatever the value: no fraction gives the noise away."""
    values = [step / 7 for step in range(2000)]
    out = masked(
        pl.DataFrame({"who": range(2000), "x": values}), x={"mask": "noise", "scale": 100}
    )["x"]
    assert (out == out.round()).all()


def test_noise_needs_the_entity() -> None:
    """Noise by the value alone would give everybody's zero the same noise."""
    for rule in (
        {"mask": "noise", "scale": 1},
        {"mask": "randomized_response", "values": [1, 2], "epsilon": 1},
    ):
        with pytest.raises(RuleError, match="needs `entity:`"):
            load_rules({"version": 1, "columns": {"x": rule}})


def test_noise_cannot_be_averaged_away() -> None:
    """A person's equal values get equal noise, others' get other noise."""
    frame = pl.DataFrame({"who": [1] * 50 + [2], "x": [10.0] * 51})
    out = masked(frame, x={"mask": "noise", "scale": 3})
    assert out.filter(who=1)["x"].n_unique() == 1
    assert out["x"].n_unique() == 2


def test_the_epsilon_is_said() -> None:
    """In the plan's remarks, which the manifest holds; none is a warning."""

    def warning(**rule: Any) -> str:
        columns = {"who": "drop", "x": {"mask": "noise"} | rule}
        rules = load_rules({"version": 1, "entity": "who", "columns": columns})
        plan = make_plan(rules, {"who": pl.Int64(), "x": pl.Float64()})
        return [*remarks_of(plan), *warnings_of(plan)][0]

    # A grid of a hundredth of the scale's power of ten is part of the sensitivity.
    assert "local epsilon 0.505 " in warning(scale=2, sensitivity=1)
    # Balle and Wang: one standard deviation of noise at delta 1e-5 is epsilon 4.38.
    assert "local epsilon 4.43, delta 1e-05" in warning(
        scale=1, sensitivity=1, distribution="gaussian", delta=1e-5
    )
    assert "no epsilon can be given" in warning(scale=2)


def test_randomized_response_is_true_as_often_as_epsilon_says() -> None:
    """e^ε / (e^ε + n - 1) of the answers are true, the others are spread evenly."""
    frame = pl.DataFrame({"who": range(30_000), "x": ["a"] * 30_000})
    rule = {"mask": "randomized_response", "values": ["a", "b", "c"], "epsilon": 1}
    shares = masked(frame, x=rule)["x"].value_counts(normalize=True)
    found = dict(shares.iter_rows())
    true = np.e / (np.e + 2)
    assert found["a"] == pytest.approx(true, abs=0.012)
    assert found["b"] == pytest.approx((1 - true) / 2, abs=0.01)


def test_a_shuffle_keeps_groups_and_breaks_rows() -> None:
    """Each group has the values it had, and few rows have theirs."""
    frame = pl.DataFrame(
        {"who": range(1000), "group": [n % 7 for n in range(1000)], "x": range(1000)}
    )
    out = masked(frame, x={"mask": "shuffle", "within": ["group"]})
    for group, rows in out.group_by("group"):
        assert set(rows["x"]) == set(frame.filter(group=group[0])["x"])
    assert (out["x"] == frame["x"]).sum() < 30


def test_tokens_rotate_with_their_window() -> None:
    """One token per person and month; none of them is the person's plain token."""
    times = [datetime(2024, month, day) for month in (1, 2) for day in (1, 15, 28)]
    frame = pl.DataFrame({"who": [1] * 6, "x": [7] * 6, "time": times})
    rule = {"mask": "token", "domain": "d"}
    tokens = masked(frame, x=rule | {"window": "month", "time": "time"})["x"]
    assert [tokens[:3].n_unique(), tokens[3:].n_unique(), tokens.n_unique()] == [1, 1, 2]
    assert not set(tokens) & set(masked(frame, x=rule)["x"])


def test_rotating_tokens_beside_what_stays_are_told() -> None:
    """A pseudonym of the entity would join the windows again."""
    rules = load_rules(
        {
            "version": 1,
            "entity": "who",
            "columns": {
                "who": {"mask": "token", "window": "week", "time": "time"},
                "name": {"mask": "pseudonym", "kind": "name"},
                "time": {"mask": "date_truncate", "to": "day"},
            },
        }
    )
    schema = {"who": pl.Int64(), "name": pl.String(), "time": pl.Date()}
    assert (
        "windows-joined: name: stays the same in all windows of the tokens and joins them"
        in warnings_of(make_plan(rules, schema))
    )


def test_tokens_of_few_values_are_told() -> None:
    """Whoever knows how common each diagnosis is can read their tokens."""
    frame = pl.DataFrame({"x": ["flu", "flu", "cold", "gout"] * 10, "y": range(40)})
    rules = load_rules({"version": 1, "columns": {"*": "token"}})
    plan = make_plan(rules, frame.schema)
    fitted = fit(plan, frame.lazy(), Key(SECRET), dictionaries="streaming")
    assert warnings_of(plan) == []
    assert warnings_of(fitted) == [
        "few-values: x: 3 distinct values, which counting can tell apart"
    ]
