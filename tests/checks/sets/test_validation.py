"""What does not fit is said in one line before anything is trained; what does fit is measured."""

from datetime import time
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from anonymizer.checks.check.check import check_sets
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.sets.compared_sets import MIN_HISTORIES, ComparedSets
from anonymizer.errors import DataError
from tests.checks.conftest import draw

NAMES = ("real", "synthetic", "holdout")
FRAMES = dict(zip(NAMES, (draw(0, 1, 24), draw(5_000, 2, 24), draw(1_000, 3, 24)), strict=True))
ODD = pl.int_range(pl.len()) % 2


def never(_train: pl.DataFrame, _test: pl.DataFrame) -> NoReturn:
    """Is not reached."""
    raise AssertionError


def noise(_train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Knows nothing."""
    return np.random.default_rng(0).random(len(test))


def judged(
    frames: dict[str, pl.DataFrame], detector: Any = never, label: str | None = None, **roles: str
) -> Report:
    """The check of three sets by name."""
    roles = {"entity": "customer", "time": "time"} | roles
    return check_sets(
        *(frames[name] for name in NAMES),
        entity=roles["entity"], time=roles["time"], label=label, detector=detector,
    )  # fmt: skip


def changed(name: str, expression: Any) -> dict[str, pl.DataFrame]:
    """The sets, one of them with another column."""
    return {n: f.with_columns(expression) if n == name else f for n, f in FRAMES.items()}


def everywhere(expression: Any) -> dict[str, pl.DataFrame]:
    """The sets, all of them with another column."""
    return {name: frame.with_columns(expression) for name, frame in FRAMES.items()}


@pytest.mark.parametrize(
    ("odd", "kind"),
    [
        (pl.concat_list("amount"), "List"),
        (pl.concat_list("amount").list.to_array(1), "Array"),
        (pl.struct("amount"), "Struct"),
        (pl.col("item").cast(pl.Binary), "Binary"),
    ],
)
def test_types_that_no_figure_can_compare_are_refused(odd: pl.Expr, kind: str) -> None:
    """With set, column, type and the way out; in any set and any role."""
    words = f"column 'odd' of the real set is {kind}, .*: cast it to text or numbers, or drop"
    with pytest.raises(DataError, match=words):
        judged(everywhere(odd.alias("odd")))
    with pytest.raises(DataError, match=f"column 'item' of the synthetic set is {kind}"):
        judged(changed("synthetic", odd.alias("item")))
    with pytest.raises(DataError, match=f"column 'customer' of the holdout set is {kind}"):
        judged(changed("holdout", odd.alias("customer")))


def test_objects_are_refused() -> None:
    """As they hold anything."""
    with pytest.raises(DataError, match="column 'odd' of the real set is Object"):
        judged(
            {
                name: frame.with_columns(pl.Series("odd", [object()] * len(frame), pl.Object))
                for name, frame in FRAMES.items()
            }
        )


def test_all_other_types_are_measured() -> None:
    """Each has its figure of similarity, and there is a page."""
    k = pl.col("amount").cast(pl.Int64) % 5
    columns = {
        "decimal": pl.col("amount").cast(pl.Decimal(20, 2)),
        "clock": pl.col("time").dt.time(),
        "always": pl.lit(time(3, 4)),
        "span": pl.duration(hours=k),
        "categorical": pl.col("item").cast(pl.Categorical),
        "enum": pl.col("item").cast(pl.Enum([f"item {i}" for i in range(8)])),
        "boolean": k > 2,
        "date": pl.col("time").dt.date(),
        "zoned": pl.col("time").dt.replace_time_zone("Asia/Shanghai"),
        "null": pl.lit(None),
        "large": k.cast(pl.UInt64),
    }
    for names in (list(columns)[:6], list(columns)[6:]):
        report = judged(everywhere([columns[name].alias(name) for name in names]), noise)
        assert {f"similarity_{name}" for name in names} <= report.utility.keys()
        assert "<h1>" in report.html()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("label", "words"),
    [
        (pl.lit("yes"), "must hold true and false, or 1 and 0"),
        (ODD + 1, "must hold true and false, or 1 and 0"),
        (ODD * 0.5, "must hold true and false, or 1 and 0"),
        (pl.col("time"), "must hold true and false, or 1 and 0"),
        (ODD * 0, "has only one value"),
        (pl.lit(value=True), "has only one value"),
        (pl.lit(None, pl.Boolean), "has (nulls|only one value)"),
    ],
)
def test_labels_are_two_values(name: str, label: pl.Expr, words: str) -> None:
    """True and false or one and zero, in every set."""
    frames = {
        n: frame.with_columns(fraud=label if n == name else ODD) for n, frame in FRAMES.items()
    }
    with pytest.raises(DataError, match=f"the label 'fraud' of the {name} set {words}"):
        judged(frames, label="fraud")


def test_what_is_tested_needs_a_label_and_training_histories_may_lack_some() -> None:
    """A null before anybody looked is history; in the holdout it is said."""
    some = pl.when(pl.int_range(pl.len()) > 3).then(ODD).alias("fraud")
    frames = everywhere(some)
    with pytest.raises(DataError, match="the label 'fraud' of the holdout set has nulls"):
        judged(frames, label="fraud")
    # Events of no time are not tested.
    late = pl.when(pl.col("fraud").is_not_null()).then("time").alias("time")
    frames["holdout"] = frames["holdout"].with_columns(late)
    assert judged(frames, noise, label="fraud").detector.by_kind == {}


@pytest.mark.parametrize(
    ("real", "holdout"),
    [
        (pl.Int64, pl.Int32),
        (pl.UInt16, pl.Int64),
        (pl.String, pl.Categorical),
        (pl.Categorical, pl.Categorical),
        (pl.Enum([str(i) for i in range(24)]), pl.String),
    ],
    ids=str,
)
def test_who_is_in_both_is_seen_in_any_type(real: Any, holdout: Any) -> None:
    """Widths of numbers and kinds of text do not hide them."""
    text = pl.String if real not in (pl.Int64, pl.UInt16) else pl.Int64
    own, other = (
        FRAMES["real"].with_columns(pl.col("customer").cast(text).cast(dtype))
        for dtype in (real, holdout)
    )
    with pytest.raises(DataError, match="24 entities are in real and in holdout"):
        judged({"real": own, "synthetic": FRAMES["synthetic"], "holdout": other})


def test_entities_of_two_types_are_measured() -> None:
    """As long as they can be compared."""
    frames = {
        name: frame.with_columns(pl.col("customer").cast(pl.String).cast(dtype))
        for (name, frame), dtype in zip(
            FRAMES.items(), (pl.Categorical, pl.Int64, pl.String), strict=True
        )
    }
    assert judged(frames, noise).to_dict()["sets"]["holdout"]["entities"] == 24


@pytest.mark.parametrize("dtype", [pl.String, pl.Float64, pl.Date])
def test_entities_that_cannot_be_compared_are_refused(dtype: Any) -> None:
    """Or a person in both would not be seen."""
    other = pl.col("customer").cast(pl.Int32).cast(dtype)
    words = f"column 'customer' is Int64 in the real set and {dtype} in the holdout .*: cast it"
    with pytest.raises(DataError, match=words):
        judged(changed("holdout", other))


@pytest.mark.parametrize("name", ["synthetic", "holdout"])
@pytest.mark.parametrize(
    ("other", "words"),
    [
        (pl.col("time").dt.date(), "times without a zone in the real set and dates"),
        (
            pl.col("time").dt.replace_time_zone("UTC"),
            "times without a zone in the real set and times with a zone",
        ),
    ],
)
def test_kinds_of_time_are_not_mixed(name: str, other: pl.Expr, words: str) -> None:
    """An hour that is not there, or is another's, is no difference of histories."""
    with pytest.raises(DataError, match=f"'time' holds {words} in the {name} set: cast it"):
        judged(changed(name, other))


def test_units_of_time_may_differ() -> None:
    """So nothing is lost."""
    report = judged(changed("synthetic", pl.col("time").cast(pl.Datetime("ms"))), noise)
    assert report.sets.synthetic.schema["time"] == FRAMES["real"].schema["time"]


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"entity": "time"}, "column 'time' is named as entity and as time: name two columns"),
        ({"label": "time"}, "column 'time' is named as time and as label"),
        ({"label": "customer"}, "column 'customer' is named as entity and as label"),
    ],
)
def test_a_column_has_one_role(roles: dict[str, str], words: str) -> None:
    """Entity, time and label are three columns."""
    with pytest.raises(DataError, match=words):
        judged(FRAMES, **roles)


@pytest.mark.parametrize("name", NAMES)
def test_a_set_of_two_entities_is_named(name: str) -> None:
    """Whichever it is; events without a time do not count."""
    customer = pl.col("customer")
    few = {
        n: f.filter(customer < customer.min() + 2) if n == name else f for n, f in FRAMES.items()
    }
    with pytest.raises(DataError, match=rf"the {name} set has too few entities .* \(2\)") as error:
        judged(few)
    assert "min_entities" not in str(error.value)
    late = pl.when(customer < customer.min() + 3).then("time")
    with pytest.raises(DataError, match=rf"the {name} set has too few entities .* \(3\)"):
        judged(changed(name, late))


def test_a_column_that_does_not_fit_is_named() -> None:
    """Without any of its values."""
    words = "'item' is Enum in the real set and String in the holdout set, and does not fit: cast"
    enum = pl.col("item").cast(pl.Enum([f"item {i}" for i in range(8)]))
    frames = everywhere(enum) | {"holdout": FRAMES["holdout"].with_columns(item=pl.lit("Zebra"))}
    with pytest.raises(DataError, match=words) as error:
        judged(frames)
    assert "Zebra" not in str(error.value)


@pytest.mark.parametrize("column", ["customer", "time", "item", "amount"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("*", "has a name that the check itself uses: rename it"),
        ("^a.*$", "has a name that the check itself uses: rename it"),
        ("\0row", "the check itself uses: rename it"),
        ("injected", "the check itself uses: rename it"),
        ("history_length", "the check itself uses: rename it"),
        ("", "a column has no name"),
    ],
)
def test_names_that_mean_something_else_are_refused(column: str, name: str, words: str) -> None:
    """Patterns of columns, and names of columns and figures of the check's own."""
    frames = {n: frame.rename({column: name}) for n, frame in FRAMES.items()}
    roles = {r: name for r, c in (("entity", "customer"), ("time", "time")) if c == column}
    with pytest.raises(DataError, match=words):
        judged(frames, **roles)


@pytest.mark.parametrize(
    "names",
    [
        ("len", "first", "v", "count"),
        ("had", "last", "share", "v"),
        ("v", "time", "had", "share"),
        ("first", "last", "len", "n"),
        ("print", "value", "who", "had"),
        ("amount mean", "at", "^item", "amount"),
        ("item 1", "literal", "item", "share"),
    ],
)
def test_other_odd_names_are_measured(names: tuple[str, ...]) -> None:
    """From end to end, whatever the code calls its own columns."""
    new = dict(zip(("customer", "time", "item", "amount"), names, strict=True))
    frames = {name: frame.rename(new) for name, frame in FRAMES.items()}
    report = judged(frames, noise, entity=names[0], time=names[1])
    assert {f"similarity_{names[2]}", f"similarity_{names[3]}"} <= report.utility.keys()
    assert report.to_dict()["sets"]["real"]["entities"] == 24
    assert "<h1>" in report.html()


def test_fractions_are_not_cut_off() -> None:
    """A set of halves is not judged as if it held whole numbers."""
    whole = everywhere(pl.col("amount").round().cast(pl.Int64))
    halves = whole["synthetic"].with_columns(pl.col("amount") + 0.5)
    with pytest.raises(DataError, match="'amount' holds whole numbers in the real set and others"):
        judged(whole | {"synthetic": halves})
    same = whole | {"synthetic": whole["synthetic"].cast({"amount": pl.Float64})}
    assert judged(same, noise).sets.synthetic.schema["amount"] == pl.Int64


def test_samples_for_detectors_hold_enough_people_and_both_labels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long histories are, and however rare what is to be found."""
    monkeypatch.setattr("anonymizer.checks.sets.compared_sets.EVENTS_WITHOUT_LABEL", 1)
    monkeypatch.setattr("anonymizer.checks.sets.compared_sets.EVENTS_WITH_LABEL", 1)
    frames = everywhere((ODD == 1).alias("fraud"))
    first = frames["real"].select(pl.col("customer").sort().first()).item()
    rare = frames["real"].with_columns(fraud=pl.col("customer") == first)
    sets = ComparedSets(rare, frames["synthetic"], frames["holdout"], "customer", "time")
    assert sets.for_detectors(None, 0).real["customer"].n_unique() == MIN_HISTORIES
    assert all(sets.for_detectors("fraud", seed).real["fraud"].any() for seed in range(20))
