"""Values looked up in a table, batch by batch."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl


def looked_up(values: pl.Expr, mapping: Mapping[str, str | None] | Mapping[int, str]) -> pl.Expr:
    """The text that a dictionary has for each value, null for unknown ones."""
    keys, texts = pl.Series(list(mapping)), pl.Series(list(mapping.values()), dtype=pl.String)
    return looked_up_in(values, keys, texts)


def looked_up_in(values: pl.Expr, keys: pl.Series, texts: pl.Series) -> pl.Expr:
    """The text that stands beside each value in a table; null for values that are not in it.

    For `replace_strict` itself the streaming engine waits until it has all rows, and every other
    column waits in memory for them (Polars 2.1.0).

    Args:
        values: of the dtype of the keys.
        keys: distinct.
        texts: String, one for each key.
    """
    looked_up = _LookedUp(keys, texts)
    return values.map_batches(looked_up, return_dtype=pl.String, is_elementwise=True)


@dataclass(frozen=True)
class _LookedUp:
    """An object, so that nothing of the table shows where a plan is explained."""

    keys: pl.Series = field(repr=False)
    texts: pl.Series = field(repr=False)

    def __call__(self, values: pl.Series) -> pl.Series:
        return values.replace_strict(self.keys, self.texts, default=None, return_dtype=pl.String)
