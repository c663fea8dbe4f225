"""Masked tables go into a store while the next ones are masked."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from queue import Queue
from threading import Event

import polars as pl

from anonymizer.errors import DataError
from anonymizer.files.table_files import TableFiles
from anonymizer.stores.table import Store, Table

Load = Callable[[str, pl.LazyFrame], None]


class _Nothing(Exception):  # noqa: N818 (it is no error)
    """Ends what a store writes, so that nothing of it is there."""


def refuse_nulls(place: str, table: Table, files: TableFiles) -> None:
    """Notice nulls that a mask left.

    Raises:
        DataError: the table refuses them.
    """
    nulls = files.row_and_null_counts()[1]
    if refused := [each for each in sorted(table.not_null) if nulls.get(each)]:
        where = f"{place}: {table.name}.{refused[0]}"
        what = f"{nulls[refused[0]]:,} values are null, which the table refuses"
        way = "give redact a `text`, and rows of no person a rule by `when`"
        raise DataError(f"{where}: {what}: {way}")


@contextmanager
def loading(store: Store, schemas: Mapping[str, pl.Schema]) -> Iterator[Load]:
    """What a thread writes into a store, one table after the other, until the block ends."""
    orders: Queue[tuple[str, pl.LazyFrame] | None] = Queue()
    failed = Event()

    def work() -> None:
        with store.writing(schemas) as write:
            while (order := orders.get()) and not failed.is_set():
                write(*order)
            if failed.is_set():
                raise _Nothing

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(copy_context().run, work)

        def load(name: str, rows: pl.LazyFrame) -> None:
            if working.done():
                working.result()  # which says why
            orders.put((name, rows))

        try:
            yield load
            orders.put(None)
            working.result()
        except BaseException:  # also while waiting: what is in the queue is not written any more
            failed.set()
            orders.put(None)
            raise
