"""The same plan on Spark: a Spark DataFrame in, a Spark DataFrame out.

Partitions go through the Polars plan as Arrow batches, so that there is one implementation of
every mask. Spark ships the key to the executors inside the task, as it ships everything: give a
callable that fetches it, and it is fetched there. Nothing of it is in a plan, log or event.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import polars as pl

from anonymizer.buffers import settled_table
from anonymizer.errors import DataError
from anonymizer.frames import batches as batches_of
from anonymizer.frames import from_blocks, quiet
from anonymizer.keys import KeySource
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.deferred import PlannedKey
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.rules import Rules, RuleSource, load_rules
from anonymizer.masking.run.frames import key_for
from anonymizer.masking.run.notes import frame_warnings_of, kept_order, told_of, warn
from anonymizer.masking.run.order import told_by_order
from anonymizer.masking.table.fitting import fit, learned_by
from anonymizer.masking.table.tellings import unseen
from anonymizer.provenance import FileRecord, Provenance
from anonymizer.spark.columns import beside_nulls, looked_at, only
from anonymizer.spark.failures import plainly
from anonymizer.spark.learning import learned
from anonymizer.spark.schema import nothing_of, output_of
from anonymizer.spark.shipping import blocks, numbered, reference

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_ROWS_SEEN: Final = 4_000  # that show whether rows come in the order of a column


def anonymize(df: "DataFrame", rules: RuleSource, *, key: KeySource | None = None) -> "DataFrame":
    """The masked Spark DataFrame; lazy, as Spark is.

    What masks learn from the whole table is learned by executors from the columns that it takes,
    before this returns; a streaming DataFrame is masked by rules that are fitted already. The first
    rows are looked at for what their order tells, but no row for what else tells times that are
    moved, which a warning says. `shuffle` needs all rows in one place and is refused.

    Columns that are kept have the type, the comment and the collation that they had, and hold as
    few nulls; of masked ones the comment stays.

    Args:
        df: a Spark DataFrame of Spark 4, or a streaming one.
        rules: a rule file, the name of a pack, a dict or `Rules`.
        key: a callable that gives the secret, called on driver and executors; or the secret; or
            nothing, where ANONYMIZER_KEY is set on both.

    Warns:
        PrivacyWarning: what to reconsider before the frame is handed on, one for each thing.

    Raises:
        RuleError: the rules are wrong.
        DataError: rules and columns do not fit, or a column is of a type that Arrow has not.
        AnonymizerError: an executor failed.
        KeyMaterialError: there is no key that could serve.
        MissingExtraError: pyspark is not installed.
    """
    loaded = load_rules(rules)
    if loaded.order == "shuffled":
        raise DataError("order: on Spark, sort by the masked entity before rows are written")
    ready = Ready.of(df, loaded, key, sparing=True)
    told = told_of(unseen(ready.plan))
    warn([*frame_warnings_of(ready.plan), *told, *kept_order(ready.ordered)])
    return ready.masked()


class Ready(NamedTuple):
    """A Spark DataFrame and what is known before a row of it is masked.

    Attributes:
        rows: what is masked.
        given: its columns as they come to masks, without rows.
        plan: fitted.
        key: the secret, as it travels; None where none is needed.
        ordered: the columns in whose order the first rows come.
    """

    rows: "DataFrame"
    given: "pa.Table"
    plan: Plan
    key: PlannedKey | None
    ordered: list[str]

    @classmethod
    def of(cls, df: "DataFrame", rules: Rules, key: KeySource | None, *, sparing: bool) -> Self:
        """What must be learned is learned, and all that can be refused is refused.

        Args:
            df: what is masked.
            rules: by which.
            key: as for `anonymize`.
            sparing: learn only what masks cannot do without.
        """
        given = nothing_of(df)
        nothing = pl.DataFrame(given)
        plan = make_plan(rules, nothing.schema)
        if plan.learns and df.isStreaming:
            raise DataError(
                "a stream is not there to learn from: use `fit_rules` on a table like it first"
            )
        if plan.whole_table:
            raise DataError("shuffle needs all rows in one place: it cannot run on Spark")
        shipped = _planned(plan, key)
        with quiet("learning"):
            if plan.learns or not sparing:
                plan = learned(df, plan, shipped, sparing=sparing)
            else:
                plan = fit(plan, nothing.lazy(), shipped() if shipped else None, sparing=True)
        return cls(df, given, plan, shipped, _told_by_order(df, plan))

    def masked(self) -> "DataFrame":
        """The masked rows; lazy, as Spark is."""
        schema, arrow = output_of(self.rows, self.given.schema, self.plan)
        step = _Partitions(self.plan, self.key if self.plan.keyed else None, arrow)
        return numbered(self.rows).mapInArrow(step, schema)


def fit_rules(df: "DataFrame", rules: RuleSource, *, key: KeySource | None = None) -> Rules:
    """Learn from a Spark DataFrame what the rules need; as `anonymizer.fit_rules` of a table.

    Executors learn, from the columns that it takes; only edges, counts and digests come to the
    driver.

    Args:
        df: a Spark DataFrame of Spark 4.
        rules: a rule file, the name of a pack, a dict or `Rules`; what they learned before from
            another table is forgotten.
        key: as for `anonymize`.

    Returns:
        The rules with what they learned, for any engine.

    Raises:
        UsageError: the rules are wrong, do not fit, or the table cannot keep what they promise.
        AnonymizerError: an executor failed.
        MissingExtraError: pyspark is not installed.
    """
    return fitted_rules(df, rules, key)


def fitted_rules(
    df: "DataFrame", rules: RuleSource, key: KeySource | None, name: str | None = None
) -> Rules:
    """As `fit_rules`; `name` is that of the table, for the record of what was learned from."""
    loaded = replace(load_rules(rules), fitted=None)
    plan = make_plan(loaded, pl.DataFrame(nothing_of(df)).schema)
    if df.isStreaming:
        raise DataError("a stream is not there to learn from: give a table like it")
    shipped = _planned(plan, key)
    with quiet("learning"):
        plan = learned(df, plan, shipped, sparing=False)
    knows = learned_by(plan, shipped() if shipped else None)
    read = FileRecord(role="training", name=name, undigested="spark")
    origin = Provenance.now("anonymizer.spark.fit_rules", "pyspark", inputs=[read])
    return replace(loaded, fitted=replace(knows, provenance=origin))


def _planned(plan: Plan, key: KeySource | None) -> PlannedKey | None:
    """The key that a plan needs; executors fetch it, or get it hidden, and refuse another one."""
    secret = key_for(plan, key)
    return PlannedKey(secret, reference(key), secret.id) if secret else None


def _told_by_order(df: "DataFrame", plan: Plan) -> list[str]:
    """The columns in whose order the first rows come; none of a stream."""

    def look(rows: pl.LazyFrame) -> list[str]:
        return told_by_order(plan, rows, None, seekable=False)

    columns = [] if df.isStreaming else looked_at(look, plan.given)
    if not columns:
        return []
    rows = only(df, columns).limit(_ROWS_SEEN)
    first = pl.DataFrame(plainly(rows.toArrow, "looking at the first rows"))
    first.columns = columns
    return look(beside_nulls(first.lazy(), plan.given))


@dataclass(frozen=True)
class _Partitions:
    """Masks the Arrow batches of a partition as one table that streams."""

    plan: Plan = field(repr=False)
    key: PlannedKey | None = field(repr=False)
    output: "pa.Schema" = field(repr=False)

    def __call__(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """The masked batches."""
        secret = self.key() if self.key else None
        rows = from_blocks(blocks(batches, self.plan.given), self.plan.given)
        masked = self.plan.apply(rows, secret, remember=True)
        with quiet("masking"):
            for frame in batches_of(masked):
                yield from settled_table(frame).cast(self.output).to_batches()
