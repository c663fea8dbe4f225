"""Whose each column is: a row may have a second person, such as the receiver of a payment.

The words of names say it (`payee_id`, `payee_name`), and so do the rows: what belongs to the entity
follows it, what belongs to another id follows that one. What goes one to one with whom rows are of
is as good as an id, whatever it is called.
"""

from dataclasses import replace
from typing import Final

import polars as pl

from anonymizer.masking.inspection.reading.kinds import ColumnKind
from anonymizer.masking.inspection.reading.sampling import Tie, tie
from anonymizer.masking.inspection.starter import JudgedColumn
from anonymizer.masking.inspection.verdict import BY_DEFAULT, is_possible
from anonymizer.masking.primitives.dtypes import IDENTIFIERS, TypeFamily

# What has a pseudonym that follows a person.
_FOLLOWING: Final[frozenset[ColumnKind]] = frozenset({
    "person_name", "first_name", "last_name", "username", "email", "phone", "street_address",
})  # fmt: skip
# What a second person may be told by, the best first.
_IDS: Final[tuple[ColumnKind, ...]] = (
    "customer_id", "other_id", "transaction_id", "national_id", "bank_account", "card_number",
    "unknown",
)  # fmt: skip
_REPEATS: Final = 1.5  # rows per value of an id, from which on the rows say something
_OWN: Final = 0.7  # of the pairs: what follows an id less than this is not of it
_FOLLOWS: Final = 0.95
_SHARED: Final = 0.2  # of the ids in a sample, where both columns have the same persons


def with_persons(columns: list[JudgedColumn], entity: str | None) -> list[JudgedColumn]:
    """Say of each column of persons whose id it follows, and which ids are of the same persons."""
    whose = next((column for column in columns if column.column == entity), None)
    if whose is None:
        return columns
    ids = [column for column in columns if _may_tell(column) and column is not whose]
    told = [_with_person(column, whose, ids) for column in columns]
    followed = {column.follows for column in told} - {whose.column}
    told = [_as_id(column) if column.column in followed else column for column in told]
    return [replace(column, shares_ids=_is_of_same_persons(column, whose)) for column in told]


# What is kept as it is, unless its values say who somebody is.
_KEPT: Final[frozenset[ColumnKind]] = frozenset({
    "quantity", "category", "item", "merchant", "other_id", "language", "flag", "amount", "time",
})  # fmt: skip
_MEASURES: Final[frozenset[ColumnKind]] = frozenset({"amount", "time"})  # as many as there are rows
_LEAST_DISTINCT: Final = 10  # values, below which hardly anything numbers persons
_AS_MANY: Final = 0.3  # values of one column, of those of another, which may have gaps
_ONE_TO_ONE: Final = 0.98  # of the pairs
_OF_ONE: Final = 0.95  # of the values, that belong to one person each
_FILLED: Final = 0.8  # of a range, by numbers that count up
_CURVED: Final = 0.3  # correlation of how often neighbouring numbers are there
_COUNTED: Final = 120  # up to which numbers are minutes, days and per cent where persons have ids


def with_numbers(columns: list[JudgedColumn], entity: str | None) -> list[JudgedColumn]:
    """Say of each column that would be kept whether its values tell persons apart, and why."""
    whose = next((column for column in columns if column.column == entity), None)
    persons = [each for each in columns if each.role == "direct identifier" and each is not whose]
    return [
        replace(column, tells=why)
        if (why := _why_it_tells(column, whose, persons)) is not None
        else column
        for column in columns
    ]


def _why_it_tells(
    column: JudgedColumn, whose: JudgedColumn | None, persons: list[JudgedColumn]
) -> str | None:
    values = column.values
    if column is whose or column.kind not in _KEPT or values.distinct < _LEAST_DISTINCT:
        return None
    if not (values.is_text or values.holds_integers):
        return None
    for other in [whose, *persons] if whose else persons:
        if _is_one_to_one(column, other):
            return f"goes one to one with '{other.column}'"
    if whose and column.kind not in _MEASURES and _is_exclusive(column, whose):
        return f"nearly every value is of one '{whose.column}' alone"
    numbered = column.reason.startswith(BY_DEFAULT) and _are_numbered(values.numbers)
    largest = float(values.numbers.max() or 0) if numbered else 0.0  # type: ignore[arg-type]  # (a number)
    if numbered and (whose is None or largest > _COUNTED):
        return "numbers of a range, one about as frequent as another: rather an id"
    return None


def _is_one_to_one(column: JudgedColumn, other: JudgedColumn) -> bool:
    """Whether each value has one of the other column, and the other way round."""
    fewer, more = sorted((column.values.distinct, other.values.distinct))
    if fewer < _AS_MANY * more:
        return False
    tied = tie(column.seen, other.seen)
    return min(tied.constant, tied.exclusive) >= _ONE_TO_ONE


def _is_exclusive(column: JudgedColumn, whose: JudgedColumn) -> bool:
    """Whether nearly all values belong to one person each, of as many as there are persons."""
    many = column.values.distinct >= _OF_ONE * whose.values.distinct
    return many and tie(column.seen, whose.seen).exclusive >= _OF_ONE


def _are_numbered(numbers: pl.Series) -> bool:
    """Whether many numbers fill a range, and how often one is there says nothing of the next.

    Counts, scores and ages have a curve: of neighbours one is about as frequent as the other.
    """
    times = numbers.value_counts(name="times").sort(numbers.name)
    value = times[numbers.name]
    if len(value) <= 50 or len(value) < _FILLED * (value[-1] - value[0] + 1):
        return False
    pairs = times.select(a=pl.col("times"), b=pl.col("times").shift(-1)).drop_nulls()
    along = pairs.select(pl.corr("a", "b")).item()
    return along is None or not along > _CURVED


def _may_tell(column: JudgedColumn) -> bool:
    """Whether a column may say who a second person is."""
    typed = TypeFamily.of(column.values.dtype) in IDENTIFIERS and not column.seen.nested
    coded = column.kind != "unknown" or is_possible("customer_id", column.values)
    return typed and column.kind in _IDS and coded


def _with_person(
    column: JudgedColumn, whose: JudgedColumn, ids: list[JudgedColumn]
) -> JudgedColumn:
    if column.kind not in _FOLLOWING:
        return column
    other = _other_id(column, whose, ids)
    if other is None and not _is_of_another(column, whose):
        return replace(column, follows=whose.column)
    follows = None if other is None else other.column
    then = "no id is theirs" if follows is None else f"follows {follows}"
    reason = f"{column.reason}; of another person than {whose.column}: {then}"
    return replace(column, follows=follows, reason=reason)


def _as_id(column: JudgedColumn) -> JudgedColumn:
    """A column that names follow: an id of persons, where nothing else is known of it."""
    if column.kind not in ("unknown", "other_id", "transaction_id"):
        return column
    reason = f"{column.reason}; names follow it"
    return replace(column, kind="customer_id", role="direct identifier", reason=reason)


def _is_of_same_persons(column: JudgedColumn, whose: JudgedColumn) -> bool:
    """Whether a column of ids of persons holds enough of the entities, and its name objects not."""
    one, two = column.seen.cells, whose.seen.cells
    if column.kind != "customer_id" or column.name.of_other_person or one is None or two is None:
        return False
    values = one.drop_nulls().unique()
    if one.dtype != two.dtype or values.is_empty():
        return False
    return float(values.is_in(two.implode()).mean() or 0) >= _SHARED  # type: ignore[arg-type]  # (a share)


def _other_id(
    column: JudgedColumn, whose: JudgedColumn, ids: list[JudgedColumn]
) -> JudgedColumn | None:
    """The id of a second person to whom a column belongs, or None."""
    named = [each for each in ids if _is_called_alike(column, each, whose)]
    found = named or (
        [each for each in ids if _belongs(tie(column.seen, each.seen))]
        if _is_foreign(tie(column.seen, whose.seen))
        else []
    )
    return min(
        found, key=lambda each: (each.kind != whose.kind, _IDS.index(each.kind)), default=None
    )


def _is_called_alike(column: JudgedColumn, other: JudgedColumn, whose: JudgedColumn) -> bool:
    """Whether the names say one person, who is not the entity, and the rows do not object."""
    person = column.name.whose
    alike = bool(person) and person == other.name.whose != whose.name.whose
    tied = tie(column.seen, other.seen)
    return alike and (tied.repeats < _REPEATS or tied.constant >= _OWN)


def _belongs(tied: Tie) -> bool:
    """Whether each id has one value, and few values are of several ids."""
    return tied.constant >= _FOLLOWS and tied.exclusive >= 0.5 and tied.repeats >= _REPEATS


def _is_foreign(tied: Tie) -> bool:
    """Whether a column goes with the entity in neither direction: spellings of a name go in one."""
    return tied.repeats >= _REPEATS and tied.constant < _OWN and tied.exclusive < _OWN


def _is_of_another(column: JudgedColumn, whose: JudgedColumn) -> bool:
    """Whether a column is of somebody beside the entity, by its name or by the rows."""
    tied = tie(column.seen, whose.seen)
    named = bool(column.name.whose) and bool(whose.name.whose)
    differs = named and column.name.whose != whose.name.whose
    varies = tied.repeats >= _REPEATS and tied.constant < _OWN
    return column.name.of_other_person or _is_foreign(tied) or (differs and varies)
