"""Flower's grid inside this process: a whole run without a server, for rehearsals and tests.

Every message passes through Flower's serialisation, so that what a site gets is what would have
come over the wire.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias

from flwr.app import Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.common.constant import SUPERLINK_NODE_ID, ErrorCode
from flwr.serverapp import Grid
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents
from flwr.supercore.run import Run
from flwr.supercore.task_identity import TaskIdentity

Wire = Callable[[int, str, Message], Message | None]
"""What becomes of a message on its way: the node it goes to or comes from, `down` or `up`, and the
message; None if it is lost."""

Nodes: TypeAlias = Mapping[int, dict[str, str | int | float | bool]]
"""What `--node-config` says at each, by number."""

_TASK: Final = 1  # Flower numbers what works on a run; here there is one


class Asked(NamedTuple):
    """A message and the node that it is for."""

    node: int
    message: Message


class Sites(Protocol):
    """Those who answer, by the numbers of their nodes."""

    nodes: list[int]

    def answers(self, asked: Sequence[Asked]) -> list[Message]:
        """What each says, in the same order."""


class Here:
    """Sites in this process, one after the other, each with what Flower keeps for it."""

    def __init__(self, app: ClientApp, nodes: Nodes, run: int) -> None:
        self._app, self.nodes = app, list(nodes)
        self.contexts = {
            node: Context(run, node, config, RecordDict(), {}) for node, config in nodes.items()
        }

    def answers(self, asked: Sequence[Asked]) -> list[Message]:
        """What each says, in the same order."""
        return [self._answer(*each) for each in asked]

    def _answer(self, node: int, message: Message) -> Message:
        try:
            return self._app(message, self.contexts[node])
        except Exception as error:  # noqa: BLE001 (what Flower does of any)
            reason = f"{type(error)}:<'{error}'>"
            return Message(Error(ErrorCode.CLIENT_APP_RAISED_EXCEPTION, reason), reply_to=message)


class LocalGrid(Grid):
    """A grid without a network.

    Args:
        sites: who answers.
        run: the number of the run.
        wire: what becomes of messages on their way; None: nothing.
    """

    def __init__(self, sites: Sites, run: int = 1, wire: Wire | None = None) -> None:
        # A message takes from here whom it is from.
        TaskIdentity.run_id, TaskIdentity.node_id = run, SUPERLINK_NODE_ID
        TaskIdentity.task_id = _TASK
        self._run, self.sites, self._wire = Run.create_empty(run), sites, wire
        self._replies: dict[str, Message] = {}
        self._sent = 0

    def set_run(self, run: Run) -> None:
        """Take the run that Flower gives."""
        self._run = run

    @property
    def run(self) -> Run:
        """What Flower knows of the run."""
        return self._run

    def create_message(
        self,
        content: RecordDict,
        message_type: str,
        dst_node_id: int,
        group_id: str,
        ttl: float | None = None,
    ) -> Message:
        """Make a message, as Flower did before `Message` did it."""
        return Message(content, dst_node_id, message_type, ttl=ttl, group_id=group_id)

    def get_node_ids(self) -> Iterable[int]:
        """The numbers of all nodes."""
        return self.sites.nodes

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Have all messages answered; the numbers under which answers wait."""
        numbers, asked = list[str](), list[Asked]()
        for message in messages:
            self._sent += 1
            numbers.append(str(self._sent))
            message.metadata.__dict__["_message_id"] = numbers[-1]  # as Flower's own grid does
            node = message.metadata.dst_node_id
            if (arrived := self._passed(node, "down", message)) is not None:
                asked.append(Asked(node, arrived))
        for (node, message), answer in zip(asked, self.sites.answers(asked), strict=True):
            if (reply := self._passed(node, "up", answer)) is not None:
                self._replies[message.metadata.message_id] = reply
        return numbers

    def _passed(self, node: int, way: str, message: Message) -> Message | None:
        copy = over_the_wire(message)
        return self._wire(node, way, copy) if self._wire else copy

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """The answers that are there, each once."""
        return [self._replies.pop(one) for one in list(message_ids) if one in self._replies]

    def send_and_receive(
        self,
        messages: Iterable[Message],
        *,
        timeout: float | None = None,  # noqa: ARG002 (all answers are there at once)
    ) -> Iterable[Message]:
        """Push and pull."""
        return self.pull_messages(self.push_messages(messages))


def serialised(message: Message) -> dict[str, bytes]:
    """All that travels of a message, in Flower's pieces by their hash."""
    return {name: piece.deflate() for name, piece in get_all_nested_objects(message).items()}


class Parcel(NamedTuple):
    """A message on its way: its number, the hash of its first piece, and all pieces by theirs."""

    number: str
    first: str
    pieces: dict[str, bytes]

    @classmethod
    def of(cls, message: Message) -> "Parcel":
        """Pack a message."""
        return cls(message.metadata.message_id, message.object_id, serialised(message))

    def message(self) -> Message:
        """The message as it arrives."""
        arrived = inflate_object_from_contents(self.first, self.pieces)
        if not isinstance(arrived, Message):
            raise TypeError("a message did not arrive as one")
        arrived.metadata.__dict__["_message_id"] = self.number
        return arrived


def over_the_wire(message: Message) -> Message:
    """A message as it arrives."""
    return Parcel.of(message).message()
