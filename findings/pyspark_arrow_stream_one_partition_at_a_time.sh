#!/usr/bin/env bash
# A Spark DataFrame hands its rows to whatever reads Arrow streams, `pa.table(df)` and `pl.DataFrame(df)`,
# and these begin a job for each partition, one after the other; `df.toArrow()` is one job for all.
#
# pyspark 4.3.0, pyarrow 26.0.1, polars 2.1.0, Python 3.11, Java 17, Linux. `__arrow_c_stream__` goes
# through the partitions as `toLocalIterator` does, so that the driver holds one of them at a time and
# a single core of the cluster works: of eight partitions on two cores the rows came in eight jobs.
# Whoever passes a DataFrame to a library that takes "any Arrow table" waits as many times as long.
#
# Seen: "rows 8000 8000 8000, jobs toArrow 1, pyarrow 8, polars 8". Fails if that changes. Needs PyPI and
# Java 17.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pyspark==4.3.0 pyarrow==26.0.1 pandas==2.3.3 polars==2.1.0
PYSPARK_PYTHON="$work/venv/bin/python" "$work/venv/bin/python" - 2>/dev/null <<'PY'
import polars as pl
import pyarrow as pa
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
context = spark.sparkContext
context.setLogLevel("OFF")
frame = spark.range(0, 8000, 1, 8)


def looked_at(name, read):
    """Rows that came, and how many jobs brought them."""
    context.setJobGroup(name, name)
    rows = len(read())
    return rows, len(context.statusTracker().getJobIdsForGroup(name))


found = (
    looked_at("a", frame.toArrow),
    looked_at("b", lambda: pa.table(frame)),
    looked_at("c", lambda: pl.DataFrame(frame)),
)
(rows, jobs) = zip(*found)
print("rows {} {} {}, jobs toArrow {}, pyarrow {}, polars {}".format(*rows, *jobs))
spark.stop()
raise SystemExit(rows != (8000,) * 3 or jobs != (1, 8, 8))
PY
