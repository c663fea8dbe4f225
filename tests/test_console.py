"""What is said where there is no terminal."""

import sys
import threading

import pytest

from anonymizer import console


@pytest.fixture(autouse=True)
def _endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time that passes by itself makes anything be said, however busy the machine is."""
    for limit in ("SILENT_SECONDS", "QUIET_SECONDS", "REMINDER_SECONDS"):
        monkeypatch.setattr(console, limit, 3_600.0)


def test_short_work_is_not_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    """What is over in a moment says nothing."""
    with console.working("masking") as say:
        say("step 1 of 1")
    assert capsys.readouterr().err == ""


def test_a_line_is_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other threads write lines too, and theirs come between two writes."""
    written: list[str] = []
    monkeypatch.setattr(sys.stderr, "write", written.append)
    with console.working("learning", at_once=True):
        pass
    assert written == ["anonymizer: learning\n"]


def test_each_part_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The title, then a line per part of the work, however often it counts."""
    with console.working("learning", at_once=True) as say:
        for epoch in range(1, 9):
            say(f"events: epoch {epoch} of at most 8")
        say("figures are drawn")
    said = [line.split("s  ")[-1] for line in capsys.readouterr().err.splitlines()]
    assert said == ["anonymizer: learning", "events: epoch 1 of at most 8", "figures are drawn"]


def test_long_work_shows_that_it_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The title after a while, then signs of life."""
    for limit in ("SILENT_SECONDS", "REMINDER_SECONDS", "LOOK_SECONDS"):
        monkeypatch.setattr(console, limit, 0.01)
    alive, tell = threading.Event(), console._print

    def heard(line: str) -> None:
        tell(line)
        if "still" in line:
            alive.set()

    monkeypatch.setattr(console, "_print", heard)
    with console.working("sampling"):
        assert alive.wait(600)  # work goes on until it has been said
    first, *rest = capsys.readouterr().err.splitlines()
    assert first == "anonymizer: sampling"
    assert {line.split("s  ")[-1] for line in rest} == {"still at work"}
