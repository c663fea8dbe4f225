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


@dataclass(frozen=True)
class Grid:
    """A partition of the integers into tokens: 0 is null, then common values, then bins.

    Attributes:
        atoms: (A,) values with a token of their own, ascending.
        edges: (Q + 1,) ascending, or none; bin q holds `edges[q] ... edges[q + 1] - 1`. Values
            outside fall into the outermost bins.
    """

    atoms: IntArray
    edges: IntArray

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return 1 + len(self.atoms) + max(len(self.edges) - 1, 0)

    @property
    def low(self) -> IntArray:
        """(V,) the smallest value of each token; 0 for null."""
        return np.concatenate([[0], self.atoms, self.edges[:-1]])

    @property
    def high(self) -> IntArray:
        """(V,) the largest value of each token; 0 for null."""
        return np.concatenate([[0], self.atoms, self.edges[1:] - 1])

    @classmethod
    def learn(
        cls,
        values: IntArray,
        owner: IntArray,
        k: int,
        *,
        bins: int = 64,
        atoms: int = 256,
        share: float = 0.001,
    ) -> "Grid":
        """Common values become atoms, the rest quantile bins of at least k entities each.

        Args:
            values: (N,) without nulls.
            owner: (N,) the entity that each value belongs to.
            k: entities that must hold a value before it may be told.
            bins: quantile bins at most; the upper and lower tail get a few more.
            atoms: common values at most.
            share: of the values that an atom must account for, unless all fit.
        """
        pairs = pl.DataFrame({"v": values, "e": owner}).group_by("v", "e").len()
        support = pairs.group_by("v").agg(n=pl.col("len").sum(), held=pl.len())
        common = support.filter(pl.col("held") >= k)
        if len(common) > atoms:
            often = common.filter(pl.col("n") >= share * len(values))
            # Sorted by value too: ties must not depend on the order in which groups come.
            common = often.sort("n", "v", descending=[True, False]).head(atoms)
        chosen = np.sort(common["v"].to_numpy())
        rest = pairs.filter(~pl.col("v").is_in(chosen.tolist())).sort("v")
        edges = _edges(rest["v"].to_numpy(), rest["e"].to_numpy(), k, bins)
        if not len(edges) and not len(chosen):
            edges = np.array([0, 1])  # nothing may be told: a single bin that holds zero
        return cls(chosen, edges)

    def encode(self, values: IntArray) -> IntArray:
        """(N,) values → (N,) tokens; nulls are the caller's."""
        if len(self.edges) < 2:
            return self._nearest(values)
        bins = np.clip(np.searchsorted(self.edges, values, "right") - 1, 0, len(self.edges) - 2)
        tokens = 1 + len(self.atoms) + bins
        if len(self.atoms):
            at = np.minimum(np.searchsorted(self.atoms, values), len(self.atoms) - 1)
            tokens = np.where(self.atoms[at] == values, 1 + at, tokens)
        return tokens.astype(np.int64)

    def _nearest(self, values: IntArray) -> IntArray:
        """(N,) values → (N,) tokens of the nearest atom, where there are no bins."""
        right = np.clip(np.searchsorted(self.atoms, values), 0, len(self.atoms) - 1)
        left = np.maximum(right - 1, 0)
        closer = values - self.atoms[left] < self.atoms[right] - values
        return np.where(closer, 1 + left, 1 + right)

    def decode(self, tokens: IntArray, uniform: FloatArray) -> IntArray:
        """(N,) tokens and (N,) numbers in [0, 1) → (N,) values, uniform inside a bin."""
        low, high = self.low[tokens], self.high[tokens]
        return low + (uniform * (high - low + 1)).astype(np.int64)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"atoms": self.atoms.tolist(), "edges": self.edges.tolist()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Grid":
        """From JSON."""
        return cls(np.array(data["atoms"], np.int64), np.array(data["edges"], np.int64))


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


def _edges(values: IntArray, owner: IntArray, k: int, bins: int) -> IntArray:
    """Edges of quantile bins over sorted values, each a mean of its neighbours; may be empty."""
    nothing = np.empty(0, np.int64)
    if len(np.unique(owner)) < k:
        return nothing
    low, high = protected_range(values, owner, k)
    if high < low:
        middle = round(float(np.mean(values)))
        low = high = middle
    tails = [0.001, 0.0025, 0.005, 0.0075]
    levels = np.unique([*np.linspace(0, 1, bins + 1), *tails, *(1 - t for t in tails)])[1:-1]
    inner = [_local_mean(values, level, k) for level in levels]
    edges = np.unique(np.clip([low, *inner, high + 1], low, high + 1))
    return _merge(edges, np.clip(values, low, high), owner, k)


def _local_mean(values: IntArray, level: float, k: int) -> int:
    rank = round(level * (len(values) - 1))
    window = values[max(0, rank - k) : rank + k + 1]
    return round(float(window.mean()))


def _merge(edges: IntArray, values: IntArray, owner: IntArray, k: int) -> IntArray:
    """Drop edges until every bin holds values of at least k entities."""
    bins = np.clip(np.searchsorted(edges, values, "right") - 1, 0, len(edges) - 2)
    holders: list[set[int]] = [set() for _ in range(len(edges) - 1)]
    for b, e in np.unique(np.stack([bins, owner], 1), axis=0).tolist():
        holders[b].add(e)
    kept = [int(edges[0])]
    current: set[int] = set()
    for b, held in enumerate(holders):
        current |= held
        if len(current) >= k:
            kept.append(int(edges[b + 1]))
            current = set()
    if len(kept) == 1:
        kept.append(int(edges[-1]))
    kept[-1] = int(edges[-1])
    return np.array(kept, np.int64)


class Codec(Protocol):
    """Turns one column into tokens and back."""

    @property
    def size(self) -> int:
        """How many tokens there are, null included."""

    def encode(self, column: pl.Series) -> IntArray:
        """(N,) values → (N,) tokens."""

    def decode(self, tokens: IntArray, uniform: FloatArray) -> pl.Series:
        """(N,) tokens and numbers in [0, 1) → (N,) values of the fitted type."""

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
