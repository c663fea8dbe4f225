"""What must not be seen is in no byte that leaves, whatever the type and the way."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer import anonymize
from anonymizer.buffers import settled, settled_table
from anonymizer.files.sources import scan
from anonymizer.files.table_files import sink
from anonymizer.masking.run.files import mask_file
from tests.masking.run.ways_out import (
    FATES,
    SECRET,
    compared,
    of_polars,
    pairs,
)


@pytest.mark.parametrize("fate", FATES)
@settings(max_examples=8)
@given(st.data())
def test_no_byte_depends_on_what_is_hidden(fate: str, data: st.DataObject) -> None:
    """Tables that differ only in hidden values leave as the same bytes by every way."""
    assert {way for way, same in compared(data.draw(pairs(fate))) if not same} == set()


def test_below_a_null_list_arrow_shows_no_mask_of_nulls() -> None:
    """Neither whether there were nulls, which a copy by Arrow leaves as a mask without any."""
    lists = [
        pa.ListArray.from_arrays([0, 1, 2], pa.array([hidden, False]), mask=pa.array([True, False]))
        for hidden in (None, True)
    ]
    found = [settled_table(pl.DataFrame({"x": pl.Series(each)}))["x"].chunk(0) for each in lists]
    assert [each.values.buffers()[0] for each in found] == [None, None]


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical, pl.Int64, pl.Date])
def test_a_shuffled_column_keeps_nothing_of_its_order(dtype: pl.DataType) -> None:
    """It leaves as the bytes of a column that never stood in another order."""
    texts = pl.Series([f"{number} and more than twelve bytes" for number in range(40)])
    x = (
        texts.cast(dtype)
        if dtype in (pl.String, pl.Categorical)
        else pl.Series(range(40)).cast(dtype)
    )
    frame = pl.DataFrame({"id": range(40), "x": x})
    rules = {"version": 1, "columns": {"id": "keep", "x": "shuffle"}}
    out = anonymize(frame, rules, key=SECRET)
    assert out["x"].to_list() != x.to_list()
    never = settled(pl.DataFrame(out.to_dict(as_series=False), schema=out.schema))
    assert dict(of_polars(out)) == dict(of_polars(never))


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_a_part_of_a_folder_holds_its_own_rows_only(tmp_path: Path, ending: str) -> None:
    """Whoever gets one partition gets nothing of the others."""
    texts = {land: f"a long text of {land}, too long to be stored in place" for land in "ABC"}
    for land, text in texts.items():
        (tmp_path / "raw" / f"land={land}").mkdir(parents=True)
        part = pl.DataFrame({"text": [text] * 20})
        sink(part.lazy(), tmp_path / "raw" / f"land={land}" / f"part.{ending}")
    mask_file(tmp_path / "raw", tmp_path / "out", {"version": 1, "columns": {"*": "keep"}})
    for land in "ABC":
        (file,) = (tmp_path / "out" / f"land={land}").iterdir()
        assert scan(file).collect()["text"].to_list() == [texts[land]] * 20
        assert [other for other in "ABC" if texts[other].encode() in file.read_bytes()] in (
            [land],
            [],
        )


def test_the_search_sees_a_leak() -> None:
    """A value below a null makes the bytes of a buffer, a stream and a pickle differ."""
    tables = [
        pl.DataFrame({"x": [value, 1]}).select(pl.when(pl.col("x") < 2).then("x").alias("x"))
        for value in (987654321, 123456789)
    ]
    first, second = map(dict, map(of_polars, tables))
    assert {form for form in first if first[form] == second[form]} <= {"to_pandas", "write_parquet"}
    assert len({frozenset(of_polars(settled(table))) for table in tables}) == 1


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("x", [[None, 2**100], None, []], dtype=pl.List(pl.Int128)),
        pl.Series("x", [None, ["a"]], dtype=pl.Array(pl.Enum(["b", "a"]), 1)),
        pl.Series("x", [{"a": "b"}, None], dtype=pl.Struct({"a": pl.Categorical()})),
        pl.Series("x", ["b", None], dtype=pl.Categorical(pl.Categories("mine"))),
        pl.Series("x", [], dtype=pl.Decimal(38, 3)),
        pl.Series("x", [None, None], dtype=pl.Null),
        pl.Series("x", pa.array(["{}", None], pa.json_())),
    ],
    ids=lambda column: str(column.dtype)[:20],
)
def test_settled_columns_are_the_same(column: pl.Series) -> None:
    """Values, nulls and types stay, those that Arrow does not have too."""
    frame = column.to_frame()
    assert settled(frame).equals(frame)
    assert settled(frame).schema == frame.schema
