"""The rooms of the arms: imports point down, nothing goes in circles, no folder is crowded."""

from pathlib import Path

import pytest

from tests.architecture import (
    ENTRIES,
    FLOORS,
    MORE_ENTRIES,
    ORDER,
    House,
    circles,
    floors,
    told,
)

HOUSE = House()


@pytest.mark.parametrize("arm", ORDER)
def test_every_room_has_its_place(arm: str) -> None:
    """What stands in an arm is in the table of its rooms, and the other way round."""
    assert [stranger for stranger in HOUSE.strangers() if stranger.startswith(f"{arm}/")] == []


@pytest.mark.parametrize("arm", ORDER)
def test_rooms_import_what_is_below_them(arm: str) -> None:
    """No room imports one that stands above it."""
    assert [fault for fault in HOUSE.against_the_order() if fault.startswith(f"{arm}/")] == []


def test_no_files_import_each_other_in_a_circle() -> None:
    """Not even inside a function or for types alone."""
    assert circles(HOUSE.imports) == []


def test_no_folders_import_each_other_in_a_circle() -> None:
    """A folder can be read when those below it have been read."""
    assert circles(HOUSE.folders()) == []


@pytest.mark.parametrize("arm", ORDER)
def test_no_folder_is_crowded(arm: str) -> None:
    """What a folder holds can be seen at a glance."""
    here = {f: n for f, n in HOUSE.entries().items() if f.split("/")[0] == arm}
    assert {f: n for f, n in here.items() if n > MORE_ENTRIES.get(f, ENTRIES)} == {}


@pytest.mark.parametrize("arm", ORDER)
def test_an_arm_has_few_floors(arm: str) -> None:
    """However far a call goes down, it passes few rooms."""
    assert floors(HOUSE.rooms(arm)) <= FLOORS


def built(root: Path, files: dict[str, str]) -> House:
    """A package of one arm with the rooms `low` and `high`."""
    for name, content in files.items():
        file = root / "house" / "arm" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return House(root / "house", {"arm": ("low", "high")})


@pytest.mark.parametrize(
    "line",
    [
        "import house.arm.high.b",
        "from house.arm.high.b import name",
        "from house.arm.high import b",
        "from house.arm import high",
        "from ..high import b",
        "from ..high.b import name",
        "from .. import high",
        "def late():\n    from house.arm.high.b import name",
        "if TYPE_CHECKING:\n    import house.arm.high.b as other",
    ],
)
def test_every_way_to_import_is_seen(tmp_path: Path, line: str) -> None:
    """Wherever it stands and however it is written."""
    house = built(tmp_path, {"low/a.py": line, "high/b.py": "", "high/__init__.py": ""})
    (fault,) = house.against_the_order()
    assert fault.startswith("arm/low/a.py imports arm/high/")


def test_circles_are_found(tmp_path: Path) -> None:
    """Between folders too where no two files import each other; a circle has all its floors."""
    down, up = "import house.arm.low.a", "import house.arm.high.c"
    house = built(tmp_path, {"low/a.py": "", "low/b.py": up, "high/c.py": "", "high/d.py": down})
    assert circles(house.imports) == []
    assert circles(house.folders()) == [["arm/high", "arm/low"]]
    assert floors(house.rooms("arm")) == 2
    house = built(tmp_path, {"low/a.py": up, "high/c.py": down})
    assert circles(house.imports) == [["arm/high/c.py", "arm/low/a.py"]]


def test_what_has_no_place_is_named(tmp_path: Path) -> None:
    """A new room, a file right in the arm, and imports to and from them."""
    files = {"low/a.py": "import house.arm.attic.x", "attic/x.py": "", "loose.py": ""}
    house = built(tmp_path, {**files, "high/b.py": ""})
    assert house.strangers() == ["arm/attic", "arm/loose.py"]
    assert house.against_the_order() == ["arm/low/a.py imports arm/attic/x.py"]


def test_a_good_house_is_told_without_a_fault(tmp_path: Path) -> None:
    """Rooms, floors, arrows, lengths of functions, entries, and that nothing is wrong."""
    code = "from house.arm.low.a import f\ndef g():\n    return (\n        f\n    )\n"
    files = {"low/a.py": "def f():\n    return 1\n", "high/b.py": code, "high/c.py": ""}
    house = built(tmp_path, {**files, "__init__.py": ""})
    assert list(told(house)) == [
        "arm: 2 rooms, 2 floors, 1 arrows",
        "  functions: longest 4 lines (arm/high/b.py: g), median 3, 95th percentile 4",
        "  arm: 2 entries",
        "  arm/high: 2 entries",
        "  arm/low: 1 entries",
        "no room of the table: none",
        "against the order: none",
        "circle of files: none",
        "circle of folders: none",
    ]
