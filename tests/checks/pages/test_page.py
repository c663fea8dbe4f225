"""The pages in Chromium: on phone, tablet and desktop, light and dark, folded and unfolded."""

import html
import json
import shutil
import subprocess
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from anonymizer.checks.audit.audit import audit_tables
from anonymizer.checks.reports.check_report import Report
from tests.checks.conftest import draw
from tests.skipping import without

WINDOWS = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1280, 900)}
SCHEMES = ("light", "dark")
PAGES = ("check", "audit")

# Looks at a page from outside, since the page has no script of its own.
PROBE = """
const shade = c => {
  const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3)
    .map(x => (x /= 255) <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const clear = c => c === 'transparent' || / 0\\)$/.test(c.replace(',', ' '));
function look(frame) {
  const view = frame.contentWindow, doc = frame.contentDocument, root = doc.documentElement;
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = view.getComputedStyle(e).backgroundColor;
      if (!clear(c)) return c;
    }
    return 'rgb(255, 255, 255)';
  };
  const ratio = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  const texts = [], faint = [], small = [];
  const walker = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement, style = view.getComputedStyle(e);
    if (!node.data.trim() || !e.checkVisibility() || e.closest('.hidden, .skip, thead')) continue;
    const drawn = e.closest('svg') !== null;
    const colour = drawn ? style.fill : style.color;
    if (ratio(shade(colour), shade(behind(e))) < 4.5) faint.push(node.data.trim());
    const range = doc.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects())
      texts.push({box, text: node.data.trim(), node, inside: e.closest('.scroll')});
    const at = drawn ? e.getScreenCTM() : {a: 1, b: 0};
    const size = parseFloat(style.fontSize) * Math.hypot(at.a, at.b);
    if (size < 9) small.push(node.data.trim());
  }
  const before = [...doc.querySelectorAll('*')].filter(e => e.checkVisibility()).map(e =>
    [e, view.getComputedStyle(e, '::before')]).filter(([, s]) => /\\w|[●▲■◆]/.test(
      s.content === 'none' ? '' : s.content));
  for (const [e, s] of before)
    if (ratio(shade(s.color), shade(behind(e))) < 4.5) faint.push('before: ' + s.content);
  const over = [];
  texts.sort((a, b) => a.box.top - b.box.top);
  texts.forEach((a, i) => {
    for (let j = i + 1; j < texts.length && texts[j].box.top < a.box.bottom - 3; j++) {
      const b = texts[j];
      const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const high = Math.min(a.box.bottom, b.box.bottom) - b.box.top;
      if (a.node !== b.node && a.inside === b.inside && wide > 1.5 && high > 3)
        over.push(a.text + ' | ' + b.text);
    }
  });
  const boxed = texts.filter(({box, node}) => {
    const home = node.parentElement.closest('.card, figure, td, li, main, footer, header');
    const edge = home.getBoundingClientRect();
    return !node.parentElement.closest('.scroll') &&
      (box.right > edge.right + 1 || box.left < edge.left - 1);
  }).map(({text}) => text);
  const outside = [...doc.querySelectorAll('svg')].filter(e => e.checkVisibility()).flatMap(e => {
    const frame = e.parentElement.getBoundingClientRect();
    return [...e.querySelectorAll('text')].filter(t => {
      const box = t.getBoundingClientRect();
      return box.left < frame.left || box.right > frame.right;
    }).map(t => t.textContent);
  });
  const scrolls = [...doc.querySelectorAll('*')].filter(e => e.checkVisibility() &&
    /auto|scroll/.test(view.getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth);
  return {
    wide: root.scrollWidth - root.clientWidth, faint, small, over,
    outside: [...outside, ...boxed],
    unnamed: scrolls.filter(e => e.tabIndex < 0 || !e.getAttribute('aria-label')).length,
    headings: [...doc.querySelectorAll('h1, h2, h3, h4')].map(h => +h.tagName[1]),
    fetched: view.performance.getEntriesByType('resource').map(x => x.name),
    paper: view.getComputedStyle(doc.body).backgroundColor,
  };
}
addEventListener('load', () => {
  const found = {};
  for (const frame of document.querySelectorAll('iframe')) {
    const folded = look(frame);
    for (const d of frame.contentDocument.querySelectorAll('details')) d.open = true;
    found[frame.id] = {folded, unfolded: look(frame)};
  }
  document.querySelector('pre').textContent = JSON.stringify(found);
});
"""


@pytest.fixture(scope="module")
def seen(report: Report, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser says of every page, width and scheme, and what it logged."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        without("Chromium")
    folder = tmp_path_factory.mktemp("pages")
    report.write_html(folder / "check.html")
    raw = draw(0, 1).with_columns(city=pl.format("city {}", pl.col("customer") % 70))
    masked = raw.with_columns(pl.col("customer").hash(seed=3))
    found = audit_tables(
        raw=raw, masked=masked, entity="customer", time="time",
        quasi_identifiers=["city"], sensitive=["item"],
    )  # fmt: skip
    found.write_html(folder / "audit.html")
    frames = "".join(
        f'<iframe id="{page} {window} {scheme}" src="{page}.html" style="border:0;'
        f'width:{width}px;height:{height}px;color-scheme:{scheme}"></iframe>'
        for page in PAGES
        for window, (width, height) in WINDOWS.items()
        for scheme in SCHEMES
    )
    (folder / "frames.html").write_text(
        f'<meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<pre></pre>{frames}<script>{PROBE}</script>"
    )
    done = subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--allow-file-access-from-files",
            "--enable-logging=stderr", "--virtual-time-budget=10000",
            f"--user-data-dir={folder}/profile", "--window-size=1400,1000", "--dump-dom",
            f"file://{folder}/frames.html",
        ],
        capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    text = done.stdout.partition("<pre>")[2].partition("</pre>")[0]
    logged = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return {**json.loads(html.unescape(text)), "logged": logged}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("page", PAGES)
def test_the_page_can_be_read(seen: dict[str, Any], page: str, window: str, scheme: str) -> None:
    """Nothing is too wide, too faint, too small, on top of another or out of its frame."""
    for state in seen[f"{page} {window} {scheme}"].values():
        assert {name: state[name] for name in ("wide", "faint", "small", "over", "outside")} == {
            "wide": 0, "faint": [], "small": [], "over": [], "outside": [],
        }  # fmt: skip
        assert state["unnamed"] == 0


@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_in_order(seen: dict[str, Any], page: str) -> None:
    """No level of heading is left out, nothing is fetched, nothing is logged."""
    state = seen[f"{page} desktop light"]["folded"]
    levels = state["headings"]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert state["fetched"] == []
    assert seen["logged"] == []


def test_dark_windows_have_dark_pages(seen: dict[str, Any]) -> None:
    """The two schemes differ, or the tests above would look at one of them twice."""
    papers = {scheme: seen[f"check phone {scheme}"]["folded"]["paper"] for scheme in SCHEMES}
    assert papers["light"] != papers["dark"]
