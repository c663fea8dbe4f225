"""Rule files: all faults at once, each with its path and the nearest valid name."""

import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import anonymize, fit_rules, mask_file
from anonymizer.errors import FileError, RuleError
from anonymizer.masking.masks import MASKS
from anonymizer.masking.rules.rules import load_rules, packs
from tests.masking.conftest import SECRET


def faults_of(document: object) -> list[str]:
    """The faults of a document."""
    with pytest.raises(RuleError) as caught:
        load_rules(document)  # type: ignore[arg-type]
    return caught.value.faults


def with_column(rule: object, **fields: Any) -> dict[str, Any]:
    """A document with one column."""
    return {"version": 1, "entity": "c", "columns": {"x": rule}} | fields


def test_the_example_of_the_interface_is_read() -> None:
    """The rule file that users see first is valid."""
    rules = load_rules(
        {
            "version": 1,
            "entity": "customer_id",
            "unlisted": "error",
            "columns": {
                "customer_id": {"mask": "token", "domain": "customer", "prefix": "C"},
                "name": {"mask": "pseudonym", "kind": "name", "locale": "en_US"},
                "email": {"mask": "pseudonym", "kind": "email"},
                "address": {"mask": "region", "country": "US", "level": "state"},
                "birth_date": {"mask": "age", "width": 10, "top": 90},
                "order_time": {"mask": "date_shift", "days": 30},
                "amount": {"mask": "round", "to": 1},
                "item_*": "keep",
            },
        }
    )
    assert [mask.name for masks in rules.columns.values() for mask in masks] == [
        "token", "pseudonym", "pseudonym", "region", "age", "date_shift", "round", "keep",
    ]  # fmt: skip
    assert rules.domain_of(rules.entity_columns) == "customer"
    assert rules.position("item_7") == 7


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        ([], ["a rule file is a mapping that begins `version: 1`"]),
        (
            {"version": 1, "columns": {"x": {"mask": "shuffle", "within": "x"}}},
            ["columns.x.within: expected a list: put it in brackets, `[...]`"],
        ),
        (
            {"columns": {"x": "keep"}},
            ["version: missing; write `version: 1`"],
        ),
        (
            with_column("keep", version=2),
            ["version: this release reads version 1 only"],
        ),
        (
            with_column("keep", version=True),
            ["version: this release reads version 1 only"],
        ),
        (with_column("keep", colums={}), ["colums: no such field; did you mean 'columns'?"]),
        (with_column("keep", key="secret"), ["key: no such field"]),
        (
            with_column("keep", entity=7),
            ["entity: expected the name of a column, or a list of names"],
        ),
        (
            with_column("keep", unlisted="kep"),
            ["unlisted: expected error, drop or keep; did you mean 'keep'?"],
        ),
        (
            with_column("keep", columns={}),
            ["columns: expected a mapping of column names to masks"],
        ),
        (
            with_column("keep", columns={1: "keep"}),
            ["columns.1: put the column's name in quotes"],
        ),
        (with_column("tokn"), ["columns.x.mask: no mask 'tokn'; did you mean 'token'?"]),
        (
            with_column({"kind": "name"}),
            ["columns.x: expected the name of a mask or {mask: name, ...}"],
        ),
        (
            with_column({"mask": "token", "prefx": "C"}),
            ["columns.x.prefx: no such option; did you mean 'prefix'?"],
        ),
        (with_column("round"), ["columns.x.to: this option is required"]),
        (
            with_column({"mask": "round", "to": 0}),
            ["columns.x.to: it should be greater than 0"],
        ),
        (
            with_column({"mask": "date_shift", "days": "thirty"}),
            ["columns.x.days: it should be a valid integer"],
        ),
        (
            with_column({"mask": "partial"}),
            ["columns.x: keep at least one character (`first`, `last`), or use redact"],
        ),
        (
            with_column({"mask": "pseudonym", "kind": "name", "domain": "d"}),
            ["columns.x: `domain` needs `by: value`; by entity, the entity's domain counts"],
        ),
        (
            {"version": 1, "columns": {"x": {"mask": "date_shift", "days": 3}}},
            ["columns.x: date_shift needs `entity:` in the file"],
        ),
        (
            {"version": 1, "columns": {"x": {"mask": "pseudonym", "kind": "email"}}},
            ["columns.x: pseudonym needs `entity:` in the file"],
        ),
        (
            with_column("keep", digest="sha1"),
            ["digest: expected aes-cmac or hmac-sha256"],
        ),
        (
            with_column("keep", parquet={"compression": "lz4", "level": 3}),
            ["parquet: lz4 has no `level`"],
        ),
        (
            with_column("keep", parquet={"level": 30, "row_group": 10}),
            ["parquet.row_group: it should be greater than or equal to 1000"],
        ),
        (
            with_column("keep", parquet="zstd"),
            ["parquet: expected the options compression, level and row_group"],
        ),
        (
            with_column("keep", anonymity={"k": 5, "quasi_identifier": []}),
            [
                "anonymity.quasi_identifier: no such option; did you mean 'quasi_identifiers'?",
            ],
        ),
    ],
)
def test_a_fault_has_its_path(document: object, faults: list[str]) -> None:
    """Each fault names its place, what is expected and the nearest name."""
    assert faults_of(document) == faults


def test_all_faults_come_at_once() -> None:
    """Three mistakes are one error of one line."""
    columns = {"a": "tokn", "b": {"mask": "round"}, "c": {"mask": "region", "county": "US"}}
    with pytest.raises(RuleError) as caught:
        load_rules({"version": 1, "columns": columns})
    assert str(caught.value) == (
        "rules: 4 faults: columns.a.mask: no mask 'tokn'; did you mean 'token'?; "
        "columns.b.to: this option is required; columns.c.country: this option is required; "
        "columns.c.county: no such option; did you mean 'country'?"
    )


def test_tokens_of_one_domain_have_one_prefix() -> None:
    """Otherwise equal values of a domain would differ between columns."""
    columns = {
        "a": {"mask": "token", "domain": "d", "prefix": "A"},
        "b": {"mask": "token", "domain": "d"},
    }
    assert faults_of({"version": 1, "columns": columns}) == [
        "columns.b.prefix: tokens of one domain need one prefix"
    ]


def test_broken_yaml_gives_the_line_and_no_content(tmp_path: Path) -> None:
    """A rule file may hold confidential names: its content stays out of messages."""
    file = tmp_path / "r.yaml"
    file.write_text("version: 1\ncolumns:\n  secret: [keep\n")
    with pytest.raises(RuleError) as caught:
        load_rules(file)
    assert str(caught.value) == "r.yaml: 1 fault: line 4: this is not YAML"


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\xff", b"a: !!python/object:os.system x", b"? [1]: 2"]
)
def test_hostile_yaml_is_refused(tmp_path: Path, content: bytes) -> None:
    """Other encodings, tags and keys that are lists are no rule file."""
    file = tmp_path / "r.yaml"
    file.write_bytes(content)
    with pytest.raises(RuleError):
        load_rules(file)


def test_a_key_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    """YAML would take the last one in silence."""
    file = tmp_path / "r.yaml"
    file.write_text("version: 1\ncolumns:\n  a: redact\n  a: keep\n")
    with pytest.raises(RuleError, match="line 4: this key stands twice"):
        load_rules(file)


@pytest.mark.parametrize(
    "text",
    [
        '{"version": 1, "columns": {"card": "redact", "card": "keep"}}',
        '{"version": 1, "columns": {}, "columns": {"card": "keep"}}',
        '{"version": 1, "columns": {"card": [{"mask": "round", "to": 1, "mask": "keep"}]}}',
    ],
)
def test_a_key_that_stands_twice_in_json_is_a_fault(tmp_path: Path, text: str) -> None:
    """JSON has the last one win in silence, at any depth."""
    file = tmp_path / "r.json"
    file.write_text(text)
    with pytest.raises(RuleError, match=r"(card|columns|mask): this key stands twice"):
        load_rules(file)


def test_yaml_words_stay_words(tmp_path: Path) -> None:
    """`on` is an option and `no` a column, not booleans; dates need no quotes."""
    file = tmp_path / "r.yaml"
    file.write_text("version: 1\ncolumns:\n  no: {mask: age, on: 2025-01-01}\n")
    assert load_rules(file).to_dict()["columns"] == {
        "no": {
            "mask": "age",
            "format": None,
            "unmapped": "error",
            "width": 10,
            "top": 90,
            "on": "2025-01-01",
        }
    }


def test_the_first_match_wins() -> None:
    """Order of the file decides between a name and a glob."""
    rules = load_rules({"version": 1, "columns": {"a_1": "drop", "a_*": "keep"}})
    assert [rules.position(column) for column in ("a_1", "a_2", "b")] == [0, 1, None]


def test_a_name_with_brackets_matches_itself() -> None:
    """A column called `a[0]` needs no escaping."""
    assert load_rules({"version": 1, "columns": {"a[0]": "keep"}}).position("a[0]") == 0


def test_every_pack_is_valid() -> None:
    """The packs that are shipped can be loaded by name."""
    assert "ecommerce" in packs()
    assert [load_rules(pack).source for pack in packs()] == [f"{pack}.yaml" for pack in packs()]


def test_an_absent_file_suggests_a_pack() -> None:
    """A misspelt pack is found again."""
    with pytest.raises(FileError, match="did you mean 'ecommerce'"):
        load_rules("ecomerce")


def test_rules_go_to_json_and_back() -> None:
    """The normalised form loads to equal rules with the same digest, and pickles."""
    rules = load_rules("ecommerce")
    again = load_rules(rules.to_dict())
    assert again.columns == rules.columns
    assert again.sha256 == rules.sha256
    assert pickle.loads(pickle.dumps(rules)).columns == rules.columns


def test_the_digest_tells_rules_apart() -> None:
    """Another option or another order is another digest."""
    forms = [{"a": "keep", "*": "drop"}, {"*": "drop", "a": "keep"}, {"a": "redact", "*": "drop"}]
    assert len({load_rules({"version": 1, "columns": form}).sha256 for form in forms}) == 3


def test_another_digest_makes_other_rules() -> None:
    """What was fitted, and what waits from night to night, belongs to the function that drew it."""
    rules = {"version": 1, "columns": {"x": {"mask": "bin", "quantiles": 2}, "who": "token"}}
    table = pl.DataFrame({"x": range(100), "who": range(100)})
    before = fit_rules(table, rules | {"digest": "hmac-sha256"}, key=SECRET)
    assert before.sha256 != load_rules(rules).sha256
    assert load_rules(rules).digest == "aes-cmac"
    assert pickle.loads(pickle.dumps(before)).digest == "hmac-sha256"
    with pytest.raises(RuleError, match=r"fitted: to other rules than these \(digest\)"):
        load_rules(before.to_dict() | {"digest": "aes-cmac"})


def test_age_without_a_date_is_reckoned_from_new_year() -> None:
    """The date is fixed when the rules are loaded and stands in the normalised form."""
    rules = load_rules({"version": 1, "columns": {"b": "age"}})
    assert rules.to_dict()["columns"]["b"]["on"] == f"{datetime.now(UTC).year}-01-01"


def test_masks_are_frozen() -> None:
    """Nothing changes a mask after validation."""
    mask = MASKS["token"]()
    with pytest.raises(ValueError, match="frozen"):
        mask.prefix = "X"  # type: ignore[attr-defined]


def test_null_may_be_written_as_yaml_has_it(tmp_path: Path) -> None:
    """`unmapped: null` is what messages propose, and YAML makes nothing of it."""
    (tmp_path / "map.csv").write_text("a,b\n", "utf-8")
    rules = "version: 1\ncolumns: {x: {mask: map, file: map.csv, unmapped: null}}\n"
    (tmp_path / "rules.yaml").write_text(rules, "utf-8")
    masked = anonymize(pl.DataFrame({"x": ["a", "z"]}), tmp_path / "rules.yaml")
    assert masked["x"].to_list() == ["b", None]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("version: 1\ncolumns: {card: keep}\n" * 99, "this is the text of rules, and no path"),
        ("{version: 1, columns: {card: keep}}", "this is the text of rules, and no path"),
        (pl.DataFrame({"card": ["4111"]}), "this is a frame, and no rules: the order is"),
        ({"version": 1, "columns": {"card": "keep"}}.keys, "this is a method: call it"),
    ],
)
def test_what_are_no_rules_is_not_shown(given: Any, said: str) -> None:
    """Text, a frame or a method in their place is one error that says what to do."""
    with pytest.raises(RuleError, match=said) as caught:
        load_rules(given)
    assert "card" not in str(caught.value)


@pytest.mark.parametrize("given", [pl.DataFrame({"card": ["4111"]}), "card\n4111\n", "card" * 99])
def test_what_is_no_path_is_not_shown(given: Any, tmp_path: Path) -> None:
    """A frame or text in the place of files to read or to write is one error."""
    raw = tmp_path / "raw.csv"
    raw.write_text("card\n4111\n")
    rules = {"version": 1, "columns": {"card": "keep"}}
    for source, target in ((given, tmp_path / "out.csv"), (raw, given)):
        with pytest.raises(FileError, match=r"expected a path or an address such as") as caught:
            mask_file(source, target, rules)
        assert "card" not in str(caught.value)
        assert "4111" not in str(caught.value)


@pytest.mark.parametrize("said", [{"compression": "zstd"}, {"level": 3}, {"row_group": 131_072}])
def test_what_is_said_of_parquet_is_kept(said: dict[str, Any]) -> None:
    """Defaults too, if somebody says them: those of Spark are others."""
    rules = {"version": 1, "columns": {"x": "keep"}}
    assert load_rules(rules | {"parquet": said}).to_dict()["parquet"] == said
    assert "parquet" not in load_rules(rules).to_dict()
