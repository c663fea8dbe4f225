"""The same plan on Spark: a Spark DataFrame in, a Spark DataFrame out.

Partitions go through the Polars plan as Arrow batches, so that there is one implementation of
every mask. Spark ships the key to the executors inside the task, as it ships everything: give a
callable that fetches it, and it is fetched there. Nothing of it is in a plan, log or event.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from anonymizer.buffers import settled_table
from anonymizer.errors import DataError, MissingExtraError
from anonymizer.frames import batches as batches_of
from anonymizer.frames import from_blocks, quiet
from anonymizer.keys import KeySource, load_key
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.rules import RuleSource, load_rules
from anonymizer.masking.run.frames import key_for
from anonymizer.masking.run.notes import frame_warnings_of, kept_order, told_of, warn
from anonymizer.masking.run.order import told_by_order
from anonymizer.masking.table.fitting import fit
from anonymizer.masking.table.tellings import unseen

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_ROWS_AT_ONCE: Final = 100_000  # of a partition, that are in memory
_ROWS_SEEN: Final = 4_000  # that show whether rows come in the order of a column


def anonymize(df: "DataFrame", rules: RuleSource, *, key: KeySource | None = None) -> "DataFrame":
    """The masked Spark DataFrame; lazy, as Spark is.

    Masks that learn from the whole table bring it to the driver once, unless the rules are fitted
    already, as they must be for a streaming DataFrame. The first rows are looked at for what their
    order tells, but no row for what else tells times that are moved, which a warning says.
    `shuffle` needs all rows in one place and is refused.

    Args:
        df: a Spark DataFrame of Spark 4, or a streaming one.
        rules: a rule file, the name of a pack, a dict or `Rules`.
        key: a callable that gives the secret, called on driver and executors; or the secret; or
            nothing, where ANONYMIZER_KEY is set on both.

    Warns:
        PrivacyWarning: what to reconsider before the frame is handed on, one for each thing.

    Raises:
        RuleError: the rules are wrong.
        DataError: rules and columns do not fit.
        KeyMaterialError: there is no key that could serve.
        MissingExtraError: pyspark is not installed.
    """
    try:
        from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("anonymizer.spark", "spark") from None

    nothing = pl.DataFrame(df.sparkSession.createDataFrame([], df.schema).toArrow())
    plan = make_plan(load_rules(rules), nothing.schema)
    if plan.learns and df.isStreaming:
        raise DataError(
            "a stream is not there to learn from: use `fit_rules` on a table like it first"
        )
    if plan.whole_table:
        raise DataError("shuffle needs all rows in one place: it cannot run on Spark")
    if plan.rules.order == "shuffled":
        raise DataError("order: on Spark, sort by the masked entity before rows are written")
    secret = key_for(plan, key)
    table = pl.DataFrame(df.toArrow()) if plan.learns else nothing
    with quiet("learning"):
        plan = fit(plan, table.lazy(), secret, sparing=True)
    first = nothing if df.isStreaming else pl.DataFrame(df.limit(_ROWS_SEEN).toArrow())
    ordered = told_by_order(plan, first.lazy(), len(first), seekable=True)
    warn([*frame_warnings_of(plan), *told_of(unseen(plan)), *kept_order(ordered)])
    output = _of_spark(pl.DataFrame(schema=plan.schema).to_arrow().schema)
    step = _Partitions(plan, _reference(key) if plan.keyed else None, output)
    return df.mapInArrow(step, from_arrow_schema(output))


def _reference(key: KeySource | None) -> Callable[[], Any] | None:
    """What executors get the secret from; None stands for their environment."""
    return key if key is None or callable(key) else _Shipped(key)


@dataclass(frozen=True)
class _Shipped:
    """A secret on its way to the executors; shows itself nowhere."""

    secret: Any = field(repr=False)

    def __call__(self) -> Any:
        return self.secret


@dataclass(frozen=True)
class _Partitions:
    """Masks the Arrow batches of a partition as one table that streams."""

    plan: Plan = field(repr=False)
    key: Callable[[], Any] | None = field(repr=False)
    output: "pa.Schema" = field(repr=False)

    def __call__(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """The masked batches."""
        secret = load_key(self.key) if self.plan.keyed else None
        # Executors get times in the zone of the session, and the driver in UTC.
        dtypes = pl.Schema({node.column: node.dtype for node in self.plan.tree})
        blocks = (pl.DataFrame(table).cast(dtypes) for table in _together(batches))
        masked = self.plan.apply(from_blocks(blocks, dtypes), secret, remember=True)
        with quiet("masking"):
            for frame in batches_of(masked):
                yield from settled_table(frame).cast(self.output).to_batches()


def _together(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.Table]":
    """Batches as tables of some more rows: Spark sends 10,000 at once, which costs a step each."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    waiting = list["pa.RecordBatch"]()
    for batch in batches:
        waiting.append(batch)
        if sum(len(each) for each in waiting) >= _ROWS_AT_ONCE:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _of_spark(schema: "pa.Schema") -> "pa.Schema":
    """An Arrow schema in the types that Spark has: plain strings and lists."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    def plain(dtype: "pa.DataType") -> "pa.DataType":
        if pa.types.is_large_string(dtype) or pa.types.is_string_view(dtype):
            return pa.string()
        if pa.types.is_large_list(dtype) or pa.types.is_list(dtype):
            return pa.list_(plain(dtype.value_type))
        if pa.types.is_struct(dtype):
            return pa.struct([pa.field(each.name, plain(each.type)) for each in dtype])
        if pa.types.is_dictionary(dtype):
            return plain(dtype.value_type)
        return dtype

    return pa.schema([pa.field(each.name, plain(each.type)) for each in schema])
