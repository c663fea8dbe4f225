"""Ages over 89, which tell a year of birth of few people; younger ones stay.

A number is an age where a word of age stands before it (`aged 93`), where what follows is said of
people only (`93 years old`, `93-jährig`), and where years follow that nothing else counts: no span
of time (`for 95 years`), nothing that is so old (`95 anni di storia`).
"""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.basis.folding import Span
from anonymizer.masking.free_text.recognition.dates.patterns import alternation
from anonymizer.masking.free_text.recognition.dates.reading import lowered


def _words(words: str) -> str:
    """A pattern of any of the words; `_` is a blank."""
    return alternation(word.replace("_", " ") for word in words.split())


_OLD: Final = r"(?:9\d|1[01]\d|12[0-5])"
_NEEDS: Final = re.compile(rf"(?<!\d){_OLD}(?!\d)|九十|百")
# Before its figure.
_BEFORE: Final = _words(
    "age aged alter alter_von âge âgé_de âgée_de agé_de agée_de edad edad_de età età_di di_anni "
    "leeftijd idade idade_de ikä iässä wiek w_wieku lat ålder alder возраст возрасте yaş yaşı "
    "turns turned turning wird wurde fyller fylder täyttää täytti kończy skończył skończyła "
    "年龄 年齡 年齢 享年 나이"
)
# Behind it, and of people only.
_ENGLISH: Final = (
    r"[ -]?(?:years?|yrs?|yr|y)\.?[ -]?(?:old|of age)|[ -]?(?:y/o|yo|y\.o\.?|yrs?\.?)(?![^\W_])"
    r"|(?:st|nd|rd|th) birthday"
)
_INFLECTED: Final = (
    r"[ -]?(?:jährig(?:e[rnsm]?)?|jarigen?|jarige|vuotia(?:s|a?n|ana|alle|at)|vuotta vanha"
    r"|letni(?:a|ą|ej|ego|emu|m|ch)?|lat(?:ek|ka|ki|kowi)|årig[ae]?|åring(?:en)?"
    r"|летн(?:ий|яя|его|ей|юю|ему|им)|yaşında(?:ki)?)"
)
_BEHIND: Final = (
    rf"{_ENGLISH}|{_INFLECTED}| (?:jahre alt|jaar oud|år gammal|år gammel|lat skończone)| j\."
    r"|\. geburtstag|enne| ?(?:周岁|岁|歲|歳|才|세|살)"
)
# Years of anything, unless the words around say of what.
_YEARS: Final = rf" {_words('ans años anni anos jahre jaar lat lata vuotta år лет года')}"
_OF_AGE: Final = _words("d'âge de_edad de_idade di_età")
_OF_THINGS: Final = (
    r"(?!-| (?:d'|"
    + _words(
        "de di of van ago später später later plus_tard después dopo depois geleden temu назад sitten "
        "garantie garantía garanzia garantia takuu gwarancji service histoire history historia storia "
        "geschichte historii tradição tradizione tradición doświadczenia ervaring esperienza erfahrung"
    )
    + r"\b))"
)
# Before years that passed.
_OF_TIME: Final = re.compile(
    r"(?:\b(?:"
    + _words(
        "hace il_y_a pendant depuis durante por há desde da per fa sinds gedurende przez od через "
        "в_течение während seit for dans dopo après tras em dentro_de in wir nach vor sen jälkeen "
        "alle yli noin le les los las gli os as över efter"
    )
    + r")\s(?:"
    + _words("over más_de plus_de mais_de più_di meer_dan ponad über mehr_als fast quasi casi")
    + r"\s)?|\d[.,]|[$€£¥-]\s?)$"
)
_EASTERN_OLD: Final = "九十[一二三四五六七八九]?|一百[零〇]?[一二三四五六七八九十]?"
_AGE: Final = re.compile(
    rf"(?<![\w.,/:])(?:{_BEFORE}[:=]?\s?(?P<a>{_OLD})(?![\w%]|[.,:/-]\d)(?:{_BEHIND}|{_YEARS})?"
    rf"|(?P<b>{_OLD})(?:{_BEHIND})(?![^\W_一-鿿])"
    rf"|(?P<c>{_OLD}){_YEARS}(?![^\W_])(?: {_OF_AGE}|{_OF_THINGS}))"
    rf"|(?P<e>{_EASTERN_OLD})多?(?:周岁|岁|歲|歳)"
    rf"|(?<=[^\W\d_])(?P<d>{_OLD}) ?(?:周岁|岁|歲|歳|才|세|살)"
)
_REACH: Final = 24  # characters before an age


def ages(text: str, _region: str) -> Iterator[Span]:
    """Ages from 90 on, with the words that say that they are ages."""
    low = lowered(text)
    if _NEEDS.search(low) is None:
        return
    for match in _AGE.finditer(low):
        if match["c"] and _OF_TIME.search(low[max(0, match.start() - _REACH) : match.start()]):
            continue
        yield Span(*match.span(), "age", match[match.lastgroup or 0])
