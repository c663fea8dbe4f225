"""The attacks of an audit as figures: events looked for, records matched, windows linked."""

from collections.abc import Iterable, Sequence
from typing import Final

import polars as pl

from anonymizer.checks.attacks.alignment import MASKED_ENTITY, RAW_ENTITY, ValueKind, comparable
from anonymizer.checks.attacks.fingerprints import fingerprints
from anonymizer.checks.attacks.knowledge import as_seen
from anonymizer.checks.attacks.linkage import MIN_ENTITIES_LINKED, NEAREST_COUNTED, link
from anonymizer.checks.attacks.shifts import (
    ShiftsFound,
    by_calendar_found,
    by_order_found,
    part_of,
    true_shifts,
)
from anonymizer.checks.attacks.unicity import Unicity, matched_unicity, unicity
from anonymizer.checks.attacks.windows import link_windows
from anonymizer.checks.audit.case import Case, Findings
from anonymizer.checks.figures.figure import AS_SMALL, Risk, at_worst, exact
from anonymizer.checks.figures.formats import is_nan, percent
from anonymizer.checks.figures.statistics import Estimate
from anonymizer.checks.reports.audit_report import Curve
from anonymizer.errors import DataError

JUDGED_POINTS: Final = 4  # known events that the colour is given for
_MIN_AGREEMENT: Final = 0.5  # of a column's values, for an attacker to look for raw ones
_NUMBER_WORDS: Final = {4: "Four"}


def single_out(case: Case, found: Findings) -> None:
    """Add the unicity of both tables, and of raw events looked for in the masked one."""
    if not case.basis.known:
        found.notes.append(
            "no column describes events, so singling out by known events was not measured; name "
            "some if there are"
        )
        return
    raw = as_seen(case.raw, case.basis.known, case.entity)
    before = _curve(unicity(raw, case.entity, case.basis.known, seed=case.seed))
    found.curves["raw"] = before
    if not case.known:
        found.notes.append("the masked table has no column that describes events")
        return
    masked = as_seen(case.masked, case.known, case.entity)
    after = _curve(unicity(masked, case.entity, case.known, seed=case.seed))
    found.curves["masked"] = after
    found.figures["unicity"] = found_by(
        f"Singled out by {JUDGED_POINTS} known events",
        (_at(before), _at(after)),
        _guess(case.masked, case.entity),
        f"{_NUMBER_WORDS[JUDGED_POINTS]} known events single out {{after}} of the entities, "
        "{before} before masking. The events are drawn from the table that is judged: whoever "
        "learns them as they stand there, masked, can do this.",
    )
    _look_up(case, found)


def _look_up(case: Case, found: Findings) -> None:
    """Add what events as they really were find in the masked table."""
    if case.alignment.note:
        return
    raw, masked = (
        _seen(frame, case.known, case.columns, case.entity) for frame in (case.raw, case.masked)
    )
    rows = case.alignment.rows
    there, here = raw[rows["row"]], masked[rows["row"]]
    same = [c for c in there.columns[1:] if _agreement(there[c], here[c]) >= _MIN_AGREEMENT]
    if not same:
        found.notes.append(_nothing_found(case))
        return
    (token,) = _unused(here.columns, 1)
    true = here.with_columns(there[case.entity], rows[MASKED_ENTITY].alias(token))
    matched = matched_unicity(raw, true, case.entity, same, token=token, seed=case.seed)
    curve = [(each.points, each.right) for each in matched]
    found.curves["found"] = curve
    best = max((p for p, _ in curve if p <= JUDGED_POINTS), key=lambda p: dict(curve)[p].value)
    found.figures["found"] = found_by(
        f"Found by up to {JUDGED_POINTS} true events",
        (dict(found.curves["raw"])[best], dict(curve)[best]),
        _guess(case.raw, case.entity),
        f"Up to {_NUMBER_WORDS[JUDGED_POINTS].lower()} events as they really were find {{after}} "
        "of the entities in the masked table, by the columns whose values are still there: "
        f"{', '.join(same)}. Most are found by {best}.",
    )


def _nothing_found(case: Case) -> str:
    """That true events find nothing by what is known of them, and what else would find some."""
    rows = case.alignment.rows["row"]
    shown = {c: case.columns[c] for c in case.columns if c not in case.basis.columns}
    raw, masked = (
        frame[rows].select(comparable(c, frame.schema[c], kind) for c, kind in shown.items())
        for frame in (case.raw, case.masked)
    )
    left = [c for c in shown if _agreement(raw[c], masked[c]) >= _MIN_AGREEMENT]
    left = [c for c in left if raw[c].n_unique() > 1]
    told = f"of the known columns ({', '.join(case.known)}) none has its raw values"
    if not left:
        return f"{told}: whoever knows true events finds nothing by looking them up"
    others = f"{', '.join(left)} {'has' if len(left) == 1 else 'have'} them"
    return f"{told}, but {others}: name in `known` what somebody may know of an event"


def _seen(
    frame: pl.DataFrame, columns: Sequence[str], kinds: dict[str, ValueKind], entity: str
) -> pl.DataFrame:
    """Days and values in types that compare; the entity first."""
    days = as_seen(frame, columns, entity)
    return days.select(
        entity, *(comparable(c, days.schema[c], kinds[c]) for c in columns if c in kinds)
    )


def _agreement(a: pl.Series, b: pl.Series) -> float:
    """The share of known values of a that b has in the same row, in [0, 1]."""
    known = pl.DataFrame({"a": a, "b": b}).filter(pl.col("a").is_not_null())
    return float((known["a"] == known["b"]).sum()) / max(1, len(known))


def _unused(names: Iterable[str], count: int) -> list[str]:
    """So many names that none of the given columns has."""
    longest = max(map(len, names), default=0)
    return ["_" * (longest + i) for i in range(1, count + 1)]


def intervals(case: Case, found: Findings) -> None:
    """Add what the days between consecutive events single out, in both tables."""
    time, entity = case.basis.time, case.entity
    if time is None:
        return
    before = _curve(fingerprints(as_seen(case.raw, [time], entity), entity, time))
    found.curves["raw_intervals"] = before
    if not case.timed:
        return
    after = _curve(fingerprints(as_seen(case.masked, [time], entity), entity, time))
    found.curves["masked_intervals"] = after
    found.figures["intervals"] = found_by(
        f"Singled out by the days between {JUDGED_POINTS} events",
        (_at(before), _at(after)),
        _guess(case.masked, entity),
        f"The days between {_NUMBER_WORDS[JUDGED_POINTS].lower()} consecutive events are a "
        "fingerprint of {after} of the entities, {before} before masking. A shift of all dates "
        "leaves it.",
    )


def _curve(results: Sequence[Unicity]) -> Curve:
    """The share that is singled out, by the number of known events."""
    return [(each.points, each.share) for each in results]


def _at(curve: Curve) -> Estimate:
    """The point of a curve that is judged."""
    return dict(curve)[JUDGED_POINTS]


def _guess(frame: pl.DataFrame, entity: str) -> float | None:
    """The chance to guess an entity right; None without any."""
    entities = frame[entity].drop_nulls().n_unique()
    return 1 / entities if entities else None


def match_records(case: Case, found: Findings) -> None:
    """Add who is recognised by the nearest raw record, where the truth is known."""
    if case.alignment.note:
        found.notes.append(
            f"linkage was not measured, as nobody knows whose row is whose: {case.alignment.note}"
        )
        return
    time = case.basis.time if case.timed else None
    itself = case.alignment._replace(
        rows=case.alignment.rows.with_columns(pl.col(RAW_ENTITY).alias(MASKED_ENTITY))
    )
    after, before = (
        link(case.raw, frame, alignment, case.columns, time, seed=case.seed)
        for frame, alignment in ((case.masked, case.alignment), (case.raw, itself))
    )
    if after is None or before is None:
        found.notes.append(f"linkage was not measured: fewer than {MIN_ENTITIES_LINKED} entities")
        return
    everybody = case.alignment.rows[RAW_ENTITY].n_unique()
    if after.entities < everybody:
        found.notes.append(
            f"records were matched among {after.entities:,} of {everybody:,} entities, drawn at "
            "random: among all of them fewer are recognised"
        )
    helped = f" Most telling: {', '.join(after.helped[:3])}." if after.helped else ""
    found.figures["linkage"] = found_by(
        "Recognised by the nearest raw record",
        (before.first, after.first),
        after.chance,
        f"Whoever holds the raw rows gives {{after}} of {after.targets:,} masked entities the "
        f"right one of {after.entities:,} raw entities.{helped}",
    )
    found.figures["linkage_near"] = found_by(
        f"Right one among the {NEAREST_COUNTED} nearest",
        (before.near, after.near),
        after.near_chance,
        f"For {{after}} the right one is among the {NEAREST_COUNTED} best matches.",
    )


def link_tokens(case: Case, found: Findings) -> None:
    """Add how many tokens that change with time are joined again by behaviour."""
    time = case.basis.time
    if case.alignment.note or not case.alignment.rotating or time is None:
        return
    rows = case.alignment.rows
    behaviour = [c for c in case.columns if c != time]
    events = case.masked.select(behaviour)[rows["row"]] if behaviour else pl.DataFrame()
    truth, token, when = _unused(case.columns, 3)
    events = events.with_columns(
        rows[RAW_ENTITY].alias(truth),
        rows[MASKED_ENTITY].alias(token),
        case.raw[rows["row"]][time].alias(when),
    )
    try:
        linked = link_windows(events, truth, token, when, behaviour, seed=case.seed)
    except DataError:
        found.notes.append(
            f"tokens of one entity overlap in '{time}', so that they have no windows to be linked"
        )
        return
    found.figures["windows"] = found_by(
        "Tokens linked to the next window",
        (exact(1.0), linked.share),
        linked.chance,
        f"One entity has several tokens, in {linked.windows:,} windows of time. By behaviour alone "
        f"{{after}} of {linked.tokens:,} tokens are joined to the right one of the next window.",
    )


def tell_shifts(case: Case, found: Findings) -> None:
    """Add how many shifts of times the order of the masked rows and the calendar tell."""
    time, rows = case.basis.time, case.alignment.rows
    if time is None or not case.timed or rows.is_empty():
        return
    raw, masked = (frame[time][rows["row"]] for frame in (case.raw, case.masked))
    who = rows[MASKED_ENTITY]
    truth = true_shifts(who, raw, masked)
    if truth is None:
        return
    given = rows.with_columns(case.places[rows["row"]].alias("place"), masked.alias("time"))
    given = given.sort("place")
    shifts = by_order_found(given[MASKED_ENTITY], given["time"], truth, seed=case.seed)
    found.figures["shift_by_order"] = _recovered(
        "the order of rows",
        shifts,
        "From the order of the masked rows alone",
        "without any order",
        "what the order tells beyond chance",
    )
    calendar = by_calendar_found(who, raw, masked, truth, seed=case.seed)
    found.figures["shift_by_calendar"] = _recovered(
        "the calendar",
        calendar,
        "By who knows how many came on each true day, as others tell,",
        "by the best guess for everybody",
        "what the calendar tells beyond chance",
    )


def _recovered(source: str, shifts: ShiftsFound, how: str, without: str, judged_as: str) -> Risk:
    """The figure of an attack on shifts: what it guesses from, and how, as parts of sentences."""
    return Risk(
        title=f"Shift recovered from {source}",
        estimate=shifts.found,
        baseline=shifts.chance,
        ceiling=None,
        meaning=(
            f"The times of an entity are moved by a shift of its own. {how} it is guessed within "
            f"two days for {percent(shifts.found.value)} of {shifts.entities:,} entities; "
            f"{without} for {percent(shifts.chance)}."
        ),
        judged=shifts.gain,
        judged_as=judged_as,
        before=None,
        unit="share",
    )


def name_parts(case: Case, found: Findings) -> None:
    """Add a note on each column that stands for a part of the true time, and not of the masked."""
    time = case.basis.time
    if time is None or not case.timed or not case.masked_times:
        return
    for column in case.columns:
        if column == time or case.masked[column].n_unique() < 2:
            continue
        part = part_of(case.raw[time], case.raw[column])
        if part and part_of(case.masked[time], case.masked[column]) != part:
            found.notes.append(
                f"'{column}' goes one to one with the {part} of the true '{time}', and tells by "
                "how much that was moved: drop it, and take it from the masked times"
            )


def found_by(
    title: str, figures: tuple[Estimate, Estimate], chance: float | None, meaning: str
) -> Risk:
    """The figure of an attack: the share of entities that it finds.

    Args:
        title: in a few words.
        figures: of the raw and of the masked table.
        chance: what guessing reaches.
        meaning: a sentence, in which {before} and {after} become the two shares.
    """
    before, after = figures
    return Risk(
        title=title,
        estimate=after,
        baseline=chance,
        ceiling=before.value,
        meaning=_told(meaning, before, after),
        judged=at_worst(after),
        judgeable=not is_nan(after.value),
        before=before,
        unit="share",
        judged_as=AS_SMALL,
    )


def _told(meaning: str, before: Estimate, after: Estimate) -> str:
    # Not `format`: column names may hold braces.
    """A sentence with the two shares in it."""
    told = meaning.replace("{before}", percent(before.value))
    return told.replace("{after}", percent(after.value))
