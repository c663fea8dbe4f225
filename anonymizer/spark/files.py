"""What commands do on Spark: from where it reads into folders of Parquet that it writes."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from anonymizer.errors import AnonymizerError, FileError, RuleError
from anonymizer.files.footers import Counts
from anonymizer.files.targets import check_targets
from anonymizer.keys import KeySource, load_key
from anonymizer.masking.rules.batches import HeldBack
from anonymizer.masking.rules.rules import Rules, RuleSource, load_rules, rules_read
from anonymizer.masking.run.manifest import Manifest, make_manifest
from anonymizer.masking.run.notes import accepted, remarks_of, shuffled_for, warn, warnings_of
from anonymizer.masking.run.order import shuffles_files
from anonymizer.masking.table.fitting import learned_by
from anonymizer.provenance import FileRecord, Provenance, told_name
from anonymizer.spark.failures import plainly
from anonymizer.spark.folders import Folder
from anonymizer.spark.learning import found_in_sample
from anonymizer.spark.masking import Ready, fitted_rules
from anonymizer.spark.reading import is_table, quoted, read, refuse_inputs
from anonymizer.spark.sequences import sample, score
from anonymizer.spark.shipping import numbered
from anonymizer.spark.writing import write
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
    masked, unless the rules say `order: kept`. Rules that are not fitted learn from all rows. What
    tells times that are moved is looked for in a sample, and refused as `mask_file` does. Rows
    and nulls are counted before, and in what was written before it is trusted.

    Args:
        start: opens the session, once what is wrong without it is refused.
        source: a Parquet file, a folder or a glob of them, where Spark finds it; or `table:NAME`.
        target: a folder, into which Spark commits what its tasks wrote.
        rules: a rule file, the name of a pack, a dict or `Rules`.
        key: as for `anonymize`.
        manifest: where to write the record of the run as JSON, on the driver.
        fitted: where to write the rules with what they learned, as JSON, on the driver.
        overwrite: whether what is there may be replaced; it stays until the new rows are counted.

    Returns:
        The record of the run, without what was removed from texts.

    Raises:
        UsageError: something about the call is wrong; nothing has been written.
        AnonymizerError: the run failed, or rows were missing in what was written; what was there
            before is untouched, and nothing new stays.
    """
    loaded = load_rules(rules)
    _refuse_rules(loaded)
    named = [rules] if isinstance(rules, str | Path) else []
    note, learned = check_targets((manifest, fitted), overwrite=overwrite, inputs=named)
    for file in (note, learned):
        if file and Path(target).resolve() in (Path(file).resolve(), *Path(file).resolve().parents):
            raise FileError(f"{file}: lies in the output folder: name a place beside it")
    _refuse_without_key(loaded, key)
    with start() as spark:
        df, folder = _opened(spark, source, target)
        refuse_inputs([df], [note, learned])
        with folder.written(overwrite=overwrite) as new:
            ready = Ready.of(df, loaded, key, sparing=loaded.fitted is not None)
            before = _counts(df, "counting rows")
            told = found_in_sample(df, ready.plan, ready.key, before[0])
            said = [*warnings_of(ready.plan), *accepted(ready.plan.rules, told)]
            said += shuffled_for(ready.ordered)
            warn(said)
            masked = _shuffled(ready)
            write(masked, new, "masking", source, loaded.parquet)
            due = None if ready.plan.removes_rows else before[0]
            after = _recounted(masked, new, target, due)
    secret = ready.key() if ready.key else None
    record = make_manifest(ready.plan, secret, (before, after), said, remarks_of(ready.plan))
    record = replace(record, provenance=_provenance(record, source, target, rules))
    if learned:
        knows = replace(learned_by(ready.plan, secret), provenance=record.provenance)
        digest = replace(loaded, fitted=knows).write(learned)
        record = record.with_output("fitted", learned, digest)
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
    _refuse_without_key(loaded, key)
    with start() as spark:
        df = read(spark, source)
        refuse_inputs([df], [output])
        fitted_rules(df, loaded, key, told_name(source)).write(output)


def sample_files(
    start: Start,
    model: "SequenceModel",
    target: str,
    entities: int,
    *,
    seed: int,
    overwrite: bool,
    stamp: dict[str, str],
) -> None:
    """Sample histories into a folder, some by each task; the rest as for `mask_files`.

    Spark has no place for metadata of a file but that of its columns, so the first one has `stamp`.
    """
    with start() as spark:
        folder, sampled = Folder.at(spark, target), sample(spark, model, entities, seed=seed)
        first, *others = sampled.columns
        marked = sampled[quoted(first)].alias(first, metadata=stamp)
        sampled = sampled.select(marked, *map(quoted, others))
        with folder.written(overwrite=overwrite) as new:
            write(sampled, new, "sampling")


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
        with folder.written(overwrite=overwrite) as new:
            write(score(df, model, alert_rate=alert_rate), new, "scoring", source)


def _refuse_rules(rules: Rules) -> None:
    """Notice what rules say of files and Spark does not.

    Raises:
        RuleError: there is such.
    """
    faults = []
    if isinstance(rules.batches, HeldBack):
        faults.append("batches: rows that wait are those of files, not of Spark")
    if rules.parquet.compression == "brotli":
        faults.append("parquet: Spark comes without brotli: choose zstd or gzip, or mask here")
    if faults:
        raise RuleError(rules.source, faults)


def _refuse_without_key(rules: Rules, key: KeySource | None) -> None:
    """Notice a key that is not here before Spark starts, as far as it is known to be needed.

    Raises:
        KeyMaterialError: there is none that could serve.
    """
    # Else a mask may be for a column that is not there; then the plan says whether it needs a key.
    needed = rules.missing == "error" and any(
        m.keyed for each in rules.columns.values() for m in each
    )
    if needed or key is not None:
        load_key(key)


def _opened(spark: "SparkSession", source: str, target: str) -> "tuple[DataFrame, Folder]":
    """What is read, and the folder that is written, which is no part of it."""
    df, folder = read(spark, source), Folder.at(spark, target)
    folder.refuse_inputs(df, None if is_table(source) else Folder.at(spark, source))
    return df, folder


def _recounted(masked: "DataFrame", new: Folder, target: str, due: int | None) -> Counts:
    """Rows, and nulls per column, of what was just written; it goes where it cannot be trusted.

    Args:
        masked: what was written.
        new: where to.
        target: how messages call it.
        due: the rows that there must be; None where some may be missing.

    Raises:
        AnonymizerError: rows are missing, or cannot be counted.
    """
    with ExitStack() as undoing:
        undoing.callback(new.remove)
        written = new.spark.read.schema(masked.schema).parquet(new.place)
        counts = _counts(written, "counting masked rows")
        if due is not None and counts[0] != due:
            what = f"{counts[0]:,} of {due:,} rows arrived: they are removed again, mask anew"
            raise AnonymizerError(f"{target}: {what}")
        undoing.pop_all()
    return counts


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
