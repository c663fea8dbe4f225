# ruff: noqa: INP001 (a script, no package)
"""Write the name lists of the pseudonym mask. Run once per list version; needs pypinyin.

    python scripts/build_lists.py anonymizer/masking/lists

A new run with another Faker gives other lists and with them other pseudonyms, so the result is
committed and this script is no part of the library.
"""

import json
import re
import sys
from importlib import import_module
from pathlib import Path

import pypinyin


def ascii_form(name: str) -> str:
    """The name in lower-case letters a to z."""
    return re.sub("[^a-z]", "", "".join(pypinyin.lazy_pinyin(name)).lower())


def pairs(names: list[str]) -> list[list[str]]:
    """Each distinct name with its ASCII form, sorted."""
    return [[name, ascii_form(name)] for name in sorted(set(names))]


def write(locale: str, folder: Path, *, family_first: bool) -> None:
    """One file: version, locale, first and last names."""
    provider = import_module(f"faker.providers.person.{locale}").Provider
    content = {
        "version": 1,
        "locale": locale,
        "family_first": family_first,
        "first": pairs(list(provider.first_names)),
        "last": pairs(list(provider.last_names)),
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    (folder / f"{locale}.json").write_text(text.replace("],", "],\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    write("en_US", Path(sys.argv[1]), family_first=False)
    write("zh_CN", Path(sys.argv[1]), family_first=True)
