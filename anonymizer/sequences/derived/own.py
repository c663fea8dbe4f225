"""Rules of a user's own: SQL over the columns of a row, and over the rows of an entity before."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from itertools import permutations
from typing import Any, Final

import numpy as np
import polars as pl

from anonymizer.errors import DataError
from anonymizer.relations.base.decimals import (
    SLACK,
    SLACK_SMALL,
    decimals,
    digits_of,
    rounded,
    rounding,
)
from anonymizer.relations.base.relation import Relation
from anonymizer.relations.base.rows import is_time
from anonymizer.relations.kinds.arithmetic import SHAPES, Formula
from anonymizer.relations.kinds.histories import Carried, Counter, Rising, Running
from anonymizer.relations.kinds.orders import Order
from anonymizer.sequences.derived.base.step import Table
from anonymizer.sequences.tokens.plain import Plain

_TIES: Final = ("half up", "half even")
_MOST: Final = 4  # columns of a rule that a step may keep
# What an expression may not hold, as Polars writes it: a rule is asked of a row.
_BEYOND_A_ROW: Final = {
    "Agg", "Alias", "Correlation", "Len", "Over", "Quantile", "Range", "Selector", "SubPlan",
    "Window",
}  # fmt: skip
_BEFORE: Final[Mapping[str, Callable[[pl.Expr], pl.Expr]]] = {
    "prev": lambda column: column.shift(1),
    "first": lambda column: column.first(),
    "count": lambda column: column.is_not_null().cum_sum().cast(pl.Int64),
}


@dataclass(frozen=True)
class Rule(Plain):
    """A condition that every row keeps; null says nothing, as in SQL's CHECK.

    Attributes:
        text: the condition in SQL. `prev_C` is column C in the entity's row before, `first_C` in
            its first row, `count_C` how many of its rows so far have C, this one included; a
            column of such a name is itself.
        laid: whether a step keeps it; else histories that break it are drawn anew.
    """

    text: str
    laid: bool = False

    @cached_property
    def expr(self) -> pl.Expr:
        """The condition.

        Raises:
            DataError: it is no condition over the columns of a row.
        """
        try:
            found = pl.sql_expr(self.text)
            words = set(_words(json.loads(found.meta.serialize(format="json"))))
        except (pl.exceptions.PolarsError, TypeError, ValueError):
            raise self.refused(
                "is no SQL, such as ended >= started; names with blanks, and those that are words "
                'of SQL, go in double quotes, as "order" > 0 does'
            ) from None
        if words & _BEYOND_A_ROW:
            raise self.refused(
                "is no condition of one row: beside its columns there are prev_, first_ and count_"
            )
        return found

    def kept(self, rows: pl.DataFrame, entity: str) -> pl.Series:
        """(N,) whether rows, sorted by entity and time, keep it; null where it says nothing.

        Raises:
            DataError: a column is absent, or the types do not fit.
        """
        before = self._before(rows.columns, entity)
        try:
            found = rows.with_columns(before).select(x=self.expr)["x"]
        except pl.exceptions.PolarsError:  # its message may show values
            raise self.refused("does not fit the types of its columns: cast them") from None
        if found.dtype != pl.Boolean:
            raise self.refused("is neither true nor false: compare it with something")
        return found if len(found) == len(rows) else found.new_from_index(0, len(rows))

    def compiled(self, table: Table) -> Relation | None:
        """The relation that it says, if there is one which the rows of a table keep."""
        schema = table.frame.schema
        names = [n if n in schema else _column(n) for n in self.expr.meta.root_names()]
        columns = list(dict.fromkeys(names))
        counted = table.time in columns and not is_time(schema[table.time])  # a day to all steps
        if len(columns) > _MOST or counted:
            return None
        for said, relation in _meanings(columns, table):
            if any(self.expr.meta.eq(pl.sql_expr(each)) for each in said):
                return relation if relation.kept(table.frame).fill_null(value=True).all() else None
        return None

    def columns(self, columns: Sequence[str]) -> set[str]:
        """Those of columns that it speaks of, in this row or in those before."""
        names = self.expr.meta.root_names()
        return {n if n in columns else _column(n) for n in names} & {*columns}

    def _before(self, columns: Sequence[str], entity: str) -> list[pl.Expr]:
        """What its names that are no columns say of the entity's rows so far."""
        named = {f"{kind}_{c}": (kind, c) for kind in _BEFORE for c in columns}
        made, names = [], self.expr.meta.root_names()
        if not names:
            raise self.refused("speaks of no column")
        for name in [n for n in dict.fromkeys(names) if n not in columns]:
            if name not in named:
                near = get_close_matches(name, [*columns, *named], 1)
                hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(columns)}"
                raise self.refused(f"speaks of '{name}', which is no column: {hint}")
            kind, column = named[name]
            made.append(_BEFORE[kind](pl.col(column)).over(entity).alias(name))
        return made

    def refused(self, why: str) -> DataError:
        """What is wrong with it, in one line."""
        return DataError(f"the rule '{' '.join(self.text.split())}' {why}")


def rules_of(
    texts: Sequence[str], learned: Table, whole: pl.DataFrame
) -> list[tuple[Rule, Relation | None]]:
    """Rules with the relations that they are, which all rows of data keep.

    Args:
        texts: the conditions.
        learned: the rows that are learned from.
        whole: all rows, sorted by entity and time.

    Raises:
        DataError: one is no rule, or rows break it; says how many.
    """
    listed = isinstance(texts, Sequence) and not isinstance(texts, str)
    if not listed or not all(isinstance(text, str) for text in texts):
        raise DataError("rules must be a list of conditions, not text")
    found = []
    for rule in map(Rule, dict.fromkeys(texts)):
        kept = rule.kept(whole, learned.entity)
        relation = rule.compiled(learned)
        if relation:  # which knows how numbers are rounded
            kept = relation.kept(whole)
        if broken := int((~kept).sum()):
            raise rule.refused(
                f"is broken in {broken:,} of {len(kept):,} rows: correct them, or leave it out"
            )
        found.append((rule, relation))
    return found


def _words(node: Any) -> Iterator[str]:
    """Kinds of nodes in an expression that Polars wrote; `Len` alone is no object."""
    if isinstance(node, Mapping):
        for kind, inner in node.items():
            yield kind
            # A column or text of such a name is none.
            yield from () if kind in ("Column", "String") else _words(inner)
    elif isinstance(node, list):
        for each in node:
            yield from _words(each)
    elif isinstance(node, str):
        yield node


def _column(name: str) -> str:
    """`price` of `prev_price`."""
    return name.partition("_")[2]


def _meanings(columns: Sequence[str], table: Table) -> Iterator[tuple[tuple[str, ...], Relation]]:
    """Relations of all these columns, each with the conditions that say it."""
    yield from _orders(columns, table)
    if all(table.frame.schema[c].is_numeric() for c in columns):
        yield from _formulas(columns, table)
    yield from _of_rows_before(columns, table)


def _orders(columns: Sequence[str], table: Table) -> Iterator[tuple[tuple[str, ...], Relation]]:
    types = [table.frame.schema[c] for c in columns]
    alike = all(t.is_numeric() for t in types) or all(map(is_time, types))
    if len(columns) == 2 and alike:
        for low, high in permutations(columns):
            a, b = _quoted(low), _quoted(high)
            yield (f"{a} <= {b}", f"{b} >= {a}"), Order(low, high, strict=False)
            yield (f"{a} < {b}", f"{b} > {a}"), Order(low, high, strict=True)


def _formulas(columns: Sequence[str], table: Table) -> Iterator[tuple[tuple[str, ...], Relation]]:
    for target, *operands in permutations(columns):
        left, names = _quoted(target), [_quoted(c) for c in operands]
        for shape in [each for each in SHAPES if each.count("{}") == len(operands)]:
            relation, said = _formula(target, shape, operands, table), _sql(shape).format(*names)
            about = f"ROUND({said}, {relation.digits})"
            yield (*_equal(left, said), *_equal(left, about)), relation


def _formula(target: str, shape: str, operands: Sequence[str], table: Table) -> Formula:
    """A formula with the rounding that explains its target."""
    values = {c: decimals(table.frame[c]) for c in (target, *operands)}
    small = any(table.frame.schema[c] == pl.Float32 for c in values)
    slack = SLACK_SMALL if small else SLACK
    digits, value = digits_of(values[target], slack), SHAPES[shape](*(values[c] for c in operands))
    how = rounding(values[target], value, digits, slack)
    if how == "half":  # no way with ties explains all
        near = [abs(values[target] - rounded(value, digits, each)) <= slack for each in _TIES]
        how = _TIES[int(np.argmax([each.mean() for each in near]))]
    return Formula(target, shape, tuple(operands), digits, how, slack)


def _of_rows_before(
    columns: Sequence[str], table: Table
) -> Iterator[tuple[tuple[str, ...], Relation]]:
    entity, names = table.entity, [_quoted(c) for c in columns]
    if len(columns) == 1:
        [column], [now], [before] = columns, names, [_quoted(f"prev_{columns[0]}")]
        yield (f"{now} >= {before}", f"{before} <= {now}"), Rising(column, entity)
    for column, other in permutations(columns, 2):
        now, before = _quoted(column), _quoted(f"prev_{column}")
        yield _equal(now, _quoted(f"prev_{other}")), Carried(column, other, entity)
        yield from _balance(column, other, (now, before, _quoted(other)), table)
    for column in columns:
        if not table.frame[columns[-1]].null_count():
            said = _equal(_quoted(column), _quoted(f"count_{columns[-1]}"))
            yield said, Counter(column, (entity,), 1)


def _balance(
    column: str, step: str, names: tuple[str, str, str], table: Table
) -> Iterator[tuple[tuple[str, ...], Relation]]:
    now, before, by = names
    if not all(table.frame.schema[c].is_numeric() for c in (column, step)):
        return
    slack = SLACK_SMALL if table.frame.schema[column] == pl.Float32 else SLACK
    plain = Running(column, step, "+", table.entity, 0, slack)
    plain = replace(plain, digits=digits_of(decimals(table.frame[column]), slack))
    yield (*_equal(now, f"{before} + {by}"), *_equal(now, f"{by} + {before}")), plain
    yield _equal(now, f"{before} - {by}"), replace(plain, sign="−")


def _equal(left: str, right: str) -> tuple[str, str]:
    return f"{left} = {right}", f"{right} = {left}"


def _quoted(column: str) -> str:
    return '"{}"'.format(column.replace('"', '""'))


def _sql(shape: str) -> str:
    """A shape in the signs of SQL."""
    return re.sub("[×÷−]", lambda sign: {"×": "*", "÷": "/", "−": "-"}[sign[0]], shape)
