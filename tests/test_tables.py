"""Results show themselves as tables: narrow, escaped, and without a value of the data."""

import pickle
from dataclasses import replace

import polars as pl
import pytest
from rich.cells import cell_len

from anonymizer import Figure, Findings, Preview, Report, inspect, lint, preview
from anonymizer.checks.figures.figure import exact
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.reports.base import BaseReport
from anonymizer.tables import ROOMY, WIDTH, Table, Tabular

RULES = {
    "version": 1,
    "entity": "customer_id",
    "columns": {
        "customer_id": "keep",
        "email": {"mask": "pseudonym", "kind": "email"},
        "ordered_at": {"mask": "date_shift", "days": 30},
        "birth_date": "keep",
    },
}


def orders() -> pl.DataFrame:
    """A table whose values stand out."""
    days = pl.date_range(pl.date(1987, 1, 1), pl.date(1987, 3, 1), eager=True).cast(pl.Datetime)
    return pl.DataFrame(
        {
            "customer_id": [f"zq{number:05}" for number in range(60)],
            "email": [f"xenia{number}@wexley.test" for number in range(60)],
            "ordered_at": days,
            "birth_date": days.dt.date(),
        }
    )


def results() -> list[Tabular]:
    """One of each kind, of the same table."""
    frame = orders()
    return [inspect(frame), preview(frame, RULES), lint(RULES, frame)]


@pytest.mark.parametrize("place", range(3))
def test_a_result_fits_a_terminal_and_holds_no_value(place: int) -> None:
    """In both forms."""
    result = results()[place]
    assert str(result) == repr(result)
    assert max(map(cell_len, str(result).splitlines())) <= WIDTH
    for text in (str(result), result._repr_html_()):
        assert [word for word in ("zq0", "xenia", "wexley", "1987") if word in text] == []
        assert "birth_date" in text


def test_lists_that_show_themselves_are_lists() -> None:
    """They compare, slice and pickle as lists do; a preview keeps its notes."""
    shown, risks = preview(orders(), RULES), lint(RULES)
    assert shown == list(shown)
    assert risks == list(risks)
    assert [*shown[:1], *shown[1:]] == shown
    copied = pickle.loads(pickle.dumps(shown))
    assert (type(copied), copied, copied.notes) == (Preview, shown, shown.notes)
    assert pickle.loads(pickle.dumps(risks)) == risks


def test_no_finding_says_so() -> None:
    """In words, not as an empty table."""
    assert str(Findings([])) == "nothing is known to be risky here"
    assert Findings([])._repr_html_() == "<p>nothing is known to be risky here</p>"


class OneFigure(BaseReport):
    """A report of one figure."""

    def _all_figures(self) -> dict[str, Figure]:
        figure = Figure("Told <b>apart</b>", exact(0.8), 0.99, 0.5, "Half is best.")
        return judged({"told_apart": figure}) | {"extra": replace(figure, title="Of interest")}

    def _contents(self) -> dict[str, object]:
        return {}


def test_a_report_shows_its_verdict_and_figures_in_words() -> None:
    """The worst first, and its notes below; titles are escaped for a notebook."""
    report = OneFigure(draw=str, notes=["nothing else was measured"])
    lines = str(report).splitlines()
    assert lines[0] == "verdict: look closer (1 look closer, 1 for information)"
    assert lines[1].split() == [
        *("figure", "value", "95", "%", "interval", "baseline", "verdict", "measured")
    ]
    assert lines[2].split()[:2] == ["told_apart", "0.800"]
    assert "look closer" in lines[2]
    assert lines[-1] == "note: nothing else was measured"
    assert "Told &lt;b&gt;apart&lt;/b&gt;" in report._repr_html_()


def test_a_report_does_not_print_its_tables() -> None:
    """The events that were compared are in it, and not in what it shows."""
    assert Report.__repr__ is Tabular.__repr__


def test_long_cells_are_wrapped_and_nothing_is_lost() -> None:
    """Words stay whole where there is room; a long name is broken where there is none."""
    reason = "the name says this and that " * 8
    row = ("name", "role of two words " * 3, reason)
    lines = Table(("column", "role", "reason"), [row]).text().splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(lines).count("that") == 8
    assert len(lines[0]) - len("reason") <= WIDTH - ROOMY
    broken = Table(("column", "reason"), [("x" * 300, reason)]).text()
    assert max(map(len, broken.splitlines())) <= WIDTH
    assert broken.count("x") == 300


def test_wide_characters_take_two_places() -> None:
    """A line of Chinese fits as well."""
    text = Table(("column", "reason"), [("客户编号", "姓名" * 90)]).text()
    assert max(map(cell_len, text.splitlines())) <= WIDTH


def test_names_move_no_cursor_and_open_no_tag() -> None:
    """What comes from the data is text, and not a command of a terminal or a page."""
    table = Table(("column",), [("\x1b[2J<script>[red]",)], above=["\x07"], below=["<i>"])
    assert table.text() == "·\ncolumn\n·[2J<script>[red]\n<i>"
    assert table.html() == (
        "<p>·</p><table><thead><tr><th>column</th></tr></thead>"
        "<tbody><tr><td>·[2J&lt;script&gt;[red]</td></tr></tbody></table><p>&lt;i&gt;</p>"
    )
