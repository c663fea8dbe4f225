"""Numbers as decimals: how they are rounded, how many digits they have, what a type holds."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.relations.base.relation import ALMOST
from anonymizer.relations.base.rows import as_floats

MAX_DIGITS: Final = 6
SLACK: Final = 1e-9  # of a number, that arithmetic loses
SLACK_SMALL: Final = 2e-7  # of one of 32 bits
_PLACES: Final = 9  # after the point, that a rate may have
CUT: Final = {"down": 1, "up": -1}  # ways to round to one side, by the sign of what is cut off
_EITHER: Final = 0.2  # of what is cut off is less than a half, and as much is more
LARGEST: Final = 1e290  # of a product, so that its rounding is a number
_LARGEST_SMALL: Final = float(np.finfo(np.float32).max)
ROUNDED: Final[Mapping[str, Callable[[FloatArray], FloatArray]]] = {
    "exact": lambda scaled: scaled,
    "down": np.floor,
    "up": np.ceil,
    "half": lambda scaled: np.floor(scaled + 0.5),
    "half up": lambda scaled: np.floor(scaled + 0.5),
    "half even": np.rint,
}  # of magnitudes


def near(target: Any, value: Any, digits: Any, rounding: str, slack: float) -> Any:
    """Whether a target is a value as it is rounded, as an expression or an array.

    Ties may go either way: what cuts 2.30 off in floats makes 2.29 of it now and then.
    """
    unit = 10.0 ** -(digits * 1.0)
    lost = slack * (abs(target) + abs(value) + 1)
    off = target - value
    if rounding == "exact":
        return abs(off) <= lost
    if rounding == "any":
        return abs(off) < unit
    if rounding in CUT:
        away = (abs(value) - abs(target)) * CUT[rounding]
        return (away >= -lost) & (away <= unit + lost) & (abs(off) <= unit + lost)
    return abs(off) <= unit / 2 + lost


def rounded(value: FloatArray, digits: int, how: str) -> FloatArray:
    """(N,) values rounded as decimals are: 1.005 is a tie of two digits, though its bits lie below.

    Args:
        value: (N,) numbers, NaN for null.
        digits: after the point; `MAX_DIGITS` for any.
        how: as `rounding` says. What is `exact` loses what arithmetic added to its last digits;
            what lies between two digits stays.
    """
    unit = 10.0**digits
    scaled = abs(value) * unit
    decimal = np.round(scaled * 2) / 2  # the next tie or whole number
    scaled = np.where(abs(scaled - decimal) <= 1e-9 + 1e-12 * scaled, decimal, scaled)
    if how == "exact":
        whole = np.round(scaled)
        return np.where(
            (digits < MAX_DIGITS) & (scaled == whole), np.sign(value) * whole / unit, value
        )
    result: FloatArray = np.sign(value) * ROUNDED[how](scaled) / unit + 0.0  # no −0
    return result


def rounding(wanted: FloatArray, value: FloatArray, digits: int, slack: float) -> str:
    """How values are rounded where the targets are what comes of it.

    What is always one too few, or has a small fee added, is no number that is cut.
    """
    known = ~(np.isnan(wanted) | np.isnan(value))
    wanted, value = wanted[known], value[known]
    kept = {way: near(wanted, value, digits, way, slack) for way in ("exact", "half", *CUT)}
    if kept["exact"].mean() > 1 - (1 - ALMOST) / 10:
        return "exact"
    cut = max(CUT, key=lambda way: int(kept[way].sum()))
    if kept[cut].sum() > kept["half"].sum():
        less = kept["half"][~kept["exact"]].mean()
        return cut if _EITHER <= less <= 1 - _EITHER else "half"
    unit = 10.0**-digits
    ties = abs(abs(wanted - value) - unit / 2) <= slack * (abs(value) + 1)
    if not ties.any():
        return "half"
    up = (abs(wanted) > abs(value))[ties].mean()
    even = (np.round(wanted / unit) % 2 == 0)[ties].mean()
    return "half up" if up >= even and up > ALMOST else "half even" if even > ALMOST else "half"


def digits_of(values: FloatArray, slack: float) -> int:
    """Digits after the point that numbers have; `MAX_DIGITS` for any."""
    some = values[~np.isnan(values)][:5_000]
    for digits in range(MAX_DIGITS):
        scaled = some * 10.0**digits
        if (abs(scaled - np.round(scaled)) <= slack * abs(scaled) * 4 + 1e-9).mean() > 0.999:
            return digits
    return MAX_DIGITS


def simplest(low: FloatArray, high: FloatArray) -> FloatArray:
    """(N,) the decimal of fewest digits between two bounds, or the middle where none is short."""
    middle = (low + high) / 2
    found = np.full(len(low), np.nan)
    for digits in range(_PLACES + 1):
        decimal = np.round(middle, digits)
        found = np.where(np.isnan(found) & (low <= decimal) & (decimal <= high), decimal, found)
    return np.where(np.isnan(found), middle, found)


def decimals(values: pl.Series) -> FloatArray:
    """(N,) numbers as they are written: 1.005 of 32 bits is not 1.00499999523."""
    short = values.dtype == pl.Float32
    return as_floats(values.cast(pl.String).cast(pl.Float64) if short else values)


def as_type(values: FloatArray, name: str, dtype: pl.DataType) -> pl.Series:
    """(N,) numbers in the type of a column, NaN as null; what it cannot hold is its limit."""
    column = pl.Series(name, values).fill_nan(None)
    if dtype == pl.Boolean:
        return column > 0.5
    most = _largest(dtype)
    least = 0 if dtype.is_unsigned_integer() else -most
    return (column.round() if dtype.is_integer() else column).clip(least, most).cast(dtype)


def _largest(dtype: pl.DataType) -> float:
    """The largest number that a type holds, or the float below it."""
    if dtype.is_float():
        return LARGEST if dtype == pl.Float64 else _LARGEST_SMALL
    if isinstance(dtype, pl.Decimal):
        whole, scale = 10**dtype.precision, dtype.scale
    else:
        whole, scale = int(pl.select(pl.lit(0, dtype).upper_bound()).item()) + 1, 0
    return float(min(whole - 1, np.nextafter(float(whole), 0.0))) / 10.0**scale
