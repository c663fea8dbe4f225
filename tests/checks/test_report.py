"""The page: self-contained, readable, and without anybody's value."""

import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from anonymizer.checks.report import Report
from anonymizer.checks.utility import Histories
from anonymizer.checks.verdict import judge
from anonymizer.errors import FileError, MissingExtraError
from tests.checks.conftest import habit_detector

SECRET, EXTREME = "Zyxwvut & Söhne", 98_765.43


@pytest.fixture(scope="module")
def report(sets: Histories) -> Report:
    """A report on data in which one customer has a name and an amount that nobody else has."""
    odd = sets.real.head(1).with_columns(item=pl.lit(SECRET), amount=pl.lit(EXTREME))
    real = pl.concat([sets.real, *[odd] * 20])
    return judge(
        real, sets.synthetic, sets.holdout, entity="customer", time="time", detector=habit_detector
    )


class Tags(HTMLParser):
    """Counts tags and checks that they close."""

    void = frozenset({"meta", "br", "path", "line", "rect", "use"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        self.seen.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """It must close what was opened last."""
        if tag not in self.void:
            assert self.open.pop() == tag


def test_the_page_is_well_formed(report: Report) -> None:
    """Tags close, there is one main part, and table heads have a scope."""
    tags = Tags()
    tags.feed(report.html())
    assert tags.open == []
    assert sum(tag == "main" for tag, _ in tags.seen) == 1
    assert all("scope" in attrs for tag, attrs in tags.seen if tag == "th")
    assert all(attrs.get("aria-label") for tag, attrs in tags.seen if tag == "svg")


def test_the_page_needs_no_network_and_no_script(report: Report) -> None:
    """Nothing is fetched and nothing runs; the data is not called anonymous."""
    page = report.html().replace("http://www.w3.org/", "")
    assert "http" not in page
    assert "<script" not in page
    assert "anonymous" not in page.lower()


def test_nobodys_value_is_on_the_page(report: Report) -> None:
    """A value of one entity, however often repeated, is in neither page nor JSON."""
    page = report.html() + str(report.to_dict())
    for secret in ("Zyxwvut", "98,765", "98765"):
        assert secret not in page


def test_a_page_that_cannot_be_written_leaves_nothing(report: Report, tmp_path: Path) -> None:
    """An absent folder is named."""
    with pytest.raises(FileError, match="absent"):
        report.write_html(tmp_path / "absent" / "r.html")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_chart_library_says_what_to_install(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingExtraError, match=r"seqanon\[report\]"):
        report.html()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_its_window(report: Report, tmp_path: Path, width: int) -> None:
    """In Chromium, at phone and desktop width, nothing is wider than the window."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        missing = "NOT TESTED: Chromium is not installed, the page was not opened in a browser"
        if os.environ.get("ANONYMIZER_NO_SKIP"):
            pytest.fail(missing)
        pytest.skip(missing)
    report.write_html(tmp_path / "r.html")
    (tmp_path / "frame.html").write_text(
        f'<iframe id=f src=r.html style="width:{width}px;height:900px;border:0"></iframe><script>'
        "f.onload=()=>{let d=f.contentDocument.documentElement;"
        "document.title='too wide by '+(d.scrollWidth-d.clientWidth)}</script>"
    )
    done = subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--allow-file-access-from-files",
            "--virtual-time-budget=3000", f"--user-data-dir={tmp_path}/profile",
            "--window-size=1400,1000", "--dump-dom", f"file://{tmp_path}/frame.html",
        ],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    assert "<title>too wide by 0</title>" in done.stdout
