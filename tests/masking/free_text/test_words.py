"""The lists of words that finders read."""

import tomllib
from pathlib import Path

import pytest

from anonymizer.masking import free_text

ROOT = Path(free_text.__file__).parent
LISTS = sorted(ROOT.rglob("words.toml"))
CODE = "\n".join(path.read_text("utf-8") for path in ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.parent.name)
def test_each_list_is_read_and_holds_each_word_once(path: Path) -> None:
    """What nobody asks for and what stands twice goes."""
    for name, text in tomllib.loads(path.read_text("utf-8")).items():
        assert f'"{name}"' in CODE or f"'{name}'" in CODE
        words = [word.strip() for word in text.replace("\n", " ").split(",")]
        assert "|" in text or len(words) == len(set(words))
