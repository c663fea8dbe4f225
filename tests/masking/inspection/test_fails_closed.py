"""`inspect` fails closed: what plainly names a person is never kept, and harmless columns are."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import polars as pl
import pytest

from anonymizer import anonymize
from anonymizer.masking.inspection.inspect import InspectedColumn, inspect

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
ROWS = range(120)
NUMBERED = [
    "phone", "TelefonMobil", "numéro de téléphone", "Телефон (моб.)", "휴대폰 번호", "رقم الجوال",
    "मोबाइल नंबर", "ＴＥＬ", "ssn", "steuerIdNr", "CPF_CLIENTE", "номерПаспорта", "证件号码",
    "證件號碼", "保険証番号", "रोल नंबर", "tc_kimlik_no", "card_num", "银行卡号",
    "口座番号", "nr_konta", "iban", "plateNo", "imei1", "patientNr", "ИдКлиента", "고객번호",
    "codigo_cliente", "vehicle_id", "ssn_last4",
]  # fmt: skip
NAMED = [
    "customer_name", "Kundenname", "nomPatient", "ФИО клиента", "氏名", "고객명", "اسم العميل",
    "ग्राहक का नाम", "hasta_adi", "imieNazwisko", "客户姓名", "ho_ten",
]  # fmt: skip


def column(name: str, values: Any) -> InspectedColumn:
    """What is proposed for a column beside ids of other things."""
    table = pl.DataFrame([pl.Series("x1", [f"C{row}" for row in ROWS]), pl.Series(name, values)])
    return next(each for each in inspect(table).columns if each.column == name)


def proposed(table: pl.DataFrame | pd.DataFrame) -> dict[str, InspectedColumn]:
    """The columns by their names."""
    return {each.column: each for each in inspect(table).columns}


NUMBERS: dict[str, list[Any]] = {
    "integers": [200_000_000 + 77_771 * row for row in ROWS],
    "floats with a gap": [None, *(200_000_000.0 + 77_771 * row for row in ROWS[1:])],
    "text": [str(200_000_000 + 77_771 * row) for row in ROWS],
    "small": [float(1 + row % 90) for row in ROWS],
    "one value": [4_111_111_111_111_111.0 for _ in ROWS],
}


@pytest.mark.parametrize("values", NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("name", [*NUMBERED, "customer_name", "alici"])
def test_a_number_that_is_plainly_somebodys_is_never_kept(name: str, values: list[Any]) -> None:
    """Whatever the type is, and whether the values look like such numbers or not."""
    assert column(name, values).mask["mask"] in {"token", "pseudonym", "redact", "postcode"}


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("count", [3, 100])
def test_names_are_pseudonymised_in_every_script(name: str, count: int) -> None:
    """Few names that repeat are names, too."""
    found = column(name, [f"Ada {chr(97 + row % count % 26)}lim Boe" for row in ROWS])
    assert (found.kind, found.mask["mask"]) == ("person_name", "pseudonym")


@pytest.mark.parametrize(
    "name",
    ["phone", "email", "passport", "iban", "patente"],
)
def test_a_yes_or_no_identifies_nobody(name: str) -> None:
    """Whether somebody has a phone is no phone number."""
    for values in ([row % 2 for row in ROWS], [row % 2 == 0 for row in ROWS], ["yes", "no"] * 60):
        assert column(name, values).role == "harmless"


@pytest.mark.parametrize(
    "name",
    [
        "quantity", "UnitPrice", "customers", "num_clients", "nombre_patients", "phone_calls",
        "emails_sent", "row_num", "Anzahl Kunden", "客户数", "고객수", "कुल राशि",
        "عدد العملاء", "kisi_sayisi", "liczba_klientow", "число клиентов",
    ],
)  # fmt: skip
def test_counts_and_prices_are_harmless(name: str) -> None:
    """Also where pandas made floats of them."""
    values = [None, *(float(1 + row * 7 % 300) for row in ROWS[1:])]
    assert column(name, values).role == "harmless"


@pytest.mark.parametrize(
    "name", ["card_type", "customer_tier", "productName", "类型", "тип клиента", "نوع العميل"]
)
def test_categories_are_harmless(name: str) -> None:
    """Words beside an owner or an identifier do not make one."""
    assert column(name, ["Alpha", "Beta", "Gamma"] * 40).role == "harmless"


def test_pandas_numbers_with_gaps_are_masked_as_what_they_are() -> None:
    """The token of a float is that of the integer."""
    cards = [4_111_111_111_111_111 + row for row in ROWS]
    with_gap = proposed(pd.DataFrame({"user_id": [*ROWS], "card_number": [None, *cards[1:]]}))
    rules = {"version": 1, "columns": {"card_number": with_gap["card_number"].mask}}
    masked = [
        anonymize(pl.DataFrame({"card_number": each}), rules, key=KEY)["card_number"].to_list()
        for each in ([float(card) for card in cards], cards)
    ]
    assert masked[0] == masked[1]


@pytest.mark.parametrize(
    "names",
    [
        ["Aino Korhonen", "Veikko Virtanen", "Eero Mäkinen", "Tuula Nieminen", "Sirpa Laine"],
        ["محمد النجار", "فاطمة حداد", "أحمد الخطيب", "خديجة علي", "علي الحسن"],
        ["佐藤太郎", "鈴木花子", "高橋一郎", "田中美咲", "伊藤健太"],
        ["Ann", "Bob", "Cyd", "Dee", "Eli"],
    ],
)
def test_a_name_that_follows_the_entity_is_a_persons(names: list[str]) -> None:
    """A column that is only called `name`, few names and many rows."""
    rows = [row % 5 for row in range(60)]
    table = {"customer": rows, "name": [names[row] for row in rows], "amount": [*range(60)]}
    assert proposed(pl.DataFrame(table))["name"].kind == "person_name"


def test_a_name_that_follows_no_entity_is_not_a_persons() -> None:
    """Everybody buys several products, and several people each of them."""
    rows = range(300)
    table = {
        "customer": [row % 40 for row in rows],
        "name": [f"Lamp {'ABCDEFG'[row * 5 % 7]}" for row in rows],
        "price": [9.99 + row % 7 for row in rows],
    }
    assert proposed(pl.DataFrame(table))["name"].kind != "person_name"


def test_the_table_of_the_readme_is_masked() -> None:
    """Three rows, and a name that is spelt in two ways."""
    table = pl.DataFrame({"customer": [7, 7, 8], "name": ["Ann Lee", "A. Lee", "Bo Ek"]})
    assert proposed(table)["name"].mask["mask"] == "pseudonym"


@pytest.mark.parametrize(
    "names",
    [
        ("day", "month", "year"),
        ("dob_d", "dob_m", "dob_y"),
        ("geburtstag", "geburtsmonat", "geburtsjahr"),
        ("naissJour", "naissMois", "naissAnnee"),
        ("dia_nac", "mes_nac", "anio_nac"),
        ("出生日", "出生月", "出生年"),
    ],
)
def test_parts_of_a_birth_date_are_seen_together(names: tuple[str, str, str]) -> None:
    """Day and month go, the year is coarse; floats with gaps as well."""
    births = [date(1940, 1, 1) + timedelta(days=221 * row) for row in ROWS]
    parts = [[float(getattr(each, part)) for each in births] for part in ("day", "month", "year")]
    table = {"client_id": [*ROWS]} | {
        name: [None, *part[1:]] for name, part in zip(names, parts, strict=True)
    }
    found = proposed(pl.DataFrame(table))
    assert [found[name].mask["mask"] for name in names] == ["redact", "redact", "bin"]


def test_parts_of_other_dates_stay() -> None:
    """Years of the last decade are of no births."""
    days = [date(2018, 1, 1) + timedelta(days=19 * row) for row in ROWS]
    table = {"client_id": [row % 30 for row in ROWS]}
    table |= {part: [getattr(each, part) for each in days] for part in ("day", "month", "year")}
    assert {"keep"} == {proposed(pl.DataFrame(table))[p].mask["mask"] for p in ("day", "year")}


def test_years_without_persons_are_of_no_births() -> None:
    """Films are as old as people."""
    table = {"title": [f"Film {row}" for row in ROWS], "month": [1 + row % 12 for row in ROWS]}
    table |= {"year": [1920 + row % 90 for row in ROWS]}
    assert proposed(pl.DataFrame(table))["year"].role == "harmless"


@pytest.mark.parametrize("ids", [[1], [0, 1]])
def test_the_first_ids_are_no_yes_and_no(ids: list[int]) -> None:
    """A table of one or two rows."""
    assert proposed(pl.DataFrame({"customer_id": ids}))["customer_id"].mask["mask"] == "token"


def test_the_entity_is_there_in_nearly_all_rows() -> None:
    """A number that most rows lack is nobody's entity."""
    table = {
        "surname": ["Lee", "Ek", "Roe"] * 40,
        "email": [f"u{row % 90}@example.org" for row in ROWS],
        "national_id": [f"{10**8 + row}" if row % 3 == 0 else None for row in ROWS],
    }
    assert inspect(pl.DataFrame(table)).entity == "email"


@pytest.mark.parametrize(
    "name", ["loan_id", "account_id", "policy_id", "doctor_id", "disp_id", "widget_id", "user_id"]
)
def test_ids_of_one_thing_share_a_domain(name: str) -> None:
    """Whether they are unique in a table or repeat there: joins hold."""
    unique, repeated, few = (
        column(name, [1_000 + row % count for row in ROWS]).mask for count in (120, 60, 4)
    )
    assert unique == repeated == few
    assert unique["domain"] != "order"


def test_ids_of_other_things_have_other_domains() -> None:
    """A claim and a policy of one number have nothing to do with each other."""
    masks = [column(f"{thing}_id", [*ROWS]).mask for thing in ("claim", "policy", "loan", "ticket")]
    assert len({mask["domain"] for mask in masks}) == 4


def test_dates_of_several_forms_are_never_cut_by_place() -> None:
    """The year has no fixed place where one date in a hundred is written otherwise."""
    mixed = [*(f"2024-{1 + row % 12:02}-{1 + row % 28:02}" for row in ROWS[:-1]), "26.05.2024"]
    assert column("admission_date", mixed).mask["mask"] in {"date_truncate", "date_shift", "redact"}


def test_the_country_is_that_which_explains_the_addresses() -> None:
    """Five digits are a postcode in seven countries; roads and states tell which."""
    codes = [f"{10_115 + 601 * row % 80_000:05}" for row in ROWS]
    american = [f"{row} Main St, Salem, {('IL', 'NY')[row % 2]} {codes[row]}" for row in ROWS]
    german = [f"Lindenstraße {row}, {codes[row]} Stadt" for row in ROWS]
    neither = [f"Skolvägen {row}, {codes[row]} Ort" for row in ROWS]
    countries = [column("address", each).mask["country"] for each in (american, german, neither)]
    assert countries == ["US", "DE", "world"]


@pytest.mark.parametrize("values", [["Dr. Stone", "Dr. Alvarez"], ["Белова Н. П.", "Крылов А. С."]])
def test_few_names_beside_the_entity_are_names(values: list[str]) -> None:
    """Titles and initials are enough where the name of the column says nothing."""
    assert column("x7", values * 60).kind == "person_name"


DAYS = pl.Series("day", [19_700 + 37 * row % 400 for row in range(900)], dtype=pl.Int32)
WHO = pl.int_range(900) % 150
EVENTS = pl.select(day=DAYS.cast(pl.Date), price=WHO * 1.37 + 0.5)


def ids(number: pl.Expr) -> dict[str, pl.Expr]:
    """Numbers of persons as tables have them."""
    return {
        "counted": number + 1,
        "from 100,000": number + 100_000,
        "a float": (number + 5_000).cast(pl.Float64),
        "a code": pl.format("Z{}", number + 70),
        "digits": (number + 3_000).cast(pl.String),
    }


@pytest.mark.parametrize("beside", ["mail", "customer_id"])
def test_what_goes_with_persons_is_never_kept(beside: str) -> None:
    """Under any name: one to one with who they are, however it is written."""
    who = {"mail": pl.format("p{}@mail.example", WHO), "customer_id": WHO * 7_919 % 10_007}
    written = ids(WHO)
    names = dict(zip(("zzq", "valor", "状态", "status", "valor2"), written, strict=True))
    columns = [written[kind].alias(name) for name, kind in names.items()]
    masks = masks_of(EVENTS.with_columns(*columns, who[beside].alias(beside)))
    assert [name for name in names if masks[name] == "keep"] == []
    assert masks["price"] in ("keep", "round")


@pytest.mark.parametrize("kind", ["counted", "from 100,000", "a float", "a code"])
def test_numbers_of_nobody_known_are_hidden(kind: str) -> None:
    """Where no other column says who persons are; numbers that have a curve are counts."""
    table = EVENTS.with_columns(zzq=ids(WHO * 7_919 % 151)[kind])
    assert found_mask(table, "zzq") == "token"
    counts = (pl.int_range(900).sqrt() * 5).cast(pl.Int64)  # the greater, the more often
    assert found_mask(EVENTS.with_columns(zzq=counts), "zzq") == "keep"


def test_a_measure_that_is_called_so_is_rounded_where_it_tells_persons() -> None:
    """Distances of which each is one person's."""
    table = EVENTS.with_columns(customer_id=WHO, distance_m=WHO * 7_919 + 12_345)
    assert found_mask(table, "distance_m") == "round"


def masks_of(table: pl.DataFrame) -> dict[str, str]:
    """Column → the mask that is proposed."""
    return {each.column: each.mask["mask"] for each in inspect(table).columns}


def found_mask(table: pl.DataFrame, column: str) -> str:
    """The mask that is proposed for a column."""
    return masks_of(table)[column]


FEW_TEXTS: list[tuple[list[str], str]] = [
    (["请放门口", "联系13800138000", ""], "scrub"),
    (["leave at door", "call 212-555-0187"], "scrub"),
    (["ok", "an kim@mail.example"], "scrub"),
    (["-", "4111 1111 1111 1111"], "scrub"),
    (["13800138000", "13900139000"], "token"),
    (["12.000-15.000", "15.000-20.000"], "rare"),
    (["034208017", "A-17", "2024-001234"], "rare"),
]


def test_a_few_texts_that_reach_somebody_are_not_shown() -> None:
    """However often they repeat; bands, codes and numbers of articles reach nobody."""
    texts = [pl.Series(f"zz{n}", (each * 900)[:900]) for n, (each, _) in enumerate(FEW_TEXTS)]
    masks = masks_of(EVENTS.with_columns(*texts, customer_id=WHO))
    assert [masks[text.name] for text in texts] == [mask for _, mask in FEW_TEXTS]


FEW_VALUES: dict[str, tuple[list[Any], str]] = {
    "plz": (["01067", "80331", "50667"], "postcode"),
    "zip": ([90210, 10001], "postcode"),
    "邮编": (["518000"], "postcode"),
    "geburtsdatum": (["1980-01-01", "1991-02-03"], "age"),
    "zip_flag": ([0, 1], "keep"),
}


def test_a_few_values_under_a_plain_name_are_what_it_says() -> None:
    """Postcodes of three towns are postcodes."""
    columns = [pl.Series(name, (each * 900)[:900]) for name, (each, _) in FEW_VALUES.items()]
    masks = masks_of(EVENTS.with_columns(*columns, customer_id=WHO))
    assert {name: masks[name] for name in FEW_VALUES} == {n: m for n, (_, m) in FEW_VALUES.items()}


PARTS = {
    "weekday": pl.col("day").dt.to_string("%A"),
    "zzq": pl.col("day").dt.weekday().replace_strict(range(1, 8), list("月火水木金土日")),
    "month": pl.col("day").dt.month(),
    "period": pl.col("day").dt.to_string("%Y-%m"),
    "quarter": pl.format("Q{}", pl.col("day").dt.quarter()),
}


@pytest.mark.parametrize("form", [None, "%d.%m.%Y"])
def test_parts_of_a_time_that_moves_are_not_proposed_to_stay(form: str | None) -> None:
    """Value for value, in any words, whatever the time is written in; the hour tells nothing."""
    table = EVENTS.with_columns(customer_id=WHO, hour=WHO % 24, town=WHO % 5, **PARTS)
    if form:
        table = table.with_columns(pl.col("day").dt.to_string(form))
    masks = masks_of(table)
    assert masks["day"] == "date_shift"
    assert {name: masks[name] for name in PARTS} == dict.fromkeys(PARTS, "redact")
    assert (masks["hour"], masks["town"]) == ("keep", "keep")


def test_fields_of_structs_go_with_persons_and_times_as_columns_do() -> None:
    """However deep they are."""
    inner = pl.struct(zzq=WHO + 5_000, n=WHO % 7)
    parts = [part.alias(name) for name, part in PARTS.items()]
    table = EVENTS.with_columns(customer_id=WHO * 7_919 % 10_007, s=pl.struct(*parts, x=inner))
    masks = masks_of(table)
    assert (masks["s.x.zzq"], masks["s.x.n"], masks["s.weekday"]) == ("token", "keep", "redact")
