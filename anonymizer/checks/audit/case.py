"""What an audit looks at: both tables, whose row is whose, and what is found on the way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from anonymizer.checks.attacks.alignment import (
    Alignment,
    ValueKind,
    align,
    comparable_columns,
    same_rows,
    value_kind,
)
from anonymizer.checks.attacks.equivalence import Classes
from anonymizer.checks.attacks.knowledge import as_seen, event_columns
from anonymizer.checks.figures.figure import Risk
from anonymizer.checks.reports.audit_report import Assumptions, Curve
from anonymizer.errors import DataError

Frame = pl.DataFrame | pl.LazyFrame
_LOOKED_AT: Final = 1_000  # values of a column, to see whether they are times
_WRITTEN: Final = (
    r"^\s*(?:(?:19|20)\d\d[-./年]\d\d?[-./月]\d\d?|\d\d?[-./ ]\d\d?[-./ ](?:\d\d){1,2}"
    r"|(?:19|20)\d\d[01]\d[0-3]\d(?:\d{6})?)(?:\D|$)"
)


@dataclass(frozen=True)
class Case:
    """What is audited.

    Attributes:
        raw: the table before masking; the columns that are needed.
        masked: the table after it.
        basis: what the attacker is taken to know.
        columns: what both tables have and can be compared, the entity aside.
        alignment: whose masked row is whose raw row.
        places: where each masked row stood in the table as it was given.
        seed: of every random choice.
    """

    raw: pl.DataFrame
    masked: pl.DataFrame
    basis: Assumptions
    columns: dict[str, ValueKind]
    alignment: Alignment
    places: pl.Series
    seed: int

    @property
    def entity(self) -> str:
        """The column that says whose row it is."""
        return self.basis.entity

    @property
    def timed(self) -> bool:
        """Whether both tables say when their events were."""
        return self.basis.time is not None and _is_time(self.masked.schema, self.basis.time)

    @property
    def masked_times(self) -> bool:
        """Whether the masked table has other times than the raw one."""
        time = self.basis.time
        sides = (as_seen(frame, [time] if time else []) for frame in (self.raw, self.masked))
        there, here = (side.to_series().drop_nulls().sort() for side in sides)
        return not there.equals(here)

    @property
    def known(self) -> list[str]:
        """What is known of an event and is in the masked table."""
        return [c for c in self.basis.known if _is_plain(self.masked.schema, c)]


@dataclass
class Findings:
    """What an audit gathers on the way: figures, curves, classes and notes, as in `AuditReport`.

    `gaps` says what could not be looked at, so that nobody may call the table good.
    """

    figures: dict[str, Risk] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)
    classes: dict[str, Classes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def prepared(raw: Frame, masked: Frame, basis: Assumptions, *, choose: bool, seed: int) -> Case:
    """Check the call, read the columns that are needed, and find whose row is whose.

    Args:
        raw: the table before masking.
        masked: the table after it.
        basis: what the attacker is taken to know.
        choose: find out what is known of an event, instead of taking what `basis` says.
        seed: fixes every random choice.

    Raises:
        DataError: a column is absent or of a type that does not fit.
    """
    there, here = raw.lazy().collect_schema(), masked.lazy().collect_schema()
    _check_entity(there, here, basis)
    _check_columns(there, here, basis)
    columns = comparable_columns(there, here, [basis.entity])
    named = [basis.entity, *basis.columns, *columns]
    tables = [_read(frame, dict.fromkeys(named)) for frame in (raw, masked)]
    if basis.time is None:
        basis = replace(basis, time=_likely_time(tables, basis, columns))
    if choose:
        apart = {*basis.quasi_identifiers, *basis.sensitive} - {basis.time}
        choice = [c for c in columns if c not in apart]
        seen = as_seen(tables[0], choice, basis.entity)
        basis = replace(basis, known=event_columns(seen, basis.entity, choice))
    return _aligned(tables[0], tables[1], basis, columns, seed)


def _likely_time(
    tables: Sequence[pl.DataFrame], basis: Assumptions, columns: Iterable[str]
) -> str | None:
    """The column of events that is a time in both tables, the finest of several; or None."""
    raw, masked = tables
    timed = [c for c in columns if _is_time(raw.schema, c) and _is_time(masked.schema, c)]
    free = event_columns(raw, basis.entity, [c for c in timed if c not in basis.columns])
    return max(free, key=lambda column: raw[column].n_unique(), default=None)


def written_times(case: Case) -> list[str]:
    """Columns of events that hold times as text or digits, so that nobody measured them as times.

    None where the time is known.
    """
    if case.basis.time is not None:
        return []
    shown = [c for c in case.columns if c not in case.basis.quasi_identifiers]
    texts = case.raw.select(pl.col(case.entity), pl.col(shown).cast(pl.String, strict=False))
    times = texts.with_columns(pl.col(shown).cast(pl.Categorical))  # no text, which numbers events
    read = [c for c in shown if texts[c].drop_nulls().head(_LOOKED_AT).str.contains(_WRITTEN).all()]
    filled = [c for c in read if texts[c].null_count() < len(texts)]
    return event_columns(times, case.entity, filled)


def _aligned(
    raw: pl.DataFrame,
    masked: pl.DataFrame,
    basis: Assumptions,
    columns: dict[str, ValueKind],
    seed: int,
) -> Case:
    """The case with rows beside each other that correspond, as far as that can be found out."""
    places = pl.int_range(len(masked), eager=True)
    alignment = align(raw, masked, basis.entity, columns)
    if alignment.note is None:
        return Case(raw, masked, basis, columns, alignment, places, seed)
    same = same_rows(raw, masked, basis.entity, columns) if len(raw) == len(masked) else None
    if same is None:
        return Case(raw, masked, basis, columns, alignment, places, seed)
    there, here = (_first(same[side], len(raw)) for side in ("raw", "masked"))
    raw, masked = raw[there], masked[here]
    alignment = align(raw.head(len(same)), masked.head(len(same)), basis.entity, columns)
    return Case(raw, masked, basis, columns, alignment, here, seed)


def _first(rows: pl.Series, count: int) -> pl.Series:
    """The positions of all rows, the given ones first."""
    everything = pl.int_range(count, eager=True)
    return pl.concat([rows.cast(pl.Int64), everything.filter(~everything.is_in(rows.implode()))])


def _read(frame: Frame, names: Iterable[str]) -> pl.DataFrame:
    """The named columns of a table that it has, read."""
    present = frame.lazy().collect_schema()
    return frame.lazy().select(n for n in names if n in present).collect(engine="streaming")


def _check_entity(raw: pl.Schema, masked: pl.Schema, basis: Assumptions) -> None:
    """Both tables have the entity, of a type that compares, and nothing else is called so."""
    for name, schema in (("raw", raw), ("masked", masked)):
        if basis.entity not in schema:
            raise DataError(
                f"the {name} table has no column '{basis.entity}': an audit follows entities, so "
                "keep the column, masked by a token, under its name"
            )
        if value_kind(schema[basis.entity]) is None:
            raise DataError(f"column '{basis.entity}' of the {name} table must be text or a number")
    if basis.entity in basis.columns:
        raise DataError(f"'{basis.entity}' is the entity: it cannot be anything else")


def _check_columns(raw: pl.Schema, masked: pl.Schema, basis: Assumptions) -> None:
    """The raw table has what is named, of types that the attacks can use."""
    time = [basis.time] if basis.time else []
    for column in (*time, *basis.known):
        if column not in raw:
            raise DataError(f"the raw table has no column '{column}'")
    for column in (*basis.quasi_identifiers, *basis.sensitive):
        if column not in raw and column not in masked:
            raise DataError(f"neither table has a column '{column}'")
    for column in time:
        if not _is_time(raw, column):
            raise DataError(
                f"column '{column}' of the raw table must be Date or Datetime: parse it first; of "
                "a CSV, say its form (`--csv @FILE`)"
            )
    for column in basis.known:
        if not _is_plain(raw, column):
            raise DataError(
                f"column '{column}' is {raw[column].base_type()}: what is known of an event must "
                "be text, a number or a time"
            )


def _is_time(schema: pl.Schema, column: str) -> bool:
    """Whether a table has a column of dates or moments of this name."""
    return isinstance(schema.get(column), pl.Date | pl.Datetime)


def _is_plain(schema: pl.Schema, column: str) -> bool:
    """Whether a table has a column of this name whose values can be compared."""
    return column in schema and value_kind(schema[column]) is not None


def first_notes(case: Case, *, taken: bool) -> list[str]:
    """Sentences on what is not as it was asked for, or taken without being named, as a time is."""
    notes = []
    for name, frame in (("raw", case.raw), ("masked", case.masked)):
        absent = [c for c in case.basis.columns if c not in frame.columns and c != case.basis.time]
        if absent:
            notes.append(f"not in the {name} table: {', '.join(absent)}; nothing is told by them")
        if nobody := frame[case.entity].null_count():
            notes.append(f"{nobody:,} {name} rows have no entity and count for nobody")
    if case.alignment.note is None and (unknown := _unknown(case)):
        notes.append(
            f"rows are shuffled, and whose {unknown:,} of them are is not known: linkage and what "
            "else needs the truth leave them out"
        )
    if given := _given_tokens(case):
        notes.append(
            f"{given:,} rows without an entity have one in the masked table: a token of null, "
            "which is counted there like a person"
        )
    if case.basis.time is None:
        notes.append("no column of times was named: what needs one was not measured")
    elif taken:
        notes.append(f"no column of times was named: '{case.basis.time}' was taken")
    elif not case.timed:
        notes.append(
            f"'{case.basis.time}' is not in the masked table, or no longer a time: intervals were "
            "measured in the raw table only"
        )
    return notes


def sensitive_notes(case: Case) -> list[str]:
    """A sentence on each column that would be known of an event, were it not sensitive."""
    sensitive = [c for c in case.columns if c in case.basis.sensitive and c != case.basis.time]
    seen = as_seen(case.raw, sensitive, case.entity)
    return [
        f"'{column}' is sensitive, and so not taken to be known of an event: name it with `known` "
        "if somebody may know it"
        for column in event_columns(seen, case.entity, sensitive)
    ]


def _unknown(case: Case) -> int:
    """Masked rows of somebody of whom it is not known who it is, tokens of nobody aside."""
    somebody = len(case.masked) - case.masked[case.entity].null_count() - _given_tokens(case)
    return somebody - len(case.alignment.rows)


def _given_tokens(case: Case) -> int:
    """Rows that have an entity only after masking."""
    if len(case.raw) != len(case.masked):
        return 0
    before, after = case.raw[case.entity], case.masked[case.entity]
    return max(0, before.null_count() - after.null_count())
