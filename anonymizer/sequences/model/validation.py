"""What holds of every codec that was learned, checked of one that was read from a folder.

The files are anybody's: what is wrong must be said when they are read, not met while sampling.
"""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from anonymizer.sequences.derived.base.step import Draws
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.histories.roles import can_name, is_number
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.scoring.judge import Calibration
from anonymizer.sequences.tokens.bins import Grid
from anonymizer.sequences.tokens.codec import HistoryCodec, require_kinds
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.tokens.profile import Profile, Span, reach_of
from anonymizer.sequences.tokens.times import DAY, DAY_CELLS, UNITS, Places, Timeline
from anonymizer.sequences.tokens.values import FINEST, Categories, Numbers, is_real

CALENDAR = (-719_162, 2_932_897)  # days since 1970 from the year 1 to the year 9999
ROWS = 8  # that are laid on when a model is read
LAYERS = 100  # that no network has
LONGEST = 10**8  # events of a history
FARTHEST = 2**62  # steps

Checks = Iterator[bool]


def read_codec(data: dict[str, Any]) -> HistoryCodec:
    """Read a codec from JSON and check it.

    Raises:
        Exception: of any kind, where the JSON is not what a codec that was learned would write.
    """
    codec = HistoryCodec.from_dict(data)
    _require(codec.to_dict() == data, _of_codec(codec))
    return codec


def read_derivation(data: dict[str, Any], codec: HistoryCodec) -> Derivation:
    """Which columns follow from those of a codec, from JSON; errors as above."""
    found = Derivation.from_dict(data)
    same = json.loads(json.dumps(found.to_dict())) == data
    _require(same, iter((found.core == set(codec.columns),)))
    entity, time = found.roles.entity, found.roles.time
    free = found.core - found.given - {entity, time}  # what steps give is of their own types
    kinds = {c: dtype for c, dtype in found.columns.items() if c in free}
    require_kinds(pl.DataFrame(schema=codec.schema), entity, found.columns[entity], kinds)
    rows = _rows(codec)
    # Raises where steps give what the columns of the data cannot hold.
    found.lay_on(rows, Draws(0, np.zeros(len(rows), np.int64), np.arange(len(rows))))
    return found


def _rows(codec: HistoryCodec) -> pl.DataFrame:
    """A history of a few rows, with one token after another."""
    row, nothing = np.arange(ROWS), np.zeros(1, np.int64)
    tokens = row[:, None] % np.array(codec.head_sizes)
    places = Places(np.minimum(row, codec.timeline.days - 1), 0 * row)
    profile = np.array([codec.profile.sizes], np.int64) - 1
    span = Span(nothing, nothing, nothing, nothing)
    data = Encoded(tokens, places, np.array([0, ROWS]), profile, span, nothing)
    return codec.decode(data, np.zeros(tokens.shape), 1)


def read_priors(data: dict[str, Any], codec: HistoryCodec) -> Priors:
    """What priors know of a codec's tokens, from JSON; errors as above."""
    priors = Priors.from_dict(data, codec)  # which checks each
    if priors.to_dict() != data:
        raise ValueError
    return priors


def read_calibration(data: dict[str, Any]) -> Calibration:
    """What was learned of scores, from JSON; errors as above."""
    found = Calibration.from_dict(data)
    _require(found.to_dict() == data, _of_calibration(found))
    return found


def read_config(data: dict[str, Any], priors: Priors) -> NetworkConfig:
    """The shape of a network for priors, from JSON; errors as above."""
    config = NetworkConfig(**data)
    _require(config.features == priors.features, _of_config(config))
    return config


def _require(same: bool, conditions: Checks) -> None:
    """Raise a ValueError unless all hold, and what was read would be written as it was."""
    if not same or not all(conditions):
        raise ValueError


# Conditions, each of which may rely on those before it.


def _of_codec(codec: HistoryCodec) -> Checks:
    yield sorted(codec.columns) == sorted(set(codec.roles.columns))
    yield len(codec.columns) == len(codec.roles.columns)
    yield can_name(codec.entity_dtype)
    yield from _of_timeline(codec.timeline)
    yield from _of_profile(codec.profile, codec.timeline)
    for each in (*codec.fields.values(), *codec.profile.context.values()):
        yield from _of_column(each)


def _of_config(config: NetworkConfig) -> Checks:
    whole = (config.features, config.width, config.layers, config.embedding, config.hidden)
    yield all(type(each) is int for each in whole)  # true is no number of layers
    yield 0 < config.layers < LAYERS


def _of_calibration(found: Calibration) -> Checks:
    yield found.doubt >= 0 and len(found.rates) == len(found.scores)
    yield all(rate > 0 for rate in found.rates) and found.rates == sorted(found.rates)


def _of_timeline(line: Timeline) -> Checks:
    yield line.unit in UNITS and line.days >= 1 and line.epoch % DAY == 0
    first = line.epoch // DAY
    yield CALENDAR[0] <= first and first + line.days <= CALENDAR[1] and abs(line.offset) <= DAY
    yield line.activity.shape == (line.days,) and bool((line.activity > 0).all())
    yield bool(np.isfinite(line.activity).all())
    yield line.turn.shape == (DAY_CELLS + 1,) and bool((np.diff(line.turn) >= 0).all())
    yield line.turn[0] == 0 and abs(line.turn[-1] - 1) < 1e-6
    yield line.dtype.base_type() in (pl.Date, pl.Datetime)
    yield line.decode(Places(np.zeros(1, np.int64), np.zeros(1, np.int64))).null_count() == 0
    yield from _of_grid(line.day_gaps, 1, max(line.days, 2))
    dated = line.unit == DAY
    yield (line.clocks is None) == dated
    yield (line.short_gaps is None) == (dated or not line.reach)
    if line.clocks is not None:
        yield from _of_grid(line.clocks, 0, line.units_per_day)
    if line.short_gaps is not None:
        yield from _of_grid(line.short_gaps, 1, line.reach + 1)


def _of_profile(profile: Profile, line: Timeline) -> Checks:
    reach = reach_of(line)
    yield from _of_grid(profile.first, 0, line.days)
    yield from _of_grid(profile.near, 0, reach + 1)
    yield from _of_grid(profile.far, reach, max(line.days, reach + 1))
    for grid in (profile.visits, profile.extra):
        yield from _of_grid(grid)
        yield grid.low.min() >= 0 and grid.high.max() <= LONGEST


def _of_column(codec: Categories | Numbers) -> Checks:
    if isinstance(codec, Categories):
        yield not is_number(codec.dtype) or codec.dtype.is_integer()
        yield len(set(codec.values)) == len(codec.values)
    else:
        yield is_number(codec.dtype)
        yield -308 < codec.decimals <= FINEST and (is_real(codec.dtype) or codec.decimals == 0)
        yield from _of_grid(codec.grid)
        ends = (abs(int(x)) for each in (codec.grid.low, codec.grid.high) for x in each)
        yield codec.stride >= 1 and max(ends) * codec.stride <= FARTHEST
    for place in (0.0, 1 - 2**-53):  # raises where the type does not hold what the tokens mean
        codec.decode(np.arange(codec.size), np.full(codec.size, place))


def _of_grid(grid: Grid, start: int | None = None, stop: int | None = None) -> Checks:
    """Of one whose bins tile `start ... stop - 1`, if that is given."""
    atoms, edges, bins = grid.atoms, grid.edges, max(len(grid.edges) - 1, 0)
    yield atoms.ndim == edges.ndim == 1 and len(edges) != 1 and len(atoms) + bins > 0
    yield all(each.shape == (bins,) for each in (grid.lows, grid.highs, grid.tilts))
    for each in (atoms, edges, grid.lows, grid.highs):
        yield bool((each >= -FARTHEST).all() and (each <= FARTHEST).all())
    yield bool((np.diff(atoms) > 0).all() and (np.diff(edges) > 0).all())
    yield bool((grid.lows <= grid.highs).all() and (np.abs(grid.tilts) <= 50).all())
    if start is not None and stop is not None:
        yield bins > 0 and edges[0] == start and edges[-1] == stop
        yield bool((grid.lows == edges[:-1]).all() and (grid.highs == edges[1:] - 1).all())
        yield bool((atoms >= start).all() and (atoms < stop).all())
