"""Every way by which a masked frame leaves, as bytes; `python -m tests.masking.run.ways_out 500`.

Two tables that differ only in what must not be seen become two outputs. If these are the same to
the last byte, nothing of it is in any buffer, dictionary, type, statistic or metadata. Run by hand,
it draws as many pairs of tables for each fate of a value, and prints how many outputs of each way
were compared, and how many of them were not the same.
"""

import io
import pickle
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from anonymizer import anonymize
from anonymizer.errors import AnonymizerError
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.deferred import PlannedKey
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run.files import mask_file
from anonymizer.masking.table.fitting import fit
from anonymizer.spark.masking import _Partitions
from anonymizer.spark.schema import _of_spark

SECRET = "0123456789abcdef-of-the-tests"
Table = pl.DataFrame
Rules = dict[str, Any]

# --- what a frame looks like from outside --------------------------------------------------------


def _buffers(array: Any) -> Iterator[bytes]:
    """Whatever of an Arrow array can be reached, dictionaries of children too."""
    yield f"{array.type} {array.offset} {len(array)}".encode()
    for buffer in array.buffers():
        yield b"" if buffer is None else buffer.to_pybytes()
    if pa.types.is_dictionary(array.type):
        yield from _buffers(array.dictionary)
    elif pa.types.is_struct(array.type):
        for place in range(array.type.num_fields):
            yield from _buffers(array.field(place))
    elif hasattr(array, "values"):
        yield from _buffers(array.values)


def arrow_bytes(table: Any) -> bytes:
    """The buffers of an Arrow table and its schema with all metadata."""
    parts = [table.schema.serialize().to_pybytes()]
    for column in table.columns:
        for chunk in column.chunks:
            parts += _buffers(chunk)
    return b"\0".join(parts)


def _written(write: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def _arrow_stream(table: Any) -> bytes:
    def write(file: io.BytesIO) -> None:
        with pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)

    return _written(write)


def of_polars(frame: Table) -> Iterator[tuple[str, bytes]]:
    """A Polars frame in each of the forms that hand it on."""
    newest = pl.CompatLevel.newest()
    plain: dict[str, Any] = {"compression": "uncompressed"}
    forms: dict[str, Callable[[], bytes]] = {
        "to_arrow": lambda: arrow_bytes(frame.to_arrow()),
        "to_arrow, newest": lambda: arrow_bytes(frame.to_arrow(compat_level=newest)),
        "Arrow stream": lambda: arrow_bytes(pa.table(frame)),
        "write_ipc": lambda: _written(lambda file: frame.write_ipc(file, **plain)),
        "write_ipc_stream": lambda: _written(lambda file: frame.write_ipc_stream(file, **plain)),
        "write_parquet": lambda: _written(lambda file: frame.write_parquet(file, **plain)),
        "sink_ipc": lambda: _written(lambda file: frame.lazy().sink_ipc(file, **plain)),
        "serialize": frame.serialize,
        "pickle": lambda: pickle.dumps(frame),
        "to_pandas": lambda: pandas_bytes(frame.to_pandas()),
    }
    yield from _each(forms)


def of_arrow(table: Any) -> Iterator[tuple[str, bytes]]:
    """An Arrow table as it is, as a stream, as a Parquet file."""
    forms: dict[str, Callable[[], bytes]] = {
        "as it is": lambda: arrow_bytes(table),
        "stream": lambda: _arrow_stream(table),
        "Parquet": lambda: _written(lambda file: pq.write_table(table, file)),
    }
    yield from _each(forms)


def of_pandas(frame: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    """A pandas frame as it lies in memory.

    Not the Arrow table that pyarrow makes of it: its memory holds what was there before.
    """
    yield "as it is", pandas_bytes(frame)


def pandas_bytes(frame: pd.DataFrame) -> bytes:
    """The memory of which the columns are views, and their types.

    Not a pickle: it holds what a dtype has worked out about itself so far.
    """
    return b"\0".join(
        part
        for name in frame.columns
        for value in vars(frame[name].array).values()
        for part in _of_pandas_column(value)
    )


def _of_pandas_column(value: Any) -> Iterator[bytes]:
    if isinstance(value, pa.ChunkedArray):
        for chunk in value.chunks:
            yield from _buffers(chunk)
    elif isinstance(value, np.ndarray):
        while isinstance(value.base, np.ndarray):
            value = value.base
        yield repr(value.tolist()).encode() if value.dtype == object else value.tobytes()
    else:
        yield repr(value).encode()  # the dtype, with its categories


def _each(forms: dict[str, Callable[[], bytes]]) -> Iterator[tuple[str, bytes]]:
    for name, form in forms.items():
        try:
            yield name, form()
        except Exception:  # noqa: BLE001 (a library that does not have the type)
            continue


# --- ways out ------------------------------------------------------------------------------------


def _eager(frame: Table, rules: Rules) -> Iterator[tuple[str, bytes]]:
    yield from of_polars(anonymize(frame, rules, key=SECRET))


def _lazy(frame: Table, rules: Rules) -> Iterator[tuple[str, bytes]]:
    yield from of_polars(anonymize(frame.lazy(), rules, key=SECRET).collect())


def _arrow(frame: Table, rules: Rules) -> Iterator[tuple[str, bytes]]:
    yield from of_arrow(anonymize(frame.to_arrow(), rules, key=SECRET))


def _pandas(frame: Table, rules: Rules) -> Iterator[tuple[str, bytes]]:
    yield from of_pandas(anonymize(frame.to_pandas(), rules, key=SECRET))


def _spark(frame: Table, rules: Rules) -> Iterator[tuple[str, bytes]]:
    """The batches that an executor hands back to Spark."""
    plan = make_plan(load_rules(rules), frame.schema)
    plan = fit(plan, frame.lazy(), None)
    output = _of_spark(pl.DataFrame(schema=plan.schema).to_arrow().schema)
    batches = _Partitions(plan, PlannedKey(None, lambda: SECRET, None), output)(
        iter(frame.to_arrow().to_batches())
    )
    yield "batches", arrow_bytes(pa.Table.from_batches(list(batches), output))


def _files(frame: Table, rules: Rules) -> Iterator[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in.arrow")
        frame.write_ipc(source)
        endings = ("parquet", "arrow", "csv", "ndjson")
        for ending in (
            endings[:3] if "Binary" in str(frame.schema) else endings
        ):  # JSON has no bytes
            target = Path(folder, f"out.{ending}")
            with suppress(AnonymizerError):  # CSV has no lists
                mask_file(source, target, rules, key=SECRET)
                yield ending, target.read_bytes()


WAYS = {
    "Polars": _eager,
    "Polars, lazy": _lazy,
    "Arrow": _arrow,
    "pandas": _pandas,
    "Spark": _spark,
    "file": _files,
}


def outputs(frame: Table, rules: Rules) -> Iterator[tuple[str, bytes]]:
    """The name of each way out, and the bytes that leave by it."""
    for way, leave in WAYS.items():
        try:
            for form, content in leave(frame, rules):
                yield f"{way}: {form}", content
        except (AnonymizerError, pa.ArrowException, pl.exceptions.PolarsError, TypeError):
            continue  # the type does not fit this kind of frame, on both sides


# --- pairs of tables -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A dtype with values of it.

    Attributes:
        dtype: for the first and for the second table, as an Enum's categories are values.
        shown: values that both tables show.
        hidden: values that one of them hides.
    """

    dtype: tuple[Any, Any]
    shown: st.SearchStrategy[Any]
    hidden: tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]


def _plain(dtype: Any, values: st.SearchStrategy[Any]) -> Kind:
    return Kind((dtype, dtype), values, (values, values))


_PUBLIC = ["tea", "milk", "a category of more than twelve bytes"]
_ONLY = ("only the first table has it", "the second has this one")
_shown = st.sampled_from(_PUBLIC)
_only = (st.just(_ONLY[0]), st.just(_ONLY[1]))
LEAVES: dict[str, Kind] = {
    "String": _plain(pl.String(), st.text(max_size=30)),
    "Binary": _plain(pl.Binary(), st.binary(max_size=30)),
    "Categorical": Kind((pl.Categorical(),) * 2, _shown, _only),
    "Enum": Kind(tuple(pl.Enum([*_PUBLIC, only]) for only in _ONLY), _shown, _only),  # type: ignore[arg-type]  # (two)
    "Boolean": _plain(pl.Boolean(), st.booleans()),
    "Int8": _plain(pl.Int8(), st.integers(-128, 127)),
    "Int32": _plain(pl.Int32(), st.integers(-(2**31), 2**31 - 1)),
    "Int64": _plain(pl.Int64(), st.integers(-(2**63), 2**63 - 1)),
    "Int128": _plain(pl.Int128(), st.integers(-(2**127), 2**127 - 1)),
    "UInt16": _plain(pl.UInt16(), st.integers(0, 2**16 - 1)),
    "UInt64": _plain(pl.UInt64(), st.integers(0, 2**64 - 1)),
    "UInt128": _plain(pl.UInt128(), st.integers(0, 2**128 - 1)),
    "Float32": _plain(pl.Float32(), st.floats(width=32)),
    "Float64": _plain(pl.Float64(), st.floats()),
    "Decimal": _plain(
        pl.Decimal(30, 2), st.integers(-(10**20), 10**20).map(lambda number: Decimal(number) / 4)
    ),
    "Date": _plain(pl.Date(), st.dates(date(1900, 1, 1), date(2100, 1, 1))),
    "Time": _plain(pl.Time(), st.times(time(0), time(23, 59))),
    "Datetime": _plain(
        pl.Datetime("us"), st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))
    ),
    "Datetime with a zone": _plain(
        pl.Datetime("ms", "Asia/Shanghai"),
        st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
            lambda moment: moment.replace(microsecond=0)
        ),
    ),
    "Duration": _plain(pl.Duration("us"), st.timedeltas(timedelta(-9999), timedelta(9999))),
}  # fmt: skip


def _lists(kind: Kind) -> Kind:
    several = [st.lists(st.none() | each, max_size=3) for each in (kind.shown, *kind.hidden)]
    first, second = (pl.List(dtype) for dtype in kind.dtype)
    return Kind((first, second), several[0], (several[1], several[2]))


def _arrays(kind: Kind) -> Kind:
    two = [
        st.lists(st.none() | each, min_size=2, max_size=2) for each in (kind.shown, *kind.hidden)
    ]
    first, second = (pl.Array(dtype, 2) for dtype in kind.dtype)
    return Kind((first, second), two[0], (two[1], two[2]))


def _structs(one: Kind, other: Kind) -> Kind:
    fields = [
        st.fixed_dictionaries({"one": st.none() | a, "other": st.none() | b})
        for a, b in zip((one.shown, *one.hidden), (other.shown, *other.hidden), strict=True)
    ]
    first, second = (
        pl.Struct({"one": a, "other": b}) for a, b in zip(one.dtype, other.dtype, strict=True)
    )
    return Kind((first, second), fields[0], (fields[1], fields[2]))


leaves = st.sampled_from(sorted(LEAVES)).map(LEAVES.__getitem__)
kinds = st.recursive(
    leaves,
    lambda inner: inner.map(_lists) | inner.map(_arrays) | st.builds(_structs, inner, inner),
    max_leaves=3,
)


@dataclass(frozen=True)
class Pair:
    """Two tables whose masked outputs must be the same, and the rules."""

    tables: tuple[Table, Table]
    rules: Rules


def _rules(x: Any, **more: Any) -> Rules:
    columns = {"id": "keep", "day": "keep", "flag": "drop"}
    return {"version": 1, "columns": columns | (x if "x.hidden" in x else {"x": x})} | more


GROUPED = sorted(set(LEAVES) - {"Binary", "Boolean", "Time", "Duration", "Categorical"})


@st.composite
def _columns(draw: st.DrawFn, kind: Kind) -> tuple[list[bool], pl.Series, pl.Series]:
    """Which rows are hidden, and the column of both tables."""
    hides = draw(st.lists(st.booleans(), min_size=2, max_size=7))
    shown = [draw(st.none() | kind.shown) for _ in hides]
    sides = [
        pl.Series(
            "x",
            [
                draw(kind.hidden[side]) if h else value
                for h, value in zip(hides, shown, strict=True)
            ],
            dtype=kind.dtype[side],
            strict=False,
        )
        for side in (0, 1)
    ]
    return hides, sides[0], sides[1]


def _table(x: pl.Series, hides: list[bool]) -> Table:
    return pl.DataFrame(
        {
            "id": range(len(hides)),
            "day": [date(2024, 1, 1)] * len(hides),
            "flag": [None if h else True for h in hides],
            "x": x,
        },
        schema_overrides={"flag": pl.Boolean},
    )


def _hidden_by(fate: str, table: Table) -> Table:
    """The table in which the values of x vanish where there is no flag."""
    shown = pl.col("flag").is_not_null()
    match fate:
        case "null before":
            return table.with_columns(pl.when(shown).then("x").alias("x"))
        case "sliced":
            return pl.concat([table.filter(~shown), table.filter(shown)])[
                table["flag"].null_count() :
            ]
        case "filtered":
            return table.filter(shown)
        case "field":
            hidden = pl.when(~shown).then("x").alias("hidden")
            return table.with_columns(x=pl.struct(hidden, pl.col("id").alias("shown")))
    return table


FATES = {
    "unknown": _rules([{"mask": "keep", "when": "flag"}, {"mask": "keep"}]),  # null as the flag is
    "null before": _rules("keep"),
    "sliced": _rules("keep"),
    "filtered": _rules("keep"),
    "field": _rules({"x.hidden": "drop", "x.shown": "keep"}),
    "rare": _rules(
        "keep",
        entity="id",
        anonymity={"quasi_identifiers": ["x"], "k": 2, "method": "suppress", "suppress": 1},
    ),
    "merged": _rules({"mask": "rare", "k": 2}, entity="id"),
}


@st.composite
def pairs(draw: st.DrawFn, fate: str) -> Pair:
    """Values that vanish in one of the ways in which they can."""
    names = {"rare": GROUPED, "merged": ["String", "Enum"]}.get(fate)
    hides, *columns = draw(kinds.flatmap(_columns) if names is None else _rare(names))
    first, second = (_hidden_by(fate, _table(x, hides)) for x in columns)
    return Pair((first, second), FATES[fate])


def _as_counted(value: Any) -> str:
    """What tells values apart when they are counted: minus zero is zero."""
    return repr(value) if value else ""


@st.composite
def _rare(draw: st.DrawFn, names: list[str]) -> tuple[list[bool], pl.Series, pl.Series]:
    """A value of three rows, and rows that are alone with theirs."""
    kind = LEAVES[draw(st.sampled_from(names))]
    if kind is LEAVES["Enum"]:
        common, alone = "tea", [[only] for only in _ONLY]
    else:
        common = draw(kind.shown)
        other = kind.shown.filter(lambda value: value != common and repr(value) != "nan")
        others = draw(st.lists(other, min_size=4, max_size=4, unique_by=_as_counted))
        alone = [others[:2], others[2:]]
    first, second = (
        pl.Series("x", [common] * 3 + side, dtype=dtype, strict=False)
        for side, dtype in zip(alone, kind.dtype, strict=True)
    )
    return [False] * 3 + [True] * len(alone[0]), first, second


def compared(pair: Pair) -> Iterator[tuple[str, bool]]:
    """Each way out, and whether both tables left by it as the same bytes."""
    first, second = (dict(outputs(table, pair.rules)) for table in pair.tables)
    for way in first.keys() | second.keys():
        yield way, first.get(way) == second.get(way)


# --- by hand -------------------------------------------------------------------------------------


def _table_of_leaks(count: int) -> Iterator[str]:
    tried, leaks = Counter[str](), Counter[str]()
    for fate in FATES:

        @settings(
            max_examples=count,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(pairs(fate))
        def search(pair: Pair) -> None:
            for way, same in compared(pair):
                tried[way] += 1
                leaks[way] += not same

        search()
    yield "way out | compared | leaks"
    for way in sorted(tried):
        yield f"{way} | {tried[way]:,} | {leaks[way]:,}"
    yield f"all | {tried.total():,} | {leaks.total():,}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(_table_of_leaks(int(sys.argv[1]))) + "\n")
