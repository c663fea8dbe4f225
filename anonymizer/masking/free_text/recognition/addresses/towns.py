"""Towns and countries where words say that somebody lives there or comes from there."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.addresses.growing import TOWN, country
from anonymizer.masking.free_text.recognition.addresses.words import WORDS
from anonymizer.masking.free_text.recognition.basis.folding import Span, fold_letters
from anonymizer.masking.free_text.recognition.basis.words import TOWNS

_LIVED: Final = re.compile(rf"(?<!\w)(?i:{WORDS.pattern('of_people')}) (?P<town>{TOWN})")
_TIMES: Final = WORDS.set("times")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_OF_PLACE: Final = WORDS.set("of_place")


def towns(text: str, _region: str) -> Iterator[Span]:
    """Places with a capital after `lives in`, `born in`, `originally from` in eleven languages."""
    if _OF_PLACE.isdisjoint(_WORDS.findall(text.lower())) or text.isupper():
        return
    for match in _LIVED.finditer(text):
        start, end = match.span("town")
        if match["town"].split()[0].strip(".,").lower() in _TIMES:
            continue
        known = country(text, start)
        name = text[start:end].rstrip(" .")
        sure = known is not None or name.lower() in TOWNS
        end = max(known or 0, start + len(name))
        canonical = " ".join(re.findall(r"\w+", fold_letters(text[start:end]).text))
        yield Span(start, end, "place", canonical, 0.7 if sure else 0.5)
