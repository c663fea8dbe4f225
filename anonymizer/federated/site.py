"""A site: Flower's `ClientApp`, which asks its party and shows what is sealed, masked or a word.

What a site keeps of a run between messages stands in Flower's `Context.state`, in the memory of its
SuperNode. Nothing that is raised here leaves the site but as one of a few words, since Flower sends
the text of an exception to the server; the whole stands in the site's own log.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, TypeAlias, cast

import numpy as np
from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.clientapp import ClientApp

from anonymizer.arrays import Array, UnsignedArray, WordArray
from anonymizer.errors import DataError, KeyMaterialError, UsageError
from anonymizer.federated import counting, messages, secure_sum
from anonymizer.federated.protocol import (
    AGGREGATIONS,
    CALIBRATION,
    COMMON,
    MINIMUM,
    NOBODY,
    PROFILE,
    STAGES,
    Board,
    NotFinite,
    Party,
    Refused,
    Turn,
    Update,
)
from anonymizer.federated.sealing import Seal, digest
from anonymizer.federated.secure_sum import Vectors
from anonymizer.keys import load_key

LOG: Final = logging.getLogger(__name__)
MOST_ROUNDS: Final = 1_000  # of many a round would be of few histories
# By stage, how what is counted together is asked for.
_COUNTS: Final = {COMMON: ("count 1", "count 2"), PROFILE: ("cells 1",)}
_PUBLIC: Final = 32  # bytes of a public key, before what the party tells in the census

NodeConfig: TypeAlias = Mapping[str, str | int | float | bool]


class Memory:
    """What a site keeps of a run: the board as it was opened, its secret, what it answered.

    It is kept as Flower can: in records of numbers, texts and bytes.
    """

    def __init__(self, context: Context) -> None:
        known = context.state.config_records.get("run")
        if known is None or known["id"] != context.run_id:  # Flower keeps a state over runs
            context.state.clear()
        self._records = context.state.config_records
        if "run" not in self._records:
            secret, public = secure_sum.new_secret()
            self._records["run"] = ConfigRecord(
                {"id": context.run_id, "secret": secret, "public": public, "told": 0}
            )

    @property
    def secret(self) -> bytes:
        """Of which the masks follow."""
        return cast("bytes", self._records["run"]["secret"])

    @property
    def public(self) -> bytes:
        """Its public half."""
        return cast("bytes", self._records["run"]["public"])

    @property
    def board(self) -> Board:
        """What all sites told, with their public keys before what they told in the census."""
        stages = (f"board {number}" for number in range(len(STAGES) + 1))
        return [dict(self._opened(stage)) for stage in stages if stage in self._records]

    def _opened(self, stage: str) -> dict[str, bytes]:
        return cast("dict[str, bytes]", self._records[stage])

    @property
    def due(self) -> str:
        """The stage that is open; nothing once all are told."""
        return [*STAGES, CALIBRATION, ""][len(self.board)]

    def add(self, stage: dict[str, bytes]) -> None:
        """Put a stage on the board."""
        self._records[f"board {len(self.board)}"] = ConfigRecord(dict(stage))

    def tell(self, stage: str) -> None:
        """Take down that a stage is told, which is done once and in order.

        Raises:
            Refused: it was told before, or is not the next one.
        """
        run, number = self._records["run"], len(self.board)
        if number < cast("int", run["told"]) or self.due != stage:
            raise Refused(f"stage {stage} is not the next that this site tells")
        run["told"] = number + 1

    def answer(self, turn: Turn, present: list[str]) -> None:
        """Take down that a turn is answered, which is done once and in order.

        Raises:
            Refused: it or a later one was answered, or sites take part that had left.
        """
        last = self._records.get("turn")
        before = cast("list[str]", last["present"]) if last else list(self.board[-1])
        if last and list(turn.order) <= cast("list[int]", last["order"]):
            raise Refused(f"{turn} was answered before, or comes too late")
        if not set(present) <= set(before):
            raise Refused(f"{turn}: sites take part that had left or told nothing")
        self._records["turn"] = ConfigRecord({"order": list(turn.order), "present": present})

    @property
    def present(self) -> list[str]:
        """Who took part in the turn that was answered last."""
        return list(cast("list[str]", self._records["turn"]["present"]))


@dataclass(frozen=True)
class Site:
    """A site while it answers one message."""

    party: Party
    memory: Memory
    seal: Seal
    key_id: str
    run: int
    minimum: int
    aggregation: str

    @classmethod
    def of(cls, party_of: Callable[[NodeConfig], Party], context: Context) -> "Site":
        """The site of a SuperNode, by its `--node-config`.

        `key-file` or `key-variable` says where the key stands; `minimum` is how many sites have to
        take part, at least 3; `aggregation` has to be what the server does, and is `masked`
        unless the site agrees to show its own updates.
        """
        config = context.node_config
        if not {"key-file", "key-variable"} & set(config):
            raise UsageError("--node-config lacks key-file (or key-variable), which a site needs")
        key = load_key(
            file=str(config["key-file"]) if "key-file" in config else None,
            variable=str(config["key-variable"]) if "key-variable" in config else None,
        )
        aggregation = str(config.get("aggregation", AGGREGATIONS[0]))
        if aggregation not in AGGREGATIONS:
            raise DataError(f"aggregation of the site: none of {', '.join(AGGREGATIONS)}")
        return cls(
            party_of(config),
            Memory(context),
            Seal(key, context.run_id),
            key.id,
            context.run_id,
            max(MINIMUM, int(config.get("minimum", MINIMUM))),
            aggregation,
        )

    def tell(self, content: RecordDict) -> RecordDict:
        """Tell all sites something, sealed: a stage or, with weights, the calibration."""
        self._hear(content)
        stage = str(content.config_records["ask"]["stage"])
        self.memory.tell(stage)
        if stage == CALIBRATION:
            weights = messages.weights(content.array_records["weights"])
            told = self.party.calibrate(self._board(), weights)
        else:
            told = self.party.tell(stage, self._board())
        if stage == STAGES[0]:
            told = self.memory.public + told
        sealed = self.seal.close(told, stage, self.party.name, self.memory.board)
        answer = ConfigRecord({"site": self.party.name, "key": self.key_id, "sealed": sealed})
        return RecordDict({"told": answer})

    def count(self, content: RecordDict) -> RecordDict:
        """Count together with the others, masked, what is due: what entities hold, or cells.

        Of two sums of the same each could be taken off the other: each is asked once.
        """
        self._hear(content)
        ask = messages.TrainAsk.read(content.config_records["ask"])
        self._enough(ask.present)
        if str(ask.turn) not in _COUNTS.get(self.memory.due, ()):  # nor a second attempt
            raise Refused("what is counted together is counted once, at its time")
        self.memory.answer(ask.turn, ask.present)
        keys = messages.vector(content.array_records["keys"], "keys", np.uint64)
        if self.memory.due == COMMON:
            own, told = self._items(ask, keys)
        else:
            own, told = self._cells()
        shown = self._masked(own, ask, {"keys": keys})
        shown["told"] = ConfigRecord(told)
        return shown

    def _cells(self) -> tuple[Vectors, dict[str, Any]]:
        """In which cells entities are, and how many cells there are of each grid."""
        least, counts = self.party.cells(self._board())
        flat = np.concatenate([np.empty(0, np.uint32), *counts]).astype(np.uint32)
        lengths = [len(each) for each in counts]
        return Vectors(flat, np.empty(0, np.uint64)), {"least": least, "lengths": lengths}

    def _items(self, ask: messages.TrainAsk, keys: UnsignedArray) -> tuple[Vectors, dict[str, Any]]:
        """What entities hold; in the second round what the server has named, under a pad."""
        items, secret = self.party.items(self._board()), self.seal.secret(COMMON)
        slots, table = np.empty(0, np.uint32), np.empty(0, np.uint64)
        if ask.turn.round == 1:
            table = counting.table(items, secret)
        else:
            slots = counting.slots(items, keys, secret)
            if self.party.name == min(ask.present):
                slots = slots + self._pad(slots.nbytes, keys, ask.present)
        return Vectors(slots, table), {"least": items.least}

    def _pad(self, size: int, keys: UnsignedArray, present: list[str]) -> WordArray:
        """What hides named items from the server, of these keys and sites alone."""
        place = digest([{"keys": keys.tobytes(), "present": json.dumps(sorted(present)).encode()}])
        return np.frombuffer(self.seal.pad(place, size), np.uint32)

    def train(self, content: RecordDict) -> RecordDict:
        """Train a turn, and show the update masked or, where the site agrees to it, as it is."""
        self._hear(content)
        ask = messages.TrainAsk.read(content.config_records["ask"])
        self._agree(ask)
        self.memory.answer(ask.turn, ask.present)
        weights = messages.weights(content.array_records["weights"])
        update = self.party.train(self._board(), ask.turn, weights)
        share = self.party.share(self._board())
        if not 0 < share <= 1:  # also of NaN
            raise NotFinite("the share of the site is none")
        own = secure_sum.vectors(update, share, len(ask.present))
        shown = (
            self._shown(update, share)
            if ask.aggregation != "masked"
            else self._masked(own, ask, weights)
        )
        shown["told"] = ConfigRecord({"layout": secure_sum.Layout.of(update).written()})
        return shown

    def finish(self, content: RecordDict) -> RecordDict:
        """Write the model."""
        self._hear(content)
        if len(self.memory.board) <= len(STAGES):
            raise Refused("a model is written once all sites told how it is calibrated")
        report = json.loads(str(content.config_records["ask"]["report"]))
        weights = messages.weights(content.array_records["weights"])
        self.party.finish(self._board(), weights, report)
        return RecordDict({"told": ConfigRecord({"done": True})})

    def _hear(self, content: RecordDict) -> None:
        """Open what the sites told in the stage that is done, if this message brings one."""
        if (record := content.config_records.get("news")) is None:
            return
        news, before = messages.News.read(record), self.memory.board
        if self.memory.due != news.stage:
            raise Refused(f"stage {news.stage} is not the one that is open")
        if news.stage == COMMON:
            self.memory.add({NOBODY: self._named(news.told)})
            return
        if news.stage == PROFILE:
            self.memory.add({NOBODY: news.told["runs"]})
            return
        self._enough(list(news.told))
        self.memory.add(
            {
                site: self.seal.open(sealed, news.stage, site, before)
                for site, sealed in news.told.items()
            }
        )

    def _named(self, told: dict[str, bytes]) -> bytes:
        """What was counted together and named, without the pad, as JSON."""
        keys = np.frombuffer(told["keys"], np.uint64)
        padded = np.frombuffer(told["slots"], np.uint32)
        total = padded - self._pad(padded.nbytes, keys, self.memory.present)
        found = counting.named(total, keys, self.seal.secret(COMMON))
        return json.dumps({"items": list(found)}).encode()

    def _enough(self, present: list[str]) -> None:
        if len(set(present)) < self.minimum:
            raise Refused(f"fewer than {self.minimum} sites take part")
        if self.party.name not in present:
            raise Refused("what this site told is not among what it is shown")

    def _agree(self, ask: messages.TrainAsk) -> None:
        self._enough(ask.present)
        if len(self.memory.board) < len(STAGES):
            raise Refused("training comes after all that is told before it")
        if not 0 < ask.turn.round <= ask.turn.rounds + 1 <= MOST_ROUNDS:
            raise Refused(f"{ask.turn} of {ask.turn.rounds}: there are {MOST_ROUNDS} at most")
        if ask.aggregation != self.aggregation:
            raise Refused(
                f"the server asks for aggregation {ask.aggregation}, this site is for "
                f"{self.aggregation}: say aggregation in --node-config if it may see single updates"
            )

    def _board(self) -> Board:
        """What the parties told."""
        census, *rest = self.memory.board or [{}]
        parties = {site: told[_PUBLIC:] for site, told in census.items()}
        return [parties, *rest] if census else []

    def _masked(
        self, own: Vectors, ask: messages.TrainAsk, came: Mapping[str, Array]
    ) -> RecordDict:
        board = self.memory.board
        publics = {site: board[0][site][:_PUBLIC] for site in ask.present}
        # All that was asked, so that of two asked at once no mask serves twice.
        asked = digest([{name: came[name].tobytes() for name in sorted(came)}])
        turn = [self.run, *ask.turn.order, ask.turn.rounds, digest(board), asked]
        hidden = secure_sum.masked(own, self.party.name, self.memory.secret, publics, turn)
        both = messages.arrays({"weights": hidden.weights, "totals": hidden.totals})
        return RecordDict({"vectors": both})

    def _shown(self, update: Update, share: float) -> RecordDict:
        single = {name: vector.astype(np.float32) for name, vector in update.weights.items()}
        losses = [float(figure) for name in sorted(update.losses) for figure in update.losses[name]]
        totals = {"totals": np.array([share, *losses])}
        return RecordDict({"update": messages.arrays(single), "vectors": messages.arrays(totals)})


def client_app(party_of: Callable[[NodeConfig], Party]) -> ClientApp:
    """Flower's app of a site whose party follows from its `--node-config`."""
    app = ClientApp()

    def answered(handle: Callable[[Site, RecordDict], RecordDict]) -> Callable[..., Message]:
        def answer(message: Message, context: Context) -> Message:
            try:
                content = handle(Site.of(party_of, context), message.content)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 (panics of Polars are no Exception)
                name = str(context.node_config.get("name", ""))
                content = messages.bare(_word(error), name)
            return Message(content, reply_to=message)

        return answer

    app.query("tell")(answered(Site.tell))
    app.query("count")(answered(Site.count))
    app.train()(answered(Site.train))
    app.query("finish")(answered(Site.finish))
    return app


def _word(error: BaseException) -> str:
    """All that the server hears of an error, while the log of the site hears the rest."""
    kinds: dict[type, str] = {
        KeyMaterialError: "key",
        Refused: "refused",
        NotFinite: "not finite",
        UsageError: "data",
    }
    for kind, word in kinds.items():
        if isinstance(error, kind):
            LOG.error("%s", error)
            return word
    LOG.error("the site failed", exc_info=error)
    return "failed"


def _own_party(config: NodeConfig) -> Party:
    # By name, as torch comes with it: whoever runs the server needs none.
    party: Party = import_module("anonymizer.federated.party").party_of(config)
    return party


app = client_app(_own_party)
