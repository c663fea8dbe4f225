"""Searching the changes of a rule file that reach a target: from the table to the result."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path
from typing import Final, TypeAlias

import polars as pl

from anonymizer.documents import read_document
from anonymizer.errors import RuleError, UsageError
from anonymizer.files.sources import Source, open_table
from anonymizer.frames import collect, quiet
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.identifiers import Keep
from anonymizer.masking.primitives.dtypes import TIMES, TypeFamily
from anonymizer.masking.rules.rules import Rules, RuleSource, load_rules, rule_file
from anonymizer.staging import common_mode
from anonymizer.tuning.ladder import Facts, Knob, Rung, facts_of, is_pattern, knobs_of, names_of
from anonymizer.tuning.page import html_of
from anonymizer.tuning.queries import answers, usual_queries
from anonymizer.tuning.result import Tuning
from anonymizer.tuning.rule_text import rule_text
from anonymizer.tuning.search import Levels, climbed, in_order, onwards, trimmed, without_idle
from anonymizer.tuning.trial import Table, Trial, Trials, table_of

QuerySource: TypeAlias = str | Path | Mapping[str, str]
_NOT_SEARCHED: Final = "recognition by whoever holds the raw rows (`linkage`) is not searched"
_NOT_COUNTED: Final = "what `anonymity:` suppresses was not counted: with it, fewer are singled out"


def tune_rules(
    source: Source,
    rules: RuleSource,
    *,
    target: float = 0.05,
    points: int = 4,
    known: Sequence[str] | None = None,
    queries: QuerySource | None = None,
    least: float = 0,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _line: None,
) -> Tuning:
    """Search the changes of rules by which few people are singled out and most answers are kept.

    Changed are the columns by which events are known: times are cut to longer units, numbers
    rounded, values that few people have become one, masks take their next coarser step, columns
    go. Risk is the unicity that `audit` measures. Nothing is written but by the result.

    Args:
        source: the raw table, all of it: among fewer people more are singled out. A path, a glob,
            a folder or a frame.
        rules: a rule file, the name of a pack, a dict or `Rules`, with an `entity`.
        target: the share of people that may be singled out, between 0 and 1; the upper end of the
            interval reaches it.
        points: by how many known events.
        known: columns by which events are known; found out as `audit` does, where left out.
        queries: what the table is for: in a few words what is asked → SQL of the table `events`;
            or a YAML file of that. Where left out, totals by month, frequent values, who comes
            again and how large visits are.
        least: how much of each answer must be kept, between 0 and 1.
        seed: fixes every random choice.
        progress: told a line as the work goes on.

    Raises:
        UsageError: a number or a query is out of range, or rules have no entity or are fitted.
        RuleError: the rules are wrong; carries every fault.
        DataError: rules and columns do not fit, or no column describes events.
        FileError: nothing is there, or it cannot be read.

    Example:
        >>> import polars as pl
        >>> items = [f"i{n * n % 1009 % 40}" for n in range(1_500)]
        >>> orders = pl.DataFrame({"who": [n % 300 for n in range(1_500)], "item": items})
        >>> columns = {"who": "token", "item": "keep"}
        >>> found = tune_rules(orders, {"version": 1, "entity": "who", "columns": columns})
        >>> round(found.before.risk.value, 2), found.after.risk.value, found.reached
        (0.74, 0.0, True)
        >>> found.after.changes
        ('item: keep → {mask: rare, k: 50}',)
    """
    _require(target, points, least)
    given, text = load_rules(rules), rule_text(rules)
    _require_tunable(given)
    asked = None if queries is None else _queries(queries)
    progress("the table is read")
    reading = given.reading.that_looks(text.document.get("columns"))
    with quiet("tuning"):
        table = table_of(collect(open_table(source, reading)), given, known, seed)
        facts = facts_of(table.raw, table.known, table.people)
        asked = asked or _usual(table, facts)
        knobs = knobs_of(given, text.document["columns"], table.known, facts)
        true = answers(asked, table.raw)
        trials = Trials(table, knobs, asked, true, least=least, points=points, seed=seed)
        progress("changes are tried")
        chosen, curve = _searched(trials, target)
        steps = [trials(levels) for levels in in_order(trials.point, chosen)]
    changes = _changes(knobs, chosen)
    before, after = trials((0,) * len(knobs)), trials(chosen)
    changed = text.with_rules({column: rung.rule for column, rung in changes.items()})
    rules_now = text.rules(changed)
    tried = {column: rung.mask for column, rung in changes.items()}
    _require_as_tried(rules_now, given, tried, table.raw.schema)
    return Tuning(
        rules=rules_now,
        text=changed,
        patch=_patch(text.name, text.text, changed),
        before=before,
        after=after,
        steps=steps,
        curve=[trials(levels) for levels in curve],
        reached=after.risk.high <= target and trials.is_useful(chosen),
        target=target,
        points=points,
        known=table.known,
        queries=asked,
        notes=list(_notes(given, table, before, after)),
        draw=html_of,
        mode=common_mode([rule_file(rules)] if isinstance(rules, str | Path) else []),
    )


def _notes(given: Rules, table: Table, before: Trial, after: Trial) -> Iterator[str]:
    """What a reader must know beside the figures."""
    yield _NOT_SEARCHED
    if gone := [name for name, kept in after.answers.items() if before.answers[name] and not kept]:
        told = ", ".join(f"'{name}'" for name in gone)
        yield f"nothing is left of the answer to {told}: `least` asks for a part of each"
    if given.anonymity:
        yield _NOT_COUNTED
    if patterns := [column for column in table.known if is_pattern(column)]:
        yield (
            f"{', '.join(patterns)}: left as they are, as a rule of such a name is a pattern and "
            "rules other columns: rename them to have them changed"
        )


def _require_as_tried(
    changed: Rules, given: Rules, tried: Mapping[str, Mask], schema: Mapping[str, pl.DataType]
) -> None:
    """Refuse a changed text that says anything but what was tried, of any column.

    Raises:
        UsageError: names the columns.
    """
    wrong = [
        column
        for column in names_of(schema)
        if _masks(changed, column)
        != ([tried[column]] if column in tried else _masks(given, column))
    ]
    rest = [
        replace(rules, columns={c: each for c, each in rules.columns.items() if c not in tried})
        for rules in (changed, given)
    ]
    if wrong or rest[0].sha256 != rest[1].sha256:
        raise UsageError(
            f"{given.source}: the changed text does not say what was tried, of "
            f"{', '.join(wrong) or 'what no column has'}: give each of these columns a rule under "
            "its own name, without anchors, and search again"
        )


def _masks(rules: Rules, column: str) -> list[Mask]:
    """The masks of a column; `keep` for rows that no rule covers, where they stay."""
    masks, _, covered = rules.masks_for(column)
    return [*masks, *([] if covered or rules.unlisted != "keep" else [Keep()])]


def _patch(name: str, before: str, after: str) -> str:
    """What changed in a file, as a unified diff."""
    lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "".join(unified_diff(*lines, fromfile=name, tofile=name))


def _searched(trials: Trials, target: float) -> tuple[Levels, list[Levels]]:
    """The levels that are chosen, and all on the way from the coarsest to the rules as they are.

    Changes that lower no risk are taken back, but for columns that no query asks for.
    Where the answers that must be kept ask for more risk than the target, they go before it; where
    even the coarsest rules do not reach it, no more is given up than what leads as near.
    """
    start = (0,) * len(trials.knobs)
    if trials(start).risk.high <= target and trials.is_useful(start):
        return start, [start]
    nearest = max(target, trials.point(trials.coarsest).risk)
    together = {knobs for knobs in trials.read if len(knobs) > 1}
    way = climbed(trials.point, trials.coarsest, nearest, sorted(together, key=sorted))
    rest = list(onwards(trials.point, way[-1]))
    chosen = way[-1]
    if not trials.is_useful(chosen) and (useful := list(filter(trials.is_useful, rest))):
        chosen = trimmed(trials.point, useful[0], trials.coarsest, trials.is_useful)
    return without_idle(trials.point, chosen, trials.asked), [*way, *rest]


def _changes(knobs: Sequence[Knob], levels: Levels) -> dict[str, Rung]:
    """Column → what masks it now, for those that change."""
    return {
        column: rung
        for knob, level in zip(knobs, levels, strict=True)
        for column, rung in zip(knob.columns, knob.rungs[level], strict=True)
        if level
    }


def _usual(table: Table, facts: Facts) -> dict[str, str]:
    """The usual queries of the columns by which events are known.

    Raises:
        UsageError: there are none, as of durations alone.
    """
    schema = table.raw.schema
    times = [c for c in table.known if TypeFamily.of(schema[c]) in TIMES]
    finest = max(times, key=lambda column: table.raw[column].n_unique(), default=None)
    unlike = {*facts.numbers, *times, *(c for c in table.known if schema[c] == pl.Duration)}
    values = [c for c in table.known if c not in unlike]  # SQL has no text of durations
    usual = usual_queries(table.entity, finest, list(facts.numbers), values)
    if not usual:
        told = f"of {', '.join(table.known)} no usual query can be asked: give `queries`"
        raise UsageError(f"{table.rules.source}: {told}")
    return usual


def _queries(source: QuerySource) -> dict[str, str]:
    """Queries of a mapping or a YAML file.

    Raises:
        RuleError: it is no mapping of names to SQL.
        FileError: it cannot be read.
    """
    name = Path(source).name if isinstance(source, str | Path) else "queries"
    said = read_document(Path(source)) if isinstance(source, str | Path) else source
    if isinstance(said, Mapping) and said and all(isinstance(v, str) for v in said.values()):
        return {str(asked): query for asked, query in said.items()}
    raise RuleError(name, ["expected a mapping: in a few words what is asked → SQL of `events`"])


def _require(target: float, points: int, least: float) -> None:
    """Refuse numbers that are out of range."""
    if not (0 <= target <= 1 and 0 <= least <= 1 and points >= 1):
        raise UsageError(
            f"target is {target}, least {least}, points {points}: target and least must lie "
            "between 0 and 1, points must be 1 or more"
        )


def _require_tunable(rules: Rules) -> None:
    """Refuse rules without an entity, and what was learned by rules that will be others."""
    if not rules.entity_columns:
        raise UsageError(f"{rules.source}: name `entity:`, as risk is that of a person's history")
    if rules.fitted:
        way = "tune the rules that were fitted, and fit again"
        raise UsageError(f"{rules.source}: these rules are fitted to a table: {way}")
    for pattern, masks in rules.columns.items():
        if sum(mask.moves_times for mask in masks) > 1:
            told = "a column moves by one date_shift: leave one of its rules"
            raise UsageError(f"{rules.source}: columns.{pattern}: {told}")
