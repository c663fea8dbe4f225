"""A folder of masked tables that changes night by night, and is exchanged as a whole each time.

A table that grows is a folder of Parquet files. What a night does not touch is linked into the new
folder, not copied; rows that stay of a file that others leave go into a new one with those that
come. Small files are written anew with them, so that there are few however many nights there were,
and most rows do not stand with those of their night.
"""

import json
import os
import shutil
import stat
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from anonymizer.errors import FileError
from anonymizer.files.footers import footer
from anonymizer.files.table_files import TableFiles
from anonymizer.frames import collect
from anonymizer.staging import hidden_folder, staged
from anonymizer.stores.table import NIGHT, Change

_MARK: Final = f"_{NIGHT}.json"  # readers of tables pass over what begins so
_FILE: Final = "\0file"
_SMALL: Final = 2  # times the rows that are written anyway


@dataclass(frozen=True)
class NightlyFolder:
    """A local folder that holds masked tables and the id of their night, and nothing else."""

    folder: Path

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    def night(self) -> str | None:
        """The id of the last night; a folder that a killed run took away comes back first.

        Raises:
            FileError: it holds something, and no such id.
        """
        with hidden_folder(self.folder), suppress(FileNotFoundError, ValueError, KeyError):
            return str(json.loads((self.folder / _MARK).read_text("utf-8"))["id"])
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            what = "holds what is of no night: name another folder, or remove it"
            raise FileError(f"{self.place}: {what}")
        return None

    def scan(self, table: str) -> pl.LazyFrame:
        """The rows of a table that grows."""
        return TableFiles.at(self.folder / table).scan()

    def change(self, changes: Mapping[str, Change], before: str | None, after: str) -> None:
        """Exchange the folder; see `Nightly.change`."""
        with staged(self.folder) as new:
            new.mkdir()
            for name, change in changes.items():
                if change.gone is None:
                    shutil.move(str(change.rows.address), new)
                else:
                    _grown(self.folder / name, new / name, change)
            (new / _MARK).write_text(json.dumps({"id": after}), "utf-8")
            if self.folder.is_dir():
                new.chmod(stat.S_IMODE(self.folder.stat().st_mode))
            if self.night() != before:
                raise FileError(f"{self.place}: another run came between: run again")


def _grown(old: Path, new: Path, change: Change) -> None:
    """The files of a table after a night."""
    new.mkdir()
    comes = collect(change.rows.scan().select(pl.len())).item()
    leaving = _leaving(change)
    files = [Path(str(file)) for file in TableFiles.at(old).files]
    anew = set(_anew(files, leaving, comes))
    for file in files:
        if file not in anew:
            _link(file, new / file.name)
    if not anew and not comes:
        return
    stay = pl.scan_parquet(sorted(anew), glob=False) if anew else None
    if stay is not None and leaving is not None:
        stay = stay.join(leaving.lazy(), on=change.key, how="anti")
    came = change.rows.scan()
    rows = came if stay is None else pl.concat([stay, came])
    target = new / f"{uuid.uuid4().hex}.parquet"
    said = footer(change.rows.files[0])
    stamp = {name: text for name, text in said.items() if not name.startswith("ARROW:")}
    in_no_order = rows.sort(pl.struct(pl.all()).hash())
    TableFiles(target, target, "Parquet").write(in_no_order, target, stamp)


def _leaving(change: Change) -> pl.DataFrame | None:
    """The keys of rows that go; None where rows are only added."""
    if change.gone is None or not change.key:
        return None
    key = list(change.key)
    return pl.concat([change.gone.select(key), collect(change.rows.scan().select(key))])


def _anew(files: list[Path], leaving: pl.DataFrame | None, comes: int) -> Iterator[Path]:
    """The files that are written anew: which rows leave, and small ones beside what is written."""
    left = set[str]()
    if leaving is not None and len(leaving):
        rows = pl.scan_parquet(files, glob=False, include_file_paths=_FILE)
        hit = rows.join(leaving.lazy(), on=leaving.columns, how="semi").select(_FILE).unique()
        left = set(collect(hit).to_series())
    sizes = {
        file: collect(pl.scan_parquet(file, glob=False).select(pl.len())).item() for file in files
    }
    written = comes
    for file in sorted(files, key=lambda file: (str(file) not in left, sizes[file])):
        if str(file) in left or (written and sizes[file] <= _SMALL * written):
            written += sizes[file]
            yield file


def _link(file: Path, target: Path) -> None:
    """The file under another name; a copy where the system knows no links."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copy2(file, target)
