"""What several sites agree on, by what each of them told: columns, words, grids, priors.

All of it follows from what was told, so that every site comes to the same. What a site tells is
protected by its own k. What k entities of all sites hold is counted together (`common`), and by
whom each is held is told by nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.derived.base.step import Step
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.derived.times.cadence import Cadence
from anonymizer.sequences.derived.values.catalogue import Catalogue
from anonymizer.sequences.histories.roles import Roles, in_order_of_kind
from anonymizer.sequences.model.joint.cells import values_in
from anonymizer.sequences.model.joint.common import Common
from anonymizer.sequences.model.joint.turns import MINIMUM, NOBODY, STAGES
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.priors.frequencies import Frequencies, log_frequencies
from anonymizer.sequences.priors.prior import Size
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.private.accountant import Promise
from anonymizer.sequences.tokens.bins import Grid
from anonymizer.sequences.tokens.codec import HistoryCodec, kind_of
from anonymizer.sequences.tokens.heads import FIELDS
from anonymizer.sequences.tokens.plain import dtype_from_json, from_plain
from anonymizer.sequences.tokens.profile import Profile
from anonymizer.sequences.tokens.times import DAY, Timeline
from anonymizer.sequences.tokens.values import Categories, Numbers
from anonymizer.sequences.training.fit import EVENTS
from anonymizer.sequences.training.loop import TrainingConfig

CENSUS, DERIVATION, COUNTED, VERDICT, CODEC, PROFILE, PRIORS = range(len(STAGES))
MOST = 1e9  # events of a site
REFUTED = 0.02  # of a site's rows may break a step more than those that it was found in
LONGER = 16  # times the mean that histories are, at most, where nothing is known of how long
OTHER_UNIT = 30  # times what is usual elsewhere, from which on a number may be in another unit

Told = Mapping[str, Mapping[str, Any]]  # by site, as plain values
Counted = tuple[Any, FloatArray]  # a codec, and (V,) how often each of its tokens came


@dataclass(frozen=True)
class Agreement:
    """What follows from the stages that are done.

    Attributes:
        board: what each site told, stage after stage; of `COMMON`, in the name of nobody, the
            items that were counted.
    """

    board: Sequence[Told]

    # The census.

    @cached_property
    def sites(self) -> list[str]:
        """Names of those that are still there, in order."""
        return sorted(next(told for told in reversed(self.board) if NOBODY not in told))

    @cached_property
    def sizes(self) -> dict[str, Size]:
        """How much each of them has."""
        census = self.board[CENSUS]
        found = {s: Size(census[s]["entities"], census[s]["events"]) for s in self.sites}
        for site, size in found.items():
            if not 1 <= size.entities <= size.events <= MOST:
                raise DataError(f"site {site} says that it has what no table has: leave it out")
        return found

    def share(self, site: str) -> float:
        """Entities of a site among those of all."""
        return self.sizes[site].entities / sum(each.entities for each in self.sizes.values())

    @cached_property
    def k(self) -> int:
        """How many entities must hold a value.

        Raises:
            DataError: sites differ.
        """
        return int(self._same("min_entities"))

    @cached_property
    def promise(self) -> Promise | None:
        """Of differential privacy; None where the sites give none.

        Raises:
            DataError: sites differ.
        """
        return Promise.of(self._same("epsilon"), self._same("delta"))

    @cached_property
    def seed(self) -> int:
        """Of split, weights and order.

        Raises:
            DataError: sites differ.
        """
        return int(self._same("seed"))

    def _same(self, setting: str) -> Any:
        said = {site: each.get(setting) for site, each in self.board[CENSUS].items()}
        if len(set(map(str, said.values()))) > 1:
            each = ", ".join(f"{value} at {site}" for site, value in sorted(said.items()))
            raise DataError(f"the sites differ in {setting} ({each}): let them agree on one")
        return next(iter(said.values()))

    @cached_property
    def together(self) -> bool:
        """Whether sites count together: enough of them do not decline."""
        counting = [told.get("counts", True) for told in self.board[CENSUS].values()]
        return sum(map(bool, counting)) >= MINIMUM

    @cached_property
    def schema(self) -> pl.Schema:
        """Columns that all sites have, in the order of the lead, of a type that holds them all.

        Raises:
            DataError: a column is of types that do not go together, or none is common.
        """
        census = self.board[CENSUS]
        types = {
            site: {name: dtype_from_json(each) for name, each in told["columns"].items()}
            for site, told in census.items()
        }
        common = [c for c in types[self.lead] if all(c in each for each in types.values())]
        return pl.Schema({c: self._type_of(c, types) for c in common})

    def _type_of(self, column: str, types: Mapping[str, Mapping[str, pl.DataType]]) -> pl.DataType:
        own = {site: each[column] for site, each in sorted(types.items())}
        each = ", ".join(f"{dtype} at {site}" for site, dtype in own.items())
        if len({kind_of(dtype) for dtype in own.values()} - {"null"}) > 1:
            raise DataError(f"column '{column}' is {each}: cast it to one type")
        empty = [pl.DataFrame(schema={column: dtype}) for dtype in own.values()]
        try:
            return pl.concat(empty, how="vertical_relaxed").schema[column]
        except pl.exceptions.PolarsError as error:  # as of two time zones
            raise DataError(f"column '{column}' is {each}: cast it to one type") from error

    @cached_property
    def lead(self) -> str:
        """The site of most entities, of several the first: it looks for what follows from what."""
        census = self.board[CENSUS]
        return max(sorted(census), key=lambda site: census[site]["entities"])

    @cached_property
    def roles(self) -> Roles:
        """What the common columns are: context is what varies within no entity of any site.

        Raises:
            DataError: sites name other columns as entity or time, or have none beside them.
        """
        entity, time = str(self._same("entity")), str(self._same("time"))
        rest = [c for c in self.schema if c not in (entity, time)]
        if not rest:
            raise DataError("the sites have no column in common beside entity and time")
        varies = {c for told in self.board[CENSUS].values() for c in told["varies"]}
        fields = [c for c in rest if c in varies]
        context = tuple(c for c in rest if c not in varies)
        return Roles(entity, time, in_order_of_kind(self.schema, fields), context)

    @cached_property
    def left_out(self) -> list[str]:
        """A line on each column that only some sites have."""
        census = sorted(self.board[CENSUS].items())
        has = {
            c: [s for s, told in census if c in told["columns"]]
            for _, t in census
            for c in t["columns"]
        }
        return [
            f"column '{column}' is left out, as it is at {', '.join(sites)} alone"
            for column, sites in has.items()
            if column not in self.schema
        ]

    # What follows from what, and what k entities of all sites hold.

    @cached_property
    def common(self) -> Common:
        """What was counted together."""
        counted = self.board[COUNTED][NOBODY]["items"]
        # The server is believed in what it names, but not that enough entities hold it.
        return Common([(str(text), int(held)) for text, held in counted if held >= self.k])

    @cached_property
    def proposed(self) -> Derivation:
        """What the lead has found; nothing where it has left before it told."""
        told = self.board[DERIVATION].get(self.lead)
        if told is None:
            return Derivation.plain(self.schema, self.roles)
        return Derivation.from_dict(told["derivation"])

    @cached_property
    def derivation(self) -> Derivation:
        """What no site's rows refute of it; catalogues hold what any site knows."""
        steps = tuple(map(self._known, self._kept))
        whole = replace(self.proposed, steps=steps, breaks=tuple(self._kept.values()))
        return replace(whole, codes=tuple(c for c in whole.codes if c in whole.core))

    @cached_property
    def _kept(self) -> dict[int, float]:
        """Places of the steps that are kept, and how often rows of all sites break each."""
        verdicts, kept = self._told(VERDICT), dict[int, float]()
        weights = [self.board[CENSUS][site]["events"] for site in sorted(self.board[VERDICT])]
        for place, own in enumerate(self.proposed.breaks):
            rates = [each["breaks"][place] for each in verdicts]
            if all(rate <= max(2 * own, own + REFUTED) for rate in rates):
                rate = max(own, float(np.average(rates, weights=weights)))
                kept[place] = min(float(f"{rate:.1e}"), 1.0)
        return kept

    def _known(self, place: int) -> Step:
        """A step; of a catalogue what any site knows of it and what was counted."""
        step = self.proposed.steps[place]
        if isinstance(step, Cadence) and len(self.board) > CODEC:
            first = self.timeline.epoch // DAY  # events of all sites, not of the lead alone
            return step.within(first, first + self.timeline.days - 1)
        if not isinstance(step, Catalogue):
            return step
        told = [each["catalogues"][place] for each in self._told(VERDICT)]
        parts = [Catalogue.from_dict(each) for each in told if each] or [step]
        return Catalogue.pooled(parts, *self.common.rows(place, step.schema))

    def telling(self, site: str) -> Derivation:
        """By which a site writes what it tells: of catalogues with the codes alone that it told.

        A code that is among a site's rare ones here and has a name of its own there would tell
        by the difference how often it comes at the site, where fewer than k hold it.
        """
        told, steps = self.board[VERDICT][site]["catalogues"], list(self.derivation.steps)
        for i, place in enumerate(self._kept):
            if isinstance(step := steps[i], Catalogue):
                steps[i] = step.only(told[place] and Catalogue.from_dict(told[place]))
        return replace(self.derivation, steps=tuple(steps))

    @cached_property
    def written(self) -> Roles:
        """Roles of the columns that the network writes."""
        own, core, verdicts = self.roles, self.derivation.core, self._told(VERDICT)
        told = {c: each for verdict in verdicts for c, each in verdict["written"].items()}
        names = {c: dtype_from_json(each) for c, each in told.items() if c in core}
        varies = {c for verdict in verdicts for c in verdict["varies"]}
        rest = [c for c in names if c not in (own.entity, own.time)]
        context = tuple(c for c in rest if c in own.context or c not in varies)
        fields = [c for c in rest if c not in context]
        codes = self.derivation.codes
        return Roles(
            own.entity, own.time, in_order_of_kind(pl.Schema(names), fields, codes), context, codes
        )

    # Codecs.

    @cached_property
    def timeline(self) -> Timeline:
        """One window of time, and grids of gaps and clocks."""
        parts = [
            (Timeline.from_dict(told["timeline"]), _floats(told["gaps"]), _floats(told["clocks"]))
            for told in self._told(CODEC)
        ]
        return Timeline.pooled(parts, self.k)

    @cached_property
    def columns(self) -> dict[str, Categories | Numbers]:
        """A codec per column that the network writes."""
        return {
            name: self._pooled(
                name, [_counted(told["columns"][name]) for told in self._told(CODEC)]
            )
            for name in (*self.written.fields, *self.written.context)
        }

    def _pooled(self, name: str, parts: Sequence[Counted]) -> Categories | Numbers:
        """One codec for a column; sites agree on its kind, as on its type."""
        values, held = self._counted_in(name, parts[0][0])
        if isinstance(parts[0][0], Numbers):
            return Numbers.pooled(parts, self.k, (values, held))
        return Categories.pooled(parts, zip(values.cast(pl.String), held.tolist(), strict=True))

    def _counted_in(self, name: str, codec: Categories | Numbers) -> tuple[pl.Series, FloatArray]:
        """Values of a column that were counted, or the codes of rows of a catalogue that were."""
        for place, step in enumerate(self.proposed.steps):
            if isinstance(step, Catalogue) and name in step.written:
                rows, held = self.common.rows(place, step.schema)
                return rows.to_series(0).alias(name), held
        return self.common.values(name, codec.dtype)

    @cached_property
    def context(self) -> dict[str, Categories | Numbers]:
        """Those of columns that hold once per entity."""
        return {name: self.columns[name] for name in self.written.context}

    @cached_property
    def profile(self) -> Profile:
        """Grids of what holds once per entity."""
        if not self.spans:  # nobody counted, or a site dropped out meanwhile
            return Profile.even(self.context, self.timeline, LONGER * int(self.lengths[0]))
        return Profile.of(self.spans, self.context, self.timeline, self.k)

    @cached_property
    def spans(self) -> Mapping[str, IntArray]:
        """By grid of the profile, values that stand for those of all sites; none if none are."""
        told = self.board[PROFILE][NOBODY]["runs"]
        try:
            runs = [(Grid.from_dict(run), _floats(counts)) for run, counts in told]
            return values_in(runs, self.timeline) if runs and runs[0][1].any() else {}
        except (LookupError, TypeError, ValueError) as error:
            raise DataError(
                "what was counted of histories makes no sense: the server is of another version"
            ) from error

    @cached_property
    def codec(self) -> HistoryCodec:
        """One codec for all sites."""
        roles, derivation = self.written, self.derivation
        fields = {name: self.columns[name] for name in roles.fields}
        order = [c for c in self.schema if c in roles.columns]
        columns = [*order, *(c for c in roles.columns if c not in order)]
        entity = derivation.columns[roles.entity]
        codec = HistoryCodec(roles, columns, entity, fields, self.timeline, self.profile)
        codec.protected.update(self._protected)
        return codec

    @property
    def _protected(self) -> dict[str, int | None]:
        """Counts of what was merged or moved, at all sites; None where none of them may tell it."""
        found: dict[str, int | None] = {}
        for told in self._told(CODEC):
            for what, count in told["protected"].items():
                known = found.get(what)
                found[what] = known if count is None else count + (known or 0)
        return found

    # Priors, and the shape of the networks.

    @cached_property
    def priors(self) -> Priors:
        """One set of priors for all sites."""
        parts = []
        for site, told in sorted(self.board[PRIORS].items()):
            size = self.sizes[site]._replace(counts=self._counts(site))
            logs = [log_frequencies(each).tolist() for each in size.counts]
            own = Priors.from_dict(told["priors"] | {Frequencies.name: logs}, self.codec)
            parts.append((own, size))
        return Priors.pooled(self.codec, parts, self._untold, self._of_spans)

    @property
    def _untold(self) -> dict[int, tuple[Categories | Numbers, FloatArray]]:
        """Of heads and parts of the profile that are columns, how many hold tokens untold."""
        found = {}
        for place, name in enumerate((*self.written.fields, *self.written.context), FIELDS):
            codec = self.columns[name]
            values, held = self._counted_in(name, codec)
            counts = np.bincount(codec.encode(values), held, codec.size)
            found[place] = codec, np.where(codec.single, counts, 0)
        return found

    @property
    def _of_spans(self) -> dict[int, FloatArray]:
        """Of the parts of the profile that were counted, how often their tokens come."""
        if not (values := self.spans):
            return {}
        counts, heads = self.profile.counts_of(values), len(self.codec.head_sizes)
        return {heads + p: own for p, own in zip(self.profile.counted, counts, strict=True)}

    def _counts(self, site: str) -> tuple[FloatArray, ...]:
        """Of each head and each part of the profile, how often tokens come at a site."""
        told, own, codec = self.board[CODEC][site], self.board[PRIORS][site], self.codec
        line = Timeline.from_dict(told["timeline"])
        gaps, clocks = self.timeline.counts_of(line, _floats(told["gaps"]), _floats(told["clocks"]))
        columns = {
            name: column.counts_of(*_counted(told["columns"][name]))
            for name, column in self.columns.items()
        }
        fields, context = ([columns[n] for n in names] for names in (codec.fields, self.context))
        profile = [np.zeros(size) for size in codec.profile.sizes]
        profile[: len(context)] = context
        for part, counts in own["profile"].items():
            profile[int(part)] = _floats(counts)
        return gaps, _floats(own["weekdays"]), clocks, *fields, *profile

    @property
    def config(self) -> NetworkConfig:
        """Shape of the event network."""
        return NetworkConfig(self.priors.features)

    @property
    def training(self) -> TrainingConfig:
        """How that network is trained, as one of all histories would be."""
        return EVENTS.config(self.lengths, None, self.seed, large=bool(self.priors.large))

    @property
    def lengths(self) -> IntArray:
        """(E,) the mean length of a history, as often as there are histories."""
        entities = round(sum(each.entities for each in self.sizes.values()))
        events = round(sum(each.events for each in self.sizes.values()))
        # It takes no memory however many a site says that it has.
        return cast("IntArray", np.broadcast_to(events / entities, (entities,)))

    def _told(self, stage: int) -> list[Mapping[str, Any]]:
        """What the sites told in a stage, in their order."""
        return [told for _, told in sorted(self.board[stage].items())]

    @cached_property
    def units(self) -> list[str]:
        """Lines on numbers that may be in another unit at one site than elsewhere."""
        found = []
        for name in [n for n, codec in self.columns.items() if isinstance(codec, Numbers)]:
            told = sorted(self.board[CODEC].items())
            usual = {site: _usual(_counted(each["columns"][name])) for site, each in told}
            middle = float(np.median([own for own in usual.values() if own] or [0.0]))
            for site, own in usual.items():
                times = own / middle if own and middle else 1.0
                if not 1 / OTHER_UNIT < times < OTHER_UNIT:
                    found.append(
                        f"'{name}' at {site} is about {times:.2g} times what it is elsewhere: is "
                        "it in another unit?"
                    )
        return found


def _floats(values: Sequence[float]) -> FloatArray:
    return np.array(values, np.float64)


def _counted(told: Sequence[Any]) -> Counted:
    return from_plain(Categories | Numbers, told[0]), _floats(told[1])


def _usual(counted: Counted) -> float:
    """The middle of the sizes of a number, zero left out."""
    codec, counts = counted
    size = np.abs(codec.grid.stands_for(counts) * codec.stride * 10.0**-codec.decimals)
    some = size[size > 0]
    return float(np.median(some)) if len(some) else 0.0
