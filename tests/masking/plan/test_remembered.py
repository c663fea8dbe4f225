"""What is remembered of values that come again is what would be computed for them."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from anonymizer.keys import Key
from anonymizer.masking.plan import remembered as module
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.plan.prepared import homes_of, stages_of
from anonymizer.masking.plan.remembered import Remembered, _Index
from anonymizer.masking.rules.rules import load_rules

KEY = Key("0123456789abcdef-of-the-tests")
SCHEMA: dict[str, pl.DataType] = {"who": pl.Int64(), "name": pl.String(), "day": pl.Date()}
RULES: dict[str, Any] = {
    "version": 1,
    "entity": "who",
    "columns": {
        "who": "token",
        "name": [{"mask": "redact", "text": "?", "when": "who > 3"}, {"mask": "token"}],
        "day": "token",
    },
}
TEXTS = st.none() | st.text(max_size=3) | st.sampled_from(["a", " a", "", "\uff11", "1", "\0"])
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-3, 5) | st.integers(-(2**63), 2**63 - 1),
        TEXTS,
        st.none() | st.dates(),
    ),
    max_size=12,
)


def plan_of(**columns: Any) -> Plan:
    """The plan of some columns."""
    return make_plan(load_rules(RULES | {"columns": RULES["columns"] | columns}), SCHEMA)


@settings(max_examples=20)
@given(st.lists(ROWS, min_size=1, max_size=4))
def test_batch_after_batch_is_masked_as_row_by_row(batches: list[list[Any]]) -> None:
    """Whatever came before: nulls, empty batches, texts that only look alike, extreme numbers."""
    plan = plan_of()
    memories = {
        column: Remembered(column, masks, plan.input_schema)
        for column, masks in homes_of(plan.assignments(KEY), plan.input_schema).items()
    }
    assert list(memories) == ["who", "name", "day"]
    for rows in batches:
        frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
        for column, memory in memories.items():
            given = memory(frame[column]).struct.unnest()
            assert_frame_equal(given, memory._computed(frame[column]))
            looked_up = memory.looked_up(frame.lazy()).collect()
            assert_frame_equal(looked_up.select(given.columns), given)


@settings(max_examples=20)
@given(ROWS)
def test_a_plan_that_remembers_gives_what_it_gives(rows: list[Any]) -> None:
    """For all columns, and for some that are asked for."""
    plan, frame = plan_of(), pl.LazyFrame(rows, schema=SCHEMA, orient="row")
    expected = plan.apply(frame, KEY)
    assert_frame_equal(plan.apply(frame, KEY, remember=True).collect(), expected.collect())
    some = plan.apply(frame, KEY, columns=["name"], remember=True)
    assert_frame_equal(some.collect(), expected.select("name").collect())


def _memory(monkeypatch: pytest.MonkeyPatch) -> tuple[Remembered, list[int]]:
    """A memory of texts, and how many values each time something was computed for."""
    plan = plan_of(name="token")
    homes = homes_of(plan.assignments(KEY), plan.input_schema)
    memory = Remembered("name", homes["name"], plan.input_schema)
    counts: list[int] = []
    computed = memory._computed

    def counted(values: pl.Series) -> pl.DataFrame:
        counts.append(len(values))
        return computed(values)

    monkeypatch.setattr(memory, "_computed", counted)
    return memory, counts


def test_each_value_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often and in however many batches it comes."""
    memory, counts = _memory(monkeypatch)
    for batch in (["a", "b", "a", None], ["b", "a"], ["c", "c", "b", None], []):
        memory(pl.Series("name", batch * 50, dtype=pl.String))
    assert counts == [3, 1]


def test_values_that_do_not_repeat_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """So are more than a dictionary may have; rows are computed then."""
    memory, counts = _memory(monkeypatch)
    distinct = pl.Series("name", [f"n{number}" for number in range(2_000)])
    memory(distinct)
    assert memory._known[0].is_empty()
    assert counts == [2_000]
    memory, counts = _memory(monkeypatch)
    monkeypatch.setattr(module, "MAX_DICTIONARY_VALUES", 9)
    for name in ("aaab", "cdefgghi", "jklmnopqrst"):
        expected = memory._computed(pl.Series("name", list(name)))
        given = memory(pl.Series("name", list(name))).struct.unnest()
        assert_frame_equal(given, expected)
    assert memory._known[0].is_empty()


def test_two_values_of_one_hash_stay_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where hashes meet, rows are computed."""
    memory, _ = _memory(monkeypatch)
    values = pl.Series("name", ["a", "b", "a", None, "c"])
    expected = memory._computed(values)
    monkeypatch.setattr(pl.Series, "hash", lambda self: pl.Series([7] * len(self), dtype=pl.UInt64))
    for _ in range(2):
        assert_frame_equal(memory(values).struct.unnest(), expected)


@settings(max_examples=20)
@given(st.lists(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 9)), max_size=5))
def test_an_index_numbers_hashes_as_they_come(batches: list[list[int]]) -> None:
    """As a dict would, zero and neighbours included."""
    index, known = _Index(), dict[int, int]()
    for batch in batches:
        new = [each for each in dict.fromkeys(batch) if each not in known]
        index.add(np.array(new, dtype=np.uint64))
        known |= {each: len(known) + place for place, each in enumerate(new)}
        asked = [*known, 11, 2**63]
        codes = index.codes(np.array(asked, dtype=np.uint64))
        assert codes.tolist() == [known.get(each, -1) for each in asked]


def test_an_index_grows() -> None:
    """Far beyond its first size, also where all hashes end alike."""
    hashes = np.arange(20_000, dtype=np.uint64) * np.uint64(1 << 20)
    index = _Index()
    for part in np.split(hashes, 8):
        index.add(part)
    assert index.codes(hashes).tolist() == list(range(20_000))


def test_stages_have_digests_before_what_reads_them() -> None:
    """Three steps, each over what stands before it."""
    plan = plan_of(name={"mask": "pseudonym", "kind": "name"}, day="keep")
    digests, slots, preparations = stages_of(plan.assignments(KEY), plan.input_schema)
    assert [len(each) for each in (digests, slots, preparations)] == [1, 2, 2]
