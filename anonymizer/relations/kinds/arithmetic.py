"""A number follows from others: sums, products, and the rounding that explains it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any, ClassVar, Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray
from anonymizer.relations.base.decimals import (
    SLACK,
    SLACK_SMALL,
    digits_of,
    near,
    rounding,
)
from anonymizer.relations.base.relation import ALMOST, LEAST_WITNESSES, Relation
from anonymizer.relations.base.rows import Rows

# Each reads alike as an expression of Polars and of arrays.
SHAPES: Final[Mapping[str, Callable[..., Any]]] = {
    "{}": lambda a: a,
    "{} + {}": lambda a, b: a + b,
    "{} + {} + {}": lambda a, b, c: a + b + c,
    "{} + {} − {}": lambda a, b, c: a + b - c,
    "{} × {}": lambda a, b: a * b,
    "{} × {} + {}": lambda a, b, c: a * b + c,
    "{} × {} − {}": lambda a, b, c: a * b - c,
    "{} × {} × {}": lambda a, b, c: a * b * c,
    "{} × {} ÷ 100": lambda a, b: a * b / 100,
    "{} × (1 + {})": lambda a, b: a * (1 + b),
    "{} × (1 − {})": lambda a, b: a * (1 - b),
    "{} × (1 + {} ÷ 100)": lambda a, b: a * (1 + b / 100),
    "{} × (1 − {} ÷ 100)": lambda a, b: a * (1 - b / 100),
    "{} × {} × (1 − {})": lambda a, b, c: a * b * (1 - c),
    "{} × {} × (1 − {} ÷ 100)": lambda a, b, c: a * b * (1 - c / 100),
    "{} − {}": lambda a, b: a - b,
    "{} − {} − {}": lambda a, b, c: a - b - c,
}
_SAID: Final = ("{} − {}", "{} − {} − {}")  # by users; what is found is told as the sum it is
# How many operands are added and how many subtracted, in this order.
_ADDED: Final = {
    "{}": (1, 0), "{} + {}": (2, 0), "{} + {} + {}": (3, 0), "{} + {} − {}": (2, 1),
    "{} − {}": (1, 1), "{} − {} − {}": (1, 2),
}  # fmt: skip
# Operands that may be exchanged, so that one order of them is tried.
_EXCHANGED: Final = {
    "{} + {}": 2, "{} + {} + {}": 3, "{} + {} − {}": 2, "{} × {}": 2, "{} × {} + {}": 2,
    "{} × {} − {}": 2, "{} × {} × {}": 3, "{} × {} ÷ 100": 2, "{} × {} × (1 − {})": 2,
    "{} × {} × (1 − {} ÷ 100)": 2,
}  # fmt: skip
_MAX_COLUMNS: Final = 40  # of numbers that are tried in pairs
_MAX_IN_FORMULAS: Final = 17  # that are tried in threes and fours
_TRIED: Final = 60  # rows that refute nearly all


@dataclass(frozen=True)
class Formula(Relation):
    """A number is a formula of others, rounded.

    Attributes:
        target: the column that follows.
        shape: the formula, with `{}` for each operand.
        operands: the columns in it.
        digits: after the point, to which the target is rounded.
        rounding: `exact`, `half up`, `half even`, `half` where no row tells these apart, `down`,
            or `up`, away from zero.
        slack: of a number, that is no difference.
    """

    target: str
    shape: str
    operands: tuple[str, ...]
    digits: int
    rounding: str
    slack: float = SLACK
    kind: ClassVar = "arithmetic"
    parts: ClassVar = ("target", "operands")

    def _kept(self, _rows: pl.DataFrame) -> pl.Expr | pl.Series:
        operands = [pl.col(c).cast(pl.Float64) for c in self.operands]
        value, target = SHAPES[self.shape](*operands), pl.col(self.target).cast(pl.Float64)
        kept: pl.Expr = near(target, value, self.digits, self.rounding, self.slack)
        return kept

    @property
    def is_sum(self) -> bool:
        """Whether nothing but exact sums and differences tell the target: it gives any column."""
        return self.rounding == "exact" and self.shape in _ADDED

    @property
    def added(self) -> tuple[str, ...]:
        """Operands that make the target of a sum more."""
        return self.operands[: _ADDED[self.shape][0]]

    @property
    def subtracted(self) -> tuple[str, ...]:
        """Operands that make it less."""
        return self.operands[_ADDED[self.shape][0] :]

    def solved(self, column: str, digits: int) -> Self:
        """A sum, told as what one of its columns is: `b = t − a` for `t = a + b`.

        Args:
            column: that is told.
            digits: that it has after the point.
        """
        if column == self.target:
            return self
        sides = [self.added, (*self.subtracted, self.target)]
        own, other = sides if column in self.added else sides[::-1]
        rest = tuple(c for c in own if c != column)
        shape = next(s for s, size in _ADDED.items() if size == (len(other), len(rest)))
        return replace(self, target=column, shape=shape, operands=(*other, *rest), digits=digits)

    def __str__(self) -> str:
        said = f"{self.target} = {self.shape.format(*self.operands)}"
        return said if self.rounding == "exact" else f"{said}, rounded {self.rounding}"


class Numbers:
    """The numbers of rows, and what is asked of them again and again."""

    def __init__(self, rows: Rows, seed: int) -> None:
        self.rows = rows
        self.rng = np.random.default_rng(seed)
        names = [c for c in rows.of_type(times=False) if c != rows.entity]
        self.names = names[:_MAX_COLUMNS]
        self.values = {c: rows.numbers(c) for c in self.names}
        small = {c: rows.schema[c] == pl.Float32 for c in self.names}
        self.slack = {c: SLACK_SMALL if small[c] else SLACK for c in self.names}
        self.digits = {c: digits_of(self.values[c], self.slack[c]) for c in self.names}
        step = max(1, len(rows.frame) // _TRIED)
        self.few = {c: self.values[c][::step] for c in self.names}
        self.few_of_all = np.array(list(self.few.values()))
        self.few_digits = np.array(list(self.digits.values()))[:, None]

    def slack_of(self, *names: str) -> float:
        """What arithmetic of several columns loses."""
        return max(self.slack[name] for name in names)

    def not_refuted(self, shape: str, operands: Sequence[str]) -> list[str]:
        """The columns that may follow by a formula, as far as a few rows say."""
        with np.errstate(over="ignore", invalid="ignore"):
            value = SHAPES[shape](*(self.few[c] for c in operands))
            kept = near(self.few_of_all, value, self.few_digits, "any", SLACK_SMALL)
        told = ~np.isnan(self.few_of_all + value)
        good = (kept & told).sum(axis=1) >= 0.8 * told.sum(axis=1)
        # A copy is told once.
        least = self.names.index(operands[0]) if len(operands) == 1 else -1
        return [self.names[i] for i in np.flatnonzero(good)
                if i > least and self.names[i] not in operands]  # fmt: skip

    def formula(self, target: str, shape: str, operands: tuple[str, ...]) -> Formula:
        """The formula with the rounding that explains its target."""
        columns = [self.values[c] for c in operands]
        slack, digits = self.slack_of(target, *operands), self.digits[target]
        how = rounding(self.values[target], SHAPES[shape](*columns), digits, slack)
        return Formula(target, shape, operands, digits, how, slack)

    def believed(self, target: str, shape: str, operands: Sequence[str]) -> bool:
        """Whether a formula holds in nearly all rows, and in those that are no trivial case of it.

        What holds only where a fee is due is no formula of the total, which has taxes as well.
        """
        columns = [self.values[c] for c in operands]
        wanted = self.values[target]
        told = ~np.isnan(np.stack([wanted, *columns])).any(axis=0)
        known = told & ~_is_idle(columns, shape)
        if known.sum() < LEAST_WITNESSES:
            return False
        value = SHAPES[shape](*columns)
        slack, digits = self.slack_of(target, *operands), self.digits[target]
        tolerance = digits, rounding(wanted[known], value[known], digits, slack), slack
        kept = near(wanted, value, *tolerance)
        if min(kept[known].mean(), kept[told].mean()) < ALMOST:
            return False
        return all(self._matters(wanted[known], [c[known] for c in columns], i, shape, tolerance)
                   for i in range(len(columns)))  # fmt: skip

    def _matters(
        self, wanted: FloatArray, columns: list[FloatArray], i: int, shape: str, tolerance: Any
    ) -> bool:
        """Whether it breaks where the i-th operand is that of another row."""
        mixed = [self.rng.permutation(c) if j == i else c for j, c in enumerate(columns)]
        broken = int((~near(wanted, SHAPES[shape](*mixed), *tolerance)).sum())
        return broken >= max(LEAST_WITNESSES, 0.2 * len(wanted))


def _is_idle(columns: Sequence[FloatArray], shape: str) -> BoolArray:
    """(N,) rows in which an operand makes no difference: nothing added, a product of nothing."""
    if len(columns) == 1:
        return np.zeros(len(columns[0]), bool)
    values = np.stack(columns)
    if "×" in shape:
        trivial: BoolArray = ((values == 0) | (values == 1)).any(axis=0)
        return trivial
    idle: BoolArray = (values != 0).sum(axis=0) < 2  # of three one may be mostly zero: a fee
    return idle


def formulas(numbers: Numbers) -> list[Formula]:
    """Copies, sums and products, each once: `a = b + c` stands for `b = a − c` as well."""
    found: list[Formula] = []
    looked_for = [shape for shape in SHAPES if shape not in _SAID]
    for shape in sorted(looked_for, key=lambda shape: shape.count("{}")):
        for operands in _operands(numbers.names[:_MAX_IN_FORMULAS], shape):
            for target in numbers.not_refuted(shape, operands):
                asked = frozenset((target, *operands))
                if any(frozenset(each.columns) <= asked for each in found):
                    continue
                if numbers.believed(target, shape, operands):
                    found.append(numbers.formula(target, shape, operands))
    return found


def _operands(names: Sequence[str], shape: str) -> Iterator[tuple[str, ...]]:
    """Operands that a shape may take, in one order where order makes no difference."""
    place = {name: i for i, name in enumerate(names)}
    for operands in permutations(names, shape.count("{}")):
        alike = [place[c] for c in operands[: _EXCHANGED.get(shape, 1)]]
        if alike == sorted(alike):
            yield operands
