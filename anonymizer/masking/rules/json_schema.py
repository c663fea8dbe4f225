"""The JSON Schema of rule files, by which editors complete, explain and check them.

It is made of the masks themselves: options and bounds are their fields, the texts are their
docstrings. What depends on several options at once (`bin` takes edges or quantiles) is not in it:
whatever `load_rules` takes is valid, and the reverse is true of single options only.

    python -m anonymizer.masking.rules.json_schema > rules/schema.json
"""

import inspect
import json
import re
import sys
from collections.abc import Iterator
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from anonymizer.delimited.cells import CsvType
from anonymizer.delimited.dialect import Dialect
from anonymizer.files.formats import Parquet
from anonymizer.masking.masks import MASKS, Mask
from anonymizer.masking.primitives.digest import DIGEST, DigestFunction
from anonymizer.masking.rules.anonymity import Anonymity
from anonymizer.masking.rules.batches import HELD_BACK, HeldBack
from anonymizer.masking.rules.rules import (
    FORMAT_VERSION,
    Missing,
    Order,
    Rules,
    Unlisted,
)

Schema = dict[str, Any]

SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_DEFINITIONS: Final = "#/$defs/"
# Bounds that pydantic leaves under its own names where they hold for several types.
_BOUND_NAMES: Final = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
}


def rule_schema() -> Schema:
    """The schema of a rule file, draft 2020-12, ready for JSON."""
    definitions = {f"{name}_mask": _mask(mask) for name, mask in MASKS.items()}
    definitions |= {"anonymity": _model(Anonymity), "csv": _model(Dialect)}
    definitions |= {"held_back": _model(HeldBack), "parquet": _model(Parquet)}
    for schema in list(definitions.values()):
        definitions |= schema.pop("$defs", {})
    definitions |= {"column": _column(), "rule": _rule(), "name": _name()}
    return {
        "$schema": SCHEMA_DIALECT,
        "title": "Rules of anonymizer",
        "description": "What becomes of each column of a table.",
        "type": "object",
        "properties": _fields(),
        "required": ["version", "columns"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _fields() -> Schema:
    descriptions = documented(Rules)[1] | {
        "entity": "The column that says whose events the rows are, or a list of columns that "
        "do so together."
    }
    columns = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"$ref": f"{_DEFINITIONS}column"},
    }
    fields: dict[str, Schema] = {
        "version": {"const": FORMAT_VERSION, "description": "The version of the format."},
        "entity": {
            "type": ["string", "array", "null"],
            "minLength": 1,
            "minItems": 1,
            "items": {"type": "string", "minLength": 1},
        },
        "entity_domain": {"type": ["string", "null"], "minLength": 1, "maxLength": 100},
        "unlisted": {"enum": list(get_args(Unlisted)), "default": "error"},
        "missing": {"enum": list(get_args(Missing)), "default": "error"},
        "order": {"enum": [*get_args(Order), None]},
        "batches": {
            "anyOf": [
                {"enum": ["refused", "accepted", HELD_BACK]},
                {"$ref": f"{_DEFINITIONS}held_back"},
            ],
            "default": "refused",
        },
        "csv": {"anyOf": [{"$ref": f"{_DEFINITIONS}csv"}, {"type": "null"}]},
        "parquet": {"anyOf": [{"$ref": f"{_DEFINITIONS}parquet"}, {"type": "null"}]},
        "types": {
            "type": ["object", "null"],
            "additionalProperties": {
                "anyOf": [{"enum": list(get_args(CsvType))}, {"type": "string", "pattern": "%"}]
            },
        },
        "merge_schema": {"type": "boolean", "default": False},
        "digest": {"enum": list(get_args(DigestFunction)), "default": DIGEST},
        "columns": columns,
        "anonymity": {"anyOf": [{"$ref": f"{_DEFINITIONS}anonymity"}, {"type": "null"}]},
        "fitted": {"type": ["object", "null"]},  # written by the library, not by hand
    }
    return {name: field | _described(descriptions.get(name)) for name, field in fields.items()}


def _column() -> Schema:
    rule = {"$ref": f"{_DEFINITIONS}rule"}
    several = {"type": "array", "minItems": 1, "items": rule}
    description = "One rule, or a list of rules, in which all but the last need `when`."
    return {"description": description, "anyOf": [rule, several]}


def _rule() -> Schema:
    options = [{"$ref": f"{_DEFINITIONS}{name}_mask"} for name in MASKS]
    return {"anyOf": [{"$ref": f"{_DEFINITIONS}name"}, *options]}


def _name() -> Schema:
    """The schema of a rule that is the name of a mask alone."""
    alone = [
        {"const": name, "description": documented(mask)[0]}
        for name, mask in MASKS.items()
        if _needs_nothing(mask)
    ]
    return {"description": "A mask without options.", "oneOf": alone}


def _needs_nothing(mask: type[Mask]) -> bool:
    try:
        mask()
    except ValidationError:
        return False
    return True


def _mask(mask: type[Mask]) -> Schema:
    schema = _model(mask)
    name = {"const": mask.name, "description": schema["description"]}
    schema["properties"] = {"mask": name} | schema["properties"]
    schema["required"] = ["mask", *schema.get("required", [])]
    return schema | {"title": mask.name}


def _model(model: type[BaseModel]) -> Schema:
    """The schema of one model, in the words of its docstring, and of the models inside it."""
    schema = _plain(model.model_json_schema(ref_template=_DEFINITIONS + "{model}"))
    models = {inner.__name__: inner for inner in _inner_models(model)}
    inside = {name: _worded(inner, models[name]) for name, inner in schema.pop("$defs", {}).items()}
    worded = _worded(schema, model)
    return worded | {"$defs": inside} if inside else worded


def _inner_models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        for inner in _types_in(field.annotation):
            if inspect.isclass(inner) and issubclass(inner, BaseModel):
                yield inner
                yield from _inner_models(inner)


def _types_in(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _types_in(inner)


def _worded(schema: Schema, model: type) -> Schema:
    summary, descriptions = documented(model)
    options = {
        name: option | _described(descriptions.get(name))
        for name, option in schema["properties"].items()
    }
    return schema | {"description": summary, "properties": options}


def _described(text: str | None) -> Schema:
    return {"description": text} if text else {}


def _plain(schema: Any) -> Any:
    """A schema without what pydantic adds and editors have no use for."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {_BOUND_NAMES.get(key, key): value for key, value in schema.items()}
    if {"type": "integer"} in (either := kept.get("anyOf", [])) and {"type": "number"} in either:
        either = [each for each in either if each != {"type": "integer"}]  # a number as well
        kept["anyOf"] = either
    if len(either) == 1:
        kept |= kept.pop("anyOf")[0]
    if kept.get("default", ...) is None:
        del kept["default"]
    if isinstance(kept.get("title"), str):
        del kept["title"]
    if kept.get("format") == "path":
        del kept["format"]
    return {key: _plain(value) for key, value in kept.items()}


# --- docstrings ----------------------------------------------------------------------------------


def documented(model: type) -> tuple[str, dict[str, str]]:
    """The first paragraph of a docstring, and what its Attributes section says of each name.

    What a class does not say itself is taken from its bases.
    """
    attributes: dict[str, str] = {}
    for base in reversed(model.__mro__):
        attributes |= _attributes(_docstring(base))
    return _one_line(_docstring(model).partition("\n\n")[0]), attributes


def _docstring(model: type) -> str:
    return inspect.cleandoc(model.__dict__.get("__doc__") or "")


def _attributes(docstring: str) -> dict[str, str]:
    section = re.search(r"^Attributes:\n((?: {4}.*\n?|\n)+)", docstring, re.MULTILINE)
    if section is None:
        return {}
    entries = re.findall(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", section[1], re.MULTILINE)
    return {name: _one_line(text) for name, text in entries}


def _one_line(text: str) -> str:
    """Text without line breaks, beginning with a capital unless with code or a value: `en_US`."""
    line = " ".join(text.split())
    return line[:1].upper() + line[1:] if re.match(r"[a-z]+\b", line) else line


if __name__ == "__main__":
    sys.stdout.write(json.dumps(rule_schema(), ensure_ascii=False, indent=2) + "\n")
