"""Whose a column is, where a row has two persons."""

from typing import Any

import polars as pl
import pytest

from anonymizer import anonymize, inspect, lint

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
FIRST = ["Anna", "Peter", "Laura", "Thomas", "Maria", "Daniel", "Julia", "Michael"]
LAST = ["Smith", "Johnson", "Williams", "Brown", "Jones", "Miller", "Davis"]
PEOPLE = range(56)
ROWS = range(400)


def name(person: int) -> str:
    """The name of a person, which nobody else has."""
    return f"{FIRST[person % 8]} {LAST[person // 8]}"


def mobile(person: int) -> str:
    """The number of a person's telephone."""
    return f"+49 151 {2_345_600 + person * 7}"


def iban(person: int) -> str:
    """The account of a person, with its right check digits."""
    account = f"{10_000 + person * 31:023}"
    return f"TR{98 - int(account + '292700') % 97:02}{account[1:]}"


def payer(row: int) -> int:
    """Who pays in a row."""
    return row % 56


def payee(row: int) -> int:
    """Who is paid in a row."""
    return (row * 5 + 3 + row // 56) % 56


def payments(headers: tuple[str, str, str, str]) -> pl.DataFrame:
    """Payments from one person to another, under any headers."""
    cells: list[list[Any]] = [
        [f"K{payer(row) * 7 + 100}" for row in ROWS], [name(payer(row)) for row in ROWS],
        [f"K{payee(row) * 7 + 100}" for row in ROWS], [name(payee(row)) for row in ROWS],
    ]  # fmt: skip
    return pl.DataFrame(dict(zip(headers, cells, strict=True)))


def rules_of(frame: pl.DataFrame) -> dict[str, Any]:
    """The rules that are proposed, by column."""
    return {each.column: each.mask for each in inspect(frame).columns}


@pytest.mark.parametrize(
    "headers",
    [
        ("Auftraggeber-Nr", "Auftraggeber Name", "Empfänger-Nr", "Empfängername"),
        ("payer_id", "payer_name", "payee_id", "payee_name"),
        ("customerId", "customerName", "zuid", "zname"),  # the rows tell, where words do not
        ("id_ordenante", "nombre_ordenante", "id_beneficiario", "nombre_beneficiario"),
        ("gonderen_no", "gonderen_ad", "alici_no", "alici_ad"),  # the words say whose name, too
        ("получатель_номер", "получатель_имя", "отправитель_номер", "отправитель_имя"),
    ],
)
def test_the_name_of_a_second_person_follows_that_person(headers: tuple[str, ...]) -> None:
    """As payer and as payee somebody has one token and one name, and the rules have no finding."""
    payer_id, payer_name, payee_id, payee_name = headers
    frame = payments(headers)  # type: ignore[arg-type]  # (four)
    found = inspect(frame)
    assert found.entity == payer_id
    masked = anonymize(frame, found.rules(), key=KEY)
    paying = set(masked.select(payer_id, payer_name).rows())
    assert paying == set(masked.select(payee_id, payee_name).rows())
    assert len(paying) == len(PEOPLE)
    assert [each for each in lint(found.rules(), frame) if each.code == "second-person"] == []


def test_payer_and_payee_follow_ids_of_one_kind() -> None:
    """Beside numbers there are accounts: a payee's name follows what the payer's follows."""
    frame = payments(("gonderen_no", "gonderen_ad", "alici_no", "alici_ad")).with_columns(
        gonderen_iban=pl.Series([iban(payer(row)) for row in ROWS]),
        alici_iban=pl.Series([iban(payee(row)) for row in ROWS]),
    )
    for missing, kind in ((), "no"), (("gonderen_no", "alici_no"), "iban"):
        found = inspect(frame.drop(missing))
        assert found.entity == f"gonderen_{kind}"
        assert found.rules()["columns"]["alici_ad"]["entity"] == f"alici_{kind}"


def test_a_second_person_without_an_id_goes_by_value() -> None:
    """Whom an order is for: another name than that of who ordered, and the same in all rows."""
    columns = {
        "会员编号": [f"M{payer(row):03}" for row in ROWS],
        "买家姓名": [name(payer(row)) for row in ROWS],
        "收货人": [name(payee(row) if row % 3 else payer(row)) for row in ROWS],
        "收货人电话": [mobile(payee(row) if row % 3 else payer(row)) for row in ROWS],
    }
    rules = rules_of(pl.DataFrame(columns))
    assert rules["买家姓名"].get("by") is None
    assert rules["收货人"]["by"] == rules["收货人电话"]["by"] == "value"


def test_a_doctor_is_no_patient() -> None:
    """The name follows the doctor's number, in a domain that is not that of the patients."""
    columns = {
        "patient_id": [payer(row) + 1 for row in ROWS],
        "patient_first": [FIRST[payer(row) % 8] for row in ROWS],
        "provider_npi": [1_700_000_000 + payee(row) % 9 * 13 for row in ROWS],
        "provider_name": [f"Dr. {name(payee(row) % 9)}" for row in ROWS],
        "provider_id": [payee(row) % 9 + 1 for row in ROWS],  # among the numbers of the patients
    }
    rules = rules_of(pl.DataFrame(columns))
    assert rules["provider_name"]["entity"] == "provider_id"
    assert rules["provider_id"]["domain"] != rules["patient_id"]["domain"]
    assert rules["patient_first"] == {"mask": "pseudonym", "kind": "first_name", "locale": "en_US"}


def test_spellings_of_one_name_stay_with_the_entity() -> None:
    """A name that is written in another way in each row is still the customer's."""
    spelt = [name(payer(row)).replace(" ", " " * (1 + row // 56)) for row in ROWS]
    ids = [payer(row) for row in ROWS]
    assert rules_of(pl.DataFrame({"customer_id": ids, "name": spelt}))["name"].get("by") is None
    shared = [name(payer(row) % 14) + " " * (row // 56 % 4) for row in ROWS]
    assert rules_of(pl.DataFrame({"customer_id": ids, "name": shared}))["name"].get("by") is None


NAME = {"mask": "pseudonym", "kind": "name"}
TOKEN = {"mask": "token", "domain": "people"}


@pytest.mark.parametrize(
    ("second", "way"),
    [
        ({"payee_id": TOKEN, "payee_name": NAME}, "`entity: payee_id`"),
        ({"rcv": TOKEN, "rname": NAME | {"by": "value"}}, "`entity: rcv`"),
        ({"doctor": NAME}, "`by: value`"),
        ({"payee_id": TOKEN, "payee_name": NAME | {"entity": "payee_id"}}, None),
        ({"doctor": NAME | {"by": "value"}}, None),
        ({"billing_name": NAME}, None),
    ],
)
def test_lint_finds_a_second_person_under_the_first_ones_entity(
    second: dict[str, Any], way: str | None
) -> None:
    """The finding names the column, and the id that its rule should name where there is one."""
    columns = {"customer_id": TOKEN, "customer_name": NAME, **second}
    found = [
        each
        for each in lint({"version": 1, "entity": "customer_id", "columns": columns})
        if each.code == "second-person"
    ]
    if way is None:
        assert found == []
    else:
        assert [each.place for each in found] == [f"columns.{list(second)[-1]}"]
        assert way in found[0].remedy
