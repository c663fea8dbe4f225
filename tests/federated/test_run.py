"""Whole runs in this process: what is learned, what is seen on the way, and sites that go wrong."""

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Error, Message, RecordDict
from flwr.common.constant import ErrorCode

from anonymizer.errors import FederationError, KeyMaterialError, UsageError
from anonymizer.federated import messages
from anonymizer.federated.protocol import Update
from anonymizer.federated.rehearsal.grid import Here
from anonymizer.federated.server import Settings, app, run_over
from tests.federated.test_secure_sum import uniform
from tests.federated.toy import CELLS, FAST, WIDTH, Ear, Toy, fails, grid_of, key_file, run, toys

STEPS = ["census", "derivation", "count 1", "count 2", "verdict", "codec", "cells 1", "priors"]
PLACES = (*STEPS, "start 1", "networks 1", "networks 3", "ends 1", "calibration")


def goal(parties: list[Toy]) -> Any:
    """The mean over all entities, which is what four rounds come near to by 15 of 16 parts."""
    return np.concatenate([party.rows for party in parties]).mean(0) * 15 / 16


def test_all_sites_get_the_model_of_all_entities(tmp_path: Path) -> None:
    """Weighted by entities, to the precision of the sums; the last round's losses count, too."""
    parties = toys()
    report = run(parties, tmp_path)
    for party in parties:
        assert party.done["weights"]["events"] == pytest.approx(goal(parties), abs=2e-6)
        assert party.done["weights"]["ends"].shape == (3,)
        assert sorted(party.done["calibration"]) == [other.name for other in parties]
    assert report["best"]["events"]["step"] == "networks 4"
    assert report["left"] == report["void"] == report["left out"] == []
    assert [step["step"] for step in report["steps"]][:9] == [*STEPS, "start 1"]
    assert all(len(step["up"]) == 5 and step["down"] > 0 for step in report["steps"])
    assert parties[0].done["report"]["losses"] == report["losses"]


def test_no_raw_value_is_in_any_message(tmp_path: Path) -> None:
    """Neither as text nor as a number, in all bytes that travel, both ways."""
    parties, ear = toys(), Ear()
    run(parties, tmp_path, wire=ear)
    sent = b"\n".join(pieces for *_, pieces in ear.heard)
    assert len(ear.heard) == 2 * 5 * 18
    assert b"site a" in sent  # the search finds what is there
    for party in parties:
        assert f"{party.name} knows".encode() not in sent
        assert b"has this" not in sent
        assert b"have this" not in sent
        for value in (*party.rows[:3].ravel(), *party.rows.mean(0)):
            assert struct.pack("<d", value) not in sent
            assert struct.pack("<f", value) not in sent
            assert repr(float(value))[:9].encode() not in sent


def test_the_server_sees_sums_alone(tmp_path: Path) -> None:
    """Of training, a site sends two vectors of random integers and their lengths, nothing else."""
    parties, ear = toys(), Ear()
    run(parties, tmp_path, wire=ear)
    summed = [content for _, way, content in ear.contents if way == "up" and "vectors" in content]
    trained = [content for content in summed if "layout" in content.config_records["told"]]
    assert len(trained) == 5 * 8
    for content in trained:
        assert set(content) == {"vectors", "told"}
        assert set(content.config_records["told"]) == {"layout"}
        assert {name: str(a.dtype) for name, a in content.array_records["vectors"].items()} == {
            "weights": "uint32",
            "totals": "uint64",
        }
    first = trained[0].array_records["vectors"]["weights"].numpy()
    assert (first > 2**28).mean() > 0.8  # what is not masked is all 0 at the start
    totals = [
        int(n) for content in trained for n in content.array_records["vectors"]["totals"].numpy()
    ]
    assert len(set(totals)) == len(totals)


def test_what_enough_entities_of_all_sites_hold_is_named(tmp_path: Path) -> None:
    """To the sites: of what too few hold they hear nothing."""
    parties, ear = toys(), Ear()
    run(parties, tmp_path, wire=ear)
    for party in parties:
        assert party.done["common"] == {"": b'{"items": [["all have this", 10]]}'}
    told = [
        content for _, way, content in ear.contents if way == "up" and "vectors" in content
        if set(content.config_records["told"]) == {"least"}
    ]  # fmt: skip
    assert len(told) == 5 * 2
    for content in told:
        assert set(content) == {"vectors", "told"}
        assert dict(content.config_records["told"]) == {"least": 5}
    for round_, name, kind in ((told[:5], "totals", np.uint64), (told[5:], "weights", np.uint32)):
        shown = [content.array_records["vectors"][name].numpy() for content in round_]
        assert all(uniform(each) for each in shown)
        total = np.sum(shown, 0, kind)
        assert uniform(total) == (name == "weights")  # the server is to read keys, and no words


def test_runs_of_cells_are_told_that_enough_entities_of_all_sites_are_in(tmp_path: Path) -> None:
    """Not in which cell one is, nor at which site; a site shows random integers."""
    parties, ear = toys(), Ear()
    run(parties, tmp_path, wire=ear)
    (told,) = {party.done["spans"][""] for party in parties}
    (days, held), _ = json.loads(told)["runs"]
    assert days["atoms"] == [200]
    assert held == [0, 295, 5]
    assert days["edges"] == [399, 400]  # the mean of 397 ... 401, and no end of them
    shown = [
        content for _, way, content in ear.contents if way == "up" and "vectors" in content
        if "lengths" in content.config_records["told"]
    ]  # fmt: skip
    assert len(shown) == 5
    for content in shown:
        assert dict(content.config_records["told"]) == {"least": 3, "lengths": [CELLS, 2]}
        assert uniform(content.array_records["vectors"]["weights"].numpy())


def test_a_server_that_names_different_things_to_sites_gets_nowhere(tmp_path: Path) -> None:
    """What they tell next does not open at the others."""

    def fewer(node: int, way: str, message: Message) -> Message:
        news = message.content.config_records.get("news") if way == "down" else None
        if news and news["stage"] == "common" and node == 1:
            none = messages.News("common", {"keys": b"", "slots": b""})
            message.content["news"] = none.written()
        return message

    with pytest.raises(FederationError, match="site a at codec: key"):
        run(toys(), tmp_path, wire=fewer)


@pytest.mark.parametrize(
    ("phase", "stage", "nothing"),
    [("count", "common", b'{"items": []}'), ("cells", "spans", b'{"runs": []}')],
)
def test_a_late_answer_tells_nothing_of_its_site(
    tmp_path: Path, phase: str, stage: str, nothing: bytes
) -> None:
    """Of what is counted no site answers twice, whatever it is told of others that have left."""
    parties, asked = toys(), list[ConfigRecord]()

    def lost(node: int, way: str, message: Message) -> Message | None:
        if message.metadata.message_type != "query.count":
            return message
        if way == "down":
            asked.append(message.content.config_records["ask"])
        return None if (node, way, asked[-1]["phase"]) == (3, "up", phase) else message

    report = run(parties, tmp_path, wire=lost)
    own = [ask for ask in asked if ask["phase"] == phase]
    assert {(ask["round"], ask["attempt"]) for ask in own} == {(1, 0)}
    assert parties[0].done[stage] == {"": nothing}
    assert report["void"] == [{"step": f"{phase} 1", "why": "a site dropped out"}]


@pytest.mark.parametrize(
    ("step", "change"),
    [
        ("count 1", {"attempt": 1}),
        ("count 1", {"round": 3}),
        ("count 1", {"phase": "cells"}),
        ("count 2", {"round": 1}),
        ("count 2", {"round": 3}),
        ("cells 1", {"attempt": 1}),
        ("cells 1", {"round": 2}),
        ("cells 1", {"phase": "count"}),
    ],
    ids=str,
)
def test_nothing_is_counted_twice(tmp_path: Path, step: str, change: dict[str, Any]) -> None:
    """Nor another time than it is due."""
    phase, round_ = step.split()

    def again(node: int, way: str, message: Message) -> Message:
        ask = message.content.config_records.get("ask") if way == "down" else None
        if node == 1 and ask and [ask.get("phase"), ask.get("round")] == [phase, int(round_)]:
            ask.update(change)
        return message

    report = run(toys(), tmp_path, wire=again)
    assert report["left"] == [{"site": "site a", "step": step, "why": "refused"}]


@pytest.mark.parametrize("place", PLACES)
def test_a_site_that_fails_leaves(tmp_path: Path, place: str) -> None:
    """Wherever it is, the others end with a model that says so."""
    parties = toys()
    parties[1].trouble = fails(place)
    report = run(parties, tmp_path)
    assert report["left"] == [{"site": "site b", "step": place, "why": "data"}]
    assert not parties[1].done
    if place[-1].isdigit():
        assert report["void"] == [{"step": place, "why": "a site dropped out"}]
    learned = parties[0].done["weights"]["events"]
    rest = parties[:1] + parties[2:]
    late = place in {"ends 1", "calibration"}
    rough = 0.1 if place == "networks 3" else 2e-3 if place == "networks 1" else 2e-6
    assert learned == pytest.approx(goal(parties if late else rest), abs=rough)
    for party in rest:
        assert (party.done["weights"]["events"] == learned).all()


def test_a_site_that_cannot_write_the_model_is_reported(tmp_path: Path) -> None:
    """The others have theirs by then."""
    parties = toys()
    for party in parties[:3]:
        party.trouble = fails("finish")
    report = run(parties, tmp_path)
    assert [one["site"] for one in report["left"]] == ["site a", "site b", "site c"]
    assert parties[4].done


@pytest.mark.parametrize("way", ["down", "up"])
@pytest.mark.parametrize("place", ["query.tell", "query.count", "train"])
def test_a_late_site_leaves(tmp_path: Path, place: str, way: str) -> None:
    """Whether it never got the message or never answered it."""
    parties = toys()

    def lost(node: int, here: str, message: Message) -> Message | None:
        gone = (node, here, message.metadata.message_type) == (3, way, place)
        return None if gone else message

    report = run(parties, tmp_path, wire=lost)
    assert [one["why"] for one in report["left"]] == ["no answer in time"]
    assert parties[0].done
    assert not parties[2].done


@pytest.mark.parametrize(
    "error",
    [
        ValueError("Mr Smith"),
        KeyMaterialError("Mr Smith"),
        SystemExit("Mr Smith"),
        BaseException("Mr Smith"),
    ],
    ids=["bug", "key", "exit", "panic"],
)
def test_nothing_of_an_exception_leaves_the_site(
    tmp_path: Path, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """One word does; its own log has the rest."""
    parties, ear = toys(), Ear()
    parties[0].trouble = fails("codec", error)
    report = run(parties, tmp_path, wire=ear)
    assert report["left"][0]["why"] in {"failed", "key"}
    assert b"Smith" not in b"".join(pieces for *_, pieces in ear.heard)
    assert "Smith" in caplog.text


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (ErrorCode.CLIENT_APP_CRASHED, "its process ended"),
        (ErrorCode.NODE_UNAVAILABLE, "its SuperNode no longer answers"),
        (99, "Flower's error 99"),
    ],
)
def test_a_client_app_that_dies_is_no_answer(tmp_path: Path, code: int, why: str) -> None:
    """Flower says so by an error, whose text the server does not repeat, but what it means."""

    def died(node: int, way: str, message: Message) -> Message:
        if (node, way) == (2, "up") and message.metadata.message_type == "train":
            broken = Message(Error(code, "Mr Smith"), reply_to=message)
            broken.metadata.__dict__["_reply_to_message_id"] = message.metadata.reply_to_message_id
            return broken
        return message

    parties = toys()
    report = run(parties, tmp_path, wire=died)
    assert report["left"] == [{"site": "site b", "step": "start 1", "why": why}]


def spoiled(value: float) -> Callable[[str, Update | None], Update | None]:
    """A site that trains garbage in the second round."""

    def trouble(here: str, update: Update | None) -> Update | None:
        if update and here.startswith("networks 2"):
            update.weights["events"][:] = value
        return update

    return trouble


def test_a_site_that_trains_no_numbers_leaves(tmp_path: Path) -> None:
    """It notices by itself, as nobody could under masks."""
    parties = toys()
    parties[4].trouble = spoiled(np.nan)
    report = run(parties, tmp_path)
    assert report["left"] == [{"site": "site e", "step": "networks 2", "why": "not finite"}]
    assert np.isfinite(parties[0].done["weights"]["events"]).all()


def test_garbage_under_masks_ends_the_run(tmp_path: Path) -> None:
    """The sum makes no sense, and nobody can see whose fault it is."""
    parties = toys()
    parties[4].trouble = spoiled(400.0)
    with pytest.raises(FederationError, match=r"made no sense 3 times.*aggregation. median"):
        run(parties, tmp_path)
    assert not any(party.done for party in parties)


@pytest.mark.parametrize("how", ["median", "trimmed"])
@pytest.mark.parametrize("value", [400.0, -1e30, np.nan])
def test_garbage_is_borne_where_updates_are_seen(tmp_path: Path, how: str, value: float) -> None:
    """Left out and reported by site and round, and the site goes on."""
    parties = toys()
    parties[4].trouble = spoiled(value)
    settings = replace(FAST, aggregation=how)
    report = run(parties, tmp_path, settings, aggregation=how)
    assert np.abs(parties[0].done["weights"]["events"]).max() < 2
    if np.isnan(value) or abs(value) > 500:  # the site itself will not send it
        assert report["left"][0]["why"] == "not finite"
    else:
        assert report["left out"] == [{"site": "site e", "step": "networks 2", "why": "oversized"}]
        assert parties[4].done


def test_no_site_shows_its_updates_unasked(tmp_path: Path) -> None:
    """A server that wants to see them is refused where --node-config does not say so."""
    with pytest.raises(FederationError, match="site a at start 1: refused"):
        run(toys(), tmp_path, replace(FAST, aggregation="median"))


def test_two_sites_are_too_few(tmp_path: Path) -> None:
    """No model, and one error that says who left where and why."""
    parties = toys(4)
    parties[0].trouble = fails("codec")
    parties[1].trouble = fails("networks 2", ValueError("Mr Smith"))
    with pytest.raises(FederationError) as raised:
        run(parties, tmp_path, replace(FAST, sites=4))
    assert str(raised.value) == (
        "no model: 2 sites are left at networks 2, and a run takes 3. Left: site a at codec: data; "
        "site b at networks 2: failed. Each site's log says more"
    )
    assert not any(party.done for party in parties)


def test_sites_that_do_not_come_are_not_waited_for_long(tmp_path: Path) -> None:
    """The error says how many came."""
    with pytest.raises(FederationError, match=r"^4 of 5 sites came within 0.2 seconds"):
        run(toys(4), tmp_path)


def test_another_key_is_noticed_at_once(tmp_path: Path) -> None:
    """The site that has it leaves, not those that cannot open what it told."""
    parties = toys()
    grid = grid_of(parties, tmp_path)
    assert isinstance(grid.sites, Here)
    grid.sites.contexts[4].node_config["key-file"] = key_file(
        tmp_path, "0b5e" + "8a1f7c93d26e" * 3, "b"
    )
    report = run_over(grid, FAST)
    assert report["left"] == [{"site": "site d", "step": "census", "why": "another key"}]
    assert parties[0].done


def test_two_sites_of_one_name_are_one(tmp_path: Path) -> None:
    """The second leaves."""
    parties = toys()
    parties[3].name = "site a"
    report = run(parties, tmp_path)
    assert report["left"] == [{"site": "node 4", "step": "census", "why": "another site's name"}]


def test_a_weak_key_is_refused(tmp_path: Path) -> None:
    """At the site, whose log says why."""
    grid = grid_of(toys(), tmp_path)
    assert isinstance(grid.sites, Here)
    for context in grid.sites.contexts.values():
        context.node_config["key-file"] = key_file(tmp_path, "passwordpassword", "weak")
    with pytest.raises(FederationError, match="site a at census: key"):
        run_over(grid, FAST)


def _swapped(news: messages.News) -> messages.News:
    first, second, *_ = news.told
    return messages.News(
        news.stage,
        news.told | {first: news.told[second], second: news.told[first]},
    )


def _flipped(news: messages.News) -> messages.News:
    first, *_ = news.told
    told = news.told[first]
    return messages.News(news.stage, news.told | {first: told[:40] + b"!" + told[41:]})


@pytest.mark.parametrize("change", [_swapped, _flipped])
def test_a_server_that_changes_what_sites_told_gets_nowhere(
    tmp_path: Path, change: Callable[[messages.News], messages.News]
) -> None:
    """Those who are shown it leave, and so the run ends."""

    def tampered(_node: int, way: str, message: Message) -> Message:
        news = message.content.config_records.get("news") if way == "down" else None
        if news and news["stage"] == "derivation":
            found = change(messages.News.read(news))
            message.content["news"] = found.written()
        return message

    parties = toys()
    with pytest.raises(FederationError, match="site a at count 1: key"):
        run(parties, tmp_path, wire=tampered)


def test_sites_that_were_shown_different_things_notice(tmp_path: Path) -> None:
    """What they tell next does not open at the others."""

    def partial(node: int, way: str, message: Message) -> Message:
        news = message.content.config_records.get("news") if way == "down" else None
        if news and news["stage"] == "census" and node == 1:
            found = messages.News.read(news)
            del found.told["site e"]
            message.content["news"] = found.written()
        return message

    with pytest.raises(FederationError, match="site b at count 1: key"):
        run(toys(), tmp_path, wire=partial)


def test_weights_are_told_apart_by_name(tmp_path: Path) -> None:
    """Whatever their order at a site."""
    parties = toys()

    def turned(_: str, update: Update | None) -> Update | None:
        return update and Update(dict(reversed(update.weights.items())), update.losses)

    parties[2].trouble = turned
    run(parties, tmp_path)
    assert parties[0].done["weights"]["events"] == pytest.approx(goal(parties), abs=2e-6)


@pytest.mark.parametrize("aggregation", ["masked", "median"])
def test_other_lengths_are_not_stretched(tmp_path: Path, aggregation: str) -> None:
    """A site with one number where the others have forty leaves, though it is asked first."""
    parties = toys()

    def short(_: str, update: Update | None) -> Update | None:
        if update is None or "events" not in update.weights:
            return update
        return Update(update.weights | {"events": update.weights["events"][:1]}, update.losses)

    parties[0].trouble = short
    settings = replace(FAST, aggregation=aggregation)
    report = run(parties, tmp_path, settings, aggregation=aggregation)
    assert report["left"][0]["why"] == "other names or lengths than the others'"
    assert parties[1].done["weights"]["events"].shape == (WIDTH,)


@pytest.mark.parametrize(("kind", "step"), [("query.count", "count 1"), ("train", "start 1")])
def test_other_numbers_are_not_taken(tmp_path: Path, kind: str, step: str) -> None:
    """A site whose vectors are of another type than a sum has leaves, though it is first."""

    def other(node: int, way: str, message: Message) -> Message:
        if (node, way, message.metadata.message_type) == (1, "up", kind):
            vectors = message.content.array_records["vectors"]
            wide = {name: array.numpy().astype(np.float64) for name, array in vectors.items()}
            message.content["vectors"] = messages.arrays(wide)
        return message

    report = run(toys(), tmp_path, wire=other)
    assert report["left"] == [{"site": "site a", "step": step, "why": "garbage"}]


JUNK: dict[str, Callable[[RecordDict], object]] = {
    "nothing": lambda content: content.clear(),
    "no layout": lambda content: content.config_records["told"].clear(),
    "a layout of other things": lambda content: content.config_records["told"].update(
        {"layout": '[[["events"]], {}]'}
    ),
    "a word that is none": lambda content: content.config_records["told"].update({"word": "Smith"}),
    "no numbers": lambda content: content.update(
        {"vectors": ArrayRecord({"weights": Array("uint32", (3,), "numpy.ndarray", b"PK\x03\x04")})}
    ),
    "shorter vectors": lambda content: content.update(
        {"vectors": messages.arrays({"weights": np.zeros(1, np.uint32), "totals": np.zeros(1)})}
    ),
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
def test_whatever_a_site_sends_the_others_go_on(
    tmp_path: Path, junk: Callable[[RecordDict], object]
) -> None:
    """It leaves, and nothing that it sent is repeated."""

    def broken(node: int, way: str, message: Message) -> Message:
        if (node, way, message.metadata.message_type) == (2, "up", "train"):
            junk(message.content)
        return message

    report = run(parties := toys(), tmp_path, wire=broken)
    (left,) = report["left"]
    assert (left["site"], left["step"]) == ("site b", "start 1")
    assert left["why"] in {"garbage", "failed"}
    assert parties[0].done


@pytest.mark.parametrize("ids", [[], [None] * 5])
def test_what_could_not_be_sent_is_no_answer(tmp_path: Path, ids: list[None]) -> None:
    """Flower's grid gives None for such a message, or no numbers at all."""
    grid = grid_of(toys(), tmp_path)
    grid.push_messages = lambda _: ids  # type: ignore[assignment, method-assign, return-value]
    with pytest.raises(FederationError, match="node 1 at census: no answer in time"):
        run_over(grid, FAST)


def test_half_precision_at_a_site_changes_no_type(tmp_path: Path) -> None:
    """Means are of float32, whoever comes first."""
    parties = toys()

    def half(_: str, update: Update | None) -> Update | None:
        return update and Update(
            {name: vector.astype(np.float16) for name, vector in update.weights.items()},
            update.losses,
        )

    parties[0].trouble = half
    run(parties, tmp_path)
    assert parties[1].done["weights"]["events"].dtype == np.float32


def test_a_site_without_entities_leaves(tmp_path: Path) -> None:
    """Its share is none, and what it trains is no number."""
    parties = toys()
    parties[0].rows = parties[0].rows[:0]
    parties[0].trouble = lambda _, update: (
        update
        and Update(
            {name: np.full_like(vector, np.nan) for name, vector in update.weights.items()}, {}
        )
    )
    report = run(parties, tmp_path)
    assert report["left"][0]["why"] == "not finite"
    assert np.isfinite(parties[1].done["weights"]["events"]).all()


def test_the_best_round_is_kept_and_training_ends_early(tmp_path: Path) -> None:
    """Two rounds without a better loss end it; the weights are those of the round before them."""
    parties = toys()
    for party in parties:

        def away(here: str, update: Update | None) -> Update | None:
            if update and here.startswith("networks") and here > "networks 3":
                update.weights["events"] += 5
            return update

        party.trouble = away
    report = run(parties, tmp_path, replace(FAST, rounds=9))
    assert [one["step"] for one in report["losses"]][:6] == [f"networks {n}" for n in range(6)]
    assert report["best"]["events"]["step"] == "networks 3"
    seven = goal(parties) * 16 / 15 * 7 / 8
    assert parties[0].done["weights"]["events"] == pytest.approx(seven, abs=2e-6)


def test_sites_that_tell_no_losses_train_all_rounds(tmp_path: Path) -> None:
    """As private ones do: the weights of the last round are taken."""
    parties = toys()
    for party in parties:
        party.trouble = lambda _, update: update and replace(update, losses={})
    report = run(parties, tmp_path, replace(FAST, patience=1))
    assert [each["step"] for each in report["losses"]][:5] == [f"networks {n}" for n in range(5)]
    assert report["best"] == {}
    assert parties[0].done["weights"]["events"] == pytest.approx(goal(parties), abs=2e-6)


def test_settings_come_from_the_run_config(tmp_path: Path) -> None:
    """As Flower's app gets them, whose other keys do not matter."""
    given = Settings.of({"sites": 7, "ends-rounds": 3, "aggregation": "median", "other": 1})
    assert given == Settings(sites=7, ends_rounds=3, aggregation="median")
    parties = toys(3)
    grid = grid_of(parties, tmp_path)
    config: dict[str, str | int | float | bool] = {"rounds": 1, "ends-rounds": 0, "wait": 1.0}
    app(grid, Context(1, 1, {}, RecordDict(), config))
    assert parties[0].done["weights"]["events"] == pytest.approx(goal(parties) * 8 / 15, abs=2e-6)


@pytest.mark.parametrize(
    "wrong", [{"minimum": 2}, {"sites": 3, "minimum": 4}, {"aggregation": "sum"}]
)
def test_settings_that_show_too_much_are_refused(wrong: dict[str, Any]) -> None:
    """Before anything is asked of a site."""
    with pytest.raises(UsageError):
        Settings(**wrong)


def test_records_are_read_strictly() -> None:
    """A vector is flat and of the numbers that were agreed."""
    record: ArrayRecord = messages.arrays(
        {"flat": np.zeros(3, np.float32), "wide": np.zeros((2, 2))}
    )
    assert messages.vector(record, "flat", np.float32).shape == (3,)
    with pytest.raises(ValueError, match="wide is not a vector"):
        messages.vector(record, "wide", np.float64)
