"""Tables that belong together still do when they are masked, and nobody's shift shows."""

import json
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from anonymizer import (
    AnonymizerError,
    DataError,
    FileError,
    SchemaError,
    UsageError,
    anonymize,
    mask_dataset,
    staging,
)
from anonymizer.datasets.description.dataset import load_dataset
from anonymizer.datasets.masked.audit import audit_dataset
from anonymizer.datasets.preview import lint_dataset
from tests.datasets.shop import KEY, LINES, PEOPLE, described, shop, written

pytestmark = pytest.mark.filterwarnings("ignore::anonymizer.PrivacyWarning")


def masked_shop(**fields: Any) -> dict[str, pl.DataFrame]:
    """The shop, masked as frames."""
    return anonymize(shop(), described(**fields), key=KEY)


def test_every_join_joins_what_it_did(tmp_path: Path) -> None:
    """Keys under two names, in text and integers, null, nowhere, of the table itself."""
    record = mask_dataset(written(tmp_path), key=KEY, manifest=tmp_path / "record.json")
    assert len(record.joins) == 4
    assert all(each.before == each.after for each in record.joins)
    buyers = record.joins[0].before
    assert buyers.rows > buyers.with_key > buyers.joined > 0
    lost = f"{buyers.with_key - buyers.joined} of 160 rows have a key that is nowhere"
    assert [note for note in record.notes if "nowhere" in note] == [
        f"orders.buyer → customers.id: {lost}"
    ]
    told = json.loads((tmp_path / "record.json").read_text())
    assert set(told["tables"]) == {"articles", "customers", "lines", "orders", "staff"}
    assert told["tables"]["lines"]["rows"] == LINES


def test_files_and_frames_get_the_same(tmp_path: Path) -> None:
    """Whatever the format of a table; rows of files are shuffled."""
    mask_dataset(written(tmp_path), key=KEY)
    files, frames = tmp_path / "masked", masked_shop()
    read = {
        "customers": pl.read_parquet(files / "customers.parquet"),
        "orders": pl.read_ipc(files / "orders.arrow"),
        "lines": pl.read_parquet(files / "lines"),
        "articles": pl.read_csv(files / "articles.csv.gz"),
        "staff": pl.read_parquet(files / "staff.parquet"),
    }
    for table, frame in frames.items():
        assert read[table].columns == frame.columns
        assert read[table].sort(frame.columns).equals(frame.sort(frame.columns)), table


def test_one_person_has_one_shift_in_all_tables() -> None:
    """Rows that name nobody find their person through the order."""
    raw, masked = shop(), masked_shop()
    by_person = {
        "customers": raw["customers"].select("id", "joined"),
        "orders": raw["orders"].select(pl.col("buyer").alias("id"), "ordered"),
        "lines": raw["lines"]
        .join(raw["orders"], on="order_id", how="left", maintain_order="left")
        .select(pl.col("buyer").alias("id"), "shipped"),
    }
    shifts = pl.concat(
        frame.select(
            "id", shift=(masked[table].to_series(place) - frame.to_series(1)).dt.total_days()
        )
        for (table, frame), place in zip(by_person.items(), (2, 2, 2), strict=True)
    ).drop_nulls("id")
    assert shifts["shift"].null_count() == 0
    assert shifts.group_by("id").agg(pl.col("shift").n_unique())["shift"].unique().to_list() == [1]
    assert shifts["shift"].n_unique() > PEOPLE // 4


def test_rows_of_nobody_lose_their_times() -> None:
    """As in one table: without a person there is no shift."""
    raw, masked = shop()["orders"], masked_shop()["orders"]
    assert masked["ordered"].is_null().to_list() == raw["buyer"].is_null().to_list()


def test_equal_numbers_of_different_keys_are_different_tokens() -> None:
    """`id` of staff is not `id` of customers, unless a domain says so."""
    same = {"mask": "token", "as": "same"}
    tables = described()["tables"] | {"customers": {"columns": {"id": same, "*": "redact"}}}
    masked = masked_shop(tables=tables)
    assert not set(masked["staff"]["id"]) & set(masked["customers"]["id"])
    together = {"id": same | {"domain": "person"}}
    tables["customers"] = {"columns": together | {"*": "redact"}}
    tables["staff"] = {"columns": together}
    masked = masked_shop(tables=tables)
    assert set(masked["staff"]["id"]) < set(masked["customers"]["id"])


def test_a_kept_or_dropped_person_has_the_shift_still() -> None:
    """The domain of the person is one, whatever becomes of the column."""
    tables = described()["tables"]
    shifted = {}
    for mask in ("keep", "drop"):
        customers = {"columns": tables["customers"]["columns"] | {"id": mask}}
        masked = masked_shop(tables=tables | {"customers": customers})
        shifted[mask] = masked["lines"]["shipped"].to_list(), masked["orders"]["ordered"].to_list()
        assert ("buyer" in masked["orders"]) == (mask == "keep")
    assert shifted["keep"] == shifted["drop"]


def test_another_table_may_have_other_persons() -> None:
    """Staff have shifts of their own."""
    raw = shop()
    raw["staff"] = raw["staff"].with_columns(hired=pl.date(2020, 5, 1))
    staff = {
        "entity": "id",
        "columns": {"id": "token", "hired": {"mask": "date_shift", "days": 9}},
    }
    tables = described()["tables"] | {"staff": staff}
    masked = anonymize(raw, described(tables=tables), key=KEY)
    assert masked["staff"]["hired"].null_count() == 0
    assert masked["staff"]["manager"].drop_nulls().is_in(masked["staff"]["id"].implode()).all()


def test_a_table_that_nobody_ruled_on_stops_the_run(tmp_path: Path) -> None:
    """The gate: nothing leaves because it was forgotten."""
    fields = written(tmp_path)
    shop()["staff"].write_parquet(tmp_path / "raw" / "payroll.parquet")
    with pytest.raises(SchemaError, match="payroll: no rules for this table"):
        mask_dataset(fields, key=KEY)
    assert not (tmp_path / "masked").exists()
    record = mask_dataset(fields | {"drop": ["payroll"]}, key=KEY)
    assert record.dropped == ["payroll"]
    assert "payroll" not in {path.stem for path in (tmp_path / "masked").iterdir()}


FAULTS = [
    ({"foreign_keys": {"orders.buyer": "customer.id"}}, "no table 'customer' in `tables`; did you"),
    ({"foreign_keys": {"orders.byer": "customers.id"}}, "no column 'byer' in orders; did you mean"),
    ({"foreign_keys": {"orders.[buyer.id]": "customers.id"}}, "reaches inside of a column: leave"),
    ({"foreign_keys": {"orders": "customers.id"}}, "write `table.column`"),
    ({"foreign_keys": {"lines.[order_id, article]": "orders.order_id"}}, "as many columns on both"),
    ({"foreign_keys": {"staff.id": "customers.id", "customers.id": "staff.id"}}, "leads back to"),
    ({"entity": "customers"}, "entity: the table and the column of the person"),
    ({"entity": "customers.nam"}, "entity: no column 'nam' in customers; did you mean 'name'?"),
    ({"drop": ["staff"]}, "drop: 'staff' has rules as well"),
    ({"foreign_key": {}}, "foreign_key: no such option; did you mean 'foreign_keys'?"),
    ({"version": 2}, "version: it should be 1"),
]


@pytest.mark.parametrize(("fields", "told"), FAULTS)
def test_faults_name_the_place(fields: dict[str, Any], told: str) -> None:
    """In the dataset file."""
    with pytest.raises(UsageError) as caught:
        masked_shop(**fields)
    assert told in str(caught.value)


SHIFT = {"mask": "date_shift", "days": 30}
MOVING = {"mask": "scrub", "replace": "shift", "days": 9}
RULES = [
    ("orders", {"order_id": "token", "buyer": "token"}, "is masked as customers.id is: leave it"),
    ("customers", {"id": {"mask": "round", "to": 10}}, "round breaks joins by this key: use token"),
    ("customers", {"name": "tokn"}, "tables.customers.columns.name.mask: no mask 'tokn'; did you"),
    ("orders", {"ordered": SHIFT | {"days": 9}}, "one person needs one shift"),
    ("customers", {"joined": "keep", "name": MOVING}, "one person needs one shift"),
    ("articles", {"la*": SHIFT}, "date_shift follows a person, to whom no foreign key leads"),
    ("lines", {"shiped": "keep"}, "lines does not fit the data"),
    ("customers", {"id": {"mask": "token", "when": "id > 3"}}, "token breaks joins by this key"),
]


@pytest.mark.parametrize(("table", "columns", "told"), RULES)
def test_faults_of_rules_name_the_table(table: str, columns: dict[str, Any], told: str) -> None:
    """In the rules of one table."""
    tables = described()["tables"]
    tables[table] = {"columns": tables[table]["columns"] | columns}
    with pytest.raises(UsageError) as caught:
        masked_shop(tables=tables)
    assert told in str(caught.value)


def test_two_keys_of_one_column_are_masked_alike_or_refused() -> None:
    """Before a row is read: their tokens would differ, and one of the joins would join nothing."""
    raw, keys = shop(), described()["foreign_keys"]
    raw["staff"] = raw["staff"].with_columns(id=pl.col("id").cast(pl.Int64))
    keys = {"orders.[buyer]": "staff.id", **keys}
    told = r"buyer refers to customers\.id and to staff\.id, .* `domain:`"
    with pytest.raises(SchemaError, match=told):
        anonymize(raw, described(foreign_keys=keys), key=KEY)
    tables = described()["tables"]
    for table in ("customers", "staff"):
        tables[table]["columns"]["id"] = {"mask": "token", "domain": "person"}
    masked = anonymize(raw, described(foreign_keys=keys, tables=tables), key=KEY)
    orders, staff = masked["orders"], masked["staff"]
    assert orders["buyer"].is_in(staff["id"].implode()).sum() > 0


def test_a_key_that_is_kept_by_all_that_is_not_said_is_kept_where_others_refer_to_it() -> None:
    """Else it would be left out where no rule covers it."""
    tables = described()["tables"]
    tables["articles"] = {"unlisted": "keep", "columns": {"label": "keep"}}
    assert masked_shop(tables=tables)["lines"]["article"].equals(shop()["lines"]["article"])
    tables["articles"] |= {"unlisted": "error"}
    with pytest.raises(SchemaError, match=r"articles\.columns\.code: a key to which others refer"):
        masked_shop(tables=tables)


def test_a_foreign_key_may_be_dropped(tmp_path: Path) -> None:
    """As a store may declare it; rows still find their person through it."""
    tables = described()["tables"]
    tables["orders"]["columns"]["buyer"] = "drop"
    record = mask_dataset(written(tmp_path, tables=tables), key=KEY)
    assert [each.after is None for each in record.joins] == [True, False, False, False]
    masked = masked_shop(tables=tables)
    assert masked["lines"].equals(masked_shop()["lines"])
    assert masked["orders"].equals(masked_shop()["orders"].drop("buyer"))


def test_a_table_may_hold_nothing_but_foreign_keys() -> None:
    """Who has which article; names with a point stand in brackets."""
    raw, keys = shop(), described()["foreign_keys"]
    raw["orders"] = raw["orders"].rename({"buyer": "the.buyer"})
    raw["owned"] = pl.DataFrame({"who": [1, 2], "what": ["A", "B"]})
    del keys["orders.buyer"]
    keys |= {"orders.[the.buyer]": "customers.id"}
    keys |= {"owned.who": "customers.id", "owned.what": "articles.code"}
    tables = described()["tables"] | {"owned": {"columns": {}}}
    masked = anonymize(raw, described(foreign_keys=keys, tables=tables), key=KEY)
    assert masked["owned"].join(masked["orders"], left_on="who", right_on="the.buyer").height
    assert load_dataset(described(foreign_keys=keys, tables=tables)).foreign_keys[-3].of_child == (
        "orders.[the.buyer]"
    )


def test_rows_leave_in_no_order_in_any_table(tmp_path: Path) -> None:
    """Receipts come in true order: beside the orders to which they belong they tell every shift."""
    fields = written(tmp_path)
    orders = shop()["orders"].sort("ordered").select(pl.col("order_id"), paid=pl.lit(1))
    orders.write_parquet(tmp_path / "raw" / "receipts.parquet")
    fields["foreign_keys"]["receipts.order_id"] = "orders.order_id"
    fields["tables"]["receipts"] = {"columns": {"paid": "keep"}}
    mask_dataset(fields, key=KEY)
    masked = pl.read_parquet(tmp_path / "masked" / "receipts.parquet")["order_id"]
    kept = anonymize(shop() | {"receipts": orders}, fields, key=KEY)["receipts"]["order_id"]
    assert masked.sort().equals(kept.sort())
    numbered = kept.to_frame().with_row_index()
    places = masked.to_frame().join(numbered, on="order_id", maintain_order="left")["index"]
    ups = sum(step > 0 for step in places.diff().drop_nulls().to_list())
    assert 0.35 < ups / len(places) < 0.65


def test_rows_of_a_dataset_do_not_wait(tmp_path: Path) -> None:
    """There is no state in which they could, and they must not leave at once in silence."""
    tables = described()["tables"]
    tables["orders"]["batches"] = "held_back"
    with pytest.raises(UsageError, match="rows of a dataset do not wait"):
        mask_dataset(written(tmp_path, tables=tables), key=KEY)


def test_two_ways_to_the_person_are_asked_for() -> None:
    """Who sends and who receives: the rows are of one of them."""
    raw = shop()
    raw["orders"] = raw["orders"].with_columns(receiver=pl.col("buyer").reverse())
    keys = described()["foreign_keys"] | {"orders.receiver": "customers.id"}
    fields = described(foreign_keys=keys)
    with pytest.raises(SchemaError, match="buyer, receiver lead to one person each: say whose"):
        anonymize(raw, fields, key=KEY)
    fields["tables"]["orders"]["entity"] = "receiver"
    masked = anonymize(raw, fields, key=KEY)["orders"]
    assert masked["ordered"].is_null().to_list() == raw["orders"]["receiver"].is_null().to_list()


def test_a_key_of_several_persons_is_no_key() -> None:
    """Rows would have two owners, and one shift would tell the other."""
    raw = shop()
    raw["orders"] = raw["orders"].with_columns(order_id=pl.lit("1000"))
    with pytest.raises(DataError, match=r"orders\.order_id: 1 keys stand for several persons"):
        anonymize(raw, described(), key=KEY)


def test_what_a_failed_run_leaves_is_nothing(tmp_path: Path) -> None:
    """No table, where one of them fails; and what was there before is whole."""
    fields = written(tmp_path)
    mask_dataset(fields, key=KEY)
    before = {path: path.read_bytes() for path in (tmp_path / "masked").rglob("*.*")}
    with pytest.raises(FileError, match="exists already"):
        mask_dataset(fields, key=KEY)
    (tmp_path / "raw" / "staff.parquet").write_bytes(b"PAR1 broken PAR1")
    with pytest.raises(FileError, match=r"staff\.parquet"):
        mask_dataset(fields, key="another key of these tests", overwrite=True)
    after = {path: path.read_bytes() for path in (tmp_path / "masked").rglob("*.*")}
    assert before == after


def test_a_folder_is_exchanged_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends between two tables would leave keys of two runs, which join nothing."""
    fields = written(tmp_path)
    mask_dataset(fields, key=KEY)
    (tmp_path / "masked").chmod(0o750)
    moved = list[Path]()
    move = staging._move

    def watched(temporary: Path, target: Path) -> None:
        moved.append(target)
        move(temporary, target)

    monkeypatch.setattr(staging, "_move", watched)
    mask_dataset(fields, key="another key of these tests", overwrite=True)
    assert [each for each in moved if ".anonymizer-" not in str(each)] == [tmp_path / "masked"]
    assert (tmp_path / "masked").stat().st_mode & 0o777 == 0o750
    assert sorted(path.name for path in tmp_path.iterdir()) == ["masked", "raw"]
    assert len(list((tmp_path / "masked").iterdir())) == 5


def test_a_target_with_other_tables_is_refused(tmp_path: Path) -> None:
    """What was masked by earlier rules would stay there."""
    fields = written(tmp_path)
    (tmp_path / "masked").mkdir()
    shop()["staff"].write_parquet(tmp_path / "masked" / "payroll.parquet")
    with pytest.raises(FileError, match=r"holds payroll\.parquet as well"):
        mask_dataset(fields, key=KEY, overwrite=True)


def test_a_true_time_in_another_table_is_told(tmp_path: Path) -> None:
    """When an order was shipped tells when it was made, whichever table says so."""
    tables = described()["tables"] | {"lines": {"columns": {"shipped": "keep"}}}
    fields = written(tmp_path, tables=tables)
    told = "a true time of persons whose times move in customers.joined"
    found = [each for each in lint_dataset(fields) if each.code == "true-time"]
    assert [(each.place, each.risk) for each in found] == [("tables.lines.columns.shipped", told)]
    assert f"lines: true-time: shipped: {told}" in mask_dataset(fields, key=KEY).notes


def test_a_true_time_of_nobody_is_told_where_each_row_of_a_person_has_its_own(
    tmp_path: Path,
) -> None:
    """A receipt for each order has its time; when an article was new tells nothing."""
    fields, day = written(tmp_path), pl.lit(date(2024, 5, 1))
    orders = shop()["orders"].with_row_index("receipt")
    orders.write_ipc(tmp_path / "raw" / "orders.arrow")
    receipts = orders.select("receipt", printed=pl.col("ordered").dt.date())
    receipts.write_parquet(tmp_path / "raw" / "receipts.parquet")
    articles = shop()["articles"].with_columns(since=day)
    articles.write_csv(tmp_path / "raw" / "articles.csv.gz", compression="gzip")
    fields["foreign_keys"]["orders.receipt"] = "receipts.receipt"
    fields["tables"]["receipts"] = {"columns": {"receipt": "token", "printed": "keep"}}
    fields["tables"]["articles"] |= {"unlisted": "keep", "types": {"since": "date"}}
    found = [each.place for each in lint_dataset(fields) if each.code == "true-time"]
    assert found == ["tables.receipts.columns.printed"]


@pytest.mark.parametrize("ordered", ["ordered", "more.ordered"])
def test_numbers_that_count_up_beside_another_table_are_told(tmp_path: Path, ordered: str) -> None:
    """The number of a receipt goes with the true time of its order, which may stand in JSON."""
    draw = Random(3)
    orders = pl.DataFrame(
        {
            "order_id": [f"o{draw.random()}" for _ in range(600)],
            "buyer": [draw.randint(1, 40) for _ in range(600)],
            "ordered": [date(2023, 1, 1) + timedelta(day) for day in range(600)],
        }
    )
    fields = written(tmp_path)
    if ordered == "more.ordered":
        more = pl.struct(
            pl.col("ordered").cast(pl.String), at=pl.concat_list(pl.col("ordered"))
        ).struct.json_encode()
        orders = orders.select("order_id", "buyer", more=more)
    orders.write_ipc(tmp_path / "raw" / "orders.arrow")
    receipts = orders.select("order_id", number=pl.int_range(pl.len()), paid=1)
    receipts.write_parquet(tmp_path / "raw" / "receipts.parquet")
    fields["foreign_keys"]["receipts.order_id"] = "orders.order_id"
    fields["tables"]["customers"]["columns"]["id"] = "keep"
    shift = {"mask": "date_shift", "days": 30, "unmapped": "null"}
    columns = {"order_id": "keep", ordered: shift, "more.at[]": shift}
    fields["tables"]["orders"] = {"unlisted": "drop", "missing": "ignore", "columns": columns}
    columns = {"number": {"mask": "round", "to": 20}, "paid": "keep"}
    fields["tables"]["receipts"] = {"columns": columns}
    found = [each for each in lint_dataset(fields) if each.code == "time-told"]
    assert [each.place for each in found] == ["tables.receipts.columns.number"]
    assert f"'orders {ordered}', which moves" in found[0].risk


def test_a_damaged_table_on_the_way_to_the_person_is_named(tmp_path: Path) -> None:
    """What Polars says of it may hold values."""
    fields = written(tmp_path)
    (tmp_path / "raw" / "orders.arrow").unlink()
    place = tmp_path / "raw" / "orders.parquet"
    shop()["orders"].write_parquet(place)
    damaged = bytearray(place.read_bytes())
    damaged[30:300] = bytes(each ^ 0x5A for each in damaged[30:300])
    place.write_bytes(damaged)
    with pytest.raises(AnonymizerError, match=r"reading orders failed \(\w+\)"):
        mask_dataset(fields, key=KEY)


def test_tables_of_text_are_attacked_in_the_types_that_masks_read(tmp_path: Path) -> None:
    """A CSV with a dialect of its own, whose days are moved in the form in which they stand."""
    (tmp_path / "raw").mkdir()
    calls = shop()["orders"].drop_nulls().with_columns(pl.col("ordered").dt.strftime("%d.%m.%Y"))
    calls.write_csv(tmp_path / "raw" / "calls.csv", separator="|")
    ordered = {"mask": "date_shift", "days": 30, "format": "%d.%m.%Y"}
    columns = {"*r": "token", "order_id": "token", "ordered": ordered}
    rules = {"csv": {"separator": "|"}, "columns": columns}
    places = {"source": str(tmp_path / "raw"), "target": str(tmp_path / "masked")}
    fields = {"version": 1, "tables": {"calls": rules | {"entity": "buyer"}}, **places}
    mask_dataset(fields, key=KEY)
    report = audit_dataset(fields)["calls"]
    assert "no column of times was named: 'ordered' was taken" in report.notes
    assert "intervals" in report.figures
