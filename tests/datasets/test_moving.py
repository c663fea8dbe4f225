"""Masked tables of a dataset are revealed, or moved to another key, all together."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import DataError, FileError, KeyMaterialError, RuleError, SchemaError, anonymize
from anonymizer.cli import main
from anonymizer.datasets.description.dataset import load_dataset
from anonymizer.datasets.masked.joins import counted
from anonymizer.datasets.masked.revealing import reveal_dataset
from anonymizer.datasets.masked.rotation import rotate_dataset
from anonymizer.datasets.masking import mask_dataset
from anonymizer.datasets.opening.places import tables_at
from anonymizer.masking.run.manifest import read_stamp
from tests.datasets.shop import KEY, described, shop, written
from tests.skipping import without
from tests.stores.server import Server

pytestmark = pytest.mark.filterwarnings("ignore::anonymizer.PrivacyWarning")

NEW = "another key of these tests"
PLACES = ["{}", "sqlite:{}.db", "duckdb:{}.duckdb", "delta:{}"]


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> str:
    """A folder, or a store, without its path."""
    needed = {"duckdb": "duckdb", "delta": "deltalake"}.get(request.param.partition(":")[0])
    if needed and not find_spec(needed):
        without(needed)
    return str(request.param)


def fields(folder: Path, place: str = "{}") -> dict[str, Any]:
    """The shop, whose customers are encrypted, masked into a place."""
    said = written(folder)
    said["tables"]["customers"]["columns"]["id"] = {"mask": "encrypt", "domain": "people"}
    said["tables"]["staff"]["columns"]["id"] = {"mask": "encrypt"}
    said["target"] = place.format(folder / "masked")
    mask_dataset(said, key=KEY)
    return said


def read(place: str) -> dict[str, pl.DataFrame]:
    """All tables at a place."""
    with tables_at(place) as tables:
        return {name: tables.table(name).scan().collect() for name in tables.names}


def columns(tables: dict[str, pl.DataFrame], *names: str) -> list[list[Any]]:
    """The values of `table.column`, in no order."""
    parts = (name.split(".") for name in names)
    return [sorted(map(str, tables[table][column].drop_nulls())) for table, column in parts]


def test_a_dataset_is_revealed_and_moved_to_another_key(tmp_path: Path, place: str) -> None:
    """Keys and what refers to them come back or are those of the new key; the rest stays."""
    said = fields(tmp_path, place)
    revealed, moved = (place.format(tmp_path / name) for name in ("back", "moved"))
    told = {"customers": ["id"], "orders": ["buyer"], "staff": ["id", "manager"]}
    assert reveal_dataset(said, revealed, key=KEY) == told
    done = rotate_dataset(said, moved, old_key=KEY, new_key=NEW)
    assert done.pairs == {"orders.order_id": 160, "people": 41, "staff.id": 3}
    assert done.left == ["customers.joined", "lines.shipped", "orders.ordered"]
    raw, back, masked, after = shop(), read(revealed), read(said["target"]), read(moved)
    encrypted = "customers.id", "orders.buyer", "staff.id", "staff.manager"
    tokens = "orders.order_id", "lines.order_id"
    assert columns(back, *encrypted) == columns(raw, *encrypted)
    assert columns(back, *tokens) == columns(masked, *tokens)
    anew = anonymize(raw, said, key=NEW)
    assert columns(after, *encrypted, *tokens) == columns(anew, *encrypted, *tokens)
    for tables in (back, after):
        assert columns(tables, "orders.ordered") == columns(masked, "orders.ordered")
        frames = [{name: each.lazy() for name, each in some.items()} for some in (raw, tables)]
        for key in load_dataset(said).foreign_keys:
            assert counted(key, frames[1]) == counted(key, frames[0])


def test_integers_stay_integers_and_files_say_the_new_key(tmp_path: Path) -> None:
    """So that what is moved is revealed with the new key alone."""
    said = written(tmp_path)
    said["tables"]["staff"]["columns"]["id"] = "encrypt"
    said["tables"]["customers"]["columns"]["id"] = {"mask": "token", "as": "same"}
    mask_dataset(said, key=KEY)
    rotate_dataset(said, tmp_path / "moved", old_key=KEY, new_key=NEW)
    assert read(str(tmp_path / "moved"))["customers"]["id"].dtype == pl.Int64
    with pytest.raises(DataError, match=r"\.parquet: masked with key id"):
        reveal_dataset(said, tmp_path / "back", key=NEW)
    assert reveal_dataset(said | {"target": str(tmp_path / "moved")}, tmp_path / "back", key=NEW)
    staff = pl.read_parquet(tmp_path / "back" / "staff.parquet").sort("id")
    assert staff.equals(shop()["staff"])
    assert read_stamp(tmp_path / "back" / "staff.parquet") is None


def test_columns_of_json_come_along(tmp_path: Path) -> None:
    """What is encrypted in them is revealed; tokens in them are in no map, which is said."""
    said = written(tmp_path)
    staff = shop()["staff"].with_columns(more=pl.format('{{"pin":"{}","name":"Eva"}}', "id"))
    staff.write_parquet(tmp_path / "raw" / "staff.parquet")
    masks = {"more.pin": "encrypt", "more.name": "redact"}
    said["tables"]["staff"]["columns"] |= masks
    mask_dataset(said, key=KEY)
    assert reveal_dataset(said, tmp_path / "back", key=KEY)["staff"] == ["more.pin"]
    back = read(str(tmp_path / "back"))["staff"]["more"]
    assert set(back) == {f'{{"pin":"{number}","name":null}}' for number in (1, 2, 3)}
    with pytest.raises(RuleError, match="staff: 1 fault: more: tokens inside JSON are in no map"):
        rotate_dataset(said, tmp_path / "moved", old_key=KEY, new_key=NEW)


def test_nothing_is_written_where_tables_are_others_by_now(tmp_path: Path) -> None:
    """Raw rows that are gone, another key, a place that holds the tables."""
    said = fields(tmp_path)
    with pytest.raises(DataError, match="masked with key id"):
        rotate_dataset(said, tmp_path / "out", old_key=NEW, new_key=KEY)
    with pytest.raises(KeyMaterialError, match="are the same"):
        rotate_dataset(said, tmp_path / "out", old_key=KEY, new_key=KEY)
    for place in ("raw", "masked"):
        with pytest.raises(FileError, match="is the source, lies in it, or holds it"):
            reveal_dataset(said, tmp_path / place, key=KEY, overwrite=True)
    shop()["staff"].head(2).write_parquet(tmp_path / "raw" / "staff.parquet")
    with pytest.raises(SchemaError, match="id: 1 values are no tokens of the raw tables"):
        rotate_dataset(said, tmp_path / "out", old_key=KEY, new_key=NEW)
    (tmp_path / "masked" / "staff.parquet").unlink()
    with pytest.raises(DataError, match="staff: is not among the masked tables"):
        reveal_dataset(said, tmp_path / "out", key=KEY)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["masked", "raw"]


def test_what_cannot_be_moved_is_said(tmp_path: Path) -> None:
    """A key that nobody names, tokens among other values, and tables without any."""
    said = fields(tmp_path)
    keys = {name: key for name, key in said["foreign_keys"].items() if name != "orders.buyer"}
    with pytest.raises(SchemaError, match=r"orders\.buyer: nothing says how it was masked"):
        reveal_dataset(said | {"foreign_keys": keys}, tmp_path / "out", key=KEY)
    said["tables"]["lines"]["columns"]["shipped"] = "redact"
    tables = said["tables"] | {
        "articles": {
            "columns": {"code": "keep", "label": [{"mask": "token", "when": "code = 'A'"}, "keep"]}
        }
    }
    with pytest.raises(RuleError, match=r"columns\.label: tokens by `when` cannot be told"):
        rotate_dataset(said | {"tables": tables}, tmp_path / "out", old_key=KEY, new_key=NEW)
    plain = {name: {"unlisted": "keep", "columns": {}} for name in shop()}
    bare = {"source": said["source"], "target": said["target"], "version": 1, "tables": plain}
    with pytest.raises(RuleError, match="there is nothing to reveal"):
        reveal_dataset(bare, tmp_path / "out", key=KEY)
    with pytest.raises(RuleError, match="nothing to rotate"):
        rotate_dataset(bare, tmp_path / "out", old_key=KEY, new_key=NEW)


def test_the_commands_take_a_dataset_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And say what they did; a table without rules is told from it."""
    fields(tmp_path)
    (tmp_path / "conf").mkdir()
    said = described(source="../raw", target="../masked")
    said["tables"]["customers"]["columns"]["id"] = {"mask": "encrypt", "domain": "people"}
    said["tables"]["staff"]["columns"]["id"] = {"mask": "encrypt"}
    (tmp_path / "conf" / "d.json").write_text(json.dumps(said))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONYMIZER_KEY", NEW)
    monkeypatch.setenv("OLD", KEY)
    assert main(["reveal", "conf/d.json", "back", "--key-env", "OLD"]) == 0
    assert "revealed in back: customers.id, orders.buyer, staff.id" in capsys.readouterr().err
    assert main(["rotate", "conf/d.json", "moved", "--old-key-env", "OLD"]) == 0
    assert "people: 41 tokens" in capsys.readouterr().err
    assert pl.read_parquet("back/customers.parquet")["id"].sort().equals(shop()["customers"]["id"])
    assert main(["reveal", "masked/staff.parquet", "x.parquet"]) == 2
    assert "is no dataset file: name its rules by --rules" in capsys.readouterr().err


def test_a_database_is_revealed_and_moved(server: Server) -> None:
    """PostgreSQL into PostgreSQL, whose declared keys lead from table to table."""
    ddl = """CREATE TABLE people (id text PRIMARY KEY, name text);
    CREATE TABLE visits (who text REFERENCES people, n int);
    INSERT INTO people SELECT 'P' || n, 'Person' FROM generate_series(1, 30) n;
    INSERT INTO visits SELECT 'P' || 1 + n % 30, n FROM generate_series(1, 90) n;"""
    raw = server.database("clinic", ddl)
    names = "clinic_masked", "clinic_back", "clinic_moved"
    masked, back, moved = (server.twin(name, "clinic") for name in names)
    columns = {"people": {"id": "encrypt", "name": "keep"}, "visits": {"n": "keep"}}
    tables = {table: {"columns": each} for table, each in columns.items()}
    said = {"version": 1, "source": raw, "target": masked, "entity": "people.id", "tables": tables}
    mask_dataset(said, key=KEY)
    assert reveal_dataset(said, back, key=KEY) == {"people": ["id"], "visits": ["who"]}
    rotate_dataset(said, moved, old_key=KEY, new_key=NEW)
    same = "SELECT string_agg(who, ',' ORDER BY n) FROM visits"
    assert server.psql("clinic", same) == server.psql("clinic_back", same)
    assert server.psql("clinic_moved", same) != server.psql("clinic_masked", same)
    joined = "SELECT count(*) FROM visits JOIN people ON id = who"
    assert server.psql("clinic_moved", joined) == "90"
