"""The sites that are in a run: how all are asked at once, and how they leave.

Flower's own `send_and_receive` looks for answers every 3 seconds and gives a shorter list where
some are missing; here a missing answer is a site that leaves, and the report says so.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from flwr.app import Message, RecordDict
from flwr.common.constant import ErrorCode
from flwr.serverapp import Grid
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects

from anonymizer.errors import FederationError
from anonymizer.federated import messages
from anonymizer.federated.protocol import WORDS

LOG: Final = logging.getLogger(__name__)
_SHORTEST, _LONGEST = 0.05, 0.5  # seconds between two looks for answers
_NODE: Final = "node "  # and a number: what a site is called until it has said its name
_LENGTH: Final = 64  # characters of a site's name
_LATE: Final = "no answer in time"
# What Flower's errors mean; others are told by their number.
_ERRORS: Final = {
    ErrorCode.LOAD_CLIENT_APP_EXCEPTION: "its app could not be loaded",
    ErrorCode.CLIENT_APP_RAISED_EXCEPTION: "its app failed",
    ErrorCode.MESSAGE_UNAVAILABLE: _LATE,
    ErrorCode.REPLY_MESSAGE_UNAVAILABLE: _LATE,
    ErrorCode.NODE_UNAVAILABLE: "its SuperNode no longer answers",
    ErrorCode.INVALID_FAB: "it does not trust the app",
    ErrorCode.CLIENT_APP_CRASHED: "its process ended",
}

T = TypeVar("T")


class Failed(Exception):  # noqa: N818 (it is a word, and never leaves this module)
    """Why the answer of a site is of no use, and how it calls itself if it says so."""

    def __init__(self, why: str, name: str = "") -> None:
        super().__init__(why)
        self.name = name


@dataclass
class Attendance:
    """Who is in a run, and what is reported of it.

    Attributes:
        minimum: how many sites a run takes.
        deadline: seconds that a site has for an answer.
        nodes: Flower's number of each, by name; until the census, by a name made of the number.
        news: the stage that the sites have not heard of yet.
        left: who left where and why.
        steps: for each step its name, seconds, and bytes down to each site and up from each.
    """

    grid: Grid
    minimum: int
    deadline: float
    nodes: dict[str, int] = field(default_factory=dict)
    news: messages.News | None = None
    left: list[dict[str, str]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)

    def gather(self, sites: int, seconds: float) -> None:
        """Wait until enough sites are there.

        Raises:
            FederationError: they did not come.
        """
        end, pause = time.monotonic() + seconds, _SHORTEST
        while len(found := sorted(self.grid.get_node_ids())) < sites:
            if time.monotonic() > end:
                raise FederationError(
                    f"{len(found)} of {sites} sites came within {seconds:g} seconds: start the "
                    "others, or say fewer `sites`"
                )
            time.sleep(pause := min(_LONGEST, 1.5 * pause))
        self.nodes = {f"{_NODE}{node}": node for node in found}

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
                self.leave(site, step, str(failure), failure.name)
            if site in replies and replies[site].has_content():
                up[site] = weight(replies[site].content)
        seconds = time.monotonic() - start
        self.steps.append(
            {"step": step, "seconds": round(seconds, 3), "down": weight(content), "up": up}
        )
        return answers

    def _answers(self, kind: str, content: RecordDict) -> dict[str, Message]:
        names = sorted(self.nodes)
        asked = [Message(content, self.nodes[name], kind, ttl=self.deadline) for name in names]
        # Flower gives None for what it could not send, or nothing at all.
        waiting = dict(zip(self.grid.push_messages(asked), names, strict=False))
        waiting.pop(cast("str", None), None)
        replies: dict[str, Message] = {}
        end, pause = time.monotonic() + self.deadline, _SHORTEST
        while True:
            for reply in self.grid.pull_messages(list(waiting)):
                # Not its sender: of a message that ran out, that is the SuperLink.
                site = waiting.pop(reply.metadata.reply_to_message_id, None)
                if site is not None:
                    replies[site] = reply
            if not waiting or time.monotonic() > end:
                return replies
            time.sleep(pause := min(_LONGEST, 1.5 * pause))

    def leave(self, site: str, step: str, why: str, name: str = "") -> None:
        """Let a site go, for the rest of the run, by its name where only that is not known yet."""
        called = name if is_name(name) and site.startswith(_NODE) else site
        LOG.warning("site %s leaves the run at %s: %s", called, step, why)
        self.left.append({"site": called, "step": step, "why": why})
        del self.nodes[site]

    def enough(self, step: str) -> None:
        """Go on.

        Raises:
            FederationError: too few sites are left.
        """
        if len(self.nodes) < self.minimum:
            gone = "; ".join(f"{one['site']} at {one['step']}: {one['why']}" for one in self.left)
            raise FederationError(
                f"no model: {len(self.nodes)} sites are left at {step}, and a run takes "
                f"{self.minimum}. Left: {gone}. Each site's log says more"
            )

    def rename(self, names: dict[str, str]) -> None:
        """Call sites as they call themselves, in what was reported, too."""
        self.nodes = {names[site]: node for site, node in self.nodes.items()}
        for step in self.steps:
            step["up"] = {names.get(site, site): size for site, size in step["up"].items()}


def is_name(text: str) -> bool:
    """Whether a site may be called so."""
    return 0 < len(text) <= _LENGTH and text.isprintable() and not text.startswith(_NODE)


def _read(reply: Message | None, read: Callable[[RecordDict], T]) -> T:
    if reply is None:
        raise Failed(_LATE)
    if reply.has_error():  # its reason is the site's own, and may hold anything
        code = reply.error.code
        raise Failed(_ERRORS.get(code, f"Flower's error {code}"))
    try:
        told = reply.content.config_records["told"]
        word, name = told.get("word"), str(told.get("site", ""))
        if word is None:
            return read(reply.content)
    except Exception:  # noqa: BLE001 (whatever a site sends, the run goes on without it)
        raise Failed("garbage") from None
    raise Failed(str(word) if word in WORDS else "failed", name)


def weight(content: RecordDict) -> int:
    """Bytes of a message's content on the wire."""
    return sum(len(piece.deflate()) for piece in get_all_nested_objects(content).values())
