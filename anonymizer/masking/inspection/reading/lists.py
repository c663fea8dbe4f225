"""Lists that values are compared with: answers, names, countries, large cities.

Answers and cities stand in `lists.json`; names are those of the pseudonym mask, countries
those of the region mask.
"""

import re
from collections.abc import Iterable
from functools import cache

from anonymizer.masking.free_text.basis.folding import fold_letters
from anonymizer.masking.inspection.reading.kinds import ColumnKind
from anonymizer.masking.inspection.reading.words import read_json
from anonymizer.masking.places.table import load
from anonymizer.masking.primitives.name_lists import load_names

_LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES")


def folded_words(words: Iterable[str]) -> frozenset[str]:
    """Words as `places.text.folded` writes them: capitals, no accents, one blank for all else."""
    plain = (fold_letters(word).text.upper() for word in words)
    return frozenset(re.sub(r"[\W_]+", " ", word).strip() for word in plain)


@cache
def answers() -> dict[ColumnKind, frozenset[str]]:
    """Kind → the words for it; a column of nothing but these words is of this kind."""
    lists: dict[ColumnKind, list[str]] = read_json("lists.json")["answers"]
    return {kind: folded_words(words) for kind, words in lists.items()}


@cache
def cities() -> frozenset[str]:
    """The names of large cities, in their own language and in English, folded."""
    return folded_words(read_json("lists.json")["cities"])


@cache
def chinese_surnames() -> frozenset[str]:
    """The characters with which frequent Chinese surnames begin."""
    return frozenset(read_json("lists.json")["chinese_surnames"][0])


@cache
def first_names() -> frozenset[str]:
    """The first names of the lists that pseudonyms are drawn from and of more languages, folded."""
    drawn = (name for locale in _LOCALES for name in load_names(locale).first)
    return folded_words([*drawn, *read_json("lists.json")["first_names"]])


@cache
def last_names() -> frozenset[str]:
    """The last names of the lists that pseudonyms are drawn from, folded."""
    return folded_words(name for locale in _LOCALES for name in load_names(locale).last)


@cache
def countries() -> frozenset[str]:
    """The names of countries in about 100 languages, folded."""
    return frozenset(load("world")["words"])
