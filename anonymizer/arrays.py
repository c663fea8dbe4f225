"""The types of NumPy arrays; shapes stand where they are used. And what differs in one."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]
SmallFloatArray = npt.NDArray[np.float32]  # where there are millions of shares
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
BitArray = npt.NDArray[np.uint64]  # 64 truth values in each
UnsignedArray = npt.NDArray[np.uint64]
WordArray = npt.NDArray[np.uint32]
ByteArray = npt.NDArray[np.uint8]


def distinct(values: IntArray) -> IntArray:
    """The different values of a vector, in ascending order.

    `np.unique` of NumPy 2.4 hashes integers: many times a sort where most of them differ.
    """
    ordered = np.sort(values)
    different: IntArray = ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0]
    return different
