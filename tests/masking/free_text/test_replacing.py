"""What stands in the place of what is found: it agrees with the row, and says what was counted."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from anonymizer import anonymize, mask_file
from anonymizer.datasets.description.ruled import ruled
from anonymizer.errors import RuleError, SchemaError
from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.scrubbing import Replacing, Row, Scrubber, Search, Surrogates
from anonymizer.masking.free_text.scrubbing.name_draws import LOCALES, drawn, names_of
from anonymizer.masking.free_text.scrubbing.name_words import Shown
from anonymizer.masking.masks.scrub import Scrub
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.primitives.name_lists import load_names
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run.order import moves_times

SECRET = "0123456789abcdef-of-the-tests"
NOTE = {"mask": "scrub", "known": ["name", "mail"], "replace": "surrogate"}
COLUMNS = {
    "id": "token",
    "name": {"mask": "pseudonym", "kind": "name"},
    "mail": {"mask": "pseudonym", "kind": "email"},
    "day": {"mask": "date_shift", "days": 30},
    "note": NOTE,
}


def masked(rows: dict[str, list[Any]], **columns: Any) -> pl.DataFrame:
    """Rows of persons with their notes, masked."""
    every = {name: rule for name, rule in (COLUMNS | columns).items() if name in rows}
    frame = pl.DataFrame(rows, schema_overrides={"id": pl.Int64})
    return anonymize(frame, {"version": 1, "entity": "id", "columns": every}, key=SECRET)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("Mrs Lee rang", "Mrs {last} rang"),
        ("ANN LEE; ann rang. Lee, too", "{FIRST} {LAST}; {first_} rang. {last}, too"),
        ("Lee, Ann", "{last}, {first}"),
        ("A. Lee and J. Lee", "{f}. {last} and J. {last}"),
        ("annlee wrote from Ann.Lee@example.org", "{first_}{last_} wrote from {mail}"),
        ("ann@example.com wrote", "<EMAIL> wrote"),
        ('{"who": "Ann \\"Lee\\""}', '{{"who": "{first} \\"{last}\\""}}'),
    ],
)
def test_the_rows_name_becomes_its_pseudonym(note: str, expected: str) -> None:
    """First name for first name, last for last, initials and case too, as the column shows them."""
    rows = {"id": [7], "name": ["Ann Lee"], "mail": ["ann.lee@example.org"], "note": [note]}
    out = masked(rows).row(0, named=True)
    first, last = out["name"].split(" ")
    names = {"first": first, "last": last, "FIRST": first.upper(), "LAST": last.upper()}
    names |= {"first_": first.lower(), "last_": last.lower(), "f": first[0], "l": last[0]}
    assert out["note"] == expected.format(mail=out["mail"], **names)
