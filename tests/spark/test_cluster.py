"""The recipe on a cluster: a master and two workers, whose executors have Pythons of their own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import anonymizer
from anonymizer import Key
from tests.skipping import without

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "examples" / "recipes" / "spark_job.py"
SECRET = "0123456789abcdef-of-the-tests"
RULES = """
version: 1
entity: customer
order: kept
columns:
  customer: {mask: token, domain: customer}
  name: {mask: pseudonym, kind: name}
  item: {mask: rare, k: 40}
  amount: keep
"""
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.executor.memory": "512m",
    "spark.driver.host": "127.0.0.1",
}
ORDERS = pl.DataFrame(
    {
        "customer": [number * 7 % 1_009 for number in range(20_000)],
        "name": [f"Somebody {number * 7 % 1_009}" for number in range(20_000)],
        "item": [f"thing {number % (number % 499 + 1)}" for number in range(20_000)],
        "amount": range(20_000),
    }
)


@pytest.fixture(scope="module")
def on_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A cluster whose executors know the secret."""
    try:
        from tests.spark.cluster import cluster
    except ImportError:
        without("pyspark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        without("Java")
    with cluster(tmp_path_factory.mktemp("cluster"), {"ANONYMIZER_KEY": SECRET}) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Raw files and rules."""
    (tmp_path / "raw").mkdir()
    for number in range(4):
        ORDERS[number * 5_000 : number * 5_000 + 5_000].write_parquet(
            tmp_path / "raw" / f"{number}.parquet"
        )
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path


def test_the_recipe_masks_on_a_cluster(on_cluster: Any, folder: Path) -> None:
    """As Polars does; neither key nor raw value is in what Spark logs of it."""
    (folder / "events").mkdir()
    settings = SETTINGS | {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (folder / "events").as_uri(),
        "spark.eventLog.compress": "false",
    }
    submit = shutil.which("spark-submit", path=str(Path(sys.executable).parent))
    assert submit
    confs = [f"--conf={name}={value}" for name, value in settings.items()]
    job = [RECIPE, folder / "raw", folder / "masked", folder / "rules.yaml"]
    done = subprocess.run(
        [submit, "--master", on_cluster.address, *confs, *job],
        env=os.environ | {"ANONYMIZER_KEY": SECRET, "PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert sorted_output(folder).equals(expected(folder))
    logs = [*(folder / "events").rglob("*"), *on_cluster.work.rglob("std*")]
    told = b"".join(path.read_bytes() for path in logs if path.is_file())
    told += done.stdout.encode() + done.stderr.encode() + on_cluster.log.read_bytes()
    assert len(list(on_cluster.work.rglob("stderr"))) >= 2
    for hidden in (SECRET, Key(SECRET).subkey("customer"), "Somebody 7"):
        assert hidden.encode() not in told


def test_an_executor_that_is_killed_costs_no_row(on_cluster: Any, folder: Path) -> None:
    """The command starts its tasks anew; none of its rows is lost, doubled or half written."""
    (folder / "rules.yaml").write_text(RULES.replace("{mask: rare, k: 40}", "keep"))
    settings = SETTINGS | {"spark.sql.files.maxPartitionBytes": "40k"}
    confs = " ".join(f"--conf {name}={value}" for name, value in settings.items())
    places = [f"{folder}/raw", f"{folder}/masked", "--rules", f"{folder}/rules.yaml"]
    engine = ["--engine", "spark", "--master", on_cluster.address]
    running = subprocess.Popen(
        [sys.executable, "-m", "anonymizer", "mask", *places, *engine],
        env=os.environ
        | {"ANONYMIZER_KEY": SECRET, "PYTHONPATH": str(ROOT)}
        | {"PYSPARK_SUBMIT_ARGS": f"{confs} pyspark-shell"},
        stderr=subprocess.PIPE,
        text=True,
    )
    while running.poll() is None and not (folder / "masked" / "_temporary").exists():
        time.sleep(0.01)
    on_cluster.kill(on_cluster.executors()[0])
    assert not (folder / "masked" / "_SUCCESS").exists()
    _, told = running.communicate(timeout=240)
    assert running.returncode == 0, told
    assert told.splitlines()[-1] == (
        f"anonymizer: 20,000 rows, 4 columns written to {folder / 'masked'}"
    )
    assert not (folder / "masked" / "_temporary").exists()
    assert sorted_output(folder).equals(expected(folder))


def sorted_output(folder: Path) -> pl.DataFrame:
    """What Spark wrote."""
    return pl.read_parquet(folder / "masked" / "*.parquet").sort("amount")


def expected(folder: Path) -> pl.DataFrame:
    """What Polars gives."""
    return anonymizer.anonymize(ORDERS, folder / "rules.yaml", key=SECRET).sort("amount")
