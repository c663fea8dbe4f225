"""Files of one folder are parts of one table, or an error names the file and the column."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer.errors import FileError
from anonymizer.files.reading import Reading
from anonymizer.files.sources import scan
from anonymizer.files.table_files import TableFiles
from anonymizer.masking.run.files import mask_file

FIRST = pl.DataFrame({"id": [1, 2], "x": [1, 2]})
MERGED = Reading(merge_schema=True)


def folder(root: Path, *frames: pl.DataFrame) -> Path:
    """A folder of Parquet files 0.parquet, 1.parquet ..."""
    place = root / "raw"
    place.mkdir()
    for number, frame in enumerate(frames):
        frame.write_parquet(place / f"{number}.parquet")
    return place


def test_different_tables_are_told_from_parts_of_one(tmp_path: Path) -> None:
    """They have few columns in common, or other formats; a folder of them can be inspected."""
    place = folder(tmp_path, FIRST, pl.DataFrame({"a": [1]}))
    told = "if they are tables that belong together, `inspect` the folder"
    with pytest.raises(FileError, match=told):
        scan(place)
    FIRST.write_csv(place / "2.csv")
    with pytest.raises(FileError, match=f"of different formats; {told}"):
        scan(place)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (FIRST.with_columns(email=pl.lit("a")), "1.parquet: column 'email' is not in .*0.parquet"),
        (FIRST.select("id"), "1.parquet: has no column 'x' of .*0.parquet"),
        (FIRST.cast({"x": pl.Int32}), "1.parquet: column 'x' is Int32, and Int64 in .*0.parquet"),
        (FIRST.cast({"x": pl.String}), "1.parquet: column 'x' is String, and Int64 in"),
    ],
)
def test_a_file_that_differs_is_named(tmp_path: Path, other: pl.DataFrame, message: str) -> None:
    """With the column, before a row is read, and the way out."""
    place = folder(tmp_path, FIRST, other)
    with pytest.raises(FileError, match=f"{message}.*; .*`merge_schema: true`"):
        scan(place)


def test_columns_may_stand_in_another_order(tmp_path: Path) -> None:
    """They are known by their names."""
    place = folder(tmp_path, FIRST, FIRST.select("x", id=pl.col("id") + 10))
    assert scan(place).collect().rows() == [(1, 1), (2, 2), (11, 1), (12, 2)]


def test_a_table_may_grow_where_the_rules_say_so(tmp_path: Path) -> None:
    """New columns are null in old files, and the wider type holds all values."""
    second = pl.DataFrame({"id": [3], "x": [3.5], "email": ["a@example.org"]})
    place = folder(tmp_path, FIRST, second)
    rules = {"version": 1, "merge_schema": True, "columns": {"*": "keep"}}
    mask_file(place, tmp_path / "out.parquet", rules)
    assert pl.read_parquet(tmp_path / "out.parquet").rows() == [
        (1, 1.0, None),
        (2, 2.0, None),
        (3, 3.5, "a@example.org"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (pl.Series([1], dtype=pl.Int8), pl.Series([1], dtype=pl.UInt8), pl.Int16),
        (pl.Series([1.5], dtype=pl.Float32), pl.Series([1.5]), pl.Float64),
        (pl.Series([date(2024, 1, 1)]), pl.Series([datetime(2024, 1, 1, 5)]), pl.Datetime("us")),
        (pl.Series([None]), pl.Series(["a"]), pl.String),
        (pl.Series(["a"]), pl.Series([None]), pl.String),
        (pl.Series([2**53]), pl.Series([1.5]), pl.Float64),
        (pl.Series([-1]), pl.Series([2**63], dtype=pl.UInt64), pl.Int128),
    ],
)
def test_the_wider_type_wins(tmp_path: Path, one: Any, other: Any, together: Any) -> None:
    """Where every value of the narrower one is a value of it."""
    place = folder(tmp_path, one.to_frame("x"), other.to_frame("x"))
    frame = scan(place, MERGED).collect()
    assert frame.schema == {"x": together}
    assert frame["x"].to_list() == [*one.cast(together), *other.cast(together)]


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        (pl.Series([1]), pl.Series(["secret"]), "1.parquet: column 'x' is String, elsewhere Int64"),
        (pl.Series([2**53 + 1]), pl.Series([1.5]), "0.parquet: column 'x' holds integers"),
        (pl.Series(["a"], dtype=pl.Enum(["a", "secret"])), pl.Series([1]), "elsewhere Enum"),
    ],
)
def test_what_would_alter_a_value_is_refused(
    tmp_path: Path, one: Any, other: Any, message: str
) -> None:
    """File and column are named, and no category of the data."""
    place = folder(tmp_path, one.to_frame("x"), other.to_frame("x"))
    with pytest.raises(FileError, match=message) as caught:
        scan(place, MERGED).collect()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("log", "name"),
    [
        ("_delta_log/00000000000000000000.json", "Delta"),
        ("metadata/v1.metadata.json", "Iceberg"),
        (".hoodie/hoodie.properties", "Hudi"),
    ],
)
def test_a_table_format_is_no_folder_of_files(tmp_path: Path, log: str, name: str) -> None:
    """Named as a folder, a glob, a file or from above, its dead files are not read."""
    table = tmp_path / "lake" / "table"
    (table / "land=DE").mkdir(parents=True)
    FIRST.write_parquet(table / "land=DE" / "part.parquet")
    (table / log).parent.mkdir()
    (table / log).write_text("{}")
    for place in (table, tmp_path / "lake", f"{table}/land=*/*", table / "land=DE/part.parquet"):
        with pytest.raises(FileError, match=f"is a table of {name}, whose files hold deleted rows"):
            scan(place)


def test_a_glob_over_partitions_keeps_their_column(tmp_path: Path) -> None:
    """raw/land=*/* has the column `land`, as the folder raw has."""
    for land in ("DE", "FR"):
        (tmp_path / "raw" / f"land={land}").mkdir(parents=True)
        FIRST.write_parquet(tmp_path / "raw" / f"land={land}" / "p.parquet")
    whole = scan(tmp_path / "raw").collect()
    assert whole["land"].to_list() == ["DE", "DE", "FR", "FR"]
    for pattern in ("raw/land=*/*", "raw/*/*.parquet", "raw/land=??/p.parquet", "*/land=*/p*"):
        assert scan(f"{tmp_path}/{pattern}").collect().equals(whole)


def test_a_key_that_only_a_later_file_has_is_not_lost(tmp_path: Path) -> None:
    """A line of NDJSON leaves out what it has not; nobody has to say so."""
    (tmp_path / "1.ndjson").write_text('{"a":1}\n')
    (tmp_path / "2.ndjson").write_text('{"a":2,"ssn":"078-05-1120"}\n')
    lazy = TableFiles.at(tmp_path).scan()
    assert lazy.collect().rows() == [(1, None), (2, "078-05-1120")]


def test_a_file_that_may_hold_rows_is_not_passed_over(tmp_path: Path) -> None:
    """What is put beside rows, such as a record of a run, is."""
    pl.DataFrame({"a": [1]}).write_csv(tmp_path / "a.csv")
    for name in ("README.md", "manifest.json", "_SUCCESS", ".a.csv.crc"):
        (tmp_path / name).touch()
    assert TableFiles.at(tmp_path).files == (tmp_path / "a.csv",)
    for name in ("b.csv.bz2", "part-0001", "b.txt"):
        (tmp_path / name).touch()
        with pytest.raises(FileError, match=name):
            TableFiles.at(tmp_path)
        (tmp_path / name).unlink()


@pytest.mark.parametrize("units", [("us", "ms"), ("ms", "us"), ("ns", "us"), ("ns", "ms")])
def test_times_lose_no_digit(tmp_path: Path, units: tuple[Any, Any]) -> None:
    """The finer unit wins; nanoseconds do not reach as far, and are refused beside others."""
    for name, unit in zip("ab", units, strict=True):
        frame = pl.DataFrame({"t": [datetime(2024, 1, 1, 1, 1, 1, 123000)]})
        frame.cast(pl.Datetime(unit)).write_parquet(tmp_path / f"{name}.parquet")
    data = TableFiles.at(tmp_path, Reading(merge_schema=True))
    if "ns" in units:
        with pytest.raises(FileError, match=r"b\.parquet: column 't' is Datetime"):
            data.scan()
    else:
        assert data.scan().collect_schema()["t"] == pl.Datetime("us")


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_values_in_the_names_of_folders_are_not_told(tmp_path: Path, ending: str) -> None:
    """A Hive key may be what is to be masked."""
    for mail, content in (("ann@example.org", "a,b\n1,2\n"), ("bo@example.org", "a\n1,2\n")):
        (tmp_path / f"mail={mail}").mkdir()
        (tmp_path / f"mail={mail}" / f"0.{ending}").write_text(content)
    with pytest.raises(FileError, match=rf"mail=…/0\.{ending}") as caught:
        scan(tmp_path).collect()
    assert "example.org" not in str(caught.value)
