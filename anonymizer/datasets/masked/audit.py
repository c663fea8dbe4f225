"""Attacks on the masked tables of a dataset, each with the person behind its rows."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from anonymizer.checks.reports.audit_report import AuditReport
from anonymizer.composition import audit
from anonymizer.datasets.description.dataset import DatasetSource, load_dataset
from anonymizer.datasets.description.ruled import Ruled, ruled
from anonymizer.datasets.masked.tables import masked_table
from anonymizer.datasets.opening.persons import Known, with_person
from anonymizer.datasets.opening.places import Tables, tables_at
from anonymizer.datasets.opening.runs import places_of, raw_tables
from anonymizer.errors import DataError
from anonymizer.files.raw_table import RawTable
from anonymizer.files.sources import alike
from anonymizer.masking.rules.rules import Rules
from anonymizer.provenance import called_by


def audit_dataset(
    dataset: DatasetSource, *, seed: int = 0, progress: Callable[[str], None] = lambda _line: None
) -> dict[str, AuditReport]:
    """Say what somebody who may hold the raw tables can still do with the masked ones.

    Each table is attacked by itself, with the person behind its rows as the entity. Tables that are
    nobody's are left out, and so are those whose masked rows do not lead to a person any more.

    Args:
        dataset: as `mask_dataset` took it; both its places are read.
        seed: fixes every random choice.
        progress: told a line as the work goes on.

    Returns:
        Table → its report, as `audit` gives it.

    Raises:
        UsageError: the file and the tables do not fit.
        DataError: no table leads to a person.

    Example:
        >>> for table, report in audit_dataset("dataset.yaml").items():  # doctest: +SKIP
        ...     print(table, report.verdict)
    """
    loaded = load_dataset(dataset)
    source, target = places_of(loaded)
    command = called_by(lambda: "anonymizer.audit_dataset")
    with command, tables_at(source) as before, tables_at(target) as after:
        loaded = loaded.with_keys(before.foreign_keys)
        raw = {table: each.scan() for table, each in raw_tables(loaded, before)}
        rules = ruled(loaded, {table: each.collect_schema() for table, each in raw.items()})
        read = {t: _pair(t, rules[t].rules, before, after) for t in raw}
        pairs = {table: _scanned(pair) for table, pair in read.items()}
        raw = {table: pair[0] for table, pair in pairs.items()}
        masked = {table: pair[1] for table, pair in pairs.items()}
        reports, known = dict[str, AuditReport](), (Known(), Known())
        for table, each in rules.items():
            entity = each.rules.entity_columns
            if not entity or not _leads(table, each, masked):
                continue
            progress(table)
            promised = each.rules.anonymity
            found = audit(
                raw=with_person(raw[table], each, raw, known[0]),
                masked=with_person(masked[table], each, masked, known[1]),
                entity=list(entity),
                quasi_identifiers=promised.quasi_identifiers if promised else (),
                seed=seed,
                progress=progress,
            )
            files = (
                raw_table.recorded(role, record.rows)
                for role, raw_table, record in zip(
                    ("raw", "masked"), read[table], found.provenance.inputs, strict=True
                )
            )
            said = replace(found.provenance, inputs=tuple(files))
            reports[table] = replace(found, provenance=said)
    if not reports:
        raise DataError(f"{loaded.name}: no masked table leads to a person")
    return reports


def _pair(table: str, rules: Rules, before: Tables, after: Tables) -> tuple[RawTable, RawTable]:
    """A raw table and the masked one; of CSV in the types that cells and forms of masks say."""
    raw, masked = before.table(table, rules.reading), masked_table(table, rules, after)
    if raw.format != "CSV":
        return raw, masked
    columns = rules.to_dict()["columns"]
    raw, masked = (
        place.table(table, replace(reading.that_looks(columns), must_fit=False))
        for place, reading in ((before, raw.reading), (after, masked.reading))
    )
    return raw, masked


def _scanned(pair: tuple[RawTable, RawTable]) -> list[pl.LazyFrame]:
    """The rows of both, of CSV in types that are alike."""
    rows = [each.scan() for each in pair]
    return alike(*rows) if pair[0].format == "CSV" else rows


def _leads(table: str, each: Ruled, masked: dict[str, pl.LazyFrame]) -> bool:
    """Whether the columns through which a row finds its person are in the masked tables."""
    steps = [(key.child, key.columns) for key in each.way]
    steps += [(key.parent, key.keys) for key in each.way]
    end = each.way[-1].parent if each.way else None
    steps += [(end, (each.column,))] if end else []
    there = {table: set(frame.collect_schema()) for table, frame in masked.items()}
    own = end is not None or set(each.rules.entity_columns) <= there[table]
    return own and all(set(columns) <= there[at] for at, columns in steps)
