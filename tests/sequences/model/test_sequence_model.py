"""`SequenceModel`: same data same model, odd data, the folder and what is not in it."""

import json
import pickle
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.datatypes.group import FLOAT_DTYPES, INTEGER_DTYPES
from polars.testing import assert_frame_equal

from anonymizer.errors import DataError, FileError, ModelError
from anonymizer.sequences.model.sequence_model import SequenceModel
from tests.sequences.stub import untrained


def fit(frame: pl.DataFrame, **options: object) -> SequenceModel:
    """A quick fit."""
    chosen: dict[str, object] = {"entity": "customer", "time": "time", "max_epochs": 1, **options}
    return SequenceModel.fit(frame, **chosen)  # type: ignore[arg-type]


@pytest.mark.usefixtures("hasty")
def test_the_same_seed_gives_the_same_model(shop: pl.DataFrame) -> None:
    """Fitting is a function of data and seed; that all epochs are, resumed training shows."""
    assert_frame_equal(fit(shop, seed=5).sample(40), fit(shop, seed=5).sample(40))


@pytest.mark.usefixtures("hasty")
def test_row_order_does_not_matter(shop: pl.DataFrame) -> None:
    """A shuffled input gives the same model; only ties in time keep their order."""
    untied = shop.unique(["customer", "time"], keep="first", maintain_order=True)
    shuffled = untied.sample(fraction=1, shuffle=True, seed=1)
    assert_frame_equal(fit(untied).sample(40), fit(shuffled).sample(40))


def test_a_saved_model_is_the_model(model: SequenceModel, tmp_path: Path) -> None:
    """What is loaded samples and scores as what was saved; saving again replaces."""
    model.save(tmp_path / "m")
    model.save(tmp_path / "m")
    loaded = SequenceModel.load(tmp_path / "m")
    assert_frame_equal(loaded.sample(60), model.sample(60))
    assert sorted(p.name for p in (tmp_path / "m").iterdir()) == [
        "README.md", "model.json", "weights.safetensors",
    ]  # fmt: skip
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


@pytest.mark.usefixtures("hasty")
def test_nothing_of_one_customer_is_in_the_folder_or_the_samples(
    shop: pl.DataFrame, tmp_path: Path
) -> None:
    """A name, an amount and a score repeated fifty times by one customer leave no trace."""
    odd = shop.head(1).select(
        pl.lit(8_675_309, pl.Int64).alias("customer"), pl.lit(shop["time"].min()).alias("time"),
        pl.lit("Zyxwvut").alias("item"), pl.lit(31337.13).alias("amount"),
        pl.lit(77, pl.Int32).alias("score"), pl.lit("Atlantis").alias("country"),
    )  # fmt: skip
    model = fit(pl.concat([shop, *[odd] * 50]))
    model.save(tmp_path / "m")
    content = b"".join(p.read_bytes() for p in (tmp_path / "m").iterdir())
    for secret in (b"Zyxwvut", b"31337", b"3133713", b"Atlantis", b"8675309"):
        assert secret not in content
    synthetic = model.sample(500)
    assert not synthetic["item"].is_in(["Zyxwvut"]).any()
    assert synthetic["amount"].max() < 31_337  # type: ignore[operator]
    assert synthetic["score"].max() <= 5  # type: ignore[operator]


def test_no_extreme_of_the_data_is_told(shop: pl.DataFrame, model: SequenceModel) -> None:
    """The largest amount and the first and last moment do not come out."""
    synthetic = model.sample(2_000)
    assert synthetic["amount"].max() < shop["amount"].max()  # type: ignore[operator]
    settings = json.dumps(model.codec.to_dict())
    assert str(round(shop["amount"].max() * 100)) not in settings  # type: ignore[operator,arg-type]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("length", [1, 2, 128, 129])
def test_any_length_is_read_whole(length: int) -> None:
    """Histories at and beyond a window are neither cut nor dropped."""
    frame = pl.DataFrame({"customer": [0, 1] * length, "time": range(2 * length)}).with_columns(
        pl.col("time").cast(pl.Duration("ms")) * 3_600_000 + pl.datetime(2024, 1, 1)
    )
    model = fit(frame, min_entities=1)
    assert model.card["events"] == length
    assert len(model.score(frame)["anomaly_score"].drop_nulls()) == 2 * length
    assert model.sample(3)["customer"].n_unique() == 3


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "column",
    [
        pl.lit(None, pl.String), pl.lit(None, pl.Float64), pl.lit(None), pl.lit("same"),
        pl.lit(1.5), pl.lit(-3), pl.lit(float("nan")),
    ],
    ids=["null-text", "null-number", "null", "text", "decimal", "negative", "nan"],
)  # fmt: skip
def test_constant_and_empty_columns_are_fine(shop: pl.DataFrame, column: pl.Expr) -> None:
    """A column without information does not stop the fit and comes back as it was."""
    frame = shop.select("customer", "time", "amount", odd=column)
    synthetic = fit(frame).sample(20)
    assert synthetic.schema == frame.schema
    expected = frame["odd"].fill_nan(None)[0] if frame["odd"].dtype.is_float() else frame["odd"][0]
    assert synthetic["odd"].unique().to_list() == [expected]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("value", [1e-8, -1e308, 1e308])
def test_amounts_far_from_all_others_give_finite_samples_and_scores(
    shop: pl.DataFrame, value: float
) -> None:
    """They are cut where they have no digits, and counted; no score is infinite or NaN."""
    odd = pl.when(pl.col("customer") % 10 == 0).then(value).otherwise("amount")
    frame = shop.with_columns(amount=odd)
    model = fit(frame)
    amounts = model.sample(50)["amount"].drop_nulls()
    assert amounts.is_finite().all()
    assert 5 < amounts.median() < 50  # type: ignore[operator]
    assert model.score(frame)["anomaly_score"].is_finite().all()
    assert any(
        "events with a value in 'amount' beyond its digits, cut: " in note for note in model.notes
    )


@pytest.mark.usefixtures("hasty")
def test_rows_that_cannot_be_learned_from_are_counted(shop: pl.DataFrame) -> None:
    """A note says how many have no entity or no time."""
    untimed = pl.when(pl.int_range(pl.len()) >= 12).then("time").alias("time")
    notes = fit(shop.with_columns(untimed)).notes
    assert "rows without entity or time, left out: 12" in notes


def test_scores_of_huge_amounts_are_finite(model: SequenceModel, shop: pl.DataFrame) -> None:
    """However far an amount lies outside of all that was learned."""
    for value in (1e308, -1e308):
        assert (
            model.score(shop.with_columns(amount=pl.lit(value)))["anomaly_score"].is_finite().all()
        )


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("dtype", sorted(INTEGER_DTYPES | FLOAT_DTYPES, key=str), ids=str)
def test_numbers_of_every_type_can_be_fitted_saved_and_sampled(
    shop: pl.DataFrame, dtype: type[pl.DataType], tmp_path: Path
) -> None:
    """What is loaded gives the type that was fitted."""
    frame = shop.with_columns(pl.col("score").cast(dtype))
    fit(frame).save(tmp_path / "m")
    sampled = SequenceModel.load(tmp_path / "m").sample(30)
    assert sampled.schema == frame.schema
    assert set(sampled["score"].drop_nulls().cast(int)) <= {1, 2, 3, 4, 5}


@pytest.mark.usefixtures("hasty")
def test_one_event_and_no_field() -> None:
    """Customers of one event each, with nothing but a date, can be modelled."""
    frame = pl.DataFrame({"customer": range(30), "time": [date(2024, 1, d + 1) for d in range(30)]})
    synthetic = fit(frame).sample(10)
    assert synthetic.schema == {"customer": pl.Int64, "time": pl.Date}
    assert len(synthetic) == 10


@pytest.mark.parametrize("entities", [4, 5])
def test_too_few_entities_are_refused(shop: pl.DataFrame, entities: int) -> None:
    """Of four customers to learn from nothing may be told: all samples would be of 1970."""
    told = f"there are {entities} entities, 1 of them held out, and min_entities is 5"
    with pytest.raises(DataError, match=told):
        fit(shop.filter(pl.col("customer") < entities))


def test_columns_of_which_nothing_may_be_told_are_named(shop: pl.DataFrame) -> None:
    """Of six customers no item is common: the notes say that all samples hold `OTHER`."""
    own = shop.with_columns(item=pl.format("{} of {}", "item", "customer"))
    few = untrained(own.filter(pl.col("customer") < 6))
    assert few.notes[0] == "columns of which no value may be told: item, country"


def test_an_unseen_category_is_strange_and_not_an_error(
    model: SequenceModel, shop: pl.DataFrame
) -> None:
    """A value that the model has never met raises the score."""
    changed = shop.with_columns(item=pl.lit("never seen"))
    known, unseen = model.score(shop)["anomaly_item"], model.score(changed)["anomaly_item"]
    assert unseen.mean() > known.mean()  # type: ignore[operator]


def test_scores_stand_beside_their_rows(model: SequenceModel, shop: pl.DataFrame) -> None:
    """Rows keep their order and columns; parts add up; rows without a time score null."""
    shuffled = shop.sample(fraction=1, shuffle=True, seed=2)
    holed = shuffled.with_columns(
        time=pl.when(pl.int_range(pl.len()) == 3).then(None).otherwise("time")
    )
    scored = model.score(holed)
    assert_frame_equal(scored.select(shop.columns), holed)
    assert scored["anomaly_score"].is_null().arg_true().to_list() == [3]
    parts = ["anomaly_time", "anomaly_item", "anomaly_amount", "anomaly_score"]
    assert set(parts) <= set(scored.columns)


def test_loading_runs_no_code(model: SequenceModel, tmp_path: Path) -> None:
    """A pickle in place of the weights is a damaged folder, not a program."""

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "sprung",))  # type: ignore[return-value]

    model.save(tmp_path / "m")
    (tmp_path / "m" / "weights.safetensors").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ModelError, match="damaged"):
        SequenceModel.load(tmp_path / "m")
    assert not (tmp_path / "sprung").exists()


def test_other_folders_are_left_alone(model: SequenceModel, tmp_path: Path) -> None:
    """A folder that is no model is neither read nor replaced."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    with pytest.raises(FileError, match="not a model folder"):
        model.save(tmp_path / "precious")
    with pytest.raises(ModelError, match="not a model folder"):
        SequenceModel.load(tmp_path / "precious")
    assert (tmp_path / "precious" / "file").exists()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("model.json", '{"format": "layers-model", "generatedBy": "another tool"}'),
        ("model.json", "no JSON"),
        ("notes.txt", "beside our own"),
    ],
)
def test_what_is_not_ours_is_not_replaced(
    model: SequenceModel, tmp_path: Path, file: str, text: str
) -> None:
    """Another tool's `model.json`, or what somebody put beside ours; our own model is."""
    model.save(tmp_path / "m")
    model.save(tmp_path / "m")
    (tmp_path / "m" / file).write_text(text)
    before = sorted(each.name for each in tmp_path.rglob("*"))
    with pytest.raises(FileError, match=r"not a model folder|holds other files"):
        model.save(tmp_path / "m")
    assert sorted(each.name for each in tmp_path.rglob("*")) == before
    assert (tmp_path / "m" / file).read_text() == text


def test_a_folder_of_another_version_says_so(model: SequenceModel, tmp_path: Path) -> None:
    """Format numbers are checked before anything is used."""
    model.save(tmp_path / "m")
    settings = json.loads((tmp_path / "m" / "model.json").read_text())
    (tmp_path / "m" / "model.json").write_text(json.dumps({**settings, "format": 99}))
    with pytest.raises(ModelError, match="format 99"):
        SequenceModel.load(tmp_path / "m")


def test_a_model_prints_no_value(model: SequenceModel) -> None:
    """It ends up in notebooks and logs."""
    shown = repr(model)
    assert shown.startswith("<SequenceModel of ")
    assert len(shown) < 100


def test_another_is_fitted_with_the_same_settings(trained: SequenceModel) -> None:
    """What `fit` was told, and what it found of columns."""
    assert trained.settings == {
        "entity": "customer",
        "time": "time",
        "fields": trained.codec.roles.fields,
        "context": trained.codec.roles.context,
        "min_entities": 5,
        "max_epochs": 6,
    }
