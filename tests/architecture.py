"""What the house is like: `python -m tests.architecture` prints it, `test_house.py` holds it.

A *room* is a folder right under an arm, or a module there. Rooms are ordered from the ground up,
and imports between them point down. An import counts wherever it stands: at the top, inside a
function, under `if TYPE_CHECKING`.
"""

import ast
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "anonymizer"
ORDER: dict[str, tuple[str, ...]] = {
    "masking": (
        "primitives", "places", "free_text", "masks", "rules", "plan", "table", "inspection",
        "run",
    ),
    "checks": (
        "figures", "sets", "utility", "privacy", "attacks", "reports", "pages", "check", "audit",
    ),
    "relations": ("base", "kinds", "search"),
    "sequences": (
        "histories", "tokens", "derived", "priors", "network", "training", "generation", "private",
        "scoring", "model",
    ),
}  # fmt: skip
FLOORS = 8  # that may stand on each other in an arm
ENTRIES = 10  # that one folder may hold
MORE_ENTRIES = {"masking/masks": 14}  # a family of masks per file

Graph = Mapping[str, set[str]]


@dataclass(frozen=True)
class House:
    """The files of the package, by their path in it, and what each imports of the others."""

    root: Path = PACKAGE
    order: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: ORDER)

    def files(self, arm: str = "") -> list[str]:
        """The modules of an arm, or all."""
        return sorted(
            path.relative_to(self.root).as_posix() for path in (self.root / arm).rglob("*.py")
        )

    @cached_property
    def imports(self) -> Graph:
        """Which file imports which."""
        known = set(self.files())
        return {file: set(self._imported(file, known)) - {file} for file in sorted(known)}

    def _imported(self, file: str, known: set[str]) -> Iterator[str]:
        for node in ast.walk(ast.parse((self.root / file).read_text("utf-8"))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from _file_of(self._inside(alias.name), known)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node, file)
                for alias in node.names:
                    below = _file_of(base and [*base, alias.name], known)
                    yield from below or _file_of(base, known)

    def _inside(self, module: str) -> list[str] | None:
        """The parts of a module's name below the package's; None for what is not ours."""
        first, *rest = module.split(".")
        return rest if first == self.root.name else None

    def _base(self, node: ast.ImportFrom, file: str) -> list[str] | None:
        if not node.level:
            return self._inside(node.module or "")
        above = file.split("/")[: -node.level]  # one dot is the folder of the file
        return [*above, *(node.module or "").split(".")] if node.module else above

    def against_the_order(self) -> list[str]:
        """Imports from a room into one that is not below it, as `file imports file`."""
        return [
            f"{file} imports {other}"
            for file, others in self.imports.items()
            for other in sorted(others)
            if self._upwards(file, other)
        ]

    def _upwards(self, file: str, other: str) -> bool:
        arm, room, into = _arm_of(file), room_of(file), room_of(other)
        if arm not in self.order or _arm_of(other) != arm or room == into:
            return False
        rooms = [*self.order[arm], None]  # an arm's `__init__.py` sees all of it
        if room not in rooms or into not in rooms:
            return True  # it has no place, so nothing is known to be below it
        return rooms.index(into) > rooms.index(room)

    def strangers(self) -> list[str]:
        """What stands in an arm and is no room of the table, and rooms that are not there."""
        found = []
        for arm, rooms in self.order.items():
            there = {entry.name for entry in entries(self.root / arm)}
            found += [f"{arm}/{name}" for name in sorted(there ^ set(rooms))]
        return found

    def rooms(self, arm: str) -> Graph:
        """Which room of an arm imports which."""
        return _merged(self.imports, lambda f: room_of(f) if f.startswith(f"{arm}/") else None)

    def folders(self) -> Graph:
        """Which folder imports which; files right in the package count as themselves."""
        return _merged(self.imports, lambda f: f.rpartition("/")[0] or f)

    def entries(self) -> dict[str, int]:
        """How much stands in each folder of modules in the arms. A folder of data counts as one."""
        folders = {(self.root / file).parent for arm in self.order for file in self.files(arm)}
        return {
            folder.relative_to(self.root).as_posix(): len(entries(folder))
            for folder in sorted(folders)
        }

    def lengths(self, arm: str) -> list[tuple[int, str]]:
        """How many lines each function has, from `def` to its end, and where it is; sorted."""
        return sorted(
            (node.end_lineno - node.lineno + 1, f"{file}: {node.name}")
            for file in self.files(arm)
            for node in ast.walk(ast.parse((self.root / file).read_text("utf-8")))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
        )


def room_of(file: str) -> str | None:
    """The folder under the arm, or the module that stands right in it; none for `__init__.py`."""
    _arm, *below = file.split("/")
    return below[0] if below and below[0] != "__init__.py" else None


def entries(folder: Path) -> list[Path]:
    """What a reader sees in a folder."""
    unseen = {"__init__.py", "__pycache__"}
    return [e for e in folder.iterdir() if e.name not in unseen and not e.name.startswith(".")]


def circles(graph: Graph) -> list[list[str]]:
    """Groups of nodes that all lead to each other."""
    reach = {node: _reach(graph, node) for node in graph}
    groups = {
        tuple(sorted(other for other in reach[node] if node in reach[other]))
        for node in graph
        if node in reach[node]
    }
    return [list(group) for group in sorted(groups)]


def floors(graph: Graph) -> int:
    """The length of the longest way down, in nodes. A circle is as high as it has nodes."""
    group = {node: tuple(circle) for circle in circles(graph) for node in circle}
    of = {node: group.get(node, (node,)) for node in graph}

    def height(own: tuple[str, ...]) -> int:
        below = {of[other] for node in own for other in graph[node]} - {own}
        return len(own) + max(map(height, below), default=0)

    return max(map(height, of.values()), default=0)


def _arm_of(file: str) -> str:
    return file.partition("/")[0]


def _file_of(parts: list[str] | None, known: set[str]) -> list[str]:
    """The file that a module's name below the package's means: none, or one."""
    if parts is None:
        return []
    path = "/".join(parts)
    return [file for file in (f"{path}.py", f"{path}/__init__.py".lstrip("/")) if file in known][:1]


def _reach(graph: Graph, start: str) -> set[str]:
    found: set[str] = set()
    left = list(graph[start])
    while left:
        node = left.pop()
        if node not in found:
            found.add(node)
            left += graph[node]
    return found


def _merged(graph: Graph, name: Callable[[str], str | None]) -> Graph:
    """The graph of groups of nodes, without what a group imports of itself."""
    merged: dict[str, set[str]] = {}
    for node, others in graph.items():
        if (own := name(node)) is not None:
            found = {into for other in others if (into := name(other)) is not None}
            merged.setdefault(own, set()).update(found - {own})
    return merged


def told(house: House) -> Iterator[str]:
    """The house, line by line."""
    crowded = house.entries()
    for arm in house.order:
        rooms = house.rooms(arm)
        arrows = sum(map(len, rooms.values()))
        sizes, names = zip(*house.lengths(arm), strict=True)
        tail = statistics.quantiles(sizes, n=20, method="inclusive")[-1]
        yield f"{arm}: {len(rooms)} rooms, {floors(rooms)} floors, {arrows} arrows"
        yield (
            f"  functions: longest {sizes[-1]} lines ({names[-1]}), "
            f"median {statistics.median(sizes):.0f}, 95th percentile {tail:.0f}"
        )
        for folder, count in crowded.items():
            if _arm_of(folder) == arm:
                limit = MORE_ENTRIES.get(folder, ENTRIES)
                yield f"  {folder}: {count} entries" + (f", over {limit}" * (count > limit))
    for what, faults in (
        ("no room of the table", house.strangers()),
        ("against the order", house.against_the_order()),
        ("circle of files", [", ".join(circle) for circle in circles(house.imports)]),
        ("circle of folders", [", ".join(circle) for circle in circles(house.folders())]),
    ):
        yield from [f"{what}: {fault}" for fault in faults] or [f"{what}: none"]


if __name__ == "__main__":
    print("\n".join(told(House())))  # noqa: T201 (this is what it is for)
