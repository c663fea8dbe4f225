"""What a masked table is still good for: an analyst's queries, answered before and after masking.

A query is SQL of the table `events`. Both answers are held against each other as weighted sets: the
columns of an answer that are no numbers say which row is which (cast those that are names to
text), and of each number the smaller one of both answers counts of the larger one (the similarity
of Ruzicka, 1958, between 0 and 1). So a single number is judged by its relative error, counts of
values by what lies on the right value, and a list without numbers, as of the twenty best, by how
much both lists share (Jaccard).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl

from anonymizer.errors import UsageError

TABLE: Final = "events"
_LISTED: Final = 20  # of the most frequent values


def usual_queries(
    entity: Sequence[str], time: str | None, numbers: Sequence[str], values: Sequence[str]
) -> dict[str, str]:
    """What is asked of most tables of events.

    Args:
        entity: the columns that say whose event a row is.
        time: the column that says when.
        numbers: columns to be summed.
        values: columns to be counted by their values.

    Returns:
        In a few words what is asked → the query.
    """
    queries = dict[str, str]()
    if time is not None:
        day, who = f"CAST({_name(time)} AS DATE)", ", ".join(map(_name, entity))
        month = f"STRFTIME({_name(time)}, '%Y-%m')"
        sums = {c: f"SUM({_name(c)})" for c in numbers}
        queries |= {
            f"{c} by month": f"SELECT {month} AS month, {counted} AS total FROM {TABLE} GROUP BY "
            f"{month}"
            for c, counted in {"events": "COUNT(*)", **sums}.items()
        }
        queries |= {
            "people who come again": "SELECT AVG(CASE WHEN days > 1 THEN 1.0 ELSE 0.0 END) AS part "
            f"FROM (SELECT COUNT(DISTINCT {day}) AS days FROM {TABLE} GROUP BY {who})",
            "events of a visit": "SELECT AVG(count) AS events FROM "
            f"(SELECT COUNT(*) AS count FROM {TABLE} GROUP BY {who}, {day})",
        }
    else:
        queries |= {f"sum of {c}": f"SELECT SUM({_name(c)}) AS total FROM {TABLE}" for c in numbers}
    for column in values:
        value = f"CAST({_name(column)} AS VARCHAR) AS value"
        grouped = f"FROM {TABLE} GROUP BY {_name(column)}"
        queries[f"events by {column}"] = f"SELECT {value}, COUNT(*) AS events {grouped}"
        queries[f"most frequent {column}"] = (
            f"SELECT {value} {grouped} ORDER BY COUNT(*) DESC, value LIMIT {_LISTED}"
        )
    return queries


def _name(column: str) -> str:
    """A column as SQL names it."""
    return '"' + column.replace('"', '""') + '"'


def reads(query: str, columns: Sequence[str]) -> bool:
    """Whether a query may read one of some columns: it names it, or takes all there are."""
    return "*" in query.replace("COUNT(*)", "") or any(_name(c)[1:-1] in query for c in columns)


def answers(queries: Mapping[str, str], events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The answers of the raw table.

    Raises:
        UsageError: a query is none, or asks for what the table does not have.
    """
    found = {}
    for name, query in queries.items():
        try:
            found[name] = _asked(query, events)
        except pl.exceptions.PolarsError as error:
            raise UsageError(
                f"query '{name}': {type(error).__name__}: it must be SQL of the table `{TABLE}`, "
                f"whose columns are {', '.join(events.columns)}"
            ) from None
    return found


def kept(query: str, answer: pl.DataFrame, events: pl.DataFrame) -> float:
    """How much of an answer a masked table still gives, between 0 and 1.

    0 where it has no answer, as a column is gone or holds no numbers any more.
    """
    try:
        return likeness(answer, _asked(query, events))
    except pl.exceptions.PolarsError:
        return 0.0


def _asked(query: str, events: pl.DataFrame) -> pl.DataFrame:
    with pl.SQLContext({TABLE: events}, eager=True) as context:
        return context.execute(query)


def likeness(answer: pl.DataFrame, other: pl.DataFrame) -> float:
    """Σ min / Σ max over the rows of two answers, the mean over their columns of numbers.

    Rows that one of both lacks, and numbers of different signs, have nothing in common.

    Example:
        >>> likeness(pl.DataFrame({"total": [80.0]}), pl.DataFrame({"total": [100.0]}))
        0.8
        >>> likeness(pl.DataFrame({"item": ["a", "b"]}), pl.DataFrame({"item": ["b", "c", "a"]}))
        0.6666666666666666
    """
    numbers = [c for c, dtype in answer.schema.items() if dtype.is_numeric()]
    there, here = (_keyed(each, numbers) for each in (answer, other))
    both = there.join(here, on=there.columns[0], how="full", suffix="_other")
    shares = []
    for column in there.columns[1:]:
        pair = both.select(pl.col(column, f"{column}_other").fill_null(0)).to_numpy()
        same = np.sign(pair[:, 0]) == np.sign(pair[:, 1])
        sizes = np.abs(pair)
        most = np.where(same, sizes.max(axis=1), sizes.sum(axis=1)).sum()
        shares.append(float((sizes.min(axis=1) * same).sum() / most) if most else 1.0)
    return float(np.mean(shares))


def _keyed(answer: pl.DataFrame, numbers: Sequence[str]) -> pl.DataFrame:
    """An answer with one key, which tells its rows apart, and numbers; ones where it has none."""
    names = [c for c in answer.columns if c not in numbers]
    key = pl.concat_str(
        [pl.lit(""), *(pl.col(c).cast(pl.String).fill_null("\0") for c in names)], separator="\x1f"
    )
    weights = pl.col(numbers).cast(pl.Float64).fill_nan(None) if numbers else pl.lit(1.0)
    keyed = answer.select(key.alias("\x1fkey"), weights)
    return keyed.group_by("\x1fkey").sum()
