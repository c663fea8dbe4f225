"""The rooms of the checks: imports point down and never in a circle, and folders are small."""

import ast
from pathlib import Path

import pytest

import anonymizer.checks

ROOT = Path(anonymizer.checks.__file__).parent
PACKAGE = "anonymizer.checks"
# From the ground up. Rooms of one floor do not know each other.
FLOORS = (
    {"figures", "sets"},
    {"utility", "privacy", "attacks"},
    {"reports"},
    {"pages"},
    {"check", "audit"},
)
MOST_ENTRIES = 10
FILES = sorted(file for file in ROOT.rglob("*.py") if file.parent != ROOT)


def imports_of(file: Path) -> set[str]:
    """Every module of the checks that a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    modules = {name_of(each) for each in FILES}
    return found & modules


def name_of(file: Path) -> str:
    """The dotted name of a module."""
    return ".".join((PACKAGE, *file.relative_to(ROOT).with_suffix("").parts))


def floor_of(room: str) -> int:
    """Where a room stands."""
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_a_room_imports_only_what_is_below_it(file: Path) -> None:
    """Under `TYPE_CHECKING` and inside functions as well."""
    own = file.relative_to(ROOT).parts[0]
    for module in imports_of(file):
        room = module.split(".")[2]
        assert room == own or floor_of(room) < floor_of(own), module


def test_no_module_imports_itself_by_a_detour() -> None:
    """Taking away modules that import none of the rest leaves nothing."""
    left = {name_of(file): imports_of(file) - {name_of(file)} for file in FILES}
    while ground := {name for name, imports in left.items() if not imports & set(left)}:
        left = {name: imports for name, imports in left.items() if name not in ground}
    assert left == {}


def test_folders_are_small() -> None:
    """Modules, data files and folders; in the tests as well."""
    for top in (ROOT, Path(__file__).parents[1]):
        for folder in (top, *(each for each in top.rglob("*") if each.is_dir())):
            entries = {each.name for each in folder.iterdir()} - {"__init__.py", "__pycache__"}
            assert folder.name == "__pycache__" or len(entries) <= MOST_ENTRIES, folder


def test_the_table_of_limits_knows_no_measure() -> None:
    """It stands on figures alone, so that whoever measures may import it and not the reverse."""
    rooms = {name.split(".")[2] for name in imports_of(ROOT / "figures" / "thresholds.py")}
    assert rooms == {"figures"}


def test_measures_set_no_limits() -> None:
    """Only the table and the figure itself know how a colour comes about."""
    measuring = [f for f in FILES if f.relative_to(ROOT).parts[0] in {"utility", "privacy"}]
    assert [f for f in measuring if "Limits" in f.read_text("utf-8")] == []
