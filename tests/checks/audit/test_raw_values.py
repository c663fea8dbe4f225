"""Raw identifiers in a masked table are found wherever they stand, and what is harmless is not."""

from datetime import date, timedelta

import polars as pl
import pytest

from anonymizer.checks.audit.audit import audit_tables
from anonymizer.checks.audit.case import Findings
from anonymizer.checks.audit.raw_values import look_for_raw_values
from anonymizer.checks.figures.figure import Risk
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.reports.audit_report import Assumptions

SIZE = 300
PERSON = pl.int_range(SIZE)
MIXED = PERSON * 7_919 % 10_007  # each once, in no order
DIGITS, LETTERS = list("0123456789"), list("abcdefghij")
RAW = pl.select(
    who=PERSON,
    mail=pl.format("Person.{}@Mail.example", PERSON),
    name=pl.lit("Ada ") + PERSON.cast(pl.String).str.replace_many(DIGITS, LETTERS),
    account=MIXED + 400_000,
    phone=pl.format("+49 151 {}", MIXED + 4_000_000),
    segment=pl.lit("class ") + (PERSON % 5).cast(pl.String),
    visits=MIXED % 97,
    born=(pl.lit(date(1940, 1, 1)) + pl.duration(days=MIXED)).cast(pl.String),
    since=pl.lit(date(2020, 1, 1)) + pl.duration(days=MIXED),
    remark=pl.format("a customer who asked {} times for the opening hours of the shop", MIXED),
)
TOKENS = RAW.with_columns(pl.col("who").hash(seed=1).cast(pl.String))
HIDDEN = TOKENS.with_columns(pl.lit(None).alias(c) for c in ("mail", "name", "account", "phone"))


def figures(masked: pl.DataFrame | pl.LazyFrame, raw: pl.DataFrame = RAW) -> dict[str, Risk]:
    """What is found, by column."""
    found = Findings()
    look_for_raw_values(raw, masked, Assumptions("who", None, [], [], []), found)
    return {name.removeprefix("raw_values_"): each for name, each in judged(found.figures).items()}


def test_identifiers_that_were_kept_are_red_and_harmless_columns_are_not_there() -> None:
    """Categories, small numbers, dates in any type and free text are no identifiers."""
    found = figures(TOKENS.sample(fraction=1, shuffle=True, seed=1))
    assert {name: each.colour for name, each in found.items()} == dict.fromkeys(
        ["mail", "name", "account", "phone"], "red"
    )
    assert found["mail"].meaning == "mail: 300 of 300 raw values are in the output, in mail."


def test_identifiers_that_went_are_green() -> None:
    """And lazy tables are looked at alike."""
    found = figures(HIDDEN.lazy())
    assert {each.colour for each in found.values()} == {"green"}
    assert found["mail"].meaning == "mail: 0 of 300 raw values are in the output."


@pytest.mark.parametrize(
    ("column", "place"),
    [
        ("mail", pl.format("Answered: {}, twice.", "mail")),
        ("mail", pl.struct(to="mail", n=pl.lit(1)).struct.json_encode()),
        ("mail", pl.col("mail").str.to_uppercase().cast(pl.Categorical)),
        ("name", pl.format("A call with {} today", "name")),
        ("account", pl.col("account").cast(pl.Float64)),
        ("account", pl.col("account").cast(pl.String)),
        ("phone", pl.format("reach me under {} please", "phone")),
    ],
)
def test_they_are_found_under_any_name_in_any_type(column: str, place: pl.Expr) -> None:
    """In another column, as text or number, inside sentences and JSON."""
    found = figures(HIDDEN.with_columns(RAW.select(place.alias("elsewhere"))["elsewhere"]))
    colours = {name: each.colour for name, each in found.items() if each.colour != "green"}
    assert colours == {column: "red"}
    assert found[column].meaning.endswith("in elsewhere.")


def test_a_few_that_were_left_are_seen() -> None:
    """Rules with a condition that leave one address of 300."""
    left = pl.when(pl.int_range(pl.len()) == 7).then("mail")
    some = figures(HIDDEN.with_columns(RAW.select(left)))["mail"]
    assert (some.colour, some.meaning) == (
        "amber",
        "mail: 1 of 300 raw values are in the output, in mail.",
    )


OTHERS = [f"Ada {first}{second}" for first in "klmnopqrst" for second in "klmnopqrstuvwxyz"]


@pytest.mark.parametrize(
    "masked",
    [
        pl.col("account") // 10 * 10,  # a tenth stays what it was
        (pl.int_range(pl.len()) * 3 + 400_000).alias("account"),
        pl.when(PERSON % 3 == 0)
        .then("name")
        .otherwise(pl.lit(pl.Series([*OTHERS, *OTHERS][:300]))),
    ],
)
def test_what_chance_gives_is_no_alarm(masked: pl.Expr) -> None:
    """Rounded and other numbers, and pseudonyms that are names of other people."""
    out = RAW.select(masked)
    assert RAW[out.columns[0]].is_in(out.to_series().implode()).any()
    assert {each.colour for each in figures(HIDDEN.with_columns(out)).values()} == {"green"}


def test_a_number_that_nearly_all_have_is_not_judged() -> None:
    """Where a column holds nearly all numbers of five digits, each is in there."""
    every = pl.DataFrame({"who": range(90_000), "number": range(10_000, 100_000)})
    assert figures(every, every)["number"].colour is None


def test_columns_whose_part_is_named_are_judged_by_it() -> None:
    """A sensitive column is published on purpose."""
    found = Findings()
    look_for_raw_values(RAW, TOKENS, Assumptions("who", None, ["mail"], ["account"], []), found)
    assert list(found.figures) == ["raw_values_name", "raw_values_phone"]


def test_a_table_of_which_little_was_judged_is_not_good() -> None:
    """One kind of attack is no verdict; with groups beside it there is one."""
    days = [date(2024, 1, 1) + timedelta(days=i % 3) for i in range(SIZE)]
    raw = RAW.select("who", "mail", day=pl.Series(days))
    masked = raw.select(pl.col("who").hash(seed=1), "day").sort("who")[:-1]
    alone = audit_tables(raw, masked, entity="who")
    assert alone.figures["raw_values_mail"].colour == "green"
    assert (alone.verdict, alone.figures["kinds_judged"].colour) == ("amber", "amber")
    assert "not groups, known events, nearest records" in alone.figures["kinds_judged"].meaning
    both = audit_tables(raw, masked, entity="who", quasi_identifiers=["day"])
    assert (both.verdict, "kinds_judged" in both.figures) == ("green", False)


@pytest.mark.parametrize(
    ("who", "colour", "count"),
    [
        (pl.col("who"), "red", 300),
        (pl.col("who").cast(pl.String), "red", 300),
        (pl.col("who").hash(seed=1), "green", 0),
        ((pl.col("who") * 7 + 1) % 300, "green", 0),  # everybody has another's number
    ],
)
def test_entities_that_are_small_numbers_are_looked_for_in_their_own_rows(
    who: pl.Expr, colour: str, count: int
) -> None:
    """In any order of rows, as long as what is kept tells whose they are."""
    raw = RAW.select("who", "visits", "since")
    masked = raw.with_columns(who).sample(fraction=1, shuffle=True, seed=1)
    figure = audit_tables(raw, masked, entity="who").figures["raw_values_who"]
    assert figure.colour == colour
    assert figure.meaning.startswith(f"who: {count} of 300 raw values are in the output")


@pytest.mark.parametrize("start", [0, 1, 4_000, 70_000])
@pytest.mark.parametrize("kept", [True, False])
def test_entities_are_looked_for_where_no_column_tells_whose_rows_are(
    start: int, *, kept: bool
) -> None:
    """Beside a constant, which fits any order of rows; however small the numbers are."""
    raw = pl.DataFrame({"who": range(start, start + SIZE), "land": ["DE"] * SIZE})
    masked = raw if kept else raw.with_columns(pl.col("who").hash(seed=1) % 2**31)
    report = audit_tables(raw, masked.sample(fraction=1, shuffle=True, seed=1), entity="who")
    assert report.figures["raw_values_who"].colour == ("red" if kept else "green")
    assert report.verdict == ("red" if kept else "amber")
    assert "linkage" not in report.figures


def test_numbers_that_leave_no_room_are_not_called_good() -> None:
    """All numbers of one and two digits: nobody can say whether they are the raw ones."""
    raw = pl.DataFrame({"who": range(1, 100), "land": ["DE"] * 99})
    other = raw.with_columns(pl.col("who").reverse())
    report = audit_tables(raw, other, entity="who", quasi_identifiers=["land"])
    assert (report.verdict, report.figures["raw_values_who"].colour) == ("amber", None)
    assert "nearly all numbers" in report.figures["not_looked_at"].meaning


@pytest.mark.parametrize(
    "inside",
    [
        pl.struct("mail", n=PERSON),
        pl.concat_list("mail", pl.lit("none")),
        pl.concat_list(pl.struct(at=pl.struct("mail"))),
        pl.concat_arr("mail", "mail"),
        pl.col("mail").cast(pl.Binary),
    ],
)
def test_what_is_inside_is_looked_into(inside: pl.Expr) -> None:
    """Structs, lists and bytes, on both sides, leaf by leaf."""
    nested = RAW.select("who", inside.alias("x"), (pl.col("since").alias("t")))
    masked = nested.with_columns(pl.col("who").hash(seed=1))
    (found,) = [each for name, each in figures(masked, nested).items() if name.startswith("x")]
    assert (found.colour, "mail" in found.meaning or "in x" in found.meaning) == ("red", True)
    beside = HIDDEN.with_columns(masked["x"])
    assert figures(beside)["mail"].colour == "red"


def test_what_cannot_be_looked_into_forbids_a_good_verdict() -> None:
    """A column of objects is named, with the way out."""
    raw = RAW.select("who", "visits")
    masked = TOKENS.select("who", "visits", x=pl.Series([object()] * SIZE, dtype=pl.Object))
    found = audit_tables(raw, masked, entity="who").figures["not_looked_at"]
    assert (found.colour, "'x' is Object" in found.meaning) == ("amber", True)


def test_what_stands_in_json_is_looked_for_and_looked_into() -> None:
    """By its path; what is inside and masked is found nowhere."""
    inside = pl.struct("mail", tags=pl.concat_list("mail", "segment")).struct.json_encode()
    cell = pl.concat_str(pl.lit('{"customer": '), inside, pl.lit("}"))
    raw = RAW.select("who", payload=cell)
    kept = figures(raw, raw)
    assert kept["payload.customer.mail"].colour == kept["payload.customer.tags[]"].colour == "red"
    gone = raw.with_columns(pl.lit('{"customer": {"mail": null}}').alias("payload"))
    assert {each.colour for each in figures(gone, raw).values()} == {"green"}
