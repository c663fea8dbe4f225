"""One Spark for all tests of it."""

import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.skipping import without


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Spark on this machine."""
    try:
        from pyspark import sql
    except ImportError:
        without("pyspark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        without("Java")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")  # beside what commands say
        # A few short queries: Java that is compiled for the long run costs more than it gives.
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        # What an executor may send to the driver: no table of the tests that are about that.
        .config("spark.driver.maxResultSize", "1m")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
