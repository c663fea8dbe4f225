"""Dagster and Airflow keep a path and counts of a masked file, and no raw value."""

from pathlib import Path

import polars as pl
import pytest

from tests.recipes.programs import HERE, environment, run
from tests.recipes.room import traces

FAULT = "orders.csv, line 323: column 'amount', row 322: this is no float"


@pytest.fixture(scope="module", params=["dagster", "airflow"])
def work(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one of them kept of four runs, a folder for each, and how they ended."""
    folder = tmp_path_factory.mktemp(request.param)
    programs = environment(request.param)
    done = run(
        programs / "python", HERE / "inside" / f"on_{request.param}.py", folder, programs=programs
    )
    assert done.returncode == 0, done.stderr
    return folder


def outcome(work: Path, step: str) -> bool:
    """Whether a run succeeded."""
    return (work / f"{step}.outcome").read_text() in {"True", "success"}


def test_a_good_night_leaves_a_masked_file_and_nothing_else(work: Path) -> None:
    """All rows are masked, and neither storage, logs nor the metadata database hold a raw value."""
    assert outcome(work, "good")
    (masked,) = (work / "room" / "masked").iterdir()
    assert len(pl.read_parquet(masked)) == 400
    assert traces(work / "good", masked) == set()


def test_a_bad_night_says_where_and_not_what(work: Path) -> None:
    """The line and column of a cell that cannot be read are told, and the cell is not."""
    assert not outcome(work, "bad")
    assert FAULT in (work / "bad" / "printed").read_text()
    assert traces(work / "bad") == set()


@pytest.mark.parametrize("step", ["returned", "quoted"])
def test_what_one_must_not_do_is_seen(work: Path, step: str) -> None:
    """Rows that are returned, and messages of other libraries, are found where they are kept."""
    assert any("Quarkington" in trace for trace in traces(work / step))
