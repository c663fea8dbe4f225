"""SQLite files as stores: what values say of types, what is written, what is left behind."""

import os
import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import AnonymizerError, DataError, FileError, inspect_dataset, mask_dataset
from anonymizer.stores.sqlite.store import sqlite
from anonymizer.stores.table import ForeignKey
from tests.datasets.shop import KEY

SECRET = "ann@example.org"

# What a column is declared as, its values as SQL, and its type in a frame.
TYPES: list[tuple[str, list[str], Any]] = [
    ("INTEGER", ["-9223372036854775808", "9223372036854775807"], pl.Int64),
    ("VARCHAR(3)", ["'0077'", "''"], pl.String),
    ("TEXT", ["x'00ff'"], pl.Binary),  # a blob stays one
    ("BLOB", ["'text in it'"], pl.String),
    ("", ["1.5", "2.5"], pl.Float64),
    ("REAL", ["12", "0.1"], pl.Float64),
    ("DECIMAL(10, 2)", ["12", "0.5"], pl.Float64),  # NUMERIC makes an integer of 12.0
    ("NUMERIC", ["12"], pl.Int64),
    ("BOOLEAN", ["0", "1"], pl.Boolean),
    ("BOOLEAN", ["2"], pl.Int64),
    ("DATE", ["'0001-01-01'", "'9999-12-31'"], pl.Date),
    ("DATE", ["'2023-02-30'", "'2023-02-01'"], pl.String),  # no day of a calendar
    ("DATE", ["'01.02.2023'"], pl.String),
    ("DATE", ["20230201"], pl.Int64),
    ("TIMESTAMP", ["'2023-02-01 10:11:12'"], pl.Datetime("us")),
    ("DATETIME", ["'2023-02-01T10:11:12'"], pl.String),
    ("DATETIME", ["'2023-02-01 10:11:12.120'"], pl.String),
    ("DATETIME", [], pl.Datetime("us")),
    ("STRING", ["'a'"], pl.String),
    ("JSON", ["'{\"a\":  1}'"], pl.String),
]  # fmt: skip


def database(file: Path, ddl: str) -> str:
    """A file with some DDL; its path."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(ddl)
    return str(file)


def rows_of(file: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query gives."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def written(file: Path, tables: dict[str, pl.DataFrame], like: Path | None = None) -> list[int]:
    """Rows that were written of each table."""
    with (
        sqlite(str(file), str(like) if like else None) as store,
        store.writing({name: each.schema for name, each in tables.items()}) as write,
    ):
        return [write(name, each.lazy()) for name, each in tables.items()]


def test_types_follow_from_all_values_and_are_written_back(tmp_path: Path) -> None:
    """Into a new file with the same DDL every value comes as the same, of the same type."""
    columns = ", ".join(f"c{i} {declared}" for i, (declared, *_) in enumerate(TYPES))
    inserts = "".join(
        f"INSERT INTO t VALUES ({row}, "
        f"{', '.join(v[row] if row < len(v) else 'NULL' for _, v, _ in TYPES)});"
        for row in range(3)
    )
    raw, new = tmp_path / "raw", tmp_path / "new"
    database(raw, f"CREATE TABLE t (n INTEGER PRIMARY KEY, {columns}); {inserts}")
    with sqlite(str(raw)) as store:
        frame = store.scan("t").collect()
        assert store.scan("t").filter(pl.col("n") > 0).select("c0").head(1).collect().item() > 0
        assert store.scan("t").select(pl.len()).collect().item() == 3
    assert dict(frame.schema) == {"n": pl.Int64()} | {f"c{i}": t[2] for i, t in enumerate(TYPES)}
    assert written(new, {"t": frame}, raw) == [3]
    query = f"SELECT {', '.join(f'c{i}, typeof(c{i})' for i in range(len(TYPES)))} FROM t"
    assert rows_of(raw, query) == rows_of(new, query)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, SECRET], "1 integer, 1 text"),
        ([b"a", SECRET], "1 text, 1 blob"),
        ([2**53 + 1, 0.5], "1 integer, 1 real"),
    ],
)
def test_columns_of_several_types_are_refused_when_they_are_read(
    tmp_path: Path, values: list[Any], message: str
) -> None:
    """With the column and the counts, and the others can be read."""
    file = Path(database(tmp_path / "raw", "CREATE TABLE t (n INTEGER, x)"))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executemany("INSERT INTO t VALUES (1, ?)", [(each,) for each in values])
    with sqlite(str(file)) as store:
        with pytest.raises(AnonymizerError, match=rf"'t', column 'x': .*\({message}\)") as caught:
            store.scan("t").collect()
        assert SECRET not in str(caught.value)
        assert store.scan("t").select("n").collect()["n"].to_list() == [1, 1]
        assert store.row_and_null_counts("t") == (2, {"n": 0, "x": 0})


def test_text_that_is_no_utf_8_is_refused_without_it(tmp_path: Path) -> None:
    """Python's own message quotes it."""
    ddl = "CREATE TABLE t (x TEXT); INSERT INTO t VALUES (CAST(x'736563726574ff' AS TEXT))"
    with sqlite(database(tmp_path / "raw", ddl)) as store:
        with pytest.raises(AnonymizerError, match=r"table 't': .*text is not in UTF-8") as caught:
            store.scan("t").collect()
        assert "secret" not in str(caught.value)


DDL = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, mail TEXT NOT NULL, tier TEXT DEFAULT 'plain',
    twice INT AS (id * 2) STORED);
CREATE UNIQUE INDEX mails ON customers (mail);
CREATE INDEX tiers ON customers (tier) WHERE tier <> 'plain';
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, buyer REFERENCES customers,
    ordered DATETIME, total REAL CHECK (total >= 0), code NUMERIC);
CREATE TABLE lines (order_id INT, line INT, PRIMARY KEY (order_id, line),
    FOREIGN KEY (order_id) REFERENCES orders (id)) WITHOUT ROWID;
CREATE VIEW everybody AS SELECT * FROM customers;
CREATE VIRTUAL TABLE search USING fts5(mail);
CREATE TRIGGER found AFTER INSERT ON customers BEGIN INSERT INTO search VALUES (new.mail); END;
"""
PEOPLE = pl.DataFrame({"id": [1, 2], "mail": ["a", "b"], "twice": [2, 4]})
ORDERS = pl.DataFrame({"id": [7, 8], "buyer": [2, 99], "total": [1, 2]})


def test_what_is_declared_is_known(tmp_path: Path) -> None:
    """Keys, nulls and computed columns; views and virtual tables are no tables."""
    with sqlite(database(tmp_path / "raw", DDL)) as store:
        tables = store.tables()
    assert sorted(tables) == ["customers", "lines", "orders"]
    assert tables["customers"].primary_key == ("id",)
    assert tables["customers"].unique == (("mail",),)
    assert tables["customers"].not_null == {"id", "mail"}
    assert tables["customers"].generated == {"twice"}
    assert tables["lines"].primary_key == ("order_id", "line")
    assert tables["orders"].foreign_keys == (
        ForeignKey("orders", ("buyer",), "customers", ("id",)),
    )
    assert tables["orders"].declared["ordered"] == "DATETIME"


def test_rows_in_the_log_are_read_and_one_snapshot_is(tmp_path: Path) -> None:
    """What is only in the `-wal`, and not what others write after the first look."""
    file = Path(database(tmp_path / "raw", f"PRAGMA journal_mode = WAL; {DDL}"))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("INSERT INTO orders (id) VALUES (1)")
        with sqlite(str(file)) as store:
            assert store.tables()["orders"].schema["id"] == pl.Int64()
            other.execute("INSERT INTO orders (id) VALUES (2)")
            assert store.scan("orders").collect()["id"].to_list() == [1]


def test_a_new_file_is_declared_as_the_other(tmp_path: Path) -> None:
    """With indexes and views, without triggers and virtual tables; numbers go on."""
    raw, new = tmp_path / "raw", tmp_path / "new"
    database(raw, f"{DDL} INSERT INTO customers (mail) VALUES ('{SECRET}');")
    assert written(new, {"orders": ORDERS, "customers": PEOPLE}, raw) == [2, 2]
    assert rows_of(new, "SELECT * FROM everybody") == [(1, "a", "plain", 2), (2, "b", "plain", 4)]
    assert rows_of(new, "SELECT seq FROM sqlite_sequence") == [(8,)]
    kept = "SELECT type, name FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE 'sqlite_%' "
    assert [name for _, name in rows_of(new, f"{kept} ORDER BY name")] == [
        "customers", "everybody", "lines", "mails", "orders", "tiers",
    ]  # fmt: skip
    assert SECRET.encode() not in new.read_bytes()
    with pytest.raises(FileError, match="table 'customers' is not empty"):
        written(new, {"orders": ORDERS})


def test_free_pages_of_a_target_stay_behind(tmp_path: Path) -> None:
    """What was deleted from a file is in no byte of the one that takes its place."""
    file = tmp_path / "twin"
    rows = f"SELECT value, '{SECRET}' || value FROM json_each('[1,2,3,4,5,6,7,8,9]')"
    script = f"{DDL} DROP TRIGGER found; INSERT INTO customers (id, mail) {rows};"
    database(file, f"PRAGMA secure_delete = OFF; {script} DELETE FROM customers;")
    assert SECRET.encode() in file.read_bytes()
    written(file, {"customers": PEOPLE})
    assert SECRET.encode() not in file.read_bytes()
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("table", "rows", "message"),
    [
        ("customers", {"id": [1, 1], "mail": ["a", SECRET]}, "'customers': writing: keys come twi"),
        ("customers", {"id": [1, 2], "mail": [SECRET, SECRET]}, "indexes and views: keys come twi"),
        ("customers", {"id": [1, 2], "mail": [SECRET, None]}, "there are nulls"),
        ("customers", {"id": ["1"], "mail": [SECRET]}, "id is String, and its column INTEGER"),
        ("customers", {"id": [1]}, "mail needs a value"),
        ("customers", {"id": [1], "mail": ["a"], "x": [SECRET]}, "x is no column there"),
        ("orders", {"id": [1], "total": [-1.0]}, "a check refuses some rows"),
        ("orders", {"id": [1], "total": [float("nan")]}, "'total' holds NaN"),
        (
            "orders",
            {"id": [1], "code": ["000987654321"]},
            "'code': SQLite makes other values of some",
        ),
        ("orders", {"id": [1], "total": [[1.5]]}, r"total is List\(Float64\), which SQLite lacks"),
    ],
)
def test_rows_that_do_not_fit_are_refused(
    tmp_path: Path, table: str, rows: dict[str, list[Any]], message: str
) -> None:
    """In one line without a value, and the file is as it was."""
    file = Path(database(tmp_path / "twin", DDL))
    before = file.read_bytes()
    with pytest.raises(DataError, match=message) as caught:
        written(file, {table: pl.DataFrame(rows)})
    assert not any(said in str(caught.value) for said in (SECRET, "\n", "987654321"))
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_new_file_gets_tables_of_the_types_given(tmp_path: Path) -> None:
    """Which are read back."""
    frame = pl.DataFrame(
        {"e": pl.Series(["a"], dtype=pl.Enum(["a", SECRET])), "b": [True], "d": [date(2020, 1, 1)]}
        | {"at": [datetime(2020, 1, 1, 1)], "n": [None], "x": [b"\0"], "f": [1.0], "i": [1]}
    )
    written(tmp_path / "new", {"t": frame})
    with sqlite(str(tmp_path / "new")) as store:
        assert store.scan("t").collect().rows() == frame.rows()
    assert SECRET.encode() not in (tmp_path / "new").read_bytes()


def test_files_that_cannot_serve_are_refused(tmp_path: Path) -> None:
    """No SQLite, no local file, a table that is not there."""
    (tmp_path / "text").write_text("id,mail\n" * 2000)
    with sqlite(f"{tmp_path}/text") as store, pytest.raises(FileError, match="no file of SQLite"):
        store.tables()
    for name in ("//host/x://", "", ":memory:", str(tmp_path)):
        with pytest.raises(FileError, match="name a local file"), sqlite(name):
            pass
    with pytest.raises(FileError, match="table 'clients' is missing"):
        written(Path(database(tmp_path / "twin", DDL)), {"clients": PEOPLE})


@pytest.mark.filterwarnings("ignore::anonymizer.PrivacyWarning")
def test_a_database_is_masked_into_a_new_one(tmp_path: Path) -> None:
    """Keys are those that are declared, no raw value is in it, and no record goes over the raw."""
    numbers = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 200)"
    database(
        tmp_path / "raw.db",
        f"""{DDL} {numbers} INSERT INTO customers (id, mail)
            SELECT n, 'Person ' || n FROM t WHERE n <= 30;
        {numbers} INSERT INTO orders SELECT n, nullif(n % 31, 0),
            datetime('2023-01-01', 7 * n || ' hours'), n % 9 + 0.25, NULL FROM t;
        {numbers} INSERT INTO lines SELECT n, n % 7 FROM t;""",
    )
    same = {"mask": "token", "as": "same"}
    shift = {"mask": "date_shift", "days": 40}
    year = {"mask": "date_truncate", "to": "year"}
    dated = [shift | {"when": "buyer IS NOT NULL"}, year]
    fields = {
        "version": 1,
        "source": f"sqlite:{tmp_path}/raw.db",
        "target": f"sqlite:{tmp_path}/masked.db",
        "entity": "customers.id",
        "tables": {
            "customers": {
                "columns": {"id": same, "mail": "token", "twice": "redact", "tier": "keep"}
            },
            "orders": {"columns": {"id": same, "ordered": dated, "total": "keep", "code": "keep"}},
            "lines": {"columns": {"line": "keep"}},
        },
    }
    (tmp_path / "raw.db").chmod(0o600)
    record = mask_dataset(fields, key=KEY)
    assert (tmp_path / "masked.db").stat().st_mode & 0o077 == 0
    assert [(str(each.key), each.before == each.after) for each in record.joins] == [
        ("lines.order_id → orders.id", True),
        ("orders.buyer → customers.id", True),
    ]
    sums = "SELECT count(*), count(DISTINCT buyer), sum(total), sum(line), min(typeof(ordered)) "
    joined = (
        f"{sums} FROM lines JOIN orders o ON o.id = order_id LEFT JOIN customers c ON c.id = buyer"
    )
    assert rows_of(tmp_path / "raw.db", joined) == rows_of(tmp_path / "masked.db", joined)
    assert b"Person " not in (tmp_path / "masked.db").read_bytes()
    raw = str(tmp_path / "raw.db")
    fields["target"] = f"sqlite:{tmp_path}/other.db"
    with pytest.raises(FileError, match="the output is an input"):
        mask_dataset(fields, key=KEY, manifest=raw, overwrite=True)
    assert f'source: "sqlite:../{tmp_path.name}/raw.db"' in inspect_dataset(
        f"sqlite:{os.path.relpath(raw)}"
    ).to_yaml(tmp_path.parent / "elsewhere")
