"""Where to write, so that nothing is lost."""

from collections.abc import Iterable
from pathlib import Path

from anonymizer.errors import FileError
from anonymizer.storage import (
    Address,
    address_of,
    ending_of,
    everything_in,
    exists,
    files_at,
    is_folder,
)


def check_target(
    target: Address,
    *,
    overwrite: bool = False,
    inputs: list[Address] | None = None,
    makes_folder: bool = False,
) -> Address:
    """The address to write to, when writing there does no harm.

    Args:
        target: a file or a folder.
        overwrite: whether what is there may be replaced.
        inputs: what is read.
        makes_folder: whether the folder in which it stands may be absent, and appears with it.

    Raises:
        FileError: it exists and may not be overwritten, it is an input, or its folder is absent.
    """
    address = address_of(target)
    if any(_overlap(address, address_of(source)) for source in inputs or []):
        raise FileError(f"{target}: the output is an input")
    if is_folder(address) and ending_of(address):
        raise FileError(f"{target}: is a folder; name a file")
    folder = address.parent if isinstance(address, Path) else None
    if folder and not folder.is_dir() and not (makes_folder and folder.parent.is_dir()):
        raise FileError(f"{folder}: no such folder")
    if not overwrite and exists(address):
        raise FileError(
            f"{target}: exists already: choose another name, or ask for it with --overwrite"
        )
    return address


def check_targets(
    files: Iterable[Address | None], *, overwrite: bool, inputs: list[Address]
) -> list[Address | None]:
    """The addresses of files that are written beside each other, none over another.

    Args:
        files: None stays None.
        overwrite: whether what is there may be replaced.
        inputs: what is read, or written besides.

    Raises:
        FileError: as of `check_target`.
    """
    places = list[Address | None]()
    for file in files:
        kept = [*inputs, *(place for place in places if place)]
        places.append(file and check_target(file, overwrite=overwrite, inputs=kept))
    return places


def everything_at(address: Address) -> Iterable[Address]:
    """Every file that goes when a folder is replaced, such as the log of a Delta table."""
    if isinstance(address, Path) and address.is_dir():
        return everything_in(address)
    return files_at(address)


def _overlap(target: Address, source: Address) -> bool:
    """Whether they are one, or one is a folder that holds the other."""
    if isinstance(target, str) or isinstance(source, str):
        one, other = str(target).rstrip("/"), str(source).rstrip("/")
        return one == other or other.startswith(f"{one}/")
    one_path, other_path = target.resolve(), source.resolve()
    return one_path == other_path or (target.is_dir() and one_path in other_path.parents)
