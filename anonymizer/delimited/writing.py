"""Frames as delimited text of a dialect."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from anonymizer.delimited.dialect import COMPRESSED, Dialect
from anonymizer.errors import DataError
from anonymizer.storage import ending_of

_BLOCK: Final = 16 * 2**20  # characters that are written at once


def write_text(
    lazy: pl.LazyFrame, target: Any, path: Path, dialect: Dialect, **options: Any
) -> None:
    """Stream a frame into delimited text of a dialect.

    Args:
        lazy: what to write.
        target: where to, as `sink_csv` takes it.
        path: the file or folder that comes of it; the ending of a file gives the compression.
        dialect: how to write it.
        options: of `sink_csv`.

    Raises:
        DataError: a character is not in the encoding, or a cell would need quotes and has none.
    """
    plain = dialect.encoding == "utf-8"
    packed = COMPRESSED.get(ending_of(path), "uncompressed")
    options |= {
        "separator": dialect.between(path),
        "quote_char": dialect.quote or '"',
        "quote_style": "necessary" if dialect.quote else "never",
        "null_value": dialect.nulls[0] if dialect.nulls else None,
        "include_header": dialect.has_header,
        "decimal_comma": dialect.decimal == ",",
        "compression": packed if plain else "uncompressed",
        "check_extension": False,
    }
    _writable(lazy, dialect, dialect.between(path)).sink_csv(target, **options)
    for file in [] if plain else [path] if path.is_file() else _files_below(path):
        _recode(file, dialect.encoding)


def _files_below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def _writable(lazy: pl.LazyFrame, dialect: Dialect, separator: str) -> pl.LazyFrame:
    """The frame; where nothing is quoted, it fails at a cell that would need it."""
    if dialect.quote is not None:
        return lazy
    return lazy.map_batches(_Unquoted(separator), streamable=True)


@dataclass(frozen=True)
class _Unquoted:
    """Lets frames pass in which no text holds a separator or a line break."""

    separator: str

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame.

        Raises:
            DataError: a text does; names the column.
        """
        pattern = f"[\r\n{re.escape(self.separator)}]"
        for name in frame.select(pl.col(pl.String)).columns:
            if frame[name].str.contains(pattern).any():
                raise DataError(
                    f"{name}: a cell holds the separator or a line break: give a `quote`"
                )
        return frame


def _recode(file: Path, encoding: str) -> None:
    """The file in another encoding, and compressed where its ending says so."""
    target = file.with_name(f"{file.name}.recoded")
    packed = ending_of(file)
    try:
        with file.open(encoding="utf-8", newline="") as plain, _packing(target, packed) as out:
            writer = codecs.getincrementalencoder(encoding)()
            while part := plain.read(_BLOCK):
                out.write(writer.encode(part))
    except UnicodeEncodeError:
        raise DataError(f"the output has characters that {encoding} lacks: write utf-8") from None
    target.replace(file)


def _packing(file: Path, ending: str) -> Any:
    if ending not in COMPRESSED:
        return file.open("wb")
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    return pa.CompressedOutputStream(str(file), COMPRESSED[ending])
