"""Days that many people share: an attack that knows them reads off no more shifts than chance."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from anonymizer import anonymize, fit_rules, lint, mask_file
from anonymizer.errors import PrivacyWarning
from anonymizer.masking.primitives.times import shared_days

KEY = "0123456789abcdef-of-the-tests"
PERSONS = 1500
DAYS = 365
CHANCE = 5 / (2 * DAYS + 1)  # to guess within two days
START = date(1990, 1, 1)
SPAN = 7000  # days from which ordinary dates are drawn

Days = np.ndarray[Any, np.dtype[np.int64]]


def ordinary(seed: int) -> Days:
    """Days since 1970, evenly spread over nineteen years."""
    first = (START - date(1970, 1, 1)).days
    return np.random.default_rng(seed).integers(first, first + SPAN, PERSONS)


def since_1970(*day: int) -> int:
    """The number of a day."""
    return (date(*day) - date(1970, 1, 1)).days


def mixed(share: float, told: Callable[[Days], Days]) -> Days:
    """Ordinary days, of which a share became what many have."""
    days = ordinary(1)
    some = np.arange(PERSONS) < share * PERSONS
    return np.where(some, told(days), days)


def on(day: int) -> Callable[[Days], Days]:
    """One day in place of all."""
    return lambda days: np.full_like(days, day)


def to(unit: str) -> Callable[[Days], Days]:
    """Days at the beginning of their month or year."""
    return lambda days: (
        days.astype("datetime64[D]")
        .astype(f"datetime64[{unit}]")
        .astype("datetime64[D]")
        .astype(int)
    )


LAST = since_1970(9999, 12, 31)
MIGRATIONS = [since_1970(2004, 5, 6), since_1970(2004, 5, 8), since_1970(2006, 2, 1)]
YEARS = [since_1970(year, 1, 1) for year in range(1988, 2012)]
MONTHS = [since_1970(year, month, 1) for year in range(1988, 2012) for month in range(1, 13)]
# What many have, and what whoever attacks takes the masked dates for.
KINDS: dict[str, tuple[Days, list[int]]] = {
    "constant": (mixed(1, on(MIGRATIONS[0])), MIGRATIONS[:1]),
    "half": (mixed(0.5, on(MIGRATIONS[0])), MIGRATIONS[:1]),
    "one in twenty": (mixed(0.05, on(MIGRATIONS[0])), MIGRATIONS[:1]),
    "three migrations": (mixed(0.3, lambda days: np.resize(MIGRATIONS, len(days))), MIGRATIONS),
    "unknown birthdays": (mixed(0.2, to("Y")), YEARS),
    "first of the month": (mixed(0.6, to("M")), MONTHS),
    "never": (mixed(0.7, on(LAST)), [LAST]),
    "unknown": (mixed(0.7, on(since_1970(1900, 1, 1))), [-25_567]),
    "epoch": (mixed(0.7, on(0)), [0]),
}
FORMS: dict[str, tuple[pl.Expr, Any]] = {
    "Date": (pl.col("told"), None),
    "Datetime": (pl.col("told").cast(pl.Datetime("us")) + timedelta(hours=3), None),
    "zoned": (pl.col("told").cast(pl.Datetime("ms", "UTC")), None),
    "west": (
        pl.col("told").cast(pl.Datetime("us", "UTC")).dt.convert_time_zone("America/New_York"),
        None,
    ),
    "ISO": (pl.col("told").dt.to_string("%Y-%m-%dT00:00:00Z"), None),
    "text": (pl.col("told").dt.to_string("%d.%m.%Y"), "%d.%m.%Y"),
    "integer": (pl.col("told").dt.to_string("%Y%m%d").cast(pl.Int64), "%Y%m%d"),
    "epoch": (pl.col("told").dt.epoch("s"), {"epoch": "s"}),
}


def table(days: Days, form: str = "Date") -> pl.DataFrame:
    """Two visits for each person, and beside them a day that many share."""
    frame = pl.DataFrame({"who": np.arange(PERSONS), "told": days, "visit": ordinary(2)})
    frame = frame.with_columns(pl.col("told", "visit").cast(pl.Int32).cast(pl.Date))
    frame = frame.with_columns(FORMS[form][0].alias("told"))
    later = frame.with_columns(pl.col("visit") + timedelta(days=9))
    return pl.concat([frame, later])


def rules(form: str = "Date", *, truncate: bool = False) -> dict[str, Any]:
    """Both columns shifted, as a rule file has it."""
    shift = {"mask": "date_shift", "days": DAYS, "truncate": truncate}
    written = {"format": FORMS[form][1]} if FORMS[form][1] else {}
    columns = {"who": "token", "told": shift | written, "visit": shift}
    return {"version": 1, "entity": "who", "columns": columns}


def numbers(told: pl.Series, form: str) -> pl.Series:
    """The published days since 1970."""
    if form == "epoch":
        return told // 86_400
    if form in ("ISO", "text", "integer"):
        texts = told.cast(pl.String).str.head(10)
        pattern = {"ISO": "%Y-%m-%d", "text": "%d.%m.%Y", "integer": "%Y%m%d"}[form]
        return texts.str.to_date(pattern).to_physical().cast(pl.Int64)
    days = told if told.dtype == pl.Date else told.dt.replace_time_zone(None).dt.date()
    return days.to_physical().cast(pl.Int64)


def read_off(masked: pl.DataFrame, days: Days, anchors: list[int], form: str) -> float:
    """The share of persons whose shift is guessed within two days from the nearest anchor."""
    first = masked.head(PERSONS)
    shift = (first["visit"].to_physical().cast(pl.Int64) - pl.Series(ordinary(2))).to_numpy()
    shown = numbers(first["told"], form).to_numpy()
    near = np.array(anchors)[np.abs(shown[:, None] - np.array(anchors)).argmin(axis=1)]
    assert len(days) == PERSONS
    return float((np.abs(shown - near - shift) <= 2).mean())


@pytest.mark.parametrize("kind", KINDS)
def test_a_shared_day_tells_no_shift(kind: str) -> None:
    """Of constant, dominant, default and sentinel days, nothing can be read off."""
    days, anchors = KINDS[kind]
    masked = anonymize(table(days), rules(), key=KEY)
    assert read_off(masked, days, anchors, "Date") <= CHANCE + 0.02


def test_the_attack_reads_off_what_is_not_hidden() -> None:
    """Control: a lazy frame, of which nothing is learned, gives everybody's shift away."""
    days, anchors = KINDS["constant"]
    masked = anonymize(table(days).lazy(), rules(), key=KEY).collect()
    assert read_off(masked, days, anchors, "Date") == 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["three migrations", "never", "epoch"])
def test_no_form_tells_a_shift(kind: str, form: str) -> None:
    """What holds for dates holds for datetimes, zones, text and integers."""
    days, anchors = KINDS[kind]
    masked = anonymize(table(days, form), rules(form), key=KEY)
    assert read_off(masked, days, anchors, form) <= CHANCE + 0.02


@pytest.mark.parametrize("kind", ["half", "unknown birthdays", "unknown"])
def test_truncate_tells_no_shift(kind: str) -> None:
    """Where the ends of the data are cut, shared days tell as little."""
    days, anchors = KINDS[kind]
    raw = table(days).with_columns(row=pl.int_range(pl.len()))
    cut = rules(truncate=True)
    cut["columns"]["row"] = "keep"
    masked = anonymize(raw, cut, key=KEY).join(raw, on="row", suffix="_raw")
    shift = (masked["visit"] - masked["visit_raw"]).dt.total_days().to_numpy()
    shown = numbers(masked["told"], "Date").to_numpy()
    near = np.array(anchors)[np.abs(shown[:, None] - np.array(anchors)).argmin(axis=1)]
    assert masked.height > PERSONS
    assert (np.abs(shown - near - shift) <= 2).mean() <= CHANCE + 0.02


def test_ordinary_days_are_shifted() -> None:
    """Where nobody shares more than chance, every date moves, and by one shift a person."""
    raw = table(ordinary(1))
    masked = anonymize(raw, rules(), key=KEY)
    shifts = (masked["told"] - raw["told"]).dt.total_days()
    assert shifts.to_list() == (masked["visit"] - raw["visit"]).dt.total_days().to_list()
    assert not (shifts == 0).any()


@pytest.mark.parametrize("weekdays", [[0], [0, 1, 2, 3, 4]], ids=["Mondays", "work days"])
def test_a_week_is_no_peak(weekdays: list[int]) -> None:
    """Tables of weekly or working days are shifted as others are."""
    draw = np.random.default_rng(3)
    days = 7 * draw.integers(1000, 1200, PERSONS) + 4 + draw.choice(weekdays, PERSONS)
    raw = table(days)
    assert (anonymize(raw, rules(), key=KEY)["told"] != raw["told"]).all()


# Of 200 persons: events each, over how many days, who had one more on one day, and is it hidden.
CROWDS = {
    "everybody beside sixty events": (60, 700, 200, True),
    "one in five": (60, 700, 40, True),
    "of those who come every second day": (60, 100, 200, True),
    "a good day": (60, 700, 8, False),
    "the best day of a busy shop": (60, 100, 40, False),
}


@pytest.mark.parametrize("kind", CROWDS)
def test_a_day_of_many_among_other_events_is_seen(kind: str) -> None:
    """By how many were there beyond what they usually do; what only sells well is shifted."""
    events, span, there, is_hidden = CROWDS[kind]
    days = np.random.default_rng(5).integers(9_000, 9_000 + span, 200 * events)
    who = np.repeat(np.arange(200), events)
    raw = pl.DataFrame({"who": [*who, *range(there)], "told": [*days, *[9_040] * there]})
    raw = raw.with_columns(pl.col("told").cast(pl.Int32).cast(pl.Date))
    columns = {"who": "token", "told": {"mask": "date_shift", "days": 30}}
    masked = anonymize(raw, {"version": 1, "entity": "who", "columns": columns}, key=KEY)
    on_the_day = raw["told"].to_physical() == 9_040
    cut = masked["told"] == date(1994, 1, 1)
    assert cut.filter(on_the_day).all() == is_hidden
    assert not cut.filter(~on_the_day).any()


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60)), min_size=1, max_size=200))
def test_no_crowd_is_missed_where_nobody_counts(rows: list[tuple[int, int]]) -> None:
    """Days of few rows have no crowd: counting their entities would find none."""
    frame = pl.DataFrame(rows, {"who": pl.Int32, "day": pl.Int32}, orient="row")
    frame = frame.with_columns(rows=pl.lit(1, pl.UInt32))
    daily, least = shared_days._daily(frame)
    assert least == frame["who"].n_unique()
    counted = shared_days._crowded(frame, daily, 0)
    assert shared_days._crowded(frame, daily, least) == counted


def test_what_is_not_shifted_is_a_year_or_a_sentinel() -> None:
    """A shared day is cut to its year, time of day included; a sentinel stays what it was."""
    moments = pl.Series([datetime(2004, 5, 6, 7, 8)] * 10 + [datetime(9999, 12, 31, 23, 59)])
    frame = pl.DataFrame({"who": range(11), "told": moments})
    columns = {"who": "drop", "told": {"mask": "date_shift", "days": 30}}
    masked = anonymize(frame, {"version": 1, "entity": "who", "columns": columns}, key=KEY)
    assert masked["told"].to_list() == [datetime(2004, 1, 1)] * 10 + [moments[10]]


def test_fitted_rules_know_the_days() -> None:
    """Learned once, they hold for the next table, lazy and streaming, and travel as JSON."""
    days, _ = KINDS["three migrations"]
    raw = table(days)
    fitted = fit_rules(raw, rules(), key=KEY)
    whole = anonymize(raw, rules(), key=KEY)
    few = raw.filter(pl.col("told") == date(2004, 5, 6)).head(3)
    assert anonymize(few, fitted, key=KEY)["told"].to_list() == [date(2004, 1, 1)] * 3
    assert_frame_equal(anonymize(raw.lazy(), fitted, key=KEY).collect(engine="streaming"), whole)
    learned = fitted.to_dict()["fitted"]["learned"]["__anonymizer_0_for_told"]
    assert sorted(learned["number"]["values"]) == sorted(MIGRATIONS)


@pytest.mark.filterwarnings("default::anonymizer.PrivacyWarning")
def test_a_lazy_frame_is_not_read_and_says_so() -> None:
    """Sentinels stay without looking at the table; that shared days are unknown is a warning."""
    days, _ = KINDS["never"]
    raw = table(days)

    def fail(_: pl.DataFrame) -> pl.DataFrame:
        raise AssertionError("the table was read")

    with pytest.warns(PrivacyWarning, match="told, visit: days that many share"):
        anonymize(raw.lazy().map_batches(fail, schema=raw.schema), rules(), key=KEY)
    masked = anonymize(raw.lazy(), rules(), key=KEY).collect()
    never = raw["told"] == date(9999, 12, 31)
    assert masked.filter(never)["told"].unique().to_list() == [date(9999, 12, 31)]


@pytest.mark.filterwarnings("default::anonymizer.PrivacyWarning")
def test_shared_days_are_counted_in_a_warning(tmp_path: Path) -> None:
    """Who uses the output knows how many days are not shifted, and of which column."""
    raw = table(KINDS["three migrations"][0])
    raw.write_parquet(tmp_path / "in.parquet")
    record = mask_file(tmp_path / "in.parquet", tmp_path / "out.parquet", rules(), key=KEY)
    cut = raw["told"].value_counts(sort=True)["count"].head(3).sum()
    said = (
        f"told: {cut:,} of 3,000 values (30%) are now 1 January of their year, without their "
        "intervals: 3 days of the calendar that over 2% of the entities share"
    )
    assert f"shared-days-cut: {said}" in record.warnings
    fitted = fit_rules(raw, rules(), key=KEY)  # days are known, and counted on each table
    for known in (rules(), fitted):
        with pytest.warns(PrivacyWarning, match=f"shared-days-cut: told: {cut:,} of 3,000 values"):
            anonymize(raw, known, key=KEY)
        found = [each for each in lint(known, raw) if each.code == "shared-days-cut"]
        assert [str(each).startswith(f"columns.{said}") for each in found] == [True]


def test_a_shared_day_in_lists_tells_no_shift() -> None:
    """Lists of dates and of what holds them, in fitted rules and frames that follow them."""
    days, anchors = KINDS["half"]
    raw = (
        table(days)
        .group_by("who", maintain_order=True)
        .agg(pl.struct("told", "visit").implode().alias("all"))
    )
    shift = {"mask": "date_shift", "days": DAYS}
    columns = {"who": "token", "all.told": shift, "all.visit": shift}
    learning = {"version": 1, "entity": "who", "columns": columns}
    for frame, by in ((raw, learning), (raw.lazy(), fit_rules(raw, learning, key=KEY))):
        masked = anonymize(frame, by, key=KEY).lazy().collect()
        first = masked.select(pl.col("all").list.first().struct.unnest())
        assert read_off(first, days, anchors, "Date") <= CHANCE + 0.02
