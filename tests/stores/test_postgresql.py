"""PostgreSQL as a store, against a server: what is read, what is written, what is refused."""

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer.errors import AnonymizerError, DataError, FileError, MissingExtraError
from anonymizer.stores.postgresql import reading
from anonymizer.stores.postgresql.store import PostgreSQL, postgresql
from anonymizer.stores.table import ForeignKey
from tests.pages import blocks
from tests.stores.server import PASSWORD, WITHIN_URL, Server

# A column of each type: its DDL, and values as SQL, of which the server thinks the hardest.
TYPES = r'''
smallint|-32768|32767
integer|-2147483648|2147483647
bigint|-9223372036854775808|9223372036854775807
numeric(12,2)|-9999999999.99|0.05
numeric(38,0)|99999999999999999999999999999999999999|-1
numeric(38,38)|0.00000000000000000000000000000000000001|-0.9
numeric|'NaN'|123456789012345678901234567890123456789012345678901234567890.5
numeric(50,10)|0.0000000001|1234567890123456789012345678901234567890
numeric(3,-2)|12300|-100
real|'NaN'|0.1
double precision|'-Infinity'|0.1
money|-0.05|1234567.89
boolean|true|false
text|E'a,b\n"c"\\t\t'';'|''
varchar|'\.'|'NULL'
varchar(5)|'ümläu'|' 5   '
char(5)|'ab'|''
"char"|'x'|''
name|'pg_catalog'|'x'
bytea|'\x00ff5c2c22'|''
date|'0001-01-01'|'9999-12-31'
time|'23:59:59.999999'|'00:00'
time(0)|'12:34:56'|'00:00'
timetz|'24:00:00+05:30'|'01:02:03.5-08'
timestamp|'0001-01-01 00:00:00'|'9999-12-31 23:59:59.999999'
timestamp(0)|'1969-12-31 23:59:59'|'2024-02-29 12:00:00'
timestamptz|'2024-03-31 02:30:00.000001+02'|'9999-12-31 23:59:59.999999+00'
interval|'1 mon -1 day 02:03:04.000005'|'-178000000 years'
uuid|'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'|'00000000-0000-0000-0000-000000000000'
json|'{"b":1.0,  "a":[null],"b":2}'|'null'
jsonb|'{"b":1.0, "a":"\u00e9\""}'|'"x"'
xml|'<a b="1">c</a>'|'two <b/>'
inet|'::1/64'|'192.168.0.1'
cidr|'10.0.0.0/8'|'::/0'
macaddr|'08:00:2b:01:02:03'|'00:00:00:00:00:00'
macaddr8|'08:00:2b:01:02:03:04:05'|'00:00:00:00:00:00:00:00'
bit(3)|B'101'|B'000'
varbit|B''|B'1'
tsvector|$$'a b':1A,3 'it''s':2$$|''
tsquery|$$'a' & !'b':*$$|''
point|'(0.1,-2)'|'(1e300,0)'
polygon|'((0,0),(1,1),(2,0))'|'((0,0))'
int4range|'[1,5)'|'empty'
tstzrange|'[2020-01-01 00:00+00,infinity)'|'(,)'
int4multirange|'{[1,3),[5,6)}'|'{}'
oid|4294967295|0
regclass|'pg_class'|'pg_type'
pg_lsn|'16/B374D848'|'0/0'
mood|'so so'|'b"\ad'
plain|$$(1,"a, ""b""",)$$|'(,,"{}")'
short|'ab'|''
amount|1.25|-0.5
integer[]|'{1,NULL,-3}'|'{}'
numeric(5,2)[]|'{1.25,NULL}'|'{}'
text[]|$${"NULL",NULL,"","a\"b\\","{c,d}"}$$|'{}'
timestamptz[]|'{"2020-01-01 12:00:00.000001+02",NULL}'|'{}'
date[]|'{2020-02-29}'|'{0001-01-01,9999-12-31}'
time[]|'{23:59:59.999999}'|'{}'
boolean[]|'{t,f,NULL}'|'{}'
float8[]|'{0.1,NaN,-Infinity}'|'{}'
bytea[]|$${"\\x00ff",NULL}$$|'{}'
uuid[]|'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'|'{}'
jsonb[]|$${"{\"a\": [1, \"x\"]}",NULL}$$|'{}'
interval[]|'{"1 day",-00:00:01}'|'{}'
mood[]|'{"so so"}'|'{}'
amount[]|'{1.50}'|'{}'
money[]|'{1.5}'|'{}'
codes|'{1,2}'|'{}'
codes[]|$${"{1,2}","{3}"}$$|'{}'
'''
COLUMNS = [line.split("|") for line in TYPES.strip().splitlines()]
DOMAINS = """
CREATE TYPE mood AS ENUM ('so so', 'b"\\ad');
CREATE TYPE plain AS (a int, b text, c int[]);
CREATE DOMAIN short AS varchar(3) CHECK (length(VALUE) < 3);
CREATE DOMAIN half AS numeric(4,2);
CREATE DOMAIN amount AS half CHECK (VALUE > -1);
CREATE DOMAIN codes AS int[];
"""


@pytest.fixture(name="opened")
def opened_stores() -> Iterator[Any]:
    """Opens a store at a URL until the test ends."""
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(postgresql(url))


def copy(source: PostgreSQL, target: PostgreSQL, *names: str) -> list[int]:
    """All rows of tables, as they are."""
    tables = source.tables()
    with target.writing({name: tables[name].schema for name in names}) as write:
        return [write(name, source.scan(name)) for name in names]


def written(target: PostgreSQL, **frames: pl.DataFrame | pl.LazyFrame) -> list[int]:
    """How many rows were written, for each frame."""
    lazy = {name: frame.lazy() for name, frame in frames.items()}
    with target.writing({name: f.collect_schema() for name, f in lazy.items()}) as write:
        return [write(name, frame) for name, frame in lazy.items()]


def refusal(target: PostgreSQL, **frames: pl.DataFrame) -> str:
    """What is said when frames are written."""
    with pytest.raises(AnonymizerError) as refused:
        written(target, **frames)
    said = str(refused.value)
    assert "\n" not in said
    assert "Ann Lee" not in said
    return said


def test_each_type_comes_back_as_it_was(server: Server, opened: Any) -> None:
    """The server itself finds no difference, in any of its types, with edges and nulls."""
    columns = ", ".join(f"c{i} {kind}" for i, (kind, *_) in enumerate(COLUMNS))
    rows = [", ".join(row[at] for row in COLUMNS) for at in (1, 2)]
    ddl = f"{DOMAINS} CREATE SCHEMA raw; CREATE TABLE raw.t (n int, {columns});"
    ddl += f"CREATE SCHEMA masked; CREATE TABLE masked.t (n int, {columns});"
    ddl += f"INSERT INTO raw.t VALUES (1, {rows[0]}), (2, {rows[1]}); INSERT INTO raw.t VALUES (3);"
    url = server.database("types", ddl)
    raw, masked = opened(f"{url}&schema=raw"), opened(f"{url}&schema=masked")
    assert copy(raw, masked, "t") == [3]
    differ = " || ".join(
        f"CASE WHEN r.c{i}::text IS DISTINCT FROM m.c{i}::text THEN ' c{i}' ELSE '' END"
        for i in range(len(COLUMNS))
    )
    found = server.psql("types", f"SELECT {differ} FROM raw.t r JOIN masked.t m USING (n)")
    assert found == ""
    assert raw.scan("t").collect().null_count().row(0)[1:] == (1,) * len(COLUMNS)


def test_frames_hold_what_can_be_masked(server: Server, opened: Any) -> None:
    """Numbers, days and instants as such; what frames have no type for as text."""
    ddl = """CREATE TABLE t (a numeric(12,2), b numeric, c money, d timestamptz, e time, f uuid,
        g jsonb, h inet, i interval, j bytea, k numeric(5,2)[], l varchar(9)); INSERT INTO t VALUES
        (1.5, 1.50, 12.5, '2024-07-01 02:00+02', '01:02', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
         '{"a":1}', '10.0.0.1', '90 min', 'x', '{1.5}', 'y')"""
    frame = opened(server.database("kinds", ddl)).scan("t").collect()
    assert frame.schema == pl.Schema(
        {
            "a": pl.Decimal(12, 2), "b": pl.String(), "c": pl.Decimal(19, 2),
            "d": pl.Datetime("us", "UTC"), "e": pl.Time(), "f": pl.String(), "g": pl.String(),
            "h": pl.String(), "i": pl.String(), "j": pl.Binary(), "k": pl.List(pl.Decimal(5, 2)),
            "l": pl.String(),
        }
    )  # fmt: skip
    told = frame.with_columns(pl.col("a", "c", "d").cast(pl.String)).row(0)
    assert told[:4] == ("1.50", "1.50", "12.50", "2024-07-01 00:00:00.000000+00:00")
    assert told[4:9] == (
        time(1, 2), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", '{"a": 1}', "10.0.0.1", "01:30:00"
    )  # fmt: skip


KEYS = """
CREATE TABLE regions (id serial PRIMARY KEY, town int,
    code char(2) NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE towns (id int PRIMARY KEY, region int NOT NULL REFERENCES regions);
ALTER TABLE regions ADD CONSTRAINT capital FOREIGN KEY (town) REFERENCES towns;
COMMENT ON CONSTRAINT capital ON regions IS 'it''s one';
CREATE TABLE people (
    id bigint GENERATED ALWAYS AS IDENTITY (START 7) PRIMARY KEY, boss bigint,
    name text NOT NULL, half numeric GENERATED ALWAYS AS (id / 2.0) STORED,
    CONSTRAINT paid CHECK (id > 0 AND name <> ''),
    CONSTRAINT boss FOREIGN KEY (boss) REFERENCES people DEFERRABLE INITIALLY DEFERRED);
CREATE UNIQUE INDEX named ON people (name, boss);
CREATE UNIQUE INDEX partly ON people (boss) WHERE boss > 5;
CREATE TABLE visits (who bigint, no int, day date, PRIMARY KEY (who, no, day),
    FOREIGN KEY (who) REFERENCES people) PARTITION BY RANGE (day);
CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE notes (number int, guest bigint, "on" date, "a ""b%s{0}" text,
    FOREIGN KEY (guest, number, "on") REFERENCES visits (who, no, day));
CREATE VIEW names AS SELECT id, name FROM people;
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN NEW.name := upper(NEW.name); RETURN NEW; END$$;
"""
ROWS = """
INSERT INTO regions (code) VALUES ('NV'), ('MA'); INSERT INTO towns VALUES (10, 1), (20, 2);
UPDATE regions SET town = id * 10;
INSERT INTO people (name) VALUES ('Ann Lee'), ('Bo'); UPDATE people SET boss = 15 - id;
INSERT INTO visits VALUES (7, 1, '2024-05-01'), (8, 1, '2024-06-01');
INSERT INTO notes VALUES (1, 7, '2024-05-01', 'x'), (NULL, 8, NULL, NULL);
CREATE TRIGGER late BEFORE INSERT ON visits_2024 FOR EACH ROW EXECUTE FUNCTION shout();
CREATE TRIGGER loud BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION shout();
ALTER TABLE people ENABLE ALWAYS TRIGGER loud;
"""


def test_tables_say_what_is_declared(server: Server, opened: Any) -> None:
    """Keys of several columns, to itself and in a circle; partitions are their parent."""
    tables = opened(server.database("declared", KEYS)).tables()
    assert list(tables) == ["notes", "people", "regions", "towns", "visits"]
    people = tables["people"]
    assert people.primary_key == ("id",)
    assert people.unique == (("name", "boss"),)
    assert people.foreign_keys == (ForeignKey("people", ("boss",), "people", ("id",)),)
    assert people.not_null == {"id", "name"}
    assert people.generated == {"half"}
    assert people.identities == {"id"}
    assert people.checks == {"paid": ("id", "name")}
    assert people.declared["id"] == "bigint"
    assert tables["regions"].identities == {"id"}
    assert tables["visits"].primary_key == ("who", "no", "day")
    assert tables["notes"].foreign_keys == (
        ForeignKey("notes", ("guest", "number", "on"), "visits", ("who", "no", "day")),
    )


def test_schemas_and_views_are_chosen(server: Server, opened: Any) -> None:
    """Of one schema tables have their bare names; what is outside has its full one."""
    url = server.database("chosen", KEYS)
    more = "CREATE SCHEMA s; CREATE TABLE s.t (p bigint REFERENCES people); INSERT INTO s.t"
    server.psql("chosen", f"{more} VALUES (NULL)")
    only = opened(f"{url}&schema=s").tables()
    assert [(key.parent) for key in only["t"].foreign_keys] == ["public.people"]
    both = opened(f"{url}&schema=s&schema=public&view=names")
    assert {"s.t", "public.people", "public.names"} < set(both.tables())
    assert both.tables()["s.t"].foreign_keys[0].parent == "public.people"
    assert both.scan("s.t").collect().rows() == [(None,)]
    with pytest.raises(FileError, match="there is no schema 'nowhere'"):
        opened(f"{url}&schema=nowhere")
    with pytest.raises(FileError, match="there is no table 'names'"):
        opened(url).scan("names")


def test_all_that_is_read_is_of_one_moment(server: Server, opened: Any) -> None:
    """What others commit meanwhile is not seen, in no table and no pass."""
    store = opened(
        server.database("moment", "CREATE TABLE a AS SELECT 1 AS x; CREATE TABLE b AS TABLE a")
    )
    scans = [store.scan(name) for name in "ab"]
    first = scans[0].collect()
    server.psql("moment", "INSERT INTO a VALUES (2); DELETE FROM b")
    assert [len(scan.collect()) for scan in (*scans, scans[0])] == [1, 1, 1]
    assert scans[0].collect().equals(first)


def test_a_closed_store_is_not_read(server: Server) -> None:
    """Not as of another moment."""
    with postgresql(server.database("closed", "CREATE TABLE t (x int)")) as store:
        lazy = store.scan("t")
    with pytest.raises(FileError, match="its snapshot has ended: read while the store is open"):
        lazy.collect()


def test_only_what_is_needed_is_asked_for(server: Server, opened: Any) -> None:
    """Columns without a right to them, or with a value that no frame holds, do no harm."""
    url = server.database(
        "needed",
        "CREATE TABLE t AS SELECT i, date 'infinity' AS d, i AS x FROM generate_series(1, 9) i;"
        "CREATE ROLE reader LOGIN PASSWORD 'easy'; GRANT SELECT (i, d) ON t TO reader",
    )
    store = opened(url.replace(f"owner:{WITHIN_URL}", "reader:easy"))
    lazy = store.scan("t")
    assert lazy.select("i").filter(pl.col("i") > 3).head(2).collect()["i"].to_list() == [4, 5]
    assert lazy.select(pl.len()).collect().item() == 9
    with pytest.raises(FileError, match="reading 't' failed: permission denied"):
        lazy.collect()
    with pytest.raises(DataError, match="column 'd': holds infinity or a year outside"):
        lazy.select("d").collect()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", "'-infinity'"),
        ("date", "'0044-03-15 BC'"),
        ("timestamp", "'infinity'"),
        ("timestamptz", "'10000-01-01 00:00+00'"),
        ("time", "'24:00'"),
        ("numeric(5,2)", "'NaN'"),
        ("int[]", "'{{1,2},{3,4}}'"),
        ("int[]", "'[0:1]={1,2}'"),
        ("date[]", "'{infinity}'"),
    ],
)
def test_what_no_frame_holds_is_refused(server: Server, opened: Any, kind: str, value: str) -> None:
    """With the column, and never as another value."""
    server.psql(
        "postgres", f"DROP TABLE IF EXISTS odd; CREATE TABLE odd AS SELECT {value}::{kind} AS x"
    )
    with pytest.raises(DataError, match=r"table 'odd', column 'x': holds .*: drop the column"):
        opened(server.url("postgres")).scan("odd").collect()


def test_tables_that_need_each_other_are_written(server: Server, opened: Any) -> None:
    """In any order; triggers do not fire, keys and triggers are there afterwards, numbers go on."""
    raw = opened(server.database("together", KEYS + ROWS))
    target = opened(server.twin("together2", "together"))
    assert copy(raw, target, "notes", "visits", "people", "towns", "regions") == [2] * 5
    server.psql("together2", "INSERT INTO regions (code) VALUES ('TX')")
    asked = "SELECT string_agg(p::text, ' ' ORDER BY id) FROM people p"
    assert (
        server.psql("together2", asked)
        == '(7,8,"Ann Lee",3.5000000000000000) (8,7,Bo,4.0000000000000000)'
    )
    insert = "INSERT INTO people (name) VALUES ('cy') RETURNING id, name"
    assert server.psql("together2", insert) == "9|CY"
    assert server.psql("together2", "SELECT max(id) FROM regions") == "3"
    asked = """SELECT string_agg(conname || pg_get_constraintdef(oid)
        || coalesce(obj_description(oid, 'pg_constraint'), ''), ';' ORDER BY conname, conrelid)
        FROM pg_constraint; SELECT tgenabled FROM pg_trigger WHERE tgname = 'loud'"""
    assert server.psql("together2", asked) == server.psql("together", asked)


PEOPLE = pl.DataFrame({"id": [1, 2], "name": ["Ann Lee", "Bo"], "boss": [None, 1]})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"boss": 3},
            "keys, table 'people', constraint 'boss': the parents of some rows are absent",
        ),
        ({"id": 1}, "writing 'people', constraint 'people_pkey': keys come twice"),
        ({"id": -pl.col("id")}, "writing 'people', constraint 'paid': the check refuses"),
        ({"name": None}, "writing 'people', column 'name': there are nulls"),
        ({"name": pl.col("name") + "\0"}, "writing 'people': text holds the character 0"),
        ({"boss": pl.lit("Ann Lee")}, "people.boss is bigint, and the rows have String"),
        ({"boss": 1.5}, "column 'boss': is bigint, and has values that would be others"),
        ({"boss": pl.lit(2**63, dtype=pl.UInt64)}, "column 'boss': is bigint, and has values"),
        ({"more": 1}, "people.more is no column there"),
    ],
)
def test_rows_that_do_not_fit_leave_nothing(
    server: Server, opened: Any, change: dict[str, Any], said: str
) -> None:
    """One line with table, constraint or column, without a row; the tables stay empty."""
    if server.psql("postgres", "SELECT 1 FROM pg_database WHERE datname = 'unfit'") == "":
        server.database("unfit", KEYS)
    frame = PEOPLE.with_columns(**change)
    assert said in refusal(opened(server.url("unfit")), towns=TOWNS, regions=REGIONS, people=frame)
    rows = "SELECT (SELECT count(*) FROM people) + (SELECT count(*) FROM towns)"
    assert server.psql("unfit", rows) == "0"


TOWNS = pl.DataFrame({"id": [10], "region": [1]})
REGIONS = pl.DataFrame({"id": [1], "code": ["NV"], "town": [10]})


@pytest.mark.parametrize(
    ("kind", "value", "arrives"),
    [
        ("bigint", 1.0, "1"),
        ("bigint", 1.5, None),
        ("smallint", 32768, None),
        ("text", 4711, "4711"),
        ("int", "4711", None),
        ("int", True, None),
        ("numeric(5,1)", 1.25, None),
        ("numeric(5,1)", 1.5, "1.5"),
        ("numeric", 7, "7"),
        ("numeric", "1.50", "1.50"),
        ("real", 0.1, None),
        ("varchar(3)", "abc ", None),
        ("char(3)", "a", "a"),
        ('"char"', "ab", None),
        ("name", "ä" * 32, None),
        ("oid", -1, None),
        ("timestamp(0)", datetime(2024, 1, 1, 0, 0, 0, 1), None),
        ("timestamp(0)", datetime(2024, 1, 1), "2024-01-01 00:00:00"),
        ("time(1)", time(1, 2, 3, 50_000), None),
        ("timestamptz", datetime(2024, 1, 1), None),
        ("date", datetime(2024, 1, 1), "2024-01-01"),
        ("date", datetime(2024, 1, 1, 1), None),
        ("date", "2024-01-01", None),
        ("text", date(2024, 1, 1), None),
        ("uuid", "no uuid", None),
        ("mood", "no mood", None),
        ("jsonb", "{", None),
        ("text[]", ["a", None], "{a,NULL}"),
        ("text[]", "a", None),
        ("varchar(1)[]", ["a "], None),
        ("int[]", [1.5], None),
        ("text", ["a"], None),
    ],
)
def test_a_value_arrives_or_is_refused(
    server: Server, opened: Any, kind: str, value: object, arrives: str | None
) -> None:
    """No value is another one in the column that it was written into."""
    ddl = "DROP TABLE IF EXISTS one; DROP TYPE IF EXISTS mood; CREATE TYPE mood AS ENUM ('ok');"
    server.psql("postgres", f"{ddl} CREATE TABLE one (x {kind})")
    store, frame = opened(server.url("postgres")), pl.DataFrame({"x": [value]}, strict=False)
    if arrives is None:
        assert re.search(r"one\.x is|column 'x'", refusal(store, one=frame))
    else:
        assert written(store, one=frame) == [1]
    assert server.psql("postgres", "SELECT x FROM one") == (arrives or "")


def test_indexes_come_back_as_they_were(server: Server, opened: Any) -> None:
    """With their names, options and comments; what hangs on one keeps it where it is."""
    source = server.database(
        "indexed",
        """CREATE TABLE t (id int PRIMARY KEY, a int, b text, EXCLUDE USING btree (a WITH =),
            UNIQUE (b, a) DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE u (id int PRIMARY KEY WITH (fillfactor = 70), t int REFERENCES t);
        CREATE TABLE log (t int);
        CREATE INDEX by_lower ON t (lower(b) text_pattern_ops DESC) INCLUDE (a) WHERE a > 0;
        CREATE INDEX told ON u USING hash (t); CREATE UNIQUE INDEX "Odd name" ON u (t, id);
        COMMENT ON INDEX told IS 'it''s'; COMMENT ON CONSTRAINT t_pkey ON t IS 'key';
        CREATE INDEX clustered ON u (t); CLUSTER u USING clustered;
        ALTER TABLE log ADD UNIQUE (t); ALTER TABLE log ALTER t SET NOT NULL;
        ALTER TABLE log REPLICA IDENTITY USING INDEX log_t_key;
        CREATE VIEW v AS SELECT t.id, t.b, count(*) FROM t JOIN u ON u.t = t.id GROUP BY t.id;
        INSERT INTO t SELECT n, n, n FROM generate_series(1, 9) n; INSERT INTO u VALUES (1, 1);
        INSERT INTO log VALUES (4);""",
    )
    target = server.twin("indexed_copy", "indexed")
    before = server.dumped("indexed_copy")
    assert copy(opened(source), opened(target), "t", "u", "log") == [9, 1, 1]
    assert server.dumped("indexed_copy") == before


def test_a_target_is_there_and_empty(server: Server, opened: Any) -> None:
    """What is missing or full is named together with the command, before anything is read."""
    store = opened(
        server.database("target", "CREATE TABLE a (x int NOT NULL); CREATE TABLE b (x int)")
    )
    frame = pl.DataFrame({"x": [1]})
    said = "tables 'c', 'd' are missing; nothing was written: create what is there with `pg_dump"
    assert said in refusal(store, a=frame, c=frame, d=frame)
    assert "a.x needs a value (NOT NULL)" in refusal(store, a=pl.DataFrame({"y": [1]}))
    server.psql("target", "INSERT INTO b VALUES (1)")
    assert "table 'b' is not empty; nothing was written" in refusal(store, a=frame, b=frame)


def test_what_fails_while_it_is_masked_leaves_nothing(server: Server, opened: Any) -> None:
    """An error of the frame comes out as it is, and the tables stay empty."""
    server.database("fails", "CREATE TABLE a (x int); CREATE TABLE b (x int)")

    def fail(_: pl.DataFrame) -> pl.DataFrame:
        raise FileError("the file broke")

    bad = pl.LazyFrame({"x": [1]}).map_batches(fail)
    with pytest.raises(Exception, match="the file broke"):
        written(opened(server.url("fails")), a=pl.LazyFrame({"x": [1]}), b=bad)
    assert server.psql("fails", "SELECT count(*) FROM a") == "0"


def test_a_pass_that_an_error_cuts_off_ends(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once its store is closed no session of it is left, though Polars lets go of it open."""
    monkeypatch.setattr(reading, "_BLOCK", 2**12)
    url = server.database("cut", "CREATE TABLE t AS SELECT generate_series(1, 100000) AS x")
    with postgresql(url) as store, pytest.raises(ZeroDivisionError):
        store.scan("t").sink_batches(lambda _: bool(1 // 0), chunk_size=1)
    server.psql("postgres", "DROP DATABASE cut")  # refused where somebody is in it


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("{good}&nonsense=1", "an option of the URL is unknown to libpq"),
        ("postgresql://owner:wrong-Secret9@/postgres?host={folder}", "the server refuses user"),
        ("postgresql://owner:wrong-Secret9@/nix?host={folder}", "the server refuses user"),
        ("postgresql://owner:wrong-Secret9@127.0.0.1:1/x", "cannot be reached: check host"),
        ("postgresql://owner:wrong-Secret9/part@127.0.0.1/x", "expected postgresql://user@host"),
        ("postgresql://owner:wrong-Secret9#part@127.0.0.1/x", "expected postgresql://user@host"),
        ("mysql://owner:wrong-Secret9@127.0.0.1/x", "expected postgresql://user@host"),
        ("postgresql://owner:[wrong-Secret9@127.0.0.1/x", "expected postgresql://user@host"),
    ],
)
def test_no_password_is_told(server: Server, url: str, said: str) -> None:
    """Nor the URL with it; the line says what to look at."""
    asked = url.format(good=server.url("postgres"), folder=server.folder)
    with pytest.raises(FileError) as refused, postgresql(asked):
        pass
    assert said in str(refused.value)
    assert not re.search("Secret9|s3cret|\n", str(refused.value))


def test_a_missing_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match="PostgreSQL needs an extra"):
        postgresql("postgresql:///x").__enter__()


def test_a_store_shows_no_password(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may come from the environment; neither it nor the options are in what is shown."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    for url in (server.url("postgres"), server.url("postgres").replace(f":{WITHIN_URL}", "")):
        with postgresql(url) as store:
            assert store.place == "postgresql://owner@/postgres"
            assert not re.search("s3cret|host=", repr(store))


def test_the_page_can_be_followed(server: Server) -> None:
    """Its Python fills the masked database from the raw one."""
    ddl = "CREATE TABLE customers (id int PRIMARY KEY); CREATE TABLE orders (id int, buyer int)"
    raw = server.database("followed", f"{ddl}; INSERT INTO orders VALUES (1, 7), (2, 7)")
    masked = server.twin("followed_masked", "followed")
    page = (Path(__file__).parents[2] / "docs" / "stores.md").read_text("utf-8")
    ((_py, code),) = blocks(page, "py")
    told = {"postgresql://etl@db/shop": raw, "postgresql://etl@db/masked": masked}
    for url, real in told.items():
        assert url in code
        code = code.replace(url, real)
    exec(code, {})
    assert server.psql("followed_masked", "SELECT count(*) FROM orders") == "2"
