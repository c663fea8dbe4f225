"""The server sees random numbers, and their sum is right."""

from typing import Any

import numpy as np
import pytest

from anonymizer.federated.protocol import NotFinite, Update
from anonymizer.federated.secure_sum import (
    Layout,
    Vectors,
    masked,
    mean,
    new_secret,
    vectors,
)

SITES = ("a", "b", "c", "d")
RNG = np.random.default_rng(3)


def uniform(words: Any) -> bool:
    """Whether bytes are uniform: chi-square of 255 degrees within five standard deviations."""
    counts = np.bincount(np.frombuffer(words.tobytes(), np.uint8), minlength=256)
    expected = counts.sum() / 256
    return bool(np.square(counts - expected).sum() / expected < 255 + 5 * 510**0.5)


def update(width: int = 30000, scale: float = 3.0) -> Update:
    """Some weights and losses."""
    weights = {
        "profiles": RNG.normal(0, scale, width).astype(np.float32),
        "events": RNG.normal(0, scale, 17).astype(np.float32),
    }
    return Update(weights, {"events": (123456.789, 4321.0), "profiles": (0.0, 0.0)})


def all_masked(
    updates: dict[str, Update], shares: dict[str, float], turn: list[Any]
) -> dict[str, Vectors]:
    """What each site shows."""
    keys = {site: new_secret() for site in updates}
    publics = {site: public for site, (_, public) in keys.items()}
    return {
        site: masked(
            vectors(updates[site], shares[site], len(updates)), site, keys[site][0], publics, turn
        )
        for site in updates
    }


def test_the_mean_is_that_of_the_entities() -> None:
    """To the precision that is stated, with losses and shares as exact as they are."""
    updates = {site: update() for site in SITES}
    shares = dict(zip(SITES, (0.7, 0.2, 0.09, 0.01), strict=True))
    first, *rest = all_masked(updates, shares, [1]).values()
    found = mean(sum(rest, start=first), Layout.of(updates["a"]))
    for name in ("events", "profiles"):
        exact = sum(shares[site] * updates[site].weights[name].astype(float) for site in SITES)
        rounding = len(SITES) * 2**-23 + 2**-24 * np.abs(exact)
        assert (np.abs(found.weights[name] - exact) <= 1.01 * rounding).all()
        assert found.weights[name].dtype.name == "float32"
    assert list(found.losses["profiles"]) == [0, 0]
    assert found.losses["events"] == pytest.approx((4 * 123456.789, 4 * 4321), abs=1e-8)
    assert found.share == pytest.approx(1, abs=1e-8)


def test_the_mean_of_a_part_is_over_its_shares() -> None:
    """Sites that have left do not pull weights to zero."""
    updates = {site: update() for site in "abc"}
    shares = {"a": 0.3, "b": 0.1, "c": 0.1}
    first, *rest = all_masked(updates, shares, [1]).values()
    found = mean(sum(rest, start=first), Layout.of(updates["a"]))
    exact = sum(shares[s] * updates[s].weights["events"].astype(float) for s in "abc") / 0.5
    assert found.weights["events"] == pytest.approx(exact, abs=3 * 2**-22)


def test_a_masked_vector_is_random() -> None:
    """Its bytes are uniform, nothing of the true vector is in it, and it differs in each turn."""
    updates = {site: update() for site in SITES}
    shares = dict.fromkeys(SITES, 0.25)
    one, two = (all_masked(updates, shares, [1, turn])["a"] for turn in (1, 2))
    own = vectors(updates["a"], 0.25, 4)
    assert uniform(one.weights)
    for seen, other in ((one, own), (two, own), (one, two)):
        r = np.corrcoef(seen.weights.astype(float), other.weights.view(np.int32).astype(float))
        assert abs(r[0, 1]) < 0.03  # five standard errors
        assert not set(seen.totals.tolist()) & set(other.totals.tolist())
    # Beside a site whose numbers are all nought, too.
    nothing = Update({"events": np.zeros(40000, np.float32)}, {})
    dark = all_masked(dict.fromkeys("abc", nothing), dict.fromkeys("abc", 0.3), [1])["b"].weights
    assert uniform(dark)


def test_a_part_of_the_sites_sums_to_noise() -> None:
    """While one mask is left, the sum is random, too."""
    nothing = Update({"events": np.zeros(40000, np.float32)}, {})
    shown = all_masked(dict.fromkeys(SITES, nothing), dict.fromkeys(SITES, 0.25), [1])
    part = shown["a"] + shown["b"] + shown["c"]
    assert uniform(part.weights)


def test_masks_of_other_turns_do_not_cancel() -> None:
    """So that a server gains nothing by asking two sites for different turns."""
    nothing = Update({"events": np.zeros(1000, np.float32)}, {})
    keys = {site: new_secret() for site in "ab"}
    publics = {site: public for site, (_, public) in keys.items()}
    own = vectors(nothing, 0.5, 2)
    a, b = (
        masked(own, site, keys[site][0], publics, [turn]) for site, turn in (("a", 1), ("b", 2))
    )
    assert np.count_nonzero((a + b).weights) > 990


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 500.0, -1e9])
def test_what_no_sum_can_carry_stays_at_the_site(bad: float) -> None:
    """As a weight and, where it is not finite, as a loss."""
    spoiled = update(20)
    spoiled.weights["events"][3] = bad
    with pytest.raises(NotFinite):
        vectors(spoiled, 0.5, 3)
    if not np.isfinite(bad):
        with pytest.raises(NotFinite):
            vectors(Update(update(5).weights, {"events": (bad, 1.0)}), 0.5, 3)


def test_the_largest_numbers_still_sum() -> None:
    """Just below their limits, at many sites."""
    sites = [f"s{n:02}" for n in range(20)]
    most = Update(
        {"events": np.array([499.9, -499.9], np.float32)}, {"events": (2**33 / 20 - 1, -1.0)}
    )
    first, *rest = all_masked(dict.fromkeys(sites, most), dict.fromkeys(sites, 0.05), [1]).values()
    found = mean(sum(rest, start=first), Layout.of(most))
    assert found.weights["events"] == pytest.approx([499.9, -499.9], abs=1e-4)
    assert found.losses["events"] == pytest.approx((2**33 - 20, -20))


def test_shares_that_are_none_are_noticed() -> None:
    """As those of a sum in which masks are left."""
    one = vectors(update(5), 0.9, 3)
    with pytest.raises(NotFinite, match="shares"):
        mean(one + one, Layout.of(update(5)))


def test_a_layout_is_in_the_order_of_names() -> None:
    """However the dictionaries of a site are ordered, and it comes back from its text."""
    one, two = update(4), update(4)
    two = Update(dict(reversed(two.weights.items())), dict(reversed(two.losses.items())))
    assert Layout.of(one) == Layout.of(two) == Layout.read(Layout.of(one).written())
    assert Layout.of(one).lengths == (("events", 17), ("profiles", 4))
