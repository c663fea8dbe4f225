"""A folder in which every file, or every folder, is a table of its own."""

from pathlib import Path, PurePosixPath

from anonymizer.delimited.dialect import COMPRESSED
from anonymizer.errors import FileError
from anonymizer.files.formats import FORMATS, kind_of
from anonymizer.storage import Address, address_of, ending_of, files_at


def tables_in(place: Address) -> dict[str, Address]:
    """The tables in a folder or below an S3 prefix: name → address, sorted.

    A file of rows is a table, named as it is without its ending, and so is a folder with such
    files.

    Raises:
        FileError: there are none, or two of one name.
    """
    folder = address_of(place)
    found: dict[str, Address] = {}
    for file in files_at(folder):
        if kind_of(file) not in FORMATS:
            continue
        first, *rest = _inside(folder, file)
        name, address = first if rest else _stem(first), below(folder, first)
        if found.setdefault(name, address) != address:
            raise FileError(f"{place}: two tables are called {name!r}: give one another name")
    if not found:
        raise FileError(f"{place}: no tables: expected a file or a folder for each")
    return dict(sorted(found.items()))


def _stem(name: str) -> str:
    """The name of a file without its ending: `orders.csv.gz` is called `orders`."""
    packed = ending_of(name) in COMPRESSED
    return PurePosixPath(name).stem if not packed else PurePosixPath(PurePosixPath(name).stem).stem


def names_in(place: Address) -> set[str]:
    """The names of the files and folders that stand in a folder and hold something."""
    folder = address_of(place)
    return {_inside(folder, file)[0] for file in files_at(folder)}


def _inside(folder: Address, file: Address) -> tuple[str, ...]:
    return PurePosixPath(str(file)).relative_to(str(folder)).parts


def below(folder: Address, name: str) -> Address:
    """The address of what stands in a folder under a name."""
    return folder / name if isinstance(folder, Path) else f"{folder.rstrip('/')}/{name}"
