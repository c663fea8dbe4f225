"""What PostgreSQL says of a failure, without the rows that it quotes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from anonymizer.errors import AnonymizerError, DataError, FileError, MissingExtraError

_HOLDS: Final = {  # SQLSTATE → what the rows are not
    "23502": "holds nulls, which are refused there",
    "23503": "has rows whose parent is absent: write the parent too, and mask both keys alike",
    "23505": "has rows twice: give the columns a mask that keeps different values different",
    "23514": "has rows that the check refuses: choose masks that keep to it, or drop the check",
    "23P01": "has rows that exclude each other: choose masks that keep to it, or drop it",
    "22001": "has text that is longer than the column: choose a shorter mask, or ALTER the column",
    "22003": "has numbers beyond the range of the column: choose another mask, or ALTER the column",
    "22021": "has characters that the database cannot hold",
    "22P02": "has text that is none of the column's type: choose a mask that keeps the form",
    "22P05": "has characters that the encoding of the database lacks: create it with UTF8",
}
_STOPS: Final = {  # SQLSTATE, or how it begins → what it is
    "42501": "permission denied: reading needs SELECT on each table, writing their owner",
    "42P01": "a table is no longer there",
    "25006": "the server is read only: name the primary",
    "53100": "the disk of the server is full",
    "55P03": "a table is in use by another session: wait for its end",
    "57": "the server ended the session",
    "08": "the connection broke",
}


@contextmanager
def plainly(
    place: str, doing: str, table: str = "", also: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Errors of the drivers as one line that names table, constraint and the way out.

    Args:
        place: of the database.
        doing: what is done inside.
        table: with which table.
        also: other errors that are the drivers' inside.

    Raises:
        DataError: rows do not fit the table.
        FileError: the server cannot do it.
    """
    from adbc_driver_manager import Error as ReadingError  # noqa: PLC0415 (an extra)
    from psycopg import Error  # noqa: PLC0415

    try:
        yield
    except (Error, ReadingError, *also) as error:
        raise _told(error, place, doing, table) from None


def _told(error: Any, place: str, doing: str, table: str) -> AnonymizerError:
    state = str(getattr(error, "sqlstate", None) or "")
    why = _HOLDS.get(state)
    if why is None and state[:2] in {"22", "23"}:
        why = f"has values that PostgreSQL refuses (SQLSTATE {state})"
    if why is not None:
        return DataError(f"{place}: {_where(error, table)} {why}; nothing was written")
    stop = next((what for start, what in _STOPS.items() if state.startswith(start)), None)
    what = f"{doing} {table}".strip()
    return FileError(f"{place}: {what} failed: {stop or _kind(error, state)}")


def _where(error: Any, table: str) -> str:
    """The table, with what else the server names; of the context only the name of a column."""
    said = error.diag
    column = said.column_name or _column(said.context or "")
    inside = f", constraint {said.constraint_name!r}" if said.constraint_name else ""
    inside += f", column {column!r}" if column else ""
    return f"table {said.table_name or table!r}{inside}"


def _column(context: str) -> str:
    """From `COPY table, line 1, column name: "value"`, in English or not."""
    found = re.match(r'COPY [^"\n]+, \w+ \d+, \w+ ([^:"\n]+): "', context)
    return found[1] if found else ""


def _kind(error: Any, state: str) -> str:
    return f"SQLSTATE {state}" if state else type(error).__name__


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
