"""The format of a file, by its ending."""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from anonymizer.delimited.dialect import COMPRESSED
from anonymizer.errors import FileError
from anonymizer.storage import Address, ending_of, name_of

Format: TypeAlias = Literal["Parquet", "CSV", "NDJSON", "Arrow IPC"]
FORMATS: Final[dict[str, Format]] = {
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".csv": "CSV",
    ".tsv": "CSV",
    ".ndjson": "NDJSON",
    ".jsonl": "NDJSON",
    ".arrow": "Arrow IPC",
    ".ipc": "Arrow IPC",
    ".feather": "Arrow IPC",
}
SEEKABLE: Final = frozenset[Format](("Parquet", "Arrow IPC"))  # with types, and read from anywhere
KNOWN: Final = "use .parquet, .csv, .ndjson or .arrow"


def format_of(place: Address) -> Format:
    """The format that the ending of an address stands for.

    Raises:
        FileError: the ending stands for none.
    """
    kind = kind_of(place)
    if kind not in FORMATS:
        raise FileError(f"{name_of(place)}: unknown ending {kind!r}; {KNOWN}")
    return FORMATS[kind]


def kind_of(place: Address) -> str:
    """The ending that gives the format: of `orders.csv.gz` it is `.csv`."""
    name, ending = name_of(place), ending_of(place)
    inner = ending_of(name.removesuffix(ending)) if ending in COMPRESSED else ""
    return inner if FORMATS.get(inner) == "CSV" else ending


def part_ending(files: Iterable[Address], format_: Format) -> str:
    """How all files of a format end, with their compression: `.csv.gz`; the usual where several."""
    usual = next(ending for ending, known in FORMATS.items() if known == format_)
    if format_ != "CSV":
        return usual
    endings = {f"{kind_of(file)}{_packed(file)}" for file in files}
    return endings.pop() if len(endings) == 1 else usual


def _packed(file: Address) -> str:
    return ending if (ending := ending_of(file)) in COMPRESSED else ""
