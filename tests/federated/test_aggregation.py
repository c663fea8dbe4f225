"""Updates that the server sees, and sites among them that send garbage."""

import numpy as np
import pytest

from anonymizer.federated.aggregation import absurd, centre, leaps
from anonymizer.federated.secure_sum import Layout, Mean

BEFORE = {"events": np.ones(4, np.float32)}
LAYOUT = Layout((("events", 4),), ("events",))


def update(change: float) -> Mean:
    """Of one site."""
    return Mean({"events": BEFORE["events"] + np.float32(change)}, {"events": (2.0, 1.0)}, 0.2)


def test_the_median_and_the_trimmed_mean_bear_garbage() -> None:
    """One of five sites moves neither beyond what the others send."""
    updates = dict(zip("abcde", map(update, (0.1, 0.2, 0.3, 0.4, 1e9)), strict=True))
    assert centre(updates, LAYOUT, "median").weights["events"] == pytest.approx([1.3] * 4)
    assert centre(updates, LAYOUT, "trimmed").weights["events"] == pytest.approx([1.3] * 4)
    found = centre(updates, LAYOUT, "median")
    assert found.losses == {"events": (10.0, 5.0)}
    assert found.weights["events"].dtype == np.float32


def test_three_sites_are_trimmed_to_the_middle() -> None:
    """Flower trims nothing of three."""
    updates = dict(zip("abc", map(update, (0.1, 0.2, -1e9)), strict=True))
    assert centre(updates, LAYOUT, "trimmed").weights["events"] == pytest.approx([1.1] * 4)


def test_garbage_is_left_out_by_site() -> None:
    """What is no number, and what is far larger than the others' changes."""
    updates = dict(zip("abcdef", map(update, (0.1, 0.2, 0.3, 5.0, np.nan, 0)), strict=True))
    assert absurd(updates, BEFORE) == {"d": "oversized", "e": "not finite"}
    spoiled = Mean(update(0.1).weights, {"events": (np.inf, 1.0)}, 0.2)
    assert absurd({"a": spoiled, "b": update(0.1)}, BEFORE) == {"a": "not finite"}
    assert absurd({"a": update(0.0)}, BEFORE) == {}


@pytest.mark.parametrize(("rms", "leapt"), [(0.5, []), (9.0, []), (20.0, ["events"])])
def test_a_sum_leaps_where_no_training_leads(rms: float, leapt: list[str]) -> None:
    """Also at the beginning, where nothing is known."""
    after = {"events": np.full(4, rms, np.float32)}
    assert leaps({}, after) == leapt
    assert leaps({"events": np.zeros(4, np.float32)}, after) == leapt
    assert leaps(BEFORE, {"events": np.full(4, np.nan, np.float32)}) == ["events"]


def test_one_loss_out_of_reach_does_not_judge() -> None:
    """Where the server sees each site, the middle of their losses tells which round was best."""
    weights = {"events": np.zeros(2, np.float32)}
    losses = [(10.0, 10.0), (12.0, 10.0), (1e9, 10.0), (0.0, 0.0)]
    updates = {f"site {n}": Mean(weights, {"events": loss}, 0.25) for n, loss in enumerate(losses)}
    layout = Layout((("events", 2),), ("events",))
    assert centre(updates, layout, "median").losses["events"] == pytest.approx((36.0, 30.0))
