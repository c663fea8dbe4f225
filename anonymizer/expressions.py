"""Masks as expressions: `pl.col("card").anonymizer.token(domain="card")`, once this is imported.

For one column in the middle of a query, where no rule file is worth its while. Values are those of
`anonymize`. Nothing looks at the other columns, though, at the order of rows or at what is left
beside a mask, and nobody is warned.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

import polars as pl

from anonymizer.buffers import settled
from anonymizer.documents import nearest
from anonymizer.errors import DataError, SchemaError
from anonymizer.frames import quiet
from anonymizer.keys import KeySource, load_key
from anonymizer.masking.masks import MASKS, Column, Mask
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.deferred import PlannedKey
from anonymizer.masking.primitives.dtypes import dtype_name
from anonymizer.masking.rules.rules import Rules, load_rules

_NOBODY: Final = "\N{EN DASH}"  # stands for an entity, so that masks that need one can be named
_NAME: Final = "column"  # of a column whose own name a rule could not have
_DTYPES: Final = (
    *(pl.String(), pl.Categorical(), pl.Int64(), pl.Float64(), pl.Boolean(), pl.Date(), pl.Time()),
    *(pl.Datetime(), pl.Duration(), pl.Binary(), pl.Decimal(10, 2)),
)


@pl.api.register_expr_namespace("anonymizer")
class Expressions:
    """The masks of the library for an expression, by their names, such as `.anonymizer.token()`."""

    def __init__(self, values: pl.Expr) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Callable[..., pl.Expr]:
        """The mask of a name, as a method that takes its options."""
        if name not in MASKS:
            raise AttributeError(f"no mask {name!r}{nearest(name, MASKS)}")
        return partial(self.mask, name)

    def __dir__(self) -> list[str]:
        """What notebooks complete."""
        return [*object.__dir__(self), *MASKS]

    def mask(self, mask: str, *, key: KeySource | None = None, **options: Any) -> pl.Expr:
        """The masked values.

        Args:
            mask: the name of a mask that needs nothing but the value: no entity, no other column,
                and nothing learned from the whole table.
            key: a callable that gives the secret, or nothing where ANONYMIZER_KEY is set: both are
                asked when the query runs. A text or a `Key` is taken as well; a query with it
                cannot be serialised.
            options: of the mask, as in a rule file; `domain` is the column's name where it is left
                out.

        Raises:
            RuleError: the options are wrong.
            DataError: the mask needs more than the value; or, when the query runs, does not take
                values of the type.
            KeyMaterialError: there is no key that could serve.

        Example:
            >>> import polars as pl
            >>> import anonymizer.expressions
            >>> cards = pl.DataFrame({"card": ["4111 1111", "4222 2222", None]})
            >>> token = pl.col("card").anonymizer.token(key=lambda: "the key of this example")
            >>> cards.select(token.str.len_chars())["card"].to_list()
            [24, 24, None]
        """
        columns = {_NAME: {"mask": mask, **options}}
        rules = load_rules({"version": 1, "entity": _NOBODY, "columns": columns})
        (masks,) = rules.columns.values()
        _refuse_more_than_values(masks[0])
        fetched = None if key is None or callable(key) else load_key(key)
        planned = PlannedKey(fetched, key, None) if masks[0].keyed else None
        step = _OfColumn(replace(rules, entity=None), masks[0], planned)
        dtype = _output_dtype(masks[0], self._values)
        return self._values.map_batches(step, return_dtype=dtype, is_elementwise=True)


def _refuse_more_than_values(mask: Mask) -> None:
    takes = [dtype for dtype in _DTYPES if mask.fault(dtype) is None]
    wanted = {
        "an entity": mask.needs_entity or mask.of_entity,
        "other columns": mask.reads or mask.shows or mask.when,
        "all rows": mask.whole_table or all(mask.learns(Column(_NAME, each)) for each in takes),
        "a column to leave out": not mask.keeps_column,
    }
    if needs := [what for what, is_so in wanted.items() if is_so]:
        told = f"{mask.name} needs {needs[0]}, and an expression has nothing but its values"
        raise DataError(f"{told}: use `anonymize`")


def _output_dtype(mask: Mask, values: pl.Expr) -> Any:
    """The type of what a mask gives, or how Polars finds it where it depends on the values'."""
    types = {dtype: mask.output_dtype(dtype) for dtype in _DTYPES if mask.fault(dtype) is None}
    if all(given == dtype for dtype, given in types.items()):
        return pl.self_dtype()
    first, *others = types.values()
    same = all(other == first for other in others)
    return first if same else pl.dtype_of(values.map_batches(_Typed(mask), is_elementwise=True))


@dataclass(frozen=True)
class _Typed:
    """No values of the type that a mask gives, for Polars, which asks with values that it makes up.

    It takes a failure as a type that nobody knows; what a mask does not take is said of the rows.
    """

    mask: Mask

    def __call__(self, values: pl.Series) -> pl.Series:
        """None of them, named as the ones that were made up."""
        dtype = values.dtype
        is_taken = not dtype.is_nested() and self.mask.fault(dtype) is None
        return pl.Series(values.name, dtype=self.mask.output_dtype(dtype) if is_taken else dtype)


@dataclass(frozen=True)
class _OfColumn:
    """Masks the values of a column; an object, so that no key shows where a query is explained."""

    rules: Rules = field(repr=False)
    mask: Mask
    key: PlannedKey | None = field(repr=False)

    def __call__(self, values: pl.Series) -> pl.Series:
        """The masked values of a batch."""
        where = values.name or _NAME
        if values.dtype.is_nested():
            raise DataError(
                f"{where}: {self.mask.name} takes no nested values: reach for what is inside"
            )
        name = values.name if values.name.isidentifier() else _NAME
        mask = self.mask
        if getattr(mask, "domain", values.name) is None:
            mask = mask.model_copy(update={"domain": values.name or name})
        try:
            plan = make_plan(replace(self.rules, columns={name: (mask,)}), {name: values.dtype})
        except SchemaError as error:  # which Polars could not raise again
            faults = (fault.removeprefix(f"{name}: ") for fault in error.faults)
            raise DataError(f"{where}: {'; '.join(faults)}") from None
        if plan.learns:
            told = f"{where}: {mask.name} must read all rows of {dtype_name(values.dtype)} first"
            raise DataError(f"{told}, and an expression has a part: use `anonymize`")
        if values.is_empty():
            return pl.Series(values.name, dtype=plan.schema[name])
        key = self.key() if self.key else None
        with quiet("masking"):
            frame = values.alias(name).to_frame()
            masked = settled(plan.apply(frame.lazy(), key, remember=True).collect())
        return masked[name].alias(values.name)
