"""The tutorials: every block runs as it stands, and says what stands below it."""

import re
from pathlib import Path

import pytest

from anonymizer.masking.masks import MASKS
from tests.pages import Reader, blocks

ROOT = Path(__file__).parents[1]
TUTORIALS = ROOT / "docs" / "tutorials"
ENGLISH = [page for page in sorted(TUTORIALS.glob("*.md")) if "." not in page.stem]
CHINESE = sorted([*ROOT.glob("*.zh.md"), *TUTORIALS.glob("*.zh.md")])


@pytest.mark.usefixtures("_brief_training")
@pytest.mark.parametrize("page", ENGLISH, ids=lambda page: page.stem)
def test_a_tutorial_can_be_followed(page: Path, reader: Reader) -> None:
    """From its first block to its last."""
    reader.follow(page.read_text("utf-8"))


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.stem)
def test_a_translation_runs_as_its_original_does(page: Path) -> None:
    """Block by block the same code, but for comments: of the README some, of tutorials all."""
    original = _code(page.with_name(page.name.replace(".zh", "")))
    translated = _code(page)
    if page.parent == TUTORIALS:
        assert translated == original
    else:
        assert [block for block in translated if block not in original] == []


def test_the_chinese_readme_names_every_mask() -> None:
    """As the README does."""
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "README.zh.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(MASKS)


def _code(page: Path) -> list[tuple[str, str]]:
    """The blocks of a page without their comments."""
    found = blocks(page.read_text("utf-8"), "python", "sh", "text", "yaml")
    return [
        (language, re.sub(r"(^|\s+)#.*$", "", code, flags=re.MULTILINE)) for language, code in found
    ]
