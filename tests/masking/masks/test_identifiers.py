"""Tokens that keep the type: permutations of integers and UUIDs, and tokens of other types."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer import DataError, SchemaError, anonymize, load_rules
from anonymizer.masking.primitives.ciphers.ff1 import FF1

SECRET = "0123456789abcdef-of-the-tests"
KEY = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94")
SAME = {"mask": "token", "as": "same", "domain": "customer"}
NUMBERS = {pl.Int32: (-(2**31), 2**31), pl.Int64: (-(2**63), 2**63), pl.UInt64: (0, 2**64)}


def ff1(key: bytes, radix: int, digits: list[int], tweak: bytes) -> list[int]:
    """FF1 one digit list at a time, as algorithm 7 of NIST SP 800-38G says it."""
    n, u = len(digits), len(digits) // 2
    v = n - u
    b = -(-((radix**v - 1).bit_length()) // 8)
    d = 4 * -(-b // 4) + 4
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()

    def number(part: list[int]) -> int:
        found = 0
        for digit in part:
            found = found * radix + digit
        return found

    def prf(text: bytes) -> bytes:
        block = bytes(16)
        for at in range(0, len(text), 16):
            mixed = bytes(x ^ y for x, y in zip(block, text[at : at + 16], strict=True))
            block = cipher.update(mixed)
        return block

    head = bytes([1, 2, 1]) + radix.to_bytes(3, "big") + bytes([10, u])
    head += n.to_bytes(4, "big") + len(tweak).to_bytes(4, "big")
    left, right = digits[:u], digits[u:]
    for i in range(10):
        q = (
            tweak
            + bytes((-len(tweak) - b - 1) % 16)
            + bytes([i])
            + number(right).to_bytes(b, "big")
        )
        y = int.from_bytes(prf(head + q)[:d], "big")
        m = u if i % 2 == 0 else v
        c = (number(left) + y) % radix**m
        left, right = right, [c // radix**place % radix for place in reversed(range(m))]
    return left + right


def test_the_reference_gives_what_nist_gives() -> None:
    """Sample 8 of FF1samples."""
    out = ff1(KEY, 10, list(range(10)), b"9876543210")
    assert "".join(map(str, out)) == "1001623463"


@pytest.mark.parametrize("bits", [31, 53, 64, 122])
def test_halves_are_ff1_of_bits(bits: int) -> None:
    """Columnwise and one at a time agree."""
    rng = np.random.default_rng(bits)
    numbers = [int.from_bytes(rng.bytes(16), "big") % 2**bits for _ in range(20)]
    low = bits - bits // 2
    parts = [(number >> low, number % 2**low) for number in numbers]
    left, right = (np.array(side, np.uint64) for side in zip(*parts, strict=True))
    left, right = FF1(KEY).halves(left, right, 2, bits, np.array([[43]], np.uint8))
    for number, a, b in zip(numbers, left.tolist(), right.tolist(), strict=True):
        digits = [number >> place & 1 for place in reversed(range(bits))]
        expected = int("".join(map(str, ff1(KEY, 2, digits, b"+"))), 2)
        assert (a << low | b) == expected


def masked(values: list[Any], dtype: Any, rule: dict[str, Any] = SAME) -> pl.Series:
    """One column masked."""
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype)})
    return anonymize(frame, {"version": 1, "columns": {"x": rule}}, key=SECRET)["x"]


@pytest.mark.parametrize("dtype", NUMBERS)
@settings(max_examples=30)
@given(data=st.data())
def test_integers_stay_integers(dtype: Any, data: st.DataObject) -> None:
    """Type and sign stay, nothing collides, null is null, and a table of another width agrees."""
    low, high = NUMBERS[dtype]
    edges = st.sampled_from([edge for bits in (31, 32, 53, 63) for edge in (2**bits - 1, 2**bits)])
    drawn = st.integers(low, high - 1) | edges.filter(lambda edge: edge < high)
    values = data.draw(st.lists(drawn, unique=True, min_size=1, max_size=20))
    out = masked([*values, None], dtype)
    assert out.dtype == dtype
    assert out.to_list()[-1] is None
    assert out.n_unique() == len(values) + 1
    assert [each < 0 for each in out[:-1]] == [each < 0 for each in values]
    narrow = [each for each in values if 0 <= each < 2**31]
    assert masked(narrow, pl.Int32).to_list() == masked(narrow, pl.UInt64).to_list()
    assert all(each < 2**31 for each in masked(narrow, pl.Int64))


def test_a_permuted_key_tells_nothing_of_its_number() -> None:
    """Consecutive numbers come back in no order, spread over the whole tier."""
    out = masked(list(range(5000)), pl.Int64).to_numpy()
    assert abs(np.corrcoef(np.arange(5000), out)[0, 1]) < 0.06
    assert np.abs(np.histogram(out, 10, (0, 2**31))[0] - 500).max() < 120


FORMS: dict[str, Callable[[UUID], Any]] = {
    "text": str,
    "upper": lambda each: str(each).upper(),
    "bare": lambda each: each.hex,
    "bytes": lambda each: each.bytes,
}


@settings(max_examples=30)
@given(values=st.lists(st.uuids(version=4) | st.uuids(), unique=True, max_size=9))
def test_uuids_stay_uuids_in_every_form(values: list[UUID]) -> None:
    """One UUID has one token as text and as bytes, of its own version; none collide."""
    out = {name: masked([form(v) for v in values], None) for name, form in FORMS.items()}
    found = [UUID(each) for each in out["text"]]
    assert [each.version for each in found] == [each.version for each in values]
    assert len(set(found)) == len(values)
    assert out["upper"].to_list() == [str(each) for each in found]
    assert out["bare"].to_list() == [each.hex for each in found]
    assert out["bytes"].to_list() == [each.bytes for each in found]
    assert not set(found) & set(values)


def test_whole_numbers_in_floats_are_to_be_cast() -> None:
    """As pandas makes them beside a gap; the message names its cast."""
    with pytest.raises(DataError, match=r'Float64: cast .*`astype\("Int64"\)`'):
        masked([1.0, None], pl.Float64)


def test_what_is_no_uuid_is_refused() -> None:
    """Text and bytes of another form never pass, and a column of keys is not lost."""
    uuid = "12345678-1234-1234-1234-123456789012"
    for values in ([uuid, "4711", "", uuid[:-1] + "g"], [UUID(uuid).bytes, b"a", b"0" * 15, b""]):
        with pytest.raises(DataError, match="x: 3 values are no UUID, and `as: same` keeps"):
            masked([*values, None], None)


def test_small_integers_and_fractions_are_refused() -> None:
    """The message names the types that fit."""
    for dtype in (pl.Int16, pl.Float64):
        with pytest.raises(SchemaError, match="takes integers of 32 or 64 bits and UUIDs"):
            masked([1], dtype)


def test_bytes_clock_times_and_durations_have_tokens() -> None:
    """16 bytes have the token of the UUID that they are."""
    digits = {"mask": "token", "domain": "customer"}
    one = UUID(int=5)
    assert masked([one.bytes], None, digits).to_list() == masked([str(one)], None, digits).to_list()
    for value in (time(1, 2), timedelta(hours=1), b"\0\1"):
        assert masked([value], None, digits).str.len_chars().to_list() == [24]


TWO_KEYS = pl.DataFrame(
    {"tenant": [1, 1, 2, 2], "cust": [7, 7, 7, None], "name": ["Ann", "ANN", "Cy", "Di"]}
).with_columns(day=date(2024, 1, 1))


def test_an_entity_of_several_columns() -> None:
    """Two tenants' customers 7 are two persons; half an identity is none."""
    rules = {
        "version": 1,
        "entity": ["tenant", "cust"],
        "columns": {
            "tenant": "token",
            "cust": {"mask": "token", "domain": "customer"},
            "name": {"mask": "pseudonym", "kind": "name"},
            "day": {"mask": "date_shift", "days": 3000},
        },
    }
    out = anonymize(TWO_KEYS, rules, key=SECRET)
    for column in ("name", "day"):
        one, same, other, nobody = out[column].to_list()
        assert one == same != other
        assert nobody is None
    assert load_rules(load_rules(rules).to_dict()) == load_rules(rules)


def test_a_second_person_of_several_columns() -> None:
    """Who sends and who receives are told apart by their tenant as well."""
    frame = pl.DataFrame(
        {"tenant": [1, 1, 2], "snd": [7, 8, 8], "rcv": [8, 7, 7], "a": "Ann", "b": "Bo"}
    )
    person, name = {"mask": "token", "domain": "person"}, {"mask": "pseudonym", "kind": "email"}
    columns = {
        "tenant": "token",
        "snd": person,
        "rcv": person,
        "a": name | {"unique": True},
        "b": name | {"unique": True, "entity": ["tenant", "rcv"]},
    }
    rules = {"version": 1, "entity": ["tenant", "snd"], "columns": columns}
    out = anonymize(frame, rules, key=SECRET)
    assert out["a"][:2].to_list() == out["b"][:2].to_list()[::-1]
    assert out["a"][2] != out["a"][1]
    assert out["b"][2] != out["b"][1]


def test_the_columns_of_an_entity_are_counted_together() -> None:
    """Of three entities of two columns each value has one; alone, each column has fewer."""
    frame = pl.DataFrame({"a": [1, 1, 2], "b": [1, 2, 1], "city": ["X", "X", "X"]})
    rules = {"version": 1, "columns": {"a": "drop", "b": "drop", "city": {"mask": "rare", "k": 3}}}
    out = anonymize(frame, rules | {"entity": ["a", "b"]}, key=SECRET)
    assert out["city"].to_list() == ["X"] * 3
    assert anonymize(frame, rules | {"entity": "a"}, key=SECRET)["city"].to_list() == ["OTHER"] * 3
    anonymity = {"quasi_identifiers": ["city"], "k": 3, "method": "suppress"}
    rules = {"version": 1, "columns": {"*": "keep"}, "anonymity": anonymity}
    out = anonymize(frame, rules | {"entity": ["a", "b"]}, key=SECRET)
    assert out["city"].null_count() == 0


def test_a_second_person_in_a_row() -> None:
    """Who sends in one row and receives in another has one name, and one shift."""
    frame = pl.DataFrame(
        {"snd": [1, 2], "rcv": [2, 1], "sname": ["Ann Lee", "Bo Ek"], "rname": ["Bo Ek", "A. Lee"]}
    ).with_columns(born=date(1990, 1, 1), other_born=date(1990, 1, 1))
    person = {"mask": "token", "domain": "person"}
    name = {"mask": "pseudonym", "kind": "name"}
    shift = {"mask": "date_shift", "days": 3000}
    rules = {
        "version": 1,
        "entity": "snd",
        "columns": {
            "snd": person,
            "rcv": person,
            "sname": name,
            "rname": name | {"entity": "rcv"},
            "born": shift,
            "other_born": shift | {"entity": "rcv"},
        },
    }
    out = anonymize(frame, rules, key=SECRET)
    assert out["sname"].to_list() == out["rname"].to_list()[::-1]
    assert out["born"].to_list() == out["other_born"].to_list()[::-1]
    assert out["born"].n_unique() == 2
    alone = {"version": 1, "columns": {"rcv": person, "rname": name | {"entity": "rcv"}}}
    lone = anonymize(frame.select("rcv", "rname"), alone, key=SECRET)
    assert lone["rname"].to_list() == out["rname"].to_list()
    wrong = {"version": 1, "columns": {"rname": name | {"entity": "receiver"}}}
    with pytest.raises(SchemaError, match="pseudonym reads 'receiver', which is not in the data"):
        anonymize(frame.select("rname"), wrong, key=SECRET)


def test_times_of_day_that_differ_below_a_second_are_two() -> None:
    """Polars leaves that out of their text."""
    times = pl.DataFrame({"t": [time(9, 30, 0, 1), time(9, 30), time(9, 30)]})
    rules = {"version": 1, "columns": {"t": "token"}}
    masked = anonymize(times, rules, key=SECRET)
    assert masked["t"].n_unique() == 2
    assert masked["t"][1] == anonymize(times.cast(pl.String)[1:2], rules, key=SECRET)["t"].item()
