"""PostgreSQL to PostgreSQL: a database is masked into another with the same schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Timer
from typing import Any, cast

import polars as pl
import pytest
import yaml

from anonymizer import DataError, FileError, PrivacyWarning, UsageError, load_dataset, mask_dataset
from anonymizer.cli import main
from anonymizer.datasets.opening.loading import loading
from anonymizer.datasets.preview import lint_dataset
from anonymizer.stores.postgresql.store import postgresql
from benchmarks.database_types import outcomes
from tests.datasets.shop import KEY
from tests.stores.server import Server

pytestmark = pytest.mark.filterwarnings("ignore::anonymizer.PrivacyWarning")

DDL = """
CREATE TYPE tier AS ENUM ('gold', 'plain');
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, tier tier, joined date);
CREATE TABLE orders (id bigserial PRIMARY KEY, buyer int REFERENCES customers,
    ordered timestamptz NOT NULL, total numeric(10, 2) CHECK (total >= 0), note jsonb);
CREATE TABLE lines (order_id bigint REFERENCES orders, line smallint, shipped date, tags text[],
    PRIMARY KEY (order_id, line));
CREATE TABLE audit_log (at timestamptz, what text);
INSERT INTO customers SELECT n, 'Person ' || n, (ARRAY['gold', 'plain'])[1 + n % 2]::tier,
    date '2020-01-01' + (n * 37) % 900 FROM generate_series(1, 60) n;
INSERT INTO orders (buyer, ordered, total, note)
    SELECT nullif(1 + n % 61, 61), timestamptz '2023-01-01 10:00+01' + n * interval '7 hours',
    n * 7919 % 500 / 4.0, '{"gift": true}' FROM generate_series(1, 500) n;
INSERT INTO lines SELECT 1 + n % 500, n / 500, date '2023-02-01' + n % 300, ARRAY['a', 'b']
    FROM generate_series(1, 1499) n;
"""


NOBODYS = {"mask": "date_truncate", "to": "year"}


@pytest.fixture(scope="module")
def databases(server: Server) -> tuple[str, str]:
    """The URLs of a shop, and of an empty one."""
    return server.database("shop", DDL), server.twin("shop_masked", "shop")


def fields(databases: tuple[str, str], **more: Any) -> dict[str, Any]:
    """A dataset file that names no foreign key: the database declares them."""
    shift = {"mask": "date_shift", "days": 40}
    same = {"mask": "token", "as": "same"}
    return {
        "version": 1,
        "source": databases[0],
        "target": databases[1],
        "entity": "customers.id",
        "tables": {
            "customers": {
                "columns": {"id": same, "name": {"mask": "pseudonym", "kind": "name"}}
                | {"tier": "keep", "joined": shift},
            },
            "orders": {
                "columns": {"id": same, "total": "keep", "note": "keep"}
                | {"ordered": [shift | {"when": "buyer IS NOT NULL"}, NOBODYS]},
            },
            "lines": {"columns": {"line": "keep", "shipped": shift, "tags": "keep"}},
        },
        "drop": ["audit_log"],
    } | more


def test_a_database_is_masked_into_another(server: Server, databases: tuple[str, str]) -> None:
    """Keys hold under their constraints, one person has one shift, and types stay."""
    record = mask_dataset(fields(databases), key=KEY)
    assert [(str(each.key), each.before == each.after) for each in record.joins] == [
        ("lines.order_id → orders.id", True),
        ("orders.buyer → customers.id", True),
    ]
    counts = "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM orders), "
    counts += "(SELECT count(*) FROM lines), (SELECT sum(total) FROM orders)"
    assert server.psql("shop", counts) == server.psql("shop_masked", counts)
    gaps = (
        "SELECT c.tier, count(*), sum(o.ordered::date - c.joined), sum(l.shipped - c.joined) "
        "FROM lines l JOIN orders o ON o.id = l.order_id JOIN customers c ON c.id = o.buyer "
        "GROUP BY 1 ORDER BY 1"
    )
    assert server.psql("shop", gaps) == server.psql("shop_masked", gaps)
    names = "SELECT count(*) FROM customers WHERE name LIKE 'Person %' OR id BETWEEN 1 AND 60"
    assert server.psql("shop_masked", names) == "0"
    assert server.psql("shop_masked", "SELECT count(*) FROM audit_log") == "0"
    assert lint_dataset(fields(databases)), "which a target that is full does not hinder"


def test_nothing_more_is_loaded_once_a_mask_failed() -> None:
    """Nor when somebody interrupts who waits for it: what was begun is taken back."""
    entered, failed, did = Event(), Event(), list[str]()

    class Slow:
        @contextmanager
        def writing(self, _: Any) -> Iterator[Any]:
            def write(name: str, _: Any) -> None:
                did.append(name)
                entered.set()
                failed.wait(10)

            yield write
            did.append("committed")

    def run() -> None:
        with loading(cast("Any", Slow()), {}) as load:
            for name in "abc":
                load(name, pl.LazyFrame())
            entered.wait(10)
            Timer(0.05, failed.set).start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert did == ["a"]


def test_the_server_counts_what_a_pass_would(databases: tuple[str, str]) -> None:
    """Rows, and nulls of every column; some rows are the same in each pass, all where few are."""
    with postgresql(databases[0]) as store:
        for name in store.tables():
            rows = store.scan(name).collect()
            nulls = rows.null_count().row(0, named=True) if rows.width else {}
            assert store.row_and_null_counts(name) == (rows.height, nulls)
        some, every = (store.sampled("orders", rows) for rows in (100, 500))
        assert some is not None
        assert every is not None
        assert some.collect().equals(some.collect())
        assert (50 < some.collect().height < 200, every.collect().height) == (True, 500)


def test_what_does_not_fit_is_refused_before_a_row_is_read(
    server: Server, databases: tuple[str, str]
) -> None:
    """A mask whose type the column has not, and a target that holds rows."""
    server.twin("narrow", "shop")
    to = server.url("narrow")
    tables = fields(databases)["tables"]
    tables["customers"]["columns"]["id"] = "token"
    with pytest.raises(UsageError, match=r"customers\.id .* cast it, choose another mask"):
        mask_dataset(fields(databases, tables=tables, target=to), key=KEY)
    tables = fields(databases)["tables"]
    tables["orders"]["columns"]["ordered"] = tables["orders"]["columns"]["ordered"][0] | {
        "when": None
    }
    with pytest.raises(DataError, match=r"orders\.ordered: 8 values are null.*rule by `when`"):
        mask_dataset(fields(databases, tables=tables, target=to), key=KEY)
    server.psql("narrow", "INSERT INTO orders (ordered) VALUES (now())")
    with pytest.raises(FileError, match="table 'orders' is not empty; nothing was written"):
        mask_dataset(fields(databases, target=to), key=KEY)
    assert server.psql("narrow", "SELECT count(*) FROM customers") == "0"


def test_a_server_that_is_not_there_is_one_line_without_the_password() -> None:
    """Whatever the driver says of it."""
    nowhere = "postgresql://someone:s3cretword@/db?host=/nowhere"
    with pytest.raises(FileError) as caught:
        mask_dataset(fields((nowhere, "out")), key=KEY)
    assert "s3cretword" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_is_inspected_without_telling_its_password(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Declared keys count as they are; the file names the database, and what is masked in it."""
    source = server.database("looked_at", DDL)
    assert main(["inspect", source, "-o", str(tmp_path / "d.yaml")]) == 0
    text = (tmp_path / "d.yaml").read_text()
    assert "s3cret" not in text + "".join(capsys.readouterr())
    fields = load_dataset(tmp_path / "d.yaml")
    assert fields.person == ("customers", "id")
    assert sorted(map(str, fields.foreign_keys)) == [
        "lines.order_id → orders.id",
        "orders.buyer → customers.id",
    ]
    assert fields.source == f"postgresql://owner@/looked_at?host={server.folder}"
    whole = yaml.safe_load(text)
    whole |= {"source": source, "target": server.twin("from_inspect", "looked_at")}
    proposed = whole["tables"]
    assert proposed["customers"]["columns"]["name"] == {"mask": "redact", "text": "-"}
    assert proposed["lines"]["columns"]["tags"] == "drop"
    whole["tables"]["orders"]["columns"]["ordered"] = NOBODYS
    record = mask_dataset(whole, key=KEY)
    assert [each.before == each.after for each in record.joins] == [True, True]


PEOPLE = """
CREATE TABLE people (id uuid PRIMARY KEY, email text NOT NULL UNIQUE, born date NOT NULL,
    passport_no bigint, phone varchar(12), address inet, mood tier NOT NULL, extra jsonb NOT NULL,
    at timestamptz CHECK (at > '1990-01-01'), seat int, EXCLUDE USING btree (seat WITH =));
INSERT INTO people SELECT md5(n::text)::uuid, 'p' || n || '@shop.example',
    date '1970-01-01' + n * 17, 10000000 + n * 977, '07' || n, '10.0.0.1', 'gold',
    '{"name": "Ann"}', timestamptz '2020-01-01' + n * interval '1 day', n
    FROM generate_series(1, 60) n;
"""


def of_people(*columns: tuple[str, Any]) -> dict[str, Any]:
    """Rules that keep what they do not name."""
    return {"people": {"batches": "accepted", "columns": dict(columns) | {"*": "keep"}}}


def test_what_constraints_refuse_of_masks_is_said_before_rows_are_read(server: Server) -> None:
    """All at once; what the rows decide is a warning; one database under two names is one."""
    source = server.database("people", DDL.split(";", maxsplit=1)[0] + ";" + PEOPLE)
    between = {"version": 1, "source": source, "target": server.twin("people_masked", "people")}
    text = {"mask": "redact", "text": "-"}
    refused = [
        *(("id", "token"), ("email", text), ("born", "redact"), ("phone", "token")),
        *(("address", "token"), ("mood", text), ("extra", "redact")),
    ]
    with pytest.raises(DataError) as caught:
        mask_dataset(between | {"tables": of_people(*refused)}, key=KEY)
    for said in (
        "people.columns.id: is uuid, and token gives other texts: take `as: same`",
        "email: is unique, and redact gives all rows one text",
        "born: is NOT NULL, and redact gives nulls: choose a mask that gives values",
        "phone: is character varying(12), and token gives 24 characters",
        "address: is inet, and token gives other texts: take another mask",
        "mood: is the enum tier, and redact gives other texts: redact a `text` that is one of",
        "extra: is NOT NULL, and redact gives nulls",
    ):
        assert said in str(caught.value)
    doubt = "the constraint {!r} may refuse what"
    doubtful = {
        "id": {"mask": "token", "as": "same"},
        "email": {"mask": "partial", "first": 1},
        "at": {"mask": "date_truncate", "to": "year"},
        "seat": {"mask": "round", "to": 1},
    }
    refused_at_the_end = pytest.raises(DataError, match="'people_email_key': keys come twice")
    with pytest.warns(PrivacyWarning) as warned, refused_at_the_end:
        mask_dataset(between | {"tables": of_people(*doubtful.items())}, key=KEY)
    assert {line for each in warned if (line := str(each.message)).startswith("people: ")} == {
        "people: key-merged: email: email is unique, and partial may give two values one",
        f"people: check-doubted: at: {doubt.format('people_at_check')} date_truncate gives",
        f"people: check-doubted: seat: {doubt.format('people_seat_excl')} round gives",
    }
    itself = between | {"target": source.replace("?host=", "?host=/tmp/../")}
    with pytest.raises(FileError, match="'people' is in the source as well: name another database"):
        mask_dataset(itself | {"tables": of_people()}, key=KEY)


def test_a_foreign_key_of_the_target_alone_is_asked_for(server: Server) -> None:
    """Masked apart, its rows would be refused when all are written."""
    ddl = "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int); INSERT INTO b VALUES (1);"
    source = server.database("apart", ddl)
    target = server.twin("apart_masked", "apart")
    server.psql("apart_masked", "ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a")
    same = {"mask": "token", "as": "same"}
    fields = {"version": 1, "source": source, "target": target}
    tables: dict[str, Any] = {"a": {"columns": {"id": same}}, "b": {"columns": {"a": same}}}
    with pytest.raises(DataError, match=r"foreign_keys: add `b\.a: a\.id`, which the target decl"):
        mask_dataset(fields | {"tables": tables}, key=KEY)
    del tables["a"]
    said = pytest.warns(PrivacyWarning, match="parent-absent: a: refers to a, which is not written")
    with said, pytest.raises(DataError, match="the parents of some rows are absent"):
        mask_dataset(fields | {"tables": tables, "drop": ["a"]}, key=KEY)


def test_each_type_is_equal_masked_or_refused(server: Server) -> None:
    """Forty and more, under four masks, into the same DDL: nothing changes in silence."""
    found = outcomes(server)
    assert {each["keep"] for each in found.values()} == {"equal"}
    assert {each.get("shift") for each in found.values()} == {"masked", None}
    assert {each["redact"] for type_, each in found.items() if "[]" not in type_} == {"null"}
    masked = {type_ for type_, each in found.items() if each["token"] == "masked"}
    assert masked == {
        *("integer", "bigint", "uuid", "text", "varchar", "varchar(30)", "char(24)"),
        *("name", "xml", "tsvector", "text[]"),
    }
    others = {each["token"] for type_, each in found.items() if type_ not in masked}
    assert others == {"refused"}
