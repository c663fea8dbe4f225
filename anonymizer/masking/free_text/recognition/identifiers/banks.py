"""Numbers of banks: accounts, banks and what is printed on a card."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.finder import BY_WORD, STRONG, WEAK, Finder, Scores
from anonymizer.masking.free_text.recognition.folding import Span
from anonymizer.masking.free_text.recognition.identifiers.checks import (
    both,
    digits_of,
    dot,
    like,
    mod_97,
    weighted,
)
from anonymizer.masking.free_text.recognition.identifiers.world import routing


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


_ACCOUNT_VALUE: Final = r"(?=(?:[ ./-]?[0-9A-Za-z]){5})\d[\dA-Za-z]*(?:[ ./-]\d[\dA-Za-z]*){0,7}"
_ACCOUNT_WORDS: Final = (
    "account number, account no, account num, account nr, acct number, acct, acct no, acct nr, a/c, a/c no, ac no, bank account*, bank acct, checking account*, savings account*, current account*, account ending, account ending in, "
    "kontonummer*, konto nr, kontonr, konto, bankverbindung, bankkonto, girokonto, sparkonto, depotnummer, "
    "numero de compte, n de compte, no de compte, compte bancaire, compte n, numero compte, rib, "
    "numero de cuenta, n de cuenta, no de cuenta, num cuenta, cuenta bancaria, cuenta corriente, cuenta de ahorro*, cuenta n, ccc, "
    "numero di conto, numero conto, conto corrente, c/c, cc n, conto bancario, conto n, "
    "rekeningnummer*, rekening nr, bankrekening*, rekeningnr, "
    "numero da conta, n da conta, conta corrente, conta bancaria, conta poupanca, conta n, nib, "
    "tilinumero*, tili nro, pankkitili*, tilinro, "
    "numer konta, nr konta, numeru konta, numerze konta, numer rachunku, nr rachunku, rachunek bankowy, konto bankowe, konta bankowego, nrb, "
    "bankkontonummer, bankgiro, plusgiro, clearingnummer, kontonummeret, hesap no, hesap numarasi, расчетный счет, номер счета, р/с, "
    "银行账号, 账号, 帐号, 银行账户, 账户, 开户行账号, 帳號, 銀行帳號, 口座番号, 口座, 普通預金, 계좌번호, 계좌"
)
_BIC_VALUE: Final = r"[A-Za-z]{6}[A-Za-z0-9]{2}(?:[A-Za-z0-9]{3})?"

BANKS: Final = (
    Finder.number("pl_nrb", "Polish accounts", "99 9999 9999 9999 9999 9999 9999 | 99999999999999999999999999 | 99-9999-9999-9999-9999-9999-9999", nrb, kind="account", scores=STRONG),
    Finder.number("mx_clabe", "Mexican accounts", "", clabe, "clabe, clabe interbancaria, cuenta clabe", common="999999999999999999 | 999 999 99999999999 9", kind="account", scores=WEAK),
    Finder.number("es_ccc", "Spanish accounts", "9999 9999 99 9999999999 | 9999-9999-99-9999999999 | 99999999999999999999 | 9999 9999 99 9999 9999 99", ccc, kind="account"),
    Finder.number("ar_cbu", "Argentine accounts", "9999999999999999999999", cbu, "cbu, cvu", kind="account"),
    Finder.number("us_routing", "US routing numbers", "", routing, "routing number*, routing no, routing nr, routing, aba number, aba no, aba, aba routing, rtn, transit number, institution number, transit", common="999999999 | 9999-9999-9 | 99999-999", kind="account", scores=WEAK, value=r"\d[\d -]{2,10}\d"),
    Finder.number("gb_sort", "British sort codes", "", None, "sort code*, sortcode*", common="99-99-99 | 99 99 99 | 999999", kind="account", scores=BY_WORD, value=r"\d\d[ -]?\d\d[ -]?\d\d(?:[ /,-]{1,3}\d{6,8})?"),
    Finder.number("au_bsb", "Australian bank codes", "", None, "bsb, bsb number, blz, bankleitzahl, clearing", common="999-999 | 999 999 | 999999 | 99999999 | 999 999 99", kind="account", scores=BY_WORD, value=r"\d{3}[ -]?\d{2,3}[ -]?\d{0,3}(?:[ /,-]{1,3}\d{5,10})?"),
    Finder.number("in_ifsc", "Indian bank codes", "", like(r"[A-Z]{4}0\d{6}"), "ifsc, ifsc code, ifs code", common="AAAA9999999", kind="account", scores=WEAK),
    Finder.number("bic", "BIC", "", None, "bic, bic code, swift, swift code, swift bic, bic/swift, swift/bic, code bic, codigo swift, codigo bic, codice bic, codice swift, bic koodi, kod bic, kod swift, swift代码", kind="account", scores=BY_WORD, value=_BIC_VALUE),
    Finder.number("account", "bank accounts", "", None, _ACCOUNT_WORDS, kind="account", scores=BY_WORD, value=_ACCOUNT_VALUE),
    Finder.number(
        "cvv", "card codes", "", None,
        "cvv, cvv2, cvc, cvc2, cvn, cid, csc, cvv code, cvc code, security code, card security code, verification code on the back, prufziffer, pruefziffer, kartenprufnummer, kartenprufziffer, sicherheitscode, cryptogramme*, code de securite, "
        "codigo de seguridad, codigo de verificacion, codice di sicurezza, beveiligingscode, veiligheidscode, codigo de seguranca, turvakoodi*, tarkistenumero*, turvaluku, kod bezpieczenstwa, kod cvv, kod cvc, sakerhetskod, guvenlik kodu, 安全码, 校验码, 卡背面三位, セキュリティコード",
        kind="cvv", scores=BY_WORD, value=r"\d{3,4}",
    ),
)

_UNTIL: Final = re.compile(r"(?<![\d/-])(?:0[1-9]|1[0-2]) ?[/-] ?(?:20)?[2-4]\d(?![\d/-])")
_EXPIRY_WORD: Final = re.compile(
    r"(?i)(?:\bexp|valid|gültig|gueltig|ablauf|verfall|expir|caduc|\bvenc|scad|geldig|verval|voimassa|ważn|giltig|有效期|到期)"
    r"[^\d\n]{0,20}$"
)
_CARD_SIGNS: Final = "card|kart|cart|tarjeta|kaart|kort|cvv|cvc|visa|卡"
# Behind the number of a card stand month, year and code.
_BESIDE: Final = re.compile(r"[\s,;|/]{1,3}(?P<value>(?:0[1-9]|1[0-2]) ?[/-] ?(?:20)?[2-4]\d)(?:[\s,;|/]{1,3}(?P<code>\d{3,4}))?(?![\d/-])")


def expiries(text: str, _region: str) -> Iterator[Span]:
    """Until when a card is valid, after the words for it."""
    for match in _UNTIL.finditer(text):
        if _EXPIRY_WORD.search(text, max(0, match.start() - 36), match.start()):
            yield Span(*match.span(), "cvv", re.sub(r"\D", "", match[0]), 0.9)


def beside_card(text: str, end: int) -> Iterator[Span]:
    """What stands right behind the number of a card: until when it is valid, and its code."""
    match = _BESIDE.match(text, end)
    for group in ("value", "code") if match else ():
        if match[group]:
            yield Span(*match.span(group), "cvv", re.sub(r"\D", "", match[group]))


EXPIRY: Final = Finder.coded("cvv", expiries, name="expiry", digits=4, needs=_CARD_SIGNS)
