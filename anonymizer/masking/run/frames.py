"""Masking a frame, and learning from one. Files stand in `files.py`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, cast

import polars as pl

from anonymizer.buffers import without_categories
from anonymizer.errors import AnonymizerError, DataError
from anonymizer.files.sources import Source, open_table, recorded
from anonymizer.frames import Frame, collect, is_lazy, is_read_once, quiet, to_lazy
from anonymizer.keys import Key, KeySource, load_key
from anonymizer.masking.masks.identifiers import Token
from anonymizer.masking.masks.scrub import Scrub
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.deferred import PlannedKey, deferred
from anonymizer.masking.plan.plan import Plan, unfolded
from anonymizer.masking.plan.schema_tree import Leaf, TreeNode
from anonymizer.masking.primitives.dtypes import TypeFamily
from anonymizer.masking.primitives.normal_forms import is_number
from anonymizer.masking.rules.rules import Rules, RuleSource, load_rules
from anonymizer.masking.run.notes import (
    NOBODY,
    POINTS,
    frame_warnings_of,
    kept_order,
    told_of,
    warn,
)
from anonymizer.masking.run.order import shuffled, told_by_order
from anonymizer.masking.table.fitting import fit, learned_by
from anonymizer.masking.table.tellings import tellings, unseen
from anonymizer.provenance import Provenance

_NO_NUMBER: Final = "no number of 15 digits at most without marks of thousands"
_FIRST_ROWS: Final = 1_000  # that show how ids are written
READ_ONCE: Final = "a stream can be read once"
_WAYS: Final = "give a table, such as its read_all(), or rules that fit_rules made"


def key_for(plan: Plan, key: KeySource | None) -> Key | None:
    """The key that a plan needs, or None; a bad key is always refused."""
    return load_key(key) if plan.keyed or key is not None else None


def masked_frame(
    df: Frame,
    rules: Rules,
    key: KeySource | None,
    *,
    prepared: Callable[[pl.LazyFrame], pl.LazyFrame] = lambda rows: rows,
    calls: int = 1,
) -> Frame:
    """A frame masked by rules, of the kind that came in.

    Args:
        df: what is masked.
        rules: by which.
        key: the secret, or a callable that gives it; else the environment variable.
        prepared: what is done to the rows first, in whose schema the rules are.
        calls: how many there are between this one and that of the user.
    """
    rows, back = to_lazy(df)
    lazy = prepared(rows)
    if is_lazy(df):
        lazy = _uncategorised(lazy)
    plan = make_plan(rules, lazy.collect_schema())
    if plan.learns and is_read_once(df):
        raise DataError(f"{READ_ONCE}, and the rules learn from all rows first: {_WAYS}")
    secret = key_for(plan, key)
    others = list[str]()
    with masking(plan, lazy):
        if is_lazy(df):
            fitted = fit(plan, lazy, secret, sparing=True)
            planned = PlannedKey(secret, key, secret.id) if secret else None
            faults = _unfindable if is_read_once(df) else require_numbers
            masked, told = deferred(lazy, fitted, planned, faults), unseen(fitted)
        else:
            nulls = collect(lazy.select(pl.all().null_count())).row(0, named=True)
            null_free = null_free_among(nulls)
            fitted = fit(plan, lazy, secret, dictionaries="in-memory", null_free=null_free)
            masked = fitted.apply(lazy, secret)
            told = tellings(fitted, lazy, secret, seekable=True)
            others = of_nobody(fitted, lazy)
        others += numbers_with_points(fitted, lazy)
        ordered = told_by_order(fitted, lazy, _rows_of(df), seekable=True)
        if rules.order == "shuffled":
            masked = shuffled(masked, fitted)
        notes = [*frame_warnings_of(fitted), *others, *told_of(told), *kept_order(ordered)]
        warn(notes, calls)
        result: Frame = back(masked)
    return result


def _uncategorised(lazy: pl.LazyFrame) -> pl.LazyFrame:
    """The rows without a type that holds values: a plan with their schema may travel."""
    types = lazy.collect_schema().items()
    plain = {name: without_categories(dtype) for name, dtype in types}
    changed = {name: plain[name] for name, dtype in types if dtype != plain[name]}
    # Strictly, Polars 2.1.0 compares what lies below nulls of nested lists too.
    return lazy.cast(pl.Schema(changed), strict=False) if changed else lazy


def of_nobody(plan: Plan, lazy: pl.LazyFrame) -> list[str]:
    """That rows have no entity, whose pseudonyms and times are null; files say it in a record."""
    entity = plan.entity
    masks = [(leaf.column, m) for leaf, m in plan.masks if not isinstance(m, Scrub)]  # has tags
    followed = list(dict.fromkeys(column for column, mask in masks if mask.needs_entity))
    if entity is None or not followed:
        return []
    counts = plan.flattened(lazy).select(entity.values.is_null().sum().alias("none"), rows=pl.len())
    none, rows = collect(counts).row(0)
    told = f"{none:,} of {rows:,} rows have none, and null in {', '.join(followed)}"
    way = "fill it in, or leave them out"
    return [f"{NOBODY}: {'+'.join(entity.columns)}: {told}: {way}"] if none else []


def numbers_with_points(plan: Plan, lazy: pl.LazyFrame) -> list[str]:
    """That ids in text are written as `1.0`, which is another text than `1`, in the first rows."""
    ids = [leaf.column for leaf, mask in plan.masks if isinstance(mask, Token)]
    texts = [
        leaf.column
        for node in plan.tree
        for leaf in node.leaves()
        if leaf.column in {*ids, *plan.rules.entity_columns}
        and TypeFamily.of(leaf.dtype) is TypeFamily.TEXT
    ]
    if not texts:
        return []
    some = collect(plan.flattened(lazy).select(pl.col(texts).cast(pl.String)).head(_FIRST_ROWS))
    told = "numbers end in `.0`, as where integers have gaps, and have other tokens than integers"
    return [
        f"{POINTS}: {each.name}: {told}: say `types: {{{each.name}: float}}` of a CSV, or cast it"
        for each in some
        if each.count() and each.drop_nulls().str.contains(r"^-?\d+\.0+$").all()
    ]


def _rows_of(df: Frame) -> int | None:
    """How many rows a frame has; None of a lazy one, whose beginning alone is looked at."""
    return None if is_lazy(df) else len(cast("Any", df))


def fit_rules(source: Source, rules: RuleSource, *, key: KeySource | None = None) -> Rules:
    """Learn from a whole table what the rules need, so that they mask the next table alike.

    Learned are the edges of `bin` and `clip`, the values that enough entities share, and what
    keeps the promises of the `anonymity:` section. Nothing is masked.

    Args:
        source: a path, a glob, a folder or an s3:// address; or a frame, as for `anonymize`.
        rules: a rule file, the name of a pack, a dict or `Rules`; what they learned before from
            another table is forgotten.
        key: the secret, or a callable that gives it; else the environment variable.

    Returns:
        The rules with what they learned. Give them to `anonymize` or `mask_file`, or save them
        with `write`. They hold edges and digests, no value that few share, and no key.

    Raises:
        UsageError: the rules are wrong, do not fit, or the table cannot keep what they promise.

    Example:
        >>> import polars as pl
        >>> from anonymizer import anonymize
        >>> january = pl.DataFrame({"amount": list(range(100))})
        >>> column = {"mask": "bin", "quantiles": 2}
        >>> rules = fit_rules(january, {"version": 1, "columns": {"amount": column}})
        >>> anonymize(pl.DataFrame({"amount": [3, 700]}), rules)["amount"].to_list()
        ['<50', '>=50']
    """
    loaded = replace(load_rules(rules), fitted=None)
    lazy = open_table(source, loaded.reading)
    plan = make_plan(loaded, lazy.collect_schema())
    secret = key_for(plan, key)
    with masking(plan, lazy):
        plan = fit(plan, lazy, secret, dictionaries="streaming")
    origin = Provenance.now("anonymizer.fit_rules", inputs=[recorded("training", source)])
    return replace(loaded, fitted=replace(learned_by(plan, secret), provenance=origin))


@contextmanager
def masking(plan: Plan, lazy: pl.LazyFrame) -> Iterator[None]:
    """Errors of Polars without values; where text that should hold numbers has none, its place.

    Raises:
        DataError: a number is missing; names the column and the row, from 1.
        AnonymizerError: something else failed.
    """
    try:
        with quiet("masking"):
            yield
    except AnonymizerError as error:
        if type(error) is AnonymizerError:
            require_numbers(plan, lazy)
        raise


def require_numbers(plan: Plan, lazy: pl.LazyFrame) -> None:
    """Notice cells that are no numbers, in columns of text of which a mask takes them.

    Raises:
        DataError: names the column and the row, from 1.
    """
    flat = plan.flattened(lazy)
    for mask, column in plan.assignments(None):
        if column.decimal is None:
            continue
        text = column.text.cast(pl.String)
        wrong = ~is_number(text, column.decimal) & (text.str.strip_chars() != "")
        wrong = wrong.fill_null(value=False)
        other = "," if column.decimal == "." else "."
        marked = text.str.contains(rf"^\s*[+-]?\d+\{other}\d+\s*$")
        tests = {"row": wrong.arg_max(), "any": wrong.any(), "marked": marked.filter(wrong).first()}
        row, found, is_marked = collect(flat.select(**tests)).row(0)
        if found:
            way = (
                f'; say `decimal: "{other}"` under `csv:` if that is its mark' if is_marked else ""
            )
            raise DataError(
                f"{column.name}, row {row + 1:,}: {_NO_NUMBER}, as {mask.name} needs{way}"
            )
    for node, _, elements in unfolded(plan, lazy):
        _require_numbers_in_list(node, elements)


def _unfindable(_plan: Plan, _lazy: pl.LazyFrame) -> None:
    """Of rows that came once and are gone nobody can say where a fault was."""


def _require_numbers_in_list(node: TreeNode, elements: pl.LazyFrame) -> None:
    """Notice elements of lists of text that are no numbers, where a mask takes them."""
    for leaf in [node] if isinstance(node, Leaf) else ():
        if not any(mask.reads_numbers(leaf.dtype) for mask in leaf.masks):
            continue
        text = pl.col(leaf.column).cast(pl.String)
        wrong = ~is_number(text, leaf.decimal) & (text.str.strip_chars() != "")
        if count := collect(elements.select(wrong.sum())).item():
            raise DataError(f"{leaf.column}: {count:,} values are {_NO_NUMBER}, as its mask needs")


def of_any_key(plan: Plan) -> Plan:
    """The plan with rules that do not mind by which key they were fitted."""
    fitted = plan.rules.fitted
    if fitted is None:
        return plan
    return replace(plan, rules=replace(plan.rules, fitted=replace(fitted, key_id=None)))


def null_free_among(nulls: dict[str, int]) -> list[str]:
    """The columns without nulls, by their counts of nulls."""
    return [column for column, count in nulls.items() if count == 0]
