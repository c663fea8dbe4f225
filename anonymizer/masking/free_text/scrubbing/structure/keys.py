"""What the key of a value says of it: whether it is called as somebody is."""

import re
from functools import lru_cache
from typing import Final

from anonymizer.masking.free_text.recognition.basis.folding import fold_letters
from anonymizer.masking.free_text.recognition.basis.lists import Lists

_WORDS: Final = Lists(__package__)
_PERSONS: Final = _WORDS.set("persons")
_CJK_PERSONS: Final = re.compile("|".join(_WORDS["cjk_persons"]))
_NAMES: Final = _WORDS.set("names")
_WHOSE: Final = _PERSONS | _WORDS.set("parts_of_names")
_BY: Final = _WORDS.set("by")
_CAMEL: Final = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_WORD: Final = re.compile(r"[^\W\d_]+")
_LONGEST: Final = 60  # characters of a key


@lru_cache(maxsize=4_000)
def calls_somebody(key: str) -> bool:
    """Whether a key calls somebody: `assignee`, `createdBy`, `customer_name`, `nom_client`.

    The last word decides, as `owner_team` and `customer_type` are something else.
    """
    if not key or len(key) > _LONGEST:
        return False
    words = _WORD.findall(fold_letters(_CAMEL.sub(" ", key)).text)
    if not words:
        return False
    *before, last = words
    if last in _NAMES:
        return not _WHOSE.isdisjoint(before)
    is_person = last in _PERSONS or last.removesuffix("s") in _PERSONS
    return is_person or (last in _BY and bool(before)) or _CJK_PERSONS.search(key) is not None
