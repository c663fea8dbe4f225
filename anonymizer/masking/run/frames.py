"""Masking a frame, and a preview on made-up rows. Files stand in `files.py`."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from anonymizer.datasets import scan
from anonymizer.frames import collect, quiet, to_lazy
from anonymizer.keys import Key, KeySource, load_key
from anonymizer.masking.masks.base import dtype_name
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.rules import Rules, RuleSource, load_rules
from anonymizer.masking.table.fitting import fit, learned_by

Frame = TypeVar("Frame")


@dataclass(frozen=True)
class _Step:
    """A plan with its key, as a function of frames.

    A LazyFrame that a caller holds contains this object and not the subkeys: it explains as an
    opaque step, and serialising it fails, because a key cannot be pickled.
    """

    plan: Plan
    key: Key | None

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Mask one batch of rows."""
        with quiet("masking"):
            return self.plan.apply(frame.lazy(), self.key).collect()


def key_for(plan: Plan, key: KeySource | None) -> Key | None:
    """The key; none is needed for a plan without keyed masks, but a bad one is always refused."""
    return load_key(key) if plan.keyed or key is not None else None


def anonymize(df: Frame, rules: RuleSource, *, key: KeySource | None = None) -> Frame:
    """The masked frame, of the kind that came in; a LazyFrame stays lazy.

    Args:
        df: a Polars DataFrame or LazyFrame, a pandas DataFrame or an Arrow table.
        rules: a rule file, the name of a pack, a dict or `Rules`.
        key: the secret, or a callable that gives it; the environment variable ANONYMIZER_KEY
            where it is left out.

    Raises:
        RuleError: the rules are wrong.
        DataError: rules and columns do not fit.
        KeyMaterialError: there is no key that could serve.
    """
    loaded = load_rules(rules)
    lazy, back = to_lazy(df)
    plan = make_plan(loaded, lazy.collect_schema())
    secret = key_for(plan, key)
    with quiet("masking"):
        if isinstance(df, pl.LazyFrame):
            step = _Step(fit(plan, lazy, secret), secret)
            return _deferred(lazy, step)  # type: ignore[return-value]  # (Frame is a LazyFrame here)
        nulls = collect(lazy.select(pl.all().null_count())).row(0, named=True)
        fitted = fit(plan, lazy, secret, dictionaries="in-memory", null_free=null_free_among(nulls))
        result: Frame = back(fitted.apply(lazy, secret))
    return result


def fit_rules(source: Any, rules: RuleSource, *, key: KeySource | None = None) -> Rules:
    """Rules with what they learn from a table, so that they mask the next one alike.

    Give them to `anonymize` or save them with `write`; they are good for every engine. What is
    learned: edges of `bin` and `clip`, values that reach a floor, and the `anonymity` section.

    Args:
        source: a path or a frame.
        rules: a rule file, the name of a pack, a dict or `Rules`.
        key: the secret, or a callable that gives it; else the environment variable.

    Raises:
        UsageError: the rules are wrong, do not fit, or the table cannot keep what they promise.
    """
    loaded = replace(load_rules(rules), fitted=None)
    lazy = scan(source) if isinstance(source, str | Path) else to_lazy(source)[0]
    plan = make_plan(loaded, lazy.collect_schema())
    secret = key_for(plan, key)
    with quiet("learning"):
        plan = fit(plan, lazy, secret, dictionaries="streaming")
    return replace(loaded, fitted=learned_by(plan, secret))


def null_free_among(nulls: dict[str, int]) -> list[str]:
    """The columns without nulls, by their counts of nulls."""
    return [column for column, count in nulls.items() if count == 0]


def _deferred(lazy: pl.LazyFrame, step: _Step) -> pl.LazyFrame:
    return lazy.map_batches(
        step,
        schema=step.plan.schema,
        streamable=not step.plan.whole_table,
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
    )


@dataclass(frozen=True)
class ColumnPreview:
    """What becomes of one column, with made-up examples (before, after)."""

    column: str
    mask: str
    input_dtype: str
    output_dtype: str | None
    examples: list[tuple[Any, Any]]


def plan_for(source: Any, rules: RuleSource) -> Plan:
    """What the rules make of a path or a frame; only its schema is read.

    Args:
        source: a path or a frame.
        rules: a rule file, the name of a pack, a dict or `Rules`.

    Raises:
        UsageError: the rules are wrong or do not fit.
    """
    lazy = scan(source) if isinstance(source, str | Path) else to_lazy(source)[0]
    return make_plan(load_rules(rules), lazy.collect_schema())


def preview(plan: Plan) -> list[ColumnPreview]:
    """What each column would become, shown on invented rows under a throwaway key."""
    before = _made_up_rows(plan)
    with quiet("the preview"):
        after = collect(plan.apply(before.lazy(), Key(secrets.token_bytes(32)), preview=True))
    return [
        ColumnPreview(
            column=leaf.column,
            mask=leaf.summary,
            input_dtype=dtype_name(leaf.dtype),
            output_dtype=dtype_name(leaf.output_dtype) if leaf.keeps_column else None,
            examples=_pairs(before, after, leaf.column),
        )
        for leaf in plan.leaves
    ]


def _made_up_rows(plan: Plan) -> pl.DataFrame:
    """Three rows of constants in the schema of the data; null where there is no example."""
    return pl.DataFrame([node.examples().alias(node.column) for node in plan.tree])


def _pairs(before: pl.DataFrame, after: pl.DataFrame, column: str) -> list[tuple[Any, Any]]:
    raw, masked = _at(before, column), _at(after, column)
    return [] if raw is None or masked is None else list(zip(raw, masked, strict=True))


def _at(frame: pl.DataFrame, column: str) -> list[Any] | None:
    """The values of a column or, as `outer.inner`, of what is inside it; None if it is absent."""
    for root in frame.columns:
        if column == root or column.startswith(f"{root}."):
            inside = _inside(frame[root], column.removeprefix(root).removeprefix("."))
            return None if inside is None else inside.to_list()
    return None


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
