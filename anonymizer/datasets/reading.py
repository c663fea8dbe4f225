"""What is said of files that they do not say themselves."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final

from anonymizer.delimited.cells import Types
from anonymizer.delimited.dialect import Dialect


@dataclass(frozen=True)
class Reading:
    """What is said of files that they do not say themselves.

    Attributes:
        csv: how CSV files are written.
        types: column of a CSV, or a pattern → its type; text where none is said. None lets all
            cells of a column decide, for whoever learns or looks.
        merge_schema: whether files of one table may lack columns and differ in the width of types.
    """

    csv: Dialect = field(default_factory=Dialect)
    types: Types | None = None
    merge_schema: bool = False

    def of_output(self, names: Iterable[str]) -> "Reading":
        """How to read what was written of such files, with these columns: all text."""
        return replace(self, csv=self.csv.of_output(list(names)), types={}, merge_schema=False)

    def types_of(self, names: Iterable[str]) -> Types:
        """The types that are said of some columns; the first pattern that matches counts."""
        found = {name: first_match(name, self.types or {}) for name in names}
        return {name: (self.types or {})[pattern] for name, pattern in found.items() if pattern}


NOTHING_SAID: Final = Reading()


def first_match(column: str, patterns: Iterable[str]) -> str | None:
    """The first name or glob (`*`, `?`) that a column matches, or None."""
    return next((each for each in patterns if matches(column, each)), None)


def matches(column: str, pattern: str) -> bool:
    """Whether a column has a name, or matches it as a glob of `*` and `?`."""
    return pattern == column or fnmatchcase(column, pattern.replace("[", "[[]"))
