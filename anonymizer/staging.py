"""Writing: files appear whole or not at all, together, and to nobody who may not read the sources.

What is written lies in a hidden folder beside its target until all of it is there. A run that was
killed leaves that folder, and the next run beside it removes it: as long as its process lives, the
folder is locked.
"""

import ctypes
import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from anonymizer.errors import FileError
from anonymizer.storage import Address, address_of, name_of, upload

_locks: Any = None
with suppress(ImportError):  # Windows has none
    import fcntl as _locks

REMOVALS: Final = 20  # tries to remove a folder into which a failed sink still writes
_HIDDEN: Final = re.compile(r"\..*\.anonymizer-[0-9a-f]{12}")
_OLD: Final = ".anonymizer-old"
_NAME: Final = 100  # characters of a target's name in that of its folder; 255 bytes are allowed
_OWNER: Final = 0o700
_AT_FDCWD: Final = -100  # of Linux: paths are relative to the current folder
_RENAME_EXCHANGE: Final = 2

_moving = threading.RLock()  # held while files move; `abandon` takes it for good
_folders: set[Path] = set()  # hidden ones of this process


@dataclass
class _Staged:
    """What waits to appear: the hidden folders, and which path in them becomes which target."""

    folders: ExitStack
    moves: list[tuple[Path, Address]] = field(default_factory=list)


_together: ContextVar[_Staged | None] = ContextVar("together", default=None)
_allowed: ContextVar[int] = ContextVar("allowed", default=0o777)


@contextmanager
def staged(target: Address) -> Iterator[Path]:
    """A local path in a hidden folder; what is there becomes the target when the block ends well.

    The folder lies beside a local target; a link is followed. For an object it lies among the
    temporary files, and what is in it is uploaded at the end. After an error nothing is left of it,
    and a target that was there before is untouched. Inside another such block, or `at_once`, it
    appears with the others.
    """
    address = address_of(target)
    if isinstance(address, Path) and address.is_symlink():
        address = address.resolve()
    with at_once() as waiting:
        folder = waiting.folders.enter_context(hidden_folder(address))
        temporary = folder / name_of(address)
        yield temporary
        if isinstance(address, Path):
            narrow(temporary, address)
        waiting.moves.append((temporary, address))


def write_json(target: Address, content: object, *, indent: int = 2) -> str:
    """Write plain values as JSON; the file appears whole or not at all.

    Returns:
        The SHA-256 of the file.
    """
    text = json.dumps(content, ensure_ascii=False, indent=indent) + "\n"
    with staged(target) as temporary:
        temporary.write_bytes(text.encode())
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def at_once() -> Iterator[_Staged]:
    """What is staged inside appears together when the block ends well, and else nothing of it."""
    outer = _together.get()
    if outer is not None:
        yield outer
        return
    with ExitStack() as folders:
        waiting = _Staged(folders)
        token = _together.set(waiting)
        try:
            yield waiting
        finally:
            _together.reset(token)
        _carry_out(waiting)


def _carry_out(waiting: _Staged) -> None:
    """Uploads take their time and come first; then files move, and no signal comes between."""
    upload([(temporary, each) for temporary, each in waiting.moves if isinstance(each, str)])
    with _moving:
        for temporary, address in waiting.moves:
            if isinstance(address, Path):
                address.parent.mkdir(parents=True, exist_ok=True)
                _move(temporary, address)


def _move(temporary: Path, target: Path) -> None:
    """Whoever looks meanwhile sees the old or the new one."""
    if not target.is_dir():
        os.replace(temporary, target)  # noqa: PTH105 (atomic, and the name says so)
        return
    if _exchange(temporary, target):
        return
    old = temporary.with_name(f"{temporary.name}{_OLD}")
    target.rename(old)
    try:
        temporary.rename(target)
    except OSError:
        old.rename(target)
        raise


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system has no such step."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    paths = [ctypes.c_char_p(os.fsencode(path)) for path in (one, other)]
    return bool(rename(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)


# --- hidden folders --------------------------------------------------------------------------


@contextmanager
def hidden_folder(address: Address) -> Iterator[Path]:
    """A folder beside a local address, else among the temporary files; gone when the block ends."""
    beside = address.parent if isinstance(address, Path) else Path(tempfile.gettempdir())
    while not beside.is_dir() and beside != beside.parent:  # it is made when all is written
        beside = beside.parent
    # In what is staged itself it would move along, and stay.
    beside = next((outer for outer in beside.parents if outer in _folders), beside)
    _sweep(beside)
    with _moving:
        folder, lock = _made(beside, name_of(address))
        _folders.add(folder)
    try:
        yield folder
    finally:
        _surely_remove(folder)
        _folders.discard(folder)
        if lock is not None:
            os.close(lock)


def _made(beside: Path, name: str) -> tuple[Path, int | None]:
    """A new folder and its lock; None where the file system has no locks, and nobody sweeps."""
    while True:
        folder = beside / f".{name[:_NAME]}.anonymizer-{uuid.uuid4().hex[:12]}"
        folder.mkdir(mode=_OWNER)
        try:
            lock = _locked(folder)
        except (BlockingIOError, FileNotFoundError):
            continue  # another run came between and takes it for one that a killed run left
        except OSError:
            return folder, None
        if folder.is_dir():
            return folder, lock
        os.close(lock)


def _locked(folder: Path) -> int:
    """A lock on a folder that ends with the process.

    Raises:
        BlockingIOError: another process has it.
        OSError: there are no locks here.
    """
    if _locks is None:
        raise OSError
    handle = os.open(folder, os.O_RDONLY)
    try:
        _locks.flock(handle, _locks.LOCK_EX | _locks.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Work in a folder as the only run that does; where there are no locks, as if.

    Raises:
        FileError: another run works in it.
    """
    lock = None
    try:
        lock = _locked(folder)
    except BlockingIOError:
        raise FileError(f"{folder}: another run works with it: wait for its end") from None
    except OSError:
        pass
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _sweep(beside: Path) -> None:
    """Remove what killed runs left here. What it was in place of comes back, where it is gone."""
    for folder in beside.glob(".*.anonymizer-*"):
        if not _HIDDEN.fullmatch(folder.name) or folder.is_symlink() or folder in _folders:
            continue
        with suppress(OSError):  # its run lives, it is of somebody else, or another run removes it
            lock = _locked(folder)
            for old in folder.glob(f"*{_OLD}"):
                if not (target := beside / old.name.removesuffix(_OLD)).exists():
                    old.rename(target)
            _remove(folder)
            os.close(lock)


def _surely_remove(folder: Path) -> None:
    """Polars 2.1.0 raises KeyboardInterrupt, and Python once more, likely while this runs."""
    try:
        _remove(folder)
    except KeyboardInterrupt:
        _remove(folder)
        raise


def _remove(folder: Path) -> None:
    """Remove a folder, whatever still appears in it.

    A sink of Polars that failed may go on for a moment: in one of twenty failures it creates its
    file after the error was raised (2.1.0). Without its folder it cannot.
    """
    for _ in range(REMOVALS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
    shutil.rmtree(folder)


def abandon() -> None:
    """Remove what is half written. Nothing can be staged afterwards: the process must end."""
    _moving.acquire()
    for folder in list(_folders):
        _remove(folder)


# --- who may read ----------------------------------------------------------------------------


@contextmanager
def no_wider_than(*sources: Address, mode: int = 0o777) -> Iterator[None]:
    """What appears inside may be read by nobody who may not read these files.

    Args:
        sources: files; objects have no mode.
        mode: bits that are allowed at most.
    """
    token = _allowed.set(_allowed.get() & mode & common_mode(sources))
    try:
        yield
    finally:
        _allowed.reset(token)


def common_mode(files: Iterable[Address]) -> int:
    """The bits that the modes of all files have; objects have no mode."""
    mode = 0o777
    for file in files:
        if isinstance(file, Path):
            mode &= stat.S_IMODE(file.stat().st_mode)
    return mode


def narrow(written: Path, target: Path | None = None) -> None:
    """Take away what sources, or a file that is replaced, do not allow."""
    allowed = _allowed.get()
    if target and target.is_file():
        allowed &= stat.S_IMODE(target.stat().st_mode)
    enter = allowed | (allowed & 0o444) >> 2  # who reads a folder enters it
    for path in (written, *written.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode & ((enter if path.is_dir() else allowed) | _OWNER))
