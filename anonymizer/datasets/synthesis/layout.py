"""How tables hang below the person: what is needed to make one of several, and several of one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from anonymizer.sequences.tokens.plain import Plain

TIME, KIND = "time", "table"  # columns of the joined table; those of tables have a dot


@dataclass(frozen=True)
class Node(Plain):
    """A table whose rows are of persons, by one row of a table above each.

    Attributes:
        table: its name.
        above: the table above; none for that of the persons.
        columns: that refer to the table above.
        keys: to which they refer.
        clock: its column that says when; none where a table above says it.
        keeps_clock: whether tables below have a clock of their own.
        beside: whether a row above has one of these at most, which is joined to it as columns.
        sometimes: whether rows above may have none of these, where they are beside.
        numbered: whether rows are told apart by numbers within what they hang below.
        made: columns whose values name its rows, and that are numbered anew.
        within: whether they are numbered within a row above.
        counted: the column that counts its rows from 1 within a row above, such as that of lines.
        apart: columns by each of which a row above tells its rows apart, where none are below.
        copies: columns that refer to tables further above, with table and column there.
    """

    table: str
    above: str = ""
    columns: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    clock: str = ""
    keeps_clock: bool = False
    beside: bool = False
    sometimes: bool = False
    numbered: bool = False
    made: tuple[str, ...] = ()
    within: bool = False
    counted: str = ""
    apart: tuple[str, ...] = ()
    copies: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """The column of the joined table that tells its rows apart."""
        return f"{self.table} number"

    @property
    def known(self) -> str:
        """The column of the joined table that says whether there is a row."""
        return f"{self.table} known"


@dataclass(frozen=True)
class Link(Plain):
    """A foreign key to a table that is nobody's, such as a catalogue.

    Attributes:
        child: whose key it is: a table of persons, or another that is nobody's.
        columns: of the child, as the joined table has them.
        parent: to which they refer.
        keys: to which columns.
        name: before the other columns of the parent in the joined table.
        own: whether each row has one of its own there, as an address of one person.
        sometimes: whether the key may be null, where it is of one's own.
    """

    child: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]
    name: str
    own: bool = False
    sometimes: bool = False

    @property
    def known(self) -> str:
        """The column of the joined table that says whether there is a row of one's own."""
        return f"{self.name} known"


@dataclass(frozen=True)
class Layout(Plain):
    """How the tables of a dataset become one, and come back.

    Attributes:
        tables: name → the columns that are kept, and their types; in the order of the source.
        person: the column that names a person in the table of persons.
        nodes: the tables of persons, each after the one above it.
        links: keys to tables that are nobody's, each after those that lead to its child.
        full: table → the columns in which no real row has a null.
        kind: of all events, where their table is not told.
        identifiers: columns of the joined table whose values are made anew by the model.
        codes: columns of the joined table that refer to a catalogue.
        numbers: those of them that are numbers, some of them rare: text, so that they can say so.
    """

    tables: dict[str, dict[str, pl.DataType]]
    person: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    full: dict[str, tuple[str, ...]]
    kind: str = ""
    identifiers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @cached_property
    def of(self) -> dict[str, Node]:
        """The nodes by the names of their tables."""
        return {node.table: node for node in self.nodes}

    @property
    def root(self) -> Node:
        """The table of the persons."""
        return self.nodes[0]

    @property
    def entity(self) -> str:
        """The column of the joined table that says whose a row is."""
        return flat(self.root.table, self.person)

    @property
    def roles(self) -> dict[str, str]:
        """What columns of the joined table are, as a fit takes it."""
        numbers = [node.number for node in self.nodes if node.numbered]
        codes = dict.fromkeys([*self.codes, *numbers], "code")
        return codes | dict.fromkeys(self.identifiers, "identifier")

    def below(self, node: Node, *, beside: bool = False) -> list[Node]:
        """The tables right below one: those whose rows are events, or those that are joined."""
        return [each for each in self.nodes if each.above == node.table and each.beside == beside]

    def kinds(self, node: Node) -> list[str]:
        """The tables whose rows, as events, tell of a row of one: itself, and all below."""
        return [node.table, *(kind for each in self.below(node) for kind in self.kinds(each))]

    def upwards(self, node: Node) -> Iterator[Node]:
        """A table, and those above it up to the persons."""
        yield node
        if node.above:
            yield from self.upwards(self.of[node.above])

    def clock_of(self, kind: str) -> Node | None:
        """The table whose clock says when rows of one were; None where none does."""
        return next((each for each in self.upwards(self.of[kind]) if each.clock), None)

    def group(self, node: Node) -> list[str]:
        """The columns of the joined table that agree in all events of a row of one table."""
        if not node.above:
            return [self.entity]
        if named := [flat(node.table, key) for key in self.keys_of(node)]:
            return named if set(named) <= set(self.identifiers) else self._told_apart(node)
        return self._told_apart(node)

    def _told_apart(self, node: Node) -> list[str]:
        above = self.of[node.above]
        if node.beside:
            return self.group(above)
        timed = [TIME] * (bool(node.clock) and not node.keeps_clock)
        return [*self.group(above), *timed, *[node.number] * node.numbered]

    def required(self, node: Node) -> list[str]:
        """The columns of the joined table without which an event tells of no row of one."""
        names = [
            (flat(each.table, column), column in each.apart)
            for each in self.upwards(node)
            for column in self.full[each.table]
            if column != each.clock
        ]
        return [name for name, apart in names if apart or name in self.identifiers]

    def keys_of(self, node: Node) -> tuple[str, ...]:
        """The columns to which tables below refer; none where none does."""
        return next((each.keys for each in self.nodes if each.above == node.table), ())


def flat(table: str, column: str) -> str:
    """What the joined table calls a column."""
    return f"{table}.{column}"
