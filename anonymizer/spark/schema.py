"""Types of Spark and of Arrow: what the columns are called, and what they are on the way back."""

from typing import TYPE_CHECKING, Final

import polars as pl

from anonymizer.buffers import settled_table
from anonymizer.errors import DataError, MissingExtraError
from anonymizer.masking.masks.identifiers import Keep
from anonymizer.masking.plan.plan import Plan, leaves_of
from anonymizer.masking.plan.schema_tree import TreeNode

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

# What may be carried over of what a catalogue says of a column. The rest may hold its values, as
# the labels of Spark's own StringIndexer do.
_COMMENT: Final = "comment"
_LENGTH: Final = "__CHAR_VARCHAR_TYPE_STRING"  # which no mask minds


def nothing_of(df: "DataFrame") -> "pa.Table":
    """The columns of a Spark DataFrame as they come to masks, without rows.

    Raises:
        DataError: Arrow has no type for a column; names all of them.
        MissingExtraError: pyspark, or pandas, by which it takes rows, is not installed.
    """
    try:
        import pandas as pd  # noqa: F401, PLC0415 (Spark asks for it, by an error of its own)
        from pyspark.sql.types import StructType  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("anonymizer.spark", "spark") from None

    def empty(schema: StructType) -> "pa.Table | None":
        try:
            return df.sparkSession.createDataFrame([], schema).toArrow()
        except Exception:  # noqa: BLE001 (Spark 4.3 raises a kind of its own, others may not)
            return None

    nothing = empty(df.schema)
    if nothing is not None:
        return nothing
    wrong = [each for each in df.schema if empty(StructType([each])) is None]
    told = ", ".join(f"{each.name} is {each.dataType.simpleString()}" for each in wrong)
    way = "Arrow, by which rows come to masks, has no such type: cast them, or drop them before"
    raise DataError(f"{told}: {way}")


def told_to_spark(columns: pl.Schema) -> tuple["StructType", "pa.Schema"]:
    """Columns of Polars as Spark says them and as Arrow does; times in microseconds, as Spark's.

    Raises:
        DataError: Spark has no type for a column; names all of them.
    """
    from pyspark.errors import PySparkException  # noqa: PLC0415
    from pyspark.sql.pandas.types import from_arrow_schema, from_arrow_type  # noqa: PLC0415

    exact = {name: _in_microseconds(dtype) for name, dtype in columns.items()}
    schema = _of_spark(settled_table(pl.DataFrame(schema=exact)).schema)

    def unknown(dtype: "pa.DataType") -> bool:
        try:
            from_arrow_type(dtype)
        except PySparkException:
            return True
        return False

    wrong = [f"{each.name} is {columns[each.name]}" for each in schema if unknown(each.type)]
    if wrong:
        raise DataError(f"{', '.join(wrong)}: Spark has no such type: cast them before the fit")
    return from_arrow_schema(schema), schema


def _in_microseconds(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.Datetime):
        return pl.Datetime("us", dtype.time_zone)
    return pl.Duration("us") if isinstance(dtype, pl.Duration) else dtype


def output_of(df: "DataFrame", given: "pa.Schema", plan: Plan) -> tuple["StructType", "pa.Schema"]:
    """The schema of the masked rows, as Spark says it and as Arrow does.

    A column that is kept has the type, the comment and the collation that it had, and may be null
    where it might have been. Spark 4.3 knows a geometry by what its Arrow field says beside it.
    """
    import pyarrow as pa  # noqa: PLC0415 (slow to import)
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415
    from pyspark.sql.types import StructField, StructType  # noqa: PLC0415

    masked = _of_spark(pl.DataFrame(schema=plan.schema).to_arrow().schema)
    fields, columns = [], []
    for node, column, field in zip(plan.kept, masked, from_arrow_schema(masked), strict=True):
        before, is_kept = df.schema[node.column], _is_kept(node)
        carried = (_COMMENT, _LENGTH) if is_kept else (_COMMENT,)
        told = {name: value for name, value in before.metadata.items() if name in carried}
        if is_kept:
            fields.append(StructField(before.name, before.dataType, before.nullable, told))
            columns.append(given.field(node.column))
        else:
            fields.append(StructField(field.name, field.dataType, nullable=True, metadata=told))
            columns.append(column)
    return StructType(fields), pa.schema(columns)


def _is_kept(node: TreeNode) -> bool:
    masks = [mask for leaf in leaves_of([node]) for mask in leaf.masks]
    return all(isinstance(mask, Keep) and mask.when is None for mask in masks)


def _of_spark(schema: "pa.Schema") -> "pa.Schema":
    """An Arrow schema in the types that Spark has: no large ones, no views, no dictionaries."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    def plain(dtype: "pa.DataType") -> "pa.DataType":
        if pa.types.is_large_string(dtype) or pa.types.is_string_view(dtype):
            return pa.string()
        if pa.types.is_large_binary(dtype) or pa.types.is_binary_view(dtype):
            return pa.binary()
        if pa.types.is_large_list(dtype) or pa.types.is_list(dtype):
            return pa.list_(plain(dtype.value_type))
        if pa.types.is_struct(dtype):
            return pa.struct([pa.field(each.name, plain(each.type)) for each in dtype])
        if pa.types.is_dictionary(dtype):
            return plain(dtype.value_type)
        return dtype

    return pa.schema([pa.field(each.name, plain(each.type)) for each in schema])
