# ruff: noqa: INP001 (a script, no package)
"""Write the lists of the pseudonym mask. Run once per list version; needs pypinyin.

    python scripts/build_lists.py anonymizer/masking/primitives/lists

A new run with another Faker gives other lists and with them other pseudonyms, so the result is
committed and this script is no part of the library. Names are Faker's; words for streets and
companies stand here.
"""

import json
import re
import sys
import unicodedata
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pypinyin


class Words(NamedTuple):
    """How a locale names streets and companies; `{}` is a last name."""

    streets: list[str]
    companies: list[str]
    address: str
    family_first: bool = False


LOCALES = {
    "en_US": Words(
        ["{} Street", "{} Avenue", "{} Drive", "{} Road", "{} Lane", "{} Court", "{} Boulevard"],
        ["{} Inc", "{} LLC", "{} and Sons", "{} Group", "{} Ltd", "{} Partners"],
        "{number} {street}",
    ),
    "en_GB": Words(
        ["{} Road", "{} Street", "{} Lane", "{} Close", "{} Gardens", "{} Crescent", "{} Way"],
        ["{} Ltd", "{} plc", "{} & Co", "{} & Sons", "{} Group", "{} LLP"],
        "{number} {street}",
    ),
    "de_DE": Words(
        ["{}straße", "{}weg", "{}allee", "{}ring", "{}gasse", "{}platz"],
        ["{} GmbH", "{} AG", "{} KG", "{} OHG", "{} GmbH & Co. KG", "{} e.K."],
        "{street} {number}",
    ),
    "fr_FR": Words(
        ["rue {}", "avenue {}", "boulevard {}", "chemin {}", "place {}", "impasse {}"],
        ["{} SARL", "{} SA", "{} SAS", "{} et Fils", "Établissements {}"],
        "{number}, {street}",
    ),
    "es_ES": Words(
        ["Calle {}", "Avenida {}", "Plaza {}", "Paseo {}", "Ronda {}", "Camino {}"],
        ["{} S.L.", "{} S.A.", "{} e Hijos", "Grupo {}", "{} y Asociados S.L."],
        "{street}, {number}",
    ),
    "zh_CN": Words(
        ["{}家路", "{}园街", "{}安路", "{}新大道", "{}桥路", "{}华街"],
        ["{}氏科技有限公司", "{}氏贸易有限公司", "{}氏信息有限公司", "{}氏实业有限公司"],
        "{street}{number}号",
        family_first=True,
    ),
}


def ascii_form(name: str) -> str:
    """The name in lower-case letters a to z."""
    latin = "".join(pypinyin.lazy_pinyin(name)).lower().replace("ß", "ss")
    return re.sub("[^a-z]", "", unicodedata.normalize("NFKD", latin))


def pairs(names: list[str]) -> list[list[str]]:
    """Each distinct name with its ASCII form, sorted."""
    return [[name, ascii_form(name)] for name in sorted(set(names))]


def sexes(names: list[list[str]], female: set[str], male: set[str]) -> str:
    """A letter per first name: f, m, or b where both sexes have it."""
    return "".join(
        "b" if name in female and name in male else "f" if name in female else "m"
        for name, _ in names
    )


def filled(patterns: list[str], names: list[list[str]]) -> list[str]:
    """Each name in one of the patterns, in turn; in all of them where names are few."""
    words = [name for name, _ in names if " " not in name]
    if len(words) * 2 > 1000:
        return [patterns[at % len(patterns)].format(word) for at, word in enumerate(words)][:1000]
    return [pattern.format(word) for word in words for pattern in patterns][:1000]


def write(locale: str, words: Words, folder: Path) -> None:
    """One file: version, locale, names, streets and companies."""
    provider = import_module(f"faker.providers.person.{locale}").Provider
    first, last = pairs(list(provider.first_names)), pairs(list(provider.last_names))
    female, male = set(provider.first_names_female), set(provider.first_names_male)
    content = {
        "version": 1,
        "locale": locale,
        "family_first": words.family_first,
        "address": words.address,
        "first": first,
        "sex": sexes(first, female, male),
        "last": last,
        "streets": filled(words.streets, last),
        "companies": filled(words.companies, last),
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("],", "],\n").replace('","', '",\n"')
    (folder / f"{locale}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name, its in LOCALES.items():
        write(name, its, Path(sys.argv[1]))
