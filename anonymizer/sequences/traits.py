"""What makes each entity one: context columns, length, first and last day, levels and habits.

Traits are learned and sampled before the history and condition every event of it. Length, first
and last day are then kept exactly; levels and habits steer. All of them are tokens of grids that
obey the same protection as the events.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from anonymizer.sequences.encoding import (
    NULL,
    Categories,
    FloatArray,
    Grid,
    Numbers,
    codec_from_dict,
    learn_codec,
)
from anonymizer.sequences.events import Histories, IntArray, Roles
from anonymizer.sequences.timeline import WEEK, Places, Timeline

LEVELS = 16  # bins of an entity's mean, spread or share
RESOLUTION = 1_000  # steps of a habit between 0 and 1, and of a level per unit of its logarithm
SMALL = 64  # a vocabulary up to this size has a favourite value, a larger one only variety

SAME_DAY = 1  # last-day token: the history ends on the day it begins; 0 is not used


@dataclass(frozen=True)
class Span:
    """(E,) each: how many events, first day and last day of each entity."""

    length: IntArray
    first: IntArray
    last: IntArray


@dataclass(frozen=True)
class Traits:
    """What was learned of entities.

    Attributes:
        length: events per entity.
        first, last: days within the window.
        context: codecs of the columns that hold once per entity.
        levels: grids of the entities' own statistics, by the statistic's name.
        favourites: vocabulary sizes of fields whose most frequent value is a trait.
    """

    length: Grid
    first: Grid
    last: Grid
    context: dict[str, Categories | Numbers]
    levels: dict[str, Grid]
    favourites: dict[str, int]

    @classmethod
    def learn(
        cls,
        histories: Histories,
        roles: Roles,
        timeline: Timeline,
        fields: dict[str, Categories | Numbers],
        k: int,
    ) -> "Traits":
        """Grids over entities: each entity counts once."""
        entities = np.arange(len(histories.lengths))
        span = span_of(histories, timeline.places(histories.frame[roles.time]))
        heads = histories.frame[histories.offsets[:-1]]
        stats = statistics(histories, fields, timeline, roles.time)
        ending = span.last > span.first
        last = Grid.learn(span.last[ending], entities[ending], k, bins=48, atoms=40, share=0.01)
        return cls(
            length=Grid.learn(span.length, entities, k, bins=48, atoms=40, share=0),
            first=Grid.learn(span.first, entities, k, bins=48, atoms=40, share=0.01),
            last=last,
            context={c: learn_codec(heads[c], entities, k) for c in roles.context},
            levels={name: _level_grid(values, entities, k) for name, values in stats.items()},
            favourites={
                name: codec.size
                for name, codec in fields.items()
                if isinstance(codec, Categories) and codec.size <= SMALL
            },
        )

    @property
    def names(self) -> list[str]:
        """The traits in the order in which they are generated."""
        marks = ["first", "first weekday", "length", "last", "last weekday"]
        favourites = [f"favourite {name}" for name in self.favourites]
        return [*(f"context {c}" for c in self.context), *marks, *self.levels, *favourites]

    @property
    def sizes(self) -> list[int]:
        """Tokens of each trait."""
        context = [codec.size for codec in self.context.values()]
        marks = [self.first.size, WEEK, self.length.size, self.last.size + 1, WEEK]
        levels = [grid.size for grid in self.levels.values()]
        return [*context, *marks, *levels, *self.favourites.values()]

    def encode(
        self,
        histories: Histories,
        span: Span,
        timeline: Timeline,
        fields: dict[str, Categories | Numbers],
        time: str,
    ) -> IntArray:
        """(E, R) tokens of each entity's traits."""
        heads = histories.frame[histories.offsets[:-1]]
        last = np.where(span.last > span.first, 1 + self.last.encode(span.last), SAME_DAY)
        marks = [
            self.first.encode(span.first),
            timeline.weekday(span.first),
            self.length.encode(span.length),
            last,
            timeline.weekday(span.last),
        ]
        context = [codec.encode(heads[name]) for name, codec in self.context.items()]
        stats = statistics(histories, fields, timeline, time)
        levels = [
            np.where(stats[name] >= 0, grid.encode(stats[name]), NULL)
            for name, grid in self.levels.items()
        ]
        favourites = [
            _favourites(fields[name].encode(histories.frame[name]), histories)
            for name in self.favourites
        ]
        return np.stack([*context, *marks, *levels, *favourites], 1)

    def decode_span(self, tokens: IntArray, uniform: FloatArray, timeline: Timeline) -> Span:
        """(E, R) tokens → lengths and days; `uniform` is (E, 3)."""
        at = len(self.context)
        first, weekday, length, last, last_weekday = tokens[:, at : at + 5].T
        begin = timeline.pick_day(
            self.first.low[first], self.first.high[first], weekday, uniform[:, 0]
        )
        begin = np.clip(begin, 0, timeline.days - 1)
        last_token = np.maximum(last - 1, 1)
        low = np.maximum(self.last.low[last_token], begin)
        high = np.maximum(self.last.high[last_token], low)
        end = timeline.pick_day(low, high, last_weekday, uniform[:, 2])
        end = np.where(last == SAME_DAY, begin, np.clip(end, begin, timeline.days - 1))
        count = np.maximum(self.length.decode(length, uniform[:, 1]), 1)
        # An only event begins and ends the history.
        return Span(count, begin, np.where(count == 1, begin, end))

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "length": self.length.to_dict(),
            "first": self.first.to_dict(),
            "last": self.last.to_dict(),
            "context": {name: codec.to_dict() for name, codec in self.context.items()},
            "levels": {name: grid.to_dict() for name, grid in self.levels.items()},
            "favourites": self.favourites,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Traits":
        """From JSON."""
        return cls(
            length=Grid.from_dict(data["length"]),
            first=Grid.from_dict(data["first"]),
            last=Grid.from_dict(data["last"]),
            context={name: codec_from_dict(codec) for name, codec in data["context"].items()},
            levels={name: Grid.from_dict(grid) for name, grid in data["levels"].items()},
            favourites=data["favourites"],
        )


def span_of(histories: Histories, places: Places) -> Span:
    """Length, first and last day of each entity."""
    first = places.day[histories.offsets[:-1]]
    return Span(histories.lengths, first, places.day[histories.offsets[1:] - 1])


def statistics(
    histories: Histories, fields: dict[str, Categories | Numbers], timeline: Timeline, time: str
) -> dict[str, IntArray]:
    """(E,) each: levels and habits in steps, −1 where an entity has none."""
    owner, lengths = histories.owner, histories.lengths
    found: dict[str, IntArray] = {}
    if timeline.clocks is not None:
        unit = timeline.places(histories.frame[time]).unit / timeline.units_per_day
        hour = _levels("hour", pl.Series(24 * unit), owner, len(lengths))
        found |= {name: hour[name] for name in ("mean hour", "spread hour")}
    for name, codec in fields.items():
        column = histories.frame[name]
        if isinstance(codec, Numbers):
            found |= _levels(name, _logs(column), owner, len(lengths))
        else:
            found |= _habits(name, codec.encode(column), histories)
    return found


def _levels(name: str, values: pl.Series, owner: IntArray, entities: int) -> dict[str, IntArray]:
    """Mean, spread and largest of an entity's values, in steps above the lowest possible."""
    stats = (
        pl.DataFrame({"e": owner, "v": values})
        .filter(pl.col("v").is_finite())
        .group_by("e", maintain_order=True)  # sums in a fixed order, to the last bit
        .agg(mean=pl.col("v").mean(), spread=pl.col("v").std(), high=pl.col("v").max())
    )
    stats = pl.DataFrame({"e": np.arange(entities)}).join(stats, on="e", how="left").sort("e")
    # Shifted up by a bound of the logarithm, since −1 means that there is none.
    steps = stats.select(
        (pl.col("mean", "high") + 64) * RESOLUTION, pl.col("spread") * RESOLUTION
    ).with_columns(pl.all().round().fill_null(-1).cast(pl.Int64))
    return {f"{each} {name}": steps[each].to_numpy() for each in steps.columns}


def _logs(column: pl.Series) -> pl.Series:
    """Values on a logarithmic scale, so that one extreme does not make the level."""
    physical = column.to_physical() if column.dtype.is_temporal() else column
    values = physical.cast(pl.Float64)
    return values.sign() * (values.abs() + 1).log()


def _level_grid(values: IntArray, entities: IntArray, k: int) -> Grid:
    there = values >= 0
    return Grid.learn(values[there], entities[there], k, bins=LEVELS, atoms=4, share=0.05)


def _habits(name: str, tokens: IntArray, histories: Histories) -> dict[str, IntArray]:
    """Variety (distinct values per event), the favourite's share and the share of repeats."""
    table = pl.DataFrame({"e": histories.owner, "v": tokens})
    counts = table.group_by("e", "v").len().group_by("e")
    shares = counts.agg(top=pl.col("len").max(), kinds=pl.len(), n=pl.col("len").sum()).sort("e")
    again = np.diff(tokens, prepend=-1) == 0
    again &= histories.position > 0
    repeats = np.bincount(histories.owner, again, minlength=len(histories.lengths))
    n = histories.lengths

    def steps(share: FloatArray) -> IntArray:
        return np.rint(share * RESOLUTION).astype(np.int64)

    return {
        f"favourite share {name}": steps(shares["top"].to_numpy() / n),
        f"variety {name}": steps(shares["kinds"].to_numpy() / n),
        f"repeats {name}": np.where(n > 1, steps(repeats / np.maximum(n - 1, 1)), -1),
    }


def _favourites(tokens: IntArray, histories: Histories) -> IntArray:
    """(E,) the most frequent token of each entity, the smaller one among equals."""
    counts = pl.DataFrame({"e": histories.owner, "v": tokens}).group_by("e", "v").len()
    ranked = counts.sort("e", "len", "v", descending=[False, True, False])
    return ranked.unique("e", keep="first", maintain_order=True)["v"].to_numpy()
