"""An address knows its files, their format and their partitions."""

import gzip
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymizer.errors import AnonymizerError, FileError
from anonymizer.files.reading import Reading
from anonymizer.files.sources import scan
from anonymizer.files.table_files import TableFiles
from anonymizer.masking.run.files import mask_file

FRAME = pl.DataFrame({"who": [1, 2, 2], "land": ["UK", "FR", "FR"]})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of Parquet files with a Hive layout, in the working folder."""
    monkeypatch.chdir(tmp_path)
    FRAME.lazy().sink_parquet(pl.PartitionBy("raw", key="land", include_key=False), mkdir=True)
    (tmp_path / "raw" / "_SUCCESS").touch()
    return tmp_path / "raw"


def test_a_folder_is_read_once_for_all_that_it_is(folder: Path) -> None:
    """Files, format and partitions; marks that other tools leave are no files."""
    files = TableFiles.at(folder)
    assert (files.format, files.is_folder, files.partitions) == ("Parquet", True, ("land",))
    assert [file.name for file in files.files if isinstance(file, Path)] == ["00000000.parquet"] * 2
    assert files.row_and_null_counts() == (3, {"who": 0})


@pytest.mark.parametrize("place", ["raw", "./raw", "raw/", "./raw/*/*", "raw/../raw"])
@pytest.mark.usefixtures("folder")
def test_partitions_do_not_depend_on_the_spelling_of_the_address(place: str) -> None:
    """`./raw` has the columns that `raw` has."""
    assert scan(place).collect_schema().names() == ["who", "land"]


@pytest.mark.usefixtures("folder")
def test_a_folder_becomes_a_folder_with_the_same_partitions(tmp_path: Path) -> None:
    """Of the columns that are left."""
    out = TableFiles.at("raw").target("out", overwrite=False)
    assert (out.format, out.is_folder, out.partitions) == ("Parquet", True, ("land",))
    assert out.among(["who"]).partitions == ()
    with out.staged() as temporary:
        out.write(scan("raw"), temporary)
    assert TableFiles.at(tmp_path / "out").partitions == ("land",)


@pytest.mark.usefixtures("folder")
def test_a_target_inside_its_source_is_refused() -> None:
    """The next run would read it as input."""
    with pytest.raises(FileError, match="would read it as input"):
        TableFiles.at("raw").target("raw/out.parquet", overwrite=False)


KEPT = {"version": 1, "columns": {"*": "keep"}}


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
@pytest.mark.parametrize("place", ["", "*.csv", "**/*.csv"])
def test_a_file_of_several_names_counts_once(tmp_path: Path, link: str, place: str) -> None:
    """A link in the folder, or one that a glob finds, does not double rows."""
    (tmp_path / "a.csv").write_text("x\n1\n")
    getattr(tmp_path / "b.csv", link)(tmp_path / "a.csv")
    assert scan(tmp_path / place).collect().height == 1


def test_a_folder_keeps_how_its_files_end(tmp_path: Path) -> None:
    """Compression and separator; the next run reads what this one wrote."""
    for ending, content in (("csv.gz", gzip.compress(b"a,b\nx,1\n")), ("tsv", b"a\tb\nx\t1\n")):
        source, out = tmp_path / f"in {ending}", tmp_path / f"out {ending[:3]}"
        source.mkdir()
        (source / f"1.{ending}").write_bytes(content)
        mask_file(source, out, KEPT)
        (part,) = out.iterdir()
        assert part.name == f"00000000.{ending}"
        read = gzip.decompress(part.read_bytes()) if "gz" in ending else part.read_bytes()
        assert read == (gzip.decompress(content) if "gz" in ending else content)


@pytest.mark.parametrize("ending", ["ndjson", "csv", "arrow", "parquet"])
def test_a_table_without_rows_is_written(tmp_path: Path, ending: str) -> None:
    """In every format; the record of the run has its columns."""
    FRAME.clear().write_parquet(tmp_path / "in.parquet")
    record = mask_file(tmp_path / "in.parquet", tmp_path / f"out.{ending}", KEPT)
    assert (record.rows, [each.output_nulls for each in record.columns]) == (0, [0, 0])


def test_a_hive_folder_without_rows_is_a_folder_with_a_file(folder: Path) -> None:
    """It says the columns, where no folder names a partition."""
    for file in folder.rglob("*.parquet"):
        FRAME.select("who").clear().write_parquet(file)
    record = mask_file(folder, "out", KEPT)
    assert record.rows == 0
    assert scan("out").collect().columns == ["who", "land"]


def test_integers_of_128_bits_stay_whole_in_parquet(tmp_path: Path) -> None:
    """Arrow cannot read such a footer, so they are counted, and the stamp is found all the same."""
    wide = pl.DataFrame({"x": [2**100, None]}, schema={"x": pl.Int128})
    wide.write_parquet(tmp_path / "in.parquet")
    record = mask_file(tmp_path / "in.parquet", tmp_path / "out.parquet", KEPT)
    assert (record.rows, record.columns[0].output_nulls) == (2, 1)
    assert pl.read_parquet(tmp_path / "out.parquet").equals(wide)
    with pytest.raises(AnonymizerError, match="is masked already"):
        mask_file(tmp_path / "out.parquet", tmp_path / "again.parquet", KEPT)


def test_decimals_that_are_too_wide_are_named(tmp_path: Path) -> None:
    """Before a row is read, inside of lists too."""
    wide = pa.array([[Decimal("1.5")]], pa.list_(pa.decimal256(60, 2)))
    pq.write_table(pa.table({"ok": [1], "x": wide}), tmp_path / "f.parquet")
    with pytest.raises(FileError, match="column 'x' has decimals of more than 38 digits"):
        scan(tmp_path / "f.parquet")


def test_one_partition_keeps_its_column_by_a_glob(tmp_path: Path) -> None:
    """A folder of one partition is refused by rules for its key, and says which glob keeps it."""
    for day in ("2024-04-10", "2024-05-10"):
        (tmp_path / f"day={day}").mkdir()
        pl.DataFrame({"n": [1]}).write_parquet(tmp_path / f"day={day}" / "0.parquet")
    one = tmp_path / "day=2024-04-10"
    assert TableFiles.at(one / "*").scan().collect()["day"].to_list() == ["2024-04-10"]
    with pytest.raises(FileError, match=r"day=…: is one partition: give `.*day=…/\*`"):
        TableFiles.at(one).refuse_no_header(["n", "day"])
    TableFiles.at(one).refuse_no_header(["n", "*"])  # its rows, without the day
    with pytest.raises(FileError, match=r"day=\*: matches folders alone: add `/\*` to the end"):
        TableFiles.at(tmp_path / "day=*")


def test_merged_columns_are_null_where_a_file_has_none(tmp_path: Path) -> None:
    """Nulls are counted as they are read, from the footers too."""
    pl.DataFrame({"a": [1, 2]}).write_parquet(tmp_path / "0.parquet")
    pl.DataFrame({"a": [3, None, 4], "new": [1, None, 2]}).write_parquet(tmp_path / "1.parquet")
    table = TableFiles.at(tmp_path, Reading(merge_schema=True))
    assert table.row_and_null_counts() == (5, {"a": 1, "new": 3})
