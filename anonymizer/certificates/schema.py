"""What reports, manifests and statements must look like before anything of them is believed."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    FiniteFloat,
    ValidationError,
    model_validator,
)

from anonymizer.checks.figures.thresholds import LONGEST_PURPOSE
from anonymizer.documents import fault
from anonymizer.errors import DataError
from anonymizer.provenance import Provenance


def _in_a_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("expected one line that can be printed")
    return text


def _purpose(text: str) -> str:
    if not 0 < len(text) <= LONGEST_PURPOSE:
        raise ValueError(f"expected at most {LONGEST_PURPOSE} characters")
    return text


def _provenance(document: dict[str, Any]) -> dict[str, Any]:
    Provenance.of(document)
    return document


Line = Annotated[str, AfterValidator(_in_a_line)]
Purpose = Annotated[Line, AfterValidator(_purpose)]
Colour = Literal["red", "amber", "green"] | None
Record = Annotated[dict[str, Any], AfterValidator(_provenance)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class Interval(_Strict):
    """A value and the ends of its interval."""

    value: FiniteFloat | None
    low: FiniteFloat | None
    high: FiniteFloat | None


class LimitsPair(_Strict):
    """Where green and amber end."""

    green: FiniteFloat
    amber: FiniteFloat


class AuditAssumptions(_Strict):
    """What an attacker was taken to know of a masked table."""

    model_config = ConfigDict(strict=True, extra="forbid")
    entity: str
    time: str | None
    quasi_identifiers: list[str]
    sensitive: list[str]
    known: list[str]


class CheckAssumptions(_Strict):
    """Which columns of synthetic histories say what."""

    model_config = ConfigDict(strict=True, extra="forbid")
    entity: str
    time: str
    label: str | None


class _Figure(_Strict):
    """A figure of `audit` (`after`) or `check` (`estimate`), without its limits."""

    title: str
    after: Interval | None = None
    estimate: Interval | None = None
    before: Interval | None = None
    judged: FiniteFloat | None
    colour: Colour
    reason: str | None


class LimitsSaid(_Strict):
    """The limits of a figure, and whether they were given."""

    limits: LimitsPair | None
    limits_given: bool


class FigureOfReport(_Figure, LimitsSaid):
    """A figure of a report."""


class ReportDocument(_Strict):
    """The JSON of `audit` or `check`, as far as certificates read it."""

    version: Line
    verdict: Colour
    purpose: Purpose
    share: FiniteFloat
    provenance: Record
    assumptions: AuditAssumptions | CheckAssumptions
    notes: list[str]
    tables: dict[str, int] | None = None
    figures: dict[str, FigureOfReport] | None = None
    sets: dict[str, Any] | None = None
    privacy: dict[str, FigureOfReport] | None = None
    utility: dict[str, FigureOfReport] | None = None


class ColumnOfManifest(_Strict):
    """What became of a column."""

    column: str
    mask: str


class ManifestDocument(_Strict):
    """What `mask --manifest` wrote, as far as certificates read it."""

    rules: dict[str, Any]
    rules_sha256: str
    key_id: str | None
    columns: list[ColumnOfManifest]
    warnings: list[str]
    provenance: Record


class FigureSaid(_Figure):
    """A figure of a statement."""

    @model_validator(mode="after")
    def _one_value(self) -> Self:
        if (self.after is None) == (self.estimate is None):
            raise ValueError("expected one of `after` and `estimate`")
        return self


class StatementDocument(_Strict):
    """What a certificate says, as far as whoever checks it reads that."""

    created: Line
    versions: dict[str, Line]
    nature: str
    purpose: Purpose
    verdict: Colour
    by: str | None
    despite: str | None
    output: dict[str, Any]
    share: FiniteFloat
    provenance: Record
    assumptions: AuditAssumptions | CheckAssumptions
    notes: list[str]
    tables: dict[str, int] | None = None
    figures: dict[str, FigureSaid]
    limits: dict[str, LimitsSaid]
    manifest: dict[str, Any] | None


def require(what: str, kind: type[BaseModel], document: object) -> dict[str, Any]:
    """A document that is of a kind.

    Args:
        what: what to call it.
        kind: what it must be.
        document: as it was read.

    Raises:
        DataError: it is something else; names the first place that is.
    """
    if not isinstance(document, Mapping):
        raise DataError(f"{what}: expected an object of JSON")
    try:
        kind.model_validate(document)
    except ValidationError as error:
        detail: dict[str, Any] = dict(error.errors()[0])
        # A place is of the document: which of several kinds was tried there is no part of it.
        detail["loc"] = [each for each in detail["loc"] if not str(each).endswith("Assumptions")]
        first = fault("", detail, list(kind.model_fields))
        raise DataError(f"{what}: {first.removeprefix('.')}") from None
    except RecursionError:
        raise DataError(f"{what}: is nested too deep") from None
    return dict(document)
