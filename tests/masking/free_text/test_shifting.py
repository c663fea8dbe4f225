"""Dates of texts move, and nothing beside them tells by how much."""

import json
from cProfile import Profile
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer.masking.free_text.recognition.dates import moved
from anonymizer.masking.free_text.scrubbing import Replacing, Row, Scrubber

SCRUBBER = Scrubber(replacing=Replacing({"date": "shift"}))


def shifted(text: str, days: int = 100) -> str:
    """The text of somebody whose dates move by so many days."""
    return SCRUBBER.scrub(text, Row(days=days))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("met March 7, 8 and 9, 2020 in Rome", "met <DATE> in Rome"),
        ("on 3/7, 3/8, 3/9/2020", "on <DATE>"),
        ("vom 2020-03-07 bis 09 offen", "vom <DATE> offen"),
        ("2020-03-07 to 03-09", "<DATE>"),
        ("2020-03-07..09", "<DATE>"),
        ("2020-03-07, -08, -09", "<DATE>"),
        ("7 and 8.3.2020", "<DATE>"),
        ("on 7/8/9 March 2020", "on <DATE>"),
        ("28 Feb, 29 Feb and 1 March", "<DATE>"),
        ("2020年3月7日、8日、9日", "<DATE>"),
        ("7.-9. März 2020", "15.-17. Juni 2020"),
        ("7 March 2020, 3 boxes and 12 bags", "15 June 2020, 3 boxes and 12 bags"),
        ("on 7 March 2020 and 3 boxes, at 10:30", "on 15 June 2020 and 3 boxes, at 10:30"),
    ],
)
def test_a_list_of_days_moves_whole_or_goes_whole(text: str, expected: str) -> None:
    """Days that have their month from others are nothing without them."""
    assert shifted(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 March 2020 is a Saturday", "15 June 2020 is a <DATE>"),
        ("Am Samstag, also dem 7.3.2020", "Am <DATE>, also dem 15.6.2020"),
        ("2020年3月7日是星期六", "2020年6月15日是<DATE>"),
        ("Fri and Sat, 6 and 7 March 2020", "<DATE> and Mon, 14 and 15 June 2020"),
        ("Paid 7 March 2020. Closed on Sunday.", "Paid 15 June 2020. Closed on Sunday."),
        ("31 December 2020, on New Year's Eve", "10 April 2021, on <DATE>'s Eve"),
        ("7 March 2020 (day before: 6th)", "15 June 2020 (day before: <DATE>)"),
        ("Sat 7 March 2020, then Sunday 8th", "Mon 15 June 2020, then Tuesday 16th"),
        ("backup 20200307", "backup 20200615"),
        ("am 7.3.2020, dann 14.03. und 21.03.20", "am 15.6.2020, dann 22.06. und 29.06.20"),
        ("2020年3月7日，下次14日", "2020年6月15日，下次<DATE>"),
        ("3/7/2020, page 3/5", "6/15/2020, page <DATE>"),
        ("2020-03-07, size 10/12, 12.5. 8 of 9", "2020-06-15, size 10/12, 12.5. 8 of 9"),
        ("weeks 10-12, 2020-03-07", "<DATE>, 2020-06-15"),
        ("2020-03-07 is 1583539200 or 1583539200123", "2020-06-15 is 1592179200 or 1592179200123"),
        ("2020-03-07 is not 1983539200", "2020-06-15 is not 1983539200"),
        ("<y>2020</y><m>03</m><d>07</d>", "<y>2020</y><m>06</m><d>15</d>"),
        ("29 Feb, after 27 Feb 2020", "8 Jun, after 6 Jun 2020"),
        ("no date 12345678, open on Saturday", "no date 12345678, open on Saturday"),
    ],
)
def test_what_stands_beside_a_date_does_not_tell_the_shift(text: str, expected: str) -> None:
    """Weekdays, days alone, seconds and figures."""
    assert shifted(text) == expected


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("7 March 2020, again on the 12th", "12"),
        ("Anruf 7.3.2020, Termin am 9.", "9"),
        ("le 7 mars 2020, puis le 14", "14"),
        ("7 de março de 2020, depois no dia 14", "14"),
    ],
)
def test_a_day_alone_does_not_stay(text: str, day: str) -> None:
    """It moves with the date beside it, or goes."""
    assert day not in shifted(text)


def test_fields_of_a_day_move_together() -> None:
    """Numbers stay numbers; of a date of birth none stays."""
    born = {"birth_year": 2019, "birthMonth": 12, "day": "05"}
    row = {"ts": 1583539200, "year": 2020, "month": 3, "dayOfMonth": 7, "n": 20200307, "born": born}
    new = dict.fromkeys(born, "<DATE>")
    assert json.loads(shifted(json.dumps(row))) == {
        "ts": 1592179200,
        "year": 2020,
        "month": 6,
        "dayOfMonth": 15,
        "n": 20200615,
        "born": new,
    }


def test_fields_of_a_part_move_with_the_date_beside_them() -> None:
    """Weekdays go."""
    row = {"on": "2020-03-07", "week": 10, "quarter": 1, "fiscal_year": 2020, "weekday": "Sat"}
    row |= {"month": 3, "at": "20200307093000", "d": 7, "items": 3}
    assert json.loads(shifted(json.dumps(row, indent=1))) == {
        "on": "2020-06-15",
        "week": 25,
        "quarter": 2,
        "fiscal_year": 2020,
        "weekday": "<DATE>",
        "month": 6,
        "at": "20200615093000",
        "d": 7,
        "items": 3,
    }


@pytest.mark.parametrize(
    "born",
    [
        "born 1980-03-07",
        "DOB: 03/07/1980",
        "Date of birth | 7 March 1980",
        "geb. 07.03.1980",
        "geboren am 7. März 1980 in Köln",
        "She was born in Rome, Italy on 7 March 1980",
        "née le 7 mars 1980",
        "nacido el 07/03/1980",
        "nata a Roma il 7 marzo 1980",
        "nascido em 7 de março de 1980",
        "syntynyt 7.3.1980",
        "ur. 7.03.1980",
        "(*07.03.1980)",
        "出生日期：1980-03-07",
        "生于1980年3月7日",
        "1980年3月7日出生",
        "her birthday (March 7)",
        '{"patientBirthDate": "1980-03-07"}',
    ],
)
def test_a_date_of_birth_never_moves(born: str) -> None:
    """Whoever knows the birthday would have the shift."""
    text = shifted(f"{born}, 2024-03-05", -26)
    assert "<DATE>" in text
    assert text.endswith(", 2024-02-08")
    assert "10" not in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("born 1980-03-07, on 07.03.1980: 2024-03-05", "born <DATE>, on <DATE>: 2024-02-08"),
        ("Elle est née à Lyon, vue le 05/03/2024", "Elle est née à <PLACE>, vue le 08/02/2024"),
        ("ill since birth. Visit 2024-03-05", "ill since birth. Visit 2024-02-08"),
        ("2024-03-05, DOB: 1980-03-07", "2024-02-08, DOB: <DATE>"),
        ("NATO on 2024-03-05, **2024-03-06**", "NATO on 2024-02-08, **2024-02-09**"),
    ],
)
def test_what_is_no_date_of_birth_moves(text: str, expected: str) -> None:
    """A maiden name, another sentence, and the date before; but the same day goes again."""
    assert shifted(text, -26) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05, Tue", "2024-02-08, <DATE>"),
        ("2024-03-05 TUE", "2024-02-08 <DATE>"),
        ("2024-03-05 Di.", "2024-02-08 <DATE>."),
        ("2024-03-05; Tue", "2024-02-08; <DATE>"),
        ("2024年3月5日（二）", "2024年2月8日（<DATE>）"),
        ("Tue | 2024-03-05", "<DATE> | 2024-02-08"),
        ("Visit: 2024-03-05\nDay: Tue", "Visit: 2024-02-08\nDay: <DATE>"),
        ('{"on":"2024-03-05","day_name":"Tue"}', '{"on":"2024-02-08","day_name":"<DATE>"}'),
        ("2024-03-05, so what, to do it", "2024-02-08, so what, to do it"),
        ("From: 2024-03-05\nTo: 2024-03-06", "From: 2024-02-08\nTo: 2024-02-09"),
    ],
)
def test_a_short_weekday_right_beside_a_date_goes(text: str, expected: str) -> None:
    """Where no words that look like one go on."""
    assert shifted(text, -26) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05: 1709600400123456", "2024-02-08: 1707354000123456"),
        ("2024-03-05: 1709600400123456789", "2024-02-08: 1707354000123456789"),
        ("2024-03-05, epoch_day: 19787", "2024-02-08, epoch_day: <DATE>"),
        ("2024-03-05, julian_day=2460374.5", "2024-02-08, julian_day=<DATE>"),
        ("2024-03-05, yday: 65, items: 65", "2024-02-08, yday: <DATE>, items: 65"),
        ("2024-03-05 is 2024-065, no 2024-165", "2024-02-08 is 2024-039, no 2024-165"),
        ("2024-03-05 is day 65, not day 6", "2024-02-08 is day <DATE>, not day 6"),
        ("in March: 2024-03-05, they may march", "in <DATE>: 2024-02-08, they may march"),
        ("Black Friday 2024-11-29", "<DATE>"),
        ("on Boxing Day, 2024-12-26", "on <DATE>, 2024-11-30"),
        ("Tag der Arbeit, 1.5.2024", "<DATE>, 5.4.2024"),
        ("双十一：2024-11-11", "<DATE>：2024-10-16"),
    ],
)
def test_numbers_months_and_feasts_of_a_day_do_not_stay(text: str, expected: str) -> None:
    """They move or go."""
    assert shifted(text, -26) == expected


def test_whole_weeks_leave_weekdays() -> None:
    """They are what they were."""
    assert shifted("7 March 2020 is a Saturday", 14) == "21 March 2020 is a Saturday"


@given(
    day=st.dates(date(1950, 1, 1), date(2060, 1, 1)),
    days=st.integers(-5_000, 5_000),
    away=st.integers(-20, 20),
)
@settings(max_examples=60)
def test_parts_stay_as_far_from_a_date_as_they_were(day: date, days: int, away: int) -> None:
    """A week, month, quarter, half or year, or a day without one, goes where its day goes."""
    other, later = day + timedelta(away), day + timedelta(days)
    new = other + timedelta(days)
    assert moved(f"{other:%B} {other.day}", days, "mdy en", near=day) == f"{new:%B} {new.day}"
    assert moved(f"week {day:%V}", days, near=day) == f"week {later:%V}"
    assert moved(f"{day:%G-W%V}", days, near=day) == f"{later:%G-W%V}"
    assert moved(f"{day:%B %Y}", days, near=day) == f"{later:%B %Y}"
    assert (
        moved(f"Q{_quarter(day)} {day.year}", days, near=day) == f"Q{_quarter(later)} {later.year}"
    )


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


@pytest.mark.parametrize(
    "piece",
    [
        "1/2/",
        "7 and ",
        "7 March 2020 Saturday ",
        "20200307 ",
        "2020-03-07, 08 ",
        "1583539200 ",
        '{"year": 2020, ',
        "7, ",
        "born ",
        "2024-065, day 65 ",
    ],
)
def test_work_grows_with_a_text_and_not_with_its_square(piece: str) -> None:
    """Whatever it is full of."""
    calls = []
    for size in (8_000, 16_000):
        profile = Profile()
        profile.runcall(shifted, "2020-03-07 " + piece * (size // len(piece)))
        calls.append(sum(entry.callcount for entry in profile.getstats()))
    assert calls[1] < 2.6 * calls[0]
