"""The documentation names what there is."""

import re
from pathlib import Path

from anonymizer.sequences.priors.registry import KINDS

DOCS = Path(__file__).parents[1] / "docs"


def test_every_prior_has_a_row() -> None:
    """In the order in which they speak."""
    text = (DOCS / "sequences.md").read_text("utf-8")
    table = text.partition("| prior |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [kind.name for kind in KINDS]


def test_questions_have_answers_that_are_there() -> None:
    """Where things are is written down, and stays true."""
    rows = re.findall(
        r"^\| .+\? \| `(.+)` \|$", (DOCS / "where.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) == 21
    assert [path for path in rows if not (DOCS.parent / path).is_file()] == []
