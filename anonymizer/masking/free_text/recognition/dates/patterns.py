"""How dates are written: patterns of small letters, whose groups are the parts of a date.

    y year of four figures, yy of two, e its era      m month      d day, o what makes it an ordinal
    a, b day and month in the order of the land       v ISO week   u day of it, j day of the year
    q quarter                                         w weekday    …0 the same of a range's first day

A pattern says what a date looks like and not whether it is one: `search.py` weighs what stands
around it, `moving.py` needs no more than the form. No part of a pattern repeats without a bound.
"""

import re
from collections.abc import Iterable
from typing import Final

from anonymizer.masking.free_text.recognition.dates.names import MONTHS
from anonymizer.masking.free_text.recognition.dates.numerals import (
    ERAS,
    ORDINALS,
    QUARTERS,
    ROMANS,
)


def alternation(words: Iterable[str]) -> str:
    """A pattern of any of the words, the longest first, that reads each character once."""
    heads: dict[str, set[str]] = {}
    for word in words:
        heads.setdefault(word[:1], set()).add(word[1:])
    ends = "?" if heads.pop("", None) else ""
    branches = [
        re.escape(head) + (alternation(tails) if tails != {""} else "")
        for head, tails in sorted(heads.items())
    ]
    whole = "|".join(branches)
    return f"(?:{whole}){ends}" if len(branches) > 1 or ends else whole


_MONTH: Final = alternation(MONTHS) + r"(?![^\W\d_])"
_DAY: Final = rf"(?:\d\d?|{alternation(ORDINALS)})"
_ORDINAL: Final = r"(?:st|nd|rd|th|er|[eè]me|e|\.?[oa°]|:[ae]|\.|-?го|-go)"
_YEAR: Final = r"(?:1[89]|2[01])\d\d"
_ANY_YEAR: Final = r"(?:1\d|2[01])\d\d"  # beside the name of a month
_BEFORE: Final = r"(?<![0-9a-z_])(?<![0-9][./,:\-])(?<![a-z][-/])"
_AFTER: Final = r"(?![0-9a-z_]|[./,:-]\d|-[a-z])"
_TO: Final = (
    r"(?: ?[-~/&+] ?| (?:to|bis(?: zum)?|und|and|until|till|through|au|à|et|al|a|ao|y|e|"
    r"tot(?: en met)?|t/m|en|och|do|i|по|до|и|ile|ja) (?:the |el |il |le |den )?)"
)
_OF: Final = r"(?:\s{1,2}(?:(?:day )?(?:of|de|del|di) (?:the )?)?|[-/]|)"
_OF_YEAR: Final = r"(?:,?\s{1,2}(?:of |de |del |anno )?|[-/,]|)"
_THEN_YEAR: Final = (
    rf"(?:{_OF_YEAR}(?P<y>{_ANY_YEAR})(?!\d)|(?:[-/]|,? ?'|)(?P<yy>\d\d)(?![\w:%]|[.,/-]\d)"
    r"|,? (?P<yz>\d\d)(?=\s*(?:$|[;)\]!?]|[.,](?!\d))))?"
)
_NUMERAL: Final = r"(?:\d\d?|[一二三四五六七八九十廿]{1,3})"
_EASTERN_YEAR: Final = (
    rf"(?:(?P<e{{0}}>{alternation(ERAS)}) ?)?(?P<y{{0}}>\d{{{{4}}}}|\d\d?\d?|元|"
    r"[〇零○一二三四五六七八九]{{4}}|[一二三四五六七八九十]{{1,3}}) ?[年년]"
)
_FROM_EAST: Final = (
    rf"(?:{_EASTERN_YEAR.format(0)} ?)?(?P<m0>{_NUMERAL}) ?[月월] ?(?P<d0>{_NUMERAL}) ?"
)

# 5 March 2024, 5. märz, 3-5 de mayo de 2021, 31 May - 2 June 2021
DAY_FIRST: Final = re.compile(
    rf"{_BEFORE}(?:(?P<d0>{_DAY})(?P<o0>{_ORDINAL})?(?:{_OF}(?P<m0>{_MONTH})\.?)?{_TO})?"
    rf"(?P<d>{_DAY})(?P<o>{_ORDINAL})?{_OF}(?P<m>{_MONTH})\.?{_THEN_YEAR}"
)
# March 5th, 2024, May 3-5, mar  5 10:22:33, maaliskuun 5. päivänä
MONTH_FIRST: Final = re.compile(
    rf"(?<![^\W_])(?P<m0>{_MONTH})(?:\.? |\.|-(?=\d\d?-))(?:the )?(?P<d0> \d|{_DAY})"
    rf"(?P<o0>{_ORDINAL})?(?:{_TO}(?:(?P<m>{_MONTH})\.? )?(?:the )?(?P<d>{_DAY})(?P<o>{_ORDINAL})?)?"
    rf"(?![\w:%]|[.,/]\d|-[^\W\d])(?: päivä(?:nä)?)?{_THEN_YEAR}"
)
# March 2021, mayo de 2021, Mar-21, March-April 2021
MONTH_OF_YEAR: Final = re.compile(
    rf"(?<![^\W_])(?:(?P<m0>{_MONTH})\.?{_TO})?(?P<m>{_MONTH})"
    rf"(?:\.?(?:,? (?:of |de |del )?|[-/.]|)(?P<y>{_ANY_YEAR})|\.?(?:-| ?'|/)(?P<yy>\d\d))"
    r"(?![\w%]|[.,/:-]\d)"
)
# 2021 March 5, 2021-Mar-05, 2021. május
YEAR_MONTH: Final = re.compile(
    rf"{_BEFORE}(?P<y>{_YEAR})(?:[,.]? |[-/]|)(?P<m>{_MONTH})\.?"
    r"(?:[ /-](?P<d>\d\d?)(?P<o>st|nd|rd|th|\.)?(?![\w:%]|[.,/-]\d))?"
)
NAMED: Final = (DAY_FIRST, MONTH_FIRST, MONTH_OF_YEAR, YEAR_MONTH)

# 2024-03-05, 2024. 3. 5., also in names of files
YEAR_FIRST: Final = re.compile(
    rf"(?<![0-9a-z])(?<![0-9][./,:\-])(?P<y>{_YEAR})(?:(?P<g>[-/.] ?)(?P<m>\d\d?)(?P=g)(?P<d>\d\d?)"
    r"(?!(?!t\d|r\.)[0-9a-z]|[./-]\d)|-(?P<j>[0-3]\d\d)(?!(?!t\d)[\w./-]))"
)
# 5.3.2024, 3/5/24, 5 / 3 / 2024, 5.III.2024
YEAR_LAST: Final = re.compile(
    rf"{_BEFORE}(?P<a>\d\d?)(?P<g> ?[-/.] ?)(?P<b>\d\d?)(?P=g)(?P<y>{_YEAR}|\d\d)(?!\d)"
    r"(?!(?!t\d|r\.)[0-9a-z_]|[./,:-]\d|-[a-z])"
)
# 5.III.2024, 5 V 2024
ROMAN: Final = re.compile(
    rf"{_BEFORE}(?P<d>\d\d?)(?:[. /-] ?)(?P<m>{alternation(ROMANS)})(?:[. /-] ?)(?P<y>{_YEAR}){_AFTER}"
)
# 3.-5.5.2021, 3.5.-5.5., 03/05 - 05/05/2021
NUMERIC_RANGE: Final = re.compile(
    rf"{_BEFORE}(?P<a0>\d\d?)(?:\.|(?P<h>[./])(?P<b0>\d\d?)\.?|(?=-)){_TO}"
    rf"(?P<a>\d\d?)(?P<g>[./])(?P<b>\d\d?)(?:(?P=g)(?P<y>{_YEAR}|\d\d)(?!\d)|\.(?! ?\d)){_AFTER}"
)
# 3.5. and 3/5
WITHOUT_YEAR: Final = re.compile(
    rf"{_BEFORE}(?P<a>\d\d?)(?:\.(?P<b>\d\d?)\.|(?P<g>/)(?P<bl>\d\d?)){_AFTER}"
)
# 03/2021, 2021-03
MONTH_FIGURES: Final = re.compile(
    rf"{_BEFORE}(?:(?P<m>0[1-9]|1[0-2]|[1-9])(?P<g>[./-])(?P<y>{_YEAR})"
    rf"|(?P<yl>{_YEAR})(?P<h>[./-])(?P<ml>0[1-9]|1[0-2])){_AFTER}"
)
NUMERIC: Final = (NUMERIC_RANGE, YEAR_FIRST, YEAR_LAST, ROMAN, MONTH_FIGURES, WITHOUT_YEAR)

# 2024-W10-2, KW 10/2024, Q1 2024, 1. Quartal 2024, 2021Q3
PARTS_OF_YEAR: Final = re.compile(
    rf"(?<![\w])(?P<y>{_YEAR})[-/ ]?(?:w(?P<v>[0-5]\d)(?:-?(?P<u>[1-7]))?|q(?P<q>[1-4]))(?!\w)"
    r"|(?<!\w)(?:(?:kw|week|wk|semaine|sem|semana|settimana|viikko|viikolla|vk|vecka|v|uke|uge|"
    r"tydzień|tydz|hafta)\.? ?(?P<vl>[0-5]?\d)|(?P<vm>[0-5]?\d)\. ?kw|[qt](?P<ql>[1-4])|"
    rf"(?P<qm>[1-4]|{alternation(QUARTERS)})(?:\.|st|nd|rd|th|er|e|[eè]me|\.?[oº°])? ?(?:quartal|quarter|trimestre|trimestri|kwartaal|kvartal|kvartaali|"
    r"vuosineljännes|kwartał|kwartale|çeyrek))"
    rf"(?:(?:,? (?:of |de |del |van |des jahres )?|[/-])(?P<yl>{_YEAR})| ?'(?P<yy>\d\d))(?!\d)"
)
# 20240305T102233Z, and after words of birth 19800503, 030580, 3 5 1980
COMPACT: Final = re.compile(
    rf"(?<!\w)(?:(?P<y>{_YEAR})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?=t\d{{4}}|(?!\w))"
    rf"|(?P<a>[0-3]\d)(?P<b>[0-3]\d)(?P<yl>{_YEAR})(?!\w)"
    r"|(?=(?:0[1-9]|1[0-2])[0-3]|[0-3]\d(?:0[1-9]|1[0-2]))(?P<al>[0-3]\d)(?P<bl>[0-3]\d)(?P<yy>\d\d)(?!\w)"
    r"|(?P<ya>\d\d)(?P<ma>0[1-9]|1[0-2])(?P<da>0[1-9]|[12]\d|3[01])(?!\w)"
    rf"|(?P<am>\d\d?) (?P<bm>\d\d?) (?P<ym>{_YEAR}|\d\d)(?!\w))"
)
# 2024年3月5日, 令和六年五月一日, 3月5日至7日, 2024년 3월, 二〇二四年
EASTERN: Final = re.compile(
    rf"(?<![\d〇一二三四五六七八九十])(?:{_FROM_EAST}[日号號일]?"
    rf"(?: ?(?:[-~至到]|から|부터) ?(?:(?:{_EASTERN_YEAR.format('')} ?)?(?P<m>{_NUMERAL}) ?[月월] ?)?"
    rf"(?P<d>{_NUMERAL}) ?)?[日号號일]"
    rf"|{_EASTERN_YEAR.format('l')}(?! ?(?:代|前|历|歷|间|間|以|の歴|동안|间))"
    rf"(?: ?(?P<ml>{_NUMERAL}) ?[月월]份?| ?第?(?P<q>[1-4一二三四]) ?季度?)?)"
)
# H31.4.30, S55/5/3
ERA_LETTER: Final = re.compile(
    rf"{_BEFORE}(?P<e>[mtshr])(?P<y>\d\d?)(?P<g>[./-])(?P<m>\d\d?)(?P=g)(?P<d>\d\d?){_AFTER}"
)
# born 1980, 1939-1945, พ.ศ. 2567
YEARS: Final = re.compile(
    rf"(?<![\w.,/:])(?<!\d-)(?:(?P<y0>{_YEAR}){_TO}|(?P<e>พ\.ศ\.|b\.?e\.?) ?(?=2[45]))?"
    rf"(?P<y>{_YEAR}|2[45]\d\d)(?![\w%]|[.,]\d|-\w| ?[$€£¥%×x/])"
    r"|(?<!\w)'(?P<yy>\d\d)(?![\w'%])"
)

CLOCK: Final = re.compile(
    r"(?:(?:t|[ ,]{1,2}|:|,? ?(?:-|@|at|um|gegen|a las|a la|alle(?: ore)?|ore|à|vers|om|às|as|klo|"
    r"kello|kl\.?|o|(?:o )?godz\.|в|saat) )(?:[01]?\d|2[0-4]):[0-5]\d(?::\d\d(?:[.,]\d{1,9})?)?"
    r"|,? (?:(?:at|um|gegen|a las|alle(?: ore)?|ore|à|vers|om|às|klo|kello|kl\.?|(?:o )?godz\.|saat) )?"
    r"(?:[01]?\d|2[0-4])(?:[.h][0-5]\d(?: ?uhr| ?h)?| ?uhr| ?h|(?:[:.][0-5]\d)? ?[ap]\.?m\.?)"
    r"|(?:,? (?:klo|kello|godz\.|o godz\.|kl\.?) )(?:[01]?\d|2[0-4])(?:\.[0-5]\d)?"
    r"| ?(?:上午|下午|晚上|早上|凌晨|中午|午前|午後|오전|오후)? ?\d\d? ?(?:[时時点點시](?: ?\d\d? ?[分분])?"
    r"(?: ?\d\d? ?[秒초])?|:[0-5]\d(?::\d\d)?)|t\d{4}(?:\d\d)?)"
    r"(?![\d])(?: ?[ap]\.?m\b\.?)?(?: ?(?:uhr|h|hrs)(?![^\W_]))?"
    r"(?: ?(?:z|utc|gmt|cest|cet|est|edt|pst|pdt|bst)(?![^\W_]))?(?: ?[+-]\d\d:?\d\d(?!\d))?"
)
YEAR_AFTER_CLOCK: Final = re.compile(rf" (?:[a-z]{{3,4}} )?(?P<y>{_YEAR})(?![\w%]|[.,]\d)")
YEAR_MARK: Final = re.compile(r" ?(?:r\.|roku|г\.|года|году)(?!\w)")
WORD: Final = re.compile(r"[^\W\d_]+")
WEEKDAY_BEFORE: Final = re.compile(
    r"(?P<w>[^\W\d_]{1,13}(?:-feira)?)\.?,?(?: |\n)?(?:(?:the|den|le|el|il|dia|o|do) )?$"
)
EASTERN_WEEKDAY_BEFORE: Final = re.compile(
    r"(?:(?:星期|周|週|礼拜|禮拜)(?P<w>[一二三四五六日天]))[ ,]{0,2}$"
)
WEEKDAY_AFTER: Final = re.compile(
    r",? ?(?:\((?P<w>[^\W\d_]{1,13}(?:-feira)?)\.?\)|(?P<wl>[^\W\d_]{4,13}(?:-feira)?)(?![^\W_]))"
)
EASTERN_WEEKDAY_AFTER: Final = re.compile(
    r"[ ,]{0,2}(?:\((?:(?:星期|周|週|礼拜|禮拜)(?P<w>[一二三四五六日天])|(?P<wk>[月火水木金土日월화수목금토])"
    r"(?:曜日?|요일)?)\)|(?:星期|周|週|礼拜|禮拜)(?P<wl>[一二三四五六日天])|(?P<wm>[月火水木金土日])曜日?"
    r"|(?P<wn>[월화수목금토일])요일)"
)
