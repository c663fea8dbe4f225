"""Look at the columns of a table and propose a rule file to start from.

Names and values both give evidence; `verdict.py` weighs it, `starter.py` chooses masks. The
whole table is counted, a sample of its rows is looked at. No reason holds a value of the data.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

import polars as pl

from anonymizer.documents import nearest
from anonymizer.errors import DataError
from anonymizer.files.reading import CsvSource, Reading, reading_of
from anonymizer.files.sources import Source, is_text, open_table
from anonymizer.frames import collect, quiet
from anonymizer.json_cells import ANY
from anonymizer.masking.inspection.context import (
    country_of,
    entity_of,
    time_of,
    with_birth_parts,
    with_ids,
    with_names,
    with_parts,
    with_role,
)
from anonymizer.masking.inspection.formats import PSEUDONYMS_OF_IDS, dates_of, spellings
from anonymizer.masking.inspection.persons import with_numbers, with_persons
from anonymizer.masking.inspection.reading.kinds import COLUMN_KINDS, ColumnKind, Role
from anonymizer.masking.inspection.reading.sampling import Sample, SampledColumn, sampled
from anonymizer.masking.inspection.starter import JudgedColumn, Table, propose
from anonymizer.masking.inspection.starter_file import Line, as_rules, as_yaml, value
from anonymizer.masking.inspection.verdict import judge
from anonymizer.masking.primitives.dtypes import dtype_name, short_name
from anonymizer.masking.primitives.times.written import Writing
from anonymizer.tables import Table as ShownTable
from anonymizer.tables import Tabular

__all__ = ["ColumnKind", "InspectedColumn", "Inspection", "Role", "inspect"]


@dataclass(frozen=True)
class InspectedColumn:
    """What `inspect` thinks of one column, and the mask that it proposes.

    Attributes:
        column: its name; fields of structs are `outer.inner`.
        dtype: the name of its type.
        kind: what it holds.
        role: what that means for privacy.
        reason: the evidence, in one sentence without any value of the data.
        mask: the rule that is proposed, as a rule file has it.
        in_json: whether it is a path inside text that is JSON.
    """

    column: str
    dtype: str
    kind: ColumnKind
    role: Role
    reason: str
    mask: dict[str, Any]
    in_json: bool = False


@dataclass(frozen=True, repr=False)
class Inspection(Tabular):
    """What `inspect` thinks of a table: a starting point to read, not a verdict.

    Attributes:
        columns: in the order of the table; fields of structs one by one.
        entity: the column that says whose rows they are, or None.
        time: the column that says when the events happened, or None.
        rows: rows of the table.
        looked_at: rows whose values were looked at; the counts are of all rows.
        country: where most of the data is from (ISO 3166), as far as it shows.
        files: what the rules must say of CSV files, by the name of the section.
    """

    columns: tuple[InspectedColumn, ...]
    entity: str | None
    time: str | None
    rows: int
    looked_at: int
    country: str | None = None
    files: Mapping[str, Any] = field(default_factory=dict)

    @property
    def quasi_identifiers(self) -> list[str]:
        """The quasi-identifiers that the proposed rules leave in the output."""
        gone = ("drop", "redact")
        return [
            column.column
            for column in self.columns
            if column.role == "quasi-identifier"
            and column.mask["mask"] not in gone
            and column.kind != "unknown"
        ]

    def rules(self) -> dict[str, Any]:
        """The proposed rules as a dict, as `anonymize` and `load_rules` take them."""
        return as_rules(self.rule_lines(), self.entity, self.files)

    def to_yaml(self) -> str:
        """The proposed rules as the text of a commented YAML file."""
        return as_yaml(
            self._opening(), self.rule_lines(), self.entity, self.quasi_identifiers, self.files
        )

    def _table(self) -> ShownTable:
        """A row for each column: what it seems to hold, the proposed mask, and why."""
        rows = [
            (
                each.column,
                short_name(each.dtype),
                each.kind,
                each.role,
                _shown(each.mask),
                each.reason,
            )
            for each in self.columns
        ]
        country = [f"country {self.country}"] if self.country else []
        found = [f"entity {self.entity or 'unknown'}", f"time {self.time or 'unknown'}", *country]
        above = f"{self.rows:,} rows, {self.looked_at:,} looked at: {', '.join(found)}"
        head = ("column", "type", "kind", "role", "mask", "reason")
        return ShownTable(head, rows, above=[above])

    def lines(self) -> list[str]:
        """The lines of a table for a terminal: column, kind, role, proposed mask, reason."""
        head = ("column", "kind", "role", "mask", "reason")
        rows = [head, *(_row(column) for column in self.columns)]
        widths = [min(max(len(row[place]) for row in rows), 44) for place in range(4)]
        return [
            "  ".join([*(f"{row[place]:<{widths[place]}}" for place in range(4)), row[4]])
            for row in rows
        ]

    def rule_lines(self) -> Iterator[Line]:
        """The proposed rules, each with its comment."""
        for column in self.columns:
            comment = f"{column.kind}: {column.reason}"
            is_pattern = column.in_json and ANY in column.column
            yield Line(column.column, column.mask, column.role, comment, is_pattern)

    def _opening(self) -> list[str]:
        seen = "all" if self.looked_at == self.rows else f"{self.looked_at:,} of {self.rows:,}"
        return [
            "A starting point, not a verdict: who knows the table must read and change it.",
            f"Proposed from the names of the columns and the values of {seen} rows. Kinds and",
            "reasons are guesses; what stands inside free text was not looked at. Masked",
            "data stays personal data. docs/masking.md explains masks and options.",
        ]


def _shown(mask: dict[str, Any]) -> str:
    return value(mask).removeprefix("{mask: ").removesuffix("}")


def _row(column: InspectedColumn) -> tuple[str, str, str, str, str]:
    name = "".join(char if char.isprintable() else "·" for char in column.column)
    return name, column.kind, column.role, value(column.mask), column.reason


def inspect(
    source: Source, *, csv: CsvSource | None = None, entity: str | None = None
) -> Inspection:
    """Say what each column of a table seems to hold, and propose a mask for it.

    Args:
        source: a path, a glob, a folder or an s3:// address; a Polars, pandas or Arrow frame,
            which may be larger than memory: all rows are counted, about 20,000 are looked at; or a
            DataFrame of Spark, whose rows come to this machine.
        csv: how CSV files are written, as `csv:` in a rule file says it; or `@FILE`, a rule file
            whose `csv:`, `types:` and `format` of masks count.
        entity: the column that says whose rows they are; guessed where it is left out.

    Returns:
        For every column its kind, its role, the reason and a mask; for the table its entity, its
        event time and its country. Guesses, to be read before they are used. No value is in it.

    Raises:
        FileError: nothing is there, or it cannot be read.
        DataError: it is no frame, or has no columns, or not the one of the entity.

    Example:
        >>> import polars as pl
        >>> people = {"email": [f"p{n}@example.org" for n in range(60)], "paid": [True, False] * 30}
        >>> inspection = inspect(pl.DataFrame(people))
        >>> [(column.column, column.kind, column.role) for column in inspection.columns]
        [('email', 'email', 'entity'), ('paid', 'flag', 'harmless')]
        >>> inspection.rules()["columns"]["email"]
        {'mask': 'token', 'domain': 'email'}
    """
    return inspected(source, reading_of(csv), entity)


def inspected(
    source: Source,
    reading: Reading,
    entity: str | None = None,
    prepared: Callable[[pl.LazyFrame], pl.LazyFrame] = lambda rows: rows,
) -> Inspection:
    """What each column of a table seems to hold; see `inspect`.

    Args:
        source: a table, wherever it is.
        reading: how CSV files are written.
        entity: the column that says whose rows they are, where that is known.
        prepared: what is done to the rows first.
    """
    frame = prepared(open_table(source, reading))
    if entity is not None and entity not in (names := frame.collect_schema()):
        raise DataError(f"entity: no column {entity!r}{nearest(entity, names)}")
    with quiet("inspecting"):
        sample = sampled(frame)
        found = _inspected(sample, entity)
    if not is_text(source):
        return found
    found = found if reading.csv.decimal == "," else _with_decimal_commas(found, sample)
    forms = _forms_of_times(found, reading)
    with quiet("inspecting"):
        formats = _formats_among(forms, open_table(source, replace(reading, types={})))
    types = {column: form for column, form in forms.items() if column not in formats}
    found = replace(found, columns=tuple(_with_format(each, formats) for each in found.columns))
    return replace(found, files=_about_files(found, reading, types))


def _forms_of_times(found: Inspection, reading: Reading) -> dict[str, str]:
    """Columns that get a mask of times → the form in which somebody said they are written."""
    timed = [each.column for each in found.columns if each.mask["mask"] in _MIND_FORMS]
    return {name: form for name, form in reading.types_of(timed).items() if "%" in form}


def _formats_among(forms: Mapping[str, str], texts: pl.LazyFrame) -> dict[str, str]:
    """The forms by which a mask reads every cell, as `format` goes by fewer characters."""
    read = {}
    for column, form in forms.items():
        with suppress(ValueError):  # a directive that masks do not know
            told = Writing.of([form], pl.String()).read(pl.col(column)).struct
            fits = told.field("days").is_not_null() | told.field("none") | pl.col(column).is_null()
            read[column] = fits.all()
    fitting = collect(texts.select(**read)).row(0, named=True) if read else {}
    return {column: forms[column] for column, fits in fitting.items() if fits}


def _with_format(column: InspectedColumn, formats: Mapping[str, str]) -> InspectedColumn:
    form = formats.get(column.column)
    return replace(column, mask=column.mask | {"format": form}) if form else column


def _with_decimal_commas(found: Inspection, sample: Sample) -> Inspection:
    """A word on text such as `12,50`, which would be numbers; `12,500` may be one of thousands."""
    seen = {column.column: column.values.sample for column in sample.columns}
    told = tuple(
        replace(each, reason=f"{each.reason}; {_DECIMAL_COMMAS}")
        if _has_decimal_commas(seen[each.column])
        else each
        for each in found.columns
    )
    return replace(found, columns=told)


def _has_decimal_commas(values: pl.Series) -> bool:
    if values.dtype != pl.String or values.is_empty():
        return False
    written = values.str.contains(r"^[+-]?\d+,\d+$").all()
    return written and not values.str.contains(r",\d{3}$").all()


_DECIMAL_COMMAS: Final = 'these look like decimal commas: `decimal: ","` under `csv:`'


# Masks to which an integer is no text that looks like it: 2201 may be the ZIP 02201.
_MIND_INTEGERS: Final = frozenset({"postcode", "region"})
_MIND_FORMS: Final = frozenset({"age", "date_shift", "date_truncate"})


def _about_files(found: Inspection, reading: Reading, forms: Mapping[str, str]) -> dict[str, Any]:
    """What rules for CSV files must say, whose cells they meet as text unless it is in a form."""
    types = {
        column.column: "integer"
        for column in found.columns
        if column.mask["mask"] in _MIND_INTEGERS and column.dtype.startswith("Int")
    } | dict(forms)
    csv = reading.csv.model_dump(exclude_defaults=True)
    return ({"csv": csv} if csv else {}) | ({"types": types} if types else {})


def _inspected(sample: Sample, said: str | None) -> Inspection:
    judged = with_birth_parts(with_ids([_judged(column) for column in sample.columns]))
    judged = with_names(judged, said or entity_of(judged))
    entity = said or entity_of(judged)
    judged = with_persons([with_role(each, entity) for each in judged], entity)
    judged = with_numbers(judged, entity)
    time = time_of(judged, entity)
    table = Table(tuple(judged), entity, country_of(judged))
    table = replace(table, columns=tuple(with_parts(judged, time, _moved_days(time, table))))
    return Inspection(
        tuple(_proposed(each, table) for each in table.columns),
        entity,
        time,
        sample.rows,
        sample.looked_at,
        table.country,
    )


def _moved_days(time: str | None, table: Table) -> pl.Series | None:
    """The days of the event time, where a shift is proposed for it."""
    column = next((each for each in table.columns if each.column == time), None)
    if column is None or column.seen.cells is None:
        return None
    rule = propose(column, table).rule
    return dates_of(column.seen.cells, rule) if rule["mask"] == "date_shift" else None


def _judged(seen: SampledColumn) -> JudgedColumn:
    verdict, name = judge(seen.values)
    return JudgedColumn(seen, verdict.kind, COLUMN_KINDS[verdict.kind].role, verdict.reason, name)


def _proposed(column: JudgedColumn, table: Table) -> InspectedColumn:
    rule, note = propose(column, table)
    if column.seen.in_json == "rest":
        rule, note = {"mask": "drop"}, "keys that few objects have"
    elif column.seen.in_json == "keys" and rule["mask"] != "token":
        rule, note = {"mask": "token"}, "keys of a map"
    by_value = rule.get("by") == "value" and rule["kind"] in PSEUDONYMS_OF_IDS
    apart = column.role == "entity" or rule["mask"] == "token" or by_value
    spelt = _spelt(column) if apart else ""
    reason = "; ".join(part for part in (column.reason, note, spelt) if part)
    # What looks like an id and is not known is taken for one of persons.
    coded = (column.kind == "unknown" or column.tells) and rule["mask"] == "token"
    role: Role = "direct identifier" if coded else column.role
    return InspectedColumn(
        column.column,
        dtype_name(column.seen.dtype),
        column.kind,
        role,
        reason,
        rule,
        column.seen.in_json is not None,
    )


def _spelt(column: JudgedColumn) -> str:
    """What is to be said where values that a mask takes for different ones are spellings of one."""
    if not column.values.is_text:
        return ""
    found = spellings(column.values.sample.alias("value").to_frame().lazy(), ["value"])
    return f"{found}: bring them to one form before masking" if found.spare else ""
