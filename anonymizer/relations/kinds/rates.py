"""A number is another times a rate: one for all, or of each value of a code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import ClassVar, Final

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.relations.base.decimals import CUT, SLACK, near, rounding, simplest
from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.relation import ALMOST, EXACT, LEAST_WITNESSES, Relation, fitting
from anonymizer.relations.base.rows import Rows
from anonymizer.relations.kinds.arithmetic import Numbers

_RATED: Final = 3_000  # rows that refute most rates
_STEADY: Final = 1e-6  # of a ratio may differ in them beside what rounding does
_BLURRED: Final = 1.0  # of a ratio: what may differ by more tells nothing
_MANY: Final = 20  # whole numbers that fractions are rounded to
_CUT_AS_HALF: Final = 0.3  # of numbers that are cut to one side are explained as if they were not
Ratios = tuple[FloatArray, FloatArray, IntArray, IntArray]  # targets, bases, codes, whose they are


@dataclass(frozen=True)
class Rate(Relation):
    """A number is another times a rate that follows from a code, or is the same for all.

    Attributes:
        target, base: the columns.
        code: the column that the rate follows from; None where it is one for all.
        digits: after the point, to which the target is rounded.
        known: the rate `r` by the code's values; of one row without a code.
        slack: of a number, that is no difference.
        rounding: `half`, `down` or `up`.
        magnitude: whether the sign of the other number makes no difference.
    """

    target: str
    base: str
    code: str | None
    digits: int
    known: pl.DataFrame = field(repr=False, compare=False)
    slack: float = SLACK
    rounding: str = "half"
    magnitude: bool = False
    kind: ClassVar = "arithmetic"
    parts: ClassVar = ("target", "base", "code")

    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series:
        part = rows.select(
            t=pl.col(self.target).cast(pl.Float64), b=pl.col(self.base).cast(pl.Float64),
            c=pl.col(self.code) if self.code else pl.lit(0, pl.Int8),
        )  # fmt: skip
        found = part.join(fitting(self.known, part), on="c", how="left", maintain_order="left")
        value = (pl.col("b").abs() if self.magnitude else pl.col("b")) * pl.col("r")
        return found.select(x=near(pl.col("t"), value, self.digits, self.rounding, self.slack))["x"]

    def __str__(self) -> str:
        base = "magnitude of " * self.magnitude + self.base
        rate = f"f({self.code})" if self.code else "a constant"
        said = f"{self.target} = {base} × {rate}"
        return said if self.rounding == "half" else f"{said}, rounded {self.rounding}"


def rates(
    numbers: Numbers, codes: Sequence[str], k: int, equal: set[frozenset[str]]
) -> Iterator[Rate]:
    """Numbers that are another times a rate: of all rows, or of each value of a code."""
    steady = _Steady(numbers)
    constant: set[frozenset[str]] = set()
    finest = sorted(numbers.names, key=lambda c: -len(np.unique(numbers.values[c])))
    for target, base in product(finest, finest[::-1]):  # units rather than amounts
        if target == base or frozenset((target, base)) in equal | constant:
            continue
        for code in (None, *codes):
            if code in (target, base) or not steady.ratio(target, base, code):
                continue
            if found := _rate(numbers, target, base, code, k):
                yield found
                if code is None:
                    constant.add(frozenset((target, base)))
                    break


class _Steady:
    """Some rows sorted by each code, which refute most rates."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self._sorted: dict[str | None, tuple[IntArray, BoolArray]] = {}

    def _neighbours(self, code: str | None) -> tuple[IntArray, BoolArray]:
        """The rows, and whether each but the first has the code of the one before."""
        if code not in self._sorted:
            codes = _codes(self.numbers.rows, code)[:_RATED]
            order = np.argsort(codes, kind="stable")
            self._sorted[code] = order, (np.diff(codes[order]) == 0) & (codes[order][1:] >= 0)
        return self._sorted[code]

    def ratio(self, target: str, base: str, code: str | None) -> bool:
        """Whether rows of one value of a code, side by side, have about one ratio."""
        order, again = self._neighbours(code)
        values = self.numbers.values
        wanted, given = values[target][order], values[base][order]
        ratio = abs(wanted / np.where(given == 0, np.nan, given))
        blur = _STEADY + 10.0 ** -self.numbers.digits[target] / np.maximum(abs(wanted), 1e-9)
        blur = blur[1:] + blur[:-1]
        off = abs(ratio[1:] - ratio[:-1])
        same = (np.diff(wanted) == 0) & (np.diff(given) == 0)  # they tell nothing
        told = again & ~same & ~np.isnan(off) & (blur < _BLURRED)
        kept = int((off <= blur * ratio[1:])[told].sum())
        return kept >= max(LEAST_WITNESSES, 0.8 * int(told.sum()))


def _codes(rows: Rows, code: str | None) -> IntArray:
    """(N,) a code as integers; the same in all rows without one."""
    return rows.codes(Feature(code)) if code else np.zeros(len(rows.owner), np.int64)


def _rate(numbers: Numbers, target: str, base: str, code: str | None, k: int) -> Rate | None:
    """The rates by a code, where they explain nearly all rows and a random code does not."""
    rate = Rate(target, base, code, numbers.digits[target], pl.DataFrame())
    rate = replace(rate, slack=numbers.slack_of(target, base))
    ratios = _ratios(numbers.rows, rate)
    wanted, given, codes, _ = ratios
    few = len(np.unique(wanted)) < _MANY  # few whole numbers are about any fraction
    coarse = rate.digits < numbers.digits[base]
    if coarse and few:
        return None
    if len(np.unique(given)) < 3 or len(wanted) < LEAST_WITNESSES:
        return None
    if (given < 0).any() and (given > 0).any() and (wanted >= 0).all():
        rate, given = replace(rate, magnitude=True), abs(given)
    rate, kept = _explained_best(rate, wanted, given, codes)
    if kept.mean() < (EXACT if coarse or (few and rate.rounding == "half") else ALMOST):
        return None
    # The first row of a code is explained whatever it holds; so is every row where bases agree.
    mixed = numbers.rng.permutation(given)
    by_chance, _ = explained(wanted, mixed, codes, rate.digits, rate.slack, how=rate.rounding)
    if (~by_chance).sum() < max(LEAST_WITNESSES, 0.1 * len(wanted)):
        return None
    return rated(rate, numbers.rows, k)


def _ratios(rows: Rows, rate: Rate) -> Ratios:
    """What tells of rates, one row of those that an entity has alike."""
    wanted, given = rows.numbers(rate.target), rows.numbers(rate.base)
    codes, owner = _codes(rows, rate.code), rows.owner
    told = ~(np.isnan(wanted) | np.isnan(given)) & (given != 0) & (codes >= 0)
    told &= first_of_each(wanted, given, codes, owner)
    given = abs(given) if rate.magnitude else given
    return wanted[told], given[told], codes[told], owner[told]


def _explained_best(
    rate: Rate, wanted: FloatArray, given: FloatArray, codes: IntArray
) -> tuple[Rate, BoolArray]:
    """The way to round that explains most rows, and which these are."""
    tolerance = rate.digits, rate.slack
    ways = {"half": explained(wanted, given, codes, *tolerance)[0]}
    if _CUT_AS_HALF < ways["half"].mean() < EXACT:
        for way in CUT:
            kept, table = explained(wanted, given, codes, *tolerance, how=way)
            found = pl.DataFrame({"i": codes}).join(table, "i", "left", maintain_order="left")
            if rounding(wanted, given * found["r"].to_numpy(), *tolerance) == way:
                ways[way] = kept
    how = max(ways, key=lambda way: int(ways[way].sum()))
    return replace(rate, rounding=how), ways[how]


def rated(rate: Rate, rows: Rows, k: int) -> Rate | None:
    """The same with what rows say of the rates of codes that k entities have; None without any."""
    wanted, given, codes, owner = _ratios(rows, rate)
    _, table = explained(wanted, given, codes, rate.digits, rate.slack, how=rate.rounding)
    held = pl.DataFrame({"i": codes, "e": owner}).unique().group_by("i").len()
    enough = held.filter(pl.col("len") >= k).select("i").join(table, on="i")
    if enough.is_empty():
        return None
    code = pl.col(rate.code) if rate.code else pl.lit(0, pl.Int8)
    values = rows.frame.select(c=code, i=pl.Series(_codes(rows, rate.code))).unique("i", keep="any")
    return replace(rate, known=values.join(enough, on="i").select("c", "r").sort("c"))


def first_of_each(
    wanted: FloatArray, given: FloatArray, codes: IntArray, owner: IntArray
) -> BoolArray:
    """(N,) one row of those that an entity has alike: many of one tell no more than one."""
    part = pl.DataFrame({"t": wanted, "b": given, "c": codes, "e": owner})
    first: BoolArray = part.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
    return first


def explained(
    wanted: FloatArray, given: FloatArray, codes: IntArray, digits: int, slack: float,
    *, how: str = "half", inside: float = 0,
) -> tuple[BoolArray, pl.DataFrame]:  # fmt: skip
    """Which rows the rate `r` of their code `i` explains, and the rate of each code.

    A rounded target allows a rate between two bounds; the rate is the simplest decimal that most
    rows of a code allow, so far `inside` of these bounds, as a share of their distance: at a bound
    a row is a tie.
    """
    unit, cut = 10.0**-digits, CUT.get(how, 0) / 2
    far = np.where(wanted == 0, 0.5 + cut, 0.5) + 1e-8  # what is cut to zero has either sign
    ends = [
        (wanted + (cut * np.sign(wanted) + side * np.sign(given) * far) * unit) / given
        for side in (-1, 1)
    ]
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
    kept = near(wanted, given * found["r"].to_numpy(), digits, how, slack)
    return kept, table
