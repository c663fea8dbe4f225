"""The table of evidence: conditions read as they are written, and nothing in it is misspelt."""

import re
from string import Formatter

import polars as pl
import pytest

from anonymizer.masking.inspection.reading.evidence import (
    Section,
    _holds,
    evidence_table,
    read_values,
)
from anonymizer.masking.inspection.reading.measures import Measured, _measures
from anonymizer.masking.inspection.reading.values import Values

MAILS = pl.Series("mail", [f"person{n}@example.org" for n in range(40)])


def values_of(sample: pl.Series) -> Values:
    """A column of nothing but a sample."""
    return Values("x", sample.dtype, len(sample), 0, sample.n_unique(), sample)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", True),
        ("email >= 0.6", True),
        ("email > 1", False),
        ("is_text and not is_few", True),
        ("is_few or texts > 39", True),
        ("is_few and is_text or texts > 39", True),
        ("texts > 39 and email > 1 or is_few", False),
        ("email > has_digit", False),
    ],
)
def test_conditions_read_as_they_are_written(where: str, expected: bool) -> None:
    """`and` binds tighter than `or`; limits are numbers or other measures."""
    assert expected == _holds(where, Measured(values_of(MAILS)))


@pytest.mark.parametrize("section", evidence_table())
def test_every_measure_that_the_table_names_is_known(section: Section) -> None:
    """Conditions that are never reached in a test are right all the same."""
    known = {*_measures(), *values_of(MAILS).forms}
    named = set(re.findall(r"[a-z_]\w*", section.where))
    for row in section.rows:
        named |= set(re.findall(r"[a-z_]\w*", row.where))
        named |= {name for _, name, _, _ in Formatter().parse(row.reason) if name}
    assert named - {"and", "or", "not"} <= known


def test_evidence_has_kind_points_and_reason() -> None:
    """What is found is said with its share."""
    [email] = [piece for piece in read_values(values_of(MAILS)) if piece.kind == "email"]
    assert (email.points, email.reason) == (4.0, "100% have the form of e-mail addresses")
