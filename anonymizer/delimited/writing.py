"""Frames as delimited text of a dialect."""

import codecs
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from anonymizer.delimited.dialect import COMPRESSED, Dialect
from anonymizer.errors import DataError
from anonymizer.storage import ending_of

_IN_QUOTES: Final = secrets.token_hex(8)  # after text that must stand in quotes, until it does
_EMPTY: Final = secrets.token_hex(8)  # for text without a character, which Polars writes in quotes
_BLOCK: Final = 16 * 2**20  # characters that are written at once


def write_text(
    lazy: pl.LazyFrame, target: Any, path: Path, dialect: Dialect, part: str = "", **options: Any
) -> None:
    """Stream a frame into delimited text of a dialect.

    Args:
        lazy: what to write.
        target: where to, as `sink_csv` takes it.
        path: the file or folder that comes of it; endings give separator and compression.
        dialect: how to write it.
        part: how files in a folder end.
        options: of `sink_csv`.

    Raises:
        DataError: a character is not in the encoding, a cell would need quotes and has none, or a
            number is written as null is.
    """
    plain = dialect.encoding == "utf-8" and not dialect.nulls
    name = path / f"0{part}" if path.is_dir() else path
    packed, separator = COMPRESSED.get(ending_of(name), "uncompressed"), dialect.between(name)
    options |= {
        "separator": separator,
        "quote_char": dialect.quote or '"',
        "quote_style": "necessary" if dialect.quote else "never",
        "null_value": dialect.nulls[0] if dialect.nulls else None,
        "include_header": dialect.has_header,
        "decimal_comma": dialect.decimal == ",",
        "compression": packed if plain else "uncompressed",
        "check_extension": False,
    }
    if dialect.quote is None or dialect.nulls:
        lazy = lazy.cast({pl.Categorical: pl.String, pl.Enum: pl.String})
        lazy = lazy.map_batches(_Writable(dialect, separator), streamable=True)
    lazy.sink_csv(target, **options)
    files = [path] if path.is_file() else _named_parts(path, part)
    for file in [] if plain else files:
        _recode(file, dialect.encoding, f"{separator}{_IN_QUOTES}")


def _named_parts(folder: Path, part: str) -> list[Path]:
    """The files in a folder, once they end as they should."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file.rename(file.with_suffix(part)) for file in files]


@dataclass(frozen=True)
class _Writable:
    """Lets frames pass whose cells can be written in a dialect, so that they are read as they were.

    Text that is a word for null must stand in quotes: a separator after it makes sure of that.
    """

    dialect: Dialect
    separator: str

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame.

        Raises:
            DataError: text would need quotes and has none, or a number is written as null is;
                names the column.
        """
        special = f"[\r\n{re.escape(self.separator)}]"
        nulls = self.dialect.nulls or [""]
        numbers = [null.replace(self.dialect.decimal, ".") for null in nulls]
        for column in frame:
            is_text = column.dtype == pl.String
            if is_text and self.dialect.quote:
                continue
            cells = column.cast(pl.String, strict=False)
            if is_text and cells.str.contains(special).any():
                what = "a cell holds the separator or a line break: give a `quote`"
                raise DataError(f"{column.name}: {what}")
            if cells.is_in(nulls if is_text else numbers).any():
                what = "a value would be read as null: give other `nulls` under `csv:`"
                raise DataError(f"{column.name}: {what}")
        text = pl.col(pl.String)
        in_quotes = text + f"{self.separator}{_IN_QUOTES}"
        marked = pl.when(text.is_in(nulls)).then(in_quotes)
        empty = text == "" if frame.width > 1 and "" not in nulls else pl.lit(value=False)
        return frame.with_columns(marked.when(empty).then(pl.lit(_EMPTY)).otherwise(text))


def _recode(file: Path, encoding: str, mark: str) -> None:
    """The file in an encoding, without a mark, and compressed where its ending says so."""
    target = file.with_name(f"{file.name}.recoded")
    packed = ending_of(file)
    try:
        with file.open(encoding="utf-8", newline="") as plain, _packing(target, packed) as out:
            writer = codecs.getincrementalencoder(encoding)()
            while part := plain.read(_BLOCK) + plain.readline():  # a mark is inside a line
                out.write(writer.encode(part.replace(mark, "").replace(_EMPTY, "")))
    except UnicodeEncodeError:
        raise DataError(f"the output has characters that {encoding} lacks: write utf-8") from None
    target.replace(file)


def _packing(file: Path, ending: str) -> Any:
    if ending not in COMPRESSED:
        return file.open("wb")
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    return pa.CompressedOutputStream(str(file), COMPRESSED[ending])
