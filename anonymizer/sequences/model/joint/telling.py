"""What a site tells of its histories, stage by stage, as plain values that JSON can hold.

Nothing that fewer than k of its entities hold is among it, but for how many entities and events
there are.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from anonymizer.arrays import IntArray
from anonymizer.sequences.derived.choose import derive
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.derived.values.catalogue import Catalogue
from anonymizer.sequences.histories.protection import (
    capped_lengths,
    protected_counts,
    told_count,
    whole,
)
from anonymizer.sequences.histories.roles import (
    Histories,
    assign_roles,
    read_histories,
    require,
)
from anonymizer.sequences.model.joint.agreement import Agreement
from anonymizer.sequences.model.joint.cells import cells_of
from anonymizer.sequences.model.joint.common import items
from anonymizer.sequences.model.joint.turns import STAGES, Cells, Items
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.prior import Seen
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.tokens.codec import HistoryCodec, protection
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.tokens.heads import FIELDS, WEEKDAY
from anonymizer.sequences.tokens.plain import dtype_to_json
from anonymizer.sequences.tokens.profile import Span
from anonymizer.sequences.tokens.times import WEEK, Timeline
from anonymizer.sequences.tokens.values import Categories, Numbers, learn_codec
from anonymizer.sequences.training.fit import Split, parts_of

LEAST_ROOM, MOST_ROOM = 2**10, 2**16  # items of all sites that are counted together


@dataclass(frozen=True)
class Local:
    """The histories of one site, and what is known of all sites.

    Attributes:
        site: its name.
        frame: one row per event.
        entity, time: columns of whose event it is, and when.
        min_entities, seed: as in `SequenceModel.fit`; the same at all sites.
    """

    site: str
    frame: pl.DataFrame
    entity: str
    time: str
    min_entities: int
    seed: int

    def tell(self, agreed: Agreement) -> dict[str, Any]:
        """What is to be told next, given what all sites told so far."""
        stage = STAGES[len(agreed.board)]
        told: dict[str, Any] = getattr(self, f"_{stage}")(agreed)
        return told

    def _census(self, _agreed: Agreement) -> dict[str, Any]:
        """Columns and their types, how much there is, and the settings."""
        roles = assign_roles(self.frame, self.entity, self.time)
        rows = self.frame.drop_nulls([self.entity, self.time])
        rest = [*roles.fields, *roles.context]
        entities = rows[self.entity].n_unique()
        histories = read_histories(self.frame, roles)
        parts_of(histories, self.seed, self.min_entities)  # of too few nothing is told at all
        return {
            "entity": self.entity,
            "time": self.time,
            "min_entities": self.min_entities,
            "seed": self.seed,
            "columns": {
                name: dtype_to_json(self.frame.schema[name]) for name in self.frame.columns
            },
            "varies": varying(rows, self.entity, rest, self.min_entities),
            "entities": entities,
            # The longest history might be told from what is said of events elsewhere.
            "events": int(capped_lengths(histories.lengths, self.min_entities).sum()),
        }

    def _derivation(self, agreed: Agreement) -> dict[str, Any]:
        """Of the lead, what follows from what; the others tell nothing."""
        if self.site != agreed.lead:
            return {}
        whole = _Read.of(self, agreed, self.plain(agreed))
        found, _ = derive(
            whole.derivation, whole.learned_from, k=agreed.k, seed=agreed.seed, told={}
        )
        return {"derivation": found.to_dict()}

    def plain(self, agreed: Agreement) -> Derivation:
        """The common columns as they are."""
        return Derivation.plain(agreed.schema, agreed.roles)

    def items(self, agreed: Agreement) -> Items:
        """What all sites count together: what the network may know if k entities hold it."""
        whole = _Read.of(self, agreed, agreed.proposed)
        events = sum(size.events for size in agreed.sizes.values())
        wanted = 2 ** math.ceil(math.log2(events * len(agreed.schema)))
        room = int(min(max(wanted, LEAST_ROOM), MOST_ROOM))
        most = room // len(agreed.sites)
        return Items(agreed.k, room, items(agreed.proposed, whole.learned_from, agreed.k, most))

    def _verdict(self, agreed: Agreement) -> dict[str, Any]:
        """How often own rows break what the lead has found, and own catalogues of the same."""
        proposed, k = agreed.proposed, agreed.k
        whole = _Read.of(self, agreed, proposed)
        rows, table = whole.learned_from, proposed.table(whole.learned_from, k)
        every = max(1, told_count(table.owner, k))
        breaks = [
            round(told_count(table.owner[broken.to_numpy()], k) / every, 3)
            for _, _, broken in proposed.broken(rows)
        ]
        catalogues = [
            step.learned_of(table) if isinstance(step, Catalogue) else None
            for step in proposed.steps
        ]
        core = proposed.take_off(rows)
        # A column that stays as it is when a step falls is told as well.
        both = rows.with_columns(core)
        rest = [c for c in both.columns if c not in (self.entity, self.time)]
        return {
            "breaks": breaks,
            "catalogues": [each and each.roughly().to_dict() for each in catalogues],
            "written": {c: dtype_to_json(both.schema[c]) for c in both.columns},
            "varies": varying(both, self.entity, rest, k),
        }

    def _codec(self, agreed: Agreement) -> dict[str, Any]:
        """Vocabularies and grids of own values, and how often each token came."""
        inside, roles, k = self._inside(agreed), agreed.written, agreed.k
        frame, owner = inside.frame, inside.owner
        heads, entities = frame[inside.offsets[:-1]], np.arange(len(inside.lengths))
        timeline = Timeline.learn(inside, roles.time, k, told=True)
        places = timeline.places(frame[roles.time])
        gap, _, clock = timeline.encode(places, inside.position)
        codes = roles.codes
        fields = {n: learn_codec(frame[n], owner, k, codes, told=True) for n in roles.fields}
        context = {n: learn_codec(heads[n], entities, k, codes, told=True) for n in roles.context}
        told = {}
        for codecs, rows, whose in ((fields, frame, owner), (context, heads, entities)):
            for name, codec in codecs.items():
                counts = protected_counts(codec.encode(rows[name]), whose, codec.size, k)
                if codecs is context:
                    counts = whole(counts, len(whose), k)
                told[name] = [codec.to_dict(), counts.tolist()]
        return {
            "columns": told,
            "timeline": timeline.to_dict(),
            "gaps": protected_counts(gap, owner, timeline.gap_size, k).tolist(),
            "clocks": protected_counts(clock, owner, timeline.clock_size, k).tolist(),
            "protected": protection(inside, roles.time, timeline, fields, context, k=k),
        }

    def cells(self, agreed: Agreement) -> Cells:
        """When histories begin and end and how long they are, to be counted together."""
        inside = self._inside(agreed)
        places = agreed.timeline.places(inside.frame[agreed.written.time])
        return Cells(agreed.k, cells_of(Span.of(inside, places), agreed.timeline))

    def _priors(self, agreed: Agreement) -> dict[str, Any]:
        """What counting knows of own histories, by the common codec, but how often tokens come.

        That follows from what was told of own values and bins. Told once more, of other bins, the
        difference of two bins would say what hardly anybody has.
        """
        inside, codec, k = self._inside(agreed), agreed.codec, agreed.k
        data = merged(codec.encode(inside), codec, k)
        priors = Priors.learn(codec, Seen(inside, data, k, agreed.share(self.site))).to_dict()
        del priors[Frequencies.name]
        own, entities = codec.profile, np.arange(len(data.profile))
        spans = {p: own.sizes[p] for p in ([] if agreed.together else own.counted)}
        told = {
            p: whole(protected_counts(data.profile[:, p], entities, size, k), len(entities), k)
            for p, size in (dict.fromkeys(own.weekdays, WEEK) | spans).items()
        }
        weekday = protected_counts(data.tokens[:, WEEKDAY], data.owner, WEEK, k)
        return {
            "priors": priors,
            "weekdays": weekday.tolist(),
            "profile": {str(p): counts.tolist() for p, counts in told.items()},
        }

    def _inside(self, agreed: Agreement) -> Histories:
        """Histories that are learned from, as the site tells of them."""
        whole = _Read.of(self, agreed, agreed.telling(self.site))
        return whole.histories.select(whole.parts.inside)

    def encoded(self, agreed: Agreement) -> tuple[Histories, Split, Encoded]:
        """All histories as the network writes them, who is learned from, and their tokens."""
        whole = _Read.of(self, agreed, agreed.derivation)
        return whole.histories, whole.parts, agreed.priors.encode(whole.histories)


@dataclass(frozen=True)
class _Read:
    """A site's rows in the common columns.

    Attributes:
        derivation: by which they are written.
        rows: sorted by entity and time.
        histories: the same, as the network writes them.
        parts: who is learned from, and who is held out.
    """

    derivation: Derivation
    rows: pl.DataFrame
    histories: Histories
    parts: Split

    @classmethod
    def of(cls, local: Local, agreed: Agreement, derivation: Derivation) -> "_Read":
        """Read and sort them.

        Raises:
            DataError: fewer than k entities are learned from.
        """
        require(local.frame, *agreed.schema)
        frame = local.frame.select(pl.col(c).cast(t) for c, t in agreed.schema.items())
        histories, rows = derivation.read(frame)
        return cls(derivation, rows, histories, parts_of(histories, agreed.seed, agreed.k))

    @cached_property
    def learned_from(self) -> pl.DataFrame:
        """Rows of those who are learned from."""
        return replace(self.histories, frame=self.rows).select(self.parts.inside).frame


def merged(data: Encoded, codec: HistoryCodec, k: int) -> Encoded:
    """The same, but values that fewer than k of these entities hold are not told apart.

    They are known from other sites or from what was counted. Were they told apart here and not in
    what the site told before, the difference would say how often they come at this site.
    """

    def column(own: Categories | Numbers, tokens: IntArray, owner: IntArray) -> IntArray:
        few = protected_counts(tokens, owner, own.size, k) == 0
        return np.where((few & own.single)[tokens], own.merged(tokens), tokens)

    tokens, profile = data.tokens.copy(), data.profile.copy()
    for j, own in enumerate(codec.fields.values(), FIELDS):
        tokens[:, j] = column(own, tokens[:, j], data.owner)
    for p, own in enumerate(codec.profile.context.values()):
        profile[:, p] = column(own, profile[:, p], np.arange(len(profile)))
    return replace(data, tokens=tokens, profile=profile)


def varying(frame: pl.DataFrame, entity: str, columns: list[str], k: int) -> list[str]:
    """The columns of which k entities or more have several values."""
    several = frame.group_by(entity).agg(pl.col(columns).n_unique() > 1).drop(entity).sum()
    return [c for c, holders in zip(columns, several.row(0), strict=True) if holders >= k]
