"""Why a dataset file does not fit its tables: each function gives all faults of one sort."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from anonymizer.datasets.description.dataset import NO_KEY_INSIDE, Dataset
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
                    yield f"foreign_keys.{key.of_child}: {_absent(table, column, schemas[table])}"
        for column in (each for each in key.columns if each in schemas[key.child]):
            root = root_of(key.child, column, dataset.foreign_keys)
            masks = dataset.tables[key.child].columns.get(column)
            if masks and root != (key.child, column) and not is_gone(masks):
                where = f"tables.{key.child}.columns.{column}"
                yield f"{where}: is masked as {'.'.join(root)} is: leave it out, or `drop` it"
    if dataset.person and dataset.person[1] not in schemas[dataset.person[0]]:
        table, column = dataset.person
        yield f"entity: no column {column!r} in {table}{nearest(column, schemas[table])}"


def _absent(table: str, column: str, schema: pl.Schema) -> str:
    if column.partition(".")[0] in schema:
        return NO_KEY_INSIDE
    return f"no column {column!r} in {table}{nearest(column, schema)}"


def is_gone(masks: Sequence[Mask]) -> bool:
    """Whether masks leave nothing of a column: a key that nothing joins by."""
    return len(masks) == 1 and isinstance(masks[0], Drop) and masks[0].when is None


def masks_of_key(rules: Rules, column: str) -> tuple[Mask, ...]:
    """The masks of a column to which others refer; none where its table does not say."""
    masks = rules.masks_for(column)[0]
    return masks or ((Keep(),) if rules.unlisted == "keep" else ())


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
        masks = masks_of_key(rules[table], column)
        if not masks:
            yield f"tables.{table}.columns.{column}: a key to which others refer needs a rule"
        broken = next((mask for mask in masks if breaks_joins(mask)), None)
        if broken:
            way = "use token, encrypt, fpe or keep, without `when` and `window`"
            yield f"tables.{table}.columns.{column}: {broken.name} breaks joins by this key: {way}"
    yield from _unlike(dataset, rules)


def _unlike(dataset: Dataset, rules: Mapping[str, Rules]) -> Iterator[str]:
    """Columns that refer to several keys, which are masked each in its own way."""
    for key in dataset.foreign_keys:
        for column, parent in zip(key.columns, key.keys, strict=True):
            roots = [
                root_of(*each, dataset.foreign_keys)
                for each in ((key.child, column), (key.parent, parent))
            ]
            one, other = (masks_of_key(rules[table], name) for table, name in roots)
            if one != other:
                ours, theirs = (".".join(root) for root in roots)
                told = f"{column} refers to {ours} and to {theirs}, which are masked differently"
                yield f"foreign_keys.{key.of_child}: {told}: give both one `domain:`"


def breaks_joins(mask: Mask) -> bool:
    """Whether a mask may give two keys one value, or one key two."""
    whole = mask.when is None and getattr(mask, "window", None) is None
    return not whole or not isinstance(mask, (*_ONE_EACH, *_GONE))
