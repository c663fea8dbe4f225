"""Masking files into files, streaming, and the way back of the reversible masks."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from anonymizer.errors import DataError, FileError, RuleError
from anonymizer.frames import (
    Format,
    check_target,
    format_of,
    partition_keys,
    row_and_null_counts,
    scan,
    sources,
    write,
)
from anonymizer.keys import KeySource, load_key
from anonymizer.masking.binding import make_plan
from anonymizer.masking.manifest import (
    Manifest,
    make_manifest,
    read_stamp,
    refuse_masked,
    stamp,
)
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.identifiers import Keep
from anonymizer.masking.masks.reversible import Revealed, Reversible
from anonymizer.masking.pipeline import complete_among, key_for, quiet
from anonymizer.masking.rules import Rules, RuleSource, load_rules
from anonymizer.storage import Address, ending_of, is_folder, staged


def mask_file(
    source: Address,
    target: Address,
    rules: RuleSource,
    *,
    key: KeySource | None = None,
    manifest: Address | None = None,
    overwrite: bool = False,
) -> Manifest:
    """Mask files into a file or a folder, streaming; it appears whole or not at all.

    Args:
        source: a file, a glob, a folder or an `s3://` address; Parquet, CSV, NDJSON or Arrow IPC.
        target: a file, whose ending gives the format; or, for a folder, a folder of the same
            format, in which Hive partitions are kept.
        rules: a rule file, the name of a pack, a dict or `Rules`.
        key: the secret, or a callable that gives it; else the environment variable.
        manifest: where to write the record of the run as JSON.
        overwrite: whether files that are there may be replaced.

    Returns:
        The record of the run.

    Raises:
        UsageError: something about the call is wrong; nothing has been read or written.
        AnonymizerError: the run failed; nothing is left of it.
    """
    loaded = load_rules(rules)
    inputs = sources(source)
    out, layout = _target(source, target, inputs, overwrite=overwrite)
    note = manifest and check_target(manifest, overwrite=overwrite, inputs=[*inputs, out])
    lazy = scan(source)
    refuse_masked(inputs)
    plan = make_plan(loaded, lazy.collect_schema())
    secret = key_for(plan, key)
    with quiet("masking"), staged(out) as temporary:
        before = row_and_null_counts(inputs)
        complete = complete_among(before[1])
        plan = plan.fit(lazy, secret, dictionaries="streaming", complete=complete)
        write(plan.apply(lazy, secret), temporary, stamp(plan, secret), **layout.among(plan.schema))
        record = make_manifest(plan, secret, before, row_and_null_counts(sources(temporary)))
        if note:
            record.write(note)
    return record


def reveal_file(
    source: Address,
    target: Address,
    rules: RuleSource,
    *,
    key: KeySource | None = None,
    overwrite: bool = False,
) -> list[str]:
    """Undo `encrypt` and `fpe` in files that were masked by the same rules and key.

    Args:
        source: what `mask_file` wrote.
        target: a file or a folder, as there. It holds raw data.
        rules: the rules the files were masked with.
        key: the secret, or a callable that gives it; else the environment variable.
        overwrite: whether files that are there may be replaced.

    Returns:
        The columns that were revealed. Integers are integers again where the source is Parquet.

    Raises:
        UsageError: something about the call is wrong, or the key is another one.
    """
    loaded = load_rules(rules)
    inputs = sources(source)
    out, layout = _target(source, target, inputs, overwrite=overwrite)
    secret, mark = load_key(key), read_stamp(inputs[0])
    if mark is not None and mark.key_id != secret.id:
        raise DataError(f"{source}: masked with key id {mark.key_id}, and this is {secret.id}")
    lazy = scan(source)
    plan = make_plan(_backwards(loaded), lazy.collect_schema(), every_rule=False)
    revealed = [leaf.column for leaf, mask in plan.masks if isinstance(mask, Revealed)]
    if not revealed:
        raise RuleError(loaded.source, ["no rule for these columns is reversible"])
    with quiet("revealing"), staged(out) as temporary:
        back = plan.fit(lazy, secret).apply(lazy, secret)
        integers = [column for column in (mark.integers if mark else ()) if column in revealed]
        back = back.with_columns(pl.col(integers).cast(pl.Int64, strict=False))
        write(back, temporary, None, **layout.among(plan.schema))
    return revealed


def _backwards(rules: Rules) -> Rules:
    """Rules that undo what can be undone and keep the rest."""
    faults = [
        f"columns.{pattern}: what was masked under a condition cannot be revealed"
        for pattern, masks in rules.columns.items()
        if len(masks) > 1 and any(isinstance(mask, Reversible) for mask in masks)
    ]
    if faults:
        raise RuleError(rules.source, faults)
    columns: dict[str, tuple[Mask, ...]] = {
        pattern: (Revealed(mask=masks[0]) if isinstance(masks[0], Reversible) else Keep(),)
        for pattern, masks in rules.columns.items()
    }
    return Rules(MappingProxyType(columns), None, "keep", rules.source)


@dataclass(frozen=True)
class _Layout:
    """One file, or a folder of a format with Hive partitions."""

    kind: Format | None = None
    keys: tuple[str, ...] = ()

    def among(self, columns: Iterable[str]) -> dict[str, Any]:
        """Arguments of `write`; partitions of columns that are dropped are no partitions."""
        there = set(columns)
        return {"kind": self.kind, "keys": [key for key in self.keys if key in there]}


def _target(
    source: Address, target: Address, inputs: list[Address], *, overwrite: bool
) -> tuple[Address, _Layout]:
    """Where to write, and how: a target without an ending is a folder, as its source is."""
    folder = not ending_of(target)
    if folder and not is_folder(source) and len(inputs) == 1:
        raise FileError(f"{target}: a file becomes a file: give it an ending")
    out = check_target(target, overwrite=overwrite, inputs=inputs)
    if not folder:
        format_of(target)
        return out, _Layout()
    return out, _Layout(format_of(inputs[0]), tuple(partition_keys(inputs)))
