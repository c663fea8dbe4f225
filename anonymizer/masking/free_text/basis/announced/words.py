"""Words around a value that say what it is: which stand in a text, and where."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from itertools import chain, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Final, NamedTuple

from anonymizer.masking.free_text.basis.announced.composed import Composed
from anonymizer.masking.free_text.basis.finder import (
    CHECKED,
    Check,
    Finder,
    Scores,
)
from anonymizer.masking.free_text.basis.folding import EASTERN, IS_EASTERN, plain
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.basis.words import SMALL_WORDS

_TABLE: Final = Path(__file__).with_name("words.json")

_WORD: Final = re.compile(rf"[^\W\d_{EASTERN}]+")
_ASCII_WORD: Final = re.compile("[a-z]+")
_GAP: Final = frozenset(" _.-'/°º#\u00a0")
HOLDER: Final = "holder"  # what has nouns alone
_STEM: Final = 4  # letters by which stems are looked up


@cache
def _table() -> dict[str, list[str]]:
    table: dict[str, list[str]] = json.loads(_TABLE.read_text("utf-8"))
    return {
        name: list(dict.fromkeys(spelt for word in words for spelt in _spellings(word)))
        for name, words in table.items()
    }


def fillers() -> tuple[str, str]:
    """Patterns of what may stand between a word and its value: with letters, and Eastern."""
    words = sorted(map(plain, _table()["fillers"]), key=len, reverse=True)
    eastern = [word for word in words if IS_EASTERN.search(word)]
    return "|".join(re.escape(word) for word in words if word not in eastern), "|".join(eastern)


# How `number` is written in front of, behind and as the end of what is counted.
_BEFORE: Final = {
    "numero": ("numero", "n", "n o", "no", "nr", "nro", "num", "codigo", "code", "codice"),
    "numer": ("numer", "nr", "nru", "numeru", "numerem", "numerze", "kod"),
}
_BEHIND: Final = ("number", "no", "nr", "num", "n", "id")
_OF: Final = re.compile(r"^(?:de la|de|del|della|do|da|du|di|d)\b ?")
_AS_END: Final = ("nummer*", "nr", " nr", " nummer", " no", " id")


def _spellings(word: str) -> Iterator[str]:
    """A word with each way to write `number` in it."""
    first, _, rest = word.partition(" ")
    if rest and first in _BEFORE:
        yield from (f"{each} {rest}" for each in _BEFORE[first])
        bare = _OF.sub("", rest)
        yield from (f"{bare} {each}" for each in _BEHIND[1:-1] if len(bare) > 3)
    elif word.endswith(" number"):
        yield from (word.removesuffix("number") + each for each in _BEHIND)
    elif word.endswith("nummer*"):
        yield from (word.removesuffix("nummer*") + each for each in _AS_END)
    else:
        yield word


def number(
    name: str,
    title: str,
    forms: str = "",
    check: Check | None = None,
    *,
    common: str = "",
    scores: Scores = CHECKED,
    kind: str = "id",
    value: str = "",
) -> Finder:
    """A finder by forms (each between `|`), by a check and by the words that the table has for it.

    What a state gives begins with its country: `es_dni`.
    """
    return Finder(
        name,
        kind,
        title,
        country=name[:2].upper() if name[2:3] == "_" else "",
        forms=_split(forms),
        common=_split(common),
        check=check,
        words=tuple(_table().get(name, ())),
        value=value,
        scores=scores,
    )


def _split(forms: str) -> tuple[str, ...]:
    return tuple(form.strip() for form in forms.split("|") if form.strip())


class Hit(NamedTuple):
    """A known word in a text: where it stands, and what it speaks of (empty: something else)."""

    start: int
    end: int
    means: str

    def __len__(self) -> int:
        return self.end - self.start


class _Phrase(NamedTuple):
    """The words of a phrase, the last one with any ending or as it is, and its meaning."""

    words: tuple[str, ...]
    is_stem: bool
    means: str
    is_signed: bool = False  # counts before `#` only

    @property
    def rank(self) -> tuple[int, int, bool]:
        """By which the longest comes first."""
        return -len(self.words), -len("".join(self.words)), self.is_stem

    def fits(self, words: list[str], place: int) -> int:
        """How many words from a place on are these, with small ones between; 0 if they are not."""
        end = place
        for number, word in enumerate(self.words):
            while number and end < len(words) and words[end] in SMALL_WORDS and words[end] != word:
                end += 1
            stem = self.is_stem and number == len(self.words) - 1
            if end >= len(words) or not (
                words[end].startswith(word) if stem else words[end] == word
            ):
                return 0
            end += 1
        return end - place

    def together(self, matches: list[re.Match[str]], place: int, count: int, text: str) -> bool:
        """Whether no more than a sign or two stands between these words."""
        parts = matches[place : place + count]
        gaps = (text[one.end() : other.start()] for one, other in pairwise(parts))
        end = parts[-1].end()
        return all(len(gap) <= 3 and _GAP.issuperset(gap) for gap in gaps) and (
            not self.is_signed or text[end : end + 2].lstrip().startswith("#")
        )


class Words:
    """Known words, looked up by the words of a text."""

    def __init__(self, meanings: Mapping[str, Iterable[str]]) -> None:
        """Take what words mean; where two meanings share a word the first one has it."""
        self._phrases: dict[str, list[_Phrase]] = defaultdict(list)
        self._stems: dict[str, list[_Phrase]] = defaultdict(list)
        self._eastern: dict[str, str] = {}
        for meaning, words in (*meanings.items(), ("", _table()["otherwise"])):
            for word in words:
                self._add(plain(word), meaning)
        for phrases in (*self._phrases.values(), *self._stems.values()):
            phrases.sort(key=attrgetter("rank"))
        self.composed = Composed(meanings)
        self._keys = self.composed.keys.union(self._phrases)
        self._begun = self.composed.stems.union(self._stems)
        self._eastern = self.composed.eastern | self._eastern
        firsts = "".join({re.escape(word[0]) for word in self._eastern})
        self._first = re.compile(f"[{firsts}]" if firsts else "(?!)")
        self._longest = max(map(len, self._eastern), default=0)

    @cached_property
    def telling(self) -> Telling:
        """Words of which a text has one where it has one of these that counts."""
        whole, begin = list[str](), list[str]()
        for phrase in chain.from_iterable((*self._phrases.values(), *self._stems.values())):
            sure = phrase.words[:-1] if phrase.is_stem else phrase.words
            if phrase.means:
                (whole if sure else begin).append(" ".join(sure or phrase.words))
        return Telling(whole, begin=begin)

    def _add(self, word: str, meaning: str) -> None:
        if IS_EASTERN.search(word):
            self._eastern.setdefault(word.rstrip("*"), meaning)
            return
        words, is_stem = tuple(_WORD.findall(word)), word.endswith("*")
        bare = (*words[:1], *(each for each in words[1:] if each not in SMALL_WORDS))
        for each in {bare, ("".join(words),)}:
            phrase = _Phrase(each, is_stem, meaning)
            if is_stem and len(each) == 1 and len(each[0]) >= _STEM:
                self._stems[each[0][:_STEM]].append(phrase)
            else:
                self._phrases[each[0]].append(phrase)

    def hits(self, text: str) -> list[Hit]:
        """The known words of a text that `plain` has read, in order."""
        found = self._western(text)
        if not text.isascii():
            found = sorted([*found, *self._eastern_in(text)])
        return found

    def _western(self, text: str) -> list[Hit]:
        pattern = _ASCII_WORD if text.isascii() else _WORD
        words = pattern.findall(text)
        if self._keys.isdisjoint(words) and self._begun.isdisjoint(
            {word[:_STEM] for word in words}
        ):
            return []
        keys, stems = self._keys, self._begun
        told = [
            (place, some)
            for place, word in enumerate(words)
            if (word in keys or word[:_STEM] in stems) and (some := self._at(words, place))
        ]
        if not told:
            return []
        found, matches, done = list[Hit](), list(pattern.finditer(text)), 0
        for place, phrases in told:
            together = (
                (each, count)
                for each in phrases
                if (count := each.fits(words, place)) and each.together(matches, place, count, text)
            )
            phrase, count = next(together, (None, 0)) if place >= done else (None, 0)
            if phrase is not None:
                done = place + count
                found.append(Hit(matches[place].start(), matches[done - 1].end(), phrase.means))
        return found

    def _at(self, words: list[str], place: int) -> list[_Phrase]:
        """The phrases that may begin at a place, longer ones first."""
        word = words[place]
        some = (*self._phrases.get(word, ()), *self._stems.get(word[:_STEM], ()))
        told = [phrase for phrase in some if phrase.fits(words, place)] if some else []
        if word in self.composed.keys or word[:_STEM] in self.composed.stems:
            made = self.composed.at(words, place)
            told += (_Phrase(said.words, False, said.means, said.is_signed) for said in made)
            told.sort(key=attrgetter("rank"))
        return told

    def _eastern_in(self, text: str) -> Iterator[Hit]:
        done = 0
        for match in self._first.finditer(text):
            start = match.start()
            for end in range(min(len(text), start + self._longest), start, -1):
                if start >= done and (means := self._eastern.get(text[start:end])) is not None:
                    yield Hit(start, end, means)
                    done = end
                    break
