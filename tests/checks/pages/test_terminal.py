"""The figures on one screen."""

import re

import pytest

from anonymizer.checks.figures.figure import Figure, Limits, exact
from anonymizer.checks.figures.statistics import Estimate
from anonymizer.checks.pages.terminal import print_figures

LIMITS = Limits(0.8, 0.5)


def figures(count: int, value: float) -> dict[str, Figure]:
    """As many with one value."""
    figure = Figure("Similarity " * 9, exact(value), None, None, "", limits=LIMITS)
    return {f"similarity_{value}_{i}": figure for i in range(count)}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output is a terminal of 80 columns."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.usefixtures("terminal")
def test_it_fits_one_screen(capsys: pytest.CaptureFixture[str]) -> None:
    """However many fail: the headline first, the worst next, the last line says what and where."""
    many = {**figures(30, 0.6), **figures(30, 0.1), **figures(40, 0.9)}
    print_figures(many, ["similarity_0.9_7"], ["r.html", None, "r.json"])
    printed = capsys.readouterr().out
    lines = re.sub(r"\x1b\[[\d;]*m", "", printed).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith("similarity_0.9_7 ")
    assert all(line.startswith("similarity_0.1") for line in lines[2:-2])
    assert lines[-2] == "and 13 not good enough, 30 look closer, 39 good"
    assert lines[-1] == "verdict: not good enough; written: r.html, r.json"
    assert "\x1b[1;31m" in printed


@pytest.mark.usefixtures("terminal")
def test_names_are_whole_where_a_screen_of_80_columns_allows_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The longest of our own fit beside all numbers; for longer ones the baseline makes room."""
    wide = Figure("It", Estimate(0.2, -0.1, 0.4), 0.1, None, "", limits=LIMITS)
    for name, head in (
        ("similarity_weekday_and_hour", "baseline"),
        ("similarity_a_column_of_thirty_chars", "verdict"),
        ("similarity_" + "long " * 20, "verdict"),
    ):
        print_figures({name: wide}, [])
        lines = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out).splitlines()
        assert max(map(len, lines)) <= 80
        assert head in lines[0]
        assert "-0.100 to 0.400" in lines[1]
        assert lines[1].startswith(name if len(name) < 40 else "similarity_long long")


@pytest.mark.usefixtures("terminal")
def test_a_reason_stands_below_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a value that is good by itself is not judged so; two lines at most."""
    odd = Figure(
        "It", exact(0.99), None, None, "", float("nan"),
        "shuffled columns do as well (1.005)", limits=LIMITS,
    )  # fmt: skip
    print_figures({f"detector_{i}_ratio": odd for i in range(30)}, [])
    lines = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out).splitlines()
    why = "It counts as nothing, as shuffled columns do as well (1.005)"
    assert lines[19:21] == [f"detector_{i}_ratio: {why}" for i in range(2)]
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


@pytest.mark.usefixtures("terminal")
def test_the_worst_of_several_is_named_below_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Which rule is broken, beside that one is."""
    rules = Figure("Rules", exact(0.2), None, None, "", limits=LIMITS, worst="a ≤ b, broken in 8")
    print_figures({"rules_exact": rules}, [])
    assert "rules_exact: a ≤ b, broken in 8" in capsys.readouterr().out


@pytest.mark.usefixtures("terminal")
def test_a_pipe_on_a_terminal_is_as_wide_as_that(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody looks at it through `less`."""
    monkeypatch.delenv("FORCE_COLOR")
    print_figures(figures(3, 0.1), [])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


@pytest.mark.usefixtures("terminal")
def test_no_colour_where_none_is_wanted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_COLOR is honoured, and words say the same."""
    monkeypatch.setenv("NO_COLOR", "1")
    print_figures(figures(1, 0.1), [])
    printed = capsys.readouterr().out
    assert not re.search(r"\x1b\[[\d;]*3\dm", printed)
    assert "not good enough" in printed


def test_a_pipe_gets_plain_whole_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No escape codes, nothing cut, columns under each other."""
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("os.isatty", lambda _stream: False)
    print_figures({**figures(1, 0.1), **figures(2, 0.9)}, ["similarity_0.9_1"])
    printed = capsys.readouterr().out
    head, *rows, rest, last = printed.splitlines()
    assert "\x1b" not in printed
    assert ("Similarity " * 9).strip() in printed
    assert {row.index("  0.") for row in rows} == {head.index("  value")}
    assert (rest, last) == ("and 1 good", "verdict: not good enough; --report writes a page")


def test_nothing_judged_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """No colour is not green."""
    print_figures({"it": Figure("It", exact(1.0), None, None, "")}, [])
    assert "verdict: nothing was judged" in capsys.readouterr().out
