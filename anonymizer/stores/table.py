"""What a store says of a table, and of how tables hang together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ForeignKey:
    """Columns of one table whose values are the key of another, or of the same one.

    Attributes:
        child: the table that refers.
        columns: its columns, one or several.
        parent: the table that is referred to.
        keys: the columns there, in the same order.
    """

    child: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        """As a dataset file has it: `orders.customer_id: customers.customer_id`."""
        return f"{_written(self.child, self.columns)}: {_written(self.parent, self.keys)}"


def _written(table: str, columns: tuple[str, ...]) -> str:
    inside = columns[0] if len(columns) == 1 else f"[{', '.join(columns)}]"
    return f"{table}.{inside}"
