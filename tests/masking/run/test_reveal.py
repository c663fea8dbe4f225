"""`anonymizer reveal`: whoever holds the key gets back what was encrypted, and nobody else."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import anonymize
from anonymizer.cli import main
from anonymizer.errors import DataError, RuleError
from anonymizer.masking.run.files import mask_file, reveal_file

SECRET = "0123456789abcdef-of-the-tests"
RULES: dict[str, Any] = {
    "version": 1,
    "entity": "who",
    "columns": {
        "who": {"mask": "encrypt", "domain": "customer"},
        "card": {"mask": "fpe", "first": 4, "check": "luhn"},
        "inner.mail": "encrypt",
        "note": "drop",
        "day": "keep",
    },
}
FRAME = pl.DataFrame(
    {
        "who": [7, 8, None],
        "card": ["4111 1111 1111 1111", None, "5500-0000-0000-0004"],
        "inner": [{"mail": "Ann@x.org "}, {"mail": ""}, None],
        "note": ["a", "b", "c"],
        "day": [1, 2, 3],
    }
)


@pytest.fixture
def masked(tmp_path: Path) -> Path:
    """A masked file."""
    FRAME.write_parquet(tmp_path / "raw.parquet")
    mask_file(tmp_path / "raw.parquet", tmp_path / "masked.parquet", RULES, key=SECRET)
    return tmp_path / "masked.parquet"


def test_what_was_encrypted_comes_back(masked: Path, tmp_path: Path) -> None:
    """Exactly, with blanks, empty texts, structs and integers; the rest as it was masked."""
    content = masked.read_bytes()
    assert not any(raw in content for raw in (b"Ann@x", b"4111 1111", b"5500-0000-"))
    revealed = reveal_file(masked, tmp_path / "back.parquet", RULES, key=SECRET)
    assert revealed == ["who", "card", "inner.mail"]
    back = pl.read_parquet(tmp_path / "back.parquet")
    assert back.equals(FRAME.drop("note"))
    assert back.schema == FRAME.drop("note").schema


def test_a_revealed_file_bears_no_stamp(masked: Path, tmp_path: Path) -> None:
    """It is raw data and can be masked."""
    reveal_file(masked, tmp_path / "back.parquet", RULES, key=SECRET)
    rules = RULES | {"columns": RULES["columns"] | {"day": "keep"}}
    rules["columns"].pop("note")
    again = mask_file(tmp_path / "back.parquet", tmp_path / "m2.parquet", rules, key=SECRET)
    assert again.rows == 3


def test_another_key_reveals_nothing(masked: Path, tmp_path: Path) -> None:
    """Parquet says whose key it was; in other formats encrypt notices it itself."""
    with pytest.raises(DataError, match="masked with key id"):
        reveal_file(masked, tmp_path / "back.parquet", RULES, key=SECRET + "x")
    pl.read_parquet(masked).drop("inner", "card").write_csv(tmp_path / "masked.csv")
    with pytest.raises(DataError, match="who: 2 values cannot be revealed"):
        reveal_file(tmp_path / "masked.csv", tmp_path / "back.csv", RULES, key=SECRET + "x")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "masked.csv", "masked.parquet", "raw.parquet",
    ]  # fmt: skip


def test_altered_values_are_noticed(masked: Path, tmp_path: Path) -> None:
    """One changed letter of one value is an error, and nothing is written."""
    changed = pl.col("who").str.replace("^.", "-")
    pl.read_parquet(masked).drop("inner").with_columns(changed).write_csv(tmp_path / "m.csv")
    with pytest.raises(DataError, match="who: 2 values cannot be revealed: another key, or alt"):
        reveal_file(tmp_path / "m.csv", tmp_path / "back.csv", RULES, key=SECRET)


def test_rules_without_a_way_back_are_refused(masked: Path, tmp_path: Path) -> None:
    """Tokens cannot be undone; neither can what was masked for some rows only."""
    with pytest.raises(RuleError, match="there is nothing to reveal"):
        reveal_file(
            masked, tmp_path / "b.parquet", {"version": 1, "columns": {"who": "token"}}, key=SECRET
        )
    other = {"version": 1, "columns": {"card": {"mask": "fpe", "first": 6, "check": "luhn"}}}
    with pytest.raises(RuleError, match=r"columns\.card: was masked with other options"):
        reveal_file(masked, tmp_path / "b.parquet", other, key=SECRET)


def test_what_could_not_be_revealed_is_not_masked() -> None:
    """Conditions and lists have no way back, which is said before anything is encrypted."""
    frame = pl.DataFrame({"x": ["a"], "tags": [["a"]]})
    half = {"x": {"mask": "encrypt", "when": "x = 'a'"}, "*": "keep"}
    with pytest.raises(DataError, match="x: what is encrypted under a condition could not"):
        anonymize(frame, {"version": 1, "columns": half}, key=SECRET)
    with pytest.raises(DataError, match="tags: what is inside a list could not be revealed"):
        anonymize(frame, {"version": 1, "columns": {"tags": "encrypt", "x": "keep"}}, key=SECRET)


def test_large_and_nested_integers_come_back(tmp_path: Path) -> None:
    """Their dtype is remembered, in structs too."""
    frame = pl.DataFrame(
        {"n": [2**64 - 1, 0], "s": [{"id": -5}, {"id": 7}]},
        schema={"n": pl.UInt64, "s": pl.Struct({"id": pl.Int16})},
    )
    frame.write_parquet(tmp_path / "raw.parquet")
    rules = {"version": 1, "columns": {"n": "encrypt", "s.id": "encrypt"}}
    mask_file(tmp_path / "raw.parquet", tmp_path / "m.parquet", rules, key=SECRET)
    reveal_file(tmp_path / "m.parquet", tmp_path / "back.parquet", rules, key=SECRET)
    back = pl.read_parquet(tmp_path / "back.parquet")
    assert back.equals(frame)
    assert back.schema == frame.schema


def test_the_command(masked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way round on the command line."""
    monkeypatch.setenv("ANONYMIZER_KEY", SECRET)
    rule = "{mask: fpe, first: 4, check: luhn}"
    (tmp_path / "r.yaml").write_text(f"version: 1\ncolumns: {{card: {rule}}}")
    out = tmp_path / "back.parquet"
    assert main(["reveal", str(masked), str(out), "--rules", str(tmp_path / "r.yaml")]) == 0
    assert pl.read_parquet(out)["card"].to_list() == FRAME["card"].to_list()
