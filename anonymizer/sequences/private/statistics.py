"""What a model learns of columns, time and entities from noisy counts alone.

Everything in the codec is either public (it follows from the columns' types, from constants, or
from what was bought before) or a noisy statistic. What cannot be bought simply is left out: counts,
conditionals, how busy each season is, which scores are rare.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.sequences.histories.roles import Histories, Roles, is_number
from anonymizer.sequences.priors.frequencies import log_frequencies
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.private.noise import DAYS, Noise, smoothed
from anonymizer.sequences.tokens.bins import Grid
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import WINDOW
from anonymizer.sequences.tokens.heads import CLOCK, FIELDS, WEEKDAY
from anonymizer.sequences.tokens.plain import told_dtype
from anonymizer.sequences.tokens.profile import Profile
from anonymizer.sequences.tokens.times import (
    DAY,
    DAY_CELLS,
    UNITS,
    Timeline,
    micros_of,
    standard_offset,
)
from anonymizer.sequences.tokens.values import (
    MAX_DECIMALS,
    SINGLE,
    Categories,
    Numbers,
    as_float,
    as_steps,
    is_real,
    needs_more,
)

EVENTS_EACH = WINDOW  # of each history that are learned from, the first ones: all of one gradient
VALUES = 509  # of a column, the most frequent ones
HOURS = 24  # tokens of the time of day
OWN_PARTS = 6  # first and last day, the weekdays of both, visits, extra
WHENEVER = datetime(2020, 1, 1)  # noqa: DTZ001 (in the zone of the column)


class Asked(NamedTuple):
    """How many statistics are asked for, as the types of the columns tell it.

    Attributes:
        codec: of time and columns.
        histograms: of tokens.
        vocabularies: of those of the codec.
    """

    codec: int
    histograms: int
    vocabularies: int

    @classmethod
    def of(cls, schema: pl.Schema, roles: Roles) -> "Asked":
        """What columns of these types and roles ask for."""
        columns = [schema[name] for name in (*roles.fields, *roles.context)]
        vocabularies = sum(not is_number(kind) and kind != pl.Boolean for kind in columns)
        grids = sum(1 + is_real(kind) for kind in columns if is_number(kind))
        of_time = 1 + (schema[roles.time].base_type() == pl.Datetime)
        histograms = FIELDS + len(roles.fields) + len(roles.context) + OWN_PARTS
        return cls(of_time + vocabularies + grids, histograms, vocabularies)

    @property
    def all(self) -> int:
        """Of a whole fit, the count of entities too."""
        return 1 + self.codec + self.histograms


def learn_window(histories: Histories, time: str, noise: Noise) -> tuple[int, int] | None:
    """First and last day since 1970 of nearly all histories; None where nothing can be told."""
    day = np.clip(_days(histories.frame[time]) + DAYS // 2, 0, DAYS - 1)
    found = noise.window(day[histories.offsets[:-1]], day[histories.offsets[1:] - 1])
    return found and (found[0] - DAYS // 2, found[1] - DAYS // 2)


def within(histories: Histories, time: str, window: tuple[int, int]) -> Histories:
    """The first `EVENTS_EACH` events of each entity in the window; who has none is left out."""
    day = _days(histories.frame[time])
    inside = (day >= window[0]) & (day <= window[1])
    lengths = np.bincount(histories.owner[inside], minlength=len(histories.lengths))
    offsets = np.concatenate([[0], np.cumsum(lengths[lengths > 0])])
    frame = histories.frame.filter(pl.Series(inside))
    return Histories(frame, offsets, histories.rows[inside], 0).head(EVENTS_EACH)


def learn_priors(
    histories: Histories,
    roles: Roles,
    columns: Sequence[str],
    window: tuple[int, int],
    noise: Noise,
) -> Priors:
    """Priors of noisy counts, and the codec of their columns.

    Args:
        histories: what `within` gave.
        roles: of the columns, settled without a look at the data.
        columns: of the input, in its order.
        window: first and last day.
        noise: of every count.
    """
    fields, context = learn_columns(histories, roles, noise)
    unit = learn_unit(histories, roles.time, noise)
    timeline = timeline_of(window, unit, histories.frame.schema[roles.time])
    codec = HistoryCodec(
        roles=roles,
        columns=[c for c in columns if c in roles.columns],
        entity_dtype=histories.frame.schema[roles.entity],
        fields=fields,
        timeline=timeline,
        profile=Profile.even(context, timeline, EVENTS_EACH),
    )
    return priors_of(codec, count_tokens(histories, codec, noise), noise.scale)


def learn_columns(
    histories: Histories, roles: Roles, noise: Noise
) -> tuple[dict[str, Categories | Numbers], dict[str, Categories | Numbers]]:
    """Codecs of the fields and of the context, of vocabularies and grids that are bought."""
    frame, owner = histories.frame, histories.owner
    heads, entities = frame[histories.offsets[:-1]], np.arange(len(histories.lengths))
    fields = {name: _column(frame[name], owner, noise) for name in roles.fields}
    return fields, {name: _column(heads[name], entities, noise) for name in roles.context}


def count_tokens(histories: Histories, codec: HistoryCodec, noise: Noise) -> list[FloatArray]:
    """Per head, then per part of a profile (V,), about how often each token occurs."""
    data, entities = codec.encode(histories), np.arange(len(histories.lengths))
    counted = (
        (data.tokens, codec.head_sizes, histories.owner),
        (data.profile, codec.profile.sizes, entities),
    )
    return [
        noise.histogram(tokens[:, j], owner, size)
        for tokens, sizes, owner in counted
        for j, size in enumerate(sizes)
    ]


def priors_of(codec: HistoryCodec, counts: Sequence[FloatArray], noise: float) -> Priors:
    """Priors of what `count_tokens` gave, and how busy hours and weekdays are.

    Args:
        codec: whose tokens were counted.
        counts: with noise.
        noise: its standard deviation.
    """
    known = [smoothed(each, noise) for each in counts]
    busy = _busy(codec.timeline, known[WEEKDAY], known[CLOCK])
    return Priors.private(replace(codec, timeline=busy), [log_frequencies(each) for each in known])


def _column(column: pl.Series, owner: IntArray, noise: Noise) -> Categories | Numbers:
    if column.dtype == pl.Boolean:
        return Categories(["false", "true"], column.dtype)
    if not is_number(column.dtype):
        told = noise.vocabulary(column.cast(pl.String), owner)
        return Categories(told[:VALUES], told_dtype(column.dtype))
    decimals = 0
    if is_real(column.dtype):
        values, usable = as_float(column)
        values, needed = values[usable], np.zeros(int(usable.sum()), np.int64)
        for digits in range(MAX_DECIMALS):
            needed[needs_more(values, digits, SINGLE)] = digits + 1
        decimals = noise.coarsest(_most(needed, owner[usable]), MAX_DECIMALS + 1)
    steps, usable = as_steps(column, decimals)
    edges = noise.edges(steps[usable], owner[usable])
    return Numbers(Grid.of(edges), decimals, column.dtype)


def learn_unit(histories: Histories, time: str, noise: Noise) -> int:
    """Microseconds of the unit that nearly all histories can live with."""
    column = histories.frame[time]
    if column.dtype == pl.Date:
        return DAY
    micros = micros_of(column, _offset(column.dtype))
    needed = np.zeros(len(micros), np.int64)
    for level, coarser in enumerate(UNITS[:-1], 1):
        needed[micros % coarser != 0] = level
    return UNITS[noise.coarsest(_most(needed, histories.owner), len(UNITS))]


def timeline_of(window: tuple[int, int], unit: int, dtype: pl.DataType) -> Timeline:
    """Grids that follow from the window and the unit; days and hours are all as busy."""
    line = Timeline.even(window, unit, _offset(dtype), dtype)
    line = replace(line, day_gaps=Grid.widening(1, max(line.days, 2)))
    if unit == DAY:
        return line
    clocks = Grid.even(0, line.units_per_day, HOURS)
    short = Grid.widening(1, line.reach + 1) if line.reach else None
    return replace(line, clocks=clocks, short_gaps=short)


def _busy(line: Timeline, weekdays: FloatArray, clocks: FloatArray) -> Timeline:
    """The same with how busy weekdays and hours are, of counts that were bought."""
    of_week = weekdays + 0.02 * weekdays.mean() + 1e-9
    activity = (of_week / of_week.mean())[line.weekday(np.arange(line.days))]
    line = replace(line, activity=np.maximum(np.round(activity / activity.mean(), 4), 0.001))
    if line.clocks is None:
        return line
    cells = np.repeat(clocks[1:], DAY_CELLS // HOURS)
    cells = cells + 0.002 * cells.mean() + 1e-9
    return replace(line, turn=np.concatenate([[0], np.cumsum(cells) / cells.sum()]))


def _most(values: IntArray, owner: IntArray) -> IntArray:
    """(N,) values → the largest of each entity that has one."""
    table = pl.DataFrame({"v": values, "e": owner}).group_by("e").agg(pl.col("v").max())
    return table["v"].to_numpy()


def _days(column: pl.Series) -> IntArray:
    return micros_of(column, _offset(column.dtype)) // DAY


def _offset(dtype: pl.DataType) -> int:
    """Of the column's zone, whatever times are in it."""
    zone = getattr(dtype, "time_zone", None)
    return standard_offset(pl.Series([WHENEVER]).dt.replace_time_zone(zone))
