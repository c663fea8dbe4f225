#!/usr/bin/env bash
# One Spark column has two Arrow types: UTC for the driver, the session's zone inside mapInArrow.
#
# pyspark 4.3.0, pyarrow 26.0.1, Python 3.11, Java 17, Linux. With spark.sql.session.timeZone set to
# Asia/Tokyo the timestamps of `DataFrame.toArrow()` are `timestamp[us, tz=UTC]`; the batches that
# `mapInArrow` hands to a function hold the same column as `timestamp[us, tz=Asia/Tokyo]`. Code that
# takes its schema on the driver and computes in the workers cuts months and days elsewhere. Casting
# each batch to the driver's types mends it.
#
# Seen: "driver timestamp[us, tz=UTC], workers timestamp[us, tz=Asia/Tokyo]". Fails if both are one.
# Needs PyPI and Java 17.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pyspark==4.3.0 pyarrow==26.0.1 pandas==2.3.3
PYSPARK_PYTHON="$work/venv/bin/python" "$work/venv/bin/python" - 2>/dev/null <<'PY'
import pyarrow as pa
from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.session.timeZone", "Asia/Tokyo")
    .getOrCreate()
)
times = spark.sql("select timestamp'2024-01-31 20:00:00' as t")


def kind(batches):
    for batch in batches:
        yield pa.RecordBatch.from_pydict({"kind": [str(batch.schema.field("t").type)]})


driver = str(times.toArrow().schema.field("t").type)
workers = times.mapInArrow(kind, "kind string").collect()[0].kind
print(f"driver {driver}, workers {workers}")
spark.stop()
raise SystemExit(driver == workers)
PY
