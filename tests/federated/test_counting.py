"""Tables of several sites give what enough of their entities hold, and nothing that is not so."""

import numpy as np
import pytest

from anonymizer.arrays import UnsignedArray
from anonymizer.federated.counting import (
    NAMED,
    TEXT,
    held_by,
    keys_of,
    named,
    read,
    slots,
    table,
)
from anonymizer.federated.protocol import Item, Items

SECRET = bytes(range(32))


def items(words: dict[str, int], room: int = 64, least: int = 5, times: int = 1) -> Items:
    """A site whose entities hold these."""
    return Items(least, room, [Item(w.encode(), held, times) for w, held in words.items()])


def counted(*sites: Items) -> dict[str, int]:
    """What is named of them, and how often it comes."""
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
    assert counted(*sites) == {"tea": 3}


def test_no_site_alone_has_others_tell() -> None:
    """However many entities it says that it has, of whatever it would like to hear of."""
    asking = items({"Ann Smith": 1_000_000, "tea": 1_000_000})
    honest = [items({"Ann Smith": 1, "tea": 1}), items({"tea": 1})]
    assert counted(asking, *honest) == {"tea": 3}


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
    spoiled[3] += 1
    assert list(named(spoiled, keys, SECRET)) == [("rye", 1)]


def test_a_long_text_is_not_counted() -> None:
    """What a slot cannot hold is not named."""
    fits, longer = "x" * TEXT, "y" * (TEXT + 1)
    assert set(counted(*[items({fits: 3, longer: 3})] * 2)) == {fits}


def test_what_most_hold_is_named_first() -> None:
    """Where more is held by enough than is named."""
    words = {f"word {n}": 3 + (n < 10) for n in range(NAMED + 100)}
    both = [items(words, 2 * NAMED, 7) for _ in range(2)]
    keys = held_by(tables(*both), 6)
    assert len(keys) == NAMED
    assert set(keys_of((f"word {n}".encode() for n in range(10)), SECRET)) <= set(keys)


def test_another_secret_gives_other_keys() -> None:
    """So that tables of two runs tell nothing of each other."""
    assert keys_of([b"tea"], SECRET)[0] != keys_of([b"tea"], SECRET[::-1])[0]
    assert keys_of([b"tea"], SECRET)[0] < 2**48
