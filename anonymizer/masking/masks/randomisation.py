"""Masks that move values by chance, where chance is a keyed digest.

noise, randomized_response and shuffle. The same value of the same entity always meets
the same chance, so that repeating a release does not average it away.
"""

import math
from typing import ClassVar, Literal

import polars as pl
import polars.selectors as cs
from pydantic import Field, model_validator

from anonymizer.masking.masks.base import (
    IDENTIFIERS,
    NUMBERS,
    RESERVED_PREFIX,
    Column,
    Entity,
    Mask,
    Remark,
    Slot,
    Source,
    TypeFamily,
)
from anonymizer.masking.primitives.digest import keyed
from anonymizer.masking.primitives.dtypes import integer_bounds


def _chance(column: Column, slot: Slot) -> pl.Expr:
    """Uniform on the open interval from 0 to 1."""
    return (column.drawn(slot).cast(pl.Float64) + 0.5) / 2**32


def _with_entity(name: str, entity: Entity | None, purpose: str) -> Source | None:
    """A digest of entity and value; of the value alone, it would be the same for everybody."""
    if entity is None:
        return None
    columns = dict.fromkeys((*entity.columns, name))
    return Source(tuple(columns), f"{purpose}:{name}")


class Noise(Mask):
    """Numbers with Laplace or Gaussian noise: local differential privacy for one value.

    With the key secret, the noise is as good as random. It depends on entity and value, so that
    equal values of one entity get equal noise, and each further value of an entity has an epsilon
    of its own that adds up. Value and noise are rounded to a grid of about a hundredth of the
    scale: digits below it would give the value away (Mironov 2012). Integers keep their type and
    end where it ends. NaN and infinities give null.

    Attributes:
        distribution: laplace or gaussian.
        scale: of the Laplace distribution, or the standard deviation.
        sensitivity: how far apart two values can be; with it, the manifest gives the epsilon.
        delta: of the Gaussian guarantee.
    """

    name: ClassVar[str] = "noise"
    accepts: ClassVar[frozenset[TypeFamily]] = NUMBERS

    distribution: Literal["laplace", "gaussian"] = "laplace"
    scale: int | float = Field(gt=0, allow_inf_nan=False)
    sensitivity: int | float | None = Field(default=None, gt=0, allow_inf_nan=False)
    delta: float = Field(default=1e-6, gt=0, lt=1)

    @property
    def keyed(self) -> bool:
        """True: whoever could draw the noise again could take it off."""
        return True

    @property
    def needs_entity(self) -> bool:
        """True: noise that depended on the value alone would be a recoding."""
        return True

    def fault(self, dtype: pl.DataType) -> str | None:
        """Refuses small noise on integers, which have no room for it."""
        if dtype.is_integer() and self.scale < 1:
            return "noise on integers needs a `scale` of 1 or more"
        return super().fault(dtype)

    def source(self, name: str, entity: Entity | None) -> Source | None:
        """A digest of entity and value."""
        return _with_entity(name, entity, "noise")

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """The dtype of the column, unchanged."""
        return dtype

    def preparation(self, column: Column) -> pl.Expr:
        """The noise; null where the entity or the value is null."""
        uniform = _chance(column, Slot.CHANCE)
        if self.distribution == "laplace":
            side = uniform - 0.5
            return -self.scale * side.sign() * (1 - 2 * side.abs()).log()
        angle = 2 * math.pi * _chance(column, Slot.NUMBER)
        return self.scale * (-2 * uniform.log()).sqrt() * angle.cos()  # Box and Muller

    def expression(self, column: Column) -> pl.Expr:
        """The sum of value and noise, both rounded to the grid."""
        grid, decimals = self._grid(column.dtype)
        if column.dtype.is_integer():
            step = int(grid)
            wide = column.values.cast(pl.Int128).clip(-(2**126), 2**126)  # room for the noise
            whole = (wide + step // 2) // step
            noisy = (whole + (column.prepared / grid).round().cast(pl.Int128)) * step
            return noisy.clip(*integer_bounds(column.dtype)).cast(column.dtype)
        steps = (column.values.cast(pl.Float64) / grid).round() + (column.prepared / grid).round()
        noisy = (steps * grid).round(decimals)
        finite = pl.when(noisy.is_finite()).then(noisy)
        return finite.cast(self.output_dtype(column.dtype), strict=False)

    def _grid(self, dtype: pl.DataType | None = None) -> tuple[float, int]:
        """A power of ten near a hundredth of the scale, and its decimals; whole for integers."""
        exponent = math.floor(math.log10(self.scale)) - 2
        if dtype is not None and dtype.is_integer():
            exponent = max(0, exponent)
        return 10.0**exponent, max(0, -exponent)

    @property
    def epsilon(self) -> float | None:
        """The local epsilon of one value, where the sensitivity is known.

        Laplace: sensitivity / scale. Gaussian: the least epsilon for `delta` by the analytic
        condition of Balle and Wang (2018). Rounding to the grid moves two values apart by one
        step at most, which the sensitivity includes.
        """
        if self.sensitivity is None:
            return None
        sensitivity = self.sensitivity + self._grid()[0]
        if self.distribution == "laplace":
            return sensitivity / self.scale
        return gaussian_epsilon(self.scale / sensitivity, self.delta)

    def remark(self) -> Remark | None:
        """The privacy guarantee of the noise; warns where there is none."""
        if self.epsilon is None:
            told = "noise without `sensitivity`: no epsilon can be given"
            return Remark(told, "no-epsilon")
        delta = f", delta {self.delta:g}" if self.distribution == "gaussian" else ""
        told = f"local epsilon {self.epsilon:.3g}{delta} for each distinct value of an entity"
        return Remark(told)


def gaussian_epsilon(ratio: float, delta: float) -> float:
    """The least epsilon of Gaussian noise, by bisection on the condition of Balle and Wang.

    Args:
        ratio: standard deviation / sensitivity.
        delta: between 0 and 1.

    Source: Improving the Gaussian Mechanism for Differential Privacy, ICML 2018, theorem 8.
    """
    low, high = 0.0, 1.0
    while _gaussian_delta(ratio, high) > delta:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _gaussian_delta(ratio, middle) > delta else (low, middle)
    return high


def _gaussian_delta(ratio: float, epsilon: float) -> float:
    half, shift = 1 / (2 * ratio), epsilon * ratio
    first, second = _normal(half - shift), _normal(-half - shift)
    # e^epsilon overflows long before its product does.
    return first - (math.exp(epsilon + math.log(second)) if second > 0 else 0.0)


def _normal(value: float) -> float:
    return math.erfc(-value / math.sqrt(2)) / 2


class RandomizedResponse(Mask):
    """A categorical answer that is true with a known probability: local differential privacy.

    One of the `values` is given: the true one with probability e^ε / (e^ε + n - 1), any other with
    1 / (e^ε + n - 1), which is k-ary randomized response (Kairouz, Oh and Viswanath 2014). The draw
    depends on entity and value: who repeats an answer gives the same. What is not among the values
    gives null.

    Attributes:
        values: all possible answers; public knowledge, not taken from the data.
        epsilon: the local epsilon of one answer.
    """

    name: ClassVar[str] = "randomized_response"
    accepts: ClassVar[frozenset[TypeFamily]] = frozenset(
        {TypeFamily.TEXT, TypeFamily.INTEGER, TypeFamily.BOOLEAN}
    )

    values: list[str | int | bool] = Field(min_length=2, max_length=1000)
    epsilon: float = Field(gt=0, le=50, strict=False)

    @model_validator(mode="after")
    def _all_different(self) -> "RandomizedResponse":
        if len({_as_text(value) for value in self.values}) != len(self.values):
            raise ValueError("`values` must differ")
        return self

    @property
    def keyed(self) -> bool:
        """True: whoever could draw again would know which answers are true."""
        return True

    @property
    def needs_entity(self) -> bool:
        """True: a draw that depended on the answer alone would be a recoding."""
        return True

    def source(self, name: str, entity: Entity | None) -> Source | None:
        """A digest of entity and answer."""
        return _with_entity(name, entity, "response")

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """String for text, else the dtype of the column."""
        return pl.String() if TypeFamily.of(dtype) is TypeFamily.TEXT else dtype

    def expression(self, column: Column) -> pl.Expr:
        """The true answer, or the drawn one where chance says so."""
        answers = pl.Series([_as_text(value) for value in self.values])
        text = column.values.cast(pl.String)
        lie = len(answers) / (math.exp(self.epsilon) + len(answers) - 1)
        drawn = pl.lit(answers).gather(column.prepared.struct.field("other"))
        answered = pl.when(column.prepared.struct.field("chance") < lie).then(drawn).otherwise(text)
        answer = pl.when(text.is_in(answers.implode())).then(answered)
        return _from_text(answer, self.output_dtype(column.dtype))

    def preparation(self, column: Column) -> pl.Expr:
        """A chance from 0 to 1, and the index of the answer that may be given instead."""
        other = column.drawn(Slot.NUMBER) % len(self.values)
        return pl.struct(chance=_chance(column, Slot.CHANCE), other=other)

    def remark(self) -> Remark | None:
        """The privacy guarantee of an answer."""
        return Remark(f"local epsilon {self.epsilon:g} for each distinct answer of an entity")

    def examples(self, dtype: pl.DataType) -> list[object]:  # noqa: ARG002 (the values are given)
        """Three of the possible answers."""
        return [self.values[number % len(self.values)] for number in range(3)]


def _as_text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from_text(text: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return pl.when(text.is_not_null()).then(text == "true")
    return text if dtype == pl.String else text.cast(dtype, strict=False)


class Shuffle(Mask):
    """Values dealt out again among the rows, within groups: each stays in its column.

    Needs the whole table in memory. The permutation follows from the key and from what is in the
    rows, not from their order. Distributions within a group are kept exactly, links to other
    columns are broken; values that are names in themselves still name somebody. A group of
    one keeps its value.

    Attributes:
        within: columns whose values, as they come, make the groups; none for the whole table.
    """

    name: ClassVar[str] = "shuffle"
    accepts: ClassVar[frozenset[TypeFamily]] = IDENTIFIERS
    whole_table: ClassVar[bool] = True

    within: list[str] = Field(default_factory=list)

    @property
    def keyed(self) -> bool:
        """True: whoever could shuffle again could undo it."""
        return True

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that make the groups."""
        return tuple(self.within)

    def fault_at(self, name: str) -> str | None:
        """Refuses groups by the column itself: equal values have nothing to deal."""
        return "shuffle within the column itself moves nothing" if name in self.within else None

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """The dtype of the column, unchanged."""
        return dtype

    def preparation(self, column: Column) -> pl.Expr:
        """Digests in whose order values are taken up and dealt out.

        Whatever two rows agree in makes them interchangeable, so that ties do no harm.
        """
        row = pl.struct(~(cs.starts_with(RESERVED_PREFIX) | cs.binary()))  # bytes have no JSON
        entity = () if column.entity is None else column.entity.columns
        value = pl.struct(column.values.alias("value"), *map(pl.col, entity))
        label = f"shuffle:{column.name}"
        return pl.struct(
            row=keyed(row.struct.json_encode(), column.subkey(f"{label}\0rows")),
            value=keyed(value.struct.json_encode(), column.subkey(f"{label}\0values")),
        )

    def expression(self, column: Column) -> pl.Expr:
        """The value that is dealt to each row."""
        dealt = column.values.sort_by(column.prepared.struct.field("value"))
        place = column.prepared.struct.field("row").rank("ordinal") - 1
        dealt_to_row = dealt.gather(place)
        return dealt_to_row.over(self.within) if self.within else dealt_to_row

    def remark(self) -> Remark | None:
        """Says that a shuffle hides links and no values."""
        told = "all values are still there: a rare one names its owner wherever it stands"
        return Remark(told)
