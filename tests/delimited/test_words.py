"""Words for null: null is written as one, and text that equals one stays text."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer.delimited.dialect import Dialect
from anonymizer.delimited.writing import write_text
from anonymizer.errors import DataError
from anonymizer.files.reading import Reading
from anonymizer.files.sources import scan
from anonymizer.masking.run.files import mask_file


def copied(folder: Path, content: str, **csv: Any) -> str:
    """What comes out where all is kept."""
    (folder / "in.csv").write_text(content)
    rules = {"version": 1, "csv": csv, "columns": {"*": "keep"}}
    mask_file(folder / "in.csv", folder / "out.csv", rules, overwrite=True)
    return (folder / "out.csv").read_text()


@pytest.mark.parametrize(
    ("content", "csv"),
    [
        ('a,b\nNA,"NA"\n"NA",NA\nx,"NA, too"\n', {"nulls": ["NA"]}),
        ('a,b\n"NA\nNA",NA\n"""NA""","NA"\n', {"nulls": ["NA"]}),
        ('a;b\n"-";-\n"x;""-"";y";"-"\n', {"separator": ";", "nulls": ["-"]}),
        ('a,b\n\\N,"\\N"\n', {"nulls": ["\\N"]}),
        ('a,b\nNA,"NA"\n', {"nulls": ["NA"], "encoding": "latin-1"}),
        ("a,b\n1,\n,2\n,NA\n", {"nulls": ["NA"]}),
        ('a,b\n1,""\n,2\n', {"nulls": [""]}),
    ],
)
def test_a_kept_cell_comes_out_as_it_came_in(
    tmp_path: Path, content: str, csv: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In quotes it is text, without them null, wherever a block ends."""
    assert copied(tmp_path, content, **csv) == content
    monkeypatch.setattr("anonymizer.delimited.records._BLOCK", 9)
    monkeypatch.setattr("anonymizer.delimited.writing._BLOCK", 9)
    assert copied(tmp_path, content, **csv) == content


def test_text_of_another_format_is_no_null_by_accident(tmp_path: Path) -> None:
    """NA is Namibia, in a table that has nulls beside it; gzip too."""
    path, dialect = tmp_path / "f.csv.gz", Dialect(nulls=["NA"])
    frame = pl.DataFrame({"land": ["NA", None, "SE", ""]})
    for kind in (pl.String, pl.Categorical, pl.Enum(["NA", "SE", ""])):
        write_text(frame.lazy().cast(kind), path, path, dialect)
        assert scan(path, Reading(dialect, {})).collect().equals(frame)


@pytest.mark.parametrize(
    ("values", "dialect"),
    [
        ([-1, 2], Dialect(nulls=["-1"])),
        ([-1.5], Dialect(nulls=["-1,5"], decimal=",")),
        (["NA"], Dialect(nulls=["NA"], quote=None)),
        (["a", ""], Dialect(quote=None)),
    ],
)
def test_what_cannot_stand_in_quotes_is_refused(
    tmp_path: Path, values: list[Any], dialect: Dialect
) -> None:
    """A number that is written as null is would come back as null."""
    path = tmp_path / "f.csv"
    with pytest.raises(DataError, match="x: a value would be read as null"):
        write_text(pl.LazyFrame({"x": values}), path, path, dialect)
