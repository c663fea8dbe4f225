"""Changing the key of a dataset: masked tables are written anew with the tokens of another key.

What a single table needs a map of tokens for (`masking/run/rotation.py`) is done here at once for
all tables: they are in one place, and the map, which joins both releases, is never written down.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar

import polars as pl
from pydantic import Field

from anonymizer.datasets.description.dataset import Dataset, DatasetSource, load_dataset
from anonymizer.datasets.description.ruled import ruled
from anonymizer.datasets.masked.tables import masked_again
from anonymizer.datasets.opening.persons import Known, with_person
from anonymizer.datasets.opening.places import tables_at
from anonymizer.datasets.opening.runs import places_of, raw_tables
from anonymizer.errors import RuleError
from anonymizer.files.raw_table import RawTable
from anonymizer.frames import collect, quiet
from anonymizer.keys import Key, KeySource
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.base import IDENTIFIERS, Column, TypeFamily, count_lost
from anonymizer.masking.masks.identifiers import Keep
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.rules import Rules
from anonymizer.masking.run.files import Rewriting, stamp_of
from anonymizer.masking.run.manifest import refuse_masked, stamp
from anonymizer.masking.run.rotation import (
    Rotation,
    as_text,
    has_tokens,
    is_token,
    left_behind,
    token_pairs,
    two_keys,
)
from anonymizer.storage import Address


def rotate_dataset(
    dataset: DatasetSource,
    target: Address,
    *,
    old_key: KeySource,
    new_key: KeySource,
    overwrite: bool = False,
) -> Rotation:
    """Write the masked tables of a dataset anew, with the tokens of another key; all, or none.

    Tokens, `encrypt` and `fpe` become those of the new key in all tables, so that every join holds.
    All else stays as the old key made it: pseudonyms, shifts, noise. The raw tables are streamed
    for their tokens, of which all pairs are in memory.

    Args:
        dataset: as `mask_dataset` took it; both its places are read.
        target: a folder, an `s3://` prefix or a store.
        old_key: the key that the tables were masked with.
        new_key: the key that takes its place.
        overwrite: whether tables that are there may be replaced.

    Returns:
        How many tokens of each domain have moved, and what follows the old key still.

    Raises:
        UsageError: keys are the same, no column has tokens, or the tables do not fit.
        DataError: a token is not that of any raw value: the raw tables are others by now.
        AnonymizerError: the run failed; nothing is left of it.

    Example:
        >>> old, new = "the key that was used so far", "the key that takes its place"
        >>> rotate_dataset("dataset.yaml", "moved", old_key=old, new_key=new)  # doctest: +SKIP
    """
    loaded, keys = load_dataset(dataset), two_keys(old_key, new_key)
    with masked_again(loaded, target) as masked:
        plans, pairs = _raw(loaded, keys)
        moves = {domain: _Move.of(some) for (domain,), some in pairs.group_by("domain")}
        anew = {
            table: _moved(each, masked.rules[table], moves, plans[table], keys)
            for table, each in masked.tables.items()
        }
        masked.rewrite(anew, overwrite=overwrite)
    counts = {str(domain): len(moves[domain].new) for domain in sorted(moves)}
    left = [f"{table}.{column}" for table, plan in plans.items() for column in left_behind(plan)]
    return Rotation(keys[0].id, keys[1].id, counts, left)


def _raw(dataset: Dataset, keys: tuple[Key, Key]) -> tuple[dict[str, Plan], pl.DataFrame]:
    """How the raw tables are masked, and the tokens of both keys: `domain`, `old`, `new`.

    Raises:
        RuleError: there are no tokens, or one of the old key stands for two of the new one.
    """
    with tables_at(places_of(dataset)[0]) as source, quiet("rotating keys"):
        raw = dict(raw_tables(dataset, source))
        refuse_masked(file for each in raw.values() for file in each.files)
        rows = {table: each.scan() for table, each in raw.items()}
        schemas = {table: each.collect_schema() for table, each in rows.items()}
        rules = ruled(dataset.with_keys(source.foreign_keys), schemas)
        known: Known = {}
        lazy = {table: with_person(each, rules[table], rows, known) for table, each in rows.items()}
        plans = {t: make_plan(rules[t].rules, each.collect_schema()) for t, each in lazy.items()}
        found = [
            collect(token_pairs(lazy[table], plan, keys))
            for table, plan in plans.items()
            if has_tokens(plan)
        ]
    if not found:
        raise RuleError(dataset.name, ["no column has a token: there is nothing to rotate"])
    pairs = pl.concat(found).unique()
    twice = pairs.filter(pl.struct("domain", "old").is_duplicated())["domain"].unique().sort()
    if len(twice):
        way = "fpe with other options in one domain: give it one of its own"
        raise RuleError(dataset.name, [f"domain {domain}: {way}" for domain in twice])
    return plans, pairs


@dataclass(frozen=True)
class _Move:
    """A function from tokens of the old key to those of the new one; null for what is none."""

    old: pl.Enum = field(repr=False)
    new: pl.Series = field(repr=False)

    @classmethod
    def of(cls, pairs: pl.DataFrame) -> "_Move":
        """The function of the pairs of one domain."""
        return cls(pl.Enum(pairs["old"]), pairs["new"])

    def __call__(self, tokens: pl.Series) -> pl.Series:
        return self.new.gather(tokens.cast(self.old, strict=False).to_physical())


class _Moved(Mask):
    """The tokens of another key; not a mask of rule files."""

    name: ClassVar[str] = "moved"
    accepts: ClassVar[frozenset[TypeFamily]] = IDENTIFIERS

    move: Any = Field(exclude=True, repr=False)

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """As it is."""
        return dtype

    def preparation(self, column: Column) -> pl.Expr:
        """The token that the same raw value has under the new key."""
        old = as_text(column.values, column.dtype)
        new = old.map_batches(self.move, return_dtype=pl.String, is_elementwise=True)
        if column.dtype == pl.Binary:
            return new.str.replace_all("-", "").str.decode("hex")
        return new.cast(column.dtype)

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """Asks the table how many values are no tokens of the raw tables."""
        return count_lost(frame, column)

    def learned_fault(self, learned: pl.DataFrame) -> str | None:
        """Refuses tokens that no raw value has under the old key."""
        count = int(learned["lost"].item())
        told = "values are no tokens of the raw tables under the old key: mask these anew"
        return f"{count:,} {told}" if count else None


def _moved(
    masked: RawTable, rules: Rules, moves: Mapping[str, _Move], plan: Plan, keys: tuple[Key, Key]
) -> Rewriting:
    """What a masked table becomes.

    Raises:
        RuleError: tokens stand in a column among other values.
    """
    stamp_of(masked, keys[0])
    if among := [name for name, masks in rules.columns.items() if _is_mixed(masks)]:
        way = "tokens by `when` cannot be told from other values: mask the tables anew"
        raise RuleError(rules.source, [f"columns.{name}: {way}" for name in among])
    anew = replace(
        rules,
        columns=MappingProxyType(dict(_columns(rules, moves))),
        entity=None,
        unlisted="keep",
        anonymity=None,
    )
    schema = masked.scan().collect_schema()
    return Rewriting(
        masked,
        make_plan(anew, schema, every_rule=False),
        keys[1],
        "rotating keys",
        stamp(plan, keys[1]),
    )


def _is_mixed(masks: tuple[Mask, ...]) -> bool:
    return any(is_token(mask) and mask.when is not None for mask in masks)


def _columns(rules: Rules, moves: Mapping[str, _Move]) -> Iterator[tuple[str, tuple[Mask, ...]]]:
    """The rules with tokens moved, and all else kept. A domain without tokens has null alone."""
    for pattern, masks in rules.columns.items():
        domain = str(getattr(masks[0], "domain", None))
        moved = is_token(masks[0]) and domain in moves
        yield pattern, (_Moved(move=moves[domain]) if moved else Keep(),)
