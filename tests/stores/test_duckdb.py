"""DuckDB files as stores, with the library: what is read, what is written, what is refused."""

from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import AnonymizerError, DataError, FileError, mask_dataset
from anonymizer.stores.duckdb.store import duckdb
from anonymizer.stores.table import ForeignKey
from tests.datasets.shop import KEY
from tests.skipping import without

try:
    import duckdb as library
except ImportError:
    without("duckdb", whole=True)

SECRET = "ann@example.org"
NESTED = pl.Struct({"a": pl.Int32, "b": pl.List(pl.String)})

# A column of each type: its DDL, values as SQL, and their type in a frame.
TYPES: list[tuple[str, list[str], Any]] = [
    ("TINYINT", ["-128", "127"], pl.Int8),
    ("UBIGINT", ["18446744073709551615"], pl.UInt64),
    ("HUGEINT", ["-99999999999999999999999999999999999999", "1"], pl.Decimal(38, 0)),
    ("UHUGEINT", ["99999999999999999999999999999999999999"], pl.Decimal(38, 0)),
    ("DECIMAL(38, 5)", ["0.00001", "-1.5"], pl.Decimal(38, 5)),
    ("DECIMAL(4, 1)", ["999.9"], pl.Decimal(4, 1)),
    ("BIGNUM", ["123456789012345678901234567890123456789012345"], pl.String),
    ("FLOAT", ["'nan'", "0.1"], pl.Float32),
    ("DOUBLE", ["'-infinity'", "0.1"], pl.Float64),
    ("BOOLEAN", ["true"], pl.Boolean),
    ("VARCHAR", ["''", "'a,\"b\"\n'"], pl.String),
    ("BLOB", [r"'\x00\xFF'::BLOB"], pl.Binary),
    ("UUID", ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"], pl.String),
    ("JSON", ["'{\"b\":1.0,  \"a\":[null]}'"], pl.String),
    ("ENUM('so so', 'b')", ["'so so'"], pl.String),
    ("DATE", ["'0001-01-01'", "'9999-12-31'"], pl.Date),
    ("TIME", ["'23:59:59.999999'"], pl.Time),
    ("TIMETZ", ["'24:00:00+05:30'"], pl.String),
    ("TIMESTAMP", ["'0001-01-01'", "'9999-12-31 23:59:59.999999'"], pl.Datetime("us")),
    ("TIMESTAMP_S", ["'2020-01-01 01:02:03'"], pl.Datetime("us")),
    ("TIMESTAMP_MS", ["'2020-01-01 01:02:03.004'"], pl.Datetime("us")),
    ("TIMESTAMP_NS", ["'2020-01-01 01:02:03.000000001'"], pl.Datetime("ns")),
    ("TIMESTAMPTZ", ["'2024-03-31 02:30:00.000001+02'"], pl.Datetime("us", "UTC")),
    ("INTERVAL", ["'1 month -1 day 02:03:04.000005'"], pl.String),
    ("BIT", ["'00101'"], pl.String),
    ("INTEGER[]", ["[1, NULL]", "[]"], pl.List(pl.Int32)),
    ("INTEGER[3]", ["[1, 2, 3]"], pl.List(pl.Int32)),
    ("DATE[]", ["['2020-01-01', 'infinity']"], pl.String),
    ("STRUCT(a INTEGER, b VARCHAR[])", ["{'a': 1, 'b': ['x', NULL]}"], NESTED),
    ("MAP(VARCHAR, INTEGER)", ["MAP {'k': 1}"], pl.String),
]  # fmt: skip


def database(file: Path, ddl: str) -> str:
    """A file with some DDL; its path."""
    with closing(library.connect(str(file))) as connection:
        connection.execute(ddl).fetchall()
    return str(file)


def rows_of(file: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query gives."""
    with closing(library.connect(str(file), read_only=True)) as connection:
        found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return found


def written(file: Path, **tables: pl.DataFrame) -> list[int]:
    """Rows that were written of each table."""
    with (
        duckdb(str(file)) as store,
        store.writing({name: each.schema for name, each in tables.items()}) as write,
    ):
        return [write(name, each.lazy()) for name, each in tables.items()]


def test_every_type_is_read_and_written_back(tmp_path: Path) -> None:
    """What is read from one file and written to one with the same DDL is the same for DuckDB."""
    ddl = f"CREATE TABLE t ({', '.join(f'c{i} {t[0]}' for i, t in enumerate(TYPES))}, n INTEGER);"
    width = max(len(values) for _, values, _ in TYPES)
    rows = [
        ", ".join(v[i] if i < len(v) else "NULL" for _, v, _ in TYPES) for i in range(width + 1)
    ]
    inserts = "".join(f"INSERT INTO t VALUES ({each}, {i});" for i, each in enumerate(rows))
    database(tmp_path / "raw", ddl + inserts)
    database(tmp_path / "twin", ddl)
    with duckdb(str(tmp_path / "raw")) as store:
        frame = store.scan("t").collect()
        assert store.scan("t").select("n", "c0").head(2).collect()["n"].to_list() == [0, 1]
        assert store.scan("t").filter(pl.col("n") == 1).collect()["c0"].to_list() == [127]
        assert store.scan("t").select(pl.len()).collect().item() == width + 1
    assert dict(frame.schema) == {f"c{i}": t[2] for i, t in enumerate(TYPES)} | {"n": pl.Int32()}
    assert written(tmp_path / "twin", t=frame) == [width + 1]
    text = ", ".join(f"c{i}::VARCHAR" for i in range(len(TYPES)))
    query = f"SELECT {text} FROM t ORDER BY n"
    assert rows_of(tmp_path / "raw", query) == rows_of(tmp_path / "twin", query)


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("HUGEINT", "170141183460469231731687303715884105727"),
        ("UHUGEINT", "340282366920938463463374607431768211455"),
        ("DATE", "'infinity'"),
        ("DATE", "'10000-01-01'"),
        ("TIME", "'24:00:00'"),
        ("TIMESTAMP", "'infinity'"),
        ("TIMESTAMP_S", "'-infinity'"),
        ("TIMESTAMP_NS", "'infinity'"),
        ("TIMESTAMPTZ", "'10000-01-01 00:00+00'"),
    ],
)
def test_a_value_that_no_frame_holds_is_refused(tmp_path: Path, dtype: str, value: str) -> None:
    """With its column; DuckDB itself gives another value, or Polars panics."""
    ddl = f"CREATE TABLE t (guard INTEGER, x {dtype}); INSERT INTO t VALUES (1, {value})"
    with duckdb(database(tmp_path / "raw", ddl)) as store:
        with pytest.raises(AnonymizerError, match=r"table 't', column 'x': .* no place in frames"):
            store.scan("t").collect()
        assert store.scan("t").select("guard").collect().item() == 1
        assert store.row_and_null_counts("t") == (1, {"guard": 0, "x": 0})


DDL = """
CREATE SCHEMA sales;
CREATE TABLE sales.shops (id INTEGER PRIMARY KEY);
CREATE TABLE customers (id INTEGER PRIMARY KEY, mail VARCHAR NOT NULL UNIQUE,
    twice BIGINT GENERATED ALWAYS AS (id::BIGINT * 2), tier VARCHAR DEFAULT 'plain');
CREATE TABLE orders (id BIGINT PRIMARY KEY, buyer INTEGER REFERENCES customers (id),
    ordered TIMESTAMP, total DECIMAL(6, 2) CHECK (total >= 0));
CREATE VIEW everybody AS FROM customers;
"""


def test_what_is_declared_is_known(tmp_path: Path) -> None:
    """Keys, nulls, computed columns and checks; views are no tables."""
    with duckdb(database(tmp_path / "raw", DDL)) as store:
        tables = store.tables()
    assert sorted(tables) == ["customers", "orders", "sales.shops"]
    assert tables["customers"].primary_key == ("id",)
    assert tables["customers"].unique == (("mail",),)
    assert tables["customers"].not_null == {"id", "mail"}
    assert tables["customers"].generated == {"twice"}
    assert tables["orders"].foreign_keys == (
        ForeignKey("orders", ("buyer",), "customers", ("id",)),
    )
    assert tables["orders"].checks == {"orders_total_check": ("total",)}
    assert tables["orders"].declared["total"] == "DECIMAL(6,2)"


PEOPLE = pl.DataFrame({"id": [1, 2], "mail": ["a", "b"], "twice": [2, 4]})
ORDERS = pl.DataFrame({"id": [7, 8], "buyer": [2, None], "total": [1, 2]})


def test_tables_are_filled_whatever_their_order(tmp_path: Path) -> None:
    """Children may come first; computed columns are left out, and the rest gets its default."""
    database(tmp_path / "twin", DDL)
    assert written(tmp_path / "twin", orders=ORDERS, customers=PEOPLE) == [2, 2]
    assert rows_of(tmp_path / "twin", "FROM customers ORDER BY id") == [
        (1, "a", 2, "plain"),
        (2, "b", 4, "plain"),
    ]
    assert rows_of(tmp_path / "twin", "SELECT total FROM orders") == [(Decimal(1),), (Decimal(2),)]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["twin"]


@pytest.mark.parametrize(
    ("table", "rows", "message"),
    [
        ("customers", {"id": [1, 1], "mail": ["a", SECRET]}, "keys come twice"),
        ("customers", {"id": [1, 2], "mail": [SECRET, None]}, "there are nulls"),
        ("customers", {"id": [2**40], "mail": [SECRET]}, "'id': a value is none of INTEGER"),
        ("customers", {"id": ["1"], "mail": [SECRET]}, "id is String, and its column INTEGER"),
        ("customers", {"id": [1]}, "mail needs a value"),
        ("customers", {"id": [1], "mail": ["a"], "x": [SECRET]}, "x is no column there"),
        ("orders", {"id": [1], "buyer": [987654321]}, "the parents of some rows are absent"),
        ("orders", {"id": [1], "total": [-1]}, "a check refuses some rows"),
        ("orders", {"id": [1], "total": [Decimal("1.255")]}, r"none of DECIMAL\(6,2\)"),
        ("orders", {"id": [1], "total": [1.5]}, r"total is Float64, and its column DECIMAL\(6,2\)"),
        ("orders", {"id": [1], "ordered": [date(2020, 1, 1)]}, "ordered is Date"),
    ],
)
def test_rows_that_do_not_fit_are_refused(
    tmp_path: Path, table: str, rows: dict[str, list[Any]], message: str
) -> None:
    """In one line without a value, and the file is as it was."""
    file = tmp_path / "twin"
    database(file, DDL)
    before = file.read_bytes()
    with pytest.raises(DataError, match=message) as caught:
        written(file, **{table: pl.DataFrame(rows)})
    assert not any(said in str(caught.value) for said in (SECRET, "\n", "987654321", "1.255"))
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_new_file_gets_tables_of_the_types_given(tmp_path: Path) -> None:
    """And no row of a failed run, nor a file."""
    times = pl.Series([datetime(2020, 1, 1)]).dt.replace_time_zone("Europe/Berlin")
    frame = pl.DataFrame(
        {"e": pl.Series(["a"], dtype=pl.Enum(["a", SECRET])), "n": [None], "at": times}
        | {"u": pl.Series([2**64 - 1], dtype=pl.UInt64), "l": [[1.5]]}
    )
    written(tmp_path / "new", t=frame)
    with duckdb(str(tmp_path / "new")) as store:
        back = store.scan("t").collect()
    assert back.schema["at"] == pl.Datetime("us", "UTC")
    assert back.rows() == frame.with_columns(pl.col("at").dt.convert_time_zone("UTC")).rows()
    assert SECRET.encode() not in (tmp_path / "new").read_bytes()
    wide = pl.DataFrame({"x": pl.Series([1], dtype=pl.Int128)})
    with pytest.raises(DataError, match=r"t\.x is Int128, which DuckDB lacks"):
        written(tmp_path / "other", t=wide)
    assert [each.name for each in tmp_path.iterdir()] == ["new"]


def test_files_that_cannot_serve_are_refused(tmp_path: Path) -> None:
    """No DuckDB, rows in it, tables absent, keys in a circle."""
    (tmp_path / "text").write_text("id,mail\n" * 2000)
    with duckdb(f"{tmp_path}/text") as store, pytest.raises(FileError, match="is no file of Duck"):
        store.tables()
    for name in ("s3://b/x", "", ":memory:", str(tmp_path)):
        with pytest.raises(FileError, match="name a local file"), duckdb(name):
            pass
    twin = tmp_path / "twin"
    database(twin, DDL + "INSERT INTO sales.shops VALUES (1)")
    with pytest.raises(FileError, match=r"table 'sales\.shops' is not empty"):
        written(twin, customers=PEOPLE)
    empty = tmp_path / "empty"
    database(empty, DDL)
    with pytest.raises(FileError, match="table 'clients' is missing"):
        written(empty, clients=PEOPLE)
    ring = tmp_path / "ring"
    database(ring, "CREATE TABLE t (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES t (id))")
    with pytest.raises(FileError, match="table 't' refers to itself"):
        written(ring, t=pl.DataFrame({"id": [1], "boss": [None]}))


@pytest.mark.filterwarnings("ignore::anonymizer.PrivacyWarning")
def test_a_database_is_masked_into_another(tmp_path: Path) -> None:
    """Keys are those that are declared, and hold in a new target without raw values."""
    people = ", ".join(f"({n}, 'Person {n}')" for n in range(1, 31))
    orders = ", ".join(
        f"({n}, {n % 31 or 'NULL'}, TIMESTAMP '2023-01-01' + INTERVAL ({n * 7}) HOUR, {n % 9}.25)"
        for n in range(1, 200)
    )
    rows = f"INSERT INTO customers (id, mail) VALUES {people}; INSERT INTO orders VALUES {orders}"
    database(tmp_path / "raw.duckdb", DDL + rows)
    same = {"mask": "token", "as": "same"}
    shift = {"mask": "date_shift", "days": 40}
    year = {"mask": "date_truncate", "to": "year"}
    fields = {
        "version": 1,
        "source": f"duckdb:{tmp_path}/raw.duckdb",
        "target": f"duckdb:{tmp_path}/masked.duckdb",
        "entity": "customers.id",
        "tables": {
            "customers": {
                "columns": {"id": same, "mail": "token", "twice": "redact", "tier": "keep"}
            },
            "orders": {
                "columns": {"id": same, "total": "keep"}
                | {"ordered": [shift | {"when": "buyer IS NOT NULL"}, year]}
            },
        },
        "drop": ["sales.shops"],
    }
    record = mask_dataset(fields, key=KEY)
    assert [(str(each.key), each.before == each.after) for each in record.joins] == [
        ("orders.buyer → customers.id", True)
    ]
    sums = "SELECT count(*), count(DISTINCT buyer), sum(total), sum(twice) - 2 * sum(c.id)"
    joined = f"{sums} FROM orders LEFT JOIN customers c ON c.id = buyer"
    assert rows_of(tmp_path / "raw.duckdb", joined) == rows_of(tmp_path / "masked.duckdb", joined)
    raw = "SELECT count(*) FROM customers WHERE mail LIKE 'Person %' OR id BETWEEN 1 AND 30"
    assert rows_of(tmp_path / "masked.duckdb", raw) == [(0,)]
