"""What a user may hand over, and what is said when it will not do."""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl
import pytest

from anonymizer.errors import DataError
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.tokens.values import Categories

LATER = pl.lit(datetime(2030, 1, 1))


class Case(NamedTuple):
    """What the calls below are made with."""

    model: SequenceModel
    shop: pl.DataFrame


@pytest.mark.parametrize("kind", ["lazy", "pandas", "arrow"])
def test_frames_of_other_libraries(model: SequenceModel, shop: pl.DataFrame, kind: str) -> None:
    """They are read like an eager Polars frame, and scores come back in the same kind."""
    kinds: dict[str, Any] = {"lazy": shop.lazy, "pandas": shop.to_pandas, "arrow": shop.to_arrow}
    given = kinds[kind]()
    found = model.score(given)
    assert type(found) is type(given)
    back = found.collect() if kind == "lazy" else pl.DataFrame(found)
    expected = model.score(shop)["anomaly_score"]
    assert back["anomaly_score"].to_list() == pytest.approx(expected.to_list(), nan_ok=True)
    assert model.recommend(given, field="item").equals(model.recommend(shop, field="item"))
    assert model.sample(prefix=given).equals(model.sample(prefix=shop))


@pytest.mark.parametrize("rows", ["none", "without time"])
def test_nothing_in_gives_nothing_out(model: SequenceModel, shop: pl.DataFrame, rows: str) -> None:
    """A night without events is no error: the columns are there."""
    timeless = shop.head(3).with_columns(time=pl.lit(None, shop.schema["time"]))
    empty = shop.clear() if rows == "none" else timeless
    full = model.score(shop, alert_rate=0.1)
    scored = model.score(empty, alert_rate=0.1)
    assert scored.schema == full.schema
    assert len(scored) == len(empty)
    assert scored["anomaly_score"].null_count() == len(empty)
    assert model.recommend(empty, field="item").schema == model.recommend(shop, field="item").schema


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.model.sample("3"), "the number of entities must be a whole number"),
        (lambda c: c.model.sample(0), "1 or more"),
        (lambda c: c.model.sample(True), "must be a whole number"),
        (lambda c: c.model.sample(conditions={"country": ["UK"]}), "expected a Polars, pandas or"),
        (
            lambda c: c.model.recommend(c.shop, field="item", top=-1),
            "top must be a whole number, 1 or",
        ),
        (lambda c: c.model.summarise(c.shop), "there is no column 'anomaly_score'"),
        (lambda c: fit(c.shop, max_epochs=0), "max_epochs must be a whole number, 1 or more"),
        (lambda c: fit(c.shop, seed=-1), "seed must be a whole number, 0 or more"),
        (lambda c: fit(c.shop, fields=[3]), "columns are named by text, and 3 is none"),
        (lambda c: fit(c.shop, tune_minutes=-1), "tune_minutes must be a number, 0 or more"),
        (lambda c: fit(c.shop, min_entities=0), "min_entities must be a whole number, 1 or more"),
        (lambda c: fit(c.shop, fields="item"), "must be lists of columns, not text"),
        (
            lambda c: c.model.sample(conditions=pl.DataFrame({"country": ["Atlantis"]})),
            "does not know this value; it knows .*UK",
        ),
        (
            lambda c: c.model.sample(conditions=pl.DataFrame({"country": [True]})),
            "condition 'country' is Boolean and the model has learned String",
        ),
        (
            lambda c: c.model.score(c.shop, history=c.shop.with_columns(time=LATER)),
            "history holds events of 80 entities after the first one to be scored",
        ),
    ],
)
def test_what_will_not_do_is_named(
    model: SequenceModel, shop: pl.DataFrame, call: Any, message: str
) -> None:
    """One line that says which argument, and what it must be; never the value that was given."""
    with pytest.raises(DataError, match=message) as caught:
        call(Case(model, shop))
    assert "Atlantis" not in str(caught.value)


def test_few_of_the_known_values_are_named(model: SequenceModel) -> None:
    """A model of many values names five of them."""
    many = Categories([f"land {n}" for n in range(12)], pl.String())
    profile = replace(model.codec.profile, context={"country": many})
    codec = replace(model.codec, profile=profile)
    with pytest.raises(DataError, match=r"it knows land 0, .*, land 4 and 7 more$"):
        codec.profile_of(pl.DataFrame({"country": ["land 3", "Atlantis"]}))


def fit(frame: pl.DataFrame, **settings: Any) -> SequenceModel:
    """With roles named."""
    return SequenceModel.fit(frame, entity="customer", time="time", **settings)


WRONG = {
    "list": lambda n: pl.Series([["a"]] * n),
    "binary": lambda n: pl.Series([b"a"] * n),
    "object": lambda n: pl.Series([object()] * n, dtype=pl.Object),
    "struct": lambda n: pl.Series([{"secret": 1}] * n),
    "truth": lambda n: pl.Series([True] * n),
    "enum": lambda n: pl.Series(["secret"] * n, dtype=pl.Enum(["secret"])),
    "zoned": lambda n: pl.Series([datetime(2024, 1, 1)] * n).dt.replace_time_zone("UTC"),
}


FITS = [("customer", kind) for kind in ("truth", "enum", "zoned")]  # anything plain can name
FITS += [("item", "enum"), ("country", "enum")]
MISFITS = [
    (column, kind)
    for column in ("customer", "time", "item", "amount", "country")
    for kind in WRONG
    if (column, kind) not in FITS
]


@pytest.mark.parametrize("use", ["score", "history", "loss", "prefix", "recommend"])
@pytest.mark.parametrize(("column", "kind"), MISFITS)
def test_columns_of_another_type_are_named(
    model: SequenceModel, shop: pl.DataFrame, column: str, kind: str, use: str
) -> None:
    """Each call says which column it is, its type and the one that was learned, and no value."""
    frame = shop.with_columns(WRONG[kind](len(shop)).alias(column))
    calls: dict[str, Any] = {
        "score": lambda: model.score(frame),
        "history": lambda: model.score(shop.tail(3), history=frame),
        "loss": lambda: model.loss(frame),
        "prefix": lambda: model.sample(prefix=frame),
        "recommend": lambda: model.recommend(frame, field="item"),
    }
    with pytest.raises(DataError, match=f"column '{column}' is .* and the model has learned") as e:
        calls[use]()
    assert "secret" not in str(e.value)


@pytest.mark.parametrize(
    ("column", "here", "there"),
    [
        ("item", pl.String, pl.Categorical), ("item", pl.Enum(["item 1"]), pl.String),
        ("score", pl.Int8, pl.Int64), ("score", pl.Int64, pl.Float64),
        ("amount", pl.Decimal(9, 2), pl.Float64), ("time", pl.Datetime("ms"), pl.Datetime("ns")),
        ("country", pl.Null, pl.String),
    ],
    ids=str,
)  # fmt: skip
def test_a_history_may_be_of_another_type_of_its_kind(
    model: SequenceModel, shop: pl.DataFrame, column: str, here: pl.DataType, there: pl.DataType
) -> None:
    """What is to be scored and the events before it need not come from one source."""
    last = shop.group_by("customer", maintain_order=True).tail(1)
    earlier = shop.join(last, on=["customer", "time"], how="anti")
    last = last.with_columns(pl.col(column).cast(here, strict=False))
    mixed = model.score(last, history=earlier.with_columns(pl.col(column).cast(there)))
    if here == pl.Null:
        last = last.with_columns(pl.lit(None, shop.schema[column]).alias(column))
    plain = model.score(last.cast({column: shop.schema[column]}), history=earlier)
    assert mixed["anomaly_score"].to_list() == pytest.approx(plain["anomaly_score"].to_list())


@pytest.mark.parametrize("name", ["*", "^a.*$", "\0row", "\0owner"])
@pytest.mark.parametrize("column", ["customer", "time", "item", "country"])
def test_names_that_stand_for_other_columns_are_refused(
    shop: pl.DataFrame, column: str, name: str
) -> None:
    """A pattern of Polars, or a name of the library's own, is named in any role."""
    roles = {"entity": "customer", "time": "time"}
    roles = {role: name if of == column else of for role, of in roles.items()}
    with pytest.raises(DataError, match="has a meaning of its own: rename it"):
        SequenceModel.fit(shop.rename({column: name}), **roles)  # type: ignore[arg-type]


@pytest.mark.usefixtures("hasty")
def test_any_other_name_will_do(shop: pl.DataFrame) -> None:
    """Not even an empty one is in the way."""
    names = {"customer": "", "time": "len", "item": "a*b", "country": "e"}
    frame = shop.rename(names)
    model = SequenceModel.fit(frame, entity="", time="len", max_epochs=1)
    assert model.sample(5).columns == frame.columns
    assert model.score(frame).columns[: len(frame.columns)] == frame.columns
    assert len(model.summarise(model.score(frame), alert_rate=0.1)) == 80
