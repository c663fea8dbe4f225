"""A folder of masked tables that changes night by night, and is exchanged as a whole each time.

A table that grows is a folder of Parquet files. Those that no row leaves are linked into the new
folder, not copied. Rows that come make a file with those of others that are as small, so that there
are few files however many nights there were, and most rows do not stand with those of their night.
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
from anonymizer.stores.table import NIGHT, Change, Table

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

    def tables(self) -> dict[str, Table]:
        """None: files declare nothing."""
        return {}

    def night(self) -> str | None:
        """The id of the last night; a folder that a killed run took away comes back first.

        Raises:
            FileError: it holds something else, which would be lost.
        """
        with hidden_folder(self.folder), suppress(FileNotFoundError, ValueError, KeyError):
            said = json.loads((self.folder / _MARK).read_text("utf-8"))
            there = {each.name for each in self.folder.iterdir()}
            if others := there - {_MARK, *said.get("holds", there)}:
                way = "name another folder, or remove it"
                raise FileError(f"{self.place}: holds {min(others)} as well: {way}")
            return str(said["id"])
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
            said = {"id": after, "holds": sorted(each.name for each in new.iterdir())}
            (new / _MARK).write_text(json.dumps(said), "utf-8")
            if self.folder.is_dir():
                new.chmod(stat.S_IMODE(self.folder.stat().st_mode))
            if self.night() != before:
                raise FileError(f"{self.place}: another run came between: run again")


def _grown(old: Path, new: Path, change: Change) -> None:
    """The files of a table after a night."""
    new.mkdir()
    files = [Path(str(file)) for file in TableFiles.at(old).files]
    leaving, came = _leaving(change), change.rows.scan()
    left, comes = _left(files, leaving), _rows(came)
    small = set(_small(files, comes))
    stamp = footer(change.rows.files[0])
    for file in sorted({*files} - small):
        if file in left:
            _write(_staying([file], leaving), new, stamp)
        else:
            _link(file, new / file.name)
    if comes or small:
        _write([*_staying(sorted(small), leaving), came], new, stamp)


def _staying(files: list[Path], leaving: pl.DataFrame | None) -> list[pl.LazyFrame]:
    """The rows of each file that stay."""
    rows = [pl.scan_parquet(file, glob=False) for file in files]
    if leaving is None:
        return rows
    return [each.join(leaving.lazy(), on=leaving.columns, how="anti") for each in rows]


def _write(parts: list[pl.LazyFrame], folder: Path, said: dict[str, str]) -> None:
    """Rows as a file of their own, in no order, with what the footers of night say."""
    target = folder / f"{uuid.uuid4().hex}.parquet"
    stamp = {name: text for name, text in said.items() if not name.startswith("ARROW:")}
    in_no_order = pl.concat(parts).sort(pl.struct(pl.all()).hash())
    TableFiles(target, target, "Parquet").write(in_no_order, target, stamp)


def _leaving(change: Change) -> pl.DataFrame | None:
    """The keys of rows that go; None where rows are only added."""
    if change.gone is None or not change.key:
        return None
    key = list(change.key)
    return pl.concat([change.gone.select(key), collect(change.rows.scan().select(key))])


def _left(files: list[Path], leaving: pl.DataFrame | None) -> set[Path]:
    """The files that rows leave."""
    if leaving is None or leaving.is_empty():
        return set()
    rows = pl.scan_parquet(files, glob=False, include_file_paths=_FILE)
    left = rows.join(leaving.lazy(), on=leaving.columns, how="semi").select(_FILE).unique()
    return {Path(file) for file in collect(left).to_series()}


def _small(files: list[Path], rows: int) -> Iterator[Path]:
    """The files that are no larger than what is written anyway, or not by much."""
    size = {file: _rows(pl.scan_parquet(file, glob=False)) for file in files}
    for file in sorted(files, key=lambda file: size[file]):
        if size[file] > _SMALL * rows:
            return
        rows += size[file]
        yield file


def _rows(some: pl.LazyFrame) -> int:
    return int(collect(some.select(pl.len())).item())


def _link(file: Path, target: Path) -> None:
    """The file under another name; a copy where the system knows no links."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copy2(file, target)
