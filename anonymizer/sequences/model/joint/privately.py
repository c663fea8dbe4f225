"""A site's part under differential privacy: what leaves it is public, or paid for from a budget.

All that a site sends in a run, statistics and weights of every round, is together (epsilon, delta)-
differentially private in its entities: one of them with all its events may be added or left out. An
entity is at one site, so that the run keeps the promise as well; neither the server nor the other
sites need be trusted with it. Windows, vocabularies, grids, histograms and steps of DP-SGD are
those of a fit of one table, as are their sensitivities. Nothing else looks at the data: nobody
derives columns, finds context, tells a loss or calibrates.

What it costs: each site adds the noise that it would add alone. The noise of a mean over n sites
falls with √n, but each has an n-th of the entities only, so it is √n times that of one table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import polars as pl

from anonymizer.arrays import IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.histories.roles import Histories, Roles, assign_roles, read_histories
from anonymizer.sequences.model.joint.agreement import CENSUS, CODEC, PRIORS, Agreement, Told
from anonymizer.sequences.model.joint.ledger import Ledger
from anonymizer.sequences.model.joint.rounds import Training, vector
from anonymizer.sequences.model.joint.telling import Local
from anonymizer.sequences.model.joint.turns import Cells, Items, Turn, Update, Weights
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.priors.prior import Size
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.private.accountant import Budget, Promise, split_budget
from anonymizer.sequences.private.dp_sgd import Steps
from anonymizer.sequences.private.fit import (
    CLIPS,
    LEARNING,
    PASSES,
    RATE,
    account,
    card_of,
    count_entities,
    require_values,
    require_window,
    shape,
    train_networks,
)
from anonymizer.sequences.private.noise import Noise
from anonymizer.sequences.private.statistics import (
    EVENTS_EACH,
    VALUES,
    Asked,
    count_tokens,
    learn_columns,
    learn_unit,
    priors_of,
    timeline_of,
    within,
)
from anonymizer.sequences.tokens.bins import Grid
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.tokens.plain import dtype_to_json, from_plain
from anonymizer.sequences.tokens.profile import Profile
from anonymizer.sequences.tokens.times import DAY, Timeline
from anonymizer.sequences.tokens.values import LARGEST, Categories, Numbers
from anonymizer.sequences.training.fit import Split

STEPS = round(PASSES / RATE)  # of each network, in all rounds together
SPARE = STEPS // 10  # more that are paid for: of turns that are void and trained anew


@lru_cache(maxsize=8)
def planned(promise: Promise, statistics: int, selections: int) -> Budget:
    """How a site spends its budget, which does not depend on what the server asks."""
    return split_budget(
        promise,
        statistics=statistics,
        selections=selections,
        rate=RATE,
        steps=len(LEARNING) * (STEPS + SPARE),
    )


@dataclass(frozen=True)
class PrivateLocal(Local):
    """The histories of one site, of which it tells no more than its promise allows.

    Attributes:
        promise: the same at all sites. Noise takes the place of `min_entities`.
        context: columns that hold once per entity; they have to be named, at all sites alike.
        ledger: what was spent.
        rng: makes that of the noise and samples of one answer. Who knows its seed can take the
            noise off again, so that only a test gives one; by default the operating system seeds
            it, and anew for each answer, as a copy of a process would draw the same.
    """

    promise: Promise
    context: tuple[str, ...]
    ledger: Ledger
    rng: Callable[[], np.random.Generator] = np.random.default_rng

    @cached_property
    def _roles(self) -> Roles:
        return assign_roles(self.frame.clear(), self.entity, self.time, None, self.context)

    @cached_property
    def _asked(self) -> Asked:
        return Asked.of(self.frame.schema, self._roles)

    @property
    def budget(self) -> Budget:
        """For all columns of this site, as it is planned before those in common are known."""
        return planned(self.promise, self._asked.all, self._asked.vocabularies)

    def _noise(self, stage: str, statistics: int) -> Noise:
        """Of all that is told in a stage, which is told once.

        Raises:
            DataError: it was told before.
            MissingExtraError: dp-accounting is not installed.
        """
        budget = self.budget  # whatever is wrong with it is found before anything is spent
        self.ledger.spend(f"of {stage}", 1, 1)
        return Noise(budget.noise, self.rng(), statistics, budget.delta_per_selection)

    def _census(self, _agreed: Agreement) -> dict[str, Any]:
        """Columns, settings, and about how many entities there are."""
        histories = read_histories(self.frame, self._roles)
        return {
            "entity": self.entity,
            "time": self.time,
            "context": list(self.context),
            "epsilon": self.promise.epsilon,
            "delta": self.promise.delta,
            "seed": self.seed,
            "columns": {
                name: dtype_to_json(self.frame.schema[name]) for name in self.frame.columns
            },
            "entities": max(count_entities(histories, self.promise, self._noise("census", 1)), 1.0),
            "account": account(self.budget),
        }

    def _nothing(self, agreed: Agreement) -> dict[str, Any]:  # noqa: ARG002 (as the others)
        """Nothing: it is not needed, and would be read off the rows."""
        return {}

    _derivation = _verdict = _nothing

    def items(self, agreed: Agreement) -> Items:  # noqa: ARG002 (as the others)
        """Nothing: a count has no noise."""
        return Items(1, 0, [])

    def cells(self, agreed: Agreement) -> Cells:  # noqa: ARG002 (as the others)
        """Nothing: likewise."""
        return Cells(1, [])

    def _codec(self, agreed: Agreement) -> dict[str, Any]:
        """The window of time and its unit, vocabularies and edges of bins."""
        noise, time = self._noise("codec", self._in_common(agreed).codec), agreed.roles.time
        histories = self._read(agreed)
        window = require_window(histories, time, noise)
        inside = within(histories, time, window)
        fields, context = learn_columns(inside, agreed.roles, noise)
        return {
            "window": [int(day) for day in window],
            "unit": learn_unit(inside, time, noise),
            "columns": {name: codec.to_dict() for name, codec in (fields | context).items()},
        }

    def _priors(self, agreed: Agreement) -> dict[str, Any]:
        """About how often each token of the common codec comes."""
        noise = self._noise("priors", self._in_common(agreed).histograms)
        counts = count_tokens(self._inside(agreed), agreed.codec, noise)
        return {"counts": [each.tolist() for each in counts], "noise": noise.scale}

    def _in_common(self, agreed: Agreement) -> Asked:
        asked = Asked.of(agreed.schema, agreed.roles)
        if asked.all > self._asked.all or asked.vocabularies > self._asked.vocabularies:
            raise DataError(
                "columns are of other types at other sites, and together cost more than this "
                "site's budget was planned for: cast them to one type at all sites"
            )
        return asked

    def _read(self, agreed: Agreement) -> Histories:
        frame = self.frame.select(pl.col(c).cast(t) for c, t in agreed.schema.items())
        return read_histories(frame, agreed.roles)

    def _inside(self, agreed: Agreement) -> Histories:
        """The first events of all histories in the common window."""
        first = agreed.timeline.epoch // DAY
        window = first, first + agreed.timeline.days - 1
        return within(self._read(agreed), agreed.roles.time, window)

    def encoded(self, agreed: Agreement) -> tuple[Histories, Split, Encoded]:
        """Histories that are learned from, all of them, and their tokens."""
        inside, none = self._inside(agreed), np.empty(0, np.int64)
        parts = Split(np.arange(len(inside.lengths)), none, agreed.seed)
        return inside, parts, agreed.priors.encode(inside)


@dataclass(frozen=True)
class PrivateAgreement(Agreement):
    """What follows from what private sites told; none of it asks for data."""

    @cached_property
    def sizes(self) -> dict[str, Size]:
        """About how many entities each of them has; of events none tells."""
        census = self.board[CENSUS]
        return {s: Size(census[s]["entities"], census[s]["entities"]) for s in self.sites}

    @cached_property
    def roles(self) -> Roles:
        """What the common columns are: context is what the sites name.

        Raises:
            DataError: sites name other columns as entity, time or context.
        """
        entity, time, named = (self._same(each) for each in ("entity", "time", "context"))
        context = [c for c in named if c in self.schema]
        return assign_roles(pl.DataFrame(schema=self.schema), entity, time, None, context)

    @cached_property
    def derivation(self) -> Derivation:
        """The columns as they are."""
        return Derivation.plain(self.schema, self.roles)

    @cached_property
    def written(self) -> Roles:
        """Roles of the same columns."""
        return self.roles

    @cached_property
    def timeline(self) -> Timeline:
        """The window that holds those of all sites, in the finest of their units."""
        told = self._told(CODEC)
        first, last = (min(each["window"][0] for each in told), max(t["window"][1] for t in told))
        return timeline_of(
            (first, last), min(each["unit"] for each in told), self.schema[self.roles.time]
        )

    @cached_property
    def columns(self) -> dict[str, Categories | Numbers]:
        """A codec per column, of what any site told."""
        return {
            name: _joined([each["columns"][name] for each in self._told(CODEC)])
            for name in (*self.roles.fields, *self.roles.context)
        }

    @cached_property
    def profile(self) -> Profile:
        """Grids that follow from the window."""
        return Profile.even(self.context, self.timeline, EVENTS_EACH)

    @property
    def _protected(self) -> dict[str, int | None]:
        return {}

    @cached_property
    def priors(self) -> Priors:
        """Priors of the sums of all noisy counts.

        Raises:
            DataError: no value of any column may be told.
        """
        told = self._told(PRIORS)
        counts = zip(*(each["counts"] for each in told), strict=True)
        sums = [np.sum(each, axis=0) for each in counts]
        priors = priors_of(self.codec, sums, float(np.hypot.reduce([t["noise"] for t in told])))
        require_values(priors)
        return priors

    @property
    def config(self) -> NetworkConfig:
        """Shape of the event network."""
        return shape(self.priors)

    @cached_property
    def units(self) -> list[str]:
        """Nothing: it would have to be read off the rows."""
        return []

    @property
    def card(self) -> dict[str, Any]:
        """What a model's card says: counts with noise, and what the site of most entities pays."""
        entities = sum(each.entities for each in self.sizes.values())
        privacy = {"privacy": self.board[CENSUS][self.lead]["account"]}
        return card_of(entities, self.priors, self.seed) | privacy


@dataclass(frozen=True)
class PrivateTraining(Training):
    """DP-SGD on a site's histories; the optimiser begins anew in each round."""

    local: PrivateLocal

    def update(self, turn: Turn, weights: Weights) -> Update:
        """What becomes of weights in a turn; of losses nothing is told.

        Raises:
            DataError: the budget is spent.
        """
        if turn.phase == "start":
            return Update(self.start(), {})
        if turn.phase != "networks" or turn.only_losses:
            names = LEARNING if turn.phase == "networks" else ("ends",)
            return Update({name: weights[name] for name in names}, {})
        rounds, begin, end = max(1, turn.rounds), turn.round - 1, turn.round
        count = STEPS * end // rounds - STEPS * begin // rounds
        self.local.ledger.spend("of steps", count, STEPS + SPARE)
        left, next_left = 1 - begin / rounds, 1 - end / rounds
        steps = {
            name: Steps(
                RATE, count, CLIPS[name], self.local.budget.training_noise,
                rate * left, rate * next_left,
            )
            for name, rate in LEARNING.items()
        }  # fmt: skip
        entities, data = self.agreed.sizes[self.local.site].entities, self.fitting.data
        networks = self.networks(weights)
        train_networks(
            networks, self.agreed.priors, data, steps=steps, entities=entities, rng=self.local.rng()
        )
        return Update({name: vector(networks.named[name]) for name in steps}, {})


def agreement_of(board: Sequence[Told]) -> Agreement:
    """What follows from what sites told, under differential privacy where they ask for it.

    Raises:
        DataError: they do not agree on that.
    """
    found = Agreement(board)
    return PrivateAgreement(board) if board and found.promise else found


def _joined(parts: Sequence[Mapping[str, Any]]) -> Categories | Numbers:
    """One codec for a column: the values that any site told, or the edges of all."""
    codecs = [from_plain(Categories | Numbers, each) for each in parts]
    first = codecs[0]
    if isinstance(first, Categories):
        # They come by rank: how full they are would cost more.
        ranked = [(each, 1 / np.arange(1, each.size + 1)) for each in codecs]
        return Categories(Categories.pooled(ranked).values[:VALUES], first.dtype)
    decimals = max(each.decimals for each in codecs)
    edges = [_rescaled(each.grid.edges, decimals - each.decimals) for each in codecs]
    return Numbers(Grid.of(np.unique(np.concatenate(edges))), decimals, first.dtype)


def _rescaled(edges: IntArray, digits: int) -> IntArray:
    """(Q,) whole numbers with so many more digits, cut where they could not be counted."""
    limit = LARGEST // 10**digits
    found: IntArray = np.clip(edges, -limit, limit) * 10**digits
    return found
