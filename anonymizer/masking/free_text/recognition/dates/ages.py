"""Ages over 89, which tell a year of birth of few people; younger ones stay."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.basis.folding import Span
from anonymizer.masking.free_text.recognition.dates.reading import lowered

_OLD: Final = r"(?:9\d|1[01]\d|12[0-5])"
_NEEDS: Final = re.compile(rf"(?<!\d){_OLD}(?!\d)|九十|百")
_MARK: Final = r"[:=]?\s?"
# Words of an age before its figure, and what stands behind a figure that is one.
_AGE_WORDS: Final = (
    "aged?|alter(?: von)?|âge|âgée? de|agée? de|edad(?: de)?|età(?: di)?|di anni|leeftijd|idade(?: de)?|"
    "ikä|wiek|w wieku|ålder|alder|возраст(?:е)?|yaş|yaşı|turn(?:s|ed|ing)|年龄|年齡|年齢|享年|나이"
)
_OLD_WORDS: Final = (
    r"[ -]?(?:years?|yrs?|yr|y)\.?[ -]?(?:old|of age)|[ -]?(?:y/o|yo|y\.o\.?|yrs?\.?)(?![^\W_])|"
    r"(?:st|nd|rd|th) birthday|"
    r"[ -]?jährig(?:e[rnsm]?)?|[ -]jarigen?|[ -]?jarige|[ -]?vuotia(?:s|a?n|ana|alle|at)|[ -]?vuotta vanha|"
    r"[ -]?letni(?:a|ą|ej|ego|emu|m|ch)?|[ -]?lat(?:ek|ka|ka|ki|kowi)|[ -]?årig[ae]?|[ -]?åring(?:en)?|"
    r"[ -]?летн(?:ий|яя|его|ей|юю|ему|им)|[ -]?yaşında(?:ki)?|"
    r" jahre alt|\. geburtstag| jaar oud| år gammal| år gammel| lat skończone|enne|"
    r" ?(?:周岁|岁|歲|歳|才|세|살)"
)
# Years of anything unless the words around say of what.
_YEARS: Final = r"(?: ans| años| anni| anos| jaar| lat| lata| лет| года)"
_COUNTED: Final = (
    r"(?! (?:d'|de |di |of |van |en |e |of |ago\b|später|later|plus tard|después|dopo|depois|geleden|temu|"
    r"назад|garant|service|histoire|history|historia|storia|tradi|doświadczenia|ervaring|esperienza))"
    r"(?!-)"
)
_DE_EDAD: Final = r"(?: de edad| d'âge| de idade| di età)?"
_AGO: Final = re.compile(
    r"(?:\b(?:hace|il y a|pendant|depuis|durante|por|há|desde|da|per|fa|sinds|gedurende|przez|od|"
    r"через|в течение|während|seit|for|dans|dopo|après|après|tras|em|dentro de|in|wir)\s(?:over |más de |"
    r"plus de |mais de |più di |meer dan |ponad )?|\d[.,]|[$€£¥-]\s?)$"
)
_AGE: Final = re.compile(
    rf"(?<![\w.,/:])(?:(?:{_AGE_WORDS}){_MARK}(?P<a>{_OLD})(?![\w%]|[.,:/-]\d)(?:{_OLD_WORDS}|{_YEARS})?"
    rf"|(?P<b>{_OLD})(?:{_OLD_WORDS})(?![^\W_])"
    rf"|(?P<c>{_OLD}){_YEARS}(?![^\W_])(?:{_DE_EDAD}(?<=edad|dâge|dade| età)|{_COUNTED}))"
    rf"|(?P<e>九十[一二三四五六七八九]?|一百[零〇]?[一二三四五六七八九十]?)(?:多)?(?:周岁|岁|歲|歳)"
    rf"|(?<=[^\W\d_])(?P<d>{_OLD}) ?(?:周岁|岁|歲|歳|才|세|살)"
)


def ages(text: str, _region: str) -> Iterator[Span]:
    """Ages from 90 on, with the words that say that they are ages."""
    low = lowered(text)
    if _NEEDS.search(low) is None:
        return
    for match in _AGE.finditer(low):
        if match["c"] and _AGO.search(low[max(0, match.start() - 24) : match.start()]):
            continue
        yield Span(*match.span(), "age", match[match.lastgroup or 0])
