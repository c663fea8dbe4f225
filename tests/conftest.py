"""Tests see no terminal, and nothing in them depends on time, order or load."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.pages import Reader

os.environ.pop("COLUMNS", None)  # set in the workers of pytest-xdist

# A busy machine is no fault, and a drawn example that fails here fails everywhere. New examples are
# looked for by hand: `pytest --hypothesis-profile search`.
settings.register_profile(
    "fixed",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", settings.get_profile("fixed"), derandomize=False)
settings.load_profile("fixed")


@pytest.fixture(scope="session", autouse=True)
def _silent_work() -> Iterator[None]:
    """Commands do not say that they are at work, however long a busy machine lets them take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("anonymizer.console.SILENT_SECONDS", 600.0)
        yield


@pytest.fixture(scope="module", name="_brief_training")
def brief_training() -> Iterator[None]:
    """For a module that asks what comes out of a training, not how good it is: two epochs each."""
    from anonymizer.sequences.training.loop import TrainingConfig

    whole = TrainingConfig.__init__

    def brief(self: TrainingConfig, epochs: int, *options: Any, **named: Any) -> None:
        whole(self, min(epochs, 2), *options, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingConfig, "__init__", brief)
        yield


@pytest.fixture(name="reader")
def a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["Reader"]:
    """In an empty folder beside the data of the checkout, with a key; what is written goes away."""
    from tests.pages import Reader

    (tmp_path / "examples").symlink_to(Path(__file__).parents[1] / "examples")
    monkeypatch.chdir(tmp_path)
    with mock.patch.dict(os.environ, ANONYMIZER_KEY="0f1e2d3c4b5a69788796a5b4c3d2e1f0"):
        yield Reader()
