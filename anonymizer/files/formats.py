"""The format of a file, by its ending, and how Parquet is written."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

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


Codec: TypeAlias = Literal["zstd", "lz4", "snappy", "gzip", "brotli", "uncompressed"]
_LEVELS: Final[dict[Codec, tuple[int, int]]] = {"zstd": (1, 22), "gzip": (0, 9), "brotli": (0, 11)}
# Keyed digits do not shrink however hard one tries: level 1 writes files as small as level 3 does,
# in two thirds of the time.
_ZSTD_LEVEL: Final = 1


class Parquet(BaseModel):
    """How Parquet files are written.

    Attributes:
        compression: of the pages.
        level: of zstd (1 to 22), gzip (0 to 9) or brotli (0 to 11): higher is smaller and slower; 1
            for zstd where it is left out.
        row_group: rows that stand together and can be skipped together. More make smaller files,
            and need more memory while they are written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    compression: Codec = "zstd"
    level: int | None = None
    row_group: Annotated[int, Field(ge=1_000, le=10_000_000)] = 128 * 1024

    @model_validator(mode="after")
    def _codec_has_level(self) -> "Parquet":
        if self.level is not None and self.compression not in _LEVELS:
            raise ValueError(f"{self.compression} has no `level`")
        if self.level is not None:
            least, most = _LEVELS[self.compression]
            if not least <= self.level <= most:
                raise ValueError(f"`level` of {self.compression} is {least} to {most}")
        return self

    @property
    def used_level(self) -> int | None:
        """The level as said; else 1 of zstd, and what Polars takes of others."""
        return _ZSTD_LEVEL if self.level is None and self.compression == "zstd" else self.level


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
