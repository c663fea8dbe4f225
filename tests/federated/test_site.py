"""What a site does not do, whatever the server asks: each would show more of its data."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flwr.app import ConfigRecord, Context, Message, RecordDict

from anonymizer.errors import FederationError
from anonymizer.federated.party import SequenceParty
from anonymizer.federated.protocol import STAGES, Board
from anonymizer.federated.site import Memory
from anonymizer.sequences.model.joint.telling import Local
from tests.federated.toy import run, toys
from tests.sequences.model.joint.sites import shops

Ask = dict[str, Any]


def answers_to(tmp_path: Path, change: Callable[[str, Ask], None]) -> list[str]:
    """Why the first site leaves if what the server asks of it in training is changed on its way."""

    def changed(node: int, way: str, message: Message) -> Message:
        if (node, way, message.metadata.message_type) == (1, "down", "train"):
            ask: Ask = dict(message.content.config_records["ask"])
            change(f"{ask['phase']} {ask['round']}", ask)
            message.content["ask"] = ConfigRecord(ask)
        return message

    return [one["why"] for one in run(toys(), tmp_path, wire=changed)["left"]]


def at(step: str, **changes: object) -> Callable[[str, Ask], None]:
    """A change of one step's question."""
    return lambda here, ask: ask.update(changes) if here == step else None


@pytest.mark.parametrize(
    "change",
    [
        at("networks 2", round=1),
        at("networks 2", phase="start"),
        at("ends 1", phase="networks"),
        at("start 1", present=["site a", "site b"]),
        at("start 1", present=["site a", "site a", "site b"]),
        at("start 1", present=["site b", "site c", "site d"]),
        at("start 1", present=["site a", "site b", "site c", "site x"]),
        at("start 1", aggregation="median"),
    ],
    ids=[
        "a turn again", "a phase again", "an earlier phase", "two sites", "two sites, one twice",
        "without itself", "a stranger", "unmasked",
    ],
)  # fmt: skip
def test_a_site_refuses(tmp_path: Path, change: Callable[[str, Ask], None]) -> None:
    """It says no more than that, and leaves."""
    assert answers_to(tmp_path, change) == ["refused"]


def test_sites_that_had_left_do_not_come_back(tmp_path: Path) -> None:
    """Or a server could ask for one turn with and one without a site."""

    def grown(here: str, ask: Ask) -> None:
        if here == "networks 1" and ask["attempt"] == 0:
            ask["present"] = ["site a", "site b", "site c"]

    assert answers_to(tmp_path, grown) == ["refused"]


def test_training_comes_after_all_that_is_told(tmp_path: Path) -> None:
    """And no stage is told twice or out of order."""

    def changed(node: int, way: str, message: Message) -> Message:
        ask = message.content.config_records.get("ask") if way == "down" else None
        if ask and ask.get("stage") == "codec":
            if node == 1:
                ask["stage"] = "profile"
            if node == 2:
                ask["stage"] = "census"
        return message

    report = run(toys(), tmp_path, wire=changed)
    assert [(one["step"], one["why"]) for one in report["left"]] == [("codec", "refused")] * 2


def test_no_model_is_written_before_its_calibration(tmp_path: Path) -> None:
    """Whatever a server says is final."""

    def early(node: int, way: str, message: Message) -> Message:
        if (node, way) == (1, "down") and message.metadata.message_type == "query.finish":
            del message.content["news"]
        return message

    parties = toys()
    report = run(parties, tmp_path, wire=early)
    assert report["left"] == [{"site": "site a", "step": "finish", "why": "refused"}]
    assert not parties[0].done


def test_a_site_may_ask_for_more_company(tmp_path: Path) -> None:
    """Its own minimum counts, not the server's, and it is never below three."""
    with pytest.raises(FederationError, match="site a at derivation: refused"):
        run(toys(), tmp_path, minimum=6)
    assert run(toys(), tmp_path, minimum=1)["left"] == []


def test_a_later_run_begins_anew() -> None:
    """Flower may keep the memory of a site from one run to the next."""
    state = RecordDict()
    first = Memory(Context(1, 1, {}, state, {}))
    first.tell("census")
    assert Memory(Context(1, 1, {}, state, {})).secret == first.secret
    later = Memory(Context(2, 1, {}, state, {}))
    assert later.secret != first.secret
    later.tell("census")


def test_a_site_says_that_it_declines_to_count() -> None:
    """In its log, where the others say that they count."""
    lines: list[str] = []
    frames = shops(20, 20, 20)
    frames["west"] = frames["south"]
    sites = [
        SequenceParty(
            Local(name, frame, "customer", "time", 5, 0),
            keep=lambda _model: None,
            counts=name != "east",
            say=lines.append,
        )
        for name, frame in frames.items()
    ]
    board: Board = []
    for stage in STAGES[:2]:
        board.append({site.name: site.tell(stage, board) for site in sites})
    for site in sites:
        site.items(board)
    said = [line.removesuffix(" with the others what its entities hold") for line in lines[-4:]]
    does = {"east": "declines (count = false) to count"}
    assert said == [f"site {name} {does.get(name, 'counts')}" for name in frames]
