"""What rules learn from the whole table is counted where its rows are: none comes to the driver.

Masks that learn how many hold a value say so by a summary, which each task makes of its rows and
Spark brings together: by value, so that many tasks learn a part each, or by whole rows, of which
one task learns. So it is with the classes of `anonymity:`. What needs the rows themselves, such as
quantiles, is learned by one task from the columns that it looks at. Such a task keeps what comes in
a file of its own, in the folder in which Spark keeps what it shuffles, and learns from it as from
any file, with the memory of a streaming query. What comes back are edges, counts and digests.
"""

import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar

import polars as pl

from anonymizer.buffers import settled_table
from anonymizer.errors import AnonymizerError
from anonymizer.frames import batches as batches_of
from anonymizer.frames import collect, from_blocks, quiet
from anonymizer.keys import Key
from anonymizer.masking.plan.deferred import PlannedKey
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.fitted import Recoding
from anonymizer.masking.run.frames import masking
from anonymizer.masking.table.fitting import fit
from anonymizer.masking.table.mask_learning import Summary, each_once, summaries
from anonymizer.masking.table.recoding import Survey
from anonymizer.masking.table.tellings import SAMPLED_ROWS, Telling, moves_or_cuts, tellings
from anonymizer.spark.columns import beside_nulls, looked_at, only
from anonymizer.spark.failures import plainly
from anonymizer.spark.reading import quoted
from anonymizer.spark.schema import told_to_spark
from anonymizer.spark.shipping import blocks

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_ANSWER: Final = "answer"  # the one column of what a task gives
_BITS_OF_BLOCK: Final = 12  # 4,096 rows, so that a sample has some fifty blocks
_PARTS: Final = 10**12
Found = TypeVar("Found")

# What tasks do with rows: they get the key there.
Query = Callable[[pl.LazyFrame, Key | None], pl.LazyFrame]
Learn: TypeAlias = Callable[[pl.LazyFrame, Key | None], Found]


def learned(df: "DataFrame", plan: Plan, key: PlannedKey | None, *, sparing: bool) -> Plan:
    """The plan with what it learns from the rows of a Spark DataFrame.

    Args:
        df: the rows.
        plan: not fitted.
        key: the secret, which travels to executors as that of a plan does.
        sparing: learn only what masks cannot do without.

    Raises:
        SchemaError: what was learned forbids a mask, or the table cannot keep what
            `anonymity:` asks for.
        AnonymizerError: a task failed; what Spark says of it may hold values.
    """
    rows, known = _Rows(df, plan.given, key), plan.rules.fitted
    if plan.promised is not None and (known is None or known.recoding is None):
        survey = Survey.of(plan, plan.promised)
        surveyed = learned(df, survey.plan, key, sparing=False)
        summed = rows.summed(lambda frame, key: each_once(survey.rows(surveyed, frame, key)))
        plan = plan.recoded(summed.learned(lambda frame, _: survey.recoding(frame)))
    before = {
        each.name: _learned_from(each, rows)
        for each in summaries(plan, rows.secret, sparing=sparing)
    }

    def fitted(frame: pl.LazyFrame, key: Key | None) -> _Learned:
        with masking(plan, frame):
            done = fit(plan, frame, key, sparing=sparing, counted_before=before)
        return _Learned(dict(done.learned), done.recoding)

    found = rows.learned(fitted)
    if plan.recoding is None and found.recoding is not None:
        plan = plan.recoded(found.recoding)
    return replace(plan, learned=found.learned)


class _Learned(NamedTuple):
    """What a fitted plan knows of its table."""

    learned: dict[str, pl.DataFrame]
    recoding: Recoding | None


def found_in_sample(
    df: "DataFrame", plan: Plan, key: PlannedKey | None, rows: int
) -> list[Telling]:
    """What gives moved times away, as one task finds it in a sample, which is all it gets.

    Args:
        df: the rows.
        plan: fitted.
        key: the secret, as it travels.
        rows: how many there are.
    """
    if not moves_or_cuts(plan):
        return []

    def look(frame: pl.LazyFrame, key: Key | None) -> list[Telling]:
        with masking(plan, frame):
            return tellings(plan, frame, key, seekable=True)

    return _Rows(_blocks_of(df, rows), plan.given, key).learned(look)


def _blocks_of(df: "DataFrame", rows: int) -> "DataFrame":
    """Some blocks of rows that follow each other, as rows of one day, or one receipt, do."""
    from pyspark.sql import functions as f  # noqa: PLC0415

    if rows <= SAMPLED_ROWS:
        return df
    block = f.shiftright(f.monotonically_increasing_id(), _BITS_OF_BLOCK)
    drawn = f.pmod(f.xxhash64(block), f.lit(_PARTS))
    return df.where(drawn < _PARTS * SAMPLED_ROWS // rows)


def _learned_from(summary: Summary, rows: "_Rows") -> pl.DataFrame:
    """What a mask learns; by many tasks, where each may have some of the values."""
    summed = rows.summed(summary.rows, summary.apart)
    parts = summed.parts(summary.learned, summary.apart)
    return parts[0] if summary.apart is None else pl.concat(parts).sort(pl.all())


@dataclass(frozen=True)
class _Rows:
    """Rows of a Spark DataFrame, of which tasks learn.

    Attributes:
        df: the rows.
        given: their columns as they come to tasks.
        key: the secret, as it travels.
    """

    df: "DataFrame"
    given: pl.Schema
    key: PlannedKey | None = field(repr=False)

    @property
    def secret(self) -> Key | None:
        """The key, here."""
        return self.key() if self.key else None

    def summed(self, query: Query, apart: str | None = None) -> "_Rows":
        """What a query counts in the rows of each task: as one table, unless it is learned apart.

        Args:
            query: gives distinct rows, and how many of each there are, as `rows`.
            apart: as for `parts`.
        """
        from pyspark.sql import functions as f  # noqa: PLC0415

        columns = self._read(lambda rows, key: collect(query(rows, key))) or list(self.given)
        summary = query(pl.LazyFrame(schema=self.given), self.secret).collect_schema()
        types, output = told_to_spark(summary)
        step = _Summed(query, self.key, self._schema(columns), self.given, output)
        counted = only(self.df, columns).mapInArrow(step, types)
        if apart is None:
            values = [f.col(quoted(name)) for name in summary if name != "rows"]
            counted = counted.groupBy(*values).agg(f.sum("rows").alias("rows"))
        return _Rows(counted, summary, self.key)

    def learned(self, learn: Learn[Found]) -> Found:
        """What is learned of all rows, by one task."""
        return self.parts(learn)[0]

    def parts(self, learn: Learn[Found], apart: str | None = None) -> list[Found]:
        """What is learned of some rows each, by as many tasks as Spark thinks right.

        Args:
            learn: gives what can be pickled.
            apart: a column; a task has all rows with some of its values. If None, one task has all.
        """
        columns = self._read(learn)
        nothing = pl.LazyFrame(schema=self.given)
        if columns is None:
            return [learn(nothing, self.secret)]
        columns = columns or list(self.given)[:1]  # rows are counted
        task = _Task(learn, self.key, self._schema(columns), self.given)
        rows = only(self.df, columns)
        by = 1 if apart is None else rows[columns.index(apart)]
        answers = rows.repartition(by).mapInArrow(task, f"{_ANSWER} binary")
        table = plainly(answers.toArrow, "learning on an executor")
        found = [pickle.loads(each.as_py()) for each in table[_ANSWER]]  # noqa: S301 (our own tasks')
        for each in found:
            if isinstance(each, AnonymizerError):
                raise each
        return found or [learn(nothing, self.secret)]  # no row, no task

    def _read(self, look: Learn[Any]) -> list[str] | None:
        return looked_at(lambda rows: look(rows, self.secret), self.given)

    def _schema(self, columns: list[str]) -> pl.Schema:
        return pl.Schema({column: self.given[column] for column in columns})


@dataclass(frozen=True)
class _Summed:
    """Counts what a query makes of the rows of a partition."""

    query: Query = field(repr=False)
    key: PlannedKey | None = field(repr=False)
    schema: pl.Schema
    given: pl.Schema
    output: "pa.Schema" = field(repr=False)

    def __call__(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """The distinct rows, with their number."""
        rows = beside_nulls(from_blocks(blocks(batches, self.schema), self.schema), self.given)
        with quiet("learning"):
            for frame in batches_of(self.query(rows, self.key() if self.key else None)):
                yield from settled_table(frame).cast(self.output).to_batches()


@dataclass(frozen=True)
class _Task:
    """Learns from the rows of a partition."""

    learn: Learn[Any] = field(repr=False)
    key: PlannedKey | None = field(repr=False)
    schema: pl.Schema
    given: pl.Schema

    def __call__(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """One row: what was learned, or the error that forbids to mask."""
        import pyarrow as pa  # noqa: PLC0415 (slow to import)

        answer = pickle.dumps(self._answer(batches))
        yield pa.RecordBatch.from_arrays([pa.array([answer], pa.binary())], [_ANSWER])

    def _answer(self, batches: "Iterator[pa.RecordBatch]") -> Any:
        try:
            with _kept(blocks(batches, self.schema), self.schema) as kept:
                return self.learn(beside_nulls(kept, self.given), self.key() if self.key else None)
        except AnonymizerError as error:
            return error


@contextmanager
def _kept(frames: Iterator[pl.DataFrame], schema: pl.Schema) -> Iterator[pl.LazyFrame]:
    """Frames of a schema in a file that nobody else may read, for as long as it is read."""
    import pyarrow.parquet as pq  # noqa: PLC0415 (slow to import)

    folders = os.environ.get("SPARK_LOCAL_DIRS", "").split(",")
    with tempfile.TemporaryDirectory(dir=folders[0] or None) as folder:
        path = Path(folder) / "rows.parquet"
        columns = pl.DataFrame(schema=schema).to_arrow().schema
        with pq.ParquetWriter(path, columns, compression="zstd") as writer:
            for frame in frames:
                writer.write_table(frame.to_arrow())
        yield pl.scan_parquet(path)
