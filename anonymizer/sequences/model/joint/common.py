"""What k entities of all sites hold, though no k of one site may: as items to count, and back.

An item is a value of a column that the network writes, or a row of a catalogue.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.derived.base.step import Table
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.derived.values.catalogue import Catalogue
from anonymizer.sequences.model.joint.turns import LONGEST, Item
from anonymizer.sequences.tokens.plain import column_of, plain_values

_ENTITY, _HELD = "\0entity", "\0held"  # beside any columns

Label = str | int  # a column, or the place of a catalogue among the steps


def items(derivation: Derivation, rows: pl.DataFrame, k: int, most: int) -> list[Item]:
    """What entities hold that the site does not tell: at most so many, first those that most hold.

    What k of them hold it tells by itself. Were that counted too, what all sites hold less what
    the others tell would be what is at the one that does not tell it.

    Args:
        derivation: as the lead proposes it.
        rows: of data, sorted by entity and time.
        k: entities that a site tells something of.
        most: items.
    """
    table = derivation.table(rows, k)
    found = list[Item]()
    for label, part in _parts(derivation, rows, table):
        step = derivation.steps[label] if isinstance(label, int) else None
        silent = isinstance(step, Catalogue) and step.learned_of(table) is None
        counted = _held(part, table.owner).filter(silent | (pl.col(_HELD) < k)).head(most)
        plain = (plain_values(counted[c]) for c in (_HELD, *part.columns))
        for held, *values in zip(*plain, strict=True):
            found.append(Item(_text(label, values), held))
    fit = (item for item in found if len(item.text) <= LONGEST)
    # Where room is short, of what as many hold the same at all sites, and of all columns alike.
    return sorted(fit, key=lambda item: (-item.held, crc32(item.text)))[:most]


def _parts(
    derivation: Derivation, rows: pl.DataFrame, table: Table
) -> Iterator[tuple[Label, pl.DataFrame]]:
    """Columns of values, as other steps than catalogues write them, and rows of catalogues."""
    catalogues = {i: s for i, s in enumerate(derivation.steps) if isinstance(s, Catalogue)}
    codes = {code for step in catalogues.values() for code in step.written}
    free = tuple(step for step in derivation.steps if not isinstance(step, Catalogue))
    written = replace(derivation, steps=free).take_off(rows)
    whose = {table.entity, table.time}
    for column in sorted(derivation.core & set(written.columns) - codes - whose):
        yield column, written.select(column)
    for place, step in catalogues.items():
        yield place, step.part(table.frame)


def _held(part: pl.DataFrame, owner: IntArray) -> pl.DataFrame:
    """The distinct rows with something in them, and how many hold each, in the order of `items`."""
    names = part.columns
    own = part.with_columns(pl.Series(_ENTITY, owner)).filter(
        ~pl.all_horizontal(pl.col(names).is_null())
    )
    held = own.group_by(names).agg(pl.col(_ENTITY).n_unique().alias(_HELD))
    # Of what as many hold the same comes first at all sites.
    return held.sort(_HELD, pl.struct(names).hash(), descending=True)


def _text(label: Label, values: Sequence[Any]) -> bytes:
    return json.dumps([label, *values], separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True)
class Common:
    """The items that k entities of all sites hold.

    Attributes:
        told: of each its text, and how many hold it at sites that do not tell it.
    """

    told: Sequence[tuple[str, int]]

    @cached_property
    def _by_label(self) -> dict[Label, list[tuple[list[Any], int]]]:
        found: dict[Label, list[tuple[list[Any], int]]] = {}
        for text, held in self.told:
            label, *values = json.loads(text)
            found.setdefault(label, []).append((values, held))
        return found

    def rows(self, label: Label, schema: pl.Schema) -> tuple[pl.DataFrame, FloatArray]:
        """(N, columns) values of a column or rows of a catalogue, and (N,) how many hold each.

        Raises:
            DataError: a site counted what its column cannot hold.
        """
        found = self._by_label.get(label, [])
        try:
            columns = [
                column_of(name, [values[i] for values, _ in found], dtype)
                for i, (name, dtype) in enumerate(schema.items())
            ]
        except (IndexError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
            raise DataError(
                "a site counted what its column cannot hold: it is of another version"
            ) from error
        table = pl.DataFrame({column.name: column for column in columns})  # "" is a name, too
        return table, np.array([held for _, held in found], np.float64)

    def values(self, column: str, dtype: pl.DataType) -> tuple[pl.Series, FloatArray]:
        """(N,) values of a column, and how many hold each."""
        frame, held = self.rows(column, pl.Schema({column: dtype}))
        return frame[column], held
