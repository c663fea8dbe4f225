"""What a masked table is still good for: an analyst's queries, answered before and after masking.

A query is SQL of the table `events`. Both answers are held against each other as weighted sets: the
columns of an answer that are no numbers say which row is which (cast those that are names to
text), and of each number the smaller one of both answers counts of the larger one (the similarity
of Ruzicka, 1958, between 0 and 1). So a single number is judged by its relative error, counts of
values by what lies on the right value, and a list without numbers, as of the twenty best, by how
much both lists share (Jaccard).

A query is one SELECT that reads `events` and nothing else: no files, no addresses, and it changes
nothing.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl
import polars.selectors as cs

from anonymizer.errors import UsageError

TABLE: Final = "events"
_LISTED: Final = 20  # of the most frequent values
_NARROW: Final = (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32)
_BLANK: Final = r"(?:\s|/\*.*?\*/|--[^\n]*(?:\n|$))*"
_SELECT: Final = re.compile(rf"(?:{_BLANK}\()*{_BLANK}(?:SELECT|WITH)\b", re.IGNORECASE | re.DOTALL)
_FILES: Final = re.compile(rf"\bread_\w+[\"`]?{_BLANK}\(", re.IGNORECASE | re.DOTALL)
_ALL: Final = re.compile(r"\*|\bCOLUMNS\b|\bNATURAL\b", re.IGNORECASE)  # columns without names


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
    sums = {c: f"SUM(CAST({_name(c)} AS DOUBLE))" for c in numbers}  # integers would wrap
    if time is not None:
        day, who = f"CAST({_name(time)} AS DATE)", ", ".join(map(_name, entity))
        month = f"STRFTIME({_name(time)}, '%Y-%m')"
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
        queries |= {
            f"sum of {c}": f"SELECT {each} AS total FROM {TABLE}" for c, each in sums.items()
        }
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
    """Whether a query may read one of some columns: it names it, or some that it does not name."""
    named = {re.escape(each) for column in columns for each in (column, _name(column)[1:-1])}
    names = re.compile(rf"(?<!\w)(?:{'|'.join(named)})(?!\w)")
    return bool(_ALL.search(query.replace("COUNT(*)", "")) or names.search(query))


def answers(queries: Mapping[str, str], events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The answers of the raw table.

    Raises:
        UsageError: a query is none, reads anything else, or asks for what the table does not have.
    """
    found = dict[str, pl.DataFrame]()
    for name, query in queries.items():
        fault = None if _is_confined(query) else "it reads something else, or is no SELECT"
        try:
            found |= {} if fault else {name: _asked(query, events)}
        except (pl.exceptions.PolarsError, OSError) as error:
            fault = type(error).__name__
        if fault:
            raise UsageError(
                f"query '{name}': {fault}: it must be one SELECT of the table `{TABLE}`, whose "
                f"columns are {', '.join(events.columns)}"
            )
    return found


def _is_confined(query: str) -> bool:
    """Whether a query is a SELECT that has no answer without the table, and reads no files."""
    if not _SELECT.match(query) or _FILES.search(query):
        return False
    try:
        with pl.SQLContext(eager=True) as nothing:
            nothing.execute(query)
    except pl.exceptions.PolarsError:
        return True
    return False


def kept(query: str, answer: pl.DataFrame, events: pl.DataFrame) -> float:
    """How much of an answer a masked table still gives, between 0 and 1.

    0 where it has no answer, as a column is gone or holds no numbers any more.
    """
    try:
        return likeness(answer, _asked(query, events))
    except pl.exceptions.PolarsError:
        return 0.0


def _asked(query: str, events: pl.DataFrame) -> pl.DataFrame:
    """The answer; narrow integers are widened, as their sums would wrap at the end of the type."""
    wide = events.lazy().with_columns(cs.by_dtype(_NARROW).cast(pl.Int64))
    with pl.SQLContext({TABLE: wide}, eager=True) as context:
        return context.execute(query)


def likeness(answer: pl.DataFrame, other: pl.DataFrame) -> float:
    """Σ min / Σ max over the rows of two answers, the mean over their columns of numbers.

    Rows that one of both lacks, and numbers of different signs, have nothing in common. Of numbers
    that are infinite, or come to it, none is kept.

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
        with np.errstate(over="ignore"):
            most = np.where(same, sizes.max(axis=1), sizes.sum(axis=1)).sum()
        if np.isfinite(most):
            shares.append(float(sizes.min(axis=1)[same].sum() / most) if most else 1.0)
        else:
            shares.append(0.0)
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
