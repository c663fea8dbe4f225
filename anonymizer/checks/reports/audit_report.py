"""The outcome of an audit as data: figures before and after masking, and what they are of."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from anonymizer.checks.attacks.equivalence import Classes
from anonymizer.checks.figures.figure import Risk
from anonymizer.checks.figures.statistics import Estimate
from anonymizer.checks.figures.thresholds import PARTNER
from anonymizer.checks.reports.base import BaseReport

Curve = Sequence[tuple[int, Estimate]]  # the share that is singled out, by known events


class Tables(NamedTuple):
    """How large the compared tables are: rows and entities of the raw and of the masked one."""

    raw_rows: int
    raw_entities: int
    masked_rows: int
    masked_entities: int


@dataclass(frozen=True)
class Assumptions:
    """What the attacker is taken to know.

    Attributes:
        entity: column that says whose row it is.
        time: column that says when, or None.
        quasi_identifiers: columns that are known of a person.
        sensitive: columns that must not be told.
        known: columns that are known of an event.
    """

    entity: str
    time: str | None
    quasi_identifiers: list[str]
    sensitive: list[str]
    known: list[str]

    @property
    def columns(self) -> list[str]:
        """All columns that are named, the entity aside; each once."""
        time = [self.time] if self.time is not None else []
        return list(dict.fromkeys(time + self.quasi_identifiers + self.sensitive + self.known))


@dataclass(frozen=True, repr=False)
class AuditReport(BaseReport):
    """The outcome of an audit, as `audit` returns it.

    Attributes:
        tables: how large both tables are.
        assumptions: what the attacker is taken to know.
        figures: by name, in the order of the page.
        curves: singling out by the number of known events: `raw`, `masked`, `found`, and
            `raw_intervals`, `masked_intervals`; those that could be measured.
        classes: equivalence classes of `raw` and `masked`; empty without quasi-identifiers.
        share: of all persons, that both tables hold; figures say what that tells of all.
        purpose: who gets it, by whose limits figures are judged.
        notes: sentences on what was not measured and why, and what else a reader must know.

    Example:
        >>> report = audit(raw="raw.parquet", masked="masked.parquet", entity="customer_id",
        ...                quasi_identifiers=["age", "zip"])  # doctest: +SKIP
        >>> report.figures["k"].estimate.value  # doctest: +SKIP
        2.0
        >>> report.write_json("audit.json")  # doctest: +SKIP
    """

    tables: Tables
    assumptions: Assumptions
    figures: dict[str, Risk]
    curves: dict[str, Curve]
    classes: dict[str, Classes]
    share: float = 1
    purpose: str = PARTNER

    def _all_figures(self) -> dict[str, Risk]:
        return self.figures

    def _contents(self) -> dict[str, Any]:
        return {
            "purpose": self.purpose,
            "share": self.share,
            "tables": self.tables._asdict(),
            "assumptions": asdict(self.assumptions),
            "figures": {name: figure.to_dict() for name, figure in self.figures.items()},
            "curves": {name: _curve(curve) for name, curve in self.curves.items()},
            "classes": {name: _classes(each) for name, each in self.classes.items()},
        }


def _curve(curve: Curve) -> list[dict[str, float]]:
    """A curve as JSON: known events and the share that they single out."""
    return [{"points": points, **estimate._asdict()} for points, estimate in curve]


def _classes(each: Classes) -> dict[str, Any]:
    """Equivalence classes as JSON, with the two numbers that follow from them."""
    return {**each._asdict(), "highest_risk": each.highest_risk, "unique": each.unique}
