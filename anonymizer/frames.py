"""Frames of Polars, pandas and Arrow: any kind in, the same kind out; errors without values.

What comes back has the types that came in, where the values are still of them, and memory of its
own. What streams Arrow comes back as a stream, whose rows are computed as they are asked for.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.buffers import settled, without_categories
from anonymizer.errors import AnonymizerError, DataError


class PandasFrame(Protocol):
    """A DataFrame of pandas, by what it can do: pandas is not imported to say so."""

    @property
    def columns(self) -> Any:
        """The names of its columns."""

    @property
    def index(self) -> Any:
        """The labels of its rows."""


class ArrowStream(Protocol):
    """A table that hands its rows over as Arrow does, as those of pyarrow, DuckDB and Ibis do."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class ArrowReader(ArrowStream, Protocol):
    """A `RecordBatchReader` of pyarrow, by what it can do."""

    @property
    def schema(self) -> Any:
        """Its columns and their types."""

    def read_next_batch(self) -> Any:
        """The next rows."""

    def read_all(self) -> Any:
        """All rows that are left, as a table."""


class ArrowTable(ArrowStream, Protocol):
    """A table or batch of pyarrow, by what it can do: pyarrow is not imported to say so."""

    @property
    def schema(self) -> Any:
        """Its columns and their types."""

    @property
    def num_rows(self) -> int:
        """How many rows it has."""


_END: Final = "\0end"  # of a query, as a column beside its own
_READ_AGAIN: Final = ("_duckdb", "duckdb", "ibis")  # whose streams begin anew each time

# What is read: a frame of Polars, eager or lazy, of pandas, or anything that streams Arrow.
IntoFrame: TypeAlias = pl.DataFrame | pl.LazyFrame | PandasFrame | ArrowStream
# What comes back as the kind that it was.
Frame = TypeVar("Frame", bound=pl.DataFrame | pl.LazyFrame | PandasFrame | ArrowTable)


def is_pattern(name: str) -> bool:
    """Whether Polars takes a column's name for a pattern, or the library for one of its own."""
    return name == "*" or (name.startswith("^") and name.endswith("$")) or name.startswith("\0")


def to_lazy(frame: Any) -> tuple[pl.LazyFrame, Callable[[pl.LazyFrame], Any]]:
    """A frame as a LazyFrame, and the way back to its kind.

    Polars eager and lazy, pandas and Arrow tables are taken. A LazyFrame comes back lazy; whatever
    else streams Arrow, and a dataset of pyarrow, comes back as a `RecordBatchReader`.

    Raises:
        DataError: the frame is of a kind that could not come back, or cannot be read as columns of
            one type each.
    """
    if isinstance(frame, pl.LazyFrame):
        return frame, lambda lazy: lazy
    if isinstance(frame, pl.DataFrame):
        return frame.lazy(), _owned
    library = type(frame).__module__.partition(".")[0]
    if library == "pandas" and hasattr(frame, "columns"):
        if type(frame.index).__name__ != "RangeIndex":
            raise DataError(
                "the index of a pandas frame is data that no rule covers: call reset_index() "
                "first, with drop=True if it only numbers the rows"
            )
        lazy = _imported(pl.from_pandas, frame, lambda place: frame.iloc[:, [place]])
        types, rows = dict(frame.dtypes), frame.index
        return lazy, partial(_to_pandas, types=types, rows=rows, read=lazy.collect_schema())
    if library == "pyarrow" and hasattr(frame, "schema") and hasattr(frame, "num_rows"):
        lazy = _imported(_of_arrow, frame, lambda place: frame.select([place]))
        types = dict(zip(frame.schema.names, frame.schema.types, strict=True))
        back = partial(_to_arrow, types=types, read=lazy.collect_schema())
        is_batch = type(frame).__name__ == "RecordBatch"
        return lazy, (lambda masked: _as_batch(back(masked))) if is_batch else back
    if _streams(frame):
        stream, failed = _tried(_Stream, frame)
        if failed is None:
            return stream.rows, stream.back
        raise DataError(f"the {type(frame).__name__} cannot be read ({failed}): it is no table")
    raise DataError(f"expected a Polars, pandas or Arrow frame, got {_kind(frame)}")


def is_lazy(frame: object) -> bool:
    """Whether the rows of a frame are computed as they are asked for."""
    return isinstance(frame, pl.LazyFrame) or _streams(frame)


def _streams(frame: object) -> bool:
    """Whether a frame gives its rows as an Arrow stream alone, and as such comes back."""
    library = type(frame).__module__.partition(".")[0]
    has_rows = library == "pyarrow" and hasattr(frame, "num_rows")
    is_table = has_rows or library in {"pandas", "polars"}
    return _is_dataset(frame) or (hasattr(frame, "__arrow_c_stream__") and not is_table)


def is_read_once(frame: object) -> bool:
    """Whether the rows of a stream are gone when they were read, as far as anybody knows."""
    library = type(frame).__module__.partition(".")[0]
    return _streams(frame) and library not in _READ_AGAIN and not _is_dataset(frame)


def opened(frame: Any) -> Any:
    """A frame that may be asked several times for its stream, which some hand over once."""
    return _tried(_reader_of, frame)[0] or frame if is_read_once(frame) else frame


def _is_dataset(frame: object) -> bool:
    return type(frame).__module__ == "pyarrow._dataset" and hasattr(frame, "scanner")


def read(frame: IntoFrame) -> pl.LazyFrame:
    """A frame as a LazyFrame, where none has to come back; whatever streams Arrow is taken too.

    A DataFrame of Spark comes to this machine, with its rows in the order of its partitions.

    Raises:
        DataError: it is no frame, or cannot be read as columns of one type each.
    """
    if hasattr(frame, "toArrow"):
        return _of_spark(frame)
    if _streams(frame):
        return _imported(lambda stream: _of_arrow(_reader_of(stream).read_all()), frame)
    return to_lazy(frame)[0]


def _of_spark(frame: Any) -> pl.LazyFrame:
    """All partitions at once, where the stream of Spark 4.3 takes one after the other."""
    rows, failed = _tried(lambda spark: _of_arrow(spark.toArrow()), frame)
    if failed is None:
        return cast("pl.DataFrame", rows).lazy()
    raise DataError(
        f"the rows of the Spark DataFrame did not come ({failed}): cast what Arrow has no type "
        "for, and of a large table take a share of the persons by anonymizer.spark.sample_entities"
    )


def _of_arrow(frame: Any) -> Any:
    """An Arrow table in Polars, whose decimals have 38 digits at most."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    for place, field in enumerate(frame.schema):
        if pa.types.is_decimal256(field.type):
            narrow = frame.column(place).cast(pa.decimal128(38, field.type.scale))
            frame = frame.set_column(place, field.name, narrow)
    return pl.from_arrow(frame)


def _as_batch(table: Any) -> Any:
    """The rows of an Arrow table as one batch."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    columns = [column.combine_chunks() for column in table.columns]
    return pa.RecordBatch.from_arrays(columns, schema=table.schema)


def _kind(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def collect(lazy: pl.LazyFrame) -> pl.DataFrame:
    """The frame, computed by the streaming engine."""
    return lazy.collect(engine="streaming")


def batches(lazy: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows of a query in their order as the streaming engine computes them, all or an error.

    Raises:
        AnonymizerError: the query broke off. Polars 2.1.0 says nothing where it panics.
    """
    schema = lazy.collect_schema()
    end = pl.DataFrame([None] * len(schema), schema=schema, orient="row")
    marked = [lazy.with_columns(pl.lit(value=False).alias(_END)), end.lazy()]
    marked[1] = marked[1].with_columns(pl.lit(value=True).alias(_END))
    ended = False
    for frame in pl.concat(marked).collect_batches(lazy=True, engine="streaming"):
        ended = bool(frame[_END][-1])
        rows = frame[:-1] if ended else frame
        if len(rows):
            yield rows.drop(_END)
    if not ended:
        raise AnonymizerError("the query broke off; nothing was written")


def as_stream(lazy: pl.LazyFrame) -> ArrowReader:
    """The same rows, for libraries that read Arrow: all, or an error where the query broke off.

    They are in memory of the query, which holds more than they show; see `anonymizer.buffers`.
    """
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    newest = pl.CompatLevel.newest()  # without a copy of all text
    schema = pl.DataFrame(schema=lazy.collect_schema()).to_arrow(compat_level=newest).schema
    tables = (frame.to_arrow(compat_level=newest) for frame in batches(lazy))
    rows = (batch for table in tables for batch in table.to_batches())
    reader: ArrowReader = pa.RecordBatchReader.from_batches(schema, rows)
    return reader


def _owned(lazy: pl.LazyFrame) -> pl.DataFrame:
    """The frame, computed, in memory of its own."""
    return settled(collect(lazy))


def _to_arrow(lazy: pl.LazyFrame, types: dict[str, Any], read: pl.Schema) -> Any:
    """An Arrow table whose columns have the types they came in, where Polars' are the same."""
    return _as_table(_owned(lazy), types, read)


def _as_table(frame: pl.DataFrame, types: dict[str, Any], read: pl.Schema) -> Any:
    table = frame.to_arrow()
    for place, (name, dtype) in enumerate(frame.schema.items()):
        type_ = types.get(name)
        if type_ is None or without_categories(read[name]) != dtype:
            continue
        table = table.set_column(place, name, _typed(table.column(place), _bare(type_)))
    return table


def _typed(column: Any, type_: Any) -> Any:
    """An Arrow column of a type; numbers must be encoded for a dictionary, text may be."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    if pa.types.is_dictionary(type_):
        column = column.cast(type_.value_type).dictionary_encode()
    return column.cast(type_)


def _bare(type_: Any) -> Any:
    """An Arrow type without what it says of values: metadata of fields, an order of categories."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    def inner(field: Any) -> Any:
        return pa.field(field.name, _bare(field.type), field.nullable)

    if pa.types.is_dictionary(type_):
        values = type_.value_type  # views of text cannot be encoded
        values = pa.large_string() if pa.types.is_string_view(values) else _bare(values)
        return pa.dictionary(type_.index_type, values)
    if pa.types.is_struct(type_):
        return pa.struct([inner(field) for field in type_])
    if pa.types.is_map(type_):
        return pa.map_(_bare(type_.key_type), inner(type_.item_field))
    if pa.types.is_fixed_size_list(type_):
        return pa.list_(inner(type_.value_field), type_.list_size)
    several = pa.large_list if pa.types.is_large_list(type_) else pa.list_
    return several(inner(type_.value_field)) if hasattr(type_, "value_field") else type_


# --- streams -------------------------------------------------------------------------------------


class _Stream:
    """An Arrow stream, whose rows are taken as they come.

    One that can be read once can be looked at nevertheless: what was looked at is kept for the pass
    that takes all rows, which is the last.
    """

    def __init__(self, frame: Any) -> None:
        reader = _reader_of(frame)
        self._types = dict(zip(reader.schema.names, reader.schema.types, strict=True))
        self._read = _of_arrow(reader.schema.empty_table()).schema
        self._lock, self._looked_at = Lock(), list[pl.DataFrame]()
        self._is_last = self._is_taken = False
        if is_read_once(frame):
            batches = _frames_of(reader)
            self.rows = _from_passes(lambda: self._pass(batches), self._read)
        else:
            reader.close()
            self.rows = _from_passes(lambda: _frames_of(_reader_of(frame)), self._read)

    def _pass(self, batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        if (is_last := self._is_last) and self._is_taken:
            raise DataError("a stream was read twice")
        self._is_taken, place = is_last, 0
        while True:
            with self._lock:
                if place == len(self._looked_at):
                    if (block := next(batches, None)) is None:
                        return
                    self._looked_at.append(block)
                block = self._looked_at[place]
                if is_last:
                    self._looked_at.pop(0)
                else:
                    place += 1
            yield block

    def back(self, lazy: pl.LazyFrame) -> Any:
        """What gives the rows of a frame that was made of these."""
        import pyarrow as pa  # noqa: PLC0415 (slow to import)

        self._is_last = True
        as_table = partial(_as_table, types=self._types, read=self._read)
        schema = as_table(pl.DataFrame(schema=lazy.collect_schema())).schema

        def tables() -> Iterator[Any]:
            with quiet("masking"):
                for frame in batches(lazy):
                    yield from as_table(settled(frame)).cast(schema).to_batches()

        return pa.RecordBatchReader.from_batches(schema, tables())


def _reader_of(frame: Any) -> Any:
    """What gives the rows of a stream batch by batch."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    if _is_dataset(frame):
        return frame.scanner().to_reader()
    return pa.RecordBatchReader.from_stream(frame)


def _frames_of(reader: Any) -> Iterator[pl.DataFrame]:
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    with reader:
        for batch in reader:
            yield _of_arrow(pa.Table.from_batches([batch]))


# --- pandas --------------------------------------------------------------------------------------


def _to_pandas(lazy: pl.LazyFrame, types: dict[str, Any], rows: Any, read: pl.Schema) -> Any:
    """A pandas frame whose columns are as nullable as they came in, or as their nulls need.

    Rows keep their numbers, by which pandas aligns frames, where none has gone.
    """
    frame = _owned(lazy)
    result = frame.to_pandas()
    for name, dtype in frame.schema.items():
        came = types.get(name) if read.get(name) == dtype else None
        nullable = came if hasattr(came, "__from_arrow__") else _nullable(frame[name])
        if nullable is not None:
            result[name] = nullable.__from_arrow__(frame[name].to_arrow())
    if len(result) == len(rows):
        result.index = rows
    return result


def _nullable(column: pl.Series) -> Any:
    """The type of pandas for integers and booleans with nulls; numpy makes floats, objects of them.

    None where a column has no nulls, or numpy has a place for them.
    """
    import pandas as pd  # noqa: PLC0415 (of whoever gave the frame)

    exact = column.dtype.is_integer() or column.dtype == pl.Boolean
    name = "boolean" if column.dtype == pl.Boolean else str(column.dtype)
    return pd.api.types.pandas_dtype(name) if exact and column.null_count() else None


def eager(frame: IntoFrame) -> pl.DataFrame:
    """A Polars, pandas or Arrow frame, lazy or not, as a DataFrame.

    Raises:
        DataError: it is of another kind.
        AnonymizerError: it is lazy and cannot be computed; what Polars says may hold values.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    with quiet("reading the frame"):
        return collect(read(frame))


def _imported(
    convert: Callable[[Any], Any], frame: Any, column_at: Callable[[int], Any] | None = None
) -> pl.LazyFrame:
    converted, failed = _tried(convert, frame)
    if failed is None:
        return cast("pl.DataFrame", converted).lazy()
    names = [] if column_at is None else getattr(frame, "column_names", frame.columns)
    wrong = [n for at, n in enumerate(names) if column_at and _tried(convert, column_at(at))[1]]
    where = f", column {str(wrong[0])!r}" if wrong else ""
    raise DataError(
        f"the {type(frame).__name__} cannot be read ({failed}){where}: give each column one type "
        "and a name of its own, and numbers too wide for one as text"
    )


def _tried(convert: Callable[[Any], Any], frame: Any) -> tuple[Any, str | None]:
    """What became of a frame, or the kind of error: messages of Arrow contain values."""
    try:
        return convert(frame), None
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 (whatever it is)
        return None, type(error).__name__


def from_blocks(blocks: Iterator[pl.DataFrame], schema: pl.Schema) -> pl.LazyFrame:
    """A LazyFrame that takes its rows from frames as they come, once; memory holds one of them."""
    return _from_passes(lambda: blocks, schema)


def _from_passes(blocks: Callable[[], Iterator[pl.DataFrame]], schema: pl.Schema) -> pl.LazyFrame:
    """The same, where each pass over the rows has frames of its own."""

    def rows(
        columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        for block in first_rows(blocks(), limit):
            part = block if predicate is None else block.filter(predicate)
            yield part if columns is None else part.select(columns)

    return register_io_source(rows, schema=schema)


def first_rows(frames: Iterable[pl.DataFrame], limit: int | None) -> Iterator[pl.DataFrame]:
    """Frames up to a number of rows in all, None for all; no frame beyond it is asked for.

    Polars asks a source for its first rows and for those among them that fit a condition.
    """
    left = limit
    for frame in frames:
        yield frame if left is None else frame.head(left)
        left = None if left is None else left - len(frame)
        if left is not None and left <= 0:
            return


@contextmanager
def quiet(doing: str) -> Iterator[None]:
    """Errors of Polars without their messages, which may hold values; ours without what it adds."""
    try:
        yield
    except DataError as error:
        said, added, _ = str(error).partition("\n\nThis error occurred in")
        if added:
            raise DataError(said) from None
        raise
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise AnonymizerError(
            f"{doing} failed ({type(error).__name__}); nothing was written"
        ) from None
