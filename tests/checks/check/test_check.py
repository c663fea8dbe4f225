"""Planted leaks and planted damage are caught, honest data is not."""

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.check.check import check_sets
from anonymizer.checks.check.privacy_figures import privacy_figures
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.privacy.copies import copies
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.detector import TEACHES_NOTHING
from anonymizer.checks.utility.similarity import fidelity_figures, naming_rows
from anonymizer.errors import DataError, UsageError
from tests.checks.conftest import habit_detector


def verdict(sets: ComparedSets, synthetic: pl.DataFrame, label: str | None = None) -> Report:
    """The check with the stub detector."""
    return check_sets(
        sets.real,
        synthetic,
        sets.holdout,
        entity="customer",
        time="time",
        detector=habit_detector,
        label=label,
    )


def renamed(frame: pl.DataFrame) -> pl.DataFrame:
    """The same histories under other numbers."""
    return frame.with_columns(pl.col("customer") + 90_000)


def test_honest_data_passes(sets: ComparedSets) -> None:
    """Other customers of the same source are no copies, not too close, and a detector learns."""
    report = verdict(sets, sets.synthetic)
    assert {f.colour for f in report.privacy.values()} <= {"green", None}
    assert report.utility["detector_auc_ratio"].estimate.value > 0.9


def test_a_copy_of_the_training_data_fails_on_privacy(sets: ComparedSets) -> None:
    """All of it copied is red everywhere."""
    report = verdict(sets, renamed(sets.real))
    assert {name: f.colour for name, f in report.privacy.items() if f.colour != "red"} == {
        "neighbour_ratio": None
    }
    assert report.privacy["dcr_share"].estimate.value > 0.99


@pytest.mark.parametrize("moved", [False, True])
def test_copies_of_the_holdout_are_seen(sets: ComparedSets, moved: bool) -> None:
    """A holdout that the generator has seen is no control, and its people are people."""
    known = renamed(sets.holdout.filter(pl.col("customer") % 5 == 0))
    if moved:
        known = known.with_columns(pl.col("time") + timedelta(days=7))
    name = "moved_copies" if moved else "copies"
    with_copies = replace(sets, synthetic=pl.concat([sets.synthetic, known]))
    copied = judged({name: copies(with_copies, moved=moved)})[name]
    assert copied.colour == "red"
    assert copied.title.endswith("of holdout ones")
    assert "no other figure of what leaks can be relied on" in copied.meaning


def test_a_few_copies_among_many_are_seen(sets: ComparedSets) -> None:
    """One customer in ten copied is enough."""
    mixed = pl.concat([sets.synthetic, renamed(sets.real.filter(pl.col("customer") % 10 == 0))])
    assert judged(privacy_figures(replace(sets, synthetic=mixed), 0))["copies"].colour == "red"


@pytest.mark.parametrize("kind", ["amounts by 1 %", "dates by a week"])
def test_disturbed_copies_among_many_are_seen(sets: ComparedSets, kind: str) -> None:
    """Of ten customers one is a copy that was disturbed: no exact copy, and found."""
    some = renamed(sets.real.filter(pl.col("customer") % 10 == 0))
    noise = np.random.default_rng(0).uniform(0.99, 1.01, len(some))
    copies = {
        "amounts by 1 %": some.with_columns((pl.col("amount") * noise).round(2)),
        "dates by a week": some.with_columns(pl.col("time") + timedelta(days=7)),
    }[kind]
    figures = judged(
        privacy_figures(replace(sets, synthetic=pl.concat([sets.synthetic, copies])), seed=0)
    )
    assert figures["near_copies"].colour == "red"
    assert figures["near_copies"].estimate.low > 0
    assert figures["copies"].colour == "green"
    assert figures["copies"].reason is None  # there are none: nothing is to be explained


def test_near_copies_of_all_training_customers_are_seen(sets: ComparedSets) -> None:
    """However small the holdout: each training customer counts, not as many as it has."""
    few = replace(sets, holdout=sets.holdout.filter(pl.col("customer") < 1_030))
    some = renamed(sets.real.filter(pl.col("customer") % 5 == 0))
    moved = some.with_columns(pl.col("amount") * 1.01)
    figure = judged(privacy_figures(replace(few, synthetic=pl.concat([sets.synthetic, moved])), 0))
    assert figure["near_copies"].colour in {"amber", "red"}
    assert "of 150 training persons" in figure["near_copies"].meaning


def test_short_histories_cannot_be_told_to_be_copies(sets: ComparedSets) -> None:
    """Where nobody has three events the figure says so, and has no colour."""
    short = [
        f.group_by("customer", maintain_order=True).head(2)
        for f in (sets.real, sets.synthetic, sets.holdout)
    ]
    figures = judged(
        privacy_figures(ComparedSets(short[0], short[1], short[2], "customer", "time"), 0)
    )
    assert {f.colour for f in figures.values()} <= {"green", None}
    assert "nothing is said" in figures["copies"].meaning


def test_copies_moved_by_a_week_are_seen(sets: ComparedSets) -> None:
    """A shifted history is no exact copy, and is found."""
    moved = renamed(sets.real).with_columns(pl.col("time") + timedelta(days=7))
    figures = judged(privacy_figures(replace(sets, synthetic=moved), 0))
    assert figures["copies"].colour == "green"
    assert figures["moved_copies"].colour == "red"


def test_independent_columns_fail_on_utility(sets: ComparedSets) -> None:
    """Shuffled columns keep their values and lose what could be learned of them together.

    The detector of these tests learns nothing from real histories that shuffled ones do not teach
    too, in the order of the strangest events: that figure says so and is no reason for a colour.
    """
    report = verdict(sets, renamed(sets.shuffled(7)))
    assert report.utility["detector_ap_ratio"].colour is None
    assert report.utility["detector_ap_ratio"].meaning.endswith(TEACHES_NOTHING)
    assert report.utility["told_apart"].colour == report.verdict == "red"
    assert report.utility["similarity_gap"].colour == "red"
    same = report.utility["similarity_item"]
    assert same.estimate.value == same.ceiling


def test_doubled_gaps_and_cut_histories_are_seen(sets: ComparedSets) -> None:
    """Each by the figure that is meant for it."""
    first = pl.col("time").min().over("customer")
    slow = sets.synthetic.with_columns(first + 2 * (pl.col("time") - first))
    assert (
        judged(fidelity_figures(replace(sets, synthetic=slow), 0))["similarity_gap"].colour == "red"
    )
    cut = sets.synthetic.filter(pl.int_range(pl.len()).over("customer") < 5)
    figures = judged(fidelity_figures(replace(sets, synthetic=cut), 0))
    assert figures["similarity_history_length"].colour == "red"


def test_a_column_that_names_rows_is_not_judged(sets: ComparedSets) -> None:
    """No order number of one real set is in another, so that none could be similar."""
    frames = (sets.real, sets.synthetic, sets.holdout)
    real, synthetic, holdout = (
        frame.with_columns(order=pl.format(f"{place} {{}}", pl.int_range(pl.len())))
        for place, frame in enumerate(frames)
    )
    numbered = ComparedSets(real, synthetic, holdout, "customer", "time")
    figures = judged(fidelity_figures(numbered, 0))
    assert figures["similarity_order"].colour is None
    assert figures["similarity_item"].colour == "green"
    assert [note.split(":")[0] for note in naming_rows(figures)] == ["similarity of order"]


def test_labels_take_the_place_of_injection(sets: ComparedSets) -> None:
    """With a label column, what is to be found is what it says."""
    marked = [
        f.sort("customer", "time").with_columns(
            fraud=pl.col("amount") > 3 * pl.col("amount").shift(1).over("customer").fill_null(1e9)
        )
        for f in (sets.real, sets.synthetic, sets.holdout)
    ]
    marked = [
        f.with_columns(fraud=pl.col("fraud") | (pl.int_range(pl.len()) % 50 == 0)) for f in marked
    ]
    real, synthetic, holdout = marked
    sets = ComparedSets(real, synthetic, holdout, "customer", "time")
    report = verdict(sets, synthetic, label="fraud")
    assert report.detector.by_kind == {}
    assert report.to_dict()["detector"]["finds"] == "fraud"


def test_groups_are_in_the_report(sets: ComparedSets) -> None:
    """A column that stays the same makes groups, which JSON and page list."""
    country = pl.when(pl.col("customer") % 4 == 0).then(pl.lit("Beland")).otherwise(pl.lit("Aland"))
    real, synthetic, holdout = (
        f.with_columns(country=country) for f in (sets.real, sets.synthetic, sets.holdout)
    )
    report = verdict(replace(sets, real=real, holdout=holdout), synthetic)
    assert report.utility["group_share"].colour == "green"
    assert {g["value"]: g["synthetic"] for g in report.to_dict()["groups"]} == {
        "Aland": 112, "Beland": 38,
    }  # fmt: skip
    assert "Beland" in report.html()


def test_the_figures_are_json(sets: ComparedSets) -> None:
    """Every figure is a number or null, with baseline, ceiling and interval."""
    found = verdict(sets, sets.synthetic).to_dict()
    again = json.loads(json.dumps(found, allow_nan=False))
    assert again["utility"]["detector_auc"]["estimate"].keys() == {"value", "low", "high"}
    assert again["sets"]["real"]["entities"] == 150


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: (s.real, s.synthetic.head(0), s.holdout), "synthetic set is empty"),
        (lambda s: (s.real, s.synthetic.drop("item"), s.holdout), "differ in columns: item"),
        (lambda s: (s.real, s.synthetic, s.real), "150 entities are in real and in holdout"),
        (lambda s: (s.real, s.synthetic.drop("time"), s.holdout), "no column 'time'"),
        (
            lambda s: (s.real, s.synthetic.with_columns(amount=pl.lit("x")), s.holdout),
            "String in the synthetic set, and does not fit: cast it",
        ),
        (
            lambda s: (
                *(f.with_columns(time=pl.lit(1)) for f in (s.real, s.synthetic, s.holdout)),
            ),
            "must be Date or Datetime",
        ),
    ],
)
def test_sets_that_do_not_fit_are_refused(sets: ComparedSets, change: object, words: str) -> None:
    """One line that names the set and the way out."""
    real, synthetic, holdout = change(sets)  # type: ignore[operator]
    with pytest.raises(DataError, match=words):
        check_sets(
            real, synthetic, holdout, entity="customer", time="time", detector=habit_detector
        )


def test_shadows_without_a_model_are_refused(sets: ComparedSets) -> None:
    """There is nothing that could be unlike them."""
    frames = (sets.real, sets.synthetic, sets.holdout)
    shadows = [lambda frame: lambda _asked: frame] * 4
    with pytest.raises(UsageError, match="give the one that was fitted"):
        check_sets(
            *frames, entity="customer", time="time", detector=habit_detector, shadows=shadows
        )


def test_canaries_without_a_model_are_refused(sets: ComparedSets) -> None:
    """There is nothing that could remember them."""
    with pytest.raises(UsageError, match="give the one that was fitted on them"):
        check_sets(
            sets.real,
            sets.synthetic,
            sets.holdout,
            entity="customer",
            time="time",
            detector=habit_detector,
            canaries=(sets.real, sets.holdout),
        )
