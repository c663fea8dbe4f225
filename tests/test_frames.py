"""Frames and files: any kind in, the same kind out; whole or not at all."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pytest
from polars.testing import assert_frame_equal

from anonymizer import anonymize, fit_rules
from anonymizer.errors import AnonymizerError, DataError, FileError
from anonymizer.files.reading import NOTHING_SAID
from anonymizer.files.sources import open_table, scan, sources
from anonymizer.files.table_files import TableFiles, sink
from anonymizer.files.targets import check_target
from anonymizer.frames import batches, eager, from_blocks, to_lazy
from anonymizer.masking.run.files import mask_file
from anonymizer.stores.local import streamed
from tests.skipping import without

KEY = "the key of these tests"

FRAME = pl.DataFrame({"a": [1, None, 3], "b": ["x", "ü", None]})


@pytest.mark.parametrize("ending", ["parquet", "pq", "csv", "ndjson", "jsonl", "arrow", "ipc"])
def test_what_is_written_is_read(tmp_path: Path, ending: str) -> None:
    """Every format holds integers, text and nulls."""
    path = tmp_path / f"f.{ending}"
    sink(FRAME.lazy(), path)
    assert_frame_equal(scan(path).collect(), FRAME)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_kind_of_a_frame_comes_back() -> None:
    """Polars eager and lazy, pandas and Arrow return as what they were."""
    for frame in (FRAME, FRAME.lazy(), FRAME.to_pandas(), FRAME.to_arrow()):
        lazy, back = to_lazy(frame)
        assert type(back(lazy)) is type(frame)


def test_arrow_types_come_back() -> None:
    """Where the values are still of them: widths of strings, lists, clock times, dictionaries."""
    table = pa.table(
        {
            "text": pa.array(["a", None]),
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "list": pa.array([["a"], None]),
            "clock": pa.array([5, None], pa.time32("s")),
            "code": pa.array([b"0" * 16] * 2, pa.binary(16)),
            "map": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int32())),
            "pair": pa.array([[1, 2], None], pa.list_(pa.int8(), 2)),
        }
    )
    lazy, back = to_lazy(table)
    assert back(lazy).schema.equals(table.schema)
    assert back(lazy).equals(table)
    assert back(lazy.with_columns(text=pl.lit(1))).schema.field("text").type == pa.int32()


def test_what_an_arrow_table_says_of_values_stays_behind() -> None:
    """Metadata of the table and of fields, categories in the type, the order of categories."""
    secret = {"a": "secret"}
    ordered = pa.dictionary(pa.int8(), pa.string(), ordered=True)
    kind = pa.array(["secret", "b"]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string()))
    fields = [
        pa.field("kind", ordered, metadata=secret),
        pa.field("deep", pa.list_(pa.field("item", pa.string(), metadata=secret))),
    ]
    columns = [pa.DictionaryArray.from_arrays(kind.indices, kind.dictionary, ordered=True)]
    columns += [pa.array([["a"], ["b"]], fields[1].type)]
    table = pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata=secret))
    lazy, back = to_lazy(table)
    result = back(lazy.tail(1))
    assert b"secret" not in result.schema.serialize().to_pybytes()
    assert result["kind"].chunk(0).dictionary.to_pylist() == ["b"]
    assert result.to_pydict() == {"kind": ["b"], "deep": [["b"]]}


def test_pandas_integers_keep_their_digits() -> None:
    """Nullable where they were, or where there is a null that numpy has no place for."""
    frame = pd.DataFrame(
        {
            "plain": [2**53 + 1, 2**53 + 3],
            "wide": pd.array([2**64 - 1, None], dtype="UInt64"),
            "flag": pd.array([True, None], dtype="boolean"),
            "arrow": pd.array([2**53 + 1, None], dtype="int64[pyarrow]"),
        }
    )
    lazy, back = to_lazy(frame)
    pd.testing.assert_frame_equal(back(lazy), frame)
    nulled = back(lazy.with_columns(plain=pl.when(pl.col("plain") > 2**53 + 1).then("plain")))
    assert nulled["plain"].dtype == "Int64"
    assert nulled["plain"][1] == 2**53 + 3


def test_a_pandas_index_is_not_let_through() -> None:
    """It is data that no rule covers; the way out is named."""
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index(["ann@x.org", "bo@x.org"], name="email"))
    with pytest.raises(DataError, match=r"call reset_index\(\) first") as caught:
        to_lazy(frame)
    assert "ann" not in str(caught.value)


def test_other_objects_are_refused_by_kind() -> None:
    """A list is no frame, and its content is not repeated."""
    with pytest.raises(DataError, match=r"got builtins\.list"):
        to_lazy(["secret"])


def test_a_mixed_pandas_column_is_refused_without_its_values() -> None:
    """Arrow's message, which holds a value, does not get through."""
    with pytest.raises(DataError) as caught:
        to_lazy(pd.DataFrame({"a": [1, "secret", object()]}))
    assert "secret" not in str(caught.value)


class Streamed:
    """A table of a library that is not known, and streams Arrow."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def test_what_streams_arrow_is_read() -> None:
    """Whoever made it."""
    assert_frame_equal(eager(Streamed(FRAME.to_arrow())), FRAME)
    assert_frame_equal(open_table(FRAME.to_arrow().to_reader()).collect(), FRAME)


STREAM_RULES: dict[str, Any] = {"version": 1, "columns": {"who": "token", "n": "keep"}}
PEOPLE = pa.schema([("who", pa.string()), ("n", pa.int16())])


def people(batches: int, pulled: list[int]) -> pa.RecordBatchReader:
    """A stream of batches of 1,000 rows, which notes the batches that were asked for."""

    def each() -> Iterator[pa.RecordBatch]:
        for number in range(batches):
            pulled.append(number)
            who = [f"secret {(row * 7919 + number) % 9973}" for row in range(1_000)]
            columns = [pa.array(who), pa.array([number] * 1_000, pa.int16())]
            yield pa.RecordBatch.from_arrays(columns, schema=PEOPLE)

    return pa.RecordBatchReader.from_batches(PEOPLE, each())


def test_a_stream_comes_back_as_a_stream() -> None:
    """Row by row what a table gives, and its types; rows are taken as they are asked for."""
    table, pulled = people(100, []).read_all(), list[int]()
    masked = anonymize(people(100, pulled), STREAM_RULES, key=KEY)
    assert len(pulled) <= 4  # the first rows, which tell by their order
    first = masked.read_next_batch()
    assert len(pulled) < 75
    rows = pa.Table.from_batches([first, *masked])
    assert rows.schema == PEOPLE
    assert rows.equals(anonymize(table, STREAM_RULES, key=KEY))


def test_categories_of_a_stream_stay_behind() -> None:
    """As of a table: each batch has those that it shows."""
    frame = pl.DataFrame({"a": pl.Series(["x", "x"], dtype=pl.Enum(["x", "secret"]))})
    masked = anonymize(Streamed(frame), {"version": 1, "columns": {"a": "keep"}})
    assert [chunk.dictionary.to_pylist() for chunk in masked.read_all()["a"].chunks] == [["x"]]


def test_a_stream_that_is_read_once_is_not_learned_from() -> None:
    """It says so, and serves rules that have learned, in a dataset as well."""
    binned = STREAM_RULES | {"columns": {"who": "token", "n": {"mask": "bin", "quantiles": 2}}}
    pulled = list[int]()
    with pytest.raises(DataError, match=r"can be read once, .*read_all.*or rules that fit_rules"):
        anonymize(people(2, pulled), binned, key=KEY)
    assert pulled == []
    learned = fit_rules(people(2, []), binned, key=KEY)
    assert anonymize(people(2, []), learned, key=KEY).read_all()["n"].to_pylist()[0] == "<1"


@pytest.mark.filterwarnings("ignore::anonymizer.PrivacyWarning")
def test_streams_that_belong_together() -> None:
    """Persons are found through tables alone, which are read again; each comes as what it was."""
    orders = pa.table({"order": [7, 8], "who": ["a", "b"]})
    lines = pa.table({"order": [8, 7, 9], "at": [datetime(2024, 5, 1)] * 3})
    shift = {"mask": "date_shift", "days": 30}
    fields = {
        "version": 1,
        "entity": "orders.who",
        "foreign_keys": {"lines.order": "orders.order"},
        "tables": {
            "orders": {"columns": {"order": "token", "who": "token"}},
            "lines": {"columns": {"at": shift}},
        },
    }
    expected = anonymize({"orders": orders, "lines": lines}, fields, key=KEY)
    found = anonymize({"orders": orders, "lines": lines.to_reader()}, fields, key=KEY)
    assert found["lines"].read_all().equals(expected["lines"])
    assert found["orders"].equals(expected["orders"])
    with pytest.raises(DataError, match=r"^orders: a stream can be read once, and other tables"):
        anonymize({"orders": orders.to_reader(), "lines": lines}, fields, key=KEY)


def test_a_stream_that_fails_tells_no_value() -> None:
    """Neither on the way, nor to whoever reads it by Arrow's interface."""
    text = pa.table({"who": ["secret", "b"], "n": ["1", "secret"]}).to_reader()
    rules = {"version": 1, "columns": {"who": "token", "n": {"mask": "round", "to": 1}}}
    masked = anonymize(text, rules, key=KEY)
    with pytest.raises(AnonymizerError, match="masking failed") as caught:
        masked.read_all()
    assert "secret" not in str(caught.value)


def test_relations_and_datasets_stream(tmp_path: Path) -> None:
    """They are read again for what masks learn; nothing is left open."""
    try:
        import duckdb
    except ImportError:
        without("duckdb")
    FRAME.write_parquet(tmp_path / "a.parquet")
    relation = duckdb.connect().sql("SELECT i AS a, 'x' || i AS b FROM range(5000) t(i)")
    rules = {"version": 1, "columns": {"a": {"mask": "bin", "quantiles": 2}, "b": "token"}}
    masked = anonymize(relation, rules | {"order": "kept"}, key=KEY)
    assert set(masked.read_all()["a"].to_pylist()) == {"<2500", ">=2500"}
    assert len(relation.fetchall()) == 5000
    dataset = anonymize(pyarrow.dataset.dataset(tmp_path), {"version": 1, "columns": {"*": "keep"}})
    assert dataset.read_all().to_pydict() == FRAME.to_dict(as_series=False)


@pytest.mark.parametrize(
    "column", [FRAME["b"], FRAME["b"].to_pandas(), Streamed(pa.chunked_array([["secret"]]))]
)
def test_a_column_is_no_frame(column: Any) -> None:
    """Though it streams Arrow as frames do."""
    with pytest.raises(DataError) as caught:
        eager(column)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["absent.parquet", "absent-*.csv", "s3://bucket/f.parquet"])
def test_a_missing_source_is_named(tmp_path: Path, name: str) -> None:
    """An absent file, an empty glob and a remote address are errors of the call."""
    with pytest.raises(FileError):
        scan(name if "://" in name else tmp_path / name)


def test_an_unknown_ending_lists_the_known(tmp_path: Path) -> None:
    """The message says which endings there are."""
    (tmp_path / "f.xlsx").write_text("x")
    with pytest.raises(FileError, match=r"unknown ending '\.xlsx'; use \.parquet"):
        scan(tmp_path / "f.xlsx")


def test_a_broken_file_is_an_error_of_the_file(tmp_path: Path) -> None:
    """Content of another format gives one line without the content."""
    (tmp_path / "f.parquet").write_text("secret")
    with pytest.raises(FileError, match="cannot be read as Parquet") as caught:
        scan(tmp_path / "f.parquet")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("ending", ["parquet", "arrow"])  # no lines of NDJSON are no rows
def test_an_empty_file_is_named_with_the_reason(tmp_path: Path, ending: str) -> None:
    """Among others too."""
    sink(FRAME.lazy(), tmp_path / f"a.{ending}")
    (tmp_path / f"b.{ending}").touch()
    data = TableFiles.at(tmp_path)
    with (
        pytest.raises(FileError, match=rf"b\.{ending}: cannot be read as .*, it is empty"),
        data.named("reading"),
    ):
        data.scan().collect()


def test_a_damaged_file_of_a_folder_is_named(tmp_path: Path) -> None:
    """By itself, though what fails is the run over all of them; nothing of its content is said."""
    for name in "ab":
        texts = [f"secret {name} {number}" for number in range(20_000)]
        pl.DataFrame({"x": texts}).write_parquet(tmp_path / f"{name}.parquet")
    whole = bytearray((tmp_path / "b.parquet").read_bytes())
    whole[1_000:5_000] = bytes(4_000)
    (tmp_path / "b.parquet").write_bytes(whole)
    rules = {"version": 1, "columns": {"x": "keep"}}
    with pytest.raises(
        FileError, match=r"b\.parquet: cannot be read as Parquet, it is damaged"
    ) as c:
        mask_file(tmp_path, tmp_path.with_name(f"{tmp_path.name}-out"), rules)
    assert "secret" not in str(c.value)


def test_globs_and_folders_are_read_in_order(tmp_path: Path) -> None:
    """A glob and a folder stand for their files, sorted."""
    for part in (2, 1):
        pl.DataFrame({"a": [part]}).write_parquet(tmp_path / f"p{part}.parquet")
    for place in (tmp_path, tmp_path / "p*.parquet"):
        assert scan(place).collect()["a"].to_list() == [1, 2]


def test_a_name_with_brackets_is_a_name(tmp_path: Path) -> None:
    """An existing file is never taken for a glob."""
    path = tmp_path / "f[1].parquet"
    FRAME.write_parquet(path)
    assert sources(path) == [path]
    assert_frame_equal(scan(path).collect(), FRAME)


def test_hive_partitions_become_columns(tmp_path: Path) -> None:
    """The values of a partitioned folder are in the frame."""
    for year in (2023, 2024):
        (tmp_path / f"year={year}").mkdir()
        pl.DataFrame({"a": [year]}).write_parquet(tmp_path / f"year={year}" / "p.parquet")
    assert scan(tmp_path).collect()["year"].to_list() == [2023, 2024]


def test_mixed_formats_are_refused(tmp_path: Path) -> None:
    """One run reads one format."""
    FRAME.write_parquet(tmp_path / "a.parquet")
    FRAME.write_csv(tmp_path / "b.csv")
    with pytest.raises(FileError, match="different formats"):
        scan(tmp_path)


def test_codes_with_leading_zeros_stay_text(tmp_path: Path) -> None:
    """00123 in a CSV is a code and not the number 123; dates become dates."""
    path = tmp_path / "f.csv"
    path.write_text("code,number,day\n00123,5,2024-02-29\n7,6,2024-03-01\n")
    assert scan(path).collect_schema() == {"code": pl.String, "number": pl.Int64, "day": pl.Date}


def test_codes_that_look_like_floats_stay_text(tmp_path: Path) -> None:
    """12E5 and 1200000 are two articles, and an identifier keeps its last digit."""
    (tmp_path / "f.csv").write_text(
        "a,b,c,d\n12E5,9007199254740993,1.5e-3,1.5\n1200000,1.5,2,7.5\n"
    )
    frame = scan(tmp_path / "f.csv").collect()
    assert frame["a"].to_list() == ["12E5", "1200000"]
    assert frame["b"].to_list() == ["9007199254740993", "1.5"]
    assert frame["c"].to_list() == [0.0015, 2.0]
    assert frame["d"].to_list() == [1.5, 7.5]


def test_types_of_a_csv_come_from_the_whole_file(tmp_path: Path) -> None:
    """A letter far down makes the column text from the start."""
    path = tmp_path / "f.csv"
    path.write_text("a\n" + "1\n" * 5_000 + "x\n")
    assert scan(path).collect_schema()["a"] == pl.String


def test_an_existing_target_stays(tmp_path: Path) -> None:
    """Without leave to overwrite, nothing is touched."""
    path = tmp_path / "f.parquet"
    path.write_text("mine")
    with pytest.raises(FileError, match="exists already"):
        sink(FRAME.lazy(), path)
    assert path.read_text() == "mine"
    sink(FRAME.lazy(), path, overwrite=True)
    assert_frame_equal(scan(path).collect(), FRAME)


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    """Not even when overwriting is allowed, and by no other spelling of its path."""
    path = tmp_path / "f.parquet"
    FRAME.write_parquet(path)
    with pytest.raises(FileError, match="the output is an input"):
        check_target(tmp_path / "." / "f.parquet", overwrite=True, inputs=[path])


def test_a_target_needs_its_folder(tmp_path: Path) -> None:
    """A folder is not made by surprise, and is not a file."""
    with pytest.raises(FileError, match="no such folder"):
        check_target(tmp_path / "absent" / "f.parquet")
    (tmp_path / "f.parquet").mkdir()
    with pytest.raises(FileError, match="is a folder"):
        check_target(tmp_path / "f.parquet")


def test_a_failure_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    """A cast that fails in the last row leaves neither target nor temporary file.

    Not later either: a sink of Polars may create its file after its error was raised.
    """
    path = tmp_path / "f.parquet"
    failing = pl.LazyFrame({"a": ["1"] * 1000 + ["x"]}).select(pl.col("a").cast(pl.Int64))
    for _ in range(100):
        with pytest.raises(pl.exceptions.InvalidOperationError):
            sink(failing, path)
        assert list(tmp_path.iterdir()) == []
    time.sleep(0.1)  # for what a sink of Polars still does after its error
    assert list(tmp_path.iterdir()) == []


def test_metadata_is_in_the_footer(tmp_path: Path) -> None:
    """Key-value pairs are read back."""
    sink(FRAME.lazy(), tmp_path / "f.parquet", metadata={"k": "v"})
    assert pl.read_parquet_metadata(tmp_path / "f.parquet")["k"] == "v"


@pytest.mark.parametrize("ending", ["parquet", "csv", "ndjson", "arrow"])
def test_rows_and_nulls_are_counted(tmp_path: Path, ending: str) -> None:
    """From the footer or from the data, the counts agree."""
    path = tmp_path / f"f.{ending}"
    sink(FRAME.lazy(), path)
    assert TableFiles.at(path).row_and_null_counts() == (3, {"a": 1, "b": 1})


def test_nested_columns_are_counted(tmp_path: Path) -> None:
    """Footers count leaves, so nested columns are counted in the data."""
    frame = pl.DataFrame({"s": [{"x": None}, None]}, schema={"s": pl.Struct({"x": pl.Int64})})
    frame.write_parquet(tmp_path / "f.parquet")
    assert TableFiles.at(tmp_path / "f.parquet").row_and_null_counts() == (2, {"s": 1})


def test_an_arrow_table_is_read_without_pandas() -> None:
    """Arrow tables come back as Arrow tables with their columns."""
    table = pa.table({"a": [1, 2]})
    lazy, back = to_lazy(table)
    assert back(lazy).column_names == ["a"]


def test_a_lazy_frame_that_fails_tells_no_value() -> None:
    """Polars names the values that it cannot cast."""
    lazy = pl.LazyFrame({"name": ["Ann Lee"]}).with_columns(pl.col("name").str.to_integer())
    with pytest.raises(AnonymizerError, match="reading the frame failed") as caught:
        eager(lazy)
    assert "Ann" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_part_of_a_pandas_frame_keeps_the_numbers_of_its_rows() -> None:
    """By them pandas aligns what was masked with what was not."""
    part = pd.DataFrame({"a": [1, 2, 3, 4]}).iloc[1:3]
    lazy, back = to_lazy(part)
    assert back(lazy).index.tolist() == [1, 2]
    assert back(lazy.head(1)).index.tolist() == [0]


RULES = {"version": 1, "columns": {"*": "keep"}}


def test_arrow_types_that_polars_lacks_come_back() -> None:
    """Decimals of 256 bits, dictionaries of numbers and with wide indices, and one batch."""
    numbers = pa.DictionaryArray.from_arrays(pa.array([0, 1, None], pa.int64()), pa.array([7, 8]))
    columns = {
        "wide": pa.array([Decimal("1.50"), None, Decimal(2)], pa.decimal256(60, 2)),
        "numbers": numbers,
        "words": pa.array(["x", "y", None]).dictionary_encode().cast(
            pa.dictionary(pa.int64(), pa.string())
        ),
    }  # fmt: skip
    table = pa.table(columns)
    assert anonymize(table, RULES).equals(table)
    batch = pa.record_batch(columns)
    assert anonymize(batch, RULES).equals(batch)
    assert anonymize(batch.slice(0, 0), RULES).equals(batch.slice(0, 0))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"ok": [1, 2], "x": [12345678901234567890123, 1]}),
        pd.DataFrame({"ok": [1, 2], "x": [12345678901234567890, -1]}),
        pd.DataFrame({"ok": [1, 2], "x": [1, "secret"]}),
        pa.table({"ok": [1], "x": pa.array([Decimal(10) ** 50], pa.decimal256(60, 2))}),
        pa.record_batch({"ok": [1], "x": pa.array([Decimal(10) ** 50], pa.decimal256(60, 2))}),
    ],
)
def test_a_column_that_cannot_be_read_is_named(frame: Any) -> None:
    """Whatever library says so, and without what it says."""
    with pytest.raises(DataError, match=r"cannot be read .*, column 'x': give each column"):
        anonymize(frame, RULES)


def test_what_others_say_of_the_data_is_not_carried_along(tmp_path: Path) -> None:
    """Whoever writes down an error with what led to it writes no value: the kind alone is left."""
    cast = pl.LazyFrame({"x": ["secret"]}).cast(pl.Int64)
    (tmp_path / "f.csv").write_bytes(b"a\nsecret\xff\n")
    mixed = pd.DataFrame({"x": [1, "secret"]})
    for failing in (
        lambda: eager(cast),
        lambda: anonymize(mixed, RULES),
        lambda: scan(tmp_path / "f.csv"),
    ):
        with pytest.raises(AnonymizerError) as caught:
            failing()
        error: BaseException | None = caught.value
        while error is not None:
            assert "secret" not in f"{error!r} {error} {vars(error)}"
            error = error.__context__


def _sources(folder: Path) -> Iterator[pl.LazyFrame]:
    """Rows in blocks, from what this library reads itself."""
    blocks = [FIRST_ROWS[start : start + 7] for start in range(0, 60, 7)]
    yield from_blocks(iter(blocks), FIRST_ROWS.schema)
    yield streamed(FIRST_ROWS.schema, lambda names: (block.select(names) for block in blocks))
    FIRST_ROWS.write_csv(folder / "rows.csv")
    yield open_table(
        folder / "rows.csv", replace(NOTHING_SAID, types=dict.fromkeys("ab", "integer"))
    )


FIRST_ROWS = pl.DataFrame({"a": range(60), "b": [number % 9 for number in range(60)]})
BEGINNINGS: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = {
    "first, then a condition": lambda rows: rows.head(20).filter(pl.col("b") > 3),
    "a condition, then first": lambda rows: rows.filter(pl.col("b") > 3).head(4),
    "between": lambda rows: rows.head(20).filter(pl.col("b") > 3).head(3).select("a"),
    "in the middle": lambda rows: rows.slice(3, 9).filter(pl.col("b") > 3),
}


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_the_first_rows_are_counted_before_a_condition_leaves_some_out(
    tmp_path: Path, beginning: str
) -> None:
    """As Polars asks its sources."""
    asked = BEGINNINGS[beginning]
    for source in _sources(tmp_path):
        assert asked(source).collect().rows() == asked(FIRST_ROWS.lazy()).collect().rows()


def test_a_query_that_breaks_off_is_an_error() -> None:
    """Polars ends the batches of a query that panics as if all had come."""

    def panics(_values: pl.Series) -> pl.Series:
        raise pl.exceptions.PanicException("of a value")

    rows = pl.LazyFrame({"a": range(9)})
    assert pl.concat(batches(rows))["a"].to_list() == list(range(9))
    assert list(batches(rows.head(0))) == []
    broken = rows.with_columns(pl.col("a").map_batches(panics, return_dtype=pl.Int64))
    with pytest.raises(AnonymizerError, match="the query broke off"):
        list(batches(broken))
