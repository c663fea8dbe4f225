"""Sites of a rehearsal in processes of their own, so that several train at the same time.

The processes are started as programs: a fork would copy locks that threads of Polars and torch
hold, and what `multiprocessing` spawns would run the caller's script again. They speak in pickles
over their pipes, of which no one else has an end.
"""

import os
import pickle
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Any, Final, Self

from flwr.app import Error, Message
from flwr.common.constant import ErrorCode

from anonymizer.errors import AnonymizerError
from anonymizer.federated.party import SequenceParty
from anonymizer.federated.rehearsal.grid import Asked, Here, Nodes, Parcel
from anonymizer.federated.site import client_app
from anonymizer.sequences.model.joint.telling import Local
from anonymizer.sequences.model.sequence_model import SequenceModel

_CRASHED: Final = "the process of the site has ended"


@dataclass
class Outcome:
    """What came of a rehearsal: the model of a site that has one, and what was raised at others."""

    model: SequenceModel | None = None
    trouble: list[Exception] = field(default_factory=list)


@dataclass(frozen=True)
class Rehearsed:
    """Sites that answer in this process, and what comes of it.

    Attributes:
        sites: who answers.
        made: the model of each that has written it.
        parties: of each site, by its name.
    """

    sites: Here
    made: list[SequenceModel]
    parties: Mapping[str, SequenceParty]

    @classmethod
    def of(cls, locals_: Sequence[Local], nodes: Nodes, run: int) -> "Rehearsed":
        """Sites with these histories, by their names in what nodes are told."""
        made = list[SequenceModel]()
        parties = {each.site: SequenceParty(each, keep=made.append) for each in locals_}
        app = client_app(lambda config: parties[str(config["name"])])
        return cls(Here(app, nodes, run), made, parties)

    def outcome(self) -> Outcome:
        """What came of the sites."""
        trouble = [error for party in self.parties.values() for error in party.trouble]
        return Outcome(next(iter(self.made), None), trouble)


class Workers:
    """Processes that each answer for some of the sites.

    Args:
        shares: for each process the histories of its sites.
        nodes: of all sites.
        run: the number of the run.
    """

    def __init__(self, shares: Sequence[Sequence[Local]], nodes: Nodes, run: int) -> None:
        command = [sys.executable, "-c", f"from {__name__} import main; main()"]
        threads = str(max(1, (os.cpu_count() or 1) // len(shares)))  # or they wait for each other
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "POLARS_MAX_THREADS": threads}
        self.nodes, self._worker = list(nodes), dict[int, int]()
        self._processes = [
            subprocess.Popen(  # noqa: S603 (it is our own)
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
            )
            for _ in shares
        ]
        for number, locals_ in enumerate(shares):
            names = {each.site for each in locals_}
            own = {node: config for node, config in nodes.items() if config["name"] in names}
            self._worker |= dict.fromkeys(own, number)
            self._say(number, (list(locals_), own, run))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes."""
        for process in self._processes:
            process.kill()
            process.communicate()

    def _say(self, worker: int, what: Any) -> None:
        pipe = _pipe(self._processes[worker].stdin)
        pickle.dump(what, pipe)
        pipe.flush()

    def _hear(self, worker: int) -> Any:
        return pickle.load(_pipe(self._processes[worker].stdout))  # noqa: S301 (of our own process)

    def answers(self, asked: Sequence[Asked]) -> list[Message]:
        """What each site says, in the same order."""
        places = defaultdict[int, list[int]](list)
        for place, (node, _) in enumerate(asked):
            places[self._worker[node]].append(place)
        found = dict[int, Message]()

        def ask(worker: int) -> None:
            for place in places[worker]:
                found[place] = self._answer(worker, asked[place])

        with ThreadPoolExecutor(len(self._processes)) as threads:
            list(threads.map(ask, places))
        return [found[place] for place in range(len(asked))]

    def _answer(self, worker: int, asked: Asked) -> Message:
        try:
            self._say(worker, (asked.node, Parcel.of(asked.message)))
            parcel: Parcel = self._hear(worker)
            return parcel.message()
        except (EOFError, OSError):
            return Message(Error(ErrorCode.CLIENT_APP_CRASHED, _CRASHED), reply_to=asked.message)

    def outcome(self) -> Outcome:
        """What came of the sites in the order of processes, those that have crashed left out."""
        whole = Outcome()
        for worker in range(len(self._processes)):
            try:
                self._say(worker, None)
                own: Outcome = self._hear(worker)
            except (EOFError, OSError):
                continue
            whole.model = whole.model or own.model
            whole.trouble += own.trouble
        return whole


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise TypeError("a process without a pipe")
    return pipe


def serve(asked: IO[bytes], told: IO[bytes]) -> None:
    """Answer for some sites until nobody asks any more."""

    def say(what: Any) -> None:
        pickle.dump(what, told)
        told.flush()

    sites = Rehearsed.of(*pickle.load(asked))  # noqa: S301 (of the process that started this one)
    while True:
        try:
            call = pickle.load(asked)  # noqa: S301 (likewise)
        except EOFError:
            return
        if call is None:
            outcome = sites.outcome()
            outcome.trouble = [_as_it_can_travel(error) for error in outcome.trouble]
            say(outcome)
        else:
            node, parcel = call
            (answer,) = sites.sites.answers([Asked(node, parcel.message())])
            say(Parcel.of(answer))


def _as_it_can_travel(error: Exception) -> Exception:
    """The error, or its text where it is of a kind that a pickle may not bring back."""
    return error if isinstance(error, AnonymizerError) else RuntimeError(repr(error))


def main() -> None:
    """Serve whoever has started this process."""
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything else prints is no answer
    serve(sys.stdin.buffer, told)
