"""Masking a frame, and a preview on made-up rows. Files stand in `files.py`."""

import secrets
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import polars as pl

from anonymizer.datasets import open_table
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
    """A plan with its key, as a function from frames to masked frames.

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
    """The key that a plan needs, or None; a bad key is always refused."""
    return load_key(key) if plan.keyed or key is not None else None


def anonymize(df: Frame, rules: RuleSource, *, key: KeySource | None = None) -> Frame:
    """Mask every column of a frame as the rules say.

    Args:
        df: a Polars DataFrame or LazyFrame, a pandas DataFrame or an Arrow table.
        rules: a rule file, the name of a pack, a dict or `Rules`.
        key: the secret, at least 16 bytes, or a callable that gives it; the
            environment variable ANONYMIZER_KEY where it is left out.

    Returns:
        The masked frame, of the kind that came in. It has the same rows in the same order, unless
        a mask removes some (`date_shift` with `truncate`), and the columns that are not dropped.
        A LazyFrame stays lazy; of it, only what masks learn is computed at once.

    Raises:
        RuleError: the rules are wrong; carries every fault.
        DataError: rules and columns do not fit, or the frame is of an unknown kind.
        KeyMaterialError: there is no key that could serve.

    Example:
        >>> import polars as pl
        >>> orders = pl.DataFrame({"customer": ["Ann", "Bob", "Ann"], "amount": [12, 19, 31]})
        >>> columns = {"customer": "token", "amount": {"mask": "round", "to": 10}}
        >>> rules = {"version": 1, "columns": columns}
        >>> masked = anonymize(orders, rules, key="the key of this example")
        >>> masked["amount"].to_list()
        [10, 20, 30]
        >>> masked["customer"].n_unique(), masked["customer"].str.len_chars().to_list()
        (2, [24, 24, 24])
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
        >>> january = pl.DataFrame({"amount": list(range(100))})
        >>> column = {"mask": "bin", "quantiles": 2}
        >>> rules = fit_rules(january, {"version": 1, "columns": {"amount": column}})
        >>> anonymize(pl.DataFrame({"amount": [3, 700]}), rules)["amount"].to_list()
        ['<50', '>=50']
    """
    loaded = replace(load_rules(rules), fitted=None)
    lazy = open_table(source)
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


def plan_for(source: Any, rules: RuleSource) -> Plan:
    """Make the plan of a path or a frame; only the schema of the table is read.

    Args:
        source: a path, a glob, a folder or an s3:// address; or a frame, as for `anonymize`.
        rules: a rule file, the name of a pack, a dict or `Rules`.

    Returns:
        Which mask every column gets. It needs no key yet.

    Raises:
        UsageError: the rules are wrong or do not fit.
    """
    lazy = open_table(source)
    return make_plan(load_rules(rules), lazy.collect_schema())


def preview(plan: Plan) -> list[ColumnPreview]:
    """Show what each column would become, on three invented rows under a throwaway key.

    Args:
        plan: as `plan_for` gives it.

    Returns:
        One entry for each column, field of a struct and element of a list. Nothing of the data is
        in it, and the pseudonyms are not those of the real key.

    Example:
        >>> import polars as pl
        >>> orders = pl.DataFrame({"amount": [1234, 5678]})
        >>> columns = {"amount": {"mask": "round", "to": 10}}
        >>> [amount] = preview(plan_for(orders, {"version": 1, "columns": columns}))
        >>> amount.mask, amount.input_dtype, amount.examples
        ('round', 'Int64', [(17, 20), (42, 40), (101, 100)])
    """
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
