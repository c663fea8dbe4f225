"""Spark writes Parquet, as rules say where they say it, else as Spark is set."""

from typing import TYPE_CHECKING, Final

from anonymizer.files.formats import Parquet
from anonymizer.spark.failures import plainly
from anonymizer.spark.folders import Folder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# As Hadoop calls 0 to 9.
_GZIP_LEVELS: Final = (
    "NO_COMPRESSION", "BEST_SPEED", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT",
    "BEST_COMPRESSION",
)  # fmt: skip


def write(
    df: "DataFrame", new: Folder, doing: str, source: str = "", parquet: Parquet | None = None
) -> None:
    """Write into a folder that is not there.

    Args:
        df: what is written.
        new: where to.
        doing: how messages call it.
        source: what is read, for messages.
        parquet: what rules say of files; without brotli, which Spark does not have.

    Raises:
        AnonymizerError: the job failed, and Spark removed what its tasks wrote.
    """
    options = _options(parquet) if parquet else {}
    plainly(lambda: df.write.options(**options).parquet(new.place), doing, source)


def _options(parquet: Parquet) -> dict[str, str | int]:
    """What was said, as options of Spark's writer and of the Hadoop below it."""
    options: dict[str, str | int] = {}
    if {"compression", "level"} & parquet.model_fields_set:
        codec, level = parquet.compression, parquet.used_level
        options["compression"] = "lz4_raw" if codec == "lz4" else codec  # few read Hadoop's own
        if codec == "zstd" and level is not None:
            options["parquet.compression.codec.zstd.level"] = level
        if codec == "gzip" and level is not None:
            options["zlib.compress.level"] = _GZIP_LEVELS[level]
    if "row_group" in parquet.model_fields_set:  # Spark ends one at its `parquet.block.size`, too
        options["parquet.block.row.count.limit"] = parquet.row_group
    return options
