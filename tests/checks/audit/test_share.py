"""An audit of a share of the persons: what it says of all of them."""

import polars as pl
import pytest

from anonymizer import audit, sample_entities
from anonymizer.checks.audit.audit import audit_tables
from anonymizer.checks.figures.shares import told_by
from anonymizer.checks.reports.audit_report import AuditReport
from anonymizer.errors import UsageError
from tests.checks.audit.test_audit import RAW, ROLES, TOKEN
from tests.checks.conftest import draw

ROLES_OF_TIME = {"entity": "customer", "time": "time"}


def audited(raw: pl.DataFrame, share: float, **roles: list[str]) -> AuditReport:
    """The audit of tokens and rounded amounts, of the rows of some persons or of all."""
    masked = raw.with_columns(TOKEN, pl.col("amount").round(0))
    return audit_tables(raw=raw, masked=masked, share=share, **ROLES_OF_TIME, **roles)  # type: ignore[arg-type]


def test_all_persons_are_a_share_of_one() -> None:
    """Which says nothing of a share anywhere but in the JSON."""
    found = audited(RAW, 1, **ROLES)
    assert found.to_dict()["share"] == 1
    assert "of the persons:" not in str(found.to_dict())
    assert "of all persons" not in found.html()


def test_each_figure_says_which_share_it_is_of() -> None:
    """In its sentence; the page and the notes say it of the whole."""
    some = sample_entities(RAW, 0.4, entity="customer", key="a key for the tests of shares")
    found = audited(some, 0.4, **ROLES)
    told = {name: each for name, each in found.figures.items() if name != "not_looked_at"}
    assert all("Of 40 % of the persons: " in each.meaning for each in told.values())
    assert found.to_dict()["share"] == 0.4
    assert "<b>40 %</b> of all persons" in found.html()
    assert any("40 % of the persons" in note for note in found.notes)


def test_a_share_calls_no_table_good_by_its_groups() -> None:
    """Everybody alike: green as a whole, open where the rarest group may not have been drawn."""
    alike = RAW.with_columns(pl.lit("town").alias("city"))
    nothing = [pl.lit(None, dtype).alias(name) for name, dtype in RAW.schema.items()][1:4]
    masked = alike.with_columns(TOKEN, *nothing)
    options = {**ROLES_OF_TIME, "quasi_identifiers": ["city"]}
    whole, some = (
        audit_tables(raw=alike, masked=masked, share=share, **options)  # type: ignore[arg-type]
        for share in (1, 0.5)
    )
    assert (whole.figures["k"].colour, some.figures["k"].colour) == ("green", None)
    assert "k" in some.figures["not_looked_at"].meaning
    assert "not_looked_at" not in whole.figures


def test_the_whole_lies_in_the_interval_of_the_share() -> None:
    """Of every figure that states one, for the persons of each of some keys."""
    raw = draw(0, 5, 600)
    whole = audited(raw, 1).figures
    outside = []
    for key in range(10):
        drawn = sample_entities(raw, 0.3, entity="customer", key=f"a key for tests, {key}")
        for name, each in audited(drawn, 0.3).figures.items():
            if name != "not_looked_at" and told_by(name).side != "nothing":
                low, high = each.estimate.low, each.estimate.high
                outside += [(key, name)] * (not low <= whole[name].estimate.value <= high)
    assert len(outside) <= 2


def test_a_share_must_be_one() -> None:
    """It is refused before anything is measured."""
    with pytest.raises(UsageError, match="share is 10"):
        audit(raw=RAW, masked=RAW, entity="nobody", share=10)
