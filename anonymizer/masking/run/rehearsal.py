"""A run that reads everything and writes nothing: what it would refuse is refused before."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

import polars as pl

from anonymizer.files.table_files import TableFiles
from anonymizer.frames import collect
from anonymizer.keys import Key
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.rules import RuleSource, load_rules
from anonymizer.masking.run.batches import Batches, date_of
from anonymizer.masking.run.files import Run
from anonymizer.masking.run.frames import masking, of_any_key
from anonymizer.masking.run.hold_back import Pool, pool_at
from anonymizer.masking.run.notes import remarks_of
from anonymizer.storage import Address, files_at


def rehearse(
    source: Address,
    target: Address,
    rules: RuleSource,
    *,
    key: Key | None = None,
    beside: Sequence[Address] = (),
    overwrite: bool = False,
    state: Address | None = None,
) -> tuple[list[str], list[str]]:
    """Mask files into nothing.

    Args:
        source: what `mask_file` takes.
        target: where it would write.
        rules: by which it would.
        key: the secret; without it a throwaway, by which nobody knows whether rules were fitted
            under another one, whether a night was taken before, nor what its tokens tell of it.
        beside: files about the run that it would write.
        overwrite: whether files that are there might be replaced.
        state: in which rows would wait, for rules that hold them back.

    Returns:
        The remarks of the run, and its warnings.

    Raises:
        AnonymizerError: whatever `mask_file` would raise of rules, files, places and values.
    """
    loaded = load_rules(rules)
    with pool_at(state, loaded, makes=False) as pool:
        secret = key or Key(secrets.token_bytes(32))
        run = Run.of(source, target, loaded, pool, key=secret, overwrite=overwrite)
        run = run if key else replace(run, plan=of_any_key(run.plan))
        list(run.beside(beside, rules, overwrite=overwrite))
        night = partial(_of_night, pool, run, key=key) if pool else None
        return rehearsed(run, pool, night)


def rehearsed(
    run: Run, pool: Pool | None = None, night: Callable[[Plan], Iterable[str]] | None = None
) -> tuple[list[str], list[str]]:
    """The remarks and the warnings of a run whose rows are masked into nothing.

    Args:
        run: from where to where.
        pool: in which rows would wait, where they do.
        night: says what would become of the night.
    """
    run.out.require_holds(run.plan.schema)
    with masking(run.plan, run.lazy), run.raw.named("masking"):
        plan, _, _, said = run.fitted(pool)
        of_night = list(night(plan)) if night else []
        collect(plan.apply(run.lazy, run.secret).select(pl.all().null_count()))
    return [*remarks_of(plan), *of_night], said


def _of_night(pool: Pool, run: Run, plan: Plan, *, key: Key | None) -> Iterator[str]:
    """What a run would say of the rows that leave."""
    raw = cast("TableFiles", run.raw)  # rows of files alone wait in a pool
    if key and files_at(run.out.address) and pool.last_again(raw, key):
        yield "this night was taken already: a run looks whether its output is complete"
        return
    batches = Batches.of(plan, run.secret)
    nights = pool.night(raw, run.lazy, batches, key)
    unknown = [] if key else [leaf.column for leaf, mask in plan.masks if mask.keyed]
    tonight = pool.compared(batches.masked(run.lazy, nights), plan, unknown)
    if key is None:
        yield "held back: how many rows would leave depends on the key, which is not given"
        return
    leaves, wait = pool.count(tonight, nights)
    yield (
        f"held back: {leaves:,} rows would leave, of masked days before {date_of(nights.end)}; "
        f"{wait:,} would wait"
    )
