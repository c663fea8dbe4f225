"""Standard input and output in place of files, as `-`: CSV."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from anonymizer.errors import FileError

PIPE: Final = "-"


@contextmanager
def piped(source: str, target: str) -> Iterator[tuple[str, str]]:
    """The files that stand for standard input and output, where a command names these.

    Input is kept in a hidden folder that nobody else may enter, as it is read several times; output
    leaves when all of it is there.
    """
    from anonymizer.staging import hidden_folder

    if PIPE not in {source, target}:
        yield source, target
        return
    with hidden_folder("piped") as folder:
        read = str(_kept(folder)) if source == PIPE else source
        written = str(folder / "output.csv") if target == PIPE else target
        try:
            yield read, written
        except FileError as error:
            if source != PIPE:
                raise
            raise FileError(str(error).replace(read, "standard input")) from None
        if target == PIPE and Path(written).exists():  # a dry run writes nothing
            with Path(written).open("rb") as masked, _open("standard output"):
                shutil.copyfileobj(masked, sys.stdout.buffer)
                sys.stdout.buffer.flush()


@contextmanager
def _open(stream: str) -> Iterator[None]:
    """Notice a stream that is closed or full; a reader that wants no more is no error of ours.

    Raises:
        FileError: it is.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, AttributeError) as error:  # Python has None where a stream is closed
        why = "is full or broken" if isinstance(error, OSError) else "is closed"
        raise FileError(f"{stream}: {why}") from None


def _kept(folder: Path) -> Path:
    """What comes on standard input, in a file that ends as it is packed."""
    from anonymizer.delimited.records import PACKED

    file = folder / "input.csv"
    with file.open("wb+") as kept, _open("standard input"):
        shutil.copyfileobj(sys.stdin.buffer, kept)
        kept.seek(0)
        begins = kept.read(max(map(len, PACKED)))
    ending = next((PACKED[each] for each in PACKED if begins.startswith(each)), "")
    return file.rename(f"{file}{ending}")


def told(place: str) -> str:
    """A place as a command speaks of it."""
    return "standard output" if place == PIPE else place
