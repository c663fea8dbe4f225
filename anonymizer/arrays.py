"""The types of NumPy arrays; shapes stand where they are used."""

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
ByteArray = npt.NDArray[np.uint8]
