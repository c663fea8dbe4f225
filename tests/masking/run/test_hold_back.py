"""Rows wait, and leave by what is published alone; none is lost or doubled, whatever happens."""

import itertools
import json
import pkgutil
import re
import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from anonymizer import PrivacyWarning, anonymize, fit_rules, lint, mask_file, preview
from anonymizer.cli import main
from anonymizer.errors import AnonymizerError, DataError, FileError, RuleError, SchemaError
from anonymizer.keys import Key
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run import hold_back
from anonymizer.masking.run.manifest import Manifest
from anonymizer.masking.run.order import shuffled_through
from anonymizer.masking.run.rehearsal import rehearse
from anonymizer.staging import alone_in
from tests.masking.conftest import SECRET

KEY = Key(SECRET)
DAYS, PEOPLE = 3, 30
FIRST, NEWEST = date(2024, 3, 1), date(2024, 4, 9)  # of the history
SHIFT = {"mask": "date_shift", "days": DAYS, "truncate": True}
COLUMNS = {"who": "token", "day": SHIFT, "line": "keep"}
UNCUT = COLUMNS | {"day": SHIFT | {"truncate": False}}


def rules(**more: Any) -> dict[str, Any]:
    """Rules that hold rows back."""
    return {"version": 1, "entity": "who", "columns": COLUMNS, "batches": "held_back"} | more


def visits(first: date, last: date, a_day: int = 9) -> pl.DataFrame:
    """So many visits on each day; each has a number of its own."""
    days = pl.date_range(first, last, eager=True)
    rows = pl.DataFrame({"day": days}).join(
        pl.DataFrame({"n": range(a_day)}, {"n": pl.Int64}), how="cross"
    )
    line = pl.col("day").to_physical().cast(pl.Int64) * 1_000 + pl.col("n")
    line = line.hash(seed=1).cast(pl.Int64, wrap_numerical=True)
    who = pl.format("person-{}", line.hash(seed=2) % PEOPLE)
    return rows.select(who=who, day="day", line=line)


def night(after: int, **more: Any) -> pl.DataFrame:
    """The visits of the day that is so many days after the history."""
    return visits(NEWEST + timedelta(days=after), NEWEST + timedelta(days=after), **more)


class Feed:
    """A feed whose nights are masked one after the other into one state."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.rules: Any = rules(**more)
        self.out: list[pl.DataFrame] = []

    def deliver(self, rows: pl.DataFrame, name: str = "", **more: Any) -> Manifest:
        """One night."""
        name = name or f"{len(self.out)}"
        raw, masked = self.folder / f"raw-{name}.parquet", self.folder / f"out-{name}.parquet"
        rows.write_parquet(raw)
        record = mask_file(raw, masked, self.rules, key=KEY, state=self.state, **more)
        self.out.append(pl.read_parquet(masked))
        return record

    def waiting(self) -> pl.DataFrame:
        """The rows that did not leave yet."""
        (pool,) = self.state.glob("pool-*.parquet")
        end = json.loads((self.state / "state.json").read_text())["end"]
        rows = pl.read_parquet(pool)
        return rows.filter(pl.col(rows.columns[-1]) >= end).drop(rows.columns[-1])


@pytest.fixture(name="history", scope="module")
def history_(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    """A feed that began with its history; not to be changed."""
    feed = Feed(tmp_path_factory.mktemp("history"))
    feed.deliver(visits(FIRST, NEWEST))
    return feed


@pytest.fixture(name="feed")
def feed_(history: Feed, tmp_path: Path) -> Feed:
    """The same, to go on with."""
    feed = Feed(tmp_path)
    shutil.copytree(history.state, feed.state)
    feed.out.append(history.out[0])
    return feed


def at_once(rows: Sequence[pl.DataFrame], begin: date = FIRST) -> pl.DataFrame:
    """All rows masked together, but for those of the first days."""
    masked = anonymize(pl.concat(rows), rules(columns=UNCUT), key=KEY)
    begins = begin + timedelta(days=DAYS)
    return masked.filter((pl.col("day") >= begins) | pl.col("day").is_null())


def assert_same_rows(one: pl.DataFrame, other: pl.DataFrame) -> None:
    """In any order."""
    assert_frame_equal(one.sort(one.columns), other.sort(other.columns))


ODD = {
    "dated": pl.col("day"),
    "no time": pl.lit(None, pl.Date),
    "placeholder": pl.lit(date(9999, 12, 31)),
    "of nobody": pl.col("day"),
}
NIGHT = st.tuples(st.integers(0, 10), st.integers(0, 2), st.sampled_from(sorted(ODD)))


@settings(max_examples=4, deadline=None)
@given(nights=st.lists(NIGHT, min_size=1, max_size=4))
def test_what_left_and_what_waits_are_all_rows(
    nights: list[tuple[int, int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As if all had been masked at once: however many come, late, without a time or a person."""
    feed = Feed(tmp_path_factory.mktemp("feed"), batches={"held_back": "day", "late": 2})
    rows = [visits(FIRST, NEWEST)]
    for after, (size, late, odd) in enumerate(nights, start=1):
        own = night(after - late, a_day=size).with_columns(line=pl.col("line") + after)
        nobody = pl.lit(None) if odd == "of nobody" else pl.col("who")
        odd_rows = own.with_columns(who=nobody, day=ODD[odd])
        rows.append(pl.concat([night(after), odd_rows.cast({"who": pl.String})]))
    for each in rows:
        feed.deliver(each)
    assert_same_rows(pl.concat([*feed.out, feed.waiting()]), at_once(rows))


def test_a_delivery_is_a_day_of_what_is_published(feed: Feed) -> None:
    """Of all persons the same masked day, whatever their shift: when it left tells nothing else."""
    edge = NEWEST - timedelta(days=DAYS + 1)
    assert feed.out[0]["day"].max() == edge
    for after in range(1, 5):
        record = feed.deliver(night(after))
        edge += timedelta(days=1)
        assert feed.out[-1]["day"].unique().to_list() == [edge]
    assert edge == NEWEST + timedelta(days=4 - DAYS - 1)
    assert record.held_back is not None
    assert record.held_back["delay"] == [1, 2 * DAYS + 1]
    assert record.notes[-1] == (
        f"held back: {record.rows} rows leave, of masked days before {edge + timedelta(days=1)}; "
        f"{len(feed.waiting())} wait; a row leaves 1 to 7 days after its true day"
    )


def test_rows_without_a_time_wait_as_if_they_had_one(feed: Feed) -> None:
    """That of the night in which they came; the first of them leave together."""
    nights = 3 * DAYS + 2
    people = pl.select(who=pl.format("person-{}", pl.int_range(PEOPLE)))
    raw = visits(FIRST, NEWEST)
    whole = anonymize(raw, rules(columns=UNCUT), key=KEY)
    shifts = whole.select("who", shift=(pl.col("day") - raw["day"]).dt.total_days()).unique()
    for after in range(1, nights + 1):
        line = pl.int_range(PEOPLE) + after * 1_000  # each its own, so that none tells the night
        bare = people.select("who", day=pl.lit(None, pl.Date), line=line)
        feed.deliver(pl.concat([night(after), bare]))
    out = pl.concat(rows.with_columns(night=pl.lit(n)) for n, rows in enumerate(feed.out))
    left = out.filter(pl.col("day").is_null()).join(shifts, on="who")
    came = pl.col("line") // 1_000
    moved = (came + pl.col("shift")).clip(lower_bound=DAYS)
    assert left.filter(pl.col("night") != moved + DAYS + 1).is_empty()
    lines = pl.DataFrame({"line": range(1_000, (nights + 1) * 1_000, 1_000)})
    expected = shifts.join(lines, how="cross")
    assert len(left) == len(expected.filter(moved + DAYS + 1 <= nights)) > 0


def test_rows_cut_to_their_year_wait_for_its_end(tmp_path: Path) -> None:
    """They are of a day that many know: they would tell by how much it was moved."""
    feed = Feed(tmp_path)
    shared = pl.DataFrame(
        {"who": [f"person-{n}" for n in range(PEOPLE)], "day": date(2023, 12, 20)}
    )
    history = visits(date(2023, 11, 1), date(2023, 12, 28), a_day=2)
    feed.deliver(pl.concat([history, shared.with_columns(line=pl.lit(0, pl.Int64))]))
    for after in range(1, 9):
        day = date(2023, 12, 28) + timedelta(days=after)
        feed.deliver(visits(day, day, a_day=2))
    (only,) = (n for n, rows in enumerate(feed.out) if (rows["line"] == 0).any())
    assert set(feed.out[only]["day"]) == {date(2023, 1, 1), date(2023, 12, 31)}
    assert (feed.out[only]["line"] == 0).sum() == PEOPLE


def test_a_day_that_all_share_is_not_where_a_feed_begins(tmp_path: Path) -> None:
    """Its rows leave, and the first days are cut all the same."""
    feed, history = Feed(tmp_path), visits(FIRST, NEWEST, a_day=20)
    opened = history.unique("who").with_columns(day=pl.lit(date(2001, 3, 7)))
    feed.deliver(pl.concat([history, opened]))
    days = feed.out[0]["day"].value_counts().sort("day")
    assert days.row(0) == (date(2001, 1, 1), len(opened))
    assert days["day"][1] == FIRST + timedelta(days=DAYS)


def test_a_batch_is_in_an_order_that_tells_nothing(feed: Feed, tmp_path: Path) -> None:
    """Persons stand by what is published, whatever the order in which rows came."""
    (tmp_path / "other").mkdir()
    other = Feed(tmp_path / "other")
    other.deliver(visits(FIRST, NEWEST).sort("line", descending=True))
    for after in range(1, 3):
        feed.deliver(night(after))
        other.deliver(night(after).reverse())
    for one, two in zip(feed.out, other.out, strict=True):
        assert one["who"].to_list() == two["who"].to_list()
        assert one["who"].rle_id().max() == one["who"].n_unique() - 1


def test_rows_that_do_not_fit_into_memory_wait_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are sorted part by part."""
    monkeypatch.setattr(hold_back, "shuffled_through", partial(shuffled_through, at_once=100))
    feed, rows = Feed(tmp_path), [visits(FIRST, NEWEST), night(1), night(2)]
    for each in rows:
        feed.deliver(each)
    assert_same_rows(pl.concat([*feed.out, feed.waiting()]), at_once(rows))


# --- what goes wrong ------------------------------------------------------------------------------

STEPS = {
    "masking": ("anonymizer.masking.run.files.TableFiles.write", 1),
    "the state": ("anonymizer.staging._move", 1),
    "the note that it is pending": ("anonymizer.staging._move", 2),
    "the output": ("anonymizer.masking.run.files.TableFiles.write", 3),
    "its place": ("anonymizer.staging._move", 3),
    "the end": ("anonymizer.masking.run.hold_back.Pool.finish", 1),
    "tidying up": ("pathlib.Path.unlink", 1),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_ended_at_any_step_is_run_again(
    step: str, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No row is lost, and none is there twice."""
    with monkeypatch.context() as patched:
        patched.setattr(STEPS[step][0], _ending(*STEPS[step]))
        with pytest.raises(KeyboardInterrupt):
            feed.deliver(night(1))
    if step == "tidying up":  # its output stands
        feed.out.append(pl.read_parquet(feed.folder / "out-1.parquet"))
    rows = [visits(FIRST, NEWEST), night(1), night(2)]
    for each in rows[len(feed.out) :]:
        feed.deliver(each, overwrite=True)
    assert_same_rows(pl.concat([*feed.out, feed.waiting()]), at_once(rows))
    left = {file.name for file in feed.state.iterdir()}
    assert left == {"pool-3.parquet", "state.json"}


def test_a_first_run_that_ended_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else before it, as its output may stand."""
    feed = Feed(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(hold_back.Pool, "finish", _ending(*STEPS["the end"]))
        with pytest.raises(KeyboardInterrupt):
            feed.deliver(visits(FIRST, NEWEST))
    with pytest.raises(DataError, match=r"run it again with the same input; or delete pending"):
        feed.deliver(visits(FIRST, NEWEST, a_day=8), "other")
    feed.deliver(visits(FIRST, NEWEST), overwrite=True)
    assert_same_rows(pl.concat([*feed.out, feed.waiting()]), at_once([visits(FIRST, NEWEST)]))


def _ending(where: str, time: int) -> Any:
    """What stands there, but for one time, at which the process ends."""
    whole, calls = pkgutil.resolve_name(where), itertools.count(1)

    def ends(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == time:
            raise KeyboardInterrupt
        return whole(*args, **kwargs)

    return ends


def test_a_night_counts_once(feed: Feed) -> None:
    """Whatever its file is called, and also nights later."""
    feed.deliver(night(1))
    feed.deliver(night(2))
    for again in (night(1), night(2)):
        with pytest.raises(DataError, match=r"was taken in night \d already: nothing is added"):
            feed.deliver(again, "again")
    assert not (feed.folder / "out-again.parquet").exists()


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_run_that_was_killed_when_all_was_done_is_done(ending: str, feed: Feed) -> None:
    """The same run once more says so and changes nothing, where its output is that of the night."""
    raw, masked = feed.folder / "raw.parquet", feed.folder / f"out.{ending}"
    first_out = b""
    for each in (night(1), night(2)):
        first_out = masked.read_bytes() if masked.exists() else b""
        each.write_parquet(raw)
        first = mask_file(raw, masked, feed.rules, key=KEY, state=feed.state, overwrite=True)
    state, out = (feed.state / "state.json").read_bytes(), masked.read_bytes()
    assert len(out) > 0 < first.rows
    record = mask_file(raw, masked, feed.rules, key=KEY, state=feed.state, overwrite=True)
    assert record.notes[-1] == first.notes[-1]
    assert "night 3 was taken already, and its output is complete: nothing is added" in record.notes
    assert [each.output_nulls for each in record.columns] == [0] * len(first.columns)
    assert (feed.state / "state.json").read_bytes() == state
    assert masked.read_bytes() == out
    assert len(list(feed.state.glob("pool-*"))) == 1
    for other in (first_out, b""):  # that of another night, or none
        wrong = masked.with_name(f"other.{ending}")
        if other:
            wrong.write_bytes(other)
        with pytest.raises(DataError, match=r"raw\.parquet: was taken in night 3 already"):
            mask_file(raw, wrong, feed.rules, key=KEY, state=feed.state, overwrite=True)
        assert wrong.exists() == bool(other)
        wrong.unlink(missing_ok=True)


def test_rows_that_are_written_anew_are_no_other_night(feed: Feed) -> None:
    """Other row groups, compression and order do not show; one more row does."""
    feed.deliver(night(1))
    raw, masked = feed.folder / "again.parquet", feed.folder / "out-again.parquet"
    night(1).reverse().write_parquet(raw, compression="gzip", row_group_size=2)
    with pytest.raises(DataError, match=r"again\.parquet: was taken in night 2 already"):
        mask_file(raw, masked, feed.rules, key=KEY, state=feed.state)
    feed.deliver(night(1, a_day=10), "more")


@pytest.mark.parametrize(
    ("column", "dtype"),
    [("day", pl.Date), ("day", pl.Null), ("paid", pl.Null), ("shop", pl.Null)],
)
def test_a_night_may_have_no_value_in_a_column(
    tmp_path: Path, column: str, dtype: type[pl.DataType]
) -> None:
    """Whatever its type became, also in the times by which rows wait; the next night goes on."""
    others = {"paid": SHIFT | {"truncate": False}, "shop": "keep"}
    feed = Feed(tmp_path, columns=COLUMNS | others, batches={"held_back": "day"})

    def paid(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(paid=pl.col("day").dt.offset_by("1d"), shop=pl.lit("north"))

    feed.deliver(paid(visits(FIRST, NEWEST)))
    feed.deliver(paid(night(1)).with_columns(pl.lit(None, dtype).alias(column)))
    feed.deliver(paid(night(2)))
    rows = pl.concat([*feed.out, feed.waiting()])
    assert rows[column].null_count() == 9


def test_a_file_counts_once_and_one_without_rows_does_not_count(feed: Feed) -> None:
    """A folder with a file that was taken is refused; Sundays are all alike and pass."""
    feed.deliver(night(1))
    sunday = night(1).clear()
    for number in range(3):
        feed.deliver(sunday, f"sunday-{number}")
    folder = feed.folder / "night-2"
    folder.mkdir()
    night(2).write_parquet(folder / "a.parquet")
    night(1).write_parquet(folder / "b.parquet")
    with pytest.raises(DataError, match=r"b\.parquet: was taken in night 2 already"):
        mask_file(folder, feed.folder / "out", feed.rules, key=KEY, state=feed.state)
    (folder / "b.parquet").unlink()
    sunday.write_parquet(folder / "b.parquet")
    assert mask_file(folder, feed.folder / "out", feed.rules, key=KEY, state=feed.state)


def test_rows_that_wait_without_a_record_are_no_new_state(feed: Feed) -> None:
    """Whoever lost `state.json` is told, before the rows are written over."""
    feed.deliver(night(1))
    (feed.state / "state.json").unlink()
    with pytest.raises(FileError, match=r"holds rows that wait, but no state\.json: put it back"):
        feed.deliver(night(2))


def test_late_rows_are_refused_with_their_count(tmp_path: Path) -> None:
    """Their batch has left: they would be seen to be late. As many days as the rules say wait."""
    feed = Feed(tmp_path, batches={"held_back": "day", "late": 2})
    feed.deliver(visits(FIRST, NEWEST))
    feed.deliver(night(3))
    before = feed.waiting()
    with pytest.raises(
        DataError, match=r"day: 9 of 18 rows are of days before 2024-04-10, whose batches have left"
    ):
        feed.deliver(pl.concat([night(4), night(0)]))
    assert_frame_equal(before, feed.waiting())
    feed.deliver(pl.concat([night(4), night(1)]))


def test_a_year_that_somebody_mistyped_lets_nothing_go(feed: Feed) -> None:
    """One basket of the future does not end the time of the others, however many lines it has."""
    slip = night(1, a_day=1).with_columns(day=pl.lit(date(2042, 4, 10)), line=pl.lit(0, pl.Int64))
    feed.deliver(pl.concat([night(1), slip, slip, slip]))
    assert feed.out[1]["day"].unique().to_list() == [NEWEST - timedelta(days=DAYS)]
    assert feed.deliver(slip.with_columns(line=pl.lit(1, pl.Int64))).rows == 0


def test_a_night_far_ahead_is_refused_with_its_count(feed: Feed) -> None:
    """Several persons of 2042 would let all rows go, and none that came after could leave."""
    far = night(1).with_columns(day=pl.lit(date(2042, 4, 10)))
    message = (
        "day: 9 of 18 rows are of days after 2024-05-10, over 31 days after 2024-04-09, the newest "
        "so far: leave out those that are slips; after such a gap begin a new state"
    )
    with pytest.raises(DataError, match=re.escape(message)):
        feed.deliver(pl.concat([night(1), far]))
    assert feed.deliver(night(2 * DAYS)).rows


def test_nobody_reads_a_raw_value_in_a_state(tmp_path: Path) -> None:
    """It is masked already, and for its owner alone, as is what leaves, if a night's input was."""
    feed = Feed(tmp_path)
    raw = visits(FIRST, NEWEST)
    moment = pl.col("day").cast(pl.Datetime("us")) + pl.duration(
        microseconds=pl.int_range(pl.len())
    )
    raw = raw.with_columns(day=moment)
    feed.deliver(raw)
    (tmp_path / "raw-1.parquet").touch(mode=0o600)
    for after in (1, 2):
        feed.deliver(raw.tail(9).with_columns(pl.col("day") + pl.duration(days=after, hours=after)))
    modes = {file.name: file.stat().st_mode & 0o777 for file in feed.state.iterdir()}
    assert modes == {"pool-3.parquet": 0o600, "state.json": 0o600}
    assert feed.state.stat().st_mode & 0o777 == 0o700
    assert [(tmp_path / f"out-{n}.parquet").stat().st_mode & 0o077 for n in (1, 2)] == [0, 0]
    pool = feed.state / "pool-3.parquet"
    content = pl.read_parquet(pool)
    assert not set(content["day"]) & set(raw["day"])
    pl.concat([content, content]).write_parquet(pool, compression="uncompressed")
    written = b"".join(file.read_bytes() for file in feed.state.iterdir())
    assert b"person-" not in written
    assert FIRST.isoformat().encode() not in written


MOVED_TWICE = COLUMNS | {"sent": SHIFT | {"truncate": False}}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "the beginning is not cut": ({"columns": UNCUT}, "day: rows are held back by it: write `trunc"),
    "nothing moves": (
        {"columns": COLUMNS | {"day": "keep"}},
        "batches: the columns that move are none: write `batches: {held_back: COLUMN}`",
    ),
    "two columns move": ({"columns": MOVED_TWICE}, "the columns that move are day, sent: write"),
    "no such column": (
        {"columns": MOVED_TWICE, "batches": {"held_back": "d"}},
        "the columns that move are day, sent: write",
    ),
    "the other is cut as well": (
        {"columns": COLUMNS | {"sent": SHIFT}, "batches": {"held_back": "day"}},
        "columns.sent.truncate: the ends are cut by 'day' alone",
    ),
    "some rows stay": (
        {"columns": COLUMNS | {"day": [SHIFT | {"when": "line > 3"}, "keep"]}},
        "columns.day: rows are held back by it: give all its rows one rule",
    ),
    "the order is kept": ({"order": "kept"}, "order: rows that are held back are shuffled"),
    "k is promised": (
        {"anonymity": {"quasi_identifiers": ["line"], "k": 2}},
        "anonymity: cannot be counted on rows that leave bit by bit",
    ),
    "no such word": ({"batches": "held back"}, "did you mean 'held_back'"),
    "days that are none": ({"batches": {"held_back": None, "late": -1}}, "batches.late: "),
    "a word for the column": ({"batches": {"late": 2}}, "batches.held_back: this option is requi"),
    "what is kept tells": ({"columns": COLUMNS | {"sent": "keep"}}, "sent: tells the true day"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_rules_by_which_rows_cannot_wait_are_refused(why: str, tmp_path: Path) -> None:
    """Before anything is written."""
    more, message = REFUSED[why]
    rows = visits(FIRST, NEWEST)
    if "sent" in str(more):
        rows = rows.with_columns(sent="day")
    with pytest.raises((RuleError, SchemaError), match=re.escape(message)):
        Feed(tmp_path, **more).deliver(rows)
    assert [file.name for file in tmp_path.iterdir()] == ["raw-0.parquet"]
    if not message.startswith("sent: tells"):
        with pytest.raises((RuleError, SchemaError), match=re.escape(message)):
            preview(rows, rules(**more))


def test_the_column_that_goes_with_deliveries_is_the_one(tmp_path: Path) -> None:
    """Where another one is named, every row would leave on its true day."""
    columns = COLUMNS | {"day": SHIFT | {"truncate": False}, "born": SHIFT}
    history = visits(FIRST, NEWEST).with_columns(born=pl.col("day") - pl.duration(weeks=1_000))
    feed = Feed(tmp_path, columns=columns, batches={"held_back": "born"})
    feed.rules = fit_rules(history, feed.rules, key=KEY)
    tonight = history.with_columns(day=pl.lit(NEWEST))
    with pytest.raises(SchemaError, match=r"day: .* rows are held back by 'born': name this one"):
        feed.deliver(tonight)


def test_the_first_night_is_a_history_or_has_fitted_rules(tmp_path: Path) -> None:
    """Masks learn from it what later nights are masked by."""
    feed = Feed(tmp_path)
    with pytest.raises(SchemaError, match="begin with a longer history, or with rules that were"):
        feed.deliver(night(1))
    feed.rules = fit_rules(visits(FIRST, NEWEST), feed.rules, key=KEY)
    nights = [night(after, a_day=30) for after in range(1, 2 * DAYS + 3)]
    for each in nights:
        feed.deliver(each)
    begin = NEWEST + timedelta(days=1)
    assert_same_rows(pl.concat([*feed.out, feed.waiting()]), at_once(nights, begin))
    assert [rows.is_empty() for rows in feed.out].count(False) == 1


def test_other_rules_keys_and_columns_are_refused(feed: Feed, tmp_path: Path) -> None:
    """What waits was masked by those of the nights before."""
    raw, out = tmp_path / "raw-1.parquet", tmp_path / "out-1.parquet"
    night(1).write_parquet(raw)
    do = partial(mask_file, raw, out, state=feed.state)
    with pytest.raises(RuleError, match="not those of the nights before: keep them, or begin"):
        do(rules(columns=COLUMNS | {"line": "drop"}), key=KEY)
    with pytest.raises(RuleError, match="not those of the nights before"):
        do(fit_rules(visits(FIRST, date(2024, 3, 20)), rules(), key="another key, 7f3a91c5e2"))
    with pytest.raises(DataError, match="is of key id"):
        do(rules(), key="another key of these tests, 7f3a91c5e2")
    night(1).with_columns(line=pl.lit("x")).write_parquet(raw)
    with pytest.raises(SchemaError, match="line"):
        do(rules(), key=KEY)
    assert not out.exists()


def test_a_state_has_a_place_of_its_own(feed: Feed, tmp_path: Path) -> None:
    """Not the input, not the output, not on S3, and no run beside another."""
    raw, out = tmp_path / "raw-1.parquet", tmp_path / "out-1.parquet"
    night(1).write_parquet(raw)
    do = partial(mask_file, raw, key=KEY)
    with pytest.raises(RuleError, match=r"held_back goes with a state for its rows: give it"):
        do(out, rules())
    with pytest.raises(RuleError, match="write `batches: held_back`, or give none"):
        do(out, rules(batches="accepted"), state=feed.state)
    with pytest.raises(FileError, match="a state is a local folder"):
        do(out, rules(), state="s3://bucket/state")
    with pytest.raises(FileError, match="a state is a local folder"):
        do(out, rules(), state=raw)
    with pytest.raises(FileError, match="holds other files"):
        do(out, rules(), state=tmp_path)
    with pytest.raises(FileError, match="lies in the output, or around it"):
        do(feed.state / "out.parquet", rules(), state=feed.state)
    with alone_in(feed.state), pytest.raises(FileError, match="another run works with it"):
        do(out, rules(), state=feed.state)
    (feed.state / "state.json").write_text('{"version": 2}')
    with pytest.raises(FileError, match=r"state.json: cannot be read: use the release that wrote"):
        do(out, rules(), state=feed.state)
    assert not out.exists()


def test_a_first_night_without_times_is_refused(tmp_path: Path) -> None:
    """Nobody could say when its rows may leave; nothing is left of it."""
    feed = Feed(tmp_path)
    with pytest.raises(AnonymizerError, match="day: begin with more rows that have a time"):
        feed.deliver(visits(FIRST, NEWEST).with_columns(day=pl.lit(None, pl.Date)))
    assert not feed.state.exists()


def test_the_command_keeps_a_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From CSV to CSV, and says how many rows leave and wait; a dry run takes nothing."""
    monkeypatch.setenv("ANONYMIZER_KEY", SECRET)
    monkeypatch.chdir(tmp_path)
    Path("rules.json").write_text(json.dumps(rules()))
    for name, rows in (("a", visits(FIRST, NEWEST)), ("b", night(1))):
        rows.write_csv(f"{name}.csv")
        command = ["mask", f"{name}.csv", f"out-{name}.csv", "--rules", "rules.json"]
        for more in (["--dry-run"], []):
            assert main([*command, "--state", "state", *more]) == 0
    lines = [each for each in capsys.readouterr().err.splitlines() if "held back: " in each]
    would = [
        re.sub("(leave|wait)", r"would \1", each.partition("; a row")[0]) for each in lines[1::2]
    ]
    assert lines[::2] == would  # a dry run counts as the run does
    monkeypatch.delenv("ANONYMIZER_KEY")
    night(2).write_csv("c.csv")
    assert main(["mask", "c.csv", "c2.csv", *command[3:], "--state", "state", "--dry-run"]) == 0
    assert "how many rows would leave depends on the key" in capsys.readouterr().err
    out = pl.read_csv("out-b.csv", try_parse_dates=True)
    assert out["day"].unique().to_list() == [NEWEST - timedelta(days=DAYS)]


def test_a_dry_run_refuses_what_a_night_does(feed: Feed, tmp_path: Path) -> None:
    """In the same words; without the key all but what only the key knows."""
    feed.deliver(night(1))
    night(-9).write_parquet(tmp_path / "late.parquet")
    (tmp_path / "in").mkdir()
    night(2).write_parquet(tmp_path / "in" / "0.parquet")

    def refused(call: Any, source: str, target: str, state: Path, **more: Any) -> str:
        with pytest.raises(AnonymizerError) as error:
            call(tmp_path / source, tmp_path / target, rules(), state=state, **more)
        return str(error.value)

    for night_again in (
        ("raw-1.parquet", "o.parquet", feed.state),
        ("late.parquet", "o.parquet", feed.state),
        ("in", "out", tmp_path / "in" / "state"),
    ):
        assert refused(rehearse, *night_again, key=KEY) == refused(mask_file, *night_again, key=KEY)
    assert "whose batches have left" in refused(rehearse, "late.parquet", "o.parquet", feed.state)
    rehearse(tmp_path / "raw-1.parquet", tmp_path / "o.parquet", rules(), state=feed.state)


def test_a_dry_run_compares_a_night_with_those_before(tmp_path: Path) -> None:
    """As the run does; without the key, by the columns that go by none."""
    columns = COLUMNS | {"part": "token", "batch": "keep"}
    feed = Feed(tmp_path, columns=columns)

    def named(rows: pl.DataFrame, part: str, batch: str) -> pl.DataFrame:
        return rows.with_columns(part=pl.lit(part), batch=pl.lit(batch))

    feed.deliver(named(visits(FIRST, NEWEST), "a", "a"))
    raw, out = tmp_path / "raw.parquet", tmp_path / "out.parquet"
    rehearsed = partial(rehearse, raw, out, feed.rules, state=feed.state)
    named(night(1, a_day=40), "a", "b").write_parquet(raw)
    for key in (KEY, None):
        with pytest.raises(SchemaError, match="1 fault: batch: its values go with the nights"):
            rehearsed(key=key)
    named(night(1, a_day=40), "b", "a").write_parquet(raw)
    with pytest.raises(SchemaError, match="1 fault: part: its values go with the nights"):
        rehearsed(key=KEY)
    rehearsed()
    named(night(1), "a", "a").with_columns(batch=1).write_parquet(raw)
    with pytest.raises(SchemaError, match="batch: "):
        rehearsed()


def test_a_dry_run_leaves_the_places_of_states_as_they_are(tmp_path: Path) -> None:
    """It makes none and removes none; a run that fails removes what it made."""
    raw, mine = tmp_path / "raw.parquet", tmp_path / "mine"
    visits(FIRST, NEWEST).write_parquet(raw)
    mine.mkdir(mode=0o755)
    for state in (tmp_path / "a" / "b" / "state", mine):
        rehearse(raw, tmp_path / "out.parquet", rules(), state=state)
    night(1).write_parquet(raw)
    for state in (tmp_path / "a" / "b" / "state", mine):
        with pytest.raises(SchemaError, match="begin with a longer history"):
            mask_file(raw, tmp_path / "out.parquet", rules(), key=KEY, state=state)
    assert sorted(tmp_path.iterdir()) == [mine, raw]
    assert mine.stat().st_mode & 0o777 == 0o755


def test_a_column_that_comes_with_a_night_is_refused(tmp_path: Path) -> None:
    """The name of a delivery is the same in all its rows, and another one in the next."""
    feed = Feed(tmp_path, columns=COLUMNS | {"part": "token", "shop": "keep"})

    def named(rows: pl.DataFrame, part: str) -> pl.DataFrame:
        return rows.with_columns(part=pl.lit(part), shop=pl.col("line") % 2)

    feed.deliver(named(visits(FIRST, NEWEST), "first"))
    how = "1 of tonight's 1 values are of no night before: drop or coarsen it"
    with pytest.raises(SchemaError, match=f"1 fault: part: its values go with the nights, .*{how}"):
        feed.deliver(named(night(1, a_day=40), "second"))
    feed.deliver(named(night(1, a_day=40), "first"))


PART = pl.col("part")
IN: dict[str, tuple[str, Any]] = {
    "a struct": ("part.part", pl.struct(PART)),
    "a list": ("part", pl.concat_list(PART)),
    "an array": ("part", pl.concat_list(PART).list.to_array(1)),
    "bytes": ("part", PART.cast(pl.Binary)),
}


@pytest.mark.parametrize("kind", IN)
def test_the_name_of_a_delivery_is_found_in_any_type(kind: str, tmp_path: Path) -> None:
    """And a list in which times move is none."""
    name, part = IN[kind]
    ends, shift = pl.concat_list("day"), {"mask": "date_shift", "days": DAYS}
    columns = COLUMNS | {name: "keep", "ends": shift}
    feed = Feed(tmp_path, columns=columns, batches={"held_back": "day"})
    feed.deliver(visits(FIRST, NEWEST).with_columns(part=pl.lit("a")).with_columns(part, ends=ends))
    tonight = night(1, a_day=40).with_columns(ends=ends)
    with pytest.raises(SchemaError, match=f"1 fault: {name}: its values go with the nights"):
        feed.deliver(tonight.with_columns(part=pl.lit("b")).with_columns(part))
    feed.deliver(tonight.with_columns(part=pl.lit("a")).with_columns(part))


def test_serial_numbers_are_refused_as_well(tmp_path: Path) -> None:
    """In one night they tell the time of day; those of the next are all greater."""
    feed = Feed(tmp_path, columns=COLUMNS | {"serial": "keep"})
    history = visits(FIRST, NEWEST).with_columns(serial=pl.lit(0, pl.Int64))
    feed.rules = fit_rules(history, feed.rules, key=KEY)
    numbered = visits(FIRST, NEWEST, a_day=300).with_columns(serial=pl.int_range(pl.len()))
    feed.deliver(numbered.slice(0, 300))
    how = r"those of (\d+) of tonight's \1 rows are beyond all before"
    with pytest.raises(SchemaError, match=f"1 fault: serial: its values go with the.*{how}"):
        feed.deliver(numbered.slice(900, 300))


def test_a_time_that_is_written_out_is_refused_in_any_night(tmp_path: Path) -> None:
    """It stands in each row, so that one day is enough; chance numbers beside it pass."""
    feed = Feed(tmp_path, columns=COLUMNS | {"receipt": "keep"})

    def with_receipts(rows: pl.DataFrame) -> pl.DataFrame:
        dated = pl.format("{}-{}", pl.col("day").dt.to_string("%d.%m.%Y"), "line")
        odd = pl.format("W{}", "line")
        return rows.with_columns(
            receipt=pl.when(pl.col("line") % 3 == 0).then(dated).otherwise(odd)
        )

    feed.rules = fit_rules(with_receipts(visits(FIRST, NEWEST)), feed.rules, key=KEY)
    with pytest.raises(SchemaError, match="1 fault: receipt: tells the true day of 'day'"):
        feed.deliver(with_receipts(night(1, a_day=60)))
    feed.deliver(night(1, a_day=60).with_columns(receipt=pl.format("W{}", "line")))


def test_a_column_of_few_values_is_no_column_of_a_night(tmp_path: Path) -> None:
    """A refund that is greater than all before tells nothing; a name that begins tonight does."""
    feed = Feed(tmp_path, columns=COLUMNS | {"refund": "keep"})
    number = pl.int_range(pl.len())
    history = visits(FIRST, NEWEST).with_columns(refund=pl.when(number % 50 == 0).then(number % 7))
    feed.deliver(history)
    one = pl.when(pl.int_range(pl.len()) < 2).then(pl.lit(99, pl.Int64))
    feed.deliver(night(1, a_day=40).with_columns(refund=one))
    with pytest.raises(SchemaError, match="1 fault: refund: its values go with the nights"):
        feed.deliver(night(2, a_day=40).with_columns(refund=pl.lit(50, pl.Int64)))


def test_a_folder_is_there_before_a_row_leaves(tmp_path: Path) -> None:
    """With partitions, of which there are none yet."""
    for shop in (0, 1):
        (tmp_path / "in" / f"shop={shop}").mkdir(parents=True)
        night(1 + shop).write_parquet(tmp_path / "in" / f"shop={shop}" / "0.parquet")
    history = visits(FIRST, NEWEST).with_columns(shop=pl.lit(0, pl.Int64))
    fitted = fit_rules(history, rules(columns=COLUMNS | {"shop": "keep"}), key=KEY)
    record = mask_file(tmp_path / "in", tmp_path / "out", fitted, key=KEY, state=tmp_path / "state")
    assert record.rows == 0
    assert (tmp_path / "out").is_dir()


def test_lint_says_nothing_of_a_night(tmp_path: Path) -> None:
    """That it is narrow is what rows wait for."""
    night(1, a_day=40).write_parquet(tmp_path / "raw.parquet")
    codes = [each.code for each in lint(rules(), tmp_path / "raw.parquet")]
    assert "time-told" not in codes


def test_what_rules_say_of_it_is_written_as_it_was_read() -> None:
    """One word, or the column and the days that rows may be late."""
    assert load_rules(rules()).to_dict()["batches"] == "held_back"
    late = {"held_back": "day", "late": 2}
    assert load_rules(load_rules(rules(batches=late)).to_dict()).to_dict()["batches"] == late


def test_a_frame_does_not_wait_and_says_so() -> None:
    """There is no state for it; it leaves at once."""
    with pytest.warns(PrivacyWarning, match="nothing-waits: "):
        anonymize(visits(FIRST, FIRST), rules(columns=UNCUT), key=KEY)
