"""Ed25519 keys (RFC 8032) as OpenSSL and OpenSSH write them, and what is signed with them."""

import base64
import os
from pathlib import Path
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anonymizer.errors import DataError, KeyMaterialError
from anonymizer.keys import read_key_file

ALGORITHM: Final = "Ed25519"
_CONTEXT: Final = b"anonymizer certificate 1\n"  # so that no other text was ever signed as this one
_UNREADABLE: Final = (ValueError, TypeError)


def load_signing_key(file: str | Path, passphrase_variable: str | None = None) -> Ed25519PrivateKey:
    """A private key in PEM or as `ssh-keygen -t ed25519` writes it, which only its owner may read.

    Args:
        file: where it stands.
        passphrase_variable: environment variable with its passphrase, where it has one.

    Raises:
        KeyMaterialError: it cannot be read, is open to others, or is no Ed25519 key.
    """
    content = read_key_file(file)
    passphrase = _passphrase(passphrase_variable)
    load = (
        serialization.load_ssh_private_key
        if b"OPENSSH PRIVATE KEY" in content
        else serialization.load_pem_private_key
    )
    try:
        key = load(content, passphrase)
    except UnsupportedAlgorithm:
        raise KeyMaterialError(
            f"{file}: is written in a way that nothing here reads: of a passphrase of OpenSSH "
            "`pip install bcrypt` does, and keys of `openssl genpkey` need nothing"
        ) from None
    except _UNREADABLE:
        way = "give --passphrase-env if it has a passphrase, and leave it out if it has none"
        raise KeyMaterialError(
            f"{file}: no private key could be read with what was given: {way}; "
            "`openssl genpkey -algorithm ed25519` and `ssh-keygen -t ed25519` make one"
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyMaterialError(f"{file}: is no Ed25519 key: `ssh-keygen -t ed25519` makes one")
    return key


def _passphrase(variable: str | None) -> bytes | None:
    if variable is None:
        return None
    if not (found := os.environ.get(variable)):
        raise KeyMaterialError(f"the environment variable {variable} holds no passphrase")
    return found.encode()


def load_public_key(file: str | Path) -> Ed25519PublicKey:
    """A public key in PEM or as a line `ssh-ed25519 …`.

    Raises:
        KeyMaterialError: it cannot be read or is no Ed25519 key.
    """
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise KeyMaterialError(f"cannot read the public key {file}: {error.strerror}") from None
    is_pem = content.lstrip().startswith(b"-----BEGIN")
    try:
        load = serialization.load_pem_public_key if is_pem else serialization.load_ssh_public_key
        key = load(content.strip())
    except (*_UNREADABLE, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyMaterialError(
            f"{file}: is no public Ed25519 key: `openssl pkey -pubout` and "
            "`ssh-keygen -y` write it from the private one"
        )
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """The fingerprint of a public key, as `ssh-keygen -l` says it."""
    digest = serialization.ssh_key_fingerprint(key, hashes.SHA256())
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def canonical(content: object) -> bytes:
    """Plain values as the one text that RFC 8785 (JSON Canonicalization Scheme) gives them.

    Raises:
        DataError: a number is beyond those that every reader of JSON keeps.
    """
    try:
        return rfc8785.dumps(content)  # type: ignore[arg-type] # what is no JSON raises, below
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        raise DataError(
            "the certificate holds what JSON cannot: a number that is NaN, infinite or beyond "
            "2^53, or half a character"
        ) from None


def signed(content: object, key: Ed25519PrivateKey) -> dict[str, str]:
    """The signature of plain values, with the public key that tells whose it is."""
    public = key.public_key()
    return {
        "algorithm": ALGORITHM,
        "public_key": _text(public.public_bytes_raw()),
        "fingerprint": fingerprint(public),
        "value": _text(key.sign(_CONTEXT + canonical(content))),
    }


def faults_of(signature: Any, content: object, signer: Ed25519PublicKey) -> list[str]:
    """What is wrong with a signature: each a line that begins with its place."""
    expected = {
        "algorithm": ALGORITHM,
        "public_key": _text(signer.public_bytes_raw()),
        "fingerprint": fingerprint(signer),
    }
    if not isinstance(signature, dict) or signature.keys() != {*expected, "value"}:
        return [f"signature: expected {', '.join(expected)} and value, and nothing else"]
    faults = [
        f"signature/{name}: is not that of the signer's key ({value})"
        for name, value in expected.items()
        if signature[name] != value
    ]
    return faults or _unfit(signature["value"], content, signer)


def _unfit(value: object, content: object, signer: Ed25519PublicKey) -> list[str]:
    try:
        raw = base64.b64decode(str(value), validate=True)
        signer.verify(raw, _CONTEXT + canonical(content))
    except (InvalidSignature, ValueError, DataError):
        raw = b""
    if _text(raw) != value:  # or other letters for the same bytes
        return ["signature/value: does not fit: the digests or the signature were changed"]
    return []


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
