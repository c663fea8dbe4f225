"""Phone numbers by their form and by what stands before them.

Digits alone do not say whether they are a phone: `0490 75 40 81` is one by its form, `467 3395`
only after `phone:`, and `2025550143` is none after `order`. The rules of `phonenumbers` decide on
numbers without gaps; a word before a number decides on all others.
"""

import re
from collections.abc import Iterator
from enum import Enum
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Final

from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.folding import Span, plain
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.lists import listed
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.basis.words import EASTERN_TRADE, TRADE_WORDS

_CANDIDATE: Final = re.compile(
    r"(?=[+(\d])(?<![0-9A-Za-z_])(?<![0-9][.,:/\-])(?<![A-Za-z][-/])(?<![$€£¥])(?<![$€£¥]\s)"
    r"(?>(?:\+ ?|\(\+ ?|\()?\d(?:(?: ?[-./] ?|[ (]{1,2}|\) ?[-./]? ?)?\d){5,40}\)?)"
    r"(?P<ext>(?i:,? ?(?:x|ext\.?|extension|durchwahl|poste|分机|转) ?\d{1,6}))?"
    r"(?![0-9A-Za-z_]|[.,:]\d|\s?[%€£¥°]|-(?!(?i:office|fax|mobile|cell|phone|home|work|"
    r"direct)\b)[A-Za-z0-9])"
)
# Words of small letters without accents.
_TOKEN: Final = re.compile(r"\w+")
# What is sold, sent and counted in nine other languages; German joins it to other words.
_GOODS: Final = (
    r"tuot\w+|artykul\w*|produ[ckt]\w*|prodott\w|artic\w+|artig\w+|varaosa\w*|ricambi\w?|"
    r"repuestos?|onderdeel\w*|czesci\w*|\w+(?:teile?|artikel|typ|modell|auftrag|bestellung|"
    r"rechnung|paket|nummern)s?|sendung\w*|zending\w*|pakket\w*|pake?t\w{0,3}|envios?|envois?|"
    r"colis|paquetes?|spedizion\w|pacc[oh]\w?|lahetys\w*|lahetyk\w*|przesylk\w*|paczk\w*|"
    r"folge(?:nummer)?|sequen[czs]\w*|secuencia\w*|sekwencj\w*|reeks|jakso\w*|seq|offsets?|"
    r"\w*summe|somm[ae]s?|sumas?|sumy|somas?|summa\w*|checksums?|kontrollsumm\w*|crc|hash\w*|"
    r"chargen?|lotto|lote|partii|partia|siegel|sceaux?|selo|plomb\w|sinet\w+|\w*etiket\w*|\w*labels?|retour\w*|palautus\w*|"
    r"etiquet\w*|etichett\w*|etykiet\w*|kuponk\w+|blocks?|tasks?|tx|inode"
)
_TRADE: Final = re.compile(f"(?:{TRADE_WORDS})|{_GOODS}")
# What programs write: levels of logs, keys, times and sizes without a word for them.
_LOGGED: Final = re.compile(
    r"(?<!\w)(?:INFO|WARN(?:ING)?|DEBUG|ERROR|TRACE|FATAL|NOTICE)(?!\w)|"
    r"(?<!\w)[a-z]{1,12}=\S+ [a-z]{1,12}="
    r"|\d ?(?:ms|µs|ns|kB|KB|MiB|KiB|GiB)(?!\w)|(?<!\w)[a-z-]{2,16}\[\d{1,7}\]"
)
_PHONE_WORD: Final = re.compile(
    r"(?:tele)?phone?s?|tele?f?\w*|mobile?|movil|cell(?:ular)?|fax|call(?:s|ed|ing)?|"
    r"callback|dial\w*|ring|text(?:ed)?|sms|whatsapp|wechat|reach(?:ed)?|contact\w*|handy\w*|ph|"
    r"hotline|helpline|landline|anruf\w*|rufnummer|appel\w*|portable|llam\w*|desk"
)
_PHONE_PHRASE: Final = re.compile(
    r"(?:messages? (?:to|at|on)|answer\w* (?:at|on)|"
    r"(?:my|his|her|their|your|our) (?:new |old |home |work )?(?:number|registered))\b|"
    r"(?:home|work|office|direct|evenings?|daytime|voicemail|toll.?free|emergency|switchboard)"
    r"(?: line)?\s?:|[tmfphw](?=[:.]\s?[+(\d])"
)
_PHRASE_BEGINS: Final = re.compile(
    r"messages?|answer\w*|my|his|her|their|your|our|home|work|office|direct|evenings?|daytime|"
    r"voicemail|toll\w*|emergency|switchboard|[tmfphw]"
)
_EASTERN: Final = re.compile(
    rf"(?P<trade>(?:{EASTERN_TRADE}|序号|校验和|批次|标签|封条|编码)(?:号码)?)|手机|电话|联系|号码|致电|拨打|微信|電話|携帯|연락처|전화"
)
_UNIT_AFTER: Final = re.compile(
    r"(?i)\W{0,3}(?:is |was |as |\()?(?:my |his |her |the |our )?(?:new |work |home )?"
    r"(?:phone|cell|mobile|tel|fax|whatsapp|landline|office|work|home|direct|desk|voicemail)\b"
)
_UNIT: Final = re.compile(
    r"(?i)\s?(?:%|percent|pcs|pieces|units?|items?|eur|usd|gbp|euros?|dollars?|pounds?|"
    r"kg|g|mm|cm|m|ml|l|"
    r"km|rows?|points?|元|件|个|块)\b"
)
_CHINESE_MOBILE: Final = re.compile(r"(?:(?:00)?86)?1[3-9]\d{9}")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:(?: \d{3})+|(?:\.\d{3})+)")
_ISBN: Final = re.compile(r"97[89][ -]?\d[\d -]{9,13}|\d-\d{2,7}-\d{1,6}-[\dX]")
_YEARS: Final = re.compile(r"(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d")
_REGIONS_WITH_LEADING_ZERO: Final = (
    "GB",
    "DE",
    "FR",
    "IT",
    "AU",
    "JP",
)  # where numbers begin with 0
_PIECE_GAP: Final = re.compile(r"(?<=\d) ?[/ ] ?(?=[\d(+])")
_PREPOSITION: Final = re.compile(r"(?i)\b(?:at|on|to|from|via|under) $")
_ZIP_PLUS: Final = re.compile(r"\d{5}[- ]\d{3,4}")
_DECIMAL: Final = re.compile(r"\d+\.\d+")
_RANGE: Final = re.compile(r"(\d+)( ?[-/] ?)(\d+)")
_FILLERS: Final = re.compile(
    r"(?i)\W{0,3}(?:(?:\w{1,3}|number|code|called|your|from)\b\W{1,3}){0,4}"
)
# `number` alone or somebody's, and not that of a container
_NUMBER_IS: Final = re.compile(
    r"(?i)(?:^|[.!?;:,(\n] ?|"
    r"\b(?:my|his|her|their|our|your|new|old|home|work|best|contact|"
    r"current|the|a|this|that|following|correct|right|same|on|at|from|under|and|or|as) )"
    r"number(?: is| was)?[: ]{1,2}$"
)
_WORD: Final = re.compile(r",? ?[^\W\d_]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_CONTEXT_CHARACTERS: Final = 45
_LEAST_ALONE: Final = 8  # digits in one piece of a phone that nothing beside it names
_TRIES: Final = 20_000  # pieces of a text that are looked at closely: a number has one to three


class Context(Enum):
    """What the words around a number say about it."""

    PHONE = "a phone"
    NAMED_OTHERWISE = "called an order, an item or the like"
    TRADE = "such things are spoken of"
    NONE = "nothing"


# Words of which one stands beside a number that nothing else makes a phone.
_SAYING_PHONE: Final = Telling(
    listed("""
        phone phones fone fones text texted sms ph desk callback call calls called calling ring
        number registered office home work direct evenings evening daytime voicemail toll
        emergency switchboard t m f p h w cell cellular mobil mobile movil fax hotline helpline
        landline portable whatsapp wechat reach reached rufnummer
    """),
    begin=["tel", "dial", "contact", "handy", "anruf", "appel", "llam", "message", "answer"],
)


def may_hold_phones(seen: Glances) -> Bools:
    """Whether texts have so many digits together; six or seven in one piece need a word."""
    several = seen.near(8) | seen.near(6, parted=True)
    return several | (seen.near(6) & seen.says(_SAYING_PHONE))


def phones(text: str, region: str) -> Iterator[Span]:
    """The places of phone numbers with their extensions.

    A text with more figures than anybody reads costs no more: all that follows counts as phones.
    """
    left, words = _TRIES, _Words(text, region)
    for match in _CANDIDATE.finditer(text):
        if left < 0:
            yield Span(*match.span(), "phone", match[0])
            continue
        number = _number(match)
        pieces = _pieces(number)
        left -= len(pieces)
        yield from _in(match, number, pieces, words)


class _Words:
    """What the words of a text say of its numbers, read as far as anybody asks."""

    def __init__(self, text: str, region: str) -> None:
        self.text = text
        self.region = region

    @cached_property
    def small(self) -> str:
        """The text in small letters without accents."""
        return plain(self.text)

    @cached_property
    def trade(self) -> bool:
        """Whether it speaks of orders, items and the like, or a program writes it."""
        return (
            _LOGGED.search(self.text) is not None
            or Context.TRADE in map(_meaning, _TOKEN.findall(self.small))
            or (
                not self.text.isascii()
                and any(match["trade"] for match in _EASTERN.finditer(self.small))
            )
        )


@lru_cache(maxsize=50_000)
def _meaning(word: str) -> Context:
    """What a word says of a number behind it."""
    if _TRADE.fullmatch(word):
        return Context.TRADE
    return Context.PHONE if _PHONE_WORD.fullmatch(word) else Context.NONE


@lru_cache(maxsize=50_000)
def _begins_phrase(word: str) -> bool:
    return _PHRASE_BEGINS.fullmatch(word) is not None


def _number(match: re.Match[str]) -> str:
    """What looks like a number, without its extension and a bracket that is of the sentence."""
    number = (match[0].removesuffix(match["ext"]) if match["ext"] else match[0]).rstrip()
    return number[:-1] if number.endswith(")") and "(" not in number else number


def _in(
    match: re.Match[str], number: str, pieces: list[tuple[int, int]], words: _Words
) -> Iterator[Span]:
    """The phone numbers among the pieces of what looks like one."""
    whole, done, said = len(number), 0, dict[int, Context]()
    for first, last in pieces:
        piece, start = number[first:last], match.start() + first
        if first < done:
            continue
        end = match.end() if last == whole and match["ext"] else match.start() + last
        if first not in said:
            said[first] = _said_before(words, start)
        if _says_nothing(piece, said[first]) and not _UNIT_AFTER.match(words.text, end):
            continue
        context = _context(words.text, start, end, said[first], words)
        if context is Context.NAMED_OTHERWISE and "+" not in piece[:2]:
            break
        if _is_phone(words.text, end, piece, context, words.region):
            yield Span(start, end, "phone", piece)
            done = last


def _says_nothing(piece: str, before: Context) -> bool:
    """Whether figures are too few for a phone that no word names."""
    few = len(piece) < _LEAST_ALONE and piece.isdigit()
    return few and before in (Context.NONE, Context.TRADE)


def _pieces(number: str) -> list[tuple[int, int]]:
    """The whole, then without the short figures before a blank: `2 905-674-3793`.

    What is too long to be one number may be several: `202.555.0143 / 12025550143`.
    """
    if " " not in number and "/" not in number:
        return [(0, len(number))] if 6 <= sum(map(str.isdigit, number)) <= 15 else []
    gaps = [match.span() for match in _PIECE_GAP.finditer(number)]
    starts, ends = [0, *(end for _, end in gaps)], [*(start for start, _ in gaps), len(number)]
    digits = list(accumulate(map(str.isdigit, number), initial=0))
    several = digits[-1] > 15
    return [
        (start, end)
        for place, start in enumerate(starts)
        for end in reversed(ends[place : place + 8] if several else ends[-1:])
        if 6 <= digits[end] - digits[start] <= 15
    ]


def _is_phone(text: str, end: int, number: str, context: Context, region: str) -> bool:
    digits = re.sub(r"\D", "", number)
    if _YEARS.fullmatch(number) or _ISBN.fullmatch(number):
        return False
    if number.lstrip("( ").startswith("+"):
        return 8 <= len(digits) <= 15
    if context is Context.PHONE:
        return len(digits) <= (15 if digits.startswith("00") else 13)
    inside = number[0].isdigit() and number.endswith(")")  # error 1045 (28000)
    if inside or _UNIT.match(text, end) or _is_amount(text, end, number, context):
        return False
    free = context is Context.NONE
    if digits == number:
        reached = (
            _PREPOSITION.search(text, max(0, end - len(number) - 8), end - len(number)) is not None
        )
        return free and (_rings(digits, region) or (reached and 8 <= len(digits) <= 11))
    return _has_form(number, digits) or (free and _is_grouped(number, digits, text[end:]))


def _is_amount(text: str, end: int, number: str, context: Context) -> bool:
    """`1.234.567`, `12 345 678 kr`; but `699 956 915` where nothing is counted."""
    if not _THOUSANDS.fullmatch(number):
        return False
    worded = number[2] == " " and _WORD.match(text, end) is not None
    return context is Context.TRADE or worded or "." in number or len(number) < 10


def _said_before(words: _Words, start: int) -> Context:
    """What the nearest word before a number says."""
    first = max(0, start - _CONTEXT_CHARACTERS)
    begin = max(0, first - 2)  # what patterns see of what stands before
    return _said(words.small[begin:start], first - begin)


# Many texts have the same words before their numbers.
@lru_cache(maxsize=10_000)
def _said(text: str, first: int) -> Context:
    """What the words of a text say from a place on of a number behind its end."""
    start = len(text)
    if _LETTER.search(text, first) is None:
        return Context.NONE
    verdict, best = _nearest(text, first)
    if verdict is Context.TRADE and _FILLERS.fullmatch(text, best):
        return Context.NAMED_OTHERWISE
    told = text.find("number", max(0, start - 12)) >= 0
    if told and _NUMBER_IS.search(text, max(0, start - 24)):
        return Context.PHONE
    return verdict


def _nearest(text: str, first: int) -> tuple[Context, int]:
    """What the last telling word from a place on says, and where it ends."""
    verdict, best = Context.NONE, -1
    for match in () if text.isascii() else _EASTERN.finditer(text, first):
        verdict, best = Context.TRADE if match["trade"] else Context.PHONE, match.end()
    for word in reversed(list(_TOKEN.finditer(text, first))):
        if word.end() < best:
            break
        meaning = _meaning(word[0])
        if meaning is not Context.NONE:
            return meaning, word.end()
        if _begins_phrase(word[0]) and (phrase := _PHONE_PHRASE.match(text, word.start())):
            return Context.PHONE, phrase.end()
    return verdict, best


def _context(text: str, start: int, end: int, before: Context, words: _Words) -> Context:
    """The nearest word before a number decides, then one behind it, then the whole text."""
    if before is Context.NAMED_OTHERWISE:
        return before
    if _UNIT_AFTER.match(text, end):
        return Context.PHONE
    if before is not Context.NONE:
        return before
    return Context.TRADE if text[start - 1 : start] == "#" or words.trade else before


def _has_form(number: str, digits: str) -> bool:
    """Whether gaps and first digits can only be those of a phone number."""
    groups = [len(group) for group in re.findall(r"\d+", number)]
    if groups[-3:] == [3, 3, 4] and sum(groups[:-3]) <= 3:
        return True
    if digits.startswith("00"):
        return 10 <= len(digits) <= 15
    if digits.startswith("0"):
        return 9 <= len(digits) <= 13 and not _DECIMAL.fullmatch(number)
    if "(" in number:
        return 7 <= len(digits) <= 12
    return _CHINESE_MOBILE.fullmatch(digits) is not None


def _is_grouped(number: str, digits: str, rest: str) -> bool:
    """Whether gaps could be those of a phone number; for texts that speak of no other numbers."""
    sizes = [len(group) for group in re.findall(r"\d+", number)]
    street = len(sizes) == 2 and " " in number and _WORD.match(rest)  # 2450 3911 Crown Street
    share = len(sizes) == 2 and "/" in number and number[0] not in "0("  # used/all
    if street or share or len(digits) > 12 or _is_range(number):
        return False
    if _ZIP_PLUS.fullmatch(number) or _DECIMAL.fullmatch(number):
        return False
    if len(digits) < 8:
        return (sizes == [3, 4] and " " not in number) or sizes == [3, 2, 2]
    if digits.startswith("0"):
        return True
    if len(digits) > 8 and len(sizes) > 2:
        return min(sizes[1:]) > 1
    pairs = len(sizes) > 2 and set(sizes[1:]) == {2} and len(set(re.findall(r"\D", number))) == 1
    return sizes[0] > 1 and (sizes[-1] > 2 or pairs)


def _is_range(number: str) -> bool:
    """`1000-1500`: two numbers of one length, the second one greater."""
    match = _RANGE.fullmatch(number)
    return match is not None and len(match[1]) == len(match[3]) and match[1] < match[3]


def _rings(digits: str, region: str) -> bool:
    """Whether digits without a gap are a phone number by the rules of its country."""
    if _CHINESE_MOBILE.fullmatch(digits):
        return True
    if digits.startswith("0"):
        regions = (region, *_REGIONS_WITH_LEADING_ZERO)
        return 8 < len(digits) < 13 and any(is_valid(digits, each) for each in regions)
    return 9 < len(digits) < 12 and is_valid(digits, region)


def is_region(region: str) -> bool:
    """Whether a region has a numbering plan."""
    import phonenumbers  # noqa: PLC0415  (30 ms that only texts with numbers pay)

    return region in phonenumbers.SUPPORTED_REGIONS


@lru_cache(maxsize=10_000)
def is_valid(number: str, region: str) -> bool:
    """Whether the numbering plan of a region holds such a number."""
    import phonenumbers  # noqa: PLC0415

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


@lru_cache(maxsize=10_000)
def canonical(number: str, region: str) -> str:
    """E.164 where the number can be read as one, otherwise its digits."""
    import phonenumbers  # noqa: PLC0415

    digits = re.sub(r"\D", "", number)
    try:
        parsed = phonenumbers.parse(re.sub(r"^00", "+", re.sub(r"[^\d+]", "", number)), region)
    except phonenumbers.NumberParseException:
        return digits
    if not phonenumbers.is_possible_number(parsed):
        return digits
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
