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


class Key:
    """A secret that shows itself nowhere: not in a repr, not in a pickle.

    Subkeys follow HKDF-Expand (RFC 5869) with SHA-256: `HMAC(secret, label ‖ 0x01)`, so that
    different domains never agree and a subkey gives nothing away about the secret or its siblings.

    Args:
        secret: at least 16 bytes; a string is taken as UTF-8, blanks at its ends are ignored.

    Raises:
        KeyMaterialError: the secret is no text or bytes, empty, short, or one character repeated.
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
        if len(set(material)) == 1:
            raise KeyMaterialError("the key repeats one character: use random bytes")
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


KeySource: TypeAlias = str | bytes | Callable[[], str | bytes] | Key


def load_key(
    source: KeySource | None = None,
    *,
    variable: str | None = None,
    file: str | Path | None = None,
) -> Key:
    """The key from a value, a callable, a file or an environment variable, in that order.

    Raises:
        KeyMaterialError: nothing is there, or what is there cannot serve as a key.
    """
    if isinstance(source, Key):
        return source
    if source is not None:
        return Key(source() if callable(source) else source)
    if file is not None:
        try:
            return Key(Path(file).read_bytes())
        except OSError as error:
            raise KeyMaterialError(f"cannot read the key file {file}: {error.strerror}") from error
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
