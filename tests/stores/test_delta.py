"""Delta tables as a store, with the library: live rows alone are read, new tables are written."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer import DataError, FileError, mask_dataset
from anonymizer.frames import from_blocks
from anonymizer.stores.delta import delta
from tests.datasets.shop import KEY, described_pair, shop
from tests.skipping import without

try:
    import deltalake
except ImportError:
    without("deltalake", whole=True)

FIRST = "_delta_log/00000000000000000000.json"
SECRET = "ann@example.org"

# Rows 1 and 3 of a file, as Delta spells them: a roaring bitmap in base 85.
ROWS_1_AND_3 = "^Bg9^0rr910000000000iXQKl0rr91000315c8Xg0rri4"


def read(folder: Path, table: str) -> pl.DataFrame:
    """The rows of a table, in the order of their first column."""
    with delta(str(folder)) as store:
        return store.scan(table).collect().sort(pl.first(), nulls_last=True)


def actions(table: Path, file: str = FIRST) -> list[dict[str, Any]]:
    """What a commit says."""
    return [json.loads(line) for line in (table / file).read_text().splitlines()]


def commit(table: Path, said: list[dict[str, Any]], file: str = FIRST) -> None:
    """Write a commit."""
    (table / file).write_text("".join(f"{json.dumps(each)}\n" for each in said))


def test_live_rows_alone_are_read(tmp_path: Path) -> None:
    """Not what was deleted; a column that came later is null in older files."""
    table = tmp_path / "people"
    deltalake.write_deltalake(table, pl.DataFrame({"id": [1, 2, 3]}))
    more = pl.DataFrame({"id": [4], "tier": ["gold"]})
    deltalake.write_deltalake(table, more, mode="append", schema_mode="merge")
    deltalake.DeltaTable(table).delete("id = 2")
    assert read(tmp_path, "people").rows() == [(1, None), (3, None), (4, "gold")]


def test_the_version_of_the_first_look_is_read_in_each_pass(tmp_path: Path) -> None:
    """What others commit meanwhile is not seen."""
    deltalake.write_deltalake(tmp_path / "people", pl.DataFrame({"id": [1]}))
    with delta(str(tmp_path)) as store:
        scan = store.scan("people")
        deltalake.write_deltalake(tmp_path / "people", pl.DataFrame({"id": [2]}), mode="overwrite")
        assert scan.collect()["id"].to_list() == [1]
        assert store.scan("people").collect()["id"].to_list() == [1]


def test_deletion_vectors_are_applied(tmp_path: Path) -> None:
    """As Spark writes them in place of new files."""
    table = tmp_path / "people"
    deltalake.write_deltalake(table, pl.DataFrame({"id": [0, 1, 2, 3, 4]}))
    (added,) = (each["add"] for each in actions(table) if "add" in each)
    rows = {"storageType": "i", "pathOrInlineDv": ROWS_1_AND_3, "sizeInBytes": 36, "cardinality": 2}
    feature = ["deletionVectors"]
    commit(
        table,
        [
            {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7}
             | {"readerFeatures": feature, "writerFeatures": feature}},
            {"remove": {"path": added["path"], "deletionTimestamp": 1, "dataChange": True}},
            {"add": added | {"deletionVector": rows}},
        ],
        FIRST.replace("0.json", "1.json"),
    )  # fmt: skip
    assert read(tmp_path, "people")["id"].to_list() == [0, 2, 4]


@pytest.mark.parametrize(
    "values",
    [
        ["x/y", "", None, "ü %=a b:"],
        ["007", " pad ", "%41+", "null"],
        [1, None, 3, -4],
        [date(2020, 1, 1), None, date(1, 1, 1), date(9999, 12, 31)],
        [datetime(2020, 1, 1, 1, 2, 3, 456), None, datetime(1999, 1, 1), datetime(2000, 1, 1)],
        [True, False, None, True],
    ],
)
def test_partitions_are_columns(tmp_path: Path, values: list[Any]) -> None:
    """With the values of the log, whatever characters they have."""
    rows = pl.DataFrame({"id": [1, 2, 3, 4], "part": values})
    deltalake.write_deltalake(tmp_path / "people", rows, partition_by=["part"])
    expected = rows.with_columns(pl.col(pl.String).replace("", None))  # Delta takes it for null
    found = read(tmp_path, "people").with_columns(pl.col(pl.String).replace("", None))
    assert_frame_equal(found, expected)


def _rename(table: Path) -> None:
    said = actions(table)
    for number, each in enumerate(one["add"] for one in said if "add" in one):
        (table / unquote(each["path"])).rename(table / f"{number}.parquet")
        each["path"] = f"{number}.parquet"
    commit(table, said)


def _name_by_sign(table: Path) -> None:
    rows = pl.DataFrame({"id": [1], "a=b": ["x"]})
    deltalake.write_deltalake(
        table, rows, partition_by=["a=b"], mode="overwrite", schema_mode="overwrite"
    )


def _part_by_bytes(table: Path) -> None:
    rows = pl.DataFrame({"id": [1], "b": [b"x"]})
    deltalake.write_deltalake(
        table, rows, partition_by=["b"], mode="overwrite", schema_mode="overwrite"
    )


def _map_columns(table: Path) -> None:
    old = {"protocol": {"minReaderVersion": 2, "minWriterVersion": 5}}
    commit(table, [old if "protocol" in each else each for each in actions(table)])


def _lose(table: Path) -> None:
    next(table.glob("*/*.parquet")).unlink()


def _break(table: Path) -> None:
    (table / FIRST).write_text(f'{{"add": "{SECRET}"')


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (_name_by_sign, "has partitions that are not in the paths"),
        (_part_by_bytes, "is partitioned by bytes"),
        (_rename, "has partitions that are not in the paths"),
        (_map_columns, "needs columnMapping of its readers"),
        (_lose, "1 of its files are gone"),
        (_break, "reading the log failed"),
    ],
)
def test_tables_that_would_be_read_wrongly_are_refused(
    tmp_path: Path, harm: Any, message: str
) -> None:
    """With the table, in one line, without a value."""
    rows = pl.DataFrame({"id": [1, 2], "mail": [SECRET, "b"]})
    deltalake.write_deltalake(tmp_path / "people", rows, partition_by=["mail"])
    harm(tmp_path / "people")
    with pytest.raises(FileError, match=rf"delta:\S+: 'people'.* {message}") as caught:
        read(tmp_path, "people")
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_folder_of_tables_is_refused(tmp_path: Path) -> None:
    """A table itself, a cloud, partitions below partitions, and rows that are in no table."""
    deltalake.write_deltalake(tmp_path / "people", pl.DataFrame({"id": [1]}))
    with pytest.raises(FileError, match="is a table: name the folder"), delta(f"{tmp_path}/people"):
        pass
    with pytest.raises(FileError, match="hdfs:// cannot be used"), delta("hdfs://bucket/raw"):
        pass
    deltalake.write_deltalake(tmp_path / "my tables" / "people", pl.DataFrame({"id": [1]}))
    with pytest.raises(FileError, match="'people' has ' ' in its path"):
        read(tmp_path / "my tables", "people")
    below = tmp_path / ".id=9"
    rows = pl.DataFrame({"id": [1], "tier": ["gold"]})
    deltalake.write_deltalake(below / "people", rows, partition_by=["tier"])
    with pytest.raises(FileError, match="lies in a folder with = in its name"):
        read(below, "people")
    (tmp_path / "loose").mkdir()
    with pytest.raises(FileError, match="'loose' is no Delta table"):
        read(tmp_path, "people")


NESTED = pl.Struct({"a": pl.List(pl.Struct({"b": pl.Binary}))})
UTC = pl.Datetime("us", "UTC")
WRITTEN: list[tuple[pl.Series, Any]] = [  # values with their type, and the type that holds them
    (pl.Series([255], dtype=pl.UInt8), pl.Int16),
    (pl.Series([2**64 - 1], dtype=pl.UInt64), pl.Decimal(20, 0)),
    (pl.Series(["a", None], dtype=pl.Enum(["a", SECRET])), pl.String),
    (pl.Series(["a"], dtype=pl.Categorical), pl.String),
    (pl.Series([None]), pl.String),
    (pl.Series([[1, 2]], dtype=pl.Array(pl.UInt8, 2)), pl.List(pl.Int16)),
    (pl.Series([{"a": [{"b": b"\0"}]}, None]), NESTED),
    (pl.Series(["1.25"]).cast(pl.Decimal(38, 2)), pl.Decimal(38, 2)),
    (pl.Series([datetime(2020, 7, 1)]).dt.replace_time_zone("Europe/Berlin"), UTC),
    (pl.Series([datetime(2020, 7, 1)]).dt.cast_time_unit("ns"), pl.Datetime("us")),
    (pl.Series([float("nan"), -0.0, None]), pl.Float64),
    (pl.Series([], dtype=pl.String), pl.String),
]  # fmt: skip


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """In the narrowest type of Delta that loses nothing."""
    tables = {f"t{number}": pl.LazyFrame({"a": each}) for number, (each, _) in enumerate(WRITTEN)}
    with delta(str(tmp_path / "out")) as store:
        schemas = {name: each.collect_schema() for name, each in tables.items()}
        with store.writing(schemas) as write:
            counts = [write(name, each) for name, each in tables.items()]
            assert not (tmp_path / "out").exists()
    assert counts == [len(each) for each, _ in WRITTEN]
    with delta(str(tmp_path / "out")) as store:
        for number, (values, dtype) in enumerate(WRITTEN):
            back = store.scan(f"t{number}").collect()["a"]
            assert back.dtype == dtype
            given = values.cast(dtype).to_list()  # rows of a table have no order
            assert sorted(map(repr, back.to_list())) == sorted(map(repr, given)) or dtype.is_float()
    assert SECRET.encode() not in b"".join(
        file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()
    )


def test_what_delta_cannot_hold_is_refused_before_a_row(tmp_path: Path) -> None:
    """All faults at once, a table that is there, and times that would be cut."""
    schema = pl.Schema(
        {"at": pl.Time(), "long": pl.Duration("us"), "Id": pl.Int8(), "id": pl.Int8()}
    )
    with delta(str(tmp_path)) as store:
        match = r"t\.at is Time, .*; t\.long is Duration.*; t\.id differs .* by case"
        with pytest.raises(DataError, match=match), store.writing({"t": schema}):
            pass
        fine = pl.LazyFrame({"a": pl.Series([1], dtype=pl.Int64).cast(pl.Datetime("ns"))})
        with pytest.raises(DataError, match="'t', column 'a' has times finer"):  # noqa: SIM117
            with store.writing({"t": fine.collect_schema()}) as write:
                write("t", fine)
        (tmp_path / "t").mkdir()
        with (
            pytest.raises(FileError, match="'t' is there, and its history may hold raw rows"),
            store.writing({"t": pl.Schema({"a": pl.Int8})}),
        ):
            pass
    assert [each.name for each in tmp_path.iterdir()] == ["t"]


def test_a_failure_leaves_no_table(tmp_path: Path) -> None:
    """Neither the one that was written, nor a hidden folder, nor a value in the message."""
    good = pl.LazyFrame({"a": [1]})
    bad = pl.LazyFrame({"a": [SECRET]}).select(pl.col("a").cast(pl.Int64))
    out = tmp_path / "out"
    with delta(str(out)) as store:
        schemas = {"good": good.collect_schema(), "bad": bad.collect_schema()}
        with pytest.raises(FileError, match="'bad': writing failed") as caught:  # noqa: SIM117, PT012
            with store.writing(schemas) as write:
                write("good", good)
                write("bad", bad)
    assert SECRET not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [pl.exceptions.PanicException, ValueError])
def test_a_query_that_fails_half_way_leaves_no_table(tmp_path: Path, kind: Any) -> None:
    """Not even a short one, where Polars ends the batches as if all rows had come."""

    def fails(block: pl.DataFrame) -> pl.DataFrame:
        if 5 in block["a"]:
            raise kind(SECRET)
        return block

    blocks = (pl.DataFrame({"a": [number] * 1_000}) for number in range(9))
    schema = pl.Schema({"a": pl.Int64})
    rows = from_blocks(blocks, schema).map_batches(fails, schema=schema, streamable=True)
    with (
        delta(str(tmp_path / "out")) as store,
        pytest.raises(FileError, match="'t': writing failed") as caught,
        store.writing({"t": schema}) as write,
    ):
        write("t", rows)
    assert SECRET not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore::anonymizer.PrivacyWarning")
def test_a_folder_of_parquet_is_masked_into_delta(tmp_path: Path) -> None:
    """Tables with their joins, readable to nobody else, and no raw value in file or log."""
    fields = described_pair(source=str(tmp_path / "raw"), target=f"delta:{tmp_path / 'masked'}")
    (tmp_path / "raw").mkdir()
    for name in fields["tables"]:
        shop()[name].write_parquet(tmp_path / f"raw/{name}.parquet")
        (tmp_path / f"raw/{name}.parquet").chmod(0o600)
    record = mask_dataset(fields, key=KEY)
    assert all(each.before == each.after for each in record.joins)
    with delta(str(tmp_path / "masked")) as store:
        assert sorted(store.tables()) == ["customers", "orders"]
        assert store.scan("orders").select(pl.len()).collect().item() == len(shop()["orders"])
    files = [file for file in (tmp_path / "masked").rglob("*") if file.is_file()]
    assert {file.stat().st_mode & 0o077 for file in files} == {0}
    assert b"Person " not in b"".join(file.read_bytes() for file in files)
    with pytest.raises(FileError, match="is there, and its history"):
        mask_dataset(fields, key=KEY)
