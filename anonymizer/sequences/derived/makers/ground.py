"""What steps are made from."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

import polars as pl

from anonymizer.relations.base.relation import Found, Relation
from anonymizer.relations.kinds.arithmetic import Formula
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.kinds.histories import Counter, Running, Total
from anonymizer.relations.kinds.orders import Elapsed
from anonymizer.relations.kinds.rates import Rate
from anonymizer.sequences.derived.base.step import Step, Table
from anonymizer.sequences.derived.values.catalogue import Catalogue
from anonymizer.sequences.histories.roles import Roles

_MOSTLY_TOLD: Final = 0.9  # of the rows hold a number that k entities do, where it is a code
_MAX_VALUES: Final = 200  # of columns that are held against each other
Kind = TypeVar("Kind", bound=Relation)
Maker = Callable[["Ground"], Iterator[Step | None]]
Learn = Callable[[Any, Table], Step | None]  # of a relation of its kind


@dataclass
class Ground:
    """What steps are made from, and those that were made.

    Attributes:
        table, roles: the rows, and of their columns.
        found: the relations that hold in them.
        steps: that were taken, as they are laid on.
    """

    table: Table
    roles: Roles
    found: Sequence[Found]
    steps: list[Step] = field(default_factory=list)

    @property
    def given(self) -> set[str]:
        """Columns that steps make."""
        return {c for step in self.steps if step.rank == 0 for c in step.given}

    def above(self, columns: Iterable[str]) -> set[str]:
        """Columns from which some of these follow."""
        leads = dict[str, set[str]]()
        for step in self.steps:
            for column in step.given:
                leads.setdefault(column, set()).update(step.needed)
        return reached(columns, leads)

    @property
    def coded(self) -> Table:
        """The table with codes as the network writes them, the rare ones as they are called."""
        steps = (step for step in self.steps if isinstance(step, Catalogue))
        codes = (c for step in steps for c in step.take_off(self.table.frame))
        free = {code.name: code for code in codes if code.name not in self.given}
        return replace(self.table, frame=self.table.frame.with_columns(free.values()))

    @property
    def keys(self) -> set[str]:
        """Columns that say whose and when."""
        return {self.roles.entity, self.roles.time}

    def relations(self, kind: type[Kind]) -> list[Kind]:
        """Those of one kind."""
        return [each.relation for each in self.found if isinstance(each.relation, kind)]

    def place(self, column: str) -> int:
        """Where a column stands: context before fields."""
        return (*self.roles.context, *self.roles.fields).index(column)


def reached(start: Iterable[str], leads: Mapping[str, set[str]]) -> set[str]:
    """The columns to which leads go from some, one after another."""
    found, ahead = set[str](), set(start)
    while ahead:
        ahead = {c for each in ahead for c in leads.get(each, ())} - found
        found |= ahead
    return found


def mostly_told(values: pl.Series, table: Table) -> bool:
    """Whether nearly all rows hold what k entities do: of numbers none can be called rare."""
    return told_share(values, table) >= _MOSTLY_TOLD


def told_share(values: pl.Series, table: Table) -> float:
    """The share of the rows that hold what k entities do."""
    part = pl.DataFrame({"v": values, "e": table.owner})
    return float((part.select(x=pl.col("e").n_unique().over("v"))["x"] >= table.k).mean())  # type: ignore[arg-type]  # (a share)


def has_few_values(column: str, ground: Ground) -> bool:
    """Whether a column is of text or of numbers that name things, and of few of them."""
    values = ground.table.frame[column]
    named = values.dtype == pl.String or values.dtype.is_integer()
    return named and 2 < values.n_unique() <= _MAX_VALUES


def follow_from_codes(ground: Ground) -> set[str]:
    """Columns whose values follow from others: a price from its article."""
    told = [each.dependent for each in ground.relations(Determines)]
    return {each.column for each in told if each.of == "value"}


def computed(ground: Ground) -> set[str]:
    """Numbers that others tell exactly."""
    found = [each.relation for each in ground.found]
    rows = {each.target for each in found if isinstance(each, (Formula, Rate, Elapsed))}
    return rows | {each.column for each in found if isinstance(each, (Counter, Total, Running))}
