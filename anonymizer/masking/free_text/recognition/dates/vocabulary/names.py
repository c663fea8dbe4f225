"""Names of months, weekdays, days and quarters: series in one language and one inflection each.

A table is a text: a language (ISO 639) and a colon begin a series, a dot between them says that its
names are abbreviations. All are small; `/` parts spellings of one name, of which the first is
written, and `_` stands for a blank. Weekdays of one letter of Chinese, Japanese or Korean are a
series as well.
"""

from typing import Final, NamedTuple

from anonymizer.masking.free_text.recognition.dates.vocabulary.words import listed


class Series(NamedTuple):
    """Twelve months, seven weekdays, 31 days or four quarters.

    Attributes:
        language: of all of them (ISO 639).
        short: whether they are abbreviations.
        names: spellings of each.
    """

    language: str
    short: bool
    names: list[list[str]]

    def name(self, place: int) -> str:
        """How the one at a place, from 0, is written."""
        return self.names[place % len(self.names)][0]


class Name(NamedTuple):
    """What a word can be: the series that has it, its place there and its spelling, from 0."""

    series: Series
    place: int
    spelling: int


_MONTHS: Final = """
    en: january february march april may june july august september october november december
    en.: jan feb mar apr may jun jul aug sep/sept oct nov dec
    de: januar/jänner/jaenner februar/feber märz/maerz april mai juni juli august september oktober
        november dezember
    de.: jan/jän feb mär/mrz/maer apr mai jun jul aug sep/sept okt nov dez
    fr: janvier février/fevrier mars avril mai juin juillet août/aout septembre octobre novembre
        décembre/decembre
    fr.: janv/jan févr/fév/fevr/fev mars avr mai juin juil août/aout sept/sep oct nov déc/dec
    es: enero febrero marzo abril mayo junio julio agosto septiembre/setiembre octubre noviembre
        diciembre
    es.: ene feb mar abr may jun jul ago sep/sept/set oct nov dic
    it: gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre
        dicembre
    it.: gen/genn feb/febb mar apr mag giu lug ago set/sett ott nov dic
    pt: janeiro fevereiro março/marco abril maio junho julho agosto setembro outubro novembro
        dezembro
    pt.: jan fev mar abr mai jun jul ago set out nov dez
    nl: januari februari maart april mei juni juli augustus september oktober november december
    nl.: jan feb mrt apr mei jun jul aug sep/sept okt nov dec
    fi: tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta
        syyskuuta lokakuuta marraskuuta joulukuuta
    fi: tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu
        marraskuu joulukuu
    fi: tammikuun helmikuun maaliskuun huhtikuun toukokuun kesäkuun heinäkuun elokuun syyskuun
        lokakuun marraskuun joulukuun
    fi: tammikuussa helmikuussa maaliskuussa huhtikuussa toukokuussa kesäkuussa heinäkuussa
        elokuussa syyskuussa lokakuussa marraskuussa joulukuussa
    fi: tammikuusta helmikuusta maaliskuusta huhtikuusta toukokuusta kesäkuusta heinäkuusta
        elokuusta syyskuusta lokakuusta marraskuusta joulukuusta
    fi: tammikuuhun helmikuuhun maaliskuuhun huhtikuuhun toukokuuhun kesäkuuhun heinäkuuhun
        elokuuhun syyskuuhun lokakuuhun marraskuuhun joulukuuhun
    fi.: tammik helmik maalis huhti toukok kesäk heinäk elok syys lokak marras jouluk
    fi.: tammik helmik maalisk huhtik toukok kesäk heinäk elok syysk lokak marrask jouluk
    pl: stycznia lutego marca kwietnia maja czerwca lipca sierpnia września/wrzesnia
        października/pazdziernika listopada grudnia
    pl: styczeń/styczen luty marzec kwiecień/kwiecien maj czerwiec lipiec sierpień/sierpien
        wrzesień/wrzesien październik/pazdziernik listopad grudzień/grudzien
    pl: styczniu lutym marcu kwietniu maju czerwcu lipcu sierpniu wrześniu/wrzesniu
        październiku/pazdzierniku listopadzie grudniu
    pl.: sty lut mar kwi maj cze lip sie wrz paź/paz lis gru
    sv: januari februari mars april maj juni juli augusti september oktober november december
    sv.: jan feb mar apr maj jun jul aug sep/sept okt nov dec
    ru: января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    ru: январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
    ru: январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре
    ru.: янв фев/февр мар апр май июн июл авг сен/сент окт ноя/нояб дек
    tr: ocak şubat/subat mart nisan mayıs/mayis haziran temmuz ağustos/agustos eylül/eylul ekim
        kasım/kasim aralık/aralik
    tr.: oca şub/sub mar nis may haz tem ağu/agu eyl eki kas ara
    da: januar februar marts april maj juni juli august september oktober november december
    nb: januar februar mars april mai juni juli august september oktober november desember
    cs: ledna února března dubna května června července srpna září října listopadu prosince
"""
_WEEKDAYS: Final = """
    en: monday tuesday wednesday thursday friday saturday sunday
    en.: mon tue/tues wed/weds thu/thur/thurs fri sat sun
    de: montag dienstag mittwoch donnerstag freitag samstag/sonnabend sonntag
    de.: mo di mi do fr sa so
    fr: lundi mardi mercredi jeudi vendredi samedi dimanche
    fr.: lun mar mer jeu ven sam dim
    es: lunes martes miércoles/miercoles jueves viernes sábado/sabado domingo
    es.: lun mar mié/mie jue vie sáb/sab dom
    it: lunedì/lunedi martedì/martedi mercoledì/mercoledi giovedì/giovedi venerdì/venerdi sabato
        domenica
    it.: lun mar mer gio ven sab dom
    pt: segunda-feira terça-feira/terca-feira quarta-feira quinta-feira sexta-feira sábado/sabado
        domingo
    pt: segunda terça/terca quarta quinta sexta sábado/sabado domingo
    pt.: seg ter qua qui sex sáb/sab dom
    nl: maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    nl.: ma di wo do vr za zo
    fi: maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai
    fi: maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina
    fi.: ma ti ke to pe la su
    pl: poniedziałek/poniedzialek wtorek środa/sroda czwartek piątek/piatek sobota niedziela
    pl: poniedziałek/poniedzialek wtorek środę/srode czwartek piątek/piatek sobotę/sobote
        niedzielę/niedziele
    pl.: pon wt śr/sr czw pt sob niedz
    pl.: pn wt śr/sr cz pt sb/so nd/ndz
    sv: måndag tisdag onsdag torsdag fredag lördag söndag
    sv: måndagen tisdagen onsdagen torsdagen fredagen lördagen söndagen
    sv.: mån tis ons tors/tor fre lör sön
    ru: понедельник вторник среда четверг пятница суббота воскресенье
    ru: понедельник вторник среду четверг пятницу субботу воскресенье
    ru.: пн вт ср чт пт сб вс
    tr: pazartesi salı/sali çarşamba/carsamba perşembe/persembe cuma cumartesi pazar
    tr.: pzt sal çar per cum cmt/cts paz
    da: mandag tirsdag onsdag torsdag fredag lørdag søndag
    zh: 一 二 三 四 五 六 日/天
    ja: 月 火 水 木 金 土 日
    ko: 월 화 수 목 금 토 일
"""
# Days of a month in words, as they stand before its name.
_DAYS: Final = """
    en: first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
        thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
        twenty-first/twenty_first twenty-second/twenty_second twenty-third/twenty_third
        twenty-fourth/twenty_fourth twenty-fifth/twenty_fifth twenty-sixth/twenty_sixth
        twenty-seventh/twenty_seventh twenty-eighth/twenty_eighth twenty-ninth/twenty_ninth
        thirtieth thirty-first/thirty_first
    de: ersten zweiten dritten vierten fünften sechsten siebten achten neunten zehnten elften
        zwölften dreizehnten vierzehnten fünfzehnten sechzehnten siebzehnten achtzehnten
        neunzehnten zwanzigsten einundzwanzigsten zweiundzwanzigsten dreiundzwanzigsten
        vierundzwanzigsten fünfundzwanzigsten sechsundzwanzigsten siebenundzwanzigsten
        achtundzwanzigsten neunundzwanzigsten dreißigsten einunddreißigsten
    de: erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte
        dreizehnte vierzehnte fünfzehnte sechzehnte siebzehnte achtzehnte neunzehnte zwanzigste
        einundzwanzigste zweiundzwanzigste dreiundzwanzigste vierundzwanzigste fünfundzwanzigste
        sechsundzwanzigste siebenundzwanzigste achtundzwanzigste neunundzwanzigste dreißigste
        einunddreißigste
    de: erster zweiter dritter vierter fünfter sechster siebter achter neunter zehnter elfter
        zwölfter dreizehnter vierzehnter fünfzehnter sechzehnter siebzehnter achtzehnter
        neunzehnter zwanzigster einundzwanzigster zweiundzwanzigster dreiundzwanzigster
        vierundzwanzigster fünfundzwanzigster sechsundzwanzigster siebenundzwanzigster
        achtundzwanzigster neunundzwanzigster dreißigster einunddreißigster
    fr: premier deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze
        seize dix-sept dix-huit dix-neuf vingt vingt-et-un/vingt_et_un vingt-deux vingt-trois
        vingt-quatre vingt-cinq vingt-six vingt-sept vingt-huit vingt-neuf trente
        trente-et-un/trente_et_un
    es: primero/uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce
        quince dieciséis/dieciseis diecisiete dieciocho diecinueve veinte veintiuno
        veintidós/veintidos veintitrés/veintitres veinticuatro veinticinco veintiséis/veintiseis
        veintisiete veintiocho veintinueve treinta treinta_y_uno
    it: primo due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici
        quindici sedici diciassette diciotto diciannove venti ventuno ventidue ventitré/ventitre
        ventiquattro venticinque ventisei ventisette ventotto ventinove trenta trentuno
    pt: primeiro/um dois três/tres quatro cinco seis sete oito nove dez onze doze treze
        catorze/quatorze quinze dezesseis/dezasseis dezessete/dezassete dezoito
        dezenove/dezanove vinte vinte_e_um vinte_e_dois vinte_e_três vinte_e_quatro
        vinte_e_cinco vinte_e_seis vinte_e_sete vinte_e_oito vinte_e_nove trinta trinta_e_um
    nl: eerste twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien
        vijftien zestien zeventien achttien negentien twintig eenentwintig tweeëntwintig
        drieëntwintig vierentwintig vijfentwintig zesentwintig zevenentwintig achtentwintig
        negenentwintig dertig eenendertig
    nl: eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde
        dertiende veertiende vijftiende zestiende zeventiende achttiende negentiende twintigste
        eenentwintigste tweeëntwintigste drieëntwintigste vierentwintigste vijfentwintigste
        zesentwintigste zevenentwintigste achtentwintigste negenentwintigste dertigste
        eenendertigste
    fi: ensimmäisenä toisena kolmantena neljäntenä viidentenä kuudentena seitsemäntenä
        kahdeksantena yhdeksäntenä kymmenentenä yhdentenätoista kahdentenatoista
        kolmantenatoista neljäntenätoista viidentenätoista kuudentenatoista
        seitsemäntenätoista kahdeksantenatoista yhdeksäntenätoista kahdentenakymmenentenä
        kahdentenakymmenentenäensimmäisenä kahdentenakymmenentenätoisena
        kahdentenakymmenentenäkolmantena kahdentenakymmenentenäneljäntenä
        kahdentenakymmenentenäviidentenä kahdentenakymmenentenäkuudentena
        kahdentenakymmenentenäseitsemäntenä kahdentenakymmenentenäkahdeksantena
        kahdentenakymmenentenäyhdeksäntenä kolmantenakymmenentenä
        kolmantenakymmenentenäensimmäisenä
    fi: ensimmäinen toinen kolmas neljäs viides kuudes seitsemäs kahdeksas yhdeksäs kymmenes
        yhdestoista kahdestoista kolmastoista neljästoista viidestoista kuudestoista
        seitsemästoista kahdeksastoista yhdeksästoista kahdeskymmenes kahdeskymmenesensimmäinen
        kahdeskymmenestoinen kahdeskymmeneskolmas kahdeskymmenesneljäs kahdeskymmenesviides
        kahdeskymmeneskuudes kahdeskymmenesseitsemäs kahdeskymmeneskahdeksas
        kahdeskymmenesyhdeksäs kolmaskymmenes kolmaskymmenesensimmäinen
    pl: pierwszego drugiego trzeciego czwartego piątego szóstego siódmego ósmego dziewiątego
        dziesiątego jedenastego dwunastego trzynastego czternastego piętnastego szesnastego
        siedemnastego osiemnastego dziewiętnastego dwudziestego dwudziestego_pierwszego
        dwudziestego_drugiego dwudziestego_trzeciego dwudziestego_czwartego dwudziestego_piątego
        dwudziestego_szóstego dwudziestego_siódmego dwudziestego_ósmego dwudziestego_dziewiątego
        trzydziestego trzydziestego_pierwszego
    pl: pierwszy drugi trzeci czwarty piąty szósty siódmy ósmy dziewiąty dziesiąty jedenasty
        dwunasty trzynasty czternasty piętnasty szesnasty siedemnasty osiemnasty dziewiętnasty
        dwudziesty dwudziesty_pierwszy dwudziesty_drugi dwudziesty_trzeci dwudziesty_czwarty
        dwudziesty_piąty dwudziesty_szósty dwudziesty_siódmy dwudziesty_ósmy
        dwudziesty_dziewiąty trzydziesty trzydziesty_pierwszy
"""
# Before the word for a quarter.
_QUARTERS: Final = """
    en: first second third fourth
    fr: premier deuxième/deuxieme/second troisième/troisieme quatrième/quatrieme
    es: primer segundo tercer cuarto
    it: primo secondo terzo quarto
    pt: primeiro segundo terceiro quarto
    de: ersten zweiten dritten vierten
    de: erste zweite dritte vierte
    de: erstes zweites drittes viertes
    nl: eerste tweede derde vierde
    fi: ensimmäinen toinen kolmas neljäs
    fi: ensimmäisellä toisella kolmannella neljännellä
    fi: ensimmäisen toisen kolmannen neljännen
    pl: pierwszy drugi trzeci czwarty
    pl: pierwszym drugim trzecim czwartym
    pl: pierwszego drugiego trzeciego czwartego
"""


def _series(table: str) -> list[Series]:
    found = list[Series]()
    for word in table.split():
        if word.endswith(":"):
            found.append(Series(word.rstrip(".:"), word.endswith(".:"), []))
        else:
            found[-1].names.append(word.replace("_", " ").split("/"))
    return found


def _by_word(table: str) -> dict[str, list[Name]]:
    found: dict[str, list[Name]] = {}
    for series in _series(table):
        for place, spellings in enumerate(series.names):
            for number, spelling in enumerate(spellings):
                found.setdefault(spelling, []).append(Name(series, place, number))
    return found


MONTHS: Final = _by_word(_MONTHS)
WEEKDAYS: Final = _by_word(_WEEKDAYS)
DAYS: Final = _by_word(_DAYS)
QUARTERS: Final = _by_word(_QUARTERS)
# Months that are also words or names of things in some language.
WORDS: Final = listed("march mars may mai mart mayo marca maj mei mar jan")
# Abbreviations that are words more often than months.
RISKY: Final = listed("""
    set sett out ago mag gen genn lug lis lip tem ara oca eki kas nis sub lut cze sie gru dez ene
""")
# Of these, those that are English words.
ENGLISH_TOO: Final = listed("set sett out sub gen")
# Weekdays that are ordinals or the word for surroundings.
RISKY_WEEKDAYS: Final = listed("segunda terça terca quarta quinta sexta среда среду")
