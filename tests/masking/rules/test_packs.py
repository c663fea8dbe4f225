"""Every pack on a table that it is meant for: lints clean, masks, audits, and lets nothing out."""

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from anonymizer import anonymize, audit
from anonymizer.masking.rules.rules import packs
from anonymizer.masking.run.preview import lint

SECRET = "0123456789abcdef-of-the-tests"
PEOPLE, EACH = 60, 4
START = datetime(2024, 3, 1, 9, 30)
WHO = [number for number in range(PEOPLE) for _ in range(EACH)]
TIMES = [START + timedelta(days=7 * row % 300, hours=row % 9) for row in range(PEOPLE * EACH)]
BORN = [date(1950 + number % 50, 1 + number % 12, 3) for number in WHO]
ITEMS = [f"item-{row % 5}" for row in range(PEOPLE * EACH)]

SHOP = {
    "customer_id": [f"cust-{n}" for n in WHO],
    "name": [f"Zenobia Quill{n}" for n in WHO],
    "email": [f"quill{n}@mail.example" for n in WHO],
    "phone": [f"+4420794600{n:02}" for n in WHO],
    "address": ["10 Downing Street, London SW1A 2AA"] * len(WHO),
    "order_id": [f"ord-{row // 2}" for row in range(len(WHO))],
    "order_time": TIMES,
    "item": ITEMS,
    "description": ["a lamp"] * len(WHO),
    "quantity": [1 + row % 3 for row in range(len(WHO))],
    "unit_price": [2.95] * len(WHO),
    "country": ["United Kingdom"] * len(WHO),
}
TABLES = {
    "ecommerce": (SHOP, "customer_id", "order_time"),
    "ecommerce_strict": (SHOP, "customer_id", "order_time"),
    "ecommerce_zh": (
        {
            "会员ID": [f"会员{n}" for n in WHO],
            "姓名": [f"欧阳测{n}" for n in WHO],
            "手机号": [f"138001380{n:02}" for n in WHO],
            "身份证号": [f"1101011990030700{n:02}" for n in WHO],
            "收货地址": ["北京市西城区文津街7号"] * len(WHO),
            "订单号": [f"单{row}" for row in range(len(WHO))],
            "下单时间": TIMES,
            "商品编号": ITEMS,
            "数量": [1] * len(WHO),
            "单价": [9.9] * len(WHO),
        },
        "会员ID",
        "下单时间",
    ),
    "payments": (
        {
            "card_number": [f"41111111111{n:05}" for n in WHO],
            "cardholder_name": [f"Zenobia Quill{n}" for n in WHO],
            "security_code": [f"9{n:02}7" for n in WHO],
            "transaction_id": [f"tx-{row}" for row in range(len(WHO))],
            "transaction_time": TIMES,
            "merchant": [f"shop-{row % 3}" for row in range(len(WHO))],
            "category": ITEMS,
            "amount": [12.34 + row for row in range(len(WHO))],
            "is_fraud": [row % 50 == 0 for row in range(len(WHO))],
        },
        "card_number",
        "transaction_time",
    ),
    "hipaa_safe_harbor": (
        {
            "patient_id": [f"study-{n}" for n in WHO],
            "name": [f"Zenobia Quill{n}" for n in WHO],
            "ssn": [f"078-05-11{n:02}" for n in WHO],
            "mrn": [f"mrn-{n}" for n in WHO],
            "zip": ["03601" if n % 20 == 0 else "90012" for n in WHO],
            "birth_date": BORN,
            "admission_date": [time.date() for time in TIMES],
            "sex": ["f" if n % 2 else "m" for n in WHO],
            "diagnosis": ITEMS,
            "notes": ["called Zenobia"] * len(WHO),
        },
        "patient_id",
        "admission_date",
    ),
    "gdpr_pseudonymised": (
        {
            "customer_id": [f"cust-{n}" for n in WHO],
            "name": [f"Zenobia Quill{n}" for n in WHO],
            "email": [f"quill{n}@mail.example" for n in WHO],
            "postcode": ["10115" if n % 2 else "80331" for n in WHO],
            "birth_date": BORN,
            "sex": ["f" if n % 3 else "m" for n in WHO],
            "event_time": TIMES,
            "item": ITEMS,
            "amount": [12.34 + row for row in range(len(WHO))],
        },
        "customer_id",
        "event_time",
    ),
    "pipl": (
        {
            "user_id": [f"user-{n}" for n in WHO],
            "name": [f"欧阳测{n}" for n in WHO],
            "id_card": [f"1101011990030700{n:02}" for n in WHO],
            "address": [
                "北京市西城区文津街7号" if n % 2 else "广州市天河区珠江东路4号" for n in WHO
            ],
            "birth_date": BORN,
            "sex": ["女" if n % 2 else "男" for n in WHO],
            "event_time": TIMES,
            "item": ITEMS,
        },
        "user_id",
        "event_time",
    ),
}
# What must not be in the output, beside the entities themselves.
PRIVATE = ["Zenobia", "mail.example", "+44207946", "Downing", "欧阳测", "138001380", "1101011990",
           "文津街", "078-05", "mrn-", "ord-", "tx-", "单1"]  # fmt: skip


def table(pack: str) -> tuple[pl.DataFrame, str, str]:
    """A small table of a pack, its entity and its time."""
    columns, entity, time = TABLES[pack]
    return pl.DataFrame(columns), entity, time


def test_every_pack_has_a_table() -> None:
    """No pack without this test."""
    assert packs() == sorted(TABLES)


@pytest.mark.parametrize("pack", packs())
def test_a_pack_lints_clean(pack: str) -> None:
    """By itself and with a table, no warning; notes are for the reader."""
    frame, *_ = table(pack)
    found = [*lint(pack), *lint(pack, frame)]
    assert [str(each) for each in found if each.level == "warning"] == []


@pytest.mark.parametrize("pack", packs())
def test_a_pack_masks_and_audits(pack: str, tmp_path: Path) -> None:
    """Nothing private is in a byte of the output, and the audit runs on it."""
    frame, entity, time = table(pack)
    masked = anonymize(frame, pack, key=SECRET)
    masked.write_ndjson(tmp_path / "masked.json")
    text = (tmp_path / "masked.json").read_text("utf-8")
    entities = frame[entity].unique().to_list()
    quoted = [f'"{each}"' for each in entities]
    assert [each for each in [*PRIVATE, *quoted] if each in text] == []
    found = audit(raw=frame, masked=masked, entity=entity, time=time)
    assert "unicity" in found.figures


@pytest.mark.parametrize("pack", packs())
def test_a_pack_says_its_legal_basis_and_its_limits(pack: str) -> None:
    """Both stand in the comments before the rules."""
    text = (Path(__file__).parents[3] / "rules" / f"{pack}.yaml").read_text("utf-8")
    head = text.split("version:")[0]
    assert "Legal basis:" in head
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")


def test_safe_harbor_keeps_no_more_than_it_may() -> None:
    """Years, three digits of the ZIP or 000, and one group from 90 on."""
    frame, *_ = table("hipaa_safe_harbor")
    masked = anonymize(frame, "hipaa_safe_harbor", key=SECRET)
    assert set(masked["zip"].drop_nulls()) <= {"900", "000"}
    assert all(day.month == day.day == 1 for day in masked["admission_date"].drop_nulls())
    assert masked.columns == [
        "patient_id", "zip", "birth_date", "admission_date", "sex", "diagnosis",
    ]  # fmt: skip
