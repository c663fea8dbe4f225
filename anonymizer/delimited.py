"""Delimited text (CSV, TSV): read as the text it is, record by record, in any dialect.

A column is text, character by character. Types are said by whoever reads, or, for learning, must
fit every cell; nothing is read off some of the rows. What is malformed is an error that gives the
line, and never a cell.
"""

import codecs
import csv
import gzip
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from anonymizer.errors import DataError, FileError
from anonymizer.frames import collect, is_pattern
from anonymizer.storage import Address, ending_of, opened

CsvType: TypeAlias = Literal[
    "text", "integer", "float", "boolean", "date", "datetime", "datetime_utc"
]
Types: TypeAlias = Mapping[str, CsvType]

COMPRESSED: Final = {".gz": "gzip", ".zst": "zstd"}
_BLOCK: Final = 16 * 2**20  # bytes that are parsed at once
_LONGEST_RECORD: Final = 64 * 2**20  # bytes; what is longer has lost a quote
_BOM: Final = codecs.BOM_UTF8
_NEWLINE: Final = b"\n"
# What looks like data in the place of a header: a number, a date, an e-mail address, nothing.
_LIKE_DATA: Final = re.compile(r"[\s\d.,:;/+\-TZ]*|[^@\s]+@[^@\s]+\.[^@\s]+")
_Char = Annotated[str, Field(min_length=1, max_length=1, pattern=r"^[\x01-\x09\x0b\x0c\x0e-\x7f]$")]


class Dialect(BaseModel):
    """How CSV files are written, those that are read and those that are made of them.

    Attributes:
        separator: between cells; a comma, or a tab in files that end in `.tsv`.
        quote: around cells that hold a separator, a quote or a line break; `null` where none is.
        header: whether the first line holds the names; `true` also where they look like data.
        names: of the columns, in their order; without `header: true` there is no header.
        encoding: of the text, such as `cp1252` or `utf-16`.
        decimal: the mark before the decimals of numbers.
        nulls: cells that stand for null, the first where null is written. An empty cell without
            quotes is null where this is left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    separator: _Char | None = None
    quote: _Char | None = '"'
    header: bool | None = None
    names: list[Annotated[str, Field(min_length=1)]] | None = Field(default=None, min_length=1)
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    nulls: list[str] = Field(default_factory=list)

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            "".encode(value)
        except (LookupError, UnicodeError):
            raise ValueError("Python knows no such encoding") from None
        return codecs.lookup(value).name

    @model_validator(mode="after")
    def _makes_sense(self) -> "Dialect":
        if self.names and len(set(self.names)) < len(self.names):
            raise ValueError("a name stands in `names` twice")
        if self.header is False and not self.names:
            raise ValueError("`header: false` needs `names`, those of the columns in their order")
        if self.separator is not None and self.separator == self.quote:
            raise ValueError("`separator` and `quote` are the same")
        return self

    @property
    def has_header(self) -> bool:
        """Whether the first line is no data."""
        return self.names is None if self.header is None else self.header

    def between(self, file: Address) -> str:
        """The separator of one file."""
        return self.separator or ("\t" if ".tsv" in _endings(file) else ",")

    def of_output(self, names: Sequence[str]) -> "Dialect":
        """The dialect of what is written: a header where there was one, else these names."""
        header = self.has_header
        names_ = None if header else list(names)
        return self.model_copy(update={"header": header, "names": names_})


def _endings(file: Address) -> str:
    return "".join(re.findall(r"\.\w+", str(file).lower().rpartition("/")[2])[-2:])


class _Block(NamedTuple):
    """Whole records in UTF-8, and where they stand in the file."""

    content: bytes
    line: int  # of the first record, from 1


@dataclass(frozen=True)
class TextFile:
    """One file of delimited text.

    Attributes:
        file: where it lies.
        dialect: how it is written.
    """

    file: Address
    dialect: Dialect

    @cached_property
    def names(self) -> list[str]:
        """The names of the columns.

        Raises:
            FileError: there is none, or the first line does not look like a header.
        """
        first = self._first()
        if self.dialect.names is not None:
            if first is not None and len(first) != len(self.dialect.names):
                named = len(self.dialect.names)
                raise self.error(1, f"{len(first)} fields for {named} `names`")
            return self.dialect.names
        if first is None:
            raise FileError(f"{self.file}: is empty: expected a header, or `names` under `csv:`")
        return self._header(first)

    def _first(self) -> list[str] | None:
        """The fields of the first record; None where there is none."""
        block = next(self._records(), None)
        if block is None:
            return None
        end = _end_of_first(block.content, self._quote)
        line = block.content[:end].decode(errors="replace").rstrip("\r\n")
        return next(csv.reader([line], **self._parsing), [""])

    def _header(self, names: list[str]) -> list[str]:
        """The names in the first line, unless it may be data: then none is told."""
        way = "say `header: false` or `names` under `csv:`; `header: true` if it is one"
        for number, name in enumerate(names, 1):
            if not name.strip() or names.index(name) < number - 1:
                raise self.error(1, f"field {number} is no name, or there twice: {way}")
            if self.dialect.header is None and _LIKE_DATA.fullmatch(name):
                raise self.error(1, f"field {number} looks like data, not like a header: {way}")
        return names

    @property
    def _parsing(self) -> dict[str, Any]:
        quoting = csv.QUOTE_NONE if self.dialect.quote is None else csv.QUOTE_MINIMAL
        return {"delimiter": self._separator, "quotechar": self.dialect.quote, "quoting": quoting}

    @property
    def _separator(self) -> str:
        return self.dialect.between(self.file)

    @property
    def _quote(self) -> bytes:
        return (self.dialect.quote or "").encode()

    def error(self, line: int, what: str) -> FileError:
        """An error that names a line."""
        return FileError(f"{self.file}, line {line:,}: {what}")

    # --- records -----------------------------------------------------------------------------

    def _records(self) -> Iterator[_Block]:
        """The file in blocks of whole records; a record ends where no quote is open."""
        kept, line = b"", 1
        for part in self._text():
            kept += part
            end = _end_of_last(kept, self._quote)
            if not end and len(kept) > _LONGEST_RECORD:
                raise self.error(line, "a quote that opens here or below is not closed")
            if end:
                yield _Block(kept[:end], line)
                line += kept.count(_NEWLINE, 0, end)
                kept = kept[end:]
        if kept:
            yield _Block(kept, line)

    def _text(self) -> Iterator[bytes]:
        """The content in UTF-8, without a mark of the byte order."""
        decoder = codecs.getincrementaldecoder(self.dialect.encoding)()
        plain, first, line = self.dialect.encoding == "utf-8", True, 1
        for part in self._bytes():
            try:
                text = part if plain else decoder.decode(part, final=not part).encode()
            except UnicodeError as error:
                line += part.count(_NEWLINE, 0, getattr(error, "start", 0))
                raise self.error(line, f"is not {self.dialect.encoding}") from None
            line += text.count(_NEWLINE)
            yield text.removeprefix(_BOM) if first else text
            first = False

    def _bytes(self) -> Iterator[bytes]:
        """The content as it was before compression; at last, nothing."""
        try:
            with opened(self.file) as stored, _decompressed(stored, ending_of(self.file)) as plain:
                while part := plain.read(_BLOCK):
                    yield part
        except (OSError, EOFError) as error:
            kind = type(error).__name__
            raise FileError(f"{self.file}: cannot be read or decompressed ({kind})") from None
        yield b""

    def _data(self) -> Iterator[_Block]:
        """The records after the header."""
        header = self.dialect.has_header
        for block in self._records():
            start = _end_of_first(block.content, self._quote) if header else 0
            skipped = block.content.count(_NEWLINE, 0, start)
            header = False
            if len(block.content) > start:
                yield _Block(block.content[start:], block.line + skipped)

    # --- cells -------------------------------------------------------------------------------

    def frames(self) -> Iterator[pl.DataFrame]:
        """The rows as text, block by block.

        Raises:
            FileError: a line is malformed.
        """
        names = self.names
        for block in self._data():
            if len(names) == 1 or block.content.strip(b"\r\n"):
                yield self._parsed(block, names)

    def _parsed(self, block: _Block, names: list[str]) -> pl.DataFrame:
        content = block.content
        self._require_quotes(block)
        if content.startswith(_BOM):
            content = _BOM + content  # Polars takes off one, wherever a block begins
        nulls = self.dialect.nulls
        try:
            frame = pl.read_csv(
                content,
                has_header=False,
                schema=dict.fromkeys(names, pl.String),
                separator=self._separator,
                quote_char=self.dialect.quote,
                null_values=[null for null in nulls if null] or None,
                empty_string_is_null=not nulls or "" in nulls,
            )
        except pl.exceptions.PolarsError:
            raise self._malformed(block, len(names)) from None
        if self._separators(content, frame) != frame.height * (len(names) - 1):
            raise self._malformed(block, len(names))
        return frame

    def _separators(self, content: bytes, frame: pl.DataFrame) -> int:
        """How many separators stand between cells, and not inside them."""
        separator = self._separator
        found = content.count(separator.encode())
        if not self._quote or self._quote not in content:
            return found
        inside = frame.select(pl.all().str.count_matches(separator, literal=True).sum())
        return found - sum(count or 0 for count in inside.row(0))

    def _require_quotes(self, block: _Block) -> None:
        """Refuse quotes that neither open, close nor double one inside a cell in quotes."""
        if not self._quote or self._quote not in block.content:
            return
        position = _misplaced_quote(block.content, self._quote, self._separator.encode())
        if position is not None:
            line = block.line + block.content.count(_NEWLINE, 0, position)
            way = "`quote: null` under `csv:` takes quotes as they are"
            raise self.error(line, f"a quote is out of place or not closed; {way}")

    def _malformed(self, block: _Block, width: int) -> FileError:
        """The error of the first line of a block that is at fault."""
        try:
            text = block.content.decode()
        except UnicodeDecodeError as error:
            line = block.line + block.content.count(_NEWLINE, 0, error.start)
            return self.error(line, "is not UTF-8: say its `encoding` under `csv:`")
        reader, before = csv.reader(io.StringIO(text, newline=""), **self._parsing), 0
        with suppress(csv.Error):
            for record in reader:
                if len(record) != width and not (width == 1 and not record):
                    counted = f"{len(record)} fields instead of {width}"
                    return self.error(block.line + before, counted)
                before = reader.line_num
        return self.error(block.line + before, "here or below, it cannot be read as CSV")


def _decompressed(stored: Any, ending: str) -> Any:
    if ending == ".gz":
        return gzip.GzipFile(fileobj=stored)
    if ending == ".zst":
        import pyarrow as pa  # noqa: PLC0415 (slow to import)

        return pa.CompressedInputStream(pa.PythonFile(stored, "r"), "zstd")
    return io.BufferedReader(stored) if isinstance(stored, io.RawIOBase) else stored


def _end_of_last(content: bytes, quote: bytes) -> int:
    """Where the last whole record ends: after the last line break outside quotes; 0 if none."""
    end = content.rfind(_NEWLINE) + 1
    total = content.count(quote) if quote else 0
    while end and quote and (total - content.count(quote, end)) % 2:
        end = content.rfind(_NEWLINE, 0, end - 1) + 1
    filled = len(content[:end].rstrip(b"\r\n"))  # blank lines may be the end of the file
    return content.find(_NEWLINE, filled, end) + 1 if filled else 0


def _end_of_first(content: bytes, quote: bytes) -> int:
    """Where the first record ends."""
    end = content.find(_NEWLINE) + 1
    while end and quote and content.count(quote, 0, end) % 2:
        end = content.find(_NEWLINE, end) + 1
    return end or len(content)


def _misplaced_quote(content: bytes, quote: bytes, separator: bytes) -> int | None:
    """The position of the first quote that breaks RFC 4180, or None; a record begins the content.

    Quotes open and close in turn. One that opens follows a separator, a line break or, where two
    stand for one, the quote that closed; one that closes is followed by them.
    """
    padded = np.frombuffer(_NEWLINE + content + _NEWLINE, dtype=np.uint8)
    places = np.flatnonzero(padded == quote[0])
    around = np.zeros(256, dtype=np.bool_)
    around[[quote[0], separator[0], _NEWLINE[0]]] = True
    wrong = np.concatenate(
        [
            places[::2][~around[padded[places[::2] - 1]]],
            places[1::2][~(around | (np.arange(256) == ord("\r")))[padded[places[1::2] + 1]]],
            places[-1:] if len(places) % 2 else places[:0],
        ]
    )
    return int(wrong.min()) - 1 if len(wrong) else None


# --- types ---------------------------------------------------------------------------------------

_DTYPES: Final[Mapping[CsvType, pl.DataType]] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "float": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "datetime_utc": pl.Datetime("us", "UTC"),
}
_ISO_DAY: Final = r"\d{4}-\d\d-\d\d"
_ISO_TIME: Final = r"[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?"
# How all cells of a column must be written to be of a type where nobody says one. 00501, 12E5 and
# 9007199254740993 are rather codes, and would be altered as numbers.
_WRITTEN: Final[Mapping[CsvType, str]] = {
    "integer": r"^-?(0|[1-9]\d{0,17})$",
    "float": r"^([+-]?((0|[1-9]\d{0,14})?MARK\d+([eE][+-]?\d+)?"
    r"|(0|[1-9]\d{0,14})(MARK|[eE][+-]\d+)?)|-?inf|NaN)$",
    "boolean": "^(true|false|True|False|TRUE|FALSE)$",
    "date": f"^{_ISO_DAY}$",
    "datetime": f"^{_ISO_DAY}{_ISO_TIME}$",
    "datetime_utc": f"^{_ISO_DAY}{_ISO_TIME}(Z|[+-]\\d\\d:?\\d\\d)$",
}


def _typed(text: pl.Expr, type_: CsvType, decimal: str) -> pl.Expr:
    """Text as another type; null where it is none."""
    match type_:
        case "float" if decimal != ".":
            text = text.str.replace(decimal, ".", literal=True)
        case "boolean":
            return text.str.to_lowercase().replace_strict(
                {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
            )
        case "date":
            return text.str.to_date("%Y-%m-%d", strict=False)
        case "datetime" | "datetime_utc":
            return _moments(text, type_)
    return text.cast(_DTYPES[type_], strict=False)


def _moments(text: pl.Expr, type_: CsvType) -> pl.Expr:
    text = text.str.replace(" ", "T", literal=True)
    zone = "%#z" if type_ == "datetime_utc" else ""
    forms = (f"%Y-%m-%dT%H:%M:%S%.f{zone}", f"%Y-%m-%dT%H:%M{zone}")
    dtype = _DTYPES[type_]
    read = [text.str.to_datetime(form, strict=False, time_unit="us") for form in forms]
    return pl.coalesce(read).cast(dtype)


# --- the rows of several files -------------------------------------------------------------------


def scan_text(
    files: Sequence[TextFile], names: Sequence[str], types: Types, paths: str | None = None
) -> pl.LazyFrame:
    """A LazyFrame over the rows of files, which are read each time it is collected.

    Args:
        files: one after the other, with the same columns.
        names: the columns.
        types: of those that are not text.
        paths: the column that says which file a row is from; None for no such column.
    """
    schema = {name: _DTYPES[types.get(name, "text")] for name in names}
    schema |= {paths: pl.String()} if paths else {}
    names, empty = list(schema), pl.DataFrame(schema=schema)

    def rows(
        columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        left = limit
        for part in chain([empty], *(_typed_frames(file, types, paths) for file in files)):
            whole = part[names] if predicate is None else part[names].filter(predicate)
            whole = whole if left is None else whole.head(left)
            yield whole if columns is None else whole[columns]
            left = None if left is None else left - len(whole)
            if left == 0:
                return

    return register_io_source(rows, schema=pl.Schema(schema), is_pure=True)


def _typed_frames(file: TextFile, types: Types, paths: str | None) -> Iterator[pl.DataFrame]:
    rows = 0
    for part in file.frames():
        typed = _with_types(part, types, file, rows)
        yield typed.with_columns(pl.lit(str(file.file)).alias(paths)) if paths else typed
        rows += len(part)


def _with_types(part: pl.DataFrame, types: Types, file: TextFile, rows: int) -> pl.DataFrame:
    """The rows with some columns as other types; an empty cell is null there.

    Raises:
        FileError: a cell is not of the type; names the column and the row, from 1.
    """
    wanted = {name: type_ for name, type_ in types.items() if name in part.columns}
    wanted = {name: type_ for name, type_ in wanted.items() if type_ != "text"}
    decimal = file.dialect.decimal
    typed = part.with_columns(
        _typed(pl.col(name), type_, decimal).alias(name) for name, type_ in wanted.items()
    )
    for name, type_ in wanted.items():
        wrong = typed[name].is_null() & part[name].is_not_null() & (part[name] != "")
        if wrong.any():
            row = rows + (wrong.arg_max() or 0) + 1
            raise FileError(f"{file.file}: column {name!r}, row {row:,}: this is no {type_}")
    return typed


def types_in(lazy: pl.LazyFrame, decimal: str) -> dict[str, CsvType]:
    """The type that every cell of a column of text is written in; text where there is none."""
    names = [name for name in lazy.collect_schema().names() if not is_pattern(name)]
    tests = []
    for place, name in enumerate(names):
        cells = pl.when(pl.col(name) != "").then(pl.col(name))
        tests.append((cells.count() > 0).alias(f"{place} text"))
        for type_, pattern in _WRITTEN.items():
            mark = "," if decimal == "," else r"\."
            tests.append(
                cells.str.contains(pattern.replace("MARK", mark)).all().alias(f"{place} {type_}")
            )
    found = collect(lazy.select(tests)).row(0, named=True)
    return {
        name: next((type_ for type_ in _WRITTEN if found[f"{place} {type_}"]), "text")
        for place, name in enumerate(names)
        if found[f"{place} text"]
    }


# --- writing -------------------------------------------------------------------------------------


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
    _writable(lazy, dialect, dialect.between(path)).sink_csv(
        target,
        separator=dialect.between(path),
        quote_char=dialect.quote or '"',
        quote_style="necessary" if dialect.quote else "never",
        null_value=dialect.nulls[0] if dialect.nulls else None,
        include_header=dialect.has_header,
        decimal_comma=dialect.decimal == ",",
        compression=packed if plain else "uncompressed",
        check_extension=False,
        **options,
    )
    for file in [] if plain else [path] if path.is_file() else _files_below(path):
        _recode(file, dialect.encoding)


def _files_below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def _writable(lazy: pl.LazyFrame, dialect: Dialect, separator: str) -> pl.LazyFrame:
    """The frame; where nothing is quoted, it fails at a cell that would need it."""
    if dialect.quote is not None:
        return lazy
    return lazy.map_batches(_Unquoted(separator), streamable=True, no_optimizations=True)


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
    if ending == ".gz":
        return gzip.open(file, "wb")
    if ending == ".zst":
        import pyarrow as pa  # noqa: PLC0415 (slow to import)

        return pa.CompressedOutputStream(str(file), "zstd")
    return file.open("wb")
