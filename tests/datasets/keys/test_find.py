"""Keys of tables are found with their evidence, and what merely looks like one is not."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
import pytest

from anonymizer.datasets.keys.find import find_keys
from anonymizer.datasets.keys.found import Keys, Overlap
from anonymizer.errors import AnonymizerError, SchemaError
from anonymizer.stores.table import ForeignKey

PEOPLE = list(range(1, 201))


def searched(**tables: Mapping[str, Any]) -> Keys:
    """The keys of tables given by their columns."""
    return find_keys({name: pl.LazyFrame(columns) for name, columns in tables.items()})


def told(keys: Keys) -> list[str]:
    """The foreign keys, a line each."""
    return [str(each.key) for each in keys.foreign]


def drawn(keys: Sequence[Any], rows: int = 600, seed: int = 0) -> list[Any]:
    """Keys of random rows."""
    return [keys[at] for at in np.random.default_rng(seed).integers(0, len(keys), rows)]


def texts(rows: int) -> list[str]:
    """A different text in each row."""
    return [f"words that say {row} things" for row in range(rows)]


def test_all_rows_are_counted() -> None:
    """Shares, orphans, nulls, and rows per parent with the childless ones among them."""
    keys = searched(
        customers={"customer_id": [1, 2, 3, 4], "note": texts(4)},
        orders={
            "order_id": list(range(11, 51)),
            "customer_id": [1] * 20 + [2] * 15 + [3, 9, None, None, None],
        },
    )
    assert told(keys) == ["orders.customer_id → customers.customer_id"]
    found = keys.foreign[0]
    assert found.overlap == Overlap(40, 3, 1, 4, 3, (0, 8.0, 20))
    assert found.overlap.share_of_values == 3 / 4
    assert found.overlap.share_of_rows == 36 / 37
    assert str(found) == (
        "orders.customer_id → customers.customer_id: 75.0% of 4 values and 97.3% of rows are "
        "there, 1 orphans, 3 null, 0/8/20 rows per parent; named after the table"
    )
    assert str(keys.primary["orders"]) == "orders.order_id: 40 of 40 rows"


@pytest.mark.parametrize(
    ("table", "key", "column"),
    [
        ("customers", "customer_id", "cust_no"),
        ("customers", "id", "buyer"),
        ("tbl_customers", "id", "customer"),
        ("dim_customer", "CustomerKey", "CustomerKey"),
        ("CustomerMaster", "nr", "customerId"),
        ("crm.customers", "id", "shippingCustomerId"),
        ("Kunden", "KundenNr", "kundennummer"),
        ("customers", "kunden_nr", "client_id"),
        ("客户", "客户编号", "客户编号"),
        ("clientes", "id", "cliente_id"),
        ("clientes", "id_cliente", "id_cliente"),
        ("addresses", "id", "billing_address_id"),
        ("categories", "id", "category"),
        ("departments", "id", "dept_no"),
        ("users", "id", "created_by_user"),
    ],
)
def test_names_decide_where_all_ids_run_from_one(table: str, key: str, column: str) -> None:
    """A key goes by many names; a table with the same numbers is not meant."""
    others = {"id": PEOPLE, "height": drawn([150, 160, 170], 200)}
    child = {"row_id": range(1000, 1600), column: drawn(PEOPLE)}
    parent = {key: PEOPLE, "words": texts(200)}
    tables: dict[str, Mapping[str, Any]] = {"trees": others, table: parent, "facts": child}
    assert told(searched(**tables)) == [f"facts.{column} → {table}.{key}"]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("quantity", drawn(range(1, 10))),
        ("rating", drawn(range(1, 6))),
        ("status", drawn([1, 2, 3])),
        ("seat_no", drawn(PEOPLE)),
        ("score", drawn(PEOPLE)),
        ("customers", drawn(PEOPLE)),
        ("num_customers", drawn(PEOPLE)),
        ("customer_group_id", drawn(range(1, 8))),
        ("customer_type", drawn([1, 2, 3])),
        ("head_count", drawn(PEOPLE)),
        ("gift", drawn([True, False])),
        ("amount", [float(each) + 0.5 for each in drawn(PEOPLE)]),
        ("due", [date(2024, 1, 1) + timedelta(each) for each in drawn(PEOPLE)]),
        ("size", drawn(["S", "M", "L"])),
        ("line_no", drawn(range(1, 6))),
    ],
)
def test_what_overlaps_by_accident_is_no_key(column: str, values: list[Any]) -> None:
    """Counts, codes, amounts and dates that are all among the ids of other tables."""
    keys = searched(
        customers={"id": PEOPLE, "first_name": texts(200), "size": drawn(["S", "M", "L"], 200)},
        stores={"id": range(1, 21), "opened": texts(20)},
        sizes={"code": ["S", "M", "L", "XL"], "order_by": [1, 2, 3, 4]},
        facts={"fact_id": range(5000, 5600), column: values},
    )
    wanted = [] if column != "size" else ["customers.size → sizes.code", "facts.size → sizes.code"]
    assert [each for each in told(keys) if not each.startswith("customers")] == [
        each for each in wanted if each.startswith("facts")
    ]


def test_values_decide_where_names_say_nothing() -> None:
    """Numbers that are far apart, long codes and UUIDs are not shared by chance."""
    random = np.random.default_rng(3)
    accounts = [int(each) for each in random.choice(10**9, 300, replace=False)]
    codes = [f"W-{each:03d}" for each in range(30)]
    keys = searched(
        accounts={"iban": accounts, "words": texts(300)},
        wards={"sign": codes, "beds": drawn(range(9), 30)},
        moves={
            "x1": range(600),
            "sender": drawn(accounts),
            "receiver": [
                each if at % 25 else 7 * at + 1 for at, each in enumerate(drawn(accounts))
            ],
            "place": drawn(codes),
            "cents": [int(each) for each in random.integers(0, 10**9, 600)],
        },
    )
    assert told(keys) == [
        "moves.sender → accounts.iban",
        "moves.receiver → accounts.iban",
        "moves.place → wards.sign",
    ]
    assert keys.foreign[1].overlap.orphans == 24


@pytest.mark.parametrize(
    ("here", "there", "note"),
    [
        ([str(each).zfill(6) for each in PEOPLE], PEOPLE, "type differs"),
        ([f" {each} " for each in PEOPLE], PEOPLE, "type differs"),
        ([float(each) for each in PEOPLE], PEOPLE, "type differs"),
        ([f"{each}.0" for each in PEOPLE], PEOPLE, "type differs"),
        ([str(each).zfill(6) for each in PEOPLE], [str(each) for each in PEOPLE], "spelling"),
        (
            [str(UUID(int=each * 10**30)).upper() for each in PEOPLE],
            [UUID(int=each * 10**30).hex for each in PEOPLE],
            "spelling differs",
        ),
        ([UUID(int=each).bytes for each in PEOPLE], [UUID(int=e).hex for e in PEOPLE], "type"),
    ],
)
def test_keys_are_found_however_they_are_written(
    here: list[Any], there: list[Any], note: str
) -> None:
    """Numbers, texts and UUIDs that say the same; that they differ is told with the key."""
    keys = searched(users={"user_id": there, "words": texts(200)}, logs={"user_id": drawn(here)})
    assert told(keys) == ["logs.user_id → users.user_id"]
    assert keys.foreign[0].overlap.orphans == 0
    assert [each[: len(note)] for each in keys.foreign[0].notes] == [note]


def test_keys_of_several_columns() -> None:
    """Order and shop, and a line beside; an order's number alone is none."""
    orders = pl.DataFrame(
        {"order_no": list(range(1, 41)) * 5, "store": sorted([*range(1, 6)] * 40)}
    )
    lines = pl.concat([orders.with_columns(line_no=pl.lit(line)) for line in (1, 2, 3)])
    keys = find_keys(
        {
            "orders": orders.with_columns(amount=pl.lit(1.5)).lazy(),
            "order_lines": lines.with_columns(pieces=pl.int_range(pl.len()) % 7).lazy(),
            "stores": pl.LazyFrame({"id": range(1, 6), "name": texts(5)}),
        }
    )
    assert keys.primary["orders"].columns == ("order_no", "store")
    assert keys.primary["order_lines"].columns == ("order_no", "store", "line_no")
    assert told(keys) == [
        "orders.store → stores.id",
        "order_lines.[order_no, store] → orders.[order_no, store]",
        "order_lines.store → stores.id",
    ]
    assert keys.foreign[1].overlap.children == (3, 3.0, 3)


def test_roles_and_rows_of_the_same_table() -> None:
    """Two keys to one parent, a manager among the employees, nulls and all."""
    staff = {"employee_id": range(500, 560), "manager_id": [None] * 4 + drawn(range(500, 508), 56)}
    keys = searched(
        employees=staff,
        addresses={"address_id": PEOPLE, "street": texts(200)},
        orders={
            "order_id": range(9000, 9600),
            "billing_address": drawn(PEOPLE, seed=1),
            "shipping_address": [each if each % 3 else None for each in drawn(PEOPLE, seed=2)],
        },
    )
    assert told(keys) == [
        "employees.manager_id → employees.employee_id",
        "orders.billing_address → addresses.address_id",
        "orders.shipping_address → addresses.address_id",
    ]
    assert keys.foreign[0].overlap.nulls == 4


def test_one_to_one_points_to_the_table_that_the_key_is_named_after() -> None:
    """And where names do not say it, to the larger table."""
    keys = searched(
        customer_details={"customer_id": PEOPLE, "income": drawn(range(9), 200)},
        customers={"customer_id": PEOPLE, "words": texts(200)},
        wages={"pnr": PEOPLE[:150], "cents": drawn(range(9), 150)},
        people={"pnr": PEOPLE, "words": texts(200)},
    )
    assert told(keys) == [
        "customer_details.customer_id → customers.customer_id",
        "wages.pnr → people.pnr",
    ]


def test_junctions_and_lookups() -> None:
    """An n:m table has two keys that are one together; a country's code is a key."""
    pairs = sorted(
        {(s, c) for s, c in zip(drawn(PEOPLE), drawn(range(1, 31), seed=4), strict=True)}
    )
    codes = [a + b for a in "ABCDEF" for b in "KLMNP"]
    keys = searched(
        students={"id": PEOPLE, "country": drawn(codes, 200)},
        courses={"id": range(1, 31), "title": texts(30)},
        student_course={"student_id": [s for s, _ in pairs], "course_id": [c for _, c in pairs]},
        countries={"code": codes, "name": texts(30)},
    )
    assert keys.primary["student_course"].columns == ("student_id", "course_id")
    assert keys.primary["countries"].columns == ("code",)
    assert told(keys) == [
        "students.country → countries.code",
        "student_course.student_id → students.id",
        "student_course.course_id → courses.id",
    ]


def test_an_id_with_a_type_beside_it_is_said_and_not_claimed() -> None:
    """It points to one table or another; the words of the type are not told."""
    keys = searched(
        customers={"id": PEOPLE, "words": texts(200)},
        products={"id": PEOPLE, "title": texts(200)},
        notes={
            "note_id": range(7000, 7600),
            "owner_type": drawn(["Customer", "Product"]),
            "owner_id": drawn(PEOPLE),
        },
    )
    assert told(keys) == []
    assert keys.notes == (
        "notes.owner_id points to customers, products by a type beside it: not claimed",
    )


def test_what_two_tables_could_be_is_asked() -> None:
    """Two tables of persons with the same numbers, and a column that says neither."""
    keys = searched(
        doctors={"id": PEOPLE, "words": texts(200)},
        nurses={"id": PEOPLE, "words": texts(200)},
        shifts={"shift_id": range(3000, 3600), "person_id": drawn(PEOPLE)},
    )
    assert told(keys) == []
    assert keys.notes == ("shifts.person_id may point to doctors or to nurses: declare which",)


def test_a_name_that_values_belie_is_not_claimed() -> None:
    """A third of the rows points nowhere; the note says so with its figures."""
    keys = searched(
        users={"user_id": PEOPLE, "words": texts(200)},
        logs={"log_id": range(4000, 4600), "user_id": drawn([*PEOPLE, *range(900, 1000)])},
    )
    assert told(keys) == []
    assert len(keys.notes) == 1
    assert keys.notes[0].startswith("not claimed: logs.user_id → users.user_id: 64.1%")


def test_small_and_empty_tables() -> None:
    """One row has a key, no row has none, no table is no fault."""
    keys = searched(empty={"id": [], "thing": []}, one={"version": [3], "id": [1]}, bare={})
    assert {table: key.columns for table, key in keys.primary.items()} == {"one": ("id",)}
    assert keys.notes == (
        "empty is empty: nothing speaks for a key",
        "bare is empty: nothing speaks for a key",
    )
    assert (told(keys), keys.person) == ([], None)
    assert find_keys({}).tables == ()


def test_the_primary_key_is_the_id_and_not_what_is_unique_as_well() -> None:
    """Of several unique columns; rows that repeat leave none."""
    keys = searched(
        users={"email": texts(200), "height": range(200), "user_id": range(400, 600)},
        logs={"user_id": [400, 400], "words": ["same", "same"]},
    )
    assert {table: key.columns for table, key in keys.primary.items()} == {"users": ("user_id",)}


def test_declared_keys_are_counted_and_kept() -> None:
    """Their columns are not searched again, whatever types they have."""
    tables = {
        "users": pl.LazyFrame({"user_id": PEOPLE, "words": texts(200)}),
        "logs": pl.LazyFrame({"user_id": drawn([str(each) for each in PEOPLE] + ["x"])}),
    }
    key = ForeignKey("logs", ("user_id",), "users", ("user_id",))
    keys = find_keys(tables, [key])
    assert [(each.key, each.declared, each.names) for each in keys.foreign] == [
        (key, True, "declared")
    ]
    assert keys.foreign[0].overlap.held == keys.foreign[0].overlap.distinct - 1


def test_faults_of_declared_keys_are_told_together() -> None:
    """Tables and columns that are not there, and sides of different lengths."""
    wrong = ForeignKey("logs", ("user", "day"), "user", ("id",))
    with pytest.raises(SchemaError) as raised:
        find_keys({"logs": pl.LazyFrame({"day": [1]})}, [wrong])
    assert raised.value.faults == [
        "logs.[user, day] → user.id: 'logs' has no column 'user'",
        "logs.[user, day] → user.id: no table 'user'",
        "logs.[user, day] → user.id: 2 columns for 1",
    ]


def test_messages_hold_no_value() -> None:
    """Neither evidence and notes nor the error of a frame that cannot be read."""
    secret = [f"secret{each:05d}" for each in PEOPLE]
    keys = searched(users={"user_id": secret}, logs={"user_id": drawn([*secret, "secretX"])})
    assert "secret0" not in str(keys) + repr(keys)
    broken = pl.LazyFrame({"id": ["secret"]}).select(pl.col("id").cast(pl.Int64))
    with pytest.raises(AnonymizerError) as raised:
        find_keys({"users": broken})
    assert "secret" not in str(raised.value)


def test_the_person_is_proposed_with_reasons() -> None:
    """A table of customers to which others lead, rather than one of employees."""
    keys = searched(
        employees={"id": range(1, 41), "last_name": texts(40), "birth_date": texts(40)},
        customers={"id": PEOPLE, "first_name": texts(200), "email": texts(200)},
        orders={"id": PEOPLE, "customer_id": drawn(PEOPLE, 200), "seller": drawn(PEOPLE, 200)},
        lines={"id": range(1, 601), "order_id": drawn(PEOPLE)},
        products={"id": range(1, 31), "title": texts(30)},
    )
    assert str(keys.person) == (
        "customers.id: the table is named for persons, it holds names, e-mail addresses, "
        "2 of 4 other tables lead to it"
    )


def test_no_table_of_persons() -> None:
    """A column that names them stands in, else there is none."""
    sales = {"sale_id": range(600), "customer_id": drawn(PEOPLE)}
    assert str(searched(sales=sales).person) == (
        "sales.customer_id: no table is of persons, 1 tables have it"
    )
    assert searched(readings={"sensor_id": drawn(PEOPLE), "heat": drawn(range(40))}).person is None


@pytest.mark.parametrize("column", ["inspector", "负责人", "recruited_by", "boss"])
def test_whoever_does_something_is_a_person(column: str) -> None:
    """Though no table is called so; few values may lie unevenly, as they would by chance."""
    tables: dict[str, Mapping[str, Any]] = {
        "crew": {"badge": range(1000, 1200), "name": texts(200)},
        "sites": {"site_id": range(1, 13), column: drawn(range(1000, 1200), 12)},
        "gauges": {"gauge_id": range(1, 601), "power": drawn(range(1000, 1200))},
    }
    assert told(searched(**tables)) == [f"sites.{column} → crew.badge"]


def test_two_columns_that_stand_together_in_a_key_are_one() -> None:
    """Under any name, if the first leads to the same table; not where it may be by chance."""
    draw = Random(5)
    groups = [(subject, group) for subject in range(1, 41) for group in range(1, 1 + subject % 9)]
    marks = [draw.choice(groups) for _ in range(600)]
    tables: dict[str, Mapping[str, Any]] = {
        "subjects": {"subject_id": range(1, 41), "words": texts(40)},
        "groups": {"subject_id": [s for s, _ in groups], "number": [n for _, n in groups]},
        "marks": {
            "mark_id": range(1000, 1600),
            "subject_id": [s for s, _ in marks],
            "place": [n for _, n in marks],
            "grade": drawn(range(1, 3)),
        },
    }
    assert "marks.[subject_id, place] → groups.[subject_id, number]" in told(searched(**tables))
    apart = {**tables["marks"], "place": drawn(range(1, 3))}
    assert not any("[" in each for each in told(searched(**tables | {"marks": apart})))


def test_the_person_is_what_other_tables_refer_to() -> None:
    """Where that is not the primary key, which none of them has."""
    numbers = [f"P-{each:04d}" for each in PEOPLE]
    keys = searched(
        players={
            "id": PEOPLE,
            "player_code": numbers,
            "first_name": texts(200),
            "email": texts(200),
        },
        games={"game_id": range(600), "player_code": drawn(numbers)},
    )
    assert keys.person is not None
    assert (keys.person.table, keys.person.column) == ("players", "player_code")
