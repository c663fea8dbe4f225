"""How delimited text is written: separator, quotes, header, encoding, decimal mark, nulls."""

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from anonymizer.documents import Loader, fault
from anonymizer.errors import RuleError
from anonymizer.storage import Address, name_of

COMPRESSED: Final = {".gz": "gzip", ".zst": "zstd"}
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
        return self.separator or (
            "\t" if re.search(r"\.tsv(\.\w+)?$", name_of(file).lower()) else ","
        )

    def of_output(self, names: Sequence[str]) -> "Dialect":
        """The dialect of what is written: a header where there was one, else these names."""
        header = self.has_header
        names_ = None if header else list(names)
        return self.model_copy(update={"header": header, "names": names_})


def dialect_of(options: str | Mapping[Any, Any], source: str = "csv") -> Dialect:
    """A dialect from its options, also as one writes them: `separator: ;, decimal: ","`.

    Args:
        options: by name, or as the text of a YAML mapping, with or without its braces.
        source: what to call it in messages.

    Raises:
        RuleError: they are none; carries every fault.
    """
    options = _options_in(options, source) if isinstance(options, str) else options
    if not isinstance(options, Mapping):
        raise RuleError(source, ["csv: expected options such as `separator`"])
    try:
        return Dialect(**{str(name): value for name, value in options.items()})
    except ValidationError as error:
        valid = list(Dialect.model_fields)
        faults = [fault("csv", dict(detail), valid) for detail in error.errors()]
        raise RuleError(source, faults) from None


def merged(texts: Sequence[str], source: str) -> str:
    """Several texts of options as one, as `dialect_of` takes it.

    Raises:
        RuleError: an option stands twice, or one text is the name of a file.
    """
    if any(text.startswith("@") for text in texts):
        raise RuleError(source, ["@FILE stands alone: write the other options into its `csv:`"])
    pairs = [pair for text in texts for pair in _options_in(text, source).items()]
    names = [str(name) for name, _ in pairs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RuleError(source, [f"csv.{name}: stands twice: say it once" for name in twice])
    return json.dumps(dict(pairs), ensure_ascii=False, default=str)


def _options_in(text: str, source: str) -> dict[Any, Any]:
    """The mapping that a text of YAML is, with or without its braces."""
    flow = text if text.lstrip().startswith("{") else f"{{{text}}}"
    try:
        options: dict[Any, Any] = yaml.load(flow, Loader=Loader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError:
        example = '`separator: ";", decimal: ","`'
        raise RuleError(source, [f"expected options such as {example}"]) from None
    return options
