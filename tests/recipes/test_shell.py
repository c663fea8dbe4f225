"""cron and a container: locked, quiet, without root, network and a way to write to raw data."""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tests.recipes.programs import HERE, run
from tests.recipes.room import KEY, RECIPES, furnish, traces
from tests.skipping import without

BIN = Path(sys.prefix) / "bin"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Raw orders, a folder for masked ones, and the key in a file of its owner."""
    furnish(tmp_path)
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "key").chmod(0o600)
    return tmp_path


def nightly(room: Path) -> tuple[int, str]:
    """Run the line of the crontab for this room; its exit status, and what cron would mail."""
    if not shutil.which("flock"):
        without("flock")
    line = (RECIPES / "crontab").read_text().splitlines()[-1]
    minute, hour, *_days, command = line.split(maxsplit=5)
    assert (int(minute) < 60, int(hour) < 24, "%" in command) == (True, True, False)
    command = command.replace("/opt/anonymizer/recipes", str(RECIPES))
    done = run("sh", "-c", command.replace("/srv/orders", str(room)), programs=BIN, key="")
    return done.returncode, done.stdout + done.stderr


def test_a_good_night_says_nothing(room: Path) -> None:
    """Nothing is mailed, and a second run takes the place of the first."""
    assert [nightly(room), nightly(room)] == [(0, ""), (0, "")]
    assert len(pl.read_parquet(room / "masked" / "orders.parquet")) == 400
    assert traces(room / "masked", room / "last.log", room / "lock") == set()


def test_a_bad_night_is_one_line_without_a_value(room: Path) -> None:
    """The status says that rules or data are wrong; the file of the night before stays."""
    nightly(room)
    before = (room / "masked" / "orders.parquet").read_bytes()
    furnish(room, bad=True)
    said = "anonymizer: raw/orders.csv, line 323: column 'amount', row 322: this is no float\n"
    assert nightly(room) == (2, said)
    assert (room / "masked" / "orders.parquet").read_bytes() == before
    assert traces(room / "last.log") == set()


def test_a_night_waits_for_nobody(room: Path) -> None:
    """While the run before goes on, nothing is done, and the status is one of its own."""
    with (room / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = "nightly: the run before still goes on; nothing was done\n"
        assert nightly(room) == (75, said)
    assert list((room / "masked").iterdir()) == []


PROBE = """#!/bin/sh
exec > /masked/probe 2>/dev/null
echo user $(id -u), networks $(sed -n 's/:.*//p' /proc/net/dev)
echo capabilities $(sed -n 's/CapBnd://p' /proc/self/status)
for file in /x /raw/x /packages/x /run/secrets/key; do touch $file && echo writable $file; done
[ -r /raw/orders.csv ] && [ -r /run/secrets/key ] && echo readable
"""


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    """A folder that the stand-in for docker takes for an image; its pip is uv, which is faster."""
    asked = ["unshare", "--mount", "--net", "mount", "-t", "tmpfs", "none", str(tmp_path)]
    if not shutil.which("unshare"):
        without("unshare")
    if os.geteuid() or subprocess.run(asked, check=False, capture_output=True).returncode:
        pytest.skip("namespaces need rights that this machine does not give")
    folder = tmp_path / "image"
    folder.mkdir()
    (folder / "python").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    shutil.copy(BIN / "uv", folder)
    way = [f"{name}={os.environ[name]}" for name in ("SSL_CERT_FILE",) if name in os.environ]
    uv = shlex.join(["env", *way, "UV_CACHE_DIR=/tmp/uv", "uv", "pip"])
    (folder / "pip").write_text(f'#!/bin/sh\nexec {uv} "$@"\n')
    (folder / "pip").chmod(0o755)
    yield folder
    for made in (folder, tmp_path / "packages"):  # half a gigabyte
        shutil.rmtree(made, ignore_errors=True)


def container(room: Path, image: Path) -> subprocess.CompletedProcess[str]:
    """Run the recipe with the stand-in for docker."""
    command = ("env", f"IMAGE={image}", RECIPES / "container.sh", room)
    return run(*command, programs=f"{HERE}:{BIN}", key="")


def test_a_container_masks_and_can_do_nothing_else(room: Path, image: Path) -> None:
    """It has no root, no network, no capabilities; raw data and the key can be read alone."""
    wheels = ("--wheel", "--out-dir", room / "wheels")
    subprocess.run([BIN / "uv", "build", "--quiet", *wheels, RECIPES.parents[1]], check=True)
    for place in (room / "masked", room / "key"):
        os.chown(place, 10001, 10001)
    done = container(room, image)
    assert done.returncode == 0, done.stderr
    assert len(pl.read_parquet(room / "masked" / "orders.parquet")) == 400
    assert traces(room / "masked") == set()
    (image / "python").unlink()
    (image / "python").write_text(PROBE)
    (image / "python").chmod(0o755)
    container(room, image)
    assert (room / "masked" / "probe").read_text().splitlines() == [
        "user 10001, networks lo",
        "capabilities 0000000000000000",
        "readable",
    ]
