"""The tutorials: every block runs as it stands, and says what stands below it."""

from pathlib import Path

import pytest

from tests.pages import Reader

TUTORIALS = Path(__file__).parents[1] / "docs" / "tutorials"
ENGLISH = [page for page in sorted(TUTORIALS.glob("*.md")) if "." not in page.stem]


@pytest.mark.usefixtures("_brief_training")
@pytest.mark.parametrize("page", ENGLISH, ids=lambda page: page.stem)
def test_a_tutorial_can_be_followed(page: Path, reader: Reader) -> None:
    """From its first block to its last."""
    reader.follow(page.read_text("utf-8"))
