"""What sites tell each other is theirs alone."""

import pytest

from anonymizer.errors import KeyMaterialError
from anonymizer.federated.sealing import Seal, digest
from anonymizer.keys import Key
from tests.federated.toy import SECRET

BEFORE = [{"a": b"1", "b": b"2"}]
SEAL = Seal(Key(SECRET), run=7)


@pytest.mark.parametrize("told", [b"", b"x", b"a longer text" * 5000])
def test_what_is_sealed_opens_again(told: bytes) -> None:
    """Whatever was told comes out, and nothing of it is to be seen."""
    sealed = SEAL.close(told, "codec", "a", BEFORE)
    assert SEAL.open(sealed, "codec", "a", BEFORE) == told
    assert len(told) < 2 or told[:10] not in sealed


@pytest.mark.parametrize(
    ("seal", "stage", "site", "before"),
    [
        (Seal(Key(SECRET[::-1] + "x"), 7), "codec", "a", BEFORE),
        (Seal(Key(SECRET), 8), "codec", "a", BEFORE),
        (SEAL, "profile", "a", BEFORE),
        (SEAL, "codec", "b", BEFORE),
        (SEAL, "codec", "a", [{"a": b"1", "b": b"3"}]),
        (SEAL, "codec", "a", [*BEFORE, {}]),
    ],
    ids=["key", "run", "stage", "site", "told before", "stages before"],
)
def test_nothing_opens_in_another_place(
    seal: Seal, stage: str, site: str, before: list[dict[str, bytes]]
) -> None:
    """Neither under another key, nor from another run, stage or site, nor on another board."""
    sealed = SEAL.close(b"told", "codec", "a", BEFORE)
    with pytest.raises(KeyMaterialError, match=f"what site {site} told in stage {stage} does not"):
        seal.open(sealed, stage, site, before)


@pytest.mark.parametrize("broken", [b"", b"short", None])
def test_what_was_changed_does_not_open(broken: bytes | None) -> None:
    """Not even by one bit."""
    sealed = SEAL.close(b"told", "codec", "a", BEFORE)
    changed = broken if broken is not None else sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(KeyMaterialError, match="does not open"):
        SEAL.open(changed, "codec", "a", BEFORE)


def test_a_length_says_little() -> None:
    """Texts of 1000 lengths have few lengths when sealed, hardly longer than they are."""
    import random

    texts = [random.Random(n).randbytes(9000 + n) for n in range(1000)]
    lengths = [len(SEAL.close(text, "codec", "a", BEFORE)) for text in texts]
    assert len(set(lengths)) <= 4
    assert max(lengths) < 1.12 * 10000


def test_boards_that_differ_have_other_digests() -> None:
    """A text cannot move from one site to the next."""
    assert digest([{"a": b"1", "b": b"2"}]) == digest([{"b": b"2", "a": b"1"}])
    assert digest([{"a": b"1", "b": b"2"}]) != digest([{"a": b"12", "b": b""}])
    assert digest([{"a": b"1"}, {}]) != digest([{"a": b"1"}])
