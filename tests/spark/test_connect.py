"""Over Spark Connect, where the driver is another process."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.skipping import without

SECRET = "0123456789abcdef-of-the-tests"
PROGRAM = """
import sys
import warnings

import polars as pl
from pyspark.sql import SparkSession

import anonymizer
from anonymizer.spark import anonymize, fit_rules, sample_entities

warnings.simplefilter("ignore")
SECRET, events = sys.argv[1:]
RULES = {
    "version": 1,
    "entity": "who",
    "order": "kept",
    "columns": {"who": "token", "item": {"mask": "rare", "k": 20}, "row": "keep"},
}
builder = SparkSession.builder.remote("local[2]").config("spark.ui.enabled", "false")
builder = builder.config("spark.eventLog.enabled", "true").config("spark.eventLog.dir", events)
spark = builder.config("spark.eventLog.compress", "false").getOrCreate()
rows = [number % 37 for number in range(500)]
frame = pl.DataFrame({"who": rows, "item": [f"t{n % (n + 3)}" for n in rows], "row": range(500)})
given = spark.createDataFrame(frame.to_arrow())
assert type(given).__module__.startswith("pyspark.sql.connect")
masked = pl.DataFrame(anonymize(given, RULES, key=SECRET).toArrow()).sort("row")
assert masked.equals(anonymizer.anonymize(frame, RULES, key=SECRET))
learned = fit_rules(given, RULES, key=lambda: SECRET).fitted.text
assert learned == anonymizer.fit_rules(frame, RULES, key=SECRET).fitted.text
some = pl.DataFrame(sample_entities(given, 0.5, entity="who", key=SECRET).toArrow()).sort("row")
assert some.equals(anonymizer.sample_entities(frame, 0.5, entity="who", key=SECRET))
spark.stop()
"""


def test_spark_connect_gives_what_polars_gives(tmp_path: Path) -> None:
    """Masked, learned and sampled alike; a key that is shipped is in no event."""
    for package in ("pyspark", "grpc", "grpc_status", "zstandard"):
        if importlib.util.find_spec(package) is None:
            without(package)
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        without("Java")
    (tmp_path / "events").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, SECRET, (tmp_path / "events").as_uri()],
        env=os.environ | {"PYSPARK_PYTHON": sys.executable},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    events = [path for path in (tmp_path / "events").rglob("*") if path.is_file()]
    told = b"".join(path.read_bytes() for path in events)
    assert b"SparkListenerApplicationEnd" in told
    assert SECRET.encode() not in told
