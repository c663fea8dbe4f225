"""Which items may stay so that sets of items are k^m-anonymous. Arrays in, flags out.

Items are taken in the order of how many entities have them. One stays if every combination of it
and items that stay, of m items at most, is held by k entities or by none (Terrovitis, Mamoulis and
Kalnis 2008 generalise where we leave out; the test by growing sets is theirs).
"""

from dataclasses import dataclass

import numpy as np

from anonymizer.arrays import BoolArray, IntArray


def shareable(entity: IntArray, item: IntArray, k: int, m: int) -> BoolArray:
    """(V,) whether each item may stay, so that its combinations keep k^m-anonymity.

    Args:
        entity: (N,) numbers from 0.
        item: (N,) numbers from 0 to V - 1; no pair of entity and item stands twice.
        k: how many entities must share a combination.
        m: how many items a combination has at most.
    """
    width = int(item.max(initial=-1)) + 1
    holders = np.bincount(item, minlength=width)
    order = np.lexsort((np.arange(width), -holders))
    rank = np.argsort(order)
    sets = _Sets.of(entity, rank[item], width)
    stays = np.zeros(width, dtype=np.bool_)
    for number in range(int((holders >= k).sum())):
        owners, others = sets.beside(number, stays)
        stays[number] = m == 1 or _shared(owners, others, k, m - 1, width)
    return stays[rank]


@dataclass(frozen=True)
class _Sets:
    """Pairs of entity and item, sorted by entity and sorted by item."""

    items: IntArray  # (N,) by entity
    starts: IntArray  # (E + 1,)
    owners: IntArray  # (N,) by item
    item_starts: IntArray  # (V + 1,)

    @classmethod
    def of(cls, entity: IntArray, item: IntArray, width: int) -> "_Sets":
        by_entity, by_item = np.argsort(entity, kind="stable"), np.argsort(item, kind="stable")
        starts = np.append(0, np.cumsum(np.bincount(entity)))
        item_starts = np.append(0, np.cumsum(np.bincount(item, minlength=width)))
        return cls(item[by_entity], starts, entity[by_item], item_starts)

    def beside(self, number: int, stays: BoolArray) -> tuple[IntArray, IntArray]:
        """(M,) entities that have an item, with each item that stays beside it."""
        owners = self.owners[self.item_starts[number] : self.item_starts[number + 1]]
        lengths = self.starts[owners + 1] - self.starts[owners]
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1]) + np.repeat(self.starts[owners] - ends + lengths, lengths)
        others, whose = self.items[places], np.repeat(owners, lengths)
        kept = stays[others]
        return whose[kept], others[kept]


def _shared(owners: IntArray, items: IntArray, k: int, m: int, width: int) -> bool:
    """Whether every combination of at most m of these items has k owners or none."""
    counts = np.bincount(items, minlength=width)
    if np.any((counts > 0) & (counts < k)):
        return False
    if m == 1:
        return True
    for item in np.flatnonzero(counts):
        having = np.isin(owners, owners[items == item]) & (items > item)
        if not _shared(owners[having], items[having], k, m - 1, width):
            return False
    return True
