"""Words of column names in 25 languages, by what they say of the column; in `words.json`.

Phrases are in small letters without accents. `=` before a phrase: it counts only where it is the
whole name, apart from words for whose it is. Compounds need not stand there: `names.py` takes them
apart.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from anonymizer.masking.inspection.reading.kinds import ColumnKind


@dataclass(frozen=True)
class Words:
    """The tables of words that names of columns are made of.

    Attributes:
        strong: kind → phrases, each of which says by itself what a column holds.
        weak: kind → phrases that need values that agree.
        owners: class → one word for all languages → words for whose or what's an id or a name is.
        ids: heads of numbers that identify.
        names: words for a name.
        head_first: heads that stand first, as in French, Arabic, Vietnamese and Russian.
        parts: `day`, `month`, `year` → words for this part of a date.
    """

    strong: dict[ColumnKind, list[str]]
    weak: dict[ColumnKind, list[str]]
    owners: dict[str, dict[str, list[str]]]
    ids: list[str]
    names: list[str]
    head_first: list[str]
    parts: dict[str, list[str]]


@cache
def load_words() -> Words:
    """The tables of `words.json`, as they are shipped."""
    return Words(**read_json("words.json"))


def read_json(name: str) -> dict[str, Any]:
    """The content of a file in `tables/`."""
    text = (
        files("anonymizer.masking.inspection.reading").joinpath("tables", name).read_text("utf-8")
    )
    content: dict[str, Any] = json.loads(text)
    return content
