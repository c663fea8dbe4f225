"""Why a dataset file does not fit its tables: each function gives all faults of one sort."""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from anonymizer.datasets.description.dataset import Dataset
from anonymizer.datasets.keys.ways import circles, root_of
from anonymizer.documents import nearest
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.identifiers import Drop, Keep, Redact, Token
from anonymizer.masking.masks.reversible import Reversible
from anonymizer.masking.rules.rules import Rules

Schemas = Mapping[str, pl.Schema]
_ONE_EACH: Final = (Token, Reversible, Keep)  # give equal keys one value, and others another
_GONE: Final = (Drop, Redact)  # leave no key, and so no join


def table_faults(dataset: Dataset, schemas: Schemas) -> Iterator[str]:
    """Tables that nobody ruled on, rules for tables that are not there, and keys in a circle."""
    for table in schemas:
        if table not in dataset.tables:
            yield f"{table}: no rules for this table: add it to `tables`, or to `drop`"
    for table in dataset.tables:
        if table not in schemas:
            yield f"tables.{table}: there is no such table{nearest(table, schemas)}"
    for path in circles(dataset.foreign_keys):
        told = " → ".join(".".join(each) for each in path)
        yield f"foreign_keys: {told} leads back to itself: leave one out"


def key_faults(dataset: Dataset, schemas: Schemas) -> Iterator[str]:
    """Columns of keys that are not there, or that have rules of their own."""
    for key in dataset.foreign_keys:
        for table, columns in ((key.child, key.columns), (key.parent, key.keys)):
            for column in columns:
                if column not in schemas[table]:
                    hint = nearest(column, schemas[table])
                    yield f"foreign_keys.{key.of_child}: no column {column!r} in {table}{hint}"
        for column in key.columns:
            root = root_of(key.child, column, dataset.foreign_keys)
            if column in dataset.tables[key.child].columns and root != (key.child, column):
                where = f"tables.{key.child}.columns.{column}"
                yield f"{where}: is masked as {'.'.join(root)} is: leave it out"
    if dataset.person and dataset.person[1] not in schemas[dataset.person[0]]:
        table, column = dataset.person
        yield f"entity: no column {column!r} in {table}{nearest(column, schemas[table])}"


def mask_faults(dataset: Dataset, rules: Mapping[str, Rules]) -> Iterator[str]:
    """Masks that would give two keys one value, or one key two.

    Args:
        dataset: with its keys.
        rules: of each table, with patterns spelt out.
    """
    roots = {
        root_of(key.child, column, dataset.foreign_keys): None
        for key in dataset.foreign_keys
        for column in key.columns
    }
    for table, column in roots:
        masks = rules[table].masks_for(column)[0]
        broken = next((mask for mask in masks if _breaks(mask)), None)
        if broken:
            way = "use token, encrypt, fpe or keep, without `when` and `window`"
            yield f"tables.{table}.columns.{column}: {broken.name} breaks joins by this key: {way}"


def _breaks(mask: Mask) -> bool:
    whole = mask.when is None and getattr(mask, "window", None) is None
    return not whole or not isinstance(mask, (*_ONE_EACH, *_GONE))
