"""Who is drawn on Spark is who is drawn in Polars."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

import anonymizer
from anonymizer.spark import sample_entities

pytestmark = pytest.mark.filterwarnings("ignore")  # of pyspark itself

SECRET = "0123456789abcdef-of-the-tests"
FRAME = pl.DataFrame(
    {
        "shop.of": ["a", "b"] * 500,
        "who": [number % 90 if number % 11 else None for number in range(1_000)],
        "at": [datetime(2024, 1, 1, tzinfo=UTC)] * 1_000,
        "tags": [["x", None], []] * 500,
    }
)


@pytest.mark.parametrize("entity", ["who", ["shop.of", "who"]])
def test_the_same_persons_are_drawn(spark: Any, entity: Any) -> None:
    """With all columns as they were, whatever the partitions and the zone of the session."""
    expected = anonymizer.sample_entities(FRAME, 0.4, entity=entity, key=SECRET)
    given = spark.createDataFrame(FRAME.to_arrow()).repartition(3)
    for key in (SECRET, lambda: SECRET):
        some = sample_entities(given, 0.4, entity=entity, key=key)
        assert some.schema == given.schema
        found = pl.DataFrame(some.toArrow()).sort("who", "shop.of")
        assert found.rows() == expected.sort("who", "shop.of").rows()


def test_the_key_is_in_no_plan(spark: Any) -> None:
    """Nor what is made of it."""
    given = spark.createDataFrame(FRAME.to_arrow())
    told = sample_entities(given, 0.4, entity="who", key=SECRET)._jdf.queryExecution().toString()
    assert SECRET not in told
    assert anonymizer.Key(SECRET).subkey("\x01sample") not in told
