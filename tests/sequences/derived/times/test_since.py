"""Times as differences: no end before its start, whatever the types and zones."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.relations.base.relation import Relation
from anonymizer.relations.kinds.calendar import Monthly, Weekdays, Whole
from anonymizer.relations.kinds.orders import Order
from anonymizer.sequences.derived.base.step import Draws, Table
from anonymizer.sequences.derived.times.cadence import Calendar
from anonymizer.sequences.derived.times.since import (
    Bounded,
    Since,
    plan_differences,
    simpler_as_difference,
)

K = 3
UTC, BERLIN, HAVANA = "UTC", "Europe/Berlin", "America/Havana"  # clocks in Havana change at 0:00
TYPES = [
    pl.Date(),
    pl.Datetime("us"),
    pl.Datetime("ms"),
    pl.Datetime("ns"),
    *(pl.Datetime("us", zone) for zone in (UTC, BERLIN, HAVANA)),
]


def table(frame: pl.DataFrame) -> Table:
    """Rows as steps are learned from."""
    return Table(frame, "id", "at", K)


def draws(frame: pl.DataFrame) -> Draws:
    """The chance of rows that are sorted by entity."""
    entity = frame["id"].rle_id().cast(pl.Int64).to_numpy()
    position = frame.select(pl.int_range(pl.len()).over("id")).to_series().to_numpy()
    return Draws(0, entity, position)


def learned(column: str, frame: pl.DataFrame, *relations: Relation) -> Since:
    """A step that can be learned."""
    step = Since.learn(column, list(relations), table(frame))
    assert step is not None
    return step


def laid(step: Bounded, frame: pl.DataFrame, **other: pl.Series) -> pl.DataFrame:
    """Rows of which a step wrote its columns, others in their place, and laid on its own."""
    written = frame.drop(step.column).with_columns(step.take_off(frame)).with_columns(**other)
    return written.with_columns(step.lay_on(written, draws(frame)))


def stays(seed: int = 0, entities: int = 20, **columns: Any) -> pl.DataFrame:
    """Some stays of each of some people, from a minute to ten days long, in a year."""
    rng = np.random.default_rng(seed)
    owner = np.sort(rng.integers(0, entities, entities * 6))
    start = np.sort(rng.integers(0, 365 * 1_440, len(owner)))[np.argsort(owner, kind="stable")]
    start = start[np.lexsort((start, owner))]
    frame = pl.DataFrame({"id": owner, "start": start}).with_columns(
        at=datetime(2024, 1, 1) + pl.duration(minutes="start"),
        length=pl.Series(rng.integers(1, 14_400, len(owner))),
    )
    frame = frame.with_columns(end=pl.col("at") + pl.duration(minutes="length"))
    return frame.select("id", "at", "end").with_columns(**columns)


def in_type(times: str, dtype: pl.DataType) -> pl.Expr:
    """A time in another type, and in its zone."""
    zone = getattr(dtype, "time_zone", None)
    column = pl.col(times).cast(pl.Datetime("us"))
    if zone is None:
        return column.cast(dtype)
    return column.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).cast(dtype)


@pytest.mark.parametrize("low", TYPES, ids=str)
@pytest.mark.parametrize("high", TYPES, ids=str)
def test_no_end_lies_before_its_start(low: pl.DataType, high: pl.DataType) -> None:
    """In days and moments of all units and zones, and in hours that come twice or not at all."""
    frame = stays(entities=60).with_columns(in_type("at", low), in_type("end", high))
    order = Order("at", "end", strict=False)
    frame = frame.filter(order.kept(frame))
    step = learned("end", frame, order)
    back = laid(step, frame)
    mixed = high.base_type() == pl.Datetime and {
        getattr(t, "time_zone", None) is None for t in (low, high)
    } == {True, False}
    assert mixed or back["end"].equals(frame["end"])
    short = pl.Series(np.arange(len(frame)) % 9 - 4) * timedelta(minutes=17)
    assert order.kept(laid(step, frame, end=short)).all()
    assert back["end"].dtype == high


@given(
    low=st.sampled_from(TYPES),
    high=st.sampled_from(TYPES),
    strict=st.booleans(),
    hours=st.lists(st.integers(0, 24 * 366), min_size=4, max_size=12),
    minutes=st.lists(st.integers(-2000, 2000), min_size=12, max_size=12),
    first=st.booleans(),
)
def test_orders_hold_for_whatever_is_drawn(
    *,
    low: pl.DataType,
    high: pl.DataType,
    strict: bool,
    hours: list[int],
    minutes: list[int],
    first: bool,
) -> None:
    """From below and from above, in hours that come twice, and on days without a midnight."""
    frame = stays().head(len(hours)).with_columns(at=pl.Series(sorted(hours)) * timedelta(hours=1))
    frame = frame.with_columns(at=datetime(2024, 1, 1) + pl.col("at"))
    frame = frame.with_columns(end=pl.col("at") + timedelta(days=3))
    frame = frame.with_columns(in_type("at", low), in_type("end", high))
    names = ("at", "end") if first else ("end", "at")
    if not first:
        frame = frame.rename({"at": "end", "end": "at"})
    order = Order(*names, strict=strict)
    base: dict[str, Any] = {
        "column": "end",
        "entity": "id",
        "time": "at",
        "once": False,
        "loose": (),
        "falls": 1.0,
    }
    bounds: Any = {"lows": ("at",), "highs": ()} if first else {"lows": (), "highs": ("at",)}
    calendar = Calendar.learn("end", [], table(frame))
    step = Since(
        **base,
        **bounds,
        strict=("at",) if strict else (),
        calendar=calendar,
        fixed=False,
        sentinel=None,
    )
    drawn = pl.Series(minutes[: len(frame)]) * timedelta(minutes=1)
    back = laid(step, frame, end=drawn)
    assert order.kept(back).all()
    assert back["end"].null_count() == 0


def test_what_is_still_open_stays_open() -> None:
    """Nulls are written as nulls, and are laid on where those are."""
    frame = stays(end=pl.when(pl.int_range(pl.len()) % 3 > 0).then("end"))
    step = learned("end", frame, Order("at", "end", strict=True))
    assert step.take_off(frame)[0].null_count() == frame["end"].null_count()
    assert laid(step, frame)["end"].equals(frame["end"])
    nothing = pl.Series([None] * len(frame), dtype=pl.Duration("us"))
    assert laid(step, frame, end=nothing)["end"].null_count() == len(frame)


def test_a_sign_up_is_the_same_in_all_rows_and_before_the_first() -> None:
    """What holds once per entity is counted back from its first event, and stays so."""
    first = pl.col("at").min().over("id").dt.date() - pl.duration(days=pl.col("id") * 7)
    frame = stays(signed=first)
    order = Order("signed", "at", strict=False)
    step = learned("signed", frame, order)
    assert step.once
    (since,) = step.take_off(frame)
    assert frame.with_columns(since).group_by("id").n_unique()["signed"].max() == 1
    assert (since.dt.total_microseconds() % 86_400_000_000 == 0).all()
    moved = frame.with_columns(pl.col("at") + pl.duration(days=pl.col("id") * 3))
    back = moved.with_columns(since)
    back = back.with_columns(step.lay_on(back, draws(frame)))
    assert order.kept(back).all()
    assert back.group_by("id").agg(pl.col("signed").n_unique())["signed"].max() == 1
    assert laid(step, frame)["signed"].equals(frame["signed"])


def test_an_account_is_closed_after_the_last_event() -> None:
    """Where that is later than the difference says too."""
    frame = stays(closed=pl.col("end").max().over("id") + pl.duration(hours=pl.col("id")))
    orders = [Order("at", "end", strict=False), Order("end", "closed", strict=False)]
    step = learned("closed", frame, orders[1])
    assert laid(step, frame)["closed"].equals(frame["closed"])
    later = frame.with_columns(step.take_off(frame)).with_columns(
        end=pl.col("end") + pl.duration(days=pl.int_range(pl.len()))
    )
    assert orders[1].kept(later.with_columns(step.lay_on(later, draws(frame)))).all()


def test_chains_and_diamonds_hold_although_the_middle_is_missing() -> None:
    """Each is counted from the latest that is there, so nothing is between two others."""
    rng = np.random.default_rng(1)
    frame = stays(billed=pl.col("end") + pl.duration(days=3)).with_columns(
        seen=pl.when(pl.Series(rng.random(len(stays())) < 0.5)).then(
            pl.col("at") + (pl.col("end") - pl.col("at")) / 2
        ),
        paid=pl.col("billed") + pl.duration(days=pl.int_range(pl.len()) % 20),
        born=pl.date(1950, 1, 1) + pl.duration(days=pl.col("id") * 100),
        signed=pl.date(2023, 1, 1) + pl.duration(days=pl.col("id") * 3),
    )
    chain = [("at", "seen"), ("seen", "end"), ("at", "end"), ("end", "billed"), ("seen", "paid")]
    chain += [("billed", "paid"), ("born", "signed"), ("signed", "at")]
    orders = [Order(low, high, strict=False) for low, high in chain]
    plan = plan_differences(orders, "at")
    assert list(plan) == ["signed", "born", "seen", "end", "billed", "paid"]
    steps = [learned(column, frame, *plan[column]) for column in plan]
    assert set(steps[3].lows) == {"at", "seen"}
    written = frame.with_columns(each for step in steps for each in step.take_off(frame))
    mixed = written.with_columns(
        written[c].gather(rng.permutation(len(frame))) for c in ("seen", "end", "billed", "paid")
    )
    for rows in (written, mixed):
        found = rows
        for step in steps:
            found = found.with_columns(step.lay_on(found, draws(frame)))
        assert all(order.kept(found).drop_nulls().all() for order in orders)
        assert rows is mixed or found.equals(frame)


def test_a_circle_of_orders_is_opened() -> None:
    """The last that closes it is left out."""
    circle = [Order(a, b, strict=False) for a, b in ("xy", "yz", "zx")]
    assert plan_differences(circle, "at") == {"y": circle[:1], "z": circle[1:2]}


def test_whole_minutes_and_work_days_are_kept_with_the_order() -> None:
    """What the calendar says of the column holds beside the order, whatever is drawn."""
    due = (pl.col("at").dt.date() + pl.duration(days=30)).dt.month_end()
    frame = stays(due=due, late=pl.col("at").dt.truncate("1h") + pl.duration(hours=5))
    frame = frame.filter(pl.col("due").dt.weekday() < 6, pl.col("late").dt.weekday() < 6)
    kept: dict[str, list[Relation]] = {
        "due": [Weekdays("due", (6, 7)), Monthly("due", last=True)],
        "late": [Weekdays("late", (6, 7)), Whole("late", "hours")],
    }
    for column, calendar in kept.items():
        order = Order("at", column, strict=True)
        step = learned(column, frame, order, *calendar)
        assert laid(step, frame)[column].equals(frame[column])
        short = pl.Series(np.arange(len(frame)) - 20) * timedelta(hours=7, microseconds=1)
        back = laid(step, frame, **{column: short})
        assert all(each.kept(back).all() for each in (order, *calendar))
        assert step.kept(back).all()


def test_nearly_always_keeps_its_exceptions() -> None:
    """Where a few rows are out of order, these are differences below zero."""
    early = pl.int_range(pl.len()) % 40 == 0
    end = pl.when(early).then(pl.col("at") - pl.duration(days=1)).otherwise("end")
    frame = stays(end=end)
    step = learned("end", frame, Order("at", "end", strict=False))
    assert step.loose == ("at",)
    assert laid(step, frame)["end"].equals(frame["end"])


def test_a_date_that_stands_for_none_is_told_apart() -> None:
    """9999-12-31 comes back as it is, and the others are as far from the event as real ones."""
    never = pl.Series(np.random.default_rng(2).random(120) < 0.2)
    end = pl.when(never).then(datetime(9999, 12, 31)).otherwise("end")
    frame = stays(end=end)
    step = learned("end", frame, Order("at", "end", strict=False))
    since, far = step.take_off(frame)
    assert far.name == "end is sentinel"
    assert far.to_list() == never.to_list()
    assert since.max() < timedelta(days=11)  # type: ignore[operator]  # (a Duration's)
    assert laid(step, frame)["end"].equals(frame["end"])
    assert Since.from_dict(json.loads(json.dumps(step.to_dict()))) == step


def test_the_date_of_one_person_is_in_no_step() -> None:
    """Neither as a sentinel, nor in rows that others lay on."""
    secret = datetime(2031, 5, 17, 4, 44)
    frame = stays(end=pl.when(pl.col("id") == 7).then(secret).otherwise("end"))
    step = learned("end", frame, Order("at", "end", strict=False))
    assert "2031" not in json.dumps(step.to_dict())
    assert step.sentinel is None
    others = frame.filter(pl.col("id") != 7)
    assert secret not in laid(step, others)["end"].to_list()
    few = frame.with_columns(end=pl.when(pl.col("id") < 2).then("end"))
    assert Since.learn("end", [Order("at", "end", strict=False)], table(few)) is None


def test_fixed_dates_and_own_dates_are_no_differences() -> None:
    """A delivery follows its order; an expiry at a year's end and a birth have their own dates."""
    rng = np.random.default_rng(3)
    frame = stays(
        expires=pl.date(pl.col("at").dt.year() + pl.Series(rng.integers(1, 4, 120)), 12, 31),
        born=pl.date(1950, 1, 1) + pl.duration(days=pl.col("id") * 997 % 20_000),
    )
    assert simpler_as_difference("end", table(frame))
    assert not simpler_as_difference("expires", table(frame))
    assert not simpler_as_difference("born", table(frame))
    assert Since.learn("born", [], table(frame)) is None
    step = learned("expires", frame, Order("at", "expires", strict=False))
    assert step.fixed
    assert laid(step, frame)["expires"].equals(frame["expires"])
    early = pl.Series([date(2024, 12, 31)] * 120)
    assert step.kept(
        laid(step, frame.with_columns(at=pl.col("at") + timedelta(days=400)), expires=early)
    ).all()


def test_a_damaged_step_cannot_be_read() -> None:
    """Rather than that it fails when rows are laid on."""
    step = learned("end", stays(), Order("at", "end", strict=False))
    damages: list[dict[str, Any]] = [{"highs": ["at"]}, {"lows": ["end"]}, {"calendar": {}}]
    for damage in damages:
        with pytest.raises((ValueError, KeyError)):
            Since.from_dict({**step.to_dict(), **damage})


def test_clocks_on_a_wall_are_compared_where_one_has_no_zone() -> None:
    """Half past midnight in Berlin is that day's, not the day before as in UTC."""
    night = pl.Series([datetime(2024, 7, 1, 0, 30)])
    rows = pl.DataFrame({"day": [date(2024, 7, 1)], "at": night.dt.replace_time_zone(BERLIN)})
    assert Order("day", "at", strict=False).kept(rows).to_list() == [True]
    utc = rows.with_columns(day=night.dt.replace_time_zone(UTC))
    assert Order("day", "at", strict=False).kept(utc).to_list() == [False]
