"""Addresses and postcodes: the state where the text says it, null where it does not."""

import polars as pl
import pytest

from anonymizer import anonymize


def regions(values: list[str | int | None], **options: str) -> list[str | None]:
    """The region of each value."""
    rules = {"version": 1, "columns": {"x": {"mask": "region"} | options}}
    return anonymize(pl.DataFrame({"x": values}), rules)["x"].to_list()


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("12 Oak St, Springfield, IL 62704", "IL"),
        ("12 oak st springfield il 62704-1234", "IL"),
        ("12 Oak St Springfield IL 627041234", "IL"),
        ("12 Oak St\nSpringfield, IL  62704\nUSA", "IL"),
        ("12 Oak St, Springfield, Illinois", "IL"),
        ("12 Oak St, Albany, N.Y. 12205, U.S.A.", "NY"),
        ("1 Main St, Charleston, West Virginia 25301", "WV"),
        ("1600 Pennsylvania Ave. Washington DC", "DC"),
        ("2 Elm Ave, Portland OREGON", "OR"),
        ("188 n main st # 1 branford ct", "CT"),
        ("62704", "IL"),
        ("02134-1000", "MA"),
        ("IL", "IL"),
        ("North Carolina", "NC"),
        ("06390", "NY"),  # Fishers Island, in Connecticut's prefix
        ("PSC 3 Box 4120, APO AE 09021", "AE"),
        ("USS Ship, FPO AP 96601", "AP"),
        ("Unit 2050, APO AA 34004", "AA"),
        ("Calle 1, San Juan, PR 00901", "PR"),
        ("96799", "AS"),
        ("Tumon, Guam 96913", "GU"),
        ("9 Charlotte Amalie, VI 00802", "VI"),
        ("10 Pine St, N. Charleston, NJ 29405", "NJ"),  # what is written wins over the ZIP
        ("159 The Prado NE 30309", "GA"),  # a direction does not
        ("159 The Prado NE", None),
        ("1180 Peachtree Street, NE", None),
        ("42 Cedar Crest Ct.", None),
        ("20 South Washington", None),
        ("1020 West Georgia", None),
        ("121 Main St 25th FL", None),
        ("P.O. Box 11418", None),
        ("Suite 62704", None),
        ("Acme Holding Co", None),
        ("219 South Dearborn Second Floor", None),
        ("00000", None),
        ("", None),
        (None, None),
    ],
)
def test_american_addresses(address: str | None, state: str | None) -> None:
    """A state, a ZIP or nothing."""
    assert regions([address], country="US", output="code") == [state]


@pytest.mark.parametrize(
    ("address", "nation"),
    [
        ("10 Downing Street, London SW1A 2AA", "England"),
        ("10 Downing Street, London, sw1a2aa, United Kingdom", "England"),
        ("SW1A 2AA Westminster", "England"),
        ("Studio 4\nGreen inlet\nL8 3QT", "England"),
        ("EH99 1SP", "Scotland"),
        ("CH5", "Wales"),  # most of its area is English
        ("CH60 1AA", "England"),
        ("BT1 5GS, Northern Ireland, UK", "Northern Ireland"),
        ("Somewhere, Wales", "Wales"),
        ("Somewhere, Scotland, UK", "Scotland"),
        ("SY10 7AA", None),  # in England and in Wales
        ("JE2 3AB", None),  # Jersey
        ("New England Road 5", None),
        ("12 High Street", None),
        ("", None),
        (None, None),
    ],
)
def test_british_addresses(address: str | None, nation: str | None) -> None:
    """A nation by the outward code, or by its name."""
    assert regions([address], country="GB") == [nation]


def test_zips_read_as_numbers_have_their_zeros_back() -> None:
    """2134 is Boston's 02134."""
    assert regions([2134, 90012, 501, -1, None], country="US", output="code") == [
        "MA", "CA", "NY", None, None,
    ]  # fmt: skip


def test_levels_and_names() -> None:
    """A country where there is a region, by name or by code."""
    address: list[str | int | None] = ["Reno NV 89501", "nowhere"]
    assert regions(address, country="US") == ["Nevada", None]
    assert regions(address, country="US", level="country") == ["United States", None]
    assert regions(address, country="US", level="country", output="code") == ["US", None]
    assert regions(["BT1"], country="GB", output="code") == ["NIR"]


def test_no_output_is_an_input() -> None:
    """Whatever the text, the answer is of the table or null."""
    noise: list[str | int | None] = ["x" * n + chr(0x4E00 + n) + "\n, " * n for n in range(50)]
    assert regions(noise, country="US") == [None] * 50
    assert regions(noise, country="GB") == [None] * 50
