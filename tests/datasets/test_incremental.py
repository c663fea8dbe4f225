"""Night by night the target becomes what a whole run makes of the source, each row once."""

import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import connect
from typing import Any

import polars as pl
import pytest
import yaml

from anonymizer import (
    DataError,
    UsageError,
    anonymize,
    lint_dataset,
    mask_dataset,
    staging,
)
from anonymizer.cli import main
from anonymizer.datasets.incremental.state import Night, State, state_in
from anonymizer.datasets.opening.places import tables_at
from anonymizer.stores.folder import NightlyFolder
from tests.datasets.shop import KEY
from tests.skipping import without
from tests.stores.server import Server

pytestmark = pytest.mark.filterwarnings("ignore::anonymizer.PrivacyWarning")

Tables = dict[str, pl.DataFrame]
START = datetime(2024, 1, 1)
SHIFT = {"mask": "date_shift", "days": 30}
YEAR = {"mask": "date_truncate", "to": "year"}


def described(folder: Path, **fields: Any) -> dict[str, Any]:
    """Persons, orders that name them, lines that do not, and articles, masked whole each night."""
    at = {"watermark": "at"}
    return {
        "version": 1,
        "source": str(folder / "raw"),
        "target": str(folder / "masked"),
        "entity": "people.id",
        "foreign_keys": {
            "orders.buyer": "people.id",
            "lines.order_id": "orders.id",
            "lines.article": "articles.code",
        },
        "tables": {
            "people": {"columns": {"id": "token", "name": "redact", "at": "drop"}},
            "orders": {
                "columns": {"id": "token", "paid": SHIFT, "at": "drop"},
                "batches": "accepted",
            },
            "lines": {
                "columns": {"line": "keep", "sent": SHIFT, "at": "drop"},
                "batches": "accepted",
            },
            "articles": {"columns": {"code": "token", "label": "keep"}},
        },
        "incremental": {
            "people": at,
            "orders": at,
            "lines": at | {"key": ["order_id", "line"]},
        },
    } | fields


def first_night() -> Tables:
    """Thirty persons, sixty orders and their lines."""
    people, orders = range(1, 31), range(100, 160)
    lines = [(order, line) for order in orders for line in range(order % 3)]
    return {
        "people": pl.DataFrame(
            {
                "id": people,
                "name": [f"Person {n}" for n in people],
                "at": [hour(n) for n in people],
            }
        ),
        "orders": pl.DataFrame(
            {
                "id": orders,
                "buyer": [1 + n % 30 for n in orders],
                "paid": [START + timedelta(3 * n, n) for n in orders],
                "at": [hour(n) for n in orders],
            }
        ),
        "lines": pl.DataFrame(
            {
                "order_id": [order for order, _ in lines],
                "line": [line for _, line in lines],
                "article": [f"A{order % 4}" for order, _ in lines],
                "sent": [START + timedelta(3 * order + line, order) for order, line in lines],
                "at": [hour(order) for order, _ in lines],
            }
        ),
        "articles": pl.DataFrame({"code": ["A0", "A1", "A2", "A3"], "label": list("abcd")}),
    }


def hour(n: int) -> datetime:
    """The watermark of what is written in the n-th hour."""
    return START + timedelta(hours=n)


def laid(folder: Path, tables: Tables) -> Tables:
    """The tables as files of the source."""
    (folder / "raw").mkdir(exist_ok=True, parents=True)
    for name, rows in tables.items():
        rows.write_parquet(folder / "raw" / f"{name}.parquet")
    return tables


def second_night(tables: Tables) -> Tables:
    """New, changed and deleted rows, one that comes late, and an order that changes hands."""
    people, orders, lines = tables["people"], tables["orders"], tables["lines"]
    late = people.head(1).with_columns(id=pl.lit(99, pl.Int64), at=pl.lit(hour(-50)))
    new = people.head(1).with_columns(id=pl.lit(31, pl.Int64), at=pl.lit(hour(200)))
    hands = orders.with_columns(
        buyer=pl.when(id=101).then(pl.lit(31)).otherwise("buyer"),
        at=pl.when(id=101).then(pl.lit(hour(201))).otherwise("at"),
    )
    return tables | {
        "people": pl.concat([people.filter(pl.col("id") != 7), late, new]),
        "orders": hands.filter(~pl.col("id").is_in([110, 111])),
        "lines": lines.filter(~pl.col("order_id").is_in([110, 111])),
        "articles": tables["articles"].vstack(pl.DataFrame({"code": ["A9"], "label": ["e"]})),
    }


def masked(folder: Path) -> Tables:
    """The tables of the target, in one order."""
    names = sorted(path for path in (folder / "masked").iterdir() if path.name[0] not in "._")
    read = {path.name.removesuffix(".parquet"): pl.read_parquet(path) for path in names}
    return {name: rows.sort(rows.columns) for name, rows in read.items()}


def whole(folder: Path, tables: Tables) -> Tables:
    """What one run makes of tables."""
    made = anonymize(tables, described(folder), key=KEY)
    return {name: rows.sort(rows.columns) for name, rows in made.items()}


def night(folder: Path, tables: Tables, **fields: Any) -> Any:
    """A night of some tables."""
    laid(folder, tables)
    return mask_dataset(described(folder, **fields), key=KEY, state=folder / "state").night


def same(one: Tables, other: Tables) -> bool:
    """Whether all rows of all tables are the same."""
    return one.keys() == other.keys() and all(one[name].equals(other[name]) for name in one)


def test_nights_make_what_a_whole_run_makes(tmp_path: Path) -> None:
    """New, changed, deleted and late rows, and those whose person is another now."""
    before, after = first_night(), second_night(first_night())
    night(tmp_path / "n", before)
    told = night(tmp_path / "n", after)
    assert same(masked(tmp_path / "n"), whole(tmp_path, after))
    assert told["number"] == 2
    assert {name: (each["masked"], each["removed"]) for name, each in told["tables"].items()} == {
        "articles": (5, 0),
        "people": (3, 1),
        "orders": (2, 2),
        "lines": (4, 2),
    }


# --- one table ------------------------------------------------------------------------------------

LOG = {
    "log": pl.DataFrame(
        {"id": [1, 2, 3], "what": ["a", "b", "c"], "at": [hour(n) for n in (1, 2, 3)]}
    )
}


def of_log(folder: Path, **tracked: Any) -> dict[str, Any]:
    """A log whose rows are told apart by `id`, unless it says otherwise."""
    columns = {"id": "token", "what": "keep", "at": "drop"}
    return {
        "version": 1,
        "source": str(folder / "raw"),
        "target": str(folder / "masked"),
        "tables": {"log": {"columns": columns}},
        "incremental": {"log": {"watermark": "at", "key": "id"} | tracked},
    }


def log_night(folder: Path, *rows: tuple[int, str, Any], **tracked: Any) -> list[str]:
    """A night of a log that has these rows beside its first; what the target then says."""
    more = pl.DataFrame(rows, LOG["log"].schema, orient="row")
    laid(folder, {"log": pl.concat([LOG["log"], more]).unique("id", keep="last")})
    mask_dataset(of_log(folder, **tracked), key=KEY, state=folder / "state")
    return sorted(masked(folder)["log"]["what"])


class Killed(BaseException):
    """What SIGKILL is in a process of its own."""


STEPS = {
    "the next night is known": (State, "begin", "after"),
    "the new folder is there": (staging, "_carry_out", "before"),
    "the folders are exchanged": (NightlyFolder, "change", "after"),
    "the night is done": (State, "finish", "after"),
}


@pytest.mark.parametrize(
    ("step", "tracked"),
    [*((step, {"key": []}) for step in STEPS), ("the folders are exchanged", {})],
)
def test_whatever_ends_a_night_each_row_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, tracked: dict[str, Any]
) -> None:
    """Also where the next run has more rows than the one that was killed."""
    where, name, when = STEPS[step]
    log_night(tmp_path, **tracked)
    real = getattr(where, name)

    def killed(*given: Any) -> None:
        if when == "after":
            real(*given)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(where, name, killed)
        with pytest.raises(Killed):
            log_night(tmp_path, (4, "d", hour(4)), **tracked)
    rows = [(4, "d", hour(4)), (5, "e", hour(5))]
    assert log_night(tmp_path, *rows, **tracked) == ["a", "b", "c", "d", "e"]


def test_a_server_may_commit_for_a_run_that_is_dead(tmp_path: Path) -> None:
    """Even when the next run has begun a night of its own: all that were begun count."""
    dead, late = Night(1, None, {}), Night(1, None, {})
    with state_in(tmp_path / "state") as state:
        state.begin(dead)
    with state_in(tmp_path / "state") as state:
        state.settle(None, "the target", anew=False)
        state.begin(late)
    with state_in(tmp_path / "state") as state:
        state.settle(dead.id, "the target", anew=False)
    with state_in(tmp_path / "state") as state:
        assert (state.night, state.begun) == (dead, ())


def test_watermarks_that_are_equal_absent_or_to_come(tmp_path: Path) -> None:
    """A late row of the last instant, one without a time, and `never`, which hides nothing."""
    never = datetime(9999, 12, 31)
    log_night(tmp_path, (4, "never", never))
    rows = (4, "no", never), (3, "C", hour(3)), (5, "e", hour(3))
    assert log_night(tmp_path, *rows) == ["C", "a", "b", "e", "no"]
    log_night(tmp_path, (4, "no", None), (6, "f", None))
    assert log_night(tmp_path, (4, "no", None), (6, "F", None)) == ["F", "a", "b", "c", "no"]


def test_a_change_below_the_watermark_is_seen_as_far_as_it_says(tmp_path: Path) -> None:
    """`late:` says how far; new and deleted rows are seen wherever they are."""
    log_night(tmp_path / "a")
    assert log_night(tmp_path / "a", (2, "B", hour(2)), (9, "i", hour(0))) == ["a", "b", "c", "i"]
    log_night(tmp_path / "b", late="1h")
    assert log_night(tmp_path / "b", (2, "B", hour(2)), late="1h") == ["B", "a", "c"]


def test_a_watermark_of_text_grows_or_is_refused(tmp_path: Path) -> None:
    """Days first hide what changed in the next month, and so would `never`."""
    texts: dict[str, tuple[str | None, ...]] = {
        "fits": ("2024-01-03", "9999-12-31", "2024-02-01"),
        "9": ("9", "8", "10"),
    }
    texts |= {"day": ("31/01/2024", "30/01/2024", "01/02/2024"), "month": ("2024-9-1", None, None)}
    for name, (first, second, later) in texts.items():
        folder = tmp_path / name
        rows = pl.DataFrame({"id": [1, 2], "what": ["a", "b"], "at": ["", ""]})
        before = rows.with_columns(at=pl.Series([first, second], dtype=pl.String))
        laid(folder, {"log": before})
        if name != "fits":
            with pytest.raises(DataError, match="watermark: text of 'at' is in an"):
                mask_dataset(of_log(folder), key=KEY, state=folder / "state")
            continue
        mask_dataset(of_log(folder), key=KEY, state=folder / "state")
        laid(folder, {"log": rows.with_columns(what=pl.Series(["A", "b"]), at=pl.lit(later))})
        mask_dataset(of_log(folder), key=KEY, state=folder / "state")
        assert sorted(masked(folder)["log"]["what"]) == ["A", "b"]


def test_a_table_without_a_key_takes_new_rows_alone(tmp_path: Path) -> None:
    """Others cannot be told apart: late ones, and those that are gone."""
    keyless: dict[str, Any] = {"key": []}
    log_night(tmp_path, **keyless)
    assert log_night(tmp_path, (4, "d", hour(4)), **keyless) == ["a", "b", "c", "d"]
    with pytest.raises(DataError, match="5 rows are not above the last watermark, and 4 were"):
        log_night(tmp_path, (4, "d", hour(4)), (5, "e", hour(4)), **keyless)
    with pytest.raises(DataError, match="3 rows are not above the last watermark, and 4 were"):
        log_night(tmp_path, **keyless)


def test_what_is_not_as_in_the_last_night_is_refused(tmp_path: Path) -> None:
    """In a line that names it; and all anew is the way out."""
    log_night(tmp_path)

    def refused(told: str, key: str = KEY, **fields: Any) -> None:
        with pytest.raises(UsageError, match=told) as caught:
            mask_dataset(of_log(tmp_path) | fields, key=key, state=tmp_path / "state")
        assert len(str(caught.value).splitlines()) == 1

    columns = {"id": "token", "what": "token", "at": "drop"}
    other: Any = {"tables": {"log": {"columns": columns}}}
    refused("tables.log: its rules, its key or the way .* --overwrite", **other)
    refused("of key id [0-9a-f]{8}, and this is [0-9a-f]{8}: give the key", "another key of tests")
    unlike = "is not as the last night of this state left it"
    refused(f"elsewhere: {unlike}", target=str(tmp_path / "elsewhere"))
    laid(tmp_path, {"log": LOG["log"].cast({"id": pl.Int32})})
    refused("log: column 'id' is new, gone or of another type")
    laid(tmp_path, LOG)
    anew = of_log(tmp_path) | other
    mask_dataset(anew, key=KEY, state=tmp_path / "state", overwrite=True)
    assert masked(tmp_path)["log"]["what"].str.len_chars().to_list() == [24] * 3
    (tmp_path / "state" / "state.json").unlink()
    refused(unlike)


def test_a_night_takes_nothing_away_that_is_of_others(tmp_path: Path) -> None:
    """A file among the masked tables; and the record does not go into the state."""
    log_night(tmp_path)
    with pytest.raises(UsageError, match="lies among the tables or in the state"):
        mask_dataset(
            of_log(tmp_path),
            key=KEY,
            state=tmp_path / "state",
            manifest=tmp_path / "state" / "record.json",
        )
    (tmp_path / "masked" / "README").touch()
    with pytest.raises(UsageError, match="masked: holds README as well: name another folder"):
        log_night(tmp_path)
    assert (tmp_path / "masked" / "README").exists()


def test_a_table_that_is_masked_no_more_does_not_stay_in_a_database(tmp_path: Path) -> None:
    """Its rows are of the old key, and of persons who may have gone."""
    place = {"target": f"sqlite:{tmp_path}/masked.db"}
    both = of_log(tmp_path) | place
    both["tables"] = both["tables"] | {"old": both["tables"]["log"]}
    laid(tmp_path, LOG | {"old": LOG["log"]})
    mask_dataset(both, key=KEY, state=tmp_path / "state")
    (tmp_path / "raw" / "old.parquet").unlink()
    anew: Any = {"key": KEY, "state": tmp_path / "state", "overwrite": True}
    with pytest.raises(UsageError, match="table 'old' holds rows of nights before"):
        mask_dataset(of_log(tmp_path) | place, **anew)
    with closing(connect(tmp_path / "masked.db")) as there:
        there.executescript("DROP TABLE old")
    mask_dataset(of_log(tmp_path) | place, **anew)


def test_what_a_database_refuses_of_masks_is_said_before_rows_are_masked(tmp_path: Path) -> None:
    """As in a run over all tables."""
    laid(tmp_path, LOG)
    with closing(connect(tmp_path / "masked.db")) as there:
        there.executescript("CREATE TABLE log (id INTEGER, what TEXT NOT NULL, at TEXT)")
    fields = of_log(tmp_path) | {"target": f"sqlite:{tmp_path}/masked.db"}
    columns = {**fields["tables"]["log"]["columns"], "what": "redact"}
    fields["tables"] = {"log": {**fields["tables"]["log"], "columns": columns}}
    with pytest.raises(UsageError, match=r"tables.log.columns.what: is NOT NULL, and redact gives"):
        mask_dataset(fields, key=KEY, state=tmp_path / "state")
    assert not (tmp_path / "state").exists()


def test_names_of_another_table_are_looked_for_where_all_rows_are_masked(tmp_path: Path) -> None:
    """In others a row would stay as it is when the name comes or changes."""
    fields = described(tmp_path)
    del fields["foreign_keys"]["lines.article"]
    fields["foreign_keys"]["articles.who"] = "people.id"
    fields["tables"]["lines"]["columns"]["article"] = "token"
    scrub = {"mask": "scrub", "known": ["people.name"]}
    fields["tables"]["articles"] = {"columns": {"code": "token", "label": scrub}}
    tables = first_night()
    tables["people"] = tables["people"].with_columns(name=pl.lit("Qwortz"))
    label = pl.Series(["of Qwortz", "b", "c", "d"])
    tables["articles"] = tables["articles"].with_columns(label=label, who=pl.lit(1))
    laid(tmp_path, tables)
    mask_dataset(fields, key=KEY, state=tmp_path / "state")
    assert "of <NAME>" in masked(tmp_path)["articles"]["label"]
    fields["incremental"] = fields["incremental"] | {"articles": {"watermark": "label"}}
    with pytest.raises(UsageError, match=r"`known: people\.name` is of a table that changes"):
        mask_dataset(fields, key=KEY, state=tmp_path / "state")


def test_the_command_tells_a_night_and_what_it_would_refuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state is needed, and no value leaves it."""
    monkeypatch.setenv("ANONYMIZER_KEY", KEY)
    laid(tmp_path, LOG)
    file, state = tmp_path / "dataset.yaml", tmp_path / "state"
    file.write_text(yaml.safe_dump(of_log(tmp_path)))
    assert main(["mask", str(file)]) == 2
    assert "incremental: goes with a state of the nights: give it" in capsys.readouterr().err
    assert main(["mask", str(file), "--state", str(tmp_path / "masked" / "state")]) == 2
    assert main(["mask", str(file), "--state", str(state), "--dry-run"]) == 0
    assert not state.exists()
    assert main(["mask", str(file), "--state", str(state)]) == 0
    assert "log: 3 masked, 0 removed, now 3 rows" in capsys.readouterr().err
    assert main(["mask", str(file), "--state", str(state), "--dry-run"]) == 0
    assert [file.stat().st_mode & 0o777 for file in (state, state / "state.json")] == [0o700, 0o600]
    assert hour(3).isoformat() in (state / "state.json").read_text()
    shown = b"".join(file.read_bytes() for file in (tmp_path / "masked").rglob("*.*"))
    assert b"2024" not in shown


def test_files_that_no_row_leaves_are_linked_and_small_ones_merged(tmp_path: Path) -> None:
    """So that a night costs what it changes, and many nights leave few files."""
    rows = [(n, "z", hour(2)) for n in range(10, 200)]
    log_night(tmp_path, *rows)
    seen = []
    for n in range(4):
        rows.append((300 + n, "y", hour(4 + n)))
        log_night(tmp_path, *rows)
        seen.append({file.stat().st_ino for file in (tmp_path / "masked" / "log").iterdir()})
    assert [len(files) for files in seen] == [2, 2, 2, 2]
    assert len(seen[0] & seen[3]) == 1


GONE = {"columns": {"id": "redact", "*": "drop"}}


@pytest.mark.parametrize(
    ("table", "rules", "tracked", "told"),
    [
        ("orders", {"batches": "refused"}, {}, "rows that come together tell the shifts of 'paid'"),
        ("people", {}, {"watermark": "when"}, "incremental.people: no column 'when'"),
        ("people", GONE, {}, "key: 'id' does not tell masked rows apart"),
        ("lines", {}, {"key": "order_id"}, "lines.key: 20 of 60 rows have no key of their own"),
        ("people", {"order": "kept"}, {}, "people: `order: kept` does not last"),
        ("lines", {}, {"late": 3}, "late: must be a time such as `2h`"),
        ("orders", None, {}, "lines: its rows find their person through orders: add that"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_follow_says_so(
    tmp_path: Path, table: str, rules: Any, tracked: Any, told: str
) -> None:
    """Before anything is written, with the way out."""
    fields = described(tmp_path)
    fields["tables"][table] = fields["tables"][table] | (rules or {})
    known = fields["incremental"].get(table, {}) | tracked
    fields["incremental"] = {**fields["incremental"], table: known}
    if rules is None:
        del fields["incremental"][table]
    laid(tmp_path, first_night())
    with pytest.raises(UsageError, match=told):
        mask_dataset(fields, key=KEY, state=tmp_path / "state")
    assert not (tmp_path / "masked").exists()
    assert not (tmp_path / "state").exists()
    if "60 rows" not in told:  # which a night counts
        with pytest.raises(UsageError, match=told):
            lint_dataset(fields)


def test_lint_takes_what_nights_can_go_by(tmp_path: Path) -> None:
    """Findings are those of a run on all rows; neither state nor target is asked for."""
    laid(tmp_path, first_night())
    fields = described(tmp_path)
    whole = {name: value for name, value in fields.items() if name != "incremental"}
    assert lint_dataset(fields) == lint_dataset(whole)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["raw"]


# --- versions -------------------------------------------------------------------------------------


def of_versions(source: str, target: Path, **tracked: Any) -> dict[str, Any]:
    """Orders that find their person themselves, in a store whose tables have versions."""
    return {
        "version": 1,
        "source": source,
        "target": str(target),
        "entity": "orders.buyer",
        "tables": {"orders": {"columns": {"id": "token", "buyer": "token", "what": "keep"}}},
        "incremental": {"orders": {"key": "id"} | tracked},
    }


def ordered(*rows: tuple[int, str]) -> pl.DataFrame:
    """Orders, and what was bought."""
    known = [(number, f"b{number % 2}", what) for number, what in rows]
    return pl.DataFrame(known, ["id", "buyer", "what"], orient="row")


def version_night(fields: dict[str, Any], state: Path) -> tuple[list[str], int, int]:
    """What is in the target after a night as after a whole run; how many were masked, and went."""
    told = mask_dataset(fields, key=KEY, state=state).night
    assert told is not None
    with tables_at(fields["source"]) as tables:
        rows = {"orders": tables.table("orders").scan().collect()}
    found = masked(state.parent)["orders"]
    want = anonymize(rows, fields, key=KEY)["orders"]
    assert found.equals(want.sort(want.columns))
    of_orders = told["tables"]["orders"]
    return sorted(found["what"]), of_orders["masked"], of_orders["removed"]


def test_versions_of_a_delta_table_need_no_watermark(tmp_path: Path) -> None:
    """Only files that came are read; what was compacted is not, and what was restored is."""
    try:
        from deltalake import DeltaTable, write_deltalake
    except ImportError:
        without("deltalake")
    place, state = tmp_path / "raw" / "orders", tmp_path / "state"
    fields = of_versions(f"delta:{tmp_path}/raw", tmp_path / "masked")

    def night() -> tuple[list[str], int, int]:
        return version_night(fields, state)

    def append(*rows: tuple[int, str]) -> None:
        write_deltalake(place, ordered(*rows), mode="append")

    append((1, "a"), (2, "b"), (3, "c"))
    append((4, "d"))
    assert night() == (["a", "b", "c", "d"], 4, 0)
    assert night()[1:] == (0, 0)
    DeltaTable(place).optimize.compact()
    append((5, "e"))
    assert night() == (["a", "b", "c", "d", "e"], 1, 0)
    merge = DeltaTable(place).merge(ordered((5, "E"), (6, "f")), "t.id = s.id", "s", "t")
    merge.when_matched_update_all().when_not_matched_insert_all().execute()
    DeltaTable(place).optimize.compact()  # of rows that changed
    DeltaTable(place).delete("id = 6")
    assert night()[0] == ["E", "a", "b", "c", "d"]
    DeltaTable(place).vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)
    append((7, "g"))
    assert night() == (["E", "a", "b", "c", "d", "g"], 1, 0)
    DeltaTable(place).update({"what": "'z'"}, predicate="id = 7")
    assert night() == (["E", "a", "b", "c", "d", "z"], 1, 0)
    DeltaTable(place).restore(DeltaTable(place).version() - 1)
    assert night() == (["E", "a", "b", "c", "d", "g"], 1, 0)
    append((8, "h"))
    DeltaTable(place).create_checkpoint()
    for commit in sorted((place / "_delta_log").glob("*.json"))[:-1]:
        commit.unlink()
    assert night() == (["E", "a", "b", "c", "d", "g", "h"], 7, 0)
    shutil.rmtree(place)
    append((1, "A"))
    assert night() == (["A"], 1, 6)


def test_what_versions_cannot_do_is_told(tmp_path: Path) -> None:
    """In a place without them, or without a key."""
    try:
        from deltalake import write_deltalake
    except ImportError:
        without("deltalake")
    laid(tmp_path, LOG)
    with pytest.raises(UsageError, match=r"log.watermark: name a column: only Delta and Iceberg"):
        mask_dataset(of_log(tmp_path, watermark=None), key=KEY, state=tmp_path / "state")
    write_deltalake(tmp_path / "delta" / "orders", ordered((1, "a")))
    for tracked, told in (
        ({"key": []}, "orders.key: name the columns"),
        ({"late": 3}, "late: goes"),
    ):
        fields = of_versions(f"delta:{tmp_path}/delta", tmp_path / "masked", **tracked)
        with pytest.raises(UsageError, match=told):
            mask_dataset(fields, key=KEY, state=tmp_path / "state")


DDL = """
CREATE TABLE people (id bigint PRIMARY KEY, name text, changed timestamp NOT NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, buyer bigint REFERENCES people{cascade},
    paid timestamp, changed timestamp NOT NULL);
"""
FILL = """
INSERT INTO people VALUES (1, 'Ann', '2024-01-01 01:00:00'), (2, 'Bob', '2024-01-01 02:00:00'),
    (3, 'Cy', '2024-01-01 03:00:00');
INSERT INTO orders VALUES (10, 1, '2023-05-01 00:00:00', '2024-01-01 04:00:00'),
    (11, 1, '2023-06-01 00:00:00', '2024-01-01 05:00:00'),
    (12, 2, '2023-07-01 00:00:00', '2024-01-01 06:00:00'),
    (13, 3, '2023-08-01 00:00:00', '2024-01-01 07:00:00');
"""
CHANGES = """
UPDATE people SET name = 'Anna', changed = '2024-01-02 01:00:00' WHERE id = 1;
DELETE FROM orders WHERE id = 13;
DELETE FROM people WHERE id = 3;
INSERT INTO people VALUES (4, 'late', '2023-01-01 00:00:00');
UPDATE orders SET buyer = 4, changed = '2024-01-02 02:00:00' WHERE id = 12;
INSERT INTO orders VALUES (14, 2, '2023-09-01 00:00:00', '2024-01-02 03:00:00');
"""


def of_databases(source: str, target: str) -> dict[str, Any]:
    """Two tables of databases, which declare the keys."""
    same, at = {"mask": "token", "as": "same"}, {"watermark": "changed"}
    people = {"columns": {"id": same, "name": "token", "changed": YEAR}}
    orders = {"columns": {"id": same, "paid": SHIFT, "changed": YEAR}, "batches": "accepted"}
    return {
        "version": 1,
        "source": source,
        "target": target,
        "entity": "people.id",
        "tables": {"people": people, "orders": orders},
        "incremental": {"people": at, "orders": at},
    }


def rows_of(place: str) -> Tables:
    """The tables of a database, in one order."""
    with tables_at(place) as tables:
        read = {name: tables.table(name).scan().collect() for name in tables.names}
    return {name: rows.sort(rows.columns) for name, rows in read.items()}


def follows(source: str, target: str, state: Path, run: Callable[[str], object]) -> None:
    """Two nights of a database end where one run over its frames ends."""
    fields = of_databases(source, target)
    mask_dataset(fields, key=KEY, state=state)
    run(CHANGES)
    told = mask_dataset(fields, key=KEY, state=state).night
    assert told is not None
    masked = {name: (each["masked"], each["removed"]) for name, each in told["tables"].items()}
    assert masked == {"people": (2, 1), "orders": (2, 1)}
    keys = {"foreign_keys": {"orders.buyer": "people.id"}}
    frames = anonymize(rows_of(source), fields | keys, key=KEY)
    want = {name: rows.sort(rows.columns) for name, rows in frames.items()}
    assert same(rows_of(target), want)


def test_postgresql_follows_in_transactions(server: Server, tmp_path: Path) -> None:
    """A cascade of the target takes no row along that the source still has."""
    ddl = DDL.format(cascade=" ON DELETE CASCADE") + FILL
    source, target = server.database("n_raw", ddl), server.twin("n_masked", "n_raw")
    follows(source, target, tmp_path / "state", lambda sql: server.psql("n_raw", sql))


def test_sqlite_follows(tmp_path: Path) -> None:
    """In the file itself."""
    with closing(connect(tmp_path / "raw.db")) as raw:
        raw.executescript(DDL.format(cascade="") + FILL)
        places = f"sqlite:{tmp_path}/raw.db", f"sqlite:{tmp_path}/masked.db"
        follows(*places, tmp_path / "state", raw.executescript)


def test_duckdb_follows(tmp_path: Path) -> None:
    """In a new file, as rows to which others refer cannot go."""
    try:
        import duckdb
    except ImportError:
        without("DuckDB")

    def run(sql: str) -> None:
        with duckdb.connect(str(tmp_path / "raw.db")) as raw:
            for statement in sql.split(";"):
                raw.execute(statement)

    run(DDL.format(cascade="") + FILL)
    places = f"duckdb:{tmp_path}/raw.db", f"duckdb:{tmp_path}/masked.db"
    follows(*places, tmp_path / "state", run)
