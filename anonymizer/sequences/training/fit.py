"""How the three networks are made and trained: profiles, counts, events."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from anonymizer.arrays import BoolArray, IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.histories.roles import Histories, Roles, split
from anonymizer.sequences.network.batches import (
    BUDGET,
    buckets,
    window_count,
    windows,
)
from anonymizer.sequences.network.count_network import LATENTS, CountNetwork, known_of
from anonymizer.sequences.network.ends import EndNetwork
from anonymizer.sequences.network.heads import ProfileNetwork, basis
from anonymizer.sequences.network.large_vocabulary import Asked, best_sharpness
from anonymizer.sequences.network.lstm import EventNetwork, NetworkConfig
from anonymizer.sequences.network.state import NetworkState
from anonymizer.sequences.priors.counts import Counts
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.prior import Seen
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.priors.repeats import Repeats
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import WINDOW, Encoded
from anonymizer.sequences.training.config import COUNTS, PROFILES, EntityTuning, EventTuning
from anonymizer.sequences.training.loop import (
    Loss,
    Report,
    Step,
    Store,
    Task,
    TrainingConfig,
    train,
)
from anonymizer.sequences.training.peers import Peers
from anonymizer.sequences.training.threads import one_thread

HELD_OUT = 0.1  # share of entities that decide when training stops
MIN_ENTITIES = 5  # entities that must hold a value before the model may know it
EVENTS = EventTuning()

Made = TypeVar("Made")
Progress = Callable[[str, Report], None]  # which network, and where it stands


@dataclass(frozen=True)
class Split:
    """Entities to learn from and entities that decide when to stop, and the seed of it all."""

    inside: IntArray
    held: IntArray
    seed: int

    def rng(self, epoch: int) -> np.random.Generator:
        """The randomness of one epoch; 0 is the held-out evaluation's."""
        return np.random.default_rng((self.seed, epoch))


class Shard(NamedTuple):
    """Histories that the event network learns from too, and that are read when their turn comes.

    Attributes:
        lengths: (E,) events of each of its entities.
        digest: gives a number that other rows do not have.
        read: gives them, with the columns that the network writes.
    """

    lengths: IntArray
    digest: Callable[[], int]
    read: Callable[[], Histories]


class Read(NamedTuple):
    """What a fit looks at: all histories, who is learned from, and how they are encoded."""

    histories: Histories
    parts: Split
    priors: Priors
    data: Encoded


def read(histories: Histories, roles: Roles, seed: int, k: int) -> Read:
    """The split, and the priors of those who are learned from; also seeds torch.

    Raises:
        DataError: fewer than k entities are learned from, or there is only one.
    """
    torch.manual_seed(seed)
    parts = parts_of(histories, seed, k)
    inside = histories.select(parts.inside)
    codec = HistoryCodec.learn(inside, roles, histories.frame.columns, k)
    data = codec.encode(histories)
    priors = Priors.learn(codec, Seen(inside, data.select(parts.inside), k))
    return Read(histories, parts, priors, priors.read(data))


def parts_of(histories: Histories, seed: int, k: int) -> Split:
    """Who is learned from, and who decides when to stop.

    Raises:
        DataError: fewer than k entities are learned from, or there is only one.
    """
    entities = len(histories.lengths)
    if entities < 2:
        raise DataError("there is only one entity: a model needs more")
    inside, held = split(entities, HELD_OUT, seed)
    if len(inside) < k:
        raise DataError(
            f"there are {entities} entities, {len(held)} of them held out, and min_entities is "
            f"{k}: of so few nothing may be told; give more, or lower min_entities"
        )
    return Split(inside, held, seed)


def event_network(priors: Priors, config: NetworkConfig) -> EventNetwork:
    """Make the event network with random weights."""
    codec, known = priors.codec, priors.of(Frequencies)
    return EventNetwork(
        config,
        [basis(u, o) for u, o in zip(known.heads, codec.orders, strict=True)],
        [basis(u, o) for u, o in zip(known.profile, codec.profile.orders, strict=True)],
        known.tensors,
        large=priors.large,
        repeating=list(priors.of(Repeats).heads),
    )


def profile_network(priors: Priors) -> ProfileNetwork:
    """Make the profile network with random weights."""
    known, orders = priors.of(Frequencies).profile, priors.codec.profile.orders
    functions = [basis(u, o) for u, o in zip(known, orders, strict=True)]
    return ProfileNetwork(functions, [torch.from_numpy(each).float() for each in known])


class Networks(NamedTuple):
    """The networks of a model.

    Attributes:
        events: of the next event.
        profiles: of what holds once per history.
        counts: how many events of each class; None where few histories are long.
        ends: whether a history is over.
    """

    events: EventNetwork
    profiles: ProfileNetwork
    counts: CountNetwork | None
    ends: EndNetwork

    @classmethod
    def untrained(cls, priors: Priors, config: NetworkConfig) -> "Networks":
        """Make networks of the right shapes with random weights."""
        counts, events = priors.of(Counts), event_network(priors, config)
        return cls(
            events,
            profile_network(priors),
            CountNetwork(counts.blocks) if counts.counted else None,
            EndNetwork(events.heads.first.in_features),
        )

    @property
    def named(self) -> dict[str, nn.Module]:
        """Those that there are, by name."""
        return {name: each for name, each in self._asdict().items() if each is not None}


@dataclass(frozen=True)
class Fitting:
    """What the three networks are trained on, and who is told how it goes.

    Attributes:
        data: of which those who are learned from are split off those who decide when to stop.
        hidden: share of training histories whose profiles are hidden, as they all are in scoring.
        shards: more histories for the network of events alone.
        some: entities of an epoch of that network; all who are learned from by default.
        peers: processes that train that network together.
    """

    priors: Priors
    data: Encoded
    split: Split
    progress: Progress
    hidden: float = EVENTS.hidden
    shards: tuple[Shard, ...] = ()
    some: IntArray | None = None
    peers: Peers = field(default_factory=Peers)

    def profiles(self, network: ProfileNetwork) -> Report:
        """Learn the joint distribution of the profiles."""
        return self._alone("profiles", self.profiles_task(network))

    def profiles_task(self, network: ProfileNetwork) -> Task:
        """The joint distribution of the profiles."""
        tokens = torch.from_numpy(self.data.profile)

        def loss(batch: IntArray, _rng: np.random.Generator) -> Tensor:
            return network(tokens[batch])[1]  # type: ignore[no-any-return]  # (untyped in torch)

        inside, held = self.split.inside, self.split.held
        return self._of_entities(network, PROFILES, loss, inside=inside, held=held)

    def counts(self, network: CountNetwork) -> Report:
        """Learn how many events of each class an entity has."""
        inside, _ = self.counted
        network.start_at(torch.from_numpy(self.data.counts[inside]).float())
        return self._alone("counts", self.counts_task(network))

    @property
    def counted(self) -> tuple[IntArray, IntArray]:
        """Entities that are learned from, and held out, of whose events there are counts."""
        has = self.priors.of(Counts).has(self.data.span)
        inside, held = self.split.inside, self.split.held
        return inside[has[inside]], held[has[held]]

    def counts_task(self, network: CountNetwork) -> Task:
        """How many events of each class an entity has."""
        inside, held = self.counted
        # A handful of held-out entities would put the network back to its first epochs by chance.
        held = held if len(held) >= EVENTS.judges[0] else inside
        counts = torch.from_numpy(self.data.counts).float()
        known = known_of(self.data.span, self.priors.codec.timeline.days)

        def loss(batch: IntArray, rng: np.random.Generator) -> Tensor:
            noise = rng.standard_normal((len(batch), LATENTS), np.float32)
            return network(counts[batch], known[batch], torch.from_numpy(noise))  # type: ignore[no-any-return]

        often = np.repeat(held, 8)  # the loss draws
        return self._of_entities(network, COUNTS, loss, inside=inside, held=often)

    def _alone(self, name: str, task: Task) -> Report:
        """Train a network that sees entities: too small a one for several threads."""
        with one_thread():
            return train(task, progress=lambda report: self.progress(name, report))

    def _of_entities(
        self,
        network: nn.Module,
        tuning: EntityTuning,
        loss: Callable[[IntArray, np.random.Generator], Tensor],
        *,
        inside: IntArray,
        held: IntArray,
    ) -> Task:
        """Of a network that sees each entity once per pass; `loss` of (B,) of them is summed."""
        size, passes = tuning.size(len(inside)), tuning.passes(len(inside))

        def steps(order: IntArray, rng: np.random.Generator) -> Iterator[Loss]:
            for start in range(0, len(order), size):
                batch = order[start : start + size]
                yield loss(batch, rng).sum(), len(batch)

        def shuffled(epoch: int) -> Iterator[Loss]:
            rng = self.split.rng(epoch)
            for _ in range(passes):
                yield from steps(rng.permutation(inside), rng)

        return Task(
            network,
            shuffled,
            lambda: steps(held, self.split.rng(0)),
            tuning.config(len(inside)),
            per_step=float(min(size, len(inside))),
            steps_per_epoch=tuning.steps(len(inside)) * passes,
        )

    def events(
        self, network: EventNetwork, config: TrainingConfig, store: Store | None = None
    ) -> Report:
        """Learn the next event, with the profile given for most histories and hidden for some."""
        task = self.events_task(network, config)
        progress = partial(self.progress, "events")
        return train(task, progress=progress, store=store, peers=self.peers)

    def events_task(self, network: EventNetwork, config: TrainingConfig) -> Task:
        """The next event, with the profile given for most histories and hidden for some."""
        own, inside = self.data.span.length, self.split.inside
        parts = [own[inside], *(shard.lengths for shard in self.shards)]
        budget, width = EVENTS.cut(np.concatenate(parts), large=bool(network.large))

        def losses(data: Encoded, batch: IntArray, rng: np.random.Generator) -> Iterator[Loss]:
            known = rng.random(len(batch)) >= self.hidden
            return self.losses(network, batch, known, width, data=data)

        def shuffled(epoch: int) -> Iterator[Step]:
            rng = self.split.rng(epoch)
            data, learned = self._portion(epoch)
            batches = buckets(data.span.length, rng.permutation(learned), budget, width)
            groups = self.peers.groups(batches)

            def turn(group: list[IntArray]) -> Iterator[Step]:
                steps = max(window_count(data.span.length, [each], width) for each in group)
                return self.peers.in_step(group, steps, lambda own: losses(data, own, rng))

            turns = (turn(groups[i]) for i in rng.permutation(len(groups)))
            return taking_turns(turns, EVENTS.under_way, self.peers.common(rng, epoch))

        def held_out() -> Iterator[Loss]:
            self.sharpen(network)
            rng = self.split.rng(0)
            for batch in self.peers.share(buckets(own, self.split.held, 4 * BUDGET, width)):
                yield from losses(self.data, batch, rng)

        windows_in = [window_count(each, _all(each, budget, width), width) for each in parts]
        per_epoch = -(-sum(windows_in) // (len(parts) * self.peers.count))
        return Task(network, shuffled, held_out, config, budget, per_epoch)

    def _portion(self, epoch: int) -> tuple[Encoded, IntArray]:
        """What an epoch is of: histories, and which of them are learned from.

        Where there are shards an epoch is of one of them, or of those at hand; all have had their
        turn before one comes again.
        """
        count = 1 + len(self.shards)
        passed, turn = divmod(epoch - 1, count)
        which = int(np.random.default_rng((self.split.seed, 0, passed)).permutation(count)[turn])
        if not which:
            return self.data, self.split.inside if self.some is None else self.some
        data = self.priors.encode(self.shards[which - 1].read())
        return data, np.arange(len(data.span.length))

    @torch.no_grad()
    def sharpen(self, network: EventNetwork) -> None:
        """Let large heads be as sure as suits some of the held-out entities, if they are enough."""
        network.heads.sharpness.fill_(1)
        lengths, rng = self.data.span.length, self.split.rng(0)
        order = rng.permutation(self.split.held)
        # Two windows of each at most, so that nobody decides it alone.
        events = np.cumsum(np.minimum(lengths[order], 2 * WINDOW))
        some = order[: 1 + int(np.searchsorted(events, EVENTS.judges[1]))]
        if not network.large or len(some) < EVENTS.judges[0]:
            return
        heads, tables = network.heads, [table() for table in network.tables]
        found: list[list[Asked]] = []
        for batch in buckets(lengths, some, 4 * BUDGET):
            state: NetworkState | None = None
            known = rng.random(len(batch)) >= self.hidden
            for window in islice(windows(self.data, batch, known, self.priors), 2):
                seen = window.to(network.device)
                state = state and state.first(len(window.event))
                asked, state = network.asked(seen.inputs, seen.targets, state, tables)
                found.append(asked)
        for k, j in enumerate(network.large):
            frequencies = network.get_buffer(f"frequencies_{j}")
            parts = [each[k] for each in found]
            heads.sharpness[k] = round(
                best_sharpness(parts, tables[j], frequencies + heads.bias[j]), 2
            )

    def losses(
        self,
        network: EventNetwork,
        batch: IntArray,
        known: BoolArray,
        width: int = WINDOW,
        *,
        data: Encoded | None = None,
    ) -> Iterator[Loss]:
        """Summed loss and number of events of (B,) entities, the longest histories first.

        It comes window by window, of `width` events, and the state is carried over; (B,) flags say
        whose profiles the network sees. They are of `data` where that is told.
        """
        state: NetworkState | None = None
        for window in windows(data or self.data, batch, known, self.priors, width=width):
            seen = window.to(network.device)
            state = state and state.first(len(window.event))
            loss, state = network(seen.inputs, seen.targets, state)
            state = state.detach()
            yield loss.sum(), int(window.real.sum())


def _all(lengths: IntArray, budget: int, width: int) -> list[IntArray]:
    """Batches of all histories."""
    return buckets(lengths, np.arange(len(lengths)), budget, width)


def taking_turns(
    batches: Iterator[Iterator[Made]], under_way: int, rng: np.random.Generator
) -> Iterator[Made]:
    """The windows of batches, each in its order, those of so many batches among each other.

    Windows of the same histories in a row would teach a network those, and make it forget others.
    """
    begun = list(islice(batches, under_way))
    while begun:
        chosen = int(rng.integers(len(begun)))
        try:
            yield next(begun[chosen])
        except StopIteration:
            begun[chosen : chosen + 1] = islice(batches, 1)
