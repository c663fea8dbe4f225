"""Each mask by hand-pinned values; one row of the first table per mask."""

import hashlib
import hmac
import math
import sys
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from anonymizer import anonymize, preview
from anonymizer.errors import DataError, MissingExtraError, RuleError
from anonymizer.keys import Key
from anonymizer.masking.masks import MASKS
from anonymizer.masking.plan.schema_tree import Leaf
from anonymizer.masking.primitives.name_lists import load_names
from anonymizer.masking.rules.rules import load_rules

DATA = Path(__file__).parents[1] / "data"
NAMES = ["Ann", "  ", None]


def masked(values: list[Any] | pl.Series, rule: object, *, key: str, **fields: Any) -> list[Any]:
    """One masked column `x`, beside an entity column `who` with 1, 2, 3 ..."""
    frame = pl.DataFrame({"x": values}).with_columns(who=pl.int_range(1, pl.len() + 1))
    rules = {"version": 1, "entity": "who", "columns": {"x": rule, "who": "drop"}} | fields
    return anonymize(frame, rules, key=key)["x"].to_list()


PINNED: list[tuple[Any, list[Any], list[Any]]] = [
    ("keep", ["a", None], ["a", None]),
    ("redact", ["a", None], [None, None]),
    ({"mask": "redact", "text": "–"}, [7, None], ["–", None]),
    (
        {"mask": "partial", "first": 1, "last": 2},
        ["0123456789", "012345", "01234", "", None],
        ["0****89", "0****45", "****", "****", None],
    ),
    ({"mask": "partial", "last": 4, "fill": "x", "length": 2}, [4000123412341234], ["xx1234"]),
    (
        {"mask": "age", "on": "2025-03-01"},
        [date(1985, 3, 1), date(1985, 3, 2), date(1935, 3, 1), date(1935, 3, 2), date(2025, 3, 2)],
        ["40-49", "30-39", "90+", "80-89", None],
    ),
    (
        {"mask": "age", "on": "2023-02-28", "width": 7, "top": 20},
        [datetime(2004, 2, 29), datetime(2003, 2, 28), datetime(2023, 2, 28), None],
        ["14-19", "20+", "0-6", None],
    ),
    ({"mask": "age", "on": "2025-01-01", "width": 1}, [date(2000, 1, 1)], ["25"]),
    ({"mask": "round", "to": 10}, [14, 15, -14, -15, None], [10, 20, -10, -10, None]),
    ({"mask": "round", "to": 0.1}, [0.25, 0.3, -0.25, None], [0.3, 0.3, -0.3, None]),
    ({"mask": "round", "to": 5}, [Decimal("12.49"), Decimal("2.50")], [Decimal(10), Decimal(5)]),
    (
        {"mask": "date_truncate", "to": "quarter"},
        [date(2024, 5, 31), None],
        [date(2024, 4, 1), None],
    ),
    ({"mask": "date_truncate", "to": "week"}, [date(2024, 12, 31)], [date(2024, 12, 30)]),
    (
        {"mask": "date_truncate", "to": "hour"},
        [datetime(2024, 5, 31, 23, 59, 59, 999_999)],
        [datetime(2024, 5, 31, 23)],
    ),
    (
        {"mask": "region", "country": "US", "output": "code"},
        ["12 Oak St, Springfield, IL 62704", "FPO AP 96349", "moon", None],
        ["IL", "AP", None, None],
    ),
    (
        {"mask": "region", "country": "GB"},
        ["1 High St, Perth PH1 5TA", "cf10 3np", "BT1", "Leeds", None],
        ["Scotland", "Wales", "Northern Ireland", None, None],
    ),
    (
        {"mask": "token", "domain": "d", "prefix": "C"},
        NAMES,
        ["C5a65296bde20dfbb1c4083d7", "C730d87d0812b99faa33cf61b", None],
    ),
    ({"mask": "pseudonym", "kind": "name"}, NAMES, ["Bryan Galloway", "Timothy Chavez", None]),
    (
        {"mask": "pseudonym", "kind": "name", "locale": "zh_CN"},
        NAMES,
        ["国建国", "阮莉", None],
    ),
    ({"mask": "pseudonym", "kind": "first_name"}, NAMES, ["Bryan", "Timothy", None]),
    ({"mask": "pseudonym", "kind": "last_name"}, NAMES, ["Galloway", "Chavez", None]),
    (
        {"mask": "pseudonym", "kind": "email"},
        NAMES,
        ["bryan.galloway7645@example.com", "timothy.chavez5392@example.com", None],
    ),
    (
        {"mask": "pseudonym", "kind": "email", "locale": "zh_CN"},
        NAMES,
        ["jianguo.guo7645@example.com", "li.ruan5392@example.com", None],
    ),
    ({"mask": "pseudonym", "kind": "phone"}, NAMES, ["(979) 555-0168", "(947) 555-0183", None]),
    (
        {"mask": "pseudonym", "kind": "phone", "locale": "zh_CN"},
        NAMES,
        ["12945725668", "12773562983", None],
    ),
    (
        {"mask": "pseudonym", "kind": "name", "by": "value"},
        ["Ann", "Ann", None],
        ["Krystal Guzman", "Krystal Guzman", None],
    ),
    (
        {"mask": "date_shift", "days": 30},
        [date(2024, 2, 29), date(2024, 2, 29), None],
        [date(2024, 3, 17), date(2024, 3, 4), None],
    ),
    (
        {"mask": "pseudonym", "kind": "name", "locale": "de_DE"},
        ["Ann", "  ", None],
        ["Pia Heintze", "José Kensy", None],
    ),
    (
        {"mask": "pseudonym", "kind": "user_name"},
        ["Ann", "  ", None],
        ["bryan.galloway7645", "timothy.chavez5392", None],
    ),
    (
        {"mask": "pseudonym", "kind": "company", "locale": "en_GB"},
        ["Ann", "  ", None],
        ["Blackburn & Co", "Finch Group", None],
    ),
    (
        {"mask": "pseudonym", "kind": "street_address", "locale": "fr_FR"},
        ["Ann", "  ", None],
        ["81, boulevard Boulay", "141, place Gillet", None],
    ),
    (
        {"mask": "pseudonym", "kind": "street_address", "locale": "zh_CN"},
        ["Ann", "  ", None],
        ["冷安路81号", "慕桥路141号", None],
    ),
    (
        {"mask": "pseudonym", "kind": "phone", "locale": "en_GB"},
        ["Ann", "  ", None],
        ["0116 496 0668", "020 7946 0983", None],
    ),
    (
        {"mask": "pseudonym", "kind": "phone", "locale": "de_DE"},
        ["Ann", "  ", None],
        ["030 23125 668", "069 90009 983", None],
    ),
    (
        {"mask": "pseudonym", "kind": "phone", "locale": "fr_FR"},
        ["Ann", "  ", None],
        ["01 99 00 56 68", "05 36 49 29 83", None],
    ),
    (
        {"mask": "pseudonym", "kind": "phone", "locale": "es_ES"},
        ["Ann", "  ", None],
        ["445725668", "473562983", None],
    ),
    (
        {"mask": "encrypt", "domain": "d"},
        ["Ann", "", None],
        ["1ODizLHjIm3Pk3KNf882ZW1gQ1A", "e0kEyrHksEDOXru9pgn7Pyk", None],
    ),
    (
        {"mask": "fpe", "domain": "d", "first": 6, "check": "luhn", "unmapped": "null"},
        ["4111 1111 1111 1111", "4111111111111112", "123", None],
        ["4111 1173 6825 2524", None, None, None],
    ),
    (
        {"mask": "fpe", "domain": "d", "unmapped": "null"},
        ["+44 7700 900123", "１２３４５６７", "12345"],
        ["+62 2185 584978", "9641601", None],
    ),
    ({"mask": "postcode"}, ["90012", "sw1a 2aa", "902", None], ["900", "SW1", None, None]),
    ({"mask": "postcode"}, ["1067.0", "01067.0", "80331.00"], ["010", "010", "803"]),
    (
        {"mask": "region", "country": "DE"},
        ["1067.0", "80331.0", "1.5"],
        ["Sachsen", "Bayern", None],
    ),
    (
        {"mask": "postcode", "rule": "hipaa"},
        ["90012", "03601-1234", "SW1A", "036", None],
        ["900", "000", None, None, None],
    ),
    ({"mask": "postcode", "rule": "hipaa"}, [2201, 3601, 123456, -5], ["022", "000", None, None]),
    (
        {"mask": "postcode"},
        [2201.0, 90012.0, 1.5, -5.0, math.nan],
        ["022", "900", None, None, None],
    ),
    (
        {"mask": "region", "country": "US", "output": "code"},
        [2201.0, 90012.0, 1.5, math.inf],
        ["MA", "CA", None, None],
    ),
    (
        {"mask": "ip"},
        [
            "203.0.113.77",
            "2001:db8:1:2::3",
            "[2001:db8::1]:443",
            "::ffff:203.0.113.7",
            "10.0.0.1:80",
            "300.1.1.1",
            None,
        ],
        [
            "203.0.113.0/24",
            "2001:db8:1::/48",
            "2001:db8::/48",
            "203.0.113.0/24",
            "10.0.0.0/24",
            None,
            None,
        ],
    ),
    (
        {"mask": "email_domain"},
        ["Ada@Example.ORG", " b@x.co ", "no", "a@b@c.d", None],
        ["example.org", "x.co", None, None, None],
    ),
    (
        {"mask": "email_domain", "floor": 2},
        ["a@x.org", "b@x.org", "c@own.name", None],
        ["x.org", "x.org", "OTHER", None],
    ),
    (
        {"mask": "geo"},
        ["52.52190, 13.41321", "(-0.04, 179.96)", "91, 0", "x", None],
        ["52.5,13.4", "0.0,180.0", None, None, None],
    ),
    ({"mask": "geo", "to": "geohash", "precision": 5}, ["57.64911,10.40744"], ["u4pru"]),
    (
        {"mask": "bin", "edges": [0, 18, 65]},
        [-1, 0, 17, 65, None],
        ["<0", "[0, 18)", "[0, 18)", ">=65", None],
    ),
    ({"mask": "bin", "edges": [0.5]}, [0.5, math.nan, None, math.inf], [">=0.5", None, None, None]),
    ({"mask": "bin", "quantiles": 2}, [*range(9), 1000], ["<5"] * 5 + [">=5"] * 5),
    ({"mask": "clip", "low": 0, "high": 10}, [-5, 5, 50, None], [0, 5, 10, None]),
    ({"mask": "clip", "high": 1.5}, [2.0, math.inf, math.nan, 1.0], [1.5, 1.5, None, 1.0]),
    (
        {"mask": "clip", "percentiles": [40, 60]},
        list(range(15)),
        [6, 6, 6, 6, 6, 6, 6, 7, 8, 8, 8, 8, 8, 8, 8],
    ),
    ({"mask": "rare", "k": 2}, ["a", "a", "b", None], ["a", "a", "OTHER", None]),
    (
        {"mask": "map", "file": str(DATA / "map.csv"), "unmapped": "null"},
        ["a", " SW1A 2AA", "42", None],
        ["first", "second", "answer", None],
    ),
    (
        {"mask": "hierarchy", "file": str(DATA / "levels.csv"), "level": 1, "unmapped": "null"},
        ["a", "42", "z", None],
        ["letter", "40-49", None, None],
    ),
    (
        {"mask": "date_shift", "days": 30, "weeks": True},
        [date(2024, 2, 29), date(2024, 2, 29), None],
        [date(2024, 2, 15), date(2024, 3, 14), None],
    ),
    ({"mask": "noise", "scale": 10}, [100, 100, None], [100, 108, None]),
    (
        {"mask": "noise", "scale": 1.5, "distribution": "gaussian"},
        [100.0, math.nan],
        [101.13, None],
    ),
    (
        {"mask": "randomized_response", "values": ["yes", "no"], "epsilon": 1},
        ["yes", "yes", "yes", "no", "other", None],
        ["yes", "yes", "yes", "yes", None, None],
    ),
    ({"mask": "shuffle"}, ["a", "b", "c", "d", None], ["c", "b", "a", "d", None]),
    (
        "scrub",
        ["Mail ann@x.org or call 202-555-0143", "2 boxes of 12, blue", "", None],
        ["Mail <EMAIL> or call <PHONE>", "2 boxes of 12, blue", "", None],
    ),
]


DRAWN: list[tuple[Any, list[Any]]] = [
    ("token", ["d84110792c21b9dc2f5ecb17", "d84110792c21b9dc2f5ecb17", None]),
    ({"mask": "pseudonym", "kind": "name"}, ["Haley Spence", "Brent Santos", None]),
    ({"mask": "pseudonym", "kind": "name", "by": "value"}, ["Herbert Case", "Herbert Case", None]),
    (
        {"mask": "pseudonym", "kind": "phone", "locale": "de_DE"},
        ["040 66969 149", "069 90009 352", None],
    ),
    ({"mask": "pseudonym", "kind": "street_address"}, ["126 Salas Lane", "53 Compton Road", None]),
    (
        {"mask": "pseudonym", "kind": "email", "unique": True},
        [
            "haley.spence13cac3d18fe7e371@example.com",
            "brent.santos1c7ebbf691c6789f@example.com",
            None,
        ],
    ),
]


@pytest.mark.parametrize(("rule", "before", "after"), PINNED)
def test_a_mask_gives_these_values(
    rule: object, before: list[Any], after: list[Any], secret: str
) -> None:
    """A mask gives the same values in every release; these drew from the digest of the first."""
    assert masked(before, rule, key=secret, digest="hmac-sha256") == after


def test_every_mask_has_a_pinned_row() -> None:
    """Who adds a mask adds a row; drop has no values to pin."""
    names = {rule if isinstance(rule, str) else rule["mask"] for rule, _, _ in PINNED}
    assert names == set(MASKS) - {"drop"}


def test_drop_leaves_nothing(secret: str) -> None:
    """A dropped column is absent."""
    rules = {"version": 1, "columns": {"a": "drop", "b": "keep"}}
    assert anonymize(pl.DataFrame({"a": [1], "b": [2]}), rules, key=secret).columns == ["b"]


def test_a_token_of_the_first_release_is_an_hmac(secret: str) -> None:
    """A second implementation, in the standard library, gives the same token."""
    subkey, rule = Key(secret).subkey("d"), {"mask": "token", "domain": "d"}
    digest = hmac.new(subkey.encode(), b"17850", hashlib.sha256).hexdigest()
    assert masked([17850], rule, key=secret, digest="hmac-sha256") == [digest[:24]]


@pytest.mark.parametrize("text", ["1", "sixteen bytes ok", "Łódź, more than two blocks of bytes"])
def test_a_token_is_made_of_an_aes_cmac(text: str, secret: str) -> None:
    """A second implementation, one text at a time, gives the same token and the same ending."""
    keys = [bytes.fromhex(Key(secret).subkey(f"d\0{use}")) for use in ("cmac", "aes")]
    whole = CMAC(algorithms.AES(keys[0]))
    whole.update(text.encode())
    code = whole.finalize()
    cipher = Cipher(algorithms.AES(keys[1]), modes.ECB()).encryptor()
    digest = cipher.update(code + bytes([code[0] ^ 1]) + code[1:])
    assert masked([text], {"mask": "token", "domain": "d"}, key=secret) == [digest[:12].hex()]
    rule = {"mask": "pseudonym", "kind": "email", "by": "value", "domain": "d", "unique": True}
    (email,) = masked([text], rule, key=secret)
    assert email.endswith(f"{digest[24:].hex()}@example.com")


@pytest.mark.parametrize(("rule", "after"), DRAWN)
def test_what_is_drawn_stays(rule: object, after: list[Any], secret: str) -> None:
    """What is drawn from a digest is the same in every release; null for null."""
    assert masked(["Ann", "Ann", None], rule, key=secret) == after


SAME: Mapping[str, list[pl.Series]] = {
    "1": [
        pl.Series([1], dtype=pl.Int8),
        pl.Series([1], dtype=pl.UInt64),
        pl.Series([1.0]),
        pl.Series([1.0], dtype=pl.Float32),
        pl.Series(["1"]),
        pl.Series([" 1\n"]),
        pl.Series(["1"]),  # full-width
        pl.Series(["1"], dtype=pl.Categorical),
        pl.Series(["1"], dtype=pl.Enum(["1", "2"])),
        pl.Series([Decimal("1.00")]),
    ],
    "0": [pl.Series([-0.0]), pl.Series([0])],
    "10": [pl.Series([Decimal("10.0")]), pl.Series([10]), pl.Series([10.0])],
    "2.5": [pl.Series([2.5]), pl.Series([Decimal("2.50")]), pl.Series(["2.5"])],
    "2024-02-29": [pl.Series([date(2024, 2, 29)]), pl.Series(["2024-02-29"])],
    "2024-02-29T12:00:00.000000000Z": [
        pl.Series([datetime(2024, 2, 29, 12)]).dt.replace_time_zone("UTC"),
        pl.Series([datetime(2024, 2, 29, 13)], dtype=pl.Datetime("ms")).dt.replace_time_zone(
            "Europe/Berlin"
        ),
    ],
    "2024-02-29T12:00:00.000000000": [
        pl.Series([datetime(2024, 2, 29, 12)], dtype=pl.Datetime(unit))
        for unit in ("ms", "us", "ns")
    ],
    "true": [pl.Series([True]), pl.Series(["true"])],
}


@pytest.mark.parametrize("text", SAME)
def test_a_value_reads_the_same_in_every_type(text: str, secret: str) -> None:
    """Whole numbers, dates and text agree across dtypes, so that tables join."""
    rule = {"mask": "token", "domain": "d"}
    tokens = [masked(series, rule, key=secret) for series in [pl.Series([text]), *SAME[text]]]
    assert tokens == [tokens[0]] * len(tokens)


def test_different_values_stay_different(secret: str) -> None:
    """Leading zeros, case, fractions and empty text are not lost."""
    values = ["1", "01", "1.5", "", "a", "A", "1 0", "10"]
    assert len(set(masked(values, "token", key=secret))) == len(values)


def test_missing_is_null_and_empty_is_not(secret: str) -> None:
    """Null and NaN give null; the empty text has a token."""
    assert masked([float("nan"), None, 1.5], "token", key=secret)[:2] == [None, None]
    assert masked([""], "token", key=secret)[0] is not None


def test_ten_thousand_tokens_differ(secret: str) -> None:
    """96 bits do not collide."""
    assert len(set(masked(list(range(10_000)), "token", key=secret))) == 10_000


def test_a_dictionary_attack_needs_the_key(secret: str) -> None:
    """Hashing all phone numbers finds none of the tokens, with or without another key."""
    phones = [f"+44770090{number:04}" for number in range(2_000)]
    tokens = set(masked(phones, "token", key=secret))
    guesses = {hashlib.sha256(phone.encode()).hexdigest()[:24] for phone in phones}
    other = set(masked(phones, "token", key=secret + "2"))
    assert tokens.isdisjoint(guesses | other)


def test_pseudonyms_of_one_entity_agree(secret: str) -> None:
    """Name, first name, last name and e-mail of a customer are one invented person."""
    kinds = ["name", "first_name", "last_name", "email"]
    frame = pl.DataFrame({"who": range(200)} | dict.fromkeys(kinds, ["x"] * 200))
    columns: dict[str, Any] = {kind: {"mask": "pseudonym", "kind": kind} for kind in kinds}
    rules = {"version": 1, "entity": "who", "columns": columns | {"who": "token"}}
    out = anonymize(frame, rules, key=secret)
    assert (out["name"] == out["first_name"] + " " + out["last_name"]).all()
    stems = out["email"].str.extract(r"^([a-z]+\.[a-z]+)\d+@example\.com$")
    assert (stems == (out["first_name"] + "." + out["last_name"]).str.to_lowercase()).all()


def test_phones_belong_to_nobody(secret: str) -> None:
    """American numbers are 555-01xx, Chinese ones begin with 12."""
    for locale, pattern in {"en_US": r"^\(\d{3}\) 555-01\d\d$", "zh_CN": r"^12\d{9}$"}.items():
        rule = {"mask": "pseudonym", "kind": "phone", "locale": locale}
        phones = pl.Series(masked(["x"] * 500, rule, key=secret))
        assert phones.str.contains(pattern).all()


def test_partial_never_shows_the_length_or_the_whole(secret: str) -> None:
    """Outputs have one of two lengths, and no short value passes through."""
    values = ["a" * length for length in range(30)]
    out = masked(values, {"mask": "partial", "first": 2, "last": 2}, key=secret)
    assert {len(value) for value in out} == {4, 8}
    assert out[:8] == ["****"] * 8


SHIFT = {"mask": "date_shift", "days": 3}


def shifts(values: pl.Series, rule: object, key: str) -> list[timedelta]:
    """By how much each value moved."""
    return [a - b for a, b in zip(masked(values, rule, key=key), values, strict=True)]


def test_shifts_are_uniform_and_never_zero(secret: str) -> None:
    """All of -3..-1 and 1..3 occur about equally often in 6,000 entities."""
    days = pl.Series(range(10_000, 16_000), dtype=pl.Int32).cast(pl.Date)
    moved = shifts(days, SHIFT, secret)
    counts = {days: moved.count(timedelta(days=days)) for days in range(-3, 4)}
    assert counts.pop(0) == 0
    assert all(880 < count < 1_120 for count in counts.values())


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin", "America/Sao_Paulo"])
def test_a_shift_is_whole_days_of_physical_time(unit: Any, zone: str | None, secret: str) -> None:
    """Leap days, changes of clocks and year ends keep every tick, in every unit and zone."""
    moments = [datetime(2024, 3, 31, 0, 59, 59, 999_000), datetime(2024, 12, 31, 23, 59)] * 20
    values = pl.Series(moments).dt.replace_time_zone("UTC").dt.cast_time_unit(unit)
    values = values.dt.convert_time_zone(zone) if zone else values.dt.replace_time_zone(None)
    frame = pl.DataFrame({"who": range(40), "x": values})
    rules = {"version": 1, "entity": "who", "columns": {"who": "drop", "x": SHIFT}}
    out = anonymize(frame.lazy(), rules, key=secret).collect()["x"]  # lazy: nothing is learned
    assert out.dtype == values.dtype
    days = (out.to_physical() - values.to_physical()) / {"ms": 864e5, "us": 864e8, "ns": 864e11}[
        unit
    ]
    assert set(days) == {-3, -2, -1, 1, 2, 3}


def test_a_shift_past_the_limit_is_null(secret: str) -> None:
    """Nothing wraps around at the end of time."""
    low, high, day = -(2**63), 2**63 - 1, 86_400 * 10**9
    last = pl.Series(
        [end - n * sign * day for n in range(1, 4) for end, sign in ((high, 1), (low, -1))]
    )
    far = pl.Series(masked(last.cast(pl.Datetime("ns")), SHIFT, key=secret, digest="hmac-sha256"))
    assert 0 < far.null_count() < 6
    assert masked(pl.Series([2**31 - 1] * 40, dtype=pl.Int32).cast(pl.Date), "redact", key=secret)


def test_intervals_within_an_entity_are_exact(secret: str) -> None:
    """All columns of one customer move together, to the microsecond."""
    moments = [datetime(2023, 10, 29, 2, 30, 0, n) + timedelta(days=n) for n in range(50)]
    frame = pl.DataFrame({"who": [1, 2] * 25, "a": moments, "b": moments[::-1]})
    rules = {"version": 1, "entity": "who", "columns": {"who": "token", "a": SHIFT, "b": SHIFT}}
    out = anonymize(frame, rules, key=secret)
    moved = (
        out.with_columns(frame["a"].alias("a0"), frame["b"].alias("b0"))
        .group_by("who")
        .agg(
            (pl.col("a") - pl.col("a0")).n_unique().alias("a"),
            (pl.col("a") - pl.col("a0") == pl.col("b") - pl.col("b0")).all().alias("b"),
        )
    )
    assert moved["a"].to_list() == [1, 1]
    assert moved["b"].to_list() == [True, True]


def test_a_null_entity_has_no_shift_and_no_pseudonym(secret: str) -> None:
    """Rows without an entity do not become one common person."""
    frame = pl.DataFrame({"who": [None, None], "n": ["a", "b"], "t": [date(2024, 1, 1)] * 2})
    frame = frame.with_columns(pl.col("who").cast(pl.Int64))
    name = {"mask": "pseudonym", "kind": "name"}
    for who in (
        frame["who"],
        pl.Series([None, None], dtype=pl.Null),
        pl.Series([float("nan")] * 2),
    ):
        rules = {"version": 1, "entity": "who", "columns": {"who": "token", "n": name, "t": SHIFT}}
        out = anonymize(frame.with_columns(who.alias("who")), rules, key=secret)
        assert out.null_count().row(0) == (2, 2, 2)


def test_secret_digits_are_published_by_no_mask(secret: str) -> None:
    """The shift's bytes of the digest are in no token: slots overlap but where one ends in two."""
    from anonymizer.masking.masks.base import Slot

    own = [slot for slot in Slot if slot is not Slot.ENDING]
    taken = [place for slot in own for place in range(slot.value[0], sum(slot.value))]
    assert sorted(taken) == list(range(32))
    assert Slot.ENDING.value == (Slot.NUMBER.value[0], 8)
    assert masked(["a"], "token", key=secret)[0].isalnum()


@pytest.mark.parametrize(
    ("to", "after"),
    [("day", "2018-11-04T01:00:00-02:00"), ("month", "2018-11-01T00:00:00-03:00")],
)
def test_truncation_lands_on_a_time_that_exists(to: str, after: str, secret: str) -> None:
    """Where the clock skips midnight, the day begins an hour later."""
    moment = pl.Series([datetime(2018, 11, 4, 15)]).dt.replace_time_zone("America/Sao_Paulo")
    out = masked(moment, {"mask": "date_truncate", "to": to}, key=secret)
    assert out[0].isoformat() == after


def test_truncation_keeps_the_fold(secret: str) -> None:
    """The hour that a clock shows twice stays two hours."""
    utc = pl.Series([datetime(2024, 10, 27, 0, 30), datetime(2024, 10, 27, 1, 30)])
    berlin = utc.dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin")
    frame = pl.DataFrame({"x": berlin})
    rules = {"version": 1, "columns": {"x": {"mask": "date_truncate", "to": "hour"}}}
    out = anonymize(frame, rules, key=secret)["x"].dt.convert_time_zone("UTC")
    assert out.dt.strftime("%H:%M").to_list() == ["00:00", "01:00"]


@pytest.mark.parametrize(
    ("series", "to", "after", "dtype"),
    [
        (pl.Series([127, -128], dtype=pl.Int8), 10, [120, -120], pl.Int8),
        (pl.Series([2**64 - 1], dtype=pl.UInt64), 1, [2**64 - 1], pl.UInt64),
        (pl.Series([3], dtype=pl.Int8), 0.5, [3.0], pl.Float64),
        (pl.Series([2.26], dtype=pl.Float32), 0.5, [2.5], pl.Float32),
        (pl.Series([float("inf"), float("nan")]), 1, [float("inf"), None], pl.Float64),
    ],
)
def test_rounding_keeps_what_fits(
    series: pl.Series, to: float, after: list[Any], dtype: Any, secret: str
) -> None:
    """Integers and floats keep their width, and nothing is lost at its ends."""
    frame = pl.DataFrame({"x": series})
    rules = {"version": 1, "columns": {"x": {"mask": "round", "to": to}}}
    out = anonymize(frame, rules, key=secret)["x"]
    assert out.dtype == dtype
    floats = out.fill_nan(None) if out.dtype.is_float() else out
    assert floats.to_list() == after


def test_redaction_forgets_categories(secret: str) -> None:
    """No dictionary of a Categorical or Enum survives in the dtype."""
    for dtype in (pl.Categorical, pl.Enum(["secret"])):
        frame = pl.DataFrame({"x": pl.Series(["secret"], dtype=dtype)})
        for rule in ("redact", {"mask": "redact", "text": "x"}, "token"):
            out = anonymize(frame, {"version": 1, "columns": {"x": rule}}, key=secret)
            assert out.schema == {"x": pl.String}


@pytest.mark.parametrize(
    ("values", "rule", "message"),
    [
        (
            [True],
            {"mask": "region", "country": "US"},
            "region takes float, integer, text",
        ),
        ([1.0], {"mask": "region", "country": "GB"}, "region takes text for GB, not Float64"),
        ([1], {"mask": "region", "country": "GB"}, "region takes text for GB, not Int64"),
        ([1.5], {"mask": "age"}, "age takes date, datetime, integer, text, not Float64"),
        ([20240501], SHIFT, "date_shift takes integers with a `format` of digits"),
        ([True], {"mask": "round", "to": 1}, "round takes decimal, float, integer, not Boolean"),
        ([date(2024, 1, 1)], {"mask": "date_truncate", "to": "hour"}, "takes datetime, not Date"),
        ([{"a": 1}], "token", r"not Struct\(a: Int64\)"),
        ([True], {"mask": "partial", "first": 1}, "partial takes integer, text, not Boolean"),
        (
            [1.5],
            {"mask": "pseudonym", "kind": "name"},
            "pseudonym takes integer, text, not Float64",
        ),
    ],
)
def test_a_wrong_dtype_is_named(values: list[Any], rule: object, message: str, secret: str) -> None:
    """What a mask takes and what it got stand in one line."""
    with pytest.raises(DataError, match=message):
        masked(values, rule, key=secret)


@pytest.mark.parametrize("rule", [rule for rule, _, _ in PINNED], ids=lambda rule: str(rule)[:40])
def test_an_all_null_column_stays_null(rule: object, secret: str) -> None:
    """A column without values has no type, and every mask takes it."""
    assert masked(pl.Series([None, None], dtype=pl.Null), rule, key=secret) == [None, None]


@pytest.mark.parametrize("rule", [rule for rule, _, _ in PINNED], ids=lambda rule: str(rule)[:40])
def test_the_output_dtype_is_foretold(rule: Any, secret: str) -> None:
    """What a mask says it gives is what it gives, for every dtype that it takes."""
    columns = [
        pl.Series(["2024"]),
        pl.Series(["2024"], dtype=pl.Categorical),
        pl.Series([1], dtype=pl.Int16),
        pl.Series([1.5], dtype=pl.Float32),
        pl.Series([Decimal("1.5")]),
        pl.Series([True]),
        pl.Series([date(2024, 1, 1)]),
        pl.Series([datetime(2024, 1, 1)], dtype=pl.Datetime("ms")),
        pl.Series([None]),
        pl.Series([[1]]),
    ]
    options = {"mask": rule} if isinstance(rule, str) else dict(rule)
    mask, tested = MASKS[options.pop("mask")](**options), 0
    for series in columns:
        if mask.fault(series.dtype) is None:
            frame = pl.DataFrame({"who": range(20)}).join(series.to_frame("x"), how="cross")
            rules = {"version": 1, "entity": "who", "columns": {"x": rule, "who": "drop"}}
            out = anonymize(frame, rules, key=secret)
            assert out.schema["x"] == Leaf("x", series.dtype, (mask,)).output_dtype
            tested += 1
    assert tested


def test_places_become_h3_cells() -> None:
    """The cell of H3 at its resolution; what is no place on earth gives null."""
    frame = pl.DataFrame({"lat": [52.5219, None, 91.0], "lon": [13.41321, 1.0, 2.0]})
    rule = {"mask": "geo", "longitude": "lon", "to": "h3", "precision": 5}
    out = anonymize(frame, {"version": 1, "columns": {"lat": rule, "lon": "drop"}})
    assert out["lat"].to_list() == ["851f1d4ffffffff", None, None]


@pytest.mark.parametrize("to", ["decimals", "geohash"])
def test_an_infinite_coordinate_is_no_place(to: str) -> None:
    """It gives null, and stops nothing."""
    frame = pl.DataFrame({"lat": [math.inf, 1.0], "lon": [1.0, -math.inf]})
    rule = {"mask": "geo", "longitude": "lon", "to": to}
    out = anonymize(frame, {"version": 1, "columns": {"lat": rule, "lon": "drop"}})
    assert out["lat"].to_list() == [None, None]


def test_h3_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said when the rules are loaded."""
    monkeypatch.setitem(sys.modules, "h3", None)
    with pytest.raises(MissingExtraError, match=r"seqanon\[geo\]"):
        load_rules({"version": 1, "columns": {"x": {"mask": "geo", "to": "h3"}}})


INTEGERS = [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt32, pl.UInt64]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("rule", [{"mask": "round", "to": 10}, {"mask": "noise", "scale": 2}])
def test_integers_keep_their_width(dtype: pl.DataType, rule: dict[str, Any], secret: str) -> None:
    """Round and noise lose no value at the ends of a type, nor digits beyond those of a float."""
    low, high = (int(pl.select(each).item()) for each in (dtype.min(), dtype.max()))  # type: ignore[attr-defined]
    low, high = max(low, -(2**126)), min(high, 2**126)
    values = [each for each in (low, low + 1, 0, 7, 120, 2**53 + 1, high - 1, high) if each <= high]
    frame = pl.DataFrame({"who": range(len(values)), "x": pl.Series(values, dtype=dtype)})
    rules = {"version": 1, "entity": "who", "columns": {"who": "keep", "x": rule}}
    out = anonymize(frame, rules, key=secret)["x"]
    assert out.dtype == dtype
    assert out.null_count() == 0
    assert all(abs(a - b) <= 60 for a, b in zip(out, values, strict=True))
    if rule["mask"] == "round":
        assert all(each % 10 == 0 for each in out)


def persons(locale: str, kind: str, sexes: list[Any], **options: Any) -> pl.DataFrame:
    """A pseudonym for each of 40 entities per sex, beside its sex."""
    frame = pl.DataFrame({"sex": sexes * 40}).with_columns(
        who=pl.int_range(pl.len()), x=pl.lit("Ann")
    )
    rule = {"mask": "pseudonym", "kind": kind, "locale": locale, "sex": "sex"} | options
    rules = {"version": 1, "entity": "who", "columns": {"who": "drop", "sex": "keep", "x": rule}}
    return anonymize(frame, rules, key="0123456789abcdef-of-the-tests")


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "zh_CN"])
@pytest.mark.parametrize("sexes", [["F", "H"], ["女", "男"], [2, 1], [" Female", "male."]])
def test_first_names_follow_the_sex(locale: str, sexes: list[Any]) -> None:
    """By words and codes of many languages; where it is not told, there are names of both."""
    names = load_names(locale)
    of = dict(zip(names.first, names.sex, strict=True))
    out = persons(locale, "first_name", [*sexes, None])
    found = {sex: {of[name] for name in part["x"]} for (sex,), part in out.group_by("sex")}
    assert found[sexes[0]] <= {"f", "b"}
    assert found[sexes[1]] <= {"m", "b"}
    assert {"f", "m"} <= found[None]


def test_name_and_address_of_one_sex_agree() -> None:
    """The e-mail address is made of the name."""
    name, email = (persons("en_US", kind, ["F", "M"])["x"] for kind in ("name", "email"))
    joined = name.str.to_lowercase().str.replace(" ", ".", literal=True)
    assert [mail.startswith(whole) for mail, whole in zip(email, joined, strict=True)] == [
        True
    ] * 80


@pytest.mark.parametrize("kind", ["user_name", "email"])
def test_unique_pseudonyms_are_unique(kind: str, secret: str) -> None:
    """Of 300,000 customers no two share one, and nothing is said; some did without."""
    frame = pl.DataFrame({"x": ["Ann"] * 300_000}).with_row_index("who")
    rule = {"mask": "pseudonym", "kind": kind}
    counts = {}
    for unique in (False, True):
        columns = {"who": "drop", "x": rule | {"unique": unique}}
        rules = {"version": 1, "entity": "who", "order": "kept", "columns": columns}
        counts[unique] = anonymize(frame, rules, key=secret)["x"].n_unique()
        assert bool(preview(frame, rules).notes) is not unique
    assert counts[True] == 300_000 > counts[False]


def test_names_cannot_be_unique() -> None:
    """The message names what can."""
    for kind in ("name", "phone"):
        rule = {"mask": "pseudonym", "kind": kind, "unique": True}
        with pytest.raises(RuleError, match="only user_name and email can be `unique`"):
            load_rules({"version": 1, "entity": "who", "columns": {"x": rule}})


@pytest.mark.parametrize("hidden", ["drop", "redact", {"mask": "rare", "k": 3}, "k-anonymity"])
def test_first_names_tell_no_sex_that_is_hidden(hidden: Any) -> None:
    """Whoever masks the column of the sex would find it in the names."""
    name = {"mask": "pseudonym", "kind": "name", "sex": "sex"}
    columns = {"who": "token", "name": name, "sex": hidden}
    rules: dict[str, Any] = {"version": 1, "entity": "who", "columns": columns}
    if hidden == "k-anonymity":
        columns["sex"] = "keep"
        rules["anonymity"] = {"quasi_identifiers": ["sex"], "k": 2}
    frame = pl.DataFrame({"who": range(9), "name": "Ann", "sex": "F"})
    with pytest.raises(DataError, match="name: first names would tell 'sex', which is masked"):
        anonymize(frame, rules, key="0123456789abcdef-of-the-tests")
