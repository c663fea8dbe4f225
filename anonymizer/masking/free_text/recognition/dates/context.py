"""What the text around tells of a date: words before it, its language, the order of day and month."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

from anonymizer.masking.free_text.recognition.dates.names import MONTHS, WEEKDAYS
from anonymizer.masking.free_text.recognition.dates.patterns import WORD, YEAR_LAST
from anonymizer.masking.free_text.recognition.dates.reading import Reading

# Countries where the month comes first in figures, if nothing else decides (CLDR 48).
_MONTH_FIRST_LANDS: Final = frozenset(["US", "PH", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW"])
# Small words of each language, without those that are words of English too.
_SMALL_WORDS: Final = {
    "en": "the and of was with for is at this that not from his she he on to by we you i my it are",
    "de": "der das und ist nicht mit von für den dem ein eine wurde im zum auf sich bei am vom geb geboren",
    "fr": "le les des et est pour avec une un au aux dans sur pas il elle du été depuis né née",
    "es": "el los las y del que para con una un por se su en al lo es desde nacido nacida",
    "it": "il di che con una un del della è nel gli si sono alla dal nato nata",
    "pt": "os da que para com uma um não em na foi ao se e desde dia nascido nascida",
    "nl": "het een van op met voor niet en dat de bij aan heeft vanaf sinds",
    "sv": "och på är med för att ett som inte till har den av en från",
    "da": "og på er med som ikke til har den af en fra",
    "nb": "og på er med å som ikke til har den av en fra",
    "pl": "w na z nie jest się od dnia że dla jego pani roku ur dnia",
    "cs": "v na je se od dne že pro není byl",
    "fi": "ja ei klo että oli se hän jo asti alkaen asiakas",
    "ru": "и в на не с по от до был была года",
    "tr": "ve bir bu için ile olan da de",
}
_LANGUAGES_OF: Final[dict[str, list[str]]] = {}
for _language, _listed in _SMALL_WORDS.items():
    for _word in _listed.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_language)
# What makes a day an ordinal in few languages, and what else months of them have.
_BY_ORDINAL: Final = {
    **dict.fromkeys(("st", "nd", "rd", "th"), ("en",)),
    **dict.fromkeys((":a", ":e"), ("sv",)),
    "er": ("fr",),
    ".": ("de", "fi", "da", "nb", "cs"),
}
_SMALL_MONTHS: Final = ("fr", "it", "nl", "sv", "es", "pt", "pl", "nb")
_MOST_WORDS: Final = 2_000  # are asked for the language of a text
_REACH: Final = 28  # characters before a date
_WORD_OR_MARK: Final = re.compile(r"[^\W\d_]+|[^\w\s]")

Vote = Callable[[tuple[str, ...]], str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A day may follow, with or without a year.
BEFORE_DAYS: Final = _words("""
    on am vom zum den dem ab bis seit le du au el al del dal il op vanaf tot dia em dnia od den
    från till d dd per den due until since by from dated date datum data fecha päivä pvm alkaen
    viimeistään mennessä asti eräpäivä desde hasta até depuis jusqu entro sinds tarihinde tarih
    с до от по dne dob born geb geboren né née nato nata nacido nacida nascido nascida ur urodzony
    urodzona född fødd født syntynyt synt doğum дата birthday birthdate geburtsdatum naissance
    nacimiento nascita nascimento geboortedatum syntymäaika urodzenia födelsedatum fødselsdato
    рождения 生日 出生 生年月日 생년월일
""")
# Figures alone are a date of birth behind these.
BIRTHS: Final = _words("""
    dob born birth birthday birthdate geb geboren geburtsdatum geburtstag né née naissance nato nata
    nascita nacido nacida nacimiento nascido nascida nascimento geboren geboortedatum syntynyt synt
    syntymäaika ur urodzony urodzona urodzenia född födelsedatum fødd født fødselsdato doğum
    рождения bday 生日 出生 出生日期 生年月日 생년월일
""")
# Years follow these and hardly anything else.
OF_YEARS: Final = _words("""
    class act law summer winter spring autumn fall year years early late mid end since born dated
    founded established b circa ca graduated built
    seit geb geboren jahr jahre jahrgang jg anno baujahr frühjahr frühling sommer herbst winter anfang
    mitte ende gegründet
    depuis né née nées annee année années été hiver printemps automne début fin fondée fondé
    desde nacido nacida año años verano invierno primavera otoño fundada fundado
    nato nata classe estate inverno autunno dall nell dal nel
    nascido nascida ano anos verão outono inverno
    sinds jaar zomer lente herfst bouwjaar begin eind
    syntynyt synt vuonna vuodesta vuoden vuoteen vuosi kesällä talvella keväällä syksyllä
    ur urodzony urodzona rok roku rocznik latem zimą wiosną jesienią
    född år sedan årgång sommaren hösten våren vintern
    født fødd
    с году год года рождения родился родилась летом зимой весной осенью
    doğumlu yılı yılında
    dob
""")
# Years and counts follow these.
IN_YEARS: Final = _words("""
    in until till en im by from em w в od around about before after vor nach um avant après antes
    después prima dopo
""")
# Words between those of years and the year itself.
BETWEEN: Final = _words("of the in im en du de del des an dell it r")
# Where these stand, figures are a version, a section, a size or the number of a paper.
CODES: Final = _words("""
    version versions v ver vers release build firmware update upgrade python java node php ruby
    size sizes ratio scale grösse größe grössen größen taille tailles talla tallas taglia maat
    rozmiar koko tamanho section sections chapter abschnitt kapitel kap sect § art article artikel
    artículo artigo no nr number num numéro numero número nummer invoice rechnung facture factura
    fattura fatura order bestellung commande pedido ordine bestelling tilaus ticket po ref item sku
    part model modell score figure fig table abb tab step clause punkt ziffer heft issue lot batch
    rev revision schema api sdk driver pos line luku kohta pkt rozdział rozdz page seite p s
    #
""")
# Units and things that are counted: no year stands before them.
AFTER_COUNTED: Final = _words("""
    g kg cm mm m ml l km pcs eur euro euros usd gbp people different stück stuck personen leute
    pièces articles personnes unidades piezas personas pezzi persone peças stuks kpl sztuk szt zł
    kr shops units meter metern metres mètres metros metri tonnen liter watt w kw mah mb gb
    шт руб рублей человек years jahre jahren ans años anni anos jaar lat vuotta år лет yıl adet
""")


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

    def vote(self, languages: tuple[str, ...]) -> str:
        """The most likely one of some languages; empty where nothing tells."""
        votes = self._votes
        best = max(languages, key=lambda language: votes[language]) if votes else ""
        return best if votes[best] else ""

    def order(self, gap: str) -> str:
        """How day and month follow each other in figures where either might be meant.

        The text's other dates decide, then the dot, then the language, then the country.
        """
        if seen := self._orders:
            return max(seen, key=seen.__getitem__)
        votes = self._votes
        if "." in gap or any(votes[language] > votes["en"] for language in votes):
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
        for word in WORD.findall(self.low[: 8 * _MOST_WORDS]):
            votes.update(_LANGUAGES_OF.get(word, ()))
        return votes


@cache
def languages_of(word: str) -> tuple[str, ...]:
    """The languages in which a month or a weekday has a name, those first that prefer its spelling."""
    names = MONTHS.get(word) or WEEKDAYS.get(word, ())
    usual = [name for name in names if name.spelling == 0] or names
    return tuple(dict.fromkeys(name.series.language for name in usual))


def language_of(reading: Reading, text: str, low: str, vote: Vote) -> str:
    """The language in which a date names its month or weekday; empty where both are numbers.

    Args:
        reading: of the date.
        text: in which it stands.
        low: the same in small letters.
        vote: of the text, for one of several languages; empty if it has none.
    """
    weekday = languages_of(reading.written(low, "w")) if "w" in reading.places else ()
    month = reading.month(low)
    languages = (languages_of(month) if month[:1].isalpha() else ()) or weekday
    if len(languages) < 2:
        return "".join(languages)
    said = low[reading.start : reading.end]
    ordinal = _BY_ORDINAL.get(reading.written(low, "o"), ())
    sure = [*ordinal, *["en"] * (" of " in said)]
    if languages != weekday:
        sure += weekday
    usual = ("es", "pt") if " de " in said else ()
    small = _SMALL_MONTHS if reading.month(text).islower() else ("en",)
    for language in (*sure, vote(languages), *usual, *small):
        if language in languages:
            return language
    return languages[0]
