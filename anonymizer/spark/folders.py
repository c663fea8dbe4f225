"""Where Spark writes: a folder of Hadoop, in which nothing is lost that somebody needs."""

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from anonymizer.errors import FileError
from anonymizer.files.hive import is_of_one_table
from anonymizer.spark.failures import plainly

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_WILD: Final = re.compile(r"[*?[{]")
_WRITTEN: Final = re.compile(r".*\.parquet|_SUCCESS|\..+\.crc")  # files of a folder of Parquet


class Folder(NamedTuple):
    """A folder as Hadoop knows it, which knows all places that Spark does.

    Attributes:
        spark: the session that writes there.
        place: as somebody wrote it.
        path: its `Path` of Hadoop.
        files: the `FileSystem` of Hadoop that it is in.
    """

    spark: "SparkSession"
    place: str
    path: Any
    files: Any

    @staticmethod
    def at(spark: "SparkSession", place: str) -> "Folder":
        """The folder, which need not be there.

        Raises:
            AnonymizerError: Hadoop does not know such places, or may not go there.
        """
        # pyspark has no other way to Hadoop.
        java: Any = spark._jvm  # noqa: SLF001
        settings = spark._jsparkSession.sessionState().newHadoopConf()  # noqa: SLF001

        def known() -> "Folder":
            path = java.org.apache.hadoop.fs.Path(place)
            files = path.getFileSystem(settings)
            return Folder(spark, place, files.makeQualified(path), files)

        return plainly(known, f"{place}: finding it")

    @property
    def address(self) -> str:
        """With its scheme, as Spark tells where files are."""
        return str(self.path.toUri().toString())

    def refuse_inputs(self, df: "DataFrame", source: "Folder | None") -> None:
        """Notice an output that would replace its input, or that the next run would read as such.

        Args:
            df: what is read.
            source: where from; None where that is no folder.

        Raises:
            FileError: it would.
        """
        if any(_is_inside(file, self.address) for file in df.inputFiles()):
            raise FileError(f"{self.place}: the output is an input")
        if source is not None and _is_read(self.address, source.address):
            where = f"{self.place}: lies in {source.place}"
            raise FileError(f"{where}, where the next run would read it as input")

    @contextmanager
    def written(self, *, overwrite: bool) -> "Iterator[Folder]":
        """For as long as Spark writes: where to, which does not exist.

        Where something is there it stays until the block ends well: Spark writes beside it, and the
        folders change places. On object stores, which have no folders, moving copies. After an
        error nothing is left of what was written beside, and no empty folder.

        Raises:
            FileError: it is there and may not be replaced, holds what is no Parquet, or is a glob.
            AnonymizerError: Hadoop does not move it.
        """
        if _WILD.search(self.place):
            raise FileError(f"{self.place}: is a glob to Spark: choose a name without * ? [ and {{")
        names = plainly(self._names, f"{self.place}: looking into it")
        if names and not overwrite:
            way = "choose another name, or ask for it with --overwrite"
            raise FileError(f"{self.place}: exists already: {way}")
        if not all(map(self._is_written, names)):
            way = "which would be lost: name another folder"
            raise FileError(f"{self.place}: holds other files, {way}")
        if not names:
            self._remove_if_empty()
        new = self._beside("new") if overwrite and self.files.exists(self.path) else self
        try:
            yield new
            if new is not self:
                plainly(lambda: self._give_way(new), f"{self.place}: replacing it")
        except BaseException:
            if new is self:
                self._remove_if_empty()
            else:
                new.remove()
            raise

    def remove(self) -> None:
        """Remove what Spark wrote there, as far as that is possible."""
        with suppress(Exception):  # of Java; one of what was done before says more
            self.files.delete(self.path, True)

    def _beside(self, what: str) -> "Folder":
        """A folder of its own in the same place, hidden from Spark and from whoever looks.

        Raises:
            FileError: there is no such place.
        """
        above = self.path.getParent()
        if above is None:
            way = "nothing lies beside it to write to first: name a folder in it"
            raise FileError(f"{self.place}: is the root of a file system: {way}")
        name = f".{self.path.getName()}.{what}-{uuid.uuid4().hex[:12]}"
        return Folder.at(self.spark, f"{str(above.toString()).rstrip('/')}/{name}")

    def _give_way(self, new: "Folder") -> None:
        old = self._beside("old")
        try:
            _move(self, old)
            _move(new, self)
        except BaseException:
            if self.files.exists(old.path) and not self.files.exists(self.path):
                _move(old, self)
            raise
        old.remove()

    def _is_written(self, name: str) -> bool:
        """Whether a file could be of a table that is there, or of a job that did not end."""
        folder, _, file = name.rpartition("/")
        here = str(self.path.toString())
        ours = f"{folder}/".startswith(f"{here}/_temporary/") or is_of_one_table(here, name)
        return ours and _WRITTEN.fullmatch(file) is not None

    def _names(self) -> list[str]:
        """The files at and below it."""
        if not self.files.exists(self.path):
            return []
        found, every = list[str](), self.files.listFiles(self.path, True)
        while every.hasNext():
            found.append(str(every.next().getPath().toString()))
        return found

    def _remove_if_empty(self) -> None:
        with suppress(Exception):  # of Java: it holds something
            self.files.delete(self.path, False)


def _move(source: Folder, target: Folder) -> None:
    """To where nothing is: what is moved to a folder lands in it.

    Raises:
        FileError: Hadoop does not.
    """
    if not source.files.rename(source.path, target.path):
        raise FileError(f"{source.place}: cannot be moved to {target.place}")


def _is_inside(address: str, folder: str) -> bool:
    """Whether an address is a folder, or in it."""
    return f"{_plain(address)}/".startswith(f"{_plain(folder)}/")


def _is_read(address: str, source: str) -> bool:
    """Whether who reads a source, a folder or a glob, reads what is at an address."""
    parts, pattern = _plain(address).split("/"), _plain(source).split("/")
    least = len(pattern) + (not _WILD.search(source))
    return len(parts) >= least and all(map(fnmatchcase, parts, pattern))


def _plain(address: str) -> str:
    """An address without escapes and, on this machine, without links."""
    scheme, host, path, *_ = urlsplit(address)
    place = unquote(path)
    return f"{scheme}://{host}{os.path.realpath(place) if scheme == 'file' else place}"
