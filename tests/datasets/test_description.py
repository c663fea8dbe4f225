"""What a dataset file may say is what its schema, its documentation and its reader say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # (has no types)

from anonymizer import RuleError, load_dataset
from anonymizer.datasets.description.dataset import NO_KEY_INSIDE
from anonymizer.datasets.description.json_schema import dataset_schema
from anonymizer.masking.rules.rules import load_rules
from tests.datasets.shop import described

ROOT = Path(__file__).parents[2]


def test_the_shipped_schema_is_the_generated_one() -> None:
    """Editors read the file."""
    shipped = json.loads((ROOT / "rules" / "dataset.schema.json").read_text("utf-8"))
    assert shipped == dataset_schema()


def test_schema_and_reader_agree() -> None:
    """On the documented file, on that of the tests, and on what neither takes."""
    text = (ROOT / "docs" / "datasets.md").read_text("utf-8")
    documented = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0])
    check = Draft202012Validator(dataset_schema())
    for fields in (documented, described()):
        assert load_dataset(fields).person == ("customers", "id")
        check.validate(fields)
    wrongs: list[dict[str, Any]] = [{"entity": "customers"}, {"tables": {}}, {"keys": {}}]
    for wrong in [*wrongs, {"version": 2}]:
        assert not check.is_valid(described(**wrong))
        with pytest.raises(RuleError):
            load_dataset(described(**wrong))


@pytest.mark.parametrize(
    "place",
    [
        "orders.payload.items[].sku",
        "orders.payload.customer.id",
        "orders.payload[].id",
        "orders.[payload.items[].sku]",
        'orders.payload."customer.id"',
    ],
)
def test_a_foreign_key_inside_of_a_column_is_refused(place: str) -> None:
    """On either side, in one line, with the way out."""
    for keys in ({place: "articles.code"}, {"articles.code": place}):
        with pytest.raises(RuleError) as caught:
            load_dataset(described(foreign_keys=keys))
        (fault,) = caught.value.faults
        assert fault == f"foreign_keys.{next(iter(keys))}: {NO_KEY_INSIDE}"


def test_a_table_that_is_not_there_is_no_place_inside_of_a_column() -> None:
    """Nor is one whose name has a dot."""
    with pytest.raises(RuleError, match=r"no table 'ordrs\.payload' in `tables`"):
        load_dataset(described(foreign_keys={"ordrs.payload.id": "articles.code"}))
    tables = described()["tables"] | {"orders.old": {"columns": {"buyer": "token"}}}
    keys = {"orders.old.buyer": "customers.id"}
    (key,) = load_dataset(described(foreign_keys=keys, tables=tables)).foreign_keys
    assert (key.child, key.columns) == ("orders.old", ("buyer",))


def test_rules_may_stand_in_files_beside(tmp_path: Path) -> None:
    """Of one table; addresses begin where the dataset file is."""
    rules = {"version": 1, "entity": "id", "columns": {"id": "token"}}
    (tmp_path / "staff.yaml").write_text(yaml.safe_dump(rules))
    fields = described()
    fields["tables"]["staff"] = "staff.yaml"
    (tmp_path / "dataset.yaml").write_text(yaml.safe_dump(fields))
    assert load_dataset(tmp_path / "dataset.yaml").tables["staff"].entity == "id"


def test_a_dataset_file_in_the_place_of_rules_is_told() -> None:
    """Its fields are all unknown there, and each would be a fault."""
    with pytest.raises(RuleError) as caught:
        load_rules({"version": 1, "source": "a", "tables": {"a": {"columns": {"b": "keep"}}}})
    (fault,) = caught.value.faults
    assert fault.startswith("this is a dataset file, of several tables: `anonymizer mask")
