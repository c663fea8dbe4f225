"""What the key of a value says of it: whether it is called as somebody is."""

import re
from functools import lru_cache
from typing import Final

from anonymizer.masking.free_text.basis.folding import fold_letters
from anonymizer.masking.free_text.basis.lists import Lists

_WORDS: Final = Lists(__package__)
_PERSONS: Final = _WORDS.set("persons")
_CJK_PERSONS: Final = re.compile("|".join(_WORDS["cjk_persons"]))
_NAMES: Final = _WORDS.set("names")
_PARTS: Final = _WORDS.set("parts_of_names")
_WHOSE: Final = _PERSONS | _PARTS
_OF_WHOM: Final = _NAMES | _PARTS
_BY: Final = _WORDS.set("by")
_CAMEL: Final = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_WORD: Final = re.compile(r"[^\W\d_]+")
_LONGEST: Final = 100  # characters of a key


@lru_cache(maxsize=4_000)
def calls_somebody(key: str) -> bool:
    """Whether a key calls somebody: `assignee`, `createdBy`, `customer.name`, `nom_client`.

    The last word decides, as `owner_team` and `customer_type` are something else.
    """
    if not key or len(key) > _LONGEST:
        return False
    words = _WORD.findall(fold_letters(_CAMEL.sub(" ", key)).text)
    if not words:
        return False
    *before, last = (word if word in _WHOSE else word.removesuffix("s") for word in words)
    if last in _OF_WHOM:
        return not _WHOSE.isdisjoint(before)
    return last in _PERSONS or (last in _BY and bool(before)) or bool(_CJK_PERSONS.search(key))
