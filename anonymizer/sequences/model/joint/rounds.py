"""A site's part of the training: weights come in, some steps on own histories, weights go out.

Nothing is kept from one round to the next, so that a site may start anew in between: the moments of
the optimiser are forgotten, and each round is of other histories.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, count, islice

import numpy as np
import torch
from torch import Tensor, nn

from anonymizer.arrays import SmallFloatArray
from anonymizer.sequences.histories.roles import Histories
from anonymizer.sequences.model.joint.agreement import Agreement
from anonymizer.sequences.model.joint.telling import Local
from anonymizer.sequences.model.joint.turns import Turn, Update, Weights
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.training.config import COUNTS, PROFILES, EntityTuning
from anonymizer.sequences.training.ends import ends_task
from anonymizer.sequences.training.fit import EVENTS, Fitting, Networks, Split
from anonymizer.sequences.training.loop import Step, Stepper, Task, TrainingConfig
from anonymizer.sequences.training.optimizer import Optimizer
from anonymizer.sequences.training.peers import Peers
from anonymizer.sequences.training.threads import one_thread

HELD_OUT = 0.25  # events that judge a round, of those that it learns from; more would take long
PASSES = 3  # over its histories that a site trains events in a round, at most: or sites drift apart
ANEW = 10  # steps at most in which the rate rises again, as moments start anew in each round
EPOCHS = 20  # of networks that see entities, in a round, at most: likewise
# Of many small steps at each site the mean of all goes less far than as many of one table.
MORE = 3  # times the epochs of the network of profiles
AGAIN = 2  # times the passes over long histories, which otherwise are hardly any
SPREAD = ".spread"  # of a network, beside its weights: how large gradients are
SCALE = 100  # of those, which are small, among weights
SEEDS = 7_919  # a prime: rounds and attempts of one site share no seed with those of another


@dataclass(frozen=True)
class Training:
    """A site's histories, ready to train networks of.

    Attributes:
        local: the site.
        agreed: what all sites agreed on.
    """

    local: Local
    agreed: Agreement

    @property
    def histories(self) -> Histories:
        """All of them, as the network writes them."""
        return self._encoded[0]

    @cached_property
    def _encoded(self) -> tuple[Histories, Split, Encoded]:
        return self.local.encoded(self.agreed)

    @cached_property
    def fitting(self) -> Fitting:
        """What networks are trained on."""
        _, parts, data = self._encoded
        return Fitting(self.agreed.priors, data, parts, lambda _what, _report: None)

    def start(self) -> Weights:
        """Weights to begin with, the same at all sites: nothing of a site's own is in them."""
        networks = self._untrained()
        weights = {name: vector(each) for name, each in networks.named.items()}
        rates = {"profiles": PROFILES.config(1), "counts": COUNTS.config(1)}
        for name, network in networks.named.items():
            if name != "ends":
                own = rates.get(name, self.agreed.training).rates
                weights[name + SPREAD] = np.zeros(Optimizer(network, own).adam, np.float32)
        return weights

    def update(self, turn: Turn, weights: Weights) -> Update:
        """What becomes of weights in a turn, and how well they told held-out histories before."""
        if turn.phase == "start":
            return Update(self.start(), {})
        networks = self.networks(weights)
        torch.manual_seed(self._seed(turn))
        losses: dict[str, tuple[float, float]] = {}
        trained: Weights = {}
        for name, task in self._tasks(turn, networks):
            spread = weights.get(name + SPREAD)
            with one_thread():
                losses[name] = held_out(task)
                if not turn.only_losses:
                    found = train_on(task, turn, spread)
                    spread = None if spread is None else found
            trained[name] = vector(task.network)
            if spread is not None:
                trained[name + SPREAD] = spread
        return Update(trained, losses)

    def networks(self, weights: Weights) -> Networks:
        """Networks with these weights."""
        networks = self._untrained()
        for name, each in networks.named.items():
            put(each, weights[name])
            each.eval()
        return networks

    def _untrained(self) -> Networks:
        torch.manual_seed(self.agreed.seed)
        return Networks.untrained(self.agreed.priors, self.agreed.config)

    def _seed(self, turn: Turn) -> int:
        site = self.agreed.sites.index(self.local.site)
        return ((self.agreed.seed * SEEDS + site) * SEEDS + turn.round) * SEEDS + turn.attempt

    def _tasks(self, turn: Turn, networks: Networks) -> Iterator[tuple[str, Task]]:
        if turn.phase == "ends":
            task, _ = ends_task(self.fitting, networks, self.agreed.k)
            yield "ends", self._anew(task, turn)
            return
        profiles = self.fitting.profiles_task(networks.profiles)
        yield "profiles", self._of_entities(profiles, PROFILES, turn, MORE)
        if networks.counts is not None and len(self.fitting.counted[0]) >= self.agreed.k:
            counts = self.fitting.counts_task(networks.counts)
            yield "counts", self._of_entities(counts, COUNTS, turn, 1)
        elif networks.counts is not None:  # a site of few long histories sends what came in
            yield "counts", Task(networks.counts, lambda _epoch: (), tuple, TrainingConfig(1), 1, 1)
        yield "events", self._of_events(networks, turn)

    def _of_entities(self, task: Task, tuning: EntityTuning, turn: Turn, times: int) -> Task:
        """So many times the epochs that one training of all histories has."""
        entities = round(len(self.fitting.split.inside) / self.agreed.share(self.local.site))
        epochs = min(times * tuning.config(entities).epochs, EPOCHS * turn.rounds)
        config = replace(task.config, epochs=epochs)
        return self._anew(replace(task, config=config), turn)

    def _of_events(self, networks: Networks, turn: Turn) -> Task:
        """Of the histories whose turn it is: all have theirs before one comes again."""
        config, fitting = self.agreed.training, self.fitting
        if EVENTS.is_long(self.agreed.lengths):
            config = replace(config, epochs=AGAIN * config.epochs)
        inside = fitting.split.inside
        share = min(config.epochs / turn.rounds, PASSES)  # of the histories, in a round
        passed, begin = divmod(round((turn.round - 1) * share * len(inside)), len(inside))
        size = max(self.agreed.k, round(share * len(inside)))  # of fewer nothing may be told
        orders = [
            np.random.default_rng((self.agreed.seed, turn.attempt, n)).permutation(inside)
            for n in range(passed, passed + 2 + int(share))
        ]
        some = np.concatenate(orders)[begin : begin + size]
        lengths = fitting.data.span.length
        held = np.random.default_rng(self.agreed.seed).permutation(fitting.split.held)
        most = np.searchsorted(np.cumsum(lengths[held]), HELD_OUT * lengths[some].sum())
        split = replace(fitting.split, held=held[: max(EVENTS.judges[0], int(most))])
        task = replace(fitting, some=some, split=split).events_task(networks.events, config)
        steps = max(1, round(task.steps_per_epoch * size / len(inside)))
        return self._anew(replace(task, steps_per_epoch=steps * turn.rounds // config.epochs), turn)

    def _anew(self, task: Task, turn: Turn) -> Task:
        """Epochs of other order in each round and attempt."""
        steps, before = task.steps, (turn.round * SEEDS + turn.attempt) * SEEDS

        def shifted(epoch: int) -> Iterator[Step]:
            yield from steps(before + epoch)

        return replace(task, steps=shifted)


def train_on(task: Task, turn: Turn, spread: SmallFloatArray | None = None) -> SmallFloatArray:
    """Take a round's share of all steps; the learning rate is where it would be by then.

    Args:
        task: what to train.
        turn: which round.
        spread: what it returned at the sites before, on average: how large gradients are, by
            which their steps are scaled. A value that others sell and this site does not would
            otherwise be pushed away here as fast as it is drawn near there.
    """
    config: TrainingConfig = task.config
    per_round = max(1, -(-config.epochs * task.steps_per_epoch // turn.rounds))
    optimizer, before = Optimizer(task.network, config.rates), (turn.round - 1) * per_round
    total, average = per_round * turn.rounds, optimizer.flat.clone()
    anew = max(1, min(ANEW, per_round // 3))
    stepper = Stepper(optimizer, Peers(), total, 1, 1, average, before, before, anew)
    if spread is not None and before:
        optimizer.recall(torch.from_numpy(spread / SCALE).square(), before)
    task.network.train()
    for step in islice(_forever(task), per_round):
        if step is not None:
            stepper.step(step[0] / task.per_step)
    task.network.eval()
    if stepper.steps == before and spread is not None:
        return spread
    found: SmallFloatArray = (SCALE * optimizer.mean_squares(per_round).sqrt()).numpy()
    return found


def _forever(task: Task) -> Iterator[Step]:
    """The steps of one epoch after another; none where an epoch has none."""
    for epoch in count(1):
        steps = iter(task.steps(epoch))
        first = next(steps, None)
        if first is None:
            return
        yield from chain([first], steps)


@torch.no_grad()
def held_out(task: Task) -> tuple[float, float]:
    """The loss on held-out entities: the sum in nats, and of how many units."""
    task.network.eval()
    total, units = 0.0, 0
    for loss, some in task.held_out():
        total, units = total + loss.item(), units + some
    return total, units


def vector(network: nn.Module) -> SmallFloatArray:
    """All weights of a network as one vector, in the order of their names."""
    weights = [each.detach().flatten() for each in _sorted(network)]
    found: SmallFloatArray = torch.cat(weights).numpy()
    return found


def put(network: nn.Module, weights: SmallFloatArray) -> None:
    """The other way round."""
    sizes = [each.numel() for each in _sorted(network)]
    parts = torch.split(torch.from_numpy(weights), sizes)
    for each, part in zip(_sorted(network), parts, strict=True):
        each.data = part.view(each.shape).clone()


def _sorted(network: nn.Module) -> list[Tensor]:
    return [each for _, each in sorted(network.named_parameters())]
