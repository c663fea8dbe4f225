"""`check` and `audit` are called alike, from Python and on the command line."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.cli import commands
from anonymizer.composition import audit, check
from anonymizer.errors import DataError, FileError

KINDS: dict[str, Callable[[pl.DataFrame, Path], Any]] = {
    "eager": lambda frame, _path: frame,
    "lazy": lambda frame, _path: frame.lazy(),
    "pandas": lambda frame, _path: frame.to_pandas(),
    "Arrow": lambda frame, _path: frame.to_arrow(),
    "path": lambda _frame, path: path,
    "text": lambda _frame, path: str(path),
}


def written(frame: pl.DataFrame, path: Path) -> Path:
    """The path of a file that holds the frame."""
    frame.write_parquet(path)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_check_takes_tables_of_every_kind(sets: ComparedSets, kind: str, tmp_path: Path) -> None:
    """Whatever they are in, they are read; here as far as a column that is not there."""
    tables = {
        name: KINDS[kind](frame, written(frame, tmp_path / f"{name}.parquet"))
        for name, frame in (
            ("real", sets.real), ("synthetic", sets.synthetic), ("holdout", sets.holdout),
        )
    }  # fmt: skip
    with pytest.raises(DataError, match="the real set has no column 'nobody'"):
        check(**tables, entity="nobody", time="time")


@pytest.mark.parametrize("kind", KINDS)
def test_an_audit_takes_tables_of_every_kind(sets: ComparedSets, kind: str, tmp_path: Path) -> None:
    """And finds the same in all of them."""
    table = KINDS[kind](sets.real, written(sets.real, tmp_path / "raw.parquet"))
    found = audit(raw=table, masked=table, entity="customer", quasi_identifiers=["item"])
    assert (
        found.figures["k"].estimate.value
        == audit(raw=sets.real, masked=sets.real, entity="customer", quasi_identifiers=["item"])
        .figures["k"]
        .estimate.value
    )


def test_what_is_no_table_is_refused_alike() -> None:
    """A list is no table, and a file must be there."""
    for call in (
        lambda x: check(real=x, synthetic=x, holdout=x, entity="e", time="t"),
        lambda x: audit(raw=x, masked=x, entity="e"),
    ):
        with pytest.raises(DataError, match="expected a Polars, pandas or Arrow frame"):
            call([1, 2])
        with pytest.raises(FileError, match=r"nowhere\.parquet"):
            call("nowhere.parquet")


def test_arguments_come_in_one_order() -> None:
    """Tables, whose and when, what is special, and the same three at the end, by keyword only."""
    for call, tables in ((check, 3), (audit, 2)):
        arguments = list(inspect.signature(call).parameters.values())
        names = [each.name for each in arguments]
        assert names[tables : tables + 2] == ["entity", "time"]
        assert names[-3:] == ["thresholds", "seed", "progress"]
        assert {each.kind for each in arguments} == {inspect.Parameter.KEYWORD_ONLY}


def test_options_are_the_same() -> None:
    """`check` and `audit` are judged, failed and written by the same options."""
    shared = ["--thresholds", "--fail-on", "--report", "--json", "--seed"]
    for name in ("check", "audit"):
        options = [option for each in commands.commands[name].params for option in each.opts]
        assert options[-6:] == [*shared, "--csv"]
