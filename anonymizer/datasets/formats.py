"""The format of a file, by its ending."""

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
