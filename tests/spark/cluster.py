"""A Spark cluster on this machine: a master and two workers, and the end of their executors."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark

_KIND = "org.apache.spark.deploy"
_EXECUTOR = b"CoarseGrainedExecutorBackend"


@dataclass(frozen=True)
class Cluster:
    """A cluster whose workers have one core each.

    Attributes:
        address: of its master.
        workers: their processes.
        work: the folder in which executors leave what they print.
        log: what master and workers print.
    """

    address: str
    workers: tuple[int, ...]
    work: Path
    log: Path

    def executors(self) -> list[int]:
        """The processes that run tasks, which are children of the workers."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
                is_executor = _EXECUTOR in (process / "cmdline").read_bytes()
            except OSError:  # it ended meanwhile
                continue
            if is_executor and int(parent) in self.workers:
                found.append(int(process.name))
        return sorted(found)

    def kill(self, executor: int) -> None:
        """End an executor as the kernel does that runs out of memory."""
        os.kill(executor, signal.SIGKILL)


@contextmanager
def cluster(folder: Path, env: Mapping[str, str]) -> Iterator[Cluster]:
    """Start a cluster, for as long as the block lasts.

    Args:
        folder: for its logs.
        env: what executors find in their environment besides.
    """
    start = [Path(pyspark.__file__).parent / "bin" / "spark-class"]
    port = _free_port()
    address = f"spark://127.0.0.1:{port}"
    where = ["--host", "127.0.0.1", "--webui-port", "0"]
    of_master = [f"{_KIND}.master.Master", *where, "--port", str(port)]
    worker = ["--cores", "1", "--memory", "1g", "--work-dir", folder / "work", address]
    of_worker = [f"{_KIND}.worker.Worker", *where, *worker]
    known = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1"} | dict(env)
    with ExitStack() as stack, (folder / "cluster.log").open("wb") as log:
        pids = []
        for arguments in (of_master, of_worker, of_worker):
            process = subprocess.Popen([*start, *arguments], stdout=log, stderr=log, env=known)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            pids.append(process.pid)
        made = Cluster(address, tuple(pids[1:]), folder / "work", folder / "cluster.log")
        for _ in range(600):
            if made.log.read_text("utf-8").count("Registering worker") == 2:
                break
            time.sleep(0.1)
        yield made


def _free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
