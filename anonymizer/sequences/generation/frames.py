"""Sampled histories as frames: free ones, ones that meet conditions, ones that continue a past."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.derived.base.step import Draws
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.derived.own import Rule
from anonymizer.sequences.derived.values.lasting import Lasting
from anonymizer.sequences.generation.sampler import OF_ONE_PROFILE, Given, Sampler
from anonymizer.sequences.histories.draws import FURTHER
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.priors.repeats import Repeats, repeated_places
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.tokens.heads import FIELDS

TRIES = 100  # histories that are drawn for an entity, until one breaks no rule of the user's
HOPELESS = 1_000  # histories that break a rule, and none that does not; no more are tried at once


class Laid(NamedTuple):
    """Histories of B entities as they were sampled, with all columns of the data.

    Attributes:
        frame: N rows.
        owner: (N,) the index of the entity of each.
        past: (N,) which have happened; None where none has.
        amiss: (N,) which have another context than was asked for; None where none was.
    """

    frame: pl.DataFrame
    owner: IntArray
    past: BoolArray | None
    amiss: BoolArray | None = None


Draw = Callable[[IntArray, IntArray, dict[str, int]], Laid]


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

    def free(self, entities: int, seed: int, first: int) -> Iterator[pl.DataFrame]:
        """Sample so many histories from the one with the number `first` on, block after block.

        Raises:
            DataError: some break a rule of the user's, whatever is tried; or an identifier needs
                those before the first.
        """
        if first:
            self.derivation.require_apart()
        rows, issued = self.sampler.rows, dict[str, int]()
        for start in range(first, first + entities, rows):

            def draw(
                _: IntArray, number: IntArray, issued: dict[str, int], named: int = start + 1
            ) -> Laid:
                data, uniform = self.sampler.block(number, seed)
                return self._laid(self._decoded(data, uniform, named), data, number, (seed, issued))

            numbers = np.arange(start, min(start + rows, first + entities))
            yield self._keeping(numbers, issued, draw, rows).frame

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
            numbers = np.arange(start, min(start + rows, len(profile)))

            def draw(
                who: IntArray, number: IntArray, issued: dict[str, int], own: IntArray = numbers
            ) -> Laid:
                data, uniform = self.sampler.block(number, seed, Given(profile[own[who]]))
                frame = self._decoded(data, uniform, int(own[0]) + 1)
                written = frame.with_columns(given[own[who]][data.owner])
                laid = self._laid(written, data, number, (seed, issued))
                return laid._replace(amiss=self._amiss(laid, given[own[who]]))

            yield self._keeping(numbers, issued, draw, rows).frame

    def _amiss(self, laid: Laid, given: pl.DataFrame) -> BoolArray:
        """(N,) which rows a step has given another context than was asked for of their entity."""
        moving = {step.column for step in self.derivation.steps if isinstance(step, Lasting)}
        found = np.zeros(len(laid.owner), bool)
        for name in set(given.columns) - moving:
            found |= laid.frame[name].ne_missing(given[name].gather(laid.owner)).to_numpy()
        return found

    def _keeping(self, numbers: IntArray, issued: dict[str, int], draw: Draw, room: int) -> Laid:
        """Histories that have what was asked for and break no rule: others are drawn anew.

        Each is the first one tried that keeps all of them, whatever is tried at once.

        Args:
            numbers: (B,) of the entities.
            issued: how many identifiers of each column were given out; brought up to date.
            draw: the histories of some of them, by their indices, under numbers of histories.
            room: for so many at once.

        Raises:
            DataError: some break a rule, whatever is tried.
        """
        everybody = np.arange(len(numbers))
        given_out = dict(issued)
        laid = draw(everybody, numbers, given_out)
        who = np.unique(laid.owner[self._breaking(laid)])
        if not len(who):
            issued.update(given_out)
            return laid
        number, tried = numbers.copy(), 1
        while len(who):
            if tried == TRIES or (len(who) == len(numbers) and tried * len(who) >= HOPELESS):
                raise self._unkept(laid, f"all {tried} tries of {len(who):,} of {len(numbers):,}")
            count = min(max(min(room, HOPELESS) // len(who), 1), OF_ONE_PROFILE, TRIES - tried)
            tries = number[who][:, None] + FURTHER * np.arange(tried, tried + count)
            laid = draw(np.repeat(who, count), tries.ravel(), dict(issued))
            kept = np.ones(tries.shape, bool)
            kept.reshape(-1)[laid.owner[self._breaking(laid)]] = False
            mended = kept.any(axis=1)
            number[who[mended]] = tries[mended, kept[mended].argmax(axis=1)]
            who, tried = who[~mended], tried + count
        return draw(everybody, number, issued)  # identifiers are numbered in order

    def _breaking(self, laid: Laid) -> BoolArray:
        """(N,) which rows break a rule and have not happened, or have not what was asked for."""
        found = np.zeros(len(laid.owner), bool) if laid.amiss is None else laid.amiss.copy()
        for broken in self._broken(laid).values():
            found |= broken
        return found

    def _broken(self, laid: Laid) -> dict[Rule, BoolArray]:
        """Of each rule that no step keeps, (N,) whether a row breaks it that has not happened."""
        new = np.ones(len(laid.owner), bool) if laid.past is None else ~laid.past
        broken = self.derivation.broken_rules(laid.frame)
        return {rule: rows.to_numpy() & new for rule, rows in broken.items()}

    def _unkept(self, laid: Laid, tries: str) -> DataError:
        """What is wrong where histories break a rule, however often they are drawn anew."""
        if laid.amiss is not None and laid.amiss.any():
            return DataError(
                f"conditions are not met in {tries} histories: other columns rule them out; ask "
                "for these as well, or for less"
            )
        rule, _ = max(self._broken(laid).items(), key=lambda each: int(each[1].sum()))
        return rule.refused(
            f"is broken in {tries} histories: the model keeps it by chance only; say it as a "
            "formula, or as an order of two columns, or fit without it"
        )

    def _require_leading(self, conditions: pl.DataFrame) -> None:
        """Raise a DataError that names a condition on what follows, or what a step has written."""
        of_data, context = self.derivation.columns, self.codec.profile.context
        able = ", ".join(c for c in context if c in of_data) or "none"
        for name, leads in self.derivation.follows.items():
            if name in conditions.columns and name not in context:
                told = f"follows from {', '.join(leads)}" if leads else "is made anew"
                raise DataError(f"'{name}' {told}: ask for context that leads; there are: {able}")
        if own := [name for name in conditions.columns if name in context and name not in of_data]:
            raise DataError(f"'{own[0]}' is no column of the data: ask for one of: {able}")

    def _laid(
        self,
        written: pl.DataFrame,
        data: Encoded,
        number: IntArray,
        draws: tuple[int, dict[str, int]],
        past: tuple[BoolArray, pl.DataFrame] | None = None,
    ) -> Laid:
        """All columns of the data, of those that the network wrote.

        Args:
            written: N rows.
            data: the same as tokens, of B entities.
            number: (B,) of their histories.
            draws: the seed, and how many identifiers of each column were given out.
            past: (N,) which rows have happened, and these as they are in the data.
        """
        (seed, issued), owner = draws, data.owner
        position = np.arange(len(owner)) - data.offsets[owner]
        salted = (seed + self.sampler.salt) % 2**64
        old, happened = past or (None, None)
        chance = Draws(salted, number[owner], position, issued, old, happened)
        return Laid(self.derivation.lay_on(written, chance), owner, old)

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
            numbers = np.arange(start, min(start + rows, len(encoded.profile)))

            def draw(
                who: IntArray, number: IntArray, issued: dict[str, int], own: IntArray = numbers
            ) -> Laid:
                past = encoded.select(own[who])
                known = self.codec.profile.before_the_end(past.profile)
                found, uniform = self.sampler.block(number, seed, Given(known, past))
                position = np.arange(len(found.tokens)) - found.offsets[found.owner]
                old = position < past.span.length[found.owner]
                happened = histories.select(own[who]).frame
                written = self._decoded(found, uniform, 1, (np.flatnonzero(old), happened))
                as_known = known_as.select(own[who]).frame
                return self._laid(written, found, number, (seed, issued), (old, as_known))

            laid = self._keeping(numbers, issued, draw, rows)
            frame = laid.frame.with_columns(people[numbers[laid.owner]])
            yield frame.filter(~pl.Series(laid.past))
