"""Texts that have a structure keep it: JSON stays JSON."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import takewhile
from typing import Final

from anonymizer.masking.free_text.recognition import Span, merged

Found = Callable[[str], list[Span]]  # what is found in a text
Put = Callable[[Span], str]  # what replaces a span

_JSON_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?')


def rewritten(text: str, found: Found, put: Put) -> str:
    """A text with something else in place of what is found in it; of the structure it had."""
    spans = found(text)
    return _in_json(text, spans, found, put) if _is_json(text) else _replaced(text, spans, put)


def _replaced(text: str, spans: list[Span], put: Put) -> str:
    pieces, place = [], 0
    for span in spans:
        pieces += [text[place : span.start], put(span)]
        place = span.end
    return "".join([*pieces, text[place:]])


def _is_json(text: str) -> bool:
    """Whether a text is an object or a list of JSON."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _in_json(text: str, spans: list[Span], found: Found, put: Put) -> str:
    """Each string and number by itself, with what the text around has told of it."""
    pieces, place, passed = [], 0, 0
    for token in _JSON_TOKEN.finditer(text):
        while passed < len(spans) and spans[passed].end <= token.start():
            passed += 1
        inside = list(takewhile(lambda span: span.start < token.end(), spans[passed:]))  # noqa: B023 (used at once)
        pieces += [text[place : token.start()], _in_token(token, inside, found, put)]
        place = token.end()
    return "".join([*pieces, text[place:]])


def _in_token(token: re.Match[str], spans: list[Span], found: Found, put: Put) -> str:
    """A string of JSON with tags; a number in which something was found becomes a string."""
    raw = token[0]
    if not raw.startswith('"'):
        return json.dumps(put(spans[0])) if spans else raw
    value: str = json.loads(raw)
    if value == raw[1:-1]:
        start = token.start() + 1
        told = [_within(span, start, len(value)) for span in spans]
        scrubbed = _replaced(value, merged([*told, *found(value)]), put)
    else:  # places in what is escaped are others than in the value
        scrubbed = rewritten(value, found, put)
        if scrubbed == value and spans:
            scrubbed = put(spans[0])
    return raw if scrubbed == value else json.dumps(scrubbed, ensure_ascii=False)


def _within(span: Span, start: int, length: int) -> Span:
    """A span of a text as one of a part of it."""
    first, last = max(0, span.start - start), min(length, span.end - start)
    return replace(span, start=first, end=last)
