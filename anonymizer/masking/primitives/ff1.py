"""FF1 format-preserving encryption of decimal digits: NIST SP 800-38G, algorithms 7 and 8.

No package that implements FF1 for Python is both maintained and tested against the vectors of
NIST (those that are maintained implement FF3, which NIST has withdrawn), so the Feistel rounds
stand here; the block cipher is that of `cryptography`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

RADIX: Final = 10
ROUNDS: Final = 10
LEAST_DIGITS: Final = 6  # a domain under one million can be searched


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
        half = length // 2
        width = -(-(RADIX ** (length - half) - 1).bit_length() // 8)
        wide = 4 * -(-width // 4) + 4
        head = first_block(RADIX, length, len(tweak))
        padding = bytes(-(len(tweak) + width + 1) % 16)
        encryptor = Cipher(algorithms.AES(self.key), modes.ECB()).encryptor()  # noqa: S305 (a building block of FF1)
        first = encryptor.update(head)

        def value(number: int, text: str) -> int:
            tail = tweak + padding + bytes([number]) + int(text).to_bytes(width, "big")
            block = first
            for start in range(0, len(tail), 16):
                block = encryptor.update(_xor(block, tail[start : start + 16]))
            stream = block
            for counter in range(1, -(-wide // 16)):
                stream += encryptor.update(_xor(block, counter.to_bytes(16, "big")))
            return int.from_bytes(stream[:wide], "big")

        return value


def first_block(radix: int, length: int, tweak_length: int) -> bytes:
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
