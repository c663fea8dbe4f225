"""What is said where there is no terminal."""

import time

import pytest

from anonymizer import console


def test_short_work_is_not_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    """What is over in a moment says nothing."""
    with console.working("masking") as say:
        say("step 1 of 1")
    assert capsys.readouterr().err == ""


def test_each_part_is_named_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The title, then a line per part of the work, however often it counts."""
    monkeypatch.setattr(console, "QUIET_SECONDS", 60.0)
    with console.working("learning", at_once=True) as say:
        for epoch in range(1, 9):
            say(f"events: epoch {epoch} of at most 8")
        say("figures are drawn")
    said = [line.split("s  ")[-1] for line in capsys.readouterr().err.splitlines()]
    assert said == ["learning", "events: epoch 1 of at most 8", "figures are drawn"]


def test_long_work_shows_that_it_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The title after a while, then a sign of life."""
    monkeypatch.setattr(console, "SILENT_SECONDS", 0.01)
    monkeypatch.setattr(console, "REMINDER_SECONDS", 0.9)
    with console.working("sampling"):
        time.sleep(1.6)
    first, *rest = capsys.readouterr().err.splitlines()
    assert first == "sampling"
    assert [line.split("s  ")[-1] for line in rest] == ["still at work"]
