"""What sites count together: the server adds up what it cannot read, and no site sees the sums.

Each site puts its items into a table of as many cells as the others'. An item is a key there: a
hash under the sites' secret, which says nothing to the server. It goes to `PLACES` cells that
follow from the key, and each cell holds sums: of how many entities hold an item, of that times the
key, and of that times a check of the key. Tables add up cell by cell, and are summed under masks
like weights (`secure_sum.py`). Out of the sum the server reads the keys: a cell of one item gives
the key as a quotient, its check says so, and taking the item out of its other cells frees those of
others (Goodrich and Mitzenmacher 2011, Invertible Bloom lookup tables). It names the keys that
enough entities hold.

Then each site writes what it has of these into a slot per key, times a random number of its own,
and beside it that number; again all are summed under masks. Sites that have an item write the same
text, so that the sum is the text times the sum of their numbers, which tells nobody how many they
are. A pad that only the sites know hides it from the server. Each of the two sums is asked for
once, as of two one could be taken off the other: where a site drops out nothing is named.

So the server learns how many items there are and how many entities hold each, but not what they
are; sites learn what enough entities hold and how many of all, but neither who holds it nor
anything of the rest. All of them are supposed to follow this: a server that names other keys, or a
site that claims entities that it has not, has the others name what fewer hold.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from anonymizer.arrays import IntArray, UnsignedArray, WordArray
from anonymizer.federated.protocol import LONGEST, Items

NAMED: Final = 2**15  # items that are named, at most: those that most hold
PLACES: Final = 3  # cells of an item
_SUMS: Final = 3  # of a cell
_SLOT: Final = 2 + LONGEST // 2  # words: a factor, who holds it, two bytes in each
_KEY: Final = 48  # bits: times fewer than 2¹⁶ entities they stay below 2⁶⁴
_MOST: Final = 2**23  # entities that a site tells: of 512 sites below 2³²
_ROUNDS: Final = 200  # of taking items out; far fewer are needed of what is a sum


def keys_of(texts: Iterable[bytes], secret: bytes) -> UnsignedArray:
    """(N,) keys of items; to who lacks the secret they are random."""
    size = _KEY // 8
    hashes = (hashlib.blake2b(each, key=secret, digest_size=size).digest() for each in texts)
    return np.array([int.from_bytes(each) for each in hashes], np.uint64)


def cells(room: int) -> int:
    """How many cells there are of each place; in all half as many again as items."""
    return -(-room // 2)


def table(items: Items, secret: bytes) -> UnsignedArray:
    """(PLACES · cells · sums,) of a site."""
    keys = keys_of((item.text for item in items.own), secret)
    # More than is asked for tells nothing that is needed.
    held = np.array([min(item.held, items.least) for item in items.own], np.uint64)
    found = np.zeros((PLACES * cells(items.room), _SUMS), np.uint64)
    _put(found, keys, held)
    return found.ravel()


def _put(table: UnsignedArray, keys: UnsignedArray, held: UnsignedArray) -> None:
    """Add items to all their cells."""
    sums = np.stack([held, held * keys, held * _check(keys)], 1)
    for place in range(PLACES):
        np.add.at(table, _cell(keys, place, len(table) // PLACES), sums)


def held_by(total: UnsignedArray, least: int) -> UnsignedArray:
    """(N,) keys of what so many entities hold, in ascending order, of the sum of all tables."""
    keys, held = read(total)
    some = keys[held >= least]
    order = np.argsort(held[held >= least], kind="stable")[::-1]
    return np.sort(some[order[:NAMED]])


def read(total: UnsignedArray) -> tuple[UnsignedArray, UnsignedArray]:
    """(N,) keys and by how many entities each is held; of nonsense as good as none."""
    left = total.reshape(-1, _SUMS).copy()
    found, holders = [np.empty(0, np.uint64)], [np.empty(0, np.uint64)]
    for _ in range(_ROUNDS):
        some = np.flatnonzero(left[:, 0])
        held, product, checked = left[some].T
        keys = product // held
        pure = (keys * held == product) & (_check(keys) * held == checked) & (keys >> _KEY == 0)
        if not pure.any():
            break
        keys, first = np.unique(keys[pure], return_index=True)
        held = held[pure][first]
        _put(left, keys, -held)  # modulo 2⁶⁴
        found.append(keys)
        holders.append(held)
    return np.concatenate(found), np.concatenate(holders)


def _mixed(keys: UnsignedArray, number: int) -> UnsignedArray:
    """(N,) numbers that follow from keys as if at random: the last steps of SplitMix64."""
    x = keys + np.uint64((number + 1) * 0x9E3779B97F4A7C15 % 2**64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: UnsignedArray = x ^ (x >> np.uint64(31))
    return found


def _cell(keys: UnsignedArray, place: int, many: int) -> IntArray:
    """(N,) in which cell of a place keys are."""
    return place * many + (_mixed(keys, place) % np.uint64(max(many, 1))).astype(np.int64)


def _check(keys: UnsignedArray) -> UnsignedArray:
    """(N,) of as many bits as a key."""
    return _mixed(keys, PLACES) >> np.uint64(64 - _KEY)


def slots(items: Items, keys: UnsignedArray, secret: bytes) -> WordArray:
    """(N · slot,) what a site has of (N,) keys; each time with other factors."""
    known = dict(
        zip(keys_of((item.text for item in items.own), secret).tolist(), items.own, strict=True)
    )
    factors = np.frombuffer(os.urandom(4 * len(keys)), np.uint32)
    found = np.zeros((len(keys), _SLOT), np.uint32)
    for slot, key, factor in zip(found, keys.tolist(), factors, strict=True):
        if key in known:
            text, held = known[key]
            slot[:2] = factor, min(held, _MOST)
            slot[2:] = factor * np.frombuffer(text.ljust(LONGEST, b"\0"), "<u2").astype(np.uint32)
    return found.ravel()


def named(total: WordArray, keys: UnsignedArray, secret: bytes) -> Iterator[tuple[str, int]]:
    """The items of keys, and how many hold each; what makes no sense is left out."""
    for key, slot in zip(keys.tolist(), total.reshape(len(keys), _SLOT), strict=True):
        text = _divided(slot[2:], int(slot[0])).astype("<u2").tobytes().rstrip(b"\0")
        if keys_of([text], secret)[0] == key:
            yield text.decode(errors="replace"), int(slot[1])


def _divided(products: WordArray, factor: int) -> WordArray:
    """(L,) numbers below 2¹⁶ that times the factor give these, modulo 2³²; else any."""
    twos = (factor & -factor).bit_length() - 1 if factor else 0
    odd = factor >> twos or 1
    inverse = np.uint32(pow(odd, -1, 2**32))
    return (products >> np.uint32(twos)) * inverse & np.uint32(2 ** min(32 - twos, 16) - 1)
