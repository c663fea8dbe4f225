r"""Lines of our own: those that name nobody, by kind, and sentences whose names are labelled.

A line of `lines/LANGUAGE.txt` is a kind (verse, plot, product, order, value, message, title or
prose) and a text that names nobody, with many words that are somebody's name elsewhere. One of
`labelled/LANGUAGE.txt` is a text with its names in brackets: [P:Anna Weber], [L:Rhein], [O:…]. Ends
of lines within them are written \n. An eighth of both is kept back from training.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from scripts.tagger.sentences import Spans

_HERE: Final = Path(__file__).parent
_LABEL: Final = re.compile(r"\[([PLO]):([^\]]+)\]")

Lines = Mapping[str, Sequence[str]]  # of each kind


def kept_back(line: str) -> bool:
    """Whether a line is one of the eighth that validates."""
    return zlib.crc32(line.encode()) % 8 == 0


@cache
def lines(language: str, *, kept: bool = False) -> Lines:
    """The lines that name nobody, to learn from or kept back."""
    found = defaultdict[str, list[str]](list)
    for line in _of("lines", language):
        kind, _, text = line.partition(": ")
        if kept_back(line) == kept:
            found[kind].append(text.replace("\\n", "\n"))
    return found


@cache
def labelled(language: str, *, kept: bool = False) -> Sequence[tuple[str, Spans]]:
    """The labelled texts and where their names stand, to learn from or kept back."""
    found = (line for line in _of("labelled", language) if kept_back(line) == kept)
    return [_unlabelled(line.replace("\\n", "\n")) for line in found]


def _of(folder: str, language: str) -> Iterator[str]:
    path = _HERE / folder / f"{language}.txt"
    yield from path.read_text("utf-8").splitlines() if path.exists() else ()


def _unlabelled(line: str) -> tuple[str, Spans]:
    """A sentence without its labels, and where its names stand."""
    text, spans, at = "", Spans(), 0
    for match in _LABEL.finditer(line):
        text += line[at : match.start()]
        spans.append((len(text), len(text) + len(match[2]), " PLO".index(match[1])))
        text, at = text + match[2], match.end()
    return text + line[at:], spans
