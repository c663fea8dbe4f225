"""The page: self-contained, readable, and without anybody's value."""

import json
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from anonymizer.checks.check.check import check_sets
from anonymizer.checks.figures.figure import Figure, Limits, exact
from anonymizer.checks.figures.thresholds import Thresholds
from anonymizer.checks.pages.check_page import BROKEN, TITLE
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.rules import RuleKept, Tally
from anonymizer.errors import FileError, MissingExtraError
from anonymizer.relations.base.relation import Relation
from anonymizer.relations.kinds.calendar import Whole
from anonymizer.relations.kinds.orders import Order
from tests.checks.conftest import habit_detector


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
    """Tags close, there is one main part, table heads have a scope and tables a caption."""
    tags = Tags()
    tags.feed(report.html())
    assert tags.open == []
    names = [tag for tag, _ in tags.seen]
    assert [names.count(tag) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert names.count("caption") == names.count("table")
    ids = [attrs["id"] for _, attrs in tags.seen if "id" in attrs]
    links = [str(attrs["href"]) for tag, attrs in tags.seen if tag == "a"]
    assert len(ids) == len(set(ids))
    assert [link for link in links if link.removeprefix("#") not in ids] == []
    assert all("scope" in attrs for tag, attrs in tags.seen if tag == "th")
    assert all(attrs.get("aria-label") for tag, attrs in tags.seen if tag == "svg")


def test_the_page_needs_no_network_and_no_script(report: Report) -> None:
    """Nothing is fetched and nothing runs; the data is not called anonymous."""
    page = report.html().replace("http://www.w3.org/", "").replace("url(#", "")
    assert [word for word in ("http", "<script", "@import", "url(") if word in page] == []
    assert "anonymous" not in page.lower() + json.dumps(report.to_dict()).lower()


def test_the_first_screen_says_what_a_person_asks_first(report: Report) -> None:
    """For whom, which file, what it covers, the worst that can be done, whether it is signed."""
    first, pictures, *_ = report.html().partition('<section id="')[2].partition("<figure>")
    assert pictures
    for asked in ("For a partner", "File", "Covers", "At worst", "Judged", "Signed"):
        assert asked in first
    assert "nothing says which file it is, so judge a file" in first  # of frames
    assert "What leaks" not in first.replace(TITLE, "")


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


def test_a_figure_nobody_knows_is_shown(report: Report) -> None:
    """Whatever is measured has a row, a place in the verdict and something to do about it."""
    odd = Figure("Zebra <b>", exact(0.4), None, None, "It & that.", limits=Limits(0.1, 0.2))
    only = replace(report, utility={"zebra": odd}, privacy={})
    page = only.html()
    assert only.verdict == only.to_dict()["verdict"] == "red"
    assert page.count("Zebra &lt;b&gt;") >= 2  # what to do, the row
    assert "Find out why" in page
    assert "<b>Zebra" not in page.replace("<b>Zebra &lt;b&gt;:</b>", "")


def test_a_report_without_figures_has_a_page(report: Report) -> None:
    """Nothing measured is nothing judged."""
    empty = replace(report, utility={}, privacy={})
    assert empty.verdict is None
    assert "nothing could be judged" in empty.html()


def test_of_many_figures_the_worst_come_first_and_the_rest_is_folded(report: Report) -> None:
    """A hundred columns: the red one opens the table, the green ones are behind a summary."""
    many = {
        f"similarity_{i}": Figure(
            f"Column {i}", exact(0.2 if i == 77 else 0.9), None, None, "", limits=Limits(0.8, 0.5)
        )
        for i in range(100)
    }
    page = replace(report, utility=many).html()
    part = page.partition("Column by column")[2]
    rows = part.split('<th scope="row" role="rowheader">')
    assert rows[1].startswith("Column 77")
    assert "88 more: 88 good" in part


def test_cards_say_what_their_numbers_do_not(report: Report) -> None:
    """More than all, a colour in spite of the number, and whose colour it is."""

    def ratio(value: float, judged: float) -> Figure:
        why = "shuffled columns do as well (1.200)"
        return Figure("Kept", exact(value), 1.2, 1.0, "", judged, why, limits=Limits(0.9, 0.75))

    page = replace(report, utility={"detector_ap_ratio": ratio(1.06, float("nan"))}).html()
    assert "Above 100&nbsp;%: it learns more from them than from real ones" in page
    assert page.count("It counts as nothing, as shuffled columns do as well (1.200).") == 2
    page = replace(report, utility={"detector_ap_ratio": ratio(0.95, 0.95)}).html()
    assert "Above 100&nbsp;%" not in page
    assert "It counts as nothing" not in page
    outliers = Figure("Outliers", exact(0.7), 0.5, None, "", limits=Limits(0.53, 0.56))
    leaks = {**report.privacy, "membership_auc_outliers": outliers}
    cards = replace(report, privacy=leaks).html().partition('class="cards"')[2]
    assert '<p class="value">0.700</p><p>Outliers</p>' in cards  # the worst of its family


def test_a_model_folder_is_judged_apart(report: Report) -> None:
    """A folder that remembers people says nothing against a sample, and has advice of its own."""
    memory = Figure("Memory", exact(0.9), 0.5, None, "", limits=Limits(0.53, 0.56))
    both = replace(report, privacy={**report.privacy, "likelihood_auc": memory})
    assert (both.verdict, both.model_verdict) == (report.verdict, "red")
    assert (both.to_dict()["verdict"], both.to_dict()["model_verdict"]) == (report.verdict, "red")
    assert "verdict on the model folder: not good enough" in str(both)
    sample, folder = both.html().split('<section id="model"')
    assert "For a partner: no leak was shown" in sample
    assert "Memory" not in sample
    assert "hand out samples, never the folder" in folder
    assert report.model_verdict is None
    assert 'id="model"' not in report.html()


def test_whose_limits_were_used_is_said(sets: ComparedSets) -> None:
    """On the page and in the JSON; what was not measured is a note."""
    limits = Thresholds({"told_apart": Limits(0.2, 0.3), "windows": Limits(0.1, 0.2)})
    found = check_sets(
        sets.real, sets.synthetic, sets.holdout,
        entity="customer", time="time", detector=habit_detector, thresholds=limits,
    )  # fmt: skip
    written = found.to_dict()
    told = written["utility"]["told_apart"]
    assert (told["limits"], told["limits_given"]) == ({"green": 0.2, "amber": 0.3}, True)
    assert not written["privacy"]["copies"]["limits_given"]
    assert (told["colour"], written["verdict"]) == ("red", "red")
    assert written["notes"] == ["limits were given for windows: not measured here"]
    page = found.html()
    assert "1 of these figures are judged by limits that were given" in page
    assert "given for windows" in page


def test_rules_are_listed_with_their_counts(report: Report) -> None:
    """The least kept first, by the names of columns, with the colour of each and what breaks it."""
    real, broken = Tally(9_000, 0, 90, 0), Tally(4_000, 37, 50, 30)
    rules = [
        RuleKept(Order("a<b", "c", strict=False), real, real, broken),
        RuleKept(Whole("time", "minutes"), real, real, real),
    ]
    page = replace(report, rules=rules).html()
    row = page.partition("a&lt;b ≤ c")[2].partition("</tr>")[0]
    assert all(f">{cell}<" in row for cell in ("9,000", "4,000", "37"))
    assert "not good enough" in row
    assert "a&lt;b 9 beside c 5" in row
    kept = page.partition("time is in whole minutes")[2].partition("</tr>")[0]
    assert "good" in kept
    assert "made up" not in kept


def test_rules_have_the_colour_that_the_figure_of_the_worst_has(report: Report) -> None:
    """By limits that are given, where they are."""
    real, broken = Tally(9_000, 0, 90, 0), Tally(4_000, 37, 50, 30)
    rules = [RuleKept(Order("a", "b", strict=False), real, real, broken)]
    assert replace(report, rules=rules).rule_colours == ["red"]
    limits = Limits(0.9, 0.8)
    own = replace(report.utility["told_apart"], limits=limits)
    given = replace(report, rules=rules, utility={"rules_exact": own, "group_share": own})
    assert given.rule_colours == ["green"]
    assert given.group_colours == [limits.colour(each.share_kept) for each in report.groups]


def test_every_kind_of_rule_has_a_made_up_example() -> None:
    """Whatever rule is broken, the page can say by what."""
    assert {relation.kind for relation in Relation.__subclasses__()} == set(BROKEN)
