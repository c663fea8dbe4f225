"""Towns and countries where words say that somebody lives there or comes from there."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.addresses.growing import TOWN, country
from anonymizer.masking.free_text.recognition.addresses.words import TOWNS
from anonymizer.masking.free_text.recognition.basis.folding import Span, fold_letters


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OF_PEOPLE: Final = (
    r"(?:lives?|living|lived|resid(?:es?|ing)|born|raised|grew up|based|staying|vacation(?:ing)?|"
    r"stationed) (?:in|near|at)|"
    r"(?:mov(?:ed?|ing)|travel(?:l?ed|l?ing)?|relocat(?:ed|ing)|fl(?:y|ew|own|ying)|emigrated|"
    r"going|went|trip|trips|returned|visit(?:ed|ing)?) (?:here )?(?:to|from|in)|"
    r"(?:comes?|came|is|am|are|originally|hails?|moved here|customer|guy|woman|man|people) from|"
    r"citizen of|native of|resident of|"
    r"(?:wohn(?:t|e|en|haft|te)|leb(?:t|e|te)|geboren|aufgewachsen) (?:jetzt |nun |noch )?in|"
    r"(?:kommt|komme|stammt|stamme|kunde|kundin|herr|frau) aus|(?:umgezogen|gezogen|zieht|reist|"
    r"fliegt|gereist) nach|"
    r"(?:habit(?:e|ons|ez|ent|ait)|vit|réside|née?|installée?) (?:à|en|au|aux)|(?:vient|viens|"
    r"originaire) (?:de|d'|du)|"
    r"(?:vive|vivo|reside|nació|nacid[oa]|viaj[oóa]\w*) (?:en|a)|(?:es|soy|viene|vengo) de|"
    r"(?:abit[oa]|vive|vivo|nat[oa]|residente|risiede) (?:a|in)|(?:viene|vengo) da|"
    r"(?:woont|woon|geboren|woonachtig) in|(?:komt|kom|afkomstig) uit|(?:mora|moro|vive|vivo|"
    r"nasceu|nascid[oa]|reside) (?:em|no|na)|"
    r"(?:mieszka(?:m)?|urodzon[ya]) w|(?:pochodzi(?:m|ę)?) z|(?:bor|född|bosatt) i|(?:kommer) från"
)
_LIVED: Final = re.compile(rf"(?<!\w)(?i:{_OF_PEOPLE}) (?P<town>{TOWN})")
_TIMES: Final = _set(
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday "
    "saturday sunday januar februar märz mai juni juli oktober dezember montag dienstag mittwoch "
    "donnerstag freitag samstag sonntag"
)
_WORDS: Final = re.compile(r"[^\W\d_]+")
_OF_PLACE: Final = _set(
    "in from to near of at aus nach à en au de a da em w z i från uit di d no na du aux"
)


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
