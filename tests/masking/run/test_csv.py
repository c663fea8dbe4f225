"""CSV files under rules: text unless the rules say otherwise, today and on an empty day."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import anonymize
from anonymizer.errors import DataError, FileError, SchemaError, UsageError
from anonymizer.masking.inspection.inspect import inspect
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run.files import mask_file, reveal_file
from anonymizer.masking.run.frames import fit_rules
from anonymizer.masking.run.preview import lint, preview
from anonymizer.masking.run.rehearsal import rehearse


def masked(folder: Path, content: str, columns: dict[str, Any], **rules: Any) -> str:
    """What becomes of the content of a CSV file."""
    (folder / "in.csv").write_bytes(content.encode())
    rules = {"version": 1, "columns": columns} | rules
    mask_file(folder / "in.csv", folder / "out.csv", rules, key="a key of 16 bytes", overwrite=True)
    return (folder / "out.csv").read_bytes().decode()


def test_a_code_has_one_token_in_every_format(tmp_path: Path, secret: str) -> None:
    """1-2-3 is no date, 007 no number, whatever the other rows hold."""
    frame = pl.DataFrame({"bin": ["1-2-3", "007", "12E5"]})
    rules = {"version": 1, "columns": {"bin": {"mask": "token", "domain": "bin"}}}
    frame.write_csv(tmp_path / "in.csv")
    mask_file(tmp_path / "in.csv", tmp_path / "out.parquet", rules, key=secret)
    assert pl.read_parquet(tmp_path / "out.parquet").equals(anonymize(frame, rules, key=secret))


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ({"mask": "round", "to": 1}, "1.5\n2\n 17.2\n\n-0.4\n", "2\n2\n17\n\n0\n"),
        ({"mask": "round", "to": 0.1}, "1.25\n2\n", "1.3\n2\n"),
        ({"mask": "clip", "low": 0, "high": 10}, "-3\n4.5\n11\n", "0\n4.5\n10\n"),
        ({"mask": "bin", "edges": [0, 18]}, "-1\n17.9\n1e2\n", '<0\n"[0, 18)"\n>=18\n'),
    ],
)
def test_masks_of_numbers_read_text(tmp_path: Path, rule: Any, before: str, after: str) -> None:
    """And write text: a whole number has no decimals, on whichever day and beside what else."""
    assert masked(tmp_path, f"x\n{before}", {"x": rule}) == f"x\n{after}"


def test_a_decimal_comma_is_read_and_written(tmp_path: Path) -> None:
    """A point is not taken for it."""
    columns = {"x": {"mask": "round", "to": 0.5}, "y": "keep"}
    csv = {"separator": ";", "decimal": ","}
    assert masked(tmp_path, "x;y\n1,4;1.234,50\n", columns, csv=csv) == "x;y\n1,5;1.234,50\n"
    with pytest.raises(DataError, match="x, row 1: no number"):
        masked(tmp_path, "x;y\n1.234;1\n", columns, csv=csv)


def test_what_is_no_number_is_named_by_its_row(tmp_path: Path) -> None:
    """Not by its value; and nothing is written."""
    columns = {"who": "keep", "x": {"mask": "round", "to": 10}}
    for value in ("secret", "12345678901234567", "1.2.3", "0x10"):
        with pytest.raises(DataError, match="x, row 3: no number of 15 digits") as caught:
            masked(tmp_path, f"who,x\na,1\nb,\nc,{value}\nd,\n", columns)
        assert value not in str(caught.value)
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]


def test_a_rule_for_some_rows_reads_their_numbers_alone(tmp_path: Path) -> None:
    """A condition keeps a mask of numbers away from other cells."""
    rule = [{"mask": "round", "to": 10, "when": "way = 'n'"}, "keep"]
    content = "way,x\nn,17\nt,secret\n"
    assert masked(tmp_path, content, {"way": "keep", "x": rule}) == "way,x\nn,20\nt,secret\n"


def test_conditions_need_types(tmp_path: Path) -> None:
    """Text is not less than 18; `types:` makes a number of it."""
    columns = {"age": "keep", "x": [{"mask": "redact", "when": "age < 18"}, "keep"]}
    content = "age,x\n9,a\n30,b\n"
    with pytest.raises(SchemaError, match=r"`when` does not fit .* unless `types:`"):
        masked(tmp_path, content, columns)
    assert masked(tmp_path, content, columns, types={"a*": "integer"}) == "age,x\n9,\n30,b\n"


def test_types_must_be_those_of_a_csv(tmp_path: Path, secret: str) -> None:
    """A type for a column that is not there, or for text of another format, is a fault."""
    rules = {"version": 1, "columns": {"x": "keep"}, "types": {"x": "date"}}
    with pytest.raises(DataError, match=r"types.x: is text and no CSV"):
        anonymize(pl.DataFrame({"x": ["2024-01-01"]}), rules, key=secret)
    with pytest.raises(DataError, match=r"types.y: no column 'y' in the data"):
        masked(tmp_path, "x\n1\n", {"x": "keep"}, types={"y": "date"})


def test_every_day_is_masked_alike(tmp_path: Path, secret: str) -> None:
    """Fitted rules mask a day of whole amounts, and an empty one, as they mask the first."""
    columns = {
        "who": "token",
        "day": {"mask": "date_shift", "days": 30},
        "amount": {"mask": "bin", "quantiles": 2},
    }
    rules = {"version": 1, "entity": "who", "columns": columns, "types": {"day": "date"}}
    first = "".join(f"{n},2024-01-{n:02d},{n}.5\n" for n in range(1, 21))
    for name, rows in {"1": first, "2": "1,2024-02-01,2\n", "3": ""}.items():
        (tmp_path / f"{name}.csv").write_text(f"who,day,amount\n{rows}")
    fit_rules(tmp_path / "1.csv", rules, key=secret).write(tmp_path / "fitted.json")
    for name, count in {"2": 1, "3": 0}.items():
        target = tmp_path / f"{name}.parquet"
        record = mask_file(tmp_path / f"{name}.csv", target, tmp_path / "fitted.json", key=secret)
        assert record.rows == count
        assert pl.read_parquet_schema(target) == {
            "who": pl.String,
            "day": pl.Date,
            "amount": pl.String,
        }


def test_rules_keep_their_dialect_when_written(tmp_path: Path) -> None:
    """`quote: null` is no default."""
    csv = {"quote": None, "separator": "|"}
    types = {"x": "float"}
    rules = load_rules({"version": 1, "columns": {"x": "keep"}, "csv": csv, "types": types})
    rules.write(tmp_path / "r.json")
    assert load_rules(tmp_path / "r.json").reading == rules.reading


@pytest.mark.parametrize("csv", [{}, {"separator": ";", "encoding": "utf-16"}, {"quote": None}])
@pytest.mark.parametrize("header", [True, False])
def test_what_was_encrypted_can_be_revealed(
    tmp_path: Path, secret: str, csv: dict[str, Any], header: bool
) -> None:
    """What the command wrote it reads back: leading zeros, dropped columns, no header."""
    names = ["name", "card", "phone"]
    csv = csv | ({} if header else {"names": names})
    columns = {"name": "drop", "card": {"mask": "fpe"}, "phone": "encrypt"}
    rules = {"version": 1, "columns": columns, "csv": csv}
    mark, encoding = csv.get("separator", ","), csv.get("encoding", "utf-8")
    rows = [names] * header + [["Ann", "0004111111111111", "+44 7"], ["Bo", "41-1111-11", ""]]
    text = "".join(mark.join(row) + "\n" for row in rows)
    (tmp_path / "raw.csv").write_bytes(text.encode(encoding))
    mask_file(tmp_path / "raw.csv", tmp_path / "masked.csv", rules, key=secret)
    reveal_file(tmp_path / "masked.csv", tmp_path / "back.csv", rules, key=secret)
    back = (tmp_path / "back.csv").read_bytes().decode(encoding)
    assert back == "".join(mark.join(row[1:]) + "\n" for row in rows)


@pytest.mark.parametrize("content", ["Ann Lee,Bo,Oslo\nCy Dee,Di,Rome\n", "1,Ann Lee,2024-01-01\n"])
def test_a_missing_header_tells_nobody(tmp_path: Path, content: str) -> None:
    """Neither a message nor the output holds the cells of the first row."""
    columns = {"cust": "token", "name": "drop"}
    for more in ({}, {"unlisted": "keep", "missing": "ignore"}):
        with pytest.raises(FileError, match=r"in.csv, line 1: .* `names`") as caught:
            masked(tmp_path, content, columns, **more)
        assert "Lee" not in str(caught.value)
    shown = masked(
        tmp_path, content, columns, csv={"names": ["cust", "name", "x"]}, unlisted="keep"
    )
    assert "Lee" not in shown or content.startswith("Ann")


def test_a_preview_reads_numbers_from_text(tmp_path: Path) -> None:
    """Made-up examples of a text column under a mask of numbers are numbers."""
    (tmp_path / "in.csv").write_text("x\n1\n")
    rules = {"version": 1, "columns": {"x": {"mask": "round", "to": 10}}}
    assert preview(tmp_path / "in.csv", rules)[0].examples == [
        ("17", "20"),
        ("42", "40"),
        ("101", "100"),
    ]


def test_inspect_writes_rules_that_work_on_the_text(tmp_path: Path, secret: str) -> None:
    """With the dialect it was told, and types where a mask minds them."""
    lines = [f"{n};p{n}@example.org;{2100 + n};{n % 7},5;{n % 90}" for n in range(1, 61)]
    (tmp_path / "in.csv").write_text("id;email;zip;amount;age\n" + "\n".join(lines) + "\n")
    found = inspect(tmp_path / "in.csv", csv={"separator": ";", "decimal": ","})
    assert {column.column: column.dtype for column in found.columns} == {
        "id": "Int64",
        "email": "String",
        "zip": "Int64",
        "amount": "Float64",
        "age": "Int64",
    }
    (tmp_path / "rules.yaml").write_text(found.to_yaml(), "utf-8")
    assert load_rules(tmp_path / "rules.yaml").to_dict() == load_rules(found.rules()).to_dict()
    assert load_rules(tmp_path / "rules.yaml").types == {"zip": "integer"}
    record = mask_file(
        tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "rules.yaml", key=secret
    )
    assert record.rows == 60


def test_inspect_writes_the_forms_it_was_told(tmp_path: Path, secret: str) -> None:
    """As `format`, by which characters stay; as a type, where a mask reads less than the form."""
    rows = [
        f"p{n % 12};{n % 28 + 1:02}/{n % 11 + 1:02}/2024 22:15;{n % 27 + 1}.{n % 7 + 4}.2024"
        for n in range(120)
    ]
    (tmp_path / "in.csv").write_text("\n".join(["who;at;sent", *rows, ""]))
    types = '{at: "%d/%m/%Y %H:%M", sent: "%d.%m.%Y"}'
    (tmp_path / "said.yaml").write_text(f'csv: {{separator: ";"}}\ntypes: {types}\n')
    found = inspect(tmp_path / "in.csv", csv=f"@{tmp_path}/said.yaml")
    (tmp_path / "r.yaml").write_text(found.to_yaml())
    rules = load_rules(tmp_path / "r.yaml").to_dict()
    assert rules["columns"]["at"]["format"] == "%d/%m/%Y %H:%M"
    assert rules["types"] == {"sent": "%d.%m.%Y"}
    assert [
        each for each in lint(tmp_path / "r.yaml", tmp_path / "in.csv") if each.level == "warning"
    ] == []
    rehearse(tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "r.yaml")
    mask_file(tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "r.yaml", key=secret)
    assert pl.read_csv(tmp_path / "out.csv", separator=";")["sent"].null_count() == 0


def test_columns_of_csv_files_are_matched_by_name(tmp_path: Path) -> None:
    """Whatever their order; a column more or less is an error with file and name."""
    (tmp_path / "a.csv").write_text("id,x\n1,a\n")
    (tmp_path / "b.csv").write_text("x,id\nb,2\n")
    rules: dict[str, Any] = {"version": 1, "columns": {"*": "keep"}}
    mask_file(tmp_path / "*.csv", tmp_path / "out.tsv", rules)
    assert (tmp_path / "out.tsv").read_text() == "id\tx\n1\ta\n2\tb\n"
    (tmp_path / "b.csv").write_text("id,y\n2,b\n")
    with pytest.raises(FileError, match=r"b.csv: has no column 'x' of .*a.csv"):
        mask_file(tmp_path / "*.csv", tmp_path / "more.tsv", rules)
    mask_file(
        tmp_path / "*.csv", tmp_path / "out.tsv", rules | {"merge_schema": True}, overwrite=True
    )
    assert (tmp_path / "out.tsv").read_text() == "id\tx\ty\n1\ta\t\n2\t\tb\n"


@pytest.mark.parametrize(
    ("cell", "more", "way"),
    [
        (
            "2024-05-01T10:00:00+01:00",
            {"types": {"x": "datetime"}},
            "offset from UTC: say `datetime_utc`",
        ),
        ("2024-05-01 10:00", {"types": {"x": "date"}}, "time of day: say `datetime`"),
        ("1,5", {"columns": {"x": {"mask": "round", "to": 1}}}, 'say `decimal: ","` under `csv:`'),
    ],
)
def test_a_cell_that_does_not_fit_says_what_would(
    cell: str, more: dict[str, Any], way: str, tmp_path: Path
) -> None:
    """By how it is written, in lint as in a run, and never the cell."""
    raw = tmp_path / "raw.csv"
    raw.write_text(f"x;n\n{cell};1\n")
    rules = {"version": 1, "csv": {"separator": ";"}, "columns": {"x": "keep"}} | more
    rules |= {"unlisted": "keep"}
    for call in (lambda: mask_file(raw, tmp_path / "o.csv", rules), lambda: lint(rules, raw)):
        with pytest.raises(UsageError) as caught:
            call()
        assert way in str(caught.value)
        assert cell not in str(caught.value)
