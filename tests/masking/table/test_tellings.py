"""What tells the true times beside moved ones is found by its values, and stops a file."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import PrivacyWarning, anonymize, lint, mask_file
from anonymizer.errors import DataError, SchemaError
from anonymizer.keys import Key
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.table import tellings as room
from anonymizer.masking.table.tellings import tellings
from tests.masking.conftest import SECRET

ROWS, PEOPLE, DAYS = 2_000, 100, 300
DAY = pl.col("day")
SHIFT = {"mask": "date_shift", "days": 30}


@pytest.fixture(name="log")
def log_() -> pl.DataFrame:
    """A year of visits of a hundred people, sorted by day."""
    who = pl.Series("who", range(ROWS)).hash(seed=1) % PEOPLE
    day = [date(2023, 1, 5) + timedelta(days=row * DAYS // ROWS) for row in range(ROWS)]
    return pl.DataFrame({"who": who, "day": day})


def told(frame: pl.DataFrame, **masks: Any) -> list[str]:
    """What is said to tell something, a line each; what has no mask is kept."""
    columns = {"who": "token", "day": SHIFT, **masks}
    columns |= {name: "keep" for name in frame.columns if name not in columns}
    return told_by(frame, columns)


def told_by(frame: pl.DataFrame, columns: dict[str, Any]) -> list[str]:
    """The same by masks for all columns."""
    plan = make_plan(load_rules({"version": 1, "entity": "who", "columns": columns}), frame.schema)
    return [str(each) for each in tellings(plan, frame.lazy(), Key(SECRET), seekable=True)]


NUMBER = pl.int_range(pl.len())
UNKNOWN = pl.when(NUMBER % 50 == 7).then(pl.lit("UNKNOWN"))
IS_CAMPAIGN = DAY.dt.weekday() == 3
ANY = NUMBER.hash(seed=12)
DATE_PARTS = pl.concat_list(pl.col("day").dt.year(), DAY.dt.ordinal_day().cast(pl.Int32), ANY % 2)
TELLING: dict[str, tuple[pl.Expr, str]] = {
    "text": (DAY.dt.to_string("%Y-%m-%d"), "day"),
    "text with a time": (pl.format("{} 12:{}:00", DAY.dt.to_string("%d/%m/%Y"), NUMBER), "day"),
    "a written month": (DAY.dt.to_string("%d %B"), "day"),
    "20240101": (DAY.dt.to_string("%Y%m%d").cast(pl.Int64), "day"),
    "seconds of the epoch": (DAY.dt.epoch("s") + NUMBER % 1000, "day"),
    "an ISO week": (DAY.dt.to_string("%G-W%V"), "week"),
    "the number of a week": (DAY.dt.week(), "week"),
    "a month": (DAY.dt.month(), "month"),
    "a quarter": (pl.format("Q{}", DAY.dt.quarter()), "quarter"),
    "a date": (DAY, "day"),
    "a moment": (DAY.cast(pl.Datetime("ms")) + pl.duration(minutes=NUMBER % 900), "day"),
    "serial numbers": (pl.format("A{}", NUMBER + 536_000), "day"),
    "the name of a batch": ((DAY.dt.ordinal_day() // 4).hash(seed=3).cast(pl.String), "week"),
    "a name given in turn, downwards": (-NUMBER, "day"),
    "a batch, at times unknown": (
        UNKNOWN.otherwise(DAY.hash().cast(pl.String)),
        "day",
    ),
    "a campaign, or mostly none": (pl.when(IS_CAMPAIGN).then(DAY.dt.week()).otherwise(0), "day"),
    "numbers among others": (UNKNOWN.otherwise(pl.format("R{}", NUMBER + 10_000)), "day"),
    "text that ends in a date": (pl.format("{}/{}", ANY, DAY.dt.to_string("%d-%b-%Y")), "day"),
    "bytes": (DAY.dt.to_string("%Y-%m-%d").cast(pl.Binary), "day"),
    "the parts of a date in a list": (DATE_PARTS, "day"),
    "an array": (DATE_PARTS.list.to_array(3), "day"),
    "a list of bytes": (pl.concat_list(DAY.dt.to_string("%j").cast(pl.Binary)), "day"),
    "a list of lists": (pl.concat_list(DATE_PARTS.implode().over(NUMBER)), "day"),
    "one of several tags": (pl.concat_list(ANY, DAY.hash()), "day"),
    "a list in a struct": (pl.concat_list(pl.struct(at=pl.concat_list(NUMBER))), "day"),
}


@pytest.mark.parametrize("kind", TELLING)
def test_a_column_that_goes_with_the_time_is_found(kind: str, log: pl.DataFrame) -> None:
    """By its values: whatever its name and type are, down to the finest unit that it tells."""
    column, unit = TELLING[kind]
    (line,) = told(log.with_columns(x=column))
    assert line.startswith(f"x: tells the true {unit} of 'day', which moves, ")


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("text", "as 300 of 300 values are written"),
        ("a date", "as 300 of 300 values are written"),
        ("a month", "by 10 of 10 values"),
        ("a campaign, or mostly none", "by 42 of 43 values"),
        ("serial numbers", "by the order of its values"),
    ],
)
def test_it_is_said_how_many_values_tell(kind: str, how: str, log: pl.DataFrame) -> None:
    """And none of them."""
    (line,) = told(log.with_columns(x=TELLING[kind][0]))
    assert line.endswith(f", which moves, {how}: drop or coarsen it")


def test_numbers_within_another_column_are_found(log: pl.DataFrame) -> None:
    """Receipts that each shop counts for itself, and perhaps anew; not without the shop."""
    shop = NUMBER.hash(seed=8) % 4
    frame = log.with_columns(shop=shop, receipt=pl.int_range(pl.len()).over(shop) + 125 * shop)
    anew = pl.when(date(2023, 6, 1) > DAY).then(0).otherwise(250)
    for receipts in (frame, frame.with_columns(pl.col("receipt") - anew)):
        (line,) = told(receipts)
        assert line.startswith("receipt: tells the true week of 'day', which moves, within 'shop'")
    assert told(frame.drop("shop")) == []


def test_what_comes_again_after_the_shift_is_found(log: pl.DataFrame) -> None:
    """Parts of a date: whoever knows the day by the shift knows which month or week is meant."""
    years = log.with_columns(day=date(2021, 1, 5) + pl.duration(days=NUMBER * 2 * DAYS // ROWS))
    parts = {"year": DAY.dt.year(), "fortnight": DAY.dt.ordinal_day() // 14}
    year, fortnight = SHIFT | {"days": 365}, SHIFT | {"days": 14}
    (line,) = told(years.with_columns(**parts), day=year)
    assert "within 'year'" in line
    (line,) = told(years.with_columns(x=DAY.dt.day()), day=fortnight)
    assert line.startswith("x: tells the true day of 'day', which moves, ")


PARTS: dict[str, tuple[pl.Expr, str]] = {
    "a month": (DAY.dt.month(), "month"),
    "a month by its name": (DAY.dt.to_string("%b"), "month"),
    "a month, at times unknown": (UNKNOWN.otherwise(DAY.dt.to_string("%m")), "month"),
    "a month, at times the next": ((DAY + pl.duration(days=NUMBER % 7)).dt.month(), "month"),
    "a day": (DAY.dt.to_string("%d"), "day of the month"),
    "a day of the year": (DAY.dt.ordinal_day(), "day of the year"),
    "a quarter": (pl.format("Q{}", DAY.dt.quarter()), "quarter"),
    "days until a month ends": (DAY.dt.month_end() - DAY, "day of the month"),
    "a day from the 26th": (DAY.dt.offset_by("-25d").dt.day(), "day of the month"),
    "a day of the week": (DAY.dt.to_string("%A"), "day of the week"),
    "a day of the week, at times unknown": (
        UNKNOWN.otherwise(DAY.dt.to_string("%a")),
        "day of the week",
    ),
}


@pytest.mark.parametrize("mask", ["keep", "token"])
@pytest.mark.parametrize("kind", PARTS)
def test_a_part_of_the_date_is_found_however_far_times_move(
    kind: str, mask: str, log: pl.DataFrame
) -> None:
    """Of the shifts by up to a year, twenty-four at most agree with the day of the month."""
    years = log.with_columns(day=date(2021, 1, 5) + pl.duration(days=NUMBER * 3 * DAYS // ROWS))
    column, unit = PARTS[kind]
    (line,) = told(years.with_columns(x=column), day=SHIFT | {"days": 365}, x=mask)
    assert line.startswith(f"x: tells the true {unit} of 'day', which moves, ")


@pytest.mark.parametrize("shop", ["S{}-{}", "{}/0{}N", "shop {}: {}."])
def test_a_part_of_the_date_is_found_in_text(shop: str, log: pl.DataFrame) -> None:
    """Among other words and numbers, of which each value may be the only one."""
    (line,) = told(log.with_columns(x=pl.format(shop, ANY % 400, DAY.dt.day())))
    assert line.startswith("x: tells the true day of the month of 'day'")


def test_a_part_of_the_date_is_found_in_two_columns(log: pl.DataFrame) -> None:
    """As tens and ones."""
    (line,) = told(log.with_columns(tens=DAY.dt.day() // 10, ones=DAY.dt.day() % 10))
    assert line.startswith("ones: tells the true day of the month of 'day', which moves, within")


def test_shifts_of_whole_weeks_keep_the_day_of_the_week(log: pl.DataFrame) -> None:
    """So that a column of it tells nothing more; of other shifts the way out is named."""
    frame = log.with_columns(x=DAY.dt.weekday())
    assert told(frame, day=SHIFT | {"weeks": True}) == []
    (line,) = told(frame)
    assert line.endswith("drop it and take it from the moved times, or move them by `weeks`")


@pytest.mark.parametrize("mask", ["token", {"mask": "encrypt"}])
def test_a_token_of_it_tells_as_much(mask: Any, log: pl.DataFrame) -> None:
    """Rows of one token share a day, and the mean of their moved times is the day."""
    assert told(log.with_columns(x=DAY.dt.to_string("%Y-%m-%d")), x=mask) != []


INNOCENT: dict[str, pl.Expr] = {
    "a constant": pl.lit("a"),
    "one of two values": NUMBER % 2,
    "a token per visit": NUMBER.hash(seed=5).cast(pl.String),
    "an amount": (NUMBER.hash(seed=6) % 9_000) / 100,
    "a city": (pl.col("who") % 7).cast(pl.String),
    "something per person and month": pl.struct("who", DAY.dt.month()).hash(seed=7),
    "nulls": pl.lit(None, pl.String),
    "whether it is a weekend": DAY.dt.weekday() > 5,
    "a list": pl.concat_list(NUMBER % 7, ANY),
    "an hour": NUMBER.hash(seed=9) % 24,
    "goods, of which few sell well": (1 / (NUMBER.hash(seed=4) % 997 + 1) * 3_000).cast(pl.Int64),
    "goods of a season": DAY.dt.quarter() * 10 + NUMBER.hash(seed=4) % 50,
    "the visits of a person": pl.int_range(pl.len()).over("who"),
}


@pytest.mark.parametrize("kind", INNOCENT)
def test_a_column_that_tells_no_time_is_left_alone(kind: str, log: pl.DataFrame) -> None:
    """What is unique per row, per person, or the same for all is no calendar."""
    assert told(log.with_columns(x=INNOCENT[kind])) == []


def test_a_field_of_a_struct_is_found(log: pl.DataFrame) -> None:
    """However deep it is."""
    (line,) = told(log.with_columns(x=pl.struct(inner=pl.struct(at=DAY, n=NUMBER % 3))))
    assert line.startswith("x.inner.at: tells the true day")


def test_rows_of_nobody_that_are_cut_make_no_telling_of_those_that_move(log: pl.DataFrame) -> None:
    """Few days move a time out of its month: that it stays there is no sign that it was written."""
    some = log.with_columns(who=pl.when(NUMBER % 20 > 0).then("who"))
    cut = {"mask": "date_truncate", "to": "year"}
    columns = {"who": "token", "day": [SHIFT | {"when": "who IS NOT NULL"}, cut]}
    assert told_by(some, columns) == []


def test_what_moves_itself_tells_nothing(log: pl.DataFrame) -> None:
    """A second time, as a field of a struct too; where only some rows move, the others tell."""
    frame = log.with_columns(x=pl.struct(at=DAY, n=NUMBER % 3), end=DAY + pl.duration(days=2))
    assert told(frame, **{"x.at": SHIFT, "x.n": "keep", "end": SHIFT}) == []
    some = [SHIFT | {"when": "who > 90"}, "keep"]
    lines = told(frame.drop("x"), end=some)
    assert any(line.startswith("end: tells the true") for line in lines)


ODD: dict[str, pl.Expr] = {
    "a duration": pl.duration(seconds=NUMBER % 7),
    "a time of day": pl.time(NUMBER % 24),
    "a decimal": (NUMBER % 9).cast(pl.Decimal(10, 2)),
    "bytes": pl.lit(b"a"),
    "an array": pl.concat_list(NUMBER % 3, NUMBER % 2).list.to_array(2),
    "lists of bytes": pl.concat_list(pl.lit(b"\xff"), pl.lit(b"b")),
    "lists without elements": pl.lit(None, pl.List(pl.Int8)),
    "categories": (NUMBER % 3).cast(pl.String).cast(pl.Categorical),
    "truth": NUMBER % 2 == 0,
    "nothing": pl.lit(None),
    "no numbers": pl.when(NUMBER % 2 == 0).then(float("nan")).otherwise(float("-inf")),
}


@pytest.mark.parametrize("kind", ODD)
def test_every_type_is_read(kind: str, log: pl.DataFrame) -> None:
    """Or left out, without a word."""
    assert told(log.with_columns(x=ODD[kind])) == []


def test_a_sample_tells_what_the_table_tells(
    log: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large table some rows are read."""
    monkeypatch.setattr(room, "SAMPLED_ROWS", 400)
    frame = log.with_columns(x=DAY.dt.month(), y=NUMBER % 5)
    plan = make_plan(
        load_rules({"version": 1, "entity": "who", "unlisted": "keep", "columns": {"day": SHIFT}}),
        frame.schema,
    )
    for seekable in (True, False):
        found = tellings(plan, frame.lazy(), Key(SECRET), seekable=seekable)
        assert [each.column for each in found] == ["x"]


def test_a_narrow_delivery_is_found(log: pl.DataFrame) -> None:
    """A few strays do not make it wide; a delivery as wide as the shift is none."""
    one = log.with_columns(day=pl.lit(date(2024, 5, 1)))
    stray = log.head(5).vstack(one.select(log.columns).head(1500))
    (line,) = told(stray)
    assert line.startswith("day: the rows span 1 day, fewer than the 30 that times move by")
    assert told(log.filter(date(2023, 2, 5) > DAY)) == []
    assert told(log.filter(date(2023, 2, 3) > DAY)) != []


# How many of a hundred rows came late, and whether a delivery of some days is narrow all the same.
LATE = [(1, 12, True), (1, 80, True), (1, 400, True), (10, 80, True), (10, 400, False)]


@pytest.mark.parametrize(("days", "late", "is_narrow"), LATE)
def test_rows_that_came_late_make_no_delivery_wide(
    log: pl.DataFrame, days: int, late: int, *, is_narrow: bool
) -> None:
    """Most persons' rows tell their shifts; what few have tells nothing of the others."""
    on_time = date(2024, 5, 1) - pl.duration(days=NUMBER % days)
    lag = NUMBER.hash(seed=2) % 200 + days
    delay = pl.when(NUMBER.hash(seed=1) % 1000 < late).then(lag).otherwise(0)
    lines = told(log.with_columns(day=on_time - pl.duration(days=delay)))
    assert any("fewer than the 30 that times move by" in line for line in lines) == is_narrow


def test_one_busy_person_makes_no_delivery_wide(log: pl.DataFrame) -> None:
    """Each entity counts as much as another."""
    busy = log.with_columns(who=pl.lit(1000, pl.UInt64), day=date(2023, 5, 1))
    assert told(pl.concat([busy, log.gather_every(20)])) == []


@pytest.fixture(name="weekly")
def weekly_(log: pl.DataFrame, tmp_path: Path) -> Path:
    """The visits of nine days, in a file."""
    moments = [datetime(2024, 5, 1 + row % 9, row % 24) for row in range(ROWS)]
    log.with_columns(day=pl.Series(moments)).write_parquet(tmp_path / "raw.parquet")
    return tmp_path / "raw.parquet"


RULES = {"version": 1, "entity": "who", "columns": {"who": "token", "day": SHIFT}}


def test_a_file_that_tells_is_refused_before_anything_is_written(weekly: Path, secret: str) -> None:
    """With the way out; `lint` warns of the same."""
    with pytest.raises(SchemaError, match=r"day: the rows span 9 days.*batches: accepted"):
        mask_file(weekly, weekly.with_name("out.parquet"), RULES, key=secret)
    assert list(weekly.parent.iterdir()) == [weekly]
    assert [(each.code, each.level) for each in lint(RULES, weekly)] == [("time-told", "warning")]


def test_a_delivery_of_one_day_does_not_lose_its_times(
    log: pl.DataFrame, tmp_path: Path, secret: str
) -> None:
    """Everybody shares its day, which would be cut to the year; rather nothing is written."""
    log.with_columns(day=pl.lit(date(2024, 5, 6))).write_parquet(tmp_path / "raw.parquet")
    with pytest.raises(SchemaError, match="of which only the year would be left: deliver more"):
        mask_file(tmp_path / "raw.parquet", tmp_path / "out.parquet", RULES, key=secret)
    accepted = RULES | {"batches": "accepted"}
    with pytest.warns(PrivacyWarning, match="only the year would be left"):
        mask_file(tmp_path / "raw.parquet", tmp_path / "out.parquet", accepted, key=secret)
    assert pl.read_parquet(tmp_path / "out.parquet")["day"].unique().to_list() == [date(2024, 1, 1)]


def test_who_accepts_it_gets_it_in_writing(weekly: Path, secret: str) -> None:
    """As a warning and in the manifest."""
    accepted = RULES | {"batches": "accepted"}
    with pytest.warns(PrivacyWarning, match="the rows span 9 days"):
        record = mask_file(weekly, weekly.with_name("out.parquet"), accepted, key=secret)
    assert any("the rows span 9 days" in line for line in record.warnings)
    assert [(each.code, each.level) for each in lint(accepted, weekly)] == [("time-told", "note")]


def test_a_trial_of_few_people_is_said(weekly: Path, secret: str) -> None:
    """Rows of nine people are written, and a frame is masked, with a warning."""
    few = pl.read_parquet(weekly).filter(pl.col("who") < 9)
    with pytest.warns(PrivacyWarning, match="the rows span 9 days"):
        anonymize(pl.read_parquet(weekly), RULES, key=secret)
    few.write_parquet(weekly)
    with pytest.warns(PrivacyWarning, match="the rows span 9 days"):
        mask_file(weekly, weekly.with_name("out.parquet"), RULES, key=secret)


def test_a_partition_that_tells_is_refused(log: pl.DataFrame, tmp_path: Path, secret: str) -> None:
    """A folder by day; without the key in the output it may leave."""
    for day, rows in log.group_by("day"):
        folder = tmp_path / "in" / f"ds={day[0]}"
        folder.mkdir(parents=True)
        rows.write_parquet(folder / "part.parquet")
    columns = {"who": "token", "day": SHIFT, "ds": "keep"}
    with pytest.raises(SchemaError, match="ds: tells the true day of 'day'"):
        mask_file(tmp_path / "in", tmp_path / "out", RULES | {"columns": columns}, key=secret)
    columns["ds"] = "drop"
    mask_file(tmp_path / "in", tmp_path / "out", RULES | {"columns": columns}, key=secret)
    assert len(list((tmp_path / "out").rglob("*.parquet"))) == 1


def test_lint_says_where_a_cell_is_no_number(tmp_path: Path) -> None:
    """As masking says it."""
    (tmp_path / "in.csv").write_text("who,day,paid\n1,2024-05-01,3\n2,2024-06-05,x\n")
    columns = {"who": "token", "day": SHIFT, "paid": {"mask": "round", "to": 1}}
    with pytest.raises(DataError, match="paid, row 2: no number of 15 digits at most"):
        lint({"version": 1, "entity": "who", "columns": columns}, tmp_path / "in.csv")


@pytest.fixture(name="lists")
def lists_(log: pl.DataFrame) -> pl.DataFrame:
    """A row for each person with all its visits."""
    parts = log.with_columns(text=DAY.dt.to_string("%d.%m."), shop=NUMBER.hash(seed=8) % 4)
    visits = pl.struct("day", "text", "shop").implode().alias("visits")
    return parts.group_by("who", maintain_order=True).agg(visits)


LISTS = {"who": "token", "visits.day": SHIFT, "visits.text": "keep", "visits.shop": "keep"}
BY_ALL = "which moves, by 300 of 300 values: drop or coarsen it"
TOLD = f"visits.text: tells the true day of 'visits.day', {BY_ALL}"


def test_what_tells_times_in_lists_is_found(lists: pl.DataFrame) -> None:
    """In their elements, in lists of lists, and in a struct."""
    assert told_by(lists, LISTS) == [TOLD]
    assert told_by(lists, LISTS | {"visits.text": "drop"}) == []
    deeper = lists.with_columns(pl.concat_list(pl.col("visits").implode().over("who")))
    assert told_by(deeper, LISTS) == [TOLD]
    within = lists.select("who", all=pl.struct("visits"))
    inside = {f"all.{name}" if "." in name else name: mask for name, mask in LISTS.items()}
    (line,) = told_by(within, inside)
    assert line == f"all.visits.text: tells the true day of 'all.visits.day', {BY_ALL}"


def test_what_stands_outside_of_a_list_tells_its_times(log: pl.DataFrame) -> None:
    """And the other way round: a basket of one day has a batch beside it or in it."""
    batch = log.with_columns(x=DAY.hash().cast(pl.String))
    beside = batch.group_by("who", "x", maintain_order=True).agg(pl.col("day").implode())
    assert told_by(beside, {"who": "token", "day": SHIFT, "x": "keep"}) == [
        f"x: tells the true day of 'day', {BY_ALL}"
    ]
    within = batch.group_by("who", "day", maintain_order=True).agg(pl.struct("x").implode())
    assert told_by(within, {"who": "token", "day": SHIFT, "x.x": "keep"}) == [
        f"x.x: tells the true day of 'day', {BY_ALL}"
    ]


def test_a_narrow_delivery_of_lists_is_refused(
    log: pl.DataFrame, tmp_path: Path, secret: str
) -> None:
    """As one of rows is."""
    nine = log.with_columns(day=date(2024, 5, 1) + pl.duration(days=NUMBER % 9))
    nine.group_by("who").agg(pl.col("day").implode()).write_parquet(tmp_path / "raw.parquet")
    with pytest.raises(SchemaError, match="day: the rows span 9 days"):
        mask_file(tmp_path / "raw.parquet", tmp_path / "out.parquet", RULES, key=secret)
