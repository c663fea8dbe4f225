"""A run that reads everything and writes nothing: what it would refuse is refused before."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from anonymizer.datasets.dataset import Dataset
from anonymizer.datasets.targets import check_target
from anonymizer.frames import collect
from anonymizer.keys import Key
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.rules import RuleSource, load_rules
from anonymizer.masking.run.frames import masking
from anonymizer.masking.run.hold_back import pool_at
from anonymizer.masking.run.manifest import refuse_masked
from anonymizer.masking.run.notes import accepted, remarks_of, shuffled_for, warnings_of
from anonymizer.masking.run.order import told_by_order
from anonymizer.masking.table.fitting import fit
from anonymizer.masking.table.tellings import tellings
from anonymizer.storage import Address


def rehearse(
    source: Address,
    target: Address,
    rules: RuleSource,
    *,
    beside: Sequence[Address] = (),
    overwrite: bool = False,
    state: Address | None = None,
) -> list[str]:
    """Mask files under a throwaway key into nothing.

    Args:
        source: what `mask_file` takes.
        target: where it would write.
        rules: by which it would.
        beside: files about the run that it would write.
        overwrite: whether files that are there might be replaced.
        state: in which rows would wait, for rules that hold them back.

    Returns:
        The notes of the run.

    Raises:
        AnonymizerError: whatever `mask_file` would raise of rules, files, places and values.
    """
    loaded = load_rules(rules)
    with pool_at(state, loaded) as pool:
        raw = Dataset.at(source, loaded.reading)
        out = raw.target(target, overwrite=overwrite)
        for file in beside:
            check_target(file, overwrite=overwrite, inputs=[*raw.files, out.address])
        lazy = raw.scan()
        refuse_masked(raw.files)
        raw.refuse_no_header(loaded.columns)
        schema, secret = lazy.collect_schema(), Key(secrets.token_bytes(32))
        plan = _of_any_key(pool.plan(schema) if pool else make_plan(loaded, schema))
        out.require_holds(plan.schema)
        with masking(plan, lazy), raw.named("masking"):
            plan = fit(plan, lazy, secret, dictionaries="streaming")
            told = tellings(plan, lazy, secret, seekable=raw.format in {"Parquet", "Arrow IPC"})
            told = pool.told(told, plan) if pool else told
            ordered = told_by_order(plan, lazy)
            said = [*warnings_of(plan), *accepted(loaded, told), *shuffled_for(ordered)]
            collect(plan.apply(lazy, secret).select(pl.all().null_count()))
    return [*remarks_of(plan), *said]


def _of_any_key(plan: Plan) -> Plan:
    """The plan with rules that do not mind by which key they were fitted."""
    fitted = plan.rules.fitted
    if fitted is None:
        return plan
    return replace(plan, rules=replace(plan.rules, fitted=replace(fitted, key_id=None)))
