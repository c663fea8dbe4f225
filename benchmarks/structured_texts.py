"""Texts with a structure that personal data stands in: how each is written, and what must stay."""

import csv
import html
import io
import json
import random
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

from benchmarks import identifiers
from benchmarks.labelled_texts import LANGUAGES, notes

KINDS = ("email", "phone", "iban", "card", "ip", "uuid", "dni", "vin", "mac")


class Record(NamedTuple):
    """What a structured text holds: a number that stays, a note with names, and identifiers."""

    number: int
    note: str
    values: tuple[str, str]
    card: int


class Form(NamedTuple):
    """How a record is written, and what of a text says that its structure is still there."""

    write: Callable[[Record], str]
    shape: Callable[[str], object]


def records(name: str, language: str, count: int) -> Iterator[Record]:
    """Records of notes of a set with identifiers beside them."""
    draw = random.Random(f"{name}{language}structure")
    for note in notes(name, language, count):
        values = [identifiers.value(draw.choice(KINDS), language, draw) for _ in range(2)]
        card = "".join(filter(str.isdigit, identifiers.value("card", language, draw)))
        yield Record(draw.randint(10, 99), note.text, (values[0], values[1]), int(card))


def _nested(record: Record) -> dict[str, Any]:
    return {
        "id": record.number,
        "note": record.note,
        "more": {"value": record.values[0], "list": [record.values[1], None, True, 1.5]},
        "card": record.card,
        "quote": 'say "hi" \\ ok / é\t',
        "empty": {},
    }


def _table(record: Record) -> list[list[object]]:
    return [
        ["id", "note", "value"],
        [record.number, record.note, record.values[0]],
        [record.number + 1, 'a "b", c; d', record.values[1]],
    ]


def _separated(delimiter: str) -> Form:
    def write(record: Record) -> str:
        written = io.StringIO()
        csv.writer(written, delimiter=delimiter).writerows(_table(record))
        return written.getvalue()

    def shape(text: str) -> object:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
        return rows[0], [(len(row), row[0]) for row in rows]

    return Form(write, shape)


def shape_of_json(text: str) -> object:
    """Keys, lists, the id, and what is neither text nor a number that may become one."""

    def shape(value: object) -> object:
        if isinstance(value, dict):
            return {key: each if key == "id" else shape(each) for key, each in value.items()}
        if isinstance(value, list):
            return [shape(each) for each in value]
        return value if value is None or isinstance(value, bool | float) else "text"

    return shape(json.loads(text))


def _inside(text: str) -> object:
    return shape_of_json(json.loads(text)["payload"])


def _write_xml(record: Record) -> str:
    top = ET.Element("customer", {"value": record.values[0], "id": str(record.number)})
    for tag, value in (("note", record.note), ("value", record.values[1])):
        ET.SubElement(top, tag).text = value
    return '<?xml version="1.0"?>\n' + ET.tostring(top, encoding="unicode")


def _shape_of_xml(text: str) -> object:
    top = ET.fromstring(text)
    return top.get("id"), [(each.tag, tuple(each.attrib), len(each)) for each in top.iter()]


def _write_html(record: Record) -> str:
    note, value = html.escape(record.note), html.escape(record.values[0])
    image = f'<img src="/i/{record.number}.png" alt="x">'
    return f'<!DOCTYPE html><html><body><p class="a">{note}</p><b>{value}</b><br>{image}</body>'


def _shape_of_html(text: str) -> object:
    class Tags(HTMLParser):
        seen: list[object]

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.seen.append((tag, attrs))

        def handle_endtag(self, tag: str) -> None:
            self.seen.append(tag)

    tags = Tags()
    tags.seen = []
    tags.feed(text)
    return tags.seen


def _write_markdown(record: Record) -> str:
    note = " ".join(record.note.replace("|", "/").split())
    table = (
        f"| id | note | value |\n|---|---|---|\n| {record.number} | {note} | {record.values[0]} |"
    )
    return (
        f"# Case {record.number}\n\n{table}\n\n- call **{record.values[1]}**\n\n```\nx = 1\n```\n"
    )


def _shape_of_markdown(text: str) -> object:
    return [(line[:2], line.count("|"), line.count("*")) for line in text.split("\n")]


def _write_pairs(record: Record) -> str:
    note = " ".join(record.note.replace('"', "'").split())
    return f'level=info n={record.number} note="{note}" value="{record.values[0]}" took=1.5'


def _shape_of_pairs(text: str) -> object:
    return text.split(" note=", maxsplit=1)[0], text.count('"'), text.endswith(" took=1.5")


FORMS = {
    "JSON": Form(lambda record: json.dumps(_nested(record)), shape_of_json),
    "JSON, indented": Form(
        lambda record: json.dumps(_nested(record), ensure_ascii=False, indent=2), shape_of_json
    ),
    "JSON in JSON": Form(
        lambda record: json.dumps({"payload": json.dumps(_nested(record))}), _inside
    ),
    "lines of JSON": Form(
        lambda record: "\n".join(json.dumps({"id": i, **record._asdict()}) for i in range(3)),
        lambda text: [shape_of_json(line) for line in text.split("\n")],
    ),
    "XML": Form(_write_xml, _shape_of_xml),
    "HTML": Form(_write_html, _shape_of_html),
    "CSV": _separated(","),
    "CSV with semicolons": _separated(";"),
    "Markdown": Form(_write_markdown, _shape_of_markdown),
    "pairs of a log": Form(_write_pairs, _shape_of_pairs),
}


def structured(name: str, each: int = 8) -> Iterator[tuple[str, Record, str]]:
    """The name of a form, a record and its text, in all forms and languages."""
    for language in LANGUAGES:
        for record in records(name, language, each):
            for form, how in FORMS.items():
                yield form, record, how.write(record)


def stands(form: str, text: str, masked: str) -> bool:
    """Whether the structure of a text is still there."""
    try:
        return FORMS[form].shape(masked) == FORMS[form].shape(text)
    except (ValueError, LookupError, ET.ParseError):
        return False
