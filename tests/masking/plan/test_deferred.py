"""A masked LazyFrame: what is asked of it is asked of its source, and it holds no secret."""

import io
import pickle
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import cloudpickle
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.io.plugins import register_io_source
from polars.testing import assert_frame_equal

from anonymizer import anonymize
from anonymizer.errors import AnonymizerError, DataError, KeyMaterialError
from anonymizer.keys import Key
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.deferred import PlannedKey, _Masked
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run.frames import require_numbers

SECRET = "0123456789abcdef-of-the-tests"
RULES: dict[str, Any] = {
    "version": 1,
    "entity": "who",
    "order": "kept",
    "columns": {
        "who": {"mask": "token", "domain": "customer"},
        "name": {"mask": "pseudonym", "kind": "name"},
        "at": {"mask": "date_truncate", "to": "month"},
        "amount": "keep",
        "price": "keep",
        "town": "keep",
    },
}
SHOP = pl.DataFrame(
    {
        "who": [f"c{line % 7}" if line % 5 else None for line in range(60)],
        "name": [f"Name {line % 7}" for line in range(60)],
        "at": [datetime(2024, 1, 1) + timedelta(days=line) for line in range(60)],
        "amount": [line % 9 for line in range(60)],
        "price": [[0.0, -0.0, 1.5, None, float("nan")][line % 5] for line in range(60)],
        "town": [["Aix", "Bath", None][line % 3] for line in range(60)],
    }
)
# Whatever Polars may ask of a frame.
ASKED: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = {
    "all": lambda frame: frame,
    "one kept": lambda frame: frame.select("amount"),
    "one masked": lambda frame: frame.select("who"),
    "none": lambda frame: frame.select(pl.len()),
    "first": lambda frame: frame.head(5),
    "last": lambda frame: frame.tail(5),
    "middle": lambda frame: frame.slice(7, 9).select("name", "town"),
    "filter of kept": lambda frame: frame.filter(pl.col("amount") > 3, pl.col("town") == "Bath"),
    "filter of both": lambda frame: frame.filter(
        pl.col("amount") > 3, pl.col("who").str.contains("[a-f]"), pl.col("price") < 1
    ).select("name"),
    "signs of zeros": lambda frame: frame.filter(pl.col("price").cast(pl.String) == "0.0"),
    "either": lambda frame: frame.filter((pl.col("price") > 1) | (pl.col("at").dt.month() == 2)),
    "filter, then first": lambda frame: frame.filter(pl.col("amount") > 3).head(4),
    "first, then filter": lambda frame: frame.head(20).filter(pl.col("amount") > 3),
    "against all rows": lambda frame: frame.filter(pl.col("amount") == pl.col("amount").max()),
    "sorted": lambda frame: frame.sort("amount", "who", "at", maintain_order=True).head(9),
    "grouped": lambda frame: frame.group_by("who", maintain_order=True).agg(pl.len(), "amount"),
    "joined with itself": lambda frame: frame.join(
        frame.filter(pl.col("amount") == 4), on="who", maintain_order="left_right"
    ),
    "twice": lambda frame: pl.concat([frame, frame.select(frame.collect_schema().names())]),
}


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
@pytest.mark.parametrize("asked", ASKED)
def test_whatever_is_asked_is_answered_as_by_the_whole_frame(asked: str, engine: Any) -> None:
    """Of kept and masked columns, from any place, by both engines, more than once."""
    masked = anonymize(SHOP, RULES, key=SECRET)
    lazy = anonymize(SHOP.lazy(), RULES, key=SECRET)
    expected = ASKED[asked](masked.lazy()).collect(engine=engine)
    for _ in range(2):
        assert_frame_equal(ASKED[asked](lazy).collect(engine=engine), expected)


@pytest.mark.parametrize("order", ["kept", "shuffled"])
@pytest.mark.parametrize("mask", ["shuffle", "keep"])
def test_masks_of_whole_tables_and_shuffled_rows_are_answered_alike(mask: str, order: str) -> None:
    """A filter leaves out no row before all are masked."""
    rules = RULES | {"order": order, "columns": RULES["columns"] | {"town": mask}}
    masked = anonymize(SHOP, rules, key=SECRET)
    lazy = anonymize(SHOP.lazy(), rules, key=SECRET)
    for asked in ("all", "one kept", "first", "filter of kept", "filter, then first"):
        assert_frame_equal(ASKED[asked](lazy).collect(), ASKED[asked](masked.lazy()).collect())


def test_rows_that_a_mask_removes_are_not_among_the_first() -> None:
    """A limit counts the rows that stay."""
    shift = {"mask": "date_shift", "days": 5, "truncate": True}
    rules = RULES | {"columns": RULES["columns"] | {"at": shift}}
    masked = anonymize(SHOP, rules, key=SECRET)
    lazy = anonymize(SHOP.lazy(), rules, key=SECRET)
    assert len(masked) < len(SHOP)
    assert_frame_equal(lazy.head(3).collect(), masked.head(3))
    assert_frame_equal(lazy.select("amount").collect(), masked.select("amount"))


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["a", "b", None]), max_size=6), st.integers(0, 8))
def test_frames_of_any_size_and_a_limit(names: list[str | None], limit: int) -> None:
    """Empty ones too."""
    frame = pl.DataFrame({"x": pl.Series(names, dtype=pl.String), "y": range(len(names))})
    rules = {"version": 1, "order": "kept", "columns": {"x": "token", "y": "keep"}}
    lazy = anonymize(frame.lazy(), rules, key=SECRET)
    expected = anonymize(frame, rules, key=SECRET)
    assert_frame_equal(lazy.collect(), expected)
    assert_frame_equal(lazy.head(limit).collect(), expected.head(limit))


# --- what reaches the source ---------------------------------------------------------------------


def _asked_of(frame: pl.DataFrame) -> tuple[pl.LazyFrame, list[tuple[Any, ...]]]:
    """A source that notes what is asked of it."""
    asked: list[tuple[Any, ...]] = []

    def rows(
        columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        asked.append((columns and sorted(columns), str(predicate), limit))
        some = frame if predicate is None else frame.filter(predicate)
        some = some if columns is None else some.select(columns)
        yield some if limit is None else some.head(limit)

    return register_io_source(rows, schema=frame.schema), asked


def test_columns_limits_and_filters_reach_the_source() -> None:
    """Only what is wanted is read, and of floats nearly so, as a zero may lose its sign."""
    source, asked = _asked_of(SHOP)
    masked = anonymize(source, RULES, key=SECRET)
    asked.clear()
    masked.select("amount").collect()
    masked.select("name").head(2).collect()
    masked.filter(pl.col("amount") > 3, pl.col("who") != "x").select("town").collect()
    masked.filter(pl.col("price") > 1).select("town").collect()
    floats = '[([(col("price")) > (1.0)]) | ([(col("price")) == (0.0)])]'
    assert asked == [
        (["amount"], "None", None),
        (["name", "who"], "None", 2),
        (["amount", "town", "who"], '[(col("amount")) > (3)]', None),
        (["price", "town"], floats, None),
    ]


def test_what_nobody_wants_is_not_computed() -> None:
    """A query for a kept column has no digest in it, and one for a token no pseudonym."""
    plan = make_plan(load_rules(RULES), SHOP.schema)
    key = Key(SECRET)
    planned = PlannedKey(key, SECRET, key.id)
    source = _Masked.over(SHOP.lazy(), plan, planned, require_numbers)
    kept = source.query(["amount"], None, None).explain()
    assert "python_udf" not in kept
    assert "hmac" not in kept
    token = source.query(["who"], None, None).explain()
    assert "for_who" in token
    assert "for_name" not in token


def test_partitions_that_are_not_wanted_are_not_opened(tmp_path: Path) -> None:
    """One of them is no Parquet file at all."""
    for town in ("Aix", "Bath"):
        (tmp_path / f"town={town}").mkdir()
        SHOP.drop("town").write_parquet(tmp_path / f"town={town}" / "part.parquet")
    scan = pl.scan_parquet(tmp_path / "**/*.parquet", hive_partitioning=True)
    masked = anonymize(scan, RULES, key=SECRET)
    (tmp_path / "town=Bath" / "part.parquet").write_bytes(b"nothing that could be read")
    there = masked.filter(pl.col("town") == "Aix").collect()
    assert len(there) == len(SHOP)
    with pytest.raises(AnonymizerError, match="the query broke off"):
        masked.collect()


def test_nothing_more_is_read_than_was_taken(tmp_path: Path) -> None:
    """A query that stops early stops its source."""
    taken = []

    def rows(*_asked: object) -> Iterator[pl.DataFrame]:
        for block in range(500):
            taken.append(block)
            yield SHOP

    source = register_io_source(rows, schema=SHOP.schema)
    masked = anonymize(source, RULES, key=SECRET)
    taken.clear()
    batches = masked.collect_batches(chunk_size=10, engine="streaming")
    assert not next(batches).is_empty()
    del batches
    assert len(masked.filter(pl.col("amount") == 1).head(1).collect()) == 1
    assert len(taken) < 1_000
    masked.sink_parquet(tmp_path / "out.parquet")
    assert pl.scan_parquet(tmp_path / "out.parquet").select(pl.len()).collect().item() == 30_000


def test_kept_columns_of_a_file_have_nothing_else_beside_them(tmp_path: Path) -> None:
    """They are handed on as they are read; of any other source they are copied."""
    SHOP.write_parquet(tmp_path / "in.parquet")
    scan = pl.scan_parquet(tmp_path / "in.parquet")

    def bare(rows: pl.LazyFrame) -> bool:
        plan = make_plan(load_rules(RULES), rows.collect_schema())
        return _Masked.over(rows, plan, None, require_numbers).bare

    masked = anonymize(scan, RULES, key=SECRET)
    for asked in ("all", "filter of kept", "middle"):
        expected = ASKED[asked](anonymize(SHOP, RULES, key=SECRET).lazy())
        assert_frame_equal(ASKED[asked](masked).collect(), expected.collect())
    assert bare(scan)
    assert not bare(SHOP.lazy())
    assert not bare(pl.scan_parquet(tmp_path / "in.parquet", n_rows=50))
    assert not bare(scan.with_columns(pl.col("name").str.head(2)))
    assert not bare(scan.filter(pl.col("amount") > 2))
    assert not bare(pl.concat([scan, scan]))


# --- the key -------------------------------------------------------------------------------------


def _secret() -> str:
    return SECRET


def _subkeys() -> list[bytes]:
    domains = ("customer", "who", "name")
    return [SECRET.encode(), *(Key(SECRET).subkey(domain).encode() for domain in domains)]


def _copies(lazy: pl.LazyFrame) -> Iterator[tuple[bytes, pl.LazyFrame]]:
    for dump in (pickle.dumps, cloudpickle.dumps):
        data = dump(lazy)
        yield data, pickle.loads(data)
    data = lazy.serialize()
    yield data, pl.LazyFrame.deserialize(io.BytesIO(data))


def test_a_plan_with_its_key_by_reference_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    """It carries no secret, and fetches the key where it runs."""
    expected = anonymize(SHOP, RULES, key=SECRET)
    monkeypatch.setenv("ANONYMIZER_KEY", SECRET)
    for key in (_secret, None):
        lazy = anonymize(SHOP.lazy(), RULES, key=key)
        for data, copy in _copies(lazy):
            assert not any(subkey in data for subkey in _subkeys())
            assert_frame_equal(copy.collect(), expected)
    _, copy = next(_copies(anonymize(SHOP.lazy(), RULES)))
    monkeypatch.setenv("ANONYMIZER_KEY", "another-7f3a91c5e2-key-of-the-tests")
    with pytest.raises(KeyMaterialError, match=r"made with the key \w{8}, and here is the key"):
        copy.collect()
    monkeypatch.delenv("ANONYMIZER_KEY")
    with pytest.raises(KeyMaterialError, match="no key: set the environment variable"):
        next(_copies(lazy))[1].collect()


@pytest.mark.parametrize("key", [SECRET, SECRET.encode(), Key(SECRET)])
def test_a_plan_that_holds_its_key_says_how_it_would_travel(key: Any) -> None:
    """In one line, which is true, as the test above shows."""
    lazy = anonymize(SHOP.lazy(), RULES, key=key).select("who")
    told = "give `key` as a function that fetches it, or leave it out and set ANONYMIZER_KEY"
    for dump in (pickle.dumps, pl.LazyFrame.serialize):
        with pytest.raises(pl.exceptions.ComputeError, match=told) as raised:
            dump(lazy)
        assert not any(subkey.decode() in str(raised.value) for subkey in _subkeys())


def test_a_plan_without_a_key_travels() -> None:
    """There is nothing to fetch."""
    rules = {"version": 1, "unlisted": "keep", "columns": {"who": "redact", "name": "drop"}}
    lazy = anonymize(SHOP.lazy(), rules)
    for _, copy in _copies(lazy):
        assert_frame_equal(copy.collect(), anonymize(SHOP, rules))


def test_explaining_tells_no_subkey() -> None:
    """Nor does a description of any part."""
    lazy = anonymize(SHOP.lazy(), RULES, key=SECRET).filter(pl.col("amount") > 3)
    key = Key(SECRET)
    source = _Masked.over(
        SHOP.lazy(), make_plan(load_rules(RULES), SHOP.schema), None, require_numbers
    )
    told = lazy.explain() + lazy.explain(optimized=False) + repr(source)
    told += repr(PlannedKey(key, SECRET, key.id))
    assert "MASKED" in told
    assert not any(subkey.decode() in told for subkey in _subkeys())


def test_an_error_on_the_way_tells_no_value() -> None:
    """Neither of the raw rows nor of the masked ones."""
    raw = SHOP.lazy().with_columns(pl.col("name").str.to_integer().alias("amount"))
    masked = anonymize(raw.with_columns(amount=pl.col("amount")).head(60), RULES, key=SECRET)
    with pytest.raises(AnonymizerError, match="masking failed") as raised:
        masked.collect()
    assert "Name 1" not in str(raised.value)


@pytest.mark.parametrize("rule", ["token", "drop", "keep"])
def test_a_plan_that_travels_holds_no_categories(rule: str, tmp_path: Path) -> None:
    """An Enum's may name whom the rows do not, and a scan brings them anew."""
    persons = pl.Enum(["Ann Lee", "Bo Ek", "Carla Gone"])
    frame = pl.DataFrame({"who": ["Ann Lee", "Bo Ek"], "x": [1, 2]})
    nested = pl.struct(pl.col("who").cast(persons)).alias("inner")
    frame.select(pl.col("who").cast(persons), nested, "x").write_parquet(tmp_path / "in.parquet")
    rules = {"version": 1, "columns": {"who": rule, "inner.*": rule, "x": "keep"}}
    masked = anonymize(pl.scan_parquet(tmp_path / "in.parquet"), rules, key=_secret)
    for written in (pickle.dumps(masked), masked.serialize()):
        assert b"Carla" not in written
        assert b"Ann" not in written
    expected = anonymize(pl.read_parquet(tmp_path / "in.parquet"), rules, key=_secret)
    assert_frame_equal(masked.collect(), expected)


def test_a_cell_that_is_no_number_is_named_when_the_query_fails() -> None:
    """As of an eager frame: column, row and mask, and no value."""
    frame = pl.DataFrame({"n": ["1.5", "zzsecret", None]})
    rules = {"version": 1, "columns": {"n": {"mask": "round", "to": 1}}}
    with pytest.raises(DataError) as expected:
        anonymize(frame, rules)
    with pytest.raises(DataError) as found:
        anonymize(frame.lazy(), rules).collect()
    assert str(found.value) == str(expected.value)
    assert "n, row 2" in str(found.value)
