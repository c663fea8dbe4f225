"""The JSON Schema of rule files: what editors accept is what the parser accepts."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # (has no types)
from pydantic import BaseModel

from anonymizer.documents import Loader
from anonymizer.errors import MissingExtraError, RuleError
from anonymizer.masking.masks import MASKS
from anonymizer.masking.rules.anonymity import Anonymity
from anonymizer.masking.rules.json_schema import documented, rule_schema
from anonymizer.masking.rules.rules import _RULE_FILE_FIELDS, load_rules, packs

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "rules" / "schema.json"
VALIDATOR = Draft202012Validator(json.loads(SHIPPED.read_text("utf-8")))
MAP = str(Path(__file__).parents[1] / "data" / "map.csv")
LEVELS = str(Path(__file__).parents[1] / "data" / "levels.csv")


def as_json(document: Any) -> Any:
    """A YAML document with its dates as the text that an editor sees."""
    if isinstance(document, dict):
        return {key: as_json(value) for key, value in document.items()}
    if isinstance(document, list):
        return [as_json(each) for each in document]
    return document.isoformat() if isinstance(document, date) else document


def is_valid(document: Any) -> bool:
    """Whether the shipped schema accepts a document."""
    return bool(VALIDATOR.is_valid(as_json(document)))


def with_column(rule: Any, **fields: Any) -> dict[str, Any]:
    """A document with one column."""
    return {"version": 1, "entity": "c", "columns": {"x": rule}} | fields


def test_the_shipped_schema_is_the_generated_one() -> None:
    """`python -m anonymizer.masking.rules.json_schema > rules/schema.json` was run."""
    assert json.loads(SHIPPED.read_text("utf-8")) == rule_schema()


def test_the_schema_is_one() -> None:
    """It is valid draft 2020-12."""
    Draft202012Validator.check_schema(rule_schema())


@pytest.mark.parametrize("pack", packs())
def test_packs_validate(pack: str) -> None:
    """Every pack that is shipped is accepted."""
    text = (ROOT / "rules" / f"{pack}.yaml").read_text("utf-8")
    assert list(VALIDATOR.iter_errors(as_json(yaml.load(text, Loader)))) == []


def examples() -> list[Any]:
    """The rule files, and the parts of them, in the YAML blocks of README and docs."""
    files = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    found = []
    for file in files:
        for block in re.findall(r"```yaml\n(.*?)```", file.read_text("utf-8"), re.DOTALL):
            document = yaml.load(block, Loader)
            if isinstance(document, dict) and {"columns", "anonymity"} & set(document):
                found.append({"version": 1, "columns": {"x": "keep"}} | document)
    return found


def test_examples_in_the_documents_validate() -> None:
    """What README and docs show is accepted."""
    assert examples()
    faults = [error for each in examples() for error in VALIDATOR.iter_errors(as_json(each))]
    assert faults == []


@pytest.mark.parametrize(
    "document",
    [
        with_column("keep"),
        with_column({"mask": "age", "on": "2026-01-01"}),
        with_column({"mask": "round", "to": 0.5}),
        with_column({"mask": "bin", "edges": [0, 1.5, 7]}),
        with_column([{"mask": "redact", "when": "y > 3"}, "token"]),
        with_column("keep", unlisted="drop", entity=None, anonymity=None),
        with_column("keep", missing="ignore", fitted=None),
        with_column("keep", anonymity={"quasi_identifiers": ["x"], "k": 5}),
        with_column("keep", anonymity={"items": {"column": "x", "k": 5, "m": 2}}),
        load_rules("ecommerce").to_dict(),
    ],
)
def test_right_files_validate(document: Any) -> None:
    """Every form that a rule may have is accepted."""
    assert is_valid(document)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"columns": {"x": "keep"}},
        {"version": 2, "columns": {"x": "keep"}},
        {"version": True, "columns": {"x": "keep"}},
        {"version": 1},
        {"version": 1, "columns": {}},
        with_column("tokn"),
        with_column("round"),
        with_column({"mask": "tokn"}),
        with_column({"kind": "name"}),
        with_column([]),
        with_column({"mask": "token", "prefx": "C"}),
        with_column({"mask": "round", "to": 0}),
        with_column({"mask": "round", "to": "1"}),
        with_column({"mask": "date_shift", "days": True}),
        with_column({"mask": "region", "country": "ZZ"}),
        with_column({"mask": "token", "domain": ""}),
        with_column({"mask": "token", "domain": "a\x00b"}),
        with_column("keep", unlisted="kep"),
        with_column("keep", missing="keep"),
        with_column("keep", fitted=7),
        with_column("keep", entity=7),
        with_column("keep", colums={}),
        with_column("keep", anonymity={"quasi_identifiers": ["x"], "k": 1}),
        with_column("keep", anonymity={"quasi_identifier": ["x"], "k": 5}),
        with_column("keep", anonymity={"k": 5, "sensitive": {"y": {"t": 2}}}),
    ],
)
def test_wrong_files_do_not_validate(document: Any) -> None:
    """An unknown mask, option or field, a wrong type or bound, no version: none is accepted."""
    assert not is_valid(document)
    with pytest.raises(RuleError):
        load_rules(document)


def test_every_field_is_in_the_schema() -> None:
    """The fields of a rule file are those that the parser knows, each with a text."""
    properties = rule_schema()["properties"]
    assert sorted(_RULE_FILE_FIELDS) == sorted(properties)
    assert all(field["description"] for field in properties.values())


def test_every_option_is_explained() -> None:
    """Each mask and each of its options has a text, and so has each option of `anonymity`."""
    models: list[type[BaseModel]] = [*MASKS.values(), Anonymity]
    for model in models:
        summary, said = documented(model)
        assert summary
        options = {option.alias or name for name, option in model.model_fields.items()}
        assert sorted(options - set(said)) == []


def test_texts_come_from_the_docstrings() -> None:
    """One text over several lines becomes one line."""
    _, said = documented(MASKS["fpe"])
    assert said["unmapped"] == (
        "What becomes of values with too few digits, a wrong check digit or digits of other "
        "scripts: `error` (nothing is written) or `null`."
    )
    assert said["when"].startswith("A condition in SQL over the columns as they come")


WORDS = st.sampled_from(
    ["a", "name", "email", "state", "city", "US", "CN", "world", "year", "tag", "luhn", "US,", ""]
)
VALUES = (
    WORDS
    | st.none()
    | st.booleans()
    | st.integers(-2, 200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.lists(WORDS | st.integers(-2, 50), max_size=3)
)
# Options that have no default, so that more of what is drawn is accepted.
GIVEN: dict[str, dict[str, Any]] = {
    "pseudonym": {"kind": "name"},
    "partial": {"first": 1},
    "map": {"file": MAP},
    "hierarchy": {"file": LEVELS, "level": 1},
    "region": {"country": "US"},
    "round": {"to": 1},
    "bin": {"edges": [0, 1]},
    "clip": {"low": 0},
    "date_truncate": {"to": "year"},
    "rare": {"k": 5},
    "date_shift": {"days": 30},
    "noise": {"scale": 1},
    "randomized_response": {"values": ["a", "b"], "epsilon": 1},
}


@st.composite
def rules_of_one_column(draw: st.DrawFn) -> Any:
    """A mask with some options, right or wrong, alone or in a list."""
    name = draw(st.sampled_from(sorted(MASKS)))
    options = sorted(MASKS[name].options())
    drawn = draw(st.dictionaries(st.sampled_from(options), VALUES, max_size=2))
    if isinstance(drawn.get("epsilon"), bool | str):
        drawn.pop("epsilon")  # the one option that pydantic reads leniently
    rule = {"mask": name} | GIVEN.get(name, {}) | drawn
    return draw(st.sampled_from([rule, [rule], [{"mask": "redact", "when": "y > 1"}, rule]]))


@given(rule=rules_of_one_column(), unlisted=WORDS | st.just("keep"), entity=WORDS | st.none())
def test_what_is_loaded_is_valid(rule: Any, unlisted: str, entity: str | None) -> None:
    """The schema accepts every rule file that `load_rules` accepts, and its normal form."""
    document = with_column(rule, unlisted=unlisted, entity=entity)
    try:
        rules = load_rules(document)
    except (RuleError, MissingExtraError):  # names in texts need a package that may be absent
        return
    assert is_valid(document)
    assert is_valid(rules.to_dict())


@pytest.mark.parametrize("name", sorted(MASKS))
def test_every_mask_is_in_the_schema(name: str) -> None:
    """With the options it needs, each mask is accepted by both."""
    rule = {"mask": name} | GIVEN.get(name, {})
    load_rules(with_column(rule))
    assert is_valid(with_column(rule))
