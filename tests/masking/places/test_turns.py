"""What short searches know of an address is what the long one finds."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from anonymizer.masking.places import united_states, world
from anonymizer.masking.places.parsers import PARSERS
from anonymizer.masking.places.table import load, load_table
from anonymizer.masking.places.text import in_turns, tidy

DATA = Path(__file__).parents[1] / "data"
TEXT = pl.col("text")
Reader = Callable[[pl.Expr], pl.Expr]
STREETS = ["12 Oak St", "12645 W Elm Ave NE", "PO Box 12345", "via Roma 5", "5 Rue de France", ""]
TOWNS = ["Springfield", "St. Paul", "Winston-Salem", "New York", "West", "Suite 5", "Apt 3B", "#4"]
TOWNS += [
    "25th Fl",
    "Box",
    "Georgia",
    "Tbilisi",
    "Nassau",
    "Köln",
    "Republic of",
    "Lot",
    "(Rear)",
    "Maus",
    "US A",
]
COUNTRIES = ["USA", "US", "U.S.A.", "United States of America", "Germany", "UK", "Danmark", "日本"]
COUNTRIES += ["Korea, Republic of", "Georgia", "Türkiye", "Guam", "Greenland", "Kingdom of Norway"]
USUAL = [", ", " ", ","]
UNUSUAL = [
    *USUAL,
    "\n",
    "  ",
    " , ",
    ". ",
    "; ",
    " - ",
    "\r\n",
    "、",
    "，",
    " / ",
    " (",
    ") ",
    "\xa0",
]
SLIPS = [
    *" ,.;-–()'#\n０Ａéßﬁ中5N",
    "NE",
    "CT",
    "N.Y.",
    "12345",
    "New ",
    " of ",
    ", Puerto Rico, US",
]


def addresses(seed: int, count: int) -> pl.DataFrame:
    """Made-up addresses in many shapes, one in three with slips of the hand, as `text`."""
    draw = random.Random(seed)
    states = list(load_table("US").words)
    names = [*COUNTRIES, *draw.sample(sorted(load("world")["words"]), 100)]
    zips = [
        *(f"{draw.randrange(100_000):05}" for _ in range(20)),
        "62704",
        "06511",
        "10001",
        "96910",
    ]
    zips += [
        "62704-1234",
        "627041234",
        "62704 1234",
        "2134",
        "SW1A 2AA",
        "６２７０４",
        "00-950",
        "1017 AB",
    ]
    texts = [made(draw, states, names, zips) for _ in range(count)]
    texts += [*states, *names, *zips, *pl.read_csv(DATA / "world_addresses.csv")["address"]]
    texts += pl.read_csv(DATA / "cn_addresses_gold.csv")["address"].to_list()[::5]
    texts += [slipped(text, draw) for text in draw.sample(texts, count // 2)]
    return pl.DataFrame({"text": [*texts, "", " ", None]})


def made(
    draw: random.Random, states: Sequence[str], names: Sequence[str], zips: Sequence[str]
) -> str:
    """A street, and whatever follows it."""
    parts = [draw.choice(STREETS)]
    state = draw.choice([draw.choice(states), draw.choice(["NY", "IL", "CT", "NE", "VA", "N.Y."])])
    cases: list[Callable[[str], str]] = [str, str.title, str.lower]
    rest = (draw.choice(TOWNS), draw.choice(cases)(state), draw.choice(zips), draw.choice(names))
    parts += [part for part in rest if draw.random() < 0.6]
    between = draw.choice([USUAL, USUAL, UNUSUAL])
    return "".join(draw.choice(between) + part for part in parts)[1:]


def slipped(text: str, draw: random.Random) -> str:
    """With something left out or put in."""
    for _ in range(draw.choice([1, 1, 3])):
        at = draw.randrange(len(text) + 1)
        text = text[:at] + draw.choice([*SLIPS, ""]) + text[at + draw.randrange(2) :]
    return text


def same(rows: pl.DataFrame, fast: pl.Expr, slow: pl.Expr) -> pl.DataFrame:
    """The rows in which two expressions differ, with what they say."""
    told = rows.select("text", fast=fast, slow=slow)
    return told.filter(pl.col("fast").ne_missing(pl.col("slow")))


def slow_area(text: pl.Expr) -> pl.Expr:
    """The area of the ZIP at the end, by the long search alone."""
    code = united_states._zip_at_end(united_states._with_zeros(text))
    return load_table("US").area_of(code, 3)


PAIRS: list[tuple[Reader, Reader]] = [
    (united_states.region, united_states._thoroughly),
    (united_states.area, slow_area),
    (world.country, world._weighed),
]


@pytest.mark.parametrize(("fast", "slow"), PAIRS, ids=["state", "area", "country"])
def test_quick_answers_are_those_of_the_thorough_parser(fast: Reader, slow: Reader) -> None:
    """For addresses of many shapes, with slips, and for what is no address."""
    rows = addresses(1, 2500)
    assert same(rows, fast(TEXT), slow(TEXT)).rows() == []


@pytest.mark.parametrize(
    "quick",
    [
        united_states._plainly,
        united_states._none,
        united_states._likely,
        world._named_last,
        world._with_state,
    ],
)
def test_each_quick_answer_is_given(quick: Reader) -> None:
    """No turn is there in vain: it answers some addresses, and leaves others."""
    answers = addresses(2, 600).select(answer=quick(TEXT))["answer"]
    assert 0 < answers.count() < len(answers)


def test_no_state_is_missed_where_the_search_is_left_out() -> None:
    """The long pattern of a state at the end finds nothing that the gate before it excludes."""
    rows = addresses(3, 1500).with_columns(tidy(TEXT))
    pattern = united_states._state_pattern(load_table("US"))
    found = rows.filter(TEXT.str.contains(pattern))
    assert len(found) > 300
    assert found.filter(~TEXT.str.contains(united_states._words().at_end)).rows() == []


def test_states_of_the_world_are_read_by_the_parser_of_their_country() -> None:
    """As if each parser had been asked of all texts."""
    draw = random.Random(4)
    rows = addresses(4, 400)
    countries = pl.Series([draw.choice([*PARSERS, "JP", None]) for _ in range(len(rows))])
    rows = rows.with_columns(country=countries)
    readers = {code: world._state_in(code) for code in PARSERS}
    states = world._States(readers)(rows.select(pl.struct("country", "text")).to_series())
    of = [pl.when(pl.col("country") == code).then(reader) for code, reader in readers.items()]
    assert states.equals(rows.select(pl.coalesce(of)).to_series(), check_names=False)
    assert states.count() > 100


def test_turns_ask_the_thorough_only_what_is_left() -> None:
    """An empty answer is null, a null one is asked for; null text is asked of nobody."""
    quick = pl.when(TEXT != "ask").then(pl.when(TEXT == "no").then(pl.lit("")).otherwise(TEXT))
    texts = pl.DataFrame({"t": ["a", "ask", "no", None, "ask"]})
    answers = texts.select(in_turns(pl.col("t"), quick, TEXT + "ed")).to_series()
    assert answers.to_list() == ["a", "asked", None, None, "asked"]


@pytest.mark.parametrize(("fast", "slow"), PAIRS, ids=["state", "area", "country"])
def test_searches_of_the_end_need_not_see_the_beginning(fast: Reader, slow: Reader) -> None:
    """Long texts, and ends of blanks that reach beyond what is looked at."""
    ends = ["Albany, NY 12205", "62704", "Ave", "CT", "Albany, New York", "IL 62704", "2134"]
    texts = [f"{begin}{end}{blanks}" for end in ends for begin in ("", "x" * 80, "Ñ, ", "NEW ")
             for blanks in ("", " " * 60, "." * 60)]  # fmt: skip
    rows = pl.DataFrame({"text": texts})
    assert same(rows, fast(TEXT), slow(TEXT)).rows() == []
