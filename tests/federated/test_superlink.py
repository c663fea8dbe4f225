"""The recipe as users run it: a SuperLink over TLS, three SuperNodes with keys, `flwr run`."""

import http.client
import json
import os
import re
import runpy
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.federated.toy import key_file, toys

RECIPE = Path(__file__).parents[2] / "examples" / "recipes" / "federated"
HOST = "127.0.0.1"
SITES, STRANGER = ("one", "two", "three"), "stranger"
# What starts runs or answers for them, and ways round what is let pass.
CONTROLS = (
    "/v1/control/start-run",
    "/v1/runtime/acquire-task",
    "/v1/fleet/../control/start-run",
    "/v1/fleet/..%2fcontrol%2fstart-run",
    "/v1/fleet/%2e%2e/control/start-run",
    "//v1/control/start-run",
    "/docs",
)
PROGRAMS = Path(sys.executable).parent
ENVIRONMENT = os.environ | {
    "PATH": f"{PROGRAMS}:{os.environ['PATH']}",  # Flower finds its own programs there
    "PYTHONPATH": str(RECIPE.parents[2]),
    "FLWR_SUPEREXEC_TASK_POLL_INTERVAL": "0.05",  # seconds; 1 else
    "OMP_NUM_THREADS": "1",
}


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


@contextmanager
def started(log: Path, *command: object) -> Iterator[None]:
    """A program while it runs, with all processes that it starts."""
    with log.open("wb") as out:
        program = subprocess.Popen(
            [*map(str, command)], env=ENVIRONMENT, stdout=out, stderr=out, start_new_session=True,
            cwd=log.parents[1],
        )  # fmt: skip
    try:
        yield
    finally:
        program.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            program.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)


def until(true: Callable[[], bool], seconds: float) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.2)


def answers(port: int) -> bool:
    """Whether somebody listens."""
    try:
        socket.create_connection((HOST, port), 0.3).close()
    except OSError:
        return False
    return True


def asked(folder: Path, port: int, path: str) -> int:
    """The status of what the server answers there, as nobody that it knows."""
    known = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    connection = http.client.HTTPSConnection(HOST, port, timeout=30, context=known)
    connection.request("POST", path, headers={"content-type": "application/protobuf"})
    answer = connection.getresponse().status
    connection.close()
    return answer


def flwr(folder: Path, *command: str) -> str:
    """What Flower's command says to who runs the federation."""
    done = subprocess.run(
        ["flwr", *command], env=ENVIRONMENT | {"FLWR_HOME": str(folder / "operator")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def status(folder: Path, run: str) -> str:
    """What Flower says of a run."""
    told = flwr(folder, "list", "federation", "--run-id", run, "--format", "json")
    runs: list[dict[str, Any]] = json.loads(told[told.index("{") :])["runs"]
    return str(runs[0]["status"])


def furnish(room: Path) -> None:
    """Certificates, keys, what each site says of itself, and a run of toy parties."""
    certify = runpy.run_path(str(RECIPE / "certificates.py"))["main"]
    certify(str(room), HOST, *SITES)
    certify(str(room / "elsewhere"), HOST, STRANGER)  # whose key the server never gets
    shutil.copy(room / "elsewhere" / f"{STRANGER}.key", room)
    key = key_file(room)
    for number, site in enumerate((*SITES, STRANGER)):
        (room / f"{site}.toml").write_text(
            f'number = {number % 3}\nkey-file = "{key}"\nmodel = "{room / site}.npy"\n'
        )
    (room / "app").mkdir()
    text = (RECIPE / "app" / "pyproject.toml").read_text()
    toy = text.replace("anonymizer.federated.site:app", "tests.federated.toy_app:app")
    toy = toy.replace("anonymizer.federated.server:app", "tests.federated.toy_app:server_app")
    (room / "app" / "pyproject.toml").write_text(toy)


def kept_by_the_server(room: Path) -> bytes:
    """All that the SuperLink and its processes wrote."""
    files = [room / "superlink.log", *(room / "superlink").rglob("*")]
    return b"\n".join(file.read_bytes() for file in files if file.is_file())


def test_three_sites_learn_over_a_superlink(tmp_path: Path) -> None:
    """A node that nobody registered is not let in, sites cannot start runs, no value is kept."""
    furnish(tmp_path)
    port, own, log = free_port(), free_port(), tmp_path / "superlink.log"
    server, models = f"{HOST}:{port}", [tmp_path / f"{site}.npy" for site in SITES]
    settings = ("rounds=0", "ends-rounds=0", "deadline=60.0", "wait=60.0")
    with ExitStack() as running:
        start = running.enter_context
        start(started(log, RECIPE / "superlink.sh", tmp_path, HOST, port, own))
        until(lambda: answers(port) and answers(own), 30)
        assert [asked(tmp_path, port, path) for path in CONTROLS] == [404] * len(CONTROLS)
        assert asked(tmp_path, port, "/v1/fleet/get-run") != 404
        assert asked(tmp_path, own, CONTROLS[0]) != 404
        out = tmp_path / "run.json"
        start(started(out, RECIPE / "run.sh", tmp_path.name, tmp_path / "app", *settings))
        until(lambda: log.read_text().count("Created node_id") == len(SITES), 30)
        for site in (*SITES, STRANGER):
            node = (RECIPE / "supernode.sh", tmp_path, server, site, free_port())
            start(started(tmp_path / f"{site}.log", *node))
        until(lambda: all(model.exists() for model in models), 150)
        run = str(re.findall(r'"run-id": "?(\d+)', out.read_text())[0])
        until(lambda: status(tmp_path, run) == "finished:completed", 20)
        assert f"operator' flwr log {run} federation" in out.read_text()
        told = flwr(tmp_path, "log", run, "federation", "--show")
    report = json.loads(next(line for line in told.splitlines() if line.startswith("{")))
    assert (report["sites"], report["left"]) == (["site a", "site b", "site c"], [])
    assert not (tmp_path / f"{STRANGER}.npy").exists()
    goal = np.concatenate([toy.rows for toy in toys(3)]).mean(0)
    for model in models:
        assert np.load(model) == pytest.approx(goal, abs=2e-6)
    kept = kept_by_the_server(tmp_path)
    assert b"Created node_id" in kept
    assert b"knows" not in kept


def test_who_has_a_key_keeps_it(tmp_path: Path) -> None:
    """A later call makes what is not there; of the server once `ca.pem` is removed."""
    certify = runpy.run_path(str(RECIPE / "certificates.py"))["main"]
    certify(str(tmp_path), HOST, "north")
    (tmp_path / "north.key").unlink()  # it has moved to its site
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    certify(str(tmp_path), HOST, "north", "south")
    after = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert after.keys() == before.keys() | {"south.key", "south.pub"}
    assert before.items() <= after.items()
    (tmp_path / "ca.pem").unlink()
    certify(str(tmp_path), HOST, "north")
    anew = {file.name for file in tmp_path.iterdir() if after[file.name] != file.read_bytes()}
    assert anew == {"ca.pem", "server.pem", "server.key"}


def test_no_run_begins_where_a_site_cannot_be_let_in(tmp_path: Path) -> None:
    """It says which."""
    (tmp_path / "north.pub").write_text("no key")
    call = [str(RECIPE / "run.sh"), str(tmp_path), str(RECIPE / "app")]
    done = subprocess.run(call, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{tmp_path}/north.pub is not let in: " in done.stderr
