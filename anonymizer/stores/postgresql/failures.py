"""What PostgreSQL says of a failure, without the rows that it quotes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from anonymizer.errors import AnonymizerError, DataError, FileError, MissingExtraError

_HOLDS: Final = {  # SQLSTATE → what the rows are not
    "23502": "there are nulls, which it refuses",
    "23503": "the parents of some rows are absent: write their table too, and mask both keys alike",
    "23505": "keys come twice: choose a mask that keeps different values different",
    "23514": "the check refuses some rows: choose masks that keep to it, or drop it",
    "23P01": "some rows exclude each other: choose masks that keep to it, or drop it",
    "22001": "text is longer than the column: choose a shorter mask, or ALTER the column",
    "22003": "numbers are beyond the range of the column: choose another mask, or ALTER the column",
    "22021": "text holds the character 0, which the database cannot hold",
    "22P02": "text is none of the column's type: choose a mask that keeps the form",
    "22P05": "the encoding of the database lacks some characters: create it with UTF8",
}
_STOPS: Final = {  # SQLSTATE, or how it begins → what it is
    "42501": "permission denied: reading needs SELECT on each table, writing their owner",
    "42P01": "the table is no longer there",
    "42703": "a column is no longer there",
    "22023": "its snapshot has ended: read while the store is open",
    "25006": "the server is read only: name the primary",
    "53100": "the disk of the server is full",
    "55P03": "a table is in use by another session: wait for its end",
    "57": "the server ended the session",
    "08": "the connection broke",
}


@contextmanager
def plainly(
    place: str,
    doing: str,
    table: str = "",
    *,
    columns: Iterable[str] = (),
    also: tuple[type[Exception], ...] = (),
) -> Iterator[None]:
    """Errors of the drivers as one line that names table, constraint and the way out.

    Args:
        place: of the database.
        doing: what is done inside.
        table: with which table.
        columns: its columns.
        also: other errors that are the drivers' inside.

    Raises:
        DataError: rows do not fit the table.
        FileError: the server cannot do it.
    """
    from adbc_driver_manager import Error as ReadingError  # noqa: PLC0415 (an extra)
    from psycopg import Error  # noqa: PLC0415

    failures: tuple[type[Exception], ...] = (Error, ReadingError, *also)
    try:
        yield
    except failures as error:
        raise _told(error, place, f"{doing} {table}".strip(), columns) from None


def _told(error: Any, place: str, doing: str, columns: Iterable[str]) -> AnonymizerError:
    state = str(getattr(error, "sqlstate", None) or "")
    why = _HOLDS.get(state)
    if why is None and state[:2] in {"22", "23"}:
        why = f"PostgreSQL refuses some values (SQLSTATE {state})"
    if why is not None and hasattr(error, "diag"):  # of psycopg, which writes
        where = _where(error, doing, columns)
        return DataError(f"{place}: {where}: {why}; nothing was written")
    stop = next((what for start, what in _STOPS.items() if state.startswith(start)), None)
    kind = f"SQLSTATE {state}" if state else f"the connection broke ({type(error).__name__})"
    return FileError(f"{place}: {doing} failed: {stop or kind}")


def _where(error: Any, doing: str, columns: Iterable[str]) -> str:
    """What else the server names. Its context quotes values, so it is only searched for names."""
    said = error.diag
    found = (name for name in columns if f', column {name}: "' in (said.context or ""))
    column = said.column_name or next(found, None)
    table = said.table_name if repr(said.table_name) not in doing else None
    named = {"table": table, "constraint": said.constraint_name, "column": column}
    return ", ".join([doing, *(f"{what} {name!r}" for what, name in named.items() if name)])


def connected(url: str, place: str) -> Any:
    """A connection of psycopg.

    Raises:
        FileError: the server is not there, or refuses.
        MissingExtraError: the drivers are not installed.
    """
    try:
        import adbc_driver_postgresql  # noqa: F401, PLC0415 (an extra)
        import psycopg  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("PostgreSQL", "postgresql") from None
    try:
        return psycopg.connect(url)
    except psycopg.OperationalError:
        raise FileError(f"{place}: {_why_not_connected(url)}") from None
    except psycopg.Error:
        why = "an option of the URL is unknown to libpq, or has no such value"
        raise FileError(f"{place}: {why}") from None


def _why_not_connected(url: str) -> str:
    """Why, in words of our own: those of the server may be in any language."""
    from psycopg import pq  # noqa: PLC0415 (an extra)

    if pq.PGconn.ping(url.encode()) == pq.Ping.OK:
        return (
            "the server refuses user, password or database: check them in the URL, PGPASSWORD "
            "and ~/.pgpass"
        )
    return "the server cannot be reached: check host and port, and that it runs"
