"""Unicity against tables worked out by hand and a slow oracle over sets."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import anonymizer.checks.attacks.holdings as module
from anonymizer.checks.attacks.holdings import NO_EVENT, Holdings, codes
from anonymizer.checks.attacks.unicity import Unicity, draw, matched_unicity, unicity
from anonymizer.errors import DataError, UsageError

Rows = list[tuple[int | None, str | None]]

ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 6)), st.one_of(st.none(), st.sampled_from("abcdef"))
    ),
    max_size=40,
)


def table(rows: Rows) -> pl.DataFrame:
    """Who and what, one row per event."""
    return pl.DataFrame(rows, {"who": pl.Int64, "what": pl.String}, orient="row")


def histories(rows: Rows) -> dict[int, set[str]]:
    """Who holds what; people of whom nothing is known hold nothing."""
    people: dict[int, set[str]] = {}
    for who, what in rows:
        if who is not None:
            people.setdefault(who, set()).update([] if what is None else [what])
    return people


def oracle(rows: Rows, p: int) -> float:
    """The exact share, by looking at every set of points of everybody."""
    people = histories(rows)
    shares = []
    for own in people.values():
        sets = [set(each) for each in combinations(sorted(own), min(p, len(own)))]
        alone = [sum(each <= other for other in people.values()) == 1 for each in sets]
        shares.append(sum(alone) / len(alone))
    return sum(shares) / len(shares) if shares else float("nan")


def shares(found: list[Unicity]) -> list[float]:
    """The figures without intervals."""
    return [each.share.value for each in found]


def test_unicity_by_hand() -> None:
    """Ann alone has c; two points of hers single her out unless they are a and b."""
    rows: Rows = [(1, "a"), (1, "b"), (1, "c"), (2, "a"), (2, "b"), (2, "b"), (3, "a")]
    one, two, three = unicity(table(rows), "who", ["what"], points=(1, 2, 3))
    assert one.share == pytest.approx([1 / 9] * 3)
    assert two.share == pytest.approx([2 / 9] * 3)
    assert three.share == pytest.approx([1 / 3] * 3)
    assert two.full == pytest.approx([1 / 3] * 3)
    assert [(each.entities, each.short) for each in (one, two, three)] == [(3, 0), (3, 1), (3, 2)]


@given(ROWS, st.integers(1, 5))
def test_small_tables_are_exact(rows: Rows, p: int) -> None:
    """Where every set of points can be looked at, the figure is that of the oracle."""
    (found,) = unicity(table(rows), "who", ["what"], points=[p])
    assert found.share.value == pytest.approx(oracle(rows, p), nan_ok=True)
    assert found.entities == len(histories(rows))
    if found.entities:
        assert found.share.low == found.share.value == found.share.high


@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(1, 12)), min_size=1, max_size=400),
    st.integers(1, 4),
    st.integers(0, 5),
    st.sampled_from([2, 2**22]),
)
@settings(max_examples=60)
def test_counting_equals_brute_force(
    rows: list[tuple[int, int]], p: int, seed: int, chunk: int
) -> None:
    """For the same drawn points the index finds the entities that comparing sets finds."""
    entity, event = np.array(rows).T
    holdings = Holdings.of(entity, event)
    people: list[set[int]] = [set() for _ in range(holdings.entities)]
    for who, what in rows:
        people[who - 1].add(what - 1)
    asked = np.arange(holdings.entities)
    points = draw(holdings, asked, p, 3, np.random.default_rng(seed)).points
    holders = [
        [who for who, own in enumerate(people) if set(each) - {NO_EVENT} <= own]
        for each in points.tolist()
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ELEMENTS_AT_ONCE", chunk)
        assert [len(each) for each in holders] == holdings.count(points).tolist()
        single = [each[0] if len(each) == 1 else NO_EVENT for each in holders]
        assert single == holdings.only(points).tolist()


def test_bitmaps_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no room for bitmaps, lists give the same counts."""
    rng = np.random.default_rng(0)
    entity, event = rng.integers(1, 200, 5_000), rng.integers(1, 50, 5_000)
    with_bitmaps = Holdings.of(entity, event)
    points = draw(with_bitmaps, np.arange(199), 3, 5, rng).points
    assert len(with_bitmaps.bitmaps[1]) == 50
    monkeypatch.setattr(module, "MAX_BITMAP_WORDS", 4 * 3)  # rows of four words
    without = Holdings.of(entity, event)
    assert len(without.bitmaps[1]) <= 4
    assert with_bitmaps.count(points).tolist() == without.count(points).tolist()


def crowd(people: int = 300, seed: int = 0) -> pl.DataFrame:
    """Histories of about twelve of sixty things."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), 12)
    return pl.DataFrame({"who": who, "what": rng.geometric(0.05, len(who)).clip(max=60)})


def test_the_same_seed_gives_the_same_figures_in_any_order() -> None:
    """Rows and types that say the same give the same; another seed draws other points."""
    frame = crowd()
    found = unicity(frame, "who", ["what"], seed=3, sample=100)
    assert found == unicity(
        frame.sample(fraction=1, shuffle=True, seed=1), "who", ["what"], seed=3, sample=100
    )
    categories = frame.with_columns(
        pl.col("what").cast(pl.String).str.zfill(3).cast(pl.Categorical)
    )
    shuffled = categories.sample(fraction=1, shuffle=True, seed=2)
    assert found == unicity(shuffled, "who", ["what"], seed=3, sample=100)
    assert shares(found)[1:] != shares(unicity(frame, "who", ["what"], seed=4, sample=100))[1:]


@pytest.mark.parametrize("sample", [40, 300])
def test_the_interval_covers_the_truth(sample: int) -> None:
    """A nominal 95 % interval holds the exact figure in 90 to 100 % of draws."""
    frame = crowd()
    exact = unicity(frame, "who", ["what"], [3], sample=100_000)[0].share
    assert exact.low == exact.high
    found = [
        unicity(frame, "who", ["what"], [3], sample=sample, seed=s)[0].share for s in range(100)
    ]
    covered = np.mean([each.low <= exact.value <= each.high for each in found])
    assert covered >= 0.90
    assert found[0].high - found[0].low > 0


def test_a_smaller_sample_is_less_certain() -> None:
    """Fewer entities make a wider interval."""
    wide, narrow = (unicity(crowd(), "who", ["what"], [3], sample=n)[0].share for n in (50, 300))
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_repeated_events_are_one() -> None:
    """Buying a thing again is no further point."""
    rows: Rows = [(1, "a"), (2, "a"), (2, "b")]
    once, often = (unicity(table(each), "who", ["what"], [1]) for each in (rows, rows * 9))
    assert once == often


def test_nobody_hides_behind_rows_without_an_entity() -> None:
    """A row of nobody is neither a target nor a place to hide."""
    found = unicity(table([(1, "a"), (2, "b"), (None, "a"), (None, "b")]), "who", ["what"], [1])
    assert shares(found) == [1.0]
    assert found[0].entities == 2


def test_a_null_is_a_value_of_its_own() -> None:
    """A gap is told from a value, two gaps are alike, and NaN is a gap."""
    frame = pl.DataFrame(
        {
            "who": [1, 2, 3],
            "day": [1, 1, 1],
            "item": pl.Series([None, float("nan"), 7.0], dtype=pl.Float64, strict=False),
        }
    )
    assert shares(unicity(frame, "who", ["day", "item"], [1])) == pytest.approx([1 / 3])


def test_an_event_of_nulls_is_none() -> None:
    """Somebody of whom nothing is published is counted, and not singled out."""
    found = unicity(table([(1, None), (2, "a")]), "who", ["what"], (1, 2))
    assert shares(found) == [0.5, 0.5]
    assert [each.short for each in found] == [1, 2]
    assert found[0].full.value == 1.0


@pytest.mark.parametrize("rows", [[], [(None, "a")]])
def test_an_empty_table_has_no_figure(rows: Rows) -> None:
    """Without entities every figure is NaN between 0 and 1."""
    for found in unicity(table(rows), "who", ["what"]):
        assert np.isnan(found.share.value)
        assert (found.share.low, found.share.high) == (0.0, 1.0)
        assert found.entities == 0


def test_one_entity_is_singled_out() -> None:
    """Who is alone in a table is found in it, whatever is known."""
    assert shares(unicity(table([(1, "a"), (1, "b")]), "who", ["what"])) == [1.0] * 5
    assert shares(unicity(table([(1, None)]), "who", ["what"])) == [1.0] * 5


PAIRS: dict[str, Any] = {
    "Date": [date(2024, 2, 29), date(2024, 3, 1)],
    "Datetime with a zone": [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)],
    "Decimal": [Decimal("1.10"), Decimal("1.20")],
    "Categorical": pl.Series(["茶", "伞"], dtype=pl.Categorical),
    "Enum": pl.Series(["茶", "伞"], dtype=pl.Enum(["茶", "伞"])),
    "Boolean": [True, False],
    "unsigned": pl.Series([0, 2**64 - 1], dtype=pl.UInt64),
    "Float": [0.5, -0.5],
    "text": ["深圳", "Zürich"],
    "bytes": [b"\x00", b"\xff"],
    "list": [[1, 2], [1]],
    "struct": [{"a": 1}, {"a": 2}],
}


@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize("column", ["who", "what"])
def test_every_type_will_do(kind: str, column: str) -> None:
    """Entities and events may be of any type."""
    values = pl.Series(column, PAIRS[kind])
    other = pl.Series("what" if column == "who" else "who", ["x", "y"])
    one, _ = unicity(pl.DataFrame([values, other]), "who", ["what"], (1, 2))
    assert one.share.value == 1.0


def test_codes_are_ranks() -> None:
    """Codes follow the order of the values, whatever the order of the rows."""
    frame = pl.DataFrame({"a": [2, 1, None, 1, None], "b": ["x", "y", None, "x", "z"]})
    assert codes(frame, ["a", "b"]).tolist() == [4, 3, 0, 2, 1]


def test_wrong_calls_are_refused() -> None:
    """Absent columns and numbers out of range are errors that name the way out."""
    frame = table([(1, "a")])
    with pytest.raises(DataError, match="no column when; there are: who, what"):
        unicity(frame, "who", ["when"])
    with pytest.raises(DataError, match="at least one column"):
        unicity(frame, "who", [])
    with pytest.raises(DataError, match="who is the entity"):
        unicity(frame, "who", ["who"])
    wrong: list[dict[str, Any]] = [{"points": [0]}, {"points": []}, {"sample": 0}, {"seed": -1}]
    for options in wrong:
        with pytest.raises(UsageError, match="at least"):
            unicity(frame, "who", ["what"], **options)


def test_a_table_is_found_in_itself() -> None:
    """Matching a table with itself is what unicity measures."""
    frame = crowd(60)
    for own, found in zip(
        unicity(frame, "who", ["what"]), matched_unicity(frame, frame, "who", ["what"]), strict=True
    ):
        assert own.share.value == pytest.approx(found.right.value, abs=0.02)
        assert found.wrong.value == 0.0


def test_shifted_dates_match_nobody_but_single_out_as_before() -> None:
    """A shift per person leaves unicity as it was and misleads who knows true dates."""
    days = [(1, 10), (1, 40), (2, 20), (2, 70), (3, 10), (3, 70)]
    raw = pl.DataFrame(days, ["who", "day"], orient="row")
    shift = pl.col("who").replace_strict({1: 100, 2: 200, 3: 300})
    masked = raw.with_columns(pl.col("day") + shift)
    assert shares(unicity(raw, "who", ["day"], [2])) == [1.0]
    assert shares(unicity(masked, "who", ["day"], [2])) == [1.0]
    assert matched_unicity(raw, raw, "who", ["day"], [2])[0].right.value == 1.0
    assert matched_unicity(raw, masked, "who", ["day"], [2])[0].right.value == 0.0


def test_a_single_wrong_candidate_is_no_success() -> None:
    """Who is found under another's events is counted as wrong."""
    raw = table([(1, "a"), (2, "b"), (3, "c")])
    masked = table([(2, "a"), (1, "b"), (4, "c")])
    (found,) = matched_unicity(raw, masked, "who", ["what"], [1])
    assert (found.right.value, found.wrong.value, found.entities) == (0.0, 1.0, 3)


def test_a_rotating_token_holds_a_part_of_the_events() -> None:
    """Points of two windows are found under no token."""
    raw = table([(1, "a"), (1, "b"), (2, "c")])
    masked = raw.with_columns(token=pl.Series(["x", "y", "z"]))
    one, two = matched_unicity(raw, masked, "who", ["what"], [1, 2], token="token")
    assert one.right.value == 1.0
    assert two.right.value == 0.5


def test_types_that_do_not_compare_are_refused() -> None:
    """A masked column of text or of years cannot be matched with raw dates: none would be found."""
    raw = pl.DataFrame({"who": [1], "what": [date(2024, 1, 1)]})
    others = [pl.DataFrame({"who": [1], "what": [each]}) for each in (True, 2024, 2024.0, time(1))]
    for masked in (table([(1, "2024")]), *others):
        with pytest.raises(DataError, match="type of what"):
            matched_unicity(raw, masked, "who", ["what"])
