"""Ids that a row holds: found as a whole in any spelling, never in part, never those of others."""

import time

import polars as pl
import pytest

from anonymizer import anonymize
from anonymizer.masking.free_text.known import find_id, find_known
from anonymizer.masking.free_text.recognition import merged
from anonymizer.masking.free_text.scrubbing import Row, Scrubber, Search

UUID = "a1b2c3d4-0000-1111-2222-333344445555"
SPELT = [
    ("K1234567", "k1234567"),
    ("K1234567", "K-123-4567"),
    ("K1234567", "K 123 4567"),
    ("K1234567", "\uff2b\uff11\uff12\uff13\uff14\uff15\uff16\uff17"),
    ("KD-1001234", "KD-100-1234"),
    ("KD-1001234", "KD: 1001234"),
    ("KD-1001234", "KD\u20131001234"),
    ("A-12 345", "A12345"),
    ("A-12 345", "a-12 345"),
    ("user_1001", "USER 1001"),
    ("AB12CD34", "AB-12-CD-34"),
    ("1234567", "1 234 567"),
    ("1234567", "001234567"),
    ("1234567", "\u0661\u0662\u0663\u0664\u0665\u0666\u0667"),
    ("1234567.0", "1234567"),
    (UUID, UUID.replace("-", "").upper()),
    ("C-42", "c42"),
    ("sunflower", "Sunflower"),
    ("ann.lee@example.org", "Ann.Lee@example.org"),
]
OTHERS = [
    ("ID12345", "the id of id card ID 123456"),
    ("ID12345", "12345"),
    ("user_1001", "user user_1002 logged in, user_10012, a user"),
    ("K1234567", "K1234568 K12345678 xK1234567 K1234567K"),
    ("K1234567", "K-123-4567-8"),
    ("1001234", "10012345 21001234 order 10012349"),
    ("1001234", "EAN 1001234000017, x1001234"),
    ("123456", "06 12 34 56 78 at 12:34:56"),
    ("1234", "12.34 EUR, 1234-5678, 4111 1234 1111"),
    ("12345", "12.345,00 \u20ac"),
    ("sunflower", "sunflowers sunflowre"),
    ("ann.lee@example.org", "joann.lee@example.org"),
    ("123", "123"),
]


def found(text: str, value: str) -> list[str]:
    """What stands at the places of an id, in their order."""
    return [text[span.start : span.end] for span in merged(find_id(text, value))]


@pytest.mark.parametrize(("value", "spelt"), SPELT)
@pytest.mark.parametrize(
    "text", ["{}", "of {}, twice", "为{}的", "x={}&y", "({}). 5 pieces", r"no\n{}"]
)
def test_an_id_is_found_however_it_is_written(value: str, spelt: str, text: str) -> None:
    """In any case, width and grouping, and whatever stands beside it; all of it."""
    assert found(text.format(spelt), value) == [spelt]
    assert len({span.canonical for span in find_id(f"{value}, {spelt}", value)}) == 1


@pytest.mark.parametrize(("value", "text"), OTHERS)
def test_a_part_of_an_id_or_of_another_is_none(value: str, text: str) -> None:
    """Letters alone, digits in longer ones, neighbours in the order of numbers."""
    assert found(text, value) == []


@pytest.mark.parametrize(("value", "text"), OTHERS[:10])
def test_what_a_row_knows_is_no_part_of_another_id(value: str, text: str) -> None:
    """A column of `known` with ids in it leaves other ids as they are."""
    assert find_known(text, [value]) == []


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("1001234", "10012340 and 1001234", ["1001234"]),
        ("015112345678", "wa 4915112345678 ok", ["4915112345678"]),
        ("2025550143", "12025550143", ["12025550143"]),
        ("2025550143", "20255501439 or 92025550143", []),
        ("1000012345", "2000012345, 10000123456", []),
    ],
)
def test_a_known_number_begins_and_ends_where_it_does(
    value: str, text: str, expected: list[str]
) -> None:
    """But for the code of a country in front of a phone."""
    spans = merged(find_known(text, [value]))
    assert [text[span.start : span.end] for span in spans] == expected


def test_keys_and_other_ids_stay_in_a_masked_text() -> None:
    """The token stands for the id alone, also where a pattern would call it something else."""
    notes = ['{"user":"user_1001"}', "user user_1002 asked user_1001", UUID]
    table = pl.DataFrame({"id": ["user_1001", "user_1001", UUID], "note": notes})
    note = {"mask": "scrub", "token": "id", "names": False}
    rules = {"version": 1, "columns": {"id": {"mask": "token"}, "note": note}}
    out = anonymize(table, rules, key="0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    token, _, other = out["id"]
    expected = [f'{{"user":"{token}"}}', f"user user_1002 asked {token}", other]
    assert out["note"].to_list() == expected


@pytest.mark.parametrize("piece", ["0", "7 ", "0000007", "1001234-", "K1001234"])
def test_a_cell_of_ids_takes_time_as_it_is_long(piece: str) -> None:
    """Zeros and groups without end."""
    start = time.process_time()
    for value in ("0000007", "0000000", "K1001234", "1001234"):
        find_id(piece * (40_000 // len(piece)), value)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("note", "rest"),
    [
        ("Nr. 1001234 rief an", "Nr. <ID> rief an"),
        ("AB-1001234 rief an", "AB-1001234 rief an"),
        ("Nr. 10012345 rief an", "Nr. 10012345 rief an"),
    ],
)
def test_the_long_number_of_an_id_is_the_id(note: str, rest: str) -> None:
    """Without its letters, but not behind other ones, and as a whole."""
    search = Search(kinds=())
    assert Scrubber(search).scrub(note, Row(("KD-1001234",))) == rest
