"""Iceberg tables as a store: live rows alone are read, new tables are written."""

import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymizer import DataError, FileError, mask_dataset
from anonymizer.stores.iceberg import iceberg
from tests.datasets.shop import KEY, described_pair, shop
from tests.skipping import without

try:
    import pyiceberg.catalog
    from pyiceberg import manifest, types
    from pyiceberg.schema import Schema
    from pyiceberg.typedef import Record
    from pyiceberg.utils.config import Config
except ImportError:
    without("pyiceberg", whole=True)

SECRET = "ann@example.org"


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A catalogue called `lake` in a SQLite file, with an empty namespace `raw`."""
    monkeypatch.setenv("PYICEBERG_CATALOG__LAKE__TYPE", "sql")
    monkeypatch.setenv("PYICEBERG_CATALOG__LAKE__URI", f"sqlite:///{tmp_path}/catalogue.db")
    monkeypatch.setenv("PYICEBERG_CATALOG__LAKE__WAREHOUSE", f"file://{tmp_path}/lake")
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())  # read once, at import
    catalogue = pyiceberg.catalog.load_catalog("lake")
    catalogue.create_namespace("raw")
    return catalogue


def table(lake: Any, rows: pl.DataFrame, name: str = "raw.people") -> Any:
    """A table with these rows."""
    made = lake.create_table(name, rows.to_arrow().schema)
    made.append(rows.to_arrow())
    return made


def read(name: str = "people", namespace: str = "raw") -> pl.DataFrame:
    """The rows of a table, in the order of their first column."""
    with iceberg(f"lake/{namespace}") as store:
        return store.scan(name).collect().sort(pl.first(), nulls_last=True)


def test_live_rows_alone_are_read_by_field(lake: Any) -> None:
    """Not what was deleted; columns are found by their ids, though they are called otherwise."""
    people = table(lake, pl.DataFrame({"id": [1, 2, 3], "mail": ["a", SECRET, "c"], "old": 7}))
    with people.update_schema() as change:
        change.rename_column("mail", "contact")
        change.delete_column("old")
    with people.update_schema() as change:
        change.add_column("mail", types.StringType())  # another one, which no file has
        change.add_column("old", types.StringType())
    people.append(
        pl.DataFrame({"id": [4], "contact": ["d"], "mail": ["m"], "old": ["o"]}).to_arrow()
    )
    people.delete("id = 2")
    assert read().rows() == [(1, "a", None, None), (3, "c", None, None), (4, "d", "m", "o")]


def since(version: str | None) -> tuple[str | None, list[int] | None]:
    """The version now, and the ids of the rows that came since one."""
    with iceberg("lake/raw") as store:
        rows = store.rows_since("people", version) if version else None
        return store.version("people"), None if rows is None else rows.collect()["id"].to_list()


def test_rows_that_were_appended_since_a_snapshot_are_found(lake: Any) -> None:
    """And none are told where rows went, where old ones may show others, or on another branch."""
    people = table(lake, pl.DataFrame({"id": [1, 2], "mail": ["a", "b"]}))
    first, _ = since(None)
    assert since(first) == (first, [])
    for each in (3, 4):
        people.append(pl.DataFrame({"id": [each], "mail": ["c"]}).to_arrow())
    second, rows = since(first)
    assert sorted(rows or []) == [3, 4]
    people.delete("id = 2")
    third, rows = since(second)
    assert rows is None
    people.append(pl.DataFrame({"id": [5], "mail": ["d"]}).to_arrow())
    assert since(third)[1] == [5]
    people.manage_snapshots().rollback_to_snapshot(int(str(second).split()[1])).commit()
    assert since(third) == (second, None)
    with people.update_schema() as change:
        change.delete_column("mail")
    with people.update_schema() as change:
        change.add_column("mail", types.StringType())
    assert since(second)[1] is None


def delete_positions(people: Any, file: str, rows: list[int]) -> None:
    """Mark rows of a file as deleted, in a file of deletes beside it, as Spark and Trino do."""
    path = f"{people.location()}/data/deletes.parquet"
    ids = [{"PARQUET:field_id": "2147483546"}, {"PARQUET:field_id": "2147483545"}]
    schema = pa.schema(
        [
            pa.field("file_path", pa.string(), nullable=False, metadata=ids[0]),
            pa.field("pos", pa.int64(), nullable=False, metadata=ids[1]),
        ]
    )
    local = path.removeprefix("file://")
    marked = pa.table({"file_path": [file] * len(rows), "pos": rows}, schema=schema)
    pq.write_table(marked, local)
    deletes = manifest.DataFile.from_args(
        content=manifest.DataFileContent.POSITION_DELETES,
        file_path=path,
        file_format=manifest.FileFormat.PARQUET,
        partition=Record(),
        record_count=len(rows),
        file_size_in_bytes=Path(local).stat().st_size,
        spec_id=0,
    )

    class Deletes(manifest.ManifestWriterV2):  # type: ignore[misc]  # (its types are skipped)
        def content(self) -> Any:
            return manifest.ManifestContent.DELETES

    with people.transaction() as transaction:
        commit = transaction.update_snapshot().fast_append()
        snapshot, data = commit.snapshot_id, commit._manifests()
        added = manifest.ManifestEntry.from_args(
            status=manifest.ManifestEntryStatus.ADDED, snapshot_id=snapshot, data_file=deletes
        )
        output = commit.new_manifest_output()
        with Deletes(people.spec(), people.schema(), output, snapshot, "null") as written:
            written.add(added)
        commit._manifests = lambda: [written.to_manifest_file(), *data]
        commit.commit()


def test_deleted_positions_are_left_out(lake: Any) -> None:
    """Whichever reader of Polars takes such a table."""
    people = table(lake, pl.DataFrame({"id": [0, 1, 2, 3]}))
    people.append(pl.DataFrame({"id": [4, 5]}).to_arrow())
    files = people.inspect.files().to_pylist()
    (first,) = (each["file_path"] for each in files if each["record_count"] == 4)
    delete_positions(people, first, [1, 3])
    assert read()["id"].to_list() == [0, 2, 4, 5]
    with iceberg("lake/raw") as store:
        assert store.row_and_null_counts("people") == (4, {"id": 0})


def test_partitions_that_changed_are_columns(lake: Any) -> None:
    """Rows of all layouts are there, with their values."""
    people = table(lake, pl.DataFrame({"id": [1], "at": [date(2024, 1, 1)], "tier": ["x=/%"]}))
    with people.update_spec() as change:
        change.add_identity("tier")
    rows = pl.DataFrame({"id": [2, 3], "at": [date(2024, 2, 1)] * 2, "tier": ["a/b c", None]})
    people.append(rows.to_arrow())
    with people.update_spec() as change:
        change.remove_field("tier")
        change.add_identity("at")
    people.append(pl.DataFrame({"id": [4], "at": [date(2024, 3, 1)], "tier": ["d"]}).to_arrow())
    assert read().select("id", "tier").rows() == [(1, "x=/%"), (2, "a/b c"), (3, None), (4, "d")]


def test_the_snapshot_of_the_first_look_is_read_in_each_pass(lake: Any) -> None:
    """What others commit meanwhile is not seen."""
    people = table(lake, pl.DataFrame({"id": [1]}))
    with iceberg("lake/raw") as store:
        scan = store.scan("people")
        people.overwrite(pl.DataFrame({"id": [2]}).to_arrow())
        assert scan.collect()["id"].to_list() == [1]
        assert store.scan("people").collect()["id"].to_list() == [1]


def test_each_type_is_read(lake: Any) -> None:
    """Instants in UTC, a uuid as text, bytes of a fixed length as bytes."""
    id_ = uuid.UUID("0a1b2c3d-0000-4000-8000-0123456789ab")
    numbers = types.ListType(14, types.IntegerType())
    kinds = [
        types.UUIDType(),
        types.FixedType(2),
        types.DecimalType(38, 9),
        types.TimeType(),
        types.TimestamptzType(),
        types.MapType(11, types.StringType(), 12, types.LongType()),
        types.StructType(types.NestedField(13, "a", numbers)),
    ]
    fields = [types.NestedField(n, f"c{n}", kind) for n, kind in enumerate(kinds, 1)]
    people = lake.create_table("raw.people", Schema(*fields))
    at = datetime(2024, 7, 1, 12, tzinfo=UTC)
    row = [id_.bytes, b"ab", Decimal("1.5"), time(1, 2, 3, 4), at, [("k", 1)], {"a": [1, 2]}]
    schema = people.schema().as_arrow()
    empty = dict.fromkeys(schema.names)
    rows = [dict(zip(schema.names, row, strict=True)), empty]
    people.append(pa.Table.from_pylist(rows, schema=schema))
    found = read()
    maps = found.schema["c6"]
    assert found.row(0)[:5] == (str(id_), b"ab", Decimal("1.5"), time(1, 2, 3, 4), at)
    assert found.row(0)[6] == {"a": [1, 2]}
    assert found.dtypes[4] == pl.Datetime("us", "UTC")
    assert str(maps).startswith("Map")
    assert found.row(1)[:5] == (None,) * 5


def test_what_cannot_be_read_is_refused(lake: Any) -> None:
    """Rows deleted by value, broken metadata, a place that is none; no value is told."""
    people = table(lake, pl.DataFrame({"mail": [SECRET]}))
    with pytest.raises(FileError, match="name a catalogue and a namespace"), iceberg("lake"):
        pass
    with pytest.raises(FileError, match=r"opening the catalogue .*failed"), iceberg("absent/raw"):
        pass
    metadata = Path(people.metadata_location.removeprefix("file://"))
    text = metadata.read_text()
    metadata.write_text(text.replace('equality-deletes":"0', 'equality-deletes":"1'))
    with pytest.raises(FileError, match="'people' has rows that are deleted by their values"):
        read()
    metadata.write_text(f'{{"a": "{SECRET}"')
    with pytest.raises(FileError, match="'people': reading the metadata failed") as caught:
        read()
    assert SECRET not in str(caught.value)


NESTED = pl.Struct({"a": pl.List(pl.Struct({"b": pl.Binary}))})
UTC_ = pl.Datetime("us", "UTC")
WRITTEN: list[tuple[pl.Series, Any]] = [  # values with their type, and the type that holds them
    (pl.Series([255], dtype=pl.UInt8), pl.Int32),
    (pl.Series([-5], dtype=pl.Int16), pl.Int32),
    (pl.Series([2**64 - 1], dtype=pl.UInt64), pl.Decimal(20, 0)),
    (pl.Series(["a", None], dtype=pl.Enum(["a", SECRET])), pl.String),
    (pl.Series([None]), pl.String),
    (pl.Series([[1, 2]], dtype=pl.Array(pl.UInt8, 2)), pl.List(pl.Int32)),
    (pl.Series([{"a": [{"b": b"\0"}]}, None]), NESTED),
    (pl.Series(["1.25"]).cast(pl.Decimal(38, 2)), pl.Decimal(38, 2)),
    (pl.Series([datetime(2020, 7, 1)]).dt.replace_time_zone("Europe/Berlin"), UTC_),
    (pl.Series([datetime(2020, 7, 1)]).dt.cast_time_unit("ns"), pl.Datetime("us")),
    (pl.Series([time(1, 2, 3, 4), None]), pl.Time),
    (pl.Series([-0.0, None]), pl.Float64),
    (pl.Series([], dtype=pl.String), pl.String),
]  # fmt: skip


def test_what_is_written_is_read_back(lake: Any, tmp_path: Path) -> None:
    """In the narrowest type of Iceberg that loses nothing; the catalogue hears of it at the end."""
    tables = {f"t{at}": pl.LazyFrame({"a b.": each}) for at, (each, _) in enumerate(WRITTEN)}
    schemas = {name: each.collect_schema() for name, each in tables.items()}
    with iceberg("lake/out") as store, store.writing(schemas) as write:
        counts = [write(name, each) for name, each in tables.items()]
        assert lake.list_tables("out") == []
    assert counts == [len(each) for each, _ in WRITTEN]
    with iceberg("lake/out") as store:
        assert sorted(store.tables()) == sorted(tables)
        for number, (values, dtype) in enumerate(WRITTEN):
            back = store.scan(f"t{number}").collect()["a b."]
            assert back.dtype == dtype
            assert back.to_list() == values.cast(dtype).to_list()
    other = lake.load_table("out.t0").scan().to_arrow()  # by the ids, as other engines read it
    assert other.to_pydict() == {"a b.": [255]}
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert SECRET.encode() not in b"".join(file.read_bytes() for file in files)


def test_what_iceberg_cannot_hold_is_refused_before_a_row(lake: Any, tmp_path: Path) -> None:
    """All faults at once, times that would be cut, a table that is there, and files of a former."""
    table(lake, pl.DataFrame({"id": [1]}))
    schema = pl.Schema({"long": pl.Duration("us"), "Id": pl.Int8(), "id": pl.List(pl.Time)})
    with iceberg("lake/raw") as store:
        match = r"t\.long is Duration.*; t\.id is List\(Time\).*; t\.id differs .* by case"
        with pytest.raises(DataError, match=match), store.writing({"t": schema}):
            pass
        with (
            pytest.raises(FileError, match="'people' is there, and its history may hold raw rows"),
            store.writing({"people": pl.Schema({"a": pl.Int8})}),
        ):
            pass
        fine = pl.LazyFrame({"a": pl.Series([1], dtype=pl.Int64).cast(pl.Time)})
        with pytest.raises(DataError, match="'t', column 'a' has times finer"):
            _write(store, {"t": fine})
        lake.drop_table("raw.people")
        with pytest.raises(FileError, match=r"'people': .*raw/people holds files, maybe raw ones"):
            _write(store, {"people": pl.LazyFrame({"id": [1]})})
    assert any((tmp_path / "lake/raw/people/data").iterdir())


def _write(store: Any, tables: dict[str, pl.LazyFrame]) -> None:
    with store.writing({name: each.collect_schema() for name, each in tables.items()}) as write:
        for name, each in tables.items():
            write(name, each)


def test_a_failure_leaves_no_table(lake: Any, tmp_path: Path) -> None:
    """Neither rows, nor what the catalogue took before, nor a value in the message."""
    good, bad = (
        pl.LazyFrame({"a": [1]}),
        pl.LazyFrame({"a": [SECRET]}).select(pl.col("a").cast(pl.Int64)),
    )
    with iceberg("lake/out") as store:
        with pytest.raises(FileError, match="'bad': writing failed") as caught:
            _write(store, {"good": good, "bad": bad})
        assert SECRET not in str(caught.value)
        with pytest.raises(FileError, match="'later': committing failed"):  # noqa: SIM117, PT012
            with store.writing(dict.fromkeys(("good", "later"), good.collect_schema())) as write:
                write("good", good)
                write("later", good)
                other = lake.create_table("out.later", good.collect().to_arrow().schema)
    assert lake.list_tables("out") == [("out", "later")]
    assert [each.name for each in (tmp_path / "lake/out").iterdir()] == ["later"]
    assert lake.load_table("out.later").metadata.table_uuid == other.metadata.table_uuid


@pytest.mark.filterwarnings("ignore::anonymizer.PrivacyWarning")
def test_iceberg_is_masked_into_iceberg(lake: Any, tmp_path: Path) -> None:
    """Tables with their joins, and no raw value in a file, a manifest or the catalogue."""
    frames = {name: shop()[name] for name in ("customers", "orders")}
    for name, frame in frames.items():
        table(lake, frame, f"raw.{name}")
    fields = described_pair(source="iceberg:lake/raw", target="iceberg:lake/masked")
    record = mask_dataset(fields, key=KEY)
    assert all(each.before == each.after for each in record.joins)
    with iceberg("lake/masked") as store:
        assert store.scan("orders").select(pl.len()).collect().item() == len(frames["orders"])
    for file in (tmp_path / "lake/raw/orders/data").iterdir():
        file.unlink()
    with pytest.raises(FileError, match="raw: 'orders': masking failed: a file of it is gone"):
        mask_dataset(fields | {"target": "iceberg:lake/next"}, key=KEY)
    bounds = lake.load_table("masked.customers").inspect.files()["upper_bounds"].to_pylist()
    files = [file for file in (tmp_path / "lake/masked").rglob("*") if file.is_file()]
    assert b"Person " not in b"".join(
        [*(file.read_bytes() for file in files), *dict(bounds[0]).values()]
    )
    with pytest.raises(FileError, match="is there, and its history"):
        mask_dataset(fields, key=KEY)
