"""The part of a site whose model is a `SequenceModel`."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from anonymizer.errors import DataError, UsageError
from anonymizer.federated.protocol import STAGES, Board, Cells, Items, Turn, Update, Weights
from anonymizer.files.sources import recorded, scan
from anonymizer.frames import collect
from anonymizer.provenance import FileRecord, Provenance
from anonymizer.sequences.model.joint import calibration
from anonymizer.sequences.model.joint.agreement import Agreement
from anonymizer.sequences.model.joint.ledger import Ledger
from anonymizer.sequences.model.joint.privately import (
    PrivateAgreement,
    PrivateLocal,
    PrivateTraining,
    agreement_of,
)
from anonymizer.sequences.model.joint.rounds import Training
from anonymizer.sequences.model.joint.telling import Local
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.private.accountant import Promise
from anonymizer.sequences.scoring.judge import Calibration
from anonymizer.sequences.training.fit import MIN_ENTITIES

NEEDED = ("name", "data", "entity", "time", "model")  # in --node-config
MAY_BE = ("columns", "min-entities", "seed", "count", "epsilon", "delta", "context")
OF_SITE = ("key-file", "key-variable", "minimum", "aggregation")  # which `site.py` reads

Plain = tuple[tuple[tuple[str, bytes], ...], ...]  # a board that can be a key


@dataclass(frozen=True, eq=False)
class SequenceParty:
    """A site that learns histories of events together with others.

    Attributes:
        local: its histories.
        keep: what becomes of the model.
        source: the file that the histories come from; None of a frame.
        counts: whether it counts together with the others what its entities hold.
        say: told a line where the run stands.
        trouble: what was raised here, and never leaves the site.
    """

    local: Local
    keep: Callable[[SequenceModel], None]
    source: FileRecord | None = None
    counts: bool = True
    say: Callable[[str], None] = lambda _line: None
    trouble: list[Exception] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Of the site; the server and the other sites know it."""
        return self.local.site

    def tell(self, stage: str, board: Board) -> bytes:
        """Statistics, as JSON; see `Local.tell`."""
        self.say(f"site {self.name} tells: {stage}")  # it is the one after those that are done
        with self._noting():
            told = self.local.tell(agreement(board))
        if stage == STAGES[0]:
            told |= {"counts": self.counts}
        return _written(told)

    def items(self, board: Board) -> Items:
        """What is counted together; see `Local.items`."""
        self._say_counts(board, "what its entities hold")
        with self._noting():
            found = _items(self, _key(board))
        return found if self._counting(board) else found._replace(own=[])

    def cells(self, board: Board) -> Cells:
        """When histories begin and end and how long they are; see `Local.cells`."""
        self._say_counts(board, "when histories begin and end")
        with self._noting():
            found = self.local.cells(agreement(board))
        if self._counting(board):
            return found
        return found._replace(counts=[0 * own for own in found.counts])

    def _counting(self, board: Board) -> bool:
        """Whether it counts, as enough of the others do."""
        return self.counts and agreement(board).together

    def _say_counts(self, board: Board, what: str) -> None:
        does = "counts"
        if not self._counting(board):
            why = "too few do" if self.counts else "count = false"
            does = f"declines ({why}) to count"
        self.say(f"site {self.name} {does} with the others {what}")

    def share(self, board: Board) -> float:
        """Entities of this site among those of all sites that told all stages."""
        return float(agreement(board).share(self.name))

    def train(self, board: Board, turn: Turn, weights: Weights) -> Update:
        """The update of a turn."""
        last = turn.round > turn.rounds  # it asks for the losses of what was trained before
        does = f"measures: {turn.phase}" if last else f"trains: {turn} of {turn.rounds}"
        self.say(f"site {self.name} {does}")
        with self._noting():
            return _training(self, _key(board)).update(turn, weights)

    def calibrate(self, board: Board, weights: Weights) -> bytes:
        """What held-out histories tell of the final weights; nothing where privacy is promised."""
        if isinstance(self.local, PrivateLocal):
            return _written({})
        with self._noting():
            return _written(calibration.told(_training(self, _key(board)), weights))

    def finish(self, board: Board, weights: Weights, report: dict[str, object]) -> None:
        """Write the model, the same at every site but for which file it names."""
        with self._noting():
            self.keep(self.learned(board, weights, report))

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.trouble.append(error)
            raise

    def learned(self, board: Board, weights: Weights, report: Mapping[str, Any]) -> SequenceModel:
        """The model of all sites."""
        agreed = agreement(board[:-1])
        networks = Training(self.local, agreed).networks(weights)
        told = {site: json.loads(each) for site, each in sorted(board[-1].items())}
        limits = Calibration()
        if not agreed.promise:
            sizes = [agreed.sizes[site].entities for site in told]
            limits = calibration.settle(networks, list(told.values()), sizes)
        said = Provenance.now("anonymizer federate", "torch", "flwr", seed=agreed.seed)
        card = _card(agreed, report) | {"provenance": said.to_dict()}
        model = SequenceModel(
            agreed.derivation, agreed.priors, agreed.config, networks, card, limits
        )
        return model if self.source is None else model.learned_from(self.source)


def _card(agreed: Agreement, report: Mapping[str, Any]) -> dict[str, Any]:
    """What the model's card says: counts of all sites, and how the run went."""
    learned = agreed.card if isinstance(agreed, PrivateAgreement) else _learned(agreed, report)
    together = ("sites", "left", "aggregation", "best", "void")
    return learned | {
        "told": [agreed.written.told, *agreed.left_out, *agreed.units, *_in_vain(report)],
        "federated": {name: report[name] for name in together},
    }


def _in_vain(report: Mapping[str, Any]) -> list[str]:
    """A line on each network that training made no better."""
    best = report["best"].items()
    return [
        f"no round made the network of {name} better than it began: it knows what counting knows; "
        "give it more rounds, or look for a site whose histories are unlike the others'"
        for name, each in best
        if each["step"].endswith(" 0")
    ]


def _learned(agreed: Agreement, report: Mapping[str, Any]) -> dict[str, Any]:
    losses = {name: each["loss"] for name, each in report["best"].items()}
    rounds = sum(each["step"].startswith("networks") for each in report["losses"]) - 1
    training = {
        name: {
            "epoch": rounds,
            "epochs": rounds,
            "train_loss": loss,
            "held_out_loss": loss,
            "seconds": report["seconds"],
        }
        for name, loss in losses.items()
    }
    return {
        "entities": round(sum(each.entities for each in agreed.sizes.values())),
        "held_out_entities": 0,
        "events": round(sum(each.events for each in agreed.sizes.values())),
        "rows_left_out": 0,
        "min_entities": agreed.k,
        "seed": agreed.seed,
        "settings": {"network": asdict(agreed.config), "training": asdict(agreed.training)},
        "training": training,
        "rules": [],
    }


def party_of(config: Mapping[str, str | int | float | bool]) -> SequenceParty:
    """The party of a SuperNode, by its `--node-config`.

    `name` of the site, `data` (a file, a folder or an address), `entity`, `time` and `model` (the
    folder to write) are needed; `columns`, separated by commas, `min-entities` and `seed` are not.
    With `count = false` it tells nothing that fewer than k of its own entities hold, in no way.
    `epsilon` and `delta` ask for differential privacy, with noise in place of `min-entities`;
    `context` then names the columns that hold once per entity, as nobody looks for them.

    Raises:
        UsageError: one that is needed lacks, or epsilon or delta promises nothing.
    """
    return _party(tuple(sorted(config.items())))


@lru_cache(maxsize=64)
def _party(items: tuple[tuple[str, str | int | float | bool], ...]) -> SequenceParty:
    config = dict(items)
    for name in NEEDED:
        if name not in config:
            raise UsageError(f"--node-config lacks {name}, which a site needs")
    if unknown := sorted(set(config) - {*NEEDED, *MAY_BE, *OF_SITE}):
        able = ", ".join([*NEEDED, *MAY_BE, *OF_SITE])
        raise UsageError(f"--node-config: '{unknown[0]}' is none of what a site may say: {able}")
    data, entity, time = (str(config[name]) for name in ("data", "entity", "time"))
    frame = collect(scan(data))
    if "columns" in config:
        frame = frame.select(list(dict.fromkeys([entity, time, *_names(config["columns"])])))
    model = str(config["model"])
    SequenceModel.require_place(model)  # before anything is learned
    promise = Promise.of(config.get("epsilon"), config.get("delta"))
    k, seed = int(config.get("min-entities", MIN_ENTITIES)), int(config.get("seed", 0))
    settings = (str(config["name"]), frame, entity, time, k, seed)
    local = Local(*settings)
    if promise:
        context, ledger = tuple(_names(config.get("context", ""))), Ledger(Path(f"{model}.spent"))
        local = PrivateLocal(*settings, promise, context, ledger)
    source = recorded("training", data, "private" if promise else "")
    counts = config.get("count", True)
    if not isinstance(counts, bool):
        raise UsageError("--node-config: count is true or false")
    return SequenceParty(local, partial(_save, model), source, counts, _say)


def _save(folder: str, model: SequenceModel) -> None:
    model.save(folder)
    for line in (*model.told, f"the model is in {folder}"):
        _say(line)


def _say(line: str) -> None:
    """Say a line in the log of the site."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _names(told: str | float) -> list[str]:
    """Columns that are separated by commas."""
    return [name.strip() for name in str(told).split(",") if name.strip()]


def _key(board: Board) -> Plain:
    return tuple(tuple(sorted(stage.items())) for stage in board)


def agreement(board: Board) -> Agreement:
    """What follows from a board.

    Raises:
        DataError: a site told what no site would.
    """
    return _agreement(_key(board))


@lru_cache(maxsize=4)
def _agreement(board: Plain) -> Agreement:
    try:
        return agreement_of([{site: json.loads(told) for site, told in stage} for stage in board])
    except ValueError as error:
        raise DataError("a site told what is no JSON: it is of another version") from error


@lru_cache(maxsize=64)
def _training(party: SequenceParty, board: Plain) -> Training:
    local, agreed = party.local, _agreement(board)
    if isinstance(local, PrivateLocal):
        return PrivateTraining(local, agreed)
    return Training(local, agreed)


@lru_cache(maxsize=64)
def _items(party: SequenceParty, board: Plain) -> Items:
    return party.local.items(_agreement(board))  # both rounds ask for it


def _written(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode()
