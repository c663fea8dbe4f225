#!/usr/bin/env bash
# A geometry of Spark comes back out of mapInArrow only with what its Arrow field says beside the type.
#
# pyspark 4.3.0, pyarrow 26.0.1, Python 3.11, Java 17, Linux. `mapInArrow` hands a GEOMETRY column to a
# function as struct<srid: int32, wkb: binary>; the field `wkb` carries metadata {geometry: true, srid: 0}.
# Batches of that very struct type, with the values unchanged but without this metadata (as any library
# gives them that rebuilds the batch), are refused by the JVM under a schema that declares a geometry:
# UNSUPPORTED_CALL, "Cannot call the method getBinary". A VARIANT, a struct with such metadata too, comes
# back without it. Casting to the schema that came in mends it.
#
# Seen: "as it came True, without metadata UNSUPPORTED_CALL, variant without metadata True". Fails if
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
point = "st_geomfromwkb(X'0101000000000000000000F03F0000000000000040')"


def same(batches):
    yield from batches


def bare(batches):
    for batch in batches:
        column = batch.column(0)
        plain = pa.struct([pa.field(each.name, each.type) for each in column.type])
        yield pa.RecordBatch.from_arrays([column.cast(plain)], ["v"])


def sent(value, function):
    frame = spark.sql(f"select {value} as v")
    try:
        return frame.mapInArrow(function, frame.schema).collect() == frame.collect()
    except Exception as error:
        return "UNSUPPORTED_CALL" if "UNSUPPORTED_CALL" in str(error) else type(error).__name__


def shown(value, function):
    frame = spark.sql(f"select {value} as v")
    back = frame.mapInArrow(function, frame.schema)
    return back.selectExpr("to_json(v)").collect() == frame.selectExpr("to_json(v)").collect()


found = sent(point, same), sent(point, bare), shown("parse_json('[1]')", bare)
print("as it came {}, without metadata {}, variant without metadata {}".format(*found))
spark.stop()
raise SystemExit(found != (True, "UNSUPPORTED_CALL", True))
PY
