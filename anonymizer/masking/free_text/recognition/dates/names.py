"""Names of months and weekdays as dates use them: series in one language and one inflection each.

All small; `/` parts spellings of one name, of which the first is written. Names of weekdays that
are written with one letter of Chinese, Japanese or Korean are series as well.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple


class Series(NamedTuple):
    """Twelve months or seven weekdays.

    Attributes:
        language: of all of them (ISO 639).
        short: whether they are abbreviations.
        names: spellings of each.
    """

    language: str
    short: bool
    names: tuple[tuple[str, ...], ...]

    def name(self, place: int) -> str:
        """How the month or weekday at a place, from 0, is written."""
        return self.names[place % len(self.names)][0]


class Name(NamedTuple):
    """What a word can be: the series that has it, its place there and its spelling, from 0."""

    series: Series
    place: int
    spelling: int


_FINNISH: Final = [
    "tammi",
    "helmi",
    "maalis",
    "huhti",
    "touko",
    "kesä",
    "heinä",
    "elo",
    "syys",
    "loka",
    "marras",
    "joulu",
]
_MONTHS: Final = (
    ("en", "january february march april may june july august september october november december"),
    ("en.", "jan feb mar apr may jun jul aug sep/sept oct nov dec"),
    ("de", "januar/jänner/jaenner februar/feber märz/maerz april mai juni juli august september"
     " oktober november dezember"),
    ("de.", "jan/jän feb mär/mrz/maer apr mai jun jul aug sep/sept okt nov dez"),
    ("fr", "janvier février/fevrier mars avril mai juin juillet août/aout septembre octobre"
     " novembre décembre/decembre"),
    ("fr.", "janv/jan févr/fév/fevr/fev mars avr mai juin juil août/aout sept/sep oct nov déc/dec"),
    ("es", "enero febrero marzo abril mayo junio julio agosto septiembre/setiembre octubre"
     " noviembre diciembre"),
    ("es.", "ene feb mar abr may jun jul ago sep/sept/set oct nov dic"),
    ("it", "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
     " dicembre"),
    ("it.", "gen/genn feb/febb mar apr mag giu lug ago set/sett ott nov dic"),
    ("pt", "janeiro fevereiro março/marco abril maio junho julho agosto setembro outubro novembro"
     " dezembro"),
    ("pt.", "jan fev mar abr mai jun jul ago set out nov dez"),
    ("nl", "januari februari maart april mei juni juli augustus september oktober november"
     " december"),
    ("nl.", "jan feb mrt apr mei jun jul aug sep/sept okt nov dec"),
    *(("fi", " ".join(stem + ending for stem in _FINNISH))
      for ending in ("kuuta", "kuu", "kuun", "kuussa", "kuusta", "kuuhun")),
    ("fi.", " ".join(f"{stem}k" for stem in _FINNISH)),
    ("pl", "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września/wrzesnia"
     " października/pazdziernika listopada grudnia"),
    ("pl", "styczeń/styczen luty marzec kwiecień/kwiecien maj czerwiec lipiec sierpień/sierpien"
     " wrzesień/wrzesien październik/pazdziernik listopad grudzień/grudzien"),
    ("pl", "styczniu lutym marcu kwietniu maju czerwcu lipcu sierpniu wrześniu/wrzesniu"
     " październiku/pazdzierniku listopadzie grudniu"),
    ("pl.", "sty lut mar kwi maj cze lip sie wrz paź/paz lis gru"),
    ("sv", "januari februari mars april maj juni juli augusti september oktober november december"),
    ("sv.", "jan feb mar apr maj jun jul aug sep/sept okt nov dec"),
    ("ru", "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"),
    ("ru", "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь"),
    ("ru", "январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре"),
    ("ru.", "янв фев/февр мар апр май июн июл авг сен/сент окт ноя/нояб дек"),
    ("tr", "ocak şubat/subat mart nisan mayıs/mayis haziran temmuz ağustos/agustos eylül/eylul"
     " ekim kasım/kasim aralık/aralik"),
    ("tr.", "oca şub/sub mar nis may haz tem ağu/agu eyl eki kas ara"),
    ("da", "januar februar marts april maj juni juli august september oktober november december"),
    ("nb", "januar februar mars april mai juni juli august september oktober november desember"),
    ("cs", "ledna února března dubna května června července srpna září října listopadu prosince"),
)  # fmt: skip
_WEEKDAYS: Final = (
    ("en", "monday tuesday wednesday thursday friday saturday sunday"),
    ("en.", "mon tue/tues wed thu/thur/thurs fri sat sun"),
    ("de", "montag dienstag mittwoch donnerstag freitag samstag/sonnabend sonntag"),
    ("de.", "mo di mi do fr sa so"),
    ("fr", "lundi mardi mercredi jeudi vendredi samedi dimanche"),
    ("fr.", "lun mar mer jeu ven sam dim"),
    ("es", "lunes martes miércoles/miercoles jueves viernes sábado/sabado domingo"),
    ("es.", "lun mar mié/mie jue vie sáb/sab dom"),
    ("it", "lunedì/lunedi martedì/martedi mercoledì/mercoledi giovedì/giovedi venerdì/venerdi"
     " sabato domenica"),
    ("it.", "lun mar mer gio ven sab dom"),
    ("pt", "segunda-feira terça-feira/terca-feira quarta-feira quinta-feira sexta-feira"
     " sábado/sabado domingo"),
    ("pt", "segunda terça/terca quarta quinta sexta sábado/sabado domingo"),
    ("pt.", "seg ter qua qui sex sáb/sab dom"),
    ("nl", "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"),
    ("nl.", "ma di wo do vr za zo"),
    ("fi", "maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai"),
    ("fi", "maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina"),
    ("fi.", "ma ti ke to pe la su"),
    ("pl", "poniedziałek/poniedzialek wtorek środa/sroda czwartek piątek/piatek sobota niedziela"),
    ("pl", "poniedziałek/poniedzialek wtorek środę/srode czwartek piątek/piatek sobotę/sobote"
     " niedzielę/niedziele"),
    ("pl.", "pon/pn wt śr/sr czw/cz pt sob/sb niedz/nd"),
    ("sv", "måndag tisdag onsdag torsdag fredag lördag söndag"),
    ("sv", "måndagen tisdagen onsdagen torsdagen fredagen lördagen söndagen"),
    ("sv.", "mån tis ons tors/tor fre lör sön"),
    ("ru", "понедельник вторник среда четверг пятница суббота воскресенье"),
    ("ru", "понедельник вторник среду четверг пятницу субботу воскресенье"),
    ("ru.", "пн вт ср чт пт сб вс"),
    ("tr", "pazartesi salı/sali çarşamba/carsamba perşembe/persembe cuma cumartesi pazar"),
    ("tr.", "pzt sal çar per cum cmt/cts paz"),
    ("da", "mandag tirsdag onsdag torsdag fredag lørdag søndag"),
    ("zh", "一 二 三 四 五 六 日/天"),
    ("ja", "月 火 水 木 金 土 日"),
    ("ko", "월 화 수 목 금 토 일"),
)  # fmt: skip


def _series(table: Iterable[tuple[str, str]]) -> Iterator[Series]:
    for language, names in table:
        spellings = tuple(tuple(name.split("/")) for name in names.split())
        yield Series(language.rstrip("."), language.endswith("."), spellings)


def _by_word(table: Iterable[tuple[str, str]]) -> dict[str, list[Name]]:
    found: dict[str, list[Name]] = {}
    for series in _series(table):
        for place, spellings in enumerate(series.names):
            for number, spelling in enumerate(spellings):
                found.setdefault(spelling, []).append(Name(series, place, number))
    return found


MONTHS: Final = _by_word(_MONTHS)
WEEKDAYS: Final = _by_word(_WEEKDAYS)
# Months that are also words or names of things in some language.
WORDS: Final = frozenset(
    ["march", "mars", "may", "mai", "mart", "mayo", "marca", "maj", "mei", "mar", "jan"]
)
# Abbreviations that are words more often than months.
RISKY: Final = frozenset(
    [
        "set",
        "sett",
        "out",
        "ago",
        "mag",
        "gen",
        "genn",
        "lug",
        "lis",
        "lip",
        "tem",
        "ara",
        "oca",
        "eki",
        "kas",
        "nis",
        "sub",
        "lut",
        "cze",
        "sie",
        "gru",
        "dez",
        "ene",
    ]
)
