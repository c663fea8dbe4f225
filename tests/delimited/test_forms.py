"""Dates and times in any form: read where somebody says it, written as they were."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from anonymizer.cli import main
from anonymizer.composition import audit
from anonymizer.errors import FileError, RuleError
from anonymizer.files.reading import Reading, reading_of
from anonymizer.files.sources import scan
from anonymizer.files.table_files import sink
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run.files import mask_file

KEY = "the key of this example"
FORM = "%d.%m.%Y %H:%M"
RULES = f"""
version: 1
csv: {{separator: ";", decimal: ","}}
types: {{born: "%d.%m.%Y", zip: text}}
entity: who
columns:
  who: token
  at: {{mask: date_shift, days: 30, format: "{FORM}"}}
  born: token
  "*": keep
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with events of three persons, whose times are German text, and rules for them."""
    rows = [
        f"p{n % 3};{n % 28 + 1:02}.02.2024 22:{n % 60:02};0{n % 3 + 1}.01.1990;"
        f"{n * 37 % 90},50;4000{n % 9}"
        for n in range(90)
    ]
    (tmp_path / "raw.csv").write_text("\n".join(["who;at;born;paid;zip", *rows, ""]))
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path


def test_a_rule_file_says_how_cells_are_written(folder: Path) -> None:
    """Its dialect, its types, and the form that a mask of times reads; other cells decide."""
    lazy = scan(folder / "raw.csv", reading_of(f"@{folder}/rules.yaml"))
    schema = {"who": pl.String, "at": pl.Datetime("us"), "born": pl.Date, "paid": pl.Float64}
    schema |= {"zip": pl.String}
    assert lazy.collect_schema() == schema
    first = ("p0", datetime(2024, 2, 1, 22, 0), date(1990, 1, 1), 0.5, "40000")
    assert lazy.collect().row(0) == first


def test_raw_and_masked_are_audited_without_a_converting_step(folder: Path) -> None:
    """By the rules that masked them, although a masked column is written in another form."""
    mask_file(folder / "raw.csv", folder / "out.csv", folder / "rules.yaml", key=KEY)
    masked = replace(reading_of(f"@{folder}/rules.yaml"), must_fit=False)
    types = scan(folder / "out.csv", masked).collect_schema()
    assert types["at"] == pl.Datetime("us")
    assert types["zip"] == types["born"] == pl.String
    report = audit(
        raw=folder / "raw.csv",
        masked=folder / "out.csv",
        entity="who",
        time="at",
        csv=f"@{folder}/rules.yaml",
    )
    assert "unicity" in report.figures


def test_what_was_read_in_a_form_is_written_in_it(folder: Path) -> None:
    """Typed or not, a kept cell is as it was, and the next reader finds the form."""
    typed = {"at": FORM, "born": "%d.%m.%Y"}
    rules = {"version": 1, "csv": {"separator": ";"}, "types": typed, "columns": {"*": "keep"}}
    mask_file(folder / "raw.csv", folder / "out.csv", rules)
    assert (folder / "out.csv").read_text() == (folder / "raw.csv").read_text()


def test_what_is_made_of_a_file_is_written_as_it(folder: Path) -> None:
    """So that synthetic events, or scored ones, are read by the same rule file as the raw ones."""
    reading = reading_of(f"@{folder}/rules.yaml")
    sink(scan(folder / "raw.csv", reading), folder / "out.csv", reading=reading)
    first, *_ = (folder / "out.csv").read_text().splitlines()[1:]
    assert first == "p0;01.02.2024 22:00;01.01.1990;0,5;40000"


def test_a_cell_of_another_form_is_named_and_not_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With file, line, column and row, wherever it is read."""
    wrong = (folder / "raw.csv").read_text().replace("05.02.2024", "05.13.2024", 1)
    (folder / "raw.csv").write_text(wrong)
    place = "raw.csv, line 6: column 'at', row 5: this is no"
    with pytest.raises(FileError, match=place) as caught:
        scan(folder / "raw.csv", reading_of(f"@{folder}/rules.yaml")).collect()
    assert "05.13" not in str(caught.value)
    said = ["audit", f"{folder}/raw.csv", f"{folder}/raw.csv", "--entity", "who"]
    assert main([*said, "--csv", f"@{folder}/rules.yaml"]) == 2
    assert place in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cell", "type_", "message"),
    [
        (
            "12,50",
            "float",
            "column 'x', row 2: this is no float; say `decimal: \",\"` under `csv:`",
        ),
        ("007", "integer", "no integer: zeros or a plus in front make it a code: leave it `text`"),
        ("+7", "integer", "no integer: zeros or a plus in front"),
        ("9223372036854775808", "integer", "no integer that keeps all its digits"),
        ("9007199254740993", "float", "no float that keeps all its digits: it is a code"),
        ("18.02.2024", "date", "this is no date in ISO 8601: say its form, such as"),
        ("00.00.0000", "%d.%m.%Y", "this is no %d.%m.%Y: leave it out of `types:`; masks"),
    ],
)
def test_a_cell_that_does_not_fit_says_the_way_out(
    tmp_path: Path, cell: str, type_: str, message: str
) -> None:
    """The line is that of the file, where records have several."""
    (tmp_path / "f.csv").write_text(f'note,x\n"two\nlines",\nb,"{cell}"\n')
    with pytest.raises(FileError, match=f"f.csv, line 4: .*{message}") as caught:
        scan(tmp_path / "f.csv", Reading(types={"x": type_})).collect()
    assert cell not in str(caught.value)


@pytest.mark.parametrize("form", ["%H:%M", "%m/%Y", "%Q", "day", "%d.%m.%Y %H"])
def test_a_form_that_tells_no_day_is_no_type(tmp_path: Path, form: str) -> None:
    """In rules and where they are only read for it."""
    (tmp_path / "r.yaml").write_text(f'types: {{at: "{form}"}}\n')
    with pytest.raises(RuleError, match=r"types.at: expected"):
        reading_of(f"@{tmp_path}/r.yaml")
    with pytest.raises(RuleError, match=r"types.at: expected"):
        load_rules({"version": 1, "types": {"at": form}, "columns": {"at": "keep"}})


def test_forms_of_all_kinds_are_read(tmp_path: Path) -> None:
    """Twelve hours, offsets, two digits of a year, no separators."""
    (tmp_path / "f.csv").write_text(
        "a,b,c,d\n03.02.2001 04:05 PM,2001-02-03T04:05:06+0200,3/2/01,20010203\n"
    )
    types = {"a": "%d.%m.%Y %I:%M %p", "b": "%Y-%m-%dT%H:%M:%S%z", "c": "%d/%m/%y", "d": "%Y%m%d"}
    frame = scan(tmp_path / "f.csv", Reading(types=types)).collect()
    assert frame["a"].item() == datetime(2001, 2, 3, 16, 5)
    assert frame["b"].dt.hour().item() == 2
    assert frame["c"].item() == frame["d"].item() == date(2001, 2, 3)


ALTERED = [
    ("03-JAN-2024", "%d-%b-%Y", "%d-%b-%Y writes it in other characters"),
    ("03.01.2024 10:00 pm", "%d.%m.%Y %I:%M %p", "writes it in other characters"),
    ("3.01.2024", "%d.%m.%Y", "writes it in other characters"),
    (" 03.01.2024", "%d.%m.%Y", "writes it in other characters"),
    ("2024-01-03T04:05:06.5", "%Y-%m-%dT%H:%M:%S.%f", "writes it in other characters"),
    ("2024-01-03T04:05:06+0200", "%Y-%m-%dT%H:%M:%S%z", "writes it in other characters"),
]
SAYING_MORE = [
    ("2024-01-03T04:05:06.1234567", "%Y-%m-%dT%H:%M:%S%.f", "more digits than microseconds"),
    ("2024-01-03 04:05:06.123456789", "datetime", "more digits than microseconds"),
    ("2024-01-03 04:05:06.123456789Z", "datetime_utc", "more digits than microseconds"),
    ("2016-12-31T23:59:60", "datetime", "leap second"),
    ("31.12.1960 23:59:60", "%d.%m.%Y %H:%M:%S", "leap second"),
]


def _rules(rule: object, type_: str) -> dict[str, object]:
    columns = {"who": "token", "at": rule}
    return {"version": 1, "entity": "who", "types": {"at": type_}, "columns": columns}


@pytest.mark.parametrize(("cell", "form", "fault"), ALTERED)
def test_what_a_form_would_write_otherwise_is_kept_only_as_text(
    tmp_path: Path, cell: str, form: str, fault: str
) -> None:
    """Never in other characters without a word; as text, character by character."""
    (tmp_path / "in.csv").write_text(f"who,at\na,\nb,{cell}\n")
    with pytest.raises(FileError, match=f"in.csv, line 3: column 'at', row 2: .*{fault}") as caught:
        mask_file(tmp_path / "in.csv", tmp_path / "out.csv", _rules("keep", form), key=KEY)
    assert cell not in str(caught.value)
    assert not (tmp_path / "out.csv").exists()
    mask_file(tmp_path / "in.csv", tmp_path / "text.csv", _rules("keep", "text"), key=KEY)
    assert (tmp_path / "text.csv").read_text().endswith(f",{cell}\n")


@pytest.mark.parametrize(("cell", "form", "_fault"), ALTERED)
def test_a_form_reads_what_it_would_write_otherwise(
    tmp_path: Path, cell: str, form: str, _fault: str
) -> None:
    """Where the value goes elsewhere, as into Parquet, or the mask gives another one anyway."""
    (tmp_path / "in.csv").write_text(f"who,at\nb,{cell}\n")
    mask_file(tmp_path / "in.csv", tmp_path / "out.parquet", _rules("keep", form), key=KEY)
    kept = pl.read_parquet(tmp_path / "out.parquet")["at"].cast(pl.Date).item()
    assert kept == date(2024, 1, 3)
    shifted = {"mask": "date_truncate", "to": "month"}
    mask_file(tmp_path / "in.csv", tmp_path / "out.csv", _rules(shifted, form), key=KEY)


@pytest.mark.parametrize("rule", ["keep", {"mask": "date_truncate", "to": "month"}])
@pytest.mark.parametrize(("cell", "type_", "fault"), SAYING_MORE)
def test_a_time_that_says_more_than_its_type_holds_is_refused(
    tmp_path: Path, cell: str, type_: str, fault: str, rule: object
) -> None:
    """Under every mask: a leap second would be of the next month."""
    (tmp_path / "in.csv").write_text(f"who,at\nb,{cell}\n")
    with pytest.raises(FileError, match=f"in.csv, line 2: column 'at', row 1: .*{fault}"):
        mask_file(tmp_path / "in.csv", tmp_path / "out.parquet", _rules(rule, type_), key=KEY)


@pytest.mark.parametrize(
    ("cell", "type_"),
    [
        ("2024-1-3", "date"),
        (" 2024-01-03", "date"),
        ("+2024-01-03", "date"),
        ("2024-1-3 4:05", "datetime"),
        ("31.12.25", "%d.%m.%Y"),
    ],
)
def test_what_only_resembles_a_type_is_none_of_it(tmp_path: Path, cell: str, type_: str) -> None:
    """ISO 8601 has all its zeros, and a year of two digits is not in the first century."""
    (tmp_path / "f.csv").write_text(f'at\n"{cell}"\n')
    with pytest.raises(FileError, match="this is no"):
        scan(tmp_path / "f.csv", Reading(types={"at": type_})).collect()


def test_a_form_that_counts_nanoseconds_is_refused() -> None:
    """Alone, `%f` would read half a second as five nanoseconds."""
    columns = {"at": "keep"}
    with pytest.raises(RuleError, match=r"types.at: `%f` alone counts nanoseconds: write `%.f`"):
        load_rules({"version": 1, "types": {"at": "%Y%m%d%H%M%S%f"}, "columns": columns})
