"""Keys: refused when weak, silent about themselves, one subkey per domain."""

import copy
import hashlib
import hmac
import os
import pickle
import random
import string
from pathlib import Path
from typing import Any

import pytest

from anonymizer.errors import KeyMaterialError
from anonymizer.keys import Key, load_key

SECRET = "0123456789abcdef-of-the-tests"


@pytest.mark.parametrize("weak", ["", "   ", b"", "short", b"fifteen-bytes--", "a" * 64, "  \n"])
def test_weak_secrets_are_refused(weak: str | bytes) -> None:
    """Empty, short and constant secrets never become a key."""
    with pytest.raises(KeyMaterialError):
        Key(weak)


@pytest.mark.parametrize(
    "guessed",
    [
        "passwordpassword", "Password1Password1", "P@ssw0rd-p@ssw0rd", "changeme-changeme",
        "1212121212121212", "1234567812345678", "0123456789012345", "9876543210987654",
        "1111222233334444", "abcabcabcabcabcabc", "abcdefghijklmnop", "zyxwvutsrqponmlk",
        "qwertyuiopasdfgh", "qwertzuiopasdfgh", "1qaz2wsx3edc4rfv", "lkjhgfdsapoiuytr",
        "secretsecretsecret", b"\x01\x02" * 20, "the the the the the the",
    ],
)  # fmt: skip
def test_guessed_secrets_are_refused(guessed: str | bytes) -> None:
    """Words, runs along a keyboard or the alphabet, and short cycles, however long."""
    with pytest.raises(KeyMaterialError, match="easily guessed") as caught:
        Key(guessed)
    assert str(guessed)[:8] not in str(caught.value)


def test_random_keys_of_every_alphabet_are_taken() -> None:
    """The shortest that are allowed, of decimal digits even."""
    draw = random.Random(0)
    for alphabet in ("0123456789", "0123456789abcdef", string.ascii_letters):
        for _ in range(300):
            Key("".join(draw.choices(alphabet, k=16 if len(alphabet) > 10 else 20)))
    Key(draw.randbytes(20_000))


def test_a_subkey_is_hkdf_expand_of_the_domain() -> None:
    """A second implementation, written from the RFC, gives the same subkey."""
    root = hmac.new(b"anonymizer/1", SECRET.encode(), hashlib.sha256).digest()
    expected = hmac.new(root, b"domain:customer\x01", hashlib.sha256).hexdigest()
    assert Key(SECRET).subkey("customer") == expected


def test_domains_and_secrets_never_share_a_subkey() -> None:
    """Another domain or another secret gives another subkey."""
    keys = [Key(SECRET), Key(SECRET + "2")]
    subkeys = {key.subkey(domain) for key in keys for domain in ("a", "b", "ab", "")}
    assert len(subkeys) == 8


def test_a_key_shows_itself_nowhere() -> None:
    """Neither repr nor pickle nor copy contains the secret or what is derived of it."""
    key = Key(SECRET)
    assert repr(key) == f"Key(id={key.id})"
    assert not hasattr(key, "__dict__")
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(KeyMaterialError):
            leave(key)


def test_the_id_is_pinned() -> None:
    """The id of a key is the same in every release."""
    assert Key(SECRET).id == "98a805c7"


def test_sources_of_a_key_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value, bytes, a callable, a file and a variable give the same key."""
    file = tmp_path / "key"
    file.touch(mode=0o600)
    file.write_text(SECRET + "\n")
    monkeypatch.setenv("ANONYMIZER_KEY", SECRET)
    monkeypatch.setenv("OTHER", SECRET)
    keys = [
        load_key(SECRET),
        load_key(SECRET.encode()),
        load_key(lambda: SECRET),
        load_key(Key(SECRET)),
        load_key(file=file),
        load_key(),
        load_key(variable="OTHER"),
    ]
    assert {key.id for key in keys} == {Key(SECRET).id}


def test_an_absent_key_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable and no file are one line each, with the way out."""
    monkeypatch.delenv("ANONYMIZER_KEY", raising=False)
    with pytest.raises(KeyMaterialError, match="set the environment variable ANONYMIZER_KEY"):
        load_key()
    with pytest.raises(KeyMaterialError, match="cannot read the key file"):
        load_key(file=tmp_path / "absent")


@pytest.mark.skipif(os.name != "posix", reason="modes of files are those of POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Through a link too; a pipe of a vault is nobody else's."""
    (tmp_path / "key").write_text(SECRET)
    (tmp_path / "key").chmod(mode)
    (tmp_path / "link").symlink_to("key")
    for name in ("key", "link"):
        with pytest.raises(KeyMaterialError, match="open to others: `chmod 600` it"):
            load_key(file=tmp_path / name)
    (tmp_path / "key").chmod(0o400)
    assert load_key(file=tmp_path / "link").id == Key(SECRET).id


def test_a_message_never_holds_the_secret() -> None:
    """A refused secret is not repeated."""
    with pytest.raises(KeyMaterialError) as caught:
        Key("hunter2-hunter2")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("nothing", [None, 5])
def test_what_a_callable_gives_is_looked_at(nothing: Any) -> None:
    """A vault that has no such secret gives None."""
    with pytest.raises(KeyMaterialError, match="neither text nor bytes"):
        load_key(lambda: nothing)
