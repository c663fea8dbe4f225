"""What synthetic histories kept of small groups of entities: how many there are, and what they do.

Columns that never change within an entity (country, segment, sex) make the groups. Of many groups
one is always far off by chance, so every figure allows for as much chance as there are groups.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, IntArray, SmallFloatArray
from anonymizer.checks.figures.figure import Figure, exact
from anonymizer.checks.figures.statistics import Estimate, normal_point, relative_rate
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.frequencies import by_frequency
from anonymizer.checks.utility.accuracy import BINS_PER_COLUMN, binned, everyone

MAX_VALUES_OF_COLUMN = 100  # different ones; a column of more makes no groups
MAX_SHARE_CHANGING = 0.01  # of the entities with several events may have more than one value
MIN_HOLDERS_OF_NAMED = 10  # real entities of a value that is named; all others are one group
MIN_ENTITIES_OF_GROUP = 20  # in either set, of a group whose columns are looked at
MAX_ENTITIES_COMPARED = 20_000  # of each set within a group, which bounds the permutations' time
PERMUTATIONS = 200  # from which the mean and the spread of chance are learned
FALSE_ALARM_CHANCE = 0.05  # that any group of honest data lies outside what is allowed
ALL_OTHERS, NO_VALUE = "all others", "no value"


@dataclass(frozen=True)
class Likeness:
    """How alike a column is within a group: one minus the total variation distance, in [0, 1].

    Attributes:
        column: which, or `history length`.
        value: likeness of the real and the synthetic entities, each counting alike.
        expected: what chance makes of it on average, were both of one source.
        least: what chance makes of it at worst.
    """

    column: str
    value: float
    expected: float
    least: float

    @property
    def kept(self) -> float:
        """The likeness over the least that chance explains; one or more is as good as real."""
        return self.value / max(self.least, 1e-9)


@dataclass(frozen=True)
class Group:
    """The entities that have one value in a column that never changes within an entity.

    Attributes:
        column: whose value it is.
        value: which, or `all others`: values that fewer than ten real entities hold.
        real: how many entities of training and holdout have it.
        synthetic: how many synthetic entities have it.
        kept: its share among the synthetic entities over that among the real ones; the interval
            allows for the number of groups.
        worst: the column that is least alike within the group; None in small groups.
    """

    column: str
    value: str
    real: int
    synthetic: int
    kept: Estimate
    worst: Likeness | None = None

    @property
    def share_kept(self) -> float:
        """What the interval leaves possible of the share, in [0, 1]; too large is as bad."""
        return self.kept.high if self.kept.high < 1 else 1 / max(self.kept.low, 1)

    def to_dict(self) -> dict[str, Any]:
        """The group as `docs/check.schema.json` describes it."""
        return {**asdict(self), "kept": self.kept._asdict()}


def constant_columns(sets: ComparedSets) -> list[str]:
    """Names of columns of few values that hardly any real entity ever changes."""
    several = everyone(sets).filter(pl.len().over(sets.entity) > 1)
    if several.is_empty() or not sets.fields:
        return []
    values = several.group_by(sets.entity).agg(pl.col(sets.fields).n_unique() > 1)
    changing = values.select(pl.col(sets.fields).mean()).row(0, named=True)
    found = [name for name in sets.fields if changing[name] <= MAX_SHARE_CHANGING]
    return [name for name in found if 1 < several[name].n_unique() <= MAX_VALUES_OF_COLUMN]


def find_groups(sets: ComparedSets, synthetic: pl.DataFrame, seed: int) -> list[Group]:
    """All groups of all columns that make groups, the least kept first.

    Args:
        sets: training and holdout together tell which groups there are.
        synthetic: events of the entities that are compared with them.
        seed: of samples and permutations.
    """
    columns = constant_columns(sets)
    if not columns:
        return []
    frames = [sets.sorted(frame) for frame in (everyone(sets), synthetic)]
    tables = [members(sets, frame, columns) for frame in frames]
    named = {column: frequent(tables[0][column]) for column in columns}
    groups = [(column, value) for column in columns for value in (*named[column], ALL_OTHERS)]
    habits = _habits(sets, frames)
    found = []
    for column, value in groups:
        inside = [_inside(each[column], value, named[column]) for each in tables]
        real, other = (int(mask.sum()) for mask in inside)
        if not real + other or (value == ALL_OTHERS and real < MIN_HOLDERS_OF_NAMED):
            continue  # a few rare people are no group
        kept = relative_rate(other, len(tables[1]), real, len(tables[0]), bonferroni_z(len(groups)))
        rest = {name: shares for name, shares in habits.items() if name != column}
        worst = _worst(rest, inside, bonferroni_z(len(groups) * len(rest)), seed)
        found.append(Group(column, value, real, other, kept, worst))
    return sorted(found, key=lambda group: (group.share_kept, _nearness(group.kept.value)))


def members(sets: ComparedSets, events: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """A row per entity, in order: what its first event says, as text.

    Args:
        sets: whose entities they are.
        events: sorted by entity and time.
        columns: those that make groups.
    """
    first = events.group_by(sets.entity, maintain_order=True).first()
    return first.select(pl.col(columns).cast(pl.String).fill_null(NO_VALUE))


def frequent(column: pl.Series) -> list[str]:
    """Values that enough entities hold to be named, the most frequent first."""
    values: list[str] = (
        by_frequency(column).filter(pl.col("n") >= MIN_HOLDERS_OF_NAMED)["v"].to_list()
    )
    return values


def _inside(column: pl.Series, value: str, named: list[str]) -> BoolArray:
    """(E,) whether each entity is in the group of a value."""
    found = ~column.is_in(named) if value == ALL_OTHERS else column == value
    return found.to_numpy()


def bonferroni_z(tests: int) -> float:
    """Standard errors to allow for on either side, so that so many tests hold together.

    Bonferroni's correction of `FALSE_ALARM_CHANCE`.
    """
    return normal_point(FALSE_ALARM_CHANCE / 2 / tests)


def _nearness(ratio: float) -> float:
    """How near a ratio is to one, in [0, 1]."""
    return min(ratio, 1 / ratio) if ratio > 0 else 0.0


# What they do.


def _habits(sets: ComparedSets, frames: list[pl.DataFrame]) -> dict[str, list[SmallFloatArray]]:
    """Per column and frame, (E, C) how often each entity has each bin, as shares."""
    owners = [events[sets.entity].rle_id().to_numpy().astype(np.int64) for events in frames]
    lengths = [np.bincount(owner) for owner in owners]
    found = {}
    for name in (sets.time, *sets.fields):
        codes = binned([events[name] for events in frames], BINS_PER_COLUMN)
        found[name] = [_shares(*each) for each in zip(codes, owners, lengths, strict=True)]
    codes = binned([pl.Series(length) for length in lengths], BINS_PER_COLUMN)
    found["history length"] = [
        _shares(code, np.arange(len(code)), np.ones_like(code)) for code in codes
    ]
    return found


def _shares(codes: IntArray, owner: IntArray, lengths: IntArray) -> SmallFloatArray:
    """(E, C) the share of each bin in the events of each entity."""
    size = BINS_PER_COLUMN + 3
    counts = np.bincount(owner * size + codes, minlength=size * len(lengths))
    return (counts.reshape(-1, size) / lengths[:, None]).astype(np.float32)


def _worst(
    habits: dict[str, list[SmallFloatArray]], inside: list[BoolArray], z: float, seed: int
) -> Likeness | None:
    """The column that is least alike between two groups of entities; None if one is too small.

    What chance allows is seen by letting entities change sides (a permutation test).

    Args:
        habits: per column the shares of bins, (E, C) for real and for synthetic entities.
        inside: (E,) for both, who is in the group.
        z: standard errors that chance is granted.
        seed: of samples and permutations.
    """
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(np.flatnonzero(mask))[:MAX_ENTITIES_COMPARED] for mask in inside]
    if min(map(len, rows)) < MIN_ENTITIES_OF_GROUP:
        return None
    sides = np.repeat([False, True], [len(chosen) for chosen in rows])
    assigned = np.array([sides, *(rng.permutation(sides) for _ in range(PERMUTATIONS))])
    sizes = sides.sum(), (~sides).sum()
    weights = np.where(assigned, 1 / sizes[0], -1 / sizes[1]).astype(np.float32)
    found = []
    for column, tables in habits.items():
        shares = np.vstack([table[chosen] for table, chosen in zip(tables, rows, strict=True)])
        # One minus the total variation distance of the mean shares of both sides.
        value, *chance = (1 - np.abs(weights @ shares).sum(axis=1) / 2).tolist()
        expected = float(np.mean(chance))
        found.append(Likeness(column, value, expected, expected - z * float(np.std(chance))))
    return min(found, key=lambda likeness: likeness.kept)


def group_figures(sets: ComparedSets, groups: list[Group], seed: int) -> dict[str, Figure]:
    """The group whose share was kept worst, and the one whose columns were; none without groups.

    Args:
        sets: the histories.
        groups: what `find_groups` finds in the synthetic set.
        seed: of the baseline.
    """
    if not groups:
        return {}
    shuffled = find_groups(sets, sets.shuffled(seed), seed)
    halves = replace(sets, real=sets.holdout, holdout=sets.holdout.clear())
    real = find_groups(halves, sets.real, seed)
    lost = groups[0]
    figures = {
        "group_share": Figure(
            "Groups: share of the least kept one, over its real share",
            lost.kept,
            shuffled[0].kept.value,
            real[0].kept.value if real else None,
            f"Of {len(groups)} groups, {lost.value} in {lost.column}: {lost.synthetic:,} synthetic "
            f"and {lost.real:,} real entities. The interval allows for the number of groups.",
            lost.share_kept,
            judged_as="what the interval leaves possible; of too large groups the inverse",
        )
    }
    known = [(group.worst.kept, group, group.worst) for group in groups if group.worst]
    if known:
        kept, group, worst = min(known, key=lambda each: each[0])
        floor = [g.worst.value for g in shuffled if g.worst and _same(g, group)]
        figures["group_columns"] = Figure(
            "Groups: likeness of the least alike column in any",
            exact(worst.value),
            floor[0] if floor else None,
            worst.expected,
            f"Of {len(known)} groups of {MIN_ENTITIES_OF_GROUP} or more entities, {group.value} in "
            f"{group.column}, there {worst.column}; chance explains {worst.least:.3f}.",
            kept,
            judged_as="likeness over the least that chance explains",
        )
    return figures


def _same(a: Group, b: Group) -> bool:
    """Whether two groups, found in different sets, are the same one."""
    return (a.column, a.value) == (b.column, b.value)
