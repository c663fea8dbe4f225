"""AES-CMAC (NIST SP 800-38B, RFC 4493) of a whole column: all texts advance by a block at a time.

One call of AES per block position serves all rows, where a call per row would cost fifty times as
much as the cipher. Rows are taken in blocks that stay in the processor's cache.
"""

from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from anonymizer.arrays import ByteArray, IntArray, UnsignedArray
from anonymizer.masking.primitives.bulk.characters import characters

Blocks: TypeAlias = UnsignedArray  # rows × 2 words, the 16 bytes of each block

AES_BYTES: Final = 16  # of a block
_WORD: Final = 8  # bytes of half a block
ROWS_AT_ONCE: Final = 32_768
_LONGEST: Final = 1_024  # bytes; of longer texts a column has few, and each is cheaper by itself
_POLYNOMIAL: Final = 0x87  # by which doubling wraps around in the field of 2^128 elements


class ColumnCmac:
    """AES-256-CMAC under one key.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, texts: pl.Series) -> Blocks:
        """The code of each text, over its bytes in UTF-8.

        Args:
            texts: String of N rows; null counts as the empty text.

        Returns:
            N × 2 words, the 16 bytes of each code.
        """
        codes = np.empty((len(texts), 2), np.uint64)
        for start in range(0, len(texts), ROWS_AT_ONCE):
            rows = texts.slice(start, ROWS_AT_ONCE)
            codes[start : start + len(rows)] = self._of(rows)
        return codes

    def _of(self, texts: pl.Series) -> Blocks:
        raw, ends = characters(texts)
        starts, lengths = ends[:-1], np.diff(ends)
        if (most := int(lengths.max(initial=0))) > _LONGEST:
            return self._one_by_one(raw, starts, ends[1:])
        # The eight bytes from each place on, as one number.
        padded = np.concatenate([raw, np.zeros(AES_BYTES, np.uint8)])
        words = np.ndarray((len(padded) - _WORD + 1,), np.uint64, padded, strides=(1,))
        if most <= AES_BYTES:
            return self._last(words, starts, lengths, None)
        return self._chained(words, starts, lengths)

    def _chained(
        self,
        words: UnsignedArray,
        starts: IntArray,
        lengths: IntArray,
    ) -> Blocks:
        """The codes of texts of several blocks, the longest first, so that rows end at the end."""
        blocks = np.maximum((lengths + AES_BYTES - 1) // AES_BYTES, 1)
        order = None
        if blocks.min() < blocks.max():
            order = np.argsort((-blocks).astype(np.int16), kind="stable")
            starts, lengths, blocks = starts[order], lengths[order], blocks[order]
        codes, state = np.empty((len(starts), 2), np.uint64), None
        for block in range(int(blocks[0])):
            rows = int(np.searchsorted(-blocks, -block, side="left"))  # that have this block
            more = int(np.searchsorted(-blocks, -block - 1, side="left"))  # and another after it
            places = starts[:rows] + AES_BYTES * block
            before = None if state is None else state[more:rows]
            codes[more:rows] = self._last(
                words, places[more:], lengths[more:rows] - AES_BYTES * block, before
            )
            state = self._inner(words, places[:more], None if state is None else state[:more])
        if order is None:
            return codes
        found = np.empty_like(codes)
        found[order] = codes
        return found

    def _inner(self, words: UnsignedArray, places: IntArray, state: Blocks | None) -> Blocks:
        """The state after a block with another one behind it."""
        block = np.empty((len(places), 2), np.uint64)
        block[:, 0], block[:, 1] = words[places], words[places + _WORD]
        if state is not None:
            block ^= state
        return aes(self._key, block)

    def _last(
        self,
        words: UnsignedArray,
        places: IntArray,
        left: IntArray,
        state: Blocks | None,
    ) -> Blocks:
        """The codes, after the last block, of which so many bytes are left."""
        block = np.empty((len(places), 2), np.uint64)
        for half in (0, 1):
            word = words[places + _WORD * half]
            word &= self._kept[half][left]
            word ^= self._added[half][left]
            block[:, half] = word if state is None else word ^ state[:, half]
        return aes(self._key, block)

    def _one_by_one(self, raw: ByteArray, starts: IntArray, ends: IntArray) -> Blocks:
        whole = CMAC(algorithms.AES(self._key))
        codes = bytearray()
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            code = whole.copy()
            code.update(raw[start:end].tobytes())
            codes += code.finalize()
        return np.frombuffer(codes, np.uint64).reshape(-1, 2)

    @cached_property
    def _kept(self) -> UnsignedArray:
        """Which bytes of the last block belong to the text: halves × bytes left, 0 to 16."""
        masks = [b"\xff" * left + bytes(AES_BYTES - left) for left in range(AES_BYTES + 1)]
        return _halves(masks)

    @cached_property
    def _added(self) -> UnsignedArray:
        """What the last block is combined with: the padding and a subkey, as in `_kept`."""
        first = _doubled(aes(self._key, np.zeros((1, 2), np.uint64)).tobytes())
        second = _doubled(first)
        padded = [bytes(left) + b"\x80" + bytes(AES_BYTES - left - 1) for left in range(AES_BYTES)]
        added = [bytes(a ^ b for a, b in zip(block, second, strict=True)) for block in padded]
        return _halves([*added, first])


def block_cipher(key: bytes) -> CipherContext:
    """AES of blocks by themselves: a permutation of which modes are made."""
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 (no mode to publish)


def aes(key: bytes, blocks: Blocks) -> Blocks:
    """Each block encrypted by AES, as what `key` has for bytes says; a new array."""
    out = np.empty(blocks.nbytes + AES_BYTES - 1, np.uint8)
    block_cipher(key).update_into(blocks.view(np.uint8).reshape(-1).data, out.data)
    return out[: blocks.nbytes].view(np.uint64).reshape(-1, 2)


def _halves(blocks: list[bytes]) -> UnsignedArray:
    return np.frombuffer(b"".join(blocks), np.uint64).reshape(-1, 2).T.copy()


def _doubled(block: bytes) -> bytes:
    """The block times two in the field of 2^128 elements (SP 800-38B, 6.1)."""
    number = int.from_bytes(block) << 1
    wrapped = number ^ (1 << 128 | _POLYNOMIAL) if number >> 128 else number
    return wrapped.to_bytes(AES_BYTES)
