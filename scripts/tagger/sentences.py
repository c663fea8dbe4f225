"""Labelled sentences: read, joined to the text that people write, and varied."""

import json
import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from anonymizer.masking.free_text.tagger.words import is_unspaced, places, windows, words

KINDS: Final = ("O", "PER", "LOC", "ORG")
Tokens = list[tuple[str, str]]  # each with its tag: O, B-PER, I-PER …
Spans = list[tuple[int, int, int]]  # start, end and number of the kind


@dataclass(frozen=True)
class Sentence:
    """A text as the network reads it.

    Attributes:
        text: as it is written.
        words: its words.
        keys: the same as the features read them.
        kinds: of each word the number of its kind.
        labels: 0, or twice the kind, less one at the first word of a name.
        source: where it is from.
    """

    text: str
    words: list[str]
    keys: list[str]
    kinds: list[int]
    labels: list[int]
    source: str


def read(text: str, spans: Spans, source: str) -> Sentence:
    """A text with the places of its names as the network reads it."""
    kind_at = [0] * (len(text) + 1)
    for start, end, kind in spans:
        kind_at[start:end] = [kind] * (end - start)
    firsts = {start for start, _, _ in spans}
    found, where = words(text), places(text)
    kinds = [kind_at[start] for start, _ in where]
    begun = [
        start in firsts or not n or kinds[n - 1] != kinds[n] for n, (start, _) in enumerate(where)
    ]
    labels = [kind and 2 * kind - first for kind, first in zip(kinds, begun, strict=True)]
    return Sentence(text, found, windows(text, found), kinds, labels, source)


def gold(folder: Path) -> Iterator[tuple[str, str, Tokens]]:
    """The labelled sentences with their language and source."""
    for language, source, tokens, tags in pl.read_parquet(folder / "ner_train.parquet").iter_rows():
        yield language, source, list(zip(tokens, tags, strict=True))


def presidio(folder: Path) -> list[Sentence]:
    """Sentences with labelled names, which nothing is learned from."""
    kinds = {"PERSON": 1, "GPE": 2, "STREET_ADDRESS": 2, "ORGANIZATION": 3}
    table = pl.read_parquet(folder / "presidio_texts.parquet").select("text", "spans")
    return [
        read(
            text,
            [
                (span["start_position"], span["end_position"], kinds.get(span["entity_type"], 0))
                for span in json.loads(spans)
            ],
            "presidio",
        )
        for text, spans in table.iter_rows()
    ]


def held_back(tokens: Tokens) -> bool:
    """Whether a sentence is one of the tenth that validates."""
    return zlib.crc32(" ".join(token for token, _ in tokens).encode()) % 10 == 0


def entities(tokens: Tokens) -> Iterator[tuple[int, int, str]]:
    """Where each entity begins and ends, and its kind."""
    start = None
    for place, (_, tag) in enumerate([*tokens, ("", "O")]):
        if start is not None and not tag.startswith("I-"):
            yield start, place, tokens[start][1][2:]
            start = None
        if tag.startswith("B-") or (tag.startswith("I-") and start is None):
            start = place


_CONTRACTIONS: Final = {
    (one, two): word
    for one, twos in {
        "de": "o:do a:da os:dos as:das",
        "em": "o:no a:na os:nos as:nas",
        "a": "o:ao os:aos a:à as:às",
        "por": "o:pelo a:pela os:pelos as:pelas",
    }.items()
    for two, _, word in (pair.partition(":") for pair in twos.split())
}


def contracted(tokens: Tokens) -> Tokens:
    """Portuguese as it is written: de o becomes do."""
    result = Tokens()
    for token, tag in tokens:
        before, tag_before = result[-1] if result else ("", "")
        word = _CONTRACTIONS.get((before.lower(), token))
        if word and (tag == "O" or tag_before != "O"):
            result[-1] = (word if before.islower() else word.capitalize(), tag_before)
        else:
            result.append((token, tag))
    return result


_NO_BLANK_BEFORE: Final = re.compile(r"[,.;:!?%)\]}»…]+|['’]s|'|n't|'(?:re|ve|ll|d|m)")
_NO_BLANK_AFTER: Final = re.compile(r"[(\[{«„#$€£@]+|.*['’]", re.DOTALL)
_QUOTES: Final = frozenset(('"', "''", "``"))


def joined(tokens: Tokens, *, tight: bool) -> tuple[str, Spans]:
    """A text of tokens, and where its names stand.

    Args:
        tokens: the tokens.
        tight: blanks as people write them; else one between all tokens.
    """
    text, spans, quoted = "", Spans(), False
    for place, (token, tag) in enumerate(tokens):
        before = tokens[place - 1][0] if place else ""
        closes = token in _QUOTES and quoted
        apart = not tight or not (closes or _touch(before, token, quoted=quoted))
        text += " " if text and apart else ""
        quoted ^= token in _QUOTES
        kind = KINDS.index(tag[2:]) if tag != "O" else 0
        start = len(text)
        if kind and tag[0] == "I" and spans and spans[-1][2] == kind:
            start = spans.pop()[0]
        text += token
        spans.append((start, len(text), kind))
    return text, spans


def _touch(before: str, token: str, *, quoted: bool) -> bool:
    """Whether two tokens stand without a blank between them."""
    if not before:
        return True
    unspaced = is_unspaced(before[-1]) or is_unspaced(token[0])
    opened = before in _QUOTES and quoted
    ends = _NO_BLANK_BEFORE.fullmatch(token) or _NO_BLANK_AFTER.fullmatch(before)
    return bool(unspaced or opened or ends)


def varied_case(tokens: Tokens, draw: random.Random) -> Tokens:
    """Small letters, capitals or titles now and then, of the whole or of the names."""
    luck = draw.random()
    if luck < 0.10:
        return [(token.lower(), tag) for token, tag in tokens]
    if luck < 0.13:
        return [(token.upper(), tag) for token, tag in tokens]
    if luck < 0.145:
        return [(token.title(), tag) for token, tag in tokens]
    if luck < 0.16:
        return [(token if tag == "O" else token.lower(), tag) for token, tag in tokens]
    if luck < 0.18:
        return [(token.upper() if "PER" in tag else token, tag) for token, tag in tokens]
    return tokens
