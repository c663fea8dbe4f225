"""What sites tell each other, sealed under a key that they share and the server never has.

AES-256-GCM under a subkey of the run. What is sealed is bound to run, stage, site and all that the
site had been told before: nothing opens that comes from another run, stands in another place, is
told in another's name, or by a site to which the server had shown something else. Who holds the
key reads it all: it is shared between sites that may know each other's statistics.
"""

import hashlib
import json
import os
import zlib
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from anonymizer.errors import KeyMaterialError
from anonymizer.federated.protocol import Board
from anonymizer.keys import Key

_NONCE: Final = 12  # bytes
_LENGTH: Final = 8  # bytes that hold the length before padding
_LARGEST: Final = 256 * 2**20  # bytes that a site may tell in a stage


class Seal:
    """The seal of one run."""

    def __init__(self, key: Key, run: int) -> None:
        self._run, self._key = run, key
        self._cipher = AESGCM(self.secret("seal"))

    def secret(self, purpose: str) -> bytes:
        """32 bytes that the sites of this run share, for one purpose."""
        return bytes.fromhex(self._key.subkey(f"federated\0{self._run}\0{purpose}"))

    def pad(self, purpose: str, size: int) -> bytes:
        """Bytes that look random to who lacks the key; of a purpose always the same."""
        return stream(self.secret(f"pad\0{purpose}")).update(bytes(size))

    def close(self, told: bytes, stage: str, site: str, before: Board) -> bytes:
        """What a site tells in a stage, unreadable for who lacks the key."""
        packed = zlib.compress(told, 6)
        text = len(packed).to_bytes(_LENGTH, "big") + packed
        nonce = os.urandom(_NONCE)
        padded = text.ljust(_padded(len(text)), b"\0")
        return nonce + self._cipher.encrypt(nonce, padded, self._place(stage, site, before))

    def open(self, sealed: bytes, stage: str, site: str, before: Board) -> bytes:
        """What a site told in a stage.

        Raises:
            KeyMaterialError: it is not what this site told here, under this key.
        """
        nonce, text = sealed[:_NONCE], sealed[_NONCE:]
        try:
            padded = self._cipher.decrypt(nonce, text, self._place(stage, site, before))
        except (InvalidTag, ValueError):  # the latter of what is too short
            raise KeyMaterialError(
                f"what site {site} told in stage {stage} does not open: it is sealed with another "
                "key, or was changed on its way, or that site was told something else before"
            ) from None
        length = int.from_bytes(padded[:_LENGTH], "big")
        unpacking = zlib.decompressobj()
        told = unpacking.decompress(padded[_LENGTH : _LENGTH + length], _LARGEST)
        if unpacking.unconsumed_tail:
            raise KeyMaterialError(f"what site {site} told in stage {stage} is too large")
        return told

    def _place(self, stage: str, site: str, before: Board) -> bytes:
        return json.dumps([self._run, stage, site, digest(before)]).encode()


def stream(key: bytes) -> CipherContext:
    """What XORs bytes with those of AES-256 in counter mode, from 0 on: a key serves once."""
    return Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor()


def digest(board: Board) -> str:
    """One text for all that was told, the same at all sites that were told the same."""
    stages = [
        sorted((site, hashlib.sha256(told).hexdigest()) for site, told in stage.items())
        for stage in board
    ]
    return hashlib.sha256(json.dumps(stages).encode()).hexdigest()


def _padded(length: int) -> int:
    """The length that is shown instead: at most 12 % more, one of few for each power of two.

    Padmé (Nikitin and others 2019, Reducing metadata leakage from encrypted files): an observer
    learns O(log log) bits of a length.
    """
    exponent = length.bit_length() - 1
    step: int = 1 << (exponent - exponent.bit_length())
    return -(-length // step) * step
