"""Columns become small integers and integers become columns again, decode beside encode.

What may be learned is bounded by `k`: a value enters a vocabulary only if at least k entities
hold it.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.histories.protection import typical
from anonymizer.sequences.histories.roles import is_number
from anonymizer.sequences.tokens.bins import STAND_FOR, Grid
from anonymizer.sequences.tokens.plain import PlainKind, told_dtype

NULL = 0
RARE = 1
RARE_TEXT = "OTHER"
RARE_TEXTS = rf"^{RARE_TEXT}( \d+)?$"  # where rare values are told apart by what follows from them
MAX_DECIMALS = 6
DIGITS = 18  # before and after the point that steps can hold
SPREAD = 12  # powers of ten from usual values to the largest that are kept at the cost of digits
FINER = 0.02  # of the values at most that are rounded so that all others keep their last digit
SINGLE, DOUBLE = 6e-8, 1e-12  # of a number: what 32 and 64 bits leave open
FINEST = 30  # digits after the point that are kept of the smallest numbers
LARGEST = 2**62 - 2**12  # steps: a bin from one end to the other has a width of 64 bits

Ordered = TypeVar("Ordered", int, float)


@dataclass(frozen=True)
class Categories(PlainKind):
    """Text, truth and whole numbers that name things: 0 is null, 1 rare or unseen, then the rest.

    The most frequent come first.
    """

    values: list[str]
    dtype: pl.DataType

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return 2 + len(self.values)

    @classmethod
    def learn(cls, column: pl.Series, owner: IntArray, k: int) -> "Categories":
        """The values that at least k entities hold, most frequent first."""
        support = (
            pl.DataFrame({"v": column.cast(pl.String), "e": owner})
            .drop_nulls("v")
            .group_by("v")
            .agg(n=pl.len(), held=pl.col("e").n_unique())
            .filter(pl.col("held") >= k)
            .sort("n", "v", descending=[True, False])
        )
        return cls(support["v"].to_list(), told_dtype(column.dtype))

    @classmethod
    def pooled(
        cls,
        parts: "Sequence[tuple[Categories, FloatArray]]",
        common: Iterable[tuple[str, float]] = (),
    ) -> "Categories":
        """What any of several sites knows; with each (V,) how often its tokens came.

        Args:
            parts: of each site.
            common: values that were counted, and how many hold each that do not tell it.
        """
        total: Counter[str] = Counter()
        for codec, counts in parts:
            total.update(dict(zip(codec.values, counts[2:].tolist(), strict=True)))
        total.update(dict(common))
        ordered = sorted(total, key=lambda value: (-total[value], value))
        return cls(ordered, parts[0][0].dtype)

    def encode(self, column: pl.Series) -> IntArray:
        """(N,) values → (N,) tokens."""
        text = self._as_learned(column).cast(pl.String)
        tokens = text.replace_strict(
            self.values, np.arange(2, self.size), default=RARE, return_dtype=pl.Int64
        )
        return tokens.zip_with(text.is_not_null(), pl.Series([NULL])).to_numpy().astype(np.int64)

    def decode(self, tokens: IntArray, uniform: FloatArray) -> pl.Series:  # noqa: ARG002 (the protocol's)
        """(N,) tokens → (N,) values; rare ones become `OTHER` in strings."""
        table = pl.Series([None, RARE_TEXT, *self.values], dtype=pl.String)
        text = table.gather(tokens)
        if isinstance(self.dtype, pl.Boolean):
            return text == "true"
        return text.cast(self.dtype, strict=False) if text.dtype != self.dtype else text

    def _as_learned(self, column: pl.Series) -> pl.Series:
        """A code that was whole in what was learned may be a float elsewhere."""
        return column.cast(self.dtype, strict=False) if self.dtype.is_integer() else column

    def protected(self, column: pl.Series) -> dict[str, BoolArray]:
        """(N,) which values were merged to protect people, by what is said of it."""
        rare = f"a rare value in '{column.name}', merged with other rare ones"
        called = column.cast(pl.String).str.contains(RARE_TEXTS).fill_null(value=False)
        return {rare: (self.encode(column) == RARE) | called.to_numpy()}

    @property
    def single(self) -> BoolArray:
        """(V,) whether a token stands for one value."""
        return np.arange(self.size) > RARE

    def merged(self, tokens: IntArray) -> IntArray:
        """(N,) tokens → those that would stand for their values if these were not known."""
        return np.where(tokens > RARE, RARE, tokens)

    def counts_of(self, own: "Categories", counts: FloatArray) -> FloatArray:
        """(V,) how often the tokens of one site came → how often these come there."""
        tokens = self.encode(pl.Series(own.values, dtype=pl.String))
        return np.bincount([NULL, RARE, *tokens], counts, self.size).astype(np.float64)

    def with_more(self, counts: FloatArray, more: FloatArray) -> FloatArray:
        """(V,) counts, more of some tokens, which were counted among the rare ones."""
        called = [bool(re.match(RARE_TEXTS, value)) for value in self.values]
        rare = np.array([False, True, *called]) & (more == 0)
        left = max(0.0, 1 - more.sum() / max(counts[rare].sum(), 1e-9))
        found: FloatArray = np.where(rare, counts * left, counts + more)
        return found

    @property
    def order(self) -> FloatArray:
        """(V,) NaN: categories have no order."""
        return np.full(self.size, np.nan)

    def forbidden(self) -> IntArray:
        """Rare is sampled only where the type can say so."""
        speaks = isinstance(self.dtype, pl.String | pl.Categorical)
        return np.array([] if speaks else [RARE], np.int64)


@dataclass(frozen=True)
class Numbers(PlainKind):
    """Integers, decimals and dates as multiples of `10 ** -decimals`, on a grid.

    Whole numbers and times are exact; of very large real ones `decimals` is negative.

    Attributes:
        grid: of strides.
        decimals: after the point, of steps.
        dtype: of the column.
        stride: steps that all but a few values are multiples of: 5 of prices such as 0.95, sixty
            million of whole minutes in microseconds.
    """

    grid: Grid
    decimals: int
    dtype: pl.DataType
    stride: int = 1

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return self.grid.size

    @classmethod
    def learn(cls, column: pl.Series, owner: IntArray, k: int, *, told: bool = False) -> "Numbers":
        """The digits that the values carry, then common values and bins; see `Grid.learn`."""
        decimals = _decimals(column, owner, k) if is_real(column.dtype) else 0
        steps, usable = as_steps(column, decimals)
        if not is_real(column.dtype):
            _require_countable(column.name, owner[_at_the_end(steps)], k)
        stride = _stride(steps[usable], owner[usable], k)
        grid = Grid.learn(_strides(steps[usable], stride), owner[usable], k, told=told)
        return cls(grid, decimals, column.dtype, stride)

    @classmethod
    def pooled(
        cls,
        parts: "Sequence[tuple[Numbers, FloatArray]]",
        k: int,
        common: tuple[pl.Series, FloatArray] | None = None,
    ) -> "Numbers":
        """One grid for several sites; with each (V,) how often its tokens came.

        Digits are those that nearly all values need, whichever site has them.

        Args:
            parts: of each site.
            k: entities that must hold a value before it may be told.
            common: values that were counted, and how many hold each that do not tell it.
        """
        weights = [float(counts[1:].sum()) for _, counts in parts]
        decimals = -nearly_all([-codec.decimals for codec, _ in parts], weights)
        strides = [codec.stride * 10.0 ** (decimals - codec.decimals) for codec, _ in parts]
        told = nearly_all(strides, weights)
        # Sites that have more digits than nearly all do not make the steps of the others smaller.
        stride = math.gcd(*(round(each) for each in strides if each >= told)) or 1
        values = []
        for (codec, counts), width in zip(parts, strides, strict=True):
            found = codec.grid.stands_for(counts)
            values.append(found if width == stride else _rescaled(found, width / stride))
        if common is not None:
            steps, usable = as_steps(common[0], decimals)
            scale = sum(map(len, values)) / max(sum(weights), 1.0) or 1.0
            many = np.ceil(np.minimum(common[1][usable] * scale, STAND_FOR)).astype(np.int64)
            values.append(np.repeat(_strides(steps[usable], stride), many))
        return cls(Grid.pooled(values, k), decimals, parts[0][0].dtype, stride)

    def encode(self, column: pl.Series) -> IntArray:
        """(N,) values → (N,) tokens; null, NaN and infinities are null."""
        steps, usable = as_steps(self._in_units(column), self.decimals)
        return np.where(usable, self.grid.encode(_strides(steps, self.stride)), NULL)

    def decode(self, tokens: IntArray, uniform: FloatArray) -> pl.Series:
        """(N,) tokens and numbers in [0, 1) → (N,) values with the digits that were learned."""
        steps = self.grid.decode(tokens, uniform) * self.stride
        null = pl.Series(tokens == NULL)
        if is_real(self.dtype):
            limit = float(np.finfo(np.float32 if self.dtype == pl.Float32 else np.float64).max)
            with np.errstate(over="ignore"):
                rounded = np.round(steps / 10.0**self.decimals, self.decimals)
            values = pl.Series(np.clip(rounded, -limit, limit))
        else:
            values = pl.Series(np.clip(steps, *_ends(self.dtype)))
        absent = pl.Series([None], dtype=values.dtype)
        return absent.zip_with(null, values).cast(self.dtype)

    def fine(self, column: pl.Series) -> tuple[IntArray, BoolArray]:
        """(N,) values as whole numbers, and whether the token of each holds several."""
        token = self.encode(column)
        several: BoolArray = self.grid.low[token] < self.grid.high[token]
        return as_steps(self._in_units(column), self.decimals)[0], several

    def protected(self, column: pl.Series) -> dict[str, BoolArray]:
        """(N,) which values were rounded or cut, by what is said of it."""
        return {
            f"a finer value in '{column.name}' than most, rounded": self.rounded(column),
            f"a value in '{column.name}' beyond its digits, cut": self.cut(column),
        }

    def cut(self, column: pl.Series) -> BoolArray:
        """(N,) which values are too large, or so small that they became 0."""
        steps, usable = as_steps(column, self.decimals)
        vanished = (steps == 0) & (as_float(column)[0] != 0)
        cut: BoolArray = usable & (_at_the_end(steps) | vanished)
        return cut

    def rounded(self, column: pl.Series) -> BoolArray:
        """(N,) which values lie between two that are told."""
        steps, usable = as_steps(column, self.decimals)
        between: BoolArray = usable & (steps % self.stride != 0)
        if is_real(self.dtype):
            values = np.where(usable, as_float(column)[0], 0)
            between |= needs_more(values, self.decimals, SINGLE, max(self.decimals, MAX_DECIMALS))
        return between

    def outside(self, column: pl.Series) -> FloatArray:
        """(N,) logarithm of how far a value lies outside the range; 0 inside, and for nulls."""
        values, usable = as_float(self._in_units(column))
        if self.grid.size < 2:
            return np.zeros(len(values))
        step = self.stride * 10.0**-self.decimals
        low, high = self.grid.low[1:].min() * step, self.grid.high[1:].max() * step
        with np.errstate(over="ignore", invalid="ignore"):
            away = np.maximum(np.maximum(low - values, values - high), 0) / (high - low + step)
        return np.where(usable, np.log1p(np.nan_to_num(away)), 0)

    def _in_units(self, column: pl.Series) -> pl.Series:
        """Cast times to the unit that was learned."""
        return column.cast(self.dtype) if self.dtype.is_temporal() else column

    @property
    def single(self) -> BoolArray:
        """(V,) whether a token stands for one value."""
        found: BoolArray = (self.grid.low == self.grid.high) & (np.arange(self.size) != NULL)
        return found

    def merged(self, tokens: IntArray) -> IntArray:
        """(N,) tokens → those that would stand for their values if these were not known."""
        return self.grid.around(tokens)

    def counts_of(self, own: "Numbers", counts: FloatArray) -> FloatArray:
        """(V,) how often the tokens of one site came → about how often these come there.

        What was not told apart there is not told apart here.
        """
        tokens, uniform, times = own.grid.stand_ins(counts)
        here = self.encode(own.decode(tokens, uniform))
        here = np.where(own.single[tokens], here, self.merged(here))
        found = np.bincount(here, times, self.size).astype(np.float64)
        found[NULL] = counts[NULL]
        return found

    def with_more(self, counts: FloatArray, more: FloatArray) -> FloatArray:
        """(V,) counts, more of some tokens, which were counted in the bins around them."""
        around = np.bincount(self.merged(np.arange(self.size)), more, self.size)
        found: FloatArray = np.maximum(counts + more - around, 0)
        return found

    @property
    def order(self) -> FloatArray:
        """(V,) a number per token that rises with its values; NaN for null."""
        return self.grid.order

    def forbidden(self) -> IntArray:
        """No token: everything may be sampled."""
        return np.array([], np.int64)


def learn_codec(
    column: pl.Series, owner: IntArray, k: int, codes: Collection[str] = (), *, told: bool = False
) -> Categories | Numbers:
    """Learn the codec that fits the column's type; codes are numbers that name things."""
    if is_number(column.dtype) and column.name not in codes:
        return Numbers.learn(column, owner, k, told=told)
    return Categories.learn(column, owner, k)


def nearly_all(values: Sequence[Ordered], weights: Sequence[float]) -> Ordered:
    """The largest value below which hardly any of the weight lies."""
    ranked = sorted(zip(values, weights, strict=True))
    below, limit = 0.0, FINER * sum(weights)
    for value, weight in ranked:
        below += weight
        if below > limit:
            return value
    return ranked[-1][0]


def _rescaled(values: IntArray, factor: float) -> IntArray:
    """(N,) whole numbers in other units, cut at `LARGEST`."""
    found: IntArray = np.rint(np.clip(values * factor, -LARGEST, LARGEST)).astype(np.int64)
    return found


def is_real(dtype: pl.DataType) -> bool:
    """Whether its values may have digits after the point."""
    return dtype.is_float() or dtype.is_decimal()


def as_float(column: pl.Series) -> tuple[FloatArray, BoolArray]:
    """(N,) values as numbers, and which of them are finite."""
    physical = column.to_physical() if column.dtype.is_temporal() else column
    values = physical.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return values, np.isfinite(values)


def as_steps(column: pl.Series, decimals: int) -> tuple[IntArray, BoolArray]:
    """(N,) values → multiples of their last digit, cut at `LARGEST`, and which of them are finite.

    Whole numbers never become floats, which are exact up to 2 ** 53 only.
    """
    if decimals or is_real(column.dtype):
        values, usable = as_float(column)
        limit = LARGEST / 10.0**decimals
        cut = np.clip(np.where(usable, values, 0), -limit, limit)
        return np.rint(cut * 10.0**decimals).astype(np.int64), usable
    whole = column.to_physical().cast(pl.Int128).clip(-LARGEST, LARGEST).cast(pl.Int64)
    return whole.fill_null(0).to_numpy(), column.is_not_null().to_numpy()


def _ends(dtype: pl.DataType) -> tuple[int, int]:
    """The least and the largest whole number of a type; a step beyond them is none."""
    if isinstance(dtype, pl.Time):
        return 0, 24 * 3_600 * 10**9 - 1
    if not dtype.is_integer():
        return -LARGEST, LARGEST
    ends = dtype.min(), dtype.max()  # type: ignore[attr-defined]  # (known of integer types only)
    low, high = (int(pl.select(end).item()) for end in ends)
    return max(low, -LARGEST), min(high, LARGEST)


def _at_the_end(steps: IntArray) -> BoolArray:
    """Say which of (N,) steps lie at the ends of what can be counted."""
    found: BoolArray = np.abs(steps) > LARGEST - 2**12
    return found


def _require_countable(name: str, owner: IntArray, k: int) -> None:
    """Raise a DataError if k entities have whole numbers that are too large for steps."""
    if len(np.unique(owner)) >= k:
        raise DataError(
            f"column '{name}' holds whole numbers beyond ±2^62: cast it to String if they are "
            "names, to Float64 if they are amounts"
        )


@dataclass(frozen=True)
class Majority:
    """What most of N values are like, so that the others may be rounded.

    A value that alone makes up a good part, such as zero or midnight, says nothing of the others:
    it must stay as it is, and the others are judged among themselves.

    Attributes:
        owner: (N,) entity of each value.
        frequent: (N,) whether it is one that k entities and many rows have.
        k: entities that must have something before it counts.
    """

    owner: IntArray
    frequent: BoolArray
    k: int

    @classmethod
    def of(cls, values: npt.NDArray[Any], owner: IntArray, k: int) -> "Majority":
        """Find the values that are frequent."""
        _, index, counts = np.unique(values, return_inverse=True, return_counts=True)
        many = np.flatnonzero(counts > FINER * len(values))
        held = [v for v in many if len(np.unique(owner[index == v])) >= k]
        return cls(owner, np.isin(index, held), k)

    def allows(self, odd: BoolArray) -> bool:
        """Whether (N,) odd values are few of the others, in rows or in entities."""
        others = odd[~self.frequent]
        if (odd & self.frequent).any():
            return False
        return bool(others.sum() <= FINER * len(others)) or self._holders(odd) < self.k

    def has(self, kind: BoolArray) -> bool:
        """Whether k entities have a value of a kind."""
        return self._holders(kind) >= self.k

    def _holders(self, kind: BoolArray) -> int:
        return len(np.unique(self.owner[kind]))


def _stride(steps: IntArray, owner: IntArray, k: int) -> int:
    """The largest number of the form 2^a 3^b 5^c that divides nearly all steps."""
    stride, most = 1, Majority.of(steps, owner, k)
    for prime in (2, 3, 5):
        while True:
            odd = steps % (stride * prime) != 0
            if not most.has(~odd & (steps != 0)) or not most.allows(odd):
                break
            stride *= prime
    return stride


def _strides(steps: IntArray, stride: int) -> IntArray:
    """(N,) steps → (N,) the nearest multiple of the stride, as a number of strides."""
    limit = LARGEST // stride
    found: IntArray = np.clip((steps + stride // 2) // stride, -limit, limit)
    return found


def _decimals(column: pl.Series, owner: IntArray, k: int) -> int:
    """The digits after the point that 98 % of the values need, or all but k - 1 entities.

    At most six; more where all values are small, fewer, even below none, where they are large.
    """
    values, usable = as_float(column)
    values, owner = values[usable], owner[usable]
    most, many = _finest(values, owner, k), Majority.of(values, owner, k)
    single = many.allows(values != _single(values))
    for digits in range(max(most - MAX_DECIMALS, 0), most if len(values) else 0):
        if many.allows(needs_more(values, digits, SINGLE if single else DOUBLE, most)):
            return digits
    return most if len(values) else 0


def _finest(values: FloatArray, owner: IntArray, k: int) -> int:
    """The most digits after the point, by the power of ten that k entities reach.

    What is far larger than usual, such as 1e308 for an amount that nobody knows, is cut rather
    than that the others lose their digits.
    """
    some = values != 0
    power = np.floor(np.log10(np.abs(values[some]))).astype(np.int64)
    own = pl.DataFrame({"p": power, "e": owner[some]}).group_by("e").agg(pl.col("p").max())
    if len(own) < k:
        return MAX_DECIMALS
    reached = int(own["p"].top_k(k).min())  # type: ignore[arg-type]  # (of integers)
    large = min(reached, round(typical(power, owner[some])) + SPREAD)
    return min(MAX_DECIMALS - min(reached + 1, 0), DIGITS - 1 - large, FINEST)


def _single(values: FloatArray) -> npt.NDArray[np.float32]:
    """(N,) as numbers of 32 bits, which they may have been once."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def needs_more(
    values: FloatArray, digits: int, precision: float, most: int = MAX_DECIMALS
) -> BoolArray:
    """(N,) whether numbers need more digits after the point than these, of the most there are."""
    tolerance = np.maximum(10.0 ** -(most + 3), np.abs(values) * precision)
    with np.errstate(over="ignore"):
        more: BoolArray = np.abs(np.round(values, digits) - values) > tolerance
    return more
