"""What is remembered from night to night, on the side of the raw tables.

The state is a folder for its owner alone. It holds watermarks, which are raw values, and what the
rules learned. The target holds the id of its last night and nothing else of it. A run writes the
next night into the state, then the target in one step, with the id of that night, and then says in
the state that it is done. Whatever ends it before, the id in the target says how far it came.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from anonymizer.errors import FileError
from anonymizer.staging import alone_in, no_wider_than, write_json
from anonymizer.storage import Address, address_of

_FILE: Final = "state.json"
_VERSION: Final = 1
_OWNER: Final = 0o700
ANEW: Final = "mask all anew with --overwrite"


def _release() -> str:
    return version("seqanon")


@dataclass(frozen=True)
class TableNight:
    """What a state says of a table.

    Attributes:
        rules: a digest of its rules, of its key and of the way to its persons.
        columns: of the masked table, with their types.
        watermark: the greatest so far, as JSON holds it, or the version of the table that was read;
            None where there was none.
        rows: that were masked in all nights; without a key, as many as there are.
        fitted: what the rules learned in the first night; None of a table that is masked whole.
    """

    rules: str
    columns: Mapping[str, str]
    watermark: int | str | None = None
    rows: int = 0
    fitted: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Night:
    """A night, as the state says it.

    Attributes:
        number: from 1.
        key_id: of the key; None where no mask needs one.
        tables: by name.
        release: of this library.
        id: as the target has it.
    """

    number: int
    key_id: str | None
    tables: Mapping[str, TableNight]
    release: str = field(default_factory=_release)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Night":
        """Read what `asdict` gave."""
        tables = {name: TableNight(**each) for name, each in said["tables"].items()}
        return cls(**{**said, "tables": tables})

    def faults(self, now: "Night") -> Iterator[str]:
        """What is not as in this night: a line for each thing, with the way out."""
        if _compatible(now.release) != _compatible(self.release):
            told = f"release {self.release}, and this is {now.release}, which may mask otherwise"
            yield f"the nights before are of {told}: use that one, or {ANEW}"
        if self.key_id != now.key_id:
            told = f"key id {self.key_id}, and this is {now.key_id}"
            yield f"the nights before are of {told}: give the key of then, or {ANEW}"
        for table in sorted({*self.tables, *now.tables}):
            before, after = self.tables.get(table), now.tables.get(table)
            if before is None or after is None:
                which = "is gone" if after is None else "is new"
                yield f"{table}: {which} since the last night: {ANEW}"
            elif before.rules != after.rules:
                told = "its rules, its key or the way to its persons are not as in the last night"
                yield f"tables.{table}: {told}: keep them, or {ANEW}"
            elif changed := _unlike(before.columns, after.columns):
                told = f"column {changed!r} is new, gone or of another type since the last night"
                yield f"{table}: {told}: {ANEW}"


def _unlike(one: Mapping[str, str], other: Mapping[str, str]) -> str | None:
    return next((name for name in {**one, **other} if one.get(name) != other.get(name)), None)


def _compatible(release: str) -> list[str]:
    """The numbers of a release that rise where it may mask otherwise."""
    first, second, *_ = release.split(".")
    return [first, second] if first == "0" else [first]


@dataclass
class State:
    """The folder, the last night that is known to be done, and those begun since.

    A server may commit a night whose run is dead while the next one begins, so all of them count.
    """

    folder: Path
    night: Night | None = None
    begun: tuple[Night, ...] = ()

    def settle(self, there: str | None, place: str, *, anew: bool) -> None:
        """Find out by the id in the target which of the nights came to its end.

        Args:
            there: that id.
            place: of the target.
            anew: whether all tables are masked anew, whatever is there.

        Raises:
            FileError: the target is of other nights than the state.
        """
        if done := next((each for each in self.begun if each.id == there), None):
            self.finish(done)
        elif there != (self.night and self.night.id) and not anew:
            what = "is not as the last night of this state left it"
            raise FileError(f"{place}: {what}: give the state that belongs to it, or {ANEW}")

    def begin(self, night: Night) -> None:
        """Say what will have been done."""
        self.folder.chmod(_OWNER)
        self.begun = (*self.begun, night)
        self._write()

    def finish(self, night: Night) -> None:
        """Say that it is done."""
        self.night, self.begun = night, ()
        self._write()

    def _write(self) -> None:
        done, begun = self.night and asdict(self.night), [asdict(each) for each in self.begun]
        with no_wider_than(mode=0o600):
            said = {"version": _VERSION, "night": done, "begun": begun}
            write_json(self.folder / _FILE, said, indent=1)


@contextmanager
def state_in(place: Address) -> Iterator[State]:
    """The state in a folder, while nobody else works with it; an empty one goes again.

    Raises:
        FileError: it is none, another run works with it, or another release wrote it.
    """
    folder = address_of(place)
    if not isinstance(folder, Path) or (folder.exists() and not folder.is_dir()):
        raise FileError(f"{place}: a state is a local folder")
    if not folder.parent.is_dir():
        raise FileError(f"{folder.parent}: no such folder")
    made = not folder.exists()
    folder.mkdir(mode=_OWNER, exist_ok=True)
    with alone_in(folder):
        try:
            yield _read(folder)
        finally:
            if made:
                with suppress(OSError):  # one that is not empty, as a night was begun
                    folder.rmdir()


def _read(folder: Path) -> State:
    there = sorted(file.name for file in folder.glob("[!.]*") if file.name != _FILE)
    if there:
        raise FileError(f"{folder}: holds {there[0]} as well: name a folder for the state alone")
    file = folder / _FILE
    if not file.exists():
        return State(folder)
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        said = json.loads(file.read_text("utf-8"))
        if said["version"] == _VERSION:
            night, begun = said["night"], said["begun"]
            return State(folder, night and Night.of(night), tuple(map(Night.of, begun)))
    raise FileError(
        f"{file}: cannot be read: use the release that wrote it, or remove it and {ANEW}"
    )
