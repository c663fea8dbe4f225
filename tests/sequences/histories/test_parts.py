"""Histories dealt into parts on disk: nothing is lost, nobody is in two of them."""

import stat
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer.errors import DataError
from anonymizer.sequences.histories import parts
from anonymizer.sequences.histories.parts import dealt
from tests.sequences.conftest import make_shop


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a hundred events."""
    monkeypatch.setattr(parts, "PART", 100)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("dtype", [pl.Int64, pl.String, pl.Categorical, pl.Float64])
def test_each_entity_is_whole_in_one_part(dtype: pl.DataType) -> None:
    """All rows come back once, in the order in which they came, whoever they are of."""
    shop = make_shop().with_columns(pl.col("customer").cast(pl.String).cast(dtype))
    shop = shop.with_row_index("row").sample(fraction=1, shuffle=True, seed=1)
    with dealt(shop.lazy(), "customer", "time", None, None, seed=0) as events:
        frames = [events.first, *(part.read() for part in events.others)]
        lengths = [part.lengths for part in events.others]
    assert len(frames) > 4
    assert_frame_equal(pl.concat(frames), shop, check_row_order=False)
    place = dict(shop.select("row", at=pl.int_range(pl.len())).iter_rows())
    for frame in frames:
        assert frame["row"].replace_strict(place).is_sorted()
    everybody = pl.concat(frame["customer"].unique() for frame in frames)
    assert everybody.n_unique() == len(everybody) == 80
    for found, frame in zip(lengths, frames[1:], strict=True):
        assert sorted(found) == sorted(frame.group_by("customer").len()["len"])


@pytest.mark.usefixtures("small_parts")
def test_rows_without_entity_or_time_are_counted() -> None:
    """They are in no part."""
    shop = make_shop().with_row_index("row")
    holes = shop.with_columns(
        customer=pl.when(pl.col("row") % 7 != 0).then("customer"),
        time=pl.when(pl.col("row") % 5 != 0).then("time"),
    )
    with dealt(holes, "customer", "time", ["item"], None, seed=0) as events:
        found = pl.concat([events.first, *(part.read() for part in events.others)])
        dropped = events.dropped
    assert found.columns == ["customer", "time", "item"]
    assert found.null_count().select("customer", "time").row(0) == (0, 0)
    assert (
        dropped == len(shop) - len(found) == len(shop) - len(holes.drop_nulls(["customer", "time"]))
    )
    assert dropped > 100


@pytest.mark.usefixtures("small_parts")
def test_files_are_their_owners_and_gone_at_the_end() -> None:
    """Whatever happens while they are read."""
    folder: Path | None = None

    def look() -> None:
        nonlocal folder
        with dealt(make_shop(), "customer", "time", None, None, seed=0) as events:
            folder = events.others[0].path.parent
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            raise KeyError

    with pytest.raises(KeyError):
        look()
    assert folder is not None
    assert not folder.exists()


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("name", ["len", "\x01part", "\x01part\x01part"])
def test_columns_may_be_called_as_those_that_deal(name: str) -> None:
    """Nothing of theirs is lost."""
    shop = make_shop().rename({"customer": name})
    with dealt(shop, name, "time", None, None, seed=0) as events:
        found = pl.concat([events.first, *(part.read() for part in events.others)])
    assert_frame_equal(found, shop, check_row_order=False)


@pytest.mark.usefixtures("small_parts")
def test_of_nobody_there_is_no_part() -> None:
    """As of few events, whoever reads it says so."""
    nobody = make_shop().with_columns(customer=pl.lit(None, pl.Int64))
    with dealt(nobody, "customer", "time", None, None, seed=0) as events:
        assert events.first.is_empty()
        assert events.others == ()


@pytest.mark.usefixtures("small_parts")
def test_other_rows_have_another_digest() -> None:
    """The same ones have the same, in any order."""

    def digests(shop: pl.DataFrame) -> list[int]:
        with dealt(shop, "customer", "time", None, None, seed=0) as events:
            return [part.digest() for part in events.others]

    shop = make_shop().with_columns(pl.col("customer").cast(pl.String))
    assert digests(shop) == digests(shop.sample(fraction=1, shuffle=True, seed=1))
    twice, others = (pl.concat([each, each]) for each in (shop, shop.with_columns(score=pl.lit(0))))
    assert not set(digests(twice)) & set(digests(others.cast(twice.schema)))
    changed = shop.with_columns(amount=pl.col("amount") + 1)
    assert not set(digests(shop)) & set(digests(changed))


@pytest.mark.usefixtures("small_parts")
def test_what_is_counted_is_of_many_entities() -> None:
    """Not of the part that somebody with very many events is in."""
    shop = make_shop()
    one = shop.head(1).select(pl.all().repeat_by(5 * len(shop)).explode())
    for customer in range(80):
        heavy = pl.concat([shop, one.with_columns(customer=pl.lit(customer, pl.Int64))])
        with dealt(heavy, "customer", "time", None, None, seed=0) as events:
            entities = [len(part.lengths) for part in events.others]
            assert events.first["customer"].n_unique() >= max(entities)


def test_few_events_stay_in_memory() -> None:
    """As they are."""
    shop = make_shop()
    with dealt(shop.lazy(), "customer", "time", None, None, seed=0) as events:
        assert_frame_equal(events.first, shop)
        assert events.others == ()
        assert events.told == []


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(
    ("time", "fields", "told"),
    [
        ("tiem", None, "no column 'tiem'; did you mean 'time'"),
        ("time", "item", "fields and context must be lists"),
        ("time", ["items"], "no column 'items'; did you mean 'item'"),
        ("time", None, "'more' is List, which cannot be modelled"),
    ],
)
def test_what_cannot_be_read_is_named_before_anything_is_written(
    time: str, fields: Any, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is of few events."""
    monkeypatch.setattr(parts, "_written", lambda *_: pytest.fail("rows were written"))
    shop = make_shop().with_columns(more=pl.concat_list("item"))
    with pytest.raises(DataError, match=told), dealt(shop, "customer", time, fields, None, seed=0):
        pass
