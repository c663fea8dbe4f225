"""What is found, as plain values: keys with their evidence, and the person.

Nothing here holds a value of the data: names of tables and columns, counts and shares.
"""

from dataclasses import dataclass

from anonymizer.stores.table import ForeignKey, named


@dataclass(frozen=True)
class PrimaryKey:
    """The columns that are unique together in a table, the fewest that are.

    Attributes:
        table: whose.
        columns: one, or several together.
        rows: of the table.
        distinct: values of the columns; as many as rows.
    """

    table: str
    columns: tuple[str, ...]
    rows: int
    distinct: int

    def __str__(self) -> str:
        return f"{named(self.table, self.columns)}: {self.distinct:,} of {self.rows:,} rows"


@dataclass(frozen=True)
class Overlap:
    """How the rows of a child point into its parent, counted on all rows.

    Attributes:
        rows: of the child.
        nulls: rows that point nowhere: a column of the key is null.
        orphans: rows whose value the parent does not have.
        distinct: values that the child has.
        held: those of them that the parent has.
        children: rows of the child per row of the parent: least, median and most.
    """

    rows: int
    nulls: int
    orphans: int
    distinct: int
    held: int
    children: tuple[int, float, int]

    @property
    def share_of_values(self) -> float:
        """Of the child's distinct values, those that the parent has."""
        return self.held / self.distinct if self.distinct else 0.0

    @property
    def share_of_rows(self) -> float:
        """Of the child's rows that are not null, those that the parent has."""
        filled = self.rows - self.nulls
        return (filled - self.orphans) / filled if filled else 0.0

    def __str__(self) -> str:
        least, median, most = self.children
        return (
            f"{self.share_of_values:.1%} of {self.distinct:,} values and {self.share_of_rows:.1%} "
            f"of rows are there, {self.orphans:,} orphans, {self.nulls:,} null, "
            f"{least:,}/{median:,g}/{most:,} rows per parent"
        )


@dataclass(frozen=True)
class FoundKey:
    """A foreign key and what speaks for it.

    Attributes:
        key: child and parent.
        overlap: counted on all rows.
        names: what the names say, in a few words.
        notes: what is odd: types that differ, spellings that differ.
        declared: it was given and not found.
    """

    key: ForeignKey
    overlap: Overlap
    names: str
    notes: tuple[str, ...] = ()
    declared: bool = False

    def __str__(self) -> str:
        return "; ".join([f"{self.key}: {self.overlap}", self.names, *self.notes])


@dataclass(frozen=True)
class Person:
    """The column that most likely says of whom the rows are, and why."""

    table: str
    column: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table}.{self.column}: {', '.join(self.reasons)}"


@dataclass(frozen=True)
class Keys:
    """The keys of several tables.

    Attributes:
        tables: their names, in the order given.
        primary: table → its primary key; tables without one are left out.
        foreign: those declared first, then those found, in the order of tables and columns.
        person: the likeliest, or None.
        notes: what was seen and is not claimed, a line each.
    """

    tables: tuple[str, ...]
    primary: dict[str, PrimaryKey]
    foreign: tuple[FoundKey, ...]
    person: Person | None
    notes: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(
            [
                *(f"primary key {key}" for key in self.primary.values()),
                *(f"foreign key {key}" for key in self.foreign),
                f"person {self.person or 'none found'}",
                *self.notes,
            ]
        )
