"""Times in text and integers: each value is read by its format and comes back in its own form."""

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from anonymizer import anonymize, inspect, preview
from anonymizer.errors import DataError, RuleError

KEY = "0123456789abcdef-of-the-tests"
SHIFT = {"mask": "date_shift", "days": 30}
MONTH = {"mask": "date_truncate", "to": "month"}
HOUR = {"mask": "date_truncate", "to": "hour"}
AGE = {"mask": "age", "on": "2025-01-01", "width": 1}


# Under this key, person 1 moves by 17 days.
def masked(values: list[Any], rule: dict[str, Any], dtype: Any = None) -> list[Any]:
    """The masked values of one person, the same from a frame, a lazy one and a streaming one."""
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype)}).with_columns(who=pl.lit(1))
    columns = {"x": rule, "who": "drop"}
    rules = {"version": 1, "entity": "who", "digest": "hmac-sha256", "columns": columns}
    whole = anonymize(frame, rules, key=KEY)
    lazy = anonymize(frame.lazy(), rules, key=KEY)
    assert lazy.collect().equals(whole)
    assert lazy.collect(engine="streaming").equals(whole)
    return whole["x"].to_list()


def fault(values: list[Any], rule: dict[str, Any]) -> str:
    """What is said of values that cannot be masked."""
    with pytest.raises(DataError) as caught:
        masked(values, rule)
    assert not any(str(value) in str(caught.value) for value in values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("raw", "shifted", "month", "hour", "years"),
    [
        ("2024-05-16", "2024-06-02", "2024-05-01", "2024-05-16", "0"),
        (
            "1990-05-16T12:34:56.120+02:00",
            "1990-06-02T10:34:56.120Z",
            "1990-05-01T00:00:00.000Z",
            "1990-05-16T12:00:00.000+02:00",
            "34",
        ),
        ("1990-05-16 12:34Z", "1990-06-02 12:34Z", "1990-05-01 00:00Z", "1990-05-16 12:00Z", "34"),
        ("19900516T123456", "19900602T123456", "19900501T000000", "19900516T120000", "34"),
        ("1990-05", "1990-06", "1990-05", "1990-05", "34"),
        (" 1990-05-16 ", " 1990-06-02 ", " 1990-05-01 ", " 1990-05-16 ", "34"),
        ("1990", "1990", "1990", "1990", "34"),
        ("", "", "", "", None),
        ("0000-00-00", "0000-00-00", "0000-00-00", "0000-00-00", None),
        ("9999-12-31", "9999-12-31", "9999-12-01", "9999-12-31", None),
        (None, None, None, None, None),
    ],
)
def test_iso_8601_needs_no_format(
    raw: str | None, shifted: str, month: str, hour: str, years: str
) -> None:
    """Digits of seconds, `T` or blank and the length of a date stay as they were."""
    found = [masked([raw], rule, pl.String)[0] for rule in (SHIFT, MONTH, HOUR, AGE)]
    assert found == [shifted, month, hour, years]


@pytest.mark.parametrize(
    ("format_", "raw", "shifted", "month"),
    [
        ("%d.%m.%Y", "16.05.2024", "02.06.2024", "01.05.2024"),
        ("%d.%m.%Y", "16.05.2024  ", "02.06.2024  ", "01.05.2024  "),
        (" %-d.%-m.%Y %H:%M", " 16.5.2024 07:08\t", " 2.6.2024 07:08\t", " 1.5.2024 00:00\t"),
        ("%-m/%-d/%Y", "5/16/2024", "6/2/2024", "5/1/2024"),
        ("%m/%d/%Y %I:%M %p", "05/16/2024 07:08 PM", "06/02/2024 07:08 PM", "05/01/2024 12:00 AM"),
        ("%H:%M %d.%m.%y", "07:08 16.05.24", "07:08 02.06.24", "00:00 01.05.24"),
        ("%d-%b-%y", "16-MAY-24", "02-JUN-24", "01-MAY-24"),
        ("%d %B %Y", "6 May 2024", None, None),
        ("%B %-d, %Y", "May 6, 2024", "May 23, 2024", "May 1, 2024"),
        ("%Y年%m月%d日", "2024年05月16日", "2024年06月02日", "2024年05月01日"),
        ("%m/%Y", "05/2024", "06/2024", "05/2024"),
        ("Q1 %d.%m.%Y", "Q1 16.05.2024", "Q1 02.06.2024", "Q1 01.05.2024"),
        ("%Y-%m-%dT07Z", "2024-05-16T07Z", "2024-06-02T07Z", "2024-05-01T07Z"),
        ("%Y-%m-%d %H:%M v2", "2024-05-16 07:08 v2", "2024-06-02 07:08 v2", "2024-05-01 00:00 v2"),
        ("%d.%m.%y", "16.05.69", "02.06.69", "01.05.69"),
        ("%d.%m.%y", "20.12.69", None, "01.12.69"),
        ("%Y%m%d", 20240516, 20240602, 20240501),
        ("%d%m%Y", 1062024, 18062024, 1062024),
        ("%Y%m%d%H%M%S", 20240516123456, 20240602123456, 20240501000000),
        ({"epoch": "s"}, 1715862896, 1717331696, 1714521600),
        ({"epoch": "ms"}, "1715862896123", "1717331696123", "1714521600000"),
        (["%Y-%m-%d", "%d.%m.%Y"], "16.05.2024", "02.06.2024", "01.05.2024"),
        (["%Y-%m-%d", "%d.%m.%Y"], "2024-05-16", "2024-06-02", "2024-05-01"),
    ],
)
def test_each_value_keeps_its_form(format_: Any, raw: Any, shifted: Any, month: Any) -> None:
    """What a format reads is written back in it; what it does not read is null on demand."""
    written = {"format": format_, "unmapped": "null"}
    assert masked([raw], SHIFT | written) == [shifted]
    assert masked([raw], MONTH | written) == [month]


@pytest.mark.parametrize(
    ("format_", "raw", "shifted", "month"),
    [
        (None, "2024-03-27T00:16+01:00", "2024-04-12T23:16Z", "2024-03-01T00:00Z"),
        (None, " 2024-07-27 23:16:01.5 -03:30 ", " 2024-08-14 02:46:01.5Z ", None),
        (None, "20240727T24+02", "20240813T22Z", "20240701T00Z"),
        (None, "20240727T16+0530", "20240813T1030Z", "20240701T00Z"),
        (None, "2024-07-27T16:00+00:00", "2024-08-13T16:00Z", "2024-07-01T00:00Z"),
        (None, "9999-12-31T00:00+01:00", "9999-12-31T00:00+01:00", "9999-12-01T00:00Z"),
        ("%d/%b/%Y:%H:%M %z", "27/Mar/2024:16:56 +0100", "13/Apr/2024:15:56 +0000", None),
        ("%d.%m.%Y %-I:%M %p %z", "27.07.2024 1:10 am +02", "12.08.2024 11:10 pm +0000", None),
        ("%z %H %d.%m.%Y", "Z 05 27.07.2024", "+0000 05 13.08.2024", "+0000 00 01.07.2024"),
        ("%Y-%m-%d %z", "2024-07-27 +02:00", "2024-08-13 +0000", "2024-07-01 +0000"),
    ],
)
def test_an_offset_tells_no_season(format_: Any, raw: str, shifted: str, month: str | None) -> None:
    """Moved times leave in UTC, all with one offset; months have that of UTC as well."""
    written = {} if format_ is None else {"format": format_}
    assert masked([raw], SHIFT | written) == [shifted]
    if month:
        assert masked([raw], MONTH | written) == [month]


def test_intervals_across_a_change_of_clocks_stay_exact() -> None:
    """Two moments an hour apart, written with two offsets, stay an hour apart."""
    shown = masked(["2024-03-31T01:30+01:00", "2024-03-31T03:30+02:00"], SHIFT)
    assert shown == ["2024-04-17T00:30Z", "2024-04-17T01:30Z"]


def test_names_of_summer_time_are_refused() -> None:
    """CET and CEST tell the season; one name that all values have is no directive."""
    for rule in (SHIFT, MONTH):
        with pytest.raises(RuleError, match="`%Z` in the format tells summer time"):
            masked([], rule | {"format": "%d.%m.%Y %Z"})
    values = ["27.07.2024 05:06 UTC"]
    assert masked(values, SHIFT | {"format": "%d.%m.%Y %H:%M UTC"}) == ["13.08.2024 05:06 UTC"]


@pytest.mark.parametrize("time", ["25:00", "24:01", "10:60", "10:10:61", "10:10+24:00"])
def test_no_iso_8601_has_such_a_time(time: str) -> None:
    """Hours beyond 24:00, minutes beyond 59 and offsets of a day are unreadable."""
    for raw in (f"2024-05-01T{time}", f"20240501T{time.replace(':', '')}0"):
        assert "x: 1 unreadable" in fault([raw], SHIFT)


def test_integers_keep_their_type() -> None:
    """The dtype of a column of integers is that of the output; text with categories loses them."""
    for values, rule, dtype in (
        (pl.Series([20240516], dtype=pl.UInt32), SHIFT | {"format": "%Y%m%d"}, pl.UInt32),
        (pl.Series(["2024-05-16"], dtype=pl.Categorical), SHIFT, pl.String),
    ):
        frame = values.to_frame("x").with_columns(who=pl.lit(1))
        rules = {"version": 1, "entity": "who", "columns": {"x": rule, "who": "drop"}}
        assert anonymize(frame, rules, key=KEY).schema == {"x": dtype}


def test_what_no_format_reads_is_counted() -> None:
    """The count and the first row stand in the message, no value; or it becomes null."""
    values = ["16.05.2024", "soon", None, "30.02.2024"]
    rule = SHIFT | {"format": "%d.%m.%Y"}
    assert "x: 2 unreadable, the first in row 2: add their `format`" in fault(values, rule)
    assert masked(values, rule | {"unmapped": None}) == ["02.06.2024", None, None, None]


def test_the_row_is_that_of_the_table() -> None:
    """Rows that another rule masks are counted on the way to the first that cannot be read."""
    frame = pl.DataFrame({"x": ["soon", "soon", "2024-05-16", "soon"], "n": [0, 0, 1, 1]})
    rule = [MONTH | {"when": "n = 1"}, "redact"]
    with pytest.raises(DataError, match="x: 1 unreadable, the first in row 4"):
        anonymize(frame, {"version": 1, "columns": {"x": rule, "n": "keep"}}, key=KEY)


def test_day_and_month_are_never_guessed() -> None:
    """Text that is not ISO 8601 is refused, and so are two formats that differ."""
    values = ["05/06/2024", "17/06/2024", "06/18/2024", "06/19/2024"]
    said = fault(values, SHIFT)
    assert 'write `format`: `"%m/%d/%Y"` reads 3, `"%d/%m/%Y"` reads 2' in said
    both = fault(values, SHIFT | {"format": ["%d/%m/%Y", "%m/%d/%Y"]})
    assert "1 unreadable, the first in row 1; by different formats they are different" in both


def test_nobody_was_born_after_the_day_of_reckoning(secret: str) -> None:
    """A year of two digits is of the century in which it has been, unlike what Polars reads."""
    born = ["15.06.68", "15.06.69", "15.06.70", "01.01.24", "02.01.24", "01.01.25", "29.02.00"]
    rule = {"mask": "age", "format": "%d.%m.%y", "on": "2024-01-01", "top": 99}
    out = anonymize(pl.DataFrame({"b": born}), {"version": 1, "columns": {"b": rule}}, key=secret)
    bands = ["50-59", "50-59", "50-59", "0-9", None, "99+", "20-29"]
    assert out["b"].to_list() == bands


@pytest.mark.parametrize(
    ("format_", "message"),
    [
        ("dd.mm.yyyy", "a format needs a year"),
        ("%Y-%d", "a format with a day needs a month"),
        ("%d %H %m %Y", "must stand together"),
        ("%Q %Y", "%Q is not among the directives"),
        ({"epoch": "h"}, "columns.x.format: expected a pattern"),
        (5, "columns.x.format: expected a pattern"),
        ([], "columns.x.format: expected a pattern"),
    ],
)
def test_a_bad_format_is_named(format_: Any, message: str) -> None:
    """Before any row is read, in one line with its place."""
    with pytest.raises(RuleError, match="1 fault: ") as caught:
        masked(["2024-05-16"], SHIFT | {"format": format_})
    assert message in str(caught.value)


def test_no_date_leaves_the_years_1_to_9999() -> None:
    """At both ends a shifted date becomes null, in every type; none wraps, none fails."""
    days = ["0001-01-05", "9999-12-25"]
    for rule in (SHIFT, SHIFT | {"days": 36_500}):
        found = pl.Series(masked(days, rule)).drop_nulls()
        assert found.str.contains(r"^\d{4}-\d\d-\d\d$").all()
        assert masked(pl.Series(days).str.to_date().to_list(), rule).count(None) == 2 - len(found)
    assert masked([datetime(9999, 12, 25)], SHIFT) == [None]


def test_a_year_of_two_digits_stays_in_its_century() -> None:
    """What it cannot say becomes null: 70 is 1970 and never 2070, 69 never 1969."""
    weeks = {"mask": "date_truncate", "to": "week", "format": "%d.%m.%y"}
    assert masked(["01.01.70", "09.01.70", "31.12.69"], weeks) == [None, "05.01.70", "30.12.69"]


def test_lists_take_written_times_that_become_null() -> None:
    """Nothing can be counted in a list: what cannot be read must be allowed to become null."""
    assert masked([["2024-05-16", "soon"], []], SHIFT | {"unmapped": "null"}) == [
        ["2024-06-02", None],
        [],
    ]
    assert "cannot be inside a list" in fault([["2024-05-16"]], SHIFT)


def test_a_preview_writes_its_examples_in_the_format() -> None:
    """Made-up times look as the format says."""
    frame = pl.DataFrame({"x": ["16.05.2024"]})
    columns = {"x": MONTH | {"format": "%d.%m.%Y"}}
    found = preview(frame, {"version": 1, "columns": columns})
    assert found[0].examples[0] == ("26.05.1931", "01.05.1931")


def test_inspect_proposes_the_format_that_it_found() -> None:
    """One or several formats, where all of the sample is read and day and month are sure."""
    days = pl.date_range(datetime(2021, 1, 1), datetime(2024, 12, 31), "5d", eager=True)
    dotted, iso = days.dt.to_string("%d.%m.%Y"), days.dt.to_string("%Y-%m-%d")
    frame = pl.DataFrame({"customer_id": [f"C{n % 60}" for n in range(len(days))]}).with_columns(
        order_date=dotted,
        ship_date=iso,
        visit_date=pl.when(pl.int_range(pl.len()) % 5 == 0).then(dotted).otherwise(iso),
        paid_date=days.dt.to_string("%Y%m%d").cast(pl.Int64),
        created_at=days.dt.epoch("s") * 1000,
        return_date=days.dt.to_string("0%u/05/%Y"),
        birth_date=days.dt.to_string("%d/%m/%Y"),
    )
    found = {each.column: each.mask for each in inspect(frame).columns}
    assert found == {
        "customer_id": found["customer_id"],
        "order_date": SHIFT | {"format": "%d.%m.%Y"},
        "ship_date": SHIFT,
        "visit_date": SHIFT | {"format": ["%Y-%m-%d", "%d.%m.%Y"]},
        "paid_date": SHIFT | {"format": "%Y%m%d"},
        "created_at": SHIFT | {"format": {"epoch": "ms"}},
        "return_date": {"mask": "redact"},
        "birth_date": {"mask": "age", "width": 10, "top": 90, "format": "%d/%m/%Y"},
    }
