"""What every mask is: frozen options and methods that give Polars expressions and queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple

import polars as pl
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
)

from anonymizer.keys import Key
from anonymizer.masking.primitives.digest import (
    DIGEST,
    RESERVED_PREFIX,
    DigestFunction,
    Slot,
    Source,
    canonical,
    joined,
)
from anonymizer.masking.primitives.dtypes import (
    ANY,
    CODES,
    IDENTIFIERS,
    NUMBERS,
    TEXT,
    TIMES,
    TypeFamily,
    dtype_name,
    listed,
    made_up,
)
from anonymizer.masking.primitives.normal_forms import number_in, number_written

ONCE: Final = pl.lit(1, pl.UInt32).alias("rows")  # of a summary whose rows stand as they came
ROW_NUMBER: Final = f"{RESERVED_PREFIX}row"  # a column of what masks learn from, from 0
# YAML reads a bare `null` as nothing, and that is meant too.
Unmapped = Annotated[
    Literal["error", "null"],
    BeforeValidator(lambda value: "null" if value is None else value),
    WithJsonSchema({"enum": ["error", "null", None]}),
]
# A domain is part of a derived key; control characters are left to our own use of it.
Domain = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]


# Another entity than that of the rows: a column, or several that only together tell.
OtherEntity = Annotated[str, Field(min_length=1)] | Annotated[list[str], Field(min_length=1)]


class Remark(NamedTuple):
    """What whoever uses the output must know of a mask.

    Attributes:
        text: in one line.
        code: of what can be mended, which is a warning; empty for what is always so, a note.
    """

    text: str
    code: str = ""


@dataclass(frozen=True)
class Entity:
    """The columns whose values together are the entities, and their pseudonymisation domain.

    Attributes:
        columns: one, or several where only together they tell entities apart.
        domain: of the entities.
        dtypes: of the columns.
        prefix: of the tokens that the rules give them.
        function: by which their digest is made.
    """

    columns: tuple[str, ...]
    domain: str
    dtypes: tuple[pl.DataType, ...]
    prefix: str = ""
    function: DigestFunction = DIGEST

    @property
    def source(self) -> Source:
        """The columns and the domain that the entity's digest is made of."""
        return Source(self.columns, self.domain, function=self.function)

    @property
    def values(self) -> pl.Expr:
        """What tells the entities apart, however they are spelt; null where a column is null."""
        pairs = zip(self.columns, self.dtypes, strict=True)
        return joined([canonical(pl.col(column), dtype) for column, dtype in pairs])

    def drawn(self, slot: Slot, key: Key) -> pl.Expr:
        """A slot of the entity's digest where a row has several; masks of one read their own."""
        schema = dict(zip(self.columns, self.dtypes, strict=True))
        return slot.of(self.source.digest(schema, key, [slot]))


class Shown(NamedTuple):
    """What another column shows in the same row.

    Attributes:
        masks: of that column.
        values: masked by them.
    """

    masks: tuple["Mask", ...]
    values: pl.Expr


@dataclass(frozen=True)
class Column:
    """One column as a mask sees it.

    Attributes:
        name: of the column; fields of structs are `outer.inner`.
        dtype: of its values.
        entity: whose rows they are, where the rules name one.
        key: the secret, where the plan needs one.
        case: which of the column's rules this is.
        source: what the mask's digest is made of, if it has one.
        learned: what the mask learned from the whole table, if it does.
        null_free: whether it is known that no value is null; False where nobody looked.
        applies: the rows that the rule is for; None stands for all.
        decimal: the decimal mark of numbers that stand in text; None where `dtype` is their own.
        row_entity: whose rows they are, also where the mask follows another entity.
        shown: what other columns show, where the mask puts that into its own.
        shared_days: what tells days that many entities share, as far as columns have learned it.
    """

    name: str
    dtype: pl.DataType
    entity: Entity | None = None
    key: Key | None = None
    case: int = 0
    source: Source | None = None
    learned: pl.DataFrame | None = None
    null_free: bool = False
    applies: pl.Expr | None = None
    decimal: str | None = None
    row_entity: Entity | None = None
    shown: Mapping[str, Shown] = field(default_factory=dict, repr=False)
    shared_days: frozenset[tuple[str, int]] = frozenset()

    @cached_property
    def values(self) -> pl.Expr:
        """The raw values of the column, as an expression."""
        if self.decimal is None:
            return pl.col(self.name)
        return number_in(self.text, self.decimal)

    @property
    def text(self) -> pl.Expr:
        """The text of the rows that the rule is for, where numbers stand in text."""
        text = pl.col(self.name)
        return text if self.applies is None else pl.when(self.applies).then(text)

    def written(self, masked: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """What a mask gave, as text again where its numbers stood in text."""
        if self.decimal is None or not dtype.is_numeric():
            return masked
        return number_written(masked, self.decimal)

    @property
    def prepared_name(self) -> str:
        """The name of the prepared column in which the mask may prepare something."""
        return f"{RESERVED_PREFIX}{self.case}_for_{self.name}"

    @cached_property
    def prepared(self) -> pl.Expr:
        """What the mask's `preparation` gave, as an expression."""
        return pl.col(self.prepared_name)

    def drawn(self, slot: Slot) -> pl.Expr:
        """One slot of the source's digest, computed once for all columns."""
        return pl.col(self._source.slot_column(slot))

    @property
    def secret(self) -> Key:
        """The key."""
        if self.key is None:
            raise TypeError("a keyed mask was planned without a key")
        return self.key

    def subkey(self, domain: str) -> str:
        """The key of a domain, as 64 hexadecimal digits."""
        return self.secret.subkey(domain)

    @property
    def _source(self) -> Source:
        if self.source is None:
            raise TypeError("a mask without a source asked for its digest")
        return self.source

    @property
    def whose(self) -> dict[str, pl.Expr]:
        """Whose a row is, for a summary: `whose`; nothing where the rules name no entity."""
        return {} if self.entity is None else {"whose": self.entity.values}

    @property
    def entities(self) -> pl.Expr:
        """How many distinct entities a group of a summary has; its rows where none is named."""
        if self.entity is None:
            return pl.col("rows").sum()
        return pl.col("whose").drop_nulls().n_unique()

    def entity_values(self) -> pl.Expr:
        """What tells the entities apart, however they are spelt; rows where none are named."""
        if self.entity is None:
            return pl.int_range(pl.len())
        return self.entity.values


def columns_of(entity: OtherEntity | None) -> tuple[str, ...]:
    """The columns that a rule names for another entity."""
    return (entity,) if isinstance(entity, str) else tuple(entity or ())


def count_lost(frame: pl.LazyFrame, column: Column) -> pl.LazyFrame:
    """A query for how many values a preparation made null, as `lost`."""
    lost = column.values.is_not_null() & column.prepared.is_null()
    return frame.select(lost.sum().alias("lost"))


class Mask(BaseModel):
    """The base of all masks: options are fields, behaviour is `expression`.

    A subclass declares which kinds of dtype it takes, whether it needs a key or the entity, and
    what dtype it gives. It never touches data.

    Attributes:
        when: a condition in SQL over the columns as they come; other rows go to the column's next
            rule. A row for which it is unknown (null) gives null.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: ClassVar[str]
    accepts: ClassVar[frozenset[TypeFamily]]
    costly: ClassVar[bool] = True  # what it prepares is worth computing once per distinct value
    whole_table: ClassVar[bool] = False  # needs all rows at once
    # A column of the summary: what is learned of the rows with some of its values is a part of all.
    learned_apart: ClassVar[str | None] = None

    when: str | None = Field(default=None, min_length=1, max_length=1000)

    @field_validator("when")
    @classmethod
    def _is_sql(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                pl.sql_expr(value)
            except pl.exceptions.PolarsError:
                raise ValueError("this is not a condition in SQL") from None
        return value

    @property
    def condition(self) -> pl.Expr | None:
        """The condition `when` as a boolean expression; None where the rule is for all rows."""
        return None if self.when is None else pl.sql_expr(self.when)

    @property
    def keyed(self) -> bool:
        """Whether the mask needs a key."""
        return False

    @property
    def needs_entity(self) -> bool:
        """Whether the rule file must name an entity."""
        return False

    @property
    def of_entity(self) -> tuple[str, ...]:
        """The columns of another entity than that of the rule file, whose value this one is."""
        return ()

    @property
    def keeps_column(self) -> bool:
        """Whether the column is in the output."""
        return True

    @property
    def moves_times(self) -> bool:
        """Whether it moves times by a shift of each entity's own."""
        return False

    @property
    def removes_rows(self) -> bool:
        """Whether rows may go; such masks learn before all others."""
        return False

    @property
    def reads(self) -> tuple[str, ...]:
        """Other columns that the mask needs to see."""
        return ()

    @property
    def shows(self) -> tuple[str, ...]:
        """Other columns whose masked values the mask puts into its own."""
        return ()

    def source(self, name: str, entity: Entity | None) -> Source | None:  # noqa: ARG002
        """The columns and the domain that the mask's digest is made of; None without a digest."""
        return None

    def fault(self, dtype: pl.DataType) -> str | None:
        """What is wrong with a column of this dtype, or None."""
        if dtype == pl.Null or TypeFamily.of(dtype) in self.accepts or self.reads_numbers(dtype):
            return None
        return f"{self.name} takes {listed(self.accepts)}, not {dtype_name(dtype)}"

    def reads_numbers(self, dtype: pl.DataType) -> bool:
        """Whether the mask takes numbers and the column is text, in which they must stand."""
        text = TypeFamily.of(dtype) is TypeFamily.TEXT
        return text and self.accepts >= NUMBERS and TypeFamily.TEXT not in self.accepts

    def fault_at(self, name: str) -> str | None:  # noqa: ARG002
        """What is wrong with the mask on a column of this name, or None."""
        return None

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:  # noqa: ARG002
        """The dtype of the masked column, for a column of the given dtype."""
        return pl.String()

    def preparation(self, column: Column) -> pl.Expr | None:  # noqa: ARG002
        """What `expression` reads as `column.prepared`; None where nothing is prepared.

        Polars shares equal expressions, but not those nested in other shared ones. A preparation
        that depends on the entity or on the value alone may be computed once for each of them.
        """
        return None

    def summary(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:  # noqa: ARG002
        """What the mask learns from, made row by row; None where it learns nothing, or in `learn`.

        Nothing counts but how often each row of it comes, so that many machines may count them.

        Args:
            frame: the rows that the rule is for, with their prepared columns.
            column: with what the mask learned from another table, as far as that travels.
        """
        return None

    def learned_from(self, summary: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """A query over a summary whose small result `expression` needs.

        Args:
            summary: each row as often as it came, or fewer times and `rows` says for how many.
            column: as for `summary`.
        """
        raise NotImplementedError

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:
        """A query over the whole table whose small result `expression` needs, or None.

        Args:
            frame: the rows that the rule is for, with their prepared columns.
            column: with what the mask learned from another table, as far as that travels.
        """
        summary = self.summary(frame, column)
        if summary is None:
            return None
        return self.learned_from(summary.with_columns(ONCE), column)

    def learns(self, column: Column) -> bool:
        """Whether the mask must see the whole table first."""
        return self.learn(pl.LazyFrame(), column) is not None

    @property
    def transferable(self) -> bool:
        """Whether what was learned from one table is good for the next."""
        return True

    def travelling(self, learned: pl.DataFrame) -> pl.DataFrame | None:
        """The part of what was learned that is good for the next table, or None."""
        return learned if self.transferable else None

    def learned_fault(self, learned: pl.DataFrame) -> str | None:  # noqa: ARG002
        """Why what was learned forbids the mask, or None."""
        return None

    def keeps_row(self, column: Column) -> pl.Expr | None:  # noqa: ARG002
        """Which rows stay in the output, if the mask removes any."""
        return None

    def expression(self, column: Column) -> pl.Expr:
        """The masked column, over the frame and its prepared columns; as prepared, unless said."""
        return column.prepared

    def coarser(self) -> "Mask | None":
        """The next step of its generalisation hierarchy, or None where only null is left."""
        return None

    def remark(self) -> Remark | None:
        """What whoever uses the output must know, or None."""
        return None

    def learned_remark(self, learned: pl.DataFrame | None) -> Remark | None:  # noqa: ARG002
        """What whoever uses the output must know of what was learned, or None."""
        return None

    @classmethod
    def options(cls) -> list[str]:
        """The names of the options as rule files spell them."""
        return [option.alias or name for name, option in cls.model_fields.items()]

    def to_dict(self) -> dict[str, Any]:
        """The name of the mask and every option, as they stand in JSON."""
        prepared_name = {"when"} if self.when is None else set()
        return {"mask": self.name} | self.model_dump(
            mode="json", by_alias=True, exclude=prepared_name
        )

    def with_files_in(self, folder: Path) -> "Mask":  # noqa: ARG002
        """The mask with the files it names looked for in the folder of the rule file."""
        return self

    def other_columns(self, schema: Mapping[str, pl.DataType]) -> str | None:
        """What is wrong with the other columns the mask reads, or None."""
        absent = [name for name in self.reads if name not in schema]
        return f"{self.name} reads {absent[0]!r}, which is not in the data" if absent else None

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Three made-up values of this dtype for the dry run; nothing of the data."""
        return made_up(dtype)


__all__ = [
    "ANY",
    "CODES",
    "IDENTIFIERS",
    "NUMBERS",
    "RESERVED_PREFIX",
    "TEXT",
    "TIMES",
    "Column",
    "Domain",
    "Entity",
    "Mask",
    "Remark",
    "Shown",
    "Slot",
    "Source",
    "TypeFamily",
    "dtype_name",
    "made_up",
]
