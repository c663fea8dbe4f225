"""Singling out, linkability and attribute inference, on entities and their histories.

The three risks of the article-29 working party (opinion 05/2014), attacked as Giomi et al. (2023)
do: the same attack on training entities and on others, who stand for what follows from the
population alone, beside guesses that do without the synthetic data.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.checks.figures.figure import OPEN, Figure
from anonymizer.checks.figures.statistics import (
    DOUBT,
    Z_95,
    Estimate,
    excess_risk,
    normal_point,
    share,
)
from anonymizer.checks.privacy.membership import FOR_SURE
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.entities import is_number
from anonymizer.checks.sets.neighbours import (
    Space,
    affordable_rows,
    nearest,
    ranks,
)

PREDICATES = 5_000  # that are tried in singling out
CONDITIONS_PER_PREDICATE = 6  # numbers of a history that each asks for
CONDITION_HALF_WIDTH = 0.01  # ranks on either side: within a percent
DISTANCE_ROUNDING = 1e-6  # distances that differ less are the same
GUESS_TOLERANCE = 0.025  # ranks by which a guess of a number may be wrong: 2.5 percent


def inference_figures(sets: ComparedSets, space: Space, seed: int) -> dict[str, Figure]:
    """The three attacks, each as far as the columns allow; `seed` draws who is attacked."""
    return {
        "singling_out": singling_out(space, seed),
        **linkability(sets, space, seed),
        **attribute_inference(sets, space, seed),
    }


class _Tried(NamedTuple):
    """Whether an attack succeeded on each training and each control entity.

    Attributes:
        real: (N,) success on training entities.
        control: (M,) on entities of the holdout.
        naive: the share that guesses without the synthetic data get right.
    """

    real: BoolArray
    control: BoolArray
    naive: float

    def risk(self, z: float = Z_95) -> Estimate:
        """(attack − control) ÷ (1 − control) of Giomi et al. (2023), with an interval of z."""
        attack, control = (share(int(x.sum()), len(x), z) for x in (self.real, self.control))
        return excess_risk(attack, control)

    def sure(self, choices: int = 1) -> float:
        """The risk that is there for sure, if this attack is the worst of so many."""
        return self.risk(normal_point(DOUBT / choices)).low


def _figure(title: str, meaning: str, tried: _Tried, choices: int = 1) -> Figure:
    """The risk of an attack; not to be judged where it does no better than guesses.

    Args:
        title: of the figure.
        meaning: how the attack goes.
        tried: on whom it succeeded.
        choices: how many attacks this is the worst of.
    """
    attack, control = (share(int(x.sum()), len(x)) for x in (tried.real, tried.control))
    meaning += (
        f" It succeeds on {attack.value:.2%} of the training entities and on {control.value:.2%} "
        f"of others; guesses without the synthetic data on {tried.naive:.2%}."
    )
    says = attack.low > tried.naive and control.value < 1  # not so where nothing was tried
    if not says:
        meaning += " It does no better than these, so it says nothing of the risk."
    return Figure(
        title,
        tried.risk(),
        0.0,
        None,
        meaning,
        tried.sure(choices),
        judged_as=FOR_SURE,
        judgeable=says,
        open_length=OPEN,
    )


def singling_out(space: Space, seed: int) -> Figure:
    """Predicates that one synthetic entity alone fulfils, and then one training entity alone.

    A predicate asks for `CONDITIONS_PER_PREDICATE` numbers of a history, each within a percent of
    the ranks. Of training and holdout equally many entities are looked at. Guesses have values of
    their own columns, drawn one by one.
    """
    rng = np.random.default_rng(seed)
    size = min(len(space.real), len(space.holdout))
    real, holdout = (x[rng.permutation(len(x))[:size]] for x in (space.real, space.holdout))
    rows = rng.permutation(len(space.synthetic))[:PREDICATES]
    which = rng.permuted(np.tile(np.arange(real.shape[1]), (len(rows), 1)), axis=1)[
        :, :CONDITIONS_PER_PREDICATE
    ]
    values = np.take_along_axis(space.synthetic[rows], which, 1)
    alone = _isolates(space.synthetic, which, values)
    which, values = which[alone], values[alone]
    hits, others = (_isolates(x, which, values) for x in (real, holdout))
    drawn = holdout[rng.integers(size, size=which.shape), which]
    naive = share(int(_isolates(real, which, drawn).sum()), len(which))
    return _figure(
        "Singling out: what an attacker gains",
        f"{len(which):,} descriptions that fit one synthetic entity alone are tried on {size:,} "
        "training entities: success is one that fits exactly one.",
        _Tried(hits, others, naive.value),
    )


def _isolates(points: FloatArray, which: IntArray, values: FloatArray) -> BoolArray:
    """Whether each predicate is fulfilled by exactly one of N entities.

    Args:
        points: (N, D) entities.
        which: (P, C) the dimensions that each predicate looks at.
        values: (P, C) ranks to be near to, within `CONDITION_HALF_WIDTH`.

    Returns:
        (P,) one truth value per predicate.
    """
    found = np.zeros(len(which), bool)
    order = np.argsort(points, axis=0, kind="stable")
    columns = np.ascontiguousarray(points.T)
    ordered = np.take_along_axis(points, order, 0)
    for p, (dims, wanted) in enumerate(zip(which, values, strict=True)):
        spans = [
            np.searchsorted(
                ordered[:, d], (v - CONDITION_HALF_WIDTH, v + CONDITION_HALF_WIDTH + 1e-12)
            )
            for d, v in zip(dims, wanted, strict=True)
        ]
        c = int(np.argmin([b - a for a, b in spans]))
        rows = order[spans[c][0] : spans[c][1], dims[c]]
        for d, v in zip(dims, wanted, strict=True):
            rows = rows[np.abs(columns[d, rows] - v) <= CONDITION_HALF_WIDTH + 1e-12]
        found[p] = len(rows) == 1
    return found


def linkability(sets: ComparedSets, space: Space, seed: int) -> dict[str, Figure]:
    """Who knows when and who knows what, joined through one synthetic entity.

    One attacker knows the times of a history, another everything else. Each looks for the nearest
    synthetic entity; the attack succeeds where both find the same one. Without columns besides
    entity and time there is no figure.
    """
    if not sets.fields:
        return {}
    rng = np.random.default_rng(seed)
    when = space.columns == sets.time
    tried = [x[affordable_rows(x, len(space.synthetic), rng)] for x in (space.real, space.holdout)]
    real, control = (_joined(x, space.synthetic, when) for x in tried)
    return {
        "linkability": _figure(
            "Linkability: what an attacker gains",
            "Somebody who knows when and somebody who knows what find the same synthetic entity to "
            "be the nearest.",
            _Tried(real, control, 1 / len(space.synthetic)),
        )
    }


def _joined(points: FloatArray, synthetic: FloatArray, when: BoolArray) -> BoolArray:
    """(N,) whether one synthetic entity is nearest to both halves of a point, or as near."""
    found = np.zeros(len(points), bool)
    for half, other in ((when, ~when), (~when, when)):
        least = nearest(points[:, half], synthetic[:, half]).first
        named = synthetic[nearest(points[:, other], synthetic[:, other]).which]
        apart = np.linalg.norm(points[:, half] - named[:, half], axis=1)
        found |= apart <= least + DISTANCE_ROUNDING
    return found


def attribute_inference(sets: ComparedSets, space: Space, seed: int) -> dict[str, Figure]:
    """The last value of each column in turn, guessed from all other columns.

    The guess is the value of the synthetic entity that is nearest in what is said of the other
    columns. It is right where it is the same, for numbers where it is within `GUESS_TOLERANCE` of
    the ranks. The worst column is judged, at a level that allows for having been chosen.
    """
    if not sets.fields:
        return {}
    rng = np.random.default_rng(seed)
    among = len(space.synthetic) * len(sets.fields)
    tried = [affordable_rows(x, among, rng) for x in (space.real, space.holdout)]
    found = {name: _inferred(sets, space, name, tried) for name in sets.fields}
    name = max(found, key=lambda each: np.nan_to_num(found[each].sure(), nan=-np.inf))
    rest = sorted((found[each].risk().value, each) for each in found if each != name)
    others = ", ".join(f"{each} {risk:.3f}" for risk, each in reversed(rest[-5:]))
    return {
        "attribute_inference": _figure(
            f"Attribute inference: what an attacker gains, {name}",
            "An entity's last value is that of the synthetic entity nearest to it in all other "
            "columns." + (f" The worst column; next: {others}." if others else ""),
            found[name],
            len(found),
        )
    }


def _inferred(sets: ComparedSets, space: Space, name: str, tried: list[IntArray]) -> _Tried:
    """The attack on one column, on `tried` rows of training and holdout; guesses are constant."""
    known = space.columns != name
    real, synthetic, holdout = _secrets(sets, name)
    width = GUESS_TOLERANCE if is_number(sets.real[name]) else 0.0
    hits = []
    for points, secret, rows in zip(
        (space.real, space.holdout), (real, holdout), tried, strict=True
    ):
        guess = synthetic[nearest(points[rows][:, known], space.synthetic[:, known]).which]
        hits.append(np.abs(guess - secret[rows]) <= width)
    return _Tried(hits[0], hits[1], _most(real, width))


def _secrets(sets: ComparedSets, name: str) -> list[FloatArray]:
    """(E,) per set, the last value of each entity as a number: a rank, or that of a category."""
    columns = [
        sets.sorted(frame).group_by(sets.entity, maintain_order=True).agg(pl.col(name).last())[name]
        for frame in (sets.real, sets.synthetic, sets.holdout)
    ]
    if not is_number(sets.real[name]):
        every = pl.concat([column.cast(pl.String) for column in columns])
        codes = every.rank("dense").fill_null(0).to_numpy().astype(np.float64)
        return np.split(codes, np.cumsum([len(column) for column in columns])[:-1])
    numbers = [
        column.to_physical().cast(pl.Float64).fill_nan(None).fill_null(-np.inf).to_numpy()
        for column in columns
    ]
    ordered = np.sort(np.concatenate([numbers[0], numbers[2]]))
    return [ranks(each, ordered) for each in numbers]


def _most(secret: FloatArray, width: float) -> float:
    """The share of secrets that one guess gets right at best, when it may be wrong by `width`."""
    ordered = np.sort(secret)
    within = np.searchsorted(ordered, ordered + width + 1e-12, "right") - np.searchsorted(
        ordered, ordered - width - 1e-12
    )
    return float(within.max() / len(secret))
