"""Lints: a file that triggers each finding, and its mended twin that does not."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer import inspect, lint
from anonymizer.keys import Key
from anonymizer.masking.inspection.lints import FEW_VALUES, Finding, findings, side_channels
from anonymizer.masking.masks import MASKS
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.rules.rules import load_rules, packs
from anonymizer.masking.table.fitting import fit

SECRET = "0123456789abcdef-of-the-tests"
SHIFT = {"mask": "date_shift", "days": 30}
MONTHLY = {"mask": "token", "window": "month", "time": "time"}
REGION = {"mask": "region", "country": "US"}
WEEK = ["true-time columns.week"]
QUASI = {"quasi_identifiers": ["zip", "born"], "k": 5}


def codes(columns: dict[str, Any], **fields: Any) -> list[str]:
    """The codes and places of what is found in a rule file alone."""
    rules = load_rules({"version": 1, "entity": "who", "columns": columns} | fields)
    return [f"{each.code} {each.place}" for each in findings(rules)]


def planned(columns: dict[str, Any], schema: dict[str, Any], **fields: Any) -> list[str]:
    """The codes and places of what is found with a schema."""
    schema = {"who": pl.Int64()} | schema
    document = {"version": 1, "entity": "who", "columns": {"who": "token"} | columns} | fields
    rules = load_rules(document)
    return [f"{each.code} {each.place}" for each in findings(rules, make_plan(rules, schema))]


@pytest.mark.parametrize(
    ("risky", "mended", "found"),
    [
        ({"gender": "token"}, {"gender": "keep"}, ["few-values columns.gender"]),
        ({"countryCode": "encrypt"}, {"countryCode": "drop"}, ["few-values columns.countryCode"]),
        ({"性别": "token"}, {"性别": "keep"}, ["few-values columns.性别"]),
        (
            {"segment": {"mask": "pseudonym", "kind": "company", "by": "value"}},
            {"firm": {"mask": "pseudonym", "kind": "company", "by": "value"}},
            ["few-values columns.segment"],
        ),
        (
            {"a": SHIFT, "b": SHIFT | {"days": 7}},
            {"a": SHIFT, "b": SHIFT},
            ["different-shifts columns"],
        ),
        (
            {"a": SHIFT, "b": SHIFT | {"entity": "payee_id"}, "payee_id": "token"},
            {"a": SHIFT, "b": "drop", "payee_id": "token"},
            ["different-shifts columns"],
        ),
        ({"who": "keep"}, {"who": "token"}, ["entity-kept columns.who"]),
        (
            {"t": SHIFT, "order_year": "keep"},
            {"t": SHIFT, "order_year": "drop"},
            ["true-time columns.order_year"],
        ),
        (
            {"t": SHIFT, "epoch": {"mask": "clip", "low": 0}},
            {"t": SHIFT, "seconds": {"mask": "clip", "low": 0}},
            ["true-time columns.epoch"],
        ),
        (
            {"t": SHIFT, "seen": {"mask": "date_truncate", "to": "month"}},
            {"t": SHIFT, "birth_date": {"mask": "date_truncate", "to": "year"}},
            ["true-time columns.seen"],
        ),
        (
            {"t": SHIFT, "weekday": "keep"},
            {"t": SHIFT | {"weeks": True}, "weekday": "keep"},
            ["true-time columns.weekday"],
        ),
        (
            {"t": SHIFT, "invoice_no": "keep"},
            {"t": SHIFT, "invoice_no": "token"},
            ["serial-number columns.invoice_no"],
        ),
        (
            {"who": MONTHLY, "time": SHIFT},
            {"who": "token", "time": SHIFT},
            ["window-tells-shift columns.who"],
        ),
        (
            {"y": {"mask": "geo", "longitude": "x"}, "x": "keep"},
            {"y": {"mask": "geo", "longitude": "x"}, "x": "drop"},
            ["longitude-kept columns.x"],
        ),
        (
            {"who": MONTHLY, "name": {"mask": "pseudonym", "kind": "name"}},
            {"who": "token", "name": {"mask": "pseudonym", "kind": "name"}},
            ["windows-joined columns.name"],
        ),
        (
            {"who": MONTHLY, "email": "token"},
            {"who": MONTHLY, "email": MONTHLY},
            ["windows-joined columns.email"],
        ),
        (
            {"who": MONTHLY | {"domain": "d"}, "friend": {"mask": "token", "domain": "d"}},
            {"who": MONTHLY | {"domain": "d"}, "friend": {"mask": "token", "domain": "e"}},
            ["windows-joined columns.friend"],
        ),
        (
            {"address": REGION, "birth_date": "age"},
            {"address": REGION, "country": "keep"},
            ["quasi-identifiers anonymity"],
        ),
        (
            {"zip_code": "keep", "sex": "keep"},
            {"zip_code": "redact", "sex": "keep"},
            ["quasi-identifiers anonymity"],
        ),
        (
            {"职业": "keep", "出生日期": {"mask": "date_truncate", "to": "year"}},
            {"职业": "keep", "出生日期": "drop"},
            ["quasi-identifiers anonymity"],
        ),
        (
            {"who": {"mask": "round", "to": 10}},
            {"who": {"mask": "map", "file": "m.csv"}},
            ["entity-not-unique columns.who"],
        ),
        (
            {"who": {"mask": "pseudonym", "kind": "name"}},
            {"who": "token"},
            ["entity-not-unique columns.who"],
        ),
        (
            {"account_id": {"mask": "pseudonym", "kind": "user_name"}},
            {"account": {"mask": "pseudonym", "kind": "user_name"}},
            ["key-not-unique columns.account_id"],
        ),
        (
            {"basketId": {"mask": "noise", "scale": 3}},
            {"basketId": "token"},
            ["key-not-unique columns.basketId"],
        ),
        (
            {"billing.email": "keep"},
            {"billing.email": "email_domain"},
            ["identifier-kept columns.billing.email"],
        ),
        (
            {"phoneNumber": "keep"},
            {"phoneModel": "keep"},
            ["identifier-kept columns.phoneNumber"],
        ),
        ({"name": "keep"}, {"product_name": "keep"}, ["identifier-kept columns.name"]),
        ({"客户姓名": "keep"}, {"商品": "keep"}, ["identifier-kept columns.客户姓名"]),
        ({"comments": "keep"}, {"comments": "scrub"}, ["free-text-kept columns.comments"]),
        ({"*": "keep"}, {"*": "drop"}, ["keep-all columns.*"]),
        (
            {"a": {"mask": "redact", "when": "wage > 9000"}, "wage": "drop"},
            {"a": {"mask": "redact", "when": "wage > 9000"}, "wage": "keep"},
            ["condition-tells columns.a"],
        ),
        ({"iban": "encrypt"}, {"iban": "token"}, ["reversible columns.iban"]),
    ],
)
def test_a_risk_is_found_and_its_mended_twin_is_clean(
    risky: dict[str, Any],
    mended: dict[str, Any],
    found: list[str],
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the rule file alone: this finding and no other, and none once it is mended."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.csv").write_text("1,2\n")
    assert [each for each in codes(risky) if not each.startswith("reversible")] == [
        each for each in found if not each.startswith("reversible")
    ]
    assert set(found) <= set(codes(risky))
    assert codes(mended) == []


def test_unlisted_keep_is_told() -> None:
    """`unlisted: keep` lets pass what `error` and `drop` do not."""
    assert codes({"who": "token"}, unlisted="keep") == ["unlisted-keep unlisted"]
    assert codes({"who": "token"}, unlisted="drop") == []


def test_an_anonymity_section_answers_for_its_columns() -> None:
    """Quasi-identifiers that it lists are fine; one that it lacks is told."""
    columns = {"zip": "postcode", "born": {"mask": "date_truncate", "to": "year"}}
    assert codes(columns) == ["quasi-identifiers anonymity"]
    assert codes(columns, anonymity=QUASI) == []
    assert codes(columns | {"gender": "keep"}, anonymity=QUASI) == [
        "quasi-identifier-not-listed columns.gender"
    ]


def test_a_section_on_items_alone_does_not_cover_people() -> None:
    """k^m-anonymity of baskets says nothing of postcodes and birth dates."""
    columns = {"zip": "postcode", "born": "age", "item": "keep"}
    items = {"items": {"column": "item", "k": 5, "m": 2}}
    assert codes(columns, anonymity=items) == ["quasi-identifiers anonymity"]


def test_rows_that_wait_are_not_told_to_count() -> None:
    """`anonymity:` is refused with `held_back`, so that a finding of it could not be mended."""
    columns = {"who": "token", "zip": "keep", "gender": "keep", "at": SHIFT | {"truncate": True}}
    rules = {"version": 1, "entity": "who", "columns": columns, "batches": "held_back"}
    (found,) = (each for each in findings(load_rules(rules)) if "quasi" in each.code)
    assert (found.level, found.place) == ("note", "columns")
    assert "drop or coarsen" in found.remedy


@pytest.mark.parametrize("pack", packs())
def test_packs_are_clean(pack: str) -> None:
    """What is shipped gives no warning; notes may stand."""
    assert [str(each) for each in findings(load_rules(pack)) if each.level == "warning"] == []


@pytest.mark.parametrize(
    ("columns", "schema", "found"),
    [
        ({"x": "token"}, {"x": pl.Boolean()}, ["few-values columns.x"]),
        ({"x": "token"}, {"x": pl.Enum(["a", "b"])}, ["few-values columns.x"]),
        ({"x": "token"}, {"x": pl.Enum([])}, []),
        ({"x": "token"}, {"x": pl.Enum([str(n) for n in range(FEW_VALUES)])}, []),
        ({"x": "token"}, {"x": pl.Categorical()}, ["few-values columns.x"]),
        ({"card_id": "token"}, {"card_id": pl.Categorical()}, []),
        ({"x": "token"}, {"x": pl.String()}, []),
        ({"status": "token"}, {"status": pl.Datetime("ns", "Asia/Shanghai")}, []),
        ({"t": SHIFT, "x": "keep"}, {"t": pl.Date(), "x": pl.Date()}, ["true-time columns.x"]),
        (
            {"t": SHIFT, "x": "keep"},
            {"t": pl.Date(), "x": pl.Datetime("ms", "UTC")},
            ["true-time columns.x"],
        ),
        ({"t": SHIFT, "week": "keep"}, {"t": pl.Date(), "week": pl.Float64()}, []),
        (
            {"t": SHIFT, "week": "keep"},
            {"t": pl.Date(), "week": pl.Int8()},
            ["true-time columns.week"],
        ),
        ({"email": "keep"}, {"email": pl.Boolean()}, []),
        ({"email": "keep"}, {"email": pl.List(pl.String())}, ["identifier-kept columns.email"]),
        ({"comment": "keep"}, {"comment": pl.Decimal(9, 2)}, []),
        (
            {"home.phone": "keep", "home.rooms": "keep"},
            {"home": pl.Struct({"phone": pl.String(), "rooms": pl.Int8()})},
            ["identifier-kept columns.home.phone"],
        ),
        (
            {"calls.phone": "keep"},
            {"calls": pl.List(pl.Struct({"phone": pl.String()}))},
            ["identifier-kept columns.calls.phone"],
        ),
    ],
)
def test_a_schema_makes_it_sharper(
    columns: dict[str, Any], schema: dict[str, Any], found: list[str]
) -> None:
    """Types tell what names do not, and clear what only sounded risky."""
    assert planned(columns, schema) == found


def test_a_plan_looks_behind_globs() -> None:
    """The columns that a pattern stands for are told by their names."""
    schema = {"item_no": pl.Int64(), "item": pl.String(), "user_email": pl.String()}
    found = planned({"item*": "keep"}, schema, unlisted="keep")
    assert found == ["identifier-kept columns.user_email", "unlisted-keep unlisted"]


def test_counts_of_a_fitted_plan_decide() -> None:
    """Three values are few whatever the column is called; many are not, even of a status."""
    count = 3 * FEW_VALUES
    frame = pl.DataFrame({"x": [1, 2, 3] * count, "status": [*range(count)] * 3}).sort("status")
    frame = pl.concat([frame] * 4)
    rules = load_rules({"version": 1, "columns": {"*": "token"}})
    plan = make_plan(rules, frame.schema)
    assert [each.place for each in findings(rules, plan)] == ["columns.status"]
    fitted = fit(plan, frame.lazy(), Key(SECRET), dictionaries="in-memory")
    assert [each.short for each in findings(rules, fitted)] == [
        "few-values: x: 3 distinct values, which counting can tell apart"
    ]


def test_a_finding_is_one_line() -> None:
    """Place, risk, the way out and the code; and what a manifest says of it."""
    rules = load_rules({"version": 1, "entity": "who", "columns": {"who": "keep"}})
    assert findings(rules) == [
        Finding("entity-kept", "columns.who", "the entity itself is kept", "mask it with `token`")
    ]
    assert str(findings(rules)[0]) == (
        "columns.who: the entity itself is kept: mask it with `token` (entity-kept)"
    )
    assert findings(rules)[0].short == "entity-kept: who: the entity itself is kept"


def test_reversible_masks_are_a_note() -> None:
    """They may be right: somebody must know who holds the key."""
    rules = load_rules({"version": 1, "columns": {"iban": "fpe"}})
    assert [(each.code, each.level) for each in findings(rules)] == [("reversible", "note")]


@pytest.mark.parametrize(
    "column",
    [
        *("quantity", "unit_price", "description", "package", "usage_days", "stage", "domain"),
        *("processing_days", "package", "hospital_name", "model_year", "merchant_city"),
        *("email_opt_in", "phone_brand", "shop_address", "file_name", "item_id", "store_zip"),
        *("mileage", "storage", "advertisement", "update_count", "商品名称", "数量"),
    ],
)
def test_harmless_columns_are_left_alone(column: str) -> None:
    """Names that only contain a risky word raise no alarm, beside a shift and people's data."""
    assert codes({"who": "token", "t": SHIFT, "zip": "postcode", column: "keep"}) == []


@pytest.mark.parametrize("column", ["amount_paid", "void", "grid", "monkey"])
def test_words_that_end_like_keys_are_none(column: str) -> None:
    """Only `id` and `key` as words of their own make a key."""
    assert codes({column: {"mask": "round", "to": 10}}) == []


@pytest.mark.parametrize("column", ["basketId", "basketID", "BASKET_ID", "basket.key", "篮子编号"])
def test_keys_are_seen_however_they_are_spelt(column: str) -> None:
    """Camel case, capitals, fields of structs and Chinese."""
    found = [f"key-not-unique columns.{column}"]
    assert codes({column: {"mask": "round", "to": 10}}) == found


def options_of(name: str) -> dict[str, Any]:
    """The options that a mask needs."""
    needed: dict[str, dict[str, Any]] = {
        "pseudonym": {"kind": "name"},
        "partial": {"last": 4},
        "region": {"country": "CN"},
        "round": {"to": 10},
        "bin": {"edges": [0]},
        "clip": {"high": 9},
        "date_truncate": {"to": "year"},
        "rare": {"k": 5},
        "date_shift": {"days": 3},
        "noise": {"scale": 1},
        "randomized_response": {"values": [0, 1], "epsilon": 1},
    }
    return {"mask": name} | needed.get(name, {})


NAMES = st.sampled_from(["who", "gender", "email", "zip", "birth_date", "order_id", "年龄", "*"])
USABLE = sorted(set(MASKS) - {"map", "hierarchy"})


@given(st.dictionaries(NAMES, st.sampled_from(USABLE), min_size=1))
def test_whatever_loads_can_be_linted(masks: dict[str, str]) -> None:
    """Findings do not repeat, name a place of the file, and survive the normal form."""
    columns = {name: options_of(mask) for name, mask in masks.items()}
    rules = load_rules({"version": 1, "entity": "who", "columns": columns})
    found = findings(rules)
    assert len(set(found)) == len(found)
    places = {"columns", "unlisted", "anonymity", *(f"columns.{name}" for name in columns)}
    assert {each.place for each in found} <= places
    assert findings(load_rules(rules.to_dict())) == found


def test_side_channels_are_among_the_findings() -> None:
    """What a plan warns of, `lint` finds as well."""
    columns = {"who": "keep", "t": SHIFT, "seen": "keep"}
    rules = load_rules({"version": 1, "entity": "who", "columns": columns})
    plan = make_plan(rules, {"who": pl.Int64(), "t": pl.Date(), "seen": pl.Date()})
    assert [each.code for each in side_channels(plan)] == ["entity-kept", "true-time"]
    assert set(side_channels(plan)) <= set(findings(rules, plan))


SPELT = {
    "iban": ["TR33 0006 1005", "tr3300061005", "TR33-0006-1005", "TR44 0006 1005"],
    "phone": ["+49 (30) 1234567", "+49 30 123 45 67", "+49301234567", "+49 30 7654321"],
    "card": ["4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111", "42"],
    "member": ["k 100", "K100", "k100 ", "K 200"],  # blanks at the ends are no other value
}


PHONE = {"mask": "pseudonym", "kind": "phone", "by": "value"}


def test_phones_by_value_count_too() -> None:
    """Where a number's pseudonym follows a person, its spelling is of no account."""
    for mask, found in (PHONE, ["several-spellings"]), (PHONE | {"by": "entity"}, []):
        rules = {"version": 1, "entity": "who", "columns": {"who": "token", "phone": mask}}
        frame = pl.DataFrame({"who": [1, 1, 1, 2], "phone": SPELT["phone"]})
        assert [each.code for each in lint(rules, frame) if each.place == "columns.phone"] == found


@pytest.mark.parametrize("column", SPELT)
def test_ids_in_several_spellings_are_counted(column: str) -> None:
    """The remedy is code that works, after which nothing is found; no value is in what is said."""
    rules = {"version": 1, "entity": column, "columns": {column: "token"}}
    frame = pl.DataFrame({column: SPELT[column]})
    found = next(each for each in lint(rules, frame) if each.code == "several-spellings")
    assert (found.place, found.risk[:6]) == (f"columns.{column}", "2 of 4")
    assert not any(value in str(found) for value in SPELT[column])
    assert "2 of 4 values equal another" in inspect(frame).to_yaml()
    mended = frame.with_columns(eval(found.remedy.split("`")[1]))
    assert mended[column].str.strip_chars().n_unique() == 2
    assert lint(rules, mended) == []


def test_spellings_count_across_the_columns_of_a_domain() -> None:
    """A payee's account is written in another way than the payer's; other domains are apart."""
    token = {"mask": "token", "domain": "account"}
    frame = pl.DataFrame({"iban": ["TR33 0006 1005"], "payee_iban": ["TR3300061005"]})
    joined = {"version": 1, "columns": {"iban": token, "payee_iban": token}}
    apart = {"version": 1, "columns": {"iban": "token", "payee_iban": "token"}}
    assert [(each.code, each.place) for each in lint(joined, frame)] == [
        ("several-spellings", "columns.iban")
    ]
    assert lint(apart, frame) == []


@pytest.mark.parametrize(
    ("mask", "values"),
    [
        ("token", ["1.23", "12.3", "1-23"]),  # dots and hyphens may tell short ids apart
        ("token", [123, 124, None]),
        ({"mask": "fpe"}, ["4111 1111 1111", "411111111111", None]),  # it sees the digits alone
        ("redact", ["k 100", "K100", None]),
        ({"mask": "pseudonym", "kind": "name", "by": "value"}, ["Mo Re", "More", None]),
    ],
)
def test_what_is_no_other_spelling(mask: Any, values: list[Any]) -> None:
    """Nothing is said where values are different ids, or masks take them for one."""
    found = lint({"version": 1, "columns": {"x": mask}}, pl.DataFrame({"x": values}))
    assert "several-spellings" not in [each.code for each in found]
