"""Sampled histories as frames: free ones, ones that meet conditions, ones that continue a past."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.derived.base.step import Draws
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.generation.sampler import Given, Sampler
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.priors.repeats import Repeats, repeated_places
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.tokens.heads import FIELDS


@dataclass(frozen=True)
class FrameSampler:
    """Draws histories block by block, so that memory stays bounded, and decodes them.

    Attributes:
        derivation: lays on what the network does not write.
        priors, sampler: of the model.
    """

    derivation: Derivation
    priors: Priors
    sampler: Sampler

    @property
    def codec(self) -> HistoryCodec:
        """The codec that turns tokens into columns."""
        return self.priors.codec

    def free(self, entities: int, seed: int) -> Iterator[pl.DataFrame]:
        """Sample so many histories, block after block."""
        rows, issued = self.sampler.rows, dict[str, int]()
        for start in range(0, entities, rows):
            data, uniform = self.sampler.block(start, min(rows, entities - start), seed)
            written = self._decoded(data, uniform, start + 1)
            yield self._laid(written, data, start, (seed, issued))

    def conditioned(self, conditions: pl.DataFrame, seed: int) -> Iterator[pl.DataFrame]:
        """Sample a history for each row of conditions.

        Raises:
            DataError: there is no row, or a condition cannot be met.
        """
        if conditions.is_empty():
            raise DataError("conditions has no rows: give one per entity to sample")
        self._require_leading(conditions)
        profile, rows = self.codec.profile_of(conditions), self.sampler.rows
        issued = dict[str, int]()
        given = conditions.select(self._as_sampled(conditions[name]) for name in conditions.columns)
        for start in range(0, len(profile), rows):
            asked = Given(profile[start : start + rows])
            data, uniform = self.sampler.block(start, len(asked.profile), seed, asked)
            frame = self._decoded(data, uniform, start + 1)
            written = frame.with_columns(given[start : start + rows][data.owner])
            yield self._laid(written, data, start, (seed, issued))

    def _require_leading(self, conditions: pl.DataFrame) -> None:
        """Raise a DataError that names a condition on what follows from other columns."""
        for name, leads in self.derivation.follows.items():
            if name in conditions.columns and name not in self.codec.profile.context:
                told = f"follows from {', '.join(leads)}" if leads else "is made anew"
                able = ", ".join(self.codec.profile.context) or "none"
                raise DataError(f"'{name}' {told}: ask for context that leads; there are: {able}")

    def _laid(
        self,
        written: pl.DataFrame,
        data: Encoded,
        start: int,
        draws: tuple[int, dict[str, int]],
        past: tuple[BoolArray, pl.DataFrame] | None = None,
    ) -> pl.DataFrame:
        """All columns of the data, of those that the network wrote of entities from `start` on.

        Args:
            written: N rows.
            data: the same as tokens.
            start: number of the first entity.
            draws: the seed, and how many identifiers of each column were given out.
            past: (N,) which rows have happened, and these as they are in the data.
        """
        (seed, issued), owner = draws, data.owner
        position = np.arange(len(owner)) - data.offsets[owner]
        chance = Draws((seed + self.sampler.salt) % 2**64, start + owner, position, issued)
        if past is not None:
            chance = replace(chance, past=past[0], happened=past[1])
        return self.derivation.lay_on(written, chance)

    def _as_sampled(self, column: pl.Series) -> pl.Series:
        """A column of the context that is given, in the type of samples."""
        dtype = self.derivation.columns[column.name]
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
        which = None if past is None else past[0]
        placed, origins = repeated_places(data.tokens, data.offsets, heads, uniform, which)
        frame = self.codec.decode(data, placed, first_number)
        if past is None:
            return frame
        where, happened = past
        known = frame.with_columns(
            frame[c].scatter(where, happened[c].cast(frame.schema[c], strict=False))
            for c in (*self.codec.fields, *self.codec.profile.context)
            if frame.schema[c] != pl.Null
        )
        first = data.offsets[data.owner]
        known = known.with_columns(known[c].gather(first) for c in self.codec.profile.context)
        names = list(self.codec.fields)
        again = [known[names[j - FIELDS]].gather(rows) for j, rows in origins.items()]
        return known.with_columns(again)

    def continued(self, prefix: pl.DataFrame, seed: int) -> Iterator[pl.DataFrame]:
        """What follows on each history of a prefix, under the entity's own id.

        Raises:
            DataError: a column is absent, or no history ends within the time of the model.
        """
        roles, issued = self.derivation.roles, dict[str, int]()
        self.derivation.require(prefix)
        histories, data = self.derivation.read(prefix)
        inside = self.codec.timeline.inside(
            histories.frame[roles.time].gather(histories.offsets[1:] - 1)
        )
        if not inside.any():
            raise DataError(
                "no history of prefix ends within the time that the model was trained on: it "
                "cannot see beyond it"
            )
        firsts = data[histories.offsets[:-1]].filter(pl.Series(inside))
        context = [self._as_sampled(firsts[name]) for name in roles.context]
        people = firsts.select(roles.entity).hstack(context)
        known_as, histories = (
            each.select(np.flatnonzero(inside))
            for each in (replace(histories, frame=data), histories)
        )
        encoded = self.priors.encode(histories)
        rows = self.sampler.rows_given
        for start in range(0, len(encoded.profile), rows):
            who = np.arange(start, min(start + rows, len(encoded.profile)))
            begun = encoded.select(who)
            known = self.codec.profile.before_the_end(begun.profile)
            found, uniform = self.sampler.block(start, len(who), seed, Given(known, begun))
            position = np.arange(len(found.tokens)) - found.offsets[found.owner]
            new = position >= begun.span.length[found.owner]
            rows_of = slice(histories.offsets[start], histories.offsets[who[-1] + 1])
            happened = np.flatnonzero(~new), histories.frame[rows_of]
            written = self._decoded(found, uniform, 1, happened)
            past = ~new, known_as.frame[rows_of]
            frame = self._laid(written, found, start, (seed, issued), past)
            yield frame.with_columns(people[who[found.owner]]).filter(pl.Series(new))
