"""The commands around masking: inspect, lint, audit and rotate."""

import json
from pathlib import Path

import polars as pl
import pytest

from anonymizer.cli import main

OLD, NEW = "the-old-secret-of-the-tests", "the-new-secret-of-the-tests"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with purchases of forty people."""
    people = [number for number in range(40) for _ in range(5)]
    frame = pl.DataFrame(
        {
            "customer_id": people,
            "email": [f"zenobia{number}@mail.example" for number in people],
            "order_date": pl.Series(range(19_000, 19_200), dtype=pl.Int32).cast(pl.Date),
            "item": [f"thing {row % 17}" for row in range(200)],
        }
    )
    frame.write_parquet(tmp_path / "raw.parquet")
    monkeypatch.setenv("ANONYMIZER_KEY", NEW)
    monkeypatch.setenv("OLD_KEY", OLD)
    return tmp_path


def test_from_a_table_to_an_audit(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `inspect` writes masks the table, and `audit` says what is left, without a value."""
    raw, rules, masked = (f"{shop}/{name}" for name in ("raw.parquet", "r.yaml", "m.parquet"))
    assert main(["inspect", raw, "--output", rules]) == 0
    assert "direct identifier" in capsys.readouterr().out
    assert main(["inspect", raw, "--output", rules]) == 2
    assert main(["mask", raw, masked, "--rules", rules]) == 0
    call = ["audit", raw, masked, "--entity", "customer_id", "--time", "order_date"]
    outputs = ["--report", f"{shop}/audit.html", "--json", f"{shop}/audit.json"]
    assert main([*call, "--quasi-identifiers", "item", *outputs]) == 0
    found = json.loads((shop / "audit.json").read_text("utf-8"))
    assert found["tables"]["raw_entities"] == 40
    printed = capsys.readouterr().out + (shop / "audit.json").read_text("utf-8")
    assert "zenobia" not in printed + (shop / "audit.html").read_text("utf-8")


def test_an_audit_needs_its_entity(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that names the column and the way out."""
    raw = f"{shop}/raw.parquet"
    assert main(["audit", raw, raw, "--entity", "who"]) == 2
    assert "no column 'who'" in capsys.readouterr().err


def test_an_audit_says_of_which_share_it_is(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--share` is said in a note and in the JSON; a dataset is audited whole."""
    raw, found = f"{shop}/raw.parquet", f"{shop}/audit.json"
    call = ["audit", raw, raw, "--entity", "customer_id"]
    assert main([*call, "--share", "0.1", "--json", found]) == 0
    assert "the tables hold 10 % of the persons" in capsys.readouterr().err
    assert json.loads(Path(found).read_text("utf-8"))["share"] == 0.1
    assert main(["audit", f"{shop}/dataset.yaml", "--share", "0.1"]) == 2
    assert "--share, --earlier and --engine are of two tables" in capsys.readouterr().err
    assert main([*call, "--share", "0"]) == 2


def test_an_audit_looks_for_its_people_in_an_earlier_release(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The figure comes early, and is in the JSON with all four files; none of them is replaced."""
    raw, found = f"{shop}/raw.parquet", f"{shop}/audit.json"
    call = ["audit", raw, raw, "--entity", "customer_id", "--earlier", raw, raw]
    assert main([*call, "--json", found]) == 0
    written = json.loads(Path(found).read_text("utf-8"))
    assert written["figures"]["relinked"]["colour"] == "red"
    assert "\nrelinked " in "\n".join(capsys.readouterr().out.splitlines()[:4])
    assert len(written["provenance"]["inputs"]) == 4
    assert main([*call, "--json", raw]) == 2


def test_an_audit_fails_by_its_colours(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--fail-on` names what failed once the reports are there; limits of one's own change it."""
    raw, page, limits = (f"{shop}/{name}" for name in ("raw.parquet", "a.html", "t.yaml"))
    call = ["audit", raw, raw, "--entity", "customer_id", "--quasi-identifiers", "item"]
    assert main(call) == 0
    assert main([*call, "--fail-on", "red", "--report", page]) == 1
    printed = capsys.readouterr()
    assert "anonymizer: --fail-on red: unicity, " in printed.err
    assert f"verdict: not good enough; written: {page}" in printed.out
    assert "anonymous" not in (printed.out + printed.err).lower()
    assert Path(page).exists()
    lenient = [*call, "--fail-on", "amber", "--thresholds", limits]
    Path(limits).write_text("*: {green: 2, amber: 3}\n")
    assert main(lenient) == 2  # YAML reads a star alone as something else
    Path(limits).write_text('"*i*": {green: 2, amber: 3}\nk: {green: 0, amber: -1}\n')
    assert main(lenient) == 2
    assert "more is better" in capsys.readouterr().err
    shares = ("unicity", "found", "linkage*", "unique", "raw_values_*")
    lines = [f"{name}: {{green: 2, amber: 3}}" for name in shares]
    Path(limits).write_text("\n".join([*lines, "k: {green: 1, amber: 0}"]))
    assert main(lenient) == 0


def test_what_nobody_could_judge_does_not_pass(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A gate on nothing is closed."""
    pl.read_parquet(shop / "raw.parquet").clear().write_parquet(shop / "none.parquet")
    none = f"{shop}/none.parquet"
    assert main(["audit", none, none, "--entity", "customer_id", "--fail-on", "red"]) == 1
    assert "nothing could be judged" in capsys.readouterr().err


def test_lint_fails_on_what_is_risky(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A kept address is a warning and exit status 1; a pack is neither."""
    (shop / "rules.yaml").write_text("version: 1\nunlisted: drop\ncolumns: {email: keep}\n")
    assert main(["lint", f"{shop}/rules.yaml"]) == 1
    assert "columns.email" in capsys.readouterr().out
    assert main(["lint", "ecommerce"]) == 0


def test_rotate_maps_old_tokens_to_new(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The map joins what the two keys made; without the old key it says what to name."""
    (shop / "rules.yaml").write_text(
        "version: 1\nunlisted: drop\norder: kept\n"
        "columns: {customer_id: {mask: token, domain: customer}}\n"
    )
    raw, rules = f"{shop}/raw.parquet", f"{shop}/rules.yaml"
    assert main(["rotate", raw, f"{shop}/map.parquet", "--rules", rules]) == 2
    assert "--old-key-env" in capsys.readouterr().err
    call = ["rotate", raw, f"{shop}/map.parquet", "--rules", rules, "--old-key-env", "OLD_KEY"]
    assert main(call) == 0
    pairs = pl.read_parquet(shop / "map.parquet")
    masks = ["mask", raw, "--rules", rules]
    assert main([*masks, f"{shop}/old.parquet", "--key-env", "OLD_KEY"]) == 0
    assert main([*masks, f"{shop}/new.parquet"]) == 0
    old, new = (pl.read_parquet(shop / f"{name}.parquet") for name in ("old", "new"))
    joined = old.join(pairs, left_on="customer_id", right_on="old", maintain_order="left")
    assert joined["new"].to_list() == new["customer_id"].to_list()


def test_rules_are_kept_for_the_next_file(shop: Path) -> None:
    """`--save-rules` writes rules that mask another file."""
    (shop / "rules.yaml").write_text(
        "version: 1\nentity: customer_id\nunlisted: drop\n"
        "columns: {customer_id: token, item: {mask: rare, k: 5}}\n"
    )
    call = ["mask", f"{shop}/raw.parquet", f"{shop}/a.parquet", "--rules", f"{shop}/rules.yaml"]
    assert main([*call, "--save-rules", f"{shop}/fitted.json"]) == 0
    again = ["mask", f"{shop}/raw.parquet", f"{shop}/b.parquet", "--rules", f"{shop}/fitted.json"]
    assert main(again) == 0
    assert "thing" not in (shop / "fitted.json").read_text("utf-8")
    assert pl.read_parquet(shop / "a.parquet").equals(pl.read_parquet(shop / "b.parquet"))
