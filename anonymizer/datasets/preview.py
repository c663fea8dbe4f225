"""The dry run and the lint of a dataset: what a run would refuse, and what is risky."""

import secrets
from collections.abc import Iterator
from dataclasses import replace

from anonymizer.datasets.description.dataset import DatasetSource, load_dataset
from anonymizer.datasets.incremental.night import goes_by_nights, refuse_night, refuse_nights
from anonymizer.datasets.opening.runs import opened, runs_of
from anonymizer.keys import Key
from anonymizer.masking.inspection.lints import Finding
from anonymizer.masking.run.files import Run
from anonymizer.masking.run.frames import of_any_key
from anonymizer.masking.run.preview import Findings, counted_findings
from anonymizer.masking.run.rehearsal import rehearsed
from anonymizer.storage import Address


def rehearse_dataset(
    dataset: DatasetSource,
    *,
    key: Key | None = None,
    overwrite: bool = False,
    state: Address | None = None,
) -> tuple[list[str], list[str]]:
    """Mask a dataset into nothing: whatever a run would refuse is refused.

    Args:
        dataset: as `mask_dataset` takes it.
        key: the secret; a throwaway where it is left out.
        overwrite: whether tables that are there might be replaced.
        state: of a dataset with `incremental:`, as `mask_dataset` takes it.

    Returns:
        The remarks of the run and its warnings, each with its table.
    """
    loaded = load_dataset(dataset)
    secret = key or Key(secrets.token_bytes(32))
    notes, warnings = list[str](), list[str]()
    if nightly := goes_by_nights(loaded, state):
        refuse_night(loaded, nightly, key=key, overwrite=overwrite)
    with opened(loaded) as (source, target):
        runs = runs_of(loaded, source, target, secret, overwrite=overwrite or bool(nightly))
        if not nightly:
            runs.refuse(target)
        for table, run in runs.of_tables.items():
            remarks, said = rehearsed(run if key else replace(run, plan=of_any_key(run.plan)))
            said += [each.short for each in runs.told.get(table, [])]
            warnings += [f"{table}: {line}" for line in said]
            notes += [f"{table}: {line}" for line in [*remarks, *said]]
    return notes, warnings


def lint_dataset(dataset: DatasetSource) -> Findings:
    """Say what is risky in a dataset file, and the way out; all its tables are read.

    Args:
        dataset: a dataset file, a dict with its fields, or a `Dataset`, with source and target.

    Returns:
        Findings of all tables, with their place in the file.

    Raises:
        UsageError: the file and the tables do not fit, or a table of `incremental:` cannot be
            masked night by night; what a night finds in rows, state and target is left to it.

    Example:
        >>> for finding in lint_dataset("dataset.yaml"):  # doctest: +SKIP
        ...     print(finding)
    """
    loaded = load_dataset(dataset)
    with opened(loaded) as (source, target):
        if loaded.incremental:
            refuse_nights(loaded, source)
        runs = runs_of(loaded, source, target, Key(secrets.token_bytes(32)), overwrite=True)
        return Findings(
            replace(each, place=f"tables.{table}.{each.place}")
            for table, run in runs.of_tables.items()
            for each in [*_found(run), *runs.told.get(table, [])]
        )


def _found(run: Run) -> Iterator[Finding]:
    return counted_findings(run.plan, run.lazy, is_file=True)
