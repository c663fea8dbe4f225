"""What commands do on Spark: from where it reads into folders of Parquet that it writes."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from anonymizer.errors import AnonymizerError, FileError, RuleError
from anonymizer.files.footers import Counts
from anonymizer.files.targets import check_targets
from anonymizer.keys import KeySource
from anonymizer.masking.rules.batches import HeldBack
from anonymizer.masking.rules.rules import RuleSource, load_rules, rules_read
from anonymizer.masking.run.manifest import Manifest, make_manifest
from anonymizer.masking.run.notes import remarks_of, shuffled_for, told_of, warn, warnings_of
from anonymizer.masking.run.order import shuffles_files
from anonymizer.masking.table.fitting import learned_by
from anonymizer.masking.table.tellings import unseen
from anonymizer.provenance import FileRecord, Provenance, told_name
from anonymizer.spark.failures import plainly
from anonymizer.spark.folders import Folder
from anonymizer.spark.masking import Ready, fit_rules
from anonymizer.spark.reading import is_table, quoted, read, refuse_inputs
from anonymizer.spark.sequences import sample, score
from anonymizer.spark.shipping import numbered
from anonymizer.storage import Address

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from anonymizer.sequences.model.sequence_model import SequenceModel

Start: TypeAlias = Callable[[], AbstractContextManager["SparkSession"]]

_NO_HASH: Final = re.compile(r"\b(map|variant|geometry|geography)\b")  # types, inside others too


def mask_files(
    start: Start,
    source: str,
    target: str,
    rules: RuleSource,
    *,
    key: KeySource | None = None,
    manifest: Address | None = None,
    fitted: Address | None = None,
    overwrite: bool = False,
) -> Manifest:
    """Mask a table that Spark reads into a folder of Parquet: the values of `mask_file`.

    Where times move, or rows come in the order of what is hidden, they are shuffled once they are
    masked, unless the rules say `order: kept`. Rules that are not fitted learn from all rows. Rows
    and nulls are counted before, and in what was written.

    Args:
        start: opens the session, once what is wrong without it is refused.
        source: a Parquet file, a folder or a glob of them, where Spark finds it; or `table:NAME`.
        target: a folder, into which Spark commits what its tasks wrote.
        rules: a rule file, the name of a pack, a dict or `Rules`.
        key: as for `anonymize`.
        manifest: where to write the record of the run as JSON, on the driver.
        fitted: where to write the rules with what they learned, as JSON, on the driver.
        overwrite: whether what is there may be replaced. A folder goes before the new one comes.

    Returns:
        The record of the run, without what was removed from texts.

    Raises:
        UsageError: something about the call is wrong; nothing has been written.
        AnonymizerError: the run failed, or rows are missing in what was written.
    """
    loaded = load_rules(rules)
    if isinstance(loaded.batches, HeldBack):
        raise RuleError(loaded.source, ["batches: rows that wait are those of files, not of Spark"])
    named = [rules] if isinstance(rules, str | Path) else []
    note, learned = check_targets((manifest, fitted), overwrite=overwrite, inputs=named)
    for file in (note, learned):
        if file and Path(target).resolve() in (Path(file).resolve(), *Path(file).resolve().parents):
            raise FileError(f"{file}: lies in the output folder: name a place beside it")
    with start() as spark:
        df, folder = _opened(spark, source, target)
        refuse_inputs([df], [note, learned])
        with folder.written(overwrite=overwrite):
            ready = Ready.of(df, loaded, key, sparing=loaded.fitted is not None)
            said = [*warnings_of(ready.plan), *told_of(unseen(ready.plan))]
            said += shuffled_for(ready.ordered)
            warn(said)
            masked, before = _shuffled(ready), _counts(df, "counting rows")
            _write(masked, folder, "masking", source, overwrite=overwrite)
        after = _counts(spark.read.schema(masked.schema).parquet(target), "counting masked rows")
    if before[0] != after[0] and not ready.plan.removes_rows:
        what = f"{after[0]:,} of {before[0]:,} rows arrived: do not use it, and mask again"
        raise AnonymizerError(f"{target}: {what}")
    secret = ready.key() if ready.key else None
    record = make_manifest(ready.plan, secret, (before, after), said, remarks_of(ready.plan))
    origin = _provenance(record, source, target, rules)
    if learned:
        digest = replace(loaded, fitted=learned_by(ready.plan, secret)).write(learned)
        output = FileRecord(role="fitted", name=told_name(learned), sha256=digest)
        origin = replace(origin, outputs=(*origin.outputs, output))
    record = replace(record, provenance=origin)
    if note:
        record.write(note)
    return record


def _provenance(record: Manifest, source: str, target: str, rules: RuleSource) -> Provenance:
    """Which tables a record is of, whose files lie where this process may not read them."""
    counts = ("raw", source, record.input_rows), ("masked", target, record.rows)
    raw, masked = (
        FileRecord(role=role, name=told_name(place), undigested="spark", rows=rows)
        for role, place, rows in counts
    )
    said = record.provenance
    return replace(said, inputs=(raw, *rules_read(rules)), outputs=(masked,))


def fit_files(
    start: Start, source: str, rules: RuleSource, output: str, *, key: KeySource | None
) -> None:
    """Learn from a table that Spark reads what `fit_rules` does, into a file on the driver.

    The rest is as for `mask_files`; a file that is there is replaced, but none that is read.
    """
    loaded = load_rules(rules)
    with start() as spark:
        df = read(spark, source)
        refuse_inputs([df], [output])
        fit_rules(df, loaded, key=key).write(output)


def sample_files(
    start: Start, model: "SequenceModel", target: str, entities: int, *, seed: int, overwrite: bool
) -> None:
    """Sample histories into a folder, some by each task; the rest as for `mask_files`."""
    with start() as spark:
        folder, sampled = Folder.at(spark, target), sample(spark, model, entities, seed=seed)
        with folder.written(overwrite=overwrite):
            _write(sampled, folder, "sampling", overwrite=overwrite)


def score_files(
    start: Start,
    model: "SequenceModel",
    source: str,
    target: str,
    *,
    alert_rate: float | None,
    overwrite: bool,
) -> None:
    """Score a table that Spark reads into a folder; the rest as for `mask_files`."""
    with start() as spark:
        df, folder = _opened(spark, source, target)
        with folder.written(overwrite=overwrite):
            scored = score(df, model, alert_rate=alert_rate)
            _write(scored, folder, "scoring", source, overwrite=overwrite)


def _opened(spark: "SparkSession", source: str, target: str) -> "tuple[DataFrame, Folder]":
    """What is read, and the folder that is written, which is no part of it."""
    df, folder = read(spark, source), Folder.at(spark, target)
    folder.refuse_inputs(df, None if is_table(source) else Folder.at(spark, source))
    return df, folder


def _write(
    df: "DataFrame", folder: Folder, doing: str, source: str = "", *, overwrite: bool
) -> None:
    mode = "overwrite" if overwrite else "errorifexists"
    plainly(lambda: df.write.mode(mode).parquet(folder.place), doing, source)


def _shuffled(ready: Ready) -> "DataFrame":
    """The masked rows in the order in which they leave: if not as they came, by what they hold.

    So the order follows from what is published, and a task that runs again gives the same rows.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415

    masked = ready.masked()
    if not shuffles_files(ready.plan, ready.ordered):
        return masked
    types = {each.name: each.dataType.simpleString() for each in masked.schema}
    names = [name for name, dtype in types.items() if not _NO_HASH.search(dtype)]
    place = f.xxhash64(f.lit(0), *(f.col(quoted(name)) for name in names))
    return masked.repartition(place).sortWithinPartitions(place)


def _counts(df: "DataFrame", doing: str) -> Counts:
    """Rows, and nulls per column."""
    from pyspark.sql import functions as f  # noqa: PLC0415

    columns = numbered(df)
    there = columns.select(f.count(f.lit(1)), *(f.count(each) for each in columns.columns))
    rows, *counts = plainly(there.collect, doing)[0]
    return rows, {c: rows - count for c, count in zip(df.columns, counts, strict=True)}
