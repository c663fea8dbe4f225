"""How dates are written: patterns of small letters, whose groups are the parts of a date.

    y year of four figures, yy of two, e its era      m month      d day, o what makes it an ordinal
    a, b day and month in the order of the land       v ISO week   u day of it, j day of the year
    q quarter, s half of a year, l days before a range's, w weekday, …0 the same of a range's start

A pattern says what a date looks like and not whether it is one: `search.py` weighs what stands
around it, `moving.py` needs no more than the form. No part of a pattern repeats without a bound.
"""

import re
from typing import Final

from anonymizer.masking.free_text.basis.lists import alternation
from anonymizer.masking.free_text.recognition.dates.vocabulary.names import (
    DAYS,
    MONTHS,
    QUARTERS,
    WEEKDAYS,
)
from anonymizer.masking.free_text.recognition.dates.vocabulary.numerals import ERAS, ROMANS
from anonymizer.masking.free_text.recognition.dates.vocabulary.words import (
    AFTER_COUNTED,
    PARTS_BEFORE,
    SEASONS_AND_FEASTS,
)


def words(listed: str) -> str:
    """A pattern of any of the words; `_` is a blank."""
    return alternation(word.replace("_", " ") for word in listed.split())


_EAST: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"  # whose words have no blanks between
_GLUED: Final = rf"(?:[^\W{_EAST}]|[:%])"
_SPACE: Final = r"[^\S\t]{1,2}"
_MONTH: Final = alternation(MONTHS) + r"(?![^\W\d_])"
_FIGURES: Final = r"\d\d?"
_DAY: Final = rf"(?:{_FIGURES}|(?>{alternation(DAYS)}))"  # all of `vinte e sete`
_ENGLISH: Final = {word for word, names in DAYS.items() if names[0].series.language == "en"}
_ORDINAL: Final = r"(?:st|nd|rd|th|er|[eè]me|e|\.?[oa°º]|:[ae]|\.|-?го|-(?:ego|tego|go))"
_YEAR: Final = r"(?:1[89]|2[01])\d\d"
_ANY_YEAR: Final = r"(?:1\d|2[01])\d\d"  # beside the name of a month
_APART: Final = r"(?<![0-9a-z_])(?<![0-9][./,:\-])(?<![a-z][-/])"
_BEFORE: Final = rf"(?=\d){_APART}"  # what can begin at all is asked first: it is the fastest
_YEAR_BEFORE: Final = r"(?=[12])(?<![0-9a-z])(?<![0-9][./,:\-])"
_AFTER: Final = r"(?![0-9a-z_]|[./,:-]\d|-[a-z])"
_AND: Final = words(
    "to bis bis_zum und and until till through au à et al a ao y e tot tot_en_met t/m en och do i "
    "по до и ile ja or oder bzw. ou o lub tai of auf op para na"
)
_TO: Final = rf"(?: ?[-~/&+] ?| {_AND} (?:(?:the|el|il|le|den) )?)"
_LIST: Final = rf"(?P<l>(?:{_FIGURES}{_ORDINAL}?, ?){{1,3}})?"  # 4, 5 and 6 May
_OF: Final = rf"(?:{_SPACE}(?:(?:day )?(?:of|de|del|di){_SPACE}(?:the )?)?|[-/]|)"
_OF_YEAR: Final = rf"(?:,?{_SPACE}(?:(?:of|de|del|anno){_SPACE})?|[-/,]|)"
_HOURS: Final = r"(?:uhr|uur|h|hrs|heures|horas|ore)"
_COUNTED: Final = (
    rf"(?! ?(?:{_HOURS}|{alternation((*AFTER_COUNTED, *MONTHS))}|[a-z]{{3,12}}s)(?![^\W_]))"
)
_THEN_YEAR: Final = (
    rf"(?:{_OF_YEAR}(?P<y>{_ANY_YEAR})(?!\d)|(?:[-/]|,? ?'|)(?P<yy>\d\d)(?!{_GLUED}|[.,/-]\d)"
    rf"|,? (?:(?:de|del) )?(?P<yz>\d\d)(?!{_GLUED}|[.,/-]\d|-[a-z]){_COUNTED})?"
)

# 5 March 2024, 5. märz, 3-5 de mayo de 2021, 31 May - 2 June 2021, primero de mayo
DAY_FIRST: Final = re.compile(
    rf"{_APART}(?:{_LIST}(?P<d0>{_DAY})(?P<o0>{_ORDINAL})?(?:{_OF}(?P<m0>{_MONTH})\.?)?{_TO})?"
    rf"(?P<d>{_DAY})(?P<o>{_ORDINAL})?{_OF}(?P<m>{_MONTH})\.?"
    rf"(?!\s{_FIGURES}(?:st|nd|rd|th)?,?\s{_YEAR}){_THEN_YEAR}"
)
# March 5 - April 7, 2024
MONTH_FIRST_RANGE: Final = re.compile(
    rf"(?<![^\W_{_EAST}])(?P<m0>{_MONTH})\.? (?P<d0>{_FIGURES})(?P<o0>{_ORDINAL})?{_TO}"
    rf"(?P<m>{_MONTH})\.? (?P<d>{_FIGURES})(?P<o>{_ORDINAL})?(?!{_GLUED}|[.,/]\d|-[^\W\d])"
    rf"{_THEN_YEAR}"
)
# March 5th, 2024, May 3-5, mar  5 10:22:33, maaliskuun 5. päivänä
MONTH_FIRST: Final = re.compile(
    rf"(?<![^\W_{_EAST}])(?P<m0>{_MONTH})(?:\.?\s(?:\s(?=\d\d))?|\.|-(?=\d\d?-))(?:the )?"
    rf"(?P<d0> \d|{_FIGURES}|{alternation(_ENGLISH)})(?P<o0>{_ORDINAL})?"
    rf"(?:{_TO}(?:the )?(?P<d>{_FIGURES})(?P<o>{_ORDINAL})?)?"
    rf"(?!{_GLUED}|[.,/]\d|-[^\W\d])(?: päivä(?:nä)?)?{_THEN_YEAR}"
)
# March 2021, mayo de 2021, Mar-21, March-April 2021
MONTH_OF_YEAR: Final = re.compile(
    rf"(?<![^\W_])(?:(?P<m0>{_MONTH})\.?{_TO})?(?P<m>{_MONTH})"
    rf"(?:\.?(?:,?{_SPACE}(?:(?:of|de|del) )?|,|[-/.]|)(?P<y>{_ANY_YEAR})"
    rf"|(?:\.?(?:-| ?'|/)(?P<yy>\d\d)|\.? (?P<yz>3[2-9]|[4-9]\d)))(?!{_GLUED}|[.,/-]\d)"
)
# the month of `Ende März`, `mid-June`, `maaliskuun lopussa`
MONTH_ALONE: Final = re.compile(rf"(?<![^\W_])(?P<m>{_MONTH})\.?(?![^\W_]|-[^\W\d]|[.,]?\d| \d)")
# 2021 March 5, 2021-Mar-05, 2021. május
YEAR_MONTH: Final = re.compile(
    rf"{_BEFORE}(?P<y>{_YEAR})(?:[,.]? |[-/]|)(?P<m>{_MONTH})\.?"
    rf"(?:[ /-](?P<d>\d\d?)(?P<o>st|nd|rd|th|\.)?(?!{_GLUED}|[.,/-]\d))?"
)
NAMED: Final = (MONTH_FIRST_RANGE, DAY_FIRST, MONTH_FIRST, MONTH_OF_YEAR, YEAR_MONTH)

# 2024-03-05/2024-03-07
YEAR_FIRST_RANGE: Final = re.compile(
    rf"{_YEAR_BEFORE}(?P<y0>{_YEAR})(?P<g>[-/.])(?P<m0>\d\d?)(?P=g)(?P<d0>\d\d?)"
    rf"{_TO}(?P<y>{_YEAR})(?P=g)(?P<m>\d\d?)(?P=g)(?P<d>\d\d?)(?![0-9a-z]|[./-]\d)"
)
# 2024-03-05, 2024. 3. 5., also in names of files (2024_03_05) and behind another with its time
YEAR_FIRST: Final = re.compile(
    rf"(?:{_YEAR_BEFORE}|(?<=:\d\d/)|(?<=:\d\dz/))(?P<y>{_YEAR})"
    r"(?:(?P<g>[-/.] ?|_)(?P<m>\d\d?)(?P=g)(?P<d>\d\d?)"
    r"(?!(?!t\d|r\.)[0-9a-z]|[./-]\d)|-(?P<j>[0-3]\d\d)(?!(?!t\d)[\w./-]))"
)
# 5.3.2024, 3/5/24, 5 / 3 / 2024, 5.3.'24, 5/3-24
YEAR_LAST: Final = re.compile(
    rf"{_BEFORE}(?P<a>\d\d?)(?P<g> ?[-/.] ?)(?P<b>\d\d?)(?:(?P=g)'?|(?<=/\d)-|(?<=/\d\d)-)"
    rf"(?P<y>{_YEAR}|\d\d)(?!\d)"
    r"(?!(?!t\d|r\.)[0-9a-z_]|[./,:-]\d|-[a-z])"
)
# minutes_05.03.24_signed, scan_05-03-2024
IN_FILE: Final = re.compile(
    rf"(?<=[^\W\d]_)(?P<a>\d\d)(?P<g>[-._])(?P<b>\d\d)(?P=g)(?P<y>{_YEAR}|\d\d)"
    r"(?![^\W_]|[.,:-]\d|_\d)"
)
# 39-03-05, 24/3/5
SHORT_YEAR_FIRST: Final = re.compile(
    rf"{_BEFORE}(?P<y>\d\d)(?P<g>[-/.])(?P<m>0?[1-9]|1[0-2])(?P=g)"
    rf"(?P<d>0?[1-9]|[12]\d|3[01]){_AFTER}"
)
# 5.III.2024, 5 V 2024, 5.III.24
ROMAN: Final = re.compile(
    rf"{_BEFORE}(?P<d>\d\d?)(?:[. /-] ?)(?P<m>{alternation(ROMANS)})(?:[. /-] ?)"
    rf"(?:(?P<y>{_YEAR})|(?:(?<=[./])|(?<=\. ))(?P<yy>\d\d)){_AFTER}"
)
# 3.-5.5.2021, 3.5.-5.5., 03/05 - 05/05/2021, 03.05.2021-05.05.2021
NUMERIC_RANGE: Final = re.compile(
    rf"{_BEFORE}(?P<a0>\d\d?)(?:\.|(?P<h>[./-])(?P<b0>\d\d?)(?:(?P=h)(?P<y0>{_YEAR}|\d\d))?\.?|(?=-)(?!-\d\d?-))"
    rf"{_TO}(?P<a>\d\d?)(?P<g>[./-])(?P<b>\d\d?)(?:(?P=g)(?P<y>{_YEAR}|\d\d)(?!\d)"
    rf"|\.(?! ?\d)|(?<!\.\d)(?<!\.\d\d)){_AFTER}"
)
# 3.5., 3/5, 3-5 and 24.12
WITHOUT_YEAR: Final = re.compile(
    rf"{_BEFORE}(?P<a>\d\d?)(?:\.(?P<b>\d\d?)(?P<h>\.|(?!\d))|(?P<g>[/-])(?P<bl>\d\d?)){_AFTER}"
)
# 03/2021, 2021-03
MONTH_FIGURES: Final = re.compile(
    rf"{_BEFORE}(?:(?P<m>0[1-9]|1[0-2]|[1-9])(?P<g>[./-])(?P<y>{_YEAR})"
    rf"|(?P<yl>{_YEAR})(?P<h>[./-])(?P<ml>0[1-9]|1[0-2])){_AFTER}"
)
NUMERIC: Final = (
    NUMERIC_RANGE, YEAR_FIRST_RANGE, YEAR_FIRST, YEAR_LAST, IN_FILE, SHORT_YEAR_FIRST, ROMAN,
    MONTH_FIGURES, WITHOUT_YEAR,
)  # fmt: skip

_WEEKS: Final = (
    "kw cw w kalenderwoche week wk woche semaine sem semana settimana sett viikko viikolla "
    "viikolle vk vko vecka uke uge tydzień tygodniu tydz hafta неделя"
)
_QUARTERS: Final = (
    "quartal quartals quarter trimestre trimestri trim kwartaal kvartal kvartaali neljännes "
    "neljänneksellä neljänneksen vuosineljännes kwartał kwartale kwartału çeyrek квартал квартале"
)
_HALVES: Final = (
    "helft vuosipuolisko vuosipuoliskolla hj halbjahr semestre half puolivuosi "
    "puolivuotiskausi halfjaar półrocze półroczu"
)
# One of these words or letters stands in each part of a year.
PART_WORDS: Final = frozenset(f"{_WEEKS} {_QUARTERS} {_HALVES} q t h".split())
QUARTER_WORDS: Final = frozenset(f"{_QUARTERS} {_HALVES}".split())
_WEEK: Final = words(_WEEKS)
_QUARTER: Final = words(_QUARTERS)
_HALF: Final = words(_HALVES)
_ORDINAL_OF_PART: Final = r"(?:\.?er|\.?[oaº°]|\.|st|nd|rd|th|e|[eè]me)"
# 2024-W10-2, KW 10/2024, Q1 2024, 1. Quartal 2024, 2021Q3, 3Q 2024, H1 2024
PARTS_OF_YEAR: Final = re.compile(
    rf"(?<![^\W{_EAST}])(?P<y>{_YEAR})[-/ ]?"
    r"(?:w(?P<v>[0-5]\d)(?:-?(?P<u>[1-7]))?|q(?P<q>[1-4])|h(?P<s>[12]))"
    rf"(?![^\W{_EAST}])"
    rf"|(?<!\w)(?:{_WEEK}\.? ?(?P<vl>[0-5]?\d)|(?P<vm>[0-5]?\d){_ORDINAL_OF_PART}? ?{_WEEK}\.?"
    r"|[qt](?P<ql>[1-4])|(?P<qn>[1-4])[qt]|h(?P<sl>[12])|(?P<sn>[12])h"
    rf"|(?P<qm>[1-4]|{alternation((*QUARTERS, *ROMANS[:4]))}){_ORDINAL_OF_PART}? ?"
    rf"(?:{_QUARTER}|kw)\.?"
    rf"|(?P<sm>[12]|{alternation((*QUARTERS, *ROMANS[:2]))}){_ORDINAL_OF_PART}? ?{_HALF}\.?)"
    rf"(?:(?:,? (?:(?:of|de|del|van|des jahres|vuonna) )?|[/-])(?P<yl>{_YEAR})"
    r"|(?:/| ?'|(?<=[qt]))(?P<yy>\d\d))(?!\d)"
)
# erstes Quartal, 1er trimestre, I kwartał; films and games have halves as well
QUARTER_ALONE: Final = re.compile(
    rf"(?<!\w)(?:(?P<q>[1-4]|{alternation((*QUARTERS, *ROMANS[:4]))}){_ORDINAL_OF_PART}? ?"
    rf"{words(_QUARTERS.replace(' quarter ', ' '))}"
    rf"|(?P<s>[12]|{alternation((*QUARTERS, *ROMANS[:2]))}){_ORDINAL_OF_PART}? ?"
    rf"{words(_HALVES.replace('helft', '').replace(' half ', ' '))})(?!\w)"
)
# KW 12, week 12, vecka 12
WEEK_ALONE: Final = re.compile(
    rf"(?<!\w)(?:{_WEEK}\.? ?(?P<v>[0-5]?\d)(?!\w|[.,:/-]\d)"
    rf"|(?<![.,:/-])(?P<vl>[0-5]?\d)\. ?{_WEEK}(?!\w))"
)
# 20240305T102233Z, and after words of birth 19800503, 030580, 3 5 1980
COMPACT: Final = re.compile(
    rf"(?=\d)(?<![^\W_{_EAST}])(?:(?P<y>{_YEAR})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
    r"(?=t\d{4}|(?![^\W_]))"
    rf"|(?<!_)(?:(?P<a>[0-3]\d)(?P<b>[0-3]\d)(?P<yl>{_YEAR})(?!\w)"
    r"|(?=(?:0[1-9]|1[0-2])[0-3]|[0-3]\d(?:0[1-9]|1[0-2]))"
    r"(?P<al>[0-3]\d)(?P<bl>[0-3]\d)(?P<yy>\d\d)(?!\w)"
    r"|(?P<ya>\d\d)(?P<ma>0[1-9]|1[0-2])(?P<da>0[1-9]|[12]\d|3[01])(?!\w)"
    rf"|(?P<am>\d\d?) (?P<bm>\d\d?) (?P<ym>{_YEAR}|\d\d)(?!\w)))"
)
_NUMERAL: Final = r"(?:\d\d?|[一二三四五六七八九十廿]{1,3})"
_TO_EAST: Final = " ?(?:[-~至到和与及、・]|から|부터) ?"
# What is counted in years instead of being one: the decade, the time before, the calendar.
_NO_YEAR: Final = r"(?! ?(?:代|前|历|歷|间|間|以|の歴|동안|间))"


def _eastern_year(end: str) -> str:
    """A year before its sign, with its era; its groups' names have an end."""
    return (
        rf"(?:(?P<e{end}>{alternation(ERAS)}) ?)?(?P<y{end}>\d{{4}}|\d\d?\d?|元|"
        r"[〇零○一二三四五六七八九]{3,4}|[一二三四五六七八九十廿]{1,3}) ?[年년]"
    )


# 2024年3月5日, 令和六年五月一日, 3月5日至7日
_EASTERN_DAY: Final = (
    rf"(?:{_eastern_year('0')} ?)?(?P<m0>{_NUMERAL}) ?[月월] ?(?P<d0>{_NUMERAL}) ?"
    rf"(?:[日号號일]?{_TO_EAST}(?:(?:{_eastern_year('')} ?)?(?P<m>{_NUMERAL}) ?[月월] ?)?"
    rf"(?P<d>{_NUMERAL}) ?)?[日号號일]"
)
# 2024년 3월, 二〇二四年, 2024年第12周, 2024年1-3月, 2024年3月底
_EASTERN_YEAR: Final = (
    rf"(?:(?P<yk0>\d{{4}})年?{_TO_EAST})?{_eastern_year('l')}{_NO_YEAR}"
    rf"(?: ?第(?P<v>{_NUMERAL}) ?[周週]"
    rf"| ?(?:(?P<mk0>{_NUMERAL}) ?[月월]? ?[-~至到] ?)?(?P<ml>{_NUMERAL}) ?[月월]"
    r"(?:份|[初底末中上下]旬?)?"
    r"| ?第?(?P<q>[1-4一二三四]) ?季度?| ?q(?P<ql>[1-4])|[上下]半年|[春夏秋冬][季天]?)?"
)
# 正月初五, 腊月二十三, 八月十五: by the moon, without a sign of days
_BY_THE_MOON: Final = (
    r"(?:(?:农历|農曆|阴历|陰曆|旧历|舊曆) ?)?(?P<mm>[正冬腊臘]|十[一二]?|[二三四五六七八九])月"
    r"(?P<dm>初[一二三四五六七八九十]|廿[一二三四五六七八九]|[二三]?十[一二三四五六七八九]?)"
    r"(?![一二三四五六七八九十日号號个個件天次])"
)
# Houses, lines, doors, fuels: what is called by a number and `号`.
_NO_NUMBER: Final = (
    r"(?![\d线線门門楼樓院店桌床房室厅机機车車油站台位选選球公码碼员工仓库层单文电厂井洞坑馆型段])"
)
# 三月底, 6月中旬, 3月5, 第一季度, 五号
_EASTERN_PART: Final = (
    rf"(?:(?P<mn>{_NUMERAL}) ?月 ?(?:份|[上中下]旬|[初底末])"
    rf"|(?P<mo>\d\d?) ?月 ?(?P<do>\d\d?)(?![\d.,:/年月个個号件天次至到~-])"
    rf"|第 ?(?P<vn>{_NUMERAL}) ?[周週](?![期岁歲年])"
    rf"|第 ?(?P<qn>[1-4一二三四]) ?季度(?!假)|(?P<dn>{_NUMERAL})[号號]{_NO_NUMBER})"
)
EASTERN: Final = re.compile(
    rf"(?<!\d)(?:(?<![〇一二三四五六七八九十])|(?=\d))"
    rf"(?:{_EASTERN_DAY}|{_EASTERN_YEAR}|{_BY_THE_MOON}|{_EASTERN_PART})"
)
# H31.4.30, S55/5/3
ERA_LETTER: Final = re.compile(
    rf"{_APART}(?P<e>[mtshr])(?P<y>\d\d?)(?P<g>[./-])(?P<m>\d\d?)(?P=g)(?P<d>\d\d?){_AFTER}"
)
# born 61, geb. '61
BIRTH_YEARS: Final = re.compile(r"(?<![\w.,/:'])(?<!\d-)(?P<yy>\d\d)(?![\w%]|[.,:/-]\d|\.? ?°)")
# on the 5th, am 5., le 23, el día 5, 5-go, 23. päivä
DAY_ALONE: Final = re.compile(
    r"(?=\d)(?<![0-9a-z_.,/:$€£#+-])(?P<d>\d\d?)"
    r"(?:(?P<o>st|nd|rd|th|er|e|-?(?:te|e)?go|\.)?(?: (?P<h>päivä(?:nä|än|stä)?))?"
    r"(?![\w%°]|[.,:/-]\w| ?[$€£¥%×/-]))"
)
# born 1980, 1939-1945, พ.ศ. 2567
YEARS: Final = re.compile(
    rf"(?=[12พb])(?<![\w.,/:])(?<!\d-)(?:(?P<y0>{_YEAR}){_TO}|(?P<e>พ\.ศ\.|b\.?e\.?) ?(?=2[45]))?"
    rf"(?P<y>{_YEAR}|2[45]\d\d)(?![\w%]|[.,]\d|-\w| ?[$€£¥%×x/])"
    r"|(?<!\w)'(?P<yy>\d\d)(?![\w'%])"
)

# 2023/24, 2023/2024
SPAN_OF_YEARS: Final = re.compile(
    rf"(?=[12])(?<![\w.,/:])(?<!\d-)(?P<y0>{_YEAR})[/-](?P<y>{_YEAR}|\d\d)"
    r"(?![\w%]|[.,/-]\w)"
)

# Winter 18/19
SHORT_SPAN: Final = re.compile(rf"{_BEFORE}(?P<y0>\d\d)/(?P<y>\d\d){_AFTER}")

_HOUR: Final = r"(?:[01]?\d|2[0-4])"
_MINUTES: Final = r"[0-5]\d"
_ALARM: Final = words("klo kello kl kl. godz. o_godz.")  # hours alone may follow
_AT: Final = words(
    "at um gegen a_las a_la alle alle_ore ore à vers om às as klo kello kl kl. o godz. o_godz. "
    "в saat"
)
_ZONE: Final = words("z utc gmt cest cet est edt pst pdt bst")
_DAYTIME: Final = words("上午 下午 晚上 早上 凌晨 中午 午前 午後 오전 오후")
_CLOCKS: Final = (
    # t10:22:33, at 10:22
    rf"(?:t|{_SPACE}|, ?|:|,? ?(?:-|@|{_AT}) ){_HOUR}:{_MINUTES}(?::\d\d(?:[.,]\d{{1,9}})?)?",
    # um 10.22 uhr, 10 uhr, à 10h22, 10 am
    rf",? (?:{_AT} )?{_HOUR}(?:[.h]{_MINUTES}(?: ?{_HOURS})?| ?{_HOURS})",
    rf",? (?:{_AT} )?{_HOUR}(?:[:.]{_MINUTES})? ?[ap]\.?m\.?",
    rf",? {_ALARM} {_HOUR}(?:\.{_MINUTES})?",
    rf",? {_AT} {_HOUR}(?=[,;!?)]|\.?$|\. )",
    # 下午3点20分, 10:22
    rf" ?{_DAYTIME}? ?\d\d? ?[时時点點시](?: ?\d\d? ?[分분])?(?: ?\d\d? ?[秒초])?",
    rf" ?{_DAYTIME}? ?\d\d?:{_MINUTES}(?::\d\d)?",
    r"t\d{4}(?:\d\d)?",
)
CLOCK: Final = re.compile(
    rf"(?:{'|'.join(_CLOCKS)})"
    rf"(?!\d)(?: ?[ap]\.?m\b\.?)?(?: ?{_HOURS}(?![^\W_]))?(?: ?{_ZONE}(?![^\W_]))?"
    r"(?: ?[+-]\d\d:?\d\d(?!\d))?"
)
YEAR_AFTER_CLOCK: Final = re.compile(rf" (?:[a-z]{{3,4}} )?(?P<y>{_YEAR})(?![\w%]|[.,]\d)")
YEAR_MARK: Final = re.compile(r" ?(?:r\.|roku|г\.|года|году)(?!\w)")
WORD: Final = re.compile(rf"[^\W\d_{_EAST}]+")

_ALONE: Final = "一二三四五六日天月火水木金土월화수목금토일"  # weekdays beside a mark only
_WEEKDAY: Final = alternation(set(WEEKDAYS) - set(_ALONE))
_CHINESE: Final = "(?:星期|周|週|礼拜|禮拜)"
# What belongs to a month or a year that no day tells: `end of`, `summer of`, `Ferragosto del`.
PART_BEFORE: Final = re.compile(
    rf"(?<![^\W_]){alternation((*PARTS_BEFORE, *SEASONS_AND_FEASTS))}"
    r"(?:-| (?:(?:of|of the|in|de|del|di|de l'|van|von|des jahres|vuonna|roku|do|da) )?)$"
)
PART_BEHIND: Final = re.compile(
    r" (?:al(?:us(?:sa|ta)|kuun)|lop(?:us(?:sa|ta)|ulla|puun)|puoliväli(?:ssä|stä|in)|"
    r"(?:alku|loppu)puolel(?:la|ta))(?!\w)"
    rf"(?: (?:vuonna )?(?P<y>{_YEAR})(?![\w%]|[.,]\d))?"
)
# Years in words behind a day: `two thousand and nineteen`, `neunzehnhundertvierundfünfzig`.
_FIGURES_IN_WORDS: Final = words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred oh un une deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze "
    "seize vingt vingts trente quarante cinquante soixante septante nonante cent cents uno dos "
    "tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro "
    "veinticinco veintiséis veintisiete veintiocho veintinueve treinta cuarenta cincuenta sesenta "
    "setenta ochenta noventa ochocientos novecientos um dois três sete oito nove dez doze treze "
    "dezasseis dezesseis dezassete dezessete dezoito dezanove dezenove vinte trinta quarenta "
    "cinquenta sessenta oitenta oitocentos novecentos"
)
SPELT_YEAR: Final = re.compile(
    r",? (?:(?:in the year|im jahre?|of|de|del|do ano de|dell'anno|l'an|roku|vuonna) )?"
    r"(?:(?:two thousand|nineteen|twenty|eighteen|deux mille|mille|mil|dix-neuf cents?|dos mil|"
    rf"dois mil)(?:[ -](?:(?:and|et|y|e) )?{_FIGURES_IN_WORDS})*"
    r"|(?:zweitausend|(?:neun|acht)zehnhundert|duemila|mille(?:nove|otto)cento|kaksituhatta|tuhatyhdeksänsataa|dwutysięczn)\w*"
    r"|(?:tweeduizend|(?:negen|acht)tienhonderd)(?:(?: en)? ?(?:een|twee|drie|vier|vijf|zes|zeven|"
    r"acht|negen|tien|elf|twaalf|[^\W\d_]{4,}(?:tien|tig)))?"
    r"|(?:dwa tysiące|tysiąc dziewięćset)(?: \w+(?:ego|tego))*"
    r")(?![^\W_])"
)
# Tuesday 5th, mardi 5, Dienstag, den 5.
DAY_OF_WEEK: Final = re.compile(
    rf"(?<![^\W_])(?P<w>{_WEEKDAY})\.?,? (?:(?:the|den|dem|le|el|il|dia) )?"
    rf"(?P<d>{_FIGURES})(?P<o>{_ORDINAL})?{_AFTER}(?! ?[-–/]\d|\.\d)"
)
WEEKDAY_BEFORE: Final = re.compile(
    rf"(?:(?<![^\W_])(?P<w>{_WEEKDAY})\.?,?\s{{0,2}}(?:(?:the|den|dem|de|le|el|il|dia|o|do) )?"
    rf"|{_CHINESE}(?P<wl>[一二三四五六日天])[ ,]{{0,2}})$"
)
WEEKDAY_AFTER: Final = re.compile(
    rf",? ?(?:\((?P<w>{_WEEKDAY})\.?\)|(?P<wl>(?=[^\W\d_]{{4}}){_WEEKDAY})(?![^\W_]))"
    rf"| (?P<wq>{_WEEKDAY})(?=[>\]]| \d\d?:\d\d)"  # <2024-03-05 Tue 10:00>
    rf"|[ ,]{{0,2}}(?:\((?:{_CHINESE}(?P<wk>[一二三四五六日天])"
    r"|(?P<wm>[月火水木金土日월화수목금토])(?:曜日?|요일)?)\)"
    rf"|{_CHINESE}(?P<wn>[一二三四五六日天])|(?P<wo>[月火水木金土日])曜日?"
    r"|(?P<wp>[월화수목금토일])요일)"
)
