"""Which foreign keys lead from each table to the person's."""

from collections.abc import Iterable, Sequence

from anonymizer.datasets.keys.key import ForeignKey


def ways(
    tables: Iterable[str], keys: Sequence[ForeignKey], person: str
) -> dict[str, list[ForeignKey] | None]:
    """Of each table the shortest way to the person's; of ways of one length, the first in `keys`.

    A way goes from child to parent alone: rows of a parent belong to nobody in particular.
    """
    found: dict[str, list[ForeignKey]] = {person: []}
    while True:
        step = {
            key.child: [key, *found[key.parent]]
            for key in reversed(keys)
            if key.parent in found and key.child not in found
        }
        if not step:
            return {table: found.get(table) for table in tables}
        found |= step
