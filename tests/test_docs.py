"""The documentation names what there is."""

import re
from pathlib import Path

import pytest
import yaml

from anonymizer.datasets.description.dataset import load_dataset
from anonymizer.sequences.priors.registry import KINDS

DOCS = Path(__file__).parents[1] / "docs"
ROOT = DOCS.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("*/*.md"), *DOCS.glob("*/*.md")])
YAML = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    """A reader who follows one arrives."""
    lost = []
    for target in re.findall(r"\]\((?!\w+:)([^)\s]+)\)", page.read_text("utf-8")):
        path, _, heading = target.partition("#")
        file = page.parent / path if path else page
        if target.startswith("../../"):  # pages of the repository's host
            continue
        if not file.exists() or (heading and heading not in _headings(file)):
            lost.append(target)
    assert lost == []


def _headings(page: Path) -> set[str]:
    """As GitHub makes anchors of them."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in found}


def test_the_parts_of_the_dataset_file_fit_together() -> None:
    """The blocks of the page are one file, with the tables that the later ones name."""
    text = (DOCS / "datasets.md").read_text("utf-8")
    file, *parts = map(yaml.safe_load, YAML.findall(text))
    file["tables"] |= {"clicks": {"columns": {"*": "keep"}}, "calls": {"columns": {"*": "keep"}}}
    dataset = load_dataset({name: said for part in (file, *parts) for name, said in part.items()})
    assert (set(dataset.incremental), set(dataset.times)) == (
        {"customers", "orders", "lines", "clicks", "stock"}, {"orders", "calls"},
    )  # fmt: skip


def test_the_contents_of_datasets_name_every_section() -> None:
    """What one wants to do leads to each part of a long page."""
    text = (DOCS / "datasets.md").read_text("utf-8")
    contents = text.partition("\n## ")[0]
    sections = [f"[{name}]" for name in re.findall(r"^## (.+)$", text, re.MULTILINE)]
    assert [each for each in sections if each not in contents] == []


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
    assert len(rows) == 44
    assert [path for path in rows if not (ROOT / path).is_file()] == []
