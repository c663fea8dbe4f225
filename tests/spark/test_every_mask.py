"""On Spark every mask gives what it gives in Polars, value for value, whatever the partitions."""

from typing import Any, Final

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import anonymizer
from anonymizer import spark as on_spark
from anonymizer.masking.masks import MASKS
from tests.masking.masks.test_laws import CASES, ROWS, frame_of

pytestmark = pytest.mark.filterwarnings("ignore")  # of pyspark itself

SECRET: Final = "0123456789abcdef-of-the-tests"
# Texts in which dates move as columns do would need all columns to move alike.
EVERY: Final = [
    (column, rule)
    for column, rule in CASES
    if rule["mask"] != "shuffle" and not {"replace", "days"} <= set(rule)
    if rule.get("replace") != {"date": "shift"}
]
IN_LISTS: Final = [
    {"mask": "token"},
    {"mask": "partial", "first": 1, "last": 1},
    {"mask": "region", "country": "GB"},
]


ALIKE: Final = {"round", "redact", "clip", "partial"}  # of a type, beside what is kept


def asked(rule: dict[str, Any]) -> object:
    """The mask of a column; some are for some rows only, and leave the others."""
    return [rule | {"when": "number > 3"}, "keep"] if rule["mask"] in ALIKE else rule


COLUMNS: Final = {f"c{place}": column for place, (column, _) in enumerate(EVERY)}
RULES: Final[dict[str, Any]] = {
    "version": 1,
    "entity": "who",
    "unlisted": "keep",
    "columns": {
        **{f"c{place}": asked(rule) for place, (_, rule) in enumerate(EVERY)},
        **{f"inner.c{place}": rule for place, (_, rule) in enumerate(EVERY)},
        **{f"l{place}[]": rule for place, rule in enumerate(IN_LISTS)},
    },
}


def wide(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """A column for each mask, all of them once more in a struct, and lists."""
    frame = frame_of(rows).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    each = [pl.col(column).alias(name) for name, column in COLUMNS.items()]
    texts = pl.concat_list("text", pl.col("text").shift(1)).alias
    return frame.with_columns(
        *each, pl.struct(each).alias("inner"), *(texts(f"l{n}") for n in range(len(IN_LISTS)))
    )


def test_every_mask_is_tried() -> None:
    """But `shuffle`, which cannot run on Spark."""
    assert {rule["mask"] for _, rule in EVERY} == set(MASKS) - {"shuffle"}


@given(rows=ROWS.filter(bool), partitions=st.integers(1, 4))
@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_spark_gives_what_polars_gives_of_every_mask(
    spark: Any, rows: list[dict[str, Any]], partitions: int
) -> None:
    """In columns, in structs and in lists, for all rows and for some."""
    given_ = spark.createDataFrame(wide(rows).to_arrow())
    came = pl.DataFrame(given_.toArrow())
    masked = on_spark.anonymize(given_.repartition(partitions), RULES, key=SECRET)
    found = pl.DataFrame(masked.toArrow()).sort("row")
    expected = anonymizer.anonymize(came, RULES, key=SECRET)
    assert_frame_equal(found, expected, check_dtypes=False, check_exact=True)
