"""Tables of several sites give what enough of their entities hold, and nothing that is not so."""

import numpy as np
import pytest

from anonymizer.arrays import UnsignedArray
from anonymizer.federated.counting import (
    NAMED,
    held_by,
    keys_of,
    named,
    read,
    slots,
    table,
)
from anonymizer.federated.protocol import Item, Items

SECRET = bytes(range(32))


def items(words: dict[str, int], room: int = 64, least: int = 5) -> Items:
    """A site whose entities hold these."""
    return Items(least, room, [Item(w.encode(), held) for w, held in words.items()])


def counted(*sites: Items) -> dict[str, int]:
    """What is named of them, and by how many it is held."""
    keys = held_by(tables(*sites), sites[0].least)
    total = np.array([slots(each, keys, SECRET) for each in sites]).sum(0, np.uint32)
    return dict(named(total, keys, SECRET))


def tables(*sites: Items) -> UnsignedArray:
    """Their sum."""
    found: UnsignedArray = np.array([table(each, SECRET) for each in sites]).sum(0, np.uint64)
    return found


def held_of(words: dict[str, int]) -> dict[int, int]:
    """By key, who holds what."""
    keys = keys_of((word.encode() for word in words), SECRET).tolist()
    return dict(zip(keys, words.values(), strict=True))


def test_what_enough_hold_together_is_named() -> None:
    """Whoever holds it; of what fewer hold nothing is told."""
    sites = [items({"tea": 2, "milk": 1, "rye": 2}), items({"tea": 2, "rye": 2}), items({"tea": 1})]
    assert counted(*sites) == {"tea": 5}
    assert counted(items({"tea": 9}), items({"milk": 1})) == {"tea": 9}


def test_how_many_sites_hold_it_is_told_to_nobody() -> None:
    """The sum of what one site has looks like that of three."""
    keys = keys_of([f"word {n}".encode() for n in range(4_000)], SECRET)
    one = items({f"word {n}": 5 for n in range(4_000)}, 4_096)
    few, many = (np.array([slots(one, keys, SECRET)] * n).sum(0, np.uint32) for n in (1, 3))
    for total in (few, many):
        factors = total.reshape(len(keys), -1)[:, 0]
        assert abs(factors.mean() / 2**32 - 0.5) < 0.03
    assert len(list(named(few, keys, SECRET))) == len(list(named(many, keys, SECRET))) == len(keys)


@pytest.mark.parametrize("room", [1_024, 4_096, 65_536])
def test_all_that_there_is_room_for_is_read(room: int) -> None:
    """By each site's part of the room, all of it different, with the counts that are true."""
    words = {f"word {n}": 1 + n % 3 for n in range(room)}
    sites = [items(dict(list(words.items())[n::5]), room) for n in range(5)]
    keys, found = read(tables(*sites))
    assert dict(zip(keys.tolist(), found.tolist(), strict=True)) == held_of(words)


def test_what_does_not_fit_is_not_read_wrongly() -> None:
    """A table with twice as many items as it has room for tells few of them, and those right."""
    words = {f"word {n}": 1 + n % 3 for n in range(2_048)}
    keys, found = read(table(items(words, 1_024), SECRET))
    assert 0 < len(keys) < len(words)
    assert dict(zip(keys.tolist(), found.tolist(), strict=True)).items() <= held_of(words).items()


def test_garbage_names_nothing() -> None:
    """A site that sends noise spoils what is counted, and no more."""
    noise = np.random.default_rng(1).integers(0, 2**64, len(tables(items({}))), np.uint64)
    assert not len(held_by(noise, 5))
    keys = keys_of([b"tea", b"rye"], SECRET)
    spoiled = slots(items({"tea": 5, "rye": 5}), keys, SECRET)
    spoiled[0] += 1
    assert list(named(spoiled, keys, SECRET)) == [("rye", 5)]
    odd = Items(5, 64, [Item(b"\xff\xfe", 5)])
    assert list(counted(odd)) == ["\N{REPLACEMENT CHARACTER}" * 2]


def test_what_most_hold_is_named_first() -> None:
    """Where more is held by enough than is named."""
    words = {f"word {n}": 3 + (n < 10) for n in range(NAMED + 100)}
    both = [items(words, 2 * NAMED, 6) for _ in range(2)]
    keys = held_by(tables(*both), 6)
    assert len(keys) == NAMED
    assert set(keys_of((f"word {n}".encode() for n in range(10)), SECRET)) <= set(keys)


def test_another_secret_gives_other_keys() -> None:
    """So that tables of two runs tell nothing of each other."""
    assert keys_of([b"tea"], SECRET)[0] != keys_of([b"tea"], SECRET[::-1])[0]
    assert keys_of([b"tea"], SECRET)[0] < 2**48
