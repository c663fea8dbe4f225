"""The rooms: who may import whom, what loads when, what is public."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import anonymizer

ROOT = Path(anonymizer.__file__).parent
ARMS = ("masking", "sequences", "checks")
# What each room may import of ours. `composition`, `certificates`, `demo` and `cli` are
# where the arms meet.
ALLOWED = {
    "errors": (),
    "arrays": (),
    "dates": (),
    "keys": ("errors",),
    "storage": ("errors",),
    "staging": ("storage", "errors"),
    "provenance": ("storage", "errors"),
    "stopping": ("staging",),
    "buffers": (),
    "frames": ("buffers", "errors"),
    "delimited": ("delimited", "documents", "frames", "storage", "errors"),
    "files": (
        *("files", "delimited", "documents", "frames", "buffers", "staging", "storage"),
        *("provenance", "errors"),
    ),
    "console": (),
    "documents": ("errors",),
    "json_cells": (),
    "tables": (),
    "masking": (
        *("masking", "arrays", "dates", "documents", "files", "delimited", "frames", "buffers"),
        *("json_cells", "staging", "storage", "keys", "tables", "provenance", "errors"),
    ),
    "stores": ("stores", "errors", "files", "frames", "staging", "storage"),
    "datasets": (
        *("datasets", "masking", "stores", "delimited", "documents", "files", "frames", "staging"),
        *("storage", "keys", "tables", "checks", "composition", "provenance", "errors"),
        *("sequences", "relations", "arrays"),  # of synthesis/, which learns histories of persons
    ),
    "relations": ("relations", "frames", "arrays", "errors"),
    "sequences": (
        *("sequences", "relations", "frames", "staging", "arrays", "provenance", "errors"),
    ),
    "federated": (
        *("federated", "sequences", "files", "frames", "keys", "arrays", "provenance", "errors"),
    ),
    "checks": (
        *("checks", "relations", "dates", "documents", "frames", "json_cells", "staging", "arrays"),
        *("tables", "provenance", "errors"),
    ),
    "composition": (
        *("checks", "files", "frames", "provenance", "errors"),
    ),  # and masking, by name, as it is needed
    "certificates": (
        *("certificates", "checks", "composition", "masking", "files", "documents", "keys"),
        *("storage", "provenance", "errors"),
    ),
}
TORCH_ROOM = "sequences"


def imports_of(file: Path) -> set[str]:
    """Every module that a file imports, at the top or inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def room_of(file: Path) -> str:
    """The first part of a file's path inside the package, without its ending."""
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_point_one_way(file: Path) -> None:
    """No arm imports another, and nothing lower imports what is higher."""
    room = room_of(file)
    if room not in ALLOWED:
        return
    ours = {
        name.split(".")[1]
        for name in imports_of(file)
        if (name.startswith("anonymizer.") and (ROOT / name.split(".")[1]).with_suffix("").exists())
        or (name.startswith("anonymizer.") and (ROOT / f"{name.split('.')[1]}.py").exists())
    }
    assert ours <= set(ALLOWED[room])


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_only_the_sequences_import_torch(file: Path) -> None:
    """Masking and checks work where torch is not installed."""
    heavy = {name.split(".")[0] for name in imports_of(file)} & {"torch", "safetensors"}
    assert not heavy or room_of(file) == TORCH_ROOM


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_only_what_learns_over_sites_imports_flower(file: Path) -> None:
    """It is an extra; what passes between sites is told, sealed and summed without it, too."""
    plain = {"protocol.py", "sealing.py", "secure_sum.py", "aggregation.py", "party.py"}
    if "flwr" in {name.split(".")[0] for name in imports_of(file)}:
        assert room_of(file) == "federated"
        assert file.name not in plain


def loaded_by(module: str) -> set[str]:
    """The packages of others that a fresh interpreter loads for a module of ours."""
    code = f"import {module}, sys; print(*(m.partition('.')[0] for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    start = subprocess.run(
        [sys.executable, "-c", "import sys; print(*(m.partition('.')[0] for m in sys.modules))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    ours = {"anonymizer", *sys.stdlib_module_names, *start.stdout.split()}
    return set(done.stdout.split()) - ours


def test_importing_loads_nothing_else() -> None:
    """`import anonymizer` costs nothing until a name is used, not even Polars."""
    assert loaded_by("anonymizer") == set()


def test_the_command_line_loads_click_alone() -> None:
    """So that `--help` comes at once; a command loads the arm that it needs."""
    assert loaded_by("anonymizer.cli") == {"click"}


@pytest.mark.parametrize(
    "module", ["anonymizer.masking.run.frames", "anonymizer.composition", "anonymizer.frames"]
)
def test_light_imports_stay_light(module: str) -> None:
    """Neither torch nor Spark nor a charting library loads before it is needed."""
    heavy = {"torch", "pyspark", "altair", "vl_convert", "sklearn", "optuna", "pandas"}
    assert loaded_by(module) & heavy == set()


def test_an_unknown_name_is_an_attribute_error() -> None:
    """Lazy loading does not hide a typing error."""
    with pytest.raises(AttributeError, match="anonymise"):
        anonymizer.anonymise  # noqa: B018
