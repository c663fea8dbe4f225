"""FF1 format-preserving encryption (NIST SP 800-38G, algorithms 7 and 8) of a text or a column.

No package that implements FF1 for Python is both maintained and tested against the vectors of
NIST (those that are maintained implement FF3, which NIST has withdrawn), so the Feistel rounds
stand here; the block cipher is that of `cryptography`.

Of a column each round is one call of the block cipher. What a round encrypts ends in its number
and one half of the text, at most nine bytes together, so that they stand in the last block of 16;
the blocks before it are the same in all rounds and are worked out once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from anonymizer.arrays import ByteArray, UnsignedArray
from anonymizer.masking.primitives.ciphers.cmac import AES_BYTES, aes, block_cipher
from anonymizer.masking.primitives.ciphers.digits import ZERO, digits_of, number_of

RADIX: Final = 10
ROUNDS: Final = 10
LEAST_DIGITS: Final = 6  # a domain under one million can be searched
_MOST_DIGITS: Final = 32  # of a column: 256 times what a half can be must fit 64 bits
ROWS: Final = 2**13  # at a time, whose arrays stay in the cache and are no pages of their own


@dataclass(frozen=True)
class FF1:
    """Format-preserving encryption under one key: digits become as many digits.

    Attributes:
        key: 16, 24 or 32 bytes.
    """

    key: bytes = field(repr=False)

    def encrypt(self, digits: str, tweak: bytes = b"") -> str:
        """Encrypt digits into as many other digits.

        Args:
            digits: at least six decimal digits.
            tweak: public context; other tweaks give other results.

        Raises:
            ValueError: there are too few digits.
        """
        return self._feistel(digits, tweak, range(ROUNDS))

    def decrypt(self, digits: str, tweak: bytes = b"") -> str:
        """Decrypt what `encrypt` gave for the same tweak."""
        return self._feistel(digits, tweak, range(ROUNDS - 1, -1, -1))

    def _feistel(self, digits: str, tweak: bytes, rounds: range) -> str:
        length, half = len(digits), len(digits) // 2
        if length < LEAST_DIGITS:
            raise ValueError(f"FF1 needs at least {LEAST_DIGITS} digits")
        round_value = self._round_function(length, tweak)
        left, right = digits[:half], digits[half:]
        for number in rounds:
            size = half if number % 2 == 0 else length - half
            if rounds.step > 0:
                mixed = (int(left) + round_value(number, right)) % RADIX**size
                left, right = right, f"{mixed:0{size}}"
            else:
                mixed = (int(right) - round_value(number, left)) % RADIX**size
                left, right = f"{mixed:0{size}}", left
        return left + right

    def _round_function(self, length: int, tweak: bytes) -> Callable[[int, str], int]:
        width, wide = _widths(RADIX, length)
        padding = bytes(-(len(tweak) + width + 1) % AES_BYTES)
        encryptor = block_cipher(self.key)
        first = encryptor.update(_first_block(RADIX, length, len(tweak)))

        def value(number: int, text: str) -> int:
            tail = tweak + padding + bytes([number]) + int(text).to_bytes(width, "big")
            block = first
            for start in range(0, len(tail), AES_BYTES):
                block = encryptor.update(_xor(block, tail[start : start + AES_BYTES]))
            stream = block
            for counter in range(1, -(-wide // AES_BYTES)):
                stream += encryptor.update(_xor(block, counter.to_bytes(AES_BYTES, "big")))
            return int.from_bytes(stream[:wide], "big")

        return value

    def columns(
        self, digits: ByteArray, tweaks: ByteArray, *, backwards: bool = False
    ) -> ByteArray:
        """Encrypt a column of texts of one length, or decrypt it: `encrypt` of each.

        Args:
            digits: (L, N) a text in each column, of six digits at least.
            tweaks: (N, T), or (1, T) where all have one.
            backwards: decrypt.
        """
        length = len(digits)
        if length > _MOST_DIGITS:
            return self._one_by_one(digits, tweaks, backwards)
        half = length // 2
        left, right = number_of(digits[:half]), number_of(digits[half:])
        left, right = self.halves(left, right, RADIX, length, tweaks, backwards=backwards)
        return np.concatenate([digits_of(left, half), digits_of(right, length - half)])

    def _one_by_one(self, digits: ByteArray, tweaks: ByteArray, backwards: bool) -> ByteArray:
        run = self.decrypt if backwards else self.encrypt
        texts = np.ascontiguousarray(digits.T + ZERO)
        tweaks = np.broadcast_to(tweaks, (len(texts), tweaks.shape[1]))
        found = [
            run(text.tobytes().decode(), tweak.tobytes())
            for text, tweak in zip(texts, tweaks, strict=True)
        ]
        return np.frombuffer("".join(found).encode(), np.uint8).reshape(texts.shape).T - ZERO

    def halves(
        self,
        left: UnsignedArray,
        right: UnsignedArray,
        radix: int,
        length: int,
        tweaks: ByteArray,
        *,
        backwards: bool = False,
    ) -> tuple[UnsignedArray, UnsignedArray]:
        """Encrypt a column of texts of one length, or decrypt it.

        Args:
            left: (N,) the numbers that stand in the first half of each text, the shorter one.
            right: (N,) those in the other half.
            radix: 10, or 2 for bits.
            length: of each text: 32 decimal digits at most, or 126 bits.
            tweaks: (N, T), or (1, T) where all have one.
            backwards: decrypt.

        Returns:
            The halves of the results, (N,) each.
        """
        found = np.empty_like(left), np.empty_like(right)
        for start in range(0, len(left), ROWS):
            rows = slice(start, start + ROWS)
            own = tweaks if len(tweaks) == 1 else tweaks[rows]
            column = _Column(self.key, radix, length, own)
            found[0][rows], found[1][rows] = column.run(left[rows], right[rows], backwards)
        return found


class _Column:
    """The rounds for texts of one length."""

    def __init__(self, key: bytes, radix: int, length: int, tweaks: ByteArray) -> None:
        self.key, self.radix = key, radix
        self.moduli = [radix ** (length // 2), radix ** (length - length // 2)]
        self.width, self.wide = _widths(radix, length)
        size = tweaks.shape[1]
        blocks = -(-(size + self.width + 1) // AES_BYTES)
        tail = np.zeros((len(tweaks), blocks, AES_BYTES), np.uint8)
        tail.reshape(len(tweaks), -1)[:, :size] = tweaks
        words = tail.view(np.uint64)
        mixed = aes(key, np.frombuffer(_first_block(radix, length, size), np.uint64)[np.newaxis])
        for place in range(blocks - 1):
            mixed = aes(key, mixed ^ words[:, place])
        # (N or 1, 2) what the last block is mixed with, but for the number of the round and a half
        self.last = (mixed ^ words[:, -1]).view(">u8").astype(np.uint64)

    def run(
        self, left: UnsignedArray, right: UnsignedArray, backwards: bool
    ) -> tuple[UnsignedArray, UnsignedArray]:
        for number in range(ROUNDS)[:: -1 if backwards else 1]:
            modulus = np.uint64(self.moduli[number % 2])
            if backwards:
                value = self._value(number, left, modulus)
                left, right = right - value + modulus * (right < value), left
            else:
                mixed = left + self._value(number, right, modulus)
                left, right = right, mixed - modulus * (mixed >= modulus)
        return left, right

    def _value(self, number: int, half: UnsignedArray, modulus: np.uint64) -> UnsignedArray:
        """What a round adds to the other half."""
        blocks = np.empty((len(half), 2), ">u8")
        high, low = divmod(number << 8 * self.width, 2**64)
        blocks[:, 0] = self.last[:, 0] ^ np.uint64(high)
        blocks[:, 1] = self.last[:, 1] ^ np.uint64(low) ^ half
        stream = aes(self.key, blocks.view(np.uint64))
        if self.radix == 2:  # of a power of two the last bytes are enough
            value = np.ndarray(len(half), ">u8", stream, self.wide - 8, (AES_BYTES,))
            return value.astype(np.uint64) & (modulus - np.uint64(1))
        value = _modulo(stream[:, 0].view(">u8").astype(np.uint64), modulus)
        for at in range(8, self.wide):  # 12 bytes at most
            value = _modulo(
                value << 8 | np.ndarray(len(half), "u1", stream, at, (AES_BYTES,)), modulus
            )
        return value


def _modulo(numbers: UnsignedArray, modulus: np.uint64) -> UnsignedArray:
    return numbers - numbers // modulus * modulus  # many times as fast as `%`


def _widths(radix: int, length: int) -> tuple[int, int]:
    """How many bytes hold the longer half of a text, and how many a round makes."""
    width = -(-(radix ** (length - length // 2) - 1).bit_length() // 8)
    return width, 4 * -(-width // 4) + 4


def _first_block(radix: int, length: int, tweak_length: int) -> bytes:
    """What all rounds begin with (P of the standard): radix, rounds and lengths, 16 bytes.

    Args:
        radix: of the digits.
        length: of the text in digits.
        tweak_length: in bytes.
    """
    head = bytes([1, 2, 1]) + radix.to_bytes(3, "big") + bytes([ROUNDS, length // 2 % 256])
    return head + length.to_bytes(4, "big") + tweak_length.to_bytes(4, "big")


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
