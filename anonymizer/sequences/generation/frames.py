"""Sampled histories as frames: free ones, ones that meet conditions, ones that continue a past."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.generation.sampler import Given, Sampler
from anonymizer.sequences.histories.roles import read_histories
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.priors.repeats import Repeats, repeated_places
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.tokens.heads import FIELDS


@dataclass(frozen=True)
class FrameSampler:
    """Draws histories block by block, so that memory stays bounded, and decodes them."""

    priors: Priors
    sampler: Sampler

    @property
    def codec(self) -> HistoryCodec:
        """The codec that turns tokens into columns."""
        return self.priors.codec

    def free(self, entities: int, seed: int) -> Iterator[pl.DataFrame]:
        """Sample so many histories, block after block."""
        rows = self.sampler.rows
        for start in range(0, entities, rows):
            data, uniform = self.sampler.block(start, min(rows, entities - start), seed)
            yield self._decoded(data, uniform, start + 1)

    def conditioned(self, conditions: pl.DataFrame, seed: int) -> Iterator[pl.DataFrame]:
        """Sample a history for each row of conditions.

        Raises:
            DataError: there is no row, or a condition cannot be met.
        """
        if conditions.is_empty():
            raise DataError("conditions has no rows: give one per entity to sample")
        profile, rows = self.codec.profile_of(conditions), self.sampler.rows
        given = conditions.select(self._as_sampled(conditions[name]) for name in conditions.columns)
        for start in range(0, len(profile), rows):
            asked = Given(profile[start : start + rows])
            data, uniform = self.sampler.block(start, len(asked.profile), seed, asked)
            frame = self._decoded(data, uniform, start + 1)
            yield frame.with_columns(given[start : start + rows][data.owner])

    def _as_sampled(self, column: pl.Series) -> pl.Series:
        """A column of the context that is given, in the type of samples."""
        dtype = self.codec.schema[column.name]
        try:
            return column.cast(dtype)
        except pl.exceptions.PolarsError:  # its text lists values
            raise DataError(
                f"column '{column.name}' holds values that {dtype} cannot: cast it"
            ) from None

    def _decoded(
        self,
        data: Encoded,
        uniform: FloatArray,
        first_number: int,
        past: tuple[IntArray, pl.DataFrame] | None = None,
    ) -> pl.DataFrame:
        """Histories as a frame, in which numbers that come again are the very same.

        Args:
            data: E histories, N events.
            uniform: (N, J) numbers in [0, 1) that place values within their bins.
            first_number: of the first entity; entities are numbered on from there.
            past: which events have happened, and as what: what comes again is the same.
        """
        heads = self.priors.of(Repeats).heads
        happened = None if past is None else past[0]
        placed, origins = repeated_places(data.tokens, data.offsets, heads, uniform, happened)
        frame = self.codec.decode(data, placed, first_number)
        if past is None:
            return frame
        names = list(self.codec.fields)
        again = [
            frame[name]
            .scatter(past[0], past[1][name].cast(frame.schema[name], strict=False))
            .gather(origin)
            for name, origin in ((names[j - FIELDS], rows) for j, rows in origins.items())
        ]
        return frame.with_columns(again)

    def continued(self, prefix: pl.DataFrame, seed: int) -> Iterator[pl.DataFrame]:
        """What follows on each history of a prefix, under the entity's own id.

        Raises:
            DataError: a column is absent, or no history ends within the time of the model.
        """
        roles = self.codec.roles
        self.codec.require(prefix)
        histories = read_histories(prefix, roles)
        inside = self.codec.timeline.inside(
            histories.frame[roles.time].gather(histories.offsets[1:] - 1)
        )
        if not inside.any():
            raise DataError(
                "no history of prefix ends within the time that the model was trained on: it "
                "cannot see beyond it"
            )
        histories = histories.select(np.flatnonzero(inside))
        data = self.priors.encode(histories)
        firsts = histories.frame[histories.offsets[:-1]]
        context = [self._as_sampled(firsts[name]) for name in roles.context]
        people = firsts.select(roles.entity).hstack(context)
        rows = self.sampler.rows_given
        for start in range(0, len(data.profile), rows):
            who = np.arange(start, min(start + rows, len(data.profile)))
            past = data.select(who)
            known = self.codec.profile.before_the_end(past.profile)
            found, uniform = self.sampler.block(start, len(who), seed, Given(known, past))
            position = np.arange(len(found.tokens)) - found.offsets[found.owner]
            new = position >= past.span.length[found.owner]
            happened = histories.frame[histories.offsets[start] : histories.offsets[who[-1] + 1]]
            frame = self._decoded(found, uniform, 1, (np.flatnonzero(~new), happened))
            yield frame.with_columns(people[who[found.owner]]).filter(pl.Series(new))
