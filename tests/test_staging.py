"""What is written: whole or not at all, together, swept after a kill, and to nobody new."""

import json
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import staging
from anonymizer.errors import FileError
from anonymizer.files.sources import scan
from anonymizer.files.table_files import TableFiles, sink
from anonymizer.masking.run.files import mask_file, reveal_file
from anonymizer.masking.run.rotation import rotate_keys
from anonymizer.staging import at_once, no_wider_than, staged

SECRET = "0123456789abcdef-of-the-tests"
RULES: dict[str, Any] = {"version": 1, "columns": {"who": "encrypt", "*": "keep"}}
FRAME = pl.DataFrame({"who": ["Ann", "Bo"], "paid": [1, 2]})
posix = pytest.mark.skipif(os.name != "posix", reason="modes and locks are those of POSIX")


def names(folder: Path) -> list[str]:
    """What is in a folder, hidden too."""
    return sorted(each.name for each in folder.iterdir())


# --- together --------------------------------------------------------------------------------


def test_what_is_staged_together_appears_together(tmp_path: Path) -> None:
    """Nothing is there before the block ends, and nothing at all after an error."""
    with at_once():
        for name in ("a", "b"):
            with staged(tmp_path / name) as temporary:
                temporary.write_text(name)
        assert not (tmp_path / "a").exists()
    assert names(tmp_path) == ["a", "b"]
    with pytest.raises(FileNotFoundError), at_once():
        (tmp_path / "absent").rename(fill(tmp_path / "a"))
    assert (tmp_path / "a").read_text() == "a"
    assert names(tmp_path) == ["a", "b"]


def test_what_is_staged_in_what_is_staged_leaves_nothing_there(tmp_path: Path) -> None:
    """The hidden folder of a part does not move along with the whole; a second time neither."""
    for text in ("old", "new"):
        with staged(tmp_path / "whole") as temporary:
            (temporary / "in").mkdir(parents=True)
            fill(temporary / "part", text)
            fill(temporary / "in" / "part", text)
        assert names(tmp_path) == ["whole"]
        assert names(tmp_path / "whole") == ["in", "part"]
        assert names(tmp_path / "whole" / "in") == ["part"]
        assert (tmp_path / "whole" / "part").read_text() == text


def fill(target: Path, text: str = "new") -> Path:
    """Stage some text."""
    with staged(target) as temporary:
        temporary.write_text(text)
    return target


def test_a_manifest_appears_with_its_output(tmp_path: Path, monkeypatch: Any) -> None:
    """If the rules cannot be written, the old manifest stays beside the old output."""
    FRAME.write_parquet(tmp_path / "in.parquet")
    files: dict[str, Any] = {"manifest": tmp_path / "m.json", "fitted": tmp_path / "f.json"}
    mask_file(tmp_path / "in.parquet", tmp_path / "out.parquet", RULES, key=SECRET, **files)
    old = {file: file.read_bytes() for file in tmp_path.iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("anonymizer.masking.rules.rules.Rules.write", full)
    with pytest.raises(OSError, match="No space"):
        mask_file(
            tmp_path / "in.parquet",
            tmp_path / "out.parquet",
            RULES,
            key=SECRET + "2",
            overwrite=True,
            **files,
        )
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == old


def test_a_second_interruption_does_not_stop_the_removal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Polars and Python each raise one for the same signal."""
    remove, raised = staging._remove, list[Path]()

    def interrupted(folder: Path) -> None:
        if not raised:
            raised.append(folder)
            raise KeyboardInterrupt
        remove(folder)

    monkeypatch.setattr(staging, "_remove", interrupted)
    with pytest.raises(KeyboardInterrupt), staged(tmp_path / "a"):
        raise KeyboardInterrupt
    assert len(raised) == 1
    assert names(tmp_path) == []


# --- in place of what was there --------------------------------------------------------------


def test_a_reader_always_finds_the_old_or_the_new_folder(tmp_path: Path) -> None:
    """Whoever looks all the time never finds it gone."""
    if not staging._exchange(*two_folders(tmp_path)):
        pytest.skip("this system cannot exchange folders")  # pragma: no cover
    target, gone, done = tmp_path / "out", [], threading.Event()
    target.mkdir()
    (target / "part").write_text("0")

    def look() -> None:
        while not done.is_set():
            try:
                (target / "part").read_text()
            except OSError:
                gone.append(1)

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(200):
        with staged(target) as temporary:
            temporary.mkdir()
            (temporary / "part").write_text(str(number))
    done.set()
    reader.join()
    assert gone == []
    assert (target / "part").read_text() == "199"


def two_folders(folder: Path) -> tuple[Path, Path]:
    """Two empty folders."""
    for name in ("one", "other"):
        (folder / name).mkdir()
    return folder / "one", folder / "other"


def test_without_an_exchange_a_folder_is_replaced_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On systems that have none, in two steps; the old one comes back if the second fails."""
    monkeypatch.setattr(staging, "_exchange", lambda *_: False)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").touch()
    with staged(tmp_path / "out") as temporary:
        temporary.mkdir()
    assert names(tmp_path / "out") == []
    (tmp_path / "out" / "old").touch()
    with pytest.raises(OSError, match="No such file"), staged(tmp_path / "out"):
        pass
    assert names(tmp_path / "out") == ["old"]
    assert names(tmp_path) == ["out"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    """What it leads to is replaced, and the link stays; linked inputs and folders are read."""
    (tmp_path / "far").mkdir()
    sink(FRAME.lazy(), tmp_path / "far" / "a.parquet")
    (tmp_path / "link.parquet").symlink_to("far/a.parquet")
    sink(FRAME[:1].lazy(), tmp_path / "link.parquet", overwrite=True)
    assert (tmp_path / "link.parquet").is_symlink()
    assert scan(tmp_path / "far" / "a.parquet").collect().height == 1
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "linked").symlink_to(tmp_path / "far")
    (tmp_path / "near" / "back").symlink_to(tmp_path / "near")
    assert TableFiles.at(tmp_path / "near").files == (tmp_path / "near" / "linked" / "a.parquet",)
    with pytest.raises(FileError, match="the output is an input"):
        mask_file(tmp_path / "far" / "a.parquet", tmp_path / "link.parquet", RULES, overwrite=True)
    (tmp_path / "nowhere.parquet").symlink_to("absent.parquet")
    with pytest.raises(FileError, match="a link that leads to nothing"):
        scan(tmp_path / "nowhere.parquet")


@pytest.mark.parametrize(
    ("pattern", "target"),
    [
        ("*.parquet", "out.parquet"),
        ("**/*.parquet", "deep/out.parquet"),
        ("deep/../*.parquet", "out.parquet"),
        ("[a-o]*.parquet", "out.parquet"),
        ("**/*.parquet", "out"),
        ("*/*.parquet", "out"),
        ("linked/*.parquet", "deep/out.parquet"),
    ],
)
def test_a_glob_never_finds_the_output(tmp_path: Path, pattern: str, target: str) -> None:
    """Before it is there: the second run would read what the first one wrote."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "linked").symlink_to("deep")
    for name in ("a.parquet", "b.parquet", "deep/c.parquet"):
        FRAME.write_parquet(tmp_path / name)
    with pytest.raises(FileError, match="where the next run would read it as input"):
        mask_file(tmp_path / pattern, tmp_path / target, RULES, key=SECRET)
    mask_file(tmp_path / pattern, tmp_path / "out.csv", RULES, key=SECRET)


def test_a_folder_with_a_log_is_not_ours(tmp_path: Path) -> None:
    """Hidden files would be lost with it: those of a Delta table tell which of the rest live."""
    (tmp_path / "raw").mkdir()
    FRAME.write_parquet(tmp_path / "raw" / "a.parquet")
    (tmp_path / "out" / "_delta_log").mkdir(parents=True)
    FRAME.write_parquet(tmp_path / "out" / "a.parquet")
    (tmp_path / "out" / "_delta_log" / "0.json").touch()
    with pytest.raises(FileError, match="holds other files"):
        mask_file(tmp_path / "raw", tmp_path / "out", RULES, key=SECRET, overwrite=True)


def test_a_folder_with_other_tables_is_not_ours(tmp_path: Path) -> None:
    """They would be lost with it: a table of ours has folders for its partitions alone."""
    for name in ("raw/a", "out/orders/a", "out/people/a"):
        (tmp_path / name).parent.mkdir(parents=True)
        FRAME.write_parquet(tmp_path / f"{name}.parquet")
    with pytest.raises(FileError, match="holds other files"):
        mask_file(tmp_path / "raw", tmp_path / "out", RULES, key=SECRET, overwrite=True)
    assert len(list((tmp_path / "out").rglob("*.parquet"))) == 2


# --- killed runs -----------------------------------------------------------------------------

_STAGES = """
import sys, time
from pathlib import Path
from anonymizer.staging import staged
with staged(Path(sys.argv[1])) as temporary:
    temporary.write_text("half")
    print("there", flush=True)
    time.sleep(600)
"""


def staging_process(target: Path) -> "subprocess.Popen[str]":
    """A process that has half of a file and waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", _STAGES, str(target)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    return process


@posix
def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path: Path) -> None:
    """And what a living one has, and what only looks alike, is not."""
    killed, alive = (staging_process(tmp_path / name) for name in ("a", "b"))
    killed.kill()
    killed.communicate()
    before = names(tmp_path)
    (tmp_path / ".b.anonymizer-of-mine").mkdir()
    with staged(tmp_path / "c") as temporary:
        temporary.touch()
    after = names(tmp_path)
    alive.kill()
    alive.communicate()
    assert [name[:14] for name in before] == [".a.anonymizer-", ".b.anonymizer-"]
    assert after == [before[1], ".b.anonymizer-of-mine", "c"]


@posix
def test_what_a_killed_run_had_moved_away_comes_back(tmp_path: Path) -> None:
    """Where folders cannot be exchanged, a kill may come between the two steps."""
    away = tmp_path / ".out.anonymizer-0123456789ab" / "out.anonymizer-old"
    away.mkdir(parents=True)
    (away / "part").write_text("old")
    with staged(tmp_path / "other") as temporary:
        temporary.touch()
    assert names(tmp_path) == ["other", "out"]
    assert (tmp_path / "out" / "part").read_text() == "old"


# --- signals ---------------------------------------------------------------------------------


def slow_mask(folder: Path) -> "subprocess.Popen[str]":
    """The command, at work on a file for long; it has begun to write."""
    people = pl.DataFrame({"who": [f"person {n}" for n in range(300_000)]})
    people.with_columns(paid=pl.lit(1)).write_parquet(folder / "in.parquet")
    (folder / "r.json").write_text(json.dumps(RULES))
    (folder / "out.parquet").write_text("old")
    call = "mask in.parquet out.parquet --rules r.json --overwrite"
    # As a terminal starts it: a run of the tests under `nohup` would ignore HUP, and so would it.
    script = (
        "import signal, sys\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "from anonymizer.cli import main\n"
        "sys.exit(main())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, *call.split()],
        cwd=folder,
        env=os.environ | {"ANONYMIZER_KEY": SECRET},
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not list(folder.glob(".*anonymizer-*/*")):
        time.sleep(0.01)
    return process


@posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_leaves_nothing(tmp_path: Path, name: str) -> None:
    """While Polars works: the old output is there, nothing else, and the status says why."""
    number = getattr(signal, name)
    with slow_mask(tmp_path) as process:
        process.send_signal(number)
        said = process.communicate()[1]
    assert process.returncode == 128 + number
    assert said.splitlines()[-1] == "anonymizer: interrupted; no output was written"
    assert names(tmp_path) == ["in.parquet", "out.parquet", "r.json"]
    assert (tmp_path / "out.parquet").read_text() == "old"


@posix
def test_what_a_shell_ignores_stays_ignored(tmp_path: Path) -> None:
    """`nohup anonymizer` goes on when the terminal closes."""
    script = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from anonymizer.stopping import stopping_cleanly\n"
        "with stopping_cleanly(lambda: None):\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
        "print('done')"
    )
    run = [sys.executable, "-c", script]
    assert (
        subprocess.run(run, check=True, capture_output=True, text=True, cwd=tmp_path).stdout
        == "done\n"
    )


def test_handlers_are_as_before_afterwards() -> None:
    """Whoever calls the command from Python keeps their own."""
    from anonymizer.cli import main

    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    assert main(["--version"]) == 0
    assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)] == before
    assert signal.set_wakeup_fd(-1) == -1


# --- who may read ----------------------------------------------------------------------------


def mode(path: Path) -> int:
    """The bits of who may do what."""
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_nobody_new_may_read_what_was_made_of_a_private_file(tmp_path: Path) -> None:
    """Output, manifest and rules of a source with mode 600 are 600, of others as usual."""
    FRAME.write_parquet(tmp_path / "in.parquet")
    files: dict[str, Any] = {name: tmp_path / f"{name}.json" for name in ("manifest", "fitted")}
    usual = 0o666 & ~umask()
    for source, expected in ((0o644, usual & 0o644), (0o600, 0o600), (0o400, 0o600)):
        (tmp_path / "in.parquet").chmod(source)
        for target in ("out.parquet", "out.csv"):
            mask_file(
                tmp_path / "in.parquet",
                tmp_path / target,
                RULES,
                key=SECRET,
                overwrite=True,
                **files,
            )
            assert {mode(each) for each in (tmp_path / target, *files.values())} == {expected}


def umask() -> int:
    """The bits that new files do not get."""
    bits = os.umask(0o022)
    os.umask(bits)
    return bits


@posix
def test_what_reveals_is_for_its_owner(tmp_path: Path) -> None:
    """Revealed files and folders, and maps of tokens, whatever the modes of their sources."""
    (tmp_path / "raw").mkdir()
    FRAME.write_parquet(tmp_path / "raw" / "a.parquet")
    mask_file(tmp_path / "raw", tmp_path / "masked", RULES, key=SECRET)
    reveal_file(tmp_path / "masked", tmp_path / "back", RULES, key=SECRET)
    assert mode(tmp_path / "back") == 0o700
    assert {mode(file) for file in (tmp_path / "back").iterdir()} == {0o600}
    keys: dict[str, Any] = {"old_key": SECRET, "new_key": SECRET + "2"}
    rotate_keys(tmp_path / "raw", tmp_path / "map.parquet", RULES, **keys)
    assert mode(tmp_path / "map.parquet") == 0o600


@posix
def test_a_private_file_stays_private_when_it_is_replaced(tmp_path: Path) -> None:
    """And half of a file is nobody else's meanwhile."""
    (tmp_path / "a").touch(mode=0o600)
    with staged(tmp_path / "a") as temporary:
        assert mode(temporary.parent) == 0o700
        temporary.write_text("new")
    assert mode(tmp_path / "a") == 0o600
    with no_wider_than(mode=0o640), staged(tmp_path / "b") as temporary:
        temporary.mkdir()
        (temporary / "part").touch(mode=0o644)
    assert (mode(tmp_path / "b") & 0o077, mode(tmp_path / "b" / "part") & 0o037) == (0o050, 0)


def test_two_processes_write_beside_each_other(tmp_path: Path) -> None:
    """Neither sweeps what the other has."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        pool.map(_write_many, [tmp_path / "a", tmp_path / "b"])
    assert names(tmp_path) == ["a", "b"]


def _write_many(target: Path) -> None:
    for number in range(50):
        with staged(target) as temporary:
            temporary.write_text(str(number))
