"""A folder of tables becomes a dataset file that masks it, without an edit."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from anonymizer import SchemaError, anonymize, mask_dataset
from anonymizer.cli import main
from anonymizer.datasets.inspection.inspect import inspect_dataset, is_dataset
from tests.datasets.shop import KEY, shop, written

pytestmark = pytest.mark.filterwarnings("ignore::anonymizer.PrivacyWarning")


def test_what_is_proposed_masks_the_tables() -> None:
    """Keys under two names, the person behind each line, and one mask for a key and its copies."""
    found = inspect_dataset(shop())
    fields = found.dataset()
    assert fields["entity"] == "customers.id"
    assert fields["foreign_keys"] == {
        "orders.buyer": "customers.id",
        "lines.order_id": "orders.order_id",
        "lines.article": "articles.code",
        "staff.manager": "staff.id",
    }
    assert fields["tables"]["customers"]["columns"]["id"] == {"mask": "token", "as": "same"}
    assert fields["tables"]["lines"]["columns"] == {"shipped": {"mask": "date_shift", "days": 30}}
    masked = anonymize(shop(), fields, key=KEY)
    assert masked["lines"]["article"].equals(shop()["lines"]["article"])
    assert not set(masked["orders"]["order_id"]) & set(shop()["orders"]["order_id"])


def clinic() -> dict[str, pl.DataFrame]:
    """Patients, visits that name them by their number, and notes that know the visit alone."""
    people = [f"{first} {last}" for first in ("Ann", "Eva", "Max") for last in ("Lee", "Roth")]
    notes = [f"{name} came with a cold and was sent home again" for name in people] * 10
    numbers = range(1, 61)
    return {
        "patients": pl.DataFrame({"patient_id": numbers, "full_name": people * 10}).with_columns(
            file=pl.struct(pl.col("full_name").alias("name")).struct.json_encode()
        ),
        "visits": pl.DataFrame({"visit_id": numbers, "patient_id": numbers, "note": notes}),
        "letters": pl.DataFrame({"visit_id": reversed(numbers), "text": reversed(notes)}),
    }


def test_free_text_is_searched_for_names_that_stand_in_the_table_of_the_person() -> None:
    """They are joined on through foreign keys while the rows are masked, and leave no column."""
    fields = inspect_dataset(clinic()).dataset()
    for table, column, number in (
        ("visits", "note", "patient_id"),
        ("letters", "text", "patients.patient_id"),
    ):
        known = [number, "patients.full_name"]
        scrub = {"mask": "scrub", "names": True, "known": known}
        assert fields["tables"][table]["columns"][column] == scrub
    masked = anonymize(clinic(), fields, key=KEY)
    for table, column in (("visits", "note"), ("letters", "text")):
        texts = masked[table][column]
        assert masked[table].columns == clinic()[table].columns
        assert set(texts) == {"<NAME> came with a cold and was sent home again"}


def test_names_to_which_no_way_leads_are_said() -> None:
    """Another spelling, the table itself, a table to which no key leads."""
    fields = inspect_dataset(clinic()).dataset()
    known = fields["tables"]["letters"]["columns"]["text"]["known"]
    for name, told in (
        ("patients.name", "no column 'name' in patients"),
        ("letters.text", "known: letters.text: is of this table: leave its name out"),
    ):
        known[:] = [name]
        with pytest.raises(SchemaError, match=told):
            anonymize(clinic(), fields, key=KEY)
    known[:] = ["shelves.label"]
    shelves = pl.DataFrame({"label": ["a", "b"]})
    tables = fields["tables"] | {"shelves": {"unlisted": "keep", "columns": {}}}
    with pytest.raises(SchemaError, match=r"shelves\.label: no foreign key leads there"):
        anonymize(clinic() | {"shelves": shelves}, fields | {"tables": tables}, key=KEY)


def test_inspect_writes_a_file_that_mask_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Addresses begin where the file is; a dry run writes nothing; a run tells what it wrote."""
    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONYMIZER_KEY", "0123456789abcdef-of-the-tests")
    (tmp_path / "conf").mkdir()
    assert main(["inspect", "raw", "-o", "conf/dataset.yaml"]) == 0
    assert "foreign key orders.buyer" in capsys.readouterr().out
    assert main(["mask", "conf/dataset.yaml", "--dry-run"]) == 0
    assert not (tmp_path / "raw_masked").exists()
    assert main(["lint", "conf/dataset.yaml"]) in {0, 1}
    assert main(["mask", "conf/dataset.yaml", "--manifest", "m.json"]) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "anonymizer: 5 tables written; 4 foreign keys join what they did"
    assert main(["audit", "conf/dataset.yaml", "--json", "audit"]) == 0
    told = capsys.readouterr().out
    assert [line for line in told.splitlines() if line.endswith(":")] == [
        "customers:",
        "lines:",
        "orders:",
    ]
    assert {path.stem for path in (tmp_path / "audit").iterdir()} == {
        "customers",
        "lines",
        "orders",
    }
    assert pl.read_parquet(tmp_path / "raw_masked" / "lines").height == 400
    assert main(["mask", "conf/dataset.yaml", "out"]) == 2
    assert "--rules is missing" in capsys.readouterr().err
    assert main(["mask", "conf/dataset.yaml", "--state", "x"]) == 2
    assert "incremental: goes with a state of the nights" in capsys.readouterr().err


def test_a_table_of_other_persons_has_its_own_entity() -> None:
    """Employees have names and days of their own, and nobody is a customer by them."""
    staff = pl.DataFrame(
        {
            "employee_id": range(1, 41),
            "last_name": [f"{name}son" for name in ["Ander", "Peter", "John", "Rober"] * 10],
            "hired": [date(2015, 1, 1) + timedelta(90 * number) for number in range(40)],
            "manager": [None, *([1] * 39)],
        }
    )
    fields = inspect_dataset(shop() | {"staff": staff}).dataset()
    assert fields["tables"]["staff"]["entity"] == "employee_id"
    masked = anonymize(shop() | {"staff": staff}, fields, key=KEY)["staff"]
    assert masked["hired"].null_count() == 0
    assert masked["manager"].drop_nulls().is_in(masked["employee_id"].implode()).all()


def test_two_ways_to_a_person_are_chosen_and_said(tmp_path: Path) -> None:
    """The first of sender and receiver, which whoever reads the file may change."""
    tables = shop()
    raw = tables["orders"].with_columns(receiver=pl.col("buyer").reverse())
    found = inspect_dataset(tables | {"orders": raw})
    assert found.entities == {"orders": "buyer"}
    (tmp_path / "raw").mkdir()
    for name, frame in (tables | {"orders": raw}).items():
        frame.write_parquet(tmp_path / "raw" / f"{name}.parquet")
    (tmp_path / "d.yaml").write_text(inspect_dataset(tmp_path / "raw").to_yaml())
    record = mask_dataset(tmp_path / "d.yaml", key=KEY)
    assert all(each.before == each.after for each in record.joins)


def test_parts_of_one_table_are_no_tables(tmp_path: Path) -> None:
    """Months of a log, of which one has a column more."""
    for month, more in ((1, {}), (2, {"note": "x"})):
        frame = shop()["orders"].with_columns(
            month=month, **{k: pl.lit(v) for k, v in more.items()}
        )
        frame.write_parquet(tmp_path / f"{month}.parquet")
    assert not is_dataset(tmp_path)
    shop()["articles"].write_parquet(tmp_path / "articles.parquet")
    assert is_dataset(tmp_path)


def test_tables_of_other_dialects_say_how_they_are_read(tmp_path: Path) -> None:
    """What is proposed for each reads it, whatever was said of all; and the rest is left alone."""
    rows = range(40)
    people = "".join(f"{row};J\u00f6rg Lee;p{row}@x.org\n" for row in rows)
    (tmp_path / "people.csv").write_text(f"person_id;name;email\n{people}", encoding="cp1252")
    visits = "".join(f"v{row},{row % 20},north\n" for row in rows)
    (tmp_path / "visits.csv").write_text(f"visit,person_id,shop\n{visits}")
    quoted = "".join(f"'q{row}'\t'{row % 20}'\n" for row in rows)
    (tmp_path / "calls.csv").write_text(f"'call'\t'person_id'\n{quoted}", encoding="utf-16")
    for said in (None, "separator: ;"):
        found = inspect_dataset(tmp_path, csv=said)
        assert found.dataset()["foreign_keys"].keys() == {"visits.person_id", "calls.person_id"}
        options = {name: table.files.get("csv", {}) for name, table in found.tables.items()}
        assert options["people"] == {"separator": ";", "encoding": "cp1252"}
        assert options["calls"] == {"separator": "\t", "quote": "'", "encoding": "utf-16"}
        assert options["visits"] == ({"separator": ","} if said else {})
    assert is_dataset(tmp_path)
