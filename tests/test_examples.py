"""The examples in docstrings and in `examples/` are true, and what users call has one."""

import doctest
import inspect
import os
import re
import runpy
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import anonymizer

ROOT = Path(anonymizer.__file__).parent
MODULES = [
    ".".join(file.relative_to(ROOT.parent).with_suffix("").parts)
    for file in sorted(ROOT.rglob("*.py"))
    if ">>>" in file.read_text("utf-8")
]
EXAMPLES = ROOT.parent / "examples"
NUMBERED = sorted(file.name for file in EXAMPLES.glob("[0-9]*"))
FUNCTIONS = [name for name in anonymizer.__all__ if inspect.isfunction(getattr(anonymizer, name))]


@pytest.mark.parametrize("module", MODULES)
def test_an_example_says_what_happens(module: str) -> None:
    """Every `>>>` that is not marked to be skipped, as Python shows it."""
    assert doctest.testmod(import_module(module)).failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_has_an_example(name: str) -> None:
    """What a reader copies."""
    assert ">>>" in (getattr(anonymizer, name).__doc__ or "")


def test_every_example_has_a_row() -> None:
    """The scripts in their order, then the recipes; nothing is there that is not told."""
    page = (EXAMPLES / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| \[(.+)\]", page, re.MULTILINE)
    assert rows[: len(NUMBERED)] == NUMBERED
    others = {file.name for file in (EXAMPLES / "recipes").iterdir()} - {"__pycache__"}
    assert {name for name in others if f"(recipes/{name}" not in page} == set()


SHOWN = {  # by each example, whatever else it shows
    "01_mask_a_table.py": "shape: (3, 6)",
    "02_from_inspection_to_audit.sh": "verdict: good; written: audit.html",
    "03_lazy_pipeline.py": "│ POST      ┆ 1104   ┆ 87     │",
    "04_tables_in_a_folder.py": "orders.customer_id → customers.id: 1440 of 1440 rows are joined",
    "05_database_to_database.py": "orders and buyers: 1440 144",
    "06_nightly_deliveries.py": "2024-10-04: 40 rows came, 41 left",
    "07_anonymity_of_a_table.py": "verdict: good (4 good)",
    "08_reveal_and_rotate.py": "revealed: ['email']",
    "09_synthetic_histories.py": "identifiers, made anew: id (one per row)",
    "10_check_report.py": "verdict: red",
    "11_scores_and_recommendations.py": "probability",
    "12_differential_privacy.py": "Epsilon 3, delta 1e-05.",
    "13_spark.py": "only showing top 3 rows",
}


@pytest.mark.parametrize("name", NUMBERED)
@pytest.mark.usefixtures("_brief_training")
@pytest.mark.filterwarnings("error::anonymizer.errors.PrivacyWarning")
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_a_numbered_example_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It shows what it is about and no raw value, and warns of nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(EXAMPLES)
    if name.endswith(".sh"):
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        subprocess.run(["sh", EXAMPLES / name], check=True, env={**os.environ, "PATH": path})
    else:
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    shown = "".join(capfd.readouterr())
    assert SHOWN[name] in shown
    assert not re.search(r"Ann Lee|[a-z]\d+@example.com", re.sub(r"e\.g\..*", "", shown))
    assert {path.name for path in tmp_path.iterdir()} <= {"examples-output"}
