"""The Spark of a command: its session, which says nothing of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from anonymizer.errors import MissingExtraError
from anonymizer.spark.failures import plainly

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS: Final = {
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",  # INT96 is given up elsewhere
}


@contextmanager
def opened(master: str | None, *, told: bool = False) -> Iterator["SparkSession"]:
    """The session that is active, or a new one for as long as the block lasts.

    Nothing is set that Spark would tell: masters, memory and the rest are as `spark-submit` or
    `spark-defaults.conf` give them.

    Args:
        master: the address of a cluster, or `local[2]`; None for what Spark is set to, which is
            all cores of this machine where it is set to nothing.
        told: whether Spark may log; lines of it hold traces, and may hold values.

    Raises:
        AnonymizerError: Spark does not start.
        MissingExtraError: pyspark is not installed.
    """
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("--engine spark", "spark") from None
    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
        return
    # Where executors have another Python, whoever knows says so.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    doing = "starting Spark, which needs Java, and a master that answers,"
    spark = plainly(lambda: _started(master, told=told), doing)
    try:
        yield spark
    finally:
        spark.stop()


def _started(master: str | None, *, told: bool) -> "SparkSession":
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    conf = SparkConf().setAppName("anonymizer").setAll(list(_SETTINGS.items()))
    if master is not None:
        conf.setMaster(master)
    if not told:
        conf.set("spark.log.level", "OFF")
    # What Java says before it knows of levels goes nowhere either.
    quiet = {} if told else {"stderr": subprocess.DEVNULL}
    gateway = launch_gateway(conf, popen_kwargs=quiet)  # type: ignore[no-untyped-call]
    SparkContext(conf=conf, gateway=gateway)
    return SparkSession.builder.getOrCreate()
