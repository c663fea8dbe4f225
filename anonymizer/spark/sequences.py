"""A sequence model on Spark: executors sample histories, and score those that they have whole.

Spark ships the model with the task, some megabytes at most. A task computes with one thread, as
Spark runs one for each core.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import polars as pl

from anonymizer.arrays import IntArray
from anonymizer.buffers import settled_table
from anonymizer.errors import DataError
from anonymizer.sequences.histories.roles import require_number
from anonymizer.spark.schema import nothing_of, told_to_spark
from anonymizer.spark.shipping import numbered, together

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from anonymizer.sequences.model.sequence_model import SequenceModel
    from anonymizer.sequences.scoring.frames import Scorer

Made = TypeVar("Made")
_PLACE: Final = "place"  # of a row, before Spark brings histories together


def sample(
    session: "SparkSession",
    model: "SequenceModel",
    entities: int,
    *,
    seed: int = 0,
    partitions: int | None = None,
) -> "DataFrame":
    """As `model.sample(entities, seed=seed)`: the same histories, lazily, some by each task.

    Args:
        session: of Spark 4.
        model: fitted or loaded on the driver.
        entities: how many histories.
        seed: of every random choice.
        partitions: how many tasks share them; by default as many as Spark has cores.

    Raises:
        DataError: a number is none, Spark has no type for a column, or identifiers of few bits are
            counted over the run.
    """
    require_number("the number of entities", entities, 1)
    if partitions is not None:
        require_number("partitions", partitions, 1)
    model.derivation.require_apart()
    schema, output = told_to_spark(model.schema)
    numbers = session.range(0, entities, 1, partitions)
    return numbers.mapInArrow(_Sampled(model, seed, output), schema)


def score(
    df: "DataFrame",
    model: "SequenceModel",
    *,
    alert_rate: float | None = None,
    trusting: bool = False,
) -> "DataFrame":
    """As `model.score`: the same columns and values, lazily; rows come entity by entity.

    Spark shuffles rows by entity, and a task holds some whole histories at once. Rows of one moment
    keep the order in which Spark reads them. Each history is judged by itself: that another entity
    has the same identifier is not seen.

    Args:
        df: the events to score, and the earlier ones of their entities, of a Spark DataFrame of
            Spark 4; filter what comes back where these are not asked for.
        model: fitted or loaded on the driver.
        alert_rate: share of usual events that may raise an alert, such as 0.001.
        trusting: let strange events explain those after them too.

    Raises:
        DataError: a column that the model knows is absent or of another kind, the rate is none,
            a column is of a type that Arrow has not, or the DataFrame is a stream.
        MissingExtraError: pyspark is not installed.
    """
    given = nothing_of(df)
    import pyarrow as pa  # noqa: PLC0415 (slow to import)
    from pyspark.sql.types import StructType  # noqa: PLC0415

    if df.isStreaming:
        raise DataError("a stream has no whole histories: score a table")
    scorer, nothing = _scorer(model), pl.DataFrame(given)
    scored = scorer.score(nothing, alert_rate=alert_rate, trusting=trusting)
    added, more = told_to_spark(scored.drop(nothing.columns).schema)
    known = nothing.select(model.derivation.roles.columns).schema
    places = [nothing.columns.index(column) for column in known]
    output = reduce(pa.Schema.append, more, given.schema)
    step = _Scored(scorer, alert_rate, trusting, known, places, output)
    return _brought_together(df, places[0]).mapInArrow(step, StructType([*df.schema, *added]))


def _scorer(model: "SequenceModel") -> "Scorer":
    from anonymizer.sequences.scoring.frames import Scorer  # noqa: PLC0415 (slow to import)

    network = model.networks.events
    return Scorer(model.derivation, model.priors, network, model.calibration, apart=True)


def _brought_together(df: "DataFrame", entity: int) -> "DataFrame":
    """The rows of `numbered` and their place, each entity's in one partition, one after the other.

    Args:
        df: the rows.
        entity: the place of the entity's column.
    """
    from pyspark.sql.functions import col, monotonically_increasing_id  # noqa: PLC0415
    from pyspark.sql.types import StringType  # noqa: PLC0415

    who = col(f"_{entity}")
    if isinstance(df.schema[entity].dataType, StringType):
        who = who.cast("binary")  # a collation may take two entities for one
    placed = numbered(df).withColumn(_PLACE, monotonically_increasing_id())
    return placed.repartition(who).sortWithinPartitions(who, _PLACE)


@dataclass(frozen=True)
class _Sampled:
    """Samples the histories whose numbers come."""

    model: "SequenceModel" = field(repr=False)
    seed: int
    output: "pa.Schema" = field(repr=False)

    def __call__(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """The rows of the histories."""
        for batch in batches:
            for run in _runs(batch.column(0).to_numpy()):
                yield from self._rows(int(run[0]), len(run))

    def _rows(self, first: int, count: int) -> "Iterator[pa.RecordBatch]":
        blocks = self.model.sample_blocks(count, first=first, seed=self.seed)
        for frame in _in_one_thread(blocks):
            yield from settled_table(frame).cast(self.output, safe=False).to_batches()


def _runs(numbers: IntArray) -> list[IntArray]:
    """(M,) numbers as runs in which each follows the one before."""
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1)
    return [run for run in runs if len(run)]


@dataclass(frozen=True)
class _Scored:
    """Scores the rows of a partition, whole histories at a time.

    Attributes:
        scorer: of the model.
        alert_rate, trusting: as for `score`.
        known: the columns that the model knows, the entity first.
        places: of these among all.
        output: all columns and those that are added.
    """

    scorer: "Scorer" = field(repr=False)
    alert_rate: float | None
    trusting: bool
    known: pl.Schema
    places: list[int]
    output: "pa.Schema" = field(repr=False)

    def __call__(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """The rows, scored."""
        tables = whole_histories(together(batches), self.places[0])
        for table in map(self._scored, tables):
            yield from table.to_batches()

    def _scored(self, table: "pa.Table") -> "pa.Table":
        import pyarrow as pa  # noqa: PLC0415 (slow to import)

        told = table.select(self.places).rename_columns(list(self.known))
        frame = pl.DataFrame(told).cast(self.known)  # times come in the zone of the session
        scored = self.scorer.score(frame, alert_rate=self.alert_rate, trusting=self.trusting)
        added = scored.drop(frame.columns).to_arrow(compat_level=pl.CompatLevel.oldest())
        columns = [*table.drop_columns(_PLACE).columns, *added.columns]
        return pa.Table.from_arrays(columns, self.output.names).cast(self.output)


def whole_histories(tables: "Iterator[pa.Table]", entity: int) -> "Iterator[pa.Table]":
    """Tables that end where a history does, of tables in which histories follow each other.

    Args:
        tables: in which each entity's rows stand one after the other, those of none first.
        entity: the place of its column.
    """
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    kept: pa.Table | None = None
    for table in tables:
        rows = table if kept is None else pa.concat_tables([kept, table])
        begin = _last_history(pl.Series(rows[entity]))
        if begin:
            yield rows.slice(0, begin)
        kept = rows.slice(begin)
    if kept is not None and len(kept):
        yield kept


def _last_history(entity: pl.Series) -> int:
    """Where the last of (N,) entities begins; N where it is none, whose rows are no history."""
    if not len(entity) or entity[-1] is None:
        return len(entity)
    runs = entity.rle_id()
    return int(runs.search_sorted(runs[-1], side="left"))


def _in_one_thread(work: Iterator[Made]) -> Iterator[Made]:
    """What is computed as it is asked for, by one thread."""
    from anonymizer.sequences.training.threads import one_thread  # noqa: PLC0415 (slow to import)

    with one_thread():
        yield from work
