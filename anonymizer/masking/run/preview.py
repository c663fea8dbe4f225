"""What rules would do to a table, before they do it: a preview on made-up rows, and the risks."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from anonymizer.files.sources import Source, open_table
from anonymizer.files.table_files import TableFiles
from anonymizer.frames import collect, quiet
from anonymizer.json_cells import ITEMS, steps_of, values_at
from anonymizer.keys import Key
from anonymizer.masking.inspection.lints import Finding, Level, findings, spelled_apart
from anonymizer.masking.masks.base import dtype_name
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.primitives.dtypes import short_name
from anonymizer.masking.rules.batches import HeldBack
from anonymizer.masking.rules.rules import RuleSource, load_rules
from anonymizer.masking.run.frames import (
    masking,
    numbers_with_points,
    of_any_key,
    of_nobody,
    require_numbers,
)
from anonymizer.masking.run.hold_back import plan_of_night
from anonymizer.masking.run.manifest import refuse_masked
from anonymizer.masking.run.notes import (
    TIME_TOLD,
    as_of_frame,
    found_by_run,
    kept_order,
    other_ways,
    remarks_of,
    shuffled_for,
    warnings_of,
)
from anonymizer.masking.run.order import told_by_order
from anonymizer.masking.table.fitting import fit
from anonymizer.masking.table.tellings import tellings
from anonymizer.tables import Table, Tabular


@dataclass(frozen=True)
class ColumnPreview:
    """What becomes of one column.

    Attributes:
        column: its name; fields of structs are `outer.inner`.
        mask: the names of its masks, as a person reads them.
        input_dtype: the name of its dtype.
        output_dtype: the name of its dtype in the output; None where it is dropped.
        examples: three made-up values before and after; none where there is no natural example.
    """

    column: str
    mask: str
    input_dtype: str
    output_dtype: str | None
    examples: list[tuple[Any, Any]]


class Preview(Tabular, list[ColumnPreview]):
    """What becomes of each column: a list that shows itself as a table.

    Attributes:
        notes: what whoever uses the output must know, one line each.
    """

    def __init__(self, columns: Iterable[ColumnPreview], notes: Iterable[str] = ()) -> None:
        super().__init__(columns)
        self.notes = list(notes)

    def _table(self) -> Table:
        """A row for each column with its first example; examples are made up."""
        rows = [
            (
                each.column,
                each.mask,
                short_name(each.input_dtype),
                short_name(each.output_dtype or "–"),
                _first(each),
            )
            for each in self
        ]
        head = ("column", "mask", "type", "becomes", "made-up example")
        return Table(head, rows, below=[f"note: {note}" for note in self.notes])


def _first(column: ColumnPreview) -> str:
    return " → ".join(map(shown, column.examples[0])) if column.examples else ""


def shown(value: object) -> str:
    """An example on one line."""
    return "null" if value is None else " ".join(str(value).split())


def preview(source: Source, rules: RuleSource) -> Preview:
    """Show what each column would become, on three invented rows under a throwaway key.

    Args:
        source: a path, a glob, a folder or an s3:// address; or a frame. Only its schema is read.
        rules: a rule file, the name of a pack, a dict or `Rules`.

    Returns:
        One entry for each column, field of a struct and element of a list, and `notes`. Nothing of
        the data is in it, and the pseudonyms are not those of the real key.

    Raises:
        RuleError: the rules are wrong; carries every fault.
        DataError: rules and columns do not fit.
        FileError: nothing is there, or it cannot be read.

    Example:
        >>> import polars as pl
        >>> orders = pl.DataFrame({"amount": [1234, 5678]})
        >>> columns = {"amount": {"mask": "round", "to": 10}}
        >>> found = preview(orders, {"version": 1, "columns": columns})
        >>> found
        column  mask   type   becomes  made-up example
        amount  round  Int64  Int64    17 → 20
        >>> found[0].examples
        [(17, 20), (42, 40), (101, 100)]
    """
    plan = _plan_for(source, rules)
    before = _made_up_rows(plan)
    with quiet("the preview"):
        after = collect(plan.apply(before.lazy(), Key(secrets.token_bytes(32)), preview=True))
    columns = [
        ColumnPreview(
            column=leaf.column,
            mask=leaf.summary,
            input_dtype=dtype_name(leaf.dtype),
            output_dtype=dtype_name(leaf.output_dtype) if leaf.keeps_column else None,
            examples=_pairs(before, after, leaf.column),
        )
        for leaf in plan.leaves
    ]
    return Preview(columns, [*remarks_of(plan), *warnings_of(plan, fitted=False)])


class Findings(Tabular, list[Finding]):
    """What is risky in a rule file: a list that shows itself as a table."""

    def _table(self) -> Table:
        """A row for each finding, with the way out."""
        rows = [(each.level, each.place, each.code, each.message) for each in self]
        below = [] if self else ["nothing is known to be risky here"]
        return Table(("level", "place", "code", "risk and way out"), rows, below=below)


def lint(rules: RuleSource, source: Source | None = None) -> Findings:
    """Say what is risky in rules, and the way out; sharper with the table they are for.

    Args:
        rules: a rule file, the name of a pack, a dict or `Rules`.
        source: a path, a glob, a folder or an s3:// address; or a frame. All of it is read, to say
            what a run would warn of or refuse, and to count identifiers that are spelled in several
            ways.

    Returns:
        Findings without repetition; none for rules that are well made, as far as can be seen.

    Raises:
        RuleError: the rules are wrong; carries every fault.
        DataError: rules and columns do not fit.
        FileError: nothing is there, or it cannot be read.

    Example:
        >>> found = lint({"version": 1, "columns": {"email": "keep", "amount": "keep"}})
        >>> [(each.level, each.code, each.place) for each in found]
        [('warning', 'identifier-kept', 'columns.email')]
    """
    loaded = load_rules(rules)
    if source is None:
        return Findings(findings(loaded))
    table, is_file = open_table(source, loaded.reading), isinstance(source, str | Path)
    return Findings(counted_findings(_plan_for(source, loaded), table, is_file=is_file))


def counted_findings(plan: Plan, table: pl.LazyFrame, *, is_file: bool) -> Iterator[Finding]:
    """What a run would warn of or refuse, under a throwaway key, and ids in several spellings.

    Args:
        plan: of the rules for the table.
        table: all of it is read.
        is_file: whether rows are written into files, which are shuffled where they tell.
    """
    plan, key = of_any_key(plan), Key(secrets.token_bytes(32))
    level: Level = "note" if plan.rules.batches == "accepted" else "warning"
    with masking(plan, table):  # which says where a cell is no number
        require_numbers(plan, table)
        spelt = list(spelled_apart(plan, table))
        rows = collect(table.select(pl.len())).item()
        plan = fit(plan, table, key, dictionaries="streaming")
        told = tellings(plan, table, key, seekable=False, rows=rows)
        ordered = told_by_order(plan, table, rows, seekable=False)
        said = numbers_with_points(plan, table)
        said += shuffled_for(ordered) if is_file else kept_order(ordered) + of_nobody(plan, table)
    yield from findings(plan.rules, plan if is_file else as_of_frame(plan))
    yield from spelt
    yield from found_by_run(plan, said)
    waits = isinstance(plan.rules.batches, HeldBack)
    for each in told:
        if waits and each.narrow:
            continue
        way = each.remedy + other_ways(plan.rules, each)
        grade = level if each.grave else "warning"
        yield Finding(TIME_TOLD, f"columns.{each.column}", each.risk, way, grade)


def _plan_for(source: Source, rules: RuleSource) -> Plan:
    """Which mask every column gets; only the schema of the table is read, and no key is needed.

    Files that no run would mask are refused.
    """
    loaded = load_rules(rules)
    if isinstance(source, str | Path):
        raw = TableFiles.at(source, loaded.reading)
        refuse_masked(raw.files)
        raw.refuse_no_header(loaded.columns)
    of_rows = plan_of_night if isinstance(loaded.batches, HeldBack) else make_plan
    return of_rows(loaded, open_table(source, loaded.reading).collect_schema())


def _made_up_rows(plan: Plan) -> pl.DataFrame:
    """Three rows of constants in the schema of the data; null where there is no example."""
    return pl.DataFrame([node.examples().alias(node.column) for node in plan.tree])


def _pairs(before: pl.DataFrame, after: pl.DataFrame, column: str) -> list[tuple[Any, Any]]:
    raw, masked = _at(before, column), _at(after, column)
    return [] if raw is None or masked is None else list(zip(raw, masked, strict=True))


def _at(frame: pl.DataFrame, column: str) -> list[Any] | None:
    """The values of a column or, as `outer.inner`, of what is inside it; None if it is absent."""
    for root in frame.columns:
        if column == root or column.startswith((f"{root}.", f"{root}{ITEMS}")):
            steps = steps_of(column.removeprefix(root))
            if steps and frame[root].dtype == pl.String:
                return _in_json(frame[root], steps)
            inside = _inside(frame[root], column.removeprefix(root).removeprefix("."))
            return None if inside is None else inside.to_list()
    return None


def _in_json(cells: pl.Series, steps: list[str]) -> list[str] | None:
    """The first value at a path of each cell; None where one has none."""
    found = [values_at(cell, steps) for cell in cells]
    return [values[0] for values in found] if all(found) else None


def _inside(values: pl.Series, path: str) -> pl.Series | None:
    while values.dtype == pl.List:
        values = values.explode()
    if not path or not isinstance(values.dtype, pl.Struct):
        return None if path else values
    names = [field.name for field in values.dtype.fields]
    name = next((each for each in names if path == each or path.startswith(f"{each}.")), None)
    if name is None:
        return None
    return _inside(values.struct.field(name), path.removeprefix(name).removeprefix("."))
