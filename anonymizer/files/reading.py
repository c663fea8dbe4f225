"""What is said of files that they do not say themselves."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, TypeAlias

from anonymizer.delimited.cells import Types, type_fault
from anonymizer.delimited.dialect import Dialect, dialect_of
from anonymizer.documents import read_document
from anonymizer.errors import RuleError
from anonymizer.files.formats import Parquet

CsvSource: TypeAlias = str | Mapping[str, Any]  # options of `csv:`, or `@FILE` with rules


@dataclass(frozen=True)
class Reading:
    """What is said of files that they do not say themselves.

    Attributes:
        csv: how CSV files are written.
        parquet: how Parquet files are, that are made of them.
        types: column of a CSV, or a pattern → its type; text where none is said. None lets all
            cells of a column decide, for whoever learns or looks.
        likely: where cells decide: column or pattern → a type that goes before others.
        must_fit: whether cells that do not fit a likely type are an error, or decide as others do.
        merge_schema: whether files of one table may lack columns and differ in the width of types.
        names: the columns, where files without rows do not tell them, as NDJSON does not.
        keeps: whether a column is written again as it was read, where somebody does that.
    """

    csv: Dialect = field(default_factory=Dialect)
    types: Types | None = None
    likely: Types = field(default_factory=dict)
    must_fit: bool = True
    merge_schema: bool = False
    names: tuple[str, ...] = ()
    keeps: Callable[[str], bool] | None = None
    parquet: Parquet = field(default_factory=Parquet)

    def of_output(self, names: Iterable[str]) -> "Reading":
        """How to read what was written of such files, with these columns: all text."""
        csv, all_ = self.csv.of_output(list(names)), tuple(names)
        return replace(self, csv=csv, types={}, merge_schema=False, names=all_)

    def that_looks(self, columns: object) -> "Reading":
        """The same where cells decide on types; what is said goes before, and forms of masks do.

        Args:
            columns: column or pattern → its masks, as rule files write them.
        """
        said = self.types or {}
        likely = {**said, **dict(_formats_in(columns)), **said}
        return replace(self, types=None, likely=likely)

    def types_of(self, names: Iterable[str]) -> dict[str, str]:
        """The types that are said of some columns, or likely; the first pattern counts."""
        said = self.likely if self.types is None else self.types
        found = {name: first_match(name, said) for name in names}
        return {name: said[pattern] for name, pattern in found.items() if pattern}


def reading_of(csv: CsvSource | None, source: str = "csv") -> Reading:
    """How whoever learns or looks reads CSV files.

    Args:
        csv: options of a dialect; or `@FILE`, a rule file, of which `csv:`, `types:`,
            `merge_schema:` and the `format` of masks count; None where files are as most are.
        source: what to call it in messages.

    Raises:
        RuleError: what is said is wrong; carries every fault.
        FileError: there is no such file.
    """
    if csv is None:
        return NOTHING_SAID
    if not (isinstance(csv, str) and csv.startswith("@")):
        return Reading(dialect_of(csv, source))
    path = Path(csv[1:])
    document = read_document(path)
    if not isinstance(document, Mapping):
        raise RuleError(path.name, ["expected a mapping with `csv:` or `types:`"])
    types = document.get("types") or {}
    if faults := list(type_faults(types)):
        raise RuleError(path.name, faults)
    merge = document.get("merge_schema") is True
    dialect = dialect_of(document.get("csv") or {}, path.name)
    return Reading(dialect, types, merge_schema=merge).that_looks(document.get("columns"))


def type_faults(section: object) -> Iterator[str]:
    """What is wrong with `types:`."""
    if not isinstance(section, Mapping):
        yield "types: expected a mapping of column names to types"
        return
    for column, type_ in section.items():
        if fault := type_fault(type_):
            yield f"types.{column}: {fault}"


def _formats_in(columns: object) -> Iterator[tuple[str, str]]:
    """Column or pattern → the form in which masks of times read it, where they name one."""
    for pattern, rule in columns.items() if isinstance(columns, Mapping) else ():
        for mask in rule if isinstance(rule, list) else [rule]:
            form = mask.get("format") if isinstance(mask, Mapping) else None
            if isinstance(form, str) and type_fault(form) is None:
                yield str(pattern), form


NOTHING_SAID: Final = Reading()


def first_match(column: str, patterns: Iterable[str]) -> str | None:
    """The first name or glob (`*`, `?`) that a column matches, or None."""
    return next((each for each in patterns if matches(column, each)), None)


def matches(column: str, pattern: str) -> bool:
    """Whether a column has a name, or matches it as a glob of `*` and `?`."""
    return pattern == column or fnmatchcase(column, pattern.replace("[", "[[]"))
