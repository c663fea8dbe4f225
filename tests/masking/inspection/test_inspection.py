"""What `inspect` says of columns, and that its rule files load whatever the columns are."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer import anonymize
from anonymizer.errors import DataError, FileError
from anonymizer.masking.inspection.inspect import InspectedColumn, Inspection, inspect
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.rules.rules import load_rules

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
FIRST = ["Anna", "Peter", "Laura", "Thomas", "Maria", "Daniel", "Julia", "Michael"]
LAST = ["Smith", "Johnson", "Williams", "Brown", "Jones", "Miller", "Davis", "Wilson"]


def luhn(body: int) -> str:
    """A card number: a body of 15 digits and its check digit."""
    digits = [int(each) for each in f"{body:015}"]
    total = sum(sum(divmod(d * (2 - place % 2), 10)) for place, d in enumerate(digits[::-1]))
    return f"{body:015}{-total % 10}"


@pytest.fixture(scope="module")
def orders() -> pl.DataFrame:
    """Four hundred orders of a hundred persons."""
    rows = range(400)
    return pl.DataFrame(
        {
            "order_id": [f"A-{number:06}" for number in rows],
            "cust_no": [1000 + number % 100 for number in rows],
            "name": [f"{FIRST[n % 8]} {LAST[n % 100 // 8 % 8]}" for n in rows],
            "mail": [f"person{number % 100}@example.org" for number in rows],
            "when": [datetime(2024, 1, 1) + timedelta(hours=7 * number) for number in rows],
            "price": [round(1.5 + number % 37 * 0.75, 2) for number in rows],
            "phone_flag": [number % 2 for number in rows],
            "note": [None if n % 3 else f"please leave it with neighbour number {n}" for n in rows],
            "product_name": [f"Lamp {number % 9}" for number in rows],
            "paid": [number % 2 == 0 for number in rows],
        }
    )


def kind_of(values: list[Any], name: str = "x7", **options: Any) -> str:
    """The kind of a column that stands alone."""
    return inspect(pl.DataFrame({name: pl.Series(values, **options)})).columns[0].kind


def by_name(found: Inspection) -> dict[str, InspectedColumn]:
    """The columns by their names."""
    return {each.column: each for each in found.columns}


def test_a_table_of_orders_is_read(orders: pl.DataFrame) -> None:
    """Kinds, entity and time of an ordinary table are found."""
    found = inspect(orders)
    expected = {
        "order_id": "transaction_id",
        "cust_no": "customer_id",
        "name": "person_name",
        "mail": "email",
        "when": "time",
        "price": "amount",
        "phone_flag": "flag",
        "note": "free_text",
        "product_name": "item",
        "paid": "flag",
    }
    assert expected == {each.column: each.kind for each in found.columns}
    assert (found.entity, found.time) == ("cust_no", "when")
    assert (found.rows, found.looked_at) == (400, 400)


def test_the_proposed_rules_mask_the_table(orders: pl.DataFrame) -> None:
    """The rules run as they are, and nothing that names a person is left."""
    masked = anonymize(orders, inspect(orders).rules(), key=KEY)
    assert orders.height == masked.height
    for column in ("order_id", "cust_no", "name", "mail"):
        raw = set(orders[column].cast(pl.String))
        assert set() == raw & set(masked[column].cast(pl.String))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("kundennummer", "customer_id"),
        ("Geburtsdatum", "birth_date"),
        ("correo", "email"),
        ("手机号", "phone"),
        ("身份证号", "national_id"),
        ("姓名", "person_name"),
        ("收货地址", "address"),
        ("ccNum", "card_number"),
        ("dob", "birth_date"),
        ("LNAME", "last_name"),
        ("soc_sec_id", "national_id"),
        ("merchLat", "latitude"),
        ("Straßenname", "street_address"),
        ("código postal", "postcode"),
        ("nom_de_famille", "last_name"),
        ("codiceFiscale", "national_id"),
        ("voornaam", "first_name"),
        ("telefone_celular", "phone"),
        ("storeName", "merchant"),
        ("categoryName", "category"),
        ("is_subscribed", "flag"),
        ("tipo_documento", "category"),
        ("emailVerified", "flag"),
        ("customerSince", "time"),
        ("num_orders", "quantity"),
        ("sfzh", "national_id"),
    ],
)
def test_names_of_columns_are_read_in_many_languages(name: str, kind: str) -> None:
    """Where there are no values, the name alone decides."""
    assert kind == kind_of([None, None], name, dtype=pl.String)


def values_of(count: int = 60) -> dict[str, list[Any]]:
    """Kind → values that are recognised under a name that says nothing."""
    days = [date(1940, 1, 1) + timedelta(days=331 * n) for n in range(count)]
    return {
        "email": [f"a{n}@example.org" for n in range(count)],
        "phone": [f"+49 30 23125 {n:03}" for n in range(count)],
        "card_number": [luhn(411111111111000 + n) for n in range(count)],
        "ip_address": [f"192.0.2.{n}" for n in range(count)],
        "device_id": [f"00:1b:44:11:3a:{n:02x}" for n in range(count)],
        "url": [f"https://example.org/{n}" for n in range(count)],
        "national_id": [f"123-45-{6000 + n}" for n in range(count)],
        "coordinates": [f"52.{n:04},13.4050" for n in range(count)],
        "birth_date": days,
        "person_name": [f"{FIRST[n % 8]} {LAST[n // 8]}" for n in range(count)],
        "first_name": [*FIRST, "Sarah", "David", "Emma", "James", "Olivia", "Simon"] * 4,
        "sex": ["female", "male"] * (count // 2),
        "marital_status": ["ledig", "verheiratet", "geschieden"] * (count // 3),
        "country": ["Germany", "France", "Italy", "Spain", "Poland"] * (count // 5),
        "flag": [True, False] * (count // 2),
        "time": [datetime(2024, 5, 1, 3, tzinfo=UTC) + timedelta(hours=n) for n in range(count)],
        "quantity": [n * 0.37 for n in range(count)],
    }


@pytest.mark.parametrize("kind", values_of())
def test_values_speak_where_the_name_says_nothing(kind: str) -> None:
    """Forms, checksums and lists are enough for these kinds."""
    assert kind == kind_of(values_of()[kind])


def test_other_writings_of_phones_and_cards_are_not_missed() -> None:
    """National formats count by their numbering plan, and cards may have nineteen digits."""
    german = [f"030 23125 {number:03}" for number in range(60)]
    body = [f"621234567890123{number:03}" for number in range(60)]
    cards = [f"{each}{check(each)}" for each in body]
    assert (kind_of(german), kind_of(cards)) == ("phone", "card_number")


def check(body: str) -> int:
    """The check digit of any number of digits (ISO/IEC 7812-1)."""
    doubled = [int(d) * (2 - place % 2) for place, d in enumerate(body[::-1])]
    return -sum(sum(divmod(each, 10)) for each in doubled) % 10


@pytest.mark.parametrize(
    ("name", "values", "never"),
    [
        ("phone_flag", [0, 1] * 40, "phone"),
        ("age", [0, 1] * 40, "age"),
        ("card", [0, 1] * 40, "card_number"),
        ("card", ["Gold", "Silver", "Normal"] * 30, "card_number"),
        ("phone", ["home", "work"] * 40, "phone"),
        ("email", ["yes", "no"] * 40, "email"),
        ("x", [f"{n}.99" for n in range(80)], "phone"),
        ("x", ["+49 30 23125 001", *(f"word {n}" for n in range(80))], "phone"),
        ("x", [round(n * 1.37, 4) for n in range(80)], "latitude"),
        ("lat", [200 + n for n in range(80)], "latitude"),
        ("product_name", [f"Anna {n}" for n in range(80)], "person_name"),
        ("ssn", ["a", "b"] * 40, "national_id"),
        ("guardian", ["08:30", "17:45"] * 40, "person_name"),
        ("Valuta", [f"{1 + n % 28:02}.{1 + n % 3:02}.2024" for n in range(800)], "category"),
        ("order_made", [f"{1 + n % 28:02}.02.2024 22:05" for n in range(80)], "transaction_id"),
    ],
)
def test_values_overrule_a_name(name: str, values: list[Any], never: str) -> None:
    """What the values are not, the column is not, and one cell labels no column."""
    assert never != kind_of(values, name)


@pytest.mark.parametrize("name", ["alici", "gonderen_no", "Kontoinhaber-Nr", "last_name"])
def test_numbers_under_a_name_of_persons_are_their_ids(name: str) -> None:
    """No pseudonym of a name is drawn for a number, and it is not kept as a quantity."""
    found = inspect(pl.DataFrame({name: range(1001, 1081)})).columns[0]
    assert (found.kind, found.mask["mask"]) == ("customer_id", "token")


def test_first_names_of_several_words_have_last_names_among_them() -> None:
    """A short word for a name says no more than that it is one."""
    assert kind_of([f"Qo{chr(97 + n % 26)}r Vel{chr(97 + n // 26)}" for n in range(80)], "ad") == (
        "person_name"
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [("anrede", ["Herr", "Frau", "Firma"]), ("civilité", ["Mme", "M."]), ("gender", [1, 2])],
)
def test_pseudonyms_follow_the_sex_where_a_column_says_it(name: str, values: list[Any]) -> None:
    """Forms of address say it too; sizes of shirts do not, nor does what is of another person."""
    people = pl.DataFrame({
        "customer_id": range(200), "first_name": ["Ada", "Bob"] * 100, "x": (values * 200)[:200],
        "contact_first_name": ["Cleo", "Dan", "Eve", "Finn"] * 50, "size": ["M", "L"] * 100,
    })  # fmt: skip
    masks = inspect(people.rename({"x": name})).rules()["columns"]
    assert masks["first_name"]["sex"] == name
    assert "sex" not in masks["contact_first_name"]
    assert "sex" not in inspect(people.drop("x")).rules()["columns"]["first_name"]


def test_births_with_years_of_two_digits_become_ages() -> None:
    """As the mask reads them: nobody is born in the years to come."""
    births = pl.DataFrame(
        {"id": range(60), "birth_date": ["31.12.50", "01.02.99", "13.04.68"] * 20}
    )
    rule = inspect(births).rules()["columns"]["birth_date"]
    assert (rule["mask"], rule["format"]) == ("age", "%d.%m.%y")


def test_unknown_text_is_not_kept() -> None:
    """Text of many values that nothing recognises is hidden until somebody decides."""
    found = inspect(pl.DataFrame({"zzz": [f"qx{chr(97 + n % 26)}v {n}rr" for n in range(80)]}))
    assert found.columns[0].mask["mask"] in {"redact", "token", "scrub"}


def test_no_value_is_in_what_is_said(orders: pl.DataFrame) -> None:
    """Neither the file nor the table for the terminal holds a value of the data."""
    found = inspect(orders)
    said = "\n".join([found.to_yaml(), *found.lines(), repr(found)])
    for column in ("order_id", "name", "mail", "note", "product_name"):
        assert not any(value in said for value in orders[column].drop_nulls().unique())


def test_a_column_with_no_values_goes_by_its_name() -> None:
    """All null, whatever the type: the name decides, and what it leaves open is redacted."""
    found = by_name(inspect(pl.DataFrame({"email": [None], "x": [None]})))
    assert (found["email"].kind, found["x"].kind) == ("email", "unknown")
    assert found["x"].mask["mask"] == "redact"


def test_columns_of_one_meaning_share_a_domain(orders: pl.DataFrame) -> None:
    """Tokens of customers join across tables that call the column differently."""
    other = pl.DataFrame({"kundennummer": [1000, 1001, 1002]})
    domains = {inspect(frame).rules()["columns"][column]["domain"]
               for frame, column in ((orders, "cust_no"), (other, "kundennummer"))}  # fmt: skip
    assert {"customer"} == domains


def test_the_entity_of_a_table_of_persons_is_its_own_id() -> None:
    """A bare id, unique per row, beside personal columns is taken for whose rows they are."""
    rows = range(60)
    frame = pl.DataFrame(
        {
            "id": [f"r{number}" for number in rows],
            "first_name": [FIRST[number % 8] for number in rows],
            "last_name": [LAST[number // 8] for number in rows],
        }
    )
    found = inspect(frame)
    assert (found.entity, found.time) == ("id", None)


def test_names_of_other_persons_do_not_follow_the_entity() -> None:
    """A doctor's name is not the patient's: its pseudonym goes by its own value."""
    rows = range(60)
    frame = pl.DataFrame(
        {
            "patient_id": [number // 2 for number in rows],
            "doctor_name": [f"{FIRST[n % 8]} {LAST[n // 8]}" for n in rows],
        }
    )
    assert inspect(frame).rules()["columns"]["doctor_name"]["by"] == "value"


def test_the_file_reads_back_as_the_rules(tmp_path: Path, orders: pl.DataFrame) -> None:
    """YAML and dict are the same rules."""
    found = inspect(orders)
    file = tmp_path / "rules.yaml"
    file.write_text(found.to_yaml(), "utf-8")
    assert load_rules(found.rules()).sha256 == load_rules(file).sha256


def test_every_rule_says_why(orders: pl.DataFrame) -> None:
    """Each column's line in the file ends in a comment with its kind and the evidence."""
    text = inspect(orders).to_yaml()
    assert "not a verdict" in text.splitlines()[0]
    for each in inspect(orders).columns:
        line = next(line for line in text.splitlines() if line.startswith(f"  {each.column}:"))
        assert f"# {each.kind}: {each.reason}" in line


def test_quasi_identifiers_are_listed_for_the_anonymity_section() -> None:
    """The file ends in a section that waits for its marks to be taken off, and it then loads."""
    rows = range(100)
    frame = pl.DataFrame(
        {
            "customer_id": list(rows),
            "gender": ["F" if number % 2 else "M" for number in rows],
            "age": [20 + number % 60 for number in rows],
            "city": ["Berlin", "Hamburg", "Köln", "Bonn"] * 25,
        }
    )
    text = inspect(frame).to_yaml()
    start = text.index("# anonymity:")
    section = text[start:].replace("# ", "", 1).replace("\n# ", "\n").replace("\n#", "\n")
    expected = {"anonymity": {"quasi_identifiers": ["gender", "age", "city"], "k": 5}}
    assert expected == yaml.safe_load(section)
    rules = load_rules(yaml.safe_load(text[:start]) | expected)
    make_plan(rules, frame.schema)


def test_files_and_frames_of_other_libraries_are_taken(
    tmp_path: Path, orders: pl.DataFrame
) -> None:
    """A path, a LazyFrame, pandas and Arrow give what the frame gives."""
    file = tmp_path / "orders.parquet"
    orders.write_parquet(file)
    expected = inspect(orders).rules()
    sources = (file, str(file), orders.lazy(), orders.to_pandas(), orders.to_arrow())
    assert all(expected == inspect(source).rules() for source in sources)


def test_text_with_decimal_commas_is_pointed_out(tmp_path: Path) -> None:
    """Where a CSV may have them, and not where all of them may be thousands."""
    file = tmp_path / "f.csv"
    file.write_text("paid;items;day\n2,50;1,500;3\n3,5;2,000;4\n")
    found = inspect(file, csv="separator: ;").columns
    assert ["decimal commas" in column.reason for column in found] == [True, False, False]
    found = inspect(file, csv='separator: ;, decimal: ","').columns
    assert [column.dtype for column in found] == ["Float64", "Float64", "Int64"]


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    """An absent file, no frame and no columns are named as such."""
    with pytest.raises(FileError):
        inspect(tmp_path / "none.parquet")
    with pytest.raises(DataError):
        inspect([1, 2])  # type: ignore[arg-type]  # (what is refused)
    with pytest.raises(DataError, match="no columns"):
        inspect(pl.DataFrame())


def test_a_large_table_is_sampled_from_beginning_to_end() -> None:
    """Of many rows a bounded share is looked at, spread over the table; all are counted."""
    count = 300_000
    frame = pl.DataFrame({"contact": pl.int_range(count, eager=True)}).with_columns(
        pl.when(pl.col("contact") < 1_000).then(pl.lit("none at all"))
        .otherwise(pl.format("u{}@example.org", "contact")).alias("contact")
    )  # fmt: skip
    found = inspect(frame)
    assert count == found.rows
    assert 18_000 < found.looked_at < 22_000
    assert found.columns[0].kind == "email"


def test_structs_and_lists_are_looked_into() -> None:
    """Fields and elements have kinds of their own, and the rules reach them."""
    rows = range(60)
    frame = pl.DataFrame(
        {
            "user_id": list(rows),
            "address": [{"street": f"{n} Main Street", "city": "Berlin"} for n in rows],
            "orders": [[{"email": f"a{n}@example.org", "qty": 2}] for n in rows],
            "tags": [["a", "b"] for _ in rows],
        }
    )
    found = inspect(frame)
    expected = {"address.street": "street_address", "address.city": "city", "orders.email": "email"}
    kinds = {each.column: each.kind for each in found.columns}
    assert expected == {column: kinds[column] for column in expected}
    make_plan(load_rules(found.rules()), frame.schema)


DTYPES = st.sampled_from([
    pl.String(), pl.Int8(), pl.Int64(), pl.UInt32(), pl.Float32(), pl.Float64(),
    pl.Decimal(10, 2), pl.Boolean(), pl.Date(), pl.Datetime("ms"),
    pl.Datetime("us", "Asia/Shanghai"),
    pl.Datetime("ns"), pl.Duration(), pl.Time(), pl.Categorical(), pl.Enum(["a", "b"]), pl.Binary(),
    pl.Null(), pl.List(pl.String()), pl.List(pl.List(pl.Int64())), pl.Array(pl.String(), 2),
    pl.Struct({"a": pl.String(), "email": pl.String()}), pl.Struct({"x.y": pl.String()}),
    pl.List(pl.Struct({"phone": pl.String(), "lat": pl.Float64()})),
])  # fmt: skip
NAMES = st.one_of(
    st.text(min_size=1, max_size=12),
    st.sampled_from([
        "# name", "a: b", "'", '"', "item*", "item?", "item_1", "[x]", "- x", "true", "null", "1",
        "lat", "lon", "email", "customer_id", "date", "注释", "a\nb", "\u0085", "\x7f", "x" * 1100,
        "{a}", "& a", "!x", "%", "@", "`", "é" * 5, "age", "zip", "diagnosis", "address", "1e5",
    ]),
)  # fmt: skip


def usable(name: str) -> bool:
    """Names that no rule file can speak of are refused elsewhere."""
    pattern = name == "*" or (name.startswith("^") and name.endswith("$"))
    return not pattern and "." not in name and not name.startswith("__anonymizer")


@settings(max_examples=120)
@given(st.dictionaries(NAMES.filter(usable), DTYPES, min_size=1, max_size=7), st.booleans())
def test_any_schema_gives_rules_that_fit_it(
    tmp_path_factory: pytest.TempPathFactory, schema: dict[str, pl.DataType], empty: bool
) -> None:
    """Whatever columns are called and hold, the file loads and plans without a fault."""
    frame = pl.DataFrame(schema=schema)
    if not empty:
        frame = pl.DataFrame(
            [pl.Series(name, [None] * 3, dtype=each) for name, each in schema.items()]
        )
    found = inspect(frame)
    make_plan(load_rules(found.rules()), frame.schema)
    file = tmp_path_factory.mktemp("rules") / "rules.yaml"
    file.write_text(found.to_yaml(), "utf-8")
    assert load_rules(found.rules()).sha256 == load_rules(file).sha256


CELLS: dict[Any, Any] = {
    pl.String(): st.text(max_size=20) | st.sampled_from(["2024-01-01", "M", "a@b.co", "1"]),
    pl.Int64(): st.integers(-(2**40), 2**40) | st.integers(0, 1),
    pl.Float64(): st.floats(),
    pl.Boolean(): st.booleans(),
    pl.Date(): st.dates(date(1, 1, 1), date(9999, 12, 31)),
    pl.Datetime("us", "Asia/Shanghai"): st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    pl.Time(): st.times(),
    pl.Decimal(12, 2): st.integers(-10**6, 10**6),
    pl.Categorical(): st.sampled_from(["F", "M", "男", ""]),
    pl.Binary(): st.binary(max_size=4),
    pl.List(pl.String()): st.lists(st.text(max_size=5), max_size=3),
}  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    """Tables of a few rows, with nulls, of columns with telling names."""
    names = ["name", "email", "zip", "lat", "lon", "user_id", "birth_date", "city", "age", "amount",
             "note", "ts", "phone", "income", "diagnosis", "address", "ip"]  # fmt: skip
    rows = draw(st.integers(0, 30))
    series = []
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=5, unique=True)):
        dtype = draw(st.sampled_from(list(CELLS)))
        cells = st.lists(st.none() | CELLS[dtype], min_size=rows, max_size=rows)
        series.append(pl.Series(name, draw(cells), dtype=dtype, strict=False))
    return pl.DataFrame(series)


@settings(max_examples=80)
@given(tables())
def test_any_values_give_rules_that_fit(frame: pl.DataFrame) -> None:
    """Values of all types, nulls, NaN and nonsense under telling names are no obstacle."""
    found = inspect(frame)
    make_plan(load_rules(found.rules()), frame.schema)
    assert set(frame.columns) == {each.column for each in found.columns}


def test_an_inspection_is_plain_data(orders: pl.DataFrame) -> None:
    """Rules are JSON, and lines are one per column and a head."""
    found = inspect(orders)
    assert found.rules() == json.loads(json.dumps(found.rules()))
    assert 1 + orders.width == len(found.lines())
