"""The bytes of a column of text, as they lie one after the other."""

from typing import Final

import numpy as np
import polars as pl

from anonymizer.arrays import ByteArray, IntArray

_PLACE_BYTES: Final = 8
_AT_ONCE: Final = 1 << 15  # texts whose bytes stay in a processor's cache
_BLANK: Final = ord(" ")
_BEYOND_ASCII: Final = 1 << 7


def characters(texts: pl.Series) -> tuple[ByteArray, IntArray]:
    """The bytes of all texts in UTF-8, and N + 1 places: where each begins, and the last ends."""
    array = texts.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, content = array.buffers()
    ends = np.frombuffer(offsets, np.int64, len(array) + 1, array.offset * _PLACE_BYTES)
    return np.frombuffer(content, np.uint8, ends[-1]) if ends[-1] else np.empty(0, np.uint8), ends


def are_plain(texts: pl.Series) -> bool:
    """Whether all texts are ASCII without blanks at their ends; null and empty ones are."""
    slices = texts.to_frame().iter_slices(_AT_ONCE)
    return all(_are_plain(*characters(some.to_series())) for some in slices)


def _are_plain(content: ByteArray, ends: IntArray) -> bool:
    starts, ends = ends[:-1], ends[1:]
    if not (filled := starts < ends).all():
        starts, ends = starts[filled], ends[filled]
    if not len(starts):
        return True
    outermost = min(content[starts].min(), content[ends - 1].min())
    return bool(outermost > _BLANK and content[starts[0] :].max() < _BEYOND_ASCII)
