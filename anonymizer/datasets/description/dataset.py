"""A dataset file: which tables belong together, by which keys, and what becomes of each."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from anonymizer.documents import fault, nearest, read_document
from anonymizer.errors import RuleError, UsageError
from anonymizer.masking.rules.rules import Rules, rules_of
from anonymizer.stores.table import ForeignKey

Name = Annotated[str, Field(min_length=1)]
_KEY: Final = re.compile(r"(?P<table>[^\[\]]+)\.(?:\[(?P<several>[^\[\]]+)\]|(?P<one>[^.\[\]]+))")
_PATH: Final = re.compile(r"[^.\[\]]+(\.|\[\]).*|\[.*\[\].*")  # a column and a place in it
_SPAN: Final = re.compile(r"[0-9]{1,6}[smhdw]")
NO_KEY_INSIDE: Final = (
    "no foreign key reaches inside of a column: leave it out, and give both places one mask with "
    "one `domain:`"
)
_HOW: Final = "write `table.column`, or `table.[column, column]`"


class Tracked(BaseModel):
    """How new and changed rows of a table are found night by night.

    Attributes:
        watermark: the column that says when a row was written: it grows with each change; None
            where the versions of the table say what came.
        key: the columns that tell rows apart; none where the source declares them, or a foreign
            key refers to them.
        late: how far below the last watermark rows may still come: `2h`, or a whole number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    watermark: Name | None = None
    key: tuple[str, ...] = ()
    late: int | str = 0

    @field_validator("key", mode="before")
    @classmethod
    def _names(cls, value: object) -> tuple[object, ...]:
        names = value if isinstance(value, list | tuple) else [value]
        if not all(isinstance(name, str) and name for name in names):
            raise ValueError("name a column, or several in brackets")
        return tuple(names)

    @field_validator("late", mode="before")
    @classmethod
    def _is_span(cls, value: object) -> object:
        is_time = isinstance(value, str) and _SPAN.fullmatch(value)
        if not is_time and not (type(value) is int and value >= 0):
            raise ValueError("write a time such as `2h`, or a whole number")
        return value


class _Synthesis(BaseModel):
    """What is said of learning the tables, as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    time: dict[str, Name] = Field(default_factory=dict)
    holdout: Annotated[float, Field(ge=0, lt=1)] = 0.2


class _File(BaseModel):
    """The fields of a dataset file, as they are written."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    version: Literal[1]
    source: Name | None = None
    target: Name | None = None
    entity: Name | None = None
    foreign_keys: dict[str, str] = Field(default_factory=dict)
    tables: dict[str, Any] = Field(min_length=1)
    drop: list[Name] = Field(default_factory=list)
    incremental: dict[str, dict[str, Any]] = Field(default_factory=dict)
    synthesis: _Synthesis = Field(default_factory=_Synthesis)


@dataclass(frozen=True)
class Dataset:
    """A validated dataset file: tables that belong together. It has met no table yet.

    Attributes:
        tables: name → its rules. Columns of a foreign key need none: they are masked as the key is.
        source: where the tables stand; None where they are given as frames.
        target: where the masked ones go; None likewise.
        person: the table and the column that say whose data it all is; None where it is nobody's.
        foreign_keys: how tables hang together.
        drop: tables that are left out.
        incremental: tables of which a night masks what is new or changed; of others all.
        name: what to call the file in messages.
        folder: in which relative addresses begin.
        times: table → its column that says when, for synthetic tables; found where it is clear.
        holdout: the share of the persons that a fit leaves out, so that a check can ask them.
    """

    tables: Mapping[str, Rules]
    source: str | None = None
    target: str | None = None
    person: tuple[str, str] | None = None
    foreign_keys: tuple[ForeignKey, ...] = ()
    drop: tuple[str, ...] = ()
    incremental: Mapping[str, Tracked] = field(default_factory=dict)
    name: str = "dataset"
    folder: Path = Path()
    times: Mapping[str, str] = field(default_factory=dict)
    holdout: float = 0.2

    def with_keys(self, declared: Iterable[ForeignKey]) -> "Dataset":
        """The dataset with the keys that a store declares between its tables.

        Where the file says to what columns refer, the file counts.
        """
        said = {(key.child, key.columns) for key in self.foreign_keys}
        more = (
            key
            for key in declared
            if (key.child, key.columns) not in said
            and key.child in self.tables
            and key.parent in self.tables
        )
        return replace(self, foreign_keys=(*self.foreign_keys, *more))


DatasetSource: TypeAlias = str | Path | Mapping[str, Any] | Dataset


def load_dataset(source: DatasetSource) -> Dataset:
    """Read and validate a dataset file.

    Args:
        source: a YAML or JSON file, a dict with its fields, or a `Dataset`, given back as it is.

    Raises:
        RuleError: it is wrong; carries every fault with its place in the file.
        FileError: there is no such file.

    Example:
        >>> orders = {"columns": {"order_id": "token"}}
        >>> keys = {"orders.customer_id": "customers.id"}
        >>> try:
        ...     load_dataset({"version": 1, "foreign_keys": keys, "tables": {"orders": orders}})
        ... except RuleError as error:
        ...     print(*error.faults)
        foreign_keys.orders.customer_id: no table 'customers' in `tables`
    """
    if isinstance(source, Dataset):
        return source
    if isinstance(source, Mapping):
        return _parsed(source, "dataset", Path())
    path = Path(source)
    return _parsed(read_document(path), path.name, path.parent)


def is_dataset_file(place: str | Path) -> bool:
    """Whether a file is of a dataset, and not of rules, as far as it can be read."""
    path = Path(place)
    with suppress(UsageError):
        document = read_document(path) if path.is_file() else None
        return isinstance(document, Mapping) and "tables" in document
    return False


def _parsed(document: object, name: str, folder: Path) -> Dataset:
    if not isinstance(document, Mapping):
        raise RuleError(name, ["a dataset file is a mapping that begins `version: 1`"])
    try:
        file = _File(**{str(field): value for field, value in document.items()})
    except ValidationError as error:
        fields = list(_File.model_fields)
        faults = [fault("", dict(detail), fields).lstrip(".") for detail in error.errors()]
        raise RuleError(name, faults) from None
    faults = list[str]()
    tables = dict(_tables(file.tables, folder, faults))
    keys = tuple(_foreign_keys(file, faults))
    person = _person(file, faults)
    unknown = [table for table in file.synthesis.time if table not in file.tables]
    faults += [f"synthesis.time: no table {table!r} in `tables`" for table in unknown]
    faults += [f"drop: {table!r} has rules as well" for table in file.drop if table in tables]
    tracked = dict(_tracked(file, faults))
    if faults:
        raise RuleError(name, faults)
    return Dataset(
        MappingProxyType(tables),
        file.source,
        file.target,
        person,
        keys,
        tuple(file.drop),
        MappingProxyType(tracked),
        name,
        folder,
        file.synthesis.time,
        file.synthesis.holdout,
    )


def _tables(
    sections: Mapping[str, Any], folder: Path, faults: list[str]
) -> Iterator[tuple[str, Rules]]:
    """The rules of each table: the fields of a rule file without its version, or such a file."""
    for table, section in sections.items():
        try:
            yield table, rules_of(section, f"tables.{table}", folder)
        except RuleError as error:
            faults += [f"tables.{table}.{each}" for each in error.faults]


def _foreign_keys(file: _File, faults: list[str]) -> Iterator[ForeignKey]:
    for written, key in file.foreign_keys.items():
        child, parent = (_columns(each) for each in (written, key))
        where = f"foreign_keys.{written}"
        if any(_is_inside(each, file.tables) for each in (written, key)):
            faults.append(f"{where}: {NO_KEY_INSIDE}")
        elif child is None or parent is None:
            faults.append(f"{where}: {_HOW}")
        elif len(child[1]) != len(parent[1]):
            faults.append(f"{where}: as many columns on both sides")
        elif unknown := [each for each in (child[0], parent[0]) if each not in file.tables]:
            hint = nearest(unknown[0], file.tables)
            faults.append(f"{where}: no table {unknown[0]!r} in `tables`{hint}")
        else:
            yield ForeignKey(*child, *parent)


def _is_inside(place: str, tables: Iterable[str]) -> bool:
    """Whether a place is inside of a column of a table: `orders.payload.items[].sku`."""
    if (known := _columns(place)) and known[0] in tables:
        return False
    return any(
        place.startswith(f"{table}.") and _PATH.fullmatch(place.removeprefix(f"{table}."))
        for table in tables
    )


def _person(file: _File, faults: list[str]) -> tuple[str, str] | None:
    if file.entity is None:
        return None
    table, columns = _columns(file.entity) or ("", ())
    if len(columns) != 1:
        faults.append("entity: the table and the column of the person: write `table.column`")
    elif table not in file.tables:
        faults.append(f"entity: no table {table!r} in `tables`{nearest(table, file.tables)}")
    else:
        return table, columns[0]
    return None


def _tracked(file: _File, faults: list[str]) -> Iterator[tuple[str, Tracked]]:
    for table, said in file.incremental.items():
        if table not in file.tables:
            hint = nearest(table, file.tables)
            faults.append(f"incremental: no table {table!r} in `tables`{hint}")
        try:
            yield table, Tracked(**{str(field): value for field, value in said.items()})
        except ValidationError as error:
            where, fields = f"incremental.{table}", list(Tracked.model_fields)
            faults += [fault(where, dict(detail), fields) for detail in error.errors()]


def _columns(written: str) -> tuple[str, tuple[str, ...]] | None:
    """The table and the columns of `table.column` or `table.[column, column]`."""
    match = _KEY.fullmatch(written.strip())
    if match is None:
        return None
    columns = match["several"].split(",") if match["several"] else [match["one"]]
    return match["table"], tuple(each.strip() for each in columns)
