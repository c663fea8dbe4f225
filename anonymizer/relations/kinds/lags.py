"""A time is another and a span of days or months: one for all, or of each value of a code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import ClassVar, Final

import polars as pl

from anonymizer.relations.base.relation import EXACT, LEAST_WITNESSES, Relation, fitting
from anonymizer.relations.base.rows import Rows, is_time
from anonymizer.relations.kinds.orders import comparable

_FEW: Final = 0.1  # of the rows at most have spans of their own


@dataclass(frozen=True)
class Lag(Relation):
    """A time is so many days after, or before, another.

    Attributes:
        target, base: the columns.
        code: the column that the span follows from; None where it is one for all.
        known: microseconds `n` by the code's values `c`; of one row without a code.
    """

    target: str
    base: str
    code: str | None
    known: pl.DataFrame = field(repr=False, compare=False)
    kind: ClassVar = "elapsed"
    parts: ClassVar = ("target", "base", "code")

    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series:
        part = rows.select(
            n=span(self.base, self.target, rows),
            c=pl.col(self.code) if self.code else pl.lit(0, pl.Int8),
        )
        known = fitting(self.known.rename({"n": "u"}), part)
        found = part.join(known, on="c", how="left", maintain_order="left")
        return found.select(x=pl.col("n") == pl.col("u"))["x"]

    def __str__(self) -> str:
        return f"{self.target} = {self.base} + " + (
            f"f({self.code})" if self.code else "a constant"
        )


def span(base: str, target: str, rows: pl.DataFrame) -> pl.Expr:
    """Microseconds from one time to another."""
    a, b = (comparable(c, rows, (base, target)) for c in (base, target))
    return (b - a).dt.total_microseconds()


def lags(rows: Rows, codes: Sequence[str], k: int) -> Iterator[Lag]:
    """Times that are another and a span, told from the time of the events where it is one."""
    times = sorted(rows.of_type(times=True), key=lambda c: c != rows.time)
    for base, target in combinations(times, 2):
        spans = rows.frame.select(span(base, target, rows.frame)).to_series().drop_nulls()
        usual = int((spans == spans.mode().first()).sum())
        zones = {getattr(rows.schema[c], "time_zone", None) for c in (base, target)}
        if len(zones) > 1 or spans.n_unique() > max(LEAST_WITNESSES, _FEW * len(spans)):
            continue
        for code in (None, *(c for c in codes if not is_time(rows.schema[c]))):
            lag = known_spans(Lag(target, base, code, pl.DataFrame()), rows, k)
            if lag and _is_told(lag, rows, len(spans), usual):
                yield lag
                break


def known_spans(lag: Lag, rows: Rows, k: int) -> Lag | None:
    """The same with the span of each code that k entities have with it; None without any."""
    code = pl.col(lag.code) if lag.code else pl.lit(0, pl.Int8)
    part = rows.frame.select(
        c=code, n=span(lag.base, lag.target, rows.frame), e=pl.Series(rows.owner)
    )
    counts = part.drop_nulls().group_by("c", "n").agg(pl.len(), pl.col("e").n_unique())
    held = counts.filter(pl.col("e") >= k).sort("len", "n", descending=True)
    known = held.unique("c", keep="first", maintain_order=True).select("c", "n").sort("c")
    return None if known.is_empty() else replace(lag, known=known)


def _is_told(lag: Lag, rows: Rows, count: int, usual: int) -> bool:
    """Whether nearly all rows have the span of their code, and not by chance."""
    broken = count - int(lag.kept(rows.frame).sum())
    if lag.code is None:
        return count >= LEAST_WITNESSES and broken <= (1 - EXACT) * count
    return count - usual >= LEAST_WITNESSES and broken <= (1 - EXACT) * (count - usual)
