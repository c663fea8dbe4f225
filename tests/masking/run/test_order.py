"""Rows leave in an order that tells nothing of the true times, and lose nothing on the way."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer import PrivacyWarning, anonymize, mask_file
from anonymizer.checks.attacks.shifts import by_order_found, true_shifts
from anonymizer.errors import RuleError
from anonymizer.files.table_files import sink
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run.order import shuffled, shuffled_through
from anonymizer.masking.run.rehearsal import rehearse

ROWS, PEOPLE, DAYS = 8_000, 400, 365
SHIFT = {"mask": "date_shift", "days": 30}
COLUMNS = {"who": "token", "day": SHIFT, "line": "keep", "shop": "keep"}


@pytest.fixture(name="log")
def log_() -> pl.DataFrame:
    """A year of purchases, sorted by day; `line` numbers those of one person, not of the table."""
    rows = range(ROWS)
    who = pl.Series("who", rows).hash(seed=1) % PEOPLE
    day = [date(2023, 1, 1) + timedelta(days=row * DAYS // ROWS) for row in rows]
    shop = [("north", "south")[row % 7 % 2] for row in rows]
    frame = pl.DataFrame({"who": who, "day": day, "shop": shop})
    return frame.with_columns(line=pl.int_range(pl.len()).over("who"))


@pytest.fixture(name="raw")
def raw_(log: pl.DataFrame, tmp_path: Path) -> Path:
    """The purchases as a file."""
    log.write_parquet(tmp_path / "raw.parquet")
    return tmp_path / "raw.parquet"


def rules(**more: Any) -> dict[str, Any]:
    """Rules for the purchases."""
    return {"version": 1, "entity": "who", "columns": COLUMNS} | more


def masked_file(raw: Path, secret: str, name: str = "out.parquet", **more: Any) -> pl.DataFrame:
    """What stands in the masked file."""
    mask_file(raw, raw.with_name(name), rules(**more), key=secret)
    return pl.read_parquet(raw.with_name(name))


@pytest.mark.parametrize("truncate", [False, True])
@pytest.mark.parametrize(("order", "tells"), [(None, False), ("shuffled", False), ("kept", True)])
def test_the_order_of_a_file_tells_no_shift(
    log: pl.DataFrame, raw: Path, secret: str, order: str | None, *, tells: bool, truncate: bool
) -> None:
    """From the masked file alone shifts are guessed as by chance, unless its order is kept."""
    whole = anonymize(log, rules(), key=secret)
    truth = true_shifts(whole["who"], log["day"], whole["day"])
    assert truth is not None
    columns = COLUMNS | {"day": SHIFT | {"truncate": truncate}}
    out = masked_file(raw, secret, columns=columns, order=order)
    found = by_order_found(out["who"], out["day"], truth, seed=0)
    assert (found.found.value > 0.9) == tells
    assert (found.found.value < found.chance + 0.02) != tells


def test_rows_of_one_person_stand_together_in_their_own_order(raw: Path, secret: str) -> None:
    """So that the lines of a basket, which have one time, stay in order; no row is lost."""
    out = masked_file(raw, secret)
    assert len(out) == ROWS
    assert out["who"].rle_id().max() == out["who"].n_unique() - 1
    assert (out.select(pl.col("line") == pl.int_range(pl.len()).over("who"))["line"]).all()


def test_the_order_follows_from_what_is_published(
    log: pl.DataFrame, raw: Path, secret: str
) -> None:
    """The same whatever the order of the input was; another under another key."""
    first = masked_file(raw, secret)
    assert_frame_equal(masked_file(raw, secret, "again.parquet"), first)
    log.sort("who", "line").write_parquet(raw)
    assert_frame_equal(masked_file(raw, secret, "sorted.parquet"), first)
    other = masked_file(raw, f"another {secret}", "other.parquet")
    assert other["line"].to_list() != first["line"].to_list()


def in_turn(out: pl.DataFrame) -> float:
    """The share of rows that follow the line before them."""
    return float(out.select((pl.col("line").diff() == 1).mean()).item())


ENTITIES: dict[str, Any] = {
    "dropped": "drop",
    "null": "redact",
    "of several people": {"mask": "pseudonym", "kind": "name"},
}


@pytest.mark.parametrize("kind", ENTITIES)
def test_rows_of_nobody_are_not_put_together(
    log: pl.DataFrame, raw: Path, secret: str, kind: str
) -> None:
    """Where the output does not say whose rows are, its order does not say it either."""
    log.with_columns(pl.col("who").cast(pl.String)).write_parquet(raw)
    out = masked_file(raw, secret, columns=COLUMNS | {"who": ENTITIES[kind]})
    assert len(out) == ROWS
    assert in_turn(out) < 0.1


def test_an_entity_of_several_columns_stands_together(raw: Path, secret: str) -> None:
    """And so does who a shift follows besides the entity: one shift for all rows in a place."""
    out = masked_file(raw, secret, entity=["who", "shop"], columns=COLUMNS | {"shop": "token"})
    assert out.select(pl.struct("who", "shop").rle_id().max()).item() == 2 * PEOPLE - 1
    shift = SHIFT | {"entity": "who"}
    columns = COLUMNS | {"shop": "token", "day": shift}
    out = masked_file(raw, secret, "other.parquet", entity="shop", columns=columns)
    assert out.select(pl.struct("who", "shop").rle_id().max()).item() == 2 * PEOPLE - 1


def test_rows_without_an_entity_are_mixed(log: pl.DataFrame, raw: Path, secret: str) -> None:
    """They do not stand together as they came: what else they hold may be in true order."""
    nobody = log.with_columns(who=pl.lit(None, pl.UInt64), line=pl.int_range(pl.len()) % 1000)
    nobody.write_parquet(raw)
    assert in_turn(masked_file(raw, secret)) < 0.1


def test_rows_that_do_not_fit_into_memory_are_in_the_same_order(
    log: pl.DataFrame, secret: str, tmp_path: Path
) -> None:
    """By person, each in order, and every row once; nothing is left of the files in between."""
    masked = anonymize(log, rules(), key=secret)
    plan = make_plan(load_rules(rules()), log.schema)
    parts = shuffled_through(tmp_path / "parts", masked.lazy(), plan, rows=ROWS, at_once=1_000)
    through = parts.collect(engine="streaming")
    at_once = shuffled(masked.lazy(), plan).collect()
    by_person = [each.sort("who", maintain_order=True) for each in (through, at_once)]
    assert_frame_equal(*by_person)
    assert through["who"].rle_id().max() == PEOPLE - 1
    assert list((tmp_path / "parts").iterdir()) == []


def test_folders_are_shuffled_across_their_files(log: pl.DataFrame, raw: Path, secret: str) -> None:
    """A file a month becomes files that know no month; partitions hold their rows by person."""
    for month, rows in log.group_by(pl.col("day").dt.month()):
        for shop, part in rows.group_by("shop"):
            folder = raw.with_name("in") / f"shop={shop[0]}"
            folder.mkdir(parents=True, exist_ok=True)
            part.drop("shop").write_parquet(folder / f"{month[0]:02}.parquet")
    mask_file(raw.with_name("in"), raw.with_name("out"), rules(), key=secret)
    files = sorted(raw.with_name("out").rglob("*.parquet"))
    assert [file.parent.name for file in files] == ["shop=north", "shop=south"]
    for file in files:
        assert pl.read_parquet(file)["who"].rle_id().max() == PEOPLE - 1


def test_frames_keep_their_order_unless_rules_say_so(log: pl.DataFrame, secret: str) -> None:
    """Eager and lazy."""
    kept = anonymize(log, rules(), key=secret)
    assert kept["line"].to_list() == log["line"].to_list()
    mixed = anonymize(log, rules(order="shuffled"), key=secret)
    assert mixed["who"].rle_id().max() == PEOPLE - 1
    lazy = anonymize(log.lazy(), rules(order="shuffled"), key=secret)
    assert_frame_equal(lazy.collect(), mixed)


N = pl.int_range(pl.len(), dtype=pl.Int64)
MONTHLY = {"mask": "date_truncate", "to": "month"}
# Rows in the order of what is hidden, and how it is.
IN_ORDER: dict[str, tuple[pl.Expr, Any]] = {
    "numbers of customers": (N, "token"),
    "downwards": (-N, {"mask": "encrypt"}),
    "as text": (pl.format("C-{}", N + 90), "token"),
    "of each of three shops": (N % 133, "drop"),
    "moments, nearly": (pl.lit(date(2024, 1, 1)) + pl.duration(hours=N + N.hash() % 20), MONTHLY),
    "dates as text": ((date(2024, 1, 9) + pl.duration(days=N)).dt.to_string("%d.%m.%Y"), "redact"),
    "amounts": (N * 1.5, {"mask": "round", "to": 100}),
    "bytes": (pl.format("{}", N + 1_000).cast(pl.Binary), "token"),
}


@pytest.mark.parametrize("kind", IN_ORDER)
def test_rows_in_the_order_of_what_is_hidden_are_shuffled(
    kind: str, tmp_path: Path, secret: str
) -> None:
    """The n-th row would be the n-th value; it is said, and may be left as it is."""
    hidden, mask = IN_ORDER[kind]
    raw = pl.DataFrame({"row": range(400)}).select(row=N.hash(seed=3) % 97, x=hidden)
    raw.write_parquet(tmp_path / "raw.parquet")
    plain = {"version": 1, "columns": {"row": "keep", "x": mask}}
    dry = tmp_path / "dry.parquet", plain
    with pytest.warns(PrivacyWarning, match="order: rows come in the order of x, .* `order: kept`"):
        mask_file(tmp_path / "raw.parquet", tmp_path / "out.parquet", plain, key=secret)
    out = pl.read_parquet(tmp_path / "out.parquet")
    assert sorted(out["row"]) == sorted(raw["row"])
    assert (out["row"] == raw["row"]).sum() < 40
    assert any(" order of x, " in each for each in rehearse(tmp_path / "raw.parquet", *dry)[1])
    with pytest.warns(PrivacyWarning, match="order: rows come in the order of x, .*shuffled`, or"):
        assert anonymize(raw, plain, key=secret)["row"].to_list() == raw["row"].to_list()
    kept = plain | {"order": "kept"}
    record = mask_file(tmp_path / "raw.parquet", tmp_path / "kept.parquet", kept, key=secret)
    assert pl.read_parquet(tmp_path / "kept.parquet")["row"].to_list() == raw["row"].to_list()
    assert not any(line.startswith("order") for line in record.warnings)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("ordered", [slice(0, 3_000), slice(9_000, 12_000)])
def test_a_part_in_order_is_seen_wherever_it_stands(
    ordered: slice, ending: str, tmp_path: Path, secret: str
) -> None:
    """The head may be mixed and the tail in order; read from the middle or not."""
    rows = pl.DataFrame({"n": range(12_000)}).select(x=pl.col("n").hash(seed=5) // 2**20)
    x = rows["x"].to_list()
    x[ordered] = sorted(x[ordered])
    raw = tmp_path / f"raw.{ending}"
    sink(pl.LazyFrame({"x": x}), raw)
    rules = {"version": 1, "columns": {"x": "token"}}
    with pytest.warns(PrivacyWarning, match="order: rows come in the order of x, "):
        mask_file(raw, tmp_path / f"out.{ending}", rules, key=secret)


NO_ORDER: dict[str, tuple[pl.Expr, Any]] = {
    "what is kept": (N, "keep"),
    "mixed": (N.hash(), "token"),
    "a few values": (N // 100, "token"),
    "one value": (pl.lit("a"), "drop"),
    "nothing": (pl.lit(None), "drop"),
    "a list": (pl.concat_list(N.hash(), N), "drop"),
}


@pytest.mark.parametrize("kind", NO_ORDER)
def test_rows_in_no_order_stay_as_they_come(kind: str, secret: str, tmp_path: Path) -> None:
    """Nothing is shuffled that has nothing to hide, unless rules say so."""
    values, mask = NO_ORDER[kind]
    raw = pl.DataFrame({"row": range(400)}).select(row=N.hash(seed=3) % 97, x=values)
    raw.write_parquet(tmp_path / "raw.parquet")
    plain = {"version": 1, "columns": {"row": "keep", "x": mask}}
    for name, order in (("a", None), ("b", "shuffled")):
        rules = plain | {"order": order}
        mask_file(tmp_path / "raw.parquet", tmp_path / f"{name}.parquet", rules, key=secret)
        out = pl.read_parquet(tmp_path / f"{name}.parquet")
        assert (out["row"].to_list() == raw["row"].to_list()) == (order is None)


def test_an_unknown_order_is_a_fault() -> None:
    """With the names that are known."""
    with pytest.raises(RuleError, match="order: expected shuffled or kept; did you mean"):
        load_rules(rules(order="shuffle"))
    with pytest.raises(RuleError, match="batches: expected refused, accepted or held_back"):
        load_rules(rules(batches=True))
    assert load_rules(load_rules(rules(order="kept", batches="accepted")).to_dict()).order == "kept"
