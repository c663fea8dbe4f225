"""Anomalies put into real histories on purpose, so that a detector without labels can be judged.

Each is ordinary in the data as a whole and strange only for its entity or its place in the order,
so that a detector must have learned persons and not just columns. Five kinds, each in a tenth of
the entities of its own, at an event with others before it, where the columns allow it:

    amount spike      a number becomes five times the entity's own median
    foreign history   up to five events in a row take all fields from another entity's events
    burst             an event is followed by three copies within as many minutes (on the same
                      day, where events have only a date)
    odd hour          an event moves to a usual hour of the day that is farthest from the
                      entity's own hours
    odd category      a category becomes one that its entity never had, frequent ones first

Numbers and categories change in the column that is most personal: the one whose values differ
least within entities, compared to between them. An entity's chance is its number of events, so
that anomalies are not a mark of short histories.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import IntArray
from anonymizer.checks.sets.frequencies import by_frequency

INJECTED_COLUMN: Final = "injected"  # whether an event is an anomaly
ANOMALY_COLUMN: Final = "injected_kind"  # which kind of anomaly it is
FOREIGN_EVENTS = 5  # in a row that are taken from another entity
BURST_COPIES = 3  # of one event
SPIKE_FACTOR = 5.0  # times the entity's own median
EVENTS_BEFORE = 3  # an anomaly, where the entity has as many: there is something to differ from
USUAL_HOUR_SHARE = 0.02  # share of the events that makes an hour usual
ENTITY_SHARE_PER_KIND = 0.1  # that get an anomaly; the five kinds leave half of them alone


@dataclass(frozen=True)
class _Site:
    """Where anomalies of one kind go: sorted events and one chosen event per chosen entity."""

    frame: pl.DataFrame
    like: pl.DataFrame  # in which the columns to change are chosen
    entity: str
    time: str
    rows: IntArray  # of the chosen events
    ends: IntArray  # one past the last event of each chosen event's entity
    rng: np.random.Generator


def inject(
    frame: pl.DataFrame, *, entity: str, time: str, seed: int, like: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Histories with anomalies in them.

    Args:
        frame: one row per event.
        entity: column that says whose event it is.
        time: column that says when.
        seed: decides which events; the same seed gives the same anomalies.
        like: events in which the columns to change are chosen, so that two sets get the same
            kinds of anomalies; the frame itself by default.

    Returns:
        the events sorted by entity and time, with `injected` (Boolean) and `injected_kind`
        (String, null for real events).
    """
    rng = np.random.default_rng(seed)
    events = frame.drop_nulls([entity, time]).sort(entity, time, maintain_order=True)
    plain = [
        pl.lit(value=False).alias(INJECTED_COLUMN),
        pl.lit(None, pl.String).alias(ANOMALY_COLUMN),
    ]
    events = events.with_columns(plain)
    lengths = events.select(pl.col(entity).rle().struct.field("len")).to_series().to_numpy()
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    owners = rng.choice(len(lengths), len(lengths), replace=False, p=lengths / lengths.sum())
    size = max(1, round(ENTITY_SHARE_PER_KIND * len(lengths)))
    extra: list[pl.DataFrame] = []
    for number, (kind, put) in enumerate(ANOMALY_KINDS.items()):
        chosen = np.sort(owners[number * size : (number + 1) * size])
        if not len(chosen):
            continue
        before = np.minimum(EVENTS_BEFORE, lengths[chosen] - 1)
        later = rng.random(len(chosen)) * (lengths[chosen] - before)
        rows = starts[chosen] + before + later.astype(np.int64)
        ends = starts[chosen] + lengths[chosen]
        site = _Site(events, frame if like is None else like, entity, time, rows, ends, rng)
        changed = put(site)
        if changed is None:
            continue
        marks = [pl.lit(value=True).alias(INJECTED_COLUMN), pl.lit(kind).alias(ANOMALY_COLUMN)]
        events, added = _merge(events, changed, marks)
        extra.append(added)
    return pl.concat([events, *extra]).sort(entity, time, maintain_order=True)


class _Change(NamedTuple):
    """What becomes of the events: new contents of some rows, or rows that are added."""

    rows: IntArray
    contents: pl.DataFrame
    add: bool = False


def _merge(
    events: pl.DataFrame, change: _Change, marks: list[pl.Expr]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The events with a change applied, and the rows to add; what is changed is marked.

    Args:
        events: all events, with the two columns that mark anomalies.
        change: what becomes of them.
        marks: values of these two columns in the rows of the change.
    """
    marked = change.contents.select(events.columns).with_columns(marks)
    if change.add:
        return events, marked
    replaced = {
        column: events[column].scatter(change.rows, marked[column])
        for column, dtype in events.schema.items()
        if dtype != pl.Null
    }
    return events.with_columns(**replaced), events.clear()


def _fields(site: _Site) -> list[str]:
    """The columns of the data besides entity and time."""
    return [
        c
        for c in site.frame.columns
        if c not in (site.entity, site.time, INJECTED_COLUMN, ANOMALY_COLUMN)
    ]


def _amount_spike(site: _Site) -> _Change | None:
    """A number becomes five times the entity's own median; None without numbers."""
    numeric = [c for c in _fields(site) if site.frame.schema[c].is_numeric()]
    usable = [c for c in numeric if site.like[c].drop_nulls().n_unique() > 2]
    if not usable:
        return None
    # The share of a number's variance that lies within entities.
    spread = {c: _within(site, pl.col(c).cast(pl.Float64).arctan()) for c in usable}
    column = min(spread, key=lambda c: spread[c])
    dtype = site.frame.schema[column]
    own = site.frame.select(
        pl.col(column).cast(pl.Float64).median().over(site.entity).fill_null(1.0).replace(0, 1)
    ).to_series()
    values = own[site.rows] * SPIKE_FACTOR
    if dtype.is_integer():
        largest = dtype.max()  # type: ignore[attr-defined]  # (known of integer types only)
        values = values.round().clip(upper_bound=float(pl.select(largest).item()))
    values = values.round(2).cast(dtype).alias(column)
    return _Change(site.rows, site.frame[site.rows].with_columns(values))


def _within(site: _Site, x: pl.Expr) -> float:
    """The share of a number's variance that lies within entities, in [0, 1]; 0 is personal."""
    own = x - x.mean().over(site.entity)
    within, total = site.like.select(own.var().alias("own"), x.var().alias("all")).row(0)
    return float(within or 0) / float(total) if total else 1.0


def _foreign_history(site: _Site) -> _Change | None:
    """Up to five events take all fields from another entity; None without fields."""
    fields = _fields(site)
    if not fields or len(site.rows) < 2:
        return None
    targets, donors = [], []
    for i in range(len(site.rows)):
        j = (i + 1) % len(site.rows)  # the next chosen entity lends its events
        count = min(FOREIGN_EVENTS, site.ends[i] - site.rows[i], site.ends[j] - site.rows[j])
        targets.append(site.rows[i] + np.arange(count))
        donors.append(site.rows[j] + np.arange(count))
    to, source = np.concatenate(targets), np.concatenate(donors)
    own = site.frame[to].select(site.entity, site.time, INJECTED_COLUMN, ANOMALY_COLUMN)
    return _Change(to, pl.concat([own, site.frame[source].select(fields)], how="horizontal"))


def _burst(site: _Site) -> _Change | None:
    """Three copies follow an event, a minute apart, or on its day where there are no hours."""
    copies = site.frame[np.repeat(site.rows, BURST_COPIES)]
    if site.frame.schema[site.time] == pl.Date or _dated(site):
        return _Change(site.rows, copies, add=True)
    minutes = pl.lit(pl.Series(np.tile(np.arange(1, BURST_COPIES + 1), len(site.rows))))
    when = pl.col(site.time) + pl.duration(minutes=minutes)
    inside = when.clip(upper_bound=pl.lit(site.frame[site.time].max()))
    return _Change(site.rows, copies.with_columns(inside.cast(copies.schema[site.time])), add=True)


def _dated(site: _Site) -> bool:
    """Whether events have days only: dates, or moments that all lie at midnight."""
    if site.frame.schema[site.time] == pl.Date:
        return True
    column = site.frame[site.time]
    return bool((column.dt.truncate("1d") == column).all())


def _odd_hour(site: _Site) -> _Change | None:
    """An event moves to the usual hour farthest from its entity's; None without hours."""
    if _dated(site):
        return None
    hours = site.frame[site.time].dt.hour().cast(pl.Int64)
    usual = np.flatnonzero(np.bincount(hours, minlength=24) >= USUAL_HOUR_SHARE * len(hours))
    turn = 2 * np.pi * hours / 24
    around = site.frame.select(
        x=pl.lit(turn.cos()).mean().over(site.entity),
        y=pl.lit(turn.sin()).mean().over(site.entity),
    )[site.rows]
    angles = 2 * np.pi * usual / 24
    near = np.outer(around["x"], np.cos(angles)) + np.outer(around["y"], np.sin(angles))
    chosen = pl.lit(pl.Series(usual[near.argmin(1)]))
    shift = pl.duration(hours=chosen - pl.col(site.time).dt.hour().cast(pl.Int64))
    return _Change(site.rows, site.frame[site.rows].with_columns(pl.col(site.time) + shift))


def _odd_category(site: _Site) -> _Change | None:
    """A category becomes a frequent value that its entity never had; None without any."""
    kinds = (pl.String, pl.Categorical, pl.Enum)
    usable = [
        c for c in _fields(site)
        if site.frame.schema[c].base_type() in kinds and site.like[c].drop_nulls().n_unique() > 2
    ]  # fmt: skip
    if not usable:
        return None
    variety = {c: _variety(site, c) for c in usable}
    column = min(variety, key=lambda c: variety[c])
    ranked = by_frequency(site.frame[column])["v"].to_list()
    contents = site.frame[site.rows]
    had = (
        site.frame.group_by(site.entity)
        .agg(pl.col(column).cast(pl.String).unique().alias("\0had"))
        .join(contents.select(site.entity), on=site.entity, how="right", maintain_order="right")
    )["\0had"].to_list()
    values = [next((v for v in ranked if v not in held), ranked[-1]) for held in map(set, had)]
    new = pl.Series(column, values, pl.String).cast(site.frame.schema[column])
    return _Change(site.rows, contents.with_columns(new))


def _variety(site: _Site, column: str) -> float:
    """How many different values an event brings on average, in (0, 1]; low is personal."""
    repeated = site.like.filter(pl.len().over(site.entity) > 1)
    per = repeated.group_by(site.entity).agg((pl.col(column).n_unique() / pl.len()).alias("\0v"))
    return float(per["\0v"].mean() or 1.0)  # type: ignore[arg-type]  # (a mean of floats)


ANOMALY_KINDS: Final[dict[str, Callable[[_Site], _Change | None]]] = {
    "amount spike": _amount_spike,
    "foreign history": _foreign_history,
    "burst": _burst,
    "odd hour": _odd_hour,
    "odd category": _odd_category,
}
