#!/usr/bin/env bash
# A Spark DataFrame whose column has a dot in its name can be selected, shown and turned into Arrow, and
# not be sent through mapInArrow or mapInPandas.
#
# pyspark 4.3.0, pyarrow 26.0.1, Python 3.11, Java 17, Linux. `mapInArrow` looks up each of its own
# columns by name, where a dot means a field of a struct: UNRESOLVED_COLUMN, with the column itself
# among the suggestions. It is raised when the method is called. `toDF` with other names goes by
# position and mends it; the schema that is declared for the result may have dots.
#
# Seen: "rows 1, mapInArrow UNRESOLVED_COLUMN, mapInPandas UNRESOLVED_COLUMN, after toDF a.b". Fails if
# that changes. Needs PyPI and Java 17.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pyspark==4.3.0 pyarrow==26.0.1 pandas==2.3.3
PYSPARK_PYTHON="$work/venv/bin/python" "$work/venv/bin/python" - 2>/dev/null <<'PY'
import pyarrow as pa
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")
frame = spark.sql("select 1 as `a.b`")


def same(batches):
    yield from batches


def renamed(batches):
    for batch in batches:
        yield pa.RecordBatch.from_arrays(batch.columns, ["a.b"])


def tried(method):
    try:
        return method(same, frame.schema).count()
    except Exception as error:
        return "UNRESOLVED_COLUMN" if "UNRESOLVED_COLUMN" in str(error) else type(error).__name__


found = (
    frame.toArrow().num_rows,
    tried(frame.mapInArrow),
    tried(frame.mapInPandas),
    frame.toDF("_0").mapInArrow(renamed, frame.schema).columns[0],
)
print("rows {}, mapInArrow {}, mapInPandas {}, after toDF {}".format(*found))
spark.stop()
raise SystemExit(found != (1, "UNRESOLVED_COLUMN", "UNRESOLVED_COLUMN", "a.b"))
PY
