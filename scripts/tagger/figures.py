"""Measure the tagger of the package: `python -m scripts.tagger.figures DATA`.

DATA as for `train.py`, and beside it `presidio_texts.parquet`, of which nothing is learned. A row
per source: for each threshold the share of the words of persons that are found and, in per cent, of
all other words that are taken for a person's; the last column is the share of texts in which a
person is found, where none is named.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from anonymizer.masking.free_text.tagger import THRESHOLD, names
from anonymizer.masking.free_text.tagger.words import places
from scripts.tagger import lists, made, own, sentences
from scripts.tagger.harmless import Harmless
from scripts.tagger.sentences import Sentence

THRESHOLDS = (0.4, 0.5, THRESHOLD, 0.7, 0.8)
PERSON = 1


def validation(folder: Path) -> list[Sentence]:
    """The tenth that is held back, as people write, presidio's, made-up and harmless sentences."""
    draw = random.Random(77)
    gold = [item for item in sentences.gold(folder) if sentences.held_back(item[2])]
    result = made.made(3000, draw) + list(Harmless(gold).sentences(3000, draw))
    for language, source, tokens in gold:
        whole = sentences.contracted(tokens) if language == "pt" else tokens
        text, spans = sentences.joined(whole, tight=True)
        result.append(sentences.read(text, spans, f"{language} {source}"))
    for language in lists.LANGUAGES:
        result += _own(language, draw)
    return result + sentences.presidio(folder)


def _own(language: str, draw: random.Random) -> Iterator[Sentence]:
    """What is kept back of our own lines, labelled sentences and templates."""
    for text, spans in own.labelled(language, kept=True):
        yield sentences.read(text, spans, f"{language} own")
    for kind, lines in own.lines(language, kept=True).items():
        for line in lines:
            yield sentences.read(line, [], f"{language} own {kind}")
    for template in made.templates()[language]["kept"] * 5:
        yield sentences.read(*made.filled(template, language, draw), f"{language} own named")


def table(items: Sequence[Sentence]) -> Iterator[str]:
    """A row per source."""
    yield "source | words of persons | " + " | ".join(f"{t}" for t in THRESHOLDS) + " | texts"
    of = defaultdict[str, list[Sentence]](list)
    for item in items:
        of[item.source].append(item)
    for source, some in sorted(of.items()):
        cells = [_cell(some, threshold) for threshold in THRESHOLDS]
        persons = sum(item.kinds.count(PERSON) for item in some)
        yield f"{source} | {persons} | " + " | ".join(cells) + f" | {_texts(some)}"


def _cell(some: Sequence[Sentence], threshold: float) -> str:
    found = names([item.text for item in some], threshold)
    hit, own = [], []
    for item, spans in zip(some, found, strict=True):
        touched = {at for s in spans if s.pii_type == "name" for at in range(s.start, s.end)}
        for (start, _), word, kind in zip(places(item.text), item.words, item.kinds, strict=True):
            if word[0].isalpha():
                hit.append(start in touched)
                own.append(kind == PERSON)
    hits, owns = np.array(hit), np.array(own)
    share = f"{hits[owns].mean():.3f}" if owns.any() else "–"
    return f"{share} / {100 * hits[~owns].mean():.2f}"


def _texts(some: Sequence[Sentence]) -> str:
    nameless = [item.text for item in some if PERSON not in item.kinds]
    found = names(nameless)
    touched = sum(any(span.pii_type == "name" for span in spans) for spans in found)
    return f"{100 * touched / max(1, len(nameless)):.2f} of {len(nameless)}"


def main() -> None:
    """Read and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    print(*table(validation(parser.parse_args().data)), sep="\n")


if __name__ == "__main__":
    main()
