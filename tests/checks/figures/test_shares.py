"""What figures of a share of the persons tell of all."""

from dataclasses import replace

import numpy as np
import pytest

from anonymizer.checks.figures.figure import AS_SMALL, Figure, Limits, at_worst, exact
from anonymizer.checks.figures.shares import Share, require_share, told_by
from anonymizer.checks.figures.statistics import Estimate, share
from anonymizer.checks.figures.thresholds import DEFAULTS, Thresholds, judged
from anonymizer.errors import UsageError

TENTH = Share(0.1, 1_000)


def figure(value: float, low: float | None = None, high: float | None = None) -> Figure:
    """Of an attack, before it is judged."""
    found = Estimate(value, value if low is None else low, value if high is None else high)
    return Figure("", found, None, None, "Said.", at_worst(found), judged_as=AS_SMALL)


def told(name: str, found: Figure, some: Share = TENTH) -> Figure:
    """The figure of a name as what a share of the persons tells of all."""
    return some.told(judged({name: found}))[name]


def test_of_all_persons_nothing_changes() -> None:
    """Nor is anything said."""
    whole, found = Share(1, 1_000), judged({"k": figure(2), "unicity": figure(0.3)})
    assert whole.told(found) == found
    assert whole.gaps(found) == whole.notes == []


def test_a_counted_share_gets_the_error_of_drawing_persons() -> None:
    """By Wilson's interval, of whatever was exact among those who were drawn."""
    found = told("texts_left_note", figure(0.2))
    assert found.estimate == pytest.approx(share(200, 1_000))
    assert found.meaning == "Said. Of 10 % of the persons: the interval is of all."


def test_two_errors_add_up_as_independent_ones() -> None:
    """An interval of 3 % beside one of about 2.5 %."""
    found = told("texts_left_note", figure(0.2, 0.17, 0.23)).estimate
    drawn = share(200, 1_000)
    assert found.high - 0.2 == pytest.approx(np.hypot(0.03, drawn.high - 0.2))
    assert 0.2 - found.low == pytest.approx(np.hypot(0.03, 0.2 - drawn.low))


def test_the_interval_holds_as_often_as_it_says() -> None:
    """In 95 % of the draws or more, be the share rare or frequent, the persons few or many."""
    rng = np.random.default_rng(0)
    for count in (40, 400, 4_000):
        for rate in (0.01, 0.1, 0.5, 0.97):
            people = rng.random(10 * count) < rate
            held = 0
            for _ in range(200):
                drawn = people[rng.random(len(people)) < 0.1]
                some = Share(0.1, len(drawn))
                _, low, high = told("texts_left_x", figure(float(drawn.mean())), some).estimate
                held += low <= people.mean() <= high
            assert held >= 0.93 * 200, (count, rate, held)


def test_who_hides_among_fewer_is_found_more_easily() -> None:
    """So that the upper end is a bound, and the lower end is nothing."""
    found = told("unicity", figure(0.03))
    assert (found.estimate.low, found.colour) == (0.0, "green")
    assert found.estimate.high == share(30, 1_000).high
    assert found.meaning.endswith("so that of all it is the upper end at most.")


def test_few_persons_are_judged_by_what_may_be() -> None:
    """None of eight are found; of all it may be a third of them."""
    found = told("linkage", figure(0.0), Share(0.01, 8))
    assert found.colour == "amber"
    assert found.judged == found.estimate.high / 4


def test_what_all_tell_more_of_is_never_green() -> None:
    """And red all the same; the user's limits make no difference."""
    good, bad = (
        told("shift_by_order", replace(figure(value), judged_as="what is beyond chance"))
        for value in (0.01, 0.5)
    )
    assert (good.colour, bad.colour) == ("amber", "red")
    assert (bad.estimate.low, bad.estimate.high) == (share(500, 1_000).low, 1.0)
    assert good.reason is None
    given = judged({"told_apart": figure(0.55)}, Thresholds({"told_apart": Limits(0.6, 0.8)}))
    assert TENTH.told(given)["told_apart"].colour == "amber"


def test_a_share_says_nothing_of_the_rarest_group() -> None:
    """Whatever its size, it has no colour, and the gap is named."""
    found = {
        name: told(name, replace(figure(9.0), judged=9.0)) for name in ("k", "distinct_illness")
    }
    assert {each.colour for each in found.values()} == {None}
    assert {each.estimate for each in found.values()} == {exact(9.0)}
    (gap,) = TENTH.gaps(found)
    assert "k, distinct_illness" in gap


def test_who_is_named_in_rows_of_others_is_rarely_drawn_with_them() -> None:
    """So raw values of a share clear nothing, and no share clears what few have."""
    found = told("raw_values_mail", replace(figure(0.0), judged_as=""))
    assert (found.colour, found.estimate.high) == ("amber", 1.0)
    assert told("raw_values_mail", replace(figure(0.2), judged_as="")).colour == "red"
    assert told("neighbour_ratio", figure(0.9)).colour is None
    (gap,) = TENTH.gaps({"unicity": figure(0.0)})
    assert "what few have" in gap


def test_what_is_no_share_keeps_its_interval() -> None:
    """A ratio may exceed one, a difference is below nothing; an end that is open is opened."""
    assert told("trees_auc_ratio", figure(0.95, 0.8, 1.1)).estimate == (0.95, 0.8, 1.1)
    assert told("linkability", figure(0.02, -0.03, 0.07)).estimate == (0.02, -0.03, 1.0)


def test_nothing_measured_stays_nothing() -> None:
    """NaN has no interval."""
    assert np.isnan(told("unicity", figure(float("nan"))).estimate.value)


def test_every_figure_of_persons_has_a_row() -> None:
    """Those of datasets aside, which are of tables; a name that no figure has is an error."""
    of_tables = {"kinds_judged", "not_looked_at", "children_*", "orphans_*", "columns_of_*"}
    assert [name for name in DEFAULTS if name not in of_tables and told_by(name) is None] == []
    with pytest.raises(LookupError):
        told_by("surprise")


@pytest.mark.parametrize("wrong", [0, -0.1, 1.1, float("nan")])
def test_what_is_no_share_is_refused(wrong: float) -> None:
    """With the range in the message."""
    with pytest.raises(UsageError, match="above 0 and be 1 at most"):
        require_share(wrong)
