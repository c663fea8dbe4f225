"""One file of delimited text, record by record; what is malformed is an error with its line."""

import codecs
import csv
import io
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.delimited.dialect import COMPRESSED, Dialect
from anonymizer.errors import FileError
from anonymizer.storage import Address, ending_of, opened, told

_BLANK: Final = ": it is blank, and rows follow: take it out"
_BLOCK: Final = 16 * 2**20  # bytes that are parsed at once
_LONGEST_RECORD: Final = 64 * 2**20  # bytes; what is longer has lost a quote
_BOM: Final = codecs.BOM_UTF8
_NEWLINE: Final = b"\n"
NOT_UTF8: Final = "is not UTF-8: say its `encoding` under `csv:`"
NO_HEADER: Final = "without a header, say `names` under `csv:`; `header: true` if this is one"
# What looks like data in the place of a header: a number, a date, a time, an e-mail address.
_LIKE_DATA: Final = re.compile(r"(?=.*\d)[\s\d.,:;/+\-TZ]*|[^@\s]+@[^@\s]+\.[^@\s]+")
_SEPARATORS: Final = {";": ";", ",": ",", "\t": r"\t", "|": "|"}  # → as one writes it
PACKED: Final = {b"\x1f\x8b": ".gz", b"\x28\xb5\x2f\xfd": ".zst"}  # how such a file begins → ends
_IN_QUOTES: Final = secrets.token_hex(8)  # after a word for null that stands in quotes: it is text


_APOSTROPHES: Final = re.compile(r"^'[^']+'(?:[,;\t|]'|$)")  # around the first name
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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
            raise FileError(
                f"{told(self.file)}: is empty: expected a header, or `names` under `csv:`"
            )
        return self._header(first)

    def _first(self) -> list[str] | None:
        """The fields of the first record; None where there is none."""
        block = next(self._records(), None)
        if block is None:
            return None
        end = _end_of_first(block.content, self._quote)
        try:
            line = block.content[:end].decode().rstrip("\r\n")
            return next(csv.reader([line], **self._parsing), []) or [""]
        except UnicodeDecodeError:
            raise self.error(1, NOT_UTF8) from None
        except csv.Error:
            raise self.error(1, "its lines end in CR alone: write them with LF or CRLF") from None

    def _header(self, names: list[str]) -> list[str]:
        """The names in the first line, unless it may be data: then none is told."""
        if names == [""]:
            raise self.error(1, "is blank: expected a header, or `names` under `csv:`")
        if names[0].lower().startswith("sep="):
            raise self.error(1, "says the separator to Excel alone: take this line out")
        may_be = len(names) == 1 and self.dialect.header is None
        if may_be and (likely := self._other_separator()):
            way = f'it looks like `separator: "{likely}"` under `csv:`, or in `--csv`'
            raise self.error(1, f"has one column; {way}; say `header: true` if that is its name")
        for number, name in enumerate(names, 1):
            if not name.strip() or names.index(name) < number - 1:
                raise self.no_header(number, "is no name, or there twice")
            if self.dialect.header is None and _LIKE_DATA.fullmatch(name):
                raise self.no_header(number, "looks like data")
        return names

    def _other_separator(self) -> str | None:
        """What separates the first two records into as many fields, where the first is one now."""
        text = next(self._records()).content.decode(errors="replace")
        for mark, written in _SEPARATORS.items():
            reader = csv.reader(
                io.StringIO(text, newline=""), **self._parsing | {"delimiter": mark}
            )
            with suppress(csv.Error):
                widths = {len(record) for record in islice(filter(None, reader), 2)}
                if len(widths) == 1 and widths != {1}:
                    return written
        return None

    def likely(self) -> Dialect:
        """The dialect, but for an encoding, quote or separator under which it cannot be meant.

        For proposals that somebody reads: what is masked is read as it is said.
        """
        encoding = _likely_encoding(next(self._bytes()), self.dialect.encoding)
        if encoding != self.dialect.encoding:
            return self.with_options(encoding=encoding).likely()
        first = None if self.dialect.names else self._first()
        if first and _APOSTROPHES.search(",".join(first)):
            return self.with_options(quote="'").likely()
        may_be = first is not None and len(first) == 1 and self.dialect.header is None
        written = self._other_separator() if may_be else None
        marks = [mark for mark, each in _SEPARATORS.items() if each == written]
        return self.with_options(separator=marks[0]).dialect if marks else self.dialect

    def with_options(self, **options: Any) -> "TextFile":
        """The file, read with other options."""
        return replace(self, dialect=self.dialect.model_copy(update=options))

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

    def no_header(self, field: int, what: str) -> FileError:
        """An error of a first line that may be data, so that nothing of it is told."""
        return self.error(1, f"field {field} {what}: {NO_HEADER}")

    def error(self, line: int, what: str) -> FileError:
        """An error that names a line."""
        return FileError(f"{told(self.file)}, line {line:,}: {what}")

    # --- records -----------------------------------------------------------------------------

    def _records(self) -> Iterator[_Block]:
        """The file in blocks of whole records; a record ends where no quote is open."""
        kept, line = b"", 1
        for part in self._text():
            kept += part
            end = _end_of_last(kept, self._quote)
            if not end and len(kept) > _LONGEST_RECORD:
                what = "a quote that opens here or below is not closed"
                raise self.error(line, what if _NEWLINE in kept else f"{what}, or LF ends no line")
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
            if first and (ending := next((PACKED[b] for b in PACKED if part.startswith(b)), "")):
                raise FileError(f"{told(self.file)}: is compressed: its name must end in {ending}")
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
        except OSError as error:
            kind = type(error).__name__
            raise FileError(f"{told(self.file)}: cannot be read or decompressed ({kind})") from None
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

    def line_of(self, row: int) -> int:
        """The line in which a row begins; rows count from 0."""
        for block in self._data():
            line = block.line
            reader = csv.reader(io.StringIO(block.content.decode(), newline=""), **self._parsing)
            for _ in reader:
                if row == 0:
                    return line
                row, line = row - 1, block.line + reader.line_num
        return 1  # pragma: no cover (the row was read before)

    def _parsed(self, block: _Block, names: list[str]) -> pl.DataFrame:
        content = block.content
        self._require_quotes(block)
        if content.startswith(_BOM):
            content = _BOM + content  # Polars takes off one, wherever a block begins
        nulls = self.dialect.nulls
        content, is_marked = self._with_marked_words(content)
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
        return frame.with_columns(pl.all().str.strip_suffix(_IN_QUOTES)) if is_marked else frame

    def _with_marked_words(self, content: bytes) -> tuple[bytes, bool]:
        """The records, with a mark where a word for null stands in quotes; and if there is one.

        A word in quotes is text, and Polars takes it for null.
        """
        quote, around = self._quote, re.escape(self._separator.encode())
        words = [quote + null.encode() for null in self.dialect.nulls if null and quote]
        if not any(word + quote in content for word in words):
            return content, False
        # Inside a cell quotes are doubled, so that this finds whole cells alone.
        either = b"|".join(map(re.escape, words))
        cell = rb"(?m)(?:^|(?<=%s))(%s)(?=%s(?:%s|\r?$))" % (
            *(around, either, re.escape(quote), around),
        )
        return re.sub(cell, rb"\g<1>" + _IN_QUOTES.encode(), content), True

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
            return self.error(line, NOT_UTF8)
        reader, before = csv.reader(io.StringIO(text, newline=""), **self._parsing), 0
        with suppress(csv.Error):
            for record in reader:
                if len(record) != width and not (width == 1 and not record):
                    counted = f"{len(record)} of {width} fields{_BLANK * (not record)}"
                    return self.error(block.line + before, counted)
                before = reader.line_num
        return self.error(block.line + before, "here or below, it cannot be read as CSV")


def _decompressed(stored: Any, ending: str) -> Any:
    if ending not in COMPRESSED:
        return stored
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    return pa.CompressedInputStream(pa.PythonFile(stored, "r"), COMPRESSED[ending])


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


def _likely_encoding(content: bytes, encoding: str) -> str:
    """The encoding that is said, or another one where the content is none of it."""
    if content.startswith(_UTF16):
        return "utf-16"
    for each in (encoding, "cp1252"):
        with suppress(UnicodeError):
            codecs.getincrementaldecoder(each)().decode(content)
            return each
    return encoding
