"""Dates and ages in texts: found in many forms and languages, and nothing that only looks so."""

import re

import polars as pl
import pytest

from anonymizer.masking.free_text.recognition import find
from anonymizer.masking.free_text.recognition.dates import canonical, moved
from anonymizer.masking.free_text.scrubbing.scrubber import Scrubber

# Braces stand around what must be found; `|` parts texts.
DATES = {
    "en": """Delivery on {05/03/2024}, please|minutes_{05.03.24}_signed.pdf
        |this {twenty-first day of October, two thousand and nineteen}, in
        |since {5/3/24}.|{2024-03-05T10:22:33Z} ok
        |on {2024/03/05} at noon|DOB: {03-05-1980}|DOB {1980}|born {5/1980}|{5 March 2024}
        |{March 5th, 2024}|on the {3rd of May} we|the {twenty-first of March 2021}
        |{5-Mar-24}|{Mar 5 '24} ok|On {5 March 24} we met|{05MAR2024}
        |{Tue, 5 Mar 2024 10:22:33 +0000}|{05/Mar/2024:10:22:33 +0000}
        |{Tue Mar  5 10:22:33 2024}|{Mar  5 10:22:33} host|{Tuesday, March 5}|{Tue 5 March}
        |{5, 6 and 7 March 2024}|{5–7 March 2024}|{March 5–April 7, 2024}|from {5/3 to 7/3}
        |{03/05/2024-07/05/2024}|{2024-03-05/2024-03-07}|{March 2021}|the {Sep '21} hire
        |in {03/2021}|{2021-03}|she has lived here since {1998}|in the {summer of 2019}
        |class of {'98}|{Easter 2023}|She ({1939–2015}) was|from {1998 to 2004}|{Q3 2024}
        |the {third quarter of 2024}|{3Q24}|{H1 2024}|{week 12, 2024}|{2024-W12-3}
        |{12th week of 2024}|scan_{2024-03-05}.pdf|report_{20240305}_v2.docx
        |on {May\n23, 2021} we|{5  March  2024}|appointment moved to {3/4}
        |Delivered: {5.3.24}; ok|See you {Tuesday 5th} here|open {5/3 – 7/3} only
        |{3/5 through 3/9}|in {week 12} we|last visit: {6-3-24}|paid {3-6-24}, thanks
        |{5/3} phoned|tax year {2023/24}|the {2023-24} school year|1\t{March 5, 2024}\tpaid
        |Ref 7 {March 5, 2024}|created {20240305}|Account closed {2008-07-05T10:22}
        |We meet on the {5th} as agreed|rent due on the {1st}, not later|{mid-June}
        |by the {end of March}
        |{end March 2024}|{March the fifth}|valid until {06/24}|born {61} in Leeds
        |Good {Friday 2021} was|Boxing Day {2020}|{winter 2021/22}|{5.III.24}
        |week commencing {04/03}""",
    "de": """am {5.3.2024}|Geboren wurde die Mandantin {1963} in
        |am {dritten April neunzehnhundertvierundfünfzig} in|am {05.03.24} kam|am {5.3.} kam
        |am {5.3} kam|und bis {24.12}
        |{5. März 2024}|{5. Okt. 23} ja|am {Dienstag, dem 5.3.}|{Di, 5.3.}
        |{Di 05.03.2024, 14 Uhr}|vom {30.4. bis 2.5.2021}|{03.–05.05.2021}|{5./6. März 2024}
        |{5.3. und 7.3.2024}|am {ersten Mai 2021}|am {dritten März}|geb. {3.5.80}
        |{Ende Februar 2024}|{März/April 2024}|Jahrgang {1980}|seit {1998}|im {Sommer 2019}
        |{KW 12/2024}|{12. Kalenderwoche 2024}|{III. Quartal 2024}|im {3. Quartal 2024}
        |{1. Halbjahr 2024}|Zugestellt: {8.11.}; ja
        |{Dienstag, den 5.} passt|Montage {KW 12}|Schuljahr {2023/24}|{5.3.} angerufen
        |vom {6.3.'24}|Rechnung {Dez. 2021}|erledigt {6.3.24}
        |am {5.} um zehn|bis zum {15.} zahlen|{Ende März}|{Anfang Mai} war|{März '24}
        |gültig bis {06/24}
        |geboren {61} in Ulm|Jg. {61}|im {2. Hj. 2023}|an Ostermontag {2022}|{12. KW} frei
        |{zweiundzwanzigster Mai 1961}|{Winter 18/19}|{5.III.24}""",
    "fr": """le {05/03/2024}|le {1er mars 2024}|le {5 févr. 24}|{mardi 5 mars}|{mar. 5/3}
        |le {5/3 à 10h}|{12/05/2021 à 14h30}|du {5 mars au 7 avril 2024}
        |du {05/03/24 au 07/03/24}|les {5, 6 et 7 mars}|le {premier mai 2021}
        |le {cinq mars 2021}|en {mars 2021}|née en {1980}|l'{été 2019}|{T3 2024}
        |{3e trimestre 2024}|{troisième trimestre 2024}|{semaine 12 de 2024}
        |{12e semaine de 2024}|le {3 fevrier 2024}|{5.III.2024}|à partir du {1er avril}
        |rdv {jeudi 12} matin|{5/3} rappelé|livraison {semaine 12}
        |rendez-vous le {23}|{fin mars}, il|{mi-juin}|le {1er trimestre}|né en {61}|{nov. 58}
        |{20/02-05/03} absent|expire {06/24}|à la {Pentecôte 2022}""",
    "es": """el {05/03/2024}|el {5 de marzo de 2024}|el {5 de marzo del 24}|el {martes 5/3}
        |del {3 al 5 de mayo de 2021}|del {5/3 al 7/3}|el {primero de mayo de 2021}
        |el {cinco de marzo de 2021}|{5-mar-24}|en {marzo de 2021}|desde {1998}
        |en el {verano de 2019}|{tercer trimestre de 2024}|{3.er trimestre de 2024}
        |{semana 12/2024}|entre el {3 de abril y el 5 de mayo de 2021}
        |el {1º de mayo de 2021}|el {05-03-2024}
        |cita el {jueves 12}|curso {2023/24}|llamada {5/3}|F. nac. {5-3-39}
        |el día {5}|cita el {23}|a {mediados de junio}|el {primer trimestre}|nacido en el {61}""",
    "it": """il {05/03/2024}|il {1° maggio 2021}|il {primo maggio 2021}|l'{8 marzo}
        |{martedì 5 marzo}|{mar 5/3}|dal {5/3 al 7/3}|{5 e 6 marzo 2024}|il {5 ott 24} ha
        |nel {marzo 2021}|nato nel {1980}|nell'{estate 2019}|{terzo trimestre 2024}
        |{settimana 12/2024}|il {5.3.2024 alle 14:30}|entro il {5/3}|{5-ott-24}
        |{marzo/aprile 2024}
        |appuntamento il {23}|{fine marzo}|il {primo trimestre}|nata nel {'61}|scade {06/24}""",
    "nl": """met Moederdag {1992}|op {drie mei tweeduizend twintig}|in de nacht van {4 op 5 juni}
        |in {week 23} van dit jaar|op {5-3-2024}|op {05-03-24} kwam|op {5 maart 24} geleverd
        |op {5 mrt '24}
        |{dinsdag 5-3}|{di 5 mrt}|van {5 t/m 7 maart 2024}|van {5-3 tot 7-3-2024}
        |{3 tot en met 5 mei 2021}|in {maart 2021}|sinds {1998}|in de {zomer van 2019}
        |{derde kwartaal van 2024}|{week 12-2024}|{dinsdag 3 mei om 14.30 uur}|op {11 mei}
        |komt {dinsdag 5} langs|{6-3-24} gebeld, geen gehoor
        |de {eerste mei 2021}
        |op {vijfde maart}|vanaf de {23e}|{eind maart}|het {eerste kwartaal}|geldig tot {06/24}""",
    "pt": """na {quinta, dia 15}, ok|em {05/03/2024}|no dia {5/3}|{5 de março de 2024}
        |{5 de Março de 24}
        |{terça-feira, 5/3}|de {5/3 a 7/3}|de {5 de março a 7 de abril de 2024}
        |{primeiro de maio de 2021}|{3 de marco de 2021}|em {março de 2021}|desde {1998}
        |no {verão de 2019}|{terceiro trimestre de 2024}|{semana 12 de 2024}|{05/mar/2024}
        |até {05/03} sem falta
        |no dia {5} de manhã|{fins de março}|o {primeiro trimestre}|{mar/24}|válida até {06/24}""",
    "fi": """{lokakuun puolivälistä 2022}|{5.3.2024} alkaen|{5.3. klo 10}|{ti 5.3. klo 14}
        |{5. maaliskuuta 2024}
        |{toukokuun 3. päivänä 2021}|{3.–5.5.2021}|{5.3.–7.4.2024}|{5. ja 6.3.2024}
        |{maaliskuussa 2021}|vuodesta {1998}|{kesällä 2019}|{3. neljännes 2024}
        |{vko 12/2024}|{viikolla 12 vuonna 2024}|Toimitus {1.1.17}, soittakaa
        |{tiistaina 5. maaliskuuta}
        |{23. päivä}|{maaliskuun lopussa}|{kolmas maaliskuuta}|{juhannus 2021}|synt. {61}""",
    "pl": """wpłynął {28.02.}|ur. {3 IV 1961} w Łodzi|ur. {1961} w Łodzi|z {4 na 5 czerwca}
        |od {połowy października 2022}|dnia {5.03.2024 r.}|{03.05.2021r.}|{3 maja 2021 roku}
        |{3-go maja 2021}
        |we {wtorek, 5 marca}|{wt 5.3}|w dniu {22.2.08}, proszę|od {3 do 5 maja 2021}
        |{5-7.03.2024}|w {maju 2021}|od {1998 roku}|{latem 2019}|{I kwartał 2024}
        |{12. tydzień 2024}|{05-paź-24}|dnia {5.03}|umowa {lut 2006}|{3 V 2021}|{piątego marca 2021}
        |{pierwszy kwartał 2024}|od {5.03 do 7.03.2024}
        |{5-go} rano|{koniec marca}|{I kwartał}|ur. {61}|{piąty marca}|ważna do {06/24}""",
    "zh": """门诊记录{20240117 14:05} 复查|{民国一一〇年五月三日}|客户于{2024年3月5日}来|{3月5日}
        |{3月5号下午3点}|{二〇二四年三月五日 星期二}
        |{2024年3月5日（周二）}|{2024年3月5日至7日}|{3月5日和7日}|{2024年3月底}
        |{2024年第12周}|{2024年1-3月}|{2024年第一季度}|{2024年上半年}|{二零二四年}
        |{民国113年3月5日}|截至{3/5}|{２０２４年３月５日}|于{Mar 5, 2021}来
        |预约改到{2024-W12}。|{星期二 3/5}|{2024-03-05}至{2024-03-07}
        |{农历正月初五}|{腊月二十三}|{3/5}来电
        |{五号}上午|{23号}复诊|{三月底}|{6月中旬}|{第一季度}|{3月5}|{61年}出生|{第12周}""",
    "sv": """{tisdag 5:e}|leverans {vecka 12}|född {39-03-05}|ringde {5/3}""",
    "ja": "{令和6年3月5日}に|{R6.3.5}に|{3月5日(火)}に|{昭和55年}に",
    "ko": "{2024년 3월 5일 (화)}에|{2024. 3. 5}.에|{3월 5일 오후 3시}에",
}
AGES = """She is {93} and lives alone|She is {ninety-four}, he|a {nonagenarian} of ours
        |zum {neunzigsten} Geburtstag|ses {cent un} ans|op haar {zevenennegentigste} reed ze
        |una {nonagenaria}|{九旬}老人|aged {95}, he|{93}-year-old|{97}yo male|{96} y/o
        |Age: {99}|her {100}th birthday|Mrs. Hall ({92})|at {94}, she drives
        |{92}F with cough|in her {95}th year|die {93}-jährige Frau|{94} J.
        |im Alter von {97} Jahren|mit {95} Jahren|sie wird {100}|Il a {91} ans et vit seul
        |une dame de {93} ans|Âge : {99}|ma mère, {92}, dit|mujer de {94} años|Edad: {99}
        |a los {97} años|{92} años de edad|una signora di {93} anni|Età: {99}
        |mia madre, {92} anni, è|een {93}-jarige vrouw|{97} jaar oud|mijn moeder ({92}) viel
        |uma senhora de {93} anos|Idade: {99}|Hän on {91}-vuotias|täyttää {100} vuotta
        |{93}-letnia kobieta|w wieku {97} lat|kobieta lat {94}|她今年{91}岁|年龄：{99}
        |女，{96}岁|{九十三}岁|{92}歳の女性|{95}세|says she's {96} and
        |my father is {93} and|{93}-year-olds|at the age of {95} he|meine Oma wird bald {95}
        |in seinem {93}. Lebensjahr|er {92} J.|i sin {93}. år|fyllde {93} förra|hon är {91} och
        |cumplió {95}|a sus {93} años|mujer de {93} a.|dans sa {93}e année|aos {93} anos
        |een leeftijd van {93}|ist {93} geworden|pacjentka, {92} l.|w {93}. roku życia
        |{97} v. mies|täytti {93}|{93} vuoden iässä|高龄{93}|{93}岁高龄|пациентка, {93} г.
        |{ninety-three} years old|{dreiundneunzig} Jahre alt|{quatre-vingt-treize} ans, veuve
        |{noventa y tres} años|{novantatré} anni|{drieënnegentig} jaar|{noventa e três} anos
        |{dziewięćdziesiąt trzy} lata|{yhdeksänkymmentäkolme} vuotta|今年{96}|at {92} she still
        |{92}F, lives alone|Witwe ({94})"""
HARMLESS = """Alien (1979) is a film|GB 50016-2014第5.5.17条|firmware_01.02.03.bin
        |dopo 1999 ms|total $28.07.|für $1950.05|cent ans de solitude
        |Blade Runner 2049 and 1917|chapter 3.12 explains
        |see section 4.5. for|Python 3.11.4 and Django 4.2.13|iOS 17.1.2
        |the update to 1.11.51.|seit dem Update auf 6.4.93 ab|päivityksen 6.3.53 jälkeen
        |po aktualizacji 9.18.39.|更新到5.12.21之后|nginx/1.25.3|v2.10.12|192.168.1.12
        |EUR 12.50|price 3/4 inch|1/2 cup of sugar|rated 4/5|Score: 3/5|won 21-19, 19-21
        |6-4 6-3 7-5|14:30-15:45|at 10.30 am|size 38/40|tyre 205/55 R16|210 x 297 mm
        |SKU 2024-17-B|art. 10.20.30|order 2024-000123|DIN EN 60335-2-14|ISO 8601-1:2019
        |GDPR art. 6.1.|Windows 95|in 1950 g of flour|since 2000 units sold|5 V 2000 mA
        |the 1980s|it may be|I may 5 times go|5 mars bars|set 5 tables|out 3 of 5
        |We met in March.|24/7 support|16/9 screen|Kapitel 5.3.1 zeigt|Blutdruck 12/8
        |12,5 x 8,5 cm|1.234.567,89|5-10 days|pages 12-15|code 05-06-07|ab 9.99
        |bis 5.10 Euro|um 12.30 Uhr|am 3.5 km Lauf|alle 10.12|set 6-4 6-3|Expo 2020 pavilion
        |90 years of tradition|95 years later|vor 95 Jahren gegründet|95 ans plus tard
        |hace 95 años|95 anni di storia|95 jaar geleden|95 lat temu|garantie 95 ans
        |fast 100 Jahre|score 95|95 kg|45 years old|age 45|a 89-year-old man|il y a 95 ans
        |W 95 cm|inox 18/10|TV 21/9|12 apr loan|5 dec places
        |from 2000 to 2100 calories|the room is 13/2|turned 93 degrees|a 93 l. tank
        |week 12 of pregnancy|55 KW 12|Tuesday 5 pm|Friday 13 items|mardi 5 personnes
        |Freitag 14 Uhr|shelf 12-3|rated 3/5 - 4/5|1/8 - 7/8 inch|lost 3-5|set 2019 pieces
        |100岁月如歌|i sin 93. utgave|part no. 6-3-24|八月饼|age of 45|she is 93rd
        |Tuesday 12 noon|Sunday 3 for 2|1/2 delivered|尺寸24/3/5|软件24.3.5更新|二月十一个
        |model year 2023/24|05-06-07 widget|op 2-3 plekken|cumple 100 normas|vecka 3 av 8
        |Mon 9-5, Sat 10-4|lun-ven 9-18|siehe 5.3., und
        |100 percent|on the 5th floor|on the 3rd attempt|zum 3. Mal|am 2. Spieltag|le 5 contre 7
        |el 3 de copas|de 3e plaats|dia 5 vezes|3号楼|地铁4号线|92号汽油|第一季度假村
        |premier trimestre de grossesse|first quarter of the game|de tweede helft is saai
        |in May 40 people|on the 5th, 6th and 7th attempt|Winter 18/19 cm|length: 100 m, black
        |may the fifth one be best
        |at the end may be rain|early may not be|end mars the mood|born 61 miles away
        |geboren 15 Minuten später|expires after 12/24 hours|ninety years of solitude
        |neunzig Minuten|cache age 97|age: 95 s|max-age=95|disk 06/24 ready|chunk 3/24
        |winter tyres 205/55"""


def texts(table: str) -> list[str]:
    """The texts of a table."""
    return re.split(r"\s*\|\s*", table.strip())


def marked(text: str) -> tuple[str, list[str]]:
    """A text without its braces, and what stands between them."""
    return text.replace("{", "").replace("}", ""), re.findall("{(.*?)}", text, re.DOTALL)


def found(text: str, kind: str, region: str = "US") -> list[str]:
    """What of one kind is found in a text."""
    return [
        text[span.start : span.end] for span in find(text, region=region) if span.pii_type == kind
    ]


@pytest.mark.parametrize("language", DATES)
def test_dates_are_found_as_people_write_them(language: str) -> None:
    """Of each text just what its braces hold, ranges as one date or as two."""
    region = {"en": "GB"}.get(language, "US")
    missed = []
    for text in texts(DATES[language]):
        plain, expected = marked(text)
        if (actual := found(plain, "date", region)) != expected:
            missed.append((text, actual))
    assert missed == []


def test_ages_over_89_are_found() -> None:
    """With the words that say that they are ages."""
    missed = []
    for text in texts(AGES):
        plain, expected = marked(text)
        if (actual := found(plain, "age")) != expected:
            missed.append((text, actual))
    assert missed == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see report_2024_03_05.pdf", ["2024_03_05"]),
        ("2024-03-05T10:00Z/2024-03-06T10:00Z", ["2024-03-05T10:00Z", "2024-03-06T10:00Z"]),
        ("<2024-03-05 Tue>", ["2024-03-05 Tue"]),
    ],
)
def test_no_date_stays_beside_one_that_moves(text: str, expected: list[str]) -> None:
    """In names of files, as the end of an interval, with its weekday as calendars write it."""
    assert found(text, "date") == expected


@pytest.mark.parametrize("region", ["US", "DE"])
def test_versions_scores_sizes_and_counts_are_no_dates(region: str) -> None:
    """Nor are titles, times, parts, prices, nor ages that many people have."""
    touched = [
        (text, span)
        for text in texts(HARMLESS)
        for span in find(text, region=region)
        if span.pii_type in ("date", "age")
    ]
    assert touched == []


@pytest.mark.parametrize(
    ("expected", "spellings"),
    [
        (
            "2024-03-05",
            "5.3.2024|March 5th, 2024|05MAR24|2024年3月5日|5 de marzo de 2024|5.III.2024",
        ),
        (
            "2024-03-05",
            "二〇二四年三月五日|令和6年3月5日|fifth of March 2024|2024-03-05T10:22|le 5 mars 2024",
        ),
        ("--12-24", "24.12.|24 December|Dec 24|24 grudnia|12月24日|24. joulukuuta"),
        ("2024-03", "03/2024|March 2024|2024年3月|marzo de 2024|maaliskuussa 2024"),
        (
            "2024-Q3",
            "Q3 2024|3. Quartal 2024|troisième trimestre 2024|2024年第三季度|III kwartał 2024",
        ),
        ("2024-W12", "KW 12/2024|2024-W12|semaine 12 de 2024|week 12, 2024|2024年第12周"),
        ("2024-03-05/2024-03-07", "5-7 March 2024|5.–7.3.2024|5.3.2024-7.3.2024|2024年3月5日至7日"),
    ],
)
def test_one_date_has_one_canonical_form(expected: str, spellings: str) -> None:
    """So that one pseudonym stands for it, however it is written."""
    written = [each.removeprefix("le ") for each in texts(spellings)]
    assert {each: canonical(each) for each in written} == dict.fromkeys(written, expected)


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("on 3/4/2024", "US", "2024-03-04"),
        ("on 3/4/2024", "GB", "2024-04-03"),
        ("on 3/4/2024 and 25/4/2024", "US", "2024-04-03/2024-04-25"),
        ("le rendez-vous du 3/4/2024 est annulé", "US", "2024-04-03"),
        ("3.4.2024", "US", "2024-04-03"),
        ("mardi 3/4/2024", "US", "2024-04-03"),
        ("Wed 3/4/2024", "US", "2024-03-04"),
    ],
)
def test_other_dates_the_language_and_the_country_order_figures(
    text: str, region: str, expected: str
) -> None:
    """In that order, where day and month could be either."""
    assert find(text, ["date"], region)[0].canonical == expected


def test_much_of_little_is_read_in_time_of_its_length() -> None:
    """No pattern runs back and forth over figures, months or marks without an end."""
    for piece in ("1 ", "1.", "1/", "5 mar ", "3-", "十", "may ", "1, "):
        find(piece * 5_000, ["date", "age"])


def test_a_text_of_more_dates_than_anybody_reads_keeps_none() -> None:
    """Those that are not looked at closely count as dates as they stand, and can be moved."""
    text = "5 March 2020, " * 10_001
    found = find(text, ["date"])
    assert len(found) == 10_001
    assert text[found[-1].start : found[-1].end] == "5 March 2020"
    assert moved("5 March 2020", 1, found[-1].form) == "6 March 2020"


@pytest.mark.parametrize(
    "text", ["the third of May", "am ersten März", "三月五日", "九十三岁", "cinco de marzo"]
)
def test_a_date_in_words_alone_is_scrubbed(text: str) -> None:
    """Though no digit is in its text."""
    assert "<" in Scrubber().scrub(text)
    rows = pl.DataFrame({"text": [text]}).select(pl.struct("text").alias("rows"))["rows"]
    assert "<" in Scrubber()(rows)[0]


@pytest.mark.parametrize(
    "text",
    [
        "Albarán firmado, bultos 3 de 4",
        "Maximales de 9 à 13 degrés.",
        "Il pacco arriva oggi tra le 10 e le 12.",
    ],
)
def test_counts_and_hours_are_no_days(text: str) -> None:
    """An article stands before both."""
    assert find(text, ("date",)) == []
