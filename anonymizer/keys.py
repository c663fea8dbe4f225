"""A secret by reference, and one derived subkey per pseudonymisation domain."""

import hashlib
import hmac
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from anonymizer.errors import KeyMaterialError

DEFAULT_VARIABLE: Final = "ANONYMIZER_KEY"
MINIMUM_BYTES: Final = 16


# What people type where something random is asked for; each is known backwards as well.
_RUNS: Final = (
    "0123456789abcdef", "01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiopü",
    "azertyuiop", "asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm", "wxcvbn", "1qaz2wsx3edc4rfv5tgb",
    "1q2w3e4r5t6y7u8i9o0p", "!@#$%^&*()",
)  # fmt: skip
_WORDS: Final = (
    "password", "passwort", "passw0rd", "p@ssw0rd", "changeme", "secret", "letmein", "welcome",
    "admin", "default", "example", "test", "anonymizer", "key",
)  # fmt: skip
_KNOWN: Final = tuple(text.encode() for known in (*_RUNS, *_WORDS) for text in (known, known[::-1]))
_RUN: Final = 3  # characters of a run or a word at least; two of one may be chance
MINIMUM_SURPRISES: Final = 9  # the least among thousands of random texts of 16 decimal digits


def _hard_to_guess(material: bytes) -> bool:
    """Whether a secret is made of enough pieces that do not follow from what is known before.

    A piece is the longest that stands earlier in the secret or in a common run or word, as in
    the compression of Lempel and Ziv (1976); else one character.
    """
    text, place, pieces = material.lower(), 0, 0
    while place < len(text) and pieces < MINIMUM_SURPRISES:
        place += max(1, _seen_before(text, place), _known_from(text[place:]))
        pieces += 1
    return pieces == MINIMUM_SURPRISES


def _seen_before(text: bytes, place: int) -> int:
    """How many characters from a place on stand earlier too; they may overlap."""
    length = 0
    while place + length < len(text) and text.find(text[place : place + length + 1]) < place:
        length += 1
    return length


def _known_from(text: bytes) -> int:
    """How many characters at the beginning are of one run or word."""
    length, known = 0, _KNOWN
    for n in range(_RUN, max(len(text), _RUN) + 1):
        known = tuple(each for each in known if text[:n] in each)
        if not known:
            break
        length = n
    return length


class Key:
    """A secret that shows itself nowhere: not in a repr, not in a pickle.

    Subkeys follow HKDF-Expand (RFC 5869) with SHA-256: `HMAC(secret, label ‖ 0x01)`, so that
    different domains never agree and a subkey gives nothing away about the secret or its siblings.

    Args:
        secret: at least 16 bytes; a string is taken as UTF-8, blanks at its ends are ignored.

    Raises:
        KeyMaterialError: the secret is no text or bytes, empty, short, or easily guessed.
    """

    __slots__ = ("_root",)

    def __init__(self, secret: str | bytes) -> None:
        material = secret.encode() if isinstance(secret, str) else secret
        if not isinstance(material, bytes):  # a vault that has nothing gives None
            raise KeyMaterialError(
                f"the key is {type(secret).__name__}, neither text nor bytes: look at what gives it"
            )
        material = material.strip()
        if len(material) < MINIMUM_BYTES:
            found = "empty" if not material else "too short"
            raise KeyMaterialError(
                f"the key is {found}: use at least {MINIMUM_BYTES} random bytes, "
                "for example the output of `openssl rand -hex 32`"
            )
        if not _hard_to_guess(material):
            raise KeyMaterialError(
                "the key is easily guessed, as it repeats itself or runs along the alphabet, a "
                "keyboard or a common word: use random bytes, for example the output of "
                "`openssl rand -hex 32`"
            )
        self._root = hmac.new(b"anonymizer/1", material, hashlib.sha256).digest()

    def subkey(self, domain: str) -> str:
        """The key of one domain, as 64 hexadecimal digits."""
        label = b"domain:" + domain.encode() + b"\x01"
        return hmac.new(self._root, label, hashlib.sha256).hexdigest()

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that tell keys apart and reveal nothing of them."""
        return hmac.new(self._root, b"key-id\x01", hashlib.sha256).hexdigest()[:8]

    def __repr__(self) -> str:
        return f"Key(id={self.id})"

    def __reduce__(self) -> str:
        raise KeyMaterialError("a key cannot be pickled: pass the secret by reference instead")


def read_key_file(file: str | Path) -> bytes:
    """The content of a key file that nobody but its owner may read, as of ssh."""
    try:
        with Path(file).open("rb") as opened:
            if os.name == "posix" and os.fstat(opened.fileno()).st_mode & 0o077:
                raise KeyMaterialError(
                    f"the key file {file} is open to others: `chmod 600` it, and make a new key "
                    "if somebody may have read it"
                )
            return opened.read()
    except OSError as error:
        raise KeyMaterialError(f"cannot read the key file {file}: {error.strerror}") from None


KeySource: TypeAlias = str | bytes | Callable[[], str | bytes | Key] | Key


def load_key(
    source: KeySource | None = None,
    *,
    variable: str | None = None,
    file: str | Path | None = None,
) -> Key:
    """The key from a value, a callable, a file or an environment variable, in that order.

    Raises:
        KeyMaterialError: nothing is there, what is there cannot serve as a key, or others than the
            owner may read the file.
    """
    if source is not None:
        given = source() if callable(source) else source
        return given if isinstance(given, Key) else Key(given)
    if file is not None:
        return Key(read_key_file(file))
    name = variable or DEFAULT_VARIABLE
    secret = os.environ.get(name)
    if secret is None:
        raise KeyMaterialError(
            f"no key: set the environment variable {name} to at least {MINIMUM_BYTES} random "
            "bytes, for example the output of `openssl rand -hex 32`"
        )
    try:
        return Key(secret)
    except KeyMaterialError as error:
        raise KeyMaterialError(f"environment variable {name}: {error}") from None
