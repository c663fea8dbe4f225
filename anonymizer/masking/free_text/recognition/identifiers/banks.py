"""Numbers of banks: accounts, banks and what is printed on a card."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from anonymizer.masking.free_text.basis.announced.words import number
from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.finder import BY_WORD, STRONG, WEAK, Finder
from anonymizer.masking.free_text.basis.folding import Span
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.recognition.identifiers.states.checks import (
    digits_of,
    dot,
    like,
    luhn,
    mod_97,
)
from anonymizer.masking.free_text.recognition.identifiers.states.world import routing

# The length of an IBAN by its country (SWIFT IBAN registry).
_IBAN_LENGTHS: Final = {
    code: length
    for length, codes in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH CR HR LI LV", 22: "BG BH DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ DZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for code in codes.split()
}  # fmt: skip
_IBAN_HEAD: Final = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=IBAN))(?P<country>[A-Za-z]{2}) ?\d\d(?=[ -]?[A-Za-z0-9])"
)
_COUNTRIES: Final = Telling(
    spelt for code in _IBAN_LENGTHS for spelt in (code.lower(), f"iban{code.lower()}")
)


def may_hold_ibans(seen: Glances) -> Bools:
    """Whether texts have the two letters of a country, and digits behind them."""
    return seen.at(_COUNTRIES.among(seen.words) & seen.followed)


_IBAN_WORD: Final = re.compile(r"(?i)\biban\W{0,3}(?:\w+\W{1,2}){0,3}$")

# Twelve to nineteen digits, in one piece or in the groups that are printed on cards.
_CARD: Final = re.compile(
    r"(?<![0-9A-Za-z_])(?<!\d[.,\-])(?:\d{12,19}|\d{8}[ -]\d{8}|\d{4}(?P<gap>[ .-]| - )"
    r"(?:\d{4}(?P=gap)\d{4}(?P=gap)\d{1,4}(?:(?P=gap)\d{1,3})?|\d{6}(?P=gap)\d{4,5}|"
    r"\d{4}(?P=gap)\d{8}|\d{4}(?P=gap)\d{4,5}|\d{12}))(?!\d|[.,]\d)"
)
# The same without what stands around, as Polars reads patterns.
CARD_GATE: Final = (
    "[0-9]{12}|[0-9]{8}[ -][0-9]{8}|[0-9]{4}(?: - |[ .-])(?:[0-9]{4}(?: - |[ .-])[0-9]{4}|"
    "[0-9]{6}(?: - |[ .-])[0-9]{4}|[0-9]{12})"
)
# Beginnings of cards: Visa, Mastercard, Amex, Diners, JCB, Discover, UnionPay, Maestro, Mir.
_ISSUER: Final = re.compile(
    r"4(?!\d{11}$)|5[0-8]|2[2-7]\d\d|3[47]|3(?:0[0-5]|[689])|35[2-8]|2131|1800|6|81|9792"
)
# Beginning and length as the schemes give them: such a number with its check digit is a card even
# where it is called an order. An IMEI has 15 digits too, and no beginning of Amex.
_SCHEME: Final = re.compile(
    r"4(?:\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|"
    r"35(?:2[89]|[3-8]\d)\d{12}|6(?:011|4[4-9]\d|5\d\d)\d{12}|62\d{14,17}|9792\d{12}"
)
_CARD_WORD: Final = re.compile(
    r"(?i)(?:\bcards?\b|\bcc\b|credit|debit|visa|master ?card|amex|american express|maestro|"
    r"karte|kreditkarte|carte|tarjeta|卡号|信用卡|银行卡|卡)"
    r"(?:\W{0,3}(?:number|no|num|nr|is|was|with|ending|n[uú]mero|nummer|号|是|为)){0,4}\W{0,4}$"
)
_CARD_SPOKEN: Final = re.compile(
    r"(?i)\b(?:credit|debit|bank|my|his|her|your|the) cards?\b|maestro"
)
_OTHER_NUMBER: Final = re.compile(
    r"(?i)(?:orders?|invoices?|items?|tracking|parcel|shipment|ref\w*|sku|batch|lot|serial|barcode|"
    r"ean|upc|isbn|gtin|imei|ticket|transaction|订单号?|单号|编号|货号|条码)\W{0,3}"
    r"(?:(?:number|code|no|num|nr|id|is|was)\W{0,3}){0,2}$"
)


def _before(pattern: re.Pattern[str], text: str, place: int) -> bool:
    """Whether the pattern stands directly before a place."""
    return pattern.search(text, max(0, place - 48), place) is not None


def ibans(text: str, _region: str) -> Iterator[Span]:
    """IBANs in one piece or in groups: right checksum, or the word IBAN before them."""
    for head in _IBAN_HEAD.finditer(text):
        length = _IBAN_LENGTHS.get(head["country"].upper(), 0)
        match = _alphanumerics(length).match(text, head.start()) if length else None
        if match is None:
            continue
        value = re.sub(r"[ -]", "", match[0]).upper()
        if mod_97(value) or _before(_IBAN_WORD, text, head.start()):
            yield Span(*match.span(), "iban", value)


@cache
def _alphanumerics(count: int) -> re.Pattern[str]:
    """So many letters and digits with at most one blank between two."""
    return re.compile(rf"[0-9A-Za-z](?:[ -]?[0-9A-Za-z]){{{count - 1}}}(?![0-9A-Za-z])")


def cards(text: str, _region: str) -> Iterator[Span]:
    """Card numbers: right check digit and a known issuer, or a card mentioned before them."""
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if not 12 <= len(digits) <= 19:
            continue
        named = _before(_CARD_WORD, text, match.start())
        checked, issued = luhn(digits), _ISSUER.match(digits) is not None
        code = not match["gap"] and not _SCHEME.fullmatch(digits)
        numbered = code and _before(_OTHER_NUMBER, text, match.start())
        # Twelve digits are an old Maestro card, but rather anything else.
        long = len(digits) > 12 or _CARD_SPOKEN.search(text) is not None
        plausible = checked and issued and not numbered and long
        if plausible or (named and (checked or (issued and len(digits) in (15, 16)))):
            yield Span(*match.span(), "card", digits)
            yield from _beside(text, match.end())


def clabe(value: str) -> bool:
    """Whether the last digit of a Mexican CLABE is right."""
    products = [a * b % 10 for a, b in zip((3, 7, 1) * 6, digits_of(value)[:17], strict=False)]
    return -sum(products) % 10 == int(value[17])


def ccc(value: str) -> bool:
    """Whether both check digits of a Spanish account are right."""
    digits = digits_of(value)

    def check(some: list[int]) -> int:
        rest = 11 - dot((1, 2, 4, 8, 5, 10, 9, 7, 3, 6), some) % 11
        return {10: 1, 11: 0}.get(rest, rest)

    return digits[8:10] == [check([0, 0, *digits[:8]]), check(digits[10:])]


def cbu(value: str) -> bool:
    """Whether both parts of an Argentine CBU have their check digits."""
    digits = digits_of(value)
    bank = dot((7, 1, 3, 9, 7, 1, 3, 9), [*digits[:7], 0])
    account = dot((3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3), digits[8:21])
    return (-bank % 10, -account % 10) == (digits[7], digits[21])


def nrb(value: str) -> bool:
    """Whether a Polish account is one modulo 97."""
    return mod_97(f"PL{value}")


# `Account closed 2008-07-05` tells no account.
_NO_DAY: Final = r"(?!(?:19|20)\d\d-[01]\d-[0-3]\d)"
_ACCOUNT_VALUE: Final = (
    rf"{_NO_DAY}(?=(?:[ ./-]?[0-9A-Za-z]){{5}})(?:[A-Z]{{1,4}}[ -]?)?"
    r"\d[\dA-Za-z]*(?:[ ./-]\d[\dA-Za-z]*){0,7}"
)
_LONG_ACCOUNT: Final = rf"{_NO_DAY}(?=(?:[ ./-]?\d){{8}})\d+(?:[ ./-]\d+){{0,7}}"
_CARD_FORMS: Final = (
    "9999 9999 9999 9999 | 9999-9999-9999-9999 | 9999.9999.9999.9999 | 9999999999999999 | "
    "9999 999999 99999 | 9999-999999-99999 | 999999999999999 | 9999 9999 9999 9999 999"
)
_BIC: Final = re.compile(
    r"(?i:\b(?:swift|bic)(?![^\W\d_])|swift代码|银行代码)[^\n.;]{0,30}?(?<![A-Za-z0-9])"
    rf"(?P<value>[A-Z]{{4}}(?:{'|'.join(_IBAN_LENGTHS)}|US|CN|JP|HK|SG|AU|CA|IN|KR|TW|MX|"
    rf"ZA|NZ|TH|MY|ID|PH|VN|AR|CL|CO|PE)[A-Z0-9]{{2}}(?:[A-Z0-9]{{3}})?)(?![A-Za-z0-9])"
)

BANKS: Final = (
    number(
        "pl_nrb",
        "Polish accounts",
        "99 9999 9999 9999 9999 9999 9999 | 99999999999999999999999999 |"
        " 99-9999-9999-9999-9999-9999-9999",
        nrb,
        kind="account",
        scores=STRONG,
    ),
    number(
        "mx_clabe",
        "Mexican accounts",
        "",
        clabe,
        common="999999999999999999 | 999 999 99999999999 9",
        kind="account",
        scores=WEAK,
    ),
    number(
        "es_ccc",
        "Spanish accounts",
        "9999 9999 99 9999999999 | 9999-9999-99-9999999999 | 99999999999999999999 |"
        " 9999 9999 99 9999 9999 99",
        ccc,
        kind="account",
    ),
    number("ar_cbu", "Argentine accounts", "9999999999999999999999", cbu, kind="account"),
    number(
        "us_routing",
        "US routing numbers",
        "",
        routing,
        common="999999999 | 9999-9999-9 | 99999-999",
        kind="account",
        scores=WEAK,
        value=r"\d[\d -]{2,10}\d",
    ),
    number(
        "gb_sort",
        "British sort codes",
        "",
        None,
        common="99-99-99 | 99 99 99 | 999999",
        kind="account",
        scores=BY_WORD,
        value=r"\d\d[ -]?\d\d[ -]?\d\d(?:[ /,-]{1,3}\d{6,8})?",
    ),
    number(
        "au_bsb",
        "Australian bank codes",
        "",
        None,
        common="999-999 | 999 999 | 999999 | 99999999 | 999 999 99",
        kind="account",
        scores=BY_WORD,
        value=r"\d{3}[ -]?\d{2,3}[ -]?\d{0,3}(?:[ /,-]{1,3}\d{5,10})?",
    ),
    number(
        "in_ifsc",
        "Indian bank codes",
        "",
        like(r"[A-Z]{4}0\d{6}"),
        common="AAAA9999999",
        kind="account",
        scores=WEAK,
    ),
    number("card_word", "cards", common=_CARD_FORMS, scores=BY_WORD, kind="card", value="(?!)"),
    number(
        "iban_word",
        "IBANs",
        scores=BY_WORD,
        kind="iban",
        value=r"[A-Za-z]{2} ?\d\d(?:[ -]?[0-9A-Za-z]){11,30}",
    ),
    number(
        "account_near",
        "accounts",
        scores=BY_WORD,
        kind="account",
        value=_LONG_ACCOUNT,
    ),
    number(
        "account", "bank accounts", "", None, kind="account", scores=BY_WORD, value=_ACCOUNT_VALUE
    ),
    number(
        "cvv",
        "card codes",
        "",
        None,
        kind="cvv",
        scores=BY_WORD,
        value=r"\d{3,4}",
    ),
)

_UNTIL: Final = re.compile(r"(?<![\d/-])(?:0[1-9]|1[0-2]) ?[/-] ?(?:20)?[2-4]\d(?![\d/-])")
_EXPIRY_WORD: Final = re.compile(
    r"(?i)(?:\bexp|valid|gültig|gueltig|ablauf|verfall|expir|caduc|\bvenc|scad|geldig|"
    r"verval|voimassa|ważn|giltig|有效期|到期)"
    r"[^\d\n]{0,20}$"
)
_CARD_SIGNS: Final = "card|kart|cart|tarjeta|kaart|kort|cvv|cvc|visa|卡"
_OF_CARDS: Final = _CARD_SIGNS.split("|")
# Behind the number of a card stand month, year and code.
_BESIDE: Final = re.compile(
    r"[^\d\n]{1,20}(?P<value>(?:0[1-9]|1[0-2]) ?[/-] ?(?:20)?[2-4]\d)(?![\d/-])"
    r"(?:[^\d\n]{1,16}(?P<code>\d{3,4})(?![\d/.,-]))?"
)


def expiries(text: str, _region: str) -> Iterator[Span]:
    """Until when a card is valid, after the words for it."""
    low = text.lower()
    for match in _UNTIL.finditer(text) if any(sign in low for sign in _OF_CARDS) else ():
        if _EXPIRY_WORD.search(text, max(0, match.start() - 36), match.start()):
            yield Span(*match.span(), "cvv", re.sub(r"\D", "", match[0]), 0.9)


def _beside(text: str, end: int) -> Iterator[Span]:
    """What stands right behind the number of a card: until when it is valid, and its code."""
    match = _BESIDE.match(text, end)
    if match is None:
        return
    for group in ("value", "code"):
        if match[group]:
            start, end = match.span(group)
            yield Span(start, end, "cvv", re.sub(r"\D", "", match[group]))


EXPIRY: Final = Finder.coded(
    "cvv",
    expiries,
    name="expiry",
    digits=4,
    needs=_CARD_SIGNS,
    sieve=lambda seen: seen.digit & seen.has("/-"),
)


def bics(text: str, _region: str) -> Iterator[Span]:
    """Codes of banks after the word for them."""
    for match in _BIC.finditer(text):
        yield Span(*match.span("value"), "account", match["value"])


_BIC_WORDS: Final = Telling(["swift", "bic"])
BIC: Final = Finder.coded(
    "account", bics, name="bic", needs="swift|bic", sieve=lambda seen: seen.says(_BIC_WORDS)
)
