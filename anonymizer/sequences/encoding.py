"""Columns become small integers and integers become columns again, decode beside encode.

What may be learned is bounded by `k`: a value enters a vocabulary only if at least k entities
hold it, and every edge of a bin is a mean over values of several entities, so that no value, no
minimum and no maximum of a single entity can be read from a model or come out of it.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.sequences.events import IntArray

FloatArray = npt.NDArray[np.float64]

NULL = 0
RARE = 1
RARE_TEXT = "OTHER"
MAX_DECIMALS = 6
REACH = [d for d in range(-10, 11) if d]
ATOMS = 1024  # values with a token of their own, at most
GRID = {"atoms": int, "edges": int, "lows": int, "highs": int, "tilts": float}


@dataclass(frozen=True)
class Grid:
    """A partition of the integers into tokens: 0 is null, then common values, then bins.

    Attributes:
        atoms: (A,) values with a token of their own, ascending.
        edges: (Q + 1,) ascending, or none; bin q holds `edges[q] ... edges[q + 1] - 1`. Values
            outside fall into the outermost bins.
        lows, highs: (Q,) where the values of a bin lie, if they lie close together; its edges if
            not.
        tilts: (Q,) how the density inside a bin rises (above 0) or falls, see `decode`.
    """

    atoms: IntArray
    edges: IntArray
    lows: IntArray
    highs: IntArray
    tilts: FloatArray

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return 1 + len(self.atoms) + max(len(self.edges) - 1, 0)

    @property
    def low(self) -> IntArray:
        """(V,) the smallest value of each token; 0 for null."""
        return np.concatenate([[0], self.atoms, self.lows])

    @property
    def high(self) -> IntArray:
        """(V,) the largest value of each token; 0 for null."""
        return np.concatenate([[0], self.atoms, self.highs])

    @classmethod
    def learn(
        cls,
        values: IntArray,
        owner: IntArray,
        k: int,
        *,
        bins: int = 64,
        cuts: IntArray | None = None,
        span: tuple[int, int] | None = None,
    ) -> "Grid":
        """Common values become atoms, the rest bins of at least k entities each.

        Common is what fills a bin alone and what stands out of its neighbours, such as a price
        point. Anything finer would repeat the chances of this sample.

        Args:
            values: (N,) without nulls.
            owner: (N,) the entity that each value belongs to.
            k: entities that must hold a value before it may be told.
            bins: quantile bins at most; the upper and lower tail get a few more.
            cuts: edges to choose from in place of quantiles.
            span: first value and last value + 1 of what must have a token; bins then tile it.
        """
        pairs = pl.DataFrame({"v": values, "e": owner}).group_by("v", "e").len()
        support = pairs.group_by("v").agg(n=pl.col("len").sum(), held=pl.len()).sort("v")
        common = support.filter(
            (pl.col("held") >= k) & ((pl.col("n") >= len(values) / bins) | _stands_out(support))
        )
        # Sorted by value too: ties must not depend on the order in which groups come.
        chosen = np.sort(common.sort("n", "v", descending=[True, False])["v"][:ATOMS].to_numpy())
        rest = pairs.filter(~pl.col("v").is_in(chosen.tolist())).sort("v", "e")
        edges = _edges(rest, k, bins, cuts)
        if span is not None:
            inner = edges[(edges > span[0]) & (edges < span[1])]
            edges = np.array([span[0], *inner, max(span[1], span[0] + 1)], np.int64)
        if not len(edges) and not len(chosen):
            edges = np.array([0, 1])  # nothing may be told: a single bin that holds zero
        lows, highs, tilts = _insides(rest, edges, k)
        if span is not None:
            lows, highs = edges[:-1], edges[1:] - 1
        return cls(chosen, edges, lows, highs, tilts)

    @classmethod
    def spanning(cls, start: int, stop: int) -> "Grid":
        """One bin that holds `start ... stop - 1`."""
        none, edges = np.empty(0, np.int64), np.array([start, stop])
        return cls(none, edges, edges[:1], edges[1:] - 1, np.zeros(1))

    @property
    def order(self) -> FloatArray:
        """(V,) a number per token that rises with its values; NaN for null."""
        middle: FloatArray = (self.low + self.high) / 2
        return np.concatenate([[np.nan], middle[1:]])

    def encode(self, values: IntArray) -> IntArray:
        """(N,) values → (N,) tokens; nulls are the caller's."""
        if len(self.edges) < 2:
            return self._nearest(values)
        bins = np.clip(np.searchsorted(self.edges, values, "right") - 1, 0, len(self.edges) - 2)
        tokens: IntArray = 1 + len(self.atoms) + bins
        if len(self.atoms):
            at = np.minimum(np.searchsorted(self.atoms, values), len(self.atoms) - 1)
            common = self.atoms[at] == values
            tokens[common] = 1 + at[common]
        return tokens

    def _nearest(self, values: IntArray) -> IntArray:
        """(N,) values → (N,) tokens of the nearest atom, where there are no bins."""
        right = np.clip(np.searchsorted(self.atoms, values), 0, len(self.atoms) - 1)
        left = np.maximum(right - 1, 0)
        closer = values - self.atoms[left] < self.atoms[right] - values
        return np.where(closer, 1 + left, 1 + right)

    def decode(self, tokens: IntArray, uniform: FloatArray) -> IntArray:
        """(N,) tokens and (N,) numbers in [0, 1) → (N,) values.

        Inside a bin the density is proportional to `exp(tilt · x)`, x from 0 to 1 across the bin:
        the one that is nearest to uniform and has the mean of the values that were learned.
        """
        low, high = self.low[tokens], self.high[tokens]
        tilt = np.concatenate([np.zeros(1 + len(self.atoms)), self.tilts])[tokens]
        steep = np.abs(tilt) > 1e-3
        safe = np.where(steep, tilt, 1.0)
        x = np.where(steep, np.log1p(uniform * np.expm1(safe)) / safe, uniform)
        values: IntArray = low + np.minimum((x * (high - low + 1)).astype(np.int64), high - low)
        return values

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {name: getattr(self, name).tolist() for name in GRID}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Grid":
        """From JSON."""
        return cls(*(np.array(data[name], kind) for name, kind in GRID.items()))


def protected_range(values: IntArray, owner: IntArray, k: int) -> tuple[int, int]:
    """A lower and an upper bound that no k - 1 entities determine.

    The mean of the k-th to (2k - 1)-th largest of the entities' own maxima, likewise below.
    """
    spans = (
        pl.DataFrame({"v": values, "e": owner})
        .group_by("e")
        .agg(low=pl.col("v").min(), high=pl.col("v").max())
    )
    low = np.sort(spans["low"].to_numpy())[k - 1 : 2 * k - 1]
    high = np.sort(spans["high"].to_numpy())[::-1][k - 1 : 2 * k - 1]
    if not len(low):
        return 0, -1
    return int(np.ceil(low.mean())), int(np.floor(high.mean()))


def protected_counts(cells: IntArray, owner: IntArray, size: int, k: int) -> FloatArray:
    """(N,) cells 0 ... size - 1 → (size,) how many are in each, no entity more than a k-th of it.

    A cell that fewer than k entities are in counts as empty.
    """
    total = pl.col("n").sum().over("c")
    counted = (
        pl.DataFrame({"c": cells, "e": owner})
        .group_by("c", "e")
        .agg(n=pl.len())
        .filter(pl.len().over("c") >= k)
        .select("c", n=pl.min_horizontal(pl.col("n").cast(pl.Float64), total / k))
        .sort("c", "n")
    )
    weights = counted["n"].to_numpy()
    return np.bincount(counted["c"].to_numpy(), weights, size).astype(np.float64)


def _stands_out(support: pl.DataFrame) -> pl.Series:
    """Which of the distinct values (v, n) are far more frequent than the 20 around them."""
    v, n = support["v"].to_numpy(), support["n"].to_numpy().astype(np.float64)
    at = np.arange(len(v))
    left, right = np.maximum(at - 10, 0), np.minimum(at + 10, len(v) - 1)
    total = np.concatenate([[0], np.cumsum(n)])
    around = total[right + 1] - total[left] - n
    shifted = [np.where((at + d >= 0) & (at + d < len(v)), np.roll(n, -d), 0) for d in REACH]
    largest = np.sort(np.stack(shifted), 0)[-2:].sum(0)  # other spikes do not count
    usual = (around - largest) / np.maximum(v[right] - v[left], 1)
    return pl.Series(n > usual + 5 * np.sqrt(usual + 1))


def _edges(pairs: pl.DataFrame, k: int, bins: int, cuts: IntArray | None) -> IntArray:
    """Edges of bins over (v, e, len) sorted by v, each a mean of its neighbours; may be empty."""
    if pairs["e"].n_unique() < k:
        return np.empty(0, np.int64)
    values = np.repeat(pairs["v"].to_numpy(), pairs["len"].to_numpy())
    low, high = protected_range(pairs["v"].to_numpy(), pairs["e"].to_numpy(), k)
    if high < low:
        low = high = round(float(np.mean(values)))
    tails = [0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.0075]
    levels = np.unique([*np.linspace(0, 1, bins + 1), *tails, *(1 - t for t in tails)])[1:-1]
    inner = [_cut(values, level, k) for level in levels] if cuts is None else cuts
    edges = np.unique(np.clip([low, *inner, high + 1], low, high + 1))
    return _merge(edges, pairs, k)


def _cut(values: IntArray, level: float, k: int) -> int:
    """The place near a quantile where neighbours lie farthest apart, by the means of both sides."""
    rank = round(level * (len(values) - 1))
    near = np.arange(max(1, rank - k), min(len(values), rank + k + 1))
    at = near[np.argmax(np.diff(values)[near - 1])] if len(near) else rank
    below, above = values[max(0, at - k) : at], values[at : at + k]
    return int(np.ceil(np.concatenate([below, above]).mean()))


def _bin(edges: IntArray, values: IntArray) -> IntArray:
    bins: IntArray = np.clip(np.searchsorted(edges, values, "right") - 1, 0, len(edges) - 2)
    return bins


def _merge(edges: IntArray, pairs: pl.DataFrame, k: int) -> IntArray:
    """Drop edges until every bin holds values of at least k entities."""
    held = pairs.select(b=pl.Series(_bin(edges, pairs["v"].to_numpy())), e="e").unique()
    holders = dict(held.group_by("b").agg("e").iter_rows())
    kept, current = [int(edges[0])], set[int]()
    for b, upper in enumerate(edges[1:].tolist()):
        current.update(holders.get(b, ()))
        if len(current) >= k:
            kept.append(upper)
            current = set()
    if len(kept) == 1:
        kept.append(int(edges[-1]))
    kept[-1] = int(edges[-1])
    return np.array(kept, np.int64)


def _insides(pairs: pl.DataFrame, edges: IntArray, k: int) -> tuple[IntArray, IntArray, FloatArray]:
    """(Q,) lowest value, highest value and tilt of each bin, as at least k entities tell them."""
    if len(edges) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    low, width = edges[:-1], np.diff(edges)
    values = np.clip(pairs["v"].to_numpy(), edges[0], edges[-1] - 1)
    bins = _bin(edges, values)
    inside = pairs.select("e", "len", b=pl.Series(bins), x=(values - low[bins] + 0.5) / width[bins])
    own, whole = pl.col("len").sum().over("b", "e"), pl.col("len").sum().over("b")
    weight = pl.col("w").cum_sum().over("b") - pl.col("w") / 2
    halves = (
        # An entity weighs as much as it has values, and no more than a k-th of the bin.
        inside.with_columns(w=pl.col("len") * pl.min_horizontal(1.0, whole / k / own))
        .filter(pl.col("e").n_unique().over("b") >= k)
        .sort("b", "x", "e")
        .with_columns(half=pl.when(weight <= pl.col("w").sum().over("b") / 2).then(0).otherwise(1))
        .group_by("b", "half", maintain_order=True)
        .agg(x=(pl.col("x") * pl.col("w")).sum() / pl.col("w").sum(), w=pl.col("w").sum())
    )
    means, weights = np.full((2, len(low)), 0.5), np.full((2, len(low)), 0.5)
    means[0], means[1] = 0.25, 0.75
    means[halves["half"].to_numpy(), halves["b"].to_numpy()] = halves["x"].to_numpy()
    weights[halves["half"].to_numpy(), halves["b"].to_numpy()] = halves["w"].to_numpy()
    # Uniform values have half-means a quarter from the ends.
    quarter = (means[1] - means[0]) / 2
    tight = quarter < 0.125
    left = np.where(tight, np.maximum(means[0] - quarter, 0), 0)
    right = np.where(tight, np.minimum(means[1] + quarter, 1), 1)
    lows = low + np.minimum((left * width).astype(np.int64), width - 1)
    highs = np.maximum(low + np.ceil(right * width).astype(np.int64) - 1, lows)
    middle = (means * weights).sum(0) / weights.sum(0)
    return lows, highs, _tilt(np.where(tight, 0.5, np.round(middle, 2)))


def _tilt(mean: FloatArray) -> FloatArray:
    """Where the density `exp(t x)` on [0, 1] has this mean: t, by bisection."""
    low, high = np.full(len(mean), -50.0), np.full(len(mean), 50.0)
    for _ in range(60):
        t = (low + high) / 2
        t = np.where(np.abs(t) < 1e-6, 1e-6, t)
        below = 1 / -np.expm1(-t) - 1 / t < mean
        low, high = np.where(below, t, low), np.where(below, high, t)
    found: FloatArray = np.where(np.abs(mean - 0.5) < 0.01, 0.0, np.round((low + high) / 2, 3))
    return found


class Codec(Protocol):
    """Turns one column into tokens and back."""

    @property
    def size(self) -> int:
        """How many tokens there are, null included."""

    def encode(self, column: pl.Series) -> IntArray:
        """(N,) values → (N,) tokens."""

    def decode(self, tokens: IntArray, uniform: FloatArray) -> pl.Series:
        """(N,) tokens and numbers in [0, 1) → (N,) values of the fitted type."""

    @property
    def order(self) -> FloatArray:
        """(V,) a number per token that rises with its values; NaN where there is no order."""

    def forbidden(self) -> IntArray:
        """Tokens that must never be sampled."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""


@dataclass(frozen=True)
class Categories:
    """Strings, enumerations and booleans: 0 is null, 1 is rare or unseen, then by frequency."""

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
        return cls(support["v"].to_list(), column.dtype)

    def encode(self, column: pl.Series) -> IntArray:
        """(N,) values → (N,) tokens."""
        text = column.cast(pl.String)
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
        return text.cast(self.dtype) if text.dtype != self.dtype else text

    @property
    def order(self) -> FloatArray:
        """(V,) no order."""
        return np.full(self.size, np.nan)

    def forbidden(self) -> IntArray:
        """Rare is sampled only where the type can say so."""
        speaks = isinstance(self.dtype, pl.String | pl.Categorical)
        return np.array([] if speaks else [RARE], np.int64)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"kind": "categories", "values": self.values, "dtype": dtype_to_json(self.dtype)}


@dataclass(frozen=True)
class Numbers:
    """Integers, decimals and dates as multiples of `10 ** -decimals`, on a grid."""

    grid: Grid
    decimals: int
    dtype: pl.DataType

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return self.grid.size

    @classmethod
    def learn(cls, column: pl.Series, owner: IntArray, k: int) -> "Numbers":
        """The digits that the values carry, then common values and bins."""
        present, usable = _as_float(column)
        decimals = _decimals(present[usable]) if _is_real(column.dtype) else 0
        steps = np.rint(present[usable] * 10.0**decimals).astype(np.int64)
        return cls(Grid.learn(steps, owner[usable], k), decimals, column.dtype)

    def encode(self, column: pl.Series) -> IntArray:
        """(N,) values → (N,) tokens; null, NaN and infinities are null."""
        values, usable = _as_float(column)
        limit = 2.0**62
        steps = np.rint(np.clip(np.where(usable, values, 0) * 10.0**self.decimals, -limit, limit))
        return np.where(usable, self.grid.encode(steps.astype(np.int64)), NULL)

    def decode(self, tokens: IntArray, uniform: FloatArray) -> pl.Series:
        """(N,) tokens and numbers in [0, 1) → (N,) values with the digits that were learned."""
        steps = self.grid.decode(tokens, uniform)
        null = pl.Series(tokens == NULL)
        if _is_real(self.dtype):
            values = pl.Series(np.round(steps / 10.0**self.decimals, self.decimals))
        else:
            values = pl.Series(steps)
        absent = pl.Series([None], dtype=values.dtype)
        return absent.zip_with(null, values).cast(self.dtype)

    def outside(self, column: pl.Series) -> FloatArray:
        """(N,) logarithm of how far a value lies outside the range; 0 inside, and for nulls."""
        values, usable = _as_float(column)
        if self.grid.size < 2:
            return np.zeros(len(values))
        steps = np.where(usable, values, 0) * 10.0**self.decimals
        low, high = self.grid.low[1:].min(), self.grid.high[1:].max()
        beyond = np.maximum(np.maximum(low - steps, steps - high), 0) / (high - low + 1)
        return np.where(usable, np.log1p(beyond), 0)

    @property
    def order(self) -> FloatArray:
        """(V,) a number per token that rises with its values; NaN for null."""
        return self.grid.order

    def forbidden(self) -> IntArray:
        """Everything may be sampled."""
        return np.array([], np.int64)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "kind": "numbers",
            "grid": self.grid.to_dict(),
            "decimals": self.decimals,
            "dtype": dtype_to_json(self.dtype),
        }


def learn_codec(column: pl.Series, owner: IntArray, k: int) -> Categories | Numbers:
    """The codec that fits the column's type."""
    if column.dtype.is_numeric() or column.dtype.is_temporal():
        return Numbers.learn(column, owner, k)
    return Categories.learn(column, owner, k)


def codec_from_dict(data: dict[str, Any]) -> Categories | Numbers:
    """From JSON."""
    dtype = dtype_from_json(data["dtype"])
    if data["kind"] == "categories":
        return Categories(data["values"], dtype)
    return Numbers(Grid.from_dict(data["grid"]), data["decimals"], dtype)


def _is_real(dtype: pl.DataType) -> bool:
    return dtype.is_float() or dtype.is_decimal()


def _as_float(column: pl.Series) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    physical = column.to_physical() if column.dtype.is_temporal() else column
    values = physical.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return values, np.isfinite(values)


def _decimals(values: FloatArray) -> int:
    """The digits after the point that 99.9 % of the values need, at most six."""
    tolerance = np.maximum(1e-9, np.abs(values) * 1e-6)  # 32-bit floats carry seven digits
    for digits in range(MAX_DECIMALS if len(values) else 0):
        if np.mean(np.abs(np.round(values, digits) - values) > tolerance) <= 0.001:
            return digits
    return MAX_DECIMALS if len(values) else 0


def dtype_to_json(dtype: pl.DataType) -> dict[str, Any]:
    """A Polars type as JSON; categories of an Enum are not told, they may be rare values."""
    data: dict[str, Any] = {"name": str(dtype.base_type())}
    if isinstance(dtype, pl.Datetime):
        data |= {"unit": dtype.time_unit, "zone": dtype.time_zone}
    elif isinstance(dtype, pl.Duration):
        data |= {"unit": dtype.time_unit}
    elif isinstance(dtype, pl.Decimal):
        data |= {"precision": dtype.precision, "scale": dtype.scale}
    return data


def dtype_from_json(data: dict[str, Any]) -> pl.DataType:
    """A Polars type from JSON; an Enum comes back as Categorical."""
    name = data["name"]
    if name == "Datetime":
        return pl.Datetime(data["unit"], data["zone"])
    if name == "Duration":
        return pl.Duration(data["unit"])
    if name == "Decimal":
        return pl.Decimal(data["precision"], data["scale"])
    kind: type[pl.DataType] = getattr(pl, "Categorical" if name == "Enum" else name)
    return kind()
