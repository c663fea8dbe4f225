"""What clerks make of a noun: of `client` they make `client no.`, `n° client`, `client #`.

The nouns stand in a table; how a language joins them with its words for a number stands here. Words
of a text are read by rule: all that can be made would be tens of thousands of phrases.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Final, NamedTuple

from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.folding import plain
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.lists import listed
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.basis.words import SMALL_WORDS

_TABLE: Final = Path(__file__).with_name("heads.json")
_STEM: Final = 4  # letters by which compounds are looked up
_WHOSE: Final = listed(
    "my your his her their our meines meiner ihres ihrer seines seiner unseres unserer mon ma son "
    "sa votre notre leur mi su tu nuestro nuestra mio mia suo sua nostro meu minha seu mijn uw "
    "zijn haar ons onze mojego mojej jego jej naszego naszej identyfikacyjny ewidencyjny "
    "identificativo identificatif"
)
_EASTERN_NUMBERS: Final = "号|号码|编号|代码|id|號|號碼|編號|代碼|证号|序号"


class _Joining(NamedTuple):
    """The words for a number of a language, each between blanks.

    Attributes:
        before: the noun, with or without `of`.
        behind: the noun, after a blank or a hyphen.
        end: of a compound, in any case.
    """

    before: str = ""
    behind: str = ""
    end: str = ""


_ROMANCE: Final = "n no nr nro num numero numeros id cod ref"
_AFTER_ROMANCE: Final = "n no nr nro num numero id"
_LANGUAGES: Final = {
    "en": _Joining(
        "number id",
        "number numbers no nos nr num nbr n id ids code key ref reference identifier",
        "number id no nr num code ref",
    ),
    "de": _Joining(
        "nummer nr",
        "nummer nummern nr nrn no num id code kennung kennziffer kennzahl schlussel zeichen ref",
        "nummer nr kennung kennziffer kennzahl schlussel code id",
    ),
    "fr": _Joining(f"{_ROMANCE} code reference identifiant", _AFTER_ROMANCE),
    "es": _Joining(f"{_ROMANCE} codigo referencia identificador localizador clave", _AFTER_ROMANCE),
    "it": _Joining(f"{_ROMANCE} codice riferimento identificativo rif", _AFTER_ROMANCE),
    "nl": _Joining(
        "nummer nr id code",
        "nummer nummers nr no num id code kenmerk referentie",
        "nummer nr code kenmerk id referentie",
    ),
    "pt": _Joining(f"{_ROMANCE} codigo referencia identificador", _AFTER_ROMANCE),
    "fi": _Joining(
        "",
        "numero numeron numeroni numeronsa nro nr no id tunnus tunnuksen koodi viite",
        "numero nro tunnu koodi id",
    ),
    "pl": _Joining(
        "numer nr nru numeru numerem numerze numery no id kod kodu identyfikator identyfikatora",
        "numer nr no id",
    ),
}


class Said(NamedTuple):
    """A noun with a word for its number: the words, small ones left out, and what it means."""

    words: tuple[str, ...]
    means: str
    is_signed: bool = False  # a noun alone, which counts before `#`


@cache
def _heads() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = json.loads(_TABLE.read_text("utf-8"))
    return table


def _languages_of(kind: str) -> dict[str, frozenset[str]]:
    """Each word for a number → the languages in which it stands there."""
    some = defaultdict[str, set[str]](set)
    for language, joining in _LANGUAGES.items():
        for word in getattr(joining, kind).split():
            some[word].add(language)
    return {word: frozenset(languages) for word, languages in some.items()}


_BEFORE: Final = _languages_of("before")
_BEHIND: Final = _languages_of("behind")
_END: Final = _languages_of("end")
_BEFORE_NOUNS: Final = Telling(_BEFORE)
_BEHIND_NOUNS: Final = Telling(_BEHIND)
_ANY_END: Final = re.compile(
    rf"(.{{2,}}?)({'|'.join(sorted(_END, key=len, reverse=True))})(?:[a-z]{{0,4}})"
)


def _forms(noun: str, language: str) -> Iterator[str]:
    """A noun and what follows from it: without what joins compounds, of somebody, my, his, our."""
    yield noun
    if language == "en":
        yield noun + " s"
    elif language == "de" and len(noun) > 5 and noun.endswith(("s", "en")):
        yield from (noun[:-1], noun[:-1] + "es") if noun[-1] == "s" else (noun[:-1],)
    elif language == "fi" and noun.endswith("n"):
        yield from (noun + "i", noun + "sa", noun + "ne")


class Composed:
    """What some meanings have nouns for."""

    def __init__(self, meanings: Iterable[str]) -> None:
        """Take the meanings that count; where two share a noun the first one has it."""
        self._nouns: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
        self.eastern: dict[str, str] = {}
        for meaning in meanings:
            for language, nouns in _heads().get(meaning, {}).items():
                for noun in nouns.split(", "):
                    for form in _forms(plain(noun), language):
                        self._add(form, language, meaning)
        longest = defaultdict[str, int](int)
        for words in self._nouns:
            longest[words[0]] = max(longest[words[0]], len(words))
        self._longest = dict(longest)
        self.keys = frozenset((*self._longest, *_BEFORE))
        self.stems = frozenset(
            (words[0] + end)[:_STEM] for words in self._nouns if len(words) == 1 for end in _END
        )

    def _add(self, noun: str, language: str, meaning: str) -> None:
        if language in _LANGUAGES:
            words = tuple(word for word in noun.split() if word not in SMALL_WORDS)
            self._nouns[words].setdefault(language, meaning)
        else:
            for end in _EASTERN_NUMBERS.split("|"):
                self.eastern.setdefault(noun + end, meaning)

    @cached_property
    def _telling(self) -> tuple[Telling, Telling, Telling]:
        """How nouns begin and end, and compounds of a noun and a word for a number."""
        joined = (words[0] + end[:3] for words in self._nouns if len(words) == 1 for end in _END)
        firsts, lasts = {words[0] for words in self._nouns}, {words[-1] for words in self._nouns}
        return Telling(firsts), Telling(lasts), Telling(begin=joined)

    def may_stand(self, seen: Glances) -> Bools:
        """Whether texts have a noun beside a word for a number, or both in one word."""
        firsts, lasts, compounds = self._telling
        words, after = seen.words, seen.words.after
        first = firsts.among(words)
        near = first[after] | first[after[after]] | first[after[after[after]]]
        beside = (_BEFORE_NOUNS.among(words) & near) | (
            lasts.among(words) & _BEHIND_NOUNS.among(words)[after]
        )
        return seen.at(beside | compounds.among(words)) | (seen.has("#") & seen.at(first))

    def at(self, words: list[str], place: int) -> Iterator[Said]:
        """What may begin at a place of a text's words."""
        word = words[place]
        if word in _BEFORE:
            number = (word, "o") if words[place : place + 2] == ["n", "o"] else (word,)  # `n.º`
            after = _end_of(words, place + len(number), 0)
            whose = words[after : after + 1]
            start = (*number, *(whose if not _WHOSE.isdisjoint(whose) else ()))
            for noun, means in self._noun(words, after + len(start) - len(number), _BEFORE[word]):
                if word != "no" or "en" not in self._nouns[noun]:  # `nº client` reads `no client`
                    yield Said(start + noun, means)
        if word in self._longest:
            yield from self._behind(words, place)
        if word[:_STEM] in self.stems and (match := _ANY_END.fullmatch(word)):
            means = self._means((match[1],), _END[match[2]])
            if means:
                yield Said((word,), means)

    def _behind(self, words: list[str], place: int) -> Iterator[Said]:
        for noun, _ in self._noun(words, place, None):
            after = _end_of(words, place, len(noun))
            number = words[after] if after < len(words) else ""
            means = self._means(noun, _BEHIND.get(number, frozenset()))
            if means:
                two = number == "n" and words[after + 1 : after + 2] == ["o"]
                yield Said((*noun, number, *(("o",) if two else ())), means)
            elif "en" in self._nouns[noun]:
                yield Said(noun, self._nouns[noun]["en"], is_signed=True)

    def _noun(
        self, words: list[str], place: int, languages: frozenset[str] | None
    ) -> Iterator[tuple[tuple[str, ...], str]]:
        """The nouns of some languages, of all for None, that begin at a place or after `of`."""
        some = [word for word in words[place : place + 8] if word not in SMALL_WORDS]
        for count in range(self._longest.get(some[0], 0) if some else 0, 0, -1):
            noun = tuple(some[:count])
            if noun in self._nouns and (means := self._means(noun, languages)):
                yield noun, means

    def _means(self, noun: tuple[str, ...], languages: frozenset[str] | None) -> str:
        """What a noun means in the first of some languages that has it."""
        some = self._nouns.get(noun, {})
        return next((some[each] for each in some if languages is None or each in languages), "")


def _end_of(words: list[str], place: int, count: int) -> int:
    """One past so many words from a place on and the small ones among them and behind."""
    while place < len(words) and (count or words[place] in SMALL_WORDS):
        count -= words[place] not in SMALL_WORDS
        place += 1
    return place
