"""A date moved by some days keeps the form in which it was written, and comes back."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer.masking.free_text.recognition.dates import canonical, moved

MOVED = [
    # written, days, expected
    ("5.3.2024", 40, "14.4.2024"),
    ("05.03.24", 40, "14.04.24"),
    ("31.12.1999", 1, "01.01.2000"),
    ("31-12-99", 1, "01-01-00"),
    ("28/02/2024", 1, "29/02/2024"),
    ("2024. 3. 5", 30, "2024. 4. 4"),
    ("2024-03-05T10:22:33Z", -5, "2024-02-29T10:22:33Z"),
    ("20240305T102233Z", 27, "20240401T102233Z"),
    ("2024-366", 1, "2025-001"),
    ("2024_03_05", 27, "2024_04_01"),
    ("2024-03-05 Tue 10:00", 1, "2024-03-06 Wed 10:00"),
    ("3月5日・7日", 2, "3月7日・9日"),
    ("March 5th, 2024", -2, "March 3rd, 2024"),
    ("3rd of May", 9, "12th of May"),
    ("MAY 3RD 2021", 19, "MAY 22ND 2021"),
    ("twenty-first of March 2021", 11, "first of April 2021"),
    ("Tue 5 Mar", 30, "Thu 4 Apr"),
    ("Tue, 5 Mar 2024 10:22:33 +0000", 1, "Wed, 6 Mar 2024 10:22:33 +0000"),
    ("Mar 25 10:22:33", 10, "Apr  4 10:22:33"),
    ("05MAR2024", 30, "04APR2024"),
    ("Mar-21", 31, "Apr-21"),
    ("Dienstag, 5. März 2024", 27, "Montag, 1. April 2024"),
    ("Di, 5.3.", 1, "Mi, 6.3."),
    ("ersten Mai 2021", 1, "zweiten Mai 2021"),
    ("1er mars 2024", 1, "2 mars 2024"),
    ("29 février 2024", 1, "1er mars 2024"),
    ("primero de mayo de 2021", 4, "cinco de mayo de 2021"),
    ("1° maggio 2021", 1, "2° maggio 2021"),
    ("terça-feira, 5 de março", 1, "quarta-feira, 6 de março"),
    ("dinsdag 3 mei om 14.30 uur", 30, "donderdag 2 juni om 14.30 uur"),
    ("toukokuun 3. päivänä 2021", 30, "kesäkuun 2. päivänä 2021"),
    ("wtorek, 5 marca 2024 r.", 30, "czwartek, 4 kwietnia 2024 r."),
    ("5.III.2024", 30, "4.IV.2024"),
    ("2024年3月5日（周二）", 1, "2024年3月6日（周三）"),
    ("二〇二四年十二月三十一日", 1, "二〇二五年一月一日"),
    ("平成31年4月30日", 1, "令和元年5月1日"),
    ("H31.4.30", 1, "R1.5.1"),
    ("２０２４年３月５日", 30, "２０２４年４月４日"),
    ("٥/٣/٢٠٢٤", 1, "٦/٣/٢٠٢٤"),
    ("5.III.24", 30, "4.IV.24"),
    ("zweiundzwanzigster Mai 1961", 1, "dreiundzwanzigster Mai 1961"),
    ("5th", 3, "8th"),
    ("23号", 3, "26号"),
    # Ranges move at both ends, and name a month for each where they come to lie in two.
    ("3-5 May 2021", 28, "31 May-2 June 2021"),
    ("May 3-5", 28, "May 31-June 2"),
    ("3.–5.5.2021", 28, "31.5.–2.6.2021"),
    ("30.12.2023 - 2.1.2024", 4, "3.1.2024 - 6.1.2024"),
    ("3月5日至7日", 25, "3月30日至4月1日"),
    # What is no day moves by the nearest whole number of its own.
    ("March 2021", 14, "March 2021"),
    ("maaliskuun", 31, "huhtikuun"),
    ("erstes Quartal", 91, "zweites Quartal"),
    ("12. KW", 7, "13. KW"),
    ("第12周", 7, "第13周"),
    ("18/19", 366, "19/20"),
    ("March 2021", 40, "April 2021"),
    ("03/2021", -365, "03/2020"),
    ("Q3 2024", 200, "Q1 2025"),
    ("troisième trimestre 2024", -91, "deuxième trimestre 2024"),
    ("H1 2024", 180, "H2 2024"),
    ("KW 12/2024", 10, "KW 13/2024"),
    ("2024-W12-3", 10, "2024-W13-6"),
    ("1998", 200, "1999"),
    # A day without a year moves as in 2001, around the end of the year too.
    ("31 December", 1, "1 January"),
    ("28.2.", 1, "1.3."),
    # A day of no month is one of 31, a week of no year one of 53.
    ("Tuesday 5th", 27, "Monday 1st"),
    ("mardi 5", 1, "mercredi 6"),
    ("Dienstag, den 5.", -5, "Donnerstag, den 31."),
    ("KW 12", 14, "KW 14"),
    ("week 53", 7, "week 01"),
    ("2023/24", 365, "2024/25"),
    ("腊月二十三", 10, "正月初二"),
    ("39-03-05", 1, "39-03-06"),
    ("6.3.'24", 30, "5.4.'24"),
]
FORMS = [
    "{d}.{m}.{y}", "{dd}.{mm}.{y}", "{dd}/{mm}/{yy}", "{y}-{mm}-{dd}", "{d} {en} {y}",
    "{en} {d}, {y}", "{d}. {de} {y}", "{d} de {es} de {y}", "{d}. {fi} {y}", "{d} {pl} {y}",
    "{y}年{m}月{d}日", "{d}/{m}/{y} 10:30", "{dd}.{mm}.{y} - {dd}.{mm}.{y}",
]  # fmt: skip
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta "
    "syyskuuta lokakuuta marraskuuta joulukuuta",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia",
}  # fmt: skip


def written(form: str, day: date) -> str:
    """A day in a form."""
    names = {key: months.split()[day.month - 1] for key, months in MONTHS.items()}
    parts = {"d": day.day, "m": day.month, "y": day.year, "dd": f"{day:%d}", "mm": f"{day:%m}"}
    return form.format(**names, **parts, yy=f"{day:%y}")


def shape(text: str) -> str:
    """A text without what another day may change."""
    return re.sub(r"[^\W\d_]{3,}", "A", re.sub(r"\d+", "9", text))


@pytest.mark.parametrize(("text", "days", "expected"), MOVED)
def test_a_moved_date_keeps_its_form(text: str, days: int, expected: str) -> None:
    """Order, separators, zeros, names, ordinals, numerals and weekdays are those of the old one."""
    form = "dmy" if "/" in text or "-99" in text else ""
    assert moved(text, days, form) == expected


@given(
    day=st.dates(date(1950, 1, 1), date(2030, 12, 31)),
    days=st.integers(-4000, 4000),
    form=st.sampled_from(FORMS),
)
@settings(max_examples=250, deadline=None)
def test_the_way_back_ends_at_the_same_day(day: date, days: int, form: str) -> None:
    """Some days on is that day in the same form, and as many back the first one."""
    if "{yy}" in form and not 1945 <= (day + timedelta(days)).year < 2035:
        return
    text, new = written(form, day), day + timedelta(days)
    there = moved(text, days, "dmy")
    assert there is not None
    assert canonical(there, "dmy") == canonical(written(form, new), "dmy")
    assert shape(there) == shape(text)
    back = moved(there, -days, "dmy")
    assert back is not None
    assert canonical(back, "dmy") == canonical(text, "dmy")


@given(days=st.integers(-40_000, 40_000), year=st.integers(1950, 2030))
@settings(max_examples=60, deadline=None)
def test_what_is_no_day_comes_back_too(days: int, year: int) -> None:
    """Months, quarters, halves, weeks and years move by whole ones there and back."""
    for text in (f"March {year}", f"Q3 {year}", f"H1 {year}", f"{year}-W12", f"{year}", "5 March"):
        there = moved(text, days)
        if there is not None:  # beyond the years that are read as such
            assert moved(there, -days) == text


@pytest.mark.parametrize(
    "text", ["30.2.2024", "29 February", "soon", "5.13.24.7", "4, 5 and 6 May", "31.12.2199"]
)
def test_what_cannot_be_moved_is_none(text: str) -> None:
    """A day that there is not, one of few years, a list, or the end of the calendar."""
    assert moved(text, 1) is None
