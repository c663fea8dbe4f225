"""Numbers that say by a checksum, by their form or by a word before them what they are."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.folding import Span
from anonymizer.masking.primitives.check_digits import luhn_valid

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
    r"(?<![A-Za-z0-9])(?P<country>[A-Za-z]{2}) ?\d\d(?=[ -]?[A-Za-z0-9])"
)
_IBAN_WORD: Final = re.compile(r"(?i)\biban\W{0,3}(?:\w+\W{1,2}){0,3}$")

# Twelve to nineteen digits, in one piece or in the groups that are printed on cards.
_CARD: Final = re.compile(
    r"(?<![0-9A-Za-z_])(?<!\d[.,\-])(?:\d{12,19}|\d{8}[ -]\d{8}|\d{4}(?P<gap>[ .-]| - )"
    r"(?:\d{4}(?P=gap)\d{4}(?P=gap)\d{1,4}(?:(?P=gap)\d{1,3})?|\d{6}(?P=gap)\d{4,5}|"
    r"\d{4}(?P=gap)\d{8}|\d{4}(?P=gap)\d{4,5}|\d{12}))(?!\d|[.,]\d)"
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

_SSN: Final = re.compile(
    r"(?<![\w])(?<!\d[.,\-])(?!000|666|9)\d{3}(?P<gap>[ .-]?)(?!00)\d\d(?P=gap)(?!0000)\d{4}"
    r"(?!\w|[.,-]\d)"
)
_SSN_WORD: Final = re.compile(r"(?i)(?:\bssn\b|social\s+sec\w*)[^\d]{0,30}$")

_LICENCE: Final = re.compile(
    r"(?i:(?:driv\w*'?s?'?\s+(?:licen[cs]e|permit)|licen[cs]e\s+(?:number|no|num|id)\b|"
    r"\bDL\b(?=\W{0,2}(?:#|no|num|is|:|\d|[A-Z]\d)))\W{0,3}"
    r"(?:(?:number|no|num|id|is|was|my|the|it|are|of|in|on|file)\b\W{0,3}){0,5})"
    r"(?P<value>(?=(?:[A-Za-z0-9*]|[ -](?=\w)){5,24})"
    r"[A-Za-z]{0,7}[0-9][A-Za-z0-9-]*(?:[ ][A-Za-z]{0,2}\d[A-Za-z0-9-]*)*)"
)

# Province, place, date of birth, serial number, check character.
_CHINESE_ID: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{4}[ -]?"
    r"(?:19\d|20[0-2])\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ -]?"
    r"\d{3}[0-9Xx](?![0-9A-Za-z])"
)
_CHINESE_ID_WORD: Final = re.compile(r"身份证[^\d]{0,8}$|证件号[^\d]{0,6}$")


def _before(pattern: re.Pattern[str], text: str, place: int) -> bool:
    """Whether the pattern stands directly before a place."""
    return pattern.search(text, max(0, place - 48), place) is not None


def ibans(text: str, _region: str) -> Iterator[Span]:
    """IBANs in one piece or in groups: right checksum, or the word IBAN before them."""
    for head in _IBAN_HEAD.finditer(text):
        length = _IBAN_LENGTHS.get(head["country"].upper(), 0)
        end = _after_alphanumerics(text, head.start(), length) if length else None
        if end is None:
            continue
        value = re.sub(r"[ -]", "", text[head.start() : end]).upper()
        if _mod_97(value) == 1 or _before(_IBAN_WORD, text, head.start()):
            yield Span(head.start(), end, "iban", value)


def _after_alphanumerics(text: str, start: int, count: int) -> int | None:
    """One past the last of so many letters and digits with at most one blank between two."""
    place = start
    while count:
        if place < len(text) and text[place] in " -" and text[place - 1] not in " -":
            place += 1
        if place >= len(text) or not (text[place].isascii() and text[place].isalnum()):
            return None
        place, count = place + 1, count - 1
    ends = place == len(text) or not (text[place].isascii() and text[place].isalnum())
    return place if ends else None


def _mod_97(value: str) -> int:
    return int("".join(str(int(char, 36)) for char in value[4:] + value[:4])) % 97


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


def luhn(digits: str) -> bool:
    """Whether the last digit is a right check digit, and the number not one digit repeated."""
    return luhn_valid(digits) and len(set(digits)) > 1


def social_security_numbers(text: str, _region: str) -> Iterator[Span]:
    """With hyphens always, with other gaps or none after a word that says so."""
    for match in _SSN.finditer(text):
        if match["gap"] == "-" or _before(_SSN_WORD, text, match.start()):
            yield Span(*match.span(), "ssn", re.sub(r"\D", "", match[0]))


def licences(text: str, _region: str) -> Iterator[Span]:
    """US driving licences, which only a word before them tells from other codes."""
    for match in _LICENCE.finditer(text):
        value = match["value"]
        if sum(map(str.isdigit, value)) >= 3:
            yield Span(*match.span("value"), "licence", re.sub(r"\W", "", value).upper())


def chinese_ids(text: str, _region: str) -> Iterator[Span]:
    """Resident identity numbers: right check character, or named before them."""
    for match in _CHINESE_ID.finditer(text):
        value = re.sub(r"[ -]", "", match[0]).upper()
        if chinese_check(value) or _before(_CHINESE_ID_WORD, text, match.start()):
            yield Span(*match.span(), "id", value)


def chinese_check(value: str) -> bool:
    """The check character of GB 11643: mod 11-2 of ISO 7064."""
    total = sum(int(char) * (2 ** (17 - place) % 11) for place, char in enumerate(value[:17]))
    return "10X98765432"[total % 11] == value[17]
