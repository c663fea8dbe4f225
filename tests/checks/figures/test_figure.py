"""Colours, and why they are what they are."""

from dataclasses import replace

import numpy as np
import pytest

from anonymizer.checks.figures.figure import NOT_JUDGED, Figure, Limits, covers_all, exact
from anonymizer.checks.figures.statistics import Detection, Estimate
from anonymizer.checks.figures.thresholds import judged, load_thresholds
from anonymizer.checks.privacy.copies import MAY_GO_UNSEEN
from anonymizer.checks.utility.detector import (
    TEACHES_NOTHING,
    DetectorResult,
    detector_figures,
)

MORE, LESS = Limits(0.9, 0.75), Limits(0.53, 0.56)


def figure(value: float, judged: float | None, limits: Limits | None = MORE) -> Figure:
    """One that is judged by something else."""
    return Figure("It", exact(value), None, None, "That.", judged, "its like", limits=limits)


@pytest.mark.parametrize(
    ("value", "judged", "limits", "reason"),
    [
        (0.95, None, MORE, None),
        (0.95, 0.92, MORE, None),
        (0.95, 0.80, MORE, "Judged is 0.800: its like."),
        (0.60, 0.92, MORE, "Judged is 0.920: its like."),
        (0.95, np.nan, MORE, "It counts as nothing, as its like."),
        (np.nan, np.nan, MORE, "It counts as nothing, as its like."),
        (0.60, 0.51, LESS, "Judged is 0.510: its like."),
        (0.95, 0.10, None, None),
        (np.nan, np.inf, MORE, None),
    ],
)
def test_a_colour_that_the_value_does_not_give_has_a_reason(
    value: float, judged: float | None, limits: Limits | None, reason: str | None
) -> None:
    """In words, in what is said and in the JSON; none where the value speaks for itself."""
    found = figure(value, judged, limits)
    assert found.reason == found.to_dict()["reason"] == reason
    assert found.said == ("That." if reason is None else f"That. {reason}")


def detection(value: float, sure: float = 0.05) -> Detection:
    """Of a detector that finds so much, within a distance."""
    return Detection(Estimate(value, value - sure, value + sure), exact(value))


def test_what_shuffled_columns_reach_as_well_is_red_and_says_so() -> None:
    """However little real histories teach beyond shuffled ones, if only they do for sure."""
    real, synthetic, shuffled = (detection(value, 0.005) for value in (0.9, 0.87, 0.88))
    result = DetectorResult(real, synthetic, shuffled, 0.1, {})
    found = judged(detector_figures(result))["detector_auc_ratio"]
    assert (round(found.estimate.value, 3), found.colour) == (0.925, "red")
    assert found.reason == "It counts as nothing, as shuffled columns do as well (0.950)."


@pytest.mark.parametrize(
    ("real", "synthetic", "shuffled"), [(0.8, 0.8, 0.82), (0.8, 0.6, 0.74), (0.5, 0.8, 0.4)]
)
def test_what_does_not_tell_real_from_shuffled_is_not_judged(
    real: float, synthetic: float, shuffled: float
) -> None:
    """Neither as good nor as bad: no set of histories could teach it more."""
    taught = detection(real), detection(synthetic), detection(shuffled)
    result = DetectorResult(*taught, 0.1, {})
    found = judged(detector_figures(result))["detector_auc_ratio"]
    assert found.colour is None
    assert found.meaning.endswith(TEACHES_NOTHING)


def test_a_ratio_that_may_be_anything_is_not_judged() -> None:
    """Where chance in both trainings leaves nothing and all possible."""
    taught, wide = detection(0.6), Detection(Estimate(0.6, 0.45, 0.75), Estimate(0.6, 0.3, 0.9))
    result = DetectorResult(taught, wide, detection(0.5), 0.1, {})
    found = judged(detector_figures(result))["detector_auc_ratio"]
    assert found.colour is None
    assert NOT_JUDGED in found.meaning


def test_hardly_anything_known_is_no_green() -> None:
    """An interval of half of all shares; what is found in spite of it stays."""

    def leak(estimate: Estimate, sure: float) -> Figure:
        return Figure("It", estimate, 0.5, None, "That.", sure, open_length=0.5)

    figures = {
        "dcr_share": leak(Estimate(0.5, 0.2, 0.8), 0.2),
        "membership_auc": leak(Estimate(0.9, 0.45, 1.0), 0.7),
        "canaries": leak(Estimate(0.5, 0.45, 0.55), 0.45),
    }
    found = judged(figures)
    assert {name: f.colour for name, f in found.items()} == {
        "dcr_share": None, "membership_auc": "red", "canaries": "green",
    }  # fmt: skip
    assert {name for name, f in found.items() if "Not judged" in f.meaning} == {"dcr_share"}
    strict = load_thresholds({"dcr_share": {"green": 0.1, "amber": 0.15}})
    assert judged(figures, strict)["dcr_share"].colour is None  # whatever limits are given
    unseen = replace(leak(Estimate(0.0, 0.0, 0.24), np.inf), open_length=MAY_GO_UNSEEN)
    assert judged({"copies": unseen})["copies"].colour is None  # of twelve histories
    assert covers_all(Estimate(0.5, -0.1, 1.2))
    assert not covers_all(Estimate(0.5, 0.1, 1.2))
