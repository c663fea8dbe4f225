"""A number follows from others: sums, products, rates, and the rounding that explains it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any, ClassVar, Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.relations.base.decimals import (
    SLACK,
    SLACK_SMALL,
    digits_of,
    near,
    rounding,
    simplest,
)
from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.relation import ALMOST, LEAST_WITNESSES, Relation, fitting
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
_MAX_COLUMNS: Final = 14  # of numbers that are tried together
_TRIED: Final = 60  # rows that refute nearly all
_RATED: Final = 3_000  # rows that refute most rates
_STEADY: Final = 0.02  # of a ratio may differ in them


@dataclass(frozen=True)
class Formula(Relation):
    """A number is a formula of others, rounded.

    Attributes:
        target: the column that follows.
        shape: the formula, with `{}` for each operand.
        operands: the columns in it.
        digits: after the point, to which the target is rounded.
        rounding: `exact`, `half up`, `half even`, `half` where no row tells these apart, or `down`.
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


@dataclass(frozen=True)
class Rate(Relation):
    """A number is another times a rate that follows from a code, or is the same for all.

    Attributes:
        target, base: the columns.
        code: the column that the rate follows from; None where it is one for all.
        digits: after the point, to which the target is rounded.
        known: the rate `r` by the code's values; of one row without a code.
        slack: of a number, that is no difference.
    """

    target: str
    base: str
    code: str | None
    digits: int
    known: pl.DataFrame = field(repr=False, compare=False)
    slack: float = SLACK
    kind: ClassVar = "arithmetic"
    parts: ClassVar = ("target", "base", "code")

    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series:
        part = rows.select(
            t=pl.col(self.target).cast(pl.Float64), b=pl.col(self.base).cast(pl.Float64),
            c=pl.col(self.code) if self.code else pl.lit(0, pl.Int8),
        )  # fmt: skip
        found = part.join(fitting(self.known, part), on="c", how="left", maintain_order="left")
        value = pl.col("b") * pl.col("r")
        return found.select(x=near(pl.col("t"), value, self.digits, "half", self.slack))["x"]

    def __str__(self) -> str:
        return f"{self.target} = {self.base} × " + (
            f"f({self.code})" if self.code else "a constant"
        )


class Numbers:
    """The numbers of rows, and what is asked of them again and again."""

    def __init__(self, rows: Rows, seed: int) -> None:
        self.rows = rows
        self._sorted: dict[str, tuple[IntArray, BoolArray]] = {}
        self.rng = np.random.default_rng(seed)
        names = [c for c in rows.of_type(times=False) if c != rows.entity]
        self.names = names[:_MAX_COLUMNS]
        self.values = {c: rows.numbers(c) for c in self.names}
        small = {c: rows.frame.schema[c] == pl.Float32 for c in self.names}
        self.slack = {c: SLACK_SMALL if small[c] else SLACK for c in self.names}
        self.digits = {c: digits_of(self.values[c], self.slack[c]) for c in self.names}
        step = max(1, len(rows.frame) // _TRIED)
        self.few = {c: self.values[c][::step] for c in self.names}
        self.few_of_all = np.array(list(self.few.values()))
        self.few_digits = np.array(list(self.digits.values()))[:, None]

    def neighbours(self, code: str) -> tuple[IntArray, BoolArray]:
        """Some rows sorted by a code, and whether each but the first has that of the one before."""
        if code not in self._sorted:
            codes = self.rows.codes(Feature(code))
            some = np.arange(len(codes))[:_RATED]
            order = some[np.argsort(codes[some], kind="stable")]
            self._sorted[code] = order, (np.diff(codes[order]) == 0) & (codes[order][1:] >= 0)
        return self._sorted[code]

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
        for operands in _operands(numbers.names, shape):
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


def rates(
    numbers: Numbers, codes: Sequence[str], k: int, equal: set[frozenset[str]]
) -> Iterator[Rate]:
    """Numbers that are another times a rate: of all rows, or of each value of a code."""
    constant: set[frozenset[str]] = set()
    finest = sorted(numbers.names, key=lambda c: -len(np.unique(numbers.values[c])))
    for target, base in permutations(finest, 2):
        if frozenset((target, base)) in equal | constant:
            continue
        wanted, given = numbers.values[target], numbers.values[base]
        known = ~(np.isnan(wanted) | np.isnan(given)) & (given != 0)
        if known.sum() < LEAST_WITNESSES or numbers.digits[target] < numbers.digits[base]:
            continue
        if one := _rate(numbers, (target, base, None), known, k):
            constant.add(frozenset((target, base)))
            yield one
            continue
        for code in codes:
            if code in (target, base) or not _is_steady(numbers, target, base, code):
                continue
            if found := _rate(numbers, (target, base, code), known, k):
                yield found


def _is_steady(numbers: Numbers, target: str, base: str, code: str) -> bool:
    """Whether rows of one value of a code, side by side, have about one ratio."""
    order, again = numbers.neighbours(code)
    wanted, given = numbers.values[target][order], numbers.values[base][order]
    ratio = wanted / np.where(given == 0, np.nan, given)
    blur = _STEADY + 10.0 ** -numbers.digits[target] / np.maximum(abs(wanted), 1e-9)
    off = abs(ratio[1:] - ratio[:-1]) <= (blur[1:] + blur[:-1]) * abs(ratio[1:])
    told = again & ~np.isnan(ratio[1:] - ratio[:-1])
    return bool(off[told].sum() >= 0.8 * told.sum())


def _rate(
    numbers: Numbers, columns: tuple[str, str, str | None], known: BoolArray, k: int
) -> Rate | None:
    """The rates by a code, where they explain nearly all rows and a random code does not."""
    (target, base, code), rows = columns, numbers.rows
    codes: IntArray = rows.codes(Feature(code)) if code else np.zeros(len(rows.owner), np.int64)
    known = known & (codes >= 0)
    known &= first_of_each(numbers.values[target], numbers.values[base], codes, rows.owner)
    wanted, given = numbers.values[target][known], numbers.values[base][known]
    slack, digits = numbers.slack_of(target, base), numbers.digits[target]
    if len(np.unique(given)) < 3 or len(wanted) < LEAST_WITNESSES:
        return None
    kept, table = explained(wanted, given, codes[known], digits, slack)
    if kept.mean() < ALMOST:
        return None
    # The first row of a code is explained whatever it holds; so is every row where bases agree.
    by_chance, _ = explained(wanted, numbers.rng.permutation(given), codes[known], digits, slack)
    if (~by_chance).sum() < max(LEAST_WITNESSES, 0.1 * len(wanted)):
        return None
    held = pl.DataFrame({"i": codes[known], "e": rows.owner[known]}).unique().group_by("i").len()
    enough = held.filter(pl.col("len") >= k).select("i").join(table, on="i").sort("i")
    if enough.is_empty():
        return None
    values = rows.frame.select(
        c=pl.col(code) if code else pl.lit(0, pl.Int8), i=pl.Series(codes)
    ).unique("i", keep="any")
    return Rate(
        target, base, code, digits, values.join(enough, on="i").select("c", "r").sort("c"), slack
    )


def first_of_each(
    wanted: FloatArray, given: FloatArray, codes: IntArray, owner: IntArray
) -> BoolArray:
    """(N,) one row of those that an entity has alike: many of one tell no more than one."""
    part = pl.DataFrame({"t": wanted, "b": given, "c": codes, "e": owner})
    first: BoolArray = part.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
    return first


def explained(
    wanted: FloatArray, given: FloatArray, codes: IntArray, digits: int, slack: float,
    *, inside: float = 0,
) -> tuple[BoolArray, pl.DataFrame]:  # fmt: skip
    """Which rows the rate `r` of their code `i` explains, and the rate of each code.

    A rounded target allows a rate between two bounds; the rate is the simplest decimal that most
    rows of a code allow, so far `inside` of these bounds, as a share of their distance: at a bound
    a row is a tie.
    """
    half = (0.5 + 1e-8) * 10.0**-digits
    ends = [(wanted * np.sign(given) + side * half) / abs(given) for side in (-1, 1)]
    bounds = pl.concat(
        pl.DataFrame({"i": codes, "r": end}).with_columns(opens=opens)
        for end, opens in zip(ends, (1, -1), strict=True)
    )
    allowed = bounds.sort("i", "r", "opens", descending=[False, False, True]).with_columns(
        depth=pl.col("opens").cum_sum().over("i"), end=pl.col("r").shift(-1).over("i")
    )
    most = allowed.filter(pl.col("depth") == pl.col("depth").max().over("i"))
    table = most.group_by("i", maintain_order=True).agg(pl.col("r", "end").first())
    low, high = table["r"].to_numpy(), table["end"].to_numpy()
    margin = inside * (high - low)
    table = table.select("i", r=simplest(low + margin, high - margin))
    found = pl.DataFrame({"i": codes}).join(table, on="i", how="left", maintain_order="left")
    kept = near(wanted, given * found["r"].to_numpy(), digits, "half", slack)
    return kept, table
