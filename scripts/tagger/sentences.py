"""Labelled sentences: read, joined to the text people write, and varied."""

import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from anonymizer.masking.free_text.tagger.words import is_unspaced, places, windows, words

KINDS = ("O", "PER", "LOC", "ORG")
Tokens = list[tuple[str, str]]  # each with its tag: O, B-PER, I-PER …


@dataclass(frozen=True)
class Sentence:
    """Words of a text as the network reads them, each with the number of its kind."""

    words: list[str]
    keys: list[str]
    kinds: list[int]
    labels: list[int]  # 0, or 2 × kind - 1 at the first word and 2 × kind at later ones
    source: str


def gold(folder: Path) -> dict[tuple[str, str], list[Tokens]]:
    """The sentences of each language and source."""
    table = pl.read_parquet(folder / "ner_train.parquet")
    found: dict[tuple[str, str], list[Tokens]] = {}
    for language, source, tokens, tags in table.iter_rows():
        found.setdefault((language, source), []).append(list(zip(tokens, tags, strict=True)))
    return found


def held_back(tokens: Tokens) -> bool:
    """Whether a sentence is one of the tenth that validates."""
    return zlib.crc32(" ".join(token for token, _ in tokens).encode()) % 10 == 0


_NO_BLANK_BEFORE = re.compile(r"^(?:[,.;:!?%)\]}»…]+|'s|'|n't|'(?:re|ve|ll|d|m)|’s)$")
_NO_BLANK_AFTER = re.compile(r"^[(\[{«„#$€£@]+$|.*[’']$")
_CONTRACTIONS = {
    ("de", "o"): "do",
    ("de", "a"): "da",
    ("de", "os"): "dos",
    ("de", "as"): "das",
    ("em", "o"): "no",
    ("em", "a"): "na",
    ("em", "os"): "nos",
    ("em", "as"): "nas",
    ("a", "o"): "ao",
    ("a", "os"): "aos",
    ("a", "a"): "à",
    ("a", "as"): "às",
    ("por", "o"): "pelo",
    ("por", "a"): "pela",
    ("por", "os"): "pelos",
    ("por", "as"): "pelas",
}


def contracted(tokens: Tokens) -> Tokens:
    """Portuguese as it is written: de o → do."""
    result: Tokens = []
    for token, tag in tokens:
        if result:
            joined = _CONTRACTIONS.get((result[-1][0].lower(), token))
            if joined and not (tag != "O" and result[-1][1] == "O"):
                result[-1] = (
                    joined if result[-1][0].islower() else joined.capitalize(),
                    result[-1][1],
                )
                continue
        result.append((token, tag))
    return result


def joined(tokens: Tokens, *, tight: bool) -> tuple[str, list[tuple[int, int, int]]]:
    """A text of tokens, and where each stands with the number of its kind.

    Args:
        tokens: the tokens.
        tight: punctuation as people write it; else a blank between all tokens.
    """
    text, spans, open_quote = "", [], False
    for place, (token, tag) in enumerate(tokens):
        before = tokens[place - 1][0] if place else ""
        blank = bool(text)
        if text and is_unspaced(token[0]) and is_unspaced(text[-1]):
            blank = not tight
        elif text and (is_unspaced(token[0]) or is_unspaced(text[-1])):
            blank = not tight
        elif tight and (_NO_BLANK_BEFORE.match(token) or _NO_BLANK_AFTER.match(before)):
            blank = False
        if tight and token in ('"', "''", "``"):
            if open_quote:
                blank = False
            open_quote = not open_quote
        elif tight and before in ('"', "''", "``") and open_quote:
            blank = False
        text += " " if blank and text and text[-1] != "\n" else ""
        kind = KINDS.index(tag[2:]) if tag != "O" else 0
        if kind and tag[0] == "I" and spans and spans[-1][2] == kind:
            spans[-1] = (spans[-1][0], len(text) + len(token), kind)
        else:
            spans.append((len(text), len(text) + len(token), kind))
        text += token
    return text, spans


def read(text: str, spans: list[tuple[int, int, int]], source: str) -> Sentence:
    """A text as the network reads it."""
    kind_at, first_at = [0] * (len(text) + 1), set()
    for start, end, kind in spans:
        kind_at[start:end] = [kind] * (end - start)
        first_at.add(start)
    found = words(text)
    where = places(text)
    kinds = [kind_at[start] for start, _ in where]
    labels = [
        kind and 2 * kind - (start in first_at or kinds[place - 1] != kind or not place)
        for place, (kind, (start, _)) in enumerate(zip(kinds, where, strict=True))
    ]
    return Sentence(found, windows(text, found), kinds, labels, source)


def entities(tokens: Tokens) -> Iterator[tuple[int, int, str]]:
    """Where each entity begins and ends, and its kind."""
    start = None
    for place, (_, tag) in enumerate([*tokens, ("", "O")]):
        if start is not None and not tag.startswith("I-"):
            yield start, place, tokens[start][1][2:]
            start = None
        if tag.startswith("B-") or (tag.startswith("I-") and start is None):
            start = place


def varied_case(tokens: Tokens, draw: random.Random) -> Tokens:
    """Small letters, capitals or titles now and then; accents dropped now and then."""
    luck = draw.random()
    if luck < 0.10:
        return [(token.lower(), tag) for token, tag in tokens]
    if luck < 0.13:
        return [(token.upper(), tag) for token, tag in tokens]
    if luck < 0.145:
        return [(token.title(), tag) for token, tag in tokens]
    if luck < 0.16:
        return [
            (token.lower() if tag != "O" and draw.random() < 0.7 else token, tag)
            for token, tag in tokens
        ]
    if luck < 0.18:
        return [(token.upper() if "PER" in tag else token, tag) for token, tag in tokens]
    return tokens
