"""Masks that look values up in a file of the user: map and hierarchy."""

import csv
from functools import cache, lru_cache
from pathlib import Path
from typing import ClassVar, Self

import polars as pl
from pydantic import Field, field_validator

from anonymizer.errors import FileError
from anonymizer.masking.masks.base import IDENTIFIERS, Column, Mask, TypeFamily, Unmapped
from anonymizer.masking.primitives.bulk.lookup import looked_up_in
from anonymizer.masking.primitives.digest import canonical

Rows = tuple[tuple[str, ...], ...]


@cache
def _rows(path: Path, changed: int) -> Rows:  # noqa: ARG001 (a file that changed is read again)
    """The rows of a CSV; the delimiter is `;` where the first line has one, else `,`.

    Raises:
        FileError: it cannot be read; gives nothing of its content.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise FileError(f"cannot read {path.name}: expected a CSV in UTF-8") from None
    lines = text.splitlines()
    delimiter = ";" if lines and ";" in lines[0] else ","
    return tuple(tuple(row) for row in csv.reader(lines, delimiter=delimiter) if row)


class _Lookup(Mask):
    """What `map` and `hierarchy` have in common: a file of values and replacements.

    Attributes:
        file: a CSV, looked for beside the rule file.
        unmapped: `error` refuses data with values that are not in the file; `null` removes them.
    """

    accepts: ClassVar[frozenset[TypeFamily]] = IDENTIFIERS

    file: Path
    unmapped: Unmapped = "error"

    @field_validator("file", mode="before")
    @classmethod
    def _as_path(cls, value: object) -> object:
        return Path(value) if isinstance(value, str) and value else value

    def with_files_in(self, folder: Path) -> Self:
        """The mask with its file found; reads it once, so that a bad file fails early."""
        mask = self.model_copy(update={"file": folder / self.file})
        _replacements(mask, mask.changed)
        return mask

    @property
    def changed(self) -> int:
        """When the file was written, in nanoseconds; 0 where there is none."""
        return self.file.stat().st_mtime_ns if self.file.is_file() else 0

    def _content(self) -> Rows:
        return _rows(self.file, self.changed)

    def pairs(self) -> dict[str, str]:
        """Value → its replacement, as the file has them."""
        raise NotImplementedError

    def preparation(self, column: Column) -> pl.Expr:
        """The replacement of each value; null for values that are not in the file."""
        text = canonical(column.values, column.dtype)
        values, replacements = _replacements(self, self.changed)
        return looked_up_in(text, values, replacements)

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:
        """Asks the table how many rows have a value that is not in the file."""
        if self.unmapped == "null":
            return None
        lost = column.values.is_not_null() & column.prepared.is_null()
        return frame.select(lost.sum().alias("unmapped"))

    @property
    def transferable(self) -> bool:
        """False: every table is searched for values that are not in the file."""
        return False

    def learned_fault(self, learned: pl.DataFrame) -> str | None:
        """Refuses data with values that are not in the file."""
        count = int(learned["unmapped"].item())
        if not count:
            return None
        return f"{count:,} values are not in {self.file.name}: add them, or say `unmapped: null`"


@lru_cache(maxsize=32)
def _replacements(mask: _Lookup, changed: int) -> tuple[pl.Series, pl.Series]:  # noqa: ARG001 (a file that changed is read again)
    """The values of a file and what they become: made once, as a plan asks for them often."""
    pairs = mask.pairs()
    values, replacements = (
        pl.Series(each, dtype=pl.String) for each in (pairs.keys(), pairs.values())
    )
    return values, replacements


class Map(_Lookup):
    """Values replaced by those beside them in a CSV of two columns, without a header.

    Both are taken without blanks at their ends; whole numbers match however they are stored.

    Attributes:
        file: a CSV, looked for beside the rule file.
        unmapped: `error` refuses data with values that are not in the file; `null` removes them.
    """

    name: ClassVar[str] = "map"

    def pairs(self) -> dict[str, str]:
        """Text of the first column → text of the second column."""
        rows = self._content()
        if any(len(row) != 2 for row in rows):
            raise FileError(f"{self.file.name}: expected two columns: value, replacement")
        pairs = {row[0].strip(): row[1].strip() for row in rows}
        if len(pairs) != len(rows):
            raise FileError(f"{self.file.name}: a value stands there twice")
        return pairs


class Hierarchy(_Lookup):
    """Values generalised along a hierarchy as ARX reads them.

    Each line of the CSV (`;` or `,`) begins with a value; the columns after it are coarser and
    coarser: `47906;4790*;479**;*`.

    Attributes:
        file: a CSV, looked for beside the rule file.
        level: how many columns to go; 1 is the first generalisation.
        unmapped: `error` refuses data with values that are not in the file; `null` removes them.
    """

    name: ClassVar[str] = "hierarchy"

    level: int = Field(ge=1)

    def coarser(self) -> Mask | None:
        """The mask that takes the next column of the file."""
        last = min((len(row) for row in self._content()), default=0) - 1
        return self.model_copy(update={"level": self.level + 1}) if self.level < last else None

    def pairs(self) -> dict[str, str]:
        """Text of the first column → text of the column of the level."""
        rows = self._content()
        if any(len(row) <= self.level for row in rows):
            raise FileError(f"{self.file.name}: a line has no level {self.level}")
        return {row[0].strip(): row[self.level].strip() for row in rows}
