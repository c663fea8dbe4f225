"""Ages over 89, which tell a year of birth of few people; younger ones stay.

A number is an age where a word of age stands before it (`aged 93`), where what follows is said of
people only (`93 years old`, `93-jährig`), where it is said of a person (`she is 93`, `Mrs Lee
(93)`), and where years follow that nothing else counts: no span of time (`for 95 years`), nothing
that is so old (`95 anni di storia`).
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import polars as pl

from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.finder import TEXT
from anonymizer.masking.free_text.basis.folding import Span
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.lists import listed
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.recognition.dates.forms.patterns import words
from anonymizer.masking.free_text.recognition.dates.forms.reading import lowered

_OLD: Final = r"(?:9\d|1[01]\d|12[0-5])"
# The same in letters, as far as languages have a word for it.
_SPELT: Final = (
    r"ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|(?:(?:ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und)?neunzig"
    r"|quatre[- ]vingt[- ](?:dix(?:[- ](?:sept|huit|neuf))?|onze|douze|treize|quatorze|"
    r"quinze|seize)"
    r"|nonante(?:[- ](?:et[- ]un|deux|trois|quatre|cinq|six|sept|huit|neuf))?"
    r"|noventa(?: [ye] (?:un[oa]?|um|uma|dos|dois|duas|tr[eê]s|c[iu]\w{3,4}|sei?s|siete|sete|ocho|"
    r"oito|nueve|nove))?"
    r"|novant(?:uno?|otto|a(?:due|tr[eé]|quattro|cinque|sei|sette|nove)?)"
    r"|(?:(?:een|twee|drie|vier|vijf|zes|zeven|acht|negen)[eë]n)?negentig"
    r"|dziewięćdziesiąt(?: (?:jeden|dwa|trzy|cztery|pięć|sześć|siedem|osiem|dziewięć))?"
    r"|dziewięćdziesięcio(?:jedno|dwu|trzy|cztero|pięcio|sześcio|siedmio|ośmio|dziewięcio)?"
    r"|yhdeksänkymmentä(?:yksi|kaksi|kolme|neljä|viisi|kuusi|seitsemän|kahdeksan|yhdeksän)?"
    # a hundred and some: a hundred alone is a round number
    r"|(?:a |one )?hundred and (?:one|two|three|four|five|six|seven|eight|nine|ten)"
    r"|hundert(?:und)?(?:eins?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn)"
    r"|cent (?:un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix)"
    r"|ciento (?:uno?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez)"
    r"|cento(?:uno?|due|tr[eé]|quattro|cinque|sei|sette|otto|nove|dieci)"
    r"|cento e (?:um|dois|três|quatro|cinco|seis|sete|oito|nove|dez)"
    r"|honderd(?:en)?(?:een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien)"
    r"|sto (?:jeden|dwa|trzy|cztery|pięć|sześć|siedem|osiem|dziewięć|dziesięć)"
    r"|sata(?:yksi|kaksi|kolme|neljä|viisi|kuusi|seitsemän|kahdeksan|yhdeksän|kymmenen)"
)
# Whoever is that old.
_OF_NINETY: Final = (
    "nonagenarians?|centenarians?|nonagénaires?|nonagenari[oa]s?|nonagenário?s?|nonagenária?s?|"
    "ultranovantenn[ei]|novantenn[ei]|centenárias?|ultracentenari[oa]|neunzigjährige[rn]?|"
    "hundertjährige[rn]?|neunzigerin|negentigjarige|negentiger|honderdjarige|dziewięćdziesięciolat\\w+|"
    "stulat(?:ek|ka|ki|kowi)|"
    r"yhdeksänkymppi\w+|satavuotia\w+"
)
_BIRTHDAY: Final = (
    r"(?:geburtstag|birthday|verjaardag|anniversaire|cumpleaños|compleanno|aniversário)"
)
_NINETY: Final = (
    "ninet|neunzig|quatre.vingt|nonant|noventa|novant|nonag|nonág|negentig|dziewi[ęe][ćc]dzies|"
    "yhdeks[äa]nkymm|hundred and |hundert|honderd|cent (?:un|d[ei]|tr|qu|ci|s[ei]|hu|ne)|cento|"
    "ciento |centen[aá]r| sto [jdtcpos]|stulat|sata(?:yk|ka|ko|ne|vi|ku|se|yh|ky|vuot)|期颐|九旬"
)
_NEEDS: Final = re.compile(rf"(?<!\d){_OLD}(?!\d)|九十|百|{_NINETY}")
_END: Final = r"(?![^\W_])"
# What turns by as much.
_NO_AGE: Final = words("degrees degree left right percent grad grados gradi graus times pages")
# Before its figure.
_BEFORE_LISTED: Final = (
    "age age_of aged aged_about alter alter_von âge âgé_de âgée_de agé_de agée_de l'âge_de edad "
    "edad_de a_los aos età età_di di_anni leeftijd leeftijd_van idade idade_de ikä iässä wiek "
    "w_wieku lat ålder ålder_av alder возраст возрасте yaş yaşı "
    "a_sus con_sus 年龄 年齡 年齢 享年 高龄 高齡 年已 年近 나이"
)
_BEFORE: Final = words(_BEFORE_LISTED)
# Also what is no age is turned or completed.
_TURNS_LISTED: Final = (
    "turn turns turned turning fyller fyllde fylder fyldte täyttää täytti cumplió cumple cumplirá "
    "cumplir compie compirà skończył skończyła kończy ukończył ukończyła"
)
_TURNS: Final = words(_TURNS_LISTED)
# Behind it, and of people only.
_BEHIND: Final = (
    r"[ -]?(?:years?|yrs?|yr|y)\.?[ -]?(?:olds?|of age)"
    r"|[ -]?(?:y/o|yo|y(?= [fm]\b)|y\.o\.?|yrs?\.?)(?![^\W_])"
    r"|(?:st|nd|rd|th) birthday"
    r"|[ -]?(?:jährig(?:e[rnsm]?)?|jarigen?|jarige|vuotia(?:s|a?n|ana|alle|at)|vuotta vanha"
    r"|vuoden iässä"
    r"|letni(?:a|ą|ej|ego|emu|m|ch)?|lat(?:ek|ka|ki|kowi)|årig[ae]?|åring(?:en)?|vuoden ikäi[ns]en"
    r"|летн(?:ий|яя|его|ей|юю|ему|им)|yaşında(?:ki)?)"
    r"| (?:jahre alt|jaar oud|år gammal|år gammel|lat skończone|j\.|geworden|års ålder)"
    r"|j\.(?=,| [wm]\b| patient| frau| mann)|\. (?:lebensjahr|roku życia)"
    r"| ?[fm](?= (?:with|admitted|presents|presented|presenting|who|seen|w/|c/o|s/p))"
    r"|[ -](?:year )?(?:male|female)|\. geburtstag|enne"
)
_EASTERN: Final = "(?: ?(?:周岁|岁|歲|歳|才|세|살)(?!月)|高龄)"
# Of one letter, which stand behind ages of people and behind quantities.
_SHORT: Final = r" ?-?(?:jr|[jlvaг])\.?(?![^\W_])"
# Years of anything, unless the words around say of what.
_YEARS: Final = rf" ?{words('ans años anni anos jahre jahren jaar lat lata vuotta år лет года')}"
_OF_AGE: Final = words("d'âge de_edad de_idade di_età")
_OF_THINGS: Final = (
    "d' de di of van ago später later plus_tard después dopo depois geleden temu назад sitten "
    "garantie garantía garanzia garantia takuu gwarancji service histoire history historia storia "
    "geschichte historii tradição tradizione tradición doświadczenia ervaring esperienza "
    "erfahrung"
)
# Before years that passed.
_TIME: Final = (
    "hace il_y_a pendant depuis durante por há desde da per fa sinds gedurende przez od через "
    "в_течение während seit for dans dopo après tras em dentro_de in wir nach vor sen jälkeen "
    "alle yli noin le les los las gli i os as över efter garantie garantía garanzia garantia"
)
_MORE: Final = (
    "over más_de plus_de mais_de più_di meer_dan ponad über mehr_als fast quasi casi bijna"
)
_OF_TIME: Final = re.compile(rf"(?:\b{words(_TIME)}\s|\b{words(_MORE)}\s|\d[.,]|[$€£¥-]\s?)$")
_SAID_ON: Final = (
    r"(?=[.,;!?)]|$| (?:and|but|und|aber|en|maar|och|og|men|ja|next|last|this|today|yesterday|when|"
    r"now|on|im|am|in|op|noch|i|förra|viime|eilen|ayer|mañana|ieri|domani)\b)"
)
_RELATIVE_LISTED: Final = (
    "mother father grandmother grandfather grandma grandpa mum mom dad aunt uncle wife husband "
    "widow widower mutter vater oma opa großmutter großvater tante onkel mère père grand-mère "
    "grand-père madre padre abuela abuelo nonna nonno moeder vader mãe pai avó avô äiti äitini isä "
    "isäni mummo mummoni isoäiti isoisä mama tata babcia dziadek mamma pappa mormor morfar farmor "
    "farfar witwe witwer veuve veuf viuda viudo vedova vedovo weduwe weduwnaar viúva viúvo wdowa "
    "wdowiec leski patient patientin paciente paziente patiënt potilas pacjent pacjentka пациент "
    "пациентка patiente pt pt. pat. mrs mrs. mr mr. ms ms. frau herr mme madame monsieur m. señora "
    "señor sra. sr. anciana anciano signora signor sig. anziana anziano mevrouw meneer mevr. dhr. "
    "dona senhora senhor pani pan kobieta mężczyzna rouva herra nainen mies mujer hombre varón "
    "nan grandad granddad resident gentleman caller min_mor min_far"
)
_RELATIVE: Final = words(_RELATIVE_LISTED)
_SUBJECT: Final = rf"(?:he|she|who|i|er|sie|ich|hij|zij|ze|ik|han|hun|hon|hän|{_RELATIVE})"
_VERB: Final = (
    "(?: (?:is|was|am|will be|ist|bin|war|wird|wurde|werd|wordt|ben|är|er|on)|'s|'m|'ll be)"
)
_ADVERB: Final = words(
    "now already almost nearly just schon bald jetzt nun fast al nu bijna redan snart allerede jo "
    "pian"
)
_TITLED: Final = (
    rf"{words('mrs mr ms frau herr mme señora signora mevrouw rouva')}\.? [^\W\d_]{{2,15}}"
)
_IS: Final = rf"(?<![^\W_])(?:{_SUBJECT}|{_TITLED}){_VERB}(?: {_ADVERB})?"
_PERSON: Final = rf"(?<![^\W_]){_RELATIVE}(?: [^\W\d_]{{1,15}}\.?){{0,2}}"
_IN_YEAR: Final = (
    rf"(?:his|her|my) (?P<h>{_OLD})(?:st|nd|rd|th) year\b"
    rf"|(?:sin|sit|sitt|hans|hendes|hennes) (?P<k>{_OLD})\. (?:leve)?år\b"
    rf"|sa (?P<l>{_OLD})(?:e|ème) année\b"
)
_AGE: Final = re.compile(
    rf"(?<![\w.,/:])(?:(?:{_BEFORE}(?:/sex| \(yrs?\))?\s?[:=]?\s?(?:ca\.? )?"
    rf"|{_TURNS} (?=\d+(?:{_YEARS}|{_SAID_ON})))(?P<a>{_OLD})(?![\w%°]|[.,:/-]\d| {_NO_AGE})"
    rf"(?:{_BEHIND}|{_YEARS})?"
    rf"|(?P<b>{_OLD})(?:{_BEHIND}){_END}"
    rf"|(?P<c>{_OLD}){_YEARS}{_END}(?: {_OF_AGE}|(?!-| {words(_OF_THINGS)}{_END})))"
    rf"|{_IS} (?P<f>{_OLD}){_SAID_ON}"
    rf"|\b(?:at|now) (?P<g>{_OLD})(?:, (?:his|her|my|i)|,? s?he (?:still|lives|is)|, s?he)\b"
    rf"|{_IS}(?: (?:im|in|en|au) \w{{3,12}})? (?P<u>{_SPELT}){_SAID_ON}"
    rf"|(?<![^\W_])(?P<v>{_OF_NINETY}){_END}"
    rf"|(?<![^\W_])(?P<w>(?:{_SPELT})(?:st|e|ste)[rn]?)(?= {_BIRTHDAY})"
    rf"|(?<=haar |zijn |mijn |hrem |inem )(?P<x>(?:{_SPELT})sten?){_END}"
    rf"|(?<![^\W_])(?P<s>{_SPELT})(?:{_BEHIND}|{_YEARS}){_END}"
    rf"(?: {_OF_AGE}|(?!-| {words(_OF_THINGS)}{_END}))"
    rf"|(?:(?:^|\n)(?P<q>{_OLD}) ?f|\b(?:pt|patient) (?P<t>{_OLD}) ?[fm]), ?(?=[a-z])"
    rf"|\b(?:{_IN_YEAR}|mit (?P<m>{_OLD}) (?:noch|schon)\b)"
    rf"|{_PERSON}(?: \((?P<i>{_OLD})\)|, (?P<j>{_OLD})(?=[,.;])"
    rf"|(?:,| is| on| jest)? \(?(?P<n>{_OLD}){_SHORT}| \(?(?:of|van|de) (?P<o>{_OLD}){_SAID_ON})"
    rf"|(?<![\w.,])(?P<p>{_OLD}) ?-?v\.? (?:nainen|mies|potilas|rouva|herra)\b"
    r"|(?P<e>九十[一二三四五六七八九]?|一百[零〇]?[一二三四五六七八九十]?)多?(?:周岁|岁|歲|歳|才)(?!月)"
    r"|(?P<y>九旬|期颐)(?=之年|老|高龄|的|[，。,；]|$)"
    rf"|(?<!\d)(?<!\d[.,])(?P<d>{_OLD}){_EASTERN}"
    rf"|(?:今年|已经|已经有|刚满|满|现年|年近) ?"
    rf"(?P<r>{_OLD}|九十[一二三四五六七八九]?|一百[零〇]?[一二三四五六七八九]?)(?=$|[，。,；！）)了])"
)
# Caches and messages have ages as well.
_MACHINES: Final = re.compile(
    r"(?:(?:cache|entry|token|file|log|page|key|object|packet|message|average|min|max)[ _-]|[-_])$"
)
_LASTS: Final = re.compile(r" ?(?:m?s|sec(?:ond)?s?|min(?:ute)?s?|h|hours?|d|days?)(?![^\W_])")
_REACH: Final = 24  # characters before an age


# What texts with an age are like.
MAY_HOLD_AGES: Final[pl.Expr] = TEXT.str.contains(
    "(?:^|[^0-9])(?:9[0-9]|1[0-2][0-9])(?:[^0-9]|$)|九十|百|" + _NINETY
)


_SPELT_WORDS: Final = Telling(
    begin=listed("""
        ninet neunz quatre nonant novent novant nonag negent dziewie yhdeks hundre hundert honderd
        cent cento ciento centen sto stulat sata ultranov ultracent ein zwei drei vier funf sechs
        sieben acht neun een twee drie vijf zes zeven negen
    """)
)


# What stands right before or behind such a number, and who is so old a few words before it.
_WORDS_BEFORE: Final = Telling(
    re.split(
        "[ _]+",
        f"{_BEFORE_LISTED} {_TURNS_LISTED} sex yrs yr ca at now his her my sin sit sitt hans "
        "hendes hennes sa mit of van de is was am be ist bin war wird wurde werd wordt ben är er "
        "on s m ll already almost nearly just schon bald jetzt nun fast al nu bijna redan snart "
        "allerede jo pian jest pt patient",
    ),
    end=["age"],
)
_WORDS_BEHIND: Final = Telling(
    ["f", "m", "j", "l", "v", "a", "г", "st", "nd", "rd", "th", "e", "ème", "år", "enne", "male"],
    begin=listed("""
        y years yrs yr jähr jahr jar jaar vuo let lat år year geworden mies leb roku ans años anni
        anos лет год yaş jr female geburt leve noch schon
    """),
)
_PEOPLE: Final = Telling(_RELATIVE_LISTED.split())


def may_hold_ages(seen: Glances) -> Bools:
    """Whether texts have such a number beside words that ages stand beside, or one in words."""
    words = seen.words
    before = np.flatnonzero(_WORDS_BEFORE.among(words))
    behind = np.flatnonzero(_WORDS_BEHIND.among(words))
    people = np.flatnonzero(_PEOPLE.among(words))
    told = seen.at(before[seen.figures_next(before)])
    told |= seen.at(behind[seen.blanks_behind(behind) <= 1])
    told |= seen.at(people[seen.blanks_ahead(people) <= _PERSON_BLANKS])
    return (seen.aged & told) | seen.says(_SPELT_WORDS)


_PERSON_BLANKS: Final = 4


def ages(text: str, _region: str) -> Iterator[Span]:
    """Ages from 90 on: the number alone, so that `<AGE>-year-old` can still be read."""
    low = lowered(text)
    if _NEEDS.search(low) is None:
        return
    for match in _AGE.finditer(low):
        kind = match.lastgroup or "a"
        if kind == "a" and (
            _MACHINES.search(low, max(0, match.start() - _REACH), match.start())
            or _LASTS.match(low, match.end())
        ):
            continue
        if kind in "cs" and _OF_TIME.search(low[max(0, match.start() - _REACH) : match.start()]):
            continue
        yield Span(*match.span(kind), "age", match[kind])
