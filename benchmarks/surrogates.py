"""Whether surrogates of names can be told from the names that were missed beside them.

    python -m benchmarks.surrogates DATA [--sentences N]

DATA/ner_train.parquet holds sentences whose persons are labelled. Each is scrubbed as the text of
a person of its own; an attacker sees surrogates and missed names, knows neither, and orders them by
one property at a time. The area under the curve (AUC) is the chance that a surrogate stands before
a missed name in that order: .5 tells nothing. The tagger was trained on such sentences, so that it
misses less here than elsewhere; what it misses is not another sort of name for that.
"""

import re
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import polars as pl

from anonymizer.masking.free_text.scrubbing import Replacing, Row, Search, Surrogates
from anonymizer.masking.free_text.scrubbing.name_draws import LOCALES, folded, names_of
from anonymizer.masking.masks.scrub import load_names

HOMES = {"en": "en_US", "fr": "fr_FR", "pt": "es_ES", "zh": "zh_CN"}  # of others German
LISTED = {
    word
    for locale in LOCALES
    for role in ("first", "last")
    for word in names_of(locale, role).places
}
WORD = re.compile(r"[^\W\d_]+")


class Sentence(NamedTuple):
    """A text, its language, and the persons in it."""

    text: str
    language: str
    persons: list[tuple[int, int]]


def sentences(data: Path, most: int) -> list[Sentence]:
    """So many sentences, of those drawn that name somebody."""
    frame = pl.read_parquet(data / "ner_train.parquet").sample(fraction=1, seed=1, shuffle=True)
    read = (_sentence(*row) for row in frame.select("language", "tokens", "tags").iter_rows())
    return list(islice((each for each in read if each.persons), most))


def _sentence(language: str, tokens: list[str], tags: list[str]) -> Sentence:
    gap, text, persons = "" if language == "zh" else " ", "", list[tuple[int, int]]()
    for token, tag in zip(tokens, tags, strict=True):
        text += gap * bool(text)
        start, text = len(text), text + token
        if tag == "I-PER" and persons:
            start = persons.pop()[0]
        if tag.endswith("-PER"):
            persons.append((start, len(text)))
    return Sentence(text, language, persons)


def names_seen(read: list[Sentence]) -> tuple[list[str], list[str]]:
    """The surrogates of texts, and the names of persons of which nothing was found."""
    search = Search(("name",), names=load_names())
    every = search.found_all([each.text for each in read], [()] * len(read))
    put, missed = list[str](), list[str]()
    for number, (each, spans) in enumerate(zip(read, every, strict=True)):
        surrogates = Surrogates("00" * 32, HOMES.get(each.language, "de_DE"))
        replacing = Replacing({"name": "surrogate"}, surrogates=surrogates)
        put += replacing.put(each.text, spans, Row(who=str(number)))
        missed += [
            each.text[start:end]
            for start, end in each.persons
            if not any(span.start < end and start < span.end for span in spans)
        ]
    return put, missed


def _listed(name: str) -> float:
    """The share of words that the lists of surrogates have."""
    words = [folded(word) for word in WORD.findall(name)]
    return sum(word in LISTED for word in words) / max(1, len(words))


PROPERTIES: dict[str, Callable[[str], float]] = {
    "words that lists have": _listed,
    "number of words": lambda name: len(WORD.findall(name)),
    "length": len,
    "in small letters": lambda name: name.islower(),
    "in capitals": lambda name: name.isupper(),
    "signs": lambda name: len(re.findall(r"[^\w\s]|\d", name)),
    "letters beyond ASCII": lambda name: sum(char > "\x7f" for char in name),
}


def auc(ones: Iterable[float], others: Iterable[float]) -> float:
    """The chance that one is larger than another; half of it where they are equal."""
    left, right = np.array(list(ones), float)[:, None], np.array(list(others), float)
    return float(((left > right) + 0.5 * (left == right)).mean())


@click.command()
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option("--sentences", "most", default=4_000)
def main(data: Path, most: int) -> None:
    """Print what each property tells."""
    put, missed = names_seen(sentences(data, most))
    print(f"{len(put):,} surrogates, {len(missed):,} missed names\n")
    print("| | AUC | surrogates | missed |\n|---|---|---|---|")
    for name, of in PROPERTIES.items():
        one, other = list(map(of, put)), list(map(of, missed))
        print(f"| {name} | {auc(one, other):.2f} | {np.mean(one):.2f} | {np.mean(other):.2f} |")


if __name__ == "__main__":
    main()
