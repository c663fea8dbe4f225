"""Rotating tokens: planted behaviour is found, like behaviour is not."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import anonymizer.checks.attacks.windows as module
from anonymizer.checks.attacks.windows import WindowLinkage, link_windows
from anonymizer.errors import DataError, UsageError

START = datetime(2024, 1, 1)


def rotated(frame: pl.DataFrame) -> pl.DataFrame:
    """With a token per person and month; null for nobody."""
    month = pl.col("time").dt.to_string("%Y-%m")
    return frame.with_columns(
        token=pl.concat_str(pl.col("who").cast(pl.String), month, separator=" ").hash(1)
    ).with_columns(token=pl.when(pl.col("who").is_not_null()).then("token"))


def shoppers(people: int, items: int, *, own: bool, seed: int = 0) -> pl.DataFrame:
    """Four months of ten purchases; of two items of one's own, or of anything."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), 40)
    choice = rng.integers(0, items, len(who))
    item = who * 2 + choice % 2 if own else choice
    day = np.tile(np.repeat([0, 31, 60, 91], 10), people) + rng.integers(0, 28, len(who))
    time = [
        START + timedelta(days=int(d), hours=int(h)) for d, h in zip(day, choice % 24, strict=True)
    ]
    return rotated(pl.DataFrame({"who": who, "time": time, "item": item}))


def test_own_items_give_everybody_away() -> None:
    """Who buys what nobody else buys is found in every next window."""
    found = link_windows(shoppers(60, 200, own=True), "who", "token", "time", ["item"])
    assert (found.windows, found.tokens, len(found.pairs)) == (4, 180, 3)
    assert found.share.value == 1.0
    assert found.share.low > 0.9
    assert found.chance == pytest.approx(1 / 60)
    assert [(each.tokens, each.candidates, each.returning) for each in found.pairs] == [
        (60, 60, 1.0)
    ] * 3


def test_chance_finds_as_many_as_chance() -> None:
    """Where items say nothing, the interval holds what guessing reaches."""
    found = link_windows(shoppers(100, 30, own=False), "who", "token", "time", ["item"])
    assert found.share.low <= found.chance <= found.share.high
    assert found.share.value < 0.05


def test_equal_behaviour_is_exactly_chance() -> None:
    """Among tokens that behave alike the guess counts as the chance to be right."""
    rows = [
        (who, START + timedelta(days=day), "tea", 2.5)
        for who in range(8)
        for day in (0, 1, 40, 41, 70, 71)
    ]
    frame = rotated(pl.DataFrame(rows, ["who", "time", "item", "price"], orient="row"))
    found = link_windows(frame, "who", "token", "time", ["item", "price"])
    assert found.windows == 3
    assert found.share.value == pytest.approx(1 / 8)
    assert found.chance == pytest.approx(1 / 8)


def test_amounts_alone_give_away() -> None:
    """Who spends on another scale than the rest is found more often than by chance."""
    rng = np.random.default_rng(0)
    rows = [
        (who, START + timedelta(days=int(day)), float(np.exp(who + rng.normal(0, 0.05))))
        for who in range(12)
        for day in [*range(10), *range(31, 41)]
    ]
    frame = rotated(pl.DataFrame(rows, ["who", "time", "price"], orient="row"))
    found = link_windows(frame, "who", "token", "time", ["price"])
    assert found.share.low > found.chance


def test_newcomers_are_candidates_and_leavers_are_not_looked_for() -> None:
    """The rate is of those who come again; who is new may be taken for them."""
    january = [(who, START, f"item {who}") for who in range(4)]
    february = [(who, START + timedelta(days=40), f"item {who}") for who in (2, 3, 7, 8, 9)]
    frame = rotated(pl.DataFrame(january + february, ["who", "time", "item"], orient="row"))
    found = link_windows(frame, "who", "token", "time", ["item"])
    (pair,) = found.pairs
    assert (pair.tokens, pair.candidates, pair.returning) == (2, 5, 0.5)
    assert found.share.value == 1.0
    assert found.chance == pytest.approx(0.2)


def test_windows_are_found_where_few_are_active() -> None:
    """Quiet days inside a month do not make a window, and a change of token does."""
    rows = [(1, 0), (2, 5), (3, 10), (1, 31), (3, 40), (2, 45)]
    frame = rotated(
        pl.DataFrame(
            [(who, START + timedelta(days=day), "tea") for who, day in rows],
            ["who", "time", "item"],
            orient="row",
        )
    )
    found = link_windows(frame, "who", "token", "time", ["item"])
    assert (found.windows, found.tokens) == (2, 3)


def test_the_same_seed_gives_the_same_figures_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither row order nor the size of chunks matters, and what is sampled follows the seed."""
    monkeypatch.setattr(module, "MAX_TOKENS_ASKED", 30)
    frame = shoppers(100, 30, own=False)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=1)

    def linked(each: pl.DataFrame, seed: int) -> WindowLinkage:
        return link_windows(each, "who", "token", "time", ["item"], seed=seed)

    found = linked(frame, 3)
    assert found.tokens == 90
    assert found == linked(shuffled, 3)
    monkeypatch.setattr("anonymizer.checks.attacks.holdings.ELEMENTS_AT_ONCE", 64)
    assert found == linked(frame, 3)
    assert found.share != linked(frame, 4).share


def test_rows_of_nobody_are_left_out() -> None:
    """Rows without an entity, a token or a time are neither asked nor candidates."""
    frame = shoppers(20, 50, own=True)
    holes = [
        frame.head(9).with_columns(pl.lit(None).alias(name)) for name in ("who", "token", "time")
    ]
    with_holes = pl.concat([frame, *holes], how="vertical_relaxed")
    given = ("who", "token", "time", ["item"])
    assert link_windows(with_holes, *given) == link_windows(frame, *given)


def test_without_a_second_window_there_is_no_figure() -> None:
    """A token that never changes, and an empty table, leave nothing to join."""
    frame = shoppers(5, 10, own=True).with_columns(token="who")
    one = link_windows(frame, "who", "token", "time", ["item"])
    none = link_windows(frame.clear(), "who", "token", "time", ["item"])
    for found, windows in ((one, 1), (none, 0)):
        assert (found.windows, found.tokens, found.pairs) == (windows, 0, [])
        assert np.isnan(found.share.value)
        assert np.isnan(found.chance)


@pytest.mark.parametrize("kind", ["date", "zone", "decimal", "categorical", "nan", "null"])
def test_every_type_will_do(kind: str) -> None:
    """Dates without hours, zones, decimals, categories, NaN and nulls are no obstacle."""
    frame = shoppers(20, 50, own=True)
    other = {
        "date": pl.col("time").cast(pl.Date),
        "zone": pl.col("time").dt.replace_time_zone("Asia/Shanghai"),
        "decimal": (pl.col("item") / 100).cast(pl.Decimal(10, 2)).alias("more"),
        "categorical": pl.col("item").cast(pl.String).cast(pl.Categorical).alias("more"),
        "nan": pl.lit(float("nan")).alias("more"),
        "null": pl.lit(None, pl.Float64).alias("more"),
    }
    typed = frame.with_columns(other[kind])
    known = [name for name in typed.columns if name in {"item", "more"}]
    assert link_windows(typed, "who", "token", "time", known).share.value == 1.0


def test_wrong_calls_are_refused() -> None:
    """Times that tokens were not made with, shared tokens and wrong columns are errors."""
    days = [START, START + timedelta(days=9)]
    rows = [(1, days[0], "x"), (1, days[1], "y"), (2, days[0], "z"), (2, days[1], "z")]
    frame = pl.DataFrame(rows, ["who", "time", "token"], orient="row").with_columns(item=1)
    with pytest.raises(DataError, match="time must hold the times that the tokens were made with"):
        link_windows(frame, "who", "token", "time", ["item"])
    with pytest.raises(DataError, match="a value of token stands for several values of who"):
        link_windows(frame.with_columns(token=pl.lit("x")), "who", "token", "time", ["item"])
    with pytest.raises(DataError, match="no column shop"):
        link_windows(frame, "who", "token", "time", ["shop"])
    with pytest.raises(DataError, match="time must be Date or Datetime, not String"):
        link_windows(frame.with_columns(time=pl.lit("x")), "who", "token", "time", ["item"])
    with pytest.raises(UsageError, match="seed"):
        link_windows(frame, "who", "token", "time", ["item"], seed=-1)


def test_dates_make_windows_too() -> None:
    """A token by calendar month of a Date is followed over the end of a year."""
    rows = [(who, day, who) for who in range(3) for day in (date(2023, 12, 31), date(2024, 1, 1))]
    frame = rotated(pl.DataFrame(rows, ["who", "time", "item"], orient="row"))
    found = link_windows(frame, "who", "token", "time", ["item"])
    assert (found.windows, found.share.value) == (2, 1.0)
