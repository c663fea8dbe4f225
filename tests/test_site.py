"""The documentation site: it builds without a warning, is complete, and loads nothing."""

import re
from pathlib import Path

import pytest

import anonymizer
from anonymizer.checks.figures.thresholds import DEFAULTS, PURPOSES
from anonymizer.cli import commands
from anonymizer.masking.masks import MASKS
from scripts.site import build, reference

LOADS = re.compile(
    r'<(?:script|img|iframe)[^>]+src="(?:https?:)?//|<link[^>]+stylesheet[^>]+//', re.IGNORECASE
)


@pytest.fixture(scope="module", name="site")
def a_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make site` builds it: a warning, as of a link that leads nowhere, ends this."""
    folder = tmp_path_factory.mktemp("site") / "site"
    build.main(folder)
    return folder


def test_a_page_loads_nothing_from_elsewhere(site: Path) -> None:
    """Whoever reads it tells nobody; it works in a closed network."""
    pages = sorted(site.rglob("*.html"))
    assert [page for page in pages if LOADS.search(page.read_text("utf-8"))] == []
    assert site / "docs" / "threat_model" / "index.html" in pages


def test_every_page_is_in_the_navigation() -> None:
    """And nothing is there that is no page."""
    told = re.findall(r'= "([\w./]+\.md)"', build.CONFIG.read_text("utf-8"))
    assert sorted(told) == sorted(name for name in build.files() if name.endswith(".md"))


def test_a_link_to_no_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's builder minds pages alone; addresses of the host become words."""
    monkeypatch.setattr(build, "ROOT", tmp_path)
    (tmp_path / "README.md").write_text("[Security](../../security/new), [me](README.md#x)")
    assert build.files()["README.md"] == b"Security, [me](README.md#x)"
    (tmp_path / "README.md").write_text("[rules](rules.yaml)")
    with pytest.raises(SystemExit, match=r"^README.md links to rules.yaml: not there"):
        build.files()


@pytest.mark.parametrize(
    ("page", "names"),
    [("masks", MASKS), ("command_line", commands.commands), ("figures", DEFAULTS)],
)
def test_the_reference_is_complete(page: str, names: dict[str, object]) -> None:
    """A heading for each, and no other."""
    assert [name for name, _ in _sections(page)] == list(names)


def test_every_option_is_in_the_reference() -> None:
    """Of masks and of commands."""
    for name, text in _sections("masks"):
        told = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
        assert told == [option for option in MASKS[name].options() if option != "when"], name
    for name, text in _sections("command_line"):
        flags = [flag for each in commands.commands[name].params for flag in each.opts]
        assert [flag for flag in flags if flag.startswith("-") and flag not in text] == [], name


def test_the_reference_has_no_idle_table() -> None:
    """None without options, nor three rows that are one; values keep their case."""
    masks, figures = dict(_sections("masks")), dict(_sections("figures"))
    assert [name for name, text in masks.items() if "|" not in text] == ["drop", "keep"]
    assert figures["trees_auc_ratio"].count("| all |") == 1
    assert [figures["unicity"].count(f"| `{each}` |") for each in PURPOSES] == [1, 1, 1]
    assert "| en_US, en_GB," in masks["pseudonym"]


def _sections(page: str) -> list[tuple[str, str]]:
    """What stands below each heading, with the name in it."""
    _, *parts = re.split(r"^## `(.+)`$", reference.pages()[page], flags=re.MULTILINE)
    return list(zip(parts[::2], parts[1::2], strict=True))


def test_every_public_name_is_described(site: Path) -> None:
    """With all of its docstring; members that are not promised are not."""
    pages = [site / "docs" / "reference" / name for name in ("functions", "classes")]
    text = "".join((page / "index.html").read_text("utf-8") for page in pages)
    assert [name for name in anonymizer.__all__ if f'id="anonymizer.{name}"' not in text] == []
    assert 'id="anonymizer.SequenceModel.sample"' in text
    assert 'id="anonymizer.SequenceModel.priors"' not in text
    returned = re.findall(r"Returns:</span></p>\s*<ul>(.*?)</ul>", text, re.DOTALL)
    assert {each.count("<li") for each in returned} == {1}
