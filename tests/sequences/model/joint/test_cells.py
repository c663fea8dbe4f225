"""Cells add up over sites, and what is told of their sum is of k entities."""

import json
from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from anonymizer.arrays import IntArray
from anonymizer.sequences.histories.roles import split
from anonymizer.sequences.model.joint.agreement import LONGER, Agreement
from anonymizer.sequences.model.joint.cells import EXACT, MOST, cells_of, runs, values_in
from anonymizer.sequences.model.joint.turns import NOBODY
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.tokens.bins import STAND_FOR, Grid
from anonymizer.sequences.tokens.profile import Span
from anonymizer.sequences.tokens.times import DAY, Timeline
from anonymizer.sequences.training.fit import HELD_OUT
from tests.sequences.conftest import make_shop
from tests.sequences.model.joint.sites import K, shops, told

LINE = Timeline.even((0, 399), DAY, 0, pl.Date())


def spans(visits: IntArray) -> Span:
    """Histories of so many visits, that last from the first day to the last."""
    first = np.zeros_like(visits)
    return Span(visits, visits, first, first + 399)


def alone(counts: IntArray) -> tuple[Grid, np.ndarray]:
    """Every cell is a run of its own."""
    none = np.empty(0, np.int64)
    atoms = np.flatnonzero(counts)
    return Grid(atoms, none, none, none, np.empty(0)), np.array([0.0, *counts[atoms]])


def test_cells_stand_for_the_numbers_in_them() -> None:
    """Those that are small are as they were, others to a 256th; what is in one cell is spread."""
    rng = np.random.default_rng(3)
    visits = np.sort(np.concatenate([np.arange(1, EXACT), rng.integers(EXACT, MOST, 500), [MOST]]))
    cells = cells_of(spans(visits), LINE)
    found = values_in([alone(each) for each in cells], LINE)
    assert (found["visits"][: EXACT - 1] == visits[: EXACT - 1]).all()
    assert np.abs(found["visits"] / visits - 1).max() < 1 / 256
    assert set(found["far"]) == {399}
    assert not len(found["near"])
    one = np.zeros_like(cells[3])
    one[EXACT + 700] = 4
    spread = values_in([alone(each) for each in (*cells[:3], one, cells[4])], LINE)["visits"]
    assert len(set(np.diff(spread))) == 1


def test_there_are_as_many_cells_whatever_histories_there_are() -> None:
    """Or they would not add up; what is beyond the last is in the last."""
    none, some = np.empty(0, np.int64), np.array([1, 9])
    sizes = [[len(own) for own in cells_of(spans(each), LINE)] for each in (none, some)]
    assert sizes[0] == sizes[1]
    assert cells_of(spans(np.array([2**60])), LINE)[3][-1] == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_run_is_of_k_entities(seed: int) -> None:
    """Or of more; and all entities are in one."""
    rng = np.random.default_rng(seed)
    few = rng.integers(0, 3, 300) * (rng.random(300) < rng.random())
    counts = few + 9 * (rng.random(300) < 0.05)
    grid, held = runs(counts, K)
    cells = np.repeat(np.arange(300), counts)
    assert (held[np.unique(grid.encode(cells))] >= K).all()
    assert held.sum() == len(cells)
    # One entity in another cell moves few edges.
    inner = np.flatnonzero(counts == 1)
    moved = counts.copy()
    moved[inner[0]], moved[inner[0] + 1] = 0, moved[inner[0] + 1] + 1
    other, _ = runs(moved, K)
    assert len(np.setxor1d(grid.edges, other.edges)) <= 8


def test_what_fewer_are_in_is_not_told() -> None:
    """They count where they are nearest."""
    counts = np.zeros(100, np.int64)
    counts[[10, 90]] = 50, K - 1
    grid, held = runs(counts, K)
    assert (grid.atoms.tolist(), grid.edges.tolist(), held.tolist()) == ([10], [], [0, 54])
    nothing, none = runs(np.array([0, K - 1, 0]), K)
    assert (nothing.edges.tolist(), none.sum()) == ([0, 1], 0)


def test_of_very_many_the_tails_are_kept() -> None:
    """Where cells of one entity would be halved away."""
    counts = np.ones(4_000, np.int64)
    counts[0] = 2 * STAND_FOR
    grid, held = runs(counts, K)
    assert grid.edges[-1] > 3_900
    assert held[1:].sum() > STAND_FOR / 2
    assert (held[held > 0] >= K).all()


def test_sums_that_no_sites_have_take_no_memory() -> None:
    """As where one lies."""
    grid, held = runs(np.full(10, 2**32 - 1), K)
    assert len(grid.atoms) == 10
    assert held.sum() <= STAND_FOR


def with_short_histories(sizes: Mapping[str, int]) -> dict[str, pl.DataFrame]:
    """Of so many customers at each site, of those learned from, the first three visits alone."""
    found = {}
    for name, frame in shops(40, 40, 40).items():
        inside, _ = split(40, HELD_OUT, 0)
        more = frame.with_columns(frame.select(pl.col("time").dt.offset_by("400d")))
        both = pl.concat([frame, more]).sort("customer", "time", maintain_order=True)
        short = pl.col("customer").is_in(inside[: sizes[name]].tolist())
        early = pl.col("customer").cum_count().over("customer") <= 3
        found[name] = both.filter(~short | early)
    return found


def test_what_k_of_all_sites_do_is_known_of_spans() -> None:
    """Two or three customers at each site came three times at most, too few at each."""
    few = told(with_short_histories({"east": 2, "north": 3, "south": 2}))
    none = told(with_short_histories({"east": 0, "north": 0, "south": 0}))
    assert few.profile.visits.low[1] <= 3 < none.profile.visits.low[1]
    head = len(few.codec.head_sizes) + few.profile.counted[2]
    often = np.exp([*few.priors.of(Frequencies).heads, *few.priors.of(Frequencies).profile][head])
    tokens = few.profile.visits.encode(np.array([1, 2, 3]))
    assert 0.03 < often[np.unique(tokens)].sum() < 0.12  # 7 of about 102


def test_where_nothing_was_counted_days_are_told_evenly() -> None:
    """As where a site dropped out meanwhile."""
    agreed = told(shops(30, 30, 30), 5)
    agreed = Agreement([*agreed.board, {NOBODY: {"runs": []}}])
    widths = np.diff(agreed.profile.first.edges)
    assert widths.max() - widths.min() <= 1
    assert agreed.profile.visits.edges[-1] == LONGER * int(agreed.lengths[0]) + 1
    frame = make_shop(30, 0)
    histories, _ = agreed.derivation.read(frame)
    assert agreed.codec.encode(histories).profile.min() >= 0
    assert json.loads(json.dumps(agreed.profile.to_dict())) == agreed.profile.to_dict()
