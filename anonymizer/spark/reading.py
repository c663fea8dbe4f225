"""What Spark reads as any engine does: the same files, the same columns, the same types."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from anonymizer.errors import FileError
from anonymizer.files.formats import FORMATS, kind_of
from anonymizer.files.hive import are_whole, partition_of
from anonymizer.files.targets import check_targets
from anonymizer.spark.failures import plainly, short, unreadable
from anonymizer.spark.folders import Folder
from anonymizer.storage import Address

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TABLE: Final = "table:"  # before the name of a table of Spark's catalogue
_GUESSES: Final = "spark.sql.sources.partitionColumnTypeInference.enabled"
_STRICT: Final = {"mergeSchema": True, "ignoreCorruptFiles": False, "ignoreMissingFiles": False}


def is_table(source: str) -> bool:
    """Whether a source is the name of a table."""
    return source.startswith(_TABLE)


def refuse_inputs(tables: "Iterable[DataFrame]", files: Iterable[Address | None]) -> None:
    """Notice files on the driver that would replace what is read.

    Raises:
        FileError: one would.
    """
    inputs: list[Address] = [short(unquote(file)) for df in tables for file in df.inputFiles()]
    check_targets(files, overwrite=True, inputs=inputs)


def read(spark: "SparkSession", source: str) -> "DataFrame":
    """The rows of Parquet files or of a table in the catalogue, whatever the session passes over.

    Columns that some files lack count. So do files in folders inside: Spark alone leaves out those
    that are below no Hive partition. Hive keys are text, or integers where all of one are.

    Raises:
        FileError: nothing is there, a file cannot be read, or it is of another format.
    """
    if is_table(source):
        name = source.removeprefix(_TABLE)
        return plainly(lambda: spark.read.table(name), "reading", source)
    if FORMATS.get(kind_of(source), "Parquet") != "Parquet":
        way = "give Parquet, or `table:NAME`"
        raise FileError(f"{source}: its types would be others on Spark than elsewhere: {way}")
    if "**" in source:
        way = "name the folder above, all of which is read"
        raise FileError(f"{source}: `**` is a single folder for Spark: {way}")
    return plainly(lambda: _files(spark, source), "reading", source)


def _files(spark: "SparkSession", source: str) -> "DataFrame":
    there = _there(spark, source)
    rows = _below_partitions(spark, source)
    if rows is None or len(rows.inputFiles()) < len(there):
        rows = spark.read.options(**_STRICT, recursiveFileLookup=True).parquet(source)
    root = short(unquote(Folder.at(spark, source).address))
    keys: dict[str, set[str | None]] = {}
    for file in there:
        for key, value in partition_of(root, file).items():
            keys.setdefault(key, set()).add(value)
    if lost := keys.keys() - set(rows.columns):
        way = "name the folder above, and only folders like it in there"
        raise FileError(f"{source}: Spark would lose {min(lost)!r} in names of folders: {way}")
    whole = {key: rows[quoted(key)].cast("long") for key in keys if are_whole(keys[key])}
    return rows.withColumns(whole) if whole else rows


def _below_partitions(spark: "SparkSession", source: str) -> "DataFrame | None":
    """The rows of files in a folder and in its Hive partitions; None where there are none."""
    from pyspark.errors import AnalysisException  # noqa: PLC0415

    try:
        with _without_guesses(spark):
            return spark.read.options(**_STRICT).parquet(source)
    except AnalysisException as error:
        if error.getCondition() != "UNABLE_TO_INFER_SCHEMA":
            raise
        return None


def _there(spark: "SparkSession", source: str) -> set[str]:
    """The files at a place, at any depth.

    Raises:
        FileError: there is none, or one is empty, which Spark passes over.
    """
    files = spark.read.format("binaryFile").options(recursiveFileLookup=True).load(source)
    there = {short(unquote(file)) for file in files.inputFiles()}
    if not there:
        raise FileError(f"{source}: no file is in it")
    if empty := there - {short(path) for (path,) in files.select("path").collect()}:
        raise unreadable(min(empty))
    return there


@contextmanager
def _without_guesses(spark: "SparkSession") -> Iterator[None]:
    """Hive keys are text inside: Spark takes some for dates, and 007 for 7."""
    before = str(spark.conf.get(_GUESSES))
    spark.conf.set(_GUESSES, "false")
    try:
        yield
    finally:
        spark.conf.set(_GUESSES, before)


def quoted(column: str) -> str:
    """A column as Spark takes it, whatever it is called."""
    return f"`{column.replace('`', '``')}`"
