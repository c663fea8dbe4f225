"""Connections to a SQLite file, and what fails in them without the values that SQLite quotes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection, Error, connect
from typing import Final
from urllib.parse import quote

from anonymizer.errors import DataError, FileError

_TWICE: Final = "keys come twice: choose a mask that keeps different values different"
_REFUSED: Final = {
    "SQLITE_CONSTRAINT_UNIQUE": _TWICE,
    "SQLITE_CONSTRAINT_PRIMARYKEY": _TWICE,
    "SQLITE_CONSTRAINT_ROWID": _TWICE,
    "SQLITE_CONSTRAINT_NOTNULL": "there are nulls, which it refuses",
    "SQLITE_CONSTRAINT_CHECK": "a check refuses some rows: choose masks that keep to it",
    "SQLITE_CONSTRAINT_DATATYPE": "values are none of the type of their column",
}
_STOPS: Final = {
    "SQLITE_NOTADB": "it is no file of SQLite, or an encrypted one",
    "SQLITE_BUSY": "another process writes to it: wait for its end",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_CANTOPEN": "it cannot be opened: its folder must be writable where it has a -wal",
}


def connected(file: Path) -> Connection:
    """A connection that only reads, in one snapshot, with what a `-wal` beside the file holds."""
    uri = f"file:{quote(str(file.absolute()))}?mode=ro"
    connection = connect(uri, uri=True, check_same_thread=False, isolation_level=None)
    connection.execute("BEGIN")
    return connection


@contextmanager
def plainly(place: str, doing: str) -> Iterator[None]:
    """Errors of SQLite as one line.

    Raises:
        DataError: a constraint refuses rows, or text is in no encoding.
        FileError: all else.
    """
    try:
        yield
    except Error as error:
        kind = getattr(error, "sqlite_errorname", None)
        if kind in _REFUSED:
            why = f"{_REFUSED[kind]}; nothing was written"
            raise DataError(f"{place}: {doing}: {why}") from None
        if kind is None and "decode" in str(error):
            what = "text is not in UTF-8: mend it, or declare such a column BLOB and cast it"
            raise DataError(f"{place}: {doing}: {what}") from None
        why = _STOPS.get(kind or "", kind or type(error).__name__)
        raise FileError(f"{place}: {doing} failed: {why}") from None
