"""The JSON Schema of dataset files, made of that of rule files.

python -m anonymizer.datasets.description.json_schema > rules/dataset.schema.json
"""

import json
import sys
from typing import Any, Final

from anonymizer.masking.rules.json_schema import SCHEMA_DIALECT, rule_schema

_TABLE: Final = "table"
_KEY: Final = r"^[^\[\]]+\.(\[[^\[\]]+\]|[^.\[\]]+)$"

_NAME: Final[dict[str, Any]] = {"type": "string", "minLength": 1}
_TRACKED: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "watermark": _NAME
        | {"description": "The column that grows when a row is written; versions need none."},
        "key": {
            "description": "The column that tells rows apart, or several.",
            "anyOf": [_NAME, {"type": "array", "items": _NAME}],
        },
        "late": {
            "description": "How far below the last watermark rows are changed: `2h`, or a number.",
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": "^[0-9]{1,6}[smhdw]$"},
            ],
        },
    },
    "additionalProperties": False,
}


def dataset_schema() -> dict[str, Any]:
    """The schema of a dataset file, draft 2020-12, ready for JSON."""
    rules = rule_schema()
    key = {"type": "string", "pattern": _KEY}
    place = {"type": ["string", "null"], "minLength": 1}
    table = {
        "description": "The fields of a rule file without its version, or where such a file is.",
        "anyOf": [{"type": "string", "minLength": 1}, _of_one_table(rules)],
    }
    properties = {
        "version": {"const": 1, "description": "The version of the format."},
        "source": place | {"description": "A folder, an s3:// prefix or a store of tables."},
        "target": place | {"description": "Where the masked tables go, likewise."},
        "entity": key | {"description": "The table and the column that say whose data it all is."},
        "foreign_keys": {
            "type": "object",
            "description": "`child.column: parent.column`, or `child.[a, b]: parent.[c, d]`.",
            "propertyNames": {"pattern": _KEY},
            "additionalProperties": key,
        },
        "tables": {
            "type": "object",
            "description": "What becomes of each table.",
            "minProperties": 1,
            "additionalProperties": {"$ref": f"#/$defs/{_TABLE}"},
        },
        "drop": {
            "type": "array",
            "description": "Tables that are left out.",
            "items": {"type": "string", "minLength": 1},
        },
        "incremental": {
            "type": "object",
            "description": "Tables of which a night masks what is new or changed.",
            "additionalProperties": _TRACKED,
        },
        "synthesis": {
            "type": "object",
            "description": "What a fit of the tables must know.",
            "properties": {
                "time": {
                    "type": "object",
                    "description": "Table → its column that says when; found where it is clear.",
                    "additionalProperties": {"type": "string", "minLength": 1},
                },
                "holdout": {
                    "type": "number",
                    "description": "Share of the persons that are kept for the check.",
                    "minimum": 0,
                    "exclusiveMaximum": 1,
                    "default": 0.2,
                },
            },
            "additionalProperties": False,
        },
    }
    return {
        "$schema": SCHEMA_DIALECT,
        "title": "Dataset of anonymizer",
        "description": "Tables that belong together, and what becomes of them.",
        "type": "object",
        "properties": properties,
        "required": ["version", "tables"],
        "additionalProperties": False,
        "$defs": rules["$defs"] | {_TABLE: table},
    }


def _of_one_table(rules: dict[str, Any]) -> dict[str, Any]:
    fields = {name: field for name, field in rules["properties"].items() if name != "version"}
    columns = {key: value for key, value in fields["columns"].items() if key != "minProperties"}
    fields["columns"] = columns | {"type": ["object", "null"]}
    return {"type": "object", "properties": fields, "additionalProperties": False}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(dataset_schema(), ensure_ascii=False, indent=2) + "\n")
