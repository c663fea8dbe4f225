"""What the text around tells of a date: words before it, its language, its order of figures."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from anonymizer.masking.free_text.recognition.dates.forms.patterns import WORD, YEAR_LAST
from anonymizer.masking.free_text.recognition.dates.forms.reading import Reading
from anonymizer.masking.free_text.recognition.dates.vocabulary.names import (
    MONTHS,
    QUARTERS,
    WEEKDAYS,
    Name,
)
from anonymizer.masking.free_text.recognition.dates.vocabulary.words import TOWARDS, listed

# Countries where the month comes first in figures, if nothing else decides (CLDR 48).
_MONTH_FIRST_LANDS: Final = listed("US PH PR GU VI AS MP FM MH PW")
# Languages that write days with dots, and their countries.
_DOTTED: Final = ("de", "fi", "pl", "cs", "da", "nb", "ru", "tr")
_DOTTED_LANDS: Final = listed("DE AT CH LI FI PL CZ SK DK NO RU BY UA TR EE LV SI HR RO")
# Small words of each language, without those that are words of English too.
_SMALL_WORDS: Final = {
    "en": "the and of was with for is at this that not from his she he on to by we you i my it are",
    "de": "der das und ist nicht mit von für den dem ein eine wurde im zum auf sich bei am vom "
    "geb geboren",
    "fr": "le les des et est pour avec une un au aux dans sur pas il elle on en du été depuis né "
    "née déjà qui que ce nous vous",
    "es": "el los las y del que para con una un por se su en al lo es desde nacido nacida",
    "it": "il di che con una un del della è nel gli si sono alla dal nato nata",
    "pt": "os da que para com uma um não em na foi ao se e desde dia nascido nascida",
    "nl": "het een van op met voor niet en dat de bij aan we ik heeft hadden daar al vanaf sinds",
    "sv": "och på är med för att ett som inte till har den av en från",
    "da": "og på er med som ikke til har den af en fra",
    "nb": "og på er med å som ikke til har den av en fra",
    "pl": "w na z nie jest się od dnia że dla jego pani roku ur dnia",
    "cs": "v na je se od dne že pro není byl",
    "fi": "ja ei klo että oli se hän jo asti alkaen asiakas",
    "ru": "и в на не с по от до был была года",
    "tr": "ve bir bu için ile olan da de",
}
# Letters that few languages have.
_LETTERS: Final = {
    "de": "ßäöü",
    "fi": "äö",
    "sv": "äöå",
    "da": "åøæ",
    "nb": "åøæ",
    "fr": "éèêàùç",
    "es": "éñ¿¡",
    "pt": "éãõêç",
    "it": "èàù",
    "pl": "łąężś",
    "cs": "řěů",
    "tr": "ğşıöü",
}
# Words of appointments, deadlines, deliveries and payments, beside which days stand.
_EVENTS: Final = {
    "en": "appointment meeting moved postponed rescheduled deadline delivered delivery arrives "
    "due expires expired booked departure arrival paid called phoned rang emailed texted visited "
    "visit call received created complained reported logged signed read arrived sent came left "
    "admission admitted discharge discharged surgery operation",
    "de": "termin verschoben verlegt frist geliefert lieferung zugestellt zustellung fällig "
    "endet gebucht abreise anreise ankunft bezahlt angerufen anruf rückruf telefoniert gemeldet "
    "erhalten besuch erledigt gestorben unterschrieben aufnahme entlassung entlassen operation",
    "fr": "rendez rendez-vous rdv reporté reportée déplacé échéance livré livrée livraison expire "
    "termine réservé départ arrivée payé appel appelé rappel rappelé reçu visite signé "
    "admission sorti sortie opération",
    "es": "cita aplazada aplazado pospuesta plazo entregado entregada entrega vence vencimiento "
    "termina reservado salida llegada pagado pago llamada llamó recibido firmado visita ingreso "
    "alta operación",
    "it": "appuntamento rinviato rinviata spostato spostata scadenza consegnato consegnata "
    "consegna scade termina prenotato partenza arrivo pagato chiamata chiamato ricevuto firmato "
    "ricovero dimissione dimesso dimessa",
    "nl": "afspraak verzet verplaatst termijn bezorgd geleverd levering vervalt eindigt geboekt "
    "vertrek aankomst betaald gebeld belde ontvangen bezoek getekend langsgeweest opname "
    "ontslag ontslagen operatie",
    "pt": "consulta marcação adiada adiado prazo entregue entrega vence termina reservado "
    "partida chegada pago ligação ligou recebido assinado internamento alta operação",
    "sv": "möte bokad flyttad levererad leverans betald förfaller ringde besök betalt",
    "da": "aftale flyttet leveret levering betalt ringede besøg",
    "pl": "wizyta spotkanie przełożona przełożone przesunięta termin doręczono dostarczono "
    "dostawa kończy wygasa zarezerwowano wyjazd przyjazd zapłacono telefon dzwonił dzwoniła "
    "otrzymano podpisano wypis przyjęcie wypisany wypisana operacja",
    "fi": "aika tapaaminen siirretty määräaika toimitettu toimitus päättyy erääntyy varattu "
    "lähtö saapuminen maksettu soitto soitettu soitti käynti vastaanotettu kotiutus kotiutettu "
    "leikkaus",
    "zh": "预约 送达 到期 交货 付款 电话 来电 来访 到货 通话",
}
EVENTS: Final = frozenset(word for words in _EVENTS.values() for word in words.split())
_LANGUAGES_OF: Final[dict[str, list[str]]] = {}
for _table in (_SMALL_WORDS, _EVENTS):
    for _language, _listed in _table.items():
        for _word in _listed.split():
            _LANGUAGES_OF.setdefault(_word, []).append(_language)
# What makes a day an ordinal in few languages, and what else months of them have.
_BY_ORDINAL: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("st", "nd", "rd", "th"), ("en",)),
    **dict.fromkeys((":a", ":e"), ("sv",)),
    "er": ("fr",),
    ".": ("de", "fi", "da", "nb", "cs"),
}
_SMALL_MONTHS: Final = ("fr", "it", "nl", "sv", "es", "pt", "pl", "nb")
_MOST_WORDS: Final = 2_000  # are asked for the language of a text
_REACH: Final = 28  # characters before a date
_WORD_OR_MARK: Final = re.compile(r"[^\W\d_]+|[^\w\s]")

_EAST_ASIAN: Final = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_VALID: Final = re.compile("有效期|到期")
_EASTERN: Final = re.compile("版本|更新|升级|升級|バージョン|버전")

Vote = Callable[[tuple[str, ...]], str]


@dataclass(frozen=True)
class Context:
    """A text with what several of its dates ask of it.

    Attributes:
        text: as patterns read it.
        low: in small letters.
        region: the country (ISO 3166) it comes from.
    """

    text: str
    low: str
    region: str

    def before(self, place: int) -> list[str]:
        """The words and marks right before a place, the nearest last."""
        return _WORD_OR_MARK.findall(self.low[max(0, place - _REACH) : place])[-4:]

    def is_one_of(self, words: frozenset[str], place: int) -> bool:
        """Whether one of some words stands before a place, or before a `to` that does."""
        before = [word for word in self.before(place) if word.isalnum() or word in "#§"]
        while before and before[-1] in TOWARDS:
            before.pop()
        return not words.isdisjoint(before[-1:]) or (
            not self.low.isascii()
            and any(word in words for word in _EASTERN.findall(self.low, max(0, place - 6), place))
        )

    def vote(self, languages: tuple[str, ...]) -> str:
        """The most likely one of some languages; empty where nothing tells."""
        votes = self._votes
        best = max(languages, key=votes.__getitem__)
        return best if votes[best] else ""

    @cached_property
    def is_english(self) -> bool | None:
        """Whether the text is English; None where nothing tells."""
        english = self._votes["en"]
        others = max((self._votes[each] for each in _SMALL_WORDS if each != "en"), default=0)
        if english != others:
            return english > others
        return None if self.low.isascii() else False

    @cached_property
    def is_eastern(self) -> bool:
        """Whether Chinese, Japanese or Korean characters stand anywhere in it."""
        return _EAST_ASIAN.search(self.low) is not None

    @cached_property
    def says_valid_in_chinese(self) -> bool:
        """Whether it says anywhere how long something is valid."""
        return _VALID.search(self.low) is not None

    @property
    def is_dotted(self) -> bool:
        """Whether its language, or its country where that is not told, writes `5.3.` for a day."""
        language = self.vote(("en", *_DOTTED))
        return language in _DOTTED or (not language and self.region in _DOTTED_LANDS)

    def has_weekday(self, word: str) -> bool:
        """Whether a word before a day is a weekday: of two letters, not in any other language."""
        if len(word) > 2:
            return True
        languages = languages_of(word)
        votes = self._votes - Counter(_LANGUAGES_OF.get(word, ()))
        others = max(votes.values(), default=0)
        return max(votes[language] for language in languages) >= others

    def is_foreign(self, month: str) -> bool:
        """Whether the text is rather of another language that names a month so than English."""
        return self.vote(("en", *languages_of(month))) not in ("", "en")

    def order(self, written: str, start: int) -> str:
        """How day and month follow each other in figures where either might be meant.

        The text's other dates decide, then the dot, then the language of a weekday before it or of
        the text, then the country.
        """
        if seen := self._orders:
            return max(seen, key=seen.__getitem__)
        votes = self._votes
        foreign = any(votes[language] > votes["en"] for language in votes)
        before = next((word for word in reversed(self.before(start)) if word.isalpha()), "")
        weekday = languages_of(before)
        if "." in written or foreign or (weekday and "en" not in weekday):
            return "dmy"
        return "mdy" if self.region in _MONTH_FIRST_LANDS else "dmy"

    @cached_property
    def _orders(self) -> Counter[str]:
        seen = Counter[str]()
        for match in YEAR_LAST.finditer(self.low):
            if match["b"].isdigit() and match["a"].isdigit():
                first, second = int(match["a"]), int(match["b"])
                if first > 12 >= second:
                    seen["dmy"] += 1
                elif second > 12 >= first:
                    seen["mdy"] += 1
        return seen

    @cached_property
    def _votes(self) -> Counter[str]:
        votes = Counter[str]()
        low = self.low[: 8 * _MOST_WORDS]
        for word in WORD.findall(low):
            votes.update(_LANGUAGES_OF.get(word, ()))
        if not low.isascii():
            seen = set(low)
            for language, letters in _LETTERS.items():
                votes[language] += len(seen.intersection(letters))
        return votes


@lru_cache(maxsize=1024)
def languages_of(word: str) -> tuple[str, ...]:
    """The languages of a month, weekday or quarter, those first that prefer its spelling."""
    names: list[Name] = MONTHS.get(word) or WEEKDAYS.get(word) or QUARTERS.get(word) or []
    usual = [name for name in names if name.spelling == 0] or names
    return tuple(dict.fromkeys(name.series.language for name in usual))


def language_of(reading: Reading, text: str, low: str, vote: Vote) -> str:
    """The language in which a date names its parts; empty where all are numbers.

    Args:
        reading: of the date.
        text: in which it stands.
        low: the same in small letters.
        vote: of the text, for one of several languages; empty if it has none.
    """
    weekday = languages_of(reading.written(low, "w"))
    name = reading.month(low)
    languages = languages_of(name) or languages_of(reading.written(low, "q")) or weekday
    if len(languages) < 2:
        return "".join(languages)
    said = low[reading.start : reading.end]
    ordinal = _BY_ORDINAL.get(reading.written(low, "o"), ())
    sure = [*ordinal, *["en"] * (" of " in said)]
    if languages != weekday:
        sure += weekday
    usual: tuple[str, ...] = ("es", "pt") if " de " in said else ()
    small: tuple[str, ...] = _SMALL_MONTHS if reading.month(text).islower() else ("en",)
    for language in (*sure, vote(languages), *usual, *small):
        if language in languages:
            return language
    return languages[0]
