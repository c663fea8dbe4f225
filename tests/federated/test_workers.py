"""Sites in processes of their own give what sites in one do."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from anonymizer import federate
from anonymizer.errors import DataError, FederationError
from anonymizer.federated.rehearsal import simulation, workers
from anonymizer.federated.server import Settings
from anonymizer.sequences.training.threads import one_thread
from tests.sequences.model.joint.sites import shops

COLUMNS: Any = {"entity": "customer", "time": "time"}


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "APART", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(simulation, "Settings", partial(Settings, ends_rounds=0))


@pytest.fixture(name="started")
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[workers.Workers]]:
    """The workers that are started, all of which have to end."""
    made = list[workers.Workers]()

    class Noted(workers.Workers):
        def __init__(self, *told: object) -> None:
            super().__init__(*told)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr(simulation, "Workers", Noted)
    yield made
    for each in made:
        assert all(process.poll() is not None for process in each._processes)


def test_the_model_is_that_of_one_process(
    started: list[workers.Workers], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the sites are dealt to two."""
    tables = shops(14, 12, 12)
    apart = federate(tables, **COLUMNS, rounds=1)
    assert len(started) == 1
    assert len(started[0]._processes) == 2
    monkeypatch.setattr(simulation, "APART", 10**9)
    with one_thread():  # as each of two processes on two processors
        here = federate(tables, **COLUMNS, rounds=1)
    assert len(started) == 1
    assert apart.report["sites"] == here.report["sites"]
    assert apart.model.sample(10).equals(here.model.sample(10))


def test_what_is_wrong_at_a_site_is_said(started: list[workers.Workers]) -> None:
    """By the error that was raised in its process."""
    tables = shops(14, 12, 12)
    tables["south"] = tables["south"].head(3)
    with pytest.raises(DataError, match="there is only one entity"):
        federate(tables, **COLUMNS, rounds=1)
    assert started


def test_a_process_that_ends_takes_its_sites_along(started: list[workers.Workers]) -> None:
    """The run says who left."""

    def kill(line: str) -> None:
        if line.startswith("what sites count"):
            os.kill(started[0]._processes[0].pid, signal.SIGKILL)

    with pytest.raises(FederationError, match="its process ended"):
        federate(shops(14, 12, 12), **COLUMNS, rounds=1, progress=kill)
