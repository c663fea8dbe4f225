"""A run that reads everything and writes nothing: what it would refuse is refused before."""

import secrets
from collections.abc import Sequence

import polars as pl

from anonymizer.datasets.dataset import Dataset
from anonymizer.datasets.targets import check_target
from anonymizer.frames import collect
from anonymizer.keys import Key
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.rules.rules import RuleSource, load_rules
from anonymizer.masking.run.frames import masking
from anonymizer.masking.run.manifest import refuse_masked
from anonymizer.masking.run.notes import accepted, remarks_of, shuffled_for, warnings_of
from anonymizer.masking.run.order import told_by_order
from anonymizer.masking.table.calendar import tellings
from anonymizer.masking.table.fitting import fit
from anonymizer.storage import Address


def rehearse(
    source: Address,
    target: Address,
    rules: RuleSource,
    *,
    beside: Sequence[Address] = (),
    overwrite: bool = False,
) -> list[str]:
    """Mask files under a throwaway key into nothing.

    Args:
        source: what `mask_file` takes.
        target: where it would write.
        rules: by which it would.
        beside: files about the run that it would write.
        overwrite: whether files that are there might be replaced.

    Returns:
        The notes of the run.

    Raises:
        AnonymizerError: whatever `mask_file` would raise of rules, files, places and values.
    """
    loaded = load_rules(rules)
    raw = Dataset.at(source, loaded.reading)
    out = raw.target(target, overwrite=overwrite)
    for file in beside:
        check_target(file, overwrite=overwrite, inputs=[*raw.files, out.address])
    lazy = raw.scan()
    refuse_masked(raw.files)
    raw.refuse_no_header(loaded.columns)
    plan, secret = make_plan(loaded, lazy.collect_schema()), Key(secrets.token_bytes(32))
    out.require_holds(plan.schema)
    with masking(plan, lazy), raw.named("masking"):
        plan = fit(plan, lazy, secret, dictionaries="streaming")
        told = tellings(plan, lazy, secret, seekable=raw.format in {"Parquet", "Arrow IPC"})
        said = [
            *warnings_of(plan),
            *accepted(loaded, told),
            *shuffled_for(told_by_order(plan, lazy)),
        ]
        collect(plan.apply(lazy, secret).select(pl.all().null_count()))
    return [*remarks_of(plan), *said]
