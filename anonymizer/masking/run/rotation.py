"""Changing the key: one map from the tokens of the old key to those of the new one.

Whoever holds tables that were masked under the old key joins them with the map and never sees raw
data. Tokens of a customer, say, become those of the new key with Polars like this:

    pairs = pl.read_parquet("map.parquet").filter(domain="customer").select("old", "new")
    moved = masked.join(pairs, left_on="customer_id", right_on="old", how="left")
    moved = moved.with_columns(customer_id="new").drop("new")

The map joins both releases: keep it as close as the keys, and delete it when the tables are moved.
If the old key is known to others, so is, through the map, who is who under the new one.

In the map are `token` (those of a window one by one: the map does not join windows), `encrypt` and
`fpe`. Everything else that a key decides stays as the old key made it, because it is not unique or
stands inside a text: pseudonyms, shifts, noise, answers, shuffles and what `scrub` puts.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple

import polars as pl

from anonymizer.errors import KeyMaterialError, RuleError
from anonymizer.files.reading import Reading
from anonymizer.files.sources import scan
from anonymizer.files.table_files import TableFiles, new_file
from anonymizer.frames import collect, quiet
from anonymizer.keys import Key, KeySource, load_key
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.base import ANY, IDENTIFIERS, RESERVED_PREFIX, Column, TypeFamily
from anonymizer.masking.masks.identifiers import Token
from anonymizer.masking.masks.reversible import Fpe, Reversible
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan, leaves_of
from anonymizer.masking.plan.schema_tree import Context, Elements, Fields, Leaf, TreeNode
from anonymizer.masking.primitives.digest import uuid_text
from anonymizer.masking.rules.rules import Rules, RuleSource, load_rules
from anonymizer.masking.run.manifest import refuse_masked
from anonymizer.staging import no_wider_than
from anonymizer.storage import Address

ROTATION_STAMP_KEY: Final = "anonymizer_rotation"
MAP_COLUMNS: Final = ("domain", "old", "new")


class Rotation(NamedTuple):
    """Which tokens move to another key, and what does not.

    Attributes:
        old_key_id: of the key that the tables were masked with.
        new_key_id: of the key that they move to.
        pairs: domain → how many tokens it has.
        left: columns whose masks follow the old key still; of a dataset with their tables.
    """

    old_key_id: str
    new_key_id: str
    pairs: dict[str, int]
    left: list[str]

    @property
    def notes(self) -> list[str]:
        """What whoever ran it should read, one line for each thing."""
        told = f"still of the old key, as they are not unique: {', '.join(self.left)}"
        return [told] * bool(self.left)


def rotate_keys(
    source: Address,
    target: Address,
    rules: RuleSource,
    *,
    old_key: KeySource,
    new_key: KeySource,
    overwrite: bool = False,
) -> Rotation:
    """Write the map from the tokens of one key to those of another.

    It has the columns `domain`, `old` and `new`, one row for each pair, in the order of the old
    tokens, which tells nothing of the data. Raw data is streamed; the pairs are in memory.

    Args:
        source: the raw data: a file, a glob, a folder or an `s3://` address.
        target: a file, whose ending gives the format. From a CSV, read all columns as text.
        rules: the rules that the tables were masked with.
        old_key: the key that they were masked with.
        new_key: the key that takes its place.
        overwrite: whether a file that is there may be replaced.

    Returns:
        What is in the map and what is not.

    Raises:
        UsageError: keys are the same, the rules give no tokens, the data is masked already or
            something else about the call is wrong; nothing has been written.
        AnonymizerError: the run failed; nothing is left of it.

    Example:
        >>> import polars as pl
        >>> import tempfile
        >>> rules = {"version": 1, "columns": {"customer": "token"}}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     raw, target = f"{folder}/raw.parquet", f"{folder}/map.parquet"
        ...     pl.DataFrame({"customer": ["Ann", "Bob", "Ann"]}).write_parquet(raw)
        ...     old, new = "the key that was used so far", "the key that takes its place"
        ...     rotation = rotate_keys(raw, target, rules, old_key=old, new_key=new)
        ...     pairs = pl.read_parquet(target)
        >>> rotation.pairs, pairs.columns
        ({'customer': 2}, ['domain', 'old', 'new'])
    """
    loaded = load_rules(rules)
    keys = two_keys(old_key, new_key)
    raw = TableFiles.at(source, loaded.reading)
    kept = [*raw.files, *([rules] if isinstance(rules, str | Path) else [])]
    out = new_file(target, overwrite=overwrite, inputs=kept)
    raw.refuse_inside(out.address, target)
    lazy = raw.scan()
    refuse_masked(raw.files)
    plan = make_plan(loaded, lazy.collect_schema())
    if not has_tokens(plan):
        raise RuleError(loaded.source, ["no column has a token: there is nothing to rotate"])
    pairs = token_pairs(lazy, plan, keys).sort(MAP_COLUMNS)
    mark = {"old_key_id": keys[0].id, "new_key_id": keys[1].id, "rules_sha256": loaded.sha256}
    private = no_wider_than(mode=0o600)  # as close as the keys
    with private, quiet("rotating keys"), raw.named("rotating keys"), out.staged() as temporary:
        out.write(pairs, temporary, {ROTATION_STAMP_KEY: json.dumps(mark)})
        counts = collect(scan(temporary, Reading(types={})).group_by("domain").len().sort("domain"))
    return Rotation(keys[0].id, keys[1].id, dict(counts.iter_rows()), left_behind(plan))


def two_keys(old: KeySource, new: KeySource) -> tuple[Key, Key]:
    """Both keys, which must be two by the ids that masked files bear.

    Raises:
        KeyMaterialError: they are one, or one of them cannot serve.
    """
    keys = load_key(old), load_key(new)
    if keys[0].id == keys[1].id:
        raise KeyMaterialError("the old and the new key are the same: make a new one")
    return keys


# --- which rules make tokens -----------------------------------------------------------------


class _Elsewhere(Mask):
    """A mask that gives null: it stands for those whose output must not be in the map."""

    name: ClassVar[str] = "elsewhere"
    accepts: ClassVar[frozenset[TypeFamily]] = ANY

    def expression(self, column: Column) -> pl.Expr:  # noqa: ARG002 (whatever the column is)
        """Null in every row."""
        return pl.lit(None, dtype=pl.String)


class _DomainName(Mask):
    """A mask that gives the name of a token's domain in place of the token."""

    name: ClassVar[str] = "domain_name"
    accepts: ClassVar[frozenset[TypeFamily]] = IDENTIFIERS

    domain: str | None

    def expression(self, column: Column) -> pl.Expr:
        """The name of the domain in every row that has a value."""
        return pl.when(column.values.is_not_null()).then(pl.lit(self.domain or column.name))


def is_token(mask: Mask) -> bool:
    """Whether a mask gives tokens, of which a key makes one for each value."""
    return isinstance(mask, Token | Reversible)


def has_tokens(plan: Plan) -> bool:
    """Whether a column of a plan has tokens."""
    return any(is_token(mask) for _, mask in plan.masks)


def _tokens_only(plan: Plan) -> Plan:
    """The plan with tokens alone; all other masks give null, under the same conditions.

    Raises:
        RuleError: they would be ambiguous.
    """
    if faults := list(_ambiguous(plan)):
        raise RuleError(plan.rules.source, faults)
    return _replanned(plan, lambda mask: mask if is_token(mask) else _Elsewhere(when=mask.when))


def _domains_only(plan: Plan) -> Plan:
    """The plan of `_tokens_only` with names of domains in place of the tokens."""

    def named(mask: Mask) -> Mask:
        if not is_token(mask):
            return _Elsewhere(when=mask.when)
        return _DomainName(when=mask.when, domain=getattr(mask, "domain", None))

    return _replanned(plan, named)


def _replanned(plan: Plan, instead: Callable[[Mask], Mask]) -> Plan:
    """The plan with other masks under the same conditions."""
    columns = {
        pattern: tuple(instead(mask) for mask in masks)
        for pattern, masks in plan.rules.columns.items()
    }
    # What no rule covers must not reach the map, even where the rules say `unlisted: keep`.
    everything = "*" * (1 + max(len(pattern) for pattern in columns))
    rules = Rules(MappingProxyType(columns | {everything: (_Elsewhere(),)}))
    return make_plan(rules, plan.given, every_rule=False)


def _ambiguous(plan: Plan) -> Iterator[str]:
    """Faults: columns of one domain whose digits are encrypted differently may share results.

    So is what stands where no map can be joined to.
    """
    for node in plan.json:
        if any(is_token(mask) for leaf in leaves_of([node]) for mask in leaf.masks):
            yield f"{node.column}: tokens inside JSON are in no map: mask it anew by the new key"
    ways: dict[str, Any] = {}
    for leaf, mask in plan.masks:
        if not isinstance(mask, Fpe):
            continue
        domain, way = mask.domain or leaf.column, (mask.first, mask.last, mask.check)
        if ways.setdefault(domain, way) != way:
            yield f"{leaf.column}: fpe with other options in one domain: give it one of its own"


def left_behind(plan: Plan) -> list[str]:
    """The columns whose masks need the key and are not in the map."""
    left = [leaf.column for leaf, mask in plan.masks if mask.keyed and not is_token(mask)]
    return list(dict.fromkeys(left))


# --- pairs -----------------------------------------------------------------------------------


def token_pairs(lazy: pl.LazyFrame, plan: Plan, keys: tuple[Key, Key]) -> pl.LazyFrame:
    """The tokens of both keys, `domain, old, new`, each pair once.

    Args:
        lazy: the raw rows.
        plan: that they are masked by.
        keys: the old and the new one.

    Raises:
        RuleError: one token of the old key would stand for two of the new one.
    """
    tokens, domains = _tokens_only(plan), _domains_only(plan)
    frames = [
        pairs
        for node in tokens.tree
        if any(is_token(mask) for leaf in leaves_of([node]) for mask in leaf.masks)
        for pairs in _side_by_side(node, _sides(lazy, node.column, tokens, domains, keys))
    ]
    return pl.concat(frames).drop_nulls().unique()


def _sides(
    lazy: pl.LazyFrame, column: str, tokens: Plan, domains: Plan, keys: tuple[Key, Key]
) -> pl.LazyFrame:
    """One column three times: the domain in place of each token, and the tokens of both keys."""
    node = _node(tokens, column)
    read = kept = _read_by(node, tokens)
    rows = _distinct(lazy.select(read), node, read)
    # No column of the data begins like that.
    names = [f"{RESERVED_PREFIX}{side}" for side in MAP_COLUMNS]
    plans = ((domains, None), (tokens, keys[0]), (tokens, keys[1]))
    for name, (plan, key) in zip(names, plans, strict=True):
        part = _part_of(plan, read)
        masked = _node(part, column).expression(Context(None, key)).alias(name)
        rows = part.masked(rows, key, [], *(pl.col(each) for each in kept), masked)
        kept = [*kept, name]
    return rows.select(
        pl.col(name).alias(side) for side, name in zip(MAP_COLUMNS, names, strict=True)
    )


def _node(plan: Plan, column: str) -> TreeNode:
    return next(node for node in plan.tree if node.column == column)


def _read_by(node: TreeNode, plan: Plan) -> list[str]:
    """The columns of the input that the masks of one column read, itself first."""
    names = [node.column]
    for leaf in leaves_of([node]):
        for mask in leaf.masks:
            names += mask.reads
            names += [] if mask.condition is None else mask.condition.meta.root_names()
    columns = [each.column for each in plan.tree]
    inside = {name: _column_of(name, columns) for name in names}
    return list(dict.fromkeys(column for column in inside.values() if column is not None))


def _column_of(name: str, columns: list[str]) -> str | None:
    """The column of that name, or the one that has a field of that path."""
    if name in columns:
        return name
    return next((column for column in columns if name.startswith(f"{column}.")), None)


def _distinct(lazy: pl.LazyFrame, node: TreeNode, read: list[str]) -> pl.LazyFrame:
    """The distinct rows, where the value alone decides: each is hashed twice."""
    alone = len(read) == 1 and isinstance(node, Leaf)
    return lazy.unique() if alone else lazy


def _part_of(plan: Plan, columns: list[str]) -> Plan:
    return replace(plan, tree=tuple(node for node in plan.tree if node.column in columns))


def as_text(token: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A token as a map holds it: one column has those of all types."""
    if dtype == pl.Binary:
        return uuid_text(token.bin.encode("hex"))
    return token.cast(pl.String)


def _side_by_side(node: TreeNode, pairs: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """The pairs of every column with tokens inside a column, at any depth."""
    match node:
        case Leaf():
            if any(is_token(mask) for mask in node.masks):
                tokens = (as_text(pl.col(s), node.output_dtype).alias(s) for s in MAP_COLUMNS[1:])
                yield pairs.select("domain", *tokens)
        case Fields():
            for field in node.fields:
                name = field.column.removeprefix(f"{node.column}.")
                inside = pl.all().struct.field(name).name.keep()
                yield from _side_by_side(field, pairs.select(inside))
        case Elements():
            # Equally long on all sides: the same lists stand behind them.
            yield from _side_by_side(node.inner, pairs.explode(MAP_COLUMNS))
