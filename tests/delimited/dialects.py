"""Made-up files in ten dialects, and an independent reading of them."""

import gzip
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

Cell = str | None  # None where nothing stands between two separators
Rows = list[list[Cell]]


@dataclass(frozen=True)
class Made:
    """A dialect as rules say it, and how a file of it is made.

    Attributes:
        csv: the section `csv:`.
        ending: of the file.
        line_end: after each record.
        always: whether all cells stand in quotes.
        mark: what stands at the beginning of the file.
    """

    csv: dict[str, Any] = field(default_factory=dict)
    ending: str = ".csv"
    line_end: str = "\n"
    always: bool = False
    mark: bytes = b""

    @property
    def separator(self) -> str:
        """Between cells."""
        default = "\t" if ".tsv" in self.ending else ","
        return str(self.csv.get("separator", default))

    @property
    def quote(self) -> str | None:
        """Around cells."""
        quote = self.csv.get("quote", '"')
        return None if quote is None else str(quote)

    @property
    def encoding(self) -> str:
        """Of the text."""
        return str(self.csv.get("encoding", "utf-8"))


DIALECTS = {
    "plain": Made(),
    "windows": Made(line_end="\r\n", mark=b"\xef\xbb\xbf"),
    "all in quotes": Made(always=True),
    "german": Made({"separator": ";", "encoding": "cp1252", "decimal": ","}, line_end="\r\n"),
    "tabs": Made(ending=".tsv"),
    "no quotes": Made({"separator": "|", "quote": None}),
    "single quotes": Made({"quote": "'"}),
    "no header": Made({"header": False, "names": ["a", "b", "c"]}),
    "utf-16, gzip": Made({"encoding": "utf-16"}, ending=".csv.gz"),
    "nulls, zstd": Made({"nulls": ["\\N"]}, ending=".csv.zst"),
}
NAMES = ["a", "b", "c"]
WORDS = (
    "007", "1.0", "1e5", " x ", "NA", "null", "nan", "true", "2024-01-01", "1-2-3", "0", "-0",
    "Zoë", '5" pipe', "O'Neil", '"all"', "a,b", "a;b", "a|b", "a\tb", "two\nlines", "two\r\nlines",
    "#", "\\N", "9007199254740993", "1,5", "=1+1", "\ufeff", "",
)  # fmt: skip


def drawn(seed: int, made: Made) -> Rows:
    """Rows of three cells as a dialect can hold them; an empty cell is None."""
    chance = random.Random(seed)
    rows = [
        [chance.choice([None, *WORDS, str(chance.random())]) for _ in NAMES]
        for _ in range(chance.choice([0, 1, 3, 40]))
    ]
    return [[_fitting(cell, made) for cell in row] for row in rows]


def _fitting(cell: Cell, made: Made) -> Cell:
    if cell is not None and made.encoding == "cp1252":
        cell = cell.replace("\ufeff", "€")
    if made.quote is None and (not cell or set(cell) & {made.separator, "\n", "\r"}):
        return None
    nulls = made.csv.get("nulls", [])
    return None if cell in nulls else "" if cell is None and nulls else cell


def write(rows: Rows, path: Path, made: Made) -> None:
    """The rows in a file of the dialect, by a writer that shares nothing with the library."""
    nulls = made.csv.get("nulls", [])
    head: Rows = [] if made.csv.get("header") is False else [list(NAMES)]
    lines = [made.separator.join(_cell(cell, made, nulls) for cell in row) for row in head + rows]
    text = "".join(line + made.line_end for line in lines)
    content = made.mark + text.encode(made.encoding)
    if made.ending.endswith(".gz"):
        path.write_bytes(gzip.compress(content))
    elif made.ending.endswith(".zst"):
        with pa.CompressedOutputStream(str(path), "zstd") as out:
            out.write(content)
    else:
        path.write_bytes(content)


def _cell(cell: Cell, made: Made, nulls: list[str]) -> str:
    if cell is None:
        return nulls[0] if nulls else ""
    if made.quote is None:
        return cell
    special = {made.separator, made.quote, "\n", "\r"}
    if cell and not made.always and not set(cell) & special and "\ufeff" not in cell:
        return cell
    return made.quote + cell.replace(made.quote, made.quote * 2) + made.quote


def read(path: Path, made: Made) -> Rows:
    """The rows after the header, by a reader that shares nothing with the library."""
    content = path.read_bytes()
    if made.ending.endswith(".gz"):
        content = gzip.decompress(content)
    if made.ending.endswith(".zst"):
        with pa.CompressedInputStream(pa.BufferReader(content), "zstd") as stored:
            content = stored.read()
    rows = list(_records(content.decode(made.encoding), made))
    return rows if made.csv.get("header") is False else rows[1:]


def _records(text: str, made: Made) -> Any:
    """Character by character, as RFC 4180 says; an empty cell without quotes is None."""
    nulls = made.csv.get("nulls", [])
    place, row = 0, []
    while place < len(text):
        quoted = text[place] == made.quote
        cell, place = (
            _quoted(text, place, made.quote or "") if quoted else _plain(text, place, made)
        )
        known = cell in nulls if nulls else not cell
        row.append(None if known and not quoted else cell)
        if text.startswith(made.separator, place):
            place += 1
            if place == len(text) or text[place] in "\r\n":
                row.append(None if not nulls else "")
        if place == len(text) or text[place] in "\r\n":
            yield row
            row = []
            place += 2 if text.startswith("\r\n", place) else 1


def _plain(text: str, place: int, made: Made) -> tuple[str, int]:
    end = place
    while end < len(text) and text[end] not in {made.separator, "\n", "\r"}:
        end += 1
    return text[place:end], end


def _quoted(text: str, place: int, quote: str) -> tuple[str, int]:
    cell, place = "", place + 1
    while True:
        end = text.index(quote, place)
        cell += text[place:end]
        if not text.startswith(quote * 2, end):
            return cell, end + 1
        cell, place = cell + quote, end + 2
