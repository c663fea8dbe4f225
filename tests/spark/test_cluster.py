"""The recipe on a cluster: a master and two workers, whose executors have Pythons of their own."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pytest

import anonymizer
from anonymizer import Key
from tests.skipping import without

RECIPE = Path(__file__).parents[2] / "examples" / "recipes" / "spark_job.py"
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
ORDERS = pl.DataFrame(
    {
        "customer": [number * 7 % 1_009 for number in range(20_000)],
        "name": [f"Somebody {number * 7 % 1_009}" for number in range(20_000)],
        "item": [f"thing {number % (number % 499 + 1)}" for number in range(20_000)],
        "amount": range(20_000),
    }
)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """The address of a cluster with two workers of one core; they know the secret."""
    try:
        import pyspark
    except ImportError:
        without("pyspark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        without("Java")
    start = [Path(pyspark.__file__).parent / "bin" / "spark-class"]
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    where = ["--host", "127.0.0.1", "--webui-port", "0"]
    worker = ["--cores", "1", "--memory", "1g", "--work-dir", tmp_path / "work", address]
    kind = "org.apache.spark.deploy"
    env = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "ANONYMIZER_KEY": SECRET}
    with ExitStack() as stack, (tmp_path / "cluster.log").open("wb") as log:
        of_master = [f"{kind}.master.Master", *where, "--port", str(port)]
        of_worker = [f"{kind}.worker.Worker", *where, *worker]
        for arguments in (of_master, of_worker, of_worker):
            process = subprocess.Popen([*start, *arguments], stdout=log, stderr=log, env=env)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        for _ in range(300):
            if (tmp_path / "cluster.log").read_text("utf-8").count("Registering worker") == 2:
                break
            time.sleep(0.1)
        yield address


def test_the_recipe_masks_on_a_cluster(master: str, tmp_path: Path) -> None:
    """As Polars does; neither key nor raw value is in what Spark logs of it."""
    (tmp_path / "raw").mkdir()
    for number in range(4):
        ORDERS[number * 5_000 : number * 5_000 + 5_000].write_parquet(
            tmp_path / "raw" / f"{number}.parquet"
        )
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "events").mkdir()
    settings = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (tmp_path / "events").as_uri(),
        "spark.eventLog.compress": "false",
        "spark.ui.enabled": "false",
        "spark.executor.memory": "512m",
        "spark.driver.host": "127.0.0.1",
    }
    submit = shutil.which("spark-submit", path=str(Path(sys.executable).parent))
    assert submit
    confs = [f"--conf={name}={value}" for name, value in settings.items()]
    job = [RECIPE, tmp_path / "raw", tmp_path / "masked", tmp_path / "rules.yaml"]
    done = subprocess.run(
        [submit, "--master", master, *confs, *job],
        env=os.environ | {"ANONYMIZER_KEY": SECRET, "PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    masked = pl.read_parquet(tmp_path / "masked" / "*.parquet").sort("amount")
    expected = anonymizer.anonymize(ORDERS, tmp_path / "rules.yaml", key=SECRET)
    assert masked.equals(expected.sort("amount"))
    logs = [*(tmp_path / "events").rglob("*"), *(tmp_path / "work").rglob("std*")]
    told = b"".join(path.read_bytes() for path in logs if path.is_file())
    told += done.stdout.encode() + done.stderr.encode() + (tmp_path / "cluster.log").read_bytes()
    assert len(list((tmp_path / "work").rglob("stderr"))) == 2
    for hidden in (SECRET, Key(SECRET).subkey("customer"), "Somebody 7"):
        assert hidden.encode() not in told
