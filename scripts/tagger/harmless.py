"""Pieces of sentences that name nobody, as verses, products, headlines, values and log messages.

Lines of our own, and made-up ones of the labelled sentences and of dictionaries, so that common
words that are somebody's name as well (Stahl, Rose, Mark) stand there as the common words that they
mostly are.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from anonymizer.masking.free_text.tagger.features import folded
from scripts.tagger import lists, own, persons
from scripts.tagger.sentences import Sentence, Tokens, joined, read

_SHARES = 2, 2, 1, 7  # of verses, products and records made up, and of our own lines
# How often a kind of our own lines is drawn, and what joins several.
_GLUES: Final = {
    "verse": (4, ("\n", "\n", " / ", ", ")),
    "plot": (4, (" ", " ", "\n")),
    "product": (5, ("\n", ", ", "; ", " | ")),
    "order": (2, (". ", "\n", " ")),
    "value": (4, ("\n", ", ", ";")),
    "message": (2, ("\n", " ")),
    "title": (2, ("\n", " - ")),
    "prose": (4, (" ", " ", "\n")),
}
_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_SIZES = ["ml", "cm", "kg", "g", "l", "W", "mm", "m", "pcs", "x", "Stück", "%", "°C", "GB"]


class Harmless:
    """Pieces and words, by language, that no sentence names anybody with."""

    def __init__(self, gold: Iterable[tuple[str, str, Tokens]]) -> None:
        self._pieces = defaultdict[str, list[Tokens]](list)
        plain, named = defaultdict[str, Counter[str]](Counter), Counter[str]()
        for language, _, tokens in gold:
            self._pieces[language] += [piece for piece in _unnamed(tokens) if len(piece) > 3]
            for word, tag in tokens:
                if word.isalpha() and len(word) > (1 if language == "zh" else 2):
                    named[folded(word)] += tag != "O"
                    plain[language][word] += tag == "O"
        self._words = {
            language: [w for w, n in plain[language].items() if n > 1 and named[folded(w)] < n / 5]
            + list(lists.common(language))
            for language in lists.LANGUAGES
        }

    def sentences(self, count: int, draw: random.Random) -> Iterator[Sentence]:
        """Harmless texts of all kinds and languages."""
        for _ in range(count):
            language = draw.choice(lists.LANGUAGES)
            makes = (self._verses, self._product, self._record, self._own)
            text = draw.choices(makes, _SHARES)[0](language, draw)
            luck = draw.random()
            changed = text.lower() if luck < 0.1 else text.upper() if luck < 0.2 else text
            yield read(changed, [], f"{language} harmless")

    def _own(self, language: str, draw: random.Random) -> str:
        """Lines of our own: one or some, as verses, sentences, a list or the fields of a record."""
        of = own.lines(language)
        kind = draw.choices(list(_GLUES), [weight for weight, _ in _GLUES.values()])[0]
        count = draw.choice((1, 1, 2, 3))
        chosen = [self._reworded(line, language, draw) for line in draw.choices(of[kind], k=count)]
        if kind in {"value", "product"} and draw.random() < 0.4:
            return _fields(chosen, draw)
        if kind == "product" and draw.random() < 0.3:
            chosen = [f"{draw.randint(1, 24)} x {line}" for line in chosen]
        return draw.choice(_GLUES[kind][1]).join(chosen)

    def _reworded(self, line: str, language: str, draw: random.Random) -> str:
        """A line, in one of three some of whose words are others."""
        if language == "zh" or draw.random() < 0.67:
            return line
        return _WORD.sub(
            lambda match: (
                _cased(draw.choice(self._words[language]), match[0])
                if draw.random() < 0.25
                else match[0]
            ),
            line,
        )

    def _verses(self, language: str, draw: random.Random) -> str:
        """One to four pieces as lines or sentences."""
        pieces = [self._piece(language, draw) for _ in range(draw.choice((1, 2, 2, 3, 4)))]
        return draw.choice(("\n", "\n", ". ", ", ")).join(pieces)

    def _piece(self, language: str, draw: random.Random) -> str:
        luck = draw.random()
        piece = (self._cut if self._pieces[language] and luck < 0.75 else self._line)(
            language, draw
        )
        if luck < 0.08:
            return piece.title()
        return piece[:1].upper() + piece[1:] if draw.random() < 0.8 else piece

    def _cut(self, language: str, draw: random.Random) -> str:
        """A piece of a sentence."""
        tokens = draw.choice(self._pieces[language])
        start = draw.randrange(max(1, len(tokens) - 4))
        return joined(tokens[start : start + draw.randint(3, 9)], tight=True)[0]

    def _line(self, language: str, draw: random.Random) -> str:
        """Words in small letters, half of them frequent ones."""
        words = self._words[language]
        chosen = [
            draw.choice(words if draw.random() < 0.5 else lists.common(language)[:300])
            for _ in range(draw.randint(2, 7))
        ]
        return ("" if language == "zh" else " ").join(chosen)

    def _product(self, language: str, draw: random.Random) -> str:
        """One to five words, at times with sizes."""
        words = draw.choices(self._words[language], k=draw.choice((1, 2, 2, 3, 4, 5)))
        if language == "zh":
            size = draw.choice(("", "", "500克", "2个"))
            return draw.choice(("", "", " ", "，")).join(words) + size
        luck = draw.random()
        words = [word.capitalize() for word in words] if luck < 0.4 else words
        text = draw.choice((" ", " ", " ", ", ", "-", " / ")).join(words)
        size = f" {draw.randint(1, 600)} {draw.choice(_SIZES)}"
        parts = (text, text, f"{text}{size}", f"{text},{size}", f"{draw.randint(1, 99)} x {text}")
        whole = draw.choice(parts)
        return whole[:1].upper() + whole[1:] if luck < 0.7 else whole

    def _record(self, language: str, draw: random.Random) -> str:
        """A JSON object or the fields of a log, with values of these words."""
        values = (
            " ".join(draw.choices(self._words[language], k=draw.choice((1, 1, 2, 3))))
            for _ in range(draw.randint(1, 4))
        )
        return _fields([v.capitalize() if draw.random() < 0.6 else v for v in values], draw)


def _fields(values: Sequence[str], draw: random.Random) -> str:
    """A JSON object or the fields of a log."""
    style = draw.choice(('"{}": "{}"', "{}={}", "{}: {}", '"{}":"{}"'))
    keys = draw.choices(persons.values()["other_keys"], k=len(values))
    pairs = list(map(style.format, keys, values))
    return "{" + ", ".join(pairs) + "}" if '"' in style else draw.choice((" ", "; ")).join(pairs)


def _cased(word: str, like: str) -> str:
    """A word in the case of another."""
    return word.upper() if like.isupper() else word.capitalize() if like[0].isupper() else word


def _unnamed(tokens: Tokens) -> Iterator[Tokens]:
    """The stretches of a sentence without a name."""
    stretch = Tokens()
    for token, tag in [*tokens, ("", "B-")]:
        if tag == "O":
            stretch.append((token, tag))
        elif stretch:
            yield stretch
            stretch = Tokens()
