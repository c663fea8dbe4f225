"""A foreign key as a plain value."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ForeignKey:
    """Columns of a child that hold keys of a parent.

    Attributes:
        child: a table.
        columns: of the child.
        parent: a table, perhaps the same.
        keys: columns of the parent, one for each of the child.
    """

    child: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"{named(self.child, self.columns)} → {named(self.parent, self.keys)}"


def named(table: str, columns: tuple[str, ...]) -> str:
    """Columns of a table, as messages write them."""
    return f"{table}.{columns[0]}" if len(columns) == 1 else f"{table}.[{', '.join(columns)}]"
