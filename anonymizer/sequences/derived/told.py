"""Roles of a user's own: what columns are, where what would be found is wrong."""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from anonymizer.errors import DataError
from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.relation import EXACT, Relation, kept_share
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.kinds.identifiers import Names, Unique
from anonymizer.sequences.derived.base.step import Table
from anonymizer.sequences.derived.makers import told_share
from anonymizer.sequences.derived.values.lasting import MOST_CHANGED
from anonymizer.sequences.histories.roles import Roles, require

ROLES: Final = ("identifier", "code", "field", "context")  # that a user may give a column
_AMOUNTS: Final = ("arithmetic", "order", "elapsed", "counter", "total", "running")
_TOLD: Final = 0.5  # of the rows hold a code that k entities do
Told = Mapping[str, str]


def require_roles(told: Told, table: Table, roles: Roles) -> None:
    """Raise a DataError that names the first role which is none, or which is of no column."""
    if not isinstance(told, Mapping):
        raise DataError("roles must map columns to words: {'invoice': 'identifier'}")
    for column, role in told.items():
        if role not in ROLES:
            raise DataError(f"the role of '{column}' must be one of: {', '.join(ROLES)}")
        require(table.frame, column)
        if column in (roles.entity, roles.time):
            raise DataError(f"column '{column}' is entity or time: it has no other role")
        dtype, named = table.frame.schema[column], role in ("identifier", "code")
        if named and not (dtype.is_integer() or dtype in (pl.String, pl.Boolean)):
            raise DataError(
                f"column '{column}' is {dtype.base_type()}: identifiers and codes are whole "
                "numbers or text; cast it"
            )


def said(told: Told, table: Table, roles: Roles) -> Iterator[Relation]:
    """What roles say of columns.

    Raises:
        DataError: rows refute one; says in how many.
    """
    for column, role in told.items():
        if role == "identifier":
            yield _named(column, table, roles)
        elif role == "context" and column not in roles.context:
            yield _lasts(column, table)
        elif role == "code":
            _require_known(column, table)


def _named(column: str, table: Table, roles: Roles) -> Relation:
    """What an identifier stands for: a row, a visit, an entity, or something of an entity's."""
    visit, who = (roles.entity, roles.time), (roles.entity,)
    ways = Unique(column), Names(column, visit), Names(column, who), Names(column, who, both=False)
    for each in ways:
        if kept_share(each.kept(table.frame)) >= EXACT:
            return each
    owners = pl.col(roles.entity).n_unique().over(column)
    known = table.frame.drop_nulls(column)
    shared = int(known.select((owners > 1).sum()).item())
    raise DataError(
        f"column '{column}' is no identifier: in {shared:,} of {len(known):,} rows it has what "
        "several entities have; call it a code"
    )


def _lasts(column: str, table: Table) -> Relation:
    """That a column holds once per entity, but for few who change it."""
    changes = table.frame.group_by(table.entity).agg(pl.col(column).n_unique() > 1)[column]
    if changes.sum() > MOST_CHANGED * len(changes):
        raise DataError(
            f"column '{column}' is no context: it changes in {changes.sum():,} of "
            f"{len(changes):,} entities; call it a field"
        )
    return Determines((Feature(table.entity),), Feature(column))


def _require_known(column: str, table: Table) -> None:
    share = told_share(table.frame[column], table)
    if share < _TOLD:
        raise DataError(
            f"column '{column}' is no code to be learned: in {1 - share:.0%} of the rows it has "
            f"what fewer than {table.k} entities have; call it a field, or an identifier"
        )


def contradicts(relation: Relation, told: Told) -> bool:
    """Whether a relation that was found is of columns that are something else to the user."""
    if isinstance(relation, Unique | Names):
        named = told.get(relation.column)
        return named == "identifier" or (named == "code" and not getattr(relation, "within", ()))
    groups = {*getattr(relation, "within", ()), getattr(relation, "code", None)}
    measured = set(relation.columns) - groups
    return relation.kind in _AMOUNTS and any(told.get(c) == "code" for c in measured)
