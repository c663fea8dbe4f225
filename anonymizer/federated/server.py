"""The server: Flower's `ServerApp`, which leads sites through a run and sees only sums.

It asks all sites at once, waits for each, and goes on without those that are late, fail or refuse.
It keeps, by network, the weights with the best losses on what the sites hold out, and a report of
who left where and why, of losses, bytes and seconds, which all sites get with the model.
"""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, TypeVar, cast

import numpy as np
from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.serverapp import Grid, ServerApp
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects

from anonymizer.errors import FederationError, UsageError
from anonymizer.federated import messages
from anonymizer.federated.aggregation import absurd, centre, leaps
from anonymizer.federated.protocol import (
    AGGREGATIONS,
    CALIBRATION,
    MINIMUM,
    STAGES,
    WORDS,
    NotFinite,
    Turn,
    Weights,
)
from anonymizer.federated.secure_sum import Layout, Mean, Vectors, mean

LOG: Final = logging.getLogger(__name__)
_SPOILED: Final = 3  # attempts at a turn that all answered, and whose sum was absurd
_SHORTEST, _LONGEST = 0.05, 1.0  # seconds between two looks for answers

T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """What a run is like, as `--run-config` says it, with - for _.

    Attributes:
        sites: how many it waits for before it begins.
        minimum: it ends without a model when fewer are left.
        wait: for how many seconds it waits for them.
        deadline: seconds that a site has for an answer.
        rounds: of training the networks, at most.
        ends_rounds: of training what draws the ends of histories, at most.
        patience: rounds without a better loss after which training ends.
        aggregation: `masked` for the mean under masks; `median` and `trimmed` bear sites that
            send garbage, and show the server every update.
    """

    sites: int = MINIMUM
    minimum: int = MINIMUM
    wait: float = 600.0
    deadline: float = 3600.0
    rounds: int = 30
    ends_rounds: int = 10
    patience: int = 3
    aggregation: str = AGGREGATIONS[0]

    def __post_init__(self) -> None:
        if self.minimum < MINIMUM or self.sites < self.minimum:
            raise UsageError(f"a run takes {MINIMUM} sites or more, and `sites` at least `minimum`")
        if self.aggregation not in AGGREGATIONS:
            raise UsageError(f"aggregation: none of {', '.join(AGGREGATIONS)}")

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Settings":
        """The settings in a run's configuration; other keys are not for the server."""
        given = {each.name: config.get(each.name.replace("_", "-")) for each in fields(cls)}
        return cls(**{name: value for name, value in given.items() if value is not None})


class Failed(Exception):  # noqa: N818 (it is a word, and never leaves this module)
    """Why the answer of a site is of no use."""


@dataclass
class Sites:
    """The sites that are in a run, how they are asked, and what is reported of it.

    Attributes:
        nodes: Flower's number of each, by name; until the census, by a name made of the number.
        news: the stage that the sites have not heard of yet.
        left: who left where and why.
        steps: for each step its name, seconds, and bytes down to each site and up from each.
    """

    grid: Grid
    settings: Settings
    nodes: dict[str, int] = field(default_factory=dict)
    news: messages.News | None = None
    left: list[dict[str, str]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)

    def gather(self) -> None:
        """Wait until enough sites are there.

        Raises:
            FederationError: they did not come.
        """
        end, pause = time.monotonic() + self.settings.wait, _SHORTEST
        while len(found := sorted(self.grid.get_node_ids())) < self.settings.sites:
            if time.monotonic() > end:
                raise FederationError(
                    f"{len(found)} of {self.settings.sites} sites came within "
                    f"{self.settings.wait:g} seconds: start the others, or say fewer `sites`"
                )
            time.sleep(pause := min(_LONGEST, 1.5 * pause))
        self.nodes = {f"node {node}": node for node in found}

    def ask(
        self, step: str, kind: str, content: RecordDict, read: Callable[[RecordDict], T]
    ) -> dict[str, T]:
        """What each site answers; who gives nothing of use leaves the run."""
        start = time.monotonic()
        if self.news:
            content["news"] = self.news.written()
            self.news = None
        replies, answers, up = self._answers(kind, content), {}, {}
        for site in sorted(self.nodes):
            try:
                answers[site] = _read(replies.get(site), read)
            except Failed as failure:
                self.leave(site, step, str(failure))
            if site in replies and replies[site].has_content():
                up[site] = weight(replies[site].content)
        seconds = time.monotonic() - start
        self.steps.append(
            {"step": step, "seconds": round(seconds, 3), "down": weight(content), "up": up}
        )
        return answers

    def _answers(self, kind: str, content: RecordDict) -> dict[str, Message]:
        deadline, names = self.settings.deadline, sorted(self.nodes)
        asked = [Message(content, self.nodes[name], kind, ttl=deadline) for name in names]
        # Flower gives None for what it could not send, or nothing at all.
        waiting = dict(zip(self.grid.push_messages(asked), names, strict=False))
        waiting.pop(cast("str", None), None)
        replies: dict[str, Message] = {}
        end, pause = time.monotonic() + deadline, _SHORTEST
        while True:
            for reply in self.grid.pull_messages(list(waiting)):
                # Not its sender: of a message that ran out, that is the SuperLink.
                site = waiting.pop(reply.metadata.reply_to_message_id, None)
                if site is not None:
                    replies[site] = reply
            if not waiting or time.monotonic() > end:
                return replies
            time.sleep(pause := min(_LONGEST, 1.5 * pause))

    def leave(self, site: str, step: str, why: str) -> None:
        """Let a site go, for the rest of the run."""
        LOG.warning("site %s leaves the run at %s: %s", site, step, why)
        self.left.append({"site": site, "step": step, "why": why})
        del self.nodes[site]

    def enough(self, step: str) -> None:
        """Go on.

        Raises:
            FederationError: too few sites are left.
        """
        if len(self.nodes) < self.settings.minimum:
            gone = "; ".join(f"{one['site']} at {one['step']}: {one['why']}" for one in self.left)
            raise FederationError(
                f"no model: {len(self.nodes)} sites are left at {step}, and a run takes "
                f"{self.settings.minimum}. Left: {gone}. Each site's log says more"
            )

    def rename(self, names: dict[str, str]) -> None:
        """Call sites as they call themselves."""
        self.nodes = {names[site]: node for site, node in self.nodes.items()}


def _read(reply: Message | None, read: Callable[[RecordDict], T]) -> T:
    if reply is None:
        raise Failed("no answer in time")
    if reply.has_error():  # its reason is the site's own, and may hold anything
        raise Failed(f"Flower's error {reply.error.code}")
    try:
        word = reply.content.config_records["told"].get("word")
        if word is None:
            return read(reply.content)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError):
        raise Failed("garbage") from None
    raise Failed(str(word) if word in WORDS else "failed")


def weight(content: RecordDict) -> int:
    """Bytes of a message's content on the wire."""
    return sum(len(piece.deflate()) for piece in get_all_nested_objects(content).values())


@dataclass
class Best:
    """By network, the weights with the least loss so far, and the round whose work they are."""

    weights: Weights = field(default_factory=dict)
    losses: dict[str, float] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)

    def see(self, weights: Weights, losses: dict[str, float], round_: int) -> bool:
        """Take what is better; whether anything is."""
        better = {
            name: loss
            for name, loss in losses.items()
            if name in weights and loss < self.losses.get(name, np.inf)
        }
        self.losses |= better
        self.weights |= {name: weights[name] for name in better}
        self.rounds |= dict.fromkeys(better, round_)
        return bool(better)


class Federation:
    """One run, from the census to the model at every site."""

    def __init__(self, grid: Grid, settings: Settings) -> None:
        self.settings = settings
        self.sites = Sites(grid, settings)
        self.out: list[dict[str, str]] = []
        self.curve: list[dict[str, Any]] = []
        self.void: list[dict[str, str]] = []
        self.best: dict[str, dict[str, Any]] = {}

    def run(self) -> dict[str, Any]:
        """Lead the sites through all of it; the report.

        Raises:
            FederationError: too few sites are left, or what they send makes no sense.
        """
        start = time.monotonic()
        self.sites.gather()
        for stage in STAGES:
            self.tell(stage)
        came = sorted(self.sites.nodes)
        weights = self.turn(Turn("start", 1, 1, 0), {}).weights
        weights = self.phase("networks", self.settings.rounds, weights)
        weights = self.phase("ends", self.settings.ends_rounds, weights)
        self.tell(CALIBRATION, weights)
        report = {
            "sites": came,
            "left": self.sites.left,
            "aggregation": self.settings.aggregation,
            "best": self.best,
            "losses": self.curve,
            "void": self.void,
            "left out": self.out,
            "steps": self.sites.steps,
            "seconds": round(time.monotonic() - start, 3),
        }
        self.finish(weights, report)
        return report

    def tell(self, stage: str, weights: Weights | None = None) -> None:
        """Have every site tell a stage, which the others hear with the next message."""
        content = RecordDict({"ask": ConfigRecord({"stage": stage})})
        if weights is not None:
            content["weights"] = messages.arrays(weights)
        told = self.sites.ask(stage, "query.tell", content, _told)
        if stage == STAGES[0]:
            told = self._introduced(told)
        self.sites.enough(stage)
        self.sites.news = messages.News(stage, {name: sealed for name, _, sealed in told.values()})

    def _introduced(
        self, told: dict[str, tuple[str, str, bytes]]
    ) -> dict[str, tuple[str, str, bytes]]:
        """Who told the census, under the key and in the name that the others can do with."""
        usual = Counter(key for _, key, _ in told.values()).most_common(1)
        kept: dict[str, tuple[str, str, bytes]] = {}
        for site, (name, key, sealed) in told.items():
            if key != usual[0][0]:
                self.sites.leave(site, STAGES[0], "another key")
            elif name in {known for known, _, _ in kept.values()}:
                self.sites.leave(site, STAGES[0], "another site's name")
            else:
                kept[site] = name, key, sealed
        self.sites.rename({site: name for site, (name, _, _) in kept.items()})
        return kept

    def phase(self, phase: str, rounds: int, weights: Weights) -> Weights:
        """Train for some rounds, and once more for the losses of the last; the best weights."""
        best, idle = Best(), 0
        for round_ in range(1, rounds + 2) if rounds else ():
            outcome = self.turn(Turn(phase, round_, rounds, 0), weights)
            losses = {
                name: nats / units for name, (nats, units) in outcome.losses.items() if units > 0
            }
            self.curve.append({"step": f"{phase} {round_ - 1}", "losses": losses})
            better = best.see(weights, losses, round_ - 1)
            idle = idle + 1 if losses and not better else 0  # private sites tell no losses
            if idle == self.settings.patience or round_ > rounds:
                break
            weights = weights | outcome.weights
        for name, loss in best.losses.items():
            self.best[name] = {"step": f"{phase} {best.rounds[name]}", "loss": loss}
        return weights | best.weights

    def turn(self, turn: Turn, weights: Weights) -> Mean:
        """The mean of what the sites train, anew until all that took part answered.

        Raises:
            FederationError: too few sites are left, or the sum is absurd whatever is tried.
        """
        spoiled = 0
        while spoiled < _SPOILED:
            present = sorted(self.sites.nodes)
            ask = messages.TrainAsk(turn, present, self.settings.aggregation)
            content = RecordDict({"ask": ask.written(), "weights": messages.arrays(weights)})
            answers = self.sites.ask(str(turn), "train", content, self._update)
            layout = self._agreed(
                turn, {site: found for site, (found, _) in answers.items()}, weights
            )
            updates = {
                site: found for site, (_, found) in answers.items() if site in self.sites.nodes
            }
            why = "a site dropped out"
            if self.settings.aggregation != "masked":
                return self._centre(turn, layout, updates, weights)
            if sorted(updates) == present:
                why = "the sum makes no sense"
                if (found := _mean(updates, layout, weights)) is not None:
                    return found
                spoiled += 1
            self.void.append({"step": str(turn), "why": why})
            turn = replace(turn, attempt=turn.attempt + 1)
        raise FederationError(
            f"no model: at {turn} the sum over the sites made no sense {_SPOILED} times: one of "
            "them sends garbage, which masks hide; `aggregation` median shows and bears it"
        )

    def _update(self, content: RecordDict) -> tuple[Layout, Any]:
        """What a site sent: vectors under masks, or its own update."""
        layout = Layout.read(str(content.config_records["told"]["layout"]))
        own, figures = content.array_records["vectors"], 1 + 2 * len(layout.losses)
        if self.settings.aggregation == "masked":
            summand = Vectors(
                messages.vector(own, "weights", np.uint32),
                messages.vector(own, "totals", np.uint64),
            )
            if summand.weights.size != layout.size or summand.totals.size != figures:
                raise ValueError("vectors of another length")
            return layout, summand
        weights = messages.weights(content.array_records["update"])
        share, *losses = messages.vector(own, "totals", np.float64).tolist()
        if not layout.fits(weights) or len(weights) != len(layout.lengths):
            raise ValueError("weights of another length")
        pairs = zip(losses[::2], losses[1::2], strict=True)
        return layout, Mean(weights, dict(zip(layout.losses, pairs, strict=True)), share)

    def _agreed(self, turn: Turn, layouts: dict[str, Layout], weights: Weights) -> Layout:
        """The layout that most sites have and the weights bear; who has another leaves."""
        fitting = [one for one in layouts.values() if not weights or one.fits(weights)]
        usual = Counter(fitting).most_common(1)
        for site, layout in layouts.items():
            if not usual or layout != usual[0][0]:
                self.sites.leave(site, str(turn), "other names or lengths than the others'")
        self.sites.enough(str(turn))
        return usual[0][0]

    def _centre(
        self, turn: Turn, layout: Layout, updates: dict[str, Mean], weights: Weights
    ) -> Mean:
        reasons = absurd(updates, weights)
        for site, why in reasons.items():
            LOG.warning("the update of site %s at %s is left out: %s", site, turn, why)
            self.out.append({"site": site, "step": str(turn), "why": why})
        kept = {site: update for site, update in updates.items() if site not in reasons}
        if len(kept) < self.settings.minimum:
            raise FederationError(f"no model: at {turn} too few sites send what makes sense")
        return centre(kept, layout, self.settings.aggregation)

    def finish(self, weights: Weights, report: dict[str, Any]) -> None:
        """Give every site the model; one that cannot write it is reported."""
        ask = ConfigRecord({"report": json.dumps(report)})
        content = RecordDict({"ask": ask, "weights": messages.arrays(weights)})
        self.sites.ask("finish", "query.finish", content, lambda _: True)


def _told(content: RecordDict) -> tuple[str, str, bytes]:
    told = content.config_records["told"]
    sealed = told["sealed"]
    if not isinstance(sealed, bytes):
        raise TypeError("what is sealed is bytes")
    return str(told["site"]), str(told["key"]), sealed


def _mean(updates: dict[str, Vectors], layout: Layout, before: Weights) -> Mean | None:
    """The mean of the sites, if it is one that training can have led to."""
    first, *rest = updates.values()
    try:
        found = mean(sum(rest, start=first), layout)
    except NotFinite:
        return None
    return None if leaps(before, found.weights) else found


def federate(grid: Grid, settings: Settings) -> dict[str, Any]:
    """Learn one model of the sites on a grid, each of which writes it; the report of the run.

    Raises:
        FederationError: too few sites came or are left, or what they send makes no sense.
    """
    return Federation(grid, settings).run()


app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """A run that `flwr run` starts; the report goes to its log, too."""
    LOG.setLevel(logging.INFO)
    report = federate(grid, Settings.of(context.run_config))
    LOG.info("%s", json.dumps(report))
