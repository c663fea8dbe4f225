"""The commands end to end, and bad input: one line, exit 2, nothing written."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from anonymizer import __version__
from anonymizer.cli import commands, main

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, _brief_training: None) -> Path:
    """A folder with train, holdout and a model of train."""
    folder = tmp_path_factory.mktemp("shop")
    rng = np.random.default_rng(0)
    rows = [
        (
            customer,
            19_700 + int(day),
            ["tea", "jam", "mug"][(customer + int(day)) % 3],
            float(rng.integers(1, 40)),
        )
        for customer in range(120)
        for day in np.sort(rng.integers(0, 200, 1 + customer % 9))
    ]
    events = pl.DataFrame(rows, ["customer", "day", "item", "amount"], orient="row").with_columns(
        pl.col("day").cast(pl.Int32).cast(pl.Date)
    )
    events.filter(pl.col("customer") % 2 == 0).write_parquet(folder / "train.parquet")
    events.filter(pl.col("customer") % 2 == 1).write_parquet(folder / "holdout.parquet")
    roles = ["--entity", "customer", "--time", "day", "--max-epochs", "2"]
    assert main(["fit", f"{folder}/train.parquet", f"{folder}/model", *roles]) == 0
    return folder


def test_sample_writes_what_the_seed_says(shop: Path, tmp_path: Path) -> None:
    """Twice the same seed gives twice the same bytes of data, other seeds others."""
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        call = ["sample", f"{shop}/model", f"{tmp_path}/{name}.parquet", "--entities", "30"]
        assert main([*call, "--seed", seed]) == 0
    a, b, c = (pl.read_parquet(tmp_path / f"{n}.parquet") for n in "abc")
    assert a.equals(b)
    assert not a.equals(c)
    assert a["customer"].n_unique() == 30


def test_shards_are_together_the_whole(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What several machines sample, each from another history on, is what one samples."""
    for name, count, first in (("a", 12, 0), ("b", 18, 12), ("c", 30, 0)):
        call = ["sample", f"{shop}/model", f"{tmp_path}/{name}.parquet", "--entities", str(count)]
        assert main([*call, "--first", str(first)]) == 0
    a, b, c = (pl.read_parquet(tmp_path / f"{n}.parquet") for n in "abc")
    assert pl.concat([a, b]).equals(c)
    call = ["sample", f"{shop}/model", f"{tmp_path}/d.parquet", "--first", "3"]
    assert main([*call, "--prefix", f"{shop}/holdout.parquet"]) == 2
    assert "--first goes with --entities" in capsys.readouterr().err


def test_score_adds_columns(shop: Path, tmp_path: Path) -> None:
    """Each event gets a score and its parts."""
    assert main(["score", f"{shop}/model", f"{shop}/holdout.parquet", f"{tmp_path}/s.csv"]) == 0
    scored = pl.read_csv(tmp_path / "s.csv")
    assert {"anomaly_score", "anomaly_day", "anomaly_amount"} <= set(scored.columns)
    assert len(scored) == len(pl.read_parquet(shop / "holdout.parquet"))


def test_score_alerts_and_sums_up(shop: Path, tmp_path: Path) -> None:
    """Alerts come with their column and what was usual; entities with a row each."""
    call = ["score", f"{shop}/model", f"{shop}/holdout.parquet", f"{tmp_path}/s.parquet"]
    extra = ["--alert-rate", "0.4", "--entities", f"{tmp_path}/e.parquet"]
    assert main([*call, *extra, "--history", f"{shop}/train.parquet"]) == 0
    scored = pl.read_parquet(tmp_path / "s.parquet")
    alerts = scored.filter("alert")
    assert 0 < len(alerts) < len(scored)
    assert alerts["alert_column"].is_in(["day", "item", "amount"]).all()
    assert alerts["alert_usual"].null_count() == 0
    summary = pl.read_parquet(tmp_path / "e.parquet")
    assert summary["events"].sum() == len(scored)
    assert summary["above_limit"].sum() == len(alerts)


def test_recommend_writes_ranks(shop: Path, tmp_path: Path) -> None:
    """A row per entity and rank."""
    call = ["recommend", f"{shop}/model", f"{shop}/holdout.parquet", f"{tmp_path}/r.csv"]
    assert main([*call, "--field", "item", "--top", "2"]) == 0
    ranked = pl.read_csv(tmp_path / "r.csv")
    assert ranked.columns == ["customer", "rank", "item", "probability"]
    assert len(ranked) == 2 * pl.read_parquet(shop / "holdout.parquet")["customer"].n_unique()


def test_sample_goes_on_from_a_prefix(shop: Path, tmp_path: Path) -> None:
    """Histories are continued under their own names."""
    call = ["sample", f"{shop}/model", f"{tmp_path}/f.parquet"]
    assert main([*call, "--prefix", f"{shop}/holdout.parquet"]) == 0
    future = pl.read_parquet(tmp_path / "f.parquet")
    known = set(pl.read_parquet(shop / "holdout.parquet")["customer"])
    assert set(future["customer"]) <= known
    assert len(set(future["customer"])) > 0.7 * len(known)
    assert main([*call, "--prefix", f"{shop}/holdout.parquet", "--entities", "3"]) == 2


def test_check_reports(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page, the same as JSON, and a table in the terminal."""
    assert main(["sample", f"{shop}/model", f"{tmp_path}/syn.parquet", "--entities", "60"]) == 0
    status = main(
        [
            "check", "--real", f"{shop}/train.parquet", "--synthetic", f"{tmp_path}/syn.parquet",
            "--holdout", f"{shop}/holdout.parquet", "--entity", "customer", "--time", "day",
            "--report", f"{tmp_path}/r.html", "--json", f"{tmp_path}/r.json",
            "--model", f"{shop}/model",
        ]
    )  # fmt: skip
    assert status == 0
    said = capsys.readouterr().out
    assert "DCR share" in said
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
    figures = json.loads((tmp_path / "r.json").read_text())
    assert "detector_ap" in figures["utility"]
    titles = [figure["title"] for figure in figures["privacy"].values()]
    assert any("Membership inference by the model" in title for title in titles)


def test_check_fails_by_its_colours(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 and the names where a figure is too bad; a slip in the thresholds is 2 before training."""

    def guess(_train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
        return np.random.default_rng(0).random(len(test))

    monkeypatch.setattr("anonymizer.composition.likelihood_detector", lambda *_: guess)
    call = [
        "check", "--real", f"{shop}/train.parquet", "--synthetic", f"{shop}/train.parquet",
        "--holdout", f"{shop}/holdout.parquet", "--entity", "customer", "--time", "day",
    ]  # fmt: skip
    assert main(call) == 0
    assert "verdict: not good enough" in capsys.readouterr().out
    assert main([*call, "--fail-on", "red", "--json", f"{tmp_path}/r.json"]) == 1
    printed = capsys.readouterr()
    (line,) = [x for x in printed.err.splitlines() if "--fail-on" in x]
    assert {"copies", "moved_copies"} <= set(line.partition("red: ")[2].split(", "))
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "red"
    assert "anonymous" not in (printed.out + printed.err).lower()
    (tmp_path / "t.yaml").write_text("copys: {green: 0.1, amber: 0.01}\n")
    assert main([*call, "--thresholds", f"{tmp_path}/t.yaml"]) == 2
    assert "did you mean 'copies'" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "audit"])
def test_help_says_that_a_bad_verdict_alone_is_no_failure(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever puts it into a pipeline learns of `--fail-on`."""
    assert main([command, "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "without it the exit status is 0 whatever the verdict" in said


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["fit", "absent.parquet", "m", "--entity", "a", "--time", "b"], "absent.parquet"),
        (
            ["fit", "{shop}/train.parquet", "m", "--entity", "custmer", "--time", "day"],
            "'customer'",
        ),
        (["fit", "{shop}/train.parquet", "m", "--entity", "item", "--time", "amount"], "'amount'"),
        (["fit", "{shop}/train.parquet", "m", "--entity", "customer"], "--time"),
        (["sample", "{shop}/absent", "s.parquet", "--entities", "3"], "not a model folder"),
        (["sample", "{shop}/model", "s.parquet", "--entities", "0"], "--entities"),
        (["sample", "{shop}/model", "s.xlsx", "--entities", "3"], "s.xlsx"),
        (["score", "{shop}/model", "absent.parquet", "s.parquet"], "absent.parquet"),
        (
            [
                "check",
                "--real",
                "{shop}/train.parquet",
                "--synthetic",
                "{shop}/train.parquet",
                "--holdout",
                "{shop}/holdout.parquet",
                "--entity",
                "item",
                "--time",
                "day",
                "--model",
                "{shop}/model",
            ],
            "has learned the entity 'customer'",
        ),
        (
            [
                *("check", "--real", "{shop}/train.parquet", "--synthetic", "{shop}/train.parquet"),
                *("--holdout", "{shop}/holdout.parquet", "--entity", "customer", "--time", "day"),
                *("--shadows", "8"),
            ],
            "--model",
        ),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_bad_calls_say_so_in_one_line(  # noqa: PLR0917 (fixtures)
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    call: list[str],
    words: str,
) -> None:
    """Exit status 2, one line that names the place, and nothing written."""
    monkeypatch.chdir(tmp_path)
    assert main([part.format(shop=shop) for part in call]) == 2
    lines = [x for x in capsys.readouterr().err.splitlines() if x.startswith("anonymizer:")]
    assert len(lines) == 1
    assert words in lines[0]
    assert list(tmp_path.iterdir()) == []


def test_an_unforeseen_failure_tells_no_value(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever goes wrong, exit status 1 and no content of an exception."""

    def fail(*_args: object, **_options: object) -> None:
        raise ValueError("Ms Secret, 1 Hidden Lane")

    monkeypatch.setattr("anonymizer.sequences.model.sequence_model.SequenceModel.load", fail)
    assert main(["sample", f"{shop}/model", f"{tmp_path}/s.parquet", "--entities", "3"]) == 1
    assert "Secret" not in capsys.readouterr().err


def test_a_model_is_not_replaced_unasked(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second fit into the same folder needs --overwrite."""
    call = [
        "fit",
        f"{shop}/train.parquet",
        f"{shop}/model",
        "--entity",
        "customer",
        "--time",
        "day",
    ]
    assert main(call) == 2
    assert "--overwrite" in capsys.readouterr().err


def test_what_cannot_be_written_is_said_before_the_training(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is no model is not replaced; a finished model has nothing to resume."""
    (tmp_path / "letters").mkdir()
    call = ["fit", f"{shop}/absent.parquet", "--entity", "customer", "--time", "day"]
    assert main([*call, f"{tmp_path}/letters", "--overwrite"]) == 2
    assert "is not a model folder" in capsys.readouterr().err
    assert main([*call, f"{shop}/model", "--resume"]) == 2
    assert "nothing to resume" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("own", "why"),
    [
        (("--roles", "item: 3"), "each line must be as: invoice: identifier"),
        (("--roles", "item: thing"), "must be one of: identifier, code, field, context"),
        (("--rules", "- amount > 0"), "one in each line, no list"),
        (("--rules", "-- ours\n\namount >"), "the rule 'amount >' is no SQL"),
    ],
)
def test_roles_and_rules_are_read_from_files(
    own: tuple[str, str], why: str, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong in them is said before the training."""
    (tmp_path / "own").write_text(own[1])
    call = [
        "fit",
        f"{shop}/train.parquet",
        f"{tmp_path}/m",
        "--entity",
        "customer",
        "--time",
        "day",
    ]
    assert main([*call, own[0], f"{tmp_path}/own"]) == 2
    assert why in capsys.readouterr().err
    assert main([*call, own[0], f"{tmp_path}/absent"]) == 2
    assert "absent: No such file or directory" in capsys.readouterr().err


def test_every_command_is_in_the_readme() -> None:
    """No command without documentation."""
    text = README.read_text()
    assert [name for name in commands.commands if f"anonymizer {name} " not in text] == []


def test_the_package_can_be_run() -> None:
    """`python -m anonymizer` is the command."""
    command = [sys.executable, "-m", "anonymizer", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert __version__ in done.stdout
