"""The audit itself: compare a masked table with the raw one, attack it, and make the report."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from anonymizer.checks.audit.anonymity_figures import count_groups
from anonymizer.checks.audit.attack_figures import (
    intervals,
    link_tokens,
    match_records,
    name_parts,
    single_out,
    tell_shifts,
)
from anonymizer.checks.audit.case import (
    Case,
    Findings,
    Frame,
    first_notes,
    prepared,
    sensitive_notes,
    written_times,
)
from anonymizer.checks.audit.coverage import too_little
from anonymizer.checks.audit.leaves import leaves
from anonymizer.checks.audit.raw_values import look_for_raw_entities, look_for_raw_values
from anonymizer.checks.audit.releases import relink
from anonymizer.checks.audit.texts_left import TextFinder, look_into_texts
from anonymizer.checks.figures.figure import Risk
from anonymizer.checks.figures.shares import Share, require_share
from anonymizer.checks.figures.thresholds import Thresholds, judged
from anonymizer.checks.pages.audit_page import html_of
from anonymizer.checks.reports.audit_report import Assumptions, AuditReport, Tables


def audit_tables(
    raw: Frame,
    masked: Frame,
    *,
    entity: str,
    time: str | None = None,
    quasi_identifiers: Sequence[str] = (),
    sensitive: Sequence[str] = (),
    known: Sequence[str] | None = None,
    earlier: tuple[Frame, Frame] | None = None,
    finder: TextFinder | None = None,
    thresholds: Thresholds | None = None,
    share: float = 1,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _line: None,
) -> AuditReport:
    """Say what an attacker could still do with a masked table.

    `anonymizer.audit` is this with files and with frames of any kind.

    Args:
        raw: the table before masking, one row or many per entity.
        masked: the table after it, in the order in which it is handed out. If it has as many
            rows, attacks that need the truth are run too, on the entities whose rows can be told.
        entity: column of both that says whose row it is; in the masked one as a token.
        time: column that says when it happened, a Date or Datetime. By default that of events
            which is one in both tables, the finest of several.
        quasi_identifiers: columns that an attacker may know of a person. One that only the raw or
            only the masked table has, such as a birth date that became an age, counts there.
        sensitive: columns that must not be told of a person.
        known: columns that an attacker may know of an event, moments cut to days. By default all
            that both tables have and that describe events: neither quasi-identifiers nor sensitive
            columns, nor attributes of an entity, nor numbering.
        earlier: raw and masked table of another release of the same people, who are looked for.
        finder: what sees personal data in texts; without it, free text is not looked into.
        thresholds: limits in place of the project's own.
        share: of all persons, that both tables hold the rows of.
        seed: fixes every random choice.
        progress: told a line as the work goes on.

    Returns:
        The report, every figure with its colour.

    Raises:
        DataError: a column is absent or of a type that does not fit.
        RuleError: thresholds name what no figure is called, or are the wrong way round.
        UsageError: the share is none.
    """
    require_share(share)
    limits = thresholds or Thresholds()
    columns = [name for frame in (raw, masked) for name in frame.lazy().collect_schema()]
    limits.require_names(columns)
    progress("tables are compared")
    basis = Assumptions(entity, time, list(quasi_identifiers), list(sensitive), list(known or []))
    case = prepared(raw, masked, basis, choose=known is None, seed=seed)
    found = Findings(notes=first_notes(case, taken=time is None))
    found.notes.extend(sensitive_notes(case) if known is None else [])
    progress("events are looked for")
    single_out(case, found)
    intervals(case, found)
    tell_shifts(case, found)
    name_parts(case, found)
    progress("groups are counted")
    count_groups(case, found)
    progress("records are matched")
    match_records(case, found)
    link_tokens(case, found)
    if earlier is not None:
        progress("entities are looked for in the earlier release")
        alone = Assumptions(entity, case.basis.time, [], [], [])
        relink(case, prepared(*earlier, alone, choose=False, seed=seed), found)
    progress("raw identifiers are looked for")
    look_for_raw_values(raw, masked, case.basis, found)
    look_for_raw_entities(case, found)
    if finder is not None:
        progress("free text is looked into")
        look_into_texts(raw, masked, entity, found, finder=finder, seed=seed)
    tables = Tables(
        len(case.raw),
        case.raw[entity].drop_nulls().n_unique(),
        len(case.masked),
        case.masked[entity].drop_nulls().n_unique(),
    )
    some = Share(share, min(tables.raw_entities, tables.masked_entities))
    figures = some.told(judged(found.figures, limits))
    found.gaps.extend([*_gaps(case, masked), *some.gaps(figures)])
    return AuditReport(
        tables,
        case.basis,
        figures | judged(too_little(figures, found.gaps), limits),
        found.curves,
        found.classes,
        share,
        limits.purpose,
        notes=[
            *found.notes,
            *some.notes,
            *_what_histories_tell(case, figures),
            *limits.notes(found.figures),
            *([STAYS_PERSONAL] if limits.purpose == "public" else []),
        ],
        draw=html_of,
    )


STAYS_PERSONAL: Final = (
    "masked rows of persons stay personal data whatever the figures say, as the key, or who knows "
    "some of their events, leads back: for the public, sample synthetic histories"
)


def _gaps(case: Case, masked: Frame) -> Iterator[str]:
    """What could not be looked at, and the way out."""
    for leaf in leaves(masked):
        if leaf.is_unknown:
            yield f"'{leaf.name}' is {leaf.dtype}: drop it, or cast it to text"
    for column in written_times(case):
        yield f"'{column}' holds times as text: `--time {column} --csv @RULES`"


_OF_HISTORIES: Final = ("unicity", "intervals")
_OF_JOINS: Final = ("linkage", "linkage_near", "found")
_WHAT_HISTORIES_TELL: Final = (
    "times were masked, and still {} red: histories were kept{}, and they are as good as names to "
    "whoever knows or holds some of their events; hand the table to those alone who may know the "
    "persons, or coarsen `{}` with `date_truncate`, round amounts and hand out fewer events: "
    "`anonymizer tune-rules` searches how far"
)
_WHAT_BOTH_KEEP: Final = (
    "times were masked, and still {} red: what both tables keep joins them, to whoever holds raw "
    "rows; coarsen or drop what need not stand in the masked one"
)


def _what_histories_tell(case: Case, figures: Mapping[str, Risk]) -> Iterator[str]:
    """What red figures mean where the times of histories were masked, and what to do."""
    if not (case.timed and case.masked_times):
        return
    histories, joins = (
        [name for name in names if name in figures and figures[name].colour == "red"]
        for names in (_OF_HISTORIES, _OF_JOINS)
    )
    red = f"{', '.join([*histories, *joins])} {'is' if len(histories + joins) == 1 else 'are'}"
    if histories:
        shifted = ", which a date shift is for" if "shift_by_order" in figures else ""
        yield _WHAT_HISTORIES_TELL.format(red, shifted, case.basis.time)
    elif joins:
        yield _WHAT_BOTH_KEEP.format(red)
