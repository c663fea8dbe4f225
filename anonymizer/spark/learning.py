"""What rules learn from the whole table is learned by one executor: no row comes to the driver.

Spark reads the columns that learning looks at, side by side, and hands them to one task. That keeps
them in a file of its own, in the folder in which Spark keeps what it shuffles, and learns from it
as from any file, with the memory of a streaming query. What comes back are edges, counts and
digests.
"""

import os
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from anonymizer.errors import AnonymizerError
from anonymizer.masking.plan.deferred import PlannedKey
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.fitted import Recoding
from anonymizer.masking.run.frames import masking
from anonymizer.masking.table.fitting import fit
from anonymizer.spark.columns import beside_nulls, looked_at, only
from anonymizer.spark.failures import plainly
from anonymizer.spark.shipping import blocks, numbered

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_ANSWER: Final = "answer"  # the one column of what the task gives


def learned(df: "DataFrame", plan: Plan, key: PlannedKey | None, *, sparing: bool) -> Plan:
    """The plan with what it learns from the rows of a Spark DataFrame.

    Args:
        df: the rows.
        plan: not fitted.
        key: the secret, which travels to the executor as that of a plan does.
        sparing: learn only what masks cannot do without.

    Raises:
        SchemaError: what was learned forbids a mask, or the table cannot keep what
            `anonymity:` asks for.
        AnonymizerError: the task failed; what Spark says of it may hold values.
    """
    secret = key() if key else None
    columns = looked_at(lambda rows: fit(plan, rows, secret, sparing=sparing), plan.given)
    if columns is None:
        return fit(plan, pl.LazyFrame(schema=plan.given), secret, sparing=sparing)
    columns = columns or list(plan.given)[:1]  # rows are counted
    task = _Task(plan, key, pl.Schema({c: plan.given[c] for c in columns}), sparing)
    rows = numbered(only(df, columns)).repartition(1).mapInArrow(task, f"{_ANSWER} binary")
    table = plainly(rows.toArrow, "learning on an executor")
    if not len(table):  # no row, no partition
        return fit(plan, pl.LazyFrame(schema=plan.given), secret, sparing=sparing)
    answer: _Learned | AnonymizerError = pickle.loads(table[_ANSWER][0].as_py())  # noqa: S301 (our own task's)
    if isinstance(answer, AnonymizerError):
        raise answer
    recoded = plan if answer.recoding is None else plan.recoded(answer.recoding)
    return replace(recoded, learned=answer.learned)


@dataclass(frozen=True)
class _Learned:
    """What a fitted plan knows of its table."""

    learned: dict[str, pl.DataFrame]
    recoding: Recoding | None


@dataclass(frozen=True)
class _Task:
    """Learns from the rows of the one partition."""

    plan: Plan = field(repr=False)
    key: PlannedKey | None = field(repr=False)
    schema: pl.Schema
    sparing: bool

    def __call__(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """One row: what was learned, or the error that forbids to mask."""
        import pyarrow as pa  # noqa: PLC0415 (slow to import)

        answer = pickle.dumps(self._answer(batches))
        yield pa.RecordBatch.from_arrays([pa.array([answer], pa.binary())], [_ANSWER])

    def _answer(self, batches: "Iterator[pa.RecordBatch]") -> _Learned | AnonymizerError:
        try:
            secret = self.key() if self.key else None
            with _kept(blocks(batches, self.schema), self.schema) as kept:
                rows = beside_nulls(kept, self.plan.given)
                with masking(self.plan, rows):
                    plan = fit(self.plan, rows, secret, sparing=self.sparing)
            return _Learned(dict(plan.learned), plan.recoding)
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
