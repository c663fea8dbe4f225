"""What is malformed is an error that gives file and line, and never a cell."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from anonymizer.delimited.dialect import Dialect, dialect_of
from anonymizer.delimited.writing import write_text
from anonymizer.errors import DataError, FileError, RuleError
from anonymizer.files.reading import NOTHING_SAID, Reading
from anonymizer.files.sources import compared, scan
from anonymizer.files.table_files import sink

TEXT = Reading(types={})


def written(folder: Path, content: str | bytes, name: str = "f.csv") -> Path:
    """A file of some content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,x\n1,2\nsecret\n", "line 3: 1 of 2 fields"),
        ("id,x\n1,2\nsecret,1,2\n4,5\n", "line 3: 3 of 2 fields"),
        ('id,x\n"two\nlines",1\n\nsecret,2\n', "line 4: 0 of 2 fields"),
        ('id,x\nsecret,5" pipe\n', "line 2: a quote is out of place"),
        ('id,x\nsecret,5" and 6" pipes\n', "line 2: a quote is out of place"),
        ('id,x\n"secret" ,1\n', "line 2: a quote is out of place"),
        ('id,x\n1,"secret\n2,3\n', "line 2: a quote is out of place or not closed"),
        (b"id,x\n1,2\n3,secret\xff\n", "line 3: is not UTF-8"),
        ("id,secret\n1,2\n".encode("utf-16"), "line 1: is not UTF-8"),
        ("secret,secret\n1,2\n", "line 1: field 2 is no name, or there twice"),
        ("secret,\n1,2\n", "line 1: field 2 is no name"),
        ("17,secret\n18,2\n", "line 1: field 1 looks like data"),
        ("secret,2024-01-01\na,2\n", "line 1: field 2 looks like data"),
        ("secret,me@secret.org\na,2\n", "line 1: field 2 looks like data"),
        ("", "is empty: expected a header"),
        (
            "id,x\n1,2\n\nsecret,3\n",
            "line 3: 0 of 2 fields: it is blank, and rows follow: take it out",
        ),
        ("id;secret\n1;2\n", 'line 1: has one column; it looks like `separator: ";"` under `csv:`'),
        ("id;secret\n1;2,5\n", "line 1: has one column; it looks like"),
        ('id;secret\n1;"b; c"\n', "line 1: has one column; it looks like"),
        ("id\tsecret\n1\t2\n", r"it looks like `separator: .\\t.`"),
        ("\nid,secret\n1,2\n", "line 1: is blank: expected a header"),
        (
            "sep=,\nid,secret\n1,2\n",
            "line 1: says the separator to Excel alone: take this line out",
        ),
        ("id|secret\n", r"it looks like `separator: .\|.`"),
        ("id,secret\r1,2\r", "line 1: its lines end in CR alone: write them with LF or CRLF"),
        (gzip.compress(b"id,secret\n1,2\n", mtime=0), "is compressed: its name must end in .gz"),
    ],
)
def test_a_malformed_file_names_the_line(tmp_path: Path, content: str, message: str) -> None:
    """Short and long lines, stray quotes, other encodings, and what may be no header."""
    path = written(tmp_path, content)
    with pytest.raises(FileError, match=message) as caught:
        scan(path, TEXT).collect()
    assert "secret" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_blank_lines_at_the_end_are_no_rows(tmp_path: Path) -> None:
    """In a file of one column they are nulls."""
    assert scan(written(tmp_path, "a,b\n1,2\n\n\r\n"), TEXT).collect().height == 1
    alone = scan(written(tmp_path, "a\n1\n\n\n"), TEXT).collect()
    assert alone["a"].to_list() == ["1", None, None]


def test_one_column_is_one_where_nothing_says_otherwise(tmp_path: Path) -> None:
    """Its cells may hold what separates elsewhere, and `header: true` says that its name does."""
    notes = written(tmp_path, "note\na; b\n")
    assert scan(notes, TEXT).collect().columns == ["note"]
    odd = written(tmp_path, "a;b\n1;2\n")
    assert scan(odd, Reading(Dialect(header=True), {})).collect().columns == ["a;b"]


def test_a_wrong_line_is_found_beyond_the_first_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number is that of the file."""
    monkeypatch.setattr("anonymizer.delimited.records._BLOCK", 50)
    path = written(tmp_path, "a,b\n" + '"x\ny",1\n' * 30 + "1\n" + "1,2\n" * 30)
    with pytest.raises(FileError, match="line 62: 1 of 2 fields"):
        scan(path, TEXT).collect()


def test_a_quote_that_never_closes_does_not_fill_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading stops at the longest record there may be."""
    monkeypatch.setattr("anonymizer.delimited.records._BLOCK", 100)
    monkeypatch.setattr("anonymizer.delimited.records._LONGEST_RECORD", 1000)
    path = written(tmp_path, 'a,b\n1,2\n1,"' + "2\n1," * 2000)
    with pytest.raises(FileError, match="line 3: a quote that opens here or below is not closed"):
        scan(path, TEXT).collect()


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_an_archive_that_is_damaged_is_named(tmp_path: Path, ending: str) -> None:
    """Half a file is no file, nor is plain text under such a name."""
    path = tmp_path / f"f.csv.{ending}"
    sink(pl.LazyFrame({"a": [str(n) for n in range(1000)]}), path)
    assert scan(path, TEXT).collect().height == 1000
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:-1], b"a\n1\n"):
        path.write_bytes(content)
        with pytest.raises(FileError, match="cannot be read or decompressed"):
            scan(path, TEXT).collect()


def test_a_name_that_is_also_a_cell_is_no_name(tmp_path: Path) -> None:
    """Whoever looks at a file without a header does not show its first row as names."""
    path = written(tmp_path, "Ann Lee,Oslo\nBo Ek,Rome\nCy Dee,Oslo\n")
    with pytest.raises(FileError, match="line 1: field 2 is also a cell below it") as caught:
        scan(path)
    assert "Oslo" not in str(caught.value)
    assert scan(path, Reading(Dialect(header=True))).collect().height == 2


def test_types_that_are_said_must_hold(tmp_path: Path) -> None:
    """A cell of another type is an error with column and row; an empty one is null."""
    path = written(tmp_path, 'n,x,d\n1,"1.234,5",2024-02-29\n,"",\nsecret,"1,5",2024-01-01\n')
    wrong = Reading(types={"n": "integer", "d": "date"})
    with pytest.raises(FileError, match="column 'n', row 3: this is no integer") as caught:
        scan(path, wrong).collect()
    assert "secret" not in str(caught.value)
    german = Reading(Dialect(decimal=","), {"x": "float"})
    with pytest.raises(FileError, match="column 'x', row 1: this is no float"):
        scan(path, german).collect()
    large = written(tmp_path, "x\n1e308\n-inf\nNaN\n1.0e400\n", name="large.csv")
    with pytest.raises(FileError, match="column 'x', row 4: this is no float"):
        scan(large, Reading(types={"x": "float"})).collect()
    dates = scan(path, Reading(types={"d*": "date"})).collect()
    assert dates.schema == {"n": pl.String, "x": pl.String, "d": pl.Date}
    assert dates["d"].null_count() == 1


def test_all_cells_decide_where_somebody_looks(tmp_path: Path) -> None:
    """A number, a date or a truth is one where every cell is; what looks like a code is text."""
    path = written(
        tmp_path,
        "i,f,b,d,t,z,code,art,big,mixed,none,huge\n"
        "1,1.5,true,2024-01-01,2024-01-01T10:00:00,2024-01-01 10:00Z,007,12E5,"
        "1234567890123456789,1,,1.0e400\n"
        "-2,2,false,,2024-01-01 10:00,2024-01-01T10:00:00.5+02:00,7,1,1,x,,1.5\n",
    )
    schema = scan(path).collect_schema()
    zoned = pl.Datetime("us", "UTC")
    assert list(schema.values()) == [
        *(pl.Int64, pl.Float64, pl.Boolean, pl.Date, pl.Datetime("us"), zoned),
        *[pl.String] * 6,
    ]
    assert scan(path).collect()["z"].dt.hour().to_list() == [10, 8]


def test_tables_that_are_compared_agree_in_types(tmp_path: Path) -> None:
    """Whole amounts in one of two files are floats, as they are in the other."""
    raw = written(tmp_path, "x,t,who\n1.5,2024-01-01 10:00:00,a\n", "raw.csv")
    other = written(tmp_path, "x,t,who\n2,2024-01-01,1\n", "other.csv")
    one, two = (
        table.collect_schema() for table in compared((raw, NOTHING_SAID), (other, NOTHING_SAID))
    )
    assert one["x"] == two["x"] == pl.Float64
    assert one["t"] == two["t"] == pl.Datetime("us")
    assert one["who"] == pl.String
    assert two["who"] == pl.Int64
    frame = pl.DataFrame({"x": [1]})
    both = ((frame, NOTHING_SAID), (frame.cast(pl.Float64), NOTHING_SAID))
    assert compared(*both)[0].collect_schema()["x"] == pl.Int64


def test_a_header_may_look_like_data_where_somebody_says_so(tmp_path: Path) -> None:
    """Years are names then; letters of time are names always."""
    path = written(tmp_path, "T,2023,2024\na,1,2\n")
    with pytest.raises(FileError, match="field 2 looks like data"):
        scan(path)
    assert scan(path, Reading(Dialect(header=True))).collect().columns == ["T", "2023", "2024"]
    named = Reading(Dialect(header=True, names=["a", "b", "c"]))
    assert scan(path, named).collect().rows() == [("a", 1, 2)]
    with pytest.raises(FileError, match="line 1: 3 fields for 2 `names`"):
        scan(path, Reading(Dialect(names=["a", "b"])))


def test_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    """Projection, filter and head reach the file; names that look like patterns are names."""
    path = written(tmp_path, "a,b,^c$\n1,x,p\n2,y,q\n3,y,r\n")
    lazy = scan(path, TEXT)
    assert lazy.filter(pl.col("b") == "y").select("a").head(1).collect().rows() == [("2",)]
    assert lazy.select(pl.len()).collect().item() == 3
    assert lazy.collect().columns == ["a", "b", "^c$"]


def test_a_dialect_is_said_in_one_line() -> None:
    """As YAML has it; what is wrong is named."""
    assert dialect_of("separator: ;, quote: null, names: [a, b]").names == ["a", "b"]
    assert dialect_of('{separator: ";", decimal: ","}') == Dialect(separator=";", decimal=",")
    for options, message in [
        ("separator: ;;", "csv.separator"),
        ("separater: ;", "no such option; did you mean 'separator'"),
        ("encoding: klingon", "Python knows no such encoding"),
        ("header: false", "`header: false` needs `names`"),
        ("names: [a, a]", "a name stands in `names` twice"),
        ("separator: '\"'", "`separator` and `quote` are the same"),
        ("]", "expected options such as"),
    ]:
        with pytest.raises(RuleError, match=message):
            dialect_of(options)


@pytest.mark.parametrize(
    ("dialect", "value", "message"),
    [
        (Dialect(quote=None), "a,b", "x: a cell holds the separator or a line break"),
        (Dialect(quote=None), "a\nb", "x: a cell holds the separator or a line break"),
        (Dialect(encoding="cp1252"), "漢", "characters that cp1252 lacks"),
    ],
)
def test_what_a_dialect_cannot_hold_is_not_written(
    tmp_path: Path, dialect: Dialect, value: str, message: str
) -> None:
    """Neither a cell that would become two, nor a character that the encoding lacks."""
    path = tmp_path / "f.csv"
    with pytest.raises(DataError, match=message):
        write_text(pl.LazyFrame({"x": [value]}), path, path, dialect)
