"""An address knows its files, their format and their partitions."""

from pathlib import Path

import polars as pl
import pytest

from anonymizer.datasets.dataset import Dataset
from anonymizer.datasets.sources import scan
from anonymizer.errors import FileError

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
    dataset = Dataset.at(folder)
    assert (dataset.format, dataset.is_folder, dataset.partitions) == ("Parquet", True, ("land",))
    assert [file.name for file in dataset.files if isinstance(file, Path)] == [
        "00000000.parquet"
    ] * 2
    assert dataset.row_and_null_counts() == (3, {"who": 0})


@pytest.mark.parametrize("place", ["raw", "./raw", "raw/", "./raw/*/*", "raw/../raw"])
@pytest.mark.usefixtures("folder")
def test_partitions_do_not_depend_on_the_spelling_of_the_address(place: str) -> None:
    """`./raw` has the columns that `raw` has."""
    assert scan(place).collect_schema().names() == ["who", "land"]


@pytest.mark.usefixtures("folder")
def test_a_folder_becomes_a_folder_with_the_same_partitions(tmp_path: Path) -> None:
    """Of the columns that are left."""
    out = Dataset.at("raw").target("out", overwrite=False)
    assert (out.format, out.is_folder, out.partitions) == ("Parquet", True, ("land",))
    assert out.among(["who"]).partitions == ()
    with out.staged() as temporary:
        out.write(scan("raw"), temporary)
    assert Dataset.at(tmp_path / "out").partitions == ("land",)


@pytest.mark.usefixtures("folder")
def test_a_target_inside_its_source_is_refused() -> None:
    """The next run would read it as input."""
    with pytest.raises(FileError, match="would read it as input"):
        Dataset.at("raw").target("raw/out.parquet", overwrite=False)
