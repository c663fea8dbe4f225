"""Texts that have a structure keep it, whatever is found in them; judged by others' parsers."""

import ast
import csv
import html
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.scrubbing import Row, Scrubber, Search
from anonymizer.masking.free_text.scrubbing.structure import read
from anonymizer.masking.masks.scrub import load_names
from tests.masking.free_text.test_scrub import calls_for

DATA = Path(__file__).parents[1] / "data"
HARMLESS: list[str] = json.loads((DATA / "scrub_structured.json").read_text("utf-8"))
MAIL = "ada@example.org"
SCRUBBER = Scrubber()
OF_MAIL = Scrubber(Search(kinds=("email",)))


def words_found(texts: Sequence[str]) -> list[list[Span]]:
    """Stretches that nobody would call names, over everything that a structure is made of."""
    return [
        [Span(*match.span(), "name", "") for match in re.finditer(r"[aeio1](?s:.{0,3})", text)]
        for text in texts
    ]


ANYTHING = Scrubber(Search(names=words_found))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '{"phone": 4312345678, "ssn":123456789, "n": 12.50, "note":"ok"}',
            '{"phone": "<PHONE>", "ssn":"<SSN>", "n": 12.50, "note":"ok"}',
        ),
        ('["ada@example.org", [4111111111111111]]', '["<EMAIL>", ["<CARD>"]]'),
        (
            '{"to": "say \\"ada@example.org\\"\\n", "k": 1}',
            '{"to": "say \\"<EMAIL>\\"\\n", "k": 1}',
        ),
        ('{"ada@example.org": null}', '{"<EMAIL>": null}'),
        ('{"a": "{\\"ssn\\": 123456789}"}', '{"a": "{\\"ssn\\": \\"<SSN>\\"}"}'),
        (r'{"mail": "\u0061da@example.org"}', '{"mail": "<EMAIL>"}'),
        ("{see ada@example.org}", "{see <EMAIL>}"),
        ('{"a": 1, "b": "x"}', '{"a": 1, "b": "x"}'),
        (  # line by line, cut off
            '{"ssn": 123456789}\n{"mail": "ada@example.org", "card": 4111111111111111, "no',
            '{"ssn": "<SSN>"}\n{"mail": "<EMAIL>", "card": "<CARD>", "no',
        ),
        (  # in other text, of Python
            "[worker-3] sent {'mail': 'ada@example.org', 'card': 4111111111111111} to a@b.org",
            "[worker-3] sent {'mail': '<EMAIL>', 'card': \"<CARD>\"} to <EMAIL>",
        ),
        (
            '<p title="ada&#64;example.org">R&amp;D: <b>ada@example.org</b> 1 &lt; 2</p>',
            '<p title="&lt;EMAIL&gt;">R&amp;D: <b>&lt;EMAIL&gt;</b> 1 &lt; 2</p>',
        ),
        (
            '<a xmlns="http://www.w3.org/x"><!-- a@b.org --><![CDATA[a@b.org]]></a>',
            '<a xmlns="http://www.w3.org/x"><!-- <EMAIL> --><![CDATA[<EMAIL>]]></a>',
        ),
        (
            '<script type="application/ld+json">{"card": 4111111111111111}</script>',
            '<script type="application/ld+json">{"card": "<CARD>"}</script>',
        ),
        ("<a href=mailto:ada@example.org>x</a>", "<a href=mailto:&lt;EMAIL&gt;>x</a>"),
        ("Ada <ada@example.org> wrote", "<NAME> <<EMAIL>> wrote"),
        ("Hi<br>by x <ada@example.org>", "Hi<br>by x <&lt;EMAIL&gt;>"),
        ("<br>see <https://example.org/ada>", "<br>see <&lt;URL&gt;>"),
        ("<br>by <To a@b.org>", "<br>by <To &lt;EMAIL&gt;>"),
        (  # no table, though each line has a comma
            '<p k="a, b">ada@example.org\nx, a@b.org</p>',
            '<p k="a, b">&lt;EMAIL&gt;\nx, &lt;EMAIL&gt;</p>',
        ),
        ("<i>a@b.org</i>;1\n<i>b@b.org</i>;2", "<i><EMAIL></i>;1\n<i><EMAIL></i>;2"),
        ("<b><u>a,a@b.org\nx,y</u></b>", "<b><u>a,&lt;EMAIL&gt;\nx,y</u></b>"),
        ("<i>a@b.org</i>\tx;y\n1\t2;<i>3</i>", "<i><EMAIL></i>\tx;y\n1\t2;<i>3</i>"),
        ("a\thttps://b.org/x;y\n1\t2;3", "a\t<URL>;<URL>\n1\t2;3"),
        (  # no key of an object is lost, those of others and values are what they are
            '{"a@b.org": [1, {"b@b.org": "c@b.org"}], "b@b.org": 2, "k": 3, "c@b.org": 4}',
            '{"<EMAIL>": [1, {"<EMAIL>": "<EMAIL>"}], "<EMAIL> 2": 2, "k": 3, "<EMAIL> 3": 4}',
        ),
        (
            '{"x": "{\\"a@b.org\\": 1, \\"see b@b.org\\": 1, \\"b@b.org\\": 2}"}',
            '{"x": "{\\"<EMAIL>\\": 1, \\"see <EMAIL>\\": 1, \\"<EMAIL> 2\\": 2}"}',
        ),
        ("GET /u?mail=ada%40example.org&n=1", "GET /u?mail=%3CEMAIL%3E&n=1"),
        ("mail=ada%40example.org&name=x", "mail=%3CEMAIL%3E&name=x"),
        ("see https://x.org/?mail=ada%40example.org&q=a%20b now", "see <URL> now"),
        (
            'level=info msg="to \\"ada@example.org\\"\\nada@example.org" mail=ada@example.org',
            'level=info msg="to \\"<EMAIL>\\"\\n<EMAIL>" mail=<EMAIL>',
        ),
        ("mail;card\nada@example.org;4111111111111111", "mail;card\n<EMAIL>;<CARD>"),
        (  # Markdown
            "[ada@example.org](mailto:ada@example.org), [x](https://example.org/a(1)) `a@b.org`",
            "[<EMAIL>](mailto:<EMAIL>), [x](<URL>) `<EMAIL>`",
        ),
        (
            "| a | b |\n|---|---|\n| https://example.org/a|ada@example.org|",
            "| a | b |\n|---|---|\n| <URL>|<EMAIL>|",
        ),
        (
            "mail: ada@example.org\ncards:\n  - 4111111111111111",
            "mail: <EMAIL>\ncards:\n  - <CARD>",
        ),
        (
            '10.0.0.1 - - [x] "GET /?q=1 HTTP/1.1" 200 2326 "-" "Mozilla/5.0 Chrome/120.0.0.0"',
            '<IP> - - [x] "GET /?q=1 HTTP/1.1" 200 2326 "-" "Mozilla/5.0 Chrome/120.0.0.0"',
        ),
    ],
)
def test_structures_stay(text: str, expected: str) -> None:
    """What replaces a value is written as its place wants it, all else stays as it was written."""
    assert SCRUBBER.scrub(text) == expected


def of_xml(text: str) -> list[str]:
    """Text and attribute of each element."""
    return [value or "" for each in ET.fromstring(text) for value in (each.text, each.get("k"))]


class Html(HTMLParser):
    """Text and attributes in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002, D102
        self.values += [value or "" for _, value in attrs] + [""]

    def handle_data(self, data: str) -> None:  # noqa: D102
        self.values[-1] += data


def table(values: list[str], **dialect: Any) -> str:
    """Lines of cells."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", **dialect).writerows([[*values, "X"]] * 2)
    return out.getvalue()


# What writes values into a text of a structure, and what reads them out of it.
FORMATS: dict[str, tuple[Callable[[list[str]], str], Callable[[str], list[str]]]] = {
    "json": (json.dumps, json.loads),
    "json in json": (
        lambda values: json.dumps({"k": json.dumps(values, ensure_ascii=False)}),
        lambda text: json.loads(json.loads(text)["k"]),
    ),
    "lines": (
        lambda values: "\n".join(json.dumps({"k": value}) for value in values),
        lambda text: [json.loads(line)["k"] for line in text.split("\n") if line],
    ),
    "log": (
        lambda values: f"[7] <3> INFO GOT={json.dumps({'k': values})} @ 3 MS",
        lambda text: json.loads(text.split("GOT=")[1].removesuffix(" @ 3 MS"))["k"],
    ),
    "python": (lambda values: repr({"k": values}), lambda text: ast.literal_eval(text)["k"]),
    "xml": (
        lambda values: "".join(
            ["<r>", *(f"<e k={quoteattr(value)}>{escape(value)}</e>" for value in values), "</r>"]
        ),
        lambda text: of_xml(text)[::2],
    ),
    "attributes": (
        lambda values: "".join(
            ["<r>", *(f"<e k={quoteattr(value)}/>" for value in values), "</r>"]
        ),
        lambda text: of_xml(text)[1::2],
    ),
    "html": (
        lambda values: "".join(f'<p title="{html.escape(value)}"></p>' for value in values),
        lambda text: Html(text).values[::2],
    ),
    "csv": (table, lambda text: next(csv.reader(io.StringIO(text)))[:-1]),
    "tsv": (
        lambda values: table(values, delimiter="\t"),
        lambda text: next(csv.reader(io.StringIO(text), delimiter="\t"))[:-1],
    ),
    "query": (
        lambda values: "/U?" + urlencode([("k", value) for value in values]),
        lambda text: [value for _, value in parse_qsl(text[3:], keep_blank_values=True)],
    ),
    "address": (
        lambda values: "&".join(["https://x.org/u?b=", *(f"k={quote(value)}" for value in values)]),
        lambda text: [value for _, value in parse_qsl(text[16:], keep_blank_values=True)][1:],
    ),
    "logfmt": (
        lambda values: " ".join(f"k={json.dumps(value)}" for value in values),
        lambda text: [json.loads(part) for part in re.findall(r'k=("(?:[^"\\]|\\.)*")', text)],
    ),
    "cells of json": (
        lambda values: table([json.dumps({"k": value}) for value in values]),
        lambda text: [json.loads(cell)["k"] for cell in next(csv.reader(io.StringIO(text)))[:-1]],
    ),
}
SOFT = {"query", "logfmt"}  # which are texts like others around their values
PIECES = [MAIL, "Ada", "\u00fc", "\U0001f600", "\\", '"', "'", "&", "<", "a=b", "%", "{", "[1", "]"]
PLAIN = st.lists(st.sampled_from(PIECES), max_size=4).map(" ".join)
STRANGE = st.lists(
    st.sampled_from(
        [*PIECES, "202-555-0143", "4111111111111111", "<b>", "</b>", "&amp;", "\n", ","]
    )
    | st.text(st.characters(exclude_categories=["C", "Z"]), max_size=5),
    max_size=4,
).map(" ".join)


@pytest.mark.parametrize("form", FORMATS)
@given(values=st.lists(PLAIN, min_size=1, max_size=4))
@settings(max_examples=15)
def test_values_are_what_they_were_without_what_was_found(form: str, values: list[str]) -> None:
    """Written, scrubbed and read by somebody else's parser, only the address is another value."""
    write, read_ = FORMATS[form]
    assert read_(OF_MAIL.scrub(write(values))) == [
        value.replace(MAIL, "<EMAIL>") for value in values
    ]


# What other rows' pseudonyms might hold, in forms that can write it.
MARKED = "O'Br\"ie\\n, <b>&amp;;| %41{[ ="
OF_TOKEN = Scrubber(Search(kinds=(), tokens=True))


@pytest.mark.parametrize("form", sorted(FORMATS.keys() - {"csv", "tsv", "logfmt"}))
@given(values=st.lists(PLAIN, min_size=1, max_size=4))
@settings(max_examples=12)
def test_any_sign_can_stand_in_the_place_of_a_value(form: str, values: list[str]) -> None:
    """It is written so that the parser reads what was put."""
    write, read_ = FORMATS[form]
    scrubbed = OF_TOKEN.scrub(write(values), Row((MAIL, MARKED)))
    assert read_(scrubbed) == [value.replace(MAIL, MARKED) for value in values]


@pytest.mark.parametrize("form", sorted(FORMATS.keys() - {"address"}))  # all of which is a URL
@given(values=st.lists(STRANGE, min_size=1, max_size=4))
@settings(max_examples=15)
def test_structure_is_what_it_was(form: str, values: list[str]) -> None:
    """Wherever places are, a parser reads as many values as before."""
    write, read_ = FORMATS[form]
    for scrubber in (SCRUBBER, SCRUBBER if form in SOFT else ANYTHING):
        assert len(read_(scrubber.scrub(write(values)))) == len(read_(write(values)))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | STRANGE,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRANGE, inner, max_size=3),
        max_leaves=6,
    ).filter(lambda document: isinstance(document, list | dict)),
    st.booleans(),
)
def test_any_json_stays_json(document: Any, ascii_only: bool) -> None:
    """Of the same shape; keys may become the same tag."""
    text = json.dumps(document, ensure_ascii=ascii_only)
    for scrubber in (SCRUBBER, ANYTHING):
        assert shape(json.loads(scrubber.scrub(text))) == shape(document)


def shape(document: Any) -> Any:
    """Lists and objects by how many they hold."""
    if isinstance(document, dict):
        return "object"
    return list(map(shape, document)) if isinstance(document, list) else None


@given(st.text() | STRANGE | st.lists(STRANGE).map("\n".join))
def test_a_text_in_which_nothing_is_found_stays(text: str) -> None:
    """Whatever structure somebody might read into it."""
    assert Scrubber(Search(kinds=())).scrub(text) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_texts_stay(text: str) -> None:
    """Logs, products, pages, tables and code, of which nobody is named."""
    assert SCRUBBER.scrub(text) == text


PIECES_OF_STRUCTURE = (
    '{"a":',
    "[",
    '{"a":"{\\"b\\":',
    "<a b=c>",
    '"',
    ",\n",
    "a=%20",
    "&#",
    "<!--",
    "x,y\n",
)


@pytest.mark.parametrize("piece", PIECES_OF_STRUCTURE)
def test_reading_grows_with_a_text_and_not_with_its_depth(piece: str) -> None:
    """Counted in calls; what is opened a thousand times and never closed is no recursion."""
    short, long = (calls_for(piece * count, read) for count in (500, 2_000))
    assert long < 6 * short + 100


def ruby_alone(texts: Sequence[str]) -> list[list[Span]]:
    """Names as one sees them who takes a word alone, or behind somebody, for one."""
    return [
        [Span(*match.span("name"), "name", "") for match in re.finditer(pattern, text)]
        for text in texts
        for pattern in [r"(?:^|customer: )(?P<name>Ruby)$"]
    ]


@pytest.mark.parametrize(
    ("text", "is_somebody"),
    [
        ('{"colour": "Ruby", "assignee": "x"}', False),
        ('{"ownerTeam": "Ruby"}', False),
        ('{"customer_type": "Ruby", "name": "Ruby"}', False),
        ("<customer>x</customer><gem>Ruby</gem>", False),
        ("<customer>x</customer>Ruby<br/>", False),
        ("gem;agent\nRuby;x", False),
        ('{"customer": {"city": "Ruby", "id": 1}}', False),
        ('{"customer": {"id": 1}, "gem": "Ruby"}', False),
        ("<o><customer><id>1</id></customer><gem>Ruby</gem></o>", False),
        ("<o><customer/>Ruby</o>", False),
        ('["Ruby", 12]', False),
        ('{"assignee": "Ruby"}', True),
        ('{"createdBy": "Ruby"}', True),
        ('{"n": 1, "reviewers": ["x", "Ruby"]}', True),
        ('{"patient_name": "Ruby"}', True),
        ('{"nom_client": "Ruby"}', True),
        ('{"customer": {"id": 1, "name": "Ruby"}}', True),
        ('{"authors": [{"n": {}, "first": "Ruby"}]}', True),
        ('{"owner": {"x": {"y": 1}}, "cc": ["x", {"k": 1}, "Ruby"]}', True),
        ("<o><guest><id>1</id><br/><name>Ruby</name></guest></o>", True),
        ('{"负责人": "Ruby"}', True),
        ('{"data": "{\\"Ansprechpartner\\": \\"Ruby\\"}"}', True),
        ("<order><customer>Ruby</customer></order>", True),
        ('<order tenant="Ruby"><i>x</i></order>', True),
        ('gem;agent\n"x";"Ruby"\n', True),
    ],
)
def test_a_word_by_itself_is_somebody_where_its_key_says_so(text: str, is_somebody: bool) -> None:
    """The value of `colour` is no name, whatever it could be."""
    scrubbed = Scrubber(Search(("name",), names=ruby_alone)).scrub(text)
    assert ("Ruby" not in scrubbed) is is_somebody


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"variety": "Rose", "colour": "Amber"}', '{"variety": "Rose", "colour": "Amber"}'),
        ('{"logger": "Ruby", "level": "INFO"}', '{"logger": "Ruby", "level": "INFO"}'),
        ("<o><item>Jade</item><n>2</n></o>", "<o><item>Jade</item><n>2</n></o>"),
        ('{"approver": "Tomasz"}', '{"approver": "<NAME>"}'),
        ("<o><tenant>Okafor</tenant></o>", "<o><tenant>&lt;NAME&gt;</tenant></o>"),
    ],
)
def test_the_tagger_reads_values_with_their_keys(text: str, expected: str) -> None:
    """Products, colours and programs stay; people go."""
    assert Scrubber(Search(names=load_names())).scrub(text) == expected
