"""The server: Flower's `ServerApp`, which leads sites through a run and sees only sums.

It asks all sites at once, waits for each, and goes on without those that are late, fail or refuse.
It keeps, by network, the weights with the best losses on what the sites hold out, and a report of
who left where and why, of losses, bytes and seconds, which all sites get with the model.
"""

import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, cast

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Context, RecordDict
from flwr.serverapp import Grid, ServerApp

from anonymizer.arrays import UnsignedArray
from anonymizer.errors import FederationError, UsageError
from anonymizer.federated import counting, messages
from anonymizer.federated.aggregation import absurd, centre, leaps
from anonymizer.federated.attendance import Attendance, is_name
from anonymizer.federated.protocol import (
    AGGREGATIONS,
    CALIBRATION,
    COMMON,
    MINIMUM,
    PROFILE,
    STAGES,
    NotFinite,
    Turn,
    Weights,
)
from anonymizer.federated.secure_sum import Layout, Mean, Vectors, mean
from anonymizer.sequences.model.joint.cells import runs

Progress = Callable[[str], None]

LOG: Final = logging.getLogger(__name__)
_SPOILED: Final = 3  # attempts at a turn that all answered, and whose sum was absurd


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
    rounds: int = 15
    ends_rounds: int = 2
    patience: int = 10
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

    def __init__(self, grid: Grid, settings: Settings, progress: Progress) -> None:
        self.settings, self.progress = settings, progress
        self.sites = Attendance(grid, settings.minimum, settings.deadline)
        self.out: list[dict[str, str]] = []
        self.curve: list[dict[str, Any]] = []
        self.void: list[dict[str, str]] = []
        self.best: dict[str, dict[str, Any]] = {}

    def run(self) -> dict[str, Any]:
        """Lead the sites through all of it; the report.

        Raises:
            FederationError: too few sites are left, or what they send makes no sense.
        """
        start, settings = time.monotonic(), self.settings
        self.sites.gather(settings.sites, settings.wait)
        for stage in STAGES:
            if stage == COMMON:
                self.count()
            elif stage == PROFILE:
                self.count_cells()
            else:
                self.tell(stage)
        came = sorted(self.sites.nodes)
        weights = self.turn(Turn("start", 1, 1, 0), {}).weights
        weights = self.phase("networks", settings.rounds, weights)
        weights = self.phase("ends", settings.ends_rounds, weights)
        self.tell(CALIBRATION, weights)
        report = {
            "sites": came,
            "left": self.sites.left,
            "aggregation": settings.aggregation,
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
        self.progress(f"what sites tell: {stage}")
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
                self.sites.leave(site, STAGES[0], "another key", name)
            elif not is_name(name):
                self.sites.leave(site, STAGES[0], "a name that is none")
            elif name in {known for known, _, _ in kept.values()}:
                self.sites.leave(site, STAGES[0], "another site's name")
            else:
                kept[site] = name, key, sealed
        self.sites.rename({site: name for site, (name, _, _) in kept.items()})
        return kept

    def count(self) -> None:
        """Have the sites count together what they hold, and name what enough entities hold.

        Where a site drops out nothing is named: of a second sum the first could be taken off.
        """
        self.progress("what sites count together")
        told = {"keys": b"", "slots": b""}
        if (tables := self._counted(Turn("count", 1, 2, 0), np.empty(0, np.uint64))) is not None:
            (least, *_), total = tables
            keys = counting.held_by(total.totals, least)
            if len(keys) and (slots := self._counted(Turn("count", 2, 2, 0), keys)) is not None:
                told = {"keys": keys.tobytes(), "slots": slots[1].weights.tobytes()}
        self.sites.news = messages.News(COMMON, told)

    def count_cells(self) -> None:
        """Have the sites count in which cells entities are, and tell runs that enough are in."""
        self.progress("how long histories are, which sites count together")
        told, counted = list[Any](), self._counted(Turn("cells", 1, 1, 0), np.empty(0, np.uint64))
        if counted is not None:
            (least, *lengths), total = counted
            ends = np.cumsum(lengths)[:-1]
            for counts in np.split(total.weights.astype(np.int64), ends) if lengths else ():
                run, held = runs(counts, least)
                told.append([run.to_dict(), held.tolist()])
        self.sites.news = messages.News(PROFILE, {"runs": json.dumps({"runs": told}).encode()})

    def _counted(self, turn: Turn, keys: UnsignedArray) -> tuple[list[int], Vectors] | None:
        """What the sites say of what they count, and the sum if all of them answer."""
        present = sorted(self.sites.nodes)
        ask = messages.TrainAsk(turn, present, AGGREGATIONS[0])
        content = RecordDict({"ask": ask.written(), "keys": messages.arrays({"keys": keys})})
        answers = self.sites.ask(str(turn), "query.count", content, _summand)
        usual = Counter((*said, *own.sizes) for said, own in answers.values()).most_common(1)
        for site, (said, own) in answers.items():
            if (*said, *own.sizes) != usual[0][0]:
                self.sites.leave(site, str(turn), "a table of another kind than the others'")
        self.sites.enough(str(turn))
        if sorted(self.sites.nodes) != present:
            self.void.append({"step": str(turn), "why": "a site dropped out"})
            return None
        first, *rest = (own for _, own in answers.values())
        said, _ = next(iter(answers.values()))
        return said, sum(rest, start=first)

    def phase(self, phase: str, rounds: int, weights: Weights) -> Weights:
        """Train for some rounds, and once more for the losses of the last; the best weights."""
        best, idle = Best(), 0
        for round_ in range(1, rounds + 2) if rounds else ():
            outcome = self.turn(Turn(phase, round_, rounds, 0), weights)
            losses = {
                name: nats / units for name, (nats, units) in outcome.losses.items() if units > 0
            }
            self.curve.append({"step": f"{phase} {round_ - 1}", "losses": losses})
            told = ", ".join(f"{name} {loss:.3f}" for name, loss in sorted(losses.items()))
            done = f"round {round_ - 1} of at most {rounds}" if round_ > 1 else "before training"
            self.progress(f"{phase}: {done}; held-out loss {told}")
            better = best.see(weights, losses, round_ - 1)
            idle = idle + 1 if losses and not better else 0  # private sites tell no losses
            if idle == self.settings.patience or round_ > rounds:
                break
            weights = weights | outcome.weights
        for name, loss in best.losses.items():
            self.best[name] = {"step": f"{phase} {best.rounds[name]}", "loss": loss}
        return weights | best.weights

    def turn(self, turn: Turn, weights: Weights) -> Mean:
        """The mean of what the sites train; under masks anew until all that took part answered.

        Raises:
            FederationError: too few sites are left, or the sum makes no sense whatever is tried.
        """
        spoiled = 0
        while spoiled < _SPOILED:
            present = sorted(self.sites.nodes)
            layout, updates = self._updates(turn, present, weights)
            if self.settings.aggregation != "masked":
                return self._centre(turn, layout, updates, weights)
            why = "a site dropped out"
            if len(updates) == len(present):
                if (found := _mean(updates, layout, weights)) is not None:
                    return found
                why, spoiled = "the sum makes no sense", spoiled + 1
            self.void.append({"step": str(turn), "why": why})
            turn = replace(turn, attempt=turn.attempt + 1)
        raise FederationError(
            f"no model: the sum over the sites at {turn.phase} {turn.round} made no sense "
            f"{_SPOILED} times: one of them sends garbage, which masks hide; `aggregation` median "
            "shows and bears it"
        )

    def _updates(
        self, turn: Turn, present: list[str], weights: Weights
    ) -> tuple[Layout, dict[str, Any]]:
        """What the sites trained, in the layout that most have; who has another leaves."""
        ask = messages.TrainAsk(turn, present, self.settings.aggregation)
        content = RecordDict({"ask": ask.written(), "weights": messages.arrays(weights)})
        answers = self.sites.ask(str(turn), "train", content, self._update)
        fitting = [one for one, _ in answers.values() if not weights or one.fits(weights)]
        usual = Counter(fitting).most_common(1)
        for site, (layout, _) in answers.items():
            if not usual or layout != usual[0][0]:
                self.sites.leave(site, str(turn), "other names or lengths than the others'")
        self.sites.enough(str(turn))
        return usual[0][0], {
            site: update for site, (_, update) in answers.items() if site in self.sites.nodes
        }

    def _update(self, content: RecordDict) -> tuple[Layout, Any]:
        """What a site sent: vectors under masks, or its own update."""
        layout = Layout.read(str(content.config_records["told"]["layout"]))
        own, figures = content.array_records["vectors"], 1 + 2 * len(layout.losses)
        if self.settings.aggregation == "masked":
            summand = _vectors(own)
            if summand.weights.size != layout.size or summand.totals.size != figures:
                raise ValueError("vectors of another length")
            return layout, summand
        weights = messages.weights(content.array_records["update"])
        share, *losses = messages.vector(own, "totals", np.float64).tolist()
        if not layout.fits(weights) or len(weights) != len(layout.lengths):
            raise ValueError("weights of another length")
        pairs = zip(losses[::2], losses[1::2], strict=True)
        return layout, Mean(weights, dict(zip(layout.losses, pairs, strict=True)), share)

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
        if not self.sites.ask("finish", "query.finish", content, lambda _: True):
            raise FederationError("no model: no site could write it; their logs say why")


def _told(content: RecordDict) -> tuple[str, str, bytes]:
    told = content.config_records["told"]
    sealed = told["sealed"]
    if not isinstance(sealed, bytes):
        raise TypeError("what is sealed is bytes")
    return str(told["site"]), str(told["key"]), sealed


def _summand(content: RecordDict) -> tuple[list[int], Vectors]:
    """What a site counted, under masks; how many entities have to be in it, and grids' lengths."""
    told, own = content.config_records["told"], _vectors(content.array_records["vectors"])
    least, lengths = told["least"], cast("list[int]", told.get("lengths", []))
    if not isinstance(least, int) or least < 1:
        raise ValueError("nothing is named of which no entity need know")
    if "lengths" in told and (min(lengths, default=0) < 0 or sum(lengths) != own.weights.size):
        raise ValueError("cells that are of no grid")
    return [least, *lengths], own


def _vectors(record: ArrayRecord) -> Vectors:
    """What a site shows under masks."""
    return Vectors(
        messages.vector(record, "weights", np.uint32), messages.vector(record, "totals", np.uint64)
    )


def _mean(updates: dict[str, Vectors], layout: Layout, before: Weights) -> Mean | None:
    """The mean of the sites, if it is one that training can have led to."""
    first, *rest = updates.values()
    try:
        found = mean(sum(rest, start=first), layout)
    except NotFinite:
        return None
    return None if leaps(before, found.weights) else found


def run_over(
    grid: Grid, settings: Settings, progress: Progress = lambda _line: None
) -> dict[str, Any]:
    """Learn one model of the sites on a grid, each of which writes it; the report of the run.

    Raises:
        FederationError: too few sites came or are left, or what they send makes no sense.
    """
    return Federation(grid, settings, progress).run()


app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """A run that `flwr run` starts; the report is what `flwr log` shows."""
    report = run_over(grid, Settings.of(context.run_config), _say)
    _say(json.dumps(report))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
