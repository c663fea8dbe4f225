"""What a rule could be instead: for each column that tells events apart, coarser and coarser masks.

Steps are powers of ten and round numbers of people, so that a rule file tells nothing of the data
but its size.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any, Final, NamedTuple

import polars as pl

from anonymizer.masking.inspection.inspect import inspect
from anonymizer.masking.inspection.starter_file import value
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.masks.generalisation import Rare, Round
from anonymizer.masking.masks.identifiers import Drop, Keep
from anonymizer.masking.masks.scrub import Scrub
from anonymizer.masking.masks.times import DateTruncate
from anonymizer.masking.primitives.dtypes import TIMES, TypeFamily
from anonymizer.masking.rules.rules import Rules

_MOST_RUNGS: Final = 12  # of one column, the rules' own and `drop` aside
_ROUND: Final = (10, 15, 20, 30, 40, 50, 70)
_PEOPLE: Final = tuple(n * 10**power for power in range(6) for n in _ROUND)  # k of `rare`
_UNITS: Final = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}  # days they leave
_COUNTED: Final = frozenset({"amount", "quantity", "income", "age", "household", "unknown"})


class Rung(NamedTuple):
    """One way to mask a column.

    Attributes:
        mask: as it is built.
        rule: as a rule file has it.
    """

    mask: Mask
    rule: Any


@dataclass(frozen=True)
class Knob:
    """Columns whose rules change together.

    Attributes:
        columns: one; or several, which the same shift moves.
        rungs: by level, a way for each column; at 0 as the rules say, each coarser than the last.
    """

    columns: tuple[str, ...]
    rungs: Sequence[tuple[Rung, ...]]

    def told(self, level: int) -> str:
        """The change of a level in words."""
        before, after = self.rungs[0], self.rungs[level]
        return "; ".join(
            f"{column}: {value(was.rule)} → {value(now.rule)}"
            for column, was, now in zip(self.columns, before, after, strict=True)
        )


@dataclass(frozen=True)
class Facts:
    """What is known of the columns of a table, for choosing masks.

    Attributes:
        schema: their types.
        numbers: columns to calculate with → the powers of ten of their middle and large values.
        people: how many entities there are.
    """

    schema: Mapping[str, pl.DataType]
    numbers: Mapping[str, tuple[int, int]]
    people: int


def facts_of(raw: pl.DataFrame, columns: Sequence[str], people: int) -> Facts:
    """Look at some columns; whole numbers may be names, which `inspect` tells."""
    kinds = {each.column: each.kind for each in inspect(raw.select(columns)).columns}
    numeric = [c for c in columns if raw.schema[c].is_numeric() and kinds.get(c) in _COUNTED]
    numbers = {}
    for column in numeric:
        sizes = raw[column].cast(pl.Float64).fill_nan(None).abs()
        sizes = sizes.filter((sizes > 0) & sizes.is_finite())
        if len(sizes):
            ends = [sizes.quantile(share) or 1.0 for share in (0.5, 0.99)]
            numbers[column] = (floor(log10(ends[0])), floor(log10(ends[1])))
    return Facts(raw.schema, numbers, people)


def knobs_of(
    rules: Rules, written: Mapping[str, Any], columns: Sequence[str], facts: Facts
) -> list[Knob]:
    """What may be changed of rules, column by column.

    Left as they are: columns with conditions, those that `anonymity:` coarsens itself, and those
    whose name would be a pattern in a rule file. All times that are moved change together, or none
    where one cannot, or texts hold such dates: a true month beside a shifted day tells the shift.

    Args:
        rules: as they are.
        written: pattern → its rule, as the file has it.
        columns: those that tell events apart.
        facts: of them.
    """
    bound = rules.anonymity.columns if rules.anonymity else []
    free = [c for c in facts.schema if c not in bound and not is_pattern(c)]
    first = {c: rung for c in free if (rung := _first(rules, written, c))}
    moved = {c: rung for c, rung in first.items() if isinstance(rung.mask, DateShift)}
    knobs = [
        Knob((c,), [(rung,) for rung in (first[c], *_coarser(c, first[c], facts))])
        for c in columns
        if c in first and c not in moved
    ]
    if not set(columns) & set(moved) or _others_move(rules, moved, facts.schema):
        return knobs
    return [_moved_together(moved), *knobs]


def is_pattern(column: str) -> bool:
    """Whether a rule of this column's name would rule others too."""
    return "*" in column or "?" in column


def names_of(schema: Mapping[str, pl.DataType]) -> Iterator[str]:
    """What rules may name of a table: its columns, and `outer.inner` for fields in them."""
    for name, dtype in schema.items():
        yield name
        inner = dtype
        while isinstance(inner, pl.List | pl.Array):
            inner = pl.Schema({name: inner.inner})[name]
        if isinstance(inner, pl.Struct):
            yield from names_of(pl.Schema({f"{name}.{f.name}": f.dtype for f in inner.fields}))


def _others_move(rules: Rules, moved: Container[str], schema: Mapping[str, pl.DataType]) -> bool:
    """Whether times move in other columns, in fields or in texts; rules tell those of JSON."""
    others = [rules.masks_for(c)[0] for c in names_of(schema) if c not in moved]
    inside = [masks for c, masks in rules.columns.items() if "." in c and c not in moved]
    return any(
        mask.moves_times or (isinstance(mask, Scrub) and mask.moves_dates)
        for masks in (*others, *inside)
        for mask in masks
    )


def _first(rules: Rules, written: Mapping[str, Any], column: str) -> Rung | None:
    """The rule of a column; None where it has several, or one that leaves nothing."""
    masks, patterns, covered = rules.masks_for(column)
    if not masks and rules.unlisted == "keep":
        return Rung(Keep(), Keep.name)
    if not covered or len(masks) != 1 or not masks[0].keeps_column:
        return None
    rule = written[patterns[0]]
    return Rung(masks[0], rule[0] if isinstance(rule, list | tuple) else rule)


def _moved_together(moved: Mapping[str, Rung]) -> Knob:
    """Times that shifts move, by units that leave as many days as the largest shift, then gone."""
    days = max(rung.mask.days for rung in moved.values() if isinstance(rung.mask, DateShift))
    units = [unit for unit, left in _UNITS.items() if left >= 2 * days]  # -days..days but 0
    cut = [tuple(_cut(rung, unit) for rung in moved.values()) for unit in units]
    return Knob(tuple(moved), [tuple(moved.values()), *cut, (_DROPPED,) * len(moved)])


def _cut(rung: Rung, unit: str) -> Rung:
    """The times of a rule cut to a unit, read in the form in which the rule reads them."""
    form = {
        name: said
        for name in ("format", "unmapped")
        if isinstance(rung.rule, Mapping) and (said := rung.rule.get(name)) is not None
    }
    options = {"to": unit, **form}
    return Rung(DateTruncate(**options), {"mask": DateTruncate.name, **options})


def _coarser(column: str, first: Rung, facts: Facts) -> Iterator[Rung]:
    """The ways to mask a column more coarsely, down to dropping it."""
    dtype = facts.schema[column]
    if isinstance(first.mask, Keep | Rare) and column not in facts.numbers:
        yield from _kept(first, dtype, facts)
    elif isinstance(first.mask, Keep | Round) and column in facts.numbers:
        yield from _rounded(first, dtype, *facts.numbers[column])
    else:
        yield from _by_its_own_steps(first)
    yield _DROPPED


def _kept(first: Rung, dtype: pl.DataType, facts: Facts) -> Iterator[Rung]:
    """A column that is kept: times in units, values that enough people hold."""
    if TypeFamily.of(dtype) in TIMES:
        yield from (_cut(first, unit) for unit in _UNITS)
    elif TypeFamily.of(dtype) in Rare.accepts:
        least = first.mask.k if isinstance(first.mask, Rare) else 0
        said = _options(first)
        for k in _PEOPLE:
            if least < k <= facts.people // 2:
                rule = {**said, "mask": Rare.name, "k": k}
                yield Rung(Rare(**{n: each for n, each in rule.items() if n != "mask"}), rule)


def _rounded(first: Rung, dtype: pl.DataType, middle: int, large: int) -> Iterator[Rung]:
    """A number to powers of ten, from a tenth of its middle to its large values."""
    least = first.mask.to if isinstance(first.mask, Round) else 0
    for power in range(middle - 1, large + 1):
        to = 10**power if power >= 0 else 1 / 10**-power
        if to > least and not (dtype.is_integer() and to <= 1):
            yield Rung(Round(to=to), {"mask": Round.name, "to": to})


def _by_its_own_steps(first: Rung) -> Iterator[Rung]:
    """What the mask itself says is coarser."""
    mask, rule = first.mask, _options(first)
    for _ in range(_MOST_RUNGS):
        if (after := mask.coarser()) is None:
            return
        was, now = mask.to_dict(), after.to_dict()
        rule = {**rule, **{name: each for name, each in now.items() if each != was[name]}}
        mask = after
        yield Rung(mask, {"mask": mask.name, **rule})


def _options(rung: Rung) -> dict[str, Any]:
    """The options of a rule as they are written; files keep their relative names."""
    rule = rung.rule if isinstance(rung.rule, Mapping) else {}
    return {name: each for name, each in rule.items() if name != "mask"}


_DROPPED: Final = Rung(Drop(), Drop.name)
